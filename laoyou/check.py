"""Everything that a run would refuse, found before one is tried."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

from laoyou.batch.inputs import read_state
from laoyou.batch.parameters import choose_notebooks, read_parameters
from laoyou.intake.mappings import load_mappings
from laoyou.ledger.correction_file import FILE as CORRECTIONS
from laoyou.ledger.observations import read_known
from laoyou.plan import Plan, load_plan
from laoyou.regions import load_regions
from laoyou.rules import load_rules
from laoyou.supervision.docket import open_docket
from laoyou.supervision.log import log_file, read_log
from laoyou.supervision.matters import rebuild
from laoyou.workspace import Workspace, find_workspace


def check_workspace(today: dt.date | None = None) -> Iterator[str]:
    """Check rules, plan, ledger, records of cases, mappings, the logs of supervision and every parameters file.

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
    known = read_known(workspace, plan, rules, today=today or dt.date.today())
    figures = known.observations
    real = int((figures["status"] != "sample").sum())
    yield f"台账 {len(known.rows)} 行，现行 {len(figures)} 个数，其中真实 {real} 个、演示 {len(figures) - real} 个"
    waiting = len(known.corrections)
    yield f"{workspace.relative(workspace.data / CORRECTIONS)} {f'{waiting} 条订正等源头更正' if waiting else '没有未了的订正'}"
    mappings = load_mappings(workspace, plan, load_regions(workspace), rules)
    yield f"{workspace.relative(workspace.data / 'mappings')}/ {len(mappings)} 份映射可用"
    yield from _logs(workspace, plan, today or dt.date.today())
    notebooks = choose_notebooks(workspace, [])
    for file in sorted(p for p in workspace.params.glob("*.yml") if p != workspace.rules_file):
        view = read_state(read_parameters(workspace, file, notebooks)).view
        listed = len(open_docket(view).entries)
        yield f"{workspace.relative(file)} 参数可用，问题清单 {listed} 个"


def _logs(workspace: Workspace, plan: Plan, today: dt.date) -> Iterator[str]:
    """Check the real and the sample log of the supervision loop."""
    regions, subjects = load_regions(workspace), (*plan.indicators, *plan.commitments)
    for sample in (False, True):
        file = log_file(workspace, sample=sample)
        shown = workspace.relative(file)
        events = read_log(file, shown, regions=regions, subjects=subjects, today=today)
        matters = [matter for found in rebuild(events).values() for matter in found.values()]
        open_ = sum(matter.open for matter in matters)
        told = f"{len(events)} 步办理，{len(matters)} 个问题，在办 {open_} 个" if events else "没有办理记录"
        yield f"{shown} {told}"
