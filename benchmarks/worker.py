"""A process that measures what it is told: a line of JSON in, a line of JSON out, until input ends.

    echo '{"case": "scan", "seeds": 8, "steps": 2000}' | python benchmarks/worker.py --cores 1

How many devices and cores there are is settled before JAX starts, so each such place needs a
process of its own. What takes time once (imports, compiling, filling a memory) happens at the
first request of a kind.
"""

import argparse
import itertools
import json
import os
import sys
import time
from collections.abc import Callable
from functools import partial
from typing import Any

Measure = Callable[[], float]


def post(steps: int) -> Measure:
    """Environment steps per second of the post's program, which goes on where it was."""
    import post_as_written

    running = post_as_written.steps()

    def measure():
        start = time.perf_counter()
        for _ in range(steps):
            next(running)
        return steps / (time.perf_counter() - start)

    return measure


def loop(config: str, steps: int) -> Measure:
    """Environment steps per second of `loop.train`."""
    from rl_jax import envs, loop

    chosen = getattr(loop, config)
    chosen = chosen._replace(max_episodes=None, **_each_step_learns(chosen, steps))
    env, seeds = envs.make("CartPole-v1"), itertools.count()

    def measure():
        start = time.perf_counter()
        loop.train(env, chosen, next(seeds), progress=False)
        return steps / (time.perf_counter() - start)

    return measure


def scan(seeds: int, steps: int, **changes: Any) -> Measure:
    """Environment steps per second of `ondevice`, of all agents together."""
    from rl_jax import ondevice

    config = ondevice.Config()._replace(**changes)
    train = ondevice.make_train(config._replace(**_each_step_learns(config, steps)))
    return _rate(train if seeds == 1 else ondevice.spread(train), steps, seeds)


def update(steps: int, batches: str, seeds: int = 1, **changes: Any) -> Measure:
    """Updates per second, in a scan, of `dqn`'s train step: nothing acts and no environment moves.

    The batches are "drawn" from a full memory, one for each update; or they were "made before" the
    scan, one for each update; or all updates learn from "one", for which XLA can do some of the
    work once. With several seeds each learner has a memory of its own.
    """
    import jax

    from rl_jax import dqn, ondevice

    config = ondevice.Config()._replace(**changes, max_steps=steps)
    network, parts = dqn.network_for(config), dqn.make_parts(config)
    optimizer = dqn.make_optimizer(config)
    train_step = dqn.make_train_step(network, optimizer, config.gamma, parts.loss, parts.follow)

    def run(key, memory):
        init_key, batch_key, key = jax.random.split(key, 3)
        keys = jax.random.split(key, steps)
        one = memory.sample_batch(batch_key, config.batch_size)
        draw = partial(memory.sample_batch, sample_size=config.batch_size)
        given = jax.vmap(draw)(keys) if batches == "made before" else keys

        def learn(learner, given):
            batch = {"drawn": draw, "made before": lambda batch: batch, "one": lambda _: one}
            return train_step(learner, batch[batches](given))[0], None

        learner = dqn.init(init_key, network, optimizer)
        return jax.lax.scan(learn, learner, given)[0]

    memory = _full_memories(10_000, seeds) if seeds > 1 else _full_memory(10_000)
    run = jax.jit(jax.vmap(run) if seeds > 1 else run)
    return _rate(lambda key: run(key, memory), steps, seeds)


def steps_with_memory(size: int, steps: int, seeds: int = 1) -> Measure:
    """Microseconds of one agent's step in the scan, with full memories of this size."""
    import jax

    from rl_jax import ondevice

    config = ondevice.Config()._replace(memory_size=size)
    config = config._replace(warmup_steps=config.batch_size)
    values = ondevice.Hyperparameters(config.final_epsilon, config.gamma, config.learning_rate)
    step, init = ondevice.make_step(config, values), partial(ondevice.init, config=config)
    key, keys = jax.random.key(0), jax.random.split(jax.random.key(1), steps)
    if seeds > 1:
        step = jax.vmap(step)
        agent, memory = jax.vmap(init)(jax.random.split(key, seeds)), _full_memories(size, seeds)
        keys = jax.vmap(partial(jax.random.split, num=seeds))(keys)
    else:
        agent, memory = init(key), _full_memory(size)
    run = jax.jit(lambda agent, keys: jax.lax.scan(step, agent, keys)[0], donate_argnums=0)
    agent = jax.tree.map(lambda leaf: leaf.copy(), agent._replace(memory=memory))  # donated once

    def measure():
        nonlocal agent
        start = time.perf_counter()
        agent = jax.block_until_ready(run(agent, keys))
        return (time.perf_counter() - start) / steps / seeds * 1e6

    return measure


