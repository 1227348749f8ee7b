"""The training loop: what it stores, learns, evaluates and saves, and that a stop changes nothing.

Most tests use `Probe`, an environment of one state and reward 1 a step, where Q is known.
"""

import concurrent.futures
import copy
import dataclasses
import inspect
import multiprocessing
import os
import pickle
import re
import signal
import subprocess
import sys
from functools import partial
from pathlib import Path

import gymnasium
import jax
import jax.numpy as jnp
import numpy as np
import optax
import probes
import pytest
from helpers import PROBE, TINY, Probe, bits, uncopiable

import rl_jax
from rl_jax import checkpoint, dqn, envs, loop
from rl_jax.loop import CARTPOLE, Result, evaluate
from rl_jax.replay import ReplayMemory, Transition

HARD = TINY._replace(
    optimizer="sgd",
    double=False,
    target_update="episode",
    max_episode_steps=20,
    evaluate_every=None,
)


def run(env=None, config=TINY, seed=3, **options) -> Result:
    return loop.train(env or envs.make(), config, seed, progress=False, **options)


def probe_q(params) -> float:
    """Q of the one state 1 and action 0: weight plus bias."""
    network = dqn.network_for(PROBE, 1, 1)
    return float(network.apply(params, np.ones(1, np.float32))[0])


@pytest.fixture
def memories(monkeypatch):
    """The memories that `train` makes, in order."""
    made = []

    class Kept(ReplayMemory):
        def __init__(self, *args, **options):
            super().__init__(*args, **options)
            made.append(self)

    monkeypatch.setattr(loop, "ReplayMemory", Kept)
    return made


# What is learnt


@pytest.mark.parametrize(
    ("end", "cap", "expected"),
    # Gamma is 0.5. A terminated step is worth its reward, 1. After a truncated one the future
    # would have gone on: 1 + 0.5 + 0.25 + ... = 2. Both at once: the future ended.
    [("terminated", None, 1), ("truncated", None, 2), ("both", None, 1), ("never", 1, 2)],
)
@pytest.mark.parametrize("double", [False, True])
def test_q_of_endings(end, cap, expected, double, memories):
    config = PROBE._replace(max_episode_steps=cap, double=double)
    result = run(Probe(end, length=1), config)
    assert probe_q(result.params) == pytest.approx(expected, abs=1e-3)
    stored = memories[0].sample_batch(len(memories[0])).is_terminal
    assert stored.all() if expected == 1 else not stored.any()


def test_rewards_are_learnt_and_logged_as_they_are():
    env = gymnasium.wrappers.TransformReward(Probe(length=1), lambda reward: -0.5 * reward)
    result = run(env, PROBE)
    assert result.episode_returns.tolist() == [-0.5] * 200
    assert probe_q(result.params) == pytest.approx(-0.5, abs=1e-3)


@pytest.mark.parametrize("gamma", [0.0, 0.9])
def test_q_of_going_on(gamma):
    # 1 / (1 - gamma). The target moves half of the way at each update, and the distance shrinks
    # by about (1 - gamma) * 0.3 of itself: 0.97^2000 is nothing.
    config = PROBE._replace(gamma=gamma, max_steps=2_000)
    result = run(Probe("never"), config)
    assert probe_q(result.params) == pytest.approx(1 / (1 - gamma), rel=1e-3)
    assert (
        result.episode_steps.tolist() == result.episode_returns.tolist() == [2_000]
    )  # cut off by max_steps


@pytest.mark.parametrize(
    ("end", "terminal"), [("terminated", [4]), ("truncated", []), ("both", [4])]
)
def test_what_is_stored(end, terminal, memories):
    env = Probe(end, length=5, n_actions=2)
    run(env, PROBE._replace(max_steps=5, memory_size=5, epsilon=1.0))
    memory = memories[0].state_dict()
    states, next_states, actions, rewards, ends = (memory[n] for n in Transition._fields)
    assert np.flatnonzero(ends).tolist() == terminal
    assert actions.tolist() == env.actions
    assert states.tolist() == next_states.tolist() == [[1]] * 5
    assert rewards.tolist() == [1] * 5


def test_a_state_is_followed_by_its_next_state(memories):
    result = run(config=HARD._replace(memory_size=400))
    memory = memories[0].state_dict()
    starts = np.array([0, *result.episode_steps[:-1]])
    inner = np.setdiff1d(np.arange(400), starts)
    np.testing.assert_array_equal(memory["state"][inner], memory["next_state"][inner - 1])
    assert (memory["state"][starts] != memory["next_state"][starts - 1]).all()
    # An episode shorter than the cap of 20 ended because the pole fell; only the run's last one
    # may have been cut by max_steps. And nothing is terminal in the middle of an episode.
    ends, lengths = (
        memory["is_terminal"][result.episode_steps - 1],
        np.diff([0, *result.episode_steps]),
    )
    assert ends[:-1][lengths[:-1] < 20].all()
    assert not ends[lengths == 20].all()
    assert ends.sum() == memory["is_terminal"].sum()


def test_the_target_network_is_copied_at_an_episodes_end_and_not_before():
    # Four capped episodes of 50 steps, each long enough for Q to reach 1 + 0.5 * Q_target, which
    # is Q at the episode's start: the distance from 2 is halved four times, exactly.
    config = PROBE._replace(target_update="episode", max_episode_steps=50)
    frozen = config._replace(learning_rate=0.0, final_learning_rate=0.0)
    first = probe_q(run(Probe("never"), frozen).params)
    result = run(Probe("never"), config)
    assert len(result.episode_steps) == 4
    assert probe_q(result.params) == pytest.approx(2 + (first - 2) / 16, abs=1e-4)
    assert bits(result.learner.target_params) == bits(result.learner.params)


def test_the_target_network_moves_by_tau_at_each_update():
    config = PROBE._replace(max_steps=2)  # exactly one update, at the end of the warm-up
    start = run(Probe(), config._replace(learning_rate=0.0, final_learning_rate=0.0)).learner
    assert bits(start.params) == bits(start.target_params)
    after = run(Probe(), config).learner
    middle = jax.tree.map(lambda old, new: (old + new) / 2, start.params, after.params)
    jax.tree.map(np.testing.assert_allclose, after.target_params, middle)
    assert bits(after.params) != bits(after.target_params)


