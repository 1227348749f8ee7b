"""The checks of notebook 03."""

import jax
import jax.numpy as jnp

from rl_jax import dqn
from rl_jax.course.checks import Check

__all__ = ["check_count", "check_taken"]


small = dqn.make_network(4, 2, hidden=(32, 16)).init(jax.random.key(0), jnp.zeros((1, 4)))
check_count = Check(
    cases=[({}, sum(array.size for array in jax.tree.leaves(small)))],
    mistakes=[
        (4 * 32 + 32 * 16 + 16 * 2, "you forgot the biases", "each unit adds one more number"),
        (
            32 * (4 + 1) + 16 * (32 + 1),
            "you forgot the output layer",
            "the two Q-values are computed by weights as well",
        ),
        (
            4 + 32 + 16 + 2,
            "you counted units, not the weights between them",
            "every unit has one weight for each number that it reads",
        ),
        (
            4 * 32 + 32 * 16 + 16 * 2 + 4 + 32 + 16 + 2,
            "you gave the inputs biases too",
            "inputs are not computed, so there is nothing to add to",
        ),
    ],
)


check_taken = Check(
    cases=[
        ({"q_values": jnp.array([[1.0, 2.0]]), "actions": jnp.array([0])}, [1.0]),
        (
            {
                "q_values": jnp.array([[1.0, 2.0], [3.0, 4.0], [6.0, 5.0]]),
                "actions": jnp.array([1, 0, 1]),
            },
            [2.0, 3.0, 5.0],
        ),
        (
            {
                "q_values": jnp.array([[-1.0, -2.0], [0.5, -3.0], [2.0, 1.0], [-4.0, 7.0]]),
                "actions": jnp.array([1, 1, 0, 0]),
            },
            [-2.0, -3.0, 2.0, -4.0],
        ),
    ],
    mistakes=[
        (
            lambda q, a: q[:, a],
            "you took every row with every action",
            "name the rows too: row 0 with its action, row 1 with its own",
        ),
        (
            lambda q, a: jnp.max(q, axis=-1),
            "you took the best action, not the one that was taken",
            "the memory says which action it was",
        ),
        (
            lambda q, a: jnp.take_along_axis(q, a[:, None], axis=-1),
            "right numbers, wrong shape: [B, 1] against targets [B] would broadcast to [B, B]",
            "one axis too many",
        ),
        (lambda q, a: q[a], "you used the actions to pick rows", "which axis holds the actions?"),
        (
            lambda q, a: q * jax.nn.one_hot(a, 2),
            "you masked the other actions and kept their zeros",
            "one number for each row: what is missing after the mask?",
        ),
        (
            lambda q, a: jnp.sum(q[jnp.arange(len(a)), a]),
            "you added the rows up",
            "the loss will average later; keep the rows apart",
        ),
        (
            lambda q, a: q[jnp.arange(len(a)), 1 - a],
            "you took the other action",
            "action 0 is the first number of its row",
        ),
    ],
)
