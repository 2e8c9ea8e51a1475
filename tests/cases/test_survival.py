"""Expected values are published ones (Freireich's trial, R's aml data), counted by hand, or another library's."""

import warnings
from itertools import product

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import CensoredData, ecdf, logrank
from statsmodels.duration.survfunc import SurvfuncRight, survdiff

from laoyou.cases.durations import compare, group_sizes, spells, summary
from laoyou.cases.survival import (
    Curve,
    Mean,
    days_to_show,
    kaplan_meier,
    log_rank,
    median,
    restricted_mean,
)  # fmt: skip
from laoyou.rules import CaseRate

nan = np.nan

# Freireich et al. (1963), Blood 21, 699–716: weeks in remission; 0 marks those still in remission.
SIX_MP = [(6, 1)] * 3 + [(t, 1) for t in (7, 10, 13, 16, 22, 23)]
SIX_MP += [(t, 0) for t in (6, 9, 10, 11, 17, 19, 20, 25, 32, 32, 34, 35)]
PLACEBO = [(t, 1) for t in (1, 1, 2, 2, 3, 4, 4, 5, 5, 8, 8, 8, 8, 11, 11, 12, 12, 15, 17, 22, 23)]
# Miller (1997), Survival Analysis: weeks in remission, the data set aml of R's package survival.
MAINTAINED = [
    (9, 1), (13, 1), (13, 0), (18, 1), (23, 1), (28, 0), (31, 1), (34, 1), (45, 0), (48, 1), (161, 0)
]  # fmt: skip
NOT_MAINTAINED = [(t, 1) for t in (5, 5, 8, 8, 12, 23, 27, 30, 33, 43, 45)] + [(16, 0)]


def curve(pairs: list[tuple[int, int]], level: float = 0.95) -> Curve:
    days, event = zip(*pairs, strict=True) if pairs else ((), ())
    return kaplan_meier(days, event, level)


# Published examples


def test_the_curve_is_that_of_the_remission_trial() -> None:
    found = curve(SIX_MP)
    assert found.days.tolist() == [6, 7, 10, 13, 16, 22, 23]
    assert found.at_risk.tolist() == [21, 17, 15, 12, 11, 7, 6]
    assert found.resolved.tolist() == [3, 1, 1, 1, 1, 1, 1]
    # Klein and Moeschberger (2003), table 4.1A
    np.testing.assert_allclose(
        found.survival, [0.857, 0.807, 0.753, 0.690, 0.627, 0.538, 0.448], atol=0.00051
    )
    np.testing.assert_allclose(
        found.error, [0.0764, 0.0869, 0.0963, 0.1068, 0.1141, 0.1282, 0.1346], atol=0.00005
    )
    # Stata's sts list, whose bands are on the log-log scale
    np.testing.assert_allclose(
        found.low, [0.6197, 0.5631, 0.5032, 0.4316, 0.3675, 0.2678, 0.1881], atol=0.00005
    )
    np.testing.assert_allclose(
        found.high, [0.9516, 0.9228, 0.8894, 0.8491, 0.8049, 0.7468, 0.6801], atol=0.00005
    )


def test_the_medians_are_those_of_the_remission_trial() -> None:
    assert median(curve(SIX_MP)) == pytest.approx((23, 13, nan), nan_ok=True)
    assert median(curve(PLACEBO)) == (8, 4, 11)


def test_the_restricted_mean_is_that_of_the_remission_trial() -> None:
    # Klein and Moeschberger (2003), example 4.2: 23.286 weeks up to 35, standard error 2.827
    assert restricted_mean(curve(SIX_MP), 35) == pytest.approx((23.287, 2.827), abs=0.0015)
    assert restricted_mean(curve(PLACEBO), 35)[0] == pytest.approx(182 / 21)


