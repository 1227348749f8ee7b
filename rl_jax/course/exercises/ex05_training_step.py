"""What checks the exercises of notebook 05: a target, a target network, a loss, a step of SGD."""

import jax
import jax.numpy as jnp
import numpy as np
import optax

from rl_jax.course.checks import Check

__all__ = ["check_loss", "check_sgd", "check_soft", "check_target"]


# 1. The Bellman target, from the two flags of an environment


def row(reward, next_q_values, terminated, truncated):
    """The arguments of a case: a batch of one transition.

    Args:
        reward: for the step.
        next_q_values: [A], of the next state.
        terminated: whether the pole fell.
        truncated: whether time ran out.
    """
    return {
        "rewards": jnp.array([reward]),
        "next_q_values": jnp.array([next_q_values]),
        "terminated": jnp.array([terminated]),
        "truncated": jnp.array([truncated]),
        "gamma": 0.6,
    }


def stacked(*rows, gamma=0.6):
    """One batch of several."""
    names = ("rewards", "next_q_values", "terminated", "truncated")
    batch = {name: jnp.concatenate([row[name] for row in rows]) for name in names}
    return batch | {"gamma": gamma}


def target(best=lambda q: jnp.max(q, axis=-1), over=lambda fell, late: fell, discount=lambda g: g):
    """The target, with one of its parts replaced.

    Args:
        best: [B, A] -> the next state's value.
        over: (terminated, truncated) -> where there is no future.
        discount: gamma -> the weight of the future.
    """

    def answer(rewards, next_q_values, terminated, truncated, gamma):
        goes_on = 1 - over(terminated, truncated)
        return rewards + discount(gamma) * best(next_q_values) * goes_on

    return answer


def rewards_of_cartpole(rewards, next_q_values, terminated, truncated, gamma):
    return target()(jnp.ones_like(rewards), next_q_values, terminated, truncated, gamma)


def rewards_clipped(rewards, next_q_values, terminated, truncated, gamma):
    return target()(jnp.clip(rewards, -1, 1), next_q_values, terminated, truncated, gamma)


def never(fell, late):
    return jnp.zeros_like(fell)


def the_best_number(q):
    return jnp.argmax(q, axis=-1)


def last_reward_dropped(rewards, next_q_values, terminated, truncated, gamma):
    everything = target(over=never)(rewards, next_q_values, terminated, truncated, gamma)
    return everything * (1 - terminated)


def nothing_where_it_is_over(rewards, next_q_values, terminated, truncated, gamma):
    everything = target(over=never)(rewards, next_q_values, terminated, truncated, gamma)
    return everything * (1 - (terminated | truncated))


def future_subtracted_whole(rewards, next_q_values, terminated, truncated, gamma):
    best = jnp.max(next_q_values, axis=-1)
    return rewards + gamma * best - terminated * best


def without_the_reward(rewards, next_q_values, terminated, truncated, gamma):
    return target()(0 * rewards, next_q_values, terminated, truncated, gamma)


def all_discounted(rewards, next_q_values, terminated, truncated, gamma):
    return gamma * target()(rewards, next_q_values, terminated, truncated, 1.0)


def subtracted(rewards, next_q_values, terminated, truncated, gamma):
    return target()(rewards, next_q_values, terminated, truncated, -gamma)


def along_the_batch(rewards, next_q_values, terminated, truncated, gamma):
    return target(best=lambda q: jnp.max(q, axis=0))(
        rewards, next_q_values, terminated, truncated, gamma
    )


def for_every_action(rewards, next_q_values, terminated, truncated, gamma):
    goes_on = 1 - terminated[:, None]
    return rewards[:, None] + gamma * next_q_values * goes_on


def in_a_column(rewards, next_q_values, terminated, truncated, gamma):
    return target()(rewards, next_q_values, terminated, truncated, gamma)[:, None]


def one_mean(rewards, next_q_values, terminated, truncated, gamma):
    return jnp.mean(target()(rewards, next_q_values, terminated, truncated, gamma))


def one_sum(rewards, next_q_values, terminated, truncated, gamma):
    return jnp.sum(target()(rewards, next_q_values, terminated, truncated, gamma))


def first_row_alone(rewards, next_q_values, terminated, truncated, gamma):
    return target()(rewards, next_q_values, terminated, truncated, gamma)[0]


def of_all_or_none(rewards, next_q_values, terminated, truncated, gamma):
    return target(over=lambda fell, late: fell.any())(
        rewards, next_q_values, terminated, truncated, gamma
    )


def reward_masked(rewards, next_q_values, terminated, truncated, gamma):
    return rewards * (1 - terminated) + gamma * jnp.max(next_q_values, axis=-1)


def first_of_the_best(rewards, next_q_values, terminated, truncated, gamma):
    return rewards + gamma * jnp.max(next_q_values, axis=-1)[0] * (1 - terminated)


def reward_alone_is_the_target(rewards, next_q_values, terminated, truncated, gamma):
    return rewards


def rewards_weighed(rewards, next_q_values, terminated, truncated, gamma):
    return target()((1 - gamma) * rewards, next_q_values, terminated, truncated, gamma)


def no_reward_where_it_goes_on(rewards, next_q_values, terminated, truncated, gamma):
    return jnp.where(terminated, rewards, gamma * jnp.max(next_q_values, axis=-1))


def no_reward_where_time_ran_out(rewards, next_q_values, terminated, truncated, gamma):
    right = target()(rewards, next_q_values, terminated, truncated, gamma)
    return jnp.where(truncated, gamma * jnp.max(next_q_values, axis=-1), right)


def last_reward_for_a_future(rewards, next_q_values, terminated, truncated, gamma):
    return rewards + gamma * jnp.where(terminated, rewards, jnp.max(next_q_values, axis=-1))


def first_flag_for_all(rewards, next_q_values, terminated, truncated, gamma):
    return target(over=lambda fell, late: fell[0])(
        rewards, next_q_values, terminated, truncated, gamma
    )


def the_larger_one(rewards, next_q_values, terminated, truncated, gamma):
    future = gamma * jnp.max(next_q_values, axis=-1) * (1 - terminated)
    return jnp.maximum(rewards, future)


def discounted_by_row(rewards, next_q_values, terminated, truncated, gamma):
    discount = gamma ** jnp.arange(len(rewards))
    return rewards + discount * jnp.max(next_q_values, axis=-1) * (1 - terminated)


