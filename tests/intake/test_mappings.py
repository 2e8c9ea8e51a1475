"""Mappings: the shipped ones, and what is said of one that is written wrongly."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from workspaces import ROOT, shipped_plan, shipped_rules

from laoyou.errors import IntakeError, Problem
from laoyou.intake.mappings import Named, load_mapping, load_mappings, spans_allowed
from laoyou.regions import load_regions
from laoyou.workspace import Workspace

SHIPPED = {
    "anxin-zaixian", "dishouru-bangfu", "linggong-shichang", "mashang-weiquan", "ouyue-gongjiang", "xiaowei-zengxin",
    "zheli-hexie", "zheli-jiuye", "zheli-qian", "zhepai-gongjiang", "zhihui-jiancha", "zhihui-zhongcai",
    "zhongdian-qunti",
}  # fmt: skip
FIGURES = """\
platform: 浙里和谐劳动关系
rows: figures
header: [2]
columns:
  period: {header: 统计期, holds: period}
  checkups: {header: 劳动用工体检（家次）, holds: number}
  signed: {header: 已签, holds: number}
  firms: {header: 企业, holds: number}
yields:
- {indicator: employment_checkups, value: checkups}
- {indicator: wage_bargaining_coverage, numerator: signed, denominator: firms, span: since_january}
"""
RECORDS = """\
platform: 智慧仲裁
rows: records
header: [2]
columns:
  case: {header: 案号, holds: id}
  procedure: {header: 程序, holds: word}
  opened: {header: 收案日期, holds: date}
  closed: {header: 结案日期, holds: date, blank: true}
  outcome: {header: 处理结果, holds: word}
words:
  procedure: {调解: mediation, 仲裁: arbitration}
  outcome: {审理中: open, 结案: done}
