"""What is asked for: which quarters of which regions, with which parameters."""

import datetime as dt
from pathlib import Path
from typing import Any

import pytest
from workspaces import append_rows, copy_workspace, row, write_notebook

from laoyou.batch.orders import orders_of
from laoyou.errors import LaoyouError, ParametersError
from laoyou.workspace import Workspace

TODAY = dt.date(2026, 11, 26)
TOWNSHIPS = [f"330305{n}" for n in ("001", "002", "003", "004", "005", "006", "101", "202")]


@pytest.fixture
def workspace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Workspace:
    copy = copy_workspace(tmp_path)
    write_notebook(copy, "small", "quarter")
    monkeypatch.chdir(copy.root)
    return copy


def asked(workspace: Workspace, regions: str, quarters: str, **more: Any) -> list[tuple[str, str, str]]:
    """Return region, quarter and last day of knowledge of each order."""
    orders = orders_of(workspace, regions, quarters, **({"today": TODAY} | more))
    return [tuple(o.parameters[name] for name in ("region", "quarter", "as_of")) for o in orders]  # type: ignore[misc]


def test_all_regions_are_those_with_quarterly_figures_of_their_own(workspace: Workspace) -> None:
    found = asked(workspace, "all", "2026Q3")
    # province and nation have quarterly figures, too: of minimum wages and patents, to compare with
    assert [region for region, _, _ in found] == ["330305", *TOWNSHIPS]
    append_rows(workspace, row(region="330300", measured_at="330300"))
    assert "330300" not in [region for region, _, _ in asked(workspace, "all", "2026Q3")]


def test_a_span_holds_both_its_ends_and_begins_with_the_latest(workspace: Workspace) -> None:
    found = asked(workspace, "330305", "2025Q3..2026Q2")
    assert [quarter for _, quarter, _ in found] == ["2026Q2", "2026Q1", "2025Q4", "2025Q3"]
    assert asked(workspace, "330305", "2026Q2") == found[:1]
    assert asked(workspace, "330305", "2026Q2..2026Q2") == found[:1]


@pytest.mark.parametrize(
    ("quarter", "day"),
    [
        ("2026Q3", "2026-10-31"),  # as its file says
        ("2026Q1", "2026-04-30"),
        ("2025Q2", "2025-07-31"),
        ("2023Q4", "2024-01-31"),
    ],
)
def test_without_a_file_what_counts_is_known_at_the_end_of_the_month_after_the_quarter(
    workspace: Workspace, quarter: str, day: str
) -> None:
    assert asked(workspace, "330305", quarter) == [("330305", quarter, day)]


def test_the_file_of_a_quarter_holds_for_every_region(workspace: Workspace) -> None:
    file = workspace.params / "2026Q3.yml"
    file.write_text(file.read_text(encoding="utf-8").replace("2026-10-31", "2026-11-15"), encoding="utf-8")
    assert asked(workspace, "330305001,330305", "2026Q3") == [
        ("330305001", "2026Q3", "2026-11-15"),
        ("330305", "2026Q3", "2026-11-15"),
    ]


def test_a_day_that_is_given_holds_for_every_quarter(workspace: Workspace) -> None:
    assert [day for _, _, day in asked(workspace, "330305", "2026Q1..2026Q3", as_of="2026-11-20")] == 3 * [
        "2026-11-20"
    ]


def test_a_region_named_twice_is_made_once(workspace: Workspace) -> None:
    assert len(asked(workspace, "330305, 330305", "2026Q3")) == 1


def test_a_comma_may_be_a_chinese_one(workspace: Workspace) -> None:
    assert asked(workspace, "330305，330305001", "2026Q3") == asked(workspace, "330305,330305001", "2026Q3")


@pytest.mark.parametrize(
    ("regions", "quarters", "found"),
    [
        ("330305", "2026Q5", "2026Q5"),
        ("330305", "", "「」"),
        ("330305", "2026Q2..2026Q1", "「2026Q2..2026Q1」"),
        ("330305", "2025Q1..2025Q2..2025Q3", "「2025Q1..2025Q2..2025Q3」"),
        ("330305", "2022Q4..2023Q1", "「2022Q4」不在规划期内"),
        ("330305", "2028Q1", "「2028Q1」不在规划期内"),
        ("330399", "2026Q3", "「330399」不在地区表里"),
        ("330305,", "2026Q3", "「」不在地区表里"),
        ("ALL", "2026Q3", "「ALL」不在地区表里"),
    ],
)
def test_what_is_no_quarter_or_region_is_refused(
    workspace: Workspace, regions: str, quarters: str, found: str
) -> None:
    with pytest.raises(ParametersError) as refused:
        asked(workspace, regions, quarters)
    assert found in str(refused.value)


def test_a_quarter_that_is_not_reported_yet_is_refused(workspace: Workspace) -> None:
    assert asked(workspace, "330305", "2026Q1", today=dt.date(2026, 4, 30))
    with pytest.raises(ParametersError, match="「2026Q1」的数据截止日是 2026-04-30"):
        asked(workspace, "330305", "2026Q1", today=dt.date(2026, 4, 29))
    assert asked(workspace, "330305", "2026Q1", as_of="2026-04-10", today=dt.date(2026, 4, 29))
    with pytest.raises(ParametersError, match="「2026Q1」的数据截止日是 2026-03-30"):
        asked(workspace, "330305", "2026Q1", as_of="2026-03-30")


def test_a_day_that_is_none_is_refused(workspace: Workspace) -> None:
    with pytest.raises(ParametersError, match="不是日期"):
        asked(workspace, "330305", "2026Q1", as_of="昨天")
    with pytest.raises(LaoyouError, match="不是日期"):
        asked(workspace, "330305", "2026Q3", as_of="昨天")
