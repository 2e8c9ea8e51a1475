"""What can be read of a notebook without the libraries that run it, whose import takes longer than all else here."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, NamedTuple

from laoyou.pages.page import heading_of, question_of, said_in


class Cell(NamedTuple):
    """One cell: its kind, its text and its tags."""

    kind: str
    source: str
    tags: tuple[str, ...]


def read_cells(notebook: Path) -> list[Cell]:
    """Return the cells of a notebook of format 4.

    Raises
    ------
    OSError
        If the file cannot be read.
    ValueError
        If it is no such notebook.
    """
    content = json.loads(notebook.read_text(encoding="utf-8"))
    if not isinstance(content, dict) or content.get("nbformat") != 4:
        raise ValueError("不是第 4 版格式的笔记本")
    try:
        return [_cell(cell) for cell in content["cells"]]
    except (KeyError, TypeError, AttributeError) as cause:
        raise ValueError(f"单元格残缺：{cause}") from None


def _cell(cell: dict[str, Any]) -> Cell:
    tags = cell.get("metadata", {}).get("tags", [])
    return Cell(cell["cell_type"], "".join(cell["source"]), tuple(tags))


def title_of(notebook: Path, language: str) -> str:
    """Return a notebook's title in a language."""
    return heading_of(_beginning(notebook, language))


def asked_by(notebook: Path, language: str) -> str:
    """Return what a notebook asks, in a language."""
    return question_of(_beginning(notebook, language))


def _beginning(notebook: Path, language: str) -> str:
    texts = [cell for cell in read_cells(notebook) if cell.kind == "markdown"]
    ours = [cell for cell in texts if said_in(cell.tags, language)]
    return next((cell.source for cell in ours or texts), "")
