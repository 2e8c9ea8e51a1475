"""The supervision page and the circular where there is much, little and nothing to tell; nothing hostile comes alive."""

from __future__ import annotations

import datetime as dt
import io
import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import docx
import openpyxl
import pandas as pd
import pytest
from matters import REGION, UNIT, event
from views import cases, quarterly
from workspaces import copy_workspace

from laoyou.documents.circular import circular
from laoyou.documents.workbook import workbook
from laoyou.language import speaking
from laoyou.ledger.append import write_together
from laoyou.pages import problems
from laoyou.pages.problem_words import (
    HEADS,
    cells,
    description,
    key_points,
    origin,
    progress,
    state,
    unit_count,
)
from laoyou.plan import Plan
from laoyou.supervision.docket import Docket, open_docket
from laoyou.supervision.log import log_file, with_events
from laoyou.supervision.matters import Event, rebuild
from laoyou.supervision.states import Step
from laoyou.view import View, open_view

A, P, R, Y, B, C, E, X = Step
PARTS = (problems.opening, problems.waiting, problems.movement, problems.decisions, problems.units)
One = Callable[..., View]


@pytest.fixture(scope="module")
def shipped_view() -> View:
    return open_view(region=REGION, quarter="2026Q3", as_of="2026-10-31")


@pytest.fixture
def bare(tmp_path: Path, shipped_view: View) -> View:
    """Return the shipped view in a workspace without any event."""
    workspace = copy_workspace(tmp_path / "checkout")
    log_file(workspace, sample=True).unlink()
    return replace(shipped_view, workspace=workspace)


@pytest.fixture
def one(bare: View, one_row_plan: Callable[..., Plan], observe: Callable[..., pd.DataFrame]) -> One:
    """Return a function that makes a view of one indicator and no commitment."""

    def make(quarter: str, figures: Any, kind: str, *targets: str, **more: Any) -> View:
        plan = one_row_plan(kind, *targets, **more).model_copy(update={"commitments": {}})
        day = pd.Period(quarter, "Q-DEC").end_time.date() + dt.timedelta(days=31)
        found = replace(bare, plan=plan, observations=observe(figures), quarter=pd.Period(quarter, "Q-DEC"))
        return replace(found, as_of=str(day))

    return make


def record(view: View, *events: Event, sample: bool = False) -> None:
    file = log_file(view.workspace, sample=sample)
    subjects = (*view.plan.indicators, *view.plan.commitments)
    content = with_events(file, file.name, events, regions=view.regions, subjects=subjects)
    write_together([(file, content)], file.name)


def page(view: View) -> str:
    return "".join(part(view).html for part in PARTS)


def told_in_word(view: View) -> str:
    document = docx.Document(io.BytesIO(circular(view)))
    texts = [p.text for p in document.paragraphs]
    return "\n".join(texts + [c.text for t in document.tables for row in t.rows for c in row.cells])


# Nothing to tell


def test_where_every_light_is_green_it_says_so_instead_of_an_empty_chart(one: One) -> None:
    view = one("2025Q1", {"2025Q1": 30}, "annual_count", "100")
    assert view.score("row").light == "green"
    shown = page(view)
    assert "<svg" not in shown
    assert "没有在办的问题，本季也没有指标落到要交办的灯色。" in shown
    assert "没有在办的问题，所以这里没有图。" in shown
    assert "自上次报告以来没有在办、交办或销号的问题，所以这里没有图。" in shown
    assert "没有要专班议的问题。" in shown
    assert problems.NOTHING in shown
    assert "演示" not in shown
    told = told_in_word(view)
    for sentence in ("没有落后的指标。", "没有在办的问题，也没有要列入清单的。"):
        assert sentence in told
    book = openpyxl.load_workbook(io.BytesIO(workbook(view)))
    assert book["督查清单"].max_row == book["督查历季"].max_row == 7  # heads alone


