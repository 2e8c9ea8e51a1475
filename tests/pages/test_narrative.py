"""Sentences in full, their figures worked out beside them; the shipped ones from the plan and the ledger's rows."""

import ast
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Any
from unittest.mock import MagicMock

import nbformat
import pandas as pd
import pytest
from workspaces import ROOT

from laoyou.language import speaking
from laoyou.ledger.file import MISSING
from laoyou.markup import escape, plain
from laoyou.pages import (
    change_tables,
    charts,
    fans,
    figures,
    keypoints,
    narrative,
    outlook_tables,
    reason_words,
    standing_words,
    tables,
    target_words,
)
from laoyou.plan import Plan
from laoyou.view import View, open_view

QUARTERS = [str(q) for q in pd.period_range("2023Q1", "2026Q3", freq="Q-DEC")]
WAGE, JOBS, PLACED = "minimum_wage_top_tier", "new_urban_jobs", "hard_to_employ_placements"
Make = Callable[..., View]


@pytest.fixture(scope="module")
def shipped_view() -> View:
    """The shipped data, as known when the last quarter of the sample had come in."""
    return open_view(region="330305", quarter="2026Q3", as_of="2026-10-31")


@pytest.fixture(scope="module")
def at(shipped_view: View) -> Callable[[str], View]:
    """Return a function that turns to another quarter of the shipped data."""
    views: dict[str, View] = {}

    def turn(quarter: str) -> View:
        return views.setdefault(quarter, replace(shipped_view, quarter=pd.Period(quarter, "Q-DEC")))

    return turn


@pytest.fixture(scope="module")
def one_row(
    shipped_view: View, one_row_plan: Callable[..., Plan], observe: Callable[..., pd.DataFrame]
) -> Make:
    """Return a function that makes a view of one indicator, ``row`` （某）， from its figures by period."""

    def make(
        quarter: str,
        figures: Mapping[str, Any],
        kind: str,
        *targets: str,
        region: str = "330305",
        **more: Any,
    ) -> View:
        plan = one_row_plan(kind, *targets, **more)
        seen = observe(figures, region=region)
        return replace(shipped_view, plan=plan, observations=seen, quarter=pd.Period(quarter, "Q-DEC"))

    return make


def cases(numerator: float, denominator: float) -> dict[str, float]:
    return {"numerator": numerator, "denominator": denominator}


def reason(view: View) -> str:
    return reason_words.reason(view, view.score("row"))


STEPS = ("3600", "5400", "7200", "9000", "10800")  # the cumulative row of the plan; 1800 a year
SHARES = ("27.5", "29.5", "31.5", "33.5", "35.5")
PATENTS = ("6.4", "8.1", "9.3", "10.4", "11.1")
TOTAL: dict[str, Any] = {"baseline": "1800", "decimals": 0, "cumulative_since": 2022}
UNKNOWN: dict[str, Any] = {"baseline": "——", "decimals": 0}
CEILING: dict[str, Any] = {"better": "lower", "decimals": 1}
WHOLE: dict[str, Any] = {"decimals": 0}
TENTHS: dict[str, Any] = {"decimals": 1}

LIKE_YEARS = {f"{year}Q{n}": x for year in (2024, 2025) for n, x in enumerate((100, 300, 600, 1000), 1)}

