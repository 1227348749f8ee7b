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
# An agent that learns only from its latest step is like a student who rereads one sentence. The [**replay memory**](glossary.md#replay-memory)
# keeps the last many steps and hands out random ones. It looks like plumbing, and it is half of what made deep
# Q-learning work.
#
# - **What you will build:** a `Transition`, a memory on a `deque` as in the blog post, and then a ring buffer whose
#   sampling time does not grow.
# - **What you will learn:** why consecutive steps make bad batches; sampling without replacement; why a copy must
#   be a copy; reproducible sampling.
# - **What you need:** NumPy, and notebook 00.
# - **Time:** 20 minutes.

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
import random
import time
from collections import deque
from typing import NamedTuple

import numpy as np

from rl_jax import envs, plotting, widgets
from rl_jax.replay import ReplayMemory
from rl_jax.typing import JaxTensor

# %% [markdown]
# ## One experience
#
# At each time step $t$ the agent has an **experience** $e_t = (\phi_t, \phi_{t+1}, a_t, r_t, d_t)$: what it saw,
# what it saw next, what it did, what it earned, and whether that was the end. In code it is a [`Transition`](glossary.md#transition), a
# tuple with names. The order of the fields is the blog post's.

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
# Let a random player collect 3,000 of them. We use the same records throughout.

# %%
def collect(steps, seed=0):
    """Transitions of a random player, episode after episode."""
    env, coin, transitions = envs.make("CartPole-v1"), np.random.default_rng(seed), []
    state, _ = env.reset(seed=seed)
    while len(transitions) < steps:
        action = int(coin.integers(2))
        next_state, reward, terminated, truncated, _ = env.step(action)
        transitions.append(Transition(state, next_state, action, reward, terminated))
        state = env.reset()[0] if terminated or truncated else next_state
    return transitions


history = collect(3_000)
print(len(history), "transitions,", sum(t.is_terminal for t in history), "of them terminal")

# %% [markdown]
# ## Why not just learn from the latest steps?
#
# Stochastic gradient descent wants [batches](glossary.md#batch) whose examples are independent. Here are 32 consecutive pole angles,
# and 32 drawn at random from the whole history. Before you look: which batch says more about the task?

# %%
angles = np.degrees([t.state[2] for t in history])
rng = np.random.default_rng(0)
chosen = rng.choice(len(history), 32, replace=False)
figure, (left, right) = figures.axes(2, height=3.0, sharey=True)
left.plot(angles[1000:1032], "o-", color=figures.COLORS["target"], markersize=4)
right.plot(angles[chosen], "o", color=figures.COLORS["online"], markersize=4)
left.set(title="The latest 32", xlabel="Place in the batch", ylabel="Pole angle (degrees)")
right.set(title="32 at random", xlabel="Place in the batch")
figures.show(
    figure,
    alt="Left: consecutive angles form smooth swings. Right: random ones scatter over all angles.",
)

# %% [markdown]
# *Figure 2.1. Consecutive states tell one story, over and over. Random ones tell many.* In numbers: how strongly
# is each angle correlated with its neighbour in the batch?

# %%
def neighbour_correlation(values):
    """Correlation of each value with the next one: 1 is a smooth curve, 0 is independence."""
    return float(np.corrcoef(values[:-1], values[1:])[0, 1])


shuffled = rng.permutation(angles)
print("in order:", round(neighbour_correlation(angles), 1))
print("shuffled:", abs(round(neighbour_correlation(shuffled), 1)))

# %% [markdown]
# In order, one angle all but gives away the next. Shuffled, it says nothing. There is a second gain: each
# experience is used many times before it is forgotten, and steps in a real environment are expensive.
#
# ## The blog post's memory
#
# A `deque` with a `maxlen` forgets its oldest entry by itself, so the memory takes five lines. `random.sample`
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
# It works, and for 1,000 transitions it is fine. Two things are wrong with it. `random.sample` is not seeded, so no
# run can be repeated. And a deque is a chain of blocks: reaching its middle means walking there. How long does a
# batch take, when the memory grows?

