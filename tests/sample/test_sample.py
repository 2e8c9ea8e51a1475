import csv
import datetime as dt

import pandas as pd
import pytest
from workspaces import ROOT, Desk, shipped_plan, shipped_rules

from laoyou.intake.mappings import load_mappings
from laoyou.ledger.file import COLUMNS
from laoyou.ledger.vintage import as_known
from laoyou.plan import Baseline, Indicator, Plan
from laoyou.regions import load_regions
from laoyou.sample.platforms import counted_rows
from laoyou.sample.write import NOT_REPORTED, REVISIONS, SOURCE, sample_csv, sample_figures, sample_rows
from laoyou.view import open_view
from laoyou.words import LIGHTS
from laoyou.workspace import Workspace

FILE = ROOT / "data" / "sample" / "observations.csv"
EXPORTS = ROOT / "data" / "sample" / "exports"
QUARTERS = [str(q) for q in pd.period_range("2022Q1", "2026Q3", freq="Q-DEC")]
PLAN = shipped_plan()
TOWNS = [code for code, region in load_regions(Workspace(ROOT)).items() if region.level == "township"]
Counted = dict[str, list[dict[str, str]]]
DESK = Desk(Workspace(ROOT), PLAN, shipped_rules())


@pytest.fixture(scope="module")
def rows() -> pd.DataFrame:
    """Return every row of the sample with typed columns, as the ledger reads them."""
    ledger = DESK.read()
    return ledger[ledger["file"] == "data/sample/observations.csv"]


@pytest.fixture(scope="module")
def district(rows: pd.DataFrame) -> pd.DataFrame:
    """Return the rows of the district itself."""
    return rows[rows["region"] == PLAN.region]


@pytest.fixture(scope="module")
def values(district: pd.DataFrame) -> pd.DataFrame:
    """Return the latest figures of the district, a row for a period and a column for an indicator."""
    return as_known(district).pivot(index="period", columns="indicator", values="value")


@pytest.fixture(scope="module")
def counted() -> Counted:
    """Return the rows that the shipped exports of records yield, by indicator."""
    regions = load_regions(DESK.workspace)
    mappings = load_mappings(DESK.workspace, PLAN, regions, DESK.rules)
    quarters = [pd.Period(text, freq="Q-DEC") for text in QUARTERS]
    day = dt.date(2026, 10, 12)
    return counted_rows(EXPORTS.iterdir(), mappings, quarters, PLAN, DESK.rules, regions, day)


def without_real_figures() -> list[Indicator]:
    """Return the indicators that no real figure is known of, at the level that sets them."""
    ledger = DESK.read()
    real = set(
        ledger.loc[ledger["status"] != "sample", ["region", "indicator"]].itertuples(index=False, name=None)
    )
    return [i for i in PLAN.indicators.values() if (i.set_by or PLAN.region, i.id) not in real]


INDICATORS = without_real_figures()


