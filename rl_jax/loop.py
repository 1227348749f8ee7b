"""The blog post's Python loop: act, store, learn, once a step. Resumable, and watched greedily."""

import contextlib
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
from tqdm.auto import tqdm

from rl_jax import dqn, envs
from rl_jax.dqn import Config
from rl_jax.policy import epsilon_greedy, greedy, linear_epsilon
from rl_jax.replay import ReplayMemory, Transition
from rl_jax.typing import Params

__all__ = [
    "BLOG_POST", "CARTPOLE", "Config", "Diverged", "Result", "evaluate", "greedy_policy", "train",
]  # fmt: skip

# Every step waits for the one before, so handing it to another thread only costs time.
jax.config.update("jax_cpu_enable_async_dispatch", False)

CARTPOLE = Config()  # solves CartPole-v1 with its 500 steps
BLOG_POST = Config(  # the blog post's choices, watched by evaluations that the post does not make
    hidden=(300, 100), observation_scale=None, optimizer="sgd", learning_rate=1e-3,
    final_learning_rate=1e-3, gamma=0.99, epsilon=0.3, final_epsilon=0.3, batch_size=32,
    memory_size=100_000, warmup_steps=32, target_tau=0.0, evaluate_every=2_000, max_episodes=300,
    max_episode_steps=100,  # so that max_steps is never reached
)  # fmt: skip


class Result(NamedTuple):
    """What `train` returns, and hands to `on_episode` while it runs.
    Taught in: notebooks/06."""

    params: Params  # the best ones by greedy evaluation; the last ones where none was made
    state: dqn.TrainState  # at the end of the run
    returns: np.ndarray  # [episodes] training returns, with exploration
    steps: np.ndarray  # [episodes] environment steps when each episode ended
    evaluation_returns: np.ndarray  # [evaluations] mean greedy return
    evaluation_steps: np.ndarray  # [evaluations] environment steps so far
    finished: bool  # False while it runs, or if it was stopped early


class Diverged(FloatingPointError):
    """Parameters became NaN or infinite; `result` is the run up to its last good episode.
    Taught in: notebooks/06."""

    def __init__(self, message: str, result: Result):
        super().__init__(message)
        self.result = result


