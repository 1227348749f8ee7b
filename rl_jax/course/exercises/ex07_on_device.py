"""What checks the exercises of notebook 07: a scan that counts, a reset without `if`, a sweep."""

from functools import lru_cache

import jax
import jax.numpy as jnp
import numpy as np

from rl_jax import cartpole
from rl_jax.course.checks import Check, by_entry, same

__all__ = ["check_books", "check_count", "check_sweep"]


# 1. How many pushes until the cart has fallen? Answers run inside `jit`.


class NotAPair(TypeError):
    """The body of a scan returned something else than (carry, y)."""


class OtherCarry(TypeError):
    """The body of a scan returned a carry of another form or type than it was given."""


class UnknownSize(TypeError):
    """An array would have as many elements as there are Trues, which nobody knows inside `jit`."""


def compiled(answer, state, actions):
    """What the answer returns inside `jit`; in words, if it is more than one thing.

    Args:
        answer: the learner's function.
        state: [4].
        actions: [T].
    """
    try:
        result = jax.jit(answer)(jnp.array(state, jnp.float32), jnp.array(actions, jnp.int32))
    except TypeError as error:  # JAX's words hold the shapes
        if "size argument of jnp." in str(error):
            raise UnknownSize(str(error)).with_traceback(error.__traceback__) from None
        for kind, words in ((NotAPair, "must be a pair"), (OtherCarry, "carry input and carry")):
            if "scan body" in str(error) and words in str(error):
                raise kind(str(error)).with_traceback(error.__traceback__) from None
        raise
    return "more than one thing" if isinstance(result, tuple) else result


def falls(state, actions):
    """Whether the cart lies, after each push: [T] bool. It may stand up again."""

    def body(state, action):
        next_state, _, fell = cartpole.step(state, action)
        return next_state, fell

    return jax.lax.scan(body, state, actions)[1]


def positions_and_angles(state, actions):
    def body(state, action):
        next_state, _, _ = cartpole.step(state, action)
        return next_state, (jnp.abs(next_state[0]), jnp.abs(next_state[2]))

    return jax.lax.scan(body, state, actions)[1]


def first_true(flags):
    """How many there are up to the first True, it included; all of them if there is none."""
    return jnp.where(jnp.any(flags), jnp.argmax(flags) + 1, len(flags))


def count(state, actions):
    return first_true(falls(state, actions))


def count_standing(state, actions):
    return jnp.cumprod(~falls(state, actions)).sum()


def one_push_late(state, actions):
    return count(state, actions) + 1


def one_push_late_if_it_fell(state, actions):
    return jnp.minimum(count(state, actions) + 1, len(actions))


def one_more_if_it_stands(state, actions):
    return 1 + count_standing(state, actions)


def first_in_an_empty_list(state, actions):
    return 1 + jnp.argmax(falls(state, actions))


def place_of_the_first(state, actions):
    return jnp.argmax(falls(state, actions))


def if_it_stands(count_then):
    """The right answer, but where the pole stands to the end."""
    return lambda state, actions: jnp.where(
        jnp.any(falls(state, actions)), count(state, actions), count_then
    )


def scanned_in_reverse(state, actions):
    return first_true(falls(state, actions[::-1])[::-1])  # as `lax.scan(..., reverse=True)`


def all_of_them(state, actions):
    return jnp.int32(len(actions))


def up_again(state, actions):
    fell = falls(state, actions)
    stood_before = ~jnp.concatenate([jnp.array([False]), fell[:-1]])
    return stood_before.sum()


def up_again_and_one_too_few(state, actions):
    return (~falls(state, actions)).sum()


def up_again_and_one_more(state, actions):
    return (~falls(state, actions)).sum() + 1


def last_time_that_it_fell(state, actions):
    pushes = jnp.arange(1, len(actions) + 1)
    fell = falls(state, actions)
    return jnp.where(jnp.any(fell), jnp.max(jnp.where(fell, pushes, 0)), len(actions))


def lying(state, actions):
    return falls(state, actions).sum()


def pole_alone(state, actions):
    _, angles = positions_and_angles(state, actions)
    return first_true(angles > cartpole.MAX_ANGLE)


def track_alone(state, actions):
    positions, _ = positions_and_angles(state, actions)
    return first_true(positions > cartpole.MAX_POSITION)


def always(action):
    return lambda state, actions: count(state, jnp.full_like(actions, action))


def first_action_repeated(state, actions):
    return count(state, jnp.full_like(actions, actions[0]))


def turned_round(state, actions):
    return count(state, 1 - actions)


def backwards(state, actions):
    return count(state, actions[::-1])


def same_start_again(state, actions):
    return first_true(jax.vmap(lambda action: cartpole.step(state, action)[2])(actions))


