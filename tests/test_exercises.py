"""The check of the checks: right answers pass, in any style; wrong ones hear what they are.

An exercise is three kinds of cells in a row: hidden ones tagged `check`, the stub, the solution.
Its name is what the stub defines. The cells run in a light namespace: the notebook's imports,
and of the rest only those statements that define a name which they need.
"""

import ast
import itertools
import linecache
import symtable
from functools import cache
from typing import NamedTuple

import numpy as np
import pytest
from planted import HERE, planted
from series import STEMS, code_cells, definitions, source_of, stored, tags

from rl_jax.checks import Check

NOT_ATTEMPTED, RIGHT = "not attempted yet\n", "right\n"


@pytest.fixture(scope="module", autouse=True)
def remember_what_mistakes_give():
    """A check runs its mistakes for every wrong answer; here there are many of these."""
    outcome, known = Check._outcome, {}

    def remembering(self, answer, case):
        if not any(answer is mistake for mistake, *_ in self.mistakes):
            return outcome(self, answer, case)
        place = id(answer), id(case)
        if place not in known:
            known[place] = (
                outcome(self, answer, case),
                answer,
                case,
            )  # kept, so that ids stay theirs
        return known[place][0]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Check, "_outcome", remembering)
        yield


class Exercise(NamedTuple):
    stem: str
    name: str  # of the function or value that the learner defines
    stub: str
    solution: str
    check: str  # the check's name

    def __str__(self):
        return f"{self.stem[:2]}-{self.name}"


def exercises_in(stem: str) -> list[Exercise]:
    found, cells = [], code_cells(source_of(stem))
    for cell, solution in itertools.pairwise(cells):
        if "exercise" in tags(cell):
            *_, defined = definitions(ast.parse(cell.source))
            call = ast.parse(cell.source).body[-1].value
            found.append(Exercise(stem, defined, cell.source, solution.source, call.func.id))
    return found


EXERCISES = [exercise for stem in STEMS for exercise in exercises_in(stem)]
PLANTED = {stem[:2]: planted(stem[:2]) for stem in STEMS}
ANSWERS = [
    pytest.param(exercise, one.answer, one.words, id=f"{exercise}-{one.answer.__name__}")
    for exercise in EXERCISES
    for one in PLANTED[exercise.stem[:2]]
    if one.exercise == exercise.name
]


def free_names(source: str) -> set[str]:
    """Global names that the code reads."""

    def walk(table):
        at_top = table.get_type() == "module"
        for symbol in table.get_symbols():
            if symbol.is_global() or (at_top and symbol.is_referenced()):
                yield symbol.get_name()
        for inner in table.get_children():
            yield from walk(inner)

    return set(walk(symtable.symtable(source, "<cell>", "exec")))


class Light:
    """A notebook's names, each made when it is first needed, from the last cell that defines it."""

    def __init__(self, stem: str):
        self.namespace, self.makers = {}, {}
        for cell in code_cells(source_of(stem)):
            if "imports" in tags(cell):
                exec(cell.source, self.namespace)
            elif not {"exercise", "solution", "setup"} & set(tags(cell)):
                self.makers.update(definitions(ast.parse(cell.source)))

    def need(self, names: set[str]) -> None:
        for name in sorted(names & set(self.makers) - set(self.namespace)):
            if name in self.makers:  # it may have been made meanwhile
                maker = ast.unparse(self.makers.pop(name))
                self.need(free_names(maker))
                run(maker, self.namespace)

    def run(self, source: str) -> None:
        self.need(free_names(source))
        run(source, self.namespace)


def run(source: str, namespace: dict) -> None:
    """As IPython does: with a file name under which tracebacks find the cell's lines."""
    name = f"<cell {hash(source)}>"
    linecache.cache[name] = (len(source), None, source.splitlines(keepends=True), name)
    exec(compile(source, name, "exec"), namespace)


@cache
def light(stem: str) -> Light:
    return Light(stem)


