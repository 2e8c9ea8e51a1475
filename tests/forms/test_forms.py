"""Collection forms: which rows they hold, what stands beside them, and what their cells accept."""

import datetime as dt
import errno
import os
import re
import shutil
import zipfile
from pathlib import Path

import openpyxl
import pandas as pd
import pytest
from openpyxl.worksheet.worksheet import Worksheet
from workspaces import Desk, row, shipped_desk, shipped_plan

from laoyou.errors import LaoyouError, ParametersError, RunError
from laoyou.forms.rows import Mode, form_rows, lead_units, meaning
from laoyou.forms.write import write_forms
from laoyou.plan import Plan
from laoyou.regions import load_regions
from laoyou.sheets.excel_text import write_text
from laoyou.workspace import find_workspace

BUREAU, MARKET, UNION = "区人力社保局", "区市场监管局", "区总工会"
KEY = "R"  # the hidden column of the rows' marks
Q4 = pd.Period("2026Q4", "Q-DEC")

# By hand from the plan: its indicators by lead unit, 从业人员 before the ratio in need of it, then the commitments
# that no indicator carries.
BARGAINING = "2025年四季度\n58.9%\n73/124\n（演示数据）", "58.9%\n73/124"
ROWS = {
    BUREAU: [
        "330305|urban_unemployment_rate|2026Q4",
        "330305|new_urban_jobs|2026Q4",
        "330305|key_group_assistance_rate|2026Q4",
        "330305|hard_to_employ_placements|2026Q4",
        "330305|training_enrolments_cumulative|2026Q4",
        "330305|skilled_workers|2026Q4",
        "330305|highly_skilled_workers|2026Q4",
        "330305|employed_persons|2026Q4",
        "330305|skilled_share_of_employed|2026Q4",
        "330305|highly_skilled_share_of_skilled|2026Q4",
        "330000|minimum_wage_top_tier|2026Q4",
        "330305|coordinators_trained|2026Q4",
        "330305|employment_checkups|2026Q4",
        "330305|arrears_resolution_rate|2026Q4",
        "330305|mediation_success_rate|2026Q4",
        "330305|arbitration_closure_rate|2026Q4",
        "330305|gig_markets_built|2026Q4",
        "330305|gig_markets_public_service|2026Q4",
        "330305|gig_market_model|2026Q4",
        "330305|coordinators_all_firms|2026Q4",
        "330305|technical_school_students|2026Q4",
    ],
    MARKET: ["330305|resident_population|2026", "330305|high_value_patents_per_10k|2026Q4"],
    UNION: ["330305|wage_bargaining_coverage|2026Q4", "330305|bargaining_pilot_firms|2026Q4"],
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with the forms of 2026Q4."""
    folder = tmp_path_factory.mktemp("forms")
    write_forms("2026Q4", to=folder)
    return folder


@pytest.fixture(scope="module")
def sheets(folder: Path) -> dict[str, Worksheet]:
    """Return the sheets to fill in, by unit."""
    return {file.stem: openpyxl.load_workbook(file)["填报表"] for file in folder.glob("*.xlsx")}


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Desk:
    """Return a workspace of one's own, in which the test stands."""
    desk = shipped_desk(tmp_path / "workspace")
    monkeypatch.chdir(desk.workspace.root)
    return desk


def keys(sheet: Worksheet) -> dict[str, int]:
    """Return the row of each figure's mark."""
    cells = {str(sheet[f"{KEY}{n}"].value or ""): n for n in range(1, sheet.max_row + 1)}
    return {key: n for key, n in cells.items() if "|" in key}


def line(sheet: Worksheet, id: str) -> int:
    """Return the row of a measurable."""
    return next(n for key, n in keys(sheet).items() if f"|{id}|" in key)


def written(desk: Desk, quarter: str, **more: str) -> dict[str, Worksheet]:
    """Write the forms of a workspace of one's own and return their sheets."""
    return {f.stem: openpyxl.load_workbook(f)["填报表"] for f in write_forms(quarter, **more)}


# --- Which rows -------------------------------------------------------------------------------------------------


def test_every_unit_has_a_form_with_exactly_its_own_rows(sheets):
    assert {unit: list(keys(sheet)) for unit, sheet in sheets.items()} == ROWS


def test_every_figure_of_the_plan_is_asked_of_one_unit_in_the_fourth_quarter(sheets):
    asked = [key.split("|")[1] for sheet in sheets.values() for key in keys(sheet)]
    assert sorted(asked) == sorted(shipped_plan().measurable)


def test_a_yearly_indicator_is_asked_for_in_the_fourth_quarter_only():
    asked = [r.id for r in form_rows(shipped_plan(), Q4 - 1, UNION, "330305")]
    assert asked == ["bargaining_pilot_firms"]


@pytest.mark.parametrize(
    ("quarter", "year"), [("2026Q1", "2025"), ("2026Q3", "2025"), ("2026Q4", "2026"), ("2027Q1", "2026")]
)
def test_the_population_is_asked_for_the_latest_year_that_is_over(quarter, year):
    rows = form_rows(shipped_plan(), pd.Period(quarter, "Q-DEC"), MARKET, "330305")
    assert next((r.id, r.period) for r in rows) == ("resident_population", year)


def test_a_population_known_for_its_year_is_not_asked_for_again(desk):
    assert "330305|resident_population|2025" in keys(written(desk, "2026Q2")[MARKET])
    known = row(
        indicator="resident_population",
        period="2025",
        value="161900",
        status="published",
        reported_on="2026-04-01",
    )
    desk.write(known)
    assert list(keys(written(desk, "2026Q2")[MARKET])) == ["330305|high_value_patents_per_10k|2026Q2"]


@pytest.mark.parametrize(("built", "asked"), [("1", True), ("2", False)])
def test_a_commitment_is_asked_for_until_it_was_kept(desk, built, asked):
    desk.write(row(indicator="gig_markets_built", period="2023Q4", value=built, reported_on="2024-01-10"))
    sheet = written(desk, "2026Q4")[BUREAU]
    assert ("330305|gig_markets_built|2026Q4" in keys(sheet)) == asked


def test_a_commitment_already_kept_is_asked_for_until_its_year_is_over(desk):
    desk.write(row(indicator="gig_market_model", period="2025Q4", value="1", reported_on="2026-01-10"))
    assert "330305|gig_market_model|2026Q4" in keys(written(desk, "2026Q4")[BUREAU])


def moved(plan: Plan, id: str, task: str) -> Plan:
    """Return the plan with an indicator led by another task's unit."""
    one = plan.indicators[id].model_copy(update={"task": task})
    return plan.model_copy(update={"indicators": {**plan.indicators, id: one}})


def test_a_ratio_is_worked_out_only_where_both_parts_stand_in_the_same_form():
    plan = shipped_plan()
    assert {r.id: r.mode for r in form_rows(plan, Q4, BUREAU, "330305")}[
        "skilled_share_of_employed"
    ] == Mode.COMPUTED
    apart = moved(plan, "skilled_workers", "稳步推行产业工人能级工资集体协商")
    rows = {r.id: r for r in form_rows(apart, Q4, BUREAU, "330305")}
    assert rows["skilled_share_of_employed"].mode == Mode.PARTS
    assert rows["highly_skilled_share_of_skilled"].mode == Mode.PARTS
    assert "skilled_workers" not in rows
    assert "employed_persons" in rows  # still asked of the unit that leads the ratio


def test_a_series_is_asked_of_the_unit_that_leads_the_first_indicator_in_need_of_it():
    plan = shipped_plan()
    apart = moved(plan, "skilled_share_of_employed", "稳步推行产业工人能级工资集体协商")
    asked = {unit: [r.id for r in form_rows(apart, Q4, unit, "330305")] for unit in lead_units(apart)}
    assert "employed_persons" in asked[UNION]
    assert "employed_persons" not in asked[BUREAU]


# --- What stands beside the input cells -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("unit", "id", "shown"),
    [
        (BUREAU, "new_urban_jobs", [2, "城镇新增就业人数", "人", "1300", "2026年三季度\n1,095 人\n（演示数据）", "1,387 人"]),
        (
            BUREAU, "arrears_resolution_rate",
            [14, "欠薪线索动态化解率", "%", "95.5", "2026年三季度\n93.7%\n193/206\n（演示数据）", "94.6%\n244/258"],
        ),
        (BUREAU, "urban_unemployment_rate", [1, "城镇调查失业率", "%", "<5", "2026年三季度\n4.6%\n（演示数据）", "4.6%"]),
        # not reported in the third quarter
        (BUREAU, "employment_checkups", [13, "为企业提供劳动用工体检家次数", "家次", "29", "2026年二季度\n14 家次\n（演示数据）", "26 家次"]),
        # set by the province and in force since 2024
        (BUREAU, "minimum_wage_top_tier", [10, "最低工资标准最高档", "元/月", "3000左右", "2024年一季度\n2,490 元/月\n（公开发布）", "2,490 元/月"]),
        (BUREAU, "gig_markets_built", ["—", "建成零工市场", "家", "2\n（2023年）", "—", "—"]),
        (MARKET, "resident_population", ["—", "常住人口（2026 年末）", "人", "—", "2024年\n161,700 人\n（公开发布）", "—"]),
        (UNION, "wage_bargaining_coverage", [11, "能级工资集体协商规模以上企业覆盖率", "%", ">80", BARGAINING[0], BARGAINING[1]]),
    ],
)  # fmt: skip
def test_target_last_figure_and_that_of_a_year_ago_stand_beside_each_row(sheets, unit, id, shown):
    sheet = sheets[unit]
    assert [cell.value for cell in sheet[line(sheet, id)][:6]] == shown