def of_each(indicators: list[Indicator]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("indicator", indicators, ids=[i.id for i in indicators])


# The file


def test_the_shipped_file_is_what_the_program_makes_to_the_byte(counted: Counted) -> None:
    assert FILE.read_bytes() == sample_csv(PLAN, counted).encode("utf-8-sig")


def test_the_file_opens_in_excel_and_has_unix_line_ends() -> None:
    content = FILE.read_bytes()
    assert content.startswith(b"\xef\xbb\xbf")
    assert b"\r" not in content
    assert content.endswith(b"\n")


def test_the_rows_are_text_in_the_columns_of_the_ledger(counted: Counted) -> None:
    with FILE.open(encoding="utf-8-sig", newline="") as stream:
        written = list(csv.DictReader(stream))
    assert written == sample_rows(PLAN, counted)
    assert all(tuple(row) == COLUMNS for row in written)


def test_every_row_says_that_it_is_a_sample(rows: pd.DataFrame) -> None:
    assert (rows["status"] == "sample").all()
    assert (rows["source"] == SOURCE).all()
    assert "非真实统计" in SOURCE


def test_another_district_gets_its_own_sample() -> None:
    elsewhere = PLAN.model_copy(update={"region": "330302"})
    assert {row["region"] for row in sample_rows(elsewhere, {})} == {"330302"}


# What it covers


def test_only_the_minimum_wage_has_real_figures_so_far() -> None:
    assert set(PLAN.indicators) - {i.id for i in INDICATORS} == {"minimum_wage_top_tier"}


@of_each(INDICATORS)
def test_an_indicator_without_a_real_figure_has_a_row_for_every_quarter(
    district: pd.DataFrame, indicator: Indicator
) -> None:
    yearly = indicator.frequency == "year"
    expected = [q for q in QUARTERS if q.endswith("Q4") or not yearly]
    assert list(district.loc[district["indicator"] == indicator.id, "period"].unique()) == expected


def test_an_indicator_set_by_another_level_has_no_sample(rows: pd.DataFrame) -> None:
    assert not set(rows["indicator"]) & {i.id for i in PLAN.indicators.values() if i.set_by}


def test_it_shows_a_revision(rows: pd.DataFrame) -> None:
    known = as_known(rows)
    revised = known[known["revision"] > 0]
    assert ("new_urban_jobs", "2026Q1") in set(zip(revised["indicator"], revised["period"], strict=True))
    assert (revised["value"] != revised["first_value"]).all()
    assert (revised["note"] != "").all()


def test_it_shows_every_light_in_the_latest_quarter() -> None:
    view = open_view(region=PLAN.region, quarter="2026Q3")
    assert {view.score(id).light for id in PLAN.indicators} == set(LIGHTS)


def test_it_shows_a_quarter_that_was_not_reported(rows: pd.DataFrame) -> None:
    absent = rows[rows["missing"] == "not_reported"]
    assert len(absent) >= 1
    assert (absent["year"] >= PLAN.first_year).all()
    assert "2026Q3" in set(absent["period"])


def test_it_shows_a_marked_break(rows: pd.DataFrame) -> None:
    broken = rows[rows["series_break"] != ""]
    assert set(zip(broken["indicator"], broken["period"], strict=True)) == {
        ("hard_to_employ_placements", "2025Q1")
    }
    assert sorted(broken["region"]) == [PLAN.region, *TOWNS]
    assert broken["series_break"].str.contains("浙人社发〔2025〕59号").all()


def test_it_shows_counts_of_less_than_a_hundred_a_year(values: pd.DataFrame) -> None:
    ends = values.loc[["2023Q4", "2024Q4", "2025Q4"], ["hard_to_employ_placements", "employment_checkups"]]
    assert (ends < 100).all(axis=None)
    assert (ends > 0).all(axis=None)


def test_a_rate_of_cases_is_given_by_its_cases(rows: pd.DataFrame) -> None:
    rates = [i.id for i in INDICATORS if i.kind == "case_rate"]
    figures = rows[rows["indicator"].isin(rates) & (rows["missing"] == "")]
    assert (figures["numerator"] <= figures["denominator"]).all()


def test_the_surveyed_rate_is_marked_as_measured_at_a_level_where_it_is_representative(
    rows: pd.DataFrame,
) -> None:
    survey = rows["indicator"] == "urban_unemployment_rate"
    assert set(rows.loc[survey, "measured_at"]) == {"330300"}
    assert (rows.loc[~survey, "measured_at"] == rows.loc[~survey, "region"]).all()


# What is counted from records

CASES = [
    "key_group_assistance_rate",
    "hard_to_employ_placements",
    "arrears_resolution_rate",
    "mediation_success_rate",
    "arbitration_closure_rate",
]


def test_rates_of_cases_and_placements_are_counted_from_the_exports(counted: Counted) -> None:
    rates = {i.id for i in INDICATORS if i.kind == "case_rate" and i.frequency != "year"}
    assert rates <= set(CASES)
    assert set(counted) & set(PLAN.indicators) == set(CASES)


@pytest.mark.parametrize("id", CASES)
def test_the_records_add_up_to_the_figures_they_were_made_for(counted: Counted, id: str) -> None:
    figures = {str(quarter): figure for quarter, figure in sample_figures(PLAN)[id].items()}
    found = {row["period"]: row for row in counted[id] if row["region"] == PLAN.region}
    assert list(found) == QUARTERS
    for period, figure in figures.items():
        row = found[period]
        assert [row[name] for name in ("value", "numerator")] == [
            figure.get(name, "") for name in ("value", "numerator")
        ]
        # A duplicate that is found out after the quarter was due at its end: never more than one here.
        if "denominator" in figure:
            assert 0 <= int(row["denominator"]) - int(figure["denominator"]) <= 1


@pytest.mark.parametrize("id", CASES)
def test_the_ledger_has_what_the_records_yield_in_every_quarter(
    rows: pd.DataFrame, counted: Counted, id: str
) -> None:
    names = ["value", "numerator", "denominator"]
    known = as_known(rows[rows["indicator"] == id]).set_index(["region", "period"])
    assert len(known) == len(counted[id]) == 9 * len(QUARTERS)
    for row in counted[id]:
        ours = known.loc[row["region"], row["period"]]
        if (id, row["period"]) in NOT_REPORTED and row["region"] == PLAN.region:
            assert ours["missing"] == "not_reported"
            continue
        assert ours["missing"] == row["missing"]
        given = {name: float(row[name]) for name in names if row[name]}
        assert {name: ours[name] for name in given} == given


def test_the_first_figure_of_a_revised_rate_is_another(district: pd.DataFrame) -> None:
    arrears = district[
        (district["indicator"] == "arrears_resolution_rate") & (district["period"] == "2025Q4")
    ]
    assert ("arrears_resolution_rate", "2025Q4") in REVISIONS
    assert arrears["numerator"].iloc[0] < arrears["numerator"].iloc[1]
    assert arrears["denominator"].nunique() == 1


@pytest.mark.parametrize("id", CASES)
def test_townships_add_up_to_no_more_than_the_district(
    rows: pd.DataFrame, district: pd.DataFrame, id: str
) -> None:
    parts = as_known(rows[(rows["indicator"] == id) & rows["region"].isin(TOWNS)])
    assert set(parts["region"]) == set(TOWNS)
    whole = as_known(district[district["indicator"] == id]).set_index("period")
    for name in ("value",) if id == "hard_to_employ_placements" else ("numerator", "denominator"):
        sums = parts.groupby("period")[name].sum()
        assert (sums <= whole[name].reindex(sums.index).fillna(float("inf"))).all()


def test_some_township_is_withheld_and_no_small_count_of_one_is_shown(rows: pd.DataFrame) -> None:
    towns = rows[rows["region"].isin(TOWNS)]
    assert set(towns["missing"]) == {"", "suppressed"}
    shown = towns[towns["missing"] == ""]
    assert (shown[["numerator", "denominator"]].dropna() >= 5).all(axis=None)
    assert (shown.loc[shown["indicator"] == "hard_to_employ_placements", "value"] >= 5).all()
    withheld = towns[towns["missing"] == "suppressed"].groupby(["indicator", "period"]).size()
    assert (withheld >= 2).all()


# Scale and season

PRINTED = [i for i in INDICATORS if i.baseline.value is not None and not i.baseline.suspect]


@of_each(PRINTED)
def test_the_baseline_year_ends_at_the_printed_baseline(values: pd.DataFrame, indicator: Indicator) -> None:
    of_2022 = values.loc["2022Q1":"2022Q4", indicator.id]
    year = of_2022.mean() if indicator.kind == "survey_rate" else of_2022["2022Q4"]
    decimals = len(indicator.baseline.text.partition(".")[2])
    assert f"{year:.{decimals}f}" == indicator.baseline.text


@pytest.mark.parametrize("year", range(2022, 2026))
def test_half_to_two_thirds_of_the_new_jobs_come_by_june(values: pd.DataFrame, year: int) -> None:
    jobs = values["new_urban_jobs"]
    assert 0.50 <= jobs[f"{year}Q2"] / jobs[f"{year}Q4"] <= 0.65


@pytest.mark.parametrize("year", range(2022, 2026))
def test_arbitration_closes_fewer_cases_in_mid_year_than_in_december(values: pd.DataFrame, year: int) -> None:
    closed = values["arbitration_closure_rate"]
    assert closed[f"{year}Q2"] < closed[f"{year}Q4"]


def test_enrolments_in_training_never_fall(values: pd.DataFrame) -> None:
    enrolled = values["training_enrolments_cumulative"]
    assert enrolled.index.tolist() == QUARTERS
    assert enrolled.is_monotonic_increasing
    assert enrolled.notna().all()


@of_each([i for i in INDICATORS if i.kind == "annual_count"])
def test_an_annual_count_rises_within_its_year(values: pd.DataFrame, indicator: Indicator) -> None:
    for _, year in values[indicator.id].groupby(values.index.str[:4]):
        assert year.dropna().is_monotonic_increasing


# The doubtful baseline


def test_nothing_is_based_on_a_suspect_baseline() -> None:
    suspect = {id: i for id, i in PLAN.indicators.items() if i.baseline.suspect}
    assert list(suspect) == ["skilled_workers"]
    for text in ("19000", "7", "——"):
        changed = {
            id: i.model_copy(update={"baseline": Baseline(year=2022, text=text, suspect=True)})
            for id, i in suspect.items()
        }
        other: Plan = PLAN.model_copy(update={"indicators": {**PLAN.indicators, **changed}})
        assert sample_csv(other, {}) == sample_csv(PLAN, {})


def test_before_the_plan_there_is_no_figure_where_the_baseline_is_suspect_or_not_printed(
    rows: pd.DataFrame,
) -> None:
    doubtful = [i.id for i in INDICATORS if i.baseline.suspect or i.baseline.value is None]
    before = rows[rows["indicator"].isin(doubtful) & (rows["year"] == 2022)]
    assert set(before["indicator"]) == set(doubtful)
    assert (before["missing"] == "not_collected").all()
    assert before[["value", "numerator", "denominator"]].isna().all(axis=None)


def test_the_number_of_skilled_workers_keeps_the_scale_of_the_targets(values: pd.DataFrame) -> None:
    skilled = values["skilled_workers"].dropna()
    assert skilled.min() > 0.9 * PLAN.indicators["skilled_workers"].numeric_target(2023)