def flags_before(state, actions):
    fell = falls(state, actions)
    return jnp.arange(len(fell)) < first_true(fell)


def flags_after(state, actions):
    return jnp.cumprod(~falls(state, actions))


def flags_of_falls(state, actions):
    return falls(state, actions)


def running_count(state, actions):
    return jnp.cumsum(flags_before(state, actions))


def does_it_stand(state, actions):
    return ~jnp.any(falls(state, actions))


def did_it_fall(state, actions):
    return jnp.any(falls(state, actions))


def from_rest(state, actions):
    return count(jnp.zeros(4), actions)


def carry_and_flags(state, actions):
    return state, flags_before(state, actions)


def body_without_y(state, actions):
    return jax.lax.scan(lambda state, action: cartpole.step(state, action)[0], state, actions)


def body_turned_round(state, actions):
    def body(carry, action):
        next_state, _, fell = cartpole.step(carry[0], action)
        return fell, (next_state, fell)

    return jax.lax.scan(body, (state, jnp.bool_(True)), actions)


def python_decides(state, actions):
    for pushes, action in enumerate(actions, 1):
        state, _, fell = cartpole.step(state, action)
        if fell:
            return pushes
    return len(actions)


def python_counts(state, actions):
    return int(count(state, actions))


def where_it_fell(state, actions):
    return jnp.where(falls(state, actions))[0][0] + 1


def first_place_taken_for_none(state, actions):
    place = jnp.argmax(falls(state, actions))
    return jnp.where(place == 0, len(actions), place + 1)


def on_after_the_last_action(state, actions):
    def body(carry):
        pushes, state, _ = carry
        next_state, _, fell = cartpole.step(state, actions[pushes])
        return pushes + 1, next_state, fell

    start = (jnp.int32(0), state, jnp.bool_(False))
    return jax.lax.while_loop(lambda carry: ~carry[2], body, start)[0]


def down_for_one_push(state, actions):
    return (jnp.cumsum(falls(state, actions)) <= 1).sum()


def numpy_counts(state, actions):
    return np.sum(np.cumprod(np.asarray(~falls(state, actions))))


def begins_anew(state, actions):
    """How many pushes since the last fall, and how many falls, of a cart that is put up again."""

    def body(carry, action):
        cart, pushes = carry
        next_cart, _, fell = cartpole.step(cart, action)
        return (jnp.where(fell, state, next_cart), jnp.where(fell, 0, pushes + 1)), fell

    (_, pushes), fell = jax.lax.scan(body, (state, jnp.int32(0)), actions)
    return pushes, fell.sum()


def since_the_last_fall(state, actions):
    return begins_anew(state, actions)[0]


def how_often_it_fell(state, actions):
    return begins_anew(state, actions)[1]


LAST_PUSH = (
    "the push that brings the pole down is missing from your count",
    "count while the pole stood *before* the push",
)
TOO_LATE = (
    "you counted one push after the fall, too",
    "did the pole stand before that push?",
)
NEVER_FALLS = (
    "you counted on after the fall",
    "let the carry remember that `fell`; an angle that you read yourself is in radians",
)
ALL_OF_THEM = (
    "where the pole stands to the end, your answer is not the number of pushes",
    "the exercise says what is wanted then",
)
FORGOTTEN = (
    "you forgot that it fell: you counted the pushes after which it stands",
    "once down, down, even if it comes up again; and the push that brings it down counts",
)
THE_FIRST_OF_NONE = (
    "where the pole never falls, you look for its first fall all the same",
    "what does argmax say of an array without a True?",
)
ANOTHER_PLAYER = (
    "you push in one direction, whatever the actions say",
    "scan hands each action to the body",
)
PUT_UP_AGAIN = (
    "you put the cart up again after a fall, and went on",
    "the first fall is asked for: what comes after it must not count",
)
FLAGS = (
    "you returned something for each push: one number is wanted",
    "what makes one number of all these flags?",
)

UPRIGHT = [0.0, 0.0, 0.0, 0.0]
TILTED = [0.0, 0.0, 0.1, 0.4]
FALLING = [0.0, 0.0, 0.1, 0.8]
AT_THE_EDGE = [2.37, 1.0, 0.0, 0.0]
AT_THE_LEFT_EDGE = [-2.37, -1.0, 0.0, 0.0]
SAVED_TOO_LATE = [0.0, 0.0, 0.205, 0.5]  # it passes 12 degrees, and comes back at the sixth push
DOWN_FOR_A_MOMENT = [0.0, 0.0, 0.209, 0.04]  # the same, and comes back at the second

FROM_THE_END = ("you played the actions from the end", "scan starts with the first")

