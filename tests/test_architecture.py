"""The package is thin and layered, and everything public in it earns its place."""

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest
from nbformat.v4 import new_code_cell, new_notebook
from series import (
    NOTEBOOKS,
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

# The lower a layer, the more may import it. `nn` only gathers its two modules, so it stands above
# them; what is in `course` may use all of the algorithm, and nothing of the algorithm uses it.
LAYERS = {
    "typing": 0,
    "validate": 0.5,
    **dict.fromkeys(["nn.losses", "nn.optim", "replay", "policy", "envs", "cartpole"], 1),
    **dict.fromkeys(["config", "checkpoint"], 1),
    "nn": 1.5,
    "dqn": 2,
    "evaluation": 3,
    **dict.fromkeys(["loop", "ondevice"], 4),
    "course": 4.4,
    "course.differences": 4.5,
    **dict.fromkeys(["course.figures", "course.source", "course.checks", "course.panels"], 5),
    **dict.fromkeys(["course.film", "course.diagrams", "course.training_panel"], 6),
    "course.exercises": 6,
    **{f"course.exercises.ex{stem}": 7 for stem in STEMS},
}
OWN_USE = ("validate", "checkpoint")  # modules that no notebook needs
FURNITURE = ("matplotlib", "IPython", "ipywidgets", "PIL")
MAX_FUNCTION_LINES = 40  # a screen, docstring aside
FEW_PARAMETERS = 2  # from three on, a docstring lists them


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
            complaints.append(f"{module} is in no layer")
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
        if not module and "__version__" not in definitions(tree):
            complaints.append("__init__ has no __version__")
        if path.name == "__init__.py" or module in OWN_USE:
            continue
        if public is None:
            complaints.append(f"{module} has no __all__")
            continue
        if module == "typing" or module.startswith("course.exercises."):
            continue
        for name, node in definitions(tree).items():
            if name not in public or not isinstance(node, ast.FunctionDef | ast.ClassDef):
                continue
            doc = ast.get_docstring(node) or ""
            if not doc.splitlines() or not doc.splitlines()[0].strip():
                complaints.append(f"{module}.{name} has no docstring with a first line")
            elif not numbers(doc) and "Boilerplate for: `" not in doc:  # or for other modules
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
                    taught |= {name for argument in call.args for name in names_in(argument)}
    return mentioned, taught


def is_error(node: ast.stmt) -> bool:
    bases = node.bases if isinstance(node, ast.ClassDef) else []
    return any(ast.unparse(base).endswith("Error") for base in bases)


def check_earned(notebooks: dict, package: Path = PACKAGE) -> list[str]:
    """Every public name is taught, or used by two; and docstrings name true places.

    Two notebooks, that is, or other modules. The checks of a notebook's exercises are part of that
    notebook; what is in `course` may serve a single one, and an error is used where it is raised.
    """
    mentioned, taught = uses(notebooks)
    inside = {}
    for module, path in modules(package).items():
        names = names_in(ast.parse(path.read_text(encoding="utf-8")))
        if number := re.fullmatch(r"course\.exercises\.ex(\d\d)_\w+", module):
            mentioned.setdefault(number[1], set()).update(names)
        else:
            inside[module] = names
    complaints = []
    for module, path in modules(package).items():
        tree = ast.parse(path.read_text(encoding="utf-8"))
        own = definitions(tree)
        for name in public_names(tree) or []:
            is_check = module.startswith("course.exercises.")  # its page calls it: tested there
            if module == "typing" or is_check or name not in own:  # a re-export
                continue
            users = sorted(number for number, names in mentioned.items() if name in names)
            users += [other for other in inside if other != module and name in inside[other]]
            enough = 1 if module.startswith("course.") or is_error(own[name]) else 2
            if name not in taught and len(users) < enough:
                complaints.append(f"{module}.{name} is not taught, and used in {users or 'none'}")
            if isinstance(own[name], ast.FunctionDef | ast.ClassDef):
                claimed = numbers(ast.get_docstring(own[name]) or "")
                for number in claimed:
                    if number in mentioned and number not in users:
                        complaints.append(f"{module}.{name} is not in notebook {number} as it says")
    return complaints


def functions(tree: ast.AST) -> list[ast.FunctionDef]:
    return [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)]


def lines_of(function: ast.FunctionDef) -> int:
    """Lines of code, the docstring aside."""
    document = function.body[0] if ast.get_docstring(function) else None
    own = document.end_lineno - document.lineno + 1 if document else 0
    return function.end_lineno - function.lineno + 1 - own


def parameters_of(function: ast.FunctionDef) -> list[str]:
    given = (*function.args.posonlyargs, *function.args.args, *function.args.kwonlyargs)
    return [argument.arg for argument in given if argument.arg not in ("self", "cls")]


