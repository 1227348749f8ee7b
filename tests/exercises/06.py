"""Answers to the exercises of notebook 06."""

import gymnasium as gym
import jax
import jax.numpy as jnp
import numpy as np
from planted import right, right_value, wrong, wrong_value

from rl_jax import loop
from rl_jax.policy import epsilon_greedy

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
        returns[i] = play(lambda s: list(q_function(s)).index(max(q_function(s))), env, seed + i)
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


@wrong("greedy_returns", "that hides the spread")
def the_mean(q_function, env, episodes, seed):
    return sum(by_comprehension(q_function, env, episodes, seed)) / episodes


@wrong("greedy_returns", "the same seed")
def one_seed(q_function, env, episodes, seed):
    return [play(lambda s: q_function(s).argmax(), env, seed) for _ in range(episodes)]


@wrong("greedy_returns", "takes the worse action")
def argmin(q_function, env, episodes, seed):
    return [play(lambda s: q_function(s).argmin(), env, seed + i) for i in range(episodes)]


@wrong("greedy_returns", "other numbers than the sums")
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
    env.action_space.seed(seed)
    return [play(lambda s: env.action_space.sample(), env, seed + i) for i in range(episodes)]


@wrong("greedy_returns", "other arguments")
def no_seed(q_function, env, episodes):
    return [play(lambda s: q_function(s).argmax(), env, i) for i in range(episodes)]


@wrong("greedy_returns", "returned nothing")
def forgets_to_return(q_function, env, episodes, seed):
    by_comprehension(q_function, env, episodes, seed)


# Those of a reader who had not seen the check:


@right("greedy_returns")
def with_a_helper(q_function, env, episodes, seed):
    def one(start):
        observation, _info = env.reset(seed=start)
        rewards = []
        while True:
            q_values = q_function(observation)
            observation, r, done, cut, _info = env.step(int(jnp.argmax(q_values)))
            rewards.append(float(r))
            if done or cut:
                return sum(rewards)

    return [one(seed + i) for i in range(episodes)]


@right("greedy_returns")
def made_a_list_at_last(q_function, env, episodes, seed):
    def all_of_them():
        for number in range(episodes):
            x, _ = env.reset(seed=number + seed)
            g, over = 0.0, False
            while not over:
                q = q_function(x)
                x, r, t1, t2, _ = env.step(max(range(len(q)), key=lambda k: q[k]))
                g += r
                over = any((t1, t2))
            yield g

    return list(all_of_them())


@right("greedy_returns")
def with_an_epsilon_of_0(q_function, env, episodes, seed):
    key = jax.random.key(0)
    toss = lambda state: int(epsilon_greedy(key, jnp.asarray(q_function(state)), 0.0))  # noqa: E731
    return np.array([play(toss, env, seed + i) for i in range(episodes)])


@wrong("greedy_returns", "you compared the first two actions")
def two_actions(q_function, env, episodes, seed):
    def act(state):
        left, right, *_ = q_function(state)
        return 1 if right > left else 0

    return [play(act, env, seed + i) for i in range(episodes)]


@wrong("greedy_returns", "largest in size")
def by_size(q_function, env, episodes, seed):
    return [play(lambda s: abs(q_function(s)).argmax(), env, seed + i) for i in range(episodes)]


@wrong("greedy_returns", "you cut the numbers down to whole ones")
def counts_in_ints(q_function, env, episodes, seed):
    return list(map(int, by_comprehension(q_function, env, episodes, seed)))


@wrong("greedy_returns", "you cut the numbers down to whole ones")
def array_of_ints(q_function, env, episodes, seed):
    totals = np.zeros(episodes, int)
    for i in range(episodes):
        state, _ = env.reset(seed=seed + i)
        over = False
        while not over:
            state, reward, fell, late, _ = env.step(q_function(state).argmax())
            totals[i] += int(reward)
            over = fell or late
    return totals


@wrong("greedy_returns", "the seeds of the training loop")
def seeds_of_the_loop(q_function, env, episodes, seed):
    return [play(lambda s: q_function(s).argmax(), env, 1000 * seed + i) for i in range(episodes)]


@wrong("greedy_returns", "makes seeds of its own")
def the_packages(q_function, env, episodes, seed):
    return loop.evaluate(lambda s: int(q_function(s).argmax()), env, episodes, seed).tolist()


@wrong("greedy_returns", "your code stopped with an error", line="return loop.evaluate(q_function")
def values_as_a_policy(q_function, env, episodes, seed):
    return loop.evaluate(q_function, env, episodes, seed)


@wrong("greedy_returns", "did not play the environment")
def its_own_cartpole(q_function, env, episodes, seed):
    return by_comprehension(q_function, gym.make("CartPole-v1"), episodes, seed)


@wrong("greedy_returns", "you handed a batch to q_function")
def one_axis_more(q_function, env, episodes, seed):
    act = lambda state: int(np.argmax(q_function(state[np.newaxis])[0]))  # noqa: E731
    return [play(act, env, seed + i) for i in range(episodes)]


