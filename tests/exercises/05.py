"""Answers to the exercises of notebook 05."""

import jax
import jax.numpy as jnp
import numpy as np
from planted import right, wrong


@right("my_target")
def in_a_loop(rewards, next_q_values, terminated, truncated, gamma):
    targets = []
    for r, q, fell in zip(rewards, next_q_values, terminated, strict=True):
        targets.append(float(r) if fell else float(r) + gamma * max(float(value) for value in q))
    return targets


@right("my_target")
def in_numpy(rewards, next_q_values, terminated, truncated, gamma):
    targets = np.array(rewards, np.float16)
    alive = ~np.asarray(terminated, bool)
    targets[alive] += gamma * np.max(next_q_values, axis=1)[alive]
    return targets


@right("my_target")
def by_where(rewards, next_q_values, terminated, truncated, gamma):
    ahead = rewards + gamma * next_q_values.max(-1)
    return jnp.where(terminated, rewards, ahead)


@wrong("my_target", "you bootstrapped from a terminal state")
def endless(rewards, next_q_values, terminated, truncated, gamma):
    return rewards + gamma * next_q_values.max(axis=1)


@wrong("my_target", "you dropped the last reward")
def blog_post(rewards, next_q_values, terminated, truncated, gamma):
    return jnp.where(terminated, 0.0, rewards + gamma * next_q_values.max(axis=1))


@wrong("my_target", "running out of time for a fall")
def done(rewards, next_q_values, terminated, truncated, gamma):
    over = jnp.logical_or(terminated, truncated)
    return rewards + gamma * jnp.where(over, 0.0, next_q_values.max(axis=1))


@wrong("my_target", "running out of time for a fall")
def done_in_a_loop(rewards, next_q_values, terminated, truncated, gamma):
    rows = zip(rewards, next_q_values, terminated, truncated, strict=True)
    return [r if fell or late else r + gamma * max(q) for r, q, fell, late in rows]


@wrong("my_target", "you averaged over the next actions")
def mean(rewards, next_q_values, terminated, truncated, gamma):
    return rewards + gamma * np.mean(next_q_values, axis=1) * (1 - terminated)


@wrong("my_target", "one fixed next action")
def first_action(rewards, next_q_values, terminated, truncated, gamma):
    return rewards + gamma * next_q_values[:, 0] * (1 - terminated)


@wrong("my_target", "you did not discount")
def no_gamma(rewards, next_q_values, terminated, truncated, gamma):
    return rewards + next_q_values.max(axis=1) * (1 - terminated)


@wrong("my_target", "you discounted the reward too")
def all_discounted(rewards, next_q_values, terminated, truncated, gamma):
    return gamma * (rewards + next_q_values.max(axis=1) * (1 - terminated))


@wrong("my_target", "wrong shape")
def a_column(rewards, next_q_values, terminated, truncated, gamma):
    future = next_q_values.max(axis=1, keepdims=True)
    return rewards[:, None] + gamma * future * (1 - terminated[:, None])


@wrong("my_target", "you took the wrong flag")
def only_truncated(rewards, next_q_values, terminated, truncated, gamma):
    return rewards + gamma * next_q_values.max(axis=1) * (1 - truncated)


@right("one_weight_loss")
def stopped_weight(w, states, next_states, rewards, gamma):
    frozen = jax.lax.stop_gradient(w)
    return jnp.square(rewards + gamma * frozen * next_states - w * states).mean()


@right("one_weight_loss")
def summed_in_a_loop(w, states, next_states, rewards, gamma):
    total = 0.0
    for s, t, r in zip(states, next_states, rewards, strict=True):
        total = total + (w * s - jax.lax.stop_gradient(r + gamma * w * t)) ** 2
    return total / len(states)


@right("one_weight_loss")
def in_half_precision(w, states, next_states, rewards, gamma):
    target = jax.lax.stop_gradient(rewards + gamma * w * next_states).astype(jnp.float16)
    return jnp.mean((target - w * states) ** 2)


@wrong("one_weight_loss", "flows through the target")
def leak(w, states, next_states, rewards, gamma):
    return jnp.mean((rewards + gamma * w * next_states - w * states) ** 2)


@wrong("one_weight_loss", "flows through the target")
def stopped_the_reward(w, states, next_states, rewards, gamma):
    return jnp.mean((jax.lax.stop_gradient(rewards) + gamma * w * next_states - w * states) ** 2)


@wrong("one_weight_loss", "you stopped the wrong one")
def wrong_one(w, states, next_states, rewards, gamma):
    value = jax.lax.stop_gradient(w * states)
    return jnp.mean((rewards + gamma * w * next_states - value) ** 2)


@wrong("one_weight_loss", "you stopped both")
def stopped_error(w, states, next_states, rewards, gamma):
    error = rewards + gamma * w * next_states - w * states
    return jnp.mean(jax.lax.stop_gradient(error) ** 2)


@wrong("one_weight_loss", "you added the rows up")
def a_sum(w, states, next_states, rewards, gamma):
    targets = jax.lax.stop_gradient(rewards + gamma * w * next_states)
    return ((targets - w * states) ** 2).sum()


@wrong("one_weight_loss", "the reward alone")
def no_future(w, states, next_states, rewards, gamma):
    return jnp.mean((rewards - w * states) ** 2)


@wrong("one_weight_loss", "did not square")
def absolute(w, states, next_states, rewards, gamma):
    targets = jax.lax.stop_gradient(rewards + gamma * w * next_states)
    return jnp.abs(targets - w * states).mean()


@wrong("one_weight_loss", "TypeError: Gradient only defined for scalar-output functions")
def no_mean(w, states, next_states, rewards, gamma):
    return (jax.lax.stop_gradient(rewards + gamma * w * next_states) - w * states) ** 2


