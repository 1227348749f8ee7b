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
# # 07 · On device
#
# Notebook 06's loop goes back to Python after every push of the cart: ask the network, step the environment, store,
# learn. The arithmetic in between takes microseconds; coming and going takes longer. Here *everything* moves into one
# compiled function, the environment included. Then training is fast enough to drag a slider and watch eight agents
# learn again, and one run costs so little that you need never again believe in a single one.
#
# - **What you will build:** CartPole as a pure function, a training that is one `lax.scan`, a population of agents.
# - **What you will learn:** how a loop becomes a scan; what may change without compiling again; `vmap` over seeds and
#   hyperparameters; how the same function runs on all cores, on GPUs, and on several machines.
# - **What you need:** notebooks 01, 05 and 06.
# - **Time:** 40 minutes, about one of them waiting.

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
import contextlib
import math
import time
from functools import partial

import jax
import jax.numpy as jnp
import numpy as np

from rl_jax import cartpole, envs, loop, ondevice, plotting, widgets
from rl_jax.cartpole import reset
from rl_jax.ondevice import Config
from rl_jax.replay import ArrayMemory, Transition
from rl_jax.typing import JaxTensor, Key

with contextlib.suppress(RuntimeError):  # it is too late where JAX has computed already
    jax.config.update("jax_num_cpu_devices", 2)  # two, to practise with: see "All cores"

# %% [markdown]
# This is where we are going: eight agents, trained from nothing, in a single call of a single compiled function.

# %%
config = Config(hidden=(64, 32), max_steps=20_000, evaluation_episodes=10)  # else the defaults
eight = jax.random.split(jax.random.key(0), 8)
trained = ondevice.spread(ondevice.make_train(config))(eight)


def draw_curves(result, ceiling=500, **options):
    """Greedy returns of a population: every run faint, the middle half as a band, the median."""
    figure, ax = figures.axes(**options)
    runs = list(zip(np.asarray(result.steps), np.asarray(result.returns), strict=True))
    figures.learning_curves(ax, runs, "greedy return", ceiling=ceiling)
    ax.set(xlabel="Environment steps of each agent", ylabel="Steps balanced", ylim=(0, 520))
    ax.legend(loc="lower right")
    return figure


figures.show(
    draw_curves(trained),
    alt="Learning curves of eight agents: they climb within a few thousand steps, most of them fall "
    "back, and towards the end the median meets the dashed ceiling at 500.",
)

# %% [markdown]
# *Figure 7.1. Greedy returns of eight agents.* The sag in the middle is real: what has been learned gets lost again, and comes
# back. One lucky run would not have told. Now let us see how it is done.
#
# ## The environment as a function
#
# Gymnasium's CartPole is an object that remembers where the cart is, and `jit` wants functions that remember nothing.
# So we hand the state in and get the next one out. The physics is Gymnasium's, number by number.

# %%
show_source(cartpole.reset)

# %% tags=["taught"]
# lives in rl_jax/cartpole.py
TIME_LIMIT = 500  # steps after which CartPole-v1 truncates an episode
GRAVITY, POLE_MASS, TOTAL_MASS, HALF_LENGTH = 9.8, 0.1, 1.1, 0.5  # m/s^2, kg, kg, m
FORCE, SECONDS = 10.0, 0.02  # newton a push; time between two steps
MAX_POSITION, MAX_ANGLE = 2.4, math.radians(12)  # m and rad; beyond them the episode terminates


