"""Answers to the exercises of notebook 03."""

import itertools
from functools import partial

import haiku as hk
import jax
import jax.numpy as jnp
import numpy as np
import optax
from planted import right, right_value, wrong, wrong_value

from rl_jax.nn.losses import mse

sizes = [4, 32, 16, 2]
QS = jnp.array([[1.0, 2.0], [3.0, 4.0], [6.0, 5.0]])


# my_count


right_value("my_count", sum(n * m + m for n, m in itertools.pairwise(sizes)))


right_value("my_count", np.sum((np.array(sizes[:-1]) + 1.0) * np.array(sizes[1:])))


wrong_value("my_count", "forgot the biases", sum(np.multiply(sizes[:-1], sizes[1:])))


wrong_value("my_count", "forgot the output layer", 5 * 32 + 33 * 16)


wrong_value("my_count", "you counted units", sum(sizes))


wrong_value("my_count", "inputs biases too", 726)


wrong_value("my_count", "you have 278 too many", 1000)


wrong_value("my_count", "you have 1 too few", 721)


wrong_value("my_count", "you have 22 too few", jnp.array(700))


wrong_value("my_count", "you answered yes or no", True)


right_value("my_count", 722)


right_value("my_count", 160 + 528 + 34)


right_value("my_count", np.int64(722))


right_value("my_count", jnp.float32(722))


wrong_value("my_count", "you forgot the biases", 4 * 32 + 32 * 16 + 16 * 2)


wrong_value("my_count", "you counted the biases only, one for each unit", 32 + 16 + 2)


wrong_value("my_count", "you multiplied all sizes, as if every path through the", 4 * 32 * 16 * 2)


wrong_value("my_count", "you counted arrays, not the numbers in them", 6)


wrong_value("my_count", "that is the network of this page, and the question is", 31_802)


wrong_value("my_count", "you forgot the biases of the output layer", 5 * 32 + 33 * 16 + 16 * 2)


wrong_value("my_count", "you forgot the first layer", 33 * 16 + 17 * 2)


wrong_value("my_count", "you swapped the hidden layers", 5 * 16 + 17 * 32 + 33 * 2)


wrong_value("my_count", "your network has one output", 5 * 32 + 33 * 16 + 17)


wrong_value("my_count", "you returned a text, where one number is wanted", "722")


wrong_value(
    "my_count", "you multiplied the layers with each other", (4 + 1) * (32 + 1) * (16 + 1) * 2
)


wrong_value("my_count", "wrong shape: the shape is (3,), and () is wanted", [160, 528, 34])


wrong_value("my_count", "three outputs", 5 * 32 + 33 * 16 + 17 * 3)


wrong_value("my_count", "you gave each layer one bias", 4 * 32 + 32 * 16 + 16 * 2 + 3)


wrong_value("my_count", "you have 1 too many", 723)


wrong_value("my_count", "or forgot the biases of the first", 4 * 32 + 33 * 16 + 17 * 2)


wrong_value("my_count", "128 too few: as many as the weights of the first layer", 594)


wrong_value(
    "my_count",
    "32 too many: as many as the weights of the last layer, or the biases of the first layer",
    754,
)


wrong_value("my_count", "you counted a part of a parameter", 722.5)


wrong_value("my_count", "you forgot the output layer, or the biases of the first layer", 688)


wrong_value("my_count", "as many as the weights of the second layer and the biases of", 194)


wrong_value("my_count", "you forgot the layer of 16 units", 226)


wrong_value("my_count", "you exchanged what goes in and what comes out", 692)


wrong_value("my_count", "you counted bytes", 2888)


wrong_value("my_count", "you gave each weight a bias", 1344)


wrong_value("my_count", "you gave several things, and one is wanted", (160, 528, 34))


wrong_value(
    "my_count",
    "as many biases as it has inputs",
    sum(n * m + n for n, m in itertools.pairwise(sizes)),
)


# halfway


@right("halfway")
def by_tree_map(forward, key_a, key_b, observations):
    model = hk.without_apply_rng(hk.transform(forward))
    params_a = model.init(key_a, observations)
    params_b = model.init(key_b, observations)
    middle = jax.tree.map(lambda a, b: (a + b) / 2, params_a, params_b)
    return model.apply(middle, observations)


@right("halfway")
def by_jnp_mean_of_stacked(forward, key_a, key_b, observations):
    init, apply = hk.transform(forward)
    stacked = jax.vmap(init, in_axes=(0, None))(jnp.stack([key_a, key_b]), observations)
    return apply(jax.tree.map(lambda both: both.mean(axis=0), stacked), None, observations)


