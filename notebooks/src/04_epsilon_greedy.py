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
# ![Six columns of dots, the pay of 200 players each. Who never explores ends in one of two clouds.](images/04_teaser.png)
#
# *You are on the fifth of nine pages. Before:
# [03 · The Haiku model and its loss](03_haiku_model_and_loss.ipynb). Next:
# [05 · The training step](05_training_step.ipynb).*
#
# Two Q-values, one action. Taking the larger one sounds right, and an agent that always does so may never find
# out that it is wrong: look at the two clouds on the left. The cure is a biased coin.
#
# - **What you will build:** an action rule that compiles, and a schedule for its coin.
# - **What you will learn:** [exploration](glossary.md#exploration) against exploitation; what a key that is
#   used twice does to an agent; `jnp.where` instead of `if`; why an agent must be *judged* without the coin.
# - **What you need:** notebooks 01 and 03.
# - **Time:** 45 minutes, 20 of them for three exercises.

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
import jax
import jax.numpy as jnp
import numpy as np

from rl_jax import dqn, envs, loop, validate
from rl_jax.course import figures, panels
from rl_jax.course.exercises import ex04_epsilon_greedy as exercises
from rl_jax.typing import JaxTensor, Key

# %% [markdown]
# ## A slot machine with two arms
#
# Forget the pole for a moment. One arm pays 1 coin with probability 0.4, the other with 0.6, and you don't know
# which is which. You keep the average of what each has paid so far, your Q-values, and you pull the arm that
# looks better. If both look the same, you toss a fair coin. What can go wrong in the first few pulls?
#
# Here are a thousand players at once, one in each row. Each of them explores with probability `epsilon`.

# %%
def play(epsilon, players=1_000, pulls=300):
    """Mean pay [players] of players who explore with probability epsilon."""
    rng, everyone = np.random.default_rng(0), np.arange(players)
    pay_chance = np.array([0.4, 0.6])
    paid, pulled = np.zeros((players, 2)), np.zeros((players, 2))
    for _ in range(pulls):
        q_values = paid / np.maximum(pulled, 1)
        no_ties = q_values + 1e-9 * rng.random(q_values.shape)  # the fair coin
        explore = rng.random(players) < epsilon
        arm = np.where(explore, rng.integers(2, size=players), np.argmax(no_ties, axis=1))
        paid[everyone, arm] += rng.random(players) < pay_chance[arm]
        pulled[everyone, arm] += 1
    return paid.sum(axis=1) / pulls


# %% [markdown]
# Before you run the next cell: 0.6 is the best pay to expect (with luck it is a little more), and 0.5 is what fair
# coins bring. Where will the player end up who never explores, and where the one who always does?

# %%
pays = {epsilon: play(epsilon) for epsilon in (0.0, 0.02, 0.1, 0.3, 0.5, 1.0)}
for epsilon, pay in pays.items():
    worse = np.mean(pay < 0.5)
    print(f"epsilon {epsilon:4}: mean pay {pay.mean():.3f}; {worse:4.0%} of the players below 0.5")

# %% cellView="form" jupyter={"source_hidden": true} tags=["figure", "teaser"]
# @title Draw figure 4.1
figure, ax = figures.axes()
sideways = np.random.default_rng(1).uniform(-0.28, 0.28, 200)
for place, pay in enumerate(pays.values()):
    dots = {"color": figures.COLORS["random"], "alpha": 0.4, "markersize": 4}
    ax.plot(place + sideways, pay[:200], ".", **dots)
means = [pay.mean() for pay in pays.values()]
ax.plot(means, "o-", color=figures.COLORS["online"], label="mean of 1,000 players")
ax.axhline(0.6, color="black", linestyle="--", linewidth=1, label="the better arm, always")
ax.set(xlabel="Epsilon (not to scale)", ylabel="Mean pay per pull", xticks=range(len(pays)), xticklabels=pays)
figure.legend(loc="outside upper center", ncols=2)
figures.show(
    figure,
    alt="Six columns of dots, the pay of 200 players each. At epsilon 0 they form two clouds, near 0.4 "
    "and near 0.6; at 0.1 most lie near 0.58; at 1 all lie near 0.5. The mean rises from 0.52 to 0.57 "
    "at epsilon 0.1, and falls to 0.50 at 1.",
)

