"""Network, Bellman target, loss and one training step, all against sums done by hand."""

import re
from functools import partial

import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest
from helpers import bits, every_way

from rl_jax import dqn
from rl_jax.config import BLOG_POST, CARTPOLE, PLAIN, Config
from rl_jax.nn.losses import huber, mse
from rl_jax.replay import Transition

# A linear network of one observation and two actions: Q(s) = s * w + b.
NETWORK = dqn.make_network(observation_size=1, n_actions=2, hidden=())


def linear(w, b):
    """The parameters of such a network."""
    structure = jax.tree.structure(NETWORK.init(jax.random.key(0), jnp.zeros((1, 1))))
    return jax.tree.unflatten(structure, [jnp.array(b, jnp.float32), jnp.float32([w])])


ONLINE = linear(w=[1, 2], b=[0, 1])
TARGET = linear(w=[1, 0], b=[0, 0])
TIMID = linear(w=[-1, 2], b=[4, 1])
BATCH = Transition(
    state=jnp.array([[1.0], [2.0]]),
    next_state=jnp.array([[3.0], [1.0]]),
    action=jnp.array([1, 0]),
    reward=jnp.array([1.0, 1.0]),
    is_terminal=jnp.array([False, True]),
)
# Q of the actions taken: 1 * 2 + 1 = 3, and 2 * 1 + 0 = 2.
# Targets, gamma 0.5: the target network values state 3 at [3, 0], so 1 + 0.5 * 3 = 2.5;
# the second is terminal, so 1. Errors 0.5 and 1: mse (0.25 + 1) / 2 = 0.625.
# Huber: (0.125 + 0.5) / 2 = 0.3125.
# Double: the online network values state 3 at [3, 7] and chooses action 1, worth 0 to the
# target network: targets 1 and 1, errors 2 and 1: mse (4 + 1) / 2 = 2.5.
# Clipped: state 3 is worth the smaller of [3, 7] and [3, 0], so [3, 0], and its best action 3, as
# before. With the networks' parts exchanged it is the same; with TIMID, which values state 3 at
# [1, 7], the smaller ones are [1, 0]: target 1 + 0.5 * 1 = 1.5, error 1.5, mse (2.25 + 1) / 2.
#
# Gradient of the mse: each error of the first row weighs 2 / 2 = 1. The first moves action 1
# by 0.5 (times the state 1), the second action 0 by 1 (times the state 2): w [2, 0.5], b [1, 0.5].
# SGD of 0.1: w [0.8, 1.95], b [-0.1, 0.95].


def as_numpy(params) -> list[list[float]]:
    """[biases, weights] of the linear network."""
    return [np.ravel(leaf).tolist() for leaf in jax.tree.leaves(params)]


# make_network


def numpy_mlp(params, x):
    """Written again without Haiku: ReLU between layers, none at the end."""
    *hidden, last = (map(np.asarray, (layer["w"], layer["b"])) for layer in params.values())
    for w, b in hidden:
        x = np.maximum(x @ w + b, 0)
    w, b = last
    return x @ w + b


@every_way
@pytest.mark.parametrize("scale", [None, (1.0, 0.5, 5.0, 0.5)])
def test_network_is_a_multilayer_perceptron(call, scale):
    network = dqn.make_network(4, 2, (6, 5), scale)
    params = network.init(jax.random.key(1), jnp.zeros((1, 4)))
    params = jax.tree.map(lambda leaf: leaf + 0.1, params)  # biases start at 0
    states = np.linspace(-3, 3, 12, dtype=np.float32).reshape(3, 4)
    expected = numpy_mlp(params, states * np.float32(scale or 1))
    assert (expected < 0).any()
    np.testing.assert_allclose(call(partial(network.apply, params), states), expected, 1e-4, 1e-5)


def test_network_defaults_are_the_blog_posts():
    # 4 * 300 + 300, 300 * 100 + 100, 100 * 2 + 2: 31,802 numbers.
    network = dqn.make_network()
    params = network.init(jax.random.key(0), jnp.zeros((1, 4)))
    assert sum(leaf.size for leaf in jax.tree.leaves(params)) == 31_802
    assert [layer["w"].shape for layer in params.values()] == [(4, 300), (300, 100), (100, 2)]