# light_reason: quarter, figures, kind, targets, more, sentence
SENTENCES: list[tuple[str, str, Mapping[str, Any], str, tuple[str, ...], dict[str, Any], str]] = [
    # 1095 / 1300 = 84.23 %, 75 % due by September.
    ("schedule_green", "2026Q3", {"2026Q3": 1095}, "annual_count", ("1300",), WHOLE,
     "2026年1—9月累计 1,095 件，完成全年目标的 84.2%（应完成 75%），快于时间进度 9.2 个百分点"),
    ("schedule_green", "2026Q1", {"2026Q1": 325}, "annual_count", ("1300",), WHOLE,
     "2026年1—3月累计 325 件，完成全年目标的 25.0%（应完成 25%），与时间进度持平"),
    ("schedule_green", "2026Q4", {"2026Q4": 1387}, "annual_count", ("1300",), WHOLE,
     "2026 年全年 1,387 件，完成全年目标的 106.7%"),
    # 2501 of 10000: a hundredth of a point ahead is not 0.0.
    ("schedule_green", "2026Q1", {"2026Q1": 2501}, "annual_count", ("10000",), WHOLE,
     "2026年1—3月累计 2,501 件，完成全年目标的 25.0%（应完成 25%），快于时间进度 0.01 个百分点"),
    ("schedule_watch", "2026Q3", {"2026Q3": 910}, "annual_count", ("1300",), WHOLE,
     "2026年1—9月累计 910 件，完成全年目标的 70.0%（应完成 75%），慢于时间进度 5.0 个百分点"),
    ("schedule_yellow", "2026Q3", {"2026Q3": 650}, "annual_count", ("1000",), WHOLE,
     "2026年1—9月累计 650 件，完成全年目标的 65.0%（应完成 75%），慢于时间进度 10.0 个百分点"),
    ("schedule_red", "2026Q3", {"2026Q3": 440}, "annual_count", ("1000",), WHOLE,
     "2026年1—9月累计 440 件，完成全年目标的 44.0%（应完成 75%），慢于时间进度 31.0 个百分点"),
    # A mean of 5: P(X <= 1) = 0.040, P(X <= 2) = 0.125; P(X <= 7) = 0.867, P(X <= 8) = 0.932.
    ("schedule_watch", "2026Q1", {"2026Q1": 4}, "annual_count", ("20",), WHOLE,
     "2026年1—3月累计 4 件，完成全年目标的 20.0%（应完成 25%），慢于时间进度 5.0 个百分点"
     "；按进度推进时偶然波动的 80% 范围是 2—8，仍在其中"),
    ("schedule_yellow", "2026Q1", {"2026Q1": 1}, "annual_count", ("20",), WHOLE,
     "2026年1—3月累计 1 件，完成全年目标的 5.0%（应完成 25%），慢于时间进度 20.0 个百分点"
     "；按进度推进时偶然波动的 80% 范围是 2—8，已在其外"),
    # 9999 of 10000 is not the whole, however it is rounded.
    ("schedule_watch", "2026Q4", {"2026Q4": 9999}, "annual_count", ("10000",), WHOLE,
     "2026 年全年 9,999 件，完成全年目标的 99.99%"),
    ("schedule_watch", "2026Q4", {"2026Q4": 201}, "annual_count", ("200",), {"better": "lower", "decimals": 0},
     "2026 年全年 201 件，用去全年上限的 100.5%"),
    # A profile of its own is named; 55 % done, 60 % due.
    ("schedule_watch", "2026Q3", {"2026Q3": 550}, "annual_count", ("1000",),
     {"decimals": 0, "profile": {"shares": [0.1, 0.3, 0.6, 1], "source": "某通知"}},
     "2026年1—9月累计 550 件，完成全年目标的 55.0%（应完成 60%，按某通知），慢于时间进度 5.0 个百分点"),
    # Two years of 100, 200, 300 and 400 a quarter: 0.25 - 0.15 x (1 - 3 / 400) = 10.1 % due; 7 - 10.1125 = -3.1.
    ("schedule_watch", "2026Q1", LIKE_YEARS | {"2026Q1": 70}, "annual_count", ("1000",), WHOLE,
     "2026年1—3月累计 70 件，完成全年目标的 7.0%（应完成 10.1%，按前 2 年各季占比），慢于往年进度 3.1 个百分点"),
    ("schedule_yellow", "2026Q1", LIKE_YEARS | {"2026Q1": 250}, "annual_count", ("1000",), {"better": "lower", "decimals": 0},
     "2026年1—3月累计 250 件，用去全年上限的 25.0%（往年同期 10.1%，按前 2 年各季占比），高于往年进度 14.9 个百分点"),
    # A ceiling on a count is used up, not completed: 25 / 200 = 12.5 %, with 25 % allowed by now.
    ("schedule_green", "2026Q1", {"2026Q1": 25}, "annual_count", ("200",), {"better": "lower", "decimals": 0},
     "2026年1—3月累计 25 件，用去全年上限的 12.5%（时间已过 25%），低于时间进度 12.5 个百分点"),
    ("schedule_yellow", "2026Q1", {"2026Q1": 90}, "annual_count", ("200",), {"better": "lower", "decimals": 0},
     "2026年1—3月累计 90 件，用去全年上限的 45.0%（时间已过 25%），高于时间进度 20.0 个百分点"),
    # 7200 + 0.75 x 1800 = 8550; 228 / 1800 = 12.67 %.
    ("path_green", "2026Q3", {"2026Q3": 8778}, "cumulative_count", STEPS, TOTAL,
     "累计 8,778 件，按进度应到 8,550 件，多 228 件，相当于本年任务的 12.7%"),
    ("path_green", "2026Q3", {"2026Q3": 8550}, "cumulative_count", STEPS, TOTAL,
     "累计 8,550 件，按进度应到 8,550 件，与之持平"),
    ("path_watch", "2026Q3", {"2026Q3": 8400}, "cumulative_count", STEPS, TOTAL,
     "累计 8,400 件，按进度应到 8,550 件，少 150 件，相当于本年任务的 8.3%"),
    ("path_yellow", "2026Q3", {"2026Q3": 8370}, "cumulative_count", STEPS, TOTAL,
     "累计 8,370 件，按进度应到 8,550 件，少 180 件，相当于本年任务的 10.0%"),
    ("path_red", "2026Q3", {"2026Q3": 8000}, "cumulative_count", STEPS, TOTAL,
     "累计 8,000 件，按进度应到 8,550 件，少 550 件，相当于本年任务的 30.6%"),
    # The same shares of 1000 a year: 3000 + 1000 x (0.75 - 0.15 x (1 - 3 / 400)) = 3601.125.
    ("path_green", "2026Q3", {q: x + 1000 * (int(q[:4]) - 2024) for q, x in LIKE_YEARS.items()} | {"2026Q3": 3700},
     "cumulative_count", ("1000", "2000", "3000", "4000", "5000"), {"decimals": 0, "cumulative_since": 2024},
     "累计 3,700 件，按前 2 年各季占比应到 3,601 件，多 99 件，相当于本年任务的 9.9%"),
    # Between rates a difference is in points: 31.5 + 0.75 x 2 = 33; 0.1 / 2 = 5 %.
    ("path_watch", "2026Q3", {"2026Q3": 32.9}, "stock_ratio", SHARES, {},
     "季末 32.90%，按进度应到 33.00%，低 0.10 个百分点，相当于本年任务的 5.0%"),
    # 6.4 + 0.5 x 1.7 = 7.25, which in one decimal would look like the 7.3 it is compared with; 0.05 / 1.7 = 2.9 %.
    ("path_green", "2024Q2", {"2024Q2": 7.3}, "stock", PATENTS, TENTHS,
     "季末 7.3 件，按进度应到 7.25 件，多 0.05 件，相当于本年任务的 2.9%"),
    # 2580 x 0.95 = 2451.
    ("level_green", "2026Q3", {"2026Q3": 2490}, "stock", ("2580左右",), WHOLE,
     "2,490 件，目标“2580左右”（按 ±5% 容差），在容差之内"),
    ("level_red", "2026Q3", {"2026Q3": 2490}, "stock", ("3000左右",), WHOLE,
     "2,490 件，目标“3000左右”（按 ±5% 容差），低 510 件，差 17.0%"),
    ("level_red", "2026Q3", {"2026Q3": 22}, "stock", ("20左右",), CEILING,
     "22.0 件，目标“20左右”（按 ±5% 容差），高 2.0 件，差 10.0%"),
    ("level_green", "2026Q3", {"2026Q3": 31}, "stock", ("30",), TENTHS, "31.0 件，比目标 30 件 高 1.0 件"),
    ("level_yellow", "2026Q3", {"2026Q3": 28.5}, "stock", ("30",), TENTHS, "28.5 件，比目标 30 件 低 1.5 件"),
    ("level_red", "2026Q3", {"2026Q3": 28}, "stock", ("30",), TENTHS, "28.0 件，比目标 30 件 低 2.0 件"),
    # A ceiling: 4.97 must not read 5.0 beside <5.
    ("rate_green", "2026Q1", {"2026Q1": 4.97}, "survey_rate", ("<5",), CEILING,
     "4.97%，比上限 <5% 低 0.03 个百分点"),
    ("rate_green", "2026Q2", {"2026Q1": 4.9, "2026Q2": 4.7}, "survey_rate", ("<5",), CEILING,
     "本年平均 4.8%，比上限 <5% 低 0.2 个百分点"),
    ("rate_yellow", "2026Q1", {"2026Q1": 5.0}, "survey_rate", ("<5",), CEILING, "5.0%，与上限 <5% 相等"),
    ("rate_red", "2026Q1", {"2026Q1": 6.1}, "survey_rate", ("<5",), CEILING,
     "6.1%，比上限 <5% 高 1.1 个百分点"),
    # A rate of cases without its counts has no interval.
    ("rate_green", "2026Q4", {"2026Q4": 93}, "case_rate", ("92",), TENTHS,
     "93.0%，比目标 92% 高 1.0 个百分点；没有分子分母，偶然能有多大说不准"),
    # Wilson's 80 % interval, z = 1.2816: 183/239 gives 72.9—79.9, 165/176 gives 91.0—95.7 (worked out by hand:
    # centre 0.93346, half width 0.02362), 244/258 gives 92.5—96.1, 128/150 gives 81.2—88.7.
    ("rate_with_interval_green", "2026Q4", {"2026Q4": cases(183, 239)}, "case_rate", ("65",), TENTHS,
     "76.6%，比目标 65% 高 11.6 个百分点（183/239）；80% 区间 72.9%—79.9%，整个区间都达到目标"),
    ("rate_with_interval_watch", "2026Q4", {"2026Q4": cases(165, 176)}, "case_rate", ("92",), TENTHS,
     "93.8%，比目标 92% 高 1.8 个百分点（165/176）；80% 区间 91.0%—95.7%，但个案少，区间下端在目标之外"),
    ("rate_with_interval_yellow", "2026Q4", {"2026Q4": cases(244, 258)}, "case_rate", ("95",), TENTHS,
     "94.6%，比目标 95% 低 0.4 个百分点（244/258）；80% 区间 92.5%—96.1%，区间够得着目标"),
    ("rate_with_interval_red", "2026Q4", {"2026Q4": cases(128, 150)}, "case_rate", ("92",), TENTHS,
     "85.3%，比目标 92% 低 6.7 个百分点（128/150）；80% 区间 81.2%—88.7%，整个区间都在目标之外"),
    # Before December the same quarter of earlier years is put beside a miss: 171 of 190 is 90 %, 190 of 200 is 95 %.
    ("rate_with_interval_red", "2026Q3", {"2025Q3": cases(171, 190), "2025Q4": cases(190, 200), "2026Q3": cases(128, 150)},
     "case_rate", ("92",), TENTHS,
     "85.3%，比目标 92% 低 6.7 个百分点（128/150）；80% 区间 81.2%—88.7%，整个区间都在目标之外"
     "；往年同季到年末（%）：2025 年 90.0 → 95.0"),
    ("rate_with_interval_watch", "2026Q3", {"2026Q3": cases(165, 176)}, "case_rate", ("92",), TENTHS,
     "93.8%，比目标 92% 高 1.8 个百分点（165/176）；80% 区间 91.0%—95.7%，但个案少，区间下端在目标之外，还说不准"),
    # Of a full register no interval reaches 100 % as a whole: 426 / (426 + 1.6424) = 99.6 %.
    ("rate_with_interval_green", "2026Q4", {"2026Q4": cases(426, 426)}, "case_rate", ("100",), TENTHS,
     "100.0%，与目标 100% 相等（426/426）；80% 区间 99.6%—100.0%，目标是全部，没有区间能整个达到，以率本身判定"),
    # 327/330 = 99.09 %: below 100, and so is its interval, yet within a point.
    ("rate_with_interval_yellow", "2026Q4", {"2026Q4": cases(327, 330)}, "case_rate", ("100",), TENTHS,
     "99.1%，比目标 100% 低 0.9 个百分点（327/330）；80% 区间 98.1%—99.6%，差距在 1 个百分点以内"),
    # The same counts seen from the other end: 11/176 = 6.25 %, interval 4.3—9.0.
    ("rate_with_interval_watch", "2026Q4", {"2026Q4": cases(11, 176)}, "case_rate", ("8",), CEILING,
     "6.3%，比上限 8% 低 1.8 个百分点（11/176）；80% 区间 4.3%—9.0%，但个案少，区间上端在目标之外"),
    ("rate_with_interval_yellow", "2026Q4", {"2026Q4": cases(11, 176)}, "case_rate", ("5",), CEILING,
     "6.3%，比上限 5% 高 1.3 个百分点（11/176）；80% 区间 4.3%—9.0%，区间够得着目标"),
    ("annual_only", "2026Q2", {}, "stock_ratio", (">60",), {"frequency": "year"}, "按年核定，年末再判"),
    ("annual_only", "2026Q2", {"2024Q4": 53, "2025Q4": 58.9}, "stock_ratio", (">50", ">50", ">60", ">80", "全覆盖"),
     {"frequency": "year", "decimals": 1}, "按年核定，年末再判；上次核定 2025 年 58.9%，当年目标 >60%"),
    ("annual_only", "2026Q2", {"2025": 59.96}, "stock_ratio", (">60",), {"frequency": "year", "decimals": 1},
     "按年核定，年末再判；上次核定 2025 年 59.96%，当年目标 >60%"),
    ("milestone", "2026Q4", {"2026Q4": 70}, "stock_ratio", ("开展试点",), {}, "目标是开展试点，以佐证判定，不打分"),
    ("no_numeric_target", "2026Q4", {"2026Q4": 70}, "stock", ("——",), {}, "本年目标栏没有可用的数"),
    ("unit_differs", "2026Q4", {"2026Q4": 70}, "annual_count", ("规上企业全覆盖",), {"unit": "人次"},
     "本年目标改为“规上企业全覆盖”，与本行的人次不是同一个量，需要覆盖率数据才能判定"),
    ("incomplete_year", "2026Q4", {"2026Q1": 4.9, "2026Q3": 4.8, "2026Q4": 4.7}, "survey_rate", ("<5",), CEILING,
     "全年应有四个季度的数，只有 3 个，不能取全年平均"),
    ("target_zero", "2026Q4", {"2026Q4": 3}, "annual_count", ("0",), WHOLE, "3 件，目标是 0，算不出完成的份额"),
    ("previous_target_unknown", "2023Q1", {"2023Q1": 5830}, "stock", ("6060", "6634", "7232", "7854", "8750"), UNKNOWN,
     "5,830 件，比目标 6,060 件 低 230 件；上年目标栏没有可用的数，年末前无法判断进度"),
    ("meets_target_already", "2023Q1", {"2023Q1": 6100}, "stock", ("6060", "6634", "7232", "7854", "8750"), UNKNOWN,
     "6,100 件，比目标 6,060 件 高 40 件；上年目标栏没有可用的数，不画进度线"),
    ("no_figure", "2026Q3", {"2026Q2": 70}, "stock", ("100",), {}, "本季没有数"),
    ("no_figure", "2026Q3", {"2026Q3": {"missing": "not_reported"}}, "stock", ("100",), {}, "本季没有数（未报）"),
    ("no_figure", "2026Q3", {"2026Q3": {"missing": "not_collected"}}, "stock", ("100",), {}, "本季没有数（未统计）"),
    ("no_figure", "2026Q3", {"2026Q3": {"missing": "not_applicable"}}, "stock", ("100",), {}, "本季没有数（不适用）"),
    ("no_figure", "2026Q3", {"2026Q3": {"missing": "suppressed"}}, "stock", ("100",), {},
     "本季没有数（为保护隐私不公布）"),
    ("no_figure", "2026Q3", {"2026Q3": {"missing": "below_unit"}}, "stock", ("100",), {}, "本季没有数（不足最小单位）"),
]  # fmt: skip


