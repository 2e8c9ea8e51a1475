"""Collection forms read back: what is taken, and what is refused and where."""

import datetime as dt
import shutil
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from openpyxl import Workbook
from openpyxl.worksheet.worksheet import Worksheet
from workspaces import bare_desk, shipped_plan, shipped_rules

from laoyou.errors import IntakeError, Problem
from laoyou.forms.filled import FilledForm, is_form, read_form
from laoyou.forms.write import write_forms
from laoyou.ledger.file import COLUMNS
from laoyou.plan import Plan
from laoyou.regions import load_regions
from laoyou.sheets.grids import open_grids
from laoyou.workspace import find_workspace

BUREAU, MARKET, UNION = "区人力社保局", "区市场监管局", "区总工会"
SHOWN = "交来/表.xlsx"
COMMA, POINT = ",", "."
Cells = Mapping[str, Mapping[str, Any]]
Change = Callable[[Workbook], None]

# An identity number whose check digit is right, and telephone numbers, of nobody
PERSONAL = ["11010519491231002X", "电话13800138000", "0577-63381234", "１３８ ００１３ ８０００"]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with the forms of 2026Q4."""
    folder = tmp_path_factory.mktemp("forms")
    write_forms("2026Q4", to=folder)
    return folder


def line(sheet: Worksheet, id: str) -> int:
    """Return the row of a measurable."""
    return next(n for n in range(1, sheet.max_row + 1) if f"|{id}|" in str(sheet[f"R{n}"].value))


@pytest.fixture
def fill(folder: Path, tmp_path: Path) -> Callable[..., Path]:
    """Return a function that fills a form in and returns its file."""

    def fill(cells: Cells, unit: str = BUREAU, day: object = None, change: Change | None = None) -> Path:
        book = openpyxl.load_workbook(folder / f"{unit}.xlsx")
        sheet = book["填报表"]
        for id, columns in cells.items():
            for column, value in columns.items():
                sheet[f"{column}{line(sheet, id)}"].value = value
        sheet["N2"].value = day
        if change:
            change(book)
        book.save(tmp_path / "表.xlsx")
        return tmp_path / "表.xlsx"

    return fill


def read(file: Path, plan: Plan | None = None) -> FilledForm:
    """Read a file as a form."""
    rules = shipped_rules()
    grids = open_grids(file, SHOWN, rules.intake)
    assert is_form(grids)
    return read_form(grids, SHOWN, plan or shipped_plan(), load_regions(find_workspace()), rules)


def rows(form: FilledForm) -> dict[str, dict[str, str]]:
    """Return what is not empty of each row, by indicator."""
    return {r["indicator"]: {k: v for k, v in r.items() if v} for r in form.rows.to_dict("records")}


def refused(file: Path) -> tuple[Problem, ...]:
    """Return what is wrong with a form."""
    with pytest.raises(IntakeError) as caught:
        read(file)
    assert caught.value.where == SHOWN
    return caught.value.problems


# --- What is taken ----------------------------------------------------------------------------------------------


def test_an_unfilled_form_gives_no_rows_and_names_what_is_blank(folder):
    form = read(folder / f"{BUREAU}.xlsx")
    assert (form.unit, form.quarter) == (BUREAU, "2026Q4")
    assert list(form.rows.columns) == [*COLUMNS, "place"]
    assert len(form.rows) == 0
    assert len(form.blank) == 19  # 21 rows, of which two are worked out from others
    assert form.blank[:2] == ["城镇调查失业率", "城镇新增就业人数"]
    assert read(folder / f"{MARKET}.xlsx").blank == ["常住人口（2026 年末）", "每万人高价值发明专利拥有量"]


def test_a_count_becomes_a_row_of_the_ledger(fill):
    form = read(
        fill(
            {"new_urban_jobs": {"H": 1312, "O": "这里就业创业", "P": "含 12 名  返乡\n人员"}},
            day=dt.datetime(2027, 1, 8),
        )
    )
    assert rows(form) == {
        "new_urban_jobs": {
            "region": "330305",
            "indicator": "new_urban_jobs",
            "period": "2026Q4",
            "value": "1312",
            "status": "reported",
            "measured_at": "330305",
            "source": "这里就业创业，区人力社保局 2026Q4 填报表（填报 2027-01-08）",
            "note": "含 12 名 返乡 人员",
            "place": f"{SHOWN} 填报表!H7",
        }
    }
    assert len(form.blank) == 18


@pytest.mark.parametrize(
    ("day", "own", "source"),
    [
        (None, None, "区人力社保局 2026Q4 填报表"),
        (dt.datetime(2027, 1, 8), None, "区人力社保局 2026Q4 填报表（填报 2027-01-08）"),
        (dt.datetime(2027, 1, 8), dt.datetime(2027, 1, 9), "区人力社保局 2026Q4 填报表（填报 2027-01-09）"),
        ("2027年1月8日", None, "区人力社保局 2026Q4 填报表（填报 2027-01-08）"),
        (None, "2027/1/9", "区人力社保局 2026Q4 填报表（填报 2027-01-09）"),
    ],
)
def test_the_source_is_the_form_unless_one_is_given_and_says_when_it_was_filled_in(fill, day, own, source):
    found = rows(read(fill({"new_urban_jobs": {"H": 1312, "N": own}}, day=day)))
    assert found["new_urban_jobs"]["source"] == source


@pytest.mark.parametrize(
    ("typed", "value"),
    [
        (1300, "1300"), (1300.0, "1300"), ("1300", "1300"), (" １,３００ ", "1300"), ("1" + COMMA + "300", "1300"),
        ("1.2万", "12000"), (0, "0"), ("０", "0"), (12_000_000, "12000000"),
    ],
)  # fmt: skip
def test_a_number_is_read_however_it_is_written(fill, typed, value):
    assert rows(read(fill({"new_urban_jobs": {"H": typed}})))["new_urban_jobs"]["value"] == value


@pytest.mark.parametrize(
    ("typed", "format_", "value"),
    [
        (4.6, "General", "4.6"), ("4.6%", "General", "4.6"), ("４.６％", "General", "4.6"), (0.046, "0.0%", "4.6"),
        (100, "General", "100"), (0, "General", "0"), (0.005, "0.0%", "0.5"), ("0.5%", "General", "0.5"),
    ],
)  # fmt: skip
def test_a_percentage_is_read_where_it_says_that_it_is_one(fill, typed, format_, value):
    def show(book: Workbook) -> None:
        book["填报表"]["H6"].number_format = format_

    found = rows(read(fill({"urban_unemployment_rate": {"H": typed}}, change=show)))
    assert found["urban_unemployment_rate"]["value"] == value


def test_a_survey_figure_says_where_it_was_measured(fill):
    found = rows(read(fill({"urban_unemployment_rate": {"H": 4.6}})))  # the level is filled in beforehand
    assert found["urban_unemployment_rate"]["measured_at"] == "330300"
    found = rows(read(fill({"urban_unemployment_rate": {"H": 4.6, "M": "浙江省"}})))
    assert found["urban_unemployment_rate"]["measured_at"] == "330000"


def test_a_rate_is_taken_as_its_parts_for_the_ledger_to_divide(fill):
    found = rows(read(fill({"arrears_resolution_rate": {"I": 245, "J": "２５８"}})))[
        "arrears_resolution_rate"
    ]
    assert (found["numerator"], found["denominator"], found.get("value")) == ("245", "258", None)


def test_a_rate_without_a_defined_fraction_is_taken_either_way(fill):
    found = rows(read(fill({"coordinators_all_firms": {"H": 62.5}})))["coordinators_all_firms"]
    assert (found["value"], found.get("numerator")) == ("62.5", None)
    found = rows(read(fill({"coordinators_all_firms": {"I": 5, "J": 8}})))["coordinators_all_firms"]
    assert (found.get("value"), found["numerator"], found["denominator"]) == (None, "5", "8")


@pytest.mark.parametrize("typed", [33.38, 33.29])  # 33.333…: 0.047 and 0.043 off, 0.051 is allowed
def test_a_rate_may_stand_beside_its_parts_within_rounding(fill, typed):
    found = rows(read(fill({"coordinators_all_firms": {"H": typed, "I": 1, "J": 3}})))
    assert found["coordinators_all_firms"]["value"] == str(typed)


@pytest.mark.parametrize("typed", [33.39, 33.28])  # 0.057 and 0.053 off
def test_a_rate_that_differs_from_its_parts_is_refused(fill, typed):
    [problem] = refused(fill({"coordinators_all_firms": {"H": typed, "I": 1, "J": 3}}))
    assert problem.place == "填报表!H25"
    assert problem.found == f"{typed} 与分子÷分母 33.33 不符"


@pytest.mark.parametrize(
    ("cells", "kind"),
    [
        ({"H": "——"}, "not_collected"), ({"H": "—"}, "not_collected"), ({"H": "-"}, "not_applicable"),
        ({"H": "…"}, "below_unit"), ({"H": "……"}, "below_unit"), ({"K": "未报"}, "not_reported"),
        ({"K": "未统计"}, "not_collected"), ({"K": "不适用"}, "not_applicable"),
        ({"K": "为保护隐私不公布"}, "suppressed"), ({"K": "不足最小单位"}, "below_unit"), ({"K": "——"}, "not_collected"),
        ({"H": "——", "K": "未统计"}, "not_collected"),
    ],
)  # fmt: skip
def test_why_there_is_no_figure_is_taken_from_the_list_or_from_a_sign(fill, cells, kind):
    found = rows(read(fill({"new_urban_jobs": cells})))["new_urban_jobs"]
    assert (found["missing"], found.get("value")) == (kind, None)


def test_a_rate_s_parts_may_say_why_there_is_none(fill):
    found = rows(read(fill({"arrears_resolution_rate": {"I": "-", "J": "-"}})))["arrears_resolution_rate"]
    assert found["missing"] == "not_applicable"


@pytest.mark.parametrize(
    ("word", "status"),
    [("部门上报", "reported"), ("公开发布", "published"), ("演示数据", "sample"), (None, "reported")],
)
def test_the_nature_of_a_figure_is_what_the_form_says(fill, word, status):
    assert rows(read(fill({"new_urban_jobs": {"H": 1, "L": word}})))["new_urban_jobs"]["status"] == status


def test_a_change_of_basis_is_a_break_of_the_series(fill):
    found = rows(read(fill({"new_urban_jobs": {"H": 1, "Q": "浙人社发〔2026〕1号 调整口径"}})))
    assert found["new_urban_jobs"]["series_break"] == "浙人社发〔2026〕1号 调整口径"


def test_what_the_province_sets_is_the_province_s(fill):
    found = rows(read(fill({"minimum_wage_top_tier": {"H": 2660, "L": "公开发布"}})))["minimum_wage_top_tier"]
    assert (found["region"], found["measured_at"], found["period"]) == ("330000", "330000", "2026Q4")


def test_the_population_belongs_to_its_year(fill):
    found = rows(read(fill({"resident_population": {"H": 162_300}}, unit=MARKET)))["resident_population"]
    assert (found["period"], found["value"]) == ("2026", "162300")


@pytest.mark.parametrize("cells", [{"N": dt.datetime(2027, 1, 8)}, {"O": "这里就业创业"}, {"L": "公开发布"}])
def test_a_row_with_nothing_but_date_source_or_nature_is_blank(fill, cells):
    form = read(fill({"new_urban_jobs": cells}))
    assert len(form.rows) == 0
    assert "城镇新增就业人数" in form.blank


# --- Ratios that are worked out ---------------------------------------------------------------------------------

SKILLED: Cells = {
    "skilled_workers": {"H": 23_800},
    "highly_skilled_workers": {"H": 7_616},
    "employed_persons": {"H": 71_000},
}


def test_a_ratio_is_made_of_the_rows_of_its_parts(fill):
    found = rows(read(fill(SKILLED)))
    share = found["skilled_share_of_employed"]
    assert (share["numerator"], share["denominator"], share.get("value")) == ("23800", "71000", None)
    assert share["note"] == "由技能人才总量÷从业人员算出"
    assert share["place"] == f"{SHOWN} 填报表!H11、填报表!H13"
    high = found["highly_skilled_share_of_skilled"]
    assert (high["numerator"], high["denominator"]) == ("7616", "23800")


def test_a_ratio_waits_for_both_its_parts(fill):
    found = rows(read(fill({"skilled_workers": {"H": 23_800}, "employed_persons": {"H": 71_000}})))
    assert "skilled_share_of_employed" in found
    assert "highly_skilled_share_of_skilled" not in found


def test_a_ratio_is_missing_as_its_part_is(fill):
    found = rows(read(fill({**SKILLED, "employed_persons": {"K": "未统计"}})))
    assert found["skilled_share_of_employed"]["missing"] == "not_collected"
    assert "numerator" not in found["skilled_share_of_employed"]
    assert found["highly_skilled_share_of_skilled"]["numerator"] == "7616"


@pytest.mark.parametrize(
    ("one", "other", "status"),
    [
        ("部门上报", "公开发布", "reported"),
        ("公开发布", "公开发布", "published"),
        ("演示数据", "公开发布", "sample"),
        ("演示数据", "演示数据", "sample"),
    ],
)
def test_a_ratio_is_no_surer_than_its_parts(fill, one, other, status):
    cells = {"skilled_workers": {"H": 23_800, "L": one}, "employed_persons": {"H": 71_000, "L": other}}
    assert rows(read(fill(cells)))["skilled_share_of_employed"]["status"] == status


def test_a_ratio_takes_over_source_date_and_break_of_its_parts(fill):
    cells = {
        "skilled_workers": {"H": 23_800, "O": "浙派工匠", "N": dt.datetime(2027, 1, 8), "Q": "新目录"},
        "employed_persons": {"H": 71_000, "O": "统计部门", "N": dt.datetime(2027, 1, 6)},
    }
    share = rows(read(fill(cells)))["skilled_share_of_employed"]
    assert share["source"] == "浙派工匠；统计部门，区人力社保局 2026Q4 填报表（填报 2027-01-08）"
    assert share["series_break"] == "新目录"


def test_a_part_larger_than_its_whole_is_refused_at_both_cells(fill):
    [problem] = refused(fill({**SKILLED, "employed_persons": {"H": 23_799}}))
    assert problem.place == "填报表!H11、填报表!H13"
    assert problem.found == "技能人才总量 23800 大于从业人员 23799"
    assert "skilled_share_of_employed" in rows(read(fill({**SKILLED, "employed_persons": {"H": 23_800}})))


def test_a_whole_of_0_makes_no_ratio(fill):
    [problem] = refused(fill({"skilled_workers": {"H": 0}, "employed_persons": {"H": 0}}))
    assert problem.found == "从业人员是 0，算不出技能人才占从业人员比例"


@pytest.mark.parametrize(
    ("cells", "place"),
    [
        ({"I": 23_801}, "I14"), ({"J": 70_000}, "J14"), ({"H": 33.6}, "H14"), ({"I": "很多"}, "I14"),
        ({"K": "未报"}, "K14"), ({"P": "备注"}, "P14"), ({"L": "公开发布"}, "L14"), ({"N": "2027-01-08"}, "N14"),
    ],
)  # fmt: skip
def test_what_is_typed_over_a_computed_ratio_is_refused(fill, cells, place):
    [problem] = refused(fill({**SKILLED, "skilled_share_of_employed": cells}))
    assert (problem.place, problem.found) == (f"填报表!{place}", "这一行不用填这一格")


def test_a_computed_ratio_may_show_what_it_was_worked_out_from(fill):
    shown = {"I": 23_800, "J": 71_000, "H": 33.52}  # 33.5211…
    assert "skilled_share_of_employed" in rows(read(fill({**SKILLED, "skilled_share_of_employed": shown})))


# --- What is refused --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("id", "cells", "place", "found"),
    [
        # a number in the wrong place
        ("new_urban_jobs", {"I": 1300}, "I7", "这一行不用填这一格"),
        ("new_urban_jobs", {"H": 1300, "J": 1}, "J7", "这一行不用填这一格"),
        ("new_urban_jobs", {"H": 1300, "M": "温州市"}, "M7", "这一行不用填这一格"),
        ("arrears_resolution_rate", {"H": 95}, "H19", "这一行不用填这一格"),
        ("arrears_resolution_rate", {"H": 0}, "H19", "这一行不用填这一格"),
        # no number, or not the one that is due
        ("new_urban_jobs", {"H": "很多"}, "H7", "有 2 个字（不照录，请看原文件），不是数"),
        ("new_urban_jobs", {"H": "94.5%"}, "H7", "「94.5%」，是百分数"),
        ("new_urban_jobs", {"H": -1}, "H7", "-1 是负数"),
        ("new_urban_jobs", {"H": 1300.5}, "H7", "1300.5 不是整数"),
        ("gig_markets_built", {"H": 1.5}, "H22", "1.5 不是整数"),
        ("new_urban_jobs", {"H": True}, "H7", "是日期或真假值，不是数"),
        ("new_urban_jobs", {"H": dt.datetime(2026, 12, 31)}, "H7", "是日期或真假值，不是数"),
        ("urban_unemployment_rate", {"H": 0.945}, "H6", "「0.945」有两种读法：0.945% 或 94.5%"),
        ("urban_unemployment_rate", {"H": "0.945"}, "H6", "「0.945」有两种读法：0.945% 或 94.5%"),
        ("urban_unemployment_rate", {"H": 100.1}, "H6", "100.1 %"),
        ("urban_unemployment_rate", {"H": 4.6, "M": None}, "M6", "空着，而调查数在县区一级往往测不出"),
        # a fraction
        ("arrears_resolution_rate", {"I": 245}, "J19", "空着，而分子、分母只填了一个"),
        ("arrears_resolution_rate", {"J": 245}, "I19", "空着，而分子、分母只填了一个"),
        ("arrears_resolution_rate", {"I": 259, "J": 258}, "I19", "分子 259 大于分母 258"),
        ("arrears_resolution_rate", {"I": 0, "J": 0}, "J19", "0 作不了分母"),
        ("arrears_resolution_rate", {"I": 2.5, "J": 10}, "I19", "2.5 不是整数"),
        ("arrears_resolution_rate", {"I": "很多", "J": 10}, "I19", "有 2 个字（不照录，请看原文件），不是数"),
        ("arrears_resolution_rate", {"I": 245, "J": 258, "H": 90}, "H19", "90 与分子÷分母 94.96 不符"),
        # a reason for none
        ("new_urban_jobs", {"H": 1300, "K": "未报"}, "K7", "说是“未报”，但这一行有数"),
        ("new_urban_jobs", {"K": "没报"}, "K7", "有 2 个字（不照录，请看原文件）"),
        ("new_urban_jobs", {"H": "——", "K": "未报"}, "K7", "缺数原因不一致：未统计、未报"),
        ("arrears_resolution_rate", {"I": "——", "J": 10}, "I19", "说是“未统计”，但这一行有数"),
        # words
        ("new_urban_jobs", {"H": 1, "L": "上报"}, "L7", "有 2 个字（不照录，请看原文件）"),
        ("urban_unemployment_rate", {"H": 4.6, "M": "杭州市"}, "M6", "有 3 个字（不照录，请看原文件）"),
        ("new_urban_jobs", {"P": "正在核对"}, "P7", "有备注，却没有数，也没有选缺数原因"),
        ("new_urban_jobs", {"Q": "新口径"}, "Q7", "有口径变化，却没有数，也没有选缺数原因"),
        # days
        ("new_urban_jobs", {"H": 1, "N": dt.datetime(2026, 12, 30)}, "N7", "2026-12-30 不在填报的日子里"),
        ("new_urban_jobs", {"H": 1, "N": dt.datetime(2028, 1, 2)}, "N7", "2028-01-02 不在填报的日子里"),
        ("new_urban_jobs", {"H": 1, "N": "昨天"}, "N7", "有 2 个字（不照录，请看原文件），不是日期"),
    ],
)  # fmt: skip
def test_what_cannot_be_taken_is_refused_at_its_cell(fill, id, cells, place, found):
    [problem] = refused(fill({id: cells}))
    assert (problem.place, problem.found.split("；")[0]) == (f"填报表!{place}", found)


@pytest.mark.parametrize("day", [dt.datetime(2026, 12, 31), dt.datetime(2028, 1, 1)])
def test_a_form_may_be_filled_in_within_a_year_of_its_quarter_s_end(fill, day):
    assert (
        f"（填报 {day.date()}）"
        in rows(read(fill({"new_urban_jobs": {"H": 1}}, day=day)))["new_urban_jobs"]["source"]
    )


@pytest.mark.parametrize("day", [dt.datetime(2026, 12, 30), dt.datetime(2028, 1, 2), "昨天"])
def test_a_date_of_the_whole_form_that_cannot_be_is_refused(fill, day):
    [problem] = refused(fill({}, day=day))
    assert problem.place == "填报表!N2"


def test_a_wrong_word_is_told_what_is_allowed(fill):
    [problem] = refused(fill({"new_urban_jobs": {"H": 1, "L": "部门上报的"}}))
    assert (problem.allowed, problem.remedy) == ("公开发布、部门上报、演示数据", "是不是「部门上报」？")


def test_every_problem_of_a_form_is_listed_at_once(fill):
    cells: Cells = {
        "urban_unemployment_rate": {"H": 0.045, "N": "昨天"},
        "new_urban_jobs": {"H": "很多", "L": "上报"},
        "arrears_resolution_rate": {"I": 9, "J": 8},
    }
    file = fill(cells, day=dt.datetime(2026, 1, 1))
    assert [p.place.split("!")[1] for p in refused(file)] == ["N2", "H6", "N6", "H7", "L7", "I19"]
    with pytest.raises(IntakeError) as caught:
        read(file)
    assert str(caught.value).startswith(f"{SHOWN}：6 处不符合要求\n  1. 填报表!N2：")


@pytest.mark.parametrize("column", ["O", "P", "Q"])
@pytest.mark.parametrize("text", PERSONAL)
def test_personal_numbers_are_refused_and_not_repeated(fill, column, text):
    file = fill({"new_urban_jobs": {"H": 1, column: f"找{text}"}})
    [problem] = refused(file)
    assert problem.place == f"填报表!{column}7"
    with pytest.raises(IntakeError) as caught:
        read(file)
    assert text not in str(caught.value)
    assert not any(digits in str(caught.value) for digits in ("110105", "13800", "6338"))


# --- Formulas ---------------------------------------------------------------------------------------------------


def patched(file: Path, old: str, new: str) -> Path:
    """Replace a piece of the form's sheet as it stands in the file."""
    copy = file.with_name("改.xlsx")
    with zipfile.ZipFile(file) as source, zipfile.ZipFile(copy, "w") as target:
        for part in source.infolist():
            content = source.read(part)
            if part.filename == "xl/worksheets/sheet1.xml":
                assert old.encode() in content
                content = content.replace(old.encode(), new.encode())
            target.writestr(part, content)
    return copy


