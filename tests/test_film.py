"""Films: an episode's pictures, an animation that can be stopped, a player that needs no kernel."""

import base64
import html
import io
import json
import re

import gymnasium
import jax.numpy as jnp
import numpy as np
import pytest
from PIL import Image

from rl_jax import envs
from rl_jax.course import figures, film


def opened(data: bytes) -> Image.Image:
    return Image.open(io.BytesIO(data))


def test_film_keeps_every_picture_of_an_episode():
    env = envs.make(render_mode="rgb_array")
    frames, states, actions = film.record(lambda _: np.int64(0), env, seed=1)
    assert 5 < len(actions) < 20  # pushing left for ever falls early
    assert (len(frames), states.shape) == (len(actions) + 1, (len(actions), 4))
    assert not actions.any()
    assert {(frame.shape, frame.dtype.str) for frame in frames} == {((190, 600, 3), "|u1")}
    assert (frames[0] != frames[-1]).any()
    # The same episode without a camera.
    bare = envs.make()
    state, _ = bare.reset(seed=1)
    for kept in states:
        np.testing.assert_array_equal(kept, state)
        state, _, terminated, _, _ = bare.step(0)
    assert terminated


def test_film_stops_when_it_is_told_to():
    frames, _, actions = film.record(lambda _: 1, envs.make(render_mode="rgb_array"), steps=3)
    assert (len(frames), actions.tolist()) == (4, [1, 1, 1])


def test_animation_is_a_film_in_one_png():
    frames = [np.full((20, 30, 3), shade, np.uint8) for shade in (0, 128, 255)]
    moving = opened(film.animation(frames, fps=20))
    assert (moving.format, moving.size, moving.n_frames) == ("PNG", (30, 20), 3)
    assert (moving.info["loop"], moving.info["duration"]) == (0, 50)  # for ever; 1000 ms / 20
    for number, shade in enumerate((0, 128, 255)):
        moving.seek(number)
        np.testing.assert_allclose(np.asarray(moving.convert("RGB")), shade, atol=2)


def test_animation_of_nothing_is_refused():
    with pytest.raises(ValueError, match="frames must hold at least one picture"):
        film.animation([])


def test_other_environments_are_filmed_whole():
    frames, states, actions = film.record(
        lambda _: 2, envs.make("Acrobot-v1", render_mode="rgb_array"), steps=2
    )
    assert frames[0].shape == (500, 500, 3)
    assert states.shape == (2, 6) and actions.tolist() == [2, 2]


class Drawing(gymnasium.Wrapper):
    """Draws what it is told to."""

    def __init__(self, picture):
        super().__init__(envs.make(render_mode="rgb_array"))
        self.picture = picture

    def render(self):
        return self.picture


@pytest.mark.parametrize("picture", [None, [], np.zeros((4, 4, 3)), np.zeros((4, 4), np.uint8)])
def test_what_is_no_picture_is_refused_before_the_first_step(picture):
    with pytest.raises(ValueError, match=r"env\.render must return a picture, \[H, W, 3\] uint8"):
        film.record(lambda _: pytest.fail("it played"), Drawing(picture))


def test_small_pictures_of_cartpole_are_kept_whole():
    frames, _, _ = film.record(lambda _: 0, Drawing(np.zeros((120, 160, 3), np.uint8)), steps=1)
    assert frames[0].shape == (120, 160, 3)


@pytest.mark.parametrize("make", [envs.make, lambda: object()])
def test_an_environment_that_draws_nothing_is_refused(make):
    with pytest.raises(ValueError, match=r"draws no pictures: .* Likely fix: envs\.make"):
        film.record(lambda _: 0, make())


@pytest.mark.parametrize("chosen", [0.5, None, "left", [0], 2, -1])
def test_a_policy_that_chooses_no_action_is_refused(chosen):
    env = envs.make(render_mode="rgb_array")
    with pytest.raises((TypeError, ValueError), match="the policy must return"):
        film.record(lambda _: chosen, env)


