"""The parts of a plan held against each other: years, names and ids."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import yaml

from laoyou.errors import Problem, did_you_mean, one_of
from laoyou.yamlfile import place_of

if TYPE_CHECKING:
    from laoyou.plan import Plan


def cross_check(plan: Plan, node: yaml.Node | None) -> Iterator[Problem]:
    """Yield what only shows when the parts of a plan are held against each other.

    Parameters
    ----------
    plan : a plan whose parts are each in order
    node : the file's tree of nodes, for line numbers
    """
    years = f"{plan.first_year}—{plan.last_year}"

    def unknown(location: Sequence[object], word: str, known: Sequence[str], what: str) -> Iterator[Problem]:
        if word not in known:
            yield Problem(
                place_of(location, node), f"{what}「{word}」不存在", one_of(known), did_you_mean(word, known)
            )

    printed = [p for unit in plan.units.values() for p in unit.printed]
    for id, indicator in plan.indicators.items():
        at = ["indicators", id]
        for year in indicator.targets:
            if year not in plan.years:
                yield Problem(place_of([*at, "targets", year], node), f"年份 {year} 不在规划期内", years)
        absent = [str(y) for y in plan.years if y not in indicator.targets]
        if absent:
            yield Problem(
                place_of([*at, "targets"], node),
                f"缺 {'、'.join(absent)} 年",
                f"{years} 每年一格",
                "没有目标写「——」",
            )
        if indicator.baseline.year != plan.baseline_year:
            yield Problem(
                place_of([*at, "baseline"], node), f"基期 {indicator.baseline.year}", str(plan.baseline_year)
            )
        yield from unknown([*at, "task"], indicator.task, list(plan.tasks), "任务")
        for source in indicator.sources:
            yield from unknown([*at, "sources"], source, list(plan.sources), "来源")
        parts = [indicator.ratio.numerator, indicator.ratio.denominator] if indicator.ratio else []
        parts += [indicator.per.series] if indicator.per else []
        for part in parts:
            yield from unknown(
                [*at, "ratio" if indicator.ratio else "per"], part, list(plan.measurable), "序列"
            )
    for id, commitment in plan.commitments.items():
        yield from unknown(["commitments", id, "task"], commitment.task, list(plan.tasks), "任务")
        if commitment.indicator is not None:
            yield from unknown(
                ["commitments", id, "indicator"], commitment.indicator, list(plan.indicators), "指标"
            )
        if commitment.year not in plan.years:
            yield Problem(
                place_of(["commitments", id, "year"], node), f"年份 {commitment.year} 不在规划期内", years
            )
    for name, task in plan.tasks.items():
        for unit in [task.lead, *task.supporting]:
            yield from unknown(["tasks", name], unit, printed, "单位")
    ids = Counter([*plan.indicators, *plan.commitments, *plan.series])
    for id, count in ids.items():
        if count > 1:
            yield Problem("indicators、commitments、series", f"id「{id}」重复", "每个 id 只出现一次")
