"""Answers to the exercises of notebook 01."""

from functools import partial

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax
from planted import right, wrong

PARAMS = {"slope": jnp.float32(2.0), "intercept": jnp.float32(1.0)}

# slope_gradient


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


@right("slope_gradient")
def multiplied_out(slope, xs, ys):
    return 2 * (slope * (xs**2).mean() - (xs * ys).mean())


@right("slope_gradient")
@jax.jit
def jitted(w, x, y):
    n = x.size
    return jnp.dot(x, w * x - y) * 2 / n


@right("slope_gradient")
def as_a_list(slope, xs, ys):
    terms = [2 * x * (slope * x - y) for x, y in zip(xs.tolist(), ys.tolist(), strict=True)]
    return sum(terms) / len(terms)


@right("slope_gradient")
def as_einsum(slope, xs, ys):
    return 2 * jnp.einsum("i,i->", slope * xs - ys, xs) / xs.shape[0]


@wrong("slope_gradient", "half way along the chain rule")
def no_inner_derivative(slope, xs, ys):
    return 2 * np.mean(slope * np.asarray(xs) - np.asarray(ys))


@wrong("slope_gradient", "the inner derivative is not w")
def times_the_slope(slope, xs, ys):
    return 2 * slope * jnp.mean(slope * xs - ys)


@wrong("slope_gradient", "missing its factor")
def no_two(slope, xs, ys):
    return jnp.mean(xs * (slope * xs - ys))


@wrong("slope_gradient", "missing its factor")
def halved(slope, xs, ys):
    return (slope * xs - ys) @ xs / len(xs)


@wrong("slope_gradient", "you added the examples up, but")
def a_sum(slope, xs, ys):
    return sum(2 * (slope * x - y) * x for x, y in zip(xs, ys, strict=True))


@wrong("slope_gradient", "you added the examples up, and the square's factor is missing")
def two_things_at_once(slope, xs, ys):
    return jnp.dot(slope * xs - ys, xs)


@wrong("slope_gradient", "divided by the number of points twice")
def divided_twice(slope, xs, ys):
    n = xs.shape[0]
    return (2 / n) * jnp.mean((slope * xs - ys) * xs)


@wrong("slope_gradient", "the sign is turned")
def uphill(slope, xs, ys):
    return -jnp.mean(2 * (slope * xs - ys) * xs)


@wrong("slope_gradient", "the sign is turned")
def from_the_target(slope, xs, ys):
    residual = ys - slope * xs
    return 2 * (residual * xs).mean()


@wrong("slope_gradient", "this is the loss")
def the_loss(slope, xs, ys):
    return jnp.mean((ys - slope * xs) ** 2)


@wrong("slope_gradient", "the error is still squared")
def power_kept(slope, xs, ys):
    return (2 * xs * (slope * xs - ys) ** 2).mean()


@wrong("slope_gradient", "the y are missing")
def no_target(slope, xs, ys):
    return jnp.mean(2 * slope * xs**2)


@wrong("slope_gradient", "you took the derivative twice")
def curvature(slope, xs, ys):
    return 2 * jnp.mean(xs**2)


@wrong("slope_gradient", "one number for each example")
def not_averaged(slope, xs, ys):
    return [float(2 * (slope * x - y) * x) for x, y in zip(xs, ys, strict=True)]


@wrong("slope_gradient", "you multiplied two means")
def means(slope, xs, ys):
    return np.mean(xs) * 2 * np.mean(slope * xs - ys)


@wrong("slope_gradient", "the first point only")
def one_point(slope, xs, ys):
    x, y = xs[0], ys[0]
    return 2 * x * (slope * x - y)


@wrong("slope_gradient", "all your numbers are the same")
def a_constant(slope, xs, ys):
    return 4.0


@wrong("slope_gradient", "right so far")
def median(slope, xs, ys):
    return np.median(2 * (slope * xs - ys) * xs)


@wrong("slope_gradient", "the errors are the same, and your derivative does not double")
def inner_derivative_twice(slope, xs, ys):
    return jnp.mean(2 * (slope * xs - ys) * xs**2)


@wrong("slope_gradient", "only y is multiplied")
def brackets_lost(slope, xs, ys):
    return 2 * jnp.mean(slope * xs - ys * xs)


@wrong("slope_gradient", "the error has lost its sign")
def of_the_size(slope, xs, ys):
    return 2 * jnp.mean(abs(slope * xs - ys) * xs)


@wrong("slope_gradient", "the mean of the errors")
def mean_error(slope, xs, ys):
    return jnp.mean(slope * xs - ys)


@wrong("slope_gradient", "you returned a function")
def grad_not_called(slope, xs, ys):
    return jax.grad(lambda w: jnp.mean((w * xs - ys) ** 2))


@wrong("slope_gradient", "your function returned nothing")
def kept_to_itself(slope, xs, ys):
    gradient = jnp.mean(2 * (slope * xs - ys) * xs)  # noqa: F841


@wrong("slope_gradient", "you returned a dictionary, where one number is wanted")
def named(slope, xs, ys):
    return {"slope": jnp.mean(2 * (slope * xs - ys) * xs)}


