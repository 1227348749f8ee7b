"""House figures: one style, one colour per concept, alt text on every picture."""

import io
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from IPython.display import Image, display
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from PIL import Image as Picture

from rl_jax import validate

__all__ = ["COLORS", "axes", "learning_curves", "png", "q_map", "show"]

# Told apart by colour-blind readers, and at least 3:1 on white (WCAG AA for graphics).
COLORS = {
    "online": "#0072B2",
    "target": "#D55E00",
    "greedy": "#009E73",
    "random": "#767676",
    "left": "#6A51A3",
    "right": "#B77900",
}
FRAME = "#CCCCCC"  # around a figure, so that it is a card on a dark page
WIDTH = 6.5  # inches
PNG = b"\x89PNG\r\n\x1a\n"  # how such a file begins
DPI = 144  # 936 pixels in width, shown at 640 at the most


def axes(columns: int = 1, height: float = 3.5, **options: Any) -> tuple[Figure, Any]:
    """A figure 6.5 inches wide and its axes, one or a row of them, in the house style.

    It is not pyplot's: nothing is drawn until `show` or `png`, and threads may use it.

    Args:
        columns: how many axes stand beside each other.
        height: in inches.
        **options: for Matplotlib's `subplots`, `sharey=True` for example.

    Returns:
        The figure; its axes, or an array [columns] of them.

    Raises:
        TypeError: if `columns` or `height` is no number.
        ValueError: if `columns` is less than 1, or `height` outside 0.1 to 100 inches.

    Boilerplate for: notebooks/00, 01, 02, 03, 04, 05, 06, 07, 08.
    """
    columns = validate.count("columns", columns)
    height = validate.real("height", height, 0.1, 100.0)
    figure = Figure(figsize=(WIDTH, height), layout="constrained", edgecolor=FRAME, linewidth=2)
    grid = figure.subplots(1, columns, **options)
    for ax in np.ravel(grid):
        for side in ("top", "right"):
            if side in ax.spines:  # a polar one has neither
                ax.spines[side].set_visible(False)
        ax.grid(alpha=0.25)
        ax.set_axisbelow(True)
    return figure, grid


def _refuse_no_axes(ax: Any) -> None:
    fix = "figure, ax = figures.axes(), and the second of the two."
    validate.having("ax", ax, ("plot", "pcolormesh", "set_ylim"), "axes of Matplotlib's", fix)


def png(figure: Figure) -> bytes:
    """The figure as a PNG file's bytes, in half as many pixels again as `show` makes of it.

    Args:
        figure: from `axes`, which returns it together with its axes.

    Raises:
        TypeError: if it is none.

    Boilerplate for: notebooks/01, 02, 03, 04, 05, 06, 07, 08.
    """
    if not isinstance(figure, Figure):
        raise TypeError(
            f"figure must be a Matplotlib figure, but it is {validate.short(figure)}. Likely fix: "
            "figure, ax = figures.axes(), and the first of the two."
        )
    figure.set_dpi(DPI)
    canvas = FigureCanvasAgg(figure)
    buffer = io.BytesIO()
    canvas.draw()  # half the time of `savefig`, which draws twice; a slider waits for it
    pixels = Picture.fromarray(np.asarray(canvas.buffer_rgba())[..., :3])
    pixels.quantize(256, method=Picture.Quantize.MAXCOVERAGE).save(buffer, "PNG")
    return buffer.getvalue()


def show(picture: Figure | bytes, alt: str) -> None:
    """Display a figure, or a PNG's bytes, with a text for those who cannot see it.

    Args:
        picture: a Matplotlib figure, or what `png` made of one.
        alt: a sentence that says what is drawn.

    Raises:
        TypeError: if `picture` is neither.
        ValueError: if `alt` is empty, or the bytes are not a PNG's.

    Boilerplate for: notebooks/00, 01, 02, 03, 04, 05, 06, 07, 08.
    """
    validate.sentence("alt", alt, "what the picture shows")
    if not isinstance(picture, Figure | bytes):
        raise TypeError(
            "picture must be a Matplotlib figure, or a PNG's bytes, but it is "
            f"{validate.short(picture)}. Likely fix: figure, ax = figures.axes(), and the first "
            "of the two."
        )
    if isinstance(picture, bytes) and not picture.startswith(PNG):
        raise ValueError(
            f"picture must be a PNG's bytes, but they begin with {picture[:8]!r}. Likely fix: "
            "figures.png(figure)."
        )
    data = picture if isinstance(picture, bytes) else png(picture)
    width = min(Picture.open(io.BytesIO(data)).width, 640)
    display(Image(data, width=width, metadata={"alt": alt}))


