# ---
# jupyter:
#   jupytext:
#     text_representation:
#       extension: .py
#       format_name: percent
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # 05 · The training step
#
# So far the network has opinions and the memory has facts. The training step makes the opinions agree with the
# facts, one batch at a time. It is the heart of the series.
#
# - **What you will build:** the Bellman target, the loss, and one compiled function that improves the agent.
# - **What you will learn:** what a terminal state is worth; how far gamma looks ahead; why the target has a network
#   of its own and no gradient; SGD by `jax.tree.map`, and the same in Optax.
# - **What you need:** notebooks 01 to 03.
# - **Time:** 35 minutes.

# %% cellView="form" jupyter={"source_hidden": true} tags=["setup"]
# @title Set-up: finds rl_jax. In Colab it installs it, once; where it is there, nothing changes
import importlib
import importlib.metadata
import subprocess
import sys
from pathlib import Path

SOURCE = ""  # where Colab gets rl_jax from: `make stamp` writes it
try:
    importlib.metadata.version("rl-jax")
except importlib.metadata.PackageNotFoundError:
    source = SOURCE or max(map(str, Path().glob("rl_jax-*.whl")), default="")
    if "google.colab" not in sys.modules or not source:
        raise ModuleNotFoundError(
            "rl_jax is not installed in this kernel. On your machine: run `make lab`, or choose the "
            "kernel of .venv. In Colab: upload the wheel that `make dist` builds, and run this again."
        ) from None
    keep = [f"{name}=={importlib.metadata.version(name)}" for name in ("jax", "jaxlib", "numpy")]
    subprocess.run([sys.executable, "-m", "pip", "install", "-q", source, *keep], check=True)
    importlib.invalidate_caches()

# %% tags=["imports"]
from collections.abc import Callable
from functools import partial
from typing import NamedTuple

import haiku as hk
import jax
import jax.numpy as jnp
import numpy as np
import optax

import rl_jax.nn as nn
from rl_jax import dqn, envs, plotting, widgets
from rl_jax.nn.losses import mse
from rl_jax.replay import ReplayMemory, Transition
from rl_jax.typing import JaxTensor, Key, Params, unit_interval

# %% [markdown]
# ## The Bellman equation
#
# What is an action worth? The reward it brings, plus what the next state is worth if you go on well, a little
# [discounted](glossary.md#discount) because it is further away:
#
# $$Q_{i+1}(\phi, a) = r + \gamma \max_{a'} Q_i(\phi', a')$$
#
# Read it as a recipe: put an old guess $Q_i$ into the right-hand side, get a better guess $Q_{i+1}$ on the left,
# and repeat. (To learn from one's own guess is called [bootstrapping](glossary.md#bootstrapping).) Try it on the smallest task there is: one state, one action, reward 1 at every step, no end. What
# number will the guesses approach for $\gamma = 0.9$? And for 0.99?

# %%
figure, ax = figures.axes()
for gamma, color in ((0.9, figures.COLORS["target"]), (0.99, figures.COLORS["online"])):
    guesses = [0.0]
    for _ in range(400):
        guesses.append(1.0 + gamma * guesses[-1])
    ax.plot(guesses, color=color, label=f"gamma = {gamma}")
    print(f"gamma = {gamma}: {guesses[-1]:.0f}")
ax.set(xlabel="Iteration i", ylabel="Guess of Q")
ax.legend()
figures.show(
    figure,
    alt="Two curves from 0: one levels off at 10 quickly, the other climbs to almost 100.",
)

# %% [markdown]
# *Figure 5.1. Guesses climb to $1 / (1 - \gamma)$: 10, and 100.* (After 400 rounds the second one is at 98.) So
# this is what Q-values of a pole that never falls look like, and it takes many rounds to get there.
#
# CartPole has infinitely many states, so we cannot keep a table of guesses. The network is the table:
# $Q(\phi, a; \theta)$. The right-hand side becomes the [**target**](glossary.md#bellman-target) $y$ of a regression, and one training step moves
# $\theta$ a little so that $Q(\phi, a; \theta)$ gets nearer to $y$.
#
# ## The target of one step
#
# Three transitions. In the last one the pole falls. With $\gamma = 0.9$, write the three targets on paper.

# %%
rewards = jnp.array([1.0, 1.0, 1.0])
next_q_values = jnp.array([[6.0, 7.0], [2.0, 1.0], [5.0, 3.0]])
is_terminal = jnp.array([False, False, True])

# %% [markdown]
# Here is the equation, as it stands:

# %% tags=["naive"]
def endless_target(rewards, next_q_values, gamma):
    return rewards + gamma * jnp.max(next_q_values, axis=-1)


