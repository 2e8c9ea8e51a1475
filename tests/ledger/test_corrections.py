"""Declared corrections: what they change, from which day, and that they fail loudly once they no longer fit."""

import datetime as dt
import math
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from declarations import ENTRY, declare
from workspaces import Desk, append_rows, bare_desk, rate, row

from laoyou.errors import LedgerError, Problem
from laoyou.ledger.correction_file import load_corrections
from laoyou.ledger.corrections import Corrections
from laoyou.ledger.observations import Known, load_observations, read_known
from laoyou.pages import change_tables
from laoyou.view import open_view

JOBS, RATE, TRAINED = "new_urban_jobs", "arrears_resolution_rate", "training_enrolments_cumulative"
SHOWN = "data/corrections.yml"
WRONG = row(value="3600", note="首次上报")


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Desk:
    """Return a workspace whose ledger holds nothing but one wrong figure, in which the test stands."""
    desk = bare_desk(tmp_path)
    desk.write(WRONG)
    monkeypatch.chdir(desk.workspace.root)
    return desk


def known(desk: Desk, as_of: str | None = None) -> Known:
    return read_known(desk.workspace, desk.plan, desk.rules, as_of)


def figure(desk: Desk, as_of: str | None = None) -> dict[str, Any]:
    """Return the one figure known."""
    [row] = known(desk, as_of).observations.to_dict("records")
    return {str(name): value for name, value in row.items()}


def refused(desk: Desk, as_of: str | None = None) -> tuple[Problem, ...]:
    with pytest.raises(LedgerError) as caught:
        known(desk, as_of)
    assert caught.value.where == SHOWN
    return caught.value.problems


# --- What a correction does ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("as_of", "value"),
    [("2026-04-12", 3600), ("2026-05-19", 3600), ("2026-05-20", 360), ("2026-05-21", 360), (None, 360)],
)
def test_a_correction_holds_from_the_day_it_was_declared(desk: Desk, as_of: str | None, value: float) -> None:
    declare(desk.workspace, ENTRY)
    got = figure(desk, as_of)
    assert (got["value"], got["corrected"]) == (value, value == 360)


def test_a_corrected_figure_is_a_revision_that_says_what_it_was_and_why(desk: Desk) -> None:
    file = desk.workspace.data / "observations" / "reported.csv"
    before = file.read_bytes()
    declare(desk.workspace, ENTRY)
    got = figure(desk)
    assert (got["value"], got["first_value"], got["revision"], got["corrected"]) == (360, 3600, 1, True)
    assert got["source"] == "这里就业创业"
    assert str(got["reported_on"].date()) == "2026-05-20"
    assert got["note"] == (
        "首次上报；2026-05-20 订正：台账原为 3600，改用订正的数。原因：多写一个 0，已与填报人核对"
    )
    assert file.read_bytes() == before
    assert known(desk).rows["value"].tolist() == [3600]


def test_a_dropped_figure_is_missing(desk: Desk) -> None:
    declare(desk.workspace, {k: v for k, v in ENTRY.items() if k != "value"} | {"action": "drop"})
    got = figure(desk)
    assert math.isnan(got["value"])
    assert (got["missing"], got["first_value"], got["revision"]) == ("not_reported", 3600, 1)
    assert "台账原为 3600，不采用。原因：" in got["note"]


def test_a_rate_is_corrected_by_its_parts(desk: Desk) -> None:
    desk.write(rate(numerator="168", denominator="200"))
    parts = {"found": {"numerator": 168, "denominator": 200}, "numerator": 186, "denominator": 200}
    declare(desk.workspace, {k: v for k, v in ENTRY.items() if k != "value"} | {"indicator": RATE} | parts)
    got = figure(desk)
    assert (got["value"], got["numerator"], got["denominator"], got["first_value"]) == (93, 186, 200, 84)
    assert "台账原为 168/200" in got["note"]


