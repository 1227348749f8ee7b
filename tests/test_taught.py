"""What a notebook shows and what the package contains cannot drift apart."""

import ast
import re
from itertools import zip_longest
from pathlib import Path

import pytest
from nbformat.v4 import new_code_cell, new_notebook
from series import (
    PACKAGE,
    STEMS,
    code_cells,
    definitions,
    modules,
    parse,
    public_names,
    source_of,
    tags,
)

HEADER = re.compile(r"# lives in rl_jax/([\w/]+)\.py\n")


def without_docstrings(node: ast.stmt) -> str:
    """The code in one canonical layout, docstrings and comments left out."""
    node = ast.parse(ast.unparse(node))
    for inner in ast.walk(node):
        body = getattr(inner, "body", None)
        if not isinstance(inner, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            continue
        if ast.get_docstring(inner, clean=False) is not None:
            inner.body = body[1:] or [ast.Pass()]
    return ast.unparse(node)


def first_difference(ours: str, theirs: str) -> str:
    pairs = zip_longest(ours.splitlines(), theirs.splitlines(), fillvalue="nothing")
    return next(f"{a.strip()!r}, there {b.strip()!r}" for a, b in pairs if a != b)


def check_taught(notebook, package: Path = PACKAGE) -> list[str]:
    complaints = []
    for cell in code_cells(notebook):
        if "taught" not in tags(cell):
            continue
        header = HEADER.match(cell.source)
        if not header:
            complaints.append(f"no '# lives in rl_jax/<path>.py' on line 1 of: {cell.source[:60]}")
            continue
        path = package / f"{header[1]}.py"
        if not path.exists():
            complaints.append(f"rl_jax/{header[1]}.py does not exist")
            continue
        theirs = definitions(ast.parse(path.read_text(encoding="utf-8")))
        ours = definitions(parse(cell))
        if not any(isinstance(node, ast.FunctionDef | ast.ClassDef) for node in ours.values()):
            complaints.append(f"nothing is defined in: {cell.source[:60]}")
        for name, node in ours.items():
            defines = isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)
            if name not in theirs:
                if defines:
                    complaints.append(f"{name} is not in rl_jax/{header[1]}.py")
                continue
            here, there = without_docstrings(node), without_docstrings(theirs[name])
            if here != there:
                why = first_difference(here, there)
                complaints.append(f"{name} differs from rl_jax/{header[1]}.py: here {why}")
    return complaints


def check_naive(notebook, package: Path = PACKAGE) -> list[str]:
    public = set()
    for path in modules(package).values():
        public.update(public_names(ast.parse(path.read_text(encoding="utf-8"))) or [])
    return [
        f"the naive cell defines {name}, which is also the package's"
        for cell in code_cells(notebook)
        if "naive" in tags(cell)
        for name in sorted(public & set(definitions(parse(cell))))
    ]


@pytest.mark.parametrize("stem", STEMS)
def test_taught_cells_equal_the_package(stem):
    assert check_taught(source_of(stem)) == []


@pytest.mark.parametrize("stem", STEMS)
def test_naive_cells_have_names_of_their_own(stem):
    assert check_naive(source_of(stem)) == []


# The checks themselves, against a package of one module.

MODULE = '''"""Doc."""

__all__ = ["Pair", "half"]

SCALE = 2.0


class Pair:
    """Two."""

    def swap(self):
        """Other way round."""
        return self[::-1]


def half(x, scale=SCALE):
    """x / scale."""
    return x / scale
'''
HALF = "def half(x, scale=SCALE):\n    return x / scale"


@pytest.fixture
def package(tmp_path):
    (tmp_path / "nn").mkdir()
    (tmp_path / "nn" / "parts.py").write_text(MODULE)
    return tmp_path


def one_cell(source, tag):
    return new_notebook(cells=[new_code_cell(source, metadata={"tags": [tag]})])


@pytest.mark.parametrize(
    "source",
    [
        HALF,
        f"SCALE = 2.0\n\n{HALF.replace(':', ':  # why', 1)}\nhalf(3)",
        "class Pair:\n    def swap(self):\n        return self[::-1]",
    ],
)
def test_equal_definitions_pass(source, package):
    cell = one_cell(f"# lives in rl_jax/nn/parts.py\n{source}", "taught")
    assert check_taught(cell, package) == []


@pytest.mark.parametrize(
    ("source", "complaint"),
    [
        (HALF, "on line 1"),
        (f"\n# lives in rl_jax/nn/parts.py\n{HALF}", "on line 1"),
        (f"# lives in rl_jax/parts.py\n{HALF}", "does not exist"),
        (f"# lives in rl_jax/nn/parts.py\n{HALF.replace('/', '//')}", "half differs"),
        (f"# lives in rl_jax/nn/parts.py\n{HALF.replace('=SCALE', '')}", "half differs"),
        (f"# lives in rl_jax/nn/parts.py\n@jax.jit\n{HALF}", "half differs"),
        (f"# lives in rl_jax/nn/parts.py\nSCALE = 3.0\n\n{HALF}", "SCALE differs"),
        ("# lives in rl_jax/nn/parts.py\ndef third(x):\n    return x / 3", "third is not in"),
        ("# lives in rl_jax/nn/parts.py\nhalf(3)", "nothing is defined"),
        ("# lives in rl_jax/nn/parts.py\nclass Pair:\n    pass", "Pair differs"),
    ],
)
def test_other_definitions_are_caught(source, complaint, package):
    complaints = check_taught(one_cell(source, "taught"), package)
    assert len(complaints) == 1 and complaint in complaints[0]


def test_a_naive_cell_that_takes_the_packages_name_is_caught(package):
    assert check_naive(one_cell("def naive_half(x):\n    return x", "naive"), package) == []
    assert "defines half" in check_naive(one_cell(HALF, "naive"), package)[0]
    assert "defines Pair" in check_naive(one_cell("Pair = tuple", "naive"), package)[0]
