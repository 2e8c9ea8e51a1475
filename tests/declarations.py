"""Corrections as tests declare them."""

from __future__ import annotations

import datetime as dt
import json
from typing import Any

from laoyou.workspace import Workspace

ENTRY = {
    "indicator": "new_urban_jobs",
    "region": "330305",
    "period": "2026Q1",
    "action": "replace",
    "found": {"value": 3600},
    "value": 360,
    "reason": "多写一个 0，已与填报人核对",
    "declared_on": dt.date(2026, 5, 20),
    "status": "open",
}


def declare(workspace: Workspace, *entries: dict[str, Any]) -> list[int]:
    """Write corrections, each with its keys in their order; return the line that each begins on."""
    lines, text = [], "corrections:\n"
    for entry in entries:
        lines.append(text.count("\n") + 1)
        for n, (key, value) in enumerate(entry.items()):
            shown = value if isinstance(value, dt.date) else json.dumps(value, ensure_ascii=False)
            text += f"{'-' if n == 0 else ' '} {key}: {shown}\n"
    (workspace.data / "corrections.yml").write_text(text, encoding="utf-8")
    return lines
