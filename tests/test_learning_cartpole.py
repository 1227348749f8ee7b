"""The claim of `loop.CARTPOLE`, on seeds used nowhere else: it solves CartPole-v1's 500 steps."""

import pytest

from rl_jax import envs
from rl_jax.loop import CARTPOLE, evaluate, train

SEEDS = range(300, 308)


@pytest.fixture(scope="module")
def runs() -> dict[int, tuple[float, int]]:
    """Seed -> mean greedy return over 20 new starts, and environment steps of training."""
    found = {}
    for seed in SEEDS:
        result = train(envs.make(), CARTPOLE._replace(stop_at_return=490.0), seed, progress=False)
        mean = evaluate(result.params, envs.make(), 20, seed=seed + 1_000).mean()
        found[seed] = (mean, int(result.episode_steps[-1]))
    print(found)
    return found


def test_the_loop_holds_475_steps_on_8_of_8_seeds(runs):
    assert all(mean >= 475 for mean, _ in runs.values()), runs


def test_it_takes_at_most_10000_steps(runs):
    assert all(steps <= 10_000 for _, steps in runs.values()), runs
