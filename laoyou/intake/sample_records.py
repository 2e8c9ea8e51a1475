"""Cases of the sample exports, as they are and as they stood on an earlier day."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from pathlib import Path

import pandas as pd

from laoyou.cases.store import as_states
from laoyou.intake.exports import read_export
from laoyou.intake.headings import find_mapping
from laoyou.intake.mappings import Named
from laoyou.intake.record_intake import SAMPLE_KEY
from laoyou.personal import case_hasher
from laoyou.regions import Region
from laoyou.rules import Rules
from laoyou.sheets.grids import open_reader

SAMPLE_ENDS = pd.Period("2026Q3", "Q-DEC")  # the last quarter that the shipped sample covers
States = dict[str, pd.DataFrame]


def as_stood(states: pd.DataFrame, day: dt.date) -> pd.DataFrame:
    """Return cases, known to the last, as each stood on a day: what came later had not happened.

    Parameters
    ----------
    states : rows of text as ``as_states`` returns them
    day : the day; what happened on it counts
    """
    table = states[states["opened"] <= str(day)].copy()
    table.loc[table["closed"] > str(day), ["closed", "outcome"]] = ["", "open"]
    for name in ("placed", "model_since"):
        table.loc[table[name] > str(day), name] = ""
    return table


def sample_states(
    files: Iterable[Path],
    mappings: Mapping[str, Named],
    regions: Mapping[str, Region],
    rules: Rules,
    day: dt.date,
) -> States:
    """Return the cases of sample exports by the name of their mapping, read as any export is.

    Parameters
    ----------
    files : the exports, each under the name of its mapping; one without a mapping of records is passed over
    mappings, regions, rules : what they are read by
    day : when the exports were made
    """
    states: States = {}
    hashed = case_hasher(SAMPLE_KEY)
    for file in sorted(files):
        named = mappings.get(file.stem)
        if named is None or named.mapping.rows != "records":
            continue
        reader = open_reader(file, file.name, rules.intake)
        _, sheet = find_mapping(reader, mappings, file.name, file.stem)
        export = read_export(
            reader, named, sheet, file.name, regions,
            day=day, hash_of=lambda sample: hashed,
        )  # fmt: skip
        states[file.stem] = as_states(export.table, day)
    return states
