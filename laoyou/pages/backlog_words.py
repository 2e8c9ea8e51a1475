"""What a page says of the cases under way: how many, how old, what they amount to, and why a rate can rise meanwhile."""

from __future__ import annotations

import math

import pandas as pd

from laoyou.cases.backlog import QuarterChange, ageing, quarter_change, sums, year_change
from laoyou.formats import DASH, number, percent, signed
from laoyou.language import Words, begun, clauses, mark, markn, sentence, tr, trn
from laoyou.markup import Html
from laoyou.pages.backlog_charts import FLOWS, rate_and_backlog, under_way
from laoyou.pages.case_view import Cases, explained, said, sentences, shown
from laoyou.periods import period_label

WITHHELD = mark("不公布")
CONCERNED = Words({"open": mark("季末在办"), "resolved": mark("本季化解")})
RATES = ("numerator_before", "denominator_before", "numerator", "denominator")


def changes(cases: Cases) -> dict[pd.Period, QuarterChange]:
    """Return how each quarter moved the rate and the cases unresolved; first quarters, which begin at 0, are left out."""
    return {
        quarter: _change(row) for quarter, (_, row) in zip(cases.flows.index, cases.flows.iterrows(), strict=True)
        if quarter.quarter > 1
    }  # fmt: skip


def _change(row: pd.Series[int]) -> QuarterChange:
    before, due_before, now, due = (int(row[name]) for name in RATES)
    return quarter_change(before, due_before, now, due)


def backlog_point(cases: Cases) -> str:
    """Return what came in, went out and is left of the quarter, as a sentence."""
    now = cases.flows.iloc[-1]
    told = {name: number(now[name]) for name in FLOWS}
    balance = (
        tr(
            "季初结转 {carried_over} 件，新受理 {new} 件，化解 {resolved} 件，其他办结 {ended_otherwise} 件",
            **told,
        )
        if now["ended_otherwise"]
        else tr("季初结转 {carried_over} 件，新受理 {new} 件，化解 {resolved} 件", **told)
    )
    change, left = int(now["open"] - now["carried_over"]), int(now["open"])
    told = {"open": number(left), "change": number(abs(change)), "balance": balance}
    if change > 0:
        text = trn("季末在办 {open} 件，比季初增加 {change} 件：{balance}", left, **told)
    elif change < 0:
        text = trn("季末在办 {open} 件，比季初减少 {change} 件：{balance}", left, **told)
    else:
        text = trn("季末在办 {open} 件，与季初持平：{balance}", left, **told)
    return sentence(clauses([text, rate_words(cases)]))


def rate_words(cases: Cases) -> str:
    """Return how the quarter moved the rate since January; empty where nothing was due."""
    change = _change(cases.flows.iloc[-1])
    if math.isnan(change.rate):
        return ""
    told = {"name": _name(cases), "rate": percent(change.rate)}
    if cases.view.quarter.quarter == 1 or math.isnan(change.rate_before):
        return tr("{name}每年从 0 起算，季末为 {rate}", **told)
    told |= {"before": percent(change.rate_before)}
    ahead = round(change.resolved - change.keeps_rate, 9)
    if ahead > 0:
        return tr("{name}由季初的 {before} 升到 {rate}", **told)
    if ahead < 0:
        return tr("{name}由季初的 {before} 降到 {rate}", **told)
    return tr("{name}与季初的 {before} 持平", **told)


def _name(cases: Cases) -> str:
    return cases.view.plan.indicators[cases.id].name.spoken


