"""The checks of notebook 03: parameters, Haiku's two functions, Q(s, a), a loss, its gradient."""

import itertools
import numbers

import haiku as hk
import jax
import jax.numpy as jnp
import numpy as np

from rl_jax.course.checks import Check
from rl_jax.course.differences import same
from rl_jax.nn.losses import huber, mse

__all__ = ["check_count", "check_halfway", "check_loss", "check_pull", "check_taken"]


# 1. How many parameters has a 4-32-16-2 network?

WEIGHTS = 4 * 32 + 32 * 16 + 16 * 2
BIASES = 32 + 16 + 2

PARTS = {
    "the weights of the first layer": 4 * 32,
    "the weights of the second layer": 32 * 16,
    "the weights of the last layer": 16 * 2,
    "the biases of the first layer": 32,
    "the biases of the second layer": 16,
    "the biases of the last layer": 2,
}


MOST = 1e15


def parts_of(count):
    """Which one or two parts of the network have so many parameters, in words."""
    alone = [name for name, size in PARTS.items() if size == count]
    pairs = itertools.combinations(PARTS.items(), 2)
    return alone or [f"{a} and {b}" for (a, m), (b, n) in pairs if m + n == count]


def what_the_difference_says(got, right):
    """Of a wrong count: which part of the network it lacks, or has twice, if that explains it."""
    if isinstance(got, jax.Array) and got.shape == ():
        got = got.item()
    if isinstance(got, bool):
        return "you answered yes or no, and how many was asked", "a number: write the sum down"
    if not isinstance(got, numbers.Number) or isinstance(got, complex):
        return None
    if not -MOST < got < MOST:  # NaN lies nowhere
        return None
    difference = float(got - right)
    if not difference.is_integer():
        return "you counted a part of a parameter", "whole numbers, multiplied and added"
    too = f"{abs(difference):,.0f} too {'few' if difference < 0 else 'many'}"
    parts = parts_of(abs(difference))
    if parts:
        asks = (
            "what was left out?" if difference < 0 else "what was counted without need, or twice?"
        )
        return f"{too}: as many as {', or '.join(parts)}", asks
    return (
        f"you have {too}",
        "layer by layer: how many numbers does a unit read, and what does it add to them?",
    )


check_count = Check(
    cases=[({}, WEIGHTS + BIASES)],
    otherwise=what_the_difference_says,
    mistakes=[
        (
            WEIGHTS,
            "you forgot the biases",
            "each unit adds one more number",
        ),
        (
            BIASES,
            "you counted the biases only, one for each unit",
            "every unit has one weight for each number that it reads",
        ),
        (
            32 * (4 + 1) + 16 * (32 + 1),
            "you forgot the output layer, or the biases of the first layer and of the last one",
            "both give 688; each layer has weights, and a bias for each of its units",
        ),
        (
            32 + 16,
            "you counted the hidden units, not the weights between them",
            "every unit has one weight for each number that it reads",
        ),
        (
            32 * (2 + 1) + 16 * (32 + 1) + 4 * (16 + 1),
            "you exchanged what goes in and what comes out",
            "four numbers are observed, and there are two actions",
        ),
        (
            32 * (4 + 1) + 2 * (32 + 1),
            "you forgot the layer of 16 units",
            "the 32 units are read by 16, and these by the output layer",
        ),
        (
            16 * (4 + 1) + 2 * (16 + 1),
            "you forgot the layer of 32 units",
            "the observation is read by 32 units, and these by the 16",
        ),
        (
            4 * (WEIGHTS + BIASES),
            "you counted bytes: each parameter takes four",
            "how many numbers are there?",
        ),
        (
            2 * WEIGHTS,
            "you gave each weight a bias",
            "each unit adds one number, however many it reads",
        ),
        (
            16 * (32 + 1) + 2 * (16 + 1),
            "you forgot the first layer",
            "the 32 units read the observation by weights of their own",
        ),
        (
            WEIGHTS + 4 + 32 + 16,
            "you gave each layer as many biases as it has inputs",
            "each unit adds one number: how many units has a layer?",
        ),
        (
            4 + 32 + 16 + 2,
            "you counted units, not the weights between them",
            "every unit has one weight for each number that it reads",
        ),
        (
            WEIGHTS + 4 + BIASES,
            "you gave the inputs biases too",
            "inputs are not computed, so there is nothing to add to",
        ),
        (
            WEIGHTS + 32 + 16,
            "you forgot the biases of the output layer",
            "an output is computed like any other unit",
        ),
        (
            WEIGHTS + 3,
            "you gave each layer one bias",
            "each unit of a layer has a bias of its own",
        ),
        (
            32 * (4 + 1) + 16 * (32 + 1) + (16 + 1),
            "your network has one output",
            "one Q-value for each action: how many are there?",
        ),
        (
            32 * (4 + 1) + 16 * (32 + 1) + 3 * (16 + 1),
            "your network has three outputs",
            "one Q-value for each action: how many are there?",
        ),
        (
            16 * (4 + 1) + 32 * (16 + 1) + 2 * (32 + 1),
            "you swapped the hidden layers, or forgot the biases of the first: both give 690",
            "first 32, then 16; and each of these 32 adds one number of its own",
        ),
        (
            4 * 32 * 16 * 2,
            "you multiplied all sizes, as if every path through the network had a weight",
            "only layers that follow each other are joined: count layer by layer",
        ),
        (
            (4 + 1) * (32 + 1) * (16 + 1) * 2,
            "you multiplied the layers with each other",
            "count each layer, then add",
        ),
        (
            6,
            "you counted arrays, not the numbers in them",
            "an array [4, 32] holds more than one number",
        ),
        (
            31_802,
            "that is the network of this page, and the question is about a smaller one",
            "do the same sum with 32 and 16",
        ),
    ],
)


