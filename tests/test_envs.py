"""Gymnasium and classic Gym for real, side by side, and environments that DQN cannot learn."""

import builtins
import copy
import os
import subprocess
import sys
import types

import gymnasium
import numpy as np
import pytest
from gymnasium.envs.classic_control import CartPoleEnv
from helpers import Handle, Probe, uncopiable

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
    quieting = ["SDL_VIDEODRIVER", "SDL_AUDIODRIVER", "XDG_RUNTIME_DIR"]  # CI may set these
    quieting += ["PYGAME_HIDE_SUPPORT_PROMPT"]  # and an earlier test this one
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


VECTOR = gymnasium.spaces.Box(0, 1, (2,))


@pytest.mark.parametrize(
    ("observations", "actions", "match"),
    [
        (gymnasium.spaces.Box(0, 1, (2,)), gymnasium.spaces.MultiBinary(2), "must be Discrete"),
        (gymnasium.spaces.Box(0, 1, (2,)), gymnasium.spaces.MultiDiscrete([2]), "be Discrete"),
        (gymnasium.spaces.Box(0, 1, (8, 8, 3)), gymnasium.spaces.Discrete(2), "must be vectors"),
        (gymnasium.spaces.Discrete(16), gymnasium.spaces.Discrete(4), "must be vectors"),
        (gymnasium.spaces.Dict(a=VECTOR), gymnasium.spaces.Discrete(4), "must be vectors"),
        (gymnasium.spaces.Tuple([VECTOR]), gymnasium.spaces.Discrete(4), "must be vectors"),
        (gymnasium.spaces.Text(3), gymnasium.spaces.Discrete(4), "must be vectors"),
        (None, gymnasium.spaces.Discrete(4), "must be vectors"),
        (VECTOR, gymnasium.spaces.Discrete(2, start=1), "count from 0, .* counts from 1"),
        (VECTOR, gymnasium.spaces.Discrete(3, start=-1), "count from 0, .* counts from -1"),
        (VECTOR, None, "must be Discrete, but these are None"),
    ],
)
def test_other_spaces_are_refused(observations, actions, match):
    with pytest.raises(ValueError, match=match):
        envs.sizes(Spaces(observations, actions))


@pytest.mark.parametrize(
    "observations",
    [
        *(gymnasium.spaces.Box(0, 1, (3,), kind) for kind in (np.uint8, int, float, np.bool_)),
        gymnasium.spaces.MultiBinary(3),
    ],
)
def test_vectors_of_any_numbers_are_observations(observations):
    assert envs.sizes(Spaces(observations, gymnasium.spaces.Discrete(2))) == (3, 2)


def test_of_two_time_limits_the_shorter_one_holds():
    for inner, outer in ((500, 20), (20, 500)):
        env = gymnasium.make("CartPole-v1", max_episode_steps=inner)
        env = gymnasium.wrappers.TimeLimit(env, outer)
        assert envs.time_limit(env) == 20
        assert len(play(env, balance, seed=3)) == 1 + 20


# SDL's settings


def test_drawing_pictures_leaves_no_setting_behind():
    """Else a window that is asked for afterwards would not be seen, without a word."""
    code = """
import os
from rl_jax import envs
before = dict(os.environ)
envs.make(render_mode="rgb_array").render()
changed = {k for k in os.environ if os.environ[k] != before.get(k)} - {"PYGAME_HIDE_SUPPORT_PROMPT"}
assert not changed, changed
import pygame
assert not pygame.display.get_init()  # so that SDL looks for a screen when a window is asked for
"""
    bare = {name: value for name, value in os.environ.items() if not name.startswith("SDL_")}
    subprocess.run([sys.executable, "-c", code], check=True, env=bare)


def test_settings_of_the_users_own_stay(monkeypatch):
    monkeypatch.setenv("SDL_VIDEODRIVER", "dummy")
    envs.make(render_mode="rgb_array").render()
    assert os.environ["SDL_VIDEODRIVER"] == "dummy"


