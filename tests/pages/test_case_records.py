import datetime as dt
from pathlib import Path

import pandas as pd
import pytest
from workspaces import append_rows, copy_workspace, rate

from laoyou.cases.records import case_rate, case_rate_by
from laoyou.intake.sample_records import as_stood
from laoyou.pages.case_records import CaseRecords, case_records
from laoyou.rules import CaseRate
from laoyou.view import View, open_view
from laoyou.workspace import Workspace

ARREARS = "arrears_resolution_rate"
PLATFORMS = ("安薪在线", "码上维权·不再忧薪", "智慧监察·阳光支付")
DISTRICT, BEIAO = "330305", "330305001"
HEADER = (
    "case,opened,closed,outcome,region,industry,group,procedure,workers,amount,placed,public_service,model_since,"
    "reported_on\n"
)


@pytest.fixture
def workspace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Workspace:
    found = copy_workspace(tmp_path)
    monkeypatch.chdir(tmp_path)
    return found


def look(
    indicator: str = ARREARS, *, region: str = DISTRICT, quarter: str = "2026Q3", as_of: str = ""
) -> tuple[View, CaseRecords]:
    view = open_view(region=region, quarter=quarter, as_of=as_of)
    return view, case_records(view, indicator)


def keep(folder: Path, taken_in: dict[str, str], *cases: str) -> None:
    """Write kept records: the day of the last export by mapping, and the cases of the first mapping."""
    folder.mkdir(parents=True, exist_ok=True)
    log = [f"{name},{day},1,{'0' * 64}\n" for name, day in taken_in.items()]
    (folder / "exports.csv").write_text("mapping,taken_in,records,sha256\n" + "".join(log), "utf-8")
    first = next(iter(taken_in))
    (folder / f"{first}.csv").write_text(HEADER + "".join(f"{case}\n" for case in cases), "utf-8")


def case(number: int, opened: str, closed: str, outcome: str, reported: str, more: str = ",,") -> str:
    """Return one line of kept records: a case in Beiao; ``more`` is industry, group and procedure."""
    return f"{number:020x},{opened},{closed},{outcome},{BEIAO},{more},3,12000,,,,{reported}"


THREE = dict.fromkeys(("anxin-zaixian", "mashang-weiquan", "zhihui-jiancha"), "2026-10-08")


# The sample exports


def test_the_sample_cases_yield_the_figures_of_the_sample_ledger(workspace: Workspace) -> None:
    for indicator in ("arrears_resolution_rate", "mediation_success_rate", "arbitration_closure_rate"):
        view, found = look(indicator)
        assert (found.reason, found.sample) == ("", True)
        for point in view.points(indicator):
            if point.missing:
                continue
            counted = case_rate(found.table, view.rules.cases[indicator], point.quarter)
            assert (counted["numerator"].sum(), counted["denominator"].sum()) == (
                point.numerator,
                point.denominator,
            )


def test_the_records_are_typed_and_say_what_every_platform_tells(workspace: Workspace) -> None:
    _, found = look()
    assert found.platforms == PLATFORMS
    assert {"region", "industry", "workers", "amount"} <= found.told
    assert found.table["case"].is_unique
    assert found.table["opened"].notna().all()
    assert found.table["amount"].dtype == float
    _, found = look("arbitration_closure_rate")
    assert "industry" not in found.told


def test_a_township_sees_its_own_cases(workspace: Workspace) -> None:
    view, found = look(region=BEIAO)
    assert set(found.table["region"]) == {BEIAO}
    _, whole = look()
    by_region = case_rate_by(whole.table, view.rules.cases[ARREARS], view.quarter, "region")
    counted = case_rate(found.table, view.rules.cases[ARREARS], view.quarter)
    assert by_region.loc[BEIAO].tolist() == counted[["numerator", "denominator"]].sum().tolist()


def test_what_came_after_the_day_had_not_happened(workspace: Workspace) -> None:
    _, found = look(quarter="2026Q2", as_of="2026-07-20")
    days = found.table[["opened", "closed"]]
    assert (days.max() <= pd.Timestamp("2026-07-20")).all()
    assert (found.table.loc[found.table["closed"].isna(), "outcome"] == "open").all()
    view, later = look(quarter="2026Q2")
    for table in (found.table, later.table):
        counted = case_rate(table, view.rules.cases[ARREARS], view.quarter)
        assert counted[["numerator", "denominator"]].sum().tolist() == [129, 142]


def test_cases_stand_as_they_did_on_a_day() -> None:
    rows = [
        ("a", "2026-01-01", "2026-02-01", "done", ""),
        ("b", "2026-01-01", "2026-02-02", "done", "2026-02-03"),
        ("c", "2026-02-01", "", "open", "2026-02-01"),
        ("d", "2026-02-02", "", "open", ""),
        ("e", "2026-01-01", "", "duplicate", ""),
    ]
    table = pd.DataFrame(rows, columns=["case", "opened", "closed", "outcome", "placed"]).assign(
        model_since=""
    )
    stood = as_stood(table, dt.date(2026, 2, 1))
    assert list(stood.drop(columns=["opened", "model_since"]).itertuples(index=False, name=None)) == [
        ("a", "2026-02-01", "done", ""),
        ("b", "", "open", ""),
        ("c", "", "open", "2026-02-01"),
        ("e", "", "duplicate", ""),
    ]


