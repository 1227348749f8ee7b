"""What checks the exercises of notebook 08: suspects, two detectors, and a compiled gradient."""

import inspect
import traceback
from functools import lru_cache

import jax
import jax.numpy as jnp
import numpy as np

from rl_jax.course.checks import Check, Ended, NoAnswer, WrongCall, by_entry
from rl_jax.course.differences import same
from rl_jax.replay import Transition

__all__ = ["check_careful", "check_culprits", "check_detector", "check_fast"]

# The three of the first picture. Whoever reads on knows who they are.
LINE_UP = {"A": "loss_is_a_sum", "B": "column_against_row", "C": "target_never_updated"}


# 1. Three colleagues

COLLEAGUES = "abc"
GUILTY = ("loss_is_a_sum", "target_never_updated", "column_against_row")
THE_BUGS = {
    "loss_is_a_sum",
    "column_against_row",
    "terminal_target_0",
    "online_target",
    "gradient_through_target",
    "coin_decides_side",
    "key_used_twice",
    "test_explores",
    "time_is_up_means_fell",
    "unseeded",
    "stored_by_reference",
    "target_never_updated",
    "learning_rate_too_high",
}
FOUND = "the bug found"
BUGS_THEMSELVES = "bugs, and not their names"
A_FIELD = type(Transition.state)  # of a named tuple: what `Bugs.unseeded` is without quotes


def plain_name(name):
    """A name as in `Bugs`, also where it was written as the panel does, or is the function."""
    name = getattr(name, "__name__", name)
    words = str(name).lower().replace("bugs.", "").replace("-", " ").replace("_", " ").split()
    return "_".join(words)


def holds_bugs_themselves(names):
    """Whether these are `Bugs(...)`, or fields such as `Bugs.unseeded`, and no names."""
    if hasattr(names, "_fields"):
        return True
    items = names if isinstance(names, list | tuple) else [names]
    return any(hasattr(item, "_fields") or type(item) is A_FIELD for item in items)


def plain_letter(key):
    """A colleague's letter, of "a", "A" or "(a)"."""
    return str(key).lower().strip("() ")


def in_order(names):
    """A list of plain names, the first colleague's first."""
    if isinstance(names, dict):
        by_letter = {plain_letter(key): name for key, name in names.items()}
        names = [by_letter[letter] for letter in COLLEAGUES]
    if isinstance(names, str):
        names = [name.strip(" ()'\"") for name in names.split(",")]
    return [plain_name(name) for name in (names if np.iterable(names) else [names])]


def found_or_name(answer, colleague):
    """For one colleague: that the bug was found, or what is wrong with the answer."""
    names = answer()
    if isinstance(names, set | frozenset):
        return "a set, which has no order"
    if holds_bugs_themselves(names):
        return BUGS_THEMSELVES
    if isinstance(names, dict) and {plain_letter(key) for key in names} != set(COLLEAGUES):
        return "a dictionary of other keys"
    names = in_order(names)
    if len(names) != len(GUILTY):
        return f"{len(names)} name(s)"
    if not THE_BUGS.issuperset(names):
        return "a name that is not in Bugs"
    place = COLLEAGUES.index(colleague)
    if names[place] == GUILTY[place]:
        return FOUND
    is_turned = set(names) == set(GUILTY) and names[0] != GUILTY[0]
    return "the right three, in another order" if is_turned else names[place]


def instead(colleague, suspect):
    """The guilty three, with this one in the place of one of them."""
    names = list(GUILTY)
    names[COLLEAGUES.index(colleague)] = suspect
    return tuple(names)


ADAM = "Adam divides each gradient by its size: which bug makes gradients large, and nothing else?"
WHOSE_FUTURE = "rewards of 1 and nothing else: whose future is missing?"
ONE_NUMBER = "which bug makes one number the best answer to all targets at once?"
FELL_AT_ONCE = "this agent falls after nine steps, whatever it has seen: NaN has an argmax too"


def count(number):
    """A mistake: so many names, the wrong number of them."""
    return GUILTY[:number]


HOW_MANY = ("three colleagues, three names", "one for each, in the order (a), (b), (c)")
LUCK = ("coin_decides_side", "key_used_twice", "test_explores", "unseeded")

