"""The pure CartPole against Gymnasium's own, step by step, and against sums done by hand."""

import math
import re
from functools import partial

import gymnasium
import jax
import jax.numpy as jnp
import numpy as np
import pytest
from helpers import every_way, same_key_again

from rl_jax import cartpole

ANGLE_LIMIT = math.radians(12)


def lean(state) -> int:
    """The hand-written player of notebook 00: it holds 500 steps."""
    return int(state[2] + 0.2 * state[3] > 0)


def clumsy(state) -> int:
    """Pushes away from where it should, as soon as the pole leans: falls fast and hard."""
    return 1 - lean(state)


def drift(state) -> int:
    """Balances the pole and walks off the track to the right."""
    return int(state[2] + 0.2 * state[3] > 0.03)


def played(policy, steps: int, seed: int) -> dict[str, np.ndarray]:
    """That many transitions of Gymnasium's CartPole-v1, episode after episode."""
    env, rows, episode = gymnasium.make("CartPole-v1"), [], 0
    while len(rows) < steps:
        state, _ = env.reset(seed=1_000 * seed + episode)
        elapsed, over = 0, False
        while not over:
            action = policy(state)
            next_state, reward, terminated, truncated, _ = env.step(action)
            elapsed += 1
            rows.append((state, action, next_state, reward, terminated, truncated, elapsed))
            state, over = next_state, terminated or truncated
        episode += 1
    names = ("state", "action", "next_state", "reward", "terminated", "truncated", "elapsed")
    columns = map(np.array, zip(*rows, strict=True))
    return dict(zip(names, columns, strict=True))


