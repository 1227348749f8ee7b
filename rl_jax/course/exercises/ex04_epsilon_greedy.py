"""What checks the exercises of notebook 04: a policy, a probability, a schedule."""

from functools import lru_cache

import jax
import jax.numpy as jnp
import numpy as np

from rl_jax.course.checks import Check, by_entry, folds_and_uses_again
from rl_jax.course.differences import same

__all__ = ["check_other", "check_policy", "check_schedule"]


# 1. Epsilon-greedy for one state
#
# A policy draws at random, so facts about many of its actions are compared, not the actions.

DRAWS = 20_000
NOT_LOOKED_AT = "not looked at"
TRACES = 12  # NumPy's coin falls on the same side so often once in 4,096 times


def facts_about_a_policy(answer, q_values, epsilon, look_at):
    """What is to be compared: of one action, of 20,000, or of how keys are used.

    Args:
        answer: a policy, from (key, q_values, epsilon) to an action.
        q_values: [A], for all actions.
        epsilon: the chance in between.
        look_at: "one action", "20,000 actions" or "keys".
    """
    q_values = jnp.array(q_values)
    if look_at == "one action":
        traced = jax.eval_shape(lambda key, q: answer(key, q, epsilon), jax.random.key(0), q_values)
        return {
            "shape of one action": shape_of(traced),
            "one key, one action": is_decided_by_the_key(answer, q_values, epsilon),
        }
    if look_at == "keys":
        with jax.debug_key_reuse(True):
            jax.jit(answer)(jax.random.key(0), q_values, epsilon)
        once = not folds_and_uses_again(answer, jax.random.key(0), q_values, epsilon)
        return {"each key is used once": once}
    return facts_about_many_actions(answer, q_values, epsilon)


def is_decided_by_the_key(answer, q_values, epsilon):
    """Whether it is the same calculation each time: other dice than JAX's are thrown while tracing.

    Args:
        answer: a policy.
        q_values: [A], for all actions.
        epsilon: the chance in between.
    """

    def calculation():
        act = lambda key, q: answer(key, q, epsilon)  # noqa: E731  (a new one: nothing is kept)
        traced = jax.make_jaxpr(act)(jax.random.key(0), q_values)
        return str(traced), [np.asarray(const).tolist() for const in traced.consts]

    first = calculation()
    return all(calculation() == first for _ in range(TRACES))


def facts_about_many_actions(answer, q_values, epsilon):
    """Which actions come at epsilon 0 and at 1, how often, and what a chance in between changes.

    Args:
        answer: a policy.
        q_values: [A], for all actions.
        epsilon: the chance in between.
    """
    keys = jax.random.split(jax.random.key(1), DRAWS)
    many = jax.vmap(answer, in_axes=(0, None, None))  # not compiled: answers share its operations
    greedy, random, mixed = (many(keys, q_values, chance) for chance in (0.0, 1.0, epsilon))
    if shape_of(mixed) != (DRAWS,):
        names = [
            "actions at epsilon 0",
            "actions at epsilon 1",
            "equally often",
            "share of the best",
        ]
        return dict.fromkeys(names, NOT_LOOKED_AT)

    best = jnp.argmax(q_values)
    counts = np.unique(np.asarray(random), return_counts=True)[1]
    seen = which(random, q_values)
    if seen == [int(best)] and follows_the_best(answer, q_values):
        seen = "always the best one"
    elif len(counts) == 1:
        seen = "always the same one"
    shares = [float(jnp.mean(actions == best)) for actions in (greedy, mixed, random)]
    return {
        "actions at epsilon 0": which(greedy, q_values),
        "actions at epsilon 1": seen,
        "equally often": bool(np.ptp(counts) < DRAWS / 25),
        "share of the best": share_in_words(*shares),
    }


def from_a_key_of_its_own(seed):
    """A draw of the random action that is the same in every call."""
    return lambda key, q_values: any_action(jax.random.key(seed), q_values)


def shape_of(result):
    """() for one number; a word for what is no array."""
    kinds = {tuple: "a tuple", list: "a list", dict: "a dictionary"}
    return getattr(result, "shape", kinds.get(type(result), "no array"))


def which(actions, q_values):
    """The different actions, in order; or what stands where an action should."""
    different = np.unique(np.asarray(actions))
    if np.isin(different, q_values).all():
        return "Q-values"
    if np.any(different % 1):
        return "fractions"
    return different[:8].astype(int).tolist()


