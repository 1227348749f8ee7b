"""Answers to the exercises of notebook 00."""

import math

import gymnasium as gym
import jax.numpy as jnp
import numpy as np
from planted import right, wrong

# angle_only


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


@right("angle_only")
def the_other_way_round(obs):
    return 0 if obs[2] < 0 else 1


@right("angle_only")
def with_numpy(observation):
    return np.where(observation[2] > 0, 1, 0)


@right("angle_only")
def with_copysign(observation):
    return (math.copysign(1, observation[-2]) + 1) // 2


@right("angle_only")
def in_jax(observation):
    angle = jnp.asarray(observation)[2]
    return jnp.int32(angle > 0)


@right("angle_only")
def all_compared(observation):
    _, _, theta, _ = (number > 0 for number in observation)
    return 1 * theta


@wrong("angle_only", "you compared two of the four numbers with each other")
def the_larger_of_angle_and_spin(observation):
    return int(np.argmax(observation[2:]))


@wrong("angle_only", "you push away from the side")
def away(observation):
    return 0 if observation[2] > 0 else 1


@wrong("angle_only", "you push away from the side")
def not_greater(observation):
    return int(not observation[2] > 0)


@wrong("angle_only", "the cart's position, not at")
def first_number(observation):
    return int(observation[0] > 0)


@wrong("angle_only", "the cart's velocity, not at")
def second_number(observation):
    return int(observation[1] > 0)


@wrong("angle_only", "how fast the pole turns")
def last_number(observation):
    return np.heaviside(observation[-1], 0)


@wrong("angle_only", "how fast the pole turns")
def counted_from_one(observation):
    angle = observation[3]
    return 1 if angle > 0 else 0


@wrong("angle_only", "the angular velocity as well")
def too_clever(observation):
    return int(observation[2] + 0.5 * observation[3] > 0)


@wrong("angle_only", "the angular velocity as well")
def lean_again(observation):
    angle, angular_velocity = observation[2:]
    return bool(angle + 0.2 * angular_velocity > 0)


@wrong("angle_only", "the cart's position as well")
def under_the_tip(observation):
    return int(observation[0] + math.sin(observation[2]) > 0)


@wrong("angle_only", "-1, which is not an action")
def sign(observation):
    return int(np.sign(observation[2]))


@wrong("angle_only", "2, which is not an action")
def counted_actions_from_one(observation):
    return 1 + (observation[2] > 0)


@wrong("angle_only", "the angle itself")
def no_action(observation):
    return observation[2]


@wrong("angle_only", "to the left, whatever you see")
def truncated_to_zero(observation):
    return int(observation[2])


@wrong("angle_only", "to the left, whatever you see")
def rounded(observation):
    return round(observation[2])


@wrong("angle_only", "to the right, whatever you see")
def always_right(observation):
    return 1


@wrong("angle_only", "to the right, whatever you see")
def any_angle(observation):
    if observation[2]:
        return 1
    return 0


@wrong("angle_only", "you wait until the pole leans far")
def only_far_over(observation):
    return int(observation[2] > 0.1)


@wrong("angle_only", "you wait until the pole leans far")
def in_degrees(observation):
    return int(np.degrees(observation[2]) > 1)


@wrong("angle_only", "is a `return` missing?")
def forgot_to_return(observation):
    int(observation[2] > 0)


@wrong("angle_only", "your function returned nothing")
def no_else(observation):
    if observation[2] > 0:
        return 1


@wrong("angle_only", "wrong shape: the shape is (4,), and () is wanted")
def every_number(observation):
    return observation > 0


@wrong("angle_only", "you returned a text, where one number is wanted")
def in_words(observation):
    return "right" if observation[2] > 0 else "left"


@wrong("angle_only", "takes other arguments")
def of_the_angle(position, velocity, angle, spin):
    return int(angle > 0)


@wrong(
    "angle_only",
    "you looked up a place or a name that is not there",
    line='return int(observation["angle"] > 0)',
)
def by_name(observation):
    return int(observation["angle"] > 0)


@wrong("angle_only", "right so far, and wrong for this input")
def afraid_of_the_edge(observation):
    position, _, angle, _ = observation
    return int(angle > 0 and position < 1.0)


@wrong("angle_only", "you asked about the cart's position as well")
def both_to_the_right(observation):
    x, _, angle, _ = observation
    return 1 if x > 0 and angle > 0 else 0


