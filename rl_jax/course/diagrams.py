"""Pictures of ideas: boxes and arrows in the house style, drawn by code."""

import math
from collections.abc import Sequence
from itertools import pairwise, product

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import FancyBboxPatch, Wedge

from rl_jax import validate
from rl_jax.course.figures import COLORS, FRAME, WIDTH

__all__ = ["agent_and_environment", "layers", "ring", "series_map", "training_step"]

INK = "#222222"
PALE = "#F4F4F4"
MOST_DRAWN = 7  # units of a layer
SERIES = [
    ("00", "CartPole"),
    ("01", "JAX, grad"),
    ("02", "memory"),
    ("03", "model, loss"),
    ("04", "epsilon"),
    ("05", "training step"),
    ("06", "full loop"),
    ("07", "on device"),
    ("08", "bug hunt"),
]


def agent_and_environment() -> Figure:
    """The agent pushes; the environment answers with an observation and a reward.

    Boilerplate for: notebooks/00.
    """
    figure, ax = _canvas(height=1.9)
    _box(ax, 13, 50, 24, 70, "agent\n\nobservation in,\naction out", COLORS["online"])
    _box(ax, 87, 50, 24, 70, "environment\n\na cart, a pole,\nthe laws of motion", COLORS["target"])
    _arrow(ax, (25, 62), (75, 62), "action: 0 (left) or 1 (right)", above=True)
    _arrow(ax, (75, 38), (25, 38), "observation, reward, terminated?, truncated?")
    return figure


def ring(size: int = 8, stored: int = 11) -> Figure:
    """A ring buffer: rows in a circle, the next transition goes over the oldest.

    Args:
        size: rows, at least 3.
        stored: how many transitions have ever been stored, at least 1.

    Raises:
        TypeError: if one of them is no number.
        ValueError: if one of them is not whole, or too small.

    Boilerplate for: notebooks/02.
    """
    size = validate.count("size", size, least=3)
    stored = validate.count("stored", stored)
    figure, ax = _canvas(height=3.2, square=True)
    centre, outer, inner = (50, 50), 44.0, 24.0
    for row in range(size):
        newest = _newest(row, size, stored)
        color = PALE if newest is None else COLORS["online"]
        if row == stored % size:  # the next one goes here
            color = COLORS["target"]
        start = 90 - 360 * (row + 1) / size
        ax.add_patch(
            Wedge(
                centre, outer, start, start + 360 / size, width=outer - inner, color=color, ec="w"
            )
        )
        angle = start + 180 / size
        said = "empty" if newest is None else f"no. {newest}"
        _text_at(ax, centre, 34.0, angle, f"row {row}\n{said}", "white" if color != PALE else INK)
    ax.text(
        *centre,
        f"{stored} stored,\nthe next goes\nto row {stored % size}",
        ha="center",
        va="center",
    )
    return figure


