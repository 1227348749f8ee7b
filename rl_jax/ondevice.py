"""The training of `loop` as one `lax.scan`: environment, memory, acting and learning, all compiled.

A step is the same, but that a batch is drawn with replacement here (`ArrayMemory.sample_batch`).
Evaluations differ, too: here they come at exact steps, each time from new starts;
in `loop` they wait for an episode's end, and always begin from the same starts.
"""

from collections.abc import Callable, Iterable
from functools import lru_cache, partial
from typing import Any, NamedTuple

import haiku as hk
import jax
import jax.numpy as jnp
import numpy as np
from jax.sharding import Mesh, NamedSharding, PartitionSpec

from rl_jax import cartpole, dqn, validate
from rl_jax.config import CARTPOLE, PLAIN, Config, checked
from rl_jax.dqn import Parts, TrainState, make_parts
from rl_jax.evaluation import all_finite
from rl_jax.policy import linear_epsilon
from rl_jax.replay import ArrayMemory, Transition
from rl_jax.typing import JaxTensor, Key, Params

__all__ = [
    "PLAIN",
    "Agent",
    "Config",
    "Hyperparameters",
    "Result",
    "init",
    "make_network",
    "make_parts",
    "make_step",
    "make_train",
    "run_training",
    "spread",
]


class Hyperparameters(NamedTuple):
    """What may change without compiling anew; with [N] in each field, those of a population.

    Taught in: notebooks/07.
    """

    epsilon: JaxTensor | float  # in place of config.final_epsilon, in [0, 1]
    gamma: JaxTensor | float  # in [0, 1]
    learning_rate: JaxTensor | float  # at the first update, at least 0


class Agent(NamedTuple):
    """All that changes from one step to the next: what `lax.scan` carries along.

    Taught in: notebooks/07.
    """

    learner: TrainState
    memory: ArrayMemory
    state: JaxTensor  # [4] observation to act on; `memory.stored` counts the steps so far
    elapsed_steps: JaxTensor  # int32, in the episode so far


class Result(NamedTuple):
    """What a training returns; with a leading [N] in each field, what a population returns.

    Taught in: notebooks/06, with `loop.Result`.
    """

    # The best of the judged ones; without evaluations the last ones, if these are finite, or the
    # first.
    params: Params
    learner: TrainState  # at the end of the training; see `dqn.judged_params`
    evaluation_returns: JaxTensor  # [evaluations] mean greedy return, float32
    evaluation_steps: JaxTensor  # [evaluations] environment steps so far, int32
    diverged: JaxTensor  # bool: the learner is no longer finite; `params` are, always


def make_network(config: Config = CARTPOLE) -> hk.Transformed:
    """`apply(params, states [..., 4])` of it gives Q-values [..., 2]; states are raw.

    Taught in: notebooks/07.
    """
    return dqn.network_for(config)


def init(key: Key, config: Config = CARTPOLE) -> Agent:
    """An agent before its first step: a fresh network, an empty memory, a new episode.

    Raises:
        TypeError: if `key` is not a random key; and as `Config.check`.
        ValueError: if `key` is several keys; and as `Config.check`.

    Taught in: notebooks/07.
    """
    validate.key("key", key)
    learner_key, start_key = jax.random.split(key)
    learner = dqn.init(learner_key, make_network(config), dqn.make_optimizer(config))
    state = cartpole.reset(start_key)
    example = Transition(state, state, jnp.int32(0), jnp.float32(0), jnp.bool_(False))
    memory = ArrayMemory.empty(min(config.memory_size, config.max_steps), example)
    return Agent(learner, memory, state, elapsed_steps=jnp.int32(0))


