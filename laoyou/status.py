"""The scorecard on a terminal."""

from __future__ import annotations

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table

from laoyou.batch.parameter_files import parameters_file
from laoyou.batch.parameters import choose_notebooks, read_parameters
from laoyou.formats import DASH, percent
from laoyou.ledger.file import STATUSES
from laoyou.pages import standing_words
from laoyou.pages.points import overview_points
from laoyou.view import open_view
from laoyou.words import COMPLIANCE, LIGHTS, MOMENTUM
from laoyou.workspace import find_workspace

WIDE = 100  # columns of a terminal that all columns of the table fit in
COLOURS = {
    "red": "red",
    "yellow": "yellow",
    "watch": "blue",
    "green": "green",
    "annual_only": "dim",
    "no_data": "dim",
}


def print_status(quarter: str, as_of: str | None = None) -> None:
    """Print a quarter's scorecard.

    Parameters
    ----------
    quarter : a quarter that params/ has a file for, or the path of such a file
    as_of : the last day of knowledge (ISO date) instead of the file's, if given

    Raises
    ------
    LaoyouError
        If parameters, plan, ledger or rules cannot be accepted.
    """
    workspace = find_workspace()
    file, notebooks = parameters_file(workspace, quarter), choose_notebooks(workspace, [])
    view = open_view(**{**read_parameters(workspace, file, notebooks, as_of=as_of), "lang": "zh"})
    console = Console(highlight=False)
    wide = console.width >= WIDE
    title = f"{view.region.zh} {view.label}，数据截至 {view.cut_off or DASH}"
    table = Table(title=title, box=SIMPLE_HEAD, pad_edge=False)
    table.add_column("指标", overflow="fold")  # a name cut short may be that of two rows
    for head in ("目标", "实际", "进度", "全年", "数据", *(("完成率", "势头") if wide else ())):
        table.add_column(head, no_wrap=True)
    for row in sorted(map(view.score, view.plan.indicators), key=lambda row: list(LIGHTS).index(row.light)):
        sample = row.indicator in view.sample_indicators
        table.add_row(
            view.plan.indicators[row.indicator].name.zh,
            standing_words.target_shown(view, row),
            standing_words.shown(view, row),
            f"[{COLOURS[row.light]}]{LIGHTS[row.light]}[/]",
            COMPLIANCE[row.compliance],
            STATUSES["sample"] if sample else STATUSES.get(row.status, DASH),
            *((percent(row.attainment), MOMENTUM[row.momentum]) if wide else ()),
        )
    console.print(table)
    for point in overview_points(view):
        console.print(f"- {point}", markup=False)
