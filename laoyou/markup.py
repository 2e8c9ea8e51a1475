"""HTML that is safe by construction: every text is escaped here, and nowhere else."""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

_UNPRINTABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")


@dataclass(frozen=True)
class Html:
    """A piece of a page: shown as HTML in JupyterLab and in the exported report.

    Parameters
    ----------
    html : the markup
    text : the same in plain words
    """

    html: str
    text: str = ""

    def _repr_mimebundle_(self, **_: object) -> dict[str, str]:
        return {"text/html": self.html, "text/plain": self.text or "[HTML]"}


def escape(text: object) -> str:
    """Return text that means the same in HTML as it does here."""
    return html.escape(printable(str(text)), quote=True)


def printable(text: str) -> str:
    """Return text with � for each control character that neither HTML nor XML can hold."""
    return _UNPRINTABLE.sub("\ufffd", text)


def element(tag: str, content: str = "", **attributes: object) -> str:
    """Return an element; ``content`` is markup, attribute values are text (``class_`` for class).

    An attribute of value None is left out.
    """
    spelled = "".join(
        ' {}="{}"'.format(name.rstrip("_").replace("_", "-"), escape(value))
        for name, value in attributes.items()
        if value is not None
    )
    return f"<{tag}{spelled}>{content}</{tag}>"


def table(
    caption: str,
    columns: Sequence[str],
    rows: Iterable[Sequence[str]],
    *,
    class_: str = "data",
    numeric: Iterable[int] = (),
) -> str:
    """Return a table with a caption, column headers and the first cell of each row as its header.

    Parameters
    ----------
    caption : what the table shows, as text
    columns : the column headers, as text
    rows : the cells of each row, as markup
    class_ : class of the table; ``cards`` makes each row a card on a narrow screen
    numeric : columns set flush right

    Returns
    -------
    Markup. Roles are spelled out because the narrow layout changes the display of rows and cells.
    """
    right = set(numeric)

    def side(index: int) -> str | None:
        return "n" if index in right else None

    head = "".join(
        element("th", escape(c), scope="col", role="columnheader", class_=side(i))
        for i, c in enumerate(columns)
    )
    body = []
    for cells in rows:
        first = element("th", cells[0], scope="row", role="rowheader")
        rest = "".join(
            element("td", cell, role="cell", class_=side(i), data_label=columns[i])
            for i, cell in enumerate(cells[1:], 1)
        )
        body.append(element("tr", first + rest, role="row"))
    content = (
        element("caption", escape(caption))
        + element("thead", element("tr", head, role="row"), role="rowgroup")
        + element("tbody", "".join(body), role="rowgroup")
    )
    inner = element("table", content, role="table", class_=class_)
    return element("div", inner, class_="scroll", role="region", tabindex="0", aria_label=caption)


def listing(items: Iterable[str], class_: str | None = None) -> str:
    """Return an unordered list of texts."""
    return element("ul", "".join(element("li", escape(item)) for item in items), class_=class_)


def details(summary: str, content: str, **attributes: object) -> str:
    """Return a part that folds open; ``summary`` is text, ``content`` markup."""
    return element("details", element("summary", escape(summary)) + content, **attributes)


def stacked(*parts: Html) -> Html:
    """Return parts of a page below one another, as one answer."""
    return Html("".join(part.html for part in parts), "\n".join(part.text for part in parts))


def plain(markup: str) -> str:
    """Return markup without its tags."""
    return html.unescape(re.sub(r"<[^>]+>", " ", markup))
