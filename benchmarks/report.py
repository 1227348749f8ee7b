"""results.json as a page, RESULTS.md, and as a picture, results.png."""

import itertools
import statistics
import textwrap
from typing import Any, NamedTuple

from judge import SOLVED
from matplotlib.ticker import LogLocator
from race import PEERS

from rl_jax.course.figures import COLORS, axes, png

OURS, THEIRS, POST = COLORS["online"], COLORS["target"], COLORS["random"]

ALT = (
    "Two dot charts on logarithmic axes. Left: steps per second, from the post's code over our "
    "Python loop to our scan with 1, 8 and 32 agents. Right: seconds of whole processes, one dot "
    "a seed, of {names}; hollow dots did not solve CartPole-v1."
)

HEAD = """\
# Benchmarks

Made by `make bench` from `results.json`; do not edit. `make bench PARTS="a c"` measures single
parts anew and keeps the rest. Ratios travel between machines; absolute times do not.
"""

PART_A = """\
## a. Steps per second

One environment step, one update, greedy evaluations left out. Each row was measured {n} times, in
turn with the others, in processes that had compiled before; a run makes some thousand steps (the
post's code 150).
*Busy* is the processor time per second: how many cores a row really used. {pinned}
"""

PART_B = """\
## b. A solved CartPole-v1

Whole processes, timed from outside: start Python, import, compile, train, then play {episodes}
greedy episodes of Gymnasium's CartPole-v1 that are new to everyone, the same for all contestants
of a seed. Solved is a mean of at least {solved:.0f}. Up to {n} seeds each, as *solved* counts, and
those of one day in turn; JAX's compilation cache is off. Medians, and in brackets the least and the
most of all runs, failed ones too.
"""

CONTESTANTS = """\
*Training* is timed inside of the process; *of it compiling* is the part of it in which whole
programs are compiled before they run, where a contestant has such a part. *First solved* is the
environment steps until an evaluation of the contestant's own, while it trains, has a mean of at
least {solved:.0f}, of the runs that had one.
"""

MORE = """\
*Per solved agent* is the time of all runs, failed ones too, divided by the number of agents that
solved it. *Processor* is the work of all cores together, in seconds.
"""

# What a reader must know of each to compare it with the others.
RULES = {
    "scan": "all the steps of its configuration; 20 greedy episodes every 1,000 of them, in an "
    "environment of its own; the best agent by these.",
    "loop": "20 greedy episodes at the first episode's end after every 1,000 steps; the best agent "
    "by these; a stop at a mean of 490, at most the steps of its configuration.",
    "sbx": "RL-Zoo's settings for Stable-Baselines3's DQN, treated as our loop is: 20 greedy "
    "episodes every 1,000 steps, the best agent by these, a stop at 490, at most 50,000 steps; "
    "unlike there, gradients are not clipped.",
    "sb3_stop": "RL-Zoo's settings, treated as our loop is: 20 greedy episodes every 1,000 steps, "
    "the best agent by these, a stop at 490, at most 50,000 steps.",
    "sb3": "as RL-Zoo has it: no evaluation, and the agent at the end.",
    "rejax": "its own settings for CartPole: 10 environments of gymnax side by side, where "
    "time-outs count as falls; 128 episodes every 2,500 steps, with an epsilon of 0.005; no best "
    "agent is kept, so the one at the end.",
}

PART_C = """\
## c. How the cost grows

Measured as in part a. Where a row names a memory or a whole step, it is full before the clock
starts; populations begin with empty ones. {pinned}
"""

PROFILE = """\
Where one step's time goes: an agent of the default configuration, one core, the memory full at
10,000. *Updating* learns from batches that were drawn before; *drawing* is what drawing them adds;
*the rest* is what the whole step adds to both: acting, the physics, storing, and the reset.
"""