@pytest.mark.parametrize("lead", [(), (7,), (2, 3)])
def test_network_takes_any_leading_shape(lead):
    q_values = NETWORK.apply(ONLINE, jnp.full((*lead, 1), 3.0))
    assert q_values.shape == (*lead, 2)
    np.testing.assert_array_equal(q_values, np.broadcast_to([3.0, 7.0], (*lead, 2)))


@pytest.mark.parametrize("wrap", [lambda f: f, jax.jit], ids=["plain", "jit"])
@pytest.mark.parametrize("shape", [(6,), (5, 3), ()])
def test_an_observation_of_another_size_is_refused(wrap, shape):
    network = dqn.make_network(4, 2, (3,))
    params = network.init(jax.random.key(0), jnp.zeros(4))
    match = re.escape(f"expects observations [..., 4], but these have the shape {shape}")
    with pytest.raises(ValueError, match=match):
        wrap(network.apply)(params, jnp.zeros(shape))


def test_a_scale_of_another_size_is_refused():
    with pytest.raises(
        ValueError, match=r"one factor for each of 4 numbers, or None, but it is \(1\.0,\)"
    ):
        dqn.make_network(4, observation_scale=(1.0,))


# td_target

REWARDS = jnp.array([1.0, 1.0, 1.0])
NEXT = jnp.array([[1.0, 3.0], [10.0, 20.0], [-1.0, -2.0]])
ENDS = jnp.array([False, True, False])


@every_way
@pytest.mark.parametrize(
    ("gamma", "expected"),
    # 1 + gamma * (3, nothing after the end, -1)
    [(0.5, [2.5, 1.0, 0.5]), (1.0, [4.0, 1.0, 0.0]), (0.0, [1.0, 1.0, 1.0])],
)
def test_td_target(call, gamma, expected):
    np.testing.assert_array_equal(call(dqn.td_target, REWARDS, NEXT, ENDS, gamma), expected)


@every_way
def test_double_target_chooses_online_and_values_by_the_target_network(call):
    # Online prefers actions 0, 1, 1, worth 1, 20, -2 to the target network.
    online = jnp.array([[5.0, 4.0], [0.0, 1.0], [0.0, 9.0]])
    targets = call(dqn.td_target, REWARDS, NEXT, ENDS, 0.5, online)
    np.testing.assert_array_equal(targets, [1.5, 1.0, 0.0])


def test_the_network_stretches_no_array_unasked():
    network = dqn.network_for(CARTPOLE)
    with jax.numpy_rank_promotion("raise"):
        params = network.init(jax.random.key(0), jnp.zeros(4))
        assert network.apply(params, jnp.zeros((3, 4))).shape == (3, 2)


def test_gamma_defaults_to_0_99_and_may_be_a_slider():
    np.testing.assert_allclose(dqn.td_target(REWARDS, NEXT, ENDS), [3.97, 1.0, 0.01], rtol=1e-4)

    sweep = jax.vmap(dqn.td_target, (None, None, None, 0))
    targets = sweep(REWARDS, NEXT, ENDS, jnp.array([0.0, 0.5]))
    np.testing.assert_array_equal(targets, [[1.0, 1.0, 1.0], [2.5, 1.0, 0.5]])


@pytest.mark.parametrize("axes", [(), (2,), (2, 5)])
def test_td_target_of_one_transition_or_of_several_batches(axes):
    """The actions stand on the last axis, whatever stands before it."""
    expected = dqn.td_target(REWARDS, NEXT, ENDS, 0.5, -NEXT)
    stretch = [jnp.broadcast_to(array, (*axes, *array.shape)) for array in (REWARDS, NEXT, ENDS)]
    rewards, next_q_values, ends = stretch
    several = dqn.td_target(rewards, next_q_values, ends, 0.5, -next_q_values)
    assert bits(several) == bits(jnp.broadcast_to(expected, (*axes, 3)))
    alone = dqn.td_target(REWARDS[0], NEXT[0], ENDS[0], 0.5, -NEXT[0])
    assert bits(alone) == bits(expected[0])


