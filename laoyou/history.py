"""How a figure came about: every row of it in the ledger, and what was corrected by declaration."""

from __future__ import annotations

import math
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import astuple, dataclass
from typing import Any, Literal

from rich.box import SIMPLE_HEAD
from rich.cells import cell_len
from rich.console import Console
from rich.table import Table
from rich.text import Text

from laoyou.errors import NotAllowedError, ParametersError, Problem, did_you_mean, one_of
from laoyou.formats import MOST_DECIMALS, measured, number
from laoyou.ledger.correction_file import load_corrections
from laoyou.ledger.corrections import Correction, Corrections, corrected
from laoyou.ledger.file import CELL, MISSING, STATUSES
from laoyou.ledger.observations import read_ledger
from laoyou.ledger.vintage import as_known
from laoyou.ledger.withheld import WITHHELD, is_withheld
from laoyou.markup import printable
from laoyou.periods import parse_period, period_code, period_label
from laoyou.plan import Commitment, Indicator, Plan, load_plan
from laoyou.regions import Region, load_regions
from laoyou.rules import load_rules
from laoyou.status import WIDE
from laoyou.workspace import find_workspace

HEADS = ("期间", "数值", "版次", "状态", "上报日", "来源", "备注", "出处")
_SHORT = 5  # columns that are never folded
IN_FORCE, RETIRED = "现行", "停用"


@dataclass(frozen=True)
class Revision:
    """One figure of a cell as it was once known, in the words of a table; ``place`` is file:line."""

    period: str
    figure: str
    version: str
    status: str
    known_since: str
    source: str
    note: str
    place: str


def print_history(indicator: str, region: str | None = None, period: str | None = None) -> None:
    """Print every figure that an indicator ever had.

    Parameters
    ----------
    indicator : its id or its Chinese name; a commitment or a series that the ledger may hold, too
    region : a code or name; the plan's region, and the one that sets the indicator, if not given
    period : as files spell it; every period if not given

    Raises
    ------
    LaoyouError
        If a word is unknown, or plan, ledger or corrections cannot be accepted.
    """
    workspace = find_workspace()
    plan, rules, regions = load_plan(), load_rules(), load_regions(workspace)
    id = _known_id(indicator, plan)
    places = _known_regions(id, region, plan, regions)
    code = _known_period(period)
    ledger = read_ledger(workspace, plan, rules)
    corrections = load_corrections(workspace, plan, rules)
    ours = ledger[ledger["indicator"] == id]
    entry = plan.measurable[id]
    empty = []
    for place in places:
        rows = ours[ours["region"] == place]
        found = [
            revision
            for _, cell in rows.groupby(["period_end", "period"], sort=True)
            if code in ("", cell["period"].iloc[0])
            for revision in revisions(cell, rows, corrections, plan)
        ]
        if found:
            _print_table(f"{regions[place].zh}{entry.name.zh}（{id}），单位：{entry.unit}", found)
        else:
            empty.append(regions[place].zh)
    if len(empty) == len(places):
        there = one_of(f"{c} {regions[c].zh}" for c in sorted(set(ours["region"]))) or "没有"
        of = f"{period_label(parse_period(code))}的" if code else ""
        print(f"台账里没有{'、'.join(empty)}{entry.name.zh}（{id}）{of}数；这一项有数的地区：{there}")


def revisions(cell: Any, series: Any, corrections: Corrections, plan: Plan) -> Iterator[Revision]:
    """Yield the figures of one cell in the order in which they were known.

    Parameters
    ----------
    cell : the rows of one region, indicator and period
    series : the rows of all periods, by which a sample is known to be retired
    corrections : every declared correction
    plan : gives the unit

    Notes
    -----
    Of a cell whose figure is withheld now, no earlier figure is repeated, nor any note: one may hold a figure.
    """
    region, id, period = (str(cell[name].iloc[0]) for name in CELL)
    entry = plan.measurable[id]
    own = [c for c in corrections.entries if c.cell == (region, id, period)]
    known, misfits = corrected(as_known(series), [c for c in corrections.in_force() if c in own])
    now = known[known["period"] == period].to_dict("records")  # none where the sample is retired
    steps = [(row["reported_on"].date(), 0, row) for row in cell.to_dict("records")]
    steps += [(one.declared_on, 1, one) for one in own]
    real = bool((series["status"] != "sample").any())
    count = {True: 0, False: 0}
    hidden = any(is_withheld(row) for row in now)
    for day, _, step in sorted(steps, key=lambda step: step[:2]):
        if isinstance(step, Correction):
            state = f"，{IN_FORCE}" if step.mended_on is None and not misfits else ""
            yield Revision(
                period_label(parse_period(period)),
                MISSING[WITHHELD] if hidden else _figure(step.figure, "不采用", entry), f"订正{state}", "订正",
                str(day), "", "" if hidden else _about(step), f"{corrections.shown}:{step.line}",
            )  # fmt: skip
            continue
        sample = step["status"] == "sample"
        version = f"修订 {count[sample]}" if count[sample] else "初报"
        count[sample] += 1
        same = any((step["file"], step["line"]) == (n["file"], n["line"]) and not n["corrected"] for n in now)
        state = f"，{RETIRED}" if sample and real else f"，{IN_FORCE}" if same else ""
        yield Revision(
            period_label(parse_period(period)),
            MISSING[WITHHELD] if hidden else _figure(step, MISSING.get(step["missing"], ""), entry),
            version + state, STATUSES[step["status"]], str(day), step["source"], "" if hidden else _note(step),
            f"{step['file']}:{step['line']}",
        )  # fmt: skip


