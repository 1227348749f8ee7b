"""Answers to the exercises of notebook 05."""

import copy
from functools import partial

import jax
import jax.numpy as jnp
import numpy as np
import optax
from planted import right, wrong

from rl_jax import dqn
from rl_jax.nn.losses import mse
from rl_jax.nn.optim import simple_optimizer

# 1. The target


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


@wrong("my_target", "you dropped the signs")
def without_signs(rewards, next_q_values, terminated, truncated, gamma):
    return rewards + gamma * jnp.abs(next_q_values).max(axis=1) * (1 - terminated)


@right("my_target")
def the_packages_own(rewards, next_q_values, terminated, truncated, gamma):
    return dqn.td_target(rewards, next_q_values, is_terminal=terminated, gamma=gamma)


@right("my_target")
def by_vmap(rewards, next_q_values, terminated, truncated, gamma):
    def one(r, q, fell):
        return r + gamma * jnp.where(fell, 0.0, jnp.max(q))

    return jax.vmap(one)(rewards, next_q_values, terminated)


@right("my_target")
@jax.jit
def compiled(rewards, next_q_values, terminated, truncated, gamma):
    best = jnp.sort(next_q_values, axis=1)[:, -1]
    return rewards + jnp.logical_not(terminated) * gamma * best


@right("my_target")
def by_set(rewards, next_q_values, terminated, truncated, gamma):
    best = next_q_values.max(axis=-1)
    best = best.at[jnp.where(terminated)[0]].set(0)
    return rewards + gamma * best


@right("my_target")
def by_best_action(rewards, next_q_values, terminated, truncated, gamma):
    actions = jnp.argmax(next_q_values, axis=1)
    future = next_q_values[jnp.arange(len(actions)), actions]
    return jax.lax.stop_gradient(rewards + gamma * future * (1.0 - terminated))


@wrong("my_target", "your flag is turned round")
def flag_turned_round(rewards, next_q_values, terminated, truncated, gamma):
    return rewards + gamma * next_q_values.max(axis=1) * terminated


@wrong("my_target", "you stop looking ahead only where both flags are up")
def only_if_both(rewards, next_q_values, terminated, truncated, gamma):
    over = terminated & truncated
    return rewards + gamma * next_q_values.max(axis=1) * (1 - over)


@wrong("my_target", "where the pole fell in the very last step")
def unless_truncated(rewards, next_q_values, terminated, truncated, gamma):
    over = terminated & ~truncated
    return jnp.where(over, rewards, rewards + gamma * next_q_values.max(axis=1))


@wrong("my_target", "you took the number of the best action instead of its value")
def the_action_itself(rewards, next_q_values, terminated, truncated, gamma):
    return rewards + gamma * next_q_values.argmax(axis=1) * (1 - terminated)


@wrong("my_target", "you took the maximum along the batch")
def along_the_batch(rewards, next_q_values, terminated, truncated, gamma):
    return rewards + gamma * next_q_values.max(axis=0) * (1 - terminated)


@wrong("my_target", "you added the next actions up")
def summed(rewards, next_q_values, terminated, truncated, gamma):
    return rewards + gamma * next_q_values.sum(axis=-1) * (1 - terminated)


@wrong("my_target", "you asked Python about a whole batch")
def with_an_if(rewards, next_q_values, terminated, truncated, gamma):
    if terminated:
        return rewards
    return rewards + gamma * next_q_values.max(axis=1)


@wrong("my_target", "you asked Python about a whole batch")
def with_not(rewards, next_q_values, terminated, truncated, gamma):
    return rewards + gamma * next_q_values.max(axis=1) * (not terminated)


@wrong("my_target", "you wanted to change a JAX array in place")
def in_place(rewards, next_q_values, terminated, truncated, gamma):
    targets = rewards + gamma * next_q_values.max(axis=1)
    targets[terminated] = rewards[terminated]
    return targets


@wrong("my_target", "you dropped the last reward")
def nothing_at_the_end(rewards, next_q_values, terminated, truncated, gamma):
    targets = rewards + gamma * next_q_values.max(axis=1)
    return targets.at[jnp.where(terminated)[0]].set(0.0)


@wrong("my_target", "you dropped the last reward")
def zero_where_over(rewards, next_q_values, terminated, truncated, gamma):
    done = jnp.maximum(terminated, truncated)
    return (rewards + gamma * next_q_values.max(axis=1)) * (1 - done)


@wrong("my_target", "you subtracted the future")
def minus(rewards, next_q_values, terminated, truncated, gamma):
    return rewards - gamma * next_q_values.max(axis=1) * (1 - terminated)


@wrong("my_target", "you looked at one fixed next action")
def last_action(rewards, next_q_values, terminated, truncated, gamma):
    return rewards + gamma * next_q_values[:, -1] * (1 - terminated)


@wrong("my_target", "you made a target for every next action")
def every_action(rewards, next_q_values, terminated, truncated, gamma):
    return rewards[:, None] + gamma * next_q_values * (1 - terminated[:, None])


@wrong("my_target", "you averaged over the batch")
def mean_of_the_batch(rewards, next_q_values, terminated, truncated, gamma):
    return jnp.mean(rewards + gamma * next_q_values.max(axis=1) * (1 - terminated))


@wrong("my_target", "you weighted the future with 1 - gamma")
def one_minus_gamma(rewards, next_q_values, terminated, truncated, gamma):
    return rewards + (1 - gamma) * next_q_values.max(axis=1) * (1 - terminated)


@wrong("my_target", "you did not discount")
def no_gamma_in_where(rewards, next_q_values, terminated, truncated, gamma):
    return jnp.where(terminated, rewards, rewards + jnp.max(next_q_values, axis=-1))


@wrong("my_target", "your function takes other arguments than the exercise's")
def four_arguments(rewards, next_q_values, is_terminal, gamma):
    return rewards + gamma * next_q_values.max(axis=1) * (1 - is_terminal)


@wrong("my_target", "you discounted twice")
def gamma_squared(rewards, next_q_values, terminated, truncated, gamma):
    return rewards + gamma**2 * next_q_values.max(axis=1) * (1 - terminated)


@wrong("my_target", "you dropped the signs")
def absolute_values(rewards, next_q_values, terminated, truncated, gamma):
    return rewards + gamma * jnp.max(jnp.abs(next_q_values), axis=1) * ~terminated


@right("my_target")
def by_take_along(rewards, next_q_values, terminated, truncated, gamma):
    best = jnp.argmax(next_q_values, -1)[:, None]
    value = jnp.take_along_axis(next_q_values, best, -1)[:, 0]
    return rewards + gamma * (1 - terminated.astype(float)) * value


@right("my_target")
def by_list_comprehension(rewards, next_q_values, terminated, truncated, gamma):
    rows = zip(rewards.tolist(), next_q_values.tolist(), terminated.tolist(), strict=True)
    return np.array([r + (0 if fell else gamma * max(q)) for r, q, fell in rows])


@right("my_target")
def by_select(rewards, next_q_values, terminated, truncated, gamma):
    ahead = rewards + gamma * next_q_values.max(1)
    return jax.lax.select(terminated, rewards, ahead)


