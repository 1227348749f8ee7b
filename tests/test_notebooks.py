"""Every notebook is whole, in step with its source, and built as CONTRIBUTING.md says.

Each check is a function from a notebook to a list of complaints. At the end of this file a small
good notebook passes all of them, and each way of spoiling it is caught by name.
"""

import copy
import json
import re
import statistics
from pathlib import Path

import nbformat
import pytest
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output
from series import (
    JUPYTEXT_LAYOUT,
    NOTEBOOKS,
    STEMS,
    code_cells,
    source_of,
    stored,
    tags,
    unasserted,
)

MAX_BYTES = 1_000_000
MAX_CELL_LINES, MEDIAN_CELL_LINES = 30, 8
MAX_VERDICTS = 6  # printed lines that end in True or False: a number says more
CODE_CELLS_PER_IGNORED = 15

WIDGET_VIEW = "application/vnd.jupyter.widget-view+json"
WIDGET_STATE = "application/vnd.jupyter.widget-state+json"
FRAME = ("what you will build", "what you will learn", "what you need", "time")
MACHINE_PATH = re.compile(
    r"(?<![\w.:/~-])/(?:root|home|tmp|work|Users)/|site-packages|ipykernel_\d"
)
MARKDOWN_LINK = re.compile(r"(!?)\[([^\]]*)\]\(\s*<?([^)\s>]+)>?[^)]*\)")
MARKDOWN_PICTURE = re.compile(r"!\[[^\]]+\]\([^)]+\)")
HTML_IMAGE = re.compile(r"<img\b[^>]*>", re.IGNORECASE)
HTML_ALT = re.compile(r"""\balt\s*=\s*(?:"\s*[^"\s]|'\s*[^'\s])""", re.IGNORECASE)
HTML_LINK = re.compile(r"""\b(?:href|src)\s*=\s*["']([^"']+)["']""", re.IGNORECASE)
DATA_URL = re.compile(r"data:[\w/+.-]+;base64,[A-Za-z0-9+/=\s]+")


def where(notebook: NotebookNode, cell: NotebookNode) -> str:
    number = next(i for i, other in enumerate(notebook.cells) if other is cell)
    lines = cell.source.strip().splitlines() or ["(empty)"]
    return f"cell {number} ({lines[0][:50]})"


def outputs(notebook: NotebookNode):
    return [(cell, output) for cell in code_cells(notebook) for output in cell.outputs]


def text_of(output: NotebookNode) -> str:
    """All text that a reader may see in an output; pictures left out."""
    if output.output_type == "stream":
        return output.text
    if output.output_type == "error":
        return "\n".join([output.ename, output.evalue, *output.traceback])
    data = {mime: value for mime, value in output.data.items() if not mime.startswith("image/")}
    return DATA_URL.sub("", "\n".join(v if isinstance(v, str) else "" for v in data.values()))


def headings(notebook: NotebookNode) -> list[tuple[int, int, str]]:
    """(cell number, level, words) of each heading, in order; code blocks hold none."""
    found = []
    for i, cell in enumerate(notebook.cells):
        if cell.cell_type == "markdown":
            prose = re.sub(r"^```.*?^```", "", cell.source, flags=re.MULTILINE | re.DOTALL)
            for marks, words in re.findall(r"^(#{1,6})\s+(.+?)\s*$", prose, flags=re.MULTILINE):
                found.append((i, len(marks), words))
    return found


def check_pair(notebook: NotebookNode, source: NotebookNode) -> list[str]:
    """The same cells in both; outputs and ids are the notebook's alone."""

    def content(cell):
        kept = {k: v for k, v in cell.metadata.items() if k not in JUPYTEXT_LAYOUT}
        return cell.cell_type, cell.source, kept

    complaints = []
    if len(notebook.cells) != len(source.cells):
        complaints.append(f"{len(notebook.cells)} cells, but {len(source.cells)} in the source")
    for ours, theirs in zip(notebook.cells, source.cells, strict=False):
        if content(ours) != content(theirs):
            complaints.append(f"{where(notebook, ours)} differs from its source")
            break
    return complaints


