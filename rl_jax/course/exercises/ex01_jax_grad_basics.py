"""The checks of notebook 01: two gradients, two dice, a batch, and a mean that compiles."""

from collections.abc import Iterator
from functools import cache, partial

import jax
import jax.numpy as jnp
import numpy as np

from rl_jax.course.checks import Check, folds_and_uses_again
from rl_jax.course.differences import same

__all__ = ["check_dice", "check_line", "check_mean_of_first", "check_score_all", "check_slope"]


# 1. A derivative by hand

NEVER_NEGATIVE = (
    "your derivative has lost its sign: it is never negative",
    "how would anyone know which way is down?",
)


def no_inner_derivative(slope, xs, ys):
    return jnp.mean(2 * (slope * xs - ys))


def inner_derivative_is_the_slope(slope, xs, ys):
    return jnp.mean(2 * (slope * xs - ys) * slope)


def inner_derivative_is_the_target(slope, xs, ys):
    return jnp.mean(2 * (slope * xs - ys) * ys)


def no_factor_two(slope, xs, ys):
    return jnp.mean((slope * xs - ys) * xs)


def added_up(slope, xs, ys):
    return jnp.sum(2 * (slope * xs - ys) * xs)


def added_up_without_factor(slope, xs, ys):
    return jnp.sum((slope * xs - ys) * xs)


def averaged_twice(slope, xs, ys):
    return jnp.mean(2 * (slope * xs - ys) * xs) / len(xs)


def without_its_sign(slope, xs, ys):
    return jnp.abs(jnp.mean(2 * (slope * xs - ys) * xs))


def turned_sign(slope, xs, ys):
    return jnp.mean(2 * (ys - slope * xs) * xs)


def mean_of_the_errors(slope, xs, ys):
    return jnp.mean(slope * xs - ys)


def x_on_one_side(slope, xs, ys):
    return 2 * jnp.mean(slope * xs - ys * xs)


def size_of_the_error(slope, xs, ys):
    return jnp.mean(2 * jnp.abs(slope * xs - ys) * xs)


def the_loss(slope, xs, ys):
    return jnp.mean((slope * xs - ys) ** 2)


def still_squared(slope, xs, ys):
    return jnp.mean(2 * (slope * xs - ys) ** 2 * xs)


def without_the_target(slope, xs, ys):
    return jnp.mean(2 * slope * xs * xs)


def without_the_prediction(slope, xs, ys):
    return jnp.mean(2 * xs * ys)


def without_the_error(slope, xs, ys):
    return jnp.mean(2 * xs)


def second_derivative(slope, xs, ys):
    return jnp.mean(2 * xs * xs)


def one_for_each_point(slope, xs, ys):
    return 2 * (slope * xs - ys) * xs


def product_of_means(slope, xs, ys):
    return jnp.mean(2 * (slope * xs - ys)) * jnp.mean(xs)


def a_step_downhill(learning_rate):
    """The answer that takes the step, too."""

    def stepped(slope, xs, ys):
        return slope - learning_rate * jnp.mean(2 * (slope * xs - ys) * xs)

    return stepped


def best_slope(slope, xs, ys):
    return jnp.sum(xs * ys) / jnp.sum(xs * xs)


def first_point_only(slope, xs, ys):
    return 2 * (slope * xs[0] - ys[0]) * xs[0]


def points(xs, ys):
    """The arguments that exercises 1 and 2 share."""
    return {"xs": jnp.array(xs), "ys": jnp.array(ys)}


def three_points():
    """Their xs, and their ys."""
    return jnp.array([1.0, 2.0, 4.0]), jnp.array([3.0, 0.0, 1.0])


def is_finite_at_the_bottom(answer):
    xs, _ = three_points()
    return bool(np.isfinite(answer(2.0, xs, 2.0 * xs)))


def is_zero_at_the_bottom(answer):
    xs, _ = three_points()
    return same(answer(2.0, xs, 2.0 * xs), 0.0)


def is_deaf_to_repetition(answer):
    xs, ys = three_points()
    return same(answer(0.5, jnp.tile(xs, 2), jnp.tile(ys, 2)), answer(0.5, xs, ys))


def is_deaf_to_order(answer):
    xs, ys = three_points()
    return same(answer(0.5, xs[::-1], ys[::-1]), answer(0.5, xs, ys))


def cannot_move_the_axis(answer):
    at_the_axis = jnp.zeros(1)
    return same(answer(0.5, at_the_axis, at_the_axis + 3.0), 0.0)


def points_uphill(answer):
    xs, _ = three_points()
    return answer(3.0, xs, 2.0 * xs) > 0 > answer(1.0, xs, 2.0 * xs)


def follows_the_unit_of_x(answer):
    xs, ys = three_points()
    return same(answer(0.25, 2 * xs, ys), 2.0 * np.asarray(answer(0.5, xs, ys)))


def grows_with_the_error(answer):
    xs, _ = three_points()
    return same(answer(4.0, xs, 2.0 * xs), 2.0 * np.asarray(answer(3.0, xs, 2.0 * xs)))


ERROR_IS = "the error inside the square is prediction minus target"