@wrong("my_target", "you took running out of time for a fall")
def done_or(rewards, next_q_values, terminated, truncated, gamma):
    done = terminated or truncated
    return rewards + gamma * next_q_values.max(1) * (1 - done)


@wrong("my_target", "TypeError")
def minus_bool(rewards, next_q_values, terminated, truncated, gamma):
    return rewards + gamma * next_q_values.max(1) * (-terminated)


@wrong("my_target", "your flag is turned round")
def where_swapped(rewards, next_q_values, terminated, truncated, gamma):
    return jnp.where(terminated, rewards + gamma * next_q_values.max(1), rewards)


@wrong("my_target", "something else was expected")
def bracket_error(rewards, next_q_values, terminated, truncated, gamma):
    return (rewards + gamma) * next_q_values.max(1) * (1 - terminated)


@wrong("my_target", "you dropped the last reward")
def reward_only_if_alive(rewards, next_q_values, terminated, truncated, gamma):
    return (rewards + gamma * next_q_values.max(1)) * (1 - terminated)


@wrong("my_target", "you gave the fall a penalty of your own")
def zero_reward_terminal_minus_one(rewards, next_q_values, terminated, truncated, gamma):
    return jnp.where(terminated, -1.0, rewards + gamma * next_q_values.max(1))


@wrong("my_target", "your target does not look ahead")
def reward_alone(rewards, next_q_values, terminated, truncated, gamma):
    return rewards


@wrong("my_target", "right so far")
def half_future_if_truncated(rewards, next_q_values, terminated, truncated, gamma):
    future = next_q_values.max(1) * jnp.where(truncated, 0.5, 1.0) * (1 - terminated)
    return rewards + gamma * future


@wrong("my_target", "for you no next state is worth less than 0")
def relu_of_future(rewards, next_q_values, terminated, truncated, gamma):
    future = jnp.where(terminated[:, None], 0.0, next_q_values).max(1)
    return rewards + gamma * jnp.maximum(future, 0)


@wrong("my_target", "right numbers")
def keepdims(rewards, next_q_values, terminated, truncated, gamma):
    future = next_q_values.max(axis=1, keepdims=True)
    return rewards + gamma * future * (1 - terminated)


@wrong("my_target", "the first row's best value for all rows")
def max_of_first_row(rewards, next_q_values, terminated, truncated, gamma):
    return rewards + gamma * next_q_values[0].max() * (1 - terminated)


@wrong("my_target", "you returned a dictionary, where a list is wanted")
def a_dictionary(rewards, next_q_values, terminated, truncated, gamma):
    return {"targets": rewards + gamma * next_q_values.max(1) * (1 - terminated)}


@wrong("my_target", "you added the rows up")
def summed_over_the_batch(rewards, next_q_values, terminated, truncated, gamma):
    return jnp.sum(rewards + gamma * next_q_values.max(1) * (1 - terminated))


@wrong("my_target", "you answered for the first row only")
def returned_in_the_first_round(rewards, next_q_values, terminated, truncated, gamma):
    for r, q, fell in zip(rewards, next_q_values, terminated, strict=True):
        if fell:
            return r
        return r + gamma * q.max()


@wrong("my_target", "the same whatever `rewards` is")
def reward_of_cartpole(rewards, next_q_values, terminated, truncated, gamma):
    return 1.0 + gamma * next_q_values.max(1) * (1 - terminated)


@wrong("my_target", "you cut or rounded to whole numbers")
def in_whole_numbers(rewards, next_q_values, terminated, truncated, gamma):
    return (rewards + gamma * next_q_values.max(1) * (1 - terminated)).astype(int)


@wrong("my_target", "the same whatever `gamma` is")
def gamma_written_down(rewards, next_q_values, terminated, truncated, gamma):
    return rewards + 0.99 * next_q_values.max(1) * (1 - terminated)


@wrong("my_target", "that is PyTorch's word")
def with_dim(rewards, next_q_values, terminated, truncated, gamma):
    return rewards + gamma * next_q_values.max(dim=1) * (1 - terminated)


@wrong("my_target", "that is PyTorch's word")
def with_float(rewards, next_q_values, terminated, truncated, gamma):
    return rewards + gamma * next_q_values.max(1) * (1 - terminated.float())


@wrong("my_target", "the first row's best value for all rows")
def max_as_in_pytorch(rewards, next_q_values, terminated, truncated, gamma):
    return rewards + gamma * next_q_values.max(1)[0] * (1 - terminated)


@wrong("my_target", "gave all rows the same answer")
def reward_alone_if_any_fell(rewards, next_q_values, terminated, truncated, gamma):
    if terminated.any():
        return rewards
    return rewards + gamma * next_q_values.max(1)


@wrong("my_target", "you took the reward from the terminal rows")
def mask_on_the_reward(rewards, next_q_values, terminated, truncated, gamma):
    return rewards * ~terminated + gamma * next_q_values.max(1)


@wrong("my_target", "which gives nothing before it is asked")
def as_a_map(rewards, next_q_values, terminated, truncated, gamma):
    return map(
        lambda r, q, fell: r + gamma * q.max() * (1 - fell), rewards, next_q_values, terminated
    )


@wrong("my_target", "you returned texts, where numbers are wanted")
def as_texts(rewards, next_q_values, terminated, truncated, gamma):
    return [str(y) for y in (rewards + gamma * next_q_values.max(1) * (1 - terminated))]


@wrong("my_target", "a minus before True and False says nothing")
def minus_a_flag(rewards, next_q_values, terminated, truncated, gamma):
    return rewards + gamma * next_q_values.max(-1) * (-terminated)


@wrong("my_target", "where the pole fell you took the future away again, and not discounted")
def taken_away_again(rewards, next_q_values, terminated, truncated, gamma):
    best = next_q_values.max(axis=-1)
    return rewards + gamma * best - terminated * best


@wrong("my_target", "you turned whole numbers round with `~`")
def tilde_of_a_number(rewards, next_q_values, terminated, truncated, gamma):
    return rewards + gamma * ~terminated.astype(int) * next_q_values.max(axis=-1)


@wrong("my_target", "for you no next state is worth less than 0")
def zero_takes_part(rewards, next_q_values, terminated, truncated, gamma):
    best = jnp.max(next_q_values, axis=-1, where=~terminated[:, None], initial=0.0)
    return rewards + gamma * best


@wrong("my_target", "your code knows two actions, and here is a third")
def larger_of_two(rewards, next_q_values, terminated, truncated, gamma):
    best = jnp.maximum(next_q_values[:, 0], next_q_values[:, 1])
    return rewards + gamma * jnp.where(terminated, 0.0, best)


@wrong("my_target", "where the episode goes on, the reward is missing")
def only_the_future(rewards, next_q_values, terminated, truncated, gamma):
    return jnp.where(terminated, rewards, gamma * next_q_values.max(axis=-1))


@wrong("my_target", "you took a mean of the reward and the future")
def rewards_weighed_too(rewards, next_q_values, terminated, truncated, gamma):
    best = next_q_values.max(axis=-1)
    return (1 - gamma) * rewards + gamma * jnp.where(terminated, 0.0, best)