def test_the_log_rank_test_is_that_of_the_remission_trial() -> None:
    days, event = zip(*SIX_MP, *PLACEBO, strict=True)
    found = log_rank(days, event, ["6-MP"] * 21 + ["placebo"] * 21)
    # Kleinbaum and Klein (2012), Survival Analysis, chapter 2
    assert found.chi2 == pytest.approx(16.79, abs=0.005)
    assert (found.df, found.groups["cases"].tolist(), found.groups["resolved"].tolist()) == (
        1,
        [21, 21],
        [9, 21],
    )
    assert found.groups["expected"].tolist() == pytest.approx([19.25, 10.75], abs=0.005)
    assert found.p == pytest.approx(4.17e-5, abs=1e-7)


def test_the_other_trial_comes_out_as_the_manual_of_r_has_it() -> None:
    assert [median(curve(pairs)).value for pairs in (MAINTAINED, NOT_MAINTAINED)] == [31, 23]
    assert restricted_mean(curve(MAINTAINED), 161) == pytest.approx((52.6, 19.83), abs=0.06)
    assert restricted_mean(curve(NOT_MAINTAINED), 161) == pytest.approx((22.7, 4.18), abs=0.06)
    days, event = zip(*MAINTAINED, *NOT_MAINTAINED, strict=True)
    found = log_rank(days, event, ["m"] * 11 + ["n"] * 12)
    assert (found.chi2, found.p) == pytest.approx((3.4, 0.065), abs=0.005)


# By hand


def test_without_open_cases_the_curve_is_the_share_left() -> None:
    found = curve([(t, 1) for t in (0, 2, 2, 5)])
    assert found.days.tolist() == [0, 2, 5]
    assert found.survival == pytest.approx([0.75, 0.25, 0])
    assert found.error[:2] == pytest.approx([(0.75 * 0.25 / 4) ** 0.5] * 2)  # of a binomial share
    assert np.isnan([found.error[2], found.low[2], found.high[2]]).all()
    shares = [found.unresolved(day) for day in (-1, 0, 1, 2, 4, 5, 99)]
    assert shares == pytest.approx([1, 0.75, 0.75, 0.25, 0.25, 0, 0])


def test_without_open_cases_the_mean_is_the_arithmetic_one() -> None:
    days = [3, 5, 5, 9, 13]
    mean, error = restricted_mean(curve([(t, 1) for t in days]), 20)
    assert mean == pytest.approx(np.mean(days))
    assert error == pytest.approx(np.std(days) / 5**0.5)
    longer_counts_so_many = restricted_mean(curve([(t, 1) for t in days]), 9)
    assert longer_counts_so_many == pytest.approx(((3 + 5 + 5 + 9 + 9) / 5, np.std([3, 5, 5, 9, 9]) / 5**0.5))


def test_a_case_open_since_as_long_as_another_took_was_at_risk() -> None:
    assert curve([(4, 1), (4, 0)]).survival.tolist() == pytest.approx([0.5])
    assert curve([(4, 1), (3, 0)]).survival.tolist() == pytest.approx([0])


def test_three_groups_are_compared_as_by_hand() -> None:
    found = log_rank([1, 2, 3], [1, 1, 1], ["a", "b", "c"])
    assert found.groups["expected"].tolist() == pytest.approx([1 / 3, 5 / 6, 11 / 6])
    assert (found.chi2, found.df) == (pytest.approx(2.6), 2)
    assert found.p == pytest.approx(np.exp(-1.3))


def test_the_median_is_the_first_day_by_which_half_is_resolved() -> None:
    for number in range(2, 60, 2):
        assert median(curve([(t, 1) for t in range(1, number + 1)])).value == number / 2
        assert median(curve([(t, 1) for t in range(1, number)])).value == number / 2


@pytest.mark.parametrize(
    ("horizon", "mean"), [(0, 0.0), (2, 2.0), (4, 4.0), (5, 4.5), (6, 5.0), (6.5, nan), (7, nan)]
)
def test_the_mean_runs_as_far_as_cases_were_followed(horizon: float, mean: float) -> None:
    found = restricted_mean(curve([(4, 1), (6, 0)]), horizon)
    assert found.value == pytest.approx(mean, nan_ok=True)
    assert np.isnan(found.error) == (not 4 < horizon <= 6)  # nothing varies up to the first day


