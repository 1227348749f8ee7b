"""A contestant: Stable-Baselines3's DQN with the hyperparameters that RL-Zoo has for CartPole-v1.

As RL-Zoo has it, it makes all of its 50,000 steps and the agent at the end is judged. With
`--stop` it is treated as our loop is: a greedy evaluation of 20 episodes (side by side) after each
1,000 steps, an end to the training at a mean of 490, and the best agent is judged.
"""

import argparse
import tempfile
import time
from pathlib import Path

import gymnasium as gym
import stable_baselines3
import torch
from judge import judge, say
from stable_baselines3 import DQN
from stable_baselines3.common.callbacks import EvalCallback, StopTrainingOnRewardThreshold
from stable_baselines3.common.env_util import make_vec_env

# hyperparams/dqn.yml of rl-baselines3-zoo, CartPole-v1.
STEPS = 50_000
HYPERPARAMETERS = {
    "learning_rate": 2.3e-3,
    "batch_size": 64,
    "buffer_size": 100_000,
    "learning_starts": 1_000,
    "gamma": 0.99,
    "target_update_interval": 10,
    "train_freq": 256,
    "gradient_steps": 128,
    "exploration_fraction": 0.16,
    "exploration_final_eps": 0.04,
    "policy_kwargs": {"net_arch": [256, 256]},
}

parser = argparse.ArgumentParser()
parser.add_argument("--seed", type=int, required=True)
parser.add_argument("--threads", type=int, default=1, help="torch's")
parser.add_argument("--stop", action="store_true")
parser.add_argument("--steps", type=int, default=STEPS, help="fewer, to try this out")
args = parser.parse_args()

torch.set_num_threads(args.threads)
start = time.perf_counter()
model = DQN("MlpPolicy", gym.make("CartPole-v1"), seed=args.seed, device="cpu", **HYPERPARAMETERS)
with tempfile.TemporaryDirectory() as folder:
    evaluation = None
    if args.stop:
        evaluation = EvalCallback(
            make_vec_env("CartPole-v1", n_envs=20, seed=args.seed + 1),
            callback_on_new_best=StopTrainingOnRewardThreshold(490.0, verbose=0),
            n_eval_episodes=20,
            eval_freq=1_000,
            best_model_save_path=folder,
            verbose=0,
        )
    model.learn(args.steps, callback=evaluation)
    steps, best = model.num_timesteps, Path(folder) / "best_model.zip"
    if best.exists():
        model = DQN.load(best, device="cpu")
seconds = time.perf_counter() - start


def act(observations):
    return model.predict(observations, deterministic=True)[0]


versions = {"stable-baselines3": stable_baselines3.__version__, "torch": torch.__version__}
say(mean=judge(act, args.seed), steps=steps, training_seconds=seconds, versions=versions)