@wrong("slope_gradient", "where the line goes through all points, your derivative is not 0")
def plus_in_the_error(slope, xs, ys):
    return jnp.mean(2 * (slope * xs + ys) * xs)


@wrong("slope_gradient", "the same points in another order give another derivative")
def the_last_error(slope, xs, ys):
    return 2 * (slope * xs - ys)[-1] * jnp.mean(xs)


@wrong("slope_gradient", "your numbers are no numbers any more")
def one_point_fewer(slope, xs, ys):
    return jnp.sum(2 * (slope * xs - ys) * xs) / (len(xs) - 1)


@wrong("slope_gradient", "with every point twice your derivative is another")
def one_point_fewer_unless_it_is_the_only_one(slope, xs, ys):
    return jnp.sum(2 * (slope * xs - ys) * xs) / max(len(xs) - 1, 1)


@wrong("slope_gradient", "does not have the sign of the slope's error")
def squared_at_the_end(slope, xs, ys):
    return jnp.mean(2 * (slope * xs - ys) * xs) ** 2


@wrong("slope_gradient", "a point at x = 0 counts for you")
def inner_derivative_plus_1(slope, xs, ys):
    return jnp.mean(2 * (slope * xs - ys) * (xs + 1))


@wrong("slope_gradient", "twice the error does not give you twice the derivative")
def cubed(slope, xs, ys):
    return jnp.mean(2 * (slope * xs - ys) ** 3 * xs)


@wrong("slope_gradient", "you took a step with it: this is the next slope")
def a_step_down(slope, xs, ys):
    return slope - 0.1 * jnp.mean(2 * (slope * xs - ys) * xs)


@wrong("slope_gradient", "this is the best slope, where the derivative is 0")
def by_least_squares(slope, xs, ys):
    return (xs @ ys) / (xs @ xs)


@wrong("slope_gradient", "where the line goes through all points, your derivative is no number")
def of_the_root(slope, xs, ys):
    errors = slope * xs - ys
    return jnp.mean(errors * xs) / jnp.sqrt(jnp.mean(errors**2))


@wrong("slope_gradient", "your function takes its arguments in another order")
def points_first(xs, ys, slope):
    return jnp.mean(2 * (slope * xs - ys) * xs)


@wrong("slope_gradient", "`^` is no power in Python")
def powers_of_a_calculator(slope, xs, ys):
    return jnp.mean(2 * slope * xs ^ 2 - 2 * xs * ys)


@wrong("slope_gradient", "that is PyTorch's word, and this is JAX")
def backwards(slope, xs, ys):
    loss = jnp.mean((slope * xs - ys) ** 2)
    loss.backward()
    return slope.grad


@wrong("slope_gradient", "you have a number for each entry of `xs`, and one in all is wanted")
def mean_too_early(slope, xs, ys):
    return 2 * jnp.mean(slope * xs - ys) * xs


# line_gradient


def loss(params, xs, ys):
    return jnp.mean((params["slope"] * xs + params["intercept"] - ys) ** 2)


@wrong("slope_gradient", "lost its sign: it is never negative")
def turned_back_and_made_absolute(slope, xs, ys):
    return jnp.abs(jnp.mean(2 * (ys - slope * xs) * xs))


@wrong("slope_gradient", "-5.3")
def slope_above_0(slope, xs, ys):
    return jnp.maximum(jnp.mean(2 * (slope * xs - ys) * xs), 0)


@wrong("slope_gradient", "you rounded your numbers")
def in_two_digits(slope, xs, ys):
    return round(float(2 * jnp.mean((slope * xs - ys) * xs)), 2)


@wrong("slope_gradient", "right so far, and wrong for this input")
def to_the_right_of_0_only(slope, xs, ys):
    return jnp.mean(2 * (slope * jnp.abs(xs) - ys) * jnp.abs(xs))


@right("line_gradient")
def with_grad(params, xs, ys):
    return jax.jit(jax.grad(loss))(params, xs, ys)


@right("line_gradient")
def by_hand(params, xs, ys):
    slope, intercept = params["slope"], params["intercept"]
    errors = [slope * float(x) + intercept - float(y) for x, y in zip(xs, ys, strict=True)]
    slope = sum(2 * e * float(x) for e, x in zip(errors, xs, strict=True)) / len(xs)
    return {"intercept": 2 * sum(errors) / len(xs), "slope": np.float64(slope)}


@right("line_gradient")
def from_value_and_grad(params, xs, ys):
    _, grads = jax.value_and_grad(loss)(params, xs, ys)
    return grads


@right("line_gradient")
def mean_of_each_points_gradient(params, xs, ys):
    def one(params, x, y):
        return (params["slope"] * x + params["intercept"] - y) ** 2

    each = jax.vmap(jax.grad(one), in_axes=(None, 0, 0))(params, xs, ys)
    return jax.tree.map(jnp.mean, each)


@right("line_gradient")
def two_derivatives(params, xs, ys):
    def of_numbers(w, b):
        return loss({"slope": w, "intercept": b}, xs, ys)

    grads = jax.grad(of_numbers, argnums=(0, 1))(params["slope"], params["intercept"])
    return dict(zip(("slope", "intercept"), grads, strict=True))


