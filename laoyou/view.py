"""What one page is about: a region in a quarter, as known on a date."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, NamedTuple

import pandas as pd

from laoyou.assessment import assess
from laoyou.errors import ParametersError, Problem, did_you_mean, one_of
from laoyou.goals import Goals, read_goals
from laoyou.language import LANGUAGES, mark, speak
from laoyou.ledger.observations import Known, read_known
from laoyou.outlooks.backtest import own_record
from laoyou.outlooks.outlook import fan, outlook
from laoyou.panel import Panel, build_panel
from laoyou.periods import parse_quarter, period_label
from laoyou.plan import Commitment, Indicator, Plan, Series, load_plan
from laoyou.regions import Region, load_regions
from laoyou.rules import Rules, load_rules
from laoyou.seasonal import profiles
from laoyou.workspace import Workspace, find_workspace


class Point(NamedTuple):
    """One quarter's figure of a series: the ledger's row, as far as pages show it."""

    quarter: pd.Period
    value: float
    numerator: float
    denominator: float
    status: str
    missing: str
    series_break: str
    revision: int
    first_value: float
    source: str
    note: str
    corrected: bool

    @property
    def known(self) -> bool:
        """Whether there is a figure."""
        return not math.isnan(self.value)


@dataclass(frozen=True)
class View:
    """The plan, the figures known and the verdicts for one region and quarter.

    Parameters
    ----------
    workspace : where the files are
    plan, rules, regions : what the figures are judged by
    known : what is known on ``as_of``
    observations : the latest figure of each cell, as ``load_observations`` returns them
    region : the region reported on
    quarter : the quarter reported on
    as_of : the last day of knowledge; empty for everything in the ledger
    lang : the language of the page: a key of ``LANGUAGES``
    """

    workspace: Workspace
    plan: Plan
    rules: Rules
    regions: dict[str, Region]
    known: Known
    observations: pd.DataFrame
    region: Region
    quarter: pd.Period
    as_of: str
    lang: str = "zh"

    @cached_property
    def scores(self) -> pd.DataFrame:
        """The assessment of the quarter, by indicator."""
        scores = assess(
            self.plan, self.observations, self.quarter, regions=self.region.code, rules=self.rules
        )
        return scores.set_index("indicator", drop=False)

    @cached_property
    def outlooks(self) -> pd.DataFrame:
        """How likely the targets are to be met, by indicator."""
        found = outlook(
            self.plan, self.observations, self.quarter, regions=self.region.code, rules=self.rules
        )
        return found.set_index("indicator", drop=False)

    def records(self, ids: Sequence[str]) -> dict[str, Any]:
        """Return how some rows' own earlier outlooks have turned out, in their order; columns are attributes."""
        found = own_record(
            self.plan, self.observations, self.quarter,
            region=self.region.code, rules=self.rules, indicators=ids,
        )  # fmt: skip
        rows = {str(row.indicator): row for row in found.itertuples(index=False)}
        return {id: rows[id] for id in ids}

    def fan(self, id: str) -> pd.DataFrame:
        """Return the quantiles of an indicator's later quarters, as a fan chart draws them."""
        return fan(self.plan, self.observations, self.quarter, id, region=self.region.code, rules=self.rules)

    @cached_property
    def previous(self) -> View | None:
        """The quarter before, from the same figures; None before the plan's first quarter."""
        before = self.quarter - 1
        return replace(self, quarter=before) if before.year in self.plan.years else None

    def score(self, id: str) -> Any:
        """Return the assessment's row of one indicator; its columns are attributes."""
        return self._score_rows[id]

    @cached_property
    def _score_rows(self) -> dict[str, Any]:
        return {str(id): row for id, row in self.scores.iterrows()}

    @property
    def year(self) -> int:
        """The year of the quarter."""
        return int(self.quarter.year)

    @property
    def label(self) -> str:
        """The quarter in words."""
        return period_label(self.quarter)

    @cached_property
    def cut_off(self) -> str:
        """The day of the latest figure that the page rests on (ISO date)."""
        # What is no quarter's figure belongs to the end of its year.
        ordinal = self.observations["year"] * 4 + self.observations["quarter"].replace(0, 4)
        past = ordinal <= self.year * 4 + self.quarter.quarter
        latest = self.observations.loc[past, "reported_on"].max()
        return "" if pd.isna(latest) else str(latest.date())

    @cached_property
    def sample_indicators(self) -> frozenset[str]:
        """The measurable ids whose figures for this region are sample figures."""
        ours = self.observations[self.observations["region"] == self.region.code]
        return frozenset(ours.loc[ours["status"] == "sample", "indicator"])

    def fingerprints(self) -> dict[str, str]:
        """Return what the page rests on and the first twelve digits of its SHA-256.

        The ledger's is taken over what is known on ``as_of``, so that rows added later do not change it.
        """
        return {
            mark("规划文件"): _digest(self.workspace.plan_file().read_bytes()),
            mark("判定规则"): _digest(self.workspace.rules_file.read_bytes()),
            mark("台账"): self.known.digest[:12],
        }

    def entry(self, id: str) -> Indicator | Commitment | Series:
        """Return the plan's entry of a measurable id."""
        return self.plan.measurable[id]

    def planned(self, ids: Sequence[str]) -> tuple[str, ...]:
        """Return those of some ids that are indicators of this plan; all of them if none is named."""
        return tuple(id for id in (ids or self.plan.indicators) if id in self.plan.indicators)

    def shares(self, id: str, year: int) -> list[float]:
        """Return the shares of a year due by each quarter's end, from what the years before it show [1].

        Parameters
        ----------
        id : an indicator
        year : of the plan
        """
        found = profiles(*self._figures, self.rules.outlook, year).shares
        return [float(share) for share in found[0, list(self.plan.indicators).index(id)]]

    @cached_property
    def _figures(self) -> tuple[Panel, Goals]:
        panel = build_panel(self.plan, self.observations, self.quarter, [self.region.code])
        return panel, read_goals(self.plan, self.quarter, self.rules)

    def points(self, id: str, region: str | None = None) -> list[Point]:
        """Return one series up to the quarter, oldest first.

        Parameters
        ----------
        id : a measurable id
        region : a region code; this region, or the one that sets the figure for it, if not given
        """
        indicator = self.plan.indicators.get(id)
        place = region or (indicator.set_by if indicator and indicator.set_by else self.region.code)
        # A year's figure is its last quarter's, as it is judged; the mean of a survey rate is none.
        used = ["year", "quarter"] if indicator and indicator.kind != "survey_rate" else ["quarter"]
        if (place, id) not in self._points:
            self._points[place, id] = self._read_points(place, id, used)
        return list(self._points[place, id])

    @cached_property
    def _points(self) -> dict[tuple[str, str], list[Point]]:
        return {}

    def _read_points(self, place: str, id: str, used: Sequence[str]) -> list[Point]:
        rows = self._series(place, id)
        rows = rows[rows["frequency"].isin(used)]
        rows = rows.sort_values(
            "frequency", kind="stable"
        )  # where a quarter and its year have one, the quarter's
        points: dict[pd.Period, Point] = {}
        for year, number, *figure in rows[["year", "quarter", *Point._fields[1:]]].itertuples(index=False):
            quarter = pd.Period(year=year, quarter=number or 4, freq="Q-DEC")
            point = Point(quarter, *figure)
            if quarter not in points or (point.known and not points[quarter].known):
                points[quarter] = point
        return [points[quarter] for quarter in sorted(points) if quarter <= self.quarter]

    def _series(self, region: str, id: str) -> pd.DataFrame:
        """Return the rows of one series."""
        rows: pd.DataFrame = self.observations.iloc[self._positions.get((region, id), [])]
        return rows

    @cached_property
    def _positions(self) -> dict[Any, Any]:
        return self.observations.groupby(["region", "indicator"], sort=False, observed=True).indices

    def yearly(self, id: str, region: str) -> dict[int, float]:
        """Return a region's yearly figures of the years that are over, by year [the row's unit]."""
        rows = self._years_over(id, region)
        return dict(zip(rows["year"].tolist(), rows["value"].tolist(), strict=True))

    def yearly_sources(self, id: str, region: str) -> list[str]:
        """Return where a region's yearly figures come from, oldest first."""
        return list(self._years_over(id, region)["source"])

    def _years_over(self, id: str, region: str) -> pd.DataFrame:
        rows = self._series(region, id)
        rows = rows[rows["frequency"] == "year"]
        return rows[rows["year"] < self.year + (self.quarter.quarter == 4)].sort_values("year")


