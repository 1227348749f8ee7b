"""Planted answers to the exercises: what learners write, right in another style, or wrong.

tests/exercises/NN.py holds those of notebook NN, exercise by exercise in the page's order:

    @right("name")                  a right answer to the exercise that defines `name`
    @wrong("name", "words")         a wrong one; its message must hold these words, so that it is
                                    this misconception that is named and no other
    @wrong("name", "words", line="return x")    its message must show this line of it, too
    right_value("name", value), wrong_value("name", "words", value)     where a value is asked for
"""

import importlib.util
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

HERE = Path(__file__).resolve().parent / "exercises"


class Planted(NamedTuple):
    """One answer, and what it must hear."""

    exercise: str
    answer: Any
    words: str | None  # None: it is right
    line: str | None = None

    def __str__(self):
        """The same on each of xdist's workers: no set in its own order, no place in memory."""
        if isinstance(self.answer, set):
            return str(sorted(self.answer))
        return re.sub(r" at 0x[0-9a-f]+", "", getattr(self.answer, "__name__", str(self.answer)))


collected: list[Planted] = []  # by the functions below, while a file is read


def right(exercise: str) -> Callable:
    return lambda answer: collected.append(Planted(exercise, answer, None)) or answer


def wrong(exercise: str, words: str, line: str | None = None) -> Callable:
    return lambda answer: collected.append(Planted(exercise, answer, words, line)) or answer


def right_value(exercise: str, value: Any) -> None:
    collected.append(Planted(exercise, value, None))


def wrong_value(exercise: str, words: str, value: Any) -> None:
    collected.append(Planted(exercise, value, words))


def planted(number: str) -> list[Planted]:
    """All that tests/exercises/NN.py plants, in order."""
    path = HERE / f"{number}.py"
    if not path.exists():
        return []
    collected.clear()
    spec = importlib.util.spec_from_file_location(f"exercises_{number}", path)
    spec.loader.exec_module(importlib.util.module_from_spec(spec))
    return list(collected)
