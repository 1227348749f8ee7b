"""Exercise checks that name the misconception: they know what each mistake would give."""

import copy
import dis
import inspect
import re
import sys
import traceback
import types
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property, partial
from typing import Any

import jax
import numpy as np

from rl_jax import validate
from rl_jax.course import differences
from rl_jax.course.differences import same

__all__ = ["Check", "by_entry"]

NOT_ATTEMPTED = "not attempted yet"
RIGHT = "right"
STOPPED = ("your code stopped with an error", "read it, then that line")
GENERIC = ("something else was expected", "compare the two, then work it out on paper")
ANOTHER_EACH_TIME = (
    "your answer is another one each time it is asked",
    "is something drawn at random in it, or kept from one call to the next?",
)
OF_A_PAGE = (np.ndarray, jax.Array, Mapping)  # what a function should get as an argument


class NoAnswer(ValueError):
    """Nothing came back that could be compared; these words are for a function's None."""

    why = "your function returned nothing"
    hint = "is a `return` missing? (What `append`, `sort` and `shuffle` return is None, too)"
    said = "nothing came back"

    def __init__(self):
        """The same words for all."""
        super().__init__(self.said)


class NoValue(NoAnswer):
    """The learner's value is None."""

    why = "your answer is None, which says nothing"
    hint = "what stands to the right of the `=`? `list.sort` and `print`, for example, give None"


class Keys(NoAnswer):
    """The learner's function returned random keys."""

    why = "there is a random key among what you returned, and keys are no numbers"
    hint = "keys are for drawing with, and what was drawn is wanted"
    said = "a random key came back"


class Ended(RuntimeError):
    """The learner's code ends the program: `sys.exit`."""

    why = "your code ends the whole program"
    hint = "raise an error instead: whoever calls you may go on"


class Changed(RuntimeError):
    """The learner's code changed what it was given."""

    why = "you changed an argument in place, and whoever still holds it now holds something else"
    hint = "make a new one, and leave the old one as it is"

    def __init__(self):
        """The same words for all."""
        super().__init__("an argument is no longer what it was")


class WrongCall(TypeError):
    """The learner's function takes other arguments than the exercise hands to it."""

    why = "your function takes other arguments than the exercise's"
    hint = "keep the line with `def` as the stub has it"


