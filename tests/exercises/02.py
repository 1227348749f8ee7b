"""Answers to the exercises of notebook 02."""

import collections
import copy
import heapq
import itertools
import math
import random

import jax
import jax.numpy as jnp
import numpy as np
from planted import right, wrong

# remember


@right("remember")
def by_copy(memory, observation):
    return memory + [observation.copy()]  # noqa: RUF005


@wrong("remember", "you changed the memory that you were given, and a new one")
def as_a_list(memory, observation):
    memory.append(observation.tolist())
    return memory


@wrong("remember", "you changed the environment's own array")
def emptied(memory, observation):
    kept = [*memory, observation.copy()]
    observation[:] = 0
    return kept


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


@wrong("remember", "your function returned nothing")
def append_returns_none(memory, observation):
    return memory.append(observation.copy())


@wrong("remember", "its numbers one by one")
def extended(memory, observation):
    memory.extend(observation.copy())
    return memory


@wrong("remember", "you keep the last few only")
def last_three(memory, observation):
    return [*memory, observation.copy()][-3:]


@wrong("remember", "you made an array of all the memory, and a list was asked for")
def stacked(memory, observation):
    return np.vstack([*memory, observation])


@wrong("remember", "you made an array of all the memory, and a list was asked for")
def stacked_by_jax(memory, observation):
    return jnp.stack([*memory, observation])


@wrong("remember", "you made an array of all the memory, and a list was asked for")
def added_and_stacked(memory, observation):
    return np.vstack(memory + [observation])  # noqa: RUF005


@right("remember")
def plus_a_list(memory, observation):
    return memory + [np.array(observation)]  # noqa: RUF005


@right("remember")
def a_copy_then_append(memory, observation):
    longer = memory.copy()
    longer.append(observation.copy())
    return longer


@right("remember")
def numbers_in_a_tuple(memory, observation):
    return [*memory, tuple(observation)]


@right("remember")
def times_one(memory, observation):
    return list(memory) + [observation * 1.0]  # noqa: RUF005


@right("remember")
def in_jax(past, new):
    return [*past, jnp.array(new)]


@wrong("remember", "you changed the memory that you were given, and a new one")
def appends(memory, observation):
    memory.append(np.array(observation))
    return memory


@wrong("remember", "you changed the memory that you were given, and a new one")
def plus_equals(memory, observation):
    memory += [observation.copy()]
    return memory


@wrong("remember", "you changed the memory that you were given, and a new one")
def inserts(memory, observation):
    memory.insert(len(memory), list(observation))
    return memory


@wrong("remember", "you stored its numbers one by one, and nobody knows where")
def appends_to_the_array(memory, observation):
    return np.append(memory, observation)


@wrong("remember", "your function returned nothing")
def copy_returns_none(memory, observation):
    return memory.copy().append(observation)


@wrong("remember", "you stored a name for the array, not what is in it")
def shallow(memory, observation):
    return copy.copy(memory) + [observation]  # noqa: RUF005


@wrong("remember", "you put the whole old memory into one entry")
def a_list_in_a_list(memory, observation):
    return [memory, observation.copy()]


@wrong("remember", "you forgot what was stored before")
def drops_the_oldest(memory, observation):
    return [*memory[1:], observation.copy()]


@wrong("remember", "you stored it twice")
def twice(memory, observation):
    return [*memory, observation.copy(), observation.copy()]


@wrong("remember", "a list plus an array adds numbers, and stores nothing")
def adds_numbers(memory, observation):
    return memory + observation


@wrong("remember", "you changed the memory that you were given, and a new one was asked for")
def inserted_in_front(memory, observation):
    memory.insert(0, observation.copy())
    return memory


@wrong("remember", "you stored a name for the array, not what is in it")
def without_copying(memory, observation):
    return [*memory, np.array(observation, copy=False)]


@wrong("remember", "you returned one observation, and no memory")
def the_observation_alone(memory, observation):
    return observation.copy()


