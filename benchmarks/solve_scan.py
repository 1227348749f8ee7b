"""A contestant: our scan, default configuration. One process: import, compile, train, be judged."""

import argparse
import time

import jax
from judge import first_solved, judge, say

from rl_jax import ondevice, validate
from rl_jax.policy import greedy

parser = argparse.ArgumentParser()
parser.add_argument("--seed", type=int, required=True)
parser.add_argument("--steps", type=int, help="fewer, to try this out")
args = parser.parse_args()

config = ondevice.Config()
if args.steps is not None:
    config = config._replace(max_steps=args.steps, evaluate_every=args.steps)
start = time.perf_counter()
key = jax.random.key(args.seed)
options = validate.compiler_option("xla_backend_optimization_level", 1)  # as `train` itself has
train = jax.jit(ondevice.make_train(config)).lower(key).compile(options)
compiled = time.perf_counter()
result = jax.block_until_ready(train(key))
end = time.perf_counter()

network = ondevice.make_network(config)
act = jax.jit(lambda observations: greedy(network.apply(result.params, observations)))
say(
    mean=judge(act, args.seed),
    steps=config.max_steps,
    first_solved=first_solved(result.evaluation_steps, result.evaluation_returns),
    training_seconds=end - start,
    compiling_seconds=compiled - start,
)
