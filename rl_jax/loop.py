"""The blog post's Python loop: act, store, learn, once a step. Resumable, and watched greedily.

Importing this module sets JAX's flag `jax_cpu_enable_async_dispatch` to False. Every step of the
loop waits for the one before, so handing a program of some microseconds to another thread would
only cost time; and JAX reads the flag once, when it first computes, so later is too late. Programs
compute the same with it. On GPUs it changes nothing.
"""

import contextlib
import itertools
import json
import math
import os
import types
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import lru_cache, partial
from pathlib import Path
from typing import Any, NamedTuple

import haiku as hk
import jax
import jax.numpy as jnp
import numpy as np
from tqdm.auto import tqdm

from rl_jax import __version__, dqn, envs, validate
from rl_jax import checkpoint as checkpoints
from rl_jax.config import BLOG_POST, CARTPOLE, PLAIN, Config, checked
from rl_jax.dqn import Parts, TrainState
from rl_jax.evaluation import (
    NOT_FINITE,
    all_finite,
    evaluate,
    greedy_policy,
    judging_policy,
)
from rl_jax.policy import linear_epsilon
from rl_jax.replay import ReplayMemory, Transition
from rl_jax.typing import Key, Params

__all__ = [
    "BLOG_POST",
    "CARTPOLE",
    "PLAIN",
    "Config",
    "Diverged",
    "Result",
    "evaluate",
    "greedy_policy",
    "make_parts",
    "play_episode",
    "train",
]

jax.config.update("jax_cpu_enable_async_dispatch", False)


class Result(NamedTuple):
    """What `train` returns, and hands to `on_episode` while it runs.

    Taught in: notebooks/06.
    """

    params: Params  # the best of the judged ones; the last of them without evaluations
    learner: TrainState  # at the end of the run; see `dqn.judged_params`
    episode_returns: np.ndarray  # [episodes] of training episodes, played with the coin
    episode_steps: np.ndarray  # [episodes] environment steps when each of them ended
    evaluation_returns: np.ndarray  # [evaluations] mean greedy return
    evaluation_steps: np.ndarray  # [evaluations] environment steps so far
    finished: bool  # False while it runs, or if `on_episode` or an error stopped it


class Diverged(FloatingPointError):
    """The learner became NaN or infinite; `result` is the run up to its last good episode.

    Taught in: notebooks/06.
    """

    def __init__(self, message: str, result: Result):
        """An error that says `message`, and brings along the run so far."""
        super().__init__(message)
        self.result = result

    def __reduce__(self) -> tuple:
        """How to copy it, and to send it from a process pool."""
        return type(self), (str(self), self.result)


class Setup(NamedTuple):
    """What stays the same during a run: where to train, how, and the programs that do it."""

    env: envs.Checked  # so a reward is a float, a flag a bool
    eval_env: envs.Checked | None
    config: Config
    seed: int
    parts: Parts
    network: hk.Transformed
    act: Callable[[Params, int, np.ndarray], int]  # (params, step, state) -> action
    learn: partial[TrainState]  # (learner, batch) -> learner; its rates are bound


@dataclass
class Run:
    """What changes from one episode to the next."""

    params: Params
    learner: TrainState
    memory: ReplayMemory
    episode_returns: list[float] = field(default_factory=list)
    episode_steps: list[int] = field(default_factory=list)
    evaluation_returns: list[float] = field(default_factory=list)
    evaluation_steps: list[int] = field(default_factory=list)
    finished: bool = False

    @property
    def step(self) -> int:
        """Environment steps so far."""
        return self.episode_steps[-1] if self.episode_steps else 0

    def result(self) -> Result:
        """The run as it stands now."""
        logs = {name: np.asarray(log, LOGS[name]) for name, log in self.logs().items()}
        return Result(params=self.params, learner=self.learner, finished=self.finished, **logs)

    def logs(self) -> dict[str, list]:
        """The curves, by name. Steps come last: without them a return does not count yet.

        Ctrl-C may fall between two appends.
        """
        episodes, evaluations = len(self.episode_steps), len(self.evaluation_steps)
        return {
            "episode_returns": self.episode_returns[:episodes],
            "episode_steps": self.episode_steps[:episodes],
            "evaluation_returns": self.evaluation_returns[:evaluations],
            "evaluation_steps": self.evaluation_steps[:evaluations],
        }


