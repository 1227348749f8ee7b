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
# # 03 · The Haiku model and its loss
#
# ![Two maps of pole angle and velocity, before and after training: a wedge at first, then a slanting border.](images/03_teaser.png)
#
# *You are on the fourth of nine pages. Before: [02 · The replay memory](02_replay_memory.ipynb). Next:
# [04 · Epsilon-greedy](04_epsilon_greedy.ipynb).*
#
# An agent needs an opinion: in this state, how good is each action? Here you build the network that holds the
# opinion, and the loss that tells how wrong it is. The maps above show what an untrained and a trained network think.
#
# - **What you will build:** the blog post's 300-100-2 network, a loss that cannot be fooled by shapes, and its
#   gradient.
# - **What you will learn:** how Haiku turns layers into pure functions; `init` and `apply`; how to pick $Q(s,
#   a)$ out of a batch; why "mean" must be a mean.
# - **What you need:** notebook 01. Any framework with layers.
# - **Time:** 60 minutes, half of them for five exercises.

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

import haiku as hk
import ipywidgets
import jax
import jax.numpy as jnp
import numpy as np

from rl_jax import dqn, envs, loop, ondevice, validate
from rl_jax.course import diagrams, figures, panels
from rl_jax.course.exercises import ex03_haiku_model_and_loss as exercises
from rl_jax.course.source import show_source
from rl_jax.typing import JaxTensor

# %% [markdown]
# ## Where this leads
#
# Take a network with random weights, and the best one that 5,000 steps of training brought forth. (The next
# notebooks build that training; the bar shows how far it is.)

# %%
network = dqn.network_for(loop.PLAIN)
fresh_params = network.init(jax.random.key(0), jnp.zeros((1, 4)))
short = loop.PLAIN._replace(max_steps=5_000)
trained = loop.train(envs.make("CartPole-v1"), short, seed=0, progress=True)
print(f"the trained network holds the pole for ≈ {trained.evaluation_returns.max():.0f} of 500 steps")
assert trained.evaluation_returns.max() > 400

# %% [markdown]
# For every angle and angular velocity of the pole, how much better does each of the two find pushing *right*?

# %% cellView="form" jupyter={"source_hidden": true} tags=["figure", "teaser"]
# @title Draw figure 3.1
figure, (left, right) = figures.axes(2, height=3.0, sharey=True)
figures.q_map(figure, left, lambda states: network.apply(fresh_params, states))
figures.q_map(figure, right, lambda states: network.apply(trained.params, states))
left.set(title="Before training")
right.set(title="After training", ylabel="")
figures.show(
    figure,
    alt="Two maps over pole angle and velocity. Before training the border between left and right "
    "is arbitrary; afterwards right is preferred where angle and turning together point to the right.",
)

# %% [markdown]
# *Figure 3.1. Purple prefers left, orange prefers right; on the black line the network changes its mind. The
# cart rests in the middle. Mind the two colour bars: each map has its own.* Before training the opinion is
# weak, and the line lies where chance put it. After training it falls from the upper left to the lower right:
# push right where angle and turning *together* point to the right. It resembles the rule of the hand-written player in
# notebook 00, and nobody told it. (Both networks have two layers of 64 units, notebook 06's choice and not the post's
# below, and they began with different random weights.)
#
# ## Q, in one paragraph
#
# Suppose somebody gave you a function $Q^*(\phi, a)$ that says how much reward is still to come if you take
# action $a$ in the state $\phi$ and act perfectly ever after. Then the best [policy](glossary.md#policy) $\pi$
# is trivial: take the action with the largest $Q^*$. *Q-learning* looks for that function, and its values are
# [Q-values](glossary.md#q-value). *Deep* Q-learning looks for it among neural networks, $Q^*(\phi, a) \approx
# Q(\phi, a; \theta)$, where $\theta$ are the weights. In goes an observation, out come two numbers: one for
# left, one for right.
#
# ## Haiku: layers in, pure functions out
#
# Here is the blog post's network. It ends with one output per action and no activation, because Q-values may be
# any number.

