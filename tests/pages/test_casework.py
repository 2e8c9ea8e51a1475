"""The page's parts together: what an attacker may try, real records, and pages without any."""

import re
from itertools import pairwise
from pathlib import Path

import pytest
from case_lists import ARREARS, cases_of, done, parts_of, times
from workspaces import ROOT, append_rows, copy_workspace, rate

from laoyou.pages import casework
from laoyou.pages.backlog_words import backlog
from laoyou.pages.case_view import Cases, disagreement
from laoyou.pages.change_words import why_it_moved
from laoyou.pages.duration_words import time_to_resolution
from laoyou.view import View, open_view

PARTS = (casework.time_to_resolution, casework.backlog, casework.why_it_moved, casework.townships)


def shipped(region: str = "330305", quarter: str = "2026Q3") -> View:
    return open_view(region=region, quarter=quarter, data=str(ROOT / "data"))


def many(prefix: str, count: int, **more: object) -> list[dict[str, object]]:
    return [done(n % 40, f"{prefix}-02-01", **more) for n in range(count)]


# What small groups must not show


def test_a_group_small_in_one_table_is_single_in_none() -> None:
    # Of hospitality 40 were followed, but only 3 are of this year: the split merges it, and so must the curves.
    rows = [
        *many("2025", 60, industry="construction"), *many("2026", 60, industry="construction"),
        *many("2025", 37, industry="hospitality"), *many("2026", 3, industry="hospitality"),
        *many("2025", 30, industry="transport"), *many("2026", 30, industry="transport"),
    ]  # fmt: skip
    cases = cases_of(rows)
    assert cases.shown_as("industry") == {
        "construction": "construction", "hospitality": "other", "transport": "other"
    }  # fmt: skip
    for part in (time_to_resolution(cases), why_it_moved(cases)):
        assert not re.search(r">住宿餐饮业(<|（)", part.html)


def test_a_township_withheld_in_the_ledger_is_single_in_no_curve() -> None:
    codes = ("330305001", "330305101", "330305202")
    rows = [row for code in codes for year in ("2025", "2026") for row in many(year, 30, region=code)]
    assert set(cases_of(rows).shown_as("region").values()) == set(codes)
    hidden = parts_of(_330305001=(30, 30), _330305101=None, _330305202=None)
    cases = cases_of(rows, townships=hidden)
    assert cases.shown_as("region") == {codes[0]: codes[0], codes[1]: "other", codes[2]: "other"}
    html = time_to_resolution(cases).html
    assert not re.search(r">大门镇(<|（)", html)
    one = parts_of(_330305001=(30, 30), _330305101=None, _330305202=(30, 30))
    assert len([w for w in cases_of(rows, townships=one).shown_as("region").values() if w == "other"]) == 2


def test_a_small_groups_line_bends_only_where_five_or_more_were_resolved() -> None:
    rows = [
        *many("2025", 40, industry="construction"), *many("2026", 40, industry="construction"),
        *times(5, done(3, "2026-02-01", industry="transport")), *times(4, done(17, "2026-02-01", industry="transport")),
        *times(5, done(29, "2026-02-01", industry="transport")), *times(6, done(3, "2025-02-01", industry="transport")),
    ]  # fmt: skip
    html = time_to_resolution(cases_of(rows)).html
    table = re.search(r"<caption>行业之间.*?</table>", html, flags=re.S)
    assert table
    heads = re.findall(r"<th[^>]*scope=\"col\"[^>]*>(.*?)</th>", table[0])
    column = heads.index("交通运输业")
    lines = [
        re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row)
        for row in re.findall(r"<tr.*?</tr>", table[0], flags=re.S)[1:]
    ]
    told = {line[0]: line[column] for line in lines if line[column] != "—"}
    assert told == {"10 天": "55%", "30 天": "100%"}  # 11 of 20; the 4 of day 17 never by themselves


def test_the_drawing_of_a_group_holds_no_point_that_the_table_withholds() -> None:
    from laoyou.cases.survival import days_to_show
    from laoyou.pages.duration_charts import GRID, _line

    rows = [*many("2025", 40, industry="a"), *many("2026", 13, industry="b"), *many("2025", 9, industry="b")]
    cases = cases_of(rows)
    for curve in cases.compared("industry").curves.values():
        chosen = days_to_show(curve, range(GRID, 181, GRID), 5)
        days, _ = _line(curve, chosen, 180)
        assert set(days) <= {0.0, *chosen, 180.0, *([max(range(GRID, 181, GRID))])}
        assert all(b - a >= 0 for a, b in pairwise(days))


def test_a_township_has_no_page_of_its_cases() -> None:
    view = shipped("330305001")
    for part in PARTS[:3]:
        text = part(view, ARREARS).text
        assert "街道（乡镇）件数太少，逐季列出会露出个别案件" in text
        assert not re.search(r"\d", text)
    assert "要点" in casework.opening(view, ARREARS).text


# The page


def test_the_first_screen_has_the_light_and_the_target_then_what_the_cases_say() -> None:
    text = casework.opening(shipped(), ARREARS).text
    points = (
        "欠进度",
        "目标 95.5%",
        "偶然范围内",
        "估计一半在 23 天内化解",
        "季末在办 13 件",
        "与上年同期相比",
    )
    places = [text.index(point) for point in points]
    assert places == sorted(places)
    assert "演示数据，由程序生成" in text