check_count = Check(
    cases=[  # of two lengths, so that JAX compiles an answer twice and not for each case
        ({"state": UPRIGHT, "actions": [1] * 20}, 9),
        ({"state": UPRIGHT, "actions": [0, 1] * 4}, 8),
        ({"state": TILTED, "actions": [0, 1, 1, 0, 1, 0, 0, 1, 0, 0, 0, 0, 1] + [0] * 7}, 10),
        ({"state": FALLING, "actions": [1, 0] * 10}, 7),
        ({"state": AT_THE_EDGE, "actions": [0] * 8}, 2),
        ({"state": AT_THE_LEFT_EDGE, "actions": [1] * 8}, 2),
        ({"state": SAVED_TOO_LATE, "actions": [1] * 8}, 1),
        ({"state": DOWN_FOR_A_MOMENT, "actions": [1] * 8}, 1),
        ({"state": UPRIGHT, "actions": [0, 1] * 4 + [0] * 12}, 17),
        ({"state": UPRIGHT, "actions": [0, 1] * 10}, 20),
    ],
    mistakes=[
        (count_standing, *LAST_PUSH),
        (place_of_the_first, *LAST_PUSH),
        (one_push_late, *TOO_LATE),
        (one_push_late_if_it_fell, *TOO_LATE),
        (
            one_more_if_it_stands,
            "where the pole stands to the end, you counted one push too many",
            "how many pushes were there at all?",
        ),
        (first_in_an_empty_list, *THE_FIRST_OF_NONE),
        (
            first_place_taken_for_none,
            "where the first push is the fall, you take it for no fall at all",
            "`argmax` says 0 for the first place, and also of an array without a True",
        ),
        (if_it_stands(0), *ALL_OF_THEM),
        (if_it_stands(8), *ALL_OF_THEM),
        (if_it_stands(20), *ALL_OF_THEM),
        (if_it_stands(-1), *ALL_OF_THEM),
        (if_it_stands(500), *ALL_OF_THEM),
        (
            lambda state, actions: if_it_stands(len(actions) - 1)(state, actions),
            "where the pole stands to the end, you counted one push too few",
            "how many pushes were there at all?",
        ),
        (
            lambda state, actions: jnp.int32(0),
            "your count is always 0",
            "at first the cart stands: with what does your carry begin?",
        ),
        (
            lambda state, actions: flags_before(state, actions).mean(),
            "you returned the share of the pushes, not their number",
            "a mean, or a sum?",
        ),
        (all_of_them, *NEVER_FALLS),
        (from_rest, "your cart starts at rest, whatever `state` says", "what begins the scan?"),
        (up_again, *FORGOTTEN),
        (up_again_and_one_too_few, *FORGOTTEN),
        (up_again_and_one_more, *FORGOTTEN),
        (down_for_one_push, *FORGOTTEN),
        (
            on_after_the_last_action,
            "your loop goes on after the last action",
            "for a place beyond the end JAX takes the last element, and says nothing",
        ),
        (
            last_time_that_it_fell,
            "you counted to the last push after which it lies, not to the first",
            "once down, down: what must the carry remember?",
        ),
        (
            lambda state, actions: (~flags_before(state, actions)).sum(),
            "you counted the pushes that come after the fall",
            "your flag says that it fell: which pushes are wanted, those before, or those after?",
        ),
        (since_the_last_fall, *PUT_UP_AGAIN),
        (how_often_it_fell, *PUT_UP_AGAIN),
        (
            lying,
            "you counted the pushes after which the pole lies",
            "which pushes does it take until it lies?",
        ),
        (
            pole_alone,
            "you looked at the pole alone: the track has edges, too",
            "which of the things that `cartpole.step` returns knows both?",
        ),
        (
            track_alone,
            "for you the cart falls off the track, and the pole does not fall",
            "which of the things that `cartpole.step` returns knows both?",
        ),
        (always(1), *ANOTHER_PLAYER),
        (always(0), *ANOTHER_PLAYER),
        (
            first_action_repeated,
            "you repeat the first action for ever",
            "scan hands each action to the body",
        ),
        *(
            (
                lambda state, actions, most=most: count(state, actions[:most]),
                f"you played the first {most} pushes only",
                "how many there are, `actions` tells",
            )
            for most in (10, 12)
        ),
        (
            lambda state, actions: count(state, jnp.arange(len(actions))),
            "you pushed by the number of the push, whatever the actions say",
            "what does scan take apart: the actions, or their places?",
        ),
        (turned_round, "you turned left and right round", "0 is left, 1 is right"),
        (backwards, *FROM_THE_END),
        (scanned_in_reverse, *FROM_THE_END),
        (
            same_start_again,
            "every push of yours starts from the same state",
            "where does the next push start? Carry it along",
        ),
        (flags_before, *FLAGS),
        (flags_after, *FLAGS),
        (flags_of_falls, *FLAGS),
        (running_count, *FLAGS),
        (
            does_it_stand,
            "you returned whether the pole stands to the end",
            "the number of pushes is asked for",
        ),
        (
            lambda state, actions: jnp.int32(1),
            "your count is always 1",
            "what must the carry remember? (A Python variable changes once, while JAX traces)",
        ),
        (did_it_fall, "you returned whether it fell", "the number of pushes is asked for"),
        (
            carry_and_flags,
            "you returned more than one thing, and one number is wanted",
            "scan gives the last carry and all the ys: what of them do you need?",
        ),
        (
            body_without_y,
            "your body does not return two things",
            "scan wants (carry, y) of it: (carry, None), if there is no y",
        ),
        (
            body_turned_round,
            "the carry leaves your body in another form than it came in",
            "the carry first and y second; and every part of it keeps its shape and its type",
        ),
        (
            python_decides,
            "Python asks (`if`, `and`, `not`) for a value that is not there yet while JAX traces",
            "let the carry hold a boolean, and combine it with & and ~",
        ),
        (
            python_counts,
            "you asked for a Python number inside `jit`, where there are only tracers",
            "return the array as it is",
        ),
        (
            where_it_fell,
            "how many Trues there are would decide a shape, and `jit` must know each shape before",
            "argmax finds the first True, whatever their number",
        ),
        (
            numpy_counts,
            "you handed a tracer to NumPy, which cannot read it",
            "jnp has the same function",
        ),
    ],
    observe=compiled,
)


