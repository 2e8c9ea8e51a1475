"""Why the shares moved: the parts worked out by hand, and their sum compared with the ledger's own change."""

import math
import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import pandas as pd
import pytest
from bs4 import BeautifulSoup
from conftest import ledger

from laoyou.language import speaking
from laoyou.markup import plain
from laoyou.pages import skill_words
from laoyou.pages.skill_words import change_sentence, changes, parts_of, spans
from laoyou.plan import Text
from laoyou.view import View, open_view

SKILLED, HIGHLY = "skilled_workers", "highly_skilled_workers"
SHARE, INNER, EMPLOYED = "skilled_share_of_employed", "highly_skilled_share_of_skilled", "employed_persons"
Seen = Callable[..., View]


@pytest.fixture(scope="module")
def shipped() -> View:
    return open_view(region="330305", quarter="2026Q3", as_of="2026-10-31")


@pytest.fixture(scope="module")
def seen(shipped: View) -> Seen:
    """Return a function that makes a view whose ledger holds some series of this region, by period."""

    def make(quarter: str, **series: Mapping[str, Any]) -> View:
        rows = [
            {"region": "330305", "indicator": id, "period": period}
            | (dict(figure) if isinstance(figure, Mapping) else {"value": figure})
            for id, figures in series.items()
            for period, figure in figures.items()
        ]
        return replace(shipped, quarter=pd.Period(quarter, "Q-DEC"), observations=ledger(rows))

    return make


def split(view: View, id: str = SHARE) -> dict[str, Any]:
    """Return the change of a ratio and its two parts [percentage points] by what it is compared with; else why not."""
    return {
        skill_words.SINCE[span.since]: tuple(100 * float(part) for part in span.parts)
        if span.parts
        else span.why
        for span in spans(view, view.plan.indicators[id])
    }


def test_a_change_is_split_into_numerator_and_denominator(seen):
    # 20 of 80 is 25 %, 30 of 75 is 40 %. By the numerator: 10 · (1/80 + 1/75) ÷ 2; by the denominator: (1/75 − 1/80) · 25
    view = seen("2024Q1", **{SKILLED: {"2023Q4": 20, "2024Q1": 30}, EMPLOYED: {"2023Q4": 80, "2024Q1": 75}})
    change, top, bottom = split(view)["上季"]
    assert change == pytest.approx(15)
    assert top == pytest.approx(100 * 10 * (1 / 80 + 1 / 75) / 2)
    assert bottom == pytest.approx(100 * 25 * (1 / 75 - 1 / 80))
    assert top + bottom == pytest.approx(change, abs=1e-9)


@pytest.mark.parametrize("id", [SHARE, INNER])
@pytest.mark.parametrize("quarter", ["2023Q2", "2024Q1", "2025Q4", "2026Q3"])
def test_the_parts_add_up_to_the_change_of_the_shipped_share(shipped, id, quarter):
    view = replace(shipped, quarter=pd.Period(quarter, "Q-DEC"))
    known = {p.quarter: p.value for p in view.points(id)}
    for span in spans(view, view.plan.indicators[id]):
        if span.parts is None:
            assert span.why
            continue
        change, top, bottom = (100 * float(part) for part in span.parts)
        assert change == pytest.approx(known[view.quarter] - known[span.before], abs=1e-9)
        assert top + bottom == pytest.approx(change, abs=1e-9)


def test_the_first_figure_is_the_ledgers_and_never_the_doubtful_baseline(shipped):
    for id in (SHARE, INNER):
        last = spans(shipped, shipped.plan.indicators[id])[-1]
        assert (last.since, str(last.before)) == ("first_figure", "2023Q1")  # 2022 has a share but no parts
    assert shipped.plan.indicators[SKILLED].baseline.text == "1900"
    html = changes(shipped).html
    assert "1900" not in html
    assert "1,900" not in html


