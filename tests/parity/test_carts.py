"""Our CartPole beside gymnax's and Gymnasium's, from states all over the track.

One step of each differs in float32's last digits alone: Gymnasium computes in float64 and rounds,
gymnax orders its sums otherwise. What they mean by the end of an episode differs:

- Ours says `is_terminal` where the pole fell or the cart left the track; the time limit is
  `auto_reset`'s business, which calls it truncated. Gymnasium does the same by its wrapper.
- gymnax has one `done` for all three. To learn from it one must know that the clock alone ran out,
  for there the future still counts.
- The reward of a step is 1 for all three, that of the last step included. Whoever steps on after
  the end gets 0 from gymnax, 0 and a warning from Gymnasium, and 1 from ours: it keeps no record.
"""

import math
from functools import partial

import gymnasium
import gymnax
import jax
import numpy as np
import pytest
from gymnax.environments.classic_control.cartpole import EnvState

from rl_jax import cartpole

STEPS = 20_000
LIMITS = np.array([2.4, math.radians(12)])
CLOSE = {"rtol": 2e-6, "atol": 2e-6}
THEIRS, PARAMETERS = gymnax.make("CartPole-v1")


def states(seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Inside of the limits, at speeds that a fall or a long run reaches; and a push for each."""
    rng = np.random.default_rng(seed)
    most = np.array([2.4, 3.0, LIMITS[1], 3.5])
    return (most * rng.uniform(-1, 1, (STEPS, 4))).astype(np.float32), rng.integers(2, size=STEPS)


@jax.jit
@partial(jax.vmap, in_axes=(0, 0, None))
def step_gymnax(state, action, elapsed):
    key = jax.random.key(0)  # CartPole's step draws nothing
    x, x_dot, theta, theta_dot = state
    begun = EnvState(time=elapsed, x=x, x_dot=x_dot, theta=theta, theta_dot=theta_dot)
    seen, _, reward, done, _ = THEIRS.step_env(key, begun, action, PARAMETERS)
    return seen, reward, done


step_ours = jax.jit(jax.vmap(cartpole.step))


def gymnaxs(given: np.ndarray, actions: np.ndarray, elapsed: int = 0):
    return map(np.asarray, step_gymnax(given, actions, elapsed))


def ours(given: np.ndarray, actions: np.ndarray):
    return map(np.asarray, step_ours(given, actions))


def gymnasiums(given: np.ndarray, actions: np.ndarray):
    core, rows = gymnasium.make("CartPole-v1").unwrapped, []
    core.reset(seed=0)
    for state, action in zip(given, actions, strict=True):
        core.state, core.steps_beyond_terminated = state.astype(np.float64), None
        seen, reward, terminated, _, _ = core.step(int(action))
        rows.append((seen, reward, terminated))
    return map(np.array, zip(*rows, strict=True))


def clear_of_limits(next_states: np.ndarray) -> np.ndarray:
    """Where the last digit cannot decide whether an episode ends."""
    return (np.abs(np.abs(next_states[:, [0, 2]]) - LIMITS) > 1e-6).all(axis=1)


@pytest.mark.parametrize("peer", [gymnaxs, gymnasiums])
@pytest.mark.parametrize("seed", range(3))
def test_a_step_and_its_end(peer, seed):
    given, actions = states(seed)
    next_states, rewards, is_terminal = ours(given, actions)
    their_states, their_rewards, their_ends = peer(given, actions)
    np.testing.assert_allclose(next_states, their_states, **CLOSE)
    np.testing.assert_array_equal(rewards, their_rewards)
    clear = clear_of_limits(next_states)
    np.testing.assert_array_equal(is_terminal[clear], their_ends[clear])
    assert clear.mean() > 0.999 and 0.01 < is_terminal.mean() < 0.5


def test_a_thousand_steps_in_a_row_stay_together():
    """A hand-written player's: rounding must not grow into another episode."""
    mine = theirs = np.array([[0.01, 0.02, -0.03, 0.04]], np.float32)
    for _ in range(1_000):
        action = (mine[:, 2] + 0.2 * mine[:, 3] > 0).astype(int)
        mine, _, _ = ours(mine, action)
        theirs, _, _ = gymnaxs(theirs, action)
        np.testing.assert_allclose(mine, theirs, atol=1e-4)


def test_gymnax_ends_with_the_clock_where_ours_is_not_terminal():
    upright = np.zeros((1, 4), np.float32)
    actions = np.array([1])
    for elapsed, done in ((498, False), (499, True)):
        _, _, their_end = gymnaxs(upright, actions, elapsed)
        _, _, is_terminal = ours(upright, actions)
        assert bool(their_end[0]) is done and not is_terminal[0]
    start = np.asarray(cartpole.reset(jax.random.key(1)))
    truncated = cartpole.auto_reset(jax.random.key(0), start, False, cartpole.TIME_LIMIT)[2]
    assert truncated and PARAMETERS.max_steps_in_episode == cartpole.TIME_LIMIT == 500


def test_after_the_end_the_others_pay_nothing_and_ours_still_pays():
    fallen, push = np.array([[0, 0, 0.5, 0]], np.float32), np.array([1])
    _, paid, _ = gymnaxs(fallen, push)
    assert paid.tolist() == [0.0]
    core = gymnasium.make("CartPole-v1").unwrapped
    core.reset(seed=0)
    core.state = fallen[0].astype(np.float64)
    assert [core.step(1)[1] for _ in range(3)] == [1.0, 0.0, 0.0]  # it notices at its first step
    _, paid, _ = ours(fallen, push)
    assert paid.tolist() == [1.0]


def test_starts_come_from_the_same_box():
    keys = jax.random.split(jax.random.key(0), 5_000)
    mine = np.asarray(jax.vmap(cartpole.reset)(keys))
    theirs = np.asarray(jax.vmap(lambda key: THEIRS.reset_env(key, PARAMETERS)[0])(keys))
    for starts in (mine, theirs):
        assert np.abs(starts).max() <= 0.05
        np.testing.assert_allclose(starts.std(axis=0), 0.1 / math.sqrt(12), rtol=0.05)
