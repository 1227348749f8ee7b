"""Words for types, and the one range check that all modules share."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from rl_jax.typing import JaxTensor, unit_interval


def test_jax_tensor_is_what_jax_computes_with():
    assert isinstance(jnp.ones(2), JaxTensor)
    assert isinstance(jax.random.key(0), JaxTensor)
    assert not isinstance(np.ones(2), JaxTensor)


@pytest.mark.parametrize("value", [0, 1, 0.5, np.float32(1), jnp.float32(0.1), [0.0, 1.0]])
def test_unit_interval_accepts(value):
    assert unit_interval("gamma", value) is None


@pytest.mark.parametrize(
    "value", [-0.01, 1.01, float("nan"), float("inf"), np.array([0.5, 1.5]), jnp.float32(-1)]
)
def test_unit_interval_rejects_and_names_the_number(value):
    with pytest.raises(ValueError, match=r"gamma must lie in \[0, 1\], but it is "):
        unit_interval("gamma", value)


def test_unit_interval_says_nothing_about_traced_values():
    def double(value):
        unit_interval("gamma", value)
        return 2 * value

    assert jax.jit(double)(3.0) == 6.0
    np.testing.assert_array_equal(jax.vmap(double)(jnp.array([-1.0, 2.0])), [-2.0, 4.0])
