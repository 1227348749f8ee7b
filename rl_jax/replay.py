"""Replay memory: the last `size` transitions, sampled at random (Lin 1992; Mnih et al. 2013)."""

import json
import math
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from rl_jax import validate
from rl_jax.typing import JaxTensor, Key

__all__ = ["ArrayMemory", "ReplayMemory", "Transition"]

MAX_ACTION = np.iinfo(np.int32).max


class Transition(NamedTuple):
    """What happened in one step; with a leading [B] in each field, what happened in B steps.

    Taught in: notebooks/02.
    """

    state: JaxTensor  # [O] observation before the action
    next_state: JaxTensor  # [O] observation after it
    action: JaxTensor | int
    reward: JaxTensor | float
    is_terminal: JaxTensor | bool  # True where the task itself ended, not where time ran out


class ReplayMemory:
    """A ring buffer: one preallocated array per field, the oldest row overwritten first.

    It changes in place, as few things here do: copying a million rows to add one would be absurd.
    Shapes, and the dtype of observations, are those of the first transition. Floats are kept as
    float32, for that is what networks read; pictures stay uint8, counts stay integers.

    Taught in: notebooks/02.
    """

    def __init__(self, size: float = 1e5, seed: int | None = None):
        """An empty memory.

        Args:
            size: the capacity in transitions, a whole number of at least 1.
            seed: makes `sample` and `sample_batch` reproducible; None draws anew each time.

        Raises:
            TypeError: if an argument is no number.
            ValueError: if an argument is not whole, or too small.
        """
        self.capacity = validate.whole("size", size, least=1)
        self._rng = np.random.default_rng(None if seed is None else validate.whole("seed", seed))
        self._fields: Transition | None = None  # allocated when the first shapes are known
        self._stored = 0  # experiences ever stored; the next one goes to row stored % capacity

    def experience(self, transition: Transition) -> None:
        """Store a copy of one transition in O(1), over the oldest one if the memory is full.

        Args:
            transition: one step, as a `Transition` or five values in its order.

        Raises:
            TypeError: if a field holds something else than it should: text, a fraction for an
                action, a number other than 0 and 1 for a flag. Nothing is stored then.
            MemoryError: at the first call, if the machine has no room for so many.
            ValueError: if there are not five values, a shape is not that of the first transition
                (or the first one is not one step's), an action is negative, or a number is not
                finite, or would lose its value in the memory. Nothing is stored then.
        """
        if self._fields is not None and _is_usual(transition, self._fields):
            rows = transition
        else:
            rows = _as_rows(transition, self._fields)
        if self._fields is None:
            self._fields = _allocate(rows, self.capacity)
        place = self._stored % self.capacity
        for field, row in zip(self._fields, rows, strict=True):
            field[place] = row
        self._stored += 1

    def sample(self, sample_size: int) -> list[Transition]:
        """The same as `sample_batch`, as a list of transitions."""
        return [Transition(*row) for row in zip(*self.sample_batch(sample_size), strict=True)]

    def sample_batch(self, sample_size: int) -> Transition:
        """Different transitions, drawn uniformly, in a time that hardly grows with the memory.

        Args:
            sample_size: how many, from 1 to as many as the memory holds.

        Returns:
            NumPy arrays [sample_size, ...], copies.

        Raises:
            TypeError: if `sample_size` is no number.
            ValueError: if it is not whole, or the memory holds fewer.
        """
        count = validate.whole("sample_size", sample_size, least=1)
        if count > len(self):
            raise ValueError(
                f"cannot sample {count} transitions without replacement from a memory that holds "
                f"{len(self)}: ask for fewer, or store more first."
            )
        rows = self._rng.choice(len(self), count, replace=False)
        return Transition(*(field.take(rows, axis=0) for field in self._fields))

    def __len__(self) -> int:
        """Transitions that can be sampled: at most the capacity."""
        return min(self._stored, self.capacity)

    def state_dict(self) -> dict[str, np.ndarray]:
        """Everything that `load_state_dict` needs to continue bit for bit, as plain arrays."""
        state = {
            "stored": np.int64(self._stored),
            "capacity": np.int64(self.capacity),
            "rng": np.array(json.dumps(self._rng.bit_generator.state)),
        }
        if self._fields is not None:
            for name, field in self._fields._asdict().items():
                state[name] = field[: len(self)].copy()
        return state

    def load_state_dict(self, state: dict[str, np.ndarray]) -> None:
        """Take over what `state_dict` returned.

        Raises:
            ValueError: if the saved memory had another capacity, or this is no saved memory.
                Nothing has been changed then.
        """
        fields, stored, rng_state = _read_state(state, self.capacity)
        self._rng.bit_generator.state = rng_state
        self._fields = fields
        self._stored = stored


