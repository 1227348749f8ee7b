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


@wrong("steps_until_fall", "you played the actions from the end")
def in_reverse(state, actions):
    def push(state, action):
        state, _, fell = cartpole.step(state, action)
        return state, fell

    fell = jax.lax.scan(push, state, actions, reverse=True)[1]
    return jnp.where(fell.any(), jnp.argmax(fell) + 1, len(actions))


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


@wrong(
    "steps_until_fall",
    "Python asks (`if`, `and`, `not`) for a value that is not there yet while JAX traces",
)
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


@wrong(
    "steps_until_fall",
    "Python asks (`if`, `and`, `not`) for a value that is not there yet while JAX traces",
)
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


# Those of a reader who had not seen the check:


def falls(state, actions):
    def body(state, action):
        state, _, fell = cartpole.step(state, action)
        return state, fell

    return jax.lax.scan(body, state, actions)[1]


@right("steps_until_fall")
def where_of_argmax(state, actions):
    fell = falls(state, actions)
    return jnp.where(fell.any(), jnp.argmax(fell) + 1, len(actions))


@right("steps_until_fall")
def frozen_by_cond(state, actions):
    def body(carry, action):
        now, fell, pushes = carry

        def go(_):
            after, _, down = cartpole.step(now, action)
            return after, down, pushes + 1.0

        return jax.lax.cond(fell, lambda _: carry, go, None), None

    return jax.lax.scan(body, (state, jnp.bool_(False), 0.0), actions)[0][2]


@wrong("steps_until_fall", "you returned more than one thing")
def all_that_scan_gives(state, actions):
    def body(carry, action):
        state, up = carry
        state, _, fell = cartpole.step(state, action)
        return (state, up & ~fell), up

    return jax.lax.scan(body, (state, jnp.bool_(True)), actions)


@wrong("steps_until_fall", "your body does not return two things")
def no_y(state, actions):
    def body(carry, action):
        state, pushes, up = carry
        state, _, fell = cartpole.step(state, action)
        return state, pushes + up, up & ~fell

    return jax.lax.scan(body, (state, 0, jnp.bool_(True)), actions)[0][1]


@wrong("steps_until_fall", "in another form than it came in", line="return jax.lax.scan(body")
def y_first(state, actions):
    def body(carry, action):
        state, up = carry
        state, _, fell = cartpole.step(state, action)
        return up, (state, up & ~fell)

    return jax.lax.scan(body, (state, jnp.bool_(True)), actions)[1].sum()


@wrong("steps_until_fall", "in another form than it came in")
def carry_of_another_type(state, actions):
    def body(carry, action):
        state, pushes = carry
        state, reward, fell = cartpole.step(state, action)
        return (state, pushes + reward), fell

    return jax.lax.scan(body, (state, jnp.int32(0)), actions)[0][1]


@wrong("steps_until_fall", "your cart starts at rest")
def from_the_middle(state, actions):
    return where_of_argmax(jnp.zeros(4), actions)


@wrong("steps_until_fall", "is not the number of pushes")
def minus_one(state, actions):
    fell = falls(state, actions)
    return jnp.where(fell.any(), jnp.argmax(fell) + 1, -1)


@wrong("steps_until_fall", "you returned whether it fell")
def whether(state, actions):
    return falls(state, actions).any()


@wrong("steps_until_fall", "in radians")
def twelve_radians(state, actions):
    def body(carry, action):
        state, up = carry
        state, _, _ = cartpole.step(state, action)
        return (state, up & (jnp.abs(state[2]) <= 12)), up

    return jax.lax.scan(body, (state, jnp.bool_(True)), actions)[1].sum()


@wrong("steps_until_fall", "you handed a tracer to NumPy")
def in_numpy(state, actions):
    return np.argmax(np.asarray(falls(state, actions))) + 1


@wrong("steps_until_fall", "not to the first")
def to_the_last(state, actions):
    fell, n = falls(state, actions), len(actions)
    return jnp.where(fell.any(), n - jnp.argmax(fell[::-1]), n)


@wrong("steps_until_fall", "right numbers, wrong shape")
def in_a_list(state, actions):
    return [where_of_argmax(state, actions)]


@wrong("steps_until_fall", "your count is always 0")
def begins_with_false(state, actions):
    def body(carry, action):
        state, up = carry
        state, _, fell = cartpole.step(state, action)
        return (state, up & ~fell), up

    return jax.lax.scan(body, (state, jnp.bool_(False)), actions)[1].sum()