# 2. The network that stands halfway between two others

DEAF_TO_KEYS = "the same, whatever the keys"
BETWEEN = hk.initializers.RandomUniform(-2.0, 2.0)  # compiled sooner than Haiku's default


def linear(observations):
    """One layer; its biases are random, too."""
    return hk.Linear(3, w_init=BETWEEN, b_init=BETWEEN)(observations)


def two_layers(observations):
    """A curved function: the outputs' mean is another than that of the mean weights."""
    return linear(jnp.tanh(linear(observations)))


# The weights that Haiku makes of a key.
def weights_of(forward, key, observations):
    return hk.transform(forward).init(key, observations)


# What a network with these weights says.
def output_of(forward, params, observations):
    return hk.transform(forward).apply(params, None, observations)


def with_mixed(mix):
    """The answer that mixes the two networks' weights so, array by array."""

    def halfway(forward, key_a, key_b, observations):
        params_a = weights_of(forward, key_a, observations)
        params_b = weights_of(forward, key_b, observations)
        return output_of(forward, jax.tree.map(mix, params_a, params_b), observations)

    return halfway


right_halfway = with_mixed(lambda a, b: (a + b) / 2)


# The mean of what the two say: not what their mean says.
def halfway_outputs(forward, key_a, key_b, observations):
    says_a = output_of(forward, weights_of(forward, key_a, observations), observations)
    says_b = output_of(forward, weights_of(forward, key_b, observations), observations)
    return (says_a + says_b) / 2


# Nobody has asked this network yet.
def halfway_weights(forward, key_a, key_b, observations):
    params_a = weights_of(forward, key_a, observations)
    params_b = weights_of(forward, key_b, observations)
    return jax.tree.map(lambda a, b: (a + b) / 2, params_a, params_b)


def halfway_in(name):
    """The answer that mixes either weights or biases, and takes the others from the first."""

    def halfway(forward, key_a, key_b, observations):
        params_a = weights_of(forward, key_a, observations)
        params_b = weights_of(forward, key_b, observations)
        for module in params_a:
            params_a[module][name] = (params_a[module][name] + params_b[module][name]) / 2
        return output_of(forward, params_a, observations)

    return halfway


# All the other modules are those of the first network.
def halfway_in_the_first_module(forward, key_a, key_b, observations):
    params_a = weights_of(forward, key_a, observations)
    params_b = weights_of(forward, key_b, observations)
    first = next(iter(params_a))
    mixed = jax.tree.map(lambda a, b: (a + b) / 2, params_a[first], params_b[first])
    return output_of(forward, {**params_a, first: mixed}, observations)


# Haiku refuses it.
def without_transform(forward, key_a, key_b, observations):
    return forward(observations)


# Haiku refuses it: `apply` of a plain transform wants a key.
def observations_for_the_key(forward, key_a, key_b, observations):
    params = weights_of(forward, key_a, observations)
    return hk.transform(forward).apply(params, observations)


# As if keys were numbers.
def keys_averaged(forward, key_a, key_b, observations):
    data = (jax.random.key_data(key_a) + jax.random.key_data(key_b)) // 2
    key = jax.random.wrap_key_data(data)
    return output_of(forward, weights_of(forward, key, observations), observations)


# A network whose weights come from a third key, made of both.
def keys_for_weights(forward, key_a, key_b, observations):
    key = jax.random.fold_in(key_a, jax.random.key_data(key_b)[-1])
    return output_of(forward, weights_of(forward, key, observations), observations)


def says(answer, forward, seed_a, seed_b, batch):
    """What a network says that an answer makes of two keys.

    Args:
        answer: (forward, key_a, key_b, observations) -> [B, A].
        forward: a function with Haiku layers in it.
        seed_a: of the first key.
        seed_b: of the second key.
        batch: how many observations.
    """
    observations = np.linspace(-1.0, 1.0, 3 * batch, dtype=np.float32).reshape(batch, 3)
    found, of_other_keys = (
        answer(forward, jax.random.key(a), jax.random.key(b), observations)
        for a, b in ((seed_a, seed_b), (seed_a + 10, seed_b + 10))
    )
    is_said = isinstance(found, np.ndarray | jax.Array) and found.dtype.kind == "f"
    return DEAF_TO_KEYS if is_said and np.array_equal(found, of_other_keys) else found