# %% [markdown]
# *Figure 4.1. Each dot is one player's pay over 300 pulls; 200 of the 1,000 players are drawn.* At epsilon 0 there are
# two clouds. The first arm that pays wins for ever: its average stays above 0, and the other arm is not pulled again.
# If it was the better one, you were lucky; 43 players in 100 were not (we expect 40: the worse arm pays first with
# probability 0.4 / (0.4 + 0.6)). Exploring now and then mends that, and 0.1 has the best mean of these six. At epsilon
# 1 you end up knowing well which arm is better, and never use what you know.
#
# > [**Epsilon-greedy.**](glossary.md#epsilon-greedy) Flip a coin that says yes with probability $\epsilon$. If
# > yes, act at random. If no, take the action with the largest Q-value.
#
# ## The coin, as the blog post flips it
#
# First the greedy half. The check in its first line refuses what cannot be Q-values: text, an empty array, NaN.

# %% tags=["taught"]
# lives in rl_jax/policy.py
def greedy(q_values: JaxTensor) -> JaxTensor:
    q_values = validate.q_values("q_values", q_values)
    return jnp.argmax(q_values, axis=-1)


# %% [markdown]
# Then the coin, with a Python `if`. There is something wrong with this function, and something else in the way
# of compiling it. Can you see both?

# %% tags=["naive"]
def take_action(key, q_values, epsilon):
    if jax.random.uniform(key) < epsilon:
        return jax.random.randint(key, (), 0, 2)
    return greedy(q_values)


q_values = jnp.array([1.0, 2.0])
print("without a coin:", take_action(jax.random.key(0), q_values, 0.0))

# %% [markdown]
# The first problem: `if` needs a number, and under `jit` there are only [tracers](glossary.md#tracer).

# %%
try:
    jax.jit(take_action)(jax.random.key(0), q_values, 0.3)
except jax.errors.TracerBoolConversionError as error:
    print(f"{type(error).__name__}: {str(error).splitlines()[0]}")

# %% [markdown]
# ### One key, two draws
#
# The second problem is quieter. The same key flips the coin *and* draws the action. Notebook 01 called a key a
# match. Does it matter here? Let 20,000 keys flip the coin, and let each draw an action in two ways: by
# `randint`, as above, and by `bernoulli`, a fair coin for left or right.

# %%
def three_draws(key):
    return jax.random.uniform(key), jax.random.randint(key, (), 0, 2), jax.random.bernoulli(key)


keys = jax.random.split(jax.random.key(0), 20_000)
coins, by_randint, by_bernoulli = jax.vmap(three_draws)(keys)
explores = coins < 0.3
print(f"{explores.mean():.2f} of the keys explore at epsilon 0.3; of these push to the right")
print(f"  by randint:   {by_randint[explores].mean():.2f}")
print(f"  by bernoulli: {by_bernoulli[explores].mean():.2f}")

# %% [markdown]
# With `bernoulli` *every* explorer goes to the right. It asks whether `uniform(key)` is below 0.5, and with the
# same key that is the very number that was just below 0.3. No explorer ever tries the left, and no error says
# so. (Notebook 08 trains agents with this bug.)
#
# With `randint`, as the blog post has it, there is nothing to be seen: it makes its numbers in another way.
# That was luck. Nobody promised it, and nobody tells you which pairs of functions get along.
#
# > **Rule 04a.** A key is for one draw. Split it first.
#
# You need not look for pairs yourself. JAX watches over the keys, if you ask it to:

# %%
jax.clear_caches()  # older versions of JAX look only while they compile
try:
    with jax.debug_key_reuse(True):
        take_action(jax.random.key(0), q_values, 1.0)
except jax.errors.KeyReuseError as error:
    print(f"{type(error).__name__}: {str(error).splitlines()[0]}")

# %% [markdown]
# ## The coin, compiled
#
# Both problems go away together. Split the key. Draw the coin and the random action *always*, and then let an
# array operation choose. You draw a number that you may not need, and there is no `if` left.
#
# ### Your turn
#
# Write your answer in place of the `...`, and run the cell. It says whether you are right, and if not, what was
# misunderstood. The solution is in the cell after it: folded in Jupyter and Colab, open on GitHub.
#
# **1. Mend the coin** (10 minutes, medium). Epsilon-greedy for *one* state, as a pure function that compiles.
# `q_values` is $[A]$, and $A$ need not be 2. Return one action, a number from 0 to $A - 1$. The check lets it
# act 20,000 times at three values of epsilon, and once with JAX watching over the keys.

