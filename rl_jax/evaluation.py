"""Judging an agent: whole episodes, played greedily, in an environment of their own."""

from collections.abc import Callable, Iterator
from functools import lru_cache, partial
from typing import Any

import haiku as hk
import jax
import jax.numpy as jnp
import numpy as np
from jax.flatten_util import ravel_pytree

from rl_jax import dqn, envs, validate
from rl_jax.config import CARTPOLE
from rl_jax.dqn import act_greedily
from rl_jax.policy import greedy
from rl_jax.typing import JaxTensor, Key, Params

__all__ = ["evaluate", "greedy_policy"]

# An episode that is longer than this has probably no end.
ENDLESS = 100_000

NOT_FINITE = (
    "parameters are no longer finite {}: the learning diverged. argmax of NaN is action 0, so the "
    "agent would take action 0 for ever. Lower the learning rate, and check the loss's reduction."
)


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
        policy: a function from an observation [O] to an action, or parameters of `network`, which
            are played greedily.
        env: a five-tuple environment, and not the one that is being trained on.
        episodes: how many, at least 1.
        seed: decides every episode's start; in [0, 2**32).
        network: of the parameters; a function needs none. By default the one that `CARTPOLE` asks
            for, for CartPole. Another config needs its own, even where the shapes agree:
            dqn.network_for(config).
        max_episode_steps: a cap below the environment's own.

    Returns:
        Float [episodes].

    Raises:
        FloatingPointError: if parameters are not finite.
        TypeError: if the policy is neither a function nor parameters, or returns what is no whole
            number; or if `env` is no five-tuple environment.
        ValueError: if parameters do not fit the network, the network does not fit the environment,
            an action does not exist, an episode has no cap and no end within 100,000 steps, the
            environment gives a reward or an observation that is not finite, or an argument is out
            of range.

    Taught in: notebooks/06.
    """
    episodes = validate.count("episodes", episodes)
    seed = validate.seed("seed", seed)
    cap = None
    if max_episode_steps is not None:
        cap = validate.count("max_episode_steps", max_episode_steps)
    if network is not None:
        validate.network("network", network, ("apply",))
    is_network = not callable(policy)
    if not isinstance(env, envs.Checked):  # as a training has done already
        env = envs.Checked(env, for_a_network=is_network)
    if is_network:
        _refuse_no_policy(policy)
        params = policy
        network = _default_network(env) if network is None else network
        policy = greedy_policy(params, network)
        _refuse_other_actions(params, network, env)

    starts = [envs.episode_seed(seed, envs.EVALUATION, episode) for episode in range(episodes)]
    return np.array([_play(policy, env, start, cap) for start in starts])


def _default_network(env: Any) -> hk.Transformed:
    """The network for those who name none."""
    sizes = envs.sizes(env)
    if sizes != (4, 2):
        raise ValueError(
            "parameters need their network, but `network` is None, which stands for CartPole's: "
            f"this environment has {sizes[0]} numbers and {sizes[1]} actions. Likely fix: "
            "network=dqn.network_for(config, *envs.sizes(env))."
        )
    return dqn.network_for(CARTPOLE)


def _refuse_other_actions(params: Params, network: hk.Transformed, env: Any) -> None:
    """Refuse a network that has not one Q-value for each action of this environment."""
    shape = getattr(getattr(env, "observation_space", None), "shape", None)
    n_actions = getattr(env.action_space, "n", None)
    if shape is None or n_actions is None or np.ndim(n_actions):
        return  # it does not say; its own `step` will
    envs.refuse_another_start(env.action_space)
    state = jax.ShapeDtypeStruct(shape, jnp.float32)
    q_values = jax.eval_shape(partial(_q_values, network), params, state)
    if q_values.shape != (n_actions,):
        raise ValueError(
            f"the network must give one Q-value for each of {n_actions} actions, but for one "
            f"observation its output has the shape {q_values.shape}. Likely fix: "
            "network=dqn.network_for(config, *envs.sizes(env))."
        )


def _play(policy: Callable, env: Any, start: int, cap: int | None) -> float:
    """The return of one episode."""
    state, _ = env.reset(seed=start)
    episode_return = 0.0
    steps = 0
    is_over = False
    while not is_over:
        action = envs.to_action(policy(state), env)
        state, reward, terminated, truncated, _ = env.step(action)
        episode_return += reward
        steps += 1
        is_over = terminated or truncated or steps == cap
        if cap is None and steps == ENDLESS and not is_over:
            raise ValueError(
                f"this episode has not ended after {ENDLESS:,} steps; the environment's time limit "
                f"is {envs.time_limit(env)}. Likely fix: max_episode_steps=500."
            )
    return episode_return


def greedy_policy(params: Params, network: hk.Transformed) -> Callable[[np.ndarray], int]:
    """The function observation [O] -> argmax_a Q(observation, a), an int.

    Args:
        params: of the network.
        network: as `dqn.make_network` makes it.

    Raises:
        FloatingPointError: if parameters are not finite.
        TypeError: if they are not parameters, or `network` is not a network.
        ValueError: from the function, at its first call, if they are those of another network.

    Boilerplate for: notebooks/04, 06.
    """
    return judging_policy(params, network, act_greedily)


def judging_policy(
    params: Params, network: hk.Transformed, judge: Callable, seed: int = 0
) -> Callable[[np.ndarray], int]:
    """The function observation [O] -> the action that `judge(key, q_values)` takes.

    Args:
        params: of the network.
        network: as `dqn.make_network` makes it.
        judge: as in `dqn.Parts`.
        seed: of the keys that it gets; a greedy one needs none.

    Raises:
        FloatingPointError: if parameters are not finite.
        TypeError: if they are not parameters, or `network` is not a network.
        ValueError: from the function, at its first call, if they are those of another network.
    """
    validate.network("network", network)
    validate.hashable("network", network)
    validate.params("params", params)
    if not all_finite(params):
        raise FloatingPointError(NOT_FINITE.format("in this policy"))
    if judge is act_greedily:
        act_now = _greedy_program(network)
        return lambda state: _known(int(np.asarray(act_now(params, _narrow(state)))), state)

    act = _judging_program(network, judge)
    keys = _one_key_after_another(seed)
    return lambda state: int(np.asarray(act(params, next(keys), _narrow(state))))


def _narrow(state: Any) -> Any:
    """Whole numbers of 64 bits as floats: `jit` would drop the upper half of their bits."""
    is_wide = isinstance(state, np.ndarray) and state.dtype.kind in "iu" and state.itemsize == 8
    return state.astype(np.float32) if is_wide else state


OF_NAN = -1  # in place of an action, which would be 0


def _known(action: int, state: Any) -> int:
    """The action, if the Q-values were numbers."""
    if action == OF_NAN:
        raise ValueError(
            f"the Q-values of the observation {validate.short(state)} are NaN. Likely fix: an "
            "observation of finite numbers of a moderate size."
        )
    return action


def _refuse_no_policy(policy: Any) -> None:
    """What is not a function must be parameters."""
    if hasattr(policy, "params"):
        validate.params("policy", policy)  # a whole result: says what its parameters are
    leaves = jax.tree.leaves(policy)
    if not leaves or not all(hasattr(leaf, "dtype") for leaf in leaves):
        raise TypeError(
            "a policy must be a function from an observation to an action, or parameters of a "
            f"network, but it is {validate.short(policy)}."
        )


@jax.jit
def all_finite(tree: Any) -> jax.Array:
    """Bool: none of its floats is NaN or an infinity; a count of steps has no such values."""
    floats = [leaf for leaf in jax.tree.leaves(tree) if jnp.issubdtype(leaf.dtype, jnp.floating)]
    return jnp.all(jnp.isfinite(ravel_pytree(floats)[0]))  # one array: less to compile than many


def _one_key_after_another(seed: int) -> Iterator[Key]:
    key = jax.random.key(seed)
    while True:
        key, now = jax.random.split(key)
        yield now


# Compiled once for each network, so that a second judgement compiles nothing.


@lru_cache(maxsize=8)
def _greedy_program(network: hk.Transformed) -> Callable:
    def program(params, state):
        q_values = _q_values(network, params, state)
        action = validate.action("the greedy action", greedy(q_values))
        return jnp.where(jnp.isnan(q_values).any(), OF_NAN, action)

    return jax.jit(program)


@lru_cache(maxsize=8)
def _judging_program(network: hk.Transformed, judge: Callable) -> Callable:
    def program(params, key, state):
        action = judge(key, _q_values(network, params, state))
        return validate.action("what parts.judge returns", action)

    return jax.jit(program)


def _q_values(network: hk.Transformed, params: Params, state: JaxTensor) -> JaxTensor:
    """The network's opinion, if these are its parameters: looked at once, while tracing."""
    state = validate.numbers("state", state)  # as floats: an integer's weights would be integers
    expected = jax.eval_shape(network.init, jax.random.key(0), state)
    shapes, wanted = ([leaf.shape for leaf in jax.tree.leaves(tree)] for tree in (params, expected))
    if shapes != wanted or jax.tree.structure(params) != jax.tree.structure(expected):
        raise ValueError(
            f"parameters must have the network's shapes {wanted}, but they have {shapes}. Likely "
            f"fix: {_likely_fix(shapes, wanted)}"
        )
    return network.apply(params, state)


def _likely_fix(shapes: list[tuple], wanted: list[tuple]) -> str:
    """What to do about parameters of these shapes where others were wanted."""
    firsts = {shape[:1] for shape in shapes}
    if [shape[1:] for shape in shapes] == wanted and len(firsts) == 1:
        return "one agent of the population, jax.tree.map(lambda leaf: leaf[0], params)."
    return (
        "network=dqn.network_for(config), with the config that they were trained with; or "
        "result.params in place of a whole result."
    )
