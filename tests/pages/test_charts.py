"""What stands on the axes is compared with the plan and the ledger's files, read here without the library."""

import csv
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from decimal import ROUND_HALF_UP, Decimal
from itertools import combinations
from typing import Any

import numpy as np
import pandas as pd
import pytest
from matplotlib.axes import Axes
from matplotlib.collections import PolyCollection
from matplotlib.colors import to_hex
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.text import Text
from workspaces import ROOT

from laoyou.markup import Html
from laoyou.pages import charts, figures, palette
from laoyou.plan import Plan
from laoyou.view import View, open_view

QUARTERS = ("2026Q3", "2025Q4", "2023Q4")
JOBS, PLACED, RATE, MEDIATION = (
    "new_urban_jobs", "hard_to_employ_placements", "arrears_resolution_rate", "mediation_success_rate",
)  # fmt: skip
UNEMPLOYMENT, WAGE, TRAINING = (
    "urban_unemployment_rate",
    "minimum_wage_top_tier",
    "training_enrolments_cumulative",
)
BARGAINING, SHARE, IMPLIED = "wage_bargaining_coverage", "skilled_share_of_employed", "implied"
REFERENCES = {"330000": "全省", "100000": "全国"}
IDS = (
    UNEMPLOYMENT, JOBS, "key_group_assistance_rate", PLACED, "high_value_patents_per_10k", TRAINING, "skilled_workers",
    "highly_skilled_workers", SHARE, "highly_skilled_share_of_skilled", WAGE, BARGAINING, "coordinators_trained",
    "employment_checkups", RATE, MEDIATION, "arbitration_closure_rate",
)  # fmt: skip


@dataclass(frozen=True)
class Drawn:
    """A figure before it becomes markup."""

    drawing: Figure
    words: dict[str, Any]

    @property
    def axes(self) -> Axes:
        return self.drawing.axes[0]

    def lines(self, color: str) -> list[list[tuple[float, float]]]:
        """Return the places of the lines of a colour, marks alone left out."""
        return [
            places(line) for line in self.axes.lines if to_hex(line.get_color()) == color and drawn_line(line)
        ]

    def dots(self, **look: Any) -> list[tuple[float, float]]:
        """Return the places of the marks that are no line."""
        lines = [line for line in self.axes.lines if not drawn_line(line)]
        lines = [line for line in lines if all(line.properties()[k] == v for k, v in look.items())]
        return [place for line in lines for place in places(line)]

    def bands(self, color: str) -> list[list[tuple[float, float]]]:
        """Return the corners of the filled bands of a colour."""
        found = [c for c in self.axes.collections if isinstance(c, PolyCollection)]
        found = [c for c in found if to_hex(c.get_facecolor()[0]) == color]
        return [
            [(round(float(x), 3), round(float(y), 3)) for x, y in c.get_paths()[0].vertices] for c in found
        ]

    def rows(self) -> list[list[str]]:
        """Return the data of what has come already."""
        return [row for row in self.words["rows"] if not row[3].startswith(("展望", "还没有数"))]

    def said(self) -> list[str]:
        return [text.get_text() for text in self.axes.texts]


def drawn_line(line: Line2D) -> bool:
    return line.get_linestyle() not in ("None", "") and len(line.get_xdata()) > 0


def places(line: Line2D) -> list[tuple[float, float]]:
    data = line.get_xydata()
    return [(round(float(x), 3), round(float(y), 6)) for x, y in data]


Draw = Callable[..., Drawn]


@pytest.fixture(scope="module")
def view() -> View:
    return open_view(region="330305", quarter="2026Q3", as_of="2026-10-31")