check_culprits = Check(
    cases=[({"colleague": letter}, FOUND) for letter in COLLEAGUES],
    mistakes=[
        (
            (GUILTY[1], GUILTY[2], GUILTY[0]),
            "the right three, in another order",
            "read (a), (b) and (c) once more, one by one",
        ),
        (
            ("sum", "frozen", "broadcast"),
            "at least one of these is no name from `Bugs`",
            "`Bugs._fields` lists them, as strings, and so do the panel's buttons",
        ),
        (
            set(GUILTY),
            "a set has no order, and the order says who has which bug",
            "a tuple keeps it",
        ),
        (
            dict(enumerate(GUILTY)),
            'a dictionary needs the keys "a", "b" and "c"',
            "or a tuple of three names, in this order",
        ),
        (count(1), *HOW_MANY),
        (count(2), *HOW_MANY),
        ((*GUILTY, "unseeded"), *HOW_MANY),
        (
            instead("a", "learning_rate_too_high"),
            "a learning rate that is too high would trouble Adam as well",
            "what does Adam divide by?",
        ),
        (
            instead("a", "coin_decides_side"),
            "a coin with one side pushes to one side only while it explores",
            "NaN has an argmax too",
        ),
        (
            instead("a", "key_used_twice"),
            "the post's two draws from one key are fair, by luck: they push to both sides",
            FELL_AT_ONCE,
        ),
        (
            instead("a", "gradient_through_target"),
            "the leak makes an agent timid with Adam, too",
            ADAM,
        ),
        (
            instead("a", "online_target"),
            "a target that chases itself makes values too large with Adam, too",
            ADAM,
        ),
        (
            instead("a", "target_never_updated"),
            "a target network that stands still is as bad with Adam",
            ADAM,
        ),
        (
            instead("a", "column_against_row"),
            "a table of differences is as bad with Adam",
            ADAM,
        ),
        (
            instead("a", "stored_by_reference"),
            "a memory of nothing but the present is as bad with Adam",
            ADAM,
        ),
        (
            instead("a", "terminal_target_0"),
            "a terminal target of 0 instead of 1 costs next to nothing",
            FELL_AT_ONCE,
        ),
        (
            instead("a", "time_is_up_means_fell"),
            "an agent that falls after nine steps never runs out of time",
            FELL_AT_ONCE,
        ),
        (
            instead("a", "test_explores"),
            "a coin at the test pushes to both sides",
            FELL_AT_ONCE,
        ),
        (
            instead("a", "unseeded"),
            "luck that cannot be repeated is luck all the same: it costs nothing",
            FELL_AT_ONCE,
        ),
        (
            instead("b", "stored_by_reference"),
            "with the present in every row the Q-values would still rise, "
            "for the targets follow them",
            WHOSE_FUTURE,
        ),
        (
            instead("b", "terminal_target_0"),
            "that touches terminal rows only, and these Q-values are too low everywhere",
            WHOSE_FUTURE,
        ),
        (
            instead("b", "time_is_up_means_fell"),
            "that touches the last row of an episode only, "
            "and these Q-values are too low everywhere",
            WHOSE_FUTURE,
        ),
        (
            instead("b", "column_against_row"),
            "a table of differences would let the Q-values grow",
            "which network is it that never learns what the future is worth?",
        ),
        (
            instead("b", "online_target"),
            "a target that follows at once would look ahead all the same",
            WHOSE_FUTURE,
        ),
        (
            instead("b", "gradient_through_target"),
            "the leak makes values too small, but they grow beyond a single reward",
            WHOSE_FUTURE,
        ),
        (
            instead("b", "loss_is_a_sum"),
            "a sum changes how large the steps are, not what they lead to",
            WHOSE_FUTURE,
        ),
        (
            instead("b", "learning_rate_too_high"),
            "steps that are too large make the loss large, not tiny",
            WHOSE_FUTURE,
        ),
        (
            instead("c", "stored_by_reference"),
            "the state does matter there, only it is always the present one: "
            "a batch would hold one state 32 times",
            ONE_NUMBER,
        ),
        (
            instead("c", "target_never_updated"),
            "that would make all values alike too, but they would not grow",
            ONE_NUMBER,
        ),
        (
            instead("c", "gradient_through_target"),
            "the target is pulled to the value, yet states stay apart",
            ONE_NUMBER,
        ),
        (
            instead("c", "online_target"),
            "the online network still tells states apart",
            ONE_NUMBER,
        ),
        (
            instead("c", "loss_is_a_sum"),
            "a sum of the errors still tells states apart",
            ONE_NUMBER,
        ),
        (
            instead("c", "learning_rate_too_high"),
            "steps that are too large still tell states apart, badly",
            ONE_NUMBER,
        ),
        (
            instead("c", "terminal_target_0"),
            "that touches terminal rows only: all others stay apart",
            ONE_NUMBER,
        ),
        (
            instead("c", "time_is_up_means_fell"),
            "that touches the last row of an episode only: all others stay apart",
            ONE_NUMBER,
        ),
        *[
            (
                instead("b", suspect),
                "coins and luck change which steps are seen, not what they are worth",
                WHOSE_FUTURE,
            )
            for suspect in LUCK
        ],
        *[
            (
                instead("c", suspect),
                "coins and luck change which steps are seen: their values stay apart",
                ONE_NUMBER,
            )
            for suspect in LUCK
        ],
        (
            (Transition.state, Transition.action, Transition.reward),  # no bugs, but fields, too
            "these are fields of `Bugs`, and not their names",
            "put each name in quotes",
        ),
    ],
    observe=found_or_name,
)