@dataclass
class Check:
    """Call it on an answer: it prints "right", or what was misunderstood.

    An answer is compared with what is right, case by case, and the first case in which it is wrong
    is shown. The headline is the first of these that holds: it took other arguments, returned
    nothing or a random key, ended the program, or changed an argument; it has the arguments in
    another order; a mistake gives the same in the case that is shown and all before it, and in most
    of those in which the mistake is wrong; it stopped with an error; it looks at an array of the
    page; its shape follows what it should not follow; it gives no value, or the right numbers in a
    wrong shape; what `otherwise` says of it; its kind or its shape is wrong; it is another one each
    time; an argument counts too little or too much; all its numbers lie in the same way to the
    right ones; it lacks a property that any right answer has; which of its numbers are wrong;
    something else was expected.

    Boilerplate for: notebooks/00, 01, 02, 03, 04, 05, 06, 07, 08.
    """

    # (arguments, what is right), the smallest first; or a function that makes them. Arrays of JAX
    # want one: who makes them starts JAX, and a page that imports its checks may not yet have said
    # how many devices it wants.
    cases: Sequence[tuple[dict[str, Any], Any]] | Callable
    mistakes: Sequence[tuple[Any, str, str]]  # (wrong answer, what it misunderstands, a hint)
    observe: Callable | None = None  # (answer, *arguments) -> what is compared, facts for example
    otherwise: Callable | None = None  # (got, right) -> (headline, hint) if no mistake explains it
    right: Callable | None = None  # a function that is right, to find what each argument should do
    properties: Sequence[tuple[Callable, str, str]] = ()  # (answer -> bool, headline if not, hint)
    arguments: Sequence[str] = ()  # what the function's are called, where the cases name others
    _known: dict[tuple[int, int], Any] = field(default_factory=dict, repr=False)

    def __post_init__(self):
        """Refuse a check that could not tell right from wrong."""
        if not callable(self.cases):
            _refuse_no_cases(self.cases)
        if not all(isinstance(each, tuple) and len(each) == 3 for each in self.mistakes):
            raise ValueError(
                "mistakes must be triples (wrong answer, what it misunderstands, a hint), but they "
                f"are {validate.short(self.mistakes)}."
            )

    def __call__(self, answer: Any, *, solution: bool = False) -> None:
        """Print the verdict on an answer.

        Args:
            answer: a function or a value.
            solution: whether it is the page's own, so that "right" is not taken for the learner's.
        """
        if is_stub(answer):
            print(NOT_ATTEMPTED)
            return
        asked = asked_of(answer)  # one function for all cases, which `jit` traces once a shape
        given = [self.outcome(asked, arguments) for arguments, _ in self._cases]
        agrees = [same(got, right) for got, (_, right) in zip(given, self._cases, strict=True)]
        if all(agrees):
            print(f"solution: {RIGHT}" if solution else RIGHT)
        else:
            print(self._report(answer, given, agrees.index(False)))

    def outcome(self, asked: Callable, arguments: dict[str, Any]) -> Any:
        """What an answer gives in one case; an exception, if it raises one.

        Args:
            asked: the answer, right or wrong, as `asked_of` makes it.
            arguments: of the case; the answer gets a copy.
        """
        try:
            return self._observed(asked, *arguments.values())
        except Exception as error:  # whatever a learner's code may raise
            return error

    def _report(self, answer: Any, given: Sequence[Any], place: int) -> str:
        """Headline, case and hint, on lines of their own."""
        arguments, right = self._cases[place]
        got = given[place]
        own_lines = _own_lines(answer, got)
        why, hint = self._explain(answer, given, place, bool(own_lines))
        expected, found = _told_apart(*_only_what_differs(right, got))
        lines = [f"not yet: {why}."]
        if arguments:
            lines.append(f"  input:    {show(arguments)}")
        lines.append(f"  expected: {expected}")
        lines.append(f"  got:      {found}")
        if own_lines:
            lines.append(f"  at line:  {own_lines[-1]}")
        lines.append(f"Hint: {hint}{'' if hint.endswith('?') else '.'}")
        return "\n".join(lines)

    def _explain(
        self, answer: Any, given: Sequence[Any], place: int, stopped: bool
    ) -> tuple[str, str]:
        """(headline, hint)."""
        got = given[place]
        if isinstance(got, NoAnswer | Ended | WrongCall | Changed):
            return got.why, got.hint
        if _is_in_another_order(answer, self.arguments or list(self._cases[place][0])):
            return "your function takes its arguments in another order", WrongCall.hint
        named = self._named_mistake(given, place)
        if named:
            return named
        if isinstance(got, Exception):
            read = STOPPED if stopped else (STOPPED[0], "read it")
            return differences.of_error(got) or _unasked(answer) or read
        return _unasked(answer) or self._of_value(answer, given, place)

    def _named_mistake(self, given: Sequence[Any], place: int) -> tuple[str, str] | None:
        """The mistake that gives the same in most cases, if one does."""
        agreements = [self._agreement(i, given, place) for i in range(len(self.mistakes))]
        if max(agreements, default=0) == 0:
            return None
        _, why, hint = self.mistakes[agreements.index(max(agreements))]
        return why, hint

    def _of_value(self, answer: Any, given: Sequence[Any], place: int) -> tuple[str, str]:
        """What to say of a value that no mistake gives."""
        got = given[place]
        right = self._cases[place][1]
        own = self.otherwise or (lambda got, right: None)
        if isinstance(right, type):  # an error is wanted, and to that no value is near
            return own(got, right) or GENERIC
        wanted = [right for _, right in self._cases]
        arguments = [arguments for arguments, _ in self._cases]
        said = differences.of_size(given, wanted, place, arguments)
        said = said or differences.of_form(got, right) or own(got, right)
        return said or differences.of_kind(got, right) or self._difference(answer, given, place)

    def _difference(self, answer: Any, given: Sequence[Any], place: int) -> tuple[str, str]:
        """What is left to say of wrong numbers."""
        arguments, right = self._cases[place]
        again = self.outcome(asked_of(answer), arguments)
        if same(given[place], given[place]) and not same(again, given[place]):
            return ANOTHER_EACH_TIME
        said = None
        if self.right is not None:
            observed = (partial(self._observed, asked_of(one)) for one in (answer, self.right))
            every = [arguments for arguments, _ in self._cases]
            said = differences.of_use(*observed, every, place)
        said = said or differences.of_relation(given, [right for _, right in self._cases])
        said = said or self._missing_property(answer)
        return said or differences.of_places(given[place], right, place) or GENERIC

    def _missing_property(self, answer: Any) -> tuple[str, str] | None:
        """The first property that a right answer has, and this one does not."""
        asked = asked_of(answer)
        missing = ((why, hint) for holds, why, hint in self.properties if _lacks(asked, holds))
        return next(missing, None)

    def _observed(self, asked: Callable, *arguments: Any) -> Any:
        """What is compared: what the answer gives, or what is observed of it."""
        own = copy.deepcopy(arguments)
        got = asked(*own) if self.observe is None else self.observe(asked, *own)
        if not all(map(_is_unchanged, own, arguments)):
            raise Changed
        if _holds_a_key(got):
            raise Keys
        return got

    def _agreement(self, number: int, given: Sequence[Any], place: int) -> int:
        """In how many cases the answer gives what this mistake gives; 0 if it is not this one."""
        shown = range(place + 1)
        if not all(same(self._of_mistake(number, case), given[case]) for case in shown):
            return 0  # most mistakes are soon ruled out, before the cases that take long
        agreeing, wrong, wrong_and_agreeing = 0, 0, 0
        for case, (_, right) in enumerate(self._cases):
            would_be = self._of_mistake(number, case)
            agrees = same(would_be, given[case])
            is_wrong = not same(would_be, right)
            agreeing += agrees
            wrong += is_wrong
            wrong_and_agreeing += agrees and is_wrong
        return agreeing if 2 * wrong_and_agreeing > wrong else 0

    @cached_property
    def _cases(self) -> Sequence[tuple[dict[str, Any], Any]]:
        if not callable(self.cases):
            return self.cases
        cases = self.cases()
        _refuse_no_cases(cases)
        return cases

    @cached_property
    def _asked_of_mistakes(self) -> list[Callable]:
        return [asked_of(answer) for answer, _, _ in self.mistakes]

    def _of_mistake(self, number: int, case: int) -> Any:
        """What a mistake gives in a case: always the same, so it is worked out once."""
        if (number, case) not in self._known:
            asked = self._asked_of_mistakes[number]
            arguments = self._cases[case][0]
            self._known[number, case] = self.outcome(asked, arguments)
        return self._known[number, case]


