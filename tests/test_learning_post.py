"""The claim of notebook 06 on other seeds: the blog post's set-up holds 100 steps, mostly."""

import pytest

from rl_jax import dqn, envs
from rl_jax.loop import BLOG_POST, Diverged, evaluate, train

SEEDS = range(200, 208)
CONFIG = BLOG_POST._replace(stop_at_return=100.0)  # the most: its episodes are cut there


@pytest.fixture(scope="module")
def means() -> dict[int, float]:
    """Seed -> mean greedy return of its best parameters over 20 new starts, capped at 100."""
    found = {}
    for seed in SEEDS:
        try:
            params = train(envs.make(), CONFIG, seed, progress=False).params
        except Diverged as error:  # seldom; it counts as far as it got
            params = error.result.params
        options = {"network": dqn.network_for(CONFIG), "max_episode_steps": 100}
        found[seed] = evaluate(params, envs.make(), 20, seed=seed + 1_000, **options).mean()
    print(found)
    return found


def test_the_blog_posts_set_up_holds_100_steps_on_6_of_8_seeds(means):
    assert sum(mean >= 99.5 for mean in means.values()) >= 6, means
