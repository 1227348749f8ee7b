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
# # 04 · Epsilon-greedy
#
# Two Q-values, one action. Taking the larger one sounds right, and an agent that always does so may never find out
# that it is wrong. The cure is a biased coin.
#
# - **What you will build:** an action rule that compiles, and a schedule for its coin.
# - **What you will learn:** [exploration](glossary.md#exploration) against exploitation; splitting keys for real; `jnp.where` instead of `if`;
#   why an agent must be *judged* without the coin.
# - **What you need:** notebooks 01 and 03.
# - **Time:** 25 minutes.

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
import jax
import jax.numpy as jnp
import numpy as np

from rl_jax import envs, loop, plotting, widgets
from rl_jax.typing import JaxTensor, Key, unit_interval

# %% [markdown]
# ## A slot machine with two arms
#
# Forget the pole for a moment. One arm pays 1 coin with probability 0.4, the other with 0.6, and you don't know
# which is which. You keep the average of what each has paid so far, your Q-values, and always pull the better arm.
# What can go wrong in the first few pulls?

# %%
def mean_pay(epsilon, pulls=300, seed=0):
    """Average pay over time of a player that explores with probability epsilon."""
    rng, pay_chance = np.random.default_rng(seed), np.array([0.4, 0.6])
    paid, pulled, rewards = np.zeros(2), np.zeros(2), []
    for _ in range(pulls):
        q_values = np.divide(paid, pulled, out=np.zeros(2), where=pulled > 0)
        arm = rng.integers(2) if rng.random() < epsilon else np.argmax(q_values)
        reward = float(rng.random() < pay_chance[arm])
        paid[arm], pulled[arm] = paid[arm] + reward, pulled[arm] + 1
        rewards.append(reward)
    return np.mean(rewards)


# %%
epsilons = (0.0, 0.1, 0.3, 1.0)
pays = [np.mean([mean_pay(epsilon, seed=seed) for seed in range(200)]) for epsilon in epsilons]
figure, ax = figures.axes(height=3.0)
ax.bar([f"epsilon = {epsilon}" for epsilon in epsilons], pays, color=figures.COLORS["online"])
ax.axhline(0.6, color="black", linestyle="--", linewidth=1)
ax.set(ylabel="Mean pay per pull", ylim=(0.35, 0.62))
figures.show(
    figure,
    alt="Bars of the mean pay: lowest for epsilon 0, highest for 0.1, then falling for 0.3 and 1.",
)

# %% [markdown]
# *Figure 4.1. Two hundred players of each kind; dashed is the best possible pay.* Without exploring, the first arm
# that pays wins for ever. Exploring always, you know which arm is better and never use it. A little of both is
# best.
#
# > [**Epsilon-greedy.**](glossary.md#epsilon-greedy) Flip a coin that says yes with probability $\epsilon$. If yes, act at random. If no, take
# > the action with the largest Q-value.
#
# ## The coin, as the blog post flips it
#
# First the greedy half:

# %% tags=["taught"]
# lives in rl_jax/policy.py
def greedy(q_values: JaxTensor) -> JaxTensor:
    return jnp.argmax(q_values, axis=-1)


# %% [markdown]
# Then the coin, with a Python `if`. There is something wrong with this function, and something else in the way of
# compiling it. Can you see both?

# %% tags=["naive"]
def take_action(key, q_values, epsilon):
    if jax.random.uniform(key) < epsilon:
        return jax.random.randint(key, (), 0, 2)
    return greedy(q_values)


q_values = jnp.array([1.0, 2.0])
print("by hand:", int(take_action(jax.random.key(0), q_values, 0.0)))

# %% [markdown]
# The first problem: `if` needs a number, and under `jit` there are only tracers.

# %%
try:
    jax.jit(take_action)(jax.random.key(0), q_values, 0.3)
except jax.errors.TracerBoolConversionError as error:
    print(type(error).__name__)

# %% [markdown]
# The second one is quieter: the same key flips the coin *and* draws the action. Notebook 01 called a key a match.
# Does it matter here? Draw 20,000 times with epsilon 1, where both actions should come equally often:

# %%
keys = jax.random.split(jax.random.key(0), 20_000)
one_key = jax.vmap(lambda key: (jax.random.uniform(key), jax.random.randint(key, (), 0, 2)))
coins, actions = one_key(keys)
print("share of action 1:", round(float(actions.mean()), 2))
exploring = actions[coins < 0.3]
print("share of action 1 among the explorers at epsilon 0.3:", round(float(exploring.mean()), 2))