def follows_the_best(answer, q_values):
    """Whether it takes the best action at epsilon 1, too, wherever that one stands."""
    turned = [jnp.roll(q_values, places) for places in range(8)]
    return all(answer(jax.random.key(2), q, 1.0) == jnp.argmax(q) for q in turned)


def share_in_words(at_0, between, at_1):
    """How often the best action comes at a chance in between, roughly.

    Args:
        at_0: its share at epsilon 0.
        between: at the chance in between.
        at_1: at epsilon 1.
    """
    if between in (0.0, 1.0):
        return "all or nothing"
    if abs(at_0 - between) < 0.02 and abs(between - at_1) < 0.02:
        return "the same at each epsilon"
    return f"about {between:.1f}"


# Its parts, right and wrong


def policy(flip=None, draw=None, best=jnp.argmax, keys=jax.random.split):
    """Epsilon-greedy, with one or two of its parts replaced.

    Args:
        flip: (key, epsilon) -> whether to explore.
        draw: (key, q_values) -> the random action.
        best: q_values -> the greedy action.
        keys: key -> the coin's and the action's.
    """
    flip, draw = flip or biased_coin, draw or any_action

    def act(key, q_values, epsilon):
        coin_key, action_key = keys(key)
        return jnp.where(flip(coin_key, epsilon), draw(action_key, q_values), best(q_values))

    return act


def one_number_for_both(key, q_values, epsilon):
    number = jax.random.uniform(key)
    action = (number * len(q_values)).astype(int)
    return jnp.where(number < epsilon, action, jnp.argmax(q_values))


def biased_coin(key, epsilon):
    return jax.random.uniform(key) < epsilon


def coin_turned_round(key, epsilon):
    return jax.random.uniform(key) > epsilon


def coin_without_epsilon(key, epsilon):
    return jax.random.uniform(key) < 0.1


def coin_that_says_yes(key, epsilon):
    return jnp.array(epsilon) > 0


def coin_that_says_no(key, epsilon):
    return jnp.array(epsilon) >= 1


def coin_from_the_bell_curve(key, epsilon):
    return jax.random.normal(key) < epsilon


def any_action(key, q_values):
    return jax.random.randint(key, (), 0, len(q_values))


def one_of(count):
    return lambda key, q_values: jax.random.randint(key, (), 0, count)


def one_too_many(key, q_values):
    return jax.random.randint(key, (), 0, len(q_values) + 1)


def one_too_few(key, q_values):
    return jax.random.randint(key, (), 0, len(q_values) - 1)


def last_one_twice(key, q_values):
    return jnp.minimum(one_too_many(key, q_values), len(q_values) - 1)


def second_best(key, q_values):
    return jnp.argsort(q_values)[-2]


def counted_from_1(key, q_values):
    return jax.random.randint(key, (), 1, len(q_values) + 1)


def never_the_first(key, q_values):
    return jax.random.randint(key, (), 1, len(q_values))


def never_the_best(key, q_values):
    steps_on = jax.random.randint(key, (), 1, len(q_values))
    return (jnp.argmax(q_values) + steps_on) % len(q_values)


def the_first_or_the_third(key, q_values):
    return 2 * jax.random.randint(key, (), 0, 2)


def rounded_down(key, q_values):
    return jnp.floor(jax.random.uniform(key) * len(q_values))


def rounded(key, q_values):
    return jnp.round(jax.random.uniform(key) * (len(q_values) - 1))


def a_fraction(key, q_values):
    return jax.random.uniform(key) * len(q_values)


def a_q_value(key, q_values):
    return jax.random.choice(key, q_values)


def the_better_the_likelier(key, q_values):
    return jax.random.categorical(key, q_values)


def the_same_key_twice(key):
    return key, key


def folded_twice(key):
    return jax.random.fold_in(key, 1), jax.random.fold_in(key, 1)


def a_key_and_its_fold(key):
    return key, jax.random.fold_in(key, 1)


def keys_of_its_own(key):
    return jax.random.split(jax.random.key(0))


def always_greedy(key, q_values, epsilon):
    return jnp.argmax(q_values)


def epsilon_shared_out(key, q_values, epsilon):
    return policy()(key, q_values, epsilon / len(q_values))


def noise_on_the_values(key, q_values, epsilon):
    return jnp.argmax(q_values + epsilon * jax.random.normal(key, q_values.shape))


def always_random(key, q_values, epsilon):
    return any_action(key, q_values)


def with_an_if(key, q_values, epsilon):
    coin_key, action_key = jax.random.split(key)
    if biased_coin(coin_key, epsilon):
        return any_action(action_key, q_values)
    return jnp.argmax(q_values)