def test_the_definition_and_the_platforms_stand_beside_each_row(sheets):
    sheet = sheets[BUREAU]
    text = str(sheet[f"G{line(sheet, 'arrears_resolution_rate')}"].value)
    assert "口径：已化解的欠薪线索占应化解线索的比重。" in text
    assert "数据在：安薪在线、码上维权·不再忧薪、智慧监察·阳光支付" in text


@pytest.mark.parametrize(
    ("quarter", "unit", "id", "words"),
    [
        ("2026Q4", BUREAU, "new_urban_jobs", "填2026年1—12月累计，不是单季数。"),
        ("2026Q3", BUREAU, "new_urban_jobs", "填2026年1—9月累计，不是单季数。"),
        ("2026Q1", BUREAU, "new_urban_jobs", "填2026年1—3月累计。"),
        ("2026Q2", BUREAU, "training_enrolments_cumulative", "填2022年1月1日起累计到2026年6月30日，不清零，不是单季数。"),
        ("2026Q3", BUREAU, "skilled_workers", "填2026年9月30日的数。"),
        ("2026Q3", BUREAU, "employed_persons", "填2026年9月30日的数。"),
        ("2026Q4", BUREAU, "urban_unemployment_rate", "填2026年四季度当季的调查数，不是全年平均。填百分数，4.8 就是 4.8%。"),
        (
            "2026Q4", BUREAU, "mediation_success_rate",
            "填分子和分母，率自动算出；2026年1—12月累计，不是单季数。"
            "分子：1 月 1 日以来调解成功的案件数。分母：同期调解结束的案件数。",
        ),
        ("2026Q4", BUREAU, "skilled_share_of_employed", "不用填，由本表的技能人才总量÷从业人员算出。"),
        ("2026Q4", BUREAU, "minimum_wage_top_tier", "由浙江省制定，填浙江省的数；没有公布新标准就空着，原标准继续有效。"),
        ("2026Q4", BUREAU, "technical_school_students", "填2026年12月31日的数。"),
        ("2026Q4", BUREAU, "coordinators_all_firms", "填2026年12月31日的数。有分子、分母就只填这两格；只有率才填数值。"),
        ("2026Q2", MARKET, "resident_population", "填2025年12月31日的数，还没有公布就空着。"),
        (
            "2026Q4", UNION, "wage_bargaining_coverage",
            "填分子和分母，率自动算出；2026年全年核定的数，一年报一次。"
            "分子：年末已签能级工资专项集体合同的规模以上企业数。分母：年末规模以上企业数。",
        ),
    ],
)  # fmt: skip
def test_each_row_says_what_its_figure_is_this_quarter(quarter, unit, id, words):
    plan, regions = shipped_plan(), load_regions(find_workspace())
    period = pd.Period(quarter, "Q-DEC")
    [asked] = [r for r in form_rows(plan, period, unit, "330305") if r.id == id]
    assert meaning(asked, period, plan, regions) == words


