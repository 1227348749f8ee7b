"""Run pytest, and keep its counts, with versions and the day, for TESTED.md.

    python tools/record.py test-unit .venv/bin/python .venv/bin/python -m pytest tests

The first word is the run's name, one that TESTED.md has a line for; the second the Python whose
packages are tested, which need not be the one that runs pytest; the rest the command, which must be
pytest's. A run that fails is kept as well. Exit code: 1 if a test failed.
"""

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
    if len(sys.argv) < 4 or "pytest" not in " ".join(sys.argv[3:]):
        sys.exit(
            f"usage: record.py NAME PYTHON COMMAND ..., and the command must be pytest's\n{__doc__}"
        )
    known = sorted(promise.key for promise in tested.promises() if promise.file == tested.RUNS)
    if sys.argv[1] not in known:
        sys.exit(f"no run is called {sys.argv[1]}. Runs: {', '.join(known)}")
    if shutil.which(sys.argv[2]) is None:
        sys.exit(f"there is no Python {sys.argv[2]}")
    sys.exit(main(*sys.argv[1:]))
