"""What one page is about; figures are the ledger's rows, days the ones they were reported on."""

import math
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest
from conftest import ledger
from workspaces import REPORTED, Desk, row, shipped_desk

from laoyou.errors import LaoyouError, LedgerError, ParametersError
from laoyou.view import Point, View, open_view

JOBS, RATE, WAGE = "new_urban_jobs", "arrears_resolution_rate", "minimum_wage_top_tier"


@pytest.fixture(scope="module")
def view() -> View:
    return open_view(region="330305", quarter="2026Q3", as_of="2026-10-31")


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Desk:
    """Return a workspace of one's own, in which the test stands."""
    desk = shipped_desk(tmp_path)
    monkeypatch.chdir(desk.workspace.root)
    return desk


def at(view: View, quarter: str) -> View:
    return replace(view, quarter=pd.Period(quarter, "Q-DEC"))


def figures(points: list[Point]) -> dict[str, float]:
    return {str(point.quarter): point.value for point in points}


# --- What can be asked for --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("asked", "place", "words"),
    [
        ({"region": "330306"}, "参数 region", ["「330306」不在地区表里", "330305", "是不是「330305」？"]),
        ({"region": ""}, "参数 region", ["「」不在地区表里", "100000、330000、330300、330305"]),
        ({"quarter": "2026Q5"}, "参数 quarter", ["「2026Q5」不是期间", "2026Q3"]),
        ({"quarter": "2026"}, "参数 quarter", ["「2026」不是季度", "2026Q3 这样的写法"]),
        ({"quarter": "2026-09"}, "参数 quarter", ["「2026-09」不是季度"]),
        ({"quarter": ""}, "参数 quarter", ["「」不是期间"]),
        ({"quarter": "2022Q4"}, "参数 quarter", ["「2022Q4」不在规划期内", "2023Q1—2027Q4"]),
        ({"quarter": "2028Q1"}, "参数 quarter", ["「2028Q1」不在规划期内", "2023Q1—2027Q4"]),
    ],
)
def test_what_no_page_can_be_about_is_refused_with_what_can(asked, place, words):
    with pytest.raises(ParametersError) as refused:
        open_view(**{"region": "330305", "quarter": "2026Q3"} | asked)
    assert refused.value.where == place
    assert all(word in str(refused.value) for word in words), str(refused.value)


def test_the_first_and_the_last_quarter_of_the_plan_are_accepted():
    assert open_view(region="330305", quarter="2023Q1").label == "2023年一季度"
    assert open_view(region="330305", quarter="2027年四季度").year == 2027


@pytest.mark.parametrize("as_of", ["2026-10", "2026/10/31", "31.10.2026", "2026-02-30"])
def test_a_day_that_is_none_is_refused(as_of):
    with pytest.raises(LedgerError, match="不是日期"):
        open_view(region="330305", quarter="2026Q3", as_of=as_of)


def test_a_data_folder_that_is_not_there_is_refused():
    with pytest.raises(LaoyouError, match="「nowhere」"):
        open_view(region="330305", quarter="2026Q3", data="nowhere")


# --- The day of knowledge ---------------------------------------------------------------------------------------


def test_only_what_was_known_on_the_day_is_on_the_page():
    before = open_view(region="330305", quarter="2026Q2", as_of="2026-07-14")
    after = open_view(region="330305", quarter="2026Q2", as_of="2026-07-15")
    assert figures(before.points(JOBS))["2026Q1"] == 374
    assert figures(after.points(JOBS))["2026Q1"] == 360  # corrected that day
    assert [p.revision for p in after.points(JOBS) if str(p.quarter) == "2026Q1"] == [1]
    assert (before.known.rows["reported_on"] <= pd.Timestamp("2026-07-14")).all()


@pytest.mark.parametrize(
    ("quarter", "as_of", "day"),
    [
        ("2026Q3", "2026-10-31", "2026-10-12"),
        ("2026Q3", "2026-10-11", "2026-07-15"),  # the day before the quarter came in
        ("2026Q2", "2026-10-31", "2026-07-15"),  # figures of later quarters are not on the page
        ("2023Q1", "2026-10-31", "2023-04-12"),
    ],
)
def test_the_cut_off_is_the_day_of_the_latest_figure_that_the_page_rests_on(quarter, as_of, day):
    assert open_view(region="330305", quarter=quarter, as_of=as_of).cut_off == day


