"""What is said of a survey rate beside the regions above: sentences in full, their figures worked out beside them."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pandas as pd
import pytest
from bs4 import BeautifulSoup
from conftest import ledger
from views import Make, maker, quarterly

from laoyou.language import speaking
from laoyou.pages.reference_words import apart_words, name_of, reference_sentences, years_table
from laoyou.plan import Plan
from laoyou.view import View, open_view

RATE = "urban_unemployment_rate"
REFERENCES = ["330000", "100000"]


@pytest.fixture(scope="module")
def shipped() -> View:
    return open_view(region="330305", quarter="2026Q3", as_of="2026-10-31")


@pytest.fixture(scope="module")
def survey(shipped: View, one_row_plan: Callable[..., Plan], observe: Callable[..., pd.DataFrame]) -> Make:
    """Return a function that makes a view of a survey rate, lower being better, below 5."""
    make = maker(shipped, one_row_plan, observe)

    def survey(quarter: str, figures: dict[str, Any]) -> View:
        return make(quarter, figures, "survey_rate", "<5", better="lower", decimals=1)

    return survey


def test_a_region_is_the_whole_only_to_those_within_it(shipped: View) -> None:
    assert [name_of(shipped, code) for code in ("100000", "330000", "330300", "330305001")] == [
        "全国", "全省", "全市", "北岙街道",
    ]  # fmt: skip
    of_the_province = replace(shipped, region=shipped.regions["330000"])
    assert [name_of(of_the_province, code) for code in ("100000", "330000", "330300")] == [
        "全国", "浙江省", "温州市",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("ours", "said"),
    [
        (4.56, "比全省的 4.5% 高 0.1 个百分点"),
        (4.55, "与全省的 4.5% 分不出高低"),  # published to one decimal: anything from 4.45 to 4.55
        (4.5, "与全省的 4.5% 分不出高低"),
        (4.45, "与全省的 4.5% 分不出高低"),
        (4.44, "比全省的 4.5% 低 0.1 个百分点"),
    ],
)
def test_a_published_figure_is_no_nearer_than_its_decimals(ours: float, said: str) -> None:
    assert apart_words(ours, 4.5, "全省", 1) == said


def with_references(view: View, years: dict[str, dict[str, float]], id: str = "row") -> View:
    rows = [
        {
            "region": region,
            "indicator": id,
            "period": year,
            "value": value,
            "status": "published",
            "source": f"公报{year}",
        }
        for region, figures in years.items()
        for year, value in figures.items()
    ]
    return replace(view, observations=pd.concat([view.observations, ledger(rows)], ignore_index=True))


def test_only_the_same_year_is_compared(survey: Make) -> None:
    view = survey("2024Q3", quarterly("2023Q1", 4.8, 4.6, 4.5, 4.5, 4.7, 4.5, 4.4))
    view = with_references(view, {"330000": {"2022": 4.9, "2023": 4.4}, "100000": {"2022": 5.6}})
    # 2023: (4.8 + 4.6 + 4.5 + 4.5) ÷ 4 = 4.6
    assert reference_sentences(view, "row", REFERENCES) == [
        "2023 年全年平均 4.60%，比全省的 4.4% 高 0.2 个百分点。",
        "全国没有可比的年份：同一年两边都要有全年的数。",
    ]


def test_the_mean_of_part_of_a_year_is_not_compared_with_a_whole_one(survey: Make) -> None:
    view = survey("2024Q4", quarterly("2024Q1", 4.7, 4.5, 4.4))
    view = with_references(view, {"330000": {"2024": 4.5}})
    [told] = reference_sentences(view, "row", ["330000"])
    assert told == "全省没有可比的年份：同一年两边都要有全年的数。"


def test_a_later_year_that_is_not_out_yet_is_told(shipped: View) -> None:
    assert reference_sentences(shipped, RATE, REFERENCES) == [
        # (4.7 + 4.5 + 4.4 + 4.4) ÷ 4 = 4.5
        "2024 年全年平均 4.50%，与全省的 4.5% 分不出高低；2025 年全省的数台账里没有。",
        # (4.8 + 4.7 + 4.6 + 4.6) ÷ 4 = 4.675
        "2025 年全年平均 4.68%，比全国的 5.2% 低 0.5 个百分点。",
    ]


def test_the_table_holds_every_year_with_level_and_sources(shipped: View) -> None:
    soup = BeautifulSoup(years_table(shipped, RATE, REFERENCES), "html.parser")
    shown = soup.table
    rows = [[cell.get_text("·") for cell in row.find_all(["th", "td"])] for row in shown.select("tbody tr")]
    assert [row[0] for row in rows] == [
        "2023年·温州市（市级）测得", "2024年·温州市（市级）测得", "2025年·温州市（市级）测得", "2026年1—9月·温州市（市级）测得",
    ]  # fmt: skip
    assert rows[0][1:] == ["4.60", "<5", "−0.40", "4.6", "分不出", "5.2", "−0.6"]
    assert rows[2][1:] == ["4.68", "<5", "−0.32", "—", "—", "5.2", "−0.5"]
    assert rows[3][1:] == ["4.77", "<5", "−0.23", "—", "—", "—", "—"]
    assert "演示数据" in shown.caption.get_text()
    source = soup.select_one("p.source").get_text()
    assert "2024年浙江省国民经济和社会发展统计公报" in source
    assert "国家统计局" in source


def test_the_same_in_english(shipped: View) -> None:
    with speaking("en"):
        assert reference_sentences(shipped, RATE, REFERENCES) == [
            "The mean of 2024 is 4.50%, not distinguishable from the 4.5% of the province; "
            "the ledger has no figure of the province for 2025.",
            "The mean of 2025 is 4.68%, 0.5 percentage points below the 5.2% of the country.",
        ]
