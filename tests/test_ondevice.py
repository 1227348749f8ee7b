"""Training as one scan: the same algorithm as `loop`, the same result however it is run."""

import json
import os
import pickle
import socket
import subprocess
import sys
from functools import partial
from pathlib import Path

import helpers
import jax
import jax.numpy as jnp
import numpy as np
import pytest
from helpers import bits

from rl_jax import cartpole, dqn, loop, ondevice
from rl_jax.ondevice import Config, Hyperparameters
from rl_jax.policy import epsilon_greedy, greedy, linear_epsilon
from rl_jax.replay import ReplayMemory

# CartPole for a moment: the memory is overwritten, all schedules end, there are two evaluations.
TINY = helpers.TINY._replace(evaluate_every=200, evaluation_episodes=3)


def a_key():
    """The same key, as an object that nobody has used yet: JAX_DEBUG_KEY_REUSE counts by object."""
    return jax.random.key(7)


def compilations(function) -> int:
    """How many programs XLA compiles while this function runs."""
    seen = []

    def listener(event, duration, **_):
        if event == "/jax/core/compile/backend_compile_duration":
            seen.append(duration)

    jax.monitoring.register_event_duration_secs_listener(listener)
    try:
        function()
    finally:
        jax.monitoring.clear_event_listeners()
    return len(seen)


def largest_difference(a, b) -> float:
    pairs = zip(jax.tree.leaves(a), jax.tree.leaves(b), strict=True)
    return max(float(np.abs(np.asarray(x, np.float64) - np.asarray(y)).max()) for x, y in pairs)


# The result


def test_the_curve_says_when_and_how_long():
    result = ondevice.make_train(TINY)(a_key())
    assert result.evaluation_steps.tolist() == [200, 400]
    assert result.evaluation_returns.shape == (2,)
    assert (np.asarray(result.evaluation_returns) >= 8).all()  # nobody can fall faster
    # Adam has counted every update: one a step from the 20th on.
    assert int(result.learner.opt_state[0].count) == 400 - 20 + 1


def test_the_network_takes_raw_observations():
    result = ondevice.make_train(TINY)(a_key())
    q_values = ondevice.make_network(TINY).apply(result.params, jnp.zeros((5, 4)))
    assert q_values.shape == (5, 2)


def test_the_best_parameters_are_kept():
    """Cut the training short after its best evaluation: these are the parameters it returned."""
    config = TINY._replace(max_steps=2_000, epsilon_steps=500, final_learning_rate=2e-3)
    curves = {seed: ondevice.make_train(config)(jax.random.key(seed)) for seed in range(6)}
    early = {
        s: r
        for s, r in curves.items()
        if float(r.evaluation_returns[-1]) < float(r.evaluation_returns.max())
    }
    assert early  # some seed gets worse again, else this shows nothing
    for result in curves.values():
        same = bits(result.params) == bits(result.learner.params)
        last_is_best = float(result.evaluation_returns[-1]) == float(
            result.evaluation_returns.max()
        )
        assert same == last_is_best


def test_without_evaluations_the_last_parameters_are_returned():
    result = ondevice.make_train(TINY._replace(evaluate_every=None))(a_key())
    assert (result.evaluation_returns.shape, result.evaluation_steps.shape) == ((0,), (0,))
    assert bits(result.params) == bits(result.learner.params)


def test_of_equals_the_later_parameters_are_the_best():
    config = TINY._replace(max_episode_steps=5)  # nobody falls so soon
    result = ondevice.make_train(config)(a_key())
    assert result.evaluation_returns.tolist() == [5, 5]
    assert bits(result.params) == bits(result.learner.params)


@pytest.mark.parametrize("every", [400, None])
def test_the_average_is_what_is_judged_and_returned(every):
    config = TINY._replace(average=True, evaluate_every=every)
    result = ondevice.make_train(config)(a_key())
    average = dqn.judged_params(result.learner)
    assert bits(result.params) == bits(average) != bits(result.learner.params)


def in_a_scan(train):
    _, params = jax.lax.scan(lambda carry, _: (carry, train(a_key()).params), 0, None, length=1)
    return jax.tree.map(lambda leaf: leaf[0], params)


