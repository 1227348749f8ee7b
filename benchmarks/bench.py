"""How fast, how surely, and how the cost grows: our loop and our scan beside their alternatives.

    python benchmarks/bench.py [a] [b] [c]       or: make bench PARTS="a c"

Raw numbers go to `results.json`; `RESULTS.md` and `results.png` are made from it, and keep what
was measured before of the parts that are not run. What is compared is measured in turn
(A B C A B C ...), so that a busy minute of the machine falls on all. Times need a quiet machine.
"""

import argparse
import json
import os
import platform
import statistics
import subprocess
import sys
import time
from contextlib import ExitStack
from datetime import date
from importlib.metadata import version
from pathlib import Path
from typing import Any, NamedTuple

import report
from tqdm.auto import tqdm

HERE = Path(__file__).resolve().parent
MAKE_PEER = HERE.parent / "tools/side_env.py"
PEER = HERE.parent / ".venv-bench" / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
ROUNDS = 5
SEEDS = range(7_000, 7_005)  # of part b; nothing was tuned on them

# The network and batch of the best known peer, CleanRL's DQN.
PEER_NET = {
    "hidden": [120, 84],
    "batch_size": 32,
    "clipped_double": False,
    "target_update": "episode",
    "average": False,
}


class Place(NamedTuple):
    """Where a measurement runs: one process for each place."""

    devices: int = 1
    cores: int | None = None  # None: as many as there are
    process: str = ""  # to keep apart what sets JAX up differently


ANYWHERE, ONE_CORE, POST = Place(), Place(cores=1), Place(process="the post's own")


class Row(NamedTuple):
    """One line of a table."""

    label: str
    unit: str
    place: Place
    request: dict[str, Any]  # to worker.py


def row(label: str, unit: str, place: Place, case: str, **options: Any) -> Row:
    return Row(label, unit, place, {"case": case, **options})


def population(label: str, place: Place, seeds: int, steps: int, **options: Any) -> Row:
    return row(label, "steps/s", place, "scan", seeds=seeds, steps=steps, **options)