def test_no_gradient_flows_through_the_target():
    def total(rewards, next_q_values, gamma, online):
        return dqn.td_target(rewards, next_q_values, ENDS, gamma, online).sum()

    for slope in jax.grad(total, argnums=(0, 1, 2, 3))(REWARDS, NEXT, 0.5, NEXT):
        assert not slope.any()


def test_nothing_leaks_from_beyond_the_end():
    beyond = NEXT.at[1].set(jnp.array([jnp.nan, jnp.inf]))
    np.testing.assert_array_equal(dqn.td_target(REWARDS, beyond, ENDS, 0.5), [2.5, 1.0, 0.5])


@pytest.mark.parametrize(
    "shapes", [((3, 1), (3, 2), (3,)), ((3,), (3, 2), (3, 1)), ((3,), (4, 2), (3,)), ((3,),) * 3]
)
def test_shapes_that_would_broadcast_are_refused(shapes):
    rewards, next_q_values, ends = map(jnp.zeros, shapes)
    match = r"must be \[B\], \[B\], \[B, A\], but they are \[\(3,"
    for target in (dqn.td_target, jax.jit(dqn.td_target)):
        with pytest.raises(ValueError, match=match):
            target(rewards, next_q_values, ends)


@pytest.mark.parametrize("gamma", [-0.1, 1.1, float("nan")])
def test_gamma_must_be_a_discount(gamma):
    match = rf"gamma must lie in \[0, 1\], but it is {gamma}"
    with pytest.raises(ValueError, match=match):
        dqn.td_target(REWARDS, NEXT, ENDS, gamma)
    with pytest.raises(ValueError, match=match):
        dqn.make_train_step(NETWORK, optax.sgd(0.1), gamma)
    with pytest.raises(ValueError, match=match):
        dqn.td_loss(ONLINE, TARGET, BATCH, NETWORK, gamma)


# td_loss


@every_way
@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({}, 0.625),
        ({"loss": huber}, 0.3125),
        ({"double": True}, 2.5),
        ({"clipped_double": True}, 0.625),
        ({"double": True, "clipped_double": True}, 2.5),
    ],
    ids=["mse", "huber", "double", "clipped", "both"],
)
def test_td_loss(call, options, expected):
    def loss(gamma):
        return dqn.td_loss(ONLINE, TARGET, BATCH, NETWORK, gamma, **options)

    assert call(loss, 0.5) == expected


def test_the_smaller_of_both_networks_values_counts():
    # Q of the actions taken, by TIMID: 3, and -2 + 4 = 2, as by ONLINE.
    clipped = partial(dqn.td_loss, network=NETWORK, gamma=0.5, clipped_double=True)
    assert clipped(TIMID, TARGET, BATCH) == (2.25 + 1) / 2
    assert dqn.td_loss(TIMID, TARGET, BATCH, NETWORK, 0.5) == 0.625
    slopes = jax.grad(clipped)(TIMID, TARGET, BATCH)
    # No gradient flows through the target: 2 * 1.5 / 2 for action 1, 2 * 1 / 2 * 2 for action 0.
    assert as_numpy(slopes) == [[1.0, 1.5], [2.0, 1.5]]


@pytest.mark.parametrize("wrap", [lambda f: f, jax.jit], ids=["plain", "jit"])
def test_td_loss_slopes(wrap):
    slopes = wrap(jax.grad(partial(dqn.td_loss, network=NETWORK, gamma=0.5), argnums=(0, 1)))
    online, target = slopes(ONLINE, TARGET, BATCH)
    assert as_numpy(online) == [[1.0, 0.5], [2.0, 0.5]]
    assert as_numpy(target) == [[0.0, 0.0], [0.0, 0.0]]


def test_td_loss_refuses_actions_of_shape_b_1():
    with pytest.raises(ValueError, match=r"must be \(2,\), one for each row .* shape is \(2, 1\)"):
        dqn.td_loss(ONLINE, TARGET, BATCH._replace(action=BATCH.action[:, None]), NETWORK)


# TrainState, init, make_train_step


@pytest.mark.parametrize("hidden", [(), (8,), (300, 100)])
def test_init_draws_what_the_network_draws_bit_for_bit(hidden):
    network = dqn.make_network(hidden=hidden)
    learner = dqn.init(jax.random.key(3), network, optax.sgd(0.1))
    assert bits(learner.params) == bits(network.init(jax.random.key(3), jnp.zeros((1, 4))))


