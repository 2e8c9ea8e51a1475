"""There and back, and where a bound lies between the last figure that misses it and the first that meets it."""

import math

import numpy as np
import pytest

from laoyou.outlooks.scales import level_scale, logit, rate_scale


@pytest.mark.parametrize("figure", [0.0, 0.1, 9.9, 2580.0])
@pytest.mark.parametrize(
    "scale",
    [level_scale(1), level_scale(1, -5.0), rate_scale(1e5, counted=False)],
    ids=["level", "above", "rate"],
)
def test_a_figure_comes_back_from_the_working_scale(scale, figure):
    shown = min(figure, 100.0)
    assert float(scale.back(scale.forward(shown))) == pytest.approx(shown, abs=1e-9)


def test_a_level_is_the_logarithm_of_half_its_last_place_more():
    assert float(level_scale(1).forward(9.9)) == pytest.approx(math.log(9.95))
    assert float(level_scale(0, 7000).forward(7170)) == pytest.approx(math.log(170.5))
    assert float(level_scale(0).back(-50)) == 0


@pytest.mark.parametrize(
    ("operator", "bound", "edge"),
    [
        ("ge", 8, 7.5), ("gt", 8, 8.5), ("le", 8, 8.5), ("lt", 8, 7.5),
        ("ge", 7.2, 7.5), ("gt", 7.2, 7.5), ("le", 7.2, 7.5), ("lt", 7.2, 7.5),
    ],
)  # fmt: skip
def test_the_edge_of_a_whole_number_lies_half_a_step_off(operator, bound, edge):
    assert level_scale(0).edge(operator, bound) == pytest.approx(math.log(edge + 0.5))


def test_the_edge_of_a_figure_with_a_decimal_lies_half_a_tenth_off():
    assert level_scale(1).edge("ge", 8.1) == pytest.approx(math.log(8.05 + 0.05))


def test_what_is_certain_already_has_no_edge():
    assert level_scale(0, 9000).edge("ge", 9000) == -math.inf
    assert level_scale(0, 9000).edge("ge", 9001) == pytest.approx(0)  # log(0.5 + 0.5)


def test_a_rate_of_cases_has_a_logit_at_both_ends():
    # 18 of 20 and a half: 18.5 against 2.5.
    assert logit([0, 18, 20], 20).tolist() == pytest.approx(
        [math.log(0.5 / 20.5), math.log(18.5 / 2.5), math.log(41)]
    )


@pytest.mark.parametrize(
    ("operator", "bound", "cases"),
    [
        ("ge", 90, 17.5),  # 18 of 20 meet it
        ("ge", 91, 18.5),  # 18.2: 19 do
        ("gt", 90, 18.5),
        ("le", 5, 1.5),
        ("lt", 5, 0.5),
        ("ge", 100, 19.5),
        ("le", 0, 0.5),
    ],
)
def test_whole_cases_meet_a_bound(operator, bound, cases):
    assert rate_scale(20, counted=True).edge(operator, bound) == pytest.approx(
        math.log((cases + 0.5) / (20.5 - cases))
    )


def test_no_case_can_be_more_than_all_or_fewer_than_none():
    scale = rate_scale(20, counted=True)
    assert (scale.edge("gt", 100), scale.edge("ge", 0)) == (math.inf, -math.inf)
    assert (scale.edge("lt", 0), scale.edge("le", 100)) == (-math.inf, math.inf)


def test_only_whole_cases_come_back_where_they_are_counted():
    # 18.4 and 18.6 of 20.
    scale = rate_scale(20, counted=True)
    assert scale.back(logit([18.4, 18.6], 20)).tolist() == [90, 95]


def test_a_rate_without_cases_reaches_the_end_of_its_scale_by_rounding():
    scale = rate_scale(1000, counted=False)
    assert scale.edge("ge", 100) == pytest.approx(math.log(1000 / 1))  # 999.5 of 1000
    assert scale.edge("lt", 5) == pytest.approx(math.log(50.5 / 950.5))
    assert (scale.edge("ge", 120), scale.edge("ge", -20)) == (math.inf, -math.inf)


def test_the_grain_is_what_the_last_place_moves():
    assert level_scale(1).grain(9.9) == pytest.approx(0.1 / 9.95)
    assert level_scale(0).grain(0.0) == 2  # half a unit is all there is
    assert rate_scale(20, counted=True).grain(90) == pytest.approx(1 / 18.5 + 1 / 2.5)
    step = np.diff(rate_scale(1000, counted=False).forward([39.95, 40.05]))
    assert rate_scale(1000, counted=False).grain(40) == pytest.approx(step[0], rel=1e-3)


def test_a_share_of_more_than_all_counts_as_all():
    scale = rate_scale(1000, counted=False)
    assert scale.forward(100.4) == scale.forward(100)