# 2. A detector for a terminal row


def future(next_q_values, gamma):
    return gamma * jnp.max(jnp.asarray(next_q_values, float), axis=-1)


def right_target(rewards, next_q_values, is_terminal, gamma):
    rewards, over = jnp.asarray(rewards, float), jnp.asarray(is_terminal, bool)
    return jnp.where(over, rewards, rewards + future(next_q_values, gamma))


def target_that_ends_with(last):
    """A target that is right, but where the pole fell: there it is last(reward, future)."""

    def td_target(rewards, next_q_values, is_terminal, gamma):
        ahead = right_target(rewards, next_q_values, is_terminal, gamma)
        rewards, over = jnp.asarray(rewards, float), jnp.asarray(is_terminal, bool)
        return jnp.where(over, last(rewards, future(next_q_values, gamma)), ahead)

    return td_target


post_target = target_that_ends_with(lambda reward, future: 0.0 * reward)
endless_target = target_that_ends_with(lambda reward, future: reward + future)
future_alone = target_that_ends_with(lambda reward, future: future)
too_small_target = target_that_ends_with(lambda reward, future: reward - 1.0)


def wrong_everywhere(rewards, next_q_values, is_terminal, gamma):
    return right_target(rewards, next_q_values, is_terminal, gamma) - 50.0


too_large_target = target_that_ends_with(lambda reward, future: reward + 1.0)


OTHER_SHAPES = "a question in other shapes"


def are_rows(rewards, next_q_values, is_terminal):
    """Whether they are [B], [B, A] and [B].

    Args:
        rewards: of the answer's question.
        next_q_values: likewise.
        is_terminal: likewise.
    """
    rows = np.shape(rewards)
    return len(rows) == 1 and np.shape(is_terminal) == rows == np.shape(next_q_values)[:-1]


def verdict_of(answer, asked_about):
    """The verdict; in words, if it is none."""
    flags, fitting = [], []

    def td_target(rewards, next_q_values, is_terminal, gamma):
        fitting.append(are_rows(rewards, next_q_values, is_terminal))
        flags.append(bool(np.any(is_terminal)))
        return asked_about(rewards, next_q_values, is_terminal, gamma)

    td_target.__qualname__ = td_target.__name__  # Python's messages show it
    try:
        given = answer(td_target)
        if isinstance(given, tuple | list):
            return "several things"
        verdict = np.asarray(given)
    except (NoAnswer, WrongCall):
        raise
    except Exception:
        if not all(fitting):
            return OTHER_SHAPES
        if asked_about is right_target:  # a slip; else it was meant, for this target is wrong
            raise
        return "an error"
    return OTHER_SHAPES if not all(fitting) else said_by(verdict, flags)


def said_by(verdict, flags):
    """The verdict as True or False, or words; `flags`: was a row of each question terminal?"""
    if not flags and verdict.dtype == bool:
        return f"{bool(np.all(verdict))}, and nothing was asked"
    if flags and not any(flags):
        return "a question about a row that goes on"
    if verdict.dtype.kind not in "biuf":
        return "a text" if verdict.dtype.kind in "US" else "neither True nor False"
    if verdict.dtype.kind == "f" and not np.isin(verdict, (0.0, 1.0)).all():
        return "a number"
    return bool(np.all(verdict))


def ask(td_target, reward=2.0, next_q_values=(3.0, 5.0), is_terminal=True):
    """The target of one row.

    Args:
        td_target: the function in question.
        reward: of the step.
        next_q_values: [A].
        is_terminal: whether the pole fell.
    """
    rewards, flags = jnp.array([reward]), jnp.array([is_terminal])
    return td_target(rewards, jnp.array([next_q_values]), flags, 0.5)


def asserted(td_target):
    assert ask(td_target) == 2.0
    return True


def no_verdict(got, right):
    """What is said of an answer that is neither True nor False."""
    if not isinstance(got, str):
        return None
    return f"you returned {got}, where True or False is wanted", "what stands after `return`?"


ALWAYS_TRUE = (
    "your verdict is always True",
    "what does a wrong target give, and does your code look at it?",
)

