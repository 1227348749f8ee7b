"""One leaf of SGD, and `jax.tree.map` over all of them."""

from functools import partial

import jax
import jax.numpy as jnp
import numpy as np
import optax
from helpers import bits, every_way

import rl_jax.nn as nn

PARAMS = {"layer": {"w": jnp.array([[1.0, 2.0]]), "b": jnp.array([0.5])}}
GRADS = {"layer": {"w": jnp.array([[4.0, -4.0]]), "b": jnp.array([0.0])}}


@every_way
def test_one_leaf(call):
    # 1 - 0.25 * 4 = 0; 2 - 0.25 * -4 = 3. The learning rate is traced under jit and vmap.
    new = call(nn.optim.simple_optimizer, jnp.array([1.0, 2.0]), jnp.array([4.0, -4.0]), 0.25)
    np.testing.assert_array_equal(new, [0.0, 3.0])


def test_a_tree_of_leaves():
    optimizer = partial(nn.optim.simple_optimizer, learning_rate=0.25)
    before = bits(PARAMS)
    new = jax.tree.map(optimizer, PARAMS, GRADS)
    np.testing.assert_array_equal(new["layer"]["w"], [[0.0, 3.0]])
    np.testing.assert_array_equal(new["layer"]["b"], [0.5])
    assert bits(PARAMS) == before
    assert bits(jax.jit(partial(jax.tree.map, optimizer))(PARAMS, GRADS)) == bits(new)


def test_it_is_optax_sgd():
    sgd = optax.sgd(0.25)
    updates, _ = sgd.update(GRADS, sgd.init(PARAMS))
    ours = jax.tree.map(partial(nn.optim.simple_optimizer, learning_rate=0.25), PARAMS, GRADS)
    assert bits(optax.apply_updates(PARAMS, updates)) == bits(ours)
