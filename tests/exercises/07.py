"""Answers to the exercises of notebook 07."""

import jax
import jax.numpy as jnp
import numpy as np
from planted import right, wrong

from rl_jax import cartpole

# 1. A scan that counts


@right("steps_until_fall")
def by_cumprod(state, actions):
    def body(state, action):
        state, _, fell = cartpole.step(state, action)
        return state, fell

    _, fell = jax.lax.scan(body, state, actions)
    return 1 + jnp.cumprod(~fell)[:-1].sum()


@right("steps_until_fall")
def by_while_loop(state, actions):
    def goes_on(carry):
        return (carry[0] < len(actions)) & ~carry[2]

    def body(carry):
        state, _, fell = cartpole.step(carry[1], actions[carry[0]])
        return carry[0] + 1, state, fell

    return jax.lax.while_loop(goes_on, body, (0, state, jnp.bool_(False)))[0]


@wrong("steps_until_fall", "the push that brings the pole down is missing")
def one_too_few(state, actions):
    def body(carry, action):
        state, standing = carry
        state, _, fell = cartpole.step(state, action)
        return (state, standing & ~fell), standing & ~fell

    return jax.lax.scan(body, (state, jnp.bool_(True)), actions)[1].astype(float).sum()


@wrong("steps_until_fall", "counted on after the fall")
def never_stops(state, actions):
    return jax.lax.scan(lambda n, _: (n + 1, None), 0, actions)[0]


@wrong("steps_until_fall", "whatever the actions say")
def always_right(state, actions):
    return by_while_loop(state, jnp.ones_like(actions))


@wrong("steps_until_fall", "a Python `if` asks for a value")
def with_an_if(state, actions):
    for i in range(len(actions)):
        state, _, fell = cartpole.step(state, actions[i])
        if fell:
            break
    return i + 1


@right("steps_until_fall")
def by_fori_loop(state, actions):
    def body(i, carry):
        now, count, down = carry
        now, _, fell = cartpole.step(now, actions[i])
        return now, count + jnp.where(down, 0, 1), down | fell

    return jax.lax.fori_loop(0, actions.shape[0], body, (state, 0, False))[1]


@right("steps_until_fall")
@jax.jit
def unrolled_without_if(state, actions):
    n = jnp.int32(0)
    alive = jnp.int32(1)
    for a in actions:
        state, _, done = cartpole.step(state=state, action=a)
        n = n + alive
        alive = alive * (1 - done.astype(jnp.int32))
    return n


@right("steps_until_fall")
def count_in_the_carry(s, a):
    def f(c, u):
        s, n, ok = c
        s, r, bad = cartpole.step(s, u)
        return (s, n + r * ok, ok * (1.0 - bad)), None

    return jax.lax.scan(f, (s, jnp.float32(0), jnp.float32(1)), a)[0][1]


@wrong("steps_until_fall", "you forgot that it fell")
def not_latched(state, actions):
    def body(carry, action):
        state, standing = carry
        state, _, fell = cartpole.step(state, action)
        return (state, ~fell), standing

    return jax.lax.scan(body, (state, jnp.bool_(True)), actions)[1].sum()


@wrong("steps_until_fall", "you looked at the pole alone")
def angle_by_hand(state, actions):
    def body(carry, action):
        state, up = carry
        state, _, _ = cartpole.step(state, action)
        return (state, up & (jnp.abs(state[2]) < 0.2095)), up

    return jnp.sum(jax.lax.scan(body, (state, True), actions)[1])


@wrong("steps_until_fall", "where the pole never falls")
def by_argmax(state, actions):
    def body(state, action):
        state, _, fell = cartpole.step(state, action)
        return state, fell

    return jnp.argmax(jax.lax.scan(body, state, actions)[1]) + 1


@wrong("steps_until_fall", "you counted on after the fall")
def total_reward(state, actions):
    def body(carry, action):
        now, total = carry
        now, reward, _ = cartpole.step(now, action)
        return (now, total + reward), None

    (_, total), _ = jax.lax.scan(body, (state, 0.0), actions)
    return total


@wrong("steps_until_fall", "something for each push")
def forgot_the_sum(state, actions):
    def body(carry, action):
        state, standing = carry
        state, _, fell = cartpole.step(state, action)
        return (state, standing & ~fell), standing

    return jax.lax.scan(body, (state, jnp.bool_(True)), actions)[1]