# %% [markdown]
# No bias to be seen. To be honest about it: with these two functions the reuse does no harm that 20,000 draws
# could show. But nothing promises that, and with another pair of functions (two dice, in notebook 01) the draws
# were identical. JAX can check the rule for you:

# %%
jax.clear_caches()  # older versions of JAX look only while they compile
try:
    with jax.debug_key_reuse(True):
        take_action(jax.random.key(0), q_values, 1.0)
except jax.errors.KeyReuseError as error:
    print(type(error).__name__)

# %% [markdown]
# ## The coin, compiled
#
# Both problems go away together. Split the key; draw the coin and the random action *always*; then let `jnp.where`
# choose. Drawing what you may not need costs next to nothing, and there is no `if` left.

# %% tags=["taught"]
# lives in rl_jax/policy.py
def epsilon_greedy(key: Key, q_values: JaxTensor, epsilon: float | JaxTensor) -> JaxTensor:
    unit_interval("epsilon", epsilon)
    q_values = jnp.asarray(q_values)
    coin_key, action_key = jax.random.split(key)
    batch, n_actions = q_values.shape[:-1], q_values.shape[-1]
    explore = jax.random.uniform(coin_key, batch) < epsilon
    random_action = jax.random.randint(action_key, batch, 0, n_actions)
    return jnp.where(explore, random_action, greedy(q_values))


# %% [markdown]
# The first line refuses an epsilon outside of [0, 1]. The shapes are taken from the Q-values, so the same function
# serves one state or a batch of them, and epsilon may be a tracer:

# %%
act = jax.jit(epsilon_greedy)
print("one state:", act(jax.random.key(0), q_values, 0.3).shape)
print("a batch:  ", act(jax.random.key(0), jnp.ones((32, 2)), 0.3).shape)
try:
    epsilon_greedy(jax.random.key(0), q_values, 1.3)
except ValueError as error:
    print(error)

# %% [markdown]
# ### How often is it greedy?
#
# With two actions and epsilon 0.3, how often do you expect the better action? Careful: the answer is not 0.7.

# %%
draws = jax.vmap(lambda key: act(key, q_values, 0.3))(keys)
print("greedy share:", round(float(draws.mean()), 2))

# %% [markdown]
# 0.85, because a random action is the greedy one half of the time: $1 - \epsilon + \epsilon / A$.
#
# ### A probe
#
# Does it find what it does not know? One state, two actions, and only action 1 pays. Both Q-values start at 0, and
# `argmax` prefers the first of equals. What will the agent believe after 100 actions, with a coin and without?

# %%
def explore_probe(epsilon):
    """Q-values after 100 actions in a task where action 1 pays 1, and action 0 nothing."""
    q_values = jnp.zeros(2)
    for key in jax.random.split(jax.random.key(0), 100):
        action = act(key, q_values, epsilon)
        q_values = q_values.at[action].add(0.1 * (action - q_values[action]))
    return q_values.round(1)


print("epsilon 0:  ", explore_probe(0.0))
print("epsilon 0.3:", explore_probe(0.3))

# %% [markdown]
# Without the coin it never learns that there was something to find. A task so small that you know the answer is
# called a [**probe**](glossary.md#probe-environment); notebook 06 has five of them.
#
# ## A real agent's coin
#
# Time for the pole. This trains an agent with the loop of notebook 06 until its greedy play holds the pole in
# nearly every test. It takes some seconds; then we have real Q-values to play with.

# %%
config = loop.CARTPOLE._replace(stop_at_return=475.0)
agent = loop.train(envs.make("CartPole-v1"), config, seed=4)
policy = loop.greedy_policy(agent.params, config.network())
print("holds the pole for more than 300 steps:", agent.evaluation_returns.max() > 300)

# %% [markdown]
# ### Drag epsilon
#
# Three states of the pole, and the share of pushes to the right that the agent would make in each, out of 1,000.
# What do you expect at epsilon 0, and at 1?

# %%
situations = {
    "leans left": [0.0, 0.0, -0.1, -0.8],
    "upright": [0.0, 0.0, 0.0, 0.0],
    "leans right": [0.0, 0.0, 0.1, 0.8],
}
states = np.array(list(situations.values()), np.float32)


