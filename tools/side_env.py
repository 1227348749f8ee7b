"""Make an environment beside .venv from requirements files, unless it is already right.

    python tools/side_env.py browser        # .venv-browser, for `make browser`
    python tools/side_env.py colab          # .venv-colab, what Colab has, and .venv-compat: the
                                            # same with the tests' tools and this package
    python tools/side_env.py bench          # .venv-bench, where Stable-Baselines3 lives

A stamp, written last, says what an environment was made from; another stamp, and it is made anew.
"""

import json
import os
import shutil
import subprocess
import sys
import tomllib
from importlib.metadata import version
from pathlib import Path

from make_env import ROOT, clean_environment, digest

COLAB, COLAB_TESTS = "requirements-colab.txt", "requirements-colab-tests.txt"
STAMP = "made-from.txt"


def run(*command: str | Path) -> None:
    done = subprocess.run([str(part) for part in command], cwd=ROOT, env=clean_environment())
    if done.returncode:
        sys.exit(f"Stopped at: {' '.join(str(part) for part in command)}")


def python_313() -> str:
    """A Python 3.13 that runs; names on the PATH prove nothing, for pyenv has shims."""
    named = os.environ.get("PYTHON313")
    pyenv = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv")) / "versions"
    found = [sys.executable, "python3.13", *sorted(pyenv.glob("3.13*/bin/python3.13"))]
    for python in [named] if named else found:
        probe = "import sys, venv; print(*sys.version_info[:2], sep='.')"
        try:
            said = subprocess.run([python, "-I", "-c", probe], capture_output=True, text=True)
        except OSError:
            continue
        if said.stdout.strip() == "3.13":
            return str(python)
    sys.exit(
        f"make compat needs Python 3.13, as Colab has it; {named or 'none'} "
        f"{'is not one' if named else 'was found'}. Likely fix: install it, or name one: "
        "make compat PYTHON313=/path/to/python3.13"
    )


def ready(venv: Path, stamp: str) -> bool:
    return (venv / STAMP).is_file() and (venv / STAMP).read_text() == stamp


def pip(venv: Path, *arguments: str) -> None:
    run(venv / "bin/python", "-m", "pip", "install", "-qq", "--no-warn-script-location", *arguments)


def copy(venv: Path, to: Path) -> None:
    """The same environment elsewhere, in seconds: files are linked, and pip replaces, not edits."""
    shutil.rmtree(to, ignore_errors=True)
    shutil.copytree(venv, to, symlinks=True, copy_function=link)


def link(source: str, to: str) -> None:
    try:
        os.link(source, to, follow_symlinks=False)
    except OSError:  # another file system
        shutil.copy2(source, to, follow_symlinks=False)


def make_browser() -> Path:
    venv, lock = ROOT / ".venv-browser", "requirements-browser.lock"
    stamp = json.dumps([sys.version, str(venv), digest(lock)])
    if not ready(venv, stamp):
        print("Setting up .venv-browser; once:", flush=True)
        run(getattr(sys, "_base_executable", sys.executable), "-m", "venv", "--clear", venv)
        pip(venv, "--require-hashes", "-r", lock)
        (venv / STAMP).write_text(stamp)
    return venv


def make_bench() -> Path:
    """The extra `bench`, with the NumPy and Gymnasium of .venv; learners need none of it."""
    venv = ROOT / ".venv-bench"
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    same = [f"{name}=={version(name)}" for name in ("gymnasium", "numpy")]
    wanted = [*project["optional-dependencies"]["bench"], *same]
    stamp = json.dumps([sys.version, str(venv), *wanted])
    if not ready(venv, stamp):
        print(
            "Setting up .venv-bench with Stable-Baselines3, once. On Linux, PyPI's torch brings\n"
            "CUDA libraries of several GB; with PyTorch's CPU index in PIP_EXTRA_INDEX_URL it is\n"
            "1 GB in all.",
            flush=True,
        )
        run(getattr(sys, "_base_executable", sys.executable), "-m", "venv", "--clear", venv)
        pip(venv, *wanted)
        (venv / STAMP).write_text(stamp)
    return venv


def make_colab() -> Path:
    """What Colab has before a notebook is opened: no rl_jax and no Haiku."""
    venv, python = ROOT / ".venv-colab", python_313()
    stamp = json.dumps([python, str(venv), digest(COLAB)])
    if not ready(venv, stamp):
        print("Setting up .venv-colab; once, 1 GB:", flush=True)
        run(python, "-m", "venv", "--clear", venv)
        pip(venv, "--no-deps", "-r", COLAB)
        run(venv / "bin/python", "-m", "pip", "check", "-qq")
        (venv / STAMP).write_text(stamp)
    return venv


def make_compat() -> Path:
    base, venv = make_colab(), ROOT / ".venv-compat"
    stamp = (base / STAMP).read_text() + digest(COLAB_TESTS, "pyproject.toml")
    if not ready(venv, stamp):
        print("Setting up .venv-compat:", flush=True)
        copy(base, venv)
        (venv / STAMP).unlink()
        pip(venv, "--no-deps", "--no-build-isolation", "-r", COLAB_TESTS)
        pip(venv, "--no-deps", "--no-build-isolation", "--editable", ".")
        (venv / STAMP).write_text(stamp)
    return venv


if __name__ == "__main__":
    {"bench": make_bench, "browser": make_browser, "colab": make_compat}[sys.argv[1]]()