check_detector = Check(
    cases=[
        ({"td_target": right_target}, True),
        ({"td_target": post_target}, False),
        ({"td_target": endless_target}, False),
        ({"td_target": too_small_target}, False),
        ({"td_target": too_large_target}, False),
        ({"td_target": future_alone}, False),
        ({"td_target": wrong_everywhere}, False),
    ],
    mistakes=[
        (
            lambda f: ask(f),
            "you returned the target, and a verdict was asked for",
            "compare it with what it should be: True or False",
        ),
        (
            lambda f: f(2.0, jnp.array([3.0, 5.0]), True, 0.5) == 2.0,
            "you asked with other shapes than [B], [B, A] and [B], or in another order",
            "rewards of shape (1,), next values of (1, 2), is_terminal of (1,), and gamma",
        ),
        (
            asserted,
            "you stop the program where False is asked for",
            "who calls a detector wants to hear both verdicts: return them",
        ),
        (
            lambda f: ask(f, reward=0.0) == 0.0,
            "a target of 0 passes: your reward is 0, or you compare too roughly",
            "choose a reward that a wrong target cannot come near to",
        ),
        (
            lambda f: ask(f, next_q_values=(0.0, 0.0)) == 2.0,
            "in your question nobody is seen to look ahead",
            "next values of 0, a gamma of 0, or rounding would hide it",
        ),
        (
            lambda f: ask(f, is_terminal=False) == 2.0,
            "you asked about a row that goes on",
            "which flag makes a row terminal?",
        ),
        (
            lambda f: ask(f) != 2.0,
            "your verdict is turned round",
            "True is for the right one",
        ),
        (
            lambda f: ask(f) == 0.0,
            "you took the post's word that a terminal target is 0",
            "was the last step paid?",
        ),
        (
            lambda f: ask(f) == 4.5,
            "you want a terminal row to look ahead",
            "what is left to come, once the pole fell?",
        ),
        (
            lambda f: ask(f) == -9.0,
            "right targets fail, too: by `is`, or with a number that is not this row's reward",
            "which reward did you put in? (And 32 bits know no 0.1)",
        ),
        (
            lambda f: ask(f) != 0.0,
            "you only ask whether the target is 0: looking ahead passes",
            "no less and no more",
        ),
        (
            lambda f: ask(f) != 4.5,
            "you only ask whether the target looks ahead: the blog post's 0 passes",
            "no less and no more",
        ),
        (
            lambda f: True,
            *ALWAYS_TRUE,
        ),
        (
            lambda f: ask(f) is not None,
            *ALWAYS_TRUE,
        ),
        (
            lambda f: False,
            "your verdict is always False",
            "what does the right target give, and does your code look at it?",
        ),
        (
            lambda f: ask(f) <= 2.0,
            "less than the reward passes, and so does the blog post's bug",
            "no less and no more",
        ),
        (
            lambda f: ask(f) >= 2.0,
            "more than the reward passes, and so does looking ahead",
            "no less and no more",
        ),
        (
            lambda f: ask(f, reward=2.5) == 2.5,
            "your reward and your discounted future are the same number",
            "choose three different numbers for reward, future and nothing",
        ),
    ],
    observe=verdict_of,
    otherwise=no_verdict,
)


# 3. A loss that refuses other shapes

REFUSED = "an error"


def value_or_refusal(answer, targets, q_taken):
    """What comes back, or that the two were refused.

    Args:
        answer: the loss.
        targets: of any shape.
        q_taken: likewise.
    """
    differ = np.shape(targets) != np.shape(q_taken)
    no_error = "exceptions must derive"  # what Python says to `raise "words"`
    try:
        value = answer(targets, q_taken)
    except NoAnswer:
        if differ:
            return "nothing, and no error"
        raise
    except (Ended, WrongCall):
        raise  # this is no refusal
    except (ValueError, AssertionError) as error:
        if "truth value of an array" in str(error):  # it fails by accident
            raise
        return REFUSED
    except Exception as error:  # any may be meant as one; a misspelt name is none
        is_meant = "raise " in last_line(error)  # a LookupError may be a slip, too
        is_slip = isinstance(error, NameError | AttributeError)
        is_slip |= isinstance(error, LookupError) and not is_meant
        if differ and not is_slip and no_error not in str(error):
            return REFUSED
        raise
    return in_place_of_an_error(value) if differ else value


def last_line(error):
    """The line of code that raised it."""
    return traceback.extract_tb(error.__traceback__)[-1].line or ""


def in_place_of_an_error(value):
    """The value; in words, if it is none."""
    if isinstance(value, Exception | type):
        return "an error that is returned and not raised, and so no error"
    if isinstance(value, str):
        return "words, and no error"
    if isinstance(value, dict | tuple | list | set):
        return f"a {type(value).__name__}, and no error"
    is_nan = np.ndim(value) == 0 and np.isnan(value)
    return "NaN, and no error" if is_nan else value


def mse_if(fits, reduce=jnp.mean, repair=lambda x: x, error=jnp.square):
    """A loss that refuses what does not fit.

    Args:
        fits: (targets, q_taken) -> whether they do.
        reduce: from the squares to one number.
        repair: what is done to both before.
        error: of the differences.
    """

    def answer(targets, q_taken):
        if not fits(targets, q_taken):
            raise ValueError("shapes differ")
        return reduce(error(repair(targets) - repair(q_taken)))

    return answer