@pytest.mark.parametrize("warmup", [2, 50, 200, 201])
def test_one_update_a_step_from_the_end_of_the_warmup(warmup):
    # From step `warmup` to step 200, both included.
    learner = run(Probe(), PROBE._replace(warmup_steps=warmup)).learner
    assert optax.tree_utils.tree_get(learner.opt_state, "count") == 201 - warmup


def test_the_learning_rate_falls_along_a_line():
    # Gamma 0, target 1. Update t multiplies the distance by 1 - 4 * 0.001 * (1 - t / 200).
    config = PROBE._replace(gamma=0.0, learning_rate=0.001, final_learning_rate=0.0)
    first = probe_q(run(Probe(), config._replace(learning_rate=0.0)).params)
    factor = np.prod([1 - 0.004 * (1 - t / 200) for t in range(199)])
    assert 0.6 < factor < 0.7  # without the decay it would be 0.45
    last = probe_q(run(Probe(), config).params)
    assert (last - 1) / (first - 1) == pytest.approx(factor, rel=1e-3)


# How it acts


def test_epsilon_falls_along_a_line():
    # Without learning the greedy action stays the same. Random ones are half wrong: over the
    # slope about 0.5 * (1 + 0) / 2 of the steps, 25 in 100 (deviation 4); then none.
    config = PROBE._replace(
        learning_rate=0.0, final_learning_rate=0.0, final_epsilon=0.0, epsilon_steps=100
    )
    env = Probe(n_actions=2)
    result = run(env, config)
    best = loop.greedy_policy(result.params, dqn.network_for(config, 1, 2))(np.ones(1, np.float32))
    wrong = np.array(env.actions) != best
    assert len(wrong) == 200
    assert 10 < wrong[:100].sum() < 40
    assert wrong[:50].sum() > wrong[50:100].sum()
    assert not wrong[100:].any()


@pytest.mark.parametrize(("epsilon", "low", "high"), [(0.0, 0, 0), (0.5, 30, 70), (1.0, 70, 130)])
def test_a_constant_epsilon(epsilon, low, high):
    # Wrong actions in 200 steps: 100 * epsilon, deviation at most 7.
    rates = {"learning_rate": 0.0, "final_learning_rate": 0.0}
    config = PROBE._replace(epsilon=epsilon, final_epsilon=epsilon, **rates)
    env = Probe(n_actions=2)
    run(env, config)
    count = sum(env.actions)
    assert low <= min(count, 200 - count) <= high


def test_every_episode_has_its_own_start():
    env = Probe()
    run(env, PROBE)
    assert len(env.seeds) == len(set(env.seeds)) == 40
    other = Probe()
    run(other, PROBE, seed=4)
    assert not set(env.seeds) & set(other.seeds)


def test_training_and_its_evaluations_and_others_of_the_same_seed_start_differently():
    trained, judged, env = Probe(), Probe(), Probe()
    config = PROBE._replace(evaluate_every=200, evaluation_episodes=5)
    run(trained, config, seed=3, eval_env=judged)
    evaluate(lambda _: 0, env, 40, seed=3)
    assert len({*trained.seeds, *judged.seeds, *env.seeds}) == 40 + 5 + 40


# When it ends


def test_limits_of_steps_and_episodes():
    result = run()
    assert (result.episode_steps[-1], result.finished) == (400, True)
    np.testing.assert_array_equal(
        result.episode_returns, np.diff([0, *result.episode_steps])
    )  # 1 a step
    few = run(config=TINY._replace(max_episodes=7))
    assert (len(few.episode_steps), few.finished) == (7, True)
    np.testing.assert_array_equal(few.episode_returns, result.episode_returns[:7])
    capped = run(config=HARD)
    assert capped.episode_returns.max() == 20


def test_it_stops_once_an_evaluation_is_good_enough():
    config = PROBE._replace(evaluate_every=20, evaluation_episodes=1)
    good, never = (
        run(Probe(length=5), config._replace(stop_at_return=mean), eval_env=Probe(length=5))
        for mean in (5.0, 5.1)
    )
    assert (good.finished, good.episode_steps[-1], good.evaluation_returns.tolist()) == (
        True,
        20,
        [5],
    )
    assert (never.finished, never.episode_steps[-1], len(never.evaluation_steps)) == (True, 200, 10)


# How it is evaluated


@pytest.mark.parametrize(
    ("every", "expected"),
    # Episodes end at 5, 10, 15, ...: the first end at or after each multiple, and the run's.
    [(12, [15, 25, 40, 50]), (20, [20, 40, 50]), (60, [50]), (3, list(range(5, 51, 5)))],
)
def test_evaluations_are_on_time(every, expected):
    config = PROBE._replace(max_steps=50, evaluate_every=every, evaluation_episodes=1)
    result = run(Probe(length=5), config, eval_env=Probe(length=3))
    assert result.evaluation_steps.tolist() == expected
    assert result.evaluation_returns.tolist() == [3.0] * len(expected)


def test_evaluation_is_greedy_on_its_own_environment_with_the_same_starts():
    env, eval_env = Probe(n_actions=2), Probe(n_actions=2, length=3)
    config = PROBE._replace(final_epsilon=1.0, evaluate_every=50, evaluation_episodes=2)
    rates = {"learning_rate": 0.0, "final_learning_rate": 0.0}
    run(env, config._replace(**rates), eval_env=eval_env)
    assert (len(env.actions), len(eval_env.actions)) == (200, 4 * 2 * 3)
    assert (len(set(env.actions)), len(set(eval_env.actions))) == (2, 1)
    assert eval_env.seeds == 4 * eval_env.seeds[:2]
    assert len(set(eval_env.seeds)) == 2
    assert not set(eval_env.seeds) & set(env.seeds)


def elapsed(layer) -> int | None:
    """Steps of the episode, if this is the wrapper that counts them."""
    return vars(layer).get("_elapsed_steps")


