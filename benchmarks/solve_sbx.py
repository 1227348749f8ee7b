"""A contestant: sbx, which is Stable-Baselines3's loop with networks and updates in JAX.

It is treated as our loop is, and as Stable-Baselines3 with `--stop`: see `zoo.py`. Two things are
not what they are there, for sbx has no way to ask for them: gradients are not clipped, and both
hidden layers have the width of the first.
"""

import argparse
import time
from importlib.metadata import version

import zoo
from judge import judge, say
from sbx import DQN

parser = argparse.ArgumentParser()
parser.add_argument("--seed", type=int, required=True)
parser.add_argument("--steps", type=int, default=zoo.STEPS, help="fewer, to try this out")
args = parser.parse_args()

start = time.perf_counter()
model, facts = zoo.train(DQN, args.seed, args.steps, stop=True)
seconds = time.perf_counter() - start


def act(observations):
    return model.predict(observations, deterministic=True)[0]


versions = {name: version(name) for name in ("sbx-rl", "flax")}
say(mean=judge(act, args.seed), training_seconds=seconds, versions=versions, **facts)