@right("line_gradient")
def by_jacobian(params, xs, ys):
    return jax.jacobian(partial(loss, xs=xs, ys=ys))(params)


@right("line_gradient")
def by_vjp(params, xs, ys):
    value, backward = jax.vjp(lambda p: loss(p, xs, ys), params)
    (grads,) = backward(jnp.ones_like(value))
    return grads


@wrong("line_gradient", "your line is intercept times x plus slope")
def with_the_names_exchanged(params, xs, ys):
    def loss(params):
        return jnp.mean((params["intercept"] * xs + params["slope"] - ys) ** 2)

    return jax.grad(loss)(params)


@wrong("line_gradient", "you subtract the intercept from the line")
def with_a_minus(params, xs, ys):
    def loss(params):
        return jnp.mean((params["slope"] * xs - params["intercept"] - ys) ** 2)

    return jax.grad(loss)(params)


@wrong("line_gradient", "lost its sign: it is never negative")
def absolute_gradient(params, xs, ys):
    def loss(params):
        return jnp.mean((params["slope"] * xs + params["intercept"] - ys) ** 2)

    return jax.tree.map(jnp.abs, jax.grad(loss)(params))


@wrong("line_gradient", "-36")
def clipped_gradient(params, xs, ys):
    def loss(params):
        return jnp.mean((params["slope"] * xs + params["intercept"] - ys) ** 2)

    return jax.tree.map(lambda leaf: jnp.clip(leaf, -10, 10), jax.grad(loss)(params))


@wrong("line_gradient", "with respect to the points")
def wrong_argument(params, xs, ys):
    return jax.grad(lambda xs, params: loss(params, xs, ys))(xs, params)


@wrong("line_gradient", "with respect to the targets")
def third_argument(params, xs, ys):
    return jax.grad(loss, 2)(params, xs, ys)


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


@wrong("line_gradient", "and you did not call it")
def a_lambda(params, xs, ys):
    return lambda p: jax.grad(loss)(p, xs, ys)


@wrong("line_gradient", "TypeError: Gradient only defined for scalar-output functions")
def no_mean(params, xs, ys):
    return jax.grad(lambda p: (p["slope"] * xs + p["intercept"] - ys) ** 2)(params)


@wrong("line_gradient", "`grad` wants one in all")
def no_mean_either(params, xs, ys):
    def errors_squared(p):
        return jnp.square(ys - (p["slope"] * xs + p["intercept"]))

    return jax.grad(errors_squared)(params)


@wrong("line_gradient", "you averaged the errors, and squared after that")
def square_of_mean(params, xs, ys):
    return jax.grad(lambda p: jnp.mean(ys - p["intercept"] - p["slope"] * xs) ** 2)(params)


@wrong("line_gradient", "you forgot to square the errors")
def not_squared(params, xs, ys):
    return jax.grad(lambda p: (p["slope"] * xs + p["intercept"] - ys).mean())(params)


@wrong("line_gradient", "the size of the errors, not their square")
def absolute(params, xs, ys):
    return jax.grad(lambda p: jnp.abs(p["slope"] * xs + p["intercept"] - ys).mean())(params)


@wrong("line_gradient", "the root of the mean squared error")
def root(params, xs, ys):
    return jax.grad(lambda p: jnp.sqrt(loss(p, xs, ys)))(params)


@wrong("line_gradient", "you handed a number to `grad`")
def grad_of_a_number(params, xs, ys):
    value = loss(params, xs, ys)
    return jax.grad(value)(params)


@wrong("line_gradient", "another number of arguments", line="return jax.grad(loss)(params)")
def points_forgotten(params, xs, ys):
    return jax.grad(loss)(params)


@wrong("line_gradient", "you returned a list, where a dictionary is wanted")
def values_only(params, xs, ys):
    return list(jax.grad(loss)(params, xs, ys).values())


@wrong("line_gradient", "half of the mean squared error")
def with_one_half(params, xs, ys):
    return jax.tree.map(lambda g: g / 2, jax.grad(loss)(params, xs, ys))


@wrong("line_gradient", "the sign is turned")
def downhill(params, xs, ys):
    return jax.grad(lambda p: -loss(p, xs, ys))(params)


@wrong("line_gradient", "you swapped the two names")
def swapped(params, xs, ys):
    errors = params["slope"] * xs + params["intercept"] - ys
    return {"slope": 2 * errors.mean(), "intercept": 2 * (errors * xs).mean()}


@wrong("line_gradient", "these are new parameters")
def one_step(params, xs, ys):
    grads = jax.grad(loss)(params, xs, ys)
    return {name: params[name] - 0.1 * grads[name] for name in params}


@wrong("line_gradient", "you returned a tuple, where a dictionary is wanted")
def a_pair(params, xs, ys):
    def of_numbers(w, b):
        return loss({"slope": w, "intercept": b}, xs, ys)

    return jax.grad(of_numbers, argnums=(0, 1))(params["slope"], params["intercept"])


@wrong("line_gradient", "other keys than the expected one")
def other_names(params, xs, ys):
    grads = jax.grad(loss)(params, xs, ys)
    return {"w": grads["slope"], "b": grads["intercept"]}


