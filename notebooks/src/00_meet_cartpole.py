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
# ![A cart on its track. The pole on its hinge leans 13 degrees to the right, past the limit: the episode is over.](images/00_teaser.png)
#
# *You are on the first of nine pages. Next: [01 · JAX and grad](01_jax_grad_basics.ipynb).*
#
# Before an agent can learn a task, you should have failed at it yourself. On this page you push a cart, watch a
# pole fall, and write down two numbers: what chance earns, and the most that there is to earn.
#
# - **What you will build:** a random player, a hand-written one, and a film of both.
# - **What you will learn:** what the agent sees, does and earns; why an episode that *ran out of time* is not one
#   that *failed*; how a seed makes an episode repeatable.
# - **What you need:** Python, a little NumPy. No JAX yet.
# - **Time:** 35 minutes, half of it for the exercises.

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
import gymnasium as gym
import ipywidgets
import numpy as np

from rl_jax import envs
from rl_jax.course import diagrams, figures, film, panels
from rl_jax.course.exercises import ex00_meet_cartpole as exercises

# %% [markdown]
# Here is the task, played by someone who has learned nothing: a coin decides each push.

# %%
screen = envs.make("CartPole-v1", render_mode="rgb_array")
coin = np.random.default_rng(0)
frames, states, actions = film.record(lambda observation: coin.integers(2), screen, seed=3)
film.show(
    frames,
    alt="A cart jerks left and right under random pushes until its pole tips over.",
    fps=15,
)

# %% [markdown]
# *Figure 0.1. The cart moves on a track; the pole turns freely on its hinge. The episode ends when it tips.*
#
# `envs.make` calls `gymnasium.make`. It also makes environments of Gym 0.26, Gymnasium's predecessor, which are used in
# the same way. (The Gym of the blog post behind this series was older still.)
#
# ## Nine pages, one agent
#
# This series builds an agent that learns to hold the pole. Its source is a blog post, [*CartPole with
# JAX*](../README.md): we keep its names and its order, and correct it where it is wrong. (The post's own
# address is not known to us. The link leads to our README, which lists what we changed.)

# %% cellView="form" jupyter={"source_hidden": true} tags=["figure"]
# @title Draw figure 0.2
figures.show(
    diagrams.series_map(here="00"),
    alt="Nine numbered dots in a row. 00 CartPole, 01 JAX and grad, 02 memory, 03 model and loss, 04 epsilon and "
    "05 training step are the parts; 06 full loop puts them together; 07 on device and 08 bug hunt lie beyond.",
)

# %% [markdown]
# *Figure 0.2. You are at the dark ring. Each page up to 05 builds one part, 06 puts the parts together. Then 07
# makes training fast, and 08 plants mistakes in it and finds them.*
#
# Each page stands alone: what earlier pages built, it imports from a small package, `rl_jax`.
#
# ## The words
#
# In each [**episode**](glossary.md#episode) an [**agent**](glossary.md#agent) acts in an
# [**environment**](glossary.md#environment) $E$. At every time step $t$ it sees an
# [**observation**](glossary.md#observation) $\phi_t$, chooses an [**action**](glossary.md#action) $a_t$ from
# the set $A = \{0, 1\}$, and gets a [**reward**](glossary.md#reward) $r_t$. The
# [**return**](glossary.md#return) is the sum of an episode's rewards. The agent's only goal is a large return.

# %% cellView="form" jupyter={"source_hidden": true} tags=["figure"]
# @title Draw figure 0.3
figures.show(
    diagrams.agent_and_environment(),
    alt="Two boxes. An arrow from the agent to the environment: action, 0 (left) or 1 (right). An arrow back: "
    "observation, reward, terminated?, truncated?",
)

# %% [markdown]
# *Figure 0.3. One step: an action goes out, four things come back. Then the next action, and so on.* (In code
# there is a fifth, `info`: a dictionary of extras, which we never need.)
#
# What does $\phi_t$ look like here? Start an episode and see.

# %%
env = gym.make("CartPole-v1")  # `envs.make` does the same, and checks what it is given
observation, info = env.reset(seed=0)
print(observation.shape, observation.dtype, observation.round(3))

# %% [markdown]
# Four small numbers. They have names and units, and none of them is a pixel:

# %%
names = ("cart position (m)", "cart velocity (m/s)", "pole angle (rad)", "angular velocity (rad/s)")
for name, number in zip(names, observation, strict=True):
    print(f"{name:24} {number:+.3f}")