@pytest.mark.parametrize(
    "call",
    [
        lambda train: jax.jit(lambda key: train(key).params)(a_key()),
        lambda train: jax.jit(lambda: train(a_key()).params)(),
        lambda train: jax.jit(lambda gamma: train(a_key(), gamma=gamma).params)(TINY.gamma),
        pytest.param(
            lambda train: first_of(jax.vmap(lambda key: train(key).params)(a_key()[None])),
            marks=helpers.keys_in_a_vmapped_scan,
        ),
        lambda train: first_of(
            jax.vmap(lambda g: train(a_key(), gamma=g).params)(jnp.ones(1) * 0.995)
        ),
        in_a_scan,
        lambda train: jax.linearize(lambda g: train(a_key(), gamma=g).params, TINY.gamma)[0],
        lambda train: jax.vjp(lambda g: train(a_key(), gamma=g).params, TINY.gamma)[0],
    ],
    ids=[
        *("jit", "key closed over", "gamma alone", "vmap", "vmap over gamma", "scan"),
        *("linearize", "vjp"),
    ],
)
def test_a_training_may_be_part_of_another_program(call):
    train = ondevice.make_train(TINY._replace(max_steps=60, evaluate_every=None))
    assert largest_difference(call(train), train(a_key()).params) < 1e-5


def test_a_pickled_training_trains_the_same():
    train = ondevice.make_train(TINY._replace(max_steps=60, evaluate_every=None))
    again = pickle.loads(pickle.dumps(train))  # noqa: S301
    assert again.config == train.config
    assert bits(again(a_key()).params) == bits(train(a_key()).params)


def first_of(population):
    return jax.tree.map(lambda leaf: leaf[0], population)


# What is learnt


def test_gamma_zero_learns_the_reward():
    # Every step pays 1, so with gamma 0 every Q is 1.
    config = TINY._replace(max_steps=4_000, evaluate_every=None, learning_rate=5e-3)
    params = ondevice.make_train(config)(a_key(), gamma=0.0).params
    states = jax.vmap(cartpole.reset)(jax.random.split(a_key(), 50))
    q_values = ondevice.make_network(config).apply(params, states)
    np.testing.assert_allclose(q_values, 1.0, atol=0.05)


def test_epsilon_is_the_final_one():
    """Exploring for ever, the player is a random one: its episodes are short."""
    config = TINY._replace(max_steps=3_000, epsilon_steps=1, evaluate_every=None)
    one_step = ondevice.make_step(config, Hyperparameters(1.0, 0.99, 1e-3))
    agent = ondevice.init(a_key(), config)
    _, over = jax.lax.scan(one_step, agent, jax.random.split(a_key(), 3_000))
    assert 15 < 3_000 / int(over.sum()) < 32  # notebook 00: about 22


@pytest.mark.parametrize("update", ["episode", "soft"])
def test_the_target_network_follows(update):
    config = TINY._replace(target_update=update, target_tau=0.1, warmup_steps=8)
    one_step = jax.jit(ondevice.make_step(config, Hyperparameters(0.5, 0.99, 1e-2)))
    agent, copies = ondevice.init(a_key(), config), 0
    for key in jax.random.split(a_key(), 80):
        before = agent.learner
        agent, over = one_step(agent, key)
        after = agent.learner
        if update == "episode":  # copied when, and only when, an episode is over
            expected = after.params if over else before.target_params
            copies += int(over)
            assert bits(after.target_params) == bits(expected)
        elif int(agent.memory.stored) >= 8:
            moved = jax.tree.map(
                lambda new, old: 0.1 * new + 0.9 * old, after.params, before.target_params
            )
            assert largest_difference(after.target_params, moved) < 1e-6
    assert copies >= 2 or update == "soft"


def test_a_cap_truncates_and_does_not_terminate():
    config = TINY._replace(max_episode_steps=5, max_steps=200, evaluate_every=200)
    assert ondevice.make_train(config)(a_key()).evaluation_returns.tolist() == [5.0]
    one_step = ondevice.make_step(config, Hyperparameters(0.5, 0.99, 1e-3))
    agent, over = jax.lax.scan(
        one_step, ondevice.init(a_key(), config), jax.random.split(a_key(), 100)
    )
    assert np.flatnonzero(over).tolist() == list(range(4, 100, 5))
    assert not np.asarray(agent.memory.fields.is_terminal).any()


def test_cartpole_has_a_limit_of_its_own():
    config = TINY._replace(max_episode_steps=1_000)
    agent = ondevice.init(a_key(), config)._replace(elapsed_steps=jnp.int32(499))
    one_step = jax.jit(ondevice.make_step(config, USUAL))
    agent, is_over = one_step(agent, jax.random.key(1))
    assert is_over and not agent.memory.fields.is_terminal.any()


# One algorithm: the loop's update on the same transitions and rows


STEADY = TINY._replace(clipped_double=True, average=True)


