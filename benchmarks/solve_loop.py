"""A contestant: our Python loop, which stops when a greedy evaluation reaches 490."""

import argparse
import time

import jax
from judge import first_solved, judge, say

from rl_jax import dqn, envs, loop
from rl_jax.policy import greedy

parser = argparse.ArgumentParser()
parser.add_argument("--seed", type=int, required=True)
parser.add_argument("--steps", type=int, help="fewer, to try this out")
args = parser.parse_args()

config = loop.CARTPOLE._replace(stop_at_return=490.0)
if args.steps is not None:
    config = config._replace(max_steps=args.steps)
start = time.perf_counter()
result = loop.train(envs.make("CartPole-v1"), config, args.seed, progress=False)
seconds = time.perf_counter() - start

network = dqn.network_for(config)
act = jax.jit(lambda observations: greedy(network.apply(result.params, observations)))
say(
    mean=judge(act, args.seed),
    steps=int(result.episode_steps[-1]),
    first_solved=first_solved(result.evaluation_steps, result.evaluation_returns),
    training_seconds=seconds,
)
