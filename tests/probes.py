"""Probe environments: tasks so small that their Q-values are known on paper.

Each probe trains for a second, and returns complaints: what it expected of the parts under test,
and what it found. A probe that complains says where to look; CartPole would only not learn.
"""

from collections.abc import Callable

import gymnasium as gym
import jax
import jax.numpy as jnp
import numpy as np

from rl_jax import dqn, loop
from rl_jax.dqn import Parts


class Probe(gym.Env):
    """Episodes of `length` steps; the one number that one sees grows by `walk` at each."""

    def __init__(self, reward, starts=(1.0,), walk=0.0, length=1, end="terminated", n_actions=1):
        self.observation_space = gym.spaces.Box(-2.0, 2.0, (1,), np.float32)
        self.action_space = gym.spaces.Discrete(n_actions)
        self.reward, self.starts, self.walk = reward, starts, walk
        self.length, self.end = length, end
        self.array = np.zeros(1, np.float32)  # the same again and again: copy it to keep it

    def reset(self, *, seed=None, options=None):
        super().reset(seed=seed)
        self.steps = 0
        self.array[0] = self.np_random.choice(self.starts)
        return self.array, {}

    def step(self, action):
        reward = float(self.reward(self.array[0], action))
        self.array += self.walk
        self.steps += 1
        over = self.steps == self.length
        return (
            self.array,
            reward,
            over and self.end != "truncated",
            over and self.end != "terminated",
            {},
        )


# A linear network and SGD: an update multiplies the error at observation x by 1 - 0.2 (1 + x^2).
CONFIG = loop.PLAIN._replace(
    hidden=(),
    observation_scale=None,
    optimizer="sgd",
    learning_rate=0.1,
    final_learning_rate=0.1,
    gamma=0.5,
    epsilon=1.0,
    final_epsilon=0.5,
    epsilon_steps=100,
    batch_size=16,
    memory_size=64,
    warmup_steps=16,
    target_tau=0.5,
    max_steps=400,
    evaluate_every=None,
)


Change = Callable[[Parts], Parts]  # plants a bug: replaces one part


def right(parts: Parts) -> Parts:
    return parts


def train(env: Probe, change: Change, config: loop.Config = CONFIG, **options) -> loop.Result:
    parts = change(loop.make_parts(config))
    return loop.train(env, config, progress=False, parts=parts, **options)


def q_of(result: loop.Result, observation: float, n_actions: int) -> np.ndarray:
    network = dqn.network_for(CONFIG, 1, n_actions)
    return np.asarray(network.apply(result.learner.params, jnp.array([observation])))


def expect(
    env: Probe, known: dict[float, list[float]], change: Change, config: loop.Config = CONFIG
) -> list[str]:
    """Complaints where the trained Q-values differ from those that are known."""
    try:
        result = train(env, change, config)
    except loop.Diverged:
        return ["it diverged"]
    found = {x: q_of(result, x, env.action_space.n) for x in known}
    return [
        f"Q({x}) should be {known[x]}, but it is {found[x].round(2)}"
        for x in known
        if not np.allclose(found[x], known[x], atol=0.05)
    ]


def one_state(change: Change = right) -> list[str]:
    """One state, one reward: can it learn a number at all? And the last reward counts."""
    return expect(Probe(lambda seen, action: 1.0), {1.0: [1.0]}, change)


def observation(change: Change = right) -> list[str]:
    """The reward depends on what one sees: does the network look, and do shapes fit?"""
    env = Probe(lambda seen, action: seen, starts=(-1.0, 1.0))
    return expect(env, {-1.0: [-1], 1.0: [1]}, change)


def delay(change: Change = right) -> list[str]:
    """The reward comes one step later: does gamma work, and does the memory hold copies?"""
    env = Probe(lambda seen, action: seen, starts=(0.0,), walk=1.0, length=2)
    return expect(env, {0.0: [CONFIG.gamma], 1.0: [1.0]}, change)


def action(change: Change = right) -> list[str]:
    """The action decides: are the Q-values those of the actions taken, and is a judge greedy?"""
    env, judge = (Probe(lambda seen, action: 2 * action - 1, n_actions=2) for _ in range(2))
    config = CONFIG._replace(evaluate_every=100)
    complaints = expect(env, {1.0: [-1.0, 1.0]}, change)
    result = train(env, change, config, eval_env=judge)
    if result.evaluation_returns[-1] != 1.0:
        complaints.append(f"greedy returns should be 1, but are {result.evaluation_returns[-1]}")
    return complaints


def truncation(change: Change = right) -> list[str]:
    """It ends by time alone, so the future goes on: Q = 1 + gamma + gamma^2 + ..."""
    env = Probe(lambda seen, action: 1.0, length=4, end="truncated")
    return expect(env, {1.0: [1 / (1 - CONFIG.gamma)]}, change)


def frozen_target(change: Change = right) -> list[str]:
    """In one long episode a copied target stands still: Q goes to 1 + gamma Q_0, no further."""
    env = Probe(lambda seen, action: 1.0, length=10_000, end="truncated")
    config = CONFIG._replace(target_update="episode")
    still = config._replace(learning_rate=0.0, final_learning_rate=0.0, max_steps=20)
    start = q_of(train(env, change, still), 1.0, 1)
    return expect(env, {1.0: 1.0 + config.gamma * start}, change, config)


def repeatable(change: Change = right) -> list[str]:
    """The same seed, twice, ends with the same bits."""
    env = Probe(lambda seen, action: seen, starts=(-1.0, 1.0))
    config = CONFIG._replace(max_steps=40)
    first, second = (train(env, change, config, seed=3).params for _ in range(2))
    same = jax.tree.map(lambda a, b: bool((a == b).all()), first, second)
    return [] if all(jax.tree.leaves(same)) else ["the same seed gave other parameters"]


def keys(change: Change = right) -> list[str]:
    """JAX itself watches that no key is used twice."""
    env = Probe(lambda seen, action: 2 * action - 1, n_actions=2)
    jax.clear_caches()  # older versions of JAX look only while they compile
    try:
        with jax.debug_key_reuse(True):
            train(env, change, CONFIG._replace(max_steps=20))
    except jax.errors.KeyReuseError:
        return ["a key was used twice"]
    return []


ALL = (one_state, observation, delay, action, truncation, frozen_target, repeatable, keys)
PROBES: dict[str, Callable[..., list[str]]] = {probe.__name__: probe for probe in ALL}
