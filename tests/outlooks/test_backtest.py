"""Scores by hand and by quadrature; a row's own record counted out."""

import math

import numpy as np
import pandas as pd
import pytest
from scipy import integrate, stats

from laoyou.outlooks.backtest import (
    brier,
    covered,
    normal_crps,
    own_record,
    plain_walk,
    quantile_crps,
    random_walk,
)
from laoyou.outlooks.forecasts import Forecast, known
from laoyou.outlooks.histories import History
from laoyou.outlooks.outlook import outlook
from laoyou.outlooks.predictive import Mixture, Rest, rest_crps
from laoyou.outlooks.scales import Scale, level_scale
from laoyou.seasonal import Profile

nan = np.nan
PLAIN = Scale(
    forward=lambda x: np.asarray(x, float),
    back=lambda z: np.asarray(z, float),
    edge=lambda o, b: b,
    grain=lambda x: 1.0,
)


def test_an_interval_covers_its_own_ends():
    assert covered(1, 2, [0.99, 1, 2, 2.01]).tolist() == [False, True, True, False]


def test_the_brier_score_is_the_square_of_the_miss():
    assert brier([1, 0, 0.7, 0.7], [True, True, True, False]).tolist() == pytest.approx([0, 1, 0.09, 0.49])


@pytest.mark.parametrize("value", [-2.0, 0.3, 5.0])
def test_the_score_of_a_normal_forecast_is_the_area_between(value):
    below, _ = integrate.quad(lambda x: stats.norm.cdf(x, 1, 2) ** 2, -30, value)
    above, _ = integrate.quad(lambda x: stats.norm.sf(x, 1, 2) ** 2, value, 30)
    assert normal_crps(1, 2, value) == pytest.approx(below + above, rel=1e-7)


def test_a_score_by_quantiles_is_that_of_the_distribution():
    found = Forecast("normal", 0, Mixture.of([1.0], [2.0], [np.inf]), PLAIN)
    assert quantile_crps(found, PLAIN, 2.5) == pytest.approx(float(normal_crps(1, 2, 2.5)), rel=1e-3)


def test_a_score_by_quantiles_of_a_count_is_near_its_sum():
    rest = Rest(400.0, 3.0)
    assert quantile_crps(Forecast("gamma_poisson", 9, rest, level_scale(0)), PLAIN, 450) == pytest.approx(
        rest_crps(rest, 450), rel=0.01
    )


def test_a_figure_known_exactly_scores_its_distance():
    assert quantile_crps(known(3.0, PLAIN), PLAIN, 5.0) == pytest.approx(2)
    assert quantile_crps(known(3.0, PLAIN), PLAIN, 3.0) == 0


def test_the_plain_walk_is_about_zero_and_grows_with_the_root_of_its_steps():
    last, deviation = random_walk([1.0, 2.0, nan, 5.0, 8.0], 4)  # changes 1 and 3
    assert (last, deviation) == (8, pytest.approx(math.sqrt(4 * 5)))


def test_without_a_change_there_is_no_walk():
    assert math.isnan(random_walk([3.0], 1)[1])
    assert math.isnan(random_walk([], 1)[0])


# --- The plain walk of a row ------------------------------------------------------------------------------------


def past(kind, quarter, value, since_january=None, decimals=1):
    figures = np.array(value, float)
    unknown = np.full(figures.shape, nan)
    counted = unknown if since_january is None else np.array(since_january, float)
    profile = Profile(np.array([0.25, 0.5, 0.75, 1.0]), np.array(0.0), np.array(0.0))
    return History(kind, False, decimals, quarter, figures, counted, unknown, unknown, profile)


def test_a_stock_walks_on_from_its_last_quarter():
    found = plain_walk(past("stock", 2, [10, 11, 10, 11, 12, 12]))
    z = np.log(np.array([10, 11, 10, 11, 12, 12]) + 0.05)
    assert found.shape.location[0] == pytest.approx(z[-1])
    assert found.shape.scale[0] == pytest.approx(math.sqrt(2 * (np.diff(z) ** 2).mean()))
    assert found.quantiles([0.5])[0] == pytest.approx(12)


def test_a_count_walks_on_from_last_years_total():
    counts = [10, 20, 30, 40, 15, 30, 45, 60, 9, 18]
    found = plain_walk(past("annual_count", 2, counts, counts, decimals=0))
    assert found.quantiles([0.5])[0] == pytest.approx(60)
    assert found.shape.scale[0] == pytest.approx(math.log(60.5 / 40.5))


