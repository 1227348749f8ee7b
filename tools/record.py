"""Run pytest, and keep its counts, with versions and the day, for TESTED.md.

    python tools/record.py test-unit .venv/bin/python .venv/bin/python -m pytest tests

The first word is the run's name, one that TESTED.md has a line for; the second the Python whose
packages are tested, which need not be the one that runs pytest; the rest the command, which must be
pytest's. A run that fails is kept as well. Exit code: 1 if a test failed.
"""

import argparse
import shutil
import sys

import runs
import tested
from make_env import ROOT


def main(name: str, python: str, *command: str) -> int:
    counts = runs.run_pytest(command)
    runs.keep(ROOT / tested.RUNS, name, runs.about(python) | {"pytest": counts})
    tested.write()
    return int(counts["failed"] > 0)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    known = sorted(promise.key for promise in tested.promises() if promise.file == tested.RUNS)
    parser.add_argument("name", choices=known, help="the run's; TESTED.md has a line for it")
    parser.add_argument("python", help="the one whose packages are tested")
    parser.add_argument("command", nargs=argparse.REMAINDER, help="how pytest is run")
    args = parser.parse_args()
    if shutil.which(args.python) is None:
        parser.error(f"there is no Python {args.python}")
    if "pytest" not in " ".join(args.command):
        parser.error(f"the command must be pytest's, but it is {' '.join(args.command)!r}")
    sys.exit(main(args.name, args.python, *args.command))
