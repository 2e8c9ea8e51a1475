"""Synthetic figures for a demonstration, plainly marked as such and the same whenever they are made.

They are scaled to the plan's own cells: a year ends at its target times a factor, and a quarter stands where
the season puts it. Only ``random.Random`` is used, whose stream is the same on every machine.
"""

from __future__ import annotations

import csv
import io
import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from statistics import NormalDist

import pandas as pd

from laoyou.intake.sample_records import SAMPLE_ENDS
from laoyou.ledger.file import COLUMNS
from laoyou.plan import Indicator, Plan

SEED = 330305
FIRST = pd.Period("2022Q1", "Q-DEC")
SOURCE = "演示数据（laoyou sample 生成，非真实统计）"
REPORTED_AFTER = pd.Timedelta(days=12)

Row = dict[str, str]


@dataclass(frozen=True)
class Recipe:
    """How one indicator's figures are made.

    Parameters
    ----------
    factors : each year's end as a share of the year's target, or of the baseline in the year before the plan [1]
    shares : how much of the year's count, or of its cases, has come in by each quarter's end [1]
    season : what a rate or level is off its year's end in each quarter [the row's unit]
    cases : a rate's denominator at each year's end [count]
    noise : standard deviation of a quarter [share of the level]
    measured_at : region code of the level measured at; the plan's own region if empty
    """

    factors: Mapping[int, float]
    shares: tuple[float, float, float, float] = (0.25, 0.5, 0.75, 1.0)
    season: tuple[float, float, float, float] = (0.0, 0.0, 0.0, 0.0)
    cases: Mapping[int, int] = field(default_factory=dict)
    noise: float = 0.0
    measured_at: str = ""


def _by_year(*values: float, first: int = 2022) -> dict[int, float]:
    return dict(enumerate(values, first))


def _cases(*values: int) -> dict[int, int]:
    return dict(enumerate(values, 2022))


# Scale and season after what is known of such figures: new jobs front-loaded (59 % by June), closures of
# arbitration low in mid-year and full in December, some twenty placements a quarter.
RECIPES: Mapping[str, Recipe] = {
    "urban_unemployment_rate": Recipe(
        _by_year(1.0, 0.92, 0.9, 0.93, 0.95), season=(0.2, 0.0, -0.1, -0.1), noise=0.008, measured_at="330300"
    ),
    "new_urban_jobs": Recipe(_by_year(1.0, 1.18, 1.1, 1.06, 1.0), shares=(0.28, 0.59, 0.83, 1.0), noise=0.02),
    "key_group_assistance_rate": Recipe(
        _by_year(1.0, 1.0, 0.998, 1.0, 0.994), season=(-1.4, -0.8, -0.3, 0.0), cases=_cases(402, 418, 431, 426, 440)
    ),
    "hard_to_employ_placements": Recipe(
        _by_year(1.0, 1.24, 1.12, 1.03, 0.93), shares=(0.24, 0.49, 0.74, 1.0), noise=0.06
    ),
    "high_value_patents_per_10k": Recipe(_by_year(1.0, 1.03, 0.99, 0.985, 0.97), noise=0.004),
    "training_enrolments_cumulative": Recipe(
        _by_year(1.0, 1.02, 1.015, 1.01, 1.0), shares=(0.2, 0.5, 0.8, 1.0), noise=0.01
    ),
    "skilled_workers": Recipe(_by_year(1.004, 1.002, 0.999, 0.994, first=2023), noise=0.001),
    "highly_skilled_workers": Recipe(_by_year(1.01, 1.0, 0.985, 0.965, first=2023), noise=0.002),
    "wage_bargaining_coverage": Recipe(_by_year(1.12, 1.06, 0.985, 0.95, first=2023), cases=_cases(0, 118, 121, 124, 126)),
    "coordinators_trained": Recipe(_by_year(1.0, 1.2, 0.94, 1.08, 1.05), shares=(0.15, 0.45, 0.77, 1.0), noise=0.04),
    "employment_checkups": Recipe(_by_year(1.0, 1.05, 1.21, 0.9, 1.0), shares=(0.2, 0.45, 0.7, 1.0), noise=0.05),
    "arrears_resolution_rate": Recipe(
        _by_year(1.0, 1.006, 1.0, 0.9965, 0.993),
        shares=(0.3, 0.52, 0.76, 1.0), season=(-5.0, -3.0, -1.0, 0.0), cases=_cases(200, 226, 243, 258, 271),
    ),
    "mediation_success_rate": Recipe(
        _by_year(1.0, 1.24, 1.2, 1.18, 1.19), season=(-2.0, -1.0, 0.5, 0.0), cases=_cases(214, 231, 246, 239, 252), noise=0.01
    ),
    "arbitration_closure_rate": Recipe(
        _by_year(1.0, 1.03, 1.02, 1.015, 1.01),
        shares=(0.34, 0.58, 0.8, 1.0), season=(-36.0, -19.0, -8.0, 0.0), cases=_cases(163, 172, 181, 176, 188), noise=0.008,
    ),
}  # fmt: skip