@wrong("line_gradient", "the sign alone is left")
def sum_of_the_signs(params, xs, ys):
    return jax.tree.map(jnp.sign, jax.grad(loss)(params, xs, ys))


page_xs = jnp.array([0.0, 1.0, 2.0, 3.0])
page_ys = 3 * page_xs + 1


def loss_of_the_page(params):
    return jnp.mean((params["slope"] * page_xs + params["intercept"] - page_ys) ** 2)


@wrong("line_gradient", "you used the page's four points")
def with_the_loss_of_the_page(params, xs, ys):
    return jax.grad(loss_of_the_page)(params)


@wrong("line_gradient", "the inner derivative is not b")
def times_the_intercept(params, xs, ys):
    e = params["slope"] * xs + params["intercept"] - ys
    return {"slope": jnp.mean(2 * e * xs), "intercept": jnp.mean(2 * e * params["intercept"])}


@wrong("line_gradient", "at 1, whatever the intercept is")
def intercept_of_the_page(params, xs, ys):
    e = params["slope"] * xs + 1 - ys
    return {"slope": jnp.mean(2 * e * xs), "intercept": jnp.mean(2 * e)}


@wrong("line_gradient", "you multiplied by the intercept")
def intercept_as_a_factor(params, xs, ys):
    w, b = params["slope"], params["intercept"]
    e = w * xs * b + b - ys
    return {"slope": jnp.mean(2 * e * xs), "intercept": jnp.mean(2 * e)}


@wrong("line_gradient", "does not use what it is differentiated by")
def lambda_of_another_name(params, xs, ys):
    return jax.grad(lambda p: loss(params, xs, ys))(params)


@wrong("line_gradient", "at 1, whatever the intercept is")
def grad_with_an_intercept_of_1(params, xs, ys):
    return jax.grad(lambda p: jnp.mean((p["slope"] * xs + 1 - ys) ** 2))(params)


@wrong("line_gradient", "what you differentiate returns nothing")
def a_loss_without_return(params, xs, ys):
    def loss(params):
        jnp.mean((params["slope"] * xs + params["intercept"] - ys) ** 2)

    return jax.grad(loss)(params)


@wrong("line_gradient", "a number for each entry of `xs`, and one in all is wanted, in `slope`")
def jacobian_of_the_squares(params, xs, ys):
    def squares(params):
        return (params["slope"] * xs + params["intercept"] - ys) ** 2

    return jax.jacobian(squares)(params)


@wrong("line_gradient", "you returned a dict_values, where a dictionary is wanted")
def the_values_alone(params, xs, ys):
    def loss(params):
        return jnp.mean((params["slope"] * xs + params["intercept"] - ys) ** 2)

    return jax.grad(loss)(params).values()


@wrong("line_gradient", "you changed an argument in place")
def written_over(params, xs, ys):
    def loss(p):
        return jnp.mean((p["slope"] * xs + p["intercept"] - ys) ** 2)

    params.update(jax.grad(loss)(params))
    return params


@wrong("line_gradient", "looks at the page's `PARAMS`, which is not among its arguments")
def of_the_page(params_, xs, ys):
    def loss(p):
        return jnp.mean((p["slope"] * xs + p["intercept"] - ys) ** 2)

    return jax.grad(loss)(PARAMS)


@wrong("line_gradient", "you rounded your numbers")
def in_two_digits_each(params, xs, ys):
    loss = lambda p: jnp.mean((p["slope"] * xs + p["intercept"] - ys) ** 2)  # noqa: E731
    return {name: round(float(value), 2) for name, value in jax.grad(loss)(params).items()}


# two_dice


@wrong("two_dice", "not equally often")
def loaded(key):
    return jax.random.choice(key, jnp.array([1, 2, 3, 3, 4, 5, 6]), (2,))


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


@right("two_dice")
def by_vmap(key):
    return jax.vmap(lambda k: jax.random.randint(k, (), 1, 7))(jax.random.split(key))


@right("two_dice")
def one_of_36(key):
    first, second = divmod(jax.random.randint(key, (), 0, 36), 6)
    return first + 1, second + 1


@right("two_dice")
def rounded_up(key):
    return jnp.ceil(6 * jax.random.uniform(key, (2,)))


@right("two_dice")
@jax.jit
def key_carried_on(key):
    key, die_key = jax.random.split(key)
    first = jax.random.randint(die_key, (1,), minval=1, maxval=7)[0]
    key, die_key = jax.random.split(key)
    return first, jax.random.randint(die_key, (1,), minval=1, maxval=7)[0]


@wrong("two_dice", "with the same key")
def a_copy_is_no_new_key(key):
    copy = key
    return jax.random.randint(key, (), 1, 7), jax.random.randint(copy, (), 1, 7)


@wrong("two_dice", "with the same key")
def two_first_halves(key):
    first = jax.random.split(key)[0]
    second = jax.random.split(key)[0]
    return jax.random.randint(first, (), 1, 7), jax.random.randint(second, (), 1, 7)


@wrong("two_dice", "one key is used twice")
def parent_key_again(key):
    _, child = jax.random.split(key)
    return jax.random.randint(child, (), 1, 7), jax.random.randint(key, (), 1, 7)


