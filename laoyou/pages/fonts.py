"""The one Chinese face of pages and figures: Noto Sans SC, from a package, never from the machine."""

from __future__ import annotations

import base64
from functools import cache
from pathlib import Path
from typing import Any

from laoyou.language import mark, tr
from laoyou.pages.woff2 import packed

FAMILY = "Noto Sans SC"
# What a reader may see besides: folded parts, the numbers of sheets, arrows to other quarters.
ALWAYS = "".join(map(chr, range(32, 127)))
SIGNS = mark("年一二三四季度第页共，（）↑↓←→")
_DROPPED = ("vhea", "vmtx", "VORG", "BASE", "GSUB", "GPOS", "GDEF")  # vertical setting and alternative forms


@cache
def register() -> str:
    """Make the face known to matplotlib.

    Returns
    -------
    The name of its family.
    """
    from matplotlib import font_manager

    font_manager.fontManager.addfont(str(_file()))
    return FAMILY


def _file() -> Path:
    import pylopdf_fonts_zh_cn

    return Path(pylopdf_fonts_zh_cn.sans_path())


@cache
def _face() -> Any:
    """Return the whole face, opened once in a process."""
    import uharfbuzz

    return uharfbuzz.Face(uharfbuzz.Blob.from_file_path(str(_file())))


def covered() -> frozenset[int]:
    """Return the code points that the face has."""
    return frozenset(_face().unicodes)


def embedded(text: str) -> str:
    """Return the face cut down to the characters of a text, ready for a stylesheet.

    Parameters
    ----------
    text : every character that the page shows

    Returns
    -------
    A ``data:`` address of a woff2 font; the same bytes for the same set of characters.
    """
    return _embedded("".join(sorted(set(text + ALWAYS + tr(SIGNS)))))


@cache
def _embedded(characters: str) -> str:
    import uharfbuzz

    cut = uharfbuzz.SubsetInput()
    cut.unicode_set.update(map(ord, characters))
    cut.flags = uharfbuzz.SubsetFlags.NO_HINTING | uharfbuzz.SubsetFlags.NO_LAYOUT_CLOSURE
    cut.name_id_set.clear()
    cut.drop_table_tag_set.update(int.from_bytes(tag.encode(), "big") for tag in _DROPPED)
    content = packed(uharfbuzz.subset(_face(), cut).blob.data)
    return "data:font/woff2;base64," + base64.b64encode(content).decode("ascii")
