"""How many more the targets ask for, worked out by hand from the plan's cells; and the figure that shows it."""

import re
from collections.abc import Mapping
from dataclasses import replace
from math import ceil
from typing import Any

import pandas as pd
import pytest
from bs4 import BeautifulSoup
from conftest import ledger

from laoyou.language import speaking
from laoyou.markup import plain
from laoyou.pages import skill_charts
from laoyou.pages.skill_needs import still_asked
from laoyou.pages.skill_words import NO_CHAIN
from laoyou.plan import Text
from laoyou.rules import Skills
from laoyou.view import View, open_view

SKILLED, HIGHLY = "skilled_workers", "highly_skilled_workers"
SHARE, INNER, EMPLOYED = "skilled_share_of_employed", "highly_skilled_share_of_skilled", "employed_persons"
FIGURES = {SKILLED: 23000, HIGHLY: 7000, EMPLOYED: 71000}


@pytest.fixture(scope="module")
def shipped() -> View:
    return open_view(region="330305", quarter="2026Q3", as_of="2026-10-31")


def at(shipped: View, quarter: str, figures: Mapping[str, float], **rules: Any) -> View:
    """Return a view of one quarter's figures; by default employment falls and rises by 1 % a year."""
    rows = [{"region": "330305", "indicator": id, "period": quarter, "value": n} for id, n in figures.items()]
    skills = shipped.rules.model_copy(
        update={"skills": Skills(**({"falling": -0.01, "rising": 0.01} | rules))}
    )
    return replace(shipped, quarter=pd.Period(quarter, "Q-DEC"), observations=ledger(rows), rules=skills)


def rows(view: View) -> list[list[str]]:
    soup = BeautifulSoup(still_asked(view).html, "html.parser")
    [shown] = [t for t in soup.select("table") if "还要增加的人数" in t.caption.get_text()]
    return [[cell.get_text("·") for cell in row.find_all(["th", "td"])] for row in shown.select("tbody tr")]


def sentences(view: View) -> list[str]:
    soup = BeautifulSoup(still_asked(view).html, "html.parser")
    return [item.get_text() for item in soup.select_one("ul").find_all("li")]


def test_every_year_to_come_is_asked_for_in_every_scenario(shipped):
    found = rows(at(shipped, "2026Q3", FIGURES))
    assert [row[0].split("·")[0] for row in found] == [
        "2026 年末，减少", "2026 年末，不变", "2026 年末，增加", "2027 年末，减少", "2027 年末，不变", "2027 年末，增加",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("quarter", "years"),
    [("2023Q1", range(2023, 2028)), ("2026Q4", [2027]), ("2027Q1", [2027]), ("2027Q4", [2027])],
)
def test_a_year_that_is_over_asks_for_nothing_more(shipped, quarter, years):
    assert [row[0][:4] for row in rows(at(shipped, quarter, FIGURES))][::3] == [str(year) for year in years]


def test_flat_employment_asks_for_the_years_own_targets(shipped):
    _, this, _, _, last, _ = rows(at(shipped, "2026Q3", FIGURES))
    # 33.5 % of 71,000 is 23,785, below row 6's 23,800; 33 % of 23,800 is 7,854
    assert this[1:] == ["71,000", "800·要 23,800", "785·要 23,785", "854·要 7,854", "854·要 7,854"]
    # 35.5 % of 71,000 is 25,205; 35 % of it is 8,821.75
    assert last[1:] == ["71,000", "2,000·要 25,000", "2,205·要 25,205", "1,750·要 8,750", "1,822·要 8,822"]


def test_employment_moves_from_the_quarters_end_to_each_years(shipped):
    found = rows(at(shipped, "2026Q4", FIGURES, falling=-0.1, rising=0.1))
    assert [row[1] for row in found] == ["63,900", "71,000", "78,100"]  # one year on
    # 35.5 % of 78,100 is 27,725.5
    assert found[2][3] == "4,726·要 27,726"
    assert [row[0] for row in found] == [
        "2027 年末，减少·每年 −10.00%",
        "2027 年末，不变",
        "2027 年末，增加·每年 +10.00%",
    ]


def test_enough_is_said_so(shipped):
    found = rows(at(shipped, "2026Q4", {SKILLED: 26000, HIGHLY: 8750, EMPLOYED: 71000}))
    # 35 % of the 26,000 that there are already is 9,100
    assert found[1][2:] == ["已够·要 25,000", "已够·要 25,205", "已够·要 8,750", "350·要 9,100"]
    exactly = rows(at(shipped, "2026Q4", {SKILLED: 25000, HIGHLY: 8749, EMPLOYED: 71000}))
    assert exactly[1][2:5] == ["已够·要 25,000", "205·要 25,205", "1·要 8,750"]


def test_a_sentence_says_which_target_binds(shipped):
    # 35.5 % of 71,000 · 0.99, 1, 1.01: 24,952.95, 25,205, 25,457.05
    assert sentences(at(shipped, "2026Q4", FIGURES)) == [
        "2027 年末：总量目标还要 2,000 人；占比目标随从业人员变，减少时还要 1,953 人、不变时还要 2,205 人、增加时还要 2,458 人。"
        "从业人员不变或增加时，总量达标还不够占比达标。"
    ]
    few = sentences(at(shipped, "2026Q4", {**FIGURES, EMPLOYED: 60000}))
    # 35.5 % of 59,400, 60,000 and 60,600: 21,087, 21,300 and 21,513
    assert few == [
        "2027 年末：总量目标还要 2,000 人；占比目标随从业人员变，减少时已够、不变时已够、增加时已够。总量达标，占比也就达标。"
    ]


