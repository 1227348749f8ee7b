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
# # 02 · The replay memory
#
# ![Two curves over 3,000 steps. The orange one swings between 6 and 33, the blue one settles near 14.](images/02_teaser.png)
#
# *You are on the third of nine pages. Before: [01 · JAX and grad](01_jax_grad_basics.ipynb). Next:
# [03 · The Haiku model and its loss](03_haiku_model_and_loss.ipynb).*
#
# Both curves above learn one number from the same 3,000 steps, with the same step size. Orange learns from the
# latest 32 steps, blue from 32 random ones. The thing that hands out random ones is the [**replay
# memory**](glossary.md#replay-memory), and on this page you build it.
#
# - **What you will build:** a `Transition`, a memory on a `deque` as in the blog post, and then a ring buffer.
# - **What you will learn:** what random batches buy, in numbers; sampling without replacement; why a copy must
#   be a copy; reproducible sampling.
# - **What you need:** NumPy, and notebook 00; two remarks lean on 01.
# - **Time:** 40 minutes, 15 of them for three exercises.

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
import random
import sys
import time
from collections import deque
from typing import NamedTuple

import numpy as np

from rl_jax import envs
from rl_jax.course import diagrams, figures, panels
from rl_jax.course.exercises import ex02_replay_memory as exercises
from rl_jax.course.source import show_source
from rl_jax.replay import ReplayMemory
from rl_jax.typing import JaxTensor

# %% [markdown]
# ## One experience
#
# At each time step $t$ the agent has an **experience** $e_t = (\phi_t, \phi_{t+1}, a_t, r_t, d_t)$: what it
# saw, what it saw next, what it did, what it earned, and whether that was the end. In code it is a
# [`Transition`](glossary.md#transition), a tuple with names. The order of the fields is the blog post's. (A comment
# like `[B, O]` gives an array's shape: here B rows, one for each transition of a batch, of O numbers each, an
# observation's. A will be the number of actions. `JaxTensor` is the post's name for an array; here NumPy's will do.)

# %% tags=["taught"]
# lives in rl_jax/replay.py
class Transition(NamedTuple):
    state: JaxTensor  # [O] observation before the action
    next_state: JaxTensor  # [O] observation after it
    action: JaxTensor | int
    reward: JaxTensor | float
    is_terminal: JaxTensor | bool  # True where the task itself ended, not where time ran out

# %% [markdown]
# The last field is $d_t$, and notebook 00 told you what belongs there: `terminated`, never `truncated`.
#
# Let a random player collect 3,000 of them. We use the same records throughout. (A `reset()` without a seed draws
# on from the generator that the first `reset` seeded, so this repeats, too.)

# %%
def collect(steps, seed=0):
    """Transitions of a random player, episode after episode."""
    env, coin, transitions = envs.make("CartPole-v1"), np.random.default_rng([1, seed]), []
    state, _ = env.reset(seed=seed)
    while len(transitions) < steps:
        action = int(coin.integers(2))
        next_state, reward, terminated, truncated, _ = env.step(action)
        transitions.append(Transition(state, next_state, action, reward, terminated))
        state = env.reset()[0] if terminated or truncated else next_state
    return transitions

history = collect(3_000)
is_end = np.array([step.is_terminal for step in history])
print(len(history), "transitions,", is_end.sum(), "of them terminal")

# %% [markdown]
# ## Why not just learn from the latest steps?
#
# An agent learns from [batches](glossary.md#batch) of transitions, 32 at a time in the blog post. The latest 32
# are the easiest to get. Here are their pole angles, and those of 32 steps drawn at random from the whole
# history. Before you look on: which batch says more about the task?

# %%
rng = np.random.default_rng(0)
latest = np.arange(len(history) - 32, len(history))
at_random = rng.choice(len(history), 32, replace=False)

