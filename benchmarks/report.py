"""results.json as a page, RESULTS.md, and as a picture, results.png."""

import statistics
from typing import Any, NamedTuple

from judge import SOLVED

from rl_jax.course.figures import COLORS, axes, png

OURS, THEIRS, POST = COLORS["online"], COLORS["target"], COLORS["random"]

ALT = (
    "Two dot charts on logarithmic axes. Left: steps per second, from the post's code over our "
    "Python loop to our scan with 1, 8 and 32 agents. Right: seconds of whole processes, one dot "
    "a seed, of our scan, our loop and Stable-Baselines3; hollow dots did not solve CartPole-v1."
)

HEAD = """\
# Benchmarks

Made by `make bench` from `results.json`; do not edit. `make bench PARTS="a c"` measures single
parts anew and keeps the rest. Ratios travel between machines; absolute times do not.
"""

PART_A = """\
## a. Steps per second

One environment step, one update, greedy evaluations left out. Each row was measured {n} times, in
turn with the others, in processes that had compiled before; a run makes some thousand steps.
*Busy* is the processor time per second: how many cores a row really used. {pinned}
"""

PART_B = """\
## b. A solved CartPole-v1

Whole processes, timed from outside: start Python, import, compile, train, then play {episodes}
greedy episodes of Gymnasium's CartPole-v1 that are new to everyone, the same for all contestants
of a seed. Solved is a mean of at least {solved:.0f}. {n} seeds each, in turn; JAX's compilation
cache is off.
"""

CONTESTANTS = """\
*Per solved agent* is the time of all runs, failed ones too, divided by the number of agents that
solved it. *Processor* is the work of all cores together; *training* is timed inside of the process,
what is compiled on the way included; both are medians of seconds. *Steps* is their median in the
environment.

Our scan makes all the steps of its configuration and keeps the best agent by greedy evaluations of
its own. Our loop does that too, and stops at the first greedy mean of 490. Stable-Baselines3 runs
twice: as RL-Zoo has it, 50,000 steps and the agent at the end; and treated as our loop is, with the
evaluations, the best agent kept and the stop at 490. torch gets {threads} thread{s}, the faster
choice here ({pilots}).
"""

PART_C = """\
## c. How the cost grows

Measured as in part a. The memories are full before the clock starts. {pinned}
"""


class Goal(NamedTuple):
    """What the project set out to reach, and what was measured."""

    text: str
    measured: float
    bound: float | None
    at_least: bool
    unit: str

    def cells(self) -> str:
        measured, sign = f"{_number(self.measured)}{self.unit}", ">=" if self.at_least else "<="
        if self.bound is None:
            return f"| {self.text} | {measured} | | |"
        good = self.measured >= self.bound if self.at_least else self.measured <= self.bound
        bound = f"{sign} {_number(self.bound)}{self.unit}"
        return f"| {self.text} | {measured} | {bound} | {'yes' if good else '**no**'} |"


