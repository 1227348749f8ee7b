"""GitHub's workflows and the dev container: they cannot run here, so what can be checked is."""

import json
import re

import pytest
import yaml
from matrix import PYTHONS, rows
from series import ROOT

FILES = sorted((ROOT / ".github/workflows").glob("*.yml"))
TEXTS = {path.stem: path.read_text() for path in FILES}
FLOWS = {stem: yaml.safe_load(text) for stem, text in TEXTS.items()}
MAKE = re.compile(r"^make (\w+)(?: ([A-Z]+=(?:\"[^\"]*\"|\S+)))*$", re.MULTILINE)
TARGETS = set(re.findall(r"^(\w+):.*##", (ROOT / "Makefile").read_text(), re.MULTILINE))


def jobs(stem: str) -> list[dict]:
    return list(FLOWS[stem]["jobs"].values())


def commands(stem: str) -> list[str]:
    return [step["run"] for job in jobs(stem) for step in job["steps"] if "run" in step]


def test_all_three_are_there():
    assert set(FLOWS) == {"compat", "test", "weekly"}


@pytest.mark.parametrize("stem", FLOWS)
def test_nothing_is_allowed_that_no_job_asks_for(stem):
    assert FLOWS[stem]["permissions"] == {}
    for job in jobs(stem):
        runs_code = any("checkout" in step.get("uses", "") for step in job["steps"])
        assert job["permissions"] == ({"contents": "read"} if runs_code else {"issues": "write"})
        assert job["timeout-minutes"] <= 180


@pytest.mark.parametrize("stem", FLOWS)
def test_actions_are_pinned_and_leave_no_credentials(stem):
    lines = re.findall(r"uses: (.*)", TEXTS[stem])
    assert lines and all(re.fullmatch(r"[\w/-]+@[0-9a-f]{40} # v[\d.]+", line) for line in lines)
    for step in (step for job in jobs(stem) for step in job["steps"]):
        if "checkout" in step.get("uses", ""):
            assert step["with"]["persist-credentials"] is False


def test_the_same_action_is_the_same_everywhere():
    found = set(re.findall(r"uses: (.*)", "".join(TEXTS.values())))
    assert len(found) == len({line.partition("@")[0] for line in found})


@pytest.mark.parametrize("stem", FLOWS)
def test_what_they_call_is_there(stem):
    called = [name for text in commands(stem) for name, _ in MAKE.findall(text)]
    assert called and set(called) <= TARGETS


def test_they_run_the_pythons_of_the_locks_and_rows_of_the_matrix():
    (job,) = jobs("test")
    assert job["strategy"]["matrix"]["python"] == list(PYTHONS)
    (asked,) = (re.search(r'ROWS="(.*)" ', text) for text in commands("weekly") if "ROWS" in text)
    assert set(asked[1].split()) <= set(rows())


def test_the_container_is_set_up_as_everyone_is():
    container = json.loads((ROOT / ".devcontainer/devcontainer.json").read_text())
    assert container["postCreateCommand"] == "make setup"
    version = re.search(r"python:(3\.\d+)", container["image"])[1]
    assert version in PYTHONS
    settings = container["customizations"]["vscode"]["settings"]
    assert settings["python.defaultInterpreterPath"].endswith("/.venv/bin/python")
