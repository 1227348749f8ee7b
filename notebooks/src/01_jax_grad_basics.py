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
# # 01 · JAX and grad
#
# ![The curve 2x cubed with three tangents: steep at -1 and at 1, flat at 0.](images/01_teaser.png)
#
# *You are on the second of nine pages. Before: [00 · Meet CartPole](00_meet_cartpole.ipynb). Next:
# [02 · The replay memory](02_replay_memory.ipynb).*
#
# JAX looks like NumPy and behaves like mathematics: a function goes in, and its derivative, its compiled
# version or its batched version comes out. That is all we need to train an agent, and this page is where it
# starts, with the function $2x^3$.
#
# - **What you will build:** a derivative you can drag along a curve, and a gradient step on a dictionary.
# - **What you will learn:** `grad`, `jit` and `vmap`; why random numbers need keys; what a pytree is; why arrays
#   never change; and what breaks.
# - **What you need:** NumPy, and the idea of a derivative. If you think in PyTorch, keep
#   [From PyTorch to JAX](from_pytorch.md) open beside this page.
# - **Time:** 60 minutes, half of it for the exercises.

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
import time
import timeit

import jax
import jax.numpy as jnp
import numpy as np

from rl_jax.course import figures, panels
from rl_jax.course.exercises import ex01_jax_grad_basics as exercises

# %% [markdown]
# ## What JAX is
#
# Its authors once put it into one sentence: *NumPy on the CPU, GPU, and TPU, with great automatic
# differentiation for high-performance machine learning research* [1]. Today they speak of array computation and
# *program transformation*, and the second half is the heart of it. You write a plain Python function of arrays.
# JAX gives you other functions made from it.
#
# ## The derivative of 2x³
#
# Here is the blog post's first example. What should `df(2.0)` be? Work it out before you run the cell.

# %%
def f(x):
    return 2 * x**3


df = jax.grad(f)
print("f(2) =", f(2.0), "| df(2) =", df(2.0))
assert f(2.0) == 16.0
assert df(2.0) == 24.0

# %% [markdown]
# The derivative of $2x^3$ is $6x^2$, and $6 \cdot 2^2 = 24$. Notice what `grad` took and gave: not a number,
# but a **function for a function**. So it can be applied again: $12x$, then $12$, then $0$.

# %%
d2f = jax.grad(df)
d3f = jax.grad(d2f)
print(d2f(2.0), d3f(2.0), jax.grad(d3f)(2.0))

# %% [markdown]
# Is this only a clever way to compute $\frac{f(x + h) - f(x)}{h}$ for a tiny $h$? Compare the two, for smaller
# and smaller $h$. What should happen to the error? (What is printed after ≈ may be another number on your machine:
# rounding changes it a little, a clock a lot.)

# %%
def quotient(x, h):
    return (f(jnp.float32(x + h)) - f(jnp.float32(x))) / h


steps = 10.0 ** -np.arange(1, 8)
errors = [float(abs(quotient(2, h) - 24)) for h in steps]
for i in (0, 2, 5):
    print(f"h = {steps[i]:.0e}: error ≈ {errors[i]:.2g}")
assert errors[2] < 0.1 < 0.5 < errors[0]
assert errors[5] > 0.5

# %% cellView="form" jupyter={"source_hidden": true} tags=["figure"]
# @title Draw figure 1.1
figure, ax = figures.axes()
ax.loglog(steps, errors, marker="o", color=figures.COLORS["target"])
ax.set(xlabel="Step h (smaller to the right)", ylabel="Error of the difference quotient")
ax.invert_xaxis()
figures.show(
    figure,
    alt="The error falls from 1 at h = 0.1 to a hundredth at h = 0.001, then rises again to 24 at h = 0.0000001.",
)