@right("halfway")
def in_two_loops(forward, key_a, key_b, observations):
    network = hk.transform(forward)
    first, second = network.init(key_a, observations[:1]), network.init(key_b, observations[:1])
    mixed = {}
    for module in first:
        mixed[module] = {}
        for name in first[module]:
            mixed[module][name] = 0.5 * first[module][name] + 0.5 * second[module][name]
    return network.apply(mixed, key_a, observations)


@right("halfway")
def by_optax(forward, key_a, key_b, observations):
    net = hk.without_apply_rng(hk.transform(forward))
    a, b = (net.init(key, jnp.zeros((1, 3))) for key in (key_a, key_b))
    return jax.jit(net.apply)(optax.incremental_update(a, b, 0.5), observations)


@wrong("halfway", "you took the mean of two outputs, not the output of the")
def mean_of_outputs(forward, key_a, key_b, observations):
    model = hk.without_apply_rng(hk.transform(forward))
    outputs = [model.apply(model.init(k, observations), observations) for k in (key_a, key_b)]
    return sum(outputs) / 2


@wrong("halfway", "you took the mean of two outputs, not the output of the")
def by_vmap_outputs(forward, key_a, key_b, observations):
    model = hk.without_apply_rng(hk.transform(forward))
    keys = jnp.stack([key_a, key_b])
    return jax.vmap(lambda key: model.apply(model.init(key, observations), observations))(
        keys
    ).mean(0)


@wrong("halfway", "you asked the first network only")
def both_from_one_key(forward, key_a, key_b, observations):
    model = hk.without_apply_rng(hk.transform(forward))
    a, b = model.init(key_a, observations), model.init(key_a, observations)
    return model.apply(jax.tree.map(lambda a, b: (a + b) / 2, a, b), observations)


@wrong("halfway", "you added the weights, and never halved them")
def not_halved(forward, key_a, key_b, observations):
    model = hk.without_apply_rng(hk.transform(forward))
    a, b = model.init(key_a, observations), model.init(key_b, observations)
    return model.apply(jax.tree.map(jnp.add, a, b), observations)


@wrong("halfway", "you calculated with a dictionary as if it were one array")
def dictionaries_added(forward, key_a, key_b, observations):
    model = hk.without_apply_rng(hk.transform(forward))
    params = (model.init(key_a, observations) + model.init(key_b, observations)) / 2
    return model.apply(params, observations)


@wrong("halfway", "you asked the second network only")
def merged_dictionaries(forward, key_a, key_b, observations):
    model = hk.without_apply_rng(hk.transform(forward))
    return model.apply(
        {**model.init(key_a, observations), **model.init(key_b, observations)}, observations
    )


@wrong("halfway", "you returned the weights, not what the network says")
def the_weights_themselves(forward, key_a, key_b, observations):
    model = hk.transform(forward)
    a, b = model.init(key_a, observations), model.init(key_b, observations)
    return jax.tree.map(lambda a, b: (a + b) / 2, a, b)


@wrong("halfway", "`apply` took the observations for a key")
def apply_without_key(forward, key_a, key_b, observations):
    model = hk.transform(forward)
    a, b = model.init(key_a, observations), model.init(key_b, observations)
    return model.apply(jax.tree.map(lambda a, b: (a + b) / 2, a, b), observations)


@wrong("halfway", "a function that takes no key got one")
def a_key_too_many(forward, key_a, key_b, observations):
    model = hk.without_apply_rng(hk.transform(forward))
    a, b = model.init(key_a, observations), model.init(key_b, observations)
    return model.apply(jax.tree.map(lambda a, b: (a + b) / 2, a, b), key_a, observations)


@wrong("halfway", "you called `forward` itself: outside of Haiku its layers")
def calls_forward(forward, key_a, key_b, observations):
    return forward(observations)


@wrong("halfway", "you asked the network about zeros")
def zeros_asked(forward, key_a, key_b, observations):
    model = hk.without_apply_rng(hk.transform(forward))
    mock = jnp.zeros_like(observations)
    a, b = model.init(key_a, mock), model.init(key_b, mock)
    return model.apply(jax.tree.map(lambda a, b: (a + b) / 2, a, b), mock)


@wrong("halfway", "you calculated with random keys, and keys are no numbers")
def keys_added(forward, key_a, key_b, observations):
    model = hk.without_apply_rng(hk.transform(forward))
    return model.apply(model.init((key_a + key_b) / 2, observations), observations)


@wrong("halfway", "you made the weights from keys of your own")
def own_keys(forward, key_a, key_b, observations):
    model = hk.without_apply_rng(hk.transform(forward))
    a, b = model.init(jax.random.key(0), observations), model.init(jax.random.key(1), observations)
    return model.apply(jax.tree.map(lambda a, b: (a + b) / 2, a, b), observations)


