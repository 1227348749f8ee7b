"""House figures: one style, one colour per concept, alt text on every picture."""

import ast
import inspect
import io
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from IPython.display import Image, Markdown, display
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from PIL import Image as Picture

__all__ = [
    "COLORS", "animation", "axes", "film", "learning_curves", "png", "q_map", "show", "show_source",
]  # fmt: skip

COLORS = {  # told apart by colour-blind readers, and at least 3:1 on white (WCAG AA for graphics)
    "online": "#0072B2", "target": "#D55E00", "greedy": "#009E73", "random": "#767676",
    "left": "#6A51A3", "right": "#B77900",
}  # fmt: skip


def axes(columns: int = 1, height: float = 3.5, **options: Any) -> tuple[Figure, Any]:
    """A figure 6.5 inches wide and its axes, one or a row of them, in the house style.

    It is not pyplot's: nothing is drawn until `show` or `png`, and threads may use it.
    Boilerplate for: notebooks/00, 01, 02, 03, 04, 05, 06."""
    figure = Figure(figsize=(6.5, height), layout="constrained")
    grid = figure.subplots(1, columns, **options)
    for ax in np.atleast_1d(grid):
        ax.spines[["top", "right"]].set_visible(False)
        ax.grid(alpha=0.25)
        ax.set_axisbelow(True)
    return figure, grid


def png(figure: Figure) -> bytes:
    """The figure as a PNG file's bytes, at twice the resolution at which `show` shows it.
    Boilerplate for: notebooks/01, 02, 03, 04, 05, 06."""
    figure.set_dpi(144)
    canvas, buffer = FigureCanvasAgg(figure), io.BytesIO()
    canvas.draw()  # half the time of `savefig`, which draws twice; a slider waits for it
    pixels = Picture.fromarray(np.asarray(canvas.buffer_rgba())[..., :3])
    pixels.quantize(256, method=Picture.Quantize.MAXCOVERAGE).save(buffer, "PNG")
    return buffer.getvalue()


def show(picture: Figure | bytes, alt: str) -> None:
    """Display a figure, or a PNG's bytes, with a text for those who cannot see it.

    ValueError if `alt` is empty. Boilerplate for: notebooks/00, 01, 02, 03, 04, 05, 06."""
    if not alt.strip():
        raise ValueError("alt must say in a sentence what the picture shows.")
    data = png(picture) if isinstance(picture, Figure) else picture
    width = min(Picture.open(io.BytesIO(data)).width, 640)
    display(Image(data, width=width, metadata={"alt": alt}))


def show_source(thing: Any) -> None:
    """Display a function's or class's real source, highlighted; docstrings cut to their first line.
    Boilerplate for: notebooks/02, 03, 05, 06."""
    lines = inspect.getsource(thing).rstrip().splitlines()
    nodes = ast.walk(ast.parse("\n".join(lines)))
    for node in sorted(nodes, key=lambda node: -getattr(node, "lineno", 0)):
        if isinstance(node, ast.FunctionDef | ast.ClassDef) and ast.get_docstring(node):
            first, last = node.body[0].lineno, node.body[0].end_lineno
            if last > first:
                lines[first - 1 : last] = [lines[first - 1] + '"""']
    place = f"# lives in {thing.__module__.replace('.', '/')}.py"
    display(Markdown("\n".join(["```python", place, *lines, "```"])))


def learning_curves(
    ax: Any, runs: Sequence[tuple[np.ndarray, np.ndarray]], label: str,
    color: str = COLORS["online"], ceiling: float | None = None
) -> None:  # fmt: skip
    """Draw the middle of several runs, the band of their middle half, and each run faintly.

    `runs` are (steps [T], returns [T]) of each seed; T may differ, a shorter run keeps its last;
    none is a ValueError. `ceiling`, the best return that is possible, becomes a dashed line.
    Boilerplate for: notebooks/05, 06."""
    if not runs:
        raise ValueError("runs must hold at least one (steps, returns).")
    first, last = max(steps[0] for steps, _ in runs), max(steps[-1] for steps, _ in runs)
    grid = np.linspace(first, last, 200)
    curves = np.array([np.interp(grid, steps, returns) for steps, returns in runs])
    ax.plot(grid, curves.T, color=color, alpha=0.2, linewidth=0.8)
    low, middle, high = np.quantile(curves, [0.25, 0.5, 0.75], axis=0)
    ax.fill_between(grid, low, high, color=color, alpha=0.25, linewidth=0)
    ax.plot(grid, middle, color=color, linewidth=2, label=f"{label} (median of {len(runs)})")
    if ceiling is not None:
        ax.axhline(ceiling, color="black", linestyle="--", linewidth=1)
    ax.set_ylim(bottom=0)


def q_map(figure: Figure, ax: Any, q_function: Callable[[np.ndarray], np.ndarray]) -> None:
    """Draw Q(right) - Q(left) over the pole's angle and angular velocity, cart at rest mid-track.

    `q_function` goes from observations [N, 4] to Q-values [N, 2]; the figure gets a colour bar.
    Boilerplate for: notebooks/03, 06."""
    angles, velocities = np.meshgrid(np.linspace(-12, 12, 61), np.linspace(-2, 2, 61))
    states = np.zeros((angles.size, 4), np.float32)
    states[:, 2], states[:, 3] = np.radians(angles.ravel()), velocities.ravel()
    q_values = np.asarray(q_function(states))
    difference = (q_values[:, 1] - q_values[:, 0]).reshape(angles.shape)
    limit = max(float(np.abs(difference).max()), 1e-6)
    mesh = ax.pcolormesh(angles, velocities, difference, cmap="PuOr_r", vmin=-limit, vmax=limit)
    ax.contour(angles, velocities, difference, levels=[0], colors="black", linewidths=1)
    ax.set(xlabel="Pole angle (degrees)", ylabel="Angular velocity (rad/s)")
    figure.colorbar(mesh, ax=ax, label="Q(right) - Q(left)")


def film(
    policy: Callable[[np.ndarray], int], env: Any, seed: int = 0, steps: int = 500
) -> tuple[list[np.ndarray], np.ndarray, np.ndarray]:
    """Play one episode, of `steps` at the most, in an environment made for "rgb_array".

    Returns: Frames, a list of [H, W, 3] uint8, one before each action and one at the end; states
        [T, O], at which the actions were taken; actions [T]. Boilerplate for: notebooks/00, 06."""
    state, _ = env.reset(seed=seed)
    frames, states, actions, over = [env.render()[140:330]], [], [], False  # without the sky
    while not over and len(actions) < steps:
        states.append(state)
        actions.append(int(policy(state)))
        state, _, terminated, truncated, _ = env.step(actions[-1])
        frames.append(env.render()[140:330])
        over = terminated or truncated
    return frames, np.array(states), np.array(actions)


def animation(frames: Sequence[np.ndarray], fps: float = 25.0) -> bytes:
    """Frames [H, W, 3] uint8 as an animated PNG. Boilerplate for: notebooks/00, 06."""
    if len(frames) == 0:
        raise ValueError("frames must hold at least one picture.")
    few = np.vstack(frames[:: 1 + len(frames) // 8])  # one palette: a PNG can hold no second one
    palette, buffer = Picture.fromarray(few).quantize(32), io.BytesIO()
    first, *rest = (Picture.fromarray(f).quantize(palette=palette, dither=0) for f in frames)
    first.save(buffer, "PNG", save_all=True, append_images=rest, duration=1000 / fps, loop=0)
    return buffer.getvalue()