def test_init_starts_both_networks_alike():
    network = dqn.make_network(3, 2, (5,))
    state = dqn.init(jax.random.key(0), network, optax.adam(1e-3), observation_size=3)
    assert bits(state.params) == bits(state.target_params)
    assert not any(leaf.any() for leaf in jax.tree.leaves(state.opt_state))
    other = dqn.init(jax.random.key(1), network, optax.adam(1e-3), observation_size=3)
    assert bits(other.params) != bits(state.params)


def started(optimizer):
    return dqn.TrainState(ONLINE, TARGET, optimizer.init(ONLINE))


@pytest.mark.parametrize("wrap", [lambda f: f, jax.jit], ids=["plain", "jit"])
@pytest.mark.parametrize(
    ("tau", "target"),
    [
        (0.0, [[0.0, 0.0], [1.0, 0.0]]),
        # A quarter of the way to the new parameters: w 1 - 0.25 * 0.2 and 0.25 * 1.95.
        (0.25, [[-0.025, 0.2375], [0.95, 0.4875]]),
        (1.0, [[-0.1, 0.95], [0.8, 1.95]]),
    ],
)
def test_one_step_of_sgd(wrap, tau, target):
    optimizer = optax.sgd(0.1)
    before = bits((ONLINE, TARGET))
    follow = partial(dqn.soft_update, tau=tau)
    step = dqn.make_train_step(NETWORK, optimizer, 0.5, follow=follow)
    state, loss = wrap(step)(started(optimizer), BATCH)
    assert loss == 0.625
    np.testing.assert_allclose(as_numpy(state.params), [[-0.1, 0.95], [0.8, 1.95]], rtol=1e-6)
    np.testing.assert_allclose(as_numpy(state.target_params), target, rtol=1e-6)
    assert bits((ONLINE, TARGET)) == before


@every_way
def test_a_target_moves_a_part_of_the_way(call):
    moved = call(
        lambda new, old, tau: dqn.soft_update({"w": new}, {"w": old}, tau)["w"],
        jnp.array([4.0, 8.0]),
        jnp.array([2.0, 8.0]),
        0.25,
    )
    np.testing.assert_array_equal(moved, [2.5, 8.0])


def test_one_step_passes_on_loss_and_double():
    optimizer = optax.sgd(0.1)
    for options, expected in (({"loss": huber}, 0.3125), ({"double": True}, 2.5)):
        step = dqn.make_train_step(NETWORK, optimizer, 0.5, partial(dqn.td_loss, **options))
        assert step(started(optimizer), BATCH)[1] == expected


def test_the_optimizers_memory_is_carried_along():
    # Adam's first step has the length of its learning rate, whatever the gradient's size:
    # m / sqrt(v) = g / |g|. Untouched parameters would show a gradient of 0; there is none here.
    optimizer = optax.adam(0.01)
    step = jax.jit(dqn.make_train_step(NETWORK, optimizer, 0.5))
    state, _ = step(started(optimizer), BATCH)
    np.testing.assert_allclose(as_numpy(state.params), [[-0.01, 0.99], [0.99, 1.99]], rtol=1e-4)
    state, _ = step(state, BATCH)
    assert optax.tree_utils.tree_get(state.opt_state, "count") == 2


def test_gamma_and_learning_rate_may_be_traced():
    def run(gamma, learning_rate):
        optimizer = optax.sgd(learning_rate)
        return dqn.make_train_step(NETWORK, optimizer, gamma)(started(optimizer), BATCH)

    states, losses = jax.jit(jax.vmap(run))(jnp.array([0.5, 0.0]), jnp.array([0.1, 0.0]))
    # Gamma 0: targets 1 and 1, errors 2 and 1, loss 2.5; a learning rate of 0 changes nothing.
    np.testing.assert_allclose(losses, [0.625, 2.5])
    first, second = (jax.tree.map(lambda leaf, i=i: leaf[i], states.params) for i in range(2))
    np.testing.assert_allclose(as_numpy(first), [[-0.1, 0.95], [0.8, 1.95]], rtol=1e-6)
    assert bits(second) == bits(ONLINE)