@wrong("steps_until_fall", "you returned the share of the pushes")
def a_mean(state, actions):
    pushes = where_of_argmax(state, actions)
    return pushes / len(actions)


@wrong("steps_until_fall", "would decide a shape")
def first_place(state, actions):
    def body(state, action):
        state, _, fell = cartpole.step(state, action)
        return state, fell

    fell = jax.lax.scan(body, state, actions)[1]
    return jnp.nonzero(fell)[0][0] + 1


@wrong("steps_until_fall", "your loop goes on after the last action")
def until_it_falls(state, actions):
    def push(carry):
        i, state, _ = carry
        state, _, fell = cartpole.step(state, actions[i])
        return i + 1, state, fell

    return jax.lax.while_loop(lambda carry: ~carry[2], push, (0, state, False))[0]


@wrong("steps_until_fall", "once down, down")
def at_most_one_fall(state, actions):
    def body(state, action):
        state, _, fell = cartpole.step(state, action)
        return state, fell

    fell = jax.lax.scan(body, state, actions)[1]
    return (jnp.cumsum(fell) <= 1).sum()


@wrong("steps_until_fall", "your count is always 1")
def always_one(state, actions):
    return jnp.int32(1)


@wrong("steps_until_fall", "gives what is no array")
def count_as_a_text(state, actions):
    return "9"


@wrong("steps_until_fall", "for you the cart falls off the track, and the pole does not fall")
def in_degrees(state, actions):
    def body(carry, action):
        state, standing = carry
        state, _, _ = cartpole.step(state, action)
        fell = (jnp.abs(state[0]) > 2.4) | (jnp.abs(state[2]) > 12)
        return (state, standing & ~fell), standing

    return jax.lax.scan(body, (state, jnp.bool_(True)), actions)[1].sum()


@wrong("steps_until_fall", "a function of the package got an array of another shape")
def actions_for_the_state(state, actions):
    def body(carry, action):
        state, standing = carry
        state, _, fell = cartpole.step(action, state)
        return (state, standing & ~fell), standing

    return jax.lax.scan(body, (state, jnp.bool_(True)), actions)[1].sum()


@wrong("steps_until_fall", "you counted the pushes that come after the fall")
def the_flag_added_up(state, actions):
    def body(carry, action):
        state, fallen = carry
        state, _, fell = cartpole.step(state, action)
        return (state, fallen | fell), fallen

    return jax.lax.scan(body, (state, False), actions)[1].sum()


@wrong("steps_until_fall", "you took one number apart")
def the_body_the_other_way_round(state, actions):
    def body(action, carry):
        state, fallen = carry
        state, _, fell = cartpole.step(state, action)
        return (state, fallen | fell), ~fallen

    return jax.lax.scan(body, (state, False), actions)[1].sum()


@wrong("steps_until_fall", "several things as if they were one")
def the_carry_added_up(state, actions):
    def body(carry, action):
        state, fallen = carry
        state, _, fell = cartpole.step(state, action)
        return (state, fallen | fell), ~fallen

    stood, _ = jax.lax.scan(body, (state, False), actions)
    return stood.sum()


@wrong("steps_until_fall", "your answer is not the number of pushes")
def five_hundred_if_it_stands(state, actions):
    def body(state, action):
        state, _, fell = cartpole.step(state, action)
        return state, fell

    _, fell = jax.lax.scan(body, state, actions)
    return jnp.where(fell.any(), jnp.argmax(fell) + 1, 500)


@wrong("steps_until_fall", "you played the first 10 pushes only")
def ten_at_most(state, actions):
    fell = falls(state, actions[:10])
    return jnp.where(fell.any(), fell.argmax() + 1, len(fell))


@wrong("steps_until_fall", "a value left what JAX was tracing by a side door")
def appended(state, actions):
    seen = []

    def body(state, action):
        state, _, fell = cartpole.step(state, action)
        seen.append(fell)
        return state, None

    jax.lax.scan(body, state, actions)
    return jnp.argmax(jnp.array(seen)) + 1


@wrong("steps_until_fall", "your count is always 1")
def counted_by_python(state, actions):
    pushes = 0

    def body(state, action):
        nonlocal pushes
        pushes += 1
        return cartpole.step(state, action)[0], None

    jax.lax.scan(body, state, actions)
    return pushes


@wrong("steps_until_fall", "you pushed by the number of the push")
def places_for_actions(state, actions):
    fell = falls(state, jnp.arange(len(actions)))
    return jnp.where(fell.any(), fell.argmax() + 1, len(actions))


