"""What comes from outside and is not right: refused at the door, in our words; nothing is lost."""

import copy
import json
import os
import re
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial, wraps
from typing import NamedTuple

import gymnasium as gym
import haiku as hk
import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest
from helpers import PROBE, bits

from rl_jax import cartpole, checkpoint, dqn, envs, evaluation, loop, ondevice, policy
from rl_jax.course import figures, film, panels, source
from rl_jax.course.training_panel import TrainingPanel
from rl_jax.evaluation import evaluate, greedy_policy
from rl_jax.nn import losses
from rl_jax.nn.optim import averaged
from rl_jax.replay import ArrayMemory, ReplayMemory, Transition

NAN = float("nan")


class Outside(gym.Env):
    """Somebody's environment: three numbers, two actions, ten steps; what it answers may be odd."""

    def __init__(self, reset=None, step=None, actions=None):
        self.observation_space = gym.spaces.Box(-1.0, 1.0, (3,), np.float32)
        self.action_space = actions or gym.spaces.Discrete(2)
        self.odd_reset, self.odd_step = reset, step
        self.taken = []

    def see(self):
        return np.full(3, 0.1 * len(self.taken), np.float32)

    def reset(self, *, seed=None, options=None):
        self.taken = []
        return (self.see(), {}) if self.odd_reset is None else self.odd_reset(self.see())

    def step(self, action):
        self.taken.append(action)
        usual = (self.see(), 1.0, len(self.taken) == 10, False, {})
        return usual if self.odd_step is None else self.odd_step(*usual)


CONFIG = PROBE._replace(hidden=(4,), max_steps=60)


def train(env, config=CONFIG, **options):
    return loop.train(env, config, 0, progress=False, **options)


# Environments


ODD_STEPS = [
    (lambda s, r, f, t, i: (s, r, f, i), "five things"),
    (lambda s, r, f, t, i: (s, r, f, t, i, 0), "five things"),
    (lambda s, r, f, t, i: None, "five things"),
    (lambda s, r, f, t, i: (s, None, f, t, i), "one number for a reward"),
    (lambda s, r, f, t, i: (s, "1", f, t, i), "one number for a reward"),
    (lambda s, r, f, t, i: (s, [1.0, 2.0], f, t, i), "one number for a reward"),
    (lambda s, r, f, t, i: (s, 1j, f, t, i), "one number for a reward"),
    (lambda s, r, f, t, i: (s, NAN, f, t, i), "a finite reward"),
    (lambda s, r, f, t, i: (s, np.float32("inf"), f, t, i), "a finite reward"),
    (lambda s, r, f, t, i: (s, r, "False", t, i), "True or False for `terminated`"),
    (lambda s, r, f, t, i: (s, r, f, {"TimeLimit": 1}, i), "True or False for `truncated`"),
    (lambda s, r, f, t, i: (s, r, NAN, t, i), "True or False for `terminated`"),
    (lambda s, r, f, t, i: (s, [[1.0], [2.0, 3.0]], f, t, i), "one number for a reward"),
    (lambda s, r, f, t, i: (s, r, [[1], [2, 3]], t, i), "True or False for `terminated`"),
    (lambda s, r, f, t, i: (s * NAN, r, f, t, i), "a finite observation"),
]
ODD_RESETS = [
    (lambda s: s, "two things"),
    (lambda s: s[:2], "two things"),
    (lambda s: (s[0], s[1]), "two things"),
    (lambda s: (s * NAN, {}), "a finite observation"),
]


@pytest.mark.parametrize(
    ("odd", "words"),
    [({"step": odd}, words) for odd, words in ODD_STEPS]
    + [({"reset": odd}, words) for odd, words in ODD_RESETS],
)
def test_what_an_environment_answers_is_looked_at(odd, words):
    match = rf"env\.(reset|step) must return .*{words}|env\.step must return {words}"
    with pytest.raises((TypeError, ValueError), match=match):
        evaluate(lambda state: 0, Outside(**odd), 1)
    with pytest.raises((TypeError, ValueError), match=match):
        train(Outside(**odd), eval_env=Outside())


@pytest.mark.parametrize("reward", [1, True, np.float32(1), np.array([1.0]), jnp.float32(1)])
@pytest.mark.parametrize("flag", [bool, int, np.bool_, jnp.bool_])
def test_what_means_the_same_will_do(reward, flag):
    env = Outside(step=lambda s, r, f, t, i: (s, reward, flag(f), flag(t), i))
    assert evaluate(lambda state: 0, env, 2).tolist() == [10.0, 10.0]


def test_an_evaluation_that_gives_no_number_is_no_best_one():
    env = Outside(step=lambda s, r, f, t, i: (s, NAN, f, t, i))
    with pytest.raises(ValueError, match="a finite reward") as caught:
        train(Outside(), CONFIG._replace(evaluate_every=20), eval_env=env)
    assert len(caught.value.result.episode_steps) == 2


def test_actions_may_count_from_another_number_where_nobody_learns():
    env = Outside(actions=gym.spaces.Discrete(2, start=1))
    assert evaluate(lambda state: 2, env, 1).tolist() == [10.0]
    assert env.taken == [2] * 10
    with pytest.raises(ValueError, match=r"an action in 1 \.\. 2, but it returned 0"):
        evaluate(lambda state: 0, env, 1)


@pytest.mark.parametrize("env", [None, "CartPole-v1", 3])
def test_what_is_no_environment(env):
    with pytest.raises(TypeError, match=r"env must be an environment, .* envs\.make"):
        evaluate(lambda state: 0, env, 1)


# What replaces a part of the training


def test_an_action_that_the_environment_does_not_have_is_refused():
    parts = loop.make_parts(CONFIG)._replace(act=lambda key, q_values, epsilon: jnp.int32(7))
    env = Outside()
    with pytest.raises(ValueError, match=r"parts\.act returns must lie in 0 \.\. 1, but it is 7"):
        train(env, parts=parts)
    assert env.taken == []


RATES = ondevice.Hyperparameters(0.1, 0.9, 1e-3)
SHORT = ondevice.Config()._replace(max_steps=2_000, warmup_steps=64, evaluate_every=None)
USES = {
    "loop.train": lambda config: train(Outside(), config),
    "loop.make_parts": loop.make_parts,
    "dqn.make_parts": dqn.make_parts,
    "dqn.make_optimizer": dqn.make_optimizer,
    "dqn.network_for": dqn.network_for,
    "ondevice.make_train": ondevice.make_train,
    "ondevice.make_step": lambda config: ondevice.make_step(config, RATES),
    "ondevice.init": lambda config: ondevice.init(jax.random.key(0), config),
    "ondevice.run_training": lambda config: ondevice.run_training(jax.random.key(0), config, RATES),
    "TrainingPanel": lambda config: TrainingPanel(lambda *_: b"", "A curve.", config),
}


