"""Which rows a collection form holds, from the plan alone: what is asked, of whom, and which cells are to be filled.

No number is asked for twice. A ratio whose two parts stand as rows of their own in the same form is worked out
from them; its row only shows the result. A ratio with a part in no such row asks for numerator and denominator
itself. A series that no target belongs to is asked of the unit that leads the first indicator in need of it.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum

import pandas as pd

from laoyou.periods import period_code, period_label
from laoyou.plan import Commitment, Indicator, Plan, Series
from laoyou.regions import Region

VERSION = "1"
MARKS = "_laoyou"  # the hidden sheet that says what a form is
KEY = "laoyou:key"  # head of the hidden column that says what a row is
WHOLE_DAY = "laoyou:date"  # key of the row whose date holds for the whole form
NO_ROW = "laoyou:text"  # key of a row that holds no figure


class Column(StrEnum):
    """The columns to fill in, by the words at their head."""

    VALUE = "数值"
    NUMERATOR = "分子"
    DENOMINATOR = "分母"
    REASON = "缺数原因"
    STATUS = "数据性质"
    LEVEL = "在哪一级测得"
    DAY = "填报日期"
    SOURCE = "来源"
    NOTE = "备注"
    BREAK = "口径变化"


KNOWN = ("行号", "指标", "单位", "本年目标（照原文）", "上一次的数", "上年同期", "本季填什么、口径")
FIGURES = (Column.VALUE, Column.NUMERATOR, Column.DENOMINATOR)
INPUTS = tuple(Column)
COLUMN = {name: number for number, name in enumerate((*KNOWN, *INPUTS, KEY), 1)}  # as a form is written
SHEET = "填报表"
TITLE_ROW, HEAD_ROW, GUIDE_ROW, GROUP_ROW, HEADER_ROW, FIRST_ROW = range(1, 7)
_EVERY_ROW = frozenset({Column.REASON, Column.STATUS, Column.DAY, Column.SOURCE, Column.NOTE, Column.BREAK})

LATEST_AFTER = dt.timedelta(days=366)  # a form is filled in within a year of its quarter
COUNTED = frozenset({"人", "人次", "家", "家次", "件", "个", "户", "名", "场", "次", "所"})
QUARTER_ENDS = ("3月31日", "6月30日", "9月30日", "12月31日")

Entry = Indicator | Commitment | Series


class Mode(StrEnum):
    """What a row is filled in with."""

    VALUE = "value"
    PARTS = "parts"
    EITHER = "either"
    COMPUTED = "computed"


_FIGURES_OF: Mapping[Mode, frozenset[str]] = {
    Mode.VALUE: frozenset({Column.VALUE}),
    Mode.PARTS: frozenset({Column.NUMERATOR, Column.DENOMINATOR}),
    Mode.EITHER: frozenset(FIGURES),
    Mode.COMPUTED: frozenset(),
}


@dataclass(frozen=True)
class FormRow:
    """One row of a form.

    Parameters
    ----------
    region : whose figure it is, the region that sets it where another does
    period : as the ledger spells it
    entry : the indicator, commitment or series
    mode : what the row is filled in with
    parts : of a computed ratio, the keys of the rows of its numerator and denominator
    """

    region: str
    period: str
    entry: Entry
    mode: Mode
    parts: tuple[str, ...] = ()

    @property
    def id(self) -> str:
        """The measurable id."""
        return self.entry.id

    @property
    def key(self) -> str:
        """What the hidden column says of the row."""
        return f"{self.region}|{self.id}|{self.period}"

    @property
    def name(self) -> str:
        """The name, with the period where it is not the form's quarter."""
        return self.entry.name.zh + ("" if "Q" in self.period else f"（{self.period} 年末）")

    @property
    def percent(self) -> bool:
        """Whether the figure is a rate in per cent."""
        return self.entry.unit == "%"

    @property
    def whole(self) -> bool:
        """Whether the value can only be a whole number."""
        if isinstance(self.entry, Commitment):
            return self.entry.unit in COUNTED
        return not self.percent and self.entry.decimals == 0

    @property
    def surveyed(self) -> bool:
        """Whether the figure may have been measured in another region and must say in which."""
        return isinstance(self.entry, Indicator) and self.entry.kind == "survey_rate"

    @property
    def open(self) -> frozenset[str]:
        """The columns that are to be filled in."""
        if self.mode == Mode.COMPUTED:
            return frozenset()
        return _FIGURES_OF[self.mode] | _EVERY_ROW | ({Column.LEVEL} if self.surveyed else frozenset())


