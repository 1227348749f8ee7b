"""What checks the exercises of notebook 06: a judge of agents, and a report to doubt."""

import itertools
import re
from functools import partial

import gymnasium as gym
import numpy as np

from rl_jax import loop
from rl_jax.course.checks import Check, by_entry

__all__ = ["check_judge", "check_report"]


# 1. The judge: the returns of greedy episodes


LIMITS = {"narrow": 4, "wide": 200, "paid": 4, "icy": 9, "long": 1_200}  # steps


class ABatch(TypeError):
    """What q_function was given has more axes than one observation."""


class NoObservation(TypeError):
    """What q_function was given is another thing that `reset` or `step` returns."""


class NotFromHere(TypeError):
    """What q_function was given is no observation of this environment."""


class NeverEnds(RuntimeError):
    """Somebody calls `reset` again and again: no episode ends like that."""


class Walk(gym.Env):
    """A walk on a track. The observation says which foot is next: 1 or 0, in turns.

    It begins with foot 1 if the seed is even, else with foot 0. On the narrow track the other foot
    falls. On the icy one every walker falls, after 1 + seed % 3 steps. On the wide one there are
    three feet. On all of them time is up at some step. Who goes on after the end is told so.
    `starts` are the seeds from which somebody really walked: a reset alone leaves no trace. After a
    hundred beginnings it refuses, for a loop with a `reset` in it has no end.
    """

    def __init__(self, track):
        """One of `LIMITS`."""
        self.track = track
        self.limit = LIMITS[track]
        self.action_space = gym.spaces.Discrete(3 if track == "wide" else 2)
        self.observation_space = gym.spaces.Box(0.0, 1.0, (1,), np.float32)
        self.starts = []
        self.resets = 0
        self.last_seed = None
        self.went_well = set()
        self.steps = 0
        self.is_over = True

    def reset(self, *, seed=None, options=None):
        """Gymnasium's; remembers the seed."""
        super().reset(seed=seed)
        self.resets += 1
        if self.resets > 100:
            raise NeverEnds("reset() was called 100 times: each call begins a new episode")
        self.last_seed = seed
        self.steps = 0
        self.is_over = False
        return self._see(), {}

    @property
    def foot(self):
        """Which one is next."""
        return (1 + (self.last_seed or 0) + self.steps) % 2

    def _see(self):
        return np.array([self.foot], np.float32)

    def step(self, action):
        """Gymnasium's five-tuple."""
        if self.is_over:
            raise RuntimeError(f"the walk had ended after {self.steps} steps, and you went on")
        if int(action) not in range(self.action_space.n):
            there_are = "0, 1 and 2" if self.track == "wide" else "0 and 1"
            raise ValueError(f"the actions are {there_are}, but this is {int(action)}")
        if self.steps == 0:
            self.starts.append(self.last_seed)
        right_action = self.foot + 1 if self.track == "wide" else self.foot
        self.went_well.add(int(action) == right_action)
        seed = self.last_seed or 0
        self.steps += 1
        reward = 0.25 * (self.steps - 2) * (seed % 3) if self.track == "paid" else 1.0
        falls = self.track == "narrow" and int(action) != right_action
        falls = falls or (self.track == "icy" and self.steps == 1 + seed % 3)
        out_of_time = self.steps == self.limit
        self.is_over = falls or out_of_time
        return self._see(), reward, falls, out_of_time, {}


def knows_the_way(observation):
    """Q-values of the agent that never takes the wrong foot."""
    if isinstance(observation, tuple):
        raise TypeError("q_function takes one observation, but this is a tuple")
    if isinstance(observation, dict) or np.ndim(observation) == 0:
        raise NoObservation(f"q_function takes one observation, but this is {observation}")
    if np.ndim(observation) > 1:
        raise ABatch(f"q_function takes one observation [1], but this is {observation}")
    if np.shape(observation) != (1,):
        raise NotFromHere(f"this is no observation of the environment: {observation}")
    foot = float(np.ravel(observation)[0])
    return 3 * np.array([1.0 - foot, foot])


