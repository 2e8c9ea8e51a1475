"""How a figure came about, on a terminal and in a pipe."""

import datetime as dt
import sys
from pathlib import Path

import pytest
from declarations import ENTRY, declare
from rich.cells import cell_len
from workspaces import Desk, bare_desk, rate, row

from laoyou.errors import LaoyouError, ParametersError
from laoyou.history import HEADS, aligned, print_history

JOBS, RATE = "new_urban_jobs", "arrears_resolution_rate"
FILE = "data/observations/reported.csv"


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Desk:
    """Return a workspace without a figure, in which the test stands."""
    desk = bare_desk(tmp_path)
    monkeypatch.chdir(desk.workspace.root)
    return desk


def lines(capsys: pytest.CaptureFixture[str]) -> list[list[str]]:
    """Return what was printed as rows of cells, taken apart where the columns of the heading begin."""
    title, head, *rows = capsys.readouterr().out.rstrip("\n").split("\n")
    assert head.split() == list(HEADS)
    starts = [cell_len(head[: head.index(name)]) for name in HEADS]
    return [
        [title],
        *([_between(row, a, b) for a, b in zip(starts, [*starts[1:], 10**6], strict=True)] for row in rows),
    ]


def _between(text: str, start: int, end: int) -> str:
    """Return what stands between two places of a line, in widths of a letter."""
    at, taken = 0, ""
    for character in text:
        taken += character if start <= at < end else ""
        at += cell_len(character)
    return taken.strip()


# --- What is told -------------------------------------------------------------------------------------------------


def test_each_row_of_a_figure_is_told_with_where_it_stands(
    desk: Desk, capsys: pytest.CaptureFixture[str]
) -> None:
    desk.write(
        row(value="374"),
        row(value="1360", reported_on="2026-07-15", note="核实后更正", status="published", source="公报"),
        row(period="2025Q4", value="", missing="not_collected", reported_on="2026-01-12"),
        row(period="2026Q2", value="780", reported_on="2026-07-12", series_break="新口径"),
    )
    print_history(JOBS)
    assert lines(capsys) == [
        ["洞头区城镇新增就业人数（new_urban_jobs），单位：人"],
        ["2025年四季度", "未统计", "初报，现行", "部门上报", "2026-01-12", "这里就业创业", "", f"{FILE}:4"],
        ["2026年一季度", "374 人", "初报", "部门上报", "2026-04-12", "这里就业创业", "", f"{FILE}:2"],
        ["2026年一季度", "1,360 人", "修订 1，现行", "公开发布", "2026-07-15", "公报", "核实后更正", f"{FILE}:3"],
        ["2026年二季度", "780 人", "初报，现行", "部门上报", "2026-07-12", "这里就业创业", "口径调整：新口径",
         f"{FILE}:5"],
    ]  # fmt: skip


def test_a_rate_is_told_with_its_parts_and_a_figure_with_all_its_digits(
    desk: Desk, capsys: pytest.CaptureFixture[str]
) -> None:
    desk.write(
        rate(numerator="193", denominator="206"),
        rate(period="2026Q2", value="93.05", numerator="186", denominator="200", reported_on="2026-07-12"),
        rate(period="2026Q3", value="93.25", numerator="", denominator="", reported_on="2026-10-12"),
    )
    print_history(RATE)
    assert [cells[1] for cells in lines(capsys)[1:]] == ["93.7%（193/206）", "93.05%（186/200）", "93.25%"]


def test_the_order_is_that_in_which_figures_became_known(
    desk: Desk, capsys: pytest.CaptureFixture[str]
) -> None:
    desk.write(
        row(value="362", reported_on="2026-10-20"),
        row(value="374"),
        row(value="375", note="更正：抄错"),
    )
    print_history(JOBS)
    told = lines(capsys)[1:]
    assert [cells[1] for cells in told] == ["374 人", "375 人", "362 人"]
    assert [cells[2] for cells in told] == ["初报", "修订 1", "修订 2，现行"]