def test_past_figures_are_shown_as_known_on_a_day(tmp_path):
    def last(as_of: str) -> str:
        files = write_forms("2026Q2", to=tmp_path, as_of=as_of)
        sheet = openpyxl.load_workbook(files[0])["填报表"]
        return str(sheet[f"E{line(sheet, 'new_urban_jobs')}"].value)

    assert "374 人" in last("2026-07-14")  # the day before the correction
    assert "360 人" in last("2026-07-15")


def test_a_figure_of_the_form_s_own_quarter_is_shown_as_reported_already(tmp_path):
    file = write_forms("2026Q3", to=tmp_path)[0]
    sheet = openpyxl.load_workbook(file)["填报表"]
    shown = str(sheet[f"E{line(sheet, 'new_urban_jobs')}"].value)
    assert shown == "2026年二季度\n769 人\n（演示数据）\n这一期已报：1,095 人"


def test_the_guide_says_how_to_fill_in_and_that_the_lock_has_no_password(sheets):
    guide = str(sheets[UNION]["A3"].value)
    for words in ("只填黄色格", "没有设密码", "94.5", "0.945", "不要填 0", "身份证号"):
        assert words in guide


# --- What can be filled in --------------------------------------------------------------------------------------

EVERY = set("KLNOPQ")  # reason, nature, date, source, note, change of basis