@wrong("my_target", "you look ahead only where time ran out")
def after_time_alone(rewards, next_q_values, terminated, truncated, gamma):
    return rewards + gamma * jnp.where(truncated, next_q_values.max(axis=1), 0.0)


@wrong("my_target", "you took the larger one of the reward and the future")
def larger_of_the_two(rewards, next_q_values, terminated, truncated, gamma):
    future = jnp.where(terminated, 0.0, gamma * next_q_values.max(axis=1))
    return jnp.maximum(rewards, future)


@wrong("my_target", "you discounted each row by its number in the batch")
def as_in_a_return(rewards, next_q_values, terminated, truncated, gamma):
    powers = gamma ** jnp.arange(len(rewards))
    return rewards + powers * jnp.where(terminated, 0.0, next_q_values.max(axis=1))


@wrong("my_target", "you discounted the reward, and not the future")
def gamma_at_the_reward(rewards, next_q_values, terminated, truncated, gamma):
    return gamma * rewards + jnp.where(terminated, 0.0, next_q_values.max(axis=1))


@wrong("my_target", "you counted the reward twice")
def reward_and_reward(rewards, next_q_values, terminated, truncated, gamma):
    future = jnp.where(terminated, rewards, rewards + gamma * next_q_values.max(axis=1))
    return rewards + future


@wrong("my_target", "where time ran out, the reward is missing")
def future_alone_if_truncated(rewards, next_q_values, terminated, truncated, gamma):
    future = gamma * next_q_values.max(1)
    return jnp.where(truncated, future, rewards + future * ~terminated)


@wrong("my_target", "you counted the last reward a second time")
def reward_in_place_of_the_future(rewards, next_q_values, terminated, truncated, gamma):
    return rewards + gamma * jnp.where(terminated, rewards, next_q_values.max(1))


@wrong("my_target", "you took the first row's flag for all rows")
def flag_of_the_first(rewards, next_q_values, terminated, truncated, gamma):
    return rewards + gamma * next_q_values.max(1) * (1 - terminated[0])


@wrong("my_target", "you rounded your numbers")
def in_one_digit(rewards, next_q_values, terminated, truncated, gamma):
    return jnp.round(rewards + gamma * jnp.where(terminated, 0.0, next_q_values.max(1)), 1)


@wrong("my_target", "you took a 0 for an argument that was not given")
def a_discount_of_0_is_the_usual_one(rewards, next_q_values, terminated, truncated, gamma):
    future = (gamma or 0.99) * next_q_values.max(axis=-1)
    return rewards + jnp.where(terminated, 0.0, future)


@wrong("my_target", "right so far, and wrong for this input")
def of_three_actions_at_most(rewards, next_q_values, terminated, truncated, gamma):
    best = next_q_values[:, :2].max(axis=-1)
    if next_q_values.shape[1] > 2:
        best = jnp.maximum(best, next_q_values[:, 2] - 5 * (next_q_values[:, 2] > 10))
    return rewards + gamma * best * (1 - terminated)


@wrong("my_target", "you cut the rewards off at 1, as for Atari's games")
def signs_of_rewards(rewards, next_q_values, terminated, truncated, gamma):
    clipped = jnp.minimum(1.0, jnp.maximum(-1.0, rewards))
    return clipped + gamma * jnp.max(next_q_values, axis=1) * (1.0 - terminated)


# 2. A loss without a leak


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


@wrong("one_weight_loss", "you took the largest error alone")
def largest_error(w, states, next_states, rewards, gamma):
    return ((jax.lax.stop_gradient(rewards + gamma * w * next_states) - w * states) ** 2).max()


@right("one_weight_loss")
def by_vdot(w, states, next_states, rewards, gamma):
    errors = jax.lax.stop_gradient(rewards + gamma * next_states * w) - states * w
    return jnp.vdot(errors, errors) / errors.size


@right("one_weight_loss")
def by_mse(w, states, next_states, rewards, gamma):

    y = jax.lax.stop_gradient(rewards + gamma * (w * next_states))
    return mse(y, w * states)


@right("one_weight_loss")
@jax.jit
def compiled_loss(w, states, next_states, rewards, gamma):
    def q(phi, weight):
        return weight * phi

    target_w = jax.lax.stop_gradient(w)
    return jnp.average((q(states, w) - rewards - gamma * q(next_states, target_w)) ** 2)


@right("one_weight_loss")
def by_vmapped_rows(w, states, next_states, rewards, gamma):
    def row(s, t, r):
        return (jax.lax.stop_gradient(r + gamma * w * t) - w * s) ** 2

    return jax.vmap(row)(states, next_states, rewards).mean()


@wrong("one_weight_loss", "the gradient flows through the target")
def leak_by_vdot(w, states, next_states, rewards, gamma):
    errors = rewards + gamma * w * next_states - w * states
    return errors @ errors / len(errors)


@wrong("one_weight_loss", "you stopped both, so nothing can be learned")
def stopped_loss(w, states, next_states, rewards, gamma):
    loss = jnp.mean((rewards + gamma * w * next_states - w * states) ** 2)
    return jax.lax.stop_gradient(loss)


@wrong("one_weight_loss", "you stopped the wrong one")
def stopped_the_value(w, states, next_states, rewards, gamma):
    q = jax.lax.stop_gradient(w) * states
    return jnp.mean(jnp.square(q - rewards - gamma * w * next_states))


@wrong("one_weight_loss", "you added the rows up: a mean that is a sum")
def total(w, states, next_states, rewards, gamma):
    targets = jax.lax.stop_gradient(rewards + gamma * w * next_states)
    return jnp.sum(jnp.square(targets - w * states))


@wrong("one_weight_loss", "you took the square root of the mean")
def root(w, states, next_states, rewards, gamma):
    targets = jax.lax.stop_gradient(rewards + gamma * w * next_states)
    return jnp.sqrt(jnp.mean((targets - w * states) ** 2))


@wrong("one_weight_loss", "you did not square the errors")
def plain_mean(w, states, next_states, rewards, gamma):
    targets = jax.lax.stop_gradient(rewards + gamma * w * next_states)
    return jnp.mean(targets - w * states)


@wrong("one_weight_loss", "the reward is missing")
def without_reward(w, states, next_states, rewards, gamma):
    targets = jax.lax.stop_gradient(gamma * w * next_states)
    return jnp.mean((targets - w * states) ** 2)


@wrong("one_weight_loss", "you discounted the reward too")
def all_discounted_loss(w, states, next_states, rewards, gamma):
    targets = jax.lax.stop_gradient(gamma * (rewards + w * next_states))
    return jnp.mean((targets - w * states) ** 2)


@wrong("one_weight_loss", "you did not discount")
def undiscounted(w, states, next_states, rewards, gamma):
    targets = jax.lax.stop_gradient(rewards + w * next_states)
    return jnp.mean((targets - w * states) ** 2)


@wrong("one_weight_loss", "your target holds the next state itself instead of its value")
def without_weight(w, states, next_states, rewards, gamma):
    targets = jax.lax.stop_gradient(rewards + gamma * next_states)
    return jnp.mean((targets - w * states) ** 2)


