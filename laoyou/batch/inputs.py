"""What a report is made from, as one state: equal fingerprints, equal pages."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import laoyou
from laoyou import last_report
from laoyou.batch.notebooks import title_of
from laoyou.batch.parameters import declared_parameters
from laoyou.batch.publish import digest, job_key
from laoyou.cases.store import as_csv, read_log, read_states
from laoyou.errors import Problem, RunError
from laoyou.intake.mappings import load_mappings
from laoyou.intake.record_intake import LOG
from laoyou.language import speaking
from laoyou.ledger.vintage import cut_off_day
from laoyou.periods import parse_quarter
from laoyou.supervision.docket import open_docket
from laoyou.view import View, open_view
from laoyou.workspace import Workspace, find_workspace


class ChangedMeanwhileError(RunError):
    """Something that the pages rest on changed while they were made, so that they would rest on several states."""

    def __init__(self, changed: str) -> None:
        remedy = "等录入和修改都结束，再运行；已发布的报告没有改动"
        problem = Problem("运行期间", f"{changed}被改动，各页会出自不同的数", remedy=remedy)
        super().__init__("laoyou run", problem)


class DiffersError(RunError):
    """A node that would make other pages: of other code, other settings or other figures."""


@dataclass(frozen=True)
class State:
    """What a report is made from, as it stood at one moment.

    Parameters
    ----------
    view : the report's region and quarter, read then
    made_from : the fingerprint of everything but notebooks and parameters, by name
    """

    view: View
    made_from: Mapping[str, str]


def read_state(parameters: Mapping[str, Any]) -> State:
    """Read what a report is made from.

    Parameters
    ----------
    parameters : the report's, as ``open_view`` takes them

    Raises
    ------
    LaoyouError
        If anything that pages rest on cannot be accepted.

    Notes
    -----
    Two equal states, one read before and one after some pages were made, say that these rest on that state: files
    are looked at before what is read from them, and the ledger and the records are only ever added to.
    """
    files = _files(find_workspace(parameters["data"]))
    with speaking("zh"):  # the report's own language is its kernels' to speak
        view = open_view(**parameters)
    read = {
        "ledger": view.known.digest,
        "cases": _cases(view),
        "last_report": last_report.fingerprint(view),
        "supervision": _events(view),
    }
    return State(view, {**files, **read})


def _files(workspace: Workspace) -> dict[str, str]:
    """Return the fingerprints of the files that count whole, whatever the day of the report."""
    package = Path(laoyou.__file__).parent
    code = sorted(p for p in package.rglob("*") if p.suffix in {".py", ".j2", ".css", ".json", ".po"})
    mappings = sorted((workspace.data / "mappings").glob("*.yml"))
    return {
        "library": digest(*(p.read_bytes() for p in code)),
        "rules": _digest_of(workspace.rules_file),
        "mappings": digest(*(part for p in mappings for part in (p.name.encode(), p.read_bytes()))),
        **{
            workspace.relative(p): _digest_of(p)
            for p in (workspace.plan_file(), workspace.data / "regions.csv")
        },
    }


def _digest_of(file: Path) -> str:
    """Return the fingerprint of a file; of one that is not there, whose reader refuses it in words, none."""
    return digest(file.read_bytes()) if file.is_file() else ""


def _cases(view: View) -> str:
    """Return the fingerprint of the case records known on the report's day, and of the exports of sample cases."""
    data, day = view.workspace.data, cut_off_day(view.as_of)
    latest = "9999" if day is None else str(day)
    parts: list[bytes] = []
    mappings = load_mappings(view.workspace, view.plan, view.regions, view.rules)
    names = [LOG, *(f"{name}.csv" for name, found in mappings.items() if found.mapping.rows == "records")]
    for folder in (data / "records", data / "sample/records"):
        for file in (folder / name for name in names):
            shown = view.workspace.relative(file)
            log = file.name == LOG
            rows = read_log(file, shown) if log else read_states(file, shown)
            known = rows[rows["taken_in" if log else "reported_on"] <= latest]
            if len(known):
                parts += [shown.encode(), as_csv(known).encode()]
    for file in sorted((data / "sample/exports").glob("*")):
        if f"{file.stem}.csv" in names and file.is_file():
            parts += [file.name.encode(), file.read_bytes()]
    return digest(*parts)


def _events(view: View) -> str:
    """Return the fingerprint of the events of the supervision loop known on the report's day."""
    docket = open_docket(view)
    return digest(str(docket.sample).encode(), *(repr(event).encode("utf-8") for event in docket.events))


def changed(before: State, now: State) -> str:
    """Return what changed from one state to another, in words."""
    words = {
        "library": "程序",
        "rules": "规则",
        "mappings": "映射",
        "ledger": "台账",
        "cases": "个案",
        "last_report": "上一季的参数文件",
        "supervision": "督查记录",
    }
    names = [name for name, print in now.made_from.items() if before.made_from.get(name) != print]
    return "、".join(words.get(name, name) for name in names) or "笔记本"


@dataclass(frozen=True)
class Order:
    """What is asked for.

    Parameters
    ----------
    workspace : where the notebooks are
    parameters : of the quarter
    notebooks : the notebooks to make pages of, by name
    again : the names of those to run even if nothing has changed
    force : whether that goes for all of them
    """

    workspace: Workspace
    parameters: Mapping[str, Any]
    notebooks: Mapping[str, Path]
    again: frozenset[str]
    force: bool

    @property
    def language(self) -> str:
        """The language of the report: a key of ``LANGUAGES``."""
        return str(self.parameters.get("lang", "zh"))

    @property
    def final(self) -> Path:
        """Where the quarter is published."""
        quarter = str(parse_quarter(self.parameters["quarter"]))
        return self.workspace.reports(self.language) / str(self.parameters["region"]) / quarter

    @property
    def pages(self) -> list[dict[str, str]]:
        """The pages of the quarter, each with the words that lead to it."""
        titles = {name: title_of(path, self.language) for name, path in self.notebooks.items()}
        return [
            {"file": f"{name}.html", "title": title, "short": re.split("：|: ", title)[0]}
            for name, title in titles.items()
        ]

    def own(self, name: str) -> dict[str, Any]:
        """Return the parameters that a notebook declares."""
        path = self.notebooks[name]
        declared = declared_parameters(path, self.workspace.relative(path))
        return {k: v for k, v in self.parameters.items() if k in declared}

    def keys(self, state: State) -> dict[str, str]:
        """Return the fingerprint of everything that each page is made from.

        Raises
        ------
        ParametersError
            If a notebook can no longer be read as one.
        """
        own = {name: self.own(name) for name in self.notebooks}
        pages = self.pages
        return {
            name: job_key(path, {**own[name], "pages": pages}, state.made_from)
            for name, path in self.notebooks.items()
        }
