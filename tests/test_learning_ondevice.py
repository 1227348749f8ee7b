"""The claim of `ondevice.Config`'s defaults, on seeds used nowhere else, judged by Gymnasium."""

from functools import partial

import jax
import pytest
from judge import SOLVED, judge

from rl_jax import dqn, ondevice
from rl_jax.policy import greedy

SEEDS = range(400, 408)


@pytest.fixture(scope="module")
def trained() -> ondevice.Result:
    keys = jax.numpy.stack([jax.random.key(seed) for seed in SEEDS])
    return jax.jit(jax.vmap(ondevice.make_train()))(keys)


def test_it_is_solved_within_10000_steps_on_8_of_8_seeds(trained):
    steps = trained.evaluation_steps[0]
    solved = trained.evaluation_returns >= SOLVED
    assert solved[:, steps <= 10_000].any(axis=1).all(), trained.evaluation_returns


def test_what_is_there_at_the_end_holds_475_steps_on_8_of_8_seeds(trained):
    """Without choosing the best moment: this is the average that the optimizer keeps."""
    at_the_end = jax.vmap(dqn.judged_params)(trained.learner)
    means = judged_by_gymnasium(at_the_end)
    assert min(means) >= SOLVED, means


def test_the_best_parameters_hold_475_steps_on_8_of_8_seeds(trained):
    means = judged_by_gymnasium(trained.params)
    assert min(means) >= SOLVED, means


def judged_by_gymnasium(population) -> list[float]:
    """Mean greedy returns of the agents of a population, params with a leading [seeds]."""
    network, means = ondevice.make_network(), []
    act = jax.jit(lambda params, states: greedy(network.apply(params, states)))
    for i, seed in enumerate(SEEDS):
        agent = jax.tree.map(lambda leaf, i=i: leaf[i], population)
        means.append(judge(partial(act, agent), seed))
    return means


def test_it_takes_at_most_30000_steps(trained):
    assert (trained.evaluation_steps[:, -1] <= 30_000).all()
    assert (trained.learner.opt_state.updates < 30_000).all()  # one update a step
