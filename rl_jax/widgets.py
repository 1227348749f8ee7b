"""Slider panels: a pure function from values to a picture, joined to controls by `observe`."""

import atexit
import base64
import html
import json
import tempfile
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import ipywidgets
import numpy as np
from IPython.display import HTML

from rl_jax import envs, loop

__all__ = ["panel", "player", "slider", "train_panel"]

Drawing = bytes | str | tuple[bytes | str, ...]
WORKING = """<style>@keyframes rl-late { to { opacity: 1 } }</style>
<span style="opacity: 0; animation: rl-late 0s 0.3s forwards">working ...</span>"""  # no flicker


def slider(
    label: str, value: float, low: float, high: float, step: float = 0.01
) -> ipywidgets.Widget:
    """A labelled slider that reports when it is released; integers if all its numbers are.
    ValueError if `value` lies outside [low, high].
    Boilerplate for: notebooks/01, 02, 03, 04, 05."""
    if not low <= value <= high:
        raise ValueError(f"value must lie between {low} and {high}, but it is {value}.")
    whole = all(isinstance(number, int) for number in (value, low, high, step))
    kind = ipywidgets.IntSlider if whole else ipywidgets.FloatSlider
    digits = max(0, -int(np.floor(np.log10(step) + 1e-9)))
    return kind(
        value=value, min=low, max=high, step=step, description=label, continuous_update=False,
        readout_format="d" if whole else f".{digits}f", style={"description_width": "120px"},
        layout={"width": "460px", "max_width": "95%"},
    )  # fmt: skip


def panel(draw: Callable[..., Drawing], alt: str, **controls: Any) -> ipywidgets.Widget:
    """Controls above a picture that is drawn anew whenever one of them changes.

    `draw` is a pure function from the controls' values, by name, to PNG bytes, to HTML text, or
    to a tuple of these; `alt` says what the picture shows, for those who cannot see it; controls
    are widgets with a `value`, such as those from `slider`. A cell that ends with it displays it.
    Boilerplate for: notebooks/01, 02, 03, 04, 05."""
    view, busy = ipywidgets.HTML(), _busy_sign()
    defaults = {name: control.value for name, control in controls.items()}

    def redraw(_=None):
        busy.value = WORKING
        try:
            drawing = draw(**{name: control.value for name, control in controls.items()})
        except Exception as error:  # a widget would swallow it, and the picture would just stay
            drawing = error
        view.value, busy.value = _markup(drawing, alt), ""

    def reset(_):
        for name, control in controls.items():
            control.value = defaults[name]

    for control in controls.values():
        control.observe(redraw, names="value")
    button = _button("Reset")
    button.on_click(reset)
    redraw()
    return ipywidgets.VBox([*controls.values(), ipywidgets.HBox([button, busy]), view])


def player(
    states: np.ndarray, actions: np.ndarray, alt: str, q_values: np.ndarray | None = None,
    explored: Sequence[bool] | None = None, epsilon: float = 0.0, fps: float = 25.0,
) -> HTML:  # fmt: skip
    """A film of an episode, `fps` steps a second, to play, pause and scrub without a kernel.

    States [T, 4] and actions [T] are what was seen and what was done then, `q_values` [T, 2] or
    None, `explored` [T] True where the coin of bias `epsilon` chose at random, or None; `alt` says
    what the film shows. ValueError if the lengths differ. Boilerplate for: notebooks/00, 06."""
    x, _, angle, spin = np.asarray(states, float).T
    film = {"x": x.round(3), "angle": np.degrees(angle).round(2), "spin": np.degrees(spin).round()}
    film["action"] = np.asarray(actions, int)
    film |= {} if q_values is None else {"q": np.asarray(q_values, float).round(3)}
    film |= {} if explored is None else {"coin": np.asarray(explored, int)}
    if len({len(values) for values in film.values()}) > 1:
        raise ValueError(f"lengths must agree, but are { {k: len(v) for k, v in film.items()} }.")
    film |= {"alt": alt, "fps": fps, "epsilon": epsilon}
    data = json.dumps(film, separators=(",", ":"), default=np.ndarray.tolist)
    page = Path(__file__).with_name("player.html").read_text(encoding="utf-8")
    return HTML(page.replace("{{film}}", html.escape(data)).replace("{{alt}}", html.escape(alt)))


