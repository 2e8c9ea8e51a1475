"""The ledger as a table: its columns' types and what no row may break, in the SQL that PostgreSQL and DuckDB share."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import pandas as pd

from laoyou.errors import IntakeError, NotAllowedError, Problem
from laoyou.ledger.file import CELL, COLUMNS, MISSING, NUMBERS, STATUSES, numbers
from laoyou.periods import parse_period, period_code

TABLES: Mapping[bool, str] = {False: "observations", True: "sample"}  # by whether they hold sample figures
KINDS: Mapping[str, str] = {**dict.fromkeys(NUMBERS, "double precision"), "reported_on": "date"}  # else text
ONCE = (*CELL, "reported_on", "again")
_REAL = tuple(status for status in STATUSES if status != "sample")


def _listed(words: Iterable[str]) -> str:
    return ", ".join(f"'{word}'" for word in words)


def checks(*, sample: bool) -> dict[str, str]:
    """Return what holds of every row, as SQL conditions by name.

    Parameters
    ----------
    sample : of the table of sample figures, or of the other

    Notes
    -----
    What depends on the plan, a unit or other rows is checked before rows are added (``laoyou.ledger.checks``). ``again``
    counts the rows of a cell reported on one day before this one: a correction, which says why.
    """
    return {
        "status_known": "status = 'sample'" if sample else f"status IN ({_listed(_REAL)})",
        "missing_known": f"missing IN ('', {_listed(MISSING)})",
        "figure_or_reason": "(value IS NOT NULL OR numerator IS NOT NULL) = (missing = '')",
        "both_parts": "(numerator IS NULL) = (denominator IS NULL)",
        "not_negative": "(value IS NULL OR value >= 0) AND (numerator IS NULL OR numerator >= 0)",
        "can_divide": "denominator IS NULL OR denominator > 0",
        "source_named": "source <> ''",
        "cell_named": "region <> '' AND indicator <> '' AND period <> ''",
        "correction_explained": "again = 0 OR (again > 0 AND note <> '')",
    }


WORDS: Mapping[str, str] = {
    "status_known": "status 不是这张表的状态",
    "missing_known": "missing 不是允许的种类",
    "figure_or_reason": "有数又有 missing，或都没有",
    "both_parts": "分子、分母只有一个",
    "not_negative": "是负数",
    "can_divide": "分母不大于 0",
    "source_named": "source 空着",
    "cell_named": "region、indicator 或 period 空着",
    "correction_explained": "同一天又报一次，note 里却没有写原因",
    "once": "同一地区、指标、期间同一天报了两次",
}


def definition(*, sample: bool) -> str:
    """Return the columns and conditions of a table in SQL, without its ``line``."""
    columns = [
        f"{name} {KINDS.get(name, 'text')}{'' if name in NUMBERS else ' NOT NULL'}" for name in COLUMNS
    ]
    conditions = [f"CONSTRAINT {name} CHECK ({sql})" for name, sql in checks(sample=sample).items()]
    once = f"CONSTRAINT {TABLES[sample]}_once UNIQUE ({', '.join(ONCE)})"
    return ",\n    ".join([*columns, "again integer NOT NULL", *conditions, once])


def as_text() -> str:
    """Return the columns of a table as SQL expressions of text, an empty cell as an empty text."""
    shown = {name: f"coalesce(CAST({name} AS text), '')" for name in KINDS}
    return ", ".join(f"{shown.get(name, name)} AS {name}" for name in COLUMNS)


def as_values(rows: pd.DataFrame, shown: str) -> pd.DataFrame:
    """Return rows of text with periods in one spelling and numbers as numbers, None where a cell is empty.

    Parameters
    ----------
    rows : text in the ledger's columns
    shown : what is named in messages

    Raises
    ------
    IntakeError
        If a period or a number cannot be read.
    """
    values = rows[list(COLUMNS)].astype(object)
    spelt = {}
    for text in rows["period"].unique():
        try:
            spelt[text] = period_code(parse_period(text))
        except NotAllowedError as cause:
            raise IntakeError(shown, Problem("period", cause.found, cause.allowed)) from None
    values["period"] = rows["period"].map(spelt).astype(object)
    for name in NUMBERS:
        number = numbers(rows[name])
        if (number.isna() & (rows[name] != "")).any():
            text = rows.loc[number.isna() & (rows[name] != ""), name].iloc[0]
            raise IntakeError(shown, Problem(name, f"「{text}」不是数字", "不带千位分隔符和单位的数字"))
        values[name] = number.astype(object).where(number.notna(), None)
    return values


def broken(shown: str, told: str) -> IntakeError:
    """Return the refusal of a row that breaks a condition.

    Parameters
    ----------
    shown : the store in messages
    told : what the database said, which names the condition
    """
    found = next((words for name, words in WORDS.items() if f'{name}"' in told), "")
    remedy = "台账没有改动；核对要录入的数"
    return IntakeError(shown, Problem("写台账", found or f"不合台账的约束（{told}）", remedy=remedy))