# %% [markdown]
# So the pole starts almost upright, leaning a little to the left: its angle is negative, -0.046 rad or -2.6
# degrees.
#
# A learner needs to know only two things in advance: how many numbers come in, and how many actions there are.

# %%
observation_size, n_actions = envs.sizes(env)
print(observation_size, "numbers in,", n_actions, "actions to choose from")

# %% [markdown]
# ## Two pushes
#
# Action 0 pushes the cart to the left and action 1 to the right, both with the same force. There is no
# "do nothing".
#
# *Before you run the next cell:* you push the cart to the right, twice, under a pole that leans left. Which of
# the four numbers change at once? Which only with the second push?

# %%
for push in (1, 1):
    next_observation, reward, terminated, truncated, info = env.step(push)
    print("change:", (next_observation - observation).round(3), "| reward:", reward)
    observation = next_observation

# %% [markdown]
# The first push changes the two *velocities*: the cart's to the right, and the pole's to the left, because the
# hinge is pulled away from under it. The position and the angle hardly move. They follow with the second push.
# So whoever looks at the angle alone sees the effect of a push one step late, and reacts too late.
#
# The reward is 1 for every step, whatever you do, so the return is simply **the number of steps balanced**.
#
# ## Two ways to stop
#
# `step` returns *two* flags, `terminated` and `truncated`. The difference decides what an agent learns towards: its
# [target](glossary.md#bellman-target) (notebook 05).
#
# Push left, and only left. (A [*policy*](glossary.md#policy) is a function from an observation to an action: what this
# page also calls a player.)

# %%
def play(policy, env, seed):
    """One whole episode: its return, and how it ended."""
    observation, _ = env.reset(seed=seed)
    episode_return, terminated, truncated = 0.0, False, False
    while not (terminated or truncated):
        action = int(policy(observation))  # True will do for 1
        observation, reward, terminated, truncated, _ = env.step(action)
        episode_return += reward
    return episode_return, terminated, truncated


episode_return, terminated, truncated = play(lambda observation: 0, env, seed=0)
print(f"always left: {episode_return:.0f}, terminated {terminated}, truncated {truncated}")

# %% [markdown]
# Return 11, **terminated**: the task itself has ended, and nothing can follow. In `CartPole-v1` that happens
# when the pole passes 12 degrees, or the cart 2.4 m from the centre.
#
# Now a player that watches: push towards where the pole will be in a moment, its angle plus 0.2 s of its turning.

# %%
def lean(observation):
    """Push under the pole: towards where it will be in a moment."""
    angle, angular_velocity = observation[2], observation[3]
    return int(angle + 0.2 * angular_velocity > 0)


episode_return, terminated, truncated = play(lean, env, seed=0)
print(f"lean: {episode_return:.0f}, terminated {terminated}, truncated {truncated}")

# %% [markdown]
# Return 500, **truncated**. The pole still stands! `CartPole-v1` stops the clock after 500 steps, only because one
# has to stop somewhere. If you told an agent that step 500 was a failure, it would learn to fear a pole that stands
# perfectly well. Keep this in mind: the blog post's code cannot tell the two apart. (It gets away with it: it stops each
# episode by itself after 100 steps, long before the clock.)
#
# > **Rule 00.** [*Terminated*](glossary.md#terminated-and-truncated) means that there is no future. *Truncated* means
# > that we stopped looking.
#
# (A rule has the number of the page that it stands on.)
#
# ## Your turn: push it yourself
#
# Here is a function that takes your pushes as text, and returns a picture of where they lead.

# %%
def draw_pushes(pushes):
    """The cart after these pushes, from the same start every time."""
    pushes = pushes.upper().replace(" ", "").replace(",", "")
    strange = sorted(set(pushes) - {"L", "R"})
    own_screen = envs.make("CartPole-v1", render_mode="rgb_array")
    observation, _ = own_screen.reset(seed=1)
    over = False
    step = 0
    for step, letter in enumerate("" if strange else pushes, start=1):
        observation, _, over, _, _ = own_screen.step(int(letter == "R"))
        if over:
            break
    degrees, verdict = np.degrees(observation[2]), "it fell!" if over else "still standing"
    caption = f"step {step}: angle {degrees:+.1f} degrees, {verdict}"
    if strange:
        caption = f"A push is L or R. Nothing was pushed, because of: {' '.join(strange)}"
    return film.animation([own_screen.render()[140:330]]), caption


