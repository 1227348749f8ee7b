"""Hyperparameters: what values make sense, and that each is looked at."""

import re

import jax.numpy as jnp
import numpy as np
import pytest

from rl_jax.config import BLOG_POST, CARTPOLE, PLAIN, Config
from rl_jax.replay import ReplayMemory

NAN, INF = float("nan"), float("inf")

FLOATS = (
    "learning_rate",
    "final_learning_rate",
    "gamma",
    "target_tau",
    "epsilon",
    "final_epsilon",
    "stop_at_return",
)
WHOLE = (
    "batch_size",
    "memory_size",
    "warmup_steps",
    "epsilon_steps",
    "max_steps",
    "max_episode_steps",
    "max_episodes",
    "evaluate_every",
    "evaluation_episodes",
)
OTHERS = (
    "hidden",
    "observation_scale",
    "optimizer",
    "double",
    "clipped_double",
    "target_update",
    "average",
)
MAY_BE_NONE = (
    *("observation_scale", "max_episode_steps", "max_episodes", "evaluate_every", "stop_at_return"),
)


def test_every_field_is_named_here():
    assert sorted((*FLOATS, *WHOLE, *OTHERS)) == sorted(Config._fields)


def test_what_was_measured_is_what_one_gets():
    """Pages, README and RESULTS.md have figures of these values: with others, measure anew."""
    measured = {
        "hidden": (64, 64),
        "observation_scale": (0.5, 0.5, 5.0, 0.5),
        "optimizer": "adam",
        "learning_rate": 0.005,
        "final_learning_rate": 0.0,
        "gamma": 0.995,
        "batch_size": 32,
        "double": False,
        "clipped_double": True,
        "target_update": "soft",
        "target_tau": 0.05,
        "average": True,
        "memory_size": 50_000,
        "warmup_steps": 1_000,
        "epsilon": 1.0,
        "final_epsilon": 0.2,
        "epsilon_steps": 3_000,
        "max_steps": 30_000,
        "max_episode_steps": None,
        "max_episodes": None,
        "evaluate_every": 1_000,
        "evaluation_episodes": 20,
        "stop_at_return": None,
    }
    plain = {"learning_rate": 0.003, "target_tau": 0.02, "clipped_double": False, "average": False}
    post = {
        "hidden": (300, 100),
        "observation_scale": None,
        "optimizer": "sgd",
        "learning_rate": 0.001,
        "final_learning_rate": 0.001,
        "gamma": 0.99,
        "clipped_double": False,
        "target_update": "episode",
        "average": False,
        "memory_size": 100_000,
        "warmup_steps": 32,
        "epsilon": 0.3,
        "final_epsilon": 0.3,
        "max_episode_steps": 100,
        "max_episodes": 300,
        "evaluate_every": 2_000,
    }
    assert Config()._asdict() == CARTPOLE._asdict() == measured
    assert PLAIN._asdict() == measured | plain
    assert BLOG_POST._asdict() == measured | post


@pytest.mark.parametrize("config", [CARTPOLE, PLAIN, BLOG_POST])
def test_ours_pass_as_they_are(config):
    assert config.check() == config


@pytest.mark.parametrize("name", Config._fields)
@pytest.mark.parametrize("value", ["a", NAN, -1, -0.5, INF, object(), [[1], [2, 3]], 1j, b"adam"])
def test_no_field_takes_nonsense(name, value):
    if name == "stop_at_return" and value in (-1, -0.5):
        pytest.skip("a return may be negative")
    with pytest.raises((TypeError, ValueError), match=rf"^{name}(\[0\])? must "):
        Config()._replace(**{name: value}).check()


@pytest.mark.parametrize("name", Config._fields)
def test_none_only_where_it_means_something(name):
    config = Config()._replace(**{name: None})
    if name in MAY_BE_NONE:
        assert getattr(config.check(), name) is None
    else:
        with pytest.raises((TypeError, ValueError), match=f"^{name} must "):
            config.check()


@pytest.mark.parametrize("name", WHOLE)
def test_whole_numbers_of_any_type(name):
    base = CARTPOLE._replace(batch_size=10, memory_size=3_000, warmup_steps=3_000)
    for value in (3e3, np.int64(3_000), np.float32(3_000), jnp.int32(3_000)):
        number = getattr(base._replace(**{name: value, "memory_size": 4_000}).check(), name)
        assert type(number) is int and number in (3_000, 4_000)
    for value in (0, 2.5, True, 2**31):
        with pytest.raises((TypeError, ValueError), match=f"^{name} must "):
            base._replace(**{name: value}).check()


@pytest.mark.parametrize("name", FLOATS)
def test_real_numbers_of_any_type(name):
    for value in (0.5, np.float32(0.5), jnp.float32(0.5), np.array(0.5)):
        number = getattr(CARTPOLE._replace(**{name: value}).check(), name)
        assert type(number) is float and number == 0.5


def test_sequences_become_tuples():
    config = CARTPOLE._replace(hidden=[3, np.int64(4)], observation_scale=np.array([1.0, 2.0]))
    assert config.check().hidden == (3, 4)
    assert config.check().observation_scale == (1.0, 2.0)
    assert CARTPOLE._replace(hidden=()).check().hidden == ()


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"gamma": 1.5}, "gamma must lie in [0, 1], but it is 1.5."),
        ({"learning_rate": -1}, "learning_rate must lie at or above 0, but it is -1."),
        ({"hidden": 64}, "hidden must be a sequence of numbers, but it is 64. Likely fix: a tuple"),
        ({"hidden": (64, 0)}, "hidden[1] must be at least 1, but it is 0."),
        ({"optimizer": "lion"}, 'optimizer must be "adam" or "sgd", but it is \'lion\'.'),
        ({"target_update": "hard"}, 'target_update must be "soft" or "episode"'),
        ({"target_tau": 0}, 'Likely fix: target_update="episode"'),
        ({"double": "no"}, "double must be True or False, but it is 'no'."),
        ({"clipped_double": "no"}, "clipped_double must be True or False, but it is 'no'."),
        ({"average": None}, "average must be True or False, but it is None."),
        ({"max_steps": -5}, "max_steps must be at least 1, but it is -5."),
        ({"warmup_steps": 31}, "warmup_steps must be at least 32, but it is 31. A batch of"),
        ({"memory_size": 31}, "memory_size must be at least 32, but it is 31. A batch of"),
        ({"stop_at_return": "a"}, "stop_at_return must be a real number, but it is 'a'."),
        ({"stop_at_return": 475, "evaluate_every": None}, "stop_at_return needs evaluations"),
    ],
)
def test_messages_say_what_was_expected_and_what_came(change, message):
    with pytest.raises((TypeError, ValueError), match=re.escape(message)):
        CARTPOLE._replace(**change).check()


def test_the_blog_posts_numbers():
    assert BLOG_POST.hidden == (300, 100)
    assert BLOG_POST.observation_scale is None
    assert BLOG_POST.learning_rate == BLOG_POST.final_learning_rate == 1e-3
    assert BLOG_POST.epsilon == BLOG_POST.final_epsilon == 0.3
    assert (BLOG_POST.gamma, BLOG_POST.batch_size, BLOG_POST.warmup_steps) == (0.99, 32, 32)
    assert (BLOG_POST.max_episodes, BLOG_POST.max_episode_steps) == (300, 100)
    assert BLOG_POST.max_steps >= 300 * 100
    assert (BLOG_POST.optimizer, BLOG_POST.double) == ("sgd", False)
    assert BLOG_POST.target_update == "episode"
    assert BLOG_POST.memory_size == ReplayMemory().capacity
