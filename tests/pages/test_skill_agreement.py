"""Whether the rows agree, quarter by quarter, by arithmetic on the plan's cells and small ledgers."""

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pandas as pd
import pytest
from bs4 import BeautifulSoup
from conftest import ledger

from laoyou.language import speaking
from laoyou.markup import plain
from laoyou.pages.skill_agreement import agreement
from laoyou.pages.skill_words import NO_CHAIN
from laoyou.view import View, open_view

SKILLED, HIGHLY = "skilled_workers", "highly_skilled_workers"
SHARE, INNER, EMPLOYED = "skilled_share_of_employed", "highly_skilled_share_of_skilled", "employed_persons"


@pytest.fixture(scope="module")
def shipped() -> View:
    return open_view(region="330305", quarter="2026Q3", as_of="2026-10-31")


def seen(shipped: View, quarter: str, **series: Mapping[str, Any]) -> View:
    rows = [
        {"region": "330305", "indicator": id, "period": period, "value": value}
        for id, figures in series.items()
        for period, value in figures.items()
    ]
    return replace(shipped, quarter=pd.Period(quarter, "Q-DEC"), observations=ledger(rows))


def sentences(view: View) -> list[str]:
    soup = BeautifulSoup(agreement(view).html, "html.parser")
    return [item.get_text() for item in soup.select_one("ul").find_all("li")]


def quarters(view: View) -> dict[str, list[str]]:
    soup = BeautifulSoup(agreement(view).html, "html.parser")
    [shown] = [t for t in soup.select("table") if t.caption.get_text() == "占比与总量逐季核对"]
    cells = [[cell.get_text() for cell in row.find_all(["th", "td"])] for row in shown.select("tbody tr")]
    return {row[0]: row[1:] for row in cells}


def test_a_share_is_held_against_the_stocks_every_quarter(shipped):
    view = seen(
        shipped, "2023Q3",
        **{SKILLED: {"2023Q1": 20000, "2023Q2": 20000, "2023Q3": 20200}, EMPLOYED: {"2023Q1": 80000, "2023Q2": 80000},
           SHARE: {"2023Q1": 25, "2023Q2": 25.1, "2023Q3": 27.5}},
    )  # fmt: skip
    assert sentences(view)[0] == (
        "技能人才占从业人员比例与技能人才总量除以从业人员：2 个季度里 1 个相符，不相符的是2023年二季度，1 个数不全核对不了。"
    )
    found = quarters(view)
    assert list(found) == ["2023年三季度", "2023年二季度", "2023年一季度"]  # the latest first
    assert found["2023年一季度"][:3] == ["25.00", "25.00", "相符"]
    assert found["2023年二季度"][:3] == ["25.10", "25.00", "不相符"]
    assert found["2023年三季度"][:3] == ["27.50", "—", "数不全"]
    assert found["2023年三季度"][6:] == [
        "73,455",
        "73,455",
    ]  # 20,200 ÷ 27.5 %, as the plan's own cells of 2023
    assert found["2023年二季度"][6:] == ["79,681", "73,455"]  # 20,000 ÷ 25.1 %


@pytest.mark.parametrize(
    ("share", "verdict"), [(25.051, "相符"), (25.052, "不相符"), (24.949, "相符"), (24.948, "不相符")]
)
def test_a_share_agrees_within_the_rounding_of_the_ledger(shipped, share, verdict):
    view = seen(
        shipped,
        "2023Q1",
        **{SKILLED: {"2023Q1": 20000}, EMPLOYED: {"2023Q1": 80000}, SHARE: {"2023Q1": share}},
    )
    assert quarters(view)["2023年一季度"][2] == verdict


@pytest.mark.parametrize(
    (
        "quarter",
        "target",
    ),  # 6,060 of 20,200; 6,634 of 21,400; 7,232 of 22,600; 7,854 of 23,800; 8,750 of 25,000
    [("2023Q1", "30.00"), ("2024Q1", "31.00"), ("2025Q1", "32.00"), ("2026Q1", "33.00"), ("2027Q1", "35.00")],
)
def test_the_plans_own_row_9_stands_beside_its_rows_7_and_6(shipped, quarter, target):
    view = seen(shipped, quarter, **{SKILLED: {quarter: 100}, HIGHLY: {quarter: 30}, INNER: {quarter: 30}})
    assert f"规划 {quarter[:4]} 年的目标 {target}%，由总量目标算是 {target}%。" in sentences(view)[1]