@pytest.mark.parametrize("use", USES.values(), ids=USES)
@pytest.mark.parametrize("config", [None, {}, "CARTPOLE", (64,)])
def test_what_is_no_config(use, config):
    with pytest.raises(TypeError, match=r"config must be a Config, but it is .* Likely fix"):
        use(config)


@pytest.mark.parametrize("parts", [(), False, "x", {}, (1, 2)])
def test_what_are_no_parts(parts):
    for use in (
        lambda: train(Outside(), parts=parts),
        lambda: ondevice.make_step(SHORT, RATES, parts),
        lambda: ondevice.run_training(jax.random.key(0), SHORT, RATES, parts),
    ):
        with pytest.raises(TypeError, match=r"parts must be a dqn\.Parts, but it is"):
            use()


@pytest.mark.parametrize("name", dqn.Parts._fields)
def test_a_part_that_is_no_function(name):
    words = rf"parts\.{name} must be a function, but it is None"
    with pytest.raises(TypeError, match=words):
        train(Outside(), parts=loop.make_parts(CONFIG)._replace(**{name: None}))
    with pytest.raises(TypeError, match=words):
        ondevice.make_step(SHORT, RATES, ondevice.make_parts(SHORT)._replace(**{name: None}))


@pytest.mark.parametrize("rates", [None, (0.1, 0.9, 1e-3), {}, SHORT])
def test_what_are_no_hyperparameters(rates):
    with pytest.raises(TypeError, match=r"hyperparameters must be Hyperparameters, but it is"):
        ondevice.make_step(SHORT, rates)
    with pytest.raises(TypeError, match=r"hyperparameters must be Hyperparameters, but it is"):
        ondevice.run_training(jax.random.key(0), SHORT, rates)


@pytest.mark.parametrize("devices", ["cpu", ["cpu"], [None], [0], jax.devices()[0]])
def test_what_are_no_devices(devices):
    with pytest.raises(TypeError, match=r"devices must be a list of JAX's, but it is"):
        ondevice.spread(ondevice.make_train(SHORT), devices)


@pytest.mark.parametrize("kind", [list, tuple, np.array, iter])
def test_devices_in_any_kind_of_row(kind):
    ondevice.spread(ondevice.make_train(SHORT), kind(jax.devices()[:1]))


def test_networks_that_are_not_alike_do_not_follow_each_other():
    params = {"linear": {"w": jnp.ones((3, 2))}}
    for target in ({"linear": {"w": jnp.ones(2)}}, {"linear": {"b": jnp.ones((3, 2))}}):
        with pytest.raises(ValueError, match="params and target_params must be alike, but"):
            dqn.soft_update(params, target, 0.5)


def test_a_vector_of_classic_gyms_environments_is_refused():
    gym_vector = pytest.importorskip("gym").vector
    several = gym_vector.SyncVectorEnv([lambda: envs.make(backend="gym").unwrapped] * 2)
    for use in (train, lambda env: evaluate(lambda state: 0, env, 1)):
        with pytest.raises(TypeError, match="must be one environment, but it is 2 of them in one"):
            use(several)


def test_actions_that_count_from_one_are_refused_for_a_network():
    """Its first output stands for action 0."""
    from_one = Outside(actions=gym.spaces.Discrete(2, start=1))
    with pytest.raises(ValueError, match=r"must count from 0, but Discrete.* counts from 1"):
        evaluate(NETWORK.init(jax.random.key(0), jnp.zeros(3)), from_one, 1, network=NETWORK)
    assert from_one.taken == []
    assert evaluate(lambda state: 1, from_one, 1).tolist() == [10.0]


@pytest.mark.parametrize(
    "see",
    [
        lambda seen: (seen * 10).astype(int),
        lambda seen: seen.tolist(),
        lambda seen: [int(seen[0] * 10), 0, 0] if seen[0] < 0.3 else seen.astype(np.float64),
        lambda seen: seen.astype(np.float16),
    ],
    ids=["integers", "lists", "changing", "half"],
)
def test_observations_of_other_dtypes_than_the_spaces_become_the_spaces(see):
    def after(observation, *others):
        return see(observation), *others

    def stored(memory, transition, truncated):
        assert transition.state.dtype == transition.next_state.dtype == np.float32
        loop._remember(memory, transition, truncated)

    env = Outside(reset=lambda seen: (see(seen), {}), step=after)
    parts = loop.make_parts(CONFIG)._replace(remember=stored)
    loop.train(env, CONFIG, progress=False, parts=parts, eval_env=Outside())


def test_observations_of_another_shape_than_the_spaces_are_refused():
    env = Outside(reset=lambda seen: (seen[None], {}))
    with pytest.raises(ValueError, match=r"of shape \(3,\), as env.observation_space says.*\(1, 3"):
        train(env)


@pytest.mark.parametrize("large", [1e39, -1e300])
def test_observations_that_are_not_finite_in_32_bits_are_refused(large):
    env = Outside(reset=lambda seen: (np.array([large, 0.0, 0.0]), {}))
    with pytest.raises(ValueError, match="a finite observation, but in 32 bits it is"):
        train(env)
    assert evaluate(lambda state: 0, env, 1).tolist() == [10.0]  # a function may read it


def test_q_values_that_are_nan_are_no_action():
    network = dqn.make_network(3, 2, ())
    params = network.init(jax.random.key(0), jnp.zeros(3))
    play = loop.greedy_policy(params, network)
    assert play(np.zeros(3)) in (0, 1)
    for state in ([np.nan, 0, 0], [np.inf, -np.inf, 1]):
        with pytest.raises(ValueError, match=r"Q-values of the observation .* are NaN"):
            play(np.array(state))


@pytest.mark.parametrize("on_episode", [3, "print", [print], lambda: None, lambda number, of: None])
def test_what_cannot_be_called_after_an_episode(on_episode):
    env = Outside()
    with pytest.raises(TypeError, match="on_episode, if not None, must be a function"):
        train(env, on_episode=on_episode)
    assert env.taken == []


def test_an_exception_with_a_result_of_its_own_is_not_hidden():
    class Mine(Exception):
        result = property(lambda self: 1)

    def fails(*_):
        raise Mine("the cause")

    with pytest.raises(Mine, match="the cause"):
        train(Outside(step=fails))


# Checkpoints


@pytest.fixture
def saved(tmp_path):
    """The path of a run that was stopped after three of its six episodes."""
    file = tmp_path / "run.npz"
    result = train(Outside(), checkpoint=file, on_episode=lambda run: len(run.episode_steps) == 3)
    assert not result.finished
    return file


def logs(**changes):
    return lambda arrays, header: header["logs"].update(changes)


def without(name):
    return lambda arrays, header: header["logs"].pop(name)


def array(name, change):
    def edit(arrays, header):
        arrays[name] = change(arrays[name])

    return edit


