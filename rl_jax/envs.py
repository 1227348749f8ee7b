"""Environments: Gymnasium, or classic Gym 0.26, behind the same five-tuple interface."""

import contextlib
import io
import os
from typing import Any

import gymnasium

__all__ = ["make", "sizes"]


def make(
    name: str = "CartPole-v1", backend: str = "gymnasium", render_mode: str | None = None
) -> Any:
    """An environment whose `step` returns (state, reward, terminated, truncated, info).

    Args:
        name: a registered environment's id.
        backend: "gymnasium" (the maintained one) or "gym" (classic Gym 0.26).
        render_mode: None, or "rgb_array" for `env.render()` to return [H, W, 3] uint8 pixels.
    Raises: ValueError if the backend is unknown, or too old; ImportError if it is not installed.
    Boilerplate for: notebooks/00, 02, 04, 05, 06."""
    os.environ.setdefault("PYGAME_HIDE_SUPPORT_PROMPT", "1")
    if render_mode == "rgb_array":  # pixels only, so SDL need not look, loudly, for a display
        os.environ.setdefault("SDL_VIDEODRIVER", "dummy")
        os.environ.setdefault("SDL_AUDIODRIVER", "dummy")
    if backend == "gymnasium":
        return gymnasium.make(name, render_mode=render_mode)
    if backend != "gym":
        raise ValueError(f'backend must be "gymnasium" or "gym", but it is {backend!r}.')
    try:
        with contextlib.redirect_stderr(io.StringIO()):  # it prints a banner on import
            import gym
    except ImportError as error:
        message = 'classic Gym is not installed: use backend="gymnasium", or install gym==0.26.2.'
        raise ImportError(message) from error
    if tuple(map(int, gym.__version__.split(".")[:2])) < (0, 26):  # `step` gave four values
        raise ValueError(f"classic Gym must be 0.26 or newer, but it is {gym.__version__}.")
    # Its environment checker reads np.bool8, which NumPy 2 no longer has.
    return gym.make(name, render_mode=render_mode, disable_env_checker=True)


def sizes(env: Any) -> tuple[int, int]:
    """(numbers in an observation, number of actions) of an environment that DQN can learn.

    Raises: ValueError if its actions are not Discrete, or its observations are not vectors.
    Boilerplate for: notebooks/00, 03."""
    n_actions = getattr(env.action_space, "n", None)
    if n_actions is None or env.action_space.shape:  # MultiBinary has an n as well
        why = "DQN takes a maximum over actions, so they must be Discrete, but these are"
        raise ValueError(f"{why} {env.action_space}: choose another environment.")
    shape = getattr(env.observation_space, "shape", None)
    if shape is None or len(shape) != 1:
        message = f"observations must be vectors, but these are {env.observation_space}"
        raise ValueError(f"{message}. Flatten them with a wrapper first.")
    return int(shape[0]), int(n_actions)