# is_terminal


@right("is_terminal")
def spelled_out(terminated, truncated):
    return {True: True, False: False}[terminated]


@right("is_terminal")
def as_a_number(terminated, truncated):
    return np.array(1.0 if terminated else 0.0)


@right("is_terminal")
def by_if(fell, out_of_time):
    if fell:
        return 1
    return 0


@right("is_terminal")
def whatever_the_clock_says(terminated, truncated):
    return terminated or (terminated and truncated)


@right("is_terminal")
def not_going_on(terminated, truncated):
    goes_on = not terminated
    return not goes_on


@right("is_terminal")
def in_bits(terminated, truncated):
    return np.bool_(terminated) & np.True_


@wrong("is_terminal", "running out of time as the end")
def old_gym_done(terminated, truncated):
    return terminated or truncated


@wrong("is_terminal", "running out of time as the end")
def any_flag(terminated, truncated):
    return any((terminated, truncated))


@wrong("is_terminal", "running out of time as the end")
def in_bits_or(terminated, truncated):
    return terminated | truncated


@wrong("is_terminal", "running out of time as the end")
def added(terminated, truncated):
    return int(terminated) + int(truncated)


@wrong("is_terminal", "running out of time as the end")
def exactly_one(terminated, truncated):
    return terminated != truncated


@wrong("is_terminal", "the wrong flag")
def other_flag(terminated, truncated):
    return truncated


@wrong("is_terminal", "the wrong flag")
def the_clock_alone(terminated, truncated):
    return truncated and not terminated


@wrong("is_terminal", "both flags")
def both(terminated, truncated):
    return np.logical_and(terminated, truncated)


@wrong("is_terminal", "both flags")
def multiplied(terminated, truncated):
    return terminated * truncated


@wrong("is_terminal", "whether the episode goes on")
def goes_on(terminated, truncated):
    return not terminated


@wrong("is_terminal", "whether the episode goes on")
def as_a_factor(terminated, truncated):
    return 1.0 - terminated


@wrong("is_terminal", "whether the episode goes on")
def neither(terminated, truncated):
    return not (terminated or truncated)


@wrong("is_terminal", "there was time left")
def in_time(terminated, truncated):
    return not truncated


@wrong("is_terminal", "the very last step")
def only_if_in_time(terminated, truncated):
    return terminated and not truncated


@wrong("is_terminal", "the two flags are alike")
def alike(terminated, truncated):
    return terminated == truncated


@wrong("is_terminal", "whatever the flags say")
def never(terminated, truncated):
    return False


@wrong("is_terminal", "you gave several things, and one is wanted")
def the_pair(terminated, truncated):
    return terminated, truncated


@wrong("is_terminal", "your function returned nothing")
def assigned(terminated, truncated):
    is_terminal = terminated  # noqa: F841


@wrong("is_terminal", "takes other arguments")
def of_done(done):
    return done


@wrong("is_terminal", "NameError", line="return terminatd")
def typo(terminated, truncated):
    return terminatd  # noqa: F821


@wrong("is_terminal", "for you an episode is over unless the clock stopped it")
def if_it_fell_or_went_on(terminated, truncated):
    return terminated or not truncated


@wrong("is_terminal", "you returned one number, where True or False is wanted")
def plus_or_minus_one(terminated, truncated):
    return 1 if terminated else -1


@wrong("is_terminal", "you returned one number, where True or False is wanted")
def difference_of_flags(terminated, truncated):
    return terminated - truncated


# furthest


@right("furthest")
def with_a_running_maximum(policy, env, seed):
    observation, _info = env.reset(seed=seed)
    best = abs(observation[0])
    done = False
    while not done:
        observation, _reward, terminated, truncated, _info = env.step(policy(observation))
        best = max(best, abs(observation[0]))
        done = terminated or truncated
    return best


@right("furthest")
def with_a_list(policy, env, seed):
    obs, _ = env.reset(seed=seed)
    track = [obs]
    while True:
        obs, _, fell, late, _ = env.step(policy(obs))
        track.append(obs)
        if fell or late:
            return np.abs(np.array(track)[:, 0]).max()