@pytest.mark.parametrize(("code", "quarter", "seen", "kind", "targets", "more", "sentence"), SENTENCES)
def test_each_light_is_explained_with_its_own_figures(
    code, quarter, seen, kind, targets, more, sentence, one_row
):
    view = one_row(quarter, seen, kind, *targets, **more)
    assert view.score("row").light_reason == code
    assert reason(view) == sentence


def test_the_table_above_has_every_code_that_a_light_can_have():
    bands = {"green", "watch", "yellow", "red"}
    possible = {f"{rule}_{light}" for rule in ("schedule", "path", "rate_with_interval") for light in bands}
    # A level is short or is not, and without an interval a rate that meets its target is not in doubt.
    possible |= {f"{rule}_{light}" for rule in ("level", "rate") for light in bands - {"watch"}}
    possible |= {
        "annual_only", "milestone", "no_numeric_target", "unit_differs", "incomplete_year", "no_figure", "target_zero",
        "previous_target_unknown", "meets_target_already",
    }  # fmt: skip
    assert {row[0] for row in SENTENCES} == possible
    assert {
        row[6].removeprefix("本季没有数").strip("（）") for row in SENTENCES if row[0] == "no_figure"
    } == {
        "",
        *MISSING.values(),
    }


@pytest.mark.parametrize("row", SENTENCES, ids=[f"{n}-{row[0]}" for n, row in enumerate(SENTENCES)])
def test_a_headline_is_short_true_and_names_the_indicator(row, one_row):
    _, quarter, seen, kind, targets, more, sentence = row
    view = one_row(quarter, seen, kind, *targets, **more)
    headline = narrative.headline(view, "row")
    assert headline.startswith("某")
    assert "nan" not in headline
    assert len(headline) < 60
    if view.score("row").light == "no_data":
        assert headline == f"某：{sentence}"