def test_a_formula_s_saved_result_is_read(fill):
    file = fill({"new_urban_jobs": {"H": "=600+712"}})
    file = patched(file, "<f>600+712</f><v></v>", "<f>600+712</f><v>1312</v>")
    assert rows(read(file))["new_urban_jobs"]["value"] == "1312"


def test_a_formula_without_a_saved_result_is_refused(fill):
    [problem] = refused(fill({"new_urban_jobs": {"H": "=600+712"}}))
    assert problem.place == "填报表!H7"
    assert problem.found == "是没有保存计算结果的公式"


@pytest.mark.parametrize("column", ["H", "K", "L", "N", "O", "P"])
@pytest.mark.parametrize(
    ("formula", "words"), [("#REF!", "公式出错：#REF!"), ("=1", "是没有保存计算结果的公式")]
)
def test_a_formula_in_error_or_without_a_saved_result_is_refused_in_any_cell(fill, column, formula, words):
    cells = {} if column == "K" else {"H": 1}
    [problem] = refused(fill({"new_urban_jobs": {**cells, column: formula}}))
    assert problem.place == f"填报表!{column}7"
    assert words in problem.found


def test_the_rate_that_the_form_shows_itself_is_held_against_its_parts(fill):
    file = fill(
        {"arrears_resolution_rate": {"I": 1, "J": 200}}
    )  # 0.5 %, no doubtful reading of a formula's result
    old = 'N(J19)&gt;0),100*I19/J19,"")</f><v></v>'
    assert (
        rows(read(patched(file, old, old.replace("<v></v>", "<v>0.5</v>"))))["arrears_resolution_rate"][
            "numerator"
        ]
        == "1"
    )
    [problem] = refused(patched(file, old, old.replace("<v></v>", "<v>0.6</v>")))
    assert problem.found == "0.6 与分子÷分母 0.50 不符"