# %%
def seconds_per_batch(memory, batches=20):
    """The fastest of several batches of 32, so that a busy machine disturbs it little."""
    times = []
    for _ in range(batches):
        start = time.perf_counter()
        memory.sample(32)
        times.append(time.perf_counter() - start)
    return min(times)


lengths = (1_000, 30_000, 300_000)
deque_times, ring_times = [], []
for length in lengths:
    for memory, times in ((DequeMemory(length), deque_times), (ReplayMemory(length), ring_times)):
        for i in range(length):
            memory.experience(history[i % len(history)])
        times.append(seconds_per_batch(memory))

# %% [markdown]
# The second memory in this race is the one that `rl_jax` uses. We build it in a moment.

# %%
figure, ax = figures.axes()
ax.loglog(lengths, np.array(deque_times) * 1e6, "o-", color=figures.COLORS["target"], label="deque")
ax.loglog(lengths, np.array(ring_times) * 1e6, "o-", color=figures.COLORS["online"], label="ring")
ax.set(xlabel="Transitions in the memory", ylabel="Time for a batch of 32 (microseconds)")
ax.legend()
figures.show(
    figure,
    alt="The time of the deque rises steeply for large memories; that of the ring stays flat.",
)
print("a deque 300 times longer is at least 3 times slower:", deque_times[2] > 3 * deque_times[0])
print("a ring 300 times longer is at most 3 times slower:  ", ring_times[2] < 3 * ring_times[0])

# %% [markdown]
# *Figure 2.2. A long deque pays for its length at every batch, the ring does not.* A short deque is even the faster of
# the two. The default of the post is 100,000 transitions, where the difference begins to count.
#
# ## A ring
#
# Allocate one array per field, once. Write the next transition into the next row. At the end of the array, go back
# to the start, over the oldest. The whole trick is one remainder:

# %% tags=["naive"]
class TinyRing:
    def __init__(self, size):
        self.rows, self.stored = np.full(size, -1), 0

    def experience(self, number):
        self.rows[self.stored % len(self.rows)] = number
        self.stored += 1


# %% [markdown]
# Store the numbers 0 to 6 in a ring of five. What do the five rows hold at the end?

# %%
ring = TinyRing(5)
for number in range(7):
    ring.experience(number)
    print(number, "->", ring.rows)

# %% [markdown]
# 5 and 6 have replaced 0 and 1. The rows are out of order in time, and that does not matter, because we draw them
# at random anyway.
#
# Here is the real one, as it stands in the package. Read `experience` and `sample_batch`; the rest is care.

# %%
show_source(ReplayMemory)

# %% [markdown]
# Three things to notice:
#
# - `rng.choice(..., replace=False)` draws the row numbers, and it takes the same time for a thousand rows as for a
#   million.
# - `sample` returns a list of transitions, for code written like the blog post's. `sample_batch` returns one
#   `Transition` of arrays, which is what a jitted function wants.
# - It is the one class in `rl_jax` that changes in place. Rule 01 said that nothing changes in JAX; but a pure
#   memory would copy 100,000 rows to add one. The memory lives outside of `jit`, where changing is allowed.
#
# ### From a list to a batch
#
# The post gets from the list to arrays by a little Python jewel, `Transition(*zip(*transitions))`. It turns a list
# of tuples into a tuple of lists. Both ways must give the same batch:

# %%
memory = ReplayMemory(size=1_000, seed=0)
twin = ReplayMemory(size=1_000, seed=0)
for transition in history:
    memory.experience(transition)
    twin.experience(transition)
by_hand = Transition(*(np.array(field) for field in zip(*memory.sample(32), strict=True)))
batch = twin.sample_batch(32)
print("same batch:", all(np.array_equal(a, b) for a, b in zip(by_hand, batch, strict=True)))
for name, field in zip(batch._fields, batch, strict=True):
    print(f"{name:12} {field.shape!s:8} {field.dtype}")