def test_a_rate_corrected_as_such_has_no_parts_left(desk: Desk) -> None:
    desk.write(rate(numerator="168", denominator="200"))
    declare(desk.workspace, ENTRY | {"indicator": RATE, "found": {"value": 84}, "value": 93.0})
    got = figure(desk)
    assert got["value"] == 93
    assert math.isnan(got["numerator"])
    assert math.isnan(got["denominator"])


def test_a_figure_revised_before_keeps_its_first_report(desk: Desk) -> None:
    desk.write(row(value="355"), row(value="3600", reported_on="2026-04-20"))
    declare(desk.workspace, ENTRY)
    got = figure(desk)
    assert (got["value"], got["first_value"], got["revision"]) == (360, 355, 2)


def test_a_cumulative_count_that_falls_only_for_a_wrong_figure_is_accepted_once_that_is_corrected(
    desk: Desk,
) -> None:
    steps = {
        "2025Q4": ("7300", "2026-01-12"),
        "2026Q1": ("78000", "2026-04-12"),
        "2026Q2": ("8100", "2026-07-12"),
    }
    desk.write(*(row(indicator=TRAINED, period=p, value=v, reported_on=d) for p, (v, d) in steps.items()))
    with pytest.raises(LedgerError, match="累计数"):
        known(desk)
    declare(desk.workspace, ENTRY | {"indicator": TRAINED, "found": {"value": 78000}, "value": 7800})
    assert known(desk).observations["value"].tolist() == [7300, 7800, 8100]


def test_other_figures_are_left_as_they_are(desk: Desk) -> None:
    append_rows(desk.workspace, row(period="2025Q4", value="3600", reported_on="2026-01-12"))
    append_rows(desk.workspace, row(region="330300", value="3600"), row(indicator=TRAINED, value="3600"))
    declare(desk.workspace, ENTRY)
    figures = known(desk).observations.set_index(["region", "indicator", "period"])["value"]
    assert figures.to_dict() == {
        ("330300", JOBS, "2026Q1"): 3600,
        ("330305", JOBS, "2025Q4"): 3600,
        ("330305", JOBS, "2026Q1"): 360,
        ("330305", TRAINED, "2026Q1"): 3600,
    }


def test_observations_and_pages_rest_on_the_corrected_figure(desk: Desk) -> None:
    declare(desk.workspace, ENTRY)
    assert load_observations()["value"].tolist() == [360]
    view = open_view(region="330305", quarter="2026Q2", as_of="2026-07-31")  # last quarter's: as of 1 May
    [point] = view.points(JOBS)
    assert (point.value, point.first_value, point.revision, point.corrected) == (360, 3600, 1, True)
    text = change_tables.changes(view).text
    assert "订正" in text
    assert re.search(r"2026年一季度\s+3,600 人\s+360 人\s+订正\s+2026-05-20起", text)
    assert "多写一个 0" in text


# --- Once the source is mended ------------------------------------------------------------------------------------

MENDED = row(value="361", reported_on="2026-06-15", source="填报人更正")


def test_a_correction_fails_loudly_once_its_source_is_mended(desk: Desk) -> None:
    append_rows(desk.workspace, MENDED)
    [line] = declare(desk.workspace, ENTRY)
    for as_of in ("2026-06-15", "2026-12-31", None):
        [problem] = refused(desk, as_of)
        assert problem.place == f"第 {line} 行 found"
        for word in (
            "330305 new_urban_jobs 2026Q1",
            "361",
            "2026-06-15 起",
            "填报人更正",
            "reported.csv 第 3 行",
            "不是 3600",
        ):
            assert word in problem.found, word
        assert "status: mended、mended_on: 2026-06-15" in problem.remedy
    assert figure(desk, "2026-06-14")["value"] == 360


def test_a_correction_ended_leaves_the_mended_figure_and_the_reports_of_its_time(desk: Desk) -> None:
    declare(desk.workspace, ENTRY)
    then = known(desk, "2026-06-14")
    append_rows(desk.workspace, MENDED)
    declare(desk.workspace, ENTRY | {"status": "mended", "mended_on": dt.date(2026, 6, 15)})
    assert known(desk, "2026-06-14").digest == then.digest
    assert figure(desk, "2026-06-14")["value"] == 360
    for as_of in ("2026-06-15", None):
        got = figure(desk, as_of)
        assert (got["value"], got["first_value"], got["revision"], got["corrected"]) == (361, 3600, 1, False)