@pytest.fixture(scope="module")
def draw(view: View) -> Iterator[Draw]:
    """Return a function that draws a series, or what a ratio implies; the shipped ones once only."""
    kept: dict[str, Any] = {}
    ready: dict[tuple[str, str], Drawn] = {}

    def keep(drawing: Figure, **words: Any) -> Html:
        kept.update(drawing=drawing, words=words)
        return Html("")

    def make(id: str, quarter: str = "2026Q3", *, of: View | None = None, **more: Any) -> Drawn:
        if of is None and not more and (id, quarter) in ready:
            return ready[id, quarter]
        page = replace(of or view, quarter=pd.Period(quarter, "Q-DEC"))
        if id == IMPLIED:
            charts.implied_employment(page, SHARE)
        else:
            more = {"references": REFERENCES} if id == UNEMPLOYMENT and not more else more
            charts.series(page, id, **more)
        made = Drawn(kept["drawing"], kept["words"])
        if of is None and not more.keys() - {"references"}:
            ready.setdefault((id, quarter), made)
        return made

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(charts, "figure", keep)
        yield make


@pytest.fixture(scope="module")
def one_row(
    view: View, one_row_plan: Callable[..., Plan], observe: Callable[..., pd.DataFrame]
) -> Callable[..., View]:
    """Return a function that makes a view of one indicator, ``row`` （某）， from its figures by period."""

    def make(figures: Mapping[str, Any], kind: str, *targets: str, **more: Any) -> View:
        return replace(view, plan=one_row_plan(kind, *targets, **more), observations=observe(figures))

    return make


def printed(value: Decimal, decimals: int) -> str:
    return f"{value.quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP):,}"


def ledger_rows(region: str, indicator: str) -> dict[str, dict[str, str]]:
    """Return the ledger's latest row of each quarter of a series, as it stands in the files."""
    latest: dict[str, dict[str, str]] = {}
    for name in ("observations/published.csv", "sample/observations.csv"):
        with (ROOT / "data" / name).open(encoding="utf-8-sig", newline="") as stream:
            for row in csv.DictReader(stream):
                if (row["region"], row["indicator"]) == (region, indicator) and "Q" in row["period"]:
                    before = latest.get(row["period"])
                    if before is None or before["reported_on"] < row["reported_on"]:
                        latest[row["period"]] = row
    return dict(sorted(latest.items()))


# --- Data under the figure --------------------------------------------------------------------------------------


@pytest.mark.parametrize("id", IDS)
def test_the_data_under_a_figure_are_the_ledgers(id, draw, view):
    indicator = view.plan.indicators[id]
    rows = [row for row in draw(id).rows() if not row[0].startswith(("全省", "全国"))]
    expected = []
    for period, row in ledger_rows(indicator.set_by or "330305", id).items():
        label = f"{period[:4]}年{'一二三四'[int(period[-1]) - 1]}季度"
        if row["missing"]:
            figure = "—"
        elif row["value"]:
            figure = printed(Decimal(row["value"]), indicator.decimals)
        else:
            figure = printed(
                100 * Decimal(row["numerator"]) / Decimal(row["denominator"]), indicator.decimals
            )
        expected.append([label, figure])
    assert [row[:2] for row in rows] == expected
    assert expected


def test_each_row_of_the_data_names_the_target_of_its_year(draw):
    goals = {row[0]: row[2] for row in draw(RATE).words["rows"]}
    assert goals["2022年四季度"] == "93（基期）"
    assert [goals[f"{year}年二季度"] for year in (2023, 2024, 2025, 2026)] == ["94", "94.5", "95", "95.5"]
    assert {row[2] for row in draw(UNEMPLOYMENT).words["rows"] if row[0].startswith("2025年")} == {"<5"}


def test_each_row_of_the_data_says_what_kind_of_figure_it_is(draw):
    notes = {
        id: {row[0]: row[3] for row in draw(id).words["rows"]} for id in (RATE, PLACED, JOBS, MEDIATION, WAGE)
    }
    assert notes[RATE]["2026年三季度"] == "演示数据；193/206；80% 区间 91.2%—95.5%"  # as on the first screen
    assert notes[RATE]["2025年四季度"].startswith("演示数据；修订过，初报 ")
    # Of 75 a year 18.75 are due by March: the band of the drawing.
    assert (
        notes[PLACED]["2025年一季度"]
        == "演示数据；浙人社发〔2025〕59号 调整认定口径；偶然波动的 80% 范围 13—24"
    )
    assert notes[JOBS]["2026年一季度"] == "演示数据；修订过，初报 374"
    assert notes[MEDIATION]["2024年三季度"] == "演示数据；未报"
    assert notes[WAGE]["2024年一季度"] == "公开发布"


