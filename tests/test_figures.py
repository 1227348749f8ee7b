"""Figures: what is drawn, how large, with which words for those who cannot see it."""

import io

import jax
import numpy as np
import pytest
from IPython.core.formatters import DisplayFormatter
from matplotlib import pyplot
from matplotlib.colors import to_hex
from PIL import Image

from rl_jax.course import figures


@pytest.fixture
def displayed(monkeypatch):
    """What a notebook would store of each `display`: (data, metadata) by MIME type."""
    stored = []

    def display(thing):
        stored.append(DisplayFormatter().format(thing))

    monkeypatch.setattr(figures, "display", display)
    return stored


def opened(data: bytes) -> Image.Image:
    return Image.open(io.BytesIO(data))


def test_axes_are_in_the_house_style():
    figure, ax = figures.axes()
    assert figure.get_size_inches().tolist() == [6.5, 3.5]
    shown = {side: spine.get_visible() for side, spine in ax.spines.items()}
    assert shown == {"left": True, "bottom": True, "top": False, "right": False}
    figure, grid = figures.axes(3, height=2.0, sharey=True)
    assert (len(grid), len(figure.axes)) == (3, 3)
    assert figure.get_size_inches().tolist() == [6.5, 2.0]


def test_axes_leave_pyplot_alone():
    before = pyplot.get_fignums()
    figures.axes()
    assert pyplot.get_fignums() == before


def test_one_colour_per_concept():
    assert {"online", "target", "random", "greedy"} <= set(figures.COLORS)
    assert len(set(map(to_hex, figures.COLORS.values()))) == len(figures.COLORS)


def test_png_is_a_picture_twice_as_wide_as_shown():
    picture = opened(figures.png(figures.axes()[0]))
    # 6.5 and 3.5 inches of 144 dots.
    assert (picture.format, picture.size) == ("PNG", (936, 504))
    assert picture.convert("RGB").getpixel((10, 10)) == (255, 255, 255)


def test_a_figure_is_a_framed_card_so_that_it_stands_on_a_dark_page_too():
    picture = opened(figures.png(figures.axes()[0])).convert("RGB")
    corners = [(0, 0), (935, 0), (0, 503), (935, 503), (400, 0), (0, 200)]
    for place in corners:
        assert max(picture.getpixel(place)) < 230


@pytest.mark.parametrize("as_bytes", [False, True])
def test_show_stores_a_png_with_alt_text_and_width(as_bytes, displayed):
    figure, ax = figures.axes()
    ax.plot([1, 2])
    figures.show(figures.png(figure) if as_bytes else figure, alt="A rising line.")
    data, metadata = displayed[0]
    assert data["image/png"]
    assert metadata["image/png"] == {"alt": "A rising line.", "width": 640}


@pytest.mark.parametrize(
    ("picture", "words"), [(5, "picture must be a Matplotlib figure"), (b"abc", "a PNG's bytes")]
)
def test_show_refuses_what_is_no_picture(picture, words, displayed):
    with pytest.raises((TypeError, ValueError), match=words):
        figures.show(picture, alt="Nothing.")
    assert displayed == []


def test_runs_of_common_steps_have_their_middle_there():
    """And no bumps between them."""
    _, ax = figures.axes()
    steps = np.array([10, 20, 30])
    runs = ((steps, [0.0, 4.0, 1.0]), (steps, [4.0, 0.0, 3.0]))
    figures.learning_curves(ax, runs, "two")
    middle = ax.lines[-1]
    np.testing.assert_array_equal(middle.get_xdata(), steps)
    np.testing.assert_array_equal(middle.get_ydata(), [2.0, 2.0, 2.0])
    figures.learning_curves(ax, [*runs, (steps + 1, [1.0, 1.0, 1.0])], "three")
    assert len(ax.lines[-1].get_xdata()) == 200


def test_show_does_not_enlarge_a_small_picture(displayed):
    buffer = io.BytesIO()
    Image.new("RGB", (30, 20)).save(buffer, "PNG")
    figures.show(buffer.getvalue(), alt="A black square.")
    assert displayed[0][1]["image/png"]["width"] == 30


@pytest.mark.parametrize("alt", ["", "  \n"])
def test_show_refuses_an_empty_alt_text(alt, displayed):
    with pytest.raises(ValueError, match="alt must say in a sentence what the picture shows"):
        figures.show(figures.axes()[0], alt)
    assert displayed == []


def test_learning_curves_draw_middle_band_and_runs():
    # Three flat runs of 10, 20 and 40: the middle is 20, the middle half from 15 to 30.
    _, ax = figures.axes()
    runs = [(np.array([0, 100]), np.full(2, value)) for value in (10.0, 20.0, 40.0)]
    figures.learning_curves(ax, runs, "DQN", color="#123456", ceiling=50)
    *faint, middle, ceiling = ax.lines
    assert [line.get_ydata()[0] for line in faint] == [10, 20, 40]
    assert all(line.get_alpha() < 0.5 for line in faint)
    assert set(middle.get_ydata()) == {20}
    assert set(ceiling.get_ydata()) == {50}
    assert ceiling.get_linestyle() == "--"
    (band,) = ax.collections
    assert set(band.get_paths()[0].vertices[:, 1]) == {15, 30}
    assert ax.get_legend_handles_labels()[1] == ["DQN (median of 3)"]
    assert {to_hex(line.get_color()) for line in [*faint, middle]} == {"#123456"}
    assert ax.get_ylim()[0] == 0


