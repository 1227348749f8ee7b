"""Would the tests notice? cosmic-ray changes the package in one place, and its tests run.

    .venv-proof/bin/python tools/mutants.py [--each 25] [--seed 0] [MODULE ...]

Of each module so many mutants are drawn at random, and the module's own unit tests run on each, in
a copy of the tracked files. Bit-or is left alone: here it joins types. Mutants that lived, for no
test noticed, go to .artefacts/mutants/survivors.txt, a diff each; if all modules were tried, the
share of the others goes to tests/runs.json.
"""

import argparse
import os
import random
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path

import runs
import tested
from make_env import ROOT

FOLDER = ROOT / ".artefacts/mutants"
SURVIVORS = FOLDER / "survivors.txt"
COMPILED = ROOT / ".artefacts/xla-cache"  # by other tests: most of a mutant is as it was
PYTHON = ROOT / ".venv/bin/python"
LIVED = "survived"
LEFT_ALONE = "core/ReplaceBinaryOperator_BitOr"

# Module of rl_jax -> the unit tests that hold it, the quickest first.
TESTS = {
    "nn/losses": "losses dqn",
    "nn/optim": "optim",
    "replay": "replay",
    "policy": "policy",
    "dqn": "dqn losses seed_contract",
    "config": "config dqn loop",
    "cartpole": "cartpole",
    "ondevice": "ondevice",
    "loop": "loop seed_contract",
    "evaluation": "evaluation loop",
    "checkpoint": "checkpoint loop",
    "validate": "validate config replay",
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
    """The tracked files as they are now, so that no mutant ever stands in the tree itself."""
    shutil.rmtree(to, ignore_errors=True)
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, check=True, capture_output=True)  # noqa: S607
    for name in listed.stdout.decode().split("\0")[:-1]:
        (to / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(ROOT / name, to / name)
    return to


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


def try_module(module: str, tree: Path, count: int, seed: int) -> tuple[Counter, list[str]]:
    """How many of its mutants had which outcome, and the diffs of those that lived."""
    from cosmic_ray.work_db import use_db

    name = module.replace("/", "-")
    config, session = FOLDER / f"{name}.toml", FOLDER / f"{name}.sqlite"
    tests = " ".join(f"tests/test_{test}.py" for test in TESTS[module].split())
    config.write_text(CONFIG.format(module=module, python=PYTHON, tests=tests))
    session.unlink(missing_ok=True)
    cosmic_ray(tree, "init", config, session)
    draw(session, count, seed)
    cosmic_ray(tree, "baseline", config)
    cosmic_ray(tree, "exec", config, session)
    with use_db(session) as database:
        done = [result for _, result in database.results if result.test_outcome is not None]
    outcomes = Counter(result.test_outcome.value for result in done)
    return outcomes, [r.diff for r in done if r.test_outcome.value == LIVED]


def try_all(modules: Iterable[str], count: int, seed: int) -> Counter:
    FOLDER.mkdir(parents=True, exist_ok=True)
    SURVIVORS.unlink(missing_ok=True)
    tree, total = copy_of_the_tree(FOLDER / "tree"), Counter()
    for module in modules:
        outcomes, lived = try_module(module, tree, count, seed)
        print(f"{module}: {dict(outcomes)}", flush=True)
        total += outcomes
        with SURVIVORS.open("a") as file:
            file.writelines(f"{diff}\n\n" for diff in lived)
    return total


def in_words(total: Counter, seed: int) -> str:
    tried, lived = total.total(), total[LIVED]
    share = 100 * (tried - lived) / tried
    return f"{share:.0f} % of {tried} mutants noticed (drawn with seed {seed})"


def main(arguments: Sequence[str]) -> None:
    parser = argparse.ArgumentParser(description="See the first lines of tools/mutants.py.")
    parser.add_argument("modules", nargs="*", default=list(TESTS), help=f"of {', '.join(TESTS)}")
    parser.add_argument("--each", type=int, default=25, help="mutants of each module")
    parser.add_argument("--seed", type=int, default=0)
    chosen = parser.parse_args(arguments)
    unknown = [name for name in chosen.modules if name not in TESTS]
    if unknown:
        parser.error(f"no module is called {', '.join(unknown)}. Modules: {', '.join(TESTS)}")

    total = try_all(chosen.modules, chosen.each, chosen.seed)
    words = in_words(total, chosen.seed)
    print(f"{words}. Those that lived: {SURVIVORS.relative_to(ROOT)}")
    if chosen.modules == list(TESTS):
        runs.keep(ROOT / tested.RUNS, "mutants", runs.about(PYTHON) | {"figures": words})
        tested.write()


if __name__ == "__main__":
    main(sys.argv[1:])
