"""A stamped notebook, alone in an empty folder, in an environment with what Colab publishes.

Colab itself is not here: a module named google.colab stands in for it, and a repository on this
disk for the public one. Each notebook gets a fresh copy of .venv-colab.
"""

import json
import os
import re
import shutil
import subprocess
from pathlib import Path

import fewer_runs
import nbformat
import pytest
import side_env
import stamp
from series import NOTEBOOKS, ROOT, STEMS, code_cells, tags

TAG = "v-test"
CELL_TIMEOUT_S = 600
ADDED = {"rl-jax", "dm-haiku", "jmp", "pygame-ce"}  # what Colab lacks; no more than that
ENVIRONMENT = {"JAX_PLATFORMS": "cpu", "SDL_VIDEODRIVER": "dummy", "SDL_AUDIODRIVER": "dummy"}


def git(folder: Path, *arguments: str) -> str:
    identity = ("-c", "user.name=test", "-c", "user.email=test@localhost")
    command = ["git", *identity, "-C", folder, *arguments]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


@pytest.fixture(scope="session")
def published(tmp_path_factory) -> Path:
    """A repository with a tag that holds this working tree, and its stamped notebooks."""
    place = tmp_path_factory.mktemp("published") / "course"
    listed = git(ROOT, "ls-files", "--cached", "--others", "--exclude-standard")
    for name in listed.splitlines():
        if (ROOT / name).is_file():
            (place / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, place / name)
    assert stamp.stamp(place, f"file://{place}", TAG) == len(STEMS)
    fewer_runs.shorten(place / "notebooks")
    git(place, "init", "-q")
    git(place, "add", "-A")
    git(place, "commit", "-qm", "Published")
    git(place, "tag", TAG)
    return place


class Colab:
    """A fresh environment, a stand-in for google.colab, and an empty folder to work in."""

    def __init__(self, place: Path):
        self.venv, self.folder = place / "venv", place / "content"
        self.folder.mkdir(parents=True)
        side_env.copy(side_env.make_colab(), self.venv)
        self.python = self.venv / "bin/python"
        (self.site,) = (self.venv / "lib").glob("python3.*/site-packages")
        (self.site / "google/colab").mkdir(parents=True)
        for name in ("__init__.py", "output.py"):  # jax imports the latter where it can
            (self.site / "google/colab" / name).touch()
        # Colab's kernels have it imported before the first cell.
        (self.site / "colab_stand_in.pth").write_text("import google.colab\n")
        kernel = place / "share/kernels/colab"
        kernel.mkdir(parents=True)
        argv = [str(self.python), "-m", "ipykernel_launcher", "-f", "{connection_file}"]
        spec = {"argv": argv, "display_name": "colab", "language": "python", "env": ENVIRONMENT}
        (kernel / "kernel.json").write_text(json.dumps(spec))
        dropped = ("PYTEST", "PYTHON", "PIP_USER", "VIRTUAL_ENV")
        kept = {k: v for k, v in os.environ.items() if not k.startswith(dropped)}
        self.env = kept | ENVIRONMENT | {"JUPYTER_PATH": str(place / "share")}

    def run(self, *command, check: bool = True) -> subprocess.CompletedProcess:
        options = {"cwd": self.folder, "env": self.env, "capture_output": True, "text": True}
        done = subprocess.run([str(part) for part in command], **options)
        assert not check or done.returncode == 0, (done.stdout + done.stderr)[-4000:]
        return done

    def packages(self) -> dict[str, str]:
        listed = json.loads(self.run(self.python, "-m", "pip", "list", "--format=json").stdout)
        return {package["name"].lower(): package["version"] for package in listed}

    def files(self) -> dict[str, tuple[int, int]]:
        found = (p for p in self.site.rglob("*") if p.suffix != ".pyc" and p.is_file())
        return {str(p): (p.stat().st_mtime_ns, p.stat().st_ino) for p in found}


def setup_cell(path: Path) -> str:
    cells = code_cells(nbformat.read(path, as_version=4))
    (source,) = (cell.source for cell in cells if "setup" in tags(cell))
    return source


@pytest.mark.parametrize("stem", STEMS)
def test_a_stamped_notebook_runs_alone(stem, published, tmp_path):
    colab = Colab(tmp_path)
    shutil.copy(published / f"notebooks/{stem}.ipynb", colab.folder)
    before = colab.packages()
    assert not {"rl-jax", "dm-haiku"} & set(before)
    options = ("--nbval-lax", "--nbval-kernel-name", "colab", "-p", "no:cacheprovider")
    options += (f"--nbval-cell-timeout={CELL_TIMEOUT_S}", "-q", "-W", "default", "--rootdir", ".")
    nbval = (ROOT / ".venv/bin/python", "-m", "pytest", *options, f"{stem}.ipynb")
    assert " passed" in colab.run(*nbval).stdout
    after = colab.packages()
    assert {name: after.get(name) for name in before} == before  # jax and numpy among them
    assert set(after) - set(before) <= ADDED and {"rl-jax", "dm-haiku"} <= set(after)
    assert [path.name for path in colab.folder.glob("*.ipynb")] == [f"{stem}.ipynb"]

    files = colab.files()
    cell = setup_cell(colab.folder / f"{stem}.ipynb")
    said = colab.run(colab.python, "-c", cell)
    assert said.stdout + said.stderr == "" and colab.files() == files
    shutil.rmtree(colab.venv)


def test_without_a_stamp_the_setup_cell_says_what_to_do(tmp_path):
    colab = Colab(tmp_path)
    before = colab.files()
    shutil.copytree(NOTEBOOKS, tmp_path / "notebooks")
    shutil.copy(ROOT / "README.md", tmp_path)
    stamp.stamp(tmp_path, "", "")
    cell = setup_cell(tmp_path / f"notebooks/{STEMS[0]}.ipynb")
    assert '\nSOURCE = ""' in cell
    said = colab.run(colab.python, "-c", cell, check=False)
    assert said.returncode == 1 and colab.files() == before
    assert all(word in said.stderr for word in ("make lab", "make dist", "upload the wheel"))


def test_an_upgrade_of_jax_is_refused_rather_than_made(published, tmp_path):
    """A package that wants another jax must fail to install, and leave everything as it is."""
    colab, place = Colab(tmp_path / "colab"), tmp_path / "course"
    shutil.copytree(published, place)
    text, changes = re.subn('"jax>=[0-9.]+"', '"jax>=0.8"', (place / "pyproject.toml").read_text())
    assert changes == 1
    (place / "pyproject.toml").write_text(text)
    git(place, "commit", "-qam", "Wants more")
    git(place, "tag", "-f", TAG)
    stamp.stamp(place, f"file://{place}", TAG)
    before = colab.packages()
    cell = setup_cell(place / f"notebooks/{STEMS[0]}.ipynb")
    said = colab.run(colab.python, "-c", cell, check=False)
    assert said.returncode == 1 and "conflict" in said.stderr + said.stdout
    assert colab.packages() == before