# 2. What the memory keeps, and from where the agent goes on. Answers run inside `jit`.

NEITHER = "neither next_state nor start"


@lru_cache(maxsize=1)  # one program for all cases of an answer
def without_words(answer):
    """The answer inside `jit`, which takes no words: 0 stands for each of them.

    Args:
        answer: the learner's function.
    """
    return jax.jit(
        lambda *given: jax.tree.map(
            lambda leaf: 0 if isinstance(leaf, str) else leaf, answer(*given)
        )
    )


def in_jit(answer, next_state, fell, steps, start, limit):
    """What the answer returns inside `jit`; in words, where it made up a state.

    Args:
        answer: the learner's function.
        next_state: [4], as physics gave it.
        fell: whether the pole fell.
        steps: of the episode.
        start: [4], a fresh one.
        limit: of the steps.
    """
    program = without_words(answer)
    # Who ends an episode at its limit never gets beyond it: then the answer at the limit counts.
    for now in sorted({min(steps, limit), steps}):
        given = (next_state, fell, now, start, limit)
        result = program(*map(jnp.array, given))
        if isinstance(result, dict) and same(result.get("steps", now), 0):
            break
    if not isinstance(result, dict):
        return result
    return result | {name: NEITHER for name in made_up(result, next_state, start)}


def made_up(result, next_state, start):
    """The names of the states [4] that are neither of the two given.

    Args:
        result: the answer's dictionary.
        next_state: as given.
        start: as given.
    """
    states = {name: result[name] for name in ("next_state", "state") if name in result}
    return [
        name
        for name, state in states.items()
        if np.shape(state) == (4,) and not same(state, next_state) and not same(state, start)
    ]


def over(fell, steps, limit):
    return fell | (steps >= limit)


def books(
    is_over=over,
    flag=lambda fell, late: fell,
    kept=lambda next_state, go_on: next_state,
    go_on_from=lambda is_over, start, next_state: jnp.where(is_over, start, next_state),
    count_from=lambda is_over, steps: jnp.where(is_over, 0, steps),
):
    """The right answer, with one of its parts replaced.

    Args:
        is_over: (fell, steps, limit) -> whether the episode is over.
        flag: (fell, late) -> what is stored as is_terminal.
        kept: (next_state, the state to go on with) -> what is stored as next_state.
        go_on_from: (is_over, start, next_state) -> the state to go on with.
        count_from: (is_over, steps) -> the steps to go on with.
    """

    def answer(next_state, fell, steps, start, limit):
        ends = is_over(fell, steps, limit)
        state = go_on_from(ends, start, next_state)
        return {
            "next_state": kept(next_state, state),
            "is_terminal": flag(fell, steps >= limit),
            "state": state,
            "steps": count_from(ends, steps),
        }

    return answer


def but_for(change):
    """The right answer, with some of its entries changed.

    Args:
        change: (next_state, fell, late, steps, start) -> these entries.
    """

    def answer(next_state, fell, steps, start, limit):
        right = books()(next_state, fell, steps, start, limit)
        return right | change(next_state, fell, steps >= limit, steps, start)

    return answer


def both_exchanged(next_state, fell, late, steps, start):
    return {"next_state": jnp.where(fell | late, start, next_state), "state": next_state}


def reset_is_kept(next_state, go_on):
    return go_on


def either(fell, late):
    return fell | late


def late_alone(fell, late):
    return late


