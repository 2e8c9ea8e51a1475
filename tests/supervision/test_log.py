"""The log of events: only ever added to, read again exactly, read as known on a day, and refused once tampered with."""

import csv
import datetime as dt
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from matters import BEGAN, REGION, SUBJECTS, event, loop, story
from workspaces import copy_workspace

from laoyou.errors import IntakeError, LedgerError
from laoyou.ledger.append import write_together
from laoyou.supervision.log import known_events, log_file, log_folders, read_log, with_events
from laoyou.supervision.matters import FIELDS, Event, rebuild
from laoyou.supervision.states import Step
from laoyou.workspace import Workspace

A, P, R, Y, B, C, E, X = Step
WHOLE = story(A, P, R, Y, B, E, X, R, Y, C)
REGIONS = (REGION, "330304")


def read(file: Path, today: dt.date | None = None) -> list[Event]:
    return read_log(file, file.name, regions=REGIONS, subjects=SUBJECTS, today=today)


def add(file: Path, *events: Event) -> None:
    write_together(
        [(file, with_events(file, file.name, events, regions=REGIONS, subjects=SUBJECTS))], file.name
    )


def known(workspace: Workspace, as_of: dt.date | None = None) -> tuple[list[Event], bool]:
    return known_events(workspace, REGION, regions=REGIONS, subjects=SUBJECTS, as_of=as_of)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "events.csv"


def test_no_log_is_no_event(file: Path) -> None:
    assert read(file) == []


def test_what_is_written_is_read_again_and_every_byte_stays(file: Path) -> None:
    before = b""
    for number, one in enumerate(WHOLE, 1):
        add(file, one)
        now = file.read_bytes()
        assert now.startswith(before)
        assert read(file) == WHOLE[:number]
        before = now
    assert before.startswith("\ufeffregion,matter,step,on,recorded_on,by,".encode())


def test_it_opens_in_a_spreadsheet_as_a_table(file: Path) -> None:
    add(file, *WHOLE)
    with file.open(encoding="utf-8-sig", newline="") as stream:
        rows = list(csv.reader(stream))
    assert rows[0] == list(FIELDS)
    assert {len(row) for row in rows} == {len(FIELDS)}
    assert len(rows) == 1 + len(WHOLE)


HOSTILE = (
    "=cmd|' /C calc'!A0", "'=1+1", "''=1+1", "+86", "-1", "@SUM(A1)", "＝1", "'", "“，”,\"", "<script>alert(1)</script>",
    "a\nb\r\nc\td", "\x00\x1b[31m", "\ud800", "x" * 5000, "\u202e反", "%s {0} _x0041_", "\u2028",
)  # fmt: skip


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_texts_stay_text_and_come_back_as_they_were(file: Path, text: str) -> None:
    events = [event(A), event(P, 1, cause=f"甲{text}", measures=text + "乙", by=text + "丙")]
    add(file, *events)
    assert read(file) == events
    with file.open(encoding="utf-8-sig", newline="") as stream:
        cells = [cell for row in csv.reader(stream) for cell in row]
    assert not [cell for cell in cells if cell.startswith(tuple("=+-@\t\r＝＋－＠"))]


@given(st.lists(st.text(min_size=1), min_size=1, max_size=4))
def test_any_text_comes_back_as_it_was(tmp_path_factory: pytest.TempPathFactory, texts: list[str]) -> None:
    file = tmp_path_factory.mktemp("log") / "events.csv"
    events = [event(A), *(event(P, 1, cause=f"甲{text}", by="乙", measures=f"{text}丙") for text in texts)]
    add(file, *events)
    assert read(file) == events


@given(st.lists(st.integers(1, 10), min_size=1, max_size=6))
def test_events_added_bit_by_bit_rebuild_the_same_matters(
    tmp_path_factory: pytest.TempPathFactory, sizes: list[int]
) -> None:
    file = tmp_path_factory.mktemp("log") / "events.csv"
    events = loop((A, P, R, Y, C), (A, P, E, Y, B, Y, C), (A, X, P))
    written: list[Event] = []
    for size in [*sizes, len(events)]:
        add(file, *events[len(written) : len(written) + size])
        written = events[: len(written) + size]
        assert rebuild(read(file)) == rebuild(written)