def test_a_film_can_be_stopped_and_has_words(monkeypatch):
    shown = []
    monkeypatch.setattr(film, "display", lambda data, **options: shown.append((data, options)))
    frames = [np.full((20, 30, 3), shade, np.uint8) for shade in (0, 255)]
    film.show(frames, 'A "cart" <falls>')
    ((data, options),) = shown
    page = data["text/html"]
    assert page.count("<img") == 2 and 'type="checkbox"' in page
    assert "prefers-reduced-motion" in page
    assert 'alt="A &quot;cart&quot; &lt;falls&gt;"' in page and "<falls>" not in page
    assert options["metadata"]["image/png"] == {"alt": 'A "cart" <falls>', "width": 30}
    assert data["image/png"] in page
    with pytest.raises(ValueError, match="alt must say in a sentence"):
        film.show(frames, " ")


# player

STATES = np.array([[0.5, 0, 0.1, -0.2], [-1.23456, 0, -0.1, 0.2]])


def film_of(shown) -> dict:
    (data,) = re.findall(r'data-film="([^"]*)"', shown.data)
    return json.loads(html.unescape(data))


def test_player_holds_each_step():
    q_values = [[1.0, 2.5], [0.12345, 0]]
    shown = film.player(STATES, [1, 0], "a cart", q_values, [False, True], 0.1, fps=20)
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
    found = film_of(film.player(jnp.asarray(STATES), jnp.array([1, 0]), "a cart"))
    assert set(found) == {"x", "angle", "spin", "action", "alt", "fps", "epsilon"}


def test_player_has_alt_text_that_cannot_break_out():
    shown = film.player(STATES, [1, 0], 'a "pole" </div><b>falls')
    assert film_of(shown)["alt"] == 'a "pole" </div><b>falls'
    assert "<b>" not in shown.data and "{{" not in shown.data


def test_player_stays_small():
    """500 steps with everything, far below the 1 MB that a notebook may have."""
    data = film.player(np.tile(STATES, (250, 1)), [0] * 500, "a", np.ones((500, 2)), [0] * 500)
    assert len(data.data) < 50_000


@pytest.mark.parametrize(
    ("actions", "q_values", "explored"),
    [([1], None, None), ([1, 0], [[1, 2]], None), ([1, 0], None, [True])],
)
def test_player_lengths_must_agree(actions, q_values, explored):
    with pytest.raises(ValueError, match=r"lengths must agree, but they are .*'states': 2"):
        film.player(STATES, actions, "a cart", q_values, explored)


def test_player_uses_the_house_colours():
    page = film.player(STATES, [1, 0], "a cart").data
    names = ("left", "right", "target")
    assert set(re.findall("#[0-9A-F]{6}", page)) >= {figures.COLORS[name] for name in names}


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_player_refuses_what_no_page_could_draw(bad):
    states = STATES.copy()
    states[1, 2] = bad
    with pytest.raises(ValueError, match="states must be finite, but step 1 is not"):
        film.player(states, [1, 0], "a cart")
    with pytest.raises(ValueError, match="q_values must be finite, but step 0 is not"):
        film.player(STATES, [1, 0], "a cart", [[bad, 1], [0, 0]])


@pytest.mark.parametrize("states", [np.zeros((0, 4)), np.zeros((3, 6)), np.zeros(4)])
def test_player_refuses_what_is_no_episode_of_cartpole(states):
    with pytest.raises(
        ValueError, match=r"states must be \[T, 4\], but their shape is .* at least 1"
    ):
        film.player(states, np.zeros(len(states), int), "a cart")


def test_player_speaks_when_stepped_by_hand_and_minds_who_wants_less_motion():
    """What the page does with it is tried in a browser."""
    shown = film.player(STATES, [1, 0], "a cart").data
    assert 'setAttribute("aria-live", on ? "off" : "polite")' in shown
    assert "(prefers-reduced-motion: reduce)" in shown