def test_a_figure_just_under_its_ceiling_is_told_apart_everywhere(draw, one_row):
    made = draw("row", of=one_row({"2026Q3": 4.97}, "survey_rate", "<5", better="lower", decimals=1))
    assert made.rows() == [["2026年三季度", "4.97", "<5", "部门上报"]]
    assert "4.97%" in made.said()
    assert "最低 4.97%（2026年三季度），最高 4.97%" in made.words["description"]


def test_other_regions_years_stand_below_with_their_sources(draw):
    words = draw(UNEMPLOYMENT).words
    assert [row[:2] for row in words["rows"][-6:]] == [
        ["全省 2023年", "4.6"], ["全省 2024年", "4.5"],
        ["全国 2022年", "5.6"], ["全国 2023年", "5.2"], ["全国 2024年", "5.1"], ["全国 2025年", "5.2"],
    ]  # fmt: skip
    assert words["source"] == (
        "演示数据（laoyou sample 生成，非真实统计）、2023年浙江省国民经济和社会发展统计公报、"
        "2024年浙江省国民经济和社会发展统计公报、国家统计局年度数据发布"
    )


# --- Targets, paths and bands -----------------------------------------------------------------------------------


@pytest.mark.parametrize("id", IDS)
def test_the_staircase_is_the_plans(id, draw, view):
    targets = view.plan.indicators[id].targets
    unusable = {"coordinators_trained": {2027}}  # coverage of firms, which is no number of places
    steps = [
        [(round(year - 0.06, 3), cell.value), (round(year + 0.81, 3), cell.value)]
        for year, cell in targets.items()
        if year not in unusable.get(id, ())
    ]
    assert draw(id).lines(palette.TARGET) == steps


def test_the_target_of_this_year_and_of_the_last_are_said_on_their_steps(draw):
    assert {"2026 目标 95.5", "2027 目标 96"} <= set(draw(RATE).said())
    assert "2026—2027 目标 1300" in draw(JOBS).said()  # said once where they are the same
    assert "2023 目标 76" in draw("coordinators_trained", "2023Q4").said()
    assert not [text for text in draw("coordinators_trained").said() if "2027" in text]


def test_about_a_target_lies_its_tolerance(draw):
    # 2580 x 0.95 and x 1.05
    band = draw(WAGE).bands(palette.TARGET)[0]
    assert {y for _, y in band} == {2451.0, 2709.0}
    assert "色带为“左右”的 ±5%" in draw(WAGE).words["subtitle"]


def test_the_way_to_a_cumulative_target_begins_at_the_baseline(draw):
    paths = draw(TRAINING).lines(palette.PATH)
    assert paths[0] == [(2022.75, 1800), (2023, 2250), (2023.25, 2700), (2023.5, 3150), (2023.75, 3600)]
    assert (paths[3][0], paths[3][4]) == ((2025.75, 7200), (2026.75, 9000))
    assert len(paths) == 5


def test_there_is_no_way_from_a_doubtful_baseline_or_from_none(draw):
    for id in ("skilled_workers", "highly_skilled_workers"):
        assert [path[0][0] for path in draw(id).lines(palette.PATH)] == [2023.75, 2024.75, 2025.75, 2026.75]