LOGS = {
    "episode_returns": float,
    "episode_steps": int,
    "evaluation_returns": float,
    "evaluation_steps": int,
}


class Episode(NamedTuple):
    """What one episode of training has brought."""

    learner: TrainState
    episode_return: float
    step: int  # environment steps of the run so far


def play_episode(setup: Setup, run: Run) -> Episode:
    """One episode of training: act, remember and learn at every step, until it is over.

    Args:
        setup: where and how to train; `train` makes it, and the run.
        run: where it stands. Its memory is filled; nothing else of it is changed.

    Returns:
        The learner after the episode, the episode's return, and the steps of the run so far.

    Reference: Mnih et al. 2013, Algorithm 1. Taught in: notebooks/06.
    """
    config = setup.config
    parts = setup.parts
    learner = run.learner
    step = run.step
    last_step = _last_step(setup, run)
    state = _start_of_the_next_episode(setup, run)
    episode_return = 0.0
    is_over = False
    while not is_over:
        action = setup.act(learner.params, step, state)
        next_state, reward, terminated, truncated, _ = setup.env.step(action)
        step += 1
        truncated = truncated or step == last_step
        # Only `terminated` ends the future; a truncated episode was merely interrupted.
        transition = Transition(state, next_state, action, reward, terminated)
        parts.remember(run.memory, transition, truncated)
        if step >= config.warmup_steps:
            learner = setup.learn(learner, parts.sample(run.memory, None, config.batch_size))
        state = np.array(next_state)  # a copy: some environments write into the same array again
        episode_return += reward
        is_over = terminated or truncated
    target_params = parts.renew(learner.params, learner.target_params)
    return Episode(learner._replace(target_params=target_params), episode_return, step)


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
    parts: Parts | None = None,
) -> Result:
    """Deep Q-Learning with experience replay and a target network.

    The same arguments on the same machine end with the same parameters, bit for bit, also if
    the run was stopped, or killed, and resumed from its checkpoint. If it is interrupted (Ctrl-C)
    or fails, the run up to its last episode is the exception's attribute `result`.

    Args:
        env: a five-tuple environment (`envs.make`) with Discrete actions and vector observations.
        config: the hyperparameters.
        seed: decides weights, exploration, sampling, and every episode's start; in [0, 2**32).
        eval_env: where greedy evaluations run; by default a second environment like `env`, but for
            NormalizeReward: rewards are judged as they are.
        checkpoint: a file to save to (atomically) and, if it exists, to resume from. Then config,
            seed, the environment's id and sizes and the version of rl_jax must be as before
            (checked), and so must the environment's wrappers, what was set on it, `eval_env` and
            `parts` (not checked). What an environment itself remembers beyond an episode
            (statistics of NormalizeObservation) is not saved.
        checkpoint_every: episodes between two saves, at least 1.
        on_episode: called with the Result so far after each episode. If it returns True, the run
            stops (and is saved) there, and so it does at an exception; False and None go on.
        progress: whether to show a bar.
        parts: what a step is made of, in place of `make_parts(config)`; see there.

    Returns:
        The parameters and the curves of the run.

    Raises:
        Diverged: at the end of the episode in which parameters, or what the optimizer remembers,
            became NaN or infinite; it carries the Result up to the episode before.
        OSError: if the checkpoint cannot be read or written.
        TypeError: if an argument is of a kind that cannot be meant.
        ValueError: if the config, the environment or the checkpoint does not fit, or another run
            has written to the checkpoint in the meantime.

    Reference: Mnih et al. 2013, Algorithm 1; Mnih et al. 2015. Taught in: notebooks/06.
    """
    setup = _prepare(env, eval_env, config, seed, parts)
    saver = _Saver(setup, checkpoint, checkpoint_every)
    if on_episode is not None:
        validate.function("on_episode, if not None,", on_episode, ("result",))
    progress = validate.flag("progress", progress)
    run = saver.resume(_start(setup))
    with _result_on_any_error(run), _progress_bar(setup, run, progress) as show:
        stop = False
        while not (stop or run.finished):
            episode = play_episode(setup, run)
            if not all_finite(episode.learner):
                raise Diverged(_why_it_diverged(episode), run.result())
            old, new = run.learner.target_params, episode.learner.target_params
            validate.same_form("what parts.renew returns", new, "what it got", old)
            run.learner = episode.learner
            run.episode_returns.append(episode.episode_return)
            run.episode_steps.append(episode.step)
            _take_stock(setup, run)
            show()
            try:
                stop = on_episode is not None and _wants_to_stop(on_episode(run.result()))
            except BaseException as reason:
                saver.save_what_was_stopped(run, reason)
                raise
            saver.save(run, now=stop or run.finished)
    return run.result()


