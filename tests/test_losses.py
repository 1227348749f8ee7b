"""Mean squared error and Huber loss: worked values, slopes, and shapes that must match."""

from functools import partial

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from helpers import every_way
from hypothesis import given
from hypothesis import strategies as st

import rl_jax.nn as nn

TRUE = jnp.array([1.0, 2.0, 3.0, 4.0])
PREDICTED = jnp.array([1.0, 0.0, 0.0, 8.0])
# Errors 0, 2, 3, -4. Squares 0, 4, 9, 16: sum 29, mean 7.25.
# Huber, delta 1: e^2/2 up to 1, then |e| - 1/2: 0, 1.5, 2.5, 3.5: sum 7.5, mean 1.875.
# Huber, delta 2.5: e^2/2 up to 2.5, then 2.5 |e| - 3.125: 0, 2, 4.375, 6.875: sum 13.25.
mse, huber = nn.losses.mse, nn.losses.huber
wide_huber = partial(huber, delta=2.5)
WORKED = [
    (mse, "none", [0.0, 4.0, 9.0, 16.0]),
    (mse, "sum", 29.0),
    (mse, "mean", 7.25),
    (huber, "none", [0.0, 1.5, 2.5, 3.5]),
    (huber, "sum", 7.5),
    (huber, "mean", 1.875),
    (wide_huber, "none", [0.0, 2.0, 4.375, 6.875]),
    (wide_huber, "sum", 13.25),
    (wide_huber, "mean", 3.3125),
]
finite = st.floats(-1e3, 1e3, width=32)
both_losses = pytest.mark.parametrize("loss", [mse, huber])


@every_way
@pytest.mark.parametrize(("loss", "reduction", "expected"), WORKED)
def test_worked_values(call, loss, reduction, expected):
    value = call(partial(loss, reduction=reduction), TRUE, PREDICTED)
    np.testing.assert_array_equal(value, expected)


@both_losses
def test_the_mean_is_over_all_elements_and_the_default(loss):
    # The blog post's own package summed the last axis first: 14.5 for these two rows.
    rows = TRUE.reshape(2, 2), PREDICTED.reshape(2, 2)
    assert loss(*rows) == loss(TRUE, PREDICTED) == loss(*rows, reduction="sum") / 4
    assert loss(*rows, reduction="none").shape == (2, 2)


def test_vmap_keeps_rows_apart():
    # Row means of [0, 4, 9, 16] in pairs: 2 and 12.5.
    rows = TRUE.reshape(2, 2), PREDICTED.reshape(2, 2)
    np.testing.assert_array_equal(jax.vmap(mse)(*rows), [2.0, 12.5])


@every_way
def test_slopes(call):
    # d mse / d prediction = 2 (prediction - true) / 4; Huber's slope is clipped to 1, over 4.
    slope = call(jax.grad(mse, argnums=1), TRUE, PREDICTED)
    np.testing.assert_array_equal(slope, [0.0, -1.0, -1.5, 2.0])
    slope = call(jax.grad(huber, argnums=1), TRUE, PREDICTED)
    np.testing.assert_array_equal(slope, [0.0, -0.25, -0.25, 0.25])


@given(st.lists(st.tuples(finite, finite), min_size=4, max_size=4), st.floats(0.125, 8, width=32))
def test_huber_is_half_the_square_up_to_delta_and_a_line_beyond(pairs, delta):
    true, predicted = np.float32(pairs).T
    values = huber(true, predicted, reduction="none", delta=delta)
    size = np.abs(np.float64(true) - predicted)
    expected = np.where(size <= delta, size**2 / 2, delta * (size - delta / 2))
    np.testing.assert_allclose(values, expected, rtol=1e-4, atol=1e-4)


@both_losses
@pytest.mark.parametrize("wrap", [lambda f: f, jax.jit], ids=["plain", "jit"])
def test_shapes_that_would_broadcast_are_refused(loss, wrap):
    with pytest.raises(ValueError, match=r"same shape, but they are \(3, 1\) and \(3,\)"):
        wrap(loss)(jnp.zeros((3, 1)), jnp.zeros(3))
    with pytest.raises(ValueError, match=r"same shape, but they are \(\) and \(3,\)"):
        wrap(loss)(0.0, jnp.zeros(3))


@both_losses
def test_unknown_reduction_is_refused(loss):
    with pytest.raises(ValueError, match='"mean", "sum" or "none", but it is \'median\''):
        loss(TRUE, PREDICTED, reduction="median")


def test_numpy_arrays_and_numbers_will_do():
    assert mse(np.array([1.0, 3.0]), np.array([1.0, 1.0])) == 2.0
    assert mse(3.0, 1.0) == 4.0


@pytest.mark.parametrize("far", [2**32, 2**40, -(2**63), np.array(2**40), [2**40]])
def test_an_integer_far_away_is_far_away(far):
    near = np.zeros(np.shape(far))
    np.testing.assert_allclose(mse(near, far), np.asarray(far, float) ** 2, rtol=1e-5)
    np.testing.assert_allclose(huber(near, far), np.abs(np.asarray(far, float)), rtol=1e-5)


@pytest.mark.parametrize("small", [np.array([1, 2], object), [1, 2**70]])
def test_what_numpy_keeps_as_objects_is_refused_for_what_it_is(small):
    is_small = isinstance(small, np.ndarray)
    words = "must be an array of numbers.*object" if is_small else "integers of at most 64 bits"
    with pytest.raises((TypeError, ValueError), match=words):
        mse(small, [1.0, 2.0])


def test_a_delta_of_0_is_refused_in_16_bits_too():
    with pytest.raises(ValueError, match="delta must be finite and larger than 0"):
        nn.losses.huber(jnp.ones(2), jnp.zeros(2), delta=np.float16(0))