def megabytes_an_agent(seeds: int) -> Measure:
    """What XLA sets aside for the default training of this many agents, for each of them."""
    import jax

    from rl_jax import ondevice

    train = ondevice.make_train()
    run = train if seeds == 1 else jax.vmap(train)
    key = jax.random.key(0)
    keys = key if seeds == 1 else jax.random.split(key, seeds)
    needs = jax.jit(run).lower(keys).compile().memory_analysis()
    taken = needs.temp_size_in_bytes + needs.output_size_in_bytes
    return lambda: taken / seeds / 1e6


def sample(size: int, steps: int) -> Measure:
    """Microseconds of `ReplayMemory.sample_batch(32)`, full, of this size."""
    memory = _full_replay_memory(size)

    def measure():
        start = time.perf_counter()
        for _ in range(steps):
            memory.sample_batch(32)
        return (time.perf_counter() - start) / steps * 1e6

    return measure


def megabytes(size: int) -> Measure:
    """What a `ReplayMemory` of this size takes, full."""
    import numpy as np

    memory = _full_replay_memory(size)
    return lambda: sum(np.asarray(x).nbytes for x in memory.state_dict().values()) / 1e6


def training(**changes: Any) -> Measure:
    """Seconds of one whole training with the default configuration, its evaluations included."""
    import jax

    from rl_jax import ondevice

    train, seeds = ondevice.make_train(ondevice.Config()._replace(**changes)), itertools.count()

    def measure():
        start = time.perf_counter()
        jax.block_until_ready(train(jax.random.key(next(seeds))))
        return time.perf_counter() - start

    return measure


CASES = (
    post,
    loop,
    scan,
    update,
    steps_with_memory,
    megabytes_an_agent,
    sample,
    megabytes,
    training,
)


def _each_step_learns(config: Any, steps: int) -> dict[str, Any]:
    return {"warmup_steps": config.batch_size, "max_steps": steps, "evaluate_every": None}


def _rate(run: Callable, steps: int, seeds: int = 1) -> Measure:
    """Steps per second of run(key), or of run(keys) with several seeds; never twice the same."""
    import jax

    numbers = itertools.count()

    def measure():
        key = jax.random.key(next(numbers))
        key = key if seeds == 1 else jax.random.split(key, seeds)
        start = time.perf_counter()
        jax.block_until_ready(run(key))
        return seeds * steps / (time.perf_counter() - start)

    return measure


def _full_memory(size: int) -> Any:
    """An `ArrayMemory` full of states that CartPole might have."""
    import jax
    import jax.numpy as jnp

    from rl_jax.replay import ArrayMemory, Transition

    states = jax.random.uniform(jax.random.key(0), (2, size, 4), minval=-0.1, maxval=0.1)
    falls = jnp.arange(size) % 50 == 49
    fields = Transition(*states, jnp.arange(size) % 2, jnp.ones(size), falls)
    return ArrayMemory(fields, jnp.int32(size))


def _full_memories(size: int, count: int) -> Any:
    """As many of them, each in a place of its own: one [count, ...] in each field."""
    import jax
    import jax.numpy as jnp

    full = _full_memory(size)
    return jax.tree.map(lambda leaf: jnp.tile(leaf, (count,) + (1,) * leaf.ndim), full)


def _full_replay_memory(size: int) -> Any:
    import numpy as np

    from rl_jax.replay import ReplayMemory, Transition

    memory, state = ReplayMemory(size, seed=0), np.zeros(4, np.float32)
    for _ in range(size):
        memory.experience(Transition(state, state, 0, 1.0, False))
    return memory


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--devices", type=int, default=1)
    parser.add_argument("--cores", type=int, help="stay on so many; by default on all")
    place = parser.parse_args()
    if place.cores and hasattr(os, "sched_setaffinity"):  # not on macOS: RESULTS.md says so
        os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[: place.cores])
    if place.devices > 1:
        import jax

        jax.config.update("jax_num_cpu_devices", place.devices)
    cases, prepared = {case.__name__: case for case in CASES}, {}
    for line in sys.stdin:
        if line not in prepared:
            request = json.loads(line)
            prepared[line] = cases[request.pop("case")](**request)
        used, start = time.process_time(), time.perf_counter()
        value = prepared[line]()
        busy = (time.process_time() - used) / (time.perf_counter() - start)
        print(json.dumps({"value": value, "busy": busy}), flush=True)


if __name__ == "__main__":
    main()
