"""Answers to the exercises of notebook 04."""

import math
import random
from fractions import Fraction
from functools import partial

import jax
import jax.numpy as jnp
import numpy as np
from planted import right, wrong

from rl_jax import policy

# 1. Mend the coin


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


@wrong(
    "my_policy",
    "you asked Python about a number that is not there yet while JAX traces",
    line="if jax.random.uniform(coin) < epsilon:",
)
def with_an_if(key, q_values, epsilon):
    coin, action = jax.random.split(key)
    if jax.random.uniform(coin) < epsilon:
        return jax.random.randint(action, (), 0, 3)
    return jnp.argmax(q_values)


@wrong("my_policy", "one key was used twice: for two draws, or for a draw and a split")
def key_used_twice(key, q_values, epsilon):
    explore = jax.random.bernoulli(key, epsilon)
    return jnp.where(explore, jax.random.randint(key, (), 0, 3), jnp.argmax(q_values))


@wrong("my_policy", "never the greedy one")
def only_others(key, q_values, epsilon):
    coin, action = jax.random.split(key)
    others = jnp.array([0, 2])
    explore = jax.random.uniform(coin) < epsilon
    return jnp.where(explore, jax.random.choice(action, others), jnp.argmax(q_values))


@wrong("my_policy", "drawn by other dice than JAX's")
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


@right("my_policy")
def by_select_and_choice(key, q_values, epsilon):
    first, second = jax.random.split(key)
    anything = jax.random.choice(second, jnp.arange(len(q_values)))
    return jax.lax.select(jax.random.uniform(first) < epsilon, anything, jnp.argmax(q_values))


@right("my_policy")
def by_three_keys(key, q_values, epsilon):
    keys = jax.random.split(key, 3)
    coin = jax.random.bernoulli(keys[1], p=epsilon)
    guess = jax.random.permutation(keys[2], q_values.shape[-1])[0]
    best = q_values.argmax()
    return coin * guess + ~coin * best


@right("my_policy")
@jax.jit
def compiled(key, q_values, epsilon):
    k1, k2 = jax.random.split(key)
    guess = jax.random.categorical(k2, jnp.zeros_like(q_values))
    return jnp.where(jax.random.uniform(k1) < epsilon, guess, jnp.argmax(q_values))


@right("my_policy")
def the_packages_own(key, q_values, epsilon):
    return policy.epsilon_greedy(key=key, q_values=q_values, epsilon=epsilon)


@right("my_policy")
def by_index(key, q_values, epsilon):
    n = np.shape(q_values)[0]
    coin, guess = jax.random.split(key)
    both = jnp.stack([jnp.argmax(q_values), jax.random.randint(guess, (1,), 0, n)[0]])
    return both[(jax.random.uniform(coin, (1,))[0] < epsilon).astype(int)]


@wrong("my_policy", "your coin is turned round")
def inverted_for_any_number(key, q_values, epsilon):
    coin_key, action_key = jax.random.split(key)
    explore = jax.random.uniform(coin_key) > epsilon
    return jnp.where(
        explore, jax.random.randint(action_key, (), 0, q_values.shape[0]), jnp.argmax(q_values)
    )


@wrong("my_policy", "one key was used twice: for two draws, or for a draw and a split")
def one_key_for_any_number(key, q_values, epsilon):
    explore = jax.random.uniform(key) < epsilon
    random_action = jax.random.randint(key, (), 0, q_values.shape[0])
    return jnp.where(explore, random_action, jnp.argmax(q_values))


@wrong("my_policy", "you asked Python about a number that is not there yet while JAX traces")
def if_for_any_number(key, q_values, epsilon):
    coin_key, action_key = jax.random.split(key)
    return (
        jax.random.randint(action_key, (), 0, q_values.shape[0])
        if jax.random.uniform(coin_key) < epsilon
        else jnp.argmax(q_values)
    )


@wrong("my_policy", "one key was used twice: for two draws, or for a draw and a split")
def split_after_use(key, q_values, epsilon):
    explore = jax.random.uniform(key) < epsilon
    _, action_key = jax.random.split(key)
    random_action = jax.random.randint(action_key, (), 0, len(q_values))
    return jnp.where(explore, random_action, jnp.argmax(q_values))


@wrong("my_policy", "one key was used twice: for two draws, or for a draw and a split")
def subkey_twice(key, q_values, epsilon):
    key, sk = jax.random.split(key)
    explore = jax.random.bernoulli(sk, epsilon)
    return jnp.where(explore, jax.random.choice(sk, len(q_values)), jnp.argmax(q_values))


@wrong("my_policy", "your random action is never the greedy one")
def others_for_any_number(key, q_values, epsilon):
    n = len(q_values)
    coin_key, action_key = jax.random.split(key)
    best = jnp.argmax(q_values)
    other = (best + jax.random.randint(action_key, (), 1, n)) % n
    return jnp.where(jax.random.uniform(coin_key) < epsilon, other, best)


