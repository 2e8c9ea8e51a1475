"""What a page says of the change of a rate since a year ago: by chance or not, by mix or within groups."""

from __future__ import annotations

import math

from laoyou.cases.decomposition import ShiftShare, added_up, shift_share
from laoyou.formats import number, percent, signed
from laoyou.intervals import newcombe_interval
from laoyou.language import begun, tr, trn
from laoyou.markup import Html
from laoyou.pages.case_view import Cases, explained, said, sentences, shown
from laoyou.periods import period_label, quarter_name


def change_point(cases: Cases) -> str:
    """Return how the rate changed since the same quarter a year ago, and whether by more than chance, as a sentence."""
    name, then = cases.view.plan.indicators[cases.id].name.spoken, period_label(cases.view.quarter - 4)
    counts = (*cases.counted(cases.view.quarter - 4), *cases.counted(cases.view.quarter))
    if not (cases.tells_last_year and counts[1] and counts[3]):
        return tr("没有可比的{then}或本季应办的件，{name}不作同比。", then=then, name=name)
    level = cases.view.rules.arrears.interval_level
    low, high = (100 * float(end) for end in newcombe_interval(*counts, level))
    said = {
        "name": name,
        "moved": _moved(100 * (counts[2] / counts[3] - counts[0] / counts[1])),
        "counts": "{}/{} → {}/{}".format(*map(number, counts)),
        "level": f"{level:.0%}",
        "low": signed(low, "", 1),
        "high": signed(high, "", 1),
    }
    if low <= 0 <= high:
        return tr(
            "{name}{moved}（{counts}），在偶然范围内（{level} 区间 {low} 至 {high} 个百分点）。",
            **said,
        )
    return tr(
        "{name}{moved}（{counts}），超出偶然范围（{level} 区间 {low} 至 {high} 个百分点）。",
        **said,
    )


def _moved(change: float) -> str:
    size = number(abs(change), 1)
    if float(size) == 0:
        return tr("与上年同期相比持平")
    if change > 0:
        return tr("与上年同期相比升 {size} 个百分点", size=size)
    return tr("与上年同期相比降 {size} 个百分点", size=size)


def why_it_moved(cases: Cases) -> Html:
    """Split the change of the rate since the same quarter last year into mix and change within industries."""
    if cases.missing:
        return shown(said(cases.missing))
    if "industry" not in cases.records.told:
        return shown(said(change_point(cases)), said(tr("个案没有写明行业，变化不能按行业分解。")))
    shown_as = cases.shown_as("industry")
    before, now = (added_up(table, shown_as) for table in cases.rates("industry"))
    share = shift_share(before, now)
    if not cases.tells_last_year or math.isnan(share.within):
        return shown(said(change_point(cases)))
    unknown = _unknown(cases, int(now["denominator"].sum()))
    return shown(
        said(change_point(cases)),
        said(sentences(_split(share), unknown, cases.merged_words("industry", shown_as))),
        _table(cases, share),
        _terms(),
    )


def _split(share: ShiftShare) -> str:
    change, mix, within = (100 * part for part in (share.rate - share.rate_before, share.mix, share.within))
    return tr(
        "按行业分解，总变化 {change} 个百分点 = 行业构成变化 {mix} + 各行业自身化解率变化 {within}（数字各自四舍五入）。",
        change=signed(change, "", 2),
        mix=signed(mix, "", 2),
        within=signed(within, "", 2),
    )


def _unknown(cases: Cases, told: int) -> str:
    total = cases.counted(cases.view.quarter)[1]
    return trn("本季 {n} 件没有写明行业，不在分解之内。", total - told) if total > told else ""


def _table(cases: Cases, share: ShiftShare) -> str:
    words, year = cases.words("industry"), cases.view.year
    lines = [(begun(words.get(str(group), str(group))), line) for group, line in share.groups.iterrows()]
    rows = [
        [
            name, percent(line["share_before"]), percent(line["share"]), percent(line["rate_before"]), percent(line["rate"]),
            signed(100 * line["mix"], "", 2), signed(100 * line["within"], "", 2),
        ]
        for name, line in lines
    ]  # fmt: skip
    rows.append([
        tr("合计"), percent(1.0), percent(1.0), percent(share.rate_before), percent(share.rate),
        signed(100 * share.mix, "", 2), signed(100 * share.within, "", 2),
    ])  # fmt: skip
    heads = [
        begun(tr("行业")), tr("{year} 占比", year=year - 1), tr("{year} 占比", year=year),
        tr("{year} 化解率", year=year - 1), tr("{year} 化解率", year=year), tr("构成变化"), tr("自身变化"),
    ]  # fmt: skip
    caption = tr(
        "化解率与上年同期之差的构成，两年都截至{quarter}：占比为占应办的比重，变化单位为个百分点",
        quarter=quarter_name(cases.view.quarter.quarter),
    )
    return cases.table(caption, heads, rows, range(1, 7))


def _terms() -> str:
    return explained(
        tr("这个分解怎么做的"),
        tr(
            "w 为一个行业占应办的比重，r 为它的化解率，R 为总化解率，横线为两年的平均："
            "总变化 ΔR = Σ w̄·Δr + Σ Δw·（r̄ − R̄），前一项是自身变化，后一项是构成变化，恰好相加，没有余项（Kitagawa 1955）。"
            "某年没有应办件的行业只计构成变化。"
        ),
        tr(
            "这是算术分解，只说变化落在哪里，不说为什么；件数少的行业，它的一两件就能左右自身变化，宜只看合计。"
        ),
        tr(
            "变化是否超出偶然，用两个比例之差的 Newcombe 区间（由威尔逊区间合成，1998）；两年的应办按彼此独立看待，跨年的少数未结线索在两年都算。"
        ),
    )