# What the demonstration must show besides plain figures.
NOT_REPORTED = {("mediation_success_rate", "2024Q3"), ("employment_checkups", "2026Q3")}
NOT_COLLECTED_BEFORE_PLAN = ("skilled_workers", "highly_skilled_workers", "highly_skilled_share_of_skilled")
BREAKS = {("hard_to_employ_placements", "2025Q1"): "浙人社发〔2025〕59号 调整认定口径"}
REVISIONS = {  # first figure as a share of the final one [1], and the day of the correction
    ("new_urban_jobs", "2026Q1"): (1.04, "2026-07-15"),
    ("arrears_resolution_rate", "2025Q4"): (0.995, "2026-04-20"),
}


def sample_figures(plan: Plan) -> dict[str, dict[pd.Period, Row]]:
    """Return the sample figures by indicator and quarter, before any is left out or revised.

    Parameters
    ----------
    plan : gives the scale

    Returns
    -------
    ``value``, or ``numerator`` and ``denominator``, or the kind of ``missing``, as text. Those of case rates
    are what the sample exports are made to add up to.
    """
    levels = {id: _levels(plan, id, recipe) for id, recipe in RECIPES.items()}
    levels["employed_persons"] = _employed(plan)
    return {
        indicator.id: {
            quarter: {"missing": "not_collected"}
            if quarter.year < plan.first_year and _not_collected(indicator)
            else _figure(plan, indicator, quarter, levels)
            for quarter in _quarters()
            if indicator.frequency != "year" or quarter.quarter == 4
        }
        for indicator in plan.indicators.values()
        if indicator.set_by is None
    }


def _not_collected(indicator: Indicator) -> bool:
    return indicator.id in NOT_COLLECTED_BEFORE_PLAN or indicator.baseline.value is None


def sample_rows(plan: Plan, counted: Mapping[str, Sequence[Row]]) -> list[Row]:
    """Return the sample ledger: every indicator of the plan but those that another level sets.

    Parameters
    ----------
    plan : gives the scale
    counted : by indicator, the rows counted from the sample exports of case records

    Returns
    -------
    Rows of text in the ledger's columns, in the order of indicator and quarter.
    """
    rows: list[Row] = []
    for id, figures in sample_figures(plan).items():
        if id in counted:
            rows += _counted(plan, plan.indicators[id], counted[id])
        else:
            for quarter, figure in figures.items():
                rows += _revised(plan, plan.indicators[id], quarter, figure)
    return rows + [_row(plan, "employed_persons", q, value=f"{v:.0f}") for q, v in _employed(plan).items()]


def _counted(plan: Plan, indicator: Indicator, rows: Sequence[Row]) -> Iterator[Row]:
    """Yield the rows counted from records as the sample ledger has them: its source, day, gaps and revisions."""
    for row in rows:
        figure = {name: row[name] for name in ("value", "numerator", "denominator", "missing")}
        quarter = pd.Period(row["period"], freq="Q-DEC")
        if row["region"] == plan.region:
            yield from _revised(plan, indicator, quarter, figure)
        else:
            yield _row(plan, indicator.id, quarter, **figure, region=row["region"], measured_at=row["region"])