# Why there are none


@pytest.mark.parametrize(
    ("indicator", "asked", "reason"),
    [
        ("new_urban_jobs", {}, "not_counted"),
        (ARREARS, {"region": "330300"}, "other_region"),
        ("gig_markets_built", {"region": BEIAO}, "no_region"),
        (ARREARS, {"as_of": "2026-09-30"}, "quarter_not_over"),
        (ARREARS, {"as_of": "2026-10-01"}, ""),
        (ARREARS, {"quarter": "2026Q4"}, "not_exported"),
    ],
)
def test_a_reason_is_given_where_there_are_no_records(
    workspace: Workspace, indicator: str, asked: dict[str, str], reason: str
) -> None:
    _, found = look(indicator, **asked)
    assert found.reason == reason
    assert found.table.empty == bool(reason)
    assert found.absent == (PLATFORMS if reason == "not_exported" else ())


def test_nothing_is_read_where_nothing_is_kept(workspace: Workspace) -> None:
    for file in (workspace.data / "sample/exports").glob("*"):
        file.unlink()
    _, found = look()
    assert (found.reason, len(found.table)) == ("no_records", 0)
    assert str(found.table["opened"].dtype).startswith("datetime64")


def test_sample_cases_do_not_stand_beside_real_figures(workspace: Workspace) -> None:
    append_rows(workspace, rate(period="2026Q1", reported_on="2026-04-12"))
    assert look()[1].reason == "no_records"
    assert look(quarter="2025Q4", as_of="2026-04-11")[1].reason == ""  # nothing real was known yet


# Records taken in


def test_real_cases_come_first(workspace: Workspace) -> None:
    keep(
        workspace.data / "records",
        THREE,
        case(1, "2026-07-01", "", "open", "2026-10-08"),
        case(2, "2026-07-02", "2026-07-12", "done", "2026-10-08"),
    )
    _, found = look()
    assert (found.reason, found.sample, len(found.table)) == ("", False, 2)
    assert found.table["workers"].tolist() == [3, 3]


def test_the_latest_state_known_on_the_day_counts(workspace: Workspace) -> None:
    keep(
        workspace.data / "records",
        THREE,
        case(1, "2026-07-01", "", "open", "2026-10-08"),
        case(1, "2026-07-01", "2026-09-28", "done", "2026-10-20"),
    )
    assert look()[1].table["outcome"].tolist() == ["done"]
    assert look(as_of="2026-10-20")[1].table["outcome"].tolist() == ["done"]
    assert look(as_of="2026-10-19")[1].table["outcome"].tolist() == ["open"]
    before = look(as_of="2026-10-07")[1]
    assert (before.reason, before.sample) == ("", True)  # the sample, as nothing real was known


@pytest.mark.parametrize(("taken", "absent"), [("2026-10-01", ()), ("2026-09-30", PLATFORMS[1:2])])
def test_every_platform_must_have_been_exported_since_the_quarter(
    workspace: Workspace, taken: str, absent: tuple[str, ...]
) -> None:
    days = THREE | {"mashang-weiquan": taken}
    keep(workspace.data / "records", days, case(1, "2026-07-01", "", "open", "2026-10-08"))
    _, found = look()
    assert (found.reason, found.absent) == ("not_exported" if absent else "", absent)


def test_sample_cases_taken_in_replace_the_sample_exports(workspace: Workspace) -> None:
    folder = workspace.data / "sample/records"
    keep(folder, THREE, case(1, "2026-07-01", "", "open", "2026-10-08"))
    _, found = look()
    assert (found.sample, len(found.table)) == (True, 1)
    keep(folder, THREE | {"zhihui-jiancha": "2026-09-30"}, case(1, "2026-07-01", "", "open", "2026-10-08"))
    assert len(look()[1].table) > 1000  # not of every platform: the exports


# Cases by group


def test_a_rate_is_counted_by_group() -> None:
    definition = CaseRate.model_validate({"base": "new", "leave_out": ["duplicate"]})
    rows = [
        ("2026-01-05", "2026-01-09", "done", "a"),
        ("2026-01-05", "", "open", "a"),
        ("2026-01-05", "2026-01-09", "duplicate", "a"),
        ("2026-01-05", "2026-01-09", "done", "b"),
        ("2026-01-05", "2026-01-09", "done", ""),
        ("2025-12-31", "2026-01-09", "done", "b"),
    ]
    table = pd.DataFrame(rows, columns=["opened", "closed", "outcome", "industry"]).assign(region="")
    for name in ("opened", "closed"):
        table[name] = pd.to_datetime(table[name].where(table[name] != ""))
    quarter = pd.Period("2026Q1", freq="Q-DEC")
    found = case_rate_by(table, definition, quarter, "industry")
    assert found.to_dict("index") == {
        "a": {"numerator": 1, "denominator": 2},
        "b": {"numerator": 1, "denominator": 1},
    }
