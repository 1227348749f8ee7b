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
# # 00 · Meet CartPole
#
# Before an agent can learn a task, you should have failed at it yourself. In this notebook you push a cart, watch
# a pole fall, and write down the two numbers that every later notebook tries to beat.
#
# - **What you will build:** a random player, a hand-written one, and a film of both.
# - **What you will learn:** what the agent sees, does and earns; why an episode that *ran out of time* is not one
#   that *failed*; how a seed makes an episode repeatable.
# - **What you need:** Python, a little NumPy. No JAX yet.
# - **Time:** 15 minutes.

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
import gymnasium as gym
import ipywidgets
import numpy as np

from rl_jax import envs, plotting, widgets

# %% [markdown]
# Here is the task, played by someone who has not learned anything: pushes left and right at random.

# %%
screen = envs.make("CartPole-v1", render_mode="rgb_array")
coin = np.random.default_rng(3)
frames, states, actions = film.record(lambda observation: coin.integers(2), screen, seed=3)
figures.show(
    film.animation(frames, fps=15),
    alt="Animation: a cart jerks left and right under random pushes until its pole tips over.",
)

# %% [markdown]
# *Figure 0.1. The cart moves on a track; the pole turns freely on its hinge. The episode ends when it tips.*
#
# `envs.make` is a thin door to `gymnasium.make`: it also knows classic Gym 0.26, the library's name when the blog
# post behind this series was written. Both then speak the same language, which is the one below.
#
# ## The words
#
# In each [**episode**](glossary.md#episode) an [**agent**](glossary.md#agent) acts in an
# [**environment**](glossary.md#environment) $E$. At every time step $t$ it sees an
# [**observation**](glossary.md#observation) $\phi_t$, chooses an [**action**](glossary.md#action) $a_t$ from the set
# $A = \{0, 1\}$, and gets a [**reward**](glossary.md#reward) $r_t$. The [**return**](glossary.md#return) is the sum of an episode's rewards. The agent's only goal is a large return.
#
# What does $\phi_t$ look like here? Start an episode and see.

# %%
env = gym.make("CartPole-v1")
observation, info = env.reset(seed=0)
print(observation.shape, observation.dtype, observation.round(3))

# %% [markdown]
# Four small numbers. They have names and units, and none of them is a pixel:

# %%
names = ("cart position (m)", "cart velocity (m/s)", "pole angle (rad)", "pole velocity (rad/s)")
for name, number in zip(names, observation, strict=True):
    print(f"{name:22} {number:+.3f}")

# %% [markdown]
# So the pole starts almost upright, leaning a little to the left (a negative angle). How many numbers come in and how
# many actions go out is all that a learner has to know about an environment in advance:

# %%
observation_size, n_actions = envs.sizes(env)
print(observation_size, "numbers in,", n_actions, "actions to choose from")

# %% [markdown]
# (For an environment with continuous actions `envs.sizes` raises an error: deep Q-learning takes a maximum over the
# actions, so there must be a handful of them.)
#
# ## One push
#
# Action 0 pushes the cart to the left and action 1 to the right, both with the same force. There is no
# "do nothing".
#
# *Before you run the next cell:* you push the cart to the right, under a pole that leans left. Which of the four
# numbers grow? Does the pole's angle change at once?

# %%
next_observation, reward, terminated, truncated, info = env.step(1)
print("change:", (next_observation - observation).round(3))
print("reward:", reward, "| terminated:", terminated, "| truncated:", truncated)

# %% [markdown]
# Both *velocities* jump: the cart to the right, and the pole's to the left, because the hinge was pulled away from
# under it. The positions hardly move; they follow in the next step. That small delay is what makes balancing an
# interesting task.
#
# The reward is 1 for every step, whatever you do, so the return is simply **the number of steps balanced**.
#
# ## Two ways to stop
#
# `step` returns *two* flags, and telling them apart will matter more than anything else in notebook 05.
#
# Push left, and only left:

# %%
def play(policy, env, seed):
    """One whole episode: its return, and how it ended."""
    observation, _ = env.reset(seed=seed)
    episode_return, terminated, truncated = 0.0, False, False
    while not (terminated or truncated):
        observation, reward, terminated, truncated, _ = env.step(policy(observation))
        episode_return += reward
    return episode_return, terminated, truncated


episode_return, terminated, truncated = play(lambda observation: 0, env, seed=0)
print(f"always left: {episode_return:.0f}, terminated {terminated}, truncated {truncated}")

# %% [markdown]
# Return 11, **terminated**. The pole passed 12 degrees, or the cart passed 2.4 m from the centre: the task itself
# has ended, and nothing can follow.
#
# Now a player that watches: push towards the side to which the pole leans *and* turns.

# %%
def lean(observation):
    """Push under the pole: towards where it will be in a moment."""
    angle, angular_velocity = observation[2], observation[3]
    return int(angle + 0.2 * angular_velocity > 0)


episode_return, terminated, truncated = play(lean, env, seed=0)
print(f"lean: {episode_return:.0f}, terminated {terminated}, truncated {truncated}")

# %% [markdown]
# Return 500, **truncated**. The pole still stands! `CartPole-v1` stops the clock after 500 steps because somebody
# has to go home. If you told an agent that step 500 was a failure, it would learn to fear a pole that stands
# perfectly well. Keep this in mind; the blog post's code cannot tell the two apart.
#
# > **Rule.** [*Terminated*](glossary.md#terminated-and-truncated) means that there is no future. *Truncated* means that we
# > stopped looking.
#
# ## Your turn: push it yourself
#
# Each button appends a push to the text field, and the picture shows where the cart is after all of them. You can
# also type, or delete the last letters to undo. How long can you hold it?

# %%
def draw_pushes(pushes):
    """The state after these pushes, from the same start every time."""
    observation, _ = screen.reset(seed=1)
    step, over = 0, False
    for step, letter in enumerate(pushes.upper(), start=1):
        observation, _, over, _, _ = screen.step(int(letter == "R"))
        if over:
            break
    degrees, verdict = np.degrees(observation[2]), "it fell!" if over else "still standing"
    caption = f"step {step}: angle {degrees:+.1f} degrees, {verdict}"
    return film.animation([screen.render()[140:330]]), caption


# %% [markdown]
# `draw_pushes` is a *pure function*: the same text gives the same picture. Every interactive of this series is
# built so, with a function that you can read and controls that call it.

# %%
text = ipywidgets.Text(description="pushes", placeholder="L or R, one letter a push")
left, right = ipywidgets.Button(description="Left"), ipywidgets.Button(description="Right")
left.on_click(lambda _: setattr(text, "value", text.value + "L"))
right.on_click(lambda _: setattr(text, "value", text.value + "R"))
panel = panels.panel(draw_pushes, "The cart and its pole after your pushes.", pushes=text)
ipywidgets.VBox([ipywidgets.HBox([left, right]), panel])

# %% [markdown]
# If you read this without a kernel, here are three hands that somebody played:

# %%
hands = {
    "": "The cart in the middle of its track, with the pole upright.",
    "LLLLLL": "After six pushes to the left the pole leans far to the right.",
    "LLRRLLRR": "The cart near the middle of its track, with the pole almost upright.",
}
for pushes, alt in hands.items():
    picture, caption = draw_pushes(pushes)
    print(f"{pushes or 'no push':9} {caption}")
    figures.show(picture, alt=alt)

# %% [markdown]
# *Figure 0.2. No push, LLLLLL and LLRRLLRR: alternating pushes in pairs keep the pole near the vertical for a while.*
#
# ## Seeds: the same episode again
#
# An experiment that nobody can repeat is a story. `reset(seed=...)` fixes the start, by a [seed](glossary.md#seed):

# %%
first, _ = env.reset(seed=7)
second, _ = env.reset(seed=7)
other, _ = env.reset(seed=8)
print("same seed, same start: ", np.array_equal(first, second))
print("other seed, same start:", np.array_equal(first, other))

