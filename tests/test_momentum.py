"""Expected values are arithmetic written beside them."""

import numpy as np
import pytest

from laoyou.momentum import average_change, before_break_removed, momentum

nan = np.nan


@pytest.mark.parametrize(
    ("points", "change"),
    [
        ([10, 12, 11, 15, 16, 20], 2),  # (20 - 10) / 5: only the ends count
        ([nan, nan, 10, 11, 12, 16], 2),  # four known: (16 - 10) / 3
        ([nan, nan, nan, 10, 11, 12], nan),  # three are too few
        ([nan, 10, nan, 11, 12, 18], 2),  # a hole does not shorten the span: (18 - 10) / 4
        ([10, 11, 12, 13, 14, nan], nan),  # without the last point there is no now
        ([5, 5, 5, 5, 5, 5], 0),
        ([nan] * 6, nan),
    ],
)
def test_the_average_change_spans_the_known_points(points, change):
    assert average_change(points, 4) == pytest.approx(change, nan_ok=True)


def test_many_series_are_averaged_at_once():
    points = [[[1, 2, 3, 4], [4, 3, 2, 1]], [[nan, 2, 3, 4], [0, 0, 0, 8]]]
    np.testing.assert_allclose(average_change(points, 4), [[1, -1], [nan, 8 / 3]])


def test_fewer_than_two_points_make_no_change_whatever_is_asked_for():
    assert np.isnan(average_change([nan, nan, 5], 1))


@pytest.mark.parametrize(
    ("breaks", "kept"),
    [
        ([0, 0, 0, 0], [1, 2, 3, 4]),
        ([0, 0, 1, 0], [nan, nan, 3, 4]),  # the marked point is the first on the new basis
        ([0, 1, 1, 0], [nan, nan, 3, 4]),  # only the last break matters
        ([0, 0, 0, 1], [nan, nan, nan, 4]),
        ([1, 0, 0, 0], [1, 2, 3, 4]),
    ],
)
def test_points_before_the_last_break_are_not_comparable(breaks, kept):
    points = np.array([1.0, 2, 3, 4])
    np.testing.assert_array_equal(before_break_removed(points, np.array(breaks, bool)), kept)
    assert points.tolist() == [1, 2, 3, 4]


@pytest.mark.parametrize(
    ("change", "direction", "word"),
    [
        # Target 1000, of which 0.5 % is 5.
        (5.01, 1, "improving"),
        (5, 1, "steady"),
        (-5, 1, "steady"),
        (-5.01, 1, "worsening"),
        (-5.01, -1, "improving"),
        (5.01, -1, "worsening"),
        (nan, 1, "unknown"),
    ],
)
def test_a_change_of_half_a_percent_of_the_target_is_still_steady(change, direction, word, rules):
    assert momentum(change, 1000, direction, rules.momentum.steady_share) == word


def test_without_a_target_there_is_no_scale_to_judge_a_change_by(rules):
    assert momentum(5, nan, 1, rules.momentum.steady_share) == "unknown"


def test_any_change_moves_a_series_whose_target_is_zero(rules):
    assert momentum([0, 0.1, -0.1], 0, -1, rules.momentum.steady_share).tolist() == [
        "steady",
        "worsening",
        "improving",
    ]
