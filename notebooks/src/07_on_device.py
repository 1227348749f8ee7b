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
# ![Learning curves of eight agents: up within a few thousand steps, down again, and up once more.](images/07_teaser.png)
#
# *You are on the eighth of nine pages. Before: [06 · The full loop](06_full_loop.ipynb). Next:
# [08 · Bug hunt](08_bug_hunt.ipynb).*
#
# Notebook 06's loop goes back to Python after every push of the cart: ask the network, step the environment,
# store, learn. All this to and fro takes time: you will measure how much. On this page *everything*
# moves into one compiled function, the environment included. Then you can drag a slider and watch eight agents
# learn again, and you need never again believe in a single run.
#
# - **What you will build:** CartPole as a pure function, a training that is one `lax.scan`, a population of
#   agents.
# - **What you will learn:** how a loop becomes a scan; what may change without compiling again; `vmap` over
#   seeds and hyperparameters; how the same function runs on all cores, on GPUs, and on several machines; what keeps
#   agents from unlearning.
# - **What you need:** notebooks 01, 05 and 06.
# - **Time:** 70 minutes, 25 of them for three exercises and two for waiting.

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
import contextlib
import time
from functools import partial

import jax
import jax.numpy as jnp
import numpy as np
from jax.sharding import Mesh, PartitionSpec

from rl_jax import cartpole, dqn, envs, loop, ondevice
from rl_jax.course import figures, panels
from rl_jax.course.exercises import ex07_on_device as exercises
from rl_jax.course.source import show_source
from rl_jax.nn import optim
from rl_jax.ondevice import PLAIN, Config, Hyperparameters
from rl_jax.replay import ArrayMemory, Transition

with contextlib.suppress(RuntimeError):  # it is too late where JAX has computed already
    jax.config.update("jax_num_cpu_devices", 2)  # two, to practise with: see "All cores"

# %% [markdown]
# This is where we are going: eight agents, trained from nothing, in a single call of a single compiled function.

# %%
config = PLAIN._replace(hidden=(64, 32), max_steps=20_000, evaluation_episodes=10)  # notebook 06's, but smaller
eight = jax.random.split(jax.random.key(0), 8)
trained = ondevice.spread(ondevice.make_train(config))(eight)

# %% cellView="form" jupyter={"source_hidden": true} tags=["figure", "teaser"]
# @title Draw figure 7.1
def draw_curves(result, **options):
    """Greedy returns of a population: every run faint, the middle half as a band, the median."""
    figure, ax = figures.axes(**options)
    runs = list(zip(np.asarray(result.evaluation_steps), np.asarray(result.evaluation_returns), strict=True))
    figures.learning_curves(ax, runs, "greedy return", ceiling=500)
    ax.set(xlabel="Environment steps of each agent", ylabel="Return (steps balanced)", ylim=(0, 520))
    return figure, ax


figure, ax = draw_curves(trained)
figure.legend(loc="outside upper center")
figures.show(
    figure,
    alt="Learning curves of eight agents. The median climbs to 490 within 3,000 steps, sags to between 155 and 270 "
    "until step 9,000, and is near the dashed ceiling of 500 from step 10,000 on. Single runs still fall to 150 at step "
    "17,000.",
)

# %% [markdown]
# *Figure 7.1. Greedy returns of eight agents: the median, the middle half as a band, each run faint; dashed: the most
# that there is.* Look at the sag in the middle. Is it bad luck of one or two agents? Count, with 475 steps as "solved":

# %%
returns = np.asarray(trained.evaluation_returns)  # [8, 20]
solved = (returns >= 475).any(axis=1)
first = (returns >= 475).argmax(axis=1)  # the evaluation at which it was solved first
lost = [bool((row[at:] < 300).any()) for row, at in zip(returns[solved], first[solved], strict=True)]
print(f"≈ {solved.sum()} of 8 agents hold 475 steps at some evaluation")
print(f"≈ {sum(lost)} of these hold less than 300 at a later one")
print(f"≈ {(returns[:, -1] >= 475).sum()} of 8 hold 475 at the last one")
assert solved.sum() >= 6 and sum(lost) >= 3 and (returns[:, -1] >= 475).sum() >= 3

# %% [markdown]
# What has been learned gets lost again in most runs. At the end it has come back in many of them, and not in all.
# One run, lucky or not, would never have told. (It is why notebook 06 keeps the best weights.) Further down, all
# eight will keep what they have learned, from step 9,000 on. First let us see how this is made.
#
# ## The environment as a function
#
# Gymnasium's CartPole is an object that remembers where the cart is. `jit` wants functions that remember
# nothing. So we hand the state in and get the next one out.

# %%
show_source(cartpole.reset)
show_source(cartpole.step)

# %% [markdown]
# Look at what is *not* there: no `self`, and no Python `if` that asks about the cart. The force is chosen by
# `jnp.where`. (`_checked` refuses wrong shapes, which are known before anything runs.)
#
# Is it really the same CartPole? Give both the same state and the same push, 2,000 times. By how much will the two
# next states differ?