def _about(one: Correction) -> str:
    """Return what a correction says, and since when it is over."""
    over = f"；源头自 {one.mended_on} 起已更正" if one.mended_on else ""
    return one.note.removeprefix(f"{one.declared_on} 订正：") + over


def _note(row: Mapping[str, Any]) -> str:
    broken = f"口径调整：{row['series_break']}" if row["series_break"] else ""
    return "；".join(filter(None, [broken, row["note"]]))


def _figure(figure: Mapping[str, Any], otherwise: str, entry: Any) -> str:
    """Return a figure as the ledger gives it, with its unit: 1,095 人， 93.5%（187/200）."""
    value, top, bottom = (figure[name] for name in ("value", "numerator", "denominator"))
    if math.isnan(value):
        return otherwise
    decimals = 0 if isinstance(entry, Commitment) else entry.decimals
    if math.isnan(top):
        return measured(value, entry.unit, _exact(value, decimals))
    computed = round(value - 100 * top / bottom, MOST_DECIMALS) == 0 and entry.unit == "%"
    text = measured(value, entry.unit, decimals if computed else _exact(value, decimals))
    return f"{text}（{number(top, _exact(top, 0))}/{number(bottom, _exact(bottom, 0))}）"


def _exact(value: float, decimals: int) -> int:
    """Return how many decimals it takes to print all of a number."""
    while decimals < MOST_DECIMALS and round(value, decimals) != round(value, MOST_DECIMALS):
        decimals += 1
    return decimals


def _known_id(word: str, plan: Plan) -> str:
    names = {entry.name.zh: id for id, entry in plan.measurable.items()}
    if word in plan.measurable or word in names:
        return names.get(word, word)
    every = [*plan.measurable, *names]
    raise ParametersError(
        "指标", Problem("指标", f"「{word}」不在规划里", one_of(names), did_you_mean(word, every))
    )


def _known_regions(id: str, word: str | None, plan: Plan, regions: Mapping[str, Region]) -> list[str]:
    if word is None:
        entry = plan.measurable[id]
        setter = entry.set_by if isinstance(entry, Indicator) else None
        return list(dict.fromkeys([plan.region, *([setter] if setter else [])]))
    names = {region.zh: code for code, region in regions.items()}
    if word in regions or word in names:
        return [names.get(word, word)]
    every = [*regions, *names]
    raise ParametersError(
        "--region", Problem("地区", f"「{word}」不在地区表里", one_of(regions), did_you_mean(word, every))
    )


def _known_period(word: str | None) -> str:
    if word is None:
        return ""
    try:
        return period_code(parse_period(word))
    except NotAllowedError as cause:
        raise ParametersError("--period", Problem("期间", cause.found, cause.allowed)) from None


def _print_table(title: str, found: Sequence[Revision]) -> None:
    """Print figures as lines in columns where they are piped, as a table on a terminal that is wide enough."""
    rows = [[" ".join(printable(text).split()) for text in astuple(one)] for one in found]
    console = Console(highlight=False)
    print(title)
    if not sys.stdout.isatty():
        print("\n".join(aligned([HEADS, *rows])), end="\n\n")
    elif console.width < WIDE:
        for line, row in zip(aligned([row[:_SHORT] for row in rows]), rows, strict=True):
            said = [
                f"{head}：{text}" for head, text in zip(HEADS[_SHORT:], row[_SHORT:], strict=True) if text
            ]
            print(line, *(f"    {part}" for part in said), sep="\n")
    else:
        columns = dict(zip(HEADS, zip(*rows, strict=True), strict=True))
        for head in ("来源", "备注"):  # what all rows share is said once
            if len(set(columns[head])) == 1:
                [shared] = set(columns.pop(head))
                print(f"{head}：{shared}" if shared else "", end="\n" if shared else "")
        table = Table(box=SIMPLE_HEAD, pad_edge=False)
        for n, head in enumerate(columns):
            justify: Literal["left", "right"] = "right" if head == "数值" else "left"
            table.add_column(head, overflow="fold", no_wrap=n < _SHORT, justify=justify)
        for cells in zip(*columns.values(), strict=True):
            table.add_row(*map(Text, cells))
        console.print(table)


def aligned(rows: Sequence[Sequence[str]]) -> list[str]:
    """Return rows as lines whose columns begin in one place, a Chinese character being two wide; nothing is cut."""
    widths = [max(map(cell_len, column)) for column in zip(*rows, strict=True)]
    lines = (
        "  ".join(text + " " * (width - cell_len(text)) for text, width in zip(row, widths, strict=True))
        for row in rows
    )
    return [line.rstrip() for line in lines]