PART_D = """\
## d. What keeps an agent from unlearning

Each idea alone, and together: sets of {seeds} agents of {steps:,} steps, one number for each set.
(We had tried these seeds before, in a shorter trial.) *Solved early* counts the agents that were
solved within a third of these steps, by evaluations of their own. The other columns count those
that hold a greedy mean of {solved:.0f} over 100 new episodes at the end of their training: with the
online network's last parameters, with those that are judged (the average, where there is one), and
with the best of the judged ones.
"""

POPULATIONS = """\
Populations of `CARTPOLE`, each with seeds that nothing had seen and in one call of `spread`. The
first columns are those above; then in how many sets of {size} agents, as their seeds follow one
another, nobody fails at the end, by what is judged; and seconds, without compiling and with it (two
calls: on a shared machine the one that compiles can be the shorter). The device set aside
{megabytes} MB an agent at the most. *Products* are those of matrices: in full float32, or as JAX
makes them on such a device by itself, rounded more. Asked for again, the populations of {repeated}
had the same bits. *Batches* were drawn by `randint` at first, also for all else in this part; they
are remainders of random bits now, which is faster.

| day, device, products, batches, first seed | agents | early | last | judged | best | sets | s |
|---|---|---|---|---|---|---|---|
"""

RATES = """\
Environment steps per second without evaluations, with an update in each, and in brackets by how
many agents: {rates}.
"""

TRIALS = """\
What else was tried against the last failures. Differences of a few agents are luck. Beyond it stand
the size of the batch (the larger, the more agents leave; with 16 half as many do as with 32, and a
few more are late), and what bounds the gradient: one agent in seven fails if it is clipped to a
norm of 10, and four in five with the Huber loss, which notebook 03 shows to be slow. The sizes of
batches can be tried anew: `unlearn.py --population --change batch_size=64`. The script of the other
rows is not kept.
"""

TRIED = """\
{agents:,} agents of `CARTPOLE` a row, all with the same seeds (from {first_seed:,}, which no claim
uses), on an {device}.

| change | solved early | hold {solved:.0f} at the end, as judged |
|---|---|---|
"""

LAST_GOOD = """\
Of those that failed, the learning curves of {kept} were kept ({curves}). {late} of them had a
mean of {solved:.0f} at step 25,000 or later: they had been good, and left late.
"""

SETTINGS = """\
## e. What four seeds cannot tell

Notebook 06's figure 6.7, with {seeds} seeds in place of four: the mean of the last five
evaluations, and how many agents reached {solved_at:.0f} once.

| setting | late mean | reached it |
|---|---|---|
"""

SWEEP = """\
Of four of these seeds, drawn at random, those with epsilon 0.5 are ahead of those as it is in a
share of {ahead} of all draws. In notebook 07's figure 7.5, with {seeds} seeds a square, the rows'
medians from epsilon 0 up to 1 are {medians} (gamma 0.8 and more). Of four of these seeds, the row
of 1 leads that of 0 by more than 50 steps in a share of {leads_by_50}, and is behind it in
{behind}.
"""


class Goal(NamedTuple):
    """What the project set out to reach: a median, or the ratio of two."""

    text: str
    of: str
    over: str | None = None
    unit: str = ""
    least: float | None = None
    most: float | None = None

    def cells(self, middle: dict[str, float]) -> str:
        """Its line of the table; nothing where something of it was not measured."""
        if not {self.of, self.over or self.of} <= set(middle):
            return ""
        measured = middle[self.of] / (middle[self.over] if self.over else 1)
        shown = f"| {self.text} | {_number(measured)}{self.unit} |"
        if self.least is None and self.most is None:
            return f"{shown} | |\n"
        if self.most is None:
            good, wanted = measured >= self.least, f">= {_number(self.least)}{self.unit}"
        else:
            good, wanted = measured <= self.most, f"<= {_number(self.most)}{self.unit}"
        return f"{shown} {wanted} | {'yes' if good else '**no**'} |\n"


