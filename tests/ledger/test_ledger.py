import datetime as dt
import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from workspaces import REPORTED, ROOT, Desk, bare_desk, copy_workspace, rate, row, shipped_desk

from laoyou.errors import LedgerError, Problem
from laoyou.ledger.file import CELL, COLUMNS, LIVE, MISSING, escaped, unescaped
from laoyou.ledger.observations import load_observations
from laoyou.ledger.vintage import as_known

SHOWN = f"data/{REPORTED}"


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    """Return a workspace whose ledger is still empty."""
    return bare_desk(tmp_path)


@pytest.fixture
def shipped(tmp_path: Path) -> Desk:
    """Return a workspace with the shipped ledger."""
    return shipped_desk(tmp_path)


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Desk:
    """Return a workspace that many examples write their one ledger file into."""
    return bare_desk(tmp_path_factory.mktemp("shared"))


def refused(desk: Desk, *rows: dict[str, str], today: dt.date | None = None) -> tuple[Problem, ...]:
    """Return what is wrong with rows that the ledger must refuse."""
    desk.write(*rows)
    with pytest.raises(LedgerError) as caught:
        desk.read(today)
    assert caught.value.where == SHOWN
    assert SHOWN in str(caught.value)
    return caught.value.problems


# Reading as known on a date

REVISED = (
    row(value="375", reported_on="2026-04-12"),
    row(value="360", reported_on="2026-07-15", note="核实后更正"),
    row(value="362", reported_on="2026-10-20"),
)


@pytest.mark.parametrize(
    ("as_of", "value", "revision"),
    [
        ("2026-04-12", 375, 0),  # the day of the first figure
        ("2026-07-14", 375, 0),  # the day before its revision
        ("2026-07-15", 360, 1),  # the day of the revision
        ("2026-07-16", 360, 1),
        ("2026-10-19", 360, 1),
        ("2026-10-20", 362, 2),
        (dt.date(2026, 7, 15), 360, 1),
        ("", 362, 2),
        (None, 362, 2),
    ],
)
def test_a_revision_holds_from_its_own_day(
    desk: Desk, as_of: str | dt.date | None, value: float, revision: int
) -> None:
    desk.write(*REVISED)
    [known] = desk.known(as_of).to_dict("records")
    assert (known["value"], known["revision"], known["first_value"]) == (value, revision, 375)


def test_nothing_is_known_before_the_first_figure(desk: Desk) -> None:
    desk.write(*REVISED)
    assert desk.known("2026-04-11").empty


def test_the_order_of_rows_in_the_file_does_not_matter(desk: Desk) -> None:
    desk.write(*reversed(REVISED))
    [known] = desk.known().to_dict("records")
    assert (known["value"], known["revision"], known["first_value"], known["line"]) == (362, 2, 375, 2)


def test_a_revision_may_stand_in_another_file(desk: Desk) -> None:
    desk.write(REVISED[2], file="observations/a.csv")
    desk.write(*REVISED[:2], file="observations/b.csv")
    [known] = desk.known().to_dict("records")
    assert (known["value"], known["file"]) == (362, "data/observations/a.csv")


def test_a_figure_that_comes_late_is_not_a_revision(desk: Desk) -> None:
    desk.write(row(value="", missing="not_reported"), row(value="360", reported_on="2026-05-20"))
    [known] = desk.known().to_dict("records")
    assert (known["value"], known["missing"], known["revision"], known["first_value"]) == (360, "", 0, 360)


def test_a_figure_withheld_later_is_not_repeated(desk: Desk) -> None:
    note = "更正：原 3"
    desk.write(row(value="3"), row(value="", missing="suppressed", reported_on="2026-05-20", note=note))
    [known] = desk.known().to_dict("records")
    assert np.isnan(known["value"])
    assert np.isnan(known["first_value"])
    assert (known["missing"], known["revision"], known["note"]) == ("suppressed", 0, "")
    [before] = desk.known("2026-05-19").to_dict("records")
    assert (before["value"], before["first_value"]) == (3, 3)


def test_a_figure_taken_back_is_a_revision_to_missing(desk: Desk) -> None:
    desk.write(row(value="3"), row(value="", missing="not_collected", reported_on="2026-05-20"))
    [known] = desk.known().to_dict("records")
    assert np.isnan(known["value"])
    assert (known["missing"], known["revision"], known["first_value"]) == ("not_collected", 1, 3)


