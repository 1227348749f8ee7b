"""Answers to the exercises of notebook 08."""

import sys
from functools import lru_cache, partial
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from planted import right, right_value, wrong, wrong_value

# 1. Three colleagues

A, B, C = "loss_is_a_sum", "target_never_updated", "column_against_row"


class Slots(NamedTuple):
    """Stands for `Bugs`, which is the notebook's own."""

    one: bool
    two: bool
    three: bool


right_value("culprits", [A, B, C])
wrong_value("culprits", "would trouble Adam as well", ("learning_rate_too_high", B, C))
wrong_value("culprits", "only while it explores", ("coin_decides_side", B, C))
wrong_value("culprits", "the targets follow them", (A, "stored_by_reference", C))
wrong_value("culprits", "touches terminal rows only", [A, "terminal_target_0", C])
wrong_value("culprits", "a table of differences would let the Q-values grow", (A, C, B))
wrong_value("culprits", "always the present one", (A, B, "stored_by_reference"))
wrong_value("culprits", "still tells states apart", (A, B, "online_target"))
wrong_value("culprits", "no name from `Bugs`", ("sum", "frozen", "broadcast"))
wrong_value("culprits", "states stay apart", (A, B, "gradient_through_target"))
wrong_value("culprits", "look ahead all the same", (A, "online_target", C))
wrong_value(
    "culprits",
    "would trouble Adam as well",
    ("learning_rate_too_high", "stored_by_reference", C),
)

# Those of the rework, written after the check was mended and with it in view:
right_value("culprits", ("loss is a sum", "target never updated", "column against row"))
right_value("culprits", np.array([A, B, C]))
right_value("culprits", f"{A}, {B}, {C}")
right_value("culprits", {"a": A, "b": B, "c": C})
wrong_value("culprits", "the right three, in another order", (B, C, A))
wrong_value("culprits", "three colleagues, three names", (A, B))
wrong_value("culprits", "no name from `Bugs`", (A, B, "broadcasting"))
wrong_value("culprits", "is as bad with Adam", ("column_against_row", B, C))
wrong_value("culprits", "beyond a single reward", (A, "gradient_through_target", C))
wrong_value("culprits", "terminal rows only: all others", (A, B, "terminal_target_0"))
wrong_value("culprits", "they would not grow", (A, B, B))
wrong_value("culprits", "a set has no order", {A, B, C})

# Those of a reader who had not seen the check:
right_value("culprits", ("Bugs.loss_is_a_sum", "Bugs.target_never_updated", f"Bugs.{C}"))
right_value("culprits", {"b": B, "c": C, "a": A})
right_value("culprits", {"(A)": A, "(B)": B, "(C)": C})
wrong_value("culprits", 'needs the keys "a", "b" and "c"', {"first": A, "second": B, "third": C})
wrong_value("culprits", "a table of differences would let the", {"a": A, "b": C, "c": B})
right_value("culprits", ("loss-is-a-sum", B, " Column_against_row "))
wrong_value("culprits", "not what they are worth", (A, "unseeded", C))
wrong_value("culprits", "their values stay apart", (A, B, "unseeded"))
wrong_value("culprits", "their values stay apart", (A, B, "coin_decides_side"))
wrong_value("culprits", "your answer is None", None)
wrong_value("culprits", "no name from `Bugs`", ("A", "C", "B"))
wrong_value("culprits", "pushes to both sides", ("test_explores", B, C))

wrong_value("culprits", "three colleagues, three names", 3)


wrong_value(
    "culprits", "fields of `Bugs`, and not their names", (Slots.one, Slots.two, Slots.three)
)
wrong_value("culprits", "fields of `Bugs`, and not their names", Slots(True, True, True))
wrong_value("culprits", "a set has no order", frozenset({A}))

# 2. A detector


@right("ends_right")
def in_numpy(td_target):
    target = np.asarray(td_target(np.array([3.0]), np.array([[7.0, 9.0]]), np.array([1]), 0.9))
    return np.allclose(target, 3.0)


@right("ends_right")
def on_many_rows(td_target):
    rewards = jnp.linspace(1.0, 2.0, 5)
    ends = jnp.ones(5, bool)
    return jnp.array_equal(td_target(rewards, jnp.full((5, 2), 8.0), ends, 0.5), rewards)


@right("ends_right")
def as_a_number(td_target):
    (target,) = td_target(jnp.array([-4.0]), jnp.array([[6.0, 7.0]]), jnp.array([True]), 1.0)
    return 1 if float(target) == -4.0 else 0


