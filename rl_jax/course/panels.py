"""Panels: a pure function from values to a picture, joined to controls by `observe`."""

import base64
import html
import weakref
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import ipywidgets
import numpy as np
from IPython.display import display

from rl_jax import validate

__all__ = ["panel", "slider"]

Drawing = bytes | str | tuple[bytes | str, ...]

WORKING = """<style>@keyframes rl-late { to { opacity: 1 } }</style>
<span style="opacity: 0; animation: rl-late 0s 0.3s forwards">working ...</span>"""  # no flicker
UNSEEN = "position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%)"
NOT_LIVE = "An interactive panel: run this cell, and its controls move the picture."


def slider(
    label: str, value: float, low: float, high: float, step: float = 0.01
) -> ipywidgets.Widget:
    """A labelled slider that reports when it is released; integers if all its numbers are.

    Args:
        label: stands beside it.
        value: where it starts.
        low: the smallest value.
        high: the largest value, above `low`.
        step: from one value to the next, above 0; the readout has as many digits as it needs.

    Returns:
        An ipywidgets slider.

    Raises:
        TypeError: if `label` is no text, or another argument no number.
        ValueError: if `value` lies outside [low, high], or the numbers make no slider.

    Boilerplate for: notebooks/01, 02, 03, 04, 05, 07, 08.
    """
    if not isinstance(label, str):
        raise TypeError(f"label must be a text, but it is {validate.short(label)}.")
    numbers = {"value": value, "low": low, "high": high, "step": step}
    known = {name: validate.real(name, number) for name, number in numbers.items()}
    length = known["high"] - known["low"]
    if not 0 < known["step"] <= length * (1 + 1e-9):  # 0.3 - 0.2 is a little below 0.1
        raise ValueError(
            "low must be below high, and step above 0 and at most high - low, but they are "
            f"{low}, {high} and {step}."
        )
    if not known["low"] <= known["value"] <= known["high"]:
        raise ValueError(f"value must lie between {low} and {high}, but it is {value}.")

    is_whole = all(isinstance(number, int | np.integer) for number in numbers.values())
    if not is_whole:
        value, low, high, step = known.values()
    kind = ipywidgets.IntSlider if is_whole else ipywidgets.FloatSlider
    digits = max(_decimals(number) for number in known.values())
    return kind(
        value=value,
        min=low,
        max=high,
        step=step,
        description=label,
        continuous_update=False,
        readout_format="d" if is_whole else f".{digits}f",
        style={"description_width": "120px"},
        layout={"width": "460px", "max_width": "95%"},
    )


def panel(draw: Callable[..., Drawing], alt: str, **controls: Any) -> ipywidgets.Widget:
    """Controls above a picture that is drawn anew whenever one of them changes.

    A cell that ends with it displays it; where no kernel runs, its first picture is shown. A panel
    that is made again, when its cell is run again, takes the place of the one before.

    Args:
        draw: a pure function from the controls' values, by name, to PNG bytes, to text, or to a
            tuple of these.
        alt: what the picture shows, for those who cannot see it; the drawing's text is added.
        **controls: widgets with a `value`, such as those from `slider`.

    Returns:
        The panel, an ipywidgets box.

    Raises:
        TypeError: if a control is no widget with a value, or `draw` no function.
        ValueError: if `alt` is empty.

    Boilerplate for: notebooks/00, 01, 02, 03, 04, 05, 07, 08.
    """
    validate.function("draw", draw)
    validate.sentence("alt", alt, "what the panel shows")
    for name, control in controls.items():
        if not hasattr(control, "observe") or not hasattr(control, "value"):
            raise TypeError(
                f"{name} must be a widget with a value, but it is {control!r}. Likely fix: "
                "slider(...), or an ipywidgets control."
            )
    return Panel(draw, alt, controls)