@wrong("two_dice", "one key is used twice")
def split_twice(key):
    first = jax.random.split(key)[0]
    second = jax.random.split(key)[1]
    return jax.random.randint(first, (), 1, 7), jax.random.randint(second, (), 1, 7)


@wrong("two_dice", "a key of your own")
def own_key(key):
    first, second = jax.random.split(jax.random.key(0))
    return jax.random.randint(first, (), 1, 7), jax.random.randint(second, (), 1, 7)


@wrong("two_dice", "every roll is the same")
def seeded_numpy(key):
    return np.random.default_rng(1).integers(1, 7, size=2)


@wrong("two_dice", "do not come from the key")
def numpy_dice(key):
    rng = np.random.default_rng()
    return rng.integers(1, 7), rng.integers(1, 7)


@wrong("two_dice", "other faces than 1 to 6")
def five_faces(key):
    first, second = jax.random.split(key)
    return jax.random.randint(first, (), 1, 6), jax.random.randint(second, (), 1, 6)


@wrong("two_dice", "other faces than 1 to 6")
def eight_faces(key):
    return jax.random.randint(key, (2,), 1, 8)


@wrong("two_dice", "other faces than 1 to 6")
def from_zero(key):
    return jax.random.randint(key, (2,), 0, 6)


@wrong("two_dice", "the second one avoids what the first one shows")
def two_of_six(key):
    return jax.random.permutation(key, 6)[:2] + 1


@wrong("two_dice", "one die decides")
def seven_in_all(key):
    die = jax.random.randint(key, (), 1, 7)
    return die, 7 - die


@wrong("two_dice", "one die decides")
def the_next_face(key):
    die = jax.random.randint(key, (), 1, 7)
    return die, die % 6 + 1


@wrong("two_dice", "not whole")
def not_rounded(key):
    return jax.random.uniform(key, (2,), minval=1, maxval=7)


@wrong("two_dice", "less often than the other faces")
def rounded_to_the_nearest(key):
    first, second = jax.random.split(key)
    dice = [jax.random.uniform(k, minval=1, maxval=6) for k in (first, second)]
    return [int(jnp.round(die)) for die in dice]


@wrong("two_dice", "one of your dice is loaded")
def worse_of_two(key):
    first, second, third = jax.random.randint(key, (3,), 1, 7)
    return first, jnp.minimum(second, third)


@wrong("two_dice", "less often than the other faces")
def a_bell(key):
    return jnp.round(3.5 + 1.5 * jax.random.normal(key, (2,))).clip(1, 6)


@wrong("two_dice", "it always shows the same")
def second_key_made_up(key):
    return jax.random.randint(key, (), 1, 7), jax.random.randint(jax.random.key(1), (), 1, 7)


@wrong("two_dice", "with the same key")
def one_child_twice(key):
    child, _ = jax.random.split(key)
    return jax.random.randint(child, (), 1, 7), jax.random.randint(child, (), 1, 7)


@wrong("two_dice", "one key is used twice")
def split_too_late(key):
    first = jax.random.randint(key, (), 1, 7)
    _, child = jax.random.split(key)
    return first, jax.random.randint(child, (), 1, 7)


@wrong("two_dice", "not whole")
def uniform_times_six(key):
    return 6 * jax.random.uniform(key, (2,))


@wrong("two_dice", "there is one number")
def the_sum(key):
    return jax.random.randint(key, (2,), 1, 7).sum()


@wrong(
    "two_dice",
    "the names on the left of an `=` are more, or fewer, than what comes from the right",
    line="first, second = jax.random.split",
)
def from_the_seed(key):
    first, second = jax.random.split(key, 3)
    return jax.random.randint(first, (), 1, 7), jax.random.randint(second, (), 1, 7)


@wrong("two_dice", "one die decides")
def one_die_twice(key):
    die = jax.random.randint(key, (), 1, 7)
    return die, die


@wrong("two_dice", "with the same key")
def one_fold_twice(key):
    keys = [jax.random.fold_in(key, 3) for _ in range(2)]
    return [jax.random.randint(key, (), 1, 7) for key in keys]


@wrong("two_dice", "one key is used twice")
def drawn_and_folded(key):
    first = jax.random.randint(key, (), 1, 7)
    return first, jax.random.randint(jax.random.fold_in(key, 7), (), 1, 7)


@wrong("two_dice", "there are 4 numbers, and two dice were asked for")
def two_pairs(key):
    first, second = jax.random.split(key)
    return jax.random.randint(first, (2,), 1, 7), jax.random.randint(second, (2,), 1, 7)


@wrong("two_dice", "other faces than 1 to 6")
def from_zero_to_six(key):
    return jax.random.randint(key, (2,), 0, 7)


@wrong("two_dice", "other faces than 1 to 6")
def rounded_from_zero(key):
    return jnp.round(6 * jax.random.uniform(key, (2,)))


@wrong("two_dice", "some faces come far more often than others")
def remainder_of_eight(key):
    one, other = jax.random.split(key)
    roll = lambda key: jax.random.randint(key, (), 0, 8) % 6 + 1  # noqa: E731
    return roll(one), roll(other)


