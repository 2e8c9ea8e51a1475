"""Observations laid out as arrays: region × indicator × quarter, ready for vectorised maths."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from laoyou.attainment import Flags, Floats, Words
from laoyou.plan import Plan

Positions = NDArray[np.int64]
NOWHERE = -1


@dataclass(frozen=True)
class Panel:
    """The quarterly and yearly figures of some regions up to a quarter.

    Parameters
    ----------
    regions, indicators : what the first two axes stand for
    quarters : what the last axis stands for, oldest first; the last is the quarter concerned
    value : figures (region × indicator × quarter) [the row's unit], NaN where there is none; a year's figure
        stands in its last quarter, save the mean of a survey rate
    breaks : True where a figure is the first on a new basis
    position : row of the observations that each figure stands in; ``NOWHERE`` where there is none
    year_value : the current year's mean of a survey rate, where one is published (region × indicator) [%]
    year_position : the row that it stands in
    """

    regions: tuple[str, ...]
    indicators: tuple[str, ...]
    quarters: pd.PeriodIndex
    value: Floats
    breaks: Flags
    position: Positions
    year_value: Floats
    year_position: Positions

    def year_start(self) -> int:
        """Return the index of the first quarter of the current year, which may lie before the data."""
        return len(self.quarters) - int(self.quarters[-1].quarter)


def build_panel(plan: Plan, observations: pd.DataFrame, quarter: pd.Period, regions: Sequence[str]) -> Panel:
    """Lay observations out as arrays.

    Parameters
    ----------
    plan : gives the indicators, whose figure another level sets, and which hold until changed
    observations : as ``load_observations`` returns them
    quarter : the last quarter to use
    regions : region codes

    Returns
    -------
    The panel. Where another region sets an indicator, its figures stand in every region's place.
    """
    indicators = tuple(plan.indicators)
    setters = {i.set_by for i in plan.indicators.values() if i.set_by}
    places = (*regions, *sorted(setters - set(regions)))
    row = _positions_in(places, observations["region"])
    column = _positions_in(indicators, observations["indicator"])
    ordinal = _quarter_numbers(observations)
    now = quarter.year * 4 + quarter.quarter - 1
    used = (row != NOWHERE) & (column != NOWHERE) & (ordinal >= 0) & (ordinal <= now)
    survey = [id for id, i in plan.indicators.items() if i.kind == "survey_rate"]
    yearly = observations["frequency"].to_numpy(object) == "year"
    year_mean = yearly & observations["indicator"].isin(survey).to_numpy()  # is no quarter's figure
    figure = observations["value"].to_numpy(float)

    # Where a quarter and its year both have a row, a figure comes before a gap, then the quarter before the year.
    rank = np.argsort(2 * ~np.isnan(figure) + ~yearly, kind="stable")
    where = rank[(used & ~year_mean)[rank]]
    first = int(ordinal[where].min()) if len(where) else now
    first -= first % 4
    shape = (len(places), len(indicators), now - first + 1)
    value, position = np.full(shape, np.nan), np.full(shape, NOWHERE, np.int64)
    breaks = np.zeros(shape, bool)
    at = (row[where], column[where], ordinal[where] - first)
    value[at], position[at] = figure[where], where
    breaks[at] = observations["series_break"].to_numpy(object)[where] != ""

    year_value, year_position = np.full(shape[:2], np.nan), np.full(shape[:2], NOWHERE, np.int64)
    means = np.flatnonzero(used & year_mean & (ordinal == now))
    year_value[row[means], column[means]], year_position[row[means], column[means]] = figure[means], means

    layers: list[NDArray[Any]] = [value, breaks, position, year_value, year_position]
    for n, indicator in enumerate(plan.indicators.values()):
        if indicator.set_by:
            for layer in layers:
                layer[:, n] = layer[places.index(indicator.set_by), n]
        if indicator.holds_until_changed:
            held = _last_known(value[:, n])
            for layer in (value, position):
                layer[:, n] = np.take_along_axis(layer[:, n], held, axis=-1)
    span = pd.period_range(end=quarter, periods=shape[2], freq="Q-DEC")
    return Panel(tuple(regions), indicators, span, *(layer[: len(regions)] for layer in layers))


def _quarter_numbers(observations: pd.DataFrame) -> Positions:
    """Return the number of each row's quarter, counted from the year 0; a year's figure stands at its end.

    ``NOWHERE`` for a month, which the plan does not ask for.
    """
    quarter = observations["quarter"].to_numpy(np.int64)
    length = observations["frequency"].to_numpy(object)
    number = observations["year"].to_numpy(np.int64) * 4 + np.where(length == "year", 4, quarter) - 1
    return np.where(length == "month", NOWHERE, number)


def _positions_in(known: Sequence[str], names: pd.Series[str]) -> Positions:
    """Return where each name stands among the known ones; ``NOWHERE`` where it does not."""
    places = pd.Index(np.array(known, object), dtype="object").get_indexer(
        pd.Index(
            names.to_numpy(object), dtype="object"
        )  # as they are: to look at each word's kind costs more
    )
    return np.asarray(places, np.int64)


def _last_known(values: Floats) -> Positions:
    """Return, for each point, the index of the last known point up to it; its own where none is."""
    index = np.arange(values.shape[-1])
    last = np.maximum.accumulate(np.where(np.isnan(values), NOWHERE, index), axis=-1)
    return np.where(last == NOWHERE, index, last)


@dataclass(frozen=True)
class Figures:
    """What is known of the quarter, region × indicator; NaN where nothing is.

    Parameters
    ----------
    value : the quarter's figure [the row's unit]
    judged : the figure that the year is judged on: the mean of the year so far for a survey rate
    quarters_known : how many quarters of the year so far have a figure, for a survey rate; else how many
        ``judged`` rests on [count]
    position : row of the observations that ``value`` stands in
    numerator, denominator : [count]
    value_quarter : the period that ``value`` was reported for
    incomplete : True where a closed year of a survey rate lacks a quarter
    """

    value: Floats
    judged: Floats
    quarters_known: Floats
    position: Positions
    numerator: Floats
    denominator: Floats
    value_quarter: Words
    incomplete: Flags


def read_figures(panel: Panel, plan: Plan, observations: pd.DataFrame) -> Figures:
    """Pick each row's figure of the quarter and the one that the year is judged on.

    Parameters
    ----------
    panel : the figures laid out by ``build_panel`` from the same observations
    plan, observations : as given to ``build_panel``
    """
    own_year = ~np.isnan(panel.year_value)
    value = panel.value[..., -1]
    survey = np.array([i.kind == "survey_rate" for i in plan.indicators.values()])
    closed = panel.quarters[-1].quarter == 4
    from_year = np.isnan(value) & own_year
    position = np.where(from_year, panel.year_position, panel.position[..., -1])

    year_so_far = panel.value[..., panel.year_start() :]
    known = (~np.isnan(year_so_far)).sum(axis=-1)
    mean = np.where(known > 0, np.nansum(year_so_far, axis=-1) / np.maximum(known, 1), np.nan)
    incomplete = survey & closed & (known < 4) & ~own_year
    mean = np.where(incomplete | np.isnan(value), np.nan, mean)
    judged = np.where(survey, np.where(own_year, panel.year_value, mean), value)

    def carried(column: str) -> Floats:
        numbers = observations[column].to_numpy(float)
        return np.where(position == NOWHERE, np.nan, numbers[position] if len(numbers) else np.nan)

    periods = observations["period"].to_numpy(object)
    return Figures(
        value=value,
        judged=judged,
        quarters_known=np.where(survey, known, ~np.isnan(judged)).astype(float),
        position=position,
        numerator=carried("numerator"),
        denominator=carried("denominator"),
        value_quarter=np.where(position == NOWHERE, "", periods[position] if len(periods) else ""),
        incomplete=incomplete & (known > 0),
    )
