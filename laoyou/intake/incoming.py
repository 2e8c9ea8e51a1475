"""What exports of figures yield: rows of the ledger, with the place each comes from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

import pandas as pd

from laoyou.cases.suppression import withhold
from laoyou.errors import Problem
from laoyou.intake.export_rows import ROW
from laoyou.intake.exports import Export
from laoyou.intake.mappings import Yield, spans_allowed, spans_declared, spans_in_words
from laoyou.ledger.file import COLUMNS, MISSING
from laoyou.ledger.withheld import Cell, parts_withheld
from laoyou.periods import SPANS
from laoyou.plan import Indicator, Plan
from laoyou.rules import Rules

INCOMING = (*COLUMNS, "place")
WHOSE = "region of the row"  # no mapping names a column so
Row = dict[str, str]


def figure_rows(
    export: Export,
    plan: Plan,
    rules: Rules,
    parts: Sequence[str],
    withheld: frozenset[Cell] = frozenset(),
) -> tuple[list[Row], list[Problem]]:
    """Return the rows that an export of figures yields, and what is wrong with it.

    Parameters
    ----------
    export : as read
    plan, rules : what the figures belong to
    parts : the codes of the region's parts, whose small counts are withheld
    withheld : the cells that an earlier version of the figures withheld, as they stay

    Returns
    -------
    Rows of text in the columns ``INCOMING``, and problems: a figure over a span from which its year's figure
    cannot be read, a line for one region and period twice, parts that do not add up to their total.
    """
    rows: list[Row] = []
    problems: list[Problem] = []
    mapping = export.named.mapping
    period = next(name for name, column in mapping.columns.items() if column.holds == "period")
    region = next((name for name, column in mapping.columns.items() if column.holds == "region"), None)
    lines: list[dict[Any, Any]] = export.table.assign(
        **{WHOSE: export.table[region].fillna(plan.region) if region else plan.region}
    ).to_dict("records")
    seen: dict[tuple[str, str], str] = {}
    for line in lines:
        quarter, span = line[period]
        key = (line[WHOSE], str(quarter))
        if key in seen:
            found = f"与 {seen[key]} 是同一地区、同一期间"
            problems.append(Problem(export.place(line[ROW], period), found, "一地一期一行"))
        seen.setdefault(key, export.place(line[ROW], period))
    for given in mapping.yields:
        table = []
        for line in lines:
            quarter, span = line[period]
            allowed = spans_allowed(given, plan)
            first_quarter = quarter.quarter == 1 and span == "quarter" and "since_january" in allowed
            if span not in allowed and not first_quarter:
                found = f"是{SPANS[span]}的数，{plan.measurable[given.indicator].name.zh}要的是{spans_in_words(allowed)}"
                remedy = "导出对应期间的数"
                if span in spans_declared(given, plan):
                    remedy += "；期间的写法确是另一个意思时，在映射的 yields 里写 span"
                problems.append(
                    Problem(export.place(line[ROW], period), found, spans_in_words(allowed), remedy)
                )
            elif _due(given, quarter, plan):
                table.append((quarter, line))
        rows += _figures(export, given, table, plan, rules, parts, withheld, problems)
    return rows, problems


def _due(given: Yield, quarter: pd.Period, plan: Plan) -> bool:
    """Return whether an indicator has a figure in a quarter: one confirmed once a year has it in the fourth."""
    entry = plan.measurable[given.indicator]
    return not (isinstance(entry, Indicator) and entry.frequency == "year") or quarter.quarter == 4


def _figures(
    export: Export,
    given: Yield,
    table: Sequence[tuple[pd.Period, Mapping[str, Any]]],
    plan: Plan,
    rules: Rules,
    parts: Sequence[str],
    withheld: frozenset[Cell],
    problems: list[Problem],
) -> list[Row]:
    """Return the rows of one indicator, small parts withheld; note where parts do not add up."""
    names = [name for name in (given.value, given.numerator, given.denominator) if name]
    counted = given.value is None or plan.measurable[given.indicator].unit != "%"
    rows = []
    for quarter in dict.fromkeys(quarter for quarter, _ in table):
        lines = {line[WHOSE]: line for other, line in table if other == quarter}
        numeric = {
            code: line for code, line in lines.items() if all(isinstance(line[n], Decimal) for n in names)
        }
        inner = {code: line for code, line in numeric.items() if code in parts}
        before = [c for c in parts_withheld(withheld, given.indicator, str(quarter)) if c in parts]
        hidden = set(before)
        if counted and inner:
            counts = pd.DataFrame(
                [{"region": c, **{n: float(line[n]) for n in names}} for c, line in inner.items()]
            )
            flagged = withhold(counts, names, rules.suppression.below, plan.region, before)
            hidden |= set(flagged.loc[flagged["suppressed"], "region"])
            if plan.region in numeric and set(inner) == set(parts):
                for name in names:
                    total, parts_sum = numeric[plan.region][name], sum(line[name] for line in inner.values())
                    if total != parts_sum:
                        found = f"{name} 的合计 {total} 不等于各街道（乡镇）之和 {parts_sum}"
                        place = export.place(numeric[plan.region][ROW], name)
                        problems.append(Problem(place, found, "合计等于各部分之和"))
        for code, line in lines.items():
            rows.append(
                ledger_row(
                    export.named.mapping.platform,
                    given.indicator,
                    code,
                    quarter,
                    export.place(line[ROW], names[0]),
                    export.sample,
                )
            )
            rows[-1] |= {"missing": "suppressed"} if code in hidden else _cells(given, line)
    return rows


def _cells(given: Yield, line: Mapping[str, Any]) -> Row:
    """Return the figure, or the kind of missing, of one line."""
    names = {"value": given.value, "numerator": given.numerator, "denominator": given.denominator}
    found = {ours: line[theirs] for ours, theirs in names.items() if theirs}
    kinds = [kind for kind in found.values() if kind in MISSING]
    return {"missing": str(kinds[0])} if kinds else {ours: f"{number:f}" for ours, number in found.items()}


def ledger_row(
    platforms: str, indicator: str, region: str, quarter: pd.Period, place: str, sample: bool
) -> Row:
    """Return a row of the ledger without its figure; ``platforms`` says where it comes from."""
    return {
        **dict.fromkeys(INCOMING, ""),
        "region": region,
        "indicator": indicator,
        "period": str(quarter),
        "status": "sample" if sample else "reported",
        "measured_at": region,
        "source": f"演示数据（{platforms}导出）" if sample else f"{platforms}导出",
        "place": place,
    }