def check_executed(notebook: NotebookNode) -> list[str]:
    counts = [cell.execution_count for cell in code_cells(notebook) if cell.source.strip()]
    if counts != list(range(1, len(counts) + 1)):
        return [f"not run from top to bottom in one go: {counts}"]
    return []


def check_valid(notebook: NotebookNode) -> list[str]:
    """Valid for nbformat and for GitHub, which refuses widgets without `state`."""
    complaints = []
    ids = [cell.get("id", "") for cell in notebook.cells]
    if len(set(ids)) < len(ids):
        complaints.append("cell ids are not unique")
    else:
        try:
            nbformat.validate(notebook)
        except nbformat.ValidationError as error:
            complaints.append(f"not a valid notebook: {str(error).splitlines()[0]}")
    if len(json.dumps(notebook)) > MAX_BYTES:
        complaints.append(f"larger than {MAX_BYTES} bytes")
    if set(notebook.metadata) - {"kernelspec", "language_info", "widgets"}:
        complaints.append(f"metadata that belongs to a machine: {sorted(notebook.metadata)}")
    if "widgets" in notebook.metadata and not notebook.metadata.widgets.get(WIDGET_STATE):
        complaints.append("metadata.widgets without a widget state")
    state = notebook.metadata.get("widgets", {}).get(WIDGET_STATE, {}).get("state", {})
    if "widgets" in notebook.metadata and not state:
        complaints.append("metadata.widgets has no state: GitHub says Invalid Notebook")
    for model in state.values():
        if not {"model_name", "model_module", "state"} <= set(model):
            complaints.append("a widget's state lacks its model")
    known = set(state)
    for cell, output in outputs(notebook):
        shown = output.get("data", {}).get(WIDGET_VIEW)
        if shown and shown["model_id"] not in known:
            complaints.append(f"{where(notebook, cell)} shows a widget that is not stored")
    missing = set(re.findall(r"IPY_MODEL_(\w+)", json.dumps(state))) - known
    if missing:
        complaints.append(f"widgets refer to others that are not stored: {sorted(missing)}")
    return complaints


def check_outputs(notebook: NotebookNode) -> list[str]:
    """Nothing that only this machine prints, no stray error, and words for each picture."""
    complaints = []
    for cell in code_cells(notebook):
        fails = any(output.output_type == "error" for output in cell.outputs)
        if fails and "raises-exception" not in tags(cell):
            complaints.append(f"{where(notebook, cell)} holds an error")
        if "raises-exception" in tags(cell) and not fails:
            complaints.append(f"{where(notebook, cell)} is meant to fail, and does not")
    for cell, output in outputs(notebook):
        text = text_of(output)
        if output.output_type == "stream" and output.name == "stderr":
            complaints.append(f"{where(notebook, cell)} writes to stderr: {text[:80]}")
        if found := MACHINE_PATH.search(text):
            complaints.append(f"{where(notebook, cell)} prints a machine's path: {found[0]}")
        if output.output_type != "error" and (
            "Traceback (most recent call last)" in text or re.search(r"\b\w*Warning:", text)
        ):
            complaints.append(f"{where(notebook, cell)} prints a traceback or a warning")
        for mime in output.get("data", {}):
            alt = output.get("metadata", {}).get(mime, {})
            if mime.startswith("image/") and not str(dict(alt).get("alt") or "").strip():
                complaints.append(f"{where(notebook, cell)} draws {mime} without alt text")
        html = output.get("data", {}).get("text/html", "")
        if any(not HTML_ALT.search(image) for image in HTML_IMAGE.findall(html)):
            complaints.append(f"{where(notebook, cell)} shows an <img> without alt text")
    return complaints


