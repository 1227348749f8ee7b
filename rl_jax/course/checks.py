"""Exercise checks that name the misconception: they know what each mistake would give."""

import copy
import dis
import inspect
import traceback
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import jax
import numpy as np

__all__ = ["Check", "by_entry"]

NOT_ATTEMPTED = "not attempted yet"
RIGHT = "right"
STOPPED = ("your code stopped with an error", "read it, then that line")
GENERIC = ("something else was expected", "compare the two, then work it out on paper")


class NoAnswer(ValueError):
    """The learner's function returned nothing."""

    why = "your function returned nothing"
    hint = "is a `return` missing?"

    def __init__(self):
        """The same words for all."""
        super().__init__("nothing came back")


class NoValue(NoAnswer):
    """The learner's value is None."""

    why = "your answer is None, which says nothing"
    hint = "what stands to the right of the `=`? `list.sort` and `print`, for two, give None"


class WrongCall(TypeError):
    """The learner's function takes other arguments than the exercise hands to it."""

    why = "your function takes other arguments than the exercise's"
    hint = "keep the line with `def` as the stub has it"


@dataclass
class Check:
    """Call it on an answer: it prints "right", or what was misunderstood.

    An answer is compared with what is right, case by case, and the first case in which it is wrong
    is shown. The headline is the first of these that holds: it took other arguments, or returned
    nothing; a mistake gives the same in the case that is shown and all before it, and in most of
    those in which the mistake is wrong; it stopped with an error; what `otherwise` says of it; its
    kind or its shape is wrong; something else was expected.

    Boilerplate for: notebooks/00, 01, 02, 03, 04, 05, 06, 07, 08.
    """

    cases: Sequence[tuple[dict[str, Any], Any]]  # (arguments, what is right), the smallest first
    mistakes: Sequence[tuple[Any, str, str]]  # (wrong answer, what it misunderstands, a hint)
    observe: Callable | None = None  # (answer, *arguments) -> what is compared, facts for example
    otherwise: Callable | None = None  # (got, right) -> (headline, hint) if no mistake explains it
    _known: dict[tuple[int, int], Any] = field(default_factory=dict, repr=False)

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
        given = [self.outcome(asked, arguments) for arguments, _ in self.cases]
        agrees = [same(got, right) for got, (_, right) in zip(given, self.cases, strict=True)]
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
        own = copy.deepcopy(arguments).values()
        try:
            return asked(*own) if self.observe is None else self.observe(asked, *own)
        except Exception as error:  # whatever a learner's code may raise
            return error

    def _report(self, answer: Any, given: Sequence[Any], place: int) -> str:
        """Headline, case and hint, on lines of their own."""
        arguments, right = self.cases[place]
        got = given[place]
        own_lines = _own_lines(answer, got)
        why, hint = self._explain(given, place, bool(own_lines))
        expected, found = _only_what_differs(right, got)
        lines = [f"not yet: {why}."]
        if arguments:
            lines.append(f"  input:    {show(arguments)}")
        lines.append(f"  expected: {show(expected)}")
        lines.append(f"  got:      {show(found)}")
        if own_lines:
            lines.append(f"  at line:  {own_lines[-1]}")
        lines.append(f"Hint: {hint}{'' if hint.endswith('?') else '.'}")
        return "\n".join(lines)

    def _explain(self, given: Sequence[Any], place: int, stopped: bool) -> tuple[str, str]:
        """(headline, hint)."""
        got = given[place]
        right = self.cases[place][1]
        if isinstance(got, NoAnswer | WrongCall):
            return got.why, got.hint
        agreements = [self._agreement(i, given, place) for i in range(len(self.mistakes))]
        if max(agreements, default=0) > 0:
            _, why, hint = self.mistakes[agreements.index(max(agreements))]
            return why, hint
        if isinstance(got, Exception):
            return STOPPED if stopped else (STOPPED[0], "read it")
        own = self.otherwise(got, right) if self.otherwise else None
        return own or _wrong_kind(got, right) or GENERIC

    def _agreement(self, number: int, given: Sequence[Any], place: int) -> int:
        """In how many cases the answer gives what this mistake gives; 0 if it is not this one."""
        shown = range(place + 1)
        if not all(same(self._of_mistake(number, case), given[case]) for case in shown):
            return 0  # most mistakes are soon ruled out, before the cases that take long
        agreeing, wrong, wrong_and_agreeing = 0, 0, 0
        for case, (_, right) in enumerate(self.cases):
            would_be = self._of_mistake(number, case)
            agrees = same(would_be, given[case])
            is_wrong = not same(would_be, right)
            agreeing += agrees
            wrong += is_wrong
            wrong_and_agreeing += agrees and is_wrong
        return agreeing if 2 * wrong_and_agreeing > wrong else 0

    @cached_property
    def _asked_of_mistakes(self) -> list[Callable]:
        return [asked_of(answer) for answer, _, _ in self.mistakes]

    def _of_mistake(self, number: int, case: int) -> Any:
        """What a mistake gives in a case: always the same, so it is worked out once."""
        if (number, case) not in self._known:
            asked = self._asked_of_mistakes[number]
            arguments = self.cases[case][0]
            self._known[number, case] = self.outcome(asked, arguments)
        return self._known[number, case]


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
        result = answer(*args, **named) if callable(answer) else answer
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


