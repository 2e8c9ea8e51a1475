"""Everything that a run would refuse, found before one is tried."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

from laoyou.ledger import read_ledger
from laoyou.parameters import choose_notebooks, read_parameters
from laoyou.plan import load_plan
from laoyou.rules import load_rules
from laoyou.view import open_view
from laoyou.vintage import as_known
from laoyou.workspace import find_workspace


def check_workspace(today: dt.date | None = None) -> Iterator[str]:
    """Check rules, plan, ledger and every parameters file.

    Parameters
    ----------
    today : the ledger may hold nothing reported later; the day of the machine if not given

    Yields
    ------
    A line for each part that is in order.

    Raises
    ------
    LaoyouError
        Of the first file that is not.
    """
    workspace = find_workspace()
    rules = load_rules()
    yield "params/rules.yml 规则可用"
    plan = load_plan()
    cells = sum(len(i.targets) + 1 for i in plan.indicators.values())
    yield (
        f"{workspace.relative(workspace.plan_file())} {len(plan.indicators)} 项指标、{cells} 格、"
        f"{len(plan.tasks)} 项任务、{len(plan.commitments)} 项正文承诺"
    )
    ledger = read_ledger(workspace, plan, rules, today=today or dt.date.today())
    known = as_known(ledger)
    real = int((known["status"] != "sample").sum())
    yield f"台账 {len(ledger)} 行，现行 {len(known)} 个数，其中真实 {real} 个、演示 {len(known) - real} 个"
    notebooks = choose_notebooks(workspace, [])
    for file in sorted(p for p in workspace.params.glob("*.yml") if p != workspace.rules_file):
        open_view(**read_parameters(workspace, file, notebooks))
        yield f"{workspace.relative(file)} 参数可用"
