"""Answers to the exercises of notebook 08."""

import jax
import jax.numpy as jnp
import numpy as np
from planted import right, wrong


@right("culprits")
def as_a_list():
    return ["loss_is_a_sum", "target_never_updated", "column_against_row"]


@wrong("culprits", "would trouble Adam as well")
def too_fast():
    return ("learning_rate_too_high", "target_never_updated", "column_against_row")


@wrong("culprits", "only while it explores")
def a_coin():
    return ("coin_decides_side", "target_never_updated", "column_against_row")


@wrong("culprits", "the targets follow them")
def reference_for_b():
    return ("loss_is_a_sum", "stored_by_reference", "column_against_row")


@wrong("culprits", "touches terminal rows only")
def terminal_for_b():
    return ["loss_is_a_sum", "terminal_target_0", "column_against_row"]


@wrong("culprits", "a table of differences would let the Q-values grow")
def swapped():
    return ("loss_is_a_sum", "column_against_row", "target_never_updated")


@wrong("culprits", "always the present one")
def reference_for_c():
    return ("loss_is_a_sum", "target_never_updated", "stored_by_reference")


@wrong("culprits", "still tells states apart")
def online_for_c():
    return ("loss_is_a_sum", "target_never_updated", "online_target")


@wrong("culprits", "expected: the bug found")
def no_such_bug():
    return ("sum", "frozen", "broadcast")


@wrong("culprits", "states stay apart")
def gradient_for_c():
    return ("loss_is_a_sum", "target_never_updated", "gradient_through_target")


@wrong("culprits", "look ahead all the same")
def online_for_b():
    return ("loss_is_a_sum", "online_target", "column_against_row")


@wrong("culprits", "would trouble Adam as well")
def only_c_is_right():
    return ("learning_rate_too_high", "stored_by_reference", "column_against_row")


for value in (
    as_a_list, too_fast, a_coin, reference_for_b, terminal_for_b, swapped, reference_for_c,
    online_for_c, no_such_bug, gradient_for_c, online_for_b, only_c_is_right,
):  # fmt: skip
    value.is_value = True


@right("ends_right")
def in_numpy(td_target):
    target = np.asarray(td_target(np.array([3.0]), np.array([[7.0, 9.0]]), np.array([1]), 0.9))
    return np.allclose(target, 3.0)


@right("ends_right")
def on_many_rows(td_target):
    rewards = jnp.linspace(1.0, 2.0, 5)
    ends = jnp.ones(5, bool)
    return jnp.array_equal(td_target(rewards, jnp.full((5, 2), 8.0), ends, 0.5), rewards)


@right("ends_right")
def as_a_number(td_target):
    (target,) = td_target(jnp.array([-4.0]), jnp.array([[6.0, 7.0]]), jnp.array([True]), 1.0)
    return 1 if float(target) == -4.0 else 0


@wrong("ends_right", "with a reward of 0 a target of 0 is right")
def no_reward(td_target):
    target = td_target(jnp.zeros(1), jnp.array([[1.0, 2.0]]), jnp.array([True]), 0.9)
    return bool(target[0] == 0)


@wrong("ends_right", "with next values of 0 nobody is seen to look ahead")
def no_future(td_target):
    return td_target(jnp.ones(1), jnp.zeros((1, 2)), jnp.array([True]), 0.9)[0] == 1.0


@wrong("ends_right", "you asked about a row that goes on")
def goes_on(td_target):
    return td_target(jnp.ones(1), jnp.array([[1.0, 2.0]]), jnp.array([False]), 0.9)[0] == 1.0


@wrong("ends_right", "your verdict is turned round")
def is_wrong(td_target):
    return td_target(jnp.ones(1), jnp.array([[1.0, 2.0]]), jnp.array([True]), 0.9)[0] != 1.0


@wrong("ends_right", "the post's word that a terminal target is 0")
def wants_zero(td_target):
    return td_target(jnp.ones(1), jnp.array([[1.0, 2.0]]), jnp.array([True]), 0.9)[0] == 0.0


