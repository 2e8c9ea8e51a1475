"""Sentences on the quarter's own figures, worked out by hand."""

import pytest
from case_lists import cases_of, done, times

from laoyou.cases.backlog import quarter_change
from laoyou.language import speaking
from laoyou.pages.backlog_words import backlog, backlog_point, thresholds

NAME = "欠薪线索动态化解率"


def explain(*counts: int) -> str:
    return thresholds(cases_of([]), quarter_change(*counts))


# 90 of 100 when the quarter began; 20 more due: the rate is kept by 18, the backlog by 20.
NEEDS = f"本季应办增加 20 件：化解超过 18.0 件（季初的 90.0% × 20），{NAME}就升；化解满 20 件，应办未化解的才不增加。"


@pytest.mark.parametrize(
    ("resolved", "verdict"),
    [
        (17, f"本季化解 17 件，{NAME}降了，应办未化解的由 10 件增加到 13 件。"),
        (18, f"本季化解 18 件，{NAME}不变，应办未化解的由 10 件增加到 12 件。"),
        (19, f"本季化解 19 件，在两者之间，所以{NAME}升了，应办未化解的也由 10 件增加到 11 件。"),
        (20, "本季化解 20 件，两条都够，应办未化解的仍是 10 件。"),
        (21, "本季化解 21 件，两条都够，应办未化解的由 10 件减少到 9 件。"),
    ],
)
def test_the_two_thresholds_explain_the_quarter(resolved: int, verdict: str) -> None:
    assert explain(90, 100, 90 + resolved, 120) == NEEDS + verdict


def test_where_no_more_are_due_there_are_no_thresholds() -> None:
    text = explain(90, 100, 93, 98)
    assert "本季应办减少 2 件" in text
    assert "化解 3 件，应办未化解由 10 件到 5 件。" in text
    assert "超过" not in text


@pytest.mark.parametrize(
    ("resolved", "left"),
    [(20, f"{NAME}仍是 100.0%"), (19, f"{NAME}降到 99.2%，应办未化解的 1 件")],  # 120 and 119 of 120
)
def test_a_rate_of_100_per_cent_cannot_rise(resolved: int, left: str) -> None:
    text = explain(100, 100, 100 + resolved, 120)
    assert text == f"季初应办的都已化解；本季应办增加 20 件，化解 {resolved} 件，{left}。"


def test_where_nothing_was_due_there_is_no_rate_to_begin_from() -> None:
    assert explain(0, 0, 3, 4) == f"季初没有应办的线索，{NAME}没有可比的季初值。"


def test_the_balance_of_the_quarter_adds_up() -> None:
    rows = [
        *times(2, {"opened": "2026-05-01"}),  # carried over and still open
        done(100, "2026-05-01"),  # carried over, resolved on 2026-08-09
        *times(3, done(5)),
        {"opened": "2026-07-01", "closed": "2026-07-09", "outcome": "unfounded"},
        {"opened": "2026-09-30"},
    ]
    # 3 + 5 = 4 + 1 + 3
    text = backlog_point(cases_of(rows))
    assert text.startswith(
        "季末在办 3 件，与季初持平：季初结转 3 件，新受理 5 件，化解 4 件，其他办结 1 件；"
    )
    assert f"{NAME}由季初的 0.0% 升到 57.1%。" in text  # 0 of 3, then 4 of 7


def test_a_first_quarter_begins_at_nought() -> None:
    text = backlog_point(cases_of([done(5, "2026-01-05"), {"opened": "2025-12-01"}], quarter="2026Q1"))
    assert (
        text
        == f"季末在办 1 件，与季初持平：季初结转 1 件，新受理 1 件，化解 1 件；{NAME}每年从 0 起算，季末为 50.0%。"
    )
    assert "就升" not in backlog(cases_of([done(5, "2026-01-05")], quarter="2026Q1")).html


def cells(html: str) -> list[list[str]]:
    """Return the cells of the rows of all tables that are not folded."""
    import re

    open_parts = re.sub(r"<details>.*?</details>", "", html, flags=re.S)
    return [
        re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row)
        for row in re.findall(r"<tr.*?</tr>", open_parts, flags=re.S)
    ]


def aged(count: int, opened: str) -> list[dict[str, object]]:
    return [{"opened": opened, "workers": 3, "amount": 10_000.0}] * count


