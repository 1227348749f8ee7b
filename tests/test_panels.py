"""Panels: the pure part, and that moving a control changes what is shown.

Only what ipywidgets 7.7.1 has too: Colab runs that. A button is pressed by `click()`, a slider
moved by setting its value, as a browser's message would.
"""

import base64
import functools

import ipywidgets
import pytest
from boxes import all_of, button, html_of, picture

from rl_jax.course import panels

# slider


@pytest.mark.parametrize(
    ("numbers", "kind", "readout"),
    [
        ((3, 1, 9, 1), ipywidgets.IntSlider, "d"),
        ((0.3, 0.0, 1.0, 0.01), ipywidgets.FloatSlider, ".2f"),
        ((0.99, 0, 1, 0.001), ipywidgets.FloatSlider, ".3f"),
        ((0.5, 0, 1, 0.1), ipywidgets.FloatSlider, ".1f"),
        ((0.25, 0, 1, 0.25), ipywidgets.FloatSlider, ".2f"),
        ((0.125, 0, 1, 0.5), ipywidgets.FloatSlider, ".3f"),
        ((1e-4, 0, 1, 1e-4), ipywidgets.FloatSlider, ".4f"),
        ((10.0, 0, 100, 10), ipywidgets.FloatSlider, ".0f"),
        ((0.0, 0.0, 1.0, 0.01), ipywidgets.FloatSlider, ".2f"),
        ((1.0, 0.0, 1.0, 0.01), ipywidgets.FloatSlider, ".2f"),
        ((1, 0, 2, 0.5), ipywidgets.FloatSlider, ".1f"),
    ],
)
def test_slider(numbers, kind, readout):
    slider = panels.slider("epsilon", *numbers)
    assert type(slider) is kind
    assert (slider.value, slider.min, slider.max, slider.step) == numbers
    assert (slider.description, slider.readout_format) == ("epsilon", readout)
    assert slider.continuous_update is False


@pytest.mark.parametrize("value", [-0.1, 1.1])
def test_slider_value_out_of_range_is_refused(value):
    match = f"value must lie between 0.0 and 1.0, but it is {value}"
    with pytest.raises(ValueError, match=match):
        panels.slider("epsilon", value, 0.0, 1.0)


@pytest.mark.parametrize(
    ("numbers", "kind", "words"),
    [
        ((float("nan"), 0.0, 1.0), ValueError, "value must be finite"),
        ((0.5, 0.0, float("inf")), ValueError, "high must be finite"),
        ((0.5, 1.0, 0.0), ValueError, "low must be below high"),
        ((1, 1, 1, 1), ValueError, "low must be below high"),
        ((0.5, 0.0, 1.0, 0.0), ValueError, "step above 0"),
        ((0.5, 0.0, 1.0, -0.1), ValueError, "step above 0"),
        (("a", 0.0, 1.0), TypeError, "value must be a real number"),
    ],
)
def test_numbers_that_make_no_slider_are_refused(numbers, kind, words):
    with pytest.raises(kind, match=words):
        panels.slider("epsilon", *numbers)


# panel


def test_panel_draws_at_once_and_at_every_change():
    calls = []

    def draw(epsilon, net):
        calls.append((epsilon, net))
        return f"{net} {epsilon}".encode()

    epsilon, net = panels.slider("e", 0.5, 0.0, 1.0), ipywidgets.ToggleButtons(options=["a", "b"])
    box = panels.panel(draw, "frequencies", epsilon=epsilon, net=net)
    assert picture(b"a 0.5") in html_of(box)
    epsilon.value = 0.25
    assert picture(b"a 0.25") in html_of(box)
    net.value = "b"
    assert picture(b"b 0.25") in html_of(box)
    assert html_of(box).count("<img") == 1
    assert calls == [(0.5, "a"), (0.25, "a"), (0.25, "b")]
    button(box, "Reset").click()
    assert (epsilon.value, net.value) == (0.5, "a")
    assert picture(b"a 0.5") in html_of(box)
    assert calls[3:] == [(0.5, "a")]  # two controls went back, and it drew once


def test_panel_shows_text_and_pictures_in_order():
    slider = panels.slider("x", 1, 0, 2, 1)
    box = panels.panel(lambda x: (f"<i>{x}</i>", b"png", "after"), "alt", x=slider)
    slider.value = 2
    first, second, third = (
        html_of(box).index(part) for part in ("&lt;i&gt;2&lt;/i&gt;", "<img", "after")
    )
    assert first < second < third


def test_what_the_picture_shows_is_said_and_follows_the_slider():
    slider = panels.slider("x", 1, 0, 2, 1)
    box = panels.panel(lambda x: (b"png", f"x is {x}"), "A number.", x=slider)
    for x in (1, 2):
        slider.value = x
        assert f'alt="A number. x is {x}"' in html_of(box)
        assert f"role='status' aria-live='polite'>x is {x}</div>" in html_of(box)


def test_a_picture_without_words_is_announced_by_its_controls():
    x = panels.slider("the <x>", 1, 0, 5, 1)
    box = panels.panel(lambda x: b"%d" % x, "a picture", x=x)
    x.value = 3
    assert "role='status' aria-live='polite'" in html_of(box)
    assert ">drawn for the &lt;x&gt;: 3</div>" in html_of(box)
    net = ipywidgets.ToggleButtons(options=["a", "b"])  # without a description of its own
    box = panels.panel(lambda net: b"", "a picture", net=net)
    assert ">drawn for net: a</div>" in html_of(box)


def test_what_is_said_once_is_not_announced_twice():
    box = panels.panel(lambda x: (b"png", "x"), "alt", x=panels.slider("x", 1, 0, 5, 1))
    assert html_of(box).count("role='status'") == 1