check_slope = Check(
    # On paper: 2 * 1.5 * 3; (2 * 2 * 1 + 2 * 1 * 2) / 2; errors of -2.5, 1, 1; -1, -2, 0.
    cases=lambda: [
        ({"slope": 2.0, **points([3.0], [4.5])}, 9.0),
        ({"slope": 3.0, **points([1.0, 2.0], [1.0, 5.0])}, 4.0),
        ({"slope": 0.5, **points([1.0, 2.0, 4.0], [3.0, 0.0, 1.0])}, 7 / 3),
        ({"slope": 1.0, **points([2.0, 3.0, 1.0], [3.0, 5.0, 1.0])}, -16 / 3),
        ({"slope": 1.25, **points([1.5, 0.75], [1.0, 2.0])}, 0.515625),
        ({"slope": 0.5, **points([-2.0, 1.0, 3.0], [1.0, 2.0, 1.0])}, 8 / 3),
    ],
    mistakes=[
        (without_its_sign, *NEVER_NEGATIVE),
        (
            no_inner_derivative,
            "you stopped half way along the chain rule",
            "what does w x - y itself do when w grows?",
        ),
        (
            inner_derivative_is_the_slope,
            "the inner derivative is not w",
            "by how much does w x - y grow when w grows by 1?",
        ),
        (
            inner_derivative_is_the_target,
            "the inner derivative is not y",
            "by how much does w x - y grow when w grows by 1?",
        ),
        (
            no_factor_two,
            "the derivative of the square is missing its factor",
            "what is the derivative of e * e?",
        ),
        (
            added_up,
            "you added the examples up, but the loss is their mean",
            "what happened to 1/n?",
        ),
        (
            added_up_without_factor,
            "you added the examples up, and the square's factor is missing",
            "two things: the derivative of e * e, and 1/n",
        ),
        (
            averaged_twice,
            "you divided by the number of points twice",
            "a mean is divided already",
        ),
        (
            turned_sign,
            "the sign is turned: a step against your gradient would go uphill",
            ERROR_IS,
        ),
        (
            the_loss,
            "this is the loss, not its derivative",
            "how does this number change when w does?",
        ),
        (
            mean_of_the_errors,
            "this is the mean of the errors",
            "two factors are missing: outer and inner derivative",
        ),
        (
            x_on_one_side,
            "only y is multiplied by the inner derivative",
            "where are the brackets of the error?",
        ),
        (
            size_of_the_error,
            "the error has lost its sign",
            "which way is downhill where the prediction is too small?",
        ),
        (
            still_squared,
            "the error is still squared",
            "what is the derivative of e * e?",
        ),
        (without_the_target, "the y are missing", ERROR_IS),
        (without_the_prediction, "the prediction w x is missing", ERROR_IS),
        (
            without_the_error,
            "the error itself is missing: only the inner derivative is left",
            "outer derivative times inner derivative",
        ),
        (
            second_derivative,
            "you took the derivative twice",
            "the first derivative still holds the error",
        ),
        (
            one_for_each_point,
            "you gave one number for each example",
            "there is one slope, so one derivative",
        ),
        (
            product_of_means,
            "you multiplied two means, and the mean of the products was asked for",
            "first multiply, example by example; then average",
        ),
        *[
            (
                a_step_downhill(learning_rate),
                "you took a step with it: this is the next slope, and not the derivative",
                "the gradient alone; whoever asks for it takes the step",
            )
            for learning_rate in (1.0, 0.1, 0.05, 0.01, 0.001)
        ],
        (
            best_slope,
            "this is the best slope, where the derivative is 0",
            "the derivative at the slope that was given, however good or bad it is",
        ),
        (
            first_point_only,
            "you looked at the first point only",
            "the loss is a mean over all points",
        ),
    ],
    properties=[
        (
            is_finite_at_the_bottom,
            "where the line goes through all points, your derivative is no number",
            "all errors are 0 there: what do you divide by?",
        ),
        (
            is_zero_at_the_bottom,
            "where the line goes through all points, your derivative is not 0",
            "that is the lowest point of the loss: flat. All errors are 0 there; what is left?",
        ),
        (
            is_deaf_to_order,
            "the same points in another order give another derivative",
            "every point counts in the same way",
        ),
        (
            is_deaf_to_repetition,
            "with every point twice your derivative is another, though the loss, a mean, is the "
            "same",
            "what happened to 1/n?",
        ),
        (
            points_uphill,
            "your derivative does not have the sign of the slope's error",
            "where w is too large, a larger w makes the loss grow: above 0. And where it is too "
            "small?",
        ),
        (
            cannot_move_the_axis,
            "a point at x = 0 counts for you, and no slope can move the line there",
            "by how much does w x - y grow when w grows by 1?",
        ),
        (
            grows_with_the_error,
            "twice the error does not give you twice the derivative",
            "what is the derivative of e * e?",
        ),
        (
            follows_the_unit_of_x,
            "with x twice as large and w half as large the errors are the same, and your "
            "derivative does not double",
            "how often does the inner derivative bring in x?",
        ),
    ],
)


# 2. The gradient of a dictionary


def errors(params, xs, ys):
    return params["slope"] * xs + params["intercept"] - ys


def line_loss(params, xs, ys):
    return jnp.mean(errors(params, xs, ys) ** 2)


right_line = jax.grad(line_loss)


def gradient_of(loss):
    """The gradient of another loss, with respect to the parameters."""
    return lambda params, xs, ys: jax.grad(loss)(params, xs, ys)


