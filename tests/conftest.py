"""Unit tests draw without a window, and keep what XLA compiled: notebooks do neither."""

import os
from pathlib import Path

import matplotlib

matplotlib.use("Agg")

# Three quarters of the tests' time was XLA's, for the same programs again and again: in both
# workers, in the processes that tests start, and in the next run. So what it makes is kept. And it
# may optimize less, which takes a quarter less of the processor's time where nothing is kept yet;
# notebooks are tested with all optimizations.
KEPT = Path(__file__).resolve().parent.parent / ".artefacts" / "xla-cache"
os.environ.setdefault("JAX_COMPILATION_CACHE_DIR", str(KEPT))
os.environ.setdefault("JAX_PERSISTENT_CACHE_MIN_COMPILE_TIME_SECS", "0")
os.environ.setdefault("JAX_PERSISTENT_CACHE_MIN_ENTRY_SIZE_BYTES", "-1")
os.environ["XLA_FLAGS"] = f"--xla_backend_optimization_level=1 {os.environ.get('XLA_FLAGS', '')}"
