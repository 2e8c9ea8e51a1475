"""Small plans and small ledgers to judge; the shipped ones for what is read from them."""

import os
import signal
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import settings
from postgres import cluster, unavailable
from stores import KINDS, Kept, addressed
from workspaces import bare_desk

import laoyou
from laoyou.language import speaking
from laoyou.ledger.file import COLUMNS
from laoyou.ledger.stores.store import store_at
from laoyou.ledger.vintage import as_known
from laoyou.periods import frequency, parse_period
from laoyou.plan import Indicator, Plan
from laoyou.rules import Rules

# The same cases on every machine, however slow: a test that fails does so again.
settings.register_profile("repeatable", derandomize=True, deadline=None)
settings.load_profile("repeatable")


# The ledger is the one that a test makes, whatever the machine's own setting.
os.environ.pop("LAOYOU_DATA", None)

# Started in the background, a process ignores Ctrl-C and so do all it starts: what is tested would not be heard.
signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(scope="session")
def plan() -> Plan:
    return laoyou.load_plan()


@pytest.fixture(scope="session")
def rules() -> Rules:
    return laoyou.load_rules()


@pytest.fixture(scope="session")
def shipped() -> pd.DataFrame:
    """Return the observations that the project ships with."""
    return laoyou.load_observations()


@pytest.fixture(scope="session")
def one_row_plan(plan: Plan) -> Callable[..., Plan]:
    """Return a function that makes a plan of one indicator, ``row``, from its cells as printed."""

    def make(kind: str, *targets: str, better: str = "higher", baseline: str = "100", **more: Any) -> Plan:
        """One target holds for every year; five are those of 2023 to 2027."""
        words = {"zh": "某", "en": "some"}
        suspect = more.pop("baseline_suspect", False)
        indicator = Indicator.model_validate(
            {
                "id": "row", "row": "1", "name": words, "definition": words, "decimals": 2, "kind": kind,
                "unit": "%" if kind in ("survey_rate", "case_rate", "stock_ratio") else "件", "better": better,
                "task": next(iter(plan.tasks)), "reference": "某表", "sources": [],
                "baseline": {"year": 2022, "text": baseline, "suspect": suspect},
                "targets": dict(zip(plan.years, targets if len(targets) > 1 else 5 * targets, strict=True)),
            }
            | more
        )  # fmt: skip
        return plan.model_copy(update={"indicators": {"row": indicator}})

    return make


@pytest.fixture(scope="session")
def observe() -> Callable[..., pd.DataFrame]:
    """Return a function that makes observations of one series from its figures by period."""

    def make(
        figures: Mapping[str, float | Mapping[str, Any]], indicator: str = "row", region: str = "330305"
    ) -> pd.DataFrame:
        """Make rows; a figure is a value, or the columns that differ from a plain reported value."""
        return ledger(
            {
                "region": region,
                "indicator": indicator,
                "period": period,
                **(figure if isinstance(figure, Mapping) else {"value": figure}),
            }
            for period, figure in figures.items()
        )

    return make


def ledger(rows: Any) -> pd.DataFrame:
    """Return rows of the ledger, given by the columns that matter, as ``load_observations`` returns them."""
    blank = dict.fromkeys(COLUMNS, "") | dict.fromkeys(("value", "numerator", "denominator"), np.nan)
    table = pd.DataFrame([blank | {"status": "reported"} | row for row in rows], columns=list(COLUMNS))
    periods = [parse_period(text) for text in table["period"]]
    kinds = [frequency(period) for period in periods]
    table = table.assign(
        value=table["value"].fillna(100 * table["numerator"] / table["denominator"]).astype(float),
        reported_on=[period.end_time.normalize() for period in periods],
        year=np.array([period.year for period in periods], np.int32),
        quarter=np.array(
            [p.quarter if k == "quarter" else 0 for p, k in zip(periods, kinds, strict=True)], np.int8
        ),
        frequency=kinds,
    )
    return as_known(table.astype({"numerator": float, "denominator": float, "reported_on": "datetime64[us]"}))


@pytest.fixture(scope="session")
def database() -> Iterator[str]:
    """Return the address of a PostgreSQL of the tests' own; without one there is nothing to test, save where all must be."""
    if reason := unavailable():
        if os.environ.get("CI") == "true":
            pytest.fail(reason)
        pytest.skip(reason)
    with cluster() as address:
        yield address


@pytest.fixture(params=KINDS)
def kept(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Kept:
    """Return a workspace whose ledger is still empty, in each place that can keep one."""
    desk = bare_desk(tmp_path / "checkout")
    database = request.getfixturevalue("database") if request.param == "postgres" else ""
    address = addressed(request.param, desk, database)
    if address:
        store_at(address, desk.workspace, "test").create()
        monkeypatch.setenv("LAOYOU_DATA", address)
    monkeypatch.chdir(desk.workspace.root)
    return Kept(request.param, desk, address)


# --- Pages in a browser ------------------------------------------------------------------------------------------


@pytest.fixture(scope="session")
def outputs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The published reports of two quarters of the shipped data."""
    from browsers import make_reports

    return make_reports(tmp_path_factory.mktemp("reports"))


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    """A Chromium, opened once."""
    from browsers import opened_browser

    with opened_browser() as browser:
        yield browser


@pytest.fixture(autouse=True)
def chinese() -> Iterator[None]:
    """Speak Chinese again after a test that opened a view in another language."""
    with speaking("zh"):
        yield