def with_an_if_about_epsilon(key, q_values, epsilon):
    return jnp.argmax(q_values) if epsilon == 0 else policy()(key, q_values, epsilon)


def with_int(key, q_values, epsilon):
    return int(policy()(key, q_values, epsilon))


def with_an_index(key, q_values, epsilon):
    coin_key, action_key = jax.random.split(key)
    explore = biased_coin(coin_key, epsilon).astype(int)
    return [jnp.argmax(q_values), any_action(action_key, q_values)][explore]


def with_numpy(key, q_values, epsilon):
    return np.add(policy()(key, q_values, epsilon), 0)


def coin_and_action_in_an_array(key, q_values, epsilon):
    return policy()(key, q_values, epsilon)[None]


def one_for_each_action(key, q_values, epsilon):
    return jnp.full(len(q_values), policy()(key, q_values, epsilon))


def action_and_key(key, q_values, epsilon):
    return policy()(key, q_values, epsilon), key


def in_a_list(key, q_values, epsilon):
    return [policy()(key, q_values, epsilon)]


def by_name(key, q_values, epsilon):
    return {"action": policy()(key, q_values, epsilon)}


def of_three_too(why, hint, **parts):
    """A mistake, written for any number of actions, and for the three of the first case.

    Args:
        why: what it misunderstands.
        hint: never the answer.
        **parts: of `policy`.
    """
    return [(policy(**parts), why, hint), (policy(draw=one_of(3), **parts), why, hint)]


def one_key_and_two_actions(key, q_values, epsilon):
    """The page's first policy.

    Args:
        key: used for both draws.
        q_values: [A], of which it knows two.
        epsilon: the chance of exploring.
    """
    explore = jax.random.uniform(key) < epsilon
    return jnp.where(explore, jax.random.bernoulli(key).astype(int), jnp.argmax(q_values))


COIN_TURNED_ROUND = (
    "your coin is turned round: it explores when it should be greedy",
    "at epsilon 0 nothing must be random",
)
COIN_WITHOUT_EPSILON = (
    "your coin does not ask for epsilon: it is as biased at 0 as at 1",
    "with which chance must the coin say yes?",
)
SHARED_AMONG_ALL = (
    "you explore less often than epsilon says: epsilon is shared out among the actions already",
    "the coin alone decides whether; which action, the draw decides after that",
)
SAME_SIDE = (
    "your coin falls on the same side whenever it is thrown with this epsilon",
    "is its key a part of the one that was handed over?",
)
BELL_CURVE = (
    "your coin says yes at epsilon 0, too",
    "which draw lies in [0, 1), each number as likely as the others?",
)
ONE_NUMBER = (
    "one random number decides two things: whether to explore, and which action it is then",
    "if it is small, so is the action: draw twice, each time with a key of its own",
)
SAME_KEY = (
    "one key was used twice: for two draws, or for a draw and a split",
    "a key is like a match: split it first, use each part once, and the key itself never again",
)
OWN_KEYS = (
    "your draws do not depend on the key, so every call gives the same",
    "whoever calls your policy hands a new key over each time: draw with that one",
)
OWN_KEY_FOR_THE_ACTION = (
    "your random action has a key of its own, so it is the same in every call",
    "whoever calls your policy hands a new key over each time: draw with parts of that one",
)
SEEDS = (0, 1)  # that newcomers write down; with others it looks like one fixed action
OTHER_DICE = (
    "something is drawn by other dice than JAX's: with one key you get now this, now that",
    "NumPy and Python draw once, while JAX traces; jax.random draws with a key, in every call",
)
NEVER_THE_BEST = ("your random action is never the greedy one", "explore among all actions")
WROTE_DOWN = ("you wrote down the number of actions", "`q_values` knows how many there are")
ONE_TOO_MANY = (
    "you draw among one action too many",
    "`randint` leaves its upper end out, and actions count from 0",
)
ONE_TOO_FEW = ("one action is never drawn at random", "`randint` leaves its upper end out")
NEVER_THE_FIRST = ("action 0 is never drawn at random", "from which number on does yours draw?")
COUNTED_FROM_1 = ("you count the actions from 1", "which number does the first action have?")
LAST_ONE_TWICE = (
    "one action comes more often than the others",
    "cut off at the end, two draws become one action; `randint` can leave the end out",
)
ONE_OTHER = (
    "when you explore, you always take the same action",
    "exploring means to draw one, at random",
)
NOISE = (
    "you put noise on the Q-values, and what looks bad is explored less often",
    "all actions equally often: draw an action's number",
)
ROUNDED = (
    "the first and the last action come half as often as the others",
    "what does rounding do at both ends? `randint` needs none",
)
FRACTIONS = (
    "your random action is no whole number",
    "which function draws integers?",
)
A_Q_VALUE = (
    "your random action is a Q-value, not an action's number",
    "draw among the numbers of the actions, not among what they are worth",
)
LIKELIER = (
    "you explore good actions more often than bad ones",
    "what looks bad may be good: all actions equally often",
)
THE_WORST = ("your greedy action is the worst one", "argmax, or argmin?")
BEST_VALUE = (
    "you returned a Q-value, and not the action that has it",
    "max, or argmax? And do you look a value up at the end?",
)
ONLY_GREEDY = ("your policy never explores", "what does the coin decide?")
ONLY_RANDOM = ("every action was drawn at random", "what does the coin decide?")
PYTHONS_IF = (
    "you asked Python about a number that is not there yet while JAX traces",
    "compute both actions, and let an array operation choose",
)
PYTHONS_NUMBER = (
    "you wanted a Python number of something that is none yet while JAX traces",
    "return the array as it is",
)
PYTHONS_INDEX = (
    "you took an element of a Python list by a number that is not there yet while JAX traces",
    "which array operation chooses between two values?",
)
NUMPY = (
    "NumPy was asked to calculate with what JAX traces",
    "write jnp for np: it has the same functions",
)
ARRAY_OF_ONE = (
    "you returned an array of one action: its shape is (1,), and () is wanted",
    "which shape do your draws have? `()` asks for one number",
)
ONE_FOR_EACH = (
    "you returned a number for each action, and not the one action that is taken",
    "one coin, one random action, and one number that comes back",
)
A_TUPLE = (
    "you returned a tuple: the action alone is wanted",
    "who calls it has the next key already",
)
A_LIST = ("you returned a list: the action alone is wanted", "return what is in it")
A_DICTIONARY = ("you returned a dictionary: the action alone is wanted", "return what is in it")