def test_without_any_figure_there_is_no_cut_off(view):
    assert replace(view, observations=view.observations.iloc[:0]).cut_off == ""


def test_a_years_figure_counts_once_the_year_is_over(view):
    rows = [{"region": "100000", "indicator": "urban_unemployment_rate", "period": "2025", "value": 5.2}]
    known = replace(view, observations=ledger(rows))  # known since 31 December 2025
    assert at(known, "2025Q3").cut_off == ""
    assert at(known, "2025Q4").cut_off == "2025-12-31"
    assert at(known, "2025Q3").yearly("urban_unemployment_rate", "100000") == {}
    assert at(known, "2025Q4").yearly("urban_unemployment_rate", "100000") == {2025: 5.2}


# --- Fingerprints -----------------------------------------------------------------------------------------------


def fingerprints(as_of: str = "2026-10-31") -> dict[str, str]:
    return open_view(region="330305", quarter="2026Q3", as_of=as_of).fingerprints()


def test_a_fingerprint_is_twelve_digits_of_each_thing_that_a_page_rests_on():
    made = fingerprints()
    assert list(made) == ["规划文件", "判定规则", "台账"]
    assert all(len(digest) == 12 and int(digest, 16) >= 0 for digest in made.values())


def test_rows_reported_later_leave_the_fingerprints_of_a_dated_page_alone(desk):
    before, undated = fingerprints(), fingerprints("")
    desk.write(row(period="2026Q3", value="1100", reported_on="2026-11-01"))
    assert fingerprints() == before
    changed = fingerprints("")
    assert changed.pop("台账") != undated.pop("台账")
    assert changed == undated


def test_a_row_reported_on_the_day_itself_counts(desk):
    before = fingerprints()
    desk.write(row(period="2026Q3", value="1096", reported_on="2026-10-31"))
    assert fingerprints()["台账"] != before["台账"]


def test_line_ends_of_a_checkout_do_not_matter(desk):
    before = fingerprints()
    files = [desk.workspace.plan_file(), desk.workspace.rules_file, *desk.workspace.data.glob("*/*.csv")]
    assert len(files) >= 4
    for file in files:
        content = file.read_bytes()
        assert b"\r\n" not in content
        file.write_bytes(content.replace(b"\n", b"\r\n"))
    assert fingerprints() == before


def test_the_order_of_rows_and_their_file_do_not_matter(desk):
    before = fingerprints()
    file = desk.workspace.data / "observations" / "published.csv"
    head, *rows = file.read_text(encoding="utf-8-sig").splitlines()
    for name, part in (("a.csv", rows[::-2]), ("b.csv", rows[-2::-2])):
        (file.parent / name).write_text("\n".join([head, *part, ""]), encoding="utf-8")
    file.unlink()
    assert fingerprints() == before


@pytest.mark.parametrize(
    ("name", "file", "old", "new"),
    [
        ("规划文件", "data/plans/dongtou-2023-2027.yml", 'text: "1932"', 'text: "1933"'),
        ("判定规则", "params/rules.yml", "about_tolerance: 0.05", "about_tolerance: 0.06"),
        ("台账", "data/observations/published.csv", ",5.6,", ",5.7,"),
    ],
)
def test_each_fingerprint_changes_with_its_own_file_alone(desk, name, file, old, new):
    before = fingerprints()
    path = desk.workspace.root / file
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")
    changed = fingerprints()
    assert [key for key in before if changed[key] != before[key]] == [name]


# --- Series -----------------------------------------------------------------------------------------------------


def test_a_series_runs_up_to_the_quarter_oldest_first(view):
    points = view.points(JOBS)
    assert [str(p.quarter) for p in points] == [
        str(q) for q in pd.period_range("2022Q1", "2026Q3", freq="Q-DEC")
    ]
    assert figures(at(view, "2026Q1").points(JOBS))["2026Q1"] == 360
    assert "2026Q2" not in figures(at(view, "2026Q1").points(JOBS))


def test_a_point_carries_its_row(view):
    last = view.points(RATE)[-1]
    assert (last.numerator, last.denominator) == (193, 206)
    assert last.value == pytest.approx(100 * 193 / 206)
    assert (last.status, last.missing, last.series_break, last.revision) == ("sample", "", "", 0)
    assert last.known
    gap = view.points("employment_checkups")[-1]
    assert (gap.missing, gap.known) == ("not_reported", False)
    assert math.isnan(gap.value)


