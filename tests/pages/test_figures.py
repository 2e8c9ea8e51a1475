"""A drawing as a part of a page: read back with an XML parser, and drawn twice."""

import re
from typing import Any
from xml.etree import ElementTree

import matplotlib as mpl
import pytest
from bs4 import BeautifulSoup

from laoyou.markup import Html
from laoyou.pages.figures import canvas, figure, lay_out, to_svg
from laoyou.pages.fonts import FAMILY

SVG = "{http://www.w3.org/2000/svg}"
LINK = "href"
WORDS: dict[str, Any] = {
    "title": "失业率比上限低 0.2 个百分点",
    "subtitle": "城镇调查失业率，单位：%",
    "description": "最低 4.4%，最高 4.9%。",
    "columns": ["期间", "数值"],
    "rows": [["2026年一季度", "4.9"], ["2026年二季度", "4.8"]],
    "source": "某局<b>",
    "sample": False,
}


def drawn(label: str = "口径调整", **changed: Any) -> Html:
    """Draw a small line with words on it."""
    drawing, axes = canvas()
    axes.plot([0, 1], [4.9, 4.8])
    axes.fill_between([0, 1], 4, 5, hatch="/")  # hatches and clips are referred to by id
    axes.annotate(label, (0.5, 4.85))
    return figure(drawing, **WORDS | changed)


def svg(html: str) -> ElementTree.Element:
    found = re.search(r"<svg.*</svg>", html, re.S)
    assert found is not None
    return ElementTree.fromstring(found[0])


def words(root: ElementTree.Element) -> list[str]:
    return ["".join(text.itertext()).strip() for text in root.iter(f"{SVG}text")]


@pytest.fixture(scope="module")
def plain_figure() -> Html:
    return drawn()


@pytest.mark.parametrize("name", ["title", "subtitle", "description", "source"])
@pytest.mark.parametrize("empty", ["", " \n"])
def test_a_figure_without_its_words_is_refused(name, empty):
    drawing, _ = canvas()
    with pytest.raises(ValueError, match=f"a figure needs a {name}"):
        figure(drawing, **WORDS | {name: empty})


def test_a_figure_begins_with_its_finding_and_ends_with_source_and_data(plain_figure):
    soup = BeautifulSoup(plain_figure.html, "html.parser")
    parts = [tag.name for tag in soup.figure.find_all(recursive=False)] if soup.figure else []
    assert parts == ["figcaption", "svg", "p", "details"]
    assert [tag.get_text() for tag in soup.select("figcaption > *")] == [WORDS["title"], WORDS["subtitle"]]
    assert soup.select("p.source")[0].get_text() == "来源：某局<b>"
    assert [row.get_text("|") for row in soup.select("tbody tr")] == ["2026年一季度|4.9", "2026年二季度|4.8"]
    assert [head.get_text() for head in soup.select("thead th")] == WORDS["columns"]
    assert plain_figure.text == f"{WORDS['title']}\n{WORDS['description']}"


def test_a_drawing_is_an_image_with_a_name_and_a_description(plain_figure):
    root = svg(plain_figure.html)
    assert root.attrib["role"] == "img"
    title, desc = root[0], root[1]
    assert (title.tag, title.text) == (f"{SVG}title", WORDS["title"])
    assert (desc.tag, desc.text) == (f"{SVG}desc", WORDS["description"])
    assert root.attrib["aria-labelledby"] == title.attrib["id"]
    assert root.attrib["aria-describedby"] == desc.attrib["id"]


def test_a_drawing_grows_with_its_page(plain_figure):
    root = svg(plain_figure.html)
    assert "viewBox" in root.attrib
    assert not {"width", "height"} & set(root.attrib)


def test_words_in_a_drawing_are_words(plain_figure):
    assert "口径调整" in words(svg(plain_figure.html))
    assert f'font-family="{FAMILY},' in plain_figure.html
    assert "DejaVu" not in plain_figure.html
    assert not re.search(r"<(use|path)[^>]*glyph", plain_figure.html)


@pytest.mark.parametrize(
    "text", ["$x$ und $\\frac$", "a&b<c>\"d'", "]]> -->", 'id="x" url(#y) xlink:href="#z"', "😀", "\x01\x1b"]
)
def test_any_text_is_drawn_as_written(text):
    shown = text.replace("\x01", "�").replace("\x1b", "�")
    assert shown in words(svg(drawn(text).html))


def test_a_drawing_refers_to_nothing_but_itself(plain_figure):
    root = svg(plain_figure.html)
    ids = [e.attrib["id"] for e in root.iter() if "id" in e.attrib]
    assert len(ids) == len(set(ids))
    for element in root.iter():
        for name, value in element.attrib.items():
            if name == LINK:
                assert value.removeprefix("#") in ids
            for inner in re.findall(r"url\(([^)]*)\)", value):
                assert inner.removeprefix("#") in ids
            assert "http" not in value
    assert not list(root.iter(f"{SVG}metadata"))
    assert not list(root.iter(f"{SVG}script"))


def test_no_two_figures_of_a_page_share_an_id():
    many = [
        drawn(),
        drawn("另一处"),
        drawn(title="另一个"),
        drawn(description="另一段。"),
        drawn(sample=True),
    ]
    ids = [e.attrib["id"] for html in many for e in svg(html.html).iter() if "id" in e.attrib]
    assert len(ids) > 10
    assert len(ids) == len(set(ids))


def test_sample_data_is_marked_in_the_drawing_and_beside_it():
    html = drawn(sample=True).html
    assert words(svg(html)).count("演示数据") == 1
    assert [tag.get_text() for tag in BeautifulSoup(html, "html.parser").select("figcaption .sample")] == [
        "演示数据"
    ]


def test_other_data_is_not(plain_figure):
    assert "演示数据" not in plain_figure.html


def test_the_same_figure_is_the_same_bytes():
    first = drawn(sample=True).html
    drawn("别的图")
    assert drawn(sample=True).html == first


def test_no_date_and_no_maker_stand_in_a_drawing(plain_figure):
    assert not re.search(r"matplotlib|20\d\d-\d\d-\d\d|<!--", plain_figure.html)


def test_drawing_leaves_the_settings_of_others_alone():
    before = dict(mpl.rcParams)
    drawn()
    assert dict(mpl.rcParams) == before


def test_extents_can_be_asked_for_before_a_figure_is_drawn():
    drawing, axes = canvas()
    label = axes.annotate("口径调整", (0.5, 0.5), fontsize=9)
    lay_out(drawing)
    box = label.get_window_extent()
    # Four characters of 9 points at 100 dots an inch are 50 dots wide.
    assert box.width == pytest.approx(4 * 9 / 72 * 100, abs=2)


def test_a_drawing_without_words_on_it_is_still_named():
    drawing, _ = canvas()
    root = ElementTree.fromstring(to_svg(drawing, "题<目>", "说&明"))
    assert (root[0].text, root[1].text) == ("题<目>", "说&明")