@pytest.mark.parametrize(("absent", "name"), [(EMPLOYED, "从业人员"), (SKILLED, "技能人才总量")])
def test_what_is_not_known_is_named_and_not_drawn(shipped, absent, name):
    view = at(shipped, "2026Q3", {id: n for id, n in FIGURES.items() if id != absent})
    assert sentences(view) == [
        f"{year} 年末：本季没有{name}的数，还差多少算不出来。" for year in (2026, 2027)
    ]
    html = still_asked(view).html
    assert "<svg" not in html
    assert "nan" not in html


def test_a_missing_stock_of_the_highly_skilled_leaves_the_rest(shipped):
    view = at(shipped, "2026Q4", {id: n for id, n in FIGURES.items() if id != HIGHLY})
    assert rows(view)[1][2:] == ["2,000·要 25,000", "2,205·要 25,205", "—·要 8,750", "—·要 8,822"]


def test_where_the_plan_implies_no_fall_none_is_shown(shipped):
    flat = shipped.plan.indicators[SHARE].model_copy(
        update={"targets": dict.fromkeys(shipped.plan.years, shipped.plan.indicators[SHARE].targets[2023])}
    )
    plan = shipped.plan.model_copy(update={"indicators": {**shipped.plan.indicators, SHARE: flat}})
    view = replace(at(shipped, "2026Q4", FIGURES, falling="plan"), plan=plan)
    assert [row[0].split("·")[0] for row in rows(view)] == ["2027 年末，不变", "2027 年末，增加"]
    assert "隐含的降幅" not in still_asked(view).html


def test_the_fall_that_the_plan_implies_is_named(shipped):
    html = still_asked(shipped).html
    assert "规划第 6 行和第 8 行的目标隐含的降幅" in html
    assert "每年 −1.05%" in html  # (25000 · 27.5 ÷ (20200 · 35.5)) ** 0.25 − 1


def test_sample_figures_are_marked_and_real_ones_are_not(shipped):
    assert "现有人数是演示数据" in still_asked(shipped).html
    assert "演示" not in still_asked(at(shipped, "2026Q3", FIGURES)).html


def test_a_plan_without_such_rows_has_nothing_to_say(shipped):
    rows = {id: row for id, row in shipped.plan.indicators.items() if id != SHARE}
    view = replace(shipped, plan=shipped.plan.model_copy(update={"indicators": rows}))
    assert still_asked(view).text == NO_CHAIN


def test_a_hostile_name_is_a_word(shipped):
    named = shipped.plan.indicators[SHARE].model_copy(update={"name": Text(zh="<script>x</script>", en="x")})
    plan = shipped.plan.model_copy(update={"indicators": {**shipped.plan.indicators, SHARE: named}})
    assert "<script>" not in still_asked(replace(shipped, plan=plan)).html


# --- The figure -------------------------------------------------------------------------------------------------


def test_the_figure_shows_what_each_scenario_asks_for(shipped, monkeypatch):
    drawn: list[Any] = []

    def caught(drawing: Any, **words: Any) -> Any:
        drawn.append((drawing.axes[0], words))
        return skill_charts.Html("", "")

    monkeypatch.setattr(skill_charts, "figure", caught)
    still_asked(at(shipped, "2026Q3", FIGURES))
    [(axes, words)] = drawn
    assert words["title"] == "2027 年末占比达标要 24,891—25,521 人，总量目标是 25,000 人"
    # 35.5 % of 71,000 · 0.99 ** 1.25 = 70,113.6 and · 1.01 ** 1.25 = 71,888.6: 24,890.3 and 25,520.5, rounded up
    marks = {tuple(line.get_ydata()) for line in axes.lines if line.get_marker() == "D"}
    assert (23785.0, 25205.0) in marks
    texts = {text.get_text() for text in axes.texts}
    assert {"减少", "不变", "增加", "2026 目标 23,800", "2027 目标 25,000", "23,000 人"} <= texts
    low, high = axes.get_ylim()
    assert low < 23000
    assert high > 25521


@pytest.mark.parametrize(
    "quarter", [*map(str, pd.period_range("2023Q1", "2026Q3", freq="Q-DEC")), "2027Q1", "2027Q4"]
)
def test_every_quarter_of_the_plan_can_be_told(shipped: View, quarter: str) -> None:
    view = replace(shipped, quarter=pd.Period(quarter, "Q-DEC"))
    made = still_asked(view)
    text = plain(made.html)
    assert not re.search(r"\bnan\b|NaN|None|NaT|inf\b", text)
    assert "；。" not in text
    assert "。。" not in text


def test_needs_in_english(shipped):
    # 2027: 25,000 − 23,000 for the stock; 35.5 % of 71,000 · 0.99^1.25, · 1 and · 1.01^1.25, rounded up, less 23,000
    asked = [ceil(0.355 * 71000 * growth**1.25) - 23000 for growth in (0.99, 1, 1.01)]
    with speaking("en"):
        assert sentences(at(shipped, "2026Q3", FIGURES))[1] == (
            "End of 2027: target for the stock – 2,000 people more; the share target depends on “Employed persons” – "
            f"{asked[0]:,} people more if falling, {asked[1]:,} people more if flat, {asked[2]:,} people more if rising. "
            "With “Employed persons” flat or rising, reaching the target for the stock is not enough for the share."
        )
