"""The engine of the exercises: what it calls right, and which words it finds for what is wrong."""

from fractions import Fraction

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from rl_jax.course.checks import Check, by_entry
from rl_jax.course.differences import same

NOT_ATTEMPTED, RIGHT = "not attempted yet\n", "right\n"


def difference(x, y): ...


def documented_stub(x, y):
    """Subtract."""


SUBTRACT = Check(
    cases=[({"x": 3, "y": 0}, 3), ({"x": 3, "y": np.ones(2)}, np.full(2, 2))],
    mistakes=[
        (lambda x, y: y - x, "the wrong way round", "mind the order"),
        (lambda x, y: x + y, "you added", "minus"),
        (lambda x, y: x / y, "you divided", "minus"),
    ],
)


def say(answer, check, capsys, **options) -> str:
    check(answer, **options)
    return capsys.readouterr().out


def test_it_shows_the_smallest_case_and_the_best_explanation(capsys):
    # x + y gives 3 in the first case, as is right, so the second case is the one to show.
    said = say(lambda a, b: b + a, SUBTRACT, capsys)
    assert said == (
        "not yet: you added.\n  input:    x: 3, y: [1., 1.]\n  expected: [2, 2]\n"
        "  got:      [4., 4.]\nHint: minus.\n"
    )
    assert say(lambda a, b: b - a, SUBTRACT, capsys).startswith(
        "not yet: the wrong way round.\n  input:    x: 3, y: 0\n  expected: 3\n  got:      -3\n"
    )


def test_a_mistake_is_named_only_where_it_explains_what_is_shown_and_most_of_the_rest(capsys):
    check = Check(
        cases=[({"x": x}, x) for x in (1, 2, 3, 4)],
        mistakes=[(lambda x: 0, "always 0", "look at x")],
    )
    assert "always 0" in say(lambda x: 0 if x < 4 else 7, check, capsys)
    assert "something else" in say(lambda x: 7 if x == 1 else 0, check, capsys)
    assert "something else" in say(lambda x: 0 if x < 3 else 7, check, capsys)


def test_what_a_mistake_gives_is_worked_out_once(capsys):
    asked = []
    check = Check(
        cases=[({"x": 1}, 1), ({"x": 2}, 2)],
        mistakes=[(lambda x: asked.append(x) or 0, "always 0", "look at x")],
    )
    for _ in range(3):
        assert "always 0" in say(lambda x: 0, check, capsys)
    assert asked == [1, 2]


def test_a_solution_is_not_taken_for_the_learners_answer(capsys):
    assert say(lambda x, y: x - y, SUBTRACT, capsys, solution=True) == "solution: right\n"
    assert say(lambda x, y: x + y, SUBTRACT, capsys, solution=True).startswith("not yet: you added")


def test_any_kind_of_number_will_do(capsys):
    for answer in (
        lambda a, b: (a - np.asarray(b)).tolist(),
        lambda a, b: np.float16(a) - b,
        lambda a, b: np.vectorize(Fraction, otypes=[object])(a - np.asarray(b)),
        lambda a, b: jnp.asarray(a) - b,
    ):
        assert say(answer, SUBTRACT, capsys) == RIGHT


@pytest.mark.parametrize(
    ("got", "right", "is_right"),
    [
        (np.float16(1 / 3), 1 / 3, True),
        (2.001, 2.0, True),
        (2.01, 2.0, False),
        (0.00005, 0.0, True),
        (0.005, 0.0, False),
        (1_001, 1_000, False),  # what is counted is exact
        (1_000.0, 1_000, True),
        (["a"], ["a", "b"], False),
        (["a", "b"], ["a", "b"], True),
    ],
)
def test_how_far_a_right_answer_may_be_from_it(got, right, is_right, capsys):
    assert same(got, right) is is_right
    check = Check(cases=[({"x": 1}, right)], mistakes=[])
    assert (say(lambda x: got, check, capsys) == RIGHT) is is_right


def test_of_mistakes_that_agree_alike_the_first_is_named(capsys):
    mistakes = [(lambda x: 0, "the first", "look"), (lambda x: x * 0, "the second", "look")]
    assert "the first" in say(lambda x: 0, Check([({"x": 1}, 1)], mistakes), capsys)