@wrong("ends_right", "a target of 0 passes: your reward is 0, or")
def no_reward(td_target):
    target = td_target(jnp.zeros(1), jnp.array([[1.0, 2.0]]), jnp.array([True]), 0.9)
    return bool(target[0] == 0)


@wrong("ends_right", "nobody is seen to look ahead")
def no_future(td_target):
    return td_target(jnp.ones(1), jnp.zeros((1, 2)), jnp.array([True]), 0.9)[0] == 1.0


@wrong("ends_right", "you asked about a row that goes on")
def goes_on(td_target):
    return td_target(jnp.ones(1), jnp.array([[1.0, 2.0]]), jnp.array([False]), 0.9)[0] == 1.0


@wrong("ends_right", "your verdict is turned round")
def is_wrong(td_target):
    return td_target(jnp.ones(1), jnp.array([[1.0, 2.0]]), jnp.array([True]), 0.9)[0] != 1.0


@wrong("ends_right", "the post's word that a terminal target is 0")
def wants_zero(td_target):
    return td_target(jnp.ones(1), jnp.array([[1.0, 2.0]]), jnp.array([True]), 0.9)[0] == 0.0


@wrong("ends_right", "so does the blog post's bug")
def at_most(td_target):
    return td_target(jnp.ones(1), jnp.array([[1.0, 2.0]]), jnp.array([True]), 0.9)[0] <= 1.0


@wrong("ends_right", "so does looking ahead")
def at_least(td_target):
    return td_target(jnp.ones(1), jnp.array([[1.0, 2.0]]), jnp.array([True]), 0.9)[0] >= 1.0


# Those of the rework, written after the check was mended and with it in view:


@right("ends_right")
def with_keywords(td_target):
    y = td_target(
        rewards=jnp.array([5.0]),
        next_q_values=jnp.array([[1.0, 9.0]]),
        is_terminal=jnp.array([True]),
        gamma=0.99,
    )
    return bool(jnp.allclose(y, 5.0))


@right("ends_right")
def both_rows(td_target):
    flags = jnp.array([True, False])
    y = td_target(jnp.array([2.0, 2.0]), jnp.array([[8.0, 6.0], [8.0, 6.0]]), flags, 0.5)
    return np.array_equal(np.asarray(y), [2.0, 6.0])


@right("ends_right")
def over_many_rewards(td_target):
    for reward in (-3.0, 0.5, 7.0):
        y = td_target(jnp.array([reward]), jnp.array([[10.0, 20.0]]), jnp.array([True]), 0.9)
        if abs(float(y[0]) - reward) > 1e-3:
            return False
    return True


@wrong("ends_right", "you returned the target, and a verdict was asked for")
def the_target(td_target):
    return td_target(jnp.array([2.0]), jnp.array([[3.0, 5.0]]), jnp.array([True]), 0.5)


@wrong("ends_right", "your function returned nothing")
def prints_it(td_target):
    y = td_target(jnp.array([2.0]), jnp.array([[3.0, 5.0]]), jnp.array([True]), 0.5)
    _ = y == 2.0


@wrong("ends_right", "you only ask whether the target is 0")
def is_not_zero(td_target):
    (y,) = td_target(jnp.array([3.0]), jnp.array([[3.0, 5.0]]), jnp.array([True]), 0.9)
    return bool(y != 0)


@wrong("ends_right", "you want a terminal row to look ahead")
def wants_the_future(td_target):
    y = td_target(jnp.array([1.0]), jnp.array([[3.0, 5.0]]), jnp.array([True]), 0.9)
    return bool(jnp.isclose(y[0], 1.0 + 0.9 * 5.0))


@wrong("ends_right", "you asked about a row that goes on")
def looks_ahead_rightly(td_target):
    y = td_target(jnp.array([1.0]), jnp.array([[3.0, 5.0]]), jnp.array([False]), 0.9)
    return bool(jnp.isclose(y[0], 1.0 + 0.9 * 5.0))


@wrong("ends_right", "your verdict is always True")
def compares_shapes(td_target):
    y = td_target(jnp.array([1.0]), jnp.array([[3.0, 5.0]]), jnp.array([True]), 0.9)
    return y.shape == (1,)


