"""From Q-values to actions: ties, frequencies, schedules, and probabilities out of range."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from helpers import every_way, same_key_again

from rl_jax.policy import epsilon_greedy, greedy, linear_epsilon

DRAWS = 20_000
TWO = jnp.array([1.0, 2.0])
THREE = jnp.array([0.0, 5.0, -1.0])


def frequencies(q_values, epsilon):
    """How often each action was taken, over DRAWS keys."""
    keys = jax.random.split(jax.random.key(7), DRAWS)
    actions = jax.jit(jax.vmap(epsilon_greedy, (0, None, None)))(keys, q_values, epsilon)
    return np.bincount(actions, minlength=q_values.shape[-1]) / DRAWS


@every_way
def test_greedy_takes_the_best_and_the_first_of_equals(call):
    q_values = jnp.array([[1.0, 2.0, 0.0], [3.0, -3.0, 3.0], [-2.0, -1.0, -3.0]])
    actions = call(greedy, q_values)
    np.testing.assert_array_equal(actions, [1, 0, 1])
    assert actions.dtype == jnp.int32


def test_nan_is_refused_where_it_is_known_and_is_action_0_where_it_is_not():
    nothing = jnp.array([jnp.nan, jnp.nan])
    with pytest.raises(ValueError, match="some are NaN: has the training diverged"):
        greedy(nothing)
    with pytest.raises(ValueError, match="some are NaN"):
        epsilon_greedy(jax.random.key(0), nothing, 0.5)
    # Why training must check for NaN: this agent pushes left for ever.
    assert jax.jit(greedy)(nothing) == 0


@every_way
@pytest.mark.parametrize("seed", range(5))
def test_epsilon_0_is_greedy(call, seed):
    action = call(epsilon_greedy, jax.random.key(seed, impl="threefry2x32"), THREE, 0.0)
    assert (action, action.shape, action.dtype) == (1, (), jnp.int32)


@pytest.mark.parametrize(
    ("q_values", "epsilon", "expected"),
    [
        (TWO, 0.3, [0.15, 0.85]),  # 1 - 0.3 + 0.3 / 2 = 0.85
        (TWO, 1.0, [0.5, 0.5]),
        (THREE, 0.6, [0.2, 0.6, 0.2]),  # 1 - 0.6 + 0.6 / 3 = 0.6
        (THREE, 0.0, [0.0, 1.0, 0.0]),
    ],
)
def test_action_frequencies(q_values, epsilon, expected):
    # Four standard deviations of a frequency over 20,000 draws: at most 4 * 0.5 / 141 = 0.014.
    np.testing.assert_allclose(frequencies(q_values, epsilon), expected, atol=0.014)


def test_each_row_of_a_batch_has_its_own_coin_and_action():
    actions = epsilon_greedy(jax.random.key(3), jnp.tile(TWO, (DRAWS, 1)), 0.3)
    np.testing.assert_allclose(np.bincount(actions) / DRAWS, [0.15, 0.85], atol=0.014)


def test_epsilon_may_differ_from_row_to_row():
    # The first half never explores; the second always does.
    epsilon = jnp.repeat(jnp.array([0.0, 1.0]), DRAWS // 2)
    actions = epsilon_greedy(jax.random.key(4), jnp.tile(TWO, (DRAWS, 1)), epsilon)
    assert actions[: DRAWS // 2].min() == 1
    np.testing.assert_allclose(actions[DRAWS // 2 :].mean(), 0.5, atol=0.02)


@every_way
@same_key_again
def test_the_same_key_gives_the_same_action(call):
    keys = jax.random.split(jax.random.key(0, impl="threefry2x32"), 50)
    once = [int(epsilon_greedy(key, TWO, 0.5)) for key in keys]
    assert [int(call(epsilon_greedy, key, TWO, 0.5)) for key in keys[:5]] == once[:5]
    assert set(once) == {0, 1}


def test_no_key_is_used_twice():
    @jax.jit
    def twice(key):
        return jax.random.uniform(key) < 0.5, jax.random.randint(key, (), 0, 2)

    with jax.debug_key_reuse(True):
        jax.jit(epsilon_greedy)(jax.random.key(0), TWO, 0.5)
        with pytest.raises(jax.errors.KeyReuseError):  # so the check works
            twice(jax.random.key(0))


@pytest.mark.parametrize("epsilon", [-0.1, 1.1, float("nan")])
def test_epsilon_must_be_a_probability(epsilon):
    with pytest.raises(ValueError, match=rf"epsilon must lie in \[0, 1\], but it is {epsilon}"):
        epsilon_greedy(jax.random.key(0), TWO, epsilon)


@every_way
@pytest.mark.parametrize(
    ("step", "expected"),
    # From 1 to 0.2 in 100 steps: 0.008 less at each.
    [(0, 1.0), (25, 0.8), (50, 0.6), (100, 0.2), (101, 0.2), (10**6, 0.2)],
)
def test_linear_epsilon(call, step, expected):
    assert call(linear_epsilon, step, 1.0, 0.2, 100) == pytest.approx(expected)


def test_linear_epsilon_of_many_steps_and_defaults():
    # Default: 1 to 0.05 in 10,000 steps; half-way 0.525.
    epsilons = linear_epsilon(jnp.array([0, 5_000, 20_000]))
    np.testing.assert_allclose(epsilons, [1.0, 0.525, 0.05], rtol=1e-6)
    assert linear_epsilon(50, start=0.0, end=1.0, decay_steps=100) == 0.5  # it may rise as well


@pytest.mark.parametrize(("name", "bad"), [("start", 1.5), ("end", -0.5), ("end", float("nan"))])
def test_linear_epsilon_refuses_what_is_no_probability(name, bad):
    with pytest.raises(ValueError, match=rf"{name} must lie in \[0, 1\], but it is {bad}"):
        linear_epsilon(0, **{name: bad})


@pytest.mark.parametrize("step", [np.float16(50_000), 50_000, [50_000], np.uint16([50_000])])
def test_a_schedule_in_any_type_of_steps(step):
    for schedule in (linear_epsilon, jax.jit(linear_epsilon)):
        if not isinstance(step, list) or schedule is linear_epsilon:
            epsilon = schedule(step, 1.0, 0.1, 100_000)
            np.testing.assert_allclose(epsilon, 0.55, rtol=1e-3)
            assert epsilon.dtype == jnp.float32 and np.shape(epsilon) == np.shape(step)


@pytest.mark.parametrize("kind", [np.uint8, np.int64, jnp.uint32])
def test_probabilities_without_a_sign_do_not_wrap(kind):
    for step, expected in ((0, 1.0), (5_000, 0.5), (10_000, 0.0)):
        assert linear_epsilon(step, kind(1), kind(0)) == expected


def test_a_schedule_of_no_length_is_refused_in_16_bits_too():
    with pytest.raises(ValueError, match="decay_steps must be finite and larger than 0"):
        linear_epsilon(0, decay_steps=np.float16(0))


def test_a_list_of_traced_chances_will_do():
    @jax.jit
    def act(low, high):
        return epsilon_greedy(jax.random.key(0), jnp.eye(2), [low, high])

    assert act(0.0, 0.0).tolist() == [0, 1]