def test_a_period_is_the_same_cell_however_it_is_spelled(desk: Desk) -> None:
    desk.write(row(period="2026Q1"), row(period="2026年一季度", value="361", reported_on="2026-05-20"))
    [known] = desk.known().to_dict("records")
    assert (known["period"], known["value"], known["revision"]) == ("2026Q1", 361, 1)


def test_the_view_of_an_old_day_is_the_same_after_later_rows_are_added(shipped: Desk) -> None:
    before = shipped.known("2026-07-31")
    shipped.write(
        row(period="2026Q2", value="790", reported_on="2026-08-01"),
        rate(period="2025Q4", numerator="245", denominator="258", reported_on="2026-09-30"),
        row(period="2026Q3", value="1101", reported_on="2026-10-12"),
    )
    pd.testing.assert_frame_equal(shipped.known("2026-07-31"), before)
    assert shipped.known("2026-08-01").shape[0] < before.shape[0]


@pytest.mark.parametrize("as_of", ["2026-13-01", "昨天", "2026Q3", 20260401])
def test_a_cut_off_that_is_no_date_is_refused(desk: Desk, as_of: str) -> None:
    desk.write(row())
    with pytest.raises(LedgerError, match=f"「{as_of}」不是日期"):
        desk.known(as_of)


def test_periods_of_three_lengths_stand_side_by_side(desk: Desk) -> None:
    desk.write(
        *(row(period=p, reported_on="2026-01-12") for p in ("2025Q2", "2025", "2025-08")),
    )
    known = desk.known().set_index("period")
    fields = known[["year", "quarter", "frequency", "period_end"]]
    assert fields.loc["2025Q2"].tolist() == [2025, 2, "quarter", pd.Timestamp("2025-06-30")]
    assert fields.loc["2025"].tolist() == [2025, 0, "year", pd.Timestamp("2025-12-31")]
    assert fields.loc["2025-08"].tolist() == [2025, 0, "month", pd.Timestamp("2025-08-31")]


# Sample and real figures

SAMPLE = "sample/observations.csv"


def sample(**cells: str) -> dict[str, str]:
    return row(**{"status": "sample", "source": "演示数据", **cells})


def test_a_real_figure_retires_the_sample_of_its_indicator_and_region_only(desk: Desk) -> None:
    desk.write(
        sample(period="2025Q4", reported_on="2026-01-12", value="1387"),
        sample(),
        sample(region="330300"),
        sample(indicator="employment_checkups", value="6"),
        file=SAMPLE,
    )
    desk.write(row(value="351", reported_on="2026-05-06"))
    after = desk.known("2026-05-06").set_index(["region", "indicator"])
    jobs = after.loc[("330305", "new_urban_jobs"), ["period", "value", "status", "revision"]]
    assert jobs.tolist() == ["2026Q1", 351, "reported", 0]
    assert after.loc[("330300", "new_urban_jobs"), "status"] == "sample"
    assert after.loc[("330305", "employment_checkups"), "status"] == "sample"


def test_before_a_real_figure_was_reported_the_sample_still_shows(desk: Desk) -> None:
    desk.write(sample(period="2025Q4", reported_on="2026-01-12", value="1387"), sample(), file=SAMPLE)
    before = desk.known()
    desk.write(row(value="351", reported_on="2026-05-06"))
    pd.testing.assert_frame_equal(desk.known("2026-05-05"), before)
    assert desk.known("2026-05-06")["status"].tolist() == ["reported"]


def test_a_series_never_mixes_sample_and_real_figures(shipped: Desk) -> None:
    shipped.write(
        *(row(indicator=i, value="5", period="2026Q2", reported_on="2026-07-12") for i in shipped.plan.series)
    )
    known = shipped.known()
    mixed = (
        known.assign(sample=known["status"] == "sample").groupby(["region", "indicator"])["sample"].nunique()
    )
    assert (mixed == 1).all()


# What is missing


@pytest.mark.parametrize("kind", MISSING)
def test_a_missing_figure_stays_missing_and_keeps_its_kind(desk: Desk, kind: str) -> None:
    desk.write(row(value="", missing=kind))
    [known] = desk.known().to_dict("records")
    assert np.isnan(known["value"])
    assert np.isnan(known["first_value"])
    assert known["missing"] == kind