@wrong("halfway", "you split the keys first, and other keys make other")
def split_keys(forward, key_a, key_b, observations):
    model = hk.without_apply_rng(hk.transform(forward))
    (_, a), (_, b) = jax.random.split(key_a), jax.random.split(key_b)
    a, b = model.init(a, observations), model.init(b, observations)
    return model.apply(jax.tree.map(lambda a, b: (a + b) / 2, a, b), observations)


@wrong("halfway", "you gave several things, and one is wanted")
def returns_both(forward, key_a, key_b, observations):
    model = hk.without_apply_rng(hk.transform(forward))
    a, b = model.init(key_a, observations), model.init(key_b, observations)
    return model.apply(a, observations), model.apply(b, observations)


@wrong("halfway", "you returned a function")
def the_function(forward, key_a, key_b, observations):
    model = hk.without_apply_rng(hk.transform(forward))
    a, b = model.init(key_a, observations), model.init(key_b, observations)
    return partial(model.apply, jax.tree.map(lambda a, b: (a + b) / 2, a, b))


@wrong("halfway", "you asked the page's own network")
def network_of_the_page(forward, key_a, key_b, observations):
    model = hk.without_apply_rng(hk.transform(lambda x: hk.nets.MLP([300, 100, 2])(x)))
    a, b = model.init(key_a, observations), model.init(key_b, observations)
    return model.apply(jax.tree.map(lambda a, b: (a + b) / 2, a, b), observations)


@wrong("halfway", "you mixed the keys, and a mixed key makes a third network")
def mean_of_key_data(forward, key_a, key_b, observations):
    model = hk.without_apply_rng(hk.transform(forward))
    data = (jax.random.key_data(key_a) + jax.random.key_data(key_b)) // 2
    return model.apply(model.init(jax.random.wrap_key_data(data), observations), observations)


@wrong("halfway", "your network says the same, whatever it is asked")
def asked_about_ones(forward, key_a, key_b, observations):
    network = hk.without_apply_rng(hk.transform(forward))
    params = (network.init(key, observations) for key in (key_a, key_b))
    mixed = jax.tree.map(lambda a, b: (a + b) / 2, *params)
    return network.apply(mixed, jnp.ones_like(observations))


@wrong("halfway", "with the two keys swapped your answer is another")
def a_quarter_of_the_way(forward, key_a, key_b, observations):
    network = hk.without_apply_rng(hk.transform(forward))
    params = (network.init(key, observations) for key in (key_a, key_b))
    return network.apply(jax.tree.map(lambda a, b: 0.75 * a + 0.25 * b, *params), observations)


@wrong("halfway", "between two equal networks you found another one")
def divided_by_three(forward, key_a, key_b, observations):
    network = hk.without_apply_rng(hk.transform(forward))
    params = (network.init(key, observations) for key in (key_a, key_b))
    return network.apply(jax.tree.map(lambda a, b: (a + b) / 3, *params), observations)


@wrong("halfway", "an observation gets another answer if others are asked with it")
def centred(forward, key_a, key_b, observations):
    network = hk.without_apply_rng(hk.transform(forward))
    params = (network.init(key, observations) for key in (key_a, key_b))
    mixed = jax.tree.map(lambda a, b: (a + b) / 2, *params)
    return network.apply(mixed, observations - observations.mean(axis=0))


@wrong("halfway", "wrong shape: the shape is (2,), and (2, 3) is wanted")
def the_action_alone(forward, key_a, key_b, observations):
    network = hk.without_apply_rng(hk.transform(forward))
    params = (network.init(key, observations) for key in (key_a, key_b))
    mixed = jax.tree.map(lambda a, b: (a + b) / 2, *params)
    return jnp.argmax(network.apply(mixed, observations), axis=-1)


@wrong("halfway", "`jax.tree.map` got things that are not alike")
def the_function_last(forward, key_a, key_b, observations):
    network = hk.without_apply_rng(hk.transform(forward))
    params_a, params_b = (network.init(key, observations) for key in (key_a, key_b))
    mixed = jax.tree.map(params_a, params_b, lambda a, b: (a + b) / 2)
    return network.apply(mixed, observations)


@wrong("halfway", "Haiku's `apply` got something else where it wants the parameters")
def inputs_first(forward, key_a, key_b, observations):
    network = hk.without_apply_rng(hk.transform(forward))
    params = (network.init(key, observations) for key in (key_a, key_b))
    mixed = jax.tree.map(lambda a, b: (a + b) / 2, *params)
    return network.apply(observations, mixed)


@wrong("halfway", "an axis is missing")
def of_the_first_observation(forward, key_a, key_b, observations):
    model = hk.without_apply_rng(hk.transform(forward))
    both = model.init(key_a, observations), model.init(key_b, observations)
    middle = jax.tree.map(lambda a, b: (a + b) / 2, *both)
    return model.apply(middle, observations[0])


