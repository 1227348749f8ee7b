"""`make bench`: its smallest measurements work, and its page says what its numbers say."""

import copy
import json
import re
import runpy
import subprocess
import sys
from pathlib import Path

import bench
import numpy as np
import pytest
import race
import report
from helpers import keys_in_a_vmapped_scan
from judge import first_solved, judge
from series import ROOT

BENCHMARKS = ROOT / "benchmarks"


def rows(**values: list[float]) -> dict:
    return {
        key: {"label": f"label of {key}", "unit": "u", "values": found, "busy": [1.0] * len(found)}
        for key, found in values.items()
    }


def runs(label: str, seconds: float, *means: float, **facts: float | None) -> dict:
    made = [
        {
            "seed": i,
            "seconds": seconds,
            "processor_seconds": 8.0,
            "training_seconds": 1.0,
            "steps": 50,
            "mean": mean,
            **facts,
        }
        for i, mean in enumerate(means)
    ]
    return {"label": label, "runs": made}


ABOUT = {
    "date": "2026-01-01", "load": 0.1,
    "machine": {"cpu": "A CPU", "cores": 2, "system": "An OS", "python": "3.11.0",
                "packages": {"jax": "1.0"}, "pinned": True},
}  # fmt: skip
RESULTS = {
    "a": ABOUT | {"rows": rows(
        post=[240.0, 200.0, 250.0], loop_post=[3_599.0], loop=[9_000.0],
        scan_1=[9_000.0], scan_8=[9_000.0], scan_32=[9_000.0], scan_all=[9_000.0],
    )},
    "b": ABOUT | {
        "contestants": {
            "scan": runs("ours", 10.0, 500.0, 475.0, compiling_seconds=0.5, first_solved=3_000),
            "sb3_stop": runs("theirs, stopped", 29.9, 9.0, 100.0, first_solved=None),
            "sb3": runs("theirs", 30.0, 474.9, 500.0),
            "rejax": runs("another", 60.0, 500.0, 500.0, training_seconds=40.0,
                          compiling_seconds=32.6, first_solved=50_000),
        },
        "left_out": {"sbx": "it could not be installed here"},
        "rows": rows(warm=[2.5]),
        "threads": {"chosen": 1, "seconds": {"1": [2.0], "2": [3.0]}},
    },
    "d": ABOUT | {"seeds": 64, "steps": 30_000, "variants": {"neither": [
        {"early": 50, "last": 60, "judged": 60, "best": 64},
        {"early": 51, "last": 62, "judged": 63, "best": 64},
    ]}},
    "e": ABOUT | {
        "settings": {"seeds": 64, "late": {"as it is": 300, "other": 200},
                     "solved": {"as it is": 50, "other": 40}, "epsilon_ahead": 0.25},
        "sweep": {"seeds": 32, "medians": [290, 340], "leads_by_50": 0.4, "behind": 0.3},
    },
}  # fmt: skip


def line(page: str, start: str) -> str:
    (found,) = (line for line in page.splitlines() if line.startswith(f"| {start}"))
    return found


def test_the_page_in_the_repository_is_what_its_numbers_give():
    results = json.loads((BENCHMARKS / "results.json").read_text())
    assert (BENCHMARKS / "RESULTS.md").read_text() == report.render(results)
    assert (BENCHMARKS / "results.png").read_bytes().startswith(b"\x89PNG")