# %% cellView="form" jupyter={"source_hidden": true} tags=["figure"]
# @title Draw figure 3.2
figures.show(
    diagrams.layers((4, 300, 100, 2)),
    alt="Four columns of dots, each joined to all of the next: 4 inputs, 300 units, 100 units, 2 Q-values.",
)

# %% [markdown]
# *Figure 3.2. Four numbers in, two Q-values out. Of the 300 and the 100 units, seven each are drawn.*
#
# In PyTorch or Keras a layer is an object that *owns* its weights. JAX transforms functions, so it wants the
# weights outside, as an argument. Haiku lets you write it the first way and gives you the second:

# %%
def forward_fn(observations):
    mlp = hk.Sequential([
        hk.Linear(300), jax.nn.relu,
        hk.Linear(100), jax.nn.relu,
        hk.Linear(2),
    ])
    return mlp(observations)

# %% [markdown]
# What happens when you simply call it?

# %%
try:
    forward_fn(jnp.zeros((1, 4)))
except ValueError as error:
    print(error)

# %% [markdown]
# Layers do not exist outside of `hk.transform`. It turns the function into a pair of pure ones:
#
# - `init(key, observations)` makes the weights. It looks at the observations' shape and dtype, not at their values.
# - `apply(params, key, observations)` computes the output.
#
# Why does `apply` want a key? For layers such as dropout, which draw random numbers. We have none. Can we leave
# it out?

# %%
model = hk.transform(forward_fn)
params = model.init(jax.random.key(0), jnp.zeros((1, 4)))
try:
    model.apply(params, jnp.zeros((1, 4)))
except ValueError as error:
    print(str(error).split(",")[0])

# %% [markdown]
# It took our observations for the key. This is one of the reasons why the post's code no longer runs as it
# stands. `hk.without_apply_rng` removes the argument:

# %%
model = hk.without_apply_rng(hk.transform(forward_fn))
q_values = model.apply(params, jnp.zeros((1, 4)))
print("Q-values of one state:", q_values.shape)

# %% [markdown]
# The weights are a pytree, as in notebook 01: module name, then parameter name, then array.

# %%
for module, weights in params.items():
    print(module, {name: array.shape for name, array in weights.items()})
print("numbers in all:", sum(array.size for array in jax.tree.leaves(params)))

# %% [markdown]
# ### Your turn
#
# Write your answer in place of the `...`, and run the cell. It says whether you are right, and if not, what was
# misunderstood. The solution is in the cell after it: folded in Jupyter and Colab, open on GitHub.
#
# **1. Count them** (3 minutes, easy). Without running it: how many parameters has a network with hidden layers
# of 32 and 16, four inputs and two outputs?

# %% tags=["exercise"]
my_count = ...

exercises.check_count(my_count)

# %% cellView="form" jupyter={"source_hidden": true} tags=["solution"]
# @title Solution
my_count = (4 * 32 + 32) + (32 * 16 + 16) + (16 * 2 + 2)

exercises.check_count(my_count, solution=True)

# %% [markdown]
# **2. Halfway between two networks** (8 minutes, medium). Weights are an argument, so you can compute with
# them. Make two sets of weights for `forward`, a function like `forward_fn`: one with `key_a`, one with
# `key_b`. Then return what *one* network says about `observations`: the one whose every number lies halfway
# between the two. (Notebook 05 needs such a mixture.)

# %% tags=["exercise"]
def halfway(forward, key_a, key_b, observations):
    ...

exercises.check_halfway(halfway)

# %% cellView="form" jupyter={"source_hidden": true} tags=["solution"]
# @title Solution
def halfway(forward, key_a, key_b, observations):
    model = hk.without_apply_rng(hk.transform(forward))
    params_a = model.init(key_a, observations)
    params_b = model.init(key_b, observations)
    middle = jax.tree.map(lambda a, b: (a + b) / 2, params_a, params_b)
    return model.apply(middle, observations)

