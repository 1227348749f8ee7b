"""What keeps an agent from unlearning: each idea alone, over several sets of seeds.

    python benchmarks/unlearn.py [--seeds 64] [--sets 2] [--steps 30000]
    python benchmarks/unlearn.py --population --sets 64 --first-seed 9000000         # on a GPU

Prints JSON. For each variant and set: how many agents were solved within a third of the training,
by evaluations of their own; and how many hold a greedy mean of 475 over 100 new episodes at its
end, with the online network's last parameters, with those that are judged (the average, where
there is one), and with the best of the judged ones.

With `--population` only `CARTPOLE` is trained: all sets in one call of `ondevice.spread`, twice, so
that the time without compiling is known, and whether the second time gives the same bits. With
`--change batch_size=64` it is `CARTPOLE` with this change.
"""

import argparse
import json
import math
import os
import sys
import time
from collections.abc import Callable
from functools import partial
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import worker
from judge import SOLVED

from rl_jax import dqn, ondevice, validate
from rl_jax.config import CARTPOLE, PLAIN, Config

TEST_SEED = 4_999_999  # of the starts from which agents are judged at the end

RATES = {"learning_rate": CARTPOLE.learning_rate, "target_tau": CARTPOLE.target_tau}
VARIANTS = {
    "neither (`PLAIN`)": PLAIN,
    "larger steps alone": PLAIN._replace(**RATES),
    "the average alone": PLAIN._replace(average=True),
    "clipped double Q-learning alone": PLAIN._replace(clipped_double=True),
    "both": PLAIN._replace(average=True, clipped_double=True),
    "both, and larger steps (`CARTPOLE`)": CARTPOLE,
}


def keys_of(seeds: range) -> jax.Array:
    """One key for each seed."""
    return jnp.stack([jax.random.key(seed) for seed in seeds])


def held(result: ondevice.Result, config: Config) -> dict[str, list]:
    """What each agent of a population holds at the end, and where it was solved first."""
    returns = np.asarray(result.evaluation_returns)
    steps = np.asarray(result.evaluation_steps)[0]
    first = [int(steps[row.argmax()]) if row.any() else None for row in returns >= SOLVED]
    test_key, test = jax.random.key(TEST_SEED), config._replace(evaluation_episodes=100)
    judge = partial(ondevice._evaluate, test_key, config=test, judge=dqn.act_greedily)
    hold = jax.jit(jax.vmap(judge))
    judged = jax.vmap(dqn.judged_params)(result.learner)
    return {
        "first_solved": first,
        "last": np.asarray(hold(result.learner.params)).tolist(),
        "judged": np.asarray(hold(judged)).tolist(),
        "best": np.asarray(hold(result.params)).tolist(),
    }


def counts(found: dict[str, list], max_steps: int) -> dict[str, int]:
    """How many agents are good, in each sense."""
    early = max_steps // 3
    held = {
        name: sum(mean >= SOLVED for mean in found[name]) for name in ("last", "judged", "best")
    }
    return {"early": sum(at is not None and at <= early for at in found["first_solved"]), **held}


def in_sets(found: dict[str, list], size: int) -> list[dict[str, list]]:
    """The same, cut into sets of so many agents."""
    cuts = range(0, len(found["last"]), size)
    return [{name: values[at : at + size] for name, values in found.items()} for at in cuts]


def in_one_call(config: Config, seeds: range, size: int) -> dict[str, Any]:
    """One population: what its agents hold, and the seconds and megabytes of training it."""
    train, keys = ondevice.spread(ondevice.make_train(config)), keys_of(seeds)
    first_seconds, before = timed(train, keys)
    before = jax.device_get(before)  # or the device would hold two populations
    seconds, result = timed(train, keys)
    memory = jax.devices()[0].memory_stats() or {}  # {} where a device does not count, as CPUs
    peak = memory.get("peak_bytes_in_use")
    found = held(result, config)
    sets = [counts(one, config.max_steps) for one in in_sets(found, size)]
    return {
        "agents": len(seeds),
        "first_seed": seeds[0],
        **counts(found, config.max_steps),
        "by_set": {sense: [one[sense] for one in sets] for sense in ("early", "judged")},
        "first_seconds": round(first_seconds, 1),
        "seconds": round(seconds, 1),
        "megabytes": None if peak is None else round(peak / len(seeds) / 1e6, 3),
        "same_bits": all(
            np.array_equal(old, new)
            for old, new in zip(
                jax.tree.leaves(before.params), jax.tree.leaves(result.params), strict=True
            )
        ),
    }


