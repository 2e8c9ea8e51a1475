"""The scorecard on a terminal."""

from __future__ import annotations

from rich.console import Console
from rich.table import Table

from laoyou import narrative
from laoyou.formats import DASH, percent
from laoyou.keypoints import overview_points
from laoyou.parameters import choose_notebooks, parameters_file, read_parameters
from laoyou.view import open_view
from laoyou.words import COMPLIANCE, LIGHTS, MOMENTUM
from laoyou.workspace import find_workspace

COLOURS = {
    "red": "red",
    "yellow": "yellow",
    "watch": "blue",
    "green": "green",
    "annual_only": "dim",
    "no_data": "dim",
}


def print_status(quarter: str) -> None:
    """Print a quarter's scorecard.

    Parameters
    ----------
    quarter : a quarter that params/ has a file for, or the path of such a file

    Raises
    ------
    LaoyouError
        If parameters, plan, ledger or rules cannot be accepted.
    """
    workspace = find_workspace()
    view = open_view(
        **read_parameters(workspace, parameters_file(workspace, quarter), choose_notebooks(workspace, []))
    )
    table = Table(title=f"{view.region.zh} {view.label}，数据截至 {view.cut_off or DASH}", show_lines=False)
    for head in ("指标", "目标", "实际", "完成率", "进度", "全年", "势头"):
        table.add_column(head, overflow="fold")  # a name cut short may be that of two rows
    for row in sorted(map(view.score, view.plan.indicators), key=lambda row: list(LIGHTS).index(row.light)):
        mark = "（演示）" if row.indicator in view.sample_indicators else ""
        table.add_row(
            view.plan.indicators[row.indicator].name.zh + mark,
            narrative.target_shown(view, row),
            narrative.shown(view, row),
            percent(row.attainment),
            f"[{COLOURS[row.light]}]{LIGHTS[row.light]}[/]",
            COMPLIANCE[row.compliance],
            MOMENTUM[row.momentum],
        )
    console = Console(highlight=False)
    console.print(table)
    for point in overview_points(view):
        console.print(f"- {point}", markup=False)