# --- Rows and sheets --------------------------------------------------------------------------------------------


def test_rows_may_be_sorted_and_rows_and_columns_inserted(fill):
    def shuffle(book: Workbook) -> None:
        sheet = book["填报表"]
        for area in list(sheet.merged_cells.ranges):
            sheet.unmerge_cells(str(area))
        for column in range(1, 19):
            one, other = sheet.cell(7, column), sheet.cell(9, column)
            one.value, other.value = other.value, one.value
        sheet.insert_rows(6, 2)
        sheet.insert_cols(8)

    cells: Cells = {"new_urban_jobs": {"H": 1312}, "hard_to_employ_placements": {"H": 75}}
    found = rows(read(fill(cells, day="2027-01-08", change=shuffle)))
    assert (found["new_urban_jobs"]["value"], found["hard_to_employ_placements"]["value"]) == ("1312", "75")
    assert found["new_urban_jobs"]["place"] == f"{SHOWN} 填报表!I11"
    assert found["new_urban_jobs"]["source"].endswith("（填报 2027-01-08）")


def test_a_hidden_row_with_input_is_refused_and_without_is_not(fill):
    def hide(book: Workbook) -> None:
        book["填报表"].row_dimensions[7].hidden = True

    [problem] = refused(fill({"new_urban_jobs": {"H": 1300}}, change=hide))
    assert (problem.place, problem.found) == ("填报表!H7", "这一行隐藏着，却填了东西")
    assert len(read(fill({}, change=hide)).rows) == 0


