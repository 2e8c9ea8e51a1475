"""Small series looked ahead from by hand, the sample for what holds of every row, and every reason for grey."""

import math

import numpy as np
import pandas as pd
import pytest
from conftest import ledger
from scipy import stats

import laoyou
from laoyou.outlooks.outlook import fan, outlook

nan = np.nan


@pytest.fixture(scope="session")
def look(rules):
    """Return a function that looks ahead from a quarter for the one row of a plan of one row."""

    def make(plan, observations, quarter, **changed):
        return outlook(plan, observations, quarter, rules=changed.get("rules", rules)).iloc[0]

    return make


def quarters(first, figures):
    """Return figures by quarter from a first one on; a missing one is left out."""
    start = pd.Period(first, freq="Q-DEC")
    return {str(start + n): figure for n, figure in enumerate(figures) if figure is not None}


def since(year, *figures):
    return {f"{year}Q{n}": figure for n, figure in enumerate(figures, 1)}


def cases(numerator, denominator):
    return {"numerator": numerator, "denominator": denominator}


STOCK = [100.0, 104.0, 103.0, 108.0, 110.0, 109.0, 115.0]  # seven quarters from 2025Q1 on


# --- Levels -----------------------------------------------------------------------------------------------------


def test_seven_points_of_a_stock_walk_without_drift(one_row_plan, observe, look):
    row = look(one_row_plan("stock", "118"), observe(quarters("2025Q1", STOCK)), "2026Q3")
    d = np.diff(np.log(np.array(STOCK) + 0.005))
    scale = math.sqrt((d**2).mean())
    # One quarter to the year's end: 118 is printed with two decimals, so 117.995 meets it.
    expected = stats.t.sf((math.log(118) - math.log(115.005)) / scale, 5)
    assert (row.year_method, row.year_n, row.year_reason) == ("walk", 7, "computed")
    assert row.p_year == pytest.approx(expected, abs=1e-9)
    assert row.year_median == pytest.approx(115)
    low = math.exp(math.log(115.005) + scale * stats.t.ppf(0.1, 5)) - 0.005
    assert row.year_low == pytest.approx(low)
    # Five quarters to the end of 2027.
    last = stats.t.sf((math.log(118) - math.log(115.005)) / (scale * math.sqrt(5)), 5)
    assert row.p_last == pytest.approx(last, abs=1e-9)


def test_eight_points_walk_with_drift_and_without(one_row_plan, observe, look):
    row = look(one_row_plan("stock", "118"), observe(quarters("2024Q4", [98.0, *STOCK])), "2026Q3")
    d = np.diff(np.log(np.array([98.0, *STOCK]) + 0.005))
    away, s, m = math.log(118) - math.log(115.005), d.std(ddof=1), d.mean()
    plain = stats.t.sf(away / s, 6)
    drifting = stats.t.sf((away - m) / (s * math.sqrt(1 + 1 / 7)), 6)
    assert (row.year_method, row.year_n) == ("walk_and_drift", 8)
    assert row.p_year == pytest.approx((plain + drifting) / 2, abs=1e-9)


def test_a_share_walks_on_the_logit_scale(one_row_plan, observe, look):
    shares = [30.0, 31.0, 30.5, 32.0, 33.0, 32.5, 34.0]
    row = look(one_row_plan("stock_ratio", "35"), observe(quarters("2025Q1", shares)), "2026Q3")
    n = np.array(shares) * 100  # of 10,000: two decimals
    z = np.log((n + 0.5) / (10_000 - n + 0.5))
    scale = math.sqrt((np.diff(z) ** 2).mean())
    edge = math.log((3500 + 0.5) / (6500 + 0.5))
    assert row.p_year == pytest.approx(stats.t.sf((edge - z[-1]) / scale, 5), abs=1e-9)
    assert row.year_median == pytest.approx(34)
    assert 30 < row.year_low < 34 < row.year_high < 38