class ArrayMemory(NamedTuple):
    """The same ring buffer as plain arrays, for use inside `jit`: nothing changes in place.

    Taught in: notebooks/07.
    """

    fields: Transition  # arrays [capacity, ...]
    stored: JaxTensor  # int32 scalar: experiences ever stored, as in `ReplayMemory`

    @classmethod
    def empty(cls, size: int, example: Transition) -> "ArrayMemory":
        """Room for `size` transitions of the example's shapes and dtypes.

        Raises:
            TypeError: if the size is no number, or the example holds something else.
            ValueError: if the size is not whole, or below 1, or the example is not one transition,
                or its `is_terminal` neither True nor False, nor 0 or 1.
        """
        size = validate.count("size", size)
        rows = [_row(name, value) for name, value in _named(example)]
        _check_shapes([row.shape for row in rows])
        if not jnp.issubdtype(rows[2].dtype, jnp.integer):
            raise TypeError(f"action must be an integer, but it is {rows[2].dtype}.")
        fields = [jnp.zeros((size, *row.shape), row.dtype) for row in rows]
        return cls(Transition(*fields), jnp.int32(0))

    def experience(self, transition: Transition) -> "ArrayMemory":
        """A memory that holds this transition too, in the place of the oldest if it was full.

        Raises:
            TypeError: if a field is of another kind than the example's. (Integers are taken for
                floats. In a narrower dtype values wrap: inside `jit` nobody can look at them.)
            ValueError: if there are not five values, a field's shape differs from that of the
                example, or a value that is known is not finite, or not an action.
        """
        place = self.stored % len(self.fields.reward)
        fields = []
        for field, (name, value) in zip(self.fields, _named(transition), strict=True):
            row = _fitting(name, value, field)
            fields.append(jax.lax.dynamic_update_index_in_dim(field, row, place, 0))
        return ArrayMemory(Transition(*fields), self.stored + 1)

    def sample_batch(self, key: Key, sample_size: int) -> Transition:
        """Transitions drawn uniformly, *with* replacement, which is faster inside `jit`.

        Of 32 among 10,000, one batch in twenty has a pair.

        Args:
            key: a random key, used once.
            sample_size: how many, at least 1.

        Returns:
            Arrays [sample_size, ...].

        Raises:
            TypeError: if `key` is not a random key, or `sample_size` not a number.
            ValueError: if `key` is several keys, `sample_size` is not whole or below 1, or the
                memory is known to be empty. Inside `jit` an empty memory gives zeros.
        """
        validate.key("key", key)
        sample_size = validate.whole("sample_size", sample_size, least=1)
        if not validate.is_traced(self.stored) and np.asarray(self.stored) == 0:
            raise ValueError("cannot sample from a memory that holds 0 transitions: store some.")
        held = jnp.clip(self.stored, 1, len(self.fields.reward))
        # Remainders prefer the lower rows: of a million rows by one part in 4,000. An exact draw,
        # `randint`, makes twice as many random numbers, and a training some 5 % slower.
        rows = jax.random.bits(key, (sample_size,)) % held.astype(jnp.uint32)
        # These rows exist: not to look for others makes a training some 6 % faster on a CPU.
        return jax.tree.map(lambda field: field.at[rows].get(mode="promise_in_bounds"), self.fields)


# What a transition may hold, and how it is kept


def _named(transition: Sequence) -> list[tuple[str, Any]]:
    """(name, value) of each field, in order; five values in any sequence will do."""
    if isinstance(transition, Mapping):
        raise TypeError(
            f"a transition must be five values {Transition._fields}, but it is a "
            f"{type(transition).__name__}. Likely fix: Transition(**it)."
        )
    try:
        values = tuple(transition)
    except TypeError as error:
        raise TypeError(
            f"a transition must be five values {Transition._fields}, but it is "
            f"{validate.short(transition)}."
        ) from error
    if len(values) != len(Transition._fields):
        raise ValueError(
            f"a transition must be five values {Transition._fields}, but there are {len(values)}."
        )
    return list(zip(Transition._fields, values, strict=True))