# %% cellView="form" jupyter={"source_hidden": true} tags=["figure"]
# @title Draw figure 2.1
angles = np.degrees([step.state[2] for step in history])
figure, (left, right) = figures.axes(2, height=3.0, sharey=True)
left.plot(angles[latest], "o", color=figures.COLORS["target"], markersize=4)
right.plot(angles[at_random], "o", color=figures.COLORS["online"], markersize=4)
left.set(title="The latest 32", xlabel="Place in the batch", ylabel="Pole angle (degrees)")
right.set(title="32 at random", xlabel="Place in the batch")
figures.show(figure, alt="Left: the latest 32 angles lie on two smooth swings and one dot. Right: random ones scatter.")

# %% [markdown]
# *Figure 2.1. Left, the dots make two smooth swings, and the last dot begins a third episode. Right, nearly every
# dot is of an episode of its own.* Let us count the episodes:

# %%
episode = np.cumsum(is_end) - is_end  # for each step, the number of its episode
print("the latest 32 steps come from", len(set(episode[latest])), "episodes")
print("32 random steps come from", len(set(episode[at_random])), "episodes")

# %% [markdown]
# ### What does that cost?
#
# A *loss* (one number that says how wrong an agent is; notebook 03 builds one) is a mean over its batch, and so is its
# gradient. So ask of a batch what its *mean* is worth. We take 1,000 batches of each kind and look at how far apart
# their means lie. The better the batches, the closer together.

# %%
def batch_means(values, size=32, batches=1_000):
    """Means of many batches: of steps in a row, and of random steps."""
    rng = np.random.default_rng(0)
    starts = rng.integers(0, len(values) - size + 1, batches)
    rows = [rng.choice(len(values), size, replace=False) for _ in range(batches)]
    return values[starts[:, None] + np.arange(size)].mean(axis=1), values[rows].mean(axis=1)

in_a_row, mixed = batch_means(angles)

# %% cellView="form" jupyter={"source_hidden": true} tags=["figure"]
# @title Draw figure 2.2
figure, ax = figures.axes(height=3.0)
bins = np.linspace(-10, 10, 61)
ax.stairs(*np.histogram(mixed, bins), fill=True, color=figures.COLORS["online"], label="32 random steps")
ax.stairs(*np.histogram(in_a_row, bins), color=figures.COLORS["target"], linewidth=2, label="32 steps in a row")
ax.set(xlabel="Mean pole angle of a batch (degrees)", ylabel="Batches (of 1,000)")
ax.legend()
figures.show(figure, alt="Two histograms around 0: a narrow one for random steps, a wide flat one for steps in a row.")

# %% [markdown]
# *Figure 2.2. Nearly all means of random batches lie within 2.5 degrees of 0. Those of steps in a row go from
# -6.6 to 8.6.* Is that one player's luck? Five players, and the spread (standard deviation) of each kind:

# %%
for seed in range(5):
    angles_of_one = np.degrees([step.state[2] for step in collect(3_000, seed)])
    row, mix = (means.std() for means in batch_means(angles_of_one))
    worth = 32 * (mix / row) ** 2
    print(f"player {seed}: in a row {row:.1f}°, random {mix:.1f}°; 32 in a row are worth {worth:.1f} random ones")
    assert 2 < row / mix < 5

# %% [markdown]
# The last number is the point. A mean of $n$ independent steps spreads like $1/\sqrt{n}$, so we can ask how
# many *random* steps would give the spread of 32 steps in a row. The answer is about 3. You pay for 32 and get
# 3, because each step in an episode nearly repeats the one before.
#
# Could you shuffle the 32 steps in a row? Try it in your head: the batch holds the same steps, so its mean is
# the same. **It matters what is in a batch, not in which order.**
#
# ### What does an agent learn from such batches?
#
# Take the smallest possible learner: *one number*, its guess of how many steps are still to come until the pole
# falls. In hindsight we know the answer for each step of the history. (The last episode is cut off; there we
# count up to the end of the record.)

# %%
def steps_to_come(is_end):
    """For each step, how many are left in its episode, this one included."""
    left, counts = 0, []
    for end in is_end[::-1]:
        left = 1 if end else left + 1
        counts.append(left)
    return np.array(counts[::-1])