def goals(results: dict[str, Any]) -> str:
    """The table of goals, as far as their parts were measured."""
    rows = {key: row for part in results.values() for key, row in part.get("rows", {}).items()}
    middle = {key: statistics.median(row["values"]) for key, row in rows.items()}
    for key, contestant in results.get("b", {}).get("contestants", {}).items():
        middle[f"cold_{key}"] = statistics.median(run["seconds"] for run in contestant["runs"])

    def ratio(a: str, b: str) -> float | None:
        return middle[a] / middle[b] if {a, b} <= set(middle) else None

    found = [
        ("our scan, a cold process to an evaluated agent", middle.get("cold_scan"), 10, 0, " s"),
        ("... as a share of Stable-Baselines3's 50,000 steps", ratio("cold_scan", "cold_sb3"),
         1 / 3, 0, ""),
        ("... as a share of Stable-Baselines3's, stopped at 490",
         ratio("cold_scan", "cold_sb3_stop"), 1 / 3, 0, ""),
        ("our scan's training alone, compiled before", middle.get("warm"), 2.5, 0, " s"),
        ("one update a step, batch of 32, 120-84 net, one core", middle.get("scan_peer"),
         20_000, 1, " steps/s"),
        ("... as a share of the update alone", ratio("scan_peer", "update"), None, 1, ""),
        ("... as a share of drawing a batch and updating",
         ratio("scan_peer", "update_sampled"), None, 1, ""),
        ("16 agents on two CPU devices, against one", ratio("devices_2", "devices_1"),
         1.5, 1, " times"),
        ("... against one that stays on one core", ratio("devices_2", "devices_1_pinned"),
         None, 1, " times"),
        ("our Python loop against the post's code as written", ratio("loop_post", "post"),
         15, 1, " times"),
        ("a batch of 32 from a memory of 1,000,000, against 1,000",
         ratio("sample_1000000", "sample_1000"), 2, 0, " times"),
        ("a memory of 1,000,000 transitions", middle.get("megabytes"), 64, 0, " MB"),
    ]  # fmt: skip
    lines = [Goal(*goal).cells() for goal in found if goal[1] is not None]
    return "\n".join(["| goal | measured | wanted | reached |", "|---|---|---|---|", *lines])


def render(results: dict[str, Any]) -> str:
    """RESULTS.md."""
    page = [HEAD, *_machines(results), "## Goals\n\nMedians of what stands below.\n"]
    page += [goals(results) + "\n", f"![{ALT}](results.png)\n"]
    if "a" in results:
        rows = results["a"]["rows"]
        n = len(next(iter(rows.values()))["values"])
        page += [PART_A.format(n=n, pinned=_pinned(results["a"])), _table(rows)]
    if "b" in results:
        page += _contest(results["b"])
    if "c" in results:
        page += [PART_C.format(pinned=_pinned(results["c"])), _table(results["c"]["rows"])]
    return "\n".join(page)


def draw(results: dict[str, Any]) -> bytes:
    """results.png: parts a and b, or the one of them that there is."""
    panels = [panel for part, panel in (("a", _speeds), ("b", _times)) if part in results]
    figure, _ = axes(max(len(panels), 1), height=3.4)
    for ax, panel in zip(figure.axes, panels, strict=False):
        panel(ax, results)
        ax.set(xscale="log", yticks=[])
        ax.spines["left"].set_visible(False)
        ax.set_ylim(ax.get_ylim()[0] - 0.3, 0.7)
        ax.xaxis.set_major_formatter("{x:,.0f}")
        ax.xaxis.set_minor_formatter("{x:,.0f}" if panel is _times else "")
        ax.tick_params("x", which="both", labelsize=8)
    return png(figure)


def _speeds(ax: Any, results: dict[str, Any]) -> None:
    rows = results["a"]["rows"]
    names = {"post": "the post's code as written", "loop": "our Python loop",
             "scan_1": "our scan, one core", "scan_8": "our scan, 8 agents, one core",
             "scan_32": "our scan, 32 agents, one core"}  # fmt: skip
    names |= {"scan_all": rows["scan_all"]["label"].partition(" as ")[0]}
    for place, (key, name) in enumerate(names.items()):
        values, color = rows[key]["values"], POST if key == "post" else OURS
        middle = statistics.median(values)
        ax.plot([min(values), max(values)], [-place] * 2, color=color, linewidth=1.5)
        ax.plot(middle, -place, "o", color=color)
        _label(ax, -place, f"{name}: {_number(middle)}", color)
    ax.set_title("Steps per second", loc="left", fontsize=10)
    ax.set_xlabel("steps/s")