def test_the_page_shows_medians_their_range_and_failures():
    page = report.render(RESULTS)
    assert "| 240 | 200 to 250 | u | 1.0 |" in line(page, "label of post")
    race, more = (part.split("\n\n")[0] for part in page.split("| contestant |")[1:])
    assert line(race, "ours") == "| ours | 2 of 2 | 10.0 | 1.00 | 0.50 | 3,000 |"
    assert line(race, "another |") == "| another | 2 of 2 | 60.0 | 40.0 | 32.6 | 50,000 |"
    # Evaluations that were never good enough, and none at all, are two things.
    assert line(race, "theirs, stopped") == "| theirs, stopped | 0 of 2 | 29.9 | 1.00 | – | never |"
    assert line(race, "theirs |") == "| theirs | 1 of 2 | 30.0 | 1.00 | – | – |"
    # Two runs of 30 s for one agent that solved it; 474.9 is not 475.
    assert line(more, "theirs |") == "| theirs | 60.0 | 8.00 | 50.0 | 475, 500 |"
    assert "| never solved |" in line(more, "theirs, stopped")
    assert "A CPU, 2 cores, An OS, Python 3.11.0; jax 1.0." in page
    assert "torch: 1 thread, the faster choice here (5,000 steps with 1 thread: 2.00 s" in page


def test_the_page_shows_how_far_runs_lie_apart():
    results = copy.deepcopy(RESULTS)
    first, second = results["b"]["contestants"]["rejax"]["runs"]
    first |= {"seconds": 40.0, "first_solved": None}
    second |= {"training_seconds": 39.0}
    assert "| 50.0 (40.0 to 60.0) | 39.5 (39.0 to 40.0) | 32.6 | 50,000 in 1 of 2 |" in line(
        report.render(results), "another | 2 of 2"
    )


def test_who_is_left_out_is_named():
    assert "\n- sbx is left out: it could not be installed here.\n" in report.render(RESULTS)
    assert "sbx" not in report.alt(RESULTS)
    assert "our loop, Stable-Baselines3 and rejax; hollow" in report.alt(RESULTS)


def test_each_contestant_has_its_rule():
    assert set(report.RULES) == set(race.CONTESTANTS)
    assert set(race.PEERS) == {each.peer for each in race.CONTESTANTS.values()} - {None}


def test_goals_are_judged_on_the_numbers_before_they_are_rounded():
    page = report.goals(RESULTS)
    assert line(page, "our scan, a cold process").endswith("| 10.0 s | <= 10.0 s | yes |")
    assert line(page, "... as a share of Stable-Baselines3's 50").endswith(
        "| 0.33 | <= 0.33 | yes |"
    )
    assert line(page, "... as a share of Stable-Baselines3's, s").endswith("| **no** |")
    # 3,599 / 240 = 14.996, which is shown as 15.0
    assert line(page, "our Python loop").endswith("| 15.0 times | >= 15.0 times | **no** |")
    # (40 - 32.6) / (1 - 0.5) = 14.8, and 40 / 1
    assert line(page, "rejax's").endswith("| 14.8 times | >= 15.0 times | **no** |")
    assert line(page, "... what is compiled").endswith("| 40.0 times | | |")
    assert line(page, "Stable-Baselines3's whole").endswith(
        "| 2.99 times | >= 8.00 times | **no** |"
    )
    assert "16 agents" not in page, "of a part that was not measured"


def test_a_busy_machine_is_confessed():
    assert "measure this part anew" not in report.render(RESULTS)
    assert "measure this part anew" in report.render({"a": RESULTS["a"] | {"load": 1.5}})


def test_what_has_changed_since_is_confessed():
    assert "of that day" not in report.render(RESULTS)
    assert "**of that day**" in report.render({"a": RESULTS["a"] | {"note": "of that day"}})


def test_what_was_measured_on_another_day_is_confessed():
    first, later = ({"date": f"2026-01-0{day}", "load": 0.1} for day in (1, 2))
    part = bench.dated(copy.deepcopy(RESULTS["b"]), first)
    assert "Anew" not in report.render({"b": part})
    new = {"contestants": {"rejax": runs("rejax", 1.0, 500.0)}, "threads": None, "left_out": {}}
    part = bench.joined(part, bench.dated(new, later))
    page = report.render({"b": part})
    assert page.count("Anew") == 1
    assert "Anew on 2026-01-02: rejax. Load average before: 0.1." in page


def test_the_page_shows_what_each_idea_does():
    page = report.render({"d": RESULTS["d"]})
    assert line(page, "neither").split(" | ")[1:] == ["50, 51", "60, 62", "60, 63", "64, 64 |"]
    assert "sets of 64 agents of 30,000 steps" in page
    assert "Populations" not in page


