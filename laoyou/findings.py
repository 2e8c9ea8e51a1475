"""What in a plan document does or does not add up, computed from its cells and declared relations.

In ``figures``, a key that is a year, such as ``"2023"``, holds that year's entry; numbers are in the unit of
the row (the first of ``indicators``) unless the table says otherwise; printed cells keep their text.

======================  ====================================================================================
code                    keys of ``figures``
======================  ====================================================================================
baseline_magnitude      year; printed, alternative; ratio [unit of the second row]; denominator (id of what is
                        implied); implied_printed, implied_alternative; first_year, implied_first_year
baseline_suspect        year; text (a doubtful baseline that no ratio explains)
implied_denominator     one key per year; falls, steps [number of steps between years]; denominator (id)
ratio_of_rows           one key per year: the ratio worked out; largest_gap, tolerance
cumulative_before_plan  since, first_year, last_year; years [number counted]; outside (counted before the
                        plan), within, total; smallest_step, largest_step
baseline_meets_target   count, of [number of indicators]; baseline_year, year; one key per indicator id: last
                        target less baseline [that row's unit]
targets_below_baseline  the same, of rows where higher is better; the last target is the last one in the unit
targets_above_baseline  the same, of rows where lower is better
unit_change             year; text (its cell); unit (the row's); before (the last cell in that unit)
covers_differ           commitment (id); table_groups, text_groups [number of groups]; table, text (the groups)
wording_differs         commitment (id); table, text
set_by_other_level      set_by, region (codes)
no_official_tolerance   cells [number of cells]; one key per such year: the cell
commitment_sum          commitment (id), year; stated, computed; years [number added]; one key per year added;
                        where there is a baseline: baseline, with_baseline
commitment_level        commitment (id), year; text, table (cells); difference (text less table)
commitment_bound        commitment (id), year; text, table (cells); comparison: the text's wording is
                        ``stricter`` or ``looser`` at the same number
======================  ====================================================================================
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise
from math import isfinite, log10, nan

from laoyou.attainment import margin, meets
from laoyou.plan import Commitment, Indicator, Plan
from laoyou.targets import Operator, Target

RATIO_TOLERANCE = 0.01  # [the ratio's unit]: parts in whole people can miss a printed ratio by this much
MAGNITUDE_FIT = 0.1  # [1]: neighbouring years differ by far less than a tenth, a lost digit by far more
DECIMALS = 9  # binary rounding never decides a verdict


@dataclass(frozen=True)
class Finding:
    """One thing that adds up, or does not.

    Parameters
    ----------
    code : which check found it, see the module's table
    indicators : ids of the indicators concerned
    rows : their rows in the printed table, one for each of ``indicators``
    holds : True for a consistency that holds, False for something that does not add up
    figures : the numbers and texts behind it; keys and units by code in the module's table
    """

    code: str
    indicators: tuple[str, ...]
    rows: tuple[str, ...]
    holds: bool
    figures: Mapping[str, float | str]


def find(plan: Plan) -> list[Finding]:
    """Return everything that the checks find in a plan, in the order of ``CHECKS``."""
    return [finding for check in CHECKS for finding in check(plan)]


def doubtful_baselines(plan: Plan) -> Iterator[Finding]:
    """Yield the baselines whose magnitude does not fit, then the others marked doubtful."""
    misfits = [finding for parts in _ratios(plan) for finding in _misfit(plan, *parts)]
    yield from misfits
    explained = {finding.indicators[0] for finding in misfits}
    for id, row in plan.indicators.items():
        if row.baseline.suspect and id not in explained:
            cell = row.baseline
            yield _finding(plan, "baseline_suspect", [id], False, year=cell.year, text=cell.text)


def _misfit(plan: Plan, share: Indicator, row: Indicator, denominator: str) -> Iterator[Finding]:
    """Yield a finding if only a power of ten makes the numerator's baseline fit the plan's first year."""
    year, printed, ratio = plan.first_year, row.baseline.value or nan, _baseline(share)
    implied = _third(share, printed, ratio)
    first = _third(share, row.numeric_target(year), share.numeric_target(year))
    if not (implied > 0 and first > 0):
        return
    factor = 10.0 ** round(log10(first / implied))
    if factor != 1 and round(abs(implied * factor / first - 1), DECIMALS) <= MAGNITUDE_FIT:
        readings = {"printed": printed, "alternative": printed * factor, "ratio": ratio}
        years = {"year": row.baseline.year, "first_year": year, "implied_first_year": first}
        both = {"implied_printed": implied, "implied_alternative": implied * factor}
        figures, ids = {**readings, **both, **years}, [row.id, share.id]
        yield _finding(plan, "baseline_magnitude", ids, False, denominator=denominator, **figures)


def implied_denominators(plan: Plan) -> Iterator[Finding]:
    """Yield the denominators that a ratio and its numerator imply; they fit unless they fall every year."""
    for share, row, denominator in _ratios(plan):
        top, bottom = _series(plan, row), _series(plan, share)
        implied = {year: _third(share, top[year], bottom[year]) for year in top if bottom.get(year)}
        steps = [later - earlier for earlier, later in pairwise(implied.values())]
        if steps and denominator not in plan.indicators:
            falls = sum(step < 0 for step in steps)
            figures = {**implied, "falls": falls, "steps": len(steps)}
            ids, holds = [row.id, share.id], falls < len(steps)
            yield _finding(plan, "implied_denominator", ids, holds, denominator=denominator, **figures)


def ratios_of_rows(plan: Plan) -> Iterator[Finding]:
    """Yield the ratio rows whose two parts are rows too, worked out for each year."""
    for share, row, denominator in _ratios(plan):
        below = plan.indicators.get(denominator)
        top, bottom = _series(plan, row), _series(plan, below) if below else {}
        printed = {y: ratio for y, ratio in _series(plan, share).items() if y in top and bottom.get(y)}
        ratios = {year: _third(share, top[year], bottom[year]) for year in printed}
        if ratios:
            gap = max(round(abs(ratios[year] - printed[year]), DECIMALS) for year in printed)
            figures = {**ratios, "largest_gap": gap, "tolerance": RATIO_TOLERANCE}
            ids = [share.id, row.id, denominator]
            yield _finding(plan, "ratio_of_rows", ids, gap <= RATIO_TOLERANCE, **figures)


def cumulative_before_plan(plan: Plan) -> Iterator[Finding]:
    """Yield the cumulative rows that count from before the plan's first year."""
    for id, row in plan.indicators.items():
        since, total, outside = row.cumulative_since, row.numeric_target(plan.last_year), _baseline(row)
        if since is None or since >= plan.first_year or not isfinite(total):
            continue
        steps = [b - a for a, b in pairwise([outside, *_series(plan, row).values()]) if isfinite(b - a)]
        span = {"since": since, "first_year": plan.first_year, "last_year": plan.last_year}
        counted = plan.last_year - since + 1
        parts = {"outside": outside, "within": total - outside, "total": total}
        pace = {"smallest_step": min(steps, default=nan), "largest_step": max(steps, default=nan)}
        yield _finding(plan, "cumulative_before_plan", [id], False, years=counted, **span, **parts, **pace)