def knows_three_feet(observation):
    """Q-values where there are three actions; the last two are right in turns."""
    return np.array([-9.0, *knows_the_way(observation)])


def kind_of(returns):
    """What came back, in words; and as an array, if it holds numbers."""
    if hasattr(returns, "__next__"):
        return "what gives numbers when it is asked, and was not", None
    try:
        if np.asarray(returns).dtype.kind in "US":
            return "texts", None
        numbers = np.asarray(returns, float)
    except (TypeError, ValueError):
        return f"a {type(returns).__name__}", None
    sizes = " x ".join(map(str, numbers.shape))
    return f"{sizes} numbers" if sizes else "one number", numbers


# A coin makes other falls in each answer, so on the narrow track only what is sure is compared,
# and on the wide one only how often the best action was taken.
def judged(answer, track, episodes, seed):
    env = Walk(track)
    q_function = knows_three_feet if track == "wide" else knows_the_way
    kind, numbers = kind_of(answer(q_function, env, episodes, seed))
    facts = {"what came back": kind, "starts": env.starts}
    if numbers is not None and not env.starts:
        return facts | {"largest return": "of another environment"}
    if track == "wide":
        often = (
            "always" if env.went_well == {True} else "sometimes" if any(env.went_well) else "never"
        )
        return facts | {"took the best action": often}
    if track != "narrow":
        return facts | {"returns": numbers}
    if numbers is None or numbers.size == 0:
        return facts | {"largest return": None, "all are equal": None}
    is_same = bool(numbers.min() == numbers.max())
    return facts | {"largest return": numbers.max(), "all are equal": is_same}


def right_facts(returns, seed=7):
    """Of a track where each return is known."""
    starts = list(range(seed, seed + len(returns)))
    return {"what came back": f"{len(returns)} numbers", "starts": starts, "returns": returns}


# The right judge, with one of its parts replaced:
#   choose: Q-values -> action;  epsilon: of a coin;  ends: (terminated, truncated) -> is it over?
#   pay: (reward, step, is_over) -> what is added;  start: (seed, i) -> the episode's seed
#   cap: steps at the most;  looks: whether the next observation is used
def judge(
    q_function,
    env,
    episodes,
    seed,
    choose=np.argmax,
    epsilon=0.0,
    ends=lambda terminated, truncated: terminated or truncated,
    pay=lambda reward, step, is_over: reward,
    start=lambda seed, i: seed + i,
    cap=100_000,
    looks=True,
):
    coin = np.random.default_rng(seed)
    returns = []
    for i in range(episodes):
        state, _ = env.reset(seed=start(seed, i))
        total = 0.0
        step = 0
        is_over = False
        while not is_over and step < cap:
            explores = coin.random() < epsilon
            action = int(coin.integers(2)) if explores else int(choose(q_function(state)))
            next_state, reward, terminated, truncated, _ = env.step(action)
            is_over = ends(terminated, truncated)
            total += pay(reward, step, is_over)
            step += 1
            state = next_state if looks else state
        returns.append(total)
    return returns


def of_returns(change):
    """The right judge, whose returns are changed in the end."""
    return lambda *args: change(judge(*args))


def last_first(returns):
    return returns[::-1]


def the_info(q_function, env, episodes, seed):
    _, info = env.reset(seed=seed)
    return q_function(info)


def the_reward(q_function, env, episodes, seed):
    env.reset(seed=seed)
    _, reward, *_ = env.step(0)
    return q_function(reward)


def only_terminated(terminated, truncated):
    return terminated


def only_truncated(terminated, truncated):
    return truncated


def discounted(gamma):
    """What a step's reward is worth, seen from the start of its episode."""
    return lambda reward, step, is_over: gamma**step * reward


def one_a_step(reward, step, is_over):
    return 1.0


def rounded(reward, step, is_over):
    return int(reward)


def last_one_missing(reward, step, is_over):
    return 0.0 if is_over else reward


def last_one_alone(reward, step, is_over):
    return reward if is_over else 0.0


