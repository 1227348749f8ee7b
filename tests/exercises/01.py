"""Answers to the exercises of notebook 01."""

import jax
import jax.numpy as jnp
import numpy as np
from planted import right, wrong


@right("slope_gradient")
def in_a_loop(slope, xs, ys):
    total = 0.0
    for x, y in zip(xs, ys, strict=True):
        total += 2 * (slope * float(x) - float(y)) * float(x)
    return total / len(xs)


@right("slope_gradient")
def in_numpy(slope, xs, ys):
    xs, ys = np.asarray(xs, np.float64), np.asarray(ys, np.float64)
    return 2 / len(xs) * (slope * xs - ys) @ xs


@right("slope_gradient")
def in_half_precision(slope, xs, ys):
    return jnp.mean(2 * (slope * xs - ys) * xs).astype(jnp.float16)


@wrong("slope_gradient", "half way along the chain rule")
def no_inner_derivative(slope, xs, ys):
    return 2 * np.mean(slope * np.asarray(xs) - np.asarray(ys))


@wrong("slope_gradient", "missing its factor")
def no_two(slope, xs, ys):
    return jnp.mean(xs * (slope * xs - ys))


@wrong("slope_gradient", "you added the examples up")
def a_sum(slope, xs, ys):
    return sum(2 * (slope * x - y) * x for x, y in zip(xs, ys, strict=True))


@wrong("slope_gradient", "the sign is turned")
def uphill(slope, xs, ys):
    return -jnp.mean(2 * (slope * xs - ys) * xs)


@wrong("slope_gradient", "this is the loss")
def the_loss(slope, xs, ys):
    return jnp.mean((ys - slope * xs) ** 2)


@wrong("slope_gradient", "one number for each example")
def not_averaged(slope, xs, ys):
    return [float(2 * (slope * x - y) * x) for x, y in zip(xs, ys, strict=True)]


@wrong("slope_gradient", "something else was expected")
def a_constant(slope, xs, ys):
    return 4.0


def loss(params, xs, ys):
    return jnp.mean((params["slope"] * xs + params["intercept"] - ys) ** 2)


@right("line_gradient")
def with_grad(params, xs, ys):
    return jax.jit(jax.grad(loss))(params, xs, ys)


@right("line_gradient")
def by_hand(params, xs, ys):
    slope, intercept = params["slope"], params["intercept"]
    errors = [slope * float(x) + intercept - float(y) for x, y in zip(xs, ys, strict=True)]
    slope = sum(2 * e * float(x) for e, x in zip(errors, xs, strict=True)) / len(xs)
    return {"intercept": 2 * sum(errors) / len(xs), "slope": np.float64(slope)}


@wrong("line_gradient", "with respect to the points")
def wrong_argument(params, xs, ys):
    return jax.grad(lambda xs, params: loss(params, xs, ys))(xs, params)


@wrong("line_gradient", "this is the loss, not its gradient")
def no_grad(params, xs, ys):
    return loss(params, xs, ys)


@wrong("line_gradient", "you added the examples up")
def grad_of_sum(params, xs, ys):
    return jax.grad(lambda p: jnp.sum((p["slope"] * xs + p["intercept"] - ys) ** 2))(params)


@wrong("line_gradient", "together with the gradient")
def both(params, xs, ys):
    value, grads = jax.value_and_grad(loss)(params, xs, ys)
    return value, grads


@wrong("line_gradient", "the slope alone")
def slope_only(params, xs, ys):
    return jnp.mean(2 * (params["slope"] * xs + params["intercept"] - ys) * xs)


@wrong("line_gradient", "and you did not call it")
def forgot_the_call(params, xs, ys):
    return jax.grad(loss)


@wrong("line_gradient", "TypeError: Gradient only defined for scalar-output functions")
def no_mean(params, xs, ys):
    return jax.grad(lambda p: (p["slope"] * xs + p["intercept"] - ys) ** 2)(params)


@right("two_dice")
def by_fold_in(key):
    keys = [jax.random.fold_in(key, i) for i in range(2)]
    return [int(jax.random.randint(k, (), 1, 7)) for k in keys]


@right("two_dice")
def one_draw_of_two(key):
    return 1 + jax.random.randint(key, (2,), 0, 6)


@right("two_dice")
def by_choice(key):
    first, second = jax.random.split(key)
    faces = jnp.arange(1.0, 7.0)
    return np.array([jax.random.choice(first, faces), jax.random.choice(second, faces)])


@wrong("two_dice", "with the same key")
def a_copy_is_no_new_key(key):
    copy = key
    return jax.random.randint(key, (), 1, 7), jax.random.randint(copy, (), 1, 7)


@wrong("two_dice", "used it once more")
def parent_key_again(key):
    _, child = jax.random.split(key)
    return jax.random.randint(child, (), 1, 7), jax.random.randint(key, (), 1, 7)


@wrong("two_dice", "a key of your own")
def own_key(key):
    first, second = jax.random.split(jax.random.key(0))
    return jax.random.randint(first, (), 1, 7), jax.random.randint(second, (), 1, 7)


@wrong("two_dice", "do not come from the key")
def numpy_dice(key):
    rng = np.random.default_rng()
    return rng.integers(1, 7), rng.integers(1, 7)


@wrong("two_dice", "other faces than 1 to 6")
def five_faces(key):
    first, second = jax.random.split(key)
    return jax.random.randint(first, (), 1, 6), jax.random.randint(second, (), 1, 6)


@wrong("slope_gradient", "you multiplied two means")
def means(slope, xs, ys):
    return np.mean(xs) * 2 * np.mean(slope * xs - ys)


@wrong("slope_gradient", "something else was expected")
def median(slope, xs, ys):
    return np.median(2 * (slope * xs - ys) * xs)


@wrong("line_gradient", "you averaged the errors, and squared after that")
def square_of_mean(params, xs, ys):
    return jax.grad(lambda p: jnp.mean(ys - p["intercept"] - p["slope"] * xs) ** 2)(params)


@wrong("line_gradient", "the sign is turned")
def downhill(params, xs, ys):
    return jax.grad(lambda p: -loss(p, xs, ys))(params)


@wrong("two_dice", "the second one avoids what the first one shows")
def two_of_six(key):
    return jax.random.permutation(key, 6)[:2] + 1


@wrong("two_dice", "something else was expected")
def seven_in_all(key):
    die = jax.random.randint(key, (), 1, 7)
    return die, 7 - die


@wrong("two_dice", "something else was expected")
def not_rounded(key):
    return jax.random.uniform(key, (2,), minval=1, maxval=7)


@wrong("two_dice", "other faces than 1 to 6")
def from_zero(key):
    return jax.random.randint(key, (2,), 0, 6)