def draw_frequencies(epsilon):
    """The share of each action in three states, for this epsilon."""
    batch = jnp.broadcast_to(config.network().apply(agent.params, states), (1_000, 3, 2))
    share_right = np.asarray(act(jax.random.key(0), batch, epsilon).mean(axis=0))
    figure, ax = figures.axes(height=2.4)
    ax.barh(list(situations), 1 - share_right, color=figures.COLORS["left"], label="push left")
    ax.barh(
        list(situations), share_right, left=1 - share_right, color=figures.COLORS["right"],
        label="push right",
    )
    ax.set(xlabel="Share of 1,000 actions", xlim=(0, 1))
    figure.legend(loc="outside upper center", ncols=2)
    pairs = zip(situations, share_right, strict=True)
    shares = ", ".join(f"{name} {share:.2f}" for name, share in pairs)
    return figures.png(figure), f"epsilon {epsilon:.2f}, pushes to the right: {shares}"


# %%
panels.panel(
    draw_frequencies,
    "For three states, the shares of pushes to the left and to the right.",
    epsilon=panels.slider("epsilon", 0.3, 0.0, 1.0, 0.05),
)

# %% [markdown]
# Three settings of the slider, for readers without a kernel:

# %%
network = config.network()
q_leaning = network.apply(agent.params, states[[0, 2]])
for epsilon in (0.0, 0.3, 1.0):
    batch = jnp.broadcast_to(q_leaning, (20_000, 2, 2))
    left, right = (float(share) for share in act(jax.random.key(1), batch, epsilon).mean(axis=0))
    print(f"epsilon {epsilon}: pushes right when leaning left {left:.2f}, right {right:.2f}")
alts = {
    0.0: "At epsilon 0 the agent always pushes to the side to which the pole leans.",
    0.3: "At epsilon 0.3 the agent mostly pushes to the side to which the pole leans.",
    1.0: "At epsilon 1 it pushes left and right equally often, however the pole leans.",
}
for epsilon, alt in alts.items():
    figures.show(draw_frequencies(epsilon)[0], alt)

# %% [markdown]
# *Figure 4.2. At 0.3 a clear opinion is still followed 85 times in 100.* At 0 the bars are pure; at 1 the agent has
# no opinion left, and all bars meet in the middle.
#
# ## The coin costs return
#
# Now let the same agent play whole episodes with different coins. It learned with a coin that came up less and less
# often. What will an epsilon of 0.3, the one that the blog post keeps for ever, do to its score?

# %%
def noisy(epsilon, seed):
    """The agent's policy with a coin of this bias."""
    coin = np.random.default_rng(seed)
    return lambda state: coin.integers(2) if coin.random() < epsilon else policy(state)


env = envs.make("CartPole-v1")
coins = (0.0, 0.05, 0.1, 0.2, 0.3, 0.5, 1.0)
returns = [loop.evaluate(noisy(epsilon, 0), env, episodes=10, seed=5) for epsilon in coins]

# %%
figure, ax = figures.axes()
for epsilon, values in zip(coins, returns, strict=True):
    ax.plot([epsilon] * len(values), values, ".", color=figures.COLORS["random"], alpha=0.5)
medians = [np.median(values) for values in returns]
ax.plot(coins, medians, "o-", color=figures.COLORS["online"], label="median of 10 episodes")
ax.axhline(500, color="black", linestyle="--", linewidth=1)
ax.set(xlabel="Epsilon", ylabel="Return (steps balanced)", ylim=(0, 520))
ax.legend()
figures.show(figure, alt="The return falls as epsilon grows, down to about 20 at epsilon 1.")
print("greedy beats pure chance fivefold:", medians[0] > 5 * medians[-1])
print("a coin of 0.5 costs return:       ", medians[5] < medians[0])

# %% [markdown]
# *Figure 4.3. One agent, seven coins. Each dot is an episode.* A good agent survives some bad pushes, and a strong
# coin topples it. So a *training* curve, played with the coin, tells how well the agent does *while exploring*. How
# well it would do if you let it is another question, and it is the one that counts.
#
# > **Rule.** Explore to learn. Be greedy to be judged.
#
# ## Schedules
#
# At the start the Q-values are noise, so following them makes no sense: explore nearly always. Later they are good:
# explore rarely. The usual schedule is a straight line, then a constant.

# %% tags=["taught"]
# lives in rl_jax/policy.py
def linear_epsilon(
    step: int | JaxTensor, start: float = 1.0, end: float = 0.05, decay_steps: int = 10_000
) -> JaxTensor:
    unit_interval("start", start)
    unit_interval("end", end)
    return start + (end - start) * jnp.clip(step / decay_steps, 0.0, 1.0)