print(endless_target(rewards, next_q_values, 0.9).round(1))

# %% [markdown]
# The last one says that a fallen pole is worth 5.5 steps. There is no next state; the network's 5 and 3 are about
# a state in which nobody will ever act. An agent with such targets has no reason to fear the ground.
#
# The blog post knows this, and sets the target of a terminal state to 0:

# %%
blog_post_target = jnp.where(is_terminal, 0, endless_target(rewards, next_q_values, 0.9))
print(blog_post_target.round(1))

# %% [markdown]
# Nearly. The future is worth nothing, but the last step *was* paid: its reward is 1, and the target should be $r$.
# With rewards of 1 the difference is small (over eight seeds nobody could measure it). In a task whose only reward
# comes at the end, such as winning a game, it would be everything. So: no future, but the reward counts.

# %% tags=["taught"]
# lives in rl_jax/dqn.py
def td_target(
    rewards: JaxTensor,
    next_q_values: JaxTensor,
    is_terminal: JaxTensor,
    gamma: float | JaxTensor = 0.99,
    online_next_q_values: JaxTensor | None = None,
) -> JaxTensor:
    unit_interval("gamma", gamma)
    if not jnp.shape(rewards) == jnp.shape(is_terminal) == jnp.shape(next_q_values)[:-1]:
        shapes = [jnp.shape(x) for x in (rewards, is_terminal, next_q_values)]
        expected = "rewards, is_terminal, next_q_values must be [B], [B], [B, A]"
        raise ValueError(f"{expected}, but they are {shapes}.")
    chooser = next_q_values if online_next_q_values is None else online_next_q_values
    best_action = jnp.argmax(chooser, axis=-1, keepdims=True)
    future = jnp.take_along_axis(next_q_values, best_action, axis=-1).squeeze(-1)
    return jax.lax.stop_gradient(rewards + gamma * jnp.where(is_terminal, 0.0, future))


# %%
print(td_target(rewards, next_q_values, is_terminal, gamma=0.9).round(1))

# %% [markdown]
# 7.3, 2.8 and 1. The function holds two more ideas, `online_next_q_values` and `stop_gradient`. Their turn comes
# below.
#
# ### Out of time is not out of future
#
# What of an episode that was *truncated* after 500 steps? The pole stood. Its next state exists, it was just not
# played. So its target looks ahead like any other, and `is_terminal` is False. With the two flags of notebook 00
# this takes no code at all: store `terminated`, and forget `truncated`. The loop of notebook 06 does so.
#
# ## A real batch
#
# For what follows we want transitions of the real task: a batch from a random player, and a network whose values
# are not all near 0. We let it learn for a moment with the step that this notebook is about to explain.

# %%
env, coin, memory = envs.make("CartPole-v1"), np.random.default_rng(0), ReplayMemory(2_000, seed=3)
state, _ = env.reset(seed=0)
for _ in range(2_000):
    action = int(coin.integers(2))
    next_state, reward, terminated, truncated, _ = env.step(action)
    memory.experience(Transition(state, next_state, action, reward, terminated))
    state = env.reset()[0] if terminated or truncated else next_state
print("transitions:", len(memory), "| batch:", memory.sample_batch(32).state.shape)

# %%
network = dqn.make_network(observation_size=4, n_actions=2, hidden=(64, 64))
warm = dqn.init(jax.random.key(0), network, optax.adam(1e-3))
warm_step = jax.jit(dqn.make_train_step(network, optax.adam(1e-3), gamma=0.9, target_tau=0.01))
for _ in range(1_000):
    warm, _ = warm_step(warm, memory.sample_batch(32))
batch = memory.sample_batch(200)
batch_next_q = network.apply(warm.target_params, batch.next_state)
print("terminal transitions in the batch:", int(batch.is_terminal.sum()) > 0)

# %% [markdown]
# ### Drag gamma
#
# How far ahead does the agent look? A reward $k$ steps away counts $\gamma^k$. It counts half after
# $\ln 0.5 / \ln \gamma$ steps, and all rewards together count as much as $1/(1-\gamma)$ full ones: the
# [*effective horizon*](glossary.md#horizon). The panel shows the weights on the left, and the targets of 200 real transitions on the right.

