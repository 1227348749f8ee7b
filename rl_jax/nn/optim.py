"""One leaf of stochastic gradient descent; `jax.tree.map` makes it an optimizer."""

from rl_jax.typing import JaxTensor

__all__ = ["simple_optimizer"]


def simple_optimizer(param: JaxTensor, grad: JaxTensor, learning_rate: float) -> JaxTensor:
    """One step downhill: param - learning_rate * grad.

    `param` is one array of a network's parameters, `grad` the loss's gradient with respect to it,
    of the same shape, `learning_rate` > 0. The old array is unchanged, as JAX arrays always are.
        >>> sgd = partial(simple_optimizer, learning_rate=1e-3)
        >>> params = jax.tree.map(sgd, params, grads)
    Taught in: notebooks/05."""
    return param - learning_rate * grad
