"""The claim of `ondevice.Config`'s defaults, on seeds used nowhere else, judged by Gymnasium."""

import gymnasium
import jax
import numpy as np
import pytest

from rl_jax import ondevice
from rl_jax.policy import greedy

SEEDS, EPISODES = range(400, 408), 100


def gymnasium_returns(agents, network, seed: int) -> np.ndarray:
    """Greedy returns [agents, EPISODES] on Gymnasium's CartPole-v1, all episodes in lockstep."""
    n = len(jax.tree.leaves(agents)[0])
    act = jax.jit(jax.vmap(lambda params, states: greedy(network.apply(params, states))))
    games = [gymnasium.make("CartPole-v1") for _ in range(n * EPISODES)]
    starts = [game.reset(seed=seed + i % EPISODES)[0] for i, game in enumerate(games)]
    states, returns = np.array(starts), np.zeros(len(games))
    alive = np.arange(len(games))
    while len(alive):
        actions = np.asarray(act(agents, states.reshape(n, EPISODES, 4))).ravel()
        over = np.zeros(len(games), bool)
        for i in alive:
            states[i], reward, terminated, truncated, _ = games[i].step(int(actions[i]))
            returns[i] += reward
            over[i] = terminated or truncated
        alive = alive[~over[alive]]
    return returns.reshape(n, EPISODES)


@pytest.fixture(scope="module")
def trained() -> ondevice.Result:
    keys = jax.numpy.stack([jax.random.key(seed) for seed in SEEDS])
    return jax.jit(jax.vmap(ondevice.make_train()))(keys)


def test_the_best_parameters_hold_475_steps_on_8_of_8_seeds(trained):
    means = gymnasium_returns(trained.params, ondevice.make_network(), seed=50_000).mean(1)
    assert (means >= 475).all(), means


def test_it_takes_at_most_50000_steps(trained):
    assert (trained.steps[:, -1] <= 50_000).all()
    assert (trained.learner.opt_state[0].count < 50_000).all()  # one update a step, from Adam