@helpers.same_key_again
@pytest.mark.parametrize("config", [TINY, TINY._replace(optimizer="sgd"), STEADY])
def test_loop_and_scan_make_the_same_updates(config, monkeypatch):
    """`loop.train` is played the scan's actions and given the scan's rows: parameters agree.

    Both sides are float32, in programs that XLA compiles apart, so not to the last bit.
    """
    config = config._replace(evaluate_every=None, max_steps=120, max_episode_steps=30)
    one_step = jax.jit(
        ondevice.make_step(config, Hyperparameters(0.3, config.gamma, config.learning_rate))
    )
    agent, steps, batches = ondevice.init(a_key(), config), [], []
    initial = agent.learner.params
    for key in jax.random.split(a_key(), config.max_steps):
        before = agent
        agent, over = one_step(agent, key)
        row = int(before.memory.stored) % config.memory_size
        steps.append([np.asarray(field[row]) for field in agent.memory.fields] + [bool(over)])
        sample_key = jax.random.split(key, 3)[1]
        batches.append(agent.memory.sample_batch(sample_key, config.batch_size))

    class Scripted:
        """Plays the recorded episodes, whatever the action."""

        observation_space = loop.envs.make().observation_space
        action_space = loop.envs.make().action_space
        spec, at = None, 0

        def reset(self, seed=None):
            return steps[self.at][0], {}

        def step(self, action):
            _, next_state, _, reward, is_terminal, over = steps[self.at]
            self.at += 1
            return next_state, float(reward), bool(is_terminal), over and not is_terminal, {}

    class SameRows(ReplayMemory):
        def sample_batch(self, sample_size):
            return jax.tree.map(np.asarray, batches[self._stored - 1])

    monkeypatch.setattr(loop, "ReplayMemory", SameRows)
    same_start = lambda *_: dqn.TrainState(  # noqa: E731
        initial, initial, dqn.make_optimizer(config).init(initial)
    )
    monkeypatch.setattr(loop.dqn, "init", same_start)
    result = loop.train(Scripted(), config, progress=False)
    assert int(result.episode_steps[-1]) == int(agent.memory.stored)
    assert largest_difference(agent.learner.params, initial) > 1e-2  # it has learnt something
    assert largest_difference(result.learner, agent.learner) < 1e-5


# The same result, however it is run


def test_the_same_key_gives_the_same_bits():
    train = ondevice.make_train(TINY)
    assert bits(train(a_key())) == bits(train(a_key()))
    assert bits(train(a_key()).params) != bits(train(jax.random.key(8)).params)


def test_keys_of_another_generator_train_the_same_agent():
    """Of those, JAX says that `vmap` changes what they draw."""
    train = ondevice.make_train(TINY)
    for other in (jax.random.key(7, impl="rbg"), jax.random.PRNGKey(7)):
        assert bits(train(other)) == bits(train(jax.random.key(7, impl="threefry2x32")))


def test_defaults_are_the_configs():
    train = ondevice.make_train(TINY)
    rate = TINY.learning_rate
    given = train(a_key(), epsilon=TINY.final_epsilon, gamma=TINY.gamma, learning_rate=rate)
    assert bits(train(a_key())) == bits(given)
    assert train.hyperparameters(0.0, 0.0, 0.0) == (0.0, 0.0, 0.0)  # 0 is a value, too


def test_other_values_compile_nothing():
    train = ondevice.make_train(TINY)
    grid, rate = np.linspace(0.1, 0.9, 3), jnp.float32(0.1)
    population = jax.jit(jax.vmap(train, (None, 0, 0)))
    train(a_key()), population(a_key(), grid, grid)

    def drag():
        train(jax.random.key(9), epsilon=0.3)
        train(a_key(), 0.2, 0.9, 1e-2)
        train(a_key(), gamma=1, epsilon=0)  # whole numbers, too
        train(a_key(), gamma=np.float64(0.5), learning_rate=rate)
        ondevice.make_train(TINY)(a_key())  # made anew
        ondevice.make_train(TINY._replace(gamma=0.1, learning_rate=0.5, final_epsilon=0.3))(a_key())
        population(a_key(), 1 - grid, grid)

    assert compilations(drag) == 0
    assert compilations(lambda: ondevice.make_train(TINY._replace(hidden=(9,)))(a_key())) > 0


@pytest.mark.parametrize("wait", [5, 30], ids=["warming up", "learning"])
def test_a_step_that_is_not_compiled_does_the_same(wait):
    one_step = ondevice.make_step(TINY, USUAL)
    compiled = jax.jit(one_step)
    before = ondevice.init(a_key(), TINY)
    for number in range(wait):
        before, _ = compiled(before, jax.random.key(number))
    ours, is_over = one_step(before, jax.random.key(wait))
    theirs, is_over_too = compiled(before, jax.random.key(wait))
    assert bool(is_over) == bool(is_over_too)
    assert largest_difference(ours, theirs) < 1e-6
    assert bits(ours.memory) != bits(before.memory)
    has_learnt = bits(ours.learner.params) != bits(before.learner.params)
    assert has_learnt == (wait >= TINY.warmup_steps)


