"""Judging: whole episodes, greedily, and never without an end."""

import gymnasium
import jax
import jax.numpy as jnp
import numpy as np
import pytest
from helpers import TINY, Probe

from rl_jax import dqn, envs, evaluation, loop
from rl_jax.config import CARTPOLE
from rl_jax.evaluation import evaluate, greedy_policy

HARD = TINY._replace(target_update="episode")


def test_evaluate_plays_whole_episodes_of_a_policy():
    assert evaluate(lambda _: 0, Probe(length=6), episodes=3).tolist() == [6.0] * 3
    capped = evaluate(lambda _: 0, Probe(length=6), episodes=2, max_episode_steps=4)
    assert capped.tolist() == [4.0] * 2
    cut = evaluate(lambda _: 0, Probe("truncated", length=6), episodes=2, max_episode_steps=9)
    assert cut.tolist() == [6.0] * 2
    env = Probe()
    for seed in (0, 0, 1):
        evaluate(lambda _: 0, env, episodes=2, seed=seed)
    assert env.seeds[:2] == env.seeds[2:4] != env.seeds[4:]
    assert len(set(env.seeds)) == 4


def test_a_return_is_the_sum_of_the_rewards():
    env = gymnasium.wrappers.TransformReward(Probe(length=6), lambda reward: -0.5 * reward)
    assert evaluate(lambda _: 0, env, episodes=2).tolist() == [-3.0] * 2


def test_evaluate_plays_parameters_greedily():
    # Biases alone decide: action 1 is always better, and pushing right for ever falls early.
    network = dqn.network_for(CARTPOLE)
    params = jax.tree.map(np.zeros_like, network.init(jax.random.key(0), np.zeros(4)))
    params["mlp/~/linear_2"]["b"][1] = 1.0
    right = evaluate(lambda _: 1, envs.make(), 3)
    assert evaluate(params, envs.make(), 3).tolist() == right.tolist()  # network by default
    small = dqn.network_for(HARD)
    params = small.init(jax.random.key(0), np.zeros(4))
    policy = loop.greedy_policy(params, small)
    assert type(policy(np.zeros(4, np.float32))) is int
    by_policy = evaluate(policy, envs.make(), 3)
    assert evaluate(params, envs.make(), 3, network=small).tolist() == by_policy.tolist()


@pytest.mark.parametrize(
    "observation", [np.array([1, 2], np.uint8), np.array([True, False]), np.array([1, 2]), [1, 2]]
)
def test_whole_numbers_are_observations_too(observation):
    network = dqn.make_network(2, n_actions=2, hidden=(8,))
    params = network.init(jax.random.key(1), np.zeros(2))
    policy = loop.greedy_policy(params, network)
    assert policy(observation) == policy(np.asarray(observation, np.float32))


@pytest.mark.parametrize("poison", [np.nan, np.inf])
def test_evaluation_refuses_parameters_that_are_not_finite(poison):
    network = dqn.network_for(CARTPOLE)
    params = network.init(jax.random.key(0), np.zeros(4))
    params["mlp/~/linear_1"]["w"] = params["mlp/~/linear_1"]["w"].at[0, 0].set(poison)
    with pytest.raises(FloatingPointError, match="no longer finite in this policy"):
        evaluate(params, envs.make(), 1)
    with pytest.raises(FloatingPointError, match="no longer finite in this policy"):
        loop.greedy_policy(params, network)


@pytest.mark.parametrize(
    "policy",
    [
        lambda state: jnp.argmax(jnp.array([0.0, 1.0])),
        lambda state: np.int8(1),
        lambda state: np.uint8(1),
        lambda state: np.array(1),
        jax.jit(lambda state: jnp.int32(1)),
    ],
)
def test_an_action_in_any_type_is_played(policy):
    right = evaluate(lambda _: 1, envs.make(), 2)
    assert evaluate(policy, envs.make(), 2).tolist() == right.tolist()


@pytest.mark.parametrize(
    ("chosen", "kind", "words"),
    [
        (0.5, TypeError, "one action, a whole number, but it returned 0.5"),
        (1.0, TypeError, "one action, a whole number"),
        (None, TypeError, "or a missing return"),
        ([1], TypeError, "one action, a whole number"),
        (np.array([1]), TypeError, "one action, a whole number"),
        (True, TypeError, "one action, a whole number"),
        ("left", TypeError, "one action, a whole number"),
        (2, ValueError, r"in 0 \.\. 1, but it returned 2"),
        (-1, ValueError, r"in 0 \.\. 1, but it returned -1"),
    ],
)
def test_what_is_no_action_is_refused(chosen, kind, words):
    with pytest.raises(kind, match=words):
        evaluate(lambda _: chosen, envs.make(), 1)


