"""Unit tests draw without a window; notebooks keep the kernel's own backend."""

import matplotlib

matplotlib.use("Agg")