@pytest.mark.parametrize(
    ("quarter", "seen", "kind", "targets", "more", "headline"),
    [
        ("2026Q3", {"2026Q3": 1095}, "annual_count", ("1300",), WHOLE, "某 1,095 件，快于时间进度 9.2 个百分点"),
        ("2026Q4", {"2026Q4": 9999}, "annual_count", ("10000",), WHOLE, "某 9,999 件，完成全年目标的 99.99%"),
        ("2026Q1", {"2026Q1": 90}, "annual_count", ("200",), {"better": "lower", "decimals": 0},
         "某 90 件，高于时间进度 20.0 个百分点"),
        ("2026Q3", {"2026Q3": 8778}, "cumulative_count", STEPS, TOTAL, "某 8,778 件，多于进度线 228 件"),
        ("2026Q3", {"2026Q3": 8550}, "cumulative_count", STEPS, TOTAL, "某 8,550 件，正在进度线上"),
        ("2026Q3", {"2026Q3": 32.9}, "stock_ratio", SHARES, {}, "某 32.90%，低于进度线 0.10 个百分点"),
        ("2026Q3", {"2026Q3": 2490}, "stock", ("2580左右",), WHOLE, "某 2,490 件，在“2580左右”的容差之内"),
        ("2026Q3", {"2026Q3": 2490}, "stock", ("3000左右",), WHOLE, "某 2,490 件，比目标低 510 件"),
        ("2026Q1", {"2026Q1": 4.97}, "survey_rate", ("<5",), CEILING, "某 4.97%，比上限低 0.03 个百分点"),
        ("2026Q1", {"2026Q1": 5.0}, "survey_rate", ("<5",), CEILING, "某 5.0%，与上限相等"),
        ("2026Q2", {"2026Q1": 4.9, "2026Q2": 4.7}, "survey_rate", ("<5",), CEILING,
         "某本年平均 4.8%，比上限低 0.2 个百分点"),
        ("2026Q2", {}, "stock_ratio", (">60",), {"frequency": "year"}, "某按年核定，2026 年目标 >60%"),
    ],
)  # fmt: skip
def test_a_headline_says_where_the_figure_stands(quarter, seen, kind, targets, more, headline, one_row):
    assert narrative.headline(one_row(quarter, seen, kind, *targets, **more), "row") == headline


# --- The shipped data -------------------------------------------------------------------------------------------


def test_the_minimum_wage_of_2025_is_seventeen_percent_short_of_about_3000(at):
    # 3000 - 2490 = 510; 510 / 3000 = 17.0 %; in force since 1 January 2024.
    assert narrative.about_indicator(at("2025Q4"), WAGE)[0] == (
        "最低工资标准最高档：严重滞后。2,490 元/月，目标“3000左右”（按 ±5% 容差），低 510 元/月，差 17.0%"
        "（自2024年一季度起执行，未见新标准公布）。"
    )


def test_the_minimum_wage_of_2024_is_within_the_tolerance_of_about_2580(at):
    # 2580 x 0.95 = 2451 <= 2490.
    assert narrative.about_indicator(at("2024Q4"), WAGE)[0] == (
        "最低工资标准最高档：达进度。2,490 元/月，目标“2580左右”（按 ±5% 容差），在容差之内"
        "（自2024年一季度起执行，未见新标准公布）。"
    )


def test_a_standard_that_took_effect_this_quarter_is_not_called_old(at):
    assert "起执行" not in narrative.about_indicator(at("2024Q1"), WAGE)[0]
    assert "自2021年三季度起执行" in narrative.about_indicator(at("2023Q4"), WAGE)[0]


def test_a_standard_recorded_for_a_year_is_said_to_hold_since_that_year(one_row):
    view = one_row("2026Q3", {"2024": 2490}, "stock", "2580左右", holds_until_changed=True, decimals=0)
    assert reason(view).endswith("（自2024年起执行，未见新标准公布）")


