"""The check of the checks: right answers pass, in any style; wrong ones hear what they are.

An exercise is two cells in a row: the stub, which ends with the check's call, and the solution.
The checks are plain modules, rl_jax/course/exercises/exNN_topic.py; no cell is executed here.
"""

import ast
import importlib
import inspect
import itertools
import re
from typing import NamedTuple

import jax
import numpy as np
import pytest
from planted import HERE, planted
from series import STEMS, code_cells, definitions, source_of, stored, tags

from rl_jax.course.checks import Check

NOT_ATTEMPTED, RIGHT, SOLVED = "not attempted yet\n", "right\n", "solution: right\n"
MODULE = "exercises"  # what the page calls its module of checks


class Exercise(NamedTuple):
    stem: str
    name: str  # of the function or value that the learner defines
    check: str  # the check's name in the module
    solution: str

    def __str__(self):
        return f"{self.stem[:2]}-{self.name}"


def exercises_in(stem: str) -> list[Exercise]:
    found, cells = [], code_cells(source_of(stem))
    for cell, solution in itertools.pairwise(cells):
        if "exercise" in tags(cell):
            tree = ast.parse(cell.source)
            *_, defined = definitions(tree)
            check = ast.unparse(tree.body[-1].value.func).removeprefix(f"{MODULE}.")
            found.append(Exercise(stem, defined, check, solution.source))
    return found


def module_of(stem: str):
    return importlib.import_module(f"rl_jax.course.exercises.ex{stem}")


def check_of(exercise: Exercise) -> Check:
    return getattr(module_of(exercise.stem), exercise.check)


EXERCISES = [exercise for stem in STEMS for exercise in exercises_in(stem)]
PLANTED = {stem[:2]: planted(stem[:2]) for stem in STEMS}
ANSWERS = [
    pytest.param(exercise, one, id=f"{exercise}-{one}")
    for exercise in EXERCISES
    for one in PLANTED[exercise.stem[:2]]
    if one.exercise == exercise.name
]


def test_every_exercise_has_its_planted_answers_and_no_other():
    """Compared for the whole series, so that a new notebook cannot forget them."""
    counts = {str(exercise): [0, 0] for exercise in EXERCISES}
    for number, answers in PLANTED.items():
        for one in answers:
            counts[f"{number}-{one.exercise}"][one.words is not None] += 1
    assert len(counts) == len(EXERCISES)
    assert {stem[:2] for stem in STEMS} == {path.stem for path in HERE.glob("*.py")}
    assert all(one.words != "" for answers in PLANTED.values() for one in answers)
    few = {name: n for name, n in counts.items() if n[0] < 1 or n[1] < 3}
    assert few == {}, "right answers, and at least three wrong ones, in tests/exercises/"


@pytest.mark.parametrize("stem", STEMS)
def test_planted_answers_stand_in_the_pages_order(stem):
    order = [name for name, _ in itertools.groupby(one.exercise for one in PLANTED[stem[:2]])]
    assert order == [exercise.name for exercise in exercises_in(stem)]


@pytest.mark.parametrize("stem", STEMS)
def test_every_exercise_cell_is_found_and_every_check_is_asked(stem):
    cells = [cell for cell in code_cells(source_of(stem)) if "exercise" in tags(cell)]
    exercises = exercises_in(stem)
    assert len(exercises) == len(cells)
    checks = {name for name, thing in vars(module_of(stem)).items() if isinstance(thing, Check)}
    assert checks == {exercise.check for exercise in exercises} == set(module_of(stem).__all__)


@pytest.mark.parametrize("exercise", EXERCISES, ids=str)
def test_the_solution_calls_its_own_check_as_a_solution(exercise):
    calls = [ast.unparse(node) for node in ast.parse(exercise.solution).body]
    assert f"{MODULE}.{exercise.check}({exercise.name}, solution=True)" in calls


@pytest.mark.parametrize(("exercise", "one"), ANSWERS)
def test_a_planted_answer_hears_what_it_is(exercise, one, capsys):
    check_of(exercise)(one.answer)
    said = capsys.readouterr().out
    if one.words is None:
        assert said == RIGHT
        return
    assert said.startswith("not yet: ") and "\n  expected: " in said and "\n  got: " in said
    assert one.words in said, said
    assert one.line is None or f"at line:  {one.line}" in said, said


@pytest.mark.parametrize("exercise", EXERCISES, ids=str)
def test_every_mistake_is_told_from_every_other(exercise, capsys):
    """Handed in as an answer, a mistake hears its own name: no case is too coarse for it."""
    check = check_of(exercise)
    assert len(check.mistakes) >= 3
    for mistake, why, hint in check.mistakes:
        check(mistake)
        said = capsys.readouterr().out
        assert said.startswith(f"not yet: {why}.\n"), said
        assert said.endswith((f"Hint: {hint}.\n", f"Hint: {hint}\n"))
        assert not why.endswith((".", "?")) and not hint.endswith(".")