# %% tags=["exercise"]
def my_policy(key, q_values, epsilon):
    ...


exercises.check_policy(my_policy)

# %% cellView="form" jupyter={"source_hidden": true} tags=["solution"]
# @title Solution
def my_policy(key, q_values, epsilon):
    coin_key, action_key = jax.random.split(key)
    explore = jax.random.uniform(coin_key) < epsilon
    random_action = jax.random.randint(action_key, (), 0, len(q_values))
    return jnp.where(explore, random_action, jnp.argmax(q_values))


exercises.check_policy(my_policy, solution=True)

# %% [markdown]
# The package's own takes its shapes from the Q-values, so that it serves one state $[A]$ or a batch $[B, A]$
# alike. The three checks look at what can be known: inside `jit` no value is, so values are not checked there.

# %% tags=["taught"]
# lives in rl_jax/policy.py
def epsilon_greedy(key: Key, q_values: JaxTensor, epsilon: float | JaxTensor) -> JaxTensor:
    validate.key("key", key)
    q_values = validate.q_values("q_values", q_values)
    batch, n_actions = q_values.shape[:-1], q_values.shape[-1]
    validate.unit_interval("epsilon", epsilon, shape=batch)
    coin_key, action_key = jax.random.split(key)
    explore = jax.random.uniform(coin_key, batch) < jnp.asarray(epsilon)
    random_action = jax.random.randint(action_key, batch, 0, n_actions)
    return jnp.where(explore, random_action, greedy(q_values))


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
draws = jax.vmap(act, in_axes=(0, None, None))(keys, q_values, 0.3)
print(f"the better action, out of 20,000 draws: {draws.mean():.2f}")

# %% [markdown]
# 0.85. The coin says "act at random", and a random action may well be the greedy one.
#
# **2. Do the sum** (5 minutes, easy). There are `n_actions` actions. With which probability does epsilon-greedy
# take *one particular* action that is not the greedy one?

# %% tags=["exercise"]
def probability_of_other(epsilon, n_actions):
    ...


exercises.check_other(probability_of_other)

# %% cellView="form" jupyter={"source_hidden": true} tags=["solution"]
# @title Solution
def probability_of_other(epsilon, n_actions):
    return epsilon / n_actions


exercises.check_other(probability_of_other, solution=True)

# %% [markdown]
# The greedy action gets the rest, $1 - \epsilon + \epsilon / A$. Five actions and epsilon 0.5: count them.

# %%
five = jnp.array([0.0, 1.0, 4.0, 3.0, 2.0])
draws = jax.vmap(act, in_axes=(0, None, None))(keys, five, 0.5)
print("shares of the five actions:", (np.bincount(draws, minlength=5) / len(draws)).round(2))

# %% [markdown]
# ### A probe
#
# Can an agent find out that its opinion is wrong? One state, two actions: action 0 pays 0.5, action 1 pays 1. The
# agent starts with a small wrong opinion: it thinks that action 0 is worth 0.1, and action 1 nothing. What will it
# believe after 100 actions, without a coin and with one?

# %%
def opinion_after(epsilon, actions=100):
    """Q-values [2] after 100 actions, each of which corrects the one that was taken."""
    pays, q_values = jnp.array([0.5, 1.0]), jnp.array([0.1, 0.0])
    for key in jax.random.split(jax.random.key(0), actions):
        action = act(key, q_values, epsilon)
        q_values = q_values.at[action].add(0.1 * (pays[action] - q_values[action]))
    return q_values.round(1)


print("epsilon 0.0:", opinion_after(0.0))
print("epsilon 0.3:", opinion_after(0.3))

# %% [markdown]
# Without the coin, action 1 is still worth nothing to it: it was never taken, so nothing ever contradicted
# that. This is a [**probe**](glossary.md#probe-environment) again, a task so small that you know the answer, as in
# 03. Notebook 06 has five of them.
#
# ## A real agent's coin
#
# Time for the pole. The next cell trains an agent with the loop of notebook 06, until it holds the pole for 475
# steps on average when it is judged *without* its coin. While it trained, the coin came up ever less often.

