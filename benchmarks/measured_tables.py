"""What was measured, as a file of figures and as the tables of README.md.

The figures stand in laoyou/outlooks/measured.json alone; ``python benchmarks/measured_tables.py`` writes README.md's tables from them.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from laoyou.outlooks.measured import FILE, PARTS, read_measured

README = Path(__file__).resolve().parent / "README.md"
DECIMALS = {"coverage": 3, "brier": 3, "crps": 4}
HEADS = {"coverage": "coverage", "brier": "Brier", "crps": "CRPS"}
LEFT = {"levels": "steps", "few": "steps", "counts": "quarters left", "rates": "quarters left"}
Content = dict[str, Any]


def figures_of(part: str, cases: pd.DataFrame, methods: Sequence[str]) -> list[Content]:
    """Return the means of each length and horizon of a part, and of all its cases last.

    Parameters
    ----------
    part : its name
    cases : one row per forecast: ``n, ahead, series, method, coverage, brier, crps``
    methods : in the order in which they are printed, the outlook first
    """
    groups = [(n, ahead, group) for (n, ahead), group in cases.groupby(["n", "ahead"])]
    found = []
    for n, ahead, group in [*groups, (0, 0, cases)]:
        means = group.groupby("method")[list(DECIMALS)].mean()
        ours = group[group["method"] == methods[0]]
        found.append(
            {
                "part": part,
                "n": int(n),
                "ahead": int(ahead),
                "series": int(ours["series"].nunique()),
                "cases": len(ours),
                "methods": {
                    m: {name: round(float(means.loc[m, name]), d) for name, d in DECIMALS.items()}
                    for m in methods
                },
            }
        )
    return found


def table(cells: Sequence[Content]) -> str:
    """Return the cells of a part as a Markdown table."""
    methods, ahead = list(cells[0]["methods"]), LEFT[cells[0]["part"]]
    heads = [f"{HEADS[name]} {method}" for name in DECIMALS for method in methods]
    lines = [f"| n | {ahead} | series | cases | " + " | ".join(heads) + " |", "|" + "--:|" * (4 + len(heads))]
    for cell in cells:
        shown = [f"{cell['methods'][m][name]:.{d}f}" for name, d in DECIMALS.items() for m in methods]
        place = f"{cell['n']} | {cell['ahead']}" if cell["n"] else "all | "
        lines.append(f"| {place} | {cell['series']} | {cell['cases']} | " + " | ".join(shown) + " |")
    return "\n".join(lines)


def rewritten(readme: str, content: Content) -> str:
    """Return README.md with the tables of some figures."""
    for part in LEFT:
        cells = [cell for cell in content["cells"] if cell["part"] == part]
        before, _, rest = readme.partition(f"<!-- {part} -->\n")
        _, _, after = rest.partition("<!-- end -->")
        readme = f"{before}<!-- {part} -->\n{table(cells)}\n<!-- end -->{after}" if rest and cells else readme
    before, _, rest = readme.partition("```yaml\n")
    _, _, after = rest.partition("```")
    return f"{before}```yaml\n{_rules(content['rules'])}```{after}" if rest else readme


def _rules(rules: Mapping[str, float]) -> str:
    return "".join(
        f"{name}: {value:.2f}\n" if isinstance(value, float) else f"{name}: {value}\n"
        for name, value in rules.items()
    )


def broken(content: Content) -> list[str]:
    """Return which stated limits are not kept."""
    measured = read_measured(content)
    said = []
    for cell in measured.cells:
        where = f"{cell.part}, n = {cell.n}, {cell.ahead} ahead"
        if cell.part in PARTS and not measured.covers(cell):
            said.append(f"{where}: the interval covers {cell.coverage:.3f}")
        if cell.part in PARTS and not measured.scores(cell):
            said.append(f"{where}: Brier {cell.brier:.3f}, the random walk's {cell.walk_brier:.3f}")
    return said


def spelled(content: Content) -> str:
    """Return the figures as the text of their file, a line for each cell."""
    head = {name: part for name, part in content.items() if name != "cells"}
    lines = [f" {json.dumps(name)}: {json.dumps(part)}," for name, part in head.items()]
    cells = ",\n".join(f"  {json.dumps(cell)}" for cell in content["cells"])
    return "\n".join(["{", *lines, ' "cells": [', cells, " ]", "}"]) + "\n"


def write(content: Content) -> None:
    """Write the file of figures, and README.md's tables from it."""
    FILE.write_text(spelled(content), encoding="utf-8", newline="\n")
    text = rewritten(README.read_text(encoding="utf-8"), content)
    README.write_text(text, encoding="utf-8", newline="\n")


if __name__ == "__main__":
    write(json.loads(FILE.read_text(encoding="utf-8")))