def test_repeated_steps_reach_the_target():
    optimizer = optax.sgd(0.05)
    step = jax.jit(dqn.make_train_step(NETWORK, optimizer, 0.5))
    state = started(optimizer)
    for _ in range(300):
        state, loss = step(state, BATCH)
    assert loss < 1e-6
    q_taken = NETWORK.apply(state.params, BATCH.state)[[0, 1], [1, 0]]
    np.testing.assert_allclose(q_taken, [2.5, 1.0], rtol=1e-3)


@pytest.mark.parametrize("tau", [-0.1, 1.5, float("nan")])
def test_tau_must_be_a_fraction(tau):
    with pytest.raises(ValueError, match=rf"tau must lie in \[0, 1\], but it is {tau}"):
        dqn.soft_update(ONLINE, TARGET, tau)


def test_a_tau_of_more_bits_leaves_the_target_networks_dtype():
    """So a `lax.scan` over steps has one type of carry, in 64-bit mode too."""
    small = jax.tree.map(lambda leaf: leaf.astype(jnp.bfloat16), (ONLINE, TARGET))
    moved = jax.jit(dqn.soft_update)(*small, jnp.float32(0.5))
    assert {leaf.dtype for leaf in jax.tree.leaves(moved)} == {jnp.dtype(jnp.bfloat16)}


@pytest.mark.parametrize("leaf", [float, int, np.float64, np.float32, np.int64, jnp.float32])
def test_parameters_may_be_any_numbers(leaf):
    """A learner's first try is with plain ones; whole ones must not be cut down to whole ones."""
    moved = dqn.soft_update({"w": leaf(4), "b": leaf(1)}, {"w": leaf(2), "b": leaf(1)}, 0.25)
    assert moved == {"w": 2.5, "b": 1.0}


def test_a_step_may_write_into_the_learners_own_buffers():
    optimizer = optax.adam(0.1)
    learner = dqn.init(jax.random.key(0), NETWORK, optimizer, observation_size=1)
    kept = bits(dqn.init(jax.random.key(0), NETWORK, optimizer, observation_size=1).target_params)
    step = jax.jit(dqn.make_train_step(NETWORK, optimizer), donate_argnums=0)
    for _ in range(3):
        learner, _ = step(learner, BATCH)
    assert bits(learner.target_params) == kept


def test_without_a_rule_the_target_network_stays():
    optimizer = optax.sgd(0.1)
    learner, _ = dqn.make_train_step(NETWORK, optimizer)(started(optimizer), BATCH)
    assert bits(learner.target_params) == bits(TARGET)


# Bad input


@pytest.mark.parametrize("loss", [mse, huber, lambda y, q: jnp.mean(jnp.abs(y - q))])
@pytest.mark.parametrize(
    ("action", "kind", "words"),
    [
        (jnp.array([0, 2]), ValueError, r"lie in 0 .. 1, .* from 0 to 2"),
        (jnp.array([-1, 0]), ValueError, r"lie in 0 .. 1, .* from -1 to 0"),
        (jnp.array([[1], [0]]), ValueError, r"one for each row .*squeeze"),
        (jnp.array([1, 0, 1]), ValueError, "one for each row"),
        (jnp.array([1.0, 0.0]), TypeError, "must be integers, but they are float"),
        (["a", "b"], TypeError, "must be an array of numbers"),
    ],
)
def test_actions_that_are_none_are_refused_whatever_the_loss(loss, action, kind, words):
    with pytest.raises(kind, match=words):
        dqn.td_loss(ONLINE, TARGET, BATCH._replace(action=action), NETWORK, 0.5, loss)


def test_lists_will_do_for_a_target():
    targets = dqn.td_target([1, 1.0], [[1, 3], [10, 20]], [False, True], 0.5)
    np.testing.assert_array_equal(targets, [2.5, 1.0])