def step(state: JaxTensor, action: JaxTensor | int) -> tuple[JaxTensor, JaxTensor, JaxTensor]:
    """One push and 0.02 seconds: (next_state, reward, is_terminal). It knows no time limit."""
    if jnp.shape(state) != (4,):
        hint = "For a batch of states use jax.vmap(cartpole.step)."
        raise ValueError(f"state must be of shape (4,), but it is {jnp.shape(state)}. {hint}")
    position, velocity, angle, angular_velocity = jnp.asarray(state, jnp.float32)
    sin, cos = jnp.sin(angle), jnp.cos(angle)
    force = jnp.where(action == 1, FORCE, -FORCE)
    push = (force + POLE_MASS * HALF_LENGTH * angular_velocity**2 * sin) / TOTAL_MASS
    inertia = HALF_LENGTH * (4 / 3 - POLE_MASS * cos**2 / TOTAL_MASS)
    angular_acceleration = (GRAVITY * sin - cos * push) / inertia
    acceleration = push - POLE_MASS * HALF_LENGTH * angular_acceleration * cos / TOTAL_MASS
    change = jnp.stack([velocity, acceleration, angular_velocity, angular_acceleration])
    next_state = jnp.stack([position, velocity, angle, angular_velocity]) + SECONDS * change
    fell = (jnp.abs(next_state[0]) > MAX_POSITION) | (jnp.abs(next_state[2]) > MAX_ANGLE)
    return next_state, jnp.float32(1.0), fell


# %% [markdown]
# Look at what is *not* there. No `self`, and no Python `if` that asks about the cart: the force is chosen by
# `jnp.where`. (The one `if` asks about a shape, and shapes are known before anything runs.) Is it really the same
# CartPole? Play both, side by side, with the same random pushes:

# %%
env, push = envs.make("CartPole-v1"), np.random.default_rng(0)
ours, largest, endings = jax.jit(cartpole.step), 0.0, 0
state, _ = env.reset(seed=0)
for _ in range(2_000):
    action = int(push.integers(2))
    mine, _, fell = ours(state, action)
    state, _, terminated, _, _ = env.step(action)
    largest = max(largest, float(np.abs(mine - state).max()))
    assert bool(fell) == terminated
    if terminated:
        endings += 1
        state, _ = env.reset()
print("states differ by less than 0.00001:", largest < 1e-5, "| all endings agree:", endings > 50)

# %% [markdown]
# A pure function can do what an object cannot. `vmap` makes one cart into a thousand:

# %%
starts = jax.vmap(cartpole.reset)(jax.random.split(jax.random.key(1), 1_000))
next_states, rewards, fell = jax.vmap(cartpole.step, in_axes=(0, None))(starts, 1)
print("states:", starts.shape, "->", next_states.shape, "| rewards:", rewards.shape)

# %% [markdown]
# ## From loop to scan
#
# We want 100 random pushes inside `jit`. What happens if we just write the loop that we know?

# %%
@jax.jit
def until_it_falls(key):
    state, steps = cartpole.reset(key), 0
    while True:
        key, push_key = jax.random.split(key)
        state, _, fell = cartpole.step(state, jax.random.randint(push_key, (), 0, 2))
        steps += 1
        if fell:
            return steps


try:
    until_it_falls(jax.random.key(0))
except jax.errors.TracerBoolConversionError as error:
    print(type(error).__name__)

# %% [markdown]
# While `jit` traces, `fell` has no value yet, so Python cannot decide. `jax.lax.scan` is a loop that JAX
# understands. It wants the body as a function `(carry, x) -> (carry, y)`: the *carry* is what the next step needs, *y*
# is what you want to keep from each. The number of steps is fixed in advance.

# %%
def random_push(state, key):
    next_state, _, _ = cartpole.step(state, jax.random.randint(key, (), 0, 2))
    return next_state, state[2]  # carry on with the next state; keep the pole's angle


@jax.jit
def angles(key):
    keys = jax.random.split(key, 101)
    return jax.lax.scan(random_push, cartpole.reset(keys[0]), keys[1:])[1]


many = jax.vmap(angles)(jax.random.split(jax.random.key(2), 300))
print("one cart:", angles(jax.random.key(2)).shape, "| three hundred:", many.shape)

# %%
figure, ax = figures.axes(height=3.0)
ax.plot(np.degrees(many[:, :45].T), color=figures.COLORS["random"], alpha=0.15, linewidth=0.8)
for limit in (-12, 12):
    ax.axhline(limit, color="black", linestyle="--", linewidth=1)