def test_a_window_of_the_users_own_stays_open(monkeypatch):
    pygame = pytest.importorskip("pygame")
    monkeypatch.setenv("SDL_VIDEODRIVER", "dummy")
    monkeypatch.delenv("SDL_AUDIODRIVER", raising=False)
    pygame.display.init()
    try:
        envs.make(render_mode="rgb_array")
        assert pygame.display.get_init()
    finally:
        pygame.display.quit()


# A second environment


class Plain(gymnasium.Wrapper):
    """A wrapper that Gymnasium could not make again."""


class Halved(gymnasium.ActionWrapper):
    """Another one, with a setting of its own."""

    def __init__(self, env, factor):
        super().__init__(env)
        self.factor = factor

    def action(self, action):
        return int(action * self.factor)


def classes(env) -> list[str]:
    return [type(layer).__name__ for layer in envs._layers(env)]


@backends
@pytest.mark.parametrize("limit", [None, 20])
def test_the_second_is_like_the_first(backend, limit):
    if backend == "gymnasium":
        env = gymnasium.make("CartPole-v1", max_episode_steps=limit)
    else:
        gym = pytest.importorskip("gym")
        env = gym.make("CartPole-v1", max_episode_steps=limit, disable_env_checker=True)
    env.unwrapped.gravity = 5.0
    twin = envs.like(env)
    assert twin is not env and twin.unwrapped is not env.unwrapped
    assert classes(twin) == classes(env)
    assert envs.time_limit(twin) == envs.time_limit(env) == (limit or 500)
    assert twin.unwrapped.gravity == 5.0
    logs = [play(each, balance, seed=4) for each in (env, twin)]
    for ours, theirs in zip(*logs, strict=True):
        np.testing.assert_array_equal(ours[0], theirs[0])
    assert len(logs[0]) == 1 + (limit or 500)


def test_own_wrappers_and_own_environments_are_copied():
    env = Halved(Plain(gymnasium.make("CartPole-v1")), factor=0.0)
    twin = envs.like(env)
    assert classes(twin)[:2] == ["Halved", "Plain"] and twin.factor == 0.0
    assert len(play(twin, lambda _: 1, seed=0)) == len(play(env, lambda _: 1, seed=0)) < 15
    own = Spaces(VECTOR, gymnasium.spaces.Discrete(2))
    assert type(envs.like(own)) is Spaces and envs.like(own) is not own


class Remade(Spaces, gymnasium.utils.EzPickle):
    """Its copies are made anew, from what it was made from."""

    def __init__(self, length=3):
        Spaces.__init__(self, VECTOR, gymnasium.spaces.Discrete(2))
        gymnasium.utils.EzPickle.__init__(self, length)
        self.length, self.is_over, self.played = length, False, 0

    def reset(self, *, seed=None, options=None):
        self.is_over, self.left, self.played = False, self.length, self.played + 1
        return np.zeros(2, np.float32), {}

    def step(self, action):
        self.left -= 1
        self.is_over = self.left == 0
        return np.zeros(2, np.float32), 1.0, self.is_over, False, {}


def test_a_copy_that_is_made_anew_lacks_what_was_set_and_is_refused():
    env = Remade()
    env.length = 9
    with pytest.raises(ValueError, match=r"length was set to 9 .* would have 3.*eval_env="):
        envs.like(env)


@pytest.mark.parametrize(
    ("made", "set_to"),
    [
        (None, 15.0),
        ([0, 0], [3, 3]),
        ((1, 1), (9, 9)),
        ([[1], [2, 3]], [[1], [2, 4]]),
        ({"gravity": 10.0}, {"gravity": 1.6}),
    ],
)
def test_whatever_was_set_on_it_is_looked_at(made, set_to):
    class Settled(Remade):
        def __init__(self):
            super().__init__()
            gymnasium.utils.EzPickle.__init__(self)
            self.setting = copy.deepcopy(made)
            self.rubbish = object()  # which nobody can compare

    assert envs.like(Settled()).setting == made
    env = Settled()
    env.setting = set_to
    with pytest.raises(ValueError, match=r"setting was set to .*eval_env="):
        envs.like(env)


