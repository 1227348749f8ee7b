"""Gymnasium and classic Gym for real, side by side, and environments that DQN cannot learn."""

import builtins
import os
import subprocess
import sys
import types

import gymnasium
import numpy as np
import pytest

from rl_jax import envs

backends = pytest.mark.parametrize("backend", ["gymnasium", "gym"])


def balance(state) -> int:
    """Push towards where the pole will fall: holds it for far longer than 500 steps."""
    return int(state[2] + 0.5 * state[3] > 0)


def play(env, policy, seed, steps=1_000):
    """Every step's (state, reward, terminated, truncated) until the episode ends."""
    state, info = env.reset(seed=seed)
    assert info == {}
    log = [(state, None, None, None)]
    while len(log) <= steps:
        state, reward, terminated, truncated, info = env.step(policy(state))
        assert info == {}
        log.append((state, reward, terminated, truncated))
        if terminated or truncated:
            break
    return log


@pytest.mark.parametrize("seed", [0, 1, 12345, 2**32 - 1])
@pytest.mark.parametrize("length", ["long", "short"])
def test_both_backends_step_alike(seed, length):
    rng = np.random.default_rng(seed)
    pushes = rng.integers(0, 2, 1_000)
    logs = []
    for backend in ("gymnasium", "gym"):
        random = iter(pushes)
        policy = balance if length == "long" else lambda _, random=random: int(next(random))
        logs.append(play(envs.make(backend=backend), policy, seed))
    assert len(logs[0]) == len(logs[1])
    for ours, theirs in zip(*logs, strict=True):
        np.testing.assert_array_equal(ours[0], theirs[0])
        assert ours[0].dtype == theirs[0].dtype == np.float32
        assert ours[1:] == theirs[1:]


@backends
def test_the_time_limit_truncates_and_a_fall_terminates(backend):
    env = envs.make("CartPole-v1", backend=backend)
    held = play(env, balance, seed=3)
    assert len(held) == 1 + 500
    assert held[-1][1:] == (1.0, False, True)
    fallen = play(env, lambda _: 0, seed=3)
    assert len(fallen) < 1 + 15
    assert fallen[-1][1:] == (1.0, True, False)
    assert all(step[1:] == (1.0, False, False) for step in held[1:-1] + fallen[1:-1])


@backends
def test_a_fall_at_the_last_moment_is_terminated_as_well(backend):
    # Balance for 499 steps, then put the pole beyond its limit of 12 degrees: the 500th step
    # is both. A learner must take it as the end of the future.
    env = envs.make(backend=backend)
    state, _ = env.reset(seed=0)
    for _ in range(499):
        state, _, terminated, truncated, _ = env.step(balance(state))
        assert not (terminated or truncated)
    env.unwrapped.state = (0.0, 0.0, 0.3, 0.0)
    assert env.step(0)[2:4] == (True, True)


@backends
def test_a_seed_decides_the_start(backend):
    env = envs.make(backend=backend)
    starts = [env.reset(seed=seed)[0].tolist() for seed in (5, 5, 6)]
    assert starts[0] == starts[1] != starts[2]


@backends
def test_pictures_without_a_display(backend):
    env = envs.make(backend=backend, render_mode="rgb_array")
    env.reset(seed=0)
    before = env.render()
    for _ in range(5):
        env.step(1)
    after = env.render()
    env.close()
    assert (before.shape, before.dtype) == ((400, 600, 3), np.uint8)
    assert 0 < (before != after).mean() < 0.2  # cart and pole have moved, the rest has not


@backends
def test_nothing_is_printed_and_nothing_warns(backend):
    code = f"""
from rl_jax import envs
env = envs.make(backend={backend!r}, render_mode="rgb_array")
env.reset(seed=0), env.step(1), env.render(), env.close()
"""
    quieting = ("SDL_VIDEODRIVER", "SDL_AUDIODRIVER", "XDG_RUNTIME_DIR")  # CI may set these
    bare = {name: value for name, value in os.environ.items() if name not in quieting}
    command = [sys.executable, "-W", "error", "-c", code]
    done = subprocess.run(command, capture_output=True, text=True, env=bare)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_unknown_backend_is_refused():
    with pytest.raises(ValueError, match='must be "gymnasium" or "gym", but it is \'gymnax\''):
        envs.make(backend="gymnax")


def test_old_gym_is_refused(monkeypatch):
    monkeypatch.setitem(sys.modules, "gym", types.SimpleNamespace(__version__="0.21.0"))
    with pytest.raises(ValueError, match=r"must be 0\.26 or newer, but it is 0\.21\.0"):
        envs.make(backend="gym")


def test_missing_gym_is_explained(monkeypatch):
    def without_gym(name, *args, real=builtins.__import__, **options):
        if name == "gym":
            raise ImportError("No module named 'gym'")
        return real(name, *args, **options)

    monkeypatch.setattr(builtins, "__import__", without_gym)
    with pytest.raises(ImportError, match=r'use backend="gymnasium", or install gym==0\.26\.2'):
        envs.make(backend="gym")


@backends
def test_sizes_of_cartpole(backend):
    assert envs.sizes(envs.make(backend=backend)) == (4, 2)


def test_sizes_of_another_environment():
    assert envs.sizes(envs.make("Acrobot-v1")) == (6, 3)


def test_continuous_actions_are_refused():
    with pytest.raises(ValueError, match=r"must be Discrete, but these are Box\(-2"):
        envs.sizes(envs.make("Pendulum-v1"))


class Spaces(gymnasium.Env):
    """No more than the two spaces."""

    def __init__(self, observation_space, action_space):
        self.observation_space, self.action_space = observation_space, action_space


@pytest.mark.parametrize(
    ("observations", "actions", "match"),
    [
        (gymnasium.spaces.Box(0, 1, (2,)), gymnasium.spaces.MultiBinary(2), "must be Discrete"),
        (gymnasium.spaces.Box(0, 1, (2,)), gymnasium.spaces.MultiDiscrete([2]), "be Discrete"),
        (gymnasium.spaces.Box(0, 1, (8, 8, 3)), gymnasium.spaces.Discrete(2), "must be vectors"),
        (gymnasium.spaces.Discrete(16), gymnasium.spaces.Discrete(4), "must be vectors"),
    ],
)
def test_other_spaces_are_refused(observations, actions, match):
    with pytest.raises(ValueError, match=match):
        envs.sizes(Spaces(observations, actions))