ax.set(xlabel="Step", ylabel="Pole angle (degrees)", ylim=(-40, 40))
figures.show(figure, alt="300 faint lines fan out from 0 degrees; most cross the dashed limits at "
              "plus and minus 12 degrees between step 10 and step 40.")

# %% [markdown]
# *Figure 7.2. The pole's angle under random pushes, 300 times. Beyond the dashed lines an episode is over, but this
# scan does not know it and lets the pole fall on.*
#
# ## A new episode, without an `if`
#
# A scan cannot stop at the end of an episode, so it starts the next one at once: *auto-reset*. Both states are
# computed in every step, the next one and a fresh start, and `where` picks one. That is wasteful, and cheap.

# %% tags=["taught"]
# lives in rl_jax/cartpole.py
def auto_reset(
    key: Key, next_state: JaxTensor, is_terminal: JaxTensor, steps: JaxTensor | int,
    limit: JaxTensor | int = TIME_LIMIT
) -> tuple[JaxTensor, JaxTensor, JaxTensor]:
    """Where to act next: next_state, or a new start if the episode is over."""
    truncated = (steps >= limit) & ~is_terminal
    over = is_terminal | truncated
    return jnp.where(over, reset(key), next_state), jnp.where(over, 0, steps), truncated


# %% [markdown]
# Here hides the favourite bug of on-device environments. `is_terminal` and `truncated` must stay apart: the memory
# stores only the first (notebook 05), and it stores `next_state` *before* the reset. Otherwise the agent learns that
# falling teleports it back to the middle of the track.
#
# ## A memory of arrays
#
# Notebook 02's memory writes into its arrays. Inside `jit` nothing is written into; a function returns a changed
# copy, and XLA, seeing that nobody needs the old one, changes it in place after all.

# %%
show_source(ArrayMemory)

# %% [markdown]
# The same ring, with one difference: it draws *with* replacement. Try it: five transitions into room for three. Which
# ones will be left?

# %%
one = Transition(jnp.zeros(4), jnp.zeros(4), jnp.int32(0), jnp.float32(0), jnp.bool_(False))
memory = ArrayMemory.empty(3, one)
for number in range(5):
    memory = memory.experience(one._replace(action=jnp.int32(number)))
print("actions that are left:", sorted(memory.fields.action.tolist()))
print("a batch:", memory.sample_batch(jax.random.key(0), 32).state.shape)

# %% [markdown]
# ## One step of everything
#
# All that changes from one step to the next goes into one tuple, the scan's carry:

# %%
show_source(ondevice.Agent)
show_source(ondevice.init)

# %% [markdown]
# And here is the step. Read it beside `loop.train`: the order is the same, and what the two do not share is only who
# holds the cart. The update is `dqn.make_train_step` in both; a test plays them the same transitions and compares.

# %%
show_source(ondevice.make_step)

# %% [markdown]
# `lax.cond` skips the learning until the memory is warm. Under `vmap` it would compute both sides, and that is fine:
# the first thousand steps are few. Scan it, and count where the episodes end:

# %%
one_step = ondevice.make_step(config, config.final_epsilon, config.gamma, config.learning_rate)
agent, keys = ondevice.init(jax.random.key(3), config), jax.random.split(jax.random.key(4), 8_000)
agent, is_over = jax.jit(partial(jax.lax.scan, one_step))(agent, keys)
ends = np.flatnonzero(is_over)
lengths = np.diff(ends, prepend=-1)
print("steps, each stored in the memory:", int(agent.memory.stored))

# %%
figure, ax = figures.axes(height=3.0)
ax.plot(ends, lengths, "o-", color=figures.COLORS["online"], markersize=3)
ax.set(xlabel="Environment step at which the episode ended", ylabel="Return (one run)", ylim=(0, 520))
figures.show(figure, alt="Returns of one agent's training episodes: about 20 at first, growing to "
              "hundreds of steps after a few thousand.")

