"""The fan: its quantiles by closed forms, its places on the axes, its rows in the data, and where there is none."""

import itertools
import math
import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest
from matplotlib.axes import Axes
from matplotlib.collections import PolyCollection
from matplotlib.colors import to_hex
from scipy import stats

from laoyou.markup import Html
from laoyou.pages import charts, fans, figures, palette
from laoyou.view import View, open_view

JOBS, RATE, PLACED, TRAINING = (
    "new_urban_jobs", "arrears_resolution_rate", "hard_to_employ_placements", "training_enrolments_cumulative",
)  # fmt: skip
STOCK = (100.0, 104.0, 103.0, 108.0, 110.0, 109.0, 115.0)  # seven quarters: a walk without drift


@pytest.fixture(scope="module")
def view() -> View:
    return open_view(region="330305", quarter="2026Q3", as_of="2026-10-31")


@pytest.fixture(scope="module")
def one_row(
    view: View, one_row_plan: Callable[..., Any], observe: Callable[..., pd.DataFrame]
) -> Callable[..., View]:
    """Return a function that makes a view of one indicator, ``row`` （某）， from its figures by period."""

    def make(figures: dict[str, Any], kind: str, *targets: str, quarter: str = "2026Q3", **more: Any) -> View:
        plan = one_row_plan(kind, *targets, **more)
        return replace(view, plan=plan, observations=observe(figures), quarter=pd.Period(quarter, "Q-DEC"))

    return make


@pytest.fixture(scope="module")
def draw() -> Iterator[Callable[..., tuple[Axes, dict[str, Any]]]]:
    """Return a function that draws a series and gives its axes and words."""
    kept: dict[str, Any] = {}

    def keep(drawing: Any, **words: Any) -> Html:
        kept.update(axes=drawing.axes[0], words=words)
        return Html("")

    def make(page: View, id: str = "row") -> tuple[Axes, dict[str, Any]]:
        charts.series(page, id)
        return kept["axes"], kept["words"]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(charts, "figure", keep)
        yield make


def quarters(first: str, *figures: float) -> dict[str, float]:
    start = pd.Period(first, "Q-DEC")
    return {str(start + n): figure for n, figure in enumerate(figures)}


def bands(axes: Axes) -> list[list[tuple[float, float]]]:
    """Return the corners of the fan's bands, the outer and the inner one of each quarter in turn."""
    found = [c for c in axes.collections if isinstance(c, PolyCollection)]
    found = [c for c in found if to_hex(c.get_facecolor()[0]) == palette.FAN]
    return [[(round(float(x), 3), float(y)) for x, y in c.get_paths()[0].vertices] for c in found]


def shades(axes: Axes) -> list[float]:
    found = [c for c in axes.collections if isinstance(c, PolyCollection)]
    return [float(c.get_facecolor()[0][3]) for c in found if to_hex(c.get_facecolor()[0]) == palette.FAN]


def walked(ahead: int, share: float) -> float:
    """Return a quantile of the walk of ``STOCK``: Student's t with five degrees of freedom on the logarithm."""
    z = np.log(np.array(STOCK) + 0.005)
    scale = math.sqrt((np.diff(z) ** 2).mean() * ahead)
    return math.exp(z[-1] + scale * stats.t.ppf(share, 5)) - 0.005


# --- Levels -----------------------------------------------------------------------------------------------------


def test_a_stock_fans_out_quarter_by_quarter_to_the_plans_end(one_row):
    fan = fans.coming(one_row(quarters("2025Q1", *STOCK), "stock", "118"), "row")
    assert [str(a.quarter) for a in fan] == ["2026Q4", "2027Q1", "2027Q2", "2027Q3", "2027Q4"]
    for n, ahead in enumerate(fan, 1):
        expected = [walked(n, share) for share in (0.10, 0.25, 0.50, 0.75, 0.90)]
        assert list(ahead[1:]) == pytest.approx(expected)