def check_frame(notebook: NotebookNode) -> list[str]:
    """Title and frame first, then one setup and one imports cell, before any other code."""
    complaints = []
    first = notebook.cells[0]
    levels = [(i, level) for i, level, _ in headings(notebook) if level == 1]
    if first.cell_type != "markdown" or levels != [(0, 1)]:
        complaints.append("not exactly one title (#), in the first cell")
    opening = []
    for cell in notebook.cells:
        if cell.cell_type == "code":
            break
        opening.append(cell.source.lower())
    lacking = [words for words in FRAME if words not in "\n".join(opening)]
    if lacking:
        complaints.append(f"the opening does not say: {', '.join(lacking)}")
    for tag, place in (("setup", 0), ("imports", 1)):
        places = [i for i, cell in enumerate(code_cells(notebook)) if tag in tags(cell)]
        if places != [place]:
            complaints.append(f"code cell {place + 1}, and no other, must have the tag {tag}")
    if not MARKDOWN_PICTURE.search(first.source):
        complaints.append("no picture in the first cell: what is this page about?")
    return complaints


COLLAPSED = {"setup", "figure", "solution"}  # tags of cells whose code is not the lesson


def collapsed(cell: NotebookNode) -> bool:
    """JupyterLab and Colab show its title, not its code."""
    hidden = cell.metadata.get("jupyter", {}).get("source_hidden") is True
    return hidden and cell.metadata.get("cellView") == "form"


def check_cells(notebook: NotebookNode) -> list[str]:
    """Short cells, with prose between them; who reads does not see the collapsed ones as code."""
    complaints = []
    lengths = {id(cell): len(cell.source.splitlines()) for cell in code_cells(notebook)}
    for cell in code_cells(notebook):
        if COLLAPSED & set(tags(cell)) and not collapsed(cell):
            complaints.append(f"{where(notebook, cell)} is not collapsed in Lab and in Colab")
        if collapsed(cell) and not cell.source.startswith("# @title "):
            complaints.append(f"{where(notebook, cell)} is collapsed, and has no title to show")
    if statistics.median(lengths.values()) > MEDIAN_CELL_LINES:
        complaints.append(f"code cells' median is {statistics.median(lengths.values())} lines")
    in_a_row = 0
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            in_a_row = 0
        elif not collapsed(cell):
            in_a_row += 1
        if in_a_row == 3 and not collapsed(cell):
            complaints.append(f"{where(notebook, cell)} is a third code cell without prose")
        if lengths.get(id(cell), 0) > MAX_CELL_LINES:
            complaints.append(f"{where(notebook, cell)} has {lengths[id(cell)]} lines")
    return complaints


def ignored(notebook: NotebookNode) -> list[NotebookNode]:
    return [c for c in code_cells(notebook) if "NBVAL_IGNORE_OUTPUT" in c.source]


def check_ignored(notebook: NotebookNode) -> list[str]:
    """One marker, alone on its line as nbval wants it, and under it the reason."""
    complaints = []
    for cell in code_cells(notebook):
        lines = [line.strip() for line in cell.source.splitlines()]
        if re.search(r"NBVAL_(?!IGNORE_OUTPUT)\w+|PYTEST_VALIDATE", cell.source) or any(
            re.match("nbval|pytest-validate", tag) for tag in tags(cell)
        ):
            complaints.append(f"{where(notebook, cell)} has another marker than the one agreed")
        for line, below in zip(lines, [*lines[1:], ""], strict=True):
            if "NBVAL_IGNORE_OUTPUT" not in line:
                continue
            if line != "# NBVAL_IGNORE_OUTPUT":
                complaints.append(f"{where(notebook, cell)}: nbval overlooks a marker with company")
            elif not re.match(r"#\s*(?!NBVAL)\w+(?:\W+\w+){2,}", below):
                complaints.append(f"{where(notebook, cell)} gives no reason under its marker")
    return complaints