def train(
    env: Any, config: Config = CARTPOLE, seed: int = 0, *, eval_env: Any = None,
    checkpoint: str | os.PathLike | None = None, checkpoint_every: int = 20,
    on_episode: Callable[[Result], bool | None] | None = None, progress: bool = True
) -> Result:  # fmt: skip
    """Deep Q-Learning with experience replay and a target network.

    The same arguments on the same machine end with the same parameters, bit for bit, also if
    the run was stopped, or killed, and resumed from its checkpoint.
    Args:
        env: a five-tuple environment (`envs.make`) with Discrete actions and vector observations.
        seed: >= 0; decides weights, exploration, sampling, and every episode's start.
        eval_env: where greedy evaluations run; by default a new environment like `env`.
        checkpoint: a file to save to (atomically) and, if it exists, to resume from.
        checkpoint_every: episodes between two saves.
        on_episode: called after each episode; a true answer stops (and saves) the run there.
    Raises: ValueError if the config, the environment or the checkpoint does not fit; Diverged as
        soon as parameters are no longer finite; it carries the Result so far.
    Reference: Mnih et al. 2013, Algorithm 1; Mnih et al. 2015. Taught in: notebooks/06."""
    config = config.check()
    if seed < 0:
        raise ValueError(f"seed must be at least 0, but it is {seed}.")
    sizes = envs.sizes(env)
    network = config.network(*sizes)
    act, learn = _compiled(network, config._replace(**dict.fromkeys(_EXPLORATION + _RATES)))
    if eval_env is None and config.evaluate_every:
        eval_env = _like(env)
    # The "rbg" generator is several times faster on a CPU than the default, at one call a step.
    init_key, act_key = jax.random.split(jax.random.key(seed, impl="rbg"))
    exploration = jnp.array([config.epsilon, config.final_epsilon, config.epsilon_steps])
    rates = jnp.array([config.gamma, config.learning_rate, config.final_learning_rate])
    state = dqn.init(init_key, network, config.make_optimizer(), sizes[0])
    memory = ReplayMemory(config.memory_size, seed=seed)
    run = Result(state.params, state, [], [], [], [], False)  # lists that grow while it runs
    if checkpoint is not None and Path(checkpoint).exists():
        run = _load(checkpoint, run, memory, config, seed)

    def count():
        return _step(run) if config.max_episodes is None else len(run.steps)

    stop, step, total = False, _step(run), config.max_episodes or config.max_steps
    with tqdm(total=total, initial=count(), disable=not progress, bar_format=_BAR) as bar:
        while not (stop or run.finished):
            observation, _ = env.reset(seed=_seed(seed, 0, len(run.steps)))
            state, episode_return, episode_steps, over = run.state, 0.0, 0, False
            while not over:
                action = act(state.params, act_key, step, observation, exploration)
                action = int(np.asarray(action))  # by way of NumPy it takes a third of the time
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
            if not _all_finite(state.params):
                raise Diverged(_NOT_FINITE.format(f"after {step} steps"), _snapshot(run))
            run.returns.append(episode_return)
            run.steps.append(step)
            run = _evaluated(run._replace(state=state), network, eval_env, config, seed)
            if run.finished:  # perhaps early: full all the same, for a red bar means failure
                bar.reset(total=count())
            bar.update(count() - bar.n)
            bar.set_postfix_str(f"return {np.mean(run.returns[-10:]):.0f}", refresh=False)
            stop = on_episode is not None and bool(on_episode(_snapshot(run)))
            due = stop or run.finished or len(run.steps) % checkpoint_every == 0
            if checkpoint is not None and due:
                _save(checkpoint, run, memory, config, seed)
    return _snapshot(run)


def evaluate(
    policy: Params | Callable[[np.ndarray], int], env: Any, episodes: int = 20, seed: int = 0, *,
    network: hk.Transformed | None = None, max_episode_steps: int | None = None
) -> np.ndarray:  # fmt: skip
    """Undiscounted returns [episodes] of whole episodes, without exploring or learning.

    The policy is a function from an observation to an action, or parameters of `network` (by
    default `CARTPOLE.network()`), played greedily; `env` is not the one that is being trained on;
    `seed` >= 0 decides every episode's start; `max_episode_steps` is a cap below env's own.
    Raises: ValueError if the network does not fit; FloatingPointError if parameters are not finite.
    Taught in: notebooks/06."""
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
    """The function observation [O] -> argmax_a Q(observation, a), an int.
    Raises: FloatingPointError if parameters are not finite. Boilerplate for: notebooks/04, 06."""
    if not _all_finite(params):
        raise FloatingPointError(_NOT_FINITE.format("in this policy"))
    act = _greedy_action(network)
    return lambda observation: int(np.asarray(act(params, observation)))


# Compiled functions, cached so that a second run, or a dragged slider, compiles nothing.

_EXPLORATION = "epsilon", "final_epsilon", "epsilon_steps"
_RATES = "gamma", "learning_rate", "final_learning_rate"


@lru_cache
def _greedy_action(network):
    return jax.jit(lambda params, observation: greedy(network.apply(params, observation)))


@lru_cache
def _one_thread() -> dict[str, str]:
    """Options that keep XLA from spreading small networks over threads, where it has them."""
    options = {"xla_cpu_scheduler_type": "CPU_SCHEDULER_TYPE_MEMORY_OPTIMIZED"}
    with contextlib.suppress(Exception):  # another XLA, another name: only speed is lost
        jax.jit(lambda: 0, compiler_options=options)()
        return options
    return {}


