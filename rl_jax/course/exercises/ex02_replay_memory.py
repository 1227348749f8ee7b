"""The checks of notebook 02: a ring's rows, a memory of copies, a draw without replacement."""

import math
from collections.abc import Callable, Iterator
from typing import Any

import jax
import numpy as np

from rl_jax.course.checks import Changed, Check, by_entry

__all__ = ["check_remember", "check_row", "check_sample"]


# 1. In which row does a transition land?


def turning_back(number, capacity):
    """Forwards to the last row, then backwards to the first, and so on."""
    place = number % (2 * capacity)
    return place if place < capacity else 2 * capacity - 1 - place


check_row = Check(
    cases=[
        ({"number": 0, "capacity": 5}, 0),
        ({"number": 4, "capacity": 5}, 4),
        ({"number": 5, "capacity": 5}, 0),
        ({"number": 12, "capacity": 5}, 2),
        ({"number": 23, "capacity": 7}, 2),
        ({"number": 9, "capacity": 8}, 1),
        ({"number": 4_003, "capacity": 7}, 6),
        ({"number": 4, "capacity": 1}, 0),
    ],
    mistakes=[
        (
            lambda number, capacity: number,
            "you never go back to the start",
            "a ring of five has no row 5",
        ),
        (
            lambda number, capacity: min(number, capacity - 1),
            "a full ring would overwrite its last row for ever",
            "after the last row comes the first one",
        ),
        (
            lambda number, capacity: number if number < capacity else 0,
            "a full ring would write into row 0 for ever",
            "row 0 once a round: where does the next one go?",
        ),
        (
            lambda number, capacity: number % capacity if number > capacity else number,
            "your ring goes back one transition too late",
            "`>`, or `>=`? A ring of five has no row 5",
        ),
        (
            lambda number, capacity: number // capacity,
            "you counted how often the ring was full",
            "a division has two results, and you took the other one",
        ),
        (
            lambda number, capacity: number / capacity,
            "you counted rounds, and parts of a round",
            "a division of whole numbers has a second result",
        ),
        (
            lambda number, capacity: capacity % number,
            "you divided the other way round",
            "which of the two grows for ever?",
        ),
        (
            lambda number, capacity: (number - 1) % capacity,
            "you counted from 1",
            "number 0 goes into row 0",
        ),
        (
            lambda number, capacity: (number + 1) % capacity,
            "you gave the row of the next transition",
            "number 0 goes into row 0",
        ),
        (
            lambda number, capacity: number % capacity + 1,
            "you counted the rows from 1",
            "the first row is row 0, as in any array",
        ),
        (
            lambda number, capacity: number - capacity if number >= capacity else number,
            "you went back by one round only",
            "how often has the ring been filled when number 12 comes?",
        ),
        (
            lambda number, capacity: number - capacity,
            "you went back by one round, even before the ring was full",
            "where does number 0 go, and where number 12?",
        ),
        (
            lambda number, capacity: number % (capacity + 1),
            "your ring has one row too many",
            "count the rows from 0",
        ),
        (
            lambda number, capacity: number % (capacity - 1),
            "your ring has one row too few",
            "count the rows from 0: which is the last?",
        ),
        (
            lambda number, capacity: number % 5,
            "your ring always has five rows",
            "the ring's size is an argument",
        ),
        (
            lambda number, capacity: number % 10,
            "your ring always has ten rows",
            "the ring's size is an argument",
        ),
        (
            lambda number, capacity: number & (capacity - 1),
            "your ring goes round only where its size is a power of two",
            "which operation gives the remainder for any size?",
        ),
        (
            lambda number, capacity: number % capacity or capacity,
            "you gave the last row a number of its own, which no ring has",
            "a ring of five has the rows 0 to 4",
        ),
        (
            lambda number, capacity: -number % capacity,
            "your ring runs backwards",
            "which row comes after row 0?",
        ),
        (
            lambda number, capacity: number / capacity % 1,
            "you gave a part of a round, not a row",
            "how many rows is that?",
        ),
        (
            math.remainder,
            "your remainder may lie below 0: it is the one to the nearest multiple",
            "which operator gives one from 0 on?",
        ),
        (
            lambda number, capacity: max(0, number - capacity),
            "you stay in row 0 until the ring is full, and go back by one round only",
            "where does number 4 go, and where number 12?",
        ),
        (
            lambda number, capacity: capacity - 1 - number % capacity,
            "your ring fills from its last row on",
            "number 0 goes into row 0",
        ),
        (
            turning_back,
            "your ring turns round at its end, and runs backwards",
            "after the last row comes the first one",
        ),
    ],
    properties=[
        (
            lambda answer: all(answer(number, 5) in range(5) for number in range(12)),
            "some of your rows are none",
            "a ring of five has the rows 0 to 4",
        ),
    ],
)