def test_new_urban_jobs_of_2026_in_full(at):
    # Ledger: 1,095 by September 2026, 1,110 a year before. 1300 - 1095 = 205. By September 2022 to 2025 79.8, 84.1, 81.6 and
    # 80.0 % of the year were done, 81.4 on average, shrunk towards 75 by a twentieth: 81.1.
    assert narrative.about_indicator(at("2026Q3"), JOBS) == [
        "城镇新增就业人数：达进度。2026年1—9月累计 1,095 人，完成全年目标的 84.2%（应完成 81.1%，按前 4 年各季占比），快于往年进度 3.2 个百分点。",
        "城镇新增就业人数比上年同期少 15 人；余下 1 个季度还差 205 人。",
    ]


def test_a_rate_measured_in_the_city_says_so(at):
    view = at("2026Q3")
    row = view.score("urban_unemployment_rate")
    assert standing_words.measured_elsewhere(view, row) == "温州市的数，市级测得"
    assert "温州市的数，市级测得" in reason_words.reason(view, row)


def test_a_figure_of_this_region_or_one_set_above_says_nothing_of_where_it_was_measured(at):
    view = at("2026Q3")
    assert standing_words.measured_elsewhere(view, view.score(JOBS)) == ""
    assert (
        standing_words.measured_elsewhere(view, view.score(WAGE)) == ""
    )  # the province's own, and said elsewhere


def test_the_change_of_the_target_of_2027_is_put_in_words(at):
    assert narrative.headline(at("2027Q1"), "coordinators_trained") == (
        "培训劳动关系协调员人次数：本年目标改为“规上企业全覆盖”，与本行的人次不是同一个量，需要覆盖率数据才能判定"
    )


def test_a_rate_per_ten_thousand_says_how_far_one_case_moves_it(at):
    # 10,000 / 161,700 = 0.06184
    assert reason_words.smallest_step(at("2026Q3"), "high_value_patents_per_10k") == (
        "按 2024 年末常住人口 161,700 人，每一件移动 0.06"
    )
    assert reason_words.smallest_step(at("2026Q3"), JOBS) == ""
    assert reason_words.smallest_step(at("2024Q3"), "high_value_patents_per_10k") == ""  # 2024 is not over


def test_no_step_is_given_for_a_figure_that_is_not_there(at):
    assert reason_words.smallest_step(at("2027Q1"), "high_value_patents_per_10k") == ""


# --- Compared with last year and with the baseline --------------------------------------------------------------


@pytest.mark.parametrize(
    ("seen", "kind", "more", "words"),
    [
        ({"2025Q3": 50, "2026Q3": 53}, "annual_count", WHOLE, "比上年同期升 3 件"),
        ({"2025Q3": 50, "2026Q3": 53}, "annual_count", {"decimals": 0, "unit": "人"}, "比上年同期多 3 人"),
        ({"2025Q3": 53, "2026Q3": 50}, "annual_count", {"decimals": 0, "unit": "人"}, "比上年同期少 3 人"),
        ({"2025Q3": 94.0, "2026Q3": 93.7}, "case_rate", TENTHS, "比上年同期降 0.3 个百分点"),
        ({"2025Q3": 94.04, "2026Q3": 94.0}, "case_rate", TENTHS, "与上年同期持平"),  # 0.0 as printed
        ({"2025Q3": 94.05, "2026Q3": 94.0}, "case_rate", TENTHS, "比上年同期降 0.1 个百分点"),  # half up
        ({"2025Q3": 4.9, "2026Q1": 4.8, "2026Q2": 4.8, "2026Q3": 4.6}, "survey_rate", CEILING,
         "本季比上年同期降 0.3 个百分点"),  # what is judged is the mean, what is compared the quarter
        ({"2025Q3": 50, "2026Q3": {"value": 53, "series_break": "新口径"}}, "stock", WHOLE,
         "与上年同期之间口径有调整，不作同比"),
        ({"2025Q3": 50, "2026Q1": {"value": 9, "series_break": "新口径"}, "2026Q3": 53}, "stock", WHOLE,
         "与上年同期之间口径有调整，不作同比"),
        ({"2025Q3": {"value": 50, "series_break": "新口径"}, "2026Q3": 53}, "stock", WHOLE, "比上年同期升 3 件"),
        ({"2025Q2": 50, "2026Q3": 53}, "stock", WHOLE, ""),
        ({"2025Q3": {"missing": "not_reported"}, "2026Q3": 53}, "stock", WHOLE, ""),
        ({"2025Q3": 50, "2026Q3": {"missing": "not_reported"}}, "stock", WHOLE, ""),
        ({"2025Q3": 50, "2026Q2": 53}, "stock", WHOLE, ""),
        ({}, "stock", WHOLE, ""),
    ],
)  # fmt: skip
def test_a_year_ago_is_compared_only_where_it_can_be(seen, kind, more, words, one_row):
    target = "<5" if kind == "survey_rate" else "90"
    assert narrative.year_on_year(one_row("2026Q3", seen, kind, target, **more), "row") == words


def test_a_cumulative_count_tells_of_its_own_year_instead(one_row):
    # 8778 - 7170 = 1608 since January; 9000 - 7200 = 1800 to do.
    seen = {"2025Q3": 6700, "2025Q4": 7170, "2026Q3": 8778}
    view = one_row("2026Q3", seen, "cumulative_count", *STEPS, **TOTAL)
    assert narrative.year_on_year(view, "row") == "本年新增 1,608 件，全年任务 1,800 件"


def test_an_own_year_that_cannot_be_worked_out_is_not_told(one_row):
    view = one_row("2026Q3", {"2025Q3": 6700, "2026Q3": 8778}, "cumulative_count", *STEPS, **TOTAL)
    assert narrative.year_on_year(view, "row") == ""


def test_the_changed_definition_of_2025_is_named_as_the_reason_for_no_comparison(at):
    assert "与上年同期之间口径有调整，不作同比" in narrative.about_indicator(at("2025Q4"), PLACED)[1]
    assert "不与 2022 年相比" in narrative.about_indicator(at("2025Q4"), PLACED)[1]
    assert (
        "比上年同期少 2 人" in narrative.about_indicator(at("2026Q3"), PLACED)[1]
    )  # 55 and 53, both on the new one