def test_the_fan_begins_at_the_last_figure_and_pales(one_row, draw):
    axes, _ = draw(one_row(quarters("2025Q1", *STOCK), "stock", "118"))
    found = bands(axes)
    assert len(found) == 10  # two bands for each of five quarters
    assert (2026.5, 115.0) in found[0]
    assert (2026.5, 115.0) in found[1]
    last = {round(y, 6) for x, y in found[-2] if x == 2027.75}
    assert last == {round(walked(5, share), 6) for share in (0.1, 0.9)}
    outer, inner = shades(axes)[0::2], shades(axes)[1::2]
    assert all(far < near for near, far in itertools.pairwise(inner))
    assert all(o < i for o, i in zip(outer, inner, strict=True))


def test_the_data_below_hold_the_fan_and_the_targets_to_come(one_row, draw):
    page = one_row(quarters("2025Q1", *STOCK), "stock", "100", "105", "110", "118", "125")
    _, words = draw(page)
    rows = words["rows"][len(STOCK) :]
    assert [row[:3] for row in rows] == [
        ["2026年四季度", "—", "118"],
        ["2027年一季度", "—", "125"],
        ["2027年二季度", "—", "125"],
        ["2027年三季度", "—", "125"],
        ["2027年四季度", "—", "125"],
    ]
    low, lower, middle, upper, high = (f"{walked(1, s):.2f}" for s in (0.1, 0.25, 0.5, 0.75, 0.9))
    assert (
        rows[0][3] == f"展望：中位 {middle} 件；80% 的可能在 {low}—{high} 件，50% 的可能在 {lower}—{upper} 件"
    )
    assert words["description"].endswith(
        f"展望2027年四季度：80% 的可能在 {walked(5, 0.1):.2f}—{walked(5, 0.9):.2f} 件。"
    )
    assert "紫色带为展望：80%、内层 50% 的可能" in words["subtitle"]


def test_the_fan_is_named_beside_it(one_row, draw):
    axes, _ = draw(one_row(quarters("2025Q1", *STOCK), "stock", "118"))
    assert [t.get_text() for t in axes.texts].count("80% 的可能落在带内") == 1


def test_a_bounded_rate_never_leaves_its_scale(one_row, draw):
    figures = quarters("2025Q1", 60, 80, 70, 90, 99, 97, 99.9)
    axes, _ = draw(one_row(figures, "stock_ratio", "全覆盖"))
    assert all(0 <= y <= 100 for band in bands(axes) for _, y in band)
    assert max(y for band in bands(axes) for _, y in band) > 99.9


def test_a_yearly_row_fans_out_from_its_last_year_end(one_row, draw):
    ends = {f"{y}Q4": x for y, x in zip(range(2022, 2026), (40.0, 46.0, 50.0, 57.0), strict=True)}
    axes, _ = draw(one_row(ends, "stock_ratio", "70", frequency="year"))
    assert {x for x, _ in bands(axes)[0]} == {2025.75, 2026.75}
    assert {x for x, _ in bands(axes)[-1]} == {2026.75, 2027.75}


# --- Counts and rates since January -----------------------------------------------------------------------------


def test_a_count_rises_to_this_years_end_and_later_years_stand_at_theirs(view, draw):
    fan = fans.coming(view, JOBS)
    assert [str(a.quarter) for a in fan] == ["2026Q4", "2027Q4"]
    row = view.outlooks.loc[JOBS]
    assert (fan[0].low, fan[0].high) == (row.year_low, row.year_high)
    assert (fan[1].low, fan[1].high) == pytest.approx((row.last_low, row.last_high))
    axes, words = draw(view, JOBS)
    found = bands(axes)
    assert {x for x, _ in found[0]} == {2026.5, 2026.75}
    assert {x for x, _ in found[2]} == {2027.64, 2027.86}  # a bar about the end of 2027
    assert "紫色带和竖条（以后各年年末）为展望" in words["subtitle"]
    assert [r[0] for r in words["rows"] if r[3].startswith("展望")] == ["2026年四季度", "2027年四季度"]


def test_a_rate_of_cases_stands_at_its_years_ends_too(view, draw):
    assert [str(a.quarter) for a in fans.coming(view, RATE)] == ["2026Q4", "2027Q4"]
    first = replace(view, quarter=pd.Period("2026Q1", "Q-DEC"))
    assert [str(a.quarter) for a in fans.coming(first, RATE)] == ["2026Q2", "2026Q3", "2026Q4", "2027Q4"]


