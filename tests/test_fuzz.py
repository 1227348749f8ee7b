"""Every public function, fed with what people and other libraries really pass, and with nonsense.

Either it returns what NumPy, or paper, says; or it refuses in our own words: a TypeError or a
ValueError that was raised in this package, and says what was expected. Never an error from inside
of JAX or NumPy, never a silent wrong answer.
"""

import functools
import math
import traceback

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from helpers import TINY
from hypothesis import given, settings
from hypothesis import strategies as st
from series import PACKAGE

from rl_jax import cartpole, config, dqn, envs, ondevice, policy
from rl_jax.nn import losses, optim
from rl_jax.replay import ArrayMemory, ReplayMemory, Transition

EXAMPLES = 80
KEY = jax.random.key(0)
NETWORK = dqn.make_network(2, 3, (4,))
PARAMS = NETWORK.init(KEY, jnp.zeros(2))
ENV = envs.make()

NONSENSE = [
    *(None, "", "text", b"1", object(), {}, {"a": 1}, [], (), [None], ["a"], [[1], [2, 3]], 1j),
    *(np.array("a"), np.array([None]), np.datetime64("2026-01-01"), float, lambda: 0),
]
NUMBERS = [
    *(0, 1, 2, -1, 7, 0.0, 0.5, 1.0, -0.5, 1e-30, 1e30, 1e300, 10**30, -(10**30), 2**31, 2**63),
    *(float("nan"), float("inf"), -float("inf"), True, False),
    *(np.float16(0.5), np.float32(2), np.float64(1e300), np.int8(1), np.uint8(255), np.int64(3)),
    *(np.bool_(True), jnp.float32(0.5), jnp.int32(1), jnp.bfloat16(0.5), np.array(1.0)),
]
SHAPES = [(), (0,), (1,), (2,), (3,), (4,), (3, 1), (1, 3), (3, 2), (2, 2), (0, 2), (3, 0)]
DTYPES = [np.float32, np.float64, np.float16, np.int32, np.int64, np.uint8, np.bool_, np.complex64]
FILLS = [0, 1, 2, 0.25, 255, float("nan"), float("inf")]


@st.composite
def arrays(draw):
    """Of all shapes and dtypes, of NumPy, of JAX, or nested lists."""
    shape, dtype = draw(st.sampled_from(SHAPES)), draw(st.sampled_from(DTYPES))
    fills = FILLS[:3] if np.dtype(dtype).kind in "iub" else FILLS
    values = [draw(st.sampled_from(fills)) for _ in range(min(math.prod(shape), 3))]
    array = np.resize(np.array(values or [0]).astype(dtype), shape)
    return draw(st.sampled_from([lambda x: x, jnp.asarray, np.ndarray.tolist]))(array)


ANYTHING = st.one_of(st.sampled_from(NUMBERS), arrays(), st.sampled_from(NONSENSE))
NUMBER = st.one_of(st.sampled_from(NUMBERS), st.sampled_from(NONSENSE))


def answer(function, *args, **named):
    """What it returns, or None if it refuses properly."""
    try:
        return jax.block_until_ready(function(*args, **named))
    except (TypeError, ValueError) as error:
        where = traceback.extract_tb(error.__traceback__)[-1].filename
        assert where.startswith(str(PACKAGE)), f"not in our words, but in {where}: {error}"
        assert len(str(error)) > 20 and len(str(error)) < 600, error
        return None


def fuzz(function):
    """The same examples at every run; enough of them, and not too many for CI."""

    @functools.wraps(function)
    def quietly(*args, **named):
        with np.errstate(all="ignore"):
            return function(*args, **named)

    return settings(max_examples=EXAMPLES, deadline=None, derandomize=True)(quietly)


def close(ours, reference, **options):
    """Equal up to rounding; where NumPy finds NaN or infinities, so do we."""
    reference = np.asarray(reference, np.float32)
    np.testing.assert_allclose(np.asarray(ours, np.float32), reference, rtol=1e-3, **options)


