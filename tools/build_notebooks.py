"""Run notebooks/src/NN_topic.py (jupytext percent) and store them as notebooks/NN_topic.ipynb.

    python tools/build_notebooks.py [--jobs N] [--no-execute] [01 04_epsilon_greedy ...]

Each runs in a fresh kernel of this environment. What is stored depends on the source and on its
outputs alone: no times, versions, paths or random ids, so that a diff shows what changed.
"""

import argparse
import concurrent.futures
import difflib
import hashlib
import json
import multiprocessing
import os
import re
import sys
import time
import traceback
from collections.abc import Iterable
from pathlib import Path

import jupytext
import nbclient
import nbformat
from nbformat import NotebookNode

ROOT = Path(__file__).resolve().parent.parent
NOTEBOOKS = ROOT / "notebooks"
CELL_TIMEOUT_S = 300

WIDGET_VIEW = "application/vnd.jupyter.widget-view+json"
WIDGET_STATE = "application/vnd.jupyter.widget-state+json"
METADATA = {
    "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
    "language_info": {"name": "python"},
}
ANSI = re.compile(r"\x1b\[[0-9;]*m")
BAR = re.compile(r" *0%\|")  # of tqdm, at its start
FIGURE_SPACE = "\u2007"
MODEL_ID = re.compile("(?<![0-9a-f])[0-9a-f]{32}(?![0-9a-f])")
CELL_FILE = re.compile(r"(?:[A-Za-z]:)?[^\s\"'(]*ipykernel_\d+[/\\]\d+\.py(?::\d+)*")


def read_source(source: Path) -> NotebookNode:
    """The notebook that a percent file describes: no outputs yet, ids that survive insertions."""
    notebook = jupytext.read(source, fmt="py:percent")
    notebook.metadata = nbformat.from_dict(METADATA)
    notebook.nbformat, notebook.nbformat_minor = 4, 5
    seen: dict[str, int] = {}
    for cell in notebook.cells:
        content = f"{source.stem}\0{cell.cell_type}\0{cell.source}"
        seen[content] = seen.get(content, 0) + 1
        for layout in ("lines_to_next_cell", "lines_to_end_of_cell_marker"):
            cell.metadata.pop(layout, None)
        cell.id = short_hash(f"{content}\0{seen[content]}", 12)
    return notebook


def short_hash(text: str, length: int) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:length]


def execute(notebook: NotebookNode) -> None:
    """Run all cells in order in a fresh kernel; raises nbclient's error if one fails."""
    client = nbclient.NotebookClient(
        notebook,
        timeout=CELL_TIMEOUT_S,
        kernel_name="python3",
        resources={"metadata": {"path": str(NOTEBOOKS)}},
        store_widget_state=True,
        record_timing=False,
        coalesce_streams=True,
    )
    client.execute()
    widgets = notebook.metadata.get("widgets")
    notebook.metadata = nbformat.from_dict(METADATA)
    if widgets:
        notebook.metadata.widgets = widgets
    for output in outputs(notebook):
        clean_output(output)
    finish_bars(notebook)
    tidy_widgets(notebook)


def outputs(notebook: NotebookNode) -> Iterable[NotebookNode]:
    return (output for cell in notebook.cells for output in cell.get("outputs", []))


def clean_output(output: NotebookNode) -> None:
    """Take out what is true of this machine only, in an error above all."""
    output.get("metadata", {}).pop("needs_background", None)
    if output.output_type == "error":
        output.evalue = CELL_FILE.sub("<cell>", output.evalue)
        output.traceback = [
            CELL_FILE.sub("<cell>", frame)
            for frame in output.traceback
            if not ANSI.sub("", frame).startswith("File ")  # inside a library
        ]


def finish_bars(notebook: NotebookNode) -> None:
    """Let a progress bar say how it ended, where no widgets are drawn: it was stored as it began.

    A bar of tqdm's is a box of three: a percentage, the bar, and a count with more words after it.
    """
    state = notebook.metadata.get("widgets", {}).get(WIDGET_STATE, {}).get("state", {})
    for output in outputs(notebook):
        if not view(output) or not BAR.match(output.data.get("text/plain", "")):
            continue
        box = state[output.data[WIDGET_VIEW]["model_id"]]["state"]
        share, bar, words = (state[child[-32:]]["state"] for child in box["children"])
        drawn = "█" * round(10 * bar["value"] / bar["max"])
        count = words["value"].replace(FIGURE_SPACE, " ").split(",")[0]
        output.data["text/plain"] = f"{share['value']}|{drawn:10}|{count}"


def tidy_widgets(notebook: NotebookNode) -> None:
    """Keep the widgets that a stored view shows, under ids that do not change from run to run."""
    widgets = notebook.metadata.get("widgets", {}).get(WIDGET_STATE)
    if widgets is None:
        return
    state = widgets["state"]
    shown = [output.data[WIDGET_VIEW]["model_id"] for output in outputs(notebook) if view(output)]
    kept = reachable(state, shown)
    names = {old: short_hash(f"widget {i}", 32) for i, old in enumerate(kept)}
    if not kept:
        del notebook.metadata["widgets"]
        return
    widgets["state"] = {names[old]: rename(state[old], names) for old in kept}
    for output in outputs(notebook):
        if view(output):
            output.data[WIDGET_VIEW] = rename(output.data[WIDGET_VIEW], names)