def sum_of_squares(params, xs, ys):
    return jnp.sum(errors(params, xs, ys) ** 2)


def slope_and_intercept_exchanged(params, xs, ys):
    return jnp.mean((params["intercept"] * xs + params["slope"] - ys) ** 2)


def intercept_subtracted(params, xs, ys):
    return jnp.mean((params["slope"] * xs - params["intercept"] - ys) ** 2)


def squares(params, xs, ys):
    return errors(params, xs, ys) ** 2


def square_of_mean(params, xs, ys):
    return jnp.mean(errors(params, xs, ys)) ** 2


def mean_of_errors(params, xs, ys):
    return jnp.mean(errors(params, xs, ys))


def mean_of_sizes(params, xs, ys):
    return jnp.mean(jnp.abs(errors(params, xs, ys)))


def root_of_the_mean(params, xs, ys):
    return jnp.sqrt(line_loss(params, xs, ys))


def half_a_loss(params, xs, ys):
    return 0.5 * line_loss(params, xs, ys)


def turned_loss(params, xs, ys):
    return -line_loss(params, xs, ys)


def without_the_intercept(params, xs, ys):
    return jnp.mean((params["slope"] * xs - ys) ** 2)


def about_the_pages_points(params, xs, ys):
    points_of_the_page = jnp.arange(4.0)
    return right_line(params, points_of_the_page, 3 * points_of_the_page + 1)


def gradient_of_a_number(params, xs, ys):
    return jax.grad(line_loss(params, xs, ys))(params)


def with_respect_to_the_points(params, xs, ys):
    return jax.grad(line_loss, argnums=1)(params, xs, ys)


def with_respect_to_the_targets(params, xs, ys):
    return jax.grad(line_loss, argnums=2)(params, xs, ys)


def loss_and_gradient(params, xs, ys):
    return jax.value_and_grad(line_loss)(params, xs, ys)


def not_called(params, xs, ys):
    return jax.grad(line_loss)


def slope_alone(params, xs, ys):
    return right_line(params, xs, ys)["slope"]


def names_swapped(params, xs, ys):
    grads = right_line(params, xs, ys)
    return {"slope": grads["intercept"], "intercept": grads["slope"]}


def inner_derivative_is_the_intercept(params, xs, ys):
    by_intercept = jnp.mean(2 * errors(params, xs, ys) * params["intercept"])
    return {**right_line(params, xs, ys), "intercept": by_intercept}


def with_an_intercept_of_1(params, xs, ys):
    return line_loss({**params, "intercept": 1.0}, xs, ys)


def intercept_written_down(params, xs, ys):
    return right_line({**params, "intercept": 1.0}, xs, ys)


def multiplied_by_the_intercept(params, xs, ys):
    error = params["intercept"] * (params["slope"] * xs + 1) - ys
    return {"slope": jnp.mean(2 * error * xs), "intercept": jnp.mean(2 * error)}


def of_what_is_not_used(params, xs, ys):
    return jax.grad(lambda _: line_loss(params, xs, ys))(params)


def a_step_taken(learning_rate):
    def stepped(params, xs, ys):
        grads = right_line(params, xs, ys)
        return jax.tree.map(lambda param, grad: param - learning_rate * grad, params, grads)

    return stepped


START = {"slope": 2.0, "intercept": 1.0}
NOT_1_OVER_N = "compare with 1/n in exercise 1"
AT_1 = (
    "your line meets the y axis at 1, whatever the intercept is",
    "which entry of `params` have you not used?",
)
A_STEP = "return what `jax.grad` gives, and take no step with it"


def or_a_function(answer, *arguments):
    """Arguments are handed on; a function that comes back is told from numbers."""
    given = answer(*arguments)
    return "a function" if callable(given) else given


