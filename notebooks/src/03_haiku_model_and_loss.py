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
# An agent needs an opinion: in this state, how good is each action? Here you build the network that holds the
# opinion, and the loss that tells how wrong it is.
#
# - **What you will build:** the blog post's 300-100-2 network, a loss that cannot be fooled by shapes, and its
#   gradient.
# - **What you will learn:** how Haiku turns layers into pure functions; `init` and `apply`; how to pick $Q(s, a)$
#   out of a batch; why "mean" must be a mean.
# - **What you need:** notebook 01. Any framework with layers.
# - **Time:** 30 minutes.

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
import haiku as hk
import ipywidgets
import jax
import jax.numpy as jnp
import numpy as np

from rl_jax import dqn, envs, loop, plotting, widgets
from rl_jax.typing import JaxTensor

# %% [markdown]
# ## Where this leads
#
# Take a network with random weights, and one after a few thousand steps of the training that the next notebooks
# build. For every angle and angular velocity of the pole, how much better does each find pushing *right*?

# %%
network = loop.CARTPOLE.network()
fresh_params = network.init(jax.random.key(0), jnp.zeros((1, 4)))
trained = loop.train(
    envs.make("CartPole-v1"), loop.CARTPOLE._replace(max_steps=10_000), seed=1, progress=False
)
figure, (left, right) = figures.axes(2, height=3.0, sharey=True)
figures.q_map(figure, left, lambda states: network.apply(fresh_params, states))
figures.q_map(figure, right, lambda states: network.apply(trained.params, states))
left.set(title="Before training")
right.set(title="After 10,000 steps", ylabel="")
figures.show(
    figure,
    alt="Two maps over pole angle and velocity. Before training the border between left and right "
    "is arbitrary; afterwards right is preferred where the pole leans and turns to the right.",
)

# %% [markdown]
# *Figure 3.1. Purple prefers left, orange prefers right; on the black line the network changes its mind.* After
# training the line runs from the top to the lower right: push right where the pole leans *and turns* to the right. It
# resembles the rule of the hand-written player in notebook 00, and nobody told it.
#
# ## Q, in one paragraph
#
# Suppose somebody gave you a function $Q^*(\phi, a)$ that says how much return you will get if you take action $a$
# in the state $\phi$ and act perfectly ever after. Then the best [policy](glossary.md#policy) $\pi$ is trivial: take the action with the
# largest $Q^*$. *Q-learning* looks for that function, and its
# values are [Q-values](glossary.md#q-value). *Deep* Q-learning looks for it among neural networks,
# $Q^*(\phi, a) \approx Q(\phi, a; \theta)$, where $\theta$ are the weights. In goes an observation, out come two
# numbers: one for left, one for right.
#
# ## Haiku: layers in, pure functions out
#
# In PyTorch or Keras a layer is an object that *owns* its weights. JAX transforms functions, so it wants the
# weights outside, as an argument. Haiku lets you write it the first way and gives you the second. Here is the
# blog post's network, with the number of actions at the end and no activation after it, because Q-values may be
# any number:

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
    print(type(error).__name__, "- mentions hk.transform:", "hk.transform" in str(error))

# %% [markdown]
# Layers do not exist outside of `hk.transform`. It turns the function into a pair of pure ones:
#
# - `init(key, observations)` makes the weights. It only looks at the observations' shape.
# - `apply(params, key, observations)` computes the output.
#
# Why does `apply` want a key? For layers such as dropout, which draw random numbers. We have none.

# %%
model = hk.transform(forward_fn)
params = model.init(jax.random.key(0), jnp.zeros((1, 4)))
try:
    model.apply(params, jnp.zeros((1, 4)))
except ValueError as error:
    print(str(error).split(",")[0])

# %% [markdown]
# It took our observations for the key. This is one of the reasons why the post's code no longer runs as it stands.
# `hk.without_apply_rng` removes the argument:

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
# One `apply` serves one state, a batch, or a batch of batches: `hk.Linear` multiplies the last axis and leaves the
# others alone. (A comment in the post says that `vmap` makes it work on batches. There is none, and none is
# needed. But the two agree:)

# %%
states = jax.random.normal(jax.random.key(1), (32, 4))
batched = model.apply(params, states)
one_by_one = jax.vmap(lambda state: model.apply(params, state))(states)
print(batched.shape, "same as vmap:", bool(jnp.allclose(batched, one_by_one, atol=1e-5)))

# %% [markdown]
# From here on we use the package's version. It takes the sizes as arguments, can bring observations to a common
# scale inside the network, and refuses observations of another environment by name instead of by a riddle.

# %%
show_source(dqn.make_network)

