"""`make stamp`: one address in all notebooks and in the README, and no invented one without it."""

import re
import shutil
import subprocess
import sys
from importlib.metadata import version

import nbformat
import pytest
import stamp
from series import NOTEBOOKS, ROOT, STEMS, code_cells, tags

REPO, REF = "somebody/course", "v1.2"


@pytest.fixture(scope="module")
def unstamped(tmp_path_factory):
    """A copy of what a stamp may change, without one; not to be changed."""
    folder = tmp_path_factory.mktemp("unstamped")
    shutil.copytree(NOTEBOOKS, folder / "notebooks")
    shutil.copy(ROOT / "README.md", folder)
    stamp.stamp(folder, "", "")
    return folder


@pytest.fixture
def course(unstamped, tmp_path):
    """A copy of that, to be stamped."""
    return shutil.copytree(unstamped, tmp_path, dirs_exist_ok=True)


def everything(course) -> dict[str, str]:
    books = course / "notebooks"
    paths = [course / "README.md", *books.rglob("*.py"), *books.rglob("*.ipynb")]
    return {path.name: path.read_text(encoding="utf-8") for path in paths}


def test_what_is_published_here_names_no_address():
    """Unless somebody has stamped it: then it names one, everywhere."""
    cells = "\n".join(everything(ROOT).values())
    found = set(re.findall(r'^SOURCE = "(.*)"  #', cells, re.M))
    assert len(found) == 1
    assert ("open in colab" in cells.lower()) == bool(found.pop())


def test_a_stamp_reaches_every_notebook_and_the_readme(course):
    assert stamp.stamp(course, REPO, REF) == len(STEMS)
    files = everything(course)
    for stem in STEMS:
        at = f"https://colab.research.google.com/github/{REPO}/blob/{REF}/notebooks/{stem}.ipynb"
        book = nbformat.read(course / f"notebooks/{stem}.ipynb", as_version=4)
        nbformat.validate(book)
        lines = book.cells[0].source.splitlines()
        assert lines[0].startswith("# ") and lines[2].endswith(f"({at})")
        (setup,) = (cell for cell in code_cells(book) if "setup" in tags(cell))
        assert f'SOURCE = "rl-jax @ git+https://github.com/{REPO}@{REF}"' in setup.source
        assert at in files[f"{stem}.py"] and setup.source in files[f"{stem}.py"]
    assert files["README.md"].count(f"gh/{REPO}/{REF}?") == 1
    assert files["README.md"].count("Open in Colab") == 1


def test_outputs_stay(course):
    stamp.stamp(course, REPO, REF)
    for stem in STEMS:
        old, new = (
            nbformat.read(folder / f"{stem}.ipynb", as_version=4)
            for folder in (NOTEBOOKS, course / "notebooks")
        )
        assert [c.outputs for c in code_cells(new)] == [c.outputs for c in code_cells(old)]
        counts = [c.execution_count for c in code_cells(new)]
        assert counts == [c.execution_count for c in code_cells(old)]
        assert new.metadata == old.metadata


def test_a_second_stamp_replaces_the_first_and_undo_takes_it_out(course):
    before = everything(course)
    stamp.stamp(course, REPO, REF)
    once = everything(course)
    stamp.stamp(course, "other/place", "main")
    assert REPO not in "".join(everything(course).values())
    stamp.stamp(course, REPO, REF)
    assert everything(course) == once != before
    stamp.stamp(course, "", "")
    assert everything(course) == before


def test_a_repository_that_colab_cannot_open_gets_no_badge(course):
    stamp.stamp(course, "file:///some/where", "v1")
    files = "".join(everything(course).values())
    assert "rl-jax @ git+file:///some/where@v1" in files and "Open in Colab" not in files


@pytest.mark.parametrize(
    ("repo", "ref", "word"),
    [
        ("course", "v1", "REPO must be owner/name"),
        ("../..", "v1", "REPO must be owner/name"),
        ("a/b.git", "v1", "REPO must be owner/name"),
        ("https://github.com/a/b", "v1", "REPO must be owner/name"),
        ('a/b"', "v1", "REPO must be owner/name"),
        ("a/b", "", "REF must be a tag"),
        ("a/b", 'v1"', "REF must be a tag"),
        ('file:///a"b', "v1", "REPO must be owner/name"),
        ("file:///C:\\new", "v1", "REPO must be owner/name"),
        ("a/b", "v..1", "REF must be a tag"),
        ("a/b", "v1/", "REF must be a tag"),
        ("a/b", "v1.lock", "REF must be a tag"),
    ],
)
def test_nonsense_is_refused_and_nothing_is_changed(repo, ref, word, course):
    before = everything(course)
    with pytest.raises(ValueError, match=word):
        stamp.stamp(course, repo, ref)
    assert everything(course) == before


