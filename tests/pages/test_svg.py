"""A drawing made fit for a page: short, and still the same drawing."""

import re
from xml.etree import ElementTree

import pytest

from laoyou.pages.svg import lean, path

HEAD = '<?xml version="1.0"?><svg viewBox="0 0 100 50" xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink">'
GRID = "fill: none; stroke: #e3e7ea; stroke-width: 0.7; stroke-linecap: round; stroke-linejoin: round"


def made(inner: str, title: str = "题", description: str = "说明。") -> str:
    return lean(f"{HEAD}{inner}</svg>", title, description, "Noto Sans SC")


@pytest.mark.parametrize(
    ("data", "places", "short"),
    [
        ("M 24.98524 186.09976 \nL 313.79976 186.09976 \n", 1, "M25 186.1H313.8"),
        ("M 1 2 L 1 9 L 4 9 L 5 10", 1, "M1 2V9H4L5 10"),
        ("M 1 2 L 1.01 2.04 L 3 2", 1, "M1 2H3"),  # a step of less than a tenth is none
        (
            "M 0 1.4 C 0.371284 1.4 0.727412 1.252487 -0.989949 0.989949 z",
            2,
            "M0 1.4C.37 1.4 .73 1.25 -.99 .99z",
        ),
        ("M -0.04 0.04 L 2e-3 9.96", 1, "M0 0V10"),
    ],
)
def test_a_path_is_the_same_to_a_tenth_of_a_point(data, places, short):
    assert path(data, places) == short


def test_a_style_stands_once_however_many_have_it():
    svg = made(f'<g id="a"><path d="M 0 1 L 2 3" style="{GRID}"/><path d="M 4 5 L 6 7" style="{GRID}"/></g>')
    assert svg.count("stroke-width") == 1
    name = re.search(
        r"\.(\w+)\{fill:none;stroke:var\(--grid,#e3e7ea\);stroke-width:0\.7;stroke-linecap:round\}", svg
    )
    assert name is not None
    assert svg.count(f'class="{name[1]}"') == 2
    assert "<g" not in svg  # a group that holds nothing together


def test_what_cannot_be_seen_is_left_out():
    svg = made(
        "<metadata>x</metadata><defs><style>*{stroke-linejoin: round}</style></defs><g/>"
        '<path d="M 0 0 L 1 1" style="fill: none"/>'
    )
    assert not re.search(r"<(metadata|defs|g|path)|\*\{", svg)


def test_ids_are_the_figures_own_and_what_refers_to_them_follows():
    inner = (
        '<defs><clipPath id="p1"><rect x="1" y="2" width="3" height="4"/></clipPath><path id="m1" d="M 0 0 L 1 1"/></defs>'
        '<path clip-path="url(#p1)" d="M 0 0 L 9 9" style="stroke: #0067a5"/><use x="1" y="1" xlink:href="#m1"/>'
    )
    one, other = made(inner), made(inner, title="另一题")
    for svg in (one, other):
        root = ElementTree.fromstring(svg)
        ids = {node.attrib["id"] for node in root.iter() if "id" in node.attrib}
        used = set(re.findall(r'(?:href="#|url\(#)([^")]+)', svg))
        assert len(used) == 2
        assert used <= ids
    assert not set(re.findall(r' id="([^"]+)"', one)) & set(re.findall(r' id="([^"]+)"', other))


def test_words_keep_their_place_and_lose_a_turn_by_nothing():
    svg = made(
        '<text style="fill: #8a5a00; font-family: x" transform="rotate(-0 9.87 1)" x="9.87" y="1">a &lt; b</text>'
    )
    assert re.search(r'<text x="9\.9" y="1" class="\w+">a &lt; b</text>', svg)
    assert ".{" not in svg
    assert "{fill:var(--target,#8a5a00)}" in svg
    turned = made('<text transform="translate(1.26 2) rotate(-18)">a</text>')
    assert 'transform="translate(1.3 2) rotate(-18)"' in turned


def test_colours_of_hatches_follow_the_scheme_and_what_has_none_is_ink():
    svg = made(
        '<defs><pattern id="h"><rect x="0" y="0" fill="#ffffff"/></pattern></defs><path d="M0 0L1 1" style="fill: url(#h)"/>'
    )
    assert "{fill:var(--paper,#ffffff)}" in svg
    assert ' fill="currentColor"' in svg.partition(">")[0]


def test_more_styles_than_letters_are_still_told_apart():
    svg = made("".join(f'<path d="M 0 {n} L 2 3" style="stroke-width: {n}"/>' for n in range(1, 31)))
    names = re.findall(r"\.(\w+)\{", svg)
    assert len(names) == len(set(names)) == 30
