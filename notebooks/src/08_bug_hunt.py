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
# # 08 · Bug hunt
#
# A program with a bug usually stops, or prints nonsense. A learning program with a bug learns a little less. It fails
# in silence, and you blame the learning rate. The blog post that this series follows is full of such bugs, and its
# curve still rises. Here you put thirteen bugs into one training, one at a time, look at what they do, and *measure*
# what they cost. Not every bug that looks terrible costs anything. That too is worth knowing.
#
# - **What you will build:** a training with a switch for each bug, detectors, and a figure of what every bug costs.
# - **What you will learn:** to tell bugs by their symptoms; which are fatal, which are free; how many seeds it
#   takes to say so; why "it learns" proves little.
# - **What you need:** notebooks 05 and 07.
# - **Time:** 45 minutes, about one of them waiting.

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
import time
from functools import lru_cache, partial
from typing import Any, NamedTuple

import ipywidgets
import jax
import jax.numpy as jnp
import numpy as np
import optax
from jax.sharding import Mesh, PartitionSpec

from rl_jax import cartpole, dqn, plotting, widgets
from rl_jax.replay import ArrayMemory, Transition
from rl_jax.typing import JaxTensor, Params

with contextlib.suppress(RuntimeError):  # two share the seeds, as in notebook 07
    jax.config.update("jax_num_cpu_devices", 2)

# %% [markdown]
# ## A training with switches
#
# Thirteen copies of a training would be hard to compare, and would compile thirteen times. So there is one, notebook
# 07's scan, and at each place where a bug can sit, a `jnp.where(bugs.x, wrong, right)` (once, where the wrong way
# costs more, a `lax.cond`). The switches are *traced*: all variants are one compiled program, and with the same key
# they see the same luck, up to the bug.

# %% tags=["training"]
class Bugs(NamedTuple):
    """What to do wrong. Without arguments: nothing."""

    terminal_target_0: Any = False  # the blog post's
    loss_is_a_sum: Any = False
    coin_decides_side: Any = False
    key_used_twice: Any = False
    test_explores: Any = False
    unseeded: Any = 0  # a number that no seed knows
    time_is_up_means_fell: Any = False  # and planted ones
    column_against_row: Any = False
    online_target: Any = False
    gradient_through_target: Any = False
    stored_by_reference: Any = False
    target_never_updated: Any = False
    learning_rate_too_high: Any = False
    sgd: Any = 0.0  # no bug but a setting: 0 is Adam, else the learning rate of plain SGD
    limit: Any = 500  # another one: steps until time is up

# %% [markdown]
# Read the next cells as a detective would: every `where` is a scene of crime. First the action, and then the loss,
# which has five of them.

# %% tags=["training"]
STEPS, EVERY, EPISODES, SEEDS = 6_000, 1_000, 8, 16
GAMMA, EPSILON, TAU, BATCH, RATE, WARM_UP = 0.995, 0.2, 0.02, 32, 3e-3, 500
network = dqn.make_network(hidden=(32, 32), observation_scale=(0.5, 0.5, 5.0, 0.5))
adam = optax.adam(1.0)


def act(key, q_values, bugs):
    """Epsilon-greedy: a coin says whether to explore, a second one to which side."""
    coin_key, side_key = jax.random.split(key)
    side = jax.random.bernoulli(side_key).astype(int)
    side = jnp.where(bugs.coin_decides_side, jax.random.bernoulli(coin_key), side)
    side = jnp.where(bugs.key_used_twice, jax.random.randint(coin_key, (), 0, 2), side)
    return jnp.where(jax.random.bernoulli(coin_key, EPSILON), side, jnp.argmax(q_values))

# %% tags=["training"]
def choose(condition, yes: Params, no: Params) -> Params:
    return jax.tree.map(lambda a, b: jnp.where(condition, a, b), yes, no)


def loss(params, target_params, batch, bugs, stop=jax.lax.stop_gradient):
    """Mean squared distance to the Bellman target."""
    q_taken = network.apply(params, batch.state)[jnp.arange(BATCH), batch.action]
    own = bugs.online_target | bugs.gradient_through_target
    future = network.apply(choose(own, params, target_params), batch.next_state).max(-1)
    targets = batch.reward + GAMMA * jnp.where(batch.is_terminal, 0.0, future)
    targets = jnp.where(bugs.terminal_target_0 & batch.is_terminal, 0.0, targets)
    targets = stop(targets)
    errors = (targets - q_taken)[:, None]  # [B, 1]
    errors = jnp.where(bugs.column_against_row, targets[:, None] - q_taken, errors)  # [B, B]
    return jnp.mean(errors**2) * jnp.where(bugs.loss_is_a_sum, BATCH, 1)

# %% [markdown]
# One update, and one step of everything.

# %% tags=["training"]
class Agent(NamedTuple):
    params: Params
    target_params: Params
    opt_state: optax.OptState
    memory: ArrayMemory
    state: JaxTensor
    age: JaxTensor  # steps of this episode so far


def learn(agent, batch, rate, bugs):
    """One update; plain SGD does not see Adam's rate, only whether it is 0."""
    given = agent.params, agent.target_params, batch, bugs
    leaky_loss = partial(loss, stop=lambda targets: targets)
    grads = jax.lax.cond(  # a second backward pass only for the bug that needs one
        bugs.gradient_through_target,
        lambda: jax.grad(leaky_loss)(*given), lambda: jax.grad(loss)(*given),
    )
    updates, opt_state = adam.update(grads, agent.opt_state)
    updates = choose(bugs.sgd > 0, jax.tree.map(lambda g: -bugs.sgd / RATE * g, grads), updates)
    params = jax.tree.map(lambda p, u: p + rate * u, agent.params, updates)
    tau = jnp.where(bugs.target_never_updated, 0.0, TAU)
    target_params = optax.incremental_update(params, agent.target_params, tau)
    return agent._replace(params=params, target_params=target_params, opt_state=opt_state)