@wrong("my_policy", "you returned a number for each action")
def a_coin_for_each_action(key, q_values, epsilon):
    coin_key, action_key = jax.random.split(key)
    explore = jax.random.uniform(coin_key, q_values.shape) < epsilon
    random_action = jax.random.randint(action_key, q_values.shape, 0, q_values.shape[0])
    return jnp.where(explore, random_action, jnp.argmax(q_values))


@wrong("my_policy", "you returned an array of one action")
def an_array_of_one(key, q_values, epsilon):
    coin_key, action_key = jax.random.split(key)
    explore = jax.random.uniform(coin_key, shape=(1,)) < epsilon
    random_action = jax.random.randint(action_key, (1,), minval=0, maxval=q_values.shape[0])
    return jnp.where(explore, random_action, jnp.argmax(q_values))


@wrong("my_policy", "you returned a number for each action")
def one_hot(key, q_values, epsilon):
    coin_key, action_key = jax.random.split(key)
    n = q_values.shape[0]
    random_action = jax.random.randint(action_key, (), 0, n)
    explore = jax.random.uniform(coin_key) < epsilon
    return jax.nn.one_hot(jnp.where(explore, random_action, jnp.argmax(q_values)), n)


@wrong("my_policy", "you wrote down the number of actions")
def numpy_argmax(key, q_values, epsilon):
    coin_key, action_key = jax.random.split(key)
    explore = jax.random.uniform(coin_key) < epsilon
    return jnp.where(explore, jax.random.randint(action_key, (), 0, 3), np.argmax(q_values))


@wrong("my_policy", "you wanted a Python number of something that is none yet while JAX traces")
def as_python_int(key, q_values, epsilon):
    coin_key, action_key = jax.random.split(key)
    explore = jax.random.uniform(coin_key) < epsilon
    random_action = jax.random.randint(action_key, (), 0, len(q_values))
    return int(jnp.where(explore, random_action, jnp.argmax(q_values)))


@wrong("my_policy", "your random action is no whole number")
def not_rounded_down(key, q_values, epsilon):
    coin_key, action_key = jax.random.split(key)
    random_action = jax.random.uniform(action_key) * len(q_values)
    return jnp.where(jax.random.uniform(coin_key) < epsilon, random_action, jnp.argmax(q_values))


@wrong("my_policy", "your random action is a Q-value")
def a_random_value(key, q_values, epsilon):
    coin_key, action_key = jax.random.split(key)
    random_action = jax.random.choice(action_key, q_values)
    return jnp.where(jax.random.uniform(coin_key) < epsilon, random_action, jnp.argmax(q_values))


@wrong("my_policy", "you returned a Q-value, and not the action that has it")
def values_everywhere(key, q_values, epsilon):
    coin_key, action_key = jax.random.split(key)
    random_action = jax.random.choice(action_key, q_values)
    return jnp.where(jax.random.uniform(coin_key) < epsilon, random_action, jnp.max(q_values))


@wrong("my_policy", "your greedy action is the worst one")
def the_worst(key, q_values, epsilon):
    coin_key, action_key = jax.random.split(key)
    explore = jax.random.uniform(coin_key) < epsilon
    return jnp.where(
        explore, jax.random.randint(action_key, (), 0, q_values.size), jnp.argsort(q_values)[0]
    )


@wrong("my_policy", "the first and the last action come half as often as the others")
def rounded(key, q_values, epsilon):
    coin_key, action_key = jax.random.split(key)
    draw = jax.random.uniform(action_key, maxval=len(q_values) - 1)
    explore = jax.random.uniform(coin_key) < epsilon
    return jnp.where(explore, jnp.round(draw).astype(int), jnp.argmax(q_values))


@wrong("my_policy", "drawn by other dice than JAX's")
def pythons_own_coin(key, q_values, epsilon):
    if random.random() < epsilon:
        return random.randrange(len(q_values))
    return jnp.argmax(q_values)


@wrong("my_policy", "your coin does not ask for epsilon")
def a_chance_of_its_own(key, q_values, epsilon):
    coin_key, action_key = jax.random.split(key)
    explore = jax.random.uniform(coin_key) < 0.1
    return jnp.where(
        explore, jax.random.randint(action_key, (), 0, q_values.shape[0]), jnp.argmax(q_values)
    )


@wrong("my_policy", "your function returned nothing")
def without_return(key, q_values, epsilon):
    coin_key, action_key = jax.random.split(key)
    explore = jax.random.uniform(coin_key) < epsilon
    jnp.where(explore, jax.random.randint(action_key, (), 0, 3), jnp.argmax(q_values))


@wrong("my_policy", "your function takes other arguments than the exercise's")
def without_epsilon(key, q_values):
    return jnp.argmax(q_values)


