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
# ![Boxes and arrows: a batch goes through two networks to a loss, and the optimizer changes one of them.](images/05_teaser.png)
#
# *You are on the sixth of nine pages. Before: [04 · Epsilon-greedy](04_epsilon_greedy.ipynb). Next:
# [06 · The full loop](06_full_loop.ipynb).*
#
# So far the network has opinions and the memory has facts. The training step makes the opinions agree with the
# facts, one batch at a time. The picture shows all of it, and this page builds it arrow by arrow.
#
# - **What you will build:** the Bellman target, the loss, and one compiled function that improves the agent.
# - **What you will learn:** what a terminal state is worth; how far gamma looks ahead; why the target has no
#   gradient, and a network of its own; SGD by `jax.tree.map`, and the same in Optax.
# - **What you need:** notebooks 00 to 03.
# - **Time:** 60 minutes, 25 of them for four exercises.

# %% cellView="form" jupyter={"source_hidden": true} tags=["setup"]
# @title Set-up: finds rl_jax; in Colab it installs it, once
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
from functools import partial
from typing import NamedTuple

import haiku as hk
import jax
import jax.numpy as jnp
import numpy as np
import optax

from rl_jax import dqn, envs, validate
from rl_jax.course import diagrams, figures, panels
from rl_jax.course.exercises import ex05_training_step as exercises
from rl_jax.course.source import show_source
from rl_jax.nn.optim import simple_optimizer
from rl_jax.replay import ReplayMemory, Transition
from rl_jax.typing import Key, Params

# %% [markdown]
# ## The Bellman equation
#
# What is an action worth? The reward it brings, plus what the next state is worth if you go on well. The second
# part is [discounted](glossary.md#discount) a little, because it is further away:
#
# $$Q_{i+1}(\phi, a) = r + \gamma \max_{a'} Q_i(\phi', a')$$
#
# (Where chance decides which state comes next, take the mean over what may come. In CartPole's physics there is no
# chance.) Read it as a recipe: put an old guess $Q_i$ into the right-hand side, get a better guess $Q_{i+1}$ on the
# left, and repeat. (To learn from one's own guess is called [bootstrapping](glossary.md#bootstrapping).) Try it on the
# smallest task there is: one state, one action, reward 1 at every step, no end. What number will the guesses approach
# for $\gamma = 0.9$? And for 0.99?

# %%
def guesses(gamma, rounds=400):
    """Guesses of Q, from 0 on, for a task that pays 1 at every step and never ends."""
    values = [0.0]
    for _ in range(rounds):
        values.append(1.0 + gamma * values[-1])
    return values


for gamma in (0.9, 0.99):
    values = guesses(gamma)
    print(f"gamma {gamma}: " + ", ".join(f"{values[i]:.1f} after {i} rounds" for i in (10, 100, 400)))

# %% cellView="form" jupyter={"source_hidden": true} tags=["figure"]
# @title Draw figure 5.1
figure, ax = figures.axes(height=3.0)
for gamma, color in ((0.99, figures.COLORS["online"]), (0.9, figures.COLORS["target"])):
    ax.plot(guesses(gamma), color=color, label=f"gamma = {gamma}")
    ax.axhline(1 / (1 - gamma), color=color, linestyle="--", linewidth=1)
ax.set(xlabel="Round i", ylabel="Guess of Q", ylim=(0, 108))
figure.legend(loc="outside upper center", ncols=2)
figures.show(
    figure,
    alt="Two curves from 0, each with a dashed line above it. For gamma 0.9 the guess reaches its line at 10 "
    "within 50 rounds; for 0.99 it climbs slowly, and is close below its line at 100 after 400 rounds.",
)

# %% [markdown]
# *Figure 5.1. Guesses climb to $1 / (1 - \gamma)$, the dashed lines at 10 and 100.* So this is what the
# Q-values of a pole that never falls look like. No state can be worth more. And the further one looks, the
# longer it takes to get there.
#
# CartPole has infinitely many states, so we cannot keep a table of guesses. The network is the table:
# $Q(\phi, a; \theta)$. The right-hand side becomes the [**target**](glossary.md#bellman-target) $y$ of a
# regression, and one training step moves $\theta$ a little, so that $Q(\phi, a; \theta)$ gets nearer to $y$.
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
# The last one says that a fallen pole is worth 5.5 steps. There is no next state; the network's 5 and 3 are
# about a state in which nobody will ever act. An agent with such targets has no reason to fear the ground.
#
# The blog post knows this, and sets the target of a terminal state to 0:

# %%
blog_post_target = jnp.where(is_terminal, 0, endless_target(rewards, next_q_values, 0.9))
print(blog_post_target.round(1))

# %% [markdown]
# Nearly. The future is worth nothing, but the last step *was* paid: its reward is 1, and the target should be
# $r$. Notebook 08 measures what this costs on CartPole. In a task whose only reward comes at the end, such as
# winning a game, there would be nothing left to learn from. So: no future, but the reward counts.

# %%
future = jnp.where(is_terminal, 0.0, jnp.max(next_q_values, axis=-1))
print((rewards + 0.9 * future).round(1))

# %% [markdown]
# 7.3, 2.8 and 1: the first two look ahead, the last one does not.
#
# ### When time runs out
#
# What of an episode that was *truncated* after 500 steps? Has its last state a future?
#
# ### Your turn
#
# Write your answer in place of the `...`, and run the cell. It says whether you are right, and if not, what was
# misunderstood. The solution is in the cell after it: folded in Jupyter and Colab, open on GitHub.
#
# **1. The target** (5 minutes, easy). The formula stands above; what is left to decide is which of the two flags
# goes into it. Write the Bellman target $[B]$ from the two flags that Gymnasium returns.
# `next_q_values` is $[B, A]$; rewards and flags are $[B]$.

# %% tags=["exercise"]
def my_target(rewards, next_q_values, terminated, truncated, gamma):
    ...


exercises.check_target(my_target)

# %% cellView="form" jupyter={"source_hidden": true} tags=["solution"]
# @title Solution
def my_target(rewards, next_q_values, terminated, truncated, gamma):
    best = jnp.max(next_q_values, axis=-1)
    return rewards + gamma * jnp.where(terminated, 0.0, best)


exercises.check_target(my_target, solution=True)

# %% [markdown]
# Out of time is not out of future: the pole stood, and its next state exists; it was just not played. So `truncated`
# is not used at all. That is the point: with the two flags of notebook 00 this takes no code. Store
# `terminated`, and forget `truncated`. The loop of notebook 06 does so.
#
# Here is the package's own. `_one_batch` refuses shapes that would broadcast, and `_chooser` gives the Q-values that
# choose the next action: `next_q_values`, unless others were handed over. Two more things in it are new,
# `online_next_q_values` and `stop_gradient`. Their turn comes below.

# %%
show_source(dqn.td_target)

# %% [markdown]
# ## A real batch
#
# For what follows we want transitions of the real task: 2,000 from a random player for the memory, and 200 more
# from *other* episodes, to judge by: no agent learns from them. (One small test of SGD, below, fits them on
# purpose, and its network is thrown away.)

# %%
def random_play(steps, seed):
    """Transitions of a player who pushes at random."""
    env, coin, played = envs.make("CartPole-v1"), np.random.default_rng([1, seed]), []
    state, _ = env.reset(seed=seed)
    for _ in range(steps):
        action = int(coin.integers(2))
        next_state, reward, terminated, truncated, _ = env.step(action)
        played.append(Transition(state, next_state, action, reward, terminated))
        state = env.reset()[0] if terminated or truncated else next_state
    return played


# %%
memory = ReplayMemory(2_000, seed=3)
for transition in random_play(2_000, seed=0):
    memory.experience(transition)
held_out = Transition(*map(np.array, zip(*random_play(200, seed=1), strict=True)))

seen = {row.state.tobytes() for row in memory.sample(2_000)}
again = sum(state.tobytes() in seen for state in held_out.state)
print(f"{len(memory)} transitions in the memory, {len(held_out.reward)} held out")
print(f"of those held out, {held_out.is_terminal.sum()} end an episode, and the memory knows {again}")

# %% [markdown]
# And a network whose values are not all near 0. It learns from batches of the memory, by the very step that
# this page is about to explain; `tau` says how fast the targets follow. (`jax.lax.scan` is a `for` loop inside
# a compiled program; notebook 07 lives on it. `partial`, from Python's `functools`, fixes some of a function's
# arguments.) Gamma is an argument, so one compiled program serves every gamma. You need not read the next two cells
# now. Come back to them at the end of the page, when you know each word in them.

# %%
network = dqn.make_network(hidden=(32, 32), observation_scale=(0.5, 0.5, 5.0, 0.5))
adam = optax.adam(5e-3)


