"""A figure of a page: a matplotlib drawing as inline SVG, with its finding, a description and its data."""

from __future__ import annotations

import io
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from laoyou.language import begun, tr
from laoyou.markup import Html, details, element, escape, printable, table
from laoyou.pages.fonts import FAMILY, register
from laoyou.pages.palette import AXIS, FAN, FIGURE, GRID, INK, LATE, PATH, REFERENCE, TARGET
from laoyou.pages.svg import lean

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

SIZE = (4.4, 2.8)  # inches; small, so that on a telephone the words stay readable
_STYLE: dict[Any, Any] = {
    "svg.fonttype": "none",
    "svg.hashsalt": "laoyou",
    "font.size": 9,
    "axes.unicode_minus": False,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "text.color": INK,
    "axes.edgecolor": PATH,
    "axes.labelcolor": AXIS,
    "axes.prop_cycle": f"cycler('color', {[FIGURE, TARGET, *REFERENCE, FAN]})",
    "xtick.color": AXIS,
    "ytick.color": AXIS,
    "axes.grid": True,
    "axes.grid.axis": "y",
    "grid.color": GRID,
    "grid.linewidth": 0.7,
    "figure.constrained_layout.use": True,
}


def canvas() -> tuple[Figure, Axes]:
    """Return an empty figure in the house's style, outside pyplot so that nothing is left open."""
    import matplotlib as mpl
    import seaborn as sns
    from matplotlib.figure import Figure as NewFigure

    with mpl.rc_context({**sns.axes_style("white"), **_STYLE, "font.family": [register()]}):
        drawing = NewFigure(figsize=SIZE)
        return drawing, drawing.add_subplot()


def panels(count: int, across: int = 3) -> tuple[Figure, list[Axes]]:
    """Return a figure of small panels of one scale, as many across as told, and their axes; spare ones are left out."""
    import matplotlib as mpl
    import seaborn as sns
    from matplotlib.figure import Figure as NewFigure

    with mpl.rc_context({**sns.axes_style("white"), **_STYLE, "font.family": [register()], "font.size": 8}):
        down = -(-count // across)
        drawing = NewFigure(figsize=(SIZE[0], 0.4 + 1.25 * down))
        grid = drawing.subplots(down, across, sharex=True, sharey=True, squeeze=False)
        axes = [one for row in grid for one in row]
        for spare in axes[count:]:
            spare.remove()
        return drawing, axes[:count]


def figure(
    drawing: Figure,
    *,
    title: str,
    subtitle: str,
    description: str,
    columns: Sequence[str],
    rows: Sequence[Sequence[str]],
    source: str,
    sample: bool,
) -> Html:
    """Return a drawing as a part of a page.

    Parameters
    ----------
    drawing : the matplotlib figure
    title : the finding, as text
    subtitle : what is measured and its unit, as text
    description : what a reader who cannot see the drawing should know, as text
    columns, rows : the data drawn, as text
    source : where the data come from, as text
    sample : whether any of it is sample data; the figure is then marked

    Raises
    ------
    ValueError
        If title, subtitle, description or source is empty.
    """
    for name, text in (
        ("title", title),
        ("subtitle", subtitle),
        ("description", description),
        ("source", source),
    ):
        if not text.strip():
            raise ValueError(f"a figure needs a {name}")
    if sample:
        drawing.text(
            0.5,
            0.5,
            begun(tr("演示数据")),
            fontsize=30,
            color=LATE,
            alpha=0.10,
            gid="mark",
            ha="center",
            va="center",
            rotation=18,
        )
    mark = element("span", begun(tr("演示数据")), class_="sample") if sample else ""
    caption = element(
        "figcaption",
        element("strong", escape(title), class_="finding")
        + mark
        + element("span", escape(subtitle), class_="measure"),
    )
    data = details(tr("图中数据"), table(title, columns, [[escape(cell) for cell in row] for row in rows]))
    note = element("p", escape(tr("来源：{source}", source=source)), class_="source")
    return Html(
        element("figure", caption + to_svg(drawing, title, description) + note + data),
        f"{title}\n{description}",
    )


@contextmanager
def _drawn_plainly(drawing: Figure) -> Iterator[None]:
    """Draw words as they are: in the page's face, a dollar sign as a dollar sign.

    What the face lacks stays a word and is shown in the reader's own.
    """
    import matplotlib as mpl
    from matplotlib.text import Text

    for words in drawing.findobj(Text):
        words.set_fontfamily(register())
        words.set_parse_math(False)
    with mpl.rc_context({**_STYLE, "font.family": [register()]}), warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Glyph .* missing from font")
        yield


def lay_out(drawing: Figure) -> None:
    """Settle where everything in a drawing stands, so that extents can be asked for; words added later move nothing."""
    from matplotlib.layout_engine import ConstrainedLayoutEngine

    with _drawn_plainly(drawing):
        if isinstance(drawing.get_layout_engine(), ConstrainedLayoutEngine):
            drawing.draw_without_rendering()
            drawing.set_layout_engine("none")


def to_svg(drawing: Figure, title: str, description: str) -> str:
    """Return a drawing as an SVG element with words as words, and ids that no other figure of a page has."""
    text = io.StringIO()
    with _drawn_plainly(drawing):
        drawing.savefig(
            text,
            format="svg",
            metadata={"Date": None, "Creator": None, "Format": None, "Type": None},
            transparent=True,
        )
    return lean(printable(text.getvalue()), title, description, FAMILY)
