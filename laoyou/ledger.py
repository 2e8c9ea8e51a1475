"""The ledger: observations that are only ever added to, read as they were known on a date.

A correction is a new row with a later ``reported_on``. Reading ``as_of`` a date gives what was known then.
"""

from __future__ import annotations

import csv
import datetime as dt
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

import numpy as np
import pandas as pd

from laoyou.errors import LedgerError, Problem, did_you_mean, one_of
from laoyou.periods import PERIOD_SPELLINGS, frequency, parse_period, period_code
from laoyou.plan import Plan, load_plan
from laoyou.regions import Region, load_regions
from laoyou.rules import Rules, load_rules
from laoyou.workspace import Workspace, find_workspace

COLUMNS = (
    "region", "indicator", "period", "value", "numerator", "denominator", "missing", "series_break",
    "status", "reported_on", "measured_at", "source", "note",
)  # fmt: skip
STATUSES = {"published": "公开发布", "reported": "部门上报", "sample": "演示数据"}
MISSING = {
    "not_reported": "未报",
    "not_collected": "未统计",
    "not_applicable": "不适用",
    "suppressed": "为保护隐私不公布",
}
SERIES = ["region", "indicator"]
CELL = [*SERIES, "period"]
NUMBERS = ("value", "numerator", "denominator")


def load_observations(
    plan: Plan | None = None,
    *,
    as_of: str | dt.date | None = None,
    data: str = "data",
    rules: Rules | None = None,
) -> pd.DataFrame:
    """Load the observations as they were known on a date.

    Parameters
    ----------
    plan : the plan whose indicators they belong to; the workspace's own if not given
    as_of : the last day of knowledge (ISO date); everything if not given or empty
    data : the data folder, relative to the workspace
    rules : the rules in force; the workspace's own if not given

    Returns
    -------
    One row per region, indicator and period with the ledger's columns and besides:

    - ``value`` : in the row's own unit, of a rate from numerator and denominator where only those are given;
      NaN where missing
    - ``period`` : in one spelling, whatever the file's
    - ``year``, ``quarter`` : of the period; quarter 0 for a year or a month
    - ``frequency`` : quarter, year or month
    - ``revision`` : how many earlier figures of this cell were known [count]
    - ``first_value`` : the first figure of this cell, in the row's unit

    A series never mixes sample with real figures: one real figure retires the sample for it.

    Raises
    ------
    LedgerError
        With every problem of the first file found wanting.
    """
    workspace = find_workspace(data)
    plan = plan or load_plan(data=data)
    table = read_ledger(workspace, plan, rules or load_rules())
    return as_known(table, as_of)


def as_known(table: pd.DataFrame, as_of: str | dt.date | None = None) -> pd.DataFrame:
    """Return the latest figure of each cell as known on a date, sample figures retired by real ones.

    Parameters
    ----------
    table : checked rows of the ledger, every revision
    as_of : the last day of knowledge; everything if None or empty

    Returns
    -------
    As described at ``load_observations``.
    """
    known = table if not as_of else table[table["reported_on"] <= pd.Timestamp(_date(as_of))]
    real = known["status"] != "sample"
    keys = pd.MultiIndex.from_frame(known[SERIES])
    known = known[real | ~keys.isin(keys[real])]
    known = known.sort_values([*CELL, "reported_on"], kind="stable")
    cells = known.groupby(CELL, sort=False)
    figures = known.assign(figure=known["value"].notna()).groupby(CELL, sort=False)["figure"].cumsum()
    known = known.assign(
        revision=figures - known["value"].notna(), first_value=cells["value"].transform("first")
    )
    return known.drop_duplicates(CELL, keep="last").reset_index(drop=True)


def _date(as_of: str | dt.date) -> dt.date:
    """Read a cut-off date."""
    if isinstance(as_of, dt.date):
        return as_of
    try:
        return dt.date.fromisoformat(as_of)
    except (TypeError, ValueError):
        raise LedgerError(
            "参数 as_of", Problem("as_of", f"「{as_of}」不是日期", "2026-10-31 这样的写法")
        ) from None


