"""What the report before knew: days by hand from the calendar, revisions from small ledgers."""

import datetime as dt
import math
from pathlib import Path

import pandas as pd
import pytest
from conftest import ledger
from workspaces import Desk, append_rows, row, shipped_desk

from laoyou.last_report import fingerprint, known_to, last_report, revisions
from laoyou.view import View, open_view

JOBS, WAGE = "new_urban_jobs", "minimum_wage_top_tier"


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Desk:
    """Return a workspace of one's own, in which the test stands."""
    desk = shipped_desk(tmp_path)
    monkeypatch.chdir(desk.workspace.root)
    return desk


def opened(quarter: str, as_of: str) -> View:
    return open_view(region="330305", quarter=quarter, as_of=as_of)


@pytest.mark.parametrize(
    ("quarter", "as_of", "day", "filed"),
    [
        ("2026Q3", "2026-10-31", "2026-07-31", True),  # params/2026Q2.yml
        ("2026Q3", "2026-07-15", "2026-07-15", True),  # it knew no more than this report does
        ("2026Q2", "2026-07-31", "2026-05-01", False),  # 31 days after 30 June; 31 after 31 March
        ("2026Q2", "2026-06-30", "2026-03-31", False),
        ("2026Q2", "2026-05-01", "2026-03-31", False),  # of a quarter that is not over
        (
            "2026Q2",
            "2027-06-30",
            "2026-06-30",
            False,
        ),  # a year late, but the report before came within the quarter
        ("2026Q2", "", "2026-04-15", False),  # the last figure that it rests on came on 15 July
    ],
)
def test_the_day_of_the_last_report(quarter, as_of, day, filed):
    found = last_report(opened(quarter, as_of))
    assert found is not None
    assert (str(found.day), found.filed) == (day, filed)
    assert found.quarter == pd.Period(quarter, "Q-DEC") - 1


def test_the_plans_first_quarter_has_no_report_before_it():
    view = opened("2023Q1", "2023-04-30")
    assert last_report(view) is None
    assert fingerprint(view) == ""


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ('as_of: "2026-07-31"', 'as_of: ""'),  # everything known is no day
        ('as_of: "2026-07-31"', 'as_of: "2026/07/31"'),
        ('as_of: "2026-07-31"', "as_of: ["),  # no YAML
        ('region: "330305"', 'region: "330300"'),  # another region's
        ("data: data", "data: other"),
        ('quarter: "2026Q2"', 'quarter: "2026Q1"'),
    ],
)
def test_a_parameters_file_that_gives_no_day_for_this_page_counts_as_none(desk, before, after):
    file = desk.workspace.params / "2026Q2.yml"
    text = file.read_text(encoding="utf-8")
    assert before in text
    file.write_text(text.replace(before, after), encoding="utf-8")
    found = last_report(opened("2026Q3", "2026-10-12"))
    assert found is not None
    assert (found.day, found.filed) == (dt.date(2026, 7, 12), False)  # twelve days after 30 June


def test_another_day_in_the_parameters_makes_another_page(desk):
    view = opened("2026Q3", "2026-10-31")
    assert fingerprint(view) == "2026-07-31 filed"
    file = desk.workspace.params / "2026Q2.yml"
    file.write_text(file.read_text(encoding="utf-8").replace("2026-07-31", "2026-07-14"), encoding="utf-8")
    assert fingerprint(view) == "2026-07-14 filed"
    file.unlink()
    assert fingerprint(view) == "2026-07-31"


def test_what_the_last_report_knew_is_read_from_the_ledger_itself(desk):
    append_rows(desk.workspace, row(period="2026Q2", value="700", reported_on="2026-08-01"))
    view = opened("2026Q3", "2026-10-31")
    report = last_report(view)
    assert report is not None
    then = known_to(view, report)
    jobs = then[(then["region"] == "330305") & (then["indicator"] == JOBS)]
    assert set(jobs["status"]) == {"sample"}  # the real figure came a day later
    assert jobs.set_index("period").loc["2026Q1", "value"] == 360
    assert then["reported_on"].max() <= pd.Timestamp("2026-07-31")


# --- Revisions --------------------------------------------------------------------------------------------------

UPTO = pd.Period("2026Q2", "Q-DEC")


def table(figures, **more):
    """Return a small ledger of one row by period."""
    rows = (
        {"region": "330305", "indicator": JOBS, "period": p, **(f if isinstance(f, dict) else {"value": f})}
        for p, f in figures.items()
    )
    return ledger({**row, **more} for row in rows)


def told(then, now, places=None, upto=UPTO):
    found = revisions(then, now, places or {JOBS: "330305"}, upto)
    return [(one.period, one.kind, one.before, one.now) for one in found]


def test_another_number_a_late_one_and_one_withdrawn():
    then = table({"2025Q4": 1300, "2026Q1": {"missing": "not_reported"}, "2026Q2": 700})
    now = table({"2025Q3": 900, "2025Q4": 1301, "2026Q1": 360, "2026Q2": {"missing": "suppressed"}})
    [late, revised, later, withdrawn] = told(then, now)
    assert late[:2] == ("2025Q3", "late")  # of which there was no row
    assert math.isnan(late[2])
    assert revised == ("2025Q4", "revised", 1300, 1301)
    assert (later[:2], later[3]) == (("2026Q1", "late"), 360)
    assert (withdrawn[:2], withdrawn[2]) == (("2026Q2", "withdrawn"), 700)
    assert math.isnan(withdrawn[3])


def test_what_is_as_it_was_is_no_revision():
    figures = {"2025Q4": 94.2, "2026Q1": {"missing": "not_reported"}}
    assert told(table(figures), table({"2025Q4": 94.2 + 1e-12, "2026Q1": {"missing": "suppressed"}})) == []


def test_this_quarters_own_figure_and_another_regions_are_none():
    then = table({"2026Q1": 1})
    now = table({"2026Q1": 1, "2026Q3": 2, "2026": 5})  # a year's figure belongs to its fourth quarter
    elsewhere = table({"2026Q1": 2}, region="330300")
    assert told(then, pd.concat([now, elsewhere])) == []
    assert told(then, now, upto=pd.Period("2026Q4", "Q-DEC"))[-1][:2] == ("2026", "late")


def test_a_figure_set_elsewhere_is_looked_up_there():
    then, now = (table({"2026Q1": value}, region="330000", indicator=WAGE) for value in (2490, 2660))
    assert told(then, now, {WAGE: "330000"}) == [("2026Q1", "revised", 2490, 2660)]


def test_sample_figures_that_give_way_to_real_ones_are_told_once():
    then = table({"2025Q4": 1300, "2026Q1": 360, "2026Q2": 769}, status="sample")
    now = table({"2026Q1": 355, "2026Q2": 770}, status="reported")
    assert told(then, now) == [("2026Q2", "real", 3, 2)]


def test_a_declared_correction_is_called_one(desk):
    view = opened("2026Q3", "2026-10-31")
    ours = view.observations[view.observations["indicator"] == JOBS]
    wrong = ours.assign(value=ours["value"] + (ours["period"] == "2025Q4"))
    right = ours.assign(corrected=ours["period"] == "2025Q4")
    assert told(wrong, right) == [("2025Q4", "corrected", 1388, 1387)]
