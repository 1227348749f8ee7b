"""How fast, how surely, and how the cost grows: our loop and our scan beside their alternatives.

    python benchmarks/bench.py [a] [b] [c] [d] [e]   or: make bench PARTS="a c"
    python benchmarks/bench.py b --only rejax        or: make bench PARTS="b" ONLY="rejax"

Raw numbers go to `results.json`; `RESULTS.md` and `results.png` are made from it, and keep what
was measured before of the parts, and of the contestants, that are not run. What is compared is
measured in turn (A B C A B C ...), so that a busy minute of the machine falls on all. Times need a
quiet machine. Part b is the longest; stopped, it goes on where it was when it is run again.
"""

import argparse
import hashlib
import json
import os
import platform
import subprocess
import sys
from collections.abc import Callable
from contextlib import ExitStack
from datetime import date
from importlib.metadata import version
from pathlib import Path
from typing import Any, NamedTuple

import race
import report
from tqdm.auto import tqdm

HERE = Path(__file__).resolve().parent
RACE_LOG = race.ROOT / ".artefacts/race.jsonl"
ROUNDS = 5

# The network and batch of the best known peer, CleanRL's DQN.
PEER_NET = {
    "hidden": [120, 84],
    "batch_size": 32,
    "clipped_double": False,
    "target_update": "episode",
    "average": False,
}


PROFILED = (1, 64, 1_024)  # agents


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
        "loop_post": row(
            "our Python loop, the post's configuration",
            "steps/s",
            ANYWHERE,
            "loop",
            config="BLOG_POST",
            steps=1_500,
        ),
        "loop": row(
            "our Python loop, the default configuration",
            "steps/s",
            ANYWHERE,
            "loop",
            config="CARTPOLE",
            steps=4_000,
        ),
        "scan_1": population("our scan, 1 agent, one core", ONE_CORE, 1, 20_000),
        "scan_8": population("our scan, 8 agents, one core", ONE_CORE, 8, 4_000),
        "scan_32": population("our scan, 32 agents, one core", ONE_CORE, 32, 1_500),
        "scan_all": population(
            f"our scan, {everyone} agents, all {n} cores as {n} devices",
            Place(devices=n),
            everyone,
            1_500,
        ),
        "scan_peer": population(
            "120-84 net, batch of 32, no Double DQN: the scan, one core",
            ONE_CORE,
            1,
            20_000,
            **PEER_NET,
        ),
        "update_sampled": row(
            "the same: drawing the batch and updating alone, one core",
            "updates/s",
            batches="drawn",
            **update,
        ),
        "update_given": row(
            "the same: updating on batches drawn before, one core",
            "updates/s",
            batches="made before",
            **update,
        ),
        "update": row(
            "the same: updating on one batch again and again, one core",
            "updates/s",
            batches="one",
            **update,
        ),
    }


def growth() -> dict[str, Row]:
    return populations() | profile() | memories() | devices()