def test_a_cumulative_count_adds_last_years_total():
    since = [10, 20, 30, 40, 15, 30, 45, 60, 9, 18]
    total = [*since[:4], *(40 + x for x in since[4:8]), *(100 + x for x in since[8:])]
    found = plain_walk(past("cumulative_count", 2, total, since, decimals=0))
    assert found.quantiles([0.5])[0] == pytest.approx(160)


def test_a_survey_rates_year_keeps_the_quarters_known():
    found = plain_walk(past("survey_rate", 2, [5.0, 5.1, 5.0, 5.2, 4.8, 5.0]))
    assert found.quantiles([0.5])[0] == pytest.approx((4.8 + 5.0 + 2 * 5.0) / 4)


# --- A row's own record -----------------------------------------------------------------------------------------


def rising(first, count):
    start = pd.Period(first, freq="Q-DEC")
    return {str(start + n): 100 + n + (n % 3) for n in range(count)}


def test_only_years_that_are_over_are_counted(one_row_plan, observe, rules):
    plan, figures = one_row_plan("stock", "110"), observe(rising("2022Q1", 19))
    # Of 2023 and 2024, the first three quarters each, of 2025 not before its end.
    counted = [
        own_record(plan, figures, quarter, rules=rules).iloc[0].cases
        for quarter in ("2025Q3", "2025Q4", "2026Q3")
    ]
    assert counted == [6, 9, 9]


def test_a_record_is_the_outlooks_made_then(one_row_plan, observe, rules):
    plan, rows = one_row_plan("stock", "108"), rising("2022Q1", 8)
    record = own_record(plan, observe(rows), "2023Q4", rules=rules).iloc[0]
    then = [outlook(plan, observe(rows), f"2023Q{n}", rules=rules).iloc[0] for n in (1, 2, 3)]
    end = rows["2023Q4"]  # 100 + 7 + 1 = 108
    assert end == 108
    assert record.cases == 3
    assert record.coverage == np.mean([t.year_low <= end <= t.year_high for t in then])
    assert record.brier == pytest.approx(np.mean([(t.p_year - 1) ** 2 for t in then]))


def test_figures_after_the_year_change_no_record_of_it(one_row_plan, observe, rules):
    plan = one_row_plan("stock", "108")
    short, long = (
        rising("2022Q1", 8),
        rising("2022Q1", 8) | {"2024Q1": 500, "2024Q2": {"value": 1, "series_break": "口径调整"}},
    )
    a, b = (own_record(plan, observe(rows), "2023Q4", rules=rules) for rows in (short, long))
    pd.testing.assert_frame_equal(a, b)


def test_without_a_number_to_reach_the_interval_is_still_scored(one_row_plan, observe, rules):
    record = own_record(
        one_row_plan("stock", "——"), observe(rising("2022Q1", 8)), "2023Q4", rules=rules
    ).iloc[0]
    assert record.cases == 3
    assert math.isnan(record.brier)
    assert record.crps > 0


def test_a_year_on_a_new_basis_is_no_test_of_the_old(one_row_plan, observe, rules):
    rows = rising("2022Q1", 12)
    broken = rows | {"2024Q3": {"value": 60, "series_break": "口径调整"}}
    plan = one_row_plan("stock", "108")
    assert own_record(plan, observe(rows), "2024Q4", rules=rules).iloc[0].cases == 6
    assert own_record(plan, observe(broken), "2024Q4", rules=rules).iloc[0].cases == 3


def test_a_yearly_row_is_scored_once_a_year(one_row_plan, observe, rules):
    plan = one_row_plan("stock_ratio", "70", frequency="year")
    figures = {f"{year}Q4": x for year, x in zip(range(2020, 2026), (30.0, 35, 39, 46, 50, 57), strict=True)}
    assert (
        own_record(plan, observe(figures), "2025Q4", rules=rules).iloc[0].cases == 2
    )  # 2024 and 2025: four ends before


def test_a_row_without_outlooks_has_no_record(plan, shipped, rules):
    records = own_record(plan, shipped, "2026Q3", rules=rules).set_index("indicator")
    assert list(records.index) == list(plan.indicators)
    assert records.loc["minimum_wage_top_tier", "cases"] == 0
    assert records.loc["minimum_wage_top_tier"].drop("cases").isna().all()


def test_a_record_lies_within_its_bounds(plan, shipped, rules):
    records = own_record(plan, shipped, "2026Q3", rules=rules)
    for name in ("coverage", "brier", "walk_coverage", "walk_brier"):
        assert records[name].dropna().between(0, 1).all()
    assert (records["crps"].dropna() > 0).all()
