"""What a page says of how many more skilled workers the targets to come ask for."""

from __future__ import annotations

import math
from collections.abc import Mapping
from functools import reduce

import pandas as pd

from laoyou.formats import DASH, measured, number, signed
from laoyou.language import begun, clauses, listed, tr
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
    employed = view.plan.measurable[chain.employed].name.spoken
    asking = (chain.skilled, chain.share, chain.highly, chain.inner)
    named = listed(tr("第 {row} 行{name}", row=row.row, name=row.name.spoken) for row in asking)
    caption = tr("到各年末还要增加的人数，小字是要达到的人数：按{named}的目标", named=named)
    if view.sample_indicators & {chain.skilled.id, chain.highly.id, chain.employed}:
        caption = clauses([caption, tr("现有人数是演示数据")])
    heads = [
        tr("年末、{employed}", employed=employed),
        tr("推算{employed}", employed=employed),
        *(tr("按第 {row} 行", row=row.row) for row in asking),
    ]
    shown = table(caption, heads, rows, class_="data cards", numeric=range(1, 6))
    known = not any(lines["level"].isna().any() or lines["now"].isna().any() for lines in asked.values())
    drawn = asked_for(view, chain, asked, growth).html if known else ""
    words = listing(need_sentences(view, chain, asked))
    markup = words + drawn + shown + details(tr("这些数怎么算"), listing(_definitions(view, chain, growth)))
    return Html(markup, plain(markup))


def _definitions(view: View, chain: Chain, growth: Mapping[str, float]) -> list[str]:
    employed = view.plan.measurable[chain.employed].name.spoken
    rates = listed(
        tr("{scenario}（每年 {rate}%）", scenario=SCENARIOS[scenario], rate=signed(100 * rate, "", 2))
        for scenario, rate in growth.items()
        if rate
    )
    told = {"employed": employed, "rates": rates, "skilled": chain.skilled.row, "share": chain.share.row}
    return [
        tr(
            "{employed}从本季末起按固定比率变动：{rates}，或不变。"
            "减少的比率是规划第 {skilled} 行和第 {share} 行的目标隐含的降幅；都是推算，不是预测。", **told,
        )
        if "falling" in growth and view.rules.skills.falling == "plan"
        else tr("{employed}从本季末起按固定比率变动：{rates}，或不变。都是推算，不是预测。", **told),
        tr(
            "占比目标要的人数 = 目标 × 推算的{employed}，向上取整；高技能占比的分母，取同一情形下两项目标所要的和现有的技能人才中最多的，"
            "这样一个数同时满足各项目标。", **told,
        ),
        tr("还要增加 = 要达到的 − 本季末现有的；不为正就写“已够”。"),
    ]  # fmt: skip


def _more(value: float) -> str:
    return DASH if math.isnan(value) else number(value) if value > 0 else begun(tr("已够"))


def _need_row(chain: Chain, asked: pd.DataFrame, year: int, scenario: str, growth: float) -> list[str]:
    lines = {line["indicator"]: line for line in asked[asked["scenario"] == scenario].to_dict("records")}
    rate = tr("每年 {rate}%", rate=signed(100 * growth, "", 2)) if growth else ""
    cells = [
        escape(_more(lines[id]["more"]))
        + element("small", escape(tr("要 {level}", level=number(lines[id]["level"]))))
        for id in (chain.skilled.id, chain.share.id, chain.highly.id, chain.inner.id)
    ]
    head = escape(tr("{year} 年末，{scenario}", year=year, scenario=SCENARIOS[scenario])) + (
        element("small", escape(rate)) if rate else ""
    )
    return [head, escape(number(lines[chain.share.id]["base"])), *cells]


def need_sentences(view: View, chain: Chain, asked: Mapping[int, pd.DataFrame]) -> list[str]:
    """Return, for each year to come, what the targets ask for and which of the two binds."""
    unit, employed = chain.skilled.unit, view.plan.measurable[chain.employed].name.spoken
    said = []
    for year, lines in asked.items():
        stock, share = (
            {str(s): float(n) for s, n in lines[lines["indicator"] == id][["scenario", "more"]].to_numpy()}
            for id in (chain.skilled.id, chain.share.id)
        )
        if any(map(math.isnan, [*stock.values(), *share.values()])):
            said.append(tr("{year} 年末：{why}。", year=year, why=_why_unknown(view, chain)))
            continue
        told = listed(
            tr("{scenario}时{more}", scenario=SCENARIOS[scenario], more=_more_words(more, unit))
            for scenario, more in share.items()
        )
        binds = [SCENARIOS[scenario] for scenario in share if share[scenario] > stock[scenario]]
        if binds:
            when = reduce(lambda one, other: tr("{one}或{other}", one=one, other=other), binds)
            tail = tr("{employed}{when}时，总量达标还不够占比达标", employed=employed, when=when)
        else:
            tail = tr("总量达标，占比也就达标")
        said.append(
            tr(
                "{year} 年末：总量目标{total}；占比目标随{employed}变，{told}。{tail}。",
                year=year,
                total=_more_words(next(iter(stock.values())), unit),
                employed=employed,
                told=told,
                tail=begun(tail),
            )
        )
    return said


def _more_words(more: float, unit: str) -> str:
    return tr("还要 {more}", more=measured(more, unit)) if more > 0 else tr("已够")


def _why_unknown(view: View, chain: Chain) -> str:
    known = _now(view, chain)
    lacking = listed(
        view.plan.measurable[id].name.spoken for id, number in known.items() if math.isnan(number)
    )
    return (
        tr("本季没有{lacking}的数，还差多少算不出来", lacking=lacking)
        if lacking
        else tr("目标栏没有可用的数")
    )
