"""Sentences on small lists of cases whose medians and means are counted by hand."""

import math

import pandas as pd
import pytest
from bs4 import BeautifulSoup
from case_lists import TOLD, cases_of, done, times

from laoyou.cases.survival import Estimate, LogRank
from laoyou.language import speaking
from laoyou.pages.duration_words import duration_point, interval_words, log_rank_words, time_to_resolution

nan = math.nan
OPEN = {"opened": "2026-07-01"}


def test_half_is_said_to_be_resolved_only_where_the_curve_comes_down_to_it() -> None:
    assert duration_point(cases_of([])) == "2025-01-01 以来没有受理的线索，化解要多久看不出。"
    text = duration_point(cases_of(times(5, OPEN)))
    assert text == "2025-01-01 以来受理的 5 件，到季末化解了 0 件，估计的化解比重还没有到一半，中位数给不出。"
    below = duration_point(cases_of([*times(4, done(10)), *times(5, OPEN)]))
    assert "还没有到一半" in below
    reached = duration_point(cases_of([*times(5, done(10)), *times(5, OPEN)]))
    assert "受理的 10 件，到季末化解了 5 件，估计一半在 10 天内化解" in reached


def test_one_case_alone_has_a_median_without_an_interval() -> None:
    text = duration_point(cases_of([done(7)]))
    assert "受理的 1 件，到季末化解了 1 件，估计一半在 7 天内化解（95% 区间给不出）" in text


def test_a_case_closed_after_the_quarter_was_then_open() -> None:
    assert "到季末化解了 0 件" in duration_point(cases_of([done(92)]))  # 2026-10-01
    assert "到季末化解了 1 件" in duration_point(cases_of([done(91)]))  # 2026-09-30


@pytest.mark.parametrize(
    ("half", "said"),
    [
        (Estimate(23, 19, 28), "95% 区间 19—28 天"),
        (Estimate(23, 19, nan), "95% 区间从 19 天起，上端给不出"),
        (Estimate(7, nan, nan), "95% 区间给不出"),
    ],
)
def test_an_interval_is_told_as_far_as_it_is_known(half: Estimate, said: str) -> None:
    assert interval_words(half, 0.95) == said


def logrank(p: float, *expected: float, df: int = 1) -> LogRank:
    return LogRank(pd.DataFrame({"expected": expected}), 3.84, df, p)


@pytest.mark.parametrize(
    ("p", "said", "verdict"),
    [
        (0.0004, "p 小于 0.001", "超出偶然范围，"),
        (0.001, "p = 0.001", "超出偶然范围，"),
        (0.0499996, "p = 0.0499996", "超出偶然范围，"),
        (0.05, "p = 0.050", "没有超出偶然范围；"),
        (0.7591, "p = 0.759", "没有超出偶然范围；"),
    ],
)
def test_a_test_is_told_by_its_p_against_the_level(p: float, said: str, verdict: str) -> None:
    text = log_rank_words(logrank(p, 20, 30), "行业", 0.95, 5)
    assert f"χ² = 3.84，自由度 1，{said}，按 5% 判断，{verdict}" in text
    assert "粗略" not in text


def test_no_difference_found_is_not_called_proof_of_none() -> None:
    assert "不等于证明各组一样快" in log_rank_words(logrank(0.7, 20, 30), "行业", 0.95, 5)
    assert "为什么，检验不回答" in log_rank_words(logrank(0.01, 20, 30), "行业", 0.95, 5)


def test_a_test_on_few_expected_is_called_rough() -> None:
    assert "p 值是粗略的" not in log_rank_words(logrank(0.7, 5.0, 30), "行业", 0.95, 5)
    assert "有的组期望化解数不到 5 件，p 值是粗略的。" in log_rank_words(
        logrank(0.7, 4.99, 30), "行业", 0.95, 5
    )


def test_one_group_is_not_tested() -> None:
    assert log_rank_words(logrank(nan, df=0), "行业", 0.95, 5) == "分行业没有可比的组，不作检验。"


def test_a_share_reads_100_per_cent_only_where_all_are_resolved() -> None:
    # 400 of 401 within 10 days, the last one within 100: 99.75 % after 30 days, all after 120
    rows = [*times(400, done(10, "2026-01-01")), done(100, "2026-01-01")]
    html = time_to_resolution(cases_of(rows, told=frozenset())).html
    rows_shown = BeautifulSoup(html, "html.parser").select("figure tbody tr")
    shares = {row.th.get_text(): row.td.get_text() for row in rows_shown}
    assert (shares["30 天"], shares["90 天"], shares["120 天"]) == ("99.8%", "99.8%", "100%")


TWO = [*times(8, done(10, industry="construction")), *times(8, done(20, industry="manufacturing"))]