@wrong("two_dice", "one die decides what the other one shows")
def a_key_from_a_die(key):
    first = jax.random.randint(key, (), 1, 7)
    return first, jax.random.randint(jax.random.key(first), (), 1, 7)


@wrong("two_dice", "one die tells something of what the other one shows")
def a_double_is_rolled_again(key):
    first, second = jax.random.randint(key, (2,), 1, 7)
    again = jax.random.randint(jax.random.fold_in(key, 1), (), 1, 7)
    return first, jnp.where(first == second, again, second)


@wrong("two_dice", "one die tells something of what the other one shows")
def often_the_same(key):
    keys = jax.random.split(key, 3)
    first, second = (jax.random.randint(one, (), 1, 7) for one in keys[:2])
    return first, jnp.where(jax.random.bernoulli(keys[2]), first, second)


@wrong("two_dice", "one die tells something of what the other one shows")
def both_even_or_both_odd(key):
    one, other = jax.random.split(key)
    first = jax.random.randint(one, (), 1, 7)
    return first, 2 * jax.random.randint(other, (), 0, 3) + 2 - first % 2


@wrong("two_dice", "one die tells something of what the other one shows")
def never_higher(key):
    one, other = jax.random.split(key)
    first = jax.random.randint(one, (), 1, 7)
    return first, jax.random.randint(other, (), 1, first + 1)


@wrong("two_dice", "one die tells something of what the other one shows")
def the_smaller_one_first(key):
    return jnp.sort(jax.random.randint(key, (2,), 1, 7))


@wrong("two_dice", "1 and 6 come more often than the other faces")
def cut_off(key):
    return jnp.clip(jax.random.randint(key, (2,), 0, 8), 1, 6)


@wrong("two_dice", "some faces come far more often than others")
def logits_for_chances(key):
    return jax.random.categorical(key, jnp.arange(6.0), shape=(2,)) + 1


# score_all


@right("score_all")
def by_in_axes(score, weights, observations):
    return jax.vmap(score, in_axes=(None, 0))(weights, observations)


@right("score_all")
def by_lambda(score, weights, observations):
    return jax.vmap(lambda observation: score(weights, observation))(observations)


@right("score_all")
def by_partial(f, w, batch):
    return jax.jit(jax.vmap(partial(f, w)))(batch)


@right("score_all")
def weights_for_each(score, weights, observations):
    copies = jnp.tile(weights, (len(observations), 1))
    return jax.vmap(score)(copies, observations)


@right("score_all")
def by_vectorize(score, weights, observations):
    return jnp.vectorize(score, signature="(n),(n)->()")(weights, observations)


@right("score_all")
def by_map(score, weights, observations):
    return lax.map(lambda observation: score(weights, observation), observations)


@wrong("score_all", "which gives nothing before it is asked")
def a_map(score, weights, observations):
    return map(lambda observation: score(weights, observation), observations)


@wrong("score_all", "which gives nothing before it is asked")
def a_generator(score, weights, observations):
    return (score(weights, observation) for observation in observations)


@wrong("score_all", "you compiled a function to which a function is handed")
@jax.jit
def compiled_with_a_function(score, weights, observations):
    return jax.vmap(score, (None, 0))(weights, observations)


@wrong("score_all", "you mapped over the weights, too")
def all_mapped(score, weights, observations):
    return jax.vmap(score)(weights, observations)


@wrong("score_all", "you mapped over the weights, too")
def mapped_by_0(score, weights, observations):
    return jax.jit(jax.vmap(score, in_axes=0))(weights, observations)


@wrong("score_all", "and not over the observations")
def axes_swapped(score, weights, observations):
    return jax.vmap(score, (0, None))(weights, observations)


@wrong("score_all", "each observation is a row")
def columns(score, weights, observations):
    return jax.vmap(lambda o: score(weights, o), in_axes=1)(observations)


@wrong("score_all", "the whole batch to a function of one observation")
def no_vmap(score, weights, observations):
    return score(weights, observations)


@wrong("score_all", "once for each row, in a loop")
def a_list(score, weights, observations):
    return [score(weights, observation) for observation in observations]


@wrong("score_all", "once for each row, in a loop")
def a_for_loop(score, weights, observations):
    values = np.zeros(len(observations))
    for i in range(len(observations)):
        values[i] = score(weights, observations[i])
    return values


@wrong("score_all", "once for each row, in a loop")
def apply_along(score, weights, observations):
    return np.apply_along_axis(lambda row: score(weights, row), 1, observations)


@wrong("score_all", "once for each row, in a loop")
def by_numpy_vectorize(score, weights, observations):
    return np.vectorize(score, signature="(n),(n)->()")(weights, observations)


@wrong("score_all", "a single number in the place of an observation")
def arguments_swapped(score, weights, observations):
    return jax.vmap(score, in_axes=(None, 0))(observations, weights)


@wrong("score_all", "a single number in the place of an observation")
def mapped_twice(score, weights, observations):
    over_rows = jax.vmap(score, in_axes=(None, 0))
    return jax.vmap(over_rows, in_axes=(None, 0))(weights, observations)