@wrong("remember", "you stored one number of it, and an observation has")
def its_mean(memory, observation):
    return [*memory, observation.mean()]


@wrong("remember", "the new observation is not in your memory")
def all_but_the_new(memory, observation):
    return list(memory)


@wrong("remember", "a name for the array")
def cast_to_what_it_is(memory, observation):
    return [*memory, np.asarray(observation, np.float32)]


@wrong("remember", "a name for the array")
def cast_without_a_copy(memory, observation):
    return [*memory, observation.astype(np.float32, copy=False)]


@right("remember")
def cast_with_a_copy(memory, observation):
    return [*memory, observation.astype(np.float32)]


@wrong("remember", "there is a function among what you returned")
def copy_without_brackets(memory, observation):
    return [*memory, observation.copy]


@wrong("remember", "What `append`, `sort` and `shuffle` return is None")
def what_append_gives(memory, observation):
    return list(memory).append(observation.copy())


@wrong("remember", "the shape is (1, 2), and (2, 2) is wanted")
def none_twice(memory, observation):
    if any((kept == observation).all() for kept in memory):
        return memory
    return [*memory, observation.copy()]


@wrong("remember", "you rounded your numbers")
def with_one_decimal(memory, observation):
    return [*memory, observation.round(1)]


@wrong("remember", "you rounded your numbers")
def with_three_decimals(memory, observation):
    return [*memory, np.round(observation, 3)]


@wrong("remember", "you changed the memory that you were given, and a new one was asked for")
def cleared_afterwards(memory, observation):
    longer = [*memory, observation.copy()]
    memory.clear()
    return longer


@wrong("remember", "a list plus an array adds numbers, and stores nothing")
def without_brackets(memory, observation):
    return memory + observation.copy()


@wrong("remember", "you sorted your memory by value, and it is no longer oldest first")
def in_the_order_of_values(memory, observation):
    return sorted([*memory, observation.copy()], key=tuple)


@wrong("remember", "you keep the last few only")
def a_deque_of_twenty(memory, observation):
    return list(collections.deque([*memory, observation.copy()], maxlen=20))


# row_of


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


@wrong("row_of", "you went back by one round, even before the ring was full")
def one_round_back(number, capacity):
    return number - capacity


@wrong("row_of", "by one round only")
def one_round(number, capacity):
    return number - capacity if number >= capacity else number


@wrong("row_of", "one row too many")
def too_long(number, capacity):
    return number % (capacity + 1)


@wrong("row_of", "your ring always has five rows")
def of_five(number, capacity):
    return number % 5


@right("row_of")
def by_divmod(number, capacity):
    return divmod(number, capacity)[1]