# %%
env, coin = envs.make("CartPole-v1"), np.random.default_rng(1)
step = jax.jit(cartpole.step)
largest, endings = 0.0, 0
state, _ = env.reset(seed=0)
for _ in range(2_000):
    action = int(coin.integers(2))
    ours, _, fell = step(state, action)
    state, _, terminated, _, _ = env.step(action)
    largest = max(largest, float(np.abs(ours - state).max()))
    assert bool(fell) == terminated
    if terminated:
        endings += 1
        state, _ = env.reset()
print(f"largest difference ≈ {largest:.0e}; in both, ≈ {endings} episodes end, at the same pushes")
assert largest < 1e-5 and endings > 50

# %% [markdown]
# The last digit of 32-bit numbers, and no more: the physics is Gymnasium's.
#
# A pure function can do what an object cannot. `vmap` makes one cart into a thousand:

# %%
starts = jax.vmap(cartpole.reset)(jax.random.split(jax.random.key(1), 1_000))
next_states, rewards, fell = jax.vmap(cartpole.step, in_axes=(0, None))(starts, 1)
print("states:", starts.shape, "->", next_states.shape, "| rewards:", rewards.shape)

# %% [markdown]
# ## From loop to scan
#
# Now we want many pushes inside `jit`. What happens if we just write the loop that we know?

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
    print(str(error).splitlines()[0])

# %% [markdown]
# While `jit` traces, `fell` has no value yet, so Python cannot decide.
#
# `jax.lax.scan` is a loop that JAX understands. It wants the body as a function `(carry, x) -> (carry, y)`. The
# **carry** is what the next round needs, *x* is this round's input, and *y* is what you want to keep of it.
# What will this print?

# %%
def add(total, number):
    return total + number, total


total, totals_before = jax.lax.scan(add, 0, jnp.array([1, 2, 3, 4]))
print(total, totals_before)

# %% [markdown]
# The last carry, and all the *y*s in one array. The number of rounds is fixed in advance: as many as there are
# inputs. Now the cart: the carry is its state, the inputs are keys, and we keep the pole's angle.

# %%
def random_push(state, key):
    next_state, _, _ = cartpole.step(state, jax.random.randint(key, (), 0, 2))
    return next_state, state[2]


@jax.jit
def angles(key):
    keys = jax.random.split(key, 101)
    return jax.lax.scan(random_push, cartpole.reset(keys[0]), keys[1:])[1]


many_keys = jax.random.split(jax.random.key(2), 240)
many = jax.vmap(angles)(many_keys)
crossed = (np.abs(np.degrees(many)) > 12).argmax(axis=1)  # the first step beyond 12 degrees
print("one cart:", angles(many_keys[0]).shape, "| 240 carts:", many.shape)
print(f"the pole passes 12 degrees after ≈ {np.median(crossed):.0f} steps, in the median")
assert 15 < np.median(crossed) < 25

# %% cellView="form" jupyter={"source_hidden": true} tags=["figure"]
# @title Draw figure 7.2
figure, ax = figures.axes(height=3.0)
ax.plot(np.degrees(many[:, :45].T), color=figures.COLORS["random"], alpha=0.15, linewidth=0.8)
for limit in (-12, 12):
    ax.axhline(limit, color="black", linestyle="--", linewidth=1)
ax.set(xlabel="Step", ylabel="Pole angle (degrees)", ylim=(-40, 40))
figures.show(
    figure,
    alt="240 faint lines fan out from 0 degrees. The first cross the dashed limits at plus and minus 12 degrees "
    "about step 9, most of them before step 40, and beyond the limits nearly all go on falling.",
)

# %% [markdown]
# *Figure 7.2. The pole's angle under random pushes, 240 times.* Beyond the dashed lines an episode is over. This
# scan does not know it, and lets the pole fall on.
#
# ### Your turn
#
# Write your answer in place of the `...`, and run the cell. It says whether you are right, and if not, what was
# misunderstood. The solution is in the cell after it: folded in Jupyter and Colab, open on GitHub.
#
# **1. Turn a loop into a scan** (10 minutes, medium). A cart starts at `state` and is pushed by `actions`, an
# array $[T]$, one after the other. With which push, counted from 1, does the pole fall or the cart leave the track?
# (`cartpole.step` says so for both.) If neither happens, return $T$. The check puts your function into `jit`, so no
# Python `if` may ask about the cart.

# %% tags=["exercise"]
def steps_until_fall(state, actions):
    ...


exercises.check_count(steps_until_fall)

# %% cellView="form" jupyter={"source_hidden": true} tags=["solution"]
# @title Solution
def steps_until_fall(state, actions):
    def body(carry, action):
        state, is_standing = carry
        state, _, fell = cartpole.step(state, action)
        return (state, is_standing & ~fell), is_standing

    _, stood = jax.lax.scan(body, (state, jnp.bool_(True)), actions)
    return stood.sum()