def test_a_cumulative_count_goes_on_through_the_years(view):
    fan = fans.coming(view, TRAINING)
    assert [str(a.quarter) for a in fan] == ["2026Q4", "2027Q1", "2027Q2", "2027Q3", "2027Q4"]
    assert all(a.low >= 8778 for a in fan)  # never below what it has come to
    assert all(b.middle > a.middle for a, b in itertools.pairwise(fan))


def test_at_a_years_end_only_later_years_are_drawn(view, draw):
    closed = replace(view, quarter=pd.Period("2025Q4", "Q-DEC"))
    assert [str(a.quarter) for a in fans.coming(closed, JOBS)] == ["2026Q4", "2027Q4"]
    axes, words = draw(closed, JOBS)
    assert {x for x, _ in bands(axes)[0]} == {2026.64, 2026.86}
    assert "紫色竖条（以后各年年末）为展望" in words["subtitle"]


# --- None -------------------------------------------------------------------------------------------------------


def test_no_fan_reaches_beyond_the_last_target_in_the_rows_own_unit(view):
    fan = fans.coming(view, "coordinators_trained")  # coverage of firms in 2027
    assert [str(a.quarter) for a in fan] == ["2026Q4"]


@pytest.mark.parametrize(
    ("id", "quarter"),
    [
        ("minimum_wage_top_tier", "2026Q3"),  # set by the province
        ("wage_bargaining_coverage", "2026Q3"),  # three year's ends
        ("employment_checkups", "2026Q3"),  # not reported
        ("skilled_workers", "2023Q1"),  # two quarters
        (RATE, "2023Q1"),
        (JOBS, "2027Q4"),
    ],
)
def test_where_nothing_can_be_foreseen_there_is_no_fan(view, draw, id, quarter):
    page = replace(view, quarter=pd.Period(quarter, "Q-DEC"))
    assert fans.coming(page, id) == []
    axes, words = draw(page, id)
    assert bands(axes) == []
    assert "展望" not in words["subtitle"] + words["description"]
    assert not [t for t in axes.texts if "落在带内" in t.get_text()]


def test_the_targets_to_come_stand_in_the_data_without_a_fan_too(view, draw):
    _, words = draw(view, "minimum_wage_top_tier")
    assert words["rows"][-2:] == [
        ["2026年", "—", "3,000左右", "还没有数"],
        ["2027年", "—", "3,200左右", "还没有数"],
    ]
    _, words = draw(view, PLACED)  # comparable years are too few for 2027
    assert words["rows"][-1] == ["2027年", "—", "75", "还没有数"]


@pytest.mark.parametrize("missing", ["suppressed", "not_reported"])
def test_a_missing_last_figure_has_no_fan(one_row, missing):
    figures: dict[str, Any] = quarters("2024Q1", *range(100, 110)) | {"2026Q3": {"missing": missing}}
    assert fans.coming(one_row(figures, "stock", "118"), "row") == []


def test_the_plans_last_quarter_has_nothing_ahead(one_row, draw):
    page = one_row(quarters("2025Q1", *range(90, 102)), "stock", "101", quarter="2027Q4")
    axes, words = draw(page)
    assert bands(axes) == []
    assert words["rows"][-1][0] == "2027年四季度"


# --- As a page has it -------------------------------------------------------------------------------------------


def test_the_drawing_on_the_page_names_the_fan_and_its_data(view, monkeypatch):
    monkeypatch.setattr(charts, "figure", figures.figure)
    first, second = (charts.series(view, "skilled_workers").html for _ in range(2))
    assert first == second
    assert re.search(r"<text[^>]*>80% 的可能落在带内</text>", first)
    assert first.count("展望：中位") == 5


def test_names_from_outside_are_escaped_in_what_is_said_of_the_fan(one_row, monkeypatch):
    monkeypatch.setattr(charts, "figure", figures.figure)
    figures_known = quarters("2025Q1", *STOCK)
    page = one_row(figures_known, "stock", "118", unit="<b>")
    html = charts.series(page, "row").html
    assert "<b>" not in html
    assert "&lt;b&gt;" in html