def test_the_page_tells_each_group_in_the_platforms_words() -> None:
    html = time_to_resolution(cases_of(TWO)).html
    assert ">建筑业（8 件）<" in html
    assert ">制造业（8 件）<" in html
    # All of one take 10 days, all of the other 20: nothing varies within, so that neither has an interval.
    assert "行业之间化解快慢的差别超出偶然范围" in html
    assert (
        "这里做了 2 次检验：即使哪里都没有差别，也可能碰巧有一次“超出偶然范围”，这种可能合起来不超过 10%。"
        in html
    )


def test_a_difference_beyond_chance_is_among_the_key_points() -> None:
    # 16 cases, half of them within 10 days; all of one industry come before all of the other
    assert duration_point(cases_of(TWO)).endswith("；行业之间快慢的差别超出偶然范围（p 小于 0.001）。")
    alike = [*times(8, done(10, industry="construction")), *times(8, done(10, industry="manufacturing"))]
    assert "超出" not in duration_point(cases_of(alike))


def test_the_mean_and_its_margin_are_those_of_the_days() -> None:
    # 5 cases of 10 and 5 of 20 days, all closed by day 180: mean 15, standard error 5 / √10, 1.96 of them 3.1
    rows = [*times(5, done(10, "2026-01-01")), *times(5, done(20, "2026-01-01"))]
    html = time_to_resolution(cases_of(rows, told=frozenset())).html
    assert "15.0 ± 3.1" in html
    assert "分行业" not in html


def test_the_level_of_the_rules_makes_the_margin() -> None:
    cases = cases_of([*times(5, done(10, "2026-01-01")), *times(5, done(20, "2026-01-01"))], told=frozenset())
    arrears = cases.view.rules.arrears.model_copy(update={"interval_level": 0.8})
    object.__setattr__(cases.view, "rules", cases.view.rules.model_copy(update={"arrears": arrears}))
    assert "15.0 ± 2.0" in time_to_resolution(cases).html  # 1.2816 · 5 / √10


def test_an_incomplete_list_is_said_to_make_times_look_long() -> None:
    assert "最早办结的线索在2026年三季度" in time_to_resolution(cases_of(TWO)).html
    early = [done(5, "2025-01-02"), *TWO]
    assert "最早办结的线索" not in time_to_resolution(cases_of(early)).html


def test_the_words_of_groups_are_escaped() -> None:
    hostile = "<script>alert(1)</script>"
    rows = [*times(8, done(10, industry=hostile)), *times(8, done(20, industry="b"))]
    html = time_to_resolution(cases_of(rows)).html
    assert "<script" not in html
    assert "&lt;script&gt;" in html


@pytest.mark.parametrize("rows", [[], [OPEN], times(9, OPEN), [done(0)], [done(3, "2020-01-01")]])
def test_few_cases_make_a_page_all_the_same(rows: list[dict[str, object]]) -> None:
    for told in (TOLD, frozenset[str]()):
        html = time_to_resolution(cases_of(rows, told=told)).html
        assert "nan" not in html.replace("anan", "")


@pytest.mark.parametrize("sample", [True, False])
def test_every_figure_and_table_of_sample_cases_is_marked(sample: bool) -> None:
    html = time_to_resolution(cases_of(TWO, sample=sample)).html
    figures = html.count("<figure>")
    assert figures == 2
    assert html.count('<span class="sample">演示数据</span>') == (figures if sample else 0)
    assert html.count("（演示数据）</caption>") == (2 if sample else 0)
    assert ("演示数据" in html) == sample


def test_days_and_leads_are_counted_in_english() -> None:
    one, two = cases_of([done(1)]), cases_of(TWO)
    with speaking("en"):
        assert duration_point(one) == (
            "Of 1 lead received since 2025-01-01, 1 had been resolved by the end of the quarter; "
            "an estimated half are resolved within 1 day (95% interval unknown)."
        )
        # Half at day 10, all at day 20, where no variance is left for the band
        assert duration_point(two) == (
            "Of 16 leads received since 2025-01-01, 16 had been resolved by the end of the quarter; "
            "an estimated half are resolved within 10 days (95% interval from 10 days, upper end unknown); "
            "how long they take differs between industries by more than chance (p below 0.001)."
        )
        assert interval_words(Estimate(23, 19, nan), 0.95) == "95% interval from 19 days, upper end unknown"


def test_groups_in_english_are_our_own_words_not_the_platforms() -> None:
    cases = cases_of(TWO)
    with speaking("en"):
        html = time_to_resolution(cases).html
    assert ">Construction (8)<" in html
    assert "建筑业" not in html
    assert "How fast leads are resolved differs between industries by more than chance" in html


def test_sentences_of_a_test_are_apart_in_english() -> None:
    with speaking("en"):
        text = log_rank_words(logrank(0.7, 4.99, 30), "industry", 0.95, 5)
    assert text == (
        "Log-rank test of whether leads are resolved equally fast in every industry: χ² = 3.84, degrees of freedom 1, p = 0.700; "
        "judged at 5%, the difference is not beyond chance, which does not prove that all are equally fast. "
        "In some group fewer than 5 would be expected to be resolved, so p is rough."
    )
