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
# JAX looks like NumPy and behaves like mathematics: a function goes in, and its derivative, its compiled version or
# its batched version comes out. That is all we need to train an agent, and this notebook is where it starts, with
# the function $2x^3$.
#
# - **What you will build:** a derivative you can drag along a curve, and a gradient step on a dictionary.
# - **What you will learn:** `grad`, `jit` and `vmap`; why random numbers need keys; what a pytree is; why arrays
#   never change; and what breaks.
# - **What you need:** NumPy, and the idea of a derivative.
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

from rl_jax import plotting, widgets

# %% [markdown]
# ## What JAX is
#
# Its authors once put it into one sentence: *NumPy on the CPU, GPU, and TPU, with great automatic differentiation
# for high-performance machine learning research* [1]. Today they speak of array computation and *program
# transformation*, and the second half is the heart of it. You write a plain Python function of arrays. JAX gives
# you other functions made from it.
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
# The derivative of $2x^3$ is $6x^2$, and $6 \cdot 2^2 = 24$. Notice what `grad` took and gave: not a number, but a
# **function for a function**. So it can be applied again: $12x$, then $12$, then $0$.

# %%
d2f, d3f = jax.grad(df), jax.grad(jax.grad(df))
print(d2f(2.0), d3f(2.0), jax.grad(d3f)(2.0))

# %% [markdown]
# Is this only a clever way to compute $\frac{f(x + h) - f(x)}{h}$ for a tiny $h$? Compare the two, for smaller and
# smaller $h$. What should happen to the error?

# %%
steps = 10.0 ** -np.arange(1, 8)
errors = [abs(float((f(jnp.float32(2 + h)) - f(jnp.float32(2))) / h) - 24) for h in steps]
figure, ax = figures.axes()
ax.loglog(steps, np.maximum(errors, 1e-4), marker="o", color=figures.COLORS["target"])
ax.set(xlabel="Step h", ylabel="Error of the difference quotient")
figures.show(
    figure,
    alt="The error falls with h down to about a thousandth, then rises again to more than one.",
)

# %% [markdown]
# *Figure 1.1. Smaller steps help at first. Then 32-bit rounding takes over, and the error grows.*
#
# `grad` has no $h$. It follows the chain rule through every operation of `f`, so its 24 is exact. It costs about as
# much as `f` itself, however many inputs there are, and that is why deep learning is possible at all.
#
# ### Drag x
#
# Move the point along the curve. The line through it has the slope that `grad` returns; the caption compares it
# with a difference quotient of $h = 0.01$.

# %%
def draw_tangent(x):
    """The curve, its tangent at x, and the two slopes."""
    grid, slope = np.linspace(-2.0, 2.0, 101), float(df(x))
    figure, ax = figures.axes()
    ax.plot(grid, f(grid), color=figures.COLORS["random"], label="$f(x) = 2x^3$")
    near = np.array([x - 0.7, x + 0.7])
    ax.plot(near, f(x) + slope * (near - x), color=figures.COLORS["online"], label="tangent")
    ax.plot(x, f(x), "o", color=figures.COLORS["online"])
    ax.set(xlabel="x", ylabel="f(x)", ylim=(-17, 17))
    ax.legend(loc="upper left")
    quotient = (f(x + 0.01) - f(x)) / 0.01
    return figures.png(figure), f"x = {x:.2f}: grad {slope:.2f}, quotient {quotient:.2f}"


panels.panel(draw_tangent, "A cubic curve and its tangent.", x=panels.slider("x", 1.0, -2, 2, 0.1))

# %% [markdown]
# Without a kernel, here are three positions of the slider:

# %%
for x in (-1.0, 0.0, 1.0):
    picture, caption = draw_tangent(x)
    print(caption)
    figures.show(picture, alt=f"The curve 2x cubed and its tangent at x = {x:.0f}.")

# %% [markdown]
# *Figure 1.2. At 0 the tangent is flat; at 1 and at -1 the slope is the same, because $6x^2$ is even.*
#
# ## Arrays that never change
#
# `jax.numpy` has NumPy's functions under NumPy's names. Two things differ. First, numbers have 32 bits unless you
# insist. Second, this fails:

# %%
x = jnp.arange(3.0)
print(x.dtype)
try:
    x[0] = 5.0
except TypeError as error:
    print(type(error).__name__)

# %% [markdown]
# A function that changes its argument is not a function in the mathematical sense, and nothing could be derived
# from it. Instead you ask for a new array:

# %%
y = x.at[0].set(5.0)
print("old:", x, "| new:", y)

# %% [markdown]
# One thing follows at once. The blog post copies its network's parameters with `copy.deepcopy` so that later
# updates cannot touch the copy. With arrays that never change, a plain assignment is such a copy already.
#
# > **Rule.** In JAX nothing changes. A step of training takes the old parameters and returns new ones.
#
# ## grad wants a scalar
#
# What is "the" derivative of a function with three outputs? There are nine of them, so `grad` refuses:

# %%
try:
    jax.grad(f)(x)
except TypeError as error:
    print(type(error).__name__)

# %% [markdown]
# There are two honest ways out. Reduce the outputs to one number, as every loss does; or say that you mean *each
# element on its own*, with `vmap`:

# %%
print("gradient of the sum:", jax.grad(lambda x: f(x).sum())(x))
print("each on its own:    ", jax.vmap(df)(x))

# %% [markdown]
# `vmap` is the second transformation: it turns a function of one example into a function of a batch. The loop
# disappears into the array operations.
#
# ## jit: trace once, run many times
#
# The third transformation compiles. When a jitted function is called for the first time, JAX runs the Python code
# with [*tracers*](glossary.md#tracer) in the place of numbers and records what happens to them. Later calls run the record. A `print`
# inside is therefore heard only while it is traced. How often will you hear it below?

# %%
@jax.jit
def loud(x):
    print("tracing with", x.shape)
    return 2 * x**3


for length in (3, 3, 4, 3):
    loud(jnp.ones(length))

# %% [markdown]
# Twice: once for each new *shape*. Values may change freely, shapes may not. A training loop that always uses
# batches of 32 compiles once and then flies.
#
# A tracer has a shape but no value. So Python's `if` cannot ask it anything:

# %%
@jax.jit
def step_function(x):
    return 1.0 if x > 0 else 0.0


try:
    step_function(2.0)
except jax.errors.TracerBoolConversionError as error:
    print(type(error).__name__)

# %% [markdown]
# The fix is a choice that arrays can make: compute both and pick one.

# %%
@jax.jit
def step_function(x):
    return jnp.where(x > 0, 1.0, 0.0)


print(step_function(2.0), step_function(-2.0))

# %% [markdown]
# Remember this one. The blog post's agent flips a coin with a Python `if`, and notebook 04 rebuilds it with
# `jnp.where` so that it can be compiled.
#
# Without `jit`, Python runs `f` again at every call of the derivative. With it, how often in five calls?

# %%
def count_calls(transform):
    """How many times Python runs while the transformed function is called five times."""
    calls = []

    def counted(x):
        calls.append(x)
        return 2 * x**3

    transformed = transform(counted)
    for number in range(5):
        transformed(float(number))
    return len(calls)


print("jit(grad(f)):", count_calls(lambda f: jax.jit(jax.grad(f))))
print("grad(f):     ", count_calls(jax.grad))

# %% [markdown]
# Once: after the first call Python is out of the way. The blog post writes the two the other way round,
# `grad(jit(f))`. Then `f` is compiled but its derivative is put together anew at every call; the speed table in
# `benchmarks/` shows what that costs a training loop. **Put `jit` outermost.**
#
# ## Keys: randomness without hidden state
#
# `np.random.normal()` gives another number at each call because something hidden changes. JAX has nothing hidden.
# Every random function takes a [**key**](glossary.md#key), and the same key gives the same numbers:

# %%
key = jax.random.key(0)
print("same key twice:", jax.random.bernoulli(key, 0.5, (8,)).astype(int))
print("               ", jax.random.bernoulli(key, 0.5, (8,)).astype(int))

