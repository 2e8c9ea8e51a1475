"""The sentences on the plan document itself: one for each code of ``findings``."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from laoyou.findings import Finding
from laoyou.formats import difference_unit, number, signed, unit_words
from laoyou.language import Words, clauses, listed, mark, sentence, tr, trn
from laoyou.view import View

VERDICTS = Words({"contradicts": mark("不相符"), "mind": mark("须留意"), "agrees": mark("相符")})
"""What a finding amounts to, the gravest first."""


def finding_sentence(view: View, found: Finding) -> str:
    """Return a finding as a sentence.

    Parameters
    ----------
    view : the page; gives the names
    found : one of ``plan.findings()``
    """
    return _SENTENCES[found.code](view, found)


def finding_verdict(found: Finding) -> str:
    """Return whether a finding agrees, contradicts, or only has to be borne in mind: a key of ``VERDICTS``."""
    return "agrees" if found.holds else "contradicts" if found.code in _CONTRADICTIONS else "mind"


def _names(view: View, found: Finding) -> list[str]:
    return [view.plan.indicators[id].name.spoken for id in found.indicators]


def _n(found: Finding, key: str, decimals: int = 0) -> str:
    return number(float(found.figures[key]), decimals)


def _series_name(view: View, found: Finding) -> str:
    return view.plan.measurable[str(found.figures["denominator"])].name.spoken


def _by_year(view: View, found: Finding, decimals: int = 0) -> str:
    years = [str(y) for y in view.plan.years if str(y) in found.figures]
    return listed(tr("{year} 年 {value}", year=y, value=_n(found, y, decimals)) for y in years)


def _promise(view: View, found: Finding) -> str:
    commitment = view.plan.commitments[str(found.figures["commitment"])]
    return tr("{reference}的“{name}”", reference=commitment.reference, name=commitment.name.spoken)


def _baseline_magnitude(view: View, found: Finding) -> str:
    return tr(
        "{name} {year} 年印作 {printed}，按它推出的{implied}只有 {by_printed} 人，而按 {first_year} 年的目标是 {by_target} 人；"
        "若作 {alternative}，则为 {by_alternative} 人，前后相接。疑少印一位；原文照录，主管单位确认之前不据以计算。",
        name=_names(view, found)[0],
        year=found.figures["year"],
        printed=f"{found.figures['printed']:g}",
        implied=_series_name(view, found),
        by_printed=_n(found, "implied_printed"),
        first_year=found.figures["first_year"],
        by_target=_n(found, "implied_first_year"),
        alternative=_n(found, "alternative"),
        by_alternative=_n(found, "implied_alternative"),
    )


def _implied_denominator(view: View, found: Finding) -> str:
    count, share = _names(view, found)
    said = {
        "count": count,
        "share": share,
        "implied": _series_name(view, found),
        "by_year": _by_year(view, found),
    }
    if found.figures["falls"] == found.figures["steps"]:
        return tr(
            "{count}与{share}的目标隐含的{implied}逐年减少（{by_year}），总量达标并不保证比例达标。", **said
        )
    return tr(
        "{count}与{share}的目标隐含的{implied}有增有减（{by_year}），总量达标并不保证比例达标。", **said
    )


def _ratio_of_rows(view: View, found: Finding) -> str:
    said = dict(zip(("share", "part", "whole"), _names(view, found), strict=True))
    said |= {"by_year": _by_year(view, found, 2), "gap": _n(found, "largest_gap", 4)}
    if found.holds:
        return tr("{share}等于{part}除以{whole}：{by_year}，与所印目标相符（最大相差 {gap}）。", **said)
    return tr("{share}等于{part}除以{whole}：{by_year}，与所印目标不符（最大相差 {gap}）。", **said)


def _cumulative_before_plan(view: View, found: Finding) -> str:
    return tr(
        "{name}从 {since} 年起累计，{last_year} 年的 {total} 里有 {outside} 是规划期之前的，规划期内只要 {within}。",
        name=_names(view, found)[0],
        since=found.figures["since"],
        last_year=found.figures["last_year"],
        total=_n(found, "total"),
        outside=_n(found, "outside"),
        within=_n(found, "within"),
    )


def _changes(view: View, found: Finding) -> str:
    """Return each row's last target less its baseline, by name."""
    parts = []
    for id in found.indicators:
        indicator, change = view.plan.indicators[id], float(found.figures[id])
        size = signed(change, indicator.unit, indicator.decimals)
        parts.append(
            tr(
                "{name}（{size} {unit}）",
                name=indicator.name.spoken,
                size=size,
                unit=difference_unit(indicator.unit),
            )
            if change
            else tr("{name}（持平）", name=indicator.name.spoken)
        )
    return listed(parts)


