"""A real JupyterLab on a free port, with settings of its own."""

import contextlib
import os
import secrets
import shutil
import socket
import subprocess
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PYTHON = ROOT / ".venv/bin/python"
ARTEFACTS = ROOT / ".artefacts/browser"
CHROMIUM_FLAGS = (
    *("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync"),
    *("--disable-background-networking", "--disable-component-update"),
)
PLACES = (
    *("JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR", "IPYTHONDIR"),
    *("JUPYTERLAB_SETTINGS_DIR", "JUPYTERLAB_WORKSPACES_DIR"),
)
START_TIMEOUT_S = 120


@contextlib.contextmanager
def server(folder: Path) -> Iterator[tuple[str, str]]:
    """JupyterLab with this folder as its root; yields (address, token)."""
    port, token, home = free_port(), secrets.token_hex(16), folder.parent / "jupyter-home"
    home.mkdir(exist_ok=True)
    log = home / "log.txt"
    with log.open("w") as file:
        command = start_command(folder, port, token)
        process = subprocess.Popen(command, stdout=file, stderr=file, env=environment(home))
        try:
            address = f"http://127.0.0.1:{port}"
            wait_until_it_answers(process, f"{address}/api?token={token}", log)
            yield address, token
        finally:
            process.terminate()
            process.wait(30)
            ARTEFACTS.mkdir(parents=True, exist_ok=True)
            shutil.copy(log, ARTEFACTS / "server.log")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def environment(home: Path) -> dict[str, str]:
    """Nothing of the user's own settings; on the CPU, without a screen."""
    own = {place: str(home / place.lower()) for place in PLACES}
    quiet = {"JAX_PLATFORMS": "cpu", "SDL_VIDEODRIVER": "dummy", "SDL_AUDIODRIVER": "dummy"}
    return os.environ | own | quiet


def start_command(folder: Path, port: int, token: str) -> list[str | Path]:
    options = (
        f"--ServerApp.root_dir={folder}",
        f"--ServerApp.port={port}",
        "--ServerApp.port_retries=0",
        f"--IdentityProvider.token={token}",
        "--LabApp.expose_app_in_browser=True",
        "--allow-root",
        "--no-browser",
    )
    return [PYTHON, "-m", "jupyterlab", *options]


def wait_until_it_answers(process: subprocess.Popen, address: str, log: Path) -> None:
    deadline = time.monotonic() + START_TIMEOUT_S
    while time.monotonic() < deadline:
        with contextlib.suppress(OSError):
            urllib.request.urlopen(address, timeout=5).close()
            return
        if process.poll() is not None:
            raise RuntimeError(log.read_text()[-2000:])
        time.sleep(0.2)
    raise TimeoutError(f"JupyterLab did not come up within {START_TIMEOUT_S} s")


def render(notebook: Path, folder: Path) -> None:
    """To HTML, with the template that keeps alt text."""
    options = ("--to", "html", "--template", "classic", "--output-dir", str(folder))
    command = [PYTHON, "-m", "nbconvert", *options, notebook]
    subprocess.run(command, check=True, capture_output=True)