@pytest.mark.parametrize(
    ("state", "kind"), [("visible", "工作表"), ("hidden", "隐藏的工作表"), ("veryHidden", "隐藏的工作表")]
)
def test_a_sheet_that_nobody_would_read_is_refused_by_name(fill, state, kind):
    def add(book: Workbook) -> None:
        sheet = book.create_sheet("明细")
        sheet.sheet_state = state
        sheet["C3"].value = 1300

    [problem] = refused(fill({}, change=add))
    assert problem.place == f"{kind}「明细」"


def test_an_empty_sheet_besides_does_no_harm(fill):
    assert len(read(fill({}, change=lambda book: book.create_sheet("Sheet1"))).rows) == 0


def test_two_sheets_to_fill_in_are_refused(fill):
    [problem] = refused(fill({}, change=lambda book: book.copy_worksheet(book["填报表"])))
    assert "有 2 张填报的工作表" in problem.found


def test_a_hidden_form_is_refused(fill):
    def hide(book: Workbook) -> None:
        book.create_sheet("封面")
        book["填报表"].sheet_state = "hidden"
        book.active = 2

    [problem] = refused(fill({}, change=hide))
    assert "隐藏" in problem.found


# --- Marks ------------------------------------------------------------------------------------------------------


def marked(name: str, value: str | None) -> Change:
    """Return a change of one mark."""

    def change(book: Workbook) -> None:
        for cells in book["_laoyou"].iter_rows():
            if cells[0].value == name:
                cells[1].value = value

    return change