def test_a_share_that_gives_its_own_parts_is_split_by_them(seen):
    own = {"2023Q4": {"numerator": 20, "denominator": 80}, "2024Q1": {"numerator": 30, "denominator": 75}}
    view = seen("2024Q1", **{SHARE: own, SKILLED: {"2023Q4": 99, "2024Q1": 99}})
    ratio = view.plan.indicators[SHARE]
    assert parts_of(view, ratio, view.quarter) == (30, 75)
    assert split(view)["上季"][0] == pytest.approx(15)


@pytest.mark.parametrize(
    ("series", "why"),
    [
        ({SKILLED: {"2023Q4": 20}, EMPLOYED: {"2023Q4": 80, "2024Q1": 75}}, "本季没有分子和分母"),
        ({SKILLED: {"2023Q4": 20, "2024Q1": 30}, EMPLOYED: {"2024Q1": 75}}, "那一季没有分子和分母"),
        ({SHARE: {"2023Q4": 25, "2024Q1": 40}}, "本季没有分子和分母"),
    ],
)
def test_without_its_parts_a_change_is_not_split(seen, series, why):
    assert split(seen("2024Q1", **series))["上季"] == why


def test_the_first_quarter_has_nothing_before_it(seen):
    view = seen("2023Q1", **{SKILLED: {"2023Q1": 20}, EMPLOYED: {"2023Q1": 80}})
    assert split(view)["有数以来"] == "还没有更早的数"
    assert split(seen("2023Q1"))["有数以来"] == "还没有更早的数"


@pytest.mark.parametrize("broken", [SHARE, SKILLED, EMPLOYED])
def test_a_change_across_a_break_is_not_split(seen, broken):
    series: dict[str, dict[str, Any]] = {
        SKILLED: {"2023Q3": 10, "2023Q4": 20, "2024Q1": 30}, EMPLOYED: {"2023Q3": 80, "2023Q4": 80, "2024Q1": 75},
        SHARE: {"2023Q4": 25},
    }  # fmt: skip
    series[broken]["2023Q4"] = {"value": series[broken]["2023Q4"], "series_break": "口径"}
    found = split(seen("2024Q1", **series))
    assert found["有数以来"] == "其间口径有调整，前后不可比"
    assert found["上季"][0] == pytest.approx(15)  # the quarter of the break is on the new basis


def test_a_sentence_says_what_moved_the_share(seen):
    view = seen("2024Q1", **{SKILLED: {"2023Q4": 20, "2024Q1": 30}, EMPLOYED: {"2023Q4": 80, "2024Q1": 75}})
    ratio = view.plan.indicators[SHARE]
    # 100 · 10 · (1/80 + 1/75) ÷ 2 = 12.9167 and 100 · 25 · (1/75 − 1/80) = 2.0833
    assert change_sentence(view, ratio, spans(view, ratio)[0]) == (
        "技能人才占从业人员比例比上季升 15.00 个百分点：技能人才总量增加 10 人，使它升 12.92 个百分点；"
        "从业人员减少 5 人，使它升 2.08 个百分点。"
    )
    assert change_sentence(view, ratio, spans(view, ratio)[2]).startswith(
        "技能人才占从业人员比例自2023年四季度以来升 15.00 个百分点"
    )
    assert (
        change_sentence(view, ratio, spans(view, ratio)[1])
        == "技能人才占从业人员比例与上年同期相比：那一季没有分子和分母。"
    )


@pytest.mark.parametrize(
    ("now", "words"),
    [
        ((20, 80), "与上季持平，分子分母都没有变。"),
        ((10, 40), "比上季持平：技能人才总量减少 10 人，使它降"),
        ((20, 100), "降 5.00 个百分点：技能人才总量没有变；从业人员增加 20 人，使它降 5.00 个百分点。"),
    ],
)
def test_what_did_not_change_is_said_so(seen, now, words):
    view = seen(
        "2024Q1", **{SKILLED: {"2023Q4": 20, "2024Q1": now[0]}, EMPLOYED: {"2023Q4": 80, "2024Q1": now[1]}}
    )
    ratio = view.plan.indicators[SHARE]
    assert words in change_sentence(view, ratio, spans(view, ratio)[0])


