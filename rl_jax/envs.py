"""Environments: Gymnasium, or classic Gym 0.26, behind the same five-tuple interface."""

import contextlib
import copy
import io
import itertools
import math
import os
import sys
import threading
import types
import warnings
from collections.abc import Iterator
from typing import Any

import gymnasium
import jax
import numpy as np

from rl_jax import validate

__all__ = ["make", "sizes"]  # the rest is for the package's own use

# Wrappers that a judge does without: those that look on, and the one that scales rewards by those
# it has seen, so that the same agent would get another return each time.
LEFT_OUT = ("HumanRendering", "RecordVideo", "RenderCollection", "NormalizeReward")
ADVICE = "Likely fix: make a second environment of this kind, and pass it as eval_env=."
# Which use of a run's seed an episode's start is for: see `episode_seed`.
TRAINING = 0
EVALUATION = 1
SEED_OF_EVALUATIONS = 2  # the one that a training hands to `evaluate`

FIVE_TUPLES = (
    "Likely fix: an environment of Gymnasium or Gym 0.26, or a wrapper that makes one of it."
)
# Making an environment changes warnings, streams and variables of the whole process for a moment.
ONE_AT_A_TIME = threading.RLock()
NO_SCREEN = {"SDL_VIDEODRIVER": "dummy", "SDL_AUDIODRIVER": "dummy"}


def make(
    name: str = "CartPole-v1", backend: str = "gymnasium", render_mode: str | None = None
) -> Any:
    """An environment whose `step` returns (state, reward, terminated, truncated, info).

    Args:
        name: a registered environment's id, or its spec.
        backend: "gymnasium" (the maintained one) or "gym" (classic Gym 0.26).
        render_mode: None; "rgb_array" for `env.render()` to return [H, W, 3] uint8 pixels, which
            needs no screen; "human" for a window.

    Returns:
        The environment. With "rgb_array" it has been reset and drawn once.

    Raises:
        gymnasium.error.Error: if there is no such environment, or none of this version (or classic
            Gym's own).
        ImportError: if the backend is not installed.
        TypeError: if `name` is neither, or `render_mode` no text.
        ValueError: if the backend is unknown, or too old, or the environment cannot draw so.

    Boilerplate for: notebooks/00, 02, 04, 05, 06.
    """
    validate.choice("backend", backend, ("gymnasium", "gym"))
    if not isinstance(name, str) and type(name).__module__.partition(".")[0] != backend:
        raise TypeError(
            f"name must be an environment's id, or a spec of {backend}'s, but it is "
            f'{validate.short(name)}. Likely fix: "CartPole-v1".'
        )
    if render_mode is not None and not isinstance(render_mode, str):
        raise TypeError(
            f'render_mode must be None or a text, "rgb_array" for one, but it is {render_mode!r}.'
        )
    with ONE_AT_A_TIME:
        if render_mode != "rgb_array":
            return _make(name, backend, render_mode)
        with _no_screen():
            env = _make(name, backend, render_mode)
            env.reset()
            env.render()  # so that pygame starts up in here, where SDL needs no screen
        return env


def sizes(env: Any) -> tuple[int, int]:
    """(numbers in an observation, number of actions) of an environment that DQN can learn.

    Args:
        env: actions must be Discrete and count from 0; observations must be vectors of numbers.

    Raises:
        TypeError: if it is no environment.
        ValueError: if its spaces are others, with the wrapper that would mend it.

    Boilerplate for: notebooks/00, 03.
    """
    _refuse_no_environment(env)
    actions = env.action_space
    n_actions = getattr(actions, "n", None)
    if n_actions is None or getattr(actions, "shape", ()) != ():  # MultiBinary has an n as well
        raise ValueError(
            "DQN takes a maximum over actions, so they must be Discrete, but these are "
            f"{actions}: choose another environment, or list a handful of its actions in an "
            "ActionWrapper."
        )
    if n_actions < 1:
        raise ValueError(f"there must be at least one action, but there are {n_actions}.")
    refuse_another_start(actions)
    observations = getattr(env, "observation_space", None)
    shape = getattr(observations, "shape", None)
    dtype = getattr(observations, "dtype", None)
    if shape is None or len(shape) != 1 or dtype is None or np.dtype(dtype).kind not in "fiub":
        raise ValueError(
            f"observations must be vectors of numbers, but these are {observations}. Flatten them "
            "with a wrapper first: gymnasium.wrappers.FlattenObservation(env)."
        )
    return int(shape[0]), int(n_actions)


