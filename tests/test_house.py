"""Imports run one way: no room of the package knows of one above it."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import laoyou

HOUSE = Path(laoyou.__file__).parent
# From the top; CONTRIBUTING.md says what each is for. A word is a folder or a module.
ROOMS = (
    "cli",
    "command_words console",
    "check status history supervise",
    "sample",
    "batch",
    "documents",
    "pages",
    "intake",
    "forms",
    "supervision",
    "commitments last_report",
    "comparison",
    "process",
    "view",
    "outlooks",
    "assessment",
    "seasonal",
    "comparable reasons",
    "goals panel cases ledger skills",
    "plan findings plan_checks",  # a plan checks itself
    "momentum",
    "attainment sheets",
    "regions rules",
    "periods personal quick_yaml targets workspace yamlfile",
    "control_chart errors formats intervals markup methods survey_year",
    "words",
    "language",
)
RANK = {name: rank for rank, names in enumerate(ROOMS) for name in names.split()}


def _imports(file: Path) -> Iterator[str]:
    """Yield the rooms that a module imports, wherever in it."""
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module == "laoyou":
            yield from (name.name for name in node.names)
        elif isinstance(node, ast.ImportFrom) and (node.module or "").startswith("laoyou."):
            yield str(node.module).split(".")[1]


def test_every_module_has_a_room() -> None:
    rooms = {file.relative_to(HOUSE).with_suffix("").parts[0] for file in HOUSE.rglob("*.py")}
    assert rooms - {"__init__"} == set(RANK)


def test_no_room_imports_from_one_above_it() -> None:
    wrong = []
    for file in sorted(HOUSE.rglob("*.py")):
        room = file.relative_to(HOUSE).with_suffix("").parts[0]
        if room == "__init__":
            continue
        wrong += [f"{room} -> {other}" for other in _imports(file) if RANK[other] < RANK[room]]
    assert not wrong


def test_every_room_says_what_it_is_for() -> None:
    for file in HOUSE.glob("*/__init__.py"):
        assert ast.get_docstring(ast.parse(file.read_text(encoding="utf-8"))), file