# %%
observation_size, n_actions = envs.sizes(envs.make("CartPole-v1"))
network = dqn.make_network(observation_size, n_actions, hidden=(300, 100))
params = network.init(jax.random.key(0), jnp.zeros((1, 4)))
try:
    network.apply(params, jnp.zeros((32, 3)))
except ValueError as error:
    print(error)

# %% [markdown]
# ### An honest word on Haiku
#
# Haiku works, is small, and is *maintained but finished*: its authors recommend Flax for new projects. The ideas
# carry over one to one:
#
# | here, in Haiku | in Flax (Linen) |
# |---|---|
# | `hk.Linear(100)` | `nn.Dense(100)` |
# | `hk.nets.MLP` | an `nn.Module` with a `__call__` |
# | `hk.without_apply_rng(hk.transform(f))` | nothing to do |
# | `model.init(key, x)` | `model.init(key, x)` |
# | `model.apply(params, x)` | `model.apply(variables, x)` |
#
# ## Drag the pole
#
# The panel shows the two Q-values that the *trained* network gives to a pole at this angle, at rest. Where do the
# two bars change places? What does the untrained network think?

# %%
def draw_opinion(angle, weights):
    """Both Q-values for a pole at this angle (degrees), everything else at rest."""
    state = np.array([0.0, 0.0, np.radians(angle), 0.0], np.float32)
    chosen = trained.params if weights == "trained" else fresh_params
    q_left, q_right = (float(q) for q in loop.CARTPOLE.network().apply(chosen, state))
    figure, ax = figures.axes(height=2.2)
    colors = [figures.COLORS["left"], figures.COLORS["right"]]
    ax.barh(["push left", "push right"], [q_left, q_right], color=colors)
    ax.set(xlabel="Q-value (discounted steps to come)")
    word = "right" if q_right > q_left else "left"
    caption = f"angle {angle:+.0f} degrees: left {q_left:.2f}, right {q_right:.2f}, so push {word}"
    return figures.png(figure), caption


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
# Without a kernel: the trained network's view of a pole that leans to either side.

# %%
lean_left, caption_left = draw_opinion(-12.0, "trained")
lean_right, caption_right = draw_opinion(12.0, "trained")
print("pole leans left: ", caption_left.split("so ")[1])
print("pole leans right:", caption_right.split("so ")[1])
figures.show(lean_left, alt="Two bars of similar length; the bar for pushing left is longer.")
figures.show(lean_right, alt="Two bars of similar length; the bar for pushing right is longer.")

# %% [markdown]
# *Figure 3.2. The bars differ by little and the better action wins all the same.* One push matters little if you
# play well afterwards. Learning is about getting a small difference right on top of a large common value.
#
# ## Picking Q(s, a)
#
# The memory says which action was taken in each state, and only that action's Q-value can be compared with what
# then happened. From a batch of Q-values $[B, A]$ and actions $[B]$ we need $[B]$. What does the obvious indexing
# give?

# %%
q_values = jnp.array([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]])
actions = jnp.array([1, 0, 1])
print("q_values[:, actions] ->", q_values[:, actions].shape)

# %% [markdown]
# A square: every row with every action. We want row 0 with action 1, row 1 with action 0, and so on. So name the
# rows as well:

# %%
q_taken = q_values[jnp.arange(3), actions]
print("q_taken ->", q_taken)

# %% [markdown]
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
# It should be 0. Broadcasting compared each target with *each* prediction, nine pairs in all. Nothing failed, and
# an agent would now learn to predict the batch's average. So ours insists on equal shapes:

# %% tags=["taught"]
# lives in rl_jax/nn/losses.py
def mse(y_true: JaxTensor, y_pred: JaxTensor, reduction: str = "mean") -> JaxTensor:
    return _reduce(jnp.square(_error(y_true, y_pred)), reduction)


def _reduce(values: JaxTensor, reduction: str) -> JaxTensor:
    reduce = {"mean": jnp.mean, "sum": jnp.sum, "none": jnp.asarray}
    if reduction not in reduce:
        raise ValueError(f'reduction must be "mean", "sum" or "none", but it is {reduction!r}.')
    return reduce[reduction](values)


# %% tags=["taught"]
# lives in rl_jax/nn/losses.py
def _error(y_true: JaxTensor, y_pred: JaxTensor) -> JaxTensor:
    if jnp.shape(y_true) != jnp.shape(y_pred):
        shapes = f"but they are {jnp.shape(y_true)} and {jnp.shape(y_pred)}"
        hint = "Broadcasting would compare every target with every prediction: squeeze one first."
        raise ValueError(f"y_true and y_pred must have the same shape, {shapes}. {hint}")
    return jnp.asarray(y_true) - jnp.asarray(y_pred)


# %% [markdown]
# Shapes are known while tracing, so this check costs nothing inside `jit`.

# %%
try:
    mse(targets, perfect)
