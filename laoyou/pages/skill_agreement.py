"""What a page says of whether the shares of skilled workers agree with the stocks they are made of."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import pandas as pd

from laoyou.formats import measured, number
from laoyou.language import listed, tr
from laoyou.markup import Html, details, escape, listing, plain, table
from laoyou.pages import charts
from laoyou.pages.skill_words import figure_of, nothing
from laoyou.periods import period_label
from laoyou.skills import Chain, chain_of, consistency, implied_employed
from laoyou.view import View


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
        + details(tr('逐季核对'), _quarters_table(view, chain, held), class_="wide")
        + details(
            tr('这些数怎么算'),
            listing([
                tr('报的占比与由总量算出的相差不超过 {rate_rounding} 个百分点为相符：一位小数的舍入误差。', rate_rounding=number(view.rules.ledger.rate_rounding, 3)),
                tr('隐含的从业人员 = {name} ÷ {name2}；规划的由同一年的两项目标算出。', name=chain.skilled.name.spoken, name2=chain.share.name.spoken),
                tr('存疑的基期不参加核对。'),
            ]),
        )
    )  # fmt: skip
    return Html(markup, plain(markup))


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
            "{name}与{name2}除以{name3}",
            name=view.plan.indicators[id].name.spoken,
            name2=top.name.spoken,
            name3=bottom.name.spoken,
        )
        if not told:
            said.append(tr("{name}：没有一季两边的数都有，核对不了。", name=name))
            continue
        text = tr(
            "{name}：{told} 个季度里 {told2} 个相符", name=name, told=len(told), told2=len(told) - len(wrong)
        )
        text += tr("，不相符的是{wrong}", wrong=listed(wrong)) if wrong else ""
        text += (
            tr("，{verdicts} 个数不全核对不了", verdicts=len(verdicts) - len(told))
            if len(told) < len(verdicts)
            else ""
        )
        row = _line(held, view.quarter, id)
        if not math.isnan(row["target_computed"]):
            text += tr(
                "；规划 {year} 年的目标 {row}，由总量目标算是 {row2}",
                year=view.year,
                row=measured(row["target"], "%", 2),
                row2=measured(row["target_computed"], "%", 2),
            )
        said.append(tr("{text}。", text=text))
    return said


def implied_sentence(view: View, chain: Chain, held: Mapping[pd.Period, pd.DataFrame]) -> str:
    """Return how many employed the figures imply this quarter, beside those reported and the plan's."""
    row, planned = _line(held, view.quarter, chain.share.id), implied_employed(view.plan, chain)
    series = view.plan.measurable[chain.employed]
    name, unit = series.name.spoken, series.unit
    known = figure_of(view, chain.employed, view.quarter)
    ours = tr("本季的数推不出{name}", name=name)
    if not math.isnan(row["implied"]):
        ours = tr("本季两项的数隐含{name} {row}", name=name, row=measured(row["implied"], unit))
    ours += "" if math.isnan(known) else tr("，报的是 {known}", known=measured(known, unit))
    if view.year not in planned:
        return tr("{ours}。", ours=ours)
    return tr(
        "{ours}；规划 {year} 年末隐含 {planned}。",
        ours=ours,
        year=view.year,
        planned=measured(planned[view.year], unit),
    )


def _line(held: Mapping[pd.Period, pd.DataFrame], quarter: pd.Period, id: str) -> dict[str, Any]:
    """Return what was held of a share in a quarter, by column."""
    return dict(held[quarter].loc[id].items())  # type: ignore[arg-type]


def _quarters_table(view: View, chain: Chain, held: Mapping[pd.Period, pd.DataFrame]) -> str:
    words = {True: tr("相符"), False: tr("不相符"), None: tr("数不全")}
    rows = []
    for quarter in reversed(list(held)):
        cells = [period_label(quarter)]
        for id in (chain.share.id, chain.inner.id):
            row = _line(held, quarter, id)
            agrees = None if row["agrees"] is None else bool(row["agrees"])
            cells += [number(row["reported"], 2), number(row["computed"], 2), words[agrees]]
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