DAMAGED = [
    (array("params0", lambda a: a * NAN), "what it holds as params"),
    (array("learner0", lambda a: a + np.float32("inf")), "what it holds as learner"),
    (array("learner0", lambda a: a.astype(int)), "holds other learner"),
    (array("learner0", lambda a: a.astype(np.float16)), "holds other learner"),
    (array("params0", lambda a: a.astype(str)), "holds other params"),
    (array("memory_action", lambda a: a + 999), "memory cannot be one of this"),
    (array("memory_state", lambda a: a[:, :2]), "memory cannot be one of this"),
    (array("memory_action", lambda a: a[:, None]), "memory cannot be one of this"),
    (array("memory_reward", lambda a: a * NAN), "this must be what"),
    (logs(finished="no"), "cannot be those of a run"),
    (logs(episode_steps=[]), "cannot be those of a run"),
    (logs(episode_steps=[10, 5, 30]), "cannot be those of a run"),
    (logs(episode_steps=[10, 20, 10**9]), "cannot be those of a run"),
    (logs(episode_steps=[10.0, 20.0, 30.0]), "cannot be those of a run"),
    (logs(episode_returns=[1.0]), "cannot be those of a run"),
    (logs(episode_returns=[NAN, 1.0, 1.0]), "cannot be those of a run"),
    (logs(evaluation_returns=[1.0, 2.0]), "cannot be those of a run"),
    (logs(episode_steps=None), "cannot be those of a run"),
    (logs(foo=1), "cannot be those of a run"),
    (without("finished"), "cannot be those of a run"),
    (lambda arrays, header: header.update(logs=None), "cannot be those of a run"),
    (lambda arrays, header: header.update(of=None), "which run it belongs to"),
    (lambda arrays, header: header.update(of=["seed"]), "which run it belongs to"),
]


@pytest.mark.parametrize(("edit", "words"), DAMAGED)
def test_what_no_run_could_have_saved_is_refused_and_left(edit, words, saved):
    arrays, header = checkpoint.load(saved)
    edit(arrays, header)
    checkpoint.save(saved, arrays, header)
    before, env = saved.read_bytes(), Outside()
    with pytest.raises(ValueError, match=words):
        train(env, checkpoint=saved)
    assert saved.read_bytes() == before and env.taken == []


def test_a_checkpoint_that_is_only_read_and_written_goes_on(saved):
    checkpoint.save(saved, *checkpoint.load(saved))
    assert bits(train(Outside(), checkpoint=saved)) == bits(train(Outside()))


def test_a_checkpoint_stays_where_it_was_when_the_folder_changes(tmp_path, monkeypatch):
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    monkeypatch.chdir(tmp_path)
    train(Outside(), checkpoint="run.npz", on_episode=lambda run: os.chdir(elsewhere))
    assert (tmp_path / "run.npz").exists() and not list(elsewhere.iterdir())


def test_a_link_is_followed(tmp_path):
    (tmp_path / "large").mkdir()
    link, file = tmp_path / "run.npz", tmp_path / "large/run.npz"
    link.symlink_to(file)  # to nothing yet
    train(Outside(), checkpoint=link)
    assert link.is_symlink() and file.is_file()