# %% [markdown]
# *Figure 1.1. Smaller steps help at first. Then 32-bit rounding takes over, and the error grows. At the right
# end 2 and 2 + h are the same number, the quotient is 0, and the error is 24.*
#
# `grad` has no $h$. It follows the chain rule through every operation of `f`, so its only error is the rounding of 32
# bits, and here its 24 is exact. And it does not ask `f` once for every input, as a difference quotient must: below
# you measure what a million derivatives cost.
#
# ### Drag x
#
# Here is the curve, with the line that `grad` says is its tangent, at three points.

# %% cellView="form" jupyter={"source_hidden": true} tags=["figure", "teaser"]
# @title Draw figure 1.2
def draw_tangents(figure, ax, points):
    """The curve, and through each point of it a line with the slope that grad returns."""
    grid = np.linspace(-2.0, 2.0, 101)
    ax.plot(grid, f(grid), color=figures.COLORS["random"], label="$f(x) = 2x^3$")
    for i, x in enumerate(points):
        near = np.array([x - 0.7, x + 0.7])
        line = f(x) + float(df(x)) * (near - x)
        ax.plot(near, line, color=figures.COLORS["target"], label=None if i else "tangent")
        ax.plot(x, f(x), "o", color=figures.COLORS["target"])
    figure.legend(loc="outside upper center", ncols=2)


figure, ax = figures.axes(height=2.8)
draw_tangents(figure, ax, [-1.0, 0.0, 1.0])
ax.set(xlabel="x", ylabel="f(x)", xlim=(-1.8, 1.8), ylim=(-8, 8))
figures.show(figure, alt="The curve 2x cubed with three tangents: steep at -1 and at 1, flat at 0.")

# %% [markdown]
# *Figure 1.2. At 0 the tangent is flat; at 1 and at -1 the slope is the same, because $6x^2$ is even.*
#
# Move the point yourself. The text compares the slope with a difference quotient of $h = 0.01$. Where is the
# quotient too large, where too small?

# %%
def draw_tangent(x):
    """The curve, its tangent at x, and two ways to say how steep it is."""
    figure, ax = figures.axes()
    draw_tangents(figure, ax, [x])
    ax.set(xlabel="x", ylabel="f(x)", xlim=(-2.2, 2.2), ylim=(-18, 18))
    words = f"x = {x:.1f}: grad {df(x):.2f}, quotient {quotient(x, 0.01):.2f}"
    return figures.png(figure), words


panels.panel(draw_tangent, "A cubic curve and its tangent.", x=panels.slider("x", 1.0, -2.0, 2.0, 0.1))

# %% [markdown]
# The quotient looks a little ahead, to $x + 0.01$. Where the slope grows, on the right, it is too large: 6.06
# at 1. On the left the slope falls, and it is too small.
#
# ## Arrays that never change
#
# `jax.numpy` has NumPy's functions under NumPy's names. Two differences matter on this page. First, JAX computes with
# 32 bits, where NumPy takes 64, unless the setting `JAX_ENABLE_X64` says otherwise. 32 bits are seven digits:

# %%
print("64 bits:", np.float64(1) + 1e-8, "| 32 bits:", jnp.float32(1) + 1e-8)

# %% [markdown]
# Second, this fails:

# %%
x = jnp.arange(3.0)
try:
    x[0] = 5.0
except TypeError as error:
    print(error)

# %% [markdown]
# Read the message to its end: it says what to write instead.
#
# JAX's transformations are made for functions in the mathematical sense, which change nothing. (They do not refuse
# others; below you see what becomes of a `print`.) Instead you ask for a new array:

# %%
y = x.at[0].set(5.0)
print("old:", x, "| new:", y)

# %% [markdown]
# The array never changes. But a *dictionary* of arrays is plain Python, and plain Python changes things. Here
# are two names for one dictionary. What does the second name see?

# %%
params = {"slope": jnp.array(0.0)}
second_name = params
params["slope"] = jnp.array(5.0)
print("seen by the second name:", second_name["slope"])

# %% [markdown]
# 5.0: an assignment copies nothing. So never write *into* a dictionary of parameters. Make a new one, and the
# old one stays as it was:

# %%
old = {"slope": jnp.array(0.0)}
new = {name: value + 5.0 for name, value in old.items()}
print("old:", old["slope"], "| new:", new["slope"])

