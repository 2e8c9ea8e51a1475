"""Cells whose figure is withheld."""

from pathlib import Path

import pytest
from declarations import ENTRY, declare
from workspaces import Desk, bare_desk, rate, row

from laoyou.errors import LedgerError
from laoyou.ledger.correction_file import load_corrections
from laoyou.ledger.corrections import as_corrected
from laoyou.ledger.withheld import ever_withheld, explanation, parts_withheld

TOWN, OTHER = "330305001", "330305002"


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return bare_desk(tmp_path / "checkout")


def small(**cells: str) -> dict[str, str]:
    return rate(**{"numerator": "", "denominator": "", "missing": "suppressed", **cells})


def test_a_cell_once_withheld_is_remembered_whatever_came_after(desk: Desk) -> None:
    desk.write(
        small(region=TOWN),
        rate(region=TOWN, reported_on="2026-07-12"),
        small(region=OTHER, period="2026Q2", reported_on="2026-07-12"),
        rate(),
        rate(region=OTHER, numerator="", denominator="", missing="not_reported"),
    )
    desk.write(small(region=OTHER, status="sample"), file="sample/intake.csv")
    cells = ever_withheld(desk.read(), sample=False)
    assert cells == {
        (TOWN, "arrears_resolution_rate", "2026Q1"),
        (OTHER, "arrears_resolution_rate", "2026Q2"),
    }
    assert ever_withheld(desk.read(), sample=True) == {(OTHER, "arrears_resolution_rate", "2026Q1")}
    assert parts_withheld(cells, "arrears_resolution_rate", "2026Q1") == [TOWN]
    assert parts_withheld(cells, "new_urban_jobs", "2026Q1") == []


@pytest.mark.parametrize(
    ("missing", "before", "note"),
    [
        ("suppressed", "17/40", "更正：为保护隐私不公布"),
        ("suppressed", "未报", "更正：为保护隐私不公布"),
        ("", "17/40", "更正：原 17/40"),
        ("", "未报", "补报：此前未报"),
        ("not_collected", "17/40", "更正：原 17/40"),
    ],
)
def test_a_note_repeats_the_figure_before_unless_it_is_withheld(missing: str, before: str, note: str) -> None:
    assert explanation({"missing": missing}, before) == note


def test_a_correction_of_a_figure_withheld_since_says_so_without_the_figure(desk: Desk) -> None:
    desk.write(row(value="3600"), row(value="", missing="suppressed", reported_on="2026-07-12"))
    declare(desk.workspace, ENTRY)
    corrections = load_corrections(desk.workspace, desk.plan, desk.rules)
    with pytest.raises(LedgerError) as refusal:
        as_corrected(desk.read(), corrections)
    text = str(refusal.value)
    assert "为保护隐私不公布" in text
    assert "3600" not in text
    assert "status: mended" in text
