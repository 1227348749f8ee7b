"""What several unit tests share: three ways to call a function, tiny environments, tiny runs."""

import gymnasium
import jax
import jax.numpy as jnp
import numpy as np
import probes
import pytest
from hypothesis import settings

from rl_jax import loop

# The same examples at every run; the first one may wait for a compiler.
settings.register_profile("repeatable", deadline=None, derandomize=True)
settings.load_profile("repeatable")


def plain(function, *args):
    return function(*args)


def jitted(function, *args):
    return jax.jit(function)(*args)


def vmapped(function, *args):
    """Two copies of every argument, Python numbers too, so that all of them are traced."""
    with jax.debug_key_reuse(False):  # two copies of a key are meant
        two = jax.vmap(function)(*(jnp.stack([jnp.asarray(arg)] * 2) for arg in args))
    np.testing.assert_array_equal(two[0], two[1])
    return two[0]


# Tests of which JAX's check of keys must say nothing:
same_key_again = pytest.mark.without("debug_key_reuse", "the same key twice is what it is about")
keys_in_a_vmapped_scan = pytest.mark.without(
    "debug_key_reuse", "JAX takes the transposition of keys that vmap makes of a scan's for a use"
)
# And of which its check of ranks must:
rows_for_all = pytest.mark.without("numpy_rank_promotion", "a smaller array is meant for each row")

every_way = pytest.mark.parametrize("call", [plain, jitted, vmapped])


def bits(tree) -> tuple:
    """A tree of arrays as something that `==` compares bit for bit."""
    leaves, structure = jax.tree.flatten(tree)
    arrays = map(np.asarray, leaves)
    return structure, [(array.dtype, array.shape, array.tobytes()) for array in arrays]


class Probe(probes.Probe):
    """One state and reward 1 a step, so Q is known; it remembers its actions and seeds.

    After `length` steps it says "terminated", "truncated", both ("both"), or nothing ("never").
    """

    def __init__(self, end="terminated", length=5, n_actions=1):
        length = 0 if end == "never" else length
        super().__init__(lambda seen, action: 1.0, length=length, end=end, n_actions=n_actions)
        self.actions, self.seeds = [], []

    def reset(self, *, seed=None, options=None):
        self.seeds.append(seed)
        return super().reset(seed=seed)

    def step(self, action):
        self.actions.append(action)
        return super().step(action)


class Handle:
    """Something of the operating system's, that cannot be copied."""

    def __deepcopy__(self, memo):
        raise TypeError("cannot pickle a handle")


def uncopiable(name="CartPole-v1", **options):
    env = gymnasium.make(name, **options)
    env.unwrapped.handle = Handle()
    return env


# A linear network on one constant input 1 and SGD: every update multiplies the distance between
# Q and its target by 1 - 2 * 0.1 * (1 + 1) = 0.6 (weight and bias both move), whatever the batch.
PROBE = probes.CONFIG._replace(batch_size=2, memory_size=10, warmup_steps=2, max_steps=200)

# CartPole for half a second: the memory is overwritten, all that a checkpoint holds changes.
TINY = loop.PLAIN._replace(
    hidden=(8,),
    epsilon_steps=200,
    batch_size=8,
    memory_size=150,
    warmup_steps=20,
    max_steps=400,
    evaluate_every=100,
    evaluation_episodes=2,
)
