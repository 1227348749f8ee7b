"""What `make proof` runs: the right files, told apart, and counted right."""

import sys
from collections import Counter
from datetime import date

import mutants
import proof
import pytest
from series import ROOT

NOT_MUTATED = {"__init__", "typing"}  # names alone


def test_each_module_of_the_algorithm_has_its_mutants():
    found = [path for folder in ("", "nn") for path in (ROOT / "rl_jax" / folder).glob("*.py")]
    names = {path.relative_to(ROOT / "rl_jax").with_suffix("").as_posix() for path in found}
    expected = names - NOT_MUTATED - {"nn/__init__"} | {"course/checks"}
    assert set(mutants.TESTS) == expected


def test_each_module_is_tried_with_tests_that_exist():
    for words in mutants.TESTS.values():
        assert all((ROOT / f"tests/test_{test}.py").is_file() for test in words.split())


def test_the_learning_tests_are_all_of_them():
    found = {f"tests/{path.name}" for path in (ROOT / "tests").glob("test_learning_*.py")}
    assert set(proof.LEARNING) == found


def test_mutants_are_counted_in_words():
    modules = {
        "policy": {"tried": 20, "noticed": 20, "seed": 0, "date": "2026-11-02"},
        "nn/optim": {"tried": 30, "noticed": 26, "seed": 0, "date": "2026-11-01"},
    }
    said = mutants.in_words(modules)
    assert said.startswith("92 % of 50 mutants noticed, in 2 of 14 modules, since 2026-11-01;")
    assert said.endswith("fewest in `nn/optim`: 87 %")


def test_a_module_is_stored_beside_those_tried_before(monkeypatch, tmp_path):
    monkeypatch.setattr(mutants, "ROOT", tmp_path)
    monkeypatch.setattr(mutants, "PYTHON", sys.executable)
    monkeypatch.setattr(mutants.tested, "RUNS", "runs.json")
    monkeypatch.setattr(mutants.tested, "write", lambda: None)
    mutants.keep("policy", Counter(killed=3, survived=1), 7)
    mutants.keep("loop", Counter(killed=3, incompetent=1), 8)
    stored = mutants.runs.read(tmp_path / "runs.json")["mutants"]
    today = {"date": str(date.today())}
    assert stored["modules"] == {
        "loop": {"tried": 4, "noticed": 4, "seed": 8} | today,
        "policy": {"tried": 4, "noticed": 3, "seed": 7} | today,
    }
    assert stored["figures"].startswith("88 % of 8 mutants noticed")


@pytest.mark.parametrize(("each", "kept"), [("1", []), ("25", ["policy"])])
def test_a_trial_of_few_mutants_keeps_nothing(each, kept, monkeypatch):
    found = []
    monkeypatch.setattr(mutants, "copy_of_the_tree", lambda to: to)
    monkeypatch.setattr(mutants, "try_module", lambda *_: Counter(killed=1))
    monkeypatch.setattr(mutants, "keep", lambda module, *_: found.append(module))
    mutants.main(["--each", each, "policy"])
    assert found == kept


def test_nothing_of_the_tree_is_changed_where_mutants_stand(tmp_path):
    tree = mutants.copy_of_the_tree(tmp_path / "tree")
    copied = tree / "rl_jax/policy.py"
    assert copied.read_bytes() == (ROOT / "rl_jax/policy.py").read_bytes()
    assert not copied.samefile(ROOT / "rl_jax/policy.py")
    assert not (tree / ".venv").exists()


def test_a_copy_without_git_will_do(monkeypatch, tmp_path):
    """As one that was downloaded is."""
    for name in ("a.py", "tests/b.py", ".venv/c.py", ".artefacts/d.py"):
        (tmp_path / "here" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "here" / name).touch()
    monkeypatch.setattr(mutants, "ROOT", tmp_path / "here")
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path))
    assert sorted(mutants.files_of_the_tree()) == ["a.py", "tests/b.py"]


@pytest.mark.parametrize("row", ["nonsense", "Coverage"])
def test_an_unknown_row_is_refused_before_anything_is_installed(row, monkeypatch, capsys):
    monkeypatch.setattr(proof.side_env, "make_proof", pytest.fail)
    with pytest.raises(SystemExit):
        proof.main([row])
    assert f"no row is called {row}" in capsys.readouterr().err


@pytest.mark.parametrize("failed", [0, 2])
def test_a_run_that_fails_fails_the_command(failed, monkeypatch, tmp_path):
    counts = {"passed": 3, "failed": failed, "skipped": 0, "seconds": 60}
    monkeypatch.setattr(proof.side_env, "make_proof", lambda: ROOT / ".venv")
    monkeypatch.setattr(proof, "KEPT", tmp_path / "runs.json")
    monkeypatch.setattr(proof.tested, "write", lambda: None)
    monkeypatch.setattr(proof.runs, "run_pytest", lambda *_: counts)
    assert proof.main(["keys"]) == int(failed > 0)
    assert proof.runs.read(tmp_path / "runs.json")["keys"]["pytest"] == counts


def test_ten_orders_are_ten_and_added_up(monkeypatch):
    orders, pages = [], []

    def run_pytest(command, *_):
        if "--nbval" in command:
            assert "no:randomly" in command  # a page's cells follow from each other
            pages.append(command)
            return {"passed": 3, "failed": 0, "skipped": 0, "seconds": 7}
        assert command[-1] == "tests"
        orders.append(next(word for word in command if word.startswith("--randomly-seed")))
        return {"passed": 2, "failed": 1, "skipped": 1, "seconds": 5}

    monkeypatch.setattr(proof.runs, "run_pytest", run_pytest)
    found = proof.flake(ROOT, 2)
    assert len(set(orders)) == len(pages) == 10
    assert found["stages"] == {
        "unit tests": {"passed": 20, "failed": 10, "skipped": 10, "seconds": 50},
        "strict nbval": {"passed": 30, "failed": 0, "skipped": 0, "seconds": 70},
    }
    assert proof.has_failed(found)