def test_the_page_shows_what_large_populations_did():
    run = dict.fromkeys(("agents", "early", "last", "judged", "best"), 192)
    run |= {"date": "2026-01-02", "device": "A GPU", "products": "float32", "first_seed": 7_000}
    run |= {"batches": "remainders"}
    run |= {"seconds": 30.4, "first_seconds": 40.1, "megabytes": 1.4, "same_bits": True}
    run |= {"by_set": {"early": [64, 64, 64], "judged": [64, 62, 64]}}
    unknown = dict.fromkeys(("same_bits", "by_set", "first_seed", "megabytes"))
    older = run | unknown | {"date": "2026-01-01"}
    rates = {"1": 99.5, "8": 800.0}
    changes = {"no change": {"early": 2_000, "judged": 1_990}}
    trial = {"device": "B", "agents": 2_000, "first_seed": 5, "last_good_step": [9_000, 25_000]}
    trial |= {"changes": changes, "curves": "at most three of each row"}
    another = trial | {"first_seed": 6, "changes": {"a change": {"early": 1, "judged": 2}}}
    more = {"populations": [older, run], "rates": rates, "tried": [trial, another]}
    page = report.render({"d": RESULTS["d"] | more})
    shown = "| 2026-01-02, A GPU, float32, remainders, 7,000 | 192 | 192 | 192 | 192 | 192 "
    assert f"{shown}| 2 of 3 (the first two: 64, 62) | 30, 40 |" in page
    assert line(page, "2026-01-01, A GPU, float32, remainders, not noted |").endswith(
        "| 192 | – | 30, 40 |"
    )
    words = page.replace("\n", " ")
    assert "1.40 MB an agent" in words
    assert "the populations of 2026-01-02 had the same bits" in words
    assert "99.5 (1), 800 (8)." in words
    assert line(page, "no change") == "| no change | 2,000 | 1,990 |"
    assert "curves of 2 were kept (at most three of each row). 1 of them had" in words
    assert line(page, "a change") == "| a change | 1 | 2 |"


@keys_in_a_vmapped_scan
def test_one_population_says_what_it_holds():
    command = [sys.executable, BENCHMARKS / "unlearn.py", "--population", "--sets", "2"]
    small = ["--seeds", "2", "--steps", "2000", "--rates", "2", "--change", "batch_size=16"]
    done = subprocess.run([*command, *small], capture_output=True, text=True, check=True)
    found = json.loads(done.stdout)
    assert found["agents"] == 4 and found["same_bits"] is True
    assert sum(found["by_set"]["judged"]) == found["judged"] <= 4
    assert found["seconds"] <= found["first_seconds"] and found["rates"]["2"] > 100


def test_notebook_07_says_the_numbers_of_part_d():
    stored = json.loads((BENCHMARKS / "results.json").read_text())["d"]
    page = (ROOT / "notebooks/src/07_on_device.py").read_text()
    for name, sets in stored["variants"].items():
        early, judged = ([one[sense] for one in sets] for sense in ("early", "judged"))
        cells = [" to ".join(map(str, sorted({min(f), max(f)}))) for f in (early, judged)]
        assert f"# | {name.partition(' (')[0]} | {' | '.join(cells)} |" in page
    totals = [
        sum(run[sense] for run in stored["populations"])
        for sense in ("agents", "early", "judged", "last", "best")
    ]
    agents, early, judged, last, best = (f"{total:,}" for total in totals)
    words = page.replace("\n# ", " ")
    assert f"Of {agents} others, with seeds that nothing had seen, {early} were" in words
    assert f"{judged} hold 475 at the end" in words
    assert f"({last} by their last parameters, {best} by their best)" in words
    trial = stored["tried"][1]
    rows = ["batches of 16", "`CARTPOLE` as it is", "batches of 64", "batches of 128"]
    left = [str(trial["agents"] - trial["changes"][row]["judged"]) for row in rows]
    said = f"{', '.join(left[:-1])} and {left[-1]} of {trial['agents']:,} agents do not hold 475"
    assert said in words


