"""The ring buffer against a deque that does the same, and the laws of sampling."""

import io
import json
from collections import deque

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from helpers import bits
from hypothesis import given
from hypothesis import strategies as st

from rl_jax.replay import ArrayMemory, ReplayMemory, Transition

sizes = st.integers(1, 12)
counts = st.integers(0, 40)  # of experiences: fewer than fit, and several times round the ring
seeds = st.integers(0, 2**32 - 1)


def transition(number: int) -> Transition:
    """A transition whose every field tells its number."""
    state = np.float32([number, -number])
    return Transition(state, state + 1, number % 2, 0.5 * number, number % 3 == 0)


def filled(size: int, count: int, seed: int | None = 0) -> ReplayMemory:
    memory = ReplayMemory(size, seed=seed)
    for number in range(count):
        memory.experience(transition(number))
    return memory


def numbers(batch) -> list[int]:
    """Which transitions these are, checked to be whole: no field comes from another row."""
    rows = [Transition(*row) for row in zip(*batch, strict=True)]
    found = [int(row.state[0]) for row in rows]
    for number, row in zip(found, rows, strict=True):
        assert bits(row) == bits(typed(transition(number)))
    return found


def typed(item: Transition) -> Transition:
    """The types in which the memory keeps the fields."""
    types = np.float32, np.float32, np.int32, np.float32, np.bool_
    return Transition(*(kind(field) for kind, field in zip(types, item, strict=True)))


@given(sizes, counts)
def test_it_holds_what_a_deque_holds(size, count):
    model = deque(maxlen=size)
    memory = ReplayMemory(size, seed=0)
    for number in range(count):
        memory.experience(transition(number))
        model.append(number)
        assert len(memory) == len(model)
        # A sample of everything is everything once: nothing else, nothing twice, oldest evicted.
        assert sorted(numbers(memory.sample_batch(len(memory)))) == list(model)


@given(sizes, st.integers(1, 40), seeds, st.data())
def test_samples_are_different_stored_transitions(size, count, seed, data):
    memory = filled(size, count, seed)
    chosen = numbers(memory.sample_batch(data.draw(st.integers(1, len(memory)))))
    assert len(set(chosen)) == len(chosen)
    assert set(chosen) <= set(range(count)[-size:])


@given(sizes, st.integers(1, 40), seeds, st.data())
def test_sample_batch_is_the_stack_of_sample(size, count, seed, data):
    n = data.draw(st.integers(1, min(size, count)))
    single, batch = filled(size, count, seed).sample(n), filled(size, count, seed).sample_batch(n)
    assert isinstance(single, list)
    assert all(isinstance(item, Transition) for item in [*single, batch])
    assert bits(Transition(*map(np.stack, zip(*single, strict=True)))) == bits(batch)


@given(st.integers(5, 12), st.integers(5, 40), seeds)
def test_a_seed_repeats_itself_and_the_next_sample_differs(size, count, seed):
    one, other = filled(size, count, seed), filled(size, count, seed)
    samples = [numbers(one.sample_batch(5)) for _ in range(20)]
    assert samples == [numbers(other.sample_batch(5)) for _ in range(20)]
    assert len(set(map(tuple, samples))) > 1


def test_without_a_seed_two_memories_differ():
    # Equal by chance once in 100!
    first, second = (filled(100, 100, seed=None).sample_batch(100) for _ in range(2))
    assert numbers(first) != numbers(second)


@given(sizes, counts, st.integers(0, 40), seeds)
def test_a_saved_memory_continues_bit_for_bit(size, count, more, seed):
    original = filled(size, count, seed)
    if count:
        original.sample_batch(1)  # so that the generator is not at its start
    file = io.BytesIO()
    np.savez(file, **original.state_dict())
    file.seek(0)
    restored = filled(size, 3, seed=1)  # whatever it held is forgotten
    restored.load_state_dict(dict(np.load(file, allow_pickle=False)))
    for number in range(count, count + more):
        assert len(restored) == len(original)
        for memory in (original, restored):
            memory.experience(transition(number))
        n = 1 + number % len(original)
        assert bits(restored.sample_batch(n)) == bits(original.sample_batch(n))


