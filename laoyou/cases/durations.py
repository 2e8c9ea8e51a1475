"""How long the cases of a region have been under way, and groups of them held against each other."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

from laoyou.cases.records import left_out
from laoyou.cases.suppression import OTHER
from laoyou.cases.survival import Curve, LogRank, kaplan_meier, log_rank, median, restricted_mean
from laoyou.rules import CaseRate


def spells(
    records: pd.DataFrame, definition: CaseRate, quarter: pd.Period, cohort_years: int
) -> pd.DataFrame:
    """Return how long each case had been under way at a quarter's end, and whether it was resolved.

    Parameters
    ----------
    records : one row a case with ``opened`` and ``closed`` (NaT while open) and ``outcome``
    definition : which outcomes the rate leaves out; the cases known to have one by the quarter's end are no spells
    quarter : what was closed after its end was then open
    cohort_years : cases opened in the last so many calendar years, the quarter's among them [year]

    Returns
    -------
    The records of these cases with ``days`` from opening to resolution, else to the quarter's end [day], and
    ``event``: whether resolved.

    Notes
    -----
    Only the end of the quarter censors, which tells nothing of a case. One that ended otherwise and is not left
    out stays due and unresolved, as in the rate; followed to the quarter's end, it makes 1 − S the share resolved
    by a day also where not every case can be (Fine and Gray 1999, J. Am. Stat. Assoc. 94, 496–509: censoring
    complete data). Cases opened before the cohort are no part: a list that holds of them those alone that
    were still open at some day would count the long ones too often (length bias, left truncation).
    """
    last = quarter.end_time.normalize()
    first = pd.Timestamp(quarter.year - cohort_years + 1, 1, 1)
    followed = records["opened"].between(first, last) & ~left_out(records, definition, last)
    cases = records[followed]
    event = (cases["outcome"] == "done") & (cases["closed"] <= last)
    until = cases["closed"].where(event, last)
    return cases.assign(days=(until - cases["opened"]).dt.days.astype(float), event=event)


@dataclass(frozen=True)
class Comparison:
    """Groups of cases held against each other.

    Parameters
    ----------
    curves : of each group shown, the largest first and ``other`` last
    test : the log-rank test over them
    unknown : cases left out because their group is not known [count]
    """

    curves: Mapping[str, Curve]
    test: LogRank
    unknown: int


def group_sizes(cases: pd.DataFrame, column: str) -> pd.DataFrame:
    """Return how many cases each group has, ``followed``, and how many of them were ``resolved`` [count].

    Parameters
    ----------
    cases : as ``spells`` returns them
    column : whose words make the groups; a case without one belongs to none
    """
    known = cases[cases[column] != ""].groupby(column)["event"]
    return pd.DataFrame({"followed": known.size(), "resolved": known.sum()}).astype("int64")


def compare(cases: pd.DataFrame, column: str, shown_as: Mapping[str, str], level: float) -> Comparison:
    """Compare how long cases of different groups take.

    Parameters
    ----------
    cases : as ``spells`` returns them
    column : whose words make the groups
    shown_as : under which word each group is shown, as ``laoyou.cases.suppression.merged`` returns it
    level : confidence level of the bands [1]
    """
    known = cases[cases[column] != ""]
    group = known[column].map(shown_as)
    sizes = group.value_counts()
    order = sorted(sizes.index, key=lambda word: (word == OTHER, -sizes[word], word))
    curves = {word: kaplan_meier(*_followed(known[group == word]), level) for word in order}
    return Comparison(curves, log_rank(*_followed(known), group), len(cases) - len(known))


def _followed(cases: pd.DataFrame) -> tuple[pd.Series[float], pd.Series[bool]]:
    return cases["days"], cases["event"]


def summary(curves: Mapping[str, Curve], horizon: float, level: float) -> pd.DataFrame:
    """Return what curves say in numbers.

    Parameters
    ----------
    curves : by group
    horizon : of the restricted mean [day]
    level : confidence level of the restricted mean's margin [1]

    Returns
    -------
    By group ``cases``, ``resolved`` [count], ``median, median_low, median_high, mean, mean_margin`` [day].
    """
    rows = {}
    for word, curve in curves.items():
        half, mean = median(curve), restricted_mean(curve, horizon)
        rows[word] = {
            "cases": curve.cases,
            "resolved": int(curve.resolved.sum()),
            "median": half.value,
            "median_low": half.low,
            "median_high": half.high,
            "mean": mean.value,
            "mean_margin": mean.margin(level),
        }
    return pd.DataFrame.from_dict(rows, orient="index")