@right("soft_update")
def a_step_towards(params, target_params, tau):
    return jax.tree.map(lambda p, t: t + tau * (p - t), params, target_params)


@right("soft_update")
def recursive_in_numpy(params, target_params, tau):
    if isinstance(params, dict):
        return {k: recursive_in_numpy(params[k], target_params[k], tau) for k in params}
    return np.asarray(tau * params + (1 - tau) * target_params, np.float64)


@right("soft_update")
def leaf_by_leaf(params, target_params, tau):
    new, structure = jax.tree.flatten(params)
    old = jax.tree.leaves(target_params)
    mixed = [(n * tau + o * (1 - tau)) for n, o in zip(new, old, strict=True)]
    return jax.tree.unflatten(structure, mixed)


@wrong("soft_update", "tau is swapped")
def swapped(params, target_params, tau):
    return jax.tree.map(lambda p, t: tau * t + (1 - tau) * p, params, target_params)


@wrong("soft_update", "you copied the online network")
def hard(params, target_params, tau):
    return jax.tree.map(lambda p: p, params)


@wrong("soft_update", "the target did not move")
def unmoved(params, target_params, tau):
    return dict(target_params)


@wrong("soft_update", "were not scaled down")
def grows(params, target_params, tau):
    return jax.tree.map(lambda p, t: t + tau * p, params, target_params)


@wrong("soft_update", "as if with numbers")
def dictionaries(params, target_params, tau):
    return tau * params + (1 - tau) * target_params


dictionaries.line = "return tau * params + (1 - tau) * target_params"


@wrong("soft_update", "the first level only")
def one_level(params, target_params, tau):
    mixed = {}
    for name in params:
        mixed[name] = tau * params[name] + (1 - tau) * target_params[name]
    return mixed


@right("sgd_update")
def by_partial(params, grads, learning_rate):
    import optax

    return optax.apply_updates(params, jax.tree.map(lambda g: -learning_rate * g, grads))


@right("sgd_update")
def recursive(params, grads, learning_rate):
    if isinstance(params, dict):
        return {k: recursive(params[k], grads[k], learning_rate) for k in params}
    return np.asarray(params) - np.float32(learning_rate) * np.asarray(grads)


@wrong("sgd_update", "you went uphill")
def uphill(params, grads, learning_rate):
    return jax.tree.map(lambda p, g: p + learning_rate * g, params, grads)


@wrong("sgd_update", "forgot the learning rate")
def full_step(params, grads, learning_rate):
    return jax.tree.map(lambda p, g: p - g, params, grads)


@wrong("sgd_update", "not where it leads")
def the_step(params, grads, learning_rate):
    return jax.tree.map(lambda g: -learning_rate * g, grads)


@wrong("sgd_update", "used no gradient")
def shrunk(params, grads, learning_rate):
    return jax.tree.map(lambda p: p - learning_rate * p, params)


@wrong("sgd_update", "as if with numbers")
def dictionaries_again(params, grads, learning_rate):
    return params - learning_rate * grads


@wrong("sgd_update", "the first level only")
def one_level_again(params, grads, learning_rate):
    return {name: params[name] - learning_rate * grads[name] for name in params}


@right("my_target")
def negated_flag(rewards, next_q_values, terminated, truncated, gamma):
    return rewards + gamma * ~terminated * next_q_values.max(axis=1)


@wrong("my_target", "one fixed next action")
def second_action(rewards, next_q_values, terminated, truncated, gamma):
    return rewards + gamma * next_q_values[:, 1] * (1 - terminated)


@wrong("my_target", "the largest value of the whole batch")
def one_maximum(rewards, next_q_values, terminated, truncated, gamma):
    return rewards + gamma * next_q_values.max() * (1 - terminated)


@wrong("my_target", "the worst next action")
def worst(rewards, next_q_values, terminated, truncated, gamma):
    return rewards + gamma * next_q_values.min(axis=1) * (1 - terminated)


@wrong("my_target", "the reward is missing")
def no_reward(rewards, next_q_values, terminated, truncated, gamma):
    return gamma * next_q_values.max(axis=1) * (1 - terminated)


@wrong("my_target", "something else was expected")
def without_signs(rewards, next_q_values, terminated, truncated, gamma):
    return rewards + gamma * jnp.abs(next_q_values).max(axis=1) * (1 - terminated)


@wrong("one_weight_loss", "you halved it")
def halved(w, states, next_states, rewards, gamma):
    targets = jax.lax.stop_gradient(rewards + gamma * w * next_states)
    return 0.5 * jnp.mean((targets - w * states) ** 2)


@wrong("one_weight_loss", "squared after that")
def square_of_mean(w, states, next_states, rewards, gamma):
    targets = jax.lax.stop_gradient(rewards + gamma * w * next_states)
    return (targets - w * states).mean() ** 2


@wrong("one_weight_loss", "looks at the present state")
def same_state(w, states, next_states, rewards, gamma):
    return jnp.mean((jax.lax.stop_gradient(rewards + gamma * w * states) - w * states) ** 2)


@wrong("one_weight_loss", "something else was expected")
def largest_error(w, states, next_states, rewards, gamma):
    return ((jax.lax.stop_gradient(rewards + gamma * w * next_states) - w * states) ** 2).max()


@right("soft_update")
def by_optax(params, target_params, tau):
    import optax

    return optax.incremental_update(params, target_params, tau)


@wrong("soft_update", "not where it leads")
def difference_only(params, target_params, tau):
    return jax.tree.map(lambda p, t: tau * (p - t), params, target_params)


@wrong("sgd_update", "the gradient as it came")
def gradient_only(params, grads, learning_rate):
    return grads