# %% [markdown]
# They agree because both memories were given the same `seed`. This is the repeatability that the post's memory
# lacks.
#
# ### A copy must be a copy
#
# Some environments reuse one array for every observation. A memory that stores the *reference* then remembers the
# last state a thousand times. Try it on both:

# %%
observation = np.zeros(4, np.float32)
by_reference, by_copy = DequeMemory(), ReplayMemory(10)
for step in range(3):
    observation[:] = step  # the environment writes into the same array
    transition = Transition(observation, observation, 0, 1.0, False)
    by_reference.experience(transition), by_copy.experience(transition)
print("deque remembers:", [float(t.state[0]) for t in by_reference.memory])
print("ring remembers: ", sorted(float(t.state[0]) for t in by_copy.sample(3)))

# %% [markdown]
# The deque holds three names for one array. Such a bug raises no error; the agent only learns worse.
#
# And this one does raise an error, before it can do harm:

# %%
try:
    by_copy.sample(4)
except ValueError as error:
    print(error)

# %% [markdown]
# ## Drag capacity and batch
#
# How old are the memories that an agent learns from? The panel fills a memory with all 3,000 steps, draws one
# batch, and shows the ages of its transitions. Try a small capacity with a large batch.

# %%
def draw_ages(capacity, batch):
    """Ages of one batch's transitions, and how correlated the pole angles in it are."""
    rows = np.random.default_rng(0).choice(capacity, min(batch, capacity), replace=False)
    figure, ax = figures.axes(height=3.0)
    ax.stairs(*np.histogram(rows, np.linspace(0, 3_000, 31)), fill=True, color=figures.COLORS["online"])
    ax.set(xlabel="Age (steps ago)", ylabel="Transitions in the batch", xlim=(0, 3_000))
    correlation = neighbour_correlation(np.asarray(angles)[-1 - rows])
    return figures.png(figure), f"oldest: {rows.max()} steps ago; correlation of neighbours: {correlation:+.2f}"


# %%
panels.panel(
    draw_ages,
    "Histogram of the ages of the transitions in one batch.",
    capacity=panels.slider("capacity (steps)", 1_000, 50, 3_000, 50),
    batch=panels.slider("batch size", 32, 8, 256, 8),
)

# %% [markdown]
# The same for three capacities, without a kernel:

# %%
for capacity in (50, 1_000, 3_000):
    picture, caption = draw_ages(capacity, 32)
    print(f"capacity {capacity:5}: {caption}")
    figures.show(picture, alt=f"The ages of a batch spread evenly up to a capacity of {capacity:,}.")

# %% [markdown]
# *Figure 2.3. A large memory mixes many episodes. A small one is fresh, and holds two or three episodes only.*
# Fresh is not always worse: very old transitions were made by an agent that no longer exists. Notebook 06 uses a
# memory of 50,000 for a run of 30,000 steps: it forgets nothing.
#
# ## Exercises
#
# Write your answer in place of the `...`, and run the cell. It says whether you are right, and if not, what was
# misunderstood. The solution is folded away below.
#
# **1.** In which row of a ring of size `capacity` does the transition with number `number` (counted from 0) land?

# %% cellView="form" jupyter={"source_hidden": true} tags=["check"]
# @title Check
check_row = Check(
    cases=[
        ({"number": 0, "capacity": 5}, 0),
        ({"number": 4, "capacity": 5}, 4),
        ({"number": 5, "capacity": 5}, 0),
        ({"number": 12, "capacity": 5}, 2),
        ({"number": 23, "capacity": 7}, 2),
    ],
    mistakes=[
        (lambda n, size: n, "you never go back to the start", "a ring of five has no row 5"),
        (lambda n, size: min(n, size - 1), "a full ring would overwrite its last row for ever",
         "after the last row comes the first one"),
        (lambda n, size: n // size, "you counted how often the ring was full",
         "a division has two results, and you took the other one"),
        (lambda n, size: (n - 1) % size, "you counted from 1", "number 0 goes into row 0"),
        (lambda n, size: (n + 1) % size, "you gave the row of the next transition",
         "number 0 goes into row 0"),
        (lambda n, size: n - size if n >= size else n, "you went back by one round only",
         "how often has the ring been filled when number 12 comes?"),
        (lambda n, size: n % (size + 1), "your ring has one row too many", "count the rows from 0"),
    ],
)