class Simulated(gymnasium.envs.classic_control.CartPoleEnv):
    """An environment that calls its simulator `env`, as a wrapper calls what it wraps."""

    def __init__(self, **options):
        super().__init__(**options)
        self.env = types.SimpleNamespace(env=None, step=None, reset=None, _max_episode_steps=3)


class HomeMade(gymnasium.Env):
    """A wrapper that comes from no wrapper of Gymnasium's."""

    def __init__(self, env):
        self.env, self.action_space = env, env.action_space
        self.observation_space = env.observation_space


def test_a_wrapper_of_ones_own_is_a_layer():
    env = HomeMade(gymnasium.make("CartPole-v1"))
    assert classes(env)[0] == "HomeMade" and classes(env)[-1] == "CartPoleEnv"
    assert envs.time_limit(env) == 500


def test_a_simulator_is_no_layer():
    env = Simulated(render_mode="rgb_array")
    assert classes(env) == ["Simulated"] and envs.time_limit(env) is None
    assert envs.like(env).render_mode is None
    assert classes(Plain(env)) == ["Plain", "Simulated"]


def test_a_copy_that_is_made_anew_may_have_another_state():
    env = Remade(length=5)
    play(env, lambda _: 1, seed=0)
    assert env.is_over and env.played == 1
    twin = envs.like(env)
    assert twin.length == 5 and env.played == 1


@backends
def test_an_environment_without_a_mode_of_drawing_is_made(backend):
    registry = pytest.importorskip(backend)

    class Own(registry.Env):
        observation_space = registry.spaces.Box(-1, 1, (2,))
        action_space = registry.spaces.Discrete(2)

    name = f"WithoutMode{backend.title()}-v0"
    registry.register(name, Own)
    assert isinstance(envs.make(name, backend).unwrapped, Own)


def test_wrappers_of_ones_own_count_as_what_they_come_from():
    class Rewards(gymnasium.wrappers.NormalizeReward):
        pass

    class Observations(gymnasium.wrappers.NormalizeObservation):
        pass

    env = Observations(Rewards(gymnasium.make("CartPole-v1")))
    twin = envs.like(env)
    assert "Rewards" not in classes(twin)
    assert twin.obs_rms is env.obs_rms and not twin.update_running_mean


def test_an_environment_whose_mode_of_drawing_cannot_be_set_is_copied():
    class Fixed(Spaces):
        render_mode = property(lambda self: "ansi")

    assert type(envs.like(Fixed(VECTOR, gymnasium.spaces.Discrete(2)))) is Fixed


def test_an_own_registered_environment_is_copied():
    class Own(Spaces):
        def __init__(self):
            super().__init__(VECTOR, gymnasium.spaces.Discrete(2))

    gymnasium.register("Own-v0", entry_point=Own, max_episode_steps=7)
    try:
        env = gymnasium.make("Own-v0", disable_env_checker=True)
        assert envs.time_limit(envs.like(env)) == 7
    finally:
        del gymnasium.registry["Own-v0"]


class RecordVideo(gymnasium.Wrapper):
    """Stands for Gymnasium's, which needs a library for films."""

    def step(self, action):
        raise AssertionError("this episode is being filmed")


class HumanRendering(RecordVideo):
    """Stands for Gymnasium's, which opens a window."""


def test_what_only_looks_on_is_left_away():
    watched = RecordVideo(envs.make(render_mode="rgb_array"))
    collected = gymnasium.make("CartPole-v1", render_mode="rgb_array_list")
    assert "RenderCollection" in classes(collected)
    seen = HumanRendering(envs.make())
    for each in (watched, seen, collected, Plain(watched), RecordVideo(uncopiable())):
        twin = envs.like(each)
        assert not set(envs.LEFT_OUT) & set(classes(twin))
        assert twin.unwrapped.render_mode is None
        assert len(play(twin, balance, seed=0)) == 501


def test_rewards_are_judged_as_they_are():
    scaled = gymnasium.wrappers.NormalizeReward(envs.make())
    play(scaled, balance, seed=1)
    twin = envs.like(scaled)
    rewards = [step[1] for step in play(twin, balance, seed=2)[1:]]
    assert rewards == [1.0] * 500


