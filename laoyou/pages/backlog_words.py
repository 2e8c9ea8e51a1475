"""What a page says of the cases under way: how many, how old, what they amount to, and why a rate can rise meanwhile."""

from __future__ import annotations

import math

import pandas as pd

from laoyou.cases.backlog import QuarterChange, ageing, quarter_change, sums, year_change
from laoyou.formats import DASH, number, percent, signed
from laoyou.markup import Html
from laoyou.pages.backlog_charts import rate_and_backlog, under_way
from laoyou.pages.case_view import Cases, explained, said, shown
from laoyou.periods import period_label

WITHHELD = "不公布"
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


def moved(change: float, unit: str = "件") -> str:
    """Return how a number of cases changed: 增加 3 件, 减少 3 件, 不变."""
    return f"{'增加' if change > 0 else '减少'} {number(abs(change))} {unit}" if change else "不变"


def backlog_point(cases: Cases) -> str:
    """Return what came in, went out and is left of the quarter, as a sentence."""
    now = cases.flows.iloc[-1]
    balance = f"季初结转 {now['carried_over']} 件，新受理 {now['new']} 件，化解 {now['resolved']} 件"
    balance += f"，其他办结 {now['ended_otherwise']} 件" if now["ended_otherwise"] else ""
    change = int(now["open"] - now["carried_over"])
    rate = rate_words(cases)
    return (
        f"季末在办 {now['open']} 件，{'比季初' + moved(change) if change else '与季初持平'}：{balance}"
        + (f"；{rate}" if rate else "")
        + "。"
    )


def rate_words(cases: Cases) -> str:
    """Return how the quarter moved the rate since January; empty where nothing was due."""
    change = _change(cases.flows.iloc[-1])
    if math.isnan(change.rate):
        return ""
    name = cases.view.plan.indicators[cases.id].name.zh
    if cases.view.quarter.quarter == 1 or math.isnan(change.rate_before):
        return f"{name}每年从 0 起算，季末为 {percent(change.rate)}"
    word = _direction(change.resolved - change.keeps_rate)
    return f"{name}由季初的 {percent(change.rate_before)} {word}到 {percent(change.rate)}"


def _direction(value: float) -> str:
    value = round(value, 9)
    return "升" if value > 0 else "降" if value < 0 else "不变，仍"


def thresholds(cases: Cases, change: QuarterChange) -> str:
    """Return why the rate and the backlog moved as they did in a quarter, by its own figures.

    Parameters
    ----------
    cases : the cases
    change : how the quarter moved the rate and the cases unresolved
    """
    name = cases.view.plan.indicators[cases.id].name.zh
    if math.isnan(change.rate_before):
        return f"季初没有应办的线索，{name}没有可比的季初值。"
    if change.due <= 0:
        return (
            f"本季应办{moved(change.due)}（新受理的不多于认定为不属实等而剔除的），化解 {change.resolved} 件，"
            f"应办未化解由 {change.unresolved_before} 件到 {change.unresolved} 件。"
        )
    if change.unresolved_before == 0:  # at 100 % the two thresholds are one, and the rate cannot rise
        left = (
            f"{name}仍是 100.0%"
            if not change.unresolved
            else f"{name}降到 {percent(change.rate)}，应办未化解的 {change.unresolved} 件"
        )
        return f"季初应办的都已化解；本季应办增加 {change.due} 件，化解 {change.resolved} 件，{left}。"
    needs = (
        f"本季应办增加 {change.due} 件：化解超过 {number(change.keeps_rate, 1)} 件（季初的 {percent(change.rate_before)} × {change.due}），"
        f"{name}就升；化解满 {change.keeps_backlog} 件，应办未化解的才不增加。"
    )
    grown = f"由 {change.unresolved_before} 件增加到 {change.unresolved} 件"
    if change.rises_while_backlog_grows:
        verdict = f"本季化解 {change.resolved} 件，在两者之间，所以{name}升了，应办未化解的也{grown}。"
    elif change.resolved >= change.keeps_backlog:
        left = (
            f"仍是 {change.unresolved} 件"
            if change.resolved == change.keeps_backlog
            else f"由 {change.unresolved_before} 件减少到 {change.unresolved} 件"
        )
        verdict = f"本季化解 {change.resolved} 件，两条都够，应办未化解的{left}。"
    else:
        same = round(change.resolved - change.keeps_rate, 9) == 0
        fell = "不变" if same else "降了"
        verdict = f"本季化解 {change.resolved} 件，{name}{fell}，应办未化解的{grown}。"
    return needs + verdict


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
    name = cases.view.plan.indicators[cases.id].name.zh
    if not both:
        return f"{quarters} 个季度（不含一季度）里，没有一个是{name}升而积压也增的"
    return f"{quarters} 个季度（不含一季度）里，有 {both} 个{name}升了，积压却也增加"