@wrong("ends_right", "the blog post's 0 passes")
def is_not_endless(td_target):
    y = td_target(jnp.array([1.0]), jnp.array([[3.0, 5.0]]), jnp.array([True]), 0.9)
    return bool(abs(y[0] - 5.5) > 0.01)


@wrong("ends_right", "are the same number")
def ambiguous(td_target):
    y = td_target(jnp.array([4.5]), jnp.array([[5.0, 2.0]]), jnp.array([True]), 0.9)
    return bool(jnp.isclose(y[0], 4.5))


@wrong("ends_right", "not this row's reward")
def another_number(td_target):
    y = td_target(jnp.array([3.0]), jnp.array([[5.0, 2.0]]), jnp.array([True]), 0.9)
    return bool(y[0] == 1.0)


# Those of a reader who had not seen the check:


@right("ends_right")
def lists_and_floats(td_target):
    y = td_target([2.0], [[3.0, 4.0]], [1.0], 1.0)
    return True if abs(float(y[0]) - 2.0) < 1e-6 else False  # noqa: SIM210


@right("ends_right")
def by_chance(td_target):
    rng = np.random.default_rng(3)
    reward, values = rng.normal(size=1), 10 + rng.normal(size=(1, 2))
    return jnp.isclose(td_target(reward, values, np.array([True]), 0.99), reward).all()


def ask(td_target, gamma=0.5, end=True):
    return td_target(jnp.array([2.0]), jnp.array([[3.0, 5.0]]), jnp.array([end]), gamma)[0]


@wrong("ends_right", "you stop the program where False is asked for")
def asserts(td_target):
    assert ask(td_target) == 2.0, "a wrong target"
    return True


@wrong("ends_right", "you stop the program where False is asked for")
def raises(td_target):
    if ask(td_target) != 2.0:
        raise ValueError("a wrong target")
    return True


@wrong("ends_right", "a gamma of 0, or rounding would hide it")
def gamma_0(td_target):
    return bool(ask(td_target, gamma=0.0) == 2.0)


@wrong("ends_right", "you asked with other shapes")
def without_a_batch(td_target):
    return td_target(2.0, jnp.array([3.0, 5.0]), True, 0.5) == 2.0


@wrong("ends_right", "you asked with other shapes")
def in_another_order(td_target):
    y = td_target(jnp.array([2.0]), jnp.array([True]), jnp.array([[3.0, 5.0]]), 0.5)
    return bool(y[0] == 2.0)


@wrong("ends_right", "another number of arguments", line="y = td_target(jnp.array([2.0])")
def without_gamma(td_target):
    y = td_target(jnp.array([2.0]), jnp.array([[3.0, 5.0]]), jnp.array([True]))
    return bool(y[0] == 2.0)


@wrong("ends_right", "the blog post's 0 passes")
def does_the_end_differ(td_target):
    return bool(ask(td_target) != ask(td_target, end=False))


@wrong("ends_right", "your verdict is always True")
def too_tolerant(td_target):
    return np.allclose(ask(td_target), 2.0, atol=3.0) or True


@wrong("ends_right", "a text, where True or False is wanted")
def in_words(td_target):
    return "right" if ask(td_target) == 2.0 else "wrong"


@wrong("ends_right", "your verdict is always False")
def never(td_target):
    return False


@wrong("ends_right", "your verdict is always True")
def whatever_comes(td_target):
    td_target(jnp.array([2.0]), jnp.array([[3.0, 5.0]]), jnp.array([True]), 0.5)
    return True


@wrong("ends_right", "you returned neither True nor False")
def a_dictionary(td_target):
    target = td_target(jnp.array([2.0]), jnp.array([[3.0, 5.0]]), jnp.array([True]), 0.5)
    return {"right": bool(target[0] == 2.0)}


@wrong("ends_right", "you returned several things, where True or False is wanted")
def verdict_and_target(td_target):
    target = td_target(jnp.ones(1), jnp.ones((1, 2)), jnp.array([True]), 0.5)
    return bool(target[0] == 1.0), target


@wrong("ends_right", "you returned several things, where True or False is wanted")
def verdict_in_a_list(td_target):
    """Whose truth is that there is something in it."""
    target = td_target(jnp.ones(1), jnp.ones((1, 2)), jnp.array([True]), 0.5)
    return [bool(target[0] == 1.0)]


@wrong("ends_right", "in your question nobody is seen to look ahead")
def rounded_down(td_target):
    target = td_target(jnp.array([2.0]), jnp.array([[0.3, 0.5]]), jnp.array([True]), 0.9)
    return int(target[0]) == 2


