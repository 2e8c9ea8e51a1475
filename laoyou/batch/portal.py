"""The first page of all reports: the published quarters of each region."""

from __future__ import annotations

from typing import Any

from laoyou.batch.publish import read_manifest, write_atomically
from laoyou.pages.page import template_page
from laoyou.periods import parse_quarter, period_label
from laoyou.words import LIGHTS
from laoyou.workspace import Workspace


def publish_portal(workspace: Workspace) -> None:
    """Write outputs/index.html: the published quarters of each region, the latest first."""
    regions: dict[str, list[dict[str, Any]]] = {}
    for file in sorted(workspace.outputs.glob("*/[0-9]*/manifest.json"), reverse=True):
        manifest = read_manifest(file.parent)
        if not manifest:
            continue
        quarters = regions.setdefault(manifest["region_name"], [])
        quarters.append(
            {
                "region": manifest["region"],
                "href": f"{manifest['region']}/{manifest['quarter']}/index.html",
                "label": period_label(parse_quarter(manifest["quarter"])),
                "failed": sum(bool(n["problem"]) for n in manifest["notebooks"].values()),
                "lights": {LIGHTS[code]: count for code, count in manifest["lights"].items()},
                "sample": bool(manifest["sample"]),
            }
        )
    write_atomically(workspace.outputs / "index.html", template_page("quarters.html.j2", regions=regions))