@pytest.mark.parametrize(
    ("change", "kind", "words"),
    [
        ({"rewards": "one"}, TypeError, "rewards must be an array of numbers"),
        ({"rewards": [None] * 3}, TypeError, "rewards must be an array of numbers"),
        ({"next_q_values": [[1], [2, 3]]}, TypeError, "next_q_values must be an array"),
        ({"rewards": 1, "next_q_values": 1, "is_terminal": False}, ValueError, r"must be \[B\],"),
        ({"next_q_values": 1.0}, ValueError, r"must be \[B\], \[B\], \[B, A\]"),
        ({"next_q_values": np.zeros((3, 0))}, ValueError, "at least one action"),
        ({"is_terminal": [0.5, 0, 1]}, ValueError, "is_terminal must be True or False"),
        (
            {"online_next_q_values": NEXT[:1]},
            ValueError,
            "online_next_q_values must have the shape",
        ),
        ({"online_next_q_values": NEXT[:, :1]}, ValueError, "must have the shape"),
        ({"online_next_q_values": NEXT[0]}, ValueError, "must have the shape"),
        ({"online_next_q_values": "best"}, TypeError, "must be an array of numbers"),
        ({"gamma": "0.9"}, TypeError, "gamma must be a number"),
        ({"gamma": [0.1, 0.2, 0.3]}, ValueError, "gamma must be one number, but its shape"),
        ({"gamma": 1j}, TypeError, "gamma must be a number"),
    ],
)
def test_a_target_of_what_makes_no_sense_is_refused(change, kind, words):
    given = {"rewards": REWARDS, "next_q_values": NEXT, "is_terminal": ENDS, "gamma": 0.5}
    with pytest.raises(kind, match=words):
        dqn.td_target(**given | change)


@pytest.mark.parametrize(
    ("change", "kind", "words"),
    [
        ({"hidden": 64}, TypeError, r"hidden must be a sequence .* Likely fix: a tuple"),
        ({"hidden": "64"}, TypeError, "hidden must be a sequence"),
        ({"hidden": (64, 0)}, ValueError, r"hidden\[1\] must be at least 1"),
        ({"hidden": (6.5,)}, ValueError, r"hidden\[0\] must be a whole number"),
        ({"observation_size": 0}, ValueError, "observation_size must be at least 1"),
        ({"n_actions": "2"}, TypeError, "n_actions must be a whole number"),
    ],
)
def test_a_network_that_makes_no_sense_is_refused(change, kind, words):
    with pytest.raises(kind, match=words):
        dqn.make_network(**change)


def test_a_seed_is_no_key():
    with pytest.raises(TypeError, match=r"key must be a random key, but it is 0\. Likely fix"):
        dqn.init(0, NETWORK, optax.sgd(0.1), 1)
    with pytest.raises(ValueError, match=r"one random key, but it has the shape \(2,\)"):
        dqn.init(jax.random.split(jax.random.key(0)), NETWORK, optax.sgd(0.1), 1)


# What a config asks for


def test_networks_are_made_once_for_the_same_sizes():
    network = dqn.network_for(CARTPOLE)
    assert dqn.network_for(Config()._replace(gamma=0.5), 4, 2) is network
    assert dqn.network_for(CARTPOLE, 4, 3) is not network
    assert dqn.network_for(Config(hidden=[64, 64], observation_scale=[0.5, 0.5, 5, 0.5])) is network


def test_parts_are_made_once_for_the_same_values():
    assert dqn.make_parts(CARTPOLE) is dqn.make_parts(CARTPOLE._replace(gamma=0.5, hidden=(3,)))
    assert dqn.make_parts(BLOG_POST).renew(ONLINE, TARGET) is ONLINE
    assert dqn.make_parts(BLOG_POST).follow(ONLINE, TARGET) is TARGET
    moved = dqn.make_parts(CARTPOLE._replace(target_tau=0.25)).follow(ONLINE, TARGET)
    # From b [0, 0], w [1, 0] a quarter of the way to b [0, 1], w [1, 2].
    assert as_numpy(moved) == [[0.0, 0.25], [1.0, 0.5]]
    double = dqn.make_parts(PLAIN._replace(double=True)).loss
    assert double(ONLINE, TARGET, BATCH, NETWORK, 0.5) == 2.5
    clipped = dqn.make_parts(PLAIN._replace(clipped_double=True)).loss
    assert clipped(TIMID, TARGET, BATCH, NETWORK, 0.5) == (2.25 + 1) / 2