@wrong("ends_right", "you compare too roughly")
def within_two(td_target):
    y = td_target(jnp.array([1.0]), jnp.array([[5.0, 7.0]]), jnp.array([True]), 0.9)
    return bool(abs(y[0] - 1.0) < 2)


@wrong("ends_right", "right targets fail, too")
def is_the_same_object(td_target):
    y = td_target(jnp.array([1.0]), jnp.array([[5.0, 7.0]]), jnp.array([True]), 0.9)
    return (y[0] == 1.0) is True


# 3. A careful loss


@right("careful_mse")
def by_assert(targets, q_taken):
    assert targets.shape == q_taken.shape
    return ((targets - q_taken) ** 2).mean()


@right("careful_mse")
def numpy_in_a_loop(targets, q_taken):
    targets, q_taken = np.asarray(targets, np.float64), np.asarray(q_taken, np.float64)
    if targets.shape != q_taken.shape:
        raise ValueError("other shapes")
    errors = [(t - q) ** 2 for t, q in zip(targets.flat, q_taken.flat, strict=True)]
    return sum(errors) / len(errors)


@right("careful_mse")
def by_the_package(targets, q_taken):
    import rl_jax.nn as nn

    return nn.losses.mse(targets, q_taken)


@wrong("careful_mse", "a column met a row")
def careless(targets, q_taken):
    return jnp.mean((targets - q_taken) ** 2)


@wrong("careful_mse", "you compared lengths")
def by_length(targets, q_taken):
    assert len(targets) == len(q_taken)
    return jnp.mean((targets - q_taken) ** 2)


@wrong("careful_mse", "you counted the numbers")
def by_size(targets, q_taken):
    if np.size(targets) != np.size(q_taken):
        raise ValueError
    return jnp.mean((targets - q_taken) ** 2)


@wrong("careful_mse", "you counted the axes")
def by_axes(targets, q_taken):
    assert targets.ndim == q_taken.ndim
    return jnp.mean((targets - q_taken) ** 2)


@wrong("careful_mse", "you repaired it in silence")
def flattens(targets, q_taken):
    return jnp.mean((targets.reshape(-1) - q_taken.reshape(-1)) ** 2)


@wrong("careful_mse", "a mean that is a sum")
def a_sum(targets, q_taken):
    assert targets.shape == q_taken.shape
    return jnp.sum((targets - q_taken) ** 2)


@wrong("careful_mse", "two columns do fit each other")
def wants_rows(targets, q_taken):
    if targets.shape != (len(targets),) or q_taken.shape != targets.shape:
        raise ValueError("rows only")
    return jnp.mean((targets - q_taken) ** 2)


@wrong("careful_mse", "you divided by the number of rows")
def by_rows(targets, q_taken):
    assert targets.shape == q_taken.shape
    return sum((targets - q_taken) ** 2).sum() / targets.shape[0]


# Those of the rework, written after the check was mended and with it in view:


@right("careful_mse")
@jax.jit
def under_jit(targets, q_taken):
    if targets.shape != q_taken.shape:
        raise TypeError(f"{targets.shape} is not {q_taken.shape}")
    return jnp.square(targets - q_taken).mean()


@right("careful_mse")
def with_numpy_shapes(y, q):
    assert np.shape(y) == np.shape(q), "shapes!"
    difference = np.ravel(y) - np.ravel(q)
    return float(np.dot(difference, difference) / np.size(y))


@right("careful_mse")
def axis_by_axis(targets, q_taken):
    if targets.ndim != q_taken.ndim or any(
        a != b for a, b in zip(targets.shape, q_taken.shape, strict=True)
    ):
        raise Exception("shapes differ")
    return jnp.mean(jnp.abs(targets - q_taken) ** 2)


@wrong("careful_mse", "where the shapes differ you return None")
def prints_the_problem(targets, q_taken):
    if targets.shape == q_taken.shape:
        return jnp.mean((targets - q_taken) ** 2)
    return None


@wrong("careful_mse", "you returned words")
def returns_words(targets, q_taken):
    if targets.shape != q_taken.shape:
        return "error: shapes"
    return jnp.mean((targets - q_taken) ** 2)


@wrong(
    "careful_mse",
    "where the shapes differ you go on with an error that is returned and not raised",
)
def returns_the_error(targets, q_taken):
    if targets.shape != q_taken.shape:
        return ValueError("shapes")
    return jnp.mean((targets - q_taken) ** 2)


