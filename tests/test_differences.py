"""What is said of a wrong answer that no mistake explains: facts, and each of them true."""

import operator
import sys

import haiku as hk
import jax
import jax.numpy as jnp
import numpy as np
import pytest

from rl_jax import cartpole
from rl_jax.course.checks import Check
from rl_jax.dqn import td_target
from rl_jax.nn.losses import mse


def layer(x):
    return hk.Linear(3)(x)


LAYER = hk.transform(layer)


def headline(answer, check, capsys) -> str:
    check(answer)
    return capsys.readouterr().out.splitlines()[0].removeprefix("not yet: ").removesuffix(".")


def put_in_place(x):
    x[0] = 1.0
    return x


def two_of(x):
    one, other = x
    return one + other


def raise_a_text(x):
    raise "differ"  # noqa: B016


def calls_itself(x):
    return calls_itself(x)


def before_it_is_given(x):
    y = y + x  # noqa: F821
    return y


ROWS = Check(
    cases=[
        ({"x": jnp.array([1.0, 2.5, -3.0])}, [1.5, 3.0, -2.5]),
        ({"x": jnp.array([2.0, 4.0, 7.2])}, [2.5, 4.5, 7.7]),
    ],
    mistakes=[],
)


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (lambda x: x * jnp.nan, "your numbers are no numbers any more: NaN, or infinite"),
        (lambda x: -x - 0.5, "right numbers, wrong sign"),
        (lambda x: jnp.trunc(x + 0.5), "you cut or rounded to whole numbers"),
        (lambda x: jnp.abs(x + 0.5), "you dropped the signs"),
        (lambda x: x + 1.5, "each of your numbers is 1 too large"),
        (lambda x: x - 0.5, "each of your numbers is 1 too small"),
        (lambda x: [4.0, 4.0, 4.0], "all your numbers are the same"),
        (lambda x: x * 0, "all your numbers are the same"),
        (lambda x: 3 * (x + 0.5), "each of your numbers is the right one times 3"),
        (lambda x: (x + 0.5)[::-1], "right numbers, in another order"),
        (
            lambda x: (x + 0.5).at[1].set(0.0),
            "right in 2 of 3 places, wrong first at [1]",
        ),
        (
            lambda x: x + 0.5 if x[0] < 2 else x**2,
            "right so far, and wrong for this input",
        ),
        (lambda x: x**2, "something else was expected"),
        (lambda x: map(float, x), "you returned a map, which gives nothing before it is asked"),
        (lambda x: range(3), "you returned a range, which gives nothing before it is asked"),
        (lambda x: set(x.tolist()), "you returned a set, which has no order"),
        (lambda x: ["1.5", "3.0", "-2.5"], "you returned texts, where numbers are wanted"),
        (
            lambda x: (x + 0.5)[:, None],
            "right numbers, wrong shape: the shape is (3, 1), and (3,) is wanted",
        ),
        (lambda x: sys.exit("so"), "your code ends the whole program"),
    ],
)
def test_numbers_of_the_right_kind_hear_how_they_differ(answer, words, capsys):
    assert headline(answer, ROWS, capsys) == words


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (lambda x: jnp.where(x, 1), "what to take where the condition holds, and not what else"),
        (lambda x: jnp.add(x, [1, 2]), "or something else, where it wants an array"),
        (lambda x: jax.grad(jnp.sum(x)), "the result of a call where the function itself"),
        (lambda x: x[range(2)], "JAX takes an array for an index"),
        (lambda x: x[[0, 1]], "JAX takes an array for an index"),
        (
            lambda x: jnp.take_along_axis(x, x[None].astype(int), axis=0),
            "an index with as many axes as the array",
        ),
        (lambda x: jax.grad(jnp.dot, argnums=2)(x, x), "`argnums` names an argument that your"),
        (lambda x: jax.vmap(jnp.sum, in_axes=None)(x), "you mapped over nothing"),
        (lambda x: jax.vmap(jnp.add)(x, x[:2]), "and these are not equally long"),
        (lambda x: td_target(x, x[:, None], x > 0, x > 0), "where it wants a number"),
        (lambda x: jax.random.uniform(jax.random.split(jax.random.key(0))), "several keys stand"),
        (lambda x: np.asarray((1, jax.random.key(0))), "a key stands among your numbers"),
        (lambda x: jnp.asarray([1, jax.random.key(0)]), "a key stands among your numbers"),
        (lambda x: jax.lax.scan(lambda c, a: (c, a), x, 1.0), "a scan's inputs must have a first"),
        (lambda x: x["w"], "you looked up a name in an array"),
        (calls_itself, "your function calls itself"),
        (lambda x: jax.grad(lambda x: None)(x), "what you differentiate returns nothing"),
        (lambda x: sum(x[0]), "you took one number apart"),
        (lambda x: (x, x).sum(), "several things as if they were one"),
        (lambda x: -(x > 0), "a minus before True and False"),
        (lambda x: -np.array([True]), "a minus before True and False"),
        (lambda x: operator.setitem(np.broadcast_to(1.0, 3), 0, 2.0), "that may only be read"),
        (lambda x: abs([1.0]), "has no size of its own"),
        (lambda x: hk.without_apply_rng(layer), "`hk.without_apply_rng` got a plain function"),
        (
            lambda x: LAYER.apply({"linear": {"w": x, "b": x}}, None, x),
            "have other shapes than the network's",
        ),
        (lambda x: x.sum(dim=0), "that is PyTorch's word"),
        (lambda x: jax.jit(lambda x: np.add(x, 1) + np.asarray(x))(x), "a tracer to NumPy"),
        (lambda x: jax.jit(lambda x: x if x[0] > 0 else -x)(x), "is not known yet"),
        (lambda x: jax.jit(lambda x: x[x > 0])(x), "a value would decide a shape"),
        (lambda x: x if x > 0 else -x, "you asked Python about a whole array"),
        (put_in_place, "you wanted to change a JAX array in place"),
        (lambda x: jax.stop_gradient(x), "you looked for it in the wrong place"),
        (lambda x: jax.gradient(x), "you looked for a name where there is none"),
        (lambda x: missing + x, "you used a name that nothing was given"),  # noqa: F821
        (lambda x: x(0), "you called what is no function"),
        (lambda x: (lambda: 0)(x), "another number of arguments than it takes"),
        (lambda x: x + jnp.ones(2), "do not fit each other"),
        (lambda x: x.sum(axis=1), "an axis that the array does not have"),
        (lambda x: jax.grad(lambda x: x)(x), "gives more than one number"),
        (lambda x: jax.jit(lambda x: "text")(x), "gives what is no array"),
        (lambda x: jax.tree.map(jnp.add, {"w": x}, 1.0), "and these are not alike"),
        (lambda x: [][0], "you looked up a place or a name that is not there"),
        (lambda x: {}["x"], "you looked up a place or a name that is not there"),
        (lambda x: x ^ 2, "`^` is no power in Python"),
        (lambda x: np.asarray(x) ^ 2, "`^` is no power in Python"),
        (lambda x: 2.0 ^ 3, "`^` is no power in Python"),
        (lambda x: jax.random.key(0) * jnp.int32(3), "you calculated with random keys"),
        (lambda x: len(x[0]), "you asked for the length of one number"),
        (lambda x: len(lambda: 3), "your code stopped with an error"),  # no number
        (lambda x: {[1.0]: x}, "a list, a dictionary or an array cannot be a key"),
        (lambda x: jax.random.key(0) + 1, "you calculated with random keys"),
        (lambda x: jax.random.bits(np.random.default_rng()), "no random key of JAX"),
        (lambda x: np.random.default_rng().sample(3), "NumPy's generator has no method"),
        (lambda x: np.random.default_rng().choice(3, 4, replace=False), "you wanted more entries"),
        (lambda x: np.sum(x, axes=0), "you named an argument that the function does not have"),
        (lambda x: {"w": x} + {"w": x}, "you calculated with a dictionary as if it were one array"),
        (
            lambda x: jnp.maximum([x, x], 0),
            "got a list, or something else, where it wants an array",
        ),
        (lambda x: jax.tree.map([x], [x], jnp.add), "got things that are not alike"),
        (lambda x: jax.tree.map([x], [x], jnp.square), "got things that are not alike"),
        (lambda x: jax.tree.map([x], [x], two_of), "got things that are not alike"),
        (lambda x: jax.lax.cond(True, x, x), "you handed over a value where a function is wanted"),
        (lambda x: jax.jit(lambda x: {x})(x), "an array cannot be a key of a dictionary, nor"),
        (lambda x: len(3), "you asked for the length of one number"),
        (lambda x: jax.vmap(jnp.add, in_axes=(0, 0))(x), "`in_axes` does not fit the arguments"),
        (lambda x: jax.vmap(jnp.sum, in_axes=1)(x), "`vmap` was told of an axis"),
        (lambda x: cartpole.step(x, 1), "got an array of another shape"),
        (lambda x: cartpole.reset(x), "something else stands where a random key is wanted"),
        (two_of, "the names on the left of an `=` are more, or fewer"),
        (lambda x: LAYER.apply(x, None, x), "something else where it wants the parameters"),
        (lambda x: mse(x, x[:, None]), "you compare arrays of different shapes"),
        (lambda x: [].sort()[0], "something in your code is None"),
        (raise_a_text, "you raised what is no error"),
        (lambda x: x.gather(0), "that is PyTorch's word"),
        (lambda x: operator.setitem((1.0,), 0, x), "your code stopped with an error"),  # no array
        (lambda x: np.unsqueeze(x), "you looked for a name where there is none"),  # not np's
        (lambda x: tree.map(x), "you used a name that nothing was given"),  # noqa: F821
        (before_it_is_given, "you used a name that nothing was given"),
        (lambda x: hk.Linear(1)(x), "you called Haiku's layers outside of Haiku"),
        (lambda x: LAYER.init(x), "Haiku's `init` got something else where it wants a random key"),
        (lambda x: LAYER.apply({}, x), "Haiku's `apply` got something else where it wants"),
        (lambda x: LAYER.apply({}, None, x), "looked for weights that it was not given"),
        (lambda x: layer.init(x), "you asked a plain function for `init` or `apply`"),
    ],
)
def test_a_usual_error_has_words_of_its_own(answer, words, capsys):
    assert words in headline(answer, ROWS, capsys)