def test_jaxs_check_of_keys_accuses_a_scan_under_vmap_wrongly():
    """If this fails JAX has learnt it: then `keys_in_a_vmapped_scan` and two notes may go."""

    def draws(key):
        return jax.lax.map(jax.random.uniform, jax.random.split(key, 3))

    with jax.debug_key_reuse(True):
        assert jax.jit(draws)(jax.random.key(0)).shape == (3,)
        with pytest.raises(jax.errors.KeyReuseError):
            jax.jit(jax.vmap(draws))(jax.random.split(jax.random.key(0), 2))


@helpers.keys_in_a_vmapped_scan
def test_spreading_again_compiles_nothing():
    population = ondevice.spread(ondevice.make_train(TINY))
    keys = jax.random.split(a_key(), 2)
    population(keys)

    def drag():
        population(keys, epsilon=0.2)
        population(keys, gamma=[0.5, 0.9], learning_rate=1e-3)

    assert compilations(drag) == 0


def test_hyperparameters_vmap():
    """Three gammas in one call: each is the training with that gamma."""
    config = TINY._replace(max_steps=200)
    train, gammas = ondevice.make_train(config), jnp.array([0.0, 0.5, 0.9])
    together = jax.vmap(lambda gamma: train(a_key(), gamma=gamma))(gammas)
    for i, gamma in enumerate(gammas):
        alone = train(a_key(), gamma=gamma)
        assert largest_difference(jax.tree.map(lambda x, i=i: x[i], together), alone) < 1e-3


def test_a_population_too_learns_nothing_before_its_memories_are_warm():
    """Under `vmap` both branches of a `cond` run, but not where all agents share the condition."""
    config = TINY._replace(warmup_steps=40, max_steps=60, evaluate_every=None)
    parts = ondevice.make_parts(config)
    drawn_at = []

    def sample(memory, key, batch_size):
        jax.debug.callback(lambda stored: drawn_at.append(int(stored)), memory.stored)
        return parts.sample(memory, key, batch_size)

    def train(key):
        numbers = ondevice.Hyperparameters(0.1, 0.9, 1e-3)
        return ondevice.run_training(key, config, numbers, parts._replace(sample=sample))

    jax.block_until_ready(jax.jit(jax.vmap(train))(jax.random.split(a_key(), 3)))
    jax.effects_barrier()
    assert set(drawn_at) == set(range(40, 61))


# XLA compiles one program for one agent, another for four, a third for two devices, and is free to
# add in another order in each, or to fuse a multiplication with an addition. So these agree to
# rounding only; and since a rounding error may one day flip an action, only for a short while:
# `SHORT` makes 300 updates. With one kind of matrix product and no fused multiply-add, the same
# programs agree bit for bit, which shows that nothing but rounding differs.
SHORT = TINY._replace(max_steps=320, evaluate_every=160)
ROUNDING = 1e-3
NO_FMA, ONE_PRODUCT = "--xla_cpu_max_isa=AVX", "--xla_cpu_experimental_ynn_fusion_type="
WAYS = ("vmap", "one by one", "spread")

WORKER = """
import json, sys
import jax
case = json.loads(sys.argv[1])
jax.config.update("jax_num_cpu_devices", 2)
if case["processes"] > 1:
    address = f"localhost:{case['port']}"
    jax.distributed.initialize(address, case["processes"], case["process"])
import numpy as np
from jax.experimental import multihost_utils
from rl_jax import ondevice
train = ondevice.make_train(ondevice.Config(**case["config"]))
keys, gammas = jax.random.split(jax.random.key(7), 4), np.linspace(0.9, 0.99, 4)
if case["processes"] > 1:
    result = ondevice.spread(train)(keys, gamma=gammas)
    assert len(result.evaluation_steps.sharding.device_set) == 2 * case["processes"]
    results = {"spread over hosts": multihost_utils.process_allgather(result, tiled=True)}
else:
    many = [train(key, gamma=gamma) for key, gamma in zip(keys, gammas)]
    results = {
        "one by one": jax.tree.map(lambda *leaves: np.stack(leaves), *many),
        "vmap": jax.jit(jax.vmap(lambda key, gamma: train(key, gamma=gamma)))(keys, gammas),
        "spread": ondevice.spread(train)(keys, gamma=gammas),
    }
if case["process"] == 0:
    for way, result in results.items():
        np.savez(f"{case['file']} {way}.npz", *jax.tree.leaves(result))
"""


def free_port() -> int:
    with socket.socket() as sock:
        sock.bind(("localhost", 0))
        return sock.getsockname()[1]