def baselines_that_meet_the_last_target(plan: Plan) -> Iterator[Finding]:
    """Yield, as one finding, the rows that had reached their last target before the plan began."""
    changes = {}
    for id, row in plan.indicators.items():
        before, last = _baseline(row), row.numeric_target(plan.last_year)
        # 左右 has no official tolerance: a baseline meets it here only if it needs none.
        if meets(before, row.targets[plan.last_year].operator, last, about_tolerance=0.0):
            changes[id] = last - before
    yield from _together(plan, "baseline_meets_target", changes)


def targets_worse_than_the_baseline(plan: Plan) -> Iterator[Finding]:
    """Yield, one finding for each direction, the rows whose last number asks for less than the baseline."""
    for better, code in (("higher", "targets_below_baseline"), ("lower", "targets_above_baseline")):
        changes = {}
        for id, row in plan.indicators.items():
            before, last = _baseline(row), next(reversed(_series(plan, row).values()), nan)
            if row.better == better and margin(before, last, row.direction) > 0:
                changes[id] = last - before
        yield from _together(plan, code, changes)


def unit_changes(plan: Plan) -> Iterator[Finding]:
    """Yield the cells that count something else than the cells before them in the row."""
    for id, row in plan.indicators.items():
        before = ""
        for year in plan.years:
            if row.same_unit(year):
                before = row.targets[year].text
            elif before:
                cells = {"text": row.targets[year].text, "unit": row.unit, "before": before}
                yield _finding(plan, "unit_change", [id], False, year=year, **cells)


def table_against_text(plan: Plan) -> Iterator[Finding]:
    """Yield the rows that the document's text narrows, widens or names differently."""
    for promise, row in _carried(plan):
        if row.covers and promise.covers and set(row.covers) != set(promise.covers):
            said = {"table": "、".join(row.covers), "text": "、".join(promise.covers)}
            groups = {"table_groups": len(row.covers), "text_groups": len(promise.covers)}
            yield _finding(plan, "covers_differ", [row.id], False, commitment=promise.id, **groups, **said)
        if promise.wording and promise.wording.table != promise.wording.text:
            said = {"table": promise.wording.table, "text": promise.wording.text}
            yield _finding(plan, "wording_differs", [row.id], False, commitment=promise.id, **said)


def set_by_another_level(plan: Plan) -> Iterator[Finding]:
    """Yield the rows whose figure is set by another level of government."""
    for id, row in plan.indicators.items():
        if row.set_by and row.set_by != plan.region:
            yield _finding(plan, "set_by_other_level", [id], False, set_by=row.set_by, region=plan.region)