to_come = steps_to_come(is_end)
print(f"mean {to_come.mean():.1f}, largest {to_come.max()}")

# %% [markdown]
# The best single guess is the mean. The learner goes through the history once. After each step it draws a batch
# of what has happened so far, and takes one gradient step on the squared error:

# %%
def learn(values, latest, seed=0, step_size=0.05):
    """The guess after each update, from the latest 32 steps or from 32 random ones so far."""
    rng, guess, guesses = np.random.default_rng(seed), 0.0, []
    for t in range(32, len(values) + 1):
        rows = np.arange(t - 32, t) if latest else rng.choice(t, 32, replace=False)
        gradient = 2 * np.mean(guess - values[rows])
        guess -= step_size * gradient
        guesses.append(guess)
    return np.array(guesses)

from_latest = learn(to_come, latest=True)
from_random = learn(to_come, latest=False)

# %% cellView="form" jupyter={"source_hidden": true} tags=["figure", "teaser"]
# @title Draw figure 2.3
figure, ax = figures.axes(height=3.0)
times = np.arange(32, len(history) + 1)
ax.plot(times, from_latest, color=figures.COLORS["target"], label="from the latest 32")
ax.plot(times, from_random, color=figures.COLORS["online"], label="from 32 random ones")
ax.axhline(to_come.mean(), color="black", linestyle="--", linewidth=1, label="the right answer")
ax.set(xlabel="Steps", ylabel="Guess (steps still to come)", ylim=(0, 42))
ax.legend(loc="upper center", ncols=3, fontsize=9)
figures.show(
    figure,
    alt="Guesses over 3,000 steps. From the latest steps it swings between 6 and 33; from random ones it settles near 14.",
)

# %% [markdown]
# *Figure 2.3. One run. The orange learner believes whatever it saw last: a long episode, and its guess shoots
# up; two short ones, and it has forgotten. The blue one settles.* The same for five players, from step 500 on:

# %%
for seed in range(5):
    truth = steps_to_come(np.array([step.is_terminal for step in collect(3_000, seed)]))
    a, b = (learn(truth, latest, seed)[468:] for latest in (True, False))
    print(
        f"player {seed}: right {truth.mean():.1f}; "
        f"latest {a.min():.0f} to {a.max():.0f}, random {b.min():.0f} to {b.max():.0f}"
    )
    assert np.ptp(a) > 3 * np.ptp(b)

# %% [markdown]
# Would a smaller step size calm the orange learner, too? A tenth of it:

# %%
for step_size in (0.05, 0.005):
    guesses = learn(to_come, latest=True, step_size=step_size)
    arrived = np.argmax(np.abs(guesses - to_come.mean()) < 1)
    late = guesses[468:]
    between = f"{late.min():.0f} to {late.max():.0f}"
    print(f"{step_size}: within 1 of the mean after {arrived} updates; from step 500 on {between}")
assert arrived > 100 and np.ptp(late) < 15

# %% [markdown]
# It does: the learner averages over more episodes then. But it takes five times as many updates to arrive. Random
# batches let you learn *fast*.
#
# A memory has a second gain, and here both learners have it: each step is used 32 times on average, for there is one
# batch of 32 to each new step. Real steps are expensive, so that would be worth having whatever the batches look like.
#
# ## The blog post's memory
#
# A `deque` with a `maxlen` forgets its oldest entry by itself, so the memory takes seven lines. `random.sample`
# draws *without replacement*: no transition appears twice in a batch.

# %% tags=["naive"]
class DequeMemory:
    def __init__(self, size=1e5):
        self.memory = deque(maxlen=int(size))

    def experience(self, transition):
        self.memory.append(transition)

    def sample(self, sample_size):
        return random.sample(self.memory, k=sample_size)

# %% [markdown]
# It works. Now connect it to an environment that reuses one array for every observation, as Gymnasium's vector
# environments do with `copy=False`. What will the memory hold after three steps?