@wrong("halfway", "there is an axis too many")
def both_stacked(forward, key_a, key_b, observations):
    model = hk.without_apply_rng(hk.transform(forward))
    both = model.init(key_a, observations), model.init(key_b, observations)
    return jnp.stack([model.apply(params, observations) for params in both])


@wrong("halfway", "a function that takes no key got one")
def forward_itself(forward, key_a, key_b, observations):
    return (forward(key_a, observations) + forward(key_b, observations)) / 2


# q_of_taken


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


@wrong("q_of_taken", "your mask is made for two actions, and here are three")
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


@wrong("q_of_taken", "you took the other action")
def other_action(q_values, actions):
    return jnp.where(actions == 1, q_values[:, 0], q_values[:, 1])


@wrong("q_of_taken", "you took the largest number after the mask, and a zero is")
def largest_of_the_mask(q_values, actions):
    return jnp.max(q_values * (jnp.arange(2) == actions[:, None]), axis=1)


@right("q_of_taken")
def by_vmap(q_values, actions):
    return jax.vmap(lambda row, action: row[action])(q_values, actions)


@right("q_of_taken")
def by_einsum(q, a):
    return jnp.einsum("ba,ba->b", q, jax.nn.one_hot(a, q.shape[-1]))


@right("q_of_taken")
def the_diagonal(q_values, actions):
    return np.diag(np.asarray(q_values)[:, np.asarray(actions)])


@right("q_of_taken")
def flat_places(q_values, actions):
    width = q_values.shape[1]
    return q_values.ravel()[jnp.arange(len(actions)) * width + actions]


right("q_of_taken")(jax.jit(lambda q, a: jnp.take_along_axis(q, a[:, None], 1)[:, 0]))


@right("q_of_taken")
def filled_in_a_loop(q_values, actions):
    taken = np.zeros(len(actions))
    for i in range(len(actions)):
        taken[i] = q_values[i][actions[i]]
    return taken


@wrong("q_of_taken", "you masked the other actions and kept their zeros")
def mask_by_width(q_values, actions):
    return q_values * jax.nn.one_hot(actions, q_values.shape[-1])


@wrong("q_of_taken", "your code knows two actions, 0 and 1, and here is a third")
def only_two_actions(q_values, actions):
    return jnp.where(actions == 1, q_values[:, 1], q_values[:, 0])


@wrong("q_of_taken", "your code computes with the actions' numbers, which goes")
def mixed_by_numbers(q_values, actions):
    return (1 - actions) * q_values[:, 0] + actions * q_values[:, 1]


@wrong("q_of_taken", "you took rows for actions and actions for rows")
def axes_swapped(q_values, actions):
    return q_values[actions, jnp.arange(len(actions))]


@wrong("q_of_taken", "you looked up every action in the first row")
def always_the_first_row(q_values, actions):
    return q_values[0, actions]


@wrong("q_of_taken", "you always took action 0")
def always_the_first_action(q_values, actions):
    return q_values[:, 0]


@wrong("q_of_taken", "you looked up every action in the first row")
def flat_take(q_values, actions):
    return jnp.take(q_values, actions)


@wrong("q_of_taken", "right, but of a batch of one you lose the batch")
def squeezed_too_much(q_values, actions):
    return jnp.take_along_axis(q_values, actions[:, None], axis=1).squeeze()


@wrong("q_of_taken", "you averaged over the actions, zeros included")
def mean_of_the_mask(q_values, actions):
    return (q_values * jax.nn.one_hot(actions, q_values.shape[1])).mean(axis=1)


@wrong("q_of_taken", "you took the other action")
def from_the_right(q_values, actions):
    return q_values[jnp.arange(len(actions)), q_values.shape[1] - 1 - actions]


@wrong("q_of_taken", "you returned the number of the best action")
def the_best_action(q_values, actions):
    return jnp.argmax(q_values, axis=-1)


@wrong("q_of_taken", "you averaged the rows")
def averaged(q_values, actions):
    return jnp.mean(q_values[jnp.arange(len(actions)), actions])


@wrong("q_of_taken", "you added up all actions of a row")
def added_over_actions(q_values, actions):
    return q_values.sum(axis=-1)


@wrong("q_of_taken", "your function returned nothing")
def nothing_returned(q_values, actions):
    q_values[jnp.arange(len(actions)), actions]


@wrong("q_of_taken", "you used the actions to pick rows")
def a_list_of_rows(q_values, actions):
    return [q_values[a] for a in actions]


@wrong("q_of_taken", "you took the action after the one that was taken")
def next_action(q_values, actions):
    return q_values[jnp.arange(len(actions)), (actions + 1) % q_values.shape[1]]


