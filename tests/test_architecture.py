"""The package is thin and layered, and everything public in it earns its place."""

import ast
from pathlib import Path

import pytest
from nbformat.v4 import new_code_cell, new_notebook
from series import (
    PACKAGE,
    STEMS,
    code_cells,
    definitions,
    modules,
    names_in,
    numbers,
    parse,
    public_names,
    source_of,
    tags,
)

# DESIGN.md's table. `nn` itself only gathers its two modules, so it stands just above them.
LAYERS = {
    "typing": 0,
    **dict.fromkeys(["nn.losses", "nn.optim", "replay", "policy", "envs", "cartpole"], 1),
    "nn": 1.5,
    "dqn": 2,
    **dict.fromkeys(["loop", "ondevice"], 3),
    **dict.fromkeys(["plotting", "widgets", "checks"], 4),
}
MAX_LINES = 1500


def imported(path: Path, module: str, known: set[str]) -> set[str]:
    """Modules of rl_jax that this file imports anywhere in it, named below the package."""
    is_package = path.name == "__init__.py"
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            start = node.module or ""
            if node.level:  # `from ..typing import X` in rl_jax.nn.losses starts at rl_jax
                here = ["rl_jax", *(module.split(".") if module else [])]
                up = node.level - 1 if is_package else node.level
                start = ".".join([*here[: len(here) - up], *filter(None, [node.module])])
            names = [f"{start}.{alias.name}" for alias in node.names]
        else:
            continue
        for name in names:
            if name != "rl_jax" and not name.startswith("rl_jax."):
                continue
            below = name.removeprefix("rl_jax").removeprefix(".")
            # `from rl_jax.typing import Key` names a thing inside a module: take the module
            while below and below not in known:
                below = below.rpartition(".")[0]
            found.add(below)
    return found


def check_layers(package: Path = PACKAGE) -> list[str]:
    complaints = []
    files = modules(package)
    for module, path in files.items():
        if module and module not in LAYERS:
            complaints.append(f"{module} is in no layer of DESIGN.md")
            continue
        layer = LAYERS.get(module, -1)
        for other in imported(path, module, {*files, *LAYERS}) - {""}:
            if LAYERS.get(other, 99) >= layer:
                complaints.append(f"{module or '__init__'} imports {other}, which is not below it")
    return complaints


def check_documented(package: Path = PACKAGE, stems: list[str] = STEMS) -> list[str]:
    """Docstrings, `__all__`, and for all that is public a first line and a place in the series."""
    complaints = []
    known = {stem[:2] for stem in stems}
    for module, path in modules(package).items():
        tree = ast.parse(path.read_text(encoding="utf-8"))
        public = public_names(tree)
        if not ast.get_docstring(tree):
            complaints.append(f"{module or '__init__'} has no docstring")
        if not module:
            if "__version__" not in definitions(tree):
                complaints.append("__init__ has no __version__")
            continue
        if public is None:
            complaints.append(f"{module} has no __all__")
            continue
        if module == "typing":
            continue
        for name, node in definitions(tree).items():
            if name not in public or not isinstance(node, ast.FunctionDef | ast.ClassDef):
                continue
            doc = ast.get_docstring(node) or ""
            if not doc.splitlines() or not doc.splitlines()[0].strip():
                complaints.append(f"{module}.{name} has no docstring with a first line")
            elif not numbers(doc):
                complaints.append(
                    f"{module}.{name} says neither 'Taught in:' nor 'Boilerplate for:'"
                )
            elif unknown := sorted(set(numbers(doc)) - known):
                complaints.append(f"{module}.{name} names notebooks that do not exist: {unknown}")
    return complaints


def uses(notebooks: dict) -> tuple[dict[str, set[str]], set[str]]:
    """({notebook number: names that its code mentions}, {names taught or shown anywhere})."""
    mentioned, taught = {}, set()
    for stem, notebook in notebooks.items():
        names = mentioned.setdefault(stem[:2], set())
        for cell in code_cells(notebook):
            tree = parse(cell)
            names |= names_in(tree)
            if "taught" in tags(cell):
                taught |= set(definitions(tree))
                names |= set(definitions(tree))
            for call in ast.walk(tree):
                if isinstance(call, ast.Call) and "show_source" in (
                    getattr(call.func, "id", ""),
                    getattr(call.func, "attr", ""),
                ):
                    taught |= {
                        getattr(argument, "id", getattr(argument, "attr", ""))
                        for argument in call.args
                    }
    return mentioned, taught


def check_earned(notebooks: dict, package: Path = PACKAGE) -> list[str]:
    """Every public name is taught, or used in two notebooks; and docstrings name true places."""
    mentioned, taught = uses(notebooks)
    complaints = []
    for module, path in modules(package).items():
        tree = ast.parse(path.read_text(encoding="utf-8"))
        own = definitions(tree)
        for name in public_names(tree) or []:
            if module == "typing" or name not in own:  # a re-export
                continue
            users = sorted(number for number, names in mentioned.items() if name in names)
            if name not in taught and len(users) < 2:
                complaints.append(f"{module}.{name} is not taught, and used in {users or 'none'}")
            if isinstance(own[name], ast.FunctionDef | ast.ClassDef):
                claimed = numbers(ast.get_docstring(own[name]) or "")
                for number in claimed:
                    if number in mentioned and number not in users:
                        complaints.append(f"{module}.{name} is not in notebook {number} as it says")
    return complaints