def test_a_retired_sample_is_told_as_such(desk: Desk, capsys: pytest.CaptureFixture[str]) -> None:
    desk.write(row(value="374", status="sample"), file="sample/observations.csv")
    desk.write(row(value="351", reported_on="2026-11-01", period="2026Q3"))
    print_history(JOBS)
    assert [cells[2] for cells in lines(capsys)[1:]] == ["初报，停用", "初报，现行"]


# --- Corrections --------------------------------------------------------------------------------------------------


def test_a_correction_in_force_is_told_in_its_place(desk: Desk, capsys: pytest.CaptureFixture[str]) -> None:
    desk.write(row(value="3600"))
    [line] = declare(desk.workspace, ENTRY)
    print_history(JOBS)
    _, first, second = lines(capsys)
    assert (first[1], first[2]) == ("3,600 人", "初报")
    assert second == [
        "2026年一季度", "360 人", "订正，现行", "订正", "2026-05-20", "",
        "台账原为 3600，改用订正的数。原因：多写一个 0，已与填报人核对", f"data/corrections.yml:{line}",
    ]  # fmt: skip


def test_a_dropped_figure_and_a_correction_that_is_over_are_told(
    desk: Desk, capsys: pytest.CaptureFixture[str]
) -> None:
    desk.write(row(value="3600"), row(value="361", reported_on="2026-06-15"))
    dropped = {name: value for name, value in ENTRY.items() if name != "value"} | {"action": "drop"}
    declare(desk.workspace, dropped | {"status": "mended", "mended_on": dt.date(2026, 6, 15)})
    print_history(JOBS)
    told = lines(capsys)[1:]
    assert [cells[1] for cells in told] == ["3,600 人", "不采用", "361 人"]
    assert [cells[2] for cells in told] == ["初报", "订正", "修订 1，现行"]
    assert told[1][6].endswith("；源头自 2026-06-15 起已更正")


def test_a_correction_that_no_longer_fits_does_not_keep_the_history_from_being_told(
    desk: Desk, capsys: pytest.CaptureFixture[str]
) -> None:
    desk.write(row(value="3600"), row(value="361", reported_on="2026-06-15"))
    declare(desk.workspace, ENTRY)
    print_history(JOBS)
    assert [cells[2] for cells in lines(capsys)[1:]] == ["初报", "订正", "修订 1，现行"]


# --- What is asked for --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", [JOBS, "城镇新增就业人数"])
@pytest.mark.parametrize("place", [None, "330305", "洞头区"])
@pytest.mark.parametrize("period", ["2026Q1", "2026年一季度"])
def test_an_indicator_a_region_and_a_period_are_known_by_code_and_name(
    desk: Desk, capsys: pytest.CaptureFixture[str], name: str, place: str | None, period: str
) -> None:
    desk.write(
        row(), row(period="2026Q2", value="700", reported_on="2026-07-12"), row(region="330300", value="9")
    )
    print_history(name, place, period)
    assert [cells[1] for cells in lines(capsys)[1:]] == ["360 人"]


def test_what_another_level_sets_is_told_for_that_level(
    desk: Desk, capsys: pytest.CaptureFixture[str]
) -> None:
    desk.write(row(indicator="minimum_wage_top_tier", region="330000", value="2490", period="2026Q1"))
    print_history("minimum_wage_top_tier")
    [[title], cells] = lines(capsys)
    assert title.startswith("浙江省最低工资标准最高档")
    assert cells[1] == "2,490 元/月"


def test_where_nothing_is_known_the_regions_that_have_figures_are_named(
    desk: Desk, capsys: pytest.CaptureFixture[str]
) -> None:
    desk.write(row(region="330300"))
    print_history(JOBS, period="2026Q1")
    assert capsys.readouterr().out == (
        "台账里没有洞头区城镇新增就业人数（new_urban_jobs）2026年一季度的数；这一项有数的地区：330300 温州市\n"
    )
    print_history(RATE)
    assert capsys.readouterr().out.endswith("（arrears_resolution_rate）数；这一项有数的地区：没有\n")