# 2. A memory of copies

FORTY = [[float(7 * number % 40), 0.0625] for number in range(40)]
AN_ARRAY = "the right numbers, in an array"


class ObservationChanged(Changed):
    """The learner's code wrote into the environment's array."""

    why = "you changed the environment's own array"
    hint = "copy it first, and write into the copy only"


class MemoryChanged(Changed):
    """The learner's code wrote into the memory that it was given."""

    why = "you changed the memory that you were given, and a new one was asked for"
    hint = "build a longer list, and leave the old one alone"


def remembered(answer: Callable, observations: list[list[float]]) -> Any:
    """What a memory holds in the end, if its environment writes into one array again and again.

    Args:
        answer: (memory, observation) -> a longer memory.
        observations: what the environment writes, one after the other.

    Raises:
        ObservationChanged: where the environment finds other numbers in its array.
        MemoryChanged: if all is right, but the memory before is another one now.
    """
    memory: Any = []
    array = np.zeros(2, np.float32)  # as CartPole's: a cast to what it is already copies nothing
    is_kept = True
    for values in observations:
        array[:] = values
        given = memory
        before = content(memory)
        memory = answer(given, array)
        if array.tolist() != values:
            raise ObservationChanged
        is_kept = is_kept and content(given) == before
    array[:] = 9.0
    found = content(memory)
    if found == observations and isinstance(memory, np.ndarray | jax.Array):
        return AN_ARRAY
    if found == observations and not is_kept:
        raise MemoryChanged
    return found


def content(memory: Any) -> list:
    """The numbers in a memory, whatever they are stored in.

    Args:
        memory: a list of observations.
    """
    return [np.asarray(item).tolist() for item in memory]


ALL_ONE_ARRAY = (
    "you made an array of all the memory, and a list was asked for",
    "an array is copied as a whole to grow by one, and `+` adds to its numbers",
)