@right("row_of")
def subtract_the_full_rounds(number, capacity):
    return number - capacity * (number // capacity)


@right("row_of")
def going_round_by_cycle(number, capacity):
    return next(itertools.islice(itertools.cycle(range(capacity)), number, None))


@right("row_of")
def while_too_large(n, size):
    while n >= size:
        n -= size
    return n


right("row_of")(jax.jit(lambda number, capacity: jnp.mod(number, capacity)))


@wrong("row_of", "you divided the other way round")
def swapped(number, capacity):
    return capacity % number


@wrong("row_of", "your ring has one row too few")
def one_row_less(number, capacity):
    return number % (capacity - 1)


@wrong("row_of", "you counted the rows from 1")
def rows_from_one(number, capacity):
    return number % capacity + 1


@wrong("row_of", "your ring fills from its last row on")
def from_the_end(number, capacity):
    return capacity - 1 - number % capacity


@wrong("row_of", "a full ring would write into row 0 for ever")
def row_zero_when_full(number, capacity):
    return number if number < capacity else 0


@wrong("row_of", "you counted rounds, and parts of a round")
def true_division(number, capacity):
    return number / capacity


@wrong("row_of", "your function returned nothing")
def assigned_only(number, capacity):
    row = number % capacity  # noqa: F841


@wrong("row_of", "you gave several things, and one is wanted")
def both_results(number, capacity):
    return divmod(number, capacity)


@wrong("row_of", "your function takes other arguments than the exercise's")
def one_argument(number):
    return number % 5


@wrong("row_of", "some of your rows are none")
def distance(number, capacity):
    return abs(capacity - number)


@wrong("row_of", "your ring turns round at its end, and runs backwards")
def back_and_forth(number, capacity):
    place = number % (2 * capacity)
    return place if place < capacity else 2 * capacity - 1 - place


@wrong("row_of", "goes back one transition too late")
def larger_than(number, capacity):
    return number % capacity if number > capacity else number


@wrong("row_of", "your ring always has ten rows")
def of_ten(number, capacity):
    return number % 10


@wrong("row_of", "only where its size is a power of two")
def masked(number, capacity):
    return number & (capacity - 1)


@wrong("row_of", "which no ring has")
def one_to_capacity(number, capacity):
    return (number - 1) % capacity + 1


@wrong("row_of", "your ring runs backwards")
def negative(number, capacity):
    return -number % capacity


@wrong("row_of", "a part of a round, not a row")
def fraction(number, capacity):
    return number / capacity % 1


@wrong("row_of", "to the nearest multiple")
def ieee(number, capacity):
    return math.remainder(number, capacity)


@wrong("row_of", "you stay in row 0 until the ring is full")
def not_before_it_is_full(number, capacity):
    return max(0, number - capacity)


@wrong("row_of", "your answer is another one each time")
def any_row(number, capacity):
    return random.randrange(10**6) % capacity + random.random() / 2


@wrong("row_of", "right so far, and wrong for this input")
def at_most_three_rounds(number, capacity):
    for _ in range(3):
        if number >= capacity:
            number -= capacity
    return number


@wrong("row_of", "right so far, and wrong for this input")
def in_a_byte(number, capacity):
    return int(np.array(number).astype(np.int8)) % capacity


@wrong("row_of", "right so far, and wrong for this input")
def a_ring_of_one_has_no_row_0(number, capacity):
    return 1 if capacity == 1 else number % capacity


@right("row_of")
def by_recursion(number, capacity):
    return number if number < capacity else by_recursion(number - capacity, capacity)


# sample


@right("sample")
def by_permutation(history, capacity, size, rng):
    return rng.permutation(history[-capacity:])[:size]


@wrong("sample", "something else than entries")
def with_a_fraction(history, capacity, size, rng):
    return rng.choice(history[-capacity:], size, replace=False) + 0.7


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


@wrong("sample", "you cut out one piece of the history, so the batch holds")
def one_piece_of_a_circle(history, capacity, size, rng):
    kept = history[-capacity:]
    return np.roll(kept, rng.integers(len(kept)))[:size]


@wrong("sample", "the newest entry is in every batch")
def newest_always(history, capacity, size, rng):
    return [history[-1], *rng.choice(history[-capacity:-1], size - 1, replace=False)]


@wrong("sample", "one entry too many")
def one_too_many(history, capacity, size, rng):
    return rng.permutation(history[-(capacity + 1) :])[:size]


@right("sample")
def rows_then_entries(history, capacity, size, rng):
    kept = history[-capacity:]
    return [kept[row] for row in rng.choice(len(kept), size, replace=False)]


@right("sample")
def by_a_deque(history, capacity, size, rng):
    kept = collections.deque(history, maxlen=capacity)
    return rng.choice(list(kept), size=size, replace=False)


@right("sample")
def by_sorting_dice(past, room, count, generator):
    kept = np.array(past[-room:])
    return kept[np.argsort(generator.random(len(kept)))[:count]]


@right("sample")
def numbers_of_the_last_rows(history, capacity, size, rng):
    first = max(0, len(history) - capacity)
    rows = rng.choice(range(first, len(history)), size=size, replace=False)
    return np.asarray(history)[rows]


@right("sample")
def popping_from_a_copy(history, capacity, size, rng):
    kept = list(history)[-capacity:]
    return [kept.pop(rng.integers(len(kept))) for _ in range(size)]


@wrong("sample", "you changed the history that you were given")
def deletes_the_old(history, capacity, size, rng):
    del history[:-capacity]
    return rng.choice(history, size, replace=False)


@wrong("sample", "you changed the history that you were given")
def pops_the_old(history, capacity, size, rng):
    while len(history) > capacity:
        history.pop(0)
    return [history[row] for row in rng.permutation(len(history))[:size]]


@wrong("sample", "you shuffled the history that you were given, and nobody")
def shuffles_the_history(history, capacity, size, rng):
    rng.shuffle(history)
    return history[-capacity:][:size]


@wrong("sample", "you took the first entries of the memory; nothing is")
def the_oldest_of_the_kept(history, capacity, size, rng):
    return history[-capacity:][:size]


@wrong("sample", "you shuffled the latest entries; which ones they are is")
def the_latest_shuffled(history, capacity, size, rng):
    return rng.choice(history[-size:], size, replace=False)


@wrong("sample", "you left out as many of the oldest entries as the memory")
def drops_the_first_ones(history, capacity, size, rng):
    return rng.choice(history[capacity:], size, replace=False)


@wrong("sample", "you drew from what the memory has forgotten")
def the_forgotten_part(history, capacity, size, rng):
    return rng.choice(history[:-capacity], size, replace=False)


@wrong("sample", "you drew as many as the memory has room for")
def the_whole_memory(history, capacity, size, rng):
    return rng.choice(history[-capacity:], capacity, replace=False)


@wrong("sample", "you returned the whole memory, in a random order")
def all_kept_shuffled(history, capacity, size, rng):
    return rng.permutation(history[-capacity:])


@wrong("sample", "you drew one entry, and a batch was asked for")
def only_one(history, capacity, size, rng):
    return rng.choice(history[-capacity:])


@wrong("sample", "you drew from rows that are not filled yet")
def rows_up_to_capacity(history, capacity, size, rng):
    kept = history[-capacity:]
    return [kept[row] for row in rng.choice(capacity, size, replace=False)]


@wrong("sample", "you returned row numbers of the memory, not the entries")
def the_rows_themselves(history, capacity, size, rng):
    kept = history[-capacity:]
    return rng.choice(len(kept), size, replace=False)


@wrong("sample", "an entry was drawn twice and dropped, so your batches are")
def a_set(history, capacity, size, rng):
    return sorted(set(rng.choice(history[-capacity:], size).tolist()))


@wrong("sample", "you drew with a generator of your own, so no seed can")
def global_numpy(history, capacity, size, rng):
    return np.random.choice(history[-capacity:], size, replace=False)  # noqa: NPY002


@wrong("sample", "you drew with a generator of your own, and some entry")
def dice_of_the_library(history, capacity, size, rng):
    return random.choices(history[-capacity:], k=size)


@wrong("sample", "every batch is the same: you drew with a seed of your")
def seeded_here(history, capacity, size, rng):
    rng = np.random.default_rng(seed=1)
    return rng.choice(history[-capacity:], size, replace=False)


@wrong("sample", "every batch is the same: you drew with a seed of your")
def every_other(history, capacity, size, rng):
    return history[-capacity:][:: max(1, min(capacity, len(history)) // size)][:size]


@wrong("sample", "the newest entry is never drawn")
def without_the_newest(history, capacity, size, rng):
    return rng.choice(history[-capacity:-1], size, replace=False)


@wrong("sample", "your function returned nothing")
def forgot_return(history, capacity, size, rng):
    rng.choice(history[-capacity:], size, replace=False)


@wrong("sample", "your function takes other arguments than the exercise's")
def no_generator(history, capacity, size):
    return random.sample(history[-capacity:], size)


@wrong("sample", "your slice begins at a negative place")
def slice_from_the_length(history, capacity, size, rng):
    start = len(history) - capacity
    return rng.choice(history[start:], size=size, replace=False)


@wrong("sample", "you wrote down the size of the batch")
def always_four(history, capacity, size, rng):
    return rng.choice(history[-capacity:], 4, replace=False)


@wrong("sample", "you wrote down the capacity")
def always_the_last_ten(history, capacity, size, rng):
    return rng.choice(history[-10:], size, replace=False)


@wrong("sample", "you returned a set")
def in_braces(history, capacity, size, rng):
    return set(rng.choice(history[-capacity:], size, replace=False).tolist())


@wrong("sample", "you returned a dictionary")
def by_name(history, capacity, size, rng):
    return {"batch": rng.choice(history[-capacity:], size, replace=False)}


@wrong("sample", "you returned a text")
def printed(history, capacity, size, rng):
    return str(rng.choice(history[-capacity:], size, replace=False))


@wrong("sample", "you returned an iterator")
def not_asked_yet(history, capacity, size, rng):
    return (entry for entry in rng.choice(history[-capacity:], size, replace=False))


@wrong("sample", "you returned several things")
def with_the_generator(history, capacity, size, rng):
    return rng.choice(history[-capacity:], size, replace=False), rng


@wrong("sample", "you returned an array of shape (3, 1)")
def a_column(history, capacity, size, rng):
    return rng.choice(history[-capacity:], (size, 1), replace=False)


@wrong("sample", "you wanted more entries than there are where you draw from")
def always_32(history, capacity, size, rng):
    return rng.choice(history[-capacity:], 32, replace=False)


@wrong("sample", "your batches have another size than the one that was asked for")
def a_batch_plus_one(history, capacity, size, rng):
    return rng.choice(history[-capacity:], size + 1, replace=False)


@wrong("sample", "your batches are of different sizes")
def as_the_coin_falls(history, capacity, size, rng):
    return [entry for entry in history[-capacity:] if rng.random() < size / capacity]


@wrong("sample", "some entry stands twice in a batch")
def drawn_among_half(history, capacity, size, rng):
    kept = history[-capacity:]
    return rng.choice(kept[len(kept) // 2 :], size)


@wrong("sample", "you drew what is older than anything in the memory")
def twice_the_memory(history, capacity, size, rng):
    return rng.choice(history[-2 * capacity :], size, replace=False)


@wrong("sample", "some of the oldest entries in the memory are never drawn")
def the_younger_half(history, capacity, size, rng):
    kept = history[-capacity:]
    return rng.choice(kept[len(kept) // 2 :], size, replace=False)


@wrong("sample", "you drew what is not in the history")
def entries_plus_1(history, capacity, size, rng):
    return 1 + rng.choice(history[-capacity:], size, replace=False)


@wrong("sample", "the newest entries are never drawn")
def all_but_the_last_two(history, capacity, size, rng):
    return rng.choice(history[-capacity:-2], size, replace=False)


@wrong("sample", "some entry is in most of your batches")
def the_oldest_and_others(history, capacity, size, rng):
    kept = history[-capacity:]
    return [kept[0], *rng.choice(kept[1:], size - 1, replace=False)]


@wrong("sample", "one half of the memory is drawn from more often than the other")
def the_newer_the_likelier(history, capacity, size, rng):
    kept = history[-capacity:]
    weights = np.arange(1, len(kept) + 1)
    return rng.choice(kept, size, replace=False, p=weights / weights.sum())


@wrong("sample", "you drew what is not in the history")
def from_a_ring_with_empty_rows(history, capacity, size, rng):
    ring = np.zeros(capacity, int)
    for number, entry in enumerate(history):
        ring[number % capacity] = entry
    return rng.choice(ring, size, replace=False)


@wrong("sample", "you wanted more entries than there are where you draw from")
def exchanged(history, capacity, size, rng):
    return rng.choice(history[-size:], capacity, replace=False)


@wrong("sample", "NumPy's generator has no method of this name")
def as_random_has_it(history, capacity, size, rng):
    return rng.sample(history[-capacity:], size)


@wrong("sample", "what you handed over is no random key of JAX")
def by_jaxs_choice(history, capacity, size, rng):
    return jax.random.choice(rng, np.array(history[-capacity:]), (size,), replace=False)


@wrong("sample", "you changed the history that you were given")
def popped(history, capacity, size, rng):
    drawn = []
    for _ in range(size):
        low = max(0, len(history) - capacity + len(drawn))
        drawn.append(history.pop(int(rng.integers(low, len(history)))))
    return drawn


@wrong("sample", "you draw the same few batches again and again")
def a_piece_while_it_fills(history, capacity, size, rng):
    if len(history) >= capacity:
        return rng.choice(history[-capacity:], size, replace=False)
    first = rng.integers(len(history) - size + 1)
    return history[first : first + size]


@wrong("sample", "which entry you draw decides too much about which others may come")
def one_of_each_part(history, capacity, size, rng):
    return [rng.choice(part) for part in np.array_split(history[-capacity:], size)]


@wrong("sample", "you took the largest numbers, not the latest entries")
def the_largest(history, capacity, size, rng):
    return rng.choice(heapq.nlargest(capacity, history), size, replace=False)


@wrong("sample", "you drew what is not in the history")
def from_the_first_to_the_last(history, capacity, size, rng):
    kept = history[-capacity:]
    return rng.choice(np.arange(kept[0], kept[0] + len(kept) + 1), size, replace=False)


@wrong("sample", "you drew others than the latest entries")
def between_the_ends(history, capacity, size, rng):
    kept = sorted([history[-capacity:][0], history[-1]])
    first = max(kept[0], kept[1] + 1 - min(capacity, len(history)))
    return rng.choice(range(first, kept[1] + 1), size, replace=False)


@wrong("sample", "one generator gives you the same batch again and again")
def with_a_copy(history, capacity, size, rng):
    return copy.deepcopy(rng).choice(history[-capacity:], size, replace=False)


@wrong("sample", "you draw places below 0, which count from the end")
def by_places(history, capacity, size, rng):
    first = len(history) - capacity
    return [history[i] for i in rng.choice(range(first, len(history)), size, replace=False)]


@wrong("sample", "every batch is the same: you drew with seeds of your own")
def a_seed_each(history, capacity, size, rng):
    kept = history[-capacity:]
    return [np.random.default_rng(seed).choice(kept) for seed in range(size)]


@right("sample")
def latest_first(history, capacity, size, rng):
    kept = list(reversed(history))[:capacity]
    return [kept[place] for place in rng.permutation(len(kept))[:size]]


@wrong("sample", "of equal numbers you do not draw as many as there are")
def each_number_once(history, capacity, size, rng):
    return rng.choice(list(dict.fromkeys(history[-capacity:])), size, replace=False)


@wrong("sample", "of equal numbers you do not draw as many as there are")
def until_they_differ(history, capacity, size, rng):
    batch = []
    while len(batch) < size:
        number = rng.choice(history[-capacity:])
        if number not in batch:
            batch.append(number)
    return batch


@wrong("sample", "of equal numbers you do not draw as many as there are")
def a_sorted_set(history, capacity, size, rng):
    return rng.permutation(sorted(set(history[-capacity:])))[:size]


@right("sample")
def places_that_differ(history, capacity, size, rng):
    kept, places = history[-capacity:], []
    while len(places) < size:
        place = int(rng.integers(len(kept)))
        if place not in places:
            places.append(place)
    return [kept[place] for place in places]


@wrong("sample", "some entries are drawn more often than others")
def the_middle_is_likelier(history, capacity, size, rng):
    kept = history[-capacity:]
    places = np.arange(len(kept))
    weights = 1.0 + np.minimum(places, places[::-1])
    return rng.choice(kept, size, replace=False, p=weights / weights.sum())


@wrong("sample", "some entries are drawn more often than others")
def the_newest_twice_as_likely(history, capacity, size, rng):
    kept = history[-capacity:]
    weights = np.ones(len(kept))
    weights[-1] = 2.5
    return rng.choice(kept, size, replace=False, p=weights / weights.sum())