exercises.check_count(steps_until_fall, solution=True)

# %% [markdown]
# The loop's `break` has become a boolean in the carry. Once it is False it stays so, whatever the cart does
# after its fall.
#
# ## A new episode, without an `if`
#
# A scan cannot stop at the end of an episode, so it starts the next one at once: *auto-reset*. In every step
# there are now two candidates for the state to act on: the one that physics gave, and a fresh start.
# `jnp.where` picks one. Here is a pole that falls in this very step:

# %%
tilted = jnp.array([0.0, 0.0, 0.2, 1.0])
next_state, _, fell = cartpole.step(tilted, 1)
start = cartpole.reset(jax.random.key(0))
go_on_from = jnp.where(fell, start, next_state)
for name, where in {"before": tilted, "after the push": next_state, "to go on from": go_on_from}.items():
    print(f"{name:14}: pole at {np.degrees(where[2]):4.1f} degrees")

# %% [markdown]
# The agent acts next on the last one. And what belongs into the memory as `next_state`? Here hides the
# favourite bug of on-device environments.
#
# ### Your turn
#
# **2. Two next states** (10 minutes, medium). A push has led to `next_state`; `fell` says whether the pole
# fell or the cart left the track. It was push number `steps` of its episode, and after push number `limit` time
# is up. `start` is a fresh start. Return a dictionary with four things: `next_state` and `is_terminal` as the
# memory should store them; `state`, from which to go on; and `steps`, how many pushes the episode that goes on has had
# so far. The check puts it into `jit`.

# %% tags=["exercise"]
def keep_and_go_on(next_state, fell, steps, start, limit):
    ...


exercises.check_books(keep_and_go_on)

# %% cellView="form" jupyter={"source_hidden": true} tags=["solution"]
# @title Solution
def keep_and_go_on(next_state, fell, steps, start, limit):
    is_over = fell | (steps >= limit)
    return {
        "next_state": next_state,
        "is_terminal": fell,
        "state": jnp.where(is_over, start, next_state),
        "steps": jnp.where(is_over, 0, steps),
    }


exercises.check_books(keep_and_go_on, solution=True)

# %% [markdown]
# The memory stores what physics gave: `next_state` *before* the reset, and `is_terminal` without the time-outs
# (notebook 05). Where the pole fell the target does not look at `next_state`. Where time ran out it does: with a fresh
# start in its place, a cart at the edge of the track would be worth as much as one that rests in its middle. The
# package's own checks its arguments first:

# %%
show_source(cartpole.auto_reset)

# %% [markdown]
# ## A memory of arrays
#
# Notebook 02's memory writes into its arrays. Inside `jit` nothing is written into: a function returns a changed
# copy. XLA, JAX's compiler, sees that nobody needs the old one, and writes into it after all. (Only inside of one
# program, though. Called from Python, as below, each call copies the memory, unless you donate it: see notebook 05.)

# %%
show_source(ArrayMemory.experience)
show_source(ArrayMemory.sample_batch)

# %% [markdown]
# It is the same ring, with one difference: it draws *with* replacement. Try it: five transitions into room for
# three. Which ones will be left?

# %%
one = Transition(jnp.zeros(4), jnp.zeros(4), jnp.int32(0), jnp.float32(0), jnp.bool_(False))
memory = ArrayMemory.empty(3, one)
for number in range(5):
    memory = memory.experience(one._replace(action=jnp.int32(number)))
print("actions by row:", memory.fields.action.tolist())
print("a batch:", memory.sample_batch(jax.random.key(0), 32).state.shape)

# %% [markdown]
# ## One step of everything
#
# All that changes from one step to the next goes into one tuple, the scan's carry:

# %%
show_source(ondevice.Agent)

# %% [markdown]
# And here is the step. Read it beside `loop.play_episode` in notebook 06: the order is the same, and so is the
# update, `dqn.make_train_step`. `parts` are as there, functions that you can exchange: seven, and notebook 08 lists
# them. They are the same ones, too, but for `remember` and `sample`, as the memories are of two kinds. Of the helpers,
# `_limit(config)` gives the limit, here 500, and `_renew_if` serves a target network that is copied when an episode
# ends. (`validate.action` refuses a part that returns something else than an action.)

# %%
show_source(ondevice.make_step)

# %% [markdown]
# `lax.cond` skips the learning until the memory is warm. (Does it for a population, too? See the questions.) Scan the
# step over 8,000 keys, and see where the episodes end:

# %%
chosen = Hyperparameters(config.final_epsilon, config.gamma, config.learning_rate)
one_step = ondevice.make_step(config, chosen)
agent, keys = ondevice.init(jax.random.key(3), config), jax.random.split(jax.random.key(4), 8_000)
agent, is_over = jax.jit(partial(jax.lax.scan, one_step))(agent, keys)
ends = np.flatnonzero(is_over)  # the step at which each episode ended
lengths = np.diff(ends, prepend=-1)
print(f"{int(agent.memory.stored):,} steps, each in the memory; ≈ {len(ends)} episodes")
print(f"the first ten last ≈ {lengths[:10].mean():.0f} steps, the last ten ≈ {lengths[-10:].mean():.0f}")
assert lengths[-10:].mean() > 3 * lengths[:10].mean()

