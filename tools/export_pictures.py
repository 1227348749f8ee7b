"""Copy out of the executed notebooks the pictures that README and the first cells show.

    python tools/export_pictures.py

A page's teaser is what its cell with the tag `teaser` draws. README's pictures are found by the
beginning of their alt text. So all of them show what the notebooks show.
"""

import argparse
import base64
from pathlib import Path

import nbformat
from nbformat import NotebookNode

NOTEBOOKS = Path(__file__).resolve().parent.parent / "notebooks"
PICTURES = {
    "before_after.png": ("06_full_loop", "Animation of two carts"),
    "learning_curves.png": ("06_full_loop", "Greedy learning curves"),
}


def pictures_of(cell: NotebookNode) -> list[tuple[str, bytes]]:
    """(alt text, PNG) of each picture that a cell shows."""
    found = []
    for output in cell.get("outputs", []):
        data = output.get("data", {}).get("image/png")
        if data:
            alt = output.get("metadata", {}).get("image/png", {}).get("alt", "")
            found.append((alt, base64.b64decode(data)))
    return found


def read(stem: str) -> NotebookNode:
    return nbformat.read(NOTEBOOKS / f"{stem}.ipynb", as_version=4)


def find_picture(stem: str, alt: str) -> bytes:
    """The PNG in the notebook whose alt text begins so.

    Raises:
        LookupError: if there is none.
    """
    for cell in read(stem).cells:
        for words, data in pictures_of(cell):
            if words.startswith(alt):
                return data
    raise LookupError(f"{stem}.ipynb has no picture whose alt text begins with {alt!r}")


def find_teaser(stem: str) -> bytes:
    """The PNG that the notebook's cell with the tag `teaser` shows first.

    Raises:
        LookupError: if there is no such cell, or more than one, or no picture in it.
    """
    tagged = [c for c in read(stem).cells if "teaser" in c.metadata.get("tags", [])]
    shown = [data for cell in tagged for _, data in pictures_of(cell)]
    if len(tagged) != 1 or not shown:
        raise LookupError(
            f"{stem}.ipynb must have one cell with the tag teaser, and a picture in it"
        )
    return shown[0]


def all_pictures() -> dict[str, bytes]:
    """Name below notebooks/images -> PNG."""
    stems = sorted(path.stem for path in NOTEBOOKS.glob("[0-9][0-9]_*.ipynb"))
    found = {f"{stem[:2]}_teaser.png": find_teaser(stem) for stem in stems}
    return found | {name: find_picture(*where) for name, where in PICTURES.items()}


if __name__ == "__main__":
    argparse.ArgumentParser(description=__doc__.splitlines()[0]).parse_args()  # there are none
    (NOTEBOOKS / "images").mkdir(exist_ok=True)
    for name, data in all_pictures().items():
        (NOTEBOOKS / "images" / name).write_bytes(data)