def timed(train: Callable[..., ondevice.Result], keys: jax.Array) -> tuple[float, ondevice.Result]:
    """The seconds until the result is there, and the result."""
    start = time.perf_counter()
    result = jax.block_until_ready(train(keys))
    return time.perf_counter() - start, result


def rate(agents: int) -> int:
    """Environment steps per second, an update in each and no evaluations; compiled before."""
    measure = worker.scan(agents, 3_000)
    measure()
    return round(measure())


def a_change(word: str) -> tuple[str, Any]:
    """(name, value) of `batch_size=64`; what is no JSON is a text."""
    name, is_there, value = word.partition("=")
    if not is_there or name not in CARTPOLE._fields:
        raise argparse.ArgumentTypeError(f"{word} must be name=value, with a name of Config")
    try:
        return name, json.loads(value)
    except json.JSONDecodeError:
        return name, value


def changed(args: argparse.Namespace) -> Config:
    """`CARTPOLE`, with what was asked for in its place."""
    return CARTPOLE._replace(max_steps=args.steps, **dict(args.change))


def refuse_what_makes_no_sense(parser: argparse.ArgumentParser, args: argparse.Namespace) -> None:
    """Say so before hours of training, and not after them."""
    if args.seeds < 1 or args.sets < 1:
        parser.error("--seeds and --sets must be at least 1")
    if not 0 <= args.first_seed <= validate.MOST_SEEDS - args.seeds * args.sets:
        parser.error("--first-seed, and all seeds after it, must be at least 0 and below 2**32")
    if not args.population and (args.change or args.rates):
        parser.error("--change and --rates are for --population")
    if any(agents < 1 for agents in args.rates):
        parser.error("--rates must be at least 1")
    try:
        ondevice._checked(changed(args))  # `make_train` would settle how many devices there are
    except (TypeError, ValueError) as error:
        parser.error(f"no such training: {error}")
    if not any(args.only in name for name in VARIANTS):
        parser.error(f"no variant's name holds {args.only!r}. Variants: {', '.join(VARIANTS)}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seeds", type=int, default=64, help="agents in a set")
    parser.add_argument("--sets", type=int, default=2)
    parser.add_argument("--steps", type=int, default=CARTPOLE.max_steps)
    parser.add_argument("--first-seed", type=int, default=5_000_000)
    parser.add_argument("--only", default="", help="a word of the variants' names")
    parser.add_argument("--population", action="store_true", help="CARTPOLE, all sets in one call")
    parser.add_argument(
        "--change",
        type=a_change,
        nargs="*",
        default=[],
        help="of CARTPOLE in --population, batch_size=64 for example",
    )
    parser.add_argument(
        "--rates", type=int, nargs="*", default=[], help="numbers of agents, timed alone"
    )
    args = parser.parse_args()
    refuse_what_makes_no_sense(parser, args)
    agents = args.seeds * args.sets
    jax.config.update("jax_num_cpu_devices", math.gcd(agents, os.cpu_count() or 1))
    seeds = range(args.first_seed, args.first_seed + agents)
    if args.population:
        devices = len(jax.devices())
        if any(agents % devices for agents in args.rates):
            parser.error(f"--rates must be multiples of {devices}, the number of devices")
        answer = in_one_call(changed(args), seeds, args.seeds)
        print(json.dumps(answer | {"rates": {agents: rate(agents) for agents in args.rates}}))
        return
    answer = {"seeds": args.seeds, "steps": args.steps, "variants": {}}
    for name in [name for name in VARIANTS if args.only in name]:
        config = VARIANTS[name]._replace(max_steps=args.steps)
        result = ondevice.spread(ondevice.make_train(config))(keys_of(seeds))
        found = held(result, config)
        sets = [counts(one, args.steps) for one in in_sets(found, args.seeds)]
        answer["variants"][name] = sets
        print(name, sets, file=sys.stderr, flush=True)
    print(json.dumps(answer))


if __name__ == "__main__":
    main()