@pytest.mark.parametrize("capacity", [3, 5])
def test_a_saved_memory_of_another_size_is_refused(capacity):
    saved, words = filled(4, 2).state_dict(), f"room for {capacity} transitions, but the saved one"
    with pytest.raises(ValueError, match=f"{words} had 4"):
        ReplayMemory(capacity).load_state_dict(saved)


@pytest.mark.parametrize("method", ["sample", "sample_batch"])
def test_sampling_is_uniform(method):
    # 3,000 draws of 5 out of 20 after wrapping once: each item is expected 750 times. For draws
    # with replacement the sum of (seen - 750)^2 / 750 would have mean 19 and standard deviation
    # 6; without, it shrinks by (20 - 5) / 19, to mean 15 and deviation 5. Far below as well as
    # far above is suspicious. Leaving out one item in twenty would give 790.
    memory = filled(20, 30, seed=5)
    seen = np.zeros(30)
    for _ in range(3_000):
        batch = getattr(memory, method)(5)
        batch = batch if method == "sample_batch" else zip(*batch, strict=True)
        seen[np.int32(Transition(*batch).state)[:, 0]] += 1
    assert seen[:10].sum() == 0  # evicted
    assert 3 < ((seen[10:] - 750) ** 2 / 750).sum() < 40


def test_positions_in_a_batch_are_uniform_too():
    # No item prefers to stand first: 20 items, 4,000 first places, 200 each; deviation 14.
    memory = filled(20, 20, seed=6)
    first = [int(memory.sample_batch(5).state[0, 0]) for _ in range(4_000)]
    np.testing.assert_allclose(np.bincount(first, minlength=20), 200, atol=60)


def test_what_goes_in_and_what_comes_out_are_copies():
    memory, state = ReplayMemory(2, seed=0), np.zeros(2, np.float32)
    memory.experience(Transition(state, state, 0, 0.0, False))
    state += 7  # environments may reuse their observation's array
    batch = memory.sample_batch(1)
    assert batch.state.max() == 0
    batch.state[:] = 9
    memory.sample(1)[0].next_state[:] = 9
    again = memory.sample_batch(1)
    assert again.state.max() == again.next_state.max() == 0


def test_fields_shapes_and_types():
    assert Transition._fields == ("state", "next_state", "action", "reward", "is_terminal")
    batch = filled(8, 8).sample_batch(3)
    assert [field.shape for field in batch] == [(3, 2), (3, 2), (3,), (3,), (3,)]
    types = [np.float32, np.float32, np.int32, np.float32, np.bool_]
    assert [field.dtype for field in batch] == types


def test_jax_arrays_and_one_element_arrays_are_taken_as_they_come():
    memory = ReplayMemory(3, seed=0)
    for number in range(3):
        state, action = jnp.full(4, number), jnp.array([number])
        memory.experience(Transition(state, state, action, jnp.float32(1), jnp.bool_(False)))
    batch = memory.sample_batch(3)
    assert (batch.state.shape, batch.action.shape, batch.reward.shape) == ((3, 4), (3, 1), (3,))
    np.testing.assert_array_equal(batch.state[:, 0], batch.action[:, 0])


def test_default_size_is_the_blog_posts():
    assert ReplayMemory().capacity == ReplayMemory(1e5).capacity == 100_000
    assert len(ReplayMemory()) == 0


def test_a_million_cartpole_transitions_take_at_most_64_megabytes():
    # 4 + 4 float32 states, int32 action, float32 reward, 1 byte: 41 bytes each.
    memory, state = ReplayMemory(1e6), np.zeros(4)
    memory.experience(Transition(state, state, 0, 1.0, False))
    assert sum(field.nbytes for field in memory._fields) == 41_000_000


@pytest.mark.parametrize("size", [0, -1, 0.5, 2.5, float("nan"), float("inf"), np.float32(0.1)])
def test_a_memory_without_room_is_refused(size):
    with pytest.raises(ValueError, match=r"size must be (a whole number|at least 1), but it is "):
        ReplayMemory(size)


