"""A contestant: rejax's DQN in gymnax's CartPole-v1, with rejax's own settings for it.

Like our scan it is one compiled program, which makes all of its steps; unlike ours, it keeps no
best agent, so the one at the end is judged. rejax's own policy explores a little even where it is
evaluated (1 action in 200), so the judge is given the greedy one of the same network.
"""

import argparse
import time
import warnings
from importlib.metadata import version

import jax
import jax.numpy as jnp
from judge import first_solved, judge, say
from rejax import get_algo

# configs/gymnax/cartpole.yaml of rejax, dqn.
SETTINGS = {
    "agent": "DuelingQNetwork",
    "agent_kwargs": {"activation": "swish"},
    "num_envs": 10,
    "buffer_size": 50_000,
    "fill_buffer": 5_000,
    "batch_size": 100,
    "max_grad_norm": 10,
    "learning_rate": 0.001,
    "num_epochs": 5,
    "total_timesteps": 100_000,
    "eval_freq": 2_500,
    "polyak": 0.98,
    "eps_start": 1,
    "eps_end": 0.05,
    "exploration_fraction": 0.5,
    "gamma": 0.99,
    "ddqn": True,
    "normalize_observations": False,
}

parser = argparse.ArgumentParser()
parser.add_argument("--seed", type=int, required=True)
parser.add_argument("--steps", type=int, help="fewer, to try this out")
args = parser.parse_args()

# JAX has 32 bits by default, and says so where a library asks for 64.
warnings.filterwarnings("ignore", "Explicitly requested dtype int64")

fewer = {"total_timesteps": args.steps, "eval_freq": args.steps} if args.steps else {}
start = time.perf_counter()
algorithm = get_algo("dqn").create(env="CartPole-v1", **SETTINGS | fewer)
key = jax.random.key(args.seed)
train = jax.jit(algorithm.train).lower(key).compile()
compiled = time.perf_counter()
state, (_, returns) = jax.block_until_ready(train(key))
end = time.perf_counter()

evaluated = range(0, len(returns) * algorithm.eval_freq, algorithm.eval_freq)


@jax.jit
def act(observations):
    return jnp.argmax(algorithm.agent.apply(state.q_ts.params, observations), axis=-1)


say(
    mean=judge(act, args.seed),
    steps=int(state.global_step),
    first_solved=first_solved(evaluated, returns.mean(axis=1)),
    training_seconds=end - start,
    compiling_seconds=compiled - start,
    versions={name: version(name) for name in ("rejax", "gymnax", "flax")},
)
