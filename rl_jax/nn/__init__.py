"""The two pieces of a neural-network library that the lessons write themselves: losses and SGD."""

from rl_jax.nn import losses, optim

__all__ = ["losses", "optim"]
