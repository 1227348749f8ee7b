"""The probes find nothing in what is right, and each planted bug within seconds."""

import ast
import inspect
import textwrap
import time
from functools import partial

import jax.numpy as jnp
import numpy as np
import pytest
from probes import PROBES, Probe
from series import code_cells, definitions, parse, source_of

from rl_jax import dqn, loop, policy
from rl_jax.nn.losses import mse
from rl_jax.replay import ReplayMemory, Transition

LIMIT_S = 10  # on an idle core they take about one


def plant(monkeypatch, module, name: str, **changes: str) -> None:
    """Put a function with a bug in the place of the right one: `was=..., now=...` in its source."""
    source = textwrap.dedent(inspect.getsource(getattr(module, name)))
    was, now = changes.get("was", ""), changes.get("now", "")
    assert was in source, f"{name} no longer says {was!r}: plant this bug in another way"
    made = {}
    exec(source.replace(was, now) if was else source, vars(module), made)
    monkeypatch.setattr(module, name, made[name])


def terminal_target_0(patch):
    was, now = (
        "rewards + gamma * jnp.where(is_terminal, 0.0, future)",
        "jnp.where(is_terminal, 0.0, rewards + gamma * future)",
    )
    plant(patch, dqn, "td_target", was=was, now=now)


def loss_mean_that_is_a_sum(patch):
    patch.setattr(dqn, "mse", partial(mse, reduction="sum"))
    plant(patch, dqn, "make_train_step")  # its default is looked up anew


def one_key_used_twice(patch):
    was, now = "coin_key, action_key = jax.random.split(key)", "coin_key = action_key = key"
    plant(patch, policy, "epsilon_greedy", was=was, now=now)
    patch.setattr(loop, "epsilon_greedy", policy.epsilon_greedy)


def epsilon_at_evaluation(patch):
    right, coin = loop.greedy_policy, np.random.default_rng(0)

    def greedy_policy(params, network):
        greedy = right(params, network)
        return lambda seen: greedy(seen) if coin.random() > 0.3 else int(coin.integers(2))

    patch.setattr(loop, "greedy_policy", greedy_policy)


def unseeded_sampling(patch):
    patch.setattr(loop, "ReplayMemory", lambda size, seed: ReplayMemory(size))


def truncation_as_termination(patch):
    plant(patch, loop, "train", was="reward, terminated)", now="reward, terminated or truncated)")


def column_against_row(patch):
    patch.setattr(dqn, "mse", lambda y_true, y_pred: jnp.mean((y_true - y_pred) ** 2))
    plant(patch, dqn, "td_loss", was="batch.action]", now="batch.action][:, None]")
    plant(patch, dqn, "make_train_step")


def online_network_in_the_target(patch):
    was, now = "apply(target_params, batch.next_state)", "apply(params, batch.next_state)"
    plant(patch, dqn, "td_loss", was=was, now=now)


def gradient_through_the_target(patch):
    online_network_in_the_target(patch)
    plant(patch, dqn, "td_target", was="jax.lax.stop_gradient(", now="(")


def observations_by_reference(patch):
    class Memory(list):
        def __init__(self, size, seed):
            self.rng = np.random.default_rng(seed)

        def experience(self, transition):
            self.append(transition)

        def sample_batch(self, n):
            rows = [self[i] for i in self.rng.choice(len(self), n, replace=False)]
            batch = Transition(*(np.array(field) for field in zip(*rows, strict=True)))
            return batch._replace(reward=batch.reward.astype(np.float32))

    patch.setattr(loop, "ReplayMemory", Memory)


def target_never_updated(patch):
    plant(patch, dqn, "make_train_step", was="if target_tau:", now="if False:")


def learning_rate_too_high(patch):
    right = dqn.Config.make_optimizer

    def make_optimizer(self):
        rates = {"learning_rate": 20 * self.learning_rate}
        return right(self._replace(**rates, final_learning_rate=20 * self.final_learning_rate))

    patch.setattr(dqn.Config, "make_optimizer", make_optimizer)


BUGS = {  # and the probe that finds it
    terminal_target_0: "one_state",
    loss_mean_that_is_a_sum: "one_state",
    one_key_used_twice: "keys",
    epsilon_at_evaluation: "action",
    unseeded_sampling: "repeatable",
    truncation_as_termination: "truncation",
    column_against_row: "observation",
    online_network_in_the_target: "frozen_target",
    gradient_through_the_target: "frozen_target",
    observations_by_reference: "observation",
    target_never_updated: "truncation",
    learning_rate_too_high: "one_state",
}


@pytest.fixture(autouse=True)
def nothing_compiled_stays():
    def forget():
        for thing in [*vars(loop).values(), *vars(dqn).values()]:
            getattr(thing, "cache_clear", lambda: None)()

    forget()
    yield
    forget()


@pytest.mark.parametrize("probe", PROBES)
def test_what_is_right_passes(probe):
    assert PROBES[probe]() == []


@pytest.mark.parametrize(("bug", "probe"), BUGS.items(), ids=lambda x: getattr(x, "__name__", x))
def test_a_planted_bug_is_found(bug, probe, monkeypatch):
    bug(monkeypatch)
    start = time.process_time()
    complaints = PROBES[probe]()
    assert complaints, f"{probe} overlooks {bug.__name__}"
    assert time.process_time() - start < LIMIT_S


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
