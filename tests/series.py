"""Where the series and the package lie, and how the cross-cutting tests read them."""

import ast
import builtins
import itertools
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


def unasserted(notebook: NotebookNode) -> list[tuple[NotebookNode, str]]:
    """What is printed after `≈`, where its cell asserts nothing of it nor of what it is made from.

    Prints inside of functions are left out: their caller holds what they return.
    """
    modules, found = set(), []
    for cell in code_cells(notebook):
        tree = parse(cell)
        modules |= _imported(tree)
        made_from = _made_from(tree)
        asserts = [node for node in ast.walk(tree) if isinstance(node, ast.Assert)]
        known = _origins(set().union(*map(_bare_names, asserts)), made_from)
        for expression in _printed_after_about(tree):
            names = _origins(_bare_names(expression), made_from) - modules - set(dir(builtins))
            if not names & known:
                found.append((cell, ast.unparse(expression)))
    return found


def _printed_after_about(tree: ast.Module) -> list[ast.expr]:
    """The expressions of f-strings that follow `≈` directly."""
    functions = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)]
    inner = {id(node) for function in functions for node in ast.walk(function)}
    strings = [n for n in ast.walk(tree) if isinstance(n, ast.JoinedStr) and id(n) not in inner]
    return [
        after.value
        for string in strings
        for before, after in itertools.pairwise(string.values)
        if isinstance(before, ast.Constant) and before.value.rstrip().endswith("≈")
    ]


def _made_from(tree: ast.Module) -> dict[str, set[str]]:
    """For each name that the cell gives a value, the names that it is made from."""
    made: dict[str, set[str]] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign):
            targets, source = node.targets, node.value
        elif isinstance(node, ast.AugAssign | ast.NamedExpr):
            targets, source = [node.target], node.value
        elif isinstance(node, ast.For | ast.comprehension):
            targets, source = [node.target], node.iter
        else:
            continue
        for name in set().union(*map(_bare_names, targets)):
            made.setdefault(name, set()).update(_bare_names(source))
    return made


def _origins(names: set[str], made_from: dict[str, set[str]]) -> set[str]:
    """The names, what they are made from, what that is made from, and so on."""
    found, new = set(), set(names)
    while new:
        found |= new
        new = set().union(*(made_from.get(name, set()) for name in new)) - found
    return found


def _imported(tree: ast.Module) -> set[str]:
    imports = [n for n in ast.walk(tree) if isinstance(n, ast.Import | ast.ImportFrom)]
    return {(each.asname or each.name).split(".")[0] for node in imports for each in node.names}


def _bare_names(tree: ast.AST) -> set[str]:
    return {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}


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