@pytest.mark.parametrize(
    ("unit", "id", "open_"),
    [
        (BUREAU, "new_urban_jobs", EVERY | {"H"}),
        (BUREAU, "urban_unemployment_rate", EVERY | {"H", "M"}),
        (BUREAU, "arrears_resolution_rate", EVERY | {"I", "J"}),
        (BUREAU, "skilled_share_of_employed", set()),
        (BUREAU, "highly_skilled_share_of_skilled", set()),
        (BUREAU, "coordinators_all_firms", EVERY | {"H", "I", "J"}),
        (BUREAU, "minimum_wage_top_tier", EVERY | {"H"}),
        (MARKET, "high_value_patents_per_10k", EVERY | {"H"}),
        (UNION, "wage_bargaining_coverage", EVERY | {"I", "J"}),
    ],
)
def test_only_the_input_cells_of_a_row_are_unlocked_and_coloured(sheets, unit, id, open_):
    sheet = sheets[unit]
    cells = sheet[line(sheet, id)]
    assert {c.column_letter for c in cells if not c.protection.locked} == open_
    colour = sheet["H4"].fill.start_color.rgb  # the head of what is to be filled in
    assert {c.column_letter for c in cells if c.fill.start_color.rgb == colour} == open_


def test_everything_is_locked_but_the_rows_inputs_and_the_date_of_the_whole_form(folder):
    for file in folder.glob("*.xlsx"):
        book = openpyxl.load_workbook(file)
        sheet = book["填报表"]
        rows = set(keys(sheet).values())
        unlocked = {c.coordinate for cells in sheet.iter_rows() for c in cells if not c.protection.locked}
        assert "N2" in unlocked
        assert all(int(place[1:]) in rows and place[0] in "HIJKLMNOPQ" for place in unlocked - {"N2"})
        assert all(page.protection.sheet and page.protection.password is None for page in book)
        assert all(page.protection.objects and page.protection.scenarios for page in book)
        assert book.security.lockStructure


def chosen(*words: str) -> str:
    """Return a list to choose from as a workbook holds it."""
    return '"' + ",".join(words) + '"'


def rules_of(sheet: Worksheet, place: str) -> tuple[object, ...]:
    """Return what a cell accepts: type, operator and bounds."""
    [found] = [v for v in sheet.data_validations.dataValidation if place in v.cells]
    assert found.showErrorMessage
    assert found.errorStyle in (None, "stop")
    assert found.allow_blank
    assert re.search("[\u4e00-\u9fff]", f"{found.errorTitle}")
    assert re.search("[\u4e00-\u9fff]", f"{found.error}")
    return found.type, found.operator, found.formula1, found.formula2


