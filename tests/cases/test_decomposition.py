import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from laoyou.cases.decomposition import ShiftShare, added_up, ratio_change, shift_share

nan = np.nan


# A ratio into its numerator and its denominator


def test_a_ratio_is_split_as_by_hand() -> None:
    # 20 of 100, then 30 of 120: the numerator first gives 0.30 and then 0.25, the denominator first 1/6 and then 0.25.
    found = ratio_change(20, 100, 30, 120)
    assert found.change == pytest.approx(0.05)
    assert found.by_numerator == pytest.approx((0.10 + (0.25 - 1 / 6)) / 2)
    assert found.by_denominator == pytest.approx(((0.25 - 0.30) + (1 / 6 - 0.20)) / 2)


def test_the_plan_raises_its_skilled_share_mostly_by_more_skilled_workers() -> None:
    # Rows 6 and 8 of the plan: 20,200 of 73,454.5 in 2023, 25,000 of 70,422.5 in 2027.
    found = ratio_change(20200, 20200 / 0.275, 25000, 25000 / 0.355)
    assert found.change == pytest.approx(0.08)
    assert found.by_numerator == pytest.approx(4800 * (0.275 / 20200 + 0.355 / 25000) / 2)
    assert found.by_denominator == pytest.approx(0.08 - found.by_numerator)
    assert 0 < found.by_denominator < found.by_numerator


@pytest.mark.parametrize(
    ("figures", "by_numerator", "by_denominator"),
    [
        ((20, 100, 30, 100), 0.1, 0),
        ((20, 100, 20, 80), 0, 0.05),  # the share rises because there are fewer
        ((20, 100, 20, 100), 0, 0),
        ((0, 100, 30, 100), 0.3, 0),
        ((0, 100, 0, 50), 0, 0),
        ((20, 100, 0, 100), -0.2, 0),
    ],
)
def test_what_alone_changes_makes_all_of_the_change(
    figures: tuple[float, ...], by_numerator: float, by_denominator: float
) -> None:
    assert ratio_change(*figures)[1:] == pytest.approx((by_numerator, by_denominator))


numbers = st.floats(0, 1e6)
positive = st.floats(1, 1e6)


@given(numbers, positive, numbers, positive)
def test_the_parts_sum_to_the_change(n0: float, d0: float, n1: float, d1: float) -> None:
    found = ratio_change(n0, d0, n1, d1)
    size = max(1.0, n0 / d0, n1 / d1)
    assert abs(found.by_numerator + found.by_denominator - found.change) <= 1e-9 * size
    assert found.change == n1 / d1 - n0 / d0 or abs(found.change - (n1 / d1 - n0 / d0)) <= 1e-12 * size


@given(numbers, positive, numbers, positive)
def test_swapping_then_and_now_swaps_the_signs(n0: float, d0: float, n1: float, d1: float) -> None:
    there, back = ratio_change(n0, d0, n1, d1), ratio_change(n1, d1, n0, d0)
    assert np.allclose(there, -np.array(back), rtol=1e-12, atol=1e-12)


def test_the_parts_are_close_to_those_of_the_logarithmic_mean() -> None:
    n0, d0, n1, d1 = 20000.0, 72000.0, 20800.0, 71500.0
    before, now = n0 / d0, n1 / d1
    logarithmic = (now - before) / np.log(now / before)
    found = ratio_change(n0, d0, n1, d1)
    assert found.by_numerator == pytest.approx(logarithmic * np.log(n1 / n0), rel=1e-3)
    assert found.by_denominator == pytest.approx(logarithmic * np.log(d0 / d1), rel=1e-3)


def test_what_is_missing_or_no_denominator_gives_no_parts() -> None:
    found = ratio_change([20, 20, 20, nan, 20], [100, 0, 100, 100, -5], [30, 30, nan, 30, 30], [120] * 5)
    for part in found:
        assert np.isnan(part).tolist() == [False, True, True, True, True]


# A rate into mix and change within groups


def groups(**counts: tuple[int, int]) -> pd.DataFrame:
    """Return numerator and denominator by group."""
    return pd.DataFrame.from_dict(counts, orient="index", columns=["numerator", "denominator"])


