"""Townships against limits found by summing binomial probabilities."""

import re

import pandas as pd
import pytest
from case_lists import ARREARS, EMPTY, cases_of, parts_of
from scipy.stats import binom
from workspaces import ROOT

from laoyou.language import speaking
from laoyou.pages.case_view import Cases
from laoyou.pages.township_charts import named
from laoyou.pages.township_words import NO_PARTS, centre, judged, township_point, townships
from laoyou.view import open_view

# 193 of 206 in the district (the sample's figure of 2026Q3).
BEIAO, DAMEN, LUXI = "330305001", "330305101", "330305202"


def place(parts: pd.DataFrame) -> Cases:
    return cases_of([], townships=parts)


def test_the_centre_is_the_districts_own_rate() -> None:
    assert centre(place(EMPTY)) == pytest.approx(193 / 206)


def test_nothing_is_said_without_figures_of_townships() -> None:
    assert township_point(place(EMPTY)) == NO_PARTS
    assert NO_PARTS in townships(place(EMPTY)).html


@pytest.mark.parametrize("count", range(0, 21))
def test_a_township_is_outside_where_the_tail_is_below_the_level(count: int) -> None:
    cases = place(parts_of(_330305001=(count, 20)))
    p = centre(cases)
    below, above = binom.cdf(count, 20, p), binom.sf(count - 1, 20, p)
    expected = (
        "very_low" if below < 0.001 else "low" if below < 0.025 else "high" if above < 0.025 else "within"
    )
    assert judged(cases)["within_chance"].iloc[0] == expected


def test_the_counts_shown_are_those_that_are_within() -> None:
    for size in (6, 20, 81, 300):
        p = 193 / 206
        within = [
            n for n in range(size + 1) if binom.cdf(n, size, p) >= 0.025 and binom.sf(n - 1, size, p) >= 0.025
        ]
        html = townships(place(parts_of(_330305001=(size, size)))).html
        assert f">{within[0]}—{within[-1]}<" in html


def test_those_outside_are_named_in_the_plans_order_and_the_rest_are_counted() -> None:
    # P(X ≤ 15 of 20) is 0.008, P(X ≤ 10 of 20) below 0.001
    cases = place(parts_of(_330305001=(15, 20), _330305101=(10, 20), _330305202=(19, 20)))
    assert township_point(cases) == (
        "欠薪线索动态化解率与全区的差别超出偶然范围的是北岙街道（偏低，越过内界）、大门镇（偏低，越过外界），其余 1 个在偶然范围内。"
    )


def test_all_within_is_no_proof_of_balance() -> None:
    cases = place(parts_of(_330305001=(19, 20), _330305101=(18, 20)))
    assert (
        township_point(cases)
        == "各街道（乡镇）的欠薪线索动态化解率与全区的差别都在偶然范围内，看不出不均衡。"
    )
    assert "没有越界也不证明没有差别" in townships(cases).html


def test_those_suppressed_or_without_a_case_are_counted_out_loud() -> None:
    cases = place(parts_of(_330305001=(19, 20), _330305101=None, _330305202=None, _330305002=(0, 0)))
    assert township_point(cases) == (
        "能比的 1 个街道（乡镇）的欠薪线索动态化解率与全区的差别都在偶然范围内，看不出不均衡；2 个件数少，不公布，1 个没有应办的。"
    )
    cases = place(parts_of(_330305101=None, _330305202=None))
    assert "都没有可比的数；2 个件数少，不公布。" in township_point(cases)
    assert "nan" not in townships(cases).html


def test_a_suppressed_township_shows_no_number_anywhere() -> None:
    parts = parts_of(_330305001=(187, 199), _330305101=None, _330305202=None)
    html = townships(place(parts)).html
    for name in ("大门镇", "鹿西乡"):
        rows = re.findall(rf"<tr[^>]*><th[^>]*>{name}</th>(.*?)</tr>", html, flags=re.S)
        assert len(rows) == 2
        for row in rows:
            assert not re.search(r"\d", re.sub(r"<[^>]+>|内界之内|外界之内", "", row))
    assert "大门镇" not in re.sub(r"<table.*?</table>", "", html, flags=re.S)  # neither in the drawing


def test_many_comparisons_are_owned_up_to() -> None:
    html = townships(place(parts_of(_330305001=(19, 20), _330305101=(18, 20), _330305202=None))).html
    # Two are compared: at most 2 · 5 % and 2 · 0.2 %
    assert "一次看 2 个街道（乡镇）" in html
    assert "越过内界的可能至多 10.0%、外界的可能至多 0.4%" in html


def test_no_township_is_ranked() -> None:
    cases = place(parts_of(_330305001=(5, 20), _330305101=(20, 20), _330305202=(12, 20)))
    html = townships(cases).html
    order = [html.rindex(f">{name}</th>") for name in ("北岙街道", "大门镇", "鹿西乡")]
    assert order == sorted(order)
    assert not re.search(r"第[一二三\d]+名|最[高低好差]", re.sub(r"最小的另一个", "", html))


def test_one_function_serves_every_case_rate() -> None:
    view = open_view(region="330305", quarter="2026Q3", data=str(ROOT / "data"))
    for id in ("mediation_success_rate", "arbitration_closure_rate", "key_group_assistance_rate", ARREARS):
        html = townships(Cases(view, id)).html
        assert html.count("<figure>") == 1
        assert '<span class="sample">演示数据</span>' in html
        assert "（演示数据）</caption>" in html
        assert view.plan.indicators[id].name.zh in html


def test_real_figures_are_not_marked_as_sample() -> None:
    cases = place(parts_of(_330305001=(19, 20)))
    cases.view.__dict__["sample_indicators"] = frozenset()
    assert "演示数据" not in townships(cases).html


def test_points_side_by_side_are_not_named_unless_beyond_a_limit() -> None:
    parts = pd.DataFrame(
        {"denominator": [10.0, 15.0, 90.0, 40.0], "rate": [1.0, 1.0, 0.96, 0.7]},
        index=["a", "b", "c", "d"],
    ).assign(within_chance="within")
    assert named(parts, 100.0, 0.4) == ["c", "d"]  # a and b: 5 % of the width apart at one height
    assert named(parts.assign(denominator=[10.0, 20.0, 90.0, 40.0]), 100.0, 0.4) == [
        "a",
        "b",
        "c",
        "d",
    ]  # 10 %
    assert named(parts.assign(rate=[1.0, 0.992, 0.96, 0.7]), 100.0, 0.4) == [
        "a",
        "b",
        "c",
        "d",
    ]  # 2 % of the height
    beyond = parts.assign(within_chance=["within", "low", "within", "very_low"])
    assert named(beyond, 100.0, 0.4) == ["b", "c", "d"]


def test_townships_in_english() -> None:
    name = "Wage-arrears lead resolution rate"
    one_left = place(parts_of(_330305001=(19, 20), _330305101=None, _330305202=None, _330305002=(0, 0)))
    outside = place(parts_of(_330305001=(15, 20), _330305101=(10, 20), _330305202=(19, 20)))
    with speaking("en"):
        assert township_point(one_left) == (
            f"{name}: the 1 township that can be compared does not differ from the district by more than chance, "
            "and no unevenness shows; 2 withheld because of small numbers, 1 with nothing due."
        )
        assert township_point(outside) == (
            f"{name}: beyond chance of the district in Beiao Subdistrict (low, beyond the inner limit), "
            "Damen Town (low, beyond the outer limit); 1 other within chance."
        )