@fuzz
@given(ANYTHING, ANYTHING, st.sampled_from(["mean", "sum", "none", "max", None, 3]))
def test_mse(y_true, y_pred, reduction):
    given_loss = answer(losses.mse, y_true, y_pred, reduction)
    if given_loss is not None:
        error = np.float32(np.asarray(y_true)) - np.float32(np.asarray(y_pred))
        reduce = {"mean": np.mean, "sum": np.sum, "none": np.asarray}[reduction]
        close(given_loss, reduce(np.square(error)))
        assert np.shape(y_true) == np.shape(y_pred)


@fuzz
@given(ANYTHING, ANYTHING, NUMBER)
def test_huber(y_true, y_pred, delta):
    given_loss = answer(losses.huber, y_true, y_pred, "none", delta)
    if given_loss is not None:
        size = np.abs(np.float32(np.asarray(y_true)) - np.float32(np.asarray(y_pred)))
        delta = np.float32(np.asarray(delta))
        parabola, line = size**2 / 2, delta * (size - delta / 2)
        assert delta > 0 and given_loss.shape == size.shape
        close(given_loss, np.where(size <= delta, parabola, line), atol=1e-5)


@fuzz
@given(ANYTHING, ANYTHING, NUMBER)
def test_simple_optimizer(param, grad, learning_rate):
    moved = answer(optim.simple_optimizer, param, grad, learning_rate)
    if moved is not None:
        param, grad = np.float32(np.asarray(param)), np.float32(np.asarray(grad))
        assert moved.shape == param.shape == grad.shape
        close(moved, param - np.float32(np.asarray(learning_rate)) * grad)


@fuzz
@given(ANYTHING)
def test_greedy(q_values):
    action = answer(policy.greedy, q_values)
    if action is not None:
        known = np.asarray(q_values, np.float32)
        assert not np.isnan(known).any() and known.shape[-1] > 0
        np.testing.assert_array_equal(action, known.argmax(-1))


@fuzz
@given(
    st.sampled_from([KEY, jax.random.PRNGKey(0), jax.random.split(KEY), 0, None]), ANYTHING, NUMBER
)
def test_epsilon_greedy(key, q_values, epsilon):
    action = answer(policy.epsilon_greedy, key, q_values, epsilon)
    if action is not None:
        assert action.shape == np.shape(q_values)[:-1]
        assert ((np.asarray(action) >= 0) & (np.asarray(action) < np.shape(q_values)[-1])).all()
        assert 0 <= np.asarray(epsilon) <= 1
        if np.asarray(epsilon) == 0:
            np.testing.assert_array_equal(action, np.asarray(q_values, np.float32).argmax(-1))


@fuzz
@given(ANYTHING, NUMBER, NUMBER, NUMBER)
def test_linear_epsilon(step, start, end, decay_steps):
    epsilon = answer(policy.linear_epsilon, step, start, end, decay_steps)
    if epsilon is not None:
        step, start, end = (np.asarray(x, np.float64) for x in (step, start, end))
        share = np.clip(step / np.asarray(decay_steps, np.float64), 0, 1)
        close(epsilon, start + (end - start) * share, atol=1e-6)


@fuzz
@given(ANYTHING, ANYTHING)
def test_cartpole_step(state, action):
    after = answer(cartpole.step, state, action)
    if after is not None:
        env = ENV.unwrapped
        env.reset(seed=0)
        env.state = np.asarray(state, np.float64)
        env.steps_beyond_terminated = None
        known, _, fell, _, _ = env.step(int(np.asarray(action)))
        close(after[0], known, atol=1e-4)
        assert bool(after[2]) == fell


@fuzz
@given(ANYTHING, ANYTHING, ANYTHING, NUMBER)
def test_td_target(rewards, next_q_values, is_terminal, gamma):
    targets = answer(dqn.td_target, rewards, next_q_values, is_terminal, gamma)
    if targets is not None:
        rewards, next_q = np.float32(np.asarray(rewards)), np.float32(np.asarray(next_q_values))
        future = np.where(np.asarray(is_terminal, bool), 0.0, next_q.max(-1))
        assert targets.shape == rewards.shape == next_q.shape[:-1]
        if not np.isnan(next_q).any():
            close(targets, rewards + np.float32(np.asarray(gamma)) * future)