# %% [markdown]
# It is a [*pure function*](glossary.md#pure-function): the same text gives the same picture, and nothing
# outside it changes. That is why it makes an environment of its own. Nearly every panel of this series is built
# like this: a function that you can read, and controls that call it.
#
# Each button adds a push to the text field. You can also type there, or delete the last letters to undo. How
# long can you hold it?

# %%
text = ipywidgets.Text(description="pushes", placeholder="L or R, one letter a push")
left, right = ipywidgets.Button(description="Left"), ipywidgets.Button(description="Right")
left.on_click(lambda _: setattr(text, "value", text.value + "L"))
right.on_click(lambda _: setattr(text, "value", text.value + "R"))
panel = panels.panel(draw_pushes, "The cart and its pole after your pushes.", pushes=text)
panel.children = (ipywidgets.HBox([left, right]), *panel.children)
panel

# %% [markdown]
# Three sequences of pushes, to begin with:

# %%
for pushes in ("LLLLLL", "LLLLLLLLLL", "LLRRLLRR"):
    picture, caption = draw_pushes(pushes)
    print(f"{pushes:10}  {caption}")

# %% cellView="form" jupyter={"source_hidden": true} tags=["figure", "teaser"]
# @title Draw figure 0.4
picture, caption = draw_pushes("LLLLLLLLLL")
figures.show(picture, alt="The cart left of the middle of its track. Its pole leans to the right, past the limit of 12 degrees.")

# %% [markdown]
# *Figure 0.4. After ten pushes to the left the cart is left of the middle, and the pole is past 12 degrees on the
# right: it counts as fallen.* Pushes in pairs, LLRRLLRR, bring the pole from 2 degrees on the left to within a degree
# of the vertical.
#
# ## Seeds: the same episode again
#
# An experiment that nobody can repeat is a story. `reset(seed=...)` fixes the start, by a
# [seed](glossary.md#seed). Which of these three starts are the same?

# %%
for seed in (7, 7, 8):
    start, _ = env.reset(seed=seed)
    print("seed", seed, "->", start.round(3))

# %% [markdown]
# The same seed, the same four numbers. And there is no chance in the physics: given the start and the actions,
# the episode is fixed. From notebook 01 on, JAX will ask for a *key*, which is made from such a seed, at every
# random draw.
#
# ## The number to beat
#
# One episode says little. How long does a random player hold the pole, over a hundred episodes?

# %%
def at_random(seed):
    """A player that flips a fair coin, repeatably; not the coin that chose the episode's start."""
    coin = np.random.default_rng([1, seed])
    return lambda observation: int(coin.integers(2))


random_returns = np.array([play(at_random(seed), env, seed)[0] for seed in range(100)])
lean_returns = np.array([play(lean, env, seed)[0] for seed in range(100)])
print("random: mean", random_returns.mean().round(), "best", random_returns.max())
print("lean:   mean", lean_returns.mean().round(), "worst", lean_returns.min())

# %% cellView="form" jupyter={"source_hidden": true} tags=["figure"]
# @title Draw figure 0.5
figure, ax = figures.axes()
ax.hist(random_returns, np.arange(0, 121, 5), color=figures.COLORS["random"])
mean = random_returns.mean()
ax.axvline(mean, color="black", linestyle="--", linewidth=1)
ax.annotate(f"mean {mean:.0f}", (mean + 2, 0.9), xycoords=("data", "axes fraction"))
ax.set(xlabel="Return (steps balanced)", ylabel="Episodes (of 100)")
figures.show(
    figure,
    alt="Histogram of 100 random episodes: two thirds last 10 to 25 steps, one more than 60, none more than 75. "
    "A dashed line marks the mean, 23.",
)

# %% [markdown]
# *Figure 0.5. The random player drops the pole after 23 steps on average; its best episode lasts 74. The
# ceiling of 500 lies far beyond the right edge.* (Why `[1, seed]`? The environment draws its start from `seed`. A coin
# made from the same seed would draw the same random bits, and its pushes would depend on the start.)
#
# A learner that scores 23 has learned nothing. The hand-written `lean` is the other end: its worst episode of a
# hundred reaches 500. But `lean` needed a person who knows physics. The rest of this series is about an agent
# that finds such a rule from the rewards alone.
#
# ## A film you can stop
#
# The film below shows the first 100 steps of `lean`. Play it, or drag through it, and read the numbers under
# it: does the push follow the angle, or the angular velocity?