def thresholds(cases: Cases, change: QuarterChange) -> str:
    """Return why the rate and the backlog moved as they did in a quarter, by its own figures.

    Parameters
    ----------
    cases : the cases
    change : how the quarter moved the rate and the cases unresolved
    """
    told = {
        "name": _name(cases),
        "due": number(change.due),
        "fewer": number(-change.due),
        "resolved": number(change.resolved),
        "before": number(change.unresolved_before),
        "now": number(change.unresolved),
        "rate_before": percent(change.rate_before),
        "rate": percent(change.rate),
        "keeps_rate": number(change.keeps_rate, 1),
        "keeps_backlog": number(change.keeps_backlog),
    }
    if math.isnan(change.rate_before):
        return tr("季初没有应办的线索，{name}没有可比的季初值。", **told)
    if change.due < 0:
        return tr(
            "本季应办减少 {fewer} 件（新受理的不多于认定为不属实等而剔除的），化解 {resolved} 件，"
            "应办未化解由 {before} 件到 {now} 件。", **told,
        )  # fmt: skip
    if change.due == 0:
        return tr(
            "本季应办不变（新受理的不多于认定为不属实等而剔除的），化解 {resolved} 件，应办未化解由 {before} 件到 {now} 件。",
            **told,
        )
    if change.unresolved_before == 0:  # at 100 % the two thresholds are one, and the rate cannot rise
        return (
            tr(
                "季初应办的都已化解；本季应办增加 {due} 件，化解 {resolved} 件，{name}降到 {rate}，应办未化解的 {now} 件。",
                **told,
            )
            if change.unresolved
            else tr(
                "季初应办的都已化解；本季应办增加 {due} 件，化解 {resolved} 件，{name}仍是 100.0%。", **told
            )
        )
    needs = trn(
        "本季应办增加 {due} 件：化解超过 {keeps_rate} 件（季初的 {rate_before} × {due}），{name}就升；"
        "化解满 {keeps_backlog} 件，应办未化解的才不增加。", change.due, **told,
    )  # fmt: skip
    return sentences(needs, trn(_outcome(change), change.resolved, **told))


def _outcome(change: QuarterChange) -> str:
    """Return the message that says what a quarter's resolved cases were enough for, where more became due."""
    if change.rises_while_backlog_grows:
        return markn(
            "本季化解 {resolved} 件，在两者之间，所以{name}升了，应办未化解的也由 {before} 件增加到 {now} 件。"
        )
    if change.resolved == change.keeps_backlog:
        return markn("本季化解 {resolved} 件，两条都够，应办未化解的仍是 {now} 件。")
    if change.resolved > change.keeps_backlog:
        return markn("本季化解 {resolved} 件，两条都够，应办未化解的由 {before} 件减少到 {now} 件。")
    if round(change.resolved - change.keeps_rate, 9) == 0:
        return markn("本季化解 {resolved} 件，{name}不变，应办未化解的由 {before} 件增加到 {now} 件。")
    return markn("本季化解 {resolved} 件，{name}降了，应办未化解的由 {before} 件增加到 {now} 件。")


def backlog(cases: Cases) -> Html:
    """Draw what is under way, and tell its age, the persons and amounts concerned, and why the rate moved."""
    if cases.missing:
        return shown(said(cases.missing))
    charts = under_way(cases.flows, source=cases.source, sample=cases.records.sample).html
    compared = changes(cases)
    if compared:
        both = [q for q, c in compared.items() if c.rises_while_backlog_grows]
        charts += rate_and_backlog(
            compared, title=_both_title(cases, len(compared), len(both)), source=cases.source, sample=cases.records.sample
        ).html  # fmt: skip
    why = thresholds(cases, compared[cases.view.quarter]) if cases.view.quarter in compared else ""
    lines = [backlog_point(cases), why, _year(cases)]
    return shown(
        charts, *(said(line) for line in lines if line), _ages(cases), _concerned(cases), _terms(cases)
    )


def _both_title(cases: Cases, quarters: int, both: int) -> str:
    told = {"name": _name(cases), "both": both}
    return (
        trn("{n} 个季度（不含一季度）里，有 {both} 个{name}升了，积压却也增加", quarters, **told)
        if both
        else trn("{n} 个季度（不含一季度）里，没有一个是{name}升而积压也增的", quarters, **told)
    )