# %% [markdown]
# The blog post copies its network's parameters with `copy.deepcopy`, so that later updates cannot touch the
# copy. If every update makes a new dictionary of new arrays, there is nothing to protect, and a second name is
# enough.
#
# > **Rule 01.** In JAX no array changes, so change no dictionary of them either. A step of training takes the old
# > parameters and returns new ones.
#
# ## grad wants a scalar
#
# `x`, from further up, has three numbers, 0, 1 and 2, so `f(x)` has three. What is "the" derivative now?

# %%
try:
    jax.grad(f)(x)
except TypeError as error:
    print(str(error).split(". ")[0])

# %% [markdown]
# Three outputs and three inputs make *nine* derivatives: each output with respect to each input. This table is
# the **Jacobian**, and JAX has it, too:

# %%
print(jax.jacobian(f)(x))

# %% [markdown]
# Output 0 does not depend on input 1, and so on: all but the diagonal is 0. `grad` gives one number for each input,
# and will not choose three of the nine for you. There are two honest ways to ask for three. Reduce the outputs to
# one number, as every loss does; or say that you mean *each element on its own*, with `vmap`:

# %%
print("gradient of the sum:", jax.grad(lambda x: f(x).sum())(x))
print("each on its own:    ", jax.vmap(df)(x))

# %% [markdown]
# Here both give the Jacobian's diagonal. (If outputs depended on several inputs, the first would add up each
# column of the table.)
#
# `vmap` is the second transformation. It turns a function of one example into a function of a batch. By default
# it takes a row of *every* argument; `in_axes` says which arguments have rows, and which are the same for all:

# %%
def scaled(x, factor):
    return factor * x


print(jax.vmap(scaled, in_axes=(0, None))(x, 10.0))

# %% [markdown]
# The first argument is taken apart along axis 0, the second one, with None, is not.
#
# ## jit: trace once, run many times
#
# The third transformation compiles. When a jitted function is called for the first time, JAX runs the Python
# code with [*tracers*](glossary.md#tracer) in the place of numbers and records what happens to them. Later
# calls run the record. A `print` inside is therefore heard only while it is traced. How often will you hear it
# below?

# %%
@jax.jit
def loud(x):
    print("tracing with", x.shape)
    return 2 * x**3


for length in (3, 3, 4, 3):
    loud(jnp.ones(length))

# %% [markdown]
# Twice: once for each new *shape*. A new value costs nothing; a new shape, or another type of number, costs a new
# trace.
#
# What does a trace cost, and what does it buy? Take a clock. JAX may return before the numbers are there, so
# whoever measures time must wait for them, with `block_until_ready`.

# %%
def time_of(function, x):
    """Seconds a call: the mean of 20, in the fastest of five tries. A first call, which may compile, does not count."""
    call = lambda: function(x).block_until_ready()
    call()
    return min(timeit.repeat(call, number=20, repeat=5)) / 20


total = jax.jit(lambda x: f(x).sum())
started = time.perf_counter()
total(x).block_until_ready()
first = time.perf_counter() - started
later = time_of(total, x)
print(f"first call ≈ {1e3 * first:.1f} ms, later calls ≈ {1e3 * later:.3f} ms")
assert first > 5 * later

# %% [markdown]
# The first call pays for tracing and compiling, all others are cheap. A training loop whose batches always have
# 32 rows pays once.
#
# ### No if on a tracer
#
# A tracer has a shape but no value. So Python's `if` cannot ask it anything:

# %%
@jax.jit
def step_function(x):
    return 1.0 if x > 0 else 0.0


try:
    step_function(2.0)
except jax.errors.TracerBoolConversionError as error:
    print(str(error).splitlines()[0])

# %% [markdown]
# `bool[]` is what `x > 0` is while it is traced: a truth value of shape `[]`, and nobody knows which. The fix
# is a choice that arrays can make: compute both and pick one.

# %%
@jax.jit
def step_function(x):
    return jnp.where(x > 0, 1.0, 0.0)