def _refuse_no_cases(cases: Any) -> None:
    is_case = [isinstance(case, tuple) and len(case) == 2 for case in cases]
    if not is_case or not all(is_case):
        raise ValueError(
            "cases must be pairs (arguments, what is right), at least one, but they are "
            f"{validate.short(cases)}."
        )
    if not all(isinstance(arguments, Mapping) for arguments, _ in cases):
        raise TypeError(
            "a case's arguments must be a dictionary, by name, but they are "
            f"{validate.short([arguments for arguments, _ in cases])}."
        )


def by_entry(words: Mapping[str, tuple[str, str]]) -> Callable:
    """What a check says `otherwise`, where the right answer is a dictionary: which entry is wrong.

    Args:
        words: (headline, hint) for each of its keys, for some of them.

    Boilerplate for: notebooks/06, 07, 08.
    """

    def otherwise(got: Any, right: Mapping) -> tuple[str, str] | None:
        if not isinstance(got, Mapping) or got.keys() != right.keys():
            return None
        wrong = [name for name in right if name in words and not same(got[name], right[name])]
        return words[wrong[0]] if wrong else None

    return otherwise


def folds_and_uses_again(function: Callable, *arguments: Any) -> bool:
    """Whether it folds a number into a key twice, or into one that it uses as well.

    JAX's own watch over keys sees neither. Nor does this, where the function cannot be traced.

    Args:
        function: of a key, and of anything else.
        *arguments: with which it is traced.
    """
    try:
        steps = jax.make_jaxpr(function)(*arguments).eqns
    except Exception:  # it asks for a value, say, which is no fault of its keys
        return False
    folds = [step for step in steps if step.primitive.name == "random_fold_in"]
    folded = [str(step.invars) for step in folds]
    keys = {id(step.invars[0]) for step in folds}
    others = [step for step in steps if step.primitive.name != "random_fold_in"]
    is_used = any(id(value) in keys for step in others for value in step.invars)
    return is_used or len(set(folded)) < len(folded)