# %% cellView="form" jupyter={"source_hidden": true} tags=["figure"]
# @title Draw figure 7.3
figure, ax = figures.axes(height=3.0)
ax.plot(ends, lengths, "o-", color=figures.COLORS["online"], markersize=3)
ax.set(xlabel="Environment step at which the episode ended", ylabel="Return (steps balanced)", ylim=(0, 520))
figures.show(
    figure,
    alt="Returns of one agent's training episodes: dense dots at about 20 up to step 1,500; from step 1,700 on "
    "nearly all lie between 100 and 210, the highest at 375.",
)

# %% [markdown]
# *Figure 7.3. The training curve of one run, exploration included: 8,000 steps in one call.*
#
# ## The whole training
#
# What remains is to evaluate now and then, and to keep the best weights. That is a scan too: each of its rounds is a
# scan of training steps and then some greedy episodes, played side by side by `vmap`. (`dqn.judged_params(learner)` is
# `learner.params` for now; "What is learned, stays" will change that.)

# %%
show_source(ondevice.run_training)

# %% [markdown]
# `make_train(config)` compiles it. Judge the result where it counts: on *Gymnasium's* CartPole, which these
# agents have never met. 500 is the most that an episode can bring.

# %%
train, network = ondevice.make_train(config), ondevice.make_network(config)
alone = train(eight[0])
returns = loop.evaluate(alone.params, env, episodes=20, seed=99, network=network)
print(f"20 episodes on Gymnasium: mean ≈ {returns.mean():.0f} steps, the shortest ≈ {returns.min():.0f}")
assert returns.mean() > 450

# %% [markdown]
# ### How much faster?
#
# Both do the same work now: 3,000 steps with the same settings, an update in each of them (but the first 31),
# and no evaluations. The first call of each compiles; we take the better of two more.

# %%
equal = config._replace(max_steps=3_000, warmup_steps=32, evaluate_every=None)
train_equal = ondevice.make_train(equal)
ways = {
    "Python loop": lambda: loop.train(env, equal, seed=0, progress=False),
    "scan": lambda: jax.block_until_ready(train_equal(eight[0])),
}
rates = {}
for name, run in ways.items():
    times = []
    for _ in range(3):
        begin = time.perf_counter()
        run()
        times.append(time.perf_counter() - begin)
    rates[name] = equal.max_steps / min(times[1:])
    print(f"{name:11}: ≈ {rates[name]:,.0f} steps a second")
print(f"the scan is ≈ {rates['scan'] / rates['Python loop']:.1f} times as fast")
assert rates["scan"] > rates["Python loop"]

# %% [markdown]
# That is one agent. By how much a scan is faster depends on the machine, and on what else it is doing.
# `benchmarks/RESULTS.md` has careful numbers, beside other people's programs.
#
# ## What may change without compiling
#
# To compile this training takes seconds. If every move of a slider compiled, dragging would be no fun. What
# decides? Python code inside `jit` runs only while JAX traces, so a `print` gives it away. How many lines will
# you see?

# %%
@partial(jax.jit, static_argnames="gamma")
def baked_in(x, gamma):
    print(f"baked in: compiling for gamma {gamma}")
    return gamma * x


@jax.jit
def traced(x, gamma):
    print("traced: compiling for any gamma")
    return gamma * x


for gamma in (0.9, 0.95, 0.99):
    baked_in(1.0, gamma)
    traced(1.0, gamma)

# %% [markdown]
# A static gamma is part of the program: three values, three programs. A traced one is an input, like the
# observations. `train(key, epsilon, gamma, learning_rate)` traces all three. Does it hold for a whole training?

# %%
jax.clear_caches()  # so that it compiles here, also if you run this cell again
brief = ondevice.make_train(config._replace(max_steps=2_000))
times = []
for gamma in (0.9, 0.95, 0.99):
    begin = time.perf_counter()
    jax.block_until_ready(brief(eight[0], gamma=gamma))
    times.append(time.perf_counter() - begin)
    print(f"gamma {gamma:<4}: ≈ {times[-1]:.2f} seconds")
assert min(times[1:]) < times[0] / 2

# %% [markdown]
# The first call compiles; the other two only train. The sizes of layers, batch and memory cannot be traced,
# for XLA must know all shapes. They stay in the `Config`.
#
# ## A population
#
# What is traced can be mapped over. `vmap` over keys is the same training with eight seeds, and figure 7.1 is
# no longer a mystery. `vmap` over hyperparameters is a sweep.
#
# ### Your turn
#
# **3. Sweep** (5 minutes, medium). `train(key, gamma)` returns a number. Call it for every one of N keys with
# every one of M gammas, with `vmap` and without a loop. Return an array $[N, M]$.

