"""Quarters, years and months: one spelling in files, one on pages, ``pandas.Period`` between."""

from __future__ import annotations

import re
from functools import lru_cache

import pandas as pd

from laoyou.errors import NotAllowedError
from laoyou.language import mark, tr

PERIOD_SPELLINGS = "2026Q3（季度）、2025（年度）、2025-08（月度）"
_QUARTERS = (mark("一季度"), mark("二季度"), mark("三季度"), mark("四季度"))
_LABELS = (
    mark("{year}年一季度"), mark("{year}年二季度"), mark("{year}年三季度"), mark("{year}年四季度"),
)  # fmt: skip
_SINCE_JANUARY = (mark("{year}年1—3月"), mark("{year}年1—6月"), mark("{year}年1—9月"), mark("{year}年"))

_QUARTER = re.compile(r"(\d{4})(?:Q([1-4])|年第?([1-4一二三四])季度)")
_YEAR = re.compile(r"(\d{4})年?")
_MONTH = re.compile(r"(\d{4})-(0[1-9]|1[0-2])")
_SPANS = (  # what a heading or a cell of somebody's table says, and which span it means
    ("quarter", re.compile(r"(?P<year>\d{4})(?:年?[Qq](?P<q>[1-4])|年第?(?P<zh>[1-4一二三四])季度?)")),
    (
        "since_january",
        re.compile(r"(?P<year>\d{4})年(?:第?一至第?|第?1至第?|1[—~-]|一[—~-]|前)(?P<zh>[二三四2-4])个?季度"),
    ),
    (
        "since_january",
        re.compile(r"(?P<year>\d{4})年1(?:月份?)?(?:[—~-]+|至|到)(?P<month>\d{1,2})月份?(?:累计)?"),
    ),
    ("since_january", re.compile(r"(?P<year>\d{4})年(?P<half>上半年)(?:累计)?")),
    ("since_january", re.compile(r"(?P<year>\d{4})年(?:全年|度)?(?:累计)?")),
    (
        "level",
        re.compile(r"(?:截至|截止|至)?(?P<year>\d{4})年(?P<month>\d{1,2})月(?:(?P<day>\d{1,2})日|末|底)"),
    ),
    ("level", re.compile(r"(?:截至|截止|至)?(?P<year>\d{4})年第?(?P<zh>[1-4一二三四])季度?[末底]")),
    ("level", re.compile(r"(?:截至|截止|至)?(?P<year>\d{4})年年?[末底]")),
    ("level", re.compile(r"(?:截至|截止|至)?(?P<year>\d{4})[-/.](?P<month>\d{1,2})[-/.](?P<day>\d{1,2})")),
)
SPANS = {"quarter": "当季", "since_january": "1 月以来累计", "level": "期末水平"}
SPAN_SPELLINGS = "2026年三季度（当季）、2026年前三季度 或 2026年1—9月（1 月以来）、2026年9月末（期末）"


@lru_cache(maxsize=4096)
def parse_period(text: str) -> pd.Period:
    """Read a period as it stands in a file.

    Parameters
    ----------
    text : ``2026Q3``, ``2026年三季度``, ``2025``, ``2025年`` or ``2025-08``; spaces around are ignored

    Returns
    -------
    A period of quarterly, yearly or monthly frequency.

    Raises
    ------
    ValueError
        If the text is none of these. A span since January （1—9月，前三季度） is not a quarter and is refused.
    """
    word = text.strip()
    if match := _QUARTER.fullmatch(word):
        year, number = match[1], match[2] or match[3]
        number = str("一二三四".index(number) + 1) if number in "一二三四" else number
        return pd.Period(year=int(year), quarter=int(number), freq="Q-DEC")
    if match := _YEAR.fullmatch(word):
        return pd.Period(year=int(match[1]), freq="Y-DEC")
    if _MONTH.fullmatch(word):
        return pd.Period(word, freq="M")
    raise NotAllowedError(f"「{text}」不是期间", f"{PERIOD_SPELLINGS}")


def parse_quarter(text: str) -> pd.Period:
    """Read a quarter such as ``2026Q3``.

    Raises
    ------
    ValueError
        If the text is no period, or a year or month.
    """
    period = parse_period(text)
    if not period.freqstr.startswith("Q"):
        raise NotAllowedError(f"「{text}」不是季度", "2026Q3 这样的写法")
    return period


def parse_span(text: str) -> tuple[pd.Period, str]:
    """Read which quarter a table's heading means, and over which span its figures run.

    Parameters
    ----------
    text : such as 2026年三季度，前三季度 of a year, 2026年1—9月， 2026年9月末； in plain characters

    Returns
    -------
    The quarter at whose end the span closes, and ``quarter`` (that quarter alone), ``since_january`` or
    ``level`` (at its end). The first quarter alone is its year since January, too.

    Raises
    ------
    ValueError
        If it is none of these, or does not close with a quarter. A month alone is refused.
    """
    word = re.sub(r"[—–―−－~～]+", "—", text.replace(" ", "")).removesuffix("数据")
    for span, form in _SPANS:
        match = form.fullmatch(word)
        if not match:
            continue
        found = match.groupdict()
        number = found.get("q") or found.get("zh")
        if number:
            quarter = "一二三四".index(number) + 1 if number in "一二三四" else int(number)
        elif found.get("month"):
            month = int(found["month"])
            if month not in (3, 6, 9, 12):
                raise NotAllowedError(f"「{text}」不在季末", SPAN_SPELLINGS)
            quarter = month // 3
        else:
            quarter = 2 if found.get("half") else 4
        period = pd.Period(year=int(match["year"]), quarter=quarter, freq="Q-DEC")
        if int(found.get("day") or period.end_time.day) != period.end_time.day:
            raise NotAllowedError(f"「{text}」不在季末", SPAN_SPELLINGS)
        return period, span
    raise NotAllowedError(f"「{text}」不是期间", SPAN_SPELLINGS)


def period_code(period: pd.Period) -> str:
    """Return a period as files spell it: ``2026Q3``, ``2025``, ``2025-08``."""
    return str(period)


def period_label(period: pd.Period) -> str:
    """Return a period as pages spell it: 2026年三季度， 2025年， 2025年8月."""
    if period.freqstr.startswith("Q"):
        return tr(_LABELS[period.quarter - 1], year=period.year)
    if period.freqstr.startswith("Y"):
        return tr("{year}年", year=period.year)
    return tr("{year}年{month}月", year=period.year, month=period.month)


def quarter_name(number: int) -> str:
    """Return what a quarter of any year is called: 一季度 for 1."""
    return tr(_QUARTERS[number - 1])


def since_january_label(quarter: pd.Period) -> str:
    """Return the span from 1 January to the end of a quarter: 2026年1—9月， or 2026年 in the fourth."""
    return tr(_SINCE_JANUARY[quarter.quarter - 1], year=quarter.year)


def frequency(period: pd.Period) -> str:
    """Return ``quarter``, ``year`` or ``month``."""
    return {"Q": "quarter", "Y": "year", "M": "month"}[period.freqstr[0]]