class Panel(ipywidgets.VBox):
    """What `panel` makes."""

    def __init__(self, draw: Callable[..., Drawing], alt: str, controls: dict[str, Any]):
        """Join the controls to the drawing, and draw once."""
        self._draw = draw
        self._alt = alt
        self._controls = controls
        self._defaults = self._values()
        self._is_resetting = False
        self._view = ipywidgets.HTML()
        self._busy = busy_sign()
        self._take_the_place_of_the_one_before()
        for control in controls.values():
            control.observe(self._redraw, names="value")
        reset = button("Reset")
        reset.on_click(self._reset)
        row = ipywidgets.HBox([reset, self._busy])
        super().__init__([*controls.values(), row, self._view])
        self.still = first_picture(self._redraw())

    def _values(self) -> dict[str, Any]:
        return {name: control.value for name, control in self._controls.items()}

    def _redraw(self, _: Any = None) -> Drawing | Exception | None:
        if self._is_resetting:
            return None
        self._busy.value = WORKING
        try:
            drawing = self._draw(**self._values())
            seen = markup(drawing, self._alt)
        except Exception as error:  # a widget would swallow it, and the picture would just stay
            drawing = error
            seen = markup(error, self._alt)
        finally:  # an interrupt is none of these errors
            self._busy.value = ""
        unseen = self._spoken() if _has_no_words(drawing) else ""
        self._view.value = seen + unseen
        return drawing

    def _spoken(self) -> str:
        """What a screen reader says of a picture without words, once a control has moved."""
        said = (
            f"{getattr(control, 'description', '') or name}: {control.value}"
            for name, control in self._controls.items()
        )
        words = html.escape("drawn for " + ", ".join(said))
        return f"<div role='status' aria-live='polite' style='{UNSEEN}'>{words}</div>"

    def _reset(self, _: Any) -> None:
        self._is_resetting = True  # so that several controls are one change
        try:
            for name, control in self._controls.items():
                control.value = self._defaults[name]
        finally:
            self._is_resetting = False
        self._redraw()

    def _take_the_place_of_the_one_before(self) -> None:
        """A control that outlives its panel would go on drawing for it."""
        name = getattr(self._draw, "__qualname__", repr(self._draw)), self._alt
        for control in self._controls.values():
            before = _PANELS.setdefault(control, weakref.WeakValueDictionary())
            if name in before:
                control.unobserve(before[name]._redraw, names="value")
            before[name] = self

    def _ipython_display_(self, **_: Any) -> None:
        show_live(self, self.still, self._alt)


# Control -> {its drawings' names: panels}. Panels hold their controls, so both sides are weak.
_PANELS: Any = weakref.WeakKeyDictionary()


def _has_no_words(drawing: Drawing | Exception) -> bool:
    """Whether a picture came alone, or several without a text."""
    parts = drawing if isinstance(drawing, tuple) else (drawing,)
    return all(isinstance(part, bytes) for part in parts)


# What the training panel needs, too


def button(name: str) -> ipywidgets.Button:
    """A button of the house's width."""
    return ipywidgets.Button(description=name, layout={"width": "90px"})


def busy_sign() -> ipywidgets.HTML:
    """Empty, but while something takes long."""
    return ipywidgets.HTML().add_class("rl-busy")


def markup(drawing: Drawing | Exception, alt: str) -> str:
    """HTML of a drawing: bytes become a picture, text stays text and is read out as it changes.

    Args:
        drawing: what a panel's function returned, or the exception that it raised.
        alt: what the picture shows; the text is added, for it says what the picture says.
    """
    if isinstance(drawing, Exception):
        said = html.escape(f"{type(drawing).__name__}: {drawing}")
        return f"<b class='rl-error' role='alert'>{said}</b>"
    is_several = isinstance(drawing, tuple) and drawing != ()  # of nothing there is no picture
    parts = drawing if is_several else (drawing,)
    alt = " ".join([alt, *(part for part in parts if isinstance(part, str))])
    return "".join(_markup_of(part, alt) for part in parts)


def _markup_of(part: bytes | str, alt: str) -> str:
    if isinstance(part, str):
        return f"<div role='status' aria-live='polite'>{html.escape(part)}</div>"
    if not isinstance(part, bytes):
        raise TypeError(
            "draw must return a PNG's bytes, a text, or a tuple of these, but it returned "
            f"{validate.short(part)}. Likely fix: figures.png(figure), or a missing return."
        )
    data = base64.b64encode(part).decode()
    return (
        f'<img style="max-width: 100%; width: 640px" alt="{html.escape(alt)}" '
        f'src="data:image/png;base64,{data}">'
    )


def first_picture(drawing: Drawing | Exception | None) -> bytes | None:
    """The PNG of a drawing, if there is one."""
    parts = drawing if isinstance(drawing, tuple) else (drawing,)
    return next((part for part in parts if isinstance(part, bytes)), None)


def show_live(widget: ipywidgets.Widget, still: bytes | None, alt: str) -> None:
    """Display a widget, with a picture and words for pages on which it is not live.

    Args:
        widget: what a kernel makes live.
        still: a PNG for where none runs, or None.
        alt: what it shows.
    """
    view = {"version_major": 2, "version_minor": 0, "model_id": widget.model_id}
    data = {"application/vnd.jupyter.widget-view+json": view, "text/plain": NOT_LIVE}
    metadata = {}
    if still is not None:
        data["image/png"] = base64.b64encode(still).decode()
        metadata["image/png"] = {"alt": f"{alt} {NOT_LIVE}", "width": 640}
    display(data, metadata=metadata, raw=True)


def _decimals(number: float) -> int:
    """Digits after the point that it takes to write the number."""
    exponent = Decimal(repr(float(number))).normalize().as_tuple().exponent
    return max(0, -exponent)