def _year(cases: Cases) -> str:
    """Return why more or fewer are unresolved than a year ago; empty where that quarter is not told."""
    if not cases.tells_last_year:
        return ""
    change = year_change(*cases.counted(cases.view.quarter - 4), *cases.counted(cases.view.quarter))
    text = f"与上年同期相比，应办未化解的{moved(change.unresolved_change)}"
    if math.isnan(change.by_volume):
        return f"{text}。"
    return f"{text}：按算术分解，应办件数的变化占 {signed(change.by_volume, '', 1)} 件，化解率的变化占 {signed(change.by_rate, '', 1)} 件。"


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
    heads = ["已受理", "在办（件）", "涉及人数", "金额（万元）"]
    return cases.table("季末在办的线索受理多久了", heads, rows, (1, 2, 3))


def _band(over: float, upto: float) -> str:
    if math.isnan(upto):
        return f"超过 {number(over)} 天"
    return f"{number(0 if math.isnan(over) else over + 1)}—{number(upto)} 天"


def _sum(value: float, decimals: int = 0, *, withheld: bool) -> str:
    return WITHHELD if withheld else number(value, decimals if value else 0)


def _concerned(cases: Cases) -> str:
    """Return how many persons and how much money the cases concern, as markup."""
    told = sums(cases.records.table, cases.view.quarter, cases.view.rules.suppression.below)
    names = {"open": "季末在办", "resolved": "本季化解"}
    rows = []
    for kind, line in told.iterrows():
        hidden = bool(line["withheld"])
        known = DASH if hidden else f"{number(line['workers_known'])} / {number(line['amount_known'])}"
        rows.append(
            [
                names[str(kind)],
                number(line["cases"]),
                _sum(line["workers"], withheld=hidden),
                _sum(line["amount"] / 10_000, 1, withheld=hidden),
                known,
            ]
        )
    heads = ["线索", "件数", "涉及人数", "金额（万元）", "已填（件）"]
    return cases.table("涉及多少人、多少钱；已填为填了人数 / 金额的件数", heads, rows, (1, 2, 3, 4))


def _terms(cases: Cases) -> str:
    first, last = (period_label(cases.flows.index[n]) for n in (0, -1))
    below = cases.view.rules.suppression.below
    return explained(
        "这些件数怎么数的",
        f"{first}至{last}逐季：季初结转加新受理，等于化解、其他办结与季末在办之和。其他办结指认定为重复、不属实或移送等；"
        "按当时的状态数，后来才认定不属实的，认定之前算在办。从明细里最早有办结的一季数起。",
        "应办、化解都从 1 月 1 日累计：应办是上年结转加新受理，减去认定为剔除的；应办未化解是两者之差。"
        "记季初化解率为 R，本季应办增加 i 件、化解 r 件：r 大于 R·i 时化解率升，r 小于 i 时应办未化解增加；R 小于 1，"
        "所以 r 在 R·i 与 i 之间时两件事同时发生。一季度从 0 起算，不画。",
        "与上年同期的算术分解：应办未化解 U = D·（1 − R），ΔU = （1 − R̄）·ΔD − D̄·ΔR，横线为两年的平均，两项之和恰为总变化；它不说明原因。",
        f"人数和金额只加填了的，没有填的不估。不到 {below} 件的合计不公布；只有一档不公布时，最小的另一档也不公布，使总数减不出来。"
        "全区的件数本身不涉及任何人，照列。",
    )