check_line = Check(
    cases=lambda: [  # the errors are 1.5; 2 and 1; -1.5, 2 and 2
        (
            {"params": START, **points([3.0], [5.5])},
            {"slope": 9.0, "intercept": 3.0},
        ),
        (
            {
                "params": {"slope": 2.0, "intercept": 3.0},
                **points([1.0, 3.0], [3.0, 8.0]),
            },
            {"slope": 5.0, "intercept": 3.0},
        ),
        (
            {
                "params": {"slope": 0.5, "intercept": -1.0},
                **points([1.0, 2.0, 4.0], [1.0, -2.0, -1.0]),
            },
            {"slope": 7.0, "intercept": 5 / 3},
        ),
        (
            {
                "params": {"slope": 2.0, "intercept": 1.0},
                **points([3.0, 5.0], [4.0, 20.0]),  # errors of 3 and -9
            },
            {"slope": -36.0, "intercept": -6.0},
        ),
        (
            {
                "params": {"slope": 1.25, "intercept": 0.375},
                **points([1.5, 0.75], [1.0, 2.0]),
            },
            {"slope": 1.359375, "intercept": 0.5625},
        ),
        (
            {
                "params": {"slope": 0.5, "intercept": 1.0},
                **points([-2.0, 1.0], [1.0, 2.0]),  # errors of -1 and -0.5
            },
            {"slope": 1.5, "intercept": -1.5},
        ),
    ],
    mistakes=[
        (
            lambda params, xs, ys: jax.tree.map(jnp.abs, right_line(params, xs, ys)),
            *NEVER_NEGATIVE,
        ),
        (
            lambda params, xs, ys: jax.tree.map(jnp.sign, right_line(params, xs, ys)),
            "of your gradient the sign alone is left",
            "how steep it is counts, too",
        ),
        (
            with_respect_to_the_points,
            "you differentiated with respect to the points",
            "`grad` looks at the first argument of the function that you give it",
        ),
        (
            with_respect_to_the_targets,
            "you differentiated with respect to the targets",
            "`grad` looks at the first argument of the function that you give it",
        ),
        (line_loss, "this is the loss, not its gradient", "where is `grad`?"),
        (
            about_the_pages_points,
            "you used the page's four points, and not those that you were given",
            "at which `xs` does the page's own `loss` look?",
        ),
        (
            gradient_of(sum_of_squares),
            "you added the examples up, but the loss is their mean",
            NOT_1_OVER_N,
        ),
        (
            gradient_of(squares),
            "your loss has one number for each point, and `grad` wants one in all",
            NOT_1_OVER_N,
        ),
        (
            loss_and_gradient,
            "you returned the loss together with the gradient",
            "of this pair only one is asked for",
        ),
        (
            not_called,
            "`grad` made a function, and you did not call it",
            "a function for a function: the new one wants arguments too",
        ),
        (
            slope_alone,
            "you differentiated with respect to the slope alone",
            "hand the whole dictionary to the function that `grad` gets",
        ),
        (
            gradient_of(square_of_mean),
            "you averaged the errors, and squared after that",
            "opposite errors must not cancel",
        ),
        (
            gradient_of(mean_of_errors),
            "you forgot to square the errors",
            "the loss is a mean squared error",
        ),
        (
            gradient_of(mean_of_sizes),
            "you took the size of the errors, not their square",
            "the loss is a mean squared error",
        ),
        (
            gradient_of(root_of_the_mean),
            "you took the root of the mean squared error",
            "the loss is a mean squared error",
        ),
        (
            gradient_of_a_number,
            "you handed a number to `grad`, and it wants a function",
            "a function for a function",
        ),
        (
            gradient_of(half_a_loss),
            "your loss is half of the mean squared error",
            "a factor in front of the loss stays in the gradient",
        ),
        (
            gradient_of(turned_loss),
            "the sign is turned",
            "`grad` needs no help: the update will subtract",
        ),
        (
            gradient_of(without_the_intercept),
            "your line has no intercept",
            "a line is slope times x plus something",
        ),
        (
            gradient_of(slope_and_intercept_exchanged),
            "your line is intercept times x plus slope",
            "a line is slope times x plus something",
        ),
        (
            gradient_of(intercept_subtracted),
            "you subtract the intercept from the line",
            "a line is slope times x plus something",
        ),
        (
            names_swapped,
            "you swapped the two names",
            "hand the whole dictionary to the function that `grad` gets",
        ),
        (
            of_what_is_not_used,
            "your function does not use what it is differentiated by",
            "whatever it is called with, it gives the same: which `params` does it look at?",
        ),
        (
            inner_derivative_is_the_intercept,
            "the inner derivative is not b",
            "by how much does w x + b - y grow when b grows by 1?",
        ),
        (intercept_written_down, *AT_1),
        (gradient_of(with_an_intercept_of_1), *AT_1),
        (
            multiplied_by_the_intercept,
            "you multiplied by the intercept",
            "a line is slope times x plus something",
        ),
        (a_step_taken(0.1), "these are new parameters, not a gradient", A_STEP),
        (a_step_taken(0.01), "these are new parameters, not a gradient", A_STEP),
        (a_step_taken(1.0), "these are new parameters, not a gradient", A_STEP),
    ],
    observe=or_a_function,
    right=right_line,
)


# 3. Two dice

ROLLS = 600
LEAST, MOST = 0.27, 0.40  # a third of all dice show 1 or 6; a fifth do if they come half as often
MEAN, LEEWAY = 3.5, 0.4  # that is more than five deviations of the mean of so many rolls
RAREST, COMMONEST = 0.11, 0.225  # of the faces; a sixth, and five times its spread in 1,200 dice
DEPENDENT = 75.0  # of chi-square with 25 degrees of freedom: one pair of fair dice in a million


def roll(key, sides=6):
    return jax.random.randint(key, (), 1, sides + 1)


def dice_facts(answer, rolls, jax_watches):
    """What many rolls, or JAX itself, can tell of two dice.

    Args:
        answer: from a key to two dice.
        rolls: how many.
        jax_watches: whether JAX looks at the keys, and nobody at the dice.
    """
    if jax_watches:
        return watched(answer)

    few = [np.ravel(answer(jax.random.key(seed))) for seed in range(5)]
    again = [np.ravel(answer(jax.random.key(seed))) for seed in range(5)]
    if few[0].shape != (2,):
        return {"dice in a roll": few[0].size}
    if not np.array_equal(few, again):
        return {"same key, same dice": False}
    return chance_in(roll_often(answer, rolls))


def roll_often(answer, rolls):
    """Dice [rolls, 2], all at once where the answer allows it."""
    try:
        keys = jax.vmap(jax.random.key)(np.arange(rolls))
        dice = jax.vmap(lambda key: jnp.ravel(jnp.array(answer(key))))(keys)
    except (jax.errors.JAXTypeError, TypeError):  # it asks for values: int(die), for example
        dice = [np.ravel(answer(jax.random.key(seed))) for seed in range(rolls)]
    return np.array(dice, float)


