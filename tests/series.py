"""Where the series and the package lie, and how the cross-cutting tests read them."""

import ast
import os
import re
from functools import cache
from pathlib import Path

import jupytext
import nbformat
from IPython.core.inputtransformer2 import TransformerManager
from nbformat import NotebookNode

ROOT = Path(__file__).resolve().parent.parent
NOTEBOOKS = ROOT / "notebooks"
PACKAGE = ROOT / "rl_jax"
STEMS = sorted(path.stem for path in (NOTEBOOKS / "src").glob("[0-9][0-9]_*.py"))
JUPYTEXT_LAYOUT = {"lines_to_next_cell", "lines_to_end_of_cell_marker"}


def outside_of_make() -> dict[str, str]:
    """The environment without what a `make` that runs this has put there, for a make of its own."""
    theirs = {"PYTHON", "MAKEFLAGS", "MFLAGS", "MAKELEVEL", "MAKEOVERRIDES"}
    theirs |= {"NOTEBOOKS", "PARTS", "ROWS", "ONLY", "RECORD", "RETRY"}
    return {name: value for name, value in os.environ.items() if name not in theirs}


@cache
def source_of(stem: str) -> NotebookNode:
    """The notebook as its percent file describes it. Read only."""
    return jupytext.read(NOTEBOOKS / "src" / f"{stem}.py", fmt="py:percent")


@cache
def stored(stem: str) -> NotebookNode:
    """The notebook with its outputs, as learners open it. Read only."""
    return nbformat.read(NOTEBOOKS / f"{stem}.ipynb", as_version=nbformat.NO_CONVERT)


def tags(cell: NotebookNode) -> list[str]:
    return cell.metadata.get("tags", [])


def code_cells(notebook: NotebookNode) -> list[NotebookNode]:
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def parse(cell: NotebookNode) -> ast.Module:
    """The cell's syntax tree, magics and shell lines translated to calls."""
    return ast.parse(TransformerManager().transform_cell(cell.source))


def names_in(tree: ast.AST) -> set[str]:
    """Every name that the code mentions: bare, after a dot, or imported."""
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Name):
            found.add(node.id)
        elif isinstance(node, ast.Attribute):
            found.add(node.attr)
        elif isinstance(node, ast.alias):
            found.update(node.name.split("."))
    return found


def modules(package: Path = PACKAGE) -> dict[str, Path]:
    """Module name below the package ("" for the package itself, "nn.losses") -> file."""
    found = {}
    for path in sorted(package.rglob("*.py")):
        parts = path.relative_to(package).with_suffix("").parts
        found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return found


def public_names(tree: ast.Module) -> list[str] | None:
    """The module's `__all__`, or None if it has none."""
    for node in tree.body:
        if isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") == "__all__":
            return ast.literal_eval(node.value)
    return None


def definitions(tree: ast.Module) -> dict[str, ast.stmt]:
    """Top-level functions, classes and assigned names, by name. Imports define nothing."""
    found: dict[str, ast.stmt] = {}
    for node in tree.body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            found[node.name] = node
        elif isinstance(node, ast.Assign | ast.AnnAssign):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            names = (name for target in targets for name in ast.walk(target))
            found.update({name.id: node for name in names if isinstance(name, ast.Name)})
    return found


def numbers(text: str) -> list[str]:
    """Notebook numbers in a docstring's "Taught in: notebooks/05" or "Boilerplate for: ..." ."""
    named = re.findall(r"(?:Taught in|Boilerplate for): notebooks/(\d\d(?:,\s*\d\d)*)", text)
    return [number for found in named for number in re.split(r",\s*", found)]
