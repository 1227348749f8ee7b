"""From Q-values to an action. Every function works under `jit` and `vmap`."""

import jax
import jax.numpy as jnp

from rl_jax.typing import JaxTensor, Key, unit_interval

__all__ = ["epsilon_greedy", "greedy", "linear_epsilon"]


def greedy(q_values: JaxTensor) -> JaxTensor:
    """argmax_a Q(state, a) of q_values [..., A]: the first one on a tie, and 0 if they are NaN.
    Taught in: notebooks/04."""
    return jnp.argmax(q_values, axis=-1)


def epsilon_greedy(key: Key, q_values: JaxTensor, epsilon: float | JaxTensor) -> JaxTensor:
    """A uniformly random action with probability epsilon, else the greedy one.

    The random one may be the greedy one too: that is taken with probability
    1 - epsilon + epsilon / A.
    Uses `key` once; q_values are [..., A], the result [...] int32; epsilon may be traced, and is a
    ValueError outside [0, 1].
    Reference: Sutton and Barto 2018, section 2.2. Taught in: notebooks/04."""
    unit_interval("epsilon", epsilon)
    q_values = jnp.asarray(q_values)
    coin_key, action_key = jax.random.split(key)
    batch, n_actions = q_values.shape[:-1], q_values.shape[-1]
    explore = jax.random.uniform(coin_key, batch) < epsilon
    random_action = jax.random.randint(action_key, batch, 0, n_actions)
    return jnp.where(explore, random_action, greedy(q_values))


def linear_epsilon(
    step: int | JaxTensor, start: float = 1.0, end: float = 0.05, decay_steps: int = 10_000
) -> JaxTensor:
    """From `start` at step 0 along a straight line to `end` at `decay_steps`, then constant.

    That is the probability of exploring at this step, of step's shape. `step` counts environment
    steps and may be traced; `start` and `end` lie in [0, 1], else ValueError; `decay_steps` > 0.
    Reference: Mnih et al. 2015, Methods. Taught in: notebooks/04."""
    unit_interval("start", start)
    unit_interval("end", end)
    return start + (end - start) * jnp.clip(step / decay_steps, 0.0, 1.0)