def lead_units(plan: Plan) -> list[str]:
    """Return the units that lead a task, in the order of the plan."""
    return list(dict.fromkeys(plan.unit_named(task.lead) for task in plan.tasks.values()))


def form_rows(plan: Plan, quarter: pd.Period, unit: str, region: str) -> list[FormRow]:
    """Return every row that a unit's form of a quarter may hold.

    Parameters
    ----------
    plan : the plan
    quarter : the quarter the form is for
    unit : a lead unit, by its proper name
    region : whose form it is

    Returns
    -------
    Indicators in the order of the plan, each after the series that it needs, then the commitments that no
    indicator carries. A yearly indicator is due in the fourth quarter only; a series that a rate is relative
    to is yearly, and the latest year that is over is asked for.
    """
    asked = set[str]()
    rows: list[FormRow] = []
    owners = _series_owners(plan, quarter)
    for indicator in plan.indicators.values():
        if not _due(indicator, quarter) or plan.lead_unit(indicator.id) != unit:
            continue
        for series, period in _needed(plan, indicator, quarter):
            if owners[series] == unit and series not in asked:
                asked.add(series)
                rows.append(FormRow(region, period, plan.series[series], Mode.VALUE))
        rows.append(FormRow(indicator.set_by or region, period_code(quarter), indicator, _mode(indicator)))
    keys = {row.id: row.key for row in rows if row.mode == Mode.VALUE and row.region == region}
    rows = [_computed(row, keys) for row in rows]
    for commitment in plan.commitments.values():
        if commitment.indicator is None and plan.lead_unit(commitment.id) == unit:
            mode = Mode.EITHER if commitment.unit == "%" else Mode.VALUE
            rows.append(FormRow(region, period_code(quarter), commitment, mode))
    return rows


def _due(indicator: Indicator, quarter: pd.Period) -> bool:
    return indicator.frequency == "quarter" or quarter.quarter == 4


def _needed(plan: Plan, indicator: Indicator, quarter: pd.Period) -> Iterator[tuple[str, str]]:
    """Yield the series without a target that an indicator needs, and the period that is asked for."""
    for part in (indicator.ratio.numerator, indicator.ratio.denominator) if indicator.ratio else ():
        if part in plan.series:
            yield part, period_code(quarter)
    if indicator.per and indicator.per.series in plan.series:
        yield indicator.per.series, str(quarter.year - (quarter.quarter < 4))


def _series_owners(plan: Plan, quarter: pd.Period) -> dict[str, str]:
    """Return which unit is asked for each series: the one that leads the first indicator in need of it."""
    owners: dict[str, str] = {}
    for indicator in plan.indicators.values():
        for series, _ in _needed(plan, indicator, quarter) if _due(indicator, quarter) else ():
            owners.setdefault(series, plan.lead_unit(indicator.id))
    return owners


def _mode(indicator: Indicator) -> Mode:
    if indicator.kind not in ("case_rate", "stock_ratio") or indicator.unit != "%":
        return Mode.VALUE
    named = indicator.numerator and indicator.denominator
    return Mode.PARTS if named or indicator.ratio else Mode.EITHER