def test_the_home_folder_has_a_short_name(tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    train(Outside(), checkpoint="~/run.npz")
    assert (tmp_path / "run.npz").is_file()


def test_two_threads_write_into_files_of_their_own(tmp_path):
    both_are_there = threading.Barrier(2)

    def name_of_one(_):
        both_are_there.wait()
        return checkpoint._unfinished(tmp_path / "run.npz")

    with ThreadPoolExecutor(2) as pool:
        assert len(set(pool.map(name_of_one, range(2)))) == 2


@pytest.mark.parametrize("name", ["header", "file", "allow_pickle"])
def test_an_array_whose_name_is_taken_is_refused(name, tmp_path):
    with pytest.raises(ValueError, match=f"an array must have another name than {name}"):
        checkpoint.save(tmp_path / "a.npz", {name: np.ones(2)}, {})
    assert not list(tmp_path.iterdir())


# Pictures, films and panels


@pytest.mark.parametrize(
    "run",
    [
        ([1, 2, 3], [1.0, NAN, 3.0]),
        ([3, 2, 1], [1.0, 2.0, 3.0]),
        ([1, 2, 3], [1.0, 2.0]),
        ([9.0, 9.0], [1, 2]),
        (["a", "b"], [1, 2]),
        ([1, 2], [3.0, None]),
        ([1, 2], [jax.random.key(0), 3.0]),
        ([1, 2], [[3.0], [4.0, 5.0]]),
        (5, 3),
    ],
)
def test_a_curve_that_would_be_drawn_wrongly(run):
    _, ax = figures.axes()
    with pytest.raises((TypeError, ValueError), match=r"steps|runs"):
        figures.learning_curves(ax, [run], "a")


def test_returns_below_zero_are_not_upside_down():
    _, ax = figures.axes()
    figures.learning_curves(ax, [([1, 2, 3], [-200.0, -199.0, -196.0])], "a")
    low, high = ax.get_ylim()
    assert low < -200 < -196 < high


@pytest.mark.parametrize("width", [1, 3])
def test_a_map_of_other_q_values(width):
    figure, ax = figures.axes()
    with pytest.raises(ValueError, match=r"q_function must return finite Q-values \[3721, 2\]"):
        figures.q_map(figure, ax, lambda states: np.zeros((len(states), width)))
    with pytest.raises(ValueError, match=r"q_function must return finite Q-values"):
        figures.q_map(figure, ax, lambda states: np.full((len(states), 2), NAN))


FRAME = np.zeros((8, 10, 3), np.uint8)
NO_FILMS = [FRAME, [FRAME, FRAME[:4]], [FRAME.astype(float)], [FRAME[..., 0]], [FRAME[..., :2]]]


@pytest.mark.parametrize("frames", NO_FILMS)
def test_frames_that_are_none(frames):
    with pytest.raises(ValueError, match=r"frames must be \[H, W, 3\] uint8 and of one size"):
        film.animation(frames)


@pytest.mark.parametrize("fps", [1e-5, 1e6])
def test_a_speed_that_no_film_has(fps):
    with pytest.raises(ValueError, match=r"fps must lie in \[0\.02, 1000\]"):
        film.animation([FRAME], fps)


def test_a_film_of_an_environment_that_draws_into_one_array():
    class Painter(Outside):
        render_mode = "rgb_array"
        canvas = np.zeros((2, 2, 3), np.uint8)

        def render(self):
            self.canvas[:] = len(self.taken)
            return self.canvas

    frames, _, _ = film.record(lambda state: 0, Painter())
    assert [int(frame[0, 0, 0]) for frame in frames] == list(range(11))


@pytest.mark.parametrize(
    "wrong",
    [
        {"actions": np.zeros((3, 1), int)},
        {"explored": np.zeros((3, 2), bool)},
        {"explored": [0, 5, 1]},
        {"explored": 0.5},
    ],
)
def test_a_player_of_what_does_not_fit(wrong):
    usual = {"states": np.zeros((3, 4)), "actions": [0, 1, 0], "alt": "A cart."}
    with pytest.raises(ValueError, match=r"must be \[T\]|must be True or False"):
        film.player(**usual | wrong)


@pytest.mark.parametrize("alt", [None, 5, "", " "])
def test_a_picture_needs_words(alt):
    for use in (
        partial(figures.show, figures.axes()[0]),
        partial(film.show, [FRAME]),
        partial(film.player, np.zeros((1, 4)), [0]),
    ):
        with pytest.raises(ValueError, match=f"alt must say .* but it is {re.escape(repr(alt))}"):
            use(alt=alt)


def test_a_panel_says_what_its_drawing_lacks_and_goes_on():
    number = panels.slider("n", 0, 0, 5, 1)
    drawn = {0: "zero", 1: None, 2: "two"}
    made = panels.panel(lambda n: drawn[n], "Numbers.", n=number)
    number.value = 1
    assert "draw must return a PNG&#x27;s bytes, a text, or a tuple" in made._view.value
    assert made._busy.value == ""
    number.value = 2
    assert "two" in made._view.value


def test_a_reset_that_fails_does_not_stop_the_panel():
    number = panels.slider("n", 0, 0, 5, 1)
    made = panels.panel(str, "Numbers.", object=number)
    made._defaults["object"] = "no number"
    with pytest.raises(Exception, match="no number"):
        made._reset(None)
    number.value = 3
    assert ">3<" in made._view.value


@pytest.mark.parametrize("seed", [1.5, "0", None, -1, 2**32])
def test_a_training_panel_looks_at_its_seed(seed):
    with pytest.raises((TypeError, ValueError), match="seed must be"):
        TrainingPanel(lambda *_: b"", "A curve.", CONFIG, seed=seed)


# Numbers, keys and generators


@pytest.mark.parametrize(
    "change",
    [
        {"stored": np.array("3")},
        {"capacity": np.array("4")},
        {"stored": np.array(2.5)},
        {"stored": np.int64(-1)},
        {"rng": np.array("[" * 100_000)},
    ],
)
def test_a_saved_memory_with_odd_numbers(change):
    with pytest.raises(ValueError, match=r"this must be what ReplayMemory\.state_dict returned"):
        ReplayMemory(4).load_state_dict(ReplayMemory(4).state_dict() | change)


def test_a_generator_that_would_draw_for_ever_is_refused():
    saved = ReplayMemory(4).state_dict()
    rng = json.loads(str(saved["rng"]))
    rng["state"]["inc"] = 0
    with pytest.raises(ValueError, match="inc must be odd"):
        ReplayMemory(4).load_state_dict(saved | {"rng": np.array(json.dumps(rng))})


@pytest.mark.parametrize("four", [4, np.int64(4), np.array(4), jnp.int32(4)])
def test_a_size_in_any_type_is_the_same_network(four):
    assert dqn.network_for(SHORT, four, 2) is dqn.network_for(SHORT, 4, 2)


def test_a_key_is_no_number():
    with pytest.raises(TypeError, match=r"q_values must be an array of numbers, .*a random key"):
        policy.greedy(jax.random.key(0))


def test_parameters_with_other_names_are_those_of_another_network():
    network = dqn.network_for(SHORT)
    params = network.init(jax.random.key(0), np.zeros(4, np.float32))
    renamed = {f"other/{name}": module for name, module in params.items()}
    with pytest.raises(ValueError, match="parameters must have the network's shapes"):
        greedy_policy(renamed, network)(np.zeros(4))


# The algorithm's functions


NETWORK = dqn.make_network(3, 2, (4,))
WITH_A_KEY = hk.transform(lambda observations: hk.Linear(2)(observations))
WITH_A_STATE = hk.without_apply_rng(
    hk.transform_with_state(lambda observations: hk.Linear(2)(observations))
)
ADAM = optax.adam(1e-3)
BATCH = Transition(
    jnp.zeros((5, 3)), jnp.zeros((5, 3)), jnp.zeros(5, int), jnp.ones(5), jnp.zeros(5)
)


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: dqn.init(jax.random.key(0), lambda x: x, ADAM, 3), "network must be a network"),
        (lambda: dqn.init(jax.random.key(0), NETWORK, optax.adam, 3), "an Optax optimizer"),
        (lambda: dqn.init(jax.random.key(0), ADAM, NETWORK, 3), "network must be a network"),
        (lambda: dqn.make_train_step(dqn.make_network, ADAM), "network must be a network"),
        (lambda: dqn.make_train_step(NETWORK, "adam"), "an Optax optimizer"),
        (lambda: dqn.make_train_step(NETWORK, ADAM, loss="mse"), "loss must be a function"),
        (lambda: dqn.make_train_step(NETWORK, ADAM, follow=0.01), "follow must be a function"),
        (lambda: dqn.td_loss(PARAMS, PARAMS, BATCH, None), "network must be a network"),
        (
            lambda: dqn.td_loss(PARAMS, PARAMS, BATCH._asdict(), NETWORK),
            r"batch must be a Transition.*fix",
        ),
        (lambda: dqn.td_loss(PARAMS, PARAMS, tuple(BATCH), NETWORK), "batch must be a Transition"),
        (
            lambda: dqn.td_loss(PARAMS, PARAMS, BATCH, Net(lambda params, x: (x, x[:, 0]))),
            "what the network returns must be an array",
        ),
        (lambda: greedy_policy({"w": jnp.ones(2)}, dqn.make_network), "network must be a network"),
        (lambda: dqn.init(jax.random.key(0), WITH_A_KEY, ADAM, 3), r"fix: hk\.without_apply_rng"),
        (lambda: dqn.make_train_step(WITH_A_KEY, ADAM), r"fix: hk\.without_apply_rng"),
        (lambda: dqn.td_loss(PARAMS, PARAMS, BATCH, WITH_A_KEY), r"fix: hk\.without_apply_rng"),
        (lambda: greedy_policy({"w": jnp.ones(2)}, WITH_A_KEY), r"fix: hk\.without_apply_rng"),
        (lambda: dqn.init(jax.random.key(0), WITH_A_STATE, ADAM, 3), "has a state as well"),
        (lambda: dqn.td_loss(PARAMS, PARAMS, BATCH, WITH_A_STATE), "has a state as well"),
        (lambda: envs.make(None), r"name must be an environment's id, .* but it is None"),
        (lambda: envs.make(gym.spec("CartPole-v1"), backend="gym"), "or a spec of gym's"),
        (lambda: averaged(optax.GradientTransformation), "an Optax optimizer"),
        (lambda: envs.make(Outside()), "name must be an environment's id"),
    ],
)
def test_what_an_algorithm_is_made_of_is_looked_at(call, words):
    with pytest.raises(TypeError, match=words):
        call()