def _digest(content: bytes) -> str:
    """Return a fingerprint that does not depend on how a checkout ends its lines."""
    return hashlib.sha256(content.replace(b"\r\n", b"\n")).hexdigest()[:12]


def open_view(*, region: str, quarter: str, as_of: str = "", data: str = "data", lang: str = "zh") -> View:
    """Gather what a page needs, and speak its language from now on.

    Parameters
    ----------
    region : GB/T 2260 code, such as ``"330305"``
    quarter : such as ``"2026Q3"``
    as_of : the last day of knowledge (ISO date); everything if empty
    data : the data folder, relative to the workspace
    lang : the language of the page, ``zh`` or ``en``

    Raises
    ------
    LaoyouError
        If a parameter, the plan, the ledger or the rules cannot be accepted.
    """
    if lang not in LANGUAGES:
        raise ParametersError(
            "参数 lang",
            Problem("lang", f"「{lang}」不是报告的语言", one_of(LANGUAGES), did_you_mean(lang, LANGUAGES)),
        )
    speak(lang)
    workspace = find_workspace(data)
    plan, rules, regions = load_plan(data=data), load_rules(), load_regions(workspace)
    if region not in regions:
        raise ParametersError(
            "参数 region",
            Problem("region", f"「{region}」不在地区表里", one_of(regions), did_you_mean(region, regions)),
        )
    try:
        period = parse_quarter(quarter)
    except ValueError as cause:
        raise ParametersError("参数 quarter", Problem("quarter", str(cause))) from None
    if period.year not in plan.years:
        span = f"{plan.first_year}Q1—{plan.last_year}Q4"
        raise ParametersError("参数 quarter", Problem("quarter", f"「{quarter}」不在规划期内", span))
    known = read_known(workspace, plan, rules, as_of)
    return View(
        workspace, plan, rules, regions, known, known.observations, regions[region], period, as_of, lang
    )