@lru_cache
def _compiled(network, config):
    jit = partial(jax.jit, compiler_options=_one_thread())

    @jit
    def act(params, key, step, observation, exploration):
        epsilon = linear_epsilon(step, *exploration)
        key = jax.random.fold_in(key, step)
        return epsilon_greedy(key, network.apply(params, observation), epsilon)

    @jit
    def learn(state, batch, rates):
        traced = config._replace(**dict(zip(_RATES, rates, strict=True)))
        return traced.make_train_step(network)(state, batch)[0]

    return act, learn


_NOT_FINITE = (
    "parameters are no longer finite {}: the learning diverged. argmax of NaN is action 0, so the "
    "agent would push left for ever. Lower the learning rate, and check the loss's reduction."
)


@jax.jit
def _all_finite(params):
    return jnp.all(jnp.array([jnp.all(jnp.isfinite(leaf)) for leaf in jax.tree.leaves(params)]))


# The run: what happens between episodes, and what a checkpoint must hold.

_BAR = "{percentage:3.0f}%|{bar}| {n_fmt}/{total_fmt}{postfix}"


def _step(run: Result) -> int:
    return run.steps[-1] if run.steps else 0


def _snapshot(run: Result) -> Result:
    return Result(run.params, run.state, *map(np.asarray, run[2:6]), run.finished)


def _seed(seed: int, stream: int, episode: int) -> int:
    """One environment seed per episode, so that an episode's start needs no history."""
    return int(np.random.SeedSequence([seed, stream, episode]).generate_state(1)[0])


def _evaluated(run: Result, network, eval_env, config: Config, seed: int) -> Result:
    """Evaluate at the first episode's end after each evaluate_every steps, and at the run's end."""
    every, last = config.evaluate_every, (run.evaluation_steps or [0])[-1]
    done = _step(run) >= config.max_steps or len(run.steps) == config.max_episodes
    if every and (done or _step(run) // every != last // every):
        policy, starts = greedy_policy(run.state.params, network), _seed(seed, 2, 0)
        cap = {"max_episode_steps": config.max_episode_steps}
        returns = evaluate(policy, eval_env, config.evaluation_episodes, starts, **cap)
        run.evaluation_returns.append(float(returns.mean()))
        run.evaluation_steps.append(_step(run))
        solved = config.stop_at_return is not None
        done = done or (solved and run.evaluation_returns[-1] >= config.stop_at_return)
        if run.evaluation_returns[-1] < max(run.evaluation_returns):
            return run._replace(finished=done)
    elif run.evaluation_returns:
        return run._replace(finished=done)
    return run._replace(params=run.state.params, finished=done)


def _like(env: Any) -> Any:
    """A second environment of the same kind, for evaluation."""
    if env.spec is None:
        raise ValueError("this environment has no spec to copy: pass an eval_env of its kind.")
    if isinstance(env, gymnasium.Env):
        return gymnasium.make(env.spec, render_mode=None)
    return envs.make(env.spec.id, backend="gym")


def _save(path, run: Result, memory: ReplayMemory, config: Config, seed: int) -> None:
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


def _load(path, run: Result, memory: ReplayMemory, config: Config, seed: int) -> Result:
    try:
        with open(path, "rb") as file, np.load(file, allow_pickle=False) as archive:
            saved = dict(archive)
        old, logs = json.loads(str(saved["meta"]))
    except Exception as error:
        message = f"{path} is no checkpoint of this package, or damaged: move it away"
        raise ValueError(f"{message} to start anew.") from error
    new = json.loads(json.dumps(config._asdict() | {"seed": seed}))
    changed = [
        f"{name}: {old.get(name)} -> {new[name]}" for name in new if new[name] != old.get(name)
    ]
    if changed:
        message = f"{path} belongs to another run ({', '.join(changed)}): give this run a file"
        raise ValueError(f"{message} of its own, or resume with the old values.")
    leaves, structure = jax.tree.flatten(run[:2])
    arrays = [jnp.asarray(saved[f"leaf{i}"]) for i in range(len(leaves))]
    memory.load_state_dict({k[7:]: v for k, v in saved.items() if k.startswith("memory_")})
    return Result(*jax.tree.unflatten(structure, arrays), *logs)