def elsewhere(folder: Path, processes: int = 1, flags: str = "") -> dict[str, list]:
    """Way -> the leaves of a population's Result, trained in processes of their own."""
    environment = os.environ | {"XLA_FLAGS": f"{os.environ.get('XLA_FLAGS', '')} {flags}".strip()}
    environment.pop("JAX_DEBUG_KEY_REUSE", None)  # see helpers.keys_in_a_vmapped_scan
    case = {"processes": processes, "port": free_port(), "config": SHORT._asdict()}
    running = []
    for process in range(processes):
        given = json.dumps(case | {"process": process, "file": str(folder / "population")})
        options = {"env": environment, "stderr": subprocess.PIPE, "text": True}
        running.append(subprocess.Popen([sys.executable, "-c", WORKER, given], **options))
    for worker in running:
        _, said = worker.communicate(timeout=240)
        assert worker.returncode == 0, said[-3_000:]
    found = {}
    for file in folder.glob("population *.npz"):
        with np.load(file) as archive:
            found[file.stem.removeprefix("population ")] = [archive[name] for name in archive]
    return found


def at_the_end(leaves: list) -> list:
    """A Result's learner alone: rounding may choose between two greedy actions that are worth the
    same, and with it an evaluation's return and which parameters were the best."""
    best = len(jax.tree.leaves(ondevice.init(a_key(), SHORT).learner.params))
    assert len(leaves) > best + 3
    return leaves[best:-3]


@pytest.fixture(scope="module")
def rounded(tmp_path_factory):
    return elsewhere(tmp_path_factory.mktemp("rounded"))


@pytest.mark.parametrize("way", WAYS[1:])
def test_each_seed_is_the_same_alone_or_spread(way, rounded):
    found, expected = at_the_end(rounded[way]), at_the_end(rounded["vmap"])
    assert largest_difference(found, expected) < ROUNDING


def test_each_seed_is_the_same_over_two_processes(rounded, tmp_path):
    spread = elsewhere(tmp_path, processes=2)["spread over hosts"]
    assert largest_difference(at_the_end(spread), at_the_end(rounded["vmap"])) < ROUNDING


def known(flag: str) -> bool:
    """Whether this XLA has the flag; older ones had but one kind of matrix product."""
    command = [sys.executable, "-c", "import jax; jax.devices()"]
    return not subprocess.run(command, env=os.environ | {"XLA_FLAGS": flag}).returncode


@helpers.keys_in_a_vmapped_scan
def test_without_rounding_freedom_all_ways_agree_bit_for_bit(tmp_path):
    flags = f"{NO_FMA} {ONE_PRODUCT}" if known(ONE_PRODUCT) else NO_FMA
    exact = elsewhere(tmp_path, flags=flags)
    if jax.config.jax_enable_x64:  # there XLA has some freedom left
        assert all(largest_difference(exact[w], exact["vmap"]) < ROUNDING for w in WAYS)
    else:
        assert [bits(exact[way]) == bits(exact["vmap"]) for way in WAYS] == [True] * len(WAYS)


# Bad input


@pytest.mark.parametrize(
    ("change", "match"),
    [
        ({"memory_size": 7}, "memory_size must be at least 8, but it is 7"),
        ({"warmup_steps": 7}, "warmup_steps must be at least 8, but it is 7"),
        ({"max_episodes": 300}, "max_episodes must be None, but it is 300: a scan has a fixed"),
        ({"stop_at_return": 475.0}, "stop_at_return must be None"),
        ({"evaluate_every": 300}, "multiple of evaluate_every, but they are 400 and 300"),
        ({"optimizer": "rmsprop"}, "optimizer must be"),
        ({"gamma": 1.1}, r"gamma must lie in \[0, 1\]"),
        ({"target_tau": -1.0}, r"target_tau must lie in \[0, 1\]"),
        ({"max_steps": 0}, "max_steps must be at least 1"),
        ({"evaluation_episodes": 0}, "evaluation_episodes must be at least 1"),
        ({"observation_scale": (1.0,)}, "one factor for each of 4 numbers"),
    ],
)
def test_configs_that_make_no_sense_are_refused(change, match):
    with pytest.raises(ValueError, match=match):  # before it is called
        ondevice.make_train(TINY._replace(**change))


def test_a_list_of_widths_will_do():
    train = ondevice.make_train(TINY._replace(hidden=[8]))
    assert train.config == ondevice.make_train(TINY._replace(hidden=(8,))).config


def test_an_unknown_hyperparameter_is_refused():
    with pytest.raises(TypeError, match="learning_rat"):
        Config(learning_rat=1e-3)


@pytest.mark.parametrize(("name", "value"), [("epsilon", 1.1), ("gamma", -0.1)])
def test_hyperparameters_out_of_range_are_refused(name, value):
    train = ondevice.make_train(TINY)
    for call in (
        partial(train, a_key()),
        partial(ondevice.spread(train), jax.random.split(a_key(), 2)),
    ):
        with pytest.raises(ValueError, match=rf"{name} must lie in \[0, 1\], but it is {value}"):
            call(**{name: value})