def discounted_by_row_from_one(rewards, next_q_values, terminated, truncated, gamma):
    discount = gamma ** (1 + jnp.arange(len(rewards)))
    return rewards + discount * jnp.max(next_q_values, axis=-1) * (1 - terminated)


def the_reward_discounted(rewards, next_q_values, terminated, truncated, gamma):
    return gamma * rewards + jnp.max(next_q_values, axis=-1) * (1 - terminated)


def the_reward_twice(rewards, next_q_values, terminated, truncated, gamma):
    return target()(2 * rewards, next_q_values, terminated, truncated, gamma)


def a_penalty(rewards, next_q_values, terminated, truncated, gamma):
    everything = target()(rewards, next_q_values, terminated, truncated, gamma)
    return jnp.where(terminated, -1.0, everything)


def python_decides_what_is_over(rewards, next_q_values, terminated, truncated, gamma):
    over = terminated or truncated
    return rewards + gamma * jnp.max(next_q_values, axis=-1) * (1 - over)


def with_an_if(rewards, next_q_values, terminated, truncated, gamma):
    if terminated:
        return rewards
    return rewards + gamma * jnp.max(next_q_values, axis=-1)


def changed_in_place(rewards, next_q_values, terminated, truncated, gamma):
    targets = rewards + gamma * jnp.max(next_q_values, axis=-1)
    targets[terminated] = rewards[terminated]
    return targets


GREEDY = "how will a greedy agent go on?"
LATE_IS_NO_FALL = (
    "you took running out of time for a fall: this pole still stood",
    "has the next state a future, though nobody played it?",
)
A_FIXED_ACTION = ("you looked at one fixed next action", GREEDY)


def cases_of_target():
    goes_on = row(2.0, [4.0, 7.0], terminated=False, truncated=False)
    falls = row(2.0, [4.0, 7.0], terminated=True, truncated=False)
    out_of_time = row(2.0, [4.0, 7.0], terminated=False, truncated=True)
    small = row(0.0625, [0.03, 0.15], terminated=False, truncated=False)  # not to be rounded
    five = stacked(
        row(1.0, [-3.0, -1.0, -2.0], terminated=False, truncated=False),
        row(-2.0, [4.0, 2.0, 0.0], terminated=True, truncated=False),
        row(0.5, [0.0, 1.0, 8.0], terminated=False, truncated=True),
        row(3.0, [-5.0, -6.0, -7.0], terminated=False, truncated=False),
        row(2.0, [7.0, 7.0, 7.0], terminated=True, truncated=True),
        gamma=0.9,
    )
    return [
        (goes_on, [6.2]),
        (falls, [2.0]),
        (out_of_time, [6.2]),
        (stacked(goes_on, falls, out_of_time), [6.2, 2.0, 6.2]),
        (five, [0.1, -2.0, 7.7, -1.5, 2.0]),
        (small, [0.1525]),
        (row(0.0, [3.0, 12.0, 15.0, -1.0], terminated=False, truncated=False), [9.0]),
        (stacked(goes_on, falls, gamma=0.0), [2.0, 2.0]),
    ]


NOT_GIVEN = (
    "you took a 0 for an argument that was not given",
    "`or` and `if not` take a 0 for False, and 0 is a number like any other here",
)
USUAL = (0.9, 0.95, 0.99, 0.995, 1.0)  # values of gamma

