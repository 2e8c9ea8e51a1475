"""The file of declared corrections: its form, and everything that is checked before one is believed."""

from __future__ import annotations

import datetime as dt
import math
import re
from collections.abc import Iterator, Sequence
from typing import Annotated, Literal

import yaml
from pydantic import AfterValidator, BeforeValidator, Field, model_validator

from laoyou.errors import LedgerError, NotAllowedError, Problem, did_you_mean, one_of
from laoyou.ledger.corrections import Correction, Corrections
from laoyou.ledger.disclosure import too_small
from laoyou.ledger.file import NUMBERS, TOO_LARGE
from laoyou.periods import parse_period, period_code
from laoyou.personal import personal_numbers
from laoyou.plan import Plan
from laoyou.regions import load_regions, parts_of
from laoyou.rules import Rules
from laoyou.workspace import Workspace
from laoyou.yamlfile import Strict, load_model, place_of, told

FILE = "corrections.yml"
_Amount = Annotated[float, Field(ge=0, lt=TOO_LARGE)]
_Divisor = Annotated[float, Field(gt=0, lt=TOO_LARGE)]


def _said(text: str) -> str:
    if not text.strip():
        raise NotAllowedError("空着", "一句话")
    if personal_numbers(text):
        raise NotAllowedError("里面有身份证号或电话号码（不照录）", "不写到个人的一句话")
    return " ".join(text.split())


class _Figure(Strict):
    """A figure as a row of the ledger gives it: a value, its parts, or both."""

    value: _Amount | None = None
    numerator: _Amount | None = None
    denominator: _Divisor | None = None

    @model_validator(mode="after")
    def _parts_together(self) -> _Figure:
        if (self.numerator is None) != (self.denominator is None):
            raise NotAllowedError("分子、分母只有一个", "都写或都不写")
        return self

    @property
    def given(self) -> bool:
        """Whether there is a figure."""
        return self.value is not None or self.numerator is not None


class _Entry(_Figure):
    """One entry of the file; its own figure is the right one."""

    indicator: str
    region: str
    period: Annotated[str, AfterValidator(lambda text: period_code(parse_period(text)))]
    action: Literal["replace", "drop"]
    found: _Figure
    reason: Annotated[str, AfterValidator(_said)]
    declared_on: dt.date
    status: Literal["open", "mended"]
    mended_on: dt.date | None = None

    @model_validator(mode="after")
    def _sense(self) -> _Entry:
        if not self.found.given:
            raise NotAllowedError(
                "found 里没有数", "found 写台账里的错数：value，或 numerator 和 denominator"
            )
        if self.given != (self.action == "replace"):
            allowed = "replace 写正确的 value，或 numerator 和 denominator；drop 不写"
            raise NotAllowedError(
                f"action: {self.action}{'，却写了数' if self.given else '，却没有数'}", allowed
            )
        if (self.status == "mended") != (self.mended_on is not None):
            allowed = "mended 写明 mended_on；open 不写"
            raise NotAllowedError(f"status: {self.status}，mended_on: {self.mended_on or '空着'}", allowed)
        if self.mended_on is not None and self.mended_on < self.declared_on:
            raise NotAllowedError(
                f"mended_on {self.mended_on} 早于 declared_on", f"不早于 {self.declared_on}"
            )
        return self


class _File(Strict):
    corrections: Annotated[list[_Entry], BeforeValidator(lambda entries: [] if entries is None else entries)]


def load_corrections(
    workspace: Workspace, plan: Plan, rules: Rules, *, today: dt.date | None = None
) -> Corrections:
    """Load and check data/corrections.yml.

    Parameters
    ----------
    workspace, plan, rules : what the entries are checked against
    today : an entry of a later day is refused; not checked if not given

    Returns
    -------
    The corrections in the file's order; none where there is no such file.

    Raises
    ------
    LedgerError
        With every problem found.
    """
    file = workspace.data / FILE
    shown = workspace.relative(file)
    if not file.exists():
        return Corrections(shown, ())
    content, node = load_model(file, shown, _File, LedgerError)
    problems = list(_problems(content.corrections, node, workspace, plan, rules, today))
    if problems:
        raise LedgerError(shown, problems)
    parts = parts_of(load_regions(workspace), plan.region)

    def small(entry: _Entry) -> bool:
        unit = plan.measurable[entry.indicator].unit
        return entry.region in parts and too_small(_columns(entry.found), unit, rules.suppression.below)

    return Corrections(
        shown, tuple(_correction(e, n, node, small=small(e)) for n, e in enumerate(content.corrections))
    )