def _why_it_diverged(episode: Episode) -> str:
    when = f"after {episode.step} steps"
    if not all_finite(episode.learner.params):
        return NOT_FINITE.format(when)
    if not all_finite(episode.learner.target_params):
        return (
            f"the target network's parameters are no longer finite {when}, though the online "
            "network's are. Likely fix: parts.follow or parts.renew, which make them."
        )
    return (
        f"what the optimizer remembers is no longer finite {when}: the learning diverged, and no "
        "weight will move any more. Likely fix: smaller rewards, or a loss that does not square "
        "them (huber)."
    )


def make_parts(config: Config) -> Parts:
    """The parts that a config asks for, with a memory that changes in place.

    Args:
        config: as in `dqn.make_parts`.

    Returns:
        `dqn.make_parts(config)`, but for `remember` and `sample`: these use a `ReplayMemory`. It
        changes in place, so what `remember` returns is not looked at; and it has a generator of its
        own, so the key that `sample` gets is None. The next_state that `remember`
        gets may be the environment's own array, which changes at the next step: copy it to keep it.

        `act`, `loss`, `follow` and `judge` are compiled. A function, or a frozen object, is
        compiled once and kept; an object that can change is compiled anew by each `train`. What a
        part reads besides its arguments (a global name, an attribute, NumPy's dice) it reads while
        it is compiled, and that stays.

    Raises:
        TypeError: as `Config.check`.
        ValueError: as `Config.check`.

    Taught in: notebooks/06.
    """
    return dqn.make_parts(config)._replace(remember=_remember, sample=_sample)


def _remember(memory: ReplayMemory, transition: Transition, truncated: bool) -> None:
    memory.experience(transition)


def _sample(memory: ReplayMemory, key: None, batch_size: int) -> Transition:
    return memory.sample_batch(batch_size)


# Before the first step: all that can be refused is refused here


def _prepare(env: Any, eval_env: Any, config: Config, seed: int, parts: Parts | None) -> Setup:
    if validate.is_inside_a_program():
        raise TypeError(
            "train must be called from Python, which plays the environment, but JAX is tracing it. "
            "Likely fix: no jit or vmap around it, or ondevice.make_train."
        )
    config = checked(config)
    seed = validate.seed("seed", seed)
    sizes = envs.sizes(env)
    network = dqn.network_for(config, *sizes)
    if eval_env is None and config.evaluate_every:
        eval_env = envs.like(env)
    if eval_env is not None:
        if envs.sizes(eval_env) != sizes:
            raise ValueError(
                "eval_env must have env's numbers of observations and actions, but they are "
                f"{envs.sizes(eval_env)} and {sizes}."
            )
        eval_env = envs.Checked(eval_env, for_a_network=True)  # it sees what the learner sees
    parts = make_parts(config) if parts is None else dqn.check_parts(parts, ReplayMemory)
    _refuse_parts_without_a_hash(parts)
    fresh = {name: _with_a_hash_of_its_own(getattr(parts, name)) for name in COMPILED}
    parts = parts._replace(**fresh)
    act = _make_act(network, parts, config, seed, n_actions=sizes[1])
    learn = _make_learn(network, parts, config)
    env = envs.Checked(env, for_a_network=True)
    return Setup(env, eval_env, config, seed, parts, network, act, learn)


