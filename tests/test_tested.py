"""TESTED.md says what the stored runs say, and no more."""

import re
import subprocess

import matrix
import pytest
import record
import runs
import tested
from series import ROOT, outside_of_make

NOTHING = {tested.MATRIX: {}, tested.RUNS: {}, tested.BENCH: {}}
COUNTS = {"passed": 1_234, "failed": 0, "skipped": 2, "seconds": 90}
HEAD = {
    "date": "2026-01-02",
    "machine": "Linux, x86_64, 2 cores",
    "versions": {"python": "3.11.7", "jax": "0.10.2", "numpy": "2.4.6"},
}


def lines(page: str) -> list[str]:
    return [line for line in page.splitlines() if line.startswith("| ")][1:]


def test_the_page_in_the_repository_is_what_the_runs_give():
    """If not: make tested."""
    assert tested.PAGE.read_text(encoding="utf-8") == tested.page(tested.stored())


def test_it_fits_on_a_page():
    assert len(tested.page(NOTHING).splitlines()) < 50


def test_what_never_ran_is_said_to_be_so():
    found = lines(tested.page(NOTHING))
    assert len(found) == len(tested.promises())
    assert all("not run yet" in line for line in found)


def test_a_run_is_shown_with_its_day_its_versions_and_its_counts():
    stored = NOTHING | {tested.RUNS: {"parity": HEAD | {"pytest": COUNTS}}}
    (line,) = (line for line in lines(tested.page(stored)) if "not run yet" not in line)
    assert "2026-01-02 | Python 3.11.7, jax 0.10.2; Linux, x86_64, 2 cores" in line
    assert line.endswith("| 1234 passed, 2 skipped in 1.5 min |")


@pytest.mark.parametrize(
    ("result", "words"),
    [
        (HEAD | {"stages": {"unit tests": COUNTS, "strict nbval": COUNTS}}, "; strict nbval 1234"),
        (HEAD | {"stages": {"unit tests": COUNTS | {"failed": 3}}}, "**3 failed**"),
        ({"about": "x", "not tested": "this processor has no AVX512"}, "| not run yet |  | this"),
        ({"about": "x", "broken": "Stopped at: pip"}, "**could not be set up**"),
        (HEAD | {"figures": "93 % of 412 mutants"}, "| 93 % of 412 mutants |"),
    ],
)
def test_each_kind_of_outcome_has_words(result, words):
    stored = NOTHING | {tested.MATRIX: {"AVX512": result}}
    (line,) = (line for line in lines(tested.page(stored)) if "AVX512" in line)
    assert words in line


def test_benchmarks_are_dated_by_their_own_numbers():
    stored = tested.stored()
    date = stored[tested.BENCH]["a"]["date"]
    (line,) = (line for line in lines(tested.page(stored)) if line.startswith("| speed |"))
    assert f"| {date} |" in line and "RESULTS.md" in line


def test_every_row_of_the_matrix_is_a_promise():
    keys = {promise.key for promise in tested.promises() if promise.file == tested.MATRIX}
    assert keys == set(matrix.rows())


def test_what_make_records_is_a_promise():
    names = re.findall(r"\$\(call record,([\w-]+),[^)]", (ROOT / "Makefile").read_text())
    keys = {promise.key for promise in tested.promises() if promise.file == tested.RUNS}
    assert len(names) == 6 and set(names) <= keys


@pytest.mark.parametrize("failed", [0, 2])
def test_a_recorded_run_is_kept_whether_it_failed_or_not(failed, monkeypatch, tmp_path):
    (tmp_path / "tests").mkdir()
    monkeypatch.setattr(record, "ROOT", tmp_path)
    monkeypatch.setattr(runs, "run_pytest", lambda command: COUNTS | {"failed": failed})
    monkeypatch.setattr(runs, "about", lambda python: HEAD | {"asked": python})
    monkeypatch.setattr(tested, "write", lambda: None)
    assert record.main("parity", "the tested one", "python", "-m", "pytest") == bool(failed)
    kept = runs.read(tmp_path / tested.RUNS)["parity"]
    assert kept["pytest"]["failed"] == failed and kept["asked"] == "the tested one"


@pytest.mark.parametrize(
    ("asked", "is_recorded"),
    [
        (["RECORD=yes"], True),
        ([], False),
        (["RECORD=yes", "NOTEBOOKS=03"], False),
        (["RECORD=yes", "RETRY=--last-failed"], False),
    ],
)
def test_only_a_whole_run_is_recorded_and_only_on_demand(asked, is_recorded):
    make = ["make", "-n", "browser", "CHROMIUM=true", *asked]
    done = subprocess.run(make, cwd=ROOT, env=outside_of_make(), capture_output=True, text=True)
    assert done.returncode == 0 and ("record.py browser" in done.stdout) == is_recorded