@pytest.mark.parametrize(
    ("quarter", "kind", "value", "more", "words"),
    [
        ("2026Q3", "stock", 130, WHOLE, "比 2022 年的 100 件高 30 件"),
        ("2026Q3", "stock", 100, WHOLE, "与 2022 年的 100 件 持平"),
        ("2026Q3", "stock_ratio", 98.2, TENTHS, "比 2022 年的 100.0% 低 1.8 个百分点"),
        ("2026Q4", "annual_count", 90, WHOLE, "比 2022 年的 100 件低 10 件"),
        ("2026Q3", "annual_count", 90, WHOLE, ""),  # nine months beside twelve
        ("2026Q3", "case_rate", 90, TENTHS, ""),
        ("2026Q4", "case_rate", 90, TENTHS, "比 2022 年的 100.0% 低 10.0 个百分点"),
        ("2026Q3", "cumulative_count", 900, WHOLE, ""),  # only rises
        ("2026Q3", "stock", 130, {"decimals": 0, "baseline_suspect": True}, ""),
        ("2026Q3", "stock", 130, {"decimals": 0, "baseline": "——"}, ""),
        ("2026Q3", "stock", 130, {"decimals": 0, "baseline": "开展试点"}, ""),
        ("2026Q3", "stock", {"value": 130, "series_break": "新口径"}, WHOLE, "口径有调整，不与 2022 年相比"),
        ("2026Q3", "stock", {"missing": "not_reported"}, WHOLE, ""),
    ],
)
def test_the_baseline_is_compared_only_where_it_is_sound(quarter, kind, value, more, words, one_row):
    assert narrative.since_baseline(one_row(quarter, {quarter: value}, kind, "80", **more), "row") == words


def test_the_doubtful_baseline_of_the_skilled_is_never_compared_with(at):
    for quarter in QUARTERS:
        assert narrative.since_baseline(at(quarter), "skilled_workers") == ""
        assert "1,900" not in "".join(narrative.about_indicator(at(quarter), "skilled_workers"))


# --- What is still needed ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("quarter", "value", "kind", "target", "more", "words"),
    [
        ("2026Q3", 1095, "annual_count", "1300", WHOLE, "余下 1 个季度还差 205 件"),
        ("2026Q2", 869, "annual_count", "1300", WHOLE, "余下 2 个季度还差 431 件，平均每季 216 件"),  # 215.5
        ("2026Q1", 400, "annual_count", "1300", WHOLE, "余下 3 个季度还差 900 件，平均每季 300 件"),
        ("2026Q3", 1300, "annual_count", "1300", WHOLE, ""),
        ("2026Q4", 1095, "annual_count", "1300", WHOLE, ""),  # no quarter is left
        # 33.5 - 32.9 = 0.6; over two quarters 0.3 points each, never per cent.
        ("2026Q3", 32.9, "stock_ratio", "33.5", TENTHS, "余下 1 个季度还要提高 0.6 个百分点"),
        ("2026Q2", 32.9, "stock_ratio", "33.5", TENTHS, "余下 2 个季度还要提高 0.6 个百分点，平均每季 0.3 个百分点"),
        # 0.955 x 206 = 196.73; 196.73 - 193 = 3.73, and no case is closed by three quarters.
        ("2026Q3", cases(193, 206), "case_rate", "95.5", TENTHS, "按现有 206 件分母，还要再办成 4 件才到 95.5%"),
        ("2026Q3", cases(186, 200), "case_rate", "95", TENTHS, "按现有 200 件分母，还要再办成 4 件才到 95%"),  # 190 - 186
        # 0.55 x 100 is 55.00000000000001 in binary, which asks for no sixth case.
        ("2026Q3", cases(50, 100), "case_rate", "55", TENTHS, "按现有 100 件分母，还要再办成 5 件才到 55%"),
        ("2026Q3", cases(327, 330), "case_rate", "100", TENTHS, "按现有 330 件分母，还要再办成 3 件才到 100%"),
        ("2026Q3", cases(189, 200), "case_rate", "94.5", TENTHS, ""),  # 189.0 of 189
        ("2026Q3", 90, "case_rate", "92", TENTHS, "余下 1 个季度还要提高 2.0 个百分点"),  # the counts are not known
        ("2026Q3", 2490, "stock", "3000左右", WHOLE, "余下 1 个季度还差 510 件"),
        ("2026Q3", 2490, "stock", "2580左右", WHOLE, ""),  # already within what 左右 allows
        ("2026Q3", 6.1, "survey_rate", "<5", CEILING, ""),  # a ceiling is not worked off
        ("2026Q3", {"missing": "not_reported"}, "annual_count", "1300", WHOLE, ""),
        ("2026Q3", 100, "annual_count", "规上企业全覆盖", WHOLE, ""),
    ],
)  # fmt: skip
def test_what_is_still_needed_is_plain_arithmetic(quarter, value, kind, target, more, words, one_row):
    assert narrative.still_needed(one_row(quarter, {quarter: value}, kind, target, **more), "row") == words


def test_a_standard_set_above_is_no_task_of_the_district(at):
    assert narrative.still_needed(at("2026Q3"), WAGE) == "由浙江省制定，区里无法自行达到"
    assert narrative.still_needed(at("2024Q3"), WAGE) == ""  # within the tolerance: nothing is lacking


# --- Verdict and momentum ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("quarter", "seen", "kind", "target", "words"),
    [
        ("2026Q3", {"2026Q3": 90}, "annual_count", "100", "本年尚未结束"),
        ("2026Q3", {"2026Q3": 100}, "annual_count", "100", "计数已超过全年目标"),
        ("2026Q4", {"2026Q4": 100}, "annual_count", "100", "达到本年目标"),
        ("2026Q4", {"2026Q4": 99}, "annual_count", "100", "未达到本年目标"),
        ("2026Q4", {"2026Q4": 99}, "annual_count", "规上企业全覆盖", "目标与本行单位不同"),
        ("2026Q4", {"2026Q4": 99}, "stock", "开展试点", "目标是开展试点"),
        ("2026Q4", {"2026Q4": 99}, "stock", "——", "目标栏没有可用的数"),
        ("2026Q4", {"2026Q3": 4, "2026Q4": 4}, "survey_rate", "100", "全年数据不全"),
        ("2026Q4", {"2026Q3": 4}, "annual_count", "100", "没有数"),
    ],
)
def test_each_verdict_has_its_few_words(quarter, seen, kind, target, words, one_row):
    assert narrative.verdict_reason(one_row(quarter, seen, kind, target).score("row")) == words


def series(*values: float | None, end: str = "2026Q3", step: int = 1) -> dict[str, float]:
    """Return figures by quarter, the last one at ``end``; None leaves a quarter out."""
    last = pd.Period(end, "Q-DEC")
    return {str(last - step * (len(values) - 1 - n)): v for n, v in enumerate(values) if v is not None}


