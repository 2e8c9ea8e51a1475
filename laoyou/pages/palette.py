"""The colours of pages and figures: one name each, a shade for light paper and one for dark.

Built from Okabe and Ito's colours, which readers of every colour vision tell apart, shifted until words in them
keep a contrast of 4.5:1. The stylesheet spells the same names as custom properties; a figure names the property
and carries the light shade for where there is no stylesheet, as in JupyterLab.
"""

from __future__ import annotations

INK, SOFT, LINE, PAPER, WASH = "#1b2328", "#4d5a63", "#d5dbdf", "#ffffff", "#f4f6f7"
AXIS, GRID = "#333f48", "#e3e7ea"
FIGURE, TARGET, PATH, FAN = "#0067a5", "#8a5a00", "#5b6770", "#3f2f86"
REFERENCE = ("#8f3b76", "#00603f")
LATE, WHOLE = "#b3261e", "#7a858d"

# Name of the custom property: the shade on light paper, the shade on dark.
SHADES: dict[str, tuple[str, str]] = {
    "ink": (INK, "#e6eaed"),
    "soft": (SOFT, "#b0bac1"),
    "line": (LINE, "#3a454c"),
    "paper": (PAPER, "#12181c"),
    "wash": (WASH, "#1b2329"),
    "axis": (AXIS, "#c9d1d6"),
    "grid": (GRID, "#2b353b"),
    "figure": (FIGURE, "#5fb4ee"),
    "target": (TARGET, "#e3a93c"),
    "path": (PATH, "#a3aeb5"),
    "fan": (FAN, "#9280f5"),
    "reference-a": (REFERENCE[0], "#e58fc8"),
    "reference-b": (REFERENCE[1], "#57d68d"),
    "late": (LATE, "#ff8f86"),
    "whole": (WHOLE, "#7b878f"),
    "link": ("#00558c", "#84c5f6"),
    "red": ("#a3161f", "#ff8f86"),
    "yellow": ("#7a4b00", "#e3b04f"),
    "watch": ("#1d4f91", "#93bbf8"),
    "green": ("#1b6138", "#74d39b"),
    "sample": ("#9c1c14", "#ff9d94"),
    "alert": ("#fdeceb", "#35191a"),
}
_NAMES = {light: name for name, (light, _) in SHADES.items()} | {"#000000": "ink"}


def shade(colour: str) -> str:
    """Return a colour of a drawing as the stylesheet knows it, so that it follows the reader's scheme.

    Parameters
    ----------
    colour : ``#`` and six digits, as matplotlib writes it

    Returns
    -------
    ``var(--name,#rrggbb)``; a colour that the palette lacks stays as it is.
    """
    return f"var(--{_NAMES[colour]},{colour})" if colour in _NAMES else colour