def targets_of(target_params, gamma):
    """The targets [200] of the held-out batch."""
    next_q_values = network.apply(target_params, held_out.next_state)
    return dqn.td_target(held_out.reward, next_q_values, held_out.is_terminal, gamma)


def train(key, gamma, tau, batches):
    """The learner after a step on each batch; after each step, the mean target of the held-out batch."""
    step = dqn.make_train_step(network, adam, gamma, follow=partial(dqn.soft_update, tau=tau))

    def body(learner, batch):
        learner, _ = step(learner, batch)
        return learner, targets_of(learner.target_params, gamma).mean()

    return jax.lax.scan(body, dqn.init(key, network, adam), batches)


# %%
drawn = [memory.sample_batch(32) for _ in range(16_000)]
batches = Transition(*map(np.stack, zip(*drawn, strict=True)))  # [16000, 32, ...] each
first_ones = jax.tree.map(lambda rows: rows[:2_000], batches)
learn = jax.jit(lambda gamma: train(jax.random.key(0), gamma, 0.015, first_ones)[0])

# %% [markdown]
# ### Drag gamma
#
# How far ahead does the agent look? A reward $k$ steps away counts $\gamma^k$. It counts half after
# $\ln 0.5 / \ln \gamma$ steps, and all rewards together count as much as $1/(1-\gamma)$ full ones: the
# [*effective horizon*](glossary.md#horizon).
#
# At each move of the slider **a new network is trained with this gamma**, on the same 2,000 batches. On the
# left you see the weights of later rewards. On the right are the targets of the 200 transitions that it has not
# seen, over the angle of the pole in the next state. What will they be at gamma 0? Where do they end at 0.99?

# %% cellView="form" jupyter={"source_hidden": true} tags=["figure"]
# @title The panel's drawing
def draw_gamma(gamma):
    """Weights of later rewards, and the held-out batch's targets after training with this gamma."""
    targets = np.asarray(targets_of(learn(gamma).target_params, gamma))
    angles, fell = np.degrees(held_out.next_state[:, 2]), held_out.is_terminal
    horizon = 1 / (1 - gamma)
    figure, (left, right) = figures.axes(2, height=3.2, width_ratios=(2, 3))
    left.plot(gamma ** np.arange(101), color=figures.COLORS["online"])
    left.set(xlabel="Steps ahead", ylabel="Weight of the reward", ylim=(0, 1.05))
    left.set(xticks=(0, 50, 100), yticks=(0, 0.5, 1))
    right.set(xlabel="Pole angle in the next state (degrees)", ylabel="Target (discounted steps)")
    right.set(yscale="log", ylim=(0.5, 300), yticks=(1, 10, 100), yticklabels=("1", "10", "100"))
    right.set(xticks=(-10, 0, 10))
    right.minorticks_off()  # so it is drawn sooner
    right.axhline(horizon, color="black", linestyle="--", linewidth=1, label="horizon")
    right.plot(angles[~fell], targets[~fell].clip(0.6), ".", color=figures.COLORS["target"], label="goes on")
    right.plot(angles[fell], targets[fell], "x", color="black", label="fell")
    figure.legend(loc="outside upper right", ncols=3)
    half = np.log(0.5) / np.log(gamma) if gamma > 0 else 0.0
    said = f"gamma {gamma:.3f}: half weight after {half:.0f} steps, horizon {horizon:.0f}"
    return figures.png(figure), f"{said}; the middle one of the 200 targets is {np.median(targets):.1f}"


# %%
panels.panel(
    draw_gamma,
    "Left: weights of rewards fall with distance. Right: targets over the pole's angle, and the horizon.",
    gamma=panels.slider("gamma", 0.9, 0.0, 0.995, 0.005),
)

# %% [markdown]
# *Figure 5.2. Here, at 0.9, upright poles are worth more than tilted ones; a fallen one is worth its last reward,
# whatever gamma is.* At gamma 0 every target is 1, the reward alone: such an agent lives for the
# moment, and since every moment pays 1, it has nothing to learn. Some settings in numbers:

# %%
middle = {}
for gamma in (0.0, 0.5, 0.9, 0.99):
    middle[gamma] = float(np.median(targets_of(learn(gamma).target_params, gamma)))
    print(f"gamma {gamma:4}: horizon {1 / (1 - gamma):3.0f}, middle target ≈ {middle[gamma]:.1f}")