yields:
- {indicator: arbitration_closure_rate, where: {procedure: [arbitration]}}
- {indicator: hard_to_employ_placements, count: closed}
"""
Load = Callable[..., Named]


@pytest.fixture
def load(tmp_path: Path) -> Load:
    """Return a function that loads a mapping from its text, with one passage replaced."""

    def load(text: str, old: str = "", new: str = "") -> Named:
        assert not old or text.count(old) == 1, old
        file = tmp_path / "某平台.yml"
        file.write_text(text.replace(old, new) if old else text, encoding="utf-8")
        regions = load_regions(Workspace(ROOT))
        return load_mapping(file, "data/mappings/某平台.yml", shipped_plan(), regions, shipped_rules())

    return load


def problems(load: Load, text: str, old: str, new: str) -> tuple[Problem, ...]:
    """Return what is wrong with a mapping once a passage is replaced."""
    with pytest.raises(IntakeError) as refusal:
        load(text, old, new)
    assert refusal.value.where == "data/mappings/某平台.yml"
    return refusal.value.problems


def line(text: str, passage: str) -> str:
    """Return how a message names the line of a passage."""
    (number,) = (n for n, each in enumerate(text.splitlines(), 1) if passage in each)
    return f"第 {number} 行"


def test_all_thirteen_shipped_mappings_load() -> None:
    workspace = Workspace(ROOT)
    found = load_mappings(workspace, shipped_plan(), load_regions(workspace), shipped_rules())
    assert set(found) == SHIPPED
    assert all(named.shown == f"data/mappings/{name}.yml" for name, named in found.items())
    assert {named.mapping.platform for named in found.values()} <= set(shipped_plan().sources)
    rates = [
        n for n, m in found.items() for y in m.mapping.yields if y.indicator == "arrears_resolution_rate"
    ]
    assert rates == ["anxin-zaixian", "mashang-weiquan", "zhihui-jiancha"]


def test_no_column_of_records_can_hold_a_name_or_a_number_of_a_person() -> None:
    workspace = Workspace(ROOT)
    found = load_mappings(workspace, shipped_plan(), load_regions(workspace), shipped_rules())
    forbidden = re.compile("姓名|身份证|证件|电话|手机|联系人|申请人|地址|当事人")
    headings = [c.header for named in found.values() for c in named.mapping.columns.values()]
    assert not [heading for heading in headings if forbidden.search(heading)]


@pytest.mark.parametrize("text", [FIGURES, RECORDS])
def test_the_mappings_that_the_tests_begin_from_are_sound(text: str, load: Load) -> None:
    named = load(text)
    assert named.name == "某平台"
    assert named.mapping.dates[0] == "excel"
    assert named.mapping.missing[""] == "not_reported"


@pytest.mark.parametrize(
    ("text", "old", "new", "place", "found", "allowed"),
    [
        (FIGURES, "platform: 浙里和谐劳动关系", "platform: 浙里和谐", "platform", "「浙里和谐」", "浙里和谐劳动关系"),
        (FIGURES, "rows: figures", "rows: 明细", "rows", "「明细」", "records、figures"),
        (FIGURES, "header: [2]", "headers: [2]", "headers", "不认识的键「headers」", "header"),
        (FIGURES, "header: [2]", "header: [0]", "header", "「0」", "大于 0"),
        (FIGURES, "header: [2]", "header: []", "header", "不合要求", ""),
        (FIGURES, "header: [2]", "header: [2, 4]", "", "不是相邻的两行", "[2, 3]"),
        (FIGURES, "header: [2]", "header: [3, 2]", "", "不是相邻的两行", "[2, 3]"),
        (FIGURES, "header: [2]", "header: [2, 3, 4]", "header", "不合要求", ""),
        (FIGURES, "header: [2]", "header: 2", "header", "类型不对", "列表"),
        (FIGURES, "holds: period", "holds: 期间", "period", "「期间」", "period"),
        (FIGURES, "holds: period", "holds: word", "columns", "有 0 列 holds: period", "恰好一列"),
        (FIGURES, "{header: 已签, holds: number}", "{header: 已签, holds: period}", "columns", "有 2 列 holds: period", "恰好一列"),
        (FIGURES, "header: 已签", "heading: 已签", "signed", "不认识的键「heading」", "header、holds、blank"),
        (FIGURES, "  signed: {", "  place of period: {", "columns › place of period", "「place of period」", "文字、数字和下划线"),
        (FIGURES, "header: 企业", "header: 已 签", "columns › firms › header", "写了两次", "每一列只对应一项"),
        (FIGURES, "indicator: employment_checkups", "indicator: employment_checkup", "yields › 0 › indicator", "「employment_checkup」", "employment_checkups"),
        (FIGURES, "value: checkups", "value: checkup", "yields › 0", "「checkup」不是数的一列", "checkups、signed、firms"),
        (FIGURES, "value: checkups", "value: period", "yields › 0", "「period」不是数的一列", "checkups、signed、firms"),
        (FIGURES, ", value: checkups", "", "yields › 0", "没有写全数在哪一列", "numerator 和 denominator"),
        (FIGURES, ", denominator: firms", "", "yields › 1", "没有写全数在哪一列", "numerator 和 denominator"),
        (FIGURES, "numerator: signed, denominator: firms", "value: signed", "yields › 1", "单位是 %", "percent"),
        (FIGURES, "{header: 劳动用工体检（家次）, holds: number}", "{header: 劳动用工体检（家次）, holds: percent}", "yields › 0", "holds: percent", "number"),
        (FIGURES, "value: checkups", "value: checkups, count: period", "yields › 0", "count、where 用于 rows: records", "value"),
        (FIGURES, "span: since_january", "span: 累计", "span", "「累计」", "quarter、since_january、level"),
        (RECORDS, "case: {", "number: {", "columns › number", "「number」", "case、opened"),
        (RECORDS, "  opened: {header: 收案日期, holds: date}\n", "", "columns", "缺少 opened", "opened"),
        (RECORDS, "收案日期, holds: date", "收案日期, holds: word", "opened", "「word」", "date"),
        (RECORDS, "结案: done", "结案: finished", "words › outcome › 结案", "「finished」", "open、done、failed、duplicate、unfounded、transferred、withdrawn"),
        (RECORDS, "  procedure: {调解: mediation, 仲裁: arbitration}\n", "", "columns › procedure", "没有写它的词怎么对应", "words › procedure"),
        (RECORDS, "[arbitration]", "[仲裁]", "yields › 0 › where › procedure", "「仲裁」", "arbitration、mediation"),
        (RECORDS, "count: closed", "count: placed", "yields › 1 › count", "「placed」", "opened、closed"),
        (RECORDS, ", count: closed", "", "yields › 1", "hard_to_employ_placements", "计数写 count"),
        (RECORDS, "{procedure: [arbitration]}", "{procedure: [arbitration]}, count: opened", "yields › 0", "arbitration_closure_rate", "率不写 count"),
        (RECORDS, "count: closed", "count: closed, value: case", "yields › 1", "用于 rows: figures", "count、where"),
        (RECORDS, "words:\n", "regions: {北岙: '999999'}\nwords:\n", "regions › 北岙", "「999999」", "330305"),
        (RECORDS, "words:\n", "missing: {无: nothing}\nwords:\n", "missing › 无", "「nothing」", "not_collected"),
        (RECORDS, "words:\n", "dates: ['%Y-%m-%d', yyyy-mm-dd]\nwords:\n", "dates › 1", "「yyyy-mm-dd」", "%Y-%m-%d"),
        (RECORDS, "words:\n", "dates: ['%Y-%m']\nwords:\n", "dates › 0", "「%Y-%m」", "%Y-%m-%d"),
        (RECORDS, "words:\n", "words:\n  case: {a: b}\n", "words › case", "不是 holds: word 的一列", "outcome"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_named_with_its_line_and_what_is_allowed(
    text: str, old: str, new: str, place: str, found: str, allowed: str, load: Load
) -> None:
    told = problems(load, text, old, new)
    fitting = [p for p in told if place in p.place and found in p.found and allowed in p.allowed]
    assert fitting, told
    if place and "缺少" not in found:
        assert all(re.match(r"第 \d+ 行 ", p.place) for p in fitting)


def test_the_line_named_is_the_line_of_the_word(load: Load) -> None:
    (problem,) = problems(load, RECORDS, "结案: done", "结案: dnoe")
    assert problem.place == f"{line(RECORDS, '结案: done')} words › outcome › 结案"
    assert problem.remedy == "是不是「done」？"


def test_a_key_written_twice_is_named_with_its_line(load: Load) -> None:
    (problem,) = problems(load, RECORDS, "header: [2]\n", "header: [2]\nheader: [3]\n")
    assert "「header」写了两次" in problem.found
    assert problem.place.startswith("第 4 行")


def test_every_problem_of_a_mapping_is_told_at_once(load: Load) -> None:
    text = FIGURES.replace("浙里和谐劳动关系", "某").replace("header: 企业", "header: 已签")
    told = problems(load, text, "employment_checkups", "checkups_of_employment")
    assert {re.sub(r"第 \d+ 行 ", "", p.place) for p in told} == {
        "platform", "columns › signed › header", "columns › firms › header", "yields › 0 › indicator",
    }  # fmt: skip


@pytest.mark.parametrize("text", ["", "- a", "platform: [", "\t{", "platform: \x00"])
def test_what_is_no_mapping_at_all_is_refused(text: str, load: Load) -> None:
    with pytest.raises(IntakeError):
        load(text)


def test_two_mappings_that_give_the_same_figures_are_refused(tmp_path: Path) -> None:
    folder = tmp_path / "data" / "mappings"
    folder.mkdir(parents=True)
    for name in ("甲", "乙"):
        (folder / f"{name}.yml").write_text(FIGURES, encoding="utf-8")
    workspace = Workspace(tmp_path)
    with pytest.raises(IntakeError) as refusal:
        load_mappings(workspace, shipped_plan(), load_regions(Workspace(ROOT)), shipped_rules())
    assert "employment_checkups" in refusal.value.problems[0].found


@pytest.mark.parametrize(
    ("indicator", "spans"),
    [
        ("new_urban_jobs", ("since_january",)),
        ("skilled_workers", ("level", "quarter")),
        ("training_enrolments_cumulative", ("level",)),
    ],
)
def test_the_spans_of_an_indicator_follow_its_kind(
    indicator: str, spans: tuple[str, ...], load: Load
) -> None:
    text = FIGURES.replace("indicator: employment_checkups", f"indicator: {indicator}")
    first, second = load(text).mapping.yields
    assert spans_allowed(first, shipped_plan()) == spans
    assert spans_allowed(second, shipped_plan()) == ("since_january",)


@pytest.mark.parametrize(
    ("indicator", "span", "allowed"),
    [
        ("new_urban_jobs", "quarter", "since_january、level"),
        ("employment_checkups", "quarter", "since_january、level"),
        ("training_enrolments_cumulative", "quarter", "level"),
        ("training_enrolments_cumulative", "since_january", "level"),
        ("new_urban_jobs", "level", ""),  # a platform that writes 2026年9月末 above what ran since January
        ("new_urban_jobs", "since_january", ""),
        ("skilled_workers", "quarter", ""),
        ("skilled_workers", "since_january", ""),
        ("gig_markets_built", "quarter", ""),
    ],
)
def test_a_quarter_alone_is_declared_to_be_no_year_so_far(
    indicator: str, span: str, allowed: str, load: Load
) -> None:
    text = FIGURES.replace(
        "employment_checkups, value: checkups", f"{indicator}, value: checkups, span: {span}"
    )
    if not allowed:
        assert load(text).mapping.yields[0].span == span
        return
    with pytest.raises(IntakeError) as refusal:
        load(text)
    [problem] = refusal.value.problems
    assert problem.place.endswith("yields › 0 › span")
    assert problem.found.startswith(f"「{span}」是")
    assert problem.allowed == allowed


@pytest.mark.parametrize(("span", "sound"), [("quarter", False), ("since_january", True), ("level", True)])
def test_nor_is_a_quarters_rate_of_cases_the_rate_since_january(span: str, sound: bool, load: Load) -> None:
    text = FIGURES.replace("wage_bargaining_coverage", "arrears_resolution_rate").replace(
        "span: since_january", f"span: {span}"
    )
    if sound:
        assert load(text).mapping.yields[1].span == span
    else:
        with pytest.raises(IntakeError, match="1 月以来累计"):
            load(text)