# %%
frames, states, actions = film.record(lean, screen, seed=0, steps=100)
film.player(states, actions, "The cart balances its pole by many quick pushes.")

# %% [markdown]
# Once its cell has run, this film is a piece of the page and needs no kernel. Where a page may not run scripts, on
# GitHub for one, the same film plays here:

# %%
film.show(
    frames,
    alt="The cart makes small quick moves and the pole stays upright for 100 steps.",
    fps=25,
)

# %% [markdown]
# *Figure 0.6. Balancing is many small corrections. A good player looks nervous.*
#
# Angle or angular velocity? Count how often the push goes to the same side as each of them:

# %%
sides = np.where(actions == 1, 1, -1)
for name, column in (("angle", 2), ("angular velocity", 3)):
    print(f"with the {name}: {(np.sign(states[:, column]) == sides).sum()} of {len(sides)} pushes")

# %% cellView="form" jupyter={"source_hidden": true} tags=["figure"]
# @title Draw figure 0.7
figure, ax = figures.axes()
angles, spins = np.degrees(states[:, 2]), states[:, 3]
for action, name, marker in ((0, "left", "<"), (1, "right", ">")):
    chosen = actions == action
    color = figures.COLORS[name]
    ax.plot(angles[chosen], spins[chosen], marker, markersize=4, color=color, label=f"push {name}")
ax.plot([-6, 6], np.radians([6, -6]) / 0.2, color="black", linewidth=1)
ax.set(xlabel="Pole angle (degrees)", ylabel="Angular velocity (rad/s)", xlim=(-3, 1), ylim=(-0.5, 0.75))
figure.legend(loc="outside upper center", ncols=2)
figures.show(
    figure,
    alt="100 steps as points over angle and angular velocity. A falling straight line through the middle parts the "
    "pushes to the left, below it, from those to the right, above it.",
)

# %% [markdown]
# *Figure 0.7. Each point is one step of the film. The line is where `angle + 0.2 * angular_velocity` is 0: all
# pushes to the right lie above it, all pushes to the left below.*
#
# So the answer is: neither alone. 49 of 100 pushes agree with the angle, no more than a coin would; 78 agree
# with the angular velocity; and all of them with the sum.
#
# ## Exercises
#
# Write your answer in place of the `...`, and run the cell. It says whether you are right, and if not, what was
# misunderstood. The solution is in the cell after it: folded in Jupyter and Colab, open on GitHub.
#
# **1. The angle alone** (5 minutes, easy). Write a player that looks at the *angle* and at nothing else, and
# pushes to the side to which the pole leans. Return 0 or 1. Before you run it: will it be better than chance?

# %% tags=["exercise"]
def angle_only(observation):
    ...


exercises.check_angle(angle_only)

# %% cellView="form" jupyter={"source_hidden": true} tags=["solution"]
# @title Solution
def angle_only(observation):
    return int(observation[2] > 0)


exercises.check_angle(angle_only, solution=True)

# %% [markdown]
# How good is it, and how good is a player that looks at the angular velocity alone?

# %%
def spin_only(observation):
    return int(observation[3] > 0)


for name, policy in (("angle", angle_only), ("angular velocity", spin_only), ("both", lean)):
    returns = [play(policy, env, seed)[0] for seed in range(20)]
    print(f"{name:17} mean {np.mean(returns):3.0f}   worst {min(returns):3.0f}")

# %% cellView="form" jupyter={"source_hidden": true} tags=["figure"]
# @title Draw figure 0.8
figure, ax = figures.axes()
for name, policy, color in (("angle alone", angle_only, "target"), ("both", lean, "greedy")):
    _, seen, _ = film.record(lambda state: int(policy(state)), screen, seed=0, steps=60)
    ax.plot(np.degrees(seen[:, 2]), color=figures.COLORS[color], label=name)
for limit in (-12, 12):
    ax.axhline(limit, color="black", linestyle="--", linewidth=1)
ax.set(xlabel="Step", ylabel="Pole angle (degrees)", ylim=(-14, 14))
figure.legend(loc="outside upper center", ncols=2)
figures.show(
    figure,
    alt="The pole's angle over time. Under the player that sees the angle alone it swings further each time, to -11 "
    "and then to 12 degrees at step 40; under the player that uses both it stays within 3 degrees.",
)