def make_step(
    config: Config, hyperparameters: Hyperparameters, parts: Parts | None = None
) -> Callable[[Agent, Key], tuple[Agent, JaxTensor]]:
    """The function (agent, key) -> (next agent, is_over): act, remember and learn, once.

    Args:
        config: all that decides shapes and programs.
        hyperparameters: numbers, which may be traced.
        parts: what a step is made of; by default `make_parts(config)`.

    Returns:
        The step, a pure function; is_over is True where the episode ended.

    Raises:
        TypeError: if a value is of a kind that cannot be meant.
        ValueError: if a value that is known is out of its range.

    Reference: Mnih et al. 2013, Algorithm 1. Taught in: notebooks/07.
    """
    _check_hyperparameters(hyperparameters)
    parts = make_parts(config) if parts is None else dqn.check_parts(parts, ArrayMemory)
    network = make_network(config)
    optimizer = dqn.make_optimizer(config, hyperparameters.learning_rate)
    train_step = dqn.make_train_step(
        network, optimizer, hyperparameters.gamma, parts.loss, parts.follow
    )

    def step(agent, key):
        validate.having("agent", agent, Agent._fields, "an Agent", "agent, is_over = step(...).")
        validate.key("key", key)
        act_key, sample_key, reset_key = jax.random.split(key, 3)
        learner, memory, state, elapsed_steps = agent
        epsilon = linear_epsilon(
            memory.stored, config.epsilon, hyperparameters.epsilon, config.epsilon_steps
        )
        action = parts.act(act_key, network.apply(learner.params, state), epsilon)
        action = validate.action("what parts.act returns", action, cartpole.N_ACTIONS)
        next_state, reward, is_terminal = cartpole.step(state, action)
        new_state, elapsed_steps, truncated = cartpole.auto_reset(
            reset_key, next_state, is_terminal, elapsed_steps + 1, _limit(config)
        )
        transition = Transition(state, next_state, action, reward, is_terminal)
        memory = parts.remember(memory, transition, truncated)
        _refuse_no_memory(memory)

        def learn(learner):
            batch = parts.sample(memory, sample_key, config.batch_size)
            return train_step(learner, batch)[0]

        is_warm = memory.stored >= config.warmup_steps
        learner = jax.lax.cond(is_warm, learn, lambda learner: learner, learner)
        is_over = is_terminal | truncated
        learner = _renew_if(is_over, learner, parts.renew)
        return Agent(learner, memory, new_state, elapsed_steps), is_over

    return step


def _refuse_no_memory(memory: Any) -> None:
    fix = "return memory.experience(transition) from it."
    validate.having(
        "what parts.remember returns", memory, ArrayMemory._fields, "an ArrayMemory", fix
    )


def _renew_if(is_over: JaxTensor, learner: TrainState, renew: Callable) -> TrainState:
    """The learner, with a renewed target network if the episode is over."""

    def renewed(params, target_params):
        new = renew(params, target_params)
        validate.same_form("what parts.renew returns", new, "what it got", target_params)
        return new

    target_params = jax.lax.cond(is_over, renewed, dqn.keep, learner.params, learner.target_params)
    return learner._replace(target_params=target_params)


def run_training(
    key: Key,
    config: Config,
    hyperparameters: Hyperparameters,
    parts: Parts | None = None,
) -> Result:
    """A whole training as one pure function: `jit` it, `vmap` it over keys and hyperparameters.

    `make_train` does so. This one is for those who bring parts of their own, traced ones even.

    Args:
        key: a random key, used once.
        config: decides shapes and programs; checked as in `make_train`.
        hyperparameters: numbers, which may be traced.
        parts: what a step is made of; by default `make_parts(config)`.

    Returns:
        The best parameters, and how they came about.

    Raises:
        TypeError: as `make_train`, and if `key` is not a random key.
        ValueError: as `make_train`, and if `key` is several keys, or a hyperparameter that is known
            is out of its range.

    Taught in: notebooks/07.
    """
    validate.key("key", key)
    config = _checked(config)
    _check_hyperparameters(hyperparameters)
    parts = make_parts(config) if parts is None else dqn.check_parts(parts, ArrayMemory)
    init_key, judge_key, train_key = jax.random.split(_repeatable(key), 3)
    agent = init(init_key, config)
    step = make_step(config, hyperparameters, parts)
    if config.evaluate_every is None:
        return _train_unwatched(agent, step, train_key, config)

    def piece(progress, keys):
        """Some steps, and an evaluation."""
        step_keys = jax.random.split(keys.train, config.evaluate_every)
        agent, _ = jax.lax.scan(step, progress.agent, step_keys)
        params = dqn.judged_params(agent.learner)
        mean = _evaluate(keys.judge, params, config, parts.judge)
        is_best = (mean >= progress.best_return) & all_finite(params)
        best = _choose(is_best, params, progress.best)
        best_return = jnp.where(is_best, mean, progress.best_return)
        return Progress(agent, best, best_return), (mean, agent.memory.stored)

    pieces = config.max_steps // config.evaluate_every
    keys = PieceKeys(jax.random.split(train_key, pieces), jax.random.split(judge_key, pieces))
    start = Progress(agent, dqn.judged_params(agent.learner), jnp.float32(0.0))
    progress, (returns, steps) = jax.lax.scan(piece, start, keys)
    learner = progress.agent.learner
    return Result(progress.best, learner, returns, steps, ~all_finite(learner))