def is_stub(answer: Any) -> bool:
    """True for `...`, and for a function with nothing but that (or `pass`) in it.

    Args:
        answer: a function or a value.
    """
    if answer is ...:
        return True
    code = getattr(inspect.unwrap(answer), "__code__", None) if callable(answer) else None
    if code is None:
        return False
    does = [step for step in dis.get_instructions(code) if step.opname not in ("RESUME", "NOP")]
    return len(does) <= 2 and does[0].argval in (None, ...)


def asked_of(answer: Any) -> Callable:
    """A function that calls the answer, and says so if it cannot, or if nothing comes back.

    Args:
        answer: a function or a value.
    """

    def asked(*args, **named):
        if callable(answer):
            _check_call(answer, args, named)
        try:
            result = answer(*args, **named) if callable(answer) else answer
        except SystemExit:
            raise Ended("it left Python, as sys.exit does") from None
        if result is None or result is ...:
            raise NoAnswer if callable(answer) else NoValue
        return result

    return asked


def _check_call(answer: Callable, args: tuple, named: dict) -> None:
    try:
        signature = inspect.signature(answer)
    except (TypeError, ValueError):  # some built-in functions do not tell
        return
    try:
        signature.bind(*args, **named)
    except TypeError as error:
        count = len(args) + len(named)
        arguments = "1 argument" if count == 1 else f"{count} arguments"
        raise WrongCall(f"called with {arguments}: {error}") from None


def _is_unchanged(now: Any, before: Any) -> bool:
    """Whether numbers, arrays and what holds them are what they were; nothing else is looked at.

    Args:
        now: an argument after the call.
        before: a copy of it, from before the call.
    """
    if isinstance(before, Mapping):
        is_alike = isinstance(now, Mapping) and now.keys() == before.keys()
        return is_alike and all(_is_unchanged(now[name], before[name]) for name in before)
    if isinstance(before, list | tuple):
        is_alike = isinstance(now, list | tuple) and len(now) == len(before)
        return is_alike and all(map(_is_unchanged, now, before))
    if isinstance(before, np.ndarray) and before.dtype.kind in "fiub":
        return np.array_equal(now, before, equal_nan=before.dtype.kind == "f")
    if isinstance(before, int | float):
        return type(now) is type(before) and (now == before or before != before)
    if isinstance(before, jax.Array) and not _holds_a_key(before):
        return isinstance(now, jax.Array) and np.array_equal(now, before, equal_nan=True)
    return True


def _holds_a_key(value: Any) -> bool:
    if isinstance(value, Mapping | list | tuple):
        return any(map(_holds_a_key, value.values() if isinstance(value, Mapping) else value))
    return validate.is_key(value)