def refuse_another_start(actions: Any) -> None:
    """Refuse an action space that does not count from 0, as a network's outputs do.

    Args:
        actions: the space.

    Raises:
        ValueError: if it counts from another number.
    """
    if getattr(actions, "start", 0) != 0:
        raise ValueError(
            f"actions must count from 0, but {actions} counts from {actions.start}. Likely fix: "
            "an ActionWrapper that adds this number, with the action space "
            f"Discrete({actions.n})."
        )


def _refuse_no_environment(env: Any) -> None:
    """Refuse a name, a class, several environments in one, and all else that is not one."""
    if isinstance(env, type):
        raise TypeError(
            f"env must be an environment, but it is the class {env.__name__}. Likely fix: "
            f"{env.__name__}()."
        )
    if _is_a(env, ("VectorEnv",)):  # Gymnasium's, or classic Gym's
        raise TypeError(
            f"env must be one environment, but it is {env.num_envs} of them in one. Likely fix: "
            "envs.make(name)."
        )
    members = ("reset", "step", "action_space")
    validate.having("env", env, members, "an environment", "envs.make(name).")


class Checked:
    """An environment whose answers are looked at as they come; all else is the environment's own.

    `reset` gives two things and `step` five, as Gymnasium and Gym 0.26 have it; a reward is one
    finite number, a flag True or False. Of an observation no number is NaN or infinite. Where a
    network reads it, it is made of numbers, finite in 32 bits, too, and of the space's shape; and
    where that space is one of floats it comes as float32, whatever came.
    """

    def __init__(self, env: Any, for_a_network: bool = False):
        """Look at this environment's answers."""
        _refuse_no_environment(env)
        self.env = env
        self.for_a_network = for_a_network
        space = getattr(env, "observation_space", None)
        self.shape = getattr(space, "shape", None)
        self.dtype = _kept_dtype(getattr(space, "dtype", None))

    def __getattr__(self, name: str) -> Any:
        """What this class does not have is the environment's."""
        if name == "env":  # of a copy that is being made: it has none yet
            raise AttributeError(name)
        return getattr(self.env, name)

    def reset(self, *, seed: int) -> tuple[Any, dict]:
        """(observation, info), the start of an episode."""
        try:
            answer = self.env.reset(seed=seed)
        except TypeError as error:
            if "unexpected keyword argument 'seed'" not in str(error):
                raise
            raise TypeError(
                f"env.reset must take a seed, but {error}. Likely fix, there: "
                "def reset(self, *, seed=None, options=None), as Gymnasium has it."
            ) from error
        if not (isinstance(answer, tuple) and len(answer) == 2 and isinstance(answer[1], dict)):
            raise TypeError(
                "env.reset must return two things (observation, info), but it returned "
                f"{validate.short(answer)}. {FIVE_TUPLES}"
            )
        return self._looked_at("env.reset", answer[0]), answer[1]

    def step(self, action: int) -> tuple[Any, float, bool, bool, dict]:
        """(observation, reward, terminated, truncated, info)."""
        answer = self.env.step(action)
        if not isinstance(answer, tuple) or len(answer) != 5:
            raise TypeError(
                "env.step must return five things (observation, reward, terminated, truncated, "
                f"info), but it returned {validate.short(answer)}. {FIVE_TUPLES}"
            )
        observation, reward, terminated, truncated, info = answer
        if type(reward) is not float:
            reward = _one_number(reward)
        if not math.isfinite(reward):
            raise ValueError(f"env.step must return a finite reward, but it is {reward}.")
        if type(terminated) is not bool:
            terminated = _one_flag("terminated", terminated)
        if type(truncated) is not bool:
            truncated = _one_flag("truncated", truncated)
        return self._looked_at("env.step", observation), reward, terminated, truncated, info

    def _looked_at(self, who: str, observation: Any) -> Any:
        """The same observation."""
        is_usual = (
            type(observation) is np.ndarray
            and observation.dtype is self.dtype
            and observation.ndim == 1
            and observation.shape == self.shape
            and sum(map(abs, observation.tolist())) < 1e38
        )
        if is_usual:  # this takes a sixth of the time of a closer look
            return observation
        if self.for_a_network:
            return _for_a_network(who, observation, self.shape, self.dtype)
        _refuse_what_is_not_finite(who, observation, np.float64)
        return observation