print(step_function(2.0), step_function(-2.0))

# %% [markdown]
# Remember this one. The blog post's agent flips a coin with a Python `if`, and notebook 04 rebuilds it with
# `jnp.where` so that it can be compiled.
#
# ### jit outermost
#
# The blog post compiles its gradient as `grad(jit(f))`. You could also write `jit(grad(f))`, or leave `jit`
# out. How often does Python run `f` in five calls?

# %%
def count_calls(transform):
    """How many times Python runs while the transformed function is called five times."""
    calls = []

    def counted(x):
        calls.append(x)
        return f(x)

    transformed = transform(counted)
    for number in range(5):
        transformed(float(number))
    return len(calls)


ways = {
    "jit(grad(f))": lambda f: jax.jit(jax.grad(f)),
    "grad(jit(f))": lambda f: jax.grad(jax.jit(f)),
    "grad(f)": jax.grad,
}
print({name: count_calls(transform) for name, transform in ways.items()})

# %% [markdown]
# The counter says that the first two are equally good. Now ask the clock:

# %%
seconds = {name: time_of(transform(f), 2.0) for name, transform in ways.items()}
for name, second in seconds.items():
    print(f"{name:13} ≈ {1e6 * second:.0f} microseconds a call")
assert 5 * seconds["jit(grad(f))"] < seconds["grad(jit(f))"]
assert 5 * seconds["jit(grad(f))"] < seconds["grad(f)"]

# %% [markdown]
# With `grad` outside, `f` is compiled but its *derivative* is put together anew at every call. With `jit`
# outside, Python is out of the way. **Put `jit` outermost.**
#
# ### A million derivatives
#
# Now the cost that was promised above: the derivatives of one sum with respect to a million inputs, beside that
# sum itself (`total` from above, traced once more for the new shape).

# %%
many = jnp.linspace(-1.0, 1.0, 1_000_000)
gradient = jax.jit(jax.grad(lambda x: f(x).sum()))
ratio = time_of(gradient, many) / time_of(total, many)
print(f"{len(gradient(many))} derivatives cost as much as ≈ {ratio:.1f} calls of the function")
assert ratio < 20

# %% [markdown]
# No more than about one call, as far as this clock can tell. (It can even be less than one: `grad` returns the
# derivatives alone, and the compiler leaves out the sum, which they do not need. In general a gradient costs a small
# multiple of its function, however many inputs there are.) A difference quotient would have called the function a
# million and one times. That is why networks with millions of weights can be trained with gradients.
#
# ## Keys: randomness without hidden state
#
# `np.random.normal()` gives another number at each call because something hidden changes. JAX has nothing
# hidden. Every random function takes a [**key**](glossary.md#key), and the same key gives the same numbers:

# %%
def eight_coins(key):
    return jax.random.randint(key, (8,), 0, 2, jnp.int32)


key = jax.random.key(0)
print("same key twice:", eight_coins(key))
print("               ", eight_coins(key))

# %% [markdown]
# So a key is like a match: use it once. When you need more, **split** it, and carry on with the new ones. (The key
# that we split here was already used above, only to show the effect. A real program splits first.)

# %%
key, first_key, second_key = jax.random.split(key, 3)
print("first: ", eight_coins(first_key))
print("second:", eight_coins(second_key))

# %% [markdown]
# This is what makes JAX experiments repeatable: give a run its key, and every draw in it is fixed. The promise
# holds only if *all* randomness goes through keys or seeds; the post's replay memory draws with Python's unseeded
# `random`, so its runs never repeat. Notebook 02 mends that.
#
# ## Pytrees: dictionaries with a gradient
#
# A neural network's parameters are not one array but a nest of dictionaries. JAX calls such a nest a
# [**pytree**](glossary.md#pytree), and every transformation takes it whole. Here is a straight line with two
# parameters, to be fitted to four points that lie on $3x + 1$:

# %%
params = {"slope": jnp.array(0.0), "intercept": jnp.array(0.0)}
xs = jnp.array([0.0, 1.0, 2.0, 3.0])
ys = 3 * xs + 1