# %% tags=["training"]
def step(bugs, agent, key_and_time):
    """Act, remember, learn: what `lax.scan` repeats."""
    (key, now), limit = key_and_time, bugs.limit
    act_key, sample_key, reset_key = jax.random.split(key, 3)
    action = act(act_key, network.apply(agent.params, agent.state), bugs)
    next_state, reward, fell = cartpole.step(agent.state, action)
    state, age, late = cartpole.auto_reset(reset_key, next_state, fell, agent.age + 1, limit)
    is_terminal = fell | (late & bugs.time_is_up_means_fell)
    memory = agent.memory.experience(
        Transition(agent.state, next_state, action, reward, is_terminal)
    )
    batch = memory.sample_batch(jax.random.fold_in(sample_key, bugs.unseeded), BATCH)
    batch = batch._replace(
        state=jnp.where(bugs.stored_by_reference, next_state, batch.state),
        next_state=jnp.where(bugs.stored_by_reference, next_state, batch.next_state),
    )
    rate = RATE * (1 - now / STEPS) * (now >= WARM_UP)  # a falling rate, as in notebook 07
    rate = jnp.where(bugs.learning_rate_too_high, 30 * rate, rate)
    return learn(agent, batch, rate, bugs)._replace(memory=memory, state=state, age=age), None

# %% [markdown]
# Then the judge: how long does a greedy episode last? (Its first two lines make the coins that only a buggy judge
# uses.) The judge also asks what the network thinks of two states: a pole upright and at rest, and one that is about
# to fall. A good detective asks the network, not only the score.

# %% tags=["training"]
PROBES = jnp.array([[0.0, 0.0, 0.0, 0.0], [0.0, 0.0, 0.2, 2.0]])  # upright; nearly fallen


def play(params, bugs, key):
    """Steps that one episode lasts, 500 at the most."""
    start_key, coin_key, side_key = jax.random.split(key, 3)
    coins = jax.random.bernoulli(coin_key, EPSILON, (500,)) & bugs.test_explores
    sides = jax.random.bernoulli(side_key, 0.5, (500,))

    def push(carry, coin_and_side):
        (state, standing), (coin, side) = carry, coin_and_side
        action = jnp.where(coin, side, jnp.argmax(network.apply(params, state)))
        next_state, _, fell = cartpole.step(state, action)
        return (next_state, standing & ~fell), standing

    start = cartpole.reset(start_key), jnp.bool_(True)
    return jax.lax.scan(push, start, (coins, sides))[1].sum()

# %% tags=["training"]
def train(key, bugs):
    """Greedy episodes' lengths [evals, EPISODES], and values [evals, 2] of the two probes."""
    init_key, start_key, step_key, test_key = jax.random.split(key, 4)
    params, state = network.init(init_key, jnp.zeros(4)), cartpole.reset(start_key)
    example = Transition(state, state, jnp.int32(0), jnp.float32(0), jnp.bool_(False))
    memory = ArrayMemory.empty(STEPS, example)
    agent = Agent(params, params, adam.init(params), memory, state, jnp.int32(0))

    def piece(agent, keys_and_times):
        steps, test_key = keys_and_times
        agent, _ = jax.lax.scan(partial(step, bugs), agent, steps)
        starts = jax.random.split(test_key, EPISODES)
        lengths = jax.vmap(partial(play, agent.params, bugs))(starts)
        return agent, (lengths, network.apply(agent.params, PROBES).max(-1))

    evals = STEPS // EVERY
    steps = jax.random.split(step_key, (evals, EVERY)), jnp.arange(STEPS).reshape(evals, EVERY)
    return jax.lax.scan(piece, agent, (steps, jax.random.split(test_key, evals)))[1]

# %% [markdown]
# Finally sixteen seeds at once, half of them on each of two devices. `run` remembers what it has run, so asking twice
# is free.

# %% tags=["training"]
seeds = PartitionSpec("seeds")
population = jax.jit(jax.shard_map(
    jax.vmap(train, (0, None)), mesh=Mesh(np.array(jax.devices()[:2]), ("seeds",)),
    in_specs=(seeds, PartitionSpec()), out_specs=seeds, check_vma=False,
), compiler_options={"xla_backend_optimization_level": 1})  # as fast here, compiled in half the time


@lru_cache
def run(seed=0, **switches):
    """Lengths [SEEDS, evals, EPISODES] and probe values [SEEDS, evals, 2] with these bugs."""
    keys = jax.random.split(jax.random.key(seed), SEEDS)
    return tuple(map(np.asarray, population(keys, jax.tree.map(jnp.asarray, Bugs(**switches)))))


lengths, values = run()
print("lengths:", lengths.shape, "| values:", values.shape)

# %% [markdown]
# ## What is a difference?
#
# DQN's luck is large: two seeds of the same program differ more than many a bug. Three habits help.
#
# - **Pairs.** Seed 3 with the bug is compared with seed 3 without it.
# - **A score with little noise.** We count each greedy episode up to 200 steps, and average over the second half of the
#   training. Why not up to 500? Within 6,000 steps the right program holds 200 reliably, and 500 now and then. A bug shows
#   best where the right program does not gamble.
# - **An interval.** The mean of 16 differences is itself a matter of luck. The
#   [*bootstrap*](glossary.md#bootstrap-interval) draws 16 of the 16 differences with replacement, many times, and sees how
#   far the mean moves.