except ValueError as error:
    print(error)
print("with equal shapes:", mse(targets, targets))

# %% [markdown]
# ### The second trap: a mean that is a sum
#
# The blog post calls `nn.losses.mse(..., reduction="mean")` from its author's own package. There, "mean" was the
# mean over the batch of the *sum over the last axis*. For a $[B]$ batch the last axis is the batch, so nothing was
# averaged at all. With 32 errors of 1, what would each return?

# %%
ones, zeros = jnp.ones(32), jnp.zeros(32)
print("a mean:            ", mse(ones, zeros))
print("what the post used:", mse(ones, zeros, reduction="sum"))

# %% [markdown]
# 32 times the loss is 32 times the gradient, and the learning rate of 0.001 acts like 0.032. With that, the post's
# agent diverges: its weights grow to infinity and then become "not a number". Notebook 06 shows what a true mean
# does instead, over eight seeds.
#
# ### Huber: a loss with a speed limit
#
# A squared error of 100 pulls a hundred times as hard as an error of 1. The Huber loss is a parabola near 0 and a
# straight line beyond, so no single surprise pulls harder than `delta`:

# %% tags=["taught"]
# lives in rl_jax/nn/losses.py
def huber(
    y_true: JaxTensor, y_pred: JaxTensor, reduction: str = "mean", delta: float = 1.0
) -> JaxTensor:
    size = jnp.abs(_error(y_true, y_pred))
    quadratic = jnp.minimum(size, delta)
    return _reduce(0.5 * quadratic**2 + delta * (size - quadratic), reduction)


# %%
errors = jnp.linspace(-3, 3, 121)
figure, ax = figures.axes(height=3.0)
parabola, line = mse(errors, 0 * errors, "none") / 2, huber(errors, 0 * errors, "none")
ax.plot(errors, parabola, color=figures.COLORS["online"], label="mse / 2")
ax.plot(errors, line, color=figures.COLORS["target"], label="huber")
ax.set(xlabel="Error", ylabel="Loss")
ax.legend()
figures.show(figure, alt="A parabola, and the Huber curve that leaves it as a straight line at 1.")

# %% [markdown]
# *Figure 3.3. The same near zero; beyond an error of 1 Huber's slope stays at 1.* Most DQN code uses Huber. On
# CartPole it is the slower choice: values here climb to nearly 100, and with a speed limit they take long to get
# there. We stay with `mse`.
#
# ## The gradient
#
# Now join the pieces: the loss of the *weights*, on one batch, with targets given. (Where targets come from is the
# business of notebook 05.)

# %%
def batch_loss(params, states, actions, targets):
    q_values = network.apply(params, states)
    q_taken = q_values[jnp.arange(len(actions)), actions]
    return mse(targets, q_taken)


actions = jnp.arange(32) % 2
grads = jax.jit(jax.grad(batch_loss))(params, states, actions, jnp.ones(32))
same = jax.tree.map(lambda param, grad: param.shape == grad.shape, params, grads)
print("a gradient for every weight:", all(jax.tree.leaves(same)))

# %% [markdown]
# Would you trust it? Check one number of it against a difference quotient, as in notebook 01: push one weight up
# and down a little, and see how the loss moves.

# %%
def shifted(amount):
    """The loss with one bias of the last layer moved by `amount`."""
    moved = jax.tree.map(lambda param: param, params)
    moved["mlp/~/linear_2"]["b"] = params["mlp/~/linear_2"]["b"].at[0].add(amount)
    return batch_loss(moved, states, actions, jnp.ones(32))


quotient = (shifted(0.01) - shifted(-0.01)) / 0.02
print("agree:", bool(jnp.isclose(quotient, grads["mlp/~/linear_2"]["b"][0], rtol=1e-2)))

# %% [markdown]
# ### A probe
#
# One more test, before any pole is involved: a task so small that you know the answer. There are two states, -1 and 1,
# one action, and the reward is the state itself. What must the network say after some steps downhill? And what with
# the loss that trusts shapes?

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
# The second one compared each target with *each* prediction, and learned the average of both states: nothing. On
# CartPole this would be an agent that "somehow does not learn". Such [**probes**](glossary.md#probe-environment) come back in the next notebooks.

# %% [markdown]
# ## Exercises
#
# Write your answer in place of the `...`, and run the cell. It says whether you are right, and if not, what was
# misunderstood. The solution is folded away below.
#
# **1.** Without running it: how many parameters has a network with hidden layers of 32 and 16, four inputs and two
# outputs?

