"""What a page says of how many more skilled workers the targets to come ask for."""

from __future__ import annotations

import math
from collections.abc import Mapping

import pandas as pd

from laoyou.formats import measured, number, signed
from laoyou.markup import Html, details, element, escape, listing, plain, table
from laoyou.pages.skill_charts import SCENARIOS, asked_for
from laoyou.pages.skill_words import figure_of, nothing
from laoyou.skills import Chain, chain_of, growths, needs
from laoyou.view import View


def _now(view: View, chain: Chain) -> dict[str, float]:
    """Return the stocks and the employed at the quarter's end [persons]."""
    ids = (chain.skilled.id, chain.highly.id, chain.employed)
    return {id: figure_of(view, id, view.quarter) for id in ids}


def still_asked(view: View) -> Html:
    """Return how many more skilled workers each target to come asks for as employment falls, stands or rises."""
    chain = chain_of(view.plan)
    if chain is None:
        return nothing()
    figures, growth = _now(view, chain), growths(view.plan, chain, view.rules.skills)
    first = view.year + (view.quarter.quarter == 4)
    years = [year for year in view.plan.years if year >= first] or [view.plan.last_year]
    asked = {year: needs(view.plan, chain, view.rules.skills, view.quarter, figures, year) for year in years}
    rows = [
        _need_row(chain, asked[year], year, scenario, growth[scenario])
        for year in years
        for scenario in growth
    ]
    employed = view.plan.measurable[chain.employed].name.zh
    asking = (chain.skilled, chain.share, chain.highly, chain.inner)
    named = "、".join(f"第 {row.row} 行{row.name.zh}" for row in asking)
    sample = view.sample_indicators & {chain.skilled.id, chain.highly.id, chain.employed}
    caption = f"到各年末还要增加的人数，小字是要达到的人数：按{named}的目标" + (
        "；现有人数是演示数据" if sample else ""
    )
    heads = [f"年末、{employed}", f"推算{employed}", *(f"按第 {row.row} 行" for row in asking)]
    shown = table(caption, heads, rows, class_="data cards", numeric=range(1, 6))
    known = not any(lines["level"].isna().any() or lines["now"].isna().any() for lines in asked.values())
    drawn = asked_for(view, chain, asked, growth).html if known else ""
    words = listing(need_sentences(view, chain, asked))
    markup = words + drawn + shown + details("这些数怎么算", listing(_definitions(view, chain, growth)))
    return Html(markup, plain(markup))


def _definitions(view: View, chain: Chain, growth: Mapping[str, float]) -> list[str]:
    employed = view.plan.measurable[chain.employed].name.zh
    rates = "、".join(f"{SCENARIOS[s]}（每年 {signed(100 * g, '', 2)}%）" for s, g in growth.items() if g)
    falling = (
        f"{SCENARIOS['falling']}的比率是规划第 {chain.skilled.row} 行和第 {chain.share.row} 行的目标隐含的降幅；"
        if "falling" in growth and view.rules.skills.falling == "plan"
        else ""
    )
    return [
        f"{employed}从本季末起按固定比率变动：{rates}，或不变。{falling}都是推算，不是预测。",
        f"占比目标要的人数 = 目标 × 推算的{employed}，向上取整；"
        "高技能占比的分母，取同一情形下两项目标所要的和现有的技能人才中最多的，这样一个数同时满足各项目标。",
        "还要增加 = 要达到的 − 本季末现有的；不为正就写“已够”。",
    ]


def _more(value: float) -> str:
    return "—" if math.isnan(value) else number(value) if value > 0 else "已够"


def _need_row(chain: Chain, asked: pd.DataFrame, year: int, scenario: str, growth: float) -> list[str]:
    lines = {line["indicator"]: line for line in asked[asked["scenario"] == scenario].to_dict("records")}
    rate = f"每年 {signed(100 * growth, '', 2)}%" if growth else ""
    cells = [
        escape(_more(lines[id]["more"])) + element("small", escape(f"要 {number(lines[id]['level'])}"))
        for id in (chain.skilled.id, chain.share.id, chain.highly.id, chain.inner.id)
    ]
    head = escape(f"{year} 年末，{SCENARIOS[scenario]}") + (element("small", escape(rate)) if rate else "")
    return [head, escape(number(lines[chain.share.id]["base"])), *cells]


def need_sentences(view: View, chain: Chain, asked: Mapping[int, pd.DataFrame]) -> list[str]:
    """Return, for each year to come, what the targets ask for and which of the two binds."""
    unit, employed = chain.skilled.unit, view.plan.measurable[chain.employed].name.zh
    said = []
    for year, lines in asked.items():
        stock, share = (
            {str(s): float(n) for s, n in lines[lines["indicator"] == id][["scenario", "more"]].to_numpy()}
            for id in (chain.skilled.id, chain.share.id)
        )
        if any(map(math.isnan, [*stock.values(), *share.values()])):
            said.append(f"{year} 年末：{_why_unknown(view, chain)}")
            continue
        told = "、".join(f"{SCENARIOS[s]}时{_more_words(n, unit)}" for s, n in share.items())
        binds = [SCENARIOS[s] for s in share if share[s] > stock[s]]
        tail = (
            f"{employed}{'或'.join(binds)}时，总量达标还不够占比达标" if binds else "总量达标，占比也就达标"
        )
        total = _more_words(next(iter(stock.values())), unit)
        said.append(f"{year} 年末：总量目标{total}；占比目标随{employed}变，{told}。{tail}。")
    return said


def _more_words(more: float, unit: str) -> str:
    return f"还要 {measured(more, unit)}" if more > 0 else "已够"


def _why_unknown(view: View, chain: Chain) -> str:
    known = _now(view, chain)
    lacking = "、".join(
        view.plan.measurable[id].name.zh for id, number in known.items() if math.isnan(number)
    )
    return f"本季没有{lacking}的数，还差多少算不出来。" if lacking else "目标栏没有可用的数。"
