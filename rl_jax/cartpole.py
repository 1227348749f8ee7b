"""CartPole-v1 as pure functions: the physics of Gymnasium's `cartpole.py`, for use inside `jit`."""

import math

import jax
import jax.numpy as jnp

from rl_jax.typing import JaxTensor, Key

__all__ = ["TIME_LIMIT", "auto_reset", "reset", "step"]

TIME_LIMIT = 500  # steps after which CartPole-v1 truncates an episode
GRAVITY, POLE_MASS, TOTAL_MASS, HALF_LENGTH = 9.8, 0.1, 1.1, 0.5  # m/s^2, kg, kg, m
FORCE, SECONDS = 10.0, 0.02  # newton a push; time between two steps
MAX_POSITION, MAX_ANGLE = 2.4, math.radians(12)  # m and rad; beyond them the episode terminates


def reset(key: Key) -> JaxTensor:
    """A start: four numbers between -0.05 and 0.05, almost upright and at rest; uses `key` once.

    They are [4] float32: cart position (m) and velocity (m/s), pole angle (rad) and velocity
    (rad/s). Taught in: notebooks/07."""
    return jax.random.uniform(key, (4,), jnp.float32, -0.05, 0.05)


def step(state: JaxTensor, action: JaxTensor | int) -> tuple[JaxTensor, JaxTensor, JaxTensor]:
    """One push and 0.02 seconds: (next_state, reward, is_terminal). It knows no time limit.

    State and next_state are [4] float32, as from `reset`, else ValueError; action 0 pushes to the
    left, 1 to the right; the reward is always 1; is_terminal is a bool.
    Reference: Barto, Sutton and Anderson 1983; equations as in Gymnasium's CartPole-v1.
    Taught in: notebooks/07."""
    if jnp.shape(state) != (4,):
        hint = "For a batch of states use jax.vmap(cartpole.step)."
        raise ValueError(f"state must be of shape (4,), but it is {jnp.shape(state)}. {hint}")
    position, velocity, angle, angular_velocity = jnp.asarray(state, jnp.float32)
    sin, cos = jnp.sin(angle), jnp.cos(angle)
    force = jnp.where(action == 1, FORCE, -FORCE)
    push = (force + POLE_MASS * HALF_LENGTH * angular_velocity**2 * sin) / TOTAL_MASS
    inertia = HALF_LENGTH * (4 / 3 - POLE_MASS * cos**2 / TOTAL_MASS)
    angular_acceleration = (GRAVITY * sin - cos * push) / inertia
    acceleration = push - POLE_MASS * HALF_LENGTH * angular_acceleration * cos / TOTAL_MASS
    change = jnp.stack([velocity, acceleration, angular_velocity, angular_acceleration])
    next_state = jnp.stack([position, velocity, angle, angular_velocity]) + SECONDS * change
    fell = (jnp.abs(next_state[0]) > MAX_POSITION) | (jnp.abs(next_state[2]) > MAX_ANGLE)
    return next_state, jnp.float32(1.0), fell


def auto_reset(
    key: Key, next_state: JaxTensor, is_terminal: JaxTensor, steps: JaxTensor | int,
    limit: JaxTensor | int = TIME_LIMIT
) -> tuple[JaxTensor, JaxTensor, JaxTensor]:  # fmt: skip
    """Where to act next: next_state, or a new start if the episode is over.

    `steps` of this episode include the last one; after `limit` of them it is cut off. Uses `key`
    once. Returns: state [4] float32; the steps of its episode so far; truncated, bool, True where
    only time ran out: such a transition is stored with is_terminal False, so its future counts.
    Taught in: notebooks/07."""
    truncated = (steps >= limit) & ~is_terminal
    over = is_terminal | truncated
    return jnp.where(over, reset(key), next_state), jnp.where(over, 0, steps), truncated
