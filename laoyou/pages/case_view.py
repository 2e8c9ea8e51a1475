"""The cases behind one indicator of a page: their records, how they are looked at, and which groups may be shown."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import pandas as pd

from laoyou.cases.backlog import flows
from laoyou.cases.durations import Comparison, compare, group_sizes, spells
from laoyou.cases.records import case_rate, case_rate_by
from laoyou.cases.suppression import OTHER, merged
from laoyou.cases.survival import Curve, kaplan_meier
from laoyou.formats import measured, number, percent
from laoyou.intake.case_figures import givers_of
from laoyou.intake.mappings import Named, load_mappings
from laoyou.language import Words, listed, mark, spoken, tr
from laoyou.markup import Html, details, element, escape, listing, plain, table
from laoyou.pages.case_records import CaseRecords, case_records
from laoyou.rules import CaseRate
from laoyou.view import View

NO_CASES = Words(
    {
        "not_counted": mark("没有平台按个案给出这项指标，这里没有内容。"),
        "other_region": mark("个案只按规划所在地区统计。"),
        "part": mark("个案的时长和进出只在全区一级分析：街道（乡镇）件数太少，逐季列出会露出个别案件。"),
        "no_region": mark("有的平台没有写明个案属于哪个街道（乡镇）。"),
        "quarter_not_over": mark("这一季到数据截止日还没有结束。"),
        "no_records": mark("还没有录入个案明细：用 laoyou intake 录入平台导出。"),
    }
)
GROUPS = Words({"industry": mark("行业"), "region": mark("街道（乡镇）")})


@dataclass(frozen=True)
class Cases:
    """The cases of a page's indicator with the rules they are looked at by.

    Parameters
    ----------
    view : the page
    id : an indicator of the plan, a rate that platforms give by cases
    """

    view: View
    id: str

    @cached_property
    def records(self) -> CaseRecords:
        """The records."""
        return case_records(self.view, self.id)

    @property
    def missing(self) -> str:
        """Why there is nothing to show; empty where there is."""
        reason = self.records.reason
        if not reason and self.view.region.code != self.view.plan.region:
            reason = "part"
        if reason == "not_exported":
            return tr("缺少季末以后导出的个案：{platforms}", platforms=listed(self.records.absent))
        return NO_CASES[reason] if reason else ""

    @property
    def definition(self) -> CaseRate:
        """How the rate is counted."""
        return self.view.rules.cases[self.id]

    @property
    def source(self) -> str:
        """Where the cases come from."""
        return tr("{platforms}的个案明细", platforms=listed(self.records.platforms))

    @cached_property
    def told_from(self) -> pd.Period:
        """The first quarter in which a case was closed; the list may lack what was closed before. The page's own if none was."""
        first = self.records.table["closed"].min()
        quarter = self.view.quarter
        return quarter if pd.isna(first) else min(first.to_period("Q-DEC"), quarter)

    @property
    def tells_last_year(self) -> bool:
        """Whether the list reaches back to the beginning of last year."""
        return bool(self.told_from <= pd.Period(year=self.view.year - 1, quarter=1, freq="Q-DEC"))

    @cached_property
    def flows(self) -> pd.DataFrame:
        """What came in and went out in each quarter, from the plan's first or the first that the list tells of."""
        first = pd.Period(year=self.view.plan.first_year, quarter=1, freq="Q-DEC")
        quarters = pd.period_range(max(first, self.told_from), self.view.quarter, freq="Q-DEC")
        return flows(self.records.table, self.definition, list(quarters))

    def counted(self, quarter: pd.Period) -> tuple[int, int]:
        """Return the rate's numerator and denominator at a quarter's end [cases]."""
        rows = case_rate(self.records.table, self.definition, quarter)
        return int(rows["numerator"].sum()), int(rows["denominator"].sum())

    @cached_property
    def followed(self) -> pd.DataFrame:
        """The cases whose time to resolution is looked at."""
        years = self.view.rules.arrears.cohort_years
        return spells(self.records.table, self.definition, self.view.quarter, years)

    @property
    def since(self) -> str:
        """The first day on which those cases may have been opened (ISO date)."""
        return f"{self.view.year - self.view.rules.arrears.cohort_years + 1}-01-01"

    @cached_property
    def whole(self) -> Curve:
        """Their time to resolution."""
        return kaplan_meier(
            self.followed["days"], self.followed["event"], self.view.rules.arrears.interval_level
        )

    def rates(self, column: str) -> tuple[pd.DataFrame, pd.DataFrame]:
        """Return the rate's numerator and denominator by group, a year ago and now [cases]."""
        before, now = (
            case_rate_by(self.records.table, self.definition, quarter, column)
            for quarter in (self.view.quarter - 4, self.view.quarter)
        )
        return before, now

    def shown_as(self, column: str) -> dict[str, str]:
        """Return under which word each group is shown, everywhere on the page.

        Parameters
        ----------
        column : whose words make the groups

        Notes
        -----
        A group too small in one table is merged in all, and so is a township withheld in the ledger: what one
        table keeps back could else be had from the others.
        """
        before, now = self.rates(column)
        told = [group_sizes(self.followed, column), now, *([before] if self.tells_last_year else [])]
        counts = pd.concat(told, axis=1).fillna(0)
        withheld = set(self.townships.index[self.townships["suppressed"]]) if column == "region" else set()
        return merged(counts, self.view.rules.suppression.below, withheld)

    def compared(self, column: str) -> Comparison:
        """Return how long the cases of each group take."""
        return compare(self.followed, column, self.shown_as(column), self.view.rules.arrears.interval_level)

    @cached_property
    def townships(self) -> pd.DataFrame:
        """The townships' figures of the quarter as the ledger has them: counts, ``suppressed``, ``status``, ``source``.

        Sample figures never stand beside a real one of the region, nor real ones beside its sample.
        """
        view = self.view
        parts = [code for code, region in view.regions.items() if region.parent == view.region.code]
        rows = view.observations
        ours = (rows["indicator"] == self.id) & (rows["period"] == str(view.quarter))
        alike = (rows["status"] == "sample") == (self.id in view.sample_indicators)
        rows = rows[ours & alike & rows["region"].isin(parts)].set_index("region")
        columns = rows[["numerator", "denominator", "status", "source"]]
        return columns.assign(suppressed=rows["missing"] == "suppressed").reindex(
            [code for code in parts if code in rows.index]
        )

    def words(self, column: str) -> dict[str, str]:
        """Return how our words of a column are said: as the platforms do, in their language; else as ours read."""
        known = {}
        for giver in givers_of(self.id, self._mappings):
            for theirs, ours in giver.named.mapping.words.get(column, {}).items():
                known[ours] = theirs if spoken() == "zh" else ours.replace("_", " ")
        if column == "region":
            known |= {code: region.short for code, region in self.view.regions.items()}
        return {OTHER: tr("其他")} | known

    @cached_property
    def _mappings(self) -> dict[str, Named]:
        return load_mappings(self.view.workspace, self.view.plan, self.view.regions, self.view.rules)

    def table(
        self, caption: str, columns: Sequence[str], rows: Iterable[Sequence[str]], numeric: Iterable[int]
    ) -> str:
        """Return a table of texts as markup, marked where the records are sample records."""
        marked = tr("{caption}（演示数据）", caption=caption) if self.records.sample else caption
        cells = [[escape(text) for text in row] for row in rows]
        return table(marked, columns, cells, numeric=numeric)

    def merged_words(self, column: str, shown_as: Mapping[str, str]) -> str:
        """Return which groups are shown together, as a sentence; empty where none are."""
        words = self.words(column)
        small = [words.get(group, group) for group, shown in sorted(shown_as.items()) if shown != group]
        if not small:
            return ""
        return tr(
            "{groups}合并为“其他”：件数少，单列会露出个别案件，或使别处不公布的数减得出来。",
            groups=listed(small),
        )