check_remember = Check(
    arguments=("memory", "observation"),
    cases=[
        ({"observations": [[1.0, -1.0]]}, [[1.0, -1.0]]),
        ({"observations": [[1.0, -1.0], [2.0, -2.0]]}, [[1.0, -1.0], [2.0, -2.0]]),
        ({"observations": FORTY}, FORTY),
        ({"observations": [[1.0, -1.0]] * 2}, [[1.0, -1.0]] * 2),
    ],
    mistakes=[
        (
            lambda memory, new: [*memory, new],
            "you stored a name for the array, not what is in it",
            "the environment still holds the same array: what does it write there next?",
        ),
        (
            lambda memory, new: [*map(np.copy, memory), new],
            "you copied what was stored before, and the new one only when it is too late",
            "when is the last moment at which the array is surely right?",
        ),
        (
            lambda memory, new: [np.copy(new)],
            "you forgot what was stored before",
            "the new memory is the old one and one more",
        ),
        (lambda memory, new: np.array([*memory, new]), *ALL_ONE_ARRAY),
        (lambda memory, new: np.array(memory + [new]), *ALL_ONE_ARRAY),  # noqa: RUF005
        (
            lambda memory, new: np.copy(new),
            "you returned one observation, and no memory",
            "a memory is a list of observations, this one the last",
        ),
        (
            lambda memory, new: [*memory],
            "the new observation is not in your memory",
            "the new memory is the old one and one more",
        ),
        (
            lambda memory, new: [np.copy(new), *memory],
            "you stored the newest first",
            "a history is told from its beginning",
        ),
        (
            lambda memory, new: [*memory, *np.copy(new)],
            "you stored its numbers one by one, and nobody knows where an observation begins",
            "one observation, one entry",
        ),
        (
            lambda memory, new: [*memory, np.mean(new)],
            "you stored one number of it, and an observation has several",
            "one observation, one entry, with all that is in it",
        ),
        (
            lambda memory, new: [*memory, np.copy(new), np.copy(new)],
            "you stored it twice",
            "one observation, one entry",
        ),
        (
            lambda memory, new: [memory, np.copy(new)],
            "you put the whole old memory into one entry",
            "the entries of the old list, not the list, belong into the new one",
        ),
        (
            lambda memory, new: memory + np.copy(new),
            "a list plus an array adds numbers, and stores nothing",
            "a list plus a list is a longer list: which brackets are missing?",
        ),
        (
            lambda memory, new: sorted([*memory, np.copy(new)], key=list),
            "you sorted your memory by value, and it is no longer oldest first",
            "a new one goes to the end, whatever its numbers are",
        ),
        *(
            (
                lambda memory, new, most=most: [*memory, np.copy(new)][-most:],
                "you keep the last few only",
                "this memory has no capacity yet: it keeps all",
            )
            for most in (3, 10, 20, 32)
        ),
    ],
    observe=remembered,
)


# 3. Drawing from the last part of a history


IN_ORDER, MIXED, WITH_EQUAL_ONES = "in order", "in any order", "the latest are equal"


def sample_facts(
    answer: Callable, first: int, last: int, capacity: int, size: int, entries: str
) -> dict:
    """What 200 batches from the history first, first + 1, ..., last have in common.

    Args:
        answer: (history, capacity, size, rng) -> a batch.
        first: the oldest entry.
        last: the newest entry.
        capacity: how many entries the memory holds.
        size: of a batch.
        entries: how they follow each other; if not in order, with fewer questions.
    """
    if entries == MIXED:
        return facts_of_a_mixed_history(answer, first, last, capacity, size)
    if entries == WITH_EQUAL_ONES:
        return facts_of_equal_numbers(answer, first, last, capacity, size)
    right = right_facts(first, last, capacity, size)
    history = list(range(first, last + 1))
    no_batch = no_row_of_numbers(answer(history, capacity, size, np.random.default_rng(0)))
    if no_batch:
        return {**right, "entries in a batch": no_batch}

    batches = []
    is_kept = True
    for seed in range(200):
        history = list(range(first, last + 1))
        batches.append(drawn(answer, history, capacity, size, seed))
        is_kept = is_kept and history == list(range(first, last + 1))
    history = list(range(first, last + 1))
    again = [drawn(answer, history[:], capacity, size, seed) for seed in range(3)]

    facts = what_was_drawn(batches)
    every = set(range(first, last + 1))
    is_foreign = any(entry not in every for batch in batches for entry in batch)
    facts["something else than entries"] = "sometimes" if is_foreign else "never"
    ends = right["oldest ever drawn"], last
    as_by_chance = right["neighbours in a batch"]
    is_drawn = isinstance(facts["oldest ever drawn"], int)  # and not always the same
    facts["entries drawn too seldom, or too often"] = (
        the_rare_and_the_frequent(batches, *ends) if is_drawn else "none"
    )
    facts["some entry in most batches"] = the_favoured(batches, *ends) if is_drawn else "no"
    facts["more of one half"] = the_favoured_half(batches, *ends) if is_drawn else "no"
    facts["neighbours in a batch"] = neighbours(batches, *ends) if is_drawn else as_by_chance
    facts["drawn from"] = where_from(batches, right["oldest ever drawn"], last, size)
    facts["same seed, same batch"] = "yes" if again == batches[:3] else "no"
    is_right_so_far = all(facts[name] == right[name] for name in facts)
    changed = is_right_so_far and not is_kept  # one thing at a time
    return {**facts, "history afterwards": "changed" if changed else "as it was"}