# %% [markdown]
# So a key is like a match: use it once. When you need more, **split** it, and carry on with the new ones.

# %%
key, first_key, second_key = jax.random.split(key, 3)
print("first: ", jax.random.bernoulli(first_key, 0.5, (8,)).astype(int))
print("second:", jax.random.bernoulli(second_key, 0.5, (8,)).astype(int))

# %% [markdown]
# This is what makes JAX experiments repeatable: give a run its key, and every draw in it is fixed. The promise
# holds only if *all* randomness goes through keys; the post's replay memory draws with Python's unseeded `random`,
# so its runs never repeat. Notebook 02 mends that.
#
# ## Pytrees: dictionaries with a gradient
#
# A neural network's parameters are not one array but a nest of dictionaries. JAX calls such a nest a [**pytree**](glossary.md#pytree),
# and every transformation takes it whole. Here is a straight line with two parameters, fitted to four points that
# lie on $3x + 1$:

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
# "parameter minus learning rate times gradient" for every leaf, and `jax.tree.map` does just that:

# %%
@jax.jit
def update(params):
    grads = jax.grad(loss)(params)
    return jax.tree.map(lambda param, grad: param - 0.1 * grad, params, grads)


for _ in range(200):
    params = update(params)
print({name: round(float(value), 2) for name, value in params.items()})

# %% [markdown]
# 3 and 1: found by gradient descent in four lines. Replace the line by a network, and the points by an agent's
# experience, and you have the training step of notebook 05.
#
# ## Exercises
#
# Write your answer in place of the `...`, and run the cell. It says whether you are right, and if not, what was
# misunderstood. The solution is folded away below.
#
# **1.** By hand, without `grad`: the derivative of $\frac{1}{n} \sum_i (w x_i - y_i)^2$ with respect to the slope $w$.

# %% cellView="form" jupyter={"source_hidden": true} tags=["check"]
# @title Check
check_slope = Check(
    cases=[  # on paper: 2 * 1 * 2; (2 * 1 * 1 + 2 * 1 * 2) / 2; the last errors are -2.5, 1 and 1
        ({"slope": 1.0, "xs": jnp.array([2.0]), "ys": jnp.array([1.0])}, 4.0),
        ({"slope": 1.0, "xs": jnp.array([1.0, 2.0]), "ys": jnp.array([0.0, 1.0])}, 3.0),
        ({"slope": 0.5, "xs": jnp.array([1.0, 2.0, 4.0]), "ys": jnp.array([3.0, 0.0, 1.0])}, 7 / 3),
    ],
    mistakes=[
        (lambda w, xs, ys: jnp.mean(2 * (w * xs - ys)),
         "you stopped half way along the chain rule", "what does w x - y itself do when w grows?"),
        (lambda w, xs, ys: jnp.mean((w * xs - ys) * xs),
         "the derivative of the square is missing its factor", "what is the derivative of e * e?"),
        (lambda w, xs, ys: jnp.sum(2 * (w * xs - ys) * xs),
         "you added the examples up, but the loss is their mean", "what happened to 1/n?"),
        (lambda w, xs, ys: jnp.mean(2 * (ys - w * xs) * xs),
         "the sign is turned: a step against your gradient would go uphill",
         "the error inside the square is prediction minus target"),
        (lambda w, xs, ys: jnp.mean((w * xs - ys) ** 2),
         "this is the loss, not its derivative", "how does this number change when w does?"),
        (lambda w, xs, ys: 2 * (w * xs - ys) * xs,
         "you gave one number for each example", "there is one slope, so one derivative"),
        (lambda w, xs, ys: jnp.mean(2 * (w * xs - ys)) * jnp.mean(xs),
         "you multiplied two means, and the mean of the products was asked for",
         "first multiply, example by example; then average"),
    ],
)

# %% tags=["exercise"]
def slope_gradient(slope, xs, ys):
    ...


check_slope(slope_gradient)

# %% cellView="form" jupyter={"source_hidden": true} tags=["solution"]
# @title Solution
def slope_gradient(slope, xs, ys):
    errors = slope * xs - ys
    return jnp.mean(2 * errors * xs)


