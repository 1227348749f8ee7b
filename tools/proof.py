"""What is slow to prove, each as a run of its own: `make proof`.

    python tools/proof.py                    # every row, for hours
    python tools/proof.py coverage keys      # these rows

Results are kept in tests/runs.json, from which tools/tested.py makes TESTED.md.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import runs
import side_env
import tested
from make_env import ROOT

KEPT = ROOT / tested.RUNS
LOGS = ROOT / ".artefacts/proof"
BRIEF = "@tests/brief.args"
TIMES = 10  # for what might fail by chance
WITHOUT_A_NETWORK = ("unshare", "--map-root-user", "--net", "sh", "-c")
LEARNING = [f"tests/test_learning_{name}.py" for name in ("cartpole", "ondevice", "post")]


def pytest(python: Path | str, jobs: int, *arguments: str) -> list[str]:
    """The command; nothing is in random order that is not said to be."""
    command = [str(python), "-m", "pytest", "-q", "-n", str(jobs), "--dist", "loadscope"]
    if not any(word.startswith("--randomly-seed") for word in arguments):
        command += ["-p", "no:randomly"]
    return [*command, *arguments]


def run(name: str, command: Sequence[str], settings: Mapping[str, str] | None = None) -> dict:
    """One run of pytest: its counts, and its words in a log."""
    LOGS.mkdir(parents=True, exist_ok=True)
    return runs.run_pytest(command, settings, LOGS / f"{name}.log")


def offline(_: Path, jobs: int) -> dict[str, Any]:
    """Unit tests and notebooks, as `make test` runs them, with no network but loopback."""
    alone = [*WITHOUT_A_NETWORK, 'ip link set lo up && exec "$@"', "-"]
    if not shutil.which("unshare") or subprocess.run([*alone, "true"]).returncode:
        return {"not tested": "no network can be switched off here"}
    stages = {"unit tests": ["tests"], "strict nbval": ["--nbval", "notebooks"]}
    python = ROOT / ".venv/bin/python"
    return {
        "stages": {
            stage: run(
                f"offline-{stage.replace(' ', '-')}", [*alone, *pytest(python, jobs, *given)]
            )
            for stage, given in stages.items()
        }
    }


def flake(python: Path, jobs: int) -> dict[str, Any]:
    """All that `make test` runs, so often. Unit tests are in another order each time: which, the
    seed says. A page's cells keep theirs.
    """
    stages: dict[str, list[dict[str, int]]] = {"unit tests": [], "strict nbval": []}
    for seed in range(TIMES):
        shuffled = pytest(python, jobs, f"--randomly-seed={seed}", "tests")
        pages = pytest(python, jobs, "--nbval", "notebooks")
        stages["unit tests"].append(run(f"flake-unit-{seed}", shuffled))
        stages["strict nbval"].append(run(f"flake-pages-{seed}", pages))
    return {"stages": {stage: added_up(counts) for stage, counts in stages.items()}}


def added_up(counts: Sequence[Mapping[str, int]]) -> dict[str, int]:
    return {name: sum(one[name] for one in counts) for name in counts[0]}


def checked_by(setting: str, value: str, *tests: str) -> Callable[[Path, int], dict[str, Any]]:
    """A row of these tests, with one of JAX's own checks switched on."""

    def row(python: Path, jobs: int) -> dict[str, Any]:
        return {"pytest": run(setting, pytest(python, jobs, *tests), {setting: value})}

    return row


def coverage(python: Path, jobs: int) -> dict[str, Any]:
    """The share of branches, and of lines, that the unit tests go through."""
    report = LOGS / "coverage.json"
    options = ["--cov=rl_jax", "--cov-branch", f"--cov-report=json:{report}"]
    counts = run("coverage", pytest(python, jobs, *options, "tests"))
    if counts["failed"]:
        return {"pytest": counts}
    found = json.loads(report.read_text())["totals"]
    branches = 100 * found["covered_branches"] / found["num_branches"]
    lines = 100 * found["covered_lines"] / found["num_statements"]
    return {"figures": f"{branches:.1f} % of the branches, {lines:.1f} % of the lines"}


ROWS: dict[str, Callable[[Path, int], dict[str, Any]]] = {
    "coverage": coverage,
    "keys": checked_by("JAX_DEBUG_KEY_REUSE", "1", BRIEF, "tests"),
    "ranks": checked_by("JAX_NUMPY_RANK_PROMOTION", "raise", BRIEF, "tests"),
    "nans": checked_by("JAX_DEBUG_NANS", "1", *LEARNING),
    "offline": offline,
    "flake": flake,
}


def has_failed(result: Mapping[str, Any]) -> bool:
    counts = [result["pytest"]] if "pytest" in result else result.get("stages", {}).values()
    return any(one["failed"] for one in counts)


def main(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(description="See the first lines of tools/proof.py.")
    parser.add_argument("rows", nargs="*", help=f"of {', '.join(ROWS)}, mutants; none: all")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    chosen = parser.parse_args(arguments)
    unknown = [name for name in chosen.rows if name not in (*ROWS, "mutants")]
    if unknown:
        parser.error(f"no row is called {', '.join(unknown)}. Rows: {', '.join(ROWS)}, mutants")
    if chosen.jobs < 1:
        parser.error(f"--jobs must be at least 1, but it is {chosen.jobs}")

    python = side_env.make_proof() / "bin/python"
    failed = False
    for name in chosen.rows or (*ROWS, "mutants"):
        print(f"== {name}", flush=True)
        if name == "mutants":
            failed |= subprocess.run([python, ROOT / "tools/mutants.py"]).returncode != 0
            continue
        result = ROWS[name](python, chosen.jobs)
        runs.keep(KEPT, name, runs.about(python) | result)
        tested.write()
        print(f"  {tested.outcome(result) if 'not tested' not in result else result}", flush=True)
        failed |= has_failed(result)
    return int(failed)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