def test_the_kinds_of_missing_are_kept_apart_from_each_other_and_from_zero(desk: Desk) -> None:
    kinds = ["not_reported", "not_collected", "not_applicable", "suppressed", "below_unit"]
    assert list(MISSING) == kinds
    quarters = ["2024Q1", "2024Q2", "2024Q3", "2024Q4", "2025Q1"]
    desk.write(
        *(row(period=q, value="", missing=k) for q, k in zip(quarters, kinds, strict=True)), row(value="0")
    )
    known = desk.known().set_index("period")
    assert known.loc[quarters, "missing"].tolist() == kinds
    assert known.loc[quarters, "value"].isna().all()
    assert known.loc["2026Q1", ["value", "missing"]].tolist() == [0, ""]


def test_an_empty_value_without_a_kind_is_refused(desk: Desk) -> None:
    [problem] = refused(desk, row(value=""))
    assert problem.place == "第 2 行 value 列"
    assert all(kind in problem.allowed for kind in MISSING)


@pytest.mark.parametrize("cells", [row(missing="not_reported"), rate(missing="suppressed")])
def test_a_kind_of_missing_beside_a_figure_is_refused(desk: Desk, cells: dict[str, str]) -> None:
    [problem] = refused(desk, cells)
    assert problem.place == "第 2 行 missing 列"
    assert cells["missing"] in problem.found


# Rates and their parts


def test_a_rate_is_computed_from_its_parts(desk: Desk) -> None:
    desk.write(
        rate(numerator="186", denominator="200"), rate(period="2025Q4", numerator="0", denominator="7")
    )
    known = desk.known().set_index("period")["value"]
    assert known["2026Q1"] == 93  # 100 × 186 ÷ 200
    assert known["2025Q4"] == 0


@pytest.mark.parametrize("side", [-1, 1])
@pytest.mark.parametrize(("beyond", "accepted"), [(-0.001, True), (0.001, False)])
def test_a_rate_must_agree_with_its_parts_within_the_rounding_of_the_rules(
    desk: Desk, side: int, beyond: float, accepted: bool
) -> None:
    value = f"{93 + side * (desk.rules.ledger.rate_rounding + beyond):.4f}"
    if accepted:
        desk.write(rate(value=value))
        assert desk.known()["value"].tolist() == [float(value)]
    else:
        [problem] = refused(desk, rate(value=value))
        assert problem.place == "第 2 行 value 列"
        assert value in problem.found


def test_a_count_is_not_computed_from_parts(desk: Desk) -> None:
    [problem] = refused(desk, row(value="", numerator="30", denominator="60"))
    assert problem.place == "第 2 行 value 列"
    desk.write(row(value="30", numerator="30", denominator="60"))
    assert desk.known()["value"].tolist() == [30]


# Refusals of single cells


@pytest.mark.parametrize(
    ("cells", "column", "found", "allowed"),
    [
        (row(indicator="new_urban_job"), "indicator", "new_urban_job", "new_urban_jobs"),
        (row(indicator=""), "indicator", "空着", "new_urban_jobs"),
        (row(region="330306"), "region", "330306", "330305"),
        (row(measured_at="温州"), "measured_at", "温州", "330300"),
        (row(status="final"), "status", "final", "published、reported"),
        (row(status="sample"), "status", "sample", "published、reported"),
        (row(value="", missing="未报"), "missing", "未报", "not_reported"),
        (rate(value="120", numerator="", denominator=""), "value", "120", "100"),
        (rate(value="100.1", numerator="", denominator=""), "value", "100.1", "100"),
        (rate(numerator="201"), "numerator", "201", "不大于分母"),
        (rate(numerator="0", denominator="0"), "denominator", "0", "大于 0"),
        (rate(value="93", numerator="0", denominator="0"), "denominator", "0", "大于 0"),
        (rate(value="93", denominator=""), "denominator", "只有一个", "都填或都空"),
        (rate(value="93", numerator=""), "denominator", "只有一个", "都填或都空"),
        (row(value="-1"), "value", "-1", "0 或正数"),
        (rate(numerator="-1"), "numerator", "-1", "0 或正数"),
        (rate(denominator="-200", numerator="0"), "denominator", "-200", "0 或正数"),
        (row(value="３６０"), "value", "３６０", "不带千位分隔符"),
        (row(value="1,234"), "value", "1,234", "不带千位分隔符"),
        (row(value="约三百"), "value", "约三百", "missing"),
        (row(value="360人"), "value", "360人", "单位"),
        (row(value="nan"), "value", "nan", "missing"),
        (row(value="inf"), "value", "inf", "missing"),
        (row(value="1e999"), "value", "1e999", "missing"),
        (rate(numerator="18六"), "numerator", "18六", "不带千位分隔符"),
        (rate(denominator="inf"), "denominator", "inf", "不带千位分隔符"),
        (row(period="2026Q5"), "period", "2026Q5", "2026Q3"),
        (row(period="2026年1—3月"), "period", "2026年1—3月", "2026Q3"),
        (row(period=""), "period", "", "2026Q3"),
        (row(reported_on="2026/04/12"), "reported_on", "2026/04/12", "2026-10-12"),
        (row(reported_on="2026-02-30"), "reported_on", "2026-02-30", "2026-10-12"),
        (row(reported_on="today"), "reported_on", "today", "2026-10-12"),
        (row(reported_on=""), "reported_on", "", "2026-10-12"),
        (row(period="2026Q2"), "period", "2026Q2", "已经结束"),
        (row(reported_on="2026-03-30"), "period", "2026Q1", "已经结束"),
        (row(source=""), "source", "空着", "从哪里来"),
        (row(source="　 "), "source", "空着", "从哪里来"),
    ],
)
def test_a_cell_that_cannot_be_is_refused_by_file_line_column_value_and_what_is_allowed(
    desk: Desk, cells: dict[str, str], column: str, found: str, allowed: str
) -> None:
    sound = row(period="2025Q4", value="1387", reported_on="2026-01-12")
    [problem] = refused(desk, sound, cells)
    assert problem.place == f"第 3 行 {column} 列"
    assert found in problem.found
    assert allowed in problem.allowed


