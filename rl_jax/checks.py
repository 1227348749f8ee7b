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

    That is a mistake that gives the same up to the first wrong case, and mostly where it is wrong.
    Boilerplate for: notebooks/00, 01, 02, 03, 04, 05, 06, 07, 08."""

    cases: list[tuple[dict, Any]]  # (arguments, what is right), the smallest first
    mistakes: list[tuple[Any, str, str]]  # (a wrong answer, what it misunderstands, a hint)
    observe: Callable = lambda answer, *args: answer(*args)  # what to compare: facts, say

    def __call__(self, answer: Any) -> None:
        code = getattr(inspect.unwrap(answer), "__code__", None)
        sense = attrgetter("co_code", "co_consts", "co_names")
        if answer is ... or (code and sense(code) == sense((lambda: None).__code__)):
            return print("not attempted yet")
        cases, rights = zip(*self.cases, strict=True)
        given = [self._outcome(answer, case) for case in cases]
        same = list(map(_same, given, rights))
        if all(same):
            return print("right")
        right, got = rights[i := same.index(False)], given[i]
        frames = traceback.extract_tb(getattr(got, "__traceback__", None))
        own = [f"  at line:  {f.line}\n" for f in frames if code and f.filename == code.co_filename]
        found = [(0, "something else was expected", "compare the two, then work it out on paper")]
        found += [(0.5, "your code stopped with an error", "read it, then that line")] * bool(own)
        for mistake, why, hint in self.mistakes:
            tries = zip(given[: i + 1], cases, strict=False)  # most mistakes are soon ruled out
            if all(_same(self._outcome(mistake, case), answered) for answered, case in tries):
                wrong = [self._outcome(mistake, case) for case in cases]
                agree = list(map(_same, given, wrong))
                hits = [a for a, w, r in zip(agree, wrong, rights, strict=True) if not _same(w, r)]
                found += [(sum(agree), why, hint)] * (2 * sum(hits) > len(hits))
        _, why, hint = max(found, key=lambda explanation: explanation[0])
        if isinstance(right, dict) and isinstance(got, dict):  # only where they differ
            differ = [name for name in right if not _same(got.get(name), right[name])]
            right, got = ({name: facts.get(name) for name in differ} for facts in (right, got))
        print(f"not yet: {why}.", *[f"\n  input:    {_show(cases[i])}"] * bool(cases[i]), sep="")
        print(f"  expected: {_show(right)}\n  got:      {_show(got)}")
        print(*own[-1:], f"Hint: {hint}{'.' * (hint[-1] != '?')}", sep="")

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
        words = str(got) if type(got).__module__ == "builtins" else str(right)
        return type(got) is right or (type(got) is type(right) and words == str(right))
    try:
        if isinstance(right, dict):
            return got.keys() == right.keys() and all(_same(got[k], right[k]) for k in right)
        got = np.add(got, 0.0)  # a list, a Python number, any library's array of any dtype
        rough = 2e-3 if np.asarray(right).dtype.kind == "f" else 1e-5  # half precision will do
        return got.shape == np.shape(right) and np.allclose(got, right, rtol=rough, atol=1e-4)
    except (AttributeError, TypeError, ValueError):  # ragged, or no numbers
        return type(got) is type(right) and bool(got == right)


def _show(value: Any) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{name}: {_show(item)}" for name, item in value.items())
    if isinstance(value, list | tuple):
        return f"[{', '.join(map(_show, value))}]"
    if isinstance(value, Exception):
        return f"{type(value).__name__}: {value}".partition("\n")[0]
    if isinstance(value, str) or callable(value):
        return getattr(value, "__name__", value)
    return " ".join(np.array2string(np.asarray(value), precision=3, separator=", ").split())
