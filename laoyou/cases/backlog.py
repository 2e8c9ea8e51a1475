"""What comes in, is resolved and stays open each quarter, how old it is, and why a rate can rise while it grows."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from laoyou.cases.records import COUNTED, case_rate
from laoyou.cases.suppression import suppressed
from laoyou.rules import CaseRate

FLOWS = ("carried_over", "new", "resolved", "ended_otherwise", "open")
SUMS = ("workers", "amount")


def is_open(records: pd.DataFrame, day: pd.Timestamp) -> pd.Series[bool]:
    """Return which cases were open at the end of a day.

    Parameters
    ----------
    records : one row a case with ``opened``, ``closed`` (NaT while open) and ``outcome``
    day : what was closed later was then open; what ended without a day is never so
    """
    later = records["closed"] > day
    return (records["opened"] <= day) & (later | (records["closed"].isna() & (records["outcome"] == "open")))


def flows(records: pd.DataFrame, definition: CaseRate, quarters: Iterable[pd.Period]) -> pd.DataFrame:
    """Return what came in and went out in each quarter, and the rate that it belongs to.

    Parameters
    ----------
    records : one row a case with ``opened``, ``closed`` (NaT while open), ``outcome`` and ``region``
    definition : how the rate is counted
    quarters : the quarters

    Returns
    -------
    By quarter [cases]: ``carried_over``, open when it began; ``new``, opened in it; ``resolved`` in it;
    ``ended_otherwise`` in it; ``open`` when it ended; ``numerator, denominator`` of the rate since 1 January, and
    the same ``…_before``, when the quarter began.

    Notes
    -----
    ``carried_over + new = resolved + ended_otherwise + open``. Cases count as they stood, so that one found to be a
    duplicate was open till then; one that ended without a day counts nowhere here. On 1 January nothing is
    resolved yet of what was carried over.
    """
    rows = {quarter: _flow(records, definition, quarter) for quarter in quarters}
    columns = [*FLOWS, *COUNTED, *(f"{name}_before" for name in COUNTED)]
    return pd.DataFrame(rows.values(), pd.Index(rows, dtype=object, name="quarter"), columns).astype("int64")


def _flow(records: pd.DataFrame, definition: CaseRate, quarter: pd.Period) -> dict[str, int]:
    first, last = quarter.start_time.normalize(), quarter.end_time.normalize()
    carried = is_open(records, first - pd.Timedelta(days=1))
    still = is_open(records, last)
    ended = records["closed"].between(first, last)
    new = records["opened"].between(first, last) & (ended | still)
    done = records["outcome"] == "done"
    counted = case_rate(records, definition, quarter)
    if quarter.quarter > 1:
        before = {name: int(case_rate(records, definition, quarter - 1)[name].sum()) for name in COUNTED}
    else:
        carries = definition.base == "carried_over_and_new"
        before = {"numerator": 0, "denominator": int(carried.sum()) if carries else 0}
    sizes = (carried, new, ended & done, ended & ~done, still)
    return {
        **{name: int(flags.sum()) for name, flags in zip(FLOWS, sizes, strict=True)},
        **{name: int(counted[name].sum()) for name in COUNTED},
        **{f"{name}_before": count for name, count in before.items()},
    }


def ageing(records: pd.DataFrame, quarter: pd.Period, bands: Sequence[int], below: int) -> pd.DataFrame:
    """Return how old the cases open at a quarter's end are.

    Parameters
    ----------
    records : as for ``flows``, with ``workers`` concerned [persons] and ``amount`` [yuan], NaN where not known
    quarter : the quarter
    bands : the greatest age of each band but the last, ascending [day]
    below : sums over fewer cases are withheld [count]

    Returns
    -------
    One row a band, the youngest first: ``over`` and ``upto``, its ages, the last one's NaN [day]; ``cases``; ``workers,
    amount`` of those whose are known, NaN where withheld or none is known; ``withheld``.

    Notes
    -----
    Sums of few cases are withheld, and another one where the total would give them back; how many cases a band has
    says nothing of anyone and is shown.
    """
    last = quarter.end_time.normalize()
    cases = records[is_open(records, last)]
    band = np.searchsorted(np.asarray(bands), (last - cases["opened"]).dt.days.to_numpy())
    edges = pd.DataFrame({"over": [np.nan, *bands], "upto": [*bands, np.nan]})
    by_band = cases[list(SUMS)].groupby(band)
    known = by_band.count().reindex(edges.index, fill_value=0)
    table = edges.assign(
        cases=np.bincount(band, minlength=len(edges)),
        **by_band.sum().reindex(edges.index, fill_value=0.0),
        withheld=False,
    )
    some = known.any(axis=1)
    table.loc[some, "withheld"] = suppressed(known[some], below)
    table.loc[table["withheld"] | ((table["cases"] > 0) & ~some), list(SUMS)] = np.nan
    return table


def sums(records: pd.DataFrame, quarter: pd.Period, below: int) -> pd.DataFrame:
    """Return what the open and the resolved cases of a quarter amount to.

    Parameters
    ----------
    records, quarter, below : as for ``ageing``

    Returns
    -------
    ``open`` at the quarter's end and ``resolved`` in the quarter: ``cases``; ``workers`` [persons] and ``amount`` [yuan] of
    those whose are known, NaN where withheld or none is known; ``workers_known, amount_known`` [cases]; ``withheld``.
    """
    first, last = quarter.start_time.normalize(), quarter.end_time.normalize()
    done = (records["outcome"] == "done") & records["closed"].between(first, last)
    rows: dict[str, dict[str, float]] = {}
    for name, cases in (("open", records[is_open(records, last)]), ("resolved", records[done])):
        known = {column: int(cases[column].notna().sum()) for column in SUMS}
        withheld = any(0 < count < below for count in known.values())
        rows[name] = {"cases": len(cases), "withheld": withheld}
        for column, count in known.items():
            unknown = withheld or (len(cases) and not count)
            rows[name] |= {column: np.nan if unknown else cases[column].sum(), f"{column}_known": count}
    return pd.DataFrame.from_dict(rows, orient="index")


@dataclass(frozen=True)
class QuarterChange:
    """How a quarter moved the rate since January and the backlog.

    Parameters
    ----------
    rate_before, rate : resolved ÷ due when the quarter began and ended [1]; NaN where nothing was due
    unresolved_before, unresolved : due and not resolved then [cases]
    resolved, due : how many the quarter added to the numerator and to the denominator [cases]
    keeps_rate, keeps_backlog : how many it would have had to resolve for each to stay as it was [cases]
    by_resolved, by_due : parts of the change in the rate, which they sum to [1]
    """

    rate_before: float
    rate: float
    unresolved_before: int
    unresolved: int
    resolved: int
    due: int
    keeps_rate: float
    keeps_backlog: int
    by_resolved: float
    by_due: float

    @property
    def rises_while_backlog_grows(self) -> bool:
        """Whether the rate rose and yet more were unresolved."""
        return self.keeps_rate < self.resolved < self.keeps_backlog


def quarter_change(
    numerator_before: int, denominator_before: int, numerator: int, denominator: int
) -> QuarterChange:
    """Explain the change of a rate since January, and of the cases due and unresolved, by the quarter's own figures.

    Parameters
    ----------
    numerator_before, denominator_before : resolved and due since January when the quarter began [cases]
    numerator, denominator : the same when it ended [cases]

    Notes
    -----
    With ``R = N/D``, ``r = ΔN`` resolved and ``i = ΔD`` newly due in the quarter: ``ΔR = (r − R₀·i) ÷ D₁``, the unresolved
    ``U = D − N`` change by ``i − r``. So the rate rises if ``r > R₀·i`` and the backlog grows if ``r < i``: as R₀ is below 1,
    both happen for ``R₀·i < r < i``. U is the backlog where the rate counts what was carried over and leaves out all
    that ended otherwise.
    """
    resolved, due = numerator - numerator_before, denominator - denominator_before
    before = numerator_before / denominator_before if denominator_before else np.nan
    return QuarterChange(
        rate_before=before,
        rate=numerator / denominator if denominator else np.nan,
        unresolved_before=denominator_before - numerator_before,
        unresolved=denominator - numerator,
        resolved=resolved,
        due=due,
        keeps_rate=before * due,
        keeps_backlog=due,
        by_resolved=resolved / denominator if denominator else np.nan,
        by_due=0.0 - before * due / denominator if denominator else np.nan,
    )


@dataclass(frozen=True)
class YearChange:
    """Why more, or fewer, cases are unresolved than at the same time a year before.

    Parameters
    ----------
    rate_change : of resolved ÷ due [1]; NaN where nothing was due
    unresolved_change : of the cases due and not resolved [cases]
    by_volume, by_rate : parts of the latter that come of more due and of another rate; they sum to it [cases]
    """

    rate_change: float
    unresolved_change: int
    by_volume: float
    by_rate: float


def year_change(
    numerator_before: int, denominator_before: int, numerator: int, denominator: int
) -> YearChange:
    """Explain the change of the cases due and unresolved between the same quarters of two years.

    Parameters
    ----------
    numerator_before, denominator_before : resolved and due since January a year ago [cases]
    numerator, denominator : the same now [cases]

    Notes
    -----
    ``U = D·(1 − R)``, so ``ΔU = (1 − R̄)·ΔD − D̄·ΔR`` exactly, R̄ and D̄ being the means of both years.
    """
    change = (denominator - numerator) - (denominator_before - numerator_before)
    if not (denominator and denominator_before):
        return YearChange(np.nan, change, np.nan, np.nan)
    before, now = numerator_before / denominator_before, numerator / denominator
    volume = (1 - (before + now) / 2) * (denominator - denominator_before)
    rate = -(denominator + denominator_before) / 2 * (now - before)
    return YearChange(now - before, change, volume, rate)