def facts_of_a_mixed_history(
    answer: Callable, first: int, last: int, capacity: int, size: int
) -> dict:
    """Whether the latest entries are drawn from, if these are not the largest; and drawn anew.

    Args:
        answer: as in `sample_facts`.
        first: the smallest entry.
        last: the largest entry.
        capacity: how many entries the memory holds.
        size: of a batch.
    """
    history = np.random.default_rng(0).permutation(np.arange(first, last + 1)).tolist()
    batches = [drawn(answer, history[:], capacity, size, seed) for seed in range(200)]
    found = {entry for batch in batches for entry in batch}
    latest = set(history[-capacity:])
    rng = np.random.default_rng(0)
    one_after_another = [answer(history[:], capacity, size, rng) for _ in range(3)]
    is_new = any(not np.array_equal(batch, one_after_another[0]) for batch in one_after_another)
    return {
        "of the latest entries": f"{len(found & latest)} are drawn",
        "of all others": f"{len(found - latest)} are drawn",
        "next batch by the same rng": "another" if is_new else "the same",
    }


def facts_of_equal_numbers(
    answer: Callable, first: int, last: int, capacity: int, size: int
) -> dict:
    """How often a number is drawn that fills half of the memory.

    Args:
        answer: as in `sample_facts`.
        first: the oldest entry.
        last: the newest entry, and all in the memory's newer half.
        capacity: how many entries the memory holds.
        size: of a batch.
    """
    newer_half = capacity // 2
    history = [*range(first, last + 1 - newer_half), *[last] * newer_half]
    batches = [drawn(answer, history[:], capacity, size, seed) for seed in range(200)]
    share = np.mean([batch.count(last) / max(1, len(batch)) for batch in batches])
    return {SHARE: "about half" if 0.4 < share < 0.6 else "less" if share < 0.5 else "more"}


SHARE = "share of the equal numbers in a batch"


def drawn(answer: Callable, history: list, capacity: int, size: int, seed: int) -> list:
    """One batch, as Python's numbers: ints, but for what is not whole.

    Args:
        answer: as in `sample_facts`.
        history: oldest first.
        capacity: how many of its entries the memory holds.
        size: of a batch.
        seed: of the generator that it is handed.
    """
    batch = answer(history, capacity, size, np.random.default_rng(seed))
    return [int(x) if float(x).is_integer() else float(x) for x in np.atleast_1d(batch)]


def no_row_of_numbers(batch: Any) -> str | None:
    """What a batch is, in words, if nobody can count its numbers; None if one can."""
    kinds = {set: "a set", dict: "a dictionary", str: "a text", Iterator: "an iterator"}
    for kind, name in kinds.items():
        if isinstance(batch, kind):
            return name
    if callable(batch):
        return "a function"
    try:
        numbers = np.asarray(batch)
    except ValueError:  # ragged
        return "several things"
    if numbers.dtype.kind not in "iuf":
        return "something else than numbers"
    return f"an array of shape {numbers.shape}" if numbers.ndim > 1 else None


def of_facts(got: dict, right: dict) -> tuple[str, str] | None:
    """What to say of the first fact that is wrong, whatever made it so.

    Args:
        got: the facts of an answer.
        right: those of a right one, with the same names.
    """
    if "entries in a batch" not in right:
        return by_entry(OTHER_HISTORIES)(got, right)
    found = got["entries in a batch"]
    if isinstance(found, str):
        hint = "a batch is a list, or an array with one axis, of numbers alone"
        return f"you returned {found}", hint
    if isinstance(found, list):
        return (
            "your batches are of different sizes",
            "draw so often that the batch is full, or without repeats from the start",
        )
    name = next(name for name in right if got[name] != right[name])
    drawn = got["oldest ever drawn"]
    if name == "oldest ever drawn" and isinstance(drawn, int) and drawn < right[name]:
        return (
            "you drew what is older than anything in the memory",
            "the memory holds the last `capacity` entries: which is the oldest of them?",
        )
    if name == "oldest ever drawn" and isinstance(drawn, str):
        return "every batch is the same: you drew with seeds of your own", "you were given `rng`"
    return FACTS.get(name)