# %%
def draw_gamma(gamma):
    """The weight of a later reward, and the targets of the batch, for this gamma."""
    targets = np.asarray(td_target(batch.reward, batch_next_q, batch.is_terminal, gamma))
    figure, (left, right) = figures.axes(2, height=3.0)
    left.plot(gamma ** np.arange(101), color=figures.COLORS["online"])
    left.set(xlabel="Steps ahead", ylabel="Weight of the reward", ylim=(0, 1.05))
    left.set(xticks=(0, 50, 100), yticks=(0.0, 0.5, 1.0))
    right.locator_params(nbins=5)
    bins = np.linspace(0.5, 13, 40)
    for over, color, label in ((False, figures.COLORS["target"], "goes on"), (True, "black", "fell")):
        counts, _ = np.histogram(targets[batch.is_terminal == over], bins)
        right.stairs(counts, bins, fill=True, color=color, label=label)
    right.set(xlabel="Target (discounted steps)", ylabel="Transitions of 200")
    figure.legend(loc="outside upper right", ncols=2)
    half = np.log(0.5) / np.log(gamma) if 0 < gamma < 1 else 0.0
    horizon = f"half weight after {half:.0f} steps, horizon {1 / (1 - gamma):.0f} steps"
    return figures.png(figure), f"gamma {gamma:.3f}: {horizon}, mean target {targets.mean():.1f}"


panels.panel(
    draw_gamma,
    "Left: weights that fall with distance. Right: a histogram of targets.",
    gamma=panels.slider("gamma", 0.9, 0.0, 0.995, 0.005),
)

# %% [markdown]
# Move it to 0: every target becomes 1, the reward alone. The agent would live for the moment, and since every
# moment pays 1, it would have nothing to learn. Three settings, without a kernel:

# %%
for gamma in (0.0, 0.9, 0.99):
    picture, caption = draw_gamma(gamma)
    print(caption.split(", mean")[0])
    figures.show(picture, f"Gamma {gamma}: how weights fall with distance, and the batch's targets.")

# %% [markdown]
# *Figure 5.2. At 0.9 a reward seven steps away counts half; at 0.99 it is sixty-nine steps away.* Those that fell
# stay at exactly 1 whatever gamma is.
#
# ## The loss, and whose gradient it is
#
# The loss compares the Q-values of the actions taken with their targets. Both come from networks, with different
# weights: `params` for the value that we correct, `target_params` for the target.

# %% tags=["taught"]
# lives in rl_jax/dqn.py
def td_loss(
    params: Params,
    target_params: Params,
    batch: Transition,
    network: hk.Transformed,
    gamma: float | JaxTensor = 0.99,
    loss: Callable[[JaxTensor, JaxTensor], JaxTensor] = mse,
    double: bool = False,
) -> JaxTensor:
    q_values = network.apply(params, batch.state)
    q_taken = q_values[jnp.arange(len(q_values)), batch.action]
    next_q_values = network.apply(target_params, batch.next_state)
    online = network.apply(params, batch.next_state) if double else None
    return loss(td_target(batch.reward, next_q_values, batch.is_terminal, gamma, online), q_taken)


# %% [markdown]
# ### Why a second network?
#
# Suppose that one set of weights served both. You raise $Q(\phi, a)$ towards its target. The next state $\phi'$
# looks almost like $\phi$, so its value rises as well, and with it the target that you were aiming at. The dog
# chases its tail. See it happen: after *one* step, by how much has each network's idea of the targets moved?

# %%
grads = jax.grad(td_loss)(warm.params, warm.params, batch, network, 0.99)
moved = jax.tree.map(partial(nn.optim.simple_optimizer, learning_rate=1e-2), warm.params, grads)


def mean_target(target_params):
    next_q = network.apply(target_params, batch.next_state)
    return td_target(batch.reward, next_q, batch.is_terminal, 0.99).mean()


before, after = mean_target(warm.params), mean_target(moved)
print("targets from the online network moved:  ", bool(abs(after - before) > 1e-3))
print("targets from a frozen copy moved:       ", bool(mean_target(warm.params) != before))

# %% [markdown]
# A [**target network**](glossary.md#target-network) is a copy that stands still for a while. The blog post renews it at the end of each episode.
# Others move it a tiny step towards the online network at every update, and that is what `target_tau` does in the
# package.
#
# ### Why no gradient through the target?
#
# The loss could also be lowered by moving the *target* towards the value. Gradient descent does not know that the
# target is meant to be the truth. What would it cost? Take the smallest task again, one state with reward 1 and
# $\gamma = 0.9$, and let a single weight $w$ be its Q-value. We start at 0 and aim at 10.

# %%
def loss_with_leak(w):
    return ((1.0 + 0.9 * w) - w) ** 2


def loss_without_leak(w):
    return (jax.lax.stop_gradient(1.0 + 0.9 * w) - w) ** 2


print("with the leak:", jax.grad(loss_with_leak)(0.0).round(1))
print("without:      ", jax.grad(loss_without_leak)(0.0).round(1))

