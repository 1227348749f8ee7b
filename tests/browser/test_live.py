"""Every notebook in a real JupyterLab: Run All, then each slider, each button, each film.

What is tested is read off notebooks/*.ipynb, so a new notebook is driven without being named here.
Sliders that were broken on purpose must be caught. That comes first: it times nothing, so the
notebook that trains longest can compute meanwhile.
"""

import json
import re
import time

import accessibility
import pytest
from book import FILM, SLIDERS, STATE, VIEW, Book, present
from controls import RETRAINS, drive, drive_slider
from films import drive_film
from lab_server import ARTEFACTS, ROOT, render
from scripts import CONTRAST, LABEL, SEEN, STICKS_OUT
from training import drive_training

STEMS = sorted(path.stem for path in (ROOT / "notebooks").glob("[0-9][0-9]_*.ipynb"))
TRAINER = "06_full_loop"


def open_book(new_page, jupyter, folder, name: str) -> Book:
    """Open this file of the course's folder, and start all of its cells."""
    book = Book(new_page(), *jupyter, folder / name)
    book.start()
    return book


@pytest.fixture(scope="session")
def trainer(request, new_page, jupyter, folder):
    """The notebook that trains longest, started; None where its test was not asked for."""
    asked = {item.name for item in request.session.items}
    if f"test_everything_moves[{TRAINER}]" in asked:
        return open_book(new_page, jupyter, folder, f"{TRAINER}.ipynb")


# The harness itself: what it must not let pass.

BREAKS = {
    "nobody listens": """
import ipywidgets
listen = ipywidgets.FloatSlider.observe
ipywidgets.FloatSlider.observe = lambda self, *a, **k: (
    None if self.description == {label!r} and a and callable(a[0]) and "redraw" in repr(a[0])
    else listen(self, *a, **k))
""",
    "it fails": """
from rl_jax.course import panels
panel = panels.panel
def broken(draw, alt, **controls):
    first = {{name: control.value for name, control in controls.items()}}
    def fails(**values):
        if values != first:
            raise ValueError("broken on purpose")
        return draw(**values)
    return panel(fails, alt, **controls)
panels.panel = broken
""",
    "it draws the same": """
from rl_jax.course import panels
panel = panels.panel
def broken(draw, alt, **controls):
    first = {{name: control.value for name, control in controls.items()}}
    return panel(lambda **values: (draw(**first)[0], str(values)), alt, **controls)
panels.panel = broken
""",
}


@pytest.mark.parametrize(
    ("stem", "label", "how", "complaint"),
    [
        ("01_jax_grad_basics", "x", "nobody listens", "does not change the picture"),
        ("02_replay_memory", "capacity", "it fails", "shows an error: ValueError: broken"),
        ("02_replay_memory", "batch size", "it draws the same", "does not change the picture"),
    ],
)
def test_a_broken_slider_is_caught(stem, label, how, complaint, trainer, new_page, jupyter, folder):
    """The notebook, as far as its first panel, with a saboteur in its first cell."""
    book = json.loads((folder / f"{stem}.ipynb").read_text())
    last = next(i for i, cell in enumerate(book["cells"]) if VIEW in json.dumps(cell))
    code = next(cell for cell in book["cells"] if cell["cell_type"] == "code")
    code["source"] = "".join(code["source"]) + BREAKS[how].format(label=label)
    book["cells"] = book["cells"][: last + 1]
    (folder / f"broken_{stem}.ipynb").write_text(json.dumps(book))
    opened = open_book(new_page, jupyter, folder, f"broken_{stem}.ipynb")
    opened.wait()
    assert opened.errors() == []
    output = opened.output(last)
    slider = next(s for s in output.locator(SLIDERS).all() if label in s.evaluate(LABEL))
    wrong, _ = drive_slider(output, slider)
    assert any(complaint in said for said in wrong), wrong
    opened.shut_down()


def test_what_a_page_complains_of_is_heard(page, jupyter, folder):
    book = Book(page, *jupyter, folder / f"{STEMS[0]}.ipynb")
    page.evaluate("() => { console.error('oh'); setTimeout(() => { throw new Error('no') }) }")
    page.route("**/broken", lambda route: route.fulfill(status=500))
    asked = ["/files/lost.png", "/api/contents/lost", "/files/broken", "/api/contents/broken"]
    page.evaluate("asked => { asked.forEach(path => fetch(path)) }", asked)
    deadline = time.monotonic() + 10
    while len(book.said + book.server_said) < 6 and time.monotonic() < deadline:
        page.wait_for_timeout(50)
    book.shut_down()
    for wanted in ("oh", "no", *asked[:3]):
        assert any(wanted in said for said in book.said), book.said
    assert any(asked[3] in said for said in book.server_said), book.server_said


WAITING = """<div id=o><img src="data:,a"><div class=widget-html-content>3</div>
<div class="widget-html-content rl-busy">working ...</div></div>"""