@wrong("steps_until_fall", "a Python `if` asks for a value")
def with_a_while(state, actions):
    steps, fell = 0, False
    while not fell and steps < len(actions):
        state, _, fell = cartpole.step(state, actions[steps])
        steps += 1
    return steps


@wrong("steps_until_fall", "every push of yours starts from the same state")
def state_not_carried(state, actions):
    def body(standing, action):
        _, _, fell = cartpole.step(state, action)
        return standing & ~fell, standing

    return jax.lax.scan(body, jnp.bool_(True), actions)[1].sum()


@wrong("steps_until_fall", "your function returned nothing")
def no_return(state, actions):
    jax.lax.scan(lambda s, a: (cartpole.step(s, a)[0], None), state, actions)


@wrong("steps_until_fall", "other arguments than the exercise's")
def with_a_key(key, state, actions):
    return len(actions)


# 2. What to keep, and from where to go on


@right("keep_and_go_on")
def by_auto_reset_of_its_own(next_state, fell, steps, start, limit):
    late = jnp.logical_and(steps >= limit, jnp.logical_not(fell))
    over = jnp.logical_or(fell, late)
    return dict(
        next_state=next_state,
        is_terminal=fell,
        state=jax.lax.select(over, start, next_state),
        steps=steps * (1 - over),
    )


@right("keep_and_go_on")
def by_cond(next_state, fell, steps, start, limit):
    over = fell | (steps == limit) | (steps > limit)
    state, steps = jax.lax.cond(over, lambda: (start, 0), lambda: (next_state, steps))
    return {"steps": steps, "state": state, "is_terminal": fell, "next_state": next_state}


@right("keep_and_go_on")
def by_weights(next_state, fell, steps, start, limit):
    on = (1 - fell) * (steps < limit)
    state = on * next_state + (1 - on) * start
    return {"next_state": next_state, "is_terminal": fell, "state": state, "steps": on * steps}


@wrong("keep_and_go_on", "holds the fresh start as the next state")
def teleports(next_state, fell, steps, start, limit):
    over = fell | (steps >= limit)
    next_state = jnp.where(over, start, next_state)
    steps = jnp.where(over, 0, steps)
    return {"next_state": next_state, "is_terminal": fell, "state": next_state, "steps": steps}


@wrong("keep_and_go_on", "you stored running out of time as a fall")
def done(next_state, fell, steps, start, limit):
    done = jnp.logical_or(fell, steps >= limit)
    state = jnp.where(done, start, next_state)
    n = jnp.where(done, 0, steps)
    return {"next_state": next_state, "is_terminal": done, "state": state, "steps": n}


@wrong("keep_and_go_on", "you go on when time is up")
def no_time_limit(next_state, fell, steps, start, limit):
    state = jnp.where(fell, start, next_state)
    n = jnp.where(fell, 0, steps)
    return {"next_state": next_state, "is_terminal": fell, "state": state, "steps": n}


@wrong("keep_and_go_on", "one push more than the limit")
def off_by_one(next_state, fell, steps, start, limit):
    over = fell | (steps > limit)
    state = jnp.where(over, start, next_state)
    n = jnp.where(over, 0, steps)
    return {"next_state": next_state, "is_terminal": fell, "state": state, "steps": n}


@wrong("keep_and_go_on", "you asked Python")
def python_or(next_state, fell, steps, start, limit):
    if fell or steps >= limit:
        return {"next_state": next_state, "is_terminal": fell, "state": start, "steps": 0}
    return {"next_state": next_state, "is_terminal": fell, "state": next_state, "steps": steps}


@wrong("keep_and_go_on", "begins with the old one's steps")
def steps_forgotten(next_state, fell, steps, start, limit):
    state = jnp.where(fell | (steps >= limit), start, next_state)
    return {"next_state": next_state, "is_terminal": fell, "state": state, "steps": steps}


@wrong("keep_and_go_on", "you returned a tuple, where a dictionary is wanted")
def a_tuple(next_state, fell, steps, start, limit):
    over = fell | (steps >= limit)
    return next_state, fell, jnp.where(over, start, next_state), jnp.where(over, 0, steps)


@wrong("keep_and_go_on", "you counted this push twice")
def plus_one(next_state, fell, steps, start, limit):
    over = fell | (steps >= limit)
    state, n = jnp.where(over, start, next_state), jnp.where(over, 0, steps + 1)
    return {"next_state": next_state, "is_terminal": fell, "state": state, "steps": n}