# %% [markdown]
# Same loss, a gradient ten times smaller: nine tenths of the pull are spent on dragging the target down to meet the
# value. With $\gamma = 0.99$ it would be a hundredth. `stop_gradient` says that the target is data.
#
# %% [markdown]
# ## One step downhill
#
# Stochastic gradient descent, for one array of parameters:

# %% tags=["taught"]
# lives in rl_jax/nn/optim.py
def simple_optimizer(param: JaxTensor, grad: JaxTensor, learning_rate: float) -> JaxTensor:
    return param - learning_rate * grad


# %% [markdown]
# And for a whole network: `partial` fixes the learning rate, and `jax.tree.map` walks over parameters and gradients
# together. (The blog post calls `jax.tree_multimap`, which JAX has removed since; `jax.tree.map` takes any number of
# trees.) Does the loss on one fixed batch go down?

# %%
optimizer = partial(simple_optimizer, learning_rate=1e-2)


@jax.jit
def sgd_step(params):
    loss, grads = jax.value_and_grad(td_loss)(params, warm.target_params, batch, network, 0.99)
    return jax.tree.map(optimizer, params, grads), loss


params, losses = network.init(jax.random.key(1), jnp.zeros((1, 4))), []
for _ in range(200):
    params, loss = sgd_step(params)
    losses.append(float(loss))
print("the loss fell to less than a half:", losses[-1] < losses[0] / 2)

# %%
figure, ax = figures.axes(height=2.8)
ax.semilogy(losses, color=figures.COLORS["online"])
ax.set(xlabel="Step", ylabel="Loss on one batch")
figures.show(figure, alt="The loss on one fixed batch falls steeply and then levels off.")

# %% [markdown]
# *Figure 5.3. With batch and target fixed, this is plain regression.* In the loop neither is fixed.
#
# ### The same, in Optax
#
# Optax is JAX's library of optimizers. An optimizer there is a pair of pure functions, `init` and `update`, and its
# state is one more pytree. Its SGD must do exactly what ours does:

# %%
grads = jax.grad(td_loss)(warm.params, warm.target_params, batch, network, 0.99)
ours = jax.tree.map(optimizer, warm.params, grads)
sgd = optax.sgd(learning_rate=1e-2)
updates, _ = sgd.update(grads, sgd.init(warm.params))
theirs = optax.apply_updates(warm.params, updates)
close = jax.tree.map(lambda a, b: bool(jnp.allclose(a, b, atol=1e-7)), ours, theirs)
print("same step:", all(jax.tree.leaves(close)))

# %% [markdown]
# Why bother, then? Because the next optimizer is one word away: `optax.adam` instead of `optax.sgd`. Adam gives
# each weight a step size of its own, and notebook 06 will want it.
#
# ## Everything in one function
#
# A training step changes the weights, the target's weights, and the optimizer's state. So these three travel
# together:

# %% tags=["taught"]
# lives in rl_jax/dqn.py
class TrainState(NamedTuple):
    params: Params  # online network: acts and learns
    target_params: Params  # target network: follows later
    opt_state: optax.OptState


def init(
    key: Key,
    network: hk.Transformed,
    optimizer: optax.GradientTransformation,
    observation_size: int = 4,
) -> TrainState:
    params = network.init(key, jnp.zeros((1, observation_size)))
    return TrainState(params, params, optimizer.init(params))


# %% [markdown]
# At the start both networks are *the same arrays*. No copy is needed: nothing will ever change them in place. This
# is why the `copy.deepcopy` in the blog post can go.
#
# And here is the step itself, the function that the whole series was about:

# %%
show_source(dqn.make_train_step)

# %% [markdown]
# ### A probe
#
# State in, state out, nothing hidden: so it can be checked, on transitions whose values you know. In the first one the
# reward comes one step later. The second ends the episode. The third leads back to where it started, for ever: its
# episodes are only ever *truncated*. With $\gamma = 0.5$, which three Q-values must come out?

# %%
probe = Transition(
    state=jnp.array([[0.0], [1.0], [-1.0]]), next_state=jnp.array([[1.0], [2.0], [-1.0]]),
    action=jnp.zeros(3, int), reward=jnp.array([0.0, 1.0, 1.0]),
    is_terminal=jnp.array([False, True, False]),
)
tiny, adam = dqn.make_network(1, 1, hidden=(32,)), optax.adam(1e-2)
probed = dqn.init(jax.random.key(0), tiny, adam, observation_size=1)
probe_step = jax.jit(dqn.make_train_step(tiny, adam, gamma=0.5, target_tau=0.1))
for _ in range(500):
    probed, _ = probe_step(probed, probe)