check_target = Check(
    cases=cases_of_target,
    mistakes=[
        (
            target(over=never),
            "you bootstrapped from a terminal state: where the pole fell, nothing is left to come",
            "what is the future worth in this row? What was paid all the same?",
        ),
        (
            last_reward_dropped,
            "you dropped the last reward: the step in which the pole fell was paid",
            "no future does not mean no reward",
        ),
        (
            nothing_where_it_is_over,
            "you dropped the last reward, and took running out of time for a fall",
            "no future does not mean no reward; and which of the two flags means no future?",
        ),
        (target(over=lambda fell, late: fell | late), *LATE_IS_NO_FALL),
        (python_decides_what_is_over, *LATE_IS_NO_FALL),
        (
            target(over=lambda fell, late: late),
            "you took the wrong flag: that one says that time ran out",
            "which flag means a fall?",
        ),
        (
            target(over=lambda fell, late: 1 - late),
            "you look ahead only where time ran out",
            "which rows have a future?",
        ),
        (
            no_reward_where_it_goes_on,
            "where the episode goes on, the reward is missing",
            "what was paid for this very step?",
        ),
        (
            no_reward_where_time_ran_out,
            "where time ran out, the reward is missing",
            "was that step paid?",
        ),
        (
            last_reward_for_a_future,
            "where the pole fell you counted the last reward a second time",
            "what is left to come after the fall?",
        ),
        (
            first_flag_for_all,
            "you took the first row's flag for all rows",
            "each row has a flag of its own",
        ),
        (
            the_larger_one,
            "you took the larger one of the reward and the future",
            "the one is paid now, the other later: what are they worth together?",
        ),
        *(
            (
                answer,
                "you discounted each row by its number in the batch",
                "the rows know nothing of each other: each next state is one step away",
            )
            for answer in (discounted_by_row, discounted_by_row_from_one)
        ),
        (
            the_reward_discounted,
            "you discounted the reward, and not the future",
            "the reward comes now, the rest one step later",
        ),
        (the_reward_twice, "you counted the reward twice", "it is paid once"),
        (
            target(over=lambda fell, late: 1 - fell),
            "your flag is turned round: you look ahead only where the pole fell",
            "which rows have a future?",
        ),
        (
            target(over=lambda fell, late: fell & late),
            "you stop looking ahead only where both flags are up",
            "is a fall no fall while there is time left?",
        ),
        (
            target(over=lambda fell, late: fell & ~late),
            "where the pole fell in the very last step, you look ahead",
            "is a fall no fall because time ran out as well?",
        ),
        (
            rewards_of_cartpole,
            "your answer is the same whatever `rewards` is",
            "CartPole pays 1 a step, and another task something else",
        ),
        (
            rewards_clipped,
            "you cut the rewards off at 1, as for Atari's games",
            "here the reward is what was paid, and 2 is twice as good as 1",
        ),
        (target(best=lambda q: jnp.mean(q, axis=-1)), "you averaged over the next actions", GREEDY),
        (target(best=lambda q: jnp.sum(q, axis=-1)), "you added the next actions up", GREEDY),
        (target(best=lambda q: jnp.min(q, axis=-1)), "you took the worst next action", GREEDY),
        (target(best=lambda q: q[:, 0]), *A_FIXED_ACTION),
        (target(best=lambda q: q[:, 1]), *A_FIXED_ACTION),
        (target(best=lambda q: q[:, -1]), *A_FIXED_ACTION),
        (
            target(best=lambda q: jnp.max(q, axis=-1, initial=0.0)),
            "for you no next state is worth less than 0",
            "it is, where all its actions are bad: is the 0 of the end a part of your maximum?",
        ),
        (
            target(best=lambda q: jnp.maximum(q[:, 0], q[:, 1])),
            "your code knows two actions, and here is a third",
            "which operation looks at a whole row?",
        ),
        (
            target(best=lambda q: jnp.max(jnp.abs(q), axis=-1)),
            "you dropped the signs: the largest value is not the one farthest from 0",
            "is -5 better than -1?",
        ),
        (
            target(best=the_best_number),
            "you took the number of the best action instead of its value",
            "max, or argmax?",
        ),
        (
            target(best=jnp.max),
            "you took the largest value of the whole batch",
            "one maximum for each row: along which axis?",
        ),
        (
            along_the_batch,
            "you took the maximum along the batch: one for each action",
            "`next_q_values` is [B, A]: which of its axes are the actions?",
        ),
        (
            reward_alone_is_the_target,
            "your target does not look ahead: it is the reward alone",
            "what is still to come, where the pole stands?",
        ),
        (
            a_penalty,
            "you gave the fall a penalty of your own",
            "what did the environment pay for this step?",
        ),
        (
            future_subtracted_whole,
            "where the pole fell you took the future away again, and not discounted",
            "what is left of it in this row? A factor in front of it is simpler",
        ),
        (
            target(over=lambda fell, late: 2 + fell.astype(int)),
            "you turned whole numbers round with `~`: ~0 is -1, and ~1 is -2",
            "`~` is for True and False; of zeros and ones, 1 - x is the other",
        ),
        (without_the_reward, "the reward is missing", "what was paid for this very step?"),
        *((target(discount=lambda gamma, own=own: gamma or own), *NOT_GIVEN) for own in USUAL),
        (
            target(discount=lambda gamma: 1.0),
            "you did not discount",
            "the future is one step further away",
        ),
        (
            target(discount=lambda gamma: 1 - gamma),
            "you weighted the future with 1 - gamma",
            "how much does it count at gamma 0, when the agent looks no step ahead?",
        ),
        (
            target(discount=lambda gamma: gamma**2),
            "you discounted twice",
            "the next state is one step away",
        ),
        (
            all_discounted,
            "you discounted the reward too",
            "the reward comes now, the rest one step later",
        ),
        (
            rewards_weighed,
            "you took a mean of the reward and the future, weighed by `gamma`",
            "a reward of now counts in full",
        ),
        (subtracted, "you subtracted the future", "what is to come is good: plus, or minus?"),
        (
            for_every_action,
            "you made a target for every next action",
            "how will a greedy agent go on? With one of them",
        ),
        (
            in_a_column,
            "right numbers, wrong shape: one number for each row is wanted, [B]",
            "one axis too many",
        ),
        (
            one_mean,
            "you averaged over the batch: a target for each row is wanted",
            "the mean belongs into the loss",
        ),
        (
            one_sum,
            "you added the rows up: a target for each row is wanted",
            "the rows belong to different transitions",
        ),
        (
            first_row_alone,
            "you answered for the first row only",
            "a target for each row is wanted: where does `return` stand, or what does [0] take?",
        ),
        (
            of_all_or_none,
            "you asked whether any row is over, and gave all rows the same answer",
            "which array operation decides row by row?",
        ),
        (
            reward_masked,
            "you took the reward from the terminal rows, and left them their future",
            "what is worth nothing where the pole fell?",
        ),
        (
            first_of_the_best,
            "you took the first row's best value for all rows",
            "in JAX max gives the values alone: [0] is the first of them (PyTorch gives a pair)",
        ),
        (
            with_an_if,
            "you asked Python about a whole batch: `if`, `not`, `and`, `or` know one answer only",
            "which array operation decides row by row?",
        ),
        (
            changed_in_place,
            "you wanted to change a JAX array in place",
            "arrays never change: choose row by row, or look up `.at[...].set(...)`",
        ),
    ],
    right=target(),
)


# 2. The target network follows


def mix(new, old, tau):
    return tau * new + (1 - tau) * old


def soft(params, target_params, tau):
    return jax.tree.map(lambda new, old: mix(new, old, tau), params, target_params)


def tau_swapped(params, target_params, tau):
    return soft(target_params, params, tau)


def copied(params, target_params, tau):
    return params


def unmoved(params, target_params, tau):
    return target_params


def in_the_middle(params, target_params, tau):
    return soft(params, target_params, 0.5)


def fixed_tau(share):
    return lambda params, target_params, tau: soft(params, target_params, share)


def or_if_0(share):
    """A tau of 0 is taken for none, and this one taken."""
    return lambda params, target_params, tau: soft(params, target_params, tau or share)


def away(params, target_params, tau):
    return soft(params, target_params, -tau)


def step_towards(params, target_params, tau):
    return jax.tree.map(lambda new, old: tau * (new - old), params, target_params)


def share_of_the_online_one(params, target_params, tau):
    return jax.tree.map(lambda new: tau * new, params)


def not_scaled_down(params, target_params, tau):
    return jax.tree.map(lambda new, old: tau * new + old, params, target_params)


def both_added(params, target_params, tau):
    return jax.tree.map(lambda new, old: new + old, params, target_params)


def dictionaries_mixed(params, target_params, tau):
    return mix(params, target_params, tau)


def dictionaries_mixed_from_the_right(params, target_params, tau):
    return params * tau + target_params * (1 - tau)


def first_level_mixed(params, target_params, tau):
    return {name: mix(params[name], target_params[name], tau) for name in params}


def first_level_mixed_from_the_right(params, target_params, tau):
    return {name: params[name] * tau + target_params[name] * (1 - tau) for name in params}


