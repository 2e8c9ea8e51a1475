"""What is wrong with rows of the ledger, each problem with its line, value and what is allowed."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping

import pandas as pd

from laoyou.errors import Problem, did_you_mean, one_of
from laoyou.ledger.corrections import Corrections, corrected
from laoyou.ledger.file import CELL, MISSING, NUMBERS, SERIES, STATUSES, TOO_LARGE, numbers
from laoyou.ledger.vintage import as_known
from laoyou.periods import PERIOD_SPELLINGS
from laoyou.plan import Plan
from laoyou.regions import Region
from laoyou.rules import Rules

FIGURE = (*NUMBERS, "missing")


def row_problems(
    raw: pd.DataFrame,
    table: pd.DataFrame,
    plan: Plan,
    regions: Mapping[str, Region],
    rules: Rules,
    *,
    sample: bool,
    today: dt.date | None,
) -> Iterator[Problem]:
    """Yield what is wrong with single rows of one file, in the order of the checks below.

    Parameters
    ----------
    raw : the rows as text
    table : the same rows with their types
    plan, regions, rules : what they are checked against
    sample : whether the file is the sample ledger, which must hold sample figures alone
    today : a row reported later is refused; not checked if None
    """
    measurable = plan.measurable
    unit = table["indicator"].map({id: entry.unit for id, entry in measurable.items()})
    percent = unit == "%"
    given = raw["value"] != ""
    parts = percent & (raw["numerator"] != "") & (raw["denominator"] != "")
    divisor = table["denominator"].where(table["denominator"] > 0)
    fraction = 100 * table["numerator"] / divisor
    has_number = (raw[list(NUMBERS)] != "").any(axis=1)
    in_force = {id for id, i in plan.indicators.items() if i.holds_until_changed}
    early = table["reported_on"] < table["period_end"]
    allowed_status = ["sample"] if sample else [s for s in STATUSES if s != "sample"]

    def each(
        bad: pd.Series, column: str, what: str, allowed: str = "", remedy: str = ""
    ) -> Iterator[Problem]:
        for index in table.index[bad.to_numpy()]:
            found = what.format(raw[column][index])
            yield Problem(f"第 {table['line'][index]} 行 {column} 列", found, allowed, remedy)

    def words(column: str, known: Iterable[str], allowed: str = "") -> Iterator[Problem]:
        listed = list(known)
        for index in table.index[~raw[column].isin(listed)]:
            word = raw[column][index]
            yield Problem(
                f"第 {table['line'][index]} 行 {column} 列",
                f"「{word}」" if word else "空着",
                allowed or one_of([k for k in listed if k]),
                did_you_mean(word, listed),
            )

    yield from words("region", regions)
    yield from words("indicator", measurable)
    yield from words("status", allowed_status)
    yield from words("measured_at", ["", *regions])
    yield from words("missing", ["", *MISSING], one_of(MISSING) + "，有数时空着")
    yield from each(table["year"] == 0, "period", "「{}」不是期间", PERIOD_SPELLINGS)
    for column in NUMBERS:
        number = numbers(raw[column])
        unread = (raw[column] != "") & number.isna()
        yield from each(
            unread, column, "「{}」不是数字", "不带千位分隔符和单位的数字；没有数就空着并填 missing"
        )
        yield from each(number < 0, column, "「{}」是负数", "0 或正数")
        yield from each(number >= TOO_LARGE, column, "「{}」太大", f"小于 {TOO_LARGE:.0e} 的数")
    yield from each(table["reported_on"].isna(), "reported_on", "「{}」不是日期", "2026-10-12 这样的写法")
    if today is not None:
        yield from each(
            table["reported_on"] > pd.Timestamp(today), "reported_on", "{} 在今天之后", f"不晚于 {today}"
        )
    yield from each(
        early & ~table["indicator"].isin(in_force), "period", "{} 在上报日还没有结束", "上报日之前已经结束的期间",
        "核对期间和 reported_on",
    )  # fmt: skip
    yield from each(raw["source"] == "", "source", "空着", "数据从哪里来")
    no_reason = ~given & ~parts & (raw["missing"] == "")
    yield from each(
        no_reason, "value", "没有数，也没有说明为什么缺", "一个数，或在 missing 列填 " + one_of(MISSING)
    )
    yield from each(has_number & (raw["missing"] != ""), "missing", "「{}」，但这一行有数", "有数时空着")
    yield from each(percent & given & (table["value"] > 100), "value", "{} %", "0 到 100 之间的百分数")
    yield from each(
        (raw["numerator"] == "") != (raw["denominator"] == ""),
        "denominator",
        "分子、分母只有一个",
        "都填或都空",
    )
    yield from each(
        table["denominator"] == 0,
        "denominator",
        "{} 作不了分母",
        "大于 0 的数",
        "没有个案就填 missing=not_applicable",
    )
    yield from each(
        percent & (table["numerator"] > divisor),
        "numerator",
        "分子 {} 大于分母",
        "不大于分母的数",
    )
    apart = given & ((fraction - table["value"]).abs() > rules.ledger.rate_rounding)
    yield from each(percent & apart, "value", "{} 与分子÷分母不符", "与分子÷分母一致的率，或空着由程序计算")


def doubles(ledger: pd.DataFrame) -> Iterator[tuple[str, Problem]]:
    """Yield, by file, every cell reported again on the same day without a word why, sample and real figures apart.

    A row may correct one of the same day that stands above it in the same file, if it has another figure and a
    note that says why.
    """
    once = [*CELL, "reported_on", "real"]
    rows = ledger.assign(real=ledger["status"] != "sample")
    rows = rows[rows.duplicated(once, keep=False)]
    groups = rows.groupby(once, sort=False)
    first = groups[["file", "line"]].transform("first")
    above = groups["file"].shift() == rows["file"]
    other = pd.Series(False, rows.index)
    for column in FIGURE:
        was, now = groups[column].shift(), rows[column]
        other |= (was != now) & ~(was.isna() & now.isna())
    corrects = above & other & (rows["note"] != "")
    for index in rows.index[rows.duplicated(once, keep="first") & ~corrects]:
        row = rows.loc[index]
        found = (
            f"{row['region']} {row['indicator']} {row['period']} 在 {row['reported_on']:%Y-%m-%d} 报了两次，"
        )
        yield (
            row["file"],
            Problem(
                f"第 {row['line']} 行 reported_on 列",
                f"{found}先见 {first['file'][index]} 第 {first['line'][index]} 行",
                "一天一数",
                "更正用更晚的 reported_on，或在同一文件里另起一行并在 note 写明更正原因",
            ),
        )


def falls(
    ledger: pd.DataFrame, plan: Plan, corrections: Corrections | None = None
) -> Iterator[tuple[str, Problem]]:
    """Yield, by file, every cumulative count that falls from one quarter to the next, as latest known and corrected."""
    rising = [id for id, i in plan.indicators.items() if i.kind == "cumulative_count"]
    counts = as_known(ledger[ledger["indicator"].isin(rising) & (ledger["frequency"] == "quarter")])
    counts, _ = corrected(counts, corrections.in_force() if corrections else ())
    counts = counts.dropna(subset=["value"])
    fallen = counts.groupby(SERIES)["value"].diff() < 0
    for row in counts[fallen].itertuples():
        found = f"{row.indicator} 在 {row.period} 累计数降到 {row.value:.12g}"
        yield (
            str(row.file),
            Problem(f"第 {row.line} 行 value 列", found, "累计数不减少", "核对是否误填了当期数"),
        )