def _repeatable(key: Key) -> Key:
    """The key, of JAX's usual generator: others draw other numbers under `vmap` than alone."""
    words = jax.random.key_data(key)[:2]
    return jax.random.wrap_key_data(words, impl="threefry2x32")


class Progress(NamedTuple):
    """What goes on from one evaluation to the next."""

    agent: Agent
    best: Params  # by greedy evaluation so far
    best_return: JaxTensor  # float32


class PieceKeys(NamedTuple):
    """The keys of one piece, up to and including its evaluation."""

    train: Key
    judge: Key


class Training:
    """The function train(key, epsilon=None, gamma=None, learning_rate=None) -> Result.

    Made by `make_train`. It is compiled at its first call, and pure: `vmap` it, or `spread` it.

    Taught in: notebooks/07.
    """

    def __init__(self, config: Config):
        """A training with this config, which is checked."""
        self.config = _checked(config)
        make_network(self.config)  # complains of an observation_scale of another size
        program_config = _without_rates(self.config)
        self._program = _compiled_alone(program_config)
        self._program_inside = _compiled(program_config)  # another program

    def __call__(
        self,
        key: Key,
        epsilon: float | JaxTensor | None = None,
        gamma: float | JaxTensor | None = None,
        learning_rate: float | JaxTensor | None = None,
    ) -> Result:
        """Train one agent.

        Args:
            key: a random key, used once. The same key on the same machine gives the same Result,
                bit for bit.
            epsilon: in place of config.final_epsilon (not of config.epsilon), in [0, 1].
            gamma: discount in [0, 1]; None takes the config's.
            learning_rate: at the first update, at least 0; None takes the config's.

        Returns:
            The parameters and the curves of the training.

        Raises:
            TypeError: if `key` is not a random key, or another argument not a number.
            ValueError: if `key` is several keys, or a number that is known lies outside its range
                or is not finite.
        """
        validate.key("key", key)
        hyperparameters = self.hyperparameters(epsilon, gamma, learning_rate)
        if validate.is_inside_a_program() or validate.is_traced(key, hyperparameters):
            return self._program_inside(key, hyperparameters)
        return self._program(key, hyperparameters)

    def __reduce__(self) -> tuple:
        """A pickle holds the config: another process compiles anew."""
        return make_train, (self.config,)

    def hyperparameters(
        self, epsilon: Any, gamma: Any, learning_rate: Any, shape: tuple = ()
    ) -> Hyperparameters:
        """These, checked, and the config's in the place of None.

        Args:
            epsilon: as in a call, or one for each of a population.
            gamma: likewise.
            learning_rate: likewise.
            shape: (N,) for a population of N.

        Returns:
            The three, each a float32: a number, or an array of this shape.

        Raises:
            TypeError: if one of them is no number.
            ValueError: if one that is known lies outside its range, or its shape is another.
        """
        config = self.config
        chosen = Hyperparameters(
            config.final_epsilon if epsilon is None else epsilon,
            config.gamma if gamma is None else gamma,
            config.learning_rate if learning_rate is None else learning_rate,
        )
        _check_hyperparameters(chosen, shape)
        return Hyperparameters(*map(_float32, chosen))


def make_train(config: Config = CARTPOLE) -> Training:
    """The pure function train(key, epsilon=None, gamma=None, learning_rate=None) -> Result.

    It is jitted, and may be vmapped over keys and hyperparameters. These three are traced, so that
    other values never compile anew.

    Args:
        config: all that decides shapes and programs, and the values in place of None.

    Returns:
        The training.

    Raises:
        TypeError: if a value of the config is of a kind that cannot be meant.
        ValueError: if a value of the config makes no sense, or is one that only `loop` knows.

    Reference: Mnih et al. 2013, Algorithm 1. Taught in: notebooks/07.
    """
    return Training(config)