def check_of(exercise: Exercise) -> Check:
    book = light(exercise.stem)
    book.need({exercise.check})
    return book.namespace[exercise.check]


def code_but_last(source: str) -> str:
    return ast.unparse(ast.parse(source).body[:-1])


def test_every_exercise_has_its_planted_answers_and_no_other():
    """Compared for the whole series, so that a new notebook cannot forget them."""
    counts = {str(exercise): [0, 0] for exercise in EXERCISES}
    for number, answers in PLANTED.items():
        for one in answers:
            counts[f"{number}-{one.exercise}"][one.words is not None] += 1
    assert len(counts) == len(EXERCISES)
    assert {stem[:2] for stem in STEMS} == {path.stem for path in HERE.glob("*.py")}
    few = {name: n for name, n in counts.items() if n[0] < 1 or n[1] < 3}
    assert few == {}, "right answers, and at least three wrong ones, in tests/exercises/"


def test_every_exercise_cell_is_found():
    for stem in STEMS:
        cells = [cell for cell in code_cells(source_of(stem)) if "exercise" in tags(cell)]
        assert len(exercises_in(stem)) == len(cells)


@pytest.mark.parametrize("exercise", EXERCISES, ids=str)
def test_the_stub_is_not_attempted(exercise, capsys):
    light(exercise.stem).run(exercise.stub)
    assert capsys.readouterr().out == NOT_ATTEMPTED


@pytest.mark.parametrize("exercise", EXERCISES, ids=str)
def test_the_solution_passes(exercise, capsys):
    book, check = light(exercise.stem), check_of(exercise)
    body = ast.parse(exercise.solution).body
    end = 1 + next(i for i, node in enumerate(body) if names_call(node, exercise.check))
    book.run("\n".join(map(ast.unparse, body[:end])))
    assert capsys.readouterr().out == RIGHT
    assert isinstance(check, Check)


def names_call(node: ast.AST, name: str) -> bool:
    call = getattr(node, "value", None)
    return isinstance(call, ast.Call) and getattr(call.func, "id", "") == name


@pytest.mark.parametrize(("exercise", "answer", "words"), ANSWERS)
def test_a_planted_answer_hears_what_it_is(exercise, answer, words, capsys):
    check_of(exercise)(value_of(answer))
    said = capsys.readouterr().out
    if words is None:
        assert said == RIGHT
        return
    assert said.startswith("not yet: ") and "\n  expected: " in said and "\n  got: " in said
    assert words in said, said
    line = getattr(answer, "line", None)
    assert line is None or f"at line:  {line}" in said, said


def value_of(answer):
    """What is planted for an exercise that asks for a value is a function that returns it."""
    return answer() if getattr(answer, "is_value", False) else answer


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
        for tag, words in (("exercise", NOT_ATTEMPTED), ("solution", RIGHT)):
            if tag in tags(cell):
                said = "".join(output.get("text", "") for output in cell.outputs)
                assert said.startswith(words)


# The engine itself.


def difference(x, y): ...


SUBTRACT = Check(
    cases=[({"x": 3, "y": 0}, 3), ({"x": 3, "y": np.ones(2)}, np.full(2, 2))],
    mistakes=[
        (lambda x, y: y - x, "the wrong way round", "mind the order"),
        (lambda x, y: x + y, "you added", "minus"),
        (lambda x, y: x / y, "you divided", "minus"),
    ],
)


def say(answer, check, capsys) -> str:
    check(answer)
    return capsys.readouterr().out


def test_engine_tells_the_smallest_case_and_the_best_explanation(capsys):
    # x + y gives 3 in the first case, as is right, so the second case is the one to show.
    said = say(lambda a, b: b + a, SUBTRACT, capsys)
    assert said == (
        "not yet: you added.\n  input:    x: 3, y: [1., 1.]\n  expected: [2, 2]\n"
        "  got:      [4., 4.]\nHint: minus.\n"
    )
    assert say(lambda a, b: b - a, SUBTRACT, capsys).startswith(
        "not yet: the wrong way round.\n  input:    x: 3, y: 0\n  expected: 3\n  got:      -3\n"
    )