@pytest.mark.parametrize(
    ("unit", "id", "column", "rule"),
    [
        (BUREAU, "new_urban_jobs", "H", ("whole", "greaterThanOrEqual", "0", None)),
        (BUREAU, "gig_markets_built", "H", ("whole", "greaterThanOrEqual", "0", None)),
        (MARKET, "high_value_patents_per_10k", "H", ("decimal", "greaterThanOrEqual", "0", None)),
        (BUREAU, "urban_unemployment_rate", "H", ("decimal", "between", "0", "100")),
        (BUREAU, "coordinators_all_firms", "H", ("decimal", "between", "0", "100")),
        (BUREAU, "arrears_resolution_rate", "I", ("whole", "greaterThanOrEqual", "0", None)),
        (BUREAU, "arrears_resolution_rate", "J", ("whole", "greaterThanOrEqual", "0", None)),
        (BUREAU, "new_urban_jobs", "K", ("list", None, chosen("未报", "未统计", "不适用", "为保护隐私不公布", "不足最小单位"), None)),
        (BUREAU, "new_urban_jobs", "L", ("list", None, chosen("公开发布", "部门上报", "演示数据"), None)),
        (BUREAU, "urban_unemployment_rate", "M", ("list", None, chosen("洞头区", "温州市", "浙江省", "全国"), None)),
        (BUREAU, "new_urban_jobs", "N", ("date", "between", "DATE(2026,12,31)", "DATE(2028,1,1)")),
    ],
)  # fmt: skip
def test_each_input_cell_accepts_what_its_row_is_about(sheets, unit, id, column, rule):
    sheet = sheets[unit]
    found = rules_of(sheet, f"{column}{line(sheet, id)}")
    assert found[0] == rule[0]
    assert found[2:] == rule[2:]
    assert rule[1] in (found[1], None)


def test_the_date_of_the_whole_form_is_held_to_the_same_days(sheets):
    sheet = sheets[BUREAU]
    assert rules_of(sheet, "N2") == rules_of(sheet, f"N{line(sheet, 'new_urban_jobs')}")


def test_no_list_is_longer_than_excel_takes(sheets):
    for sheet in sheets.values():
        assert all(len(v.formula1) <= 255 for v in sheet.data_validations.dataValidation)


def test_the_nature_is_filled_in_as_reported_and_the_level_as_last_measured(sheets):
    sheet = sheets[BUREAU]
    assert sheet[f"L{line(sheet, 'new_urban_jobs')}"].value == "部门上报"
    assert sheet[f"M{line(sheet, 'urban_unemployment_rate')}"].value == "温州市"
    assert sheet[f"M{line(sheet, 'new_urban_jobs')}"].value is None


def test_a_rate_in_per_cent_keeps_the_general_format_so_that_a_typed_percentage_is_seen(sheets):
    sheet = sheets[BUREAU]
    assert sheet[f"H{line(sheet, 'urban_unemployment_rate')}"].number_format == "General"
    assert sheet[f"H{line(sheet, 'new_urban_jobs')}"].number_format == "#,##0"
    assert sheet[f"N{line(sheet, 'new_urban_jobs')}"].number_format == "yyyy-mm-dd"


def test_a_rate_shows_its_fraction_and_a_ratio_the_rows_it_is_made_of(sheets):
    sheet = sheets[BUREAU]
    n, top, bottom = (
        line(sheet, id) for id in ("skilled_share_of_employed", "skilled_workers", "employed_persons")
    )
    assert sheet[f"I{n}"].value == f'=IF(ISNUMBER(H{top}),H{top},"")'
    assert sheet[f"J{n}"].value == f'=IF(ISNUMBER(H{bottom}),H{bottom},"")'
    a = line(sheet, "arrears_resolution_rate")
    assert sheet[f"H{a}"].value == f'=IF(AND(ISNUMBER(I{a}),ISNUMBER(J{a}),N(J{a})>0),100*I{a}/J{a},"")'


# --- Paper ------------------------------------------------------------------------------------------------------


def test_the_sheet_is_ready_for_a4(sheets):
    for unit, sheet in sheets.items():
        setup = sheet.page_setup
        assert (setup.paperSize, setup.orientation) == (9, "landscape")
        assert (setup.fitToWidth, setup.fitToHeight) == (1, 0)
        assert sheet.sheet_properties.pageSetUpPr.fitToPage
        assert sheet.print_title_rows == "$4:$5"
        assert str(sheet.print_area).endswith(f"$A$1:$Q${max(keys(sheet).values()) + 1}")
        assert (sheet.oddHeader.left.text, sheet.oddHeader.center.text, sheet.oddHeader.right.text) == (
            "洞头区",
            "2026年四季度",
            unit,
        )
        assert sheet.oddFooter.right.text == "第 &P 页，共 &N 页"
        assert sheet.freeze_panes == "C6"


def test_every_written_cell_wraps_in_a_font_that_windows_has(sheets):
    for sheet in sheets.values():
        for cells in sheet.iter_rows(min_row=1, max_col=17):
            for cell in cells:
                if cell.value is not None:
                    assert cell.alignment.wrap_text
                    assert cell.font.name == "等线"