@wrong("q_of_taken", "you took the first row only")
def of_the_first_row(q_values, actions):
    return q_values[0, actions[0]]


@wrong("q_of_taken", "you took the action before the one that was taken")
def action_before(q_values, actions):
    return q_values[jnp.arange(len(actions)), actions - 1]


@wrong("q_of_taken", "a number for each column of `q_values`, and one for each row is wanted")
def summed_over_the_rows(q_values, actions):
    return (q_values * jax.nn.one_hot(actions, q_values.shape[1])).sum(axis=0)


@wrong("q_of_taken", "the shape of your answer is (3,) whatever the input is")
def of_three_rows(q_values, actions):
    return q_values[jnp.arange(3), actions]


@wrong("q_of_taken", "your function looks at the page's `QS`, which is not among its arguments")
def of_the_page(q_values, actions):
    return QS[jnp.arange(len(actions)), actions]


@wrong("q_of_taken", "your code knows rows of two Q-values, and here they have three")
def in_steps_of_two(q_values, actions):
    return q_values.ravel()[jnp.arange(len(actions)) * 2 + actions]


@wrong("q_of_taken", "your places count down the columns")
def in_steps_of_the_batch(q_values, actions):
    batch = len(actions)
    return q_values.flatten()[actions * batch + jnp.arange(batch)]


@wrong("q_of_taken", "you cut or rounded to whole numbers")
def in_whole_numbers(q_values, actions):
    return q_values[jnp.arange(len(actions)), actions].astype(int)


@wrong("q_of_taken", "you multiplied by the action's number")
def times_the_number(q_values, actions):
    return (q_values * actions[:, None]).sum(axis=1)


@wrong("q_of_taken", "you sorted the rows")
def from_sorted_rows(q_values, actions):
    return jnp.take_along_axis(jnp.sort(q_values), actions[:, None], axis=1)[:, 0]


@wrong("q_of_taken", "you always took action 1")
def second_column(q_values, actions):
    return q_values[:, 1]


@wrong("q_of_taken", "you always took the last action")
def last_column(q_values, actions):
    return q_values.T[-1]


@wrong("q_of_taken", "you took the last row only")
def overwritten_in_the_loop(q_values, actions):
    out = []
    for i in range(len(actions)):
        out = q_values[i][actions[i]]
    return out


@wrong("q_of_taken", "beyond the last one JAX stays")
def one_place_on(q_values, actions):
    return q_values[jnp.arange(len(actions)), actions + 1]


@wrong("q_of_taken", "you rounded your numbers")
def in_two_digits(q_values, actions):
    return jnp.round(q_values[jnp.arange(len(actions)), actions], 2)


@wrong("q_of_taken", "right so far, and wrong for this input")
def one_of_three(q_values, actions):
    columns = [q_values[:, min(column, q_values.shape[1] - 1)] for column in range(3)]
    return jnp.select([actions == 0, actions == 1, actions == 2], columns)


# loss_of_batch


@right("loss_of_batch")
def as_on_paper(q_values, actions, targets):
    taken = q_values[jnp.arange(len(actions)), actions]
    return jnp.mean((targets - taken) ** 2)


@right("loss_of_batch")
def a_loop(q_values, actions, targets):
    total = 0.0
    for row, action, target in zip(q_values, actions, targets, strict=True):
        total += (row[action] - target) ** 2
    return total / len(targets)


@right("loss_of_batch")
def one_hot_sum(q, a, y):
    taken = jnp.sum(q * jax.nn.one_hot(a, q.shape[1]), axis=1)
    return jnp.mean(jnp.square(taken - y))


@right("loss_of_batch")
def in_numpy(q_values, actions, targets):
    q_values, actions, targets = map(np.asarray, (q_values, actions, targets))
    errors = targets - np.take_along_axis(q_values, actions[:, None], axis=1)[:, 0]
    return errors @ errors / errors.size


@right("loss_of_batch")
def a_vector_norm(q_values, actions, targets):
    e = targets - jax.vmap(jnp.take)(q_values, actions)
    return jnp.linalg.norm(e) ** 2 / e.shape[0]


@wrong("loss_of_batch", "you added up: three times the batch would be three times")
def the_sum(q_values, actions, targets):
    return ((targets - q_values[jnp.arange(len(actions)), actions]) ** 2).sum()


@wrong("loss_of_batch", "you compared every target with every prediction")
def column_against_row(q_values, actions, targets):
    taken = jnp.take_along_axis(q_values, actions[:, None], axis=1)
    return jnp.mean((targets - taken) ** 2)