COMPILED = ("act", "loss", "follow", "judge")  # of the parts


def _with_a_hash_of_its_own(part: Callable) -> Callable:
    """The same part, in a form that is compiled anew if it may have changed since the last time.

    Programs are kept by the hashes of their parts, and each `partial` has another one.
    """
    return partial(part) if _may_change(part) else part


def _may_change(part: Any) -> bool:
    """Whether it has a state of its own, which its hash does not tell."""
    if isinstance(part, partial):
        return any(map(_may_change, (part.func, *part.args, *part.keywords.values())))
    if isinstance(part, types.MethodType):
        return _may_change(part.__self__)
    is_constant = isinstance(part, CONSTANTS)
    is_jitted = callable(part) and hasattr(part, "lower")
    is_told_by_its_hash = type(part).__hash__ is not object.__hash__ and validate.has_a_hash(part)
    return not (is_constant or is_jitted or is_told_by_its_hash)


CONSTANTS = (types.FunctionType, types.BuiltinFunctionType, type, types.NoneType)


def _refuse_parts_without_a_hash(parts: Parts) -> None:
    """Those that are compiled, that is: the programs are kept by them."""
    for name in COMPILED:
        validate.hashable(f"parts.{name}", getattr(parts, name))


def _start(setup: Setup) -> Run:
    config = setup.config
    init_key, _ = _init_and_act_keys(setup.seed)
    observation_size, _ = envs.sizes(setup.env)
    learner = dqn.init(init_key, setup.network, dqn.make_optimizer(config), observation_size)
    _try_parts(setup, learner)
    return Run(learner.params, learner, ReplayMemory(config.memory_size, seed=setup.seed))


def _try_parts(setup: Setup, learner: TrainState) -> None:
    """Try what is compiled: what cannot work is refused now, and not after the warm-up.

    A batch that parts of somebody's own draw may look different, and cannot be known yet.
    """
    config = setup.config
    observation_size, _ = envs.sizes(setup.env)
    state = np.zeros(observation_size, setup.env.observation_space.dtype)
    setup.act(learner.params, 0, state)
    if setup.parts.sample is _sample:
        rewards = jnp.zeros(config.batch_size)
        states = jnp.zeros((config.batch_size, observation_size))
        batch = Transition(states, states, rewards.astype(int), rewards, rewards.astype(bool))
        # By the program's own eval_shape: inside another trace JAX refuses its compiler options.
        program, rates = setup.learn.func, setup.learn.args
        program.eval_shape(*rates, learner, batch)
    if config.evaluate_every:
        judge = judging_policy(learner.params, setup.network, setup.parts.judge)
        envs.to_action(judge(state), setup.eval_env)


def _init_and_act_keys(seed: int) -> Key:
    """Two keys, for the first weights and for acting."""
    # With older versions of JAX, 0.6 for one, the "rbg" generator makes a push half as long on a
    # CPU. With newer ones it does not matter: it stays for the sake of the same runs.
    return jax.random.split(jax.random.key(seed, impl="rbg"))


def _start_of_the_next_episode(setup: Setup, run: Run) -> np.ndarray:
    """A start that depends on the run's seed and the episode's number alone."""
    seed = envs.episode_seed(setup.seed, envs.TRAINING, len(run.episode_steps))
    state, _ = setup.env.reset(seed=seed)
    return np.array(state)


def _last_step(setup: Setup, run: Run) -> int:
    """The step after which we cut this episode off ourselves."""
    config = setup.config
    if config.max_episode_steps is None:
        return config.max_steps
    return min(run.step + config.max_episode_steps, config.max_steps)


# Compiled functions, cached by what the programs depend on: gamma, epsilon and the learning rate
# are arguments, so that a second run, or a dragged slider, compiles nothing.


def _make_act(
    network: hk.Transformed, parts: Parts, config: Config, seed: int, n_actions: int
) -> Callable:
    """The function (params, step, state) -> action, an int."""
    program = _act_program(network, parts.act)
    _, act_key = _init_and_act_keys(seed)
    exploration = [config.epsilon, config.final_epsilon, config.epsilon_steps]
    exploration = jnp.array(exploration, jnp.float32)

    def act(params, step, state):
        action = program(params, act_key, step, np.asarray(state), exploration)
        action = int(np.asarray(action))  # by way of NumPy it takes a third of the time
        if not 0 <= action < n_actions:
            raise ValueError(
                f"what parts.act returns must lie in 0 .. {n_actions - 1}, but it is {action}."
            )
        return action

    return act


