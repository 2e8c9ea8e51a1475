from __future__ import annotations

import contextlib
import datetime as dt
import math
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from laoyou.errors import PlanError
from laoyou.findings import find
from laoyou.plan import Plan, load_plan
from laoyou.targets import Operator

ROOT = Path(__file__).resolve().parents[1]
FILE = ROOT / "data" / "plans" / "dongtou-2023-2027.yml"
TEXT = FILE.read_text(encoding="utf-8")

# The published table, cell by cell as printed: row, id, unit, 2022 to 2027, kind, better.
PRINTED = """
1  urban_unemployment_rate         %     4.7      <5       <5       <5       <5       <5             survey_rate      lower
2  new_urban_jobs                  人    1932     1300     1300     1300     1300     1300           annual_count     higher
3  key_group_assistance_rate       %     100      100      100      100      100      100            case_rate        higher
3  hard_to_employ_placements       人    116      75       75       75       75       75             annual_count     higher
4  high_value_patents_per_10k      件    5.8      6.4      8.1      9.3      10.4     11.1           stock            higher
5  training_enrolments_cumulative  人次  1800     3600     5400     7200     9000     10800          cumulative_count higher
6  skilled_workers                 人    1900     20200    21400    22600    23800    25000          stock            higher
7  highly_skilled_workers          人    ——       6060     6634     7232     7854     8750           stock            higher
8  skilled_share_of_employed       %     26.44    27.5     29.5     31.5     33.5     35.5           stock_ratio      higher
9  highly_skilled_share_of_skilled %     ——       30       31       32       33       35             stock_ratio      higher
10 minimum_wage_top_tier           元/月 2280     2580左右 2580左右 3000左右 3000左右 3200左右       stock            higher
11 wage_bargaining_coverage        %     开展试点 >30      >50      >60      >80      全覆盖         stock_ratio      higher
12 coordinators_trained            人次  500      76       106      106      106      规上企业全覆盖 annual_count     higher
13 employment_checkups             家次  80       84       29       29       29       29             annual_count     higher
14 arrears_resolution_rate         %     93       94       94.5     95       95.5     96             case_rate        higher
15 mediation_success_rate          %     82.2     65       65       65       65       65             case_rate        higher
16 arbitration_closure_rate        %     95.1     92       92       92       92       92             case_rate        higher
"""
ROWS = [line.split() for line in PRINTED.strip().splitlines()]

# Section, lead unit, and each supporting unit's proper name after the way it is printed.
BUREAU = "区人力社保局"
TASKS = [
    (
        "一",
        BUREAU,
        [
            ("区发改局", "区发改局"),
            ("区经信局", "区经信局"),
            ("区教育局", "区教育局"),
            ("区财政局", "区财政局"),
            ("人行洞头支行", "人行洞头支行"),
        ],
    ),
    ("二", BUREAU, [("区民政局", "区民政局"), ("区总工会", "区总工会"), ("区残联", "区残联")]),
    ("三", BUREAU, [("区住建局", "区住建局"), ("各街道<乡镇>", "各街道（乡镇）")]),
    ("四", "区市场监管局", []),
    (
        "五",
        "人力社保局",
        [
            ("经信局", "区经信局"),
            ("教育局", "区教育局"),
            ("民政局", "区民政局"),
            ("住建局", "区住建局"),
            ("农业农村局", "区农业农村局"),
            ("卫生健康局", "区卫生健康局"),
            ("总工会", "区总工会"),
        ],
    ),
    ("六", "人力社保局", []),
    ("七", "人力社保局", []),
    ("八", "总工会", []),
    ("九", "人力社保局", [("住建局", "区住建局"), ("总工会", "区总工会"), ("工商联", "区工商联")]),
    (
        "十",
        "人力社保局",
        [
            ("公安局", "区公安局"),
            ("司法局", "区司法局"),
            ("住建局", "区住建局"),
            ("区交通运输", "区交通运输局"),
            ("区农业农村", "区农业农村局"),
            ("区总工会", "区总工会"),
            ("各街道<乡镇>", "各街道（乡镇）"),
        ],
    ),
    (
        "十一",
        "人力社保局",
        [
            ("法院", "区法院"),
            ("司法局", "区司法局"),
            ("市场监管局", "区市场监管局"),
            ("总工会", "区总工会"),
            ("工商联", "区工商联"),
        ],
    ),
    ("十二", BUREAU, [("区教育局", "区教育局")]),
]
SECTION_OF_ROW = {
    **{"1": "一", "2": "一", "3": "二", "4": "四", "5": "五", "6": "六", "7": "六", "8": "六", "9": "六"},
    **{"10": "七", "11": "八", "12": "九", "13": "九", "14": "十", "15": "十一", "16": "十一"},
}