# %%
config = loop.PLAIN._replace(stop_at_return=475.0)
agent = loop.train(envs.make("CartPole-v1"), config, seed=2, progress=False)
training, judged = np.median(agent.episode_returns[-10:]), agent.evaluation_returns[-1]
print(f"its last 10 episodes of training, with the coin: ≈ {training:.0f} steps (the median)")
print(f"20 episodes without the coin:                    ≈ {judged:.0f} steps (the mean)")
during = np.interp(agent.episode_steps[-11:], [0, config.epsilon_steps], [1, config.final_epsilon])  # epsilon
print(f"during these 10, epsilon fell from ≈ {during[0]:.2f} to ≈ {during[-1]:.2f}")
assert judged >= 475 and training < judged - 100 and 1 > during[0] > during[-1] >= 0.2

# %% [markdown]
# One agent, two numbers: the first says "a beginner", the second "solved". Between them lie its coin, and what
# it learned during those ten episodes. How much of the difference is the coin's doing? Let the finished agent play with
# many coins: 21 of them, from 0 to 1, and 20 episodes with each. (A NumPy coin will do here, because a Python loop
# calls it.) The returns go into a table.

# %%
network = dqn.network_for(config)
policy = loop.greedy_policy(agent.params, network)


def with_coin(epsilon):
    """The agent's policy, with a coin of this bias."""
    rng = np.random.default_rng(0)
    return lambda state: rng.integers(2) if rng.random() < epsilon else policy(state)


env = envs.make("CartPole-v1")
coins = [round(0.05 * i, 2) for i in range(21)]
returns = {coin: loop.evaluate(with_coin(coin), env, episodes=20, seed=5) for coin in coins}

# %% [markdown]
# ### Drag epsilon
#
# On the left are three states of the pole, and the share of pushes to either side that the agent would make in
# each, out of 1,000. On the right are its 20 episodes with this coin. What do you expect at epsilon 0, and what
# at 1? At which epsilon does the agent begin to fall?

# %%
situations = {
    "leans left": [0.0, 0.0, -0.1, -0.8],
    "upright": [0.0, 0.0, 0.0, 0.0],
    "leans right": [0.0, 0.0, 0.1, 0.8],
}
states = np.array(list(situations.values()), np.float32)
q_of_states = network.apply(agent.params, states)


def shares_of_right(epsilon, draws=1_000):
    """How often the agent would push to the right in the three states."""
    batch = jnp.broadcast_to(q_of_states, (draws, 3, 2))
    return np.asarray(act(jax.random.key(0), batch, epsilon).mean(axis=0))


# %% cellView="form" jupyter={"source_hidden": true} tags=["figure"]
# @title The panel's drawing
def draw_coin(epsilon):
    """Shares of pushes in three states, and the returns of 20 episodes, with this coin."""
    share_right, played = shares_of_right(epsilon), np.sort(returns[round(epsilon, 2)])
    names, colors = list(situations), figures.COLORS
    figure, (left, right) = figures.axes(2, height=2.8, width_ratios=(3, 2))
    left.barh(names, 1 - share_right, color=colors["left"], label="push left")
    left.barh(names, share_right, left=1 - share_right, color=colors["right"], label="push right")
    left.set(xlabel="Share of 1,000 actions", xlim=(0, 1), xticks=(0, 0.5, 1))
    left.invert_yaxis()
    right.plot(np.arange(1, 21), played, "o", color=colors["online"], markersize=4)
    right.axhline(500, color="black", linestyle="--", linewidth=1)
    right.set(xlabel="20 episodes, sorted", ylabel="Return (steps balanced)", ylim=(0, 520))
    right.set(xticks=(1, 10, 20), yticks=(0, 250, 500))
    figure.legend(loc="outside upper left", ncols=2)
    shares = ", ".join(f"{name} {share:.2f}" for name, share in zip(names, share_right, strict=True))
    said = f"epsilon {epsilon:.2f}: pushes to the right: {shares}"
    return figures.png(figure), f"{said}; {np.sum(played == 500)} of 20 episodes reach 500"


# %%
panels.panel(
    draw_coin,
    "Left: for three states, shares of pushes to the left and right. Right: 20 returns, as dots.",
    epsilon=panels.slider("epsilon", 0.3, 0.0, 1.0, 0.05),
)