# %%
observation = np.zeros(4, np.float32)
by_reference = DequeMemory()
for step in range(3):
    observation[:] = step  # the environment writes into the same array
    by_reference.experience(Transition(observation, observation, 0, 1.0, False))
print("the deque remembers", [float(t.state[0]) for t in by_reference.memory])

# %% [markdown]
# It saw 0, 1 and 2, and remembers the last one three times: it holds three names for one array. No error is
# raised; the agent just does not learn (notebook 08 measures it). Can you mend it?
#
# ### Your turn
#
# Write your answer in place of the `...`, and run the cell. It says whether you are right, and if not, what was
# misunderstood. The solution is in the cell after it: folded in Jupyter and Colab, open on GitHub.
#
# **1. A memory that stays true** (5 minutes, easy). `memory` is a list of observations, oldest first. Return a *new*
# list: all of `memory`, and at its end the observation as it is now. It must stay so when the environment writes into
# its array again. Leave `memory` itself as it is.

# %% tags=["exercise"]
def remember(memory, observation):
    ...

exercises.check_remember(remember)

# %% cellView="form" jupyter={"source_hidden": true} tags=["solution"]
# @title Solution
def remember(memory, observation):
    return [*memory, np.array(observation)]  # a copy; `np.asarray` and `jnp.asarray` may make none

exercises.check_remember(remember, solution=True)

# %% [markdown]
# ## A ring
#
# A better memory allocates one array per field, once, and *copies* each transition into a row of it. After the
# last row it goes back to the first, over the oldest. The rows form a ring:

# %% cellView="form" jupyter={"source_hidden": true} tags=["figure"]
# @title Draw figure 2.4
figures.show(
    diagrams.ring(size=5, stored=7),
    alt="A ring of five rows. Numbers 5 and 6 lie in rows 0 and 1, over 0 and 1; the next goes to row 2.",
)

# %% [markdown]
# *Figure 2.4. Seven transitions, numbers 0 to 6, have been stored in a ring of five. The first two have been
# replaced by numbers 5 and 6. Row 2, in orange, is the next to be overwritten.*
#
# **2. Which row?** (3 minutes, easy). In which row of a ring of size `capacity` does the transition with number
# `number` (counted from 0) land?

# %% tags=["exercise"]
def row_of(number, capacity):
    ...

exercises.check_row(row_of)

# %% cellView="form" jupyter={"source_hidden": true} tags=["solution"]
# @title Solution
def row_of(number, capacity):
    return number % capacity

exercises.check_row(row_of, solution=True)

# %% [markdown]
# That remainder is the whole trick. Here is the ring of the picture:

# %% tags=["naive"]
class TinyRing:
    def __init__(self, size):
        self.rows, self.stored = np.full(size, -1), 0

    def experience(self, number):
        self.rows[self.stored % len(self.rows)] = number
        self.stored += 1

# %%
ring = TinyRing(5)
for number in range(7):
    ring.experience(number)
    print(number, "->", ring.rows)

# %% [markdown]
# The rows are out of order in time, and that does not matter: we draw them at random anyway.
#
# Here is how the package stores one transition. `self._fields` are the arrays; `_is_usual` and `_as_rows` look
# at each value before anything is stored:

# %%
show_source(ReplayMemory.experience)

# %% [markdown]
# And this is how it draws a batch:

# %%
show_source(ReplayMemory.sample_batch)

# %% [markdown]
# `choice(..., replace=False)` draws row numbers, `take` copies these rows out of each array. There is a
# `sample`, too, which returns a list of transitions, for code written like the blog post's.
#
# Of what this package computes with, only `ReplayMemory` changes in place. Notebook 01 said that no array changes in
# JAX; but a memory that never changed would have to copy 100,000 rows to add one. It lives outside of `jit`, where
# changing is allowed.
#
# ### From a list to a batch
#
# A network reads arrays, not lists of tuples. The post gets from one to the other by a little Python jewel,
# `Transition(*zip(*transitions))`, which turns a list of tuples into one tuple of tuples, field by field. The ring
# has arrays already. Both ways must give the same batch:

# %%
memory, twin = ReplayMemory(size=1_000, seed=0), ReplayMemory(size=1_000, seed=0)
for transition in history:
    memory.experience(transition)
    twin.experience(transition)
by_hand = Transition(*(np.array(field) for field in zip(*memory.sample(32), strict=True)))
batch = twin.sample_batch(32)
for name, field, other in zip(batch._fields, batch, by_hand, strict=True):
    print(f"{name:12} {field.shape!s:8} {field.dtype!s:8} differences: {(field != other).sum()}")

# %% [markdown]
# They agree because both memories were given the same `seed`. The post's `random.sample` is never seeded, so
# its runs cannot be repeated. And what does a transition weigh, in bytes? (As a tuple it
# brings one new array: its `state` is the `next_state` of the step before.)

# %%
in_ring = sum(field[0].nbytes for field in batch)
as_tuple = sys.getsizeof(history[0]) + sys.getsizeof(history[0].next_state)
print(f"{in_ring} bytes in the ring, ≈ {as_tuple} as a tuple with one new array")
assert as_tuple > 3 * in_ring
pixels = np.zeros((84, 84), np.uint8)
screens = ReplayMemory(size=10)
screens.experience(Transition(pixels, pixels, 0, 1.0, False))
print("a screen is stored as", screens.sample_batch(1).state.dtype)

# %% [markdown]
# Observations keep their kind: a screen of 84 times 84 bytes stays bytes. As floats it would take four times
# the room.
#
# ### A guard at the door
#
# Most libraries write a transition as *state, action, reward, next state, end*. Ours has the blog post's order.
# What happens to somebody who mixes them up?

# %%
state, next_state, action, reward, is_terminal = history[0]
try:
    memory.experience(Transition(state, action, reward, next_state, is_terminal))
except ValueError as error:
    print(error)
print("stored:", len(memory), "as before")

# %% [markdown]
# Every field is looked at before anything is stored, so a refused call leaves the memory as it was. The deque
# would have taken it, and an error would have come up much later, somewhere else, or never. The other door is
# guarded as well:

# %%
try:
    screens.sample_batch(4)
except ValueError as error:
    print(error)

# %% [markdown]
# ### And is it faster?
#
# A deque is a chain of blocks: to reach its middle, one has to walk there. How long does a batch of 32 take
# when the memory grows? We time both memories twice: a list of transitions, and arrays for the network.

# %%
def microseconds(work, times=50):
    """The fastest of many, so that a busy machine disturbs it little."""
    taken = []
    for _ in range(times):
        start = time.perf_counter()
        work()
        taken.append(time.perf_counter() - start)
    return 1e6 * min(taken)

def to_batch(transitions):
    return Transition(*(np.array(field) for field in zip(*transitions, strict=True)))

# %%
lengths, rows = (1_000, 10_000, 100_000, 300_000), []
for length in lengths:
    chain, ring = DequeMemory(length), ReplayMemory(length)
    for i in range(length):
        chain.experience(history[i % len(history)])
        ring.experience(history[i % len(history)])
    lists = (lambda: chain.sample(32), lambda: ring.sample(32))
    arrays = (lambda: to_batch(chain.sample(32)), lambda: ring.sample_batch(32))
    rows.append([microseconds(work) for work in (*lists, *arrays)])
deque_list, ring_list, deque_arrays, ring_arrays = np.array(rows).T

# %% cellView="form" jupyter={"source_hidden": true} tags=["figure"]
# @title Draw figure 2.5
figure, ax = figures.axes(height=3.2)
for values, color, style, label in (
    (deque_arrays, "target", "o-", "deque, arrays"),
    (deque_list, "target", "o--", "deque, a list"),
    (ring_list, "online", "o--", "ring, a list"),
    (ring_arrays, "online", "o-", "ring, arrays"),
):
    ax.loglog(lengths, values, style, markersize=4, color=figures.COLORS[color], label=label)
