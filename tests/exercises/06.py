"""Answers to the exercises of notebook 06."""

import jax.numpy as jnp
import numpy as np
from planted import right, right_value, wrong, wrong_value

# 1. The judge


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
def by_recursion(q_function, env, episodes, seed):
    if episodes == 0:
        return []
    first = play(lambda s: int(jnp.argmax(q_function(s))), env, seed)
    return [first, *by_recursion(q_function, env, episodes - 1, seed + 1)]


@right("greedy_returns")
def rewards_in_a_list(q_function, env, episodes, seed):
    result = []
    for start in range(seed, seed + episodes):
        obs, _ = env.reset(seed=start)
        rewards, done = [], False
        while not done:
            q = q_function(obs)
            obs, r, terminated, truncated, _ = env.step(max(range(len(q)), key=lambda a: q[a]))
            rewards.append(r)
            done = terminated or truncated
        result.append(sum(rewards))
    env.close()
    return tuple(result)


@right("greedy_returns")
def until_break(q_function, env, episodes, seed):
    totals = np.zeros(episodes)
    for i in range(episodes):
        state = env.reset(seed=seed + i)[0]
        while True:
            state, reward, *flags, _ = env.step(np.argsort(q_function(state))[-1])
            totals[i] += reward
            if any(flags):
                break
    return totals


@wrong("greedy_returns", "you never looked at a fall")
def truncated_only(q_function, env, episodes, seed):
    returns = []
    for i in range(episodes):
        obs, _ = env.reset(seed=seed + i)
        total, truncated = 0.0, False
        while not truncated:
            obs, reward, _, truncated, _ = env.step(int(np.argmax(q_function(obs))))
            total += reward
        returns.append(total)
    return returns


def capped(q_function, env, episodes, seed, cap):
    returns = []
    for i in range(episodes):
        obs, _ = env.reset(seed=seed + i)
        total = 0.0
        for _ in range(cap):
            obs, reward, terminated, truncated, _ = env.step(int(np.argmax(q_function(obs))))
            total += reward
            if terminated or truncated:
                break
        returns.append(total)
    return returns


@wrong("greedy_returns", "after 100 steps")
def the_posts_cap(q_function, env, episodes, seed):
    return capped(q_function, env, episodes, seed, 100)


@wrong("greedy_returns", "after 200 steps")
def the_old_cap(q_function, env, episodes, seed):
    return capped(q_function, env, episodes, seed, 200)


@wrong("greedy_returns", "CartPole's 500 steps")
def cartpoles_cap(q_function, env, episodes, seed):
    return capped(q_function, env, episodes, seed, 500)


@wrong("greedy_returns", "after an episode's end")
def no_reset(q_function, env, episodes, seed):
    obs, _ = env.reset(seed=seed)
    returns = []
    for _ in range(episodes):
        total, over = 0.0, False
        while not over:
            obs, reward, fell, late, _ = env.step(q_function(obs).argmax())
            total, over = total + reward, fell or late
        returns.append(total)
    return returns


@wrong("greedy_returns", "after the first episode")
def return_too_far_in(q_function, env, episodes, seed):
    for i in range(episodes):
        return [play(lambda s: np.argmax(q_function(s)), env, seed + i)]


@wrong("greedy_returns", "returns two things")
def reset_in_one(q_function, env, episodes, seed):
    obs = env.reset(seed=seed)
    obs, reward, _, _, _ = env.step(np.argmax(q_function(obs)))
    return [reward] * episodes


@wrong("greedy_returns", "you wanted four")
def old_gym(q_function, env, episodes, seed):
    returns = []
    for i in range(episodes):
        obs, _ = env.reset(seed=seed + i)
        done = False
        returns.append(0.0)
        while not done:
            obs, reward, done, _ = env.step(int(np.argmax(q_function(obs))))
            returns[-1] += reward
    return returns


@wrong("greedy_returns", "by its name only")
def seed_without_its_name(q_function, env, episodes, seed):
    return [env.reset(seed + i) for i in range(episodes)]


@wrong("greedy_returns", "from seed + 1")
def counted_from_one(q_function, env, episodes, seed):
    return [play(lambda s: q_function(s).argmax(), env, seed + i) for i in range(1, episodes + 1)]


@wrong("greedy_returns", "you took the largest value for an action")
def value_as_action(q_function, env, episodes, seed):
    return [play(lambda s: int(max(q_function(s))), env, seed + i) for i in range(episodes)]


@wrong("greedy_returns", "more than the list")
def list_and_mean(q_function, env, episodes, seed):
    returns = by_comprehension(q_function, env, episodes, seed)
    return returns, sum(returns) / len(returns)


@wrong("greedy_returns", "your judge explores")
def random_player(q_function, env, episodes, seed):
    return [play(lambda s: env.action_space.sample(), env, seed + i) for i in range(episodes)]


@wrong("greedy_returns", "other arguments")
def no_seed(q_function, env, episodes):
    return [play(lambda s: q_function(s).argmax(), env, i) for i in range(episodes)]


@wrong("greedy_returns", "returned nothing")
def forgets_to_return(q_function, env, episodes, seed):
    by_comprehension(q_function, env, episodes, seed)


# 2. A report

right_value("worrying", {"best", "Training"})
right_value("worrying", ["training", "best"])
right_value("worrying", ("training episodes", "best of"))
right_value("worrying", "training, best")
wrong_value("worrying", "one of the two that matter", ("training",))
wrong_value("worrying", "one of the two that matter", "best")
wrong_value("worrying", "a mean hides the spread", ("mean", "last"))
wrong_value("worrying", "a mean hides the spread", ("training", "mean"))
wrong_value("worrying", "these words are harmless", ("return", "last"))
wrong_value("worrying", "these words are harmless", ("100", "5"))
wrong_value("worrying", "one of these two is harmless", ("training", "last"))
wrong_value("worrying", "not all of these words are worrying", ["best", "last", "training"])
wrong_value("worrying", "the report does not say", ("epsilon", "luck"))
wrong_value("worrying", "the report does not say", ("training", "luck"))