def first_one_missing(reward, step, is_over):
    return reward if step > 0 else 0.0


def reward_of_a_step(q_function, env, episodes, seed):
    lengths = judge(q_function, env, episodes, seed, pay=one_a_step)
    env.starts.clear()
    return np.array(judge(q_function, env, episodes, seed)) / lengths


def first_episode_alone(q_function, env, episodes, seed):
    return judge(q_function, env, 1, seed)


def first_return_alone(q_function, env, episodes, seed):
    return judge(q_function, env, 1, seed)[0]


def one_episode_short(q_function, env, episodes, seed):
    return judge(q_function, env, episodes - 1, seed)


def first_episode_skipped(q_function, env, episodes, seed):
    return judge(q_function, env, episodes - 1, seed + 1)


def one_episode_too_many(q_function, env, episodes, seed):
    return judge(q_function, env, episodes + 1, seed)


def reset_once(q_function, env, episodes, seed):
    state, _ = env.reset(seed=seed)
    returns = []
    for _ in range(episodes):
        total = 0.0
        is_over = False
        while not is_over:
            state, reward, terminated, truncated, _ = env.step(int(np.argmax(q_function(state))))
            total += reward
            is_over = terminated or truncated
        returns.append(total)
    return returns


def begins_anew(q_function, env, episodes, seed):
    is_over = False
    while not is_over:
        state, _ = env.reset(seed=seed)
        _, _, terminated, truncated, _ = env.step(int(np.argmax(q_function(state))))
        is_over = terminated or truncated


def never_set_back(q_function, env, episodes, seed):
    others = [0.0] * (episodes - 1)  # over before they began
    return first_episode_alone(q_function, env, episodes, seed) + others


def reset_kept_whole(q_function, env, episodes, seed):
    return q_function(env.reset(seed=seed))


def four_parts(q_function, env, episodes, seed):
    state, _ = env.reset(seed=seed)
    state, reward, _, _ = env.step(int(np.argmax(q_function(state))))
    return [reward]


def seed_by_place(q_function, env, episodes, seed):
    return env.reset(seed)


def batch_of_one(q_function, env, episodes, seed):
    return judge(lambda state: q_function(state[None])[0], env, episodes, seed)


def no_environment(q_function, env, episodes, seed):
    return [0.0] * episodes


def another_environment(q_function, env, episodes, seed):
    return q_function(np.zeros(4))


def by_and_by(q_function, env, episodes, seed):
    yield from judge(q_function, env, episodes, seed)


def package_judge(q_function, env, episodes, seed):
    return loop.evaluate(lambda state: int(np.argmax(q_function(state))), env, episodes, seed)


def first_two_actions(q_values):
    return q_values[1] > q_values[0]


def of_the_first_value(q_values):
    return np.argmax(q_values[0])


def largest_in_size(q_values):
    return np.argmax(np.abs(q_values))


def in_whole_numbers(returns):
    return [int(one) for one in returns]


def one_list_each(returns):
    return [[one] for one in returns]


def best_first(returns):
    return sorted(returns, reverse=True)


def with_mean(returns):
    return returns, float(np.mean(returns))


def by_number(returns):
    return dict(enumerate(returns))


COIN = (
    "your judge explores, or pushes once before it looks: not every push is the best one",
    "explore to learn, be greedy to judge; and `reset` returns an observation, too",
)
ROUNDED = (
    "you cut the numbers down to whole ones",
    "a reward may be a quarter: who says that it is an int?",
)
NOT_PLAYED = (
    "you did not play the environment that you were given",
    "`env` is any environment, not only CartPole",
)
OTHER_ORDER = ("the returns are right, and in another order", "episode by episode")
SUMS = (
    "your returns are other numbers than the sums of the episodes' rewards",
    "start each at 0, and add every reward: the second of the five that `env.step` gives",
)
NOT_GREEDY = (
    "not each of your actions is the one with the largest Q-value",
    "which function says where the largest one stands?",
)
NOT_LOOKING = (
    "you decided every step from the first observation, or without looking",
    "what else does `env.step` return?",
)
SEED_PLUS_I = "episode i starts from seed + i"
LENGTH = "an episode is as long as the environment says"
HOW_MANY = "one number for each episode, from seed on"

