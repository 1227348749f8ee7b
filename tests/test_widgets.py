"""Slider panels: the pure part, and that moving a control changes what is shown.

Only what ipywidgets 7.7.1 has too: Colab runs that. A button is pressed by `click()`, a slider
moved by setting its value, as a browser's message would.
"""

import base64
import html
import json
import re

import ipywidgets
import jax.numpy as jnp
import numpy as np
import pytest
from helpers import TINY, bits

from rl_jax import envs, loop, plotting, widgets


def picture(data: bytes) -> str:
    return f"data:image/png;base64,{base64.b64encode(data).decode()}"


def all_of(widget, kind) -> list:
    """Every widget of this kind in the box, in order."""
    inside = [found for child in getattr(widget, "children", ()) for found in all_of(child, kind)]
    return [widget] * isinstance(widget, kind) + inside


def html_of(box) -> str:
    return "".join(view.value for view in all_of(box, ipywidgets.HTML))


def button(box, name) -> ipywidgets.Button:
    (found,) = (each for each in all_of(box, ipywidgets.Button) if each.description == name)
    return found


# slider


@pytest.mark.parametrize(
    ("numbers", "kind", "readout"),
    [
        ((3, 1, 9, 1), ipywidgets.IntSlider, "d"),
        ((0.3, 0.0, 1.0, 0.01), ipywidgets.FloatSlider, ".2f"),
        ((0.99, 0, 1, 0.001), ipywidgets.FloatSlider, ".3f"),
        ((0.5, 0, 1, 0.1), ipywidgets.FloatSlider, ".1f"),
        ((10.0, 0, 100, 10), ipywidgets.FloatSlider, ".0f"),
    ],
)
def test_slider(numbers, kind, readout):
    slider = widgets.slider("epsilon", *numbers)
    assert type(slider) is kind
    assert (slider.value, slider.min, slider.max, slider.step) == numbers
    assert (slider.description, slider.readout_format) == ("epsilon", readout)
    assert slider.continuous_update is False


@pytest.mark.parametrize("value", [-0.1, 1.1, float("nan")])
def test_slider_value_out_of_range_is_refused(value):
    match = f"value must lie between 0.0 and 1.0, but it is {value}"
    with pytest.raises(ValueError, match=match):
        widgets.slider("epsilon", value, 0.0, 1.0)


# panel


def test_panel_draws_at_once_and_at_every_change():
    calls = []

    def draw(epsilon, net):
        calls.append((epsilon, net))
        return f"{net} {epsilon}".encode()

    epsilon, net = widgets.slider("e", 0.5, 0.0, 1.0), ipywidgets.ToggleButtons(options=["a", "b"])
    box = widgets.panel(draw, "frequencies", epsilon=epsilon, net=net)
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


def test_panel_shows_text_and_pictures_in_order():
    slider = widgets.slider("x", 1, 0, 2, 1)
    box = widgets.panel(lambda x: (f"<i>{x}</i>", b"png", "after"), "alt", x=slider)
    slider.value = 2
    first, second, third = (html_of(box).index(part) for part in ("<i>2</i>", "<img", "after"))
    assert first < second < third


def test_panel_has_alt_text_that_cannot_break_out():
    box = widgets.panel(lambda: b"png", 'a "pole" <falls> & rises')
    assert 'alt="a &quot;pole&quot; &lt;falls&gt; &amp; rises"' in html_of(box)


def test_panel_shows_an_error_and_recovers():
    def draw(x):
        if x == 1:
            raise ValueError("x < 2 is <too> small")
        return "fine"

    slider = widgets.slider("x", 1, 0, 2, 1)
    box = widgets.panel(draw, "alt", x=slider)
    assert "ValueError: x &lt; 2 is &lt;too&gt; small" in html_of(box)
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
    slider = widgets.slider("x", 1, 0, 2, 1)
    box = widgets.panel(draw, "alt", x=slider)
    for x in (2, 0):
        slider.value = x
        assert "working" not in html_of(box)
    # What is done within 0.3 s does not flicker: the browser shows the sign only then.
    assert all("working" in sign and "rl-late 0s 0.3s" in sign for sign in said[1:])
    assert len(said) == 3


# player

STATES = np.array([[0.5, 0, 0.1, -0.2], [-1.23456, 0, -0.1, 0.2]])


def film_of(shown) -> dict:
    (data,) = re.findall(r'data-film="([^"]*)"', shown.data)
    return json.loads(html.unescape(data))


def test_player_holds_each_step():
    q_values = [[1.0, 2.5], [0.12345, 0]]
    shown = widgets.player(STATES, [1, 0], "a cart", q_values, [False, True], 0.1, fps=20)
    assert film_of(shown) == {
        "x": [0.5, -1.235],
        "angle": [5.73, -5.73],  # 0.1 rad
        "spin": [-11.0, 11.0],
        "action": [1, 0],
        "q": [[1.0, 2.5], [0.123, 0.0]],
        "coin": [0, 1],
        "alt": "a cart",
        "fps": 20,
        "epsilon": 0.1,
    }


