"""The drawn ideas: what they say, and that nothing in them is cut off or laid over another."""

import itertools

import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.patches import Wedge

from rl_jax.course import diagrams


def texts(figure) -> list[str]:
    (ax,) = figure.axes
    return [text.get_text() for text in ax.texts if text.get_text()]


@pytest.mark.parametrize(
    ("figure", "words"),
    [
        (diagrams.agent_and_environment, "observation, reward, terminated?, truncated?"),
        (diagrams.ring, "11 stored,\nthe next goes\nto row 3"),
        (diagrams.layers, "300 units"),
        (diagrams.training_step, "stop_gradient"),
        (diagrams.series_map, "bug\nhunt"),
    ],
)
def test_its_words_are_in_the_picture_and_beside_each_other(figure, words):
    figure = figure()
    assert words in texts(figure)
    renderer = FigureCanvasAgg(figure).get_renderer()
    (ax,) = figure.axes
    places = [text.get_window_extent(renderer) for text in ax.texts if text.get_text()]
    width, height = figure.get_size_inches() * figure.dpi
    assert all(place.x0 >= 0 and place.x1 <= width for place in places)
    assert all(place.y0 >= 0 and place.y1 <= height for place in places)
    assert not any(one.overlaps(other) for one, other in itertools.combinations(places, 2))


@pytest.mark.parametrize(
    ("size", "stored", "rows"),
    [
        (5, 7, ["no. 5", "no. 6", "no. 2", "no. 3", "no. 4"]),  # 5 and 6 lie over 0 and 1
        (4, 2, ["no. 0", "no. 1", "empty", "empty"]),
        (3, 3, ["no. 0", "no. 1", "no. 2"]),
    ],
)
def test_a_ring_shows_which_transition_lies_where(size, stored, rows):
    figure = diagrams.ring(size, stored)
    said = [text for text in texts(figure) if text.startswith("row ")]
    assert said == [f"row {row}\n{what}" for row, what in enumerate(rows)]
    wedges = [patch for patch in figure.axes[0].patches if isinstance(patch, Wedge)]
    turned = [patch.theta2 - patch.theta1 for patch in wedges]
    assert turned == pytest.approx([360 / size] * size)


def test_layers_are_as_wide_as_they_are_said_to_be_up_to_seven():
    figure = diagrams.layers((4, 300, 2))
    drawn = [len(points.get_offsets()) for points in figure.axes[0].collections]
    assert drawn == [4, 7, 2]
    assert len(figure.axes[0].lines) == 4 * 7 + 7 * 2
    assert {"4", "300 units", "2"} <= set(texts(figure))


def test_the_map_marks_where_one_is():
    def marked(here: str) -> list[int]:
        points = diagrams.series_map(here).axes[0].collections
        pairs = [(list(dot.get_edgecolor()[0]), list(dot.get_facecolor()[0])) for dot in points]
        return [place for place, (edge, face) in enumerate(pairs) if edge != face]

    assert marked("") == [] and marked("05") == [5]


@pytest.mark.parametrize(
    ("draw", "words"),
    [
        (lambda: diagrams.series_map("12"), "here must be one of"),
        (lambda: diagrams.ring(2, 1), "size must be at least 3, but it is 2"),
        (lambda: diagrams.ring(5, 0), "stored must be at least 1, but it is 0"),
        (lambda: diagrams.layers((4,)), "sizes must be at least two"),
        (lambda: diagrams.layers((4, 0)), "sizes.* must be at least 1, but it is 0"),
    ],
)
def test_what_cannot_be_drawn_is_refused(draw, words):
    with pytest.raises(ValueError, match=words):
        draw()