def spread(train: Training, devices: Iterable[Any] | None = None) -> Callable[..., Result]:
    """`train` for a population: keys [N] in, a Result with a leading [N] out.

    Each device trains its share under `vmap`. With several processes, each calls it with the same
    arguments, and holds its part of the result.

    Args:
        train: from `make_train`.
        devices: by default all, of all processes.

    Returns:
        The function (keys [N], epsilon=None, gamma=None, learning_rate=None) -> Result. The three
        may be numbers, or [N]. It is compiled at its first call, and not to be jitted again.

    Raises:
        TypeError: if `train` is not from `make_train`, or a device is none of JAX's; from the
            function, if keys are not random, or an argument is traced.
        ValueError: if there is no device, or the same one twice; from the function, if N does not
            divide over the devices, or a number lies outside its range.

    Taught in: notebooks/07.
    """
    if not isinstance(train, Training):
        raise TypeError(f"train must be what make_train returned, but it is {train!r}.")
    given = jax.devices() if devices is None else devices
    is_list = isinstance(given, Iterable)
    devices = list(given) if is_list else []
    if not is_list or not all(isinstance(device, jax.Device) for device in devices):
        raise TypeError(
            f"devices must be a list of JAX's, but it is {validate.short(given)}. Likely fix: "
            "None for all of them, or jax.devices()[:1]."
        )
    if not devices:
        raise ValueError("devices must be at least one, but there are none. Likely fix: None.")
    if len(set(devices)) < len(devices):
        raise ValueError(f"devices must be different ones, but they are {validate.short(devices)}.")
    mesh = Mesh(np.array(devices), ("seeds",))
    seeds = PartitionSpec("seeds")
    run = _compiled_population(_without_rates(train.config), mesh)

    def scatter(values):
        """An array that lies on all devices, each of which gets its rows."""
        values = np.asarray(values)
        sharding = NamedSharding(mesh, seeds)
        return jax.make_array_from_callback(values.shape, sharding, lambda index: values[index])

    def population(keys, epsilon=None, gamma=None, learning_rate=None):
        count = _count_keys(keys, mesh.size)
        if validate.is_traced(epsilon, gamma, learning_rate):
            raise TypeError(
                "epsilon, gamma and learning_rate must be known, but JAX is tracing one of them. "
                "Likely fix: an array [N], one value for each key, and no jit, vmap or grad around "
                "what `spread` returned."
            )
        chosen = train.hyperparameters(epsilon, gamma, learning_rate, shape=(count,))
        full = [np.broadcast_to(value, count) for value in chosen]
        # NumPy cannot hold keys, and each device is to get its rows alone: so their words travel.
        impl, key_data = jax.random.key_impl(keys), jax.random.key_data(keys)
        return run(impl, scatter(key_data), Hyperparameters(*map(scatter, full)))

    return population


@lru_cache(maxsize=8)
def _compiled_population(config: Config, mesh: Mesh) -> Callable:
    """(impl, key data [N, ...], hyperparameters [N]) -> Result, compiled once for each config."""
    seeds = PartitionSpec("seeds")

    @partial(jax.jit, static_argnums=0, compiler_options=_compile_quickly())
    def run(impl, key_data, hyperparameters):
        def share(key_data, hyperparameters):
            keys = jax.random.wrap_key_data(key_data, impl=impl)
            return jax.vmap(_compiled(config))(keys, hyperparameters)

        # Without JAX's check of what differs between devices: a learner's first zeros do not, its
        # later values do, and JAX would refuse a `cond` between the two.
        over_devices = jax.shard_map(
            share, mesh=mesh, in_specs=seeds, out_specs=seeds, check_vma=False
        )
        return over_devices(key_data, hyperparameters)

    return run


def _float32(value: Any) -> Any:
    """Of the type that the program was compiled for, and without compiling a conversion."""
    if validate.is_traced(value) or isinstance(value, jax.Array):
        return jnp.asarray(value, jnp.float32)
    return np.asarray(value, np.float32)


def _count_keys(keys: Key, devices: int) -> int:
    """How many keys there are, if they are [N] and N divides over the devices."""
    if validate.is_traced(keys):
        raise TypeError(
            "keys must be known, but JAX is tracing them. Likely fix: no jit or vmap around what "
            "`spread` returned, which is compiled already."
        )
    if not validate.is_key(keys):
        fix = "jax.random.split(jax.random.key(0), 8)"
        if getattr(keys, "dtype", None) == jnp.uint32 and np.ndim(keys) == 2:  # older ones
            fix = "jax.random.wrap_key_data(keys)"
        raise TypeError(
            f"keys must be random keys [N], but they are {validate.short(keys)}. Likely fix: {fix}."
        )
    if keys.ndim != 1:
        raise ValueError(
            f"keys must be [N], one for each agent, but their shape is {keys.shape}. Likely fix: "
            "jax.random.split(key, N), with N a multiple of the devices."
        )
    if len(keys) == 0:
        raise ValueError(
            "keys must be at least one, but there are none. Likely fix: "
            "jax.random.split(jax.random.key(0), 8)."
        )
    if len(keys) % devices:
        raise ValueError(
            f"{len(keys)} keys do not divide over {devices} devices: take a multiple of "
            f"{devices}, or pass fewer devices."
        )
    return len(keys)


