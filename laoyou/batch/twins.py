"""The quarters that are published, and the way from a page to the same page in another language."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from laoyou.batch.publish import MANIFEST, read_manifest
from laoyou.language import LANGUAGES, speaking, spoken, tr
from laoyou.markup import element, escape
from laoyou.workspace import Workspace

_BELOW = ("*", "[0-9]*", MANIFEST)  # region, quarter and what tells of it


def published(reports: Path, *place: str) -> Iterator[dict[str, Any]]:
    """Yield the manifests of the published quarters, the latest first.

    Parameters
    ----------
    reports : the folder of the reports in one language
    place : the region and the quarter, or the region, that they are of; all if not given
    """
    for file in sorted(reports.glob("/".join((*place, *_BELOW[len(place) :]))), reverse=True):
        manifest = read_manifest(file.parent)
        if manifest.get("region"):
            yield manifest


def twins(workspace: Workspace, *place: str) -> str:
    """Return links to the same first page in the other languages, as markup; empty where none is published.

    Parameters
    ----------
    workspace : whose reports
    place : the region and the quarter, or the region, whose first page it is in the language being spoken; that of all if not given
    """
    here = workspace.reports(spoken()).joinpath(*place)
    links = []
    for language, tag in LANGUAGES.items():
        reports = workspace.reports(language)
        if language != spoken() and any(published(reports, *place)):
            there = Path(os.path.relpath(reports.joinpath(*place, "index.html"), here)).as_posix()
            with speaking(language):
                links.append(element("a", escape(tr("中文")), href=there, lang=tag, hreflang=tag))
    return "".join(links)
