"""The checks of notebook 00: a player, a flag, and the loop of an episode."""

import gymnasium as gym
import numpy as np

from rl_jax import envs
from rl_jax.course.checks import Check

__all__ = ["check_angle", "check_furthest", "check_terminal"]


# 1. A player that looks at the angle alone


def observed(position=0.0, velocity=0.0, angle=0.0, spin=0.0):
    """The arguments of a case: an observation of CartPole; what is not named is 0.

    Args:
        position: of the cart (m).
        velocity: of the cart (m/s).
        angle: of the pole (rad).
        spin: its angular velocity (rad/s).
    """
    return {"observation": np.array([position, velocity, angle, spin])}


def pushes_away(observation):
    return int(observation[2] < 0)


def follows_the_position(observation):
    return int(observation[0] > 0)


def follows_the_velocity(observation):
    return int(observation[1] > 0)


def follows_the_spin(observation):
    return int(observation[3] > 0)


def adds_the_spin(observation):
    return int(observation[2] + 0.2 * observation[3] > 0)


def adds_the_position(observation):
    return int(observation[2] + observation[0] > 0)


def adds_the_velocity(observation):
    return int(observation[2] + 0.2 * observation[1] > 0)


def minus_one(observation):
    return 1 if observation[2] > 0 else -1


def one_or_two(observation):
    return 2 if observation[2] > 0 else 1


def the_angle_itself(observation):
    return observation[2]


def waits_for_a_large_angle(observation):
    return int(observation[2] > 0.15)


def waits_for_an_angle(observation):
    return int(observation[2] > 0.05)


def waits_for_a_small_angle(observation):
    return int(observation[2] > 0.015)


def always_left(observation):
    return 0


def always_right(observation):
    return 1


COUNT_FROM_0 = "count the four numbers again, from 0"
BOTH_SIDES = "print what your condition gives for an angle of 0.1 and for one of -0.1"
NOT_AN_ACTION = "look up which number means a push to the left"
WITH_EACH_OTHER = (
    "you compared two of the four numbers with each other",
    "which number lies between a lean to the left and a lean to the right?",
)
SMALL_ANGLES = "an angle of 0.01 has a sign, too"

check_angle = Check(
    cases=[
        (observed(angle=0.2), 1),
        (observed(angle=-0.2), 0),
        (observed(angle=0.1), 1),
        (observed(angle=0.1, spin=-2.0), 1),
        (observed(angle=-0.1, position=2.0, velocity=0.4), 0),
        (observed(angle=0.02, position=0.3, velocity=-0.5, spin=0.2), 1),
        (observed(angle=-0.02, position=-0.3, velocity=0.5, spin=1.0), 0),
        (observed(angle=-0.05, position=0.3, velocity=0.5, spin=0.1), 0),
        (observed(angle=0.01, position=-0.3, velocity=-0.5, spin=-0.1), 1),
        (observed(angle=0.12, position=2.3, velocity=1.8, spin=1.5), 1),
        (observed(angle=-0.12, position=-2.3, velocity=-1.8, spin=-1.5), 0),
    ],
    mistakes=[
        (
            pushes_away,
            "you push away from the side to which the pole leans",
            "to keep a broom upright on your hand, you move the hand to where the broom is tipping",
        ),
        (
            lambda observation: int(observation[2] > 0 and observation[0] > 0),
            "you asked about the cart's position as well",
            "the angle, and nothing else",
        ),
        (
            follows_the_position,
            "you looked at the cart's position, not at the pole's angle",
            COUNT_FROM_0,
        ),
        (
            follows_the_velocity,
            "you looked at the cart's velocity, not at the pole's angle",
            COUNT_FROM_0,
        ),
        (
            follows_the_spin,
            "you looked at how fast the pole turns, not at its angle",
            COUNT_FROM_0,
        ),
        (lambda observation: int(observation[3] > observation[2]), *WITH_EACH_OTHER),
        (lambda observation: int(observation[2] > observation[3]), *WITH_EACH_OTHER),
        (lambda observation: int(observation[2] > observation[0]), *WITH_EACH_OTHER),
        (lambda observation: int(observation[2] > observation[1]), *WITH_EACH_OTHER),
        (
            adds_the_spin,
            "you used the angular velocity as well",
            "the task says: the angle alone",
        ),
        (
            adds_the_position,
            "you used the cart's position as well",
            "the task says: the angle alone",
        ),
        (
            adds_the_velocity,
            "you used the cart's velocity as well",
            "the task says: the angle alone",
        ),
        (minus_one, "you returned -1, which is not an action", NOT_AN_ACTION),
        (one_or_two, "you returned 2, which is not an action", NOT_AN_ACTION),
        (
            the_angle_itself,
            "you returned the angle itself, not an action",
            "an answer is 0 or 1: what does the angle's sign say?",
        ),
        (waits_for_a_large_angle, "you wait until the pole leans far", SMALL_ANGLES),
        (waits_for_an_angle, "you wait until the pole leans far", SMALL_ANGLES),
        (waits_for_a_small_angle, "you wait until the pole leans far", SMALL_ANGLES),
        (always_left, "you push to the left, whatever you see", BOTH_SIDES),
        (always_right, "you push to the right, whatever you see", BOTH_SIDES),
    ],
)


