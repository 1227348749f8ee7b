"""The probes find nothing in what is right, and each planted bug within seconds.

A bug is one wrong part of the training, put into the place of the right one.
"""

import ast
import inspect
import time
from functools import partial

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from helpers import rows_for_all
from probes import CONFIG, PROBES, Probe, expect
from series import code_cells, definitions, parse, source_of

from rl_jax.dqn import Parts, td_loss, td_target
from rl_jax.nn.losses import mse
from rl_jax.policy import epsilon_greedy, greedy
from rl_jax.replay import Transition

LIMIT_S = 10  # on an idle core they take about one


def taken(params, batch, network):
    """Q-values [B] of the actions that were taken."""
    q_values = network.apply(params, batch.state)
    return q_values[jnp.arange(len(q_values)), batch.action]


def targets(params, batch, network, gamma):
    return td_target(
        batch.reward, network.apply(params, batch.next_state), batch.is_terminal, gamma
    )


# Wrong losses


def terminal_target_0(params, target_params, batch, network, gamma):
    y = jnp.where(batch.is_terminal, 0.0, targets(target_params, batch, network, gamma))
    return mse(y, taken(params, batch, network))


def loss_mean_that_is_a_sum(params, target_params, batch, network, gamma):
    y = targets(target_params, batch, network, gamma)
    return mse(y, taken(params, batch, network), reduction="sum")


def column_against_row(params, target_params, batch, network, gamma):
    y = targets(target_params, batch, network, gamma)
    return jnp.mean((y - taken(params, batch, network)[:, None]) ** 2)


def online_network_in_the_target(params, target_params, batch, network, gamma):
    return td_loss(params, params, batch, network, gamma)


def gradient_through_the_target(params, target_params, batch, network, gamma):
    future = network.apply(params, batch.next_state).max(-1)
    y = batch.reward + gamma * jnp.where(batch.is_terminal, 0.0, future)
    return mse(y, taken(params, batch, network))


# Wrong acts and judges


def one_key_used_twice(key, q_values, epsilon):
    side = jax.random.randint(key, (), 0, q_values.shape[-1])
    return jnp.where(jax.random.uniform(key) < epsilon, side, greedy(q_values))


epsilon_at_evaluation = partial(epsilon_greedy, epsilon=0.6)


# Wrong memories


def unseeded_sampling(memory, key, batch_size):
    fields = memory.state_dict()
    rows = np.random.default_rng().choice(len(memory), batch_size, replace=False)
    return Transition(*(fields[name][rows] for name in Transition._fields))


def truncation_as_termination(memory, transition, truncated):
    is_over = transition.is_terminal or truncated
    memory.experience(transition._replace(is_terminal=is_over))


class ByReference:
    """Remembers names of arrays, and not what is in them."""

    def __init__(self):
        self.rows, self.rng = [], np.random.default_rng(0)

    def remember(self, memory, transition, truncated):
        self.rows.append(transition)

    def sample(self, memory, key, batch_size):
        drawn = [self.rows[i] for i in self.rng.choice(len(self.rows), batch_size, replace=False)]
        batch = Transition(*(np.array(field) for field in zip(*drawn, strict=True)))
        return batch._replace(reward=batch.reward.astype(np.float32))


def target_never_updated(params, target_params):
    return target_params


def observations_by_reference(parts: Parts) -> Parts:
    bad = ByReference()
    return parts._replace(remember=bad.remember, sample=bad.sample)


BUGS = [  # the part that is wrong, what stands in its place, and the probe that finds it
    ("loss", terminal_target_0, "one_state"),
    ("loss", loss_mean_that_is_a_sum, "one_state"),
    ("act", one_key_used_twice, "keys"),
    ("judge", epsilon_at_evaluation, "action"),
    ("sample", unseeded_sampling, "repeatable"),
    ("remember", truncation_as_termination, "truncation"),
    ("loss", column_against_row, "observation"),
    ("loss", online_network_in_the_target, "frozen_target"),
    ("loss", gradient_through_the_target, "frozen_target"),
    ("follow", target_never_updated, "truncation"),
]


@pytest.mark.parametrize("probe", PROBES)
def test_what_is_right_passes(probe):
    assert PROBES[probe]() == []


@rows_for_all
@pytest.mark.parametrize(("part", "wrong", "probe"), BUGS, ids=[f"{p}-{q}" for p, _, q in BUGS])
def test_a_planted_bug_is_found(part, wrong, probe):
    start = time.process_time()
    complaints = PROBES[probe](lambda parts: parts._replace(**{part: wrong}))
    assert complaints, f"{probe} overlooks it"
    assert time.process_time() - start < LIMIT_S


def test_a_memory_of_references_is_found():
    assert PROBES["delay"](observations_by_reference)


def test_a_learning_rate_that_is_too_high_is_found():
    fast = CONFIG._replace(learning_rate=2.0, final_learning_rate=2.0)
    assert expect(Probe(lambda seen, action: 1.0), {1.0: [1.0]}, lambda parts: parts, fast)


def test_a_probe_ends_as_it_should():
    env = Probe(lambda seen, action: 2 * action - 1, n_actions=2, length=3, end="truncated")
    env.reset(seed=0)
    steps = [env.step(1) for _ in range(3)]
    assert [step[1:4] for step in steps] == [(1.0, False, False)] * 2 + [(1.0, False, True)]


def test_the_series_shows_this_probe():
    """Notebook 06 defines the same class, so what it says of it is what is tested here."""
    shown = [
        definitions(parse(cell))["Probe"]
        for cell in code_cells(source_of("06_full_loop"))
        if "class Probe" in cell.source
    ]
    ours = definitions(ast.parse(inspect.getsource(Probe)))["Probe"]
    assert [ast.unparse(node) for node in shown] == [ast.unparse(ours)]