assert middle[0.0] == 1 and 1.9 < middle[0.5] < 2.1 and 9 < middle[0.9] < 11 and 20 < middle[0.99] < 50

# %% [markdown]
# Up to 0.9 the network has found its horizon, and at 0.9 it overshoots it a little: guesses err, and the end of this
# page says in which direction. At 0.99 it is on its way: to look a hundred steps ahead takes
# more than 2,000 steps of learning, as figure 5.1 made us expect.
#
# ## The loss
#
# The loss compares the Q-values of the actions taken with their targets. Both come from networks, with
# different weights: `params`, those of the *online network*, which acts and learns, for the value that we
# correct; `target_params`, those of the *target network*, for the target. Forget `double` and
# `clipped_double` for the moment: the first comes at the end of this page, the second in notebook 07. (The first
# four lines only look at what came in, so that a mistake is told here, and not by a strange error later.)

# %%
show_source(dqn.td_loss)

# %% [markdown]
# ## Why no gradient through the target?
#
# The loss could also be lowered by moving the *target* towards the value. Gradient descent does not know that
# the target is meant to be the truth. What would it cost? Take the smallest task again, one state with reward 1
# and no end, and let a single weight $w$ be its Q-value. We start at 0.

# %%
def loss_with_leak(w, gamma):
    return ((1.0 + gamma * w) - w) ** 2


def loss_without_leak(w, gamma):
    return (jax.lax.stop_gradient(1.0 + gamma * w) - w) ** 2


for gamma in (0.9, 0.99):
    leak, none = (jax.grad(loss)(0.0, gamma) for loss in (loss_with_leak, loss_without_leak))
    print(f"gamma {gamma}: gradient {leak:.2f} with the leak, {none:.2f} without")

# %% [markdown]
# Same loss, a gradient ten times smaller, or a hundred times. One pull raises the value, the other lowers the target;
# both act on the same weight, and nearly cancel. `stop_gradient` says that the target is data. (Where chance decides
# what comes next, the leak is not only slow: it ends at other values, because it also shrinks how much the targets
# vary.)
#
# ### Your turn
#
# **2. A loss without a leak** (10 minutes, medium). The smallest network that sees something has one weight:
# $Q(\phi; w) = w\,\phi$. Write its loss on a batch, the mean of $(r + \gamma\,Q(\phi'; w) - Q(\phi; w))^2$,
# such that no gradient flows through the target. All three are arrays, $[B]$, of one batch.

# %% tags=["exercise"]
def one_weight_loss(w, states, next_states, rewards, gamma):
    ...


exercises.check_loss(one_weight_loss)

# %% cellView="form" jupyter={"source_hidden": true} tags=["solution"]
# @title Solution
def one_weight_loss(w, states, next_states, rewards, gamma):
    targets = jax.lax.stop_gradient(rewards + gamma * w * next_states)
    return jnp.mean((targets - w * states) ** 2)


exercises.check_loss(one_weight_loss, solution=True)

# %% [markdown]
# The loss itself is the same with and without the leak. Only its gradient tells.
#
# ## One step downhill
#
# Stochastic gradient descent moves each parameter a little against its gradient: by the gradient times the
# learning rate. A network has many parameters, in a [pytree](glossary.md#pytree), and the gradient is a tree of
# the same shape.
#
# ### Your turn
#
# **3. One step of SGD** (5 minutes, easy). Return the parameters after one step, without Optax. Parameters are
# pytrees, of any depth. Leave those that you were given as they are.

# %% tags=["exercise"]
def sgd_update(params, grads, learning_rate):
    ...


exercises.check_sgd(sgd_update)

# %% cellView="form" jupyter={"source_hidden": true} tags=["solution"]
# @title Solution
def sgd_update(params, grads, learning_rate):
    return jax.tree.map(lambda param, grad: param - learning_rate * grad, params, grads)


exercises.check_sgd(sgd_update, solution=True)

# %% [markdown]
# The blog post keeps the step for *one* array in a function of its own. The checks aside, it is one line:

# %%
show_source(simple_optimizer)

# %% [markdown]
# `partial` fixes the learning rate, and `jax.tree.map` walks over parameters and gradients together. (The blog
# post calls `jax.tree_multimap`, which JAX has removed since; `jax.tree.map` takes any number of trees.) Does
# it work? With one batch and fixed targets the loss must go down. (`jax.value_and_grad` returns both the loss and
# its gradient, for the price of the gradient.)

