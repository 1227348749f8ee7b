"""The glossary and the troubleshooting page: each link leads somewhere, each term is linked."""

import re
import subprocess
import sys

import pytest
from helpers import keys_in_a_vmapped_scan
from series import NOTEBOOKS, ROOT, STEMS, source_of

GLOSSARY, TROUBLE = NOTEBOOKS / "glossary.md", NOTEBOOKS / "troubleshooting.md"
LINK = re.compile(r"\[[^\]]*\]\(([\w./-]+\.(?:md|ipynb))?(?:#([^)\s]*))?\)")
README = (ROOT / "README.md").read_text(encoding="utf-8")
PAGE = 130  # lines


def slug(heading: str) -> str:
    """The anchor that GitHub makes of a heading; of a lower-case one JupyterLab makes the same."""
    return re.sub(r"[^\w\s-]", "", heading.strip().lower()).replace(" ", "-")


def headings(text: str, marks: str = "#+") -> list[str]:
    return re.findall(rf"^(?:{marks}) (.+?)\s*$", text, flags=re.MULTILINE)


def prose(stem: str) -> str:
    cells = source_of(stem).cells
    return "\n\n".join(cell.source for cell in cells if cell.cell_type == "markdown")


TERMS = headings(GLOSSARY.read_text(encoding="utf-8"), "###")
PAGES = {stem: prose(stem) for stem in STEMS}
PAGES |= {path.name: path.read_text(encoding="utf-8") for path in NOTEBOOKS.glob("*.md")}


@pytest.mark.parametrize("name", PAGES)
def test_links_and_their_anchors_lead_somewhere(name):
    for path, anchor in LINK.findall(PAGES[name]):
        assert not path or (NOTEBOOKS / path).exists(), path
        if anchor:
            target = PAGES[path.removesuffix(".ipynb") or name]
            assert anchor in map(slug, headings(target)), f"{path}#{anchor}"


def test_each_term_is_linked_from_where_it_is_first_explained():
    """The entry names its notebooks; the first of them links to it, and so no earlier one need."""
    text = GLOSSARY.read_text(encoding="utf-8")
    for term in TERMS:
        entry = text.split(f"### {term}\n")[1].split("###")[0]
        first = re.search(r"\((\d\d)(?:, \d\d)*\)\s*$", entry)[1]
        (stem,) = (stem for stem in STEMS if stem.startswith(first))
        assert f"(glossary.md#{slug(term)})" in PAGES[stem], f"{term}, in {stem}"


def test_terms_are_sorted_and_written_so_that_anchors_agree():
    assert sorted(TERMS) == TERMS and len(set(TERMS)) == len(TERMS)
    assert all(term == term.lower() for term in TERMS)


def test_both_are_short_and_someone_links_to_them():
    for path in (GLOSSARY, TROUBLE):
        assert len(path.read_text(encoding="utf-8").splitlines()) <= PAGE
        assert any(f"({path.name}" in PAGES[stem] for stem in STEMS)


def test_readme_says_the_minutes_that_the_pages_say():
    said = dict(re.findall(r"^\| (\d\d) \|.*\| (\d+) \|$", README, flags=re.MULTILINE))
    own = {stem[:2]: re.search(r"\*\*Time:\*\* (\d+) minutes", PAGES[stem])[1] for stem in STEMS}
    assert said == own


def test_readme_links_to_what_is_there():
    paths = [path for path, _ in LINK.findall(README) if path]
    paths += re.findall(r"!\[[^\]]*\]\(([\w./-]+)\)", README)
    assert len(paths) > 10 and [path for path in paths if not (ROOT / path).exists()] == []


@keys_in_a_vmapped_scan
def test_the_example_in_the_readme_runs():
    (code,) = re.findall(r"^```python\n(.*?)^```$", README, flags=re.DOTALL | re.MULTILINE)
    brief = code.replace("20_000", "2_000")
    assert brief != code
    done = subprocess.run([sys.executable, "-c", brief], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    mean, *last = re.findall(r"\d+\.?\d*", done.stdout)
    assert 8 <= float(mean) <= 500 and len(last) == 16