@pytest.mark.parametrize(
    ("change", "match"),
    [
        ({"q_values": np.zeros(3)}, r"q_values must be \[T, 2\], but their shape is \(3,\)"),
        ({"q_values": np.zeros((3, 4))}, r"q_values must be \[T, 2\]"),
        ({"actions": [0, 1, 2]}, r"actions must be 0 \(left\) or 1 \(right\)"),
        ({"actions": [0.5, 0, 1]}, r"actions must be 0 \(left\) or 1 \(right\)"),
        ({"alt": " "}, "alt must say in a sentence"),
    ],
)
def test_a_film_of_something_else_is_refused(change, match):
    film_of = {"states": np.zeros((3, 4)), "actions": [0, 1, 0], "alt": "a film"}
    film.player(**film_of)
    with pytest.raises(ValueError, match=match):
        film.player(**film_of | change)


def test_states_are_copies_where_an_environment_writes_into_one_array():
    class OneArray(gymnasium.ObservationWrapper):
        array = np.zeros(4, np.float32)

        def observation(self, observation):
            self.array[:] = observation
            return self.array

    env = OneArray(envs.make(render_mode="rgb_array"))
    _, states, _ = film.record(lambda state: 0, env, seed=3, steps=5)
    _, expected, _ = film.record(lambda state: 0, env.env, seed=3, steps=5)
    np.testing.assert_array_equal(states, expected)


def test_a_film_that_stands_still_shows_how_it_ended(monkeypatch):
    shown = []
    monkeypatch.setattr(film, "display", lambda data, **_: shown.append(data))
    first, last = np.zeros((2, 2, 3), np.uint8), np.full((2, 2, 3), 200, np.uint8)
    film.show([first, last], "a cart")
    still = re.search(r'rl-still".*base64,([^"]+)"', shown[0]["text/html"])[1]
    picture = Image.open(io.BytesIO(base64.b64decode(still)))
    assert picture.convert("RGB").getpixel((0, 0)) == (200, 200, 200)


def test_without_its_style_sheet_it_is_the_film_alone(monkeypatch):
    """JupyterLab takes the sheet out of a page that has not been run yet, and leaves the rest."""
    shown = []
    monkeypatch.setattr(film, "display", lambda data, **_: shown.append(data["text/html"]))
    film.show([np.zeros((2, 2, 3), np.uint8)], "a cart")
    page = re.sub(r"(?s)<style>.*</style>|<!--.*?-->", "", shown[0])
    elements = re.findall(r"<(input|span|img)\b([^>]*)", page)
    seen = [name for name, attributes in elements if "display: none" not in attributes]
    assert len(elements) == 4 and seen == ["img"]
    assert 'class="rl-moving" style="display: block"' in page


@pytest.mark.parametrize(
    ("states", "q_values", "words"),
    [
        ([["a"] * 4], None, "states must be an array of numbers"),
        ([[1e38, 0, 0, 0]] * 2, [[1e39, 1], [0, 0]], "q_values must be finite, but step 0"),
        ([[0, np.nan, 0, 0]] * 2, None, "states must be finite, but step 0"),
    ],
)
def test_player_numbers_must_be_numbers(states, q_values, words):
    with pytest.raises((TypeError, ValueError), match=words):
        film.player(states, [0, 1][: len(states)], "a cart", q_values)


@pytest.mark.parametrize(
    ("frames", "words"),
    [
        (None, "Likely fix: frames, states, actions = film.record"),
        (5, "Likely fix: frames, states, actions = film.record"),
        ([np.zeros((0, 4, 3), np.uint8)], "none of them empty"),
    ],
)
def test_what_is_no_film_is_refused(frames, words):
    for play in (film.animation, lambda frames: film.show(frames, "a film")):
        with pytest.raises((TypeError, ValueError), match=words):
            play(frames)


def test_frames_may_come_one_by_one_at_jaxs_speed(monkeypatch):
    shown = []
    monkeypatch.setattr(film, "display", lambda *args, **options: shown.append(args))
    black = np.zeros((4, 4, 3), np.uint8)
    film.show((black for _ in range(3)), "a film", fps=jnp.float32(25.0))
    assert shown
