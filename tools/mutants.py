"""Would the tests notice? cosmic-ray changes the package in one place, and its tests run.

    .venv-proof/bin/python tools/mutants.py [--each 25] [--seed 0] [MODULE ...]

Of each module so many mutants are drawn at random, and the module's own unit tests run on each, in
a copy of the tracked files. Bit-or is left alone: here it joins types. Mutants that lived, for no
test noticed, go to .artefacts/mutants/<module>.txt, a diff each; the counts of a module that was
tried whole go to tests/runs.json at once, beside those of the others, for this takes hours.
"""

import argparse
import os
import random
import shlex
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import runs
import tested
from make_env import ROOT

FOLDER = ROOT / ".artefacts/mutants"
COMPILED = ROOT / ".artefacts/xla-cache"  # by other tests: most of a mutant is as it was
PYTHON = ROOT / ".venv/bin/python"
EACH = 25  # mutants of a module, if it has so many
LIVED = "survived"
LEFT_ALONE = "core/ReplaceBinaryOperator_BitOr"

# Module of rl_jax -> the unit tests that hold it, the quickest first.
TESTS = {
    "nn/losses": "losses dqn",
    "nn/optim": "optim",
    "replay": "replay",
    "policy": "policy",
    "envs": "envs evaluation doors loop",
    "dqn": "dqn losses seed_contract",
    "config": "config dqn loop",
    "cartpole": "cartpole",
    "ondevice": "ondevice",
    "loop": "loop seed_contract",
    "evaluation": "evaluation loop",
    "checkpoint": "checkpoint loop",
    "validate": "validate policy config replay",
    "course/checks": "checks exercises",
}
CONFIG = """\
[cosmic-ray]
module-path = "rl_jax/{module}.py"
timeout = 300.0
excluded-modules = []
test-command = "{python} -m pytest -x -q -p no:cacheprovider {tests}"

[cosmic-ray.distributor]
name = "local"
"""


def copy_of_the_tree(to: Path) -> Path:
    """The files as they are now, so that no mutant ever stands in the tree itself."""
    shutil.rmtree(to, ignore_errors=True)
    for name in files_of_the_tree():
        (to / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(ROOT / name, to / name)
    return to


def files_of_the_tree() -> list[str]:
    """Those that git knows; or, in a copy without git, all but what was made here."""
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True)  # noqa: S607
    names = listed.stdout.decode().split("\0")[:-1]
    if listed.returncode or not names:
        paths = (path.relative_to(ROOT) for path in ROOT.rglob("*"))
        names = [str(path) for path in paths if not path.parts[0].startswith((".venv", ".artef"))]
    return [name for name in names if (ROOT / name).is_file()]


def cosmic_ray(tree: Path, *arguments: str | Path) -> None:
    command = [sys.executable, "-m", "cosmic_ray.cli", *map(str, arguments)]
    settings = {"JAX_COMPILATION_CACHE_DIR": str(COMPILED)}
    subprocess.run(command, cwd=tree, check=True, env=os.environ | settings)


def draw(session: Path, count: int, seed: int) -> None:
    """Leaves so many mutants to be tried; which, the seed says."""
    from cosmic_ray.work_db import use_db  # here, for tests of this file have no cosmic-ray
    from cosmic_ray.work_item import WorkerOutcome, WorkResult

    with use_db(session) as database:
        all_of_them = sorted(database.work_items, key=lambda item: str(item.mutations))
        fit = [item for item in all_of_them if LEFT_ALONE not in item.mutations[0].operator_name]
        chosen = {item.job_id for item in random.Random(seed).sample(fit, min(count, len(fit)))}  # noqa: S311
        others = [item.job_id for item in all_of_them if item.job_id not in chosen]
        database.set_multiple_results(others, WorkResult(WorkerOutcome.SKIPPED))


def try_module(module: str, tree: Path, count: int, seed: int) -> Counter:
    """How many of its mutants had which outcome; those that lived are written down."""
    from cosmic_ray.work_db import use_db

    name = module.replace("/", "-")
    config, session = FOLDER / f"{name}.toml", FOLDER / f"{name}.sqlite"
    tests = " ".join(f"tests/test_{test}.py" for test in TESTS[module].split())
    python = shlex.quote(str(PYTHON))
    config.write_text(CONFIG.format(module=module, python=python, tests=tests))
    session.unlink(missing_ok=True)
    cosmic_ray(tree, "init", config, session)
    draw(session, count, seed)
    cosmic_ray(tree, "baseline", config)
    cosmic_ray(tree, "exec", config, session)
    with use_db(session) as database:
        done = [result for _, result in database.results if result.test_outcome is not None]
    outcomes = Counter(result.test_outcome.value for result in done)
    lived = [f"{result.diff}\n\n" for result in done if result.test_outcome.value == LIVED]
    (FOLDER / f"{name}.txt").write_text("".join(lived))
    return outcomes


def keep(module: str, outcomes: Counter, seed: int) -> None:
    """Store this module's counts beside the others', and what they say together."""
    file = ROOT / tested.RUNS
    modules = runs.read(file).get("mutants", {}).get("modules", {})
    counts = {"tried": outcomes.total(), "noticed": outcomes.total() - outcomes[LIVED]}
    modules[module] = counts | {"seed": seed, "date": str(date.today())}
    result = {"modules": dict(sorted(modules.items())), "figures": in_words(modules)}
    runs.keep(file, "mutants", runs.about(PYTHON) | result)
    tested.write()


def in_words(modules: Mapping[str, Mapping[str, Any]]) -> str:
    """What the counts of these modules say."""

    def share(*counts: Mapping[str, Any]) -> str:
        noticed, tried = (sum(one[name] for one in counts) for name in ("noticed", "tried"))
        return f"{100 * noticed / tried:.0f} %"

    tried = sum(counts["tried"] for counts in modules.values())
    since = min(counts["date"] for counts in modules.values())
    words = f"{share(*modules.values())} of {tried} mutants noticed"
    least = min(modules, key=lambda name: modules[name]["noticed"] / modules[name]["tried"])
    fewest = f"fewest in `{least}`: {share(modules[least])}"
    return f"{words}, in {len(modules)} of {len(TESTS)} modules, since {since}; {fewest}"


def main(arguments: Sequence[str]) -> None:
    parser = argparse.ArgumentParser(description="See the first lines of tools/mutants.py.")
    parser.add_argument("modules", nargs="*", default=list(TESTS), help=f"of {', '.join(TESTS)}")
    parser.add_argument("--each", type=int, default=EACH, help="mutants of each module")
    parser.add_argument("--seed", type=int, default=0)
    chosen = parser.parse_args(arguments)
    if chosen.each < 1:
        parser.error(f"--each must be at least 1, but it is {chosen.each}")
    unknown = [name for name in chosen.modules if name not in TESTS]
    if unknown:
        parser.error(f"no module is called {', '.join(unknown)}. Modules: {', '.join(TESTS)}")

    FOLDER.mkdir(parents=True, exist_ok=True)
    tree = copy_of_the_tree(FOLDER / "tree")
    for module in chosen.modules:
        outcomes = try_module(module, tree, chosen.each, chosen.seed)
        print(f"{module}: {dict(outcomes)}", flush=True)
        if chosen.each >= EACH:  # fewer are a trial
            keep(module, outcomes, chosen.seed)
    print(f"Those that lived: {FOLDER.relative_to(ROOT)}/*.txt")


if __name__ == "__main__":
    main(sys.argv[1:])