ax.set(xlabel="Transitions in the memory", ylabel="Time for a batch of 32 (µs)", ylim=(2, 200))
ax.set_xticks(lengths, [f"{length:,}" for length in lengths])
ax.set_yticks((5, 10, 20, 50, 100), ("5", "10", "20", "50", "100"))
ax.legend(loc="lower center", ncols=2, fontsize=9, handlelength=4)
figures.show(figure, alt="Both curves of the deque rise with its length; both of the ring stay nearly level.")

# %% [markdown]
# *Figure 2.5. The deque pays for its length at every batch, the ring hardly.* But compare dashed with dashed:
# as a *list*, a batch from the deque is the faster one up to some 100,000 transitions. The solid lines in numbers,
# and what storing takes:

# %%
print(f"deque, arrays: 1,000 ≈ {deque_arrays[0]:.0f} µs, 300,000 ≈ {deque_arrays[-1]:.0f} µs")
print(f"ring, arrays:  1,000 ≈ {ring_arrays[0]:.0f} µs, 300,000 ≈ {ring_arrays[-1]:.0f} µs")
storing = [microseconds(lambda: memory.experience(history[0])) for memory in (chain, ring)]
print(f"storing one transition: deque ≈ {storing[0]:.1f} µs, ring ≈ {storing[1]:.1f} µs")
assert deque_arrays[-1] > 1.5 * deque_arrays[0] and ring_arrays[-1] < 3 * ring_arrays[0]
assert ring_arrays[-1] < deque_arrays[-1] and storing[0] < storing[1]

# %% [markdown]
# The deque stores faster: it looks at nothing and copies nothing. So speed is the weak reason
# for the ring. These are the strong ones:
#
# - it stores copies, and refuses what does not fit;
# - its batches are arrays, ready for `jit`;
# - the same seed gives the same batches;
# - a transition takes a fifth of the room.
#
# ## Drag capacity and batch
#
# How much has to be remembered? The panel runs the little learner of figure 2.3 again, this time with a real
# `ReplayMemory` of the capacity that you choose. It writes each step's number where the reward would be, so
# that we can read how old the steps in a batch are. Start with a capacity of 32. Then try a batch that is
# larger than the memory.

# %%
def run_learner(capacity, batch):
    """The learner's guesses, and the numbers of the steps in the last batch."""
    memory, guess, guesses = ReplayMemory(capacity, seed=0), 0.0, []
    for number, step in enumerate(history):
        memory.experience(step._replace(reward=float(number)))
        if number + 1 >= batch:
            rows = memory.sample_batch(batch).reward.astype(int)
            guess -= 0.1 * np.mean(guess - to_come[rows])
            guesses.append(guess)
    return np.array(guesses), rows

# %% cellView="form" jupyter={"source_hidden": true} tags=["figure"]
# @title What the panel draws
def draw_memory(capacity, batch):
    guesses, rows = run_learner(capacity, batch)
    ages = len(history) - 1 - rows
    figure, (left, right) = figures.axes(2, height=3.0)
    left.stairs(*np.histogram(ages, np.linspace(0, 3_000, 31)), fill=True, color=figures.COLORS["online"])
    left.set(title="The last batch", xlabel="Age (steps ago)", ylabel="Transitions")
    right.plot(np.arange(batch, len(history) + 1), guesses, color=figures.COLORS["online"])
    right.axhline(to_come.mean(), color="black", linestyle="--", linewidth=1)
    right.set(title="What is learned", xlabel="Steps", ylabel="Guess (steps still to come)", ylim=(0, 50))
    for ax in (left, right):
        ax.set(xlim=(0, 3_000), xticks=(0, 1_000, 2_000, 3_000))
    astray = np.sqrt(np.mean((guesses[500:] - to_come.mean()) ** 2))
    return figures.png(figure), (
        f"The last batch: {batch} steps of {len(set(episode[rows]))} episodes, the oldest {ages.max():,} steps ago. "
        f"The guess is off by {astray:.1f} steps (root mean square, after the first 500 updates)."
    )