check_policy = Check(
    arguments=("key", "q_values", "epsilon"),
    cases=[
        (
            {"q_values": [1.5, 3.5, 2.5], "epsilon": 0.57, "look at": "one action"},
            {"shape of one action": (), "one key, one action": True},
        ),
        (
            {"q_values": [1.5, 3.5, 2.5], "epsilon": 0.57, "look at": "20,000 actions"},
            {
                "actions at epsilon 0": [1],
                "actions at epsilon 1": [0, 1, 2],
                "equally often": True,
                "share of the best": "about 0.6",
            },
        ),
        (
            {"q_values": [1.5, 3.5, 2.5], "epsilon": 0.57, "look at": "keys"},
            {"each key is used once": True},
        ),
        (
            {
                "q_values": [-2.5, -1.75, -1.5, -9.5, -2.5],
                "epsilon": 0.62,
                "look at": "20,000 actions",
            },
            {
                "actions at epsilon 0": [2],
                "actions at epsilon 1": [0, 1, 2, 3, 4],
                "equally often": True,
                "share of the best": "about 0.5",
            },
        ),
    ],
    mistakes=[
        *of_three_too(*COIN_TURNED_ROUND, flip=coin_turned_round),
        *of_three_too(*COIN_WITHOUT_EPSILON, flip=coin_without_epsilon),
        (policy(flip=coin_from_the_bell_curve), *BELL_CURVE),
        (epsilon_shared_out, *SHARED_AMONG_ALL),
        (policy(flip=coin_that_says_yes), *SAME_SIDE),
        (policy(flip=coin_that_says_no), *SAME_SIDE),
        (one_number_for_both, *ONE_NUMBER),
        *of_three_too(*SAME_KEY, keys=the_same_key_twice),
        (policy(keys=folded_twice), *SAME_KEY),
        (one_key_and_two_actions, *SAME_KEY),
        (policy(keys=a_key_and_its_fold), *SAME_KEY),
        (policy(draw=rounded_down, keys=the_same_key_twice), *SAME_KEY),
        *of_three_too(*OWN_KEYS, keys=keys_of_its_own),
        *((policy(draw=from_a_key_of_its_own(seed)), *OWN_KEY_FOR_THE_ACTION) for seed in SEEDS),
        (policy(draw=never_the_best), *NEVER_THE_BEST),
        (policy(draw=the_first_or_the_third), *NEVER_THE_BEST),
        (policy(draw=one_of(2)), *WROTE_DOWN),
        (policy(draw=one_of(3)), *WROTE_DOWN),
        (policy(draw=one_too_many), *ONE_TOO_MANY),
        (policy(draw=one_too_few), *ONE_TOO_FEW),
        (policy(draw=never_the_first), *NEVER_THE_FIRST),
        (policy(draw=counted_from_1), *COUNTED_FROM_1),
        (policy(draw=last_one_twice), *LAST_ONE_TWICE),
        (policy(draw=second_best), *ONE_OTHER),
        (policy(draw=lambda key, q_values: 0), *ONE_OTHER),
        (noise_on_the_values, *NOISE),
        (policy(draw=rounded), *ROUNDED),
        (policy(draw=a_fraction), *FRACTIONS),
        (policy(draw=a_q_value), *A_Q_VALUE),
        (policy(draw=the_better_the_likelier), *LIKELIER),
        *of_three_too(*THE_WORST, best=jnp.argmin),
        *of_three_too(*BEST_VALUE, best=jnp.max),
        (policy(draw=a_q_value, best=jnp.max), *BEST_VALUE),
        (always_greedy, *ONLY_GREEDY),
        (always_random, *ONLY_RANDOM),
        (with_an_if, *PYTHONS_IF),
        (with_an_if_about_epsilon, *PYTHONS_IF),
        (with_int, *PYTHONS_NUMBER),
        (with_an_index, *PYTHONS_INDEX),
        (with_numpy, *NUMPY),
        (coin_and_action_in_an_array, *ARRAY_OF_ONE),
        (one_for_each_action, *ONE_FOR_EACH),
        (action_and_key, *A_TUPLE),
        (in_a_list, *A_LIST),
        (by_name, *A_DICTIONARY),
    ],
    observe=facts_about_a_policy,
    otherwise=by_entry({"one key, one action": OTHER_DICE}),
)