def _correction(entry: _Entry, index: int, node: yaml.Node | None, *, small: bool) -> Correction:
    line = re.match(r"第 (\d+) 行", place_of(["corrections", index], node))
    figure = _columns(entry)
    if "value" not in figure and "numerator" in figure:
        figure["value"] = 100 * figure["numerator"] / figure["denominator"]
    return Correction(
        entry.region, entry.indicator, entry.period, entry.action, _columns(entry.found),
        {column: figure.get(column, math.nan) for column in NUMBERS},
        entry.reason, entry.declared_on, entry.mended_on,
        int(line[1]) if line else 1, small,
    )  # fmt: skip


def _columns(figure: _Figure) -> dict[str, float]:
    return {c: float(getattr(figure, c)) for c in NUMBERS if getattr(figure, c) is not None}


def _problems(
    entries: Sequence[_Entry],
    node: yaml.Node | None,
    workspace: Workspace,
    plan: Plan,
    rules: Rules,
    today: dt.date | None,
) -> Iterator[Problem]:
    """Yield what is wrong with entries beyond their form."""
    regions = load_regions(workspace)
    known = {"region": list(regions), "indicator": list(plan.measurable)}
    parts = parts_of(regions, plan.region)
    spans: dict[tuple[str, str, str], list[tuple[dt.date, dt.date, int]]] = {}
    for index, entry in enumerate(entries):

        def at(field: str, *said: str, index: int = index) -> Problem:
            return Problem(place_of(["corrections", index, field], node), *said)

        for field, words in known.items():
            word = getattr(entry, field)
            if word not in words:
                yield at(field, told(word), one_of(words), did_you_mean(word, words))
        if today is not None:
            for field in ("declared_on", "mended_on"):
                day = getattr(entry, field)
                if day is not None and day > today:
                    yield at(field, f"{day} 在今天之后", f"不晚于 {today}")
        if entry.indicator in plan.measurable:
            percent = plan.measurable[entry.indicator].unit == "%"
            yield from (at("action", *said) for said in _unfit(entry, percent, rules))
            unit, below = plan.measurable[entry.indicator].unit, rules.suppression.below
            if entry.region in parts and too_small(_columns(entry), unit, below):
                allowed = f"各项不小于 {below}，或 action: drop"
                remedy = "为保护隐私，小的数不公布（params/rules.yml 的 suppression）"
                yield at("action", f"{entry.region} 的数小于 {below}", allowed, remedy)
        ends = entry.mended_on or dt.date.max
        for start, end, other in spans.setdefault((entry.region, entry.indicator, entry.period), []):
            if entry.declared_on < end and start < ends:
                found = f"与第 {other + 1} 条同时订正 {entry.region} {entry.indicator} {entry.period}"
                yield at("declared_on", found, "一个数同时只有一条有效的订正", "先了结前一条，或合成一条")
        spans[entry.region, entry.indicator, entry.period].append((entry.declared_on, ends, index))


def _unfit(entry: _Entry, percent: bool, rules: Rules) -> Iterator[tuple[str, str]]:
    """Yield what no row of the ledger could hold."""
    if not entry.given:
        return
    value, top, bottom = entry.value, entry.numerator, entry.denominator
    if not percent and value is None:
        yield "没有 value", "这一项不是率，写 value"
    if percent and value is not None and value > 100:
        yield f"{value:.12g} %", "0 到 100 之间的百分数"
    if percent and top is not None and bottom is not None:
        if top > bottom:
            yield f"分子 {top:.12g} 大于分母", "不大于分母的数"
        if value is not None and abs(100 * top / bottom - value) > rules.ledger.rate_rounding:
            yield f"{value:.12g} 与分子÷分母不符", "与分子÷分母一致的率，或不写 value"