def watched(answer):
    """JAX itself looks for a key that is used twice, and raises its own error."""
    if looks_only_while_compiling():
        jax.clear_caches()
    with jax.debug_key_reuse(True):
        answer(jax.random.key(0))
    return {"each key is used once": not folds_and_uses_again(answer, jax.random.key(0))}


@cache
def looks_only_while_compiling():
    """Older versions of JAX overlook what was compiled before they watched."""
    one_key(jax.random.key(0))
    try:
        with jax.debug_key_reuse(True):
            one_key(jax.random.key(0))
    except jax.errors.KeyReuseError:
        return False
    return True


def chance_in(pairs):
    """Facts about rolls [rolls, 2]: which faces, how often, and does one die know the other?"""
    different = np.unique(pairs, axis=0)
    if len(different) == 1:
        return {"every key": "gives the same roll"}
    if np.any(pairs != np.round(pairs)):
        return {"faces seen": "some are no whole numbers"}
    if np.any(pairs.std(axis=0) == 0):
        return {"one of the dice": "shows the same in every roll"}
    agree = float(np.mean(pairs[:, 0] == pairs[:, 1]))
    is_near = np.abs(pairs.mean(axis=0) - MEAN) < LEEWAY
    _, counts = np.unique(pairs, return_counts=True)
    shares = counts / pairs.size
    is_even = shares.min() > RAREST and shares.max() < COMMONEST
    return {
        "same key, same dice": True,
        "the dice agree": {0.0: "never", 1.0: "always"}.get(agree, "sometimes"),
        "one die tells of the other": what_one_tells(pairs),
        "faces seen": sorted(set(pairs.ravel().tolist())),
        "1 and 6 come": how_often_the_ends_come(np.mean(pairs == 1), np.mean(pairs == 6)),
        "each die's mean": "near 3.5" if is_near.all() else "far from 3.5",
        "each face comes": "about as often" if is_even else "not equally often",
    }


def what_one_tells(pairs):
    """In words, what one die tells of the other: do the pairs come as each die's faces explain?"""
    faces = np.unique(pairs)
    shows = pairs[:, :, None] == faces  # [rolls, 2, faces]
    counts = np.einsum("ra,rb->ab", *shows.astype(float).swapaxes(0, 1))
    expected = np.outer(counts.sum(axis=1), counts.sum(axis=0)) / counts.sum()
    if np.count_nonzero(counts) == len(faces):
        return "all"
    known = expected > 0
    chi_square = np.sum((counts - expected)[known] ** 2 / expected[known])
    return "something" if chi_square > DEPENDENT else "nothing"


def how_often_the_ends_come(ones, sixes):
    """In words, of their shares among all dice; a sixth is right."""
    if ones + sixes < LEAST:
        return "too seldom"
    if ones + sixes <= MOST:
        return "right"
    return "too often" if min(ones, sixes) > LEAST / 2 else "too often, one of them"


def one_key(key):
    return roll(key), roll(key)


def key_used_after_the_split(key):
    _, child = jax.random.split(key)
    return roll(key), roll(child)


def key_of_its_own(key):
    return [roll(key) for key in jax.random.split(jax.random.key(0))]


def one_key_of_its_own(key):
    return roll(key), roll(jax.random.key(0))


def key_and_its_fold(key):
    return roll(key), roll(jax.random.fold_in(key, 1))


def same_fold_twice(key):
    return roll(jax.random.fold_in(key, 1)), roll(jax.random.fold_in(key, 1))


def one_die_twice(key):
    return [roll(key)] * 2


def numpy_dice(key):
    return np.random.default_rng().integers(1, 7, 2)


def five_faces(key):
    return [roll(key, sides=5) for key in jax.random.split(key)]


def seven_faces(key):
    return [roll(key, sides=7) for key in jax.random.split(key)]


def from_zero(key):
    return [roll(key) - 1 for key in jax.random.split(key)]


def never_the_same(key):
    return jax.random.choice(key, jnp.arange(1, 7), (2,), replace=False)


def seven_in_all(key):
    die = roll(key)
    return die, 7 - die


def not_whole(key):
    return jax.random.uniform(key, (2,), minval=1, maxval=7)


def rounded(key):
    return 1 + jnp.round(5 * jax.random.uniform(key, (2,)))


def better_of_two(key):
    dice = jnp.array([roll(key) for key in jax.random.split(key, 3)])
    return dice[0], dice[1:].max()


def one_die(key):
    return roll(key)


def three_dice(key):
    return [roll(key) for key in jax.random.split(key, 3)]


FAIR = {
    "same key, same dice": True,
    "the dice agree": "sometimes",
    "one die tells of the other": "nothing",
    "faces seen": [1, 2, 3, 4, 5, 6],
    "1 and 6 come": "right",
    "each die's mean": "near 3.5",
    "each face comes": "about as often",
}
OTHER_FACES = "your dice have other faces than 1 to 6"