def _times(ax: Any, results: dict[str, Any]) -> None:
    for place, (key, contestant) in enumerate(results["b"]["contestants"].items()):
        color, runs = THEIRS if key.startswith("sb3") else OURS, contestant["runs"]
        for run in runs:
            face = color if run["mean"] >= SOLVED else "white"
            ax.plot(run["seconds"], -place, "o", color=color, markerfacecolor=face)
        solved = sum(run["mean"] >= SOLVED for run in runs)
        _label(ax, -place, f"{contestant['label']}: {solved}/{len(runs)} solved", color)
    ax.set_title("A solved CartPole-v1", loc="left", fontsize=10)
    ax.set_xlabel("whole process (s)")


def _label(ax: Any, height: float, text: str, color: str) -> None:
    ax.text(0.0, height + 0.2, text, transform=ax.get_yaxis_transform(), color=color, fontsize=8)


def _number(value: float) -> str:
    """Three figures, or all in front of the point."""
    if value >= 100:
        return f"{value:,.0f}"
    return f"{value:.1f}" if value >= 10 else f"{value:.2f}"


def _spread(values: list[float]) -> str:
    middle = _number(statistics.median(values))
    return f"{middle} | {_number(min(values))} to {_number(max(values))}"


def _table(rows: dict[str, Any]) -> str:
    lines = ["| what | median | range | unit | busy |", "|---|---|---|---|---|"]
    for row in rows.values():
        busy = statistics.median(row["busy"])
        lines.append(f"| {row['label']} | {_spread(row['values'])} | {row['unit']} | {busy:.1f} |")
    return "\n".join(lines) + "\n"


def _contest(part: dict[str, Any]) -> list[str]:
    threads, runs = part["threads"], [c["runs"] for c in part["contestants"].values()]
    lines = [
        "| contestant | solved | seconds | range | per solved agent | processor | training "
        "| steps | greedy means |",
        "|---|---|---|---|---|---|---|---|---|",
    ]
    for contestant in part["contestants"].values():
        seconds, used, training, steps, means = (
            [run[name] for run in contestant["runs"]]
            for name in ("seconds", "processor_seconds", "training_seconds", "steps", "mean")
        )
        solved = sum(mean >= SOLVED for mean in means)
        each = f"{_number(sum(seconds) / solved)}" if solved else "never solved"
        lines.append(
            f"| {contestant['label']} | {solved} of {len(means)} | {_spread(seconds)} | {each} "
            f"| {_number(statistics.median(used))} | {_number(statistics.median(training))} "
            f"| {statistics.median(steps):,.0f} "
            f"| {', '.join(f'{mean:.0f}' for mean in sorted(means))} |"
        )
    pilots = "; ".join(
        f"{n} thread{'s' * (n != '1')}: {_number(statistics.median(seconds))} s for 5,000 steps"
        for n, seconds in threads["seconds"].items()
    )
    s = "s" * (threads["chosen"] != 1)
    return [
        PART_B.format(episodes=100, solved=SOLVED, n=len(runs[0])),
        "\n".join(lines) + "\n",
        CONTESTANTS.format(threads=threads["chosen"], s=s, pilots=pilots),
        _table(part["rows"]),
    ]


def _machines(results: dict[str, Any]) -> list[str]:
    lines = []
    for name, part in results.items():
        machine = part["machine"]
        packages = dict(machine["packages"])
        for contestant in part.get("contestants", {}).values():
            packages |= contestant["runs"][0].get("versions", {})
        versions = ", ".join(f"{package} {number}" for package, number in packages.items())
        load = "" if part["load"] is None else f" Load average before: {part['load']:.1f}."
        if (part["load"] or 0) > machine["cores"] / 2:
            load += " **Others were using this machine: measure this part anew.**"
        lines.append(
            f"- Part {name}, {part['date']}: {machine['cpu']}, {machine['cores']} cores, "
            f"{machine['system']}, Python {machine['python']}; {versions}.{load}"
        )
    return ["\n".join(lines) + "\n"]


def _pinned(part: dict[str, Any]) -> str:
    if part["machine"]["pinned"]:
        return "A row that\nsays *one core* is kept on it by the operating system."
    return "This\noperating system cannot keep a process on one core, so *one core* is not ensured."