exercises.check_halfway(halfway, solution=True)

# %% [markdown]
# ### One state, or many
#
# One `apply` serves one state, a batch, or a batch of batches: `hk.Linear` multiplies the last axis and leaves
# the others alone. (A comment in the post says that `vmap` makes it work on batches. There is none, and none is
# needed.) Does it give a batch at once what it gives to one row after the other?

# %%
states = jax.random.normal(jax.random.key(1), (32, 4))
batched = model.apply(params, states)
one_by_one = jax.vmap(lambda state: model.apply(params, state))(states)
difference = jnp.abs(batched - one_by_one).max()
print(batched.shape, one_by_one.shape, f"largest difference ≈ {difference:.1g}")
assert difference < 1e-4

# %% [markdown]
# From here on we use the package's version. It takes the sizes as arguments, can bring observations to a common
# scale inside the network, and refuses observations of another size in plain words instead of a riddle.

# %%
show_source(dqn.make_network)

# %%
observation_size, n_actions = envs.sizes(envs.make("CartPole-v1"))
post_network = dqn.make_network(observation_size, n_actions, hidden=(300, 100))
params = post_network.init(jax.random.key(0), jnp.zeros((1, 4)))
try:
    post_network.apply(params, jnp.zeros((32, 3)))
except ValueError as error:
    print(error)
print(list(params))

# %% [markdown]
# Its modules have longer names, and you will meet them in error messages. Read `mlp/~/linear_2` from the left:
# inside the module `mlp` (that is `hk.nets.MLP`), made while it was being set up (`~` stands for its
# `__init__`), the layer `linear_2`, which is the third, for Haiku counts from 0.
#
# ### An honest word on Haiku
#
# Haiku works, is small, and is *maintained but finished*: its authors recommend Flax for new projects. To its older
# interface, Linen, the ideas carry over one to one:
#
# | here, in Haiku | in Flax (Linen) |
# |---|---|
# | `hk.Linear(100)` | `nn.Dense(100)` |
# | `hk.nets.MLP` | an `nn.Module` with a `__call__` |
# | `hk.without_apply_rng(hk.transform(f))` | nothing to do |
# | `model.init(key, x)` | `model.init(key, x)` |
# | `model.apply(params, x)` | `model.apply(variables, x)` |
#
# Flax's newer one, NNX, is nearer to PyTorch: there a module owns its weights. Flax has a
# [guide for those who come from Haiku](https://flax.readthedocs.io/en/latest/migrating/haiku_to_flax.html).
#
# ## Drag the pole
#
# The panel shows the two Q-values that the *trained* network gives to a pole at this angle, at rest. At which angle
# does the other bar become the longer one? What does the untrained network think?

# %%
def opinion(angle, params):
    """Q(left) and Q(right) for a pole at this angle (degrees), everything else at rest."""
    state = np.array([0.0, 0.0, np.radians(angle), 0.0], np.float32)
    return [float(q) for q in network.apply(params, state)]

# %% cellView="form" jupyter={"source_hidden": true} tags=["figure"]
# @title What the panel draws
every_angle = np.linspace(-12, 12, 49)
limit = max(max(opinion(angle, trained.params)) for angle in every_angle)
fresh_limit = max(np.abs(opinion(angle, fresh_params)).max() for angle in every_angle)

def draw_opinion(angle, weights):
    is_trained = weights == "trained"
    q_values = opinion(angle, trained.params if is_trained else fresh_params)
    figure, ax = figures.axes(height=2.2)
    colors = [figures.COLORS["left"], figures.COLORS["right"]]
    bars = ax.barh(["push left", "push right"], q_values, color=colors)
    ax.invert_yaxis()
    ax.bar_label(bars, fmt="%.1f" if is_trained else "%.3f", padding=4)
    ends = (-0.05 * limit, 1.15 * limit) if is_trained else (-1.3 * fresh_limit, 1.3 * fresh_limit)
    ax.set(xlabel="Q-value (discounted steps to come)", xlim=ends)
    difference = q_values[1] - q_values[0]
    word = "right" if difference > 0 else "left"
    said = f"push {word}, which is better by {abs(difference):.2g}" if difference else "no push is better"
    return figures.png(figure), f"Pole at {angle:+.1f} degrees: {said}."