@wrong("my_policy", "you returned a tuple: the action alone is wanted")
def with_the_next_key(key, q_values, epsilon):
    key, coin_key, action_key = jax.random.split(key, 3)
    explore = jax.random.uniform(coin_key) < epsilon
    action = jnp.where(
        explore, jax.random.randint(action_key, (), 0, q_values.shape[0]), jnp.argmax(q_values)
    )
    return action, key


@wrong("my_policy", "you explore good actions more often than bad ones")
def by_softmax(key, q_values, epsilon):
    coin_key, action_key = jax.random.split(key)
    explore = jax.random.uniform(coin_key) < epsilon
    return jnp.where(explore, jax.random.categorical(action_key, q_values), jnp.argmax(q_values))


@wrong("my_policy", "one action is never drawn at random")
def one_too_few(key, q_values, epsilon):
    coin_key, action_key = jax.random.split(key)
    explore = jax.random.uniform(coin_key) < epsilon
    random_action = jax.random.randint(action_key, shape=(), minval=0, maxval=len(q_values) - 1)
    return jnp.where(explore, random_action, jnp.argmax(q_values))


@wrong("my_policy", "your policy never explores")
def always_greedy(key, q_values, epsilon):
    return jnp.argmax(q_values)


@wrong("my_policy", "your coin is turned round")
def swapped_branches(key, q_values, epsilon):
    coin_key, action_key = jax.random.split(key)
    explore = jax.random.uniform(coin_key) < epsilon
    return jnp.where(
        explore, jnp.argmax(q_values), jax.random.randint(action_key, (), 0, q_values.shape[0])
    )


@right("my_policy")
def by_mask(key, q_values, epsilon):
    keys = jax.random.split(key)
    is_random = jax.random.uniform(keys[0]) < epsilon
    scores = is_random * jax.random.gumbel(keys[1], q_values.shape) + ~is_random * q_values
    return jnp.argmax(scores)


@right("my_policy")
def by_switch(key, q_values, epsilon):
    a, b = jax.random.split(key)
    branch = jnp.int32(jax.random.uniform(a) < epsilon)
    return jax.lax.switch(
        branch,
        [lambda: jnp.argmax(q_values), lambda: jax.random.randint(b, (), 0, q_values.shape[0])],
    )


@right("my_policy")
def one_draw_for_both(key, q_values, epsilon):
    n = len(q_values)
    u = jax.random.uniform(key)
    lottery = jnp.minimum(jnp.floor(u / jnp.maximum(epsilon, 1e-9) * n), n - 1)
    return jnp.where(u < epsilon, lottery.astype(int), jnp.argmax(q_values))


@wrong("my_policy", "one action comes more often than the others")
def clip_too_late(key, q_values, epsilon):
    coin_key, action_key = jax.random.split(key)
    explore = jax.random.uniform(coin_key) < epsilon
    draw = jax.random.randint(action_key, (), 0, len(q_values) + 1)
    return jnp.where(explore, jnp.clip(draw, 0, len(q_values) - 1), jnp.argmax(q_values))


@wrong("my_policy", "your coin does not ask for epsilon")
def random_when_even(key, q_values, epsilon):
    coin_key, action_key = jax.random.split(key)
    explore = jax.random.randint(coin_key, (), 0, 2) == 0
    random_action = jax.random.randint(action_key, (), 0, len(q_values))
    return jnp.where(explore, random_action, jnp.argmax(q_values))


@wrong("my_policy", "your coin says yes at epsilon 0, too")
def coin_from_normal(key, q_values, epsilon):
    coin_key, action_key = jax.random.split(key)
    explore = jax.random.normal(coin_key) < epsilon
    random_action = jax.random.randint(action_key, (), 0, len(q_values))
    return jnp.where(explore, random_action, jnp.argmax(q_values))


@wrong("my_policy", "when you explore, you always take the same action")
def second_best(key, q_values, epsilon):
    coin_key, _ = jax.random.split(key)
    order = jnp.argsort(q_values)
    return jnp.where(jax.random.uniform(coin_key) < epsilon, order[-2], order[-1])


@wrong("my_policy", "you put noise on the Q-values")
def noisy_values(key, q_values, epsilon):
    return jnp.argmax(q_values + epsilon * jax.random.normal(key, q_values.shape))


@wrong("my_policy", "you wrote down the number of actions")
def first_or_last(key, q_values, epsilon):
    coin_key, action_key = jax.random.split(key)
    side = jax.random.bernoulli(action_key).astype(int)
    return jnp.where(jax.random.uniform(coin_key) < epsilon, side, jnp.argmax(q_values))


@wrong("my_policy", "you returned an array of one action")
def batch_shape(key, q_values, epsilon):
    coin_key, action_key = jax.random.split(key)
    q_values = q_values.reshape(1, -1)
    explore = jax.random.uniform(coin_key, (1,)) < epsilon
    random_action = jax.random.randint(action_key, (1,), 0, 3)
    return jnp.where(explore, random_action, jnp.argmax(q_values, axis=1))