@right("furthest")
def two_extremes(policy, env, seed):
    (x, *rest), _ = env.reset(seed=seed)
    left = right = x
    over = False
    while not over:
        (x, *rest), *_, terminated, truncated, _ = env.step(policy(np.array([x, *rest])))
        left, right = min(left, x), max(right, x)
        over = any([terminated, truncated])
    return max(-left, right)


@right("furthest")
def counted_loop(policy, env, seed):
    observation = env.reset(seed=seed)[0]
    furthest = abs(observation[0])
    for _ in range(500):
        outcome = env.step(policy(observation))
        observation = outcome[0]
        if abs(observation[0]) > furthest:
            furthest = abs(observation[0])
        if outcome[2] or outcome[3]:
            break
    return float(furthest)


@right("furthest")
def by_recursion(policy, env, seed):
    def rest_of(observation):
        following, _, terminated, truncated, _ = env.step(policy(observation))
        here = abs(following[0])
        return here if terminated or truncated else max(here, rest_of(following))

    start, _ = env.reset(seed=seed)
    return max(abs(start[0]), rest_of(start))


@wrong("furthest", "you go on when time has run out")
def until_terminated(policy, env, seed):
    observation, _ = env.reset(seed=seed)
    positions, terminated = [observation[0]], False
    while not terminated:
        observation, _, terminated, *_ = env.step(policy(observation))
        positions.append(observation[0])
    return np.abs(positions).max()


@wrong("furthest", "you go on when the task has ended")
def always_500_steps(policy, env, seed):
    observation, _ = env.reset(seed=seed)
    positions = [observation[0]]
    for _ in range(500):
        observation, *_ = env.step(policy(observation))
        positions.append(observation[0])
    return np.abs(positions).max()


@wrong("furthest", "you go on when the task has ended")
def and_for_or(policy, env, seed):
    observation, _ = env.reset(seed=seed)
    best, terminated, truncated = abs(observation[0]), False, False
    while not (terminated and truncated):
        observation, _, terminated, truncated, _ = env.step(policy(observation))
        best = max(best, abs(observation[0]))
    return best


@wrong("furthest", "how far from the centre the cart was in the end")
def in_the_end(policy, env, seed):
    observation, _ = env.reset(seed=seed)
    over = False
    while not over:
        observation, _, terminated, truncated, _ = env.step(policy(observation))
        over = terminated or truncated
    return abs(observation[0])


@wrong("furthest", "a cart on the left is far away, too")
def the_rightmost(policy, env, seed):
    observation, _ = env.reset(seed=seed)
    best, over = observation[0], False
    while not over:
        observation, _, terminated, truncated, _ = env.step(policy(observation))
        best = max(best, observation[0])
        over = terminated or truncated
    return best


@wrong("furthest", "a cart on the left is far away, too")
def the_rightmost_from_zero(policy, env, seed):
    observation, _ = env.reset(seed=seed)
    best, over = 0.0, False
    while not over:
        observation, _, terminated, truncated, _ = env.step(policy(observation))
        best = max(best, observation[0])
        over = terminated or truncated
    return best


@wrong("furthest", "you left out the very first observation")
def from_the_first_step(policy, env, seed):
    observation, _ = env.reset(seed=seed)
    best, over = 0.0, False
    while not over:
        observation, _, terminated, truncated, _ = env.step(policy(observation))
        best = max(best, abs(observation[0]))
        over = terminated or truncated
    return best


@wrong("furthest", "you left out the last observation")
def measured_before_the_step(policy, env, seed):
    observation, _ = env.reset(seed=seed)
    best, over = 0.0, False
    while not over:
        best = max(best, abs(observation[0]))
        observation, _, terminated, truncated, _ = env.step(policy(observation))
        over = terminated or truncated
    return best


@wrong("furthest", "you left out the last observation")
def break_too_early(policy, env, seed):
    observation, _ = env.reset(seed=seed)
    best = abs(observation[0])
    while True:
        observation, _, terminated, truncated, _ = env.step(policy(observation))
        if terminated or truncated:
            return best
        best = max(best, abs(observation[0]))


@wrong("furthest", "you counted the steps")
def play_again(policy, env, seed):
    observation, _ = env.reset(seed=seed)
    total, over = 0.0, False
    while not over:
        observation, reward, terminated, truncated, _ = env.step(policy(observation))
        total += reward
        over = terminated or truncated
    return total