def test_learning_curves_of_different_lengths():
    # The first run is over at step 50 and keeps its 10; the second rises from 0 to 100.
    _, ax = figures.axes()
    runs = [(np.array([0, 50]), np.array([10.0, 10.0])), (np.array([0, 100]), np.array([0, 100]))]
    figures.learning_curves(ax, runs, "two")
    middle = ax.lines[-1]
    assert middle.get_xdata()[[0, -1]].tolist() == [0, 100]
    assert middle.get_ydata()[[0, -1]].tolist() == [5, 55]


def test_learning_curves_begin_where_all_runs_have_begun():
    _, ax = figures.axes()
    runs = [(np.array([start, 50]), np.array([0.0, 1.0])) for start in (3, 9)]
    figures.learning_curves(ax, runs, "two")
    assert {line.get_xdata()[0] for line in ax.lines} == {9}


def test_learning_curves_need_a_run():
    for runs in ([], [(np.zeros(0), np.zeros(0))]):
        with pytest.raises(ValueError, match=r"must (hold|have) at least one .* there is none"):
            figures.learning_curves(figures.axes()[1], runs, "none")


def test_q_map_draws_right_minus_left():
    # Q = (-angle, angle): the difference is twice the angle, at most 24 degrees in radians.
    asked = []

    def q_function(states):
        asked.append(states)
        return np.stack([-states[:, 2], states[:, 2]], axis=1)

    figure, ax = figures.axes()
    figures.q_map(figure, ax, q_function)
    assert asked[0].shape == (61 * 61, 4)
    assert not asked[0][:, :2].any()  # the cart rests mid-track
    np.testing.assert_allclose(asked[0][:, 3].max(), 2.0)
    mesh = ax.collections[0]
    values = mesh.get_array().reshape(61, 61)
    expected = np.tile(2 * np.radians(np.linspace(-12, 12, 61)), (61, 1))  # angle runs along x
    np.testing.assert_allclose(values, expected, rtol=1e-4, atol=1e-6)
    np.testing.assert_allclose(mesh.get_clim(), [-np.radians(24), np.radians(24)], rtol=1e-4)
    assert (ax.get_xlabel(), ax.get_ylabel()) == (
        "Pole angle (degrees)",
        "Angular velocity (rad/s)",
    )
    assert figure.axes[1].get_title() == "Q(right)\n− Q(left)"


@pytest.mark.parametrize("value", [0.0, 1.0])
def test_q_map_of_one_opinion_everywhere_does_not_warn(value):
    figure, ax = figures.axes()
    figures.q_map(figure, ax, lambda states: np.tile([0.0, value], (len(states), 1)))
    assert figures.png(figure)


def test_a_network_of_jax_draws_as_well():
    figure, ax = figures.axes()
    figures.q_map(figure, ax, jax.jit(lambda states: states[:, 2:] ** 2))
    assert figures.png(figure)


@pytest.mark.parametrize("ceiling", ["500", float("nan"), float("inf"), True])
def test_a_ceiling_is_a_number(ceiling):
    _, ax = figures.axes()
    with pytest.raises((TypeError, ValueError), match="ceiling must be"):
        figures.learning_curves(ax, [([1, 2], [3.0, 4.0])], "DQN", ceiling=ceiling)
    assert not ax.lines


@pytest.mark.parametrize("draw", ["learning_curves", "q_map"])
def test_a_figure_is_no_axes(draw):
    figure, ax = figures.axes()
    with pytest.raises(TypeError, match=r"ax must be axes of Matplotlib's.*second of the two"):
        if draw == "q_map":
            figures.q_map(ax, figure, lambda states: states[:, :2])
        else:
            figures.learning_curves(figure, [([1, 2], [3.0, 4.0])], "DQN")


@pytest.mark.parametrize(
    ("options", "words"),
    [({"height": 0}, "height must lie"), ({"height": "3"}, "height"), ({"columns": 0}, "columns")],
)
def test_axes_of_no_size_are_refused(options, words):
    with pytest.raises((TypeError, ValueError), match=words):
        figures.axes(**options)


@pytest.mark.parametrize("options", [{"squeeze": False}, {"subplot_kw": {"projection": "polar"}}])
def test_axes_take_matplotlibs_options(options):
    figure, _ = figures.axes(2, **options)
    assert len(figure.axes) == 2 and figures.png(figure).startswith(b"\x89PNG")


def test_pyplot_is_no_axes():
    with pytest.raises(TypeError, match="ax must be axes of Matplotlib's, but it is <module"):
        figures.learning_curves(pyplot, [([1, 2], [3.0, 4.0])], "DQN")


def test_steps_that_fall_are_refused_in_any_type():
    _, ax = figures.axes()
    with pytest.raises(ValueError, match="steps must rise"):
        figures.learning_curves(ax, [(np.array([2, 1], np.uint32), [3.0, 4.0])], "DQN")
