"""Lists that come back: a unit changes its own rows only, nothing is overwritten, a refusal changes nothing."""

from __future__ import annotations

import csv
import datetime as dt
import io
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from intakes import jobs, put
from lists import (
    BUREAU,
    DAY,
    LOG,
    UNION,
    blank_lists,
    converted,
    edited,
    filled_list,
    line_of,
    list_workspace,
    marks_of,
)
from openpyxl.worksheet.worksheet import Worksheet
from workspaces import tree

from laoyou.errors import IntakeError, LaoyouError
from laoyou.intake.take import intake
from laoyou.intake.words import take_in
from laoyou.supervise import decide, write_lists
from laoyou.supervision.sheet import COLUMN, FIRST_ROW, HEADER_ROW, KEY, LONGEST, SHEET, YES, Column
from laoyou.workspace import Workspace

CAUSE, MEASURES, RESPONSIBLE, PROGRESS, APPLY, EVIDENCE = Column
TODAY = dt.date.fromisoformat(DAY)
# Of the union's two, as the sample leaves them on 30 October 2026: both are being mended and stand with the task force.
OLD, NEW = "2025Q1-07", "2025Q4-02"


@pytest.fixture
def workspace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Workspace:
    found = list_workspace(tmp_path / "checkout")
    monkeypatch.chdir(found.root)
    return found


def rows(workspace: Workspace) -> list[dict[str, str]]:
    with (workspace.data / LOG).open(encoding="utf-8-sig", newline="") as stream:
        return list(csv.DictReader(stream))


def said(workspace: Workspace, *contents: bytes, day: dt.date = TODAY, yes: bool = True) -> list[str]:
    files = [put(workspace, f"{n}.xlsx", content) for n, content in enumerate(contents)]
    return take_in(files, day=day, today=TODAY, mapping=None, quarters=[], yes=yes, terminal=False)


def added(workspace: Workspace, *contents: bytes) -> list[tuple[str, str, str]]:
    """Return number, step and text of what files add to the log."""
    before = (workspace.data / LOG).read_bytes()
    said(workspace, *contents)
    assert (workspace.data / LOG).read_bytes().startswith(before)
    new = rows(workspace)[before.count(b"\n") - 1 :]
    assert {row["source"] for row in new} <= {f"{n}.xlsx" for n in range(len(contents))}
    return [(row["matter"], row["step"], row["text"] or row["cause"]) for row in new]


def refused(workspace: Workspace, *contents: bytes, day: dt.date = TODAY) -> str:
    """Return why files are refused; nothing has then changed."""
    before = tree(workspace.data)
    with pytest.raises(LaoyouError) as refusal:
        said(workspace, *contents, day=day)
    after = tree(workspace.data)
    after.pop(".laoyou.lock", None)
    assert after == {name: content for name, content in before.items() if name != ".laoyou.lock"}
    return str(refusal.value)


# What a unit fills in


def test_a_list_that_comes_back_as_it_went_adds_nothing(workspace: Workspace) -> None:
    before = tree(workspace.data)
    for content in blank_lists().values():
        assert said(workspace, content) == ["没有要录入的，台账没有改动。"]
    assert tree(workspace.data) == before


def test_progress_a_plan_and_an_application_are_steps_of_the_unit(
    workspace: Workspace, capsys: pytest.CaptureFixture[str]
) -> None:
    content = filled_list(
        {OLD: {PROGRESS: "已走访 12 家", APPLY: YES, EVIDENCE: "协商文本 12 份，编号附后"}, NEW: {CAUSE: "企业观望"}},
        by="李某", on=dt.datetime(2026, 11, 8),
    )  # fmt: skip
    assert added(workspace, content) == [
        (OLD, "progress", "已走访 12 家"), (OLD, "apply", "协商文本 12 份，编号附后"), (NEW, "plan", "企业观望"),
    ]  # fmt: skip
    new = rows(workspace)[-3:]
    assert {(r["by"], r["on"], r["recorded_on"], r["unit"]) for r in new} == {
        ("李某", "2026-11-08", DAY, UNION)
    }
    shown = capsys.readouterr().out
    assert (
        f"0.xlsx：{UNION}的问题清单（演示数据），新的办理 3 步：" in shown
    )  # each step stands before the yes
    assert f"{OLD} 产改试点企业能级工资协商 报告进展（李某，2026-11-08）：已走访 12 家" in shown
    assert "申请销号（李某，2026-11-08）：协商文本 12 份，编号附后" in shown
    assert "原因：企业观望；整改措施：演示：补齐台账，统一口径后复核；责任人：演示：责任人甲" in shown