def test_a_rate_is_split_as_by_hand() -> None:
    # 0.9 of half and 0.5 of half, then 0.8 of three quarters and 0.5 of a quarter: 0.7 becomes 0.725.
    found = shift_share(groups(a=(45, 50), b=(25, 50)), groups(a=(60, 75), b=(12.5, 25)))
    assert (found.rate_before, found.rate) == pytest.approx((0.7, 0.725))
    assert found.groups["within"].to_dict() == pytest.approx({"a": 0.625 * -0.1, "b": 0})
    assert found.groups["mix"].to_dict() == pytest.approx(
        {"a": 0.25 * (0.85 - 0.7125), "b": -0.25 * (0.5 - 0.7125)}
    )
    assert (found.within, found.mix) == pytest.approx((-0.0625, 0.0875))


def test_every_rate_may_rise_while_the_whole_falls() -> None:
    # Simpson's paradox: both groups do better, but the harder one has grown.
    found = shift_share(groups(easy=(90, 100), hard=(20, 100)), groups(easy=(46, 50), hard=(45, 150)))
    assert found.rate < found.rate_before
    assert (found.groups["within"] > 0).all()
    assert found.mix < 0


def test_weights_alone_make_mix_and_rates_alone_none() -> None:
    moved = shift_share(groups(a=(45, 50), b=(25, 50)), groups(a=(90, 100), b=(25, 50)))
    assert moved.within == pytest.approx(0)
    better = shift_share(groups(a=(45, 50), b=(25, 50)), groups(a=(90, 100), b=(60, 100)))
    assert better.mix == pytest.approx(0)
    assert better.within == pytest.approx(0.05)


@pytest.mark.parametrize("absent", [{}, {"c": (0, 0)}])
def test_a_group_that_comes_or_goes_is_mix(absent: dict[str, tuple[int, int]]) -> None:
    two, three = groups(a=(45, 50), b=(25, 50), **absent), groups(a=(45, 50), b=(25, 50), c=(30, 100))
    for before, now in ((two, three), (three, two)):
        found = shift_share(before, now)
        assert found.groups.loc["c", "within"] == 0
        assert found.groups["within"].tolist() == pytest.approx([0, 0, 0])
        assert found.mix == pytest.approx(found.rate - found.rate_before)
    assert np.isnan(shift_share(two, three).groups.loc["c", "rate_before"])


def test_a_group_without_a_case_at_either_time_contributes_nothing() -> None:
    found = shift_share(groups(a=(45, 50), z=(0, 0)), groups(a=(60, 75), z=(0, 0)))
    assert found.groups.loc["z", ["within", "mix"]].tolist() == [0, 0]
    assert found.within == pytest.approx(0.8 - 0.9)


sizes = st.integers(0, 300)
tables = st.dictionaries(st.sampled_from("abcdef"), st.tuples(sizes, sizes), min_size=1)


@given(tables, tables)
def test_the_parts_of_the_groups_sum_to_the_change(
    before: dict[str, tuple[int, int]], now: dict[str, tuple[int, int]]
) -> None:
    two = [groups(**{g: (min(c), max(c)) for g, c in table.items()}) for table in (before, now)]
    found: ShiftShare = shift_share(*two)
    if any(table["denominator"].sum() == 0 for table in two):
        assert np.isnan(found.within + found.mix)
    else:
        assert found.within + found.mix == pytest.approx(found.rate - found.rate_before, abs=1e-9)
        assert found.rate == two[1]["numerator"].sum() / two[1]["denominator"].sum()


def test_without_a_group_there_is_nothing_to_split() -> None:
    found = shift_share(groups(), groups())
    assert np.isnan([found.rate_before, found.rate, found.within, found.mix]).all()


# Small groups


def test_groups_shown_together_are_added_up() -> None:
    table = groups(a=(40, 50), b=(30, 40), c=(4, 6), d=(5, 5))
    found = added_up(table, {"a": "a", "b": "b", "c": "other", "d": "other", "e": "other"})
    assert found.to_dict("index") == {
        "a": {"numerator": 40, "denominator": 50},
        "b": {"numerator": 30, "denominator": 40},
        "other": {"numerator": 9, "denominator": 11},
    }


def test_without_a_group_there_is_nothing_to_add_up() -> None:
    assert added_up(groups(), {}).empty