@wrong("careful_mse", "your condition is turned round")
def turned_round(targets, q_taken):
    if targets.shape == q_taken.shape:
        raise ValueError("shapes differ")
    return jnp.mean((targets - q_taken) ** 2)


@wrong("careful_mse", "you compared the last axis only")
def by_last_axis(targets, q_taken):
    assert targets.shape[-1] == q_taken.shape[-1]
    return jnp.mean((targets - q_taken) ** 2)


@wrong("careful_mse", "you did not square")
def absolute(targets, q_taken):
    assert targets.shape == q_taken.shape
    return abs(targets - q_taken).mean()


@wrong("careful_mse", "the square root")
def root(targets, q_taken):
    assert targets.shape == q_taken.shape
    return jnp.sqrt(jnp.mean((targets - q_taken) ** 2))


@wrong("careful_mse", "you repaired it in silence")
def squeezes(targets, q_taken):
    return jnp.mean((targets.flatten() - q_taken.flatten()) ** 2)


@wrong("careful_mse", "you returned one error for each number")
def no_mean(targets, q_taken):
    assert targets.shape == q_taken.shape
    return (targets - q_taken) ** 2


@wrong("careful_mse", "you returned a number where the shapes differ")
def not_a_number(targets, q_taken):
    if targets.shape != q_taken.shape:
        return float("nan")
    return jnp.mean((targets - q_taken) ** 2)


@wrong("careful_mse", "a name that nothing was given", line="raise ValueErorr")
def misspelt(targets, q_taken):
    if targets.shape != q_taken.shape:
        raise ValueErorr  # noqa: F821
    return jnp.mean((targets - q_taken) ** 2)


# Those of a reader who had not seen the check:


def checked(targets, q_taken):
    assert targets.shape == q_taken.shape
    return targets - q_taken


@right("careful_mse")
def through_vmap(targets, q_taken):
    if list(jnp.shape(targets)) != list(jnp.shape(q_taken)):
        raise AssertionError("shapes")
    return jnp.mean(jax.vmap(lambda t, q: (t - q) ** 2)(jnp.ravel(targets), jnp.ravel(q_taken)))


@wrong("careful_mse", "your function returned nothing")
def lacks_the_return(targets, q_taken):
    jnp.mean(checked(targets, q_taken) ** 2)


@wrong("careful_mse", "what stops the program then?")
def makes_an_error_only(targets, q_taken):
    if targets.shape != q_taken.shape:
        ValueError("shapes differ")
    return jnp.mean((targets - q_taken) ** 2)


@wrong("careful_mse", "what stops the program then?")
def only_what_cannot_be_broadcast(targets, q_taken):
    jnp.broadcast_shapes(targets.shape, q_taken.shape)
    return jnp.mean((targets - q_taken) ** 2)


@wrong("careful_mse", "stretched to the shape of the other")
def looks_at_the_result(targets, q_taken):
    error = targets - q_taken
    if error.shape != q_taken.shape:
        raise ValueError("shapes differ")
    return jnp.mean(error**2)


@wrong("careful_mse", "you stretched one to the shape of the other")
def looks_at_the_other_side(targets, q_taken):
    error = targets - q_taken
    assert error.shape == targets.shape
    return jnp.mean(error**2)


@wrong("careful_mse", "you squared the mean of the errors")
def square_of_the_mean(targets, q_taken):
    return checked(targets, q_taken).mean() ** 2


@wrong("careful_mse", "you divided by 32")
def by_the_batch_size(targets, q_taken):
    return (checked(targets, q_taken) ** 2).sum() / 32


@wrong("careful_mse", "you halved it")
def half(targets, q_taken):
    return 0.5 * jnp.mean(checked(targets, q_taken) ** 2)


@wrong("careful_mse", "you refuse different numbers")
def wants_equal_numbers(targets, q_taken):
    assert (targets == q_taken).all() and targets.shape == q_taken.shape
    return jnp.mean((targets - q_taken) ** 2)


@right("careful_mse")
def another_error(targets, q_taken):
    if targets.shape != q_taken.shape:
        raise RuntimeError("shapes differ")
    return jnp.mean((targets - q_taken) ** 2)


@wrong("careful_mse", "the same object")
def is_it(targets, q_taken):
    if targets.shape is not q_taken.shape:
        raise ValueError("shapes differ")
    return jnp.mean((targets - q_taken) ** 2)