def test_the_level_column_is_shown_only_where_a_survey_is_asked_for(sheets):
    assert not sheets[BUREAU].column_dimensions["M"].hidden
    assert sheets[UNION].column_dimensions["M"].hidden


# --- Marks ------------------------------------------------------------------------------------------------------


def test_a_form_carries_its_marks_out_of_sight(folder):
    book = openpyxl.load_workbook(folder / f"{UNION}.xlsx")
    marks = book["_laoyou"]
    assert marks.sheet_state == "veryHidden"
    assert [(r[0].value, r[1].value) for r in marks.iter_rows()] == [
        ("version", "1"),
        ("plan", "dongtou-2023-2027"),
        ("region", "330305"),
        ("quarter", "2026Q4"),
        ("unit", UNION),
        ("row", "330305|wage_bargaining_coverage|2026Q4"),
        ("row", "330305|bargaining_pilot_firms|2026Q4"),
    ]
    sheet = book["填报表"]
    assert sheet.column_dimensions[KEY].hidden
    assert all(sheet[f"{KEY}{n}"].protection.locked for n in keys(sheet).values())


# --- Nothing live -----------------------------------------------------------------------------------------------

COMMA = ","
LIVE = ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", '=HYPERLINK("http://x","y")', "#REF!", "＝1+1"]


@pytest.mark.parametrize("text", LIVE)
def test_text_stays_text_whatever_it_begins_with(tmp_path, text):
    book = openpyxl.Workbook()
    write_text(book.worksheets[0]["A1"], text)
    book.save(tmp_path / "a.xlsx")
    cell = openpyxl.load_workbook(tmp_path / "a.xlsx").worksheets[0]["A1"]
    assert (cell.data_type, str(cell.value).strip()) == ("s", text.strip())
    assert bool(cell.quotePrefix) == (text != "#REF!")
    with zipfile.ZipFile(tmp_path / "a.xlsx") as archive:
        assert b"<f>" not in archive.read("xl/worksheets/sheet1.xml")


def test_control_characters_that_no_workbook_can_hold_are_dropped():
    cell = openpyxl.Workbook().worksheets[0]["A1"]
    write_text(cell, "甲\x00乙\x0b丙\n丁")
    assert cell.value == "甲乙丙\n丁"
    write_text(cell, "长" * 40_000)
    assert len(str(cell.value)) == 32_767


def test_a_merged_cell_is_not_written_to():
    sheet = openpyxl.Workbook().worksheets[0]
    sheet.merge_cells("A1:B1")
    with pytest.raises(TypeError):
        write_text(sheet["B1"], "甲")


def test_no_word_of_plan_or_regions_becomes_a_formula(desk):
    file = desk.workspace.plan_file()
    text = file.read_text(encoding="utf-8")
    text = text.replace("zh: 城镇新增就业人数" + COMMA, "zh: '=cmd|x',").replace(
        "zh: 建成零工市场", "zh: '+1'"
    )
    text = text.replace("zh: 1 月 1 日以来城镇新就业的人数", "zh: '=2+2'\n    # ").replace(
        "unit: 家次", "unit: '@x'"
    )
    text = text.replace("name: 区总工会" + COMMA, "name: '-总工会'" + COMMA)
    text = text.replace("zh: 洞头区“劳有所得”专项实施方案（2023—2027 年）", "zh: '=A1'")
    file.write_text(text, encoding="utf-8")
    regions = desk.workspace.data / "regions.csv"
    regions.write_text(regions.read_text(encoding="utf-8").replace("洞头区", "=洞头区"), encoding="utf-8")
    ours = re.compile(
        r"IF\((AND\(ISNUMBER\(I\d+\),ISNUMBER\(J\d+\),N\(J\d+\)&gt;0\),100\*I\d+/J\d+|ISNUMBER\(H\d+\),H\d+),\"\"\)"
    )
    files = write_forms("2026Q4")
    assert "-总工会" in [f.stem for f in files]
    for made in files:
        with zipfile.ZipFile(made) as archive:
            for part in archive.namelist():
                if part.startswith("xl/worksheets/"):
                    formulas = re.findall(r"<f[^>]*>(.*?)</f>", archive.read(part).decode("utf-8"))
                    assert all(ours.fullmatch(formula) for formula in formulas)
    sheet = openpyxl.load_workbook(files[0])["填报表"]
    n = line(sheet, "new_urban_jobs")
    assert (sheet[f"B{n}"].value, sheet[f"B{n}"].data_type, bool(sheet[f"B{n}"].quotePrefix)) == (
        "=cmd|x",
        "s",
        True,
    )