@pytest.mark.parametrize("size", ["10", None, True, [10], 1j])
def test_a_size_that_is_no_number_is_refused(size):
    with pytest.raises(TypeError, match="size must be a whole number, but it is "):
        ReplayMemory(size)


def test_more_room_than_there_is_memory_is_refused():
    with pytest.raises(MemoryError, match="size=1,000,000,000,000,000 transitions of 41 bytes"):
        ReplayMemory(1e15).experience(Transition(np.zeros(4), np.zeros(4), 0, 1.0, False))


@pytest.mark.parametrize("size", [3e3, np.int64(3_000), np.float64(3_000), jnp.int32(3_000)])
def test_a_whole_number_of_any_type_is_a_size(size):
    assert ReplayMemory(size).capacity == 3_000


@pytest.mark.parametrize("method", ["sample", "sample_batch"])
@pytest.mark.parametrize(("stored", "asked"), [(0, 1), (3, 4), (9, 6)])
def test_a_sample_larger_than_the_memory_is_refused(method, stored, asked):
    memory = filled(5, stored)
    match = f"cannot sample {asked} transitions .* from a memory that holds {min(stored, 5)}"
    with pytest.raises(ValueError, match=match):
        getattr(memory, method)(asked)


@pytest.mark.parametrize("asked", [0, -1, 1.5, float("nan")])
def test_a_sample_size_that_makes_no_sense_is_refused(asked):
    with pytest.raises(ValueError, match="sample_size must be"):
        filled(5, 5).sample_batch(asked)


# What may be stored


REFUSED = {  # field and value: the error, and words of it
    ("action", 0.7): (TypeError, "action must be a whole number, but it is 0.7"),
    ("action", "1"): (TypeError, "action must be a whole number"),
    ("action", None): (TypeError, "action must be a whole number"),
    ("action", True): (TypeError, "action must be a whole number, but it is True"),
    ("action", 2**31): (ValueError, "action must count from 0 to at most 2147483647"),
    ("action", 2**40): (ValueError, "action must count from 0 to at most 2147483647"),
    ("action", -1): (ValueError, "action must count from 0"),
    ("reward", "1"): (TypeError, "reward must be a number"),
    ("reward", float("nan")): (ValueError, "reward must be finite"),
    ("reward", 5e38): (ValueError, "reward must be finite as a 32-bit float"),
    ("reward", 1e300): (ValueError, "reward must be finite as a 32-bit float"),
    ("is_terminal", "no"): (TypeError, "is_terminal must be True or False, but it is 'no'"),
    ("is_terminal", 0.5): (TypeError, "is_terminal must be True or False"),
    ("is_terminal", 2): (TypeError, "is_terminal must be True or False"),
    ("state", (0.0, float("inf"))): (ValueError, "state must be finite"),
    ("next_state", (float("nan"), 0.0)): (ValueError, "next_state must be finite"),
    ("next_state", ("a", "b")): (TypeError, "next_state must be an array of numbers"),
    ("next_state", (1e300, 0.0)): (ValueError, "next_state must be finite as a 32-bit float"),
}


@pytest.mark.parametrize("stored", [0, 2, 5])
@pytest.mark.parametrize(("field", "value"), REFUSED)
def test_a_refused_transition_leaves_no_trace(field, value, stored):
    kind, words = REFUSED[field, value]
    value = np.array(value) if isinstance(value, tuple) else value
    memory = filled(3, stored)
    before = bits(memory.state_dict())
    with pytest.raises(kind, match=words):
        memory.experience(transition(9)._replace(**{field: value}))
    assert bits(memory.state_dict()) == before
    memory.experience(transition(9))  # and it goes on
    assert len(memory) == min(stored + 1, 3)


@pytest.mark.parametrize("count", [0, 4, 6])
def test_another_number_of_values_is_refused(count):
    with pytest.raises(ValueError, match=f"must be five values .*, but there are {count}"):
        ReplayMemory(3).experience((0,) * count)
    with pytest.raises(TypeError, match="must be five values"):
        ReplayMemory(3).experience(7)