# %% [markdown]
# *Figure 0.8. One episode each. The angle alone: each push comes too late, each swing is larger than the one
# before, and at step 40, the last one drawn, the pole is on the dashed limit of 12 degrees. With both it stays
# within 3 degrees.*
#
# The angle alone is better than chance, 41 against 23, and far from 500. The angular velocity alone is better,
# 199: it stops the pole from turning, but it does not see that the pole leans, and the cart must run after it. It
# takes both.
#
# **2. Is it over?** (3 minutes, easy). From the two flags, say whether the future is over: what should be
# remembered as `is_terminal`?

# %% tags=["exercise"]
def is_terminal(terminated, truncated):
    ...


exercises.check_terminal(is_terminal)

# %% cellView="form" jupyter={"source_hidden": true} tags=["solution"]
# @title Solution
def is_terminal(terminated, truncated):
    return terminated


exercises.check_terminal(is_terminal, solution=True)

# %% [markdown]
# **3. An episode, from memory** (10 minutes, medium). How far from the centre of its track does the cart get in
# one episode? Play the episode that begins with `seed`, ask `policy` for each action, and return the largest
# distance, the start and the end included. The check has a small environment of its own, and watches where your
# loop stops.

# %% tags=["exercise"]
def furthest(policy, env, seed):
    ...


exercises.check_furthest(furthest)

# %% cellView="form" jupyter={"source_hidden": true} tags=["solution"]
# @title Solution
def furthest(policy, env, seed):
    observation, _ = env.reset(seed=seed)
    distances = [abs(observation[0])]
    is_over = False
    while not is_over:
        observation, _, terminated, truncated, _ = env.step(policy(observation))
        distances.append(abs(observation[0]))
        is_over = terminated or truncated
    return max(distances)


exercises.check_furthest(furthest, solution=True)

# %% [markdown]
# And on the real track, where 2.4 m is the end?

# %%
for name, policy in (("angular velocity", spin_only), ("both", lean)):
    distances = np.array([furthest(policy, env, seed) for seed in range(20)])
    off_track = (distances > 2.4).sum()
    print(f"{name:17} at most {distances.max():.1f} m; off the track in {off_track} of 20")

# %% [markdown]
# `spin_only` ends all of its 20 episodes off the track (2.4 is rounded: a little more than that). It keeps the pole
# from turning but lets it lean, and the cart runs after it. `lean` does not look at the cart either; but it keeps
# the pole upright, so its cart stays on the track, though it drifts up to 2.0 m.
#
# ## Recap
#
# - The agent sees four numbers, has two actions, and earns 1 a step: the return is the number of steps balanced.
# - `reset(seed=...)` returns `(observation, info)`; `step` returns five values, with `terminated` and `truncated`
#   apart.
# - Chance earns about 23. The ceiling of `CartPole-v1` is 500.
#
# ## Questions
#
# <details><summary>Why is the reward 1 even in the step in which the pole falls?</summary>
#
# The pole was balanced until that step. What the agent loses by falling is not this reward but all later ones.
# In notebook 05 this is the difference between a target of 0 and a target of r.
# </details>
#
# <details><summary>Would an agent that only saw the two positions, and no velocities, be able to balance?</summary>
#
# Not from one observation: an upright pole may be turning either way, and figure 0.8 shows how that ends. It
# would need memory, for instance the last two observations.
# </details>
#
# <details><summary>The old CartPole-v0 stopped after 200 steps. Can returns of the two be compared?</summary>
#
# No. A return of 200 is the best there and less than half of the best here. The blog post caps its episodes at
# 100, so its "perfect" is another thing again: notebook 06 measures how far it is from 500.
# </details>
#
# ## Further reading
#
# - [Gymnasium: CartPole](https://gymnasium.farama.org/environments/classic_control/cart_pole/): the exact limits of
#   position and angle.
# - [Gymnasium: handling time limits](https://gymnasium.farama.org/tutorials/gymnasium_basics/handling_time_limits/):
#   why one `done` became two flags.
# - Barto, Sutton and Anderson, *Neuronlike adaptive elements that can solve difficult learning control problems*
#   (1983): where this form of the task comes from.
#
# **Next:** [01 · JAX and grad](01_jax_grad_basics.ipynb) takes the derivative of a function, and nothing else,
# and shows what makes JAX unlike NumPy.