def _kept_dtype(dtype: Any) -> np.dtype | None:
    """In which dtype such a space's observations are kept; None for as they come.

    Floats in 32 bits: networks read them so, and memories keep them so.
    """
    is_float = dtype is not None and np.dtype(dtype).kind == "f"
    return np.dtype(np.float32) if is_float else None


def _one_number(reward: Any) -> float:
    array = _array(reward)
    if array.dtype.kind not in "fiub" or array.size != 1:
        raise TypeError(
            f"env.step must return one number for a reward, but it is {validate.short(reward)}."
        )
    return float(array.reshape(()))


def _one_flag(name: str, value: Any) -> bool:
    array = _array(value)
    if array.shape != () or array.dtype.kind not in "iubf" or array not in (0, 1):
        raise TypeError(
            f"env.step must return True or False for `{name}`, but it is {validate.short(value)}. "
            f"{FIVE_TUPLES}"
        )
    return bool(array)


def _for_a_network(
    who: str, observation: Any, shape: tuple[int, ...] | None, dtype: np.dtype | None
) -> np.ndarray:
    """The observation in this dtype, if it is one of numbers, and of this shape."""
    array = _array(observation)
    if array.dtype.kind not in "fiub":
        raise TypeError(
            f"{who} must return an observation of numbers, but it is "
            f"{validate.short(observation)}. Likely fix: a wrapper that makes a vector of it, "
            "gymnasium.wrappers.FlattenObservation(env)."
        )
    if shape is not None and array.shape != shape:
        raise ValueError(
            f"{who} must return an observation of shape {shape}, as env.observation_space says, "
            f"but it is of {array.shape}. Likely fix: one of the two."
        )
    _refuse_what_is_not_finite(who, array, np.float32)
    if dtype is not None:
        return array.astype(dtype)
    if array.dtype.kind in "iu":
        _refuse_what_is_too_wide(who, array)
    return array


def _array(observation: Any) -> np.ndarray:
    """As NumPy reads it; of objects, if it cannot."""
    try:
        array = np.asarray(observation)
    except ValueError:  # ragged
        return np.asarray(None)
    is_foreign = array.dtype.name == "bfloat16"  # which is no kind of float to NumPy
    return array.astype(np.float32) if is_foreign else array


def _refuse_what_is_not_finite(who: str, observation: Any, dtype: type) -> None:
    """Refuse what holds a NaN or an infinity, if it holds numbers, also as floats of this dtype."""
    array = _array(observation)
    if array.dtype.kind not in "fiub":
        return
    with np.errstate(over="ignore"):
        is_finite = np.isfinite(array.astype(dtype)).all()
    if not is_finite:
        bits = " in 32 bits" if np.isfinite(array).all() else ""
        raise ValueError(
            f"{who} must return a finite observation, but{bits} it is "
            f"{validate.short(observation)}: has the environment overflowed?"
        )


def _refuse_what_is_too_wide(who: str, integers: np.ndarray) -> None:
    kept = integers.astype(jax.dtypes.canonicalize_dtype(integers.dtype))
    if not np.array_equal(kept, integers):
        raise ValueError(
            f"{who} must return whole numbers that fit into 32 bits, which is all that JAX "
            f"keeps of them, but they are {validate.short(integers)}. Likely fix: a wrapper "
            "that makes floats of them, and brings them to a similar size."
        )


def time_limit(env: Any) -> int | None:
    """Steps after which the environment truncates an episode, or None if it never does.

    Args:
        env: an environment, wrapped or not.
    """
    limits = [getattr(layer, "_max_episode_steps", None) for layer in _layers(env)]
    limits = [limit for limit in limits if limit is not None]
    return min(limits) if limits else None


