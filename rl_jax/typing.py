"""Words for types, so that signatures read like sentences."""

from collections.abc import Mapping

import jax
import numpy as np

__all__ = ["JaxTensor", "Key", "Params", "unit_interval"]

JaxTensor = jax.Array  # any; its shape stands beside it: [B] batch, [A] actions, [O] observation
Key = jax.Array  # a random key, as `jax.random.key` and `jax.random.split` make it; use it once
Params = Mapping[str, Mapping[str, JaxTensor]]  # Haiku's: module name -> parameter name -> array


def unit_interval(name: str, value: float | JaxTensor) -> None:
    """Raise ValueError unless every element of `value` lies in [0, 1].

    None passes, and so does a traced value: it has no number yet."""
    if value is None or isinstance(value, jax.core.Tracer):
        return
    values = np.asarray(value)
    if not np.all((values >= 0) & (values <= 1)):  # NaN fails both comparisons
        raise ValueError(f"{name} must lie in [0, 1], but it is {value}.")
