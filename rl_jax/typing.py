"""Words for types, so that signatures read like sentences."""

from collections.abc import Mapping

import jax

__all__ = ["JaxTensor", "Key", "Params"]

JaxTensor = jax.Array  # any; its shape stands beside it: [B] batch, [A] actions, [O] observation
Key = jax.Array  # a random key, as `jax.random.key` and `jax.random.split` make it; use it once
Params = Mapping[str, Mapping[str, JaxTensor]]  # Haiku's: module name -> parameter name -> array