def like(env: Any) -> Any:
    """A second environment of the same kind, to judge an agent in while the first one trains.

    A copy where it can be copied, with its wrappers, its time limit and all that was set on it;
    else one that is made from the same spec. What only looks on (videos, windows) is left out, and
    so is NormalizeReward. NormalizeObservation has the first one's statistics, now and later.

    Args:
        env: of Gymnasium, of classic Gym, or of your own.

    Raises:
        ValueError: if neither can be done, so that an `eval_env` must be passed.
    """
    _refuse_functions_set_on(env)
    # deepcopy's memo says what has been copied already, and as what: these as None.
    undrawn = {id(thing): None for thing in _pygame_objects(env)}
    try:
        twin = copy.deepcopy(env, undrawn)
    except Exception as why:  # a simulator in C, a window, an open file: each says it in its words
        twin = _from_spec(env, why)
    else:
        if _differ(_core(env), _core(twin)):  # EzPickle's copies are made anew
            _compare_settings(env, twin)
    _share_statistics(env, twin)
    return _without_what_is_left_out(twin)


def episode_seed(seed: int, stream: int, episode: int) -> int:
    """One environment seed per episode, so that an episode's start needs no history.

    Args:
        seed: the run's, at least 0.
        stream: TRAINING, EVALUATION or SEED_OF_EVALUATIONS.
        episode: its number, from 0.
    """
    return int(np.random.SeedSequence([seed, stream, episode]).generate_state(1)[0])


def to_action(chosen: Any, env: Any) -> int:
    """The action that a policy chose, as the Python int that environments take.

    Args:
        chosen: a whole number, of Python's, NumPy's or JAX's.
        env: whose actions are Discrete.

    Raises:
        TypeError: if it is not one whole number: a float, an array with axes, None.
        ValueError: if there is no such action.
    """
    if type(chosen) is not int:
        array = np.asarray(chosen)
        if array.dtype.kind not in "iu" or array.shape != ():
            raise TypeError(
                f"the policy must return one action, a whole number, but it returned "
                f"{validate.short(chosen)}. "
                "Likely fix: int(...) around it, or a missing return."
            )
        chosen = int(array)
    n_actions = getattr(env.action_space, "n", None)
    if n_actions is None or np.ndim(n_actions):  # not Discrete: the environment will know
        return chosen
    first = int(getattr(env.action_space, "start", 0))
    last = first + int(n_actions) - 1
    if not first <= chosen <= last:
        raise ValueError(
            f"the policy must return an action in {first} .. {last}, but it returned {chosen}."
        )
    return chosen


def _make(name: Any, backend: str, render_mode: str | None) -> Any:
    os.environ.setdefault("PYGAME_HIDE_SUPPORT_PROMPT", "1")
    mode = {} if render_mode is None else {"render_mode": render_mode}  # not all have this argument
    with warnings.catch_warnings():  # a mode that it does not have is an error here, see below
        warnings.filterwarnings("ignore", message=".*not in the possible render_modes")
        if backend == "gymnasium":
            env = gymnasium.make(name, **mode)
        else:  # its environment checker reads np.bool8, which NumPy 2 no longer has
            gym = _classic_gym()
            env = gym.make(name, disable_env_checker=True, **mode)
    _check_mode(env, render_mode)
    return env


def _check_mode(env: Any, render_mode: str | None) -> None:
    """Refuse a mode in which it does not draw. A mode's list, "rgb_array_list", comes with it."""
    offered = env.unwrapped.metadata.get("render_modes") or ()
    modes = [mode for mode in offered if mode is not None]
    known = {*modes, *(f"{mode}_list" for mode in modes if mode != "human")}
    if render_mode is None or render_mode in known:
        return
    env.close()
    choice = f"one of {', '.join(modes)}" if modes else "nothing else: this environment draws none"
    raise ValueError(f"render_mode must be None or {choice}, but it is {render_mode!r}.")


def _classic_gym() -> Any:
    try:
        with contextlib.redirect_stderr(io.StringIO()):  # it prints a banner on import
            import gym
    except ImportError as error:
        raise ImportError(
            'classic Gym is not installed: use backend="gymnasium", or install gym==0.26.2.'
        ) from error
    if tuple(map(int, gym.__version__.split(".")[:2])) < (0, 26):  # `step` gave four values
        raise ValueError(f"classic Gym must be 0.26 or newer, but it is {gym.__version__}.")
    return gym