# Section, measure, year, cell, unit and the row it is about: what is promised outside the table.
COMMITMENTS = {
    "new_urban_jobs_total": ("一", "sum_of_years", 2027, "6500", "人", "2"),
    "hard_to_employ_assistance": ("二", "level", 2027, "100", "%", "3"),
    "gig_markets_built": ("三", "level", 2023, "2", "家", None),
    "gig_markets_public_service": ("三", "level", 2023, "1以上", "家", None),
    "gig_market_model": ("三", "level", 2027, "1", "家", None),
    "training_enrolments_total": ("五", "level", 2027, "10800", "人次", "5"),
    "skilled_workers_floor": ("六", "level", 2027, "25000以上", "人", "6"),
    "highly_skilled_workers_floor": ("六", "level", 2027, "8750以上", "人", "7"),
    "bargaining_pilot_firms": ("八", "level", 2023, "产改试点企业全覆盖", "%", None),
    "coordinators_all_firms": ("九", "level", 2027, "规上企业全覆盖", "%", None),
    "employment_checkups_total": ("九", "sum_of_years", 2027, "200", "家次", "13"),
    "arrears_resolution_2027": ("十", "level", 2027, "96", "%", "14"),
    "technical_school_students": ("十二", "level", 2027, "200以上", "人", None),
}
PLATFORMS = {
    *("这里就业创业", "重点群体就业帮扶在线", "浙派工匠", "浙里和谐劳动关系", "浙里签", "安薪在线"),
    *("智慧仲裁", "智慧监察·阳光支付", "零工市场", "低收入家庭综合帮扶在线", "浙江小微增信服务平台"),
    *("瓯越工匠", "码上维权·不再忧薪", "无讼指数"),
}

Break = Callable[..., PlanError]


@pytest.fixture(scope="module")
def plan() -> Plan:
    return load_plan(FILE)


@pytest.fixture
def refused(tmp_path: Path) -> Break:
    """Load the real file with one text changed; return the refusal, which names the file."""

    def load(old: str, new: str) -> PlanError:
        assert old in TEXT
        broken = tmp_path / "broken.yml"
        broken.write_text(TEXT.replace(old, new, 1), encoding="utf-8")
        with pytest.raises(PlanError) as refusal:
            load_plan(broken)
        assert str(refusal.value).startswith(broken.as_posix())
        return refusal.value

    return load


def line_of(old: str, offset: int = 0) -> str:
    """Return 「第 n 行」 of the first place where the real file has a text."""
    return f"第 {TEXT[: TEXT.index(old)].count(chr(10)) + 1 + offset} 行"


def test_the_plan_is_dongtous_of_2023_to_2027(plan: Plan) -> None:
    assert (plan.region, plan.published) == ("330305", dt.date(2023, 12, 13))
    assert plan.baseline_year == 2022
    assert list(plan.years) == [2023, 2024, 2025, 2026, 2027]


def test_the_table_has_17_indicators_in_16_rows_and_102_cells(plan: Plan) -> None:
    assert list(plan.indicators) == [row[1] for row in ROWS]
    assert [i.row for i in plan.indicators.values()] == [row[0] for row in ROWS]
    assert len(plan.indicators) == 17
    assert len({i.row for i in plan.indicators.values()}) == 16
    assert sum(1 + len(i.targets) for i in plan.indicators.values()) == 102


@pytest.mark.parametrize("printed", ROWS, ids=lambda row: row[1])
def test_every_cell_stands_exactly_as_printed(plan: Plan, printed: list[str]) -> None:
    _, id, unit, baseline, *targets, kind, better = printed
    indicator = plan.indicators[id]
    assert indicator.baseline.text == baseline
    assert [indicator.targets[year].text for year in plan.years] == targets
    assert list(indicator.targets) == list(plan.years)
    assert (indicator.unit, indicator.kind, indicator.better) == (unit, kind, better)