# %%
learner = learn(0.9)
optimizer = partial(simple_optimizer, learning_rate=1e-2)


@jax.jit
def sgd_step(params):
    loss_and_grads = jax.value_and_grad(dqn.td_loss)
    loss, grads = loss_and_grads(params, learner.target_params, held_out, network, gamma=0.9)
    return jax.tree.map(optimizer, params, grads), loss


params, losses = dqn.init(jax.random.key(1), network, adam).params, []
for _ in range(200):
    params, loss = sgd_step(params)
    losses.append(float(loss))
print(f"loss ≈ {losses[0]:.0f} at first, ≈ {losses[50]:.1f} after 50 steps, ≈ {losses[199]:.1f} after 199")
assert losses[-1] < losses[50] < losses[0] / 5

# %% [markdown]
# With batch and targets fixed, this is plain regression. In the loop neither is fixed.
#
# ### The same, in Optax
#
# Optax is JAX's library of optimizers. An optimizer there is a pair of pure functions, `init` and `update`, and
# its state is one more pytree. Its SGD must do exactly what ours does:

# %%
grads = jax.grad(dqn.td_loss)(params, learner.target_params, held_out, network, 0.9)
ours = jax.tree.map(optimizer, params, grads)
sgd = optax.sgd(learning_rate=1e-2)
updates, _ = sgd.update(grads, sgd.init(params))
theirs = optax.apply_updates(params, updates)
apart = max(jax.tree.leaves(jax.tree.map(lambda a, b: float(jnp.abs(a - b).max()), ours, theirs)))
print(f"the weights differ by ≈ {apart:.1g} at the most")
assert apart < 1e-6

# %% [markdown]
# Why bother, then? Because the next optimizer is one word away: `optax.adam` instead of `optax.sgd`. Adam gives
# each weight a step size of its own. Which one is better here? We shall see below.
#
# ## Why a second network?
#
# Suppose that one set of weights served for value and target. You raise $Q(\phi, a)$ towards its target. The
# next state $\phi'$ looks almost like $\phi$, so its value rises as well, and with it the target that you were
# aiming at. The dog chases its tail.
#
# First one step. By how much does it move each network's idea of the targets?

# %%
start = dqn.init(jax.random.key(0), network, adam)
step = dqn.make_train_step(network, adam, gamma=0.99, follow=partial(dqn.soft_update, tau=0.01))
after, _ = step(start, memory.sample_batch(32))
before = targets_of(start.params, 0.99).mean()
by_online = targets_of(after.params, 0.99).mean() - before
by_target = targets_of(after.target_params, 0.99).mean() - before
print(f"by the online network the mean target moved by ≈ {by_online:.4f}")
print(f"by the target network the mean target moved by ≈ {by_target:.4f}")
assert 0 < by_target < 0.02 * by_online

# %% [markdown]
# A [**target network**](glossary.md#target-network) is a copy that stands still for a while, or follows slowly.
# Here it went 1 % of the way, since `tau` is 0.01. Does such a small thing matter? With `tau` 1 it *is* the
# online network after every step. Let us compare, with five networks each, 16,000 steps, and gamma 0.99.
# Remember: no state can be worth more than 100.

# %%
five_keys, taus = jax.random.split(jax.random.key(0), 5), np.array([1.0, 0.01])
five_runs = jax.vmap(train, in_axes=(0, None, None, None))  # over the keys
five_of_each = jax.jit(jax.vmap(five_runs, in_axes=(None, None, 0, None)))  # and over tau
_, mean_targets = five_of_each(five_keys, 0.99, taus, batches)
for tau, curves in zip(taus, mean_targets, strict=True):
    for steps in (8_000, 16_000):
        print(f"tau {tau:4}: after {steps:6,} steps", ", ".join(f"≈ {value:,.0f}" for value in curves[:, steps - 1]))
assert mean_targets[0, :, 7_999].min() > 300 and mean_targets[1, :, :8_000].max() < 100 < mean_targets[1].max()

# %% cellView="form" jupyter={"source_hidden": true} tags=["figure"]
# @title Draw figure 5.3
figure, ax = figures.axes()
steps = np.arange(1, 16_001)[::40]
labels = {"target": "without a target network", "online": "with one that follows slowly"}
for curves, (color, label) in zip(mean_targets, labels.items(), strict=True):
    ax.semilogy(steps, curves[:, ::40].T, color=figures.COLORS[color], alpha=0.7, linewidth=1)
    ax.plot([], color=figures.COLORS[color], label=f"{label} (5 runs)")
