"""What is asked for, made out and checked before anything runs."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from laoyou.batch.inputs import Order
from laoyou.batch.parameters import choose_notebooks, declared_parameters, read_parameters
from laoyou.errors import NotAllowedError, ParametersError, Problem, did_you_mean, one_of
from laoyou.ledger.observations import read_ledger
from laoyou.ledger.vintage import read_day
from laoyou.periods import parse_quarter
from laoyou.plan import load_plan
from laoyou.regions import Region, load_regions
from laoyou.rules import load_rules
from laoyou.workspace import Workspace, find_workspace

ALL = "all"
_REGIONS = f"{ALL}，或地区代码，几个之间用逗号：330305,330305001"
_QUARTERS = "2026Q3，或一段：2023Q1..2026Q3"


def order_of(
    workspace: Workspace,
    file: Path,
    *,
    notebooks: Sequence[str] = (),
    force: bool = False,
    as_of: str | None = None,
) -> Order:
    """Return the order of one quarter.

    Parameters
    ----------
    workspace : where the notebooks are
    file : the quarter's parameters
    notebooks : names of notebooks to run even if nothing has changed
    force : whether that goes for all of them
    as_of : the last day of knowledge (ISO date) instead of the file's, if given

    Raises
    ------
    ParametersError
        If a name, or what stands in the file, cannot be accepted.
    """
    again = choose_notebooks(workspace, list(notebooks)) if notebooks else {}
    chosen = choose_notebooks(workspace, [])
    parameters = read_parameters(workspace, file, chosen, as_of=as_of)
    return Order(workspace, parameters, chosen, frozenset(again), force)


def orders_of(
    workspace: Workspace,
    regions: str,
    quarters: str,
    *,
    today: dt.date,
    notebooks: Sequence[str] = (),
    force: bool = False,
    as_of: str | None = None,
) -> list[Order]:
    """Return the orders of some quarters of some regions, the latest quarter first.

    Parameters
    ----------
    workspace, notebooks, force, as_of : as for ``order_of``
    regions : codes with commas between, or ``all``, which is every region with quarterly figures of its own but those above
        the plan's
    quarters : one, or the first and the last with ``..`` between
    today : a quarter must have been reported by then

    Raises
    ------
    LaoyouError
        If any of it cannot be accepted.

    Notes
    -----
    The parameters are those of the quarter's file, with the region put in. Where there is no file, they are those that
    the notebooks declare, and the last day of knowledge is the last day of the month after the quarter, as in the files
    that there are.
    """
    again = frozenset(choose_notebooks(workspace, list(notebooks)) if notebooks else {})
    chosen = choose_notebooks(workspace, [])
    spans = _read_quarters(quarters)
    of_quarter = {
        quarter: _parameters(workspace, quarter, chosen, as_of, today) for quarter in reversed(spans)
    }
    return [
        Order(workspace, {**parameters, "region": region}, chosen, again, force)
        for parameters in of_quarter.values()
        for region in _read_regions(find_workspace(parameters["data"]), regions)
    ]


def _read_quarters(text: str) -> list[pd.Period]:
    try:
        ends = [parse_quarter(part.strip()) for part in text.split("..")]
    except NotAllowedError as cause:
        raise ParametersError("--quarters", Problem("季度", cause.found, _QUARTERS)) from None
    if len(ends) > 2 or ends[0] > ends[-1]:
        raise ParametersError(
            "--quarters", Problem("季度", f"「{text}」", f"{_QUARTERS}，前一个不晚于后一个")
        )
    return list(pd.period_range(ends[0], ends[-1], freq="Q-DEC"))


def _read_regions(workspace: Workspace, text: str) -> list[str]:
    known = load_regions(workspace)
    if text.strip() == ALL:
        return _with_figures(workspace, known)
    codes = list(dict.fromkeys(part.strip() for part in re.split("[,，]", text)))
    unknown = [
        Problem("地区", f"「{code}」不在地区表里", f"{_REGIONS}；{one_of(known)}", did_you_mean(code, known))
        for code in codes
        if code not in known
    ]
    if unknown:
        raise ParametersError("--regions", unknown)
    return codes


def _with_figures(workspace: Workspace, known: Mapping[str, Region]) -> list[str]:
    """Return the regions with quarterly figures of their own, but for those above the plan's, which it is compared with."""
    plan = load_plan(workspace.plan_file())
    ledger = read_ledger(workspace, plan, load_rules(workspace.rules_file))
    having = set(ledger.loc[ledger["frequency"] == "quarter", "region"])
    above, region = set(), known[plan.region].parent
    while region:
        above.add(region)
        region = known[region].parent
    found = [code for code in known if code in having - above]
    if not found:
        raise ParametersError("--regions", Problem("台账", "没有一个地区有自己的季度数", "至少一个地区"))
    return found


def _parameters(
    workspace: Workspace, quarter: pd.Period, notebooks: Mapping[str, Path], as_of: str | None, today: dt.date
) -> dict[str, Any]:
    """Return the parameters of a quarter, whatever its region."""
    file = workspace.params / f"{quarter}.yml"
    if file.is_file():
        found = read_parameters(workspace, file, notebooks, as_of=as_of)
    else:
        day = as_of or str(((quarter + 1).asfreq("M", how="start")).end_time.date())
        declared = {
            name: parameter.value
            for notebook, path in notebooks.items()
            for name, parameter in declared_parameters(path, f"notebooks/{notebook}.ipynb").items()
        }
        found = {**declared, "quarter": str(quarter), "as_of": day}
    plan = load_plan(find_workspace(found["data"]).plan_file())
    if quarter.year not in plan.years:
        span = f"{plan.first_year}Q1—{plan.last_year}Q4"
        raise ParametersError("--quarters", Problem("季度", f"「{quarter}」不在规划期内", span))
    try:
        last = read_day(found["as_of"]) if found["as_of"] else today
    except NotAllowedError as cause:
        raise ParametersError("--as-of", Problem("数据截止日", cause.found, cause.allowed)) from None
    if not quarter.end_time.date() <= last <= today:
        problem = Problem(
            "季度", f"「{quarter}」的数据截止日是 {last}", f"季末以后、{today} 以前，或用 --as-of 另定"
        )
        raise ParametersError("--quarters", problem)
    return found