def test_a_target_holds_its_text_its_operator_and_its_number(plan: Plan) -> None:
    cell = plan.indicators["arrears_resolution_rate"].targets[2024]
    assert (cell.text, cell.operator, cell.value) == ("94.5", Operator.GE, 94.5)
    assert plan.indicators["minimum_wage_top_tier"].targets[2027].operator is Operator.ABOUT
    assert plan.indicators["urban_unemployment_rate"].targets[2023].operator is Operator.LT


def test_only_the_baseline_of_row_6_is_doubtful_and_it_says_why(plan: Plan) -> None:
    doubtful = [i for i in plan.indicators.values() if i.baseline.suspect]
    assert [i.row for i in doubtful] == ["6"]
    baseline = doubtful[0].baseline
    assert (baseline.text, baseline.value, baseline.operator) == ("1900", 1900.0, Operator.GE)
    assert baseline.target.suspect
    assert "19000" in baseline.target.note


@pytest.mark.parametrize("id", ["highly_skilled_workers", "highly_skilled_share_of_skilled"])
def test_an_absent_baseline_is_no_number(plan: Plan, id: str) -> None:
    assert plan.indicators[id].baseline.value is None
    assert plan.indicators[id].baseline.operator is Operator.NONE


def test_a_plain_number_is_a_ceiling_where_lower_is_better(tmp_path: Path) -> None:
    edited = tmp_path / "plan.yml"
    edited.write_text(TEXT.replace('2024: "<5"', '2024: "5"', 1), encoding="utf-8")
    targets = load_plan(edited).indicators["urban_unemployment_rate"].targets
    assert targets[2024].operator is Operator.LE
    assert targets[2025].operator is Operator.LT


def test_full_coverage_is_100_per_cent_of_a_rate_and_no_number_of_a_count(plan: Plan) -> None:
    rate, count = plan.indicators["wage_bargaining_coverage"], plan.indicators["coordinators_trained"]
    assert rate.numeric_target(2027) == 100
    assert rate.same_unit(2027)
    assert math.isnan(count.numeric_target(2027))
    assert not count.same_unit(2027)
    assert count.numeric_target(2026) == 106


def test_better_gives_the_direction(plan: Plan) -> None:
    directions = {i.row: i.direction for i in plan.indicators.values()}
    assert directions.pop("1") == -1
    assert set(directions.values()) == {1}


def test_twelve_tasks_keep_their_units_as_printed_with_the_lead_unit_first(plan: Plan) -> None:
    found = [(t.section, t.lead, t.supporting) for t in plan.tasks.values()]
    assert found == [(section, lead, [printed for printed, _ in units]) for section, lead, units in TASKS]


def test_every_unit_has_a_proper_name(plan: Plan) -> None:
    leads = {"人力社保局": BUREAU, "总工会": "区总工会"}
    for task, (_, lead, units) in zip(plan.tasks.values(), TASKS, strict=True):
        assert plan.unit_named(task.lead) == leads.get(lead, lead)
        assert [plan.unit_named(unit) for unit in task.supporting] == [proper for _, proper in units]


def test_only_the_ninth_task_is_printed_without_its_number(plan: Plan) -> None:
    assert [task.section for task in plan.tasks.values() if task.note] == ["九"]


def test_every_row_belongs_to_its_task(plan: Plan) -> None:
    sections = {i.row: plan.tasks[i.task].section for i in plan.indicators.values()}
    assert sections == SECTION_OF_ROW


def test_an_indicator_and_a_commitment_have_the_units_of_their_task(plan: Plan) -> None:
    assert plan.lead_unit("high_value_patents_per_10k") == "区市场监管局"
    assert plan.lead_unit("wage_bargaining_coverage") == "区总工会"
    assert plan.lead_unit("gig_markets_built") == BUREAU
    assert plan.supporting_units("gig_markets_built") == ["区住建局", "各街道（乡镇）"]
    assert plan.supporting_units("skilled_workers") == []


def test_the_targets_that_stand_only_in_the_text_are_all_there(plan: Plan) -> None:
    found = {
        id: (
            plan.tasks[c.task].section,
            c.measure,
            c.year,
            c.text,
            c.unit,
            plan.indicators[c.indicator].row if c.indicator else None,
        )
        for id, c in plan.commitments.items()
    }
    assert found == COMMITMENTS