def loss(params):
    predictions = params["slope"] * xs + params["intercept"]
    return jnp.mean((predictions - ys) ** 2)


print({name: round(float(grad), 2) for name, grad in jax.grad(loss)(params).items()})

# %% [markdown]
# The gradient has the structure of the parameters: one number for each. To take a step downhill we need
# "parameter minus learning rate times gradient" for every array in the dictionary (JAX calls them the *leaves* of a
# tree), and `jax.tree.map` does just that. As rule 01
# wants it, old parameters go in and new ones come out:

# %%
@jax.jit
def update(params):
    grads = jax.grad(loss)(params)
    return jax.tree.map(lambda param, grad: param - 0.1 * grad, params, grads)


for _ in range(200):
    params = update(params)
print({name: round(float(value), 2) for name, value in params.items()})

# %% [markdown]
# 3 and 1: found by gradient descent in six lines. Replace the line by a network, and the points by an agent's
# experience, and you have the training step of notebook 05.
#
# No `zero_grad`, no `backward`, no `optimizer.step`: [From PyTorch to JAX](from_pytorch.md) puts the two side
# by side, and shows five traps that cost people days.
#
# ## Exercises
#
# Write your answer in place of the `...`, and run the cell. It says whether you are right, and if not, what was
# misunderstood. The solution is in the cell after it: folded in Jupyter and Colab, open on GitHub.
#
# **1. The chain rule** (5 minutes, easy). By hand, without `grad`: the derivative of
# $\frac{1}{n} \sum_i (w x_i - y_i)^2$ with respect to the slope $w$. (The check cannot see how you did it.)

# %% tags=["exercise"]
def slope_gradient(slope, xs, ys):
    ...


exercises.check_slope(slope_gradient)

# %% cellView="form" jupyter={"source_hidden": true} tags=["solution"]
# @title Solution
def slope_gradient(slope, xs, ys):
    errors = slope * xs - ys
    return jnp.mean(2 * errors * xs)


exercises.check_slope(slope_gradient, solution=True)

# %% [markdown]
# A chain of two links: the square, and the line inside it.
#
# **2. The gradient of a dictionary** (5 minutes, easy). Return the gradient of the mean squared error of the line with
# two parameters, as a dictionary like `params`. Let `jax.grad` do it. The data are arguments this time.

# %% tags=["exercise"]
def line_gradient(params, xs, ys):
    ...


exercises.check_line(line_gradient)

# %% cellView="form" jupyter={"source_hidden": true} tags=["solution"]
# @title Solution
def line_gradient(params, xs, ys):
    def loss(params):
        return jnp.mean((params["slope"] * xs + params["intercept"] - ys) ** 2)

    return jax.grad(loss)(params)


exercises.check_line(line_gradient, solution=True)

# %% [markdown]
# The gradient of a dictionary is a dictionary. With a million parameters these lines would not change.
#
# Next, chance. This function rolls two dice with one key. What is wrong with them?

# %% tags=["naive"]
def one_key_dice(key):
    return jax.random.randint(key, (), 1, 7), jax.random.randint(key, (), 1, 7)


rolls = [one_key_dice(jax.random.key(seed)) for seed in range(20)]
print(sum(int(first == second) for first, second in rolls), "of 20 rolls show the same face twice")

# %% [markdown]
# **3. Two dice** (5 minutes, easy). Write a function that returns two fair dice, from 1 to 6, that know nothing
# of each other. The check rolls them 600 times, and then once with JAX itself watching over the keys.

# %% tags=["exercise"]
def two_dice(key):
    ...


exercises.check_dice(two_dice)

# %% cellView="form" jupyter={"source_hidden": true} tags=["solution"]
# @title Solution
def two_dice(key):
    first_key, second_key = jax.random.split(key)
    first = jax.random.randint(first_key, (), 1, 7)
    second = jax.random.randint(second_key, (), 1, 7)
    return first, second


exercises.check_dice(two_dice, solution=True)