@wrong("steps_until_fall", "you put the cart up again after a fall, and went on")
def with_auto_reset(state, actions):
    def body(carry, action):
        cart, count = carry
        cart, _, fell = cartpole.step(cart, action)
        return jax.tree.map(lambda a, b: jnp.where(fell, a, b), (state, 0), (cart, count + 1)), None

    return jax.lax.scan(body, (state, 0), actions)[0][1]


@wrong("steps_until_fall", "you put the cart up again after a fall, and went on")
def falls_counted(state, actions):
    def body(cart, action):
        cart, _, fell = cartpole.step(cart, action)
        return jnp.where(fell, state, cart), fell

    return jnp.sum(jax.lax.scan(body, state, actions)[1])


@wrong("steps_until_fall", "where the pole stands to the end, you counted one push too few")
def last_place_if_it_stands(state, actions):
    def body(cart, action):
        cart, _, fell = cartpole.step(cart, action)
        return cart, fell

    _, fell = jax.lax.scan(body, state, actions)
    return jnp.where(fell.any(), fell.argmax() + 1, len(actions) - 1)


def flags(state, actions):
    def body(state, action):
        state, _, fell = cartpole.step(state, action)
        return state, fell

    return jax.lax.scan(body, state, actions)[1]


@wrong("steps_until_fall", "where the first push is the fall, you take it for no fall at all")
def no_place_but_the_first(state, actions):
    fell = flags(state, actions)
    first = fell.argmax()
    return jnp.where(first > 0, first + 1, fell.shape[0])


@wrong("steps_until_fall", "where the pole stands to the end, your answer is not the number of")
def eight_written_down(state, actions):
    fell = flags(state, actions)
    return jnp.where(fell.any(), fell.argmax() + 1, 8)


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


# Those of a reader who had not seen the check:


def kept(next_state, is_terminal, state, steps):
    return {
        "next_state": next_state,
        "is_terminal": is_terminal,
        "state": state,
        "steps": steps,
    }


@right("keep_and_go_on")
def at_the_very_limit(next_state, fell, steps, start, limit):
    over = (fell + (steps == limit)) > 0
    return kept(next_state, fell, start * over + next_state * ~over, steps * (1 - over))


@right("keep_and_go_on")
def goes_on(next_state, fell, steps, start, limit):
    on = ~fell & (steps < limit)
    terminal = jnp.where(fell, 1.0, 0.0)
    return kept(next_state, terminal, jnp.where(on, next_state, start), jnp.where(on, steps, 0))


@right("keep_and_go_on")
def one_where_in_another(next_state, fell, steps, start, limit):
    state = jnp.where(fell, start, jnp.where(steps >= limit, start, next_state))
    return kept(next_state, fell, state, jnp.where(fell, 0, jnp.where(steps >= limit, 0, steps)))


@wrong("keep_and_go_on", "your condition is turned round")
def branches_exchanged(next_state, fell, steps, start, limit):
    over = fell | (steps >= limit)
    return kept(next_state, fell, jnp.where(over, next_state, start), jnp.where(over, steps, 0))


@wrong("keep_and_go_on", "what is stored and what to go on from")
def keys_exchanged(next_state, fell, steps, start, limit):
    over = fell | (steps >= limit)
    return kept(jnp.where(over, start, next_state), fell, next_state, jnp.where(over, 0, steps))


@wrong("keep_and_go_on", "you wrote 500 into it")
def five_hundred(next_state, fell, steps, start, limit):
    over = fell | (steps >= 500)
    return kept(next_state, fell, jnp.where(over, start, next_state), jnp.where(over, 0, steps))


@wrong("keep_and_go_on", "you made a start of your own")
def a_start_of_its_own(next_state, fell, steps, start, limit):
    over = fell | (steps >= limit)
    start = cartpole.reset(jax.random.key(0))
    return kept(next_state, fell, jnp.where(over, start, next_state), jnp.where(over, 0, steps))


@wrong("keep_and_go_on", "physics did not give")
def zeros_after_a_fall(next_state, fell, steps, start, limit):
    over = fell | (steps >= limit)
    state = jnp.where(over, start, next_state)
    return kept(jnp.where(fell, 0.0, next_state), fell, state, jnp.where(over, 0, steps))


@wrong("keep_and_go_on", "after a fall the new episode begins with the old one's steps")
def counts_anew_by_time(next_state, fell, steps, start, limit):
    late = steps >= limit
    state = jnp.where(fell | late, start, next_state)
    return kept(next_state, fell, state, jnp.where(late, 0, steps))