def two_levels_mixed(params, target_params, tau):
    mixed = {}
    for module, leaves in params.items():
        mixed[module] = {
            name: mix(leaf, target_params[module][name], tau) for name, leaf in leaves.items()
        }
    return mixed


def two_levels_mixed_by_name(params, target_params, tau):
    return {
        module: {
            name: mix(params[module][name], target_params[module][name], tau) for name in leaves
        }
        for module, leaves in params.items()
    }


def first_module_mixed(params, target_params, tau):
    first = next(iter(params))
    return {**target_params, first: soft(params[first], target_params[first], tau)}


def module_mixed_by_its_name(params, target_params, tau):
    linear = soft(params["linear"], target_params["linear"], tau)
    return {**target_params, "linear": linear}


def last_module_mixed(params, target_params, tau):
    last = list(params)[-1]
    return {**target_params, last: soft(params[last], target_params[last], tau)}


def each_pair(mixed):
    """A mistake: `mixed(new, old, tau)` of each leaf."""

    def answer(params, target_params, tau):
        return jax.tree.map(lambda new, old: mixed(new, old, tau), params, target_params)

    return answer


def biases_mixed(params, target_params, tau):
    def at(path, new, old):
        return mix(new, old, tau) if path[-1].key == "b" else old

    return jax.tree_util.tree_map_with_path(at, params, target_params)


def weights_mixed(params, target_params, tau):
    def at(path, new, old):
        return mix(new, old, tau) if path[-1].key == "w" else old

    return jax.tree_util.tree_map_with_path(at, params, target_params)


def weights_mixed_by_name(params, target_params, tau):
    mixed = {}
    for module, leaves in target_params.items():
        weights = mix(params[module]["w"], leaves["w"], tau)
        mixed[module] = {"w": weights, "b": leaves["b"]}
    return mixed


NOT_WHERE_IT_LEADS = (
    "you returned the step, not where it leads",
    "from where does the step start?",
)
AS_NUMBERS = (
    "you calculated with dictionaries as if with numbers",
    "parameters are pytrees: what walks over all of their leaves?",
)
ONE_LEVEL = (
    "you walked over the first level only",
    "what walks over all leaves, however deep?",
)
TWO_LEVELS = (
    "you wrote down how deep the tree is: with Haiku's two levels it works, with others not",
    "what walks over all leaves, however deep?",
)
ONE_MODULE = (
    "only one of the modules was updated",
    "what of the network's other layers?",
)
WEIGHTS_LEFT = (
    "you moved the biases, and left the weights where they were",
    "all leaves are parameters, whatever their name",
)
BIASES_LEFT = (
    "you moved the weights, and left the biases where they were",
    "all leaves are parameters, whatever their name",
)

ONLY_TABLES = (
    "you moved the leaves that have two axes, and left all others where they were",
    "all leaves are parameters, whatever their shape",
)

THE_TAU = ("you wrote tau down", "use the one that is handed in")


def two_layers():
    return {
        "linear": {"w": jnp.array([[4.0, 8.0]]), "b": jnp.array([1.0])},
        "linear_1": {"w": jnp.array([0.0, 2.0]), "b": jnp.array([3.0])},
    }


def two_layers_behind():
    return {
        "linear": {"w": jnp.array([[2.0, 8.0]]), "b": jnp.array([0.0])},
        "linear_1": {"w": jnp.array([1.0, 2.0]), "b": jnp.array([1.0])},
    }


def deep():
    return {
        "net": {
            "body": {"first": {"w": jnp.array(1.0)}},
            "head": {"w": jnp.array([1.0, 2.0]), "b": jnp.array([3.0])},
        }
    }


def deep_too():
    return {
        "net": {
            "body": {"first": {"w": jnp.array(4.0)}},
            "head": {"w": jnp.array([0.0, 1.0]), "b": jnp.array([-0.25])},
        }
    }