def cores() -> int:
    """As many as this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def speed() -> dict[str, Row]:
    n = cores()
    everyone = max(32 // n, 1) * n  # it must divide over the devices
    update = {"place": ONE_CORE, "case": "update", "steps": 20_000, **PEER_NET}
    return {
        "post": row("the post's code as written, API mended", "steps/s", POST, "post", steps=150),
        "loop_post": row("our Python loop, the post's configuration", "steps/s", ANYWHERE, "loop",
                         config="BLOG_POST", steps=1_500),
        "loop": row("our Python loop, the default configuration", "steps/s", ANYWHERE, "loop",
                    config="CARTPOLE", steps=4_000),
        "scan_1": population("our scan, 1 agent, one core", ONE_CORE, 1, 20_000),
        "scan_8": population("our scan, 8 agents, one core", ONE_CORE, 8, 4_000),
        "scan_32": population("our scan, 32 agents, one core", ONE_CORE, 32, 1_500),
        "scan_all": population(f"our scan, {everyone} agents, all {n} cores as {n} devices",
                               Place(devices=n), everyone, 1_500),
        "scan_peer": population("120-84 net, batch of 32, no Double DQN: the scan, one core",
                                ONE_CORE, 1, 20_000, **PEER_NET),
        "update_sampled": row("the same: drawing the batch and updating alone, one core",
                              "updates/s", sampled=True, **update),
        "update": row("the same: updating alone, one core", "updates/s", sampled=False, **update),
    }  # fmt: skip


def growth() -> dict[str, Row]:
    rows = {}
    for n in (1, 2, 4, 8, 16, 32, 64):
        label = f"{n} agent{'s' * (n > 1)}, one core"
        rows[f"seeds_{n}"] = population(label, ONE_CORE, n, 32_000 // max(n, 2))
    for size in (1_000, 10_000, 100_000, 1_000_000):
        rows[f"sample_{size}"] = row(
            f"`ReplayMemory` of {size:,}: drawing a batch of 32", "µs",
            ANYWHERE, "sample", size=size, steps=5_000,
        )  # fmt: skip
        rows[f"memory_{size}"] = row(
            f"`ArrayMemory` of {size:,}: one step in the scan", "µs",
            ONE_CORE, "steps_with_memory", size=size, steps=10_000,
        )  # fmt: skip
    rows["megabytes"] = row(
        "`ReplayMemory` of 1,000,000, full", "MB", ANYWHERE, "megabytes", size=1_000_000
    )
    for devices, where, label in (
        (1, ONE_CORE, "one device, one core"),
        (1, ANYWHERE, "one device, all cores"),
        (2, Place(devices=2), "two devices, all cores"),
    ):
        key = f"devices_{devices}" + "_pinned" * (where == ONE_CORE)
        rows[key] = population(f"16 agents: {label}", where, 16, 2_000)
    return rows


class Worker:
    """worker.py in a place of its own."""

    def __init__(self, place: Place):
        command = [sys.executable, HERE / "worker.py", "--devices", str(place.devices)]
        if place.cores:
            command += ["--cores", str(place.cores)]
        pipe = subprocess.PIPE
        self.process = subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True)

    def ask(self, request: dict[str, Any]) -> dict[str, float]:
        print(json.dumps(request), file=self.process.stdin, flush=True)
        answer = self.process.stdout.readline()
        if not answer:
            raise RuntimeError(f"no answer to {request}: see above what went wrong.")
        return json.loads(answer)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.kill()  # it keeps nothing; and it may be in the middle of something long
        self.process.communicate()


def measure(rows: dict[str, Row], rounds: int) -> dict[str, dict[str, Any]]:
    """Each row once and thrown away (it compiles), then all rows in turn, `rounds` times."""
    found = {
        key: {"label": row.label, "unit": row.unit, "values": [], "busy": []}
        for key, row in rows.items()
    }
    with ExitStack() as stack, tqdm(total=len(rows) * (rounds + 1), desc="measurements") as bar:
        places = {row.place for row in rows.values()}
        workers = {place: stack.enter_context(Worker(place)) for place in places}
        for number in range(rounds + 1):
            for key, row in rows.items():
                answer = workers[row.place].ask(row.request)
                if number:
                    found[key]["values"].append(answer["value"])
                    found[key]["busy"].append(answer["busy"])
                bar.update()
    return found


def solve(python: Path | str, script: str, seed: int, *options: str) -> dict[str, Any]:
    """A contestant's whole process, timed from outside."""
    command = [python, HERE / script, "--seed", str(seed), *options]
    start, before = time.perf_counter(), os.times()
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
    seconds, after = time.perf_counter() - start, os.times()
    used = sum(after[2:4]) - sum(before[2:4])  # by children, in user and in system mode
    answer = json.loads(done.stdout.splitlines()[-1])
    return {"seed": seed, "seconds": seconds, "processor_seconds": used, **answer}


def contest(quick: bool) -> dict[str, Any]:
    """Part b: every contestant with every seed, in turn; then the warm training of our scan."""
    few = ["--steps", "1000"] if quick else []
    seeds, rounds = (SEEDS[:1], 1) if quick else (SEEDS, ROUNDS)
    pilots = {str(threads): [] for threads in sorted({1, cores()})}
    with tqdm(total=2 * len(pilots) + 4 * len(seeds), desc="processes") as bar:
        for seed in (0, 1):  # torch gets the number of threads that suits it better
            for threads, times in pilots.items():
                pilot = ["--threads", threads, *(few or ["--steps", "5000"])]
                times.append(solve(PEER, "solve_sb3.py", seed, *pilot)["training_seconds"])
                bar.update()
        threads = min(pilots, key=lambda threads: statistics.median(pilots[threads]))
        peer = (PEER, "solve_sb3.py", "--threads", threads)
        found = {
            "scan": ("our scan", (sys.executable, "solve_scan.py")),
            "loop": ("our Python loop, stopped at 490", (sys.executable, "solve_loop.py")),
            "sb3_stop": ("Stable-Baselines3, stopped at 490", (*peer, "--stop")),
            "sb3": ("Stable-Baselines3, RL-Zoo's 50,000 steps", peer),
        }
        runs = {key: {"label": label, "runs": []} for key, (label, _) in found.items()}
        for seed in seeds:
            for key, (_, (python, script, *options)) in found.items():
                runs[key]["runs"].append(solve(python, script, seed, *options, *few))
                bar.update()
    changes = {"max_steps": 1_000, "evaluate_every": 1_000} if quick else {}
    warm = {"warm": row("our scan's training alone, compiled before", "s", ANYWHERE, "training",
                        **changes)}  # fmt: skip
    return {
        "contestants": runs, "rows": measure(warm, rounds),
        "threads": {"chosen": int(threads), "seconds": pilots},
    }  # fmt: skip