# %% tags=["exercise"]
def sweep_all(train, keys, gammas):
    ...


exercises.check_sweep(sweep_all)

# %% cellView="form" jupyter={"source_hidden": true} tags=["solution"]
# @title Solution
def sweep_all(train, keys, gammas):
    over_gammas = jax.vmap(train, in_axes=(None, 0))
    return jax.vmap(over_gammas, in_axes=(0, None))(keys, gammas)


exercises.check_sweep(sweep_all, solution=True)

# %% [markdown]
# ### All cores
#
# `vmap` keeps one device busy. More devices, be they cores, GPUs or the hosts of a cluster, take a share of the
# seeds each. Seeds do not talk to one another, so it is enough to say how keys and results are cut. A `Mesh` lists the
# devices and gives their axis a name, here `seeds`; `PartitionSpec("seeds")` cuts the first axis into as many shares.
# Here with the 240 carts of figure 7.2:

# %%
mesh = Mesh(np.array(jax.devices()), ("seeds",))
cut = PartitionSpec("seeds")  # along the first axis
in_shares = jax.jit(jax.shard_map(jax.vmap(angles), mesh=mesh, in_specs=cut, out_specs=cut))
shared = in_shares(many_keys)
print(f"{shared.shape} on {len(shared.sharding.device_set)} of {len(jax.devices())} devices")

# %% [markdown]
# `ondevice.spread(train)` does the same with a training; it made figure 7.1. Is an agent the same alone and
# among eight?

# %%
by_itself = np.asarray(alone.evaluation_returns)
among_eight = np.asarray(trained.evaluation_returns[0])
for place in (0, 1, 2, 19):
    steps = (place + 1) * config.evaluate_every
    print(f"after {steps:6,} steps: ≈ {by_itself[place]:.0f} alone, ≈ {among_eight[place]:.0f} among eight")
assert abs(by_itself[0] - among_eight[0]) < 1

# %% [markdown]
# The same seed gives the same agent, up to rounding. XLA may add in another order when it compiles for one
# agent or for several, and DQN amplifies a last digit over thousands of updates: where the two columns differ,
# that is why. The tests of this package take the rounding away, and then the bits agree.
#
# ### Several machines
#
# Nothing changes but one line at the top. Each process calls the same program; `jax.devices()` then lists the
# devices of all of them, and each process holds its own share of the result.
#
# ```python
# jax.distributed.initialize("first-machine:1234", num_processes=2, process_id=0)  # 1 on the other
# result = ondevice.spread(train)(jax.random.split(jax.random.key(0), 4096))
# ```
#
# ## What is learned, stays
#
# Back to figure 7.1: the agents come and go, for thousands of steps at a time. What do they believe, at the end of
# their training? No policy can earn more from a start than 1 for each step, for ever:
# $1 + \gamma + \gamma^2 + \dots = 1 / (1 - \gamma) = 200$.

# %%
starts = jax.vmap(cartpole.reset)(jax.random.split(jax.random.key(7), 20))


def believed(population, config):
    """What each agent believes a start to be worth, at the end: the mean over 20 of them."""
    network = ondevice.make_network(config)

    def value(learner):
        q_values = network.apply(dqn.judged_params(learner), starts)
        return q_values.max(axis=-1).mean()

    return np.sort(jax.vmap(value)(population.learner))


worths = believed(trained, config)
print("worth of a start:", ", ".join(f"≈ {worth:.0f}" for worth in worths))
print(f"more than there is, in ≈ {(worths > 200).sum()} of 8 agents")
assert (worths > 200).sum() >= 5

# %% [markdown]
# They promise themselves more than there is. The target takes the *larger* of two noisy values, and the larger is more
# often one that errs upwards; the next target is built on it. Our guess, which no cell here tests: a good agent fills
# its memory with play in the middle of the track. Nothing corrects its too high values near the edge any more. It
# drifts there, and fails. Two small changes help.
#
# **Believe the smaller one.** There are two networks already. With
# [*clipped double Q-learning*](glossary.md#double-dqn) each action in the next state is worth the smaller of their two
# opinions: an error *upwards* should count only if both make it. In `td_loss` (notebook 05) that is one line,
# `next_q_values = jnp.minimum(next_q_values, online)`, where `online` is what the online network says of these actions.
#
# **Judge the average.** If the parameters wander around something good, take their middle: the average of all
# parameters so far, the later ones weighing more. Acting and learning go on as before. The average only listens, and
# it is what we judge and keep. Update $t$ moves it by $3 / (t + 2)$ of the way to the newest parameters: the first
# one replaces it, and later the last half of all updates always has seven eighths of the weight.

# %%
show_source(optim.Averaged)
show_source(optim.averaged)