# Against other libraries


def draws(seed: int, number: int, groups: int = 1) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return times with many ties, about a third of them censored, and groups."""
    chance = np.random.default_rng(seed)
    took, seen = chance.geometric(0.05, number), chance.integers(1, 40, number)
    return np.minimum(took, seen), took <= seen, chance.integers(0, groups, number)


@pytest.mark.parametrize(("seed", "number"), list(product(range(4), (6, 25, 200))))
def test_the_curve_agrees_with_scipy_and_statsmodels(seed: int, number: int) -> None:
    days, event, _ = draws(seed, number)
    found = kaplan_meier(days, event, 0.9)
    scipys = ecdf(CensoredData(days[event], right=days[~event])).sf
    at = np.searchsorted(scipys.quantiles, found.days)
    assert found.survival == pytest.approx(scipys.probabilities[at])
    left = found.survival > 0
    with warnings.catch_warnings(action="ignore"):  # where nothing is left there is no band
        band = scipys.confidence_interval(0.9, method="log-log")
    assert found.low[left] == pytest.approx(band.low.probabilities[at][left])
    assert found.high[left] == pytest.approx(band.high.probabilities[at][left])
    theirs = SurvfuncRight(days, event.astype(int))
    assert found.error[left] == pytest.approx(theirs.surv_prob_se[left])
    with np.errstate(divide="ignore", invalid="ignore"):
        low, high = theirs.quantile_ci(0.5, alpha=0.1)
    ours = median(found)
    assert ours.low == pytest.approx(low, nan_ok=True)
    if not np.isnan(ours.high):
        assert ours.high == pytest.approx(high)


@pytest.mark.parametrize(("seed", "groups"), list(product(range(5), (2, 3, 5))))
def test_the_log_rank_test_agrees_with_statsmodels(seed: int, groups: int) -> None:
    days, event, group = draws(seed, 80, groups)
    found = log_rank(days, event, group)
    assert (found.chi2, found.p) == pytest.approx(survdiff(days, event.astype(int), group))
    assert found.df == groups - 1
    assert found.groups["expected"].sum() == pytest.approx(event.sum())


@pytest.mark.parametrize("seed", range(3))
def test_the_log_rank_test_agrees_with_scipy(seed: int) -> None:
    days, event, group = draws(seed, 60, 2)
    first, second = (CensoredData(days[m & event], right=days[m & ~event]) for m in (group == 0, group == 1))
    theirs = logrank(first, second)
    found = log_rank(days, event, group)
    assert (found.chi2, found.p) == pytest.approx((theirs.statistic**2, theirs.pvalue))


# Little or nothing


def test_no_case_gives_an_empty_curve() -> None:
    found = curve([])
    assert (found.cases, found.days.tolist()) == (0, [])
    assert np.isnan([found.followed, *median(found), *restricted_mean(found, 30), found.unresolved(0)]).all()


def test_open_cases_alone_give_a_curve_without_a_step() -> None:
    found = curve([(12, 0), (30, 0)])
    assert (found.cases, found.followed, found.unresolved(30)) == (2, 30, 1)
    assert np.isnan([*median(found), found.unresolved(31)]).all()
    assert restricted_mean(found, 30) == pytest.approx((30, nan), nan_ok=True)


def test_one_resolved_case_has_no_interval() -> None:
    found = curve([(5, 1)])
    assert median(found) == pytest.approx((5, nan, nan), nan_ok=True)
    assert restricted_mean(found, 30) == pytest.approx((5, nan), nan_ok=True)


@pytest.mark.parametrize(
    ("days", "event", "group"),
    [
        ([], [], []),
        ([3, 4], [1, 1], ["a", "a"]),  # one group
        ([3, 4], [0, 0], ["a", "b"]),  # nothing resolved
        ([1, 4], [0, 1], ["a", "b"]),  # never at risk together
    ],
)
def test_nothing_to_compare_gives_no_test(days: list[int], event: list[int], group: list[str]) -> None:
    found = log_rank(days, event, group)
    assert found.df == 0
    assert np.isnan([found.chi2, found.p]).all()


def test_a_group_never_at_risk_takes_no_part() -> None:
    days, event, group = draws(1, 40, 2)
    alone = log_rank(days + 10, event, group)
    with_more = log_rank([*(days + 10), 3, 4], [*event, 0, 0], [*group, 7, 7])
    assert (with_more.chi2, with_more.df) == (pytest.approx(alone.chi2), 1)


# Which cases, how long, and whether resolved

LEAVE_OUT = CaseRate.model_validate(
    {"base": "carried_over_and_new", "leave_out": ["duplicate", "unfounded", "transferred"]}
)
Q2 = pd.Period("2026Q2", freq="Q-DEC")


def records(*cases: tuple[str, str, str], **more: list[str]) -> pd.DataFrame:
    table = pd.DataFrame(cases, columns=["opened", "closed", "outcome"]).assign(**more)
    for name in ("opened", "closed"):
        table[name] = pd.to_datetime(table[name].where(table[name] != ""))
    return table


@pytest.mark.parametrize(
    ("opened", "closed", "outcome", "expected"),
    [
        ("2026-04-01", "2026-04-11", "done", (10, True)),
        ("2026-04-01", "2026-04-01", "done", (0, True)),
        ("2026-04-01", "2026-06-30", "done", (90, True)),
        ("2026-04-01", "2026-07-01", "done", (90, False)),  # was open at the quarter's end
        ("2026-04-01", "", "open", (90, False)),
        ("2026-06-30", "", "open", (0, False)),
        ("2026-07-01", "", "open", None),  # not there yet
        ("2025-01-01", "2025-01-03", "done", (2, True)),
        ("2024-12-31", "2025-01-03", "done", None),  # before the cohort
        ("2024-12-31", "", "open", None),
        ("2026-04-01", "2026-06-30", "duplicate", None),
        ("2026-04-01", "2026-07-01", "duplicate", (90, False)),  # not known by then
        ("2026-04-01", "", "unfounded", None),
        ("2026-04-01", "2026-04-11", "transferred", None),
        ("2026-04-01", "2026-04-11", "withdrawn", (90, False)),  # stays due and unresolved
        ("2026-04-01", "2026-04-11", "failed", (90, False)),
    ],
)
def test_a_spell_ends_with_the_resolution_or_the_quarter(
    opened: str, closed: str, outcome: str, expected: tuple[int, bool] | None
) -> None:
    found = spells(records((opened, closed, outcome)), LEAVE_OUT, Q2, 2)
    assert list(zip(found["days"], found["event"], strict=True)) == ([expected] if expected else [])


def test_the_cohort_is_as_long_as_the_rules_say() -> None:
    table = records(("2025-12-31", "", "open"), ("2026-01-01", "", "open"))
    assert len(spells(table, LEAVE_OUT, Q2, 1)) == 1
    assert len(spells(table, LEAVE_OUT, Q2, 2)) == 2
    assert spells(table[:0], LEAVE_OUT, Q2, 2).empty


# Groups


def grouped(**groups: tuple[int, int]) -> pd.DataFrame:
    """Return spells of groups, given how many cases each has and how many of them were resolved."""
    rows = [(name, n + 1, n < resolved) for name, (cases, resolved) in groups.items() for n in range(cases)]
    return pd.DataFrame(rows, columns=["industry", "days", "event"])


SHOWN = {"a": "a", "b": "other", "c": "other", "d": "d", "other": "other"}


def test_groups_stand_as_they_may_be_shown_the_largest_first() -> None:
    found = compare(grouped(a=(6, 5), d=(9, 5), other=(12, 9)), "industry", SHOWN, 0.95)
    assert list(found.curves) == ["d", "a", "other"]
    assert (found.unknown, found.test.df) == (0, 2)


def test_groups_shown_together_are_one_curve_and_one_group_of_the_test() -> None:
    found = compare(grouped(a=(20, 18), b=(4, 4), c=(8, 4), d=(9, 8)), "industry", SHOWN, 0.95)
    assert {word: curve.cases for word, curve in found.curves.items()} == {"a": 20, "d": 9, "other": 12}
    assert found.test.groups["cases"].to_dict() == {"a": 20, "d": 9, "other": 12}


def test_cases_of_no_known_group_are_left_out_and_counted() -> None:
    table = pd.concat([grouped(a=(6, 6), d=(6, 6)), grouped(a=(3, 3)).assign(industry="")])
    found = compare(table, "industry", SHOWN, 0.95)
    assert found.unknown == 3
    assert sum(curve.cases for curve in found.curves.values()) == 12


def test_no_case_makes_no_group() -> None:
    found = compare(grouped().astype({"days": float, "event": bool}), "industry", {}, 0.95)
    assert (dict(found.curves), found.test.df) == ({}, 0)


def test_sizes_are_those_followed_and_those_resolved() -> None:
    table = pd.concat([grouped(a=(6, 4), b=(3, 0)), grouped(a=(2, 2)).assign(industry="")])
    assert group_sizes(table, "industry").to_dict("index") == {
        "a": {"followed": 6, "resolved": 4},
        "b": {"followed": 3, "resolved": 0},
    }


def test_the_summary_says_what_the_curves_say() -> None:
    row = summary({"6-MP": curve(SIX_MP)}, 35, 0.95).loc["6-MP"]
    assert (row["cases"], row["resolved"], row["median"], row["median_low"]) == (21, 9, 23, 13)
    assert np.isnan(row["median_high"])
    # Klein and Moeschberger (2003), example 4.2; 1.959964 standard errors to either side
    assert (row["mean"], row["mean_margin"]) == pytest.approx((23.287, 1.959964 * 2.827), abs=0.003)


def test_the_margin_of_a_mean_is_of_the_level_asked_for() -> None:
    assert Mean(10.0, 2.0).margin(0.95) == pytest.approx(3.919928, abs=1e-6)
    assert Mean(10.0, 2.0).margin(0.80) == pytest.approx(2.563103, abs=1e-6)
    assert np.isnan(Mean(10.0, nan).margin(0.95))


# Days that give no case away


@pytest.mark.parametrize(
    ("pairs", "chosen"),
    [
        pytest.param([(t, 1) for t in range(1, 11)], [10], id="all by day 10"),
        pytest.param([(5, 1)] * 5 + [(15, 1)] * 5, [10, 20], id="five in each"),
        pytest.param([(5, 1)] * 5 + [(15, 1)] * 4, [20], id="four left after day 10"),
        pytest.param([(5, 1)] * 4 + [(15, 1)] * 5, [20], id="four by day 10"),
        pytest.param([(5, 1)] * 4, [], id="four in all"),
        pytest.param([(5, 1)] * 5 + [(35, 1)] * 4, [], id="four after the last day"),
        pytest.param([(5, 1)] * 5 + [(35, 1)] * 5, [10], id="five after the last day"),
        pytest.param([(5, 1)] * 5 + [(40, 0)], [10], id="an open case is no resolved one"),
        pytest.param([(5, 0)] * 9, [], id="none resolved"),
        pytest.param([], [], id="no case"),
    ],
)
def test_days_shown_never_tell_fewer_than_five_apart(pairs: list[tuple[int, int]], chosen: list[int]) -> None:
    found = days_to_show(curve(pairs), [10, 20, 30], 5)
    assert found == chosen


@given(
    st.lists(st.tuples(st.integers(0, 200), st.integers(0, 1)), max_size=60), st.integers(1, 7)
)  # fmt: skip
def test_no_two_days_shown_and_no_end_tell_few_apart(pairs: list[tuple[int, int]], below: int) -> None:
    found = days_to_show(curve(pairs), range(10, 181, 10), below)
    by = [0, *(sum(event for t, event in pairs if t <= day) for day in found)]
    steps = np.diff([*by, sum(event for _, event in pairs)])
    if found:
        assert all(step >= below for step in steps[:-1])
        assert steps[-1] == 0 or steps[-1] >= below