def test_the_page_shows_what_four_seeds_cannot_tell():
    page = report.render({"e": RESULTS["e"]})
    assert line(page, "as it is") == "| as it is | 300 | 50 |"
    words = page.replace("\n", " ")
    assert "a share of 0.25 of all draws" in words and "up to 1 are 290, 340 (gamma" in words
    assert "more than 50 steps in a share of 0.4, and is behind it in 0.3." in words


def test_notebooks_06_and_07_say_the_numbers_of_part_e():
    stored = json.loads((BENCHMARKS / "results.json").read_text())["e"]
    said = [
        (ROOT / f"notebooks/src/{name}.py").read_text().replace("\n# ", " ")
        for name in ("06_full_loop", "07_on_device")
    ]
    late, solved = (list(stored["settings"][name].values()) for name in ("late", "solved"))
    assert f"was {late[0]} as it is, and {late[2]} with epsilon 0.5" in said[0]
    assert f"{solved[0]} and {solved[2]} of 64 reached 475 once" in said[0]
    assert f"(with gamma 0.5: {solved[1]})" in said[0]
    assert "ahead nearly every fourth time" in said[0]
    assert 0.2 < stored["settings"]["epsilon_ahead"] < 0.25
    *first, final = stored["sweep"]["medians"]
    assert f"medians were {', '.join(map(str, first))} and {final}, from epsilon 0" in said[1]
    assert "in every second draw, and in more than every fourth" in said[1]
    assert 0.45 < stored["sweep"]["leads_by_50"] < 0.55 and 0.25 < stored["sweep"]["behind"] < 0.33


def test_each_part_can_be_shown_alone():
    for part in RESULTS:
        one = {part: copy.deepcopy(RESULTS[part])}
        assert f"## {part}. " in report.render(one)
        assert report.draw(one).startswith(b"\x89PNG")
    assert report.draw(RESULTS).startswith(b"\x89PNG")


def test_a_worker_measures_what_it_is_told():
    tiny = bench.population("tiny", bench.ONE_CORE, 1, 64, hidden=[4])
    memory = bench.row("memory", "µs", bench.ONE_CORE, "sample", size=100, steps=10)
    bytes_ = bench.row("memory", "MB", bench.ONE_CORE, "megabytes", size=1_000)
    found = bench.measure({"tiny": tiny, "memory": memory, "bytes": bytes_}, 2)
    assert 0.03 < found["bytes"]["values"][0] < 0.064
    assert {len(row["values"]) for row in found.values()} == {2}
    assert all(value > 0 for row in found.values() for value in row["values"])


@keys_in_a_vmapped_scan
def test_a_worker_measures_populations():
    tiny = {"place": bench.ONE_CORE, "steps": 40, "hidden": [4]}
    alone, many = (
        bench.row("step", "µs", bench.ONE_CORE, "steps_with_memory", size=50, steps=40, seeds=n)
        for n in (1, 3)
    )
    rows = {"step_1": alone, "step_3": many}
    for name, batches in (("drawn", "drawn"), ("given", "made before")):
        rows[name] = bench.row(name, "updates/s", case="update", batches=batches, seeds=3, **tiny)
    rows["bytes"] = bench.row("MB", "MB", bench.ONE_CORE, "megabytes_an_agent", seeds=2)
    found = bench.measure(rows, 1)
    assert all(row["values"][0] > 0 for row in found.values())
    assert 0.5 < found["bytes"]["values"][0] < 3  # 10,000 transitions alone take 0.41


