"""One leaf of stochastic gradient descent; `jax.tree.map` makes it an optimizer."""

import jax.numpy as jnp

from rl_jax import validate
from rl_jax.typing import JaxTensor

__all__ = ["simple_optimizer"]


def simple_optimizer(param: JaxTensor, grad: JaxTensor, learning_rate: float) -> JaxTensor:
    """One step downhill: param - learning_rate * grad.

    The old array is unchanged, as JAX arrays always are.

    Args:
        param: one array of a network's parameters, float, of any shape.
        grad: the loss's gradient with respect to it, of the same shape.
        learning_rate: the step's length per unit of gradient, finite and not negative.

    Returns:
        The new array, of param's shape and dtype.

    Raises:
        TypeError: if an argument holds no real numbers.
        ValueError: if shapes differ, or the learning rate is negative or not finite.

    Example:
        >>> sgd = partial(simple_optimizer, learning_rate=1e-3)
        >>> params = jax.tree.map(sgd, params, grads)

    Taught in: notebooks/05.
    """
    validate.not_negative("learning_rate", learning_rate)
    param = validate.numbers("param", param)
    grad = validate.numbers("grad", grad)
    if param.shape != grad.shape:
        raise ValueError(
            f"param and grad must have the same shape, but they are {param.shape} and "
            f"{grad.shape}: is this the gradient of another parameter?"
        )
    return param - jnp.asarray(learning_rate * grad, param.dtype)