@pytest.mark.parametrize("quarter", ["2023Q1", "2024Q4", "2027Q4"])
def test_the_first_and_the_last_quarter_of_the_plan(bare: View, quarter: str) -> None:
    period = pd.Period(quarter, "Q-DEC")
    view = replace(bare, quarter=period, as_of=str(period.end_time.date() + dt.timedelta(days=31)))
    assert page(view)
    assert told_in_word(view)
    assert workbook(view)


def test_of_sample_figures_and_a_real_log_each_is_called_what_it_is(bare: View) -> None:
    day = dt.date(2026, 10, 20)
    subject = "arrears_resolution_rate"
    record(
        bare,
        event(A, matter="2026Q2-01", on=day, recorded_on=day, quarter="2026Q2", subject=subject, due=day),
    )
    found = open_docket(bare)
    assert not found.sample
    head = problems.opening(bare).html
    assert problems.SAMPLE_FIGURES in head
    assert problems.SAMPLE not in head
    assert "data/sample" not in problems.waiting(bare).html
    assert "演示" not in problems.waiting(bare).html


def test_a_real_log_of_real_figures_bears_no_mark_of_a_sample(one: One) -> None:
    view = one("2025Q1", {"2025Q1": 1}, "annual_count", "100")
    record(view, *_whole())
    assert "演示" not in page(view)
    assert "演示" not in told_in_word(view)
    book = openpyxl.load_workbook(io.BytesIO(workbook(view)))
    cells = [
        str(c.value)
        for name in ("目录", "督查清单", "督查历季")
        for row in book[name].iter_rows()
        for c in row
    ]
    assert not [text for text in cells if "演示" in text]


def test_a_sample_log_is_marked_everywhere(shipped_view: View) -> None:
    assert problems.SAMPLE in problems.opening(shipped_view).html
    assert "演示数据" in problems.waiting(shipped_view).html
    assert "演示数据" in problems.movement(shipped_view).html
    assert "不得印发" in told_in_word(shipped_view)


# A whole loop


def _at(step: Step, day: str, matter: str = "2024Q4-01", **more: Any) -> Event:
    on = dt.date.fromisoformat(day)
    said = {"quarter": matter[:6], "subject": "row", "due": on + dt.timedelta(days=30)} if step == A else {}
    return event(step, matter=matter, on=on, **({"recorded_on": on} | said | more))


def _whole(text: str = "台账附后") -> list[Event]:
    return [
        _at(A, "2025-01-31", by=text), _at(P, "2025-02-10", cause=text, measures=text, responsible=text, by=text),
        _at(R, "2025-02-20", text=text), _at(Y, "2025-03-10", text=text, by=text), _at(B, "2025-03-20", text=text),
        _at(E, "2025-04-10", text=text), _at(Y, "2025-04-11", text=text),
    ]  # fmt: skip


def test_a_problem_is_told_with_all_that_the_list_asks_for(one: One) -> None:
    view = one("2025Q1", {"2025Q1": 1}, "annual_count", "100")
    record(view, *_whole())
    docket = open_docket(view)
    [entry] = docket.entries
    row = dict(zip(HEADS, cells(docket, entry), strict=True))
    assert list(row) == [
        "编号", "季度", "指标", "问题描述", "来源", "原因", "整改措施", "牵头单位", "配合单位", "责任人", "交办日期", "整改时限",
        "进展", "状态", "验收人", "销号日期", "是否报专班",
    ]  # fmt: skip
    assert (row["编号"], row["季度"], row["指标"], row["牵头单位"]) == ("2024Q4-01", "2024Q4", "某", UNIT)
    assert (row["交办日期"], row["整改时限"]) == ("2025-01-31", "2025-03-02")
    assert row["状态"] == "申请销号（逾期，已报专班）"
    assert row["是否报专班"] == "是（2025-04-10）"
    assert (row["验收人"], row["销号日期"]) == ("", "")
    assert row["进展"] == "2025-02-20：台账附后；2025-04-11 申请销号：台账附后；退回 1 次，最近一次：台账附后"
    assert key_points(docket)[0] == "在办 1 个问题，其中逾期 1 个，已报专班 1 个。"
    shown = page(view)
    assert "2025-04-10 报专班：台账附后" in shown
    record(view, _at(C, "2025-04-20", by="王某", text="抽查属实"))
    closed = open_docket(view)
    row = dict(zip(HEADS, cells(closed, closed.entries[0]), strict=True))
    assert (row["状态"], row["验收人"], row["销号日期"]) == ("已销号", "王某", "2025-04-20")
    assert "2025-04-20 王某：抽查属实" in page(view)
    told = told_in_word(view)
    assert "办结 2024Q4-01 某：台账附后；验收：抽查属实。" in told
    later = one("2025Q2", {"2025Q2": 1}, "annual_count", "100")
    assert "2024Q4-01 销号后复发" in page(later)