@wrong("keep_and_go_on", "where the pole fell at the very last push")
def truncation_wins(next_state, fell, steps, start, limit):
    late = steps >= limit
    over = late | fell
    return {
        "next_state": next_state,
        "is_terminal": jnp.where(late, False, fell),
        "state": jnp.where(over, start, next_state),
        "steps": jnp.where(over, 0, steps),
    }


# 3. A sweep


@wrong("sweep_all", "a loop calls train again and again")
def by_a_loop(train, keys, gammas):
    return np.array([[float(train(key, gamma)) for gamma in gammas] for key in keys], np.float64)


@right("sweep_all")
def transposed_back(train, keys, gammas):
    rows = jax.vmap(jax.vmap(train, (0, None)), (None, 0))(keys, gammas)
    return rows.T


@wrong("sweep_all", "walks along both arrays in step")
def in_step(train, keys, gammas):
    return jax.vmap(train, in_axes=(0, 0))(keys, gammas)


@wrong("sweep_all", "rows and columns are exchanged")
def exchanged(train, keys, gammas):
    return jax.vmap(lambda gamma: jax.vmap(lambda key: train(key, gamma))(keys))(gammas)


@wrong("sweep_all", "every row used the same key")
def one_key(train, keys, gammas):
    return jnp.stack([jax.vmap(lambda gamma: train(keys[0], gamma))(gammas) for _ in keys])


@wrong("sweep_all", "hides the spread")
def averaged(train, keys, gammas):
    return jax.vmap(lambda gamma: jax.vmap(lambda key: train(key, gamma))(keys).mean())(gammas)


@wrong("sweep_all", "you mapped over one of the two only")
def one_axis_only(train, keys, gammas):
    return jax.vmap(lambda key, gamma: train(key, gamma), in_axes=(0, None))(keys, gammas)


@right("sweep_all")
def all_pairs_in_one_vmap(train, keys, gammas):
    i, j = jnp.meshgrid(jnp.arange(len(keys)), jnp.arange(len(gammas)), indexing="ij")
    flat = jax.vmap(train)(keys[i.ravel()], gammas[j.ravel()])
    return flat.reshape(len(keys), len(gammas))


@right("sweep_all")
@jax.tree_util.Partial
def with_out_axes(train, keys, gammas):
    over_keys = jax.vmap(train, in_axes=(0, None))
    return jax.vmap(over_keys, in_axes=(None, 0), out_axes=1)(keys, gammas)


@right("sweep_all")
def by_lambdas(train, keys, gammas):
    return jax.jit(jax.vmap(lambda k: jax.vmap(lambda g: train(k, g))(gammas)))(keys)


@wrong("sweep_all", "a loop calls train again and again")
def loop_over_keys(train, keys, gammas):
    return jnp.stack([jax.vmap(lambda gamma, key=key: train(key, gamma))(gammas) for key in keys])


@wrong("sweep_all", "a loop calls train again and again")
def loop_over_gammas(train, keys, gammas):
    columns = [jax.vmap(train, (0, None))(keys, gamma) for gamma in gammas]
    return jnp.stack(columns, axis=1)


@wrong("sweep_all", "all pairs in one row")
def left_flat(train, keys, gammas):
    n, m = len(keys), len(gammas)
    return jax.vmap(train)(jnp.repeat(keys, m), jnp.tile(gammas, n))


@wrong("sweep_all", "in the wrong order")
def tiled_the_other_way(train, keys, gammas):
    n, m = len(keys), len(gammas)
    return jax.vmap(train)(jnp.tile(keys, m), jnp.repeat(gammas, n)).reshape(n, m)


@wrong("sweep_all", "you returned a function")
def never_called(train, keys, gammas):
    return jax.vmap(jax.vmap(train, (None, 0)), (0, None))


@wrong("sweep_all", "you averaged over the gammas")
def a_number_for_each_key(train, keys, gammas):
    return jax.vmap(lambda key: jax.vmap(lambda gamma: train(key, gamma))(gammas).mean())(keys)


@wrong("sweep_all", "you exchanged key and gamma")
def wrong_order(train, keys, gammas):
    return jax.vmap(lambda k: jax.vmap(lambda g: train(g, k))(gammas))(keys)


@wrong("sweep_all", "train at once")
def no_vmap_at_all(train, keys, gammas):
    return train(keys, gammas)
