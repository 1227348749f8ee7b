"""Each notebook as a web page: words for every picture, headings that nest, colours to read by.

Rendered by nbconvert's classic template, for its lab template drops the alt text. Contrast as in
WCAG 2.1, AA: text 4.5 to 1, parts of graphics 3 to 1.
"""

import json
import re

import pytest
from bs4 import BeautifulSoup
from nbconvert import HTMLExporter
from series import PACKAGE, STEMS, stored

from rl_jax.course.figures import COLORS

WIDGET_STATE = "application/vnd.jupyter.widget-state+json"
WIDGET_VIEW = "application/vnd.jupyter.widget-view+json"  # shown in place of the panel's picture
FEWEST_WORDS = 4
TEXT, GRAPHICS = 4.5, 3.0


def render(notebook) -> str:
    page, _ = HTMLExporter(template_name="classic").from_notebook_node(notebook)
    return page


def check_pictures(page: BeautifulSoup) -> list[str]:
    """Each <img>, on the page or inside a stored widget, has alt text that says something."""
    complaints = []
    for state in page.find_all("script", type=WIDGET_STATE):
        for model in json.loads(state.string)["state"].values():
            inside = BeautifulSoup(str(model["state"].get("value", "")), "html.parser")
            complaints += [f"in a widget: {said}" for said in check_pictures(inside)]
    for image in page.find_all("img"):
        words = re.findall(r"\w+", image.get("alt") or "")
        if len(words) < FEWEST_WORDS or "description has been provided" in image["alt"]:
            complaints.append(f"{image.get('src', '')[:40]} has the alt text {image.get('alt')!r}")
    for film in page.find_all(class_="rl-film"):
        if len(json.loads(film["data-film"])["alt"].split()) < FEWEST_WORDS:
            complaints.append("a film without alt text")
    return complaints


def check_headings(page: BeautifulSoup) -> list[str]:
    complaints, level = [], 0
    found = page.find_all(re.compile("^h[1-6]$"))
    for heading in found:
        new = int(heading.name[1])
        if new > level + 1:
            complaints.append(f"{heading.get_text()!r} goes from level {level} to {new}")
        level = new
    if [h.name for h in found].count("h1") != 1:
        complaints.append("not exactly one title")
    return complaints


def contrast(one: str, other: str) -> float:
    """Of two colours #rrggbb: from 1 to 21."""

    def luminance(color):
        channels = (int(color[i : i + 2], 16) / 255 for i in (1, 3, 5))
        linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
        return sum(w * c for w, c in zip((0.2126, 0.7152, 0.0722), linear, strict=True))

    low, high = sorted([luminance(one), luminance(other)])
    return (high + 0.05) / (low + 0.05)


def check_style(css: str) -> list[str]:
    """Rules with a colour and a background of their own, and colours of text that have only one."""
    complaints = []

    def long(color):
        return "#" + "".join(c * 2 for c in color[1:]) if len(color) == 4 else color

    for rule in re.findall(r"\{([^{}]*)\}", css):
        found = dict(re.findall(r"(?:^|;)\s*(color|background):\s*(#[0-9A-Fa-f]{3,6})", rule))
        if len(found) == 1:
            complaints.append(f"only one of two colours is set: {found}")
        if len(found) == 2 and contrast(*map(long, found.values())) < TEXT:
            complaints.append(f"poor contrast: {found}")
    return complaints


@pytest.mark.parametrize("stem", STEMS)
def test_the_page_can_be_read_without_seeing_it(stem):
    text = render(stored(stem))
    page = BeautifulSoup(text, "html.parser")
    shown = [o.get("data", {}) for cell in stored(stem).cells for o in cell.get("outputs", [])]
    pictures = sum("image/png" in data and WIDGET_VIEW not in data for data in shown)
    assert len(page.find_all("img")) >= pictures > 0
    assert check_pictures(page) + check_headings(page) == []


@pytest.mark.parametrize("name", COLORS)
def test_house_colours_stand_out_from_the_page(name):
    assert contrast(COLORS[name], "#FFFFFF") >= GRAPHICS


def test_what_the_film_writes_can_be_read():
    assert check_style((PACKAGE / "course/player.html").read_text(encoding="utf-8")) == []


# The checks themselves.


def test_contrast():
    assert contrast("#000000", "#FFFFFF") == pytest.approx(21)
    assert (
        contrast("#777777", "#FFFFFF")
        == contrast("#FFFFFF", "#777777")
        == pytest.approx(4.48, abs=0.01)
    )


def page_of(body: str) -> BeautifulSoup:
    return BeautifulSoup(f"<h1>T</h1>{body}", "html.parser")


def widget(value: str) -> str:
    state = {"state": {"a": {"state": {"value": value}}}}
    return f'<script type="{WIDGET_STATE}">{json.dumps(state)}</script>'


@pytest.mark.parametrize(
    ("body", "complaint"),
    [
        ('<img src="a" alt="A cart holds its pole">', None),
        ('<img src="a">', "has the alt text None"),
        ('<img src="a" alt="">', "has the alt text ''"),
        ('<img src="a" alt="cart.png">', "cart.png"),
        ('<img alt="No description has been provided for this image">', "provided"),
        (widget('<img src="a" alt="A cart holds its pole">'), None),
        (widget('<img src="a">'), "in a widget"),
        ("""<div class="rl-film" data-film='{"alt": "cart"}'></div>""", "film"),
        ("<h2>a</h2><h3>b</h3><h2>c</h2>", None),
        ("<h3>b</h3>", "from level 1 to 3"),
        ("<h1>b</h1>", "one title"),
    ],
)
def test_what_cannot_be_read_is_caught(body, complaint):
    found = check_pictures(page_of(body)) + check_headings(page_of(body))
    assert len(found) == bool(complaint) and (complaint or "") in "".join(found)


@pytest.mark.parametrize(
    ("css", "complaint"),
    [
        ("a { color: #111; background: #eee }", None),
        ("a { fill: currentColor; background-color: #777 }", None),
        ("a { color: #777; background: #888888 }", "poor"),
        ("a { color: #777 }", "only one"),
    ],
)
def test_poor_colours_are_caught(css, complaint):
    found = check_style(css)
    assert len(found) == bool(complaint) and (complaint or "") in "".join(found)
