"""Two like years of 100, 200, 300 and 400 a quarter: nothing strays, and the total stands still."""

import math

import numpy as np
import pytest
from scipy import stats

from laoyou.outlooks.counts import count_to_come, count_years, later_year, this_year
from laoyou.outlooks.predictive import Rest
from laoyou.seasonal import own_profile

nan = np.nan
EVEN = [0.25, 0.5, 0.75, 1.0]
RISING = [100.0, 300.0, 600.0, 1000.0]


@pytest.fixture(scope="session")
def ruled(rules):
    return rules.outlook


def told(years, ruled, base=EVEN):
    return count_years(np.array(years, float), own_profile(years, base, 2), ruled)


def test_a_total_that_stood_still_is_expected_again_with_half_the_usual_change(ruled):
    known = told([RISING, RISING], ruled)
    assert (known.dispersion, known.prior_total) == (1, 1000)
    # One change of 0 and one assumed of 0.1: c² = 0.01 / 2; phi / (c² x 1000) = 0.2 years.
    assert known.prior_years == pytest.approx(0.2)


def test_totals_that_moved_make_the_last_one_worth_less(ruled):
    known = told([RISING, [2 * x for x in RISING]], ruled)
    squared = (math.log(2) ** 2 + 0.1**2) / 2
    assert known.prior_total == 2000
    assert known.prior_years == pytest.approx(known.dispersion / (squared * 2000))


def test_a_total_of_two_years_ago_is_worth_half(ruled):
    assert told([RISING, RISING, [100, 300, nan, 1000]], ruled).prior_years == pytest.approx(0.1)


def test_what_few_years_tell_is_widened_as_students_t_is(ruled):
    weight = 1 - 3 / 400
    freedom = 2 * (2 - weight)
    assert told([RISING, RISING], ruled).inflation == pytest.approx(
        (stats.t.ppf(0.9, freedom) / stats.norm.ppf(0.9)) ** 2
    )


def test_without_a_complete_year_nothing_is_told(ruled):
    assert told([[100, nan, 600, 1000]], ruled) is None


def test_the_rest_of_a_year_by_hand(ruled):
    known = told([RISING, RISING], ruled)
    weight = 1 - 3 / 400
    share = 0.5 - 0.2 * weight
    rest = count_to_come(320, 2, 4, known)
    # (200 + 320) / (0.2 + w) a year, of which 1 - w is to come.
    assert rest.mean == pytest.approx(520 / (0.2 + share) * (1 - share))
    spread = (1 + (1 - share) / (0.2 + share)) * known.inflation * (1 + weight / 2)
    assert rest.spread == pytest.approx(spread)


def test_a_part_of_the_rest_is_less_than_the_rest(ruled):
    known = told([RISING, RISING], ruled)
    next_quarter, whole = count_to_come(320, 2, 3, known), count_to_come(320, 2, 4, known)
    assert next_quarter.mean == pytest.approx(
        whole.mean * (0.25 + 0.05 * known.profile.weight) / (0.5 + 0.2 * known.profile.weight)
    )
    assert next_quarter.spread < whole.spread


def test_a_count_goes_on_from_where_it_stands(ruled):
    counts = np.array([RISING, RISING, [110, 320, nan, nan]])
    profile = own_profile(counts[:2], EVEN, 2)
    found = this_year(counts, 5320.0, 2, 4, profile=profile, rules=ruled)
    assert (found.method, found.points, found.already) == ("gamma_poisson", 10, 5320)
    assert found.chance("ge", 5320) == 1
    assert found.chance("lt", 5320) == 0
    assert isinstance(found.shape, Rest)
    p = stats.nbinom.sf(679, found.shape.size, found.shape.success)
    assert found.chance("ge", 6000) == pytest.approx(p)
    assert found.quantiles([0.5])[0] == 5320 + stats.nbinom.ppf(0.5, found.shape.size, found.shape.success)


def years_of_totals(*totals):
    return np.array([[x * total for x in EVEN] for total in totals])


