"""Walks and steps by hand."""

import math

import numpy as np
import pytest

from laoyou.outlooks import forecasts as fc
from laoyou.outlooks.forecasts import Horizon, Steps
from laoyou.outlooks.scales import level_scale

nan = np.nan


@pytest.fixture(scope="session")
def ruled(rules):
    return rules.outlook


# --- Horizons ---------------------------------------------------------------------------------------------------


def test_so_many_steps_ahead_a_walk_has_so_many_variances_and_drifts():
    assert fc.steps_ahead(3) == (3, 3)


@pytest.mark.parametrize(
    ("values", "after", "horizon"),
    [
        (1, 0, (1, 1)),
        (2, 0, (1 / 4 + 1, 1.5)),  # the first step moves both, the second one of two
        (3, 0, ((1 + 4 + 9) / 9, 2)),
        (4, 0, ((1 + 4 + 9 + 16) / 16, 2.5)),
        (4, 2, (2 + 30 / 16, 4.5)),
    ],
)
def test_the_mean_of_what_is_to_come_moves_less_than_its_end(values, after, horizon):
    assert fc.mean_ahead(values, after) == pytest.approx(horizon)


def test_the_horizon_of_a_mean_is_that_of_many_walks():
    walks = np.random.default_rng(1).normal(0.3, 1, (200_000, 4)).cumsum(axis=1)
    mean = walks[:, 1:].mean(axis=1)  # three values, the first two steps ahead
    variance, drift = fc.mean_ahead(3, after=1)
    assert mean.var() == pytest.approx(variance, rel=0.02)
    assert mean.mean() == pytest.approx(0.3 * drift, rel=0.02)


# --- Steps and walks --------------------------------------------------------------------------------------------


def test_only_the_last_changes_count_and_gaps_are_none():
    # The last three known: 1, 3, 2; mean 2, variance (1 + 1 + 0) / 2.
    assert fc.steps_of([50, nan, 1, nan, 3, 2], 3) == (3, 2, 1)


def test_one_change_has_no_spread():
    number, mean, spread = fc.steps_of([1.0, nan], 12)
    assert number == 1
    assert math.isnan(mean + spread)


def test_a_series_without_scatter_still_has_its_rounding():
    assert fc.steps_of([2, 2, 2], 12, least=0.4) == (3, 2, 0.4)
    assert fc.steps_of([1, 3, 2], 12, least=0.4).deviation == 1


def test_from_eight_points_half_of_the_walks_drift(ruled):
    # Seven changes of mean 2 and deviation 3; two steps ahead from 10.
    walk = fc.walk(10, Steps(7, 2, 3), Horizon(2, 2), ruled)
    assert walk.location.tolist() == [10, 14]
    assert walk.scale.tolist() == pytest.approx([3 * math.sqrt(2), 3 * math.sqrt(2 + 4 / 7)])
    assert walk.freedom.tolist() == [6, 6]
    assert walk.weight.tolist() == [0.5, 0.5]


def test_below_eight_points_no_walk_drifts_and_its_steps_are_about_zero(ruled):
    # Six changes: (5 x 9 + 6 x 4) / 6 = 11.5 is their mean square.
    walk = fc.walk(10, Steps(6, 2, 3), Horizon(2, 2), ruled)
    assert walk.location.tolist() == [10]
    assert walk.scale.tolist() == pytest.approx([math.sqrt(2 * 11.5)])
    assert walk.freedom.tolist() == [5]


def test_the_mean_square_is_that_of_the_changes(ruled):
    changes = np.array([1.0, -2.0, 4.0, 0.5])
    [variance] = fc.ways(fc.steps_of(changes, 12), Horizon(1, 1), ruled).variance
    assert variance == pytest.approx((1 + 4 + 16 + 0.25) / 4)


def test_degrees_of_freedom_are_capped(ruled):
    assert [fc.freedom(Steps(k, 0, 1), ruled) for k in (3, 6, 7, 8, 12)] == [2, 5, 6, 6, 6]


def test_what_the_last_point_lacks_is_added(ruled):
    walk = fc.walk(0, Steps(12, 0, 3), Horizon(1, 1), ruled, already=16)
    assert walk.scale[0] == 5


def test_four_points_are_enough(ruled):
    assert [fc.enough(Steps(k, 0, 1), ruled) for k in (2, 3)] == [False, True]
    assert [fc.walk_name(Steps(k, 0, 1), ruled) for k in (6, 7)] == ["walk", "walk_and_drift"]


# --- The steps of a year ----------------------------------------------------------------------------------------

TWO_YEARS = [[0, 1.0, 2.0, 3.0], [0, 2.0, 3.0, 5.0]]  # steps 1, 1, 1 and 2, 1, 2


def test_steps_are_held_against_the_mean_of_their_quarter(ruled):
    steps = fc.year_steps(TWO_YEARS, ruled)
    assert steps.mean.tolist() == [1.5, 1, 1.5]
    assert steps.years.tolist() == [2, 2, 2]
    # Residuals ½ and ½ of variance ½, none, ½ and ½ of variance 1/12: (2 x ¼ x 2 + 2 x ¼ x 12) / 3.
    assert steps.deviation == pytest.approx(math.sqrt(7 / 3))
    assert steps.freedom == 2  # of three, two count


def test_a_gap_costs_both_its_steps(ruled):
    steps = fc.year_steps([*TWO_YEARS, [0, 3.0, nan, 9.0]], ruled)
    assert steps.years.tolist() == [3, 2, 2]
    assert steps.mean.tolist() == [2, 1, 1.5]
    assert steps.freedom == pytest.approx(4 * 2 / 3)


def test_one_year_has_steps_and_no_scatter(ruled):
    steps = fc.year_steps(TWO_YEARS[:1], ruled)
    assert steps.mean.tolist() == [1, 1, 1]
    assert math.isnan(steps.deviation)


def test_the_rest_of_a_year_is_the_mean_steps_and_their_doubt(ruled):
    steps = fc.year_steps(TWO_YEARS, ruled)
    location, variance = fc.later_in_year(10, 2, 4, steps)
    assert location == 12.5
    assert variance == pytest.approx(7 / 3 * (1 / 6 + 1 / 12) * (1 + 1 / 2))
    assert fc.later_in_year(10, 3, 3, steps) == (10, 0)


def test_a_year_is_seen_backwards_from_its_end(ruled):
    steps = fc.year_steps(TWO_YEARS, ruled)
    location, variance = fc.later_in_year(12.5, 4, 2, steps)
    assert (location, variance) == (10, pytest.approx(fc.later_in_year(10, 2, 4, steps)[1]))


def test_independent_quarters_make_steps_of_the_stated_variance():
    quarters = np.random.default_rng(2).normal(0, 1, (200_000, 4))
    rates = quarters.cumsum(axis=1) / np.arange(1, 5)
    assert np.diff(rates, axis=1).var(axis=0) == pytest.approx(fc.STEP_VARIANCE, rel=0.02)


# --- What a forecast answers ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("operator", "bound", "chance"),
    [("ge", 5, 1), ("gt", 5, 0), ("le", 5, 1), ("lt", 5, 0), ("lt", 5.01, 1), ("ge", 5.01, 0)],
)
def test_a_known_figure_meets_a_bound_or_does_not(operator, bound, chance):
    assert fc.known(5.0, level_scale(1)).chance(operator, bound) == chance


def test_a_known_figure_is_its_own_interval():
    assert fc.known(5.0, level_scale(1)).quantiles([0.1, 0.5, 0.9]).tolist() == [5, 5, 5]