@wrong("greedy_returns", "`yield` waits")
def yields(q_function, env, episodes, seed):
    for i in range(episodes):
        yield play(lambda s: q_function(s).argmax(), env, seed + i)


@wrong("greedy_returns", "`yield` waits")
def maps(q_function, env, episodes, seed):
    return map(lambda i: play(lambda s: q_function(s).argmax(), env, seed + i), range(episodes))


@wrong("greedy_returns", "the best episode alone")
def the_best(q_function, env, episodes, seed):
    return max(by_comprehension(q_function, env, episodes, seed))


@wrong("greedy_returns", "a list of its own")
def rows_of_one(q_function, env, episodes, seed):
    return [[total] for total in by_comprehension(q_function, env, episodes, seed)]


@wrong("greedy_returns", "in another order")
def best_first(q_function, env, episodes, seed):
    return sorted(by_comprehension(q_function, env, episodes, seed))[::-1]


@wrong("greedy_returns", "a dictionary, where a list is wanted")
def by_seed(q_function, env, episodes, seed):
    returns = by_comprehension(q_function, env, episodes, seed)
    return {i: returns[i] for i in range(episodes)}


@wrong("greedy_returns", "your judge explores")
def soft(q_function, env, episodes, seed):
    rng = np.random.default_rng(seed)

    def act(state):
        weights = np.exp(q_function(state))
        return rng.choice(len(weights), p=weights / weights.sum())

    return [play(act, env, seed + i) for i in range(episodes)]


# And those of the same reader, who knew by then what was mended:


@right("greedy_returns")
def values_turned_round(q_function, env, episodes, seed):
    return [play(lambda s: np.argmin(-q_function(s)), env, seed + i) for i in range(episodes)]


@wrong("greedy_returns", "other seeds")
def every_other_seed(q_function, env, episodes, seed):
    return [play(lambda s: q_function(s).argmax(), env, seed + 2 * i) for i in range(episodes)]


@wrong("greedy_returns", "not a list of one number for each episode")
def with_its_number(q_function, env, episodes, seed):
    return list(enumerate(by_comprehension(q_function, env, episodes, seed)))


@wrong("greedy_returns", "other numbers than the sums")
def one_too_much(q_function, env, episodes, seed):
    return [1 + total for total in by_comprehension(q_function, env, episodes, seed)]


@wrong("greedy_returns", "the mean reward of a step")
def reward_of_a_step(q_function, env, episodes, seed):
    rewards = []
    for i in range(episodes):
        (state, _), over, paid = env.reset(seed=seed + i), False, []
        while not over:
            state, reward, fell, late, _ = env.step(q_function(state).argmax())
            over = fell or late
            paid.append(reward)
        rewards.append(np.mean(paid))
    return rewards


@wrong("greedy_returns", "one step of each episode")
def no_loop(q_function, env, episodes, seed):
    returns = []
    for i in range(episodes):
        state, _ = env.reset(seed=seed + i)
        returns.append(env.step(q_function(state).argmax())[1])
    return returns


@wrong("greedy_returns", "or without looking")
def always_right(q_function, env, episodes, seed):
    return [play(lambda s: 1, env, seed + i) for i in range(episodes)]


@wrong("greedy_returns", "one number for all episodes")
def the_median(q_function, env, episodes, seed):
    return np.median(by_comprehension(q_function, env, episodes, seed))


@right("greedy_returns")
def one_reset_more(q_function, env, episodes, seed):
    returns, total = [], 0.0
    state, _ = env.reset(seed=seed)
    while len(returns) < episodes:
        state, reward, terminated, truncated, _ = env.step(int(np.argmax(q_function(state))))
        total += reward
        if terminated or truncated:
            returns.append(total)
            total = 0.0
            state, _ = env.reset(seed=seed + len(returns))
    return returns


@wrong("greedy_returns", "what says that it is over was not set back")
def over_for_ever(q_function, env, episodes, seed):
    returns, done = [], False
    for i in range(episodes):
        obs, _ = env.reset(seed=seed + i)
        ret = 0
        while not done:
            obs, r, term, trunc, _ = env.step(np.argmax(q_function(obs)))
            ret += r
            done = term or trunc
        returns.append(ret)
    return returns


@wrong("greedy_returns", "the argmax of the first Q-value alone")
def as_if_of_a_batch(q_function, env, episodes, seed):
    returns = []
    for i in range(episodes):
        state, _ = env.reset(seed=seed + i)
        total, is_over = 0.0, False
        while not is_over:
            action = int(np.argmax(q_function(state)[0]))
            state, reward, terminated, truncated, _ = env.step(action)
            total += reward
            is_over = terminated or truncated
        returns.append(total)
    return returns


