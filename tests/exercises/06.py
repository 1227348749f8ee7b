"""Answers to the exercises of notebook 06. Those of `worrying` are values."""

import numpy as np
from planted import right, wrong


def play(act, env, seed, gamma=1.0, late=True):
    state, _ = env.reset(seed=seed)
    total, weight = 0.0, 1.0
    while True:
        state, reward, terminated, truncated, _ = env.step(act(state))
        total, weight = total + weight * reward, weight * gamma
        if terminated or (late and truncated):
            return total


@right("greedy_returns")
def by_comprehension(q_function, env, episodes, seed):
    return [play(lambda s: q_function(s).argmax(), env, seed + i) for i in range(episodes)]


@right("greedy_returns")
def into_an_array(q_function, env, episodes, seed):
    returns = np.zeros(episodes, np.float16)
    for i in range(episodes):
        returns[i] = play(lambda s: 1 if q_function(s)[1] > q_function(s)[0] else 0, env, seed + i)
    return returns


@wrong("greedy_returns", "your judge explores")
def explores(q_function, env, episodes, seed):
    rng = np.random.default_rng()

    def act(state):
        return rng.integers(2) if rng.random() < 0.3 else np.argmax(q_function(state))

    return [play(act, env, seed + i) for i in range(episodes)]


@wrong("greedy_returns", "you waited for a fall")
def terminated_only(q_function, env, episodes, seed):
    act = lambda state: int(np.argmax(q_function(state)))  # noqa: E731
    return [play(act, env, seed + i, late=False) for i in range(episodes)]


@wrong("greedy_returns", "you discounted the rewards")
def discounted(q_function, env, episodes, seed):
    act = lambda state: int(np.argmax(q_function(state)))  # noqa: E731
    return [play(act, env, seed + i, gamma=0.99) for i in range(episodes)]


@wrong("greedy_returns", "the mean alone")
def the_mean(q_function, env, episodes, seed):
    return sum(by_comprehension(q_function, env, episodes, seed)) / episodes


@wrong("greedy_returns", "the same seed")
def one_seed(q_function, env, episodes, seed):
    return [play(lambda s: q_function(s).argmax(), env, seed) for _ in range(episodes)]


@wrong("greedy_returns", "takes the worse action")
def argmin(q_function, env, episodes, seed):
    return [play(lambda s: q_function(s).argmin(), env, seed + i) for i in range(episodes)]


@wrong("greedy_returns", "something else was expected")
def steps_but_the_last(q_function, env, episodes, seed):
    return [3.0 + 0 * play(lambda s: 1, env, seed + i) for i in range(episodes)]


@right("worrying")
def as_a_set():
    return {"best", "Training"}


@right("worrying")
def as_a_list():
    return ["training", "best"]


@wrong("worrying", "one of the two that matter")
def coin_alone():
    return ("training",)


@wrong("worrying", "these words are harmless")
def mean_and_last():
    return ("mean", "last")


@wrong("worrying", "one of these two is harmless")
def training_and_mean():
    return ("training", "mean")


@wrong("worrying", "not all of these words are worrying")
def three():
    return ["best", "last", "training"]


@wrong("greedy_returns", "from the first observation")
def looks_once(q_function, env, episodes, seed):
    returns = []
    for i in range(episodes):
        state, _ = env.reset(seed=seed + i)
        over, total = False, 0
        while not over:
            _, reward, terminated, truncated, _ = env.step(q_function(state).argmax())
            over, total = terminated or truncated, total + reward
        returns.append(total)
    return returns


@wrong("greedy_returns", "you counted steps instead of rewards")
def lengths(q_function, env, episodes, seed):
    returns = []
    for i in range(episodes):
        (state, _), over, steps = env.reset(seed=seed + i), False, 0
        while not over:
            state, _, terminated, truncated, _ = env.step(np.argmax(q_function(state)))
            over, steps = terminated or truncated, steps + 1
        returns.append(steps)
    return returns


@wrong("greedy_returns", "something else was expected")
def in_order(q_function, env, episodes, seed):
    return sorted(by_comprehension(q_function, env, episodes, seed))


@wrong("greedy_returns", "no episode got its seed")
def unseeded(q_function, env, episodes, seed):
    return [play(lambda s: np.argmax(q_function(s)), env, None) for _ in range(episodes)]


@wrong("greedy_returns", "only the first episode got its seed")
def seeded_once(q_function, env, episodes, seed):
    seeds = [seed] + [None] * (episodes - 1)
    return [play(lambda s: np.argmax(q_function(s)), env, one) for one in seeds]


@wrong("greedy_returns", "the last step's reward is missing")
def breaks_too_early(q_function, env, episodes, seed):
    returns = []
    for i in range(episodes):
        state, _ = env.reset(seed=seed + i)
        returns.append(0.0)
        while True:
            state, reward, terminated, truncated, _ = env.step(q_function(state).argmax())
            if terminated or truncated:
                break
            returns[-1] += reward
    return returns


@wrong("greedy_returns", "your sum runs on")
def never_set_back(q_function, env, episodes, seed):
    total, returns = 0, []
    for i in range(episodes):
        total += play(lambda s: q_function(s).argmax(), env, seed + i)
        returns.append(total)
    return returns


for value in (as_a_set, as_a_list, coin_alone, mean_and_last, training_and_mean, three):
    value.is_value = True