def test_player_needs_no_q_values_and_no_coin():
    film = film_of(widgets.player(jnp.asarray(STATES), jnp.array([1, 0]), "a cart"))
    assert set(film) == {"x", "angle", "spin", "action", "alt", "fps", "epsilon"}


def test_player_has_alt_text_that_cannot_break_out():
    shown = widgets.player(STATES, [1, 0], 'a "pole" </div><b>falls')
    assert film_of(shown)["alt"] == 'a "pole" </div><b>falls'
    assert "<b>" not in shown.data and "{{" not in shown.data


def test_player_stays_small():
    """500 steps with everything, far below the 1 MB that a notebook may have."""
    data = widgets.player(np.tile(STATES, (250, 1)), [0] * 500, "a", np.ones((500, 2)), [0] * 500)
    assert len(data.data) < 50_000


@pytest.mark.parametrize(
    ("actions", "q_values", "explored"),
    [([1], None, None), ([1, 0], [[1, 2]], None), ([1, 0], None, [True])],
)
def test_player_lengths_must_agree(actions, q_values, explored):
    with pytest.raises(ValueError, match=r"lengths must agree, but are .*'x': 2"):
        widgets.player(STATES, actions, "a cart", q_values, explored)


def test_player_uses_the_house_colours():
    page = widgets.player(STATES, [1, 0], "a cart").data
    names = ("left", "right", "target")
    assert set(re.findall("#[0-9A-F]{6}", page)) >= {plotting.COLORS[name] for name in names}


# train_panel


class Training:
    """A panel whose picture is the number of episodes, and that may be stopped by its `draw`."""

    def __init__(self, config=TINY, seed=3):
        self.stop, self.draws, self.busy = False, [], []
        self.box = widgets.train_panel(self.draw, "returns", config, seed)
        self.epsilon, self.gamma = all_of(self.box, ipywidgets.FloatSlider)
        (self.bar,) = all_of(self.box, ipywidgets.IntProgress)

    def draw(self, result):
        self.draws.append(len(result.steps))
        self.busy.append(button(self.box, "Train").disabled)
        if self.stop:
            button(self.box, "Stop").click()
        return b"%d" % len(result.steps)

    def train(self):
        button(self.box, "Train").click()
        self.box.thread.join(60)
        assert not self.box.thread.is_alive()
        assert not button(self.box, "Train").disabled
        return self.box.result


def whole_run(**changes):
    return loop.train(envs.make(), TINY._replace(**changes), 3, progress=False)


def test_train_panel_trains_and_shows_it():
    panel = Training()
    assert panel.box.result is None
    assert (panel.epsilon.value, panel.gamma.value) == (TINY.final_epsilon, TINY.gamma)
    assert "Train" in html_of(panel.box)
    result = panel.train()
    assert bits(result) == bits(whole_run())
    episodes = len(result.steps)
    assert picture(b"%d" % episodes) in html_of(panel.box)
    assert f"Finished after episode {episodes}" in html_of(panel.box)
    assert 'alt="returns"' in html_of(panel.box)
    assert panel.bar.value == panel.bar.max == TINY.max_steps
    assert panel.draws[0] == 1 and panel.draws[-1] == episodes
    assert len(panel.draws) < episodes / 2  # about once a second, and at the end
    assert all(panel.busy)


def test_train_panel_stops_and_goes_on_to_the_same_end():
    panel = Training()
    panel.stop = True
    stopped = panel.train()
    assert not stopped.finished
    assert len(stopped.steps) == 1
    assert "Stopped after episode 1" in html_of(panel.box)
    panel.stop = False
    assert bits(panel.train()) == bits(whole_run())
    assert "Finished" in html_of(panel.box)


def test_train_panel_starts_anew_when_a_slider_has_moved():
    panel = Training()
    panel.train()
    panel.gamma.value, panel.epsilon.value = 0.5, 0.2
    result = panel.train()
    assert bits(result) == bits(whole_run(gamma=0.5, final_epsilon=0.2))
    assert bits(result.params) != bits(whole_run().params)


def test_train_panel_says_that_it_works_and_resets():
    panel = Training()
    (sign,) = (w for w in all_of(panel.box, ipywidgets.HTML) if "rl-busy" in w._dom_classes)
    draw, seen = panel.draw, []
    panel.draw = lambda result: seen.append(sign.value) or draw(result)
    panel.box = widgets.train_panel(panel.draw, "returns", TINY, 3)
    (sign,) = (w for w in all_of(panel.box, ipywidgets.HTML) if "rl-busy" in w._dom_classes)
    panel.train()
    assert "working" in seen[0] and sign.value == ""
    epsilon, gamma = all_of(panel.box, ipywidgets.FloatSlider)
    epsilon.value, gamma.value = 0.9, 0.1
    button(panel.box, "Reset").click()
    assert (epsilon.value, gamma.value) == (TINY.final_epsilon, TINY.gamma)


def test_train_panel_shows_what_went_wrong():
    panel = Training(TINY._replace(learning_rate=float("nan")))
    panel.train()
    assert "Diverged: parameters are no longer finite" in html_of(panel.box)
    panel = Training(TINY._replace(max_steps=20))
    panel.busy = None  # so that `draw` fails
    panel.train()
    assert "AttributeError" in html_of(panel.box)