def test_a_busy_sign_is_no_answer(page):
    page.set_content(WAITING)
    waiting = page.locator("#o").evaluate(SEEN)
    page.evaluate("() => { document.querySelector('.rl-busy').innerText = '' }")
    rest = page.locator("#o").evaluate(SEEN)
    assert (waiting["text"], waiting["busy"], rest["text"], rest["busy"]) == ("3", True, "3", False)


SPOKEN = """<div id=o><button>{name}</button><img alt="{name}" src="data:,a">
<div {live}>said</div></div>"""


@pytest.mark.parametrize(
    ("name", "live", "wrong"),
    [
        ("Go", "role=status", []),
        ("Go", "aria-live=polite", []),
        ("", "role=status", ["a button without"]),
        ("Go", "", ["no live region"]),
    ],
)
def test_what_a_screen_reader_misses_is_seen(page, name, live, wrong):
    page.set_content(SPOKEN.format(name=name, live=live))
    found = accessibility.complaints(page.locator("#o"), is_panel=True)
    assert [said for said in found if not any(words in said for words in wrong)] == []
    assert len(found) == len(wrong)


HANDLE = "<div id=o>{label}<div role=slider tabindex=0 aria-valuenow=1></div></div>"


@pytest.mark.parametrize(("label", "is_heard"), [("<label>angle</label>", True), ("", False)])
def test_a_slider_that_nobody_names_is_seen(page, label, is_heard):
    page.set_content(HANDLE.format(label=label))
    assert (accessibility.complaints(page.locator("#o"), is_panel=False) == []) == is_heard


LAYOUT = """<div id=o style="width: 300px; background: #fff">
<p id=t style="color: {ink}">text</p><button style="width: {width}px">b</button></div>"""


@pytest.mark.parametrize(
    ("ink", "width", "contrast", "sticks"),
    [("#595959", 290, [], []), ("#8a8a8a", 290, ["text"], []), ("#000", 310, [], ["BUTTON b"])],
)
def test_poor_layout_is_seen(page, ink, width, contrast, sticks):
    page.set_content(LAYOUT.format(ink=ink, width=width))
    node = page.locator("#o")
    assert [said.split(":")[0] for said in node.evaluate(CONTRAST)] == contrast
    assert node.evaluate(STICKS_OUT) == sticks


# A film needs no kernel: it plays in the HTML that nbconvert makes.

FILMS = [stem for stem in STEMS if FILM in (ROOT / f"notebooks/{stem}.ipynb").read_text()]


@pytest.mark.parametrize("stem", FILMS)
def test_films_play_in_rendered_html_without_a_kernel(stem, trainer, page, tmp_path):
    render(ROOT / f"notebooks/{stem}.ipynb", tmp_path)
    page.route(re.compile("^https?:"), lambda route: route.abort())  # and without a network
    page.goto((tmp_path / f"{stem}.html").as_uri(), wait_until="commit")
    output = page.locator(".output_html:has(.rl-film[data-ready])").first
    output.wait_for()
    assert drive_film(output) == []


# The course.


def keep(stem: str, figures: dict) -> None:
    (ARTEFACTS / stem).mkdir(parents=True, exist_ok=True)
    (ARTEFACTS / stem / "figures.json").write_text(json.dumps(figures, indent=1))


@pytest.mark.parametrize("stem", sorted(STEMS, key=lambda stem: stem != TRAINER))
def test_everything_moves(stem, trainer, new_page, jupyter, folder):
    book = trainer if stem == TRAINER else open_book(new_page, jupyter, folder, f"{stem}.ipynb")
    book.wait()
    complaints, figures = book.errors(), {}
    book.screenshots("top")
    cells = book.live_cells()
    assert cells, "no widget at all in this notebook"
    for cell, wanted in cells.items():
        output = book.output(cell)
        if present(output) != wanted:
            complaints.append(f"cell {cell} shows {present(output)}, but {wanted} are stored")
        book.screenshot(f"cell{cell}-before", cell)
        is_panel = bool(wanted["sliders"] or wanted["buttons"]) and not wanted["films"]  # no bar
        complaints += [f"cell {cell}: {x}" for x in accessibility.complaints(output, is_panel)]
        if wanted["films"]:
            complaints += drive_film(book.output(cell))
        elif output.get_by_role("button", name="Train", exact=True).count():
            wrong, figures[f"cell {cell}"] = drive_training(book.output(cell))
            complaints += wrong
        else:
            wrong, figures[f"cell {cell}"] = drive(book.output(cell), stem in RETRAINS)
            complaints += wrong
        complaints += book.screenshots(f"cell{cell}-after", cell)
    figures |= {"Jupyter's server said": book.server_said} if book.server_said else {}
    keep(stem, figures)
    complaints += book.said
    book.shut_down()
    assert not complaints, "\n".join(complaints)


def test_the_trainer_is_still_there():
    """So that no rename makes Train, Stop and resume go untested."""
    stored = json.loads((ROOT / f"notebooks/{TRAINER}.ipynb").read_text())
    states = stored["metadata"]["widgets"][STATE]["state"].values()
    names = {model["state"].get("description") for model in states}
    assert {"Train", "Stop", "Reset"} <= names