def anything(targets, q_taken):
    return True


def same_shape(targets, q_taken):
    return targets.shape == q_taken.shape


def same_object(targets, q_taken):
    return targets.shape is q_taken.shape


def same_length(targets, q_taken):
    return len(targets) == len(q_taken)


def same_size(targets, q_taken):
    return targets.size == q_taken.size


def same_axes(targets, q_taken):
    return targets.ndim == q_taken.ndim


def same_last_axis(targets, q_taken):
    return targets.shape[-1] == q_taken.shape[-1]


def same_of_shapes(fact):
    """Whether this fact is the same of both shapes."""
    return lambda targets, q_taken: fact(targets.shape) == fact(q_taken.shape)


def two_rows(targets, q_taken):
    return targets.ndim == q_taken.ndim == 1 and same_shape(targets, q_taken)


def the_pages_batch(targets, q_taken):
    return targets.shape == q_taken.shape == (32,)


def same_values(targets, q_taken):
    return same_shape(targets, q_taken) and bool((targets == q_taken).all())


def other_shape(targets, q_taken):
    return not same_shape(targets, q_taken)


def by_rows(squares):
    return jnp.sum(squares) / len(squares)


def words_for_an_error(targets, q_taken):
    return mse_if(same_shape)(targets, q_taken) if same_shape(targets, q_taken) else "differ"


def nothing_lost(targets, q_taken):
    return mse_if(same_shape)(targets, q_taken) if same_shape(targets, q_taken) else jnp.inf


def nothing_returned(targets, q_taken):
    return mse_if(same_shape)(targets, q_taken) if same_shape(targets, q_taken) else None


def nan_lost(targets, q_taken):
    return mse_if(same_shape)(targets, q_taken) if same_shape(targets, q_taken) else jnp.nan


def zero_lost(targets, q_taken):
    return mse_if(same_shape)(targets, q_taken) if same_shape(targets, q_taken) else 0.0


def broadcast_first(targets, q_taken):
    return jnp.mean((targets - jnp.broadcast_to(q_taken, targets.shape)) ** 2)


def broadcast_targets(targets, q_taken):
    return jnp.mean((jnp.broadcast_to(targets, q_taken.shape) - q_taken) ** 2)


def mean_squared(targets, q_taken):
    return mse_if(same_shape, error=lambda differences: differences)(targets, q_taken) ** 2


def goes_on_or_refuses(got, right):
    if isinstance(got, str) and got == REFUSED:
        return (
            "you refuse two arrays of the same shape",
            "which arrays may be compared? And does anything in your code fail by accident?",
        )
    if right != REFUSED:
        return None
    what = got.partition(",")[0] if isinstance(got, str) else "a number"
    return f"where the shapes differ you go on with {what}", AN_ERROR


ROW = [1.0, 3.0]


def costs_nothing_where_all_is_right(answer):
    row = jnp.array(ROW)
    return same(answer(row, row), 0.0)


def swapped_costs_the_same(answer):
    row = jnp.array(ROW)
    return same(answer(row, 3 * row), answer(3 * row, row))


def repeated_costs_the_same(answer):
    row = jnp.array(ROW)
    return same(answer(row, 2 * row), answer(jnp.tile(row, 2), 2 * jnp.tile(row, 2)))


def doubled_costs_four_times(answer):
    row = jnp.array(ROW)
    return same(answer(row, 3 * row), 4.0 * np.asarray(answer(row, 2 * row)))


AN_ERROR = "an error was asked for: one that stops the program"
TWO_FACTS = (
    "you compared facts about the shapes, and not the shapes",
    "of which two different shapes are these facts the same?",
)
COMPARE = "compare the two with each other, not with what you expect"

COLUMN = [[1.0], [3.0]]