# %%
panels.panel(
    draw_opinion,
    "Bars with the Q-values of pushing left and right.",
    angle=panels.slider("pole angle (°)", 5.0, -12.0, 12.0, 0.5),
    weights=ipywidgets.ToggleButtons(
        options=["trained", "untrained"], description="weights",
        style={"description_width": "120px", "button_width": "auto"},
    ),
)

# %% [markdown]
# The same in numbers. How large is the difference, compared with what both have in common?

# %%
for angle in (-12, -5, 0, 5, 12):
    q_left, q_right = opinion(angle, trained.params)
    print(f"{angle:+3} degrees: left ≈ {q_left:.1f}, right ≈ {q_right:.1f}, difference ≈ {q_right - q_left:.1f}")
    assert angle == 0 or (q_right > q_left) == (angle > 0)

# %% [markdown]
# Up to five degrees the two differ by some 3 steps or less, on top of some ninety: one push matters little if
# you play well afterwards. At twelve degrees, where the pole is about to fall, they differ by some 25. Learning
# is about getting a small difference right on top of a large common value.
#
# ### Ninety, for an agent that holds 500?
#
# The *return* of notebook 00 was the plain sum of an episode's rewards. A Q-value is a *discounted* sum: a
# reward that comes $k$ steps later counts $\gamma^k$, with a $\gamma$ a little below 1 (notebook 05 is about
# it). What is the discounted sum of 500 rewards of 1?

# %%
gamma = loop.PLAIN.gamma
print(f"gamma {gamma}: the plain sum is 500, the discounted one {sum(gamma**k for k in range(500)):.1f}")
print(f"the network says ≈ {max(opinion(0, trained.params)):.0f}")
assert max(opinion(0, trained.params)) < 180

# %% [markdown]
# So 184 is what an episode of 500 steps is worth. For the agent time-outs do not count (notebook 00), and a pole
# that never falls is worth $1 / (1 - 0.995) = 200$. The network says less than either: its values began near 0,
# and these weights had at most 5,000 steps to climb. It plays well all the same. To choose an action, only the
# *order* of the two values counts.
#
# ## Picking Q(s, a)
#
# ($s$, the *state*, is another name for $\phi$. In CartPole one sees all of it.)
#
# The memory says which action was taken in each state, and only that action's Q-value can be compared with what
# then happened. From a batch of Q-values $[B, A]$ and actions $[B]$ we need $[B]$. What does the obvious
# indexing give?

# %%
q_values = jnp.array([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]])
actions = jnp.array([1, 0, 1])
print("q_values[:, actions] ->", q_values[:, actions].shape)

# %% [markdown]
# A square: every row with every action. We want row 0 with action 1, row 1 with action 0, and so on: 2, 3 and
# 6.
#
# **3. Pick them** (5 minutes, easy). From Q-values $[B, A]$ and actions $[B]$, return the Q-value of the action
# that was taken in each row, $[B]$. It must work for any number of actions.

# %% tags=["exercise"]
def q_of_taken(q_values, actions):
    ...

exercises.check_taken(q_of_taken)

# %% cellView="form" jupyter={"source_hidden": true} tags=["solution"]
# @title Solution
def q_of_taken(q_values, actions):
    return q_values[jnp.arange(len(actions)), actions]

exercises.check_taken(q_of_taken, solution=True)

# %% [markdown]
# One way is to name the rows as well. (In PyTorch you would write `q_values.gather(1, actions[:,
# None]).squeeze(1)`.)

# %%
print(q_values[jnp.arange(3), actions])
print("action 7 of row 0:", q_values[0, 7])