def test_observations_are_judged_by_the_statistics_of_the_training():
    env = gymnasium.wrappers.NormalizeObservation(envs.make())
    for each in (env, gymnasium.wrappers.TransformReward(env, lambda reward: reward)):
        twin = envs.like(each)
        play(env, balance, seed=1)  # later, too
        known = env.obs_rms
        before = (known.count, known.mean.copy(), known.var.copy())
        raw, _ = envs.make().reset(seed=2)
        seen, _ = twin.reset(seed=2)
        np.testing.assert_allclose(seen, (raw - before[1]) / np.sqrt(before[2] + 1e-8), rtol=1e-4)
        play(twin, balance, seed=3)
        assert known.count == before[0]
        assert (known.mean == before[1]).all() and (known.var == before[2]).all()
    assert env.update_running_mean


def test_statistics_that_cannot_be_shared_are_refused():
    class NormalizeObservation(gymnasium.Wrapper):
        """Stands for classic Gym's, which has no such switch."""

    with pytest.raises(ValueError, match="cannot use another one's statistics"):
        envs.like(NormalizeObservation(envs.make()))


def test_environments_that_are_made_at_once_disturb_nothing():
    """In a process of its own, where pygame is imported while others draw."""
    code = """
import os, sys, warnings
from concurrent.futures import ThreadPoolExecutor
from rl_jax import envs
before = (sys.stderr, list(warnings.filters), os.environ.get("SDL_AUDIODRIVER"))
with ThreadPoolExecutor(8) as threads:
    made = list(threads.map(lambda _: envs.make(render_mode="rgb_array"), range(8)))
assert all(env.render().shape == (400, 600, 3) for env in made)
now = (sys.stderr, list(warnings.filters), os.environ.get("SDL_AUDIODRIVER"))
assert now[0] is before[0] and now[2] == before[2]
assert not [each for each in now[1] if "render_modes" in str(each)]
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("dtype", [np.int64, np.uint64])
def test_whole_numbers_that_jax_would_cut_are_refused(dtype):
    class Wide(gymnasium.ObservationWrapper):
        observation_space = gymnasium.spaces.Box(0, 2**41, (4,), dtype)

        def observation(self, observation):
            return np.array([2**40, 0, 0, 0], dtype)

    with pytest.raises(ValueError, match="whole numbers that fit into 32 bits"):
        envs.Checked(Wide(envs.make()), for_a_network=True).reset(seed=0)
    envs.Checked(Wide(envs.make())).reset(seed=0)  # a player by hand may read what it likes
    Wide.observation = lambda self, observation: np.array([2**31 - 1, 0, 0, 0], dtype)
    envs.Checked(Wide(envs.make()), for_a_network=True).reset(seed=0)


def test_what_cannot_be_copied_is_made_again():
    env = uncopiable(max_episode_steps=20)
    play(env, balance, seed=1)
    twin = envs.like(env)
    assert envs.time_limit(twin) == 20 and not hasattr(twin.unwrapped, "handle")


def test_what_the_first_was_made_from_stays_as_it_is():
    env = uncopiable(render_mode="rgb_array")
    assert envs.like(env).unwrapped.render_mode is None
    assert env.spec.kwargs["render_mode"] == "rgb_array"


def test_a_classic_environment_is_made_again_with_its_own_options():
    gym = pytest.importorskip("gym")
    options = {"is_slippery": False, "map_name": "8x8", "disable_env_checker": True}
    env = gym.make("FrozenLake-v1", **options)
    env.unwrapped.handle = Handle()
    assert envs.like(env).unwrapped.nrow == 8


def test_what_playing_changes_is_no_setting():
    class Counting(CartPoleEnv):
        played = None

        def __init__(self, **options):
            super().__init__(**options)
            self.played = 0

        def step(self, action):
            self.played += 1
            return super().step(action)

    gymnasium.register("Counting-v0", entry_point=Counting)
    try:
        env = uncopiable("Counting-v0")
        play(env, balance, seed=1, steps=9)
        assert env.unwrapped.played == 9
        assert not hasattr(envs.like(env).unwrapped, "handle")
    finally:
        del gymnasium.registry["Counting-v0"]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda env: setattr(env.unwrapped, "gravity", 5.0) or env, "gravity was set to 5.0"),
        (lambda env: setattr(env.unwrapped, "length", 1) or env, "length was set to 1"),
        (Plain, "Plain wrapper"),
        (lambda env: setattr(env.unwrapped, "spec", None) or env, "has no spec"),
    ],
)
def test_what_can_be_neither_is_refused(change, words):
    with pytest.raises(ValueError, match=rf"{words}(.|\n)*pass it as eval_env="):
        envs.like(change(uncopiable()))


def test_a_function_that_holds_the_first_environment_is_refused():
    env = gymnasium.make("CartPole-v1")
    step = env.step
    env.step = lambda action: step(1 - action)
    with pytest.raises(
        ValueError, match=r"step of this environment was set to a function, .* eval_env="
    ):
        envs.like(env)
    env.step = lambda action: None  # it may hold the first one as a global name
    with pytest.raises(ValueError, match=r"step of this environment was set to a function"):
        envs.like(env)
    env = gymnasium.make("CartPole-v1")
    ask = env.get_wrapper_attr  # a method holds it, too
    for function in (
        lambda reward: reward * env.unwrapped.gravity,
        lambda reward: reward * ask("gravity"),
    ):
        held = gymnasium.wrappers.TransformReward(env, function)
        with pytest.raises(ValueError, match=r"func of this environment was set to a function"):
            envs.like(held)
    envs.like(gymnasium.wrappers.TransformReward(env, lambda reward: 2 * reward))


def test_a_classic_wrapper_or_limit_that_would_be_lost_is_refused():
    gym = pytest.importorskip("gym")
    env = gym.make("CartPole-v1", max_episode_steps=20, disable_env_checker=True)
    env.unwrapped.handle = Handle()
    with pytest.raises(ValueError, match=r"time limit of 500, but the first is .* with 20\."):
        envs.like(env)
    env = gym.make("CartPole-v1", disable_env_checker=True)
    env.unwrapped.handle = Handle()
    with pytest.raises(ValueError, match=r"but the first is \['TransformReward'"):
        envs.like(gym.wrappers.TransformReward(env, lambda reward: reward))
    env.env = gym.wrappers.TransformReward(env.env.env, lambda reward: reward)  # as many layers
    with pytest.raises(ValueError, match=r"but the first is \['TimeLimit', 'TransformReward'"):
        envs.like(env)


@pytest.mark.parametrize("seed", [0, 7, 2**32 - 1])
def test_each_episode_has_a_seed_of_its_own(seed):
    seeds = [envs.episode_seed(seed, stream, n) for stream in range(3) for n in range(50)]
    assert len(set(seeds)) == 150
    assert all(type(each) is int and 0 <= each < 2**32 for each in seeds)
    assert seeds == [envs.episode_seed(seed, stream, n) for stream in range(3) for n in range(50)]


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_large_observations_pass_without_a_warning(dtype):
    env = Probe(length=3)
    large = np.array([np.finfo(dtype).max], dtype)
    checked = envs.Checked(env, for_a_network=False)
    env.reset = lambda **options: (large, {})
    observation, _ = checked.reset(seed=0)
    assert observation is large


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
def test_a_network_reads_floats_of_32_bits(dtype):
    """So the memory takes its quick way, which asks for the dtype that it stores."""
    env = Probe(length=3)
    env.observation_space = gymnasium.spaces.Box(-1, 1, (1,), dtype)
    env.reset = lambda **options: (np.array([0.1], dtype), {})
    observation, _ = envs.Checked(env, for_a_network=True).reset(seed=0)
    assert observation.dtype == np.float32 and observation == np.float32(dtype(0.1))


def test_actions_that_do_not_say_where_they_start_start_at_0():
    env = Probe()
    env.action_space = types.SimpleNamespace(n=2)
    assert envs.sizes(env) == (1, 2)


def test_an_environment_without_actions_is_refused():
    env = Probe()
    env.action_space = types.SimpleNamespace(n=0)
    with pytest.raises(ValueError, match="at least one action, but there are 0"):
        envs.sizes(env)