check_careful = Check(
    cases=lambda: [
        ({"targets": jnp.array([2.0, 5.0]), "q_taken": jnp.array([1.0, 7.0])}, 2.5),
        ({"targets": np.array([2.0, 5.0]), "q_taken": np.array([1.0, 7.0])}, 2.5),
        ({"targets": jnp.array(COLUMN), "q_taken": jnp.array(ROW)}, REFUSED),
        ({"targets": jnp.ones(1), "q_taken": jnp.array(ROW)}, REFUSED),
        ({"targets": jnp.ones((2, 2)), "q_taken": jnp.array(ROW)}, REFUSED),
        ({"targets": jnp.array(COLUMN), "q_taken": jnp.array(COLUMN)}, 0.0),
        ({"targets": jnp.array([2.0]), "q_taken": jnp.array([5.0])}, 9.0),
        (
            {"targets": jnp.array([[1.0, 3.0], [2.0, 4.0]]), "q_taken": jnp.zeros((2, 2))},
            7.5,
        ),
        ({"targets": jnp.array(ROW), "q_taken": jnp.array([[5.0, 7.0]])}, REFUSED),
        ({"targets": jnp.array(COLUMN), "q_taken": jnp.ones((2, 2))}, REFUSED),
        ({"targets": jnp.ones((1, 3)), "q_taken": jnp.ones((3, 1))}, REFUSED),
        ({"targets": jnp.arange(32.0), "q_taken": jnp.arange(32.0)}, 0.0),
    ],
    mistakes=[
        (
            mse_if(anything),
            "a column met a row, and a table of differences was averaged",
            "what can be compared before they are subtracted, and what stops the program then? A "
            "print does not, and an assertion of a pair in brackets is always true",
        ),
        (
            mse_if(same_length),
            "you compared lengths, and a column is as long as its row",
            "how many numbers does a shape have?",
        ),
        (
            mse_if(same_size),
            "you counted the numbers, and a column has as many as its row",
            "how are they arranged?",
        ),
        (
            mse_if(same_axes),
            "you counted the axes, and one number met two",
            "how long is each axis?",
        ),
        (
            mse_if(lambda targets, q_taken: False),
            "you refuse everything",
            "on which condition should it stop, and does it always hold?",
        ),
        (mse_if(lambda *two: same_axes(*two) and same_length(*two)), *TWO_FACTS),
        (mse_if(lambda *two: same_axes(*two) and same_size(*two)), *TWO_FACTS),
        *[(mse_if(same_of_shapes(fact)), *TWO_FACTS) for fact in (sorted, sum, set)],
        (
            mse_if(same_last_axis),
            "you compared the last axis only",
            "what of the others?",
        ),
        (
            mse_if(anything, repair=jnp.ravel),
            "you repaired it in silence: nobody learns of the mistake upstream",
            "an error was asked for",
        ),
        (
            mse_if(same_shape, reduce=jnp.sum),
            "you added up: a mean that is a sum",
            "suspect A",
        ),
        (
            mse_if(same_shape, reduce=by_rows),
            "you divided by the number of rows only",
            "how many numbers did you add up?",
        ),
        (
            mse_if(same_object),
            "you asked whether the shapes are the same object: two equal ones need not be",
            "is, or ==?",
        ),
        (
            mse_if(same_shape, error=lambda differences: differences, reduce=jnp.var),
            "you took the variance: an error that is everywhere the same costs nothing",
            "a mean of squares, and no mean to be subtracted first",
        ),
        (
            mse_if(the_pages_batch),
            "you wrote the batch size of this page into it",
            COMPARE,
        ),
        (mse_if(two_rows), "two columns do fit each other", COMPARE),
        (
            mse_if(other_shape),
            "your condition is turned round: you refuse what fits",
            "when should it stop?",
        ),
        (
            mse_if(same_values),
            "you refuse different numbers; different shapes were asked for",
            "what of two errors that are not 0?",
        ),
        (words_for_an_error, "you returned words, and the program goes on with them", AN_ERROR),
        (nothing_lost, "you returned a number where the shapes differ", AN_ERROR),
        (nan_lost, "you returned a number where the shapes differ", AN_ERROR),
        (
            nothing_returned,
            "where the shapes differ you return None, and the program goes on with it",
            AN_ERROR,
        ),
        (zero_lost, "you returned a number where the shapes differ", AN_ERROR),
        (
            broadcast_first,
            "you stretched one to the shape of the other, in silence",
            "an error was asked for",
        ),
        (
            broadcast_targets,
            "you let one be stretched to the shape of the other, in silence",
            "an error was asked for",
        ),
        (
            mean_squared,
            "you squared the mean of the errors: errors up and down cancel",
            "which comes first, the square or the mean?",
        ),
        (
            mse_if(same_shape, reduce=lambda squares: jnp.sum(squares) / 32),
            "you divided by 32, as if every batch were of this page's size",
            "how many numbers did you add up?",
        ),
        (
            mse_if(same_shape, reduce=lambda squares: squares),
            "you returned one error for each number: a mean was asked for",
            "what does the m in mse stand for?",
        ),
        (
            mse_if(same_shape, error=jnp.abs),
            "you did not square the errors",
            "what does the s in mse stand for?",
        ),
        (
            mse_if(same_shape, reduce=lambda squares: jnp.sqrt(jnp.mean(squares))),
            "you took the square root of the mean",
            "that is the rmse",
        ),
        (
            mse_if(same_shape, reduce=lambda squares: jnp.mean(squares) / 2),
            "you halved it, as some books do",
            "a mean, and no more",
        ),
    ],
    observe=value_or_refusal,
    otherwise=goes_on_or_refuses,
    right=mse_if(same_shape),
    properties=[
        (
            costs_nothing_where_all_is_right,
            "where every prediction is its target, your loss is not 0",
            "what is left of each error there?",
        ),
        (
            swapped_costs_the_same,
            "an error up costs something else than an error down",
            "what does a square do to a sign?",
        ),
        (
            repeated_costs_the_same,
            "with every number twice your loss is another, and a mean stays",
            "by how many is the sum divided?",
        ),
        (
            doubled_costs_four_times,
            "twice the errors do not cost you four times as much",
            "it is the squares that are averaged",
        ),
    ],
)