def sample_csv(plan: Plan, counted: Mapping[str, Sequence[Row]]) -> str:
    """Return the sample ledger as the text of a CSV file."""
    text = io.StringIO()
    writer = csv.DictWriter(text, COLUMNS, lineterminator="\n")
    writer.writeheader()
    writer.writerows(sample_rows(plan, counted))
    return text.getvalue()


def _quarters() -> Iterator[pd.Period]:
    yield from pd.period_range(FIRST, SAMPLE_ENDS, freq="Q-DEC")


def _noise(id: str, quarter: pd.Period, spread: float) -> float:
    """Return a normal draw that depends on nothing but the seed, the series and the quarter [1]."""
    draw = random.Random(f"{SEED} {id} {quarter}").random()
    return NormalDist(0, spread).inv_cdf(min(max(draw, 0.02), 0.98)) if spread else 0.0


def _year_end(plan: Plan, id: str, recipe: Recipe, year: int) -> float | None:
    """Return the level at a year's end [the row's unit], or None where the recipe or the plan has none."""
    indicator = plan.indicators[id]
    cell = indicator.baseline.target if year < plan.first_year else indicator.targets[year]
    if year not in recipe.factors or cell.value is None:
        return None
    ceiling = 100.0 if indicator.unit == "%" else float("inf")
    return min(cell.value * recipe.factors[year], ceiling)


def _levels(plan: Plan, id: str, recipe: Recipe) -> dict[pd.Period, float]:
    """Return a series' figure in each quarter [the row's unit], before rounding."""
    kind = plan.indicators[id].kind
    levels: dict[pd.Period, float] = {}
    for quarter in _quarters():
        end, before = (_year_end(plan, id, recipe, year) for year in (quarter.year, quarter.year - 1))
        if end is None:
            continue
        share, season = recipe.shares[quarter.quarter - 1], recipe.season[quarter.quarter - 1]
        if kind in ("survey_rate", "case_rate"):
            level = end + season
        elif kind == "annual_count":
            level = end * share
        else:
            start = before if before is not None else 0.0 if kind == "cumulative_count" else 0.94 * end
            level = start + share * (end - start)
        settled = quarter.quarter == 4 and quarter.year < plan.first_year
        levels[quarter] = level * (1 + (0.0 if settled else _noise(id, quarter, recipe.noise)))
    return levels


def _employed(plan: Plan) -> dict[pd.Period, float]:
    """Return persons employed: what the plan's rows of skilled workers imply, a little off [persons]."""
    skilled = plan.indicators["skilled_workers"].targets
    share = plan.indicators["skilled_share_of_employed"].targets
    ends = {y: 100 * (skilled[y].value or 0) / (share[y].value or 1) for y in plan.years}
    ends[plan.baseline_year] = ends[plan.first_year] * 0.98
    return {
        q: (ends[q.year - 1] + q.quarter / 4 * (ends[q.year] - ends[q.year - 1]))
        * (1 + _noise("employed", q, 0.002))
        for q in _quarters()
        if q.year > plan.baseline_year
    }


def _revised(plan: Plan, indicator: Indicator, quarter: pd.Period, figure: Row) -> Iterator[Row]:
    """Yield one quarter's row; a gap where none was reported, and the first figure of a revised one before it."""
    key = (indicator.id, str(quarter))
    if key in NOT_REPORTED:
        yield _row(plan, indicator.id, quarter, missing="not_reported")
        return
    final = dict(figure)
    if key in REVISIONS:
        share, day = REVISIONS[key]
        yield _row(plan, indicator.id, quarter, **_first_figure(indicator, final, share))
        final |= {"reported_on": day, "note": "演示：核实后更正"}
    yield _row(plan, indicator.id, quarter, **final)