check_soft = Check(
    cases=lambda: [
        (
            {
                "params": {"linear": {"w": jnp.array(4.0), "b": jnp.array(1.0)}},
                "target_params": {"linear": {"w": jnp.array(2.0), "b": jnp.array(1.0)}},
                "tau": 0.25,
            },
            {"linear": {"w": 2.5, "b": 1.0}},
        ),
        (
            {"params": two_layers(), "target_params": two_layers_behind(), "tau": 0.1},
            {
                "linear": {"w": [[2.2, 8.0]], "b": [0.1]},
                "linear_1": {"w": [0.9, 2.0], "b": [1.2]},
            },
        ),
        (
            {
                "params": {"w": jnp.array(4.0), "b": jnp.array(1.0)},
                "target_params": {"b": jnp.array(0.0), "w": jnp.array(2.0)},
                "tau": 0.75,
            },
            {"w": 3.5, "b": 0.75},
        ),
        (
            {"params": two_layers(), "target_params": two_layers_behind(), "tau": 0.0},
            two_layers_behind(),
        ),
        ({"params": two_layers(), "target_params": two_layers_behind(), "tau": 1.0}, two_layers()),
        (
            {"params": deep(), "target_params": deep_too(), "tau": 0.5},
            {"net": {"body": {"first": {"w": 2.5}}, "head": {"w": [0.5, 1.5], "b": [1.375]}}},
        ),
        (
            {
                "params": {"linear": {"w": np.array([1.0, 2.0]), "b": np.array([0.5])}},
                "target_params": {"linear": {"w": np.array([2.0, -2.0]), "b": np.array([0.125])}},
                "tau": 0.25,
            },
            {"linear": {"w": [1.75, -1.0], "b": [0.21875]}},
        ),
    ],
    mistakes=[
        (
            tau_swapped,
            "you went nearly all of the way: tau is swapped",
            "a small tau should move the target only a little",
        ),
        (copied, "you copied the online network", "only a fraction of the way"),
        (unmoved, "the target did not move", "somebody must pull it along"),
        (
            in_the_middle,
            "you met in the middle, whatever tau is",
            "how far should the target move at tau 0.01?",
        ),
        *((or_if_0(share), *NOT_GIVEN) for share in (0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1.0)),
        (fixed_tau(0.01), *THE_TAU),
        (fixed_tau(0.005), *THE_TAU),
        (
            away,
            "the target moved away from the online network",
            "the way from a to b is b - a",
        ),
        (step_towards, *NOT_WHERE_IT_LEADS),
        (
            share_of_the_online_one,
            "of the target's old weights nothing is left",
            "a fraction `tau` of the new ones, and what of the old ones?",
        ),
        (
            not_scaled_down,
            "the old weights were not scaled down",
            "two weights that are equal must stay as they are",
        ),
        (
            both_added,
            "you added the two networks up",
            "two weights that are equal must stay as they are",
        ),
        (dictionaries_mixed, *AS_NUMBERS),
        (dictionaries_mixed_from_the_right, *AS_NUMBERS),
        (first_level_mixed, *ONE_LEVEL),
        (first_level_mixed_from_the_right, *ONE_LEVEL),
        (two_levels_mixed, *TWO_LEVELS),
        (two_levels_mixed_by_name, *TWO_LEVELS),
        (first_module_mixed, *ONE_MODULE),
        (last_module_mixed, *ONE_MODULE),
        (module_mixed_by_its_name, *ONE_MODULE),
        (weights_mixed, *BIASES_LEFT),
        (weights_mixed_by_name, *BIASES_LEFT),
        (biases_mixed, *WEIGHTS_LEFT),
        (
            each_pair(lambda new, old, tau: mix(new, old, tau) if np.ndim(old) > 1 else old),
            *ONLY_TABLES,
        ),
        (
            each_pair(lambda new, old, tau: mix(new, old, tau) if np.ndim(old) > 1 else new),
            "you copied all leaves but those with two axes",
            "all leaves move by the same share, whatever their shape",
        ),
        (
            each_pair(lambda new, old, tau: new if tau > 0.5 else mix(new, old, tau)),
            "for you a large tau means all of the way",
            "at tau 0.75 the target goes three quarters of it",
        ),
        (
            each_pair(lambda new, old, tau: tau * new + tau * old),
            "your two shares are equal: what the old weights keep is 1 - tau",
            "the two shares add up to 1",
        ),
        (
            each_pair(lambda new, old, tau: (1 - tau) * old),
            "nothing of the online network arrives",
            "a fraction `tau` of the new ones, and what of the old ones?",
        ),
        (
            each_pair(lambda new, old, tau: tau * new + old * 1 - tau),
            "the brackets are missing: 1 - tau is a share of the old weights",
            "which comes first, times or minus?",
        ),
        (
            each_pair(lambda new, old, tau: tau * new + (1 + tau) * old),
            "your shares add up to more than 1",
            "two weights that are equal must stay as they are",
        ),
        (
            each_pair(lambda new, old, tau: tau * new + 1 - tau * old),
            "the brackets are missing: 1 - tau is a share of the old weights",
            "which comes first, times or minus?",
        ),
        (
            each_pair(lambda new, old, tau: new + tau * (new - old)),
            "you start from the online network",
            "from where does the target move, and to where?",
        ),
    ],
    right=soft,
)


# 3. A loss whose target is data


def loss_and_gradient(answer, w, states, next_states, rewards, gamma):
    """What it says, and which way it pulls.

    Args:
        answer: the loss.
        w: the weight.
        states: [B].
        next_states: [B].
        rewards: [B].
        gamma: the discount.
    """
    given = states, next_states, rewards, gamma
    value = answer(w, *given)
    if isinstance(value, tuple | list | dict | str) or callable(value):
        kind = "function" if callable(value) else type(value).__name__
        return {"loss": f"a {kind}", "gradient": "not looked at"}
    value, slope = jax.value_and_grad(answer)(w, *given)
    return {"loss": value, "gradient": slope}


def no_number(got, right):
    """What is said of an answer that is no number."""
    if not isinstance(got["loss"], str):
        return None
    return f"you returned {got['loss']}, where one number is wanted", "the loss, and nothing more"


def stop(number):
    return jax.lax.stop_gradient(number)


def go_on(number):
    return number


def loss(target=stop, value=go_on, reduce=jnp.mean, error=jnp.square):
    """The loss, with one or two of its parts replaced.

    Args:
        target: what is done to the targets.
        value: what is done to the values.
        reduce: from a number for each row to one.
        error: of the differences.
    """

    def answer(w, states, next_states, rewards, gamma):
        difference = target(rewards + gamma * w * next_states) - value(w * states)
        return reduce(error(difference))

    return answer


def reward_alone(w, states, next_states, rewards, gamma):
    return loss()(w, states, 0 * next_states, rewards, gamma)


def discount_of_its_own_at_0(own):
    """A gamma of 0 is taken for none, and this one taken."""
    return lambda w, states, next_states, rewards, gamma: loss()(
        w, states, next_states, rewards, gamma or own
    )


def negative_weights_lost(w, states, next_states, rewards, gamma):
    return jnp.mean((rewards + gamma * stop(jnp.abs(w) * next_states) - jnp.abs(w) * states) ** 2)


def negative_values_lost(w, states, next_states, rewards, gamma):
    future = jax.nn.relu(stop(w * next_states))
    return jnp.mean((rewards + gamma * future - w * states) ** 2)


def no_reward(w, states, next_states, rewards, gamma):
    return loss()(w, states, next_states, 0 * rewards, gamma)


def future_subtracted(w, states, next_states, rewards, gamma):
    return loss()(w, states, -next_states, rewards, gamma)


def weight_squared(w, states, next_states, rewards, gamma):
    return loss()(w, w * states, next_states, rewards, gamma)


def no_discount(w, states, next_states, rewards, gamma):
    return loss()(w, states, next_states, rewards, 1.0)


def reward_discounted(w, states, next_states, rewards, gamma):
    return loss()(w, states, next_states, gamma * rewards, gamma)


def present_state_twice(w, states, next_states, rewards, gamma):
    return loss()(w, states, states, rewards, gamma)


def states_swapped(w, states, next_states, rewards, gamma):
    return loss()(w, next_states, states, rewards, gamma)


def next_state_itself(w, states, next_states, rewards, gamma):
    return jnp.mean((rewards + gamma * next_states - w * states) ** 2)


def best_of_the_batch(w, states, next_states, rewards, gamma):
    targets = stop(rewards + gamma * jnp.max(w * next_states))
    return jnp.mean((targets - w * states) ** 2)


def bracket_too_late(w, states, next_states, rewards, gamma):
    targets = stop((rewards + gamma * w) * next_states)
    return jnp.mean((targets - w * states) ** 2)


