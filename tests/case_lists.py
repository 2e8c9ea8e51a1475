"""Cases of a page made by hand, in place of those that the platforms' exports hold."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import pandas as pd
from workspaces import ROOT

from laoyou.cases.records import RECORD_COLUMNS
from laoyou.pages.case_records import CaseRecords
from laoyou.pages.case_view import Cases
from laoyou.view import open_view

ARREARS = "arrears_resolution_rate"
PLATFORM = "某平台"
TOLD = frozenset({"case", "opened", "closed", "outcome", "industry", "region", "workers", "amount"})
EMPTY = pd.DataFrame({name: pd.Series(dtype=float) for name in ("numerator", "denominator")}).assign(
    status="", source="", suppressed=False
)


def listed(*rows: Mapping[str, object]) -> pd.DataFrame:
    """Return records; each opened on 2026-07-01, open and in no group unless told."""
    plain = dict.fromkeys(RECORD_COLUMNS, "") | {
        "opened": "2026-07-01",
        "outcome": "open",
        "workers": None,
        "amount": None,
    }
    table = pd.DataFrame([plain | dict(row) for row in rows], columns=list(RECORD_COLUMNS))
    for name in ("opened", "closed"):
        table[name] = pd.to_datetime(table[name].where(table[name] != ""))
    return table.astype({"workers": float, "amount": float})


def done(days: int, opened: str = "2026-07-01", **more: object) -> dict[str, object]:
    """Return a case resolved so many days after it was opened."""
    closed = pd.Timestamp(opened) + pd.Timedelta(days=days)
    return {"opened": opened, "closed": str(closed.date()), "outcome": "done", **more}


def times(count: int, row: Mapping[str, object]) -> list[Mapping[str, object]]:
    """Return so many equal cases."""
    return [row] * count


def cases_of(
    rows: Iterable[Mapping[str, object]], *, told: frozenset[str] = TOLD, sample: bool = False, quarter: str = "2026Q3",
    townships: pd.DataFrame = EMPTY, region: str = "330305",
) -> Cases:  # fmt: skip
    """Return cases made by hand on a page of the shipped plan; without townships unless told."""
    view = open_view(region=region, quarter=quarter, data=str(ROOT / "data"))
    cases = Cases(view, ARREARS)
    cases.__dict__["records"] = CaseRecords(listed(*rows), sample, told, (PLATFORM,))
    cases.__dict__["townships"] = townships
    return cases


def parts_of(**counts: tuple[float, float] | None) -> pd.DataFrame:
    """Return townships' figures by code, without the letter before it; None where they are suppressed."""
    rows = {code[1:]: pair or (float("nan"), float("nan")) for code, pair in counts.items()}
    table = pd.DataFrame.from_dict(rows, orient="index", columns=["numerator", "denominator"])
    hidden = [pair is None for pair in counts.values()]
    return table.assign(status="reported", source="某平台个案", suppressed=hidden)