NOT_THE_OBSERVATION = (
    "what you gave to q_function is not the observation",
    "what comes first from `env.reset`, and from `env.step`?",
)

check_judge = Check(
    arguments=("q_function", "env", "episodes", "seed"),
    cases=[
        (
            {"track": "narrow", "episodes": 30, "seed": 7},
            {
                "what came back": "30 numbers",
                "starts": list(range(7, 37)),
                "largest return": 4.0,
                "all are equal": True,
            },
        ),
        # step k pays (k - 2) / 4 x (seed % 3): (-1 + 0 + 1 + 2) / 4 = 0.5 times 1, 2 and 0
        ({"track": "paid", "episodes": 3, "seed": 7}, right_facts([0.5, 1.0, 0.0])),
        ({"track": "icy", "episodes": 3, "seed": 7}, right_facts([2.0, 3.0, 1.0])),
        ({"track": "long", "episodes": 2, "seed": 7}, right_facts([1_200.0, 1_200.0])),
        (
            {"track": "wide", "episodes": 3, "seed": 7},
            {"what came back": "3 numbers", "starts": [7, 8, 9], "took the best action": "always"},
        ),
    ],
    mistakes=[
        (partial(judge, epsilon=0.3), *COIN),
        (
            partial(judge, ends=only_terminated),
            "you waited for a fall, and time ran out",
            "an episode has two ways to stop",
        ),
        (
            partial(judge, ends=only_truncated),
            "you never looked at a fall, and went on after it",
            "an episode has two ways to stop",
        ),
        (
            reset_once,
            "you went on after an episode's end",
            "what ends one, and what begins the next?",
        ),
        (
            begins_anew,
            "you begin the episode anew in each turn of the loop",
            "how often may `reset` be called in one episode?",
        ),
        (
            never_set_back,
            "only your first episode was played: what says that it is over was not set back",
            "what must begin anew with each episode?",
        ),
        (partial(judge, cap=100), "you cut every episode off after 100 steps", LENGTH),
        (partial(judge, cap=200), "you cut every episode off after 200 steps", LENGTH),
        (partial(judge, cap=500), "you cut every episode off after CartPole's 500 steps", LENGTH),
        (partial(judge, cap=1_000), "you cut every episode off after 1,000 steps", LENGTH),
        *(
            (
                partial(judge, pay=discounted(gamma)),
                "you discounted the rewards",
                "gamma is for learning; the verdict is what was paid",
            )
            for gamma in (0.99, 0.9, 0.95, 0.995, 0.5)
        ),
        (
            partial(judge, pay=one_a_step),
            "you counted steps instead of rewards",
            "they agree where each step pays 1, as in CartPole, and nowhere else",
        ),
        (
            partial(judge, pay=last_one_missing),
            "the last step's reward is missing",
            "the step that ends an episode is paid too",
        ),
        (
            partial(judge, pay=first_one_missing),
            "the first step's reward is missing",
            "where does your sum begin?",
        ),
        (
            partial(judge, pay=last_one_alone),
            "you kept the last step's reward alone",
            "a return is a sum",
        ),
        (partial(judge, cap=1), "you played one step of each episode", "until when does it go on?"),
        (
            reward_of_a_step,
            "you gave the mean reward of a step",
            "a return is a sum",
        ),
        (
            of_returns(np.mean),
            "you gave one number for all episodes, and that hides the spread",
            "return one number for each episode",
        ),
        (
            of_returns(np.sum),
            "you added all episodes up",
            "return one number for each episode",
        ),
        (
            of_returns(np.cumsum),
            "your sum runs on from episode to episode",
            "where does it begin?",
        ),
        (of_returns(sorted), *OTHER_ORDER),
        (of_returns(best_first), *OTHER_ORDER),
        (of_returns(last_first), *OTHER_ORDER),
        (partial(judge, pay=rounded), *ROUNDED),
        (of_returns(in_whole_numbers), *ROUNDED),
        (of_returns(max), "you gave the best episode alone", HOW_MANY),
        (of_returns(one_list_each), "you packed each return into a list of its own", HOW_MANY),
        (by_and_by, "nothing was played: `yield` waits until it is asked", "return a whole list"),
        (no_environment, *NOT_PLAYED),
        (another_environment, *NOT_PLAYED),
        (
            of_returns(with_mean),
            "you returned more than the list",
            "whoever wants the mean can take it",
        ),
        (of_returns(by_number), "you returned a dictionary, where a list is wanted", HOW_MANY),
        (
            partial(judge, choose=np.argmin),
            "your judge takes the worse action",
            "argmax, or argmin?",
        ),
        (
            partial(judge, choose=of_the_first_value),
            "all your actions are 0, and so is the argmax of the first Q-value alone",
            "q_function gives the values of one observation: there is no batch",
        ),
        (
            partial(judge, choose=first_two_actions),
            "you compared the first two actions, and there may be more",
            "which function looks at all of them?",
        ),
        (
            partial(judge, choose=largest_in_size),
            "you took the value that is largest in size, be it negative",
            "a Q-value of -9 is a bad one",
        ),
        (
            batch_of_one,
            "you handed a batch to q_function, and it takes one observation",
            "does it need another axis?",
        ),
        (the_info, *NOT_THE_OBSERVATION),
        (the_reward, *NOT_THE_OBSERVATION),
        (
            partial(judge, choose=np.max),
            "you took the largest value for an action",
            "which function says where the largest one stands?",
        ),
        (partial(judge, looks=False), *NOT_LOOKING),
        (partial(judge, choose=lambda q_values: 1), *NOT_LOOKING),
        (
            partial(judge, start=lambda seed, i: seed),
            "every episode started from the same seed, so you judged one episode many times",
            SEED_PLUS_I,
        ),
        (
            partial(judge, start=lambda seed, i: None),
            "no episode got its seed, so nobody can repeat your verdict",
            "what does `env.reset` take?",
        ),
        (
            partial(judge, start=lambda seed, i: None if i else seed),
            "only the first episode got its seed",
            "what does `env.reset` take, each time?",
        ),
        (
            partial(judge, start=lambda seed, i: i),
            "you counted the episodes' seeds from 0",
            SEED_PLUS_I,
        ),
        (
            partial(judge, start=lambda seed, i: 1_000 * seed + i),
            "these are the seeds of the training loop above",
            SEED_PLUS_I,
        ),
        (
            package_judge,
            "`loop.evaluate` makes seeds of its own, and this exercise asks for what is in it",
            SEED_PLUS_I,
        ),
        (
            partial(judge, start=lambda seed, i: seed + i + 1),
            "your first episode starts from seed + 1",
            "i begins at 0",
        ),
        (first_episode_alone, "you returned after the first episode", "where does `return` stand?"),
        (first_return_alone, "you returned after the first episode", "where does `return` stand?"),
        (one_episode_short, "one episode is missing, the last", HOW_MANY),
        (first_episode_skipped, "one episode is missing, the first", HOW_MANY),
        (one_episode_too_many, "you played one episode too many", HOW_MANY),
        (
            reset_kept_whole,
            "`env.reset` returns two things, and you took them for the observation",
            "an observation, and a dictionary that nobody needs here",
        ),
        (
            four_parts,
            "`env.step` returns five things, and you wanted four",
            "`done` was old Gym's: here it has two parts",
        ),
        (
            seed_by_place,
            "`env.reset` takes the seed by its name only",
            "write `seed=` before it",
        ),
    ],
    observe=judged,
    otherwise=by_entry(
        {
            "what came back": ("this is not a list of one number for each episode", HOW_MANY),
            "starts": ("your episodes start from other seeds", SEED_PLUS_I),
            "largest return": SUMS,
            "returns": SUMS,
            "all are equal": NOT_GREEDY,
            "took the best action": NOT_GREEDY,
        }
    ),
)