def test_a_count_has_its_schedule_and_a_small_one_what_chance_allows(draw):
    assert draw(JOBS).lines(palette.PATH)[0] == [(2023, 325), (2023.25, 650), (2023.5, 975), (2023.75, 1300)]
    assert draw(JOBS).bands(palette.PATH) == []
    # Of 75 a year 18.75 are due by March: P(X <= 12) = 0.067 and P(X <= 13) = 0.107; P(X <= 24) = 0.903.
    band = draw(PLACED).bands(palette.PATH)[0]
    assert {y for x, y in band if x == 2023.0} == {13.0, 24.0}
    assert "灰带为按进度推进时偶然波动的 80% 范围（泊松）" in draw(PLACED).words["subtitle"]
    assert "灰带" not in draw(JOBS).words["subtitle"]


def test_a_profile_of_its_own_moves_the_schedule(draw, one_row):
    profile = {"shares": [0.1, 0.3, 0.6, 1], "source": "某通知"}
    made = draw("row", of=one_row({"2026Q3": 600}, "annual_count", "1000", profile=profile))
    assert [y for _, y in made.lines(palette.PATH)[0]] == [100, 300, 600, 1000]


def test_a_count_with_two_complete_years_has_its_own_schedule_from_the_third(draw, one_row):
    # Two years of 100, 200, 300 and 400 a quarter: the own shares 0.1, 0.3, 0.6 and 1 with the weight 1 - 3 / 400.
    seen = {f"{year}Q{n}": x for year in (2024, 2025) for n, x in enumerate((100, 300, 600, 1000), 1)}
    made = draw("row", of=one_row(seen | {"2026Q3": 600}, "annual_count", "1000"))
    due = [[y for _, y in line] for line in made.lines(palette.PATH)]
    assert due[:3] == [[250, 500, 750, 1000]] * 3  # 2023 to 2025
    assert due[3] == pytest.approx([101.125, 301.5, 601.125, 1000])
    assert due[4] == due[3]


# --- Figures ----------------------------------------------------------------------------------------------------


def years(line: list[tuple[float, float]]) -> set[int]:
    return {int(x) for x, _ in line}


@pytest.mark.parametrize("id", [JOBS, RATE, "coordinators_trained"])
def test_a_count_and_a_rate_of_cases_begin_a_line_each_january(id, draw):
    lines = draw(id).lines(palette.FIGURE)
    assert [years(line) for line in lines] == [{2022}, {2023}, {2024}, {2025}, {2026}]
    assert [len(line) for line in lines] == [4, 4, 4, 4, 3]


def test_a_stock_is_one_line_through_the_years(draw):
    lines = draw("high_value_patents_per_10k").lines(palette.FIGURE)
    assert [len(line) for line in lines] == [19]
    assert lines[0][-1] == (2026.5, 9.9)


def test_a_quarter_reported_as_missing_leaves_a_gap(draw):
    runs = [[x for x, _ in line] for line in draw(MEDIATION).lines(palette.FIGURE) if years(line) == {2024}]
    assert runs == [[2024.0, 2024.25], [2024.75]]


def test_a_quarter_that_is_not_there_at_all_leaves_a_gap_too(draw, one_row):
    for gap in ({}, {"2025Q2": {"missing": "suppressed"}}):
        figures = {"2024Q4": 1, "2025Q1": 2, "2025Q3": 3, "2025Q4": 4} | gap
        made = draw("row", of=one_row(figures, "stock", "5"))
        assert [[x for x, _ in line] for line in made.lines(palette.FIGURE)] == [
            [2024.75, 2025.0],
            [2025.5, 2025.75],
        ]


def test_a_missing_first_quarter_does_not_join_two_years_of_a_count(draw, one_row):
    made = draw("row", of=one_row({"2024Q4": 90, "2025Q2": 40, "2025Q3": 70}, "annual_count", "100"))
    assert [[x for x, _ in line] for line in made.lines(palette.FIGURE)] == [[2024.75], [2025.25, 2025.5]]


