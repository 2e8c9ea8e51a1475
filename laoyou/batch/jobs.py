"""One notebook to run, and what became of it: plain values that go from process to process and machine to machine."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from laoyou.batch.attached import Attached


@dataclass(frozen=True)
class Basis:
    """What a report is made with and from: whoever makes a page of it on another machine must find the same there.

    Parameters
    ----------
    parameters : of the report, as ``read_state`` takes them
    made_from : the fingerprint of everything but notebooks and parameters, by name
    """

    parameters: Mapping[str, Any]
    made_from: Mapping[str, str]


@dataclass(frozen=True)
class Job:
    """One notebook to run.

    Parameters
    ----------
    name : the notebook's name without its ending
    notebook : its file
    parameters : what it is run with
    folder : where the page and the executed notebook go
    pages : the pages of the quarter, each with ``file`` and ``title``
    cell_seconds, start_seconds : time limits of a cell and of the kernel's start [s]
    kernel_megabytes : memory that the kernel may have [MB]; 0 for no limit
    basis : what the report rests on
    """

    name: str
    notebook: Path
    parameters: Mapping[str, Any]
    folder: Path
    pages: Sequence[Mapping[str, str]]
    cell_seconds: int
    start_seconds: int
    kernel_megabytes: int = 0
    basis: Basis = Basis({}, {})


@dataclass(frozen=True)
class Outcome:
    """What became of a job: ``problem`` is empty where a page was written; ``seconds`` is wall time [s]."""

    name: str
    title: str
    question: str
    problem: str
    seconds: float


@dataclass(frozen=True)
class Report:
    """A published quarter: where it is, what became of each notebook, and which pages were taken over unchanged.

    ``redone`` says whether figures or settings changed while the pages were made, so that all were made once more.
    """

    folder: Path
    outcomes: tuple[Outcome, ...]
    unchanged: tuple[str, ...]
    documents: tuple[Attached, ...] = ()
    redone: bool = False

    @property
    def failed(self) -> tuple[Outcome, ...]:
        """The notebooks that gave no page, and the documents that could not be made."""
        lost = (Outcome(d.file, d.title, d.about, d.problem, 0.0) for d in self.documents if d.problem)
        return (*(o for o in self.outcomes if o.problem), *lost)