def test_a_list_of_chances_is_an_array_of_them():
    q_values = jnp.array([[0.0, 1.0], [0.0, 1.0]])
    key, same_key = jax.random.key(0), jax.random.key(0)
    listed = policy.epsilon_greedy(key, q_values, [0.0, 1.0])
    assert bits(listed) == bits(policy.epsilon_greedy(same_key, q_values, jnp.array([0.0, 1.0])))


@pytest.mark.parametrize("which", ["grads", "params"])
def test_an_average_is_one_of_the_same_network(which):
    optimizer = averaged(ADAM)
    ours, theirs = {"w": jnp.ones(3)}, {"w": jnp.ones(2)}
    passed = {"grads": ours, "params": ours} | {which: theirs}
    with pytest.raises(
        ValueError, match=r"must be alike, but their shapes are .*both of the same network"
    ):
        optimizer.update(passed["grads"], optimizer.init(ours), passed["params"])


PARAMS = NETWORK.init(jax.random.key(0), jnp.zeros(3))
STATE = jnp.zeros(4)
ONE = Transition(np.zeros(3), np.zeros(3), 1, 1.0, False)
SCAN = ondevice.Config(hidden=(4,), max_steps=60, evaluate_every=None, memory_size=64)
AGENT = ondevice.init(jax.random.key(0), SCAN)
NUMBERS = ondevice.Hyperparameters(0.1, 0.9, 1e-3)
LEARNER = dqn.init(jax.random.key(0), NETWORK, ADAM, 3)


def learned(**options):
    return dqn.td_loss(PARAMS, PARAMS, BATCH, NETWORK, **options)


def reset(is_terminal, steps, state=STATE):
    return cartpole.auto_reset(jax.random.key(0), state, is_terminal, steps)


PARTIAL = ondevice.make_parts(SCAN)._replace(sample=partial(loop._sample))


def traced(gamma):
    return ondevice.make_train(SCAN._replace(gamma=gamma))(jax.random.key(0))


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: reset(3, False), "is_terminal must be True or False"),
        (lambda: reset(0.3, 3), "is_terminal must be True or False"),
        (lambda: reset(None, 3), "is_terminal must be an array of numbers"),
        (lambda: reset(False, 0.5), "steps must be a count of steps, an integer"),
        (lambda: reset(False, True), "steps must be a count of steps, an integer"),
        (lambda: reset(False, -3), "steps must not be negative"),
        (lambda: reset(False, 3, STATE * NAN), "next_state must be finite"),
        (lambda: reset(False, 3, cartpole.step(STATE, 1)), "next_state must be an array"),
        (lambda: ReplayMemory(3).experience(ONE._replace(reward=[1.0, 2.0])), "one value, for one"),
        (lambda: ReplayMemory(3).experience(ONE._replace(is_terminal=(True, False))), "one value"),
        (lambda: ReplayMemory(3).experience(BATCH), "action must be one value, for one step"),
        (lambda: ArrayMemory.empty(3, BATCH), "action must be one value, for one step"),
        (lambda: ArrayMemory.empty(3, (STATE, 1, 1.0, STATE, False)), "must have the same shape"),
        (lambda: ArrayMemory.empty(3, ONE._replace(action=0.5)), "action must be an integer"),
        (lambda: learned(double="False"), "double must be True or False"),
        (lambda: learned(clipped_double="no"), "clipped_double must be True or False"),
        (lambda: learned(loss="mse"), "loss must be a function"),
        (lambda: learned(loss=lambda *_: 1j), "what loss returns must be a real number"),
        (lambda: learned(loss=optax.huber_loss), "what loss returns must be one number"),
        (lambda: dqn.td_loss(LEARNER, PARAMS, BATCH, NETWORK), r"a TrainState.*its `\.params`"),
        (lambda: dqn.td_loss(PARAMS, LEARNER, BATCH, NETWORK), "target_params must be a network's"),
        (lambda: dqn.soft_update(LEARNER, LEARNER, 0.5), r"params must be a network's parameters"),
        (lambda: dqn.soft_update(PARAMS, PARAMS, jax.random.key(0)), "it is a random key"),
        (lambda: policy.linear_epsilon(jax.random.key(0)), "it is a random key"),
        (lambda: NETWORK.apply(PARAMS, (np.zeros(3), {})), "observations must be an array"),
        (lambda: dqn.make_train_step(NETWORK, ADAM)((LEARNER, 0.0), BATCH), "learner, loss = "),
        (lambda: ondevice.make_step(SCAN, NUMBERS)((AGENT, False), jax.random.key(0)), "is_over ="),
        (lambda: ondevice.make_step(SCAN, NUMBERS)(AGENT, 0), "key must be a random key"),
        (
            lambda: ondevice.make_step(SCAN, NUMBERS, loop.make_parts(SCAN)),
            r"made for ArrayMemory, .*fix: ondevice\.make_parts",
        ),
        (
            lambda: ondevice.make_step(SCAN, NUMBERS, PARTIAL),
            r"made for ArrayMemory, .*fix: ondevice\.make_parts",
        ),
        (
            lambda: jax.vmap(traced)(jnp.array([0.9, 0.5])),
            r"takes gamma, epsilon and learning_rate as",
        ),
        (lambda: losses.huber(1.0, 2.0, delta=1e-50), "larger than 0 as a 32-bit float"),
        (lambda: CONFIG._replace(target_tau=1e-50).check(), "target_tau must be above 0"),
        (lambda: CONFIG._replace(evaluate_every=0).check(), "fix for no evaluations: None"),
        (lambda: evaluate(None, Outside(), 1), "a policy must be a function"),
        (lambda: evaluate(PARAMS, Outside(), 1), r"network=dqn\.network_for\(config, "),
        (
            lambda: evaluate(lambda state: 0, Outside, 1),
            r"the class Outside. Likely fix: Outside\(",
        ),
        (lambda: train(Outside), "it is the class Outside"),
        (lambda: train(Outside(), eval_env=Outside), "it is the class Outside"),
        (lambda: envs.sizes(Outside), "it is the class Outside"),
        (lambda: evaluate(lambda s: 0, gym.make_vec("CartPole-v1", 2), 1), "must be one environ"),
        (lambda: envs.make(render_mode=True), "render_mode must be None or a text"),
        (lambda: envs.make(render_mode="rgb"), "one of human, rgb_array, but it is 'rgb'"),
        (lambda: train(Outside(), checkpoint=True), "checkpoint must be a file's path"),
        (lambda: loop.train(Outside(), CONFIG, progress="no"), "progress must be True or False"),
        (lambda: figures.png(figures.axes()), r"figure, ax = figures\.axes\(\)"),
        (lambda: figures.show(figures.axes()[1], "A figure."), "must be a Matplotlib figure"),
        (lambda: figures.q_map(*figures.axes(), PARAMS), "q_function must be a function"),
        (lambda: film.record(PARAMS, envs.make(render_mode="rgb_array")), "policy must be a func"),
        (lambda: panels.panel(None, "A picture."), "draw must be a function"),
        (lambda: panels.panel(bytes, None), "alt must say in a sentence"),
        (lambda: TrainingPanel(None, "A picture."), "draw must be a function"),
        (
            lambda: TrainingPanel(lambda result: b"", "A picture."),
            r"function of \(result, before\)",
        ),
        (lambda: panels.slider(5, 1, 0, 2, 1), "label must be a text"),
        (lambda: evaluate(LEARNER, Outside(), 1, network=NETWORK), r"Likely fix: its `\.params`"),
        (lambda: ReplayMemory(2).experience(ONE._asdict()), r"Likely fix: Transition\(\*\*it\)"),
        (lambda: TrainingPanel(lambda *_: b"", ""), "alt must say in a sentence"),
        (lambda: source.show_source(dqn), "thing must be a function or a class"),
    ],
)
def test_what_passed_or_failed_late_is_refused_at_once(call, words):
    with pytest.raises((TypeError, ValueError), match=words):
        call()