# %% [markdown]
# **4. From one to a batch** (5 minutes, easy). You are given a function `score(weights, observation)` that
# returns one number for one observation. Return its scores for all rows of `observations`, of shape `[B, 4]`,
# without a loop.

# %% tags=["exercise"]
def score_all(score, weights, observations):
    ...


exercises.check_score_all(score_all)

# %% cellView="form" jupyter={"source_hidden": true} tags=["solution"]
# @title Solution
def score_all(score, weights, observations):
    return jax.vmap(score, in_axes=(None, 0))(weights, observations)


exercises.check_score_all(score_all, solution=True)

# %% [markdown]
# One set of weights for all rows. Notebook 03 meets this again: one network, many observations.
#
# Last, `jit`. A memory that is filling up has room for many numbers, of which only the first $n$ count. This
# mean of them works, until it is compiled:

# %% tags=["naive"]
def sliced_mean(values, n):
    return jnp.mean(values[:n])


values = jnp.array([2.0, 4.0, 6.0, 100.0])
print(sliced_mean(values, 2))
try:
    jax.jit(sliced_mean)(values, 2)
except IndexError as error:
    print("under jit:", type(error).__name__)

# %% [markdown]
# Under `jit` n is a tracer, and the shape of `values[:n]` would depend on its value.
#
# **5. A mean that compiles** (10 minutes, medium). Write a mean of the first $n$ in which no shape depends on
# n. The check calls it inside `jit`, with n from 1 to the number of values.

# %% tags=["exercise"]
def mean_of_first(values, n):
    ...


exercises.check_mean_of_first(mean_of_first)

# %% cellView="form" jupyter={"source_hidden": true} tags=["solution"]
# @title Solution
def mean_of_first(values, n):
    is_counted = jnp.arange(len(values)) < n
    return jnp.sum(jnp.where(is_counted, values, 0.0)) / n


exercises.check_mean_of_first(mean_of_first, solution=True)

# %% [markdown]
# All numbers stay, and those that do not count become 0. Notebook 07 trains whole agents under `jit` in this
# way.
#
# ## Recap
#
# - `grad`, `jit` and `vmap` take functions and return functions. They combine; put `jit` outermost.
# - Arrays never change; `x.at[i].set(v)` makes a new one. Dictionaries do change, so make new ones.
# - Under `jit` there are shapes but no values: choose with `jnp.where`, not with `if`.
# - A key is for one use: draw with it, or split it, never both.
# - Parameters are pytrees, and `jax.tree.map` walks them.
#
# ## Questions
#
# <details><summary>Why did the loud function not print at its fourth call, with length 3 again?</summary>
#
# The record for shape (3,) was kept from the first call. Traces are cached per shape and dtype.
# </details>
#
# <details><summary>What would happen to a training loop whose batches grew by one at each step?</summary>
#
# Each step would have a new shape, and pay what the first call paid above. The post starts to train only when a
# full batch is there, so its shapes are constant.
# </details>
#
# <details><summary>jax.grad(f)(2) with the integer 2 fails. Why is that a kindness?</summary>
#
# Integers have no derivatives: there is no number right next to 2. NumPy-like code often passes integers by
# accident, and a silent 0 would be much harder to find than an error.
# </details>
#
# <details><summary>grad(jit(f)) and jit(grad(f)) ran f equally often. What did the clock see that the counter did
# not?</summary>
#
# The work of making the derivative. The counter sits inside `f`; what JAX does around it, at each call, it
# cannot see.
# </details>
#
# ## Further reading
#
# - [1] [JAX: composable transformations of Python+NumPy programs](https://github.com/jax-ml/jax): the project. The
#   sentence is from an early version of its Quickstart.
# - [JAX: the sharp bits](https://docs.jax.dev/en/latest/notebooks/Common_Gotchas_in_JAX.html): what else breaks.
# - [micrograd](https://github.com/karpathy/micrograd): how automatic differentiation works inside, in 100 lines.
#
# **Next:** [02 · The replay memory](02_replay_memory.ipynb), where the agent learns to remember.
