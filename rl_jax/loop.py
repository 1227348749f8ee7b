"""The blog post's Python loop: act, store, learn, once a step. Resumable, and watched greedily."""

import json
import os
from collections.abc import Callable
from functools import lru_cache, partial
from pathlib import Path
from typing import Any, NamedTuple

import gymnasium
import haiku as hk
import jax
import jax.numpy as jnp
import numpy as np
import optax
from tqdm.auto import tqdm

from rl_jax import dqn, envs
from rl_jax.policy import epsilon_greedy, greedy, linear_epsilon
from rl_jax.replay import ReplayMemory, Transition
from rl_jax.typing import Params, unit_interval

__all__ = [
    "BLOG_POST",
    "CARTPOLE",
    "Config",
    "Diverged",
    "Result",
    "evaluate",
    "greedy_policy",
    "train",
]

# Every step here waits for the one before, so handing it to another thread only costs time.
# (This has an effect if JAX has not computed anything yet.)
jax.config.update("jax_cpu_enable_async_dispatch", False)


class Config(NamedTuple):
    """Hyperparameters of `train`; see the constants `CARTPOLE` and `BLOG_POST`.

    Taught in: notebooks/06.
    """

    hidden: tuple[int, ...] = (64, 64)
    observation_scale: tuple[float, ...] | None = (1.0, 0.5, 5.0, 0.5)  # [O] factors
    optimizer: str = "adam"  # or "sgd"
    learning_rate: float = 2e-3
    final_learning_rate: float = 0.0  # reached along a straight line after max_steps updates
    gamma: float = 0.99
    epsilon: float = 1.0
    final_epsilon: float = 0.05  # reached along a straight line after epsilon_steps
    epsilon_steps: int = 5_000
    batch_size: int = 64
    memory_size: int = 50_000
    warmup_steps: int = 1_000  # environment steps before the first update
    double: bool = True  # Double DQN
    target_tau: float = 0.02  # soft target updates; 0: copy at each episode's end
    max_steps: int = 50_000  # environment steps
    max_episodes: int | None = None
    max_episode_steps: int | None = None  # a cap of our own: it truncates, it does not terminate
    evaluate_every: int | None = 1_000  # steps between greedy evaluations; None: never
    evaluation_episodes: int = 20
    stop_at_return: float | None = None  # stop once a greedy evaluation's mean reaches this

    def network(self, observation_size: int = 4, n_actions: int = 2) -> hk.Transformed:
        """The network to train: the same object for the same sizes, so nothing compiles twice."""
        return _network(observation_size, n_actions, tuple(self.hidden), self.observation_scale)


CARTPOLE = Config()
"""Solves CartPole-v1 with its 500 steps."""

BLOG_POST = Config(
    hidden=(300, 100),
    observation_scale=None,
    optimizer="sgd",
    learning_rate=1e-3,
    final_learning_rate=1e-3,
    epsilon=0.3,
    final_epsilon=0.3,
    batch_size=32,
    memory_size=100_000,
    warmup_steps=32,
    double=False,
    target_tau=0.0,
    max_episodes=300,  # of at most 100 steps: max_steps is never reached
    max_episode_steps=100,
    evaluate_every=2_000,
)
"""The blog post's choices, watched by greedy evaluations that the post does not make."""


class Result(NamedTuple):
    """What `train` returns, and hands to `on_episode` while it runs.

    Taught in: notebooks/06.
    """

    params: Params  # the best ones by greedy evaluation; the last ones where none was made
    state: dqn.TrainState  # at the end of the run
    returns: np.ndarray  # [episodes] training returns, with exploration
    steps: np.ndarray  # [episodes] environment steps when each episode ended
    evaluation_returns: np.ndarray  # [evaluations] mean greedy return
    evaluation_steps: np.ndarray  # [evaluations] environment steps so far
    finished: bool  # False while it runs, or if it was stopped early


class Diverged(FloatingPointError):
    """Parameters became NaN or infinite; `result` is the run up to its last good episode.

    Taught in: notebooks/06.
    """

    result: Result | None = None  # None outside of `train`