def test_the_parts_of_the_shipped_page_are_all_marked_as_sample() -> None:
    view = shipped()
    html = "".join(part(view, ARREARS).html for part in PARTS)
    assert html.count("<figure>") == html.count('<span class="sample">演示数据</span>') == 6
    visible = re.sub(r"<figure>.*?</figure>", "", html, flags=re.S)
    assert visible.count("<caption>") == visible.count("（演示数据）</caption>") == 6
    assert html.count("<details><summary>") == 6 + 4  # the figures' data, and how each part is made


def test_an_indicator_that_the_plan_does_not_have_is_said_so() -> None:
    view = shipped()
    for part in PARTS:
        assert part(view, "no_such_rate").text.strip() == casework.NOT_PLANNED
    assert "本规划没有这一页的指标" in casework.opening(view, "no_such_rate").text


@pytest.mark.parametrize("quarter", ["2023Q1", "2023Q3", "2024Q1", "2025Q4", "2026Q4"])
def test_every_quarter_has_its_page(quarter: str) -> None:
    view = shipped(quarter=quarter)
    for part in (casework.opening, *PARTS):
        assert not re.search(r"\bnan\b", part(view, ARREARS).html)


def test_the_same_figures_make_the_same_bytes() -> None:
    assert [part(shipped(), ARREARS).html for part in PARTS] == [
        part(shipped(), ARREARS).html for part in PARTS
    ]


# Real records


def test_with_real_figures_and_records_no_sample_mark_is_left(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    workspace = copy_workspace(tmp_path)
    monkeypatch.chdir(tmp_path)
    append_rows(
        workspace,
        rate(period="2026Q3", numerator="9", denominator="12", reported_on="2026-10-12"),
        rate(period="2026Q3", region="330305001", numerator="5", denominator="7", measured_at="330305001", reported_on="2026-10-12"),
        rate(period="2026Q3", region="330305101", numerator="", denominator="", missing="suppressed", measured_at="330305101", reported_on="2026-10-12"),
    )  # fmt: skip
    folder = workspace.data / "records"
    folder.mkdir()
    names = ("anxin-zaixian", "mashang-weiquan", "zhihui-jiancha")
    log = [f"{name},2026-10-08,1,{'0' * 64}\n" for name in names]
    (folder / "exports.csv").write_text("mapping,taken_in,records,sha256\n" + "".join(log), "utf-8")
    header = "case,opened,closed,outcome,region,industry,group,procedure,workers,amount,placed,public_service,model_since,reported_on\n"
    lines = [
        f"{n:020x},2026-07-01,{'2026-07-1' + str(n) if n < 9 else ''},{'done' if n < 9 else 'open'},330305001,"
        "construction,,,3,12000,,,,2026-10-08\n"
        for n in range(12)
    ]
    (folder / "anxin-zaixian.csv").write_text(header + "".join(lines), "utf-8")
    view = open_view(region="330305", quarter="2026Q3")
    opening = casework.opening(view, ARREARS)
    assert "banner" not in opening.html
    assert "2025-01-01 以来受理的 12 件，到季末化解了 9 件" in opening.text
    html = "".join(part(view, ARREARS).html for part in PARTS)
    assert "演示" not in html
    assert "<figure>" in html
    # The sample's other townships are not held against a real district.
    assert "能比的 1 个街道（乡镇）" in casework.townships(view, ARREARS).text
    assert "大门镇" in casework.townships(view, ARREARS).text
    assert "鹿西乡" not in casework.townships(view, ARREARS).text


@pytest.mark.parametrize("tell", [time_to_resolution, backlog, why_it_moved])
def test_a_page_without_records_says_why(tell: object) -> None:
    view = shipped(quarter="2026Q4")
    part = {time_to_resolution: PARTS[0], backlog: PARTS[1], why_it_moved: PARTS[2]}[tell]
    assert part(view, ARREARS).text.split("：")[0].strip() == "缺少季末以后导出的个案"


# Cases and ledger


def test_cases_that_do_not_make_up_the_ledgers_rate_are_said_so_first() -> None:
    # The ledger shipped has 193 of 206; of the two cases by hand one is resolved.
    cases = cases_of([done(5), {"opened": "2026-08-01"}])
    assert disagreement(cases) == (
        "台账里的欠薪线索动态化解率是 93.7%（193/206），由个案明细数出来是 50.0%（1/2），两者不一致，须先核对："
        "进度、展望和街道（乡镇）比较用台账的数，时长、积压和同比用个案明细。"
    )
    assert disagreement(cases_of([])) == ""


def test_the_shipped_cases_make_up_the_ledgers_rate_unless_it_was_revised_later() -> None:
    assert disagreement(Cases(shipped(), ARREARS)) == ""
    known_then = open_view(region="330305", quarter="2025Q4", as_of="2026-01-31", data=str(ROOT / "data"))
    html = casework.opening(known_then, ARREARS).html  # 243 of 258 at first, 244 of 258 as revised
    assert "台账里的欠薪线索动态化解率是 94.2%（243/258），由个案明细数出来是 94.6%（244/258）" in html