@pytest.mark.parametrize(
    ("state", "dtype"),
    [
        (np.array([0, 255], np.uint8), np.uint8),
        (np.array([2**40 + 1, -3], np.int64), np.int64),
        (np.array([True, False]), np.bool_),
        (np.array([0.1, 0.2]), np.float32),
        (np.array([0.1, 0.2], np.float16), np.float32),
        (jnp.array([0.1, 0.2], jnp.bfloat16), np.float32),
        ([1, 2], np.int64),
    ],
)
def test_observations_keep_their_numbers(state, dtype):
    memory = ReplayMemory(2, seed=0)
    memory.experience(Transition(state, state, 0, 1.0, False))
    batch = memory.sample_batch(1)
    assert batch.state.dtype == batch.next_state.dtype == dtype
    np.testing.assert_array_equal(batch.state[0], np.asarray(state, dtype))


def test_a_later_observation_of_another_dtype_must_keep_its_numbers():
    memory = ReplayMemory(4, seed=0)
    picture = np.array([0, 255], np.uint8)
    memory.experience(Transition(picture, picture, 0, 1.0, False))
    memory.experience(Transition(picture.astype(float), picture.astype(int), 0, 1.0, False))
    with pytest.raises(ValueError, match=r"state must fit into uint8, .* Likely fix: one dtype"):
        memory.experience(Transition(picture / 2, picture, 0, 1.0, False))
    with pytest.raises(ValueError, match="next_state must fit into uint8"):
        memory.experience(Transition(picture, np.array([256, 0]), 0, 1.0, False))
    assert len(memory) == 2


def test_a_saved_memory_that_is_none_is_refused_and_changes_nothing():
    memory, other = filled(5, 3), filled(5, 4)
    before, good = bits(memory.state_dict()), other.state_dict()
    bad_generators = ["no", "3", "[]", "null", "{}", '{"bit_generator": "PCG64", "state": 3}']
    bad_generators += [
        3,
        [3],
        None,
        json.dumps(np.random.Philox(0).state, default=np.ndarray.tolist),
    ]
    generators = [good | {"rng": state} for state in bad_generators]
    for bad in ({}, good | {"stored": 9}, good | {"action": np.zeros(2)}, *generators):
        with pytest.raises(ValueError, match=r"must be|must hold"):
            memory.load_state_dict(bad)
        assert bits(memory.state_dict()) == before


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("reward", ["1", "1", "1"]),
        ("reward", [1.0, np.nan, 1.0]),
        ("reward", [1j, 1, 1]),
        ("reward", 1.0),
        ("reward", np.ones(2)),
        ("reward", np.ones(4)),
        ("action", [0.5, 1, 1]),
        ("action", [-1, 0, 1]),
        ("action", [2**40, 0, 1]),
        ("is_terminal", [2, 0, 1]),
        ("next_state", np.ones((3, 3))),
        ("next_state", np.full((3, 2), 1e300)),
        ("state", np.ones((3, 2), object)),
        ("state", [[1, 2], [3], [4]]),
    ],
)
def test_a_saved_memory_holds_what_could_have_been_stored(field, value):
    saved, memory = filled(5, 3).state_dict(), filled(5, 2)
    before = bits(memory.state_dict())
    value = value if field == "state" else np.asarray(value)
    with pytest.raises(ValueError, match=r"this must be what .* returned|must hold 3 rows in each"):
        memory.load_state_dict(saved | {field: value})
    assert bits(memory.state_dict()) == before


def test_a_transition_of_another_shape_is_refused_and_changes_nothing():
    memory = filled(3, 2)
    before = bits(memory.state_dict())
    bad = transition(2)._replace(next_state=np.zeros(3))
    with pytest.raises(ValueError, match=r"next_state must have the shape \(2,\) .* is \(3,\)"):
        memory.experience(bad)
    with pytest.raises(ValueError, match=r"action must have the shape \(\) .* is \(1,\)"):
        memory.experience(transition(2)._replace(action=np.zeros(1)))
    one = np.zeros(1, np.float32)
    with pytest.raises(ValueError, match=r"state must have the shape \(2,\) .* is \(1,\)"):
        memory.experience(transition(2)._replace(state=one, next_state=one))
    assert bits(memory.state_dict()) == before
    rows = ReplayMemory(3)
    rows.experience(transition(0)._replace(action=np.array([1])))
    with pytest.raises(ValueError, match=r"action must have the shape \(1,\) .* is \(\)"):
        rows.experience(transition(1))
    assert len(rows) == 1