def train(
    env: Any,
    config: Config = CARTPOLE,
    seed: int = 0,
    *,
    eval_env: Any = None,
    checkpoint: str | os.PathLike | None = None,
    checkpoint_every: int = 20,
    on_episode: Callable[[Result], bool | None] | None = None,
    progress: bool = True,
) -> Result:
    """Deep Q-Learning with experience replay and a target network.

    The same arguments on the same machine end with the same parameters, bit for bit, also if
    the run was stopped, or killed, and resumed from its checkpoint.

    Args:
        env: a five-tuple environment (`envs.make`) with Discrete actions and vector observations.
        config: hyperparameters.
        seed: >= 0; decides weights, exploration, sampling, and every episode's start.
        eval_env: where greedy evaluations run; by default a new environment like `env`.
        checkpoint: a file to save to (atomically) and, if it exists, to resume from.
        checkpoint_every: episodes between two saves.
        on_episode: called after each episode; a true answer stops (and saves) the run there.
        progress: show a progress bar.

    Raises:
        ValueError: if the config, the environment or the checkpoint does not fit.
        Diverged: as soon as parameters are no longer finite; it carries the Result so far.

    Reference: Mnih et al. 2013, Algorithm 1; Mnih et al. 2015. Taught in: notebooks/06.
    """
    _check(config, seed)
    sizes = envs.sizes(env)
    network, act, learn = _compiled(
        config.network(*sizes), config.optimizer, config.double, config.target_tau, config.max_steps
    )
    if eval_env is None and config.evaluate_every:
        eval_env = _like(env)
    # The "rbg" generator is several times faster on a CPU than the default, at one call a step.
    init_key, act_key = jax.random.split(jax.random.key(seed, impl="rbg"))
    exploration = jnp.array([config.epsilon, config.final_epsilon, config.epsilon_steps])
    rates = jnp.array([config.gamma, config.learning_rate, config.final_learning_rate])
    state = dqn.init(init_key, network, _optimizer(config.optimizer), sizes[0])
    memory = ReplayMemory(config.memory_size, seed=seed)
    run = _Run(state, state.params, [], [], [], [])
    if checkpoint is not None and Path(checkpoint).exists():
        run = _load(checkpoint, run, memory, config, seed)

    def result(finished):
        best = run.best_params if run.evaluation_returns else run.state.params
        return Result(best, run.state, *map(np.asarray, run[2:]), finished)

    def count():
        return run.step if config.max_episodes is None else len(run.steps)

    stop, step, total = False, run.step, config.max_episodes or config.max_steps
    with tqdm(total=total, initial=count(), disable=not progress, bar_format=_BAR) as bar:
        while not (stop or _finished(run, config)):
            observation, _ = env.reset(seed=_seed(seed, 0, len(run.steps)))
            state, episode_return, episode_steps, over = run.state, 0.0, 0, False
            while not over:
                action = _int(act(state.params, act_key, step, observation, exploration))
                next_observation, reward, terminated, truncated, _ = env.step(action)
                # Only `terminated` ends the future; a truncated episode was merely interrupted.
                memory.experience(
                    Transition(observation, next_observation, action, reward, terminated)
                )
                observation = next_observation
                episode_return += reward
                step, episode_steps = step + 1, episode_steps + 1
                if step >= config.warmup_steps:
                    state = learn(state, memory.sample_batch(config.batch_size), rates)
                capped = episode_steps == config.max_episode_steps or step == config.max_steps
                over = terminated or truncated or capped
            if config.target_tau == 0.0:
                state = state._replace(target_params=state.params)
            try:
                _require_finite(state.params, f"after {step} steps")
            except Diverged as error:
                error.result = result(False)
                raise
            run.returns.append(episode_return)
            run.steps.append(step)
            run = run._replace(state=state)
            run = _evaluated(run, network, eval_env, config, seed)
            bar.update(count() - bar.n)
            bar.set_postfix_str(f"return {np.mean(run.returns[-10:]):.0f}", refresh=False)
            stop = on_episode is not None and bool(on_episode(result(False)))
            due = stop or _finished(run, config) or len(run.steps) % checkpoint_every == 0
            if checkpoint is not None and due:
                _save(checkpoint, run, memory, config, seed)
    return result(_finished(run, config))