# 2. A report: two words of it make its number doubtful

REPORT = "mean return 487 over the last 100 training episodes, best of 5 seeds"
WORRYING = {"training", "best"}
DENIALS = {"no", "not", "without"}
OF_THE_REPORT = set(re.findall(r"\w+", REPORT))


def words_in(answer):
    """What was named, each a list of words: a text may be one word, or a phrase."""
    if isinstance(answer, str):
        named = re.findall(r"\w+", answer)
    else:
        named = np.ravel(list(answer) if np.iterable(answer) else [answer])
    return [re.findall(r"\w+", str(item).lower()) for item in named]


def is_nested(named):
    """Whether there are tuples, or lists, in this one."""
    items = named if np.iterable(named) else [named]
    return any(np.iterable(item) and not isinstance(item, str) for item in items)


def what_was_named(answer):
    """How many of the two, and what else; or in which form nobody can read it."""
    named = answer()
    if isinstance(named, str) and named in map("".join, itertools.permutations(WORRYING)):
        return "two words in one, without a space"
    if np.iterable(named) and not isinstance(named, str):
        named = list(named)
    if is_nested(named):
        return "several things in one place"
    return facts_of(words_in(named))


def facts_of(named):
    """How many of the two are among these lists of words, and what else is."""
    facts = dict.fromkeys(("a mean", "both in one", "harmless ones", "foreign ones"), False)
    found = set()
    for words in filter(None, named):
        held = WORRYING & set(words)
        is_of_the_report = set(words) <= OF_THE_REPORT
        is_a_phrase = len(words) <= 6 and not DENIALS & set(words)
        if len(held) == 1 and (is_of_the_report or is_a_phrase):
            found |= held
        elif not is_of_the_report:
            facts["foreign ones"] = True
        elif held == WORRYING:
            facts["both in one"] = True
        elif words == ["mean"] or words == ["mean", "return"]:
            facts["a mean"] = True
        else:
            facts["harmless ones"] = True
    return {"doubtful words": len(found)} | facts