# The keys that it was handed have no say.
def two_keys_of_its_own(forward, key_a, key_b, observations):
    return right_halfway(forward, jax.random.key(0), jax.random.key(1), observations)


# Other keys, and so other weights.
def keys_split_first(forward, key_a, key_b, observations):
    key_a, key_b = (jax.random.split(key)[1] for key in (key_a, key_b))
    return right_halfway(forward, key_a, key_b, observations)


# `model`, as it stands on the page, in place of the `forward` that was handed over.
def of_the_pages_network(forward, key_a, key_b, observations):
    def pages_own(observations):
        return hk.nets.MLP((300, 100, 2))(observations)

    return right_halfway(pages_own, key_a, key_b, observations)


# The mock input of `init`, handed to `apply`.
def asked_about_zeros(forward, key_a, key_b, observations):
    return right_halfway(forward, key_a, key_b, np.zeros_like(observations))


# Haiku hands it on to `forward`.
def a_key_too_many(forward, key_a, key_b, observations):
    params = weights_of(forward, key_a, observations)
    return hk.without_apply_rng(hk.transform(forward)).apply(params, key_a, observations)


# (arguments, what is right).
def halfway_case(forward, seed_a, seed_b, batch):
    given = {"forward": forward, "seed a": seed_a, "seed b": seed_b, "batch": batch}
    return given, says(right_halfway, *given.values())


def asked(answer, seed_a, seed_b, observations):
    """What the network of these two keys says.

    Args:
        answer: (forward, key_a, key_b, observations) -> [B, A].
        seed_a: of the first key.
        seed_b: of the second key.
        observations: [B, 3].
    """
    return answer(two_layers, jax.random.key(seed_a), jax.random.key(seed_b), observations)


def two_observations():
    return jnp.array([[0.5, -1.0, 2.0], [-0.5, 0.3, 1.0]])


def is_alike_from_both_sides(answer):
    some = two_observations()
    return same(asked(answer, 1, 7, some), asked(answer, 7, 1, some))


def between_twins_is_their_like(answer):
    some = two_observations()
    key = jax.random.key(7)
    own = output_of(two_layers, weights_of(two_layers, key, some), some)
    return same(asked(answer, 7, 7, some), own)


def answers_row_by_row(answer):
    some = two_observations()
    return same(asked(answer, 1, 7, some)[:1], asked(answer, 1, 7, some[:1]))


def looks_at_observations(answer):
    some = two_observations()
    return not same(asked(answer, 1, 7, some), asked(answer, 1, 7, 2 * some))


MIXED_KEYS = (
    "you mixed the keys, and a mixed key makes a third network",
    "keys are no numbers to average: make two sets of weights first",
)

check_halfway = Check(
    arguments=("forward", "key_a", "key_b", "observations"),
    cases=lambda: [
        halfway_case(two_layers, 1, 7, batch=2),  # far apart: (1 + 2) // 2 is 1 again
        halfway_case(linear, 3, 9, batch=1),
    ],
    observe=says,
    mistakes=[
        (
            halfway_outputs,
            "you took the mean of two outputs, not the output of the mean weights",
            "mix the weights before you ask: there is one network in the end, not two",
        ),
        (
            halfway_weights,
            "you returned the weights, not what the network says",
            "`apply` is the function that asks",
        ),
        (
            of_the_pages_network,
            "you asked the page's own network, and not the one that `forward` makes",
            "which `forward` were you given?",
        ),
        (
            with_mixed(lambda a, b: a),
            "you asked the first network only",
            "the second key makes a network too",
        ),
        (
            with_mixed(lambda a, b: b),
            "you asked the second network only",
            "the first key makes a network too",
        ),
        (
            with_mixed(lambda a, b: a + b),
            "you added the weights, and never halved them",
            "halfway between 2 and 4 is 3, not 6",
        ),
        (
            with_mixed(lambda a, b: a + b / 2),
            "you halved the second network's weights only",
            "brackets: halve the sum",
        ),
        (
            with_mixed(lambda a, b: (a - b) / 2),
            "you took half the difference",
            "halfway between 2 and 4 is 3, not 1",
        ),
        (
            halfway_in("w"),
            "you mixed the weights `w`, and took the biases from the first network",
            "every array in the tree, whatever its name",
        ),
        (
            halfway_in("b"),
            "you mixed the biases `b`, and took the weights from the first network",
            "every array in the tree, whatever its name",
        ),
        (
            halfway_in_the_first_module,
            "you mixed the first module only",
            "every array in the tree: which function of JAX visits them all?",
        ),
        (keys_for_weights, *MIXED_KEYS),
        (keys_averaged, *MIXED_KEYS),
        (
            without_transform,
            "you called `forward` itself: outside of Haiku its layers have no weights",
            "which function of Haiku turns it into two pure ones?",
        ),
        (
            observations_for_the_key,
            "`apply` took the observations for a key",
            "which function of Haiku drops that argument?",
        ),
        (
            a_key_too_many,
            "a function that takes no key got one",
            "`forward` takes observations; `apply`, after `hk.without_apply_rng`, weights as well",
        ),
        (
            two_keys_of_its_own,
            "you made the weights from keys of your own",
            "you were given `key_a` and `key_b`",
        ),
        (
            keys_split_first,
            "you split the keys first, and other keys make other weights",
            "each key is used once here: nothing needs to be split",
        ),
        (
            asked_about_zeros,
            "you asked the network about zeros",
            "zeros will do for `init`, which looks at the shape; `apply` looks at the numbers",
        ),
    ],
    properties=[
        (
            looks_at_observations,
            "your network says the same, whatever it is asked",
            "what does `apply` get besides the weights?",
        ),
        (
            answers_row_by_row,
            "an observation gets another answer if others are asked with it",
            "the first axis is the batch: nothing is to be done along it",
        ),
        (
            is_alike_from_both_sides,
            "with the two keys swapped your answer is another, and halfway is the same from both "
            "sides",
            "each array of weights is added to its like, and the sum is halved",
        ),
        (
            between_twins_is_their_like,
            "between two equal networks you found another one",
            "try it with one key twice: the mean of two equal arrays is the same array",
        ),
    ],
)