def same(got: Any, right: Any) -> bool:
    """Whether `got` will do for `right`: numbers to rounding, in any type that holds them.

    Args:
        got: a number, an array, a dictionary, a text, an exception, ...
        right: likewise; an exception's class stands for any of its kind.
    """
    if isinstance(got, Exception):
        if isinstance(right, type):
            return type(got) is right
        is_ours = type(got).__module__ != "builtins"  # JAX's words hold addresses and shapes
        return type(got) is type(right) and (is_ours or str(got) == str(right))
    if isinstance(right, Mapping):
        is_alike = isinstance(got, Mapping) and got.keys() == right.keys()
        return is_alike and all(same(got[name], right[name]) for name in right)
    try:
        numbers = np.add(got, 0.0)  # a list, a Python number, any library's array of any dtype
        rough = 2e-3 if np.asarray(right).dtype.kind == "f" else 1e-5  # half precision will do
        is_fitting = numbers.shape == np.shape(right)
        return is_fitting and np.allclose(numbers, right, rtol=rough, atol=1e-4)
    except (AttributeError, TypeError, ValueError):  # ragged, or no numbers
        if isinstance(right, list | tuple) and type(got) is type(right):
            return len(got) == len(right) and all(map(same, got, right))
        return type(got) is type(right) and bool(got == right)


def show(value: Any) -> str:
    """A value in few words, on one line.

    Args:
        value: an argument, or what an answer gave.
    """
    if isinstance(value, Mapping):
        return ", ".join(f"{name}: {show(item)}" for name, item in value.items())
    if isinstance(value, list | tuple):
        return f"[{', '.join(map(show, value))}]"
    if isinstance(value, Exception):
        return f"{type(value).__name__}: {value}".partition("\n")[0]
    if isinstance(value, str) or callable(value):
        return str(getattr(value, "__name__", value))
    return " ".join(np.array2string(np.asarray(value), precision=3, separator=", ").split())


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
    return [frame.line for frame in frames if frame.filename == code.co_filename]


# What can be said of any answer, whatever the exercise


def _wrong_kind(got: Any, right: Any) -> tuple[str, str] | None:
    """(headline, hint) where the answer is another kind of thing than the right one."""
    if isinstance(got, Exception) or isinstance(right, Exception | type):
        return None
    if callable(got):
        return "you returned a function", "call it, and return what comes back"
    if isinstance(right, Mapping):
        return _wrong_keys(got, right)
    if isinstance(got, Mapping):
        return f"you returned a dictionary, where {_kind(right)} is wanted", "return its content"
    if isinstance(got, str) != isinstance(right, str):
        return f"you returned {_kind(got)}, where {_kind(right)} is wanted", "look at `expected`"
    return _wrong_shape(got, right)


def _wrong_keys(got: Any, right: Mapping) -> tuple[str, str] | None:
    names = ", ".join(map(str, right))
    if not isinstance(got, Mapping):
        return f"you returned {_kind(got)}, where a dictionary is wanted", f"its keys are {names}"
    if got.keys() != right.keys():
        return "your dictionary has other keys than the expected one", f"its keys are {names}"
    return None


def _wrong_shape(got: Any, right: Any) -> tuple[str, str] | None:
    try:
        shape, wanted = np.shape(got), np.shape(right)
    except ValueError:
        if isinstance(got, tuple):
            return "you returned several things, and one is wanted", "return that one"
        return "your numbers make no array: their rows have different lengths", "count each row"
    if shape == wanted:
        return None
    what = f"the shape is {shape}, and {wanted} is wanted"
    if np.size(got) == np.size(right) and same(np.ravel(got), np.ravel(right)):
        return f"right numbers, wrong shape: {what}", "add or drop an axis"
    return f"wrong shape: {what}", "what does each axis stand for?"


def _kind(value: Any) -> str:
    if isinstance(value, str):
        return "a text"
    names = {dict: "a dictionary", tuple: "a tuple", list: "a list", bool: "True or False"}
    for kind, name in names.items():
        if isinstance(value, kind):
            return name
    return "one number" if np.ndim(value) == 0 else "an array"
