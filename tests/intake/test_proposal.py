"""Incoming rows held against the ledger."""

import datetime as dt
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest
import yaml
from workspaces import Desk, bare_desk, rate, row

from laoyou.errors import IntakeError, Problem
from laoyou.intake.incoming import INCOMING
from laoyou.intake.proposal import CHANGED, KEPT, NEW, SAME, Proposal, propose
from laoyou.ledger.file import COLUMNS
from laoyou.regions import load_regions

DAY = dt.date(2026, 10, 20)
Propose = Callable[..., Proposal]


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return bare_desk(tmp_path / "checkout")


def incoming(*rows: dict[str, str]) -> pd.DataFrame:
    """Return rows as a reader of files gives them: without a day, each with its place."""
    table = pd.DataFrame(rows, columns=list(INCOMING), dtype="str").fillna("")
    table["place"] = [f"表.xlsx 填报表!H{n}" for n in range(7, 7 + len(table))]
    return table


def proposal(desk: Desk, *rows: dict[str, str], day: dt.date = DAY) -> Proposal:
    given = [{**r, "reported_on": ""} for r in rows]
    return propose(
        incoming(*given), desk.workspace, desk.plan, desk.rules, load_regions(desk.workspace), day=day
    )


def refused(desk: Desk, *rows: dict[str, str], day: dt.date = DAY) -> tuple[Problem, ...]:
    with pytest.raises(IntakeError) as caught:
        proposal(desk, *rows, day=day)
    return caught.value.problems


def kinds(found: Proposal) -> list[str]:
    return list(found.rows["kind"])


# What a row is


def test_a_figure_that_the_ledger_has_not_is_new(desk: Desk) -> None:
    desk.write(row())
    found = proposal(desk, row(period="2026Q2", value="700"), row(region="330305101", value="40"))
    assert kinds(found) == [NEW, NEW]
    assert list(found.rows["before"]) == ["", ""]
    assert list(found.added["note"]) == ["", ""]
    assert list(found.added["reported_on"]) == ["2026-10-20", "2026-10-20"]
    assert list(found.added.columns) == list(COLUMNS)


@pytest.mark.parametrize(
    ("old", "new", "kind"),
    [
        (row(value="360"), row(value="360"), SAME),
        (row(value="360"), row(value="360.0"), SAME),
        (row(value="360"), row(period="2026年一季度"), SAME),
        (row(value="360"), row(value="361"), CHANGED),
        (row(value="360"), row(value="360.0000003"), SAME),  # 8e-10 of it
        (row(value="360"), row(value="360.0000005"), CHANGED),  # 1.4e-9
        (rate(), rate(), SAME),
        (rate(), rate(numerator="187"), CHANGED),
        (rate(), rate(numerator="93", denominator="100"), CHANGED),  # the same rate of other parts
        (rate(), rate(numerator="", denominator="", value="93"), SAME),
        (rate(), rate(numerator="", denominator="", value="93.1"), CHANGED),
        (row(), row(measured_at="330300"), CHANGED),
        (row(), row(measured_at=""), SAME),  # the region's own
        (row(), row(series_break="口径变了"), CHANGED),
        (row(series_break="口径变了"), row(), SAME),
        (row(status="published"), row(), CHANGED),
        (row(), row(source="别处", note="说明"), SAME),
        (row(value="", missing="not_reported"), row(), CHANGED),
        (row(value="", missing="not_reported"), row(value="", missing="not_reported"), SAME),
        (row(value="", missing="not_reported"), row(value="", missing="not_collected"), CHANGED),
        (row(value="", missing="not_collected"), row(value="", missing="not_reported"), KEPT),
        (row(), row(value="", missing="not_reported"), KEPT),
        (row(), row(value="", missing="not_applicable"), CHANGED),
    ],
)
def test_a_figure_is_held_against_the_one_known(
    desk: Desk, old: dict[str, str], new: dict[str, str], kind: str
) -> None:
    desk.write(old)
    found = proposal(desk, new)
    assert kinds(found) == [kind]
    assert len(found.added) == (kind == CHANGED)
    assert found.count(kind) == 1


