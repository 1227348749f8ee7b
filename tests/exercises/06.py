"""Answers to the exercises of notebook 06."""

import numpy as np
from planted import right, right_value, wrong, wrong_value


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


@wrong("greedy_returns", "in another order")
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


@right("greedy_returns")
def with_a_generator(q_function, env, episodes, seed):
    def rewards_of(start):
        observation, _ = env.reset(seed=start)
        terminated = truncated = False
        while not (terminated or truncated):
            push = np.argmax(np.asarray(q_function(observation)), axis=-1)
            observation, reward, terminated, truncated, _ = env.step(push)
            yield reward

    return np.array([sum(rewards_of(seed + i)) for i in range(episodes)])


@right("greedy_returns")
def with_a_stop(q_function, env, episodes, seed):
    results = []
    for start in range(seed, seed + episodes):
        obs, _ = env.reset(seed=start)
        score = 0
        while True:
            q = q_function(obs)
            obs, r, done, cut, _ = env.step(max(range(len(q)), key=q.__getitem__))
            score += r
            if done:
                break
            if cut:
                break
        results.append(score)
    return results


@wrong("greedy_returns", "after CartPole's 500 steps")
def at_most_500(q_function, env, episodes, seed):
    returns = []
    for i in range(episodes):
        state, _ = env.reset(seed=seed + i)
        total = 0
        for _ in range(500):
            state, reward, terminated, truncated, _ = env.step(int(np.argmax(q_function(state))))
            total += reward
            if terminated or truncated:
                break
        returns.append(total)
    return returns


@wrong("greedy_returns", "you returned after the first episode")
def returns_too_early(q_function, env, episodes, seed):
    returns = []
    for i in range(episodes):
        returns.append(play(lambda s: np.argmax(q_function(s)), env, seed + i))
        return returns


@wrong("greedy_returns", "you never looked at a fall")
def time_alone(q_function, env, episodes, seed):
    returns = []
    for i in range(episodes):
        state, _ = env.reset(seed=seed + i)
        truncated, total = False, 0
        while not truncated:
            state, reward, _, truncated, _ = env.step(int(np.argmax(q_function(state))))
            total += reward
        returns.append(total)
    return returns


right_value("worrying", {"best", "Training"})
right_value("worrying", ["training", "best"])
right_value("worrying", "best, training")
right_value("worrying", ("training episodes", "best of 5"))
wrong_value("worrying", "one of the two that matter", ("training",))
wrong_value("worrying", "one of these two is harmless", "best seeds")
wrong_value("worrying", "a mean hides the spread", ("mean", "last"))
wrong_value("worrying", "a mean hides the spread", ("training", "mean"))
wrong_value("worrying", "one of these two is harmless", ("training", "100"))
wrong_value("worrying", "these words are harmless", ("last", "seeds"))
wrong_value("worrying", "not all of these words are worrying", ["best", "last", "training"])
wrong_value("worrying", "what the report does not say", ("luck", "epsilon"))