@pytest.mark.parametrize(
    ("id", "operator", "value", "plain"),
    [
        ("skilled_workers_floor", Operator.GE, 25000.0, False),
        ("gig_markets_built", Operator.GE, 2.0, True),
        ("coordinators_all_firms", Operator.GE, 100.0, False),
    ],
)
def test_a_commitments_cell_is_read_by_the_same_grammar(
    plan: Plan, id: str, operator: Operator, value: float, plain: bool
) -> None:
    target = plan.commitments[id].target
    assert (target.operator, target.value, target.plain) == (operator, value, plain)


def test_the_texts_rate_covers_one_group_and_the_tables_five(plan: Plan) -> None:
    assert len(plan.commitments["hard_to_employ_assistance"].covers) == 1
    assert plan.indicators["key_group_assistance_rate"].covers == [
        "登记失业人员",
        "离校未就业高校毕业生",
        "低保",
        "低边",
        "就业困难人员",
    ]


def test_the_platforms_that_the_document_names_are_the_sources(plan: Plan) -> None:
    assert {s.name for s in plan.sources.values() if s.kind == "platform"} == PLATFORMS
    assert all(i.sources for i in plan.indicators.values())


def test_the_ledger_may_hold_indicators_lone_commitments_and_series(plan: Plan) -> None:
    alone = {id for id, (*_, row) in COMMITMENTS.items() if row is None}
    assert set(plan.measurable) == {
        *plan.indicators,
        *alone,
        "resident_population",
        "employed_persons",
    }


def test_what_the_plan_finds_is_what_the_checks_find(plan: Plan) -> None:
    assert plan.findings() == find(plan)


def test_without_a_path_the_workspaces_plan_is_loaded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT / "notebooks")
    assert load_plan().id == "dongtou-2023-2027"


def test_a_byte_order_mark_and_windows_line_ends_do_no_harm(tmp_path: Path, plan: Plan) -> None:
    edited = tmp_path / "plan.yml"
    edited.write_bytes(b"\xef\xbb\xbf" + TEXT.replace("\n", "\r\n").encode())
    assert load_plan(edited) == plan