def test_a_misspelled_indicator_is_answered_with_the_nearest_one(desk: Desk) -> None:
    [problem] = refused(desk, row(indicator="new_urban_job"))
    assert problem.remedy == "是不是「new_urban_jobs」？"


@pytest.mark.parametrize("value", ["0", "100"])
def test_the_ends_of_the_scale_of_a_rate_are_accepted(desk: Desk, value: str) -> None:
    desk.write(rate(value=value, numerator="", denominator=""))
    assert desk.known()["value"].tolist() == [float(value)]


def test_a_figure_may_be_reported_on_the_last_day_of_its_period(desk: Desk) -> None:
    desk.write(row(reported_on="2026-03-31"))
    assert desk.known()["period"].tolist() == ["2026Q1"]


def test_what_holds_until_changed_may_be_announced_before_its_period(desk: Desk) -> None:
    wage = row(indicator="minimum_wage_top_tier", region="330000", period="2027Q1", value="2700")
    desk.write(wage)
    assert desk.known()["value"].tolist() == [2700]


def test_a_figure_from_the_future_is_refused_against_today(desk: Desk) -> None:
    future = row(period="2026Q4", reported_on="2027-01-12")
    [problem] = refused(desk, future, today=dt.date(2027, 1, 11))
    assert problem.place == "第 2 行 reported_on 列"
    assert "2027-01-12" in problem.found
    assert "2027-01-11" in problem.allowed
    assert desk.read(dt.date(2027, 1, 12)).shape[0] == 1
    assert desk.read().shape[0] == 1


def test_figures_are_read_from_every_file_of_both_folders(desk: Desk) -> None:
    desk.write(row(), file="observations/reported.csv")
    desk.write(row(period="2026Q2", reported_on="2026-07-12"), file="observations/by-hand.csv")
    desk.write(sample(indicator="employment_checkups"), file=SAMPLE)
    desk.write(sample(indicator="skilled_workers"), file="sample/intake.csv")
    assert desk.read()["file"].tolist() == [
        "data/observations/by-hand.csv",
        "data/observations/reported.csv",
        "data/sample/intake.csv",
        "data/sample/observations.csv",
    ]
    [problem] = refused_in(desk, "sample/intake.csv", row(region="330300"))
    assert problem.allowed == "sample"


def refused_in(desk: Desk, file: str, *rows: dict[str, str]) -> tuple[Problem, ...]:
    """Return what is wrong with rows of one file of the ledger."""
    desk.write(*rows, file=file)
    with pytest.raises(LedgerError) as caught:
        desk.read()
    assert caught.value.where == f"data/{file}"
    return caught.value.problems


