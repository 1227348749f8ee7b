"""`make matrix`: what runs where, and a table that hides nothing. The runs here are pretended."""

import json
import sys
from pathlib import Path

import matrix
import pytest
import runs
import side_env

REPORT = """<testsuites>
<testsuite tests="9" failures="{failures}" errors="{errors}" skipped="1"/></testsuites>"""


@pytest.mark.parametrize(
    ("failures", "errors", "returncode", "passed", "failed"),
    [(0, 0, 0, 8, 0), (2, 0, 1, 6, 2), (0, 3, 1, 5, 3), (0, 0, 5, 8, 1)],
)
def test_pytests_report_is_counted(failures, errors, returncode, passed, failed):
    report = REPORT.format(failures=failures, errors=errors)
    counts = runs.count(report, returncode)
    assert counts == {"passed": passed, "failed": failed, "skipped": 1}


@pytest.mark.parametrize("returncode", [1, 2, 5, -9])
def test_a_run_that_left_no_report_has_failed(returncode):
    assert runs.count("", returncode) == {"passed": 0, "failed": 1, "skipped": 0}


def test_a_real_run_is_counted_and_its_words_are_kept(tmp_path):
    (tmp_path / "test_a.py").write_text(
        "import pytest\n"
        "def test_good(): pass\n"
        "def test_bad(): assert 1 == 2\n"
        "@pytest.mark.skip\n"
        "def test_later(): pass\n"
    )
    log = tmp_path / "log.txt"
    command = [sys.executable, "-m", "pytest", "-c", "/dev/null", "-p", "no:cacheprovider"]
    counts = runs.run_pytest([*command, tmp_path], log=log)
    assert (counts["passed"], counts["failed"], counts["skipped"]) == (1, 1, 1)
    assert "assert 1 == 2" in log.read_text()


def test_a_head_says_the_versions_and_not_whose_machine_it_is():
    head = runs.about(sys.executable)
    assert head["versions"]["python"] == ".".join(map(str, sys.version_info[:3]))
    assert head["versions"]["jax"]
    assert not {Path.home().name, runs.platform.node()} & set(head["machine"].split())


def test_what_could_not_run_replaces_no_result(tmp_path):
    path = tmp_path / "matrix.json"
    runs.keep(path, "AVX512", {"not tested": "no AVX512"})
    runs.keep(path, "AVX", {"date": "2026-01-01"})
    assert runs.read(path)["AVX512"] == {"not tested": "no AVX512"}
    runs.keep(path, "AVX512", {"date": "2026-01-02"})
    runs.keep(path, "AVX512", {"not tested": "no AVX512"})
    runs.keep(path, "AVX", {"broken": "no network: uv found no such set of versions"})
    assert runs.read(path) == {"AVX": {"date": "2026-01-01"}, "AVX512": {"date": "2026-01-02"}}


# Rows


COUNTS = {"passed": 3, "failed": 0, "skipped": 0, "seconds": 1}
BAD = {"passed": 2, "failed": 1, "skipped": 0, "seconds": 1}


@pytest.fixture
def asked(monkeypatch, tmp_path) -> list[tuple[list[str], dict[str, str]]]:
    """Commands that would have run, each with its settings; environments are there at once."""
    found = []

    def run_pytest(command, settings, log):
        found.append((command, dict(settings)))
        log.write_text("said\n")
        return COUNTS

    there = lambda name, *_: tmp_path / f".venv-{name}"  # noqa: E731
    monkeypatch.setattr(matrix, "LOGS", tmp_path)
    monkeypatch.setattr(matrix, "KEPT", tmp_path / "matrix.json")
    monkeypatch.setattr(matrix.tested, "write", lambda: None)
    monkeypatch.setattr(matrix, "resolve", lambda *_: "jax==1.0\n")
    monkeypatch.setattr(matrix.runs, "run_pytest", run_pytest)
    monkeypatch.setattr(matrix.runs, "about", lambda _: {"versions": {"python": "3", "jax": "1"}})
    monkeypatch.setattr(side_env, "find_python", lambda version: f"python{version}")
    monkeypatch.setattr(side_env, "make_locked", there)
    monkeypatch.setattr(side_env, "make_resolved", there)
    monkeypatch.setattr(side_env, "make_compat", lambda: there("compat"))
    return found


def test_the_lock_is_compared_strictly_and_runs_every_unit_test(asked):
    assert matrix.main(["3.12", "--jobs", "1"]) == 0
    unit, notebooks = (command for command, _ in asked)
    assert unit[0].endswith(".venv-py3.12/bin/python") and unit[-1] == "tests"
    assert notebooks[-2:] == ["--nbval", "notebooks"]
    assert not any("ignore" in word or "filterwarnings" in word for word in unit + notebooks)


@pytest.mark.parametrize("name", ["lowest", "newest", "colab"])
def test_other_versions_may_print_other_numbers_and_warn(name, asked):
    assert matrix.main([name]) == 0
    unit, notebooks = (command for command, _ in asked)
    assert unit[-1] == "tests" and matrix.BRIEF in unit
    assert "--nbval-lax" in notebooks and "--nbval" not in notebooks
    assert "filterwarnings=default" in unit and "filterwarnings=default" in notebooks


