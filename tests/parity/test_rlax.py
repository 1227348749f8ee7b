"""Our targets, losses and coin beside rlax's, on random inputs.

rlax writes each for one transition, and returns the error where we return the target; a discount
of 0 is its word for a terminal state. All agree to float32's last digits. One difference: where
several actions are worth the same, rlax shares the greedy choice between them, and we take the
first.
"""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
import rlax

from rl_jax import dqn, policy
from rl_jax.nn import losses

ROUNDS, BATCH, ACTIONS = 20, 256, 5
CLOSE = {"rtol": 1e-6, "atol": 1e-6}


def batch(seed: int) -> dict[str, np.ndarray]:
    """Transitions with rewards and values of all sizes; a third of them terminal."""
    rng = np.random.default_rng(seed)
    size = 10.0 ** rng.uniform(-3, 3)
    made = {
        "q": rng.normal(0, size, (BATCH, ACTIONS)),
        "next_q": rng.normal(0, size, (BATCH, ACTIONS)),
        "online_next_q": rng.normal(0, size, (BATCH, ACTIONS)),
        "rewards": rng.normal(0, size, BATCH),
    }
    return {name: values.astype(np.float32) for name, values in made.items()} | {
        "actions": rng.integers(ACTIONS, size=BATCH),
        "is_terminal": rng.random(BATCH) < 1 / 3,
        "gamma": np.float32(rng.uniform()),
        "size": size,
    }


def discounts(given) -> np.ndarray:
    return np.where(given["is_terminal"], 0, given["gamma"]).astype(np.float32)


def close(ours, theirs, size: float) -> None:
    np.testing.assert_allclose(ours, theirs, rtol=1e-5, atol=1e-6 * size)


@pytest.mark.parametrize("seed", range(ROUNDS))
def test_the_target_of_q_learning(seed):
    given = batch(seed)
    target = dqn.td_target(given["rewards"], given["next_q"], given["is_terminal"], given["gamma"])
    taken = np.take_along_axis(given["q"], given["actions"][:, None], axis=1)[:, 0]
    errors = jax.vmap(rlax.q_learning)(
        given["q"], given["actions"], given["rewards"], discounts(given), given["next_q"]
    )
    close(target - taken, errors, given["size"])


@pytest.mark.parametrize("seed", range(ROUNDS))
def test_the_target_of_double_q_learning(seed):
    given = batch(seed)
    target = dqn.td_target(
        given["rewards"],
        given["next_q"],
        given["is_terminal"],
        given["gamma"],
        given["online_next_q"],
    )
    taken = np.take_along_axis(given["q"], given["actions"][:, None], axis=1)[:, 0]
    errors = jax.vmap(rlax.double_q_learning)(
        given["q"],
        given["actions"],
        given["rewards"],
        discounts(given),
        given["next_q"],
        given["online_next_q"],
    )
    close(target - taken, errors, given["size"])


@pytest.mark.parametrize("seed", range(ROUNDS))
def test_huber_and_its_slope(seed):
    given = batch(seed)
    delta = float(np.random.default_rng(seed).uniform(0.1, 3))
    errors = given["rewards"]
    zeros = np.zeros_like(errors)
    ours = losses.huber(errors, zeros, reduction="none", delta=delta)
    np.testing.assert_allclose(ours, rlax.huber_loss(errors, delta), **CLOSE)
    slope = jax.grad(lambda x: losses.huber(x, jnp.zeros_like(x), reduction="sum", delta=delta))
    theirs = jax.grad(lambda x: rlax.huber_loss(x, delta).sum())
    np.testing.assert_allclose(slope(errors), theirs(errors), **CLOSE)


# The coin: how often each action comes, in so many throws.

THROWS = 100_000
THROW = jax.jit(jax.vmap(policy.epsilon_greedy, in_axes=(0, None, None)))


def frequencies(q_values: np.ndarray, epsilon: float) -> np.ndarray:
    keys = jax.random.split(jax.random.key(0), THROWS)
    chosen = THROW(keys, q_values, epsilon)
    return np.bincount(chosen, minlength=len(q_values)) / THROWS


@pytest.mark.parametrize("epsilon", [0.0, 0.05, 0.5, 1.0])
@pytest.mark.parametrize("seed", range(3))
def test_the_coin_falls_as_often(seed, epsilon):
    q_values = batch(seed)["q"][0]
    theirs = np.asarray(rlax.epsilon_greedy(epsilon).probs(q_values))
    # Four standard deviations of a frequency; exact where a probability is 0 or 1.
    margin = 4 * np.sqrt(theirs * (1 - theirs) / THROWS)
    assert (np.abs(frequencies(q_values, epsilon) - theirs) <= margin + 1e-7).all()


def test_where_actions_are_worth_the_same_we_take_the_first_and_rlax_shares():
    q_values = np.array([1.0, 2.0, 2.0], np.float32)
    theirs = np.asarray(rlax.epsilon_greedy(0.3).probs(q_values))
    np.testing.assert_allclose(theirs, [0.1, 0.45, 0.45], **CLOSE)
    # Ours: 0.1 each from the coin, and all of the other 0.7 to the first.
    np.testing.assert_allclose(frequencies(q_values, 0.3), [0.1, 0.8, 0.1], atol=0.005)
