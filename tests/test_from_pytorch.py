"""The page for those who come from PyTorch: what stands after >>> runs, and gives what it shows."""

import subprocess
import sys
from importlib.metadata import version

from helpers import rows_for_all, same_key_again
from packaging.version import Version
from series import NOTEBOOKS, STEMS, source_of

PAGE = NOTEBOOKS / "from_pytorch.md"
TEXT = PAGE.read_text(encoding="utf-8")
TRAPS = 5


@same_key_again
@rows_for_all
def test_its_snippets_give_what_they_show(tmp_path):
    """In a process of its own: `rl_jax.loop` switches off what trap 5 shows."""
    page = tmp_path / PAGE.name
    is_old = Version(version("jax")) < Version("0.7")  # there a tracer had another name
    page.write_text(TEXT.replace("JitTracer", "Traced<") if is_old else TEXT, encoding="utf-8")
    command = [sys.executable, "-m", "doctest", "-o", "ELLIPSIS", str(page)]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    assert TEXT.count(">>> ") > 30


def test_each_trap_is_shown_by_a_snippet_and_has_a_way_out():
    traps = TEXT.split("\n### ")[1:]
    assert len(traps) == TRAPS
    assert all(">>> " in trap and "**Write**" in trap for trap in traps)


def test_notebook_01_links_to_it():
    (stem,) = (stem for stem in STEMS if stem.startswith("01"))
    links = [cell for cell in source_of(stem).cells if f"({PAGE.name})" in cell.source]
    assert len(links) >= 2