@wrong("furthest", "another number than the cart's position")
def the_largest_angle(policy, env, seed):
    observation, _ = env.reset(seed=seed)
    best, over = abs(observation[2]), False
    while not over:
        observation, _, terminated, truncated, _ = env.step(policy(observation))
        best = max(best, abs(observation[2]))
        over = terminated or truncated
    return best


@wrong("furthest", "another number than the cart's position")
def the_largest_of_all(policy, env, seed):
    observation, _ = env.reset(seed=seed)
    best, over = np.abs(observation).max(), False
    while not over:
        observation, _, terminated, truncated, _ = env.step(policy(observation))
        best = max(best, np.abs(observation).max())
        over = terminated or truncated
    return best


@wrong("furthest", "you did not hand the seed to the environment")
def unseeded(policy, env, seed):
    observation, _ = env.reset()
    best, over = abs(observation[0]), False
    while not over:
        observation, _, terminated, truncated, _ = env.step(policy(observation))
        best = max(best, abs(observation[0]))
        over = terminated or truncated
    return best


@wrong("furthest", "not those that the policy chooses")
def always_left(policy, env, seed):
    observation, _ = env.reset(seed=seed)
    best, over = abs(observation[0]), False
    while not over:
        observation, _, terminated, truncated, _ = env.step(0)
        best = max(best, abs(observation[0]))
        over = terminated or truncated
    return best


@wrong("furthest", "about the first observation again and again")
def two_names(policy, env, seed):
    observation, _ = env.reset(seed=seed)
    best, over = abs(observation[0]), False
    while not over:
        next_observation, _, terminated, truncated, _ = env.step(policy(observation))
        best = max(best, abs(next_observation[0]))
        over = terminated or truncated
    return best


@wrong("furthest", "you have a pair, or a whole observation")
def no_pair(policy, env, seed):
    observation = env.reset(seed=seed)
    best, over = 0.0, False
    while not over:
        observation, _, terminated, truncated, _ = env.step(policy(observation))
        best = max(best, abs(observation[0]))
        over = terminated or truncated
    return best


@wrong("furthest", "five values, not four", line="observation, _, done, _ = env.step(policy(obs")
def old_gym(policy, env, seed):
    observation, _ = env.reset(seed=seed)
    best, done = abs(observation[0]), False
    while not done:
        observation, _, done, _ = env.step(policy(observation))
        best = max(best, abs(observation[0]))
    return best


@wrong("furthest", "you took one step")
def no_loop(policy, env, seed):
    observation, _ = env.reset(seed=seed)
    observation, *_ = env.step(policy(observation))
    return abs(observation[0])


@wrong("furthest", "you did not measure from the centre")
def from_its_start(policy, env, seed):
    observation, _ = env.reset(seed=seed)
    start, best, over = observation[0], 0.0, False
    while not over:
        observation, _, terminated, truncated, _ = env.step(policy(observation))
        best = max(best, abs(observation[0] - start))
        over = terminated or truncated
    return best


@wrong("furthest", "a cart on the left is far away, too")
def abs_too_late(policy, env, seed):
    observation, _ = env.reset(seed=seed)
    positions, over = [observation[0]], False
    while not over:
        observation, _, terminated, truncated, _ = env.step(policy(observation))
        positions.append(observation[0])
        over = terminated or truncated
    return abs(max(positions))


@wrong("furthest", "a cart on the right is far away, too")
def the_leftmost(policy, env, seed):
    observation, _ = env.reset(seed=seed)
    positions, over = [observation[0]], False
    while not over:
        observation, _, terminated, truncated, _ = env.step(policy(observation))
        positions.append(observation[0])
        over = terminated or truncated
    return abs(min(positions))


@wrong("furthest", "not those that the policy chooses")
def policy_not_called(policy, env, seed):
    observation, _ = env.reset(seed=seed)
    best, over = abs(observation[0]), False
    while not over:
        observation, _, terminated, truncated, _ = env.step(policy)
        best = max(best, abs(observation[0]))
        over = terminated or truncated
    return best


@wrong("furthest", "wrong shape")
def all_distances(policy, env, seed):
    observation, _ = env.reset(seed=seed)
    distances, over = [abs(observation[0])], False
    while not over:
        observation, _, terminated, truncated, _ = env.step(policy(observation))
        distances.append(abs(observation[0]))
        over = terminated or truncated
    return distances


