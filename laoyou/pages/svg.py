"""A matplotlib SVG made fit for a page: words as words, colours that follow the scheme, no byte too many."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

from laoyou.markup import element, escape
from laoyou.pages.palette import shade

_SPACE = "{http://www.w3.org/2000/svg}"
_LINK = "{http://www.w3.org/1999/xlink}href"
_NUMBER = re.compile(r"-?\d+\.?\d*(?:e-?\d+)?")
_UNTURNED = re.compile(r"\s*rotate\(-?0 [^)]*\)")
_URL = re.compile(r"url\(#([^)]+)\)")
_COLOUR = re.compile(r"#[0-9a-f]{6}\b")
_MEANS_NOTHING = frozenset({"stroke-dashoffset: 0", "stroke-linejoin: round", "stroke-linecap: butt"})
PLACES = 1  # decimals of a coordinate [points]: a tenth is a fifth of a screen's dot
PLACES_OF_MARKS = 2  # within a mark's own shape, which is a few points wide


def lean(svg: str, title: str, description: str, family: str) -> str:
    """Return a drawing as an SVG element for a page.

    Parameters
    ----------
    svg : as matplotlib writes it, with ``svg.fonttype: none``
    title, description : what it shows, as text; its name for those who do not see it
    family : of its words

    Returns
    -------
    Markup. Each style stands once, as a class; colours are the palette's properties; ids and classes are this
    figure's own, so that several can stand on a page.
    """
    root = ElementTree.fromstring(svg[svg.index("<svg") :])
    own = "f" + hashlib.sha256("\0".join((title, description, svg)).encode("utf-8")).hexdigest()[:6]
    _strip(root)
    styles: dict[str, str] = {}
    names = {id: f"{own}{n}" for n, id in enumerate(dict.fromkeys(_references(root)))}
    for node in root.iter():
        _name(node, names)
        _shorten(node, PLACES_OF_MARKS if node.get("id") else PLACES)
        style = _style(node)
        if style:
            name = styles.setdefault(style, f"{own}{_letters(len(styles))}")
            node.set("class", " ".join(filter(None, (node.get("class"), name))))
    rules = "".join(f".{name}{{{style}}}" for style, name in styles.items())
    head = element("title", escape(title), id=f"{own}t") + element("desc", escape(description), id=f"{own}d")
    return element(
        "svg", head + element("style", rules) + "".join(_spelled(child) for child in root),
        xmlns="http://www.w3.org/2000/svg", viewBox=root.get("viewBox"), role="img",
        aria_labelledby=f"{own}t", aria_describedby=f"{own}d", font_family=f"{family},sans-serif",
        stroke_linejoin="round", fill="currentColor",
    )  # fmt: skip


def _strip(parent: Element) -> None:
    """Take out what shows nothing: metadata, matplotlib's stylesheet, unseen frames, groups that group nothing."""
    kept: list[Element] = []
    for child in parent:
        _strip(child)
        tag = child.tag.removeprefix(_SPACE)
        style = child.get("style", "")
        if tag in ("metadata", "style") or (tag in ("defs", "g") and not len(child)):
            continue
        if tag == "path" and "fill: none" in style and "stroke" not in style:
            continue
        if tag == "g" and not set(child.attrib) - {"id"}:
            for inner in child:  # a group's own name is wanted by its words only
                if child.get("id", "").startswith("mark"):
                    inner.set("class", "mark")
            kept.extend(child)
        else:
            kept.append(child)
    parent[:] = kept


def _references(root: Element) -> Iterator[str]:
    """Return the ids that something in a drawing refers to."""
    for node in root.iter():
        if node.get(_LINK):
            yield node.get(_LINK, "").removeprefix("#")
        for value in node.attrib.values():
            yield from _URL.findall(value)


def _name(node: Element, names: Mapping[str, str]) -> None:
    """Give a node's id, and what it refers to, this figure's name; drop an id that nothing refers to."""
    id = node.attrib.pop("id", "")
    if id in names:
        node.set("id", names[id])
    if _LINK in node.attrib:
        node.set("href", "#" + names[node.attrib.pop(_LINK).removeprefix("#")])
    for name, value in node.attrib.items():
        node.set(name, _URL.sub(lambda found: f"url(#{names[found[1]]})", value))
    if "clip-path" in node.attrib:
        node.set("style", f"{node.get('style', '')};clip-path:{node.attrib.pop('clip-path')}")


def _shorten(node: Element, places: int) -> None:
    """Round a node's coordinates, and leave out a rotation by nothing."""

    def rounded(number: re.Match[str]) -> str:
        return _short(float(number[0]), places)

    for name in ("x", "y", "width", "height", "transform"):
        if name in node.attrib:
            node.set(name, _NUMBER.sub(rounded, _UNTURNED.sub("", node.attrib[name])))
    if not node.get("transform", "-"):
        del node.attrib["transform"]
    if "d" in node.attrib:
        node.set("d", path(node.attrib["d"], places))


def path(data: str, places: int) -> str:
    """Return the outline of a path with short numbers, without points that fall on the one before.

    Parameters
    ----------
    data : of absolute commands M, L, C, Q and z, as matplotlib writes them
    places : decimals of a coordinate
    """
    parts, here = [], ("", "")
    for command, numbers in re.findall(r"([MLCQz])([^MLCQz]*)", data):
        spots = [_short(float(n), places) for n in _NUMBER.findall(numbers)]
        if command == "L":
            x, y = spots
            if (x, y) == here:
                continue
            parts.append(f"V{y}" if x == here[0] else f"H{x}" if y == here[1] else f"L{x} {y}")
        else:
            parts.append(command + " ".join(spots))
        if spots:
            here = (spots[-2], spots[-1])
    return "".join(parts)


def _short(value: float, places: int) -> str:
    text = f"{value:.{places}f}".rstrip("0").rstrip(".") if places else f"{value:.0f}"
    return "0" if text in ("-0", "") else re.sub(r"^(-?)0\.", r"\1.", text)


def _style(node: Element) -> str:
    """Take a node's style off and return it, its colours as the palette's."""
    said = [part.strip() for part in node.attrib.pop("style", "").split(";")]
    said += [
        f"{name}: {node.attrib.pop(name)}" for name in ("fill", "stroke") if name in node.attrib
    ]  # of hatches
    kept = [
        part for part in said if part and part not in _MEANS_NOTHING and not part.startswith("font-family")
    ]
    text = ";".join(re.sub(r"\s*:\s*", ":", part) for part in kept)
    return _COLOUR.sub(lambda colour: shade(colour[0]), text)


def _letters(number: int) -> str:
    """Return a short name for the nth style: a, b, … z, ba."""
    tens, rest = divmod(number, 26)
    return (_letters(tens) if tens else "") + chr(ord("a") + rest)


def _spelled(node: Element) -> str:
    """Return a node as markup."""
    attributes = "".join(f' {name}="{escape(value)}"' for name, value in node.attrib.items())
    tag = node.tag.removeprefix(_SPACE)
    inner = escape(node.text) if tag == "text" and node.text else ""
    content = inner + "".join(_spelled(child) for child in node)
    return f"<{tag}{attributes}>{content}</{tag}>" if content or tag == "text" else f"<{tag}{attributes}/>"