def targets_without_tolerance(plan: Plan) -> Iterator[Finding]:
    """Yield the rows with 左右 cells, for which the document states no tolerance."""
    for id, row in plan.indicators.items():
        about = {str(y): row.targets[y].text for y in plan.years if row.targets[y].operator is Operator.ABOUT}
        if about:
            yield _finding(plan, "no_official_tolerance", [id], False, cells=len(about), **about)


def sums_against_text(plan: Plan) -> Iterator[Finding]:
    """Yield the totals that the text promises, against the sum of the yearly targets."""
    for promise, row in _carried(plan):
        targets = {str(year): row.numeric_target(year) for year in plan.years if year <= promise.year}
        computed, before = sum(targets.values()), _baseline(row)
        gap = _gap(promise, row, computed)
        if promise.measure == "sum_of_years" and isfinite(gap):
            outside = {"baseline": before, "with_baseline": computed + before} if isfinite(before) else {}
            totals = {"stated": computed + gap, "computed": computed, "years": len(targets)}
            figures = {"year": promise.year, **totals, **targets, **outside}
            yield _finding(plan, "commitment_sum", [row.id], gap == 0, commitment=promise.id, **figures)


def levels_against_text(plan: Plan) -> Iterator[Finding]:
    """Yield the levels that the text promises, against the table's cell; then a bound worded differently."""
    for promise, row in _carried(plan):
        year, cell = promise.year, row.targets[promise.year]
        gap = _gap(promise, row, row.numeric_target(year))
        if promise.measure != "level" or not isfinite(gap):
            continue
        said = {"commitment": promise.id, "text": promise.text, "table": cell.text}
        yield _finding(plan, "commitment_level", [row.id], gap == 0, year=year, difference=gap, **said)
        firmer = _firmness(promise.target) - _firmness(cell)
        if gap == 0 and firmer:
            said["comparison"] = "stricter" if firmer > 0 else "looser"
            yield _finding(plan, "commitment_bound", [row.id], False, year=year, **said)


CHECKS: tuple[Callable[[Plan], Iterator[Finding]], ...] = (
    doubtful_baselines,
    implied_denominators,
    ratios_of_rows,
    cumulative_before_plan,
    baselines_that_meet_the_last_target,
    targets_worse_than_the_baseline,
    unit_changes,
    table_against_text,
    set_by_another_level,
    targets_without_tolerance,
    sums_against_text,
    levels_against_text,
)


def _finding(plan: Plan, code: str, ids: list[str], holds: bool, /, **figures: float | str) -> Finding:
    return Finding(code, tuple(ids), tuple(plan.indicators[id].row for id in ids), holds, figures)


def _together(plan: Plan, code: str, changes: Mapping[str, float]) -> Iterator[Finding]:
    """Yield one finding for several rows; ``changes`` is each one's last target less its baseline."""
    if changes:
        counts = {"count": len(changes), "of": len(plan.indicators)}
        years = {"baseline_year": plan.baseline_year, "year": plan.last_year}
        exact = {id: round(change, DECIMALS) for id, change in changes.items()}
        yield _finding(plan, code, list(changes), False, **{**exact, **counts, **years})


def _ratios(plan: Plan) -> Iterator[tuple[Indicator, Indicator, str]]:
    """Yield each ratio row whose numerator is a row too: the ratio, the numerator, the denominator's id."""
    for share in plan.indicators.values():
        if share.ratio and share.ratio.numerator in plan.indicators:
            yield share, plan.indicators[share.ratio.numerator], share.ratio.denominator


def _carried(plan: Plan) -> list[tuple[Commitment, Indicator]]:
    """Return the text's promises about a row, each with its row."""
    return [(c, plan.indicators[c.indicator]) for c in plan.commitments.values() if c.indicator]


def _third(share: Indicator, numerator: float, other: float) -> float:
    """Return the ratio [its own unit] from both parts, or the denominator from numerator and ratio."""
    return (100.0 if share.unit == "%" else 1.0) * numerator / other if other else nan


def _baseline(row: Indicator) -> float:
    """Return the baseline [the row's unit]; NaN where it is doubtful or no number."""
    value = row.baseline.value
    return nan if value is None or row.baseline.suspect else value


def _series(plan: Plan, row: Indicator) -> dict[str, float]:
    """Return the targets [the row's unit] of the years whose cell is a number in that unit."""
    numbers = {str(year): row.numeric_target(year) for year in plan.years}
    return {year: number for year, number in numbers.items() if isfinite(number)}


def _gap(promise: Commitment, row: Indicator, table: float) -> float:
    """Return the text's number less the table's [the row's unit]; NaN where they cannot be compared."""
    stated = promise.target.value
    return nan if stated is None or promise.unit != row.unit else round(stated - table, DECIMALS)


def _firmness(cell: Target) -> int:
    """Rank how firmly a cell binds: 左右 least, then a bare number, a stated bound, a strict bound."""
    if cell.operator is Operator.ABOUT:
        return 0
    return 1 if cell.plain else 3 if cell.operator.strict else 2