def smaller(rows: dict[str, Row]) -> dict[str, Row]:
    """The same rows with few steps, to see that all of it works."""
    cut = {"steps": lambda n: max(64, n // 50), "size": lambda n: max(100, n // 50)}
    return {
        key: row._replace(request={k: cut.get(k, lambda v: v)(v) for k, v in row.request.items()})
        for key, row in rows.items()
    }


def machine() -> dict[str, Any]:
    """What the figures depend on, and nothing that tells whose machine it is."""
    cpu, system = platform.processor() or platform.machine(), platform.system()
    if Path("/proc/cpuinfo").exists():
        lines = Path("/proc/cpuinfo").read_text().splitlines()
        names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
        cpu = names[0] if names else cpu
    try:
        system = platform.freedesktop_os_release()["PRETTY_NAME"]
    except OSError:
        system += f" {platform.mac_ver()[0] or platform.release()}" * (system != "Linux")
    packages = ("jax", "jaxlib", "dm-haiku", "optax", "numpy", "gymnasium")
    return {
        "cpu": cpu, "cores": cores(), "system": system, "python": platform.python_version(),
        "packages": {name: version(name) for name in packages},
        "pinned": hasattr(os, "sched_setaffinity"),
    }  # fmt: skip


class Part(NamedTuple):
    title: str
    minutes: int  # on two cores
    run: Any


def rows_of(plan: Any) -> Any:
    def run(quick: bool) -> dict[str, Any]:
        return {"rows": measure(smaller(plan()), 1) if quick else measure(plan(), ROUNDS)}

    return run


PARTS = {
    "a": Part("steps per second", 3, rows_of(speed)),
    "b": Part("a solved CartPole-v1, from a process's start", 17, contest),
    "c": Part("how the cost grows", 10, rows_of(growth)),
}


def peer_is_there() -> bool:
    done = subprocess.run([sys.executable, MAKE_PEER, "bench"])
    if done.returncode:
        print("Part b is left out: Stable-Baselines3 could not be installed.", file=sys.stderr)
    return done.returncode == 0


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("parts", nargs="*", metavar="PART", help="a, b or c; by default all")
    parser.add_argument(
        "--quick", type=Path, metavar="FOLDER", help="tiny sizes, once, written to this folder"
    )
    args = parser.parse_args()
    if unknown := set(args.parts) - set(PARTS):
        parser.error(f"there is no part {', '.join(sorted(unknown))}: take a, b or c.")
    parts, folder = sorted(set(args.parts or PARTS)), args.quick or HERE
    load = os.getloadavg()[0] if hasattr(os, "getloadavg") else None  # before our own
    os.environ["JAX_PLATFORMS"] = "cpu"
    os.environ["JAX_ENABLE_COMPILATION_CACHE"] = "false"  # a cold process compiles
    left_out = "b" in parts and not peer_is_there()
    parts = [part for part in parts if not (left_out and part == "b")]
    if not args.quick:
        for part in parts:
            print(f"Part {part}, {PARTS[part].title}: about {PARTS[part].minutes} minutes.")
    folder.mkdir(parents=True, exist_ok=True)
    stored = folder / "results.json"
    results = json.loads(stored.read_text()) if stored.exists() else {}
    for part in parts:
        print(f"\nPart {part}: {PARTS[part].title}", flush=True)
        about = {"date": str(date.today()), "load": load, "machine": machine()}
        results[part] = about | PARTS[part].run(bool(args.quick))
        # All three at once, so that stopping a later part loses nothing.
        stored.write_text(json.dumps(dict(sorted(results.items())), indent=1) + "\n")
        (folder / "RESULTS.md").write_text(report.render(results))
        (folder / "results.png").write_bytes(report.draw(results))
    if parts:
        print(f"\n{report.goals(results)}\n\nWritten to {folder.name}/RESULTS.md")
    sys.exit(left_out)


if __name__ == "__main__":
    main()
