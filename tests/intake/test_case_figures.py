from collections.abc import Mapping as Map
from collections.abc import Sequence
from typing import Any

import pandas as pd
import pytest
from workspaces import shipped_plan, shipped_rules

from laoyou.cases.store import FIELDS
from laoyou.intake.case_figures import Giver, case_rows, givers_of, joined
from laoyou.intake.incoming import INCOMING
from laoyou.intake.mappings import Mapping, Named
from laoyou.rules import CaseRate, Rules, Suppression

PLAN = shipped_plan()
RULES = shipped_rules()
DISTRICT, BEIAO, LINGKUN, DONGPING = "330305", "330305001", "330305002", "330305003"
TOWNS = [BEIAO, LINGKUN, DONGPING]
RATE, COUNT, MARKETS = "arrears_resolution_rate", "hard_to_employ_placements", "gig_markets_built"


def without_suppression() -> Rules:
    return RULES.model_copy(update={"suppression": Suppression(below=0)})


def platform(name: str, zh: str, *yields: dict[str, Any], without: Sequence[str] = ()) -> Named:
    """Return the mapping of a platform of records."""
    columns = {
        "case": "id", "opened": "date", "closed": "date", "outcome": "word", "region": "region", "group": "word",
        "placed": "date",
    }  # fmt: skip
    mapping = Mapping.model_validate(
        {
            "platform": zh,
            "rows": "records",
            "header": [1],
            "columns": {k: {"header": k, "holds": v} for k, v in columns.items() if k not in without},
            "words": {"outcome": {"完": "done"}, "group": {"难": "hard_to_employ", "毕": "graduate"}},
            "yields": list(yields),
        }
    )
    return Named(name, f"data/mappings/{name}.yml", mapping)


def records(*rows: dict[str, str]) -> pd.DataFrame:
    """Return the latest state of cases as text; an open case of 北岙 of early 2026 unless said otherwise."""
    plain = {"opened": "2026-01-05", "outcome": "open", "region": BEIAO, "reported_on": "2026-10-12"}
    return pd.DataFrame([{**dict.fromkeys(FIELDS, ""), **plain, **row} for row in rows], columns=list(FIELDS))


def case(id: str, **cells: str) -> dict[str, str]:
    return {"case": id, **cells}


def done(id: str, closed: str = "2026-02-05", **cells: str) -> dict[str, str]:
    return case(id, closed=closed, outcome="done", **cells)


ANXIN = platform("anxin", "安薪在线", {"indicator": RATE})
MASHANG = platform("mashang", "码上维权·不再忧薪", {"indicator": RATE})


def counted(
    indicator: str,
    platforms: Sequence[Named],
    tables: Map[str, pd.DataFrame],
    *quarters: str,
    rules: Rules | None = None,
    sample: bool = False,
) -> dict[tuple[str, str], str]:
    """Return figures by period and region: 1/2, 3, or the kind of missing."""
    givers = givers_of(indicator, {p.name: p for p in platforms})
    periods = [pd.Period(text, freq="Q-DEC") for text in quarters]
    rows = case_rows(
        indicator, givers, tables, periods, PLAN, rules or without_suppression(), TOWNS, sample=sample
    )
    return {
        (row["period"], row["region"]): row["missing"]
        or row["value"]
        or f"{row['numerator']}/{row['denominator']}"
        for row in rows
    }


# Who gives what


def test_the_platforms_of_an_indicator_are_those_whose_records_yield_it() -> None:
    figures = Named(
        "f",
        "f.yml",
        Mapping.model_validate(
            {
                "platform": "安薪在线",
                "rows": "figures",
                "header": [1],
                "columns": {},
                "yields": [{"indicator": RATE}],
            }
        ),
    )
    other = platform("other", "智慧仲裁", {"indicator": COUNT, "count": "placed"})
    found = givers_of(RATE, {"anxin": ANXIN, "f": figures, "other": other, "mashang": MASHANG})
    assert [giver.named.name for giver in found] == ["anxin", "mashang"]
    assert all(giver.given.indicator == RATE for giver in found)


# Several platforms