def value_is_a_sum(w, states, next_states, rewards, gamma):
    targets = stop(rewards + gamma * w * next_states)
    return jnp.mean((targets - (w + states)) ** 2)


def values_are_sums(w, states, next_states, rewards, gamma):
    targets = stop(rewards + gamma * (w + next_states))
    return jnp.mean((targets - (w + states)) ** 2)


def the_gradient(w, states, next_states, rewards, gamma):
    return jax.grad(loss())(w, states, next_states, rewards, gamma)


def detached(w, states, next_states, rewards, gamma):
    targets = (rewards + gamma * w * next_states).detach()
    return jnp.mean((targets - w * states) ** 2)


def in_a_square(w, states, next_states, rewards, gamma):
    targets = stop(rewards + gamma * w * next_states)
    return jnp.mean((targets[:, None] - w * states) ** 2)


def huber(error):
    size = jnp.abs(error)
    return jnp.where(size < 1, 0.5 * size**2, size - 0.5)


def with_a_python_number(w, states, next_states, rewards, gamma):
    return float(loss()(w, states, next_states, rewards, gamma))


def with_numpy(w, states, next_states, rewards, gamma):
    return np.add(loss()(w, states, next_states, rewards, gamma), 0)


def with_the_targets(w, states, next_states, rewards, gamma):
    return loss()(w, states, next_states, rewards, gamma), rewards + gamma * w * next_states


FORMULA = "look at the formula once more"
NO_SUM = (
    "you added the weight to the state, and Q is their product",
    FORMULA,
)

check_loss = Check(
    # On paper: the errors are 5.5 - 4; 1 and -1; 1, 0 and 2.75; 0 and -1; -1 and 6.
    cases=lambda: [
        (
            {
                "w": 4.0,
                "states": jnp.array([1.0]),
                "next_states": jnp.array([2.0]),
                "rewards": jnp.array([1.5]),
                "gamma": 0.5,
            },
            {"loss": 2.25, "gradient": -3.0},
        ),
        (
            {
                "w": 1.0,
                "states": jnp.array([1.0, 2.0]),
                "next_states": jnp.array([2.0, 0.0]),
                "rewards": jnp.array([1.0, 1.0]),
                "gamma": 0.5,
            },
            {"loss": 1.0, "gradient": 1.0},
        ),
        (
            {
                "w": 0.5,
                "states": jnp.array([1.0, 2.0, -1.0]),
                "next_states": jnp.array([2.0, 4.0, 1.0]),
                "rewards": jnp.array([1.0, 0.0, 2.0]),
                "gamma": 0.5,
            },
            {"loss": 2.8542, "gradient": 1.1667},
        ),
        (
            {
                "w": -1.0,
                "states": jnp.array([-2.0, 1.0]),
                "next_states": jnp.array([-2.0, 4.0]),
                "rewards": jnp.array([1.0, 0.0]),
                "gamma": 0.5,
            },
            {"loss": 0.5, "gradient": 1.0},
        ),
        (
            {
                "w": -2.0,
                "states": jnp.array([-1.0, 3.0]),
                "next_states": jnp.array([-0.5, -1.0]),
                "rewards": jnp.array([1.0, 0.0]),
                "gamma": 0.0,
            },
            {"loss": 18.5, "gradient": -19.0},
        ),
    ],
    mistakes=[
        (
            loss(target=go_on),
            "the gradient flows through the target: it pulls the target to the value",
            "how do you tell JAX that a number is data?",
        ),
        (
            loss(target=go_on, value=stop),
            "you stopped the wrong one: now only the target moves",
            "which of the two do we correct?",
        ),
        (
            loss(value=stop),
            "you stopped both, so nothing can be learned",
            "which of the two do we correct?",
        ),
        (loss(reduce=jnp.sum), "you added the rows up: a mean that is a sum", "what of 1/n?"),
        (
            loss(reduce=jnp.max),
            "you took the largest error alone",
            "what does the formula do with the rows?",
        ),
        (
            loss(reduce=go_on),
            "you returned one error for each row, and a gradient needs one number",
            "what does the formula do with the rows?",
        ),
        (loss(error=jnp.abs), "you did not square the errors", FORMULA),
        (loss(error=go_on), "you did not square the errors", FORMULA),
        (
            loss(reduce=lambda errors: jnp.sqrt(jnp.mean(errors))),
            "you took the square root of the mean",
            FORMULA,
        ),
        (
            loss(reduce=lambda errors: jnp.mean(errors) / 2),
            "you halved it, as some books do",
            FORMULA,
        ),
        (
            loss(target=go_on, reduce=lambda errors: jnp.mean(errors) / 2),
            "you halved it, and the gradient flows through the target",
            "how do you tell JAX that a number is data?",
        ),
        (
            loss(target=go_on, reduce=jnp.sum),
            "you added the rows up, and the gradient flows through the target",
            "what of 1/n? And how do you tell JAX that a number is data?",
        ),
        (loss(error=huber), "you took Huber's loss", FORMULA),
        (
            in_a_square,
            "you compared every target with every value",
            "[B, 1] against [B] is [B, B]: look at the shapes before you subtract",
        ),
        (
            loss(error=go_on, reduce=jnp.var),
            "you took the variance, in which the mean error counts nothing",
            FORMULA,
        ),
        (
            loss(error=lambda error: jnp.clip(error, -1.0, 1.0) ** 2),
            "you cut the errors off at 1, so larger ones pull no more",
            FORMULA,
        ),
        (
            loss(error=lambda error: stop(error) * error),
            "you held one half of the square fast, so the gradient is half as large",
            "which part of the error is data, and which may move?",
        ),
        (
            loss(value=lambda values: -values),
            "you added the value to the target",
            "an error is a difference",
        ),
        (
            loss(error=go_on, reduce=lambda errors: jnp.mean(errors) ** 2),
            "you averaged the errors, and squared after that",
            "opposite errors must not cancel",
        ),
        (
            loss(reduce=lambda errors: -jnp.mean(errors)),
            "your loss is lowest where the errors are largest",
            "plus, or minus?",
        ),
        (reward_alone, "your target is the reward alone", "what of the next state's value?"),
        *((discount_of_its_own_at_0(own), *NOT_GIVEN) for own in USUAL),
        (
            negative_weights_lost,
            "your weight has lost its sign",
            "a weight may be negative, and so may a value",
        ),
        (
            negative_values_lost,
            "your target does not look at a future that is worth less than 0",
            "a value may be negative: what if all that comes is bad?",
        ),
        (no_reward, "the reward is missing", "what was paid for this very step?"),
        (
            future_subtracted,
            "you subtracted the future",
            "what is to come is good: plus, or minus?",
        ),
        (weight_squared, "your value holds the weight twice", FORMULA),
        (no_discount, "you did not discount", "the future is one step further away"),
        (
            reward_discounted,
            "you discounted the reward too",
            "the reward comes now, the rest one step later",
        ),
        (
            present_state_twice,
            "your target looks at the present state",
            "whose value comes after the reward?",
        ),
        (
            states_swapped,
            "you swapped the two states",
            "whose value is corrected, and whose comes after the reward?",
        ),
        (
            best_of_the_batch,
            "you took a maximum over the batch",
            "there is one action here: each row has its own next value",
        ),
        (
            the_gradient,
            "you returned the gradient instead of the loss",
            "JAX takes the gradient itself, of what you return",
        ),
        (
            detached,
            "`detach` is PyTorch's word, and JAX's arrays do not know it",
            "which function of jax.lax does the same?",
        ),
        (
            next_state_itself,
            "your target holds the next state itself instead of its value",
            "what does the network say about it?",
        ),
        (
            with_a_python_number,
            "you turned an array into a Python number, and no gradient goes through that",
            "return the array as it is",
        ),
        (
            with_numpy,
            "NumPy was asked to calculate with what JAX traces",
            "jnp has the same functions; and what makes a number data is in jax.lax",
        ),
        (
            bracket_too_late,
            "you multiplied the reward by the next state, too",
            "where do your brackets end?",
        ),
        (value_is_a_sum, *NO_SUM),
        (values_are_sums, *NO_SUM),
        (
            with_the_targets,
            "you returned a tuple: the loss alone is wanted",
            "of what should the gradient be taken?",
        ),
    ],
    observe=loss_and_gradient,
    otherwise=no_number,
    right=loss(),
)