@pytest.mark.parametrize(("name", "size"), [("sgd", 0.5), ("adam", 0.25)])
def test_an_optimizer_has_the_falling_rate(name, size):
    # Rate 0.5 at first, 0.25 halfway. SGD: rate times gradient, 1 or 2; Adam: the rate itself.
    config = PLAIN._replace(optimizer=name, learning_rate=0.5, final_learning_rate=0.0, max_steps=2)
    optimizer = dqn.make_optimizer(config)
    state, steps = optimizer.init(jnp.float32(0)), []
    for gradient in (1.0, 2.0):
        update, state = optimizer.update(jnp.float32(gradient), state)
        steps.append(-float(update))
    assert steps[0] == pytest.approx(0.5, rel=1e-3)
    assert steps[1] == pytest.approx(size, rel=0.1)


def test_an_optimizer_that_is_unknown_is_refused():
    with pytest.raises(ValueError, match='optimizer must be "adam" or "sgd", but it is \'lion\''):
        dqn.make_optimizer(CARTPOLE._replace(optimizer="lion"))


def test_an_averaging_optimizers_average_is_judged():
    config = PLAIN._replace(average=True, optimizer="sgd", learning_rate=0.5, max_steps=10**9)
    step = jax.jit(dqn.make_train_step(NETWORK, dqn.make_optimizer(config), 0.5))
    first, _ = step(started(dqn.make_optimizer(config)), BATCH)
    second, _ = step(first, BATCH)
    assert bits(dqn.judged_params(first)) == bits(first.params)
    # Of two, the first weighs a quarter, and the second three quarters.
    mean = jax.tree.map(lambda old, new: 0.25 * old + 0.75 * new, first.params, second.params)
    for got, expected in zip(as_numpy(dqn.judged_params(second)), as_numpy(mean), strict=True):
        np.testing.assert_allclose(got, expected, rtol=1e-5)
    plain, _ = dqn.make_train_step(NETWORK, optax.sgd(0.5), 0.5)(started(optax.sgd(0.5)), BATCH)
    assert dqn.judged_params(plain) is plain.params


def test_one_transition_is_no_batch():
    network = dqn.make_network()
    params = network.init(jax.random.key(0), jnp.zeros(4))
    one = Transition(jnp.zeros(4), jnp.zeros(4), jnp.int32(0), jnp.float32(1), jnp.bool_(False))
    with pytest.raises(ValueError, match=r"the batch must be of one axis \[B\].*x\[None\]"):
        dqn.td_loss(params, params, one, network)
    batch = jax.tree.map(lambda x: x[None], one)
    assert dqn.td_loss(params, params, batch, network).shape == ()


@pytest.mark.parametrize("count", [2.0, np.int64(2), np.float32(2), jnp.int32(2)])
def test_sizes_may_be_any_whole_number(count):
    network = dqn.make_network(observation_size=count, n_actions=count)
    learner = dqn.init(jax.random.key(0), network, optax.sgd(0.1), observation_size=count)
    assert network.apply(learner.params, jnp.zeros((3, 2))).shape == (3, 2)


@pytest.mark.parametrize("build", [dqn.make_parts, dqn.make_optimizer])
@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({"target_update": "Episode"}, ValueError),
        ({"double": "no"}, TypeError),
        ({"target_tau": 2.0}, ValueError),
        ({"learning_rate": float("nan")}, ValueError),
        ({"max_steps": 0}, ValueError),
    ],
)
def test_a_config_is_checked_wherever_it_is_used(build, change, error):
    with pytest.raises(error, match=next(iter(change))):
        build(CARTPOLE._replace(**change))


@pytest.mark.parametrize("rate", [-1.0, float("nan"), float("inf")])
def test_a_rate_in_place_of_the_configs_is_checked(rate):
    with pytest.raises(ValueError, match=r"^learning_rate must be finite and not negative"):
        dqn.make_optimizer(CARTPOLE, learning_rate=rate)
    with pytest.raises(ValueError, match=r"^final_learning_rate must be finite"):
        dqn.make_optimizer(CARTPOLE, final_learning_rate=rate)


def test_rates_without_a_sign_do_not_wrap():
    optimizer = dqn.make_optimizer(Config(optimizer="sgd"), np.uint8(0), np.uint8(1))
    params = {"w": jnp.ones(2)}
    updates, _ = optimizer.update(params, optimizer.init(params), params)
    assert jnp.all(updates["w"] == 0)