def test_where_a_steps_time_goes():
    measured = rows(step_1=[50.0], drawn_1=[25_000.0], given_1=[40_000.0], step_64=[10.0],
                    drawn_64=[125_000.0], given_64=[200_000.0])  # fmt: skip
    page = report.render({"c": ABOUT | {"rows": measured}})
    assert line(page, "1 |") == "| 1 | 50.0 | 50% | 30% | 20% |"
    assert line(page, "64") == "| 64 | 10.0 | 50% | 30% | 20% |"
    assert "Where one step's time goes" not in report.render({"c": ABOUT | {"rows": rows(x=[1.0])}})


def test_a_worker_that_fails_is_not_waited_for(capfd):
    with pytest.raises(RuntimeError, match="no answer"):
        bench.measure({"wrong": bench.row("", "", bench.ANYWHERE, "no such case")}, 1)
    assert "KeyError" in capfd.readouterr().err


def test_the_judge_tells_good_from_bad():
    def balance(observations):  # towards where the pole falls, and back to the middle
        return observations @ np.array([0.05, 0.2, 3.0, 1.0]) > 0

    assert judge(balance, seed=0, episodes=3) == 500.0
    always_left = judge(lambda observations: np.zeros(len(observations)), seed=0, episodes=20)
    assert 8 <= always_left <= 11
    assert always_left == judge(lambda observations: [0] * 20, seed=0, episodes=20)


def test_the_first_solved_evaluation_is_found():
    assert first_solved([0, 100, 200, 300], [9.0, 475.0, 20.0, 500.0]) == 100
    assert first_solved([0, 100], [9.0, 474.9]) is None
    assert first_solved([], []) is None


@pytest.fixture
def planted(monkeypatch):
    """A race in which every process ends at once: seconds are made up, and nothing is installed."""
    calls = []

    def solve(python, script, seed, *options):
        calls.append((script, seed))
        return {"seed": seed, "training_seconds": float(len(calls)), "mean": 500.0}

    monkeypatch.setattr(race, "solve", solve)
    monkeypatch.setattr(race, "missing", lambda peers: {})
    monkeypatch.setattr(race, "SEEDS", (7, 8))
    return calls


def race_of(names, path, identity="one"):
    return race.Race(names, cores=2, log=race.Log(path, identity), quick=False).run()


def test_contestants_take_turns(planted, tmp_path):
    found = race_of(["rejax", "scan"], tmp_path / "log")
    assert planted == [
        ("solve_scan.py", 7), ("solve_rejax.py", 7), ("solve_scan.py", 8), ("solve_rejax.py", 8)
    ]  # fmt: skip
    assert list(found["contestants"]) == ["scan", "rejax"] and found["threads"] is None
    assert [run["seed"] for run in found["contestants"]["rejax"]["runs"]] == [7, 8]


def test_a_race_that_was_stopped_while_it_wrote_goes_on(planted, tmp_path):
    race_of(["scan"], tmp_path / "log")
    cut = (tmp_path / "log").read_text()[:-9]
    (tmp_path / "log").write_text(cut)  # the last line is no JSON any more
    planted.clear()
    found = race_of(["scan"], tmp_path / "log")["contestants"]["scan"]["runs"]
    assert planted == [("solve_scan.py", 8)] and [run["seed"] for run in found] == [7, 8]
    race_of(["scan"], tmp_path / "log")
    assert len(planted) == 1


def test_torch_gets_the_number_of_threads_that_is_faster(planted, tmp_path):
    found = race_of(["sb3"], tmp_path / "log")
    assert found["threads"] == {"chosen": 1, "seconds": {"1": [1.0, 2.0], "2": [3.0, 4.0]}}


def test_a_race_that_was_stopped_goes_on(planted, tmp_path, monkeypatch):
    whole = race_of(["scan", "sb3"], tmp_path / "whole")
    del planted[:]
    planted_solve = race.solve

    def stopped(python, script, seed, *options):
        if len(planted) == 5:
            raise KeyboardInterrupt
        return planted_solve(python, script, seed, *options)

    monkeypatch.setattr(race, "solve", stopped)
    with pytest.raises(KeyboardInterrupt):
        race_of(["scan", "sb3"], tmp_path / "log")
    monkeypatch.setattr(race, "solve", planted_solve)
    assert race_of(["scan", "sb3"], tmp_path / "log") == whole
    assert len(planted) == 4 + 2 * 2  # four pilots, then two contestants with two seeds: no more
    race_of(["scan", "sb3"], tmp_path / "log", "another race")
    assert len(planted) == 2 * (4 + 2 * 2)