# %% [markdown]
# It is an optimizer around an optimizer, as is usual in Optax: what it must remember travels in its state. No line
# that acts or learns knows of it; those that judge ask `dqn.judged_params(learner)`, which finds it there.
#
# `Config()`, the default, has both switched on. With them the agents also bear larger steps: a learning rate of 0.005
# instead of 0.003, and a target network that follows by 0.05 at each update instead of 0.02. The layers are 64 and 64
# here, the default's. Again eight agents, from the same keys. How many will hold less than 300 after 10,000 steps?

# %%
steady = Config(max_steps=20_000, evaluation_episodes=10)  # else the defaults
kept = ondevice.spread(ondevice.make_train(steady))(eight)
for name, population in (("figure 7.1", trained), ("the default", kept)):
    returns = np.asarray(population.evaluation_returns)  # [8, 20]; of the default's, of the averages
    early, late = (returns[:, :10] >= 475).any(axis=1), (returns[:, 10:] < 300).any(axis=1)
    print(f"{name}: ≈ {early.sum()} of 8 agents hold 475 steps within 10,000,", end=" ")
    print(f"≈ {late.sum()} of 8 hold less than 300 at some evaluation after that")
worths = believed(kept, steady)
print("worth of a start:", ", ".join(f"≈ {worth:.0f}" for worth in worths))
assert early.sum() >= 7 and late.sum() <= 1 and np.median(worths) > 200

# %% cellView="form" jupyter={"source_hidden": true} tags=["figure"]
# @title Draw figure 7.4
figure, row = figures.axes(2, height=3.0, sharey=True)
populations = {"figure 7.1": trained, "the default": kept}
for ax, (title, population) in zip(row, populations.items(), strict=True):
    runs = zip(np.asarray(population.evaluation_steps), np.asarray(population.evaluation_returns), strict=True)
    figures.learning_curves(ax, list(runs), "greedy return", ceiling=500)
    ax.set(title=title, xlabel="Environment steps", ylim=(0, 520), xticks=(0, 10_000, 20_000))
row[0].set_ylabel("Return (steps balanced)")
figure.legend(*row[0].get_legend_handles_labels(), loc="outside upper center")
figures.show(
    figure,
    alt="Learning curves of eight agents, twice. On the left single runs come and go until the end, and the median sags "
    "to 160. On the right seven are at the dashed ceiling of 500 from step 6,000 on, and all from step 9,000 on.",
)

# %% [markdown]
# *Figure 7.4. Left the eight agents of figure 7.1. Right the same keys with both ideas, larger steps, and layers of
# 64 and 64.* From step 9,000 on, what is learned stays; before that, single agents still lose it. Look at the
# printed values once more (the later *worth of a start* asks the average). Most are somewhat truer, and nearly all
# are still too high. (The target network follows the online one, so they may well share most of their errors.) So
# truer values can be a part of the reason at most. A greedy agent needs no true values, either; it needs the *order*
# of two of them.
#
# So one hardly has to choose the best moment any more. Here is the first agent's average as it is at the end, on
# Gymnasium's CartPole:

# %%
averages = jax.vmap(dqn.judged_params)(kept.learner)
first_agent = jax.tree.map(lambda leaf: leaf[0], averages)
returns = loop.evaluate(first_agent, env, episodes=20, seed=99, network=ondevice.make_network(steady))
print(f"20 episodes on Gymnasium: mean ≈ {returns.mean():.0f} steps, the shortest ≈ {returns.min():.0f}")
assert returns.mean() > 450

# %% [markdown]
# Eight agents are few, and we changed several things at once. So here is each idea alone, with the default's layers:
# four sets of 64 agents and 30,000 steps, on a GPU (`benchmarks/RESULTS.md`, part d):
#
# | | solved within 10,000 steps, of 64 | hold 475 at the end, by what is judged, of 64 |
# |---|---|---|
# | neither | 53 to 57 | 59 to 62 |
# | larger steps alone | 62 to 64 | 56 to 61 |
# | the average alone | 52 to 55 | 60 to 64 |
# | clipped double Q-learning alone | 62 to 64 | 58 to 63 |
# | both | 56 to 61 | 64 |
# | both, and larger steps | 64 | 64 |
#
# At the end most agents of every row are good: the learning rate has fallen to nothing by then. (The table does not
# count who comes and goes on the way.) Alone, neither idea keeps many more agents; together they keep all 256. It is
# the average that stays: by its last parameters the network that acts holds 475 in 58 to 63 of the last row. Larger
# steps alone cost agents; with both ideas they cost none, and every agent is fast.
#
# Is "all" too good to be true? Of 12,544 others, with seeds that nothing had seen, 12,535 were solved within 10,000
# steps, and 12,501 hold 475 at the end (11,892 by their last parameters, 12,543 by their best). So one agent in 300
# still leaves at the wrong moment, and four sets of 64 were too few to show it. Would larger batches keep them, whose
# gradients are less noisy? On the contrary: with 16, 32, 64 and 128 transitions in a batch, 3, 8, 16 and 51 of 2,048
# agents do not hold 475 at the end.
#
# ## Drag it
#
# Eight agents of the default, but with a smaller network and 3,000 steps, retrained whenever you let a slider go. (So
# few steps are too few for them to settle: in figure 7.4 all of them stay from step 9,000 on.) The last curve stays,
# in grey. Epsilon always begins at 1, and has fallen to the slider's value after 1,000 steps. First move it by one
# notch only, from 0.20 to 0.21, and look how much the curve changes: so large is the *noise*. A real effect must be
# larger.
#
# Then guess before you drag. At which epsilon do the agents stop learning? At which gamma are they too
# short-sighted?