def check_exercises(notebook: NotebookNode) -> list[str]:
    """Stub and solution in a row; what checks them is in the package."""
    complaints = []
    cells = code_cells(notebook)
    exercises = [i for i, cell in enumerate(cells) if "exercise" in tags(cell)]
    solutions = [i for i, cell in enumerate(cells) if "solution" in tags(cell)]
    if not 2 <= len(exercises) <= 5:
        complaints.append(f"{len(exercises)} exercises, not two to five")
    if solutions != [i + 1 for i in exercises]:
        complaints.append("not each exercise is followed by its solution, and nothing else by one")
    for i in exercises:
        said = "\n".join(text_of(output) for output in cells[i].outputs)
        if "not attempted yet" not in said:
            complaints.append(f"{where(notebook, cells[i])} does not say 'not attempted yet'")
    for i in solutions:
        said = "\n".join(text_of(output) for output in cells[i].outputs)
        if not said.startswith("solution: right"):
            complaints.append(f"{where(notebook, cells[i])} does not say 'solution: right' first")
    for cell in cells:
        if "check" in tags(cell):
            complaints.append(f"{where(notebook, cell)} holds a check: these are in the package")
    return complaints


def check_numbers(notebook: NotebookNode) -> list[str]:
    """A number that differs between machines has an assert beside it; and numbers, not verdicts."""
    complaints, verdicts = [], 0
    for cell in code_cells(notebook):
        printed = "".join(text_of(o) for o in cell.outputs if o.output_type == "stream")
        verdicts += sum(line.rstrip().endswith(("True", "False")) for line in printed.splitlines())
        if "≈" in printed and not re.search(r"^\s*assert\b", cell.source, re.MULTILINE):
            complaints.append(
                f"{where(notebook, cell)} prints a number after ≈ and asserts nothing"
            )
    for cell, expression in unasserted(notebook):
        complaints.append(
            f"{where(notebook, cell)} prints {expression} after ≈ and asserts nothing of it"
        )
    if verdicts > MAX_VERDICTS:
        complaints.append(f"{verdicts} printed lines end in True or False: print numbers")
    return complaints


def check_ending(notebook: NotebookNode) -> list[str]:
    complaints = []
    found = headings(notebook)
    for heading in ("recap", "questions", "further reading"):
        if not any(heading in words.lower() for _, _, words in found):
            complaints.append(f"no heading with the word '{heading}'")
    markdown = [c.source if c.cell_type == "markdown" else "" for c in notebook.cells]
    prose = "\n\n".join(markdown)
    section = re.search(r"^(#+)[^\n]*questions.*?(?=^#{1,6} |\Z)", prose, re.M | re.S | re.I)
    if section and not 3 <= section[0].lower().count("<details>") <= 5:
        complaints.append("not three to five questions with hidden answers (<details>)")
    if prose.lower().count("<details>") != prose.lower().count("</details>"):
        complaints.append("a <details> is not closed")
    return complaints


def check_prose(notebook: NotebookNode, folder: Path = NOTEBOOKS) -> list[str]:
    """Headings nest, pictures have alt text, and links between files lead somewhere."""
    complaints = []
    level = 0
    for _, new_level, words in headings(notebook):
        if new_level > level + 1:
            complaints.append(f"heading '{words}' skips a level")
        level = new_level
    for cell in notebook.cells:
        if cell.cell_type != "markdown":
            continue
        links = [(bool(mark), words, to) for mark, words, to in MARKDOWN_LINK.findall(cell.source)]
        for is_image, words, _ in links:
            if is_image and not words.strip():
                complaints.append(f"{where(notebook, cell)} has a picture without alt text")
        if any(not HTML_ALT.search(image) for image in HTML_IMAGE.findall(cell.source)):
            complaints.append(f"{where(notebook, cell)} has an <img> without alt text")
        for to in [to for *_, to in links] + HTML_LINK.findall(cell.source):
            path = to.partition("#")[0]
            if not path or re.match(r"[a-z]+:", path):
                continue
            if path.startswith("/") or not (folder / path).exists():
                complaints.append(f"{where(notebook, cell)} links to {to}, which is not there")
    return complaints


CHECKS = (
    check_executed,
    check_valid,
    check_outputs,
    check_frame,
    check_cells,
    check_ignored,
    check_exercises,
    check_numbers,
    check_ending,
    check_prose,
)