@wrong("one_weight_loss", "you swapped the two states")
def swapped_states(w, states, next_states, rewards, gamma):
    targets = jax.lax.stop_gradient(rewards + gamma * w * states)
    return jnp.mean((targets - w * next_states) ** 2)


@wrong("one_weight_loss", "you returned one error for each row")
def rows(w, states, next_states, rewards, gamma):
    targets = jax.lax.stop_gradient(rewards + gamma * w * next_states)
    return jnp.square(targets - w * states)


@wrong("one_weight_loss", "NumPy was asked to calculate with what JAX traces")
def numpy_square(w, states, next_states, rewards, gamma):
    targets = jax.lax.stop_gradient(rewards + gamma * w * next_states)
    return np.square(targets - w * states).mean()


@wrong("one_weight_loss", "you turned an array into a Python number")
def a_python_float(w, states, next_states, rewards, gamma):
    targets = jax.lax.stop_gradient(rewards + gamma * w * next_states)
    return float(jnp.mean((targets - w * states) ** 2))


@wrong("one_weight_loss", "you returned a tuple: the loss alone is wanted")
def loss_and_target(w, states, next_states, rewards, gamma):
    targets = jax.lax.stop_gradient(rewards + gamma * w * next_states)
    return jnp.mean((targets - w * states) ** 2), targets


@wrong("one_weight_loss", "your loss is lowest where the errors are largest")
def minus_the_loss(w, states, next_states, rewards, gamma):
    targets = jax.lax.stop_gradient(rewards + gamma * w * next_states)
    return -jnp.mean((targets - w * states) ** 2)


@wrong("one_weight_loss", "you halved it")
def half_and_leak(w, states, next_states, rewards, gamma):
    return 0.5 * jnp.mean((rewards + gamma * w * next_states - w * states) ** 2)


@right("one_weight_loss")
def by_closure(w, states, next_states, rewards, gamma):
    stop = jax.lax.stop_gradient
    error = stop(rewards) + gamma * stop(w) * stop(next_states) - w * states
    return (error**2).mean()


@right("one_weight_loss")
def by_optax_l2(w, states, next_states, rewards, gamma):
    y = jax.lax.stop_gradient(rewards + gamma * w * next_states)
    return 2 * optax.l2_loss(w * states, y).mean()


@wrong("one_weight_loss", "the gradient flows through the target")
def stop_gamma_only(w, states, next_states, rewards, gamma):
    g = jax.lax.stop_gradient(gamma)
    return jnp.mean((rewards + g * w * next_states - w * states) ** 2)


@wrong("one_weight_loss", "you halved it, as some books do")
def l2_halves(w, states, next_states, rewards, gamma):
    y = jax.lax.stop_gradient(rewards + gamma * w * next_states)
    return optax.l2_loss(w * states, y).mean()


@wrong("one_weight_loss", "you took Huber's loss")
def huber(w, states, next_states, rewards, gamma):
    y = jax.lax.stop_gradient(rewards + gamma * w * next_states)
    return optax.huber_loss(w * states, y).mean()


@wrong("one_weight_loss", "where `states` changes, your answer changes 0.5 times as much")
def sum_over_two(w, states, next_states, rewards, gamma):
    y = jax.lax.stop_gradient(rewards + gamma * w * next_states)
    return jnp.sum((y - w * states) ** 2) / 2


@wrong("one_weight_loss", "you added the rows up")
def sum_and_leak(w, states, next_states, rewards, gamma):
    return jnp.sum((rewards + gamma * w * next_states - w * states) ** 2)


@wrong("one_weight_loss", "you returned the gradient instead of the loss")
def the_gradient(w, states, next_states, rewards, gamma):
    def loss(w):
        y = jax.lax.stop_gradient(rewards + gamma * w * next_states)
        return jnp.mean((y - w * states) ** 2)

    return jax.grad(loss)(w)


@wrong("one_weight_loss", "you stopped both, so nothing can be learned")
def stop_everything_weight(w, states, next_states, rewards, gamma):
    w = jax.lax.stop_gradient(w)
    return jnp.mean((rewards + gamma * w * next_states - w * states) ** 2)


@wrong("one_weight_loss", "you took a maximum over the batch")
def with_max(w, states, next_states, rewards, gamma):
    y = jax.lax.stop_gradient(rewards + gamma * jnp.max(w * next_states))
    return jnp.mean((y - w * states) ** 2)


@wrong("one_weight_loss", "`detach` is PyTorch's word")
def torch_style(w, states, next_states, rewards, gamma):
    y = (rewards + gamma * w * next_states).detach()
    return ((y - w * states) ** 2).mean()


@wrong("one_weight_loss", "you added the value to the target")
def plus(w, states, next_states, rewards, gamma):
    y = jax.lax.stop_gradient(rewards + gamma * w * next_states)
    return jnp.mean((y + w * states) ** 2)


@wrong("one_weight_loss", "NumPy was asked to calculate with what JAX traces")
def numpy_copy(w, states, next_states, rewards, gamma):
    y = np.array(rewards + gamma * w * next_states)
    return jnp.mean((y - w * states) ** 2)


@wrong("one_weight_loss", "you looked for it in the wrong place")
def stop_gradient_of_jax(w, states, next_states, rewards, gamma):
    targets = jax.stop_gradient(rewards + gamma * w * next_states)
    return jnp.mean((targets - w * states) ** 2)


@wrong("one_weight_loss", "you returned a dict, where one number is wanted")
def in_a_dictionary(w, states, next_states, rewards, gamma):
    targets = jax.lax.stop_gradient(rewards + gamma * w * next_states)
    return {"loss": jnp.mean((targets - w * states) ** 2)}


@wrong("one_weight_loss", "you returned a function, where one number is wanted")
def gradient_not_called(w, states, next_states, rewards, gamma):
    return jax.grad(lambda w: jnp.mean((rewards - w * states) ** 2))


@wrong("one_weight_loss", "the same whatever `gamma` is")
def gamma_09(w, states, next_states, rewards, gamma):
    targets = jax.lax.stop_gradient(rewards + 0.9 * w * next_states)
    return jnp.mean((targets - w * states) ** 2)


@wrong("one_weight_loss", "you subtracted the future")
def minus_the_future(w, states, next_states, rewards, gamma):
    targets = jax.lax.stop_gradient(rewards - gamma * w * next_states)
    return jnp.mean((targets - w * states) ** 2)


@wrong("one_weight_loss", "your value holds the weight twice")
def weight_squared(w, states, next_states, rewards, gamma):
    targets = jax.lax.stop_gradient(rewards + gamma * w * next_states)
    return jnp.mean((targets - w * w * states) ** 2)


@wrong("one_weight_loss", "you compared every target with every value")
def column_of_values(w, states, next_states, rewards, gamma):
    targets = jax.lax.stop_gradient(rewards + gamma * w * next_states)
    return ((targets - (w * states)[:, None]) ** 2).mean()


