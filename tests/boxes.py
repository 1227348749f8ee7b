"""How tests look into a box of widgets."""

import base64

import ipywidgets


def picture(data: bytes) -> str:
    return f"data:image/png;base64,{base64.b64encode(data).decode()}"


def all_of(widget, kind) -> list:
    """Every widget of this kind in the box, in order."""
    inside = [found for child in getattr(widget, "children", ()) for found in all_of(child, kind)]
    return [widget, *inside] if isinstance(widget, kind) else inside


def html_of(box) -> str:
    return "".join(view.value for view in all_of(box, ipywidgets.HTML))


def button(box, name) -> ipywidgets.Button:
    (found,) = (each for each in all_of(box, ipywidgets.Button) if each.description == name)
    return found