ax.axhline(100, color="black", linestyle="--", linewidth=1)
ax.set(xlabel="Training steps", ylabel="Mean target (discounted steps)")
ax.set_yticks((1, 10, 100, 1_000, 10_000, 100_000), ("1", "10", "100", "1,000", "10,000", "100,000"))
figure.legend(loc="outside upper center", ncols=2)
figures.show(
    figure,
    alt="Mean targets over 16,000 steps, on a logarithmic axis. Without a target network all five runs pass "
    "the dashed line at 100 within 3,000 steps and climb on, far beyond 100,000. With one, all five rise smoothly "
    "and nearly together, to between 60 and 80 at step 10,000; then they part further, and some pass the line.",
)

# %% [markdown]
# *Figure 5.3. The dog and its tail. Dashed is the most that a state can be worth.* Without a target network all five
# runs lose touch with the truth: they promise hundreds of thousands of discounted steps, and no player can have more
# than 100. With one they climb calmly, and after 8,000 steps all are below 100. It slows the chase, and does not end
# it: later some of them pass 100, too.
#
# Three things come together here: a network, targets made of its own guesses, and data that another policy played.
# With any two of them [divergence](glossary.md#divergence) can be avoided; with all three it may come. They are known
# as the *deadly triad* [1].
#
# ### Your turn
#
# **4. Follow slowly** (5 minutes, easy). Return the target network's new parameters: the old ones, moved a fraction
# `tau` of the way towards the online network's. Parameters are pytrees, of any depth. Leave the two that you were
# given as they are.

# %% tags=["exercise"]
def soft_update(params, target_params, tau):
    ...


exercises.check_soft(soft_update)

# %% cellView="form" jupyter={"source_hidden": true} tags=["solution"]
# @title Solution
def soft_update(params, target_params, tau):
    return jax.tree.map(lambda new, old: tau * new + (1 - tau) * old, params, target_params)


exercises.check_soft(soft_update, solution=True)

# %% [markdown]
# Optax has this one, too, and the package calls it. (What follows that call leaves the weights their float type,
# also where `tau` has more bits.)

# %%
show_source(dqn.soft_update)

# %% [markdown]
# The blog post does it in another way: its target network stands still during an episode, and is copied at the
# end of it.
#
# ## Everything in one function
#
# Here is the whole step once more. You know every box now.

# %% cellView="form" jupyter={"source_hidden": true} tags=["figure", "teaser"]
# @title Draw figure 5.4
figures.show(
    diagrams.training_step(),
    alt="A batch goes into two networks. The online network gives Q(state, action), the target network the "
    "maximum over the next state. From this, the reward and the terminal flag the target r + gamma * max is "
    "made. Value and target meet in the loss; the target arrives through stop_gradient. The loss goes to "
    "gradient and optimizer, whose new weights return to the online network. The target network follows later.",
)

# %% [markdown]
# *Figure 5.4. One training step. The gradient flows back along the upper row only.*
#
# A step changes the weights, the target's weights, and the optimizer's state. So these three travel together:

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
    validate.key("key", key)
    validate.network("network", network)
    validate.optimizer("optimizer", optimizer)
    observation_size = validate.count("observation_size", observation_size)
    observations = jnp.zeros((1, observation_size), jnp.float32)
    params = jax.jit(network.init)(key, observations)  # one program compiles faster than its parts
    return TrainState(params, jax.tree.map(jnp.copy, params), optimizer.init(params))


# %% [markdown]
# And here is the step itself, the function that the whole series was about. Two of its arguments are functions.
# `loss` you have read. `follow` makes the target network's next parameters: by default it keeps them, for a
# loop that copies them now and then, like the blog post's; `partial(dqn.soft_update, tau=0.01)` moves them at
# every step. (If you think in PyTorch, [From PyTorch to JAX](from_pytorch.md) puts a step in both side by
# side.)

# %%
show_source(dqn.make_train_step)

# %% [markdown]
# ### To copy, or not to copy
#
# The blog post calls `copy.deepcopy` whenever the target network takes over the weights. JAX's arrays never
# change, so two names for the same arrays are safe, and no copy is needed. Why then does `init` copy?
#
# For one thing only. The old learner is of no use after a step, and `donate_argnums=0` lets the compiled
# program write the new one into its memory. The old arrays are *given away*, and an array cannot be given away
# twice. So the two networks must not begin as the same arrays.