OTHER_HISTORIES = {
    SHARE: (
        "of equal numbers you do not draw as many as there are",
        "two entries may hold the same number, and are two entries: draw places, not values",
    ),
    "of the latest entries": (
        "some of the latest entries are never drawn",
        "the memory holds the last `capacity` entries, whatever numbers they are",
    ),
    "of all others": (
        "you drew others than the latest entries",
        "a memory forgets what is old, whatever number it is: where in the list are the latest?",
    ),
    "next batch by the same rng": (
        "one generator gives you the same batch again and again",
        "draw with `rng` itself: what you draw with a copy leaves it where it was",
    ),
}
FACTS = {
    "something else than entries": (
        "you drew what is not in the history",
        "entries of the history: not their places, not what was computed from them, and no row "
        "that is still empty",
    ),
    "entries in a batch": (
        "your batches have another size than the one that was asked for",
        "which argument says how many entries a batch has?",
    ),
    "an entry twice in one": (
        "some entry stands twice in a batch, so it would count double",
        "draw all of it at once and without replacement: look up an argument of `rng.choice`",
    ),
    "oldest ever drawn": (
        "some of the oldest entries in the memory are never drawn",
        "the memory holds the last `capacity` entries, or all while they are fewer",
    ),
    "newest ever drawn": (
        "the newest entries are never drawn",
        "where does your slice end, or where do your random places?",
    ),
    "some entry in most batches": (
        "some entry is in most of your batches",
        "each entry of the memory must be as likely as any other",
    ),
    "entries drawn too seldom, or too often": (
        "some entries are drawn more often than others",
        "each entry of the memory must be as likely as any other",
    ),
    "history afterwards": (
        "you changed the history that you were given",
        "take a part of it, or a copy, and leave the rest where it is",
    ),
    "more of one half": (
        "one half of the memory is drawn from more often than the other",
        "each entry of the memory must be as likely as any other",
    ),
    "neighbours in a batch": (
        "which entry you draw decides too much about which others may come",
        "cut the memory into no parts: all of the batch comes from all of it",
    ),
    "different batches": (
        "you draw the same few batches again and again",
        "is each entry drawn on its own, and by `rng`?",
    ),
}


def what_was_drawn(batches: list[list[int]]) -> dict[str, Any]:
    """Facts about batches that were drawn with different seeds."""
    counts = sorted({len(batch) for batch in batches})
    entries = [entry for batch in batches for entry in batch]
    is_one = all(batch == batches[0] for batch in batches)
    repeats = any(len(set(batch)) < len(batch) for batch in batches)
    kinds = {frozenset(batch) for batch in batches}
    return {
        "entries in a batch": counts[0] if len(counts) == 1 else counts,
        "an entry twice in one": "sometimes" if repeats else "never",
        "oldest ever drawn": "always the same batch" if is_one else min(entries, default=None),
        "newest ever drawn": "always the same batch" if is_one else max(entries, default=None),
        "different batches": "many" if len(kinds) > 90 else "few",
    }


def where_from(batches: list[list[int]], oldest: int, last: int, size: int) -> str:
    """Whether all batches hold the latest entries, or the oldest in the memory.

    Args:
        batches: lists of entries.
        oldest: the oldest entry in the memory.
        last: the newest.
        size: of a batch.
    """
    found = {tuple(sorted(batch)) for batch in batches}
    if found == {tuple(range(last - size + 1, last + 1))}:
        return "the latest"
    if found == {tuple(range(oldest, oldest + size))}:
        return "the oldest"
    return "all of the memory"