print(tiny.apply(probed.params, probe.state).ravel().round(1))

# %% [markdown]
# $\gamma \cdot 1$, then the last reward alone, then $1 / (1 - \gamma)$. Three numbers, a second, and gamma, the
# terminal flag and the target network are known to work together.
#
# Now run it on real batches with both
# optimizers. We measure the loss on one held-out batch, over five different initial networks.

# %%
def held_out_curve(optimizer, seed):
    """Loss on the big batch, every 20 of 400 steps."""
    state = dqn.init(jax.random.key(seed), network, optimizer)
    step = jax.jit(dqn.make_train_step(network, optimizer, gamma=0.9, target_tau=0.01))
    losses = []
    for _ in range(20):
        losses.append(float(td_loss(state.params, warm.target_params, batch, network, 0.9)))
        for _ in range(20):
            state, _ = step(state, memory.sample_batch(32))
    return np.arange(20) * 20, np.array(losses)


sgd_curves = [held_out_curve(optax.sgd(1e-3), seed) for seed in range(5)]
adam_curves = [held_out_curve(optax.adam(1e-3), seed) for seed in range(5)]

# %%
figure, ax = figures.axes()
figures.learning_curves(ax, sgd_curves, "SGD 1e-3", figures.COLORS["target"])
figures.learning_curves(ax, adam_curves, "Adam 1e-3", figures.COLORS["online"])
ax.set(xlabel="Training steps", ylabel="Loss on a held-out batch")
ax.legend()
figures.show(figure, alt="Adam's loss falls below that of SGD within some hundred steps.")
final = [np.median([losses[-1] for _, losses in curves]) for curves in (sgd_curves, adam_curves)]
print("Adam ends lower than SGD at this learning rate:", bool(final[1] < final[0]))

# %% [markdown]
# *Figure 5.4. Same batches, same number of steps, five networks each.* A fair word: SGD would like a larger
# learning rate than 0.001. The post's 0.001 is what we compare with, and its "mean" that was a sum made it 0.032 in
# secret.
#
# ## Double DQN: the optimist's mistake
#
# One idea in `td_target` is still unexplained. The maximum of noisy guesses is too high on average: whichever
# action was overestimated most gets picked. Suppose that all true values are 0, and guesses are off by a standard
# normal error. What is the mean of the maximum of two? And what if one network picks, and another says how much?

# %%
noise_key, other_key = jax.random.split(jax.random.key(0))
guess = jax.random.normal(noise_key, (100_000, 2))
second_opinion = jax.random.normal(other_key, (100_000, 2))
nothing, never = jnp.zeros(100_000), jnp.zeros(100_000, bool)
plain = td_target(nothing, guess, never, gamma=1.0)
double = td_target(nothing, guess, never, gamma=1.0, online_next_q_values=second_opinion)
print("true value: 0.0")
print("plain:", round(float(plain.mean()), 1), "| double:", abs(round(float(double.mean()), 1)))

# %% [markdown]
# 0.6 too high, from nothing but noise, and every Bellman update passes the error on. With a second opinion it is
# gone. In [*Double DQN*](glossary.md#double-dqn) the online network picks the action and the target network says what it is worth. The two
# are related, so the cure is partial, but it costs one more forward pass and no new parameters.
#
# ## Exercises
#
# Write your answer in place of the `...`, and run the cell. It says whether you are right, and if not, what was
# misunderstood. The solution is folded away below.
#
# **1.** Write the Bellman target $[B]$ from the two flags that Gymnasium returns. `next_q_values` is $[B, A]$; rewards
# and flags are $[B]$.

# %% cellView="form" jupyter={"source_hidden": true} tags=["check"]
# @title Check
def row(reward, next_q, terminated, truncated):
    values = [reward], [next_q], [terminated], [truncated]
    names = ("rewards", "next_q_values", "terminated", "truncated")
    return dict(zip(names, map(jnp.array, values), strict=True)) | {"gamma": 0.5}


def stacked(*rows):
    return rows[0] | {k: jnp.concatenate([r[k] for r in rows]) for k in rows[0] if k != "gamma"}


goes_on, falls, late = (row(2.0, [6.0, 7.0], *flags) for flags in ((False, False), (True, False), (False, True)))
batch_of_5 = stacked(
    row(1.0, [-3.0, -1.0, -2.0], False, False), row(-2.0, [4.0, 2.0, 0.0], True, False),
    row(0.5, [0.0, 1.0, 8.0], False, True), row(3.0, [-5.0, -6.0, -7.0], False, False),
    row(2.0, [7.0, 7.0, 7.0], True, True),
)
look_ahead = lambda r, q, over, gamma: r + gamma * jnp.max(q, axis=-1) * (1 - over)