@pytest.mark.parametrize("backend", ["gymnasium", "gym"])
def test_evaluation_changes_nothing_but_what_is_kept(backend):
    env = envs.make(backend=backend)
    watched, unwatched = run(env), run(config=TINY._replace(evaluate_every=None))
    last = int(np.diff(watched.episode_steps)[-1])  # the evaluations took no step of it
    assert [n for n in map(elapsed, envs._layers(env)) if n is not None] == [last]
    assert bits(watched.learner) == bits(unwatched.learner)
    assert bits(unwatched.params) == bits(unwatched.learner.params)
    assert watched.episode_returns.tolist() == unwatched.episode_returns.tolist()
    assert (len(watched.evaluation_returns), len(unwatched.evaluation_returns)) == (4, 0)


def test_an_evaluation_has_the_trainings_cap():
    config = PROBE._replace(evaluate_every=100, max_episode_steps=7)
    result = run(Probe("never"), config, eval_env=Probe("never"))
    assert result.evaluation_returns.tolist() == [7.0, 7.0]


def test_an_evaluation_may_have_a_time_limit_of_its_own():
    config = PROBE._replace(max_steps=20, evaluate_every=20, evaluation_episodes=1)
    eval_env = gymnasium.wrappers.TimeLimit(Probe("never"), 50)  # longer than the training
    assert run(Probe(), config, eval_env=eval_env).evaluation_returns.tolist() == [50]


def test_an_evaluation_is_the_mean_of_its_episodes():
    config = PROBE._replace(evaluate_every=200, evaluation_episodes=2)
    result = run(Probe(), config, eval_env=Fading(length=9))
    assert result.evaluation_returns.tolist() == [(8 + 7) / 2]


def test_a_judge_that_explores_does_so_by_the_runs_seed():
    rates = {"learning_rate": 0.0, "final_learning_rate": 0.0}
    config = PROBE._replace(evaluate_every=200, evaluation_episodes=8, **rates)
    judge = lambda key, q_values: jax.random.randint(key, (), 0, 2)  # noqa: E731
    parts, played = loop.make_parts(config)._replace(judge=judge), []
    for seed in (3, 3, 4):
        eval_env = Probe(n_actions=2)
        run(Probe(n_actions=2), config, seed, eval_env=eval_env, parts=parts)
        played.append(eval_env.actions)
    assert played[0] == played[1] != played[2]


def test_without_evaluations_no_second_environment_is_needed():
    env = uncopiable()
    env.unwrapped.gravity = 5.0  # so that no second one can be made
    assert run(env, TINY._replace(max_steps=60, evaluate_every=None)).finished
    with pytest.raises(ValueError, match="pass it as eval_env="):
        run(env, TINY)


@pytest.mark.parametrize("every", [200, None])
def test_the_average_is_what_is_judged_and_returned(every):
    config = PROBE._replace(average=True, evaluate_every=every, evaluation_episodes=1)
    result = run(Probe(), config, eval_env=Probe())
    average = dqn.judged_params(result.learner)
    assert bits(result.params) == bits(average) != bits(result.learner.params)


def test_the_best_parameters_are_kept_the_later_ones_of_equals(monkeypatch):
    means, seen = iter([1.0, 5.0, 5.0, 2.0]), []
    monkeypatch.setattr(loop, "evaluate", lambda *args, **options: np.array([next(means)]))
    config = PROBE._replace(learning_rate=1e-3, evaluate_every=50, max_episode_steps=50)
    result = run(Probe("never"), config, eval_env=Probe(), on_episode=seen.append)
    assert result.evaluation_returns.tolist() == [1, 5, 5, 2]
    last = [bits(each.learner.params) for each in seen]
    assert [bits(each.params) for each in seen] == [last[0], last[1], last[2], last[2]]
    assert bits(result.params) == last[2] != bits(result.learner.params)


# The same again


def test_the_same_seed_gives_the_same_run_bit_for_bit():
    first = run()
    assert bits(run()) == bits(first) == bits(run(envs.make(backend="gym")))
    assert bits(run(seed=4).params) != bits(first.params)


def test_two_runs_at_once_are_what_they_are_one_after_the_other():
    seeds = range(4)
    with concurrent.futures.ThreadPoolExecutor(2) as threads:
        at_once = list(threads.map(lambda seed: run(envs.make(), seed=seed), seeds))
    for seed, result in zip(seeds, at_once, strict=True):
        assert bits(result) == bits(run(seed=seed))


def test_another_gamma_or_epsilon_compiles_nothing(monkeypatch):
    traced = []
    make = dqn.make_train_step
    monkeypatch.setattr(dqn, "make_train_step", lambda *a, **k: traced.append(a) or make(*a, **k))
    config = PROBE._replace(max_steps=31)  # no other test's
    for change in ({}, {"gamma": 0.1}, {"epsilon": 0.2}, {"learning_rate": 0.3}):
        run(Probe(), config._replace(**change))
    assert len(traced) == 1


def test_on_episode_watches_and_stops():
    seen = []

    def watch(result):
        seen.append(result)
        return len(result.episode_steps) == 6

    result = run(Probe(), PROBE, on_episode=watch)
    assert [len(each.episode_steps) for each in seen] == [1, 2, 3, 4, 5, 6]
    assert not any(each.finished for each in [*seen, result])
    assert result.episode_steps.tolist() == [5, 10, 15, 20, 25, 30]


def test_progress_is_shown_on_demand(capsys, tmp_path):
    file = tmp_path / "run.npz"
    options = {"checkpoint": file, "on_episode": lambda result: len(result.episode_steps) == 20}
    loop.train(Probe(), PROBE, progress=True, **options)
    assert "100/200, return 5" in capsys.readouterr().err
    loop.train(Probe(), PROBE, progress=True, checkpoint=file)
    shown = capsys.readouterr().err
    assert "100/200" in shown and "200/200, return 5" in shown
    loop.train(Probe(), PROBE._replace(max_episodes=4), progress=True)
    assert "4/4" in capsys.readouterr().err
    last_ten = PROBE._replace(max_episodes=29, max_steps=1_000)
    loop.train(Fading(length=30), last_ten, progress=True)
    assert "29/29, return 6" in capsys.readouterr().err  # the mean of 10, 9, ..., 1, rounded
    stops_early = PROBE._replace(evaluate_every=10, stop_at_return=1.0)
    steps = loop.train(Probe(), stops_early, eval_env=Probe(), progress=True).episode_steps[-1]
    assert steps < 200 and f"{steps}/{steps}, return 5" in capsys.readouterr().err
    run(Probe(), PROBE)
    assert capsys.readouterr() == ("", "")