def test_a_real_figure_does_not_belong_in_the_sample_file(desk: Desk) -> None:
    desk.write(row(), file=SAMPLE)
    with pytest.raises(LedgerError) as caught:
        desk.read()
    assert caught.value.where == f"data/{SAMPLE}"
    [problem] = caught.value.problems
    assert (problem.place, problem.found, problem.allowed) == ("第 2 行 status 列", "「reported」", "sample")


# Refusals across rows


def test_the_same_cell_twice_on_one_day_is_refused(desk: Desk) -> None:
    problems = refused(desk, row(), row(value="361"), row(period="2025Q4"), row(status="published"))
    assert [p.place for p in problems] == ["第 3 行 reported_on 列", "第 5 行 reported_on 列"]
    for problem in problems:
        assert "330305 new_urban_jobs 2026Q1 在 2026-04-12" in problem.found
        assert f"{SHOWN} 第 2 行" in problem.found
        assert "更晚的 reported_on" in problem.remedy
        assert "在同一文件里另起一行并在 note 写明更正原因" in problem.remedy


WHY = "更正：原报漏计两个街道"


def test_a_correction_of_the_same_day_is_taken_from_further_down_in_the_file(desk: Desk) -> None:
    desk.write(row(value="360"), row(period="2025Q4", reported_on="2026-01-12"), row(value="361", note=WHY))
    known = desk.known().set_index("period")
    assert known.loc["2026Q1", ["value", "first_value", "revision", "note"]].tolist() == [361, 360, 1, WHY]
    assert desk.known("2026-04-11")["period"].tolist() == ["2025Q4"]


def test_a_day_may_see_several_corrections_each_with_its_reason(desk: Desk) -> None:
    desk.write(row(value="360"), row(value="361", note=WHY), row(value="360", note="更正：原数无误"))
    [known] = desk.known().itertuples()
    assert (known.value, known.revision, known.note) == (360, 2, "更正：原数无误")


@pytest.mark.parametrize(
    "second",
    [
        row(value="361"),  # no reason
        row(value="360", note=WHY),  # no other figure
        row(value="360.0", note=WHY, source="别处", series_break="新口径"),
        row(value="360", note=WHY, status="published"),
    ],
    ids=["no reason", "the same figure", "the same figure spelled otherwise", "another status alone"],
)
def test_a_second_row_of_a_day_that_corrects_nothing_or_says_not_why_is_refused(
    desk: Desk, second: dict[str, str]
) -> None:
    [problem] = refused(desk, row(value="360"), second)
    assert problem.place == "第 3 行 reported_on 列"


def test_a_correction_of_the_same_day_from_another_file_is_refused_for_files_have_no_order(
    desk: Desk,
) -> None:
    desk.write(row(), file="observations/a.csv")
    [problem] = refused(desk, row(value="361", note=WHY))
    assert "data/observations/a.csv 第 2 行" in problem.found


@pytest.mark.parametrize(
    "second",
    [
        rate(denominator="201", note=WHY),
        rate(numerator="", denominator="", missing="not_reported", note=WHY),
    ],
    ids=["denominator", "no figure after all"],
)
def test_any_part_of_a_figure_can_be_corrected_on_its_day(desk: Desk, second: dict[str, str]) -> None:
    desk.write(rate(), second)
    assert desk.known()["note"].tolist() == [WHY]


def test_the_same_cell_in_two_files_on_one_day_is_refused_where_it_comes_second(desk: Desk) -> None:
    desk.write(row(), file="observations/a.csv")
    [problem] = refused(desk, row(period="2026年一季度"))
    assert "data/observations/a.csv 第 2 行" in problem.found


def test_a_sample_and_a_real_figure_of_one_day_do_not_collide(desk: Desk) -> None:
    desk.write(sample(), file=SAMPLE)
    desk.write(row(value="351"))
    assert desk.known()["value"].tolist() == [351]


def training(period: str, value: str, reported_on: str) -> dict[str, str]:
    return row(
        indicator="training_enrolments_cumulative", period=period, value=value, reported_on=reported_on
    )


def test_a_cumulative_count_that_falls_is_refused(desk: Desk) -> None:
    [problem] = refused(
        desk,
        training("2025Q4", "7200", "2026-01-12"),
        training("2026Q1", "1234567", "2026-04-12"),
        training("2026Q2", "1234566", "2026-07-12"),
    )
    assert problem.place == "第 4 行 value 列"
    assert "2026Q2" in problem.found
    assert "1234566" in problem.found
    assert problem.allowed == "累计数不减少"