# %% [markdown]
# Shape it yourself. The caption counts how many of the first 20,000 steps are random.

# %%
def draw_schedule(end, decay_steps):
    """Epsilon over the first 20,000 steps."""
    steps = np.arange(20_000)
    epsilon = np.asarray(linear_epsilon(steps, 1.0, end, decay_steps))
    figure, ax = figures.axes(height=2.6)
    ax.plot(steps[::100], epsilon[::100], color=figures.COLORS["online"], label="this schedule")
    post = loop.BLOG_POST.epsilon
    ax.axhline(post, color=figures.COLORS["random"], linestyle=":", label="the blog post's")
    ax.set(xlabel="Environment steps", ylabel="Epsilon", ylim=(0, 1.05))
    figure.legend(loc="outside upper center", ncols=2)
    return figures.png(figure), f"{epsilon.sum():,.0f} of 20,000 actions explore"


panels.panel(
    draw_schedule,
    "Epsilon falls along a line and then stays constant.",
    end=panels.slider("final epsilon", 0.05, 0.0, 1.0, 0.05),
    decay_steps=panels.slider("decay (steps)", 10_000, 1_000, 20_000, 1_000),
)

# %%
for end, decay_steps in ((0.05, 10_000), (0.2, 3_000), (0.3, 10_000)):
    picture, caption = draw_schedule(end, decay_steps)
    print(f"to {end} in {decay_steps:6}: {caption}")
    figures.show(picture, f"Epsilon falls from 1 to {end} in {decay_steps:,} steps and stays there.")

# %% [markdown]
# *Figure 4.4. Three schedules.* The agent of this notebook used the middle one, down to 0.2 in 3,000 steps.
#
# ## Exercises
#
# Write your answer in place of the `...`, and run the cell. It says whether you are right, and if not, what was
# misunderstood. The solution is folded away below.
#
# **1.** With `n_actions` actions, what is the probability that epsilon-greedy takes *one particular* action that is
# not the greedy one?

# %% cellView="form" jupyter={"source_hidden": true} tags=["check"]
# @title Check
check_other = Check(
    cases=[
        ({"epsilon": 1.0, "n_actions": 2}, 0.5),
        ({"epsilon": 0.3, "n_actions": 2}, 0.15),
        ({"epsilon": 0.2, "n_actions": 4}, 0.05),
        ({"epsilon": 0.6, "n_actions": 3}, 0.2),
    ],
    mistakes=[
        (lambda epsilon, n: epsilon, "a random draw can also hit another action",
         "the coin says: act at random. How many actions may come?"),
        (lambda epsilon, n: epsilon / (n - 1), "a random draw can also hit the greedy action",
         "over how many actions is the draw spread?"),
        (lambda epsilon, n: 1 - epsilon + epsilon / n, "this is the greedy action's probability",
         "the question is about one of the others"),
        (lambda epsilon, n: epsilon * (n - 1) / n, "this counts all other actions together",
         "one particular one is asked for"),
        (lambda epsilon, n: (1 - epsilon) / n, "you turned the coin round",
         "with which probability does the agent explore?"),
    ],
)

# %% tags=["exercise"]
def probability_of_other(epsilon, n_actions):
    ...


check_other(probability_of_other)

# %% cellView="form" jupyter={"source_hidden": true} tags=["solution"]
# @title Solution
def probability_of_other(epsilon, n_actions):
    return epsilon / n_actions


check_other(probability_of_other)

# %% [markdown]
# **2.** Without looking up: epsilon-greedy for *one* state, as a pure function that compiles. `q_values` is $[A]$.

# %% cellView="form" jupyter={"source_hidden": true} tags=["check"]
# @title Check
def policy_facts(answer, q_values, epsilon, jax_watches):
    """Facts about 2,000 actions at epsilon 0, 1, and in between."""
    q_values, keys = jnp.array(q_values), jax.random.split(jax.random.key(1), 2_000)
    if jax_watches:
        with jax.debug_key_reuse(True):
            jax.jit(answer)(jax.random.key(0), q_values, epsilon)
        return {"each key is used once": True}
    many = jax.vmap(answer, in_axes=(0, None, None))  # not compiled: all answers share these operations
    greedy, random, mixed = (np.asarray(many(keys, q_values, chance)) for chance in (0.0, 1.0, epsilon))
    counts = np.unique(random, return_counts=True)[1]
    share = round(float(np.mean(mixed == jnp.argmax(q_values))), 1)
    return {
        "actions at epsilon 0": np.unique(greedy)[:8],
        "actions at epsilon 1": np.unique(random)[:8] if len(counts) > 1 else "one only",
        "each as often as the others": bool(np.ptp(counts) < 160),
        "share of the best action in between": share if 0 < share < 1 else "all or nothing",
    }


