"""Answers to the exercises of notebook 03. Those of `my_count` are values."""

import jax.numpy as jnp
import numpy as np
from planted import right, wrong

sizes = [4, 32, 16, 2]


@right("my_count")
def in_a_loop():
    total = 0
    for n, m in zip(sizes, sizes[1:], strict=False):  # noqa: RUF007
        total += n * m + m
    return total


@right("my_count")
def in_numpy():
    return np.sum((np.array(sizes[:-1]) + 1.0) * np.array(sizes[1:]))


@wrong("my_count", "forgot the biases")
def weights_only():
    return sum(np.multiply(sizes[:-1], sizes[1:]))


@wrong("my_count", "forgot the output layer")
def hidden_only():
    return 5 * 32 + 33 * 16


@wrong("my_count", "you counted units")
def units():
    return sum(sizes)


@wrong("my_count", "inputs biases too")
def four_too_many():
    return 726


@wrong("my_count", "something else was expected")
def a_guess():
    return 1000


@right("q_of_taken")
def row_by_row(q_values, actions):
    return [float(q[int(a)]) for q, a in zip(q_values, actions, strict=True)]


@right("q_of_taken")
def indexed_in_numpy(q_values, actions):
    return np.asarray(q_values, np.float64)[np.arange(len(actions)), np.asarray(actions)]


@right("q_of_taken")
def along_axis(q_values, actions):
    taken = jnp.take_along_axis(q_values, actions[:, None], axis=1)
    return taken.squeeze(1).astype(jnp.bfloat16)


@right("q_of_taken")
def masked_and_summed(q_values, actions):
    return jnp.sum(q_values * (jnp.arange(2) == actions[:, None]), axis=1)


@wrong("q_of_taken", "every row with every action")
def a_square(q_values, actions):
    return jnp.take(q_values, actions, axis=1)


@wrong("q_of_taken", "you took the best action")
def best(q_values, actions):
    return np.max(q_values, axis=1)


@wrong("q_of_taken", "wrong shape")
def a_column(q_values, actions):
    return q_values[jnp.arange(len(actions)), actions][:, None]


@wrong("q_of_taken", "to pick rows")
def rows(q_values, actions):
    return q_values[actions, :]


@wrong("q_of_taken", "kept their zeros")
def mask(q_values, actions):
    return jnp.where(jnp.arange(2) == actions[:, None], q_values, 0)


@wrong("q_of_taken", "you added the rows up")
def added(q_values, actions):
    return sum(q_values[i, a] for i, a in enumerate(actions))


@wrong("my_count", "something else was expected")
def one_too_few():
    return 721


@wrong("q_of_taken", "you took the other action")
def other_action(q_values, actions):
    return jnp.where(actions == 1, q_values[:, 0], q_values[:, 1])


@wrong("q_of_taken", "something else was expected")
def largest_of_the_mask(q_values, actions):
    return jnp.max(q_values * (jnp.arange(2) == actions[:, None]), axis=1)


for one in (
    in_a_loop, in_numpy, weights_only, hidden_only, units, four_too_many, a_guess, one_too_few,
):  # fmt: skip
    one.is_value = True