def train_panel(
    draw: Callable[[loop.Result], bytes], alt: str, config: loop.Config = loop.CARTPOLE,
    seed: int = 0
) -> ipywidgets.Widget:  # fmt: skip
    """Epsilon and gamma sliders, Train and Stop: trains a real agent while one watches.

    Stop ends the run after the episode in progress. Train goes on from there, or starts anew if
    a slider has moved. The panel's attribute `result` holds the latest Result. About once a second
    `draw` makes PNG bytes of the Result so far.
    Taught in: notebooks/06."""
    epsilon = slider("final epsilon", config.final_epsilon, 0.0, 1.0)
    gamma = slider("gamma", config.gamma, 0.0, 1.0, 0.005)
    start, stop, reset = buttons = [_button(name) for name in ("Train", "Stop", "Reset")]
    bar = ipywidgets.IntProgress(max=config.max_steps, description="steps")
    view, busy = ipywidgets.HTML("Press <b>Train</b>."), _busy_sign()
    row = ipywidgets.HBox([*buttons, bar, busy], layout={"flex_flow": "row wrap"})
    box = ipywidgets.VBox([epsilon, gamma, row, view])
    box.result, box.thread, box.stopping = None, None, threading.Event()
    folder = tempfile.TemporaryDirectory()
    atexit.register(folder.cleanup)
    drawn = [0.0]

    def on_episode(result):
        box.result, bar.value = result, int(result.steps[-1])
        if time.monotonic() > drawn[0] + 1.0:
            view.value = _markup((draw(result), f"Training: episode {len(result.steps)}."), alt)
            drawn[0] = time.monotonic()
        return box.stopping.is_set()

    def work(chosen):
        file = Path(folder.name) / f"{chosen.final_epsilon}_{chosen.gamma}.npz"
        options = {"checkpoint": file, "on_episode": on_episode, "progress": False}
        try:
            box.result = loop.train(envs.make(), chosen, seed, **options)
            word = "Finished" if box.result.finished else "Stopped"
            caption = f"{word} after episode {len(box.result.steps)}."
            view.value = _markup((draw(box.result), caption), alt)
        except Exception as error:  # nobody else would see it, in a thread
            view.value = _markup(error, alt)
        start.disabled, busy.value = False, ""

    def train(_):
        start.disabled, busy.value = True, WORKING
        box.stopping.clear()
        chosen = config._replace(final_epsilon=epsilon.value, gamma=gamma.value)
        box.thread = threading.Thread(target=work, args=(chosen,), daemon=True)
        box.thread.start()

    start.on_click(train)
    stop.on_click(lambda _: box.stopping.set())
    reset.on_click(lambda _: epsilon.set_trait("value", config.final_epsilon))
    reset.on_click(lambda _: gamma.set_trait("value", config.gamma))
    return box


def _button(name: str) -> ipywidgets.Button:
    return ipywidgets.Button(description=name, layout={"width": "90px"})


def _busy_sign() -> ipywidgets.HTML:  # empty, but while something takes long
    return ipywidgets.HTML().add_class("rl-busy")


def _markup(drawing: Drawing | Exception, alt: str) -> str:
    """HTML of a drawing's parts: bytes become a picture, text stays text."""
    if isinstance(drawing, Exception):
        return f"<b class='rl-error'>{html.escape(f'{type(drawing).__name__}: {drawing}')}</b>"
    if isinstance(drawing, tuple):
        return "".join(_markup(part, alt) for part in drawing)
    if isinstance(drawing, str):
        return f"<div>{drawing}</div>"
    picture = f'<img style="max-width: 100%; width: 640px" alt="{html.escape(alt)}"'
    return f'{picture} src="data:image/png;base64,{base64.b64encode(drawing).decode()}">'
