"""What keeps an agent from unlearning: each idea alone, over several sets of seeds.

    python benchmarks/unlearn.py [--seeds 64] [--sets 2] [--steps 30000]
    python benchmarks/unlearn.py --only CARTPOLE --sets 64 --first-seed 9000000      # on a GPU

Prints JSON. For each variant and set: how many agents were solved within a third of the training,
by evaluations of their own; and how many hold a greedy mean of 475 over 100 new episodes at its
end, with the online network's last parameters, with those that are judged (the average, where
there is one), and with the best of the judged ones.
"""

import argparse
import json
import math
import os
import sys
from functools import partial

import jax
import jax.numpy as jnp
import numpy as np
from judge import SOLVED

from rl_jax import dqn, ondevice
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


def population(config: Config, seeds: range) -> dict[str, list]:
    """Agents with these seeds: what each holds at the end, and where it was solved first."""
    keys = jnp.stack([jax.random.key(seed) for seed in seeds])
    result = ondevice.spread(ondevice.make_train(config))(keys)
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


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seeds", type=int, default=64, help="agents in a set")
    parser.add_argument("--sets", type=int, default=2)
    parser.add_argument("--steps", type=int, default=CARTPOLE.max_steps)
    parser.add_argument("--first-seed", type=int, default=5_000_000)
    parser.add_argument("--only", default="", help="a word of the variants' names")
    args = parser.parse_args()
    agents = args.seeds * args.sets
    jax.config.update("jax_num_cpu_devices", math.gcd(agents, os.cpu_count() or 1))
    seeds = range(args.first_seed, args.first_seed + agents)
    answer = {"seeds": args.seeds, "steps": args.steps, "variants": {}}
    for name in [name for name in VARIANTS if args.only in name]:
        config = VARIANTS[name]
        found = population(config._replace(max_steps=args.steps), seeds)
        sets = [counts(one, args.steps) for one in in_sets(found, args.seeds)]
        answer["variants"][name] = sets
        print(name, sets, file=sys.stderr, flush=True)
    print(json.dumps(answer))


if __name__ == "__main__":
    main()