# 4. One step of SGD


def downhill(param, grad, rate):
    return param - rate * grad


def sgd(params, grads, learning_rate):
    return jax.tree.map(lambda p, g: downhill(p, g, learning_rate), params, grads)


def each_leaf(move):
    """A wrong move of one leaf, on the right walk."""
    return lambda params, grads, learning_rate: jax.tree.map(
        lambda p, g: move(p, g, learning_rate), params, grads
    )


# Names are not looked at.
def paired_by_place(params, grads, learning_rate):
    if not isinstance(params, dict):
        return params - learning_rate * grads
    pairs = zip(params.items(), grads.values(), strict=True)
    return {name: paired_by_place(part, of_it, learning_rate) for (name, part), of_it in pairs}


def gradients_reversed(params, grads, learning_rate):
    leaves, tree = jax.tree.flatten(params)
    turned = reversed(jax.tree.leaves(grads))
    return jax.tree.unflatten(
        tree, [p - learning_rate * g for p, g in zip(leaves, turned, strict=True)]
    )


def fixed_rate(rate):
    return lambda params, grads, learning_rate: sgd(params, grads, rate)


def normalised(params, grads, learning_rate):
    size = optax.global_norm(grads)
    return jax.tree.map(lambda p, g: p - learning_rate * g / size, params, grads)


def dictionaries_subtracted(params, grads, learning_rate):
    return downhill(params, grads, learning_rate)


def dictionaries_subtracted_from_the_right(params, grads, learning_rate):
    return params - grads * learning_rate


def first_level_moved(params, grads, learning_rate):
    return {name: downhill(params[name], grads[name], learning_rate) for name in params}


def first_level_moved_from_the_right(params, grads, learning_rate):
    return {name: params[name] - grads[name] * learning_rate for name in params}


def two_levels_moved(params, grads, learning_rate):
    moved = {}
    for module, leaves in params.items():
        moved[module] = {
            name: downhill(leaf, grads[module][name], learning_rate)
            for name, leaf in leaves.items()
        }
    return moved


def two_levels_moved_by_name(params, grads, learning_rate):
    return {
        module: {
            name: downhill(params[module][name], grads[module][name], learning_rate)
            for name in leaves
        }
        for module, leaves in params.items()
    }


def first_module_moved(params, grads, learning_rate):
    first = next(iter(params))
    return {**params, first: sgd(params[first], grads[first], learning_rate)}


def last_module_moved(params, grads, learning_rate):
    last = list(params)[-1]
    return {**params, last: sgd(params[last], grads[last], learning_rate)}


def biases_moved(params, grads, learning_rate):
    def at(path, p, g):
        return p - learning_rate * g if path[-1].key == "b" else p

    return jax.tree_util.tree_map_with_path(at, params, grads)


def weights_moved(params, grads, learning_rate):
    def at(path, param, grad):
        return downhill(param, grad, learning_rate) if path[-1].key == "w" else param

    return jax.tree_util.tree_map_with_path(at, params, grads)


THE_RATE = ("you wrote down the learning rate", "use the one that is handed in")