def test_year_ends_of_a_yearly_row_are_joined_whichever_way_they_are_recorded(draw, one_row):
    for seen in ({"2023Q4": 34, "2024Q4": 53, "2025Q4": 59}, {"2023": 34, "2024": 53, "2025": 59}):
        made = draw("row", of=one_row(seen, "stock_ratio", ">60", frequency="year"))
        assert made.lines(palette.FIGURE) == [[(2023.75, 34), (2024.75, 53), (2025.75, 59)]]
        assert [row[:2] for row in made.rows()][-1] == ["2025年四季度", "59.00"]
    assert [len(line) for line in draw(BARGAINING).lines(palette.FIGURE)] == [3]


def test_around_a_rate_of_cases_lies_wilsons_interval(draw):
    # 244 of 258, z = 1.2816: 92.46 and 96.06 (see the sentence in test_narrative).
    z, n, p = 1.2815515655446004, 258, 244 / 258
    centre, half = p + z * z / (2 * n), z * np.sqrt(p * (1 - p) / n + z * z / (4 * n * n))
    low, high = (100 * (centre + sign * half) / (1 + z * z / n) for sign in (-1, 1))
    assert (round(low, 1), round(high, 1)) == (92.5, 96.1)
    band = draw(RATE).bands(palette.FIGURE)[3]  # 2025
    assert {y for x, y in band if x == 2025.75} == {round(low, 3), round(high, 3)}
    assert len(draw(RATE).bands(palette.FIGURE)) == 5
    assert draw(UNEMPLOYMENT).bands(palette.FIGURE) == []
    assert "浅色带为率的 80% 区间（威尔逊）" in draw(RATE).words["subtitle"]


def test_a_standard_is_a_step_that_holds_until_now(draw):
    step = draw(WAGE).lines(palette.FIGURE)[0]
    assert step == [(2021.5, 2280), (2024.0, 2490), (2026.5, 2490)]
    assert "2,490 元/月" in draw(WAGE).said()


def test_a_standard_lately_not_reported_still_holds(draw, one_row):
    figures = {"2024Q1": 2490, "2026Q2": {"missing": "not_reported"}}
    made = draw("row", of=one_row(figures, "stock", "2580左右", holds_until_changed=True, decimals=0))
    assert made.lines(palette.FIGURE) == [[(2024.0, 2490), (2026.5, 2490)]]


def test_the_last_figure_is_said_and_dotted(draw):
    made = draw(JOBS)
    assert "1,095 人" in made.said()
    assert (2026.5, 1095) in made.dots(color=palette.FIGURE)
    assert "769 人" in draw(JOBS, "2026Q2").said()


def test_a_break_is_marked_before_the_first_figure_on_the_new_basis(draw):
    made = draw(PLACED)
    upright = [
        line.get_xdata()[0]
        for line in made.axes.lines
        if len(set(line.get_xdata())) == 1 < len(line.get_xdata())
    ]
    assert upright == [2024.875]  # between the fourth quarter of 2024 and the first of 2025
    assert made.said().count("口径调整") == 1
    assert "口径调整" not in draw(JOBS).said()


def test_corrected_figures_are_hollow_and_the_legend_says_so(draw):
    assert draw(JOBS).dots(markerfacecolor=palette.PAPER) == [(2026.0, 360)]
    assert draw(RATE).dots(markerfacecolor=palette.PAPER) == [(2025.75, round(24400 / 258, 6))]
    assert "空心点为修订过的数" in draw(JOBS).words["subtitle"]
    assert "空心点" not in draw(PLACED).words["subtitle"]


def test_other_regions_are_drawn_year_by_year_and_named_at_their_last(draw):
    made = draw(UNEMPLOYMENT)
    province, nation = (made.lines(color) for color in palette.REFERENCE)
    assert province == [[(2023, 4.6), (2023.75, 4.6)], [(2024, 4.5), (2024.75, 4.5)]]
    assert [line[0] for line in nation] == [(2022, 5.6), (2023, 5.2), (2024, 5.1), (2025, 5.2)]
    assert {"全省", "全国"} <= set(made.said())


