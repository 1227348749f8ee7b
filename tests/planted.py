"""Planted answers to the exercises: what learners write, right in another style, or wrong.

tests/exercises/NN.py holds those of notebook NN. `@right("name")` marks a right answer to the
exercise that defines `name`; `@wrong("name", "words")` a wrong one, with words that the check's
message must hold, so that it names this misconception and no other.
"""

import importlib.util
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

HERE = Path(__file__).resolve().parent / "exercises"


class Planted(NamedTuple):
    exercise: str
    answer: Any
    words: str | None  # None: it is right


collected: list[Planted] = []  # by the decorators, while a file is read


def right(exercise: str) -> Callable:
    return lambda answer: collected.append(Planted(exercise, answer, None)) or answer


def wrong(exercise: str, words: str) -> Callable:
    return lambda answer: collected.append(Planted(exercise, answer, words)) or answer


def planted(number: str) -> list[Planted]:
    """All that tests/exercises/NN.py plants, in order."""
    path = HERE / f"{number}.py"
    if not path.exists():
        return []
    collected.clear()
    spec = importlib.util.spec_from_file_location(f"exercises_{number}", path)
    spec.loader.exec_module(importlib.util.module_from_spec(spec))
    return list(collected)