HOSTILE = "<script>alert(1)</script>\"'>&amp;{{7*7}}=cmd|' /C calc'!A0"


def test_hostile_texts_stay_text_everywhere(one: One) -> None:
    view = one("2025Q1", {"2025Q1": 1}, "annual_count", "100")
    record(view, *_whole(f"={HOSTILE}"))
    shown = page(view)
    assert "<script" not in shown
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in shown
    assert "{{7*7}}" in shown
    assert HOSTILE in told_in_word(view)
    book = openpyxl.load_workbook(io.BytesIO(workbook(view)))
    texts = [c for row in book["督查清单"].iter_rows() for c in row if HOSTILE in str(c.value)]
    assert len(texts) == 4  # cause, measures, who is responsible, progress
    assert all(cell.data_type == "s" for cell in texts)


def test_progress_is_empty_before_anything_was_told(one: One) -> None:
    assert progress(rebuild([_at(A, "2025-01-31")])[REGION]["2024Q4-01"]) == ""


# What the problem is, from the figures


def told(view: View) -> str:
    return description(view, "row")


def test_a_count_says_what_is_left_for_each_quarter(one: One) -> None:
    # 10 of 100 after one quarter: 15 points behind an even pace; 90 in three quarters
    text = told(one("2025Q1", {"2025Q1": 10}, "annual_count", "100", decimals=0))
    assert "慢于时间进度 15.0 个百分点" in text
    assert "余下 3 个季度还差 90 件，平均每季 30 件" in text
    assert "余下 1 个季度还差 50 件。" in told(
        one("2025Q3", {"2025Q3": 50}, "annual_count", "100", decimals=0)
    )


def test_a_rate_says_how_many_cases_more(one: One) -> None:
    # 80 of 100 against 95 %: 15 more, five in each of three quarters
    text = told(one("2025Q1", {"2025Q1": cases(80, 100)}, "case_rate", "95"))
    assert "按现有 100 件分母，还要再办成 15 件才到 95%，余下 3 个季度平均每季约 5 件" in text
    assert "平均每季" not in told(one("2025Q1", {"2025Q1": cases(94, 100)}, "case_rate", "95"))  # one case


def test_a_level_says_what_is_left_and_which_way_it_goes(one: One) -> None:
    figures = quarterly("2024Q1", 100, 101, 102, 103, 104)
    text = told(one("2025Q1", figures, "stock", "100", "110", "120", "130", "140", decimals=0))
    assert "势头向好，平均每期环比增加 1" in text or "势头向好，平均每期环比升 1" in text
    assert "余下 3 个季度还差 16 件" in text  # 120 by the end of 2025


def test_a_survey_rate_says_what_the_year_still_allows(one: One) -> None:
    # a ceiling of 5 and 6 % so far: (4·5 − 6) ÷ 3 = 4.67, rounded to the safe side
    text = told(one("2025Q1", {"2025Q1": 6.0}, "survey_rate", "<5", better="lower"))
    assert "余下 3 个季度平均只要低于 4.666%，全年就守得住" in text