@pytest.mark.parametrize(
    ("seen", "kind", "target", "more", "sentence"),
    [
        # (33 - 30) / 3 = 1 point a quarter.
        (series(30, 31, 32, 33), "stock_ratio", "35", TENTHS, "势头：向好，平均每期环比升 1.0 个百分点。"),
        (series(33, 32, 31, 30), "stock", "35", WHOLE, "势头：走弱，平均每期环比降 1.0 件。"),
        (
            series(5.2, 5.0, 4.8, 4.6),
            "survey_rate",
            "<5",
            CEILING,
            "势头：向好，平均每期环比降 0.2 个百分点。",
        ),
        # Seasonal kinds are compared year on year: (90 - 60) / 3.
        (
            series(60, 70, 80, 90, step=4),
            "annual_count",
            "100",
            WHOLE,
            "势头：向好，平均每期同比升 10.0 件。",
        ),
        (series(30, 30, 30, 30), "stock", "35", WHOLE, "势头：持平，环比没有变化。"),
        (series(4.9, 4.7, 4.8, 4.9), "survey_rate", "<5", CEILING, "势头：持平，环比没有变化。"),
        (series(100, 100, 100, 101), "stock", "100", WHOLE, "势头：持平，平均每期环比升 0.3 件。"),
        (series(30, 30, 30), "stock", "35", WHOLE, "势头：看不出，可比的点不够。"),
        (series(30, 31, 32, 33, None), "stock", "35", WHOLE, "势头：看不出，本季没有数。"),
        (series(30, 31, 32, 33), "stock", "——", WHOLE, "势头：看不出，本年目标栏没有可用的数。"),
    ],
)
def test_momentum_says_what_it_rests_on(seen, kind, target, more, sentence, one_row):
    assert narrative.momentum_sentence(one_row("2026Q3", seen, kind, target, **more), "row") == sentence


def test_momentum_across_a_break_says_so(at, one_row):
    seen: dict[str, Any] = dict(series(30, 31, 32, 33))
    seen["2026Q2"] = {"value": 32, "series_break": "新口径"}
    view = one_row("2026Q3", seen, "stock", "35", **WHOLE)
    assert narrative.momentum_sentence(view, "row") == "势头：看不出，口径调整后可比的点不够。"
    assert narrative.momentum_sentence(at("2026Q3"), PLACED) == "势头：看不出，口径调整后可比的点不够。"


# --- Target cells -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("cell", "unit", "words"),
    [
        ("1300", "人", "1,300 人"),
        ("2580左右", "元/月", "2,580 元/月左右"),
        ("25000以上", "人", "25,000 人以上"),
        ("<5", "%", "<5%"),
        (">30", "%", ">30%"),
        ("94.5", "%", "94.5%"),
        ("全覆盖", "%", "全覆盖"),
        ("规上企业全覆盖", "人次", "规上企业全覆盖"),
        ("——", "人", "——"),
    ],
)
def test_a_target_is_shown_with_its_unit(cell, unit, words):
    assert target_words.cell_shown(cell, unit) == words


@pytest.mark.parametrize(
    ("cell", "unit", "words"),
    [
        ("2580左右", "元/月", "about 2,580 yuan a month"),
        ("1300", "人", "1,300 people"),
        ("1", "人", "1 person"),
        ("1以上", "家", "at least 1 establishment"),
        ("25000以上", "人", "at least 25,000 people"),
        ("25000以上", "", "at least 25,000"),
        ("<5", "%", "<5%"),
        ("\uff1c5", "%", "<5%"),  # the print's full-width sign
        (">30", "%", ">30%"),
        ("≥95", "%", "at least 95%"),
        ("≤5", "件", "≤5 items"),
        ("94.5", "%", "94.5%"),
        ("全覆盖", "%", "full coverage"),
        ("规上企业全覆盖", "人次", "full coverage of above-scale firms"),
        ("开展试点", "%", "pilot"),
        ("——", "人", "—"),
    ],
)
def test_a_target_in_english_says_what_the_print_asks_for(cell, unit, words):
    with speaking("en"):
        assert target_words.cell_shown(cell, unit) == words


# --- In English -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("quarter", "seen", "kind", "targets", "more", "sentence"),
    [
        # 1095 / 1300 = 84.23 %, 75 % due by September.
        ("2026Q3", {"2026Q3": 1095}, "annual_count", ("1300",), WHOLE,
         "1,095 items in January–September 2026, 84.2% of the year's target (due 75%),"
         " 9.2 percentage points ahead of even pace"),
        ("2026Q1", {"2026Q1": 1}, "annual_count", ("20",), WHOLE,
         "1 item in January–March 2026, 5.0% of the year's target (due 25%), 20.0 percentage points behind even pace;"
         " on pace, chance alone would give 2–8 (80% range), and the figure is outside that"),
        ("2026Q4", {"2026Q4": 201}, "annual_count", ("200",), {"better": "lower", "decimals": 0},
         "201 items in 2026 as a whole, 100.5% of the year's ceiling used"),
        ("2026Q1", {"2026Q1": 90}, "annual_count", ("200",), {"better": "lower", "decimals": 0},
         "90 items in January–March 2026, 45.0% of the year's ceiling used (time gone 25%),"
         " 20.0 percentage points above even pace"),
        ("2026Q1", LIKE_YEARS | {"2026Q1": 70}, "annual_count", ("1000",), WHOLE,
         "70 items in January–March 2026, 7.0% of the year's target (due 10.1%, by the quarterly shares of the 2 years"
         " before), 3.1 percentage points behind the pace of earlier years"),
        ("2026Q3", {"2026Q3": 8551}, "cumulative_count", STEPS, TOTAL,  # 1 / 1800 = 0.06 %
         "8,551 items in total, 8,550 items due by now: 1 item above that, or 0.1% of this year's step"),
        ("2026Q3", {"2026Q3": 8550}, "cumulative_count", STEPS, TOTAL,
         "8,550 items in total, 8,550 items due by now, exactly reached"),
        ("2026Q3", {"2026Q3": 32.9}, "stock_ratio", SHARES, {},
         "32.90% at the end of the quarter, 33.00% due by now: 0.10 percentage points below that,"
         " or 5.0% of this year's step"),
        ("2026Q3", {"2026Q3": 2490}, "stock", ("3000左右",), WHOLE,
         "2,490 items, target about 3,000 (taken as ±5%), 510 items too low, off by 17.0%"),
        ("2026Q2", {"2026Q1": 4.9, "2026Q2": 4.7}, "survey_rate", ("<5",), CEILING,
         "4.8% on average this year, 0.2 percentage points below the ceiling of <5%"),
        ("2026Q1", {"2026Q1": 5.0}, "survey_rate", ("<5",), CEILING, "5.0%, equal to the ceiling of <5%"),
        ("2026Q4", {"2026Q4": cases(165, 176)}, "case_rate", ("92",), TENTHS,
         "93.8%, 1.8 percentage points above the target of 92%; 165 of 176; 80% interval 91.0–95.7%: cases are few,"
         " and its lower end misses the target"),
        ("2026Q4", {"2026Q4": cases(327, 330)}, "case_rate", ("100",), TENTHS,
         "99.1%, 0.9 percentage points below the target of 100%; 327 of 330; 80% interval 98.1–99.6%: the gap is within"
         " 1 percentage point"),
        ("2026Q2", {"2024Q4": 53, "2025Q4": 58.9}, "stock_ratio", (">50", ">50", ">60", ">80", "全覆盖"),
         {"frequency": "year", "decimals": 1},
         "confirmed once a year, judged at year-end; last confirmed: 58.9% in 2025, against that year's target of >60%"),
        ("2026Q4", {"2026Q4": 70}, "annual_count", ("规上企业全覆盖",), {"unit": "人次"},
         "this year's target becomes full coverage of above-scale firms, which is not counted in participations as the"
         " row is; a coverage rate is needed to judge it"),
        ("2026Q4", {"2026Q1": 4.9}, "survey_rate", ("<5",), CEILING,
         "only 1 of the year's four quarters has a figure, so there is no mean of the year"),
        ("2026Q4", {"2026Q1": 4.9, "2026Q2": 4.9}, "survey_rate", ("<5",), CEILING,
         "only 2 of the year's four quarters have a figure, so there is no mean of the year"),
        ("2026Q3", {"2026Q3": {"missing": "not_reported"}}, "stock", ("100",), {},
         "no figure this quarter (not reported)"),
    ],
)  # fmt: skip
def test_a_light_is_explained_in_english(quarter, seen, kind, targets, more, sentence, one_row):
    with speaking("en"):
        assert reason(one_row(quarter, seen, kind, *targets, **more)) == sentence