def test_a_population_of_two_is_no_pair_of_curves():
    steps, returns = np.array([[1, 2, 3]] * 2), np.array([[5.0, 6.0, 7.0]] * 2)
    with pytest.raises(TypeError, match=r"list\(zip\(agents.evaluation_steps"):
        figures.learning_curves(figures.axes()[1], (steps, returns), "two")
    _, ax = figures.axes()
    figures.learning_curves(ax, zip(steps, returns, strict=True), "two")
    assert ax.get_legend_handles_labels()[1] == ["two (median of 2)"]


def test_a_film_may_be_made_of_a_generator():
    frames = [np.full((4, 6, 3), shade, np.uint8) for shade in (0, 255)]
    assert film.animation(iter(frames)) == film.animation(frames)


def test_differences_of_small_whole_numbers_do_not_wrap_around():
    figure, ax = figures.axes()
    figures.q_map(figure, ax, lambda states: np.tile(np.array([1, 0], np.uint8), (len(states), 1)))
    assert ax.collections[0].get_array().max() == -1


def test_a_slider_of_numpys_whole_numbers_is_one_of_whole_numbers():
    whole = panels.slider("n", *map(np.int64, (3, 1, 9, 1)))
    assert type(whole.value) is int
    assert panels.slider("x", *map(np.float32, (0.5, 0, 1, 0.25))).readout_format == ".2f"


@pytest.mark.parametrize("answer", [0, 1, "yes", np.ones(2)])
def test_what_on_episode_returns_by_accident_is_said_and_not_taken_for_a_stop(answer):
    with pytest.raises(
        TypeError, match="what on_episode returns, if not None, must be True or False"
    ) as caught:
        train(Outside(), eval_env=Outside(), on_episode=lambda result: answer)
    assert len(caught.value.result.episode_steps) == 1


@pytest.mark.parametrize("answer", [None, False, np.False_])
def test_an_on_episode_that_does_not_ask_for_it_stops_nothing(answer):
    assert train(Outside(), eval_env=Outside(), on_episode=lambda result: answer).finished


ODD_OBSERVATIONS = [None, {"x": 1.0}, "far", [None, 1.0, 2.0], np.array(["a"]), 1j]


@pytest.mark.parametrize("seen", [[NAN] * 3, jnp.full(3, NAN, jnp.bfloat16), *ODD_OBSERVATIONS])
def test_what_is_no_observation_for_a_network_is_refused(seen):
    words = r"env\.reset must return (a finite observation|an observation of numbers)"
    env = Outside(reset=lambda state: (seen, {}))
    with pytest.raises((TypeError, ValueError), match=words):
        evaluate(PARAMS, env, 1, network=NETWORK)
    with pytest.raises((TypeError, ValueError), match=words):
        train(env, eval_env=Outside())


@pytest.mark.parametrize("seen", [*ODD_OBSERVATIONS, (1, 2), 7])
def test_a_function_may_be_shown_any_observation(seen):
    shown = []

    def policy(observation):
        shown.append(observation)
        return 0

    assert evaluate(policy, Outside(reset=lambda state: (seen, {})), 1).tolist() == [10.0]
    assert shown[0] is seen


def test_an_environment_that_takes_no_seed_hears_what_to_write():
    class Older(Outside):
        def reset(self):
            return super().reset()

    with pytest.raises(TypeError, match=r"def reset\(self, \*, seed=None, options=None\)"):
        evaluate(lambda state: 0, Older(), 1)


def test_zeros_and_ones_of_any_type_are_flags():
    env = Outside(step=lambda s, r, f, t, i: (s, r, float(f), float(t), i))
    assert evaluate(lambda state: 0, env, 1).tolist() == [10.0]
    memory = ReplayMemory(3)
    memory.experience(ONE._replace(is_terminal=1.0))
    assert memory.sample_batch(1).is_terminal.tolist() == [True]


def test_the_wrapper_that_we_recommend_can_be_trained_in():
    env = gym.wrappers.FlattenObservation(gym.make("FrozenLake-v1"))
    config = CONFIG._replace(observation_scale=None, evaluate_every=30)
    assert train(env, config).finished


def test_the_same_device_twice_is_refused():
    with pytest.raises(ValueError, match="devices must be different ones"):
        ondevice.spread(ondevice.make_train(SCAN), [jax.devices()[0]] * 2)


def test_a_network_takes_lists_and_whole_numbers():
    as_list = NETWORK.apply(PARAMS, [1, 2, 3])
    assert bits(as_list) == bits(NETWORK.apply(PARAMS, jnp.array([1.0, 2.0, 3.0])))


@pytest.mark.parametrize("wrap", [jax.jit, jax.vmap])
def test_what_is_known_while_jax_traces_is_looked_at_and_taken(wrap):
    keys, state = jax.random.split(jax.random.key(0), 2), jnp.zeros(4)
    reset = wrap(lambda key: cartpole.auto_reset(key, state, jnp.bool_(True), 3)[1])
    assert np.all(reset(keys if wrap is jax.vmap else keys[0]) == 0)
    assert jax.jit(lambda: cartpole.step(state, jnp.int32(1))[1])() == 1.0


def test_a_copy_that_would_draw_the_other_one_is_refused():
    drawn = gym.wrappers.AddRenderObservation(envs.make(render_mode="rgb_array"), render_only=True)
    with pytest.raises(ValueError, match="was set to a function"):
        envs.like(gym.wrappers.FlattenObservation(drawn))