def test_a_readme_without_a_title_is_refused_and_nothing_is_changed(course):
    (course / "README.md").write_text("No title.\n")
    before = everything(course)
    with pytest.raises(ValueError, match=r"README\.md must begin with a title"):
        stamp.stamp(course, REPO, REF)
    assert everything(course) == before


def test_make_stamp_without_an_address_says_what_it_needs():
    done = subprocess.run([sys.executable, ROOT / "tools/stamp.py"], capture_output=True, text=True)
    assert done.returncode == 1 and "make stamp REPO=owner/name REF=tag" in done.stderr


# The setup cell, in a Python that pretends.

NO_RL_JAX = """
import importlib.metadata, subprocess, sys
version = importlib.metadata.version
def pretended(name):
    if name == "rl-jax":
        raise importlib.metadata.PackageNotFoundError(name)
    return version(name)
importlib.metadata.version = pretended
subprocess.run = lambda command, check: print("RUN", *command[1:], check)
"""
IN_COLAB = "sys.modules['google.colab'] = sys\n"
PINS = " ".join(f"{name}=={version(name)}" for name in ("jax", "jaxlib", "numpy"))


def run_setup(course, pretend: str, folder=ROOT) -> subprocess.CompletedProcess:
    book = nbformat.read(course / f"notebooks/{STEMS[0]}.ipynb", as_version=4)
    (setup,) = (cell.source for cell in code_cells(book) if "setup" in tags(cell))
    command = [sys.executable, "-c", pretend + setup]
    return subprocess.run(command, capture_output=True, text=True, cwd=folder)


def test_the_setup_cell_is_silent_where_rl_jax_is(course):
    stamp.stamp(course, REPO, REF)
    done = run_setup(course, f"import sys\n{IN_COLAB}")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


@pytest.mark.parametrize("beside", [None, "rl_jax", "rl_jax/__init__.py"])
@pytest.mark.parametrize(("stamped", "pretend"), [(False, IN_COLAB), (True, ""), (False, "")])
def test_the_setup_cell_says_what_to_do(stamped, pretend, beside, course, tmp_path):
    """Not stamped, or not in Colab: it installs nothing behind anybody's back.

    A folder of this name, empty or a clone's, is not an installed package.
    """
    if beside:
        (tmp_path / "rl_jax").mkdir()
        (tmp_path / "rl_jax/__init__.py").touch() if beside.endswith("py") else None
    if stamped:
        stamp.stamp(course, REPO, REF)
    done = run_setup(course, NO_RL_JAX + pretend, tmp_path)
    assert done.returncode == 1 and done.stdout == ""
    wanted = ("not installed in this kernel", "make lab", "kernel of .venv", "make dist", "upload")
    assert all(words in done.stderr for words in wanted), done.stderr


def test_the_setup_cell_installs_in_colab_and_pins_what_must_stay(course):
    stamp.stamp(course, REPO, REF)
    done = run_setup(course, NO_RL_JAX + IN_COLAB)
    assert done.returncode == 0, done.stderr
    source = f"rl-jax @ git+https://github.com/{REPO}@{REF}"
    assert done.stdout == f"RUN -m pip install -q {source} {PINS} True\n"


def test_an_uploaded_wheel_is_installed_likewise(course, tmp_path):
    for number in (1, 2):
        (tmp_path / f"rl_jax-0.{number}.0-py3-none-any.whl").touch()
    done = run_setup(course, NO_RL_JAX + IN_COLAB, tmp_path)
    assert done.returncode == 0, done.stderr
    wheel = "rl_jax-0.2.0-py3-none-any.whl"
    assert done.stdout == f"RUN -m pip install -q {wheel} {PINS} True\n"
    assert run_setup(course, NO_RL_JAX, tmp_path).returncode == 1  # and nowhere else


def test_a_page_that_is_not_its_notebook_is_refused_and_nothing_is_changed(course):
    """Outputs are kept by place: beside other cells they would lie."""
    page = course / f"notebooks/{STEMS[4]}.ipynb"
    book = nbformat.read(page, as_version=4)
    del book.cells[7]
    nbformat.write(book, page)
    before = everything(course)
    with pytest.raises(ValueError, match=r"its notebook differ\. Run `make notebooks` first"):
        stamp.stamp(course, REPO, REF)
    assert everything(course) == before
