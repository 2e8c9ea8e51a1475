"""The plan: its indicators, tasks and commitments, read from one validated YAML file."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from dataclasses import replace
from math import nan
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal, TypeVar

from pydantic import BeforeValidator, Field, model_validator

from laoyou.errors import NotAllowedError, PlanError
from laoyou.language import spoken
from laoyou.plan_checks import cross_check
from laoyou.targets import Operator, Target, parse_target
from laoyou.workspace import find_workspace
from laoyou.yamlfile import Strict, load_model

if TYPE_CHECKING:
    from laoyou.findings import Finding

Kind = Literal["survey_rate", "case_rate", "stock", "stock_ratio", "annual_count", "cumulative_count"]
RATES: frozenset[str] = frozenset({"survey_rate", "case_rate", "stock_ratio"})
COUNTS: frozenset[str] = frozenset({"annual_count", "cumulative_count"})

Cell = Annotated[Target, BeforeValidator(parse_target)]
Entry = TypeVar("Entry")


class Text(Strict):
    """A wording in Chinese, and in English where reports are to be made in it."""

    zh: str
    en: str = ""

    @property
    def spoken(self) -> str:
        """The wording in the language being spoken; in Chinese where there is no other."""
        return self.zh if spoken() == "zh" else self.en.strip() or self.zh


class Baseline(Strict):
    """The cell of the year before the plan."""

    year: int
    text: str
    suspect: bool = False
    note: str = ""

    @model_validator(mode="after")
    def _known_cell(self) -> Baseline:
        parse_target(self.text)
        return self

    @property
    def target(self) -> Target:
        """The cell read by the grammar, with its doubt."""
        return replace(parse_target(self.text), suspect=self.suspect, note=self.note)

    @property
    def value(self) -> float | None:
        """The printed number [the row's unit], doubtful or not; None where the cell holds none."""
        return self.target.value

    @property
    def operator(self) -> Operator:
        """The operator of the printed cell."""
        return self.target.operator


class Ratio(Strict):
    """Which two series a ratio is made of."""

    numerator: str
    denominator: str


class Per(Strict):
    """Which series a rate is relative to, and per how many of it."""

    series: str
    amount: int = Field(gt=0)


class Profile(Strict):
    """A row's own share of the year due by the end of each quarter [1], with its source."""

    shares: list[float] = Field(min_length=4, max_length=4)
    source: str

    @model_validator(mode="after")
    def _rises_to_one(self) -> Profile:
        if sorted(self.shares) != self.shares or self.shares[0] < 0 or self.shares[-1] != 1:
            raise NotAllowedError(f"「{self.shares}」不是进度", "四个由小到大、以 1 结尾的份额")
        return self


class Indicator(Strict):
    """One indicator: a row of the target table, or half of one.

    ``targets`` maps a year to its ``Target`` [the row's unit]. ``kind`` says how a quarter's figure
    relates to its year; ``set_by`` names the region whose figure holds here when another level sets it.
    """

    id: str
    row: str
    name: Text
    unit: str
    decimals: int = Field(ge=0, le=4)
    kind: Kind
    better: Literal["higher", "lower"]
    task: str
    reference: str
    baseline: Baseline
    targets: dict[int, Cell]
    definition: Text
    sources: list[str]
    frequency: Literal["quarter", "year"] = "quarter"
    numerator: Text | None = None
    denominator: Text | None = None
    covers: list[str] = []
    ratio: Ratio | None = None
    per: Per | None = None
    profile: Profile | None = None
    cumulative_since: int | None = None
    set_by: str | None = None
    holds_until_changed: bool = False

    @model_validator(mode="after")
    def _sense_of_cells(self) -> Indicator:
        wrong = (Operator.LT, Operator.LE) if self.better == "higher" else (Operator.GT, Operator.GE)
        for cell in self.targets.values():
            if cell.operator in wrong and not cell.plain:
                allowed = "<5 须配 better: lower,>30、全覆盖 须配 better: higher"
                raise NotAllowedError(f"「{cell.text}」与 better: {self.better} 相反", allowed)
        if self.better == "lower":
            for year, cell in self.targets.items():
                if cell.plain:
                    self.targets[year] = replace(cell, operator=Operator.LE)
        return self

    @property
    def direction(self) -> int:
        """Return +1 where higher is better, −1 where lower is."""
        return 1 if self.better == "higher" else -1

    def same_unit(self, year: int) -> bool:
        """Return whether the year's target counts in the row's unit: full coverage needs a row in per cent."""
        return not self.targets[year].full_coverage or self.unit == "%"

    def numeric_target(self, year: int) -> float:
        """Return the year's target [the row's unit]; NaN where the cell holds no number in that unit."""
        value = self.targets[year].value
        return nan if value is None or not self.same_unit(year) else value


class Wording(Strict):
    """The same thing named in two ways."""

    table: str
    text: str


class Commitment(Strict):
    """A target that stands only in the text."""

    id: str
    task: str
    name: Text
    measure: Literal["sum_of_years", "level"]
    year: int
    text: str
    unit: str
    reference: str
    indicator: str | None = None
    covers: list[str] = []
    wording: Wording | None = None

    @model_validator(mode="after")
    def _known_cell(self) -> Commitment:
        parse_target(self.text)
        return self

    @property
    def target(self) -> Target:
        """The cell read by the grammar."""
        return parse_target(self.text)


class Task(Strict):
    """One of the plan's tasks; units as printed, the first-named leads."""

    section: str
    name: str
    en: str
    lead: str
    supporting: list[str]
    note: str = ""


class Unit(Strict):
    """A department or body, its English name, and the ways it is printed."""

    name: str
    printed: list[str]
    en: str = ""


class Source(Strict):
    """A platform or department that holds figures."""

    name: str
    kind: Literal["platform", "department"]
    reference: str
    note: str = ""


class Series(Strict):
    """A series that is no target but that calculations use."""

    id: str
    name: Text
    unit: str
    decimals: int = Field(ge=0, le=4)


def _keyed(name: str) -> BeforeValidator:
    """Turn a list of entries into a dict by one of their fields; refuse an entry that comes twice."""

    def by_name(entries: Any) -> Any:
        if not isinstance(entries, list) or not all(isinstance(e, dict) for e in entries):
            raise NotAllowedError("不是列表", "每项以「- 」开头的列表")
        absent = next((n for n, e in enumerate(entries, 1) if not isinstance(e.get(name), str)), None)
        if absent is not None:
            raise NotAllowedError(f"第 {absent} 项没有文本形式的 {name}", f"每项都有 {name}")
        twice = [key for key, count in Counter(e[name] for e in entries).items() if count > 1]
        if twice:
            raise NotAllowedError(f"{name}「{'」「'.join(twice)}」重复", f"每个 {name} 只出现一次")
        return {entry[name]: entry for entry in entries}

    return BeforeValidator(by_name)


class Plan(Strict):
    """A published plan. Indicators, commitments and series by ``id``; tasks, units and sources by name."""

    id: str
    title: Text
    region: str
    published: dt.date
    source: str
    baseline_year: int
    first_year: int
    last_year: int
    indicators: Annotated[dict[str, Indicator], _keyed("id")]
    commitments: Annotated[dict[str, Commitment], _keyed("id")]
    tasks: Annotated[dict[str, Task], _keyed("name")]
    units: Annotated[dict[str, Unit], _keyed("name")]
    sources: Annotated[dict[str, Source], _keyed("name")]
    series: Annotated[dict[str, Series], _keyed("id")] = {}

    @property
    def years(self) -> range:
        """The years that have targets."""
        return range(self.first_year, self.last_year + 1)

    @property
    def measurable(self) -> dict[str, Indicator | Commitment | Series]:
        """Everything that the ledger may hold figures of, by id: a commitment only where no indicator carries it."""
        alone = {id: c for id, c in self.commitments.items() if c.indicator is None}
        return {**self.indicators, **alone, **self.series}

    def unit_named(self, printed: str) -> str:
        """Return the proper name of a unit from the way it is printed."""
        return next(unit.name for unit in self.units.values() if printed in unit.printed)

    def unit_spoken(self, name: str) -> str:
        """Return a unit's name in the language being spoken; as it is where the plan has no other."""
        unit = self.units.get(name)
        return unit.en if spoken() != "zh" and unit is not None and unit.en else name

    def lead_unit(self, indicator: str) -> str:
        """Return the lead unit （牵头单位） of an indicator or commitment, by its proper name."""
        entry = self.indicators.get(indicator) or self.commitments[indicator]
        return self.unit_named(self.tasks[entry.task].lead)

    def supporting_units(self, indicator: str) -> list[str]:
        """Return the supporting units （配合单位） of an indicator or commitment, by their proper names."""
        entry = self.indicators.get(indicator) or self.commitments[indicator]
        return [self.unit_named(printed) for printed in self.tasks[entry.task].supporting]

    def findings(self) -> list[Finding]:
        """Return what in the document does or does not add up, computed from its cells."""
        from laoyou.findings import find

        return find(self)


def load_plan(path: str | Path | None = None, *, data: str = "data") -> Plan:
    """Load and check a plan file.

    Parameters
    ----------
    path : the file; the one in the workspace's data folder if not given
    data : the data folder, relative to the workspace

    Raises
    ------
    PlanError
        With every problem found, each with line, path, value and what is allowed.
    """
    if path is None:
        workspace = find_workspace(data)
        file = workspace.plan_file()
        shown = workspace.relative(file)
    else:
        file, shown = Path(path), Path(path).as_posix()
    plan, node = load_model(file, shown, Plan, PlanError)
    problems = list(cross_check(plan, node))
    if problems:
        raise PlanError(shown, problems)
    return plan