@wrong("loss_of_batch", "right errors, but your mean also counts the zeros of the")
def mean_of_masked(q_values, actions, targets):
    mask = jax.nn.one_hot(actions, q_values.shape[1])
    return jnp.mean(mask * (q_values - targets[:, None]) ** 2)


@wrong("loss_of_batch", "you masked the Q-values, and compared the zeros with the")
def masked_against_targets(q_values, actions, targets):
    mask = jax.nn.one_hot(actions, q_values.shape[1])
    return jnp.mean((mask * q_values - targets[:, None]) ** 2)


@wrong("loss_of_batch", "you took the best action, not the one that was taken")
def greedy_values(q_values, actions, targets):
    return jnp.mean((targets - q_values.max(axis=1)) ** 2)


@wrong("loss_of_batch", "you did not square the errors, so that too high and too")
def plain_mean(q_values, actions, targets):
    return jnp.mean(targets - q_values[jnp.arange(len(actions)), actions])


@wrong("loss_of_batch", "you took the errors' size, and not their squares")
def absolute(q_values, actions, targets):
    return jnp.abs(targets - q_values[jnp.arange(len(actions)), actions]).mean()


@wrong("loss_of_batch", "you took a square root at the end")
def rms(q_values, actions, targets):
    return jnp.mean((targets - q_values[jnp.arange(len(actions)), actions]) ** 2) ** 0.5


@wrong("loss_of_batch", "you returned one loss for each row")
def per_row(q_values, actions, targets):
    return (targets - q_values[jnp.arange(len(actions)), actions]) ** 2


@wrong("loss_of_batch", "you halved it: many books do, and `mse` does not")
def half(q_values, actions, targets):
    return ((targets - q_values[jnp.arange(len(actions)), actions]) ** 2).mean() / 2


@wrong("loss_of_batch", "you took every row with every action")
def indexed_square(q_values, actions, targets):
    return jnp.mean((q_values[:, actions] - targets) ** 2)


@wrong("loss_of_batch", "you took every row with every action, against the row's")
def indexed_square_by_rows(q_values, actions, targets):
    return jnp.mean((q_values[:, actions] - targets[:, None]) ** 2)


@wrong("loss_of_batch", "you compared the target with every action of its row")
def all_actions(q_values, actions, targets):
    return jnp.mean((q_values - targets.reshape(-1, 1)) ** 2)


@wrong("loss_of_batch", "your code knows actions 0 and not 0, and here is a third")
def where_two(q_values, actions, targets):
    taken = jnp.where(actions, q_values[:, 1], q_values[:, 0])
    return jnp.mean((targets - taken) ** 2)


@wrong("loss_of_batch", "that is Huber's loss, with the speed limit")
def smooth_l1(q_values, actions, targets):
    return optax.huber_loss(q_values[jnp.arange(len(actions)), actions], targets).mean()


@wrong("loss_of_batch", "you halved it: many books do, and `mse` does not")
def optax_l2(q_values, actions, targets):
    return optax.l2_loss(q_values[jnp.arange(len(actions)), actions], targets).mean()


@wrong("loss_of_batch", "you used the actions to pick rows")
def rows_by_action(q_values, actions, targets):
    return jnp.mean((q_values[actions] - targets[:, None]) ** 2)


@wrong("loss_of_batch", "your function returned nothing")
def forgot_to_return(q_values, actions, targets):
    jnp.mean((targets - q_values[jnp.arange(len(actions)), actions]) ** 2)


@wrong("loss_of_batch", "you divided by 32, and this batch has another size")
def by_a_fixed_batch(q_values, actions, targets):
    return jnp.sum((targets - q_values[jnp.arange(len(actions)), actions]) ** 2) / 32


@wrong("loss_of_batch", "with the Q-value of an action that was not taken")
def bellman_too(q_values, actions, targets):
    taken = q_values[jnp.arange(len(actions)), actions]
    return jnp.mean((targets + 0.99 * q_values.max(axis=1) - taken) ** 2)


@wrong("loss_of_batch", "you took the action before the one that was taken")
def counted_from_one(q_values, actions, targets):
    taken = q_values[jnp.arange(len(actions)), actions - 1]
    return jnp.mean((targets - taken) ** 2)


def taken_errors(q_values, actions, targets):
    return targets - q_values[jnp.arange(len(actions)), actions]


@wrong("loss_of_batch", "your loss changes with the Q-value of an action that was not taken")
def against_the_mean(q_values, actions, targets):
    return jnp.mean((targets - q_values.mean(axis=1)) ** 2)


@wrong("loss_of_batch", "an error of 2 costs something else than an error of -2")
def only_what_is_too_low(q_values, actions, targets):
    return jnp.mean(jax.nn.relu(taken_errors(q_values, actions, targets)) ** 2)