def neither(fell, late):
    return jnp.zeros_like(fell)


def standing(fell, late):
    return ~fell


def fall_alone(fell, steps, limit):
    return fell


def limit_alone(fell, steps, limit):
    return steps >= limit


def neither_end(fell, steps, limit):
    return ~over(fell, steps, limit)


def always_500(fell, steps, limit):
    return fell | (steps >= 500)


def one_step_later(fell, steps, limit):
    return fell | (steps > limit)


def one_step_earlier(fell, steps, limit):
    return fell | (steps >= limit - 1)


def both_at_once(fell, steps, limit):
    return fell & (steps >= limit)


def no_new_start(is_over, start, next_state):
    return next_state


def always_a_new_start(is_over, start, next_state):
    return start


def turned_start(is_over, start, next_state):
    return jnp.where(is_over, next_state, start)


def counted_on(is_over, steps):
    return steps


def counted_from_one(is_over, steps):
    return jnp.where(is_over, 1, steps)


def counted_once_more(is_over, steps):
    return jnp.where(is_over, 0, steps + 1)


def always_zero(is_over, steps):
    return jnp.zeros_like(steps)


def turned_count(is_over, steps):
    return jnp.where(is_over, steps, 0)


def python_if(next_state, fell, steps, start, limit):
    is_over = fell or steps >= limit
    return books(is_over=lambda *_: is_over)(next_state, fell, steps, start, limit)


def by_the_angle(next_state, fell, steps, start, limit):
    return books()(next_state, jnp.abs(next_state[2]) > 0.2095, steps, start, limit)


TELEPORTED = (
    "your memory holds the fresh start as the next state: this push did not lead there",
    "what did this push lead to?",
)
LATE_IS_STORED = (
    "you stored running out of time as a fall",
    "did the pole fall? Notebook 05 says what becomes of the target",
)
TELEPORTED_AND_LATE = (
    f"{TELEPORTED[0]}; and you stored running out of time as a fall",
    "what did this push lead to, and did the pole fall?",
)

ONE_END = "an episode ends in one of two ways, and each begins a new one"

FALLEN = [0.1, 0.2, 0.25, 1.5]
STANDING = [0.3, -0.2, 0.05, 0.4]
OFF_THE_TRACK = [2.41, 1.0, 0.05, 0.4]
FRESH = [0.01, -0.02, 0.03, -0.04]


def case(next_state, fell, steps, limit, goes_on):
    """(arguments, what is right) where the episode goes on, or is over.

    Args:
        next_state: [4].
        fell: whether the pole fell.
        steps: of the episode.
        limit: of the steps.
        goes_on: whether the episode goes on.
    """
    arguments = {"next_state": next_state, "fell": fell, "steps": steps}
    right = {
        "next_state": next_state,
        "is_terminal": fell,
        "state": next_state if goes_on else FRESH,
        "steps": steps if goes_on else 0,
    }
    return arguments | {"start": FRESH, "limit": limit}, right