# 2. Is the future over?


def either_flag(terminated, truncated):
    return terminated or truncated


def the_other_flag(terminated, truncated):
    return truncated


def both_flags(terminated, truncated):
    return terminated and truncated


def unless_the_clock_stopped(terminated, truncated):
    return terminated or not truncated


def goes_on(terminated, truncated):
    return not terminated


def not_stopped_by_the_clock(terminated, truncated):
    return not truncated


def a_fall_in_time(terminated, truncated):
    return terminated and not truncated


def flags_agree(terminated, truncated):
    return terminated == truncated


def always_over(terminated, truncated):
    return True


def never_over(terminated, truncated):
    return False


check_terminal = Check(
    cases=[
        ({"terminated": False, "truncated": False}, False),
        ({"terminated": True, "truncated": False}, True),
        ({"terminated": False, "truncated": True}, False),
        ({"terminated": True, "truncated": True}, True),
    ],
    mistakes=[
        (
            either_flag,
            "you counted running out of time as the end of the task",
            "did the pole fall, or did somebody stop the clock?",
        ),
        (
            the_other_flag,
            "you took the wrong flag: that one says that time ran out",
            "which of the two means that there is no future?",
        ),
        (
            both_flags,
            "you asked for both flags, but falling alone is an end",
            "when the pole falls at step 11, is anything left to come?",
        ),
        (
            goes_on,
            "you said whether the episode goes on, not whether it is over",
            "read the name of the function aloud as a question",
        ),
        (
            not_stopped_by_the_clock,
            "you said that there was time left, not that the pole fell",
            "in most steps neither of the two happens",
        ),
        (
            unless_the_clock_stopped,
            "for you an episode is over unless the clock stopped it",
            "in most steps neither of the two happens",
        ),
        (
            a_fall_in_time,
            "you dropped a fall that came in the very last step",
            "a pole that falls as the clock stops has fallen all the same",
        ),
        (
            flags_agree,
            "you asked whether the two flags are alike",
            "which of the two means that there is no future?",
        ),
        (
            always_over,
            "you say that the future is over, whatever the flags say",
            "in most steps neither flag is set",
        ),
        (
            never_over,
            "you say that the future goes on, whatever the flags say",
            "what is left to come when the pole has fallen?",
        ),
    ],
)


# 3. The loop of an episode, from memory


class EpisodeIsOver(RuntimeError):
    """Somebody calls `step` where the environment said that nothing follows."""


class AnotherEpisode(RuntimeError):
    """Somebody plays on in an episode that comes after the first one."""


class NotBegun(RuntimeError):
    """Somebody calls `step` before the first `reset`."""


class NeverEnds(RuntimeError):
    """Somebody calls `reset` again and again: no episode of this environment ends like that."""


class TwoPushes(gym.spaces.Discrete):
    """A space of two actions, whose samples are all the same push: left."""

    def __init__(self):
        super().__init__(2)

    def sample(self, mask=None, probability=None):
        return 0


