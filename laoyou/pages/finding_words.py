"""The sentences on the plan document itself: one for each code of ``findings``."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from laoyou.findings import Finding
from laoyou.formats import number, signed
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
    return "相符" if found.holds else "不相符" if found.code in _CONTRADICTIONS else "须留意"


def _names(view: View, found: Finding) -> list[str]:
    return [view.plan.indicators[id].name.zh for id in found.indicators]


def _n(found: Finding, key: str, decimals: int = 0) -> str:
    return number(float(found.figures[key]), decimals)


def _series_name(view: View, found: Finding) -> str:
    return view.plan.measurable[str(found.figures["denominator"])].name.zh


def _by_year(view: View, found: Finding, decimals: int = 0) -> str:
    years = [str(y) for y in view.plan.years if str(y) in found.figures]
    return "、".join(f"{y} 年 {_n(found, y, decimals)}" for y in years)


def _promise(view: View, found: Finding) -> str:
    commitment = view.plan.commitments[str(found.figures["commitment"])]
    return f"{commitment.reference}的“{commitment.name.zh}”"


def _baseline_magnitude(view: View, found: Finding) -> str:
    name, implied = _names(view, found)[0], _series_name(view, found)
    f = found.figures
    return (
        f"{name} {f['year']} 年印作 {f['printed']:g}，按它推出的{implied}只有 {_n(found, 'implied_printed')} 人，"
        f"而按 {f['first_year']} 年的目标是 {_n(found, 'implied_first_year')} 人；若作 {_n(found, 'alternative')}，"
        f"则为 {_n(found, 'implied_alternative')} 人，前后相接。疑少印一位；原文照录，主管单位确认之前不据以计算。"
    )


def _implied_denominator(view: View, found: Finding) -> str:
    falls, steps = found.figures["falls"], found.figures["steps"]
    course = "逐年减少" if falls == steps else "有增有减"
    pair = "与".join(_names(view, found))
    return f"{pair}的目标隐含的{_series_name(view, found)}{course}（{_by_year(view, found)}），总量达标并不保证比例达标。"


def _ratio_of_rows(view: View, found: Finding) -> str:
    share, top, bottom = _names(view, found)
    verdict = "与所印目标相符" if found.holds else "与所印目标不符"
    return f"{share}等于{top}除以{bottom}：{_by_year(view, found, 2)}，{verdict}（最大相差 {_n(found, 'largest_gap', 4)}）。"


def _cumulative_before_plan(view: View, found: Finding) -> str:
    f = found.figures
    return (
        f"{_names(view, found)[0]}从 {f['since']} 年起累计，{f['last_year']} 年的 {_n(found, 'total')} 里有 {_n(found, 'outside')} "
        f"是规划期之前的，规划期内只要 {_n(found, 'within')}。"
    )


def _changes(view: View, found: Finding) -> str:
    parts = []
    for id in found.indicators:
        indicator = view.plan.indicators[id]
        unit = "个百分点" if indicator.unit == "%" else indicator.unit
        change = float(found.figures[id])
        parts.append(
            f"{indicator.name.zh}（{signed(change, indicator.unit, indicator.decimals)} {unit}）"
            if change
            else f"{indicator.name.zh}（持平）"
        )
    return "、".join(parts)


def _meets(view: View, found: Finding) -> str:
    f = found.figures
    return (
        f"{f['of']} 项指标中有 {f['count']} 项在 {f['baseline_year']} 年就已达到 {f['year']} 年的目标（括号内为目标减当年实际）：{_changes(view, found)}。"
        "这些指标“达标”不等于“改善”。"
    )


def _below(view: View, found: Finding) -> str:
    return f"{found.figures['count']} 项的目标定得比 {found.figures['baseline_year']} 年的实际还宽（括号内为目标减实际）：{_changes(view, found)}。"


def _unit_change(view: View, found: Finding) -> str:
    f = found.figures
    return f"{_names(view, found)[0]}的单位是{f['unit']}，{f['year']} 年却写“{f['text']}”（此前为 {f['before']}），两者不是同一个量，需要另报覆盖率。"


def _covers_differ(view: View, found: Finding) -> str:
    f = found.figures
    return f"{_names(view, found)[0]}：目标表涵盖 {f['table_groups']} 类人（{f['table']}），正文只提 {f['text_groups']} 类（{f['text']}）。"


def _wording_differs(view: View, found: Finding) -> str:
    return f"{_names(view, found)[0]}：目标表写“{found.figures['table']}”，正文写“{found.figures['text']}”。"


def _set_by(view: View, found: Finding) -> str:
    setter = view.regions[str(found.figures["set_by"])].zh
    return f"{_names(view, found)[0]}由{setter}制定，不是本级能够完成的任务。"


def _tolerance(view: View, found: Finding) -> str:
    share = view.rules.attainment.about_tolerance
    return f"{_names(view, found)[0]}有 {found.figures['cells']} 格写“左右”，没有官方容差；本报告按 ±{number(100 * share)}% 判定，规则可改。"


def _sum(view: View, found: Finding) -> str:
    f = found.figures
    verdict = "相符" if found.holds else "不符"
    outside = (
        f"；若连基期 {_n(found, 'baseline')} 也算则是 {_n(found, 'with_baseline')}" if "baseline" in f else ""
    )
    return f"{_promise(view, found)} {_n(found, 'stated')}，{f['years']} 年目标之和 {_n(found, 'computed')}，{verdict}{outside}。"


def _level(view: View, found: Finding) -> str:
    f = found.figures
    verdict = "数值相符" if found.holds else "数值不符"
    return f"{_promise(view, found)}写“{f['text']}”，目标表 {f['year']} 年写“{f['table']}”，{verdict}。"


def _bound(view: View, found: Finding) -> str:
    f = found.figures
    firmer = "更严" if f["comparison"] == "stricter" else "更宽"
    return f"{_promise(view, found)}写“{f['text']}”，目标表写“{f['table']}”，数值相同，字面{firmer}；判定一律按“不低于”。"


def _suspect(view: View, found: Finding) -> str:
    return f"{_names(view, found)[0]} {found.figures['year']} 年印作“{found.figures['text']}”，存疑；确认之前不据以计算。"


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