def the_rare_and_the_frequent(batches: list[list[int]], oldest: int, newest: int) -> str:
    """Whether some entry is drawn more often, or more seldom, than luck would have it.

    A right answer has one in so many batches of s from n entries with the chance s / n, each time
    anew. Luck moves one entry's count by more than 4.5 standard deviations once in 150,000 times.

    Args:
        batches: lists of entries.
        oldest: the oldest entry in the memory.
        newest: the newest.
    """
    held = newest + 1 - oldest
    every = range(oldest, newest + 1)
    drawn = [entry - oldest for batch in batches for entry in batch if entry in every]
    counts = np.bincount(np.array(drawn, int), minlength=held)
    chance = counts.sum() / len(batches) / held
    deviation = math.sqrt(len(batches) * chance * max(0.0, 1 - chance))
    is_odd = abs(counts - len(batches) * chance) > 4.5 * deviation
    return "some" if is_odd.any() else "none"


def the_favoured(batches: list[list[int]], oldest: int, newest: int) -> str:
    """Which entry was drawn into more than two of three batches, or "no".

    Args:
        batches: lists of entries.
        oldest: the oldest entry in the memory.
        newest: the newest.
    """
    drawn, often = np.unique([entry for batch in batches for entry in batch], return_counts=True)
    favoured = drawn[often > len(batches) * 2 / 3].tolist()
    if not favoured:
        return "no"
    return {oldest: "the oldest", newest: "the newest"}.get(favoured[-1], "one of them")


def the_favoured_half(batches: list[list[int]], oldest: int, newest: int) -> str:
    """Which half of the memory more than three of five entries come from, or "no".

    Args:
        batches: lists of entries.
        oldest: the oldest entry in the memory.
        newest: the newest.
    """
    middle = (oldest + newest) / 2
    share = np.mean([entry > middle for batch in batches for entry in batch] or [0.5])
    if 0.4 <= share <= 0.6:
        return "no"
    return "the newer" if share > 0.6 else "the older"


def neighbours(batches: list[list[int]], oldest: int, newest: int) -> str:
    """How often two entries that follow each other are in one batch.

    Of n entries, a batch of s holds s (s - 1) / n such pairs on average.

    Args:
        batches: lists of entries.
        oldest: the oldest entry in the memory.
        newest: the newest.
    """
    pairs = sum(entry + 1 in batch for batch in batches for entry in batch)
    by_chance = sum(len(batch) * (len(batch) - 1) for batch in batches) / (newest + 1 - oldest)
    if 0.6 * by_chance <= pairs <= 1.6 * by_chance:
        return "as chance has it"
    return "seldom" if pairs < by_chance else "often"


def right_facts(first: int, last: int, capacity: int, size: int) -> dict[str, Any]:
    """What a right answer gives.

    Args:
        first: the oldest entry of the history.
        last: the newest entry.
        capacity: how many entries the memory holds.
        size: of a batch.
    """
    return {
        "entries in a batch": size,
        "something else than entries": "never",
        "an entry twice in one": "never",
        "oldest ever drawn": max(first, last + 1 - capacity),
        "newest ever drawn": last,
        "some entry in most batches": "no",
        "more of one half": "no",
        "different batches": "many",
        "neighbours in a batch": "as chance has it",
        "entries drawn too seldom, or too often": "none",
        "drawn from": "all of the memory",
        "same seed, same batch": "yes",
        "history afterwards": "as it was",
    }


def sample_case(first: int, last: int, capacity: int, size: int) -> tuple[dict, dict]:
    """(arguments, what is right).

    Args:
        first: the oldest entry of the history.
        last: the newest entry.
        capacity: how many entries the memory holds.
        size: of a batch.
    """
    given = {"first entry": first, "last entry": last, "capacity": capacity, "size": size}
    return {**given, "entries": IN_ORDER}, right_facts(*given.values())