def learning_curves(
    ax: Any,
    runs: Sequence[tuple[np.ndarray, np.ndarray]],
    label: str,
    color: str = COLORS["online"],
    ceiling: float | None = None,
) -> None:
    """Draw the middle of several runs, the band of their middle half, and each run faintly.

    Where all runs were evaluated at the same steps, middle and band are those of these steps;
    where not, of the straight lines between each run's own. They begin where all runs have begun.

    Args:
        ax: where to draw.
        runs: (steps [T], returns [T]) of each seed; T may differ, a shorter run keeps its last.
        label: what the legend says, with the number of runs after it.
        color: one of the values of `COLORS`, or another of Matplotlib's.
        ceiling: the best return that is possible, for a dashed line, or None.

    Raises:
        TypeError: if a run is no pair, or holds no numbers, `ax` are no axes, or `ceiling` is no
            number.
        ValueError: if there are no runs, or one of them is empty, or not finite, or its steps do
            not rise.

    Boilerplate for: notebooks/03, 05, 06, 07, 08.
    """
    _refuse_no_axes(ax)
    if ceiling is not None:
        ceiling = validate.real("ceiling", ceiling)
    if isinstance(runs, tuple) and len(runs) == 2 and all(map(_is_table, runs)):
        raise TypeError(
            "runs must be pairs (steps, returns), but they are two tables, as of a population: all "
            "its steps, and all its returns. Likely fix: list(zip(agents.evaluation_steps, "
            "agents.evaluation_returns))."
        )
    runs = list(map(_curve, runs))
    if not runs:
        raise ValueError("runs must hold at least one (steps, returns), but there is none.")
    grid = _common_steps([steps for steps, _ in runs])
    curves = np.array([np.interp(grid, steps, returns) for steps, returns in runs])

    ax.plot(grid, curves.T, color=color, alpha=0.2, linewidth=0.8)
    low, middle, high = np.quantile(curves, [0.25, 0.5, 0.75], axis=0)
    ax.fill_between(grid, low, high, color=color, alpha=0.25, linewidth=0)
    number = "one run" if len(runs) == 1 else f"median of {len(runs)}"
    ax.plot(grid, middle, color=color, linewidth=2, label=f"{label} ({number})")
    if ceiling is not None:
        ax.axhline(ceiling, color="black", linestyle="--", linewidth=1)
    if curves.min() >= 0:
        ax.set_ylim(bottom=0)


def _is_table(value: Any) -> bool:
    """Whether this holds many runs' steps, or returns, and is not a pair (steps, returns)."""
    if isinstance(value, tuple):
        return False
    try:
        return np.ndim(value) == 2
    except ValueError:  # ragged
        return False


def _common_steps(each: Sequence[np.ndarray]) -> np.ndarray:
    """Where the runs' middle is worked out: their steps, or 200 places if these differ."""
    if all(np.array_equal(steps, each[0]) for steps in each):
        return each[0]
    first = max(steps[0] for steps in each)
    last = max(steps[-1] for steps in each)
    return np.linspace(first, last, 200)


def _curve(run: tuple[np.ndarray, np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
    """One run's steps and returns, as arrays."""
    is_pair = isinstance(run, tuple | list | np.ndarray) and len(run) == 2
    if not is_pair or hasattr(run, "_fields"):
        raise TypeError(
            f"each run must be a pair (steps, returns), but one is {validate.short(run)}. Likely "
            "fix: [(run.evaluation_steps, run.evaluation_returns) for run in runs]."
        )
    try:
        steps, returns = (np.asarray(each, float) for each in run)
    except (TypeError, ValueError) as error:
        raise TypeError(
            f"steps and returns must be arrays of numbers, but one run is {validate.short(run)}."
        ) from error
    if steps.ndim != 1 or steps.shape != returns.shape:
        raise ValueError(
            "steps and returns must be [T] and as long as each other, but their shapes are "
            f"{steps.shape} and {returns.shape}."
        )
    if steps.size == 0:
        raise ValueError("a run must have at least one point, but there is none.")
    is_rising = (steps[1:] > steps[:-1]).all()
    if not (np.isfinite([steps, returns]).all() and is_rising):
        raise ValueError(
            "steps must rise and returns be finite, but they are "
            f"{validate.short(steps)} and {validate.short(returns)}. Likely fix: "
            "(steps, returns), in this order."
        )
    return steps, returns


def q_map(figure: Figure, ax: Any, q_function: Callable[[np.ndarray], np.ndarray]) -> None:
    """Draw Q(right) - Q(left) over the pole's angle and angular velocity, cart at rest mid-track.

    Args:
        figure: gets a colour bar.
        ax: where to draw.
        q_function: from observations [N, 4] to Q-values [N, 2].

    Raises:
        TypeError: if `ax` are no axes, or `q_function` is no function.
        ValueError: if the Q-values are not finite, or not [N, 2].

    Boilerplate for: notebooks/03, 06.
    """
    _refuse_no_axes(ax)
    validate.function("q_function", q_function)
    angles, velocities = np.meshgrid(np.linspace(-12, 12, 61), np.linspace(-2, 2, 61))
    states = np.zeros((angles.size, 4), np.float32)
    states[:, 2] = np.radians(angles.ravel())
    states[:, 3] = velocities.ravel()
    q_values = np.asarray(q_function(states))
    if q_values.shape != (angles.size, 2) or not np.isfinite(q_values).all():
        raise ValueError(
            f"q_function must return finite Q-values [{angles.size}, 2], but they are "
            f"{q_values.shape}: {validate.short(q_values)}."
        )
    q_values = q_values.astype(float)  # differences of uint8 would wrap around
    difference = (q_values[:, 1] - q_values[:, 0]).reshape(angles.shape)

    limit = max(float(np.abs(difference).max()), 1e-6)
    mesh = ax.pcolormesh(angles, velocities, difference, cmap="PuOr_r", vmin=-limit, vmax=limit)
    ax.contour(angles, velocities, difference, levels=[0], colors="black", linewidths=1)
    ax.set(xlabel="Pole angle (degrees)", ylabel="Angular velocity (rad/s)")
    bar = figure.colorbar(mesh, ax=ax)
    bar.ax.set_title("Q(right)\n− Q(left)", fontsize=8)  # beside it, it would name the next axes
