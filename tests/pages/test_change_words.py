"""A change told with an interval of another library and a split worked out by hand."""

import pytest
from case_lists import TOLD, cases_of, done, times

from laoyou.language import speaking
from laoyou.pages.change_words import change_point, why_it_moved

NAME = "欠薪线索动态化解率"


def year(year: int, group: str, resolved: int, left: int) -> list[dict[str, object]]:
    """Return cases of a year and group; those left were found to be nothing after the third quarter, and go then."""
    opened = f"{year}-02-01"
    late = {"opened": opened, "closed": f"{year}-12-01", "outcome": "done", "industry": group}
    return [*times(resolved, done(10, opened, industry=group)), *times(left, late)]


EARLY = [done(5, "2025-01-05", industry="")]  # the list reaches back to the beginning of last year


def test_a_small_change_is_within_chance_and_a_large_one_is_not() -> None:
    # 48 of 80 and 56 of 70 differ by 5.24 to 33.39 points, 50 of 80 and 46 of 70 by chance (Newcombe 1998, table II a)
    rows = [*year(2025, "a", 48, 32), *year(2026, "a", 56, 14)]
    assert change_point(cases_of(rows)) == (
        f"{NAME}与上年同期相比升 20.0 个百分点（48/80 → 56/70），超出偶然范围（95% 区间 +5.2 至 +33.4 个百分点）。"
    )
    small = change_point(cases_of([*year(2025, "a", 50, 30), *year(2026, "a", 43, 27)]))
    assert "降 1.1 个百分点" in small
    assert "，在偶然范围内（" in small


def test_the_same_rate_is_level() -> None:
    assert "相比持平（8/10 → 16/20），在偶然范围内" in change_point(
        cases_of([*year(2025, "a", 8, 2), *year(2026, "a", 16, 4)])
    )


def test_without_last_years_cases_nothing_is_compared() -> None:
    assert "不作同比" in change_point(cases_of(year(2026, "a", 8, 2)))
    assert "不作同比" in change_point(cases_of([]))
    assert "不作同比" in why_it_moved(cases_of([])).text


def test_the_split_is_the_one_worked_out_by_hand() -> None:
    # construction 30/40 → 27/30, manufacturing 54/60 → 56/70: 84/100 → 83/100, −1 point.
    # mix: −0.1·(0.825 − 0.835) + 0.1·(0.85 − 0.835) = 0.001 + 0.0015; within: 0.35·0.15 + 0.65·(−0.1) = −0.0125
    rows = [
        *year(2025, "construction", 30, 10), *year(2025, "manufacturing", 54, 6),
        *year(2026, "construction", 27, 3), *year(2026, "manufacturing", 56, 14),
    ]  # fmt: skip
    text = why_it_moved(cases_of(rows)).text
    assert "总变化 −1.00 个百分点 = 行业构成变化 +0.25 + 各行业自身化解率变化 −1.25" in text
    assert "不说为什么" in text


def test_small_industries_are_merged_and_named() -> None:
    rows = [
        *year(2025, "construction", 30, 10), *year(2025, "hospitality", 4, 0), *year(2025, "transport", 3, 0),
        *year(2026, "construction", 27, 3), *year(2026, "hospitality", 9, 1), *year(2026, "transport", 8, 1),
    ]  # fmt: skip
    part = why_it_moved(cases_of(rows))
    assert "住宿餐饮业、交通运输业合并为“其他”" in part.text
    assert ">住宿餐饮业</th>" not in part.html


def test_cases_without_an_industry_are_counted_out_loud() -> None:
    rows = [*year(2025, "a", 30, 10), *year(2026, "a", 27, 3), *year(2026, "", 2, 0)]
    assert "本季 2 件没有写明行业，不在分解之内。" in why_it_moved(cases_of(rows)).text


def test_platforms_that_tell_no_industry_leave_nothing_to_split() -> None:
    rows = [*year(2025, "", 30, 10), *year(2026, "", 27, 3)]
    assert "个案没有写明行业" in why_it_moved(cases_of(rows, told=TOLD - {"industry"})).text


@pytest.mark.parametrize("sample", [True, False])
def test_the_table_of_sample_cases_is_marked(sample: bool) -> None:
    rows = [*year(2025, "a", 30, 10), *year(2026, "a", 27, 3)]
    assert ("（演示数据）</caption>" in why_it_moved(cases_of(rows, sample=sample)).html) == sample


def test_a_change_is_told_in_english() -> None:
    large, small = (
        cases_of([*year(2025, "a", 48, 32), *year(2026, "a", 56, 14)]),
        cases_of([*year(2025, "a", 30, 10), *year(2026, "a", 27, 3), *year(2026, "", 1, 0)]),
    )
    with speaking("en"):
        assert change_point(large) == (
            "Wage-arrears lead resolution rate rose by 20.0 percentage points from the same quarter of last year "
            "(48/80 → 56/70), which is more than chance (95% interval +5.2 to +33.4 percentage points)."
        )
        told = why_it_moved(small).text
    assert "1 case of this quarter does not tell its industry and is left out of the split." in told