@wrong(
    "careful_mse", "you raised what is no error, a text for example", line='raise "shapes differ"'
)
def raises_a_text(targets, q_taken):
    if targets.shape != q_taken.shape:
        raise "shapes differ"  # noqa: B016
    return jnp.mean((targets - q_taken) ** 2)


@wrong("careful_mse", "you go on with a number")
def minus_one(targets, q_taken):
    return jnp.mean((targets - q_taken) ** 2) if targets.shape == q_taken.shape else -1


@wrong("careful_mse", "you took the variance")
def variance(targets, q_taken):
    return jnp.var(checked(targets, q_taken))


@wrong("careful_mse", "the batch size of this page")
def of_thirty_two(targets, q_taken):
    assert targets.shape == q_taken.shape == (32,)
    return ((targets - q_taken) ** 2).mean()


@right("careful_mse")
def refused_as_a_key(targets, q_taken):
    if targets.shape != q_taken.shape:
        raise KeyError("shape")
    return ((targets - q_taken) ** 2).mean()


@wrong("careful_mse", "facts about the shapes, and not the shapes")
def axes_and_rows(targets, q_taken):
    if targets.ndim != q_taken.ndim or len(targets) != len(q_taken):
        raise ValueError("shapes differ")
    return ((targets - q_taken) ** 2).mean()


@wrong("careful_mse", "facts about the shapes, and not the shapes")
def axes_and_size(targets, q_taken):
    if targets.ndim != q_taken.ndim or targets.size != q_taken.size:
        raise ValueError("shapes differ")
    return ((targets - q_taken) ** 2).mean()


@wrong("careful_mse", "facts about the shapes, and not the shapes")
def sorted_shapes(targets, q_taken):
    assert sorted(targets.shape) == sorted(q_taken.shape)
    return ((targets - q_taken) ** 2).mean()


@wrong("careful_mse", "you refuse everything")
def raised_below_the_if(targets, q_taken):
    if targets.shape != q_taken.shape:
        print(end="")
    raise ValueError("shapes differ")


@wrong(
    "careful_mse",
    "where the shapes differ you go on with an error that is returned and not raised",
)
def an_error_returned(targets, q_taken):
    if targets.shape != q_taken.shape:
        return ValueError
    return ((targets - q_taken) ** 2).mean()


@wrong("careful_mse", "you go on with")
def a_dictionary_returned(targets, q_taken):
    if targets.shape != q_taken.shape:
        return {"error": "shapes"}
    return ((targets - q_taken) ** 2).mean()


@wrong("careful_mse", "your code ends the whole program")
def program_ended(targets, q_taken):
    if targets.shape != q_taken.shape:
        sys.exit("shapes differ")
    return ((targets - q_taken) ** 2).mean()


@wrong("careful_mse", "right numbers, wrong shape")
def mean_in_a_list(targets, q_taken):
    if targets.shape != q_taken.shape:
        raise ValueError("shapes differ")
    return [((targets - q_taken) ** 2).mean()]


def refuse_others(targets, q_taken):
    if jnp.shape(targets) != jnp.shape(q_taken):
        raise ValueError("shapes differ")


@wrong("careful_mse", "where every prediction is its target, your loss is not 0")
def the_sum_squared(targets, q_taken):
    refuse_others(targets, q_taken)
    return jnp.mean((targets + q_taken) ** 2)


@wrong("careful_mse", "an error up costs something else than an error down")
def too_low_alone(targets, q_taken):
    refuse_others(targets, q_taken)
    return jnp.mean(jnp.maximum(targets - q_taken, 0.0) ** 2)


@wrong("careful_mse", "with every number twice your loss is another")
def divided_by_one_less(targets, q_taken):
    refuse_others(targets, q_taken)
    return jnp.sum((targets - q_taken) ** 2) / (jnp.size(targets) + 1)


@wrong("careful_mse", "you divided by the number of rows only")
def divided_by_the_last_axis(targets, q_taken):
    refuse_others(targets, q_taken)
    return jnp.sum((targets - q_taken) ** 2) / targets.shape[-1]


@wrong("careful_mse", "twice the errors do not cost you four times as much")
def fourth_powers(targets, q_taken):
    refuse_others(targets, q_taken)
    return jnp.mean((targets - q_taken) ** 4)


