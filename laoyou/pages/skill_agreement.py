"""What a page says of whether the shares of skilled workers agree with the stocks they are made of."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import pandas as pd

from laoyou.formats import measured, number
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
        + details("逐季核对", _quarters_table(view, chain, held), class_="wide")
        + details(
            "这些数怎么算",
            listing([
                f"报的占比与由总量算出的相差不超过 {number(view.rules.ledger.rate_rounding, 3)} 个百分点为相符：一位小数的舍入误差。",
                f"隐含的从业人员 = {chain.skilled.name.zh} ÷ {chain.share.name.zh}；规划的由同一年的两项目标算出。",
                "存疑的基期不参加核对。",
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
        name = f"{view.plan.indicators[id].name.zh}与{top.name.zh}除以{bottom.name.zh}"
        if not told:
            said.append(f"{name}：没有一季两边的数都有，核对不了。")
            continue
        text = f"{name}：{len(told)} 个季度里 {len(told) - len(wrong)} 个相符"
        text += f"，不相符的是{'、'.join(wrong)}" if wrong else ""
        text += f"，{len(verdicts) - len(told)} 个数不全核对不了" if len(told) < len(verdicts) else ""
        row = _line(held, view.quarter, id)
        if not math.isnan(row["target_computed"]):
            text += f"；规划 {view.year} 年的目标 {measured(row['target'], '%', 2)}，由总量目标算是 {measured(row['target_computed'], '%', 2)}"
        said.append(f"{text}。")
    return said


def implied_sentence(view: View, chain: Chain, held: Mapping[pd.Period, pd.DataFrame]) -> str:
    """Return how many employed the figures imply this quarter, beside those reported and the plan's."""
    row, planned = _line(held, view.quarter, chain.share.id), implied_employed(view.plan, chain)
    series = view.plan.measurable[chain.employed]
    name, unit = series.name.zh, series.unit
    known = figure_of(view, chain.employed, view.quarter)
    ours = f"本季的数推不出{name}"
    if not math.isnan(row["implied"]):
        ours = f"本季两项的数隐含{name} {measured(row['implied'], unit)}"
    ours += "" if math.isnan(known) else f"，报的是 {measured(known, unit)}"
    if view.year not in planned:
        return f"{ours}。"
    return f"{ours}；规划 {view.year} 年末隐含 {measured(planned[view.year], unit)}。"


def _line(held: Mapping[pd.Period, pd.DataFrame], quarter: pd.Period, id: str) -> dict[str, Any]:
    """Return what was held of a share in a quarter, by column."""
    return dict(held[quarter].loc[id].items())  # type: ignore[arg-type]


def _quarters_table(view: View, chain: Chain, held: Mapping[pd.Period, pd.DataFrame]) -> str:
    words = {True: "相符", False: "不相符", None: "数不全"}
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
    heads = ["季度"]
    for indicator in (chain.share, chain.inner):
        heads += [
            f"第 {indicator.row} 行（%）",
            f"第 {indicator.row} 行，由总量算（%）",
            f"第 {indicator.row} 行核对",
        ]
    heads += ["隐含人数", "规划当年末隐含"]
    return table("占比与总量逐季核对", heads, rows, class_="data cards", numeric=(1, 2, 4, 5, 7, 8))