# %%
fast_step = jax.jit(step, donate_argnums=0)  # the step of "Why a second network?"
before = dqn.init(jax.random.key(0), network, adam)
after, _ = fast_step(before, memory.sample_batch(32))
gone = [leaf.is_deleted() for leaf in jax.tree.leaves(before)]
print(f"{sum(gone)} of the old learner's {len(gone)} arrays are gone")

# %% [markdown]
# ### A probe
#
# State in, state out, nothing hidden: so it can be checked, on transitions whose values you know. In the first
# one the reward comes one step later. The second ends the episode. The third leads back to where it started,
# for ever: its episodes are only ever *truncated*. With $\gamma = 0.5$, which three Q-values must come out?

# %%
probe = Transition(
    state=jnp.array([[0.0], [1.0], [-1.0]]),
    next_state=jnp.array([[1.0], [2.0], [-1.0]]),
    action=jnp.zeros(3, int),
    reward=jnp.array([0.0, 1.0, 1.0]),
    is_terminal=jnp.array([False, True, False]),
)
tiny = dqn.make_network(observation_size=1, n_actions=1, hidden=(32,))
probed = dqn.init(jax.random.key(0), tiny, adam, observation_size=1)
probe_step = jax.jit(dqn.make_train_step(tiny, adam, gamma=0.5, follow=partial(dqn.soft_update, tau=0.1)))
for _ in range(1_000):
    probed, _ = probe_step(probed, probe)
print(tiny.apply(probed.params, probe.state).ravel().round(1))

# %% [markdown]
# $\gamma \cdot 1$, then the last reward alone, then $1 / (1 - \gamma)$. Three numbers, and you know that gamma,
# the terminal flag and the target network work together.
#
# ### SGD or Adam?
#
# Now on real batches. We measure the loss on the held-out batch, for five different initial networks, with the
# targets of the learner from above. The post's learning rate is 0.001. But its "mean" was a sum over 32 rows
# (notebook 03), so in effect it learned with 0.032. What will that change, and what will Adam change?

# %%
def held_out_losses(key, optimizer, batches):
    """The loss on the held-out batch, before each step."""
    slowly = partial(dqn.soft_update, tau=0.01)
    step = dqn.make_train_step(network, optimizer, gamma=0.9, follow=slowly)

    def body(student, batch):
        loss = dqn.td_loss(student.params, learner.target_params, held_out, network, 0.9)
        return step(student, batch)[0], loss

    return jax.lax.scan(body, dqn.init(key, network, optimizer), batches)[1]


# %%
contest = {
    "SGD 0.001": optax.sgd(0.001),
    "SGD 0.032": optax.sgd(0.032),
    "Adam 0.001": optax.adam(0.001),
}
few = jax.tree.map(lambda rows: rows[:600], batches)
losses, final = {}, {}
for name, optimizer in contest.items():
    run = jax.jit(jax.vmap(partial(held_out_losses, optimizer=optimizer, batches=few)))
    losses[name] = np.asarray(run(five_keys))
    first, final[name] = np.median(losses[name][:, [0, -1]], axis=0)
    print(f"{name:10}: ≈ {first:.0f} at first, ≈ {final[name]:.0f} after 599 steps")
assert max(final["SGD 0.032"], final["Adam 0.001"]) < final["SGD 0.001"] / 2

# %% cellView="form" jupyter={"source_hidden": true} tags=["figure"]
# @title Draw figure 5.5
figure, ax = figures.axes(height=3.2)
for (name, curves), color in zip(losses.items(), ("random", "target", "online"), strict=True):
    runs = [(np.arange(600), curve) for curve in curves]
    figures.learning_curves(ax, runs, name, figures.COLORS[color])
ax.set(xlabel="Training steps", ylabel="Loss on the held-out batch")
ax.legend(loc="lower left")
figures.show(
    figure,
    alt="Loss on a held-out batch over 600 steps, five networks each, all from 80. SGD with 0.001 falls to 63 "
    "along a nearly straight line. SGD with 0.032 falls to 23, and Adam with 0.001 to 25.",
)