# cold_X is the whole process of the contestant X, train_X its training, and run_X the same but for
# what was compiled before it ran; the others are keys of rows.
SB3 = "Stable-Baselines3's"
GOALS = (
    Goal("our scan, a cold process to an evaluated agent", "cold_scan", unit=" s", most=10),
    Goal(f"... as a share of {SB3} 50,000 steps", "cold_scan", "cold_sb3", most=1 / 3),
    Goal(f"... as a share of {SB3}, stopped at 490", "cold_scan", "cold_sb3_stop", most=1 / 3),
    Goal(
        f"{SB3} whole process, stopped at 490, over our scan's",
        "cold_sb3_stop",
        "cold_scan",
        " times",
        least=8,
    ),
    Goal(
        "rejax's training over our scan's, both compiled before",
        "run_rejax",
        "run_scan",
        " times",
        least=15,
    ),
    Goal("... what is compiled included", "train_rejax", "train_scan", " times"),
    Goal("our scan's training alone, compiled before", "warm", unit=" s", most=2.5),
    Goal(
        "one update a step, batch of 32, 120-84 net, one core", "scan_peer", None, " steps/s", 2e4
    ),
    Goal("... as a share of updating on one batch again and again", "scan_peer", "update"),
    Goal(
        "... as a share of updating on batches drawn before",
        "scan_peer",
        "update_given",
        least=0.85,
    ),
    Goal("... as a share of drawing a batch and updating", "scan_peer", "update_sampled"),
    Goal("16 agents on two CPU devices, against one", "devices_2", "devices_1", " times", 1.5),
    Goal("... against one that stays on one core", "devices_2", "devices_1_pinned", " times"),
    Goal("our Python loop against the post's code as written", "loop_post", "post", " times", 15),
    Goal(
        "a batch of 32 from a memory of 1,000,000, against 1,000",
        "sample_1000000",
        "sample_1000",
        " times",
        most=2,
    ),
    Goal("a memory of 1,000,000 transitions", "megabytes", unit=" MB", most=64),
)


def goals(results: dict[str, Any]) -> str:
    """The table of goals, as far as their parts were measured."""
    middle = {
        key: statistics.median(row["values"])
        for part in results.values()
        for key, row in part.get("rows", {}).items()
    }
    for key, contestant in results.get("b", {}).get("contestants", {}).items():
        middle |= _middles(key, contestant["runs"])
    head = "| goal | measured | wanted | reached |\n|---|---|---|---|\n"
    return (head + "".join(goal.cells(middle) for goal in GOALS)).rstrip("\n")


def _middles(key: str, runs: list[dict[str, Any]]) -> dict[str, float]:
    """Medians of a contestant's seconds, by the names that GOALS has for them."""
    seconds = {f"cold_{key}": [run["seconds"] for run in runs]}
    seconds[f"train_{key}"] = [run["training_seconds"] for run in runs]
    if all("compiling_seconds" in run for run in runs):
        seconds[f"run_{key}"] = [run["training_seconds"] - run["compiling_seconds"] for run in runs]
    return {name: statistics.median(values) for name, values in seconds.items()}


def render(results: dict[str, Any]) -> str:
    """RESULTS.md."""
    page = [HEAD, *_machines(results), "## Goals\n\nMedians of what stands below.\n"]
    page += [goals(results) + "\n", f"![{alt(results)}](results.png)\n"]
    if "a" in results:
        rows = results["a"]["rows"]
        n = len(next(iter(rows.values()))["values"])
        page += [PART_A.format(n=n, pinned=_pinned(results["a"])), _table(rows)]
    if "b" in results:
        page += _contest(results["b"])
    if "c" in results:
        rows = results["c"]["rows"]
        page += [PART_C.format(pinned=_pinned(results["c"])), _table(rows), *_profile(rows)]
    if "d" in results:
        page += _unlearning(results["d"])
    if "e" in results:
        page += _few_seeds(results["e"])
    return "\n".join(page)


def _few_seeds(part: dict[str, Any]) -> list[str]:
    settings, sweep = part["settings"], part["sweep"]
    lines = [
        f"| {name} | {late} | {settings['solved'][name]} |"
        for name, late in settings["late"].items()
    ]
    about = SETTINGS.format(**settings, solved_at=SOLVED) + "\n".join(lines) + "\n"
    medians = ", ".join(map(str, sweep["medians"]))
    said = SWEEP.format(**sweep | {"medians": medians, "ahead": settings["epsilon_ahead"]})
    return [about, _filled(said)]


