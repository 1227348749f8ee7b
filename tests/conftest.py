"""Unit tests draw without a window, and may compile less well: notebooks do neither."""

import contextlib
import os
from collections.abc import Iterator

import jax
import matplotlib
import pytest

matplotlib.use("Agg")

# A quarter less of the processor's time where nothing is kept yet; notebooks are tested with all
# optimizations.
os.environ["XLA_FLAGS"] = f"--xla_backend_optimization_level=1 {os.environ.get('XLA_FLAGS', '')}"

OFF = {"debug_key_reuse": False, "numpy_rank_promotion": "allow"}


@pytest.fixture(autouse=True)
def _without_a_check(
    request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> Iterator[None]:
    """`pytest.mark.without(check, why)`: that check of JAX's is off, in new processes, too.

    `make proof ROWS="keys ranks"` runs all brief tests with such a check on.
    """
    with contextlib.ExitStack() as stack:
        for marker in request.node.iter_markers("without"):
            check, _ = marker.args
            monkeypatch.delenv(f"JAX_{check.upper()}", raising=False)
            stack.enter_context(getattr(jax, check)(OFF[check]))
        yield