@wrong("furthest", "another number of arguments", line="observation, _ = env.reset(seed)")
def seed_by_position(policy, env, seed):
    observation, _ = env.reset(seed)
    return abs(observation[0])


@wrong("furthest", "your function returned nothing")
def no_return(policy, env, seed):
    observation, _ = env.reset(seed=seed)
    best, over = abs(observation[0]), False
    while not over:
        observation, _, terminated, truncated, _ = env.step(policy(observation))
        best = max(best, abs(observation[0]))
        over = terminated or truncated


@wrong("furthest", "with the sign of its side")
def largest_by_size(policy, env, seed):
    observation, _ = env.reset(seed=seed)
    positions, over = [observation[0]], False
    while not over:
        observation, _, terminated, truncated, _ = env.step(policy(observation))
        positions.append(observation[0])
        over = terminated or truncated
    return max(positions, key=lambda position: abs(position))


def positions(policy, env, seed):
    observation, _ = env.reset(seed=seed)
    seen, over = [observation[0]], False
    while not over:
        observation, _, terminated, truncated, _ = env.step(policy(observation))
        seen.append(observation[0])
        over = terminated or truncated
    return seen


@wrong("furthest", "you begin the episode anew in each turn of the loop")
def reset_in_the_loop(policy, env, seed):
    best, over = 0.0, False
    while not over:
        observation, _ = env.reset(seed=seed)
        best = max(best, abs(observation[0]))
        observation, _, terminated, truncated, _ = env.step(policy(observation))
        over = terminated or truncated
    return best


@wrong("furthest", "you never stepped")
def the_start_alone(policy, env, seed):
    observation, _ = env.reset(seed=seed)
    return abs(observation[0])


@wrong("furthest", "you took the smallest distance")
def nearest(policy, env, seed):
    return min(abs(position) for position in positions(policy, env, seed))


@wrong("furthest", "not those that the policy chooses")
def always_a_push_to_the_right(policy, env, seed):
    return max(abs(position) for position in positions(lambda observation: 1, env, seed))


@wrong("furthest", "you never began the episode")
def no_reset(policy, env, seed):
    best, over, observation = 0.0, False, np.zeros(4)
    while not over:
        observation, _, terminated, truncated, _ = env.step(policy(observation))
        best = max(best, abs(observation[0]))
        over = terminated or truncated
    return best


@wrong("furthest", "you took the smallest position")
def smallest_position(policy, env, seed):
    return min(positions(policy, env, seed))


@wrong("furthest", "you have a pair, or a whole observation")
def all_four_numbers(policy, env, seed):
    observation, _ = env.reset(seed=seed)
    far, over = 0.0, False
    while not over:
        observation, _, terminated, truncated, _ = env.step(policy(observation))
        far = max(far, abs(observation))
        over = terminated or truncated
    return far


@wrong("furthest", "you never stepped")
def a_loop_that_never_begins(policy, env, seed):
    observation, _ = env.reset(seed=seed)
    far, terminated, truncated = abs(observation[0]), False, False
    while not terminated and truncated:
        observation, _, terminated, truncated, _ = env.step(policy(observation))
        far = max(far, abs(observation[0]))
    return far


@wrong("furthest", "you did not measure from the centre")
def width(policy, env, seed):
    return max(positions(policy, env, seed)) - min(positions(policy, env, seed))


@wrong("furthest", "your pushes are not those that the policy chooses")
def any_push(policy, env, seed):
    observation, _ = env.reset(seed=seed)
    far, over = abs(observation[0]), False
    while not over:
        observation, _, terminated, truncated, _ = env.step(env.action_space.sample())
        far = max(far, abs(observation[0]))
        over = terminated or truncated
    return far


@wrong("furthest", "you played in an environment of your own")
def in_cartpole(policy, _, seed):
    env = gym.make("CartPole-v1")
    observation, _ = env.reset(seed=seed)
    best, done = abs(observation[0]), False
    while not done:
        observation, _, terminated, truncated, _ = env.step(policy(observation))
        best = max(best, abs(observation[0]))
        done = terminated or truncated
    return best


@wrong("furthest", "you step twice in a turn of your loop")
def steps_twice(policy, env, seed):
    observation, _ = env.reset(seed=seed)
    best = abs(observation[0])
    while True:
        best = max(best, abs(env.step(policy(observation))[0][0]))
        observation, _, terminated, truncated, _ = env.step(policy(observation))
        if terminated or truncated:
            return best


