"""Films of an episode: pictures, an animation of them, and a player that needs no kernel."""

import base64
import html
import io
import json
import re
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from IPython.display import HTML, display
from PIL import Image as Picture

from rl_jax import envs, validate

__all__ = ["animation", "player", "record", "show"]

CARTPOLE = (400, 600, 3)  # the size of its pictures
CARTPOLE_ROWS = slice(140, 330)  # without the sky, and without the ground


def record(
    policy: Callable[[np.ndarray], int], env: Any, seed: int = 0, steps: int = 500
) -> tuple[list[np.ndarray], np.ndarray, np.ndarray]:
    """Play one episode, of `steps` at the most, and take its pictures.

    Args:
        policy: from an observation [O] to an action.
        env: made with render_mode="rgb_array".
        seed: of the episode's start; in [0, 2**32).
        steps: how many at the most, at least 1.

    Returns:
        Frames, a list of [H, W, 3] uint8, one before each action and one at the end; states
        [T, O], at which the actions were taken; actions [T].

    Raises:
        TypeError: if the policy is no function, or returns no whole number.
        ValueError: if the environment draws no pictures, or an argument is out of range.

    Boilerplate for: notebooks/00, 06.
    """
    validate.count("steps", steps)
    validate.function("policy", policy)
    if getattr(env, "render_mode", None) != "rgb_array":
        raise ValueError(
            "this environment draws no pictures: its render_mode is "
            f"{getattr(env, 'render_mode', None)!r}. Likely fix: "
            'envs.make("CartPole-v1", render_mode="rgb_array").'
        )
    env = envs.Checked(env)
    state, _ = env.reset(seed=validate.seed("seed", seed))
    frames = [_picture(env)]
    states, actions = [], []
    is_over = False
    while not is_over and len(actions) < steps:
        action = envs.to_action(policy(state), env)
        states.append(np.array(state))  # a copy: some environments write into the same array again
        actions.append(action)
        state, _, terminated, truncated, _ = env.step(action)
        frames.append(_picture(env))
        is_over = terminated or truncated
    return frames, np.array(states), np.array(actions)


def _picture(env: Any) -> np.ndarray:
    pixels = np.array(env.render())  # a copy: some environments draw into the same array again
    if pixels.dtype != np.uint8 or pixels.ndim != 3 or pixels.shape[2] != 3:
        raise ValueError(
            "env.render must return a picture, [H, W, 3] uint8, but it returned "
            f"{validate.short(pixels)} ({pixels.shape} {pixels.dtype})."
        )
    name = getattr(getattr(env, "spec", None), "id", None) or ""
    is_cartpole = name.startswith("CartPole") and pixels.shape == CARTPOLE
    return pixels[CARTPOLE_ROWS] if is_cartpole else pixels