@pytest.mark.parametrize(
    ("name", "value", "found"),
    [
        ("plan", "ouhai-2023-2027", "规划「ouhai-2023-2027」"), ("version", "0", "表格版本「0」"),
        ("version", None, "没有表格版本"), ("region", "330306", "地区「330306」"), ("quarter", "2026", "季度「2026」"),
        ("quarter", "2028Q1", "季度「2028Q1」"), ("unit", "区民政局", "牵头单位「区民政局」"),
    ],
)  # fmt: skip
def test_a_form_of_another_plan_or_version_is_refused_with_what_to_do(fill, name, value, found):
    [problem] = refused(fill({"new_urban_jobs": {"H": 1}}, change=marked(name, value)))
    assert problem.found == found
    assert "重新生成表格" in problem.remedy


def test_a_form_of_another_quarter_than_its_rows_is_refused(fill):
    problems = refused(fill({}, change=marked("quarter", "2026Q3")))
    assert len(problems) == 21
    assert "不属于" in problems[0].found


def test_a_form_without_its_hidden_sheet_is_still_known_for_one_and_refused(fill):
    [problem] = refused(fill({}, change=lambda book: book.remove(book["_laoyou"])))
    assert "标记没有了" in problem.found
    assert "重新生成表格" in problem.remedy