# %% [markdown]
# *Figure 4.2. At 0.3 an opinion is still followed about 85 times in 100, clear or not.* At 0 each bar has one colour. At
# 1 the agent's opinion is not asked, and all bars meet in the middle:

# %%
for epsilon in (0.0, 0.3, 1.0):
    leans_left, _, leans_right = shares_of_right(epsilon, draws=100_000)
    print(f"epsilon {epsilon}: pushes right when it leans left: {leans_left:.2f}, right: {leans_right:.2f}")

# %% [markdown]
# ## The coin costs return
#
# Now all 21 coins in one picture. The blog post keeps an epsilon of 0.3 for ever. What does that do to this
# agent's score? And what would 0.5 do?

# %% cellView="form" jupyter={"source_hidden": true} tags=["figure"]
# @title Draw figure 4.3
figure, ax = figures.axes()
sideways = np.random.default_rng(1).uniform(-0.012, 0.012, 20)
for epsilon, played in returns.items():
    ax.plot(epsilon + sideways, played, ".", color=figures.COLORS["random"], alpha=0.5)
medians = {epsilon: np.median(played) for epsilon, played in returns.items()}
line = {"color": figures.COLORS["online"], "label": "median of 20 episodes"}
ax.plot(list(medians), list(medians.values()), "o-", **line)
ax.axhline(500, color="black", linestyle="--", linewidth=1, label="the most there is")
ax.set(xlabel="Epsilon", ylabel="Return (steps balanced)", ylim=(0, 520))
figure.legend(loc="outside upper center", ncols=2)
figures.show(
    figure,
    alt="Returns of one agent with 21 coins. Up to epsilon 0.15 all episodes reach 500. From then on more "
    "and more fall early; the median leaves 500 after 0.4, is below 100 from 0.55 on, and near 20 at 1.",
)

# %%
for epsilon in (0.0, 0.3, 0.5, 1.0):
    played = returns[epsilon]
    low, middle, full = played.min(), np.median(played), np.sum(played == 500)
    print(f"epsilon {epsilon}: worst ≈ {low:.0f}, median ≈ {middle:.0f}, ≈ {full} of 20 reach 500")
assert medians[0.0] >= 475 and returns[0.3].min() < 400
assert medians[0.5] < medians[0.0] - 100 and medians[1.0] < 40

# %% [markdown]
# *Figure 4.3. One agent, 21 coins. Each dot is an episode.* A good agent survives many bad pushes. With the
# post's 0.3 it still holds the pole to the end in most episodes, and in a few it falls before; with 0.5 it seldom
# gets there. And the question from above? During those ten episodes of training, epsilon stood between the two values
# that you saw. With coins from this range the *finished* agent gets to:

# %%
alike = [median for epsilon, median in medians.items() if during[-1] <= epsilon <= during[0]]
print(f"medians of the finished agent with these coins: ≈ {min(alike):.0f} to ≈ {max(alike):.0f}")
assert min(alike) < medians[0.0] - 100 and max(alike) <= 500

# %% [markdown]
# With the larger ones its median is below a hundred, as it was then, and it is an agent that holds 500. So a
# *training* curve, played with the coin, tells how well the agent does *while exploring*. How well it would do if you
# let it is another question, and it is the one that counts.
#
# > **Rule 04b.** Explore to learn. Be greedy to be judged.
#
# ## Schedules
#
# A fresh network's Q-values are noise: nothing is lost by exploring nearly always. A good one's are not: figure
# 4.3 shows what exploring costs then. So the coin's bias should fall while the agent learns. The usual schedule
# is a straight line, then a constant.

# %% tags=["taught"]
# lives in rl_jax/policy.py
def linear_epsilon(
    step: int | JaxTensor, start: float = 1.0, end: float = 0.05, decay_steps: int = 10_000
) -> JaxTensor:
    validate.not_negative("step", step, shape=np.shape(step))
    start = validate.unit_interval("start", start)
    end = validate.unit_interval("end", end)
    decay_steps = validate.positive("decay_steps", decay_steps)
    step = jnp.asarray(step, jnp.float32)  # JAX's integers end at 2,147,483,647
    share = jnp.clip(step / decay_steps, 0.0, 1.0)
    return start + (end - start) * share


# %% [markdown]
# Shape it yourself. How many of the first 20,000 steps explore, and when?