def _checked(config: Config) -> Config:
    """The config in Python's own numbers, if a scan can do what it asks for."""
    config = checked(config)
    for name in ("max_episodes", "stop_at_return"):
        if getattr(config, name) is not None:
            raise ValueError(
                f"{name} must be None, but it is {getattr(config, name)}: a scan has a fixed "
                "length, max_steps. Use rl_jax.loop to stop earlier."
            )
    if config.max_steps % (config.evaluate_every or 1):
        raise ValueError(
            "max_steps must be a multiple of evaluate_every, but they are "
            f"{config.max_steps} and {config.evaluate_every}. Likely fix: "
            f"evaluate_every={config.max_steps}, or None."
        )
    return config


def _check_hyperparameters(values: Hyperparameters, shape: tuple = ()) -> None:
    """Refuse what is out of its range; a population's may have its shape. Traced ones pass."""
    if not isinstance(values, Hyperparameters):
        raise TypeError(
            f"hyperparameters must be Hyperparameters, but it is {validate.short(values)}. Likely "
            "fix: Hyperparameters(config.final_epsilon, config.gamma, config.learning_rate)."
        )
    validate.unit_interval("epsilon", values.epsilon, shape)
    validate.unit_interval("gamma", values.gamma, shape)
    validate.not_negative("learning_rate", values.learning_rate, shape)


def _without_rates(config: Config) -> Config:
    """What a program depends on: three of the config's values are its arguments."""
    return config._replace(final_epsilon=0.0, gamma=0.0, learning_rate=0.0)


@lru_cache(maxsize=8)  # each keeps some 20 MB, for every shape that it was called with
def _compiled(config: Config) -> Callable[[Key, Hyperparameters], Result]:
    """The whole training, jitted once for each config."""
    return jax.jit(_whole_training(config))


@lru_cache(maxsize=8)
def _compiled_alone(config: Config) -> Callable[[Key, Hyperparameters], Result]:
    """The same for calls from outside: JAX refuses such options of a program inside another."""
    return jax.jit(_whole_training(config), compiler_options=_compile_quickly())


def _whole_training(config: Config) -> Callable[[Key, Hyperparameters], Result]:
    return lambda key, hyperparameters: run_training(key, config, hyperparameters)


def _compile_quickly() -> dict[str, str | int]:
    """Options that spare a fifth of the time to compile, for the same bits."""
    return validate.compiler_option("xla_backend_optimization_level", 1)


def _train_unwatched(agent: Agent, step: Callable, key: Key, config: Config) -> Result:
    """All steps at once, and the last parameters, or the first ones if the last are not finite."""
    first = dqn.judged_params(agent.learner)
    agent, _ = jax.lax.scan(step, agent, jax.random.split(key, config.max_steps))
    last = dqn.judged_params(agent.learner)
    params = _choose(all_finite(last), last, first)
    no_returns = jnp.zeros(0, jnp.float32)
    no_steps = jnp.zeros(0, jnp.int32)
    diverged = ~all_finite(agent.learner)
    return Result(params, agent.learner, no_returns, no_steps, diverged)


def _evaluate(key: Key, params: Params, config: Config, judge: Callable) -> JaxTensor:
    """Mean return of the config's evaluation: episodes side by side, each from its own start."""
    start_keys, judge_keys = jax.random.split(key, (2, config.evaluation_episodes))
    play = partial(_play, params=params, config=config, judge=judge)
    return jax.vmap(play)(start_keys, judge_keys).mean().astype(jnp.float32)


def _play(
    start_key: Key, judge_key: Key, params: Params, config: Config, judge: Callable
) -> JaxTensor:
    """Steps that one episode lasts: each pays 1 until the pole falls."""
    network = make_network(config)

    def step(carry, number):
        state, is_standing = carry
        q_values = network.apply(params, state)
        action = judge(jax.random.fold_in(judge_key, number), q_values)
        action = validate.action("what parts.judge returns", action, cartpole.N_ACTIONS)
        next_state, _, is_terminal = cartpole.step(state, action)
        return (next_state, is_standing & ~is_terminal), is_standing

    start = (cartpole.reset(start_key), jnp.bool_(True))
    _, stood = jax.lax.scan(step, start, jnp.arange(_limit(config)))
    return stood.sum()


def _limit(config: Config) -> int:
    """Steps after which an episode is cut off."""
    return min(config.max_episode_steps or cartpole.TIME_LIMIT, cartpole.TIME_LIMIT)


def _choose(condition: JaxTensor, yes: Params, no: Params) -> Params:
    return jax.tree.map(lambda a, b: jnp.where(condition, a, b), yes, no)