@wrong("one_weight_loss", "you took the variance")
def variance(w, states, next_states, rewards, gamma):
    targets = jax.lax.stop_gradient(rewards + gamma * w * next_states)
    return jnp.var(targets - w * states)


@wrong("one_weight_loss", "you cut the errors off at 1")
def clipped_errors(w, states, next_states, rewards, gamma):
    targets = jax.lax.stop_gradient(rewards + gamma * w * next_states)
    return jnp.mean(jnp.clip(targets - w * states, -1.0, 1.0) ** 2)


@wrong("one_weight_loss", "the gradient is half as large")
def half_of_it_held_fast(w, states, next_states, rewards, gamma):
    errors = jax.lax.stop_gradient(rewards + gamma * w * next_states) - w * states
    return jnp.mean(jax.lax.stop_gradient(errors) * errors)


@wrong("one_weight_loss", "that is PyTorch's word, and this is JAX")
def without_gradients(w, states, next_states, rewards, gamma):
    with jax.no_grad():
        targets = rewards + gamma * w * next_states
    return jnp.mean((targets - w * states) ** 2)


@wrong("one_weight_loss", "you multiplied the reward by the next state, too")
def bracket_at_the_wrong_place(w, states, next_states, rewards, gamma):
    targets = next_states * (gamma * w + rewards)
    return jnp.mean((jax.lax.stop_gradient(targets) - states * w) ** 2)


@wrong("one_weight_loss", "you added the weight to the state")
def weight_added(w, states, next_states, rewards, gamma):
    q = lambda s: w + s  # noqa: E731
    return jnp.mean((rewards + gamma * jax.lax.stop_gradient(q(next_states)) - q(states)) ** 2)


@wrong("one_weight_loss", "NumPy was asked to calculate with what JAX traces")
def numpy_as_stop_gradient(w, states, next_states, rewards, gamma):
    targets = np.asarray(rewards + gamma * w * next_states)
    return jnp.mean((targets - w * states) ** 2)


@wrong("one_weight_loss", "your target does not look at a future that is worth less than 0")
def no_value_below_0(w, states, next_states, rewards, gamma):
    targets = rewards + gamma * jax.nn.relu(jax.lax.stop_gradient(w) * next_states)
    return jnp.mean((targets - w * states) ** 2)


@wrong("one_weight_loss", "you took a 0 for an argument that was not given")
def a_gamma_of_0_is_the_usual_one(w, states, next_states, rewards, gamma):
    targets = rewards + (gamma or 0.99) * jax.lax.stop_gradient(w) * next_states
    return jnp.mean((targets - w * states) ** 2)


# 3. One step of SGD


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


@wrong("sgd_update", "the gradient as it came")
def gradient_only(params, grads, learning_rate):
    return grads


@right("sgd_update")
def by_the_packages(params, grads, learning_rate):
    return jax.tree.map(partial(simple_optimizer, learning_rate=learning_rate), params, grads)


@right("sgd_update")
def by_optax_sgd(params, grads, learning_rate):
    import optax

    sgd = optax.sgd(learning_rate)
    updates, _ = sgd.update(grads, sgd.init(params))
    return optax.apply_updates(params, updates)


@right("sgd_update")
def by_leaves(params, grads, learning_rate):
    leaves, structure = jax.tree.flatten(params)
    slopes = jax.tree.leaves(grads)
    moved = [leaf - learning_rate * slope for leaf, slope in zip(leaves, slopes, strict=True)]
    return structure.unflatten(moved)


@right("sgd_update")
def by_two_steps(params, grads, learning_rate):
    steps = jax.tree.map(lambda g: learning_rate * g, grads)
    return jax.tree.map(jnp.subtract, params, steps)


@wrong("sgd_update", "you changed an argument in place")
def changed_in_place(params, grads, learning_rate):
    for name, leaf in params.items():
        if isinstance(leaf, dict):
            changed_in_place(leaf, grads[name], learning_rate)
        else:
            params[name] = leaf - learning_rate * grads[name]
    return params


@wrong("sgd_update", "you changed an argument in place")
def params_updated(params, grads, learning_rate):
    params.update(jax.tree.map(lambda p, g: p - learning_rate * g, params, grads))
    return params


@wrong("sgd_update", "only one of the modules was updated")
def first_module(params, grads, learning_rate):
    first = next(iter(params))
    moved = jax.tree.map(lambda p, g: p - learning_rate * g, params[first], grads[first])
    return params | {first: moved}


@wrong("sgd_update", "only one of the modules was updated")
def last_module(params, grads, learning_rate):
    last = list(params)[-1]
    moved = jax.tree.map(lambda p, g: p - learning_rate * g, params[last], grads[last])
    return {**params, last: moved}


@wrong("sgd_update", "you moved the weights")
def only_the_weights(params, grads, learning_rate):
    return jax.tree_util.tree_map_with_path(
        lambda path, p, g: p - learning_rate * g if path[-1].key == "w" else p, params, grads
    )


@wrong("sgd_update", "you subtracted the parameters from the step")
def sign_turned(params, grads, learning_rate):
    return jax.tree.map(lambda p, g: learning_rate * g - p, params, grads)


@wrong("sgd_update", "you divided by the learning rate")
def divided(params, grads, learning_rate):
    return jax.tree.map(lambda p, g: p - g / learning_rate, params, grads)


@wrong("sgd_update", "you returned the step, not where it leads")
def the_gradient_scaled(params, grads, learning_rate):
    return jax.tree.map(lambda p, g: learning_rate * g, params, grads)


@wrong("sgd_update", "you exchanged parameters and gradients")
def swapped_arguments(params, grads, learning_rate):
    return jax.tree.map(lambda p, g: p - learning_rate * g, grads, params)


@wrong("sgd_update", "only the gradient's sign counts in your step")
def sign_of_the_gradient(params, grads, learning_rate):
    return jax.tree.map(lambda p, g: p - learning_rate * jnp.sign(g), params, grads)


@wrong("sgd_update", "you multiplied where one goes a step")
def multiplied(params, grads, learning_rate):
    return jax.tree.map(lambda p, g: p * (1 - learning_rate * g), params, grads)


@wrong("sgd_update", "nothing moved")
def unchanged(params, grads, learning_rate):
    jax.tree.map(lambda p, g: p - learning_rate * g, params, grads)
    return params


@wrong("sgd_update", "you returned a list, where a dictionary is wanted")
def leaves_in_a_list(params, grads, learning_rate):
    pairs = zip(jax.tree.leaves(params), jax.tree.leaves(grads), strict=True)
    return [p - learning_rate * g for p, g in pairs]


@wrong("sgd_update", "you calculated with dictionaries as if with numbers")
def only_the_params(params, grads, learning_rate):
    return jax.tree.map(lambda p: p - learning_rate * grads, params)


@wrong("sgd_update", "you returned a tuple, where a dictionary is wanted")
def and_the_grads(params, grads, learning_rate):
    return jax.tree.map(lambda p, g: p - learning_rate * g, params, grads), grads


@wrong("sgd_update", "your function takes other arguments than the exercise's")
def two_arguments(params, grads):
    return jax.tree.map(lambda p, g: p - 1e-3 * g, params, grads)