@wrong("careful_mse", "two columns do fit each other")
def one_axis_only(targets, q_taken):
    if jnp.ndim(targets) > 1 or jnp.shape(targets) != jnp.shape(q_taken):
        raise ValueError("a row of numbers is wanted")
    return jnp.mean((targets - q_taken) ** 2) + 0.0


@wrong("careful_mse", "you asked Python about a whole array")
def asserts_the_values(targets, q_taken):
    assert targets == q_taken
    return jnp.mean((targets - q_taken) ** 2)


@wrong("careful_mse", "you looked up a place or a name that is not there")
def two_axes_always(targets, q_taken):
    if targets.shape[0] != q_taken.shape[0] or targets.shape[1] != q_taken.shape[1]:
        raise ValueError("shapes differ")
    return jnp.mean((targets - q_taken) ** 2)


@wrong("careful_mse", "you refuse two arrays of the same shape")
def small_batches_only(targets, q_taken):
    if jnp.shape(targets) != jnp.shape(q_taken) or jnp.size(targets) > 3:
        raise ValueError("shapes differ")
    return jnp.mean((targets - q_taken) ** 2)


@wrong("careful_mse", "you refuse two arrays of the same shape")
def one_row_is_too_small(targets, q_taken):
    if targets.shape != q_taken.shape or targets.size < 2:
        raise ValueError("too small")
    return jnp.mean((targets - q_taken) ** 2)


# 4. A fast gradient


@right("fast_gradient")
def with_a_decorator(loss):
    @jax.jit
    def gradient(w, x):
        return jax.grad(loss)(w, x)

    return gradient


@right("fast_gradient")
def with_the_value_thrown_away(loss):
    return jax.jit(lambda w, x: jax.value_and_grad(loss, argnums=0)(w, x)[1])


@wrong("fast_gradient", "the blog post's order: the loss is compiled")
def post(loss):
    compiled = jax.jit(loss)
    return jax.grad(compiled)


@wrong("fast_gradient", "nothing is compiled")
def slow(loss):
    return jax.grad(loss)


@wrong("fast_gradient", "a new compiled function in every call")
def inside(loss):
    def gradient(w, x):
        return jax.jit(jax.grad(loss))(w, x)

    return gradient


@wrong("fast_gradient", "this is the loss, compiled")
def no_gradient(loss):
    return jax.jit(loss)


@wrong("fast_gradient", "with respect to x")
def of_x(loss):
    return jax.jit(lambda w, x: jax.grad(loss, 1)(w, x))


# Those of the rework, written after the check was mended and with it in view:


@right("fast_gradient")
def by_jacfwd(loss):
    return jax.jit(jax.jacfwd(loss, argnums=0))


@right("fast_gradient")
def with_partial(loss):
    return partial(jax.jit, inline=False)(jax.grad(loss, argnums=0))


@right("fast_gradient")
def twice_compiled(loss):
    fast = jax.jit(loss)
    return jax.jit(jax.grad(fast))


@wrong("fast_gradient", "more than the gradient")
def value_too(loss):
    return jax.jit(jax.value_and_grad(loss))


@wrong("fast_gradient", "you made w static")
def static(loss):
    return jax.jit(jax.grad(loss), static_argnums=(0,))


@wrong("fast_gradient", "your function returned nothing")
def inner_without_return(loss):
    @jax.jit
    def gradient(w, x):
        jax.grad(loss)(w, x)

    return gradient


@wrong("fast_gradient", "your function returned nothing")
def outer_without_return(loss):
    @jax.jit
    def gradient(w, x):
        return jax.grad(loss)(w, x)


@wrong("fast_gradient", "a gradient at one place")
def a_number(loss):
    return jax.grad(loss)(2.0, jnp.array([1.0, 2.0]))


@wrong("fast_gradient", "measured the slope by differences")
def differences(loss):
    return lambda w, x: (loss(w + 1e-3, x) - loss(w, x)) / 1e-3


@wrong("fast_gradient", "this is the loss itself")
def unchanged(loss):
    return loss


@wrong("fast_gradient", "with respect to x")
def of_both(loss):
    return jax.jit(lambda w, x: jax.grad(loss, argnums=(0, 1))(w, x)[1])


@wrong("fast_gradient", "more than the gradient")
def a_tuple(loss):
    return jax.jit(jax.grad(loss, argnums=(0, 1)))


@wrong("fast_gradient", "a new compiled function in every call")
def decorated_inside(loss):
    def gradient(w, x):
        @jax.jit
        def once(w, x):
            return jax.grad(loss)(w, x)

        return once(w, x)

    return gradient


