"""Shortens a copy of notebook 06, for tests of the page and of other versions.

What eight runs find is compared under strict nbval; whether the notebook runs, and whether its
controls answer, two runs show as well, and minutes sooner.
"""

from pathlib import Path

EIGHT, TWO = "seeds=8", "seeds=2"


def shorten(folder: Path) -> None:
    """Makes notebook 06 in this folder of copies train two agents in place of each eight."""
    notebook, source = folder / "06_full_loop.ipynb", folder / "src/06_full_loop.py"
    for path in (notebook, source) if source.exists() else (notebook,):
        text = path.read_text(encoding="utf-8")
        assert text.count(EIGHT) == 1, f"notebook 06 should have one line with {EIGHT!r}"
        path.write_text(text.replace(EIGHT, TWO), encoding="utf-8")