# 4. A gradient, compiled once


def speed_facts(answer, weights, inputs):
    """What the gradient is, how often the loss was traced, and how much is one program.

    Args:
        answer: from a loss to its gradient.
        weights: numbers.
        inputs: for each of them an x, [2].
    """
    traced = []
    xs = [jnp.array(x) for x in inputs]

    def loss(w, x):
        traced.append(w)
        return jnp.mean((w * x + x) ** 2)

    gradient = answer(loss)
    if not callable(gradient):
        return "no function"
    if not takes_two(gradient):
        return "a function that does not take (w, x)"
    slopes = slopes_or_words(gradient, weights, xs)
    if isinstance(slopes, str):
        return slopes
    count = len(traced)
    is_compiled = hasattr(gradient, "lower")  # by `jit`, and nothing is around it
    return {
        "gradients": slopes,
        "times traced": count,
        "one compiled program": is_compiled
        or is_one_program(operations_of(gradient, weights[0], xs[0])),
        "of two weights": slopes_of_two(answer(loss), xs[0]),
    }


def slopes_of_two(gradient, x):
    """Whether a w of two numbers has two slopes, as far as the function takes such a one."""
    try:
        shape = np.shape(gradient(jnp.array([1.0, 2.0]), x))
    except Exception:  # `float` is in it, say: fine for one number, and nobody asked for more
        return "two slopes"
    return "two slopes" if shape == (2,) else f"the shape {shape}"


def operations_of(gradient, w, x):
    """What it is made of; None, if it looks at what its compiled function gave.

    Args:
        gradient: the answer's function.
        w: a number.
        x: [2].
    """
    try:
        return jax.make_jaxpr(gradient)(w, x).eqns
    except (
        AttributeError,
        jax.errors.ConcretizationTypeError,
        jax.errors.TracerArrayConversionError,
    ):
        return None  # float, .item() or a wait for the result: outside, and no calculation
    except TypeError as error:
        if "lowered and compiled" in str(error):  # ahead of time, and so once
            return None
        raise


def is_one_program(operations):
    """Whether they are one compiled program; in words, if there is one, and more beside it."""
    if operations is None:  # how often the loss was traced must do
        return True
    programs = [one for one in operations if one.primitive.name in ("jit", "pjit")]
    is_with_more = len(programs) == 1 < len(operations)
    return "with steps outside of it" if is_with_more else len(operations) == 1


def takes_two(function):
    try:
        inspect.signature(function).bind(1.0, 2.0)
    except TypeError:
        return False
    return True


def slopes_or_words(gradient, weights, xs):
    """The gradient for each weight; in words, if what comes back is no gradient.

    Args:
        gradient: the answer's function.
        weights: numbers.
        xs: for each of them, [2].
    """
    try:
        slopes = [gradient(w, x) for w, x in zip(weights, xs, strict=True)]
    except TypeError as error:
        if "returned a value of type <class 'function'>" in str(error):
            return "a function for a gradient"
        raise
    if any(slope is None for slope in slopes):
        raise NoAnswer
    if any(isinstance(slope, tuple | list) for slope in slopes):
        return "a tuple of one" if len(slopes[0]) == 1 else "two results"
    if any(map(callable, slopes)):
        return "a function for a gradient"
    return np.array(slopes, float).tolist()


def of_the_first_x(loss):
    made = []

    def gradient(w, x):
        if not made:
            made.append(jax.jit(jax.grad(lambda v: loss(v, x))))
        return made[0](w)

    return gradient


def without_sign(loss):
    return jax.jit(lambda w, x: jnp.abs(jax.grad(loss)(w, x)))


def mean_slope(loss):
    return jax.jit(lambda w, x: jnp.mean(jax.grad(loss)(w, x)))


def new_in_every_call(loss):
    return lambda w, x: jax.jit(jax.grad(loss))(w, x)


def by_differences(loss):
    return lambda w, x: (loss(w + 0.01, x) - loss(w - 0.01, x)) / 0.02


def compiled_differences(loss):
    return jax.jit(by_differences(loss))


def of_each_number(loss):
    return jax.jit(jax.vmap(jax.grad(loss), in_axes=(None, 0)))