@wrong("ends_right", "so does the blog post's bug")
def at_most(td_target):
    return td_target(jnp.ones(1), jnp.array([[1.0, 2.0]]), jnp.array([True]), 0.9)[0] <= 1.0


@wrong("ends_right", "so does looking ahead")
def at_least(td_target):
    return td_target(jnp.ones(1), jnp.array([[1.0, 2.0]]), jnp.array([True]), 0.9)[0] >= 1.0


@right("careful_mse")
def by_assert(targets, q_taken):
    assert targets.shape == q_taken.shape
    return ((targets - q_taken) ** 2).mean()


@right("careful_mse")
def numpy_in_a_loop(targets, q_taken):
    targets, q_taken = np.asarray(targets, np.float64), np.asarray(q_taken, np.float64)
    if targets.shape != q_taken.shape:
        raise ValueError("other shapes")
    errors = [(t - q) ** 2 for t, q in zip(targets.flat, q_taken.flat, strict=True)]
    return sum(errors) / len(errors)


@right("careful_mse")
def by_the_package(targets, q_taken):
    import rl_jax.nn as nn

    return nn.losses.mse(targets, q_taken)


@wrong("careful_mse", "a column met a row")
def careless(targets, q_taken):
    return jnp.mean((targets - q_taken) ** 2)


@wrong("careful_mse", "you compared lengths")
def by_length(targets, q_taken):
    assert len(targets) == len(q_taken)
    return jnp.mean((targets - q_taken) ** 2)


@wrong("careful_mse", "you counted the numbers")
def by_size(targets, q_taken):
    if np.size(targets) != np.size(q_taken):
        raise ValueError
    return jnp.mean((targets - q_taken) ** 2)


@wrong("careful_mse", "you counted the axes")
def by_axes(targets, q_taken):
    assert targets.ndim == q_taken.ndim
    return jnp.mean((targets - q_taken) ** 2)


@wrong("careful_mse", "you repaired it in silence")
def flattens(targets, q_taken):
    return jnp.mean((targets.reshape(-1) - q_taken.reshape(-1)) ** 2)


@wrong("careful_mse", "a mean that is a sum")
def a_sum(targets, q_taken):
    assert targets.shape == q_taken.shape
    return jnp.sum((targets - q_taken) ** 2)


@wrong("careful_mse", "two columns do fit each other")
def wants_rows(targets, q_taken):
    if targets.shape != (len(targets),) or q_taken.shape != targets.shape:
        raise ValueError("rows only")
    return jnp.mean((targets - q_taken) ** 2)


@wrong("careful_mse", "you divided by the number of rows")
def by_rows(targets, q_taken):
    assert targets.shape == q_taken.shape
    return sum((targets - q_taken) ** 2).sum() / targets.shape[0]


@right("fast_gradient")
def with_a_decorator(loss):
    @jax.jit
    def gradient(w, x):
        return jax.grad(loss)(w, x)

    return gradient


@right("fast_gradient")
def with_the_value_thrown_away(loss):
    return jax.jit(lambda w, x: jax.value_and_grad(loss, argnums=0)(w, x)[1])


@wrong("fast_gradient", "the blog post's order: the loss is compiled")
def post(loss):
    compiled = jax.jit(loss)
    return jax.grad(compiled)


@wrong("fast_gradient", "nothing is compiled")
def slow(loss):
    return jax.grad(loss)


@wrong("fast_gradient", "a new compiled function in every call")
def inside(loss):
    def gradient(w, x):
        return jax.jit(jax.grad(loss))(w, x)

    return gradient


@wrong("fast_gradient", "this is the loss, compiled")
def no_gradient(loss):
    return jax.jit(loss)


@wrong("fast_gradient", "with respect to x")
def of_x(loss):
    return jax.jit(lambda w, x: jax.grad(loss, 1)(w, x))