# 2. The probability of one other action


def two_actions_only(epsilon, n_actions):
    return epsilon / 2


check_other = Check(
    cases=[
        ({"epsilon": 1.0, "n_actions": 2}, 0.5),
        ({"epsilon": 0.3, "n_actions": 2}, 0.15),
        ({"epsilon": 0.2, "n_actions": 4}, 0.05),
        ({"epsilon": 0.45, "n_actions": 3}, 0.15),
        ({"epsilon": 0.25, "n_actions": 7}, 1 / 28),
    ],
    mistakes=[
        (
            lambda epsilon, n_actions: epsilon,
            "a random draw can also hit another action",
            "the coin says: act at random. How many actions may come?",
        ),
        (
            lambda epsilon, n_actions: epsilon / (n_actions - 1),
            "a random draw can also hit the greedy action",
            "over how many actions is the draw spread?",
        ),
        (
            lambda epsilon, n_actions: 1 - epsilon + epsilon / n_actions,
            "this is the greedy action's probability",
            "the question is about one of the others",
        ),
        (
            lambda epsilon, n_actions: epsilon * (n_actions - 1) / n_actions,
            "this counts all other actions together",
            "one particular one is asked for",
        ),
        (
            lambda epsilon, n_actions: (1 - epsilon) / n_actions,
            "you turned the coin round",
            "with which probability does the agent explore?",
        ),
        (
            lambda epsilon, n_actions: (1 - epsilon) / (n_actions - 1),
            "you turned the coin round, and left the greedy action out of the draw",
            "with which probability does the agent explore, and among how many actions?",
        ),
        (
            lambda epsilon, n_actions: 1 - epsilon,
            "this is how often the coin says no",
            "and if it says yes, how likely is this one action?",
        ),
        (
            lambda epsilon, n_actions: 1 / n_actions,
            "you left the coin out: not every action is random",
            "how often is the draw made at all?",
        ),
        (
            two_actions_only,
            "for you there are always two actions",
            "it need not be two: use `n_actions`",
        ),
        (
            lambda epsilon, n_actions: 1 - epsilon / n_actions,
            "this is how often the action is *not* taken",
            "what is left, if you take this from 1?",
        ),
        (
            lambda epsilon, n_actions: 1 - epsilon / (n_actions - 1),
            "this is how often the action is *not* taken, if only the others are drawn",
            "a random draw can also hit the greedy action; and how much of 1 is left?",
        ),
        (
            lambda epsilon, n_actions: epsilon * n_actions,
            "with more actions your probability grows, and even goes above 1",
            "the draw is shared among the actions",
        ),
        (
            lambda epsilon, n_actions: epsilon / (n_actions + 1),
            "you share the draw among one action too many",
            "is the greedy action not one of the `n_actions` already?",
        ),
        (
            lambda epsilon, n_actions: round(epsilon / n_actions, 2),
            "you rounded the probability",
            "leave the number as it is",
        ),
        (
            lambda epsilon, n_actions: (1 - epsilon + epsilon / n_actions) / (n_actions - 1),
            "you shared the greedy action's probability among the others",
            "how does one of the others come up at all?",
        ),
        (
            lambda epsilon, n_actions: epsilon / n_actions**2,
            "you divided by the number of actions twice",
            "the draw is shared among the actions once",
        ),
        (
            lambda epsilon, n_actions: n_actions / epsilon,
            "your fraction is upside down",
            "the more actions, the less likely is each",
        ),
        (
            lambda epsilon, n_actions: 100 * epsilon / n_actions,
            "you answered in percent",
            "a probability lies between 0 and 1",
        ),
        (
            lambda epsilon, n_actions: 0.5,
            "your answer is the same whatever epsilon is",
            "it must be 0 for an agent that never explores",
        ),
        (
            lambda epsilon, n_actions: epsilon // n_actions,
            "your probability is always 0",
            "if you divide: does something cut off what comes after the point?",
        ),
        (
            lambda epsilon, n_actions: 1 / (n_actions - 1),
            "you left the coin out, and the greedy action out of the draw",
            "how often is a draw made at all, and among how many actions?",
        ),
    ],
    right=lambda epsilon, n_actions: epsilon / n_actions,
    properties=[
        (
            lambda answer: same(answer(0.0, 3), 0.0),
            "your agent takes the other action even at an epsilon of 0",
            "with which probability does it explore then?",
        ),
        (
            lambda answer: 0 <= answer(0.9, 2) <= 1 and 0 <= answer(0.9, 5) <= 1,
            "your probability does not always lie between 0 and 1",
            "try an epsilon of 0.9, with two actions and with five",
        ),
        (
            lambda answer: same(answer(0.8, 3), 2.0 * answer(0.4, 3)),
            "twice the epsilon does not give you twice the probability",
            "the coin decides whether there is a draw, and does so once",
        ),
        (
            lambda answer: same(4 * answer(1.0, 4), 1.0),
            "at an epsilon of 1 all actions are equally likely, and yours do not add up to 1",
            "among how many actions is one drawn?",
        ),
    ],
)