def test_a_population_that_does_not_divide_is_refused():
    with pytest.raises(
        ValueError, match="3 keys do not divide over 2 devices: take a multiple of 2"
    ):
        ondevice._count_keys(jax.random.split(a_key(), 3), devices=2)


@pytest.mark.parametrize("rate", [float("nan"), float("inf"), -1e-3])
def test_a_learning_rate_that_makes_no_sense_is_refused(rate):
    train = ondevice.make_train(TINY)
    for call in (
        partial(train, a_key()),
        partial(ondevice.spread(train), jax.random.split(a_key(), 2)),
    ):
        with pytest.raises(ValueError, match="learning_rate must be finite and not negative"):
            call(learning_rate=rate)


@pytest.mark.parametrize(
    ("keys", "kind", "words"),
    [
        (jax.random.key(0), ValueError, r"keys must be \[N\], .* but their shape is \(\)"),
        (jax.random.split(a_key(), (2, 2)), ValueError, r"but their shape is \(2, 2\)"),
        (jax.random.split(a_key(), 0), ValueError, "keys must be at least one"),
        (0, TypeError, r"keys must be random keys \[N\], but they are 0"),
        (jnp.zeros((2, 2)), TypeError, "keys must be random keys"),
        (None, TypeError, "keys must be random keys"),
    ],
)
def test_keys_that_make_no_population_are_refused(keys, kind, words):
    with pytest.raises(kind, match=words):
        ondevice.spread(ondevice.make_train(TINY))(keys)


def test_values_that_fit_no_population_are_refused():
    population = ondevice.spread(ondevice.make_train(TINY))
    with pytest.raises(ValueError, match=r"gamma must be one number, or one for each of \(2,\)"):
        population(jax.random.split(a_key(), 2), gamma=[0.5, 0.6, 0.7])


@pytest.mark.parametrize("train", [None, lambda key: key, ondevice.make_train])
def test_only_a_training_is_spread(train):
    with pytest.raises(TypeError, match="train must be what make_train returned"):
        ondevice.spread(train)


@pytest.mark.parametrize("key", [0, None, "key", jax.random.split(a_key())])
def test_what_is_no_key_is_refused(key):
    with pytest.raises((TypeError, ValueError), match=r"key must be (a|one) random key"):
        ondevice.make_train(TINY)(key)


# Divergence


@pytest.mark.parametrize("every", [200, None])
def test_parameters_that_are_not_finite_are_never_the_best(every):
    config = TINY._replace(optimizer="sgd", evaluate_every=every)
    result = ondevice.make_train(config)(a_key(), learning_rate=1e6)
    assert bool(result.diverged)
    assert not np.isfinite(jax.tree.leaves(result.learner.params)[0]).all()
    assert all(np.isfinite(leaf).all() for leaf in jax.tree.leaves(result.params))
    fine = ondevice.make_train(config)(a_key(), learning_rate=1e-4)
    assert not bool(fine.diverged)


@pytest.mark.parametrize("every", [200, None])
def test_an_optimizer_that_can_no_longer_move_has_diverged(every):
    """Adam divides by the root of an infinite average: the parameters stay, finite, for ever."""

    def enormous(*arguments):
        return 1e25 * dqn.td_loss(*arguments)

    config = TINY._replace(optimizer="adam", evaluate_every=every)
    parts = ondevice.make_parts(config)._replace(loss=enormous)
    hyperparameters = ondevice.make_train(config).hyperparameters(None, None, None)
    result = ondevice.run_training(a_key(), config, hyperparameters, parts)
    assert np.isfinite(jax.tree.leaves(result.learner.params)[0]).all()
    assert bool(result.diverged)


@helpers.keys_in_a_vmapped_scan
def test_one_that_diverges_does_not_spoil_the_others():
    train = ondevice.make_train(TINY._replace(optimizer="sgd"))
    result = ondevice.spread(train)(jax.random.split(a_key(), 2), learning_rate=[1e6, 1e-4])
    assert result.diverged.tolist() == [True, False]
    assert all(np.isfinite(leaf).all() for leaf in jax.tree.leaves(result.params))


# Parts