def test_a_table_may_be_the_policy():
    table = dict.fromkeys(range(16), 1)
    assert evaluate(lambda state: table[state], gym.make("FrozenLake-v1"), 2).shape == (2,)


def test_a_spec_makes_the_environment_too():
    assert envs.sizes(envs.make(gym.spec("CartPole-v1"))) == (4, 2)


@pytest.mark.parametrize("mode", ["human_list", "ansi"])
def test_a_mode_in_which_nothing_is_drawn_is_refused(mode):
    with pytest.raises(ValueError, match="render_mode must be None or one of human, rgb_array"):
        envs.make(render_mode=mode)


def test_an_environment_may_count_how_many_of_it_there_are():
    env = Outside()
    env.num_envs = 1
    assert evaluate(lambda state: 0, env, 1).tolist() == [10.0]


def test_curves_may_be_rows_of_one_array():
    _, ax = figures.axes()
    run = np.stack([[1, 2, 3], [5.0, 6.0, 7.0]])
    figures.learning_curves(ax, np.stack([run, run]), "two")
    figures.learning_curves(ax, [run], "one")
    assert ax.get_legend_handles_labels()[1] == ["two (median of 2)", "one (one run)"]


@jax.tree_util.register_pytree_node_class
class Pair:
    """Somebody's tree, which does not say when two are equal."""

    def __init__(self, *two):
        self.two = two

    def tree_flatten(self):
        return self.two, None

    @classmethod
    def tree_unflatten(cls, _, two):
        return cls(*two)


def test_parameters_may_be_any_tree():
    params = Pair(jnp.ones(2), jnp.ones(3))
    optimizer = averaged(optax.sgd(0.5))
    changes, _ = optimizer.update(params, optimizer.init(params), params)
    assert bits(changes) == bits(Pair(jnp.full(2, -0.5), jnp.full(3, -0.5)))
    moved = dqn.soft_update(params, jax.tree.map(jnp.zeros_like, params), 0.25)
    assert bits(moved) == bits(Pair(jnp.full(2, 0.25), jnp.full(3, 0.25)))


def evaluated_once(key):
    population = ondevice.spread(ondevice.make_train(SCAN), jax.devices()[:1])
    return jax.jit(population)(jax.random.split(key, 2))


def stepped(learner=LEARNER, optimizer=ADAM, **options):
    return dqn.make_train_step(NETWORK, optimizer, **options)(learner, BATCH)


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: stepped(optimizer=optax.sgd(1e-3)), "made for this optimizer, but its opt_state"),
        (lambda: stepped(optimizer=averaged(ADAM)), "made for this optimizer, but its opt_state"),
        (lambda: stepped(LEARNER._replace(opt_state=None)), "made for this optimizer"),
        (lambda: stepped(follow=lambda params, target_params: None), "what follow returns"),
        (
            lambda: stepped(follow=lambda params, target: next(iter(params.values()))),
            "what follow returns",
        ),
        (lambda: stepped(follow=dqn.soft_update), r"follow .* of \(params, target_params\).*'tau'"),
        (
            lambda: stepped(loss=losses.huber),
            "loss must be a function of .params, target_params, b",
        ),
        (lambda: learned(loss=dqn.td_loss), r"loss must be a function of \(targets, predictions\)"),
        (
            lambda: dqn.check_parts(dqn.Parts(act=policy.greedy), ArrayMemory),
            r"parts\.act must be a function of \(key, q_values, epsilon\)",
        ),
        (
            lambda: train(Outside(), parts=loop.make_parts(CONFIG)._replace(renew=dqn.soft_update)),
            r"parts\.renew must be a function of \(params, target_params\)",
        ),
        (lambda: dqn.soft_update(None, None, 0.5), "params must be a network's parameters"),
        (lambda: dqn.soft_update({"w": "1"}, {"w": "1"}, 0.5), "params must be a network's param"),
        (lambda: dqn.soft_update(*[{"w": np.array("a")}] * 2, 0.5), "params must be a network's"),
        (lambda: dqn.soft_update(*[{"w": jax.random.key(0)}] * 2, 0.5), "params must be a network"),
        (
            lambda: dqn.td_loss(None, PARAMS, BATCH, NETWORK),
            "params must be a network's parameters",
        ),
        (lambda: dqn.td_loss(PARAMS, {}, BATCH, NETWORK), "target_params must be alike"),
        (lambda: greedy_policy(lambda state: 0, NETWORK), "params must be a network's parameters"),
        (
            lambda: train(Outside(), CONFIG._replace(evaluate_every=[1, 2])),
            "evaluate_every must be",
        ),
        (
            lambda: train(Outside(), CONFIG._replace(evaluate_every=np.array([1, 2]))),
            "evaluate_every must be a whole number",
        ),
        (
            lambda: cartpole.auto_reset(jax.random.key(0), STATE, False, 3, 0.5),
            "limit must be a whole number",
        ),
        (
            lambda: cartpole.auto_reset(jax.random.key(0), STATE, False, 3, 0),
            "limit must be at least 1",
        ),
        (
            lambda: jax.jit(lambda double: learned(double=double))(True),
            "double must be True or False that is known",
        ),
        (lambda: evaluated_once(jax.random.key(0)), "keys must be known, but JAX is tracing them"),
    ],
)
def test_what_is_made_for_something_else_is_refused(call, words):
    with pytest.raises((TypeError, ValueError), match=words):
        call()


def test_functions_of_more_arguments_will_do():
    def follow(params, target_params, tau=0.5):
        return dqn.soft_update(params, target_params, tau)

    def loss(*all_of_them, **options):
        return dqn.td_loss(*all_of_them, **options)

    learner, _ = stepped(follow=follow, loss=loss)
    assert bits(learner.params) != bits(LEARNER.params)
    assert bits(learned(loss=jnp.dot)) == bits(learned(loss=lambda a, b: jnp.dot(a, b)))


def test_observations_of_two_dtypes_keep_their_values():
    memory = ReplayMemory(10, seed=0)
    memory.experience(Transition(np.zeros(2, np.float32), np.zeros(2, int), 0, 1.0, False))
    fractions = np.array([0.2, 0.4], np.float32)
    with pytest.raises(ValueError, match="next_state must fit into int64"):
        memory.experience(Transition(fractions, fractions, 0, 1.0, False))
    assert len(memory) == 1


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"action": -1}, "action must count from 0"),
        ({"state": np.full(3, NAN)}, "state must be finite"),
        ({"reward": np.inf}, "reward must be finite"),
        ({"action": 1.5}, "action must be int32"),
    ],
)
def test_outside_of_jit_an_array_memory_looks_at_values(changed, words):
    memory = ArrayMemory.empty(4, Transition(*map(jnp.asarray, ONE)))
    with pytest.raises((TypeError, ValueError), match=words):
        memory.experience(ONE._replace(**changed))
    assert memory.experience(ONE).stored == 1