def test_a_band_of_one_case_shows_neither_persons_nor_money_nor_do_sums_give_them_back() -> None:
    # On 2026-09-30: 29, 60, 91 and 182 days
    rows = aged(9, "2026-09-01") + aged(6, "2026-08-01") + aged(1, "2026-07-01") + aged(7, "2026-04-01")
    table = {row[0]: row[1:] for row in cells(backlog(cases_of(rows)).html)}
    assert table["0—30 天"] == ["9", "27", "9.0"]
    assert table["31—60 天"] == [
        "6",
        "不公布",
        "不公布",
    ]  # the smallest other, so that 23 cases' sum does not tell
    assert table["91—180 天"] == ["1", "不公布", "不公布"]
    assert table["超过 180 天"] == ["7", "21", "7.0"]
    assert table["季末在办"] == ["23", "69", "23.0", "23 / 23"]


@pytest.mark.parametrize(
    ("count", "shown"), [(4, ["4", "不公布", "不公布", "—"]), (5, ["5", "15", "5.0", "5 / 5"])]
)
def test_sums_of_fewer_than_five_are_not_published(count: int, shown: list[str]) -> None:
    html = backlog(cases_of(aged(count, "2026-09-01"))).html
    table = {row[0]: row[1:] for row in cells(html)}
    assert table["季末在办"] == shown
    assert ("4.0" in html or ">12<" in html) is False


def test_amounts_not_filled_in_are_not_nought() -> None:
    rows = [{"opened": "2026-09-01"}] * 6
    table = {row[0]: row[1:] for row in cells(backlog(cases_of(rows)).html)}
    assert table["0—30 天"] == ["6", "—", "—"]
    assert table["季末在办"] == ["6", "—", "—", "0 / 0"]


@pytest.mark.parametrize("rows", [[], [{"opened": "2026-09-30"}], [done(0)]])
def test_few_cases_make_a_page_all_the_same(rows: list[dict[str, object]]) -> None:
    assert "nan" not in backlog(cases_of(rows)).html


def test_quarters_before_the_list_begins_are_not_shown_as_empty() -> None:
    flows = cases_of([done(5, "2026-04-02"), {"opened": "2024-02-01"}]).flows
    assert [str(quarter) for quarter in flows.index] == ["2026Q2", "2026Q3"]


@pytest.mark.parametrize("sample", [True, False])
def test_every_figure_and_table_of_sample_cases_is_marked(sample: bool) -> None:
    html = backlog(cases_of([done(5, "2026-04-02"), done(5)], sample=sample)).html
    assert html.count("<figure>") == 2
    assert html.count('<span class="sample">演示数据</span>') == (2 if sample else 0)
    assert html.count("（演示数据）</caption>") == (2 if sample else 0)


RATE = "“Wage-arrears lead resolution rate”"
GREW = "the number due and unresolved grew"


@pytest.mark.parametrize(
    ("resolved", "verdict"),
    [
        (1, f"1 was resolved in the quarter: {RATE} fell, and {GREW} from 10 to 29."),
        (18, f"18 were resolved in the quarter: {RATE} did not change, and {GREW} from 10 to 12."),
        (19, f"19 were resolved in the quarter, which lies between the two: {RATE} rose, and {GREW}, too, from 10 to 11."),
        (20, "20 were resolved in the quarter, enough for both; 10 due remain unresolved, as before."),
        (21, "21 were resolved in the quarter, enough for both; the number due and unresolved fell from 10 to 9."),
    ],
)  # fmt: skip
def test_the_two_thresholds_in_english(resolved: int, verdict: str) -> None:
    cases = cases_of([])
    with speaking("en"):
        assert thresholds(cases, quarter_change(90, 100, 90 + resolved, 120)) == (
            "20 more leads were due in the quarter: resolving more than 18.0 (90.0% at the start × 20) raises "
            f"{RATE}; it takes 20 to keep the number due and unresolved from growing. {verdict}"
        )
        one = thresholds(cases, quarter_change(90, 100, 90, 101))
    assert one.startswith(
        "1 more lead was due in the quarter: resolving more than 0.9 (90.0% at the start × 1)"
    )


@pytest.mark.parametrize(
    ("before", "opened", "said"),
    [
        (0, 1, "1 lead open at the end of the quarter, 1 more than at its start: 0 carried over, 1 new, 0 resolved"),
        (2, 0, "2 leads open at the end of the quarter, as many as at its start: 2 carried over, 0 new, 0 resolved"),
    ],
)  # fmt: skip
def test_the_balance_in_english_counts_one_lead_and_two_leads(before: int, opened: int, said: str) -> None:
    rows = [*times(before, {"opened": "2026-05-01"}), *times(opened, {"opened": "2026-07-02"})]
    cases = cases_of([done(1, "2026-04-01"), *rows])
    with speaking("en"):
        assert backlog_point(cases).startswith(f"{said}; {RATE} ")