def test_after_the_year_it_says_what_the_next_one_asks(one: One) -> None:
    text = told(one("2025Q4", {"2025Q4": 80}, "annual_count", "100", "100", "100", "120", "140"))
    assert "2025 年已结束，2026 年目标 120 件" in text
    assert told(one("2027Q4", {"2027Q4": 80}, "annual_count", "100")).endswith("2027 年已结束。")


def test_without_a_figure_it_says_so(one: One) -> None:
    assert told(one("2025Q2", {"2025Q1": 30}, "annual_count", "100")).startswith("本季没有数")


def test_a_direction_that_nobody_can_tell_is_said_to_be_so(one: One) -> None:
    assert "势头说不出，可比的点不够" in told(one("2025Q1", {"2025Q1": 10}, "annual_count", "100"))


SHIPPED = [str(q) for q in pd.period_range("2023Q1", "2027Q4", freq="Q-DEC")]


@pytest.mark.parametrize("quarter", SHIPPED[::3])
def test_every_indicator_and_commitment_has_a_description_in_every_quarter(
    shipped_view: View, quarter: str
) -> None:
    view = replace(shipped_view, quarter=pd.Period(quarter, "Q-DEC"))
    for subject in (*view.plan.indicators, *view.plan.commitments):
        text = description(view, subject)
        assert text.endswith("。")
        assert not re.search(r"nan|None|；；|。。|；。|inf", text), text
    for set_above in (i for i, entry in view.plan.indicators.items() if entry.set_by):
        if view.score(set_above).margin < 0:
            assert "由浙江省制定，区里无法自行达到" in description(view, set_above)


@pytest.fixture(autouse=True)
def _figures_closed() -> Iterator[None]:
    yield
    from matplotlib import pyplot

    pyplot.close("all")


def test_the_docket_of_another_day_is_that_days(shipped_view: View) -> None:
    """What was not yet known is on no page: the sample's relapses are of 30 April 2026."""
    before = replace(shipped_view, quarter=pd.Period("2025Q4", "Q-DEC"), as_of="2026-01-31")
    assert not [m for m in open_docket(before).open if m.predecessor]
    after = replace(shipped_view, quarter=pd.Period("2026Q1", "Q-DEC"), as_of="2026-04-30")
    assert [m.number for m in open_docket(after).open if m.predecessor] == ["2026Q1-01", "2026Q1-02"]
    assert isinstance(open_docket(after), Docket)


# In English


def test_a_problem_is_told_in_english(one: One) -> None:
    view = one("2025Q1", {"2025Q1": 1}, "annual_count", "100")
    record(view, *_whole())
    docket = open_docket(view)
    [entry] = docket.entries
    assert entry.matter is not None
    with speaking("en"):
        assert state(docket, entry) == "closure requested (overdue, with the task force)"
        assert origin(docket, entry) == "2024Q4 verdict on the quarter"
        assert progress(entry.matter) == (
            "2025-02-20: 台账附后; 2025-04-11, closure requested: 台账附后; sent back once, with the objection: 台账附后"
        )
        assert key_points(docket)[:2] == [
            "Open problems: 1, of which 1 overdue and 1 with the task force.",
            "Since the last report (2025-01-31): 0 newly assigned, 0 closed, 1 sent back, 1 newly overdue, 1 taken to the task force.",
        ]
        shown = page(view)
    for words in (
        "90 days; quarterly list no. 2",  # from 31 January to 1 May: 28 + 31 + 30 + 1
        "2025-04-10, taken to the task force: 台账附后",
        "assigned 2025-01-31",
        "due 2025-03-02",
        "Cause: 台账附后",
    ):
        assert words in shown


def test_problems_of_a_unit_are_counted_in_english(shipped_view: View) -> None:
    docket = open_docket(shipped_view)
    with speaking("en"):
        assert unit_count(docket, UNIT, 1) == "Human Resources and Social Security Bureau: 1 problem"
        assert unit_count(docket, UNIT, 2) == "Human Resources and Social Security Bureau: 2 problems"