def mixed_case(given: dict) -> tuple[dict, dict]:
    """The same with the history in no order.

    Args:
        given: the arguments of a case.
    """
    right = {
        "of all others": "0 are drawn",
        "of the latest entries": f"{given['capacity']} are drawn",
        "next batch by the same rng": "another",
    }
    return {**given, "entries": MIXED}, right


def case_of_equal_numbers(given: dict) -> tuple[dict, dict]:
    """The same, but all numbers in the memory's newer half are one number.

    Args:
        given: the arguments of a case.
    """
    return {**given, "entries": WITH_EQUAL_ONES}, {SHARE: "about half"}


NEIGHBOURS = (
    "you cut out one piece of the history, so the batch holds neighbours",
    "from how many episodes would such a batch come?",
)


# Neighbours, beginning anywhere.
def one_piece(past, room, n, rng):
    kept = past[-room:]
    first = rng.integers(len(kept) - n + 1)
    return kept[first : first + n]


# Neighbours, and after the last one comes the first.
def one_piece_of_a_ring(past, room, n, rng):
    kept = past[-room:]
    first = rng.integers(len(kept))
    return [kept[(first + i) % len(kept)] for i in range(n)]


# The caller's own history loses its beginning.
def delete_then_draw(past, room, n, rng):
    del past[:-room]
    return rng.choice(past, n, replace=False)


# The caller's own history loses its order.
def shuffle_then_take(past, room, n, rng):
    rng.shuffle(past)
    return past[-room:][:n]


# Drawn with replacement, and then each entry once.
def only_what_differs(past, room, n, rng):
    return sorted(set(rng.choice(past[-room:], n).tolist()))


# One place of the batch is not drawn at all.
def the_newest_and_others(past, room, n, rng):
    return [past[-1], *rng.choice(past[-room:-1], n - 1, replace=False)]


# Rows that are not filled yet are drawn, too.
def rows_of_a_full_memory(past, room, n, rng):
    kept = past[-room:]
    return [kept[row] for row in rng.choice(room, n, replace=False)]


# Places are drawn, and while the memory is not full, some of them lie before the first.
def places_below_0(past, room, n, rng):
    places = np.arange(len(past) - room, len(past))
    return np.array(past)[rng.choice(places, n, replace=False)]


# As if it had not been handed a generator.
def seeds_in_vain(past, room, n, rng):
    return np.random.default_rng(0).choice(past[-room:], n, replace=False)