# One change to the real file; then where, what was found, and what is allowed.
UNEMPLOYMENT = "indicators › urban_unemployment_rate"
ARREARS = "indicators › arrears_resolution_rate"
WRONG = {
    "an unknown key": (
        "  frequency: year ",
        "  frequenzy: year ",
        "indicators › wage_bargaining_coverage › frequenzy",
        "不认识的键「frequenzy」",
        "definition、sources、frequency",
        "是不是「frequency」？",
    ),
    "an unknown key of a cell": (
        '{year: 2022, text: "4.7"}',
        '{year: 2022, txt: "4.7"}',
        f"{UNEMPLOYMENT} › baseline › txt",
        "不认识的键「txt」",
        "year、text、suspect、note",
        "是不是「text」？",
    ),
    "an unknown key of the whole file": (
        "baseline_year: 2022",
        "base_year: 2022",
        "base_year",
        "不认识的键「base_year」",
        "baseline_year、first_year",
        "是不是「baseline_year」？",
    ),
    "a target outside the grammar": (
        '2024: "94.5"',
        '2024: "约5"',
        f"{ARREARS} › targets › 2024",
        "「约5」",
        "2580左右、全覆盖",
    ),
    "a ceiling in a row where higher is better": (
        '2024: "94.5"',
        '2024: "<94.5"',
        ARREARS,
        "「<94.5」与 better: higher 相反",
        "<5 须配 better: lower",
    ),
    "a floor in a row where lower is better": (
        '2024: "<5"',
        '2024: ">5"',
        UNEMPLOYMENT,
        "「>5」与 better: lower 相反",
        "<5 须配 better: lower",
    ),
    "a baseline outside the grammar": (
        'text: "4.7"',
        'text: "约5"',
        f"{UNEMPLOYMENT} › baseline",
        "「约5」",
        "2580左右、全覆盖",
    ),
    "a commitment outside the grammar": (
        'text: "6500"',
        'text: "约5"',
        "commitments › new_urban_jobs_total",
        "「约5」",
        "2580左右、全覆盖",
    ),
    "a target without quotes": (
        '2024: "94.5"',
        "2024: 94.5",
        f"{ARREARS} › targets › 2024",
        "「94.5」没有加引号",
        "加引号的文本",
    ),
    "a baseline without quotes": (
        'text: "4.7"',
        "text: 4.7",
        f"{UNEMPLOYMENT} › baseline › text",
        "「4.7」",
        "数字也要加引号",
    ),
    "a target left empty": (
        '2024: "94.5"',
        "2024: ",
        f"{ARREARS} › targets › 2024",
        "「None」没有加引号",
        "加引号的文本",
    ),
    "the year after the plan's last": (
        '2027: "96"}',
        '2027: "96", 2028: "97"}',
        f"{ARREARS} › targets › 2028",
        "年份 2028 不在规划期内",
        "2023—2027",
    ),
    "the year before the plan's first": (
        '{2023: "94", ',
        '{2022: "93", 2023: "94", ',
        f"{ARREARS} › targets › 2022",
        "年份 2022 不在规划期内",
        "2023—2027",
    ),
    "a missing year": (
        '2024: "94.5", ',
        "",
        f"{ARREARS} › targets",
        "缺 2024 年",
        "2023—2027 每年一格",
        "没有目标写「——」",
    ),
    "a year in quotes": (
        '2024: "94.5"',
        '"2024": "94.5"',
        f"{ARREARS} › targets › 2024",
        "「2024」的类型不对",
        "整数",
    ),
    "a baseline of another year": (
        '{year: 2022, text: "4.7"}',
        '{year: 2021, text: "4.7"}',
        f"{UNEMPLOYMENT} › baseline",
        "基期 2021",
        "2022",
    ),
    "a commitment for a year outside the plan": (
        "  year: 2023\n",
        "  year: 2028\n",
        "commitments › gig_markets_built › year",
        "年份 2028 不在规划期内",
        "2023—2027",
    ),
    "an unknown task": (
        "  task: 持续深化温州无欠薪行动",
        "  task: 持续深化温州无欠薪",
        f"{ARREARS} › task",
        "任务「持续深化温州无欠薪」不存在",
        "健全就业公共服务体系、",
        "是不是「持续深化温州无欠薪行动」？",
    ),
    "an unknown task of a commitment": (
        "- id: gig_markets_built\n  task: 促进零工市场高质量发展",
        "- id: gig_markets_built\n  task: 促进零工市场发展",
        "commitments › gig_markets_built › task",
        "任务「促进零工市场发展」不存在",
        "健全就业公共服务体系、",
        "是不是「促进零工市场高质量发展」？",
    ),
    "an unknown source": (
        "  sources: [安薪在线",
        "  sources: [安新在线",
        f"{ARREARS} › sources",
        "来源「安新在线」不存在",
        "这里就业创业、",
        "是不是「安薪在线」？",
    ),
    "an unknown lead unit": (
        "  lead: 区人力社保局",
        "  lead: 区人社局",
        "tasks › 健全就业公共服务体系",
        "单位「区人社局」不存在",
        "区人力社保局、",
        "是不是「区人力社保局」？",
    ),
    "an unknown supporting unit": (
        "  - 区残联",
        "  - 区残连",
        "tasks › 加强困难群体就业帮扶",
        "单位「区残连」不存在",
        "区人力社保局、",
        "是不是「区残联」？",
    ),
    "an unknown part of a ratio": (
        "numerator: skilled_workers,",
        "numerator: skiled_workers,",
        "indicators › skilled_share_of_employed › ratio",
        "序列「skiled_workers」不存在",
        "skilled_workers、",
        "是不是「skilled_workers」？",
    ),
    "an unknown series that a rate is relative to": (
        "{series: resident_population,",
        "{series: residents_population,",
        "indicators › high_value_patents_per_10k › per",
        "序列「residents_population」不存在",
        "urban_unemployment_rate、",
        "是不是「resident_population」？",
    ),
    "an unknown indicator of a commitment": (
        "  indicator: new_urban_jobs",
        "  indicator: new_urban_job",
        "commitments › new_urban_jobs_total › indicator",
        "指标「new_urban_job」不存在",
        "urban_unemployment_rate、",
        "是不是「new_urban_jobs」？",
    ),
    "a kind that does not exist": (
        "  kind: survey_rate",
        "  kind: survey",
        f"{UNEMPLOYMENT} › kind",
        "「survey」",
        "survey_rate、case_rate、stock、stock_ratio、annual_count、cumulative_count",
    ),
    "a number where a text belongs": (
        'region: "330305"',
        "region: 330305",
        "region",
        "「330305」的类型不对",
        "文本（数字也要加引号）",
    ),
    "a text where a number belongs": (
        "last_year: 2027",
        'last_year: "2027"',
        "last_year",
        "「2027」的类型不对",
        "整数",
    ),
    "a text where a date belongs": (
        "published: 2023-12-13",
        "published: 去年年底",
        "published",
        "「去年年底」的类型不对",
        "日期",
    ),
    "a text where a list belongs": (
        "  sources: [统计部门]",
        "  sources: 统计部门",
        f"{UNEMPLOYMENT} › sources",
        "「统计部门」的类型不对",
        "列表",
    ),
    "a text where keys belong": (
        "ratio: {numerator: skilled_workers, denominator: employed_persons}",
        "ratio: skilled_workers",
        "indicators › skilled_share_of_employed › ratio",
        "「skilled_workers」的类型不对",
        "「键：值」的形式",
    ),
    "fewer decimals than none": (
        "  decimals: 1",
        "  decimals: -1",
        f"{UNEMPLOYMENT} › decimals",
        "「-1」",
        "不小于 0 的数",
    ),
    "more decimals than four": (
        "  decimals: 1",
        "  decimals: 5",
        f"{UNEMPLOYMENT} › decimals",
        "「5」",
        "不大于 4 的数",
    ),
    "a rate relative to nothing": (
        "amount: 10000",
        "amount: 0",
        "indicators › high_value_patents_per_10k › per › amount",
        "「0」",
        "大于 0 的数",
    ),
    "a profile that falls": (
        "  frequency: year ",
        "  profile: {shares: [0.5, 0.25, 0.75, 1], source: x} ",
        "indicators › wage_bargaining_coverage › profile",
        "不是进度",
        "由小到大、以 1 结尾",
    ),
}