# %% tags=["exercise"]
def row_of(number, capacity):
    ...


check_row(row_of)

# %% cellView="form" jupyter={"source_hidden": true} tags=["solution"]
# @title Solution
def row_of(number, capacity):
    return number % capacity


check_row(row_of)

# %% [markdown]
# **2.** Write `sample` as a function of all that ever happened: `history` is a list, oldest first. A memory of
# size `capacity` holds only its last part. Draw `size` different entries of that with the generator `rng`.

# %% cellView="form" jupyter={"source_hidden": true} tags=["check"]
# @title Check
def sample_facts(answer, history, capacity, size):
    """Facts about 200 draws from a history of 0, 1, 2, ..."""
    def draw(seed):
        return [int(i) for i in answer(list(range(history)), capacity, size, np.random.default_rng(seed))]
    draws = [draw(seed) for seed in range(200)]
    often = np.bincount(np.concatenate(draws).astype(int), minlength=history)[-min(capacity, history):]
    return {
        "drawn": sorted({len(numbers) for numbers in draws}),
        "all different": all(len(set(numbers)) == len(numbers) for numbers in draws),
        "oldest ever drawn": min(map(min, draws)) if draws[0] != draws[1] else "one draw only",
        "newest ever drawn": max(map(max, draws)) if draws[0] != draws[1] else "one draw only",
        "always the latest": all(sorted(numbers)[0] == history - size for numbers in draws),
        "each as likely as the others": bool(np.ptp(often) < 70),
        "more than 90 different batches": len(set(map(frozenset, draws))) > 90,
        "same seed, same draw": [draw(seed) for seed in range(5)] == draws[:5],
    }


fine = {
    "drawn": [4], "all different": True, "always the latest": False, "same seed, same draw": True,
    "each as likely as the others": True, "more than 90 different batches": True,
}

# %% cellView="form" jupyter={"source_hidden": true} tags=["check"]
# @title Check, continued
mistaken_sample = [
    (lambda past, room, n, rng: rng.choice(past, n, replace=False),
     "nothing is ever forgotten: you drew from all of the history",
     "which entries would still be in the memory?"),
    (lambda past, room, n, rng: rng.choice(past[:room], n, replace=False),
     "you kept the oldest entries, and forgot the newest", "which end must go?"),
    (lambda past, room, n, rng: rng.choice(past[-room:], n),
     "some entry was drawn twice, so it would count double in the batch",
     "draw without replacement: look up an argument of `rng.choice`"),
    (lambda past, room, n, rng: np.random.default_rng().choice(past[-room:], n, replace=False),
     "you drew with a generator of your own, so no seed can repeat it", "you were given `rng`"),
    (lambda past, room, n, rng: np.random.default_rng(0).choice(past[-room:], n, replace=False),
     "you drew with a seed of your own, so every batch is the same", "you were given `rng`"),
    (lambda past, room, n, rng: past[-n:],
     "you took the latest entries; nothing is drawn at random", "why not, is in the section about the latest steps"),
    (lambda past, room, n, rng: past[-room:][(i := rng.integers(min(len(past), room) - n + 1)) : i + n],
     "you cut out one piece of the history, so the batch holds neighbours",
     "which correlation was the memory to break?"),
    (lambda past, room, n, rng: rng.choice(past[-room - 1 :], n, replace=False),
     "your memory holds one entry too many", "how many entries does a slice from -3 on have?"),
]


# %% cellView="form" jupyter={"source_hidden": true} tags=["check"]
# @title Check, continued
check_sample = Check(
    cases=[
        ({"history": 20, "capacity": 30, "size": 4},
         {**fine, "oldest ever drawn": 0, "newest ever drawn": 19}),
        ({"history": 40, "capacity": 10, "size": 4},
         {**fine, "oldest ever drawn": 30, "newest ever drawn": 39}),
    ],
    mistakes=mistaken_sample,
    observe=sample_facts,
)

