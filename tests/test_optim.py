"""One leaf of SGD, `jax.tree.map` over all of them, and an average of what an optimizer made."""

from functools import partial

import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest
from helpers import bits, every_way

import rl_jax.nn as nn
from rl_jax import dqn
from rl_jax.nn.optim import Averaged, averaged

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


@pytest.mark.parametrize("shapes", [((2,), (3,)), ((3,), (2,)), ((2, 1), (2,)), ((), (1,))])
def test_a_gradient_of_another_shape_is_refused(shapes):
    """Larger, smaller, and one that NumPy would stretch."""
    param, grad = map(jnp.zeros, shapes)
    with pytest.raises(ValueError, match="param and grad must have the same shape"):
        nn.optim.simple_optimizer(param, grad, 0.1)


def test_a_parameter_keeps_its_dtype():
    half = jnp.ones(2, jnp.bfloat16)
    new = nn.optim.simple_optimizer(half, jnp.ones(2, jnp.float32), 0.5)
    assert new.dtype == jnp.bfloat16
    np.testing.assert_array_equal(new.astype(float), [0.5, 0.5])


def test_a_learning_rate_of_zero_changes_nothing():
    new = nn.optim.simple_optimizer(jnp.ones(2), jnp.ones(2), 0.0)
    np.testing.assert_array_equal(new, [1.0, 1.0])


@pytest.mark.parametrize("rate", [-0.1, np.nan, np.inf])
def test_a_learning_rate_that_makes_no_sense_is_refused(rate):
    with pytest.raises(ValueError, match="learning_rate must be finite and not negative"):
        nn.optim.simple_optimizer(jnp.ones(2), jnp.ones(2), rate)


# averaged


def walk(optimizer, grads):
    """All parameters that an optimizer makes from these gradients, and its last state."""
    params, state, made = PARAMS, optimizer.init(PARAMS), []
    for grad in grads:
        changes, state = optimizer.update(grad, state, params)
        params = optax.apply_updates(params, changes)
        made.append(params)
    return made, state


RANDOM = [
    jax.tree.map(lambda leaf, i=i: leaf * jnp.sin(1.7 * i + leaf), GRADS) for i in range(1, 9)
]


def test_the_average_weighs_later_parameters_more():
    # In closed form: parameters t of T have the weight 3 t (t + 1) / (T (T + 1) (T + 2)).
    for count in (1, 2, 8):
        made, state = walk(averaged(optax.adam(0.1)), RANDOM[:count])
        t = np.arange(1, count + 1)
        weights = 3 * t * (t + 1) / (count * (count + 1) * (count + 2))
        np.testing.assert_allclose(weights.sum(), 1.0)
        for name in ("w", "b"):
            leaves = np.array([params["layer"][name] for params in made])
            expected = np.tensordot(weights, leaves, axes=1)
            np.testing.assert_allclose(state.params["layer"][name], expected, rtol=1e-5)
        assert int(state.updates) == count


@every_way
def test_the_average_of_a_traced_walk(call):
    """Steps of -1 from 10: it was at 9, 8 and 7, which weigh 1, 3 and 6 tenths."""

    def average(start):
        optimizer = averaged(optax.sgd(1.0))
        params, state = start, optimizer.init(start)
        for _ in range(3):
            changes, state = optimizer.update(jnp.ones_like(params), state, params)
            params = optax.apply_updates(params, changes)
        return dqn.judged_params(dqn.TrainState(params, params, state))

    np.testing.assert_allclose(call(average, jnp.array([10.0])), [7.5], rtol=1e-6)


def test_averaging_changes_nothing_of_what_the_optimizer_does():
    plain, _ = walk(optax.adam(0.1), RANDOM)
    with_average, state = walk(averaged(optax.adam(0.1)), RANDOM)
    assert bits(with_average) == bits(plain)
    assert bits(state.params) != bits(plain[-1])


def test_the_average_starts_as_the_parameters_in_arrays_of_its_own():
    params = jax.tree.map(jnp.copy, PARAMS)
    state = averaged(optax.sgd(0.1)).init(params)
    assert bits(state.params) == bits(params)
    step = jax.jit(lambda params, state: (params, state), donate_argnums=(0, 1))
    step(params, state)  # buffers that they shared could not be donated twice


def test_the_average_keeps_its_dtypes():
    half = jax.tree.map(lambda leaf: leaf.astype(jnp.bfloat16), PARAMS)
    optimizer = averaged(optax.sgd(0.1))
    _, state = jax.jit(optimizer.update)(half, optimizer.init(half), half)
    assert {leaf.dtype for leaf in jax.tree.leaves(state.params)} == {jnp.dtype(jnp.bfloat16)}
    assert state.updates.dtype == jnp.int32