class Track(gym.Env):
    """An environment so simple that its episodes are known on paper.

    A push moves the cart by 0.25, and the episode ends after a fixed number of them. It starts at
    -0.75 if the seed is odd, and in the middle if it is even. The other three numbers stay where
    they are. It refuses to play a second episode, other than the first one once more; and after a
    hundred beginnings, for a loop with a `reset` in it has no end.
    """

    def __init__(self, steps, ends_by):
        self.steps = steps
        self.ends_by = ends_by
        self.taken = None  # steps since the last reset
        self.resets = 0
        self.first_seed = None  # of the first episode
        self.is_another = False  # whether this one begins after that one's end
        self.action_space = TwoPushes()
        self.observation_space = gym.spaces.Box(-np.inf, np.inf, (4,), np.float64)

    def __repr__(self):
        return f"({self.steps} steps, then {self.ends_by})"

    __str__ = __repr__

    def reset(self, *, seed=None, options=None):
        self.resets += 1
        if self.resets > 100:
            raise NeverEnds("reset() was called 100 times: each call begins a new episode")
        if self.resets == 1:
            self.first_seed = seed
        self.is_another = self.taken == self.steps and seed != self.first_seed
        self.taken = 0
        self.position = -0.75 if seed is not None and seed % 2 else 0.0
        return self._observation(), {}

    def step(self, action):
        if self.taken is None:
            raise NotBegun("step() was called before reset()")
        if self.taken == self.steps:
            raise EpisodeIsOver("step() was called after the episode's end")
        if self.is_another:
            raise AnotherEpisode("step() was called in a second episode")
        self.taken += 1
        self.position += 0.25 if action == 1 else -0.25
        is_over = self.taken == self.steps
        terminated = is_over and self.ends_by == "terminated"
        truncated = is_over and self.ends_by == "truncated"
        return self._observation(), 1.0, terminated, truncated, {}

    def _observation(self):
        return np.array([self.position, 3.0, -3.0, 3.0])


def to_the_right(observation):
    return 1 if observation[0] < 9 else 0


def to_the_left(observation):
    return 0 if observation[0] < 9 else 1


def on_and_on(observation):
    return 1


def back_from_a_half(observation):
    return 1 if observation[0] < 0.5 else 0


def back_to_the_middle(observation):
    return 1 if observation[0] <= 0 else 0


def episode(policy, env, seed, number=0):
    """What one number of the observation was, from the start to the end of an episode.

    Args:
        policy: from an observation to an action.
        env: a `Track`.
        seed: of the episode's start.
        number: which of the four; a slice for several.
    """
    observation, _ = env.reset(seed=seed)
    seen = [observation[number]]
    is_over = False
    while not is_over:
        observation, _, terminated, truncated, _ = env.step(policy(observation))
        seen.append(observation[number])
        is_over = terminated or truncated
    return seen


def the_last_position(policy, env, seed):
    return abs(episode(policy, env, seed)[-1])


def to_the_right_only(policy, env, seed):
    return max(episode(policy, env, seed))


def to_the_right_of_the_centre(policy, env, seed):
    return max(0.0, *episode(policy, env, seed))


def size_of_the_rightmost(policy, env, seed):
    return abs(max(episode(policy, env, seed)))


def with_its_sign(policy, env, seed):
    return max(episode(policy, env, seed), key=abs)


def to_the_left_only(policy, env, seed):
    return -min(episode(policy, env, seed))


def from_the_start(policy, env, seed):
    positions = episode(policy, env, seed)
    return max(abs(position - positions[0]) for position in positions)


def without_the_start(policy, env, seed):
    return max(map(abs, episode(policy, env, seed)[1:]))


def cut_off(steps):
    """An answer that plays these many steps at most."""
    return lambda policy, env, seed: max(map(abs, episode(policy, env, seed)[: steps + 1]))


def without_the_end(policy, env, seed):
    return max(map(abs, episode(policy, env, seed)[:-1]))


def without_the_end_if_time_is_up(policy, env, seed):
    seen = episode(policy, env, seed)
    return max(map(abs, seen[:-1] if env.ends_by == "truncated" else seen))


def the_way_travelled(policy, env, seed):
    return float(np.abs(np.diff(episode(policy, env, seed))).sum())


def all_distances_added(policy, env, seed):
    return sum(map(abs, episode(policy, env, seed)))


def the_steps(policy, env, seed):
    return len(episode(policy, env, seed)) - 1


def another_number(policy, env, seed):
    return max(map(abs, episode(policy, env, seed, number=2)))


def without_the_seed(policy, env, seed):
    return max(map(abs, episode(policy, env, None)))