def test_the_series_is_complete():
    """Numbers 00, 01, ... without a gap; every source has its notebook, and the other way."""
    assert [stem[:2] for stem in STEMS] == [f"{i:02d}" for i in range(len(STEMS))]
    assert {path.stem for path in NOTEBOOKS.glob("*.ipynb")} == set(STEMS) != set()


@pytest.mark.parametrize("stem", STEMS)
def test_the_pair_is_in_step(stem):
    assert check_pair(stored(stem), source_of(stem)) == [], "run: make notebooks"


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
@pytest.mark.parametrize("stem", STEMS)
def test_the_notebook_holds(stem, check):
    assert check(stored(stem)) == []


@pytest.mark.parametrize("stem", STEMS)
def test_the_page_links_to_the_one_before_and_the_next(stem):
    place = STEMS.index(stem)
    opening = source_of(stem).cells[0].source
    for neighbour in [*STEMS[max(place - 1, 0) : place], *STEMS[place + 1 : place + 2]]:
        assert f"({neighbour}.ipynb)" in opening


@pytest.mark.parametrize("stem", STEMS)
def test_the_file_is_small(stem):
    assert (NOTEBOOKS / f"{stem}.ipynb").stat().st_size < MAX_BYTES


def test_the_setup_cell_is_the_same_everywhere():
    cells = {
        cell.source for stem in STEMS for cell in source_of(stem).cells if "setup" in tags(cell)
    }
    assert len(cells) == 1


def test_few_outputs_are_excluded_from_comparison():
    books = [stored(stem) for stem in STEMS]
    excluded = sum(len(ignored(book)) for book in books)
    assert excluded * CODE_CELLS_PER_IGNORED <= sum(len(code_cells(book)) for book in books)


# The checks themselves.


def code(source, *outputs, tags=(), **metadata):
    return new_code_cell(
        source, outputs=list(outputs), metadata={"tags": list(tags), **metadata}, execution_count=0
    )


def printed(text, name="stdout"):
    return new_output("stream", text=text, name=name)


def shown(mime, content):
    return new_output("display_data", {mime: content})


def failed(why):
    return new_output("error", ename="E", evalue=why)


def picture(mime="image/png", **metadata):
    return new_output("display_data", {mime: "iVBORw0K/tmp/aGk="}, metadata={mime: metadata})


HIDDEN = {"jupyter": {"source_hidden": True}, "cellView": "form"}
ANSWERS = "## Questions\n" + "<details>a</details>\n" * 3


def good() -> NotebookNode:
    """One small notebook that is right in every respect."""
    model = {"model_name": "VBoxModel", "model_module": "@jupyter-widgets/controls", "state": {}}
    frame = "".join(f"**{words.capitalize()}:** this.\n" for words in FRAME)
    notebook = new_notebook(
        cells=[
            new_markdown_cell(f"# Title\n\n![A pole on a cart](picture.png)\n{frame}"),
            code("# @title Set-up\nimport rl_jax", tags=["setup"], **HIDDEN),
            code("import jax", tags=["imports"]),
            new_markdown_cell("## Look\n[next](next.ipynb#there) [far](https://x.org/a)"),
            code("show()", picture(alt="A rising line"), printed("see /tmpl and a/home/b\n")),
            code("panel()", shown(WIDGET_VIEW, {"model_id": "ab"})),
            new_markdown_cell("### It fails\n```python\n# not a heading\n##### nor this\n```"),
            code("1 / 0", failed("v"), tags=["raises-exception"]),
            new_markdown_cell("## Your turn"),
            code("# @title Draw\ndraw()", picture(alt="A rising line"), tags=["figure"], **HIDDEN),
            code("e.check(f)", printed("Not it: not attempted yet"), tags=["exercise"]),
            code("# @title S\ne.check(g)", printed("solution: right"), tags=["solution"], **HIDDEN),
            code("e.check(h)", printed("not attempted yet"), tags=["exercise"]),
            code("# @title S\ne.check(i)", printed("solution: right"), tags=["solution"], **HIDDEN),
            new_markdown_cell("And:"),
            code("print('≈ 3')\nassert x < 4", printed("≈ 3\nit is so: True")),
            code("# NBVAL_IGNORE_OUTPUT\n# seconds differ between machines\nspeed()", printed("3")),
            new_markdown_cell("## Recap\n" + ANSWERS),
            new_markdown_cell("## Further reading\n..."),
        ],
        metadata={"widgets": {WIDGET_STATE: {"state": {"ab": model}}}},
    )
    for i, cell in enumerate(code_cells(notebook)):
        cell.execution_count = i + 1
    return notebook


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "picture.png").touch()
    (tmp_path / "next.ipynb").touch()
    return tmp_path