def evaluate(
    policy: Params | Callable[[np.ndarray], int],
    env: Any,
    episodes: int = 20,
    seed: int = 0,
    *,
    network: hk.Transformed | None = None,
    max_episode_steps: int | None = None,
) -> np.ndarray:
    """Undiscounted returns [episodes] of whole episodes, without exploring or learning.

    Args:
        policy: parameters, played greedily, or a function from an observation to an action.
        env: an environment other than the one that is being trained on.
        episodes: how many, at least 1.
        seed: >= 0; decides every episode's start.
        network: whose parameters these are; by default `CARTPOLE.network()`.
        max_episode_steps: a cap below the environment's own, or None.

    Raises:
        ValueError: if there are no episodes, or if the network does not fit the environment.
        Diverged: if parameters are not finite.

    Taught in: notebooks/06.
    """
    if episodes < 1:
        raise ValueError(f"episodes must be at least 1, but it is {episodes}.")
    if not callable(policy):
        policy = greedy_policy(policy, network or CARTPOLE.network(*envs.sizes(env)))
    returns = np.zeros(episodes)
    for episode in range(episodes):
        observation, _ = env.reset(seed=_seed(seed, 1, episode))
        steps, over = 0, False
        while not over:
            observation, reward, terminated, truncated, _ = env.step(policy(observation))
            returns[episode] += reward
            steps += 1
            over = terminated or truncated or steps == max_episode_steps
    return returns


def greedy_policy(params: Params, network: hk.Transformed) -> Callable[[np.ndarray], int]:
    """The function observation [O] -> argmax_a Q(observation, a), as a Python int.

    Raises:
        Diverged: if parameters are not finite.

    Boilerplate for: notebooks/04, 06.
    """
    _require_finite(params, "in this policy")
    act = _greedy_action(network)
    return lambda observation: _int(act(params, observation))


# Compiled functions, cached so that a second run, or a dragged slider, compiles nothing.


@lru_cache
def _network(observation_size, n_actions, hidden, observation_scale) -> hk.Transformed:
    return dqn.make_network(observation_size, n_actions, hidden, observation_scale)


def _int(action) -> int:
    return int(np.asarray(action))  # by way of NumPy it takes a third of the time


@lru_cache
def _greedy_action(network):
    return jax.jit(lambda params, observation: greedy(network.apply(params, observation)))


@lru_cache
def _one_thread() -> dict[str, str]:
    """Compiler options that keep XLA from spreading small networks over threads, if it can."""
    options = {"xla_cpu_scheduler_type": "CPU_SCHEDULER_TYPE_MEMORY_OPTIMIZED"}
    try:
        jax.jit(lambda: 0, compiler_options=options)()
    except Exception:  # another version of XLA, another name: only speed is lost
        return {}
    return options


@lru_cache
def _compiled(network, optimizer, double, target_tau, max_steps):
    jit = partial(jax.jit, compiler_options=_one_thread())

    @jit
    def act(params, key, step, observation, exploration):
        epsilon = linear_epsilon(step, *exploration)
        key = jax.random.fold_in(key, step)
        return epsilon_greedy(key, network.apply(params, observation), epsilon)

    @jit
    def learn(state, batch, rates):
        gamma, *learning_rates = rates
        update = _optimizer(optimizer, *learning_rates, max_steps)
        step = dqn.make_train_step(network, update, gamma, double=double, target_tau=target_tau)
        return step(state, batch)[0]

    return network, act, learn


def _optimizer(name, learning_rate=0.0, final_learning_rate=0.0, steps=1):
    make = {"adam": optax.adam, "sgd": optax.sgd}[name]
    return make(optax.linear_schedule(learning_rate, final_learning_rate, steps))


@jax.jit
def _all_finite(params):
    return jnp.all(jnp.array([jnp.all(jnp.isfinite(leaf)) for leaf in jax.tree.leaves(params)]))


def _require_finite(params: Params, when: str) -> None:
    if not _all_finite(params):
        raise Diverged(
            f"parameters are no longer finite {when}: the learning diverged. argmax of NaN is "
            "action 0, so the agent would push left for ever. Lower the learning rate, and "
            "check the loss's reduction."
        )


# The run: what happens between episodes, and what a checkpoint must hold.

_BAR = "{percentage:3.0f}%|{bar}| {n_fmt}/{total_fmt} {postfix}"


class _Run(NamedTuple):
    state: dqn.TrainState
    best_params: Params
    returns: list[float]
    steps: list[int]
    evaluation_returns: list[float]
    evaluation_steps: list[int]

    @property
    def step(self) -> int:
        return self.steps[-1] if self.steps else 0


def _seed(seed: int, stream: int, episode: int) -> int:
    """One environment seed per episode, so that an episode's start needs no history."""
    return int(np.random.SeedSequence([seed, stream, episode]).generate_state(1)[0])


