"""How the contestants of the Stable-Baselines3 family train: its own DQN, and sbx's in JAX.

Both are given the hyperparameters that RL-Zoo has for CartPole-v1; sbx is meant to take RL-Zoo's,
and has no list of its own. As RL-Zoo has it, the agent makes all of its 50,000 steps and is judged
at the end. Stopped, it is treated as our loop is: a greedy evaluation of 20 episodes (side by side)
after each 1,000 steps, an end to the training at a mean of 490, and the best agent is judged.
"""

import tempfile
from pathlib import Path
from typing import Any

import gymnasium as gym
import numpy as np
from judge import first_solved
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


def train(algorithm: type, seed: int, steps: int, stop: bool) -> tuple[Any, dict[str, Any]]:
    """Train, and choose the agent that is judged.

    Args:
        algorithm: the DQN of stable_baselines3, or the one of sbx.
        seed: of weights, exploration, sampling and episodes.
        steps: environment steps, at most.
        stop: whether to evaluate, to stop at 490, and to keep the best agent.

    Returns:
        The agent, and what there is to say of its training.
    """
    env = gym.make("CartPole-v1")
    model = algorithm("MlpPolicy", env, seed=seed, device="cpu", **HYPERPARAMETERS)
    if not stop:
        model.learn(steps)
        return model, {"steps": model.num_timesteps}
    with tempfile.TemporaryDirectory() as folder:
        watch = _make_watch(seed, folder)
        model.learn(steps, callback=watch)
        means = [np.mean(returns) for returns in watch.evaluations_results]
        facts = {
            "steps": model.num_timesteps,
            "first_solved": first_solved(watch.evaluations_timesteps, means),
        }
        best = Path(folder) / "best_model.zip"
        return (algorithm.load(best, device="cpu") if best.exists() else model), facts


def _make_watch(seed: int, folder: str) -> EvalCallback:
    """The evaluations, which keep the best agent in this folder and stop the training."""
    return EvalCallback(
        make_vec_env("CartPole-v1", n_envs=20, seed=seed + 1),
        callback_on_new_best=StopTrainingOnRewardThreshold(490.0, verbose=0),
        n_eval_episodes=20,
        eval_freq=1_000,
        log_path=folder,
        best_model_save_path=folder,
        verbose=0,
    )
