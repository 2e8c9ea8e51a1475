"""Mappings: what a platform's export looks like and what it yields, one YAML file a platform.

No platform publishes a schema of its exports, so what is accepted is written down by the user.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator
from collections.abc import Mapping as Map
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field, model_validator

from laoyou.cases.records import OUTCOMES, RECORD_COLUMNS
from laoyou.errors import IntakeError, NotAllowedError, Problem, did_you_mean, one_of
from laoyou.ledger.file import MISSING
from laoyou.periods import SPANS
from laoyou.plan import Indicator, Plan
from laoyou.regions import Region
from laoyou.rules import Rules
from laoyou.sheets.cells import DATE_FORMS, MISSING_WORDS, same_word
from laoyou.workspace import Workspace
from laoyou.yamlfile import Strict, load_model, place_of

NEEDED = ("case", "opened")
DATED = ("opened", "closed", "placed", "model_since")
Holds = Literal["id", "date", "word", "region", "number", "percent", "fraction", "period"]
# Which spans a year's figure of each kind can be read from; a quarter alone is never taken for a year so far.
SPANS_OF_KIND: Map[str, tuple[str, ...]] = {
    "survey_rate": ("quarter",),
    "case_rate": ("since_january",),
    "annual_count": ("since_january",),
    "cumulative_count": ("level",),
    "stock": ("level", "quarter"),
    "stock_ratio": ("level", "quarter"),
}
LEVEL_SPANS = ("level", "quarter")
# Which spans a mapping may declare besides, where a platform only spells its periods otherwise: the end of a quarter for
# what runs from January to it, the months since January for a level at their end. A quarter alone is no such spelling.
SPANS_DECLARED: Map[str, tuple[str, ...]] = {
    **SPANS_OF_KIND,
    "case_rate": ("since_january", "level"),
    "annual_count": ("since_january", "level"),
    "stock": ("level", "quarter", "since_january"),
    "stock_ratio": ("level", "quarter", "since_january"),
}


class Column(Strict):
    """One column that is read: its heading as printed, what it holds, and whether cells may be empty.

    ``holds`` is one of id, date, word, region, number, percent (94.5 or 94.5%), fraction (0.945), period. Of a
    heading in two rows both parts are given, with a slash between.
    """

    header: str
    holds: Holds
    blank: bool = False


class Yield(Strict):
    """An indicator that the export gives, and how.

    Of figures: ``value``, or ``numerator`` and ``denominator``, name columns; ``span`` says over which span the
    figures run where that differs from the indicator's kind. Of records: a rate follows the definition in
    rules.yml; a count counts records by the day in the column ``count``. ``where`` keeps some records only.
    """

    indicator: str
    value: str | None = None
    numerator: str | None = None
    denominator: str | None = None
    span: Literal["quarter", "since_january", "level"] | None = None
    count: str | None = None
    where: dict[str, list[str]] = {}


class Mapping(Strict):
    """What a platform's export looks like and what it yields.

    ``rows`` says whether a row is a case or person (records), or holds figures of a period (figures). ``header``
    lists the rows of the heading, from 1. ``words`` gives, for each column of words, theirs → ours; ``regions``
    theirs → code where a name is not that of regions.csv. ``shared_ids`` says that ids are not the platform's own
    but known to others, too: the same id is then the same case; else two platforms may both have a case 12.
    """

    platform: str
    rows: Literal["records", "figures"]
    header: Annotated[list[Annotated[int, Field(gt=0)]], Field(min_length=1, max_length=2)]
    columns: dict[str, Column]
    yields: list[Yield]
    sheet: str | None = None
    words: dict[str, dict[str, str]] = {}
    regions: dict[str, str] = {}
    dates: Annotated[list[str], Field(min_length=1)] = list(DATE_FORMS)
    missing: dict[str, str] = dict(MISSING_WORDS)
    totals: list[str] = []
    shared_ids: bool = False
    note: str = ""

    @model_validator(mode="after")
    def _rows_of_heading_in_order(self) -> Mapping:
        if len(self.header) == 2 and self.header[1] != self.header[0] + 1:
            raise NotAllowedError(f"「{self.header}」不是相邻的两行", "如 [2] 或 [2, 3]")
        return self


@dataclass(frozen=True)
class Named:
    """A mapping with the name of its file, without the ending."""

    name: str
    shown: str
    mapping: Mapping


def load_mappings(
    workspace: Workspace, plan: Plan, regions: Map[str, Region], rules: Rules
) -> dict[str, Named]:
    """Load and check every mapping of the data folder.

    Returns
    -------
    The mappings by name.

    Raises
    ------
    IntakeError
        With every problem of the first file found wanting; also if two files give the same figures.
    """
    found: dict[str, Named] = {}
    for file in sorted((workspace.data / "mappings").glob("*.yml")):
        found[file.stem] = load_mapping(file, workspace.relative(file), plan, regions, rules)
    givers: dict[str, str] = {}
    for name, entry in found.items():
        for given in entry.mapping.yields if entry.mapping.rows == "figures" else ():
            other = givers.setdefault(given.indicator, name)
            if other != name:
                problem = Problem(
                    "yields", f"「{given.indicator}」在 {other}.yml 里已有来源", "一个指标的数由一个平台给出"
                )
                raise IntakeError(entry.shown, problem)
    return found


def load_mapping(file: Path, shown: str, plan: Plan, regions: Map[str, Region], rules: Rules) -> Named:
    """Load and check one mapping.

    Raises
    ------
    IntakeError
        With every problem found, each with line, path, value and what is allowed.
    """
    mapping, node = load_model(file, shown, Mapping, IntakeError)
    problems = [
        Problem(place_of(location, node), found, allowed, remedy)
        for location, found, allowed, remedy in _unfit(mapping, plan, regions, rules)
    ]
    if problems:
        raise IntakeError(shown, problems)
    return Named(file.stem, shown, mapping)


Unfit = tuple[list[object], str, str, str]


def _unfit(mapping: Mapping, plan: Plan, regions: Map[str, Region], rules: Rules) -> Iterator[Unfit]:
    """Yield what is wrong with a mapping of the right form: where, what, what is allowed, and what may be meant."""

    def word(location: list[object], value: str, known: Any, allowed: str = "") -> Iterator[Unfit]:
        if value not in known:
            yield location, f"「{value}」", allowed or one_of(known), did_you_mean(value, known)

    yield from word(["platform"], mapping.platform, plan.sources)
    headings = [same_word(column.header) for column in mapping.columns.values()]
    for name, column in mapping.columns.items():
        if not name.isidentifier():
            yield ["columns", name], f"「{name}」作不了列的名字", "文字、数字和下划线，不以数字开头", ""
        if headings.count(same_word(column.header)) > 1:
            yield ["columns", name, "header"], f"「{column.header}」写了两次", "每一列只对应一项", ""
    if mapping.rows == "records":
        yield from _unfit_records(mapping)
    else:
        periods = [name for name, column in mapping.columns.items() if column.holds == "period"]
        if len(periods) != 1:
            yield ["columns"], f"有 {len(periods)} 列 holds: period", "恰好一列", ""
    for name, words in mapping.words.items():
        if name not in mapping.columns or mapping.columns[name].holds != "word":
            yield ["words", name], f"「{name}」不是 holds: word 的一列", one_of(mapping.columns), ""
        for theirs, ours in words.items() if name == "outcome" else ():
            yield from word(["words", name, theirs], ours, OUTCOMES)
    for name, column in mapping.columns.items():
        if column.holds == "word" and name not in mapping.words:
            yield ["columns", name], "没有写它的词怎么对应", f"words › {name}", ""
    for name, code in mapping.regions.items():
        yield from word(["regions", name], code, regions)
    for theirs, kind in mapping.missing.items():
        yield from word(["missing", theirs], kind, MISSING)
    for number, form in enumerate(mapping.dates):
        if form != "excel" and not _reads_a_day(form):
            yield ["dates", number], f"「{form}」读不出日期", "excel，或含 %Y、%m、%d 的写法，如 %Y-%m-%d", ""
    for number, given in enumerate(mapping.yields):
        yield from word(["yields", number, "indicator"], given.indicator, plan.measurable)
        if given.indicator in plan.measurable:
            yield from _unfit_yield(mapping, given, number, plan, rules)


def _reads_a_day(form: str) -> bool:
    """Return whether a ``strptime`` form reads a day back from what it writes of it."""
    day = dt.date(2026, 9, 30)
    try:
        return dt.datetime.strptime(f"{day:{form}}", form).date() == day
    except (ValueError, re.error):
        return False


def _unfit_records(mapping: Mapping) -> Iterator[Unfit]:
    for name, column in mapping.columns.items():
        if name not in RECORD_COLUMNS:
            yield ["columns", name], f"「{name}」", one_of(RECORD_COLUMNS), did_you_mean(name, RECORD_COLUMNS)
        elif column.holds != RECORD_COLUMNS[name]:
            yield ["columns", name, "holds"], f"「{column.holds}」", RECORD_COLUMNS[name], ""
    for name in NEEDED if mapping.yields else ():
        if name not in mapping.columns:
            yield ["columns"], f"缺少 {name}", one_of(RECORD_COLUMNS), ""
        elif mapping.columns[name].blank:
            yield ["columns", name, "blank"], f"{name} 空着就数不了", "不写 blank", ""


def _unfit_yield(mapping: Mapping, given: Yield, number: int, plan: Plan, rules: Rules) -> Iterator[Unfit]:
    """Yield what is wrong with how one indicator is to be had."""
    place: list[object] = ["yields", number]
    entry = plan.measurable[given.indicator]
    for name, words in given.where.items():
        known = set(mapping.words.get(name, {}).values())
        for word in (w for w in words if w not in known):
            yield [*place, "where", name], f"「{word}」", one_of(sorted(known)) or "words 里写过的词", ""
    if mapping.rows == "records":
        rate = isinstance(entry, Indicator) and entry.kind == "case_rate"
        if any((given.value, given.numerator, given.denominator, given.span)):
            yield place, "value、numerator、denominator、span 用于 rows: figures", "count、where", ""
        if rate and not {"closed", "outcome"} <= set(mapping.columns):
            yield place, "缺少 closed 或 outcome 列", "率要有办结日期和办理结果", ""
        if rate and given.indicator not in rules.cases:
            yield place, f"params/rules.yml 的 cases 里没有「{given.indicator}」", "分母怎么算、剔除什么", ""
        if rate == (given.count is not None):
            yield place, f"「{given.indicator}」", "率不写 count；计数写 count：按哪一列日期计", ""
        if given.count is not None and (given.count not in DATED or given.count not in mapping.columns):
            yield (
                [*place, "count"],
                f"「{given.count}」",
                one_of(n for n in DATED if n in mapping.columns),
                "",
            )
        return
    if given.count is not None or given.where:
        yield place, "count、where 用于 rows: records", "value，或 numerator 和 denominator", ""
    if given.span and given.span not in (allowed := spans_declared(given, plan)):
        usual = spans_in_words(spans_allowed(given.model_copy(update={"span": None}), plan))
        found = f"「{given.span}」是{SPANS[given.span]}的数，{entry.name.zh}要的是{usual}"
        yield [*place, "span"], found, one_of(allowed), "不写 span，导出对应期间的数"
    used = [name for name in (given.value, given.numerator, given.denominator) if name]
    if (given.numerator is None) != (given.denominator is None) or not used:
        yield place, "没有写全数在哪一列", "value，或 numerator 和 denominator", ""
    for name in used:
        holds = mapping.columns[name].holds if name in mapping.columns else None
        if holds not in ("number", "percent", "fraction"):
            yield (
                place,
                f"「{name}」不是数的一列",
                one_of(n for n, c in mapping.columns.items() if c.holds in ("number", "percent", "fraction")),
                "",
            )
        elif name == given.value and (holds != "number") != (entry.unit == "%"):
            yield (
                place,
                f"「{name}」是 holds: {holds}，而 {given.indicator} 的单位是 {entry.unit}",
                "百分数用 holds: percent 或 fraction，其余用 number",
                "",
            )


def spans_allowed(given: Yield, plan: Plan) -> tuple[str, ...]:
    """Return the spans that figures of an indicator may run over, most usual first."""
    if given.span:
        return (given.span,)
    entry = plan.measurable[given.indicator]
    return SPANS_OF_KIND[entry.kind] if isinstance(entry, Indicator) else LEVEL_SPANS


def spans_declared(given: Yield, plan: Plan) -> tuple[str, ...]:
    """Return the spans that a mapping may declare for an indicator."""
    entry = plan.measurable[given.indicator]
    return SPANS_DECLARED[entry.kind] if isinstance(entry, Indicator) else tuple(SPANS)


def spans_in_words(spans: tuple[str, ...]) -> str:
    """Return spans in Chinese."""
    return one_of(SPANS[span] for span in spans)
