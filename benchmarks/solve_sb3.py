"""A contestant: Stable-Baselines3's DQN, as RL-Zoo has it, or with `--stop` as our loop is treated.

The rules and the hyperparameters stand in `zoo.py`.
"""

import argparse
import time

import stable_baselines3
import torch
import zoo
from judge import judge, say
from stable_baselines3 import DQN

parser = argparse.ArgumentParser()
parser.add_argument("--seed", type=int, required=True)
parser.add_argument("--threads", type=int, default=1, help="torch's")
parser.add_argument("--stop", action="store_true")
parser.add_argument("--steps", type=int, default=zoo.STEPS, help="fewer, to try this out")
args = parser.parse_args()

torch.set_num_threads(args.threads)
start = time.perf_counter()
model, facts = zoo.train(DQN, args.seed, args.steps, args.stop)
seconds = time.perf_counter() - start


def act(observations):
    return model.predict(observations, deterministic=True)[0]


versions = {"stable-baselines3": stable_baselines3.__version__, "torch": torch.__version__}
say(mean=judge(act, args.seed), training_seconds=seconds, versions=versions, **facts)