# %% [markdown]
# Look at the last line. There is no action 7, and JAX raised no error: **an index that is too large is silently
# replaced by the last one that exists.** Compiled code cannot stop in the middle. The package's loss looks at
# the actions where it can.
#
# ## The loss
#
# How far are the network's values from the targets? The mean squared error is a line of code, and that line has
# two traps. Here is the first. Targets come as $[B]$, predictions, carelessly, as $[B, 1]$:

# %% tags=["naive"]
def trusting_mse(y_true, y_pred):
    return jnp.mean((y_true - y_pred) ** 2)

targets = jnp.array([1.0, 2.0, 3.0])
perfect = targets[:, None]
print("loss of a perfect prediction:", round(float(trusting_mse(targets, perfect)), 2))

# %% [markdown]
# It should be 0. Broadcasting compared each target with *each* prediction, nine pairs in all. Nothing failed,
# and an agent would now learn to predict the batch's average. So ours insists on equal shapes:

# %% tags=["taught"]
# lives in rl_jax/nn/losses.py
def mse(y_true: JaxTensor, y_pred: JaxTensor, reduction: str = "mean") -> JaxTensor:
    return _reduce(jnp.square(_error(y_true, y_pred)), reduction)


def _error(y_true: JaxTensor, y_pred: JaxTensor) -> JaxTensor:
    y_true = validate.numbers("y_true", y_true)
    y_pred = validate.numbers("y_pred", y_pred)
    if y_true.shape != y_pred.shape:
        raise ValueError(
            "y_true and y_pred must have the same shape, but they are "
            f"{y_true.shape} and {y_pred.shape}. Broadcasting would compare every target with "
            "every prediction: squeeze one first."
        )
    return y_true - y_pred

# %% [markdown]
# `validate.numbers` makes floats of lists and integers, and refuses what holds no numbers. The reduction is the
# rest:

# %% tags=["taught"]
# lives in rl_jax/nn/losses.py
def _reduce(values: JaxTensor, reduction: str) -> JaxTensor:
    if reduction == "mean":
        if values.size == 0:
            raise ValueError(
                f"a mean must be of at least one element, but there are none: {values.shape}."
            )
        return jnp.mean(values)
    if reduction == "sum":
        return jnp.sum(values)
    if reduction == "none":
        return values
    raise ValueError(f'reduction must be "mean", "sum" or "none", but it is {reduction!r}.')

# %% [markdown]
# Shapes are known while tracing, so these checks cost nothing inside `jit`.

# %%
try:
    mse(targets, perfect)
except ValueError as error:
    print(error)
print("with equal shapes:", mse(targets, targets))

# %% [markdown]
# ### The second trap: a mean that is a sum
#
# The blog post calls `nn.losses.mse(..., reduction="mean")` from its author's own package. There, "mean" was
# the mean over the batch of the *sum over the last axis*. For a $[B]$ batch the last axis is the batch, so
# nothing was averaged at all. With 32 errors of 1, what would each return?

# %%
ones, zeros = jnp.ones(32), jnp.zeros(32)
print("a mean:            ", mse(ones, zeros))
print("what the post used:", mse(ones, zeros, reduction="sum"))

# %% [markdown]
# 32 times the loss is 32 times the gradient. With plain gradient descent, which the post uses, its learning rate of
# 0.001 acts like 0.032. Notebook 06
# shows what too large a step does to an agent, and notebook 08 measures what this sum does.
#
# **4. The loss of a batch** (5 minutes, medium). Put it together: from Q-values $[B, A]$, actions $[B]$ and
# targets $[B]$, return *one* number, the mean squared error of the actions that were taken.

# %% tags=["exercise"]
def loss_of_batch(q_values, actions, targets):
    ...

exercises.check_loss(loss_of_batch)

# %% cellView="form" jupyter={"source_hidden": true} tags=["solution"]
# @title Solution
def loss_of_batch(q_values, actions, targets):
    return mse(targets, q_values[jnp.arange(len(actions)), actions])

