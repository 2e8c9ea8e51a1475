"""Why a figure that stands beside its target has its light: levels, rates, and rates of cases with their chance."""

from __future__ import annotations

import math

from laoyou.formats import difference, number, percent
from laoyou.language import clauses, listed, tr
from laoyou.pages.standing_words import Row, apart, goal, indicator_of, shown, shown_as_mean, target_shown
from laoyou.pages.target_words import quoted
from laoyou.targets import FULL_COVERAGE
from laoyou.view import View


def level(view: View, row: Row) -> str:
    """Return how a level stands to a target that stays the same or is meant about."""
    if row.operator != "about":
        return against_target(view, row)
    told = {
        "figure": shown(view, row),
        "target": quoted(row.target_text),
        "band": percent(view.rules.attainment.about_tolerance, 0),
        "apart": apart(view, row),
        "gap": number(abs(row.gap), 1),
    }
    if row.light == "green":
        return tr("{figure}，目标{target}（按 ±{band} 容差），在容差之内", **told)
    if row.judged > row.target:
        return tr("{figure}，目标{target}（按 ±{band} 容差），高 {apart}，差 {gap}%", **told)
    return tr("{figure}，目标{target}（按 ±{band} 容差），低 {apart}，差 {gap}%", **told)


def against_target(view: View, row: Row) -> str:
    """Return how a figure stands to its target, both named."""
    told = {
        "figure": shown_as_mean(view, row),
        "goal": goal(view, row),
        "target": target_shown(view, row),
        "apart": apart(view, row),
    }
    if row.margin == 0:
        return tr("{figure}，与{goal} {target} 相等", **told)
    if row.judged > row.target:
        return tr("{figure}，比{goal} {target} 高 {apart}", **told)
    return tr("{figure}，比{goal} {target} 低 {apart}", **told)


def rate_alone(view: View, row: Row) -> str:
    """Return how a rate stands; that of cases whose numbers are not known says that chance cannot be told."""
    unknown = row.kind == "case_rate" and math.isnan(row.interval_low)
    chance = tr("没有分子分母，偶然能有多大说不准") if unknown else ""
    return clauses((against_target(view, row), chance))


def rate_with_interval(view: View, row: Row) -> str:
    """Return how a rate of cases stands, and what its interval says of the target."""
    counted = tr(
        "{rate}（{numerator}/{denominator}）",
        rate=against_target(view, row),
        numerator=number(row.numerator),
        denominator=number(row.denominator),
    )
    interval = tr(
        "{level} 区间 {low}%—{high}%，{reach}",
        level=percent(view.rules.rate.interval_level, 0),
        low=number(row.interval_low, 1),
        high=number(row.interval_high, 1),
        reach=_reach(view, row),
    )
    missed = row.light in ("yellow", "red")
    return clauses((counted, interval, same_quarter_before(view, row.indicator) if missed else ""))


def _reach(view: View, row: Row) -> str:
    """Return what the interval of a rate says of the target."""
    if row.light == "red":
        return tr("整个区间都在目标之外")
    if row.light == "watch":
        return _doubtful(view, row)
    if row.light == "yellow":
        return _short(view, row)
    return (
        tr("整个区间都达到目标")
        if row.target < FULL_COVERAGE
        else tr("目标是全部，没有区间能整个达到，以率本身判定")
    )


def _doubtful(view: View, row: Row) -> str:
    """Return which end of the interval misses the target that the rate meets."""
    end = (
        tr("但个案少，区间下端在目标之外")
        if indicator_of(view, row).direction > 0
        else tr("但个案少，区间上端在目标之外")
    )
    return end if view.quarter.quarter == 4 else tr("{end}，还说不准", end=end)


def _short(view: View, row: Row) -> str:
    """Return why a missed rate is yellow: its interval reaches the target, or the miss is small."""
    direction = indicator_of(view, row).direction
    best = row.interval_high if direction > 0 else -row.interval_low
    if best >= row.target * direction:
        return tr("区间够得着目标")
    return tr("差距在 {size}以内", size=difference(view.rules.rate.yellow_within, "%"))


def same_quarter_before(view: View, id: str) -> str:
    """Return how earlier years stood in this quarter and at their end; empty at a year's end or where unknown."""
    indicator, known = view.plan.indicators[id], {p.quarter: p for p in view.points(id) if p.known}
    if view.quarter.quarter == 4:
        return ""
    told = []
    for back in range(3, 0, -1):
        then = view.quarter - 4 * back
        end = then + (4 - then.quarter)
        if then in known and end in known:
            values = (number(known[q].value, indicator.decimals) for q in (then, end))
            told.append(tr("{year} 年 {values}", year=then.year, values=" → ".join(values)))
    return tr("往年同季到年末（%）：{told}", told=listed(told)) if told else ""