def disagreement(cases: Cases) -> str:
    """Return that the cases do not make up the rate that the ledger holds, as a sentence; empty where they do."""
    row, indicator = cases.view.score(cases.id), cases.view.plan.indicators[cases.id]
    counted, due = cases.counted(cases.view.quarter)
    if math.isnan(row.value) or not due:
        return ""
    told = not math.isnan(row.numerator + row.denominator)
    apart = abs(100 * counted / due - row.value) > cases.view.rules.ledger.rate_rounding
    if (counted, due) == (row.numerator, row.denominator) if told else not apart:
        return ""
    value, name = measured(row.value, "%", indicator.decimals), indicator.name.spoken
    if told:
        cases_of = {"numerator": number(row.numerator), "denominator": number(row.denominator)}
        ledger = tr(
            "台账里的{name}是 {value}（{numerator}/{denominator}）", name=name, value=value, **cases_of
        )
    else:
        ledger = tr("台账里的{name}是 {value}", name=name, value=value)
    return tr(
        "{ledger}，由个案明细数出来是 {rate}（{resolved}/{due}），两者不一致，须先核对："
        "进度、展望和街道（乡镇）比较用台账的数，时长、积压和同比用个案明细。",
        ledger=ledger,
        rate=percent(counted / due, indicator.decimals),
        resolved=number(counted),
        due=number(due),
    )


def sentences(*said: str) -> str:
    """Return sentences one after the other, empty ones left out."""
    return tr("{first}{then}", first="", then="").join(text for text in said if text)


def said(text: str, class_: str | None = None) -> str:
    """Return a text as a paragraph of markup."""
    return element("p", escape(text), class_=class_)


def shown(*parts: str) -> Html:
    """Return parts of markup as a part of a page."""
    markup = "".join(parts)
    return Html(markup, plain(markup))


def explained(summary: str, *lines: str) -> str:
    """Return how numbers are made, folded, as markup."""
    return details(summary, listing([line for line in lines if line]))