@pytest.mark.parametrize("exercise", EXERCISES, ids=str)
def test_no_hint_is_the_answer(exercise):
    """No line of the solution stands in a message."""
    lines = [line.strip() for line in exercise.solution.splitlines() if "return" in line]
    messages = "\n".join(why + hint for _, why, hint in check_of(exercise).mistakes)
    for line in lines:
        answer = line.removeprefix("return ").strip()
        assert len(answer) < 12 or answer not in messages


@pytest.mark.parametrize("stem", STEMS)
def test_what_is_stored_says_the_same(stem):
    for cell in code_cells(stored(stem)):
        for tag, words in (("exercise", NOT_ATTEMPTED), ("solution", SOLVED)):
            if tag in tags(cell):
                said = "".join(output.get("text", "") for output in cell.outputs)
                assert said.startswith(words)


ODD = [
    jax.random.key(0),
    [1.0, jax.random.key(0)],
    {"a": jax.random.split(jax.random.key(0), 3)},
    10**400,
    -(10**400),
    [10**400, 1.0],
    object(),
    type,
    b"bytes",
    np.datetime64("2026-01-01"),
    1j,
    np.array([None, 1], object),
    float("inf"),
    {},
    [],
    (),
    {1: 2, "1": 3},
    [[1.0], [2.0, 3.0]],
    np.zeros((0, 3)),
    Exception("an error that was returned, and not raised"),
    (number for number in range(3)),
]


@pytest.mark.parametrize("exercise", EXERCISES, ids=str)
def test_whatever_comes_back_hears_a_verdict(exercise, capsys):
    for odd in ODD:
        for answer in (odd, lambda *arguments, odd=odd: odd):
            check_of(exercise)(answer)
            said = capsys.readouterr().out
            assert said.startswith("not yet: ") and "\n  got: " in said, said


EFFORT = re.compile(r"\((\d+) minutes?, (easy|medium|hard)\)")


@pytest.mark.parametrize("stem", STEMS)
def test_each_exercise_says_how_long_and_how_hard(stem):
    cells = source_of(stem).cells
    for i, cell in enumerate(cells):
        if cell.cell_type == "code" and "exercise" in tags(cell):
            prose = next(c.source for c in cells[i - 1 :: -1] if c.cell_type == "markdown")
            assert EFFORT.search(prose.split("\n**")[-1]), prose[-200:]


@pytest.mark.parametrize("exercise", EXERCISES, ids=str)
def test_right_answers_have_every_property_and_some_wrong_one_lacks_it(exercise):
    check = check_of(exercise)
    answers = [one for one in PLANTED[exercise.stem[:2]] if one.exercise == exercise.name]
    for holds, why, _ in check.properties:
        assert any(one.words and one.words in why for one in answers), why
        for one in answers:
            assert one.words is not None or holds(one.answer), (why, one)


def with_arguments_rotated(answer):
    """The same answer, whose first argument is the last one."""
    arguments = inspect.signature(answer).parameters.values()
    first, *others = [argument.replace(default=inspect.Parameter.empty) for argument in arguments]
    moved = [*others, first]

    def rotated(*given):
        return answer(**{argument.name: one for argument, one in zip(moved, given, strict=True)})

    rotated.__signature__ = inspect.Signature(moved)
    return rotated


def arguments_of_the_stub(exercise: Exercise) -> list[str]:
    nodes = ast.parse(exercise.solution).body
    found = [node.args.args for node in nodes if getattr(node, "name", None) == exercise.name]
    return [argument.arg for argument in found[0]] if found else []


TAKING_SEVERAL = [exercise for exercise in EXERCISES if len(arguments_of_the_stub(exercise)) > 1]


@pytest.mark.parametrize("exercise", TAKING_SEVERAL, ids=str)
def test_arguments_in_another_order_are_said_to_be_so(exercise, capsys):
    names = arguments_of_the_stub(exercise)
    answers = [one for one in PLANTED[exercise.stem[:2]] if one.exercise == exercise.name]
    right = next(
        one.answer
        for one in answers
        if one.words is None and list(inspect.signature(one.answer).parameters) == names
    )
    check_of(exercise)(with_arguments_rotated(right))
    said = capsys.readouterr().out
    is_symmetric = exercise.name == "careful_mse"
    assert said == RIGHT if is_symmetric else "arguments in another order" in said