@fuzz
@given(ANYTHING, NUMBER)
def test_td_loss(action, gamma):
    states, rewards = jnp.ones((3, 2)), jnp.ones(3)
    batch = Transition(states, states, action, rewards, jnp.zeros(3, bool))
    loss = answer(dqn.td_loss, PARAMS, PARAMS, batch, NETWORK, gamma)
    if loss is not None:
        q_values = np.asarray(NETWORK.apply(PARAMS, states))
        taken = q_values[np.arange(3), np.asarray(action)]
        close(loss, np.mean((1 + np.float32(np.asarray(gamma)) * q_values.max(-1) - taken) ** 2))


@fuzz
@given(NUMBER, NUMBER, ANYTHING, ANYTHING)
def test_make_network(observation_size, n_actions, hidden, scale):
    network = answer(dqn.make_network, observation_size, n_actions, hidden, scale)
    if network is not None and int(observation_size) < 100:
        params = network.init(KEY, jnp.zeros(int(observation_size)))
        assert network.apply(params, jnp.zeros(int(observation_size))).shape == (int(n_actions),)


@fuzz
@given(st.sampled_from(config.Config._fields), ANYTHING)
def test_config(name, value):
    checked = answer(TINY._replace(**{name: value}).check)
    if checked is not None:
        kept = getattr(checked, name)
        assert kept is None or type(kept) in (int, float, bool, str, tuple)
        if isinstance(kept, int | float):
            assert kept == np.asarray(value) and math.isfinite(kept)


TRANSITION = [np.zeros(2, np.float32), np.ones(2, np.float32), 1, 1.0, False]


@fuzz
@given(st.integers(0, 4), ANYTHING, st.booleans())
def test_replay_memory(place, value, is_first):
    memory = ReplayMemory(3, seed=0)
    if not is_first:
        memory.experience(Transition(*TRANSITION))
    given_transition = [*TRANSITION[:place], value, *TRANSITION[place + 1 :]]
    before = len(memory)
    try:
        memory.experience(given_transition)
    except (TypeError, ValueError) as error:
        where = traceback.extract_tb(error.__traceback__)[-1].filename
        assert where.startswith(str(PACKAGE)), f"not in our words, but in {where}: {error}"
        assert len(memory) == before
        return
    assert len(memory) == before + 1
    kept = [field[before] for field in memory._fields]
    for ours, theirs in zip(kept, given_transition, strict=True):
        np.testing.assert_allclose(np.float64(ours), np.float64(np.asarray(theirs)), rtol=1e-3)


@fuzz
@given(NUMBER, NUMBER)
def test_sizes_of_memories(size, sample_size):
    memory = answer(ReplayMemory, size)
    if memory is None:
        return
    assert memory.capacity == int(size) >= 1
    if memory.capacity < 1e6:
        for _ in range(4):
            memory.experience(Transition(*TRANSITION))
        batch = answer(memory.sample_batch, sample_size)
        assert batch is None or len(batch.reward) == int(sample_size) <= 4


@fuzz
@given(st.integers(0, 4), ANYTHING, NUMBER)
def test_array_memory(place, value, size):
    example = Transition(*map(jnp.asarray, TRANSITION))
    if isinstance(size, int | float) and 1e6 < size < 2**62:
        return  # it would ask for that much memory
    memory = answer(ArrayMemory.empty, size, example)
    if memory is None:
        return
    given_transition = [*example[:place], value, *example[place + 1 :]]
    memory = answer(memory.experience, given_transition)
    if memory is not None:
        np.testing.assert_allclose(
            np.float64(np.asarray(memory.fields[place][0])),
            np.float64(np.asarray(value)),
            rtol=1e-2,
            equal_nan=True,
        )


@fuzz
@given(NUMBER, NUMBER, NUMBER, st.booleans())
def test_hyperparameters(epsilon, gamma, learning_rate, population):
    train = ondevice.make_train(TINY)
    chosen = answer(train.hyperparameters, epsilon, gamma, learning_rate)
    if chosen is not None:
        assert all(np.asarray(value).dtype == np.float32 for value in chosen)
        assert 0 <= chosen.epsilon <= 1 and 0 <= chosen.gamma <= 1
        assert 0 <= chosen.learning_rate < math.inf


@pytest.mark.parametrize("value", NONSENSE, ids=lambda value: type(value).__name__)
def test_no_environment_is_made_of_nonsense(value):
    assert answer(envs.sizes, value) is None
    assert answer(envs.make, "CartPole-v1", value) is None