# %% cellView="form" jupyter={"source_hidden": true} tags=["check"]
# @title Check, continued
wrong_ends = [
    (lambda r, q, fell, late, gamma: look_ahead(r, q, 0, gamma),
     "you bootstrapped from a terminal state: where the pole fell, nothing is left to come",
     "what is the future worth in this row? What was paid all the same?"),
    (lambda r, q, fell, late, gamma: look_ahead(r, q, 0, gamma) * (1 - fell),
     "you dropped the last reward: the step in which the pole fell was paid",
     "no future does not mean no reward"),
    (lambda r, q, fell, late, gamma: look_ahead(r, q, fell | late, gamma),
     "you took running out of time for a fall: this pole still stood",
     "has the next state a future, though nobody played it?"),
    (lambda r, q, fell, late, gamma: look_ahead(r, q, late, gamma),
     "you took the wrong flag: that one says that time ran out", "which flag means a fall?"),
]


# %% cellView="form" jupyter={"source_hidden": true} tags=["check"]
# @title Check, continued
wrong_futures = [
    (lambda r, q, fell, late, gamma: look_ahead(r, q.mean(-1, keepdims=True), fell, gamma),
     "you averaged over the next actions", "how will a greedy agent go on?"),
    (lambda r, q, fell, late, gamma: look_ahead(r, q[:, :1], fell, gamma),
     "you looked at one fixed next action", "how will a greedy agent go on?"),
    (lambda r, q, fell, late, gamma: look_ahead(r, q[:, 1:2], fell, gamma),
     "you looked at one fixed next action", "how will a greedy agent go on?"),
    (lambda r, q, fell, late, gamma: look_ahead(r, jnp.full_like(q, q.max()), fell, gamma),
     "you took the largest value of the whole batch", "one maximum for each row: along which axis?"),
    (lambda r, q, fell, late, gamma: look_ahead(r, -q, fell, -gamma),
     "you took the worst next action", "how will a greedy agent go on?"),
    (lambda r, q, fell, late, gamma: look_ahead(0 * r, q, fell, gamma),
     "the reward is missing", "what was paid for this very step?"),
    (lambda r, q, fell, late, gamma: look_ahead(r, q, fell, 1.0), "you did not discount",
     "the future is one step further away"),
    (lambda r, q, fell, late, gamma: gamma * look_ahead(r, q, fell, 1.0),
     "you discounted the reward too", "the reward comes now, the rest one step later"),
    (lambda r, q, fell, late, gamma: look_ahead(r, q, fell, gamma)[:, None],
     "right numbers, wrong shape: one number for each row is wanted, [B]", "one axis too many"),
]

check_target = Check(
    cases=[
        (goes_on, [5.5]), (falls, [2.0]), (late, [5.5]),
        (stacked(goes_on, falls, late), [5.5, 2.0, 5.5]),
        (batch_of_5 | {"gamma": 0.9}, [0.1, -2.0, 7.7, -1.5, 2.0]),
    ],
    mistakes=wrong_ends + wrong_futures,
)

# %% tags=["exercise"]
def my_target(rewards, next_q_values, terminated, truncated, gamma):
    ...


check_target(my_target)

# %% cellView="form" jupyter={"source_hidden": true} tags=["solution"]
# @title Solution
def my_target(rewards, next_q_values, terminated, truncated, gamma):
    return td_target(rewards, next_q_values, terminated, gamma)


check_target(my_target)

# %% [markdown]
# `truncated` is not used at all. That is the point.
#
# **2.** The smallest network has one weight: $Q(\phi; w) = w\,\phi$. Write its loss on a batch, the mean of
# $(r + \gamma\,Q(\phi'; w) - Q(\phi; w))^2$, such that no gradient flows through the target.

# %% cellView="form" jupyter={"source_hidden": true} tags=["check"]
# @title Check
def loss_and_gradient(answer, w, states, next_states, rewards, gamma):
    value, slope = jax.value_and_grad(answer)(w, states, next_states, rewards, gamma)
    return {"loss": value, "gradient": slope}


def leaky_loss(w, s, t, r, gamma, reduce=jnp.mean, target=lambda y: y, value=lambda q: q):
    return reduce((target(r + gamma * w * t) - value(w * s)) ** 2)


one = {"w": 0.0, "states": jnp.ones(1), "next states": jnp.ones(1), "rewards": jnp.ones(1), "gamma": 0.9}
two = {"w": 1.0, "states": jnp.array([1.0, 2.0]), "next states": jnp.array([2.0, 0.0]),
       "rewards": jnp.array([1.0, 1.0]), "gamma": 0.5}