def test_numbers_are_shown_with_three_places(capsys):
    said = say(lambda x: 0.5, Check(cases=[({"x": 1}, 0.125)], mistakes=[]), capsys)
    assert "expected: 0.125\n" in said


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (lambda a, b: [a, [b]], "rows have different lengths"),
        (lambda a, b: "3", "you returned a text, where one number is wanted"),
        (lambda a, b: {"x": 3}, "you returned a dictionary, where one number is wanted"),
        (lambda a, b: (a - b) * np.nan, "your numbers are no numbers any more"),
        (lambda a, b: lambda: 3, "you returned a function"),
        (lambda a, b: [a - b], "right numbers, wrong shape: the shape is (1,), and () is wanted"),
        (lambda a, b: np.zeros((3, 2)), "wrong shape: the shape is (3, 2), and () is wanted"),
        (lambda a: a, "takes other arguments"),
        (lambda a, b, c: a, "takes other arguments"),
        (lambda x, y: print(end=""), "returned nothing"),
        (lambda x, y: print(end="") or ..., "returned nothing"),
        (lambda x, y: ..., "not attempted"),
    ],
)
def test_what_is_wrong_with_any_answer_is_the_headline(answer, words, capsys):
    assert words in say(answer, SUBTRACT, capsys).splitlines()[0]


def test_a_wrong_kind_where_a_dictionary_is_wanted(capsys):
    check = Check(cases=[({"x": 1}, {"a": 1, "b": 2})], mistakes=[])
    assert say(lambda x: {"b": 2.0, "a": 1}, check, capsys) == RIGHT
    assert "you returned a tuple, where a dictionary" in say(lambda x: (1, 2), check, capsys)
    said = say(lambda x: {"a": 1}, check, capsys)
    assert "other keys" in said and "Hint: its keys are a, b." in said


def test_the_learners_own_line_is_shown(capsys):
    def helper(x):
        return x.nothing

    def answer(x, y):
        z = helper(x)
        return z

    said = say(answer, SUBTRACT, capsys)
    assert said.startswith("not yet: your code stopped with an error.")
    assert "got:      AttributeError: 'int' object has no attribute 'nothing'\n" in said
    assert "at line:  return x.nothing\n" in said


