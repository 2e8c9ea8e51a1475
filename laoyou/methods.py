"""Four published ways to judge an indicator, to show whether a verdict depends on the method.

Numbers are scalars or array-likes that broadcast: scalars in, plain scalars out; arrays in, arrays out.
NaN gives ``"not_available"`` or None, never a verdict; an option left at None does not apply. ``direction``
is ``"up"`` where higher is better and ``"down"`` where lower is, one word for all or one per element.
"""

from collections.abc import Mapping
from typing import Any, NamedTuple, TypeAlias

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

Real: TypeAlias = ArrayLike | None
Words: TypeAlias = ArrayLike
Floats: TypeAlias = NDArray[np.float64]
Flags: TypeAlias = NDArray[np.bool_]
Labels: TypeAlias = NDArray[np.object_]
Points: TypeAlias = "Mapping[Any, Any] | pd.Series[Any] | pd.DataFrame"

TOLERANCE = 5e-10  # differences count as rounded to nine decimals: 0.1 + 0.2 is not above 0.3

# Open SDG 2.4, progress measurement methodology, thresholds and figures 1 and 2: per status the least value
# (share of the needed growth, or growth a year where there is no target), slope and intercept of the score.
STATUSES = ("substantial_progress", "moderate_progress", "limited_progress", "deterioration")
RATIO_SCALE = ((0.95, 7.1429, -4.2857), (0.60, 7.1429, -4.2857), (0, 4.1667, -2.5), (-np.inf, 4.1667, -2.5))
GROWTH_SCALE = ((0.015, 500, -5), (0.005, 250, -1.25), (0, 500, -2.5), (-np.inf, 125, -2.5))
HIGHEST_SCORE = 5
LIMIT_EXPONENT = 4.44  # how sharply the growth asked for shrinks near a natural limit
ZERO_STAND_IN = 0.001  # growth from or to 0 is undefined

# German sustainability strategy, indicator report, methodology of the indicator status.
WINDOW_POINTS, FEWEST_POINTS = 6, 4
SUN_MISS, PARTLY_CLOUDY_MISS = 0.05, 0.20  # of the distance to go; exactly 5 % is no sun, 20 % partly cloudy


class Progress(NamedTuple):
    """What `open_sdg_progress` finds; NaN where a number cannot be computed."""

    value: float | Floats  # share of the needed growth [1], or without a target the growth [1 per year]
    score: float | Floats  # from -5 to 5 [1]
    status: str | Labels


@np.errstate(all="ignore")
def open_sdg_progress(
    *,
    base_year: ArrayLike,
    base_value: ArrayLike,
    current_year: ArrayLike,
    current_value: ArrayLike,
    target: Real = None,
    target_year: Real = None,
    direction: Words = "up",
    limit: Real = None,
) -> Progress:
    """Observed growth against the growth a target needs, or against fixed rates.

    Parameters
    ----------
    base_year, current_year, target_year : years of the values below [year]
    base_value, current_value, target : the indicator then, now and as wanted [the indicator's unit]
    direction : "up" or "down"
    limit : natural limit, used without a target [the indicator's unit]; inf where an element has none

    Returns
    -------
    Progress, its status being target_achieved, not_available or one of `STATUSES`

    Raises
    ------
    ValueError : an unknown direction, or a target without a target year

    Notes
    -----
    ``g = (y_t / y_0) ** (1 / (t - t_0)) - 1``. With a target ``R = d * g / abs(g_T)``, ``g_T`` leading from
    ``y_0`` to ``T``; achieved once ``d * (y - T) >= 0``. Without, ``R = d * g``, and the thresholds shrink by
    ``C = 1 - max(0, 1 - abs(1 - abs(y_0 / L))) ** 4.44``. A base or target of 0 counts as 0.001; ``d`` flips
    among negatives. Signs that differ, or less than a year from the base year, are not_available, even past
    the target. A base equal to the target gives no value: target_achieved while held, once lost deterioration
    with the lowest score. Source: Open SDG 2.4 progress calculation, after Statistics Canada.
    """
    if target is not None and target_year is None:
        raise ValueError("target_year is missing: a target needs the year by which to reach it")
    start, good, current = _floats(base_year), _good_sign(direction), _floats(current_value)
    base, goal = (np.where(value == 0, ZERO_STAND_IN, value) for value in map(_floats, (base_value, target)))
    growth = good * np.sign(base) * _annual_growth(base, current, _floats(current_year) - start)
    if target is None:
        return _progress_without_target(growth, base, _floats(limit, np.inf))
    needed = np.abs(_annual_growth(base, goal, _floats(target_year) - start))
    achieved = ~np.isnan(growth + needed) & _at_least(good * (current - goal), 0)
    ratio = growth / np.where(_at_least(0, needed), 0, needed)
    return _progress(ratio, ratio, RATIO_SCALE, achieved)


def _annual_growth(first: Floats, last: Floats, years: Floats) -> Floats:
    defined = _at_least(years, 1) & (np.sign(first) * np.sign(last) >= 0)
    return np.where(defined, (last / first) ** (1 / years) - 1, np.nan)