draw = lambda key, n=3: jax.random.randint(key, (), 0, n)
flip = lambda key, epsilon: jax.random.uniform(key) < epsilon
three = {"q_values": [1.0, 3.0, 2.0], "epsilon": 0.6}


# %% cellView="form" jupyter={"source_hidden": true} tags=["check"]
# @title Check, continued
def among(low, high, best=jnp.argmax):
    """Epsilon-greedy whose random action lies in [low, number of actions + high)."""
    def act(key, q, epsilon):
        coin, action = jax.random.split(key)
        return jnp.where(flip(coin, epsilon), jax.random.randint(action, (), low, len(q) + high), best(q))
    return act


# %% cellView="form" jupyter={"source_hidden": true} tags=["check"]
# @title Check, continued
mistaken_policy = [
    (lambda key, q, e: jnp.where(flip(key, 1 - e), draw(jax.random.split(key)[0]), jnp.argmax(q)),
     "your coin is turned round: it explores when it should be greedy",
     "at epsilon 0 nothing must be random"),
    (lambda key, q, e: draw(key) if flip(key, e) else jnp.argmax(q),
     "you asked Python's `if` about a number that is not there yet while JAX traces",
     "compute both actions, and let an array operation choose"),
    (lambda key, q, e: jnp.where(flip(key, e), draw(key), jnp.argmax(q)),
     "the coin and the random action were drawn with the same key", "a key is like a match"),
    (lambda key, q, e: jnp.where(flip(key, e), 2 * draw(jax.random.split(key)[0], 2), jnp.argmax(q)),
     "your random action is never the greedy one", "explore among all actions"),
    (lambda key, q, e: jnp.where(flip(jax.random.key(0), e), draw(jax.random.key(1)), jnp.argmax(q)),
     "your draws do not depend on the key, so every call gives the same",
     "hidden or home-made randomness is drawn once, while tracing; use the key"),
    (among(0, 1), "you draw among one action too many", "`randint` leaves its upper end out"),
    (among(0, -1), "one action is never drawn at random", "`randint` leaves its upper end out"),
    (lambda key, q, e: among(0, 2 - len(q))(key, q, e), "you wrote down the number of actions",
     "`q_values` knows how many there are"),
    (lambda key, q, e: among(0, 3 - len(q))(key, q, e), "you wrote down the number of actions",
     "`q_values` knows how many there are"),
    (among(1, 1), "you count the actions from 1", "which number has the first action?"),
    (among(0, 0, jnp.argmin), "your greedy action is the worst one", "argmax, or argmin?"),
    (among(0, 0, jnp.max), "you returned the best Q-value instead of the action that has it",
     "max, or argmax?"),
    (lambda key, *_: draw(key), "every action was drawn at random", "what does the coin decide?"),
]


# %% cellView="form" jupyter={"source_hidden": true} tags=["check"]
# @title Check, continued
check_policy = Check(
    cases=[
        (three | {"JAX watches": False},
         {"actions at epsilon 0": [1], "actions at epsilon 1": [0, 1, 2],
          "each as often as the others": True, "share of the best action in between": 0.6}),
        (three | {"JAX watches": True}, {"each key is used once": True}),
        ({"q_values": [-1.0, -3.0, -2.0, -9.0, -2.0], "epsilon": 0.5, "JAX watches": False},
         {"actions at epsilon 0": [0], "actions at epsilon 1": [0, 1, 2, 3, 4],
          "each as often as the others": True, "share of the best action in between": 0.6}),
    ],
    mistakes=mistaken_policy,
    observe=policy_facts,
)

# %% tags=["exercise"]
def my_policy(key, q_values, epsilon):
    ...


check_policy(my_policy)

# %% cellView="form" jupyter={"source_hidden": true} tags=["solution"]
# @title Solution
def my_policy(key, q_values, epsilon):
    coin_key, action_key = jax.random.split(key)
    explore = jax.random.uniform(coin_key) < epsilon
    random_action = jax.random.randint(action_key, (), 0, len(q_values))
    return jnp.where(explore, random_action, jnp.argmax(q_values))