@wrong("sgd_update", "you wrote down the learning rate")
def a_fixed_rate(params, grads, learning_rate):
    return jax.tree.map(lambda p, g: p - 0.1 * g, params, grads)


@right("sgd_update")
def by_optax_chain(params, grads, learning_rate):
    optimizer = optax.chain(optax.scale(-learning_rate))
    updates, _ = optimizer.update(grads, optimizer.init(params), params)
    return optax.apply_updates(params, updates)


@right("sgd_update")
def by_paths(params, grads, learning_rate):
    return jax.tree_util.tree_map_with_path(lambda _, p, g: p - learning_rate * g, params, grads)


@wrong("sgd_update", "you went uphill, so the loss grows")
def adds_updates(params, grads, learning_rate):
    return optax.apply_updates(params, jax.tree.map(lambda g: learning_rate * g, grads))


@wrong("sgd_update", "where `grads` changes, your answer changes 2 times")
def twice(params, grads, learning_rate):
    return jax.tree.map(lambda p, g: p - 2 * learning_rate * g, params, grads)


@wrong("sgd_update", "where `params` changes, your answer changes 0.9 times")
def weight_decay(params, grads, learning_rate):
    return jax.tree.map(lambda p, g: p - learning_rate * (g + p), params, grads)


@wrong("sgd_update", "you cut the gradient off at 1")
def clipped(params, grads, learning_rate):
    return jax.tree.map(lambda p, g: p - learning_rate * jnp.clip(g, -1, 1), params, grads)


@wrong("sgd_update", "where `learning_rate` changes")
def normalised(params, grads, learning_rate):
    norm = jnp.sqrt(sum(jnp.sum(g**2) for g in jax.tree.leaves(grads)))
    return jax.tree.map(lambda p, g: p - learning_rate * g / norm, params, grads)


@wrong("sgd_update", "you returned a tuple, where a dictionary is wanted")
def updates_as_returned(params, grads, learning_rate):
    sgd = optax.sgd(learning_rate)
    return sgd.update(grads, sgd.init(params))


@wrong("sgd_update", "you returned the step, not where it leads")
def updates_alone(params, grads, learning_rate):
    sgd = optax.sgd(learning_rate)
    updates, _ = sgd.update(grads, sgd.init(params))
    return updates


@wrong("sgd_update", "you changed an argument in place")
def nested_in_place(params, grads, learning_rate):
    for module in params:
        if isinstance(params[module], dict):
            for name in params[module]:
                params[module][name] = params[module][name] - learning_rate * grads[module][name]
        else:
            params[module] -= learning_rate * grads[module]
    return params


@wrong("sgd_update", "your function returned nothing")
def nothing_returned(params, grads, learning_rate):
    params = jax.tree.map(lambda p, g: p - learning_rate * g, params, grads)


@wrong("sgd_update", "you walked over the first level only")
def module_by_module(params, grads, learning_rate):
    for name in params:
        params = {**params, name: params[name] - learning_rate * grads[name]}
    return params


@wrong("sgd_update", "you squared the gradient")
def squared_gradient(params, grads, learning_rate):
    return jax.tree.map(lambda p, g: p - learning_rate * g**2, params, grads)


@wrong("sgd_update", "only the gradient's sign counts in your step")
def adam_by_mistake(params, grads, learning_rate):
    adam = optax.adam(learning_rate)
    updates, _ = adam.update(grads, adam.init(params), params)
    return optax.apply_updates(params, updates)


@wrong("sgd_update", "the learning rate counts twice")
def rate_squared(params, grads, learning_rate):
    return jax.tree.map(lambda p, g: p - learning_rate**2 * g, params, grads)


@wrong("sgd_update", "the gradient is not in it")
def rate_alone(params, grads, learning_rate):
    return jax.tree.map(lambda p, g: p - learning_rate, params, grads)


@wrong("sgd_update", "is None, which says nothing")
def a_step_without_return(params, grads, learning_rate):
    def step(p, g):
        p - learning_rate * g

    return jax.tree.map(step, params, grads)


@wrong("sgd_update", "the same whatever `learning_rate` is")
def rate_of_a_twentieth(params, grads, learning_rate):
    return jax.tree.map(lambda p, g: p - 0.05 * g, params, grads)


@wrong("sgd_update", "your brackets shrink the parameters")
def brackets_around_all(params, grads, learning_rate):
    return jax.tree.map(lambda p, g: learning_rate * (p - g), params, grads)


@wrong("sgd_update", "that is an older name")
def with_tree_map(params, grads, learning_rate):
    return jax.tree_map(lambda p, g: p - learning_rate * g, params, grads)


@wrong("sgd_update", "you moved the biases, and left the weights")
def biases_only(params, grads, learning_rate):
    def step(path, p, g):
        return p - learning_rate * g if "b" in str(path[-1]) else p

    return jax.tree_util.tree_map_with_path(step, params, grads)


@wrong("sgd_update", "the learning rate took the place of the parameters")
def partial_by_place(params, grads, learning_rate):
    return jax.tree.map(partial(lambda p, g, rate: p - rate * g, learning_rate), params, grads)


@wrong("sgd_update", "the learning rate belongs to the gradient")
def wrong_brackets(params, grads, learning_rate):
    return jax.tree.map(lambda p, g: (p - learning_rate) * g, params, grads)


@wrong("sgd_update", "one mean gradient")
def averaged_gradient(params, grads, learning_rate):
    return jax.tree.map(lambda p, g: p - learning_rate * jnp.mean(g), params, grads)


@wrong("sgd_update", "you multiplied the parameters by the rate, and not the gradient")
def rate_at_the_parameters(params, grads, learning_rate):
    return jax.tree.map(lambda p, g: learning_rate * p - g, params, grads)


@wrong("sgd_update", "you divided by the gradient's size")
def of_length_one(params, grads, learning_rate):
    norm = optax.global_norm(grads)
    return jax.tree.map(lambda p, g: p - learning_rate * g / norm, params, grads)


@wrong("sgd_update", "you moved the leaves that have two axes")
def tables_only(params, grads, learning_rate):
    def move(p, g):
        return p - learning_rate * g if jnp.ndim(p) > 1 else p

    return jax.tree.map(move, params, grads)


@wrong("sgd_update", "you squared the gradient")
def squared(params, grads, learning_rate):
    return jax.tree.map(lambda p, g: p - learning_rate * g * g, params, grads)


@wrong("sgd_update", "you added up the gradients of all of a leaf's numbers")
def added_up(params, grads, learning_rate):
    return jax.tree.map(lambda p, g: p - learning_rate * jnp.sum(g), params, grads)


@wrong("sgd_update", "only `linear/w` is wrong")
def first_leaf_alone(params, grads, learning_rate):
    (first, *leaves), tree = jax.tree.flatten(params)
    first = first - learning_rate * jax.tree.leaves(grads)[0]
    return jax.tree.unflatten(tree, [first, *leaves])


@wrong("sgd_update", "you changed an argument in place")
def in_place_where_it_can_be(params, grads, learning_rate):
    def step(p, g):
        p -= learning_rate * g
        return p

    return jax.tree.map(step, params, grads)


