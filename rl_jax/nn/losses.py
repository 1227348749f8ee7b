"""Losses: an error per element, then a reduction. Shapes must match, because broadcasting lies."""

import jax.numpy as jnp

from rl_jax import validate
from rl_jax.typing import JaxTensor

__all__ = ["huber", "mse"]


def mse(y_true: JaxTensor, y_pred: JaxTensor, reduction: str = "mean") -> JaxTensor:
    """Squared error (y_true - y_pred)^2, by default averaged over all elements.

    Args:
        y_true: targets, float, of any shape.
        y_pred: predictions, float, of the same shape: [N, 1] against [N] would broadcast.
        reduction: "mean" or "sum" over all elements, or "none" for the error of each one.

    Returns:
        A float scalar; the shape of the arguments for "none".

    Raises:
        TypeError: if an argument holds no real numbers.
        ValueError: if shapes differ, the reduction is unknown, or a mean is taken of nothing.

    Taught in: notebooks/03.
    """
    return _reduce(jnp.square(_error(y_true, y_pred)), reduction)


def huber(
    y_true: JaxTensor, y_pred: JaxTensor, reduction: str = "mean", delta: float = 1.0
) -> JaxTensor:
    """Squared error / 2 up to `delta`, a straight line beyond: its slope never exceeds `delta`.

    Args:
        y_true: targets, as in `mse`.
        y_pred: predictions, as in `mse`.
        reduction: as in `mse`.
        delta: the size of an error, above 0, at which the parabola turns into a line.

    Returns:
        A float scalar; the shape of the arguments for "none".

    Raises:
        TypeError: if an argument holds no real numbers.
        ValueError: as `mse`, and if `delta` is not above 0.

    Reference: Huber 1964; Mnih et al. 2015, Methods, clip the error alike. Taught in: notebooks/03.
    """
    delta = validate.positive("delta", delta)
    size = jnp.abs(_error(y_true, y_pred))
    quadratic = jnp.minimum(size, delta)
    return _reduce(0.5 * quadratic**2 + delta * (size - quadratic), reduction)


def _error(y_true: JaxTensor, y_pred: JaxTensor) -> JaxTensor:
    y_true = validate.numbers("y_true", y_true)
    y_pred = validate.numbers("y_pred", y_pred)
    if y_true.shape != y_pred.shape:
        raise ValueError(
            "y_true and y_pred must have the same shape, but they are "
            f"{y_true.shape} and {y_pred.shape}. Broadcasting would compare every target with "
            "every prediction: squeeze one first."
        )
    return y_true - y_pred


def _reduce(values: JaxTensor, reduction: str) -> JaxTensor:
    if reduction == "mean":
        if values.size == 0:
            raise ValueError(
                f"a mean must be of at least one element, but there are none: {values.shape}."
            )
        return jnp.mean(values)
    if reduction == "sum":
        return jnp.sum(values)
    if reduction == "none":
        return values
    raise ValueError(f'reduction must be "mean", "sum" or "none", but it is {reduction!r}.')