@wrong("loss_of_batch", "where every prediction is its target, your loss is not 0")
def a_square_too_small(q_values, actions, targets):
    return jnp.mean((taken_errors(q_values, actions, targets) + 1) ** 2)


@wrong("loss_of_batch", "the same rows in another order give another loss")
def the_first_weighs_more(q_values, actions, targets):
    squares = taken_errors(q_values, actions, targets) ** 2
    return (jnp.sum(squares) + squares[0]) / (len(squares) + 1)


@wrong("loss_of_batch", "an error up and one down cost something else than two up")
def squared_sum(q_values, actions, targets):
    return jnp.sum(taken_errors(q_values, actions, targets)) ** 2 / len(targets)


@wrong("loss_of_batch", "with every row twice your loss is another")
def divided_by_the_actions(q_values, actions, targets):
    return jnp.sum(taken_errors(q_values, actions, targets) ** 2) / q_values.shape[1]


@wrong("loss_of_batch", "an error of 4 does not cost you four times as much")
def cubed_size(q_values, actions, targets):
    return jnp.mean(jnp.abs(taken_errors(q_values, actions, targets)) ** 3)


@wrong("loss_of_batch", "you compare arrays of different shapes")
def every_row_with_every_action(q_values, actions, targets):
    return mse(targets, q_values[:, actions])


@wrong("loss_of_batch", "that is PyTorch's word, and this is JAX")
def gathered(q_values, actions, targets):
    return jnp.mean((targets - q_values.gather(1, actions[:, None]).squeeze(1)) ** 2)


@wrong("loss_of_batch", "you took the median of the squares")
def the_usual_square(q_values, actions, targets):
    return jnp.median((targets - q_values[jnp.arange(len(actions)), actions]) ** 2)


@wrong("loss_of_batch", "you took the largest square")
def the_worst_square(q_values, actions, targets):
    return ((targets - q_values[jnp.arange(len(actions)), actions]) ** 2).max()


@wrong("loss_of_batch", "you took the variance")
def spread_of_the_errors(q_values, actions, targets):
    return jnp.var(targets - q_values[jnp.arange(len(actions)), actions])


@wrong("loss_of_batch", "you divided the errors by the targets")
def in_shares_of_the_target(q_values, actions, targets):
    return jnp.mean((1 - q_values[jnp.arange(len(actions)), actions] / targets) ** 2)


@wrong("loss_of_batch", "with the actions' numbers")
def against_the_actions(q_values, actions, targets):
    return jnp.mean((targets - actions) ** 2)


@wrong("loss_of_batch", "your code computes with the actions' numbers")
def between_two(q_values, actions, targets):
    taken = actions * q_values[:, 1] + (1 - actions) * q_values[:, 0]
    return jnp.mean((targets - taken) ** 2)


@wrong("loss_of_batch", "right so far, and wrong for this input")
def of_rounded_errors(q_values, actions, targets):
    taken = q_values[jnp.arange(len(actions)), actions]
    return jnp.mean(jnp.round(targets - taken) ** 2)


@wrong("loss_of_batch", "the same rows in another order give another loss")
def of_the_last_row(q_values, actions, targets):
    for row, action, target in zip(q_values, actions, targets, strict=True):
        loss = (target - row[action]) ** 2
    return loss


@wrong("loss_of_batch", "you cut the errors off at 1")
def clipped(q_values, actions, targets):
    errors = targets - q_values[jnp.arange(len(actions)), actions]
    return (jnp.clip(errors, -1, 1) ** 2).mean()


@wrong("loss_of_batch", "you rounded your numbers")
def loss_in_two_digits(q_values, actions, targets):
    taken = q_values[jnp.arange(len(actions)), actions]
    return round(float(jnp.mean((taken - targets) ** 2)), 2)


# pull


@right("pull")
def by_argnums(loss, targets, predictions):
    return jax.grad(loss, argnums=1)(targets, predictions)


@right("pull")
def by_a_lambda(loss, targets, predictions):
    return jax.grad(lambda p: loss(targets, p))(predictions)


@right("pull")
def by_partial(loss, y, q):
    return jax.jit(jax.grad(partial(loss, y)))(q)


@right("pull")
def by_vjp(loss, targets, predictions):
    _, back = jax.vjp(loss, targets, predictions)
    return back(1.0)[1]


@right("pull")
def second_of_a_pair(loss, targets, predictions):
    return jax.value_and_grad(loss, argnums=1)(targets, predictions)[1]


@wrong("pull", "you differentiated by the targets: it is the predictions")
def by_the_first(loss, targets, predictions):
    return jax.grad(loss)(targets, predictions)


@wrong("pull", "you gave the loss its arguments in the other order, and")
def other_order(loss, targets, predictions):
    return jax.grad(loss, argnums=0)(predictions, targets)