def anywhere(steps: int, seed: int) -> dict[str, np.ndarray]:
    """Single steps of Gymnasium's physics from states all over the track, many near a limit."""
    rng, core = np.random.default_rng(seed), gymnasium.make("CartPole-v1").unwrapped
    core.reset(seed=0)
    scale = np.array([2.4, 3.0, ANGLE_LIMIT, 3.5], np.float32)
    states = (scale * rng.uniform(-1, 1, (steps, 4))).astype(np.float32)
    # A third of them a hair from the position's or the angle's limit, on either side.
    for number, limit in ((0, 2.4), (2, ANGLE_LIMIT)):
        rows = rng.choice(steps, steps // 6, replace=False)
        signs = rng.choice([-1, 1], len(rows))
        states[rows, number] = signs * (limit + rng.normal(0, 1e-3, len(rows)))
        states[rows, number + 1] = 0.0
    actions, rows = rng.integers(2, size=steps), []
    for state, action in zip(states, actions, strict=True):
        core.state, core.steps_beyond_terminated = state.astype(np.float64), None
        next_state, reward, terminated, _, _ = core.step(int(action))
        rows.append((next_state, reward, terminated))
    next_states, rewards, terminated = (np.array(column) for column in zip(*rows, strict=True))
    return {
        "state": states, "action": actions, "next_state": next_states, "reward": rewards,
        "terminated": terminated,
    }  # fmt: skip


def at_random(seed):
    coin = np.random.default_rng(seed)
    return lambda state: int(coin.integers(2))


SOURCES = {
    "random": lambda: played(at_random(0), 30_000, 1),
    "greedy": lambda: played(lean, 30_000, 2),
    "clumsy": lambda: played(clumsy, 20_000, 3),
    "drift": lambda: played(drift, 20_000, 4),
    "anywhere": lambda: anywhere(30_000, 5),
}


@pytest.mark.parametrize("source", SOURCES)
def test_each_step_is_gymnasiums(source):
    """130,000 transitions in all. Gymnasium computes in float64 and rounds; we in float32."""
    theirs = SOURCES[source]()
    next_state, reward, is_terminal = map(
        np.asarray, jax.jit(jax.vmap(cartpole.step))(theirs["state"], theirs["action"])
    )
    assert next_state.dtype == np.float32 and is_terminal.dtype == np.bool_
    np.testing.assert_allclose(next_state, theirs["next_state"], rtol=2e-6, atol=2e-6)
    np.testing.assert_array_equal(reward, theirs["reward"])
    # The endings agree, but where a limit lies within that last digit.
    limits = np.array([2.4, ANGLE_LIMIT])
    gap = np.abs(np.abs(theirs["next_state"][:, [0, 2]]) - limits).min(axis=-1)
    clear = gap > 1e-6
    np.testing.assert_array_equal(is_terminal[clear], theirs["terminated"][clear])
    assert (~clear).mean() < 1e-3
    assert 0 < theirs["terminated"].sum() < len(clear) or source == "greedy"


def test_the_time_limit_is_gymnasiums():
    """Where each of Gymnasium's episodes is cut off, `auto_reset` cuts ours, and nowhere else."""
    for policy in (lean, drift, at_random(3)):
        theirs = played(policy, 5_000, 6)
        terminated, elapsed = theirs["terminated"], theirs["elapsed"]
        keys = jax.random.split(jax.random.key(0), len(elapsed))
        state, steps, truncated = jax.vmap(cartpole.auto_reset)(
            keys, theirs["next_state"], terminated, elapsed
        )
        # Gymnasium's clock also runs out on a pole that falls in the last step; there it is over.
        np.testing.assert_array_equal(truncated, theirs["truncated"] & ~terminated)
        over = terminated | theirs["truncated"]
        np.testing.assert_array_equal(steps, np.where(over, 0, elapsed))
        np.testing.assert_array_equal(np.asarray(state)[~over], theirs["next_state"][~over])
        assert np.abs(np.asarray(state)[over]).max() <= 0.05  # a new start


@same_key_again
def test_a_standing_pole_is_truncated_and_a_fallen_one_terminated():
    key, state = jax.random.key(0), jnp.array([0.1, 0.0, 0.0, 0.0])
    limit = cartpole.TIME_LIMIT
    assert limit == 500
    for is_terminal, steps, truncated, goes_on in [
        (False, limit - 1, False, True),
        (False, limit, True, False),
        (True, limit, False, False),  # fell in the very last step: that is a fall
        (True, 7, False, False),
    ]:
        new, counted, cut = cartpole.auto_reset(key, state, jnp.bool_(is_terminal), steps)
        assert (bool(cut), int(counted)) == (truncated, steps if goes_on else 0)
        assert (new == (state if goes_on else cartpole.reset(key))).all()


@same_key_again
def test_a_limit_in_a_list_is_refused_without_a_warning():
    state = jnp.zeros(4)
    with pytest.raises(ValueError, match=r"limit must be one value, but its shape is \(1,\)"):
        cartpole.auto_reset(jax.random.key(0), state, False, 1, [500])


@every_way
@pytest.mark.parametrize("action", [0, 1])
def test_one_push_by_hand(call, action):
    # At rest and upright: push = 10 / 1.1 = 9.09091; the pole accelerates by
    # -9.09091 / (0.5 * (4/3 - 0.1/1.1)) = -14.63415 rad/s^2, the cart by
    # 9.09091 + 0.05 * 14.63415 / 1.1 = 9.75610 m/s^2. Times 0.02 s; positions follow a step later.
    sign = 1 if action else -1
    next_state = call(lambda *args: cartpole.step(*args)[0], jnp.zeros(4), action)
    np.testing.assert_allclose(next_state, [0, sign * 0.1951220, 0, sign * -0.2926829], rtol=1e-6)


@every_way
@pytest.mark.parametrize(
    ("state", "over"),
    [
        ([2.39, 0, 0, 0], False),
        ([2.41, 0, 0, 0], True),
        ([-2.41, 0, 0, 0], True),
        ([0, 0, 0.2, 0], False),
        ([0, 0, 0.21, 0], True),
        ([0, 0, -0.21, 0], True),
        ([2.39, 1.0, 0, 0], True),  # 2.39 + 0.02 * 1 > 2.4
        ([0, 0, 0.2, 1.0], True),  # 0.2 + 0.02 * 1 > 0.2094
    ],
)
def test_where_an_episode_terminates(call, state, over):
    assert bool(call(lambda *args: cartpole.step(*args)[2], jnp.array(state), 1)) is over


@every_way
@same_key_again
def test_reset_is_uniform_between_its_limits(call):
    usual = "threefry2x32"  # of the others JAX says that `vmap` changes what they draw
    keys = jax.random.split(jax.random.key(0, impl=usual), 2_000)
    states = np.asarray(jax.vmap(cartpole.reset)(keys))
    assert states.dtype == np.float32 and states.shape == (2_000, 4)
    assert np.abs(states).max() <= 0.05
    np.testing.assert_allclose(states.std(axis=0), 0.1 / math.sqrt(12), rtol=0.05)
    wrap = partial(jax.random.wrap_key_data, impl=usual)
    again = call(lambda data: cartpole.reset(wrap(data)), bare(keys[0]))
    np.testing.assert_array_equal(again, states[0])


def bare(key):
    return jax.random.key_data(key)


@pytest.mark.parametrize("shape", [(1, 4), (3,), (32, 4)])
def test_a_batch_is_refused_with_the_fix(shape):
    match = re.escape(f"must be of shape (4,), but it is {shape}") + ".*jax.vmap"
    with pytest.raises(ValueError, match=match):
        cartpole.step(jnp.zeros(shape), 0)


@pytest.mark.parametrize("name", ["is_terminal", "steps", "limit"])
def test_auto_reset_of_a_batch_is_refused(name):
    """Of shape (4,), `where` would choose coordinate by coordinate."""
    given = {"is_terminal": False, "steps": 3, "limit": 500}
    given[name] = np.full(4, given[name])
    with pytest.raises(ValueError, match=rf"{name} must be one .*\(4,\)"):
        cartpole.auto_reset(jax.random.key(0), jnp.zeros(4), **given)


@pytest.mark.parametrize("kind", [jnp.int8, jnp.uint8, jnp.int16])
def test_a_narrow_count_of_steps_does_not_wrap_the_limit(kind):
    for steps in (3, 120):
        _, counted, truncated = cartpole.auto_reset(
            jax.random.key(steps), jnp.zeros(4), False, kind(steps)
        )
        assert counted == steps and not truncated