def check_functions(package: Path = PACKAGE) -> list[str]:
    """Each fits on a screen; and where a public one takes three things or more, it lists them."""
    complaints = []
    for module, path in modules(package).items():
        text = path.read_text(encoding="utf-8")
        if "fmt: skip" in text or "fmt: off" in text:
            complaints.append(f"{module} keeps the formatter out")
        for function in functions(ast.parse(text)):
            if lines_of(function) > MAX_FUNCTION_LINES:
                complaints.append(f"{module}.{function.name} has {lines_of(function)} lines")
            document = ast.get_docstring(function) or ""
            takes = parameters_of(function)
            is_public = not function.name.startswith("_") and document
            if is_public and len(takes) > FEW_PARAMETERS and "Args:" not in document:
                complaints.append(f"{module}.{function.name} takes {takes} and has no Args: list")
            lacking = [name for name in takes if f"{name}:" not in document]
            if "Args:" in document and lacking:
                complaints.append(f"{module}.{function.name} does not list {lacking}")
    return complaints


def test_imports_point_to_lower_layers_only():
    assert check_layers() == []


def test_every_module_of_the_design_is_there():
    assert set(LAYERS) <= set(modules())


def test_the_package_itself_imports_nothing():
    tree = ast.parse((PACKAGE / "__init__.py").read_text(encoding="utf-8"))
    assert not [node for node in ast.walk(tree) if isinstance(node, ast.Import | ast.ImportFrom)]


def test_functions_fit_on_a_screen_and_list_what_they_take():
    assert check_functions() == []


@pytest.mark.parametrize("module", ["ondevice", "loop"])
def test_the_algorithm_can_be_used_without_the_furniture(module):
    code = f"import sys, rl_jax.{module}; print(*sys.modules)"
    said = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    found = [name for name in said.stdout.split() if name.split(".")[0] in FURNITURE]
    found += [name for name in said.stdout.split() if name.startswith("rl_jax.course")]
    assert found == []


@pytest.mark.parametrize(
    "module", ["cartpole", "checkpoint", "course.film", "envs", "policy", "replay"]
)
def test_what_has_no_network_needs_no_haiku(module):
    code = f"import sys, rl_jax.{module}; print(*sys.modules)"
    said = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert not {"haiku", "optax"} & set(said.stdout.split())


def test_nothing_computes_while_it_is_imported():
    """After its imports a page may say how many devices it wants; once JAX computes, it is late."""
    code = "import importlib, sys, jax\n"
    code += "for name in sys.argv[1:]: importlib.import_module(name)\n"
    code += "jax.config.update('jax_num_cpu_devices', 3)\n"
    code += "print(jax.device_count('cpu'))"
    names = [f"rl_jax.{module}".rstrip(".") for module in modules()]
    command = [sys.executable, "-c", code, *names]
    said = subprocess.run(command, check=True, capture_output=True, text=True)
    assert said.stdout.split() == ["3"]


def test_the_algorithm_names_no_furniture():
    """Not even inside a function."""
    for module, path in modules().items():
        if module.startswith("course"):
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names = [a.name for a in getattr(node, "names", []) if isinstance(a, ast.alias)]
            names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            assert not {name.split(".")[0] for name in names} & set(FURNITURE), module


def test_notebooks_keep_no_formatter_out():
    for path in (NOTEBOOKS / "src").glob("*.py"):
        assert "fmt: skip" not in path.read_text(encoding="utf-8"), path.name


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
        ({"loop.py": "from rl_jax.course import figures"}, "loop imports course.figures"),
        ({"course/figures.py": "from rl_jax import loop", "course/__init__.py": ""}, None),
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


SHORT = 'def f(a, b):\n    """x."""\n    return a\n'


@pytest.mark.parametrize(
    ("source", "complaint"),
    [
        (SHORT, None),
        (SHORT.replace("return a", "a\n    " * 37 + "return a"), None),
        (SHORT.replace("return a", "a\n    " * 39 + "return a"), "f has 41 lines"),
        (SHORT.replace("x.", "x.\n" * 50), None),
        (SHORT.replace("(a, b)", "(a, b, *, c)"), "takes ['a', 'b', 'c'] and has no Args"),
        (SHORT.replace("(a, b)", "(self, a, b)"), None),
        (SHORT.replace("def f(a, b)", "def _f(a, b, c)"), None),
        (SHORT.replace("x.", "x.\n\n    Args:\n        a: one.\n    "), "does not list ['b']"),
        (SHORT + "x = 1  # fmt: skip", "keeps the formatter out"),
    ],
)
def test_functions_that_are_hard_to_read_are_caught(source, complaint, tmp_path):
    complaints = check_functions(write(tmp_path, {"dqn.py": source}))
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