# 3. The Q-value of the action that was taken


def two_actions_only(q_values, actions):
    """Right for CartPole, and for no environment with three actions."""
    return jnp.where(actions == 1, q_values[:, 1], q_values[:, 0])


def nothing_or_something(q_values, actions):
    """As before; every number but 0 counts as True."""
    return jnp.where(actions, q_values[:, 1], q_values[:, 0])


def weighted_by_number(q_values, actions):
    """As before, by arithmetic."""
    return (1 - actions) * q_values[:, 0] + actions * q_values[:, 1]


def steps_of_two(q_values, actions):
    """Right for two actions: places in one long row."""
    return q_values.ravel()[2 * jnp.arange(len(actions)) + actions]


def columns_first(q_values, actions):
    """Places in one long row, as if it held one column after the other."""
    return q_values.ravel()[actions * len(actions) + jnp.arange(len(actions))]


def masked(q_values, actions):
    """[B, A] with zeros for the other actions."""
    return q_values * jax.nn.one_hot(actions, q_values.shape[-1])


def picked(q_values, actions):
    """Right."""
    return q_values[jnp.arange(len(actions)), actions]


check_taken = Check(
    cases=lambda: [
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
                "q_values": jnp.array([[-1.0, -2.25], [0.5, -3.5], [2.5, 1.0], [-4.75, 7.0]]),
                "actions": jnp.array([1, 1, 0, 0]),
            },
            [-2.25, -3.5, 2.5, -4.75],
        ),
        (
            {
                "q_values": jnp.array([[0.0, 7.0, 3.0], [8.0, 1.0, 2.0], [5.0, 6.0, 4.0]]),
                "actions": jnp.array([2, 1, 0]),
            },
            [3.0, 1.0, 5.0],
        ),
        (
            {
                "q_values": jnp.array([[1.125, 2.5], [3.0, 0.375]]),
                "actions": jnp.array([0, 1]),
            },
            [1.125, 0.375],
        ),
        (
            {
                "q_values": jnp.array([[1.0, 2.0, 3.0, 4.0, 9.0], [5.0, 6.0, 7.0, 8.0, 0.0]]),
                "actions": jnp.array([4, 3]),
            },
            [9.0, 8.0],
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
            lambda q, a: jnp.argmax(q, axis=-1),
            "you returned the number of the best action",
            "a Q-value is wanted, that of the action which was taken",
        ),
        (
            lambda q, a: picked(q, a)[:, None],
            "right numbers, wrong shape: [B, 1] against targets [B] would broadcast to [B, B]",
            "one axis too many",
        ),
        (
            lambda q, a: picked(q, a).squeeze(),
            "right, but of a batch of one you lose the batch",
            "`squeeze()` drops every axis of length 1: say which one",
        ),
        (
            lambda q, a: q[0, a[0]],
            "you took the first row only",
            "one number for each row of the batch",
        ),
        (
            lambda q, a: q[-1, a[-1]],
            "you took the last row only",
            "one number for each row of the batch: does your loop keep them all?",
        ),
        (
            lambda q, a: q[jnp.arange(len(a)), a + 1],
            "you took the action after the one that was taken; and beyond the last one JAX stays "
            "at the last",
            "action 0 is the first number of its row",
        ),
        (
            lambda q, a: q[a],
            "you used the actions to pick rows",
            "which axis holds the actions?",
        ),
        (
            lambda q, a: q[a, jnp.arange(len(a))],
            "you took rows for actions and actions for rows",
            "which of the two comes first in `q_values[.., ..]`?",
        ),
        (
            lambda q, a: q[0, a],
            "you looked up every action in the first row",
            "each state has a row of its own",
        ),
        (
            lambda q, a: q[:, 0],
            "you always took action 0",
            "the memory says which action it was",
        ),
        (
            lambda q, a: q[:, 1],
            "you always took action 1",
            "the memory says which action it was",
        ),
        (
            lambda q, a: q[:, -1],
            "you always took the last action",
            "the memory says which action it was",
        ),
        (
            two_actions_only,
            "your code knows two actions, 0 and 1, and here is a third",
            "an action's number is an index: no case needs a line of its own",
        ),
        (
            nothing_or_something,
            "your code knows actions 0 and not 0, and here is a third one",
            "an action's number is an index: no case needs a line of its own",
        ),
        (
            lambda q, a: jnp.sum(q * (jnp.arange(2) == a[:, None]), axis=1),
            "your mask is made for two actions, and here are three",
            "the Q-values' shape tells how many actions there are",
        ),
        (
            steps_of_two,
            "your code knows rows of two Q-values, and here they have three",
            "the Q-values' shape tells how many actions there are",
        ),
        (
            columns_first,
            "your places count down the columns, and the numbers lie row after row",
            "two indices, one for the row and one for the action, need no such sum",
        ),
        (
            weighted_by_number,
            "your code computes with the actions' numbers, which goes wrong with a third action",
            "an action's number is an index, not an amount",
        ),
        (
            lambda q, a: (q * a[:, None]).sum(axis=-1),
            "you multiplied by the action's number",
            "an action's number is an index, not an amount",
        ),
        (
            lambda q, a: picked(jnp.sort(q, axis=-1), a),
            "you sorted the rows, and then no place is its action's any more",
            "an action's number is its place in the row as the network gave it",
        ),
        (
            masked,
            "you masked the other actions and kept their zeros",
            "one number for each row: what is missing after the mask?",
        ),
        (
            lambda q, a: masked(q, a).max(axis=-1),
            "you took the largest number after the mask, and a zero is larger than -3",
            "zeros do no harm to which other operation?",
        ),
        (
            lambda q, a: masked(q, a).mean(axis=-1),
            "you averaged over the actions, zeros included",
            "zeros do no harm to which other operation?",
        ),
        (
            lambda q, a: q.sum(axis=-1),
            "you added up all actions of a row",
            "only one of them was taken",
        ),
        (
            lambda q, a: q.mean(axis=-1),
            "you averaged all actions of a row",
            "only one of them was taken",
        ),
        (
            lambda q, a: jnp.sum(picked(q, a)),
            "you added the rows up",
            "the loss will average later; keep the rows apart",
        ),
        (
            lambda q, a: jnp.mean(picked(q, a)),
            "you averaged the rows",
            "the loss will average later; keep the rows apart",
        ),
        (
            lambda q, a: q[jnp.arange(len(a)), q.shape[1] - 1 - a],
            "you took the other action",
            "action 0 is the first number of its row",
        ),
        (
            lambda q, a: picked(q, a - 1),
            "you took the action before the one that was taken",
            "actions count from 0, as the places in a row do",
        ),
        (
            lambda q, a: q[jnp.arange(len(a)), (a + 1) % q.shape[1]],
            "you took the action after the one that was taken",
            "action 0 is the first number of its row",
        ),
    ],
    right=picked,
)