def test_what_is_said_at_the_end_is_of_steps_not_of_figures(workspace: Workspace) -> None:
    content = filled_list({OLD: {PROGRESS: "已走访 12 家"}})
    assert said(workspace, content) == [
        f"已记下 1 步办理：data/{LOG}。",
        f"2026Q3 的报告数据截至 2026-10-31，看不到这些办理；要看到它们：laoyou run 2026Q3 --as-of {DAY}。",
    ]
    assert rows(workspace)[-1]["by"] == UNION  # nobody signed; the unit did
    assert said(workspace, content) == ["没有要录入的，台账没有改动。"]


def test_a_list_and_figures_can_come_together(workspace: Workspace) -> None:
    put(workspace, "jobs.csv", jobs({"2026年1—9月": 1095}, title="这里就业创业导出 演示数据，非真实记录"))
    put(workspace, "list.xlsx", filled_list({OLD: {PROGRESS: "已走访"}}))
    files = [workspace.root / "incoming" / name for name in ("jobs.csv", "list.xlsx")]
    told = take_in(files, day=TODAY, today=TODAY, mapping=None, quarters=[], yes=True, terminal=False)
    assert any(line.startswith("已记下 1 步办理") for line in told)
    assert rows(workspace)[-1]["text"] == "已走访"