def test_an_episode_without_an_end_is_given_up(monkeypatch):
    monkeypatch.setattr(evaluation, "ENDLESS", 1_000)
    match = (
        r"has not ended after 1,000 steps; .* time limit is None\. Likely fix: max_episode_steps"
    )
    steps = []
    with pytest.raises(ValueError, match=match):
        evaluate(lambda _: steps.append(0) or 0, Probe("never"), 1)
    assert len(steps) == 1_000
    assert evaluate(lambda _: 0, Probe("never"), 1, max_episode_steps=1_000).tolist() == [1_000]


def test_a_long_episode_is_played_to_its_end():
    assert evaluation.ENDLESS == 100_000
    assert evaluate(lambda _: 0, Probe(length=100_000), 1).tolist() == [100_000.0]


def test_parameters_of_another_network_are_refused():
    params = dqn.network_for(HARD).init(jax.random.key(0), np.zeros(4))
    match = r"must have the network's shapes .* Likely fix: network=dqn\.network_for"
    with pytest.raises(ValueError, match=match):
        evaluate(params, envs.make(), 1)
    with pytest.raises(ValueError, match=match):
        loop.greedy_policy(params, dqn.network_for(CARTPOLE))(np.zeros(4))
    larger = dqn.network_for(CARTPOLE).init(jax.random.key(0), np.zeros(4))
    with pytest.raises(ValueError, match=match):
        loop.greedy_policy(larger, dqn.network_for(HARD))(np.zeros(4))


def test_parameters_of_a_population_are_those_of_several_agents():
    params = dqn.network_for(CARTPOLE).init(jax.random.key(0), np.zeros(4))
    several = jax.tree.map(lambda leaf: jnp.stack([leaf] * 3), params)
    with pytest.raises(ValueError, match=r"Likely fix: one agent of the population, .*leaf\[0\]"):
        evaluate(several, envs.make(), 1)


@pytest.mark.parametrize(("n_actions", "shape"), [(1, r"\(1,\)"), (3, r"\(3,\)")])
def test_a_network_for_another_number_of_actions_is_refused(n_actions, shape):
    env = Probe(n_actions=2)
    network = dqn.make_network(1, n_actions, (4,))
    params = network.init(jax.random.key(0), np.zeros(1))
    with pytest.raises(ValueError, match=f"one Q-value for each of 2 actions.*{shape}"):
        evaluate(params, env, 1, network=network)
    assert env.seeds == []


@pytest.mark.parametrize("network", ["junk", 0, ()])
def test_what_is_no_network_is_refused_also_where_none_is_needed(network):
    for policy in (lambda state: 0, {}):
        with pytest.raises(TypeError, match="network must be a network, but it is"):
            evaluate(policy, Probe(), 1, network=network)


def test_an_environment_that_does_not_tell_its_observations_is_played():
    env = Probe(length=6)
    network = dqn.make_network(1, 1, ())
    params = network.init(jax.random.key(0), np.zeros(1))
    del env.observation_space
    assert evaluate(params, env, 1, network=network).tolist() == [6.0]


def test_a_judge_may_explore():
    network = dqn.network_for(CARTPOLE)
    params = network.init(jax.random.key(0), np.zeros(4))
    judge = lambda key, q_values: jax.random.randint(key, (), 0, 2)  # noqa: E731
    policy = evaluation.judging_policy(params, network, judge, seed=1)
    chosen = [policy(np.zeros(4)) for _ in range(40)]
    assert set(chosen) == {0, 1}
    again = evaluation.judging_policy(params, network, judge, seed=1)
    assert [again(np.zeros(4)) for _ in range(40)] == chosen
    other = evaluation.judging_policy(params, network, judge, seed=2)
    assert [other(np.zeros(4)) for _ in range(40)] != chosen


@pytest.mark.parametrize(
    ("option", "kind", "words"),
    [
        ({"episodes": 0}, ValueError, "episodes must be at least 1, but it is 0"),
        ({"episodes": 2.5}, ValueError, "episodes must be a whole number"),
        ({"seed": -1}, ValueError, "seed must be at least 0"),
        ({"seed": 2**32}, ValueError, "seed must be at most"),
        ({"max_episode_steps": 0}, ValueError, "max_episode_steps must be at least 1"),
        ({"max_episode_steps": "a"}, TypeError, "max_episode_steps must be a whole number"),
    ],
)
def test_options_that_make_no_sense_are_refused(option, kind, words):
    with pytest.raises(kind, match=words):
        evaluate(lambda _: 0, Probe(), **option)


@pytest.mark.parametrize("policy", ["greedy", None, {}, 3, {"w": "text"}])
def test_what_is_neither_a_function_nor_parameters_is_refused(policy):
    with pytest.raises(TypeError, match=r"a policy must be a function .* or parameters"):
        evaluate(policy, envs.make())


def test_a_policy_is_asked_about_one_observation():
    network = dqn.network_for(CARTPOLE)
    params = network.init(jax.random.key(0), np.zeros(4))
    with pytest.raises(ValueError, match=r"one action, .* but the shape is \(3,\)"):
        greedy_policy(params, network)(np.zeros((3, 4)))