def test_a_beginning_of_the_log_is_what_was_known_on_an_earlier_day(tmp_path: Path) -> None:
    workspace = copy_workspace(tmp_path)
    file = log_file(workspace, sample=False)
    add(file, *WHOLE)
    for days in range(len(WHOLE)):
        assert known(workspace, BEGAN + dt.timedelta(days=days)) == (WHOLE[: days + 1], False)
    assert known(workspace) == (WHOLE, False)


def test_what_is_known_later_was_not_known_before(tmp_path: Path) -> None:
    workspace = copy_workspace(tmp_path)
    late = replace(WHOLE[1], recorded_on=BEGAN + dt.timedelta(days=9))
    add(log_file(workspace, sample=False), WHOLE[0], late)
    assert known(workspace, BEGAN + dt.timedelta(days=8))[0] == WHOLE[:1]
    assert known(workspace, BEGAN + dt.timedelta(days=9))[0] == [WHOLE[0], late]


def test_one_real_event_retires_the_sample_events(tmp_path: Path) -> None:
    workspace = copy_workspace(tmp_path)
    log_file(workspace, sample=True).unlink()
    add(log_file(workspace, sample=True), *WHOLE[:3])
    assert known(workspace) == (WHOLE[:3], True)
    real = event(A, 30, due=BEGAN + dt.timedelta(days=90))
    add(log_file(workspace, sample=False), real)
    assert known(workspace) == ([real], False)
    assert known(workspace, BEGAN + dt.timedelta(days=29)) == (WHOLE[:3], True)
    other = replace(real, region="330304")
    log_file(workspace, sample=False).unlink()
    add(log_file(workspace, sample=False), other)
    assert known(workspace) == (WHOLE[:3], True)  # another region's


WRONG = {
    "a state that does not allow it": (event(C, 5), "「整改中」时不能销号"),
    "an earlier day of record": (event(R, 0), "早于上一条"),
    "an unknown region": (event(R, 5, region="330303"), "region「330303」"),
    "an unknown indicator": (event(A, 5, "2026Q1-02", subject="arrears"), "subject「arrears」"),
    "a telephone number": (event(R, 5, text="电话 138 1234 5678"), "身份证号或电话号码"),
    "an identity number": (event(R, 5, by="11010519491231002X"), "身份证号或电话号码"),
    "one in the file's name": (event(R, 5, source="13812345678.xlsx"), "身份证号或电话号码"),
}


@pytest.mark.parametrize("name", WRONG)
def test_an_event_that_cannot_follow_leaves_the_log_as_it_is_to_the_byte(file: Path, name: str) -> None:
    wrong, said = WRONG[name]
    add(file, *WHOLE[:2])
    before = file.read_bytes()
    with pytest.raises(IntakeError) as refusal:
        add(file, event(R, 2), wrong)
    assert said in str(refusal.value)
    assert file.read_bytes() == before
    assert not list(file.parent.glob("*.partial"))


def tampered(file: Path, old: str, new: str) -> str:
    """Return why a log is refused once a text in it was changed."""
    text = file.read_text(encoding="utf-8-sig")
    assert old in text
    file.write_text(text.replace(old, new, 1), encoding="utf-8-sig", newline="")
    with pytest.raises(LedgerError) as refusal:
        read(file)
    assert file.name in str(refusal.value)
    return str(refusal.value)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("region,matter", "region,nummer", "第 1 行（表头）"),
        ("\n330305,2026Q1-01,plan", "\n330305,2026Q1-01,plans", "第 3 行（2026Q1-01）：step「plans」是不是「plan」？"),
        ("2026-05-01,2026-05-01", "2026/5/1,2026-05-01", "「2026/5/1」不是日期"),
        ("2026-05-03,2026-05-03", "2026-05-03,2026-04-03", "早于上一条"),
        ("每周调度", "每周,调度", "第 3 行：有 17 格"),
        ("330305,2026Q1-01,plan", "330305,2026Q1-02,plan", "「还没有交办」时不能制定整改措施"),
        ("arrears_resolution_rate", "arrears_rate", "subject「arrears_rate」"),
        ("台账附后", '"台账附后', "读不出来"),
        ("台账附后", "13812345678", "身份证号或电话号码"),
    ],
)  # fmt: skip
def test_a_log_that_was_tampered_with_is_refused_with_line_and_remedy(
    file: Path, old: str, new: str, said: str
) -> None:
    add(file, *WHOLE)
    told = tampered(file, old, new)
    assert said in told
    assert "从版本库或备份取回" in told


