"""Expected values are arithmetic written beside them, cells of the plan, or the published rule that is named."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from laoyou import attainment as at
from laoyou.targets import parse_target

nan = np.nan
OPERATORS = ("ge", "le", "gt", "lt", "about")
# Printed figures: two decimals at most, so that a boundary is hit exactly now and then.
figures = st.integers(-1_000, 1_000_000).map(lambda hundredths: hundredths / 100)
positive = st.integers(1, 1_000_000).map(lambda hundredths: hundredths / 100)


@pytest.mark.parametrize(
    ("printed", "value", "met"),
    [
        ("<5", 4.99, True),
        ("<5", 5.0, False),  # strict: the target itself does not count
        ("<5", 5.01, False),
        (">30", 29.99, False),
        (">30", 30.0, False),
        (">30", 30.01, True),
        ("≤5", 5.0, True),
        ("≤5", 5.01, False),
        ("1300", 1299, False),
        ("1300", 1300, True),
        ("25000以上", 25000, True),
        ("2580左右", 2450.99, False),
        ("2580左右", 2451, True),  # 2580 x 0.95 = 2451
        ("2580左右", 2580, True),
        ("2580左右", 2709, True),  # 2580 x 1.05 = 2709
        ("2580左右", 2709.01, True),  # above the band counts as met
        ("全覆盖", 99.99, False),
        ("全覆盖", 100, True),
        ("开展试点", 100, False),  # a milestone is never met by a number
        ("——", 0, False),
    ],
)
def test_a_printed_target_is_met_on_its_own_side_of_the_boundary(printed, value, met, rules):
    cell = parse_target(printed)
    target = nan if cell.value is None else cell.value
    assert at.meets(value, cell.operator, target, rules.attainment.about_tolerance) == met


def test_about_a_ceiling_may_be_exceeded_by_the_tolerance_and_undercut_freely(rules):
    # 20 x 1.05 = 21
    met = at.meets([10, 21, 21.01], "about", 20, rules.attainment.about_tolerance, direction=-1)
    assert met.tolist() == [True, True, False]


def test_binary_rounding_does_not_decide_a_boundary():
    total = 0.1 + 0.2  # 0.30000000000000004
    assert at.meets(total, ["ge", "le", "gt", "lt"], 0.3, 0).tolist() == [True, True, False, False]


@given(
    low=figures,
    rise=positive,
    target=positive,
    operator=st.sampled_from(OPERATORS),
    d=st.sampled_from([1, -1]),
)
def test_a_better_value_never_loses_a_verdict(low, rise, target, operator, d):
    before, after = at.meets([low, low + rise], operator, target, 0.05, d)
    falls = operator in ("le", "lt") or (operator == "about" and d < 0)
    assert (before or not after) if falls else (after or not before)


@pytest.mark.parametrize(
    ("met", "known", "assessable", "closed", "early", "verdict"),
    [
        (True, True, True, True, False, "met"),
        (False, True, True, True, False, "not_met"),
        (True, True, True, False, False, "pending"),  # a rate may still fall
        (True, True, True, False, True, "met"),  # a count may not
        (False, True, True, False, True, "pending"),  # a count may still rise
        (False, False, True, False, True, "pending"),
        (False, False, True, True, True, "not_assessable"),  # closed, and no figure
        (True, True, False, True, True, "not_assessable"),  # no number to compare with
        (False, False, False, False, False, "not_assessable"),
    ],
)
def test_the_verdict_waits_for_the_end_of_the_year_unless_a_count_has_passed(
    met, known, assessable, closed, early, verdict
):
    assert at.compliance(met, known, assessable, closed, early) == verdict


def test_attainment_is_not_capped():
    assert at.attainment(1932, 1300) == pytest.approx(1.486154)  # 1932 / 1300


def test_attainment_of_a_zero_target_is_unknown():
    assert np.isnan(at.attainment([0, 5], 0)).all()


@pytest.mark.parametrize(
    ("value", "target", "direction", "margin"),
    [(4.7, 5, -1, 0.3), (5.2, 5, -1, -0.2), (95.1, 92, 1, 3.1), (91, 92, 1, -1), (5, 5, -1, 0)],
)
def test_the_margin_is_positive_on_the_good_side(value, target, direction, margin):
    assert at.margin(value, target, direction) == margin


@pytest.mark.parametrize(
    ("value", "baseline", "target", "direction", "progress"),
    [
        (6.1, 5.8, 6.4, 1, 0.5),  # 0.3 / 0.6
        (6.7, 5.8, 6.4, 1, 1.5),  # 0.9 / 0.6, not capped
        (5.5, 5.8, 6.4, 1, -0.5),  # -0.3 / 0.6, further off than at the start
        (4.5, 5.0, 4.0, -1, 0.5),  # -0.5 / -1.0
        (78, 82.2, 65, 1, nan),  # the target is worse than the baseline
        (101, 100, 100, 1, nan),  # the target is the baseline
        (4.5, 4.0, 5.0, -1, nan),
    ],
)
def test_progress_needs_a_target_better_than_the_baseline(value, baseline, target, direction, progress):
    assert at.progress(value, baseline, target, direction) == pytest.approx(progress, nan_ok=True)


@pytest.mark.parametrize(
    ("value", "target", "share", "gap"),
    [
        (1095, 1300, 0.75, 9.230769),  # 84.230769 % done, 75 % due
        (650, 1000, 0.75, -10),
        (325, 1300, 0.25, 0),
        (1932, 1300, 1.0, 48.615385),
        (3, 0, 0.5, nan),
    ],
)
def test_the_pace_gap_is_the_share_done_less_the_share_due(value, target, share, gap):
    assert at.pace_gap(value, target, share) == pytest.approx(gap, abs=1e-6, nan_ok=True)


@pytest.mark.parametrize(
    ("value", "before", "target", "share", "direction", "gap"),
    [
        # Path 7200 + 0.75 x 1800 = 8550; 228 ahead of it, 228 / 1800.
        (8778, 7200, 9000, 0.75, 1, 12.666667),
        # Path 22600 + 0.75 x 1200 = 23500; 117 behind, 117 / 1200.
        (23383, 22600, 23800, 0.75, 1, -9.75),
        # Falling: path 8 - 0.5 x 2 = 7; 0.5 too high, 0.5 / 2.
        (7.5, 8, 6, 0.5, -1, -25),
        (6.5, 8, 6, 0.5, -1, 25),
        (11, 11, 11, 0.5, 1, nan),
    ],
)
def test_the_path_gap_is_measured_in_the_years_own_step(value, before, target, share, direction, gap):
    assert at.path_gap(value, before, target, share, direction) == pytest.approx(gap, abs=1e-6, nan_ok=True)


@pytest.mark.parametrize(
    ("value", "target", "direction", "gap"),
    [(2490, 3000, 1, -17), (2850, 3000, 1, -5), (5.5, 5, -1, -10), (4, 5, -1, 20), (3, 0, 1, nan)],
)
def test_the_level_gap_is_in_percent_of_the_target(value, target, direction, gap):
    assert at.level_gap(value, target, direction) == pytest.approx(gap, nan_ok=True)


def test_the_linear_path_reproduces_the_world_health_organizations_example():
    # 68 in 2018, 99 in 2025: 68 + 31 x 3 / 7 in 2021.
    assert at.linear_path(2018, 68, 2025, 99, 2021) == pytest.approx(81.285714, abs=1e-6)
    assert at.linear_path(2018, 68, 2025, 99, [2018, 2025]).tolist() == [68, 99]


@pytest.mark.parametrize(
    ("gap", "light"),
    [
        (0.1, "green"),
        (0, "green"),
        (-0.1, "watch"),
        (-9.9, "watch"),
        (-10, "yellow"),  # Yinchuan 2025: 10 to 30 points behind
        (-30, "yellow"),
        (-30.1, "red"),  # Yinchuan 2025: more than 30
        (nan, "no_data"),
    ],
)
def test_the_pace_bands_are_yinchuans_with_the_hole_closed(gap, light, rules):
    assert at.pace_light(gap, False, rules.pace) == light


@pytest.mark.parametrize(("gap", "light"), [(0.1, "green"), (0, "watch"), (-0.1, "watch"), (-10, "yellow")])
def test_standing_exactly_on_the_way_to_a_strict_target_is_not_enough(gap, light, rules):
    assert at.pace_light(gap, True, rules.pace) == light


def test_a_gap_of_ten_points_is_yellow_although_it_is_no_binary_number(rules):
    gap = at.pace_gap(650, 1000, 0.75)  # 100 * (0.65 - 0.75) is -9.999999999999998 in binary
    assert at.pace_light(gap, False, rules.pace) == "yellow"


@pytest.mark.parametrize(
    ("met", "gap", "light"),
    [
        (True, 3, "green"),
        (True, -4, "green"),  # short, yet within what 左右 allows
        (False, 0, "yellow"),  # on a strict target
        (False, -5, "yellow"),
        (False, -5.01, "red"),
        (False, nan, "no_data"),
    ],
)
def test_a_level_is_yellow_down_to_exactly_five_percent_short(met, gap, light, rules):
    assert at.level_light(met, gap, rules.pace) == light


@pytest.mark.parametrize(
    ("met", "margin", "worst_met", "best_met", "light"),
    [
        (True, 3.5, True, True, "green"),  # the whole interval meets the target
        (True, 0.5, False, True, "watch"),  # its bad end does not
        (False, -1.5, False, True, "yellow"),  # its good end does
        (False, -1.0, False, False, "yellow"),  # a miss of exactly one point
        (False, -1.01, False, False, "red"),
        (False, nan, False, False, "no_data"),
    ],
)
def test_a_rates_light_weighs_its_interval_and_the_last_point(met, margin, worst_met, best_met, light, rules):
    assert at.rate_light(met, margin, worst_met, best_met, rules.rate) == light


NUMBERS = [
    (at.attainment, 2),
    (at.margin, 3),
    (at.progress, 4),
    (at.pace_gap, 3),
    (at.expected_level, 3),
    (at.path_gap, 5),
    (at.level_gap, 3),
    (at.linear_path, 5),
]


@pytest.mark.parametrize(
    ("function", "arguments", "absent"),
    [(function, count, absent) for function, count in NUMBERS for absent in range(count)],
    ids=lambda case: getattr(case, "__name__", str(case)),
)
def test_a_missing_input_never_yields_a_number(function, arguments, absent):
    given_numbers = [3.0, 2.0, 5.0, 4.0, 1.0][:arguments]
    assert not np.isnan(function(*[n + 1 for n in given_numbers])) or function is at.progress
    assert np.isnan(function(*[nan if n == absent else v for n, v in enumerate(given_numbers)]))


@pytest.mark.parametrize("operator", OPERATORS)
@given(number=figures)
def test_a_missing_value_or_target_is_never_met(operator, number):
    assert not at.meets([nan, number, nan], operator, [number, nan, nan], 0.05).any()


@given(
    value=figures,
    before=positive,
    target=positive,
    share=st.sampled_from([0.25, 0.4, 0.5, 0.75, 1.0]),
    operator=st.sampled_from(OPERATORS),
    direction=st.sampled_from([1, -1]),
    k=st.sampled_from([0.01, 0.1, 3, 10, 10_000]),
)
def test_the_unit_that_things_are_counted_in_does_not_matter(
    value, before, target, share, operator, direction, k, rules
):
    def answers(scale):
        x, previous, goal = (round(number * scale, 6) for number in (value, before, target))
        met = at.meets(x, operator, goal, 0.05, direction)
        gaps = (
            at.pace_gap(x, goal, share),
            at.path_gap(x, previous, goal, share, direction),
            at.level_gap(x, goal, direction),
        )
        strict = operator in ("gt", "lt")
        words = [met, *(at.pace_light(gap, strict, rules.pace) for gap in gaps[:2])]
        words.append(at.level_light(met, gaps[2], rules.pace))
        shares = at.attainment(x, goal), at.progress(x, previous, goal, direction)
        return [bool(words[0]), *map(str, words[1:])], np.array([*gaps, *shares], float)

    words, numbers = answers(1)
    scaled_words, scaled_numbers = answers(k)
    assert scaled_words == words
    np.testing.assert_allclose(scaled_numbers, numbers, rtol=1e-9, atol=1e-6)


def test_arguments_are_left_as_they_were(rules):
    arrays = [
        np.array([3.0, nan]),
        np.array([2.0, 5.0]),
        np.array([5.0, 0.0]),
        np.array([0.5, 1.0]),
        np.ones(2),
    ]
    for array in arrays:
        array.flags.writeable = False  # a write would raise
    for function, count in NUMBERS[:-1]:
        function(*arrays[:count])
    met = at.meets(arrays[0], np.array(["ge", "lt"], object), arrays[2], 0.05)
    met.flags.writeable = False
    at.compliance(met, met, met, True, met)
    at.pace_light(arrays[0], met, rules.pace)
    at.level_light(met, arrays[0], rules.pace)
    at.rate_light(met, arrays[0], met, met, rules.rate)


def test_chance_softens_only_yellow_and_red_and_only_within_the_band() -> None:
    lights = ["green", "watch", "yellow", "red", "no_data"]
    assert at.chance_light(lights, True).tolist() == ["green", "watch", "watch", "watch", "no_data"]
    assert at.chance_light(lights, False).tolist() == lights
