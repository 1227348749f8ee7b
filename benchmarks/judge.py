"""The judge of all contestants: 100 new episodes of Gymnasium's CartPole-v1, played greedily.

It knows neither JAX nor torch. All episodes are played side by side, so that a contestant whose
network is slow to call pays for 500 calls and not for 50,000.
"""

import json
from collections.abc import Callable, Iterable

import gymnasium as gym
import numpy as np

SOLVED = 475.0


def judge(policy: Callable[[np.ndarray], np.ndarray], seed: int, episodes: int = 100) -> float:
    """Mean return of the policy, which takes observations [N, 4] to actions [N].

    The same seed gives the same episodes' starts to every contestant, and no training uses them."""
    envs = [gym.make("CartPole-v1") for _ in range(episodes)]
    starts = np.random.SeedSequence([seed, 475]).generate_state(episodes)
    observations = np.array(
        [env.reset(seed=int(start))[0] for env, start in zip(envs, starts, strict=True)]
    )
    returns, playing = np.zeros(episodes), np.ones(episodes, bool)
    while playing.any():
        actions = np.asarray(policy(observations))
        for i in np.flatnonzero(playing):
            observations[i], reward, terminated, truncated, _ = envs[i].step(int(actions[i]))
            returns[i] += reward
            playing[i] = not (terminated or truncated)
    return float(returns.mean())


def first_solved(steps: Iterable[int], means: Iterable[float]) -> int | None:
    """The environment steps before a contestant's first own evaluation at SOLVED or more.

    Args:
        steps: [evaluations] environment steps so far.
        means: [evaluations] mean returns.
    """
    reached = [int(step) for step, mean in zip(steps, means, strict=True) if float(mean) >= SOLVED]
    return min(reached, default=None)


def say(**facts: object) -> None:
    """The contestant's one line for `bench.py`."""
    print(json.dumps(facts), flush=True)