@wrong("my_policy", "your draws do not depend on the key")
def uint_seed(key, q_values, epsilon):
    rng = np.random.default_rng(0)
    return rng.integers(len(q_values)) if rng.random() < epsilon else jnp.argmax(q_values)


@wrong("my_policy", "you asked Python about a number that is not there yet while JAX traces")
def with_and(key, q_values, epsilon):
    coin_key, action_key = jax.random.split(key)
    explore = jax.random.uniform(coin_key) < epsilon
    return (explore and jax.random.randint(action_key, (), 0, 3)) or jnp.argmax(q_values)


@wrong("my_policy", "one key was used twice: for two draws, or for a draw and a split")
def key_fold_same(key, q_values, epsilon):
    explore = jax.random.uniform(jax.random.fold_in(key, 1)) < epsilon
    random_action = jax.random.randint(jax.random.fold_in(key, 1), (), 0, len(q_values))
    return jnp.where(explore, random_action, jnp.argmax(q_values))


@wrong("my_policy", "you returned a number for each action")
def whole_vector(key, q_values, epsilon):
    coin_key, action_key = jax.random.split(key)
    explore = jax.random.uniform(coin_key) < epsilon
    noise = jax.random.uniform(action_key, q_values.shape)
    return jnp.where(explore, noise, q_values)


@wrong("my_policy", "NameError")
def typo_in_name(key, q_values, epsilon):
    coin_key, action_key = jax.random.split(key)
    explore = jax.random.uniform(coin_key) < eps  # noqa: F821
    random_action = jax.random.randint(action_key, (), 0, len(q_values))
    return jnp.where(explore, random_action, jnp.argmax(q_values))


@wrong("my_policy", "when you explore, you always take the same action")
def explore_takes_zero(key, q_values, epsilon):
    explore = jax.random.uniform(key) < epsilon
    return jnp.where(explore, 0, jnp.argmax(q_values))


@wrong("my_policy", "one key was used twice: for two draws, or for a draw and a split")
def drawn_and_folded(key, q_values, epsilon):
    explore = jax.random.uniform(key) < epsilon
    action = jax.random.randint(jax.random.fold_in(key, 1), (), 0, len(q_values))
    return jnp.where(explore, action, jnp.argmax(q_values))


@wrong("my_policy", "you returned a list: the action alone")
def in_brackets(key, q_values, epsilon):
    return [policy.epsilon_greedy(key=key, q_values=q_values, epsilon=epsilon)]


@wrong("my_policy", "you returned a dictionary: the action alone")
def with_a_name(key, q_values, epsilon):
    return {"action": policy.epsilon_greedy(key=key, q_values=q_values, epsilon=epsilon)}


@wrong("my_policy", "action 0 is never drawn")
def without_the_first(key, q_values, epsilon):
    coin_key, action_key = jax.random.split(key)
    random_action = jax.random.randint(action_key, (), 1, len(q_values))
    explore = jax.random.uniform(coin_key) < epsilon
    return jnp.where(explore, random_action, jnp.argmax(q_values))


@wrong("my_policy", "your coin falls on the same side")
def own_key_for_the_coin(key, q_values, epsilon):
    explore = jax.random.uniform(jax.random.key(1)) < epsilon
    random_action = jax.random.randint(key, (), 0, len(q_values))
    return jnp.where(explore, random_action, jnp.argmax(q_values))


@wrong("my_policy", "your coin falls on the same side")
def another_key_for_the_coin(key, q_values, epsilon):
    explore = jax.random.uniform(jax.random.key(0)) < epsilon
    random_action = jax.random.randint(key, (), 0, len(q_values))
    return jnp.where(explore, random_action, jnp.argmax(q_values))


@wrong("my_policy", "you returned a Q-value, and not the action that has it")
def looked_up_at_the_end(key, q_values, epsilon):
    coin_key, action_key = jax.random.split(key)
    draw = jax.random.randint(action_key, (), 0, len(q_values))
    explore = jax.random.uniform(coin_key) < epsilon
    return q_values[jnp.where(explore, draw, jnp.argmax(q_values))]


@wrong("my_policy", "you handed over a value where a function is wanted")
def cond_of_values(key, q_values, epsilon):
    coin_key, action_key = jax.random.split(key)
    draw = jax.random.randint(action_key, (), 0, len(q_values))
    explore = jax.random.uniform(coin_key) < epsilon
    return jax.lax.cond(explore, draw, jnp.argmax(q_values))


@wrong("my_policy", "the names on the left of an `=` are more, or fewer")
def split_in_three(key, q_values, epsilon):
    coin_key, action_key = jax.random.split(key, 3)
    draw = jax.random.randint(action_key, (), 0, len(q_values))
    return jnp.where(jax.random.uniform(coin_key) < epsilon, draw, jnp.argmax(q_values))


@wrong("my_policy", "one random number decides two things")
def one_draw(key, q_values, epsilon):
    u = jax.random.uniform(key)
    return jnp.where(u < epsilon, jnp.floor(u * len(q_values)).astype(int), jnp.argmax(q_values))


