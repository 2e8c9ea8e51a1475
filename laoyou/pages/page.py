"""An executed notebook as a page: one file that asks nothing of the network."""

from __future__ import annotations

import itertools
import re
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import jinja2
from markupsafe import Markup

from laoyou.markup import element, escape, plain
from laoyou.pages import fonts

if TYPE_CHECKING:
    import nbformat
    from nbconvert import HTMLExporter

TEMPLATES = Path(__file__).parents[1] / "templates"
_FONT = "@font-face{{font-family:'Noto Sans SC';src:url({address}) format('woff2')}}"
_HEADING = re.compile(r'<h2 id="([^"]+)"[^>]*>(.*?)</h2>', re.S)
_NO_FONT_YET = "/*font*/"


def heading(notebook: nbformat.NotebookNode) -> str:
    """Return a notebook's title: the first heading of its first cell."""
    return heading_of("".join(notebook.cells[0].source))


def heading_of(source: str) -> str:
    """Return the title that the text of a notebook's first cell begins with."""
    match = re.match(r"#\s+(.+)", source)
    return match[1].strip() if match else ""


def question(notebook: nbformat.NotebookNode) -> str:
    """Return what a notebook asks: the line under its title."""
    return question_of("".join(notebook.cells[0].source))


def question_of(source: str) -> str:
    """Return the line under the title in the text of a notebook's first cell."""
    lines = [line.strip() for line in source.splitlines() if line.strip()]
    return lines[1] if len(lines) > 1 else ""


@cache
def _exporter() -> HTMLExporter:
    """Return the one exporter of this process; building it costs more than using it."""
    from nbconvert import HTMLExporter  # with much else, which a page of ours alone does not need

    return HTMLExporter(
        template_name="laoyou",
        extra_template_basedirs=[str(TEMPLATES)],
        exclude_anchor_links=True,
    )


@cache
def _style() -> str:
    text = (TEMPLATES / "laoyou" / "style.css").read_text(encoding="utf-8")
    return _NO_FONT_YET + text.replace("\n", "")


def notebook_page(notebook: nbformat.NotebookNode, pages: Sequence[Mapping[str, str]]) -> str:
    """Return an executed notebook as a page.

    Parameters
    ----------
    notebook : the executed notebook
    pages : the pages of the same quarter, each with ``file`` and ``title``

    Returns
    -------
    The page; the same text for the same outputs.
    """
    about = {"style": _style(), "title": heading(notebook), "pages": list(pages)}
    html, _ = _exporter().from_notebook_node(notebook, resources={"laoyou": about})
    return _finished(_with_contents(html))


def template_page(name: str, **values: Any) -> str:
    """Return a page made from a template of ours alone.

    Parameters
    ----------
    name : the template's file name
    values : what it shows; texts are escaped, ``markupsafe.Markup`` is not
    """
    loader = jinja2.FileSystemLoader(TEMPLATES / "laoyou", encoding="utf-8")
    environment = jinja2.Environment(loader=loader, autoescape=True, undefined=jinja2.StrictUndefined)
    return _finished(environment.get_template(name).render(style=Markup(_style()), **values))


def _with_contents(html: str) -> str:
    """Give each section an id and put a list of them after the key points."""
    number = itertools.count(1)
    html = re.sub(r"<h2>", lambda _: f'<h2 id="section-{next(number)}">', html)
    sections = [(id, plain(text).strip()) for id, text in _HEADING.findall(html) if id != "key-points"]
    if len(sections) < 2:
        return html
    items = "".join(element("li", element("a", escape(text), href=f"#{id}")) for id, text in sections)
    contents = element(
        "nav", element("strong", "本页目录") + element("ul", items), class_="contents", aria_label="本页目录"
    )
    first = html.index(f'<h2 id="{sections[0][0]}"')
    return f"{html[:first]}{contents}\n{html[first:]}"


def _finished(html: str) -> str:
    """Embed the characters that the page shows."""
    face = _FONT.format(address=fonts.embedded(plain(html)))
    return html.replace(f"<style>{_NO_FONT_YET}", f"<style>{face}", 1)