@pytest.mark.parametrize(
    ("words", "where", "said"),
    [
        (("new_urban_job",), "指标", "是不是「new_urban_jobs」？"),
        (("城镇新增就业",), "指标", "是不是「城镇新增就业人数」？"),
        ((JOBS, "330306"), "--region", "是不是「330305」？"),
        ((JOBS, "洞头"), "--region", "是不是「洞头区」？"),
        ((JOBS, None, "2026Q5"), "--period", "「2026Q5」不是期间"),
        ((JOBS, None, ""), "--period", "不是期间"),
    ],
)
def test_an_unknown_word_is_refused_with_the_nearest(
    desk: Desk, words: tuple[str, ...], where: str, said: str
) -> None:
    desk.write(row())
    with pytest.raises(ParametersError) as refused:
        print_history(*words)
    assert refused.value.where == where
    assert said in str(refused.value)


def test_a_ledger_that_cannot_be_read_is_refused(desk: Desk) -> None:
    desk.write(row(value="x"))
    with pytest.raises(LaoyouError, match="不是数字"):
        print_history(JOBS)


# --- How it looks -------------------------------------------------------------------------------------------------

LONG = "很长的说明" * 40


def test_nothing_is_cut_in_a_pipe_and_each_row_is_one_line(
    desk: Desk, capsys: pytest.CaptureFixture[str]
) -> None:
    desk.write(
        row(note=f"第一行\n第二行 {LONG}"),
        row(period="2026Q2", value="700", reported_on="2026-07-12", source="[red]源"),
    )
    print_history(JOBS)
    _, first, second = lines(capsys)
    assert first[6] == f"第一行 第二行 {LONG}"
    assert second[5] == "[red]源"


@pytest.mark.parametrize("width", [40, 80, 99, 100, 160])
def test_on_a_terminal_every_word_is_there_however_narrow_it_is(
    desk: Desk, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, width: int
) -> None:
    desk.write(row(value="374"), row(value="360", reported_on="2026-07-15", note="[b]核实后更正[/b]"))
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    monkeypatch.setenv("COLUMNS", str(width))
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("NO_COLOR", "1")
    print_history(JOBS)
    shown = capsys.readouterr().out
    for word in ("374 人", "360 人", "修订 1，现行", "2026-07-15", "这里就业创业"):
        assert word in shown, word
    assert "…" not in shown
    if width >= 160:
        assert "[b]核实后更正[/b]" in shown
        assert f"{FILE}:3" in shown
        assert max(cell_len(line) for line in shown.splitlines() if "2026" in line) <= width


def test_columns_begin_in_one_place_whatever_the_width_of_characters() -> None:
    assert aligned([["期间", "a"], ["x", "中"], ["中文字", ""]]) == ["期间    a", "x       中", "中文字"]


def test_of_a_figure_that_is_withheld_now_nothing_earlier_is_repeated(
    desk: Desk, capsys: pytest.CaptureFixture[str]
) -> None:
    town = "330305202"
    desk.write(
        rate(region=town, numerator="17", denominator="19"),
        rate(region=town, numerator="16", denominator="19", reported_on="2026-05-12", note="更正：原 17/19"),
        rate(region=town, numerator="", denominator="", missing="suppressed", reported_on="2026-07-12",
             note="更正：原 16/19"),
        rate(region=town, period="2026Q2", numerator="27", denominator="29", reported_on="2026-07-12"),
    )  # fmt: skip
    print_history(RATE, region=town)
    told = lines(capsys)[1:]
    assert [cells[1] for cells in told] == [*["为保护隐私不公布"] * 3, "93.1%（27/29）"]
    assert [cells[6] for cells in told] == [""] * 4
    assert [cells[2] for cells in told] == ["初报", "修订 1", "修订 2，现行", "初报，现行"]