# %% [markdown]
# *Figure 5.5. Same batches, same 600 steps, five networks each; bands hold the middle half.* Adam with 0.001
# leaves SGD with 0.001 far behind. SGD with 0.032 does the same, and is no worse than Adam here. So "which
# optimizer?" is half a question, and its learning rate is the other half. The post's sum was a mistake, and it
# made each of the post's steps thirty-two times as long. (Notebook 06 shows what else that does.)
#
# ## Double DQN: the optimist's mistake
#
# One idea in `td_target` is still unexplained. The maximum of noisy guesses is too high on average: whichever
# action was overestimated most gets picked. Suppose that all true values are 0, and guesses are off by a
# standard normal error. What is the mean of the maximum of two? And what if one network picks, and another says
# how much?

# %%
noise_key, other_key = jax.random.split(jax.random.key(0))
guess = jax.random.normal(noise_key, (100_000, 2))
second_opinion = jax.random.normal(other_key, (100_000, 2))
nothing, never = jnp.zeros(100_000), jnp.zeros(100_000, bool)
plain = dqn.td_target(nothing, guess, never, gamma=1.0).mean()
double = dqn.td_target(nothing, guess, never, gamma=1.0, online_next_q_values=second_opinion).mean()
print(f"true value 0; mean target ≈ {plain:.3f} by the plain maximum, ≈ {double:.3f} with a second opinion")
assert 0.55 < plain < 0.58 and abs(double) < 0.01

# %% [markdown]
# 0.56 too high, from nothing but noise, and every Bellman update passes the error on. With a second opinion it
# is gone. In [*Double DQN*](glossary.md#double-dqn) the online network picks the action and the target network
# says what it is worth. That costs one more forward pass and no new parameters:
# `loss=partial(dqn.td_loss, double=True)`.
#
# Our learner has two actions, and two networks that are nearly the same. How often do they disagree, and by how
# much does it lower the targets?

# %%
online = network.apply(learner.params, held_out.next_state)
target = network.apply(learner.target_params, held_out.next_state)
differ = online.argmax(axis=-1) != target.argmax(axis=-1)
apart = jnp.abs(target[:, 0] - target[:, 1])
double = dqn.td_target(held_out.reward, target, held_out.is_terminal, 0.9, online_next_q_values=online)
lower = (targets_of(learner.target_params, 0.9) - double).mean()
print(f"they disagree in ≈ {100 * differ.mean():.0f} of 100 states; the mean target falls by ≈ {lower:.4f}")
print(f"there the two actions' values are ≈ {apart[differ].mean():.2f} apart, else ≈ {apart[~differ].mean():.2f}")
assert 0 <= lower < 0.1 and differ.mean() < 0.5 and apart[differ].mean() < apart[~differ].mean()

# %% [markdown]
# Next to nothing, here: they disagree in few states, and there both actions are worth nearly the same.
# The paper below measures much more, on games with up to 18 actions.
#
# ## Recap
#
# - The target is the reward plus the discounted best next value; at a terminal state the reward alone.
# - Truncation is not termination.
# - No gradient flows through the target, and it comes from a network that follows slowly.
# - A training step is a pure function from a `TrainState` and a batch to the next `TrainState`.
#
# ## Questions
#
# <details><summary>With gamma = 1, what would the Q-values of a perfect agent be?</summary>
#
# Infinite: it balances for ever, and every step pays 1. The guesses of figure 5.1 would climb without end. This
# is one reason to discount even where one does not care about time.
# </details>
#
# <details><summary>Why does the loss of a DQN agent not go to zero as it learns?</summary>
#
# The better it plays, the larger its values, and the targets move with them. A falling loss is no sign of
# learning here, nor is a rising one a sign of failure. Watch the return.
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
# - Mnih et al., [*Playing Atari with deep reinforcement learning*](https://arxiv.org/abs/1312.5602) (2013), algorithm
#   1: the whole loop, with this step as its last three lines, still without a target network. That one came with Mnih
#   et al., [*Human-level control through deep reinforcement learning*](https://doi.org/10.1038/nature14236) (2015).
# - [1] Sutton and Barto, [*Reinforcement learning: an introduction*](http://incompleteideas.net/book/the-book-2nd.html)
#   (2018), section 11.3: the deadly triad.
# - van Hasselt, Guez and Silver,
#   [*Deep reinforcement learning with double Q-learning*](https://arxiv.org/abs/1509.06461) (2016): the
#   optimist's mistake, measured.
# - [Optax](https://optax.readthedocs.io/): all the other optimizers.
#
# **Next:** [06 · The full loop](06_full_loop.ipynb): everything together, on the real environment, over and
# over.