def animation(frames: Sequence[np.ndarray], fps: float = 25.0) -> bytes:
    """Frames as an animated PNG, which begins anew when it has ended.

    Args:
        frames: [H, W, 3] uint8, at least one.
        fps: frames a second, above 0.

    Raises:
        TypeError: if `frames` are not several things, or `fps` is no number.
        ValueError: if there is no frame, they are not of one size and kind, or `fps` lies outside
            [0.02, 1000].

    Boilerplate for: notebooks/00.
    """
    fps = validate.positive("fps", fps)
    if not 0.02 <= fps <= 1_000:  # Pillow counts milliseconds, in 16 bits
        raise ValueError(f"fps must lie in [0.02, 1000], but it is {fps}.")
    frames = _pictures(frames)
    few = np.vstack(frames[:: 1 + len(frames) // 8])  # one palette: a PNG can hold no second one
    palette = Picture.fromarray(few).quantize(32)
    pictures = [Picture.fromarray(f).quantize(palette=palette, dither=0) for f in frames]
    buffer = io.BytesIO()
    options = {"save_all": True, "append_images": pictures[1:], "loop": 0}
    pictures[0].save(buffer, "PNG", duration=1000 / fps, **options)
    return buffer.getvalue()


def _pictures(frames: Sequence[np.ndarray]) -> list[np.ndarray]:
    """The frames as arrays, if they are pictures of one size."""
    if not isinstance(frames, Iterable):
        raise TypeError(
            f"frames must be pictures [H, W, 3], but they are {validate.short(frames)}. Likely "
            "fix: frames, states, actions = film.record(...), and the first of the three."
        )
    frames = list(frames)
    if not frames or not all(map(np.size, frames)):
        raise ValueError("frames must hold at least one picture, none of them empty.")
    pictures = [np.asarray(frame) for frame in frames]
    shape = pictures[0].shape
    for number, picture in enumerate(pictures):
        if picture.dtype != np.uint8 or picture.shape != shape or shape[2:] != (3,):
            raise ValueError(
                f"frames must be [H, W, 3] uint8 and of one size, but frame {number} is "
                f"{picture.shape} {picture.dtype}. Likely fix: a list of them, as `record` makes."
            )
    return pictures


def show(frames: Sequence[np.ndarray], alt: str, fps: float = 25.0) -> None:
    """Display frames as a film that can be stopped, and that stands still where that is preferred.

    Where a page allows no more than pictures, it is the animated PNG alone.

    Args:
        frames: [H, W, 3] uint8, at least one.
        alt: a sentence that says what is seen.
        fps: frames a second, above 0.

    Raises:
        TypeError: as `animation`.
        ValueError: if `alt` is empty, or as `animation`.

    Boilerplate for: notebooks/00, 06.
    """
    validate.sentence("alt", alt, "what the film shows")
    frames = _pictures(frames)
    moving = base64.b64encode(animation(frames, fps)).decode()
    still = base64.b64encode(animation(frames[-1:])).decode()  # the end says how it went
    page = _filled("animation.html", alt=html.escape(alt), moving=moving, still=still)
    data = {"text/html": page, "image/png": moving, "text/plain": alt}
    width = min(frames[0].shape[1], 640)
    display(data, metadata={"image/png": {"alt": alt, "width": width}}, raw=True)


def player(
    states: np.ndarray,
    actions: np.ndarray,
    alt: str,
    q_values: np.ndarray | None = None,
    explored: Sequence[bool] | None = None,
    epsilon: float = 0.0,
    fps: float = 25.0,
) -> HTML:
    """A film of an episode of CartPole, to play, pause and scrub without a kernel.

    Args:
        states: [T, 4], what was seen, in m, m/s, rad and rad/s; T is at least 1.
        actions: [T], what was done then.
        alt: says what the film shows.
        q_values: [T, 2], or None.
        explored: [T], True where the coin chose at random, or None.
        epsilon: the coin's bias, in [0, 1].
        fps: steps a second, above 0; CartPole's own time makes 50.

    Raises:
        TypeError: if an argument holds no numbers.
        ValueError: if lengths or shapes differ, there is no step, an action is neither 0 nor 1, a
            number is not finite, or `alt` is empty.

    Boilerplate for: notebooks/00, 06.
    """
    validate.unit_interval("epsilon", epsilon)
    validate.positive("fps", fps)
    validate.sentence("alt", alt, "what the film shows")
    states = _table("states", states, 4)
    x, angle, spin = states[:, 0], np.degrees(states[:, 2]), np.degrees(states[:, 3])
    film = {"x": x.round(3), "angle": angle.round(2), "spin": spin.round()}
    film["action"] = _pushes(actions)
    if q_values is not None:
        film["q"] = _table("q_values", q_values, 2).round(3)
    if explored is not None:
        film["coin"] = _row("explored", validate.flags("explored", explored))
    columns = {
        "states": np.column_stack([states, film["x"], film["angle"], film["spin"]]),
        "actions": film["action"],
        "q_values": film.get("q"),
        "explored": film.get("coin"),
    }
    _refuse_odd({name: column for name, column in columns.items() if column is not None})

    facts = film | {"alt": alt, "fps": float(fps), "epsilon": float(epsilon)}
    data = json.dumps(facts, separators=(",", ":"), default=np.ndarray.tolist)
    return HTML(_filled("player.html", film=html.escape(data), alt=html.escape(alt)))


def _refuse_odd(given: dict[str, np.ndarray]) -> None:
    """Arrays of other lengths than each other's, or a number that is not finite."""
    lengths = {name: len(values) for name, values in given.items()}
    if len(set(lengths.values())) > 1:
        raise ValueError(f"lengths must agree, but they are {lengths}.")
    for name, values in given.items():
        if not np.isfinite(values).all():
            raise ValueError(f"{name} must be finite, but step {_first_bad(values)} is not.")


def _table(name: str, values: np.ndarray, columns: int) -> np.ndarray:
    """Numbers [T, columns], of at least one step."""
    table = np.asarray(validate.numbers(name, values), float)
    if table.ndim != 2 or table.shape[1] != columns or len(table) == 0:
        raise ValueError(
            f"{name} must be [T, {columns}], but their shape is {table.shape}. T is the number of "
            "CartPole's steps, at least 1."
        )
    return table


def _pushes(actions: np.ndarray) -> np.ndarray:
    actions = np.asarray(validate.tensor("actions", actions))
    if not np.isin(actions, (0, 1)).all():
        raise ValueError(
            f"actions must be 0 (left) or 1 (right), but they are {validate.short(actions)}."
        )
    return _row("actions", actions)


def _row(name: str, values: np.ndarray) -> np.ndarray:
    """Integers [T]."""
    if values.ndim != 1:
        raise ValueError(f"{name} must be [T], but its shape is {values.shape}.")
    return np.asarray(values, int)


def _first_bad(values: np.ndarray) -> int:
    rows = np.isfinite(values).reshape(len(values), -1).all(axis=1)
    return int(np.argmin(rows))


def _filled(name: str, **values: str) -> str:
    """The page of this name, each {{word}} replaced once: braces inside of a value stay."""
    page = Path(__file__).with_name(name).read_text(encoding="utf-8")
    return re.sub(r"\{\{(\w+)\}\}", lambda found: values[found[1]], page)