@contextlib.contextmanager
def _no_screen() -> Iterator[None]:
    """SDL draws without a screen or a sound card in here, and looks for them again afterwards."""
    pygame = sys.modules.get("pygame")
    has_window = pygame is not None and pygame.display.get_init()
    missing = {name: value for name, value in NO_SCREEN.items() if name not in os.environ}
    os.environ.update(missing)
    try:
        yield
    finally:
        for name in missing:
            os.environ.pop(name, None)
        if missing and not has_window and "pygame" in sys.modules:
            sys.modules["pygame"].display.quit()


def _is_a(thing: Any, names: tuple[str, ...]) -> bool:
    """Whether its class, or one that it comes from, has such a name: Gym's are no Gymnasium's."""
    return any(base.__name__ in names for base in type(thing).__mro__)


def _layers(env: Any) -> Iterator[Any]:
    """The environment, what it wraps, what that wraps, and so on to the innermost."""
    while env is not None:
        yield env
        inner = getattr(env, "__dict__", {}).get("env")
        env = inner if _is_environment(inner) else None


def _is_environment(thing: Any) -> bool:
    """Whether it could be one: what an environment calls its `env` may be its simulator."""
    return all(hasattr(thing, name) for name in ("reset", "step", "action_space"))


def _core(env: Any) -> Any:
    """The innermost one."""
    *_, core = _layers(env)
    return core


def _refuse_functions_set_on(env: Any) -> None:
    """Refuse a function that was set on the environment.

    `deepcopy` copies no functions: in the copy it would still act on the first environment.
    """
    layers = list(_layers(env))
    for layer in layers:
        for name, function in getattr(layer, "__dict__", {}).items():
            if not isinstance(function, types.FunctionType):
                continue
            held = _held_by(function)
            is_harmless = _is_gyms_own(function) and not _is_among(layer, held)
            acts_on_it = any(_is_among(each, held) for each in layers)
            replaces_a_method = hasattr(type(layer), name)
            if not is_harmless and (acts_on_it or replaces_a_method):
                raise ValueError(
                    f"{name} of this environment was set to a function, which may act on the "
                    f"environment itself, so that a copy would disturb it. {ADVICE}"
                )


def _held_by(function: types.FunctionType) -> list[Any]:
    """What its closure refers to; for a bound method, whose method it is."""
    cells = [cell.cell_contents for cell in function.__closure__ or () if _is_filled(cell)]
    return [getattr(thing, "__self__", thing) for thing in cells]


def _is_among(thing: Any, things: list[Any]) -> bool:
    """Whether it is one of these very objects; `in` would compare."""
    return any(thing is each for each in things)


def _is_gyms_own(function: types.FunctionType) -> bool:
    """Whether a wrapper of Gymnasium's made it: of what it wraps, it looks at the spaces alone."""
    return (function.__module__ or "").split(".")[0] in ("gymnasium", "gym")


def _is_filled(cell: types.CellType) -> bool:
    """False where the variable that a function refers to has no value yet."""
    try:
        cell.cell_contents  # noqa: B018  (an empty one raises)
    except ValueError:
        return False
    return True


def _pygame_objects(env: Any) -> list[Any]:
    """What pygame draws on and keeps time with: it cannot be copied, and is made when needed."""
    held = [value for layer in _layers(env) for value in getattr(layer, "__dict__", {}).values()]
    return [thing for thing in held if type(thing).__module__.startswith("pygame")]


def _without_what_is_left_out(env: Any) -> Any:
    """The same environment with none of these wrappers, and with nothing drawn."""
    kept = [layer for layer in _layers(env) if not _is_a(layer, LEFT_OUT)]
    for outer, inner in itertools.pairwise(kept):
        outer.env = inner
    with contextlib.suppress(AttributeError):  # read-only in some
        kept[-1].render_mode = None
    return kept[0]


def _share_statistics(env: Any, twin: Any) -> None:
    """Let the twin normalize observations as the first one does, and add nothing to what it knows.

    With statistics of its own it would show the agent other numbers than those it learns from.
    """
    ours, theirs = (
        [layer for layer in _layers(each) if _is_a(layer, ("NormalizeObservation",))]
        for each in (env, twin)
    )
    for known, unknown in zip(ours, theirs, strict=True):
        if not hasattr(type(unknown), "update_running_mean"):  # classic Gym's
            raise ValueError(
                "this NormalizeObservation cannot use another one's statistics, so that an agent "
                f"would be judged by other observations than it learns from. {ADVICE}"
            )
        unknown.obs_rms = known.obs_rms
        unknown.update_running_mean = False