# %% tags=["training"]
def score(lengths, cap=200):
    """[SEEDS]: mean length of the later half's episodes, each counted up to the cap."""
    return np.minimum(lengths, cap)[:, lengths.shape[1] // 2 :].mean((1, 2))


def effect(bug, value=True, **setting):
    """Steps gained by the bug: the mean over paired seeds and the ends of its 95 % interval."""
    right, wrong = run(**setting)[0], run(**{bug: value}, **setting)[0]
    difference = score(wrong) - score(right)
    draws = np.random.default_rng(0).choice(difference, (4_000, SEEDS)).mean(1)
    return difference.mean(), *np.quantile(draws, [0.025, 0.975])

# %% [markdown]
# Before we break it: does it work, and would we notice if somebody broke it?

# %%
print("the right program holds more than 170 of 200 steps:", bool(score(lengths).mean() > 170))
print("four of five seeds or more are above 150:", bool((score(lengths) > 150).mean() >= 0.8))

# %% [markdown]
# ## The line-up
#
# Three of the thirteen were switched on, one in each panel. All three programs run without a warning. Before you read
# on: what could each one be? Guess, and write it down.

# %%
def curves(ax, label, color, **switches):
    lengths = run(**switches)[0]
    steps = np.arange(1, lengths.shape[1] + 1) * EVERY
    runs = [(steps, np.minimum(agent, 200).mean(1)) for agent in lengths]
    figures.learning_curves(ax, runs, label, color, ceiling=200)
    ax.set(xlabel="Steps", ylim=(0, 210))


figure, row = figures.axes(3, height=2.8, sharey=True)
suspects = ({"loss_is_a_sum": True, "sgd": 0.1}, {"column_against_row": True}, {"target_never_updated": True})
for ax, name, switches in zip(row, "ABC", suspects, strict=True):
    curves(ax, "right", figures.COLORS["online"], **{k: v for k, v in switches.items() if k == "sgd"})
    curves(ax, "with a bug", figures.COLORS["target"], **switches)
    ax.set(title=f"Suspect {name}")
row[0].set_ylabel("Steps balanced (of 200)")
figures.show(figure, alt="Three panels of learning curves. In panels B and C the right program soon reaches the dashed ceiling at 200; in panel A it wavers between 50 and 100. The one with a bug stays at about 10 in all three.")

# %% [markdown]
# *Figure 8.1. Three bugs, 16 seeds each, with and without. Counted up to 200 steps.* A curve says that something is
# wrong; it seldom says what. So interrogate the networks. What do they think of a pole that stands, and of one that
# is nearly on the ground? With $\gamma = 0.995$ the truth for the first is near 200 at most; for the second it is 2
# or 3, whatever you do.

# %%
def opinion(values):
    """What most of the networks hold of a standing and of a falling pole, in words."""
    upright, falling = np.median(values[:, -1], axis=0)
    if np.isnan(upright):
        return "NaN"
    alike = "both alike" if abs(upright - falling) < 3 else "the standing one higher"
    return alike + (": above 50" if upright > 50 else ": below 5" if upright < 5 else ": 5 to 50")


print("right:", opinion(run()[1]))
for name, switches in zip("ABC", suspects, strict=True):
    print(f"{name}:    ", opinion(run(**switches)[1]))

# %% [markdown]
# Now the names can be told.
#
# ### A: the mean that is a sum
#
# All values are NaN, and `argmax` of NaN is 0. Such an agent pushes to the left for ever and falls after nine or ten
# steps. In a plot of returns it looks like one that has not learned *yet*. The blog post's `mse(...,
# reduction="mean")` took the mean over the wrong axis and summed over the batch, so that its learning rate of 0.001
# acted 32 times as large.

# %%
lengths, values = run(loss_is_a_sum=True, sgd=0.1)
print("most of 16 are NaN:", bool(np.isnan(values[:, -1, 0]).sum() >= 10))
print("the greedy action of two NaN:", int(jnp.argmax(jnp.array([jnp.nan, jnp.nan]))))

# %% [markdown]
# And with Adam? Adam divides each gradient by its own size, and a gradient 32 times as large is divided by 32 times
# as much. Before you run it: what should be left of the effect?

# %%
_, low, high = effect("loss_is_a_sum", sgd=0.1)
print("SGD, at least 40 steps lost:", bool(high < -40))
_, low, high = effect("loss_is_a_sum")
print("Adam, within 25 steps of nothing:", bool(-25 < low and high < 25))

# %% [markdown]
# The same bug, fatal or free, and the choice of the optimizer decides. **Check:** the loss of a batch repeated twice
# must be the loss of the batch.

# %%
def is_a_mean(mse):
    once = jnp.array([1.0, 2.0]), jnp.array([0.0, 0.0])
    return bool(jnp.isclose(mse(*once), mse(*(jnp.tile(x, 2) for x in once))))


print("a mean:", is_a_mean(lambda y, q: jnp.mean((y - q) ** 2)))
print("a sum: ", is_a_mean(lambda y, q: jnp.mean(jnp.sum((y - q) ** 2, axis=-1))))

# %% [markdown]
# ### B: a column against a row
#
# Suspect B has one opinion about everything: a standing pole and a falling one are worth the same. Somewhere targets
# `[32, 1]` met predictions `[32]`. NumPy's rules make that a table of 32 x 32 differences, every prediction against
# every target, and no error is raised. The best answer to all targets at once is their mean.

# %%
targets, q_taken = jnp.array([[1.0], [3.0]]), jnp.array([1.0, 3.0])
print("perfect predictions, and a loss of", jnp.mean((targets - q_taken) ** 2))
_, low, high = effect("column_against_row")
print("at least 50 steps lost:", bool(high < -50))

# %% [markdown]
# **Check:** compare shapes, exactly, before you subtract (exercise 3). `nn.losses.mse` does.
#
# ### C: the target network that was never updated
#
# C's values are small, and they stay small. Its targets come from the network as it was at birth, which thinks that
# nothing is worth anything. So it learns the first step of the Bellman recursion, and never the second. **Check:**
# does the value of the upright pole grow from evaluation to evaluation?

# %%
upright = np.median(run(target_never_updated=True)[1][:, :, 0], axis=0)
print("C's value of an upright pole ever exceeds 10:", bool(upright.max() > 10))
_, low, high = effect("target_never_updated")
print("at least 50 steps lost:", bool(high < -50))

# %% [markdown]
# ## Whose target is it?
#
# Two relatives of C. The *online network in the target*: there is no second network at all. And *the gradient through
# the target*: in addition somebody forgot `stop_gradient`, as notebook 05 warned. Guess which of the two is worse.

# %%
figure, row = figures.axes(2, height=2.8, sharey=True)
for ax, bug in zip(row, ("online_target", "gradient_through_target"), strict=True):
    curves(ax, "right", figures.COLORS["online"])
    curves(ax, "with the bug", figures.COLORS["target"], **{bug: True})
    ax.set(title=bug.replace("_", " "))
row[0].set_ylabel("Steps balanced (of 200)")
figures.show(figure, alt="Two panels. With the online network in the target the curve runs close to the right one; with the gradient through the target it stays clearly below.")

# %% [markdown]
# *Figure 8.2. Left, two curves that are hard to tell apart; right, a bug that learns, but less.*

# %%
_, low, high = effect("online_target")
print("online target: its interval reaches above -5:", bool(high > -5))
mean, low, high = effect("gradient_through_target")
print("gradient through the target: more than 5 steps lost:", bool(mean < -5))

# %% [markdown]
# By its score the first would be acquitted. Now ask the networks. Rewards are 1, so no pole that ever stood is worth
# more than $1 / (1 - \gamma) = 200$.

# %%
def upright_value(bug=None):
    return np.median(run(**({bug: True} if bug else {}))[1][:, -1, 0])


print("right: between 60 and 200:", bool(60 < upright_value() < 200))
print("online target: impossible, above 200:", bool(upright_value("online_target") > 200))
print("gradient through the target: too timid, below 40:", bool(upright_value("gradient_through_target") < 40))

# %% [markdown]
# The dog that chases its tail has run far above everything that is possible, and it still balances: `argmax` only
# asks which action is better. It got away with it in this task, for so long. The leak does the opposite. It draws
# value and target towards one another, so values stay far too small, and here it shows in the score.
#
# **Check, for the first:** no value may exceed the largest reward divided by $1 - \gamma$. Nobody has to know the
# task for that.
#
# **Check, for the second:** ask for a gradient where there must be none. Differentiate the *target* with respect to
# the parameters: there should be nothing. Here with one weight, $Q(\phi) = w \phi$:

# %%
def target(w, stop=jax.lax.stop_gradient):
    return stop(1.0 + GAMMA * w * 2.0)


leaky = partial(target, stop=lambda y: y)
print("stopped:", jax.grad(target)(3.0), "| leaking:", round(float(jax.grad(leaky)(3.0)), 2))

# %% [markdown]
# ## What the memory remembers
#
# Many simulators write each new observation into the same array, to save time. If you store the array, and not a
# copy, what does the memory hold after three steps?

# %%
observation, remembered = np.zeros(1), []
for position in (1.0, 2.0, 3.0):
    observation[:] = position  # the simulator moves on
    remembered.append(observation)
print("by reference:", [float(x[0]) for x in remembered])

# %% [markdown]
# Three times the present. In our training the switch does just that: states and next states of every batch are the
# current observation, while rewards and actions are the remembered ones.

# %%
_, low, high = effect("stored_by_reference")
print("at least 50 steps lost:", bool(high < -50))

# %% [markdown]
# **Check:** a batch of 32 whose states are all equal does not occur by chance. `ReplayMemory` copies.

# %%
def all_alike(states):
    return bool((np.asarray(states) == np.asarray(states)[0]).all())


print("by reference:", all_alike(remembered), "| copied:", all_alike([np.ones(1), np.zeros(1)]))

# %% [markdown]
# ## The end of an episode
#
# The blog post sets a terminal target to 0 instead of $r$. And many programs take *time is up* for *fell*. What do
# these two cost? We also try the second one with a limit of 50 steps, so that time is up often.

# %%
fell, late = "terminal_target_0", "time_is_up_means_fell"
for bug, setting in ((fell, {}), (late, {}), (late, {"limit": 50})):
    mean, low, high = effect(bug, **setting)
    at = "limit 50" if setting else "limit 500"
    print(f"{bug}, {at}: a clear loss, 50 steps or more:", bool(low < -50))

# %% [markdown]
# No effect that 16 seeds can show. The terminal target is 0 instead of 1, where all others lie far above. And a limit
# of 500 steps hardly matters to agents that are only just learning to hold 200. A limit of 50 does; there the
# interval is wide, and other sixteens moved it to either side. Both are wrong all the same: in a game with its only reward at the
# end, a terminal target of 0 deletes the reward; in a task of survival, *time is up* teaches that standing upright
# may be deadly.
#
# **Check:** put one terminal row through your target (exercise 2), and one that was cut off.
#
# ## Keys and coins
#
# `coin_decides_side`: the coin "shall I explore?" and the second one "to which side?" come from one key, both by
# `bernoulli`. Both compare *the same* uniform number: the first with epsilon, 0.2, the second with 0.5. So what does
# the explorer do?

# %%
keys = jax.random.split(jax.random.key(0), 10_000)
coins = jax.vmap(partial(jax.random.bernoulli, p=EPSILON))(keys)
sides = {
    "bernoulli": jax.vmap(jax.random.bernoulli)(keys),
    "randint": jax.vmap(lambda key: jax.random.randint(key, (), 0, 2))(keys),
}
for name, side in sides.items():
    print(f"{name}: of the random pushes, {float(side[coins].mean()):.1f} go to the right")

# %% [markdown]
# With `bernoulli` every random push goes to the right. The blog post's own `randint` derives new keys from its key
# before it draws, so its pushes are fair, by luck. JAX calls both of them wrong if you ask it to:

# %%
coin_and_side = lambda key: (jax.random.uniform(key), jax.random.randint(key, (), 0, 2))
with jax.debug_key_reuse(True):
    try:
        jax.jit(coin_and_side)(jax.random.key(0))
    except jax.errors.KeyReuseError as error:
        print(type(error).__name__)

# %%
_, low, high = effect("key_used_twice")
print("the post's key used twice: within 25 steps of nothing:", bool(-25 < low and high < 25))
mean, low, high = effect("coin_decides_side")
print("the one-sided coin: costs less than a third of a fatal bug:", bool(mean > -60))

# %% [markdown]
# The one-sided coin looks terrible and costs little: the greedy moves push to both sides anyway, and these random ones
# are one in five. Does it cost anything? Its interval is wide, for one or two agents fail altogether, and whether such
# an agent is among your sixteen is luck. We asked six sixteens: five intervals had room for zero and one had not, and
# all 96 seeds together lose some 16 steps. So there is an effect, and 16 seeds do not show it. (Numbers 0 and 2 to 6 in
# the panel below; see for yourself.) The post's version costs nothing that 16 seeds can show. **Check:** run with
# `jax_debug_key_reuse` once, and count the sides of your random actions.
#
# ## Can it be repeated?
#
# The blog post praises JAX's keys, and samples its memory with Python's `random`, unseeded. Train twice with the same
# seed, and then twice with a different luck for the memory:

# %%
same = population(jax.random.split(jax.random.key(0), SEEDS), jax.tree.map(jnp.asarray, Bugs()))
print("seeded:   the same to the last bit:", np.array_equal(same[1], run()[1]))
print("unseeded: the same to the last bit:", np.array_equal(run(unseeded=7)[1], run()[1]))
_, low, high = effect("unseeded", value=7)
print("unseeded, within 25 steps of nothing:", bool(-25 < low and high < 25))

# %% [markdown]
# Learning does not suffer. You do: a bug that you cannot repeat is one that you cannot hunt.
#
# ## The judge
#
# Two bugs train the very same agents and only judge them wrongly. The post's 100-step cap calls a run of 100 steps
# solved:

# %%
lengths = run()[0][:, -1]  # the last evaluation of each agent
print("hold the cap of 100 steps: at least three of four:", bool((lengths.clip(max=100).mean(1) > 97).mean() > 0.75))
print("hold CartPole's 475:       at most half:", bool((lengths.mean(1) >= 475).mean() <= 0.5))

# %% [markdown]
# And the post draws its curve from episodes in which the coin still flies. How much does the coin itself cost, the
# agents being the same?

# %%
_, low, high = effect("test_explores")
print("some steps lost, for sure:", bool(high < 0), "| but less than 40:", bool(low > -40))

# %% [markdown]
# A push at a bad moment costs a good agent a step here and there; a small effect, and with pairs of the very same
# agents a certain one. **Check:** judge twice with the same seed and the coin off; the two must agree.
#
# ## Too fast
#
# The last suspect is no bug in the code: a learning rate 30 times too high, with Adam.

# %%
_, low, high = effect("learning_rate_too_high")
print("at least 30 steps lost:", bool(high < -30))
alive = score(run(learning_rate_too_high=True)[0]) > 50
print("yet most seeds learn something:", bool(alive.mean() > 0.5))

# %% [markdown]
# No NaN, no alarm: it learns, only badly, and looks like an agent that needs more time. **Check:** try a third of the
# rate. If that is better, you were too fast.
#
# ## Everything in one picture
#
# Now all of them, each with its interval. A bug whose interval crosses the zero has no effect *that 16 seeds can
# show*. That is not the same as none.

# %%
verdicts = {bug: effect(bug) for bug in Bugs._fields[:-2] if bug != "unseeded"}
verdicts["unseeded"] = effect("unseeded", value=7)
verdicts["loss_is_a_sum, with SGD"] = effect("loss_is_a_sum", sgd=0.1)
verdicts["time_is_up_means_fell, after 50"] = effect("time_is_up_means_fell", limit=50)

# %%
def forest(verdicts):
    """One line for each bug: the mean difference and its interval."""
    figure, ax = figures.axes(height=4.6)
    order = sorted(verdicts, key=lambda bug: verdicts[bug][0], reverse=True)
    for i, bug in enumerate(order):
        mean, low, high = verdicts[bug]
        color = figures.COLORS["target" if high < 0 else "greedy" if low > 0 else "random"]
        ax.plot([low, high], [i, i], color=color, linewidth=3, solid_capstyle="round")
        ax.plot(mean, i, "o", color=color)
    ax.axvline(0, color="black", linewidth=1)
    ax.set_yticks(range(len(order)), [bug.replace("_", " ") for bug in order])
    ax.set(xlabel="Steps gained (of 200; mean of 16 pairs, 95 %)")
    return figure


figures.show(forest(verdicts), alt="Fifteen horizontal intervals, sorted. Three bugs lie near minus 175 steps, three between about minus 40 and minus 90; the others cross zero or lie close to it.")

# %% [markdown]
# *Figure 8.3. What each bug costs. Grey: the interval crosses zero.*
#
# ## Switch one on
#
# Choose a bug, and then other seeds. The figures above used the sixteen of number 0; every other number is sixteen new
# agents with the bug and sixteen without, trained while you wait. Which verdicts stay, and which come and go?

# %%
def draw(bug, seeds):
    figure, ax = figures.axes(height=3.2)
    curves(ax, "right", figures.COLORS["online"], seed=seeds)
    value = 7 if bug == "unseeded" else True
    curves(ax, "with the bug", figures.COLORS["target"], seed=seeds, **{bug: value})
    ax.set_ylabel("Steps balanced (of 200)")
    ax.legend(loc="center right")
    mean, low, high = effect(bug, value=value, seed=seeds)
    verdict = "an effect" if low * high > 0 else "no effect that 16 seeds can show"
    return figures.png(figure), f"{mean:+.0f} steps, between {low:+.0f} and {high:+.0f}: {verdict}"


panels.panel(
    draw, "Greedy learning curves of sixteen agents with and without the chosen bug.",
    bug=ipywidgets.ToggleButtons(
        options=[(bug.replace("_", " "), bug) for bug in Bugs._fields[:-2]], value="column_against_row",
        description="bug", style={"button_width": "auto"},
    ),
    seeds=panels.slider("seeds", 0, 0, 9, 1),
)

# %% [markdown]
# For readers without a kernel, the figures above show five of them. The fatal bugs are fatal for all seeds.
# `coin_decides_side` and a few others change their verdict: read one interval as what it is, one interval.
# `tests/test_bug_hunt.py` measures all of them on seeds that are not used here.
#
# ## Slow is a bug too
#
# One specimen of the post is left, and no curve shows it: `jax.grad(jax.jit(f))`. Its author decorated the function
# with `@jax.grad` over `@jax.jit`. How often does Python run the function's body in ten calls? And how much time does
# it cost to have the two in the wrong order?

# %% tags=["naive"]
bodies = []


def batch_loss(params, states):
    bodies.append("traced")
    return jnp.mean(network.apply(params, states) ** 2)


def calls(function, times=10):
    """(Times that Python ran the body, seconds) for so many calls."""
    bodies.clear()
    start = time.perf_counter()
    for _ in range(times):
        jax.block_until_ready(function(some_params, jnp.zeros((BATCH, 4))))
    return len(bodies), time.perf_counter() - start


some_params = network.init(jax.random.key(0), jnp.zeros(4))
post_order, right_order = jax.grad(jax.jit(batch_loss)), jax.jit(jax.grad(batch_loss))

# %%
for name, function in (("grad(jit(f))", post_order), ("jit(grad(f))", right_order)):
    print(f"{name}: body run {calls(function)[0]} time(s) in ten calls")
seconds = [min(calls(function)[1] for _ in range(3)) for function in (post_order, right_order)]
print("the post's order takes more than three times as long:", seconds[0] > 3 * seconds[1])

# %% [markdown]
# The usual detector, a counter in the body, acquits both: `jit` remembers the traced body. Yet the clock convicts.
# What is repeated at every call is the *differentiation* of the remembered program, outside of any `jit`. Look at
# what one call is made of:

# %%
for function in (post_order, right_order):
    print(len(jax.make_jaxpr(function)(some_params, jnp.zeros((BATCH, 4))).eqns) == 1)

# %% [markdown]
# Only the second is a single compiled program. And there is a worse relative, which the counter does catch: `jax.jit`
# *inside* the function that is called, so that each call makes, traces and compiles a new one.

# %%
inside = lambda params, states: jax.jit(jax.grad(batch_loss))(params, states)
print("body run", calls(inside, times=3)[0], "times in three calls")

# %% [markdown]
# ## Exercises
#
# Write your answer in place of the `...`, and run the cell. It says whether you are right, and if not, what was
# misunderstood. The solution is folded away below.
#
# **1.** Three colleagues need help. Their rewards are 1, gamma is 0.995. (a) "The agent falls after nine steps and
# always pushes to the left; with Adam the same code works." (b) "The loss is tiny from early on, and the Q-values of
# all states stay at 1." (c) "The Q-values grow, but they are the same for all states." Name the three bugs, in this
# order, as a tuple of names from `Bugs`.

# %% cellView="form" jupyter={"source_hidden": true} tags=["check"]
# @title Check
guilty = ("loss_is_a_sum", "target_never_updated", "column_against_row")


def found_or_name(answer, colleague):
    name = answer()["abc".index(colleague)]
    return "the bug found" if name in guilty and "abc"[guilty.index(name)] == colleague else name

# %% cellView="form" jupyter={"source_hidden": true} tags=["check"]
# @title Check, continued
check_culprits = Check(
    cases=[({"colleague": letter}, "the bug found") for letter in "abc"],
    mistakes=[
        (("learning_rate_too_high", *guilty[1:]),
         "a learning rate that is too high would trouble Adam as well", "what does Adam divide by?"),
        (("coin_decides_side", *guilty[1:]),
         "a coin with one side pushes to one side only while it explores", "NaN has an argmax too"),
        ((guilty[0], "stored_by_reference", guilty[2]),
         "with the present in every row the Q-values would still rise, for the targets follow them",
         "rewards of 1 and nothing else: whose future is missing?"),
        ((guilty[0], "terminal_target_0", guilty[2]),
         "that touches terminal rows only, and these Q-values are too low everywhere",
         "rewards of 1 and nothing else: whose future is missing?"),
        ((guilty[0], guilty[2], guilty[2]), "a table of differences would let the Q-values grow",
         "which network is it that never learns what the future is worth?"),
        ((*guilty[:2], "stored_by_reference"), "the state does matter there, only it is always the present one",
         "which bug makes one number the best answer to all targets at once?"),
        ((guilty[0], "online_target", guilty[2]), "a target that follows at once would look ahead all the same",
         "rewards of 1 and nothing else: whose future is missing?"),
        ((*guilty[:2], "gradient_through_target"), "the target is pulled to the value, yet states stay apart",
         "which bug makes one number the best answer to all targets at once?"),
        ((*guilty[:2], "online_target"), "the online network still tells states apart",
         "which bug makes one number the best answer to all targets at once?"),
    ],
    observe=found_or_name,
)

# %% tags=["exercise"]
culprits = ...

check_culprits(culprits)

# %% cellView="form" jupyter={"source_hidden": true} tags=["solution"]
# @title Solution
culprits = ("loss_is_a_sum", "target_never_updated", "column_against_row")

check_culprits(culprits)

# %% [markdown]
# **2.** Write a detector: does this `td_target(rewards, next_q_values, is_terminal, gamma)` give a terminal row its
# reward, no less and no more? Return True if it does. One row, `[1]`, `[1, 2]` and `[1]`, is enough.

# %% cellView="form" jupyter={"source_hidden": true} tags=["check"]
# @title Check
def right_target(r, q, over, gamma, end=1.0, ahead=0.0, plus=0.0):
    r, q, over = jnp.asarray(r, float), jnp.asarray(q, float), jnp.asarray(over, bool)
    return jnp.where(over, end * r + ahead * gamma * q.max(-1) + plus, r + gamma * q.max(-1))


def post_target(*args, **named):
    return right_target(*args, **named, end=0.0)


def endless_target(*args, **named):
    return right_target(*args, **named, ahead=1.0)


def too_small_target(*args, **named):
    return right_target(*args, **named, plus=-1.0)


def too_large_target(*args, **named):
    return right_target(*args, **named, plus=1.0)


ask = lambda f, r=2.0, q=(3.0, 5.0), over=True: f(jnp.array([r]), jnp.array([q]), jnp.array([over]), 0.5)

# %% cellView="form" jupyter={"source_hidden": true} tags=["check"]
# @title Check, continued
check_detector = Check(
    cases=[({"td_target": right_target}, True)] + [({"td_target": f}, False) for f in (
        post_target, endless_target, too_small_target, too_large_target)],
    mistakes=[
        (lambda f: ask(f, r=0.0) == 0.0, "with a reward of 0 a target of 0 is right, whoever made it",
         "choose a reward that a wrong target cannot hit by chance"),
        (lambda f: ask(f, q=(0.0, 0.0)) == 2.0, "with next values of 0 nobody is seen to look ahead",
         "choose next values that would show"),
        (lambda f: ask(f, over=False) == 2.0, "you asked about a row that goes on",
         "which flag makes a row terminal?"),
        (lambda f: ask(f) != 2.0, "your verdict is turned round", "True is for the right one"),
        (lambda f: ask(f) == 0.0, "you took the post's word that a terminal target is 0",
         "was the last step paid?"),
        (lambda f: ask(f) <= 2.0, "less than the reward passes, and so does the blog post's bug",
         "no less and no more"),
        (lambda f: ask(f) >= 2.0, "more than the reward passes, and so does looking ahead",
         "no less and no more"),
    ],
    observe=lambda answer, td_target: bool(np.all(answer(td_target))),
)

# %% tags=["exercise"]
def ends_right(td_target):
    ...


check_detector(ends_right)

# %% cellView="form" jupyter={"source_hidden": true} tags=["solution"]
# @title Solution
def ends_right(td_target):
    target = td_target(jnp.array([2.0]), jnp.array([[3.0, 5.0]]), jnp.array([True]), 0.5)
    return bool(target[0] == 2.0)


check_detector(ends_right)

# %% [markdown]
# Note what makes it a good detector: reward, future and 0 are three different numbers.
#
# **3.** Write a mean squared error that raises an error (by `raise ValueError(...)` or `assert`) when its two
# arguments differ in shape, be it by one axis.

# %% cellView="form" jupyter={"source_hidden": true} tags=["check"]
# @title Check
def value_or_refusal(answer, targets, q_taken):
    try:
        return answer(targets, q_taken)
    except (ValueError, AssertionError):
        return "an error"


def mse_if(fits, reduce=jnp.mean, repair=lambda x: x):
    def answer(targets, q_taken):
        if not fits(targets, q_taken):
            raise ValueError("shapes differ")
        return reduce((repair(targets) - repair(q_taken)) ** 2)

    return answer


row, column = jnp.array([1.0, 3.0]), jnp.array([[1.0], [3.0]])

# %% cellView="form" jupyter={"source_hidden": true} tags=["check"]
# @title Check, continued
check_careful = Check(
    cases=[
        ({"targets": jnp.array([2.0, 5.0]), "q_taken": row}, 2.5),
        ({"targets": column, "q_taken": row}, "an error"),
        ({"targets": jnp.ones(1), "q_taken": row}, "an error"),
        ({"targets": jnp.ones((2, 2)), "q_taken": row}, "an error"),
        ({"targets": column, "q_taken": column}, 0.0),
        ({"targets": jnp.array([[1.0, 3.0], [2.0, 4.0]]), "q_taken": jnp.zeros((2, 2))}, 7.5),
    ],
    mistakes=[
        (mse_if(lambda a, b: True), "a column met a row, and a table of differences was averaged",
         "what do the two have that can be compared before they are subtracted?"),
        (mse_if(lambda a, b: len(a) == len(b)), "you compared lengths, and a column is as long as its row",
         "how many numbers does a shape have?"),
        (mse_if(lambda a, b: a.size == b.size), "you counted the numbers, and a column has as many as its row",
         "how are they arranged?"),
        (mse_if(lambda a, b: a.ndim == b.ndim), "you counted the axes, and one number met two",
         "how long is each axis?"),
        (mse_if(lambda a, b: True, repair=jnp.ravel), "you repaired it in silence: nobody learns of the mistake upstream",
         "an error was asked for"),
        (mse_if(lambda a, b: a.shape == b.shape, reduce=jnp.sum), "you added up: a mean that is a sum",
         "suspect A"),
        (mse_if(lambda a, b: a.shape == b.shape, reduce=lambda x: jnp.sum(x) / len(x)),
         "you divided by the number of rows only", "how many numbers did you add up?"),
        (mse_if(lambda a, b: a.ndim == b.ndim == 1 and a.shape == b.shape),
         "two columns do fit each other", "compare the two with each other, not with what you expect"),
    ],
    observe=value_or_refusal,
)

# %% tags=["exercise"]
def careful_mse(targets, q_taken):
    ...


check_careful(careful_mse)

# %% cellView="form" jupyter={"source_hidden": true} tags=["solution"]
# @title Solution
def careful_mse(targets, q_taken):
    if jnp.shape(targets) != jnp.shape(q_taken):
        raise ValueError(f"shapes differ: {jnp.shape(targets)} and {jnp.shape(q_taken)}")
    return jnp.mean((targets - q_taken) ** 2)


check_careful(careful_mse)

# %% [markdown]
# **4.** Given `loss(w, x)`, return a function `(w, x) -> ` gradient with respect to `w` that is traced once and runs
# as one compiled program, however often it is called.

# %% cellView="form" jupyter={"source_hidden": true} tags=["check"]
# @title Check
def speed_facts(answer, weights):
    traced, x = [], jnp.array([1.0, 2.0])

    def loss(w, x):
        traced.append(w)
        return jnp.mean((w * x) ** 2)

    gradient = answer(loss)
    slopes, count = [float(gradient(w, x)) for w in weights], len(traced)
    single = len(jax.make_jaxpr(gradient)(weights[0], x).eqns) == 1
    return {"gradients": slopes, "times traced": count, "one compiled program": single}

# %% cellView="form" jupyter={"source_hidden": true} tags=["check"]
# @title Check, continued
check_fast = Check(
    cases=[({"weights": [1.0, 2.0, 3.0]},
            {"gradients": [5.0, 10.0, 15.0], "times traced": 1, "one compiled program": True})],
    mistakes=[
        (lambda loss: jax.grad(jax.jit(loss)),
         "the blog post's order: the loss is compiled, its differentiation is done anew in each call",
         "which of the two should be outermost?"),
        (jax.grad, "nothing is compiled", "who compiles?"),
        (lambda loss: lambda w, x: jax.jit(jax.grad(loss))(w, x),
         "you make a new compiled function in every call, and throw it away", "make it once, call it often"),
        (jax.jit, "this is the loss, compiled, not its gradient", "who differentiates?"),
        (lambda loss: jax.jit(jax.grad(loss, argnums=1)), "you differentiated with respect to x",
         "which argument comes first?"),
    ],
    observe=speed_facts,
)

# %% tags=["exercise"]
def fast_gradient(loss):
    ...


check_fast(fast_gradient)

# %% cellView="form" jupyter={"source_hidden": true} tags=["solution"]
# @title Solution
def fast_gradient(loss):
    return jax.jit(jax.grad(loss))


check_fast(fast_gradient)

# %% [markdown]
# ## Recap
#
# - A bug in a learning program is a hypothesis. Test it as one: pairs of seeds, an interval, and a size that matters.
# - Some bugs kill at once, some cost a little, and some that look terrible cost nothing here. Which is which depends
#   on the optimizer, the task and the length of the training.
# - Scores say *that* something is wrong. Values say *what*: NaN, all alike, too small, or larger than any future could be.
# - A detector is a small input on which right and wrong differ. Where 0, reward and future are the same number, it is blind.
# - "No effect that 16 seeds can show" is no licence. The bug is still there, and the next task may pay for it.
#
# ## Questions
#
# <details><summary>Why pairs of seeds? Why not compare the mean of 16 runs with the mean of 16 others?</summary>
#
# Runs with the same key begin with the same network and the same episode. What luck they share drops out of the
# difference, as far as the bug lets them share it: after some updates their ways part. It helps most for bugs that
# change little.
# </details>
#
# <details><summary>Fifteen intervals of 95 % each, and one of them just misses zero. Is that an effect?</summary>
#
# With fifteen harmless changes you would expect nearly one such interval by chance. Repeat it with other seeds, as
# the tests of this notebook do, or ask for a size that matters and not only for a sign.
# </details>
#
# <details><summary>The terminal target 0 costs nothing here. In which task would it cost everything?</summary>
#
# In one whose only reward comes at the end, such as winning a game: then the target of the winning move is 0, and
# there is nothing left to learn from.
# </details>
#
# <details><summary>Adam hides the sum. Is that not a reason to use Adam?</summary>
#
# It is convenient, but the loss that you log is still 32 times too large, gradient clipping and weight decay would
# notice, and the next reader who changes the batch size changes the meaning of every number.
# </details>
#
# <details><summary>Why is a judge that explores worse than it looks, if it costs only a few steps here?</summary>
#
# The price grows with epsilon, and with how unforgiving the task is. And it is not the same for all agents: it
# punishes those that balance on an edge. A ranking of methods may turn round.
# </details>
#
# ## Further reading
#
# - Andy Jones, [*Debugging RL, without the agonizing pain*](https://andyljones.com/posts/rl-debugging.html) (2021): probe
#   environments, and the order in which to suspect things.
# - Henderson et al., [*Deep reinforcement learning that matters*](https://arxiv.org/abs/1709.06560) (2018): how much of
#   what is published is seeds.
# - Agarwal et al., [*Deep RL at the edge of the statistical precipice*](https://arxiv.org/abs/2108.13264) (2021): intervals
#   for few runs, done properly.
# - Pardo et al., [*Time limits in reinforcement learning*](https://arxiv.org/abs/1712.00378) (2018): when *time is up* is
#   an ending, and when not.
# - JAX's page on [debugging flags](https://docs.jax.dev/en/latest/debugging/flags.html), `jax_debug_nans` first of all.
#
# This is the last notebook. You have a training that takes seconds, the habit of asking it twice, and, for the day when
# your own agent does not learn, [a page that says in which order to check](troubleshooting.md).
