"""The regions that figures may belong to: GB/T 2260 codes, names and levels."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from io import BytesIO

import pandas as pd

from laoyou.errors import LedgerError, Problem, one_of, why
from laoyou.language import Words, mark, spoken
from laoyou.workspace import Workspace

COLUMNS = ("region", "name_zh", "name_en", "level", "parent")
LEVELS = Words(
    {
        "nation": mark("国家级"),
        "province": mark("省级"),
        "city": mark("市级"),
        "district": mark("区级"),
        "township": mark("街道（乡镇）级"),
    }
)


_KIND = re.compile(r"(?<=\w) (Subdistrict|Town|Township)$")


@dataclass(frozen=True)
class Region:
    """A region: its code, names, administrative level and the code of the region above."""

    code: str
    zh: str
    en: str
    level: str
    parent: str

    @property
    def spoken(self) -> str:
        """The name in the language being spoken; in Chinese where there is no other."""
        return self.zh if spoken() == "zh" else self.en.strip() or self.zh

    @property
    def short(self) -> str:
        """The name among others of its level: in English a township's without what kind of place it is."""
        return self.spoken if self.level != "township" else _KIND.sub("", self.spoken)

    @property
    def level_spoken(self) -> str:
        """The level in the language being spoken."""
        return LEVELS[self.level]


def parts_of(regions: Mapping[str, Region], whole: str) -> list[str]:
    """Return the codes of the regions that a region is made of, in the order of the file."""
    return [code for code, region in regions.items() if region.parent == whole]


def load_regions(workspace: Workspace) -> dict[str, Region]:
    """Load data/regions.csv.

    Returns
    -------
    The regions by code.

    Raises
    ------
    LedgerError
        If the file is absent, lacks a column, repeats a code or names an unknown level or parent.
    """
    file = workspace.data / "regions.csv"
    shown = workspace.relative(file)
    try:
        return dict(_read(file.read_bytes(), shown))
    except FileNotFoundError:
        raise LedgerError(shown, Problem("文件", "不存在", remedy="从版本库取回")) from None
    except (OSError, ValueError) as cause:
        raise LedgerError(shown, Problem("文件", f"读不出来（{why(cause)}）", "UTF-8 编码的 CSV")) from None


@lru_cache(maxsize=4)  # a page asks for the table several times
def _read(content: bytes, shown: str) -> dict[str, Region]:
    """Return what a file holds."""
    table = pd.read_csv(BytesIO(content), dtype=str, keep_default_na=False, encoding="utf-8-sig")
    if list(table.columns) != list(COLUMNS):
        raise LedgerError(shown, Problem("表头", "、".join(table.columns), "、".join(COLUMNS)))
    if not isinstance(table.index, pd.RangeIndex):  # pandas took the first of six cells for row labels
        raise LedgerError(shown, Problem("第 2 行起", "比表头多一格", "、".join(COLUMNS)))
    problems = []
    codes = set(table["region"])
    for line, (code, level, parent) in enumerate(table[["region", "level", "parent"]].to_numpy(str), 2):
        if not code:
            problems.append(Problem(f"第 {line} 行 region 列", "空着", "GB/T 2260 代码"))
        if level not in LEVELS:
            problems.append(Problem(f"第 {line} 行 level 列", f"「{level}」", one_of(LEVELS)))
        if parent and parent not in codes:
            problems.append(Problem(f"第 {line} 行 parent 列", f"「{parent}」不在本表", "本表已有的代码"))
    for line, twice in enumerate(table["region"].duplicated(), 2):
        if twice:
            code = table["region"].iloc[line - 2]
            problems.append(Problem(f"第 {line} 行 region 列", f"「{code}」重复", "每个代码一行"))
    if problems:
        raise LedgerError(shown, problems)
    return {str(r.region): Region(*(str(v) for v in r)) for r in table.itertuples(index=False)}