# %%
panels.panel(
    draw_memory,
    "Left: the ages of the transitions in one batch. Right: the learner's guess over time.",
    capacity=panels.slider("capacity (steps)", 1_000, 32, 3_000, 8),
    batch=panels.slider("batch size", 32, 8, 256, 8),
)

# %% [markdown]
# In numbers, for readers without a kernel:

# %%
for capacity in (32, 200, 1_000, 3_000):
    guesses, rows = run_learner(capacity, batch=32)
    astray = np.sqrt(np.mean((guesses[500:] - to_come.mean()) ** 2))
    print(f"capacity {capacity:5}: {len(set(episode[rows])):2} episodes in a batch, off by {astray:.1f} steps")

# %% [markdown]
# A large memory mixes many episodes. A memory of 32 is the latest 32 steps, and wanders as before.
#
# Large is not always better. This player never changes. An agent that learns does, and the oldest steps of a
# large memory were made by a beginner who no longer exists.
#
# **3. The memory as one function** (7 minutes, medium). Forget about rings. `history` is no longer the page's list,
# but any list of numbers, which stand for all that ever happened, oldest first. A memory of size `capacity` holds its
# last part (all of it as long as it is shorter). Return `size` different entries of that part, each drawn from
# anywhere in it with the same chance, with the generator `rng`. (One number at two places is two entries.) Leave
# `history` as it is.

# %% tags=["exercise"]
def sample(history, capacity, size, rng):
    ...

exercises.check_sample(sample)

# %% cellView="form" jupyter={"source_hidden": true} tags=["solution"]
# @title Solution
def sample(history, capacity, size, rng):
    return rng.choice(history[-capacity:], size, replace=False)

exercises.check_sample(sample, solution=True)

# %% [markdown]
# ## Recap
#
# - A `Transition` is (state, next_state, action, reward, is_terminal).
# - 32 steps in a row come from a few episodes, and their mean is worth that of about 3 random steps. Learning
#   from them, one believes whatever one saw last.
# - A ring buffer stores each transition over the oldest one, in a time that does not depend on its size, and samples
#   in a time that hardly does.
# - Store copies, look at what comes in, seed the sampling, and refuse to sample more than there is.
#
# ## Questions
#
# <details><summary>Why draw without replacement? Would it matter here?</summary>
#
# A transition drawn twice counts double in that batch. With 32 draws from 50,000 this is rare, and hardly
# matters; right after the start, with 40 transitions stored, it would happen all the time.
# </details>
#
# <details><summary>How much memory do 1,000,000 CartPole transitions need in the ring?</summary>
#
# Two states of four 32-bit numbers (32 bytes), an action (4), a reward (4) and a flag (1): the 41 bytes that
# you saw, so 41 MB.
# </details>
#
# <details><summary>Would a whole agent fail without a large memory?</summary>
#
# That is yours to find out, when you have read notebook 07: with `from rl_jax.config import CARTPOLE`,
# `ondevice.make_train(CARTPOLE._replace(memory_size=32, warmup_steps=32))` trains an agent that knows only its
# latest 32 steps. Give it 16 seeds, and compare how many hold the pole at the end.
# </details>
#
# <details><summary>Could an algorithm that must learn from its own current policy use a replay memory?</summary>
#
# Not as it is. Q-learning may learn from any transition, whoever made it: it is
# [*off-policy*](glossary.md#off-policy). Methods such as REINFORCE need data of the current policy, and throw
# it away after one use.
# </details>
#
# ## Further reading
#
# - Lin, *Self-improving reactive agents based on reinforcement learning, planning and teaching* (1992): where
#   the idea of replaying experience comes from.
# - Mnih et al., [*Playing Atari with deep reinforcement learning*](https://arxiv.org/abs/1312.5602) (2013),
#   section 4: the paper that the blog post follows gives its three reasons for a memory.
# - [flashbax](https://github.com/instadeepai/flashbax): replay memories as pure JAX data, for use inside `jit`.
#
# **Next:** [03 · The Haiku model and its loss](03_haiku_model_and_loss.ipynb): something that can learn from
# these batches.