check_books = Check(
    cases=[
        case(STANDING, fell=False, steps=7, limit=500, goes_on=True),
        case(FALLEN, fell=True, steps=38, limit=500, goes_on=False),
        case(STANDING, fell=False, steps=500, limit=500, goes_on=False),
        case(STANDING, fell=False, steps=499, limit=500, goes_on=True),
        case(STANDING, fell=False, steps=100, limit=100, goes_on=False),
        case(FALLEN, fell=True, steps=500, limit=500, goes_on=False),
        case(STANDING, fell=False, steps=501, limit=500, goes_on=False),
        case(OFF_THE_TRACK, fell=True, steps=38, limit=500, goes_on=False),
    ],
    mistakes=[
        (
            by_the_angle,
            "you asked the pole's angle: an episode ends at the track's edge, too",
            "`fell` knows of both",
        ),
        (books(kept=reset_is_kept), *TELEPORTED),
        (books(flag=either), *LATE_IS_STORED),
        (books(kept=reset_is_kept, flag=either), *TELEPORTED_AND_LATE),
        (
            but_for(
                lambda next_state, fell, late, steps, start: {
                    "next_state": jnp.where(fell, start, next_state)
                }
            ),
            *TELEPORTED,
        ),
        (
            but_for(
                lambda next_state, fell, late, steps, start: {
                    "next_state": jnp.where(late, start, next_state)
                }
            ),
            *TELEPORTED,
        ),
        (
            but_for(both_exchanged),
            "you exchanged what is stored and what to go on from",
            "who needs the fresh start: the memory, or the agent?",
        ),
        (
            but_for(
                lambda next_state, fell, late, steps, start: {
                    "next_state": jnp.where(fell, 0.0, next_state)
                }
            ),
            "your memory holds a next state that physics did not give",
            "a fall has a next state too: where did this push lead to?",
        ),
        (
            books(go_on_from=lambda is_over, start, next_state: jnp.where(is_over, 0, next_state)),
            "you made a start of your own",
            "`start` is there to be used",
        ),
        (
            books(flag=late_alone),
            "you stored running out of time in place of the fall",
            "which flag does the target need?",
        ),
        (books(flag=neither), "your memory never hears of a fall", "who is to learn from it?"),
        (
            books(flag=lambda fell, late: jnp.ones_like(fell)),
            "your flag is always True",
            "did this push end it?",
        ),
        (
            books(is_over=lambda fell, steps, limit: fell ^ (steps >= limit)),
            "where the pole falls at the very last push, you go on",
            "one way to end, the other, or both at once",
        ),
        (
            books(is_over=lambda fell, steps, limit: fell | (steps <= limit)),
            "you end the episodes that still have time",
            "<=, or >=? Or do you take `start` whatever happens?",
        ),
        (
            books(flag=lambda fell, late: fell & ~late),
            "where the pole fell at the very last push, your memory does not hear of it",
            "is a fall no fall because time ran out as well?",
        ),
        (books(flag=standing), "your flag is turned round", "True where the pole fell"),
        (
            books(is_over=fall_alone),
            "you go on when time is up",
            "an episode ends in one of two ways",
        ),
        (
            books(is_over=limit_alone),
            "you go on after a fall",
            "an episode ends in one of two ways; and mind the brackets: | binds before >=",
        ),
        (
            books(is_over=neither_end),
            "your condition is turned round: you start anew where the episode goes on",
            "jnp.where(condition, if it holds, if not)",
        ),
        (books(is_over=always_500), "you wrote 500 into it", "whose argument is `limit`?"),
        (
            books(is_over=both_at_once),
            "you start anew only where the pole falls at the very last push",
            "an episode ends in one of two ways: and, or or?",
        ),
        (
            books(is_over=one_step_later),
            "your episodes get one push more than the limit",
            "after push number `limit` time is up: >, or >=?",
        ),
        (
            books(is_over=one_step_earlier),
            "your episodes end one push before the limit",
            "after push number `limit` time is up",
        ),
        (
            books(go_on_from=no_new_start),
            "you go on from the fallen pole: no new episode begins",
            "`start` is there to be used",
        ),
        (
            books(go_on_from=no_new_start, count_from=counted_on),
            "you never start anew",
            "where does the agent go on when the episode is over?",
        ),
        (
            books(go_on_from=always_a_new_start),
            "you start anew at every push",
            "what of an episode that goes on?",
        ),
        (
            books(go_on_from=turned_start),
            "the two states are exchanged: you start anew where the episode goes on",
            "jnp.where(condition, if it holds, if not)",
        ),
        (
            books(count_from=counted_on),
            "a new episode begins with the old one's steps",
            "how many steps has it had so far?",
        ),
        (
            but_for(
                lambda next_state, fell, late, steps, start: {"steps": jnp.where(late, 0, steps)}
            ),
            "after a fall the new episode begins with the old one's steps",
            ONE_END,
        ),
        (
            but_for(
                lambda next_state, fell, late, steps, start: {"steps": jnp.where(fell, 0, steps)}
            ),
            "when time is up the new episode begins with the old one's steps",
            ONE_END,
        ),
        (
            but_for(
                lambda next_state, fell, late, steps, start: {
                    "state": jnp.where(late, start, next_state)
                }
            ),
            "after a fall you count anew, and go on from the fallen pole",
            ONE_END,
        ),
        (
            but_for(
                lambda next_state, fell, late, steps, start: {
                    "state": jnp.where(fell, start, next_state)
                }
            ),
            "when time is up you count anew, and go on from where the episode ended",
            ONE_END,
        ),
        (
            books(count_from=counted_from_one),
            "a new episode begins with one step",
            "how many pushes has it had so far?",
        ),
        (
            books(count_from=counted_once_more),
            "you counted this push twice",
            "`steps` includes it already",
        ),
        (
            books(count_from=always_zero),
            "your count stays at 0, and time never runs out",
            "what of an episode that goes on?",
        ),
        (
            books(count_from=turned_count),
            "your count is turned round: it is 0 where the episode goes on",
            "jnp.where(condition, if it holds, if not)",
        ),
        (
            python_if,
            "you asked Python: `if`, `not`, `and`, `or` need a value, and there is none in `jit`",
            "flags are combined with & and |, and jnp.where chooses",
        ),
    ],
    observe=in_jit,
    otherwise=by_entry(
        {
            "next_state": (
                "what you store as next_state is not where this push led",
                "as physics gave it, whatever comes after",
            ),
            "is_terminal": ("your flag does not say whether the pole fell", "one of the arguments"),
            "state": (
                "you go on from the wrong place",
                "next_state, or a new start: which, and when?",
            ),
            "steps": (
                "your count is not that of the episode to go on with",
                "how many pushes has that one had?",
            ),
        }
    ),
)