def test_the_cases_of_several_platforms_are_counted_together() -> None:
    tables = {
        "anxin": records(done("a"), case("b")),
        "mashang": records(done("c"), done("d", "2026-05-01"), case("e", opened="2026-04-01")),
    }
    found = counted(RATE, [ANXIN, MASHANG], tables, "2026Q1", "2026Q2")
    assert found["2026Q1", DISTRICT] == "2/4"  # a c of a b c d
    assert found["2026Q2", DISTRICT] == "3/5"


def test_a_case_that_two_platforms_know_counts_once() -> None:
    tables = {"anxin": records(done("a"), case("b")), "mashang": records(done("a"), case("b"), case("c"))}
    assert counted(RATE, [ANXIN, MASHANG], tables, "2026Q1")["2026Q1", DISTRICT] == "1/3"


@pytest.mark.parametrize("order", [("anxin", "mashang"), ("mashang", "anxin")])
def test_a_shared_case_is_done_if_any_platform_says_so(order: tuple[str, str]) -> None:
    tables = {order[0]: records(case("a")), order[1]: records(done("a"))}
    assert counted(RATE, [ANXIN, MASHANG], tables, "2026Q1")["2026Q1", DISTRICT] == "1/1"


@pytest.mark.parametrize("order", [("anxin", "mashang"), ("mashang", "anxin")])
@pytest.mark.parametrize("outcome", ["duplicate", "unfounded", "transferred"])
def test_a_case_passed_on_by_one_platform_is_not_lost_with_the_other(
    order: tuple[str, str], outcome: str
) -> None:
    passed_on = case("a", closed="2026-01-20", outcome=outcome)
    tables = {order[0]: records(passed_on), order[1]: records(case("a"))}
    assert counted(RATE, [ANXIN, MASHANG], tables, "2026Q1")["2026Q1", DISTRICT] == "0/1"
    tables = {order[0]: records(passed_on), order[1]: records(passed_on)}
    assert counted(RATE, [ANXIN, MASHANG], tables, "2026Q1")["2026Q1", DISTRICT] == "not_applicable"


@pytest.mark.parametrize("order", [("anxin", "mashang"), ("mashang", "anxin")])
def test_a_shared_case_is_done_on_the_first_day_that_a_platform_says_so(order: tuple[str, str]) -> None:
    tables = {order[0]: records(done("a", "2026-03-31")), order[1]: records(done("a", "2026-04-02"))}
    assert counted(RATE, [ANXIN, MASHANG], tables, "2026Q1")["2026Q1", DISTRICT] == "1/1"


def test_the_list_of_cases_has_each_once() -> None:
    tables = {"anxin": records(case("a"), done("b")), "mashang": records(done("a"), case("b"), case("c"))}
    cases = joined([Giver(p, p.mapping.yields[0]) for p in (ANXIN, MASHANG)], tables)
    assert dict(zip(cases["case"], cases["outcome"], strict=True)) == {"a": "done", "b": "done", "c": "open"}


def test_platforms_without_a_case_yield_no_rate() -> None:
    found = counted(RATE, [ANXIN, MASHANG], {"anxin": records(), "mashang": records()}, "2026Q1")
    assert found == {("2026Q1", code): "not_applicable" for code in (DISTRICT, *TOWNS)}


# Regions


def test_each_township_has_its_figures_below_the_whole() -> None:
    tables = {
        "anxin": records(done("a"), case("b", region=LINGKUN)),
        "mashang": records(done("c", region=LINGKUN), case("d")),
    }
    found = counted(RATE, [ANXIN, MASHANG], tables, "2026Q1")
    assert list(found.items()) == [
        (("2026Q1", DISTRICT), "2/4"),
        (("2026Q1", BEIAO), "1/2"),
        (("2026Q1", LINGKUN), "1/2"),
        (("2026Q1", DONGPING), "not_applicable"),
    ]


def test_a_case_of_no_known_township_counts_in_the_whole_alone() -> None:
    tables = {"anxin": records(done("a"), done("b", region=""), case("c", region=DISTRICT))}
    found = counted(RATE, [ANXIN], tables, "2026Q1")
    assert found["2026Q1", DISTRICT] == "2/3"
    assert [found["2026Q1", town] for town in TOWNS] == ["1/1", "not_applicable", "not_applicable"]