def and_one_more(policy, env, seed):
    first, second = (episode(policy, env, each) for each in (seed, seed + 1))
    return max(map(abs, first + second))


def all_four_numbers(policy, env, seed):
    return max(map(np.linalg.norm, episode(policy, env, seed, number=slice(None))))


def without_the_policy(policy, env, seed):
    return max(map(abs, episode(lambda observation: 0, env, seed)))


def always_to_the_right(policy, env, seed):
    return max(map(abs, episode(lambda observation: 1, env, seed)))


def start_only(policy, env, seed):
    return abs(episode(policy, env, seed)[0])


def the_nearest(policy, env, seed):
    return min(map(abs, episode(policy, env, seed)))


def the_leftmost(policy, env, seed):
    return min(episode(policy, env, seed))


def without_a_reset(policy, env, seed):
    return abs(env.step(0)[0])


def begins_anew(policy, env, seed):
    is_over = False
    while not is_over:
        observation, _ = env.reset(seed=seed)
        observation, _, terminated, truncated, _ = env.step(policy(observation))
        is_over = terminated or truncated
    return abs(observation[0])


def with_an_old_observation(policy, env, seed):
    first, _ = env.reset(seed=seed)
    return max(map(abs, episode(lambda observation: policy(first), env, seed)))


def one_step(policy, env, seed):
    observation, _ = env.reset(seed=seed)
    next_observation, *_ = env.step(policy(observation))
    return max(abs(observation[0]), abs(next_observation[0]))


def two_steps_in_a_turn(policy, env, seed):
    observation, _ = env.reset(seed=seed)
    furthest, is_over = abs(observation[0]), False
    while not is_over:
        next_observation, *_ = env.step(policy(observation))
        observation, _, terminated, truncated, _ = env.step(policy(observation))
        furthest = max(furthest, abs(next_observation[0]), abs(observation[0]))
        is_over = terminated or truncated
    return furthest


def in_a_world_of_its_own(policy, env, seed):
    return max(map(abs, episode(policy, envs.make("CartPole-v1"), seed)))


def until_it_falls(policy, env, seed):
    observation, _ = env.reset(seed=seed)
    furthest = abs(observation[0])
    terminated = False
    while not terminated:
        observation, _, terminated, _, _ = env.step(policy(observation))
        furthest = max(furthest, abs(observation[0]))
    return furthest


def until_time_is_up(policy, env, seed):
    observation, _ = env.reset(seed=seed)
    furthest = abs(observation[0])
    truncated = False
    while not truncated:
        observation, _, _, truncated, _ = env.step(policy(observation))
        furthest = max(furthest, abs(observation[0]))
    return furthest


def observation_and_info_in_one(policy, env, seed):
    observation = env.reset(seed=seed)
    return policy(observation)


def four_values(policy, env, seed):
    observation, _ = env.reset(seed=seed)
    observation, _, _, _ = env.step(policy(observation))
    return abs(observation[0])


def played(policy, steps, ends_by, seed=0):
    """The arguments of a case.

    Args:
        policy: from an observation to an action.
        steps: after which the episode ends.
        ends_by: "terminated" or "truncated".
        seed: of the episode's start.
    """
    return {"policy": policy, "env": Track(steps, ends_by), "seed": seed}


LEFT_IS_FAR = "you forgot that a cart on the left is far away, too"

NOT_ITS_PUSHES = (
    "your pushes are not those that the policy chooses",
    "the policy is a function from an observation to an action",
)

