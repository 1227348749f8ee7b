"""The loop of `loop` as one `lax.scan`: environment, memory, acting and learning, all compiled."""

from collections.abc import Callable, Sequence
from functools import lru_cache, partial
from typing import Any, NamedTuple

import haiku as hk
import jax
import jax.numpy as jnp
import numpy as np
from jax.sharding import Mesh, NamedSharding, PartitionSpec

from rl_jax import cartpole, dqn
from rl_jax.dqn import Config
from rl_jax.policy import epsilon_greedy, greedy, linear_epsilon
from rl_jax.replay import ArrayMemory, Transition
from rl_jax.typing import JaxTensor, Key, Params, unit_interval

__all__ = [
    "Agent", "Config", "Result", "init", "make_network", "make_step", "make_train", "spread",
]  # fmt: skip


class Agent(NamedTuple):
    """All that changes from one step to the next: what `lax.scan` carries along.
    Taught in: notebooks/07."""

    learner: dqn.TrainState
    memory: ArrayMemory
    state: JaxTensor  # [4] observation to act on; `memory.stored` counts the steps so far
    episode_steps: JaxTensor  # int32, of the episode so far


class Result(NamedTuple):
    """What a training returns; with a leading [N] in each field, what a population returns.
    Taught in: notebooks/07."""

    params: Params  # the best ones by greedy evaluation; the last ones where none was made
    learner: dqn.TrainState  # at the end of the training
    returns: JaxTensor  # [evals] mean greedy return
    steps: JaxTensor  # [evals] environment steps so far


def make_network(config: Config = Config()) -> hk.Transformed:
    """`apply(params, raw states)` of it gives Q-values [..., 2]. Taught in: notebooks/07."""
    return config.network()


def init(key: Key, config: Config = Config()) -> Agent:
    """An agent before its first step: a fresh network, an empty memory, a new episode.
    Taught in: notebooks/07."""
    learner_key, start_key = jax.random.split(key)
    learner = dqn.init(learner_key, make_network(config), config.make_optimizer())
    state, zero = cartpole.reset(start_key), jnp.int32(0)
    example = Transition(state, state, zero, jnp.float32(0), jnp.bool_(False))
    memory = ArrayMemory.empty(min(config.memory_size, config.max_steps), example)
    return Agent(learner, memory, state, zero)


def make_step(
    config: Config, epsilon: JaxTensor, gamma: JaxTensor, learning_rate: JaxTensor
) -> Callable[[Agent, Key], tuple[Agent, JaxTensor]]:
    """The function (agent, key) -> (next agent, is_over): act, remember and learn, once.

    The last three arguments may be traced: the final epsilon and gamma, both in [0, 1], and the
    learning rate > 0 at the start. The config has all else.
    Reference: Mnih et al. 2013, Algorithm 1. Taught in: notebooks/07."""
    network, limit = make_network(config), _limit(config)
    traced = config._replace(gamma=gamma, learning_rate=learning_rate)
    train_step = traced.make_train_step(network)

    def step(agent, key):
        act_key, sample_key, reset_key = jax.random.split(key, 3)
        chance = linear_epsilon(agent.memory.stored, config.epsilon, epsilon, config.epsilon_steps)
        action = epsilon_greedy(act_key, network.apply(agent.learner.params, agent.state), chance)
        next_state, reward, is_terminal = cartpole.step(agent.state, action)
        memory = agent.memory.experience(
            Transition(agent.state, next_state, action, reward, is_terminal)
        )

        def learn(learner):
            return train_step(learner, memory.sample_batch(sample_key, config.batch_size))[0]

        warm = memory.stored >= config.warmup_steps
        learner = jax.lax.cond(warm, learn, lambda learner: learner, agent.learner)
        state, episode_steps, truncated = cartpole.auto_reset(
            reset_key, next_state, is_terminal, agent.episode_steps + 1, limit
        )
        is_over = is_terminal | truncated
        if config.target_tau == 0.0:
            copied = _choose(is_over, learner.params, learner.target_params)
            learner = learner._replace(target_params=copied)
        return Agent(learner, memory, state, episode_steps), is_over

    return step


