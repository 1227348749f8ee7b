"""Answers to the exercises of notebook 02."""

import copy
import random

import numpy as np
from planted import right, wrong


@right("row_of")
def by_walking(number, capacity):
    row = 0
    for _ in range(number):
        row = 0 if row == capacity - 1 else row + 1
    return row


@right("row_of")
def in_numpy(number, capacity):
    return np.float32(np.mod(number, capacity))


@wrong("row_of", "never go back to the start")
def endless(number, capacity):
    return number


@wrong("row_of", "its last row for ever")
def stuck(number, capacity):
    return number if number < capacity else capacity - 1


@wrong("row_of", "how often the ring was full")
def rounds(number, capacity):
    return int(number / capacity)


@wrong("row_of", "you counted from 1")
def from_one(number, capacity):
    return (number + capacity - 1) % capacity


@wrong("row_of", "the next transition")
def next_row(number, capacity):
    return (number + 1) % capacity


@wrong("row_of", "something else was expected")
def one_round_back(number, capacity):
    return number - capacity


@wrong("row_of", "by one round only")
def one_round(number, capacity):
    return number - capacity if number >= capacity else number


@wrong("row_of", "one row too many")
def too_long(number, capacity):
    return number % (capacity + 1)


@right("sample")
def by_permutation(history, capacity, size, rng):
    return rng.permutation(history[-capacity:])[:size]


@right("sample")
def rejecting_in_a_loop(history, capacity, size, rng):
    kept, chosen = history[max(0, len(history) - capacity) :], []
    while len(chosen) < size:
        i = rng.integers(len(kept))
        if i not in chosen:
            chosen.append(i)
    return [kept[i] for i in chosen]


@right("sample")
def with_the_standard_library(history, capacity, size, rng):
    return random.Random(int(rng.integers(2**32))).sample(history[-capacity:], size)


@wrong("sample", "nothing is ever forgotten")
def no_eviction(history, capacity, size, rng):
    rows = rng.permutation(len(history))[:size]
    return [history[row] for row in rows]


@wrong("sample", "kept the oldest entries")
def wrong_end(history, capacity, size, rng):
    return rng.permutation(history[:capacity])[:size]


@wrong("sample", "drawn twice")
def with_replacement(history, capacity, size, rng):
    kept = history[-capacity:]
    return [kept[rng.integers(len(kept))] for _ in range(size)]


@wrong("sample", "a generator of your own")
def unseeded(history, capacity, size, rng):
    return random.sample(history[-capacity:], size)


@wrong("sample", "a seed of your own")
def own_seed(history, capacity, size, rng):
    return random.Random(42).sample(history[-capacity:], size)


@wrong("sample", "you took the latest")
def latest(history, capacity, size, rng):
    return history[len(history) - size :]


@right("remember")
def by_copy(memory, observation):
    return memory + [observation.copy()]  # noqa: RUF005


@right("remember")
def as_a_list(memory, observation):
    memory.append(observation.tolist())
    return memory


@right("remember")
def deep(memory, observation):
    return [*memory, copy.deepcopy(observation)]


@wrong("remember", "a name for the array")
def by_reference(memory, observation):
    memory.append(observation)
    return memory


@wrong("remember", "a name for the array")
def asarray(memory, observation):
    return [*memory, np.asarray(observation)]


@wrong("remember", "a name for the array")
def a_view(memory, observation):
    return [*memory, observation[:]]


@wrong("remember", "when it is too late")
def copies_the_list(memory, observation):
    return [*copy.deepcopy(memory), observation]


@wrong("remember", "forgot what was stored before")
def only_the_last(memory, observation):
    return [observation.copy()]


@wrong("remember", "the newest first")
def backwards(memory, observation):
    return [observation.copy(), *memory]


@wrong("remember", "is a `return` missing?")
def append_returns_none(memory, observation):
    return memory.append(observation.copy())


@wrong("row_of", "something else was expected")
def of_five(number, capacity):
    return number % 5


@right("sample")
def shuffled(history, capacity, size, rng):
    kept = history[-capacity:]
    rng.shuffle(kept)
    return tuple(kept[:size])


@wrong("sample", "the batch holds neighbours")
def one_piece(history, capacity, size, rng):
    kept = history[-capacity:]
    start = int(rng.integers(0, len(kept) - size, endpoint=True))
    return kept[start : start + size]


@wrong("sample", "something else was expected")
def one_piece_of_a_circle(history, capacity, size, rng):
    kept = history[-capacity:]
    return np.roll(kept, rng.integers(len(kept)))[:size]


@wrong("sample", "something else was expected")
def newest_always(history, capacity, size, rng):
    return [history[-1], *rng.choice(history[-capacity:-1], size - 1, replace=False)]


@wrong("sample", "one entry too many")
def one_too_many(history, capacity, size, rng):
    return rng.permutation(history[-(capacity + 1) :])[:size]


@wrong("remember", "its numbers one by one")
def extended(memory, observation):
    memory.extend(observation.copy())
    return memory


@wrong("remember", "something else was expected")
def last_three(memory, observation):
    return [*memory, observation.copy()][-3:]