def _is_usual(transition: Sequence, fields: Transition) -> bool:
    """True for what a loop stores at nearly every step: then no closer look is needed.

    The sum of all their numbers is finite only if each of them is.
    """
    if not isinstance(transition, tuple) or len(transition) != len(fields):
        return False
    state, next_state, action, reward, is_terminal = transition
    stored = fields.state
    return (
        type(state) is type(next_state) is np.ndarray
        and state.dtype is next_state.dtype is stored.dtype is fields.next_state.dtype
        and state.shape == next_state.shape == stored.shape[1:]
        and state.ndim == 1
        and math.isfinite(sum(state.tolist()) + sum(next_state.tolist()))
        and type(action) is int
        and fields.action.ndim == 1
        and 0 <= action < 2**31
        and type(reward) is float
        and fields.reward.ndim == 1
        and -1e38 < reward < 1e38  # so that it is finite in 32 bits, too
        and type(is_terminal) is bool
    )


def _as_rows(transition: Sequence, fields: Transition | None) -> list[np.ndarray]:
    """The transition's values as they will be stored, each of which has been looked at."""
    rows = []
    for place, (name, value) in enumerate(_named(transition)):
        row = _READ[name](name, value)
        field = None if fields is None else fields[place]
        if field is not None:
            if row.shape != field.shape[1:]:
                raise ValueError(
                    f"{name} must have the shape {field.shape[1:]} of the first transition's, but "
                    f"it is {row.shape}."
                )
            if row.dtype != field.dtype:
                row = _cast(name, row, field.dtype)
        rows.append(row)
    if fields is None:
        _check_shapes([row.shape for row in rows])
    return rows


def _check_shapes(shapes: Sequence[tuple[int, ...]]) -> None:
    """Refuse what is not one transition: its shapes would be all later ones', too."""
    state, next_state, *others = shapes
    if state != next_state:
        raise ValueError(
            f"state and next_state must have the same shape, but they are {state} and {next_state}."
        )
    for name, shape in zip(Transition._fields[2:], others, strict=True):
        if math.prod(shape) != 1:  # [1] is taken as it comes, and stays [1]
            raise ValueError(
                f"{name} must be one value, for one step, but its shape is {shape}. Likely fix: "
                "one transition at a time, with int(...), float(...) or bool(...) around it."
            )


def _read_observation(name: str, value: Any) -> np.ndarray:
    row = _array(name, value)
    if row.dtype.kind == "f":
        return _finite(name, row)
    if row.dtype.kind not in "iub":
        raise TypeError(
            f"{name} must be an array of numbers, but it is {validate.short(value)}. Likely fix: "
            "an observation wrapper that flattens it to a vector."
        )
    return row


def _array(name: str, value: Any) -> np.ndarray:
    try:
        array = np.asarray(value)
    except ValueError:
        raise TypeError(
            f"{name} must be an array of numbers, but it is {validate.short(value)}. Likely fix: "
            "what `env.reset()` returns is a pair, so `state, _ = env.reset()`."
        ) from None
    is_foreign = array.dtype.kind == "V" and jnp.issubdtype(array.dtype, jnp.floating)
    return array.astype(np.float32) if is_foreign else array  # bfloat16, for example


def _read_action(name: str, value: Any) -> np.ndarray:
    row = _array(name, value)
    if row.dtype.kind == "f":
        row = row.astype(np.float64)  # in 32 bits 2**31 - 1 would be 2**31, and fit
    if row.dtype.kind not in "iuf" or not (row == np.round(row)).all():
        raise TypeError(
            f"{name} must be a whole number, but it is {validate.short(value)}. Likely "
            "fix: int(...) around it."
        )
    if not ((row >= 0) & (row <= MAX_ACTION)).all():
        raise ValueError(
            f"{name} must count from 0 to at most {MAX_ACTION}, but it is {validate.short(value)}."
        )
    return row.astype(np.int32)


def _read_reward(name: str, value: Any) -> np.ndarray:
    row = _array(name, value)
    if row.dtype.kind not in "fiub":
        raise TypeError(f"{name} must be a number, but it is {validate.short(value)}.")
    return _finite(name, row.astype(float))


def _read_flag(name: str, value: Any) -> np.ndarray:
    row = _array(name, value)
    if row.dtype.kind != "b" and not (row.dtype.kind in "iuf" and np.isin(row, (0, 1)).all()):
        raise TypeError(f"{name} must be True or False, but it is {validate.short(value)}.")
    return row.astype(bool)


_READ = {
    "state": _read_observation,
    "next_state": _read_observation,
    "action": _read_action,
    "reward": _read_reward,
    "is_terminal": _read_flag,
}