def ledger_files(workspace: Workspace) -> list[Path]:
    """Return the files of the ledger: observations/*.csv, then sample/observations.csv."""
    return [*sorted((workspace.data / "observations").glob("*.csv")), *_sample(workspace)]


def _sample(workspace: Workspace) -> list[Path]:
    file = workspace.data / "sample" / "observations.csv"
    return [file] if file.exists() else []


def read_ledger(
    workspace: Workspace, plan: Plan, rules: Rules, *, today: dt.date | None = None
) -> pd.DataFrame:
    """Read and check every row of the ledger, all revisions included.

    Parameters
    ----------
    workspace, plan, rules : what the rows are checked against
    today : a row reported later than this day is refused; not checked if not given

    Returns
    -------
    The rows of all files with typed columns, and ``file`` and ``line`` where each stands.

    Raises
    ------
    LedgerError
        With every problem of the first file found wanting.
    """
    regions = load_regions(workspace)
    units = {id: entry.unit for id, entry in plan.measurable.items()}
    sample = set(_sample(workspace))
    problems: dict[str, list[Problem]] = {}
    tables = []
    for file in ledger_files(workspace):
        shown = workspace.relative(file)
        raw, problems[shown] = _read_csv(file, shown)
        table = _typed(raw, units)
        problems[shown] += _row_problems(raw, table, plan, regions, rules, sample=file in sample, today=today)
        tables.append(table.assign(file=shown))
    if not tables:
        raise LedgerError(
            workspace.relative(workspace.data), Problem("台账", "一个 CSV 也没有", "observations/*.csv")
        )
    ledger = pd.concat(tables, ignore_index=True)
    readable = ledger[(ledger["year"] > 0) & ledger["reported_on"].notna()]
    for shown, problem in (*_doubles(readable), *_falls(readable, plan)):
        problems[shown].append(problem)
    for shown, found in problems.items():
        if found:
            raise LedgerError(shown, found)
    return ledger


def _read_csv(file: Path, shown: str) -> tuple[pd.DataFrame, list[Problem]]:
    """Read a ledger file as text: its rows with the line each begins on, and the rows of another width.

    A cell may hold line breaks, so a row's line is counted by the reader, not taken from its number.
    """
    line, lines = 1, []
    ragged = []
    try:
        with file.open(encoding="utf-8-sig", newline="") as stream:
            reader = csv.reader(stream, strict=True)
            header = next(filter(None, reader), [])
            _check_header(header, shown, reader.line_num)
            cells: dict[str, list[str]] = {name: [] for name in header}
            line = reader.line_num + 1
            for row in reader:
                if len(row) == len(header):
                    lines.append(line)
                    for column, cell in zip(cells.values(), row, strict=True):
                        column.append(cell.strip())
                elif row:
                    found, allowed = f"有 {len(row)} 格", f"与表头一样 {len(header)} 格"
                    ragged.append(Problem(f"第 {line} 行", found, allowed, "内有逗号的格用英文双引号括起"))
                line = reader.line_num + 1
    except csv.Error as cause:
        problem = Problem(f"第 {line} 行", f"读不出来（{cause}）", "逗号分隔的 CSV，引号成对")
        raise LedgerError(shown, problem) from None
    except (OSError, ValueError) as cause:
        problem = Problem("文件", f"读不出来（{cause}）", "UTF-8 编码、逗号分隔的 CSV")
        raise LedgerError(shown, problem) from None
    table = pd.DataFrame({name: cells[name] for name in COLUMNS}, dtype="str")
    return table.assign(line=np.array(lines, np.int64)), ragged


def _check_header(header: list[str], shown: str, line: int) -> None:
    """Refuse a header that lacks a column or has one too many."""
    if not header:
        raise LedgerError(shown, Problem("文件", "是空的", "表头 " + "、".join(COLUMNS)))
    absent = [c for c in COLUMNS if c not in header]
    strange = [c for n, c in enumerate(header) if c not in COLUMNS or c in header[:n]]
    if absent or strange:
        found = "、".join([*(f"缺少「{c}」" for c in absent), *(f"多出「{c}」" for c in strange)])
        raise LedgerError(shown, Problem(f"第 {line} 行（表头）", found, "、".join(COLUMNS)))