check_slope(slope_gradient)

# %% [markdown]
# A chain of two links: the square, and the line inside it.
#
# **2.** Now let `jax.grad` do it, for the line with two parameters: the gradient of the mean squared error, as a
# dictionary like `params`.

# %% cellView="form" jupyter={"source_hidden": true} tags=["check"]
# @title Check
def line_loss(params, xs, ys, reduce=jnp.mean):
    return reduce((params["slope"] * xs + params["intercept"] - ys) ** 2)


start = {"slope": 1.0, "intercept": 0.0}
mistaken_line = [
    (jax.grad(line_loss, argnums=1), "you differentiated with respect to the points",
     "`grad` looks at the first argument of the function that you give it"),
    (line_loss, "this is the loss, not its gradient", "where is `grad`?"),
    (lambda params, xs, ys: jax.grad(line_loss)(params, xs, ys, jnp.sum),
     "you added the examples up, but the loss is their mean", "compare with 1/n in exercise 1"),
    (jax.value_and_grad(line_loss), "you returned the loss together with the gradient",
     "of this pair only one is asked for"),
    (lambda params, xs, ys: jax.grad, "`grad` made a function, and you did not call it",
     "a function for a function: the new one wants arguments too"),
    (lambda params, xs, ys: jax.grad(lambda w: line_loss(params | {"slope": w}, xs, ys))(1.0),
     "you differentiated with respect to the slope alone",
     "hand the whole dictionary to the function that `grad` gets"),
    (jax.grad(lambda w, xs, ys: jnp.mean(w["slope"] * xs + w["intercept"] - ys) ** 2),
     "you averaged the errors, and squared after that", "opposite errors must not cancel"),
    (lambda params, xs, ys: jax.tree.map(jnp.negative, jax.grad(line_loss)(params, xs, ys)),
     "the sign is turned", "`grad` needs no help: the update will subtract"),
]


# %% cellView="form" jupyter={"source_hidden": true} tags=["check"]
# @title Check, continued
check_line = Check(
    cases=[  # the error is 1 at every point, and in the last case -1.5, 2 and 2
        ({"params": start, "xs": jnp.array([2.0]), "ys": jnp.array([1.0])},
         {"slope": 4.0, "intercept": 2.0}),
        ({"params": start, "xs": jnp.array([1.0, 2.0]), "ys": jnp.array([0.0, 1.0])},
         {"slope": 3.0, "intercept": 2.0}),
        ({"params": {"slope": 0.5, "intercept": 1.0}, "xs": jnp.array([1.0, 2.0, 4.0]),
          "ys": jnp.array([3.0, 0.0, 1.0])}, {"slope": 7.0, "intercept": 5 / 3}),
    ],
    mistakes=mistaken_line,
    observe=lambda f, *args: "a function" if callable(given := f(*args)) else given,
)

# %% tags=["exercise"]
def line_gradient(params, xs, ys):
    ...


check_line(line_gradient)

# %% cellView="form" jupyter={"source_hidden": true} tags=["solution"]
# @title Solution
def line_gradient(params, xs, ys):
    def loss(params):
        return jnp.mean((params["slope"] * xs + params["intercept"] - ys) ** 2)

    return jax.grad(loss)(params)


check_line(line_gradient)

# %% [markdown]
# The gradient of a dictionary is a dictionary. With a million parameters these lines would not change.
#
# **3.** This function rolls two dice with one key, so they always agree. Write one that does not.

# %% tags=["naive"]
def one_key_dice(key):
    return jax.random.randint(key, (), 1, 7), jax.random.randint(key, (), 1, 7)


print([tuple(int(die) for die in one_key_dice(jax.random.key(seed))) for seed in range(4)])

# %% [markdown]
# The check rolls 60 times, and then once with JAX itself watching over the keys.

