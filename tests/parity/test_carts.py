"""Our CartPole beside gymnax's and Gymnasium's, from states all over the track.

One step of each differs in float32's last digits alone: Gymnasium computes in float64 and rounds,
gymnax orders its sums otherwise. What they mean by the end of an episode differs:

- Ours says `is_terminal` where the pole fell or the cart left the track; the time limit is
  `auto_reset`'s business, which calls it truncated. Gymnasium does the same by its wrapper.
- gymnax has one `done` for all three. To learn from it one must know that the clock alone ran out,
  for there the future still counts.
- The reward of a step is 1 for all three, until one steps on after the end: gymnax then pays 0,
  Gymnasium pays 1 once and then 0 with a warning, ours pays 1 and leaves it to the caller.
"""

import math

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


def gymnaxs(given: np.ndarray, actions: np.ndarray, elapsed: int = 0):
    key = jax.random.key(0)  # CartPole's step draws nothing

    def step(state, action):
        begun = EnvState(
            time=elapsed, x=state[0], x_dot=state[1], theta=state[2], theta_dot=state[3]
        )
        seen, _, reward, done, _ = THEIRS.step_env(key, begun, action, PARAMETERS)
        return seen, reward, done

    return map(np.asarray, jax.jit(jax.vmap(step))(given, actions))


def ours(given: np.ndarray, actions: np.ndarray):
    return map(np.asarray, jax.jit(jax.vmap(cartpole.step))(given, actions))


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
    state = other = np.array([0.01, 0.02, -0.03, 0.04], np.float32)
    step = jax.jit(cartpole.step)
    for _ in range(1_000):
        action = int(state[2] + 0.2 * state[3] > 0)
        state = np.asarray(step(state, action)[0])
        other = next(iter(gymnaxs(other[None], np.array([action]))))[0]
        np.testing.assert_allclose(state, other, atol=1e-4)


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


def test_after_the_end_gymnax_pays_nothing_and_ours_still_pays():
    fallen, actions = np.array([[0, 0, 0.5, 0]], np.float32), np.array([1])
    assert [float(reward[0]) for _, reward, _ in [tuple(gymnaxs(fallen, actions))]] == [0.0]
    assert [float(reward[0]) for _, reward, _ in [tuple(ours(fallen, actions))]] == [1.0]


def test_starts_come_from_the_same_box():
    keys = jax.random.split(jax.random.key(0), 5_000)
    mine = np.asarray(jax.vmap(cartpole.reset)(keys))
    theirs = np.asarray(jax.vmap(lambda key: THEIRS.reset_env(key, PARAMETERS)[0])(keys))
    for starts in (mine, theirs):
        assert np.abs(starts).max() <= 0.05
        np.testing.assert_allclose(starts.std(axis=0), 0.1 / math.sqrt(12), rtol=0.05)
