"""The sentences on the plan document itself: one for each code of ``findings``."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from laoyou.findings import Finding
from laoyou.formats import number, signed
from laoyou.language import listed, tr
from laoyou.view import View


def finding_sentence(view: View, found: Finding) -> str:
    """Return a finding as a Chinese sentence.

    Parameters
    ----------
    view : the page; gives the names
    found : one of ``plan.findings()``
    """
    return _SENTENCES[found.code](view, found)


def finding_verdict(found: Finding) -> str:
    """Return whether a finding agrees, contradicts, or only has to be borne in mind."""
    return tr("相符") if found.holds else tr("不相符") if found.code in _CONTRADICTIONS else tr("须留意")


def _names(view: View, found: Finding) -> list[str]:
    return [view.plan.indicators[id].name.spoken for id in found.indicators]


def _n(found: Finding, key: str, decimals: int = 0) -> str:
    return number(float(found.figures[key]), decimals)


def _series_name(view: View, found: Finding) -> str:
    return view.plan.measurable[str(found.figures["denominator"])].name.spoken


def _by_year(view: View, found: Finding, decimals: int = 0) -> str:
    years = [str(y) for y in view.plan.years if str(y) in found.figures]
    return listed(tr("{y} 年 {n}", y=y, n=_n(found, y, decimals)) for y in years)


def _promise(view: View, found: Finding) -> str:
    commitment = view.plan.commitments[str(found.figures["commitment"])]
    return tr("{reference}的“{name}”", reference=commitment.reference, name=commitment.name.spoken)


def _baseline_magnitude(view: View, found: Finding) -> str:
    name, implied = _names(view, found)[0], _series_name(view, found)
    f = found.figures
    return tr(
        "{name} {f} 年印作 {f2}，按它推出的{implied}只有 {n} 人，而按 {f3} 年的目标是 {n2} 人；若作 {n3}，则为 {n4} 人，前后相接。疑少印一位；原文照录，主管单位确认之前不据以计算。",
        name=name,
        f=f["year"],
        f2=f"{f['printed']:g}",
        implied=implied,
        n=_n(found, "implied_printed"),
        f3=f["first_year"],
        n2=_n(found, "implied_first_year"),
        n3=_n(found, "alternative"),
        n4=_n(found, "implied_alternative"),
    )


def _implied_denominator(view: View, found: Finding) -> str:
    falls, steps = found.figures["falls"], found.figures["steps"]
    course = tr("逐年减少") if falls == steps else tr("有增有减")
    pair = tr("与").join(_names(view, found))
    return tr(
        "{pair}的目标隐含的{series_name}{course}（{by_year}），总量达标并不保证比例达标。",
        pair=pair,
        series_name=_series_name(view, found),
        course=course,
        by_year=_by_year(view, found),
    )


def _ratio_of_rows(view: View, found: Finding) -> str:
    share, top, bottom = _names(view, found)
    verdict = tr("与所印目标相符") if found.holds else tr("与所印目标不符")
    return tr(
        "{share}等于{top}除以{bottom}：{by_year}，{verdict}（最大相差 {n}）。",
        share=share,
        top=top,
        bottom=bottom,
        by_year=_by_year(view, found, 2),
        verdict=verdict,
        n=_n(found, "largest_gap", 4),
    )


def _cumulative_before_plan(view: View, found: Finding) -> str:
    f = found.figures
    return tr(
        "{names}从 {f} 年起累计，{f2} 年的 {n} 里有 {n2} 是规划期之前的，规划期内只要 {n3}。",
        names=_names(view, found)[0],
        f=f["since"],
        f2=f["last_year"],
        n=_n(found, "total"),
        n2=_n(found, "outside"),
        n3=_n(found, "within"),
    )


def _changes(view: View, found: Finding) -> str:
    parts = []
    for id in found.indicators:
        indicator = view.plan.indicators[id]
        unit = tr("个百分点") if indicator.unit == "%" else indicator.unit
        change = float(found.figures[id])
        parts.append(
            tr(
                "{name}（{change} {unit}）",
                name=indicator.name.spoken,
                change=signed(change, indicator.unit, indicator.decimals),
                unit=unit,
            )
            if change
            else tr("{name}（持平）", name=indicator.name.spoken)
        )
    return listed(parts)


def _meets(view: View, found: Finding) -> str:
    f = found.figures
    return tr(
        "{f} 项指标中有 {f2} 项在 {f3} 年就已达到 {f4} 年的目标（括号内为目标减当年实际）：{changes}。这些指标“达标”不等于“改善”。",
        f=f["of"],
        f2=f["count"],
        f3=f["baseline_year"],
        f4=f["year"],
        changes=_changes(view, found),
    )


def _below(view: View, found: Finding) -> str:
    return tr(
        "{figures} 项的目标定得比 {figures2} 年的实际还宽（括号内为目标减实际）：{changes}。",
        figures=found.figures["count"],
        figures2=found.figures["baseline_year"],
        changes=_changes(view, found),
    )


def _unit_change(view: View, found: Finding) -> str:
    f = found.figures
    return tr(
        "{names}的单位是{f}，{f2} 年却写“{f3}”（此前为 {f4}），两者不是同一个量，需要另报覆盖率。",
        names=_names(view, found)[0],
        f=f["unit"],
        f2=f["year"],
        f3=f["text"],
        f4=f["before"],
    )


def _covers_differ(view: View, found: Finding) -> str:
    f = found.figures
    return tr(
        "{names}：目标表涵盖 {f} 类人（{f2}），正文只提 {f3} 类（{f4}）。",
        names=_names(view, found)[0],
        f=f["table_groups"],
        f2=f["table"],
        f3=f["text_groups"],
        f4=f["text"],
    )


def _wording_differs(view: View, found: Finding) -> str:
    return tr(
        "{names}：目标表写“{figures}”，正文写“{figures2}”。",
        names=_names(view, found)[0],
        figures=found.figures["table"],
        figures2=found.figures["text"],
    )


def _set_by(view: View, found: Finding) -> str:
    setter = view.regions[str(found.figures["set_by"])].spoken
    return tr("{names}由{setter}制定，不是本级能够完成的任务。", names=_names(view, found)[0], setter=setter)


def _tolerance(view: View, found: Finding) -> str:
    share = view.rules.attainment.about_tolerance
    return tr(
        "{names}有 {figures} 格写“左右”，没有官方容差；本报告按 ±{x}% 判定，规则可改。",
        names=_names(view, found)[0],
        figures=found.figures["cells"],
        x=number(100 * share),
    )


def _sum(view: View, found: Finding) -> str:
    f = found.figures
    verdict = tr("相符") if found.holds else tr("不符")
    outside = (
        tr("；若连基期 {n} 也算则是 {n2}", n=_n(found, "baseline"), n2=_n(found, "with_baseline"))
        if "baseline" in f
        else ""
    )
    return tr(
        "{promise} {n}，{f} 年目标之和 {n2}，{verdict}{outside}。",
        promise=_promise(view, found),
        n=_n(found, "stated"),
        f=f["years"],
        n2=_n(found, "computed"),
        verdict=verdict,
        outside=outside,
    )


def _level(view: View, found: Finding) -> str:
    f = found.figures
    verdict = tr("数值相符") if found.holds else tr("数值不符")
    return tr(
        "{promise}写“{f}”，目标表 {f2} 年写“{f3}”，{verdict}。",
        promise=_promise(view, found),
        f=f["text"],
        f2=f["year"],
        f3=f["table"],
        verdict=verdict,
    )


def _bound(view: View, found: Finding) -> str:
    f = found.figures
    firmer = tr("更严") if f["comparison"] == "stricter" else tr("更宽")
    return tr(
        "{promise}写“{f}”，目标表写“{f2}”，数值相同，字面{firmer}；判定一律按“不低于”。",
        promise=_promise(view, found),
        f=f["text"],
        f2=f["table"],
        firmer=firmer,
    )


def _suspect(view: View, found: Finding) -> str:
    return tr(
        "{names} {figures} 年印作“{figures2}”，存疑；确认之前不据以计算。",
        names=_names(view, found)[0],
        figures=found.figures["year"],
        figures2=found.figures["text"],
    )


_CONTRADICTIONS = frozenset(
    {
        "baseline_magnitude", "ratio_of_rows", "unit_change", "covers_differ", "wording_differs",
        "commitment_sum", "commitment_level",
    }
)  # fmt: skip

_SENTENCES: Mapping[str, Callable[[View, Finding], str]] = {
    "baseline_magnitude": _baseline_magnitude,
    "baseline_suspect": _suspect,
    "implied_denominator": _implied_denominator,
    "ratio_of_rows": _ratio_of_rows,
    "cumulative_before_plan": _cumulative_before_plan,
    "baseline_meets_target": _meets,
    "targets_below_baseline": _below,
    "targets_above_baseline": _below,
    "unit_change": _unit_change,
    "covers_differ": _covers_differ,
    "wording_differs": _wording_differs,
    "set_by_other_level": _set_by,
    "no_official_tolerance": _tolerance,
    "commitment_sum": _sum,
    "commitment_level": _level,
    "commitment_bound": _bound,
}