# %% [markdown]
# *Figure 7.3. The familiar training curve, coin included, of 8,000 steps in one call.*
#
# ## The whole training
#
# What remains is to evaluate now and then and to keep the best weights. That is a scan too: each of its steps is a
# scan of training steps, and then some greedy episodes, played side by side by `vmap`.

# %%
show_source(ondevice.Result)
show_source(ondevice.make_train)
show_source(ondevice._make_scan)

# %% [markdown]
# Judge the result where it counts: on *Gymnasium's* CartPole, which these agents have never met.

# %%
train, network = ondevice.make_train(config), ondevice.make_network(config)
alone = train(eight[0])
returns = loop.evaluate(alone.params, env, episodes=20, seed=99, network=network)
print("holds a mean of 475 or more:", bool(returns.mean() >= 475))

# %% [markdown]
# And is it faster than the Python loop, at the same settings? The first call of each compiles; we time the
# second.

# %%
def steps_per_second(run, steps):
    run()
    start = time.perf_counter()
    run()
    return steps / (time.perf_counter() - start)


plain = config._replace(max_steps=1_500, evaluate_every=None)
by_loop = steps_per_second(lambda: loop.train(env, plain, progress=False), plain.max_steps)
by_scan = steps_per_second(lambda: jax.block_until_ready(train(eight[0])), config.max_steps)
print("the scan is faster:", by_scan > by_loop)

# %% [markdown]
# That is one agent, on one core, and the scan has even paid for its evaluations. By how much it is faster depends on
# your machine, and on what else it is doing; `benchmarks/RESULTS.md` has careful numbers, beside other people's
# programs.
#
# ## What may change without compiling
#
# Compiling this training takes seconds, running it little more. If every move of a slider compiled, dragging would be
# no fun. What decides? Remember that Python code inside `jit` runs only while JAX traces, so a `print` gives it away:

# %%
@partial(jax.jit, static_argnames="gamma")
def baked_in(x, gamma):
    print("compiling for gamma =", gamma)
    return gamma * x


@jax.jit
def traced(x, gamma):
    print("compiling for gamma =", type(gamma).__name__.removeprefix("Dynamic"))
    return gamma * x


for gamma in (0.9, 0.95, 0.99):
    baked_in(1.0, gamma), traced(1.0, gamma)

# %% [markdown]
# A static gamma is part of the program: three values, three programs. A traced one is an input, like the observations.
# `train(key, epsilon, gamma, learning_rate)` traces all three. The sizes of layers, batch and memory cannot be traced,
# for XLA must know all shapes; they stay in the `Config`.
#
# ## A population
#
# Traced inputs can be vmapped. Over keys, it is the same training with eight seeds, and figure 7.1 is no longer a
# mystery. Over hyperparameters, it is a sweep; you will see one below.
#
# ### All cores
#
# `vmap` keeps one core busy. More devices, be they cores, GPUs or both hosts of a pair, take a share of the seeds
# each. Seeds do not talk to one another, so this needs no more than to say how keys and results are cut:

# %%
show_source(ondevice.spread)

# %%
print("devices:", len(jax.devices()), "| the result lies on", len(trained.steps.sharding.device_set))
first = [float(result.returns.ravel()[0]) for result in (alone, trained)]
print("the first agent's first evaluation, alone and among eight:", abs(first[0] - first[1]) < 1)

# %% [markdown]
# The same seed gives the same agent, up to rounding: XLA may add in another order when it compiles for one agent or
# for several, and DQN amplifies a last digit over thousands of updates. The tests of this package take the rounding
# away, and then the bits agree.
#
# ### Several machines
#
# Nothing changes but two lines at the top. Each process calls the same program; `jax.devices()` then lists the
# devices of all of them, and each process holds its own share of the result.
#
# ```python
# jax.distributed.initialize("first-machine:1234", num_processes=2, process_id=0)  # 1 on the other
# result = ondevice.spread(train)(jax.random.split(jax.random.key(0), 4096))
# ```
#
# ## Drag it
#
# Eight agents of 10,000 steps, with a smaller network, retrained whenever you let a slider go. Before you do, guess: at which epsilon do they
# stop learning? At which gamma are they too short-sighted?

