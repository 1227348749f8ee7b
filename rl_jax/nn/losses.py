"""Losses: an error per element, then a reduction. Shapes must match, because broadcasting lies."""

import jax.numpy as jnp

from rl_jax.typing import JaxTensor

__all__ = ["huber", "mse"]


def mse(y_true: JaxTensor, y_pred: JaxTensor, reduction: str = "mean") -> JaxTensor:
    """Squared error (y_true - y_pred)^2, by default averaged over all elements.

    y_true are targets, y_pred predictions, of any shape, but the same ([N, 1] against [N] would
    broadcast), else ValueError; reduction is "mean" or "sum" over all elements, or "none" for the
    error of each one. Taught in: notebooks/03."""
    return _reduce(jnp.square(_error(y_true, y_pred)), reduction)


def huber(
    y_true: JaxTensor, y_pred: JaxTensor, reduction: str = "mean", delta: float = 1.0
) -> JaxTensor:
    """Squared error / 2 up to `delta`, a straight line beyond: its slope never exceeds `delta`.

    Arguments and errors as in `mse`; `delta` > 0 is where the parabola turns into a line.
    Reference: Huber 1964; Mnih et al. 2015 clip the error alike. Taught in: notebooks/03."""
    size = jnp.abs(_error(y_true, y_pred))
    quadratic = jnp.minimum(size, delta)
    return _reduce(0.5 * quadratic**2 + delta * (size - quadratic), reduction)


def _error(y_true: JaxTensor, y_pred: JaxTensor) -> JaxTensor:
    if jnp.shape(y_true) != jnp.shape(y_pred):
        shapes = f"but they are {jnp.shape(y_true)} and {jnp.shape(y_pred)}"
        hint = "Broadcasting would compare every target with every prediction: squeeze one first."
        raise ValueError(f"y_true and y_pred must have the same shape, {shapes}. {hint}")
    return jnp.asarray(y_true) - jnp.asarray(y_pred)


def _reduce(values: JaxTensor, reduction: str) -> JaxTensor:
    reduce = {"mean": jnp.mean, "sum": jnp.sum, "none": jnp.asarray}
    if reduction not in reduce:
        raise ValueError(f'reduction must be "mean", "sum" or "none", but it is {reduction!r}.')
    return reduce[reduction](values)