def _year(cases: Cases) -> str:
    """Return why more or fewer are unresolved than a year ago; empty where that quarter is not told."""
    if not cases.tells_last_year:
        return ""
    change = year_change(*cases.counted(cases.view.quarter - 4), *cases.counted(cases.view.quarter))
    size = abs(change.unresolved_change)
    if change.unresolved_change > 0:
        text = trn("与上年同期相比，应办未化解的增加 {size} 件", size, size=number(size))
    elif change.unresolved_change < 0:
        text = trn("与上年同期相比，应办未化解的减少 {size} 件", size, size=number(size))
    else:
        text = tr("与上年同期相比，应办未化解的不变")
    if math.isnan(change.by_volume):
        return sentence(text)
    return tr(
        "{text}：按算术分解，应办件数的变化占 {by_volume} 件，化解率的变化占 {by_rate} 件。",
        text=begun(text),
        by_volume=signed(change.by_volume, "", 1),
        by_rate=signed(change.by_rate, "", 1),
    )


def _ages(cases: Cases) -> str:
    """Return how old the cases under way are, as markup."""
    rules = cases.view.rules
    aged = ageing(cases.records.table, cases.view.quarter, rules.arrears.age_bands, rules.suppression.below)
    rows = [
        [
            _band(line["over"], line["upto"]),
            number(line["cases"]),
            _sum(line["workers"], withheld=line["withheld"]),
            _sum(line["amount"] / 10_000, 1, withheld=line["withheld"]),
        ]
        for line in aged.to_dict("records")
    ]
    heads = [tr("已受理"), tr("在办（件）"), tr("涉及人数"), tr("金额（万元）")]
    return cases.table(tr("季末在办的线索受理多久了"), heads, rows, (1, 2, 3))


def _band(over: float, upto: float) -> str:
    if math.isnan(upto):
        return tr("超过 {days} 天", days=number(over))
    return tr("{low}—{high} 天", low=number(0 if math.isnan(over) else over + 1), high=number(upto))


def _sum(value: float, decimals: int = 0, *, withheld: bool) -> str:
    return tr(WITHHELD) if withheld else number(value, decimals if value else 0)


def _concerned(cases: Cases) -> str:
    """Return how many persons and how much money the cases concern, as markup."""
    told = sums(cases.records.table, cases.view.quarter, cases.view.rules.suppression.below)
    rows = []
    for kind, line in told.iterrows():
        hidden = bool(line["withheld"])
        known = DASH if hidden else f"{number(line['workers_known'])} / {number(line['amount_known'])}"
        rows.append(
            [
                CONCERNED[str(kind)],
                number(line["cases"]),
                _sum(line["workers"], withheld=hidden),
                _sum(line["amount"] / 10_000, 1, withheld=hidden),
                known,
            ]
        )
    heads = [tr("线索"), tr("件数"), tr("涉及人数"), tr("金额（万元）"), tr("已填（件）")]
    return cases.table(tr("涉及多少人、多少钱；已填为填了人数 / 金额的件数"), heads, rows, (1, 2, 3, 4))


def _terms(cases: Cases) -> str:
    first, last = (period_label(cases.flows.index[n]) for n in (0, -1))
    below = cases.view.rules.suppression.below
    return explained(
        tr("这些件数怎么数的"),
        tr(
            "{first}至{last}逐季：季初结转加新受理，等于化解、其他办结与季末在办之和。其他办结指认定为重复、不属实或移送等；"
            "按当时的状态数，后来才认定不属实的，认定之前算在办。从明细里最早有办结的一季数起。",
            first=first,
            last=last,
        ),
        tr(
            "应办、化解都从 1 月 1 日累计：应办是上年结转加新受理，减去认定为剔除的；应办未化解是两者之差。"
            "记季初化解率为 R，本季应办增加 i 件、化解 r 件：r 大于 R·i 时化解率升，r 小于 i 时应办未化解增加；"
            "R 小于 1，所以 r 在 R·i 与 i 之间时两件事同时发生。一季度从 0 起算，不画。"
        ),
        tr(
            "与上年同期的算术分解：应办未化解 U = D·（1 − R），ΔU = （1 − R̄）·ΔD − D̄·ΔR，横线为两年的平均，两项之和恰为总变化；它不说明原因。"
        ),
        tr(
            "人数和金额只加填了的，没有填的不估。不到 {below} 件的合计不公布；只有一档不公布时，最小的另一档也不公布，使总数减不出来。"
            "全区的件数本身不涉及任何人，照列。",
            below=below,
        ),
    )
