"""Make an environment beside .venv from requirements files, unless it is already right.

    python tools/side_env.py browser        # .venv-browser, for `make browser`
    python tools/side_env.py colab          # .venv-colab, what Colab has, and .venv-compat: the
                                            # same with the tests' tools and this package
    python tools/side_env.py sb3            # .venv-bench-sb3, where Stable-Baselines3 lives
    python tools/side_env.py rejax          # .venv-bench-rejax
    python tools/side_env.py sbx            # .venv-bench-sbx
    python tools/side_env.py parity         # .venv-parity, where rlax and gymnax live
    python tools/side_env.py proof          # .venv-proof: .venv, coverage, random order, mutants

`make matrix` makes more of them: see tools/matrix.py.
A stamp, written last, says what an environment was made from; another stamp, and it is made anew.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path

from make_env import LOCKS, ROOT, clean_environment, digest

COLAB, COLAB_TESTS = "requirements-colab.txt", "requirements-colab-tests.txt"
BROWSER = "requirements-browser.lock"
BUILD, LOCK = LOCKS
STAMP = "made-from.txt"


def ensure(name: str, made_from: object, why: str, fill: Callable[[Path], None]) -> Path:
    """The environment .venv-NAME, filled by `fill` unless its stamp says that it is right."""
    venv = ROOT / f".venv-{name}"
    stamp = json.dumps([str(venv), made_from])
    if read_stamp(venv) != stamp:
        print(f"Setting up {venv.name}; once{why}:", flush=True)
        (venv / STAMP).unlink(missing_ok=True)
        fill(venv)
        (venv / STAMP).write_text(stamp)
    return venv


def read_stamp(venv: Path) -> str:
    return (venv / STAMP).read_text() if (venv / STAMP).is_file() else ""


def run(*command: str | Path) -> None:
    done = subprocess.run([str(part) for part in command], cwd=ROOT, env=clean_environment())
    if done.returncode:
        sys.exit(f"Stopped at: {' '.join(str(part) for part in command)}")


def empty(venv: Path, python: str | Path = "") -> None:
    """A new environment of this Python, or of the one that runs this."""
    base = python or getattr(sys, "_base_executable", sys.executable)
    run(base, "-m", "venv", "--clear", venv)


def pip(venv: Path, *arguments: str) -> None:
    run(venv / "bin/python", "-m", "pip", "install", "-qq", "--no-warn-script-location", *arguments)


def find_python(version: str) -> str | None:
    """A Python of this version, "3.13", that runs; PYTHON313=/path/to/it allows no other."""
    # Names on the PATH prove nothing: pyenv has shims for versions that are switched off.
    named = os.environ.get("PYTHON" + version.replace(".", ""))
    pyenv = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv")) / "versions"
    installed = sorted(pyenv.glob(f"{version}.*/bin/python{version}"))
    for python in [named] if named else [sys.executable, f"python{version}", *installed]:
        probe = "import ensurepip, sys, venv; print(*sys.version_info[:2], sep='.')"
        try:
            said = subprocess.run([python, "-I", "-c", probe], capture_output=True, text=True)
        except OSError:
            continue
        if said.stdout.strip() == version:
            return str(python)
    return None


def python_313() -> str:
    found = find_python("3.13")
    if found is None:
        named = os.environ.get("PYTHON313")
        sys.exit(
            f"make compat needs Python 3.13, as Colab has it; {named or 'none'} "
            f"{'is not one' if named else 'was found'}. Likely fix: install it, or name one: "
            "make compat PYTHON313=/path/to/python3.13"
        )
    return found


def copy(venv: Path, to: Path) -> None:
    """The same environment elsewhere, in seconds: files are linked, and pip replaces, not edits."""
    shutil.rmtree(to, ignore_errors=True)
    shutil.copytree(venv, to, symlinks=True, copy_function=link)


def link(source: str, to: str) -> None:
    try:
        os.link(source, to, follow_symlinks=False)
    except OSError:  # another file system
        shutil.copy2(source, to, follow_symlinks=False)


# What each is made from


def make_browser() -> Path:
    def fill(venv: Path) -> None:
        empty(venv)
        pip(venv, "--require-hashes", "-r", BROWSER)

    return ensure("browser", [sys.version, digest(BROWSER)], "", fill)


def same_as_here(*names: str) -> list[str]:
    """These packages, in the versions of the environment that runs this."""
    return [f"{name}=={version(name)}" for name in names]


def make_peer(peer: str, same: tuple[str, ...], why: str) -> Path:
    """The extra `bench-PEER`, and what must be as in .venv for a fair race; learners need neither.

    Args:
        peer: sb3, rejax or sbx.
        same: packages in the versions of .venv.
        why: what to say where it is set up.
    """
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    wanted = [*project["optional-dependencies"][f"bench-{peer}"], *same_as_here(*same)]

    def fill(venv: Path) -> None:
        empty(venv)
        pip(venv, *wanted)

    return ensure(f"bench-{peer}", [sys.version, wanted], why, fill)


NO_JAX = ("gymnasium", "numpy")
WITH_JAX = (*NO_JAX, "jax", "jaxlib", "optax")
TORCH = (
    " On Linux, PyPI's torch brings\nCUDA libraries of several GB; "
    "with PyTorch's CPU index in PIP_EXTRA_INDEX_URL it is 1 to 2 GB"
)


def make_sb3() -> Path:
    return make_peer("sb3", NO_JAX, f", with Stable-Baselines3.{TORCH}")


def make_rejax() -> Path:
    return make_peer("rejax", WITH_JAX, ", 1 GB, with rejax and gymnax")


def make_sbx() -> Path:
    """sbx stands on Stable-Baselines3, and so on torch."""
    return make_peer("sbx", WITH_JAX, f", with sbx.{TORCH}")


def make_parity() -> Path:
    """The group `parity`, beside what this package itself needs in the versions of .venv."""
    groups = tomllib.loads((ROOT / "pyproject.toml").read_text())["dependency-groups"]
    own = ("jax", "jaxlib", "numpy", "gymnasium", "dm-haiku", "optax", "tqdm", "pytest")
    wanted = [*groups["parity"], *same_as_here(*own)]

    def fill(venv: Path) -> None:
        empty(venv)
        pip(venv, *wanted)

    return ensure("parity", [sys.version, wanted], ", 1 GB, with rlax and gymnax", fill)


def make_proof() -> Path:
    """What `make setup` made, and the group `proof`."""
    groups = tomllib.loads((ROOT / "pyproject.toml").read_text())["dependency-groups"]

    def fill(venv: Path) -> None:
        copy(Path(sys.prefix), venv)
        pip(venv, *groups["proof"])

    made_from = [sys.version, groups["proof"], digest(BUILD, LOCK, "pyproject.toml")]
    return ensure("proof", made_from, "", fill)


def make_uv() -> Path:
    """uv, which resolves for a Python that is not this one."""

    def fill(venv: Path) -> None:
        empty(venv)
        pip(venv, "uv")

    return ensure("uv", sys.version, "", fill)


def make_locked(name: str, python: str) -> Path:
    """What `make setup` installs, by another Python."""

    def fill(venv: Path) -> None:
        empty(venv, python)
        pip(venv, "--require-hashes", "-r", BUILD)
        pip(venv, "--require-hashes", "--no-build-isolation", "-r", LOCK)
        pip(venv, "--no-deps", "--no-build-isolation", "--editable", ".")

    return ensure(name, [python, digest(BUILD, LOCK, "pyproject.toml")], ", 1 GB", fill)


def make_resolved(name: str, python: str, pins: str) -> Path:
    """These exact pins, a complete list, and this package."""

    def fill(venv: Path) -> None:
        empty(venv, python)
        (venv / "pins.txt").write_text(pins)
        pip(venv, "--require-hashes", "-r", BUILD)
        pip(venv, "--no-deps", "--no-build-isolation", "-r", str(venv / "pins.txt"))
        pip(venv, "--no-deps", "--no-build-isolation", "--editable", ".")

    return ensure(name, [python, pins, digest(BUILD, "pyproject.toml")], ", 1 GB", fill)


def make_colab() -> Path:
    """What Colab has before a notebook is opened: no rl_jax and no Haiku."""
    python = python_313()

    def fill(venv: Path) -> None:
        empty(venv, python)
        pip(venv, "--no-deps", "-r", COLAB)
        run(venv / "bin/python", "-m", "pip", "check", "-qq")

    return ensure("colab", [python, digest(COLAB)], ", 1 GB", fill)


def make_compat() -> Path:
    base = make_colab()

    def fill(venv: Path) -> None:
        copy(base, venv)
        (venv / STAMP).unlink()
        pip(venv, "--no-deps", "--no-build-isolation", "-r", COLAB_TESTS)
        pip(venv, "--no-deps", "--no-build-isolation", "--editable", ".")

    return ensure("compat", [read_stamp(base), digest(COLAB_TESTS, "pyproject.toml")], "", fill)


if __name__ == "__main__":
    makers = {
        "browser": make_browser,
        "colab": make_compat,
        "parity": make_parity,
        "proof": make_proof,
        "rejax": make_rejax,
        "sb3": make_sb3,
        "sbx": make_sbx,
    }
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("name", choices=makers)
    makers[parser.parse_args().name]()