def _make_learn(network: hk.Transformed, parts: Parts, config: Config) -> partial[TrainState]:
    """The function (learner, batch) -> learner: a program, its rates given."""
    program = _learn_program(
        network, parts.loss, parts.follow, config.optimizer, config.max_steps, config.average
    )
    rates = [config.gamma, config.learning_rate, config.final_learning_rate]
    rates = jnp.array(rates, jnp.float32)
    return partial(program, rates)


@lru_cache(maxsize=16)
def _act_program(network: hk.Transformed, act: Callable) -> Callable:
    @partial(jax.jit, compiler_options=_one_thread())
    def program(params, key, step, state, exploration):
        epsilon = linear_epsilon(step, *exploration)
        action = act(jax.random.fold_in(key, step), network.apply(params, state), epsilon)
        return validate.action("what parts.act returns", action)

    return program


@lru_cache(maxsize=16)
def _learn_program(
    network: hk.Transformed,
    loss: Callable,
    follow: Callable,
    optimizer: str,
    max_steps: int,
    average: bool,
) -> Callable:
    config = Config(optimizer=optimizer, max_steps=max_steps, average=average)

    @partial(jax.jit, compiler_options=_one_thread())
    def program(rates, learner, batch):
        gamma, learning_rate, final_learning_rate = rates
        chosen = dqn.make_optimizer(config, learning_rate, final_learning_rate)
        return dqn.make_train_step(network, chosen, gamma, loss, follow)(learner, batch)[0]

    return program


def _one_thread() -> dict[str, str | int]:
    """Options that keep XLA from spreading small networks over threads, where it has them."""
    scheduler = "CPU_SCHEDULER_TYPE_MEMORY_OPTIMIZED"
    return validate.compiler_option("xla_cpu_scheduler_type", scheduler)


# Between two episodes


def _wants_to_stop(answer: Any) -> bool:
    """What `on_episode` has said. What it returns by accident, a number say, is an error."""
    if answer is None:
        return False
    return validate.flag("what on_episode returns, if not None,", answer)


def _take_stock(setup: Setup, run: Run) -> None:
    """Evaluate where it is due, keep the best parameters, and see whether the run is finished."""
    config = setup.config
    finished = run.step >= config.max_steps or len(run.episode_steps) == config.max_episodes
    params = dqn.judged_params(run.learner)
    if _evaluation_is_due(config, run, finished):
        mean = _evaluate(setup, params)
        run.evaluation_returns.append(mean)
        run.evaluation_steps.append(run.step)
        if config.stop_at_return is not None and mean >= config.stop_at_return:
            finished = True
        if mean >= max(run.evaluation_returns):
            run.params = params
    elif not run.evaluation_returns:
        run.params = params
    run.finished = finished  # last: a run that is interrupted in an evaluation is not finished


def _evaluation_is_due(config: Config, run: Run, finished: bool) -> bool:
    """At the first episode's end after each evaluate_every steps, and at the run's end."""
    if not config.evaluate_every:
        return False
    last = run.evaluation_steps[-1] if run.evaluation_steps else 0
    return finished or run.step // config.evaluate_every != last // config.evaluate_every


def _evaluate(setup: Setup, params: Params) -> float:
    """The mean return of the config's evaluation, always from the same starts."""
    config = setup.config
    seed = envs.episode_seed(setup.seed, envs.SEED_OF_EVALUATIONS, 0)
    policy = judging_policy(params, setup.network, setup.parts.judge, seed)
    cap = config.max_episode_steps
    if cap is None and envs.time_limit(setup.eval_env) is None:
        cap = config.max_steps  # such an episode might have no end
    returns = evaluate(
        policy, setup.eval_env, config.evaluation_episodes, seed, max_episode_steps=cap
    )
    return float(returns.mean())


