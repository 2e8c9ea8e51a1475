"""What a page says of whether the shares of skilled workers agree with the stocks they are made of."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import pandas as pd

from laoyou.formats import measured, number
from laoyou.language import Words, begun, clauses, listed, mark, sentence, tr, trn
from laoyou.markup import Html, details, escape, listing, plain, table
from laoyou.pages import charts
from laoyou.pages.skill_words import figure_of, nothing
from laoyou.periods import period_label
from laoyou.skills import Chain, chain_of, consistency, implied_employed
from laoyou.view import View

AGREEMENT = Words({"agrees": mark("相符"), "differs": mark("不相符"), "unknown": mark("数不全")})


def agreement(view: View) -> Html:
    """Return whether the shares agree with the stocks they are made of, quarter by quarter and in the plan."""
    chain = chain_of(view.plan)
    if chain is None:
        return nothing()
    held = {
        q: _held(view, chain, q)
        for q in pd.period_range(f"{view.plan.first_year}Q1", view.quarter, freq="Q-DEC")
    }
    markup = (
        listing([*agreement_sentences(view, chain, held), implied_sentence(view, chain, held)])
        + charts.implied_employment(view, chain.share.id).html
        + details(tr("逐季核对"), _quarters_table(view, chain, held), class_="wide")
        + details(tr("这些数怎么算"), listing(_definitions(view, chain)))
    )
    return Html(markup, plain(markup))


def _definitions(view: View, chain: Chain) -> list[str]:
    return [
        tr(
            "报的占比与由总量算出的相差不超过 {tolerance} 个百分点为相符：一位小数的舍入误差。",
            tolerance=number(view.rules.ledger.rate_rounding, 3),
        ),
        tr(
            "隐含的从业人员 = {skilled} ÷ {share}；规划的由同一年的两项目标算出。",
            skilled=chain.skilled.name.spoken,
            share=chain.share.name.spoken,
        ),
        tr("存疑的基期不参加核对。"),
    ]


def _held(view: View, chain: Chain, quarter: pd.Period) -> pd.DataFrame:
    ids = (chain.skilled.id, chain.highly.id, chain.employed, chain.share.id, chain.inner.id)
    figures = {id: figure_of(view, id, quarter) for id in ids}
    return consistency(view.plan, chain, quarter, figures, view.rules.ledger.rate_rounding)


def agreement_sentences(view: View, chain: Chain, held: Mapping[pd.Period, pd.DataFrame]) -> list[str]:
    """Return, for each share, in how many quarters it agrees with its parts, and whether the plan's cells do."""
    said = []
    parts = {
        chain.share.id: (chain.skilled, view.plan.measurable[chain.employed]),
        chain.inner.id: (chain.highly, chain.skilled),
    }
    for id, (top, bottom) in parts.items():
        verdicts = {q: table.loc[id, "agrees"] for q, table in held.items()}
        told = [q for q, agrees in verdicts.items() if agrees is not None]
        wrong = [period_label(q) for q in told if not verdicts[q]]
        name = tr(
            "{share}与{numerator}除以{denominator}",
            share=view.plan.indicators[id].name.spoken,
            numerator=top.name.spoken,
            denominator=bottom.name.spoken,
        )
        if not told:
            said.append(tr("{name}：没有一季两边的数都有，核对不了。", name=name))
            continue
        unknown = len(verdicts) - len(told)
        text = trn(
            "{name}：{n} 个季度里 {agreeing} 个相符{but}{unknown}",
            len(told),
            name=name,
            agreeing=len(told) - len(wrong),
            but=tr("，不相符的是{quarters}", quarters=listed(wrong)) if wrong else "",
            unknown=trn("，{n} 个数不全核对不了", unknown) if unknown else "",
        )
        said.append(sentence(clauses([text, _planned(view, _line(held, view.quarter, id))])))
    return said


def _planned(view: View, row: Mapping[str, float]) -> str:
    """Return the year's target of a share beside what the targets of its parts make it; empty where they make none."""
    if math.isnan(row["target_computed"]):
        return ""
    return tr(
        "规划 {year} 年的目标 {target}，由总量目标算是 {computed}",
        year=view.year,
        target=measured(row["target"], "%", 2),
        computed=measured(row["target_computed"], "%", 2),
    )


def implied_sentence(view: View, chain: Chain, held: Mapping[pd.Period, pd.DataFrame]) -> str:
    """Return how many employed the figures imply this quarter, beside those reported and the plan's."""
    row, planned = _line(held, view.quarter, chain.share.id), implied_employed(view.plan, chain)
    series = view.plan.measurable[chain.employed]
    name, unit = series.name.spoken, series.unit
    known = figure_of(view, chain.employed, view.quarter)
    reported = "" if math.isnan(known) else tr("，报的是 {known}", known=measured(known, unit))
    if math.isnan(row["implied"]):
        ours = tr("本季的数推不出{name}{reported}", name=name, reported=reported)
    else:
        implied = measured(row["implied"], unit)
        ours = tr("本季两项的数隐含{name} {implied}{reported}", name=name, implied=implied, reported=reported)
    plans = ""
    if view.year in planned:
        plans = tr(
            "规划 {year} 年末隐含 {planned}", year=view.year, planned=measured(planned[view.year], unit)
        )
    return sentence(clauses([ours, plans]))


def _line(held: Mapping[pd.Period, pd.DataFrame], quarter: pd.Period, id: str) -> dict[str, Any]:
    """Return what was held of a share in a quarter, by column."""
    return dict(held[quarter].loc[id].items())  # type: ignore[arg-type]


def _quarters_table(view: View, chain: Chain, held: Mapping[pd.Period, pd.DataFrame]) -> str:
    rows = []
    for quarter in reversed(list(held)):
        cells = [period_label(quarter)]
        for id in (chain.share.id, chain.inner.id):
            row = _line(held, quarter, id)
            verdict = "unknown" if row["agrees"] is None else "agrees" if row["agrees"] else "differs"
            cells += [number(row["reported"], 2), number(row["computed"], 2), begun(AGREEMENT[verdict])]
        share = _line(held, quarter, chain.share.id)
        cells += [number(share["implied"]), number(share["target_implied"])]
        rows.append([escape(cell) for cell in cells])
    heads = [tr("季度")]
    for indicator in (chain.share, chain.inner):
        heads += [
            tr("第 {row} 行（%）", row=indicator.row),
            tr("第 {row} 行，由总量算（%）", row=indicator.row),
            tr("第 {row} 行核对", row=indicator.row),
        ]
    heads += [tr("隐含人数"), tr("规划当年末隐含")]
    return table(tr("占比与总量逐季核对"), heads, rows, class_="data cards", numeric=(1, 2, 4, 5, 7, 8))