def test_a_row_taken_away_is_noticed(file: Path) -> None:
    add(file, *WHOLE)
    lines = file.read_text(encoding="utf-8-sig").splitlines(keepends=True)
    for gone in range(1, len(lines) - 1):
        file.write_text("".join(lines[:gone] + lines[gone + 1 :]), encoding="utf-8-sig", newline="")
        if gone in (3, 6, 7, 8):  # a report of progress, 报专班 or an extension leaves no trace in the states
            assert len(read(file)) == len(WHOLE) - 1
        else:
            with pytest.raises(LedgerError):
                read(file)


def test_bytes_that_are_no_text_are_refused(file: Path) -> None:
    add(file, *WHOLE)
    file.write_bytes(file.read_bytes().replace("每周".encode(), "每周".encode("gb18030")))
    with pytest.raises(LedgerError, match="读不出来"):
        read(file)


def test_the_line_ends_of_windows_and_empty_lines_do_no_harm(file: Path) -> None:
    add(file, *WHOLE[:2])
    file.write_bytes(file.read_bytes().replace(b"\n", b"\r\n") + b"\r\n")
    assert read(file) == WHOLE[:2]
    add(file, *WHOLE[2:])
    assert read(file) == WHOLE
    assert file.read_bytes().count(b"\n") == file.read_bytes().count(b"\r\n")


def test_a_row_not_ended_is_not_run_into_the_next(file: Path) -> None:
    add(file, *WHOLE[:2])
    file.write_bytes(file.read_bytes().removesuffix(b"\n"))
    add(file, WHOLE[2])
    assert read(file) == WHOLE[:3]


def test_what_is_recorded_after_today_is_refused_where_today_is_told(file: Path) -> None:
    add(file, *WHOLE[:1])
    assert read(file, BEGAN) == WHOLE[:1]
    with pytest.raises(LedgerError, match="在今天之后"):
        read(file, BEGAN - dt.timedelta(days=1))


# Links, as for the figures


def test_a_log_that_is_a_link_is_read_and_written_where_it_leads(file: Path, tmp_path: Path) -> None:
    (tmp_path / "share").mkdir()
    real = tmp_path / "share" / "events.csv"
    file.symlink_to(real.parent / "none.csv")
    for act in (lambda: read(file), lambda: add(file, *WHOLE[:1])):
        with pytest.raises(LedgerError, match="那里没有东西"):  # to begin it anew would lose what is there
            act()
    assert not list(real.parent.iterdir())
    file.unlink()
    add(real, *WHOLE[:1])
    file.symlink_to(real)
    add(file, WHOLE[1])
    assert file.is_symlink()
    assert read(real) == read(file) == WHOLE[:2]


def test_a_folder_that_is_a_link_is_locked_where_it_leads(tmp_path: Path) -> None:
    workspace = copy_workspace(tmp_path / "checkout")
    assert log_folders(workspace) == [
        workspace.data / "supervision",
        workspace.data / "sample" / "supervision",
    ]
    share = tmp_path / "share"
    (workspace.data / "supervision").symlink_to(share)
    with pytest.raises(LedgerError, match="那里没有东西"):
        known(workspace)
    share.mkdir()
    assert log_folders(workspace)[0] == share
    add(log_file(workspace, sample=False), *WHOLE)
    assert [p.name for p in share.iterdir()] == ["events.csv"]


def steps_of(events: Sequence[Event]) -> list[Step]:
    return [e.step for e in events]


def test_an_extension_keeps_its_day_and_an_empty_day_stays_none(file: Path) -> None:
    add(file, *WHOLE)
    found = read(file)
    assert [e.due for e in found if e.step in (A, X)] == [dt.date(2026, 6, 29), dt.date(2026, 8, 6)]
    assert {e.due for e in found if e.step not in (A, X)} == {None}
    assert steps_of(found) == [A, P, R, Y, B, E, X, R, Y, C]