# 4. The loss of a batch


def loss_by(measure):
    """The answer that does this with the errors of the actions that were taken."""
    return lambda q, a, targets: measure(targets - picked(q, a))


# A column against a row: every target with every prediction.
def all_pairs(q_values, actions, targets):
    return jnp.mean((targets - picked(q_values, actions)[:, None]) ** 2)


# Right errors and zeros, and the mean counts the zeros, too.
def masked_targets(q_values, actions, targets):
    errors = masked(targets[:, None] - q_values, actions)
    return jnp.mean(errors**2)


# The other actions count as if they were worth 0.
def mask_of_values_only(q_values, actions, targets):
    return jnp.mean((targets[:, None] - masked(q_values, actions)) ** 2)


def of_errors(answer, *errors):
    """What an answer makes of these errors; two actions, and the second one was taken."""
    rows = len(errors)
    q_values = jnp.tile(jnp.array([7.0, 1.0]), (rows, 1))
    return answer(q_values, jnp.ones(rows, int), jnp.array(errors) + 1.0)


def costs_nothing_where_nothing_is_wrong(answer):
    return same(of_errors(answer, 0.0, 0.0, 0.0), 0.0)


def is_alike_up_and_down(answer):
    return same(of_errors(answer, 2.0), of_errors(answer, -2.0))