def complain(notebook, folder, check):
    return check(notebook, folder) if check is check_prose else check(notebook)


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
def test_a_good_notebook_passes(check, folder):
    assert complain(good(), folder, check) == []


# (the check that must complain, a word of its complaint, cell to spoil, attribute, new value)
SPOILED = [
    (check_executed, "top to bottom", 4, "execution_count", None),
    (check_executed, "top to bottom", 4, "execution_count", 9),
    (check_valid, "unique", 4, "id", "same"),
    (check_valid, "not a valid", 4, "outputs", [{"output_type": "odd"}]),
    (check_valid, "not stored", 5, "outputs", [shown(WIDGET_VIEW, {"model_id": "cd"})]),
    (check_valid, "larger", 4, "outputs", [printed("x" * 1_000_001)]),
    (check_outputs, "holds an error", 4, "outputs", [failed("v")]),
    (check_outputs, "meant to fail", 7, "outputs", []),
    (check_outputs, "stderr", 4, "outputs", [printed("oh", "stderr")]),
    (check_outputs, "path", 4, "outputs", [printed("see '/home/me/x'")]),
    (check_outputs, "path", 4, "outputs", [printed("/tmp/x")]),
    (check_outputs, "path", 7, "outputs", [failed("lib/site-packages/x")]),
    (check_outputs, "warning", 4, "outputs", [printed("x:1: UserWarning: no")]),
    (check_outputs, "traceback", 4, "outputs", [printed("Traceback (most recent call last)")]),
    (check_outputs, "without alt", 4, "outputs", [picture()]),
    (check_outputs, "without alt", 4, "outputs", [picture(alt=" ")]),
    (check_outputs, "without alt", 4, "outputs", [picture("image/gif")]),
    (check_outputs, "<img>", 4, "outputs", [shown("text/html", "<img src='x' alt=''>")]),
    (check_frame, "title", 0, "source", "## No\n" + "\n".join(FRAME)),
    (check_frame, "title", 3, "source", "# Second"),
    (check_frame, "what you need", 0, "source", "# T\n" + " ".join(FRAME[:2] + FRAME[3:])),
    (check_frame, "no picture", 0, "source", f"# T\n{' '.join(FRAME)}"),
    (check_frame, "tag setup", 1, "metadata", {}),
    (check_frame, "tag imports", 4, "metadata", {"tags": ["imports"]}),
    (check_frame, "tag setup", 2, "metadata", {"tags": ["setup", "imports"]}),
    (check_cells, "31 lines", 4, "source", "x\n" * 31),
    (check_cells, "third", 3, "cell_type", "code"),
    (check_ignored, "reason", 4, "source", "# NBVAL_IGNORE_OUTPUT\nx"),
    (check_ignored, "reason", 4, "source", "# NBVAL_IGNORE_OUTPUT\n# because"),
    (check_ignored, "company", 4, "source", "# NBVAL_IGNORE_OUTPUT: it differs from run to run\nx"),
    (check_ignored, "another", 4, "source", "# NBVAL_SKIP\n# too slow for all of us"),
    (check_ignored, "another", 4, "metadata", {"tags": ["nbval-ignore-output"]}),
    (check_cells, "not collapsed", 1, "metadata", {"tags": ["setup"]}),
    (check_cells, "not collapsed", 9, "metadata", {"tags": ["figure"], "cellView": "form"}),
    (check_cells, "not collapsed", 11, "metadata", {**HIDDEN, "tags": ["solution"], "jupyter": {}}),
    (check_cells, "no title", 9, "source", "draw()"),
    (check_exercises, "1 exercises", 12, "metadata", {}),
    (check_exercises, "followed", 11, "metadata", {}),
    (check_exercises, "followed", 4, "metadata", {"tags": ["solution"]}),
    (check_exercises, "attempted", 10, "outputs", [printed("right")]),
    (check_exercises, "solution: right", 11, "outputs", [printed("right")]),
    (check_exercises, "in the package", 9, "metadata", {**HIDDEN, "tags": ["check"]}),
    (check_numbers, "asserts nothing", 15, "source", "print('≈ 3')"),
    (check_numbers, "y + 1 after ≈", 15, "source", "y = 2 * z\nprint(f'≈ {y + 1}')\nassert x"),
    (check_numbers, "7 printed lines", 4, "outputs", [printed("x: True\n" * 3 + "False\n" * 3)]),
    (check_ending, "'recap'", 17, "source", ANSWERS),
    (check_ending, "three to five", 17, "source", ANSWERS.replace("\n", "\n## A\n", 1)),
    (check_ending, "not closed", 3, "source", "<details>"),
    (check_ending, "further reading", 18, "source", "## Read on"),
    (check_prose, "skips", 3, "source", "### Deep"),
    (check_prose, "alt text", 3, "source", "![](picture.png)"),
    (check_prose, "<img>", 3, "source", '<img src="picture.png" width="3">'),
    (check_prose, "not there", 3, "source", "[next](nowhere.ipynb)"),
    (check_prose, "not there", 3, "source", '<a href="../nowhere.md">x</a>'),
    (check_prose, "not there", 3, "source", "[root](/etc)"),
]  # fmt: skip


