"""Replay memory: the last `size` transitions, sampled at random (Lin 1992; Mnih et al. 2013)."""

import json
import operator
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from rl_jax.typing import JaxTensor, Key

__all__ = ["ArrayMemory", "ReplayMemory", "Transition"]


class Transition(NamedTuple):
    """What happened in one step; with a leading [B] in each field, what happened in B steps.
    Taught in: notebooks/02."""

    state: JaxTensor  # [O] observation before the action
    next_state: JaxTensor  # [O] observation after it
    action: JaxTensor | int
    reward: JaxTensor | float
    is_terminal: JaxTensor | bool  # True where the task itself ended, not where time ran out


_TYPES = Transition(np.float32, np.float32, np.int32, np.float32, np.bool_)


class ReplayMemory:
    """A ring buffer: one preallocated array per field, the oldest row overwritten first.

    The one mutable class of this package: copying a million rows to add one would be absurd.
    `size` is the capacity in transitions, a whole number of at least 1, else ValueError; `seed`
    makes `sample` and `sample_batch` reproducible. Taught in: notebooks/02."""

    def __init__(self, size: float = 1e5, seed: int | None = None):
        if not size >= 1 or size != int(size):
            raise ValueError(f"size must be a whole number of at least 1, but it is {size}.")
        self.capacity = int(size)
        self._rng = np.random.default_rng(seed)
        self._fields: Transition | None = None  # allocated when the first shapes are known
        self._stored = 0  # experiences ever stored; the next one goes to row stored % capacity

    def experience(self, transition: Transition) -> None:
        """Store a copy of one transition in O(1), over the oldest one if the memory is full.
        ValueError if a field's shape differs from that of the first transition."""
        if self._fields is None:
            shapes = [(self.capacity, *np.shape(value)) for value in transition]
            self._fields = Transition(*map(np.zeros, shapes, _TYPES))
        for name, field, value in zip(Transition._fields, self._fields, transition, strict=True):
            if np.shape(value) != field.shape[1:]:
                first = f"the shape {field.shape[1:]} of the first transition's"
                raise ValueError(f"{name} must have {first}, but it is {np.shape(value)}.")
        row = self._stored % self.capacity
        for field, value in zip(self._fields, transition, strict=True):
            field[row] = value
        self._stored += 1

    def sample(self, sample_size: int) -> list[Transition]:
        """The same as `sample_batch`, as a list of transitions."""
        return [Transition(*row) for row in zip(*self.sample_batch(sample_size), strict=True)]

    def sample_batch(self, sample_size: int) -> Transition:
        """Different transitions, drawn uniformly, in a time that does not grow: NumPy arrays
        [sample_size, ...], copies. ValueError if the memory holds fewer, or for less than 1."""
        if not 1 <= sample_size <= len(self):
            wanted = f"cannot sample {sample_size} transitions without replacement from a memory"
            raise ValueError(
                f"{wanted} that holds {len(self)}: ask for fewer, or store more first."
            )
        rows = self._rng.choice(len(self), operator.index(sample_size), replace=False)
        return Transition(*(field.take(rows, axis=0) for field in self._fields))

    def __len__(self) -> int:
        return min(self._stored, self.capacity)

    def state_dict(self) -> dict[str, np.ndarray]:
        """Everything that `load_state_dict` needs to continue bit for bit, as plain arrays."""
        state = {f"field{i}": field[: len(self)] for i, field in enumerate(self._fields or ())}
        rng = np.array(json.dumps(self._rng.bit_generator.state))
        return state | {"stored": np.int64(self._stored), "capacity": self.capacity, "rng": rng}

    def load_state_dict(self, state: dict[str, np.ndarray]) -> None:
        """Take over what `state_dict` returned; ValueError if the capacities differ."""
        if int(state["capacity"]) != self.capacity:
            saved = f"but the saved one had {int(state['capacity'])}"
            raise ValueError(f"this memory has room for {self.capacity} transitions, {saved}.")
        self._fields = None
        if state["stored"]:
            saved = [state[f"field{i}"] for i in range(len(Transition._fields))]
            self.experience(Transition(*(field[0] for field in saved)))  # allocates
            for field, values in zip(self._fields, saved, strict=True):
                field[: len(values)] = values
        self._stored = int(state["stored"])
        self._rng.bit_generator.state = json.loads(str(state["rng"]))


class ArrayMemory(NamedTuple):
    """The same ring buffer as plain arrays, for use inside `jit`: nothing changes in place.
    Taught in: notebooks/07."""

    fields: Transition  # arrays [capacity, ...]
    stored: JaxTensor  # int32 scalar: experiences ever stored, as in `ReplayMemory`

    @classmethod
    def empty(cls, size: int, example: Transition) -> "ArrayMemory":
        """Room for `size` transitions of the example's shapes and types."""
        rows = [jnp.zeros((size, *jnp.shape(x)), jnp.result_type(x)) for x in example]
        return cls(Transition(*rows), jnp.int32(0))

    def experience(self, transition: Transition) -> "ArrayMemory":
        """A memory that holds this transition too, in the place of the oldest if it was full."""
        row = self.stored % len(self.fields.reward)
        put = jax.lax.dynamic_update_index_in_dim
        fields = jax.tree.map(lambda old, new: put(old, new, row, 0), self.fields, transition)
        return ArrayMemory(fields, self.stored + 1)

    def sample_batch(self, key: Key, sample_size: int) -> Transition:
        """Transitions [sample_size, ...] drawn uniformly, *with* replacement: it is faster in
        `jit`, and one of 32 among 10,000 comes twice in one batch of twenty. Uses `key` once."""
        held = jnp.minimum(self.stored, len(self.fields.reward))
        rows = jax.random.randint(key, (sample_size,), 0, held)
        return jax.tree.map(lambda field: field[rows], self.fields)