def _progress_without_target(growth: Floats, base: Floats, limit: Floats) -> Progress:
    factor = 1 - np.maximum(0, 1 - np.abs(1 - np.abs(base / limit))) ** LIMIT_EXPONENT
    growth = np.where(np.isnan(factor), np.nan, growth)
    scaled = np.select([~_at_least(growth, 0), _at_least(0, factor)], [growth, np.inf], growth / factor)
    return _progress(growth, scaled, GROWTH_SCALE, np.zeros_like(growth, dtype=np.bool_))


def _progress(value: Floats, scaled: Floats, scale: Any, achieved: Flags) -> Progress:
    reached = [_at_least(scaled, threshold) for threshold, _, _ in scale]
    score = np.select(reached, [slope * scaled + intercept for _, slope, intercept in scale], np.nan)
    score = np.where(achieved, HIGHEST_SCORE, np.clip(score, -HIGHEST_SCORE, HIGHEST_SCORE))
    cases = [(achieved, "target_achieved"), *zip(reached, STATUSES, strict=True)]
    value = np.where(np.isfinite(value), value, np.nan) + 0.0  # adding 0 turns -0.0 into 0.0
    return Progress(_plain(value), _plain(score), _first_match(*cases, otherwise="not_available"))


def dns_weather(
    points: Points, *, year: float, target: Real = None, target_year: Real = None, direction: Words = "up"
) -> "str | pd.Series[Any] | None":
    """Weather symbol of one series of points, or of every column of a frame.

    Parameters
    ----------
    points : values by year [the indicator's unit], a frame's years being its index; ValueError for one twice
    year : year to judge [year]; later points are not used
    target : value to reach [the indicator's unit]; None where only the direction matters
    target_year : year by which to reach it [year]; None, or `year` itself, where it holds every year
    direction : "up" or "down", or else ValueError; like the targets, also one per column (a Series by name)

    Returns
    -------
    sun, partly_cloudy, cloud, thunderstorm, or None where the value at `year` is missing or fewer than four
    of the last six points are known; for a frame, a Series of these

    Notes
    -----
    ``a = (x_last - x_first) / (t_last - t_first)`` over the known of the last six points up to `year`, the
    last change from the one before. See `weather_symbol`. Source: German sustainability strategy (DNS).
    """
    frame = points if isinstance(points, pd.DataFrame) else pd.Series(points).to_frame()
    goal = None if target is None else pd.Series(target, frame.columns)
    goal_year = pd.Series(year if target_year is None else target_year, frame.columns)
    left, way = _floats(goal_year) - year, pd.Series(direction, frame.columns)
    symbols = weather_symbol(*_recent_changes(frame, year), goal, left, way)
    by_column = pd.Series(symbols, frame.columns, dtype=object)
    return by_column if frame is points else by_column.iloc[0]


def _recent_changes(frame: pd.DataFrame, year: float) -> tuple[Any, Any, Any]:
    """Value at `year`, average change a year and last change of each column; NaN where unknown."""
    points = frame.astype(np.float64).set_axis(frame.index.astype(np.float64)).sort_index()
    if points.index.has_duplicates:
        raise ValueError(f"points has a year twice, keep one: {points.index[points.index.duplicated()][0]}")
    window = points[points.index <= year + TOLERANCE].tail(WINDOW_POINTS)
    if len(window) < FEWEST_POINTS or window.index[-1] < year - TOLERANCE:
        return (pd.Series(np.nan, frame.columns),) * 3
    current = window.iloc[-1].where(window.count() >= FEWEST_POINTS)
    average_change = (current - window.bfill().iloc[0]) / (year - window.notna().idxmax())
    return current, average_change, current - window.ffill().iloc[-2]


def weather_symbol(
    current: Real, average_change: Real, last_change: Real, target: Real, years_left: Real, direction: Words
) -> str | Labels | None:
    """Weather symbol from changes already known; None where a number is missing.

    Parameters
    ----------
    current, target : value now and to reach (None where only the direction matters) [the indicator's unit]
    average_change, last_change : the latter for its sign, without a target [the indicator's unit per year]
    years_left : time to the target year [year]; None or 0 where it holds every year, negative once passed
    direction : "up" or "down", or else ValueError

    Notes
    -----
    Two signs decide: (1, 1) is sun, (1, 0) partly_cloudy, (0, 1) cloud, (0, 0) thunderstorm. Without a target
    they are average and last change right; with one, target reached and average not worsening or, if missed,
    improving. A missed target with years left may beat the cloud: ``abs(T - p) / abs(T - x)`` below 5 %, or
    ``p = x + a * years_left`` past ``T``, is sun, up to 20 % partly_cloudy. Source: as for `dns_weather`.
    """
    good, value = _good_sign(direction), _floats(current)
    gain, last_gain = good * _floats(average_change), good * _floats(last_change)
    if target is None:
        return _symbol(value + gain + last_gain, ~_at_least(0, gain), ~_at_least(0, last_gain), np.ones(()))
    gap = good * (_floats(target) - value)
    projected_gap = gap - gain * _floats(years_left, 0)
    reached = _at_least(0, gap)
    second = np.where(reached, _at_least(gain, 0), ~_at_least(0, gain))
    return _symbol(projected_gap, reached, second, projected_gap / np.where(reached, np.nan, gap))


