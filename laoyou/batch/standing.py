"""Whether a published quarter still stands: no byte of what it could be made from, or of itself, has changed.

Hashing every file that counts takes a fraction of reading what is in them. Where some file differs, this says nothing:
what is known on the report's day may still be the same, which ``inputs`` finds out.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

import laoyou
from laoyou.batch.jobs import Outcome, Report
from laoyou.batch.publish import RUN, digest, locked, read_manifest, read_run_file, versions, write_atomically
from laoyou.quick_yaml import QuickLoader
from laoyou.workspace import Workspace

ELSEWHERE = "LAOYOU_DATA"  # environment variable: figures in a database, which no file's bytes tell of
KEY = "standing"
# On a quarter's first page; the portal sets them as quarters before and after come and go.
ARROWS = re.compile(rb'<nav class="quarters".*?</nav>', re.S)


def files_digest(workspace: Workspace, data: str) -> str:
    """Return the fingerprint of the library and of every file of a workspace that a report could be made from.

    Parameters
    ----------
    workspace : the workspace
    data : its data folder

    Returns
    -------
    A SHA-256; empty where files do not tell everything.
    """
    if os.environ.get(ELSEWHERE):
        return ""
    folder = Workspace(workspace.root, data).data
    code = [
        p
        for p in Path(laoyou.__file__).parent.rglob("*")
        if p.suffix in {".py", ".j2", ".css", ".json", ".po"}
    ]
    files = [*workspace.notebooks.glob("*.ipynb"), *workspace.params.glob("*.yml"), *folder.rglob("*")]
    parts = [json.dumps(versions(), sort_keys=True).encode()]
    for file in sorted((*code, *files)):
        if file.is_file():
            parts += [file.as_posix().encode(), file.read_bytes()]
    return digest(*parts)


def published_digests(folder: Path) -> dict[str, str]:
    """Return the fingerprint of every file of a quarter but the one that says how its run went, arrows left out."""
    files = sorted(p for p in folder.rglob("*") if p.is_file() and p.name != RUN)
    return {p.relative_to(folder).as_posix(): digest(ARROWS.sub(b"", p.read_bytes())) for p in files}


def standing(final: Path, parameters: Mapping[str, Any], files: str) -> Report | None:
    """Return a published quarter if it still stands, every page of it taken over.

    Parameters
    ----------
    final : where it is published
    parameters : those of the quarter
    files : the fingerprint of the files that it could be made from
    """
    run, manifest = read_run_file(final), read_manifest(final)
    kept = run.get(KEY)
    if not files or not isinstance(kept, dict) or kept.get("files") != files:
        return None
    if not kept.get("listed"):  # its run was stopped before the way in led to it
        return None
    if manifest.get("parameters") != dict(parameters) or kept.get("published") != published_digests(final):
        return None
    entries = manifest["notebooks"]
    outcomes = tuple(
        Outcome(name, e["title"], e["question"], e["problem"], run["notebooks"][name]["seconds"])
        for name, e in entries.items()
    )
    if any(outcome.problem for outcome in outcomes):
        return None
    for entry in run["notebooks"].values():
        entry["taken_over"] = True
    with locked(final.parent):
        _write(final, run)
    return Report(final, outcomes, tuple(entries))


def mark_listed(final: Path) -> None:
    """Note that the way in leads to a published quarter, whose region's folder is locked."""
    run = read_run_file(final)
    if isinstance(run.get(KEY), dict) and not run[KEY].get("listed"):
        run[KEY]["listed"] = True
        _write(final, run)


def _write(final: Path, run: Mapping[str, Any]) -> None:
    write_atomically(final / RUN, json.dumps(run, ensure_ascii=False, indent=1) + "\n")


def standing_quarter(workspace: Workspace, file: Path, as_of: str | None) -> Report | None:
    """Return the published quarter of a parameters file if it still stands; reads as little as will do.

    Whatever is wrong with the file is for others to say.
    """
    try:
        parameters = yaml.load(file.read_text(encoding="utf-8"), Loader=QuickLoader)  # type: ignore[arg-type]
        parameters = {"lang": "zh", **parameters, **({} if as_of is None else {"as_of": as_of})}
        reports = workspace.reports(parameters["lang"])
        final = reports / parameters["region"] / parameters["quarter"]
        shown = (final / RUN, final.parent / "index.html", reports / "index.html")
        if not all(file.is_file() for file in shown):
            return None
        return standing(final, parameters, files_digest(workspace, parameters["data"]))
    except (OSError, ValueError, TypeError, KeyError, RecursionError, yaml.YAMLError):
        return None