def strip_keys(book: Workbook) -> None:
    """Take the key column away."""
    book["填报表"].delete_cols(18)


def test_a_form_without_its_key_column_is_refused(fill):
    [problem] = refused(fill({"new_urban_jobs": {"H": 1}}, change=strip_keys))
    assert "各行的标记没有了" in problem.found
    assert "重新生成表格" in problem.remedy


def test_a_form_copied_into_another_workbook_is_known_and_refused(fill):
    def copy(book: Workbook) -> None:
        strip_keys(book)
        book.remove(book["_laoyou"])

    [problem] = refused(fill({"new_urban_jobs": {"H": 1}}, change=copy))
    assert "重新生成表格" in problem.remedy


def test_another_workbook_is_no_form(tmp_path):
    book = Workbook()
    book.worksheets[0].append(["线索编号", "来源", "备注", "填报日期"])
    book.save(tmp_path / "export.xlsx")
    assert not is_form(open_grids(tmp_path / "export.xlsx", "export.xlsx", shipped_rules().intake))


def keyed(row: int, value: str | None) -> Change:
    """Return a change of one row's mark."""

    def change(book: Workbook) -> None:
        book["填报表"][f"R{row}"].value = value

    return change


def test_a_row_that_stands_twice_is_refused(fill):
    problems = refused(fill({}, change=keyed(9, "330305|new_urban_jobs|2026Q4")))
    assert problems[0].found == "「城镇新增就业人数」有两行，另一行在第 7 行"
    assert problems[0].place == "填报表!H9"
    assert problems[1].found == "少了「就业困难人员实现就业数」一行"