def _finished(run: _Run, config: Config) -> bool:
    solved = config.stop_at_return is not None and run.evaluation_returns
    return (
        run.step >= config.max_steps
        or len(run.steps) == config.max_episodes
        or bool(solved and run.evaluation_returns[-1] >= config.stop_at_return)
    )


def _evaluated(run: _Run, network, eval_env, config: Config, seed: int) -> _Run:
    """Evaluate at the first episode's end after each evaluate_every steps, and at the run's end."""
    every, last = config.evaluate_every, (run.evaluation_steps or [0])[-1]
    if not every or (run.step // every == last // every and not _finished(run, config)):
        return run
    policy, starts = greedy_policy(run.state.params, network), _seed(seed, 2, 0)
    options = {
        "episodes": config.evaluation_episodes,
        "max_episode_steps": config.max_episode_steps,
    }
    mean = float(evaluate(policy, eval_env, seed=starts, **options).mean())
    if mean >= max(run.evaluation_returns, default=-np.inf):
        run = run._replace(best_params=run.state.params)
    run.evaluation_returns.append(mean)
    run.evaluation_steps.append(run.step)
    return run


def _like(env: Any) -> Any:
    """A second environment of the same kind, for evaluation."""
    if env.spec is None:
        raise ValueError("this environment has no spec to copy: pass an eval_env of its kind.")
    if isinstance(env, gymnasium.Env):
        return gymnasium.make(env.spec, render_mode=None)
    return envs.make(env.spec.id, backend="gym")


def _check(config: Config, seed: int) -> None:
    for name in ("gamma", "epsilon", "final_epsilon", "target_tau"):
        unit_interval(name, getattr(config, name))
    if config.optimizer not in ("adam", "sgd"):
        raise ValueError(f'optimizer must be "adam" or "sgd", but it is {config.optimizer!r}.')
    counts = ("batch_size", "max_steps", "epsilon_steps", "evaluation_episodes")
    buffers = ("warmup_steps", "memory_size")
    least = dict.fromkeys(counts, 1) | dict.fromkeys(buffers, config.batch_size)
    for name, minimum in least.items():
        if getattr(config, name) < minimum:
            raise ValueError(
                f"{name} must be at least {minimum}, but it is {getattr(config, name)} "
                f"(a batch of batch_size={config.batch_size} is drawn without replacement)."
            )
    if seed < 0:
        raise ValueError(f"seed must be at least 0, but it is {seed}.")


def _save(path, run: _Run, memory: ReplayMemory, config: Config, seed: int) -> None:
    """Write the whole file beside the old one, then swap them: a crash leaves the old one."""
    arrays = {f"leaf{i}": leaf for i, leaf in enumerate(jax.tree.leaves(run[:2]))}
    arrays |= {f"memory_{name}": value for name, value in memory.state_dict().items()}
    arrays["meta"] = np.array(json.dumps([config._asdict() | {"seed": seed}, run[2:]]))
    temporary = Path(f"{path}.tmp")
    with open(temporary, "wb") as file:
        np.savez(file, **arrays)
        file.flush()
        os.fsync(file.fileno())
    os.replace(temporary, path)


def _load(path, run: _Run, memory: ReplayMemory, config: Config, seed: int) -> _Run:
    try:
        with open(path, "rb") as file, np.load(file, allow_pickle=False) as archive:
            saved = dict(archive)
        old, logs = json.loads(str(saved["meta"]))
    except Exception as error:
        raise ValueError(
            f"{path} is not a checkpoint of this package, or it is damaged: move it away to start "
            "anew."
        ) from error
    new = json.loads(json.dumps(config._asdict() | {"seed": seed}))
    changed = [
        f"{name}: {old.get(name)} -> {new[name]}" for name in new if new[name] != old.get(name)
    ]
    if changed:
        raise ValueError(
            f"{path} belongs to another run ({', '.join(changed)}): give this run a file of its "
            "own, or resume with the old values."
        )
    leaves, structure = jax.tree.flatten(run[:2])
    arrays = [jnp.asarray(saved[f"leaf{i}"]) for i in range(len(leaves))]
    memory.load_state_dict({k[7:]: v for k, v in saved.items() if k.startswith("memory_")})
    return _Run(*jax.tree.unflatten(structure, arrays), *logs)