# 3. A training for every key with every gamma, by vmap


def toy(key, gamma):
    """Stands for a training: the key's seed and ten times gamma tell what it was given.

    Args:
        key: one.
        gamma: one, or an array that holds one: then the answer is such an array, too.
    """
    seed = jax.random.key_data(key)[-1]
    return seed + 10 * (gamma if jnp.size(gamma) == 1 else jnp.reshape(gamma, ()))


def table(train, keys, gammas):
    return jnp.array([[train(key, gamma) for gamma in gammas] for key in keys])


BY_A_LOOP = "the right numbers, by a loop that calls train again and again"
BY_A_SCAN = "the right numbers, by a loop inside the program"
OTHER_KEYS = "numbers of other keys than those given"


def loops_inside(answer, keys, gammas):
    """Whether there is a loop of JAX's in what the answer computes.

    Args:
        answer: the learner's function.
        keys: [N].
        gammas: [M].
    """
    try:
        program = str(jax.make_jaxpr(lambda keys, gammas: answer(toy, keys, gammas))(keys, gammas))
    except (TypeError, ValueError):  # np.asarray cannot be traced, and is no loop
        return False
    return "scan[" in program or "while[" in program


class InStep(ValueError):
    """Keys and gammas were to be mapped over together, and there are not as many of both."""


# What the answer returns; or, in words, how it came about if that is what is wrong with it.
def swept(answer, seeds, gammas):
    keys = jax.vmap(jax.random.key)(jnp.array(seeds))
    gammas = jnp.array(gammas, jnp.float32)
    calls = []

    def train(key, gamma):
        calls.append(1)
        return toy(key, gamma)

    try:
        result = answer(train, keys, gammas)
    except ValueError as error:  # JAX's words hold the names of the arguments
        if "inconsistent sizes" in str(error):
            raise InStep(str(error)).with_traceback(error.__traceback__) from None
        raise
    if same(result, table(toy, keys, gammas)):
        if len(calls) > 1:
            return BY_A_LOOP
        return BY_A_SCAN if loops_inside(answer, keys, gammas) else result
    is_array = isinstance(result, jax.Array) and result.shape == (len(seeds), len(gammas))
    return OTHER_KEYS if is_array and result.min() > 1e6 else result


def in_step(train, keys, gammas):
    return jax.vmap(train)(keys, gammas)


def transposed(train, keys, gammas):
    return table(train, keys, gammas).T


def read_in_the_wrong_order(train, keys, gammas):
    return table(train, keys, gammas).T.reshape(len(keys), len(gammas))


def one_key(train, keys, gammas):
    return table(train, [keys[0]] * len(keys), gammas)


def gamma_for_all(choose):
    """A table in which each column has the gamma that is chosen of all."""
    return lambda train, keys, gammas: table(train, keys, [choose(gammas)] * len(gammas))


def mean_over_keys(train, keys, gammas):
    return table(train, keys, gammas).mean(axis=0)


def mean_over_gammas(train, keys, gammas):
    return table(train, keys, gammas).mean(axis=1)


def one_mean(train, keys, gammas):
    return table(train, keys, gammas).mean()


def in_one_row(train, keys, gammas):
    return table(train, keys, gammas).ravel()


def in_one_row_by_gamma(train, keys, gammas):
    return table(train, keys, gammas).T.ravel()


def over_keys_alone(train, keys, gammas):
    return jax.vmap(train, in_axes=(0, None))(keys, gammas)


def over_gammas_alone(train, keys, gammas):
    return jax.vmap(train, in_axes=(None, 0))(keys, gammas)


def both_repeated(train, keys, gammas):
    pairs = jnp.repeat(keys, len(gammas)), jnp.repeat(gammas, len(keys))
    return jax.vmap(train)(*pairs).reshape(len(keys), len(gammas))


def both_tiled(train, keys, gammas):
    pairs = jnp.tile(keys, len(gammas)), jnp.tile(gammas, len(keys))
    return jax.vmap(train)(*pairs).reshape(len(keys), len(gammas))


def gammas_twice(train, keys, gammas):
    return jax.vmap(jax.vmap(train, in_axes=(None, 0)), in_axes=(None, 0))(keys, gammas)


def keys_twice(train, keys, gammas):
    return jax.vmap(jax.vmap(train, in_axes=(0, None)), in_axes=(0, None))(keys, gammas)


def no_vmap(train, keys, gammas):
    return train(keys, gammas)


def broadcast(train, keys, gammas):
    return train(keys[:, None], gammas[None, :])


def called_before_vmap(train, keys, gammas):
    return jax.vmap(train(keys, gammas))