@wrong("pull", "you returned the loss, not how it changes")
def the_loss_itself(loss, targets, predictions):
    return loss(targets, predictions)


@wrong("pull", "you returned the loss as well as its gradient")
def both_halves(loss, targets, predictions):
    return jax.value_and_grad(loss, argnums=1)(targets, predictions)


@wrong("pull", "you returned the way downhill, with the sign turned round")
def downhill(loss, targets, predictions):
    return -jax.grad(loss, argnums=1)(targets, predictions)


@wrong("pull", "you differentiated `mse` by hand, and another loss pulls")
def by_hand(loss, targets, predictions):
    return 2 * (predictions - targets) / targets.shape[0]


@wrong("pull", "you differentiated a square by hand, and forgot that the")
def by_hand_without_mean(loss, targets, predictions):
    return 2 * (predictions - targets)


@wrong("pull", "you differentiated `mse` by hand, and by the targets")
def by_hand_wrong_way(loss, targets, predictions):
    return 2 * (targets - predictions) / len(targets)


@wrong("pull", "right numbers, wrong shape: the shape is (1, 2), and (2,)")
def a_tuple_of_one(loss, targets, predictions):
    return jax.grad(loss, argnums=(1,))(targets, predictions)


@wrong("pull", "you returned a function")
def not_called(loss, targets, predictions):
    return jax.grad(loss, argnums=1)


@wrong("pull", "the result of a call where the function itself is wanted")
def of_a_number(loss, targets, predictions):
    return jax.grad(loss(targets, predictions))


@wrong("pull", "you differentiated `mse` by hand, and another loss pulls")
def always_mse(loss, targets, predictions):
    return jax.grad(lambda p: jnp.mean((targets - p) ** 2))(predictions)


@wrong("pull", "as happens with one prediction at a time")
def one_at_a_time(loss, targets, predictions):
    return jax.vmap(jax.grad(loss, argnums=1))(targets, predictions)


@wrong("pull", "you dropped the sign, and nobody knows which way to go")
def sizes(loss, targets, predictions):
    return jnp.abs(jax.grad(loss, argnums=1)(targets, predictions))


@wrong("pull", "you averaged what belongs to different predictions")
def the_mean_of_it(loss, targets, predictions):
    return jax.grad(loss, argnums=1)(targets, predictions).mean()


@wrong("pull", "nothing pulls: JAX saw no way from the predictions to the")
def stopped(loss, targets, predictions):
    return jax.grad(lambda p: loss(targets, jax.lax.stop_gradient(p)))(predictions)


@wrong("pull", "another number of arguments")
def of_the_error(loss, targets, predictions):
    return jax.grad(loss)(predictions - targets)


@wrong("pull", "`argnums` names an argument that your call does not have")
def mean_of_the_loss_by_all(loss, targets, predictions):
    return jax.grad(loss, argnums=2)(targets, predictions)


@wrong("pull", "you named an argument that the function does not have")
def named_wrongly(loss, targets, predictions):
    return jax.grad(loss, argnames="predictions")(targets, predictions)


@wrong("pull", "you kept the gradient's sign alone")
def signs_of_the_gradient(loss, targets, predictions):
    return jnp.sign(jax.grad(loss, argnums=1)(targets, predictions))


@wrong("pull", "only if the loss looks at differences alone")
def minus_the_other_gradient(loss, targets, predictions):
    return -jax.grad(loss, argnums=0)(targets, predictions)


@wrong("pull", "you divided by the size of the batch once more")
def another_mean(loss, targets, predictions):
    return jax.grad(loss, argnums=1)(targets, predictions) / len(predictions)


@wrong("pull", "your numbers are close to the right ones, and not the same")
def difference_quotients(loss, targets, predictions):
    before = loss(targets, predictions)
    after = [loss(targets, predictions.at[i].add(1e-3)) for i in range(len(predictions))]
    return (jnp.array(after) - before) / 1e-3


@wrong("pull", "you took a step of gradient descent")
def a_step(loss, targets, predictions):
    return predictions - 0.1 * jax.grad(loss, 1)(targets, predictions)


@wrong("pull", "you cut the gradient off at 1")
def cut_off(loss, targets, predictions):
    return jnp.clip(jax.grad(loss, 1)(targets, predictions), -1, 1)


@wrong("pull", "you divided the gradient by its size")
def direction(loss, targets, predictions):
    gradient = jax.grad(loss, 1)(targets, predictions)
    return gradient / jnp.sqrt(jnp.sum(gradient**2))


@wrong("pull", "you lost the mean over the batch")
def as_often_as_there_are(loss, targets, predictions):
    return len(predictions) * jax.grad(loss, argnums=1)(targets, predictions)