# %% cellView="form" jupyter={"source_hidden": true} tags=["figure"]
# @title The panel's drawing
live = Config(
    hidden=(32, 32), warmup_steps=500, epsilon_steps=1_000, max_steps=3_000, evaluate_every=500, evaluation_episodes=5
)
retrain = ondevice.spread(ondevice.make_train(live))
shown_before = []  # the last curve, to be drawn in grey


def draw_population(epsilon, gamma):
    """Eight agents with these hyperparameters, and what was shown before."""
    result = retrain(eight, epsilon=epsilon, gamma=gamma)
    median = np.median(np.asarray(result.evaluation_returns), axis=0)
    figure, ax = draw_curves(result, height=3.2)
    if shown_before:
        steps = np.asarray(result.evaluation_steps)[0]
        ax.plot(steps, shown_before[0], color=figures.COLORS["random"], linewidth=2, label="median before")
    figure.legend(loc="outside upper center", ncols=2)
    shown_before[:] = [median]
    said = f"epsilon {epsilon:.2f}, gamma {gamma:.3f}: in the end half of the agents hold {median[-1]:.0f} steps"
    return figures.png(figure), said


# %%
panels.panel(
    draw_population,
    "Greedy learning curves of eight agents with the chosen epsilon and gamma, and in grey the last median.",
    epsilon=panels.slider("final epsilon", live.final_epsilon, 0.0, 1.0),
    gamma=panels.slider("gamma", live.gamma, 0.0, 1.0, 0.005),
)

# %% [markdown]
# And now all settings at once: five values of gamma, four of epsilon, four seeds each. 80 agents of 6,000 steps, in
# one call, without the two ideas, so that nothing but gamma and epsilon is at work. As the score of an agent we take
# its mean return over the last three evaluations.

# %%
gammas, epsilons = [0.0, 0.5, 0.8, 0.95, 0.995], [0.0, 0.2, 0.6, 1.0]
grid = np.array([(g, e) for g in gammas for e in epsilons for _ in range(4)], np.float32)
keys = jnp.tile(jax.random.split(jax.random.key(5), 4), 20)
small = config._replace(hidden=(32, 32), max_steps=6_000, epsilon_steps=2_000, evaluation_episodes=5)
sweep = ondevice.spread(ondevice.make_train(small))
swept = sweep(keys, gamma=grid[:, 0], epsilon=grid[:, 1])
scores = np.asarray(swept.evaluation_returns)[:, -3:].mean(axis=1).reshape(5, 4, 4)  # gamma, epsilon, seed

# %% cellView="form" jupyter={"source_hidden": true} tags=["figure"]
# @title Draw figure 7.5
figure, ax = figures.axes(height=3.6)
ax.grid(False)
middle = np.median(scores, axis=2)
mesh_of_squares = ax.imshow(middle.T, origin="lower", cmap="viridis", vmin=0, vmax=500, aspect="auto")
for (i, j), value in np.ndenumerate(middle):
    said = f"{value:.0f}\n({scores[i, j].min():.0f} to {scores[i, j].max():.0f})"
    ax.text(i, j, said, ha="center", va="center", color="white" if value < 220 else "black", fontsize=9)
ax.set_xticks(range(len(gammas)), gammas)
ax.set_yticks(range(len(epsilons)), epsilons)
ax.set(xlabel="gamma", ylabel="Final epsilon")
figure.colorbar(mesh_of_squares, label="Return (steps balanced)")
figures.show(
    figure,
    alt="Heat map of the median return for five gammas and four epsilons. The column of gamma 0 is dark, at 19 to 24 "
    "steps; that of 0.5 is dim, at 85 to 173; from 0.8 on the squares lie between 260 and 430, in no order.",
)

# %% [markdown]
# *Figure 7.5. The median of four seeds a square; in brackets the worst and the best.* The ranges are wide, so
# compare whole columns (16 agents each) and whole rows (12 each, gamma 0 and 0.5 left out):

# %%
columns = [np.median(scores[i]) for i in range(5)]
rows = [np.median(scores[2:, j]) for j in range(4)]
for name, values, medians in (("gamma", gammas, columns), ("epsilon", epsilons, rows)):
    print(", ".join(f"{name} {v}: ≈ {m:.0f}" for v, m in zip(values, medians, strict=True)))
assert columns[0] < 50 and columns[0] < columns[1] < min(columns[2:]) and min(rows) > 150

