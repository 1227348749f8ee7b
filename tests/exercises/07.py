"""Answers to the exercises of notebook 07."""

import jax
import jax.numpy as jnp
import numpy as np
from planted import right, wrong

from rl_jax import cartpole


@right("steps_until_fall")
def by_cumprod(state, actions):
    def body(state, action):
        state, _, fell = cartpole.step(state, action)
        return state, fell

    _, fell = jax.lax.scan(body, state, actions)
    return 1 + jnp.cumprod(~fell)[:-1].sum()


@right("steps_until_fall")
def by_while_loop(state, actions):
    def goes_on(carry):
        return (carry[0] < len(actions)) & ~carry[2]

    def body(carry):
        state, _, fell = cartpole.step(carry[1], actions[carry[0]])
        return carry[0] + 1, state, fell

    return jax.lax.while_loop(goes_on, body, (0, state, jnp.bool_(False)))[0]


@wrong("steps_until_fall", "the push that brings the pole down is missing")
def one_too_few(state, actions):
    def body(carry, action):
        state, standing = carry
        state, _, fell = cartpole.step(state, action)
        return (state, standing & ~fell), standing & ~fell

    return jax.lax.scan(body, (state, jnp.bool_(True)), actions)[1].astype(float).sum()


@wrong("steps_until_fall", "counted on after the fall")
def never_stops(state, actions):
    return jax.lax.scan(lambda n, _: (n + 1, None), 0, actions)[0]


@wrong("steps_until_fall", "whatever the actions say")
def always_right(state, actions):
    return by_while_loop(state, jnp.ones_like(actions))


@wrong("steps_until_fall", "a Python `if` asks for a value")
def with_an_if(state, actions):
    for i in range(len(actions)):
        state, _, fell = cartpole.step(state, actions[i])
        if fell:
            break
    return i + 1


@right("sweep_all")
def by_a_loop(train, keys, gammas):
    return np.array([[float(train(key, gamma)) for gamma in gammas] for key in keys], np.float64)


@right("sweep_all")
def transposed_back(train, keys, gammas):
    rows = jax.vmap(jax.vmap(train, (0, None)), (None, 0))(keys, gammas)
    return rows.T


@wrong("sweep_all", "walks along both arrays in step")
def in_step(train, keys, gammas):
    return jax.vmap(train, in_axes=(0, 0))(keys, gammas)


@wrong("sweep_all", "rows and columns are exchanged")
def exchanged(train, keys, gammas):
    return jax.vmap(lambda gamma: jax.vmap(lambda key: train(key, gamma))(keys))(gammas)


@wrong("sweep_all", "every row used the same key")
def one_key(train, keys, gammas):
    return jnp.stack([jax.vmap(lambda gamma: train(keys[0], gamma))(gammas) for _ in keys])


@wrong("sweep_all", "hides the spread")
def averaged(train, keys, gammas):
    return jax.vmap(lambda gamma: jax.vmap(lambda key: train(key, gamma))(keys).mean())(gammas)


@wrong("sweep_all", "your code stopped with an error")
def one_axis_only(train, keys, gammas):
    return jax.vmap(lambda key, gamma: train(key, gamma), in_axes=(0, None))(keys, gammas)