def test_an_optimizer_that_asks_for_more_is_given_it():
    plateau = optax.chain(optax.sgd(0.1), optax.contrib.reduce_on_plateau())
    for inner in (plateau, optax.adam(0.1)):  # the second one ignores it
        optimizer, plain = averaged(inner), optax.with_extra_args_support(inner)
        changes, _ = optimizer.update(GRADS, optimizer.init(PARAMS), PARAMS, value=jnp.float32(1))
        same, _ = plain.update(GRADS, plain.init(PARAMS), PARAMS, value=jnp.float32(1))
        assert bits(changes) == bits(same)
    chain = optax.chain(optax.clip(10.0), averaged(plateau))  # it hands on what it is given
    changes, _ = chain.update(GRADS, chain.init(PARAMS), PARAMS, value=jnp.float32(1))
    np.testing.assert_allclose(changes["layer"]["w"], [[-0.4, 0.4]])


@pytest.mark.parametrize("thing", [None, optax.adam, "adam"])
def test_what_is_no_optimizer_is_refused_at_the_door(thing):
    with pytest.raises(
        TypeError, match=r"optimizer must be an Optax optimizer, but it is .*Likely fix"
    ):
        averaged(thing)


def test_a_state_of_another_optimizer_is_refused():
    state = optax.adam(0.1).init(PARAMS)
    with pytest.raises(TypeError, match="state that its own init made, but it is a tuple"):
        averaged(optax.adam(0.1)).update(GRADS, state, PARAMS)


def named_chain(*links):
    return optax.named_chain(*((f"link {place}", link) for place, link in enumerate(links)))


def deep_chain(*links):
    return optax.apply_if_finite(optax.chain(*links), 3)


@pytest.mark.parametrize(
    "wrap",
    [
        lambda average: average,
        lambda average: optax.chain(optax.clip(1.0), average),
        lambda average: named_chain(optax.clip(1.0), average),
        lambda average: optax.apply_if_finite(average, 3),
        lambda average: optax.MultiSteps(average, 1).gradient_transformation(),
        lambda average: optax.inject_hyperparams(lambda rate: average)(rate=0.1),
    ],
    ids=["alone", "chain", "named chain", "apply_if_finite", "MultiSteps", "inject_hyperparams"],
)
def test_the_average_is_found_wherever_it_stands(wrap):
    made, state = walk(wrap(averaged(optax.adam(0.1))), RANDOM)
    judged = dqn.judged_params(dqn.TrainState(made[-1], made[-1], state))
    (average,) = (
        node.params
        for node in jax.tree.leaves(state, is_leaf=lambda node: isinstance(node, Averaged))
        if isinstance(node, Averaged)
    )
    assert bits(judged) == bits(average) != bits(made[-1])


def test_without_an_average_the_parameters_are_judged():
    made, state = walk(optax.adam(0.1), RANDOM)
    assert dqn.judged_params(dqn.TrainState(made[-1], made[0], state)) is made[-1]


@pytest.mark.parametrize(
    "optimizer",
    [
        optax.masked(averaged(optax.sgd(0.1)), {"layer": {"w": True, "b": False}}),
        optax.chain(averaged(optax.sgd(0.1)), averaged(optax.sgd(0.1))),
    ],
    ids=["of a part", "twice"],
)
def test_an_average_that_cannot_be_judged_is_refused(optimizer):
    learner = dqn.TrainState(PARAMS, PARAMS, optimizer.init(PARAMS))
    with pytest.raises(ValueError, match="must hold one average of all parameters"):
        dqn.judged_params(learner)


@pytest.mark.parametrize("chain", [optax.chain, named_chain, deep_chain])
def test_an_average_that_others_follow_is_refused(chain):
    """It has seen other changes than those that were made in the end."""
    optimizer = chain(averaged(optax.scale_by_adam()), optax.scale(-0.1))
    learner = dqn.TrainState(PARAMS, PARAMS, optimizer.init(PARAMS))
    with pytest.raises(ValueError, match="`averaged` must be the last of a chain"):
        dqn.judged_params(learner)


@pytest.mark.parametrize("thing", [None, PARAMS, (PARAMS, PARAMS)])
def test_what_is_no_learner_cannot_be_judged(thing):
    with pytest.raises(TypeError, match="learner must be a TrainState, but it is a"):
        dqn.judged_params(thing)


def test_an_average_needs_the_parameters():
    optimizer = averaged(optax.sgd(0.1))
    with pytest.raises(ValueError, match="needs the parameters, but they are None"):
        optimizer.update(GRADS, optimizer.init(PARAMS))