@wrong("greedy_returns", "this is not a list of one number for each episode")
def returns_as_texts(q_function, env, episodes, seed):
    return [str(total) for total in by_comprehension(q_function, env, episodes, seed)]


@wrong("greedy_returns", "the returns are right, and in another order")
def newest_first(q_function, env, episodes, seed):
    return by_comprehension(q_function, env, episodes, seed)[::-1]


@wrong("greedy_returns", "what you gave to q_function is not the observation")
def info_for_the_observation(q_function, env, episodes, seed):
    _, observation = env.reset(seed=seed)
    return [float(q_function(observation)[0])] * episodes


@wrong("greedy_returns", "what you gave to q_function is not the observation")
def a_number_of_the_observation(q_function, env, episodes, seed):
    observation, _ = env.reset(seed=seed)
    return [float(q_function(observation[0])[0])] * episodes


@wrong("greedy_returns", "you begin the episode anew in each turn of the loop")
def resets_in_the_loop(q_function, env, episodes, seed):
    returns = []
    for i in range(episodes):
        total, over = 0.0, False
        while not over:
            state, _ = env.reset(seed=seed + i)
            state, reward, terminated, truncated, _ = env.step(int(np.argmax(q_function(state))))
            total += reward
            over = terminated or truncated
        returns.append(total)
    return returns


@wrong("greedy_returns", "your returns are other numbers than the sums of the episodes' rewards")
def sizes_of_rewards(q_function, env, episodes, seed):
    returns = []
    for episode in range(episodes):
        observation, _ = env.reset(seed=seed + episode)
        rewards, is_over = [], False
        while not is_over:
            action = int(np.argmax(q_function(observation)))
            observation, reward, terminated, truncated, _ = env.step(action)
            rewards.append(reward)
            is_over = terminated or truncated
        returns.append(sum(map(abs, rewards)))
    return returns


@wrong("greedy_returns", "your returns are other numbers than the sums of the episodes' rewards")
def over_when_nothing_is_paid(q_function, env, episodes, seed):
    returns = []
    for episode in range(episodes):
        observation, _ = env.reset(seed=seed + episode)
        total, is_over = 0.0, False
        while not is_over:
            action = int(np.argmax(q_function(observation)))
            observation, reward, terminated, truncated, _ = env.step(action)
            total += reward
            is_over = terminated or truncated or reward == 0
        returns.append(total)
    return returns


@wrong("greedy_returns", "you cut every episode off after 1,000 steps")
def a_thousand_at_most(q_function, env, episodes, seed):
    return capped(q_function, env, episodes, seed, 1_000)


@wrong("greedy_returns", "or pushes once before it looks")
def action_for_the_next_turn(q_function, env, episodes, seed):
    returns = []
    for i in range(episodes):
        _, total, action = env.reset(seed=seed + i), 0.0, 0
        while True:
            observation, reward, terminated, truncated, _ = env.step(action)
            total += reward
            if terminated or truncated:
                break
            action = int(np.argmax(q_function(observation)))
        returns.append(total)
    return returns


@wrong("greedy_returns", "you discounted the rewards")
def discounted_by_nine_tenths(q_function, env, episodes, seed):
    returns = []
    for episode in range(episodes):
        state, _ = env.reset(seed=seed + episode)
        total, weight, is_over = 0.0, 1.0, False
        while not is_over:
            state, reward, terminated, truncated, _ = env.step(int(np.argmax(q_function(state))))
            total += weight * reward
            weight *= 0.9
            is_over = terminated or truncated
        returns.append(total)
    return returns


# 2. A report

right_value("worrying", {"best", "Training"})
wrong_value("worrying", "a comma is missing", "besttraining")
wrong_value("worrying", "one of these is more than a word", ("training", ("best",)))
wrong_value("worrying", "the report does not say", ("not training", "not best"))
right_value("worrying", ["training", "best"])
right_value("worrying", ("training episodes", "best of"))
right_value("worrying", "training, best")
right_value("worrying", iter(["training", "best"]))
right_value("worrying", ("training returns", "best of five seeds"))
right_value("worrying", ("mean return 487 over the last 100 training episodes", "best of 5 seeds"))
right_value("worrying", ("training episodes", "best of 5 seeds"))
right_value("worrying", (" Training", "BEST"))
wrong_value("worrying", "you have named nothing", ())
wrong_value("worrying", "your answer is None", None)
wrong_value("worrying", "the report does not say", True)
wrong_value("worrying", "one of these two is harmless", ("best", 5))
wrong_value("worrying", "one of these two is harmless", ("training", "seeds"))
wrong_value("worrying", "one of the two that matter", ("best", "best"))
wrong_value("worrying", "these words are harmless", (487, 100))
wrong_value("worrying", "the report does not say", ("trainning", "best"))
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


right_value("worrying", ("over the last 100 training episodes", "best of 5 seeds"))
wrong_value("worrying", "both words stand in one string", ("training, best",))
wrong_value("worrying", "you have named nothing", ("", ""))