def _numbers(text: pd.Series) -> pd.Series:
    """Read a column of numbers; NaN where a cell is empty or not a finite number."""
    return pd.to_numeric(text, errors="coerce").astype(float).replace([np.inf, -np.inf], np.nan)


def _typed(raw: pd.DataFrame, units: Mapping[str, str]) -> pd.DataFrame:
    """Give text columns their types; what cannot be read becomes NaN or NaT and is reported from ``raw``."""
    table = raw.copy()
    for column in NUMBERS:
        table[column] = _numbers(raw[column])
    # pandas reads the words "now" and "today" as the moment of reading
    dates = raw["reported_on"].where(raw["reported_on"].str.fullmatch("[0-9]{4}(-[0-9]{1,2}){2}"))
    table["reported_on"] = pd.to_datetime(dates, format="%Y-%m-%d", errors="coerce")
    periods = {text: _period_fields(text) for text in raw["period"].unique()}
    fields = pd.DataFrame(
        [periods[text] for text in raw["period"]], columns=["period", "year", "quarter", "frequency", "end"]
    )
    for column in ("period", "year", "quarter", "frequency"):
        table[column] = fields[column]
    table = table.astype({"period": "str", "year": "int32", "quarter": "int8", "frequency": "str"})
    table["period_end"] = pd.to_datetime(fields["end"])
    percent = table["indicator"].map(units) == "%"
    fraction = 100 * table["numerator"] / table["denominator"].where(percent & (table["denominator"] > 0))
    table["value"] = table["value"].fillna(fraction)
    return table


def _period_fields(text: str) -> tuple[str, int, int, str, pd.Timestamp | None]:
    """Return code, year, quarter (0 if none), frequency and last day of a period; year 0 if it cannot be read."""
    try:
        period = parse_period(text)
    except ValueError:
        return text, 0, 0, "", None
    kind = frequency(period)
    quarter = period.quarter if kind == "quarter" else 0
    return period_code(period), period.year, quarter, kind, period.end_time.normalize()


def _row_problems(
    raw: pd.DataFrame,
    table: pd.DataFrame,
    plan: Plan,
    regions: Mapping[str, Region],
    rules: Rules,
    *,
    sample: bool,
    today: dt.date | None,
) -> Iterator[Problem]:
    """Yield what is wrong with single rows, in the order of the checks below."""
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
        number = _numbers(raw[column])
        unread = (raw[column] != "") & number.isna()
        yield from each(
            unread, column, "「{}」不是数字", "不带千位分隔符和单位的数字；没有数就空着并填 missing"
        )
        yield from each(number < 0, column, "「{}」是负数", "0 或正数")
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


def _doubles(ledger: pd.DataFrame) -> Iterator[tuple[str, Problem]]:
    """Yield, by file, every cell reported again on the same day, sample and real figures apart."""
    once = [*CELL, "reported_on", "real"]
    rows = ledger.assign(real=ledger["status"] != "sample")
    rows = rows[rows.duplicated(once, keep=False)]
    first = rows.groupby(once, sort=False)[["file", "line"]].transform("first")
    for index in rows.index[rows.duplicated(once, keep="first")]:
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
                "更正用更晚的 reported_on 另起一行",
            ),
        )


def _falls(ledger: pd.DataFrame, plan: Plan) -> Iterator[tuple[str, Problem]]:
    """Yield, by file, every cumulative count that falls from one quarter to the next, as latest known."""
    rising = [id for id, i in plan.indicators.items() if i.kind == "cumulative_count"]
    counts = as_known(ledger[ledger["indicator"].isin(rising) & (ledger["frequency"] == "quarter")])
    counts = counts.dropna(subset=["value"])
    fallen = counts.groupby(SERIES)["value"].diff() < 0
    for row in counts[fallen].itertuples():
        found = f"{row.indicator} 在 {row.period} 累计数降到 {row.value:.12g}"
        yield (
            str(row.file),
            Problem(f"第 {row.line} 行 value 列", found, "累计数不减少", "核对是否误填了当期数"),
        )