@pytest.mark.parametrize(
    ("old", "new", "path", "found", "allowed", "hint"),
    [pytest.param(*case, *[""] * (6 - len(case)), id=name) for name, case in WRONG.items()],
)
def test_a_refusal_names_line_path_value_and_what_is_allowed(
    refused: Break, old: str, new: str, path: str, found: str, allowed: str, hint: str
) -> None:
    error = refused(old, new)
    assert len(error.problems) == 1
    problem = error.problems[0]
    assert problem.place.endswith(f" 行 {path}")
    assert found in problem.found
    assert allowed in problem.allowed
    assert hint in problem.remedy
    for part in (problem.place, problem.found, problem.allowed, problem.remedy):
        assert part in str(error)


@pytest.mark.parametrize(
    ("old", "new", "place"),
    [
        ("  frequency: year ", "  frequenzy: year ", line_of("  frequency: year ")),
        ('2024: "94.5"', '2024: "约5"', line_of('2024: "94.5"')),
        ('2024: "94.5"', "2024: 94.5", line_of('2024: "94.5"')),
        ('2024: "94.5", ', "", line_of('2024: "94.5"')),
        ('2027: "96"}', '2027: "96", 2028: "97"}', line_of('2027: "96"}')),
        ("  task: 持续深化温州无欠薪行动", "  task: x", line_of("  task: 持续深化温州无欠薪行动")),
        ("  sources: [安薪在线", "  sources: [x", line_of("  sources: [安薪在线")),
        ("  lead: 区市场监管局", "  lead: x", line_of("  lead: 区市场监管局", -3)),
        ("  kind: survey_rate\n", "", line_of("- id: urban_unemployment_rate")),
        ("  kind: survey_rate\n", "  kind: x\n", line_of("  kind: survey_rate\n")),
    ],
)
def test_a_refusal_names_the_line_that_a_reader_would_go_to(
    refused: Break, old: str, new: str, place: str
) -> None:
    assert refused(old, new).problems[0].place.startswith(f"{place} ")


@pytest.mark.parametrize(
    ("line", "path"),
    [
        ("  kind: survey_rate\n", f"{UNEMPLOYMENT} › kind"),
        ('  unit: "%"\n', f"{UNEMPLOYMENT} › unit"),
        ('  baseline: {year: 2022, text: "4.7"}\n', f"{UNEMPLOYMENT} › baseline"),
        ("  en: Public employment services\n", "tasks › 健全就业公共服务体系 › en"),
        ("  measure: sum_of_years\n", "commitments › new_urban_jobs_total › measure"),
    ],
)
def test_a_missing_field_is_named_with_its_entry(refused: Break, line: str, path: str) -> None:
    problem = refused(line, "").problems[0]
    assert problem.place.endswith(f" 行 {path}")
    assert "缺少" in problem.found
    assert problem.remedy