# %% [markdown]
# The physics has no chance in it. Given the start and the actions, the episode is fixed. From notebook 01 on, JAX
# will ask for such a seed at *every* random draw.
#
# ## The number to beat
#
# One episode says little. How long does a random player hold the pole, over a hundred episodes?

# %%
def at_random(seed):
    """A player that flips a fair coin, repeatably."""
    coin = np.random.default_rng(seed)
    return lambda observation: int(coin.integers(2))


random_returns = np.array([play(at_random(seed), env, seed)[0] for seed in range(100)])
lean_returns = np.array([play(lean, env, seed)[0] for seed in range(100)])
print("random: mean", random_returns.mean().round(), "best", random_returns.max())
print("lean:   mean", lean_returns.mean().round(), "worst", lean_returns.min())

# %%
figure, ax = figures.axes()
bins = np.arange(0, 121, 5)
ax.hist(random_returns, bins, color=figures.COLORS["random"])
ax.axvline(random_returns.mean(), color="black", linestyle="--", linewidth=1)
ax.annotate("mean", (random_returns.mean() + 1, 25))
ax.set(xlabel="Return (steps balanced)", ylabel="Episodes of 100")
figures.show(
    figure,
    alt="Histogram of 100 random episodes: most last 10 to 30 steps, a few more than 60.",
)

# %% [markdown]
# *Figure 0.3. The random player drops the pole after about twenty steps; the ceiling of 500 is far off the right
# edge.* A learner that scores 25 has learned nothing. The hand-written `lean` shows the other end: every single
# episode reaches 500. It needed a person who knows physics. The rest of this series is about an agent that finds
# such a rule from the rewards alone.
#
# ## A film you can stop
#
# The player below holds the first 100 steps of `lean`. Play it, or drag through it, and read the caption: does
# the push follow the angle or the angular velocity?

# %%
frames, states, actions = film.record(lean, screen, seed=0, steps=100)
film.player(states, actions, "The cart balances its pole by quick small pushes.")

# %% [markdown]
# The player is a piece of the page and needs no kernel. Where a page may not run scripts, on GitHub for one, the same
# film plays here:

# %%
figures.show(
    film.animation(frames, fps=25),
    alt="Animation: the cart makes small quick moves and the pole stays upright for 100 steps.",
)

# %% [markdown]
# *Figure 0.4. Balancing is many small corrections. A good policy looks nervous.*
#
# ## Exercises
#
# Write your answer in place of the `...`, and run the cell. It says whether you are right, and if not, what was
# misunderstood. The solution is folded away below.
#
# **1.** Write a player that looks at the *angle alone*. Is it better than chance? Return 0 or 1.

# %% cellView="form" jupyter={"source_hidden": true} tags=["check"]
# @title Check
check_angle = Check(
    cases=[
        ({"observation": np.array([0.0, 0.0, 0.1, 0.0])}, 1),
        ({"observation": np.array([0.0, 0.0, -0.1, 0.0])}, 0),
        ({"observation": np.array([0.0, 0.0, 0.1, -2.0])}, 1),
        ({"observation": np.array([2.0, 0.4, -0.1, 0.0])}, 0),
        ({"observation": np.array([-0.3, 0.5, -0.01, 1.0])}, 0),
        ({"observation": np.array([0.3, -0.5, 0.01, 0.2])}, 1),
        ({"observation": np.array([0.3, 0.5, -0.05, 0.1])}, 0),
    ],
    mistakes=[
        (lambda o: int(o[2] < 0), "you push away from the side to which the pole leans",
         "to keep a broom upright on your hand, you move the hand to where the broom is tipping"),
        (lambda o: int(o[0] > 0), "you looked at the cart's position, not at the pole's angle",
         "count the four numbers again, from 0"),
        (lambda o: int(o[1] > 0), "you looked at the cart's velocity, not at the pole's angle",
         "count the four numbers again, from 0"),
        (lambda o: int(o[3] > 0), "you looked at how fast the pole turns, not at its angle",
         "count the four numbers again, from 0"),
        (lambda o: int(o[2] + 0.2 * o[3] > 0), "you used the angular velocity as well",
         "the task says: the angle alone"),
        (lambda o: 1 if o[2] > 0 else -1, "you returned -1, which is not an action",
         "look up which number means a push to the left"),
    ],
)