# %% [markdown]
# With gamma 0 an agent sees one reward of 1, the same for both actions: it learns nothing. With 0.5 it does
# not look far enough ahead. And 0.8, which looks five steps ahead? In 6,000 steps it does no worse than 0.995, as
# far as sixteen agents a column can tell. So this figure does not show that a long horizon is needed.
#
# And epsilon? There is none at which the agents stop learning. At 1 every push of the training is a coin's, and still
# the greedy player learns. Q-learning is [*off-policy*](glossary.md#off-policy): whoever plays, it learns what the
# greedy player would earn. (Do not carry this over to other tasks: where random play never gets far, neither would
# its memory.)
#
# Which epsilon is best? Twelve agents a row cannot tell. We ran the three right columns once more, with another key and
# 32 seeds a square (`benchmarks/RESULTS.md`, part e): the rows' medians were 293, 299, 338 and 342, from epsilon 0 up
# to 1. So there is something to gain from the coin, and it is small beside the luck of the seeds. Then we drew four of
# these seeds at random, again and again: the row of 1 led that of 0 by 50 steps in every second draw, and in more than
# every fourth it lay *behind*. Whatever the squares show here, it could have been the other way round.
#
# ## Recap
#
# - An environment is a function `(state, action) -> (next_state, reward, is_terminal)`. Then `jit` and `vmap`
#   apply.
# - `lax.scan` is the loop inside `jit`: a carry, a body, a fixed length. `where` replaces `if`, auto-reset
#   replaces `break`.
# - The memory stores what physics gave; the agent goes on from the reset.
# - Traced values change for free, static ones compile anew. Epsilon, gamma and learning rate are traced.
# - `vmap` gives a population, `shard_map` spreads it over all that computes. One function, from one core to
#   many hosts.
# - What is learned mostly stays if a target believes, for each action, the smaller of two networks, and if the average
#   of the parameters is judged and kept.
# - When a run is cheap, show many. A median with its quartiles says what one curve cannot.
#
# ## Questions
#
# <details><summary>Why does the scan draw its batches with replacement, when notebook 02 took care not to?</summary>
#
# To draw without replacement means to shuffle, or to check for collisions, and both are slow inside `jit`. With
# 32 of 10,000, one batch in twenty has a pair. The mean of the gradient is the same; its variance grows by
# about 32/10,000 of it.
# </details>
#
# <details><summary>Could epsilon be static, and gamma traced?</summary>
#
# Yes; it would only compile again for each new epsilon. Whatever is hashable may be static: a number, a name, a Config,
# but no array. Only what decides shapes, or is asked by a Python `if`, must be.
# </details>
#
# <details><summary>The average only listens. Could the agent not act, or build its targets, with it?</summary>
#
# It could. But the average lags behind: for long it is made of networks that knew little, and so would its play be. As
# a target network it would be one that follows ever more slowly. Both are worth a try: acting is one line of
# `ondevice.make_step`, and the target's next parameters are one line of `dqn.make_train_step`.
# </details>
#
# <details><summary>Under vmap, does an agent that has solved the task stop computing?</summary>
#
# No. All agents of a population march in step for the whole length of the scan. That is the price of one program for
# all, and why `stop_at_return` belongs to the Python loop. Under `vmap`, `lax.cond` too computes both sides and picks
# one, if each agent has a condition of its own, as "is my episode over?" is. The warm-up is none: how many transitions
# are stored depends on no key, so JAX sees that it is one number for all, and skips the learning for all at once.
# </details>
#
# <details><summary>The best weights were chosen by ten episodes. Why judge them on Gymnasium, and not by
# <code>max(evaluation_returns)</code>?</summary>
#
# The highest of twenty noisy scores flatters (notebook 06, question 1). And it was our own physics that gave
# it: only the original can say that we copied it well.
# </details>
#
# ## Further reading
#
# - Hessel et al., [*Podracer architectures for scalable reinforcement learning*](https://arxiv.org/abs/2104.06272)
#   (2021): "Anakin" is this notebook's idea on TPUs.
# - Lu et al., [*Discovered policy optimisation*](https://arxiv.org/abs/2210.05639) (2022), which introduced
#   [PureJaxRL](https://github.com/luchris429/purejaxrl): whole trainings as one function.
# - Fujimoto et al.,
#   [*Addressing function approximation error in actor-critic methods*](https://arxiv.org/abs/1802.09477) (2018):
#   clipped double Q-learning, there for two networks that judge a third one's actions.
# - Shamir and Zhang, [*Stochastic gradient descent for non-smooth optimization*](https://arxiv.org/abs/1212.1824)
#   (2013): averages that forget their beginning, and by how little the last parameters may be worse.
# - [Gymnax](https://github.com/RobertTLange/gymnax): many classic environments as pure functions.
# - JAX's guide to [`shard_map`](https://docs.jax.dev/en/latest/notebooks/shard_map.html), for devices that do
#   talk to one another.
#
# **Next:** [08 · Bug hunt](08_bug_hunt.ipynb). You have a training that takes seconds. What better use for it
# than to break it on purpose?