exercises.check_loss(loss_of_batch, solution=True)

# %% [markdown]
# ### Huber: a loss with a speed limit
#
# The larger an error, the harder a squared error pulls at the prediction. The Huber loss is a parabola near 0
# and a straight line beyond, so that no single surprise pulls harder than `delta`:

# %% tags=["taught"]
# lives in rl_jax/nn/losses.py
def huber(
    y_true: JaxTensor, y_pred: JaxTensor, reduction: str = "mean", delta: float = 1.0
) -> JaxTensor:
    delta = validate.positive("delta", delta)
    size = jnp.abs(_error(y_true, y_pred))
    quadratic = jnp.minimum(size, delta)
    return _reduce(0.5 * quadratic**2 + delta * (size - quadratic), reduction)

# %% cellView="form" jupyter={"source_hidden": true} tags=["figure"]
# @title Draw figure 3.3
errors = jnp.linspace(-3, 3, 121)
figure, ax = figures.axes(height=3.0)
parabola, line = mse(errors, 0 * errors, "none") / 2, huber(errors, 0 * errors, "none")
ax.plot(errors, parabola, color=figures.COLORS["online"], label="half of mse")
ax.plot(errors, line, color=figures.COLORS["target"], label="huber")
ax.set(xlabel="Error", ylabel="Loss")
ax.legend(loc="upper center")
figures.show(figure, alt="A parabola, and the Huber curve that leaves it as straight lines at -1 and 1.")

# %% [markdown]
# *Figure 3.3. The same near zero; beyond an error of 1 Huber's slope stays at 1 or -1.* (Half of `mse` is drawn,
# because Huber's parabola has that half in it.)
#
# **5. How hard does a loss pull?** (6 minutes, medium). `loss(targets, predictions)` gives one number for a batch.
# Return its derivative by each of the *predictions*, $[B]$, with its sign: positive where a larger prediction makes
# the loss larger. It must work for every loss. (`jax.grad` differentiates by the first argument. Its option `argnums`
# chooses another; a `lambda` does it, too.)

# %% tags=["exercise"]
def pull(loss, targets, predictions):
    ...

exercises.check_pull(pull)

# %% cellView="form" jupyter={"source_hidden": true} tags=["solution"]
# @title Solution
def pull(loss, targets, predictions):
    return jax.grad(loss, argnums=1)(targets, predictions)

exercises.check_pull(pull, solution=True)

# %% [markdown]
# Here is the pull at a single prediction that is too high by 1, by 10 and by 100:

# %%
for loss in (mse, huber):
    slope = jax.grad(loss, argnums=1)
    print(f"{loss.__name__:5}", [float(slope(0.0, error)) for error in (1.0, 10.0, 100.0)])

# %% [markdown]
# With a squared error, an error of 100 pulls a hundred times as hard as an error of 1. With Huber both pull
# alike. That is safe, and slow: how many steps of gradient descent, at a learning rate of 0.1, take a guess from 0
# to 90, if the target is 100? (For Huber you can say it before you run the cell.)

# %%
def steps_to_90(loss):
    slope, guess, steps = jax.jit(jax.grad(loss, argnums=1)), 0.0, 0
    while guess < 90.0:
        guess -= 0.1 * slope(100.0, guess)
        steps += 1
    return steps

print("mse:", steps_to_90(mse), "steps; huber:", steps_to_90(huber), "steps")

# %% [markdown]
# On paper Huber's are 90 / 0.1 = 900. But each of the 900 additions is rounded to 32 bits, and their sum comes out a
# little below 90.
#
# Much DQN code uses Huber. In an agent like the blog post's, values have to climb to about 100, the discounted sum of
# rewards that never end: $1 / (1 - 0.99)$. That is a long way under a speed limit, at least for plain gradient descent
# with a small learning rate. (A larger one, or Adam, which divides by a gradient's usual size, can lift it.) Here are
# fifteen such agents with each loss. (Their networks have a third of the post's units, and they learn on the device,
# all at once, as in notebook 07: you need not wait long. Nor need you read this cell: its parts come in notebooks 05 to
# 08.)