def test_a_later_year_walks_from_this_ones_total(ruled):
    counts = years_of_totals(1000, 1100, 1000, 1100)
    profile = own_profile(counts, EVEN, 2)
    found = later_year(counts, 1100.0, 4, 4, years=1, kind="annual_count", profile=profile, rules=ruled)
    # Three changes of log 1.1, up, down and up, about zero; a year ahead.
    assert (found.method, found.points) == ("year_totals", 4)
    assert found.shape.location.tolist() == [pytest.approx(math.log(1100.5))]
    assert found.shape.scale.tolist() == [pytest.approx(math.sqrt(math.log1p(math.log(1.1) ** 2)), rel=1e-6)]
    assert found.shape.freedom.tolist() == [2]


def test_two_years_ahead_the_walk_has_twice_the_variance(ruled):
    counts = years_of_totals(1000, 1100, 1000, 1100)
    profile = own_profile(counts, EVEN, 2)
    one, two = (
        later_year(counts, 1100.0, 4, 4, years=n, kind="annual_count", profile=profile, rules=ruled)
        for n in (1, 2)
    )
    assert np.expm1(two.shape.scale**2) == pytest.approx(2 * np.expm1(one.shape.scale**2))


def test_a_cumulative_count_adds_the_years_between(ruled):
    counts = years_of_totals(1000, 1100, 1000, 1100)
    profile = own_profile(counts, EVEN, 2)
    found = later_year(counts, 4200.0, 4, 4, years=2, kind="cumulative_count", profile=profile, rules=ruled)
    assert found.shape.location.tolist() == [pytest.approx(math.log(2200.5))]
    # The mean of two years ahead: 1 + 1/4 variances of log 1.1 squared.
    assert np.expm1(found.shape.scale**2) == pytest.approx([1.25 * math.log(1.1) ** 2])
    assert found.chance("ge", 4200) == 1
    assert found.quantiles([0.5])[0] == pytest.approx(6400, abs=0.01)


def test_three_complete_years_are_too_few_for_a_later_one(ruled):
    counts = years_of_totals(1000, 1100, 1000)
    profile = own_profile(counts, EVEN, 2)
    assert (
        later_year(counts, 1000.0, 4, 4, years=1, kind="annual_count", profile=profile, rules=ruled) is None
    )


def test_a_quarter_of_a_later_year_is_its_share(ruled):
    counts = years_of_totals(1000, 1100, 1000, 1100)
    profile = own_profile(counts, EVEN, 2)
    found = later_year(counts, 1100.0, 4, 2, years=1, kind="annual_count", profile=profile, rules=ruled)
    assert found.shape.location.tolist() == [pytest.approx(math.log(550.5))]
    # Half a year of 1100 about its share: 1100 / 4 more.
    relative = math.log(1.1) ** 2 + 275 / 550**2
    assert np.expm1(found.shape.scale**2) == pytest.approx([relative])


@pytest.mark.parametrize(("kind", "times"), [("annual_count", 1), ("cumulative_count", 2)])
def test_the_rest_of_this_year_moves_next_years_total_and_a_cumulative_count_once_more(ruled, kind, times):
    counts = np.vstack([years_of_totals(1000, 1100, 1000, 1100), [[275, 550, 825, nan]]])
    known = told(counts[:4], ruled)
    rest = count_to_come(825, 3, 4, known)
    found = later_year(counts, 4725.0, 3, 4, years=1, kind=kind, profile=known.profile, rules=ruled)
    # T = 825 + R; an annual count gains T, a cumulative one R + T: R is in it once or twice.
    total = 825 + rest.mean
    gain = total + (times - 1) * rest.mean
    variance = times**2 * rest.mean * rest.spread + (total * math.log(1.1)) ** 2
    assert found.shape.location.tolist() == [pytest.approx(math.log(gain + 0.5))]
    assert np.expm1(found.shape.scale**2) == pytest.approx([variance / gain**2])
