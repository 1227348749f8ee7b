"""The hyperparameters of a training: their values, and what values make sense. Nothing else."""

from typing import NamedTuple

from rl_jax import validate

__all__ = ["BLOG_POST", "CARTPOLE", "PLAIN", "Config"]


class Config(NamedTuple):
    """All hyperparameters of a training, in `loop` and in `ondevice` alike.

    The values that stand here solve CartPole-v1. `config._replace(gamma=0.9)` is the same with
    another gamma. A config is checked when it is used.

    Boilerplate for: notebooks/07.
    """

    # The network
    hidden: tuple[int, ...] = (64, 64)  # widths of the ReLU layers, each at least 1
    observation_scale: tuple[float, ...] | None = (0.5, 0.5, 5.0, 0.5)  # [O] factors; None: all 1

    # Learning
    optimizer: str = "adam"  # or "sgd"
    learning_rate: float = 5e-3  # at the first update; at least 0
    final_learning_rate: float = 0.0  # along a straight line, after max_steps updates; at least 0
    gamma: float = 0.995  # discount, in [0, 1]
    batch_size: int = 32  # transitions an update, at least 1
    double: bool = False  # Double DQN: the online network chooses the next action
    clipped_double: bool = True  # each next action is worth the smaller of both networks' values
    target_update: str = "soft"  # moved at each update; or "episode": copied at each episode's end
    target_tau: float = 0.05  # how far "soft" moves at an update; above 0, at most 1
    average: bool = True  # judge and keep a running average of the parameters, not the last ones

    # Remembering
    memory_size: int = 50_000  # transitions; at least batch_size
    # Environment steps before the first update; at least batch_size. Nothing is learned if
    # max_steps is smaller.
    warmup_steps: int = 1_000

    # Exploring
    epsilon: float = 1.0  # chance of a random action at the start, in [0, 1]
    final_epsilon: float = 0.2  # reached along a straight line after epsilon_steps, in [0, 1]
    epsilon_steps: int = 3_000  # environment steps, at least 1

    # How long
    max_steps: int = 30_000  # environment steps, at least 1
    max_episode_steps: int | None = None  # a cap of our own, at least 1; it only truncates
    max_episodes: int | None = None  # at least 1; for `loop` only

    # Judging
    evaluate_every: int | None = 1_000  # environment steps between evaluations, at least 1, or None
    evaluation_episodes: int = 20  # at each of them, at least 1
    # For `loop` only: stop at this mean of an evaluation, a finite number. It needs evaluate_every.
    stop_at_return: float | None = None

    def check(self) -> "Config":
        """These values in Python's own numbers and tuples, if each of them makes sense.

        Raises:
            TypeError: if a value is of a kind that cannot be meant, with its name.
            ValueError: if a value is out of its range, with its name and the range.
        """
        config = _in_python(self)
        if config.stop_at_return is not None and config.evaluate_every is None:
            raise ValueError(
                "stop_at_return needs evaluations, but evaluate_every is None: set it to 1000, say."
            )
        return config


CARTPOLE = Config()  # solves CartPole-v1 with its 500 steps, and hardly ever unlearns it

PLAIN = CARTPOLE._replace(  # the same without what keeps it from unlearning
    learning_rate=3e-3,
    clipped_double=False,
    target_tau=0.02,
    average=False,
)

BLOG_POST = Config(  # the blog post's choices, watched by evaluations that the post does not make
    hidden=(300, 100),
    observation_scale=None,
    optimizer="sgd",
    learning_rate=1e-3,
    final_learning_rate=1e-3,
    gamma=0.99,
    batch_size=32,
    clipped_double=False,
    target_update="episode",
    average=False,
    memory_size=100_000,
    warmup_steps=32,
    epsilon=0.3,
    final_epsilon=0.3,
    max_episode_steps=100,  # and 300 such episodes fit into max_steps
    max_episodes=300,
    evaluate_every=2_000,
)


def checked(config: Config) -> Config:
    """`config.check()`, if it is a Config at all.

    Args:
        config: what somebody passed for one.

    Raises:
        TypeError: if it is none; and as `Config.check`.
        ValueError: as `Config.check`.
    """
    if not isinstance(config, Config):
        raise TypeError(
            f"config must be a Config, but it is {validate.short(config)}. Likely fix: "
            "CARTPOLE._replace(gamma=0.99), say."
        )
    return config.check()


_FOR_A_BATCH = "A batch of batch_size is drawn from the memory."


def _in_python(config: Config) -> Config:
    batch_size = validate.count("batch_size", config.batch_size)
    return Config(
        hidden=validate.several("hidden", config.hidden, validate.count),
        observation_scale=_optional(config, "observation_scale", _factors),
        optimizer=validate.choice("optimizer", config.optimizer, ("adam", "sgd")),
        learning_rate=_rate(config, "learning_rate"),
        final_learning_rate=_rate(config, "final_learning_rate"),
        gamma=_chance(config, "gamma"),
        batch_size=batch_size,
        double=validate.flag("double", config.double),
        clipped_double=validate.flag("clipped_double", config.clipped_double),
        target_update=validate.choice("target_update", config.target_update, ("soft", "episode")),
        target_tau=_tau(config),
        average=validate.flag("average", config.average),
        memory_size=_count(config, "memory_size", least=batch_size, why_least=_FOR_A_BATCH),
        warmup_steps=_count(config, "warmup_steps", least=batch_size, why_least=_FOR_A_BATCH),
        epsilon=_chance(config, "epsilon"),
        final_epsilon=_chance(config, "final_epsilon"),
        epsilon_steps=_count(config, "epsilon_steps"),
        max_steps=_count(config, "max_steps"),
        max_episode_steps=_optional(config, "max_episode_steps", validate.count),
        max_episodes=_optional(config, "max_episodes", validate.count),
        evaluate_every=_optional(config, "evaluate_every", _how_often),
        evaluation_episodes=_count(config, "evaluation_episodes"),
        stop_at_return=_optional(config, "stop_at_return", validate.real),
    )


def _factors(name: str, value: object) -> tuple[float, ...]:
    return validate.several(name, value, validate.real)


def _rate(config: Config, name: str) -> float:
    return validate.real(name, getattr(config, name), low=0.0)


def _chance(config: Config, name: str) -> float:
    return validate.real(name, getattr(config, name), low=0.0, high=1.0)


def _tau(config: Config) -> float:
    tau = _chance(config, "target_tau")
    if tau < validate.SMALLEST:
        raise ValueError(
            "target_tau must be above 0 as a 32-bit float, or the target network would never move, "
            f"but it is {tau}. "
            'Likely fix: target_update="episode", which copies it at each episode\'s end.'
        )
    return tau


def _count(config: Config, name: str, least: int = 1, why_least: str = "") -> int:
    return validate.count(name, getattr(config, name), least, why_least)


def _how_often(name: str, value: object) -> int:
    return validate.count(name, value, why_least="Likely fix for no evaluations: None.")


def _optional(config: Config, name: str, check) -> object:
    value = getattr(config, name)
    return None if value is None else check(name, value)