# %%
live = config._replace(hidden=(32, 32), max_steps=10_000, epsilon_steps=2_000, evaluation_episodes=5)
retrain = ondevice.spread(ondevice.make_train(live))


def draw(epsilon, gamma):
    result = retrain(eight, epsilon=epsilon, gamma=gamma)
    half = np.median(np.asarray(result.returns)[:, -1])
    caption = f"epsilon {epsilon:.2f}, gamma {gamma:.3f}: in the end half of the agents hold {half:.0f} steps"
    return figures.png(draw_curves(result, height=3.0)), caption


panels.panel(
    draw,
    "Greedy learning curves of eight agents with the chosen epsilon and gamma.",
    epsilon=panels.slider("final epsilon", live.final_epsilon, 0.0, 1.0),
    gamma=panels.slider("gamma", live.gamma, 0.0, 1.0, 0.005),
)

# %% [markdown]
# Three settings, for readers without a kernel:

# %%
figure, row = figures.axes(3, height=2.8, sharey=True)
settings = {"as configured": {}, "gamma 0.5": {"gamma": 0.5}, "epsilon 0.9": {"epsilon": 0.9}}
for ax, (title, values) in zip(row, settings.items(), strict=True):
    result = retrain(eight, **values)
    runs = list(zip(np.asarray(result.steps), np.asarray(result.returns), strict=True))
    figures.learning_curves(ax, runs, title)
    ax.set(title=title, xlabel="Steps", xticks=(0, 5_000, 10_000), ylim=(0, 520))
row[0].set_ylabel("Steps balanced")
figures.show(figure, alt="Three panels of eight learning curves. As configured and with epsilon 0.9 "
              "they reach hundreds of steps; with gamma 0.5 about a hundred.")

# %% [markdown]
# *Figure 7.4. The same eight seeds, three settings.* Did you expect that an agent that plays nine pushes in ten at
# random still learns? Q-learning is *off-policy*: whoever plays, it learns what the greedy player would earn. But an
# agent with a short horizon cannot learn what it cannot see. And now all settings at once. Five values of gamma, four of
# epsilon, two seeds each: 40 agents, one call.