@helpers.same_key_again
def test_the_step_is_its_parts_put_together():
    """Without the seam: the same functions called by name give the same bits."""
    config = TINY._replace(evaluate_every=None)
    values = Hyperparameters(jnp.float32(0.3), jnp.float32(0.9), jnp.float32(1e-2))
    network = ondevice.make_network(config)
    train_step = dqn.make_train_step(
        network,
        dqn.make_optimizer(config, values.learning_rate),
        values.gamma,
        dqn.td_loss,
        lambda params, target_params: dqn.soft_update(params, target_params, config.target_tau),
    )

    def plain_step(agent, key):
        act_key, sample_key, reset_key = jax.random.split(key, 3)
        epsilon = linear_epsilon(agent.memory.stored, 1.0, values.epsilon, config.epsilon_steps)
        q_values = network.apply(agent.learner.params, agent.state)
        action = epsilon_greedy(act_key, q_values, epsilon)
        next_state, reward, fell = cartpole.step(agent.state, action)
        state, steps, _ = cartpole.auto_reset(
            reset_key, next_state, fell, agent.elapsed_steps + 1, 500
        )
        memory = agent.memory.experience((agent.state, next_state, action, reward, fell))
        learner = jax.lax.cond(
            memory.stored >= config.warmup_steps,
            lambda learner: train_step(learner, memory.sample_batch(sample_key, 8))[0],
            lambda learner: learner,
            agent.learner,
        )
        return ondevice.Agent(learner, memory, state, steps), None

    agent, keys = ondevice.init(a_key(), config), jax.random.split(a_key(), 400)
    by_parts, _ = jax.lax.scan(ondevice.make_step(config, values), agent, keys)
    by_name, _ = jax.lax.scan(plain_step, agent, keys)
    assert bits(by_parts) == bits(by_name)


def test_a_replaced_part_is_the_one_that_runs():
    config = TINY._replace(evaluate_every=200)
    values = Hyperparameters(config.final_epsilon, config.gamma, config.learning_rate)
    parts = ondevice.make_parts(config)
    run = jax.jit(
        lambda key, parts: ondevice.run_training(key, config, values, parts), static_argnums=1
    )
    always_right = run(a_key(), parts._replace(act=lambda key, q_values, epsilon: jnp.int32(1)))
    assert np.asarray(always_right.learner.opt_state[0].count) == 400 - 20 + 1
    judged = run(a_key(), parts._replace(judge=lambda key, q_values: jnp.int32(1)))
    assert (np.asarray(judged.evaluation_returns) < 12).all()  # pushing right for ever falls early
    still = run(a_key(), parts._replace(follow=lambda params, target_params: target_params))
    assert bits(still.learner.target_params) != bits(run(a_key(), parts).learner.target_params)


def test_few_trainings_are_kept():
    """A compiled training is some 20 MB."""
    for width in range(3, 15):
        ondevice.make_train(TINY._replace(hidden=(width,)))
    assert ondevice._compiled.cache_info().currsize <= 8


# The evaluation inside


def test_the_evaluation_is_greedy_and_without_noise():
    """A learning rate of 0 never changes the network, so its evaluations are known."""
    config = TINY._replace(learning_rate=0.0, max_steps=200, evaluate_every=200)
    result = ondevice.make_train(config._replace(evaluation_episodes=200))(a_key())
    network = ondevice.make_network(config)
    returns = []
    for key in jax.random.split(jax.random.key(123), 200):
        state, steps, over = cartpole.reset(key), 0, False
        while not over and steps < 500:
            state, _, over = STEP(state, greedy(network.apply(result.params, state)))
            steps += 1
        returns.append(steps)
    # Two samples of 200 episodes of the same policy: their means are within 5 standard errors.
    error = np.std(returns) / np.sqrt(200)
    assert abs(np.mean(returns) - float(result.evaluation_returns[0])) < 5 * np.sqrt(2) * error


STEP = jax.jit(cartpole.step)


def test_each_evaluation_of_each_training_has_starts_of_its_own():
    """Pushing right for ever, a player's returns depend on its starts alone."""
    config = TINY._replace(max_steps=40, evaluate_every=10, evaluation_episodes=20)
    right = ondevice.make_parts(config)._replace(judge=lambda key, q_values: jnp.int32(1))
    train = jax.jit(lambda key: ondevice.run_training(key, config, USUAL, right))
    one, other = (train(jax.random.key(seed)).evaluation_returns.tolist() for seed in (7, 8))
    assert len(set(one)) > 1
    assert one != other


# `run_training` and `make_step`, for those who bring parts of their own

USUAL = Hyperparameters(0.2, 0.99, 1e-3)


@pytest.mark.parametrize(
    ("change", "match"),
    [
        ({"evaluate_every": 1_000}, "max_steps must be a multiple of evaluate_every"),
        ({"max_episodes": 3}, "max_episodes must be None"),
        ({"stop_at_return": 100.0}, "stop_at_return must be None"),
        ({"gamma": 2.0}, "gamma must lie"),
    ],
)
def test_a_training_of_ones_own_is_checked_like_any_other(change, match):
    with pytest.raises(ValueError, match=match):
        ondevice.run_training(a_key(), TINY._replace(**change), USUAL)