def test_a_year_that_is_not_over_has_no_yearly_figure_yet(draw, view):
    before = draw(UNEMPLOYMENT, "2025Q3", references=REFERENCES)
    assert [line[0][0] for line in before.lines(palette.REFERENCE[1])] == [2022, 2023, 2024]
    assert [row[0] for row in before.words["rows"]][-1] == "全国 2024年"


def test_three_regions_may_be_compared(draw):
    made = draw(UNEMPLOYMENT, references={**REFERENCES, "330300": "市"})
    assert "全国" in made.said()
    assert "市" not in made.said()  # has no yearly figure


def test_without_figures_a_chart_shows_the_targets(draw, one_row):
    made = draw("row", of=one_row({"2026Q3": {"missing": "not_collected"}}, "stock", "5"))
    assert made.lines(palette.FIGURE) == []
    assert len(made.lines(palette.TARGET)) == 5
    assert made.words["description"] == "某：本季没有数（未统计）。图中只有各年目标。"


# --- Axes and words ---------------------------------------------------------------------------------------------


def shown_ticks(axes: Axes) -> list[Text]:
    low, high = axes.get_ylim()
    ticks = zip(axes.get_yticks(), axes.get_yticklabels(), strict=True)
    return [label for place, label in ticks if low - 1e-9 <= place <= high + 1e-9]


@pytest.mark.parametrize("quarter", QUARTERS)
@pytest.mark.parametrize("id", [*IDS, IMPLIED])
def test_no_words_overlap_and_none_leave_the_figure(id, quarter, draw):
    made = draw(id, quarter)
    figures.lay_out(made.drawing)
    words = [*made.axes.texts, *made.axes.get_xticklabels(), *shown_ticks(made.axes)]
    boxes = {
        f"{n} {text.get_text()}": text.get_window_extent() for n, text in enumerate(words) if text.get_text()
    }
    assert len(boxes) > 8
    assert not [pair for pair in combinations(boxes, 2) if boxes[pair[0]].overlaps(boxes[pair[1]])]
    page = made.drawing.bbox
    assert not [
        w for w, b in boxes.items() if b.x0 < page.x0 or b.x1 > page.x1 or b.y0 < page.y0 or b.y1 > page.y1
    ]


@pytest.mark.parametrize("id", [*IDS, IMPLIED])
def test_every_tick_is_labelled_with_its_own_place(id, draw):
    axes = draw(id).axes
    labels = [text.get_text() for text in axes.get_yticklabels()]
    assert [float(label.replace(",", "").replace("−", "-")) for label in labels] == pytest.approx(
        list(axes.get_yticks())
    )
    assert len(shown_ticks(axes)) >= 3


@pytest.mark.parametrize(
    ("value", "target"), [(4.74, "4.75"), (4.7499, "4.75"), (0.5, "1"), (25000, "25001")]
)
def test_ticks_close_together_are_not_rounded_into_each_other(value, target, draw, one_row):
    axes = draw("row", of=one_row({"2026Q3": value}, "stock", target, baseline=target)).axes
    low, high = axes.get_ylim()
    assert high - low < 1.3 * abs(value - float(target))  # nothing else is drawn that would widen them
    figures.lay_out(axes.figure)
    labels = [text.get_text() for text in axes.get_yticklabels()]
    assert len(set(labels)) == len(labels)
    assert [float(label.replace(",", "")) for label in labels] == pytest.approx(list(axes.get_yticks()))


def test_counts_start_at_zero_and_a_share_ends_near_a_hundred(draw):
    for id in (JOBS, PLACED, TRAINING, "employment_checkups"):
        assert draw(id).axes.get_ylim()[0] == 0
    assert draw("key_group_assistance_rate").axes.get_ylim()[1] == 100.5
    assert draw(UNEMPLOYMENT).axes.get_ylim()[0] > 3  # a rate that never was near zero need not start there


def test_the_years_run_from_the_baseline_to_the_plans_last(draw):
    axes = draw(JOBS).axes
    assert [label.get_text() for label in axes.get_xticklabels()] == [str(year) for year in range(2022, 2028)]
    assert axes.get_xlim() == pytest.approx((2021.85, 2027.95))


