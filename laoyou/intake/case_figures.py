"""The figures that case records of one or several platforms yield together."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import pandas as pd

from laoyou.cases.records import by_region, case_rate, chosen, count_between, count_span
from laoyou.cases.store import typed_records
from laoyou.cases.suppression import withhold
from laoyou.intake.incoming import Row, ledger_row
from laoyou.intake.mappings import Named, Yield
from laoyou.ledger.withheld import Cell, parts_withheld
from laoyou.plan import Plan
from laoyou.rules import Rules

STANDING = ("done", "failed", "withdrawn", "open")  # of the outcomes of one case, the first of these counts
LAST = "9999-12-31"  # sorts what has no day behind all that have one


@dataclass(frozen=True)
class Giver:
    """A platform whose records an indicator is counted from, and how."""

    named: Named
    given: Yield


def givers_of(indicator: str, mappings: Mapping[str, Named]) -> list[Giver]:
    """Return the platforms whose records an indicator is counted from."""
    return [
        Giver(named, given)
        for named in mappings.values()
        for given in named.mapping.yields
        if named.mapping.rows == "records" and given.indicator == indicator
    ]


def joined(givers: Sequence[Giver], records: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """Return the cases of several platforms as one list.

    Parameters
    ----------
    givers : the platforms
    records : the latest state of each case, as text, by the name of the mapping

    Returns
    -------
    One row a case, with ``day``: the day it is counted by, empty for a rate.

    Notes
    -----
    A case that several platforms know under one id, which their mappings must say they share, counts once: for a count on the earliest day that any of
    them has; for a rate as done if any of them says so, and a duplicate, unfounded or transferred case of one
    counts as what it is with another.
    """
    lists = []
    for giver in givers:
        cases = chosen(records[giver.named.name], giver.given.where)
        day = cases[giver.given.count] if giver.given.count is not None else ""
        lists.append(cases.assign(day=day))
    if len(lists) == 1:
        return lists[0]
    every = pd.concat(lists, ignore_index=True)
    shared = every["case"].duplicated(keep=False)
    cases = every[shared]
    rank = cases["outcome"].map({word: n for n, word in enumerate(STANDING)}).fillna(len(STANDING))
    order = cases.assign(
        rank=rank, late=cases["day"].replace("", LAST), over=cases["closed"].replace("", LAST)
    )
    first = order.sort_values(["late", "rank", "over"], kind="stable").drop_duplicates("case")
    return every[~shared | every.index.isin(first.index)]


def case_rows(
    indicator: str,
    givers: Sequence[Giver],
    records: Mapping[str, pd.DataFrame],
    quarters: Iterable[pd.Period],
    plan: Plan,
    rules: Rules,
    parts: Sequence[str],
    *,
    sample: bool,
    withheld: frozenset[Cell] = frozenset(),
) -> list[Row]:
    """Return the rows that case records yield for one indicator: the region, and each part of it.

    Parameters
    ----------
    indicator : a rate defined in rules.yml, or a count
    givers, records : as for ``joined``
    quarters : the quarters counted
    plan, rules : what the figures belong to, and how they are counted
    parts : the codes of the region's parts, whose small counts are withheld; none are counted unless every
        platform says where its cases belong. A case of another region counts nowhere
    sample : whether the records are sample records
    withheld : the cells that an earlier version of the figures withheld, as they stay
    """
    cases = typed_records(joined(givers, records)[["opened", "closed", "outcome", "region", "day"]])
    cases = cases[cases["region"].isin(["", plan.region, *parts])]
    cases["day"] = pd.to_datetime(cases["day"].where(cases["day"] != ""), format="%Y-%m-%d")
    rate = givers[0].given.count is None
    platforms = "、".join(g.named.mapping.platform for g in givers)
    known_parts = parts if all("region" in g.named.mapping.columns for g in givers) else []
    rows = []
    for quarter in quarters:
        counted = (
            case_rate(cases, rules.cases[indicator], quarter)
            if rate
            else count_between(cases, "day", *count_span(plan, indicator, quarter))
        )
        columns = [c for c in counted.columns if c != "region"]
        table = by_region(counted, plan.region, known_parts)
        before = parts_withheld(withheld, indicator, str(quarter))
        flagged = withhold(table, columns, rules.suppression.below, plan.region, before)
        for line in flagged.to_dict("records"):
            row = ledger_row(platforms, indicator, str(line["region"]), quarter, f"{platforms}个案", sample)
            if line["suppressed"]:
                row["missing"] = "suppressed"
            elif rate and line["denominator"] == 0:
                row["missing"] = "not_applicable"
            else:
                row |= {name: str(line[name]) for name in columns}
            rows.append(row)
    return rows