@wrong("my_policy", "what to take where the condition holds, and not what else")
def nothing_else(key, q_values, epsilon):
    coin, draw = jax.random.split(key)
    explores = jax.random.uniform(coin) < epsilon
    return jnp.where(explores, jax.random.randint(draw, (), 0, len(q_values)))


@wrong("my_policy", "epsilon is shared out among the actions already")
def an_epsilon_for_each_action(key, q_values, epsilon):
    a, b = jax.random.split(key)
    explore = jax.random.uniform(a) < epsilon / len(q_values)
    action = jax.random.randint(b, (), 0, len(q_values))
    return jnp.where(explore, action, jnp.argmax(q_values))


@wrong("my_policy", "one key was used twice")
def the_pages_own(key, q_values, epsilon):
    explore = jax.random.uniform(key) < epsilon
    action = jax.random.bernoulli(key).astype(int)
    return jnp.where(explore, action, jnp.argmax(q_values))


@wrong("my_policy", "drawn by other dice than JAX's")
def numpys_coin_beside_a_draw(key, q_values, epsilon):
    random_action = jax.random.randint(key, (), 0, len(q_values))
    explore = np.random.default_rng().random() < epsilon
    return jnp.where(explore, random_action, jnp.argmax(q_values))


@wrong("my_policy", "drawn by other dice than JAX's")
def numpys_action(key, q_values, epsilon):
    explore = jax.random.uniform(key) < epsilon
    random_action = np.random.default_rng().integers(len(q_values))
    return jnp.where(explore, random_action, jnp.argmax(q_values))


@wrong("my_policy", "your random action has a key of its own")
def key_of_the_action_written_down(key, q_values, epsilon):
    random_action = jax.random.randint(jax.random.key(1), (), 0, len(q_values))
    return jnp.where(jax.random.uniform(key) < epsilon, random_action, q_values.argmax())


@wrong("my_policy", "something else was expected")
def best_of_whole_numbers(key, q_values, epsilon):
    coin_key, action_key = jax.random.split(key)
    explore = jax.random.uniform(coin_key) < epsilon
    action = jax.random.randint(action_key, (), 0, len(q_values))
    return jnp.where(explore, action, jnp.argmax(q_values.astype(int)))


# 2. Do the sum


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


@right("probability_of_other")
def one_over_n(epsilon, n_actions):
    return 1 / n_actions * epsilon


@right("probability_of_other")
def what_is_left(epsilon, n_actions):
    greedy = (1 - epsilon) + epsilon / n_actions
    others = 1 - greedy
    return jnp.array(others) / (n_actions - 1)


@right("probability_of_other")
def by_summing(epsilon, n_actions):
    chances = [epsilon / n_actions for _ in range(n_actions)]
    chances[0] += 1 - epsilon
    return chances[-1]


@right("probability_of_other")
def by_fractions(epsilon, n_actions):
    from fractions import Fraction

    return float(Fraction(epsilon) / n_actions)


@wrong("probability_of_other", "you left the coin out: not every action is random")
def uniform(epsilon, n_actions):
    return 1 / n_actions


@wrong("probability_of_other", "for you there are always two actions")
def two_actions(epsilon, n_actions):
    return epsilon / 2


@wrong("probability_of_other", "this is how often the action is *not* taken")
def not_this_one(epsilon, n_actions):
    return 1 - epsilon / n_actions


@wrong("probability_of_other", "this is how often the coin says no")
def one_minus(epsilon, n_actions):
    return 1 - epsilon


@wrong("probability_of_other", "you turned the coin round")
def shared_among_the_others(epsilon, n_actions):
    return (1 - epsilon) / (n_actions - 1)


@wrong("probability_of_other", "this is the greedy action's probability")
def greedy_share(epsilon, n_actions):
    return (1 - epsilon) + epsilon * (1 / n_actions)


@wrong("probability_of_other", "for you there are always two actions")
def half_each(epsilon, n_actions):
    return 0.5 * epsilon


@wrong("probability_of_other", "wrong shape: the shape is (2,), and () is wanted")
def all_chances(epsilon, n_actions):
    return np.full(n_actions, epsilon / n_actions)


@wrong("probability_of_other", "you share the draw among one action too many")
def one_more(epsilon, n_actions):
    return epsilon / (n_actions + 1)


@wrong("probability_of_other", "with more actions your probability grows")
def times(epsilon, n_actions):
    return epsilon * n_actions


@wrong("probability_of_other", "you returned a text, where one number is wanted")
def in_percent(epsilon, n_actions):
    return f"{epsilon / n_actions:.0%}"


@wrong("probability_of_other", "your probability is always 0")
def floored(epsilon, n_actions):
    return epsilon // n_actions


@right("probability_of_other")
def with_numpy_mean(epsilon, n_actions):
    return np.mean([epsilon, *[0.0] * (n_actions - 1)])


@right("probability_of_other")
def product(epsilon, n_actions):
    explores, hits = epsilon, 1 / n_actions
    return explores * hits