@pytest.mark.parametrize(
    ("quarter", "seen", "sentences"),
    [
        # 1300 - 910 = 390 in one quarter; 910 - 911 = -1.
        ("2026Q3", {"2025Q3": 911, "2026Q3": 910},
         ["Something: Watch. 910 items in January–September 2026, 70.0% of the year's target (due 75%),"
          " 5.0 percentage points behind even pace.",
          "Something: 1 item lower than a year earlier; 390 items still to go in the quarter left."]),
        # 1300 - 600 = 700 in two quarters.
        ("2026Q2", {"2025Q2": 600, "2026Q2": 600},
         ["Something: Watch. 600 items in January–June 2026, 46.2% of the year's target (due 50%),"
          " 3.8 percentage points behind even pace.",
          "Something: level with a year earlier; 700 items still to go in the 2 quarters left,"
          " on average 350 items a quarter."]),
    ],
)  # fmt: skip
def test_what_is_still_needed_is_said_in_english(quarter, seen, sentences, one_row):
    view = one_row(quarter, seen, "annual_count", "1300", **WHOLE)
    name = view.plan.indicators["row"].name.en
    with speaking("en"):
        assert narrative.about_indicator(view, "row") == [s.replace("Something", name) for s in sentences]


# --- Every quarter ----------------------------------------------------------------------------------------------


def subjects() -> list[tuple[str, ...]]:
    """Return the indicators that each shipped notebook opens with."""
    found = []
    for file in sorted((ROOT / "notebooks").glob("*.ipynb")):
        for cell in nbformat.read(file, as_version=4).cells:
            calls = ast.walk(ast.parse(cell.source)) if cell.cell_type == "code" else []
            for call in calls:
                if isinstance(call, ast.Call) and ast.unparse(call.func) == "ly.opening":
                    found.append(tuple(a.value for a in call.args if isinstance(a, ast.Constant)))
    return found


SUBJECTS = subjects()


@pytest.fixture(scope="module")
def undrawn() -> Iterator[None]:
    """Leave out the drawing itself, which ``test_charts`` looks at; what is written on it stays."""

    def blank() -> tuple[MagicMock, MagicMock]:
        axes = MagicMock()
        axes.get_ylim.return_value, axes.get_yticks.return_value = (0.0, 1.0), [0.0, 1.0]
        return MagicMock(axes=[axes]), axes

    def words(drawing: MagicMock, title: str, description: str) -> str:
        written = [str(call.args[0]) for axes in drawing.axes for call in axes.annotate.call_args_list]
        return " ".join([title, description, *map(escape, written)])

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(charts, "canvas", blank)
        patch.setattr(charts, "clear_words", lambda drawing, axes: None)
        patch.setattr(fans, "name_fan", lambda drawing, axes, fan: None)
        patch.setattr(figures, "to_svg", words)
        yield


def no_gap_in(html: str) -> None:
    text = plain(html)
    assert not re.search(r"\bnan\b|NaN|None|NaT|<NA>|inf\b", text)
    assert "Traceback" not in text


def test_the_notebooks_open_with_every_indicator_but_for_the_overview_and_the_plan():
    assert len(SUBJECTS) == 6  # arrears, methods, supervision and the plan have heads of their own
    assert SUBJECTS.count(()) == 1


@pytest.mark.parametrize("quarter", [*QUARTERS, "2027Q1", "2027Q4"])
def test_every_quarter_of_the_plan_can_be_told(quarter, at, undrawn):
    view = at(quarter)
    for ids in SUBJECTS:
        head = keypoints.opening(view, *ids)
        no_gap_in(head.html)
        assert 3 <= head.html.count("<li>") <= 5, ids
    assert 3 <= keypoints.plan_opening(view).html.count("<li>") <= 5
    for part in (
        tables.scorecard, tables.by_unit, tables.commitments, change_tables.changes, outlook_tables.chances,
        keypoints.closing,
    ):  # fmt: skip
        no_gap_in(part(view).html)
    for id in view.plan.indicators:
        no_gap_in(charts.series(view, id).html)
        for sentence in (*narrative.about_indicator(view, id), narrative.momentum_sentence(view, id)):
            assert sentence.endswith("。")
            assert "。。" not in sentence
            assert "；。" not in sentence
            assert "——人" not in sentence
            assert "— " not in sentence  # a missing figure has no place in a sentence
            no_gap_in(sentence)
