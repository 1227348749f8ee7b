"""What `make proof` runs: the right files, told apart, and counted right."""

from collections import Counter

import mutants
import proof
import pytest
from series import ROOT

# Types and names alone; and `envs`, whose wrappers are Gymnasium's and gym's own.
NOT_MUTATED = {"__init__", "envs", "typing"}


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
    total = Counter(killed=45, survived=4, incompetent=1)
    assert mutants.in_words(total, 3) == "92 % of 50 mutants noticed (drawn with seed 3)"


def test_nothing_of_the_tree_is_changed_where_mutants_stand(tmp_path):
    tree = mutants.copy_of_the_tree(tmp_path / "tree")
    copied = tree / "rl_jax/policy.py"
    assert copied.read_bytes() == (ROOT / "rl_jax/policy.py").read_bytes()
    assert not copied.samefile(ROOT / "rl_jax/policy.py")
    assert not (tree / ".venv").exists()


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
    asked = []

    def run_pytest(command, *_):
        asked.append(next(word for word in command if word.startswith("--randomly-seed")))
        return {"passed": 2, "failed": 0, "skipped": 1, "seconds": 5}

    monkeypatch.setattr(proof.runs, "run_pytest", run_pytest)
    found = proof.flake(ROOT, 2)["pytest"]
    assert len(set(asked)) == 10
    assert found == {"passed": 20, "failed": 0, "skipped": 10, "seconds": 50}