def test_no_interval_of_a_share_leaves_its_scale(one_row_plan, observe, look):
    row = look(
        one_row_plan("stock_ratio", "全覆盖"),
        observe(quarters("2025Q1", [60, 80, 70, 90, 99, 97, 99.9])),
        "2026Q3",
    )
    assert 0 < row.p_year < 1
    assert row.last_high <= 100


def test_a_survey_rates_year_is_the_mean_of_its_quarters(one_row_plan, observe, look):
    rates = [5.0, 5.2, 5.1, 4.9, 4.8, 5.0, 4.7]
    row = look(
        one_row_plan("survey_rate", "<5", better="lower"), observe(quarters("2025Q1", rates)), "2026Q3"
    )
    n = np.array(rates) * 100
    z = np.log((n + 0.5) / (10_000 - n + 0.5))
    scale = math.sqrt((np.diff(z) ** 2).mean())
    # 4.8 + 5.0 + 4.7 = 14.5: the last quarter must stay below 5.5.
    edge = math.log((550 + 0.5) / (9450 + 0.5))
    assert row.p_year == pytest.approx(stats.t.cdf((edge - z[-1]) / scale, 5), abs=1e-9)
    assert row.year_median == pytest.approx((14.5 + 4.7) / 4)


def test_what_no_last_quarter_can_mend_is_certain(one_row_plan, observe, look):
    plan = one_row_plan("survey_rate", "<5", better="lower")
    rates = [5.0, 5.2, 5.1, 4.9, 8.0, 8.0, 8.0]
    assert look(plan, observe(quarters("2025Q1", rates)), "2026Q3").p_year == 0  # 24 / 4 = 6 with none at all


def test_a_yearly_row_walks_from_year_to_year(one_row_plan, observe, look):
    plan = one_row_plan("stock_ratio", "70", frequency="year")
    figures = {f"{year}Q4": x for year, x in zip(range(2022, 2026), (40.0, 46.0, 50.0, 57.0), strict=True)}
    row = look(plan, observe(figures), "2026Q2")
    n = np.array([40.0, 46, 50, 57]) * 100
    z = np.log((n + 0.5) / (10_000 - n + 0.5))
    scale, edge = math.sqrt((np.diff(z) ** 2).mean()), math.log(7000.5 / 3000.5)
    assert (row.year_method, row.year_n) == ("walk", 4)
    assert row.p_year == pytest.approx(stats.t.sf((edge - z[-1]) / scale, 2), abs=1e-9)
    assert row.p_last == pytest.approx(stats.t.sf((edge - z[-1]) / (scale * math.sqrt(2)), 2), abs=1e-9)


def test_around_a_number_counts_from_its_tolerance_on(one_row_plan, observe, look):
    figures = observe(quarters("2025Q1", STOCK))
    about = look(one_row_plan("stock", "120左右"), figures, "2026Q3")
    floor = look(one_row_plan("stock", "114"), figures, "2026Q3")  # 120 x 0.95
    assert about.p_year == pytest.approx(floor.p_year)


# --- Rates of cases ---------------------------------------------------------------------------------------------

RATES = (
    since(2024, cases(50, 60), cases(104, 120), cases(160, 180), cases(220, 240))
    | since(2025, cases(51, 60), cases(105, 120), cases(165, 180), cases(223, 240))
    | since(2026, cases(50, 60), cases(103, 120), cases(163, 180))
)


def logit(n, d):
    return math.log((n + 0.5) / (d - n + 0.5))


def test_a_rate_since_january_takes_the_steps_of_earlier_years(one_row_plan, observe, look):
    row = look(one_row_plan("case_rate", "92"), observe(RATES), "2026Q3")
    years = [
        [logit(n, d) for n, d in zip(top, (60, 120, 180, 240), strict=True)]
        for top in ((50, 104, 160, 220), (51, 105, 165, 223))
    ]
    steps = np.diff(years, axis=1)
    pooled = math.sqrt((((steps - steps.mean(axis=0)) ** 2) * [2, 6, 12]).sum() / 3)
    location = logit(163, 180) + steps[:, 2].mean()
    scale = pooled * math.sqrt(1 / 12 * 1.5)
    # 240 cases again: 92 % is 220.8 of them, so 221 meet it.
    expected = stats.t.sf((logit(220.5, 240) - location) / scale, 2)
    assert (row.year_method, row.year_n) == ("seasonal_steps", 11)
    assert row.p_year == pytest.approx(expected, abs=1e-9)
    assert row.year_median in [100 * n / 240 for n in (221, 222)]