# %%
post = loop.BLOG_POST._replace(max_episodes=None, max_steps=5_000, evaluate_every=500, hidden=(100, 30))

@jax.jit
def train_fifteen(is_huber):
    """Fifteen agents, evaluated greedily every 500 steps."""
    loss = lambda y, q: jnp.where(is_huber, huber(y, q), mse(y, q))
    parts = dqn.make_parts(post)._replace(loss=partial(dqn.td_loss, loss=loss))
    settings = ondevice.Hyperparameters(post.final_epsilon, post.gamma, post.learning_rate)
    keys = jax.random.split(jax.random.key(0), 15)
    return jax.vmap(lambda key: ondevice.run_training(key, post, settings, parts))(keys)

with_mse, with_huber = train_fifteen(False), train_fifteen(True)

# %% cellView="form" jupyter={"source_hidden": true} tags=["figure"]
# @title Draw figure 3.4
figure, ax = figures.axes(height=3.0)
for result, label, color in ((with_mse, "mse", "online"), (with_huber, "huber", "target")):
    runs = list(zip(np.array(result.evaluation_steps), np.array(result.evaluation_returns), strict=True))
    figures.learning_curves(ax, runs, label, figures.COLORS[color], ceiling=100)
ax.set(xlabel="Environment steps", ylabel="Return (steps balanced)", ylim=(0, 130))
ax.legend(loc="upper left", ncols=2)
figures.show(figure, alt="Median return of fifteen agents: with mse it reaches 100, with Huber it climbs late, to below 40.")

# %%
at_the_end = [np.sort(result.evaluation_returns[:, -1]) for result in (with_mse, with_huber)]
for name, returns in zip(("mse", "huber"), at_the_end, strict=True):
    print(f"{name:5} at the end: from ≈ {returns[0]:.0f} to ≈ {returns[-1]:.0f}, median ≈ {returns[7]:.0f} of 100")
assert at_the_end[0][7] > 90 and at_the_end[1][7] < 50

# %% [markdown]
# *Figure 3.4. Fifteen agents each, evaluated without their coin every 500 steps, in episodes that the post cuts off at
# 100 (dashed): the line is their median, the band holds the middle half, and each agent is a faint line. With `mse` the
# median reaches 100; with Huber it leaves the ground late, and is not half way there.* (Three agents of each begin at
# 45 to 70, and lose it: soon with `mse`, later with Huber.) We stay with `mse`.
#
# ## The gradient
#
# Now join the pieces: the loss of the *weights*, on one batch, with targets given. (Where targets come from is
# the business of notebook 05.) `post_network` is the 300-100-2 network from above, `params` are its first weights, and
# `states` the 32 random observations.

# %%
def batch_loss(params, states, actions, targets):
    q_values = post_network.apply(params, states)
    q_taken = q_values[jnp.arange(len(actions)), actions]
    return mse(targets, q_taken)

actions, targets = jnp.arange(32) % 2, jnp.ones(32)
grads = jax.jit(jax.grad(batch_loss))(params, states, actions, targets)
for module, slopes in grads.items():
    print(module, {name: array.shape for name, array in slopes.items()})

# %% [markdown]
# `jax.grad` differentiates by the first argument, and that is the whole tree of weights: a gradient comes back
# for each of the 31,802 numbers, in a tree of the same form. There is no `backward()` and no `zero_grad()`:
# nothing is stored in the weights, the gradient is what the function returns.
#
# Would you trust it? Check one number of it against a difference quotient, as in notebook 01: push one weight
# up and down a little, and see how the loss moves.

# %%
name = "mlp/~/linear_2"  # the last layer

def loss_with_bias_moved(amount):
    moved = {**params[name], "b": params[name]["b"].at[0].add(amount)}
    return batch_loss({**params, name: moved}, states, actions, targets)

