"""What the cells of a platform's export mean, after its mapping."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Sequence
from collections.abc import Mapping as Map
from dataclasses import dataclass
from typing import Any

from laoyou.errors import NotAllowedError, one_of
from laoyou.intake.mappings import Column, Mapping
from laoyou.periods import parse_span
from laoyou.personal import quoted
from laoyou.regions import Region
from laoyou.sheets.cells import Cell, plain_text, read_date, read_number, refuse_trouble, same_word

NUMERIC = ("number", "percent", "fraction")
MOST_EXACT = 15  # digits of a number that a spreadsheet keeps
Hash = Callable[[Sequence[str]], list[str]]


@dataclass(frozen=True)
class Vocabulary:
    """What the words of an export stand for: by column theirs → ours, those of rows of totals, the columns that may hold them."""

    known: Map[str, Map[str, str]]
    totals: frozenset[str]
    labels: tuple[str, ...]


def vocabulary(mapping: Mapping, regions: Map[str, Region]) -> Vocabulary:
    """Return what the words of an export stand for.

    Parameters
    ----------
    mapping, regions : which words there are
    """
    names = {same_word(region.zh): code for code, region in regions.items()}
    names |= {code: code for code in regions} | {same_word(k): v for k, v in mapping.regions.items()}
    known = {n: {same_word(k): v for k, v in words.items()} for n, words in mapping.words.items()}
    known |= {n: names for n, column in mapping.columns.items() if column.holds == "region"}
    labels = tuple(name for name, column in mapping.columns.items() if column.holds not in NUMERIC)
    return Vocabulary(known, frozenset(same_word(word) for word in mapping.totals), labels)


def meaning(
    cell: Cell, name: str, column: Column, mapping: Mapping, known: Map[str, Map[str, str]], hashed: Hash
) -> Any:
    """Return what a cell means, a kind of missing as text in place of a number, None for an empty cell.

    Of a column of words or regions, ``known`` gives theirs → ours.

    Raises
    ------
    NotAllowedError
        If it is not what its column holds.
    """
    word = same_word(cell.value)
    kind = None if cell.trouble else mapping.missing.get(word)
    if column.holds in NUMERIC:
        if kind is not None and mapping.rows == "figures":
            return kind
        if kind is not None and column.blank:
            return None
        marked = column.holds == "fraction" and (cell.percent or word.endswith("%"))
        number = read_number(cell, percent=column.holds == "percent" or marked)
        if column.holds == "fraction" and not marked:
            if not 0 <= number <= 1:
                raise NotAllowedError(
                    f"{quoted(word)}，不是份额", "0 到 1 之间的份额（映射写着 holds: fraction）"
                )
            number *= 100
        return number
    if kind is not None:
        if column.blank or (not word and column.holds == "region"):
            return None
        raise NotAllowedError("空着", "有内容")
    if column.holds == "date":
        return read_date(cell, mapping.dates)
    refuse_trouble(cell)
    if column.holds == "id":
        _refuse_rounded(cell, word)
        return hashed([identity(word, mapping)])[0]
    if column.holds == "period":
        text = f"{cell.value:%Y-%m-%d}" if isinstance(cell.value, dt.datetime) else plain_text(cell.value)
        try:
            return parse_span(same_word(text))
        except NotAllowedError as cause:
            raise NotAllowedError(f"{quoted(text)}，不是到季末为止的期间", cause.allowed) from None
    if word not in known[name]:
        where = "地区表和映射的 regions" if column.holds == "region" else f"映射的 words › {name}"
        raise NotAllowedError(f"{quoted(word)}，不是{where} 里的词", one_of(known[name]))
    return known[name][word]


def identity(word: str, mapping: Mapping) -> str:
    """Return what tells a case from all others: its id, with the platform unless platforms share their ids."""
    return word if mapping.shared_ids else f"{mapping.platform}|{word}"


def plain_id(word: str, mapping: Mapping) -> bool:
    """Return whether a text is an id that nothing is the matter with, so that it need not be looked at as a cell."""
    return word not in mapping.missing and "+" not in word


def _refuse_rounded(cell: Cell, word: str) -> None:
    """Refuse an id that a spreadsheet took for a number of more digits than it keeps: cases would fall together."""
    number = isinstance(cell.value, (int, float)) and abs(cell.value) >= 10**MOST_EXACT
    if number or ("+" in word and re.fullmatch(r"[\d.]+[Ee]\+\d+", word)):
        raise NotAllowedError(
            "编号被当成数存过，末几位已丢失", "文本格式的编号；重新导出，不要先用 Excel 打开另存"
        )
