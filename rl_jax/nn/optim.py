"""One leaf of stochastic gradient descent, and an average of all that an optimizer has made."""

from typing import NamedTuple

import jax
import jax.numpy as jnp
import optax

from rl_jax import validate
from rl_jax.typing import JaxTensor, Params

__all__ = ["Averaged", "averaged", "simple_optimizer"]


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


class Averaged(NamedTuple):
    """The state of an `averaged` optimizer.

    Taught in: notebooks/07.
    """

    params: Params  # the average so far
    updates: JaxTensor  # int32, how many so far
    inner: optax.OptState  # of the optimizer that makes them


def averaged(optimizer: optax.GradientTransformation) -> optax.GradientTransformation:
    """The same optimizer, which also keeps an average of all parameters that it has made.

    Update t moves the average by 3 / (t + 2) of the way to the newest parameters. So the first
    ones are forgotten: after some dozens of updates the last half of them has about seven eighths
    of the weight. However long a training is, there is no number to tune.

    Put it around all other optimizers, so that it sees the parameters that they make together. The
    average has their dtypes, and 16 bits are too coarse for it: late updates would leave no trace.

    Args:
        optimizer: of Optax. What it does is unchanged.

    Returns:
        An Optax optimizer, whose state is an `Averaged`.

    Raises:
        TypeError: if this is no Optax optimizer; and from its `update`, if the state is not one
            that its `init` made.
        ValueError: from its `update`, if that is not given the parameters, or those of another
            network.

    Reference: Shamir and Zhang 2013, section 4 (polynomial-decay averaging, with eta = 2).
    Taught in: notebooks/07.
    """
    validate.optimizer("optimizer", optimizer)
    optimizer = optax.with_extra_args_support(optimizer)

    def init(params):
        return Averaged(jax.tree.map(jnp.copy, params), jnp.int32(0), optimizer.init(params))

    def update(grads, state, params=None, **extra):  # extra: what a few of Optax's ask for
        _refuse_what_has_no_average(grads, state, params)
        changes, inner = optimizer.update(grads, state.inner, params, **extra)
        updates = state.updates + 1
        share = jnp.float32(3.0) / (updates + 2)
        newest = optax.apply_updates(params, changes)
        average = jax.tree.map(
            lambda old, new: jnp.asarray(old + share * (new - old), old.dtype), state.params, newest
        )
        return changes, Averaged(average, updates, inner)

    return optax.GradientTransformationExtraArgs(init, update)


def _refuse_what_has_no_average(
    grads: Params, state: optax.OptState, params: Params | None
) -> None:
    if not isinstance(state, Averaged):
        raise TypeError(
            "an averaged optimizer needs the state that its own init made, but it is a "
            f"{type(state).__name__}. Likely fix: one config for all of a training."
        )
    if params is None:
        raise ValueError(
            "an averaged optimizer needs the parameters, but they are None. Likely fix: "
            "optimizer.update(grads, state, params)."
        )
    validate.alike("params", params, "the average in the state", state.params)
    validate.alike("grads", grads, "params", params)
