"""The blog post's program, call by call, on this package: its names, its imports, its order.

Only what its dependencies renamed is changed: `hk.without_apply_rng`, `jax.tree.map` with two
trees in the place of `jax.tree_multimap`, Gymnasium's five values from `step` and two from
`reset`, and no window. Where the post is wrong (a target of 0 at the end) this is wrong as well.
"""

import copy
import random
from functools import partial
from typing import NamedTuple

import gymnasium as gym
import haiku as hk
import jax
import jax.numpy as np  # the post's name for it
import numpy
import pytest
from helpers import bits

import rl_jax.nn as nn
from rl_jax.replay import ReplayMemory, Transition
from rl_jax.typing import JaxTensor

BATCH_SIZE, GAMMA, EPSILON = 32, 0.99, 0.3
MAX_EPISODES, MAX_EPISODE_STEPS = 12, 100  # of 300 episodes


def forward_fn(observations: JaxTensor) -> JaxTensor:
    layers = [hk.Linear(300), jax.nn.relu, hk.Linear(100), jax.nn.relu, hk.Linear(2)]
    return hk.Sequential(layers)(observations)


model = hk.without_apply_rng(hk.transform(forward_fn))
optimizer = partial(nn.optim.simple_optimizer, learning_rate=1e-3)


@jax.grad
@jax.jit
def backward_fn(params, observations, q_values, actions):
    logits = model.apply(params, observations)
    logits = logits[np.arange(logits.shape[0]), actions]
    return nn.losses.mse(q_values, logits, reduction="mean")


def take_action(key, state, params) -> int:
    key, sk = jax.random.split(key)
    if jax.random.uniform(sk, shape=(1,)) < EPSILON:
        return int(jax.random.randint(sk, shape=(1,), minval=0, maxval=2)[0])
    return int(np.argmax(model.apply(params, state.reshape(1, -1))))


def tensors(memory) -> Transition:
    """A list of transitions, transposed into a transition of arrays."""
    transitions = memory.sample(BATCH_SIZE)
    assert isinstance(transitions, list)
    assert all(isinstance(one, Transition) for one in transitions)
    transitions = Transition(*zip(*transitions, strict=True))
    return Transition(*map(np.array, transitions))


def gradients_of(memory, params, target_params):
    batch = tensors(memory)
    next_q_values = model.apply(target_params, batch.next_state)
    yj = batch.reward + GAMMA * np.max(next_q_values, axis=-1)
    yj = np.where(batch.is_terminal, 0, yj)
    return backward_fn(params, batch.state, yj, batch.action)


class Program(NamedTuple):
    """What the post's notebook holds after its last cell."""

    first_params: dict
    params: dict
    target_params: dict
    memory: ReplayMemory
    returns: list


def run(memory) -> Program:
    random_key = jax.random.PRNGKey(0)
    random_key, model_key = jax.random.split(random_key)
    first = params = model.init(model_key, jax.random.normal(model_key, shape=(1, 4)))
    target_params = copy.deepcopy(params)
    env, returns = gym.make("CartPole-v1"), []
    for i_episode in range(MAX_EPISODES):
        state, _ = env.reset(seed=i_episode)
        returns.append(0)
        for _ in range(MAX_EPISODE_STEPS):
            random_key, subkey = jax.random.split(random_key)
            action = take_action(subkey, state, params)
            next_state, reward, terminated, truncated, _ = env.step(action)
            done = terminated or truncated
            memory.experience(
                Transition(
                    state=state,
                    next_state=next_state,
                    reward=reward,
                    is_terminal=done,
                    action=action,
                )
            )
            returns[-1] += reward
            if len(memory) >= BATCH_SIZE:
                grads = gradients_of(memory, params, target_params)
                params = jax.tree.map(optimizer, params, grads)
            state = next_state
            if done:
                break
        target_params = copy.deepcopy(params)
    return Program(first, params, target_params, memory, returns)


@pytest.fixture(scope="module")
def program() -> Program:
    return run(ReplayMemory(seed=0))


def test_it_trains(program):
    assert jax.tree.structure(program.params) == jax.tree.structure(program.first_params)
    for old, new in zip(*map(jax.tree.leaves, (program.first_params, program.params)), strict=True):
        assert (old.shape, old.dtype) == (new.shape, new.dtype)
        assert np.isfinite(new).all()
        assert (old != new).any()
    assert bits(program.target_params) == bits(program.params)  # copied at the end


def test_values_rise_towards_the_rewards_to_come(program):
    # Each step earns 1, so Q moves from about 0 towards what is left of an episode, below 100.
    batch = program.memory.sample_batch(len(program.memory))
    before, after = (
        model.apply(params, batch.state)[np.arange(len(batch.action)), batch.action].mean()
        for params in (program.first_params, program.params)
    )
    assert before + 0.5 < after < 1 / (1 - GAMMA)


def test_the_memory_remembers_every_step(program):
    assert len(program.returns) == MAX_EPISODES
    assert len(program.memory) == sum(program.returns) >= 8 * MAX_EPISODES
    ends = program.memory.sample_batch(len(program.memory)).is_terminal.sum()
    assert ends == sum(steps < MAX_EPISODE_STEPS for steps in program.returns)


def test_tensors_have_the_posts_shapes_and_types(program):
    batch = tensors(program.memory)
    assert [field.shape for field in batch] == [(32, 4), (32, 4), (32,), (32,), (32,)]
    kinds = ["float32", "float32", "int32", "float32", "bool"]
    assert [field.dtype.name for field in batch] == kinds
    assert all(isinstance(field, JaxTensor) for field in batch)


def test_the_gradient_has_the_parameters_structure_and_the_true_means_size(program):
    params, target = program.params, program.target_params
    grads = gradients_of(program.memory, params, target)
    assert jax.tree.map(np.shape, grads) == jax.tree.map(np.shape, params)
    # The last layer's biases, by hand: 2 / 32 times the errors of each action, summed. The
    # post's own package had no 1 / 32 there.
    batch = tensors(program.memory)
    targets = np.linspace(0, 1, 32)
    q_values = model.apply(params, batch.state)
    errors = q_values[np.arange(32), batch.action] - targets
    by_hand = [2 / 32 * float(errors[batch.action == action].sum()) for action in (0, 1)]
    grads = backward_fn(params, batch.state, targets, batch.action)
    numpy.testing.assert_allclose(grads["linear_2"]["b"], by_hand, rtol=1e-3, atol=1e-5)


def test_the_memory_as_the_post_makes_it():
    memory = ReplayMemory()  # unseeded, of size 1e5, a float
    assert memory.capacity == 100_000
    state = numpy.zeros(4, numpy.float32)
    for _ in range(BATCH_SIZE):
        memory.experience(Transition(state, state, random.randrange(2), 1.0, False))
    assert len(memory) == BATCH_SIZE
    assert tensors(memory).reward.sum() == 32


def test_positional_fields_are_in_the_posts_order():
    assert Transition(1, 2, 3, 4, True) == Transition(
        state=1, next_state=2, action=3, reward=4, is_terminal=True
    )


def test_the_first_example():
    # f(x) = 2 x^3: f(2) = 16, f'(x) = 6 x^2, f'(2) = 24.
    def f(x):
        return 2 * x**3

    assert (f(2.0), jax.grad(f)(2.0)) == (16.0, 24.0)