quotient = (loss_with_bias_moved(0.01) - loss_with_bias_moved(-0.01)) / 0.02
by_grad = grads[name]["b"][0]
print(f"difference quotient ≈ {quotient:.3f}, gradient ≈ {by_grad:.3f}")
assert abs(quotient - by_grad) < 0.01 * abs(by_grad)

# %% [markdown]
# `{**params, name: moved}` is a *new* dictionary, equal to `params` but for one entry. `params[name] = moved`
# would have changed `params` itself: arrays never change in JAX, but dictionaries are Python's, and do.
#
# ### A probe
#
# One more test, before any pole is involved: a task so small that you know the answer. There are two states, -1
# and 1, one action, and the reward is the state itself. What must the network say after some steps downhill?
# And what with the loss that trusts shapes?

# %%
def fit(loss):
    """The two Q-values after 200 steps of plain gradient descent."""
    seen, tiny = jnp.array([[-1.0], [1.0]]), dqn.make_network(1, 1, hidden=(16,))
    params = tiny.init(jax.random.key(0), seen)
    gradient = jax.jit(jax.grad(lambda params: loss(seen[:, 0], tiny.apply(params, seen))))
    for _ in range(200):
        params = jax.tree.map(lambda p, g: p - 0.1 * g, params, gradient(params))
    return (tiny.apply(params, seen)[:, 0].round(1) + 0.0).tolist()

print("mse:         ", fit(lambda y, q_values: mse(y, q_values[:, 0])))
print("trusting_mse:", fit(trusting_mse))

# %% [markdown]
# The second one compared each target with *each* prediction, and learned for both states the average of their
# rewards, 0: that is, nothing about either.
# On CartPole this would be an agent that "somehow does not learn". Such
# [**probes**](glossary.md#probe-environment) come back in the next notebooks.
#
# ## Recap
#
# - `hk.transform` turns a function with layers into `init` and `apply`; `hk.without_apply_rng` drops the unused
#   key. The weights are a pytree that you carry around, and can compute with.
# - One Q-value per action comes out: how much discounted reward is still to come. Only their order chooses.
# - `q_values[jnp.arange(B), actions]` picks those that were taken. An index that is too large raises no error.
# - A loss must insist on equal shapes, and its mean must be a mean. Huber limits how hard an error pulls.
#
# ## Questions
#
# <details><summary>Why is there no activation after the last layer?</summary>
#
# A ReLU would forbid negative values, a sigmoid values above 1. Q-values are discounted sums of rewards, and may be any
# number.
# </details>
#
# <details><summary>Why does the network output both Q-values at once, instead of taking the action as an input?</summary>
#
# To act, one needs the maximum over actions. This way it takes one forward pass instead of one per action.
# </details>
#
# <details><summary>What would happen if all initial weights were zero?</summary>
#
# With ReLU, all gradients but that of the last layer's biases would be 0: the network would stay a constant, whatever
# it sees. With another activation all units of a layer would be equal, get equal gradients, and stay equal for ever.
# Random weights break the tie; that is why `init` wants a key.
# </details>
#
# <details><summary>The trained network says 90 where up to 200 is right. Must it be trained longer?</summary>
#
# For playing, no: it holds the pole, because left and right are in the right order. For telling how long it
# will hold the pole, longer training alone will not do: notebook 07's agents end above 200, more than there is.
# </details>
#
# ## Further reading
#
# - [Haiku's documentation](https://dm-haiku.readthedocs.io/): `transform` explained from the inside.
# - [Flax](https://flax.readthedocs.io/): where Haiku's authors send new projects.
# - Mnih et al., [*Playing Atari with deep reinforcement learning*](https://arxiv.org/abs/1312.5602) (2013),
#   section 4.1: the same network idea, with pixels.
#
# **Next:** [04 · Epsilon-greedy](04_epsilon_greedy.ipynb): from two numbers to one action, with a coin.
