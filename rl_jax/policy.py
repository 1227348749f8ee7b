"""From Q-values to an action. Every function works under `jit` and `vmap`."""

import jax
import jax.numpy as jnp
import numpy as np

from rl_jax import validate
from rl_jax.typing import JaxTensor, Key

__all__ = ["epsilon_greedy", "greedy", "linear_epsilon"]


def greedy(q_values: JaxTensor) -> JaxTensor:
    """argmax_a Q(state, a), the first one on a tie.

    Args:
        q_values: [..., A] float, with at least one action.

    Returns:
        [...] int, in 0 .. A - 1. Inside `jit` NaN cannot be refused: the first one wins.

    Raises:
        TypeError: if they are no real numbers.
        ValueError: if there is no axis of actions, or no action on it, or a concrete value is NaN.

    Taught in: notebooks/04.
    """
    q_values = validate.q_values("q_values", q_values)
    return jnp.argmax(q_values, axis=-1)


def epsilon_greedy(key: Key, q_values: JaxTensor, epsilon: float | JaxTensor) -> JaxTensor:
    """A uniformly random action with probability epsilon, else the greedy one.

    The random one may be the greedy one too: that is taken with probability
    1 - epsilon + epsilon / A.

    Args:
        key: a random key, used once.
        q_values: [..., A] float, of one state or of a batch.
        epsilon: the chance of exploring now, in [0, 1]; may be traced. A number, or one for each
            state of the batch.

    Returns:
        [...] int, in 0 .. A - 1.

    Raises:
        TypeError: if `key` is no key, or another argument no real numbers.
        ValueError: if epsilon lies outside [0, 1] or has another shape than the batch, or Q-values
            are refused as in `greedy`.

    Reference: Sutton and Barto 2018, section 2.2. Taught in: notebooks/04.
    """
    validate.key("key", key)
    q_values = validate.q_values("q_values", q_values)
    batch, n_actions = q_values.shape[:-1], q_values.shape[-1]
    validate.unit_interval("epsilon", epsilon, shape=batch)
    coin_key, action_key = jax.random.split(key)
    explore = jax.random.uniform(coin_key, batch) < jnp.asarray(epsilon)
    random_action = jax.random.randint(action_key, batch, 0, n_actions)
    return jnp.where(explore, random_action, greedy(q_values))


def linear_epsilon(
    step: int | JaxTensor, start: float = 1.0, end: float = 0.05, decay_steps: int = 10_000
) -> JaxTensor:
    """From `start` at step 0 along a straight line to `end` at `decay_steps`, then constant.

    Args:
        step: environment steps so far, not negative; may be traced, and of any shape.
        start: the probability of exploring at step 0, in [0, 1].
        end: the probability from `decay_steps` on, in [0, 1].
        decay_steps: environment steps, above 0.

    Returns:
        The chance of exploring at this step, float, of step's shape.

    Raises:
        TypeError: if an argument is no real number.
        ValueError: if an argument is out of its range.

    Reference: Mnih et al. 2015, Methods. Taught in: notebooks/04.
    """
    validate.not_negative("step", step, shape=np.shape(step))
    start = validate.unit_interval("start", start)
    end = validate.unit_interval("end", end)
    decay_steps = validate.positive("decay_steps", decay_steps)
    step = jnp.asarray(step, jnp.float32)  # JAX's integers end at 2,147,483,647
    share = jnp.clip(step / decay_steps, 0.0, 1.0)
    return start + (end - start) * share