def test_what_another_level_sets_is_that_levels_series(view):
    assert figures(view.points(WAGE)) == {"2021Q3": 2280, "2024Q1": 2490}
    assert view.points(WAGE, "330305") == []
    assert figures(view.points("high_value_patents_per_10k", "100000")) == {"2025Q2": 15.3, "2025Q4": 16}


def test_a_series_that_is_no_target_can_be_read_too(view):
    assert view.points("employed_persons")[-1].quarter == pd.Period("2026Q3", "Q-DEC")
    assert view.points("gig_markets_built") == []
    assert view.entry("employed_persons").name.zh == "从业人员"
    assert view.entry("gig_markets_built").unit == "家"
    assert view.entry(JOBS).unit == "人"


def points_of(view: View, indicator: str, **seen: float | str) -> dict[str, float]:
    """Return the points of a small ledger; a text is the reason why a figure is missing."""
    rows = [
        {"region": "330305", "indicator": indicator, "period": period.strip("_")}
        | ({"missing": figure} if isinstance(figure, str) else {"value": figure})
        for period, figure in seen.items()
    ]
    return figures(replace(view, observations=ledger(rows)).points(indicator))


def test_a_years_figure_stands_in_its_last_quarter(view):
    assert points_of(view, "wage_bargaining_coverage", _2024=53.0, _2025=58.9) == {
        "2024Q4": 53.0,
        "2025Q4": 58.9,
    }


def test_a_quarters_figure_comes_before_its_years_and_a_figure_before_a_gap(view):
    both = points_of(view, JOBS, _2025=1388.0, _2025Q4=1387.0)
    assert both == {"2025Q4": 1387.0}
    assert points_of(view, JOBS, _2025=1388.0, _2025Q4="not_reported") == {"2025Q4": 1388.0}


def test_the_years_mean_of_a_survey_is_no_quarters_figure(view):
    assert points_of(view, "urban_unemployment_rate", _2025=4.7) == {}


def test_a_year_that_is_not_over_is_no_point_yet(view):
    assert points_of(view, JOBS, _2026=1400.0) == {}


def test_yearly_figures_are_those_of_one_region_by_year(view):
    assert view.yearly("urban_unemployment_rate", "100000") == {2022: 5.6, 2023: 5.2, 2024: 5.1, 2025: 5.2}
    assert view.yearly("urban_unemployment_rate", "330000") == {2023: 4.6, 2024: 4.5}
    assert at(view, "2024Q3").yearly("urban_unemployment_rate", "330000") == {2023: 4.6}
    assert view.yearly("urban_unemployment_rate", "330305") == {}
    assert view.yearly_sources("urban_unemployment_rate", "330000") == [
        "2023年浙江省国民经济和社会发展统计公报",
        "2024年浙江省国民经济和社会发展统计公报",
    ]


# --- The page's other facts -------------------------------------------------------------------------------------


def test_the_quarter_before_is_of_the_same_figures_and_none_before_the_plan(view):
    assert view.previous is not None
    assert view.previous.label == "2026年二季度"
    assert view.previous.observations is view.observations
    assert at(view, "2023Q1").previous is None
    first = at(view, "2023Q2").previous
    assert first is not None
    assert first.label == "2023年一季度"


def test_a_score_is_looked_up_by_its_indicator(view):
    row = view.score(JOBS)
    assert (row.indicator, row.quarter, row.region, row.judged) == (JOBS, "2026Q3", "330305", 1095)
    assert list(view.scores.index) == list(view.plan.indicators)


def test_sample_figures_are_those_of_this_region(view):
    assert JOBS in view.sample_indicators
    assert WAGE not in view.sample_indicators
    assert replace(view, region=view.regions["330000"]).sample_indicators == frozenset()


def test_one_real_figure_retires_the_sample_of_its_series(desk):
    desk.write(row(period="2026Q3", value="1000", reported_on="2026-10-12"), file=REPORTED)
    known = open_view(region="330305", quarter="2026Q3")
    assert JOBS not in known.sample_indicators
    assert figures(known.points(JOBS)) == {"2026Q3": 1000}