@wrong("probability_of_other", "you divided by the number of actions twice")
def squared(epsilon, n_actions):
    return epsilon / n_actions**2


@wrong("probability_of_other", "you left the coin out: not every action is random")
def both_parts(epsilon, n_actions):
    return (1 - epsilon) / n_actions + epsilon / n_actions


@wrong("probability_of_other", "you gave several things, and one is wanted")
def whole_tuple(epsilon, n_actions):
    return 1 - epsilon + epsilon / n_actions, epsilon / n_actions


@wrong("probability_of_other", "twice the epsilon does not give you twice the probability")
def powered(epsilon, n_actions):
    return epsilon ** (n_actions - 1)


@wrong("probability_of_other", "this is the greedy action's probability")
def one_minus_others(epsilon, n_actions):
    return 1 - epsilon * (n_actions - 1) / n_actions


@wrong("probability_of_other", "you answered in percent")
def in_hundredths(epsilon, n_actions):
    return 100 * epsilon / n_actions


@wrong("probability_of_other", "your fraction is upside down")
def inverted_again(epsilon, n_actions):
    return n_actions / epsilon


@wrong("probability_of_other", "your answer is the same whatever epsilon is")
def constant(epsilon, n_actions):
    return 0.5


@wrong("probability_of_other", "*not* taken, if only the others are drawn")
def one_minus_a_share(epsilon, n_actions):
    return 1 - epsilon / (n_actions - 1)


@right("probability_of_other")
def exactly(epsilon, n_actions):
    return Fraction(epsilon) / Fraction(n_actions)


@wrong("probability_of_other", "your numbers are close to the right ones, and not the same")
def rounded_to_two_places(epsilon, n_actions):
    return round(epsilon / n_actions, 3) + 0.003


@wrong("probability_of_other", "your function takes its arguments in another order")
def number_first(n_actions, epsilon):
    return epsilon / n_actions


@wrong("probability_of_other", "your probability is always 0")
def cut_off(epsilon, n_actions):
    return int(epsilon / n_actions)


@wrong("probability_of_other", "you left the coin out, and the greedy action out of the draw")
def one_of_the_others(epsilon, n_actions):
    return 1 / (n_actions - 1)


@wrong("probability_of_other", "your answer is the same whatever `epsilon` is")
def at_the_pages_epsilon(epsilon, n_actions):
    return 0.3 / n_actions


@wrong("probability_of_other", "at an epsilon of 1 all actions are equally likely")
def always_five(epsilon, n_actions):
    return epsilon / 5


@wrong("probability_of_other", "twice the epsilon does not give you twice the probability")
def both_sides_of_the_coin(epsilon, n_actions):
    return epsilon * (1 - epsilon) / n_actions


@wrong("probability_of_other", "your agent takes the other action even at an epsilon of 0")
def at_least_a_little(epsilon, n_actions):
    return (epsilon + 0.3) / n_actions


@wrong("probability_of_other", "your probability does not always lie between 0 and 1")
def three_times(epsilon, n_actions):
    return epsilon * 3 ** (n_actions - 3)


@wrong("probability_of_other", "you rounded the probability")
def to_two_places(epsilon, n_actions):
    return round(epsilon / n_actions, 2)


# 3. Another schedule


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


@wrong("halving_epsilon", "you asked Python about a value that is not there yet while JAX traces")
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


@wrong("halving_epsilon", "your schedule falls to a half")
def hyperbola(step, half_life=1_000, end=0.05):
    return jnp.maximum(1 / (1 + step / half_life), end)


@wrong("halving_epsilon", "your schedule is one step ahead")
def a_step_ahead(step, half_life=1_000, end=0.05):
    return jnp.maximum(0.5 ** ((step + 1) / half_life), end)


@right("halving_epsilon")
def by_lax_max(step, half_life=1_000, end=0.05):
    return jax.lax.max(jnp.float32(end), jnp.float32(0.5) ** (step / half_life))


@right("halving_epsilon")
def by_partial_power(step, half_life=1_000, end=0.05):
    halve = partial(jnp.power, 1 / 2)
    return jnp.maximum(halve(step / half_life), end)


@right("halving_epsilon")
@jax.jit
def compiled_schedule(step, half_life=1_000, end=0.05):
    return jnp.max(jnp.array([end, 2.0 ** -(step / half_life)]))


@right("halving_epsilon")
def by_select(step, half_life=1_000, end=0.05):
    value = jnp.exp(math.log(0.5) / half_life * step)
    return jax.lax.select(value > end, value, jnp.full_like(value, end))


@wrong("halving_epsilon", "you asked Python about a value that is not there yet while JAX traces")
def if_below(step, half_life=1_000, end=0.05):
    value = 0.5 ** (step / half_life)
    if value < end:
        return end
    return value


@wrong("halving_epsilon", "NumPy was asked to calculate with what JAX traces")
def numpy_maximum(step, half_life=1_000, end=0.05):
    return np.maximum(0.5 ** (step / half_life), end)