# %% cellView="form" jupyter={"source_hidden": true} tags=["check"]
# @title Check
small = dqn.make_network(4, 2, hidden=(32, 16)).init(jax.random.key(0), jnp.zeros((1, 4)))
check_count = Check(
    cases=[({}, sum(array.size for array in jax.tree.leaves(small)))],
    mistakes=[
        (4 * 32 + 32 * 16 + 16 * 2, "you forgot the biases", "each unit adds one more number"),
        (32 * (4 + 1) + 16 * (32 + 1), "you forgot the output layer",
         "the two Q-values are computed by weights as well"),
        (4 + 32 + 16 + 2, "you counted units, not the weights between them",
         "every unit has one weight for each number that it reads"),
        (4 * 32 + 32 * 16 + 16 * 2 + 4 + 32 + 16 + 2, "you gave the inputs biases too",
         "inputs are not computed, so there is nothing to add to"),
    ],
)

# %% tags=["exercise"]
my_count = ...

check_count(my_count)

# %% cellView="form" jupyter={"source_hidden": true} tags=["solution"]
# @title Solution
my_count = (4 * 32 + 32) + (32 * 16 + 16) + (16 * 2 + 2)

check_count(my_count)

# %% [markdown]
# **2.** From Q-values $[B, A]$ and actions $[B]$, return the Q-value of the action that was taken in each row, $[B]$.

# %% cellView="form" jupyter={"source_hidden": true} tags=["check"]
# @title Check
check_taken = Check(
    cases=[
        ({"q_values": jnp.array([[1.0, 2.0]]), "actions": jnp.array([0])}, [1.0]),
        ({"q_values": jnp.array([[1.0, 2.0], [3.0, 4.0], [6.0, 5.0]]),
          "actions": jnp.array([1, 0, 1])}, [2.0, 3.0, 5.0]),
        ({"q_values": jnp.array([[-1.0, -2.0], [0.5, -3.0], [2.0, 1.0], [-4.0, 7.0]]),
          "actions": jnp.array([1, 1, 0, 0])}, [-2.0, -3.0, 2.0, -4.0]),
    ],
    mistakes=[
        (lambda q, a: q[:, a], "you took every row with every action",
         "name the rows too: row 0 with its action, row 1 with its own"),
        (lambda q, a: jnp.max(q, axis=-1), "you took the best action, not the one that was taken",
         "the memory says which action it was"),
        (lambda q, a: jnp.take_along_axis(q, a[:, None], axis=-1),
         "right numbers, wrong shape: [B, 1] against targets [B] would broadcast to [B, B]",
         "one axis too many"),
        (lambda q, a: q[a], "you used the actions to pick rows", "which axis holds the actions?"),
        (lambda q, a: q * jax.nn.one_hot(a, 2), "you masked the other actions and kept their zeros",
         "one number for each row: what is missing after the mask?"),
        (lambda q, a: jnp.sum(q[jnp.arange(len(a)), a]), "you added the rows up",
         "the loss will average later; keep the rows apart"),
        (lambda q, a: q[jnp.arange(len(a)), 1 - a], "you took the other action",
         "action 0 is the first number of its row"),
    ],
)

# %% tags=["exercise"]
def q_of_taken(q_values, actions):
    ...


check_taken(q_of_taken)

# %% cellView="form" jupyter={"source_hidden": true} tags=["solution"]
# @title Solution
def q_of_taken(q_values, actions):
    return q_values[jnp.arange(len(actions)), actions]


check_taken(q_of_taken)

# %% [markdown]
# ## Recap
#
# - `hk.transform` turns a function with layers into `init` and `apply`; `hk.without_apply_rng` drops the unused
#   key. The weights are a pytree that you carry around.
# - One Q-value per action comes out; `q_values[jnp.arange(B), actions]` picks those that were taken.
# - A loss must insist on equal shapes, and its mean must be a mean.
#
# ## Questions
#
# <details><summary>Why is there no activation after the last layer?</summary>
#
# A ReLU would forbid negative values, a sigmoid values above 1. Q-values are expected returns and may be anything.
# </details>
#
# <details><summary>Why does the network output both Q-values at once, instead of taking the action as an input?</summary>
#
# To act, one needs the maximum over actions. This way it takes one forward pass instead of one per action.
# </details>
#
# <details><summary>What would happen if all initial weights were zero?</summary>
#
# All hidden units would be equal and get equal gradients, so they would stay equal for ever. Random weights break
# the tie; that is why `init` wants a key.
# </details>
#
# ## Further reading
#
# - [Haiku's documentation](https://dm-haiku.readthedocs.io/): `transform` explained from the inside.
# - [Flax](https://flax.readthedocs.io/): where Haiku's authors send new projects.
# - Mnih et al., [*Playing Atari with deep reinforcement learning*](https://arxiv.org/abs/1312.5602) (2013), section
#   4.1: the same network idea, with pixels.
#
# **Next:** [04 · Epsilon-greedy](04_epsilon_greedy.ipynb): from two numbers to one action, with a coin.