three = {"w": 0.5, "states": jnp.array([1.0, 2.0, -1.0]), "next states": jnp.array([2.0, 4.0, 1.0]),
         "rewards": jnp.array([1.0, 0.0, 2.0]), "gamma": 0.5}
stop = jax.lax.stop_gradient
loss_cases = [  # on paper: (1 - 0)^2 and -2; then the errors are 1 and -1, the states 1 and 2
    (one, {"loss": 1.0, "gradient": -2.0}),
    (two, {"loss": 1.0, "gradient": 1.0}),
    (three, {"loss": 2.8542, "gradient": 1.1667}),  # the errors are 1, 0 and 2.75
]

# %% cellView="form" jupyter={"source_hidden": true} tags=["check"]
# @title Check, continued
mistaken_loss = [
    (leaky_loss, "the gradient flows through the target: it pulls the target to the value",
     "how do you tell JAX that a number is data?"),
    (lambda *args: leaky_loss(*args, value=stop),
     "you stopped the wrong one: now only the target moves", "which of the two do we correct?"),
    (lambda *args: leaky_loss(*args, value=stop, target=stop),
     "you stopped both, so nothing can be learned", "which of the two do we correct?"),
    (lambda *args: leaky_loss(*args, reduce=jnp.sum, target=stop),
     "you added the rows up: a mean that is a sum", "what happened to 1/n?"),
    (lambda w, s, t, r, gamma: jnp.mean((stop(r) - w * s) ** 2),
     "your target is the reward alone", "what of the next state's value?"),
    (lambda w, s, t, r, gamma: jnp.mean(jnp.abs(stop(r + gamma * w * t) - w * s)),
     "you did not square the errors", "look at the formula once more"),
    (lambda *args: leaky_loss(*args, reduce=lambda x: jnp.mean(x) / 2, target=stop),
     "you halved it, as some books do", "look at the formula once more"),
    (lambda w, s, t, r, gamma: jnp.mean(stop(r + gamma * w * t) - w * s) ** 2,
     "you averaged the errors, and squared after that", "opposite errors must not cancel"),
    (lambda w, s, t, r, gamma: leaky_loss(w, s, t, r, 1.0, target=stop), "you did not discount",
     "the future is one step further away"),
    (lambda w, s, t, r, gamma: leaky_loss(w, s, s, r, gamma, target=stop),
     "your target looks at the present state", "whose value comes after the reward?"),
]

check_loss = Check(loss_cases, mistaken_loss, loss_and_gradient)

# %% tags=["exercise"]
def one_weight_loss(w, states, next_states, rewards, gamma):
    ...


check_loss(one_weight_loss)

# %% cellView="form" jupyter={"source_hidden": true} tags=["solution"]
# @title Solution
def one_weight_loss(w, states, next_states, rewards, gamma):
    targets = jax.lax.stop_gradient(rewards + gamma * w * next_states)
    return jnp.mean((targets - w * states) ** 2)


check_loss(one_weight_loss)

# %% [markdown]
# The loss itself is the same with and without the leak. Only its gradient tells.
#
# **3.** Move the target network a fraction `tau` of the way towards the online network. Parameters are pytrees.

# %% cellView="form" jupyter={"source_hidden": true} tags=["check"]
# @title Check
online, behind = {"w": 4.0, "b": 1.0}, {"w": 2.0, "b": 1.0}
deep_online, deep_behind = ({"layer": {"w": jnp.array([w, 8.0])}} for w in (4.0, 2.0))
mix = lambda p, t, a, b: jax.tree.map(lambda new, old: a * new + b * old, p, t)
check_soft = Check(
    cases=[
        ({"params": online, "target_params": behind, "tau": 0.25}, {"w": 2.5, "b": 1.0}),
        ({"params": deep_online, "target_params": deep_behind, "tau": 0.1},
         {"layer": {"w": [2.2, 8.0]}}),
    ],
    mistakes=[
        (lambda p, t, tau: mix(p, t, 1 - tau, tau), "you went nearly all of the way: tau is swapped",
         "a small tau should move the target only a little"),
        (lambda p, t, tau: p, "you copied the online network", "only a fraction of the way"),
        (lambda p, t, tau: t, "the target did not move", "somebody must pull it along"),
        (lambda p, t, tau: mix(p, t, tau, -tau), "you returned the step, not where it leads",
         "from where does the step start?"),
        (lambda p, t, tau: mix(p, t, tau, 1.0), "the old weights were not scaled down",
         "two weights that are equal must stay as they are"),
        (lambda p, t, tau: tau * p + (1 - tau) * t, "you calculated with dictionaries as if with numbers",
         "parameters are pytrees: what walks over all of their leaves?"),
        (lambda p, t, tau: {k: tau * p[k] + (1 - tau) * t[k] for k in p},
         "you walked over the first level only", "what walks over all leaves, however deep?"),
    ],
)