@pytest.mark.parametrize("elsewhere", ["330302", "330300", "330000"])
def test_a_case_of_another_region_counts_nowhere(elsewhere: str) -> None:
    tables = {"anxin": records(done("a"), case("b"), case("c", region=elsewhere))}
    found = counted(RATE, [ANXIN], tables, "2026Q1")
    assert [found["2026Q1", region] for region in (DISTRICT, BEIAO)] == ["1/2", "1/2"]


def test_what_an_earlier_version_withheld_stays_so() -> None:
    sizes = {BEIAO: 20, LINGKUN: 9, DONGPING: 8}
    cases = [done(f"{region}{n}", region=region) for region, size in sizes.items() for n in range(size)]
    givers = givers_of(RATE, {"anxin": ANXIN})
    before = frozenset({(LINGKUN, RATE, "2026Q1"), (DONGPING, RATE, "2026Q1"), (BEIAO, RATE, "2025Q4")})
    quarters = [pd.Period("2026Q1", freq="Q-DEC")]
    rows = case_rows(
        RATE, givers, {"anxin": records(*cases)}, quarters, PLAN, RULES, TOWNS, sample=False, withheld=before
    )
    assert [row["missing"] or row["numerator"] for row in rows] == ["37", "20", "suppressed", "suppressed"]


def test_no_township_is_counted_where_one_platform_does_not_say_where_its_cases_belong() -> None:
    nowhere = platform("mashang", "码上维权·不再忧薪", {"indicator": RATE}, without=["region"])
    tables = {"anxin": records(done("a")), "mashang": records(case("b", region=""))}
    assert counted(RATE, [ANXIN, nowhere], tables, "2026Q1") == {("2026Q1", DISTRICT): "1/2"}


def test_small_counts_of_townships_are_withheld_and_no_total_gives_them_back() -> None:
    cases = [
        *(done(f"b{n}", region=BEIAO) for n in range(20)),
        *(done(f"l{n}", region=LINGKUN) for n in range(9)),
        *(done(f"d{n}", region=DONGPING) for n in range(4)),
    ]
    found = counted(RATE, [ANXIN], {"anxin": records(*cases)}, "2026Q1", rules=RULES)
    assert [found["2026Q1", r] for r in (DISTRICT, *TOWNS)] == ["33/33", "20/20", "suppressed", "suppressed"]
    one_more = records(*cases, done("d4", region=DONGPING))
    found = counted(RATE, [ANXIN], {"anxin": one_more}, "2026Q1", rules=RULES)
    assert [found["2026Q1", r] for r in (DISTRICT, *TOWNS)] == ["34/34", "20/20", "9/9", "5/5"]


def test_the_whole_is_shown_however_small_it_is() -> None:
    found = counted(RATE, [ANXIN], {"anxin": records(done("a"), case("b"))}, "2026Q1", rules=RULES)
    assert found == {("2026Q1", DISTRICT): "1/2"} | {("2026Q1", town): "suppressed" for town in TOWNS}


# Counts

ZHONGDIAN = platform(
    "zhongdian",
    "重点群体就业帮扶在线",
    {"indicator": COUNT, "count": "placed", "where": {"group": ["hard_to_employ"]}},
)
DISHOURU = platform(
    "dishouru",
    "低收入家庭综合帮扶在线",
    {"indicator": COUNT, "count": "placed", "where": {"group": ["hard_to_employ"]}},
)


def placed(id: str, day: str, group: str = "hard_to_employ", **cells: str) -> dict[str, str]:
    return done(id, placed=day, group=group, **cells)


