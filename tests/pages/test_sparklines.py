"""Twenty quarters on 132 × 34 units with a margin of 4: quarter n stands at 4 + 124·n/19, the range spans 30 to 4."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any
from xml.etree import ElementTree

import pandas as pd
import pytest

from laoyou.pages.sparklines import sparkline
from laoyou.plan import Plan
from laoyou.view import View, open_view

Place = tuple[float, float]


@dataclass(frozen=True)
class Small:
    """A small drawing read back: dashed steps, unbroken lines, and the dot of the last figure."""

    label: str
    steps: list[list[Place]]
    lines: list[list[Place]]
    dot: Place


def read(svg: str) -> Small:
    root = ElementTree.fromstring(svg)
    assert root.attrib["role"] == "img"
    assert (root.attrib["width"], root.attrib["height"], root.attrib["viewBox"]) == (
        "132",
        "34",
        "0 0 132 34",
    )
    steps, lines = [], []
    for path in root.iter("path"):
        numbers = [float(n) for n in re.findall(r"\d+\.\d", path.attrib["d"])]
        places = list(zip(numbers[::2], numbers[1::2], strict=True))
        (steps if "dasharray" in path.attrib["style"] else lines).append(places)
    dot = next(root.iter("circle")).attrib
    return Small(root.attrib["aria-label"], steps, lines, (float(dot["cx"]), float(dot["cy"])))


def x(n: int) -> float:
    """Return where quarter n of the plan stands, 0 being the first one."""
    return round(4 + 124 * n / 19, 1)


@pytest.fixture(scope="module")
def draw(one_row_plan: Callable[..., Plan], observe: Callable[..., pd.DataFrame]) -> Callable[..., str]:
    """Return a function that draws the one row of a plan."""
    base = open_view(region="330305", quarter="2026Q3", as_of="2026-10-31")

    def make(
        figures: Mapping[str, Any], kind: str, *targets: str, quarter: str = "2026Q3", **more: Any
    ) -> str:
        plan = one_row_plan(kind, *targets, **more)
        now = pd.Period(quarter, "Q-DEC")
        return sparkline(replace(base, plan=plan, observations=observe(figures), quarter=now), "row")

    return make


def test_figures_and_targets_share_one_scale(draw):
    small = read(draw({"2023Q1": 50, "2023Q2": 75}, "stock", "100"))
    # 50 is the lowest and stands at 30, 100 the highest and at 4; 75 is halfway.
    assert small.lines == [[(x(0), 30.0), (x(1), 17.0)]]
    assert small.steps == [[(x(4 * n), 4.0), (x(4 * n + 3), 4.0)] for n in range(5)]
    assert small.dot == (x(1), 17.0)


def test_each_year_has_the_step_of_its_own_target(draw):
    small = read(draw({"2023Q4": 6.4}, "stock", "6.4", "8.1", "9.3", "10.4", "11.1"))
    # (T - 6.4) / 4.7 of the height of 26
    assert [step[0][1] for step in small.steps] == [30.0, 20.6, 14.0, 7.9, 4.0]


def test_a_year_without_a_number_has_no_step(draw):
    small = read(
        draw({"2023Q4": 76}, "annual_count", "76", "106", "106", "106", "规上企业全覆盖", unit="人次")
    )
    assert len(small.steps) == 4


def test_a_missing_quarter_breaks_the_line_whether_it_is_absent_or_empty(draw):
    for gap in ({}, {"2024Q3": {"missing": "not_reported"}}):
        small = read(draw({"2024Q1": 1, "2024Q2": 2, "2024Q4": 4, "2025Q1": 3} | gap, "stock", "5"))
        assert [[place[0] for place in line] for line in small.lines] == [[x(4), x(5)], [x(7), x(8)]]


def test_a_count_begins_anew_in_january_and_from_zero(draw):
    figures = {"2024Q3": 75, "2024Q4": 100, "2025Q1": 25, "2025Q2": 50}
    small = read(draw(figures, "annual_count", "100"))
    assert small.lines == [
        [(x(6), 10.5), (x(7), 4.0)],
        [(x(8), 23.5), (x(9), 17.0)],
    ]  # of 26, from 30 upwards
    assert len(read(draw(figures, "stock", "100")).lines) == 1


def test_year_ends_of_a_yearly_row_are_joined(draw):
    small = read(draw({"2023Q4": 34, "2024Q4": 53, "2025Q4": 59}, "stock_ratio", ">60", frequency="year"))
    assert [[place[0] for place in line] for line in small.lines] == [[x(3), x(7), x(11)]]
    assert len(read(draw({"2023Q4": 34, "2024Q4": 53}, "stock_ratio", ">60")).lines) == 2


def test_a_single_figure_is_visible(draw):
    svg = draw({"2024Q2": 3}, "stock", "5")
    assert f"M{x(5)},30.0h0" in svg  # a stroke of no length with round ends is a dot
    assert "stroke-linecap:round" in svg


def test_a_standard_holds_until_changed(draw):
    small = read(draw({"2021Q3": 2280, "2024Q1": 2490}, "stock", "2580左右", holds_until_changed=True))
    assert [place[0] for place in small.lines[0]] == [
        x(n) for n in range(15)
    ]  # up to the third quarter of 2026
    heights = [place[1] for place in small.lines[0]]
    assert heights == [30.0] * 4 + [11.8] * 11  # (2490 - 2280) / 300 of 26


def test_figures_after_the_quarter_and_before_the_plan_are_not_drawn(draw):
    small = read(draw({"2022Q4": 1, "2023Q1": 2, "2023Q3": 9}, "stock", "5", quarter="2023Q2"))
    assert small.lines == [[(x(0), 30.0)]]
    assert small.label.endswith("2023年以来 1 个季度的数与各年目标")


@pytest.mark.parametrize("figures", [{}, {"2022Q4": 3}, {"2026Q1": {"missing": "not_reported"}}])
def test_nothing_known_is_nothing_drawn(draw, figures):
    assert draw(figures, "stock", "5") == ""


def test_one_level_for_everything_stands_in_the_middle(draw):
    small = read(draw({"2024Q1": 5, "2024Q2": 5}, "stock", "5"))
    assert {place[1] for line in (*small.lines, *small.steps) for place in line} == {17.0}


def test_a_drawing_is_spoken_as_what_it_is(draw):
    assert (
        read(draw({"2024Q1": 5, "2024Q2": 5}, "stock", "5")).label
        == "某走势：2023年以来 2 个季度的数与各年目标"
    )


def test_every_shipped_indicator_stays_inside_its_frame():
    view: View = open_view(region="330305", quarter="2026Q3", as_of="2026-10-31")
    for id in view.plan.indicators:
        small = read(sparkline(view, id))
        for px, py in (place for line in (*small.steps, *small.lines, [small.dot]) for place in line):
            assert 4 <= px <= 128, id
            assert 4 <= py <= 30, id