@contextlib.contextmanager
def _result_on_any_error(run: Run) -> Iterator[None]:
    """Whatever stops the run from outside, or breaks it, brings along what there was."""
    try:
        yield
    except Diverged:
        raise
    except BaseException as error:
        with contextlib.suppress(AttributeError):  # an exception may have a `result` of its own
            error.result = run.result()
        error.add_note(
            f"rl_jax: the run is not lost. Its {len(run.episode_steps)} episodes so far are this "
            "exception's attribute `result`; after a traceback, that is sys.last_value.result."
        )
        raise


@contextlib.contextmanager
def _progress_bar(setup: Setup, run: Run, wanted: bool) -> Iterator[Callable[[], None]]:
    """A bar of the run's steps, or of its episodes where these are limited, and how to move it."""
    config = setup.config

    def count():
        return run.step if config.max_episodes is None else len(run.episode_steps)

    style = "{percentage:3.0f}%|{bar}| {n_fmt}/{total_fmt}{postfix}"
    total = config.max_episodes or config.max_steps
    with tqdm(total=total, initial=count(), disable=not wanted, bar_format=style) as bar:

        def show():
            if run.finished:  # perhaps early: full all the same, for a red bar means failure
                bar.reset(total=count())
            bar.update(count() - bar.n)
            mean = np.mean(run.episode_returns[-10:])
            bar.set_postfix_str(f"return {mean:.0f}", refresh=False)

        yield show


# What a checkpoint holds


class _Saver:
    """Saves a run now and then, and takes it up again; without a file it does neither."""

    def __init__(self, setup: Setup, path: str | os.PathLike | None, every: int):
        self.setup = setup
        self.every = validate.count("checkpoint_every", every)
        self.path = None if path is None else checkpoints.check_place(path)

    def save(self, run: Run, now: bool) -> None:
        """Write the file, if it is time or must be `now`."""
        due = now or len(run.episode_steps) % self.every == 0
        if self.path is None or not due:
            return
        if self.path.exists():  # of another run, if both began before either had saved
            self._refuse_another_run(checkpoints.load_header(self.path))
        arrays = {f"params{i}": leaf for i, leaf in enumerate(jax.tree.leaves(run.params))}
        arrays |= {f"learner{i}": leaf for i, leaf in enumerate(jax.tree.leaves(run.learner))}
        arrays |= {f"memory_{name}": leaf for name, leaf in run.memory.state_dict().items()}
        logs = run.logs() | {"finished": run.finished}
        checkpoints.save(self.path, arrays, {"of": self._identity(), "logs": logs})

    def save_what_was_stopped(self, run: Run, reason: BaseException) -> None:
        """Save a run that `on_episode` broke off. If that fails, the reason says so, too."""
        try:
            self.save(run, now=True)
        except Exception as error:
            reason.add_note(f"rl_jax: nor could the checkpoint be saved: {error}")

    def resume(self, run: Run) -> Run:
        """The saved run in place of this fresh one, if there is a file."""
        if self.path is None or not self.path.exists():
            return run
        arrays, header = checkpoints.load(self.path)
        self._refuse_another_run(header)
        if not _are_logs(header["logs"], self.setup.config.max_steps):
            raise ValueError(
                _DAMAGED.format(path=self.path, what="its curves cannot be those of a run")
            )
        params = _unflatten(run.params, "params", arrays, self.path)
        learner = _unflatten(run.learner, "learner", arrays, self.path)
        memory = {
            name.removeprefix("memory_"): leaf
            for name, leaf in arrays.items()
            if name.startswith("memory_")
        }
        if not _could_be_stored(memory, *envs.sizes(self.setup.env)):
            raise ValueError(
                _DAMAGED.format(path=self.path, what="its memory cannot be one of this environment")
            )
        try:
            run.memory.load_state_dict(memory)
        except ValueError as error:
            what = f"its memory cannot be read ({error})"
            raise ValueError(_DAMAGED.format(path=self.path, what=what)) from error
        return Run(params, learner, run.memory, **header["logs"])

    def _refuse_another_run(self, header: Any) -> None:
        """Refuse the header of a file that is not this run's."""
        if not isinstance(header, dict) or set(header) != {"of", "logs"}:
            raise ValueError(f"{self.path} is no checkpoint of a training: give this run another.")
        if not isinstance(header["of"], dict):
            raise ValueError(
                _DAMAGED.format(
                    path=self.path, what="its header does not say which run it belongs to"
                )
            )
        self._compare(header["of"])

    def _identity(self) -> dict[str, Any]:
        """What must be the same for a run to go on, as JSON knows it."""
        spec = getattr(self.setup.env, "spec", None)
        identity = self.setup.config._asdict() | {
            "rl_jax": __version__,
            "seed": self.setup.seed,
            "environment": getattr(spec, "id", None),
            "sizes": envs.sizes(self.setup.env),
        }
        return json.loads(json.dumps(identity))

    def _compare(self, saved: dict[str, Any]) -> None:
        own = self._identity()
        absent = "not there"
        changed = [
            f"{name}: {saved.get(name, absent)} -> {own.get(name, absent)}"
            for name in own | saved
            if saved.get(name, absent) != own.get(name, absent)
        ]
        if saved.keys() != own.keys() or saved["rl_jax"] != own["rl_jax"]:
            raise ValueError(
                f"{self.path} was written by another version of rl_jax ({', '.join(changed)}): "
                "give this run a file of its own, or resume with that version."
            )
        if changed:
            raise ValueError(
                f"{self.path} belongs to another run ({', '.join(changed)}): give this run a file "
                "of its own, or resume with the old values."
            )