def test_a_missing_field_of_the_whole_file_is_named(refused: Break) -> None:
    problem = refused('region: "330305"\n', "").problems[0]
    assert (problem.place, problem.found) == ("region", "缺少这一项")


@pytest.mark.parametrize(
    ("old", "new", "path", "found"),
    [
        (
            "- id: new_urban_jobs\n",
            "- id: urban_unemployment_rate\n",
            "indicators",
            "urban_unemployment_rate",
        ),
        ("- id: gig_market_model\n", "- id: gig_markets_built\n", "commitments", "gig_markets_built"),
        ("- id: employed_persons\n", "- id: resident_population\n", "series", "resident_population"),
        (
            "  name: 推动技工教育提质增量行动\n",
            "  name: 加强困难群体就业帮扶\n",
            "tasks",
            "加强困难群体就业帮扶",
        ),
        ("{name: 无讼指数", "{name: 浙里签", "sources", "浙里签"),
    ],
)
def test_a_name_that_comes_twice_in_a_list_is_refused(
    refused: Break, old: str, new: str, path: str, found: str
) -> None:
    problem = refused(old, new).problems[0]
    assert problem.place == f"{line_of(chr(10) + path + ':', 1)} {path}"
    assert f"「{found}」重复" in problem.found
    assert "只出现一次" in problem.allowed


def test_a_commitment_with_an_indicators_id_is_refused(refused: Break) -> None:
    problem = refused("- id: gig_markets_built\n", "- id: new_urban_jobs\n").problems[0]
    assert problem.place == "indicators、commitments、series"
    assert "「new_urban_jobs」重复" in problem.found


def test_an_entry_without_an_id_is_refused_by_its_number(refused: Break) -> None:
    problem = refused("- id: new_urban_jobs\n  row", "- row").problems[0]
    assert problem.place.endswith(" 行 indicators")
    assert "第 2 项没有" in problem.found


def test_a_list_that_is_none_is_refused(refused: Break) -> None:
    problem = refused(TEXT[TEXT.index("\nseries:") :], "\nseries: 无\n").problems[0]
    assert problem.place.endswith(" 行 series")
    assert "列表" in problem.allowed


def test_a_key_written_twice_is_refused_at_its_second_line(refused: Break) -> None:
    kind = "  kind: survey_rate\n"
    problem = refused(kind, kind + kind).problems[0]
    assert problem.place.startswith(line_of(kind, 1))
    assert "键「kind」写了两次，只能写一次" in problem.found


def test_a_target_year_written_twice_is_refused(refused: Break) -> None:
    problem = refused('2024: "94.5"', '2024: "94.5", 2024: "94.6"').problems[0]
    assert problem.place.startswith(line_of('2024: "94.5"'))
    assert "键「2024」写了两次" in problem.found


def test_a_date_that_does_not_exist_is_refused_at_its_line(refused: Break) -> None:
    problem = refused("published: 2023-12-13", "published: 2023-13-13").problems[0]
    assert problem.place.startswith(line_of("published:"))
    assert "「2023-13-13」" in problem.found


def test_all_problems_of_a_file_are_told_at_once(tmp_path: Path) -> None:
    broken = tmp_path / "broken.yml"
    text = TEXT.replace('2024: "94.5"', '2024: "约5"').replace("decimals: 1", "decimals: x")
    broken.write_text(text, encoding="utf-8")
    with pytest.raises(PlanError) as refusal:
        load_plan(broken)
    assert len(refusal.value.problems) == 1 + TEXT.count("decimals: 1")
    assert f"{len(refusal.value.problems)} 处不符合要求" in str(refusal.value)