def test_one_earlier_year_is_not_enough_for_a_rate(one_row_plan, observe, look):
    figures = {q: x for q, x in RATES.items() if q > "2025"}
    row = look(one_row_plan("case_rate", "92"), observe(figures), "2026Q3")
    assert (row.year_reason, row.year_method, row.year_n) == ("too_few_points", "", 0)
    assert math.isnan(row.p_year)


def test_a_missing_quarter_still_leaves_the_steps_beside_it(one_row_plan, observe, look):
    earlier = since(2023, cases(49, 60), cases(100, 120), cases(161, 180), cases(219, 240))
    figures = observe(earlier | {q: x for q, x in RATES.items() if q != "2025Q2"})
    assert look(one_row_plan("case_rate", "92"), figures, "2026Q3").year_reason == "computed"
    assert look(one_row_plan("case_rate", "92"), figures, "2026Q1").year_reason == "computed"


def test_a_rate_goes_on_beyond_the_year_by_its_changes_from_year_to_year(one_row_plan, observe, look):
    years = {
        year: since(
            year, *(cases(n + year - 2022, d) for n, d in ((50, 60), (104, 120), (160, 180), (220, 240)))
        )
        for year in range(2022, 2026)
    }
    figures = {q: x for year in years.values() for q, x in year.items()} | since(
        2026, cases(54, 60), cases(108, 120)
    )
    row = look(one_row_plan("case_rate", "92"), observe(figures), "2026Q2")
    assert (row.last_method, row.last_n) == (
        "year_on_year",
        5,
    )  # three year's ends' changes and this quarter's
    assert row.last_low < row.year_low < row.year_high <= row.last_high


# --- Counts -----------------------------------------------------------------------------------------------------

COUNTS = {q: x for year in range(2022, 2026) for q, x in since(year, 100, 300, 600, 1000).items()}


def test_a_counts_year_is_what_is_known_and_what_is_left(one_row_plan, observe, look):
    row = look(one_row_plan("annual_count", "1000"), observe(COUNTS | since(2026, 100, 300)), "2026Q2")
    # Four years of the same: phi = 1, F = 800² ... the weight 1 - 3 / 800; the prior 1 / (0.0025 x 1000) = 0.4 years.
    w = 0.5 - 0.2 * (1 - 3 / 800)
    mean = (0.4 * 1000 + 300) / (0.4 + w) * (1 - w)
    freedom = 6
    spread = (
        (1 + (1 - w) / (0.4 + w))
        * (1 + (1 - 3 / 800) / 4)
        * (stats.t.ppf(0.9, freedom) / stats.norm.ppf(0.9)) ** 2
    )
    size, success = mean / (spread - 1), 1 / spread
    assert (row.year_method, row.year_n) == ("gamma_poisson", 18)
    assert row.p_year == pytest.approx(stats.nbinom.sf(699, size, success), abs=1e-9)
    assert row.year_low == 300 + stats.nbinom.ppf(0.1, size, success)


def test_a_count_past_its_target_has_met_it(one_row_plan, observe, look):
    plan = one_row_plan("annual_count", "300")
    row = look(plan, observe(COUNTS | since(2026, 100, 300)), "2026Q2")
    assert (row.p_year, row.year_method, row.year_reason) == (1, "known", "known")
    assert row.year_high > 900
    assert look(plan, observe(COUNTS | since(2026, 100, 299)), "2026Q2").year_method == "gamma_poisson"
    assert look(plan, observe({"2026Q1": 300}), "2026Q1")[
        ["p_year", "year_method", "year_reason"]
    ].tolist() == [1, "known", "known"]