# %% tags=["exercise"]
def angle_only(observation):
    ...


check_angle(angle_only)

# %% cellView="form" jupyter={"source_hidden": true} tags=["solution"]
# @title Solution
def angle_only(observation):
    return int(observation[2] > 0)


check_angle(angle_only)
mean = np.mean([play(angle_only, env, seed)[0] for seed in range(20)])
print("beats random" if mean > 30 else "no better than random", "| holds 475:", mean >= 475)

# %% [markdown]
# Better than chance, and far from 500: each push comes too late, the swings grow, and the pole goes over. The
# angular velocity is what makes the difference.
#
# **2.** From the two flags, say whether the future is over: what should be remembered as `is_terminal`?

# %% cellView="form" jupyter={"source_hidden": true} tags=["check"]
# @title Check
check_terminal = Check(
    cases=[
        ({"terminated": False, "truncated": False}, False),
        ({"terminated": True, "truncated": False}, True),
        ({"terminated": False, "truncated": True}, False),
        ({"terminated": True, "truncated": True}, True),
    ],
    mistakes=[
        (lambda fell, late: fell or late, "you counted running out of time as the end of the task",
         "did the pole fall, or did somebody stop the clock?"),
        (lambda fell, late: late, "you took the wrong flag: that one says that time ran out",
         "which of the two means that there is no future?"),
        (lambda fell, late: fell and late, "you asked for both flags, but falling alone is an end",
         "when the pole falls at step 11, is anything left to come?"),
        (lambda fell, late: not fell, "you said whether the episode goes on, not whether it is over",
         "read the name of the function aloud as a question"),
        (lambda fell, late: fell and not late, "you dropped a fall that came in the very last step",
         "a pole that falls as the clock stops has fallen all the same"),
    ],
)

# %% tags=["exercise"]
def is_terminal(terminated, truncated):
    ...


check_terminal(is_terminal)

# %% cellView="form" jupyter={"source_hidden": true} tags=["solution"]
# @title Solution
def is_terminal(terminated, truncated):
    return terminated


check_terminal(is_terminal)

# %% [markdown]
# ## Recap
#
# - The agent sees four numbers, has two actions, and earns 1 a step: the return is the number of steps balanced.
# - `reset(seed=...)` returns `(observation, info)`; `step` returns five values, with `terminated` and `truncated`
#   apart.
# - Chance earns about 25. The ceiling of `CartPole-v1` is 500.
#
# ## Questions
#
# <details><summary>Why is the reward 1 even in the step in which the pole falls?</summary>
#
# The pole was balanced until that step. What the agent loses by falling is not this reward but all later ones. In
# notebook 05 this is the difference between a target of 0 and a target of r.
# </details>
#
# <details><summary>Would an agent that only saw the two positions, and no velocities, be able to balance?</summary>
#
# Not from one observation: an upright pole may be turning either way. It would need memory, for instance the last
# two observations.
# </details>
#
# <details><summary>The old CartPole-v0 stopped after 200 steps. Can returns of the two be compared?</summary>
#
# No. A return of 200 is perfect there and poor here. The blog post caps its episodes at 100, so its "perfect" is
# another thing again; notebook 06 measures how much.
# </details>
#
# ## Further reading
#
# - [Gymnasium: CartPole](https://gymnasium.farama.org/environments/classic_control/cart_pole/): the exact limits of
#   position and angle.
# - [Gymnasium: handling time limits](https://gymnasium.farama.org/tutorials/gymnasium_basics/handling_time_limits/):
#   why one `done` became two flags.
# - Barto, Sutton and Anderson, *Neuronlike adaptive elements that can solve difficult learning control problems*
#   (1983): where this task comes from.
#
# **Next:** [01 · JAX and grad](01_jax_grad_basics.ipynb) takes the derivative of a function, and nothing else,
# and shows what makes JAX unlike NumPy.