# Those of a reader who had not seen the check:


@right("fast_gradient")
def by_vjp(loss):
    @jax.jit
    def gradient(w, x):
        out, back = jax.vjp(lambda v: loss(v, x), w)
        return back(jnp.ones_like(out))[0]

    return gradient


@right("fast_gradient")
def out_of_a_tuple(loss):
    fast = jax.jit(jax.grad(loss, argnums=(0,)))
    return lambda w, x: fast(w, x)[0]


@wrong("fast_gradient", "gives a function, and no gradient yet")
def grad_not_called(loss):
    return jax.jit(lambda w, x: jax.grad(loss))


@wrong("fast_gradient", "does not take (w, x)")
def to_be_called_first(loss):
    return lambda: jax.jit(jax.grad(loss))


@wrong("fast_gradient", "does not take (w, x)")
def of_w_alone(loss):
    return jax.jit(jax.grad(lambda w: loss(w, 1.0)))


@wrong("fast_gradient", "you made x static")
def static_x(loss):
    return jax.jit(jax.grad(loss), static_argnames="x")


@wrong("fast_gradient", "the direction of a step")
def downhill(loss):
    slope = jax.grad(loss)
    return jax.jit(lambda w, x: -1.0 * slope(w, x))


@wrong("fast_gradient", "a step of gradient descent")
def descends(loss):
    slope = jax.grad(loss)
    return jax.jit(lambda w, x: w - 0.1 * slope(w, x))


@wrong("fast_gradient", "a gradient for each of its numbers")
def over_x(loss):
    return jax.jit(jax.vmap(jax.grad(loss), (None, 0)))


@wrong("fast_gradient", "you differentiated twice")
def twice(loss):
    return jax.jit(jax.grad(jax.grad(loss)))


@wrong("fast_gradient", "other arguments than the exercise's")
def takes_all_at_once(loss, w, x):
    return jax.jit(jax.grad(loss))(w, x)


@wrong("fast_gradient", "something is left that is not compiled")
def doubled_and_halved(loss):
    slope = jax.jit(jax.grad(loss))
    return lambda w, x: 0.5 * (2.0 * slope(w, x))


@wrong("fast_gradient", "`vmap` was told of an axis that the array does not have")
def maps_one_weight(loss):
    return jax.vmap(jax.grad(loss))


@right("fast_gradient")
def as_a_python_number(loss):
    compiled = jax.jit(jax.grad(loss))
    return lambda w, x: float(compiled(w, x))


@right("fast_gradient")
def inlined(loss):
    return jax.jit(jax.grad(loss), inline=True)


@right("fast_gradient")
def ahead_of_time(loss):
    made = {}

    def gradient(w, x):
        if not made:
            made["gradient"] = jax.jit(jax.grad(loss)).lower(w, x).compile()
        return made["gradient"](w, x)

    return gradient


@wrong("fast_gradient", "made for the x of the first call")
def of_the_first_x(loss):
    made = {}

    def gradient(w, x):
        if "gradient" not in made:
            made["gradient"] = jax.jit(lambda v: jax.grad(loss)(v, x))
        return made["gradient"](w)

    return gradient


@wrong("fast_gradient", "made one number of the slopes for several weights")
def mean_of_the_gradient(loss):
    slope = jax.grad(loss)
    return jax.jit(lambda w, x: slope(w, x).mean())


@wrong("fast_gradient", "made one number of the slopes for several weights")
def the_first_slope(loss):
    return jax.jit(lambda w, x: jnp.ravel(jax.grad(loss)(w, x))[0])


@wrong("fast_gradient", "you dropped the signs of the slopes")
def how_steep(loss):
    return jax.jit(lambda w, x: abs(jax.grad(loss)(w, x)))


@wrong("fast_gradient", "results cannot be looked up by an array")
def remembered(loss):
    return lru_cache(jax.grad(loss))


@right("fast_gradient")
def waited_for(loss):
    compiled = jax.jit(jax.grad(loss))
    return lambda w, x: compiled(w, x).block_until_ready()


@wrong("fast_gradient", "you return a tuple of one gradient")
def of_one_argument(loss):
    return jax.jit(jax.grad(loss, argnums=(0,)))


@wrong("fast_gradient", "these are not the slopes of the loss")
def of_the_other_argument(loss):
    return jax.jit(jax.grad(lambda x, w: loss(w, x)))