def test_what_has_no_name_may_draw():
    x = panels.slider("x", 1, 0, 5, 1)
    draw = functools.partial(lambda word, x: f"{word} {x}".encode(), "at")
    box = panels.panel(draw, "alt", x=x)
    x.value = 3
    assert picture(b"at 3") in html_of(box)


def test_no_text_can_break_out():
    hostile = 'a "pole" <falls> & rises'
    box = panels.panel(lambda: (b"png", hostile), hostile)
    assert "<falls>" not in html_of(box)
    assert html_of(box).count("a &quot;pole&quot; &lt;falls&gt; &amp; rises") == 3


def test_panel_shows_an_error_and_recovers():
    def draw(x):
        if x == 1:
            raise ValueError("x < 2 is <too> small")
        return "fine"

    slider = panels.slider("x", 1, 0, 2, 1)
    box = panels.panel(draw, "alt", x=slider)
    assert "role='alert'>ValueError: x &lt; 2 is &lt;too&gt; small" in html_of(box)
    slider.value = 2
    assert "fine" in html_of(box) and "ValueError" not in html_of(box)
    slider.value = 1
    assert "ValueError" in html_of(box) and "fine" not in html_of(box)


def test_panel_says_that_it_works_for_as_long_as_it_does():
    said = []

    def draw(x):
        said.append(html_of(box) if box else "")
        return "done"

    box = None
    slider = panels.slider("x", 1, 0, 2, 1)
    box = panels.panel(draw, "alt", x=slider)
    for x in (2, 0):
        slider.value = x
        assert "working" not in html_of(box)
    # What is done within 0.3 s does not flicker: the browser shows the sign only then.
    assert all("working" in sign and "rl-late 0s 0.3s" in sign for sign in said[1:])
    assert len(said) == 3


def test_cells_that_are_run_again_draw_once():
    """A slider in a cell of its own outlives the panels that used it."""
    slider, calls = panels.slider("x", 0, 0, 9, 1), []

    def run_the_cell(word):
        def draw_it(x):
            calls.append((word, x))
            return b"png"

        return panels.panel(draw_it, "alt", x=slider)

    for word in ("first", "second", "third"):
        run_the_cell(word)
    calls.clear()
    slider.value = 5
    assert calls == [("third", 5)]


def test_a_slider_may_move_two_panels():
    slider, calls = panels.slider("x", 0, 0, 9, 1), []

    def above(x):
        calls.append(("above", x))
        return b"png"

    def below(x):
        calls.append(("below", x))
        return b"png"

    panels.panel(above, "alt", x=slider), panels.panel(below, "alt", x=slider)
    calls.clear()
    slider.value = 5
    assert sorted(calls) == [("above", 5), ("below", 5)]


def test_a_slider_may_move_two_panels_of_functions_without_a_name():
    slider = panels.slider("x", 0, 0, 9, 1)
    one = panels.panel(lambda x: f"one {x}", "the first", x=slider)
    two = panels.panel(lambda x: f"two {x}", "the second", x=slider)
    slider.value = 5
    assert "one 5" in html_of(one) and "two 5" in html_of(two)


def test_an_interrupt_does_not_leave_the_sign_of_work_behind():
    def draw(x):
        if x == 1:
            raise KeyboardInterrupt
        return "done"

    slider = panels.slider("x", 0, 0, 2, 1)
    box = panels.panel(draw, "alt", x=slider)
    with pytest.raises(KeyboardInterrupt):
        slider.value = 1
    assert "working" not in html_of(box)


@pytest.mark.parametrize("control", [0.5, "slider", None, ipywidgets.Button, ipywidgets.HBox])
def test_what_is_no_control_is_refused(control):
    control = control() if isinstance(control, type) else control  # widgets without a value
    with pytest.raises(TypeError, match="x must be a widget with a value, but it is"):
        panels.panel(lambda x: b"", "alt", x=control)


# Where no kernel runs


@pytest.fixture
def shown(monkeypatch):
    stored = []
    monkeypatch.setattr(panels, "display", lambda data, **options: stored.append((data, options)))
    return stored


def test_a_page_without_a_kernel_shows_the_first_picture_and_says_what_to_do(shown):
    slider = panels.slider("x", 1, 0, 2, 1)
    box = panels.panel(lambda x: (b"png %d" % x, "text"), "A curve.", x=slider)
    box._ipython_display_()
    ((data, options),) = shown
    assert data["application/vnd.jupyter.widget-view+json"]["model_id"] == box.model_id
    assert base64.b64decode(data["image/png"]) == b"png 1"
    assert "run this cell" in data["text/plain"] and "VBox" not in data["text/plain"]
    assert options["metadata"]["image/png"]["alt"].startswith("A curve. ")
    assert options["raw"] is True


def test_a_panel_of_words_alone_says_what_to_do(shown):
    panels.panel(lambda: "words", "alt")._ipython_display_()
    data, options = shown[0]
    assert "image/png" not in data and "run this cell" in data["text/plain"]
    assert options["metadata"] == {}


def test_every_control_stands_above_the_picture():
    x, y = panels.slider("x", 1, 0, 2, 1), ipywidgets.Text()
    box = panels.panel(lambda x, y: b"", "alt", x=x, y=y)
    assert all_of(box, ipywidgets.IntSlider) == [x] and all_of(box, ipywidgets.Text) == [y]
    assert box.children[:2] == (x, y)


def test_a_drawing_of_nothing_says_so():
    assert "must return a PNG" in panels.panel(lambda: (), "alt")._view.value