def test_a_count_past_its_ceiling_has_missed_it(one_row_plan, observe, look):
    plan = one_row_plan("annual_count", "300", better="lower")
    assert look(plan, observe(COUNTS | since(2026, 100, 301)), "2026Q2")[
        ["p_year", "year_reason"]
    ].tolist() == [0, "known"]
    at = look(plan, observe(COUNTS | since(2026, 100, 300)), "2026Q2")
    assert (at.year_method, at.p_year < 0.01) == ("gamma_poisson", True)  # not one more may come


def test_a_cumulative_count_past_its_last_target_has_met_it(one_row_plan, observe, look):
    plan = one_row_plan("cumulative_count", "100", "200", "300", "400", "500", cumulative_since=2022)
    figures = {q: x / 10 + 100 * (int(q[:4]) - 2022) for q, x in COUNTS.items()} | {"2026Q1": 500}
    row = look(plan, observe(figures), "2026Q1")
    assert (row.p_last, row.last_method, row.last_reason) == (1, "known", "known")
    assert (row.p_year, row.year_method) == (1, "known")


def test_a_cumulative_count_is_its_years_own_increment(one_row_plan, observe, look):
    plain = look(one_row_plan("annual_count", "1000"), observe(COUNTS | since(2026, 110, 310)), "2026Q2")
    plan = one_row_plan("cumulative_count", "2000", "3000", "4000", "5000", "6000", cumulative_since=2022)
    total = {q: x + 1000 * (int(q[:4]) - 2022) for q, x in (COUNTS | since(2026, 110, 310)).items()}
    row = look(plan, observe(total), "2026Q2")
    assert row.p_year == pytest.approx(plain.p_year)
    assert row.year_median == 4000 + plain.year_median


# --- The end of a year ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("figure", "chance"), [(117.99, 0), (118.0, 1)])
def test_at_the_years_end_it_is_known(figure, chance, one_row_plan, observe, look):
    row = look(one_row_plan("stock", "118"), observe(quarters("2025Q2", [*STOCK[1:], figure])), "2026Q4")
    assert (row.p_year, row.year_method, row.year_reason) == (chance, "known", "known")
    assert (row.year_low, row.year_median, row.year_high) == (figure, figure, figure)
    assert row.last_method == "walk"


def test_in_the_plans_last_year_both_are_one(one_row_plan, observe, look):
    row = look(one_row_plan("stock", "118"), observe(quarters("2026Q1", STOCK)), "2027Q3")
    assert row.p_year == row.p_last
    assert row.year_method == row.last_method == "walk"


def test_a_survey_rates_published_year_is_its_verdict(one_row_plan, observe, look):
    plan = one_row_plan("survey_rate", "<5", better="lower")
    row = look(plan, observe(since(2026, 5.2, 5.2, 5.2, 5.2) | {"2026": 4.9}), "2026Q4")
    assert (row.p_year, row.year_median) == (1, 4.9)


# --- Grey -------------------------------------------------------------------------------------------------------