def test_an_error_that_a_mistake_raises_too_is_recognised(capsys):
    assert "you divided" in say(lambda a, b: a / b, SUBTRACT, capsys)
    said = say(lambda a, b: a // b, SUBTRACT, capsys)  # the same error in other words
    assert said.startswith("not yet: your code stopped with an error.")
    assert "at line" not in say(lambda a: a, SUBTRACT, capsys)  # it never got to run


def test_an_error_of_jaxs_is_recognised_whatever_it_says_of_names_and_lines(capsys):
    def mistake(x):
        return jax.jit(lambda y: bool(y))(x)

    mistakes = [(mistake, "you asked a tracer", "no if")]
    check = Check(cases=[({"x": jnp.ones(())}, 1)], mistakes=mistakes)
    said = say(lambda z: jax.jit(lambda w: bool(w))(z), check, capsys)
    assert said.startswith("not yet: you asked a tracer.\n")


def test_of_a_long_error_the_first_line_is_shown(capsys):
    def answer(x, y):
        raise ValueError("the first\nthe second")

    assert "got:      ValueError: the first\n  at line" in say(answer, SUBTRACT, capsys)


@pytest.mark.parametrize("stub", [difference, documented_stub, lambda x, y: None, ...])
def test_a_stub_is_known(stub, capsys):
    assert say(stub, SUBTRACT, capsys) == NOT_ATTEMPTED


def test_a_missing_return_is_no_stub(capsys):
    def answer(x, y):
        x - y

    said = say(answer, SUBTRACT, capsys)
    assert said.startswith("not yet: your function returned nothing.")
    hint = "is a `return` missing? (What `append`, `sort` and `shuffle` return is None, too)"
    assert said.endswith(f"Hint: {hint}.\n")


def test_a_compiled_answer_is_an_answer(capsys):
    assert say(jax.jit(lambda x, y: x - y), SUBTRACT, capsys) == RIGHT
    assert "takes other arguments" in say(jax.jit(lambda x: x), SUBTRACT, capsys)


def test_cases_may_be_made_when_they_are_needed_and_are_made_once(capsys):
    made = []
    check = Check(cases=lambda: made.append(1) or [({"x": jnp.ones(2)}, [2.0, 2.0])], mistakes=[])
    assert made == []
    assert say(lambda x: 2 * x, check, capsys) == "right\n"
    assert say(lambda x: 3 * x, check, capsys).startswith("not yet: ")
    assert made == [1]


@pytest.mark.parametrize(("cases", "error"), [([], ValueError), ([(1, 2)], TypeError)])
def test_cases_that_are_made_later_are_looked_at(cases, error):
    with pytest.raises(error, match=r"^(cases|a case's arguments) must be"):
        Check(cases=lambda: cases, mistakes=[])(lambda x: x)


def test_cases_are_protected_from_changes_in_place(capsys):
    def answer(x, y):
        y *= 0
        return x + y

    check = Check([({"x": 3, "y": np.ones(2)}, np.full(2, 2))] * 2, SUBTRACT.mistakes)
    assert "y: [1., 1.]" in say(answer, check, capsys)
    assert "y: [1., 1.]" in say(answer, check, capsys)


def test_facts_are_compared_and_those_that_differ_are_shown(capsys):
    check = Check(
        cases=[({"n": 3}, {"length": 3, "sorted": True})],
        mistakes=[(lambda n: range(n, 0, -1), "you count down", "up")],
        observe=lambda answer, n: {
            "length": len(answer(n)),
            "sorted": list(answer(n)) == sorted(answer(n)),
        },
    )
    assert say(range, check, capsys) == RIGHT
    said = say(lambda n: [3, 2, 1], check, capsys)
    assert "you count down.\n  input:    n: 3\n  expected: sorted: True\n" in said


def test_it_takes_a_value(capsys):
    check = Check(cases=[({}, 6)], mistakes=[(5, "off by one", "count from 0")])
    assert say(6.0, check, capsys) == RIGHT
    assert say(5, check, capsys).startswith("not yet: off by one.\n  expected: 6\n  got:      5\n")
    assert "you returned a text" in say("6", check, capsys)
    assert "your answer is None" in say(None, check, capsys)


def test_it_may_want_an_error(capsys):
    check = Check(cases=[({"x": -1}, ValueError)], mistakes=[(abs, "you let it pass", "raise")])

    def careful(x):
        raise ValueError("x must be positive")

    assert say(careful, check, capsys) == RIGHT
    assert "you let it pass.\n  input:    x: -1\n  expected: ValueError\n" in say(
        abs, check, capsys
    )
    assert "something else was expected" in say(lambda x: [x], check, capsys)


def test_a_pair_whose_parts_have_different_shapes_is_compared_part_by_part(capsys):
    """An answer that returns (loss, gradient), as `jax.value_and_grad` does."""

    def pair(x):
        return jnp.sum(x), x

    mistakes = [(pair, "two things came back", "take one")]
    check = Check(cases=[({"x": jnp.arange(2.0)}, [0.0, 1.0])], mistakes=mistakes)
    assert "two things came back" in say(lambda x: (x.sum(), x), check, capsys)
    assert "two things came back" not in say(lambda x: (x.sum(), x + 1), check, capsys)


def test_an_answer_and_a_mistake_are_traced_once_a_shape_whatever_the_cases(capsys):
    traced = []

    def doubled(x):
        traced.append("answer")
        return 2.0 * x

    def tripled(x):
        traced.append("mistake")
        return 3.0 * x

    cases = [({"x": jnp.ones(2) * i}, np.ones(2) * i) for i in range(1, 5)]
    cases += [({"x": jnp.ones(3)}, np.ones(3))]
    check = Check(cases, [(tripled, "three", "one")], lambda answer, x: jax.jit(answer)(x))
    assert "the right one times 2" in say(doubled, check, capsys)
    assert "three" in say(lambda x: 3.0 * x, check, capsys)
    assert traced.count("mistake") == 2
    assert traced.count("answer") == 3  # once more, to see whether it is the same again


def test_a_value_that_is_none_is_no_function_without_return(capsys):
    said = say(None, Check(cases=[({}, 3)], mistakes=[]), capsys)
    assert said.startswith("not yet: your answer is None, which says nothing.")
    assert "return" not in said


def test_a_key_too_many_is_shown_and_a_missing_one_is_called_missing(capsys):
    check = Check(cases=[({"x": 1}, {"a": 1, "b": 2})], mistakes=[])
    assert "got:      a: 1, b: 2, c: 3\n" in say(lambda x: {"a": 1, "b": 2, "c": 3}, check, capsys)
    assert "expected: b: 2\n  got:      b: missing\n" in say(lambda x: {"a": 1}, check, capsys)


def calls_what_comes_back(answer, x):
    return answer(x)(x)


def test_an_error_outside_of_the_learners_lines_is_an_error_too(capsys):
    check = Check(cases=[({"x": 1}, 2)], mistakes=[], observe=calls_what_comes_back)
    said = say(abs, check, capsys)
    assert said.startswith("not yet: you called what is no function.") and "at line" not in said


def test_what_no_mistake_explains_is_named_by_the_entry_that_is_wrong(capsys):
    words = {"b": ("b is wrong", "look at b")}
    check = Check(cases=[({"x": 1}, {"a": 1, "b": 2})], mistakes=[], otherwise=by_entry(words))
    assert say(lambda x: {"a": 1, "b": 3}, check, capsys).startswith("not yet: b is wrong.")
    assert "only `a` is wrong" in say(lambda x: {"a": 0, "b": 2}, check, capsys)
    assert "other keys" in say(lambda x: {"a": 1}, check, capsys)
    assert "a tuple, where a dictionary" in say(lambda x: (1, 3), check, capsys)


def test_several_things_of_different_shapes_are_no_ragged_array(capsys):
    said = say(lambda x, y: (x, np.ones(2)), SUBTRACT, capsys)
    assert said.startswith("not yet: you gave several things, and one is wanted")


SUM = Check(
    cases=[({"numbers": [1.0, 2.0]}, 3.0), ({"numbers": [2.0, 5.0]}, 7.0)],
    mistakes=[(lambda numbers: numbers[0], "the first alone", "all of them")],
    properties=[
        (lambda answer: answer([2.0, 4.0]) == answer([4.0, 2.0]), "the order counts for you", "so"),
        (lambda answer: answer([]) == 0, "of nothing you make something", "what is it at first?"),
    ],
)


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (lambda numbers: sum(numbers), "right"),
        (lambda numbers: numbers[0], "not yet: the first alone."),  # what is known comes first
        (lambda numbers: sum(numbers) + numbers[0], "not yet: the order counts for you."),
        (lambda numbers: sum(numbers) + 0.5, "not yet: of nothing you make something."),
        (
            lambda numbers: 2 * sum(numbers),
            "not yet: each of your numbers is the right one times 2",
        ),
        (lambda numbers: max(numbers), "not yet: something else was expected."),  # max([]) raises
    ],
)
def test_a_property_that_a_wrong_answer_lacks_is_named(answer, words, capsys):
    assert say(answer, SUM, capsys).startswith(words)


