"""Unit tests draw without a window, and may compile less well: notebooks do neither."""

import os

import matplotlib

matplotlib.use("Agg")

# A quarter less of the processor's time where nothing is kept yet; notebooks are tested with all
# optimizations.
os.environ["XLA_FLAGS"] = f"--xla_backend_optimization_level=1 {os.environ.get('XLA_FLAGS', '')}"