check_policy(my_policy)

# %% [markdown]
# **3.** Write a schedule that starts at 1, falls smoothly to half of that with every `half_life` steps, and never falls
# below `end`. It must work with a traced step: no `if`.

# %% cellView="form" jupyter={"source_hidden": true} tags=["check"]
# @title Check
check_schedule = Check(
    cases=[
        ({"step": step, "half_life": 1_000, "end": 0.05}, right)
        for step, right in ((0, 1.0), (1_000, 0.5), (500, 0.7071), (2_000, 0.25), (90_000, 0.05))
    ] + [({"step": step, "half_life": 2, "end": 0.1}, right) for step, right in ((4, 0.25), (30, 0.1))],
    mistakes=[
        (lambda step, life, end: end if step > 4.3 * life else 0.5 ** (step / life),
         "you asked Python's `if` about a step that is not there yet while JAX traces",
         "which array operation takes the larger of two numbers?"),
        (lambda step, life, end: 0.5 ** (step / life), "your schedule falls below `end`",
         "after a long time it must still explore a little"),
        (lambda step, life, end: jnp.maximum(end, 0.5 ** (step // life)),
         "your schedule falls in stairs", "what does // do that / does not?"),
        (lambda step, life, end: jnp.maximum(end, 1 - 0.5 * step / life),
         "your schedule is a straight line", "after two half lives a quarter is left, not nothing"),
        (lambda step, life, end: end + (1 - end) * 0.5 ** (step / life),
         "you halve the distance to `end`, not epsilon itself",
         "after one half life it is exactly 0.5"),
        (lambda step, life, end: jnp.maximum(end, jnp.exp(-step / life)),
         "your schedule falls to a third, not to a half", "which number, to the power of 1, is 0.5?"),
        (lambda step, life, end: jnp.minimum(end, 0.5 ** (step / life)),
         "you took the smaller of the two", "at the start it must be 1"),
        (lambda step, life, end: jnp.maximum(end, 2.0 ** (step / life)), "your schedule grows",
         "a half, or twice as much?"),
        (lambda step, life, end: jnp.maximum(0.05, 0.5 ** (step / 1_000)),
         "you wrote numbers into it, so the arguments change nothing", "use `half_life` and `end`"),
    ],
    observe=lambda answer, step, half_life, end: jax.jit(lambda n: answer(n, half_life, end))(step),
)

# %% tags=["exercise"]
def halving_epsilon(step, half_life=1_000, end=0.05):
    ...


check_schedule(halving_epsilon)

# %% cellView="form" jupyter={"source_hidden": true} tags=["solution"]
# @title Solution
def halving_epsilon(step, half_life=1_000, end=0.05):
    return jnp.maximum(end, 0.5 ** (step / half_life))


check_schedule(halving_epsilon)

# %% [markdown]
# ## Recap
#
# - Greedy alone can lock in an early mistake. Epsilon-greedy tries everything now and then.
# - Split the key, draw both, choose with `jnp.where`: the rule compiles, and epsilon can be traced.
# - The greedy action is taken with probability $1 - \epsilon + \epsilon/A$.
# - Explore to learn; be greedy to be judged.
#
# ## Questions
#
# <details><summary>Could one simply train greedily and hope that random initial weights explore enough?</summary>
#
# Sometimes that works by luck. But the agent then only sees what its current opinion leads to, and a wrong opinion
# about an action that it never takes is never corrected.
# </details>
#
# <details><summary>Why is a coin a poor explorer in a long corridor whose reward is at the end?</summary>
#
# It is undone at the next flip: the chance of n random steps in one direction falls like 2 to the minus n. There
# one needs exploration with a memory, such as curiosity or optimism.
# </details>
#
# <details><summary>The agent's training return is 60, its greedy return 500. Is that possible?</summary>
#
# Yes, with a large epsilon: figure 4.3 shows just that. It is why one must not read progress off the training curve
# alone.
# </details>
#
# ## Further reading
#
# - Sutton and Barto, [*Reinforcement learning*](http://incompleteideas.net/book/the-book-2nd.html) (2018), chapter 2:
#   bandits and everything about this coin.
# - Mnih et al., *Human-level control through deep reinforcement learning* (2015), Methods: the linear schedule.
# - [JAX: pseudorandom numbers](https://docs.jax.dev/en/latest/random-numbers.html): why keys, and how to split.
#
# **Next:** [05 · The training step](05_training_step.ipynb): what the Q-values should be.