def test_a_peer_that_cannot_be_installed_is_left_out(planted, tmp_path, monkeypatch):
    monkeypatch.undo()
    planted_installer = tmp_path / "no_network.py"
    planted_installer.write_text("raise SystemExit('no network')")
    monkeypatch.setattr(race, "MAKE_PEER", planted_installer)
    assert race_of(["rejax", "sb3"], tmp_path / "log") == {
        "contestants": {},
        "threads": None,
        "left_out": {
            "rejax": "it could not be installed here",
            "sb3": "it could not be installed here",
        },
    }


def test_a_peer_that_cannot_be_imported_is_left_out(tmp_path, monkeypatch, capfd):
    installer = tmp_path / "installs_nothing.py"
    installer.write_text("")
    monkeypatch.setattr(race, "MAKE_PEER", installer)
    monkeypatch.setattr(race, "peer_python", lambda peer: sys.executable)  # without rejax
    assert race.missing(["rejax"]) == {"rejax": "it was installed, but cannot be imported here"}
    assert "No module named 'rejax'" in capfd.readouterr().err


def test_a_peer_whose_process_fails_is_left_out_and_ours_is_not(planted, tmp_path, monkeypatch):
    planted_solve = race.solve

    def fails(wanted):
        def solve(python, script, seed, *options):
            if (script, seed) == wanted:
                raise subprocess.CalledProcessError(3, script)
            return planted_solve(python, script, seed, *options)

        return solve

    monkeypatch.setattr(race, "solve", fails(("solve_rejax.py", 8)))
    found = race_of(["scan", "rejax"], tmp_path / "log")
    assert list(found["contestants"]) == ["scan"]
    assert found["left_out"] == {"rejax": "its process ended with code 3"}
    monkeypatch.setattr(race, "solve", fails(("solve_sb3.py", race.PILOT_SEEDS[0])))
    found = race_of(["scan", "sb3", "sb3_stop"], tmp_path / "pilot")
    assert found["left_out"] == {"sb3": "its process ended with code 3"}
    assert list(found["contestants"]) == ["scan"] and found["threads"] is None
    monkeypatch.setattr(race, "solve", fails(("solve_scan.py", 8)))
    with pytest.raises(subprocess.CalledProcessError):
        race_of(["scan", "rejax"], tmp_path / "another")


def test_single_contestants_go_beside_those_that_were_measured():
    new = {"contestants": {"sbx": runs("new", 1.0, 500.0)}, "threads": None, "left_out": {}}
    both = bench.joined(RESULTS["b"], new)
    assert list(both["contestants"]) == ["scan", "sbx", "sb3_stop", "sb3", "rejax"]
    assert both["left_out"] == {} and both["threads"] == RESULTS["b"]["threads"]
    assert both["date"] == RESULTS["b"]["date"] and both["rows"] == RESULTS["b"]["rows"]
    lost = {"contestants": {}, "threads": None, "left_out": {"rejax": "it is gone"}}
    assert bench.joined(RESULTS["b"], lost)["left_out"] == RESULTS["b"]["left_out"]


@pytest.mark.parametrize(
    ("asked", "answer"),
    [
        (["a", "x"], "there is no part x: take a, b, c, d or e."),
        (["b", "--only", "x"], "there is no contestant x: take some of scan, loop, sbx, "),
        (["a", "--only", "rejax"], "only part b has contestants"),
        (["b", "--only", "rejax", "--quick", "nowhere"], "measure all of part b, without --only."),
    ],
)
def test_what_cannot_be_measured_is_refused(asked, answer, monkeypatch, capsys):
    monkeypatch.setattr(sys, "argv", ["bench.py", *asked])
    with pytest.raises(SystemExit):
        bench.main()
    assert answer in capsys.readouterr().err