def _meets(view: View, found: Finding) -> str:
    return trn(
        "{all} 项指标中有 {n} 项在 {baseline_year} 年就已达到 {year} 年的目标（括号内为目标减当年实际）：{changes}。这些指标“达标”不等于“改善”。",
        int(found.figures["count"]),
        all=found.figures["of"],
        baseline_year=found.figures["baseline_year"],
        year=found.figures["year"],
        changes=_changes(view, found),
    )


def _below(view: View, found: Finding) -> str:
    return trn(
        "{n} 项的目标定得比 {baseline_year} 年的实际还宽（括号内为目标减实际）：{changes}。",
        int(found.figures["count"]),
        baseline_year=found.figures["baseline_year"],
        changes=_changes(view, found),
    )


def _unit_change(view: View, found: Finding) -> str:
    return tr(
        "{name}的单位是{unit}，{year} 年却写“{cell}”（此前为 {before}），两者不是同一个量，需要另报覆盖率。",
        name=_names(view, found)[0],
        unit=unit_words(str(found.figures["unit"])),
        year=found.figures["year"],
        cell=found.figures["text"],
        before=found.figures["before"],
    )


def _covers_differ(view: View, found: Finding) -> str:
    return tr(
        "{name}：目标表涵盖 {table_groups} 类人（{table}），正文只提 {text_groups} 类（{text}）。",
        name=_names(view, found)[0],
        table_groups=found.figures["table_groups"],
        table=found.figures["table"],
        text_groups=found.figures["text_groups"],
        text=found.figures["text"],
    )


def _wording_differs(view: View, found: Finding) -> str:
    return tr(
        "{name}：目标表写“{table}”，正文写“{text}”。",
        name=_names(view, found)[0],
        table=found.figures["table"],
        text=found.figures["text"],
    )


def _set_by(view: View, found: Finding) -> str:
    setter = view.regions[str(found.figures["set_by"])].spoken
    return tr("{name}由{setter}制定，不是本级能够完成的任务。", name=_names(view, found)[0], setter=setter)


def _tolerance(view: View, found: Finding) -> str:
    return trn(
        "{name}有 {n} 格写“左右”，没有官方容差；本报告按 ±{tolerance}% 判定，规则可改。",
        int(found.figures["cells"]),
        name=_names(view, found)[0],
        tolerance=number(100 * view.rules.attainment.about_tolerance),
    )


def _sum(view: View, found: Finding) -> str:
    said = {
        "promise": _promise(view, found),
        "stated": _n(found, "stated"),
        "years": found.figures["years"],
        "sum": _n(found, "computed"),
    }
    told = (
        tr("{promise} {stated}，{years} 年目标之和 {sum}，相符", **said)
        if found.holds
        else tr("{promise} {stated}，{years} 年目标之和 {sum}，不符", **said)
    )
    if "baseline" not in found.figures:
        return sentence(told)
    baseline, more = _n(found, "baseline"), _n(found, "with_baseline")
    return sentence(clauses([told, tr("若连基期 {baseline} 也算则是 {sum}", baseline=baseline, sum=more)]))


def _level(view: View, found: Finding) -> str:
    said = {
        "promise": _promise(view, found),
        "text": found.figures["text"],
        "year": found.figures["year"],
        "table": found.figures["table"],
    }
    if found.holds:
        return tr("{promise}写“{text}”，目标表 {year} 年写“{table}”，数值相符。", **said)
    return tr("{promise}写“{text}”，目标表 {year} 年写“{table}”，数值不符。", **said)


def _bound(view: View, found: Finding) -> str:
    said = {"promise": _promise(view, found), "text": found.figures["text"], "table": found.figures["table"]}
    if found.figures["comparison"] == "stricter":
        return tr("{promise}写“{text}”，目标表写“{table}”，数值相同，字面更严；判定一律按“不低于”。", **said)
    return tr("{promise}写“{text}”，目标表写“{table}”，数值相同，字面更宽；判定一律按“不低于”。", **said)


def _suspect(view: View, found: Finding) -> str:
    return tr(
        "{name} {year} 年印作“{cell}”，存疑；确认之前不据以计算。",
        name=_names(view, found)[0],
        year=found.figures["year"],
        cell=found.figures["text"],
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