def test_a_memory_of_several_rewards_a_step_is_not_loaded():
    memory = ReplayMemory(4, seed=0)
    memory.experience(ONE)
    state = memory.state_dict() | {"reward": np.zeros((1, 7), np.float32)}
    fresh = ReplayMemory(4, seed=0)
    with pytest.raises(ValueError, match="reward must be one value, for one step"):
        fresh.load_state_dict(state)
    assert len(fresh) == 0


@pytest.mark.parametrize(
    "array",
    [np.array([{}]), jnp.ones(2, jnp.bfloat16), np.array(["a"], np.dtypes.StringDType())]
    if hasattr(np.dtypes, "StringDType")
    else [np.array([{}]), jnp.ones(2, jnp.bfloat16)],
)
def test_what_cannot_be_read_back_is_not_written(array, tmp_path):
    place = tmp_path / "run.npz"
    checkpoint.save(place, {"a": np.ones(2)}, {})
    with pytest.raises(
        ValueError, match="an array must hold what NumPy can write and read back, but b is"
    ):
        checkpoint.save(place, {"b": array}, {})
    assert checkpoint.load(place)[0]["a"].tolist() == [1.0, 1.0]


@pytest.mark.parametrize("path", ["~nobody-of-this-name/run.npz", "a\0b"])
def test_a_path_that_cannot_be(path):
    with pytest.raises(ValueError, match=r"checkpoint must be a file's path, but .* cannot be one"):
        train(Outside(), checkpoint=path)


def test_an_episode_may_be_as_long_as_its_cap(monkeypatch):
    monkeypatch.setattr(evaluation, "ENDLESS", 20)
    endless = Outside(step=lambda s, r, f, t, i: (s, r, False, t, i))
    assert evaluate(lambda state: 0, endless, 1, max_episode_steps=50).tolist() == [50.0]
    with pytest.raises(ValueError, match="this episode has not ended after 20 steps"):
        evaluate(lambda state: 0, endless, 1)


def test_an_environment_that_is_looked_at_can_be_copied():
    looked_at = envs.Checked(Outside())
    assert copy.copy(looked_at).env is looked_at.env


def test_a_judge_that_draws_does_not_draw_the_start(monkeypatch):
    """Its key is another than that of the episode's start."""
    starts, judges = [], []

    def play(start_key, judge_key, **_):
        jax.debug.callback(starts.append, jax.random.key_data(start_key))
        jax.debug.callback(judges.append, jax.random.key_data(judge_key))
        return jnp.float32(1.0)

    monkeypatch.setattr(ondevice, "_play", play)
    config = SCAN._replace(evaluation_episodes=3)
    jax.block_until_ready(ondevice._evaluate(jax.random.key(3), PARAMS, config, None))
    jax.effects_barrier()
    keys = {tuple(np.asarray(words).tolist()) for words in [*starts, *judges]}
    assert len(starts) == len(judges) == 3 and len(keys) == 6


def test_what_renews_the_target_network_must_give_one():
    odd = {"renew": lambda params, target_params: list(params.values())}
    with pytest.raises(
        ValueError, match=r"what parts\.renew returns and what it got must be alike"
    ):
        train(Outside(), parts=loop.make_parts(CONFIG)._replace(**odd))
    config = SCAN._replace(max_steps=8, warmup_steps=4, batch_size=4)
    with pytest.raises(
        ValueError, match=r"what parts\.renew returns and what it got must be alike"
    ):
        ondevice.run_training(
            jax.random.key(0), config, NUMBERS, ondevice.make_parts(config)._replace(**odd)
        )


def test_a_wrapped_function_is_looked_at_itself():
    @wraps(dqn.soft_update)
    def follow(params, target_params):
        return dqn.soft_update(params, target_params, 0.5)

    @wraps(dqn.keep)
    def of_three(params, target_params, tau):
        return params

    assert bits(stepped(follow=follow)[0].params) != bits(LEARNER.params)
    assert callable(dqn.make_train_step(NETWORK, ADAM, loss=max))  # it does not tell
    with pytest.raises(TypeError, match=r"'tau'.*functools.partial"):
        stepped(follow=of_three)
    with pytest.raises(TypeError, match=r"too many .*Likely fix: lambda params, target_params"):
        stepped(follow=lambda params: params)


def test_an_optimizer_may_look_at_values_first():
    def init(params):
        return float(sum(jnp.sum(leaf) for leaf in jax.tree.leaves(params)))

    ours = optax.GradientTransformation(init, lambda grads, state, params: (grads, state))
    learner = dqn.init(jax.random.key(0), NETWORK, ours, 3)
    assert bits(stepped(learner, ours)[0].params) != bits(learner.params)


@pytest.mark.parametrize(
    ("example", "changed", "words"),
    [
        ({"action": np.int8(0)}, {"action": 300}, "action must fit into int8"),
        ({"state": np.zeros(3, np.uint8)}, {"state": np.full(3, 300, np.uint16)}, "fit into uint8"),
        ({"reward": np.float16(0)}, {"reward": np.float32(1e6)}, "reward must be finite"),
    ],
)
def test_what_an_array_memory_cannot_hold(example, changed, words):
    rows = ONE._replace(**example)
    if "state" in example:
        rows = rows._replace(next_state=rows.state)
    memory = ArrayMemory.empty(4, Transition(*map(jnp.asarray, rows)))
    with pytest.raises(ValueError, match=words):
        memory.experience(rows._replace(**changed))


def test_an_array_memory_takes_half_precision_and_flags():
    half = jnp.ones(3, jnp.bfloat16)
    one = Transition(half, half, jnp.int32(1), jnp.bfloat16(1), jnp.bool_(False))
    memory = ArrayMemory.empty(4, one).experience(one).experience(one._replace(action=True))
    assert memory.fields.state.dtype == jnp.bfloat16 and memory.fields.action[1] == 1


@pytest.mark.parametrize("limit", [500, 5e2, np.int64(500), jnp.int32(500), jnp.float32(500)])
def test_a_limit_of_any_whole_type(limit):
    assert cartpole.auto_reset(jax.random.key(0), STATE, False, 500, limit)[2]


def test_a_network_without_parameters_is_one():
    assert dqn.td_loss({}, {}, BATCH, Net(lambda params, x: x[:, :2])) > 0


class Net(NamedTuple):
    """Somebody's network."""

    apply: Callable


class Larger(Outside):
    """Six numbers, three actions."""

    def __init__(self):
        super().__init__(actions=gym.spaces.Discrete(3))
        self.observation_space = gym.spaces.Box(-1.0, 1.0, (6,), np.float32)


def test_parameters_alone_are_cartpoles():
    with pytest.raises(ValueError, match="this environment has 6 numbers and 3 actions"):
        evaluate(PARAMS, Larger(), 1)


def test_twenty_episodes_are_the_default():
    assert len(evaluate(lambda state: 0, Outside())) == 20
