"""Make .venv from the lock files, unless the one that is there is already right.

Run by `make setup` with any Python 3.11 or newer, standard library only. A stamp, written last,
says where the environment lies, which Python made it, and from what. No stamp (an interrupted
run), another place (a copied folder), another Python or another lock: it is made anew. If only
pyproject.toml changed, only this package's own entry is renewed.
"""

import argparse
import contextlib
import hashlib
import json
import os
import platform
import subprocess
import sys
import sysconfig
import time
from collections.abc import Iterator
from pathlib import Path

try:
    import fcntl
except ImportError:  # on Windows
    fcntl = None

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
BIN = VENV / ("Scripts" if os.name == "nt" else "bin")
PYTHON = BIN / ("python.exe" if os.name == "nt" else "python")
STAMP = VENV / "made-from.json"
LOCK = ROOT / ".venv.lock"
LOCKS = ("requirements-build.lock", "requirements.lock")

# Of pip's many PIP_* variables only those that say how to reach packages may pass.
PIP_KEEPS = (
    *("CACHE_DIR", "NO_CACHE_DIR", "CERT", "CLIENT_CERT", "CONFIG_FILE", "KEYRING_PROVIDER"),
    *("INDEX_URL", "EXTRA_INDEX_URL", "FIND_LINKS", "NO_INDEX", "PROXY", "TRUSTED_HOST"),
    *("DEFAULT_TIMEOUT", "TIMEOUT", "RETRIES"),
)

# JupyterLab asks whether it may fetch news, and looks for updates. A workshop needs neither.
LAB_SETTINGS = {"disabledExtensions": {"@jupyterlab/apputils-extension:announcements": True}}


def digest(*names: str) -> str:
    return hashlib.sha256(b"\0".join((ROOT / name).read_bytes() for name in names)).hexdigest()


def wanted_stamp(base: str, found: dict[str, str]) -> dict[str, str]:
    ours = Path(sys.prefix) == VENV  # run by .venv itself: nobody asked for another Python
    return {
        "place": str(VENV),
        "python": found.get("python", base) if ours else base,
        "version": f"{sys.version_info.major}.{sys.version_info.minor}",
        "locks": digest(*LOCKS, "tools/make_env.py"),
        "pyproject": digest("pyproject.toml"),
    }


def read_stamp() -> dict[str, str]:
    try:
        stamp = json.loads(STAMP.read_text())
        return stamp if PYTHON.exists() and isinstance(stamp, dict) else {}
    except (OSError, ValueError):
        return {}


def clean_environment() -> dict[str, str]:
    foreign = ("PYTHON", "VIRTUAL_ENV", "CONDA_PREFIX", "__PYVENV_LAUNCHER__")
    kept = {f"PIP_{name}" for name in PIP_KEEPS}
    env = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(foreign) and (not name.startswith("PIP_") or name in kept)
    }
    return env | {"PIP_USER": "0", "PIP_DISABLE_PIP_VERSION_CHECK": "1", "PIP_NO_INPUT": "1"}


def run(what: str, *command: str | Path) -> None:
    print(f"  {what}", flush=True)
    done = subprocess.run([str(part) for part in command], cwd=ROOT, env=clean_environment())
    if done.returncode:
        sys.exit(
            f"Set-up stopped at: {what}. Fix the error above, then run the same command again."
        )


def pip(what: str, *arguments: str) -> None:
    run(what, PYTHON, "-m", "pip", "install", "-qq", "--no-warn-script-location", *arguments)


def make_venv(base: str) -> None:
    print("Setting up .venv; once, about a minute and 1.2 GB:", flush=True)
    STAMP.unlink(missing_ok=True)
    run("an empty environment", base, "-m", "venv", "--clear", VENV)
    hashes = ("--no-compile", "--require-hashes")
    pip("what builds packages", *hashes, "-r", LOCKS[0])
    pip("the packages in requirements.lock", *hashes, "--no-build-isolation", "-r", LOCKS[1])
    settings = VENV / "etc/jupyter/labconfig/page_config.json"
    settings.parent.mkdir(parents=True, exist_ok=True)
    settings.write_text(json.dumps(LAB_SETTINGS))


def install_ourselves() -> None:
    pip("rl_jax itself", "--no-deps", "--no-build-isolation", "--editable", ".")


def compile_bytecode() -> None:
    """On all cores, which pip does not; a file that does not compile is its package's business."""
    print("  bytecode, so that kernels start fast", flush=True)
    command = [str(PYTHON), "-m", "compileall", "-qq", "-j", "0", str(VENV / "lib")]
    subprocess.run(command, cwd=ROOT, env=clean_environment(), stderr=subprocess.DEVNULL)


def refuse_where_jax_is_not() -> None:
    """One clear line, before hundreds of megabytes are fetched in vain."""
    if sys.platform == "darwin" and platform.machine() == "x86_64":
        sys.exit(
            "JAX is no longer made for Intel Macs, and this Python is one of theirs. Likely fix: "
            "on Apple silicon a Python for arm64: make setup PYTHON=/path/to/it. Else use Colab."
        )
    if "musl" in (sysconfig.get_config_var("HOST_GNU_TYPE") or ""):
        sys.exit(
            "JAX is made for Linux with glibc, and this one (Alpine?) has musl. Likely fix: "
            "another image, python:3.13 for example."
        )


@contextlib.contextmanager
def alone() -> Iterator[None]:
    """One set-up at a time: a second one waits here."""
    if fcntl is None:
        yield
        return
    with LOCK.open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            print("Another set-up is running here: waiting for it.", flush=True)
            fcntl.flock(file, fcntl.LOCK_EX)
        except OSError:  # a file system without locks: then as before there were any
            pass
        yield


def main() -> None:
    argparse.ArgumentParser(description=__doc__.splitlines()[0]).parse_args()  # there are none
    base = os.path.realpath(getattr(sys, "_base_executable", None) or sys.executable)
    found = read_stamp()
    wanted = wanted_stamp(base, found)
    if found == wanted:
        return
    refuse_where_jax_is_not()
    with alone():
        renew(base)


def renew(base: str) -> None:
    """Make what is not right; another set-up may just have done it."""
    started = time.monotonic()
    found = read_stamp()
    wanted = wanted_stamp(base, found)
    if found == wanted:
        return
    whole = {name for name in wanted if found.get(name) != wanted[name]} - {"pyproject"}
    if whole:
        make_venv(base)
    install_ourselves()
    if whole:
        compile_bytecode()
    unfinished = STAMP.with_suffix(".tmp")
    unfinished.write_text(json.dumps(wanted, indent=1))
    os.replace(unfinished, STAMP)
    print(f"Ready after {time.monotonic() - started:.0f} s.")


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        sys.exit("Set-up was interrupted; the next one starts it afresh.")