# %% tags=["exercise"]
def sample(history, capacity, size, rng):
    ...


check_sample(sample)

# %% cellView="form" jupyter={"source_hidden": true} tags=["solution"]
# @title Solution
def sample(history, capacity, size, rng):
    return rng.choice(history[-capacity:], size, replace=False)


check_sample(sample)

# %% [markdown]
# **3.** Return a new memory, a list, that holds `observation` too, and that still does so when the environment
# writes into its array again.

# %% cellView="form" jupyter={"source_hidden": true} tags=["check"]
# @title Check
def remembered(answer, observations):
    """What a memory holds after an environment that reuses one array has gone on."""
    memory, array = [], np.zeros(2)
    for values in observations:
        array[:] = values
        memory = answer(memory, array)
    array[:] = 9.0
    return [np.asarray(item).tolist() for item in memory]


check_remember = Check(
    cases=[({"observations": seen}, seen) for seen in (
        [[1.0, -1.0]], [[1.0, -1.0], [2.0, -2.0]], [[float(i), 0.5] for i in range(12)])],
    mistakes=[
        (lambda memory, new: [*memory, new], "you stored a name for the array, not what is in it",
         "the environment still holds the same array: what does it write there next?"),
        (lambda memory, new: [np.copy(item) for item in memory] + [new],
         "you copied what was stored before, and the new one only when it is too late",
         "when is the last moment at which the array is surely right?"),
        (lambda memory, new: [np.copy(new)], "you forgot what was stored before",
         "the new memory is the old one and one more"),
        (lambda memory, new: [np.copy(new), *memory], "you stored the newest first",
         "a history is told from its beginning"),
        (lambda memory, new: [*memory, *np.copy(new)],
         "you stored its numbers one by one, and nobody knows where an observation begins",
         "one observation, one entry"),
    ],
    observe=remembered,
)

# %% tags=["exercise"]
def remember(memory, observation):
    ...


check_remember(remember)

# %% cellView="form" jupyter={"source_hidden": true} tags=["solution"]
# @title Solution
def remember(memory, observation):
    return [*memory, np.array(observation)]


check_remember(remember)

# %% [markdown]
# ## Recap
#
# - A `Transition` is (state, next_state, action, reward, is_terminal).
# - Random batches break the correlation of consecutive steps, and use each experience many times.
# - A ring buffer stores in O(1) and samples in a time that does not depend on its size.
# - Store copies, seed the sampling, and refuse to sample more than there is.
#
# ## Questions
#
# <details><summary>Why draw without replacement? Would it matter here?</summary>
#
# A transition drawn twice counts double in that batch. With 32 draws from 50,000 this is rare, and hardly matters;
# right after the start, with 40 transitions stored, it would happen all the time.
# </details>
#
# <details><summary>How much memory do 1,000,000 CartPole transitions need in the ring?</summary>
#
# Two states of four 32-bit numbers (32 bytes), an action (4), a reward (4) and a flag (1): 41 bytes each, 41 MB.
# As Python tuples with two NumPy arrays each they would need several times as much.
# </details>
#
# <details><summary>Could an algorithm that must learn from its own current policy use a replay memory?</summary>
#
# Not as it is. Q-learning may learn from any transition, whoever made it: it is [*off-policy*](glossary.md#off-policy). Methods such as
# REINFORCE need data of the current policy, and throw it away after one use.
# </details>
#
# ## Further reading
#
# - Lin, *Self-improving reactive agents based on reinforcement learning, planning and teaching* (1992): the idea.
# - Mnih et al., [*Playing Atari with deep reinforcement learning*](https://arxiv.org/abs/1312.5602) (2013), section
#   4: why it made deep Q-learning stable.
# - [flashbax](https://github.com/instadeepai/flashbax): replay memories as pure JAX data, for use inside `jit`.
#
# **Next:** [03 · The Haiku model and its loss](03_haiku_model_and_loss.ipynb): something that can learn from these
# batches.
