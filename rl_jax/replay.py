"""Replay memory: the last `size` transitions, sampled at random (Lin 1992; Mnih et al. 2013)."""

import json
import operator
from typing import Any, NamedTuple

import numpy as np

from rl_jax.typing import JaxTensor

__all__ = ["ReplayMemory", "Transition"]


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

    The one mutable class of this package: copying a million rows to add one would be absurd.

    Args:
        size: capacity in transitions, at least 1.
        seed: makes `sample` and `sample_batch` reproducible; None draws from the system.

    Raises:
        ValueError: if `size` is not a whole number of at least 1.

    Taught in: notebooks/02.
    """

    def __init__(self, size: float = 1e5, seed: int | None = None):
        if not size >= 1 or size != int(size):
            raise ValueError(f"size must be a whole number of at least 1, but it is {size}.")
        self.capacity = int(size)
        self._rng = np.random.default_rng(seed)
        self._fields: Transition | None = None  # allocated when the first shapes are known
        self._stored = 0  # experiences ever stored; the next one goes to row stored % capacity

    def experience(self, transition: Transition) -> None:
        """Store a copy of one transition in O(1), over the oldest one if the memory is full.

        Raises:
            ValueError: if a field's shape differs from that of the first transition.
        """
        if self._fields is None:
            self._fields = Transition(
                self._allocate(transition.state, np.float32),
                self._allocate(transition.next_state, np.float32),
                self._allocate(transition.action, np.int32),
                self._allocate(transition.reward, np.float32),
                self._allocate(transition.is_terminal, np.bool_),
            )
        for name, field, value in zip(Transition._fields, self._fields, transition, strict=True):
            if np.shape(value) != field.shape[1:]:
                raise ValueError(
                    f"{name} must have the shape {field.shape[1:]} of the first transition's, "
                    f"but it is {np.shape(value)}."
                )
        row = self._stored % self.capacity
        for field, value in zip(self._fields, transition, strict=True):
            field[row] = value
        self._stored += 1

    def sample(self, sample_size: int) -> list[Transition]:
        """`sample_size` different transitions, drawn uniformly, as a list.

        Raises:
            ValueError: if the memory holds fewer, or if `sample_size` is below 1.
        """
        return [Transition(*row) for row in zip(*self.sample_batch(sample_size), strict=True)]

    def sample_batch(self, sample_size: int) -> Transition:
        """`sample_size` different transitions, drawn uniformly, as one Transition of arrays.

        The time does not grow with the memory's size.

        Returns:
            A Transition of NumPy arrays [sample_size, ...], copies of the memory's rows.

        Raises:
            ValueError: if the memory holds fewer, or if `sample_size` is below 1.
        """
        if not 1 <= sample_size <= len(self):
            raise ValueError(
                f"cannot sample {sample_size} transitions without replacement from a memory "
                f"that holds {len(self)}: ask for 1 to {len(self)}, or store more first."
            )
        rows = self._rng.choice(len(self), operator.index(sample_size), replace=False)
        return Transition(*(field.take(rows, axis=0) for field in self._fields))

    def __len__(self) -> int:
        return min(self._stored, self.capacity)

    def state_dict(self) -> dict[str, np.ndarray]:
        """Everything that `load_state_dict` needs to continue bit for bit: plain arrays.

        Boilerplate for: notebooks/06 (checkpoints in `rl_jax.loop`).
        """
        fields = () if self._fields is None else self._fields
        state = {"stored": np.int64(self._stored), "capacity": np.int64(self.capacity)}
        state["rng"] = np.array(json.dumps(self._rng.bit_generator.state))
        return state | {f"field{i}": field[: len(self)] for i, field in enumerate(fields)}

    def load_state_dict(self, state: dict[str, np.ndarray]) -> None:
        """Take over what `state_dict` returned.

        Raises:
            ValueError: if it comes from a memory of another capacity.
        """
        if int(state["capacity"]) != self.capacity:
            raise ValueError(
                f"this memory has room for {self.capacity} transitions, but the saved one had "
                f"room for {int(state['capacity'])}: make it with the same size."
            )
        self._stored = int(state["stored"])
        self._rng.bit_generator.state = json.loads(str(state["rng"]))
        self._fields = None
        if self._stored:
            saved = [state[f"field{i}"] for i in range(len(Transition._fields))]
            self._fields = Transition(*(self._allocate(f[0], f.dtype) for f in saved))
            for field, values in zip(self._fields, saved, strict=True):
                field[: len(values)] = values

    def _allocate(self, example: Any, dtype: type) -> np.ndarray:
        """Zeros [capacity, ...] of the example's shape: `dtype`, or bytes for a picture's bytes."""
        if np.asarray(example).dtype == np.uint8:
            dtype = np.uint8
        return np.zeros((self.capacity, *np.shape(example)), dtype)