# %% tags=["exercise"]
def soft_update(params, target_params, tau):
    ...


check_soft(soft_update)

# %% cellView="form" jupyter={"source_hidden": true} tags=["solution"]
# @title Solution
def soft_update(params, target_params, tau):
    return jax.tree.map(lambda new, old: tau * new + (1 - tau) * old, params, target_params)


check_soft(soft_update)

# %% [markdown]
# **4.** One step of SGD over a whole pytree, without Optax.

# %% cellView="form" jupyter={"source_hidden": true} tags=["check"]
# @title Check
step_by = lambda p, g, a, b: jax.tree.map(lambda x, dx: a * x + b * dx, p, g)
check_sgd = Check(
    cases=[
        ({"params": {"w": 1.0}, "grads": {"w": 2.0}, "learning_rate": 0.1}, {"w": 0.8}),
        ({"params": deep_online, "grads": {"layer": {"w": jnp.array([2.0, -1.0])}}, "learning_rate": 0.5},
         {"layer": {"w": [3.0, 8.5]}}),
    ],
    mistakes=[
        (lambda p, g, rate: step_by(p, g, 1.0, rate), "you went uphill, so the loss grows",
         "the gradient points to where the loss grows"),
        (lambda p, g, rate: step_by(p, g, 1.0, -1.0), "you forgot the learning rate",
         "how long is the step?"),
        (lambda p, g, rate: step_by(p, g, 0.0, -rate), "you returned the step, not where it leads",
         "from where does the step start?"),
        (lambda p, g, rate: g, "you returned the gradient as it came", "what is to be done with it?"),
        (lambda p, g, rate: step_by(p, g, 1.0 - rate, 0.0), "you shrank the weights and used no gradient",
         "what does the gradient do in your line?"),
        (lambda p, g, rate: p - rate * g, "you calculated with dictionaries as if with numbers",
         "parameters are pytrees: what walks over all of their leaves?"),
        (lambda p, g, rate: {k: p[k] - rate * g[k] for k in p},
         "you walked over the first level only", "what walks over all leaves, however deep?"),
    ],
)

# %% tags=["exercise"]
def sgd_update(params, grads, learning_rate):
    ...


check_sgd(sgd_update)

# %% cellView="form" jupyter={"source_hidden": true} tags=["solution"]
# @title Solution
def sgd_update(params, grads, learning_rate):
    return jax.tree.map(lambda param, grad: param - learning_rate * grad, params, grads)


check_sgd(sgd_update)

# %% [markdown]
# ## Recap
#
# - The target is the reward plus the discounted best next value; at a terminal state the reward alone.
# - Truncation is not termination.
# - The target comes from a network that stands still, and no gradient flows through it.
# - A training step is a pure function from a `TrainState` and a batch to the next `TrainState`.
#
# ## Questions
#
# <details><summary>With gamma = 1, what would the Q-values of a perfect agent be?</summary>
#
# Infinite: it balances for ever, and every step pays 1. The guesses of figure 5.1 would climb without end. This is
# one reason to discount even where one does not care about time.
# </details>
#
# <details><summary>Why does the loss of a DQN agent not go to zero as it learns?</summary>
#
# The better it plays, the larger its values, and the targets move with them. A falling loss is no sign of learning
# here, nor is a rising one a sign of failure. Watch the return.
# </details>
#
# <details><summary>The memory holds transitions of a bad, old policy. Why may the target use the maximum over actions
# that this policy did not take?</summary>
#
# Because the equation is about the *best* continuation, not about the one that was played. The transition only
# tells where the action led. This is what makes Q-learning off-policy.
# </details>
#
# ## Further reading
#
# - Mnih et al., [*Playing Atari with deep reinforcement learning*](https://arxiv.org/abs/1312.5602) (2013),
#   algorithm 1: this step, in ten lines.
# - van Hasselt, Guez and Silver, [*Deep reinforcement learning with double
#   Q-learning*](https://arxiv.org/abs/1509.06461) (2016): the optimist's mistake, measured.
# - [Optax](https://optax.readthedocs.io/): all the other optimizers.
#
# **Next:** [06 · The full loop](06_full_loop.ipynb): everything together, on the real environment, eight times over.