def _newest(row: int, size: int, stored: int) -> int | None:
    """The number of the last transition that went to this row, or None if there was none."""
    if row >= stored:
        return None
    return row + size * ((stored - 1 - row) // size)


def layers(sizes: Sequence[int] = (4, 300, 100, 2)) -> Figure:
    """A multilayer perceptron: numbers in, layers, one Q-value for each action out.

    Of a large layer seven units are drawn.

    Args:
        sizes: units of each layer, the observation's first and the actions' last; at least two.

    Raises:
        TypeError: if they are no numbers.
        ValueError: if there are fewer than two, or one is not whole or below 1.

    Boilerplate for: notebooks/03.
    """
    sizes = validate.several("sizes", sizes, validate.count)
    if len(sizes) < 2:
        raise ValueError(
            f"sizes must be at least two, of the observation and of the actions, but it is {sizes}."
        )
    figure, ax = _canvas(height=2.6)
    names = ["observation", *["ReLU"] * (len(sizes) - 2), "Q-values"]
    places = [12 + 76 * i / (len(sizes) - 1) for i in range(len(sizes))]
    columns = [_heights(min(units, MOST_DRAWN)) for units in sizes]
    for left, right in pairwise(range(len(sizes))):
        for y, z in product(columns[left], columns[right]):
            ax.plot([places[left], places[right]], [y, z], color=FRAME, linewidth=0.5, zorder=1)
    for i, (x, heights) in enumerate(zip(places, columns, strict=True)):
        color = COLORS["online"]
        if i == 0:
            color = COLORS["greedy"]
        elif i == len(sizes) - 1:
            color = COLORS["target"]
        ax.scatter([x] * len(heights), heights, s=70, color=color, zorder=2)
        ax.text(x, 94, names[i], ha="center", va="center")
        ax.text(x, 4, f"{sizes[i]}" + (" units" if 0 < i < len(sizes) - 1 else ""), ha="center")
    return figure


def _heights(units: int) -> list[float]:
    """Where so many units stand above each other, around the middle."""
    return [50 + 60 * (unit - (units - 1) / 2) / MOST_DRAWN for unit in range(units)]


def training_step() -> Figure:
    """What flows where in one training step: values, targets, loss, gradient, update.

    Boilerplate for: notebooks/05.
    """
    figure, ax = _canvas(height=3.2)
    _box(
        ax,
        11,
        50,
        18,
        36,
        "batch\nstate, action,\nreward, next\nstate, terminal?",
        COLORS["random"],
    )
    _box(ax, 38, 70, 22, 20, "online network\nQ(state, action)", COLORS["online"])
    _box(ax, 38, 22, 22, 20, "target network\nmax Q(next state)", COLORS["target"])
    _box(ax, 66, 22, 20, 20, "target\nr + gamma * max", COLORS["target"])
    _box(ax, 66, 70, 14, 20, "loss", COLORS["left"])
    _box(ax, 90, 70, 16, 20, "gradient,\noptimizer", COLORS["greedy"])
    _arrow(ax, (20, 58), (27, 64))
    _arrow(ax, (20, 42), (27, 28))
    _arrow(ax, (49, 70), (59, 70))
    _arrow(ax, (49, 22), (56, 22))
    _arrow(ax, (66, 32), (66, 60), "stop_gradient", beside=True)
    _arrow(ax, (73, 70), (82, 70))
    _arrow(ax, (90, 80), (38, 80), "new weights", above=True, bend=0.12)
    _arrow(ax, (38, 60), (38, 32), "follows later", beside=True)
    _arrow(ax, (11, 32), (66, 12), bend=0.35)
    ax.text(14, 14, "reward,\nterminal?", ha="right", va="center", fontsize=9)
    return figure


def series_map(here: str = "") -> Figure:
    """The nine pages, in order, and which of them one is on.

    Args:
        here: a page's number, "05" for example, or "" for none.

    Raises:
        ValueError: if there is no such page.

    Boilerplate for: notebooks/00.
    """
    known = [number for number, _ in SERIES]
    if here and here not in known:
        raise ValueError(f"here must be one of {known}, but it is {here!r}.")
    figure, ax = _canvas(height=1.9)
    groups = [("the parts", 0, 6), ("together", 6, 7), ("beyond", 7, 9)]
    colors = [COLORS["online"], COLORS["greedy"], COLORS["target"]]
    for (name, first, last), color in zip(groups, colors, strict=True):
        places = [6 + 11 * i for i in range(first, last)]
        ax.text(sum(places) / len(places), 92, name, ha="center", va="center", color=INK)
        for place, (number, words) in zip(places, SERIES[first:last], strict=True):
            edge = INK if number == here else color
            ax.scatter(place, 55, s=620, color=color, edgecolor=edge, linewidth=3, zorder=2)
            ax.text(place, 54, number, ha="center", va="center", color="white", weight="bold")
            ax.text(place, 24, words.replace(" ", "\n"), ha="center", va="center", fontsize=8)
            if number != "00":
                ax.plot([place - 11, place], [55, 55], color=FRAME, linewidth=2, zorder=1)
    return figure


# Boxes and arrows, on a canvas of 100 by 100


def _canvas(height: float, square: bool = False) -> tuple[Figure, Axes]:
    """A figure without axes; its coordinates go from 0 to 100 in both directions."""
    figure = Figure(figsize=(WIDTH, height), edgecolor=FRAME, linewidth=2)
    ax = figure.add_axes((0.01, 0.02, 0.98, 0.96))
    ax.set(xlim=(0, 100), ylim=(0, 100))
    ax.set_axis_off()
    if square:
        ax.set_aspect("equal")
    return figure, ax


def _box(ax: Axes, x: float, y: float, width: float, height: float, text: str, color: str) -> None:
    """Text in a coloured frame with its middle at (x, y)."""
    corner = (x - width / 2, y - height / 2)
    style = "round,pad=0,rounding_size=2"
    ax.add_patch(FancyBboxPatch(corner, width, height, style, fc=PALE, ec=color, linewidth=2))
    ax.text(x, y, text, ha="center", va="center", color=INK, fontsize=9)


def _arrow(
    ax: Axes,
    start: tuple[float, float],
    end: tuple[float, float],
    text: str = "",
    above: bool = False,
    beside: bool = False,
    bend: float = 0.0,
) -> None:
    """An arrow with words above, below or beside its middle."""
    style = {"arrowstyle": "-|>", "color": INK, "connectionstyle": f"arc3,rad={bend}"}
    ax.annotate("", end, start, arrowprops=style)
    x, y = (start[0] + end[0]) / 2, (start[1] + end[1]) / 2
    if beside:
        ax.text(x + 1.5, y, text, ha="left", va="center", fontsize=9)
    else:
        shift = (3 + 52 * abs(bend)) if above else -3
        ax.text(x, y + shift, text, ha="center", va="bottom" if above else "top", fontsize=9)


def _text_at(
    ax: Axes, centre: tuple[float, float], radius: float, angle: float, text: str, color: str
) -> None:
    """Text on a circle, at so many degrees."""
    radians = math.radians(angle)
    x, y = centre[0] + radius * math.cos(radians), centre[1] + radius * math.sin(radians)
    ax.text(x, y, text, ha="center", va="center", color=color, fontsize=8)