def test_the_table_shows_every_comparison_with_its_parts(shipped):
    soup = BeautifulSoup(changes(shipped).html, "html.parser")
    rows = [[cell.get_text("·") for cell in row.find_all(["th", "td"])] for row in soup.select("tbody tr")]
    assert [row[1].split("·")[0] for row in rows] == 2 * ["上季", "上年同期", "有数以来"]
    # 2025Q3: 22,294 of 71,943; 2026Q3: 23,383 of 71,081
    before, now = 22294 / 71943, 23383 / 71081
    assert rows[1][2] == "30.99% → 32.90%"
    assert rows[1][3] == f"+{100 * (now - before):.2f}"
    assert rows[1][4] == f"+{100 * 1089 * (1 / 71943 + 1 / 71081) / 2:.2f}·技能人才总量 +1,089 人"
    assert rows[1][5] == "+0.38·从业人员 −862 人"
    assert all("演示" in row[0] for row in rows)
    assert soup.select_one("details summary").get_text() == "这些数怎么算"


def test_real_figures_carry_no_mark(seen):
    view = seen("2024Q1", **{SKILLED: {"2023Q4": 20, "2024Q1": 30}, EMPLOYED: {"2023Q4": 80, "2024Q1": 75}})
    assert "演示" not in changes(view).html


def test_a_plan_without_such_rows_has_nothing_to_say(shipped):
    rows = {id: row for id, row in shipped.plan.indicators.items() if id != INNER}
    view = replace(shipped, plan=shipped.plan.model_copy(update={"indicators": rows}))
    assert changes(view).text == skill_words.NO_CHAIN


def test_a_hostile_name_is_a_word(seen):
    view = seen("2024Q1", **{SKILLED: {"2023Q4": 20, "2024Q1": 30}, EMPLOYED: {"2023Q4": 80, "2024Q1": 75}})
    named = view.plan.indicators[SHARE].model_copy(update={"name": Text(zh="<script>x</script>", en="x")})
    plan = view.plan.model_copy(update={"indicators": {**view.plan.indicators, SHARE: named}})
    html = changes(replace(view, plan=plan)).html
    assert "<script>" not in html
    assert "&lt;script&gt;" in html


def test_no_part_is_shown_where_none_is_known(shipped):
    html = changes(replace(shipped, observations=shipped.observations.iloc[:0])).html
    assert "本季没有分子和分母" in html
    assert "nan" not in html
    assert math.isnan(
        parts_of(
            replace(shipped, observations=shipped.observations.iloc[:0]),
            shipped.plan.indicators[SHARE],
            shipped.quarter,
        )[0]
    )


@pytest.mark.parametrize(
    "quarter", [*map(str, pd.period_range("2023Q1", "2026Q3", freq="Q-DEC")), "2027Q1", "2027Q4"]
)
def test_every_quarter_of_the_plan_can_be_told(shipped: View, quarter: str) -> None:
    view = replace(shipped, quarter=pd.Period(quarter, "Q-DEC"))
    made = changes(view)
    text = plain(made.html)
    assert not re.search(r"\bnan\b|NaN|None|NaT|inf\b", text)
    assert "；。" not in text
    assert "。。" not in text


def test_what_moved_the_share_in_english(seen):
    view = seen("2024Q1", **{SKILLED: {"2023Q4": 20, "2024Q1": 30}, EMPLOYED: {"2023Q4": 80, "2024Q1": 75}})
    ratio = view.plan.indicators[SHARE]
    effects = (
        " “Skilled workers” rose by 10, which raised it by 12.92 percentage points; "
        "“Employed persons” fell by 5, which raised it by 2.08 percentage points."
    )
    with speaking("en"):
        told = [change_sentence(view, ratio, span) for span in spans(view, ratio)]
    assert told == [
        "Skilled share of the employed: up 15.00 percentage points on last quarter." + effects,
        "Skilled share of the employed, compared with the same quarter last year: that quarter has no numerator and denominator.",
        "Skilled share of the employed: up 15.00 percentage points since Q4 2023." + effects,
    ]