def test_a_no_leaves_everything_as_it_was(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    file = put(workspace, "list.xlsx", filled_list({OLD: {PROGRESS: "已走访"}}))
    before = tree(workspace.data)
    monkeypatch.setattr("builtins.input", lambda _: "n")
    told = take_in([file], day=TODAY, today=TODAY, mapping=None, quarters=[], yes=False, terminal=True)
    assert told == ["没有录入，台账没有改动。"]
    assert tree(workspace.data) == before


HOSTILE = (
    "=cmd|' /C calc'!A0",
    "+1",
    "'=1",
    "<script>alert(1)</script>",
    "一\n二\t三",
    "&amp; %s {0}",
    "😀" * 50,
)


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_texts_stay_text_and_come_back_in_the_next_list(workspace: Workspace, text: str) -> None:
    plan = {CAUSE: text, MEASURES: f"甲{text}", RESPONSIBLE: text[:40], PROGRESS: text}
    one_line = " ".join(text.split())
    assert added(workspace, filled_list({OLD: plan}, by=text[:40])) == [
        (OLD, "plan", _cell(one_line)),
        (OLD, "progress", _cell(one_line)),
    ]
    [file] = [f for f in write_lists("2026Q3", DAY, workspace.root / "next", today=TODAY) if f.stem == UNION]
    book = openpyxl.load_workbook(file)
    sheet = book[SHEET]
    cell = sheet.cell(line_of(sheet, OLD), COLUMN[CAUSE])
    assert (cell.value, cell.data_type) == (one_line, "s")
    assert said(workspace, file.read_bytes()) == ["没有要录入的，台账没有改动。"]


def test_what_looks_like_a_character_by_its_code_stays_as_it_was_typed(workspace: Workspace) -> None:
    typed = filled_list({OLD: {CAUSE: "_x005F_x0041_"}})  # as Excel saves what was typed as _x0041_
    assert added(workspace, typed) == [(OLD, "plan", "_x0041_")]
    [file] = [f for f in write_lists("2026Q3", DAY, workspace.root / "next", today=TODAY) if f.stem == UNION]
    assert said(workspace, file.read_bytes()) == ["没有要录入的，台账没有改动。"]


def _cell(text: str) -> str:
    """Return a text as the log's file has it: no spreadsheet takes it for a formula."""
    return f"'{text}" if text.lstrip("'").startswith(tuple("=+-@")) else text


@pytest.mark.parametrize(("size", "accepted"), [(LONGEST, True), (LONGEST + 1, False), (5000, False)])
def test_a_text_has_a_thousand_characters_at_most(workspace: Workspace, size: int, accepted: bool) -> None:
    content = filled_list({OLD: {PROGRESS: "字" * size}})
    if accepted:
        assert added(workspace, content) == [(OLD, "progress", "字" * size)]
    else:
        assert f"本次进展有 {size} 个字" in refused(workspace, content)


@pytest.mark.parametrize(
    ("cells", "told"),
    [
        ({PROGRESS: "电话 13812345678"}, "本次进展里有像身份证号或电话号码的数字"),
        ({APPLY: YES}, "申请销号，却没有写依据"),
        ({EVIDENCE: "台账"}, "写了销号依据，却没有选申请销号"),
        ({APPLY: "好"}, "「好」"),
        ({CAUSE: None}, "原因空着"),
        ({MEASURES: "", RESPONSIBLE: ""}, "整改措施、责任人空着"),
        ({PROGRESS: "#REF!"}, None),
    ],
)  # fmt: skip
def test_what_cannot_be_accepted_is_refused_with_its_cell(
    workspace: Workspace, cells: dict[Column, Any], told: str | None
) -> None:
    content = filled_list({OLD: cells})
    if told is None:
        assert added(workspace, content) == [(OLD, "progress", "#REF!")]
        return
    why = refused(workspace, content)
    assert told in why
    assert re.search(r"[K-O]6|第 6 行|「问题清单」", why) or SHEET in why


def test_the_day_is_no_later_than_today_and_no_earlier_than_the_last_step(workspace: Workspace) -> None:
    line = {OLD: {PROGRESS: "已走访"}}
    assert "填报日期 2026-11-11 在 2026-11-10 之后" in refused(
        workspace, filled_list(line, on=dt.datetime(2026, 11, 11))
    )
    why = refused(workspace, filled_list(line, on=dt.datetime(2026, 9, 9)))
    assert f"填报日期 2026-09-09 早于 {OLD} 在 2026-09-10 的报告进展" in why
    assert "不是日期" in refused(workspace, filled_list(line, on="下周"))
    assert added(workspace, filled_list(line, on="2026年11月9日")) == [(OLD, "progress", "已走访")]


def test_an_intake_known_on_an_earlier_day_than_the_log_is_refused(workspace: Workspace) -> None:
    content = filled_list({OLD: {PROGRESS: "已走访"}})
    assert "早于上一条的 2026-10-30" in refused(workspace, content, day=dt.date(2026, 10, 29))


# Whose rows


def test_a_unit_cannot_change_another_units_rows(workspace: Workspace) -> None:
    def claim(book: openpyxl.Workbook, sheet: Worksheet) -> None:
        line = line_of(sheet, OLD)
        sheet.cell(line, COLUMN[KEY]).value = sheet.cell(line, 1).value = "2025Q1-03"
        sheet.cell(line, COLUMN[PROGRESS]).value = "替别人写"

    def claim_in_marks(book: openpyxl.Workbook, sheet: Worksheet) -> None:
        claim(book, sheet)
        for cells in marks_of(book).iter_rows():
            if cells[1].value == OLD:
                cells[1].value, cells[3].value = "2025Q1-03", "arrears_resolution_rate"

    blank = blank_lists()[UNION]
    assert "2025Q1-03 不是这份清单里的" in refused(workspace, edited(blank, claim))
    assert f"2025Q1-03 不是交给{UNION}的这个问题" in refused(workspace, edited(blank, claim_in_marks))


def test_a_list_of_one_unit_under_the_name_of_another_is_refused(workspace: Workspace) -> None:
    def rename(book: openpyxl.Workbook, sheet: Worksheet) -> None:
        for cells in marks_of(book).iter_rows():
            if cells[0].value == "unit":
                cells[1].value = BUREAU

    assert "牵头单位与清单的标记不符" in refused(workspace, edited(blank_lists()[UNION], rename))


def test_what_is_locked_changes_nothing_even_where_it_was_changed(workspace: Workspace) -> None:
    def scribble(_: openpyxl.Workbook, sheet: Worksheet) -> None:
        line = line_of(sheet, OLD)
        for name in ("指标", "问题描述", "整改时限", "状态", "验收人", "销号日期", "是否报专班"):
            sheet.cell(line, COLUMN[name]).value = "2030-01-01"

    assert said(workspace, edited(blank_lists()[UNION], scribble)) == ["没有要录入的，台账没有改动。"]


# What became of the sheet


def _swap_part(_: openpyxl.Workbook, sheet: Worksheet) -> None:
    """Sort the visible columns, but not the hidden one."""
    one, other = line_of(sheet, OLD), line_of(sheet, NEW)
    for column in range(1, COLUMN[KEY]):
        a, b = sheet.cell(one, column), sheet.cell(other, column)
        a.value, b.value = b.value, a.value


def _typed_below(_: openpyxl.Workbook, sheet: Worksheet) -> None:
    sheet.cell(sheet.max_row + 2, COLUMN[PROGRESS]).value = "补充一条"


def _twice(_: openpyxl.Workbook, sheet: Worksheet) -> None:
    for column in range(1, COLUMN[KEY] + 1):
        sheet.cell(sheet.max_row + (column == 1), column).value = sheet.cell(FIRST_ROW, column).value


def _hide(_: openpyxl.Workbook, sheet: Worksheet) -> None:
    sheet.row_dimensions[FIRST_ROW].hidden = True


def _another(book: openpyxl.Workbook, _: Worksheet) -> None:
    book.create_sheet("附件")["A1"] = "另附"


def _unsound(name: str, value: str) -> Callable[[openpyxl.Workbook, Worksheet], None]:
    def edit(book: openpyxl.Workbook, _: Worksheet) -> None:
        for cells in marks_of(book).iter_rows():
            if cells[0].value == name:
                cells[2 if name == "row" else 1].value = value

    return edit


EDITS: dict[str, tuple[Callable[[openpyxl.Workbook, Worksheet], object], str]] = {
    "a row removed": (lambda _, s: s.delete_rows(FIRST_ROW), "少了"),
    "a column removed": (lambda _, s: s.delete_cols(5), "表头少了或挪了「配合单位」"),
    "columns moved": (lambda _, s: s.insert_cols(11), "表头少了或挪了"),
    "a heading retyped": (lambda _, s: s.cell(HEADER_ROW, COLUMN[PROGRESS], "进展"), "表头少了或挪了「本次进展」"),
    "the visible columns sorted": (_swap_part, "编号写着"),
    "a row typed below": (_typed_below, "却不是清单原有的行"),
    "a row twice": (_twice, "有两行"),
    "a row hidden": (_hide, "是隐藏的行"),
    "the list hidden": (lambda b, s: (b.create_sheet("x"), setattr(s, "sheet_state", "hidden")), "隐藏着"),
    "the list renamed": (lambda _, s: setattr(s, "title", "清单"), "标记或工作表不全"),
    "another sheet": (_another, "工作表「附件」：不是清单里原有的"),
    "the marks removed": (lambda b, _: b.remove(marks_of(b)), "标记或工作表不全"),
    "a count that is none": (_unsound("row", "²"), "标记或工作表不全"),
    "more steps than there are": (_unsound("row", "99"), "台账里只有"),
    "another region": (_unsound("region", "330304"), "地区「330304」"),
    "another version": (_unsound("version", "9"), "标记或工作表不全"),
    "real events": (_unsound("data", "real"), "按真实的办理记录生成，现在用的是演示的"),
}  # fmt: skip


@pytest.mark.parametrize("name", EDITS)
def test_a_list_that_was_taken_apart_is_refused(workspace: Workspace, name: str) -> None:
    edit, told = EDITS[name]
    assert told in refused(workspace, edited(filled_list({OLD: {PROGRESS: "已走访"}}), edit))


def test_rows_sorted_whole_are_read_by_their_number(workspace: Workspace) -> None:
    def sort(_: openpyxl.Workbook, sheet: Worksheet) -> None:
        one, other = line_of(sheet, OLD), line_of(sheet, NEW)
        for column in range(1, COLUMN[KEY] + 1):
            a, b = sheet.cell(one, column), sheet.cell(other, column)
            a.value, b.value = b.value, a.value

    content = edited(filled_list({OLD: {PROGRESS: "甲"}, NEW: {PROGRESS: "乙"}}), sort)
    assert sorted(added(workspace, content)) == [(OLD, "progress", "甲"), (NEW, "progress", "乙")]


# Copies


def test_two_copies_that_conflict_are_reported_and_nothing_is_overwritten(workspace: Workspace) -> None:
    one, other = filled_list({OLD: {PROGRESS: "甲说"}}), filled_list({OLD: {PROGRESS: "乙说"}})
    why = refused(workspace, one, other)
    assert (
        f"{OLD} 已由另一份交回的清单改过（{DAY} 报告进展：「甲说」），这一份是报告进展：「乙说」；没有覆盖"
        in why
    )
    assert added(workspace, one) == [(OLD, "progress", "甲说")]
    assert "「甲说」" in refused(workspace, other)
    assert "重新生成清单" in refused(workspace, filled_list({OLD: {APPLY: YES, EVIDENCE: "另"}}))


def test_two_copies_that_say_the_same_or_speak_of_other_rows_do_not_conflict(workspace: Workspace) -> None:
    one = filled_list({OLD: {PROGRESS: "甲说"}})
    other = filled_list({OLD: {PROGRESS: "甲说"}, NEW: {PROGRESS: "乙说"}})
    assert added(workspace, one, other) == [(OLD, "progress", "甲说"), (NEW, "progress", "乙说")]


def test_the_same_file_again_adds_nothing_whatever_the_office_decided_meanwhile(workspace: Workspace) -> None:
    content = filled_list({OLD: {APPLY: YES, EVIDENCE: "文本附后"}})
    assert added(workspace, content) == [(OLD, "apply", "文本附后")]
    for step in ("return", "close"):
        assert said(workspace, content) == ["没有要录入的，台账没有改动。"]
        if step == "return":
            decide(OLD, "return", by="王某", text="缺两家", on=TODAY, today=TODAY)
        else:  # applied for once more, with a new list
            [file] = [
                f for f in write_lists("2026Q3", DAY, workspace.root / "next", today=TODAY) if f.stem == UNION
            ]
            again = filled_list({OLD: {APPLY: YES, EVIDENCE: "补齐两家"}}, blank=file.read_bytes())
            assert added(workspace, again) == [(OLD, "apply", "补齐两家")]
            decide(OLD, "close", by="王某", text="抽查属实", on=TODAY, today=TODAY)
    assert said(workspace, content) == ["没有要录入的，台账没有改动。"]
    assert [r["step"] for r in rows(workspace)[-4:]] == ["apply", "return", "apply", "close"]


def test_a_stale_list_after_the_office_decided(workspace: Workspace) -> None:
    said(workspace, filled_list({OLD: {APPLY: YES, EVIDENCE: "文本附后"}}))
    [file] = [f for f in write_lists("2026Q3", DAY, workspace.root / "next", today=TODAY) if f.stem == UNION]
    stale = filled_list({OLD: {PROGRESS: "又走访"}}, blank=file.read_bytes())
    assert "「申请销号」时不能报告进展" in refused(workspace, stale)
    decide(OLD, "return", by="王某", text="缺两家", on=TODAY, today=TODAY)
    assert added(workspace, stale) == [(OLD, "progress", "又走访")]  # sent back: the report is of use
    said(workspace, filled_list({NEW: {APPLY: YES, EVIDENCE: "附后"}}))
    decide(NEW, "close", by="王某", text="属实", on=TODAY, today=TODAY)
    late = filled_list({NEW: {PROGRESS: "迟了"}})
    assert "已由另一份交回的清单改过" in refused(workspace, late)


def test_what_changes_while_the_yes_is_awaited_is_shown_again(workspace: Workspace) -> None:
    file = put(workspace, "list.xlsx", filled_list({OLD: {PROGRESS: "甲说"}}))

    def meanwhile(*_: object) -> bool:
        intake([file], day=TODAY)
        return True

    with pytest.raises(IntakeError, match="在确认期间被另一次录入改动"):
        intake([file], day=TODAY, confirm=meanwhile, asks=True)
    assert [r["text"] for r in rows(workspace)].count("甲说") == 1


# As other programs save it


@pytest.mark.parametrize("form", ["xlsx", "ods", "xls"])
def test_a_list_saved_by_libreoffice_is_read_as_well(workspace: Workspace, tmp_path: Path, form: str) -> None:
    content = filled_list(
        {OLD: {PROGRESS: "=1+1 已走访", APPLY: YES, EVIDENCE: "附后"}}, by="李某", on=dt.datetime(2026, 11, 8)
    )
    saved = converted(content, "list.xlsx", form, tmp_path / "office")
    if form != "xlsx":
        saved = converted(saved, f"list.{form}", "xlsx", tmp_path / "again") if form == "ods" else saved
    file = workspace.root / f"list.{'xls' if form == 'xls' else 'xlsx'}"
    file.write_bytes(saved)
    intake([file], day=TODAY)
    assert [(r["matter"], r["step"], r["text"], r["by"], r["on"]) for r in rows(workspace)[-2:]] == [
        (OLD, "progress", "'=1+1 已走访", "李某", "2026-11-08"), (OLD, "apply", "附后", "李某", "2026-11-08"),
    ]  # fmt: skip


def test_a_blank_list_saved_by_libreoffice_adds_nothing(workspace: Workspace, tmp_path: Path) -> None:
    saved = converted(blank_lists()[BUREAU], "list.xlsx", "xlsx", tmp_path / "office")
    assert said(workspace, saved) == ["没有要录入的，台账没有改动。"]


CELLS = st.one_of(
    st.none(), st.text(max_size=12), st.sampled_from(["是", "否", "=1+1", "13812345678", 5, 5.5, True])
)


@given(st.lists(st.tuples(st.integers(1, 8), st.integers(1, 20), CELLS), max_size=6))
@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_is_typed_where_it_is_taken_in_or_refused(
    workspace: Workspace, typed: list[tuple[int, int, Any]]
) -> None:
    before = (workspace.data / LOG).read_bytes()

    def scribble(_: openpyxl.Workbook, sheet: Worksheet) -> None:
        for row, column, value in typed:
            cell = sheet.cell(row, column)
            if not isinstance(cell, openpyxl.cell.cell.MergedCell):
                text = isinstance(value, str)
                cell.value = re.sub(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]", "", value) if text else value

    file = put(workspace, "list.xlsx", edited(blank_lists()[UNION], scribble))
    try:
        intake([file], day=TODAY)
    except LaoyouError:
        assert (workspace.data / LOG).read_bytes() == before
    new = rows(workspace)[before.count(b"\n") - 1 :]
    assert {r["unit"] for r in new} <= {UNION}
    assert {r["matter"] for r in new} <= {OLD, NEW}
    (workspace.data / LOG).write_bytes(before)


def test_bytes_that_are_no_workbook_are_refused(workspace: Workspace) -> None:
    content = filled_list({OLD: {PROGRESS: "已走访"}})
    assert refused(workspace, content[: len(content) // 2])
    out = io.BytesIO()
    openpyxl.Workbook().save(out)
    assert refused(workspace, out.getvalue())
