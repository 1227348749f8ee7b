"""Copy the pictures that README shows out of the executed notebooks.

    python tools/export_pictures.py

A picture is found by the beginning of its alt text, so README shows what the notebooks show.
"""

import base64
from pathlib import Path

import nbformat

NOTEBOOKS = Path(__file__).resolve().parent.parent / "notebooks"
PICTURES = {
    "before_after.png": ("06_full_loop", "Animation of two carts"),
    "learning_curves.png": ("06_full_loop", "Greedy learning curves"),
}


def find_picture(notebook: str, alt: str) -> bytes:
    """The PNG in the notebook whose alt text begins so.

    Raises:
        LookupError: if there is none.
    """
    for cell in nbformat.read(NOTEBOOKS / f"{notebook}.ipynb", as_version=4).cells:
        for output in cell.get("outputs", []):
            text = output.get("metadata", {}).get("image/png", {}).get("alt", "")
            if text.startswith(alt):
                return base64.b64decode(output.data["image/png"])
    raise LookupError(f"{notebook}.ipynb has no picture whose alt text begins with {alt!r}")


if __name__ == "__main__":
    (NOTEBOOKS / "images").mkdir(exist_ok=True)
    for name, (notebook, alt) in PICTURES.items():
        (NOTEBOOKS / "images" / name).write_bytes(find_picture(notebook, alt))