def test_people_placed_are_counted_since_january_whoever_they_are_of_the_group() -> None:
    tables = {
        "zhongdian": records(
            placed("a", "2025-12-31"),
            placed("b", "2026-01-01"),
            placed("c", "2026-03-31", region=LINGKUN),
            placed("d", "2026-04-01"),
            placed("e", "2026-02-02", "graduate"),
            case("f", group="hard_to_employ"),
        ),
        "dishouru": records(placed("g", "2026-02-02")),
    }
    found = counted(COUNT, [ZHONGDIAN, DISHOURU], tables, "2025Q4", "2026Q1", "2026Q2")
    assert [found[q, DISTRICT] for q in ("2025Q4", "2026Q1", "2026Q2")] == ["1", "3", "4"]
    assert [found["2026Q1", town] for town in TOWNS] == ["2", "1", "0"]


@pytest.mark.parametrize("order", [("zhongdian", "dishouru"), ("dishouru", "zhongdian")])
def test_a_person_whom_two_platforms_know_is_placed_once_on_the_first_day(order: tuple[str, str]) -> None:
    unplaced = done("a", group="hard_to_employ")
    for first, second in (
        (unplaced, placed("a", "2026-03-31")),
        (placed("a", "2026-05-05"), placed("a", "2026-03-31")),
        (unplaced, case("a", placed="2026-03-31", group="hard_to_employ")),
    ):
        tables = {order[0]: records(first), order[1]: records(second)}
        found = counted(COUNT, [ZHONGDIAN, DISHOURU], tables, "2026Q1", "2026Q2")
        assert [found[q, DISTRICT] for q in ("2026Q1", "2026Q2")] == ["1", "1"]


def test_a_count_of_nothing_is_a_zero() -> None:
    tables = {"zhongdian": records(), "dishouru": records()}
    assert counted(COUNT, [ZHONGDIAN, DISHOURU], tables, "2026Q1")["2026Q1", DISTRICT] == "0"


def test_a_commitment_counts_all_there_are_at_the_end_of_the_quarter() -> None:
    markets = platform(
        "markets", "零工市场", {"indicator": MARKETS, "count": "opened"}, without=["region", "placed"]
    )
    tables = {
        "markets": records(
            case("a", opened="2019-05-05", region=""), case("b", opened="2026-04-01", region="")
        )
    }
    assert counted(MARKETS, [markets], tables, "2026Q1", "2026Q2") == {
        ("2026Q1", DISTRICT): "1",
        ("2026Q2", DISTRICT): "2",
    }


# The definition and the rows


def test_the_definition_in_the_rules_decides() -> None:
    tables = {
        "anxin": records(
            done("a", opened="2025-12-01"), done("b"), case("c", closed="2026-02-01", outcome="transferred")
        )
    }
    for base, left_out, expected in [
        ("carried_over_and_new", ["transferred"], "2/2"),
        ("carried_over_and_new", [], "2/3"),
        ("new", ["transferred"], "1/1"),
        ("ended", [], "2/3"),
    ]:
        definition = CaseRate.model_validate({"base": base, "leave_out": left_out})
        rules = without_suppression().model_copy(update={"cases": {RATE: definition}})
        assert counted(RATE, [ANXIN], tables, "2026Q1", rules=rules)["2026Q1", DISTRICT] == expected


@pytest.mark.parametrize(
    ("sample", "status", "source"),
    [
        (False, "reported", "安薪在线、码上维权·不再忧薪导出"),
        (True, "sample", "演示数据（安薪在线、码上维权·不再忧薪导出）"),
    ],
)
def test_a_row_says_where_it_comes_from_and_nothing_of_a_case(sample: bool, status: str, source: str) -> None:
    givers = givers_of(RATE, {"anxin": ANXIN, "mashang": MASHANG})
    tables = {"anxin": records(done("abc")), "mashang": records(case("def"))}
    quarters = [pd.Period("2026Q1", freq="Q-DEC")]
    rows = case_rows(RATE, givers, tables, quarters, PLAN, without_suppression(), TOWNS, sample=sample)[:1]
    plain = {
        "region": DISTRICT, "indicator": RATE, "period": "2026Q1", "numerator": "1", "denominator": "2",
        "status": status, "measured_at": DISTRICT, "source": source, "place": "安薪在线、码上维权·不再忧薪个案",
    }  # fmt: skip
    assert rows == [{**dict.fromkeys(INCOMING, ""), **plain}]