def test_a_cumulative_count_may_stand_still_and_a_fall_may_be_corrected(desk: Desk) -> None:
    desk.write(
        training("2025Q4", "7200", "2026-01-12"),
        training("2026Q1", "450", "2026-04-12"),
        training("2026Q1", "7200", "2026-05-12"),
    )
    assert desk.known()["value"].tolist() == [7200, 7200]


def test_an_annual_count_may_start_again(desk: Desk) -> None:
    desk.write(row(period="2025Q4", value="1387", reported_on="2026-01-12"), row(value="360"))
    assert desk.known()["value"].tolist() == [1387, 360]


def test_every_problem_of_a_file_is_listed_at_once(desk: Desk) -> None:
    problems = refused(
        desk,
        row(indicator="new_urban_job"),
        rate(value="120", numerator="", denominator=""),
        row(period="2026Q5"),
        row(source="", value="1,234", period="2025Q4"),
        training("2025Q4", "7200", "2026-01-12"),
        training("2026Q1", "450", "2026-04-12"),
        training("2026Q1", "450", "2026-04-12"),
    )
    assert {p.place for p in problems} == {
        "第 2 行 indicator 列",
        "第 3 行 value 列",
        "第 4 行 period 列",
        "第 5 行 source 列",
        "第 5 行 value 列",
        "第 8 行 value 列",
        "第 8 行 reported_on 列",
    }


# Refusals of files


def test_a_missing_and_an_extra_column_are_refused_together(desk: Desk) -> None:
    columns = [c if c != "source" else "来源" for c in COLUMNS]
    desk.write(columns=columns)
    with pytest.raises(LedgerError) as caught:
        desk.read()
    [problem] = caught.value.problems
    assert problem.place == "第 1 行（表头）"
    assert problem.found == "缺少「source」、多出「来源」"
    assert problem.allowed == "、".join(COLUMNS)


def test_a_column_twice_is_refused(desk: Desk) -> None:
    desk.write(columns=[*COLUMNS, "note"])
    with pytest.raises(LedgerError, match="多出「note」"):
        desk.read()


def test_the_order_of_columns_does_not_matter(desk: Desk) -> None:
    desk.write(row(), columns=reversed(COLUMNS))
    assert desk.known()["value"].tolist() == [360]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig"])
def test_a_byte_order_mark_is_no_part_of_the_header(desk: Desk, encoding: str) -> None:
    desk.write(row(), encoding=encoding)
    assert desk.known()["source"].tolist() == ["这里就业创业"]


@pytest.mark.parametrize("encoding", ["gb18030", "utf-16"])
def test_a_file_in_another_encoding_is_refused(desk: Desk, encoding: str) -> None:
    desk.write(row(), encoding=encoding)
    with pytest.raises(LedgerError) as caught:
        desk.read()
    assert caught.value.where == SHOWN
    assert "UTF-8" in caught.value.problems[0].allowed


@pytest.mark.parametrize("content", [b"", b"\xef\xbb\xbf", b"\n\n"])
def test_an_empty_file_is_refused(desk: Desk, content: bytes) -> None:
    desk.write().write_bytes(content)
    with pytest.raises(LedgerError, match="是空的") as caught:
        desk.read()
    assert caught.value.where == SHOWN


def test_a_file_with_a_header_only_holds_no_figures(desk: Desk) -> None:
    desk.write()
    assert desk.known().empty


def test_a_ledger_without_a_file_is_refused(desk: Desk) -> None:
    with pytest.raises(LedgerError, match="一个 CSV 也没有") as caught:
        desk.read()
    assert caught.value.where == "data"
    assert caught.value.problems[0].allowed == "observations/*.csv"


def test_a_folder_in_the_place_of_a_file_is_refused(desk: Desk) -> None:
    (desk.workspace.data / REPORTED).mkdir()
    with pytest.raises(LedgerError, match="读不出来"):
        desk.read()


@pytest.mark.parametrize("cells", [12, 14])
def test_rows_of_another_width_are_refused_by_line(desk: Desk, cells: int) -> None:
    path = desk.write(row())
    with path.open("a", encoding="utf-8") as stream:
        stream.write("\n" + "," * (cells - 1) + "\n" + "," * (cells - 1) + "\n")
    with pytest.raises(LedgerError) as caught:
        desk.read()
    assert [p.place for p in caught.value.problems] == ["第 4 行", "第 5 行"]
    assert all(f"{cells} 格" in p.found and "13 格" in p.allowed for p in caught.value.problems)


