"""How a value stands against its target: compliance, attainment, progress, margin, pace and light.

Pure functions over arrays. Values and targets are in the row's own unit; shares and ratios are
fractions; gaps are percentage points. A missing input gives NaN, never a number.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from laoyou.rules import Pace, Rate
from laoyou.targets import Operator

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
Words = NDArray[np.object_]

LIGHTS = ("green", "watch", "yellow", "red", "annual_only", "no_data")
_DECIMALS = 9


def _floats(values: ArrayLike) -> Floats:
    return np.asarray(values, dtype=np.float64)


def rounded(values: Any) -> Floats:
    """Return values free of binary rounding, so that it never decides on which side of a boundary they lie."""
    return np.round(_floats(values), _DECIMALS)


def first_case(cases: Sequence[tuple[Any, str]], default: str | Words) -> Words:
    """Return the word of the first case that holds, element by element."""
    shape = np.broadcast_shapes(*(np.shape(condition) for condition, _ in cases), np.shape(default))
    first = np.zeros(shape, np.int8)  # which case, counted from 1: numbers are filled in faster than words
    for number, (condition, _) in reversed(list(enumerate(cases, 1))):
        np.copyto(first, number, where=np.asarray(condition, bool))
    words = np.asarray(np.array(["", *(word for _, word in cases)], object)[first], object)
    np.copyto(words, np.asarray(default, object), where=first == 0)
    return words


def meets(
    value: ArrayLike,
    operator: ArrayLike,
    target: ArrayLike,
    about_tolerance: float,
    direction: ArrayLike = 1,
) -> Flags:
    """Return whether values meet their targets; False where either is missing.

    Parameters
    ----------
    value, target : [the row's unit]
    operator : ``ge``, ``le``, ``gt``, ``lt`` or ``about``; any other is never met
    about_tolerance : share of the target by which ``about`` may be missed [1]
    direction : +1 where higher is better, −1 where lower is; only ``about`` does not say so itself
    """
    x, goal, op, good = rounded(value), _floats(target), np.asarray(operator, object), _floats(direction)
    nearest = rounded(goal * (1 - good * about_tolerance))
    goal = rounded(goal)
    with np.errstate(invalid="ignore"):
        met: Flags = (
            ((op == Operator.GE) & (x >= goal))
            | ((op == Operator.LE) & (x <= goal))
            | ((op == Operator.GT) & (x > goal))
            | ((op == Operator.LT) & (x < goal))
            | ((op == Operator.ABOUT) & (good * x >= good * nearest))
        )
    return met


def compliance(
    met: ArrayLike, known: ArrayLike, assessable: ArrayLike, closed: bool, early: ArrayLike
) -> Words:
    """Return the year's verdict.

    Parameters
    ----------
    met : whether the value meets the year's target
    known : whether there is a value
    assessable : whether the target is a number in the row's unit
    closed : whether the year is over
    early : whether passing the target settles the year before its end (counts)

    Returns
    -------
    ``met``, ``not_met``, ``pending`` or ``not_assessable``.
    """
    passed, has, can = np.asarray(met, bool), np.asarray(known, bool), np.asarray(assessable, bool)
    return first_case(
        [
            (~can, "not_assessable"),
            (passed & has & (closed | np.asarray(early, bool)), "met"),
            (np.full(passed.shape, not closed), "pending"),
            (~has, "not_assessable"),
        ],
        "not_met",
    )


def attainment(value: ArrayLike, target: ArrayLike) -> Floats:
    """Return the completion rate （完成率） ``x ÷ T`` [1], uncapped; NaN where the target is 0 or missing.

    Meant where higher is better; a ceiling has a margin instead.
    """
    goal = _floats(target)
    return _floats(value) / np.where(goal == 0, np.nan, goal)


def margin(value: ArrayLike, target: ArrayLike, direction: ArrayLike) -> Floats:
    """Return ``d·(x − T)`` [the row's unit]: positive is on the good side. ``direction`` is +1 or −1."""
    return rounded(_floats(direction) * (_floats(value) - _floats(target)))


def progress(value: ArrayLike, baseline: ArrayLike, target: ArrayLike, direction: ArrayLike) -> Floats:
    """Return the share of the way from baseline to target ``(x − b) ÷ (T − b)`` [1].

    NaN unless the target is better than the baseline: a target set at or below it leaves no way to go.
    """
    way = _floats(target) - _floats(baseline)
    ahead = _floats(direction) * way > 0
    return (_floats(value) - _floats(baseline)) / np.where(ahead, way, np.nan)


def pace_gap(year_to_date: ArrayLike, target: ArrayLike, expected_share: ArrayLike) -> Floats:
    """Return the distance of a count from the time-proportional schedule （序时进度）.

    Parameters
    ----------
    year_to_date : count since 1 January [the row's unit]
    target : the year's target [the row's unit], > 0
    expected_share : share of the year's target due by now [1]

    Returns
    -------
    ``100·(x ÷ T − w)`` [percentage points]; negative is behind.
    """
    return rounded(100 * (attainment(year_to_date, target) - _floats(expected_share)))


def expected_level(previous_target: ArrayLike, target: ArrayLike, expected_share: ArrayLike) -> Floats:
    """Return the level due by now on the straight way between two targets ``T₋ + w·(T − T₋)`` [the row's unit]."""
    before = _floats(previous_target)
    return before + _floats(expected_share) * (_floats(target) - before)


def path_gap(
    value: ArrayLike,
    previous_target: ArrayLike,
    target: ArrayLike,
    expected_share: ArrayLike,
    direction: ArrayLike,
) -> Floats:
    """Return the distance of a level from the way between last year's target and this year's.

    Parameters
    ----------
    value, previous_target, target : [the row's unit]
    expected_share : share of the way due by now [1]
    direction : +1 where higher is better, −1 where lower is

    Returns
    -------
    ``100·d·(x − path) ÷ |T − T₋|`` [percentage points of the year's step]; NaN where the targets are equal.
    """
    step = np.abs(_floats(target) - _floats(previous_target))
    away = _floats(value) - expected_level(previous_target, target, expected_share)
    return rounded(100 * _floats(direction) * rounded(away) / np.where(step == 0, np.nan, step))


def level_gap(value: ArrayLike, target: ArrayLike, direction: ArrayLike) -> Floats:
    """Return the distance of a level from its target ``100·d·(x − T) ÷ |T|`` [percent of the target]."""
    goal = np.abs(_floats(target))
    return rounded(100 * margin(value, target, direction) / np.where(goal == 0, np.nan, goal))


def linear_path(base_year: float, base: float, target_year: float, target: float, year: ArrayLike) -> Floats:
    """Return the level due in a year on the straight line between two dated levels [the levels' unit].

    World Health Organization, stocktaking of progress on the triple billion targets: the linear path.
    """
    return base + (target - base) * (_floats(year) - base_year) / (target_year - base_year)


def pace_light(gap: ArrayLike, strict: ArrayLike, bands: Pace) -> Words:
    """Return the light of a distance from schedule.

    Parameters
    ----------
    gap : [percentage points]; negative is behind
    strict : whether the target itself does not count as reached, so that standing on the path is not enough
    bands : the band limits [percentage points]

    Returns
    -------
    ``green``, ``watch``, ``yellow``, ``red``, or ``no_data`` where the gap is NaN.

    Notes
    -----
    After Yinchuan's published rule of 2025 (on schedule; 10–30 points behind; more), its 0–10 hole closed.
    """
    points = rounded(gap)
    with np.errstate(invalid="ignore"):
        return first_case(
            [
                (np.isnan(points), "no_data"),
                (points < bands.red_below, "red"),
                (points <= bands.yellow_from, "yellow"),
                (points < bands.watch_below, "watch"),
                ((points == 0) & np.asarray(strict, bool), "watch"),
            ],
            "green",
        )


def chance_light(light: ArrayLike, within: ArrayLike) -> Words:
    """Return the light of a small count, no worse than watch while its shortfall may be chance.

    Parameters
    ----------
    light : as ``pace_light`` returns it
    within : whether the count lies in the Poisson band of what is due by now

    Notes
    -----
    A quarter of a count of some dozens a year moves by more than ten points of the year for no reason at all; a
    worse light would then tell of noise. At the year's end the count itself is judged, not its chance.
    """
    words = np.asarray(light, object)
    return np.where(np.asarray(within, bool) & np.isin(words, ["yellow", "red"]), "watch", words)


def level_light(met: ArrayLike, gap: ArrayLike, bands: Pace) -> Words:
    """Return the light of a level whose target stands still or is 左右.

    Parameters
    ----------
    met : whether the value meets the target
    gap : distance from the target [percent of it]; negative is short
    bands : ``level_yellow`` says how short may still be yellow [1]
    """
    percent = rounded(gap)
    with np.errstate(invalid="ignore"):
        return first_case(
            [
                (np.isnan(percent), "no_data"),
                (np.asarray(met, bool), "green"),
                (percent >= -round(100 * bands.level_yellow, _DECIMALS), "yellow"),
            ],
            "red",
        )


def rate_light(
    met: ArrayLike,
    margin_points: ArrayLike,
    worst_met: ArrayLike,
    best_met: ArrayLike,
    rule: Rate,
) -> Words:
    """Return the light of a rate, with its sampling interval in mind.

    Parameters
    ----------
    met : whether the rate itself meets the target
    margin_points : distance from the target on the good side [percentage points]; NaN where unknown
    worst_met, best_met : whether the bad and the good end of the interval meet it; where no interval is
        known, pass ``met`` for both
    rule : ``yellow_within`` says how close a miss may be and stay yellow [percentage points]
    """
    points = rounded(margin_points)
    hit, worst, best = (np.asarray(flag, bool) for flag in (met, worst_met, best_met))
    with np.errstate(invalid="ignore"):
        return first_case(
            [
                (np.isnan(points), "no_data"),
                (hit & worst, "green"),
                (hit, "watch"),
                (best | (points >= -rule.yellow_within), "yellow"),
            ],
            "red",
        )
