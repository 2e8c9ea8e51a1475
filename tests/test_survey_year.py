"""What a year's mean leaves, by arithmetic."""

from math import isnan, nan

import pytest

from laoyou.survey_year import mean_still_allowed


@pytest.mark.parametrize(
    ("known", "allowed"),
    [
        ([4.9, 4.8, 4.6], 5.7),  # 20 − 14.3
        ([4.8], 15.2 / 3),
        ([], 5.0),
        ([7.0, 7.0, 7.0], -1.0),  # 20 − 21: no quarter can mend it
    ],
)
def test_the_quarters_to_come_may_be_what_is_left_of_four_targets(known: list[float], allowed: float) -> None:
    assert mean_still_allowed(known, 5.0) == pytest.approx(allowed)


def test_that_mean_takes_the_year_exactly_to_the_target() -> None:
    left = mean_still_allowed([4.31, 5.07], 4.9)
    assert (4.31 + 5.07 + 2 * left) / 4 == pytest.approx(4.9)


@pytest.mark.parametrize(("known", "target"), [([4.9, nan], 5.0), ([4.9], nan), ([4.9, 4.8, 4.6, 4.7], 5.0)])
def test_nothing_is_said_where_a_figure_or_the_target_is_missing_or_the_year_is_over(
    known: list[float], target: float
) -> None:
    assert isnan(mean_still_allowed(known, target))