def _unlearning(part: dict[str, Any]) -> list[str]:
    senses = {"early": "solved early", "last": "last", "judged": "judged", "best": "best"}
    lines = [f"| configuration | {' | '.join(senses.values())} |", "|---|---|---|---|---|"]
    for name, sets in part["variants"].items():
        cells = [", ".join(str(one[sense]) for one in sets) for sense in senses]
        lines.append(f"| {' | '.join([name, *cells])} |")
    about = PART_D.format(seeds=part["seeds"], steps=part["steps"], solved=SOLVED)
    page = [about, "\n".join(lines) + "\n"]
    if "populations" in part:
        page.append(_populations(part["populations"], size=part["seeds"]))
        page += [_rates(part["rates"]), TRIALS]
        page += itertools.chain.from_iterable(map(_tried, part["tried"]))
    return page


def _populations(runs: list[dict[str, Any]], size: int) -> str:
    """What large populations did, a line each."""
    about = POPULATIONS.format(
        size=size,
        megabytes=f"{max(run['megabytes'] or 0.0 for run in runs):.2f}",
        repeated=" and ".join(sorted({run["date"] for run in runs if run["same_bits"]})),
    )
    return about + "".join(
        f"| {run['date']}, {run['device']}, {run['products']}, {run['batches']}, "
        f"{_first_seed(run)} "
        f"| {run['agents']:,} | {run['early']:,} | {run['last']:,} | {run['judged']:,} "
        f"| {run['best']:,} | {_whole(run['by_set'], size)} "
        f"| {run['seconds']:.0f}, {run['first_seconds']:.0f} |\n"
        for run in runs
    )


def _first_seed(run: dict[str, Any]) -> str:
    return "not noted" if run["first_seed"] is None else f"{run['first_seed']:,}"


def _whole(by_set: dict[str, list[int]] | None, size: int) -> str:
    """In how many sets nobody failed, and what the first two sets were."""
    if by_set is None:
        return "–"
    judged = by_set["judged"]
    return f"{judged.count(size)} of {len(judged)} (the first two: {judged[0]}, {judged[1]})"


def _rates(rates: dict[str, int]) -> str:
    said = ", ".join(f"{_number(rate)} ({int(agents):,})" for agents, rate in rates.items())
    return _filled(RATES.format(rates=said))


def _tried(trial: dict[str, Any]) -> list[str]:
    """What each change did, and when those that failed had been good."""
    rows = "".join(
        f"| {change} | {found['early']:,} | {found['judged']:,} |\n"
        for change, found in trial["changes"].items()
    )
    last = trial["last_good_step"]
    late = sum(step >= 25_000 for step in last)
    said = LAST_GOOD.format(kept=len(last), curves=trial["curves"], late=late, solved=SOLVED)
    return [TRIED.format(**trial, solved=SOLVED) + rows, _filled(said)]


def _filled(text: str) -> str:
    return textwrap.fill(text, 100, break_on_hyphens=False) + "\n"


def alt(results: dict[str, Any]) -> str:
    """What results.png shows, in words."""
    raced = results.get("b", {}).get("contestants", {})
    peers = [name for key, name in PEERS.items() if any(each.startswith(key) for each in raced)]
    names = ["our scan", "our loop", *peers]
    return ALT.format(names=f"{', '.join(names[:-1])} and {names[-1]}")