def _computed(row: FormRow, keys: Mapping[str, str]) -> FormRow:
    """Return a ratio's row as computed if both its parts stand as rows of the same form and quarter."""
    ratio = row.entry.ratio if isinstance(row.entry, Indicator) else None
    if ratio is None or row.mode != Mode.PARTS:
        return row
    parts = [keys.get(ratio.numerator, ""), keys.get(ratio.denominator, "")]
    if not all(key.endswith(f"|{row.period}") for key in parts):
        return row
    return replace(row, mode=Mode.COMPUTED, parts=tuple(parts))


def levels(region: str, regions: Mapping[str, Region]) -> dict[str, str]:
    """Return the regions that a survey may have measured a figure in: this one and all above, by name."""
    found: dict[str, str] = {}
    while region in regions and regions[region].zh not in found:
        found[regions[region].zh] = region
        region = regions[region].parent
    return found


def meaning(row: FormRow, quarter: pd.Period, plan: Plan, regions: Mapping[str, Region]) -> str:
    """Return what a row's figure is for this very quarter, in a sentence or two for whoever fills it in."""
    entry = row.entry
    if row.mode == Mode.COMPUTED and isinstance(entry, Indicator) and entry.ratio:
        top, bottom = (plan.measurable[id].name.zh for id in (entry.ratio.numerator, entry.ratio.denominator))
        return f"不用填，由本表的{top}÷{bottom}算出。"
    if isinstance(entry, Indicator) and entry.set_by:
        setter = regions[entry.set_by].zh
        held = (
            "没有公布新标准就空着，原标准继续有效" if entry.holds_until_changed else _span(row, quarter, plan)
        )
        return f"由{setter}制定，填{setter}的数；{held}。"
    span = _span(row, quarter, plan)
    if row.mode == Mode.VALUE:
        return f"填{span}。" + ("填百分数，4.8 就是 4.8%。" if row.percent else "")
    if row.mode == Mode.EITHER:
        return f"填{span}。有分子、分母就只填这两格；只有率才填数值。"
    numerator, denominator = _part_words(entry, plan)
    return f"填分子和分母，率自动算出；{span}。分子：{numerator}。分母：{denominator}。"


def _span(row: FormRow, quarter: pd.Period, plan: Plan) -> str:
    """Return the day or the span of time that a figure of this quarter stands for."""
    entry, year = row.entry, quarter.year
    end = f"{year}年{QUARTER_ENDS[quarter.quarter - 1]}"
    single = "，不是单季数" if quarter.quarter > 1 else ""
    if "Q" not in row.period:
        return f"{row.period}年12月31日的数，还没有公布就空着"
    if isinstance(entry, Series):
        return f"{end}的数"
    if isinstance(entry, Commitment):
        since = f"{plan.first_year}年1月1日起累计到{end}"
        return f"{since}{single}" if entry.measure == "sum_of_years" else f"{end}的数"
    if entry.frequency == "year":
        return f"{year}年全年核定的数，一年报一次"
    since = f"{entry.cumulative_since}年1月1日" if entry.cumulative_since else "起算日"
    january = f"{year}年1—{3 * quarter.quarter}月累计{single}"
    return {
        "survey_rate": f"{period_label(quarter)}当季的调查数，不是全年平均",
        "case_rate": january,
        "stock": f"{end}的数",
        "stock_ratio": f"{end}的数",
        "annual_count": january,
        "cumulative_count": f"{since}起累计到{end}，不清零{single}",
    }[entry.kind]


def _part_words(entry: Entry, plan: Plan) -> tuple[str, str]:
    """Return what a rate's numerator and denominator are, in the plan's words."""
    if isinstance(entry, Indicator) and entry.numerator and entry.denominator:
        return entry.numerator.zh, entry.denominator.zh
    if isinstance(entry, Indicator) and entry.ratio:
        measurable = plan.measurable
        return measurable[entry.ratio.numerator].name.zh, measurable[entry.ratio.denominator].name.zh
    return Column.NUMERATOR, Column.DENOMINATOR
