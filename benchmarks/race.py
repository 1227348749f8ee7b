"""Part b of `bench.py`, a race to a solved CartPole-v1: who takes part, and how it is run.

Each contestant is a script of its own, started anew for every seed and timed from outside; each
peer lives in an environment of its own, made by `tools/side_env.py`. A peer that cannot be
installed here, or whose process fails, is left out, and RESULTS.md says so. What is finished
stands in a log at once, so that a race that was stopped goes on where it was.
"""

import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any, NamedTuple

from tqdm.auto import tqdm

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent
MAKE_PEER = ROOT / "tools/side_env.py"
SEEDS = range(7_000, 7_008)  # nothing was tuned on them
PILOT_SEEDS = (0, 1)
PILOT_STEPS = 5_000
QUICK_STEPS = 1_000


class Contestant(NamedTuple):
    """Who takes part, and the script that does it."""

    label: str
    script: str
    options: tuple[str, ...] = ()
    peer: str | None = None  # whose environment it runs in; None: ours


PEERS = {"sbx": "sbx", "sb3": "Stable-Baselines3", "rejax": "rejax"}

CONTESTANTS = {
    "scan": Contestant("our scan", "solve_scan.py"),
    "loop": Contestant("our Python loop, stopped at 490", "solve_loop.py"),
    "sbx": Contestant("sbx, stopped at 490", "solve_sbx.py", peer="sbx"),
    "sb3_stop": Contestant(
        "Stable-Baselines3, stopped at 490", "solve_sb3.py", ("--stop",), peer="sb3"
    ),
    "sb3": Contestant("Stable-Baselines3, RL-Zoo's 50,000 steps", "solve_sb3.py", peer="sb3"),
    "rejax": Contestant("rejax, its 100,000 steps", "solve_rejax.py", peer="rejax"),
}


class Log:
    """Finished runs, one JSON line each behind a line that says what they are runs of.

    A log of the same identity is taken up; one of another is begun anew.
    """

    def __init__(self, path: Path, identity: Any):
        self.path = path
        self.runs = {}
        header = json.dumps(identity)
        lines = path.read_text().splitlines() if path.is_file() else []
        if lines[:1] == [header]:
            self._read(lines[1:])
        path.parent.mkdir(parents=True, exist_ok=True)
        finished = [json.dumps([name, run]) for (name, _), run in self.runs.items()]
        path.write_text("\n".join([header, *finished, ""]))

    def _read(self, lines: list[str]) -> None:
        for line in lines:
            try:
                name, run = json.loads(line)
            except json.JSONDecodeError:  # of a race that was stopped while it wrote: run it again
                continue
            self.runs[name, run["seed"]] = run

    def once(self, name: str, seed: int, python: Path | str, script: str, *options: str) -> dict:
        """The run of this name that was logged, or a new one: see `solve`."""
        if (name, seed) not in self.runs:
            run = solve(python, script, seed, *options)
            with self.path.open("a") as file:
                file.write(json.dumps([name, run]) + "\n")
            self.runs[name, seed] = run
        return self.runs[name, seed]


def peer_python(peer: str) -> Path:
    """The Python of this peer's environment."""
    inside = "Scripts/python.exe" if os.name == "nt" else "bin/python"
    return ROOT / f".venv-bench-{peer}" / inside


def missing(peers: Iterable[str]) -> dict[str, str]:
    """Which of these peers cannot take part, and why; the others are installed after this."""
    scripts = {contestant.peer: contestant.script for contestant in CONTESTANTS.values()}
    found = {}
    for peer in peers:
        installed = subprocess.run([sys.executable, MAKE_PEER, peer])
        if installed.returncode:
            found[peer] = "it could not be installed here"
        elif not _starts(peer_python(peer), scripts[peer]):
            found[peer] = "it was installed, but cannot be imported here"
    return found