def _symbol(known: Floats, first: Flags, second: Flags, miss: Floats) -> str | Labels | Any:
    return _first_match(
        (np.isnan(known), None),
        (first & second, "sun"),
        (first, "partly_cloudy"),
        (~second, "thunderstorm"),
        (~_at_least(miss, SUN_MISS), "sun"),
        (_at_least(PARTLY_CLOUDY_MISS, miss), "partly_cloudy"),
        otherwise="cloud",
    )


def interval_status(
    actual: ArrayLike, *, minimum: Real = None, maximum: Real = None, due: Any = None, as_of: Any
) -> str | Labels:
    """Whether a result lies within its target range, once that is due.

    Parameters
    ----------
    actual, minimum, maximum : result and ends of the range [the indicator's unit]; -inf, inf for an open end
    due, as_of : date to meet it by (None where there is none) and to judge it on, as date or ISO text

    Returns
    -------
    met, not_met, future or not_available

    Raises
    ------
    TypeError, ValueError : a number in place of a date; a minimum above its maximum

    Notes
    -----
    ``minimum <= actual <= maximum``, asked from the due date on; before it, or without one, future. A range
    with no end, or an unknown one, is always not_available. Source: Government of Canada, GC InfoBase.
    """
    value, low, high = _floats(actual), _floats(minimum, -np.inf), _floats(maximum, np.inf)
    if np.any(low > high + TOLERANCE):
        raise ValueError("minimum is above maximum: exchange them, or correct the target")
    due_day, today = _days(due), _days(as_of)
    no_range = np.isnan(low) | np.isnan(high) | (np.isinf(low) & np.isinf(high))
    return _first_match(
        (no_range | np.isnat(today), "not_available"),
        (np.isnat(due_day) | (today < due_day), "future"),
        (np.isnan(value), "not_available"),
        (_at_least(value, low) & _at_least(high, value), "met"),
        otherwise="not_met",
    )


def spc_assurance(
    lower: ArrayLike, mean: ArrayLike, upper: ArrayLike, *, target: ArrayLike, direction: Words
) -> str | Labels | None:
    """Whether a process, running as it does, can be relied on to meet a target.

    Parameters
    ----------
    lower, mean, upper, target : limits and centre of the control chart, value to reach [the indicator's unit]
    direction : "up" or "down", or else ValueError

    Returns
    -------
    consistent_pass, consistent_fail, inconsistent, or None where a number is missing

    Notes
    -----
    With "up", ``T < lower`` always passes, ``T > upper`` always fails; with "down" the reverse. Between them
    chance decides. The mean need only be known. Source: NHS England, Making data count, control charts (SPC).
    """
    low, centre, high, goal = map(_floats, (lower, mean, upper, target))
    rising, below, above = _good_sign(direction) > 0, ~_at_least(goal, low), ~_at_least(high, goal)
    return _first_match(
        (np.isnan(low + centre + high + goal), None),
        (np.where(rising, below, above), "consistent_pass"),
        (np.where(rising, above, below), "consistent_fail"),
        otherwise="inconsistent",
    )


def _floats(numbers: Real, default: float = np.nan) -> Floats:
    return np.asarray(default if numbers is None else numbers, dtype=np.float64)


def _days(dates: Any) -> NDArray[np.datetime64]:
    moments = np.asarray(dates, dtype=None if isinstance(dates, np.ndarray) else object)
    moments = moments if moments.dtype.kind == "M" else np.where(pd.isna(moments), np.asarray(None), moments)
    if any(isinstance(moment, (int, float)) for moment in moments.flat):
        raise TypeError("due and as_of must be dates such as 2027-12-31, found a number")
    return moments.astype("datetime64[D]")


def _good_sign(direction: Words) -> Floats:
    if not np.isin(np.asarray(direction, dtype=object), ("up", "down")).all():
        raise ValueError(f"direction must be 'up' or 'down', found {direction!r}")
    return np.where(np.asarray(direction, dtype=object) == "up", 1.0, -1.0)


def _at_least(left: ArrayLike, right: ArrayLike) -> Flags:
    return np.asarray(_floats(left) >= _floats(right) - TOLERANCE)


def _first_match(*cases: tuple[Flags, str | None], otherwise: str | None) -> str | Labels | Any:
    conditions, labels = zip(*cases, (np.asarray(True), otherwise), strict=True)
    return _plain(np.select(conditions, [np.asarray(label, dtype=object) for label in labels]))


def _plain(array: NDArray[Any]) -> Any:
    return array.item() if np.ndim(array) == 0 else array
