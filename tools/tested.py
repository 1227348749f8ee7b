"""TESTED.md: each promise, how it is tested, and when that was last done; from stored runs alone.

python tools/tested.py         # after a run that was recorded this has been done already
"""

import argparse
from collections.abc import Mapping
from typing import Any, NamedTuple

import runs
from make_env import ROOT

PAGE = ROOT / "TESTED.md"
MATRIX, RUNS, BENCH = "tests/matrix.json", "tests/runs.json", "benchmarks/results.json"

HEAD = f"""\
# What is tested, and when it was last done

Made by `make tested` from what the runs left in `{MATRIX}`, `{RUNS}` and
`{BENCH}`; do not edit. `make matrix` and `make proof` store their rows there;
`make test`, `make browser`, `make compat` and `make parity` do so with `RECORD=yes`.

| promise | how | last run | where | outcome |
|---|---|---|---|---|
"""

TAIL = """
*Never tried:* Colab itself, Binder, VS Code, the dev container, GitHub's workflows, macOS, Windows,
any GPU but an H100 and an H200.
"""

SHOWN = ("jax", "ipywidgets", "rlax", "gymnax")
NEVER = ("not run yet", "", "")


class Promise(NamedTuple):
    """One line of the page."""

    words: str
    command: str
    file: str
    key: str


def of_matrix(words: str, *names: str) -> list[Promise]:
    return [
        Promise(words.format(name), f'`make matrix ROWS="{name}"`', MATRIX, name) for name in names
    ]


def of_proof(words: str, name: str) -> list[Promise]:
    return [Promise(words, f'`make proof ROWS="{name}"`', RUNS, name)]


def promises() -> list[Promise]:
    return [
        Promise("the unit tests pass", "`make test`", RUNS, "test-unit"),
        Promise(
            "all that the notebooks print is what is stored", "`make test`", RUNS, "test-pages"
        ),
        *of_matrix(
            "Python {}, the lock: all that is printed is what is stored", "3.11", "3.12", "3.13"
        ),
        *of_matrix("the lowest versions that `pyproject.toml` admits", "lowest"),
        *of_matrix("the newest versions", "newest"),
        *of_matrix("the next version of JAX", "pre"),
        *of_matrix("the versions that Colab has", "colab"),
        *of_matrix("processors with no more than {}", "SSE4_2", "AVX", "AVX2", "AVX512"),
        Promise("Colab: the brief unit tests", "`make compat`", RUNS, "compat-unit"),
        Promise(
            "Colab: each notebook, stamped, alone in an empty folder, installs what it needs and "
            "runs (06 with two agents in place of eight)",
            "`make compat`",
            RUNS,
            "compat-pages",
        ),
        Promise("JupyterLab: each slider and button answers", "`make browser`", RUNS, "browser"),
        Promise(
            "the mathematics is rlax's, the cart gymnax's and Gymnasium's",
            "`make parity`",
            RUNS,
            "parity",
        ),
        *of_proof("after set-up, no network is needed", "offline"),
        *of_proof("nothing fails by chance: ten runs, the unit tests in random order", "flake"),
        *of_proof("brief tests: no random key is used twice (`JAX_DEBUG_KEY_REUSE`)", "keys"),
        *of_proof(
            "brief tests: no array is stretched unasked (`JAX_NUMPY_RANK_PROMOTION`)", "ranks"
        ),
        *of_proof("learning meets no NaN (`JAX_DEBUG_NANS`)", "nans"),
        *of_proof("the tests go through all branches of `rl_jax`", "coverage"),
        *of_proof(
            "the tests would notice a change of one place in the algorithm's modules, or in "
            "`course/checks`",
            "mutants",
        ),
        Promise("speed", '`make bench PARTS="a"`', BENCH, "a"),
        Promise("it solves CartPole-v1", '`make bench PARTS="b"`', BENCH, "b"),
        Promise("the cost of more agents", '`make bench PARTS="c"`', BENCH, "c"),
        Promise("agents do not unlearn", "`benchmarks/unlearn.py`, on a GPU", BENCH, "d"),
    ]


def outcome(result: Mapping[str, Any]) -> str:
    """What came out, in a few words; figures of another kind stand under "figures"."""
    if "broken" in result:
        return "**could not be set up**"
    if "figures" in result:
        return str(result["figures"])
    if "machine" in result and isinstance(result["machine"], Mapping):
        return "[tables](benchmarks/RESULTS.md)"
    stages = result.get("stages") or {"": result["pytest"]}
    return "; ".join(f"{name} {counted(counts)}".strip() for name, counts in stages.items())


def counted(counts: Mapping[str, int]) -> str:
    words = [f"{counts['passed']} passed"]
    if counts["failed"]:
        words.append(f"**{counts['failed']} failed**")
    if counts["skipped"]:
        words.append(f"{counts['skipped']} skipped")
    return f"{', '.join(words)} in {counts['seconds'] / 60:.1f} min"


def place(result: Mapping[str, Any]) -> str:
    """Versions and machine; benchmarks keep both in one place."""
    machine, found = result.get("machine", ""), result.get("versions", {})
    if isinstance(machine, Mapping):
        found = {"python": machine["python"], **machine["packages"]}
        machine = f"{machine['cpu']}, {machine['cores']} cores"
    words = [f"Python {found['python']}"] if "python" in found else []
    words += [f"{name} {found[name]}" for name in SHOWN if name in found]
    return "; ".join([", ".join(words), machine]).strip("; ")


def line(promise: Promise, stored: Mapping[str, Mapping[str, Any]]) -> str:
    result = stored[promise.file].get(promise.key)
    if result is None:
        cells = NEVER
    elif "not tested" in result:
        cells = ("not run yet", "", result["not tested"])
    else:
        cells = (result.get("date", ""), place(result), outcome(result))
    return f"| {promise.words} | {promise.command} | {' | '.join(cells)} |\n"


def page(stored: Mapping[str, Mapping[str, Any]]) -> str:
    return HEAD + "".join(line(promise, stored) for promise in promises()) + TAIL


def stored() -> dict[str, dict[str, Any]]:
    return {name: runs.read(ROOT / name) for name in (MATRIX, RUNS, BENCH)}


def write() -> None:
    PAGE.write_text(page(stored()), encoding="utf-8")


if __name__ == "__main__":
    argparse.ArgumentParser(description=__doc__.splitlines()[0]).parse_args()  # there are none
    write()