def draw(results: dict[str, Any]) -> bytes:
    """results.png: parts a and b, or the one of them that there is."""
    panels = [panel for part, panel in (("a", _speeds), ("b", _times)) if part in results]
    figure, _ = axes(max(len(panels), 1), height=3.4)
    for ax, panel in zip(figure.axes, panels, strict=False):
        panel(ax, results)
        ax.set(xscale="log", yticks=[])
        ax.spines["left"].set_visible(False)
        ax.set_ylim(ax.get_ylim()[0] - 0.3, 0.7)
        if panel is _times:  # less than two powers of ten: 10, 20 and 50
            ax.xaxis.set_major_locator(LogLocator(subs=(1.0, 2.0, 5.0)))
        ax.xaxis.set_major_formatter("{x:,.0f}")
        ax.xaxis.set_minor_formatter("")
        ax.tick_params("x", which="both", labelsize=8)
    return png(figure)


def _speeds(ax: Any, results: dict[str, Any]) -> None:
    rows = results["a"]["rows"]
    names = {
        "post": "the post's code as written",
        "loop": "our Python loop, default configuration",
        "scan_1": "our scan, one core",
        "scan_8": "our scan, 8 agents, one core",
        "scan_32": "our scan, 32 agents, one core",
    }
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
        color = OURS if key in ("scan", "loop") else THEIRS
        runs = contestant["runs"]
        for run in runs:
            face = color if run["mean"] >= SOLVED else "white"
            ax.plot(run["seconds"], -place, "o", color=color, markerfacecolor=face)
        _label(ax, -place, f"{contestant['label']}: {_solved(runs)} solved", color)
    ax.set_title("A solved CartPole-v1", loc="left", fontsize=10)
    ax.set_xlabel("whole process (s)")


def _solved(runs: list[dict[str, Any]], word: str = "/") -> str:
    return f"{sum(run['mean'] >= SOLVED for run in runs)}{word}{len(runs)}"


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


def _profile(rows: dict[str, Any]) -> list[str]:
    """What a step is made of, by the medians of the rows that measure more and more of it."""
    middle = {key: statistics.median(row["values"]) for key, row in rows.items()}
    counts = [int(key.partition("_")[2]) for key in rows if key.startswith("step_")]
    if not counts:
        return []
    lines = [
        "| agents | a step, µs an agent | updating | drawing | the rest |",
        "|---|---|---|---|---|",
    ]
    for n in counts:
        whole = middle[f"step_{n}"]
        drawn, given = (1e6 / middle[f"{key}_{n}"] for key in ("drawn", "given"))
        shares = (given / whole, (drawn - given) / whole, (whole - drawn) / whole)
        cells = [f"{n:,}", _number(whole), *(f"{share:.0%}" for share in shares)]
        lines.append(f"| {' | '.join(cells)} |")
    return [PROFILE, "\n".join(lines) + "\n"]


def _contest(part: dict[str, Any]) -> list[str]:
    contestants = part["contestants"]
    seeds = max(len(contestant["runs"]) for contestant in contestants.values())
    notes = [f"- *{each['label']}*: {RULES[key]}" for key, each in contestants.items()]
    notes += [
        f"- {PEERS[peer]} is left out: {why}." for peer, why in part.get("left_out", {}).items()
    ]
    if part["threads"]:
        notes.append(f"- torch: {_threads(part['threads'])}")
    return [
        PART_B.format(episodes=100, solved=SOLVED, n=seeds),
        _race(contestants),
        CONTESTANTS.format(solved=SOLVED),
        _more(contestants),
        MORE,
        "\n".join(map(_wrapped, notes)) + "\n",
        _table(part["rows"]) if part.get("rows") else "",
    ]


def _race(contestants: dict[str, Any]) -> str:
    """The table that answers: how surely, how fast, after how many steps."""
    lines = [
        "| contestant | solved | whole process, s | training, s | of it compiling, s "
        "| first solved, steps |",
        "|---|---|---|---|---|---|",
    ]
    for contestant in contestants.values():
        runs = contestant["runs"]
        columns = [
            contestant["label"],
            _solved(runs, " of "),
            *(_brackets(runs, name) for name in ("seconds", "training_seconds")),
            _brackets(runs, "compiling_seconds"),
            _first_solved(runs),
        ]
        lines.append(f"| {' | '.join(columns)} |")
    return "\n".join(lines) + "\n"