@pytest.mark.parametrize(
    ("name", "value"), [("gamma", 1.5), ("epsilon", -0.1), ("learning_rate", float("nan"))]
)
@pytest.mark.parametrize(
    "call",
    [lambda h: ondevice.run_training(a_key(), TINY, h), lambda h: ondevice.make_step(TINY, h)],
)
def test_hyperparameters_of_ones_own_are_checked(call, name, value):
    with pytest.raises(ValueError, match=f"{name} must"):
        call(USUAL._replace(**{name: value}))


def test_whole_numbers_written_as_floats_will_do():
    config = TINY._replace(max_steps=200.0, evaluate_every=1e2)
    result = ondevice.run_training(a_key(), config, USUAL)
    assert result.evaluation_steps.tolist() == [100, 200]


@pytest.mark.parametrize("key", [0, None, np.zeros(3, np.uint32)])
def test_a_training_of_ones_own_needs_a_key(key):
    with pytest.raises(TypeError, match="key must be a random key"):
        ondevice.run_training(key, TINY, USUAL)


@pytest.mark.parametrize("part", ["act", "judge"])
def test_a_part_that_returns_no_action_is_refused(part):
    """A float would be rounded, or mean "left"."""
    wrong = {"act": lambda key, q_values, epsilon: q_values.max(), "judge": lambda _, q: q.max()}
    parts = ondevice.make_parts(TINY)._replace(**{part: wrong[part]})
    with pytest.raises(TypeError, match=f"what parts.{part} returns must be an action"):
        ondevice.run_training(a_key(), TINY, USUAL, parts)


@helpers.keys_in_a_vmapped_scan
def test_spread_compiles_once_for_each_config():
    train = ondevice.make_train(TINY)
    keys = jax.random.split(a_key(), 2)
    devices = jax.devices()[:1]
    ondevice.spread(train, devices)(keys)
    again = ondevice.spread(ondevice.make_train(TINY), devices)
    fresh = jax.random.split(a_key(), 2)
    assert compilations(lambda: again(fresh)) == 0


@helpers.keys_in_a_vmapped_scan
def test_keys_of_another_generator_are_spread_too():
    train = ondevice.make_train(TINY._replace(max_steps=60, evaluate_every=None))
    keys = jax.random.split(jax.random.key(7, impl="rbg"), 2)
    result = ondevice.spread(train, jax.devices()[:1])(keys)
    for number in range(2):
        one = jax.tree.map(lambda leaf, number=number: leaf[number], result.params)
        assert largest_difference(one, train(keys[number]).params) < 1e-5


def test_spread_over_no_device_is_refused():
    with pytest.raises(ValueError, match="devices must be at least one"):
        ondevice.spread(ondevice.make_train(TINY), [])


def test_older_keys_are_refused_with_the_way_to_make_them_new():
    older = jax.random.split(jax.random.PRNGKey(0), 2)
    with pytest.raises(TypeError, match=r"Likely fix: jax.random.wrap_key_data\(keys\)"):
        ondevice.spread(ondevice.make_train(TINY), jax.devices()[:1])(older)


@pytest.mark.parametrize(
    ("name", "part", "words"),
    [
        ("act", lambda key, q_values, epsilon: 2, r"parts\.act returns must lie in 0 \.\. 1"),
        ("judge", lambda key, q_values: np.int64(-1), r"parts\.judge returns must lie in 0 \.\. 1"),
        ("remember", lambda memory, transition, truncated: None, "must be an ArrayMemory, but it"),
        ("renew", lambda params, target_params: half(params), "must have the same dtypes"),
        ("follow", lambda params, target_params: half(params), "must have the same dtypes"),
    ],
)
def test_a_part_that_returns_what_it_must_not_is_refused(name, part, words):
    parts = ondevice.make_parts(TINY)._replace(**{name: part})
    hyperparameters = ondevice.make_train(TINY).hyperparameters(None, None, None)
    with pytest.raises((TypeError, ValueError), match=words):
        ondevice.run_training(a_key(), TINY, hyperparameters, parts)


def half(params):
    return jax.tree.map(lambda leaf: leaf.astype(jnp.bfloat16), params)


@pytest.mark.parametrize("name", ["epsilon", "gamma", "learning_rate"])
def test_what_spread_returned_is_not_traced_around(name):
    population = ondevice.spread(ondevice.make_train(TINY))
    keys = jax.random.split(a_key(), 2)
    with pytest.raises(TypeError, match=r"must be known, but JAX is tracing.*an array \[N\]"):
        jax.vmap(lambda value: population(keys, **{name: value}).evaluation_steps)(jnp.ones(2))