@wrong("keep_and_go_on", "when time is up the new episode begins with the old one's steps")
def counts_anew_by_falls(next_state, fell, steps, start, limit):
    state = jnp.where(fell | (steps >= limit), start, next_state)
    return kept(next_state, fell, state, jnp.where(fell, 0, steps))


@wrong("keep_and_go_on", "go on from where the episode ended")
def starts_anew_by_falls(next_state, fell, steps, start, limit):
    n = jnp.where(fell | (steps >= limit), 0, steps)
    return kept(next_state, fell, jnp.where(fell, start, next_state), n)


@wrong("keep_and_go_on", "holds the fresh start as the next state")
def teleports_when_late(next_state, fell, steps, start, limit):
    over = fell | (steps >= limit)
    state, stored = jnp.where(over, start, next_state), jnp.where(steps >= limit, start, next_state)
    return kept(stored, fell, state, jnp.where(over, 0, steps))


@wrong("keep_and_go_on", "holds the fresh start as the next state")
def teleports_when_fallen(next_state, fell, steps, start, limit):
    over = fell | (steps >= limit)
    state, stored = jnp.where(over, start, next_state), jnp.where(fell, start, next_state)
    return kept(stored, fell, state, jnp.where(over, 0, steps))


@wrong("keep_and_go_on", "| binds before >=")
def without_brackets(next_state, fell, steps, start, limit):
    over = fell | steps >= limit
    return kept(next_state, fell, jnp.where(over, start, next_state), jnp.where(over, 0, steps))


@wrong("keep_and_go_on", "you returned a list, where a dictionary is wanted")
def pairs(next_state, fell, steps, start, limit):
    return list(goes_on(next_state, fell, steps, start, limit).items())


@wrong("keep_and_go_on", "other keys")
def one_key_more(next_state, fell, steps, start, limit):
    return goes_on(next_state, fell, steps, start, limit) | {"truncated": steps >= limit}


@wrong("keep_and_go_on", "other keys")
def one_key_less(next_state, fell, steps, start, limit):
    books = goes_on(next_state, fell, steps, start, limit)
    return {name: books[name] for name in ("next_state", "is_terminal", "state")}


@wrong("keep_and_go_on", "where the pole falls at the very last push")
def one_or_the_other(next_state, fell, steps, start, limit):
    over = fell ^ (steps >= limit)
    return kept(next_state, fell, jnp.where(over, start, next_state), jnp.where(over, 0, steps))


@wrong("keep_and_go_on", "you end the episodes that still have time")
def turned_limit(next_state, fell, steps, start, limit):
    over = fell | (steps <= limit)
    return kept(next_state, fell, jnp.where(over, start, next_state), jnp.where(over, 0, steps))


@wrong("keep_and_go_on", "your flag is always True")
def always_terminal(next_state, fell, steps, start, limit):
    return goes_on(next_state, fell, steps, start, limit) | {"is_terminal": True}


@wrong("keep_and_go_on", "not where this push led")
def stores_the_start(next_state, fell, steps, start, limit):
    return goes_on(next_state, fell, steps, start, limit) | {"next_state": start}


@wrong("keep_and_go_on", "not that of the episode to go on with")
def begins_at_minus_one(next_state, fell, steps, start, limit):
    over = fell | (steps >= limit)
    return kept(next_state, fell, jnp.where(over, start, next_state), jnp.where(over, -1, steps))


@wrong("keep_and_go_on", "an episode ends at the track's edge, too")
def by_the_poles_angle(next_state, fell, steps, start, limit):
    return goes_on(next_state, jnp.abs(next_state[2]) > 0.2095, steps, start, limit)


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


@wrong("sweep_all", "train got something else than a key where it wants one")
def wrong_order(train, keys, gammas):
    return jax.vmap(lambda k: jax.vmap(lambda g: train(g, k))(gammas))(keys)


@wrong("sweep_all", "train at once")
def no_vmap_at_all(train, keys, gammas):
    return train(keys, gammas)


# Those of a reader who had not seen the check:


@right("sweep_all")
def repeated_and_tiled(train, keys, gammas):
    n, m = len(keys), len(gammas)
    return jax.vmap(train)(jnp.repeat(keys, m), jnp.tile(gammas, n)).reshape(n, m)


@right("sweep_all")
def as_numpy(train, keys, gammas):
    return np.asarray(jax.vmap(jax.vmap(train, in_axes=[None, 0]), in_axes=[0, None])(keys, gammas))


@wrong("sweep_all", "lax.map and lax.scan are loops")
def by_lax_map(train, keys, gammas):
    return jax.lax.map(lambda k: jax.lax.map(lambda g: train(k, g), gammas), keys)