def _brackets(runs: list[dict[str, Any]], name: str) -> str:
    """Median (least to most), or a dash where it was not measured."""
    values = [run[name] for run in runs if run.get(name) is not None]
    if not values:
        return "–"
    least, middle, most = map(_number, (min(values), statistics.median(values), max(values)))
    return middle if least == most else f"{middle} ({least} to {most})"


def _first_solved(runs: list[dict[str, Any]]) -> str:
    if not any("first_solved" in run for run in runs):
        return "–"
    reached = sum(run["first_solved"] is not None for run in runs)
    if not reached:
        return "never"
    spread = _brackets(runs, "first_solved")
    return spread if reached == len(runs) else f"{spread} in {reached} of {len(runs)}"


def _more(contestants: dict[str, Any]) -> str:
    lines = [
        "| contestant | per solved agent, s | processor, s | steps made | greedy means |",
        "|---|---|---|---|---|",
    ]
    for contestant in contestants.values():
        runs = contestant["runs"]
        solved = sum(run["mean"] >= SOLVED for run in runs)
        seconds = sum(run["seconds"] for run in runs)
        columns = [
            contestant["label"],
            _number(seconds / solved) if solved else "never solved",
            *(_brackets(runs, name) for name in ("processor_seconds", "steps")),
            ", ".join(f"{mean:.0f}" for mean in sorted(run["mean"] for run in runs)),
        ]
        lines.append(f"| {' | '.join(columns)} |")
    return "\n".join(lines) + "\n"


def counted(n: int, thing: str) -> str:
    """Of 1 and `agent`: 1 agent; of 1,024: 1,024 agents."""
    return f"{n:,} {thing}" if n == 1 else f"{n:,} {thing}s"


def _threads(threads: dict[str, Any]) -> str:
    """How many threads torch was given, and why."""
    pilots = "; ".join(
        f"{counted(int(n), 'thread')}: {_number(statistics.median(seconds))} s"
        for n, seconds in threads["seconds"].items()
    )
    chosen = counted(threads["chosen"], "thread")
    return f"{chosen}, the faster choice here (5,000 steps with {pilots})."


def _wrapped(note: str) -> str:
    return textwrap.fill(note, 100, subsequent_indent="  ", break_on_hyphens=False)


def _machines(results: dict[str, Any]) -> list[str]:
    return ["\n".join(_machine(name, part) for name, part in results.items()) + "\n"]


def _machine(name: str, part: dict[str, Any]) -> str:
    machine = part["machine"]
    packages = _versions(machine["packages"])
    others = []
    for contestant in part.get("contestants", {}).values():
        packages += _versions(contestant["runs"][0].get("versions", {}))
        measured = contestant.get("measured", {"date": part["date"], "load": part["load"]})
        if measured != {"date": part["date"], "load": part["load"]}:
            load = _load(measured["load"], machine["cores"])
            others.append(f" Anew on {measured['date']}: {contestant['label']}.{load}")
    versions = ", ".join(dict.fromkeys(packages))  # each once
    note = f" **{part['note']}**" if "note" in part else ""  # gone when the part is measured anew
    return (
        f"- Part {name}, {part['date']}: {machine['cpu']}, {machine['cores']} cores, "
        f"{machine['system']}, Python {machine['python']}; {versions}."
        f"{_load(part['load'], machine['cores'])}{''.join(others)}{note}"
    )


def _versions(packages: dict[str, str]) -> list[str]:
    return [f"{package} {number}" for package, number in packages.items()]


def _load(load: float | None, cores: int) -> str:
    """What else this machine had to do."""
    if load is None:
        return ""
    said = f" Load average before: {load:.1f}."
    if load > cores / 2:
        said += " **Others were using this machine: measure this part anew.**"
    return said


def _pinned(part: dict[str, Any]) -> str:
    if part["machine"]["pinned"]:
        return "A row that\nsays *one core* is kept on it by the operating system."
    return "This\noperating system cannot keep a process on one core, so *one core* is not ensured."