def _starts(python: Path, script: str) -> bool:
    """Whether what the script imports is there: its help comes after its imports."""
    command = [python, HERE / script, "--help"]
    return subprocess.run(command, stdout=subprocess.DEVNULL).returncode == 0


def solve(python: Path | str, script: str, seed: int, *options: str) -> dict[str, Any]:
    """A contestant's whole process, timed from outside."""
    command = [python, HERE / script, "--seed", str(seed), *options]
    start, before = time.perf_counter(), os.times()
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
    seconds, after = time.perf_counter() - start, os.times()
    used = sum(after[2:4]) - sum(before[2:4])  # by children, in user and in system mode
    answer = json.loads(done.stdout.splitlines()[-1])
    return {"seed": seed, "seconds": seconds, "processor_seconds": used, **answer}


class Race:
    """Some contestants with every seed, in turn."""

    def __init__(self, names: Iterable[str], cores: int, log: Log, quick: bool):
        """A race of these keys of CONTESTANTS, with what is left out found out.

        Args:
            names: who takes part.
            cores: that this process may use; torch is tried with one thread, and with so many.
            log: where finished runs are kept.
            quick: one seed and few steps, to see that all of it works.
        """
        wanted = {name: each for name, each in CONTESTANTS.items() if name in set(names)}
        self.left_out = missing(sorted({each.peer for each in wanted.values()} - {None}))
        self.contestants = {
            name: each for name, each in wanted.items() if each.peer not in self.left_out
        }
        self.cores, self.log = cores, log
        self.seeds, self.fewer = (SEEDS[:1], QUICK_STEPS) if quick else (SEEDS, None)
        self.threads = None  # torch's: the chosen number, and the seconds that chose it

    def run(self) -> dict[str, Any]:
        """The contestants' runs, torch's threads, and who is left out and why."""
        if any(each.peer == "sb3" for each in self.contestants.values()):
            try:
                self.threads = self._try_threads()
            except subprocess.CalledProcessError as error:
                self._leave_out("sb3", error)
        runs = {name: [] for name in self.contestants}
        with tqdm(total=len(runs) * len(self.seeds), desc="processes") as bar:
            for seed in self.seeds:
                for name in runs:
                    runs[name] += self._run(name, seed)
                    bar.update()
        contestants = {
            name: {"label": each.label, "runs": runs[name]}
            for name, each in self.contestants.items()
            if each.peer not in self.left_out
        }
        return {"contestants": contestants, "threads": self.threads, "left_out": self.left_out}

    def _run(self, name: str, seed: int) -> list[dict[str, Any]]:
        """One run; or none, if this peer is left out or its process fails now."""
        _, script, options, peer = self.contestants[name]
        if peer in self.left_out:
            return []
        if peer == "sb3":
            options += ("--threads", str(self.threads["chosen"]))
        if self.fewer:
            options += ("--steps", str(self.fewer))
        try:
            python = sys.executable if peer is None else peer_python(peer)
            return [self.log.once(name, seed, python, script, *options)]
        except subprocess.CalledProcessError as error:
            if peer is None:
                raise
            self._leave_out(peer, error)
            return []

    def _leave_out(self, peer: str, error: subprocess.CalledProcessError) -> None:
        self.left_out[peer] = f"its process ended with code {error.returncode}"

    def _try_threads(self) -> dict[str, Any]:
        """The number of torch's threads that suits it better, and the seconds that say so."""
        steps = str(self.fewer or PILOT_STEPS)
        seconds = {}
        for threads in sorted({1, self.cores}):
            options = ("--threads", str(threads), "--steps", steps)
            command = (peer_python("sb3"), "solve_sb3.py", *options)
            name = f"pilot_{threads}"
            runs = [self.log.once(name, seed, *command) for seed in PILOT_SEEDS]
            seconds[str(threads)] = [run["training_seconds"] for run in runs]
        chosen = min(seconds, key=lambda threads: statistics.median(seconds[threads]))
        return {"chosen": int(chosen), "seconds": seconds}