def _figure(
    plan: Plan, indicator: Indicator, quarter: pd.Period, levels: Mapping[str, Mapping[pd.Period, float]]
) -> Row:
    """Return the value, or numerator and denominator, of one quarter as text."""
    if indicator.ratio:
        top, bottom = (
            levels[part].get(quarter) for part in (indicator.ratio.numerator, indicator.ratio.denominator)
        )
        if top is None or bottom is None:
            return {"value": f"{_before_plan_share(indicator, quarter):.2f}"}
        return {"numerator": f"{top:.0f}", "denominator": f"{bottom:.0f}"}
    recipe, level = RECIPES[indicator.id], levels[indicator.id][quarter]
    if recipe.cases:
        cases = round(recipe.cases[quarter.year] * recipe.shares[quarter.quarter - 1])
        return {"numerator": f"{min(round(level / 100 * cases), cases)}", "denominator": f"{cases}"}
    return {"value": f"{level:.{indicator.decimals}f}"}


def _before_plan_share(indicator: Indicator, quarter: pd.Period) -> float:
    """Return a ratio of the baseline year, whose parts are not known, rising to the printed baseline [%]."""
    return (indicator.baseline.value or 0.0) * (0.97 + 0.0075 * quarter.quarter)


def _first_figure(indicator: Indicator, final: Row, share: float) -> Row:
    name = "numerator" if final.get("numerator") else "value"
    return final | {
        name: f"{float(final[name]) * share:.{0 if name == 'numerator' else indicator.decimals}f}"
    }


def _row(plan: Plan, id: str, quarter: pd.Period, **fields: str) -> Row:
    """Return one row of the ledger as text."""
    recipe = RECIPES.get(id)
    return {
        **dict.fromkeys(COLUMNS, ""),
        "region": plan.region,
        "indicator": id,
        "period": str(quarter),
        "status": "sample",
        "series_break": BREAKS.get((id, str(quarter)), ""),
        "reported_on": str((quarter.end_time.normalize() + REPORTED_AFTER).date()),
        "measured_at": (recipe.measured_at if recipe else "") or plan.region,
        "source": SOURCE,
        **fields,
    }


def write_sample() -> list[tuple[str, int]]:
    """Write the sample exports of the workspace, the sample ledger that is counted from them, and the sample events.

    Returns
    -------
    Each file as readers of the workspace name it, and its size [bytes].
    """
    from laoyou.batch.publish import write_atomically
    from laoyou.intake.mappings import load_mappings
    from laoyou.plan import load_plan
    from laoyou.regions import load_regions
    from laoyou.rules import load_rules
    from laoyou.sample.platforms import counted_rows, platform_files
    from laoyou.sample.supervision import sample_events
    from laoyou.supervision.log import log_file, with_events
    from laoyou.workspace import find_workspace

    workspace, plan, rules = find_workspace(), load_plan(), load_rules()
    regions = load_regions(workspace)
    day = (SAMPLE_ENDS.end_time.normalize() + REPORTED_AFTER).date()
    folder = workspace.data / "sample"
    exports = platform_files(sample_figures(plan), regions, day)
    contents = {folder / "exports" / name: content for name, content in exports.items()}
    (folder / "exports").mkdir(parents=True, exist_ok=True)
    for file, content in contents.items():
        write_atomically(file, content)
    mappings = load_mappings(workspace, plan, regions, rules)
    counted = counted_rows(contents, mappings, list(_quarters()), plan, rules, regions, day)
    contents[folder / "observations.csv"] = sample_csv(plan, counted).encode("utf-8-sig")
    write_atomically(folder / "observations.csv", contents[folder / "observations.csv"])
    log = log_file(workspace, sample=True)
    log.parent.mkdir(parents=True, exist_ok=True)
    contents[log] = with_events(
        log.with_name(".none"), workspace.relative(log), sample_events(plan.region),
        regions=regions, subjects=(*plan.indicators, *plan.commitments),
    )  # fmt: skip
    write_atomically(log, contents[log])
    return [(workspace.relative(file), len(content)) for file, content in contents.items()]