def view(output: NotebookNode) -> bool:
    return WIDGET_VIEW in output.get("data", {})


def reachable(state: dict, shown: list[str]) -> list[str]:
    """Ids of the shown models, of those they refer to, and of links between these, in order."""
    references = {
        model: {other for other in MODEL_ID.findall(json.dumps(content)) if other in state}
        for model, content in state.items()
    }
    found: set[str] = set()
    waiting = [model for model in shown if model in state]
    while waiting:
        model = waiting.pop()
        if model in found:
            continue
        found.add(model)
        waiting += references[model]
        waiting += (
            other  # nothing refers to a jslink, yet it moves things
            for other, content in state.items()
            if "LinkModel" in content["model_name"]
            and model in references[other]
            and all(end in found for end in widget_ends(content))
        )
    return [model for model in state if model in found]


def widget_ends(link: dict) -> list[str]:
    ends = (link["state"].get("source"), link["state"].get("target"))
    return [str(end[0]).removeprefix("IPY_MODEL_") for end in ends if end]


def rename(content: dict, names: dict[str, str]) -> NotebookNode:
    text = MODEL_ID.sub(lambda id: names.get(id[0], id[0]), json.dumps(content))
    return nbformat.from_dict(json.loads(text))


def keep_outputs(notebook: NotebookNode, old: NotebookNode) -> int:
    """Give unchanged code cells their stored outputs; the number of code cells left without."""
    new_cells = [cell for cell in notebook.cells if cell.cell_type == "code"]
    old_cells = [cell for cell in old.cells if cell.cell_type == "code"]
    sources = [[cell.source for cell in cells] for cells in (old_cells, new_cells)]
    missing = len(new_cells)
    for match in difflib.SequenceMatcher(None, *sources, autojunk=False).get_matching_blocks():
        for i in range(match.size):
            new_cell, old_cell = new_cells[match.b + i], old_cells[match.a + i]
            new_cell.outputs = old_cell.outputs
            new_cell.execution_count = old_cell.execution_count
            missing -= 1
    if "widgets" in old.metadata:
        notebook.metadata.widgets = old.metadata.widgets
    return missing


def write(notebook: NotebookNode, target: Path) -> None:
    nbformat.validate(notebook)
    unfinished = target.with_name(f".{target.name}.tmp")
    unfinished.write_text(nbformat.writes(notebook, version=4) + "\n", encoding="utf-8")
    os.replace(unfinished, target)


def build(source: Path, run: bool) -> tuple[bool, str]:
    """(succeeded, what to print)."""
    started = time.monotonic()
    target = NOTEBOOKS / f"{source.stem}.ipynb"
    notebook = read_source(source)
    said = f"{target.relative_to(ROOT)}"
    try:
        if run:
            execute(notebook)
        elif target.exists():
            missing = keep_outputs(notebook, nbformat.read(target, as_version=4))
            said += f": {missing} code cells changed and need a run," if missing else ":"
        else:
            return False, f"{said} is not there yet: it must be run first"
        write(notebook, target)
    except Exception as error:
        expected = isinstance(error, nbclient.exceptions.CellControlSignal | RuntimeError)
        why = str(error) if expected else traceback.format_exc()
        why = why if sys.stdout.isatty() else ANSI.sub("", why)
        return False, f"{said} FAILED after {time.monotonic() - started:.1f} s\n{why}\n"
    size_kb = target.stat().st_size / 1000
    return True, f"{said} {time.monotonic() - started:.1f} s, {size_kb:.0f} kB"


def find(names: list[str]) -> list[Path]:
    sources = sorted((NOTEBOOKS / "src").glob("[0-9][0-9]_*.py"))
    if not names:
        return sources
    stems = [Path(name).stem for name in names]
    unknown = [
        name
        for name, stem in zip(names, stems, strict=True)
        if not stem or not any(source.stem.startswith(stem) for source in sources)
    ]
    if unknown:
        sys.exit(f"No notebook begins with {', '.join(unknown)} in notebooks/src.")
    return [source for source in sources if source.stem.startswith(tuple(stems))]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("names", nargs="*", metavar="NAME", help="01, 01_topic or a path")
    parser.add_argument("--jobs", type=int, default=2, help="notebooks at a time (default 2)")
    parser.add_argument(
        "--no-execute", action="store_true", help="new text, old outputs where code is unchanged"
    )
    options = parser.parse_args()
    if options.jobs < 1:
        parser.error(f"--jobs must be at least 1, but it is {options.jobs}")
    os.environ.setdefault("JAX_PLATFORMS", "cpu")
    os.environ.update(SDL_VIDEODRIVER="dummy", SDL_AUDIODRIVER="dummy")
    os.environ.pop("MPLBACKEND", None)  # the kernel's own: figures go into the notebook
    pool = concurrent.futures.ProcessPoolExecutor(
        options.jobs, mp_context=multiprocessing.get_context("spawn")
    )
    failed = 0
    with pool:
        tasks = [pool.submit(build, path, not options.no_execute) for path in find(options.names)]
        for task in concurrent.futures.as_completed(tasks):
            succeeded, said = task.result()
            failed += not succeeded
            print(said, flush=True)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
