"""Answers to the exercises of notebook 04."""

import jax
import jax.numpy as jnp
import numpy as np
from planted import right, wrong


@right("probability_of_other")
def by_counting(epsilon, n_actions):
    greedy = 1 - epsilon + epsilon / n_actions
    return (1 - greedy) / (n_actions - 1)


@right("probability_of_other")
def in_numpy(epsilon, n_actions):
    return np.float16(epsilon) * np.full(n_actions, 1 / n_actions)[0]


@wrong("probability_of_other", "can also hit another action")
def all_of_it(epsilon, n_actions):
    return epsilon


@wrong("probability_of_other", "can also hit the greedy action")
def among_the_others(epsilon, n_actions):
    return epsilon / (n_actions - 1)


@wrong("probability_of_other", "the greedy action's probability")
def the_greedy_one(epsilon, n_actions):
    return 1 - epsilon * (1 - 1 / n_actions)


@wrong("probability_of_other", "all other actions together")
def any_other(epsilon, n_actions):
    return epsilon - epsilon / n_actions


@wrong("probability_of_other", "turned the coin round")
def turned(epsilon, n_actions):
    return (1 - epsilon) / n_actions


@right("my_policy")
def by_cond(key, q_values, epsilon):
    coin, action = jax.random.split(key)
    return jax.lax.cond(
        jax.random.bernoulli(coin, epsilon),
        lambda: jax.random.choice(action, q_values.shape[0]),
        lambda: jnp.argmax(q_values),
    )


@right("my_policy")
def by_arithmetic(key, q_values, epsilon):
    coin, action = (jax.random.fold_in(key, i) for i in (1, 2))
    explore = (jax.random.uniform(coin) < epsilon).astype(jnp.float16)
    noise = jnp.floor(q_values.size * jax.random.uniform(action))
    return explore * noise + (1 - explore) * q_values.argmax()


@right("my_policy")
def by_categorical(key, q_values, epsilon):
    n = q_values.shape[0]
    chances = jnp.full(n, epsilon / n).at[jnp.argmax(q_values)].add(1 - epsilon)
    return jax.random.categorical(key, jnp.log(chances))


@wrong("my_policy", "your coin is turned round")
def inverted(key, q_values, epsilon):
    coin, action = jax.random.split(key)
    greedy = jax.random.uniform(coin) < epsilon
    return jnp.where(greedy, jnp.argmax(q_values), jax.random.randint(action, (), 0, 3))


@wrong("my_policy", "Python's `if`")
def with_an_if(key, q_values, epsilon):
    coin, action = jax.random.split(key)
    if jax.random.uniform(coin) < epsilon:
        return jax.random.randint(action, (), 0, 3)
    return jnp.argmax(q_values)


with_an_if.line = "if jax.random.uniform(coin) < epsilon:"


@wrong("my_policy", "with the same key")
def key_used_twice(key, q_values, epsilon):
    explore = jax.random.bernoulli(key, epsilon)
    return jnp.where(explore, jax.random.randint(key, (), 0, 3), jnp.argmax(q_values))


@wrong("my_policy", "never the greedy one")
def only_others(key, q_values, epsilon):
    coin, action = jax.random.split(key)
    others = jnp.array([0, 2])
    explore = jax.random.uniform(coin) < epsilon
    return jnp.where(explore, jax.random.choice(action, others), jnp.argmax(q_values))


@wrong("my_policy", "do not depend on the key")
def numpy_coin(key, q_values, epsilon):
    rng = np.random.default_rng()
    return jnp.where(rng.random() < epsilon, rng.integers(3), jnp.argmax(q_values))


@wrong("my_policy", "do not depend on the key")
def own_key(key, q_values, epsilon):
    coin, action = jax.random.split(jax.random.key(42))
    explore = jax.random.uniform(coin) < epsilon
    return jnp.where(explore, jax.random.randint(action, (), 0, 3), jnp.argmax(q_values))


@wrong("my_policy", "wrote down the number of actions")
def two_actions_only(key, q_values, epsilon):
    coin, action = jax.random.split(key)
    explore = jax.random.uniform(coin) < epsilon
    return jnp.where(explore, jax.random.randint(action, (), 0, 2), jnp.argmax(q_values))