LONG = quarters("2022Q1", [100 + n for n in range(19)])
GREY = [
    ("no_figure", "stock", ("118",), {}, {q: x for q, x in LONG.items() if q != "2026Q3"}, "2026Q3"),
    ("no_figure", "stock", ("118",), {}, LONG | {"2026Q3": {"missing": "not_reported"}}, "2026Q3"),
    ("no_figure", "stock", ("118",), {}, {}, "2026Q3"),
    ("no_figure", "stock", ("118",), {}, {}, "2026Q4"),
    ("no_figure", "stock_ratio", ("80",), {"frequency": "year"}, {"2024Q4": 60}, "2026Q2"),
    ("too_few_points", "stock", ("118",), {}, quarters("2026Q1", [100, 101, 102]), "2026Q3"),
    ("too_few_points", "stock_ratio", ("80",), {"frequency": "year"}, {"2024Q4": 60, "2025Q4": 70}, "2026Q2"),
    ("too_few_points", "annual_count", ("1000",), {}, since(2026, 100, 300), "2026Q2"),
    ("too_few_points", "survey_rate", ("<5",), {"better": "lower"}, since(2026, 4.9, 4.8, 4.7), "2026Q3"),
    ("series_break", "stock", ("118",), {}, LONG | {"2026Q2": {"value": 117, "series_break": "口径调整"}}, "2026Q3"),
    ("series_break", "annual_count", ("9000",), {}, COUNTS | {"2026Q1": {"value": 90, "series_break": "口径调整"}}, "2026Q1"),
    ("incomplete_year", "survey_rate", ("<5",), {"better": "lower"},
     quarters("2025Q1", [4.9, 4.8, 4.7, 4.6, None, 4.7, 4.8]), "2026Q3"),
    ("incomplete_year", "survey_rate", ("<5",), {"better": "lower"},
     {"2026Q1": 4.9, "2026Q2": {"missing": "not_reported"}, "2026Q3": 4.7, "2026Q4": 4.8}, "2026Q4"),
    ("milestone", "stock_ratio", ("开展试点",), {}, {q: x / 2 for q, x in LONG.items()}, "2026Q3"),
    ("no_numeric_target", "stock", ("——",), {}, LONG, "2026Q3"),
    ("unit_differs", "annual_count", ("规上企业全覆盖",), {"unit": "人次"}, COUNTS | {"2026Q1": 90}, "2026Q1"),
    ("set_elsewhere", "stock", ("118",), {"set_by": "330305"}, LONG, "2026Q3"),
    ("set_elsewhere", "stock", ("118",), {"holds_until_changed": True}, LONG, "2026Q3"),
]  # fmt: skip


@pytest.mark.parametrize(("reason", "kind", "targets", "more", "seen", "quarter"), GREY)
def test_where_there_is_no_probability_the_reason_is_told(
    reason, kind, targets, more, seen, quarter, one_row_plan, observe, look
):
    row = look(one_row_plan(kind, *targets, **more), observe(seen), quarter)
    assert row.year_reason == reason
    assert math.isnan(row.p_year)


@pytest.mark.parametrize("printed", ["——", "规上企业全覆盖"])
def test_without_a_number_to_reach_the_figure_is_foreseen_all_the_same(printed, one_row_plan, observe, look):
    plan = one_row_plan("annual_count", printed, unit="人次")
    row = look(plan, observe(COUNTS | {"2026Q1": 90}), "2026Q1")
    assert (row.year_method, row.year_low > 90) == ("gamma_poisson", True)


def test_points_before_a_break_are_not_used(one_row_plan, observe, look):
    figures = quarters("2022Q1", [1000 - 7 * n for n in range(12)]) | quarters("2025Q1", STOCK)
    broken = figures | {"2025Q1": {"value": 100, "series_break": "口径调整"}}
    alone = look(one_row_plan("stock", "118"), observe(quarters("2025Q1", STOCK)), "2026Q3")
    row = look(one_row_plan("stock", "118"), observe(broken), "2026Q3")
    assert (row.p_year, row.year_n) == (alone.p_year, 7)


def test_only_the_last_twelve_changes_are_used(one_row_plan, observe, look):
    plan, recent = one_row_plan("stock", "118"), [100 + 3 * math.sin(n) + n for n in range(13)]
    short, long = quarters("2023Q3", recent), quarters("2022Q1", [7, 500, 8, 90, 1, 300, *recent])
    a, b = (look(plan, observe(rows), "2026Q3") for rows in (short, long))
    assert (a.p_year, a.p_last, a.year_n) == (b.p_year, b.p_last, 13)


# --- What holds of every row ------------------------------------------------------------------------------------

PLANNED = [f"{year}Q{n}" for year in range(2023, 2027) for n in range(1, 5)][:15]