@wrong("furthest", "you cut the episode off after 5 steps")
def five_steps(policy, env, seed):
    observation, _ = env.reset(seed=seed)
    most = abs(observation[0])
    for _ in range(5):
        observation, _, terminated, truncated, _ = env.step(policy(observation))
        most = max(most, abs(observation[0]))
        if terminated or truncated:
            break
    return most


@wrong("furthest", "you cut the episode off after 100 steps")
def a_hundred_steps(policy, env, seed):
    observation, _ = env.reset(seed=seed)
    positions, is_over = [observation[0]], False
    while not is_over and len(positions) <= 100:
        observation, _, terminated, truncated, _ = env.step(policy(observation))
        positions.append(observation[0])
        is_over = terminated or truncated
    return np.abs(positions).max()


@wrong("furthest", "you went on after the end, with another episode")
def three_episodes(policy, env, seed):
    observation, _ = env.reset(seed=seed)
    furthest = abs(observation[0])
    for _ in range(3):
        is_over = False
        while not is_over:
            observation, _, terminated, truncated, _ = env.step(policy(observation))
            furthest = max(furthest, abs(observation[0]))
            is_over = terminated or truncated
        observation, _ = env.reset()
    return furthest


@wrong("furthest", "you went on after the end, with another episode")
def auto_reset(policy, env, seed):
    observation, _ = env.reset(seed=seed)
    furthest = abs(observation[0])
    for _ in range(10):
        observation, _, terminated, truncated, _ = env.step(policy(observation))
        furthest = max(furthest, abs(observation[0]))
        if terminated or truncated:
            observation, _ = env.reset()
    return furthest


@right("furthest")
def left_as_it_was_found(policy, env, seed):
    observation, _ = env.reset(seed=seed)
    furthest = abs(observation[0])
    while True:
        observation, _, terminated, truncated, _ = env.step(policy(observation))
        furthest = max(furthest, abs(observation[0]))
        if terminated or truncated:
            env.reset()
            return furthest


@wrong("furthest", "you measured how long the whole observation is")
def length_of_the_observation(policy, env, seed):
    observation, _ = env.reset(seed=seed)
    seen, is_over = [observation], False
    while not is_over:
        observation, _, terminated, truncated, _ = env.step(policy(observation))
        seen.append(observation)
        is_over = terminated or truncated
    return np.linalg.norm(seen, axis=1).max()


@wrong("furthest", "you returned when the cart was at its furthest")
def place_of_the_furthest(policy, env, seed):
    observation, _ = env.reset(seed=seed)
    distances, is_over = [abs(observation[0])], False
    while not is_over:
        observation, _, terminated, truncated, _ = env.step(policy(observation))
        distances.append(abs(observation[0]))
        is_over = terminated or truncated
    return distances.index(max(distances))


@wrong("furthest", "`env.seed` is old Gym's: here the seed goes to `reset`")
def seeded_as_in_old_gym(policy, env, seed):
    env.seed(seed)
    observation = env.reset()
    return abs(observation[0])


@wrong("furthest", "you left out the last observation, where time is up")
def looks_after_it_has_asked_the_time(policy, env, seed):
    observation, _ = env.reset(seed=seed)
    far = abs(observation[0])
    while True:
        observation, _, terminated, truncated, _ = env.step(policy(observation))
        if truncated:
            return far
        far = max(far, abs(observation[0]))
        if terminated:
            return far


@right("furthest")
def closes_the_environment(policy, env, seed):
    observation, _ = env.unwrapped.reset(seed=seed)
    far, is_over = abs(observation[0]), False
    while not is_over:
        action = policy(observation)
        assert env.action_space.contains(action)
        observation, _, terminated, truncated, _ = env.step(action)
        far = max(far, abs(observation[0]))
        is_over = terminated or truncated
    env.close()
    return far


@right("furthest")
def in_a_wrapper(policy, env, seed):
    env = gym.wrappers.RecordEpisodeStatistics(env)
    observation, _ = env.reset(seed=seed)
    positions, is_over = [observation[0]], False
    while not is_over:
        observation, _, terminated, truncated, _ = env.step(policy(observation))
        positions.append(observation[0])
        is_over = terminated or truncated
    return np.abs(positions).max()