# %% cellView="form" jupyter={"source_hidden": true} tags=["check"]
# @title Check
def dice_facts(answer, rolls, jax_watches):
    if jax_watches:
        jax.clear_caches()  # older versions of JAX look only while they compile
        with jax.debug_key_reuse(True):
            answer(jax.random.key(0))
        return {"each key is used once": True}
    pairs = [[float(die) for die in answer(jax.random.key(seed))] for seed in range(rolls)]
    again = [[float(die) for die in answer(jax.random.key(seed))] for seed in range(5)]
    return {
        "the dice agree": {0: "never", rolls: "always"}.get(sum(a == b for a, b in pairs), "sometimes"),
        "more than 12 different pairs": len(set(map(tuple, pairs))) > 12,
        "faces seen": sorted({die for pair in pairs for die in pair})[:8],
        "same key, same dice": again == pairs[:5],
    }


roll = lambda key, sides=6: jax.random.randint(key, (), 1, sides + 1)

# %% cellView="form" jupyter={"source_hidden": true} tags=["check"]
# @title Check, continued
fair = {"the dice agree": "sometimes", "more than 12 different pairs": True,
        "faces seen": [1, 2, 3, 4, 5, 6], "same key, same dice": True}
check_dice = Check(
    cases=[
        ({"rolls": 60, "JAX watches": False}, fair),
        ({"rolls": 1, "JAX watches": True}, {"each key is used once": True}),
    ],
    mistakes=[
        (one_key_dice, "both dice were rolled with the same key", "a key is like a match"),
        (lambda key: (roll(key), roll(jax.random.split(key)[1])),
         "you split the key, and then used it once more", "after a split the old key is spent"),
        (lambda key: tuple(roll(key) for key in jax.random.split(jax.random.key(0))),
         "you made a key of your own, so every roll is the same", "which key were you given?"),
        (lambda key: np.random.default_rng().integers(1, 7, 2),
         "your numbers do not come from the key, so nobody can repeat them", "use `jax.random`"),
        (lambda key: tuple(roll(key, 5) for key in jax.random.split(key)),
         "your dice have other faces than 1 to 6", "`randint` leaves its upper end out"),
        (lambda key: tuple(roll(key) - 1 for key in jax.random.split(key)),
         "your dice have other faces than 1 to 6", "no die has a 0"),
        (lambda key: jax.random.choice(key, jnp.arange(1, 7), (2,), replace=False),
         "your dice never agree: the second one avoids what the first one shows",
         "two dice know nothing of each other"),
    ],
    observe=dice_facts,
)

# %% tags=["exercise"]
def two_dice(key):
    ...


check_dice(two_dice)

# %% cellView="form" jupyter={"source_hidden": true} tags=["solution"]
# @title Solution
def two_dice(key):
    first_key, second_key = jax.random.split(key)
    first = jax.random.randint(first_key, (), 1, 7)
    second = jax.random.randint(second_key, (), 1, 7)
    return first, second


check_dice(two_dice)

# %% [markdown]
# ## Recap
#
# - `grad`, `jit` and `vmap` take functions and return functions. They combine; put `jit` outermost.
# - Arrays never change; `x.at[i].set(v)` makes a new one.
# - Under `jit` there are shapes but no values: choose with `jnp.where`, not with `if`.
# - A key is used once, then split.
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
# It would compile at every step, and be slower than without `jit`. The post starts to train only when a full batch
# is there, so its shapes are constant.
# </details>
#
# <details><summary>jax.grad(f)(2) with the integer 2 fails. Why is that a kindness?</summary>
#
# Integers have no derivatives: there is no number right next to 2. NumPy-like code often passes integers by
# accident, and a silent 0 would be much harder to find than an error.
# </details>
#
# ## Further reading
#
# - [1] [JAX: composable transformations of Python+NumPy programs](https://github.com/jax-ml/jax): the project.
# - [JAX: the sharp bits](https://docs.jax.dev/en/latest/notebooks/Common_Gotchas_in_JAX.html): what else breaks.
# - [micrograd](https://github.com/karpathy/micrograd): how automatic differentiation works inside, in 100 lines.
#
# **Next:** [02 · The replay memory](02_replay_memory.ipynb), where the agent learns to remember.