def of_count_or_faces(got, right):
    """What to say of any other number of dice, and of any other faces."""
    if "dice in a roll" in got:
        return f"there are {got['dice in a roll']} numbers, and two dice were asked for", A_PAIR
    if "faces seen" in got and got["faces seen"] != right["faces seen"]:
        return OTHER_FACES, "which is your lowest face, and which your highest?"
    tells = {"something": "tells something of", "all": "decides"}
    verb = tells.get(got.get("one die tells of the other"))
    if verb and got["the dice agree"] != "always":
        return (
            f"one die {verb} what the other one shows",
            "two dice know nothing of each other: each has a key of its own, made from yours",
        )
    if got.get("1 and 6 come") == "too often, one of them":
        return (
            "some faces come far more often than others",
            "a limit, a remainder, or chances that are none? (`categorical` takes logits)",
        )
    if got.get("1 and 6 come") == "too often":
        return (
            "1 and 6 come more often than the other faces",
            "does something turn other numbers into them: a remainder, or a limit?",
        )
    return None


A_PAIR = "return a pair"

check_dice = Check(
    cases=[
        ({"rolls": ROLLS, "JAX watches": False}, FAIR),
        ({"rolls": 1, "JAX watches": True}, {"each key is used once": True}),
    ],
    mistakes=[
        (one_key, "both dice were rolled with the same key", "a key is like a match"),
        (same_fold_twice, "both dice were rolled with the same key", "a key is like a match"),
        (
            key_and_its_fold,
            "one key is used twice, and each may be split, or drawn from, once",
            "fold a number into it for each die, or for none",
        ),
        (
            key_used_after_the_split,
            "one key is used twice, and each may be split, or drawn from, once",
            "after a split the old key is spent",
        ),
        (
            key_of_its_own,
            "you made a key of your own, so every roll is the same",
            "which key were you given?",
        ),
        (
            one_key_of_its_own,
            "one of your dice has a key of your own, so it always shows the same",
            "which key were you given?",
        ),
        (
            numpy_dice,
            "your numbers do not come from the key, so nobody can repeat them",
            "use `jax.random`",
        ),
        (five_faces, OTHER_FACES, "`randint` leaves its upper end out"),
        (seven_faces, OTHER_FACES, "`randint` leaves its upper end out"),
        (from_zero, OTHER_FACES, "no die has a 0"),
        (
            never_the_same,
            "your dice never agree: the second one avoids what the first one shows",
            "two dice know nothing of each other",
        ),
        (
            one_die_twice,
            "one die decides what the other one shows",
            "two dice know nothing of each other",
        ),
        (
            seven_in_all,
            "one die decides what the other one shows",
            "two dice know nothing of each other",
        ),
        (not_whole, "your dice show numbers that are not whole", "`uniform` is not for dice"),
        (
            rounded,
            "1 and 6 come less often than the other faces",
            "rounding gives each end only half a step",
        ),
        (
            better_of_two,
            "one of your dice is loaded",
            "each face must come as often as any other",
        ),
        (one_die, "there is one number, and two dice were asked for", A_PAIR),
        (three_dice, "there are three numbers, and two dice were asked for", A_PAIR),
    ],
    observe=dice_facts,
    otherwise=of_count_or_faces,
)


# 4. From one to a batch


def scores_of(answer, weights, observations):
    """The scores; or how `score` was called, if not once for all rows.

    Args:
        answer: from a function, weights and observations to scores.
        weights: [4].
        observations: [B, 4].
    """
    seen = []

    def score(weights, observation):
        seen.append((jnp.ndim(weights), jnp.ndim(observation)))
        return jnp.sum(weights * observation**2)  # so that the order of the two matters

    scores = answer(score, weights, observations)
    if callable(scores):
        return "a function"
    if isinstance(scores, Iterator):
        return scores  # which nobody has asked for a score yet
    if not seen:
        return "`score` was not called"
    if seen[0] != (1, 1):
        return misunderstanding(*seen[0])
    if len(seen) >= len(observations):
        return f"`score` was called {len(seen)} times, in a loop"
    return scores


def misunderstanding(axes_of_weights, axes_of_observation):
    """What `score` was called with, in words: it wants one axis of each."""
    if axes_of_observation == 0:
        return "`score` was called with a single number for an observation"
    if axes_of_weights == 0 and axes_of_observation == 1:
        return "`score` was called with a single weight, and a row"
    if axes_of_weights == 0:
        return "`score` was called with a single weight, and all rows"
    return "`score` was called with all rows"


def both_mapped(score, weights, observations):
    return jax.vmap(score)(weights, observations)


def weights_mapped(score, weights, observations):
    return jax.vmap(score, in_axes=(0, None))(weights, observations)


def columns_mapped(score, weights, observations):
    return jax.vmap(score, in_axes=(None, 1))(weights, observations)


def the_first_for_all(score, weights, observations):
    return jnp.full(len(observations), score(weights, observations[0]))


def whole_batch_at_once(score, weights, observations):
    return score(weights, observations)


def numbers_for_rows(score, weights, observations):
    return jax.vmap(score, in_axes=(None, 0))(observations, weights)


def in_the_other_order(score, weights, observations):
    return jax.vmap(score, in_axes=(0, None))(observations, weights)


def row_of_the_best(score, weights, observations):
    return jnp.argmax(jax.vmap(score, in_axes=(None, 0))(weights, observations))


def in_a_loop(score, weights, observations):
    return jnp.array([score(weights, observation) for observation in observations])


def without_score(score, weights, observations):
    return observations @ weights


def scores_added(score, weights, observations):
    return jax.vmap(score, in_axes=(None, 0))(weights, observations).sum()