def _finite(name: str, row: np.ndarray) -> np.ndarray:
    """`row` as float32, if all of it is finite there."""
    with np.errstate(over="ignore"):
        kept = row.astype(np.float32, copy=False)
    if not np.isfinite(kept).all():
        raise ValueError(
            f"{name} must be finite as a 32-bit float, but it is {validate.short(row)}: has the "
            "environment overflowed?"
        )
    return kept


def _cast(name: str, row: np.ndarray, dtype: np.dtype) -> np.ndarray:
    """`row` in another dtype, if no value changes there."""
    with np.errstate(invalid="ignore"):
        kept = row.astype(dtype)
    if not np.array_equal(kept, row):
        raise ValueError(
            f"{name} must fit into {dtype}, the dtype of the first transition's, but it is "
            f"{validate.short(row)} ({row.dtype}). Likely fix: one dtype for all observations."
        )
    return kept


def _allocate(rows: Sequence[np.ndarray], capacity: int) -> Transition:
    try:
        return Transition(*(np.zeros((capacity, *row.shape), row.dtype) for row in rows))
    except (MemoryError, ValueError) as error:
        per_row = sum(row.nbytes for row in rows)
        raise MemoryError(
            f"size={capacity:,} transitions of {per_row} bytes do not fit into this machine's "
            "memory: take a smaller size."
        ) from error


def _row(name: str, value: Any) -> JaxTensor:
    """The value as an array; a flag of 0 or 1 as the bool that it stands for."""
    row = validate.tensor(name, value)
    is_half_known = validate.is_traced(row) and jnp.issubdtype(row.dtype, jnp.floating)
    if name != "is_terminal" or is_half_known:  # a float that is no 0 and no 1 would pass
        return row
    return validate.flags(name, row)


def _fitting(name: str, value: Any, field: JaxTensor) -> JaxTensor:
    """A new row of this field, of its dtype. Inside `jit` its shape and dtype alone are known."""
    row = _row(name, value)
    if row.shape != field.shape[1:]:
        raise ValueError(
            f"{name} must have the shape {field.shape[1:]} of the example's, but it is {row.shape}."
        )
    if not jnp.can_cast(row.dtype, field.dtype, "same_kind"):
        raise TypeError(f"{name} must be {field.dtype} like the example's, but it is {row.dtype}.")
    kept = row.astype(field.dtype)
    if not validate.is_traced(row):
        _refuse_known(name, np.asarray(row), np.asarray(kept))
    return kept


def _refuse_known(name: str, row: np.ndarray, kept: np.ndarray) -> None:
    """Values that are known, and wrong, or that the array memory's dtype cannot hold."""
    if jnp.issubdtype(kept.dtype, jnp.floating):
        _finite(name, kept.astype(float))
    elif not np.array_equal(kept, row):
        raise ValueError(
            f"{name} must fit into {kept.dtype}, the dtype of the example's, but it is "
            f"{validate.short(row)} ({row.dtype})."
        )
    if name == "action":
        _read_action(name, kept)


def _read_state(state: dict[str, np.ndarray], capacity: int) -> tuple[Any, int, dict]:
    """(fields, experiences ever stored, the generator's state), or ValueError."""
    try:
        saved_capacity = validate.whole("capacity", state["capacity"])
        stored = validate.whole("stored", state["stored"], least=0)
        rng_state = json.loads(str(state["rng"]))
        np.random.default_rng().bit_generator.state = rng_state  # complains of another's
        if rng_state["state"]["inc"] % 2 == 0:  # such a generator gives 0 for ever
            raise ValueError("the generator's inc must be odd")
        names = Transition._fields if stored else ()  # an empty memory has saved none
        saved = [_READ[name](name, state[name]) for name in names]
    except (IndexError, KeyError, OverflowError, RecursionError, TypeError, ValueError) as error:
        raise ValueError(
            f"this must be what ReplayMemory.state_dict returned, but {error!r} is wrong with it."
        ) from error
    if saved_capacity != capacity:
        raise ValueError(
            f"this memory has room for {capacity} transitions, but the saved one had "
            f"{saved_capacity}."
        )
    if not stored:
        return None, 0, rng_state
    held = min(stored, capacity)
    shapes = [field.shape for field in saved]
    if any(shape[:1] != (held,) for shape in shapes) or shapes[0] != shapes[1]:
        raise ValueError(
            f"a memory that stored {stored} transitions must hold {held} rows in each field, and "
            f"alike ones in state and next_state, but the shapes are {shapes}."
        )
    _check_shapes([shape[1:] for shape in shapes])
    fields = _allocate([field[0] for field in saved], capacity)
    for field, values in zip(fields, saved, strict=True):
        field[:held] = values
    return fields, stored, rng_state
