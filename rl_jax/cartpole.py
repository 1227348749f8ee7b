"""CartPole-v1 as pure functions: the physics of Gymnasium's `cartpole.py`, for use inside `jit`."""

import math

import jax
import jax.numpy as jnp
import numpy as np

from rl_jax import validate
from rl_jax.typing import JaxTensor, Key

__all__ = ["auto_reset", "reset", "step"]

N_ACTIONS = 2  # 0 pushes to the left, 1 to the right
TIME_LIMIT = 500  # steps after which CartPole-v1 truncates an episode

GRAVITY = 9.8  # m/s^2
POLE_MASS = 0.1  # kg
TOTAL_MASS = 1.1  # kg, pole and cart
HALF_LENGTH = 0.5  # m, from the hinge to the pole's middle
FORCE = 10.0  # N, of a push
SECONDS = 0.02  # between two steps
MAX_POSITION = 2.4  # m from the track's middle; beyond, the episode terminates
MAX_ANGLE = math.radians(12)  # from the vertical; beyond, the episode terminates


def reset(key: Key) -> JaxTensor:
    """A start, almost upright and at rest: four numbers between -0.05 and 0.05.

    Args:
        key: a random key, used once.

    Returns:
        [4] float32: cart position (m) and velocity (m/s), pole angle (rad) and velocity (rad/s).

    Raises:
        TypeError: if `key` is not a random key.
        ValueError: if `key` is several keys.

    Taught in: notebooks/07.
    """
    validate.key("key", key)
    return jax.random.uniform(key, (4,), jnp.float32, -0.05, 0.05)


def step(state: JaxTensor, action: JaxTensor | int) -> tuple[JaxTensor, JaxTensor, JaxTensor]:
    """One push and 0.02 seconds: (next_state, reward, is_terminal). It knows no time limit.

    Args:
        state: [4] float32, as from `reset`.
        action: 0 pushes to the left, 1 to the right.

    Returns:
        The next state, [4] float32; the reward, 1.0 whatever happens, float32; is_terminal, bool.

    Raises:
        TypeError: if an argument holds no numbers.
        ValueError: if the state is not of shape (4,), or holds NaN or infinities, or the action is
            neither 0 nor 1. Inside `jit` only shapes can be refused; there, every other action
            pushes to the left.

    Reference: Barto, Sutton and Anderson 1983; equations as in Gymnasium's CartPole-v1.
    Taught in: notebooks/07.
    """
    state, action = _checked(state, action)
    _, velocity, angle, angular_velocity = state
    sin = jnp.sin(angle)
    cos = jnp.cos(angle)

    force = jnp.where(action == 1, FORCE, -FORCE)
    push = (force + POLE_MASS * HALF_LENGTH * angular_velocity**2 * sin) / TOTAL_MASS
    inertia = HALF_LENGTH * (4 / 3 - POLE_MASS * cos**2 / TOTAL_MASS)
    angular_acceleration = (GRAVITY * sin - cos * push) / inertia
    acceleration = push - POLE_MASS * HALF_LENGTH * angular_acceleration * cos / TOTAL_MASS

    change = jnp.stack([velocity, acceleration, angular_velocity, angular_acceleration])
    next_state = state + SECONDS * change
    off_track = jnp.abs(next_state[0]) > MAX_POSITION
    tipped = jnp.abs(next_state[2]) > MAX_ANGLE
    return next_state, jnp.float32(1.0), off_track | tipped


def auto_reset(
    key: Key,
    next_state: JaxTensor,
    is_terminal: JaxTensor,
    steps: JaxTensor | int,
    limit: JaxTensor | int = TIME_LIMIT,
) -> tuple[JaxTensor, JaxTensor, JaxTensor]:
    """Where to act next: next_state, or a new start if the episode is over.

    Store the transition with `is_terminal` as `step` gave it: a truncated one still has a future.

    Args:
        key: a random key, used once.
        next_state: [4] float32, as `step` returned it.
        is_terminal: bool, True where the pole fell or the cart left the track.
        steps: int, of this episode, the last one included.
        limit: int, at least 1: steps after which the episode is cut off.

    Returns:
        The state to act on, [4] float32; the steps of its episode so far, int; truncated, bool,
        True where only time ran out.

    Raises:
        TypeError: if `key` is not a random key, or another argument is of another kind.
        ValueError: if `key` is several keys, `next_state` is not of shape (4,) or not finite,
            `is_terminal` is neither True nor False, `steps` is negative, `limit` is below 1, or
            one of the last three is a batch.

    Taught in: notebooks/07.
    """
    validate.key("key", key)
    next_state = _checked_state("next_state", next_state, "cartpole.auto_reset")
    is_terminal = validate.flags("is_terminal", is_terminal)
    steps = validate.steps("steps", steps)
    if not validate.is_traced(limit) and np.ndim(limit) == 0:
        limit = validate.count("limit", limit)
    for name, value in {"is_terminal": is_terminal, "steps": steps, "limit": limit}.items():
        if np.shape(value) != ():
            raise ValueError(
                f"{name} must be one value, but its shape is {np.shape(value)}. For a batch use "
                "jax.vmap(cartpole.auto_reset), with a key for each."
            )
    truncated = jnp.logical_and(steps >= limit, jnp.logical_not(is_terminal))
    is_over = jnp.logical_or(is_terminal, truncated)
    return jnp.where(is_over, reset(key), next_state), jnp.where(is_over, 0, steps), truncated


def _checked(state: JaxTensor, action: JaxTensor | int) -> tuple[JaxTensor, JaxTensor]:
    """State and action as arrays, if they are those of one cart."""
    state = _checked_state("state", state, "cartpole.step")
    action = validate.tensor("action", action)
    if action.shape != ():
        raise ValueError(
            f"action must be one number, but its shape is {action.shape}. For a batch use "
            "jax.vmap(cartpole.step)."
        )
    if not validate.is_traced(action) and np.asarray(action) not in (0, 1):
        raise ValueError(f"action must be 0 (left) or 1 (right), but it is {action}.")
    return state, action


def _checked_state(name: str, state: JaxTensor, function: str) -> JaxTensor:
    """`state` as [4] float32; a batch hears how to vmap the function of this name."""
    state = validate.numbers(name, state)
    if state.shape != (4,):
        raise ValueError(
            f"{name} must be of shape (4,), but it is {state.shape}. For a batch of states use "
            f"jax.vmap({function})."
        )
    if not validate.is_traced(state) and not np.isfinite(np.asarray(state)).all():
        raise ValueError(f"{name} must be finite, but it is {state}.")
    return state.astype(jnp.float32)
