"""What is asked of the page in its own language: the files in js/, by their names."""

from pathlib import Path

HERE = Path(__file__).resolve().parent / "js"


def script(name: str) -> str:
    """A JavaScript function, without the comment on its first line."""
    comment, _, code = (HERE / f"{name}.js").read_text(encoding="utf-8").partition("\n")
    assert comment.startswith("// "), f"js/{name}.js should say what it is on its first line"
    return code


NOTEBOOK = "window.jupyterapp.shell.currentWidget"
SEEN = script("seen")
VALUES = script("values")
LABEL = script("label")
STOPWATCH = script("stopwatch")
CONTRAST = script("contrast")
STICKS_OUT = script("sticks_out")
MARK_CELLS = script("mark_cells")
KERNEL_IDLE = script("kernel_idle")
ALL_RAN = script("all_ran")
ERRORS = script("errors")