def populations() -> dict[str, Row]:
    """More and more agents, on one core and on two devices; and what each takes."""
    rows = {}
    for n in (1, 2, 4, 8, 16, 32, 64, 256, 1_024):
        label = f"{report.counted(n, 'agent')}, one core"
        steps = max(32_000 // max(n, 2), 125)
        rows[f"seeds_{n}"] = population(label, ONE_CORE, n, steps)
    for n in (2, 16, 64, 256, 1_024):
        label = f"{n:,} agents, two devices, all cores"
        steps = max(64_000 // n, 125)
        rows[f"both_{n}"] = population(label, Place(devices=2), n, steps)
    for n in (1, 1_024):
        label = f"{report.counted(n, 'agent')}: what XLA sets aside for each"
        rows[f"memory_of_{n}"] = row(label, "MB", ANYWHERE, "megabytes_an_agent", seeds=n)
    return rows


def profile() -> dict[str, Row]:
    """One step of the default configuration, whole, and without what comes before its update."""
    rows = {}
    for n in PROFILED:
        agents = f"{report.counted(n, 'agent')}, one core"
        many = {"place": ONE_CORE, "seeds": n, "steps": max(16_000 // n, 125)}
        rows[f"step_{n}"] = row(
            f"a whole step, {agents}",
            "µs an agent",
            case="steps_with_memory",
            size=10_000,
            **many,
        )
        for key, label, batches in (
            ("drawn", "drawing the batch and updating alone", "drawn"),
            ("given", "updating on batches drawn before", "made before"),
        ):
            rows[f"{key}_{n}"] = row(
                f"{label}, {agents}", "updates/s", case="update", batches=batches, **many
            )
    return rows


def memories() -> dict[str, Row]:
    rows = {}
    for size in (1_000, 10_000, 100_000, 1_000_000):
        rows[f"sample_{size}"] = row(
            f"`ReplayMemory` of {size:,}: drawing a batch of 32",
            "µs",
            ANYWHERE,
            "sample",
            size=size,
            steps=5_000,
        )
        rows[f"memory_{size}"] = row(
            f"`ArrayMemory` of {size:,}: one step in the scan",
            "µs",
            ONE_CORE,
            "steps_with_memory",
            size=size,
            steps=10_000,
        )
    rows["megabytes"] = row(
        "`ReplayMemory` of 1,000,000, full", "MB", ANYWHERE, "megabytes", size=1_000_000
    )
    return rows


def devices() -> dict[str, Row]:
    rows = {}
    for count, where, label in (
        (1, ONE_CORE, "one device, one core"),
        (1, ANYWHERE, "one device, all cores"),
        (2, Place(devices=2), "two devices, all cores"),
    ):
        key = f"devices_{count}_pinned" if where == ONE_CORE else f"devices_{count}"
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


def contest(quick: bool, names: set[str], log: Path) -> dict[str, Any]:
    """Part b: these contestants with every seed; then the warm training of our scan."""
    runs = race.Log(log, [sorted(names), quick, machine(), sources()])
    found = race.Race(names, cores(), runs, quick).run()
    changes = {"max_steps": 1_000, "evaluate_every": 1_000} if quick else {}
    label = "our scan's training alone, compiled before"
    warm = {"warm": row(label, "s", ANYWHERE, "training", **changes)}
    if "scan" in names:
        found["rows"] = measure(warm, 1 if quick else ROUNDS)
    for peer, why in found["left_out"].items():
        print(f"{race.PEERS[peer]} is left out: {why}.", file=sys.stderr)
    log.unlink()
    return found


def sources() -> str:
    """A digest of the code that races: runs of other code are no part of the same race."""
    ours = [HERE / "judge.py", HERE / "race.py", HERE / "zoo.py", *HERE.glob("solve_*.py")]
    package = [path for path in (race.ROOT / "rl_jax").rglob("*.py") if "course" not in path.parts]
    files = [*ours, *package, race.ROOT / "pyproject.toml"]
    return hashlib.sha256(b"".join(path.read_bytes() for path in sorted(files))).hexdigest()


def dated(found: dict[str, Any], measured: dict[str, Any]) -> dict[str, Any]:
    """The same, and each contestant knows when it ran, for it may come to stand beside others."""
    for contestant in found.get("contestants", {}).values():
        contestant["measured"] = dict(measured)
    return found


def joined(stored: dict[str, Any], new: dict[str, Any]) -> dict[str, Any]:
    """Part b with these contestants measured anew, and the others kept as they were."""
    both = stored["contestants"] | new["contestants"]
    order = [name for name in race.CONTESTANTS if name in both]
    there = {race.CONTESTANTS[name].peer for name in order}
    left_out = stored.get("left_out", {}) | new["left_out"]
    return stored | {
        "contestants": {name: both[name] for name in order},
        "threads": new["threads"] or stored["threads"],
        "left_out": {peer: why for peer, why in left_out.items() if peer not in there},
        "rows": stored["rows"] | new.get("rows", {}),
    }


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
        if system != "Linux":
            system += f" {platform.mac_ver()[0] or platform.release()}"
    packages = ("jax", "jaxlib", "dm-haiku", "optax", "numpy", "gymnasium")
    return {
        "cpu": cpu,
        "cores": cores(),
        "system": system,
        "python": platform.python_version(),
        "packages": {name: version(name) for name in packages},
        "pinned": hasattr(os, "sched_setaffinity"),
    }


class Part(NamedTuple):
    title: str
    minutes: int  # on two cores
    run: Callable[[argparse.Namespace], dict[str, Any]]


def rows_of(plan: Callable[[], dict[str, Row]]) -> Callable[[argparse.Namespace], dict[str, Any]]:
    """The function that measures the rows of this plan."""

    def run(args):
        rows = plan()
        return {"rows": measure(smaller(rows), 1) if args.quick else measure(rows, ROUNDS)}

    return run


def run_race(args: argparse.Namespace) -> dict[str, Any]:
    """Part b."""
    quick = args.quick is not None
    log = args.quick / "race.jsonl" if quick else RACE_LOG
    return contest(quick, set(args.only or race.CONTESTANTS), log)


def run_unlearning(args: argparse.Namespace) -> dict[str, Any]:
    """Part d."""
    small = ["--seeds", "2", "--sets", "1", "--steps", "1000"] if args.quick else []
    return answer_of("unlearn.py", *small)


def run_few_seeds(args: argparse.Namespace) -> dict[str, Any]:
    """Part e."""
    return answer_of("few_seeds.py", *(["--seeds", "8"] if args.quick else []))


def answer_of(script: str, *arguments: str) -> dict[str, Any]:
    """What a script of this folder prints at its end, in a process of its own.

    Such scripts count agents and read no clock, so it is all the same what else the machine does.
    """
    command = [sys.executable, HERE / script, *arguments]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
    return json.loads(done.stdout.splitlines()[-1]) | {"load": None}


# d's stored numbers are a GPU's, which a few CPUs cannot replace; and notebooks tell those of e.
BY_DEFAULT = ("a", "b", "c")
PARTS = {
    "a": Part("steps per second", 3, rows_of(speed)),
    "b": Part("a solved CartPole-v1, from a process's start", 40, run_race),
    "c": Part("how the cost grows", 10, rows_of(growth)),
    "d": Part("what keeps an agent from unlearning", 15, run_unlearning),
    "e": Part("what four seeds cannot tell", 1, run_few_seeds),
}


def refuse(args: argparse.Namespace, stored: dict[str, Any] | None) -> str | None:
    """What is wrong with what was asked for, or None."""
    if unknown := set(args.parts) - set(PARTS):
        return f"there is no part {', '.join(sorted(unknown))}: take a, b, c, d or e."
    if unknown := set(args.only) - set(race.CONTESTANTS):
        known = ", ".join(race.CONTESTANTS)
        return f"there is no contestant {', '.join(sorted(unknown))}: take some of {known}."
    if args.only and args.parts != ["b"]:
        return "only part b has contestants: say it too, as in `b --only rejax`."
    if args.only and (stored is None or stored["machine"] != machine()):
        return (
            "single contestants are measured beside others of the same machine and versions, and "
            "results.json has none: measure all of part b, without --only."
        )
    return None


def read_arguments() -> tuple[argparse.Namespace, Path, dict[str, Any]]:
    """What was asked for, the folder of the results, and the results so far."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument(
        "parts", nargs="*", metavar="PART", help="a, b, c, d, e; by default a, b, c"
    )
    parser.add_argument(
        "--only", nargs="+", default=[], metavar="CONTESTANT", help=", ".join(race.CONTESTANTS)
    )
    parser.add_argument(
        "--quick", type=Path, metavar="FOLDER", help="tiny sizes, once, written to this folder"
    )
    args = parser.parse_args()
    if args.quick is not None and args.quick.exists() and not args.quick.is_dir():
        parser.error(f"--quick must be a folder, but {args.quick} is a file")
    folder = args.quick or HERE
    stored = folder / "results.json"
    results = json.loads(stored.read_text()) if stored.exists() else {}
    if reason := refuse(args, results.get("b")):
        parser.error(reason)
    return args, folder, results


def main() -> None:
    args, folder, results = read_arguments()
    load = os.getloadavg()[0] if hasattr(os, "getloadavg") else None  # before our own
    os.environ["JAX_PLATFORMS"] = "cpu"
    os.environ["JAX_ENABLE_COMPILATION_CACHE"] = "false"  # a cold process compiles
    parts = sorted(set(args.parts or BY_DEFAULT))
    if not args.quick:
        for part in parts:
            print(f"Part {part}, {PARTS[part].title}: about {PARTS[part].minutes} minutes.")
    folder.mkdir(parents=True, exist_ok=True)
    for part in parts:
        print(f"\nPart {part}: {PARTS[part].title}", flush=True)
        measured = {"date": str(date.today()), "load": load}
        found = dated(PARTS[part].run(args), measured)
        whole = measured | {"machine": machine()} | found
        results[part] = joined(results[part], found) if args.only else whole
        # All three at once, so that stopping a later part loses nothing.
        text = json.dumps(dict(sorted(results.items())), indent=1)
        unfinished = folder / "results.tmp"
        unfinished.write_text(text + "\n")
        os.replace(unfinished, folder / "results.json")
        (folder / "RESULTS.md").write_text(report.render(results), encoding="utf-8")
        (folder / "results.png").write_bytes(report.draw(results))
    print(f"\n{report.goals(results)}\n\nWritten to {folder.name}/RESULTS.md")


if __name__ == "__main__":
    main()