# --- Files ------------------------------------------------------------------------------------------------------


def test_forms_are_written_below_outputs_by_region_and_quarter(desk):
    files = write_forms("2026年四季度")
    folder = desk.workspace.root / "outputs/330305/forms/2026Q4"
    assert files == [folder / f"{unit}.xlsx" for unit in (BUREAU, MARKET, UNION)]
    assert sorted(p.name for p in folder.iterdir()) == sorted(f.name for f in files)


def test_another_region_has_forms_of_its_own(desk):
    files = write_forms("2026Q4", region="330305001")
    assert files[0].parent == desk.workspace.root / "outputs/330305001/forms/2026Q4"
    sheet = openpyxl.load_workbook(files[0])["填报表"]
    assert "330305001|new_urban_jobs|2026Q4" in keys(sheet)
    assert "330000|minimum_wage_top_tier|2026Q4" in keys(sheet)
    assert sheet.oddHeader.left.text == "北岙街道"


@pytest.mark.parametrize(
    ("unit", "name"),
    [
        ('区<总>:"/工|会' + "?*", "区总工会.xlsx"),
        ("街道（乡镇）", "街道（乡镇）.xlsx"),
        ("CON", "CON_.xlsx"),
        ("总工会. ", "总工会.xlsx"),
        ("//", "单位.xlsx"),
        ("区市场监管局" + "?", "区市场监管局（2）.xlsx"),  # the name of another unit's file already
    ],
)
def test_a_unit_s_name_makes_a_file_name_that_windows_takes(desk, unit, name):
    file = desk.workspace.plan_file()
    text = file.read_text(encoding="utf-8").replace("name: 区总工会" + COMMA, f"name: '{unit}'" + COMMA)
    file.write_text(text, encoding="utf-8")
    assert write_forms("2026Q4")[-1].name == name


@pytest.mark.parametrize(
    "asked", [{"quarter": "2026"}, {"quarter": "2028Q1"}, {"quarter": "2026Q4", "region": "330306"}]
)
def test_what_no_form_can_be_about_is_refused(tmp_path, asked):
    with pytest.raises(ParametersError):
        write_forms(**asked, to=tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_cannot_be_written_is_refused(tmp_path):
    (tmp_path / "file").write_text("", encoding="utf-8")
    with pytest.raises(RunError) as refused:
        write_forms("2026Q4", to=tmp_path / "file" / "forms")
    assert f"{BUREAU}.xlsx" in str(refused.value)
    assert "写不进去" in str(refused.value)


def test_a_full_disk_leaves_the_old_form_and_nothing_half_written(tmp_path, monkeypatch, folder):
    shutil.copytree(folder, tmp_path / "forms")
    before = {p.name: p.read_bytes() for p in (tmp_path / "forms").iterdir()}

    def full(_: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(LaoyouError, match="No space left"):
        write_forms("2026Q4", to=tmp_path / "forms")
    assert {p.name: p.read_bytes() for p in (tmp_path / "forms").iterdir()} == before


def test_a_form_that_has_been_filled_in_is_not_written_over(tmp_path, folder):
    shutil.copytree(folder, tmp_path / "forms")
    file = tmp_path / "forms" / f"{UNION}.xlsx"
    book = openpyxl.load_workbook(file)
    book["填报表"]["N2"].value = dt.datetime(2027, 1, 8)
    book.save(file)
    before = {p.name: p.read_bytes() for p in (tmp_path / "forms").iterdir()}
    with pytest.raises(RunError, match=f"{UNION}.xlsx：里面已经填了东西"):
        write_forms("2026Q4", to=tmp_path / "forms")
    assert {p.name: p.read_bytes() for p in (tmp_path / "forms").iterdir()} == before


def test_a_form_still_empty_is_written_anew_and_a_foreign_file_is_not(tmp_path, folder):
    shutil.copytree(folder, tmp_path / "forms")
    assert len(write_forms("2026Q4", to=tmp_path / "forms")) == 3
    (tmp_path / "forms" / f"{UNION}.xlsx").write_text("不是工作簿", encoding="utf-8")
    with pytest.raises(RunError, match=UNION):
        write_forms("2026Q4", to=tmp_path / "forms")
