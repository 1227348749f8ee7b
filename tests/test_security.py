"""What SECURITY.md promises, as far as a unit test can hold it."""

import ast
import base64
import getpass
import io
import json
import platform
import re
from pathlib import Path

import numpy as np
import pytest
from bs4 import BeautifulSoup
from nbconvert import HTMLExporter
from nbformat.v4 import new_code_cell, new_notebook, new_output
from PIL import Image
from series import NOTEBOOKS, PACKAGE, ROOT, STEMS

from rl_jax.course import figures, film, panels

OURS = sorted(
    path
    for folder in (PACKAGE, ROOT / "tools", ROOT / "benchmarks")
    for path in folder.rglob("*.py")
)

# What runs code while it reads data.
UNSAFE_MODULES = {"pickle", "cPickle", "cloudpickle", "dill", "joblib", "marshal", "shelve"}
UNSAFE_CALLS = {"eval", "exec", "compile", "__import__"}


def check_code(source: str) -> list[str]:
    complaints = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import | ast.ImportFrom):
            names = [getattr(node, "module", None) or "", *(alias.name for alias in node.names)]
            unsafe = {name.partition(".")[0] for name in names} & UNSAFE_MODULES
            complaints += [f"imports {name}" for name in unsafe]
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") in UNSAFE_CALLS:
            complaints.append(f"calls {node.func.id}")
        if isinstance(node, ast.keyword) and node.arg in ("allow_pickle", "shell"):
            is_off = isinstance(node.value, ast.Constant) and node.value.value is False
            complaints += [] if is_off else [f"passes {node.arg}"]
    return complaints


@pytest.mark.parametrize("path", OURS, ids=lambda path: str(path.relative_to(ROOT)))
def test_no_code_comes_out_of_data(path):
    assert check_code(path.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize(
    ("source", "complaints"),
    [
        ("import pickle", ["imports pickle"]),
        ("def f():\n    from joblib.parallel import load", ["imports joblib"]),
        ("np.load(file, allow_pickle=True)", ["passes allow_pickle"]),
        ("np.load(file, allow_pickle=wanted)", ["passes allow_pickle"]),
        ("np.load(file, allow_pickle=False)", []),
        ("subprocess.run('ls', shell=True)", ["passes shell"]),
        ("eval(text)", ["calls eval"]),
        ("function.eval(text)", []),
    ],
)
def test_code_that_could_is_caught(source, complaints):
    assert check_code(source) == complaints


# Stored outputs


BASE64 = re.compile(r"[A-Za-z0-9+/=]{200,}")
HOME = re.compile(r"(?:/home/|/Users/|[A-Z]:\\+Users\\+)\w+|/root/")
PROMPT = re.compile(r"\b[a-z_][\w-]*@(?:localhost|[\w-]+[:#$~])")
NAMES_TOO_COMMON = {"root", "user", "runner", "localhost", "jovyan"}


def check_stored(text: str, names: tuple[str, ...], source: str = "") -> list[str]:
    """Home folders, shell prompts, and these names as words, anywhere in a notebook's file.

    A name that stands in the page's source is a word there: whoever is called jupyter, or gamma,
    may run these tests.
    """
    text = BASE64.sub("", text)
    found = [*HOME.findall(text), *PROMPT.findall(text)]
    rare = {name for name in names if len(name) > 3} - NAMES_TOO_COMMON
    words = {name: re.compile(rf"\b{re.escape(name)}\b") for name in rare}
    return found + [
        name for name, word in words.items() if word.search(text) and not word.search(source)
    ]


def user() -> str:
    """Who runs this; a container may know a number alone."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return "root"


@pytest.mark.parametrize("stem", STEMS)
def test_a_stored_notebook_does_not_say_who_ran_it_and_where(stem):
    text = (NOTEBOOKS / f"{stem}.ipynb").read_text(encoding="utf-8")
    source = (NOTEBOOKS / f"src/{stem}.py").read_text(encoding="utf-8")
    names = (user(), platform.node(), Path.home().name or "root", "jupyter", "gamma")
    assert check_stored(text, names, source) == []


@pytest.mark.parametrize("stem", STEMS)
def test_a_stored_picture_carries_no_words_of_its_own(stem):
    """A PNG can hold its author's name and more."""
    text = (NOTEBOOKS / f"{stem}.ipynb").read_text(encoding="utf-8")
    pictures = re.findall(r'"image/png": "([A-Za-z0-9+/=]+)', text)
    assert pictures
    for data in pictures:
        picture = Image.open(io.BytesIO(base64.b64decode(data)))
        assert not getattr(picture, "text", {})


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("see /home/jane/x", "/home/jane"),
        (r"C:\\Users\\jane", r"C:\\Users\\jane"),
        ("/root/x", "/root/"),
        ("jane@box:~$ ls", "jane@box:"),
        ("on the machine box-17", "box-17"),
        ("the square root of it, for a user", None),
        ("A" * 300 + " at /root/x", "/root/"),
        ("A" * 300 + "/root/" + "A" * 300, None),  # a picture
        ("mail me@x.org", None),
    ],
)
def test_names_and_places_are_caught(text, said):
    assert check_stored(text, ("root", "user", "box-17")) == ([said] if said else [])