@wrong("score_all", "the whole batch to a function of one observation")
def transposed(score, weights, observations):
    return score(weights, observations.T)


@wrong("score_all", "right numbers, wrong shape")
def a_column(score, weights, observations):
    return jax.vmap(score, in_axes=(None, 0))(weights, observations)[:, None]


@wrong("score_all", "you averaged the scores")
def averaged(score, weights, observations):
    return jax.vmap(partial(score, weights))(observations).mean()


@wrong("score_all", "you wrote `score` anew")
def a_product(score, weights, observations):
    return jnp.sum(observations * weights, axis=1)


@wrong("score_all", "you added the scores up")
def one_number(score, weights, observations):
    return jnp.sum(jax.vmap(score, in_axes=(None, 0))(weights, observations))


@wrong("score_all", "and you did not call it")
def only_made(score, weights, observations):
    return jax.vmap(score, in_axes=(None, 0))


@wrong(
    "score_all",
    "`in_axes` does not fit the arguments that the mapped function gets",
    line="return jax.vmap(score, in_axes=",
)
def called_at_once(score, weights, observations):
    return jax.vmap(score, in_axes=(None, 0))((weights, observations))


@wrong("score_all", "your function returned nothing")
def kept(score, weights, observations):
    values = jax.vmap(score, in_axes=(None, 0))(weights, observations)  # noqa: F841


@wrong("score_all", "its arguments in the other order")
def observation_first(score, weights, observations):
    return jax.vmap(lambda observation: score(observation, weights))(observations)


@wrong("score_all", "its arguments in the other order")
def all_turned_round(score, weights, observations):
    return jax.vmap(score, in_axes=(0, None))(observations, weights)


@wrong("score_all", "which row has the highest score")
def the_best_row(score, weights, observations):
    return jnp.argmax(jax.vmap(score, (None, 0))(weights, observations))


@wrong("score_all", "the result of a call where the function itself is wanted")
def mapped_a_result(score, weights, observations):
    return jax.vmap(score(weights, observations[0]))(observations)


@wrong("score_all", "you mapped over nothing")
def mapped_nothing(score, weights, observations):
    return jax.vmap(score, in_axes=None)(weights, observations)


@wrong("score_all", "you scored the first observation, and gave all of them its score")
def one_score(score, weights, observations):
    return jnp.full(len(observations), score(weights, observations[0]))


# mean_of_first


@right("mean_of_first")
def by_where(values, n):
    counts = jnp.arange(len(values)) < n
    return jnp.where(counts, values, 0.0).sum() / n


@right("mean_of_first")
def by_where_of_mean(values, n):
    return jnp.mean(values, where=jnp.arange(values.shape[0]) < n)


@right("mean_of_first")
def by_weights(values, n):
    return jnp.average(values, weights=jnp.arange(values.size) < n)


@right("mean_of_first")
def by_dot(values, n):
    mask = (jnp.arange(len(values)) < n).astype(values.dtype)
    return mask @ values / mask.sum()


@right("mean_of_first")
def by_cumsum(values, n):
    return jnp.cumsum(values)[n - 1] / n


@right("mean_of_first")
def by_fori_loop(values, n):
    return lax.fori_loop(0, n, lambda i, total: total + values[i], 0.0) / n


@right("mean_of_first")
def by_enumerate(values, n):
    return sum(jnp.where(i < n, value, 0.0) for i, value in enumerate(values)) / n


@right("mean_of_first")
@jax.jit
def by_nanmean(values, n):
    return jnp.nanmean(jnp.where(jnp.arange(len(values)) < n, values, jnp.nan))


@wrong("mean_of_first", "the shape of your slice")
def sliced(values, n):
    return jnp.mean(values[:n])


@wrong("mean_of_first", "the shape of your slice")
def sliced_from_0(values, n):
    return values[0:n].sum() / n


@wrong("mean_of_first", "you used n as a Python number")
def counted(values, n):
    total = 0.0
    for i in range(n):
        total = total + values[i]
    return total / n


@wrong("mean_of_first", "you used n as a Python number")
def list_sliced(values, n):
    return sum(list(values)[:n]) / n


@wrong("mean_of_first", "whether it is true")
def while_loop(values, n):
    total, i = 0.0, 0
    while i < n:
        total, i = total + values[i], i + 1
    return total / n


@wrong("mean_of_first", "whether it is true")
def with_break(values, n):
    total = 0.0
    for i, value in enumerate(values):
        if i == n:
            break
        total += value
    return total / n


@wrong("mean_of_first", "you asked a tracer for its value")
def taken(values, n):
    return jnp.take(values, jnp.arange(n)).mean()


@wrong("mean_of_first", "you asked a tracer for its value")
def item(values, n):
    return values[: n.item()].mean()


@wrong("mean_of_first", "how many numbers your mask keeps")
def masked(values, n):
    return jnp.mean(values[jnp.arange(values.size) < n])


@wrong("mean_of_first", "you gave a tracer to NumPy")
def numpy_where(values, n):
    return np.where(np.arange(len(values)) < n, values, 0).sum() / n


@wrong("mean_of_first", "a program for each n")
@partial(jax.jit, static_argnames="n")
def static(values, n):
    return values[:n].mean()