@pytest.mark.parametrize(
    ("content", "found"),
    [
        pytest.param(b"", "是空的", id="an empty file"),
        pytest.param(b"# nothing but a comment\n", "是空的", id="only a comment"),
        pytest.param(b"- a\n- b\n", "不是「键：值」的形式", id="a list"),
        pytest.param("只有一句话\n".encode(), "不是「键：值」的形式", id="a sentence"),
        pytest.param(b"id: [unclosed\n", "YAML 写法有误", id="a bracket left open"),
        pytest.param(b"id: x\n\tname: y\n", "YAML 写法有误", id="a tab"),
        pytest.param(b"id: x\n---\nid: y\n", "YAML 写法有误", id="two documents"),
        pytest.param(b"? [a]\n: b\n", "YAML 写法有误", id="a list as a key"),
        pytest.param(b"{{ id }}: x\n", "YAML 写法有误", id="a template not filled in"),
        pytest.param(b"id: !!timestamp x\n", "YAML 写法有误", id="a tag that does not fit"),
        pytest.param(b"id: !!int\n", "YAML 写法有误", id="a tag without a value"),
        pytest.param(b"id: !!bool x\n", "YAML 写法有误", id="a tag with another's value"),
        pytest.param(b"!!map [1, 2]\n", "YAML 写法有误", id="a list said to be a mapping"),
        pytest.param(b"id: !!python/object:os.system x\n", "YAML 写法有误", id="a tag that would run code"),
        pytest.param(b"a: &a {b: *a}\n", "不认识的键", id="an entry inside itself"),
        pytest.param(b"id: a\0b\n", "YAML 写法有误", id="a null character"),
        pytest.param(b"[" * 5000, "YAML 写法有误", id="brackets without end"),
        pytest.param("id: 洞头\n".encode("gb18030"), "读不出来", id="another encoding"),
        pytest.param("id: 洞头\n".encode("utf-16"), "读不出来", id="two bytes a character"),
    ],
)
def test_a_file_that_is_no_plan_is_refused(tmp_path: Path, content: bytes, found: str) -> None:
    broken = tmp_path / "broken.yml"
    broken.write_bytes(content)
    with pytest.raises(PlanError) as refusal:
        load_plan(broken)
    assert str(refusal.value).startswith(broken.as_posix())
    assert found in str(refusal.value)


def test_an_unclosed_bracket_is_named_by_line_and_column(tmp_path: Path) -> None:
    broken = tmp_path / "broken.yml"
    broken.write_text("id: x\nname: [y\n", encoding="utf-8")
    with pytest.raises(PlanError, match="第 3 行第 1 列"):
        load_plan(broken)


def test_an_empty_file_is_told_what_belongs_in_it(tmp_path: Path) -> None:
    broken = tmp_path / "broken.yml"
    broken.write_text("", encoding="utf-8")
    with pytest.raises(PlanError) as refusal:
        load_plan(broken)
    assert "indicators、commitments、tasks" in refusal.value.problems[0].allowed


def test_another_encoding_is_told_which_one_is_read(tmp_path: Path) -> None:
    broken = tmp_path / "broken.yml"
    broken.write_bytes(TEXT.encode("gb18030"))
    with pytest.raises(PlanError) as refusal:
        load_plan(broken)
    assert "UTF-8" in refusal.value.problems[0].allowed


def test_an_absent_file_is_said_to_be_absent(tmp_path: Path) -> None:
    with pytest.raises(PlanError) as refusal:
        load_plan(tmp_path / "absent.yml")
    assert (tmp_path / "absent.yml").as_posix() in str(refusal.value)
    assert refusal.value.problems[0].found == "不存在"
    assert refusal.value.problems[0].remedy


def test_a_folder_is_no_plan(tmp_path: Path) -> None:
    with pytest.raises(PlanError, match="读不出来"):
        load_plan(tmp_path)


@settings(max_examples=40, deadline=None)
@given(
    start=st.integers(0, len(TEXT) - 1),
    length=st.integers(0, 60),
    new=st.sampled_from(
        ["", "x", "\n", "  ", ":", "[", "}", '"', "- ", "null", "3", "&a", "*a", "!!int ", "约"]
    ),
)
def test_no_damage_to_the_file_ends_in_another_error(
    tmp_path_factory: pytest.TempPathFactory, start: int, length: int, new: str
) -> None:
    broken = tmp_path_factory.getbasetemp() / "damaged.yml"
    broken.write_text(TEXT[:start] + new + TEXT[start + length :], encoding="utf-8")
    with contextlib.suppress(PlanError):
        assert isinstance(load_plan(broken), Plan)
