"""The checks of notebook 02."""

import numpy as np

from rl_jax.course.checks import Check

__all__ = ["check_row", "check_sample", "check_remember"]


check_row = Check(
    cases=[
        ({"number": 0, "capacity": 5}, 0),
        ({"number": 4, "capacity": 5}, 4),
        ({"number": 5, "capacity": 5}, 0),
        ({"number": 12, "capacity": 5}, 2),
        ({"number": 23, "capacity": 7}, 2),
    ],
    mistakes=[
        (lambda n, size: n, "you never go back to the start", "a ring of five has no row 5"),
        (
            lambda n, size: min(n, size - 1),
            "a full ring would overwrite its last row for ever",
            "after the last row comes the first one",
        ),
        (
            lambda n, size: n // size,
            "you counted how often the ring was full",
            "a division has two results, and you took the other one",
        ),
        (lambda n, size: (n - 1) % size, "you counted from 1", "number 0 goes into row 0"),
        (
            lambda n, size: (n + 1) % size,
            "you gave the row of the next transition",
            "number 0 goes into row 0",
        ),
        (
            lambda n, size: n - size if n >= size else n,
            "you went back by one round only",
            "how often has the ring been filled when number 12 comes?",
        ),
        (lambda n, size: n % (size + 1), "your ring has one row too many", "count the rows from 0"),
    ],
)


def sample_facts(answer, history, capacity, size):
    """Facts about 200 draws from a history of 0, 1, 2, ..."""

    def draw(seed):
        return [
            int(i)
            for i in answer(list(range(history)), capacity, size, np.random.default_rng(seed))
        ]

    draws = [draw(seed) for seed in range(200)]
    often = np.bincount(np.concatenate(draws).astype(int), minlength=history)[
        -min(capacity, history) :
    ]
    return {
        "drawn": sorted({len(numbers) for numbers in draws}),
        "all different": all(len(set(numbers)) == len(numbers) for numbers in draws),
        "oldest ever drawn": min(map(min, draws)) if draws[0] != draws[1] else "one draw only",
        "newest ever drawn": max(map(max, draws)) if draws[0] != draws[1] else "one draw only",
        "always the latest": all(sorted(numbers)[0] == history - size for numbers in draws),
        "each as likely as the others": bool(np.ptp(often) < 70),
        "more than 90 different batches": len(set(map(frozenset, draws))) > 90,
        "same seed, same draw": [draw(seed) for seed in range(5)] == draws[:5],
    }


fine = {
    "drawn": [4],
    "all different": True,
    "always the latest": False,
    "same seed, same draw": True,
    "each as likely as the others": True,
    "more than 90 different batches": True,
}


mistaken_sample = [
    (
        lambda past, room, n, rng: rng.choice(past, n, replace=False),
        "nothing is ever forgotten: you drew from all of the history",
        "which entries would still be in the memory?",
    ),
    (
        lambda past, room, n, rng: rng.choice(past[:room], n, replace=False),
        "you kept the oldest entries, and forgot the newest",
        "which end must go?",
    ),
    (
        lambda past, room, n, rng: rng.choice(past[-room:], n),
        "some entry was drawn twice, so it would count double in the batch",
        "draw without replacement: look up an argument of `rng.choice`",
    ),
    (
        lambda past, room, n, rng: np.random.default_rng().choice(past[-room:], n, replace=False),
        "you drew with a generator of your own, so no seed can repeat it",
        "you were given `rng`",
    ),
    (
        lambda past, room, n, rng: np.random.default_rng(0).choice(past[-room:], n, replace=False),
        "you drew with a seed of your own, so every batch is the same",
        "you were given `rng`",
    ),
    (
        lambda past, room, n, rng: past[-n:],
        "you took the latest entries; nothing is drawn at random",
        "why not, is in the section about the latest steps",
    ),
    (
        lambda past, room, n, rng: past[-room:][
            (i := rng.integers(min(len(past), room) - n + 1)) : i + n
        ],
        "you cut out one piece of the history, so the batch holds neighbours",
        "which correlation was the memory to break?",
    ),
    (
        lambda past, room, n, rng: rng.choice(past[-room - 1 :], n, replace=False),
        "your memory holds one entry too many",
        "how many entries does a slice from -3 on have?",
    ),
]


check_sample = Check(
    cases=[
        (
            {"history": 20, "capacity": 30, "size": 4},
            {**fine, "oldest ever drawn": 0, "newest ever drawn": 19},
        ),
        (
            {"history": 40, "capacity": 10, "size": 4},
            {**fine, "oldest ever drawn": 30, "newest ever drawn": 39},
        ),
    ],
    mistakes=mistaken_sample,
    observe=sample_facts,
)


def remembered(answer, observations):
    """What a memory holds after an environment that reuses one array has gone on."""
    memory, array = [], np.zeros(2)
    for values in observations:
        array[:] = values
        memory = answer(memory, array)
    array[:] = 9.0
    return [np.asarray(item).tolist() for item in memory]


check_remember = Check(
    cases=[
        ({"observations": seen}, seen)
        for seen in (
            [[1.0, -1.0]],
            [[1.0, -1.0], [2.0, -2.0]],
            [[float(i), 0.5] for i in range(12)],
        )
    ],
    mistakes=[
        (
            lambda memory, new: [*memory, new],
            "you stored a name for the array, not what is in it",
            "the environment still holds the same array: what does it write there next?",
        ),
        (
            lambda memory, new: [np.copy(item) for item in memory] + [new],
            "you copied what was stored before, and the new one only when it is too late",
            "when is the last moment at which the array is surely right?",
        ),
        (
            lambda memory, new: [np.copy(new)],
            "you forgot what was stored before",
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
    ],
    observe=remembered,
)