def test_the_machine_is_described_without_saying_whose_it_is():
    described = json.dumps(bench.machine())
    assert bench.platform.node() not in described
    assert Path.home() == Path("/") or f"/{Path.home().name}" not in described


@pytest.mark.parametrize(
    ("script", "arguments", "words"),
    [
        ("benchmarks/unlearn.py", ["--only", "typo"], "no variant's name holds 'typo'"),
        ("benchmarks/unlearn.py", ["--change", "batch_size=64"], "are for --population"),
        ("benchmarks/unlearn.py", ["--population", "--change", "size"], "must be name=value"),
        ("benchmarks/unlearn.py", ["--first-seed", str(2**32)], "below 2\\*\\*32"),
        ("benchmarks/unlearn.py", ["--population", "--rates", "0"], "--rates must be at least 1"),
        ("benchmarks/unlearn.py", ["--population", "--steps", "500"], "max_steps must be a mult"),
        ("benchmarks/unlearn.py", ["--population", "--change", "gamma=2"], r"lie in \[0, 1\]"),
        ("benchmarks/few_seeds.py", ["--seeds", "7"], "at least 8, and even"),
        ("benchmarks/bench.py", ["a", "--quick", "Makefile"], "must be a folder"),
        ("tools/mutants.py", ["--each", "0"], "at least 1"),
        ("tools/stamp.py", ["a/b", "v1", "--undo"], "no repository and no tag"),
        ("tools/side_env.py", ["bench"], r"choose from '?browser"),
        ("tools/side_env.py", [], "required: name"),
        (
            "tools/record.py",
            ["test-unit", sys.executable, "ls"],
            "must be pytest's, but it is 'ls'",
        ),
        ("tools/record.py", ["test-unit", "no-such-python", "pytest"], "there is no Python"),
        (
            "tools/record.py",
            ["tests", sys.executable, "pytest"],
            r"invalid choice: .tests. \(choose from",
        ),
        ("tools/matrix.py", ["lowest", "--only", "tests/nope.py"], "there is no file tests/nope"),
        ("tools/matrix.py", ["lowest", "--only"], "expected at least one argument"),
        ("tools/matrix.py", ["lowest", "--jobs", "0"], "--jobs must be at least 1"),
        ("tools/proof.py", ["keys", "--jobs", "-3"], "--jobs must be at least 1"),
        ("tools/build_notebooks.py", ["--jobs", "0"], "--jobs must be at least 1"),
        ("tools/build_notebooks.py", ["."], r"No notebook begins with \."),
    ],
)
def test_a_command_that_makes_no_sense_is_refused_before_it_works(
    script, arguments, words, monkeypatch, capsys
):
    _, said = stopped(script, arguments, monkeypatch, capsys)
    assert re.search(words, said), said


def stopped(script, arguments, monkeypatch, capsys):
    """(exit code, what it said) of a script that stops; in this process, which has its imports."""
    monkeypatch.chdir(ROOT)
    monkeypatch.setattr(sys, "argv", [script, *map(str, arguments)])
    with pytest.raises(SystemExit) as stop:
        runpy.run_path(str(ROOT / script), run_name="__main__")
    printed = capsys.readouterr()
    assert not printed.out
    if isinstance(stop.value.code, str):  # what Python would print
        return 1, stop.value.code
    assert stop.value.code
    return stop.value.code, printed.err


SCRIPTS = [
    script.relative_to(ROOT).as_posix()
    for folder in ("tools", "benchmarks")
    for script in sorted((ROOT / folder).glob("*.py"))
    if "__main__" in script.read_text()
]


@pytest.mark.parametrize("script", SCRIPTS)
def test_a_word_that_a_script_does_not_know_stops_it(script, monkeypatch, capsys):
    code, said = stopped(script, ["--nonsense"], monkeypatch, capsys)
    assert code == 2 and said.startswith(f"usage: {Path(script).name}")