def test_the_latest_revision_known_on_the_day_counts(desk: Desk) -> None:
    later = row(value="380", reported_on="2026-11-05", note="更正")
    desk.write(row(value="360"), row(value="370", reported_on="2026-07-01"), later)
    assert kinds(proposal(desk, row(value="370"), day=dt.date(2026, 11, 4))) == [SAME]
    assert kinds(proposal(desk, row(value="380"), day=dt.date(2026, 11, 4))) == [CHANGED]
    assert kinds(proposal(desk, row(value="380"), day=dt.date(2026, 11, 5))) == [SAME]
    assert kinds(proposal(desk, row(value="360"), day=dt.date(2026, 11, 5))) == [CHANGED]


@pytest.mark.parametrize(
    ("old", "new", "note"),
    [
        (row(value="360"), row(value="361"), "更正：原 360"),
        (row(value="360.5"), row(value="361"), "更正：原 360.5"),
        (rate(), rate(numerator="187"), "更正：原 186/200"),
        (row(value="", missing="not_reported"), row(value="361"), "补报：此前未报"),
        (row(value="", missing="below_unit"), row(value="361"), "补报：此前不足最小单位"),
        (row(value="360"), row(value="361", note="核实后更正"), "核实后更正"),
    ],
)
def test_a_changed_figure_says_why_unless_it_does_so_itself(
    desk: Desk, old: dict[str, str], new: dict[str, str], note: str
) -> None:
    desk.write(old)
    assert list(proposal(desk, new).added["note"]) == [note]


def test_a_correction_of_the_same_day_can_be_added_and_read(desk: Desk) -> None:
    first = row(value="360", reported_on=str(DAY))
    desk.write(first)
    [added] = proposal(desk, row(value="361")).added.to_dict("records")
    desk.write(first, added)
    assert list(desk.known()["value"]) == [361]


# Real and sample figures


def test_sample_figures_are_held_against_sample_figures_and_go_to_a_file_of_their_own(desk: Desk) -> None:
    desk.write(row(value="360"))
    desk.write(row(value="1", status="sample"), file="sample/observations.csv")
    real, sample = proposal(desk, row(value="360")), proposal(desk, row(value="360", status="sample"))
    assert (kinds(real), real.sample) == ([SAME], False)
    assert (kinds(sample), sample.sample) == ([CHANGED], True)
    assert real.target == "data/observations/reported.csv"
    assert sample.target == "data/sample/intake.csv"


def test_sample_and_real_figures_are_not_taken_in_together(desk: Desk) -> None:
    desk.write(row())
    [problem] = refused(desk, row(period="2026Q2"), row(period="2026Q3", status="sample"))
    assert problem.place == "表.xlsx 填报表!H8"
    assert "是演示数据，其余是真实数据" in problem.found


# What cannot be added


def test_every_row_that_cannot_be_added_is_named_by_its_cell(desk: Desk) -> None:
    desk.write(row())
    found = refused(
        desk, row(value="x"), row(period="2026Q4"), rate(numerator="201"), row(indicator="new_urban_job"),
    )  # fmt: skip
    assert {(p.place, p.found) for p in found} == {
        ("表.xlsx 填报表!H7（new_urban_jobs value 列）", "「x」不是数字"),
        ("表.xlsx 填报表!H8（new_urban_jobs period 列）", "2026Q4 在上报日还没有结束"),
        ("表.xlsx 填报表!H9（arrears_resolution_rate numerator 列）", "分子 201 大于分母"),
        ("表.xlsx 填报表!H10（new_urban_job indicator 列）", "「new_urban_job」"),
    }