def test_the_employed_that_the_figures_imply_stand_beside_those_reported_and_the_plans(shipped):
    view = seen(
        shipped,
        "2026Q3",
        **{SKILLED: {"2026Q3": 23000}, SHARE: {"2026Q3": 32.5}, EMPLOYED: {"2026Q3": 71000}},
    )
    # 23,000 ÷ 32.5 % = 70,769; 23,800 ÷ 33.5 % = 71,045
    assert (
        sentences(view)[2]
        == "本季两项的数隐含从业人员 70,769 人，报的是 71,000 人；规划 2026 年末隐含 71,045 人。"
    )
    none = seen(shipped, "2026Q3")
    assert sentences(none) == [
        "技能人才占从业人员比例与技能人才总量除以从业人员：没有一季两边的数都有，核对不了。",
        "高技能人才占技能人才比例与高技能人才总量除以技能人才总量：没有一季两边的数都有，核对不了。",
        "本季的数推不出从业人员；规划 2026 年末隐含 71,045 人。",
    ]


def test_the_shipped_rows_agree_in_every_quarter_since_the_plan_began(shipped):
    found = quarters(shipped)
    assert len(found) == 15
    assert all(row[2] == row[5] == "相符" for row in found.values())
    assert found["2026年三季度"][6:] == ["71,081", "71,045"]
    assert "演示数据" in agreement(shipped).html


def test_the_doubtful_baseline_takes_no_part(shipped):
    text = agreement(shipped).text
    assert "1900" not in text
    assert "1,900" not in text
    assert "7,186" not in text  # the employed that it would imply


def test_definitions_are_one_click_away(shipped):
    soup = BeautifulSoup(agreement(shipped).html, "html.parser")
    folds = [summary.get_text() for summary in soup.select("details > summary")]
    assert folds == ["图中数据", "逐季核对", "这些数怎么算"]


def test_a_plan_without_such_rows_has_nothing_to_say(shipped):
    rows = {id: row for id, row in shipped.plan.indicators.items() if id != SKILLED}
    view = replace(shipped, plan=shipped.plan.model_copy(update={"indicators": rows}))
    assert agreement(view).text == NO_CHAIN


@pytest.mark.parametrize(
    "quarter", [*map(str, pd.period_range("2023Q1", "2026Q3", freq="Q-DEC")), "2027Q1", "2027Q4"]
)
def test_every_quarter_of_the_plan_can_be_told(shipped: View, quarter: str) -> None:
    view = replace(shipped, quarter=pd.Period(quarter, "Q-DEC"))
    made = agreement(view)
    text = plain(made.html)
    assert not re.search(r"\bnan\b|NaN|None|NaT|inf\b", text)
    assert "；。" not in text
    assert "。。" not in text


def test_agreement_in_english(shipped):
    some = seen(
        shipped, "2023Q3",
        **{SKILLED: {"2023Q1": 20000, "2023Q2": 20000}, EMPLOYED: {"2023Q1": 80000, "2023Q2": 80000},
           SHARE: {"2023Q1": 25, "2023Q2": 25.1, "2023Q3": 27.5}},
    )  # fmt: skip
    one = seen(
        shipped,
        "2026Q3",
        **{SKILLED: {"2026Q3": 23000}, SHARE: {"2026Q3": 32.5}, EMPLOYED: {"2026Q3": 71000}},
    )
    name = "“Skilled share of the employed” against “Skilled workers” ÷ “Employed persons”"
    with speaking("en"):
        assert sentences(some)[0] == (
            f"{name}: agreement in 1 of 2 quarters, not in Q2 2023, 1 cannot be checked for want of figures."
        )
        # 23,000 ÷ 71,000 is 32.39 %, further than 0.051 from 32.5; 23,000 ÷ 32.5 % = 70,769; 23,800 ÷ 33.5 % = 71,045
        assert sentences(one)[0].startswith(
            f"{name}: agreement in 0 of 1 quarter, not in Q3 2026, 14 cannot be checked"
        )
        assert sentences(one)[2] == (
            "“Employed persons” implied by the two figures of the quarter: 70,769 people, with 71,000 people reported; "
            "implied by the plan for the end of 2026: 71,045 people."
        )