def make_train(config: Config = Config()) -> Callable[..., Result]:
    """The pure function train(key, epsilon=None, gamma=None, learning_rate=None) -> Result.

    It is jitted, and may be vmapped over keys and hyperparameters. These three are traced, so that
    other values never compile anew; None takes the config's. `epsilon` is the one at the end of the
    config's schedule. The same key on the same machine gives the same Result, bit for bit.
    Raises: ValueError if a value of the config makes no sense, or is one that only `loop` knows;
        and from `train`, if a concrete epsilon or gamma lies outside [0, 1].
    Reference: Mnih et al. 2013, Algorithm 1. Taught in: notebooks/07."""
    config = config.check()
    for name in ("max_episodes", "stop_at_return"):
        if getattr(config, name) is not None:
            why = "a scan has a fixed length, max_steps. Use rl_jax.loop to stop earlier."
            raise ValueError(f"{name} must be None, but it is {getattr(config, name)}: {why}")
    if config.max_steps % (config.evaluate_every or 1):
        values = f"but they are {config.max_steps} and {config.evaluate_every}"
        raise ValueError(f"max_steps must be a multiple of evaluate_every, {values}.")
    scan = _make_scan(config)
    defaults = config.final_epsilon, config.gamma, config.learning_rate

    def train(key, epsilon=None, gamma=None, learning_rate=None):
        unit_interval("epsilon", epsilon)
        unit_interval("gamma", gamma)
        given = zip((epsilon, gamma, learning_rate), defaults, strict=True)
        return scan(key, *(jnp.asarray(d if g is None else g, jnp.float32) for g, d in given))

    train.defaults = defaults
    return train


@lru_cache
def _make_scan(config: Config) -> Callable[..., Result]:
    """The whole training, compiled once for each config: pieces of steps, an evaluation each."""
    network, every = make_network(config), config.evaluate_every or config.max_steps

    def greedy_return(params, key):
        """Steps that one greedy episode lasts: each pays 1 until the pole falls."""

        def step(carry, _):
            state, standing = carry
            next_state, _, is_terminal = cartpole.step(state, greedy(network.apply(params, state)))
            return (next_state, standing & ~is_terminal), standing

        start = (cartpole.reset(key), jnp.bool_(True))
        return jax.lax.scan(step, start, length=_limit(config))[1].sum()

    @jax.jit
    def train(key, epsilon, gamma, learning_rate):
        init_key, evaluation_key, key = jax.random.split(key, 3)
        agent = init(init_key, config)
        one_step = make_step(config, epsilon, gamma, learning_rate)

        def piece(carry, keys):
            agent, best, best_return = carry
            agent, _ = jax.lax.scan(one_step, agent, jax.random.split(keys[0], every))
            params = agent.learner.params
            if not config.evaluate_every:
                return (agent, params, best_return), (jnp.zeros(0), jnp.zeros(0, int))
            starts = jax.random.split(keys[1], config.evaluation_episodes)
            mean = jax.vmap(greedy_return, (None, 0))(params, starts).mean()
            best = _choose(mean >= best_return, params, best)
            return (agent, best, jnp.maximum(mean, best_return)), (mean, agent.memory.stored)

        pieces = config.max_steps // every
        keys = jax.random.split(key, pieces), jax.random.split(evaluation_key, pieces)
        start = (agent, agent.learner.params, jnp.float32(0.0))
        (agent, best, _), curve = jax.lax.scan(piece, start, keys)
        return Result(best, agent.learner, *(values.ravel() for values in curve))

    return train


def spread(train: Callable[..., Result], devices: Sequence[Any] | None = None) -> Callable:
    """`train` for a population: keys [N] in, a Result with a leading [N] out.

    Each of the devices (by default all, of all processes) trains its share under `vmap`.
    Returns: The function (keys [N], epsilon=None, gamma=None, learning_rate=None) -> Result. The
        three may be numbers, or [N]. Every process calls it with the same arguments. It raises
        ValueError if N does not divide over the devices. Taught in: notebooks/07."""
    mesh = Mesh(np.array(jax.devices() if devices is None else devices), ("seeds",))
    seeds = PartitionSpec("seeds")

    @partial(jax.jit, static_argnums=0)
    def run(impl, *shared):
        def share(key_data, *hyperparameters):
            return jax.vmap(train)(jax.random.wrap_key_data(key_data, impl=impl), *hyperparameters)

        specs = {"in_specs": seeds, "out_specs": seeds, "check_vma": False}
        return jax.shard_map(share, mesh=mesh, **specs)(*shared)

    def scatter(values):
        values, sharding = np.asarray(values), NamedSharding(mesh, seeds)
        return jax.make_array_from_callback(values.shape, sharding, lambda index: values[index])

    def population(keys, epsilon=None, gamma=None, learning_rate=None):
        unit_interval("epsilon", epsilon)
        unit_interval("gamma", gamma)
        n = len(keys)
        if n % mesh.size:
            message = f"{n} seeds do not divide over {mesh.size}: take a multiple of {mesh.size}"
            raise ValueError(f"{message}, or pass fewer devices.")
        given = zip((epsilon, gamma, learning_rate), train.defaults, strict=True)
        full = (np.broadcast_to(np.float32(d if g is None else g), n) for g, d in given)
        return run(jax.random.key_impl(keys), *map(scatter, (jax.random.key_data(keys), *full)))

    return population


def _limit(config: Config) -> int:
    return min(config.max_episode_steps or cartpole.TIME_LIMIT, cartpole.TIME_LIMIT)


def _choose(condition: JaxTensor, yes: Params, no: Params) -> Params:
    return jax.tree.map(lambda a, b: jnp.where(condition, a, b), yes, no)