@wrong("sweep_all", "lax.map and lax.scan are loops")
def by_scan(train, keys, gammas):
    row = jax.vmap(train, (None, 0))
    return jax.lax.scan(lambda carry, key: (carry, row(key, gammas)), None, keys)[1]


@wrong("sweep_all", "a vmap of yours goes into one key, or one gamma")
def axes_twice(train, keys, gammas):
    return jax.vmap(jax.vmap(train, in_axes=(None, 0)), in_axes=(None, 0))(keys, gammas)


@wrong("sweep_all", "you handed all keys to train at once")
def broadcasts(train, keys, gammas):
    return train(keys[:, None], gammas[None, :])


@wrong("sweep_all", "you called train before vmap could")
def called_inside(train, keys, gammas):
    return jax.vmap(train(keys, gammas))


@wrong("sweep_all", "you made keys of your own")
def new_keys(train, keys, gammas):
    own = jax.random.split(jax.random.key(0), len(keys))
    return jax.vmap(jax.vmap(train, (None, 0)), (0, None))(own, gammas)


@wrong("sweep_all", "you made keys of your own")
def a_key_for_each_gamma(train, keys, gammas):
    own = jax.vmap(lambda key: jax.random.split(key, len(gammas)))(keys)
    return jax.vmap(jax.vmap(train), in_axes=(0, None))(own, gammas)


@wrong("sweep_all", "walks along both arrays in step")
def outer_in_step(train, keys, gammas):
    return jax.vmap(jax.vmap(train, in_axes=(None, 0)), in_axes=(0, 0))(keys, gammas)


@wrong("sweep_all", "every column used the same gamma")
def one_gamma(train, keys, gammas):
    column = jax.vmap(train, (0, None))(keys, gammas[0])
    return jnp.tile(column[:, None], (1, len(gammas)))


@wrong("sweep_all", "you repeated both in the same way")
def both_repeated(train, keys, gammas):
    n, m = len(keys), len(gammas)
    return jax.vmap(train)(jnp.repeat(keys, m), jnp.repeat(gammas, n)).reshape(n, m)


@wrong("sweep_all", "you gave several things, and one is wanted")
def with_the_gammas(train, keys, gammas):
    return jax.vmap(jax.vmap(train, (None, 0)), (0, None))(keys, gammas), gammas


@wrong("sweep_all", "walks along both arrays in step")
def both_at_once_by_other_names(train, keys, gammas):
    return jax.vmap(lambda k, g: train(k, g))(keys, gammas)


@wrong("sweep_all", "train got something else than a key where it wants one")
def numbers_for_keys(train, keys, gammas):
    numbers = jnp.arange(len(keys))
    return jax.vmap(lambda i: jax.vmap(lambda gamma: train(i, gamma))(gammas))(numbers)


@wrong("sweep_all", "`in_axes` does not fit the arguments that the mapped function gets")
def by_name(train, keys, gammas):
    return jax.vmap(train, (0, None))(keys, gamma=gammas)


@wrong("sweep_all", "`vmap` was told of an axis that the array does not have")
def along_a_second_axis(train, keys, gammas):
    return jax.vmap(jax.vmap(train, in_axes=(None, 1)), in_axes=(0, None))(keys, gammas)


@wrong("sweep_all", "you repeated both in the same way")
def tiled(train, keys, gammas):
    pairs = jax.vmap(train)(jnp.tile(keys, len(gammas)), jnp.tile(gammas, len(keys)))
    return pairs.reshape(len(keys), len(gammas))


@wrong("sweep_all", "`in_axes` does not fit")
def axes_of_two_vmaps_in_one(train, keys, gammas):
    return jax.vmap(train, in_axes=((0, None), (None, 0)))(keys, gammas)


@wrong("sweep_all", "every column used the same gamma")
def gamma_written_down(train, keys, gammas):
    return jax.vmap(lambda key: jax.vmap(lambda gamma: train(key, 0.99))(gammas))(keys)


@wrong("sweep_all", "every column used the same gamma")
def mean_gamma(train, keys, gammas):
    one = jax.vmap(lambda key: train(key, gammas.mean()))(keys)
    return one[:, None] * jnp.ones(len(gammas))


@wrong("sweep_all", "right numbers, wrong shape")
def gammas_in_a_column(train, keys, gammas):
    one_key = jax.vmap(train, in_axes=(None, 0))
    return jax.vmap(one_key, in_axes=(0, None))(keys, gammas[:, None])
