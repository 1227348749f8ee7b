"""Slider panels: a pure function from values to a picture, joined to controls by `observe`."""

import atexit
import base64
import html
import tempfile
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import ipywidgets
import numpy as np

from rl_jax import envs, loop

__all__ = ["panel", "player", "slider", "train_panel"]

Drawing = bytes | str | tuple[bytes | str, ...]


def slider(
    label: str, value: float, low: float, high: float, step: float = 0.01
) -> ipywidgets.Widget:
    """A labelled slider that reports when it is released; integers if all its numbers are.

    Raises: ValueError if `value` lies outside [low, high].
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

    Args:
        draw: a pure function from the controls' values, by name, to PNG bytes, to HTML text,
            or to a tuple of these.
        alt: what the picture shows, for those who cannot see it.
        **controls: widgets with a `value`, such as those from `slider`.
    Returns: The panel; displayed by a cell that ends with it.
    Boilerplate for: notebooks/01, 02, 03, 04, 05."""
    view = ipywidgets.HTML()
    defaults = {name: control.value for name, control in controls.items()}

    def redraw(_=None):
        try:
            drawing = draw(**{name: control.value for name, control in controls.items()})
        except Exception as error:  # a widget would swallow it, and the picture would just stay
            drawing = error
        view.value = _markup(drawing, alt)

    def reset(_):
        for name, control in controls.items():
            control.value = defaults[name]

    for control in controls.values():
        control.observe(redraw, names="value")
    button = ipywidgets.Button(description="Reset", tooltip="Back to the first values")
    button.on_click(reset)
    redraw()
    return ipywidgets.VBox([*controls.values(), button, view])


def player(
    pictures: Sequence[bytes], alt: str, captions: Sequence[str] | None = None, fps: float = 25.0
) -> ipywidgets.Widget:
    """Play, pause and scrub through an episode.

    Args:
        pictures: one PNG per step, such as `plotting.animation([frame])`.
        alt: what the film shows.
        captions: one line of text per picture, or None.
        fps: pictures per second.
    Boilerplate for: notebooks/00, 06."""
    captions = captions or [""] * len(pictures)
    play = ipywidgets.Play(min=0, max=len(pictures) - 1, interval=int(1000 / fps))
    step = slider("step", 0, 0, len(pictures) - 1, 1)
    step.continuous_update = True
    box = panel(lambda step: (pictures[step], captions[step]), alt, step=step)
    box.link = ipywidgets.jslink((play, "value"), (step, "value"))  # kept alive with the box
    box.children = (ipywidgets.HBox([play, step]), *box.children[1:])
    return box


def train_panel(
    draw: Callable[[loop.Result], bytes], alt: str, config: loop.Config = loop.CARTPOLE,
    seed: int = 0
) -> ipywidgets.Widget:  # fmt: skip
    """Epsilon and gamma sliders, Train and Stop: trains a real agent while one watches.

    Stop ends the run after the episode in progress. Train goes on from there, or starts anew if
    a slider has moved. The panel's attribute `result` holds the latest Result.

    Args:
        draw: a function from the Result so far to PNG bytes; called about once a second.
        alt: what the picture shows.
        config: all hyperparameters but the two on the sliders.
        seed: of the run.
    Taught in: notebooks/06."""
    epsilon = slider("final epsilon", config.final_epsilon, 0.0, 1.0)
    gamma = slider("gamma", config.gamma, 0.0, 1.0, 0.005)
    start, stop = (ipywidgets.Button(description=name) for name in ("Train", "Stop"))
    bar = ipywidgets.IntProgress(max=config.max_steps, description="steps")
    view = ipywidgets.HTML("Press <b>Train</b>.")
    box = ipywidgets.VBox([epsilon, gamma, ipywidgets.HBox([start, stop, bar]), view])
    box.result, box.thread, box.stopping = None, None, threading.Event()
    folder = tempfile.TemporaryDirectory()
    atexit.register(folder.cleanup)
    drawn = [0.0]

    def on_episode(result):
        box.result, bar.value = result, int(result.steps[-1])
        if time.monotonic() > drawn[0] + 1.0:
            view.value = _markup((draw(result), f"Training: {len(result.steps)} episodes."), alt)
            drawn[0] = time.monotonic()
        return box.stopping.is_set()

    def work(chosen):
        file = Path(folder.name) / f"{chosen.final_epsilon}_{chosen.gamma}.npz"
        options = {"checkpoint": file, "on_episode": on_episode, "progress": False}
        try:
            box.result = loop.train(envs.make(), chosen, seed, **options)
            word = "Finished" if box.result.finished else "Stopped"
            caption = f"{word} after {len(box.result.steps)} episodes."
            view.value = _markup((draw(box.result), caption), alt)
        except Exception as error:  # nobody else would see it, in a thread
            view.value = _markup(error, alt)
        start.disabled = False

    def train(_):
        start.disabled = True
        box.stopping.clear()
        chosen = config._replace(final_epsilon=epsilon.value, gamma=gamma.value)
        box.thread = threading.Thread(target=work, args=(chosen,), daemon=True)
        box.thread.start()

    start.on_click(train)
    stop.on_click(lambda _: box.stopping.set())
    return box


def _markup(drawing: Drawing | Exception, alt: str) -> str:
    """HTML of a drawing's parts: bytes become a picture, text stays text."""
    if isinstance(drawing, Exception):
        return f"<b>{html.escape(f'{type(drawing).__name__}: {drawing}')}</b>"
    parts = drawing if isinstance(drawing, tuple) else (drawing,)
    picture = '<img style="max-width: 100%; width: 640px" alt="{}" src="data:image/png;base64,{}">'
    return "".join(
        f"<div>{part}</div>"
        if isinstance(part, str)
        else picture.format(html.escape(alt, quote=True), base64.b64encode(part).decode())
        for part in parts
    )
