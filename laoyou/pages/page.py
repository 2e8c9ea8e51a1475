"""An executed notebook as a page: one file that asks nothing of the network."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import jinja2
from markupsafe import Markup

from laoyou.language import HAN, LANGUAGES, mark, speaking, spoken, tr, trn
from laoyou.markup import element, escape, plain
from laoyou.pages import fonts

if TYPE_CHECKING:
    import nbformat
    from nbconvert import HTMLExporter

TEMPLATE = Path(__file__).parents[1] / "templates" / "laoyou"  # usable as it is: jupyter nbconvert --template
_FONT = "@font-face{{font-family:'Noto Sans SC';src:url({address}) format('woff2'){only}}}"
# In other languages what the face draws as wide as a Chinese character is left to another face: · ‘ ’ “ ” …
_NARROW = ";unicode-range:U+0-B6,U+B8-2017,U+201A-201B,U+201E-2025,U+2027-10FFFF"
_HEADING = re.compile(r'<h2 id="([^"]+)"[^>]*>(.*?)</h2>', re.S)
_TITLE = re.compile(r"<title>(.*?)</title>", re.S)
_ABOUT = re.compile(r'<p class="about">(.*?)</p>', re.S)
_SHEET = "@page{{@top-left{{content:{}}}@top-right{{content:{}}}@bottom-center{{content:{}}}font:9pt 'Noto Sans SC',sans-serif}}"
_COUNTED = mark("第 {page} 页，共 {pages} 页")
_NO_FONT_YET = "/*font*/"
_LANGUAGE = "lang-"  # how the tag of a cell in one language begins
_SET_LANGUAGE = re.compile(r"^lang: str = [\"'](\w+)[\"']", re.M)
_WORDS_ALONE = (
    "head",
    "body",
    "svg",
    "text",
    "title",
    "desc",
    "style",
)  # in some of which no element can stand
_TAG = re.compile(r"(<[^>]*>)")


def said_in(tags: Iterable[str], language: str) -> bool:
    """Return whether a cell belongs to a page in a language: its tags name that language, as ``lang-en``, or none."""
    named = {tag for tag in tags if tag.startswith(_LANGUAGE)}
    return not named or f"{_LANGUAGE}{language}" in named


def language_of(notebook: nbformat.NotebookNode) -> str:
    """Return the language that an executed notebook's outputs are in: the last that its parameters set."""
    injected = notebook.metadata.get("papermill", {}).get("parameters", {})
    written = [
        match[1]
        for cell in notebook.cells
        if "parameters" in cell.metadata.get("tags", [])
        for match in _SET_LANGUAGE.finditer("".join(cell.source))
    ]
    language = str(injected.get("lang", written[-1] if written else "zh"))
    return language if language in LANGUAGES else "zh"


def heading(notebook: nbformat.NotebookNode, language: str) -> str:
    """Return a notebook's title in a language: the first heading of its first cell."""
    return heading_of(_beginning(notebook, language))


def _beginning(notebook: nbformat.NotebookNode, language: str) -> str:
    texts = [c for c in notebook.cells if c.cell_type == "markdown"]
    ours = [c for c in texts if said_in(c.metadata.get("tags", []), language)]
    return next(("".join(cell.source) for cell in ours or texts), "")


def heading_of(source: str) -> str:
    """Return the title that the text of a notebook's first cell begins with."""
    match = re.match(r"#\s+(.+)", source)
    return match[1].strip() if match else ""


def question(notebook: nbformat.NotebookNode, language: str) -> str:
    """Return what a notebook asks in a language: the line under its title."""
    return question_of(_beginning(notebook, language))


def question_of(source: str) -> str:
    """Return the line under the title in the text of a notebook's first cell."""
    lines = [line.strip() for line in source.splitlines() if line.strip()]
    return lines[1] if len(lines) > 1 else ""


@cache
def _exporter() -> HTMLExporter:
    """Return the one exporter of this process; building it costs more than using it."""
    from nbconvert import HTMLExporter  # with much else, which a page of ours alone does not need

    return HTMLExporter(template_name=TEMPLATE.name, extra_template_basedirs=[str(TEMPLATE.parent)])


def parts(notebook: nbformat.NotebookNode) -> dict[str, Any]:
    """Return what the template cannot make itself: title, language, stylesheet and what finishes the markup."""
    language = spoken()

    def shows(cell: nbformat.NotebookNode) -> bool:
        return said_in(cell.metadata.get("tags", []), language)

    return {
        "title": heading(notebook, language), "lang": LANGUAGES[language], "tr": tr, "shows": shows,
        "style": _NO_FONT_YET + _css("style.css"), "words": _unlinked, "finish": _with_contents, "pages": [],
    }  # fmt: skip


