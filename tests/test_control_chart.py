"""Limits worked out by hand."""

from math import isnan, nan

import pytest

from laoyou.control_chart import xmr_limits


def test_the_limits_stand_2_66_mean_ranges_around_the_mean() -> None:
    found = xmr_limits([10, 12, 11, 13])  # mean 11.5; ranges 2, 1, 2
    assert found.mean == 11.5
    assert found.mean_range == pytest.approx(5 / 3)
    assert found.lower == pytest.approx(11.5 - 2.66 * 5 / 3)
    assert found.upper == pytest.approx(11.5 + 2.66 * 5 / 3)
    assert found.largest_range == pytest.approx(3.267 * 5 / 3)
    assert found.points == 4


def test_figures_that_never_move_leave_no_room() -> None:
    assert xmr_limits([7.0, 7.0, 7.0]) == (7, 7, 7, 0, 0, 3)


def test_no_change_is_taken_across_a_gap() -> None:
    found = xmr_limits([10, 12, nan, 30, 31])  # ranges 2 and 1; the jump to 30 is none
    assert found.mean_range == 1.5
    assert found.mean == 20.75
    assert found.points == 4


@pytest.mark.parametrize(("values", "mean", "points"), [([], nan, 0), ([5.0], 5, 1), ([5.0, nan, 7.0], 6, 2)])
def test_without_two_figures_in_a_row_there_are_no_limits(
    values: list[float], mean: float, points: int
) -> None:
    found = xmr_limits(values)
    assert isnan(found.lower)
    assert isnan(found.upper)
    assert isnan(found.largest_range)
    assert found.mean == pytest.approx(mean, nan_ok=True)
    assert found.points == points
