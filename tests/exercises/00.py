"""Answers to the exercises of notebook 00."""

import numpy as np
from planted import right, wrong


@right("angle_only")
def as_a_bool(observation):
    return observation[2] > 0


@right("angle_only")
def with_an_if(observation):
    _, _, angle, _ = observation
    if angle > 0:
        return 1
    return 0


@right("angle_only")
def by_sign(observation):
    return np.float16((np.sign(observation[2]) + 1) / 2)


@wrong("angle_only", "you push away from the side")
def away(observation):
    return 0 if observation[2] > 0 else 1


@wrong("angle_only", "the cart's position")
def first_number(observation):
    return int(observation[0] > 0)


@wrong("angle_only", "how fast the pole turns")
def last_number(observation):
    return np.heaviside(observation[-1], 0)


@wrong("angle_only", "the angular velocity as well")
def too_clever(observation):
    return int(observation[2] + 0.5 * observation[3] > 0)


@wrong("angle_only", "-1, which is not an action")
def sign(observation):
    return int(np.sign(observation[2]))


@wrong("angle_only", "something else was expected")
def always_right(observation):
    return 1


@wrong("angle_only", "is a `return` missing?")
def forgot_to_return(observation):
    int(observation[2] > 0)


@right("is_terminal")
def spelled_out(terminated, truncated):
    return {True: True, False: False}[terminated]


@right("is_terminal")
def as_a_number(terminated, truncated):
    return np.array(1.0 if terminated else 0.0)


@wrong("is_terminal", "running out of time as the end")
def old_gym_done(terminated, truncated):
    return terminated or truncated


@wrong("is_terminal", "the wrong flag")
def other_flag(terminated, truncated):
    return truncated


@wrong("is_terminal", "both flags")
def both(terminated, truncated):
    return np.logical_and(terminated, truncated)


@wrong("is_terminal", "whether the episode goes on")
def goes_on(terminated, truncated):
    return not terminated


@wrong("is_terminal", "the very last step")
def only_if_in_time(terminated, truncated):
    return terminated and not truncated


@wrong("is_terminal", "NameError")
def typo(terminated, truncated):
    return terminatd  # noqa: F821


typo.line = "return terminatd  # noqa: F821"


@wrong("angle_only", "the cart's velocity")
def second_number(observation):
    return int(observation[1] > 0)


@wrong("angle_only", "something else was expected")
def only_far_over(observation):
    return int(observation[2] > 0.1)