check_furthest = Check(
    cases=[
        (played(to_the_right, 3, "terminated"), 0.75),
        (played(to_the_right, 5, "truncated"), 1.25),
        (played(to_the_left, 4, "terminated"), 1.0),
        (played(back_from_a_half, 3, "terminated"), 0.5),  # 0, 0.25, 0.5, 0.25
        (played(back_to_the_middle, 2, "terminated", seed=1), 0.75),  # -0.75, -0.5, -0.25
        (played(to_the_left, 2, "truncated", seed=3), 1.25),
        (played(on_and_on, 300, "terminated"), 75.0),
    ],
    mistakes=[
        (
            two_steps_in_a_turn,
            "you step twice in a turn of your loop, and look at the flags of one step only",
            "one `env.step` a turn gives all five: the observation, and whether it is over",
        ),
        (
            in_a_world_of_its_own,
            "you played in an environment of your own, not in the one that you were given",
            "`env` is made already: who else could have another one?",
        ),
        (
            lambda policy, env, seed: env.seed(seed),
            "`env.seed` is old Gym's: here the seed goes to `reset`",
            "how did `play` begin its episode?",
        ),
        (
            without_the_end_if_time_is_up,
            "you left out the last observation, where time is up",
            "the step that ends the episode moves the cart, too",
        ),
        (
            until_it_falls,
            "you go on when time has run out",
            "an episode ends in one of two ways",
        ),
        (
            until_time_is_up,
            "you go on when the task has ended",
            "an episode ends in one of two ways",
        ),
        (
            begins_anew,
            "you begin the episode anew in each turn of the loop",
            "how often may `reset` be called, if all steps belong to one episode?",
        ),
        (
            without_a_reset,
            "you never began the episode",
            "where does the very first observation come from?",
        ),
        (
            start_only,
            "you never stepped: this is where the cart starts",
            "what moves the cart? If it stands in a loop: does its condition hold at the start?",
        ),
        (
            the_nearest,
            "you took the smallest distance",
            "how far from the centre is it at its furthest?",
        ),
        (
            the_leftmost,
            "you took the smallest position, with its sign",
            "how far from the centre is it at its furthest, on either side?",
        ),
        (
            the_last_position,
            "you returned how far from the centre the cart was in the end",
            "it may have been further away before",
        ),
        (to_the_right_only, LEFT_IS_FAR, "-1 is further from the centre than 0.5"),
        (to_the_right_of_the_centre, LEFT_IS_FAR, "-1 is further from the centre than 0.5"),
        (size_of_the_rightmost, LEFT_IS_FAR, "take the size first, then the largest"),
        (
            with_its_sign,
            "you returned where the cart was at its furthest, with the sign of its side",
            "a distance has no sign",
        ),
        (
            to_the_left_only,
            "you forgot that a cart on the right is far away, too",
            "1 is further from the centre than -0.5",
        ),
        (
            from_the_start,
            "you did not measure from the centre, but from where the cart started, or turned",
            "the centre of the track is at 0",
        ),
        (
            without_the_start,
            "you left out the very first observation",
            "`reset` shows where the cart starts",
        ),
        *(
            (
                cut_off(steps),
                f"you cut the episode off after {steps} steps",
                "it ends when `step` says so, however long that takes",
            )
            for steps in (5, 10, 20, 50, 100, 200)
        ),
        (
            without_the_end,
            "you left out the last observation",
            "the step that ends the episode moves the cart, too",
        ),
        (
            the_way_travelled,
            "you returned the length of the cart's way",
            "how far from the centre is it at its furthest?",
        ),
        (
            all_distances_added,
            "you added the distances up",
            "of all distances only the largest is asked for",
        ),
        (
            lambda policy, env, seed: int(np.argmax(np.abs(episode(policy, env, seed)))),
            "you returned when the cart was at its furthest, not how far that is",
            "`argmax` gives a place in a list, `max` what stands there",
        ),
        (
            the_steps,
            "you counted the steps",
            "which of the four numbers says where the cart is?",
        ),
        (
            another_number,
            "you looked at another number than the cart's position",
            COUNT_FROM_0,
        ),
        (
            without_the_seed,
            "you did not hand the seed to the environment",
            "how did `play` begin its episode?",
        ),
        (
            and_one_more,
            "you went on after the end, with another episode",
            "`reset` begins the next one, and one is asked for",
        ),
        (
            all_four_numbers,
            "you measured how long the whole observation is",
            COUNT_FROM_0,
        ),
        (without_the_policy, *NOT_ITS_PUSHES),
        (always_to_the_right, *NOT_ITS_PUSHES),
        (
            with_an_old_observation,
            "you ask the policy about the first observation again and again",
            "which variable must change in each turn of the loop?",
        ),
        (
            one_step,
            "you took one step, and an episode has more",
            "what has to be repeated, until when? And in which order does `step` return its five?",
        ),
        (
            observation_and_info_in_one,
            "you have a pair, or a whole observation, where one number is wanted",
            "`reset` returns (observation, info), and of an observation [0] is the position",
        ),
        (
            four_values,
            "`step` returns five values, not four",
            "there are two flags where there used to be one",
        ),
    ],
)