def test_imports_point_to_lower_layers_only():
    assert check_layers() == []


def test_every_module_of_the_design_is_there():
    assert set(LAYERS) <= set(modules())


def test_the_package_itself_imports_nothing():
    tree = ast.parse((PACKAGE / "__init__.py").read_text(encoding="utf-8"))
    assert not [node for node in ast.walk(tree) if isinstance(node, ast.Import | ast.ImportFrom)]


def test_the_package_is_thin():
    lines = sum(len(p.read_text(encoding="utf-8").splitlines()) for p in modules().values())
    assert lines <= MAX_LINES


def test_everything_is_documented():
    assert check_documented() == []


def test_every_public_name_is_taught_or_used_twice():
    assert check_earned({stem: source_of(stem) for stem in STEMS}) == []


def test_what_all_lists_exists():
    for module, path in modules().items():
        tree = ast.parse(path.read_text(encoding="utf-8"))
        gathered = {a.asname or a.name for n in tree.body if hasattr(n, "names") for a in n.names}
        missing = set(public_names(tree) or []) - set(definitions(tree)) - gathered
        assert not missing, f"rl_jax.{module}"


# The checks themselves, against small packages.


def write(package: Path, files: dict[str, str]) -> Path:
    for name, text in {"__init__.py": '"""Doc."""\n__version__ = "1"\n', **files}.items():
        (package / name).parent.mkdir(exist_ok=True)
        (package / name).write_text(text)
    return package


@pytest.mark.parametrize(
    ("files", "complaint"),
    [
        ({"dqn.py": "from rl_jax.typing import Key"}, None),
        ({"dqn.py": "import os, jax\nfrom rl_jax import policy\nimport rl_jax.nn.losses"}, None),
        ({"nn/optim.py": "from ..typing import Key"}, None),
        ({"nn/__init__.py": "from . import losses", "nn/losses.py": ""}, None),
        ({"nn/__init__.py": "from .losses import mse", "nn/losses.py": ""}, None),
        ({"helpers.py": ""}, "helpers is in no layer"),
        ({"policy.py": "from rl_jax.dqn import init"}, "policy imports dqn"),
        ({"policy.py": "from rl_jax import replay"}, "policy imports replay"),
        ({"policy.py": "def f():\n    import rl_jax.loop"}, "policy imports loop"),
        ({"policy.py": "from . import loop"}, "policy imports loop"),
        ({"nn/losses.py": "from .. import dqn"}, "nn.losses imports dqn"),
        ({"nn/losses.py": "from . import optim"}, "nn.losses imports nn.optim"),
        (
            {"nn/losses.py": "from .optim import sgd", "nn/optim.py": ""},
            "nn.losses imports nn.optim",
        ),
        ({"__init__.py": "from rl_jax import typing"}, "__init__ imports typing"),
    ],
)
def test_wrong_imports_are_caught(files, complaint, tmp_path):
    complaints = check_layers(write(tmp_path, files))
    if complaint is None:
        assert complaints == []
    else:
        assert len(complaints) == 1 and complaint in complaints[0]


GOOD = '"""Doc."""\n__all__ = ["f"]\ndef f():\n    """x. Taught in: notebooks/01, 02."""\n'


@pytest.mark.parametrize(
    ("old", "new", "complaint"),
    [
        ("", "", None),
        ('"""Doc."""', "", "dqn has no docstring"),
        ('__all__ = ["f"]', "", "no __all__"),
        ('"""x. Taught in: notebooks/01, 02."""', "pass", "no docstring with a first line"),
        ("Taught in: notebooks/01, 02", "", "neither"),
        ("Taught in: notebooks/01, 02", "Boilerplate for: notebooks/01,\n    07", "07"),
    ],
)
def test_missing_documentation_is_caught(old, new, complaint, tmp_path):
    package = write(tmp_path, {"dqn.py": GOOD.replace(old, new) if old else GOOD})
    complaints = check_documented(package, ["01_a", "02_b"])
    assert len(complaints) == bool(complaint) and (complaint or "") in "".join(complaints)


@pytest.mark.parametrize(
    ("first", "second", "complaint"),
    [
        (("f()", []), ("x.f", []), None),
        (("def f(): pass", ["taught"]), ("from rl_jax.dqn import f", []), None),
        (("show_source(dqn.f)", []), ("f", []), None),
        (("def f(): pass", []), ("pass", []), "not taught, and used in none"),
        (("f()", []), ("pass", []), "not taught"),
        (("def f(): pass", ["taught"]), ("pass", []), "not in notebook 02"),
    ],
)
def test_names_that_nobody_needs_are_caught(first, second, complaint, tmp_path):
    books = {
        stem: new_notebook(cells=[new_code_cell(source, metadata={"tags": tags})])
        for stem, (source, tags) in zip(["01_a", "02_b"], [first, second], strict=True)
    }
    complaints = check_earned(books, write(tmp_path, {"dqn.py": GOOD}))
    if complaint is None:
        assert complaints == []
    else:
        assert any(complaint in said for said in complaints)