def _lacks(asked: Callable, holds: Callable) -> bool:
    try:
        return not holds(asked)
    except Exception:  # of arguments that no case has: nothing is known
        return False


def _is_in_another_order(answer: Any, arguments: Sequence[str]) -> bool:
    """Whether a function has the exercise's arguments, by name, and not where they belong."""
    try:
        names = list(inspect.signature(answer).parameters)
    except (TypeError, ValueError):  # a value, or a built-in function
        return False
    return sorted(names) == sorted(arguments) and names != list(arguments)


def _unasked(answer: Any) -> tuple[str, str] | None:
    """(headline, hint) for a function that looks at what it was not given."""
    name = _read_from_the_page(answer)
    if name is None:
        return None
    return (
        f"your function looks at the page's `{name}`, which is not among its arguments",
        "with other arguments it would still see the page's: which one is meant?",
    )


def _read_from_the_page(answer: Any) -> str | None:
    """The first array, or dictionary, of the page that a function looks at unasked."""
    function = inspect.unwrap(answer) if callable(answer) else None
    code = getattr(function, "__code__", None)
    if code is None or not _is_of_a_page(function):
        return None
    known = function.__globals__
    names = (step.argval for step in _steps(code) if step.opname == "LOAD_GLOBAL")
    return next((name for name in names if isinstance(known.get(name), OF_A_PAGE)), None)


def _is_of_a_page(function: types.FunctionType) -> bool:
    """Whether somebody wrote it here, and not in a module of a library."""
    return function.__module__ == "__main__" or function.__module__ not in sys.modules


def _steps(code: types.CodeType) -> Iterator[dis.Instruction]:
    """What a function does, and what the functions do that are defined in it."""
    yield from dis.get_instructions(code)
    for constant in code.co_consts:
        if isinstance(constant, types.CodeType):
            yield from _steps(constant)


def show(value: Any, digits: int = 3) -> str:
    """A value in few words, on one line.

    Args:
        value: an argument, or what an answer gave.
        digits: after the decimal point.
    """
    if isinstance(value, Mapping):
        return ", ".join(f"{name}: {_inner(item, digits)}" for name, item in value.items())
    if isinstance(value, list | tuple):
        return f"[{', '.join(_inner(item, digits) for item in value)}]"
    if isinstance(value, Exception):
        said = f"{type(value).__name__}: {value}".partition("\n")[0]
        return re.sub(r" at /\S+:\d+", "", said)  # where a file lies is nobody's business
    if isinstance(value, str) or callable(value):
        return str(getattr(value, "__name__", value))
    return " ".join(np.array2string(np.asarray(value), precision=digits, separator=", ").split())


def _inner(value: Any, digits: int) -> str:
    """A value inside another one: where a dictionary ends is to be seen."""
    return f"{{{show(value, digits)}}}" if isinstance(value, Mapping) else show(value, digits)


def _told_apart(right: Any, got: Any) -> tuple[str, str]:
    """Both in words, with as many digits as it takes to see a difference."""
    for digits in (3, 5, 8):
        shown = show(right, digits), show(got, digits)
        if shown[0] != shown[1]:
            break
    return shown


def _only_what_differs(right: Any, got: Any) -> tuple[Any, Any]:
    if not (isinstance(right, Mapping) and isinstance(got, Mapping)):
        return right, got
    names = [name for name in right if name not in got or not same(got[name], right[name])]
    if not names:  # it has more keys than it should
        return right, got
    return {name: right[name] for name in names}, {name: got.get(name, "missing") for name in names}


def _own_lines(answer: Any, got: Any) -> list[str]:
    """The lines of the learner's own code on the way to the error, the innermost last."""
    code = getattr(inspect.unwrap(answer), "__code__", None) if callable(answer) else None
    if code is None or not isinstance(got, Exception):
        return []
    frames = traceback.extract_tb(got.__traceback__)
    return [frame.line for frame in frames if frame.filename == code.co_filename and frame.line]