def test_a_figure_given_twice_is_refused_at_the_second_place(desk: Desk) -> None:
    desk.write(row())
    [problem] = refused(desk, row(period="2026Q2", value="700"), row(period="2026年二季度", value="700"))
    assert problem.place == "表.xlsx 填报表!H8"
    assert problem.found == "与 表.xlsx 填报表!H7 是同一个数（new_urban_jobs 2026Q2）"


def enrolments(period: str, value: str, **cells: str) -> dict[str, str]:
    return row(
        **{"indicator": "training_enrolments_cumulative", "period": period, "value": value,
           "reported_on": "2026-10-12", **cells}
    )  # fmt: skip


@pytest.mark.parametrize(("value", "good"), [("8000", True), ("7999", False)])
def test_a_cumulative_count_does_not_fall(desk: Desk, value: str, good: bool) -> None:
    desk.write(enrolments("2026Q2", "8000"))
    if good:
        assert kinds(proposal(desk, enrolments("2026Q3", value))) == [NEW]
    else:
        [problem] = refused(desk, enrolments("2026Q3", value))
        assert problem.place == "表.xlsx 填报表!H7"
        assert "降到 7999" in problem.found


def test_a_cumulative_count_is_held_against_declared_corrections(desk: Desk) -> None:
    desk.write(enrolments("2026Q2", "80000"))
    entry = {
        "indicator": "training_enrolments_cumulative", "region": "330305", "period": "2026Q2",
        "action": "replace", "found": {"value": 80000}, "value": 8000, "reason": "多录一个 0",
        "declared_on": dt.date(2026, 10, 15), "status": "open",
    }  # fmt: skip
    text = yaml.safe_dump({"corrections": [entry]}, allow_unicode=True)
    (desk.workspace.data / "corrections.yml").write_text(text, encoding="utf-8")
    assert kinds(proposal(desk, enrolments("2026Q3", "8500"))) == [NEW]
    assert "降到 7500" in refused(desk, enrolments("2026Q3", "7500"))[0].found


def test_a_ledger_that_declared_corrections_make_fall_is_not_written(desk: Desk) -> None:
    desk.write(enrolments("2026Q2", "800"))
    entry = {
        "indicator": "training_enrolments_cumulative", "region": "330305", "period": "2026Q2",
        "action": "replace", "found": {"value": 800}, "value": 8000, "reason": "少录一个 0",
        "declared_on": dt.date(2026, 10, 15), "status": "open",
    }  # fmt: skip
    text = yaml.safe_dump({"corrections": [entry]}, allow_unicode=True)
    (desk.workspace.data / "corrections.yml").write_text(text, encoding="utf-8")
    assert "降到 900" in refused(desk, enrolments("2026Q3", "900"))[0].found


def test_another_file_of_the_same_day_has_no_order_to_this_one(desk: Desk) -> None:
    desk.write(row(value="360", reported_on=str(DAY)), file="observations/by_hand.csv")
    [problem] = refused(desk, row(value="361"))
    assert problem.place == "表.xlsx 填报表!H7"
    assert "报了两次" in problem.found
    assert kinds(proposal(desk, row(value="361"), day=DAY + dt.timedelta(1))) == [CHANGED]


def test_a_ledger_without_a_row_yet_takes_the_first(desk: Desk) -> None:
    desk.write()
    assert kinds(proposal(desk, row())) == [NEW]


def test_nothing_incoming_is_nothing_added(desk: Desk) -> None:
    desk.write(row())
    assert len(proposal(desk).rows) == 0


def test_what_is_doubtful_is_told_of_what_would_be_added_only(desk: Desk) -> None:
    # net new jobs since January cannot be fewer in the third quarter than in the second
    desk.write(row(period="2026Q2", value="700", reported_on="2026-07-12"), row(value="360"))
    [doubt] = proposal(desk, row(period="2026Q3", value="650")).doubts
    assert (doubt.code, doubt.period, doubt.other) == ("restarted", "2026Q3", "2026Q2")
    assert proposal(desk, row(value="360")).doubts == []