# Text on a page


HOSTILE = (
    '"><script>alert(1)</script>',
    "' onerror='alert(1)' x='",
    "</div></style></script><img src=x onerror=alert(1)>",
    '&quot; onload="alert(1)',
    'a {{film}} "b" {{alt}} {{moving}}',
    "`${alert(1)}`",
)
FRAMES = [np.full((20, 30, 3), shade, np.uint8) for shade in (0, 255)]
STATES = np.zeros((2, 4))


def shape(page: str) -> list[tuple[str, list[str]]]:
    """Each element's name and the names of its attributes: what hostile text would change."""
    elements = BeautifulSoup(page, "html.parser").find_all(True)
    return [(element.name, sorted(element.attrs)) for element in elements]


def alts(page: str) -> list[str]:
    return [image["alt"] for image in BeautifulSoup(page, "html.parser").find_all("img")]


def animation(alt: str, monkeypatch) -> str:
    shown = []
    monkeypatch.setattr(film, "display", lambda data, **_: shown.append(data))
    film.show(FRAMES, alt)
    return shown[0]["text/html"]


@pytest.mark.parametrize("text", HOSTILE)
def test_a_film_takes_words_for_words(text, monkeypatch):
    page = animation(text, monkeypatch)
    assert shape(page) == shape(animation("harmless", monkeypatch))
    assert alts(page) == [text, f"The last picture of this film: {text}"]


@pytest.mark.parametrize("text", HOSTILE)
def test_a_player_takes_words_for_words(text):
    page = film.player(STATES, [0, 1], text).data
    assert shape(page) == shape(film.player(STATES, [0, 1], "harmless").data)
    root = BeautifulSoup(page, "html.parser").find(class_="rl-film")
    assert json.loads(root["data-film"])["alt"] == text
    assert root.p.get_text() == f"{text} Run this cell, and the film plays here."


@pytest.mark.parametrize("text", HOSTILE)
def test_a_panel_takes_words_for_words(text):
    page, plain = (panels.markup((b"png", said), said) for said in (text, "harmless"))
    assert shape(page) == shape(plain)
    assert alts(page) == [f"{text} {text}"]
    assert BeautifulSoup(page, "html.parser").div.get_text() == text
    assert shape(panels.markup(ValueError(text), "alt")) == [("b", ["class", "role"])]


def figure_on_a_page(alt: str, monkeypatch) -> str:
    """What nbconvert makes of a notebook in which this was shown."""
    shown = []
    monkeypatch.setattr(figures, "display", shown.append)
    figures.show(film.animation(FRAMES[:1]), alt)
    data, metadata = shown[0]._repr_mimebundle_()
    output = new_output("display_data", data=data, metadata=metadata)
    cell = new_code_cell("show()", outputs=[output])
    page, _ = HTMLExporter(template_name="classic").from_notebook_node(new_notebook(cells=[cell]))
    return page


@pytest.mark.parametrize("text", HOSTILE)
def test_a_figure_takes_words_for_words(text, monkeypatch):
    page = figure_on_a_page(text, monkeypatch)
    assert shape(page) == shape(figure_on_a_page("harmless", monkeypatch))
    assert alts(page) == [text]


# How it is started


def recipe(target: str) -> str:
    text = (ROOT / "Makefile").read_text()
    return re.search(rf"^{target}:.*\n((?:\t.*\n)+)", text, re.MULTILINE)[1]


def test_jupyterlab_keeps_its_own_door():
    """It listens on loopback and asks for a token, unless somebody says otherwise; we do not."""
    words = recipe("lab").lower()
    assert "jupyterlab" in words
    for opened in (
        "--ip",
        "token",
        "password",
        "allow_origin",
        "allow_remote",
        "disable_check_xsrf",
    ):
        assert opened not in words


def test_set_up_verifies_hashes():
    text = (ROOT / "tools/make_env.py").read_text()
    for lock in (0, 1):
        (line,) = re.findall(rf"^ *pip\(.*LOCKS\[{lock}\].*$", text, re.MULTILINE)
        assert "*hashes" in line
    assert '"--require-hashes"' in text