# %% cellView="form" jupyter={"source_hidden": true} tags=["figure"]
# @title The panel's drawing
def draw_schedule(end, decay_steps):
    """Epsilon over the first 20,000 steps."""
    steps = np.arange(20_000)
    epsilon = np.asarray(linear_epsilon(steps, 1.0, end, decay_steps), np.float64)
    figure, ax = figures.axes(height=2.6)
    ax.plot(steps[::100], epsilon[::100], color=figures.COLORS["online"], label="this schedule")
    dotted = {"color": figures.COLORS["random"], "linestyle": ":", "label": "the blog post's"}
    ax.axhline(loop.BLOG_POST.epsilon, **dotted)
    ax.set(xlabel="Environment steps", ylabel="Epsilon", ylim=(0, 1.05))
    ax.set(xticks=range(0, 20_001, 5_000), yticks=(0, 0.5, 1))
    figure.legend(loc="outside upper center", ncols=2)
    return figures.png(figure), f"on average {epsilon.sum():,.0f} of 20,000 actions are random"


# %%
panels.panel(
    draw_schedule,
    "Epsilon falls from 1 along a line and then stays constant; the blog post's is a line at 0.3.",
    end=panels.slider("final epsilon", 0.05, 0.0, 1.0, 0.05),
    decay_steps=panels.slider("decay (steps)", 10_000, 1_000, 20_000, 1_000),
)

# %% [markdown]
# *Figure 4.4. A schedule, and the blog post's constant.* This one and two others, in numbers. The agent of this
# notebook used the second one, and stopped before it got to 0.2:

# %%
for end, decay_steps in ((0.05, 10_000), (0.2, 3_000), (0.3, 10_000)):
    print(f"to {end:<4} in {decay_steps:6,} steps: {draw_schedule(end, decay_steps)[1]}")

# %% [markdown]
# ### Your turn
#
# **3. Another schedule** (5 minutes, medium). Write one that starts at 1, halves smoothly every
# `half_life` steps, and never falls below `end`. It must work with a traced step: no `if`.

# %% tags=["exercise"]
def halving_epsilon(step, half_life=1_000, end=0.05):
    ...


exercises.check_schedule(halving_epsilon)

# %% cellView="form" jupyter={"source_hidden": true} tags=["solution"]
# @title Solution
def halving_epsilon(step, half_life=1_000, end=0.05):
    return jnp.maximum(end, 0.5 ** (step / half_life))


exercises.check_schedule(halving_epsilon, solution=True)

# %% [markdown]
# ## Recap
#
# - Greedy alone can lock in an early mistake. Epsilon-greedy tries everything now and then.
# - A key that is used twice may decide two things at once, and no error says so. Split it first.
# - Draw both, choose with `jnp.where`: the rule compiles, and epsilon can be traced.
# - The greedy action is taken with probability $1 - \epsilon + \epsilon/A$.
# - Explore to learn; be greedy to be judged.
#
# ## Questions
#
# <details><summary>Could one simply train greedily and hope that random initial weights explore enough?</summary>
#
# Sometimes that works by luck, as for 57 in 100 of the players in figure 4.1. But the agent then only sees what
# its current opinion leads to, and a wrong opinion about an action that it never takes is never corrected.
# </details>
#
# <details><summary>Why is a coin a poor explorer in a long corridor whose reward is at the end?</summary>
#
# It is undone at the next flip: the chance of n random steps in one direction falls like 2 to the minus n.
# There one needs exploration with a memory, such as curiosity or optimism.
# </details>
#
# <details><summary>The agent's training return is 50, its greedy return 500. Is that possible?</summary>
#
# Yes, with a large epsilon. Figure 4.3 has such dots: its agent holds 500 without a coin, and falls early with a coin
# of 0.6. So one must not read progress off the training curve alone.
# </details>
#
# ## Further reading
#
# - Sutton and Barto, [*Reinforcement learning*](http://incompleteideas.net/book/the-book-2nd.html) (2018),
#   chapter 2: bandits and everything about this coin.
# - Mnih et al., *Human-level control through deep reinforcement learning* (2015), Methods: the linear schedule.
# - [JAX: pseudorandom numbers](https://docs.jax.dev/en/latest/random-numbers.html): why keys, and how to split.
#
# **Next:** [05 · The training step](05_training_step.ipynb): what the Q-values should be.