check_sample = Check(
    arguments=("history", "capacity", "size", "rng"),
    cases=[
        sample_case(100, 119, capacity=28, size=3),
        sample_case(100, 139, capacity=14, size=5),
        mixed_case(sample_case(100, 139, capacity=14, size=5)[0]),
        case_of_equal_numbers(sample_case(100, 139, capacity=14, size=5)[0]),
    ],
    mistakes=[
        (
            lambda past, room, n, rng: rng.choice(past, n, replace=False),
            "nothing is ever forgotten: you drew from all of the history",
            "which entries would still be in the memory?",
        ),
        (
            lambda past, room, n, rng: rng.choice(past[len(past) - room :], n, replace=False),
            "while the memory is not full yet, your slice begins at a negative place",
            "what is `len(history) - capacity` for 20 entries and room for 28?",
        ),
        (
            places_below_0,
            "while the memory is not full yet, you draw places below 0, which count from the end",
            "what is `len(history) - capacity` for 20 entries and room for 28?",
        ),
        (
            lambda past, room, n, rng: rng.choice(sorted(past)[-room:], n, replace=False),
            "you took the largest numbers, not the latest entries",
            "a memory forgets what is old, whatever it is: where in the list are the latest?",
        ),
        (
            lambda past, room, n, rng: rng.choice(past[:room], n, replace=False),
            "you kept the oldest entries, and forgot the newest",
            "which end must go?",
        ),
        (
            lambda past, room, n, rng: rng.choice(len(past[-room:]), n, replace=False),
            "you returned row numbers of the memory, not the entries in these rows",
            "what stands in row 0 of a memory that holds the last ten of forty?",
        ),
        (
            lambda past, room, n, rng: rng.choice(past[-room:], n),
            "some entry was drawn twice, so it would count double in the batch",
            "draw without replacement: look up an argument of `rng.choice`",
        ),
        (
            only_what_differs,
            "an entry was drawn twice and dropped, so your batches are of different sizes",
            "draw without replacement: look up an argument of `rng.choice`",
        ),
        (
            lambda past, room, n, rng: np.random.default_rng().choice(past[-room:], n, False),
            "you drew with a generator of your own, so no seed can repeat it",
            "you were given `rng`",
        ),
        (
            lambda past, room, n, rng: np.random.default_rng().choice(past[-room:], n),
            "you drew with a generator of your own, and some entry twice",
            "you were given `rng`, and its `choice` has an argument for this",
        ),
        (
            seeds_in_vain,
            "every batch is the same: you drew with a seed of your own, or not at all",
            "you were given `rng`",
        ),
        (
            lambda past, room, n, rng: past[-n:],
            "you took the latest entries; nothing is drawn at random",
            "the section about the latest steps says why not",
        ),
        (
            lambda past, room, n, rng: rng.permutation(past[-n:]),
            "you shuffled the latest entries; which ones they are is not drawn at random",
            "shuffling a batch does not change what is in it",
        ),
        (
            lambda past, room, n, rng: past[-room:][:n],
            "you took the first entries of the memory; nothing is drawn at random",
            "what is `rng` for?",
        ),
        (one_piece_of_a_ring, *NEIGHBOURS),
        (one_piece, *NEIGHBOURS),
        (
            lambda past, room, n, rng: rng.choice(past[-room - 1 :], n, replace=False),
            "your memory holds one entry too many",
            "how many entries does a slice from -3 on have?",
        ),
        (
            lambda past, room, n, rng: rng.choice(past[-room:-1], n, replace=False),
            "the newest entry is never drawn",
            "does a slice hold its end?",
        ),
        (
            the_newest_and_others,
            "the newest entry is in every batch",
            "each entry of the memory must be as likely as any other",
        ),
        (
            lambda past, room, n, rng: rng.permutation(past[-room:]),
            "you returned the whole memory, in a random order",
            "how many entries were asked for?",
        ),
        (
            lambda past, room, n, rng: rng.choice(past[-room:], room, replace=False),
            "you drew as many as the memory has room for",
            "how many entries were asked for, and how many are there so far?",
        ),
        (
            lambda past, room, n, rng: rng.choice(past[-room:]),
            "you drew one entry, and a batch was asked for",
            "how many does `rng.choice` draw if it is not told?",
        ),
        (
            lambda past, room, n, rng: rng.choice(past[-room:], 4, replace=False),
            "you wrote down the size of the batch",
            "how many entries were asked for?",
        ),
        (
            lambda past, room, n, rng: rng.choice(past[-10:], n, replace=False),
            "you wrote down the capacity",
            "which argument says how many entries the memory holds?",
        ),
        (
            lambda past, room, n, rng: rng.choice(past[:-room], n, replace=False),
            "you drew from what the memory has forgotten",
            "a slice up to -10 is all but the last ten",
        ),
        (
            lambda past, room, n, rng: rng.choice(past[room:], n, replace=False),
            "you left out as many of the oldest entries as the memory has room for",
            "with a history of 20 and room for 28, which ones are forgotten?",
        ),
        (
            rows_of_a_full_memory,
            "you drew from rows that are not filled yet",
            "with a history of 20 and room for 28, how many rows hold something?",
        ),
        (
            delete_then_draw,
            "you changed the history that you were given",
            "take a part of it, and leave the rest where it is",
        ),
        (
            shuffle_then_take,
            "you shuffled the history that you were given, and nobody knows any more what is old",
            "shuffle a copy, or draw without shuffling",
        ),
    ],
    observe=sample_facts,
    otherwise=of_facts,
)