@pytest.mark.parametrize("quarter", PLANNED)
def test_every_row_has_a_probability_or_a_reason(quarter, plan, shipped, rules):
    rows = outlook(plan, shipped, quarter, rules=rules)
    assert list(rows["indicator"]) == list(plan.indicators)
    for side in ("year", "last"):
        p, reason = rows[f"p_{side}"], rows[f"{side}_reason"]
        assert (p.notna() == reason.isin(["computed", "known"])).all()
        assert p.dropna().between(0, 1).all()
        low, median, high = (rows[f"{side}_{end}"] for end in ("low", "median", "high"))
        assert (low.isna() == high.isna()).all()
        assert ((low <= median) & (median <= high))[low.notna()].all()
        assert ((rows[f"{side}_method"] == "") == (rows[f"{side}_n"] == 0)).all()


@pytest.mark.parametrize("quarter", ["2024Q2", "2025Q3", "2025Q4", "2026Q1"])
def test_what_is_reported_later_changes_nothing(quarter, plan, shipped, rules):
    year, number = int(quarter[:4]), int(quarter[-1])
    place = shipped["year"] * 4 + shipped["quarter"].replace(0, 4)
    earlier = shipped[place <= 4 * year + number].reset_index(drop=True)
    assert len(earlier) < len(shipped)
    pd.testing.assert_frame_equal(
        outlook(plan, earlier, quarter, rules=rules), outlook(plan, shipped, quarter, rules=rules)
    )


def test_the_order_of_the_ledgers_rows_is_nothing(plan, shipped, rules):
    shuffled = shipped.sample(frac=1, random_state=1).reset_index(drop=True)
    pd.testing.assert_frame_equal(
        outlook(plan, shuffled, "2026Q2", rules=rules), outlook(plan, shipped, "2026Q2", rules=rules)
    )


@pytest.mark.parametrize("kind", ["stock", "annual_count", "case_rate", "stock_ratio", "survey_rate"])
def test_a_higher_floor_is_never_likelier(kind, one_row_plan, observe, look):
    figures = COUNTS | since(2026, 100, 300) if kind in ("stock", "annual_count") else RATES
    if kind == "stock_ratio":
        figures = quarters("2025Q1", [30, 31, 30.5, 32, 33, 32.5])
    if kind == "survey_rate":
        figures = quarters("2025Q1", [85, 86, 84.5, 87, 86, 88])
    floors = (
        (700, 900, 990, 1000, 1001, 1300)
        if kind in ("stock", "annual_count")
        else (20, 31, 33, 80, 90.5, 93, 100)
    )
    seen = observe(figures)
    chances = [
        look(one_row_plan(kind, str(f)), seen, "2026Q2")[["p_year", "p_last"]].tolist() for f in floors
    ]
    for side in (0, 1):
        ones = [c[side] for c in chances if not math.isnan(c[side])]
        assert ones == sorted(ones, reverse=True)
    assert chances[0][0] > chances[-1][0]


def test_a_floor_and_the_ceiling_just_below_it_exclude_each_other(one_row_plan, observe, look):
    seen = observe(COUNTS | since(2026, 100, 300))
    floor = look(one_row_plan("annual_count", "1000"), seen, "2026Q2").p_year
    ceiling = look(one_row_plan("annual_count", "<1000", better="lower"), seen, "2026Q2").p_year
    assert floor + ceiling == pytest.approx(1)


def test_regions_are_looked_at_each_for_itself(one_row_plan, observe, rules):
    plan = one_row_plan("stock", "118")
    both = pd.concat(
        [observe(quarters("2025Q1", STOCK)), observe(quarters("2026Q1", [1, 2, 3]), region="330302")],
        ignore_index=True,
    )
    rows = outlook(plan, both, "2026Q3", regions=["330302", "330305"], rules=rules)
    assert rows["region"].tolist() == ["330302", "330305"]
    assert rows["year_reason"].tolist() == ["too_few_points", "computed"]


def test_a_quarter_outside_the_plan_is_refused(plan, shipped, rules):
    with pytest.raises(ValueError, match="不在规划期"):
        outlook(plan, shipped, "2028Q1", rules=rules)


def test_it_is_a_public_name(plan, shipped):
    assert laoyou.outlook is outlook
    assert "outlook" in laoyou.__all__
    assert len(laoyou.outlook(plan, shipped, "2026Q3")) == len(plan.indicators)


