"""Exercise checks that name the misconception: they know what each mistake would give."""

import copy
import inspect
import traceback
from collections.abc import Callable
from operator import attrgetter
from typing import Any, NamedTuple

import numpy as np

__all__ = ["Check"]


class Check(NamedTuple):
    """Call it on an answer, a function or a value: it prints "right", or what was misunderstood.

    A wrong answer sees the smallest case that it fails, with expected and got, and the mistake
    that gives the same there. An untouched stub is "not attempted yet".
    Boilerplate for: notebooks/00, 01, 02, 03, 04, 05, 06."""

    cases: list[tuple[dict, Any]]  # (arguments, what is right), the smallest first
    mistakes: list[tuple[Any, str, str]]  # (a wrong answer, what it misunderstands, a hint)
    observe: Callable = lambda answer, *args: answer(*args)  # what to compare: facts, say
    stub: Callable = lambda: None  # broken code to repair; untouched it is no attempt

    def __call__(self, answer: Any) -> None:
        code = getattr(inspect.unwrap(answer), "__code__", None)
        sense = attrgetter("co_code", "co_consts", "co_names")
        if answer is ... or (code and sense(code) == sense(self.stub.__code__)):
            return print("not attempted yet")
        given = [self._outcome(answer, case) for case, _ in self.cases]
        wrong = [i for i, (_, right) in enumerate(self.cases) if not _same(given[i], right)]
        if not wrong:
            return print("right")
        found = [(wrong[0], 0, "this is not it yet", "work this case out on paper, step by step")]
        for mistake, why, hint in self.mistakes:
            agree = [
                _same(x, self._outcome(mistake, self.cases[i][0])) for i, x in enumerate(given)
            ]
            found += [(i, -sum(agree), why, hint) for i in wrong if agree[i]][:1]
        i, _, why, hint = min(found, key=lambda reason: reason[:2])
        (case, right), got = self.cases[i], given[i]
        if isinstance(right, dict) and isinstance(got, dict):  # only where they differ
            differ = [name for name in right if not _same(got.get(name), right[name])]
            right, got = ({name: facts.get(name) for name in differ} for facts in (right, got))
        print(f"not yet: {why}.", *[f"\n  input:    {_show(case)}"] * bool(case), sep="")
        print(f"  expected: {_show(right)}\n  got:      {_show(got)}")
        frames = traceback.extract_tb(getattr(got, "__traceback__", None))
        for frame in [f for f in frames if code and f.filename == code.co_filename][-1:]:
            print(f"  at line:  {frame.line}")
        print(f"Hint: {hint}.")

    def _outcome(self, answer: Any, case: dict) -> Any:
        def asked(*args):
            result = answer(*args) if callable(answer) else answer
            if result is None or result is ...:
                raise ValueError("no answer came back; is a `return` missing?")
            return result

        try:
            return self.observe(asked, *copy.deepcopy(case).values())
        except Exception as error:  # whatever a learner's code may raise
            return error


def _same(got: Any, right: Any) -> bool:
    if isinstance(got, Exception):
        return right is type(got) or repr(got)[:50] == repr(right)[:50]
    try:
        if isinstance(right, dict):
            return got.keys() == right.keys() and all(_same(got[k], right[k]) for k in right)
        got = np.asarray(got, float)  # a list, a Python number, any library's array of any dtype
        return got.shape == np.shape(right) and np.allclose(got, right, rtol=2e-3, atol=1e-4)
    except (AttributeError, TypeError, ValueError):  # ragged, or no numbers
        return type(got) is type(right) and bool(got == right)


def _show(value: Any) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{name}: {_show(item)}" for name, item in value.items())
    if isinstance(value, list | tuple):
        return f"[{', '.join(map(_show, value))}]"
    if isinstance(value, Exception):
        return f"{type(value).__name__}: {value}".partition("\n")[0]
    value = np.asarray(getattr(value, "__name__", value))
    return " ".join(np.array2string(value, precision=3, separator=", ", threshold=20).split())