def test_a_correction_called_mended_while_the_ledger_is_still_wrong_is_refused(desk: Desk) -> None:
    append_rows(desk.workspace, MENDED)
    [line] = declare(desk.workspace, ENTRY | {"status": "mended", "mended_on": dt.date(2026, 6, 14)})
    [problem] = refused(desk)
    assert problem.place == f"第 {line} 行 mended_on"
    assert "2026-06-14 仍是 3600" in problem.found
    assert figure(desk, "2026-06-13")["value"] == 360


def test_a_figure_that_was_never_there_is_refused(desk: Desk) -> None:
    declare(desk.workspace, ENTRY | {"period": "2025Q4"})
    [problem] = refused(desk)
    assert "台账里没有 330305 new_urban_jobs 2025Q4" in problem.found


def test_a_missing_figure_is_not_the_wrong_one(desk: Desk) -> None:
    append_rows(desk.workspace, row(value="", missing="not_reported", reported_on="2026-06-15"))
    declare(desk.workspace, ENTRY)
    [problem] = refused(desk)
    assert "在台账里是 没有数" in problem.found


def test_a_figure_reported_after_the_day_waits_for_its_correction(desk: Desk) -> None:
    append_rows(desk.workspace, row(period="2026Q2", value="7000", reported_on="2026-07-12"))
    declare(desk.workspace, ENTRY | {"period": "2026Q2", "found": {"value": 7000}, "value": 700})
    assert figure(desk, "2026-07-11")["value"] == 3600
    later = known(desk).observations.set_index("period").loc["2026Q2"]
    assert (later["value"], str(later["reported_on"].date())) == (700, "2026-07-12")


def test_the_wrong_figure_must_be_named_in_full_where_it_is_named(desk: Desk) -> None:
    desk.write(rate(numerator="168", denominator="200"))
    entry = {k: v for k, v in ENTRY.items() if k != "value"} | {"indicator": RATE, "action": "drop"}
    for found in ({"numerator": 168, "denominator": 201}, {"value": 84.1}):
        declare(desk.workspace, entry | {"found": found})
        [problem] = refused(desk)
        assert "84（168/200）" in problem.found
    declare(desk.workspace, entry | {"found": {"value": 84, "numerator": 168, "denominator": 200}})
    assert math.isnan(figure(desk)["value"])


# --- Fingerprints -------------------------------------------------------------------------------------------------


def test_only_what_a_correction_says_of_its_time_is_in_the_fingerprint(desk: Desk) -> None:
    bare = known(desk).digest
    early = known(desk, "2026-05-19").digest
    declare(desk.workspace)
    assert known(desk).digest == bare
    declare(desk.workspace, ENTRY)
    assert known(desk).digest != bare
    assert known(desk, "2026-05-19").digest == early
    digests = set()
    for change in ({}, {"value": 361}, {"reason": "别的原因"}, {"declared_on": dt.date(2026, 5, 21)}):
        declare(desk.workspace, ENTRY | change)
        digests.add(known(desk).digest)
    assert len(digests) == 4


# --- The file -----------------------------------------------------------------------------------------------------


def loaded(desk: Desk, today: dt.date | None = None) -> Corrections:
    return load_corrections(desk.workspace, desk.plan, desk.rules, today=today)


def test_there_need_be_no_file(desk: Desk) -> None:
    (desk.workspace.data / "corrections.yml").unlink()
    assert loaded(desk) == Corrections(SHOWN, ())


def test_the_shipped_file_declares_nothing_and_shows_a_form_that_is_accepted(desk: Desk) -> None:
    assert loaded(desk).entries == ()
    file = desk.workspace.data / "corrections.yml"
    lines = file.read_text(encoding="utf-8").splitlines()
    form = [line.removeprefix("# ") for line in lines[lines.index("# corrections:") : -1]]
    file.write_text("\n".join(form), encoding="utf-8")
    [shown] = loaded(desk).entries
    assert (shown.indicator, shown.action, shown.found["numerator"]) == (RATE, "replace", 486)