HALF = "of the two that matter, one is about the coin, the other about how this seed was chosen"
A_MEAN = "a mean hides the spread, but it is true: other words make the number itself doubtful"
HARMLESS = "these words are harmless: they do not make the number another one"
ONE_HARMLESS = "one of these two is harmless"
TOO_MANY = "not all of these words are worrying"
FOREIGN = "you named what the report does not say"
JUDGING = "with which coin was it played? And how many tries does it stand for?"

check_report = Check(
    cases=[
        (
            {},
            {
                "doubtful words": 2,
                "a mean": False,
                "both in one": False,
                "harmless ones": False,
                "foreign ones": False,
            },
        )
    ],
    mistakes=[
        ((), "you have named nothing", "which words of the report make you doubt its number?"),
        ((("training",), ("best",)), "one of these is more than a word", "a tuple of two strings"),
        (("best",), "you have named one of the two that matter", HALF),
        (("training best",), "both words stand in one string", "a tuple of two strings"),
        (
            "trainingbest",
            "a comma is missing: Python joins two texts that stand side by side",
            "a tuple of two strings",
        ),
        (("return", "last"), HARMLESS, JUDGING),
        (("mean",), A_MEAN, JUDGING),
        (("mean", "last"), A_MEAN, JUDGING),
        (("best", "last"), ONE_HARMLESS, HALF),
        (("best", "mean"), A_MEAN, HALF),
        (("best", "last", "mean"), TOO_MANY, "name just two"),
        (("training", "best", "last"), TOO_MANY, "name just two"),
        (("training", "best", "mean"), A_MEAN, "name just two"),
        (("training", "best", "mean", "last"), TOO_MANY, "name just two"),
        (("coin", "luck"), FOREIGN, "copy two words from it"),
        (("training", "luck"), FOREIGN, "copy two words from it"),
        (("training", "best", "luck"), FOREIGN, "copy two words from it"),
        (("last", "luck"), FOREIGN, "copy two words from it"),
        (("mean", "luck"), FOREIGN, "copy two words from it"),
    ],
    observe=what_was_named,
)