def written_on_a_page(function):
    """The same function, as if a notebook had it."""
    function.__module__ = "__main__"
    return function


PAGES = {"slope": 1.0}


@written_on_a_page
def with_a_typo(x):
    return PAGES["slope"] * nn.linear(x)  # noqa: F821


@written_on_a_page
def of_the_page(x):
    return PAGES["slope"]


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (with_a_typo, "you used a name that nothing was given"),
        (of_the_page, "your function looks at the page's `PAGES`"),
        (jnp.einsum, "your code stopped with an error"),
    ],
)
def test_what_a_function_takes_from_the_page_is_said_if_nothing_else_is(answer, words, capsys):
    assert words in say(answer, Check(cases=[({"x": 2.0}, 3.0)], mistakes=[]), capsys)


@pytest.mark.parametrize(
    "argument",
    [np.array([np.nan, 1.0]), [1.0, float("nan")], jax.random.split(jax.random.key(0), 3)],
    ids=["an array", "a list", "keys"],
)
def test_an_argument_that_is_left_alone_is_no_changed_one(argument, capsys):
    check = Check(cases=[({"x": argument}, 3.0)], mistakes=[])
    assert say(lambda x: 3.0, check, capsys) == "right\n"


@pytest.mark.parametrize("argument", [{"w": [1.0]}, [1.0, 2.0], np.ones(2), {"w": np.ones(1)}])
def test_a_change_however_small_is_seen(argument, capsys):
    def nudges(x):
        place = x["w"] if isinstance(x, dict) else x
        place[0] = place[0] + 1e-6
        return 3.0

    check = Check(cases=[({"x": argument}, 3.0)], mistakes=[])
    assert "you changed an argument in place" in say(nudges, check, capsys)


ROWS = Check(
    cases=[({"x": jnp.arange(3.0)}, 1.0), ({"x": jnp.arange(5.0)}, 2.0)],
    mistakes=[],
)


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (lambda x: 2 * x, "you have a number for each entry of `x`, and one in all is wanted"),
        (lambda x: [7.0, 8.0, 9.0], "wrong shape: the shape is (3,), and () is wanted"),
        (lambda x: x[:3] if len(x) < 4 else 1 / 0, "wrong shape"),
    ],
)
def test_an_answer_is_said_to_follow_an_argument_only_if_it_does(answer, words, capsys):
    assert words in say(answer, ROWS, capsys)


@pytest.mark.parametrize(
    ("cases", "mistakes", "words"),
    [
        ([], [], "cases must be pairs .*at least one"),
        ([({"x": 1}, 2, 3)], [], "cases must be pairs"),
        ([([2], 4)], [], "arguments must be a dictionary"),
        ([({"x": 2}, 4)], [(abs, "no hint")], "mistakes must be triples"),
    ],
)
def test_a_check_that_cannot_tell_is_refused(cases, mistakes, words):
    with pytest.raises((TypeError, ValueError), match=words):
        Check(cases, mistakes)


def test_a_key_is_called_a_key(capsys):
    Check([({"x": 2}, 4)], [])(lambda x: jax.random.key(x))
    said = capsys.readouterr().out
    assert "there is a random key among what you returned" in said
    assert "got:      Keys: a random key came back" in said