@pytest.mark.parametrize(("check", "word", "index", "name", "value"), SPOILED)
def test_a_spoiled_notebook_is_caught(check, word, index, name, value, folder):
    notebook = good()
    cell = notebook.cells[index]
    cell[name] = nbformat.from_dict(value)
    if name == "id":
        notebook.cells[index + 1].id = value
    complaints = complain(notebook, folder, check)
    assert any(word in said for said in complaints), complaints


def test_long_cells_everywhere_are_caught():
    notebook = good()
    for cell in code_cells(notebook)[2:]:
        cell.source = "x\n" * 9
    assert any("median is 9" in said for said in check_cells(notebook))


@pytest.mark.parametrize(
    ("widgets", "word"),
    [
        ({}, "without a widget state"),
        ({WIDGET_STATE: {"version_major": 2}}, "has no state"),
        ({WIDGET_STATE: {"state": {"ab": {}}}}, "lacks its model"),
    ],
)
def test_widgets_that_github_refuses_are_caught(widgets, word):
    notebook = good()
    notebook.metadata.widgets = nbformat.from_dict(widgets)
    assert any(word in said for said in check_valid(notebook))


def test_a_widget_that_lost_its_child_is_caught():
    notebook = good()
    model = notebook.metadata.widgets[WIDGET_STATE].state.ab
    model.state = nbformat.from_dict({"children": ["IPY_MODEL_cd"]})
    assert "['cd']" in check_valid(notebook)[0]


@pytest.mark.parametrize(
    ("name", "value"), [("source", "x"), ("cell_type", "raw"), ("metadata", {"tags": ["taught"]})]
)
def test_a_pair_out_of_step_is_caught(name, value):
    notebook, source = good(), copy.deepcopy(good())
    assert check_pair(notebook, source) == []
    source.cells[4][name] = value
    assert "cell 4 (show()) differs" in check_pair(notebook, source)[0]
    source.cells.pop()
    assert "19 cells, but 18" in check_pair(notebook, source)[0]