def test_a_dictionary_hears_which_entry_is_wrong_and_how(capsys):
    right = {"module": {"w": [1.0, 2.0], "b": [3.0]}, "count": 2.5, "a": 4.0}
    check = Check(cases=[({"x": 1.0}, right)], mistakes=[])

    def hears(**changed) -> str:
        return headline(lambda x: right | changed, check, capsys)

    assert hears(count=7.0) == "only `count` is wrong"
    assert hears(count=7.0, a=0.0) == "only `count` and `a` are wrong"
    assert hears(module={"w": None, "b": [3.0]}) == "your `w` is None, which says nothing"
    column = [[1.0], [2.0]]
    assert hears(module={"w": column, "b": [3.0]}).startswith("right numbers, wrong shape: ")
    assert hears(module={"w": column, "b": [3.0]}).endswith(", in `w`")


def test_a_place_is_told_as_it_is_written(capsys):
    check = Check(cases=[({"x": 1}, [[1.0, 2.0], [5.0, 3.0]])], mistakes=[])
    said = headline(lambda x: [[1.0, 2.0], [7.0, 3.0]], check, capsys)
    assert said == "right in 3 of 4 places, wrong first at [1, 0]"


def line(slope, x, offset):
    return slope * x + offset


MEASURED = Check(
    cases=[
        ({"slope": 2.0, "x": jnp.array([1.0, 3.0]), "offset": 0.5}, [2.5, 6.5]),
        ({"slope": 0.1, "x": jnp.array([4.0, 1.0]), "offset": 3.0}, [3.4, 3.1]),
    ],
    mistakes=[],
    right=line,
)


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (lambda slope, x, offset: 3 * x + offset, "your answer is the same whatever `slope` is"),
        (lambda slope, x, offset: slope * x + 1, "your answer is the same whatever `offset` is"),
        (
            lambda slope, x, offset: offset - slope * x,
            "where `slope` grows, your answer goes the other way",
        ),
        (
            lambda slope, x, offset: slope * x + offset / 2,
            "where `offset` changes, your answer changes 0.5 times as much as the right one",
        ),
        (lambda slope, x, offset: slope * x + offset + 2, "something else was expected"),
    ],
)
def test_an_argument_that_counts_too_little_or_too_much_is_named(answer, words, capsys):
    assert headline(answer, MEASURED, capsys) == words


def test_an_argument_that_does_not_matter_is_not_missed(capsys):
    check = Check(
        cases=[({"x": jnp.array([1.0, 2.0]), "distractor": 3.0}, [1.0, 4.0])],
        mistakes=[],
        right=lambda x, distractor: x**2,
    )
    assert headline(lambda x, distractor: x + 5, check, capsys) == "something else was expected"


def test_a_single_number_that_is_none_is_no_rule_and_no_warning(capsys):
    said = headline(lambda x: (x + 0.5).at[1].set(jnp.inf), ROWS, capsys)
    assert said == "right in 2 of 3 places, wrong first at [1]"