@wrong(
    "halving_epsilon", "Python wants a number, or a size, that is not there yet while JAX traces"
)
def math_pow(step, half_life=1_000, end=0.05):
    return jnp.maximum(math.pow(0.5, step / half_life), end)


@wrong("halving_epsilon", "your schedule falls in stairs")
def rounded_down(step, half_life=1_000, end=0.05):
    return jnp.maximum(1 / 2 ** (step // half_life), end)


@wrong("halving_epsilon", "a longer half life makes your schedule fall faster")
def times_half_life(step, half_life=1_000, end=0.05):
    return jnp.maximum(0.5 ** (step * half_life), end)


@wrong("halving_epsilon", "your schedule falls in stairs")
def halved_once(step, half_life=1_000, end=0.05):
    return jnp.where(step < half_life, 1.0, jnp.where(step < 2 * half_life, 0.5, end))


@wrong("halving_epsilon", "you added `end`")
def on_top_of_end(step, half_life=1_000, end=0.05):
    return end + 0.5 ** (step / half_life)


@wrong("halving_epsilon", "your schedule halves at every step")
def every_step(step, half_life=1_000, end=0.05):
    return jnp.maximum(0.5**step, end)


@wrong("halving_epsilon", "your schedule starts at a half")
def starts_at_a_half(step, half_life=1_000, end=0.05):
    return jnp.maximum(0.5 * 0.5 ** (step / half_life), end)


@wrong("halving_epsilon", "your schedule falls to a half")
def one_over(step, half_life=1_000, end=0.05):
    return jnp.maximum(1 / (1 + step / half_life), end)


@wrong("halving_epsilon", "you took the smaller of the two")
def clipped_the_wrong_way(step, half_life=1_000, end=0.05):
    return jnp.clip(0.5 ** (step / half_life), 0.0, end)


@wrong("halving_epsilon", "your schedule starts at a half")
def never_above_half(step, half_life=1_000, end=0.05):
    return jnp.clip(0.5 ** (step / half_life), end, 0.5)


@wrong("halving_epsilon", "your function takes other arguments than the exercise's")
def only_step(step):
    return jnp.maximum(0.05, 0.5 ** (step / 1_000))


@wrong("halving_epsilon", "your fraction is upside down")
def upside_down(step, half_life=1_000, end=0.05):
    return jnp.maximum(end, 0.5 ** (half_life / step))


@wrong("halving_epsilon", "your schedule is a straight line")
def linear_from_one_to_end(step, half_life=1_000, end=0.05):
    return 1 + (end - 1) * jnp.clip(step / half_life, 0, 1)


@wrong(
    "halving_epsilon", "Python wants a number, or a size, that is not there yet while JAX traces"
)
def to_python_float(step, half_life=1_000, end=0.05):
    return max(end, float(0.5 ** (step / half_life)))


@right("halving_epsilon")
def with_a_loopless_log(step, half_life=1_000, end=0.05):
    lives = step / half_life
    return jnp.fmax(jnp.reciprocal(jnp.exp2(lives)), end)


@right("halving_epsilon")
def by_clip_of_lives(step, half_life=1_000, end=0.05):
    most = np.log2(1 / end)
    return 0.5 ** jnp.clip(step / half_life, 0, most)


@wrong("halving_epsilon", "after one half life a quarter is left, not a half")
def quarter(step, half_life=1_000, end=0.05):
    return jnp.maximum(0.25 ** (step / half_life), end)


@wrong("halving_epsilon", "you multiplied a half by the number of half lives")
def two_without_minus(step, half_life=1_000, end=0.05):
    return jnp.maximum(end, 1 / 2 * step / half_life)


@wrong("halving_epsilon", "one half life later your schedule is not half as high")
def cosine(step, half_life=1_000, end=0.05):
    return jnp.maximum(end, 0.5 * (1 + jnp.cos(jnp.pi * step / (2 * half_life))))


@wrong("halving_epsilon", "your schedule falls in stairs")
def half_lives_rounded(step, half_life=1_000, end=0.05):
    return jnp.maximum(0.5 ** jnp.round(step / half_life), end)


@wrong(
    "halving_epsilon", "Python wants a number, or a size, that is not there yet while JAX traces"
)
def int_division_by_int(step, half_life=1_000, end=0.05):
    return jnp.maximum(0.5 ** int(step / half_life), end)


@wrong("halving_epsilon", "you asked Python about a value that is not there yet while JAX traces")
def while_loop(step, half_life=1_000, end=0.05):
    epsilon = 1.0
    while step >= half_life:
        epsilon, step = epsilon / 2, step - half_life
    return max(epsilon, end)


@wrong("halving_epsilon", "you compared the number of steps with `end`")
def end_is_steps(step, half_life=1_000, end=0.05):
    return jnp.where(step > end, end, 0.5 ** (step / half_life))


@wrong("halving_epsilon", "your schedule jumps to `end` before it has come so far")
def stops_after_three(step, half_life=1_000, end=0.05):
    return jnp.where(step < 3 * half_life, 0.5 ** (step / half_life), end)


@wrong("halving_epsilon", "your schedule does not start at 1")
def missing_max(step, half_life=1_000, end=0.05):
    return jnp.power(0.5, step / half_life) * (1 - end)


@wrong("halving_epsilon", "right numbers")
def an_array(step, half_life=1_000, end=0.05):
    return jnp.array([jnp.maximum(0.5 ** (step / half_life), end)])


@wrong("halving_epsilon", "falls below `end`, until it jumps back")
def stops_after_ten(step, half_life=1_000, end=0.05):
    return jnp.where(step >= 10 * half_life, end, 0.5 ** (step / half_life))


@wrong("halving_epsilon", "falls below `end`, until it jumps back")
def stops_after_five(step, half_life=1_000, end=0.05):
    return jnp.where(step > 5 * half_life, end, 0.5 ** (step / half_life))


@wrong("halving_epsilon", "your schedule is a straight line")
def gone_after_one_half_life(step, half_life=1_000, end=0.05):
    return jnp.maximum(end, 1 - step / half_life)


@wrong("halving_epsilon", "the second argument of `jnp.max` is an axis")
def max_of_two(step, half_life=1_000, end=0.05):
    return jnp.max(end, 0.5 ** (step / half_life))


@wrong("halving_epsilon", "the second argument of `jnp.max` is an axis")
def max_of_two_others(step, half_life=1_000, end=0.05):
    return jnp.max(0.5 ** (step / half_life), end)


@wrong("halving_epsilon", "your schedule jumps to `end`")
def stops_after_one(step, half_life=1_000, end=0.05):
    return jnp.where(step >= half_life, end, 0.5 ** (step / half_life))


@wrong("halving_epsilon", "you wrote `end` down")
def ends_where_the_default_does(step, half_life=1_000, end=0.05):
    return jnp.maximum(0.05, 0.5 ** (step / half_life))


@wrong("halving_epsilon", "you wrote `half_life` down")
def halves_as_the_default_does(step, half_life=1_000, end=0.05):
    return jnp.maximum(end, 0.5 ** (step / 1_000))


@wrong("halving_epsilon", "your schedule jumps to `end`")
def stops_after_four(step, half_life=1_000, end=0.05):
    return jnp.where(step > 4 * half_life, end, 0.5 ** (step / half_life))


@wrong("halving_epsilon", "brackets are missing: a power is taken before anything is divided")
def power_first(step, half_life, end):
    return jnp.maximum(end, 0.5**step / half_life)


@wrong("halving_epsilon", "your answer is `end`, always")
def bounds_exchanged(step, half_life, end):
    return jnp.clip(0.5 ** (step / half_life), 1.0, end)


@wrong("halving_epsilon", "after one half life 0.61 is left, not a half")
def half_in_the_exponent(step, half_life, end):
    return jnp.maximum(end, jnp.exp(-0.5 * step / half_life))


@wrong("halving_epsilon", "your function takes its arguments in another order")
def end_before(step, end, half_life):
    return jnp.maximum(end, 0.5 ** (step / half_life))


@wrong("halving_epsilon", "your schedule does not start at 1")
def grows_from_0(step, half_life, end):
    return jnp.maximum(end, 1 - 0.5 ** (step / half_life))


@wrong("halving_epsilon", "in the end your schedule does not stay at `end`")
def one_stair(step, half_life, end):
    return jnp.where(step < half_life, 1.0, 0.5)


@wrong("halving_epsilon", "in the end your schedule does not stay at `end`")
def twice_the_end(step, half_life, end):
    return jnp.where(step > 3.5 * half_life, 2 * end, 0.5 ** (step / half_life))


@wrong("halving_epsilon", "your schedule does not fall from the start")
def at_once_and_never_again(step, half_life, end):
    return jnp.where(step == 0, 1.0, 0.5)


@wrong("halving_epsilon", "you rounded your numbers")
def shortened(step, half_life=1_000, end=0.05):
    return jnp.maximum(end, jnp.round(0.5 ** (step / half_life), 2))


@wrong("halving_epsilon", "in straight pieces from one half life to the next")
def interpolated(step, half_life=1_000, end=0.05):
    halves = 0.5 ** jnp.arange(20)
    return jnp.maximum(jnp.interp(step, jnp.arange(20) * half_life, halves), end)


@wrong("halving_epsilon", "your schedule falls in stairs")
def rounded_up(step, half_life=1_000, end=0.05):
    return jnp.maximum(end, 0.5 ** jnp.ceil(step / half_life))


@wrong("halving_epsilon", "right so far, and wrong for this input")
def five_half_lives_at_most(step, half_life=1_000, end=0.05):
    return jnp.maximum(end, 0.5 ** jnp.minimum(step / half_life, 5.0))
