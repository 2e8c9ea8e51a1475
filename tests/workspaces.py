"""Workspaces to try things in: the shipped data, parameters and rules, copied where a test may change them."""

import csv
import datetime as dt
import shutil
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import nbformat
import pandas as pd

from laoyou.ledger.append import LOCK
from laoyou.ledger.file import COLUMNS
from laoyou.ledger.observations import read_ledger
from laoyou.ledger.vintage import as_known
from laoyou.plan import Plan, load_plan
from laoyou.rules import Rules, load_rules
from laoyou.workspace import Workspace

ROOT = Path(__file__).resolve().parent.parent
REPORTED = "observations/reported.csv"


@dataclass(frozen=True)
class Desk:
    """A workspace with what its ledger is checked against."""

    workspace: Workspace
    plan: Plan
    rules: Rules

    def write(
        self,
        *rows: Mapping[str, str],
        file: str = REPORTED,
        columns: Iterable[str] = COLUMNS,
        encoding: str = "utf-8",
    ) -> Path:
        """Write rows of text as a ledger file of the workspace."""
        path = self.workspace.data / file
        path.parent.mkdir(exist_ok=True)
        with path.open("w", encoding=encoding, newline="") as stream:
            writer = csv.DictWriter(stream, list(columns), restval="", lineterminator="\n")
            writer.writeheader()
            writer.writerows(rows)
        return path

    def read(self, today: dt.date | None = None) -> pd.DataFrame:
        """Read every row of the workspace's ledger."""
        return read_ledger(self.workspace, self.plan, self.rules, today=today)

    def known(self, as_of: str | dt.date | None = None) -> pd.DataFrame:
        """Read the workspace's ledger as known on a date."""
        return as_known(self.read(), as_of)


def copy_workspace(root: Path) -> Workspace:
    """Copy the shipped data and parameters to a folder, with an empty folder of notebooks."""
    for name in ("data", "params"):
        shutil.copytree(ROOT / name, root / name)
    (root / "notebooks").mkdir()
    return Workspace(root)


@cache
def shipped_plan() -> Plan:
    """Return the shipped plan."""
    return load_plan(Workspace(ROOT).plan_file())


@cache
def shipped_rules() -> Rules:
    """Return the shipped rules."""
    return load_rules(Workspace(ROOT).rules_file)


def shipped_desk(root: Path) -> Desk:
    """Return a copy of the shipped workspace."""
    return Desk(copy_workspace(root), shipped_plan(), shipped_rules())


def bare_desk(root: Path) -> Desk:
    """Return a copy of the shipped workspace without a single ledger file."""
    desk = shipped_desk(root)
    for file in desk.workspace.data.glob("*/*.csv"):
        file.unlink()
    return desk


def row(**cells: str) -> dict[str, str]:
    """Return a sound reported row of the ledger as text, with some cells changed."""
    sound = {
        "region": "330305",
        "indicator": "new_urban_jobs",
        "period": "2026Q1",
        "value": "360",
        "status": "reported",
        "reported_on": "2026-04-12",
        "measured_at": "330305",
        "source": "这里就业创业",
    }
    return {**dict.fromkeys(COLUMNS, ""), **sound, **cells}


def rate(**cells: str) -> dict[str, str]:
    """Return a sound reported row of a rate, given by its numerator and denominator."""
    parts = {"indicator": "arrears_resolution_rate", "value": "", "numerator": "186", "denominator": "200"}
    return row(**{**parts, "source": "安薪在线", **cells})


def append_rows(workspace: Workspace, *rows: Mapping[str, str], file: str = REPORTED) -> Path:
    """Add rows of text to a ledger file of a workspace, which is begun where it is not there yet."""
    path = workspace.data / file
    fresh = not path.exists()
    with path.open("a", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, COLUMNS, lineterminator="\n")
        if fresh:
            writer.writeheader()
        writer.writerows(rows)
    return path


PARAMETERS = """\
region: str = "330305"
quarter: str = "2026Q3"
as_of: str = ""
data: str = "data"
lang: str = "zh"
"""


def write_notebook(workspace: Workspace, name: str, *cells: str, parameters: str = PARAMETERS) -> Path:
    """Write a notebook of a title, a parameters cell and some code cells into a workspace."""
    new = nbformat.v4
    title = new.new_markdown_cell(f"# {name}：标题\n\n{name} 问什么？")
    declared = new.new_code_cell(parameters, metadata={"tags": ["parameters"]})
    kernel = {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"}
    notebook = new.new_notebook(
        cells=[title, declared, *(new.new_code_cell(cell) for cell in cells)], metadata={"kernelspec": kernel}
    )
    file = workspace.notebooks / f"{name}.ipynb"
    nbformat.write(notebook, file)
    return file


def tree(folder: Path) -> dict[str, bytes]:
    """Return the bytes of every file below a folder, hidden ones included but locks left out, by its path from there."""
    return {
        p.relative_to(folder).as_posix(): p.read_bytes()
        for p in folder.rglob("*")
        if p.is_file() and p.name != LOCK
    }