# %%
gammas, epsilons = [0.0, 0.5, 0.8, 0.95, 0.995], [0.0, 0.1, 0.4, 0.9]
grid = np.array([(g, e) for g in gammas for e in epsilons for _ in range(2)], np.float32)
keys = jnp.tile(jax.random.split(jax.random.key(5), 2), len(grid) // 2)
brief = ondevice.spread(ondevice.make_train(live._replace(max_steps=5_000)))
sweep = brief(keys, gamma=grid[:, 0], epsilon=grid[:, 1])
score = np.asarray(sweep.returns)[:, -2:].mean(1).reshape(len(gammas), len(epsilons), 2).mean(2)

# %%
figure, ax = figures.axes(height=3.6)
ax.grid(False)
mesh = ax.imshow(score.T, origin="lower", cmap="viridis", vmin=0, vmax=500, aspect="auto")
for (i, j), value in np.ndenumerate(score):
    ax.text(i, j, f"{value:.0f}", ha="center", va="center", color="white" if value < 350 else "black")
ax.set_xticks(range(len(gammas)), gammas)
ax.set_yticks(range(len(epsilons)), epsilons)
ax.set(xlabel="gamma", ylabel="Final epsilon")
figure.colorbar(mesh, label="Steps balanced")
figures.show(figure, alt="Heat map of mean greedy return: dark for gamma 0, dim for 0.5, and several "
              "times as bright from 0.8 on, whatever the epsilon.")

# %% [markdown]
# *Figure 7.5. Mean greedy return of the last two evaluations within 5,000 steps, two seeds a square.* Gamma
# matters more than epsilon: with 0 an agent sees one reward of 1, the same for both actions; with 0.5 it does not look
# far enough ahead. From 0.8 on the squares differ by the luck of two seeds. The claims that hold on every machine:

# %%
print("gamma 0 learns nothing:", bool(score[0].max() < 150))
print("the best square has a gamma of at least 0.8:", gammas[int(score.max(1).argmax())] >= 0.8)

# %% [markdown]
# ## Exercises
#
# **1.** Turn a loop into a scan: how many of these `actions`, an array [T], does a cart that starts at `state` take until
# it has fallen, the last push included? (All of them, if it stands to the end.) It must work under `jit`, so no Python
# `if` may ask about the cart.

# %% cellView="form" jupyter={"source_hidden": true} tags=["check"]
# @title Check
def count(state, actions, on=False, late=True, chosen=None):
    def body(carry, action):
        state, standing = carry
        state, _, fell = cartpole.step(state, action if chosen is None else chosen)
        return (state, standing & ~fell), standing if late else standing & ~fell

    kept = jax.lax.scan(body, (jnp.asarray(state), jnp.bool_(True)), jnp.asarray(actions))[1]
    return jnp.int32(len(actions)) if on else kept.sum()


def count_in_python(state, actions):
    for pushes, action in enumerate(actions, 1):
        state, _, fell = cartpole.step(state, action)
        if fell:
            return pushes

# %% cellView="form" jupyter={"source_hidden": true} tags=["check"]
# @title Check, continued
check_count = Check(
    cases=[
        ({"state": [0.0, 0.0, 0.0, 0.0], "actions": [1] * 20}, 9),
        ({"state": [0.0, 0.0, 0.0, 0.0], "actions": [0, 1] * 3}, 6),
        ({"state": [0.0, 0.0, 0.1, 0.8], "actions": [1, 0] * 10}, 7),
    ],
    mistakes=[
        (partial(count, late=False), "the push that brings the pole down is missing from your count",
         "count while the pole stood *before* the push"),
        (partial(count, on=True), "you counted on after the fall", "let the carry remember that it fell"),
        (partial(count, chosen=1), "you push right, whatever the actions say", "scan hands each action to the body"),
        (count_in_python, "a Python `if` asks for a value that JAX has not computed while it traces",
         "let the carry hold a boolean, and combine it with & and ~"),
    ],
    observe=lambda answer, state, actions: jax.jit(answer)(jnp.array(state), jnp.array(actions)),
)

# %% tags=["exercise"]
def steps_until_fall(state, actions):
    ...


check_count(steps_until_fall)

# %% cellView="form" jupyter={"source_hidden": true} tags=["solution"]
# @title Solution
def steps_until_fall(state, actions):
    def body(carry, action):
        state, standing = carry
        state, _, fell = cartpole.step(state, action)
        return (state, standing & ~fell), standing

    return jax.lax.scan(body, (state, jnp.bool_(True)), actions)[1].sum()


check_count(steps_until_fall)

# %% [markdown]
# **2.** Sweep: `train(key, gamma)` returns a number. Call it for every one of N keys with every one of M gammas, with
# `vmap` and without a loop. Return an array [N, M].

# %% cellView="form" jupyter={"source_hidden": true} tags=["check"]
# @title Check
def toy(key, gamma):
    """Stands for a training: a number that tells which key and which gamma it was given."""
    return 10 * jnp.reshape(gamma, ()) + jax.random.uniform(key)


def table(keys, gammas):
    return jnp.array([[toy(key, gamma) for gamma in gammas] for key in keys])


def from_seeds(answer, seeds, gammas):
    return answer(toy, jax.vmap(jax.random.key)(jnp.array(seeds)), jnp.array(gammas))


arguments = {"seeds": [0, 1], "gammas": [0.5, 0.9, 0.99]}
check_sweep = Check(
    cases=[(arguments, from_seeds(lambda _, *given: table(*given), **arguments))],
    mistakes=[
        (lambda train, keys, gammas: jax.vmap(train)(keys, gammas),
         "one vmap walks along both arrays in step, and these have different lengths",
         "you need two vmaps, one around the other, and in_axes"),
        (lambda train, keys, gammas: table(keys, gammas).T, "rows and columns are exchanged",
         "the outer vmap makes the first axis: should it run over keys or over gammas?"),
        (lambda train, keys, gammas: table([keys[0]] * len(keys), gammas),
         "every row used the same key", "which argument has in_axes None?"),
        (lambda train, keys, gammas: table(keys, gammas).mean(0), "the mean over keys hides the spread",
         "return all of them"),
    ],
    observe=from_seeds,
)

# %% tags=["exercise"]
def sweep_all(train, keys, gammas):
    ...


check_sweep(sweep_all)

# %% cellView="form" jupyter={"source_hidden": true} tags=["solution"]
# @title Solution
def sweep_all(train, keys, gammas):
    over_gammas = jax.vmap(train, in_axes=(None, 0))
    return jax.vmap(over_gammas, in_axes=(0, None))(keys, gammas)


check_sweep(sweep_all)

# %% [markdown]
# ## Recap
#
# - An environment is a function `(state, action) -> (next_state, reward, is_terminal)`. Then `jit` and `vmap` apply.
# - `lax.scan` is the loop inside `jit`: a carry, a body, a fixed length. `where` replaces `if`, auto-reset replaces
#   `break`.
# - Traced values change for free, static ones compile anew. Epsilon, gamma and learning rate are traced.
# - `vmap` gives a population, `shard_map` spreads it over all that computes. One function, from one core to many hosts.
# - When a run is cheap, show many. A median with its quartiles says what one curve cannot.
#
# ## Questions
#
# <details><summary>Why does the scan draw its batches with replacement, when notebook 02 took care not to?</summary>
#
# Drawing without replacement means to shuffle, or to check for collisions, and both are slow inside `jit`. With 32 of
# 10,000, one batch in twenty has a pair. The mean of the gradient is the same; its noise grows by a hair.
# </details>
#
# <details><summary>Could epsilon be static, and gamma traced?</summary>
#
# Yes; it would only compile again for each new epsilon. Anything may be static. Only what decides shapes, or is asked
# by a Python `if`, must be.
# </details>
#
# <details><summary>Under vmap, does an agent that has solved the task stop computing?</summary>
#
# No. All agents of a population march in step for the whole length of the scan. That is the price of one program for
# all, and why `stop_at_return` belongs to the Python loop.
# </details>
#
# <details><summary>The best weights were chosen by ten episodes. Why judge them on Gymnasium, and not by
# <code>max(returns)</code>?</summary>
#
# The highest of twenty noisy scores flatters (notebook 06, question 1). And it was our own physics that gave it: only
# the original can say that we copied it well.
# </details>
#
# ## Further reading
#
# - Hessel et al., [*Podracer architectures for scalable reinforcement learning*](https://arxiv.org/abs/2104.06272)
#   (2021): "Anakin" is this notebook's idea on TPUs.
# - Lu et al., [*Discovered policy optimisation*](https://arxiv.org/abs/2210.05639) (2022), which introduced
#   [PureJaxRL](https://github.com/luchris429/purejaxrl): whole trainings as one function.
# - [Gymnax](https://github.com/RobertTLange/gymnax): many classic environments as pure functions.
# - JAX's guide to [`shard_map`](https://docs.jax.dev/en/latest/notebooks/shard_map.html), for devices that do talk to
#   one another.
#
# **Next:** you now have a training that takes a second. What better use for it than to break it on purpose?
