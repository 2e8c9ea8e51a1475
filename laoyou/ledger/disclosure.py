"""What no new figure and no declared correction must give away: small counts of a region's parts, which the ledger withholds."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence

import pandas as pd

from laoyou.errors import Problem
from laoyou.ledger.corrections import Correction
from laoyou.ledger.file import NUMBERS
from laoyou.ledger.withheld import WITHHELD
from laoyou.plan import Plan


def given_back(
    known: pd.DataFrame, corrections: Sequence[Correction], plan: Plan, parts: Collection[str], below: int
) -> Iterator[Problem]:
    """Yield each correction after which a total gives back what the parts withheld have.

    Parameters
    ----------
    known : the figures with the corrections applied
    corrections : those in force
    plan, parts, below : as for ``total_gives_back``
    """
    for one in corrections:
        if one.region != plan.region and one.region not in parts:
            continue
        if total_gives_back(known, one.indicator, one.period, plan, parts, below):
            yield Problem(
                f"第 {one.line} 行 {one.region} {one.indicator} {one.period}",
                "按订正的数，从总数可以减出为保护隐私没有公布的数，或与它矛盾",
                f"总数减去列出的各部分，每一项都不小于 {below}",
                "核对订正；有变的个案重新录入平台导出，由程序重新决定略去哪些",
            )


def total_gives_back(
    known: pd.DataFrame, indicator: str, period: str, plan: Plan, parts: Collection[str], below: int
) -> bool:
    """Return whether a total less the parts shown is too little to hide the parts withheld.

    Parameters
    ----------
    known : the figures, one row a cell
    indicator, period : which figure
    plan : gives the whole region, and which figures are rates
    parts : the codes of the whole region's parts
    below : a count smaller than this is withheld [count]

    Notes
    -----
    What is left of the total is what the parts withheld have together. An intake of all parts withholds so many that
    it reaches ``below`` (``laoyou.cases.suppression``); whatever changes the total or a part shown must leave it so.
    Where no part is shown nothing can be taken from the total, which may itself be small.
    """
    cell = known[(known["indicator"] == indicator) & (known["period"] == period)]
    inner = cell[cell["region"].isin(parts)]
    hidden = inner["missing"] == WITHHELD
    shown = inner[inner["missing"] == ""]
    if not hidden.any() or shown.empty:
        return False
    total = cell[cell["region"] == plan.region]
    left = {name: float(total[name].sum(min_count=1) - shown[name].sum()) for name in NUMBERS}
    return too_small(left, plan.measurable[indicator].unit, below)


def too_small(figure: Mapping[str, float], unit: str, below: int) -> bool:
    """Return whether a part's figure holds a count that must not be shown.

    Parameters
    ----------
    figure : by column, as far as given
    unit : the unit of its value
    below : a count smaller than this is withheld [count]
    """
    counts = [column for column in NUMBERS if column != "value" or unit != "%"]
    return any(figure[column] < below for column in counts if column in figure)