# 3. A schedule that halves


def in_stairs(step, half_life, end):
    return jnp.maximum(end, 0.5 ** (step // half_life))


def stairs_up(step, half_life, end):
    return jnp.maximum(end, 0.5 ** jnp.ceil(step / half_life))


def in_straight_pieces(step, half_life, end):
    share = step / half_life
    whole = jnp.floor(share)
    return jnp.maximum(end, 0.5**whole * (1 - (share - whole) / 2))


def in_two_stairs(step, half_life, end):
    lives = step // half_life
    return jnp.where(lives == 0, 1.0, jnp.where(lives == 1, 0.5, end))


def a_line_through_a_half(step, half_life, end):
    return jnp.maximum(end, 1 - 0.5 * step / half_life)


def a_line_to_the_end(step, half_life, end):
    return 1 + (end - 1) * jnp.clip(step / half_life, 0, 1)


def a_line_to_zero(step, half_life, end):
    return jnp.maximum(end, 1 - step / half_life)


def stops_at(half_lives):
    """The answer that is `end` from then on, and the power before."""

    def halving(step, half_life, end):
        has_ended = step >= half_lives * half_life
        return jnp.where(has_ended, end, 0.5 ** (step / half_life))

    return halving


def python_asked(step, half_life, end):
    return max(end, 0.5 ** (step / half_life))


def python_number(step, half_life, end):
    return jnp.maximum(end, float(0.5 ** (step / half_life)))


def numpy_asked(step, half_life, end):
    return np.maximum(end, 0.5 ** (step / half_life))


A_LINE = (
    "your schedule is a straight line",
    "after two half lives a quarter is left, not nothing",
)
JUMPS = (
    "your schedule jumps to `end` before it has come so far",
    "take the larger of two numbers, and it cannot jump",
)
BELOW_FOR_A_WHILE = (
    "your schedule falls below `end`, until it jumps back",
    "take the larger of two numbers, and it cannot jump",
)
AN_AXIS = (
    "the second argument of `jnp.max` is an axis, not a second number",
    "which function takes the larger of two?",
)


@lru_cache(maxsize=3)  # one program for all steps of an answer: a check asks it of three
def of_the_step(answer, half_life, end):
    """The schedule as a program of the step alone.

    Args:
        answer: a schedule.
        half_life: a number of steps.
        end: the lowest chance.
    """
    return jax.jit(lambda step: answer(step, half_life, end))


def compiled(answer, step, half_life, end):
    """What it gives where the step is a tracer. If it fails without one too, that is its error.

    Args:
        answer: a schedule.
        step: how many have been taken.
        half_life: a number of steps.
        end: the lowest chance.
    """
    try:
        return of_the_step(answer, half_life, end)(step)
    except jax.errors.JAXTypeError:
        answer(jnp.asarray(step), half_life, end)
        raise


check_schedule = Check(
    cases=[
        ({"step": 0, "half_life": 1_000, "end": 0.05}, 1.0),
        ({"step": 1_000, "half_life": 1_000, "end": 0.05}, 0.5),
        ({"step": 500, "half_life": 1_000, "end": 0.05}, 0.7071),
        ({"step": 2_000, "half_life": 1_000, "end": 0.05}, 0.25),
        ({"step": 4_000, "half_life": 1_000, "end": 0.05}, 0.0625),
        ({"step": 4_200, "half_life": 1_000, "end": 0.05}, 0.0544),
        ({"step": 4_400, "half_life": 1_000, "end": 0.05}, 0.05),
        ({"step": 7_000, "half_life": 1_000, "end": 0.05}, 0.05),
        ({"step": 90_000, "half_life": 1_000, "end": 0.05}, 0.05),
        ({"step": 1, "half_life": 2, "end": 0.1}, 0.7071),
        ({"step": 4, "half_life": 2, "end": 0.1}, 0.25),
        ({"step": 30, "half_life": 2, "end": 0.1}, 0.1),
        ({"step": 9_000, "half_life": 2, "end": 0.1}, 0.1),
        ({"step": 3_500, "half_life": 500, "end": 0.002}, 1 / 128),
    ],
    mistakes=[
        (
            python_asked,
            "you asked Python about a value that is not there yet while JAX traces",
            "which array operation takes the larger of two numbers?",
        ),
        (
            python_number,
            "Python wants a number, or a size, that is not there yet while JAX traces",
            "stay with arrays whose size does not depend on the step, and with what jnp offers",
        ),
        (
            numpy_asked,
            "NumPy was asked to calculate with what JAX traces",
            "write jnp for np: it has the same functions",
        ),
        (
            lambda step, half_life, end: 0.5 ** (step / half_life),
            "your schedule falls below `end`",
            "after a long time it must still explore a little",
        ),
        (
            in_stairs,
            "your schedule falls in stairs",
            "what is left after half a half life? What do `//` and rounding do to it?",
        ),
        (stairs_up, "your schedule falls in stairs", "what is left after half a half life?"),
        (in_two_stairs, "your schedule falls in stairs", "what is left after half a half life?"),
        (
            in_straight_pieces,
            "your schedule falls in straight pieces from one half life to the next",
            "a power can be taken of a part of a half life, too",
        ),
        (a_line_through_a_half, *A_LINE),
        (a_line_to_the_end, *A_LINE),
        (a_line_to_zero, *A_LINE),
        (stops_at(1), *JUMPS),
        (stops_at(2), *JUMPS),
        (stops_at(3), *JUMPS),
        (stops_at(4.1), *JUMPS),  # as `step > 4 * half_life` does
        (stops_at(5), *BELOW_FOR_A_WHILE),
        (stops_at(10), *BELOW_FOR_A_WHILE),
        (lambda step, half_life, end: jnp.max(end, 0.5 ** (step / half_life)), *AN_AXIS),
        (lambda step, half_life, end: jnp.max(0.5 ** (step / half_life), end), *AN_AXIS),
        (
            lambda step, half_life, end: end + (1 - end) * 0.5 ** (step / half_life),
            "you halve the distance to `end`, not epsilon itself",
            "after one half life it is exactly 0.5",
        ),
        (
            lambda step, half_life, end: end + 0.5 ** (step / half_life),
            "you added `end`, so that the schedule starts above 1",
            "`end` is a floor: it counts only where the rest is lower",
        ),
        (
            lambda step, half_life, end: jnp.maximum(end, jnp.exp(-step / half_life)),
            "your schedule falls to a third, not to a half",
            "which number, to the power of 1, is 0.5?",
        ),
        (
            lambda step, half_life, end: jnp.maximum(end, 1 / (1 + step / half_life)),
            "your schedule falls to a half, and then ever more slowly",
            "after two half lives it is a half of a half",
        ),
        (
            lambda step, half_life, end: jnp.minimum(end, 0.5 ** (step / half_life)),
            "you took the smaller of the two",
            "at the start it must be 1",
        ),
        (
            lambda step, half_life, end: jnp.maximum(end, 0.5**step / half_life),
            "brackets are missing: a power is taken before anything is divided",
            "what is to be divided by the half life?",
        ),
        (
            lambda step, half_life, end: jnp.clip(0.5 ** (step / half_life), 1.0, end),
            "your answer is `end`, always",
            "two bounds: which comes first in `clip`, the lower or the upper one?",
        ),
        (
            lambda step, half_life, end: jnp.maximum(end, jnp.exp(-0.5 * step / half_life)),
            "after one half life 0.61 is left, not a half",
            "which number, to the power of 1, is 0.5?",
        ),
        (
            lambda step, half_life, end: jnp.clip(0.5 ** (step / half_life), end, 0.5),
            "your schedule starts at a half",
            "at step 0 it must be 1: how many half lives have passed then?",
        ),
        (
            lambda step, half_life, end: jnp.maximum(end, 0.5 * 0.5 ** (step / half_life)),
            "your schedule starts at a half",
            "at step 0 it must be 1: how many half lives have passed then?",
        ),
        (
            lambda step, half_life, end: jnp.maximum(end, 0.5 ** ((step + 1) / half_life)),
            "your schedule is one step ahead",
            "at step 0 nothing has been halved yet",
        ),
        (
            lambda step, half_life, end: jnp.maximum(end, 2.0 ** (step / half_life)),
            "your schedule grows",
            "a half, or twice as much?",
        ),
        (
            lambda step, half_life, end: jnp.maximum(end, 0.25 ** (step / half_life)),
            "after one half life a quarter is left, not a half",
            "which number, to the power of 1, is 0.5?",
        ),
        (
            lambda step, half_life, end: jnp.maximum(end, 0.5 * step / half_life),
            "you multiplied a half by the number of half lives",
            "to halve again and again is a power: `**`",
        ),
        (
            lambda step, half_life, end: jnp.where(step > end, end, 0.5 ** (step / half_life)),
            "you compared the number of steps with `end`",
            "`end` is a probability: which of your numbers is one, too?",
        ),
        (
            lambda step, half_life, end: jnp.maximum(end, 0.5**step),
            "your schedule halves at every step",
            "what is `half_life` there for?",
        ),
        (
            lambda step, half_life, end: jnp.maximum(end, 0.5 ** (step * half_life)),
            "a longer half life makes your schedule fall faster",
            "how many half lives have passed after `step` steps?",
        ),
        (
            lambda step, half_life, end: jnp.maximum(end, 0.5 ** (half_life / step)),
            "your fraction is upside down",
            "how many half lives have passed after `step` steps?",
        ),
        (
            lambda step, half_life, end: jnp.maximum(0.05, 0.5 ** (step / half_life)),
            "you wrote `end` down",
            "it is an argument: another agent may end at 0.1",
        ),
        (
            lambda step, half_life, end: jnp.maximum(end, 0.5 ** (step / 1_000)),
            "you wrote `half_life` down",
            "it is an argument: another agent may halve every second step",
        ),
        (
            lambda step, half_life, end: jnp.maximum(0.05, 0.5 ** (step / 1_000)),
            "you wrote numbers into it, so the arguments change nothing",
            "use `half_life` and `end`",
        ),
    ],
    observe=compiled,
    properties=[
        (
            lambda answer: same(compiled(answer, 0, 500, 0.1), 1.0),
            "your schedule does not start at 1",
            "how many half lives have passed at step 0?",
        ),
        (
            lambda answer: compiled(answer, 900, 500, 0.1) < compiled(answer, 100, 500, 0.1),
            "your schedule does not fall from the start",
            "it is halved again and again, little by little",
        ),
        (
            lambda answer: same(
                2 * compiled(answer, 700, 500, 0.1), compiled(answer, 200, 500, 0.1)
            ),
            "one half life later your schedule is not half as high",
            "that must hold at every step, as long as it is above `end`",
        ),
        (
            lambda answer: same(compiled(answer, 100_000, 500, 0.1), 0.1),
            "in the end your schedule does not stay at `end`",
            "which of two numbers is it, and when?",
        ),
    ],
)