def test_rows_that_are_all_one_cell_too_wide_are_not_read_one_column_off(desk: Desk) -> None:
    path = desk.write(row(), row(period="2025Q4"))
    header, *lines = path.read_text(encoding="utf-8").splitlines()
    path.write_text("\n".join([header, *(line + ",330305" for line in lines)]), encoding="utf-8")
    with pytest.raises(LedgerError) as caught:
        desk.read()
    assert [p.place for p in caught.value.problems] == ["第 2 行", "第 3 行"]


def test_lines_are_counted_as_an_editor_shows_them(desk: Desk) -> None:
    problems = refused(desk, row(note="第一行\n第二行\n第三行"), row(region="x", period="2025Q4"))
    assert [p.place for p in problems] == ["第 5 行 region 列"]


def test_blank_lines_hold_nothing(desk: Desk) -> None:
    path = desk.write(row())
    path.write_text(path.read_text(encoding="utf-8") + "\n\n", encoding="utf-8")
    assert desk.known()["value"].tolist() == [360]


def test_an_open_quotation_mark_is_refused_where_its_row_begins(desk: Desk) -> None:
    path = desk.write(row())
    path.write_text(path.read_text(encoding="utf-8") + '"330305,\n,\n,\n', encoding="utf-8")
    with pytest.raises(LedgerError) as caught:
        desk.read()
    assert caught.value.problems[0].place == "第 3 行"


# Whatever is in the file

SOUND = (
    row(period="2025Q4", value="1387", reported_on="2026-01-12"),
    *REVISED,
    rate(),
    row(indicator="employment_checkups", value="", missing="not_reported"),
    training("2025Q4", "7200", "2026-01-12"),
    training("2026Q1", "7600", "2026-04-12"),
)
HAZARDS = (
    "", " ", "0", "-0", "1e308", "1e309", "-inf", "NaN", "None", "NULL", "True", "0x1F", "1_000", "1,234", "１２", "²", "1/3",
    "now", "today", "9999-12-31", "0000-00-00", "2026-4-1", "2026-04-12T00:00", "0000", "9999", "0000Q1", "9999Q4", "1677",
    "2026-00", "２０２６Q1", "2026年一季度", "{}", "{0.x}", "%s", '"', "'", "\n", "\r", "\x00", "\ufeff", "=1+1",
    "sample", "not_reported", "330305", "skilled_workers",
)  # fmt: skip
CELLS = st.sampled_from(HAZARDS) | st.text(max_size=12) | st.integers().map(str) | st.floats().map(str)
CHANGES = st.dictionaries(
    st.tuples(st.integers(0, len(SOUND) - 1), st.sampled_from(COLUMNS)), CELLS, max_size=4
)


def loads_or_is_refused(desk: Desk) -> None:
    try:
        ledger = desk.read()
    except LedgerError as refusal:
        said = str(refusal)
    else:
        said = "loaded"
        assert (ledger["value"].isna() == (ledger["missing"] != "")).all()
        assert not (ledger["value"] < 0).any()
        assert np.isfinite(ledger["value"].dropna()).all()
        assert as_known(ledger).groupby(CELL).size().max() == 1
    assert said == "loaded" or said.startswith(f"{SHOWN}：")


@settings(max_examples=200, deadline=None, derandomize=True)
@given(CHANGES)
def test_whatever_stands_in_a_cell_the_ledger_loads_or_is_refused(
    shared: Desk, changes: dict[tuple[int, str], str]
) -> None:
    rows = [dict(cells) for cells in SOUND]
    for (number, column), cell in changes.items():
        rows[number][column] = cell
    shared.write(*rows)
    loads_or_is_refused(shared)


@settings(max_examples=50, deadline=None, derandomize=True)
@given(
    st.binary(max_size=60) | st.text(alphabet='a1,"\n\r\ufeff', max_size=30).map(str.encode), st.booleans()
)
def test_whatever_stands_in_a_file_the_ledger_loads_or_is_refused(
    shared: Desk, content: bytes, after_sound_rows: bool
) -> None:
    path = shared.write(*SOUND)
    path.write_bytes(path.read_bytes() + content if after_sound_rows else content)
    loads_or_is_refused(shared)


# The shipped ledger