@wrong("mean_of_first", "the zeros are none of the first n")
def mean_of_masked(values, n):
    return jnp.mean(values * (jnp.arange(len(values)) < n))


@wrong("mean_of_first", "one number too many")
def up_to_n(values, n):
    mask = jnp.arange(len(values)) <= n
    return (values * mask).sum() / mask.sum()


@wrong("mean_of_first", "one number too many")
def cumsum_at_n(values, n):
    return jnp.cumsum(values)[n] / n


@wrong("mean_of_first", "a sum, not a mean")
def a_sum_of_them(values, n):
    return jnp.where(jnp.arange(len(values)) < n, values, 0).sum()


@wrong("mean_of_first", "n is not used")
def mean_of_all(values, n):
    return jnp.mean(values)


@wrong("mean_of_first", "your numbers are no numbers any more")
def nan_for_the_rest(values, n):
    return jnp.where(jnp.arange(len(values)) < n, values, jnp.nan).mean()


@wrong("mean_of_first", "the shape of your slice")
def tail_set_to_zero(values, n):
    return values.at[n:].set(0.0).sum() / n


@wrong("mean_of_first", "the shape of your slice")
def only_where_it_must(values, n):
    return lax.cond(n < len(values), lambda: values[:n].mean(), lambda: values.mean())


@wrong("mean_of_first", "two numbers, whatever n is")
def two(values, n):
    return (values[0] + values[1]) / 2


@wrong("mean_of_first", "with n, not their places")
def small_numbers(values, n):
    return jnp.where(values < n, values, 0).sum() / n


@wrong("mean_of_first", "one number too few")
def counted_from_one(values, n):
    places = jnp.arange(1, len(values) + 1)
    return jnp.where(places < n, values, 0).sum() / n


@wrong("mean_of_first", "a sum, not a mean")
def running_sum(values, n):
    return jnp.cumsum(values)[n - 1]


@wrong("mean_of_first", "do not fit each other", line="return jnp.where(jnp.arange(4)")
def four_places(values, n):
    return jnp.where(jnp.arange(4) < n, values, 0.0).sum() / n


@wrong("mean_of_first", "something else was expected")
def filled_with_the_mean(values, n):
    return jnp.where(jnp.arange(len(values)) < n, values, values.mean()).mean()


@wrong("mean_of_first", "takes other arguments")
def of_values(values):
    return values.mean()


@wrong("mean_of_first", "you took those that should go")
def where_turned_round(values, n):
    mask = jnp.arange(len(values)) < n
    return jnp.where(mask, 0.0, values).sum() / n


@wrong("mean_of_first", "you cut the numbers down to whole ones")
def whole_numbers(values, n):
    return jnp.sum((values * (jnp.arange(len(values)) < n)).astype(int)) / n


@right("mean_of_first")
def nan_left_out(values, n):
    return jnp.nanmean(jnp.where(jnp.arange(len(values)) < n, values, jnp.nan))


@wrong("mean_of_first", "you divided by one more than you added")
def divided_by_one_more(values, n):
    return jnp.where(jnp.arange(len(values)) < n, values, 0).sum() / (n + 1)


@wrong("mean_of_first", "you divided by all, and then multiplied by n")
def mean_of_the_masked_times_n(values, n):
    return (values * (jnp.arange(len(values)) < n)).mean() * n


@wrong("mean_of_first", "you added up True and False")
def values_for_a_condition(values, n):
    return jnp.where(values, jnp.arange(len(values)) < n, 0).sum() / n


@wrong("mean_of_first", "you counted the numbers")
def counts_what_is_not_zero(values, n):
    return jnp.count_nonzero(values * (jnp.arange(len(values)) < n))


@wrong("mean_of_first", "your first ones are the smallest")
def sorted_first(values, n):
    return jnp.where(jnp.arange(len(values)) < n, jnp.sort(values), 0).sum() / n


@wrong("mean_of_first", "what to take where the condition holds, and not what else")
def where_of_two(values, n):
    return jnp.sum(jnp.where(jnp.arange(len(values)) < n, values)) / n


@wrong("mean_of_first", "you divided by n - 1")
def by_one_less(values, n):
    return jnp.sum(jnp.where(jnp.arange(len(values)) < n, values, 0.0)) / (n - 1)


@wrong("mean_of_first", "a 0 among the first n counts too")
def what_is_not_zero(values, n):
    kept = jnp.where(jnp.arange(len(values)) < n, values, 0.0)
    return kept.sum() / jnp.count_nonzero(kept)


@wrong("mean_of_first", "the very first number is missing")
def from_place_one(values, n):
    return jax.lax.fori_loop(1, n, lambda i, total: total + values[i], 0.0) / n


@wrong("mean_of_first", "you left out the last of the first n")
def one_too_few(values, n):
    return jnp.where(jnp.arange(len(values)) < n - 1, values, 0).sum() / (n - 1)


@wrong("mean_of_first", "right so far, and wrong for this input")
def four_at_most(values, n):
    total = 0.0
    for place in range(4):
        total += jnp.where(place < n, values[jnp.minimum(place, len(values) - 1)], 0.0)
    return total / n