@cache
def _css(name: str) -> str:
    return (TEMPLATE / name).read_text(encoding="utf-8").replace("\n", "")


def notebook_page(notebook: nbformat.NotebookNode, pages: Sequence[Mapping[str, str]]) -> str:
    """Return an executed notebook as a page.

    Parameters
    ----------
    notebook : the executed notebook
    pages : the pages of the same quarter, each with ``file``, ``title`` and ``short``

    Returns
    -------
    The page; the same text for the same outputs.
    """
    with speaking(language_of(notebook)):
        html, _ = _exporter().from_notebook_node(notebook, resources={"laoyou": {"pages": list(pages)}})
    return str(html)


def template_page(name: str, **values: Any) -> str:
    """Return a page made from a template of ours alone.

    Parameters
    ----------
    name : the template's file name
    values : what it shows; texts are escaped, ``markupsafe.Markup`` is not
    """
    loader = jinja2.FileSystemLoader(TEMPLATE, encoding="utf-8")
    environment = jinja2.Environment(loader=loader, autoescape=True, undefined=jinja2.StrictUndefined)
    return environment.get_template(name).render(
        style=Markup(_NO_FONT_YET + _css("style.css")),
        finish=_finished,
        tr=tr,
        trn=trn,
        lang=LANGUAGES[spoken()],
        **values,
    )


def _unlinked(markup: str) -> str:
    """Return headings from Markdown without the ids and signs that nbconvert gives them."""
    return re.sub(
        r"<(h[1-6]) id=[^>]*>(.*?)(?:<a class=\"anchor-link\".*?</a>)?</\1>", r"<\1>\2</\1>", markup
    )


def _with_contents(html: str) -> str:
    """Give each section an id, put a list of them after the key points, and finish the page."""
    number = itertools.count(1)
    html = re.sub(r"<h2>", lambda _: f'<h2 id="section-{next(number)}">', html)
    sections = [(id, plain(text).strip()) for id, text in _HEADING.findall(html) if id != "key-points"]
    if len(sections) < 2:
        return _finished(html)
    items = "".join(element("li", element("a", escape(text), href=f"#{id}")) for id, text in sections)
    contents = element(
        "nav",
        element("strong", tr("本页目录")) + element("ul", items),
        class_="contents",
        aria_label=tr("本页目录"),
    )
    first = html.index(f'<h2 id="{sections[0][0]}"')
    return _finished(f"{html[:first]}{contents}\n{html[first:]}")


def _finished(html: str) -> str:
    """Embed the characters that the page shows, and name the page at the head of each printed sheet."""
    html = str(html)  # markup that Jinja escaped would escape what is put into it
    if spoken() != "zh":
        html = marked_foreign(html)
    foreign = spoken() != "zh"
    face = _FONT.format(address=fonts.embedded(plain(html) + tr(_COUNTED)), only=_NARROW if foreign else "")
    named = [plain(found[1]).strip() if (found := part.search(html)) else "" for part in (_TITLE, _ABOUT)]
    sheet = _SHEET.format(*map(_css_string, named), _counted())
    html = html.replace(f"<style>{_NO_FONT_YET}", f"<style>{face}{sheet}", 1)
    return Markup(html.replace("</style>", _css("longer.css") + "</style>", 1) if foreign else html)


def _counted() -> str:
    """Return how a printed sheet is numbered, as a stylesheet's ``content``."""
    numbered = tr(_COUNTED, page='" counter(page) "', pages='" counter(pages) "')
    return f'"{numbered}"'


def _css_string(text: str) -> str:
    """Return a text as a string of a stylesheet, which nothing in it can end."""
    return '"' + "".join(c if c.isalnum() else f"\\{ord(c):x} " for c in text) + '"'


def marked_foreign(html: str) -> str:
    """Mark what stays Chinese on a page in another language, so that it is read aloud as Chinese.

    Parameters
    ----------
    html : a page whose own words are translated; names, notes and quotations may be Chinese
    """
    pieces: list[str] = []
    around: list[str] = []
    for piece in _TAG.split(html):
        if piece.startswith("<"):
            name = re.match(r"</?([\w-]*)", piece)[1]  # type: ignore[index]
            if name in _WORDS_ALONE:
                around = [*around, name] if not piece.startswith("</") else around[:-1]
            pieces.append(piece)
        elif not around or around[-1] in ("body", "text"):
            tag = "tspan" if around[-1:] == ["text"] else "span"
            pieces.append(HAN.sub(lambda found, tag=tag: f'<{tag} lang="zh-CN">{found[0]}</{tag}>', piece))
        else:
            pieces.append(piece)
    return "".join(pieces)