PUBLISHED = {
    ("330000", "minimum_wage_top_tier", "2021Q3"): 2280,  # from 2021-08-01
    ("330000", "minimum_wage_top_tier", "2024Q1"): 2490,  # from 2024-01-01
    ("100000", "urban_unemployment_rate", "2022"): 5.6,
    ("100000", "urban_unemployment_rate", "2023"): 5.2,
    ("100000", "urban_unemployment_rate", "2024"): 5.1,
    ("100000", "urban_unemployment_rate", "2025"): 5.2,
    ("330000", "urban_unemployment_rate", "2023"): 4.6,
    ("330000", "urban_unemployment_rate", "2024"): 4.5,
    ("330000", "new_urban_jobs", "2023"): 1_163_000,
    ("330000", "new_urban_jobs", "2024"): 1_183_000,
    ("330000", "hard_to_employ_placements", "2023"): 110_000,
    ("330000", "hard_to_employ_placements", "2024"): 85_000,
    ("330000", "skilled_workers", "2025-08"): 13_551_000,
    ("330000", "skilled_share_of_employed", "2025-08"): 34.6,
    ("330000", "highly_skilled_workers", "2025-08"): 4_774_000,
    ("330000", "highly_skilled_share_of_skilled", "2025-08"): 35.2,
    ("330000", "skilled_workers", "2020"): 10_130_000,
    ("330000", "highly_skilled_share_of_skilled", "2020"): 31.7,
    ("100000", "high_value_patents_per_10k", "2025Q2"): 15.3,
    ("100000", "high_value_patents_per_10k", "2025Q4"): 16,
    ("330305", "resident_population", "2024"): 161_700,
}


def test_the_shipped_published_figures_are_those_of_their_sources(shipped: Desk) -> None:
    ledger = shipped.read()
    published = ledger[ledger["file"] == "data/observations/published.csv"]
    assert (published["status"] == "published").all()
    assert (published["source"] != "").all()
    cells = published.set_index(["region", "indicator", "period"])["value"].to_dict()
    assert cells == PUBLISHED


def test_a_secondary_source_is_marked_as_such(shipped: Desk) -> None:
    known = shipped.known().set_index(["indicator", "period"])
    assert known.loc[("resident_population", "2024"), "source"].startswith("二手来源")


@pytest.mark.parametrize(
    ("as_of", "in_force"), [("2021-09-30", 2280), ("2024-01-14", 2280), ("2024-01-15", 2490), ("", 2490)]
)
def test_the_minimum_wage_is_2280_from_2021q3_and_2490_from_2024q1(
    shipped: Desk, as_of: str, in_force: float
) -> None:
    known = shipped.known(as_of)
    wage = known[known["indicator"] == "minimum_wage_top_tier"].sort_values("period_end")
    assert wage["value"].iloc[-1] == in_force
    assert wage["period"].tolist() == ["2021Q3", "2024Q1"][: len(wage)]
    assert (wage["status"] == "published").all()


def test_the_shipped_ledger_loads_from_any_folder_of_the_workspace(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    workspace = copy_workspace(tmp_path)
    monkeypatch.chdir(workspace.notebooks)
    known = load_observations()
    assert not known.duplicated(["region", "indicator", "period"]).any()
    assert load_observations(as_of="2022-12-31").shape[0] < known.shape[0]


def test_another_data_folder_can_be_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    desk = bare_desk(tmp_path)
    shutil.copytree(desk.workspace.data, tmp_path / "elsewhere")
    elsewhere = Desk(type(desk.workspace)(tmp_path, "elsewhere"), desk.plan, desk.rules)
    elsewhere.write(row(value="7"))
    monkeypatch.chdir(tmp_path)
    known = load_observations(data="elsewhere")
    assert known[["value", "file"]].to_numpy().tolist() == [[7, "elsewhere/observations/reported.csv"]]


def test_the_checkout_holds_the_same_ledger_as_the_copy(shipped: Desk) -> None:
    checkout = Desk(type(shipped.workspace)(ROOT), shipped.plan, shipped.rules)
    pd.testing.assert_frame_equal(checkout.read(), shipped.read())


@given(st.text())
def test_a_text_escaped_is_read_back_as_itself_and_begins_no_formula(text: str) -> None:
    assert unescaped(escaped(text)) == text
    assert not escaped(text).startswith(LIVE)


@given(st.text(alphabet="'=+-@＝a", max_size=6), st.text(alphabet="'=+-@＝a", max_size=6))
def test_two_texts_are_never_escaped_to_the_same(one: str, other: str) -> None:
    assert (escaped(one) == escaped(other)) == (one == other)