def test_both_states_of_the_first_transition_have_one_shape():
    memory = ReplayMemory(3)
    with pytest.raises(ValueError, match="state and next_state must have the same shape"):
        memory.experience(transition(0)._replace(next_state=np.zeros(3)))
    assert len(memory) == 0


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("field", ["state", "next_state"])
def test_an_observation_of_the_usual_type_must_be_finite_too(field, value):
    memory = filled(3, 2)
    with pytest.raises(ValueError, match=f"{field} must be finite"):
        memory.experience(transition(9)._replace(**{field: np.float32([0.0, value])}))
    assert len(memory) == 2


def test_pictures_are_stored_as_they_are():
    memory, picture = ReplayMemory(3, seed=0), np.zeros((2, 2), np.float32)
    for number in range(3):
        memory.experience(Transition(picture + number, picture, 0, 1.0, False))
    assert sorted(memory.sample_batch(3).state[:, 1, 1]) == [0, 1, 2]


def test_zero_and_one_are_flags():
    memory = ReplayMemory(2, seed=0)
    for flag in (0, 1):
        memory.experience(transition(0)._replace(is_terminal=flag))
    assert sorted(memory.sample_batch(2).is_terminal.tolist()) == [False, True]


# The twin made of arrays


def arrays(size: int, count: int) -> ArrayMemory:
    """`count` experiences in one scan, as `ondevice` stores them."""
    example = typed(transition(0))
    stream = jax.tree.map(
        lambda *rows: np.stack(rows), example, *map(typed, map(transition, range(count)))
    )
    stream = jax.tree.map(lambda rows: rows[1:], stream)  # the example only gave the shapes
    store = jax.jit(lambda memory, one: (memory.experience(one), None))
    return jax.lax.scan(store, ArrayMemory.empty(size, example), stream)[0]


@pytest.mark.parametrize(("size", "count"), [(1, 3), (3, 2), (4, 4), (4, 5), (5, 17)])
def test_its_rows_are_those_of_the_ring_buffer(size, count):
    ours, theirs = arrays(size, count), filled(size, count)
    assert int(ours.stored) == count
    for name, field in theirs._fields._asdict().items():
        rows = np.asarray(getattr(ours.fields, name))
        assert rows.dtype == field.dtype
        np.testing.assert_array_equal(rows[: len(theirs)], field[: len(theirs)])


def test_it_draws_whole_rows_that_are_stored_and_all_of_them():
    memory = arrays(8, 5)
    batch = jax.jit(ArrayMemory.sample_batch, static_argnums=2)(memory, jax.random.key(0), 300)
    assert batch.state.shape == (300, 2)
    drawn = numbers(jax.tree.map(np.asarray, batch))
    assert sorted(set(drawn)) == [0, 1, 2, 3, 4]  # never the three empty rows
    assert np.bincount(drawn).min() > 30  # 60 expected


def test_it_draws_the_same_for_the_same_key_only():
    memory = arrays(50, 50)
    draw = lambda key: bits(memory.sample_batch(jax.random.key(key), 32))  # noqa: E731
    assert draw(3) == draw(3) != draw(4)


def test_vmap_keeps_memories_apart():
    one = typed(transition(0))
    empty = jax.vmap(lambda _: ArrayMemory.empty(3, one))(jnp.arange(2))
    two = jax.tree.map(lambda a, b: np.stack([a, b]), typed(transition(4)), typed(transition(7)))
    memories = jax.vmap(ArrayMemory.experience)(empty, two)
    batches = jax.vmap(lambda m, k: m.sample_batch(k, 4))(
        memories, jax.random.split(jax.random.key(0))
    )
    assert batches.state[:, :, 0].tolist() == [[4.0] * 4, [7.0] * 4]


