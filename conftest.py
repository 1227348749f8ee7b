"""What a bare `pytest` or `pytest --nbval notebooks` needs; `make` sets the same.

Stored outputs come from the CPU. To see what another device gives, name it: JAX_PLATFORMS=cuda.
"""

import os
from pathlib import Path

os.environ.setdefault("JAX_PLATFORMS", "cpu")
os.environ.setdefault("SDL_VIDEODRIVER", "dummy")  # no display, and quiet about it
os.environ.setdefault("SDL_AUDIODRIVER", "dummy")

# Most of the tests' time was XLA's, for the same programs again and again: in all workers, in the
# processes that tests start, and in the next run. So what it makes is kept, for tests and for
# notebooks; a program that has changed in any way is another one, and compiled.
KEPT = Path(__file__).resolve().parent / ".artefacts" / "xla-cache"
os.environ.setdefault("JAX_COMPILATION_CACHE_DIR", str(KEPT))
os.environ.setdefault("JAX_PERSISTENT_CACHE_MIN_COMPILE_TIME_SECS", "0")
os.environ.setdefault("JAX_PERSISTENT_CACHE_MIN_ENTRY_SIZE_BYTES", "-1")
# A run that is stopped may leave half a file there, and a folder may be read-only; JAX says so, and
# compiles.
SAID = [f"ignore:Error {doing} persistent compilation cache" for doing in ("reading", "writing")]
os.environ.setdefault("PYTHONWARNINGS", ",".join(SAID))

# Of several workers none should begin with one of these when the others are done.
LONGEST_FIRST = (
    "notebooks/06",
    "notebooks/08",
    "notebooks/07",
    "tests/test_exercises",
    "tests/test_learning",
    "tests/test_bug_hunt",
    "tests/test_ondevice",
)


def pytest_configure(config):
    config.option.loadscopereorder = False  # xdist's order: most tests first


def pytest_collection_modifyitems(items):
    def place(item):
        starts = [name for name in LONGEST_FIRST if item.nodeid.startswith(name)]
        return LONGEST_FIRST.index(starts[0]) if starts else len(LONGEST_FIRST)

    items.sort(key=place)  # and else as they came