def by_lax_map(train, keys, gammas):
    return jax.lax.map(lambda key: over_gammas_alone(train, key, gammas), keys)


def keys_of_its_own(train, keys, gammas):
    own = jax.random.split(keys[0], len(keys))
    return jax.vmap(lambda key: over_gammas_alone(train, key, gammas))(own)


def first_key_alone(train, keys, gammas):
    return table(train, keys[:1], gammas)[0]


def first_gamma_alone(train, keys, gammas):
    return table(train, keys, gammas[:1])[:, 0]


def arguments_swapped(train, keys, gammas):
    return jax.vmap(jax.vmap(lambda key, gamma: train(gamma, key), (None, 0)), (0, None))(
        keys, gammas
    )


IN_STEP = (
    "a vmap walks along both arrays in step, and they are not equally long",
    "every key is to meet every gamma: two vmaps, one around the other, and in_axes",
)
SPREAD_HIDDEN = (
    "the mean over keys hides the spread",
    "return all of them",
)
ONE_VMAP = (
    "you mapped over one of the two only: train gets all of the other at once",
    "two vmaps, one around the other, and each takes one of the two apart",
)
AT_ONCE = (
    "you handed all keys to train at once: it wants one key and one gamma",
    "what makes a function for many of a function for one?",
)
ONE_TWICE = (
    "a vmap of yours goes into one key, or one gamma, in which there is nothing to map",
    "the outer one takes the keys apart, and the inner one the gammas",
)
FLAT = (
    "you returned all pairs in one row",
    "an array [N, M] is wanted: a row for each key",
)

check_sweep = Check(
    arguments=("train", "keys", "gammas"),
    cases=[
        ({"seeds": [0, 1], "gammas": [0.5, 0.9, 0.99]}, [[5.0, 9.0, 9.9], [6.0, 10.0, 10.9]]),
        (
            {"seeds": [3, 4, 5], "gammas": [0.1, 0.6, 0.8]},
            [[4.0, 9.0, 11.0], [5.0, 10.0, 12.0], [6.0, 11.0, 13.0]],
        ),
        ({"seeds": [6, 7], "gammas": [0.3]}, [[9.0], [10.0]]),
    ],
    mistakes=[
        (in_step, *IN_STEP),
        (
            transposed,
            "rows and columns are exchanged",
            "a row for each key, a column for each gamma: which of the two is your first axis?",
        ),
        (
            read_in_the_wrong_order,
            "you put a row of all pairs into the right shape in the wrong order",
            "which of the two changes faster along that row?",
        ),
        (one_key, "every row used the same key", "which argument has in_axes None?"),
        *(
            (
                gamma_for_all(choose),
                "every column used the same gamma",
                "which argument has in_axes None? Did you write a gamma down?",
            )
            for choose in (
                lambda gammas: gammas[0],
                lambda gammas: gammas[-1],
                jnp.mean,
                lambda gammas: 0.9,
                lambda gammas: 0.99,
            )
        ),
        (mean_over_keys, *SPREAD_HIDDEN),
        (one_mean, *SPREAD_HIDDEN),
        (mean_over_gammas, "you averaged over the gammas, which are to be compared", "return all"),
        (in_one_row, *FLAT),
        (in_one_row_by_gamma, *FLAT),
        (over_keys_alone, *ONE_VMAP),
        (over_gammas_alone, *ONE_VMAP),
        (
            both_repeated,
            "you repeated both in the same way: some pairs occur twice, and others never",
            "one of them changes at each place of the row, and the other at each Mth",
        ),
        (
            both_tiled,
            "you repeated both in the same way: some pairs occur twice, and others never",
            "one of them changes at each place of the row, and the other at each Mth",
        ),
        (gammas_twice, *ONE_TWICE),
        (keys_twice, *ONE_TWICE),
        (no_vmap, *AT_ONCE),
        (broadcast, *AT_ONCE),
        (
            called_before_vmap,
            "you called train before vmap could: what vmap takes is the function",
            "jax.vmap(function, in_axes) gives a function; call that one",
        ),
        (
            keys_of_its_own,
            "you made keys of your own, so nobody can say which agent is whose",
            "`keys` has one for each row; every gamma gets the same",
        ),
        (first_key_alone, "you used the first key only", "a row for each key is wanted"),
        (first_gamma_alone, "you used the first gamma only", "a column for each gamma is wanted"),
        (
            arguments_swapped,
            "train got something else than a key where it wants one",
            "the key first",
        ),
        (
            table,
            "the numbers are right, but a loop calls train again and again",
            "two vmaps call it once, for all keys and all gammas",
        ),
        (
            by_lax_map,
            "the numbers are right, but lax.map and lax.scan are loops: one row after another",
            "vmap computes all of them at once",
        ),
    ],
    observe=swept,
)