def test_engine_names_a_mistake_only_where_it_explains_what_is_shown_and_most_of_the_rest(capsys):
    check = Check(
        cases=[({"x": x}, x) for x in (1, 2, 3, 4)],
        mistakes=[(lambda x: 0, "always 0", "look at x")],
    )
    assert "always 0" in say(lambda x: 0 if x < 4 else 7, check, capsys)
    assert "something else" in say(lambda x: 7 if x == 1 else 0, check, capsys)
    assert "something else" in say(lambda x: 0 if x < 3 else 7, check, capsys)


def test_engine_takes_any_kind_of_number(capsys):
    assert say(lambda a, b: (a - np.asarray(b)).tolist(), SUBTRACT, capsys) == RIGHT
    assert say(lambda a, b: np.float16(a) - b, SUBTRACT, capsys) == RIGHT
    assert "something else was expected" in say(lambda a, b: [a, [b]], SUBTRACT, capsys)
    assert "something else was expected" in say(lambda a, b: "3", SUBTRACT, capsys)
    assert "something else was expected" in say(lambda a, b: {"x": 3}, SUBTRACT, capsys)
    assert "something else was expected" in say(lambda a, b: (a - b) * np.nan, SUBTRACT, capsys)


def test_engine_shows_the_learners_own_line(capsys):
    def helper(x):
        return x.nothing

    def answer(x, y):
        z = helper(x)
        return z

    said = say(answer, SUBTRACT, capsys)
    assert "got:      AttributeError: 'int' object has no attribute 'nothing'\n" in said
    assert "at line:  return x.nothing\n" in said


def test_engine_recognises_an_error_that_a_mistake_raises_too(capsys):
    assert "you divided" in say(lambda a, b: a / b, SUBTRACT, capsys)
    said = say(lambda a, b: a // b, SUBTRACT, capsys)  # the same error in other words
    assert said.startswith("not yet: your code stopped with an error.")
    assert "at line" not in say(lambda a: a, SUBTRACT, capsys)  # it never got to run


@pytest.mark.parametrize("stub", [difference, lambda x, y: None, ...])
def test_engine_knows_a_stub(stub, capsys):
    assert say(stub, SUBTRACT, capsys) == NOT_ATTEMPTED


def test_engine_does_not_take_a_missing_return_for_a_stub(capsys):
    def answer(x, y):
        x - y

    assert "is a `return` missing?" in say(answer, SUBTRACT, capsys)


def test_engine_protects_its_cases_from_changes_in_place(capsys):
    def answer(x, y):
        y *= 0
        return x + y

    check = SUBTRACT._replace(cases=[({"x": 3, "y": np.ones(2)}, np.full(2, 2))] * 2)
    assert "y: [1., 1.]" in say(answer, check, capsys)
    assert "y: [1., 1.]" in say(answer, check, capsys)


def test_engine_compares_facts_and_shows_those_that_differ(capsys):
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


def test_engine_takes_a_value(capsys):
    check = Check(cases=[({}, 6)], mistakes=[(5, "off by one", "count from 0")])
    assert say(6.0, check, capsys) == RIGHT
    assert say(5, check, capsys).startswith("not yet: off by one.\n  expected: 6\n  got:      5\n")
    assert say("6", check, capsys).startswith("not yet: something else was expected")
    assert say(None, check, capsys).startswith("not yet: something else was expected")


def test_engine_may_want_an_error(capsys):
    check = Check(cases=[({"x": -1}, ValueError)], mistakes=[(abs, "you let it pass", "raise")])

    def careful(x):
        raise ValueError("x must be positive")

    assert say(careful, check, capsys) == RIGHT
    assert "you let it pass.\n  input:    x: -1\n  expected: ValueError\n" in say(
        abs, check, capsys
    )
