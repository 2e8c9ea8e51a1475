"""Incoming figures that would give away what the ledger withholds: refused, as only a whole table can be made safe."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import pandas as pd

from laoyou.errors import Problem, one_of
from laoyou.ledger.disclosure import total_gives_back
from laoyou.ledger.withheld import WITHHELD
from laoyou.plan import Plan
from laoyou.regions import Region, parts_of
from laoyou.rules import Rules


def exposed(
    known: pd.DataFrame,
    incoming: pd.DataFrame,
    adding: pd.Series[bool],
    plan: Plan,
    regions: Mapping[str, Region],
    rules: Rules,
) -> Iterator[tuple[int, Problem]]:
    """Yield, by the label of an incoming row, each figure after which something withheld could be had.

    Parameters
    ----------
    known : what would be known with the incoming rows, one row a cell, declared corrections applied
    incoming, adding : the rows that came, and which of them would be added
    plan, regions, rules : whose figures they are, and which counts are withheld

    Notes
    -----
    Which parts go with a small one is chosen among those that come with it. So whatever withholds a part must bring all
    parts that the ledger shows; and no total, wherever it comes from, may give back what is withheld.
    """
    parts, below = parts_of(regions, plan.region), rules.suppression.below
    ours = incoming[incoming["region"].isin([plan.region, *parts])]
    for cells, listed in ours.groupby(["indicator", "period"], sort=False):
        indicator, period = map(str, cells)
        rows = listed[adding[listed.index]]
        if rows.empty:
            continue
        cell = known[(known["indicator"] == indicator) & (known["period"] == period)]
        shown = cell.loc[cell["region"].isin(parts) & (cell["missing"] == ""), "region"]
        absent = shown[~shown.isin(listed["region"])]
        hides = rows.index[rows["missing"] == WITHHELD]
        title = f"{plan.measurable[indicator].name.zh} {period}"
        if len(hides) and len(absent):
            told = one_of((regions[code].zh for code in absent), most=5)
            found = f"{title} 为保护隐私略去了{regions[rows['region'][hides[0]]].zh}，却没有列出台账里有数的{told}"
            remedy = "导出全部街道（乡镇）再录入，由程序决定略去哪些"
            yield hides[0], Problem("", found, "略去一部分时列出全部各部分", remedy)
        elif total_gives_back(known, indicator, period, plan, parts, below):
            whole = rows.index[rows["region"] == plan.region]
            found = f"按这次的{title}，从总数可以减出为保护隐私没有公布的数，或与它矛盾"
            allowed = f"总数减去列出的各部分，每一项都不小于 {below}"
            remedy = "核对总数；各街道（乡镇）也变了的，录入平台的全部导出，由程序重新决定略去哪些"
            yield [*whole, *rows.index][0], Problem("", found, allowed, remedy)