def test_an_entry_knows_its_line(desk: Desk) -> None:
    other = ENTRY | {"period": "2025Q4"}
    assert [c.line for c in loaded_after(desk, ENTRY, other)] == [2, 11]
    assert [c.mended_on for c in loaded(desk).open] == [None, None]


def loaded_after(desk: Desk, *entries: dict[str, Any]) -> tuple[Any, ...]:
    declare(desk.workspace, *entries)
    return loaded(desk).entries


def test_a_period_may_be_spelled_as_the_ledger_may_spell_it(desk: Desk) -> None:
    declare(desk.workspace, ENTRY | {"period": "2026年一季度"})
    assert figure(desk)["value"] == 360


without: Callable[..., dict[str, Any]] = lambda *names: {k: v for k, v in ENTRY.items() if k not in names}  # noqa: E731

REFUSALS: dict[str, tuple[dict[str, Any], str, str]] = {
    "unknown key": (ENTRY | {"why": "x"}, "why", "不认识的键「why」"),
    "absent key": (without("reason"), "reason", "缺少"),
    "no reason": (ENTRY | {"reason": " "}, "reason", "空着"),
    "unknown indicator": (ENTRY | {"indicator": "new_urban_job"}, "indicator", "是不是「new_urban_jobs」"),
    "unknown region": (ENTRY | {"region": "330306"}, "region", "「330306」"),
    "no period": (ENTRY | {"period": "2026Q5"}, "period", "「2026Q5」不是期间"),
    "a year that is a number": (ENTRY | {"period": 2026}, "period", "文本（数字也要加引号）"),
    "unknown action": (ENTRY | {"action": "delete"}, "action", "replace"),
    "unknown status": (ENTRY | {"status": "closed"}, "status", "mended"),
    "no wrong figure": (ENTRY | {"found": {}}, "0", "found 里没有数"),
    "half a wrong figure": (ENTRY | {"found": {"numerator": 3}}, "found", "分子、分母只有一个"),
    "a wrong figure in words": (ENTRY | {"found": {"value": "3600"}}, "value", "数字"),
    "no right figure": (without("value"), "0", "replace，却没有数"),
    "a right figure to drop": (ENTRY | {"action": "drop"}, "0", "drop，却写了数"),
    "negative": (ENTRY | {"value": -1}, "value", "不小于 0"),
    "mended some day": (ENTRY | {"status": "mended"}, "0", "mended 写明 mended_on"),
    "open but mended": (ENTRY | {"mended_on": dt.date(2026, 6, 15)}, "0", "open 不写"),
    "mended before": (
        ENTRY | {"status": "mended", "mended_on": dt.date(2026, 5, 19)}, "0", "不早于 2026-05-20",
    ),
    "no day": (ENTRY | {"declared_on": "2026-05-20"}, "declared_on", "日期"),
    "a count by parts": (without("value") | {"numerator": 1, "denominator": 2}, "action", "没有 value"),
    "more than all": (ENTRY | {"indicator": RATE, "value": 101}, "action", "0 到 100"),
    "more than its whole": (
        without("value") | {"indicator": RATE, "numerator": 3, "denominator": 2}, "action", "分子 3 大于分母",
    ),
    "a rate that is not its fraction": (
        ENTRY | {"indicator": RATE, "value": 50.1, "numerator": 1, "denominator": 2}, "action", "不符",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSALS)
def test_an_entry_that_makes_no_sense_is_refused_in_its_place(desk: Desk, name: str) -> None:
    entry, place, words = REFUSALS[name]
    declare(desk.workspace, entry)
    [problem] = refused(desk)
    assert problem.place.startswith("第 ")
    assert problem.place.endswith(f"corrections › 0 › {place}" if place != "0" else "corrections › 0") or (
        problem.place.endswith(f"› {place}")
    )
    assert words in str(problem)


def test_a_rate_may_be_given_with_its_fraction_as_it_was_rounded(desk: Desk) -> None:
    desk.write(rate(numerator="168", denominator="200"))
    right = {"value": 93.1, "numerator": 186, "denominator": 200}
    declare(desk.workspace, ENTRY | {"indicator": RATE, "found": {"value": 84}} | right)
    assert "不符" in refused(desk)[0].found
    declare(desk.workspace, ENTRY | {"indicator": RATE, "found": {"value": 84}} | right | {"value": 93.05})
    assert figure(desk)["value"] == 93.05


def test_a_figure_has_one_correction_at_a_time(desk: Desk) -> None:
    first = ENTRY | {"status": "mended", "mended_on": dt.date(2026, 6, 15)}
    second = ENTRY | {"declared_on": dt.date(2026, 6, 14), "found": {"value": 361}, "value": 362}
    lines = declare(desk.workspace, first, second)
    [problem] = refused(desk)
    assert problem.place.startswith(f"第 {lines[1] + 7} 行")
    assert "与第 1 条同时订正" in problem.found
    append_rows(desk.workspace, MENDED)
    declare(desk.workspace, first, second | {"declared_on": dt.date(2026, 6, 15)})
    assert figure(desk)["value"] == 362
    assert figure(desk, "2026-06-14")["value"] == 360


def test_a_day_after_today_is_refused_where_today_is_known(desk: Desk) -> None:
    declare(desk.workspace, ENTRY)
    assert len(loaded(desk, dt.date(2026, 5, 20)).entries) == 1
    with pytest.raises(LedgerError, match="2026-05-20 在今天之后"):
        loaded(desk, dt.date(2026, 5, 19))


def test_every_problem_of_the_file_is_listed_at_once(desk: Desk) -> None:
    declare(
        desk.workspace, ENTRY | {"region": "1", "indicator": "2"}, ENTRY | {"region": "3", "period": "2025"}
    )
    assert len(refused(desk)) == 3


# --- Persons and small counts -------------------------------------------------------------------------------------

IDENTITY, MOBILE = "330322199003071234", "13800138000"


@pytest.mark.parametrize("number", [IDENTITY, MOBILE, "１３８ ００１３ ８０００", "0577-63480000"])
@pytest.mark.parametrize("field", ["reason", "region", "indicator", "action", "status", "value", "a key"])
def test_a_number_of_a_person_is_refused_and_not_repeated(desk: Desk, field: str, number: str) -> None:
    declare(desk.workspace, ENTRY | ({f"电话{number}": 1} if field == "a key" else {field: f"问过 {number}"}))
    with pytest.raises(LedgerError) as caught:
        known(desk)
    said = str(caught.value)
    assert "不照录" in said
    assert number not in said
    assert "第 " in said


@pytest.mark.parametrize("number", [".inf", "-.inf", ".nan", "1e999"])
@pytest.mark.parametrize("place", ["value", "found"])
def test_a_figure_that_is_no_number_is_refused_with_its_line(desk: Desk, place: str, number: str) -> None:
    [line] = declare(desk.workspace, ENTRY)
    file = desk.workspace.data / "corrections.yml"
    old = "value: 360\n" if place == "value" else '{"value": 3600}'
    text = file.read_text(encoding="utf-8")
    assert text.count(old) == 1
    file.write_text(text.replace(old, old.replace("3600" if place == "found" else "360", number)), "utf-8")
    [problem] = refused(desk)
    n = list(ENTRY).index(place)
    assert problem.place.startswith(f"第 {line + n} 行 corrections › 0 › {place}")
    assert problem.allowed == ("数字" if number == "1e999" else "有限的数")  # YAML 1.1 takes 1e999 for a text


BEIAO, DAMEN, LINGKUN = "330305001", "330305101", "330305002"


def parts(region: str, numerator: str, denominator: str, **cells: str) -> dict[str, str]:
    return rate(region=region, measured_at=region, numerator=numerator, denominator=denominator, **cells)


WITHHELD = (  # of 200 cases 180 are shown; the rest, of two townships, is 20, of which 12 were resolved
    parts("330305", "186", "200"),
    parts(BEIAO, "174", "180"),
    parts(DAMEN, "", "", missing="suppressed"),
    parts(LINGKUN, "", "", missing="suppressed"),
)


def of_parts(region: str, found: tuple[int, int], right: tuple[int, int] | None) -> dict[str, Any]:
    names = ("numerator", "denominator")
    entry = without("value") | {
        "indicator": RATE, "region": region, "found": dict(zip(names, found, strict=True)),
        "action": "replace" if right else "drop",
    }  # fmt: skip
    return entry | (dict(zip(names, right, strict=True)) if right else {})


@pytest.mark.parametrize(
    ("right", "allowed"),
    [((4, 20), False), ((5, 20), True), ((0, 20), False), ((3, 4), False), ((5, 5), True)],
)
def test_a_correction_that_would_publish_a_small_count_of_a_township_is_refused(
    desk: Desk, right: tuple[int, int], allowed: bool
) -> None:
    desk.write(parts(BEIAO, "174", "180"))
    declare(desk.workspace, of_parts(BEIAO, (174, 180), right))
    if allowed:
        assert figure(desk)["numerator"] == right[0]
        return
    [problem] = refused(desk)
    assert problem.found == "330305001 的数小于 5"
    assert problem.allowed == "各项不小于 5，或 action: drop"


def test_a_small_count_of_the_whole_district_may_stand(desk: Desk) -> None:
    desk.write(parts("330305", "174", "180"))
    declare(desk.workspace, of_parts("330305", (174, 180), (3, 4)))
    assert figure(desk)["numerator"] == 3


def test_a_small_count_that_is_taken_back_is_not_repeated(desk: Desk) -> None:
    desk.write(parts(BEIAO, "3", "17"))
    declare(desk.workspace, of_parts(BEIAO, (3, 17), None))
    got = figure(desk)
    assert "台账原为 一个很小的数（不照录），不采用" in got["note"]
    assert math.isnan(got["first_value"])
    declare(desk.workspace, of_parts(BEIAO, (2, 17), None))
    [problem] = refused(desk)
    assert "2/17" not in str(problem)


@pytest.mark.parametrize("region", [DAMEN, LINGKUN])
def test_a_figure_that_is_withheld_cannot_be_corrected(desk: Desk, region: str) -> None:
    desk.write(*WITHHELD)
    declare(desk.workspace, of_parts(region, (7, 9), (8, 9)))
    [problem] = refused(desk)
    assert problem.found == f"{region} {RATE} 2026Q1 在台账里为保护隐私不公布"
    assert "7/9" not in str(problem)


@pytest.mark.parametrize(
    ("region", "found", "right", "allowed"),
    [
        ("330305", (186, 200), (179, 200), True),  # 5 of 20 are left for the two withheld
        ("330305", (186, 200), (178, 200), False),  # 4 of 20
        ("330305", (186, 200), (179, 185), True),  # 5 of 5
        ("330305", (186, 200), (179, 184), False),  # 5 of 4
        ("330305", (186, 200), (100, 120), False),  # fewer than the part shown: no such parts can be
        (BEIAO, (174, 180), (175, 195), True),
        (BEIAO, (174, 180), (175, 196), False),
        (BEIAO, (174, 180), None, True),
    ],
)
def test_a_correction_leaves_enough_to_hide_what_is_withheld(
    desk: Desk, region: str, found: tuple[int, int], right: tuple[int, int] | None, allowed: bool
) -> None:
    desk.write(*WITHHELD)
    [line] = declare(desk.workspace, of_parts(region, found, right))
    if allowed:
        assert known(desk).observations["corrected"].sum() == 1
        return
    [problem] = refused(desk)
    assert problem.place == f"第 {line} 行 {region} {RATE} 2026Q1"
    assert problem.allowed == "总数减去列出的各部分，每一项都不小于 5"
    assert known(desk, "2026-05-19").observations["corrected"].sum() == 0
