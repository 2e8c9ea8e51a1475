"""The one Chinese face of pages and figures: Noto Sans SC, from a package, never from the machine."""

from __future__ import annotations

import base64
import io
from functools import cache
from pathlib import Path

FAMILY = "Noto Sans SC"
ALWAYS = (
    "".join(map(chr, range(32, 127))) + "年一二三四季度第页共，（）↑↓←→"
)  # what a reader may see besides: sheets, arrows


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


def covered() -> frozenset[int]:
    """Return the code points that the face has."""
    from fontTools.ttLib import TTFont

    with TTFont(_file(), lazy=True) as font:
        return frozenset(font.getBestCmap())


def embedded(text: str) -> str:
    """Return the face cut down to the characters of a text, ready for a stylesheet.

    Parameters
    ----------
    text : every character that the page shows

    Returns
    -------
    A ``data:`` address of a woff2 font; the same bytes for the same set of characters.
    """
    return _embedded("".join(sorted(set(text + ALWAYS))))


@cache
def _embedded(characters: str) -> str:
    from fontTools.subset import Options, Subsetter
    from fontTools.ttLib import TTFont

    options = Options()
    options.layout_features = []
    options.drop_tables += ["vhea", "vmtx", "VORG", "BASE", "GSUB", "GPOS", "GDEF"]
    options.hinting = False
    options.name_IDs = []
    with TTFont(_file(), lazy=True, recalcTimestamp=False) as font:
        cutter = Subsetter(options)
        cutter.populate(text=characters)
        cutter.subset(font)
        font.flavor = "woff2"
        packed = io.BytesIO()
        font.save(packed)
    return "data:font/woff2;base64," + base64.b64encode(packed.getvalue()).decode("ascii")
