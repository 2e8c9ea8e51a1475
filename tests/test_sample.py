import csv

import pandas as pd
import pytest
from workspaces import ROOT, Desk, shipped_plan, shipped_rules

from laoyou.ledger_file import COLUMNS
from laoyou.plan import Baseline, Indicator, Plan
from laoyou.sample import SOURCE, sample_csv, sample_rows
from laoyou.vintage import as_known
from laoyou.workspace import Workspace

FILE = ROOT / "data" / "sample" / "observations.csv"
QUARTERS = [str(q) for q in pd.period_range("2022Q1", "2026Q3", freq="Q-DEC")]
PLAN = shipped_plan()
DESK = Desk(Workspace(ROOT), PLAN, shipped_rules())


@pytest.fixture(scope="module")
def rows() -> pd.DataFrame:
    """Return every row of the sample with typed columns, as the ledger reads them."""
    ledger = DESK.read()
    return ledger[ledger["file"] == "data/sample/observations.csv"]


@pytest.fixture(scope="module")
def values(rows: pd.DataFrame) -> pd.DataFrame:
    """Return the latest figures of the sample, a row for a period and a column for an indicator."""
    return as_known(rows).pivot(index="period", columns="indicator", values="value")


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


def test_the_shipped_file_is_what_the_program_makes_to_the_byte() -> None:
    assert FILE.read_bytes() == sample_csv(PLAN).encode("utf-8-sig")


def test_the_file_opens_in_excel_and_has_unix_line_ends() -> None:
    content = FILE.read_bytes()
    assert content.startswith(b"\xef\xbb\xbf")
    assert b"\r" not in content
    assert content.endswith(b"\n")


def test_the_sample_is_the_same_whenever_it_is_made() -> None:
    assert sample_csv(PLAN) == sample_csv(PLAN)


def test_the_rows_are_text_in_the_columns_of_the_ledger() -> None:
    with FILE.open(encoding="utf-8-sig", newline="") as stream:
        written = list(csv.DictReader(stream))
    assert written == sample_rows(PLAN)
    assert all(tuple(row) == COLUMNS for row in written)


def test_every_row_says_that_it_is_a_sample(rows: pd.DataFrame) -> None:
    assert (rows["status"] == "sample").all()
    assert (rows["source"] == SOURCE).all()
    assert "非真实统计" in SOURCE


def test_another_district_gets_its_own_sample() -> None:
    elsewhere = PLAN.model_copy(update={"region": "330302"})
    assert {row["region"] for row in sample_rows(elsewhere)} == {"330302"}


# What it covers


def test_only_the_minimum_wage_has_real_figures_so_far() -> None:
    assert set(PLAN.indicators) - {i.id for i in INDICATORS} == {"minimum_wage_top_tier"}


@of_each(INDICATORS)
def test_an_indicator_without_a_real_figure_has_a_row_for_every_quarter(
    rows: pd.DataFrame, indicator: Indicator
) -> None:
    yearly = indicator.frequency == "year"
    expected = [q for q in QUARTERS if q.endswith("Q4") or not yearly]
    assert list(rows.loc[rows["indicator"] == indicator.id, "period"].unique()) == expected


def test_an_indicator_set_by_another_level_has_no_sample(rows: pd.DataFrame) -> None:
    assert not set(rows["indicator"]) & {i.id for i in PLAN.indicators.values() if i.set_by}


def test_it_shows_a_revision(rows: pd.DataFrame) -> None:
    known = as_known(rows)
    revised = known[known["revision"] > 0]
    assert ("new_urban_jobs", "2026Q1") in set(zip(revised["indicator"], revised["period"], strict=True))
    assert (revised["value"] != revised["first_value"]).all()
    assert (revised["note"] != "").all()


def test_it_shows_a_quarter_that_was_not_reported(rows: pd.DataFrame) -> None:
    absent = rows[rows["missing"] == "not_reported"]
    assert len(absent) >= 1
    assert (absent["year"] >= PLAN.first_year).all()
    assert "2026Q3" in set(absent["period"])


def test_it_shows_a_marked_break(rows: pd.DataFrame) -> None:
    [broken] = rows[rows["series_break"] != ""].to_dict("records")
    assert (broken["indicator"], broken["period"]) == ("hard_to_employ_placements", "2025Q1")
    assert "浙人社发〔2025〕59号" in broken["series_break"]


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
    assert set(rows.loc[~survey, "measured_at"]) == {"330305"}


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
        assert sample_csv(other) == sample_csv(PLAN)


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
