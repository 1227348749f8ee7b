"""The blog post's program with its own structure kept: the slow baseline of `bench.py`.

Only what no longer runs is changed: `hk.without_apply_rng`, `jax.tree.map`, the five-tuple step, no
window; and its `mse` is ours, whose mean is one. What makes it slow is left as the post has it:
nothing is compiled but the loss, `grad` is outside of `jit`, and each batch is turned into JAX
arrays element by element.
"""

import copy
import random
from collections import deque
from collections.abc import Iterator
from functools import partial

import gymnasium as gym
import haiku as hk
import jax
import jax.numpy as jnp

import rl_jax.nn as nn
from rl_jax.replay import Transition

BATCH_SIZE, GAMMA, EPSILON, MAX_EPISODE_STEPS = 32, 0.99, 0.3, 100


def forward_fn(observations):
    layers = [hk.Linear(300), jax.nn.relu, hk.Linear(100), jax.nn.relu, hk.Linear(2)]
    return hk.Sequential(layers)(observations)


model = hk.without_apply_rng(hk.transform(forward_fn))
optimizer = partial(nn.optim.simple_optimizer, learning_rate=1e-3)


@jax.grad
@jax.jit
def backward_fn(params, observations, q_values, actions):
    predictions = model.apply(params, observations)
    predictions = predictions[jnp.arange(predictions.shape[0]), actions]
    return nn.losses.mse(q_values, predictions, reduction="mean")


def take_action(key, params, state):
    key, coin_key = jax.random.split(key)
    if jax.random.uniform(coin_key, shape=(1,)) < EPSILON:
        return int(jax.random.randint(coin_key, shape=(1,), minval=0, maxval=2)[0])
    return int(jnp.argmax(model.apply(params, state.reshape(1, -1))))


def train(params, target_params, memory):
    batch = Transition(*zip(*random.sample(memory, k=BATCH_SIZE), strict=True))
    states, next_states, actions, rewards, is_terminal = (jnp.array(field) for field in batch)
    next_q_values = model.apply(target_params, next_states)
    targets = rewards + GAMMA * jnp.max(next_q_values, axis=-1)
    targets = jnp.where(is_terminal, 0, targets)
    return jax.tree.map(optimizer, params, backward_fn(params, states, targets, actions))


def steps() -> Iterator[int]:
    """Run for ever; yields after every environment step."""
    env, memory, key = gym.make("CartPole-v1"), deque(maxlen=100_000), jax.random.key(0)
    key, model_key = jax.random.split(key)
    params = model.init(model_key, jnp.zeros((1, 4)))
    done_steps = 0
    while True:
        target_params = copy.deepcopy(params)
        state, _ = env.reset()
        for _ in range(MAX_EPISODE_STEPS):
            key, action_key = jax.random.split(key)
            action = take_action(action_key, params, state)
            next_state, reward, terminated, truncated, _ = env.step(action)
            memory.append(Transition(state, next_state, action, reward, terminated))
            if len(memory) >= BATCH_SIZE:
                params = train(params, target_params, memory)
            state = next_state
            done_steps += 1
            yield done_steps
            if terminated or truncated:
                break