def adds_no_signs(answer):
    return same(of_errors(answer, 2.0, -2.0), of_errors(answer, 2.0, 2.0))


def loss_is_deaf_to_order(answer):
    return same(of_errors(answer, 1.0, 2.0, 4.0), of_errors(answer, 4.0, 1.0, 2.0))


def loss_is_deaf_to_repetition(answer):
    return same(of_errors(answer, 1.0, 2.0), of_errors(answer, 1.0, 2.0, 1.0, 2.0))


def is_deaf_to_other_actions(answer):
    actions, targets = jnp.array([1]), jnp.array([3.0])
    one, other = (jnp.array([[value, 1.0]]) for value in (5.0, -6.0))
    return same(answer(one, actions, targets), answer(other, actions, targets))


def grows_with_the_square(answer):
    return same(of_errors(answer, 4.0), 4.0 * np.asarray(of_errors(answer, 2.0)))


def of_two_actions(q_values, actions, targets):
    return jnp.mean((targets - weighted_by_number(q_values, actions)) ** 2)


check_loss = Check(
    cases=lambda: [
        (
            {
                "q_values": jnp.array([[1.0, 4.0]]),
                "actions": jnp.array([0]),
                "targets": jnp.array([3.0]),
            },
            4.0,
        ),
        (
            {
                "q_values": jnp.array([[1.0, 2.0], [3.0, 4.0], [6.0, 5.0], [2.0, 1.0]]),
                "actions": jnp.array([1, 0, 1, 0]),
                "targets": jnp.array([4.0, -1.0, 6.0, -1.0]),
            },
            (4.0 + 16.0 + 1.0 + 9.0) / 4,
        ),
        (
            {
                "q_values": jnp.array([[7.0, 0.0, 3.0], [8.0, -1.0, 2.0]]),
                "actions": jnp.array([2, 1]),
                "targets": jnp.array([2.5, 3.75]),
            },
            (0.5**2 + 4.75**2) / 2,
        ),
        (
            {
                "q_values": jnp.array([[1.125, 4.0], [0.5, 2.375]]),
                "actions": jnp.array([0, 1]),
                "targets": jnp.array([1.0, 2.0]),
            },
            (0.125**2 + 0.375**2) / 2,
        ),
        (
            {
                "q_values": jnp.array([[1.0, 2.0, 3.0, 9.0], [5.0, 6.0, 7.0, 8.0]]),
                "actions": jnp.array([3, 3]),
                "targets": jnp.array([7.0, 0.0]),
            },
            (2.0**2 + 8.0**2) / 2,
        ),
    ],
    mistakes=[
        (
            of_two_actions,
            "your code computes with the actions' numbers, which goes wrong with a third action",
            "an action's number is an index, not an amount",
        ),
        (
            loss_by(lambda error: jnp.sum(error**2)),
            "you added up: three times the batch would be three times the loss",
            "a mean over the batch",
        ),
        (
            loss_by(lambda error: error**2),
            "you returned one loss for each row",
            "one number for the batch: which one, of B losses?",
        ),
        (
            loss_by(lambda error: 0.5 * jnp.mean(error**2)),
            "you halved it: many books do, and `mse` does not",
            "an error of 2 costs 4 here",
        ),
        (
            loss_by(lambda error: jnp.sqrt(jnp.mean(error**2))),
            "you took a square root at the end",
            "it is the mean of the squares that is wanted",
        ),
        (
            loss_by(lambda error: jnp.mean(jnp.abs(error))),
            "you took the errors' size, and not their squares",
            "an error of 2 costs 4",
        ),
        (
            loss_by(jnp.mean),
            "you did not square the errors, so that too high and too low cancel out",
            "an error of 2 costs 4, and so does one of -2",
        ),
        (
            loss_by(lambda error: jnp.median(error**2)),
            "you took the median of the squares, and their mean is wanted",
            "each row of the batch counts",
        ),
        (
            loss_by(lambda error: jnp.max(error**2)),
            "you took the largest square, and the mean of all is wanted",
            "each row of the batch counts",
        ),
        (
            loss_by(jnp.var),
            "you took the variance, in which the mean error counts nothing",
            "an agent that is wrong by 2 everywhere is wrong",
        ),
        (
            lambda q, a, targets: jnp.mean(((targets - picked(q, a)) / targets) ** 2),
            "you divided the errors by the targets",
            "an error of 2 costs 4, whatever the target is",
        ),
        (
            lambda q, a, targets: mse(targets, a.astype(float)),
            "you compared the targets with the actions' numbers",
            "which Q-value belongs to each action?",
        ),
        (
            loss_by(lambda error: jnp.mean(error) ** 2),
            "you squared the mean, and the mean of the squares was asked for",
            "square first: too high and too low must not cancel out",
        ),
        (
            loss_by(lambda error: -jnp.mean(error**2)),
            "the sign is wrong: the better the prediction, the larger your loss",
            "a loss is 0 at best",
        ),
        (
            loss_by(lambda error: jnp.mean(jnp.clip(error, -1.0, 1.0) ** 2)),
            "you cut the errors off at 1, so larger ones cost no more",
            "here every error counts with its square, the large ones too",
        ),
        (
            lambda q, a, targets: huber(targets, picked(q, a)),
            "that is Huber's loss, with the speed limit",
            "here every error counts with its square, the large ones too",
        ),
        (
            all_pairs,
            "you compared every target with every prediction",
            "[B, 1] against [B] is [B, B]: look at the shapes before you subtract",
        ),
        (
            lambda q, a, targets: jnp.mean((targets - q[:, a]) ** 2),
            "you took every row with every action",
            "name the rows too: row 0 with its action, row 1 with its own",
        ),
        (
            lambda q, a, targets: jnp.mean((targets[:, None] - q[:, a]) ** 2),
            "you took every row with every action, against the row's target",
            "name the rows too: row 0 with its action, row 1 with its own",
        ),
        (
            lambda q, a, targets: jnp.mean((targets[:, None] - q) ** 2),
            "you compared the target with every action of its row",
            "only the action that was taken has a target",
        ),
        (
            masked_targets,
            "right errors, but your mean also counts the zeros of the other actions",
            "by how many must the sum be divided: B, or B times A?",
        ),
        (
            mask_of_values_only,
            "you masked the Q-values, and compared the zeros with the target, too",
            "only the action that was taken has a target",
        ),
        (
            lambda q, a, targets: mse(targets, jnp.max(q, axis=-1)),
            "you took the best action, not the one that was taken",
            "the memory says which action it was",
        ),
        (
            lambda q, a, targets: mse(targets, picked(q, a - 1)),
            "you took the action before the one that was taken",
            "actions count from 0, as the places in a row do",
        ),
        (
            lambda q, a, targets: mse(targets, two_actions_only(q, a)),
            "your code knows two actions, 0 and 1, and here is a third",
            "an action's number is an index: no case needs a line of its own",
        ),
        (
            lambda q, a, targets: mse(targets, nothing_or_something(q, a)),
            "your code knows actions 0 and not 0, and here is a third one",
            "an action's number is an index: no case needs a line of its own",
        ),
        (
            lambda q, a, targets: jnp.mean((targets[:, None] - q[a]) ** 2),
            "you used the actions to pick rows",
            "which axis holds the actions?",
        ),
        (
            loss_by(lambda error: jnp.sum(error**2) / 32),
            "you divided by 32, and this batch has another size",
            "the targets tell how many there are",
        ),
    ],
    right=lambda q_values, actions, targets: jnp.mean((targets - picked(q_values, actions)) ** 2),
    properties=[
        (
            is_deaf_to_other_actions,
            "your loss changes with the Q-value of an action that was not taken",
            "only the action that was taken has a target",
        ),
        (
            costs_nothing_where_nothing_is_wrong,
            "where every prediction is its target, your loss is not 0",
            "what is left of each error there?",
        ),
        (
            loss_is_deaf_to_order,
            "the same rows in another order give another loss",
            "every row counts in the same way",
        ),
        (
            is_alike_up_and_down,
            "an error of 2 costs something else than an error of -2",
            "what does a square do to a sign?",
        ),
        (
            adds_no_signs,
            "an error up and one down cost something else than two up",
            "square first, then average",
        ),
        (
            loss_is_deaf_to_repetition,
            "with every row twice your loss is another, and a mean stays",
            "by how many is the sum divided?",
        ),
        (
            grows_with_the_square,
            "an error of 4 does not cost you four times as much as an error of 2",
            "it is the squares that are averaged",
        ),
    ],
)