check_sgd = Check(
    cases=lambda: [
        (
            {
                "params": {"linear": {"w": jnp.array(1.0), "b": jnp.array(0.0)}},
                "grads": {"linear": {"w": jnp.array(2.0), "b": jnp.array(0.5)}},
                "learning_rate": 0.1,
            },
            {"linear": {"w": 0.8, "b": -0.05}},
        ),
        (
            {
                "params": two_layers(),
                "grads": {
                    "linear": {"w": jnp.array([[2.0, -1.0]]), "b": jnp.array([4.0])},
                    "linear_1": {"w": jnp.array([-3.0, 0.0]), "b": jnp.array([1.0])},
                },
                "learning_rate": 0.5,
            },
            {
                "linear": {"w": [[3.0, 8.5]], "b": [-1.0]},
                "linear_1": {"w": [1.5, 2.0], "b": [2.5]},
            },
        ),
        (
            {
                "params": {"w": jnp.array(1.0)},
                "grads": {"w": jnp.array(2.0)},
                "learning_rate": 0.1,
            },
            {"w": 0.8},
        ),
        (
            {
                "params": {"linear": {"w": jnp.array(1.0), "b": jnp.array(2.0)}},
                "grads": {"linear": {"b": jnp.array(4.0), "w": jnp.array(-2.0)}},
                "learning_rate": 0.5,
            },
            {"linear": {"w": 2.0, "b": 0.0}},
        ),
        (
            {"params": deep(), "grads": deep_too(), "learning_rate": 0.5},
            {"net": {"body": {"first": {"w": -1.0}}, "head": {"w": [1.0, 1.5], "b": [3.125]}}},
        ),
        (
            {
                "params": {"linear": {"w": np.array([1.0, 2.0]), "b": np.array([0.5])}},
                "grads": {"linear": {"w": np.array([2.0, -2.0]), "b": np.array([0.125])}},
                "learning_rate": 0.5,
            },
            {"linear": {"w": [0.0, 3.0], "b": [0.4375]}},
        ),
    ],
    mistakes=[
        (
            each_leaf(lambda p, g, rate: p + rate * g),
            "you went uphill, so the loss grows",
            "the gradient points to where the loss grows",
        ),
        (
            each_leaf(lambda p, g, rate: p - g),
            "you forgot the learning rate",
            "how long is the step?",
        ),
        (
            each_leaf(lambda p, g, rate: rate - g * p),
            "the learning rate took the place of the parameters",
            "`partial` fills a function's arguments from the left: give this one by its name",
        ),
        (
            each_leaf(lambda p, g, rate: (p - rate) * g),
            "the brackets are wrong: the learning rate belongs to the gradient",
            "which comes first, times or minus?",
        ),
        (
            each_leaf(lambda p, g, rate: rate * p - g),
            "you multiplied the parameters by the rate, and not the gradient",
            "what is to be multiplied with the learning rate, and what is not?",
        ),
        (
            normalised,
            "you divided by the gradient's size: all your steps are equally long",
            "a steep slope should mean a long step",
        ),
        (
            each_leaf(lambda p, g, rate: p * (1 - rate) - g),
            "you multiplied the parameters by the rate, and not the gradient",
            "what is to be multiplied with the learning rate, and what is not?",
        ),
        (
            each_leaf(lambda p, g, rate: downhill(p, g, rate) if np.ndim(p) > 1 else p),
            *ONLY_TABLES,
        ),
        (
            each_leaf(lambda p, g, rate: p - rate * g**2),
            "you squared the gradient",
            "which way does the loss fall where a slope is below 0?",
        ),
        (
            each_leaf(lambda p, g, rate: p - rate * jnp.sum(g)),
            "you added up the gradients of all of a leaf's numbers",
            "each number of a leaf has a gradient of its own",
        ),
        (
            each_leaf(lambda p, g, rate: p - rate * jnp.mean(g)),
            "you took one mean gradient for all of a leaf's numbers",
            "each number of a leaf has a gradient of its own",
        ),
        (fixed_rate(0.1), *THE_RATE),
        (fixed_rate(1e-2), *THE_RATE),
        (fixed_rate(1e-3), *THE_RATE),
        (
            each_leaf(lambda p, g, rate: p - g / rate),
            "you divided by the learning rate",
            "a small rate should mean a small step",
        ),
        (
            each_leaf(lambda p, g, rate: p - rate**2 * g),
            "the learning rate counts twice in your step",
            "once is enough",
        ),
        (
            each_leaf(lambda p, g, rate: p - rate),
            "your step has the same length everywhere: the gradient is not in it",
            "which weight should move far, and which way?",
        ),
        (
            each_leaf(lambda p, g, rate: rate * (p - g)),
            "your brackets shrink the parameters, too",
            "what is to be multiplied with the learning rate, and what is not?",
        ),
        (
            each_leaf(lambda p, g, rate: p - rate * jnp.abs(g)),
            "your steps all go down: the sign of the gradient is lost",
            "which way does the loss fall?",
        ),
        (
            each_leaf(lambda p, g, rate: p - rate * jnp.clip(g, -1, 1)),
            "you cut the gradient off at 1",
            "a steep slope should mean a long step",
        ),
        (
            gradients_reversed,
            "your gradients belong to other parameters",
            "`jax.tree.map` walks through both trees in the same order",
        ),
        (
            paired_by_place,
            "you paired parameters and gradients by their place in the dictionary, not by name",
            "a dictionary of gradients may have its names in another order; what does "
            "`jax.tree.map` go by?",
        ),
        (biases_moved, *WEIGHTS_LEFT),
        (each_leaf(lambda p, g, rate: -rate * g), *NOT_WHERE_IT_LEADS),
        (each_leaf(lambda p, g, rate: rate * g), *NOT_WHERE_IT_LEADS),
        (
            each_leaf(lambda p, g, rate: g),
            "you returned the gradient as it came",
            "what is to be done with it?",
        ),
        (
            each_leaf(lambda p, g, rate: p),
            "nothing moved",
            "you hold the same parameters as before: what does `jax.tree.map` return?",
        ),
        (
            each_leaf(lambda p, g, rate: p - rate * p),
            "you shrank the weights and used no gradient",
            "what does the gradient do in your line?",
        ),
        (
            each_leaf(lambda p, g, rate: rate * g - p),
            "you subtracted the parameters from the step",
            "from where does the step start?",
        ),
        (
            each_leaf(lambda p, g, rate: g - rate * p),
            "you exchanged parameters and gradients",
            "which of them moves?",
        ),
        (
            each_leaf(lambda p, g, rate: p - rate * jnp.sign(g)),
            "only the gradient's sign counts in your step",
            "a steep slope should mean a long step",
        ),
        (
            each_leaf(lambda p, g, rate: p * (1 - rate * g)),
            "you multiplied where one goes a step",
            "a weight of 0 must be able to move",
        ),
        (dictionaries_subtracted, *AS_NUMBERS),
        (dictionaries_subtracted_from_the_right, *AS_NUMBERS),
        (first_level_moved, *ONE_LEVEL),
        (first_level_moved_from_the_right, *ONE_LEVEL),
        (two_levels_moved, *TWO_LEVELS),
        (two_levels_moved_by_name, *TWO_LEVELS),
        (first_module_moved, *ONE_MODULE),
        (last_module_moved, *ONE_MODULE),
        (weights_moved, *BIASES_LEFT),
    ],
    right=each_leaf(lambda p, g, rate: p - rate * g),
)