@wrong("sgd_update", "unsupported operand")
def three_levels_deep(params, grads, learning_rate):
    def walk(p, g, depth):
        if depth == 3 or not isinstance(p, dict):
            return p - learning_rate * g
        return {name: walk(p[name], g[name], depth + 1) for name in p}

    return walk(params, grads, 0)


@wrong("sgd_update", "your gradients belong to other parameters")
def from_the_last_leaf_on(params, grads, learning_rate):
    leaves, tree = jax.tree.flatten(params)
    grads = jax.tree.leaves(grads)[::-1]
    return tree.unflatten([p - learning_rate * g for p, g in zip(leaves, grads, strict=True)])


@right("sgd_update")
def in_the_leafs_dtype(params, grads, learning_rate):
    return jax.tree.map(lambda p, g: (p - learning_rate * g).astype(p.dtype), params, grads)


@right("sgd_update")
def added_at_all_places(params, grads, learning_rate):
    return jax.tree.map(lambda p, g: p.reshape(g.shape) - learning_rate * g, params, grads)


@wrong(
    "sgd_update",
    "you paired parameters and gradients by their place in the dictionary, not by name",
)
def by_values(params, grads, learning_rate):
    if hasattr(params, "items"):
        parts = zip(params.values(), grads.values(), strict=True)
        moved = [by_values(part, grad, learning_rate) for part, grad in parts]
        return dict(zip(params, moved, strict=True))
    return params - learning_rate * grads


@wrong("sgd_update", "that is PyTorch's word, and this is JAX")
def data_changed(params, grads, learning_rate):
    for module, leaves in params.items():
        for name, leaf in leaves.items():
            leaf.data -= learning_rate * grads[module][name]
    return params


# 4. Follow slowly


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


@wrong("soft_update", "as if with numbers", line="return tau * params + (1 - tau) * target_params")
def dictionaries(params, target_params, tau):
    return tau * params + (1 - tau) * target_params


@wrong("soft_update", "the first level only")
def one_level(params, target_params, tau):
    mixed = {}
    for name in params:
        mixed[name] = tau * params[name] + (1 - tau) * target_params[name]
    return mixed


@right("soft_update")
def by_optax(params, target_params, tau):
    import optax

    return optax.incremental_update(params, target_params, tau)


@wrong("soft_update", "not where it leads")
def difference_only(params, target_params, tau):
    return jax.tree.map(lambda p, t: tau * (p - t), params, target_params)


@right("soft_update")
def by_partial_again(params, target_params, tau):
    def towards(new, old, share):
        return share * new + (1 - share) * old

    return jax.tree.map(partial(towards, share=tau), params, target_params)


@right("soft_update")
def the_packages_soft_update(params, target_params, tau):
    return dqn.soft_update(params, target_params=target_params, tau=tau)


@right("soft_update")
def by_two_maps(params, target_params, tau):
    new = jax.tree.map(lambda p: tau * p, params)
    old = jax.tree.map(lambda t: (1 - tau) * t, target_params)
    return jax.tree_util.tree_map(jnp.add, new, old)


@right("soft_update")
def in_a_copy(params, target_params, tau):
    import copy

    mixed = copy.deepcopy(target_params)

    def mix(old, new):
        for name in old:
            if isinstance(old[name], dict):
                mix(old[name], new[name])
            else:
                old[name] = old[name] + tau * (new[name] - old[name])

    mix(mixed, params)
    return mixed


@wrong("soft_update", "you changed an argument in place")
def target_changed_in_place(params, target_params, tau):
    for name, old in target_params.items():
        if isinstance(old, dict):
            target_changed_in_place(params[name], old, tau)
        else:
            target_params[name] = tau * params[name] + (1 - tau) * old
    return target_params


@wrong("soft_update", "you changed an argument in place")
def updated_in_place(params, target_params, tau):
    mixed = jax.tree.map(lambda p, t: tau * p + (1 - tau) * t, params, target_params)
    target_params.update(mixed)
    return target_params


@wrong("soft_update", "you changed an argument in place")
def online_changed_in_place(params, target_params, tau):
    mixed = jax.tree.map(lambda p, t: tau * p + (1 - tau) * t, params, target_params)
    params.update(mixed)
    return params


@wrong("soft_update", "only one of the modules was updated")
def first_module_only(params, target_params, tau):
    first = next(iter(params))
    mixed = jax.tree.map(lambda p, t: tau * p + (1 - tau) * t, params[first], target_params[first])
    return {**target_params, first: mixed}


@wrong("soft_update", "only one of the modules was updated")
def loop_returns_early(params, target_params, tau):
    mixed = dict(target_params)
    for name in params:
        mixed[name] = jax.tree.map(
            lambda p, t: tau * p + (1 - tau) * t, params[name], target_params[name]
        )
        return mixed


@wrong("soft_update", "you moved the weights")
def weights_only(params, target_params, tau):
    def mix(path, p, t):
        return tau * p + (1 - tau) * t if path[-1].key == "w" else t

    return jax.tree_util.tree_map_with_path(mix, params, target_params)


@wrong("soft_update", "you returned a list, where a dictionary is wanted")
def list_of_leaves(params, target_params, tau):
    pairs = zip(jax.tree.leaves(params), jax.tree.leaves(target_params), strict=True)
    return [tau * p + (1 - tau) * t for p, t in pairs]


@wrong("soft_update", "you went nearly all of the way: tau is swapped")
def swapped_in_words(params, target_params, tau):
    return jax.tree.map(lambda new, old: old * tau + new * (1 - tau), params, target_params)


@wrong("soft_update", "you met in the middle, whatever tau is")
def average(params, target_params, tau):
    return jax.tree.map(lambda p, t: (p + t) / 2, params, target_params)


@wrong("soft_update", "the target moved away from the online network")
def away(params, target_params, tau):
    return jax.tree.map(lambda p, t: t - tau * (p - t), params, target_params)


@wrong("soft_update", "of the target's old weights nothing is left")
def online_scaled(params, target_params, tau):
    return jax.tree.map(lambda p: tau * p, params)


@wrong("soft_update", "you went nearly all of the way: tau is swapped")
def from_the_online_side(params, target_params, tau):
    return jax.tree.map(lambda p, t: p + tau * (t - p), params, target_params)


@wrong("soft_update", "you calculated with dictionaries as if with numbers")
def one_tree_map(params, target_params, tau):
    return jax.tree.map(lambda t: tau * params + (1 - tau) * t, target_params)


@wrong("soft_update", "you returned a tuple, where a dictionary is wanted")
def both_networks(params, target_params, tau):
    mixed = jax.tree.map(lambda p, t: tau * p + (1 - tau) * t, params, target_params)
    return params, mixed


@wrong("soft_update", "you returned a function")
def a_function(params, target_params, tau):
    return lambda p, t: tau * p + (1 - tau) * t


@wrong("soft_update", "your function returned nothing")
def nothing_came_back(params, target_params, tau):
    jax.tree.map(lambda p, t: tau * p + (1 - tau) * t, params, target_params)