# 5. How hard does a loss pull at each prediction?


def twice_the_squares(targets, predictions):
    """A loss that adds up."""
    return jnp.sum(2.0 * (targets - predictions) ** 2)


def relative_squares(targets, predictions):
    """A loss that counts an error of 1 as more where the target is small."""
    return jnp.mean(((predictions - targets) / targets) ** 2)


# The gradient by the second argument.
def right_pull(loss, targets, predictions):
    return jax.grad(loss, argnums=1)(targets, predictions)


# (arguments, what is right).
def pull_case(loss, targets, predictions, right):
    given = {"loss": loss, "targets": jnp.array(targets), "predictions": jnp.array(predictions)}
    return given, right


check_pull = Check(
    cases=lambda: [
        pull_case(mse, [3.0, 1.0], [1.0, 1.5], [2 * -2.0 / 2, 2 * 0.5 / 2]),
        pull_case(huber, [0.0, 0.0, 2.0, 5.0], [100.0, 0.5, 2.0, -95.0], [0.25, 0.125, 0.0, -0.25]),
        pull_case(twice_the_squares, [1.0, 4.0, 2.0], [2.0, 2.0, 2.0], [4.0, -8.0, 0.0]),
        pull_case(relative_squares, [1.0, 4.0], [2.0, 2.0], [1.0, -2.0 / 16]),
    ],
    mistakes=[
        (
            lambda loss, targets, predictions: jax.grad(loss)(targets, predictions),
            "you differentiated by the targets: it is the predictions that can move",
            "`jax.grad` takes the first argument unless it is told otherwise",
        ),
        (
            lambda loss, targets, predictions: jax.grad(loss)(predictions, targets),
            "you gave the loss its arguments in the other order, and this one knows them apart",
            "keep the order, and tell `jax.grad` which argument",
        ),
        (
            lambda loss, targets, predictions: loss(targets, predictions),
            "you returned the loss, not how it changes",
            "which function of JAX turns a loss into its gradient?",
        ),
        (
            lambda loss, targets, predictions: jnp.full(len(targets), loss(targets, predictions)),
            "you returned the loss, not how it changes",
            "which function of JAX turns a loss into its gradient?",
        ),
        (
            lambda *given: jax.value_and_grad(given[0], argnums=1)(*given[1:]),
            "you returned the loss as well as its gradient",
            "a pair came back: take its second half",
        ),
        (
            lambda *given: jax.grad(given[0], argnums=(0, 1))(*given[1:]),
            "you returned the gradients by both arguments",
            "it is the predictions that can move",
        ),
        (
            lambda *given: -right_pull(*given),
            "you returned the way downhill, with the sign turned round",
            "a gradient points uphill; the minus comes with the step",
        ),
        (
            lambda *given: jnp.sign(right_pull(*given)),
            "you kept the gradient's sign alone, and nobody knows how far to go",
            "*how hard*, and in which direction",
        ),
        (
            lambda loss, targets, predictions: -jax.grad(loss)(targets, predictions),
            "the minus of the other gradient will do only if the loss looks at differences alone",
            "`argnums` says by which argument",
        ),
        (
            lambda *given: right_pull(*given) / len(given[2]),
            "you divided by the size of the batch once more",
            "`loss` has taken its mean already",
        ),
        (
            lambda *given: jnp.abs(right_pull(*given)),
            "you dropped the sign, and nobody knows which way to go",
            "how hard, *and in which direction*",
        ),
        (
            lambda *given: jnp.sum(right_pull(*given)),
            "you added up what belongs to different predictions",
            "one number for each prediction",
        ),
        (
            lambda *given: jnp.mean(right_pull(*given)),
            "you averaged what belongs to different predictions",
            "one number for each prediction",
        ),
        (
            lambda loss, targets, predictions: predictions - targets,
            "you returned the errors, whatever the loss",
            "each loss pulls in its own way: differentiate the one that you were given",
        ),
        (
            lambda loss, targets, predictions: 2 * (predictions - targets) / len(targets),
            "you differentiated `mse` by hand, and another loss pulls otherwise",
            "use the loss that you were given: JAX differentiates any function",
        ),
        (
            lambda loss, targets, predictions: 2 * (predictions - targets),
            "you differentiated a square by hand, and forgot that the loss may be a mean",
            "use the loss that you were given: JAX differentiates any function",
        ),
        (
            lambda loss, targets, predictions: 2 * (targets - predictions) / len(targets),
            "you differentiated `mse` by hand, and by the targets",
            "use the loss that you were given: JAX differentiates any function",
        ),
        (
            lambda *given: jax.vmap(jax.grad(given[0], argnums=1))(*given[1:]),
            "you lost the mean over the batch, as happens with one prediction at a time",
            "hand it the whole batch: the gradient has one number for each prediction anyway",
        ),
        *(
            (
                lambda loss, targets, predictions, rate=rate: (
                    predictions - rate * right_pull(loss, targets, predictions)
                ),
                "you took a step of gradient descent",
                "the gradient alone was asked for",
            )
            for rate in (1.0, 0.1, 0.01, 0.001)
        ),
        (
            lambda *given: jnp.clip(right_pull(*given), -1.0, 1.0),
            "you cut the gradient off at 1",
            "*how hard*: some losses pull harder than 1",
        ),
        (
            lambda *given: right_pull(*given) / jnp.linalg.norm(right_pull(*given)),
            "you divided the gradient by its size",
            "*how hard*: of that its direction says nothing",
        ),
        (
            lambda loss, targets, predictions: jnp.zeros(len(targets)),
            "nothing pulls: JAX saw no way from the predictions to the loss",
            "did you differentiate by an argument that the loss uses?",
        ),
    ],
    right=right_pull,
)