def function_returned(score, weights, observations):
    return jax.vmap(score, in_axes=(None, 0))


def scores_averaged(score, weights, observations):
    return jax.vmap(score, in_axes=(None, 0))(weights, observations).mean()


def first_row(score, weights, observations):
    return score(weights, observations[0])


WEIGHTS = [1.0, 0.0, 2.0, -1.0]
FOUR_ROWS = [
    [1.0, 5.0, 0.0, 0.0],
    [0.0, 1.0, 1.0, 0.0],
    [2.0, 0.0, 1.0, 1.0],
    [0.0, 3.0, 0.0, 4.0],
]
NOT_MAPPED = "`in_axes` names one axis for each argument, or None"

check_score_all = Check(
    arguments=("score", "weights", "observations"),
    cases=lambda: [  # on paper: 1; 2; 4 + 2 - 1; -16
        (
            {"weights": jnp.array(WEIGHTS), "observations": jnp.array(FOUR_ROWS)},
            [1.0, 2.0, 5.0, -16.0],
        ),
        (
            {"weights": 2 * jnp.array(WEIGHTS), "observations": jnp.array(FOUR_ROWS[::-1])},
            [-32.0, 10.0, 4.0, 2.0],
        ),
        (
            {"weights": jnp.array(WEIGHTS), "observations": jnp.array(FOUR_ROWS[1:])},
            [2.0, 5.0, -16.0],
        ),
    ],
    mistakes=[
        (
            both_mapped,
            "you mapped over the weights, too: row 0 met weight 0 alone",
            NOT_MAPPED,
        ),
        (
            weights_mapped,
            "you mapped over the weights, and not over the observations",
            NOT_MAPPED,
        ),
        (
            columns_mapped,
            "you mapped over the columns, and each observation is a row",
            "axis 0 counts the rows",
        ),
        (
            the_first_for_all,
            "you scored the first observation, and gave all of them its score",
            "each row has a score of its own",
        ),
        (
            whole_batch_at_once,
            "you handed the whole batch to a function of one observation",
            "which transformation makes a function of a batch out of it?",
        ),
        (
            numbers_for_rows,
            "`score` got a single number in the place of an observation",
            "mind the order of the arguments, and map once",
        ),
        (
            in_the_other_order,
            "you gave `score` its arguments in the other order",
            "which of the two does it want first?",
        ),
        (
            row_of_the_best,
            "you returned which row has the highest score",
            "one score for each row",
        ),
        (
            in_a_loop,
            "you called `score` once for each row, in a loop",
            "which transformation needs no loop?",
        ),
        (
            without_score,
            "you wrote `score` anew, and with a network you could not",
            "transform the function that you are given",
        ),
        (scores_added, "you added the scores up", "one score for each row"),
        (scores_averaged, "you averaged the scores", "one score for each row"),
        (
            function_returned,
            "`vmap` made a function, and you did not call it",
            "the new function takes the same arguments as the old one",
        ),
        (first_row, "you scored the first row only", "one score for each row"),
    ],
    observe=scores_of,
)


# 5. A mean that compiles


def inside_jit(answer, values, n):
    """What the answer gives when both arguments are tracers.

    Args:
        answer: from values and n to a mean.
        values: [N] float.
        n: how many of them count.
    """
    return jax.jit(answer)(values, n)


def slice_to(values, n):
    return values[:n].mean()


def slice_from_to(values, n):
    return values[0:n].mean()


def rest_set_to_zero(values, n):
    return values.at[n:].set(0.0).sum() / n


def slice_dynamically(values, n):
    return jax.lax.dynamic_slice(values, (0,), (n,)).mean()


def count_to(values, n):
    return sum(values[i] for i in range(n)) / n


def ask_each_place(values, n):
    return sum(value for i, value in enumerate(values) if i < n) / n


def ask_for_the_value(values, n):
    return values[: int(n)].mean()


def keep_by_mask(values, n):
    return values[jnp.arange(len(values)) < n].mean()


def in_numpy(values, n):
    return np.asarray(values)[:3].mean()


@partial(jax.jit, static_argnums=1)
def one_program_for_each_n(values, n):
    return values[:n].mean()


def the_first(values, n):
    """True where a number counts."""
    return jnp.arange(len(values)) < n


def zeros_counted(values, n):
    return jnp.where(the_first(values, n), values, 0.0).mean()


def whole_numbers(values, n):
    return jnp.sum((values * the_first(values, n)).astype(int)) / n


def one_more_in_the_divisor(values, n):
    return jnp.sum(values * the_first(values, n)) / (n + 1)


def one_less_in_the_divisor(values, n):
    return jnp.sum(values * the_first(values, n)) / (n - 1)


def zeros_left_out(values, n):
    kept = jnp.where(the_first(values, n), values, 0.0)
    return kept.sum() / jnp.count_nonzero(kept)


def begun_at_the_second(values, n):
    return (jnp.sum(values * the_first(values, n)) - values[0]) / n


def mean_times_n(values, n):
    return jnp.mean(values * the_first(values, n)) * n


def condition_in_the_middle(values, n):
    return jnp.where(values, the_first(values, n), 0.0).sum() / n


def mean_of(values, n):
    return jnp.where(the_first(values, n), values, 0.0).sum() / n


def how_many_count(values, n):
    return jnp.count_nonzero(jnp.where(the_first(values, n), values, 0.0))