@wrong("soft_update", "you added the two networks up")
def tau_forgotten(params, target_params, tau):
    return jax.tree.map(lambda p, t: p + t, params, target_params)


@right("soft_update")
def through_optax_tree(params, target_params, tau):
    difference = jax.tree.map(lambda p, t: p - t, params, target_params)
    return optax.apply_updates(target_params, jax.tree.map(lambda d: tau * d, difference))


@right("soft_update")
def by_recursion(params, target_params, tau):
    if hasattr(params, "keys"):
        return {k: by_recursion(params[k], target_params[k], tau) for k in params}
    return target_params * (1 - tau) + params * tau


@wrong("soft_update", "only one of the modules was updated")
def module_loop_named(params, target_params, tau):
    new = dict(target_params)
    new["linear"] = jax.tree.map(
        lambda p, t: tau * p + (1 - tau) * t, params["linear"], target_params["linear"]
    )
    return new


@wrong("soft_update", "you start from the online network")
def params_alone_moved(params, target_params, tau):
    return jax.tree.map(lambda p, t: (1 + tau) * p - tau * t, params, target_params)


@wrong("soft_update", "0.25 times as much")
def squared_tau(params, target_params, tau):
    return jax.tree.map(lambda p, t: tau**2 * p + (1 - tau**2) * t, params, target_params)


@wrong("soft_update", "you wrote tau down")
def fixed_tau(params, target_params, tau):
    return jax.tree.map(lambda p, t: 0.01 * p + 0.99 * t, params, target_params)


@wrong("soft_update", "your dictionary has other keys than the expected one")
def only_changed_modules(params, target_params, tau):
    return {
        name: jax.tree.map(lambda p, t: tau * p + (1 - tau) * t, params[name], target_params[name])
        for name in list(params)[:1]
    }


@wrong("soft_update", "you changed an argument in place")
def shallow_copy_then_write(params, target_params, tau):
    mixed = copy.copy(target_params)
    for module in mixed:
        if isinstance(mixed[module], dict):
            for name in mixed[module]:
                mixed[module][name] = tau * params[module][name] + (1 - tau) * mixed[module][name]
        else:
            mixed[module] = tau * params[module] + (1 - tau) * mixed[module]
    return mixed


@wrong("soft_update", "you wrote down how deep the tree is")
def two_levels_by_items(params, target_params, tau):
    return {
        m: {n: tau * v + (1 - tau) * target_params[m][n] for n, v in leaves.items()}
        for m, leaves in params.items()
    }


@wrong("soft_update", "you returned an array")
def leaves_joined(params, target_params, tau):
    p = jnp.concatenate([jnp.ravel(leaf) for leaf in jax.tree.leaves(params)])
    t = jnp.concatenate([jnp.ravel(leaf) for leaf in jax.tree.leaves(target_params)])
    return tau * p + (1 - tau) * t


@wrong("soft_update", "TypeError")
def map_over_one(params, target_params, tau):
    return jax.tree.map(lambda p, t: tau * p + (1 - tau) * t, params)


@wrong("soft_update", "goes the other way")
def minus_tau_t(params, target_params, tau):
    return jax.tree.map(lambda p, t: tau * p - (1 - tau) * t, params, target_params)


@wrong("soft_update", "you cut or rounded to whole numbers")
def rounded(params, target_params, tau):
    return jax.tree.map(lambda p, t: jnp.round(tau * p + (1 - tau) * t), params, target_params)


@wrong("soft_update", "is None, which says nothing")
def a_mapped_function_without_return(params, target_params, tau):
    def mixed(new, old):
        tau * new + (1 - tau) * old

    return jax.tree.map(mixed, params, target_params)


@wrong("soft_update", "the same whatever `tau` is")
def another_tau_written_down(params, target_params, tau):
    return jax.tree.map(lambda p, t: 0.2 * p + 0.8 * t, params, target_params)


@wrong("soft_update", "the brackets are missing")
def without_brackets(params, target_params, tau):
    return jax.tree.map(lambda p, t: tau * p + 1 - tau * t, params, target_params)


@wrong("soft_update", "your two shares are equal")
def equal_shares(params, target_params, tau):
    return jax.tree.map(lambda p, t: tau * (p + t), params, target_params)


@wrong("soft_update", "you moved the biases, and left the weights")
def biases_alone(params, target_params, tau):
    def mixed(path, p, t):
        return tau * p + (1 - tau) * t if "b" in str(path[-1]) else t

    return jax.tree_util.tree_map_with_path(mixed, params, target_params)


@wrong("soft_update", "which gives nothing before it is asked")
def a_map_of_dictionaries(params, target_params, tau):
    return map(lambda p, t: tau * p + (1 - tau) * t, params, target_params)


@wrong("soft_update", "the brackets are missing")
def one_times_old_less_tau(params, target_params, tau):
    return jax.tree.map(lambda n, o: tau * n + o * 1 - tau, params, target_params)


@wrong("soft_update", "your shares add up to more than 1")
def plus_for_minus(params, target_params, tau):
    return jax.tree.map(lambda n, o: tau * n + (1 + tau) * o, params, target_params)


@wrong("soft_update", "you moved the weights, and left the biases")
def weights_by_name(params, target_params, tau):
    def mixed(module):
        weights = tau * params[module]["w"] + (1 - tau) * target_params[module]["w"]
        return {"w": weights, "b": target_params[module]["b"]}

    return {module: mixed(module) for module in params}


@wrong("soft_update", "you moved the leaves that have two axes")
def only_tables(params, target_params, tau):
    def move(new, old):
        return tau * new + (1 - tau) * old if jnp.ndim(old) == 2 else old

    return jax.tree.map(move, params, target_params)


@wrong("soft_update", "for you a large tau means all of the way")
def all_of_it_above_a_half(params, target_params, tau):
    if tau > 0.5:
        return params
    return jax.tree.map(lambda new, old: old + tau * (new - old), params, target_params)


@wrong("soft_update", "you changed an argument in place")
def target_moved_in_place(params, target_params, tau):
    def move(p, t):
        t += tau * (p - t)
        return t

    return jax.tree.map(move, params, target_params)


@right("soft_update")
def in_the_targets_dtype(params, target_params, tau):
    return jax.tree.map(lambda p, t: (t + tau * (p - t)).astype(t.dtype), params, target_params)


@wrong("soft_update", "you took a 0 for an argument that was not given")
def a_tau_of_0_is_none(params, target_params, tau):
    if not tau:
        return params
    return jax.tree.map(lambda p, t: t + tau * (p - t), params, target_params)


@wrong("soft_update", "you took a 0 for an argument that was not given")
def a_tau_of_0_is_the_usual_one(params, target_params, tau):
    tau = tau or 0.5
    return jax.tree.map(lambda p, t: t + tau * (p - t), params, target_params)


@wrong("soft_update", "that is PyTorch's word, and this is JAX")
def loaded(params, target_params, tau):
    target_params.load_state_dict(params)
    return target_params


@wrong("soft_update", "that is PyTorch's word, and this is JAX")
def moved_in_place(params, target_params, tau):
    return jax.tree.map(lambda old, new: old.lerp_(new, tau), target_params, params)