def step_down(rate):
    return lambda loss: jax.jit(lambda w, x: w - rate * jax.grad(loss)(w, x))


def wrapped_once_more(loss):
    return lambda: jax.jit(jax.grad(loss))


def at_one_place(loss):
    return jax.jit(jax.grad(loss))(1.0, jnp.array([1.0, 2.0]))


A_STEP = ("you took a step of gradient descent", "the slope alone was asked for")
OTHER_CALL = (
    "the function that you return does not take (w, x)",
    "it is called as gradient(w, x), with both of them",
)

check_fast = Check(
    cases=[
        (
            {"weights": [1.0, -3.0, 1.0], "inputs": [[1.0, 2.0], [2.0, 0.0], [1.0, 2.0]]},
            {
                "gradients": [10.0, -8.0, 10.0],
                "times traced": 1,
                "one compiled program": True,
                "of two weights": "two slopes",
            },
        )
    ],
    mistakes=[
        (
            lambda loss: jax.grad(jax.jit(loss)),
            "the blog post's order: the loss is compiled, "
            "its differentiation is done anew in each call",
            "which of the two should be outermost?",
        ),
        (jax.grad, "nothing is compiled", "who compiles?"),
        (
            new_in_every_call,
            "you make a new compiled function in every call, and throw it away",
            "make it once, call it often",
        ),
        (
            lambda loss: jax.jit(jax.grad(loss), static_argnums=0),
            "you made w static: each new weight compiles anew",
            "what changes from call to call must be traced",
        ),
        (
            lambda loss: jax.jit(jax.grad(loss), static_argnums=1),
            "you made x static, and an array cannot be",
            "what changes from call to call must be traced",
        ),
        (
            lambda loss: jax.jit(lambda w, x: -jax.grad(loss)(w, x)),
            "this is the direction of a step, not the slope",
            "who asked for the minus?",
        ),
        (step_down(0.1), *A_STEP),
        (step_down(0.01), *A_STEP),
        (
            of_the_first_x,
            "your program was made for the x of the first call, which is a constant in it",
            "what changes from call to call is an argument of what you compile",
        ),
        (
            without_sign,
            "you dropped the signs of the slopes",
            "downhill is the other way where a slope is below 0",
        ),
        (
            mean_slope,
            "you made one number of the slopes for several weights",
            "the loss is one number, and its gradient has the shape of w",
        ),
        (
            lambda loss: lru_cache(jax.grad(loss)),
            "results cannot be looked up by an array, and nothing is compiled",
            "who compiles?",
        ),
        (
            of_each_number,
            "you mapped over x: that is a gradient for each of its numbers",
            "the loss takes all of x, and is one number",
        ),
        (wrapped_once_more, *OTHER_CALL),
        (lambda loss: jax.jit(jax.grad(lambda w: loss(w, 1.0))), *OTHER_CALL),
        (
            lambda loss: lambda w, x: jax.grad(loss),
            "calling your function gives a function, and no gradient yet",
            "jax.grad makes a function: who calls that one?",
        ),
        (
            jax.jit,
            "this is the loss, compiled, not its gradient",
            "who differentiates?",
        ),
        (lambda loss: loss, "this is the loss itself", "who differentiates, and who compiles?"),
        (
            lambda loss: jax.jit(jax.grad(loss, argnums=1)),
            "you differentiated with respect to x",
            "which argument comes first?",
        ),
        (
            lambda loss: jax.jit(jax.value_and_grad(loss)),
            "you return more than the gradient with respect to w",
            "only the slope was asked for",
        ),
        (
            lambda loss: jax.jit(jax.grad(loss, argnums=(0,))),
            "you return a tuple of one gradient",
            "argnums=0 gives the gradient itself",
        ),
        (
            lambda loss: jax.jit(jax.grad(jax.grad(loss))),
            "you differentiated twice",
            "the slope, not the curvature",
        ),
        (
            by_differences,
            "you measured the slope by differences, and the loss runs twice in every call",
            "who differentiates exactly?",
        ),
        (
            compiled_differences,
            "you measured the slope by differences, so the loss is traced twice",
            "who differentiates exactly?",
        ),
        (
            at_one_place,
            "you returned no function, but perhaps a gradient at one place",
            "return the function, and let others call it",
        ),
    ],
    observe=speed_facts,
    otherwise=by_entry(
        {
            "gradients": ("these are not the slopes of the loss", "of the loss itself, by w"),
            "times traced": (
                "the loss is traced more often than once",
                "all calls must share one compiled function, and nothing may stand outside of it",
            ),
            "one compiled program": (
                "something is left that is not compiled",
                "what stands outermost?",
            ),
            "of two weights": (
                "with a w of several numbers the gradient has another shape than w",
                "the loss is one number: a slope for each number of w",
            ),
        }
    ),
)