# Checkpoints


def arrays(file) -> dict:
    with np.load(file, allow_pickle=False) as saved:
        return dict(saved)


@pytest.mark.parametrize("config", [TINY, HARD], ids=["adam-double-soft", "sgd-hard"])
def test_a_run_stopped_after_every_episode_ends_the_same(config, tmp_path):
    whole = run(config=config, checkpoint=tmp_path / "whole.npz")
    file, stops = tmp_path / "stopped.npz", 0
    result = run(config=config, checkpoint=file, on_episode=lambda _: True)
    while not result.finished:
        stops += 1
        assert len(result.episode_steps) == stops
        result = run(config=config, checkpoint=file, on_episode=lambda _: True)
    assert stops == len(whole.episode_steps) - 1 > 10
    assert bits(result) == bits(whole)
    assert bits(arrays(file)) == bits(arrays(tmp_path / "whole.npz"))  # the memory, too


class Fading(Probe):
    """Every episode is shorter than the one before: evaluations get worse, the first is best."""

    def reset(self, **options):
        self.length = max(1, self.length - 1)
        return super().reset(**options)


def test_the_best_parameters_survive_a_stop(tmp_path):
    config = PROBE._replace(learning_rate=1e-3, evaluate_every=50, evaluation_episodes=1)
    whole = run(Probe(), config, eval_env=Fading(length=9))
    assert whole.evaluation_returns.tolist() == [8, 7, 6, 5]
    seen = []
    run(Probe(), config, eval_env=Fading(length=9), on_episode=seen.append)
    first = seen[50 // 5 - 1]  # at the first evaluation
    assert bits(whole.params) == bits(first.learner.params) != bits(whole.learner.params)
    again = {"eval_env": Fading(length=9), "checkpoint": tmp_path / "run.npz"}
    stopped = run(
        Probe(), config, on_episode=lambda result: result.episode_steps[-1] >= 150, **again
    )
    assert not stopped.finished
    assert bits(run(Probe(), config, **again)) == bits(whole)


KILLED = """
import os, signal, sys
import gymnasium
import numpy as np
from helpers import TINY
from rl_jax import envs, loop

file, moment = sys.argv[1:]
steps, saves, savez = [], [], np.savez

class Deadly(gymnasium.Wrapper):
    def step(self, action):
        steps.append(action)
        if moment == "acting" and len(steps) == 250:
            os.kill(os.getpid(), signal.SIGKILL)
        return super().step(action)

def deadly_savez(file, **arrays):
    saves.append(file)
    if moment == "saving" and len(saves) == 3:
        file.write(b"half of a file"), file.flush()
        os.kill(os.getpid(), signal.SIGKILL)
    savez(file, **arrays)

np.savez = deadly_savez
env = Deadly(envs.make())
loop.train(env, TINY, 3, checkpoint=file, checkpoint_every=4, progress=False)
"""


@pytest.mark.parametrize("moment", ["acting", "saving"])
def test_a_killed_run_resumes_and_ends_the_same(moment, tmp_path):
    file = tmp_path / "run.npz"
    here = Path(__file__).parent
    paths = [str(here), str(here.parent), os.environ.get("PYTHONPATH", "")]
    done = subprocess.run(
        [sys.executable, "-c", KILLED, str(file), moment],
        env=os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, paths))},
    )
    assert done.returncode == -signal.SIGKILL
    episodes = len(checkpoint.load(file)[1]["logs"]["episode_steps"])
    whole = run()
    assert episodes % 4 == 0
    assert 0 < episodes < len(whole.episode_steps)
    assert bits(run(checkpoint=file)) == bits(whole)


def test_saves_are_on_time(tmp_path, monkeypatch):
    saved, replace = [], os.replace
    monkeypatch.setattr(os, "replace", lambda *args: saved.append(args) or replace(*args))
    seen = []
    options = {"checkpoint": tmp_path / "run.npz", "checkpoint_every": 4}
    run(
        Probe(),
        PROBE._replace(max_episodes=10),
        on_episode=lambda result: seen.append(len(saved)),
        **options,
    )
    # Saved after episodes 4, 8 and the last, 10; `on_episode` is called before the save.
    assert seen == [0, 0, 0, 0, 1, 1, 1, 1, 2, 2]
    assert len(saved) == 3
    assert os.listdir(tmp_path) == ["run.npz"]


def test_a_checkpoint_holds_plain_arrays(tmp_path):
    file = tmp_path / "run.npz"
    run(checkpoint=file)
    assert not any(array.dtype.hasobject for array in arrays(file).values())


def test_a_finished_run_is_not_run_again(tmp_path):
    file = tmp_path / "run.npz"
    whole = run(Probe(), PROBE, checkpoint=file)
    env = Probe()
    assert bits(run(env, PROBE, checkpoint=file)) == bits(whole)
    assert env.actions == env.seeds == []