def the_smallest(values, n):
    return jnp.sum(jnp.sort(values) * the_first(values, n)) / n


def one_more(values, n):
    return jnp.sum(values * the_first(values, n + 1)) / (n + 1)


def one_more_added(values, n):
    return jnp.sum(values * the_first(values, n + 1)) / n


def one_less(values, n):
    return jnp.sum(values * the_first(values, n - 1)) / n


def not_divided(values, n):
    return jnp.sum(values * the_first(values, n))


def mean_of_all(values, n):
    return values.mean()


def sum_of_all(values, n):
    return values.sum() / n


def mean_of_the_rest(values, n):
    return jnp.mean(values, where=~the_first(values, n))


def sum_of_the_rest(values, n):
    return jnp.sum(values, where=~the_first(values, n)) / n


def mean_of_the_last(values, n):
    return jnp.mean(values[::-1], where=the_first(values, n))


def always_two(values, n):
    return values[:2].mean()


def values_compared(values, n):
    return jnp.sum(jnp.where(values < n, values, 0.0)) / n


def last_of_them(values, n):
    return values[n - 1]


def array_of(*numbers):
    return jnp.array(numbers, jnp.float32)


SHAPE = "keep all numbers, and choose which of them count"

check_mean_of_first = Check(
    cases=lambda: [
        ({"values": array_of(2, 4, 6, 100), "n": 2}, 3.0),
        ({"values": array_of(2, 4, 6, 100), "n": 4}, 28.0),
        ({"values": array_of(-1, 5, 3), "n": 1}, -1.0),
        ({"values": array_of(7, -2, 4, 0, 1), "n": 4}, 2.25),
        ({"values": array_of(0.5, 0.75, 8, -0.25, 1), "n": 2}, 0.625),
        ({"values": array_of(1, 2, 3, 4, 10), "n": 5}, 4.0),
    ],
    mistakes=[
        (slice_to, "the shape of your slice would depend on a value", SHAPE),
        (slice_from_to, "the shape of your slice would depend on a value", SHAPE),
        (rest_set_to_zero, "the shape of your slice would depend on a value", SHAPE),
        (slice_dynamically, "the shape of your slice would depend on a value", SHAPE),
        (
            keep_by_mask,
            "how many numbers your mask keeps depends on a value, and so would the shape",
            "a mask can also choose between two arrays of one shape",
        ),
        (
            count_to,
            "you used n as a Python number, and under `jit` it is a tracer",
            SHAPE,
        ),
        (
            ask_each_place,
            "Python asked a tracer whether it is true",
            "what did the step function use in place of `if`?",
        ),
        (
            ask_for_the_value,
            "you asked a tracer for its value, and it has none",
            SHAPE,
        ),
        (in_numpy, "you gave a tracer to NumPy, which knows nothing of them", "use `jnp`"),
        (
            one_program_for_each_n,
            "a static n means a program for each n, and here n is a tracer already",
            SHAPE,
        ),
        (
            zeros_counted,
            "you divided by all, and the zeros are none of the first n",
            "a mean divides by how many were added",
        ),
        (
            whole_numbers,
            "you cut the numbers down to whole ones",
            "they need not be whole: what turned them into integers?",
        ),
        (
            one_more_in_the_divisor,
            "you divided by one more than you added",
            "a mean divides by how many were added",
        ),
        (
            one_less_in_the_divisor,
            "you divided by n - 1, as one does for a spread",
            "a mean divides by how many were added",
        ),
        (
            zeros_left_out,
            "you counted what is not 0, and a 0 among the first n counts too",
            "how many were added? You were told",
        ),
        (
            begun_at_the_second,
            "the very first number is missing",
            "places count from 0",
        ),
        (
            mean_times_n,
            "you divided by all, and then multiplied by n",
            "a mean divides by how many were added, and by nothing else",
        ),
        (
            condition_in_the_middle,
            "you added up True and False in place of the numbers",
            "jnp.where(condition, this, that): the condition stands first",
        ),
        (how_many_count, "you counted the numbers, and did not add them", "a count, or a sum?"),
        (
            lambda values, n: mean_of(values, n - 1),
            "you left out the last of the first n",
            "`<`, or `<=`? Places count from 0",
        ),
        (
            the_smallest,
            "you sorted the numbers, so your first ones are the smallest",
            "which come first is given",
        ),
        (one_more, "you took one number too many", "places count from 0"),
        (one_more_added, "you added one number too many", "places count from 0"),
        (one_less, "you added one number too few", "places count from 0"),
        (not_divided, "this is a sum, not a mean", "divide by how many were added"),
        (mean_of_all, "this is the mean of all: n is not used", "which numbers count?"),
        (
            sum_of_all,
            "you added all numbers, and divided by n",
            "which numbers count?",
        ),
        (mean_of_the_rest, "you took those that should go", "turn the condition round"),
        (sum_of_the_rest, "you took those that should go", "turn the condition round"),
        (mean_of_the_last, "you took the last ones", "places count from the left"),
        (always_two, "you took two numbers, whatever n is", "n may be any number"),
        (
            values_compared,
            "you compared the numbers with n, not their places",
            "which array holds the places?",
        ),
        (last_of_them, "this is one number, not a mean", "add the first n"),
    ],
    observe=inside_jit,
)