def _from_spec(env: Any, why: Exception) -> Any:
    """A new environment of this one's spec, if that is all there is to it."""
    spec = copy.deepcopy(getattr(env, "spec", None))
    if spec is None:
        raise ValueError(
            f"this environment cannot be copied ({why}) and has no spec to make another one from. "
            f"{ADVICE}"
        )
    spec.kwargs.pop("render_mode", None)
    try:
        if isinstance(env, gymnasium.Env):
            wrappers = [w for w in spec.additional_wrappers if w.name not in LEFT_OUT]
            spec.additional_wrappers = tuple(wrappers)
            twin = gymnasium.make(spec)
        else:
            twin = _classic_gym().make(spec.id, disable_env_checker=True, **spec.kwargs)
    except Exception as error:
        raise ValueError(
            f"this environment cannot be copied ({why}), nor made again from its spec ({error}). "
            f"{ADVICE}"
        ) from error
    try:
        _compare_layers(env, twin)
        _compare_settings(env, twin)
    except ValueError:
        twin.close()
        raise
    return twin


def _compare_layers(env: Any, twin: Any) -> None:
    """Refuse a twin that lacks what was wrapped around the first."""
    ours, theirs = (
        [type(layer).__name__ for layer in _layers(each) if not _is_a(layer, LEFT_OUT)]
        for each in (env, twin)
    )
    if ours != theirs or time_limit(env) != time_limit(twin):
        raise ValueError(
            f"the second environment would be {theirs} with a time limit of {time_limit(twin)}, "
            f"but the first is {ours} with {time_limit(env)}. {ADVICE}"
        )


def _compare_settings(env: Any, twin: Any) -> None:
    """Refuse a twin that lacks what was set on the first, but for a window to draw in."""
    settings = _settings(twin)
    settings.pop("render_mode", None)
    for name, value in vars(_core(env)).items():
        if name in settings and _is_plain(value) and not _equal(value, settings[name]):
            raise ValueError(
                f"{name} was set to {value} on this environment, and a second one would have "
                f"{settings[name]}. {ADVICE}"
            )


def _differ(one: Any, other: Any) -> bool:
    """Whether a plain attribute has another value in a copy."""
    copied = getattr(other, "__dict__", {})
    pairs = ((value, copied.get(name)) for name, value in getattr(one, "__dict__", {}).items())
    return any(_is_plain(ours) and not _equal(ours, theirs) for ours, theirs in pairs)


def _settings(env: Any) -> dict[str, Any]:
    """Plain attributes that playing does not change: no state."""
    found = {name: value for name, value in vars(_core(env)).items() if _is_plain(value)}
    found = copy.deepcopy(found)
    for _ in _some_steps(env):
        now = vars(_core(env))
        found = {name: value for name, value in found.items() if _equal(value, now.get(name))}
    return found


def _some_steps(env: Any) -> Iterator[None]:
    """Play two episodes, of 500 steps at the most."""
    for seed in range(2):
        env.reset(seed=seed)
        yield
        for _ in range(500):
            _, _, terminated, truncated, _ = env.step(env.action_space.sample())
            yield
            if terminated or truncated:
                break


def _is_plain(value: Any) -> bool:
    """Whether it is numbers or text, or None, or a list, a tuple or a dictionary of these."""
    if isinstance(value, list | tuple):
        return all(map(_is_plain, value))
    if isinstance(value, dict):
        return all(map(_is_plain, value.values()))
    return value is None or isinstance(value, bool | int | float | str | np.ndarray | np.generic)


def _equal(one: Any, other: Any) -> bool:
    """Whether two plain values are the same."""
    if type(one) is not type(other):
        return False
    if isinstance(one, list | tuple):
        return len(one) == len(other) and all(map(_equal, one, other))
    if isinstance(one, dict):
        return one.keys() == other.keys() and all(_equal(one[key], other[key]) for key in one)
    return bool(np.array_equal(one, other))