def test_a_damaged_checkpoint_is_refused_and_left(tmp_path):
    file = tmp_path / "run.npz"
    run(Probe(), PROBE, checkpoint=file)
    whole = file.read_bytes()
    file.write_bytes(damaged := whole[: len(whole) // 2])
    env = Probe()
    with pytest.raises(ValueError, match=r"run\.npz is no checkpoint .*, or damaged"):
        run(env, PROBE, checkpoint=file)
    assert file.read_bytes() == damaged and env.seeds == []


@pytest.mark.parametrize(
    ("change", "seed", "match"),
    [
        ({"gamma": 0.75}, 3, r"another run \(gamma: 0\.5 -> 0\.75\)"),
        ({"hidden": (4,)}, 3, r"another run \(hidden: \[\] -> \[4\]\)"),
        ({"gamma": 0.75}, 4, r"another run \(gamma: 0\.5 -> 0\.75, seed: 3 -> 4\)"),
    ],
)
def test_a_checkpoint_of_another_run_is_refused(change, seed, match, tmp_path):
    file = tmp_path / "run.npz"
    run(Probe(), PROBE, checkpoint=file)
    with pytest.raises(ValueError, match=match):
        run(Probe(), PROBE._replace(**change), seed, checkpoint=file)


def test_a_run_does_not_write_over_another_one_that_began_with_the_same_path(tmp_path):
    file = tmp_path / "run.npz"
    other = {}

    def start_another(result):
        if not other:
            other["result"] = run(Probe(), PROBE, seed=4, checkpoint=file)

    match = r"run\.npz belongs to another run \(seed: 4 -> 3\): give this run a file of its own"
    with pytest.raises(ValueError, match=match) as caught:
        run(Probe(), PROBE, checkpoint=file, checkpoint_every=2, on_episode=start_another)
    assert caught.value.result.episode_steps.size == 2
    assert bits(run(Probe(), PROBE, seed=4, checkpoint=file)) == bits(other["result"])


def test_a_memory_that_cannot_be_read_is_that_of_a_file(tmp_path):
    file = tmp_path / "run.npz"
    run(Probe(), PROBE, checkpoint=file, on_episode=lambda result: True)
    saved, header = checkpoint.load(file)
    checkpoint.save(file, saved | {"memory_stored": np.array(2.5)}, header)
    damaged = file.read_bytes()
    with pytest.raises(ValueError, match=r"run\.npz is damaged: its memory cannot be read .*2\.5"):
        run(Probe(), PROBE, checkpoint=file)
    assert file.read_bytes() == damaged


# Bad input


def test_a_bad_hyperparameter_is_refused_before_the_first_step():
    env = Probe()
    with pytest.raises(ValueError, match=r"gamma must lie in \[0, 1\], but it is 1\.5"):
        run(env, PROBE._replace(gamma=1.5))
    with pytest.raises(ValueError, match=r"one factor for each of 1 numbers, or None, but it is"):
        run(env, PROBE._replace(observation_scale=(1.0, 2.0)))
    assert env.seeds == []


def test_other_bad_arguments_are_refused():
    with pytest.raises(ValueError, match="seed must be at least 0, but it is -1"):
        run(Probe(), PROBE, seed=-1)


def test_continuous_actions_are_refused():
    with pytest.raises(ValueError, match=r"must be Discrete, but these are Box"):
        run(envs.make("Pendulum-v1"))


def test_observations_of_another_size_are_refused():
    acrobot = envs.make("Acrobot-v1")  # 6 numbers
    network = dqn.network_for(CARTPOLE)
    params = network.init(jax.random.key(0), np.zeros(4))
    match = r"expects observations \[\.\.\., 4\], but these have the shape \(6,\)"
    with pytest.raises(ValueError, match=match):
        evaluate(params, acrobot, network=network)
    with pytest.raises(ValueError, match="one factor for each of 6 numbers"):
        run(acrobot)


def test_divergence_stops_the_training_and_keeps_the_last_good_checkpoint(tmp_path):
    # Each update multiplies the distance by 1 - 4 * 1000: a float32 overflows in a dozen.
    file, seen = tmp_path / "run.npz", []
    config = PROBE._replace(learning_rate=1e3, final_learning_rate=1e3, warmup_steps=11)
    match = r"no longer finite after \d+ steps: the learning diverged.*take action 0 for ever"
    options = {"checkpoint": file, "checkpoint_every": 1, "on_episode": seen.append}
    with pytest.raises(loop.Diverged, match=match) as caught:
        run(Probe(), config, **options)
    assert len(seen) >= 2
    assert np.isfinite(probe_q(seen[-1].params))
    assert bits(caught.value.result) == bits(seen[-1])  # nothing of the run is lost
    assert not caught.value.result.finished
    assert np.isfinite(arrays(file)["learner0"]).all()


def test_an_optimizer_that_can_no_longer_move_is_a_divergence():
    """Adam divides by the root of an infinite average: the parameters stay, finite, for ever."""
    config = PROBE._replace(optimizer="adam")
    with pytest.raises(loop.Diverged, match="what the optimizer remembers is no longer") as caught:
        run(probes.Probe(lambda seen, action: 1e25, length=5), config)
    assert np.isfinite(probe_q(caught.value.result.params))


def test_a_target_network_that_is_no_longer_finite_is_named():
    def infinite(params, target_params):
        return jax.tree.map(lambda leaf: leaf + jnp.inf, params)

    parts = loop.make_parts(PROBE)._replace(renew=infinite)
    with pytest.raises(
        loop.Diverged, match=r"the target network's .*parts\.follow or parts\.renew"
    ):
        run(Probe(), PROBE._replace(optimizer="adam"), parts=parts)


def test_a_return_counts_once_its_step_is_there():
    """Ctrl-C may fall between the two."""
    half_done = loop.Run(None, None, None, [5.0, 6.0], [5], [7.0], [])
    result = half_done.result()
    assert result.episode_returns.tolist() == [5.0] and result.episode_steps.tolist() == [5]
    assert result.evaluation_returns.size == result.evaluation_steps.size == 0
    assert half_done.logs()["episode_returns"] == [5.0]


def test_ctrl_c_stays_ctrl_c_where_nothing_can_be_saved(tmp_path, monkeypatch):
    def stop(_):
        monkeypatch.setattr(checkpoint, "save", full)
        raise KeyboardInterrupt

    def full(*_):
        raise OSError("No space left on device")

    with pytest.raises(KeyboardInterrupt) as caught:
        run(Probe(), PROBE, checkpoint=tmp_path / "run.npz", on_episode=stop)
    assert len(caught.value.result.episode_steps) == 1
    assert any("No space left on device" in note for note in caught.value.__notes__)


class Counted(gymnasium.Env):
    """A space of floats, and an environment that answers in integers of more than 32 bits."""

    observation_space = gymnasium.spaces.Box(0, 1e12, (2,), np.float64)
    action_space = gymnasium.spaces.Discrete(2)

    def reset(self, *, seed=None, options=None):
        self.left = 3
        return np.array([2**31 + 5, 0]), {}

    def step(self, action):
        self.left -= 1
        return np.array([2**31 + 5, 0]), float(action), self.left == 0, False, {}


def test_the_judge_sees_what_the_learner_sees():
    config = TINY._replace(max_steps=40, warmup_steps=50, evaluate_every=10)  # nothing is learned
    config = config._replace(observation_scale=None)
    for seed in range(8):
        result = run(Counted(), config, seed)
        network = dqn.network_for(config, 2, 2)
        returns = evaluate(result.params, Counted(), 1, network=network)
        assert returns.mean() == result.evaluation_returns.max()
        act = loop.greedy_policy(result.params, network)
        assert act(np.array([2**31 + 5, 0])) == act(np.array([2.0**31 + 5, 0.0]))


# What comes from outside


class Float32(gymnasium.Wrapper):
    """Rewards, flags and observations as NumPy has them."""

    def step(self, action):
        state, reward, terminated, truncated, info = super().step(action)
        flags = np.bool_(terminated), np.bool_(truncated)
        return state.astype(float), np.float32(reward), *flags, info


def test_numpys_numbers_do_no_harm(tmp_path):
    """Neither in a config, nor from an environment, nor later in a checkpoint's header."""
    numpys = TINY._replace(
        gamma=np.float32(0.5),
        hidden=[np.int64(8)],
        batch_size=np.int32(8),
        max_steps=4e2,
        double=np.False_,
        final_epsilon=jnp.float32(0.5),
        evaluate_every=np.float64(100),
    )
    pythons = TINY._replace(gamma=0.5, final_epsilon=0.5)
    options = {"checkpoint": tmp_path / "run.npz", "checkpoint_every": 1}
    result = run(Float32(envs.make()), numpys, seed=np.int64(3), **options)
    assert bits(result) == bits(run(config=pythons))
    assert bits(run(Float32(envs.make()), pythons, **options)) == bits(result)  # it is finished


@pytest.mark.parametrize("place", ["missing/run.npz", "."])
def test_a_place_where_nothing_can_be_saved_is_refused_before_the_first_step(place, tmp_path):
    env = Probe()
    with pytest.raises(OSError, match="checkpoint must"):
        run(env, PROBE, checkpoint=tmp_path / place)
    assert env.seeds == []


@pytest.mark.parametrize(
    ("edit", "words"),
    [
        (lambda of: of.pop("average"), "average: not there -> False"),
        (lambda of: of.update(n_step=3), "n_step: 3 -> not there"),
        (lambda of: of.update(rl_jax="9.1"), rf"rl_jax: 9\.1 -> {re.escape(rl_jax.__version__)}"),
    ],
    ids=["older", "newer", "next"],
)
def test_a_checkpoint_of_another_version_is_refused_and_left(edit, words, tmp_path):
    file = tmp_path / "run.npz"
    run(Probe(), PROBE, checkpoint=file)
    arrays, header = checkpoint.load(file)
    edit(header["of"])
    checkpoint.save(file, arrays, header)
    before = file.read_bytes()
    with pytest.raises(ValueError, match=rf"another version of rl_jax \({words}\)"):
        run(Probe(), PROBE, checkpoint=file)
    assert file.read_bytes() == before


def test_a_checkpoint_of_another_environment_is_refused(tmp_path):
    file = tmp_path / "run.npz"
    run(Probe(n_actions=2), PROBE, checkpoint=file)
    with pytest.raises(ValueError, match=r"another run \(sizes: \[1, 2\] -> \[1, 3\]\)"):
        run(Probe(n_actions=3), PROBE, checkpoint=file)
    config = TINY._replace(max_steps=60)
    run(config=config, checkpoint=tmp_path / "cart.npz")
    place = "gymnasium.envs.classic_control.cartpole:CartPoleEnv"
    gymnasium.register("Other-v0", place)
    try:
        with pytest.raises(ValueError, match=r"environment: CartPole-v1 -> Other-v0"):
            run(gymnasium.make("Other-v0"), config, checkpoint=tmp_path / "cart.npz")
    finally:
        del gymnasium.registry["Other-v0"]


def test_a_checkpoint_with_an_array_too_many_is_refused(tmp_path):
    file = tmp_path / "run.npz"
    run(Probe(), PROBE, checkpoint=file)
    arrays, header = checkpoint.load(file)
    checkpoint.save(file, arrays | {"learner99": np.zeros(2)}, header)
    with pytest.raises(ValueError, match="holds other learner than this run's"):
        run(Probe(), PROBE, checkpoint=file)


def test_a_checkpoint_of_another_network_is_refused(tmp_path):
    file = tmp_path / "run.npz"
    run(Probe(), PROBE, checkpoint=file)
    arrays, header = checkpoint.load(file)
    checkpoint.save(file, arrays | {"params1": np.zeros((7, 7))}, header)
    with pytest.raises(ValueError, match="holds other params than this run's"):
        run(Probe(), PROBE, checkpoint=file)


@pytest.mark.parametrize("header", [{"mine": 1}, 7])
def test_a_file_of_something_else_is_refused(header, tmp_path):
    checkpoint.save(tmp_path / "run.npz", {"a": np.zeros(2)}, header)
    with pytest.raises(ValueError, match="is no checkpoint of a training"):
        run(Probe(), PROBE, checkpoint=tmp_path / "run.npz")


@pytest.mark.parametrize("failure", [KeyboardInterrupt, RuntimeError("the simulator broke")])
def test_an_interrupted_run_is_not_lost(failure):
    class Breaks(Probe):
        def step(self, action):
            if len(self.actions) == 33:
                raise failure
            return super().step(action)

    seen = []
    kind = failure if isinstance(failure, type) else type(failure)
    with pytest.raises(kind) as caught:
        run(Breaks(), PROBE, on_episode=seen.append)
    result = caught.value.result
    assert bits(result) == bits(seen[-1]) and len(result.episode_steps) == 6
    assert "the run is not lost. Its 6 episodes" in caught.value.__notes__[0]


def test_divergence_can_be_copied_and_sent():
    result = run(Probe(), PROBE)
    error = loop.Diverged("no longer finite", result)
    for twin in (copy.copy(error), copy.deepcopy(error), pickle.loads(pickle.dumps(error))):
        assert type(twin) is loop.Diverged and str(twin) == "no longer finite"
        assert bits(twin.result) == bits(result)


def diverge(seed):
    config = PROBE._replace(learning_rate=1e3, final_learning_rate=1e3)
    return run(Probe(), config, seed=seed)


def test_divergence_in_a_process_pool_is_heard():
    context = multiprocessing.get_context("spawn")
    with concurrent.futures.ProcessPoolExecutor(1, mp_context=context) as pool:
        with pytest.raises(loop.Diverged, match="no longer finite") as caught:
            pool.submit(diverge, 0).result(timeout=120)
        assert not caught.value.result.finished
        assert pool.submit(len, [1]).result(timeout=60) == 1  # the pool lives


@pytest.mark.parametrize("seed", [2**32, 2**32 + 1, 2**63, -1])
def test_seeds_that_would_start_like_others_are_refused(seed):
    with pytest.raises(ValueError, match="seed must be at"):
        run(Probe(), PROBE, seed=seed)


def test_an_evaluation_of_what_has_no_end_ends():
    config = PROBE._replace(evaluate_every=50, evaluation_episodes=2)
    result = run(Probe("never"), config, eval_env=Probe("never"))
    assert result.evaluation_returns.tolist() == [200.0]  # as long as the training


@pytest.mark.parametrize(("actions", "judged"), [(1, 2), (2, 1)])
def test_a_judge_of_another_kind_is_refused(actions, judged):
    words = rf"eval_env must have env's numbers .* \(1, {judged}\) and \(1, {actions}\)"
    with pytest.raises(ValueError, match=words):
        run(Probe(n_actions=actions), PROBE, eval_env=Probe(n_actions=judged))


def test_spaces_that_would_be_misread_are_refused():
    env = Probe(n_actions=2)
    env.action_space = gymnasium.spaces.Discrete(2, start=1)
    with pytest.raises(ValueError, match="actions must count from 0"):
        run(env, PROBE)
    assert env.actions == []


@pytest.mark.parametrize(
    ("option", "kind", "words"),
    [
        ({"checkpoint_every": 0}, ValueError, "checkpoint_every must be at least 1"),
        ({"checkpoint_every": "a"}, TypeError, "checkpoint_every must be a whole number"),
        ({"checkpoint": 7}, TypeError, "checkpoint must be a file's path, but it is 7"),
        ({"seed": 1.5}, ValueError, "seed must be a whole number"),
        ({"seed": None}, TypeError, "seed must be a whole number"),
    ],
)
def test_options_that_make_no_sense_are_refused(option, kind, words):
    env = Probe()
    with pytest.raises(kind, match=words):
        loop.train(env, PROBE, **{"progress": False} | option)
    assert env.seeds == []


# Parts


def test_with_all_parts_named_the_run_is_the_same():
    assert bits(run(parts=loop.make_parts(TINY))) == bits(run())


def test_the_default_config_is_cartpole():
    assert inspect.signature(loop.train).parameters["config"].default == CARTPOLE


def test_a_part_that_remembers_hears_of_cuts_and_of_no_falls():
    seen, parts = [], loop.make_parts(PROBE)

    def remember(memory, transition, truncated):
        seen.append(truncated)
        return parts.remember(memory, transition, truncated)

    run(Probe(), PROBE, parts=parts._replace(remember=remember))
    assert len(seen) == 200
    assert not any(seen[:-1]) and seen[-1]  # all fell, and max_steps cut the last one


def test_what_the_programs_depend_on_decides_what_compiles(monkeypatch):
    traced = []
    make = dqn.make_train_step
    monkeypatch.setattr(dqn, "make_train_step", lambda *a, **k: traced.append(a) or make(*a, **k))
    config = PROBE._replace(max_steps=33)  # no other test's
    changes = (
        {},
        {"evaluate_every": 10},
        {"memory_size": 20},
        {"warmup_steps": 5},
        {"epsilon": 0.1},
    )
    for change in changes:
        run(Probe(), config._replace(**change))
    assert len(traced) == 1
    run(Probe(), config._replace(double=True))
    assert len(traced) == 2


def test_an_environment_may_write_into_one_array_again_and_again():
    class OneArray(gymnasium.ObservationWrapper):
        def __init__(self, env):
            super().__init__(env)
            self.array = np.zeros(4, np.float32)

        def observation(self, observation):
            self.array[:] = observation
            return self.array

    found = loop.train(OneArray(envs.make()), TINY, 3, progress=False)
    assert bits(found.params) == bits(loop.train(envs.make(), TINY, 3, progress=False).params)


def test_parts_for_another_memory_are_refused_before_the_first_step():
    ours = loop.make_parts(TINY)
    mixed = ours._replace(sample=dqn.sample), ours._replace(remember=dqn.remember)
    for parts in (dqn.make_parts(TINY), *mixed):
        with pytest.raises(ValueError, match=r"Likely fix: loop.make_parts\(config\)._replace"):
            loop.train(envs.make(), TINY, progress=False, parts=parts)
    with pytest.raises(TypeError, match=r"parts must be a dqn\.Parts"):
        loop.train(envs.make(), TINY, progress=False, parts={"act": None})


@pytest.mark.parametrize(
    ("part", "wrong", "words"),
    [
        ("act", lambda key, q, epsilon: q.max(), "what parts.act returns must be an action"),
        ("act", lambda key, q, epsilon: q.argmax() + 1, r"parts.act returns must lie in 0 \.\. 0"),
        ("judge", lambda key, q: q.max(), "what parts.judge returns must be an action"),
        ("judge", lambda key, q: q.argmax() + 1, r"must return an action in 0 \.\. 0"),
        (
            "loss",
            lambda params, *_: params["mlp/~/linear_0"]["b"],
            "what loss returns must be one number",
        ),
        ("loss", lambda *_: None, "what loss returns must be one number, but it is None"),
        ("loss", lambda *_: 3, "what loss returns must be a real number"),
        ("follow", lambda params, target_params: None, "what follow returns.*must be alike"),
    ],
)
def test_a_part_that_returns_what_it_must_not_is_refused_before_the_first_step(part, wrong, words):
    env = Probe()
    config = PROBE._replace(evaluate_every=PROBE.max_steps, warmup_steps=PROBE.max_steps)
    parts = loop.make_parts(config)._replace(**{part: wrong})
    with pytest.raises((TypeError, ValueError), match=words) as caught:
        run(env, config, parts=parts)
    assert env.seeds == []
    assert not hasattr(caught.value, "result")


class Boltzmann:
    """An action by chance, the likelier the better it is, the more so the colder it is."""

    def __init__(self, temperature):
        self.temperature = temperature

    def __call__(self, key, q_values, epsilon):
        return jax.random.categorical(key, q_values / self.temperature)

    def act(self, key, q_values, epsilon):
        return self(key, q_values, epsilon)


@pytest.mark.parametrize("part_of", [lambda b: b, lambda b: b.act, partial])
def test_a_part_that_changed_is_compiled_anew_in_the_next_run(part_of):
    def steps(part):
        parts = loop.make_parts(TINY)._replace(act=part)
        return run(parts=parts).episode_steps.tolist()

    changing = Boltzmann(100.0)
    part = part_of(changing)
    warm = steps(part)
    changing.temperature = 1e-3
    cold = steps(part)
    assert cold == steps(part_of(Boltzmann(1e-3))) != warm


def test_a_part_that_holds_a_dictionary_is_compiled_anew_in_the_next_run():
    def loss(params, target_params, batch, network, gamma, settings):
        return settings["scale"] * dqn.td_loss(params, target_params, batch, network, gamma)

    def weights(part):
        parts = loop.make_parts(TINY)._replace(loss=part)
        return bits(run(parts=parts).learner.params)

    settings = {"scale": 1.0}
    part = partial(loss, settings=settings)
    before = weights(part)
    settings["scale"] = 0.0
    assert weights(part) == weights(partial(loss, settings={"scale": 0.0})) != before


@pytest.mark.parametrize(
    ("part", "may_change"),
    [
        (dqn.td_loss, False),
        (partial(dqn.td_loss, double=True), False),
        (partial(dqn.soft_update, tau=0.5), False),
        (partial(dqn.td_loss, kind=jnp.float32, of=None, by=(1, "a")), False),
        (jax.jit(dqn.td_loss), False),
        (partial(dqn.td_loss, of=[1]), True),
        (partial(dqn.td_loss, of=({},)), True),
        (partial(dqn.td_loss, of=np.zeros(1)), True),
        (Boltzmann(1.0), True),
    ],
)
def test_what_may_change_between_two_runs(part, may_change):
    assert loop._may_change(part) == may_change


@pytest.mark.parametrize("part", ["follow", "renew"])
@pytest.mark.parametrize("dtype", [jnp.int32, jnp.float16, jnp.bfloat16])
def test_a_target_network_of_another_dtype_is_refused(part, dtype):
    def convert(params, target_params):
        return jax.tree.map(lambda leaf: leaf.astype(dtype), params)

    parts = loop.make_parts(TINY)._replace(**{part: convert})
    with pytest.raises(ValueError, match=rf"what (parts\.)?{part} returns.*must have the same dty"):
        run(parts=parts)


def test_a_training_inside_a_program_is_refused():
    with pytest.raises(TypeError, match=r"JAX is tracing it.*ondevice\.make_train"):
        jax.jit(lambda: run().episode_returns)()


def test_a_batch_of_somebodys_own_is_not_guessed_at():
    """As prioritized replay has it, with a weight for each transition."""

    def sample(memory, key, batch_size):
        return memory.sample_batch(batch_size), np.ones(batch_size, np.float32)

    def loss(params, target_params, weighted, network, gamma):
        batch, weights = weighted
        return dqn.td_loss(params, target_params, batch, network, gamma) * weights.mean()

    parts = loop.make_parts(TINY)._replace(sample=sample, loss=loss)
    assert run(parts=parts).finished


def test_a_run_that_is_interrupted_in_its_last_evaluation_is_not_finished(monkeypatch):
    monkeypatch.setattr(loop, "evaluate", interrupted)
    config = TINY._replace(evaluate_every=TINY.max_steps)
    with pytest.raises(KeyboardInterrupt) as caught:
        loop.train(envs.make(), config, progress=False)
    assert caught.value.result.episode_steps[-1] == TINY.max_steps
    assert not caught.value.result.finished


def interrupted(*_, **__):
    raise KeyboardInterrupt


def test_a_run_whose_callback_fails_is_saved_all_the_same(tmp_path):
    def fail(result):
        if len(result.episode_steps) == 3:
            raise RuntimeError("in the callback")

    place = tmp_path / "run.npz"
    with pytest.raises(RuntimeError, match="in the callback"):
        loop.train(envs.make(), TINY, checkpoint=place, on_episode=fail, progress=False)
    seen = []

    def look(result):
        seen.append(len(result.episode_steps))

    loop.train(envs.make(), TINY, checkpoint=place, on_episode=look, progress=False)
    assert seen[0] == 4  # it went on from there


def test_steps_are_whole_numbers_even_where_there_are_none():
    result = loop.train(envs.make(), TINY._replace(evaluate_every=None), progress=False)
    assert result.evaluation_steps.dtype == result.episode_steps.dtype == int
    assert result.evaluation_returns.dtype == result.episode_returns.dtype == float


@pytest.mark.parametrize("name", ["act", "judge"])
def test_a_part_without_a_hash_is_refused_before_the_first_step(name):
    def always_0(self, key, q_values, epsilon=None):
        return jnp.int32(0)

    body = {"__call__": always_0}
    bare = dataclasses.make_dataclass("Bare", [], namespace=body)
    frozen = dataclasses.make_dataclass("Frozen", [], namespace=body, frozen=True)
    parts = loop.make_parts(TINY)._replace(**{name: bare()})
    with pytest.raises(TypeError, match=rf"parts\.{name} must have a hash.*frozen=True"):
        run(parts=parts)
    run(config=TINY._replace(max_steps=40), parts=parts._replace(**{name: frozen()}))


def test_a_part_that_is_not_compiled_needs_no_hash():
    @dataclasses.dataclass
    class Counting:
        stored: int = 0

        def __call__(self, memory, transition, truncated):
            memory.experience(transition)
            self.stored += 1

    counting = Counting()
    run(parts=loop.make_parts(TINY)._replace(remember=counting))
    assert counting.stored == TINY.max_steps