def test_without_any_figure_every_row_is_grey(plan, rules):
    rows = outlook(plan, ledger([]), "2026Q3", rules=rules)
    assert rows["p_year"].isna().all()
    assert set(rows["year_reason"]) <= {"no_figure", "set_elsewhere"}


# --- The fan ----------------------------------------------------------------------------------------------------


def test_the_fan_spreads_to_the_plans_end(plan, shipped, rules):
    rows = fan(plan, shipped, "2026Q3", "skilled_workers", rules=rules)
    assert rows["quarter"].tolist() == ["2026Q4", "2027Q1", "2027Q2", "2027Q3", "2027Q4"]
    assert list(rows.columns) == ["quarter", "q10", "q25", "q50", "q75", "q90"]
    values = rows.iloc[:, 1:].to_numpy(float)
    assert (np.diff(values, axis=1) >= 0).all()
    assert (np.diff(values[:, 4] - values[:, 0]) > 0).all()


@pytest.mark.parametrize(
    "id",
    [
        "new_urban_jobs",
        "training_enrolments_cumulative",
        "arrears_resolution_rate",
        "high_value_patents_per_10k",
    ],
)
@pytest.mark.parametrize("quarter", ["2026Q1", "2026Q2", "2025Q4"])
def test_the_fan_ends_where_the_outlook_does(id, quarter, plan, shipped, rules):
    rows = fan(plan, shipped, quarter, id, rules=rules).set_index("quarter")
    told = outlook(plan, shipped, quarter, rules=rules).set_index("indicator").loc[id]
    assert rows.loc["2027Q4", ["q10", "q50", "q90"]].tolist() == pytest.approx(
        told[["last_low", "last_median", "last_high"]].tolist()
    )
    if quarter != "2025Q4":
        assert rows.loc["2026Q4", ["q10", "q50", "q90"]].tolist() == pytest.approx(
            told[["year_low", "year_median", "year_high"]].tolist()
        )


def test_an_annual_count_begins_again_each_january(plan, shipped, rules):
    medians = fan(plan, shipped, "2026Q3", "new_urban_jobs", rules=rules)["q50"].tolist()
    assert medians[1] < medians[0] / 2
    assert medians[1:] == sorted(medians[1:])


def test_a_cumulative_count_never_falls(plan, shipped, rules):
    rows = fan(plan, shipped, "2025Q2", "training_enrolments_cumulative", rules=rules)
    assert (rows.iloc[:, 1:].to_numpy(float) >= 6451).all()


def test_a_rate_since_january_is_as_wide_again_in_its_first_quarter(plan, shipped, rules):
    rows = fan(plan, shipped, "2026Q3", "arbitration_closure_rate", rules=rules).set_index("quarter")
    width = rows["q90"] - rows["q10"]
    assert width["2027Q1"] > width["2027Q4"] > width["2026Q4"]
    assert rows["q50"]["2027Q1"] < 65 < 90 < rows["q50"]["2027Q4"]


def test_a_yearly_row_has_years_ends_alone(one_row_plan, observe, rules):
    plan = one_row_plan("stock_ratio", "70", frequency="year")
    figures = {f"{year}Q4": x for year, x in zip(range(2022, 2026), (40.0, 46.0, 50.0, 57.0), strict=True)}
    assert fan(plan, observe(figures), "2026Q2", "row", rules=rules)["quarter"].tolist() == [
        "2026Q4",
        "2027Q4",
    ]


@pytest.mark.parametrize("id", ["minimum_wage_top_tier", "wage_bargaining_coverage", "employment_checkups"])
def test_what_cannot_be_foreseen_has_no_fan(id, plan, shipped, rules):
    assert fan(plan, shipped, "2026Q3", id, rules=rules).empty


def test_at_the_plans_end_nothing_is_left_to_foresee(one_row_plan, observe, rules):
    figures = observe(quarters("2026Q1", [*STOCK, 116]))
    assert fan(one_row_plan("stock", "118"), figures, "2027Q4", "row", rules=rules).empty