def test_a_processor_is_held_back_and_other_flags_stay(asked, monkeypatch):
    monkeypatch.setenv("XLA_FLAGS", "--mine")
    monkeypatch.setattr(matrix, "processor", lambda _: Path("/venv"))
    assert matrix.main(["AVX"]) == 0
    ((command, settings),) = asked
    assert settings == {"XLA_FLAGS": "--mine --xla_cpu_max_isa=AVX"} and "--nbval" in command


def test_every_row_is_kept_and_one_row_leaves_the_others(asked, monkeypatch, capsys):
    monkeypatch.setattr(matrix, "processor", lambda _: Path("/venv"))
    monkeypatch.setattr(matrix, "before_release", lambda: Path("/venv"))
    assert matrix.main([]) == 0
    kept = json.loads(matrix.KEPT.read_text())
    assert set(kept) == set(matrix.rows())
    assert capsys.readouterr().out.count("passed\n") >= len(kept)
    matrix.main(["lowest"])
    assert set(json.loads(matrix.KEPT.read_text())) == set(kept)


@pytest.mark.parametrize(
    ("only", "stages"),
    [
        (["tests/test_config.py"], [["tests/test_config.py"]]),
        (["notebooks/01_jax_grad_basics.ipynb"], [["notebooks/01_jax_grad_basics.ipynb"]]),
        (
            ["tests/test_dqn.py::test_a", "notebooks/07_on_device.ipynb"],
            [["tests/test_dqn.py::test_a"], ["notebooks/07_on_device.ipynb"]],
        ),
    ],
)
def test_a_trial_runs_what_it_is_given_and_keeps_nothing(only, stages, asked, capsys):
    assert matrix.main(["lowest", "--only", *only]) == 0
    assert [command[-1:] for command, _ in asked] == stages
    assert not matrix.KEPT.exists() and "nothing is kept" in capsys.readouterr().out


# What does not go well


def test_a_python_that_is_missing_is_named_and_is_no_failure(asked, monkeypatch, capsys):
    monkeypatch.setattr(side_env, "find_python", lambda _: None)
    assert matrix.main(["3.12", "colab"]) == 0
    said = capsys.readouterr().out
    assert "not tested: no Python 3.12 here" in said and "not tested: no Python 3.13" in said
    assert asked == []
    assert json.loads(matrix.KEPT.read_text())["3.12"]["not tested"] == "no Python 3.12 here"


@pytest.mark.parametrize(
    ("machine", "flags", "reason"),
    [
        ("x86_64", "flags : sse4_2 avx avx2", "this processor has no AVX512"),
        ("x86_64", None, "does not say"),
        ("arm64", "", "an arm64 processor has no AVX512"),
    ],
)
def test_a_processor_that_cannot_is_named(machine, flags, reason, monkeypatch, tmp_path):
    cpuinfo = tmp_path / "cpuinfo"
    if flags is not None:
        cpuinfo.write_text(flags)
    monkeypatch.setattr(matrix, "CPUINFO", cpuinfo)
    monkeypatch.setattr(matrix.platform, "machine", lambda: machine)
    with pytest.raises(matrix.NotTestedError, match=reason):
        matrix.processor("AVX512")
    if machine == "x86_64" and flags:
        assert matrix.processor("AVX2") == Path(sys.prefix)


def test_without_a_pre_release_its_row_says_so(asked):
    result = matrix.run_row("pre", matrix.rows()["pre"], [], 1)
    assert result["not tested"] == "no pre-release of jax is newer than 1.0"


def test_versions_that_do_not_install_are_a_failure(asked, monkeypatch, capsys):
    monkeypatch.setattr(matrix, "resolve", lambda *_: sys.exit("uv found no such set"))
    assert matrix.main(["lowest"]) == 1
    assert "FAILED: uv found no such set" in capsys.readouterr().out


def test_one_failing_test_fails_the_matrix_and_is_shown(asked, monkeypatch, capsys):
    def run_pytest(command, settings, log):
        log.write_text("assert 1 == 2\n")
        return BAD

    monkeypatch.setattr(matrix.runs, "run_pytest", run_pytest)
    assert matrix.main(["lowest"]) == 1
    said = capsys.readouterr().out
    assert "assert 1 == 2" in said and "2 passed, 1 failed in 1 s" in said


def test_an_unknown_row_is_named(capsys):
    with pytest.raises(SystemExit):
        matrix.main(["lowset"])
    assert "no row is called lowset" in capsys.readouterr().err


def test_a_pin_is_found():
    assert matrix.pin_of("jax", "jaxlib==2.0\njax==1.5 ; python_version < '4'\n") == "1.5"


def test_a_trial_in_which_nothing_would_run_is_refused(capsys):
    with pytest.raises(SystemExit):
        matrix.main(["AVX", "--only", "tests/test_dqn.py"])
    assert "nothing of tests/test_dqn.py runs in AVX" in capsys.readouterr().err
