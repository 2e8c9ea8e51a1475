"""The colours: words in them can be read on both papers, and no colour vision takes one for another."""

import re
from itertools import combinations

import numpy as np
import pytest

from laoyou.pages.page import TEMPLATE
from laoyou.pages.palette import SHADES, shade

# Machado, Oliveira and Fernandes (2009), Table 1, severity 1.0: what is left of linear red, green and blue.
VISIONS = {
    "usual": np.eye(3),
    "protanopia": [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]],
    "deuteranopia": [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]],
    "tritanopia": [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.303900]],
}  # fmt: skip
SCHEMES = {"light": 0, "dark": 1}
# What is drawn beside each other, of the same shape.
TOGETHER = (
    ("figure", "target", "reference-a", "reference-b"),  # lines of a series and of other regions
    ("figure", "fan"),  # the last figure and what may come
    ("figure", "late"),  # bars of open problems
    ("figure", "whole"),  # a group's line and everyone's
    ("axis", "reference-a", "reference-b", "figure"),  # the scenarios of employment
)
WORDS = ("ink", "soft", "axis", "figure", "target", "path", "fan", "reference-a", "reference-b", "late", "link", "red",
         "yellow", "watch", "green", "sample")  # fmt: skip


def linear(colour: str) -> np.ndarray:
    """Return a colour's linear red, green and blue [1] (IEC 61966-2-1)."""
    parts = np.array([int(colour[n : n + 2], 16) for n in (1, 3, 5)]) / 255
    return np.where(parts <= 0.04045, parts / 12.92, ((parts + 0.055) / 1.055) ** 2.4)


def contrast(one: str, other: str) -> float:
    """Return the contrast of two colours (WCAG 2.2)."""
    low, high = sorted(float(linear(c) @ [0.2126, 0.7152, 0.0722]) + 0.05 for c in (one, other))
    return high / low


def lab(rgb: np.ndarray) -> np.ndarray:
    """Return CIE L*a*b* under D65 of linear red, green and blue."""
    to_xyz = [
        [0.4124564, 0.3575761, 0.1804375],
        [0.2126729, 0.7151522, 0.0721750],
        [0.0193339, 0.1191920, 0.9503041],
    ]
    x, y, z = np.array(to_xyz) @ np.clip(rgb, 0, 1) / [0.95047, 1.0, 1.08883]
    fx, fy, fz = (t ** (1 / 3) if t > 0.008856 else 7.787 * t + 16 / 116 for t in (x, y, z))
    return np.array([116 * fy - 16, 500 * (fx - fy), 200 * (fy - fz)])


def apart(one: str, other: str, vision: str) -> float:
    """Return how far two colours are apart for a reader of some colour vision (CIE 1976)."""
    seen = [lab(np.array(VISIONS[vision]) @ linear(colour)) for colour in (one, other)]
    return float(np.linalg.norm(seen[0] - seen[1]))


def test_black_and_white_have_the_contrast_of_the_standard():
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.005)


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("paper", ["paper", "wash"])
@pytest.mark.parametrize("name", WORDS)
def test_words_of_every_colour_can_be_read_on_every_paper(name, paper, scheme):
    place = SCHEMES[scheme]
    assert contrast(SHADES[name][place], SHADES[paper][place]) >= 4.5


@pytest.mark.parametrize("scheme", SCHEMES)
def test_a_warning_can_be_read(scheme):
    place = SCHEMES[scheme]
    assert contrast(SHADES["sample"][place], SHADES["alert"][place]) >= 4.5
    assert contrast(SHADES["ink"][place], SHADES["alert"][place]) >= 4.5


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize(
    "name", ["figure", "target", "path", "fan", "reference-a", "reference-b", "late", "whole"]
)
def test_what_is_drawn_stands_out_from_its_paper(name, scheme):
    place = SCHEMES[scheme]
    papers = [SHADES[paper][place] for paper in ("paper", "wash")]
    assert min(contrast(SHADES[name][place], paper) for paper in papers) >= 3  # WCAG 2.2, 1.4.11


@pytest.mark.parametrize("vision", VISIONS)
@pytest.mark.parametrize("scheme", SCHEMES)
def test_no_colour_vision_takes_one_line_for_another(scheme, vision):
    """Twelve is five times what is just noticed (about 2.3): enough for thin lines, which are named besides."""
    place = SCHEMES[scheme]
    near = {
        (a, b): round(apart(SHADES[a][place], SHADES[b][place], vision), 1)
        for group in TOGETHER
        for a, b in combinations(group, 2)
    }
    assert {pair: far for pair, far in near.items() if far < 12} == {}


def test_the_stylesheet_spells_the_palette_for_both_schemes():
    style = (TEMPLATE / "style.css").read_text(encoding="utf-8")
    spelled = [
        dict(re.findall(r"--([\w-]+):(#[0-9a-f]{3,6})", block))
        for block in re.findall(r":root\{([^}]+)\}", style)
    ]
    assert spelled == [{name: shades[place] for name, shades in SHADES.items()} for place in SCHEMES.values()]


def test_a_colour_is_named_and_an_unknown_one_stays():
    assert shade("#ffffff") == "var(--paper,#ffffff)"
    assert shade("#000000") == "var(--ink,#000000)"
    assert shade("#123456") == "#123456"
