"""The claim of `ondevice.Config`'s defaults, on seeds used nowhere else, judged by Gymnasium."""

from functools import partial

import jax
import pytest
from judge import SOLVED, judge

from rl_jax import ondevice
from rl_jax.policy import greedy

SEEDS = range(400, 408)


@pytest.fixture(scope="module")
def trained() -> ondevice.Result:
    keys = jax.numpy.stack([jax.random.key(seed) for seed in SEEDS])
    return jax.jit(jax.vmap(ondevice.make_train()))(keys)


def test_the_best_parameters_hold_475_steps_on_8_of_8_seeds(trained):
    network, means = ondevice.make_network(), []
    act = jax.jit(lambda params, states: greedy(network.apply(params, states)))
    for i, seed in enumerate(SEEDS):
        agent = jax.tree.map(lambda leaf, i=i: leaf[i], trained.params)
        means.append(judge(partial(act, agent), seed))
    assert min(means) >= SOLVED, means


def test_it_takes_at_most_50000_steps(trained):
    assert (trained.evaluation_steps[:, -1] <= 50_000).all()
    assert (trained.learner.opt_state[0].count < 50_000).all()  # one update a step, from Adam