def test_what_has_not_come_yet_is_shaded(draw):
    shade = draw(JOBS).axes.patches[0]
    assert shade.get_x() == pytest.approx(2026.5 + 0.125)
    assert shade.get_x() + shade.get_width() == pytest.approx(2027.95)


def test_a_figures_words_are_its_finding_its_measure_and_its_course(draw):
    words = draw(JOBS).words
    assert words["title"] == "城镇新增就业人数 1,095 人，快于往年进度 3.2 个百分点"
    assert (
        words["subtitle"]
        == "城镇新增就业人数，单位：人。实线为实际，虚线为各年目标，点线为应到进度，空心点为修订过的数，"
        "紫色带和竖条（以后各年年末）为展望：80%、内层 50% 的可能"
    )
    assert words["description"] == (
        "城镇新增就业人数 1,095 人，快于往年进度 3.2 个百分点。2022年一季度至2026年三季度共 19 个数，"
        "最低 360 人（2026年一季度），最高 1,932 人（2022年四季度）。"
        "展望2027年四季度：80% 的可能在 1,017—1,796 人。"
    )
    assert words["columns"] == ["期间", "数值（人）", "当年目标（人）", "说明"]
    assert words["sample"] is True
    assert draw(WAGE).words["sample"] is False
    assert "（温州市的数，市级测得）" in draw(UNEMPLOYMENT).words["subtitle"]


# --- What a ratio implies ---------------------------------------------------------------------------------------


def test_the_implied_denominators_are_worked_out_from_the_printed_cells(draw):
    made = draw(IMPLIED)
    # 20200 / 0.275, 21400 / 0.295, 22600 / 0.315, 23800 / 0.335, 25000 / 0.355
    assert made.lines(palette.TARGET)[0] == [
        (2023.75, 73454.545455), (2024.75, 72542.372881), (2025.75, 71746.031746), (2026.75, 71044.776119),
        (2027.75, 70422.535211),
    ]  # fmt: skip
    assert made.words["title"] == "两项目标都恰好达到时，隐含的从业人员从 2023 年到 2027 年减少 3,032 人"
    assert made.words["rows"][:2] == [
        ["2023年末（规划隐含）", "73,455", ""],
        ["2024年末（规划隐含）", "72,542", ""],
    ]


def test_beside_them_stand_the_denominators_observed(draw):
    observed = {p: r["denominator"] for p, r in ledger_rows("330305", SHARE).items() if r["denominator"]}
    made = draw(IMPLIED)
    assert [str(int(y)) for line in made.lines(palette.FIGURE) for _, y in line] == list(observed.values())
    assert [row[1].replace(",", "") for row in made.words["rows"][5:]] == list(observed.values())
    assert f"{int(observed['2026Q3']):,} 人" in made.said()


def test_without_observed_denominators_only_the_plan_is_drawn(draw, view):
    made = draw(
        IMPLIED, of=replace(view, observations=view.observations[view.observations["indicator"] != SHARE])
    )
    assert made.lines(palette.FIGURE) == []
    assert made.words["source"] == "规划目标表反推；没有实际数"
    assert made.words["sample"] is False


def test_a_row_that_is_no_ratio_implies_nothing(view):
    with pytest.raises(ValueError, match="new_urban_jobs is no ratio of two series"):
        charts.implied_employment(view, JOBS)


def test_figures_side_by_side_keep_their_order():
    pair = charts.side_by_side(Html("<p>1</p>", "一"), Html("<p>2</p>", "二"))
    assert pair.html == '<div class="beside"><p>1</p><p>2</p></div>'
    assert pair.text == "一\n二"


def test_a_series_is_drawn_the_same_twice(view, monkeypatch):
    monkeypatch.setattr(charts, "figure", figures.figure)
    first, second = (charts.series(view, RATE).html for _ in range(2))
    assert first == second
    assert re.search(r"<text[^>]*>93.7%</text>", first)