def test_a_row_of_no_indicator_of_the_plan_is_refused(fill):
    problems = refused(fill({}, change=keyed(7, "330305|new_jobs|2026Q4")))
    assert problems[0].place == "填报表!H7"
    assert "不属于" in problems[0].found
    assert problems[1].found == "少了「城镇新增就业人数」一行"


def test_a_row_whose_mark_is_gone_is_refused_where_it_is_filled_in(fill):
    problems = refused(fill({"new_urban_jobs": {"H": 1}}, change=keyed(7, None)))
    assert problems[0].place == "填报表!H7"
    assert "没有标记" in problems[0].found


def test_a_deleted_row_is_refused_by_name(fill):
    [problem] = refused(fill({}, change=lambda book: book["填报表"].delete_rows(7)))
    assert problem.found == "少了「城镇新增就业人数」一行"


def test_a_form_whose_head_was_changed_is_refused(fill):
    def change(book: Workbook) -> None:
        book["填报表"]["K5"].value = "原因"

    [problem] = refused(fill({}, change=change))
    assert problem.found == "表头少了「缺数原因」"


# --- The ledger takes it ----------------------------------------------------------------------------------------


def test_what_a_form_yields_the_ledger_accepts(fill, tmp_path):
    cells: Cells = {
        **SKILLED,
        "urban_unemployment_rate": {"H": "4.6%"},
        "new_urban_jobs": {"H": 1312},
        "arrears_resolution_rate": {"I": 245, "J": 258},
        "mediation_success_rate": {"K": "不适用"},
        "coordinators_all_firms": {"H": 62.5, "I": 5, "J": 8},
        "minimum_wage_top_tier": {"H": 2660, "L": "公开发布"},
    }
    table = read(fill(cells, day=dt.datetime(2027, 1, 8))).rows
    assert len(table) == 11
    desk = bare_desk(tmp_path / "workspace")
    desk.write(*table.drop(columns="place").assign(reported_on="2027-01-10").to_dict("records"))
    known = desk.known().set_index("indicator")["value"]
    assert known["skilled_share_of_employed"] == pytest.approx(100 * 23_800 / 71_000)
    assert known["urban_unemployment_rate"] == 4.6


@pytest.mark.parametrize("unit", [MARKET, UNION])
def test_every_unit_s_form_is_read(folder, tmp_path, unit):
    shutil.copy(folder / f"{unit}.xlsx", tmp_path / "x.xlsx")
    assert read(tmp_path / "x.xlsx").unit == unit