def test_the_twin_refuses_what_does_not_fit():
    memory = ArrayMemory.empty(3, typed(transition(0)))
    with pytest.raises(ValueError, match=r"state must have the shape \(2,\) of the example's"):
        memory.experience(typed(transition(0))._replace(state=jnp.zeros((2, 1))))
    with pytest.raises(TypeError, match="action must be int32 like the example's, but it is float"):
        memory.experience(typed(transition(0))._replace(action=jnp.float32(0.5)))
    with pytest.raises(ValueError, match="must be five values"):
        memory.experience((1, 2))
    with pytest.raises(ValueError, match="holds 0 transitions"):
        memory.sample_batch(jax.random.key(0), 4)
    memory = memory.experience(typed(transition(0)))
    with pytest.raises(TypeError, match=r"key must be a random key, but it is 3.*jax\.random\.key"):
        memory.sample_batch(3, 4)
    with pytest.raises(ValueError, match="sample_size must be at least 1"):
        memory.sample_batch(jax.random.key(0), 0)
    with pytest.raises(ValueError, match="size must be at least 1"):
        ArrayMemory.empty(0, typed(transition(0)))


def test_the_twin_takes_integers_for_floats():
    example = typed(transition(0))
    memory = ArrayMemory.empty(2, example).experience(example._replace(reward=jnp.int32(3)))
    assert (memory.fields.reward.dtype, memory.fields.reward[0]) == (jnp.float32, 3.0)


def test_what_was_saved_is_not_rewritten_by_what_is_stored_later():
    memory = filled(3, 3)
    saved = memory.state_dict()
    before = {name: value.copy() for name, value in saved.items()}
    for number in range(7, 10):
        memory.experience(transition(number))
    assert all(np.array_equal(saved[name], before[name]) for name in before)


@pytest.mark.parametrize("field", Transition._fields)
@pytest.mark.parametrize("value", [(np.zeros(2), {}), [0, [1]]], ids=["a reset", "ragged"])
def test_what_is_no_array_is_refused_in_our_words(field, value):
    memory = filled(3, 2)
    before = bits(memory.state_dict())
    with pytest.raises(TypeError, match=rf"{field} must be .* so `state, _ = env\.reset\(\)`"):
        memory.experience(transition(7)._replace(**{field: value}))
    assert bits(memory.state_dict()) == before


def test_large_numbers_are_stored_without_a_warning():
    memory = ReplayMemory(10)
    for size in (1.0, 1e30, -3e38):
        state = np.array([size, size, 0.0], np.float32)
        memory.experience(Transition(state, state, 0, 1.0, False))
    assert memory.sample_batch(3).state.max() == np.float32(1e30)


def test_a_flag_of_a_number_is_kept_as_a_flag():
    one = Transition(np.zeros(2), np.zeros(2), 0, 1.0, 0)
    memory = ArrayMemory.empty(3, one)
    assert memory.fields.is_terminal.dtype == bool
    for flag in (1, True, np.float32(1), jnp.int32(1)):
        kept = memory.experience(one._replace(is_terminal=flag)).fields.is_terminal
        assert kept.tolist() == [True, False, False]
        if not isinstance(flag, np.float32):
            jitted = jax.jit(lambda flag: memory.experience(one._replace(is_terminal=flag)))(flag)
            assert jitted.fields.is_terminal.tolist() == [True, False, False]
    with pytest.raises(TypeError, match="must be bool like the example's"):
        jax.jit(lambda flag: memory.experience(one._replace(is_terminal=flag)))(0.5)
    with pytest.raises(ValueError, match="is_terminal must be True or False"):
        memory.experience(one._replace(is_terminal=7))
    with pytest.raises(ValueError, match="is_terminal must be True or False"):
        ArrayMemory.empty(3, one._replace(is_terminal=7))


@pytest.mark.parametrize("action", [np.float32(2**31), jnp.float32(2**31), np.float16(np.inf)])
def test_an_action_that_no_memory_can_hold_is_refused_in_any_float(action):
    memory = ReplayMemory(3)
    with pytest.raises((TypeError, ValueError), match="action must"):
        memory.experience(Transition(np.zeros(2), np.zeros(2), action, 1.0, False))
    assert len(memory) == 0
