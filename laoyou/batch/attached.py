"""The documents beside a quarter's pages: what they are, and when they can be taken over unchanged."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from laoyou.batch.publish import digest, versions
from laoyou.documents import circular, workbook
from laoyou.language import mark, tr
from laoyou.view import View

DOCUMENTS: Mapping[str, tuple[str, str, Callable[[View], bytes]]] = {
    circular.FILE: (mark("通报（Word）"), mark("按公文格式排好的通报稿"), circular.circular),
    workbook.FILE: (mark("数据（Excel）"), mark("本季各表，一表一页，可以继续算"), workbook.workbook),
}


@dataclass(frozen=True)
class Attached:
    """A document made or taken over: its file, what it is called, and why there is none, if so."""

    file: str
    title: str
    about: str
    problem: str
    sha256: str


def key_of(parameters: Mapping[str, Any], made_from: Mapping[str, str]) -> str:
    """Return the fingerprint of everything that the documents are made from."""
    rest = [dict(parameters), dict(made_from), versions()]
    return digest(json.dumps(rest, sort_keys=True, ensure_ascii=False).encode("utf-8"))


def attach(
    view: View, folder: Path, published: Mapping[str, Any], final: Path, *, unchanged: bool
) -> tuple[Attached, ...]:
    """Write the documents of a quarter into the folder that is being prepared.

    Parameters
    ----------
    view : the quarter
    folder : where they go
    published, final : what the manifest of the published quarter says of its documents, and where that is
    unchanged : whether they are made from the same as then
    """
    return tuple(
        _one(view, file, folder, published.get(file, {}), final if unchanged else None) for file in DOCUMENTS
    )


def _one(view: View, file: str, folder: Path, entry: Mapping[str, Any], final: Path | None) -> Attached:
    name, says, make = DOCUMENTS[file]
    title, about = tr(name), tr(says)
    if final is not None and (final / file).is_file():
        content = (final / file).read_bytes()
        if digest(content) == entry.get("sha256"):
            (folder / file).write_bytes(content)
            return Attached(file, title, about, "", digest(content))
    try:
        content = make(view)
    except OSError:
        raise
    except Exception as cause:  # whatever one document meets, the pages are published
        problem = tr("{kind}：{cause}", kind=type(cause).__name__, cause=cause)
        return Attached(file, title, about, problem, "")
    (folder / file).write_bytes(content)
    return Attached(file, title, about, "", digest(content))