@right("halving_epsilon")
def by_where(step, half_life=1_000, end=0.05):
    epsilon = jnp.exp2(-step / half_life)
    return jnp.where(epsilon < end, end, epsilon)


@right("halving_epsilon")
def by_clip_and_log(step, half_life=1_000, end=0.05):
    return jnp.clip(jnp.exp(-jnp.log(2.0) * step / half_life), end, 1.0).astype(jnp.float16)


@right("halving_epsilon")
def by_optax_like_cond(step, half_life=1_000, end=0.05):
    value = jnp.power(0.5, step / half_life)
    return jax.lax.cond(value < end, lambda: jnp.float32(end), lambda: jnp.float32(value))


@wrong("halving_epsilon", "Python's `if`")
def python_max(step, half_life=1_000, end=0.05):
    return max(end, 0.5 ** (step / half_life))


@wrong("halving_epsilon", "falls below `end`")
def no_floor(step, half_life=1_000, end=0.05):
    return jnp.exp2(-step / half_life)


@wrong("halving_epsilon", "in stairs")
def stairs(step, half_life=1_000, end=0.05):
    return jnp.maximum(0.5 ** jnp.floor(step / half_life), end)


@wrong("halving_epsilon", "a straight line")
def line(step, half_life=1_000, end=0.05):
    return jnp.clip(1 - step / (2 * half_life), end, 1.0)


@wrong("halving_epsilon", "the distance to `end`")
def towards_end(step, half_life=1_000, end=0.05):
    return end + (1 - end) * jnp.exp2(-step / half_life)


@wrong("halving_epsilon", "to a third")
def natural(step, half_life=1_000, end=0.05):
    return jnp.maximum(jnp.exp(-step / half_life), end)


@wrong("halving_epsilon", "the smaller of the two")
def minimum(step, half_life=1_000, end=0.05):
    return jnp.minimum(end, 0.5 ** (step / half_life))


@right("my_policy")
def by_noise(key, q_values, epsilon):
    coin, noise = jax.random.split(key)
    explore = jax.random.bernoulli(coin, epsilon)
    return jnp.argmax(jnp.where(explore, jax.random.uniform(noise, q_values.shape), q_values))


@wrong("my_policy", "wrote down the number of actions")
def three_actions_only(key, q_values, epsilon):
    coin, action = jax.random.split(key)
    explore = jax.random.uniform(coin) < epsilon
    return jnp.where(explore, jax.random.choice(action, 3), jnp.argmax(q_values))


@wrong("my_policy", "you count the actions from 1")
def from_one(key, q_values, epsilon):
    coin, action = jax.random.split(key)
    random = jax.random.randint(action, (), 1, len(q_values) + 1)
    return jnp.where(jax.random.uniform(coin) < epsilon, random, jnp.argmax(q_values))


@wrong("my_policy", "one action is never drawn")
def without_the_last(key, q_values, epsilon):
    coin, action = jax.random.split(key)
    random = jax.random.randint(action, (), 0, q_values.size - 1)
    return jnp.where(jax.random.uniform(coin) < epsilon, random, jnp.argmax(q_values))


@wrong("my_policy", "among one action too many")
def one_too_many(key, q_values, epsilon):
    coin, action = jax.random.split(key)
    explore = jax.random.bernoulli(coin, epsilon)
    return jnp.where(
        explore, jax.random.randint(action, (), 0, 1 + len(q_values)), q_values.argmax()
    )


@right("halving_epsilon")
def by_optax(step, half_life=1_000, end=0.05):
    import optax

    return optax.exponential_decay(1.0, half_life, 0.5, end_value=end)(step)


@wrong("halving_epsilon", "the arguments change nothing")
def fixed_numbers(step, half_life=1_000, end=0.05):
    return jnp.clip(jnp.exp2(-step / 1_000), 0.05)


@wrong("halving_epsilon", "your schedule grows")
def growing(step, half_life=1_000, end=0.05):
    return jnp.maximum(2 ** (step / half_life), end)


@wrong("halving_epsilon", "something else was expected")
def hyperbola(step, half_life=1_000, end=0.05):
    return jnp.maximum(1 / (1 + step / half_life), end)


@wrong("halving_epsilon", "something else was expected")
def a_step_ahead(step, half_life=1_000, end=0.05):
    return jnp.maximum(0.5 ** ((step + 1) / half_life), end)
