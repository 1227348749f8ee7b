"""What notebook 08 says that each bug costs, on seeds that it does not use.

The training is the notebook's own: its cells with the tag `training` run here.
"""

import numpy as np
import pytest
from series import code_cells, source_of, tags

SEED = 1  # the notebook uses 0


@pytest.fixture(scope="module")
def hunt() -> dict:
    """The names that the training cells define, and those that they import."""
    namespace = {}
    for cell in code_cells(source_of("08_bug_hunt")):
        if {"imports", "training"} & set(tags(cell)):
            exec(cell.source, namespace)
    return namespace


def upright(hunt, **switches) -> float:
    """What the median network at the end thinks of a pole at rest."""
    return np.median(hunt["run"](seed=SEED, **switches)[1][:, -1, 0])


def test_the_right_program_learns(hunt):
    assert hunt["score"](hunt["run"](seed=SEED)[0]).mean() > 170
    assert 60 < upright(hunt) < 200


# (bug, setting, at least so many steps lost, at most so many)
COSTLY = [
    ("column_against_row", {}, 120, 200),
    ("target_never_updated", {}, 120, 200),
    ("stored_by_reference", {}, 120, 200),
    ("learning_rate_too_high", {}, 40, 150),
    ("gradient_through_target", {}, 10, 90),
    ("loss_is_a_sum", {"sgd": 0.1}, 40, 120),
    ("test_explores", {}, 1, 25),
]
FREE = ["loss_is_a_sum", "terminal_target_0", "key_used_twice"]


@pytest.mark.parametrize(("bug", "setting", "least", "most"), COSTLY)
def test_a_bug_costs_what_the_notebook_says(hunt, bug, setting, least, most):
    mean, _, high = hunt["effect"](bug, seed=SEED, **setting)
    assert high < 0 and least < -mean < most


# (bug, switch, setting, the mean lies between): intervals too wide, or too narrow, to go by.
UNDECIDED = [
    ("coin_decides_side", True, {}, -80, 20),
    ("time_is_up_means_fell", True, {}, -10, 10),
    ("time_is_up_means_fell", True, {"limit": 50}, -50, 50),
    ("online_target", True, {}, -40, 25),
    ("unseeded", 7, {}, -25, 25),
]


@pytest.mark.parametrize(("bug", "value", "setting", "least", "most"), UNDECIDED)
def test_an_effect_that_is_not_clear_is_small(hunt, bug, value, setting, least, most):
    mean, low, high = hunt["effect"](bug, value, seed=SEED, **setting)
    assert least < mean < most and low < mean < high


@pytest.mark.parametrize("bug", FREE)
def test_no_effect_that_16_seeds_can_show(hunt, bug):
    mean, low, high = hunt["effect"](bug, seed=SEED)
    assert abs(mean) < 20 and low < 10 and high > -10


def test_the_symptoms_tell_the_bugs_apart(hunt):
    assert np.isnan(hunt["run"](seed=SEED, loss_is_a_sum=True, sgd=0.1)[1][:, -1]).mean() > 0.5
    assert upright(hunt, target_never_updated=True) < 5
    alike = np.ptp(hunt["run"](seed=SEED, column_against_row=True)[1][:, -1], axis=1)
    assert np.median(alike) < 3
    assert upright(hunt, gradient_through_target=True) < 40
    assert upright(hunt, online_target=True) > 200


def test_the_same_seed_gives_the_same_numbers(hunt):
    first = hunt["run"](seed=SEED)
    hunt["run"].cache_clear()
    for one, other in zip(first, hunt["run"](seed=SEED), strict=True):
        np.testing.assert_array_equal(one, other)