_DAMAGED = (
    "{path} is damaged: {what}. It is left as it is. Likely fix: an older copy of it, or another "
    "file, for a run from the start."
)


def _are_logs(logs: Any, max_steps: int) -> bool:
    """Whether a run could have left this behind."""
    if not isinstance(logs, dict) or logs.keys() != {*LOGS, "finished"}:
        return False
    episodes = _is_curve(logs["episode_returns"], logs["episode_steps"], max_steps)
    evaluations = _is_curve(logs["evaluation_returns"], logs["evaluation_steps"], max_steps)
    return episodes and evaluations and isinstance(logs["finished"], bool)


def _is_curve(returns: Any, steps: Any, max_steps: int) -> bool:
    """Whether these are finite numbers at steps that rise, as long as each other."""
    if not isinstance(returns, list) or not isinstance(steps, list) or len(returns) != len(steps):
        return False
    if not all(type(step) is int for step in steps):
        return False
    if not all(type(one) in (int, float) and math.isfinite(one) for one in returns):
        return False
    along = [0, *steps, max_steps + 1]
    return all(earlier < later for earlier, later in itertools.pairwise(along))


def _could_be_stored(memory: dict[str, np.ndarray], n_numbers: int, n_actions: int) -> bool:
    """Whether these are transitions of such an environment, as far as shapes and actions tell."""
    if "state" not in memory:  # empty; or no memory at all, which its own check sees
        return True
    state, action = memory["state"], memory.get("action", np.zeros(0))
    is_fitting = state.shape[1:] == (n_numbers,) and action.ndim == 1
    return is_fitting and action.dtype.kind in "iu" and bool((action < n_actions).all())


def _unflatten(like: Any, name: str, arrays: dict[str, np.ndarray], path: Path) -> Any:
    """A tree like this one, of the file's arrays."""
    leaves, structure = jax.tree.flatten(like)
    found = [arrays.get(f"{name}{i}") for i in range(len(leaves))]
    if sum(each.startswith(name) for each in arrays) != len(leaves):
        raise ValueError(f"{path} holds other {name} than this run's: give this run another file.")
    for new, old in zip(found, leaves, strict=True):
        if new is None or new.shape != old.shape or new.dtype != old.dtype:
            raise ValueError(
                f"{path} holds other {name} than this run's: give this run another file."
            )
        if not np.isfinite(new).all() or (new.dtype.kind == "i" and (new < 0).any()):
            raise ValueError(
                _DAMAGED.format(path=path, what=f"no run leaves behind what it holds as {name}")
            )
    return jax.tree.unflatten(structure, [jnp.asarray(leaf) for leaf in found])
