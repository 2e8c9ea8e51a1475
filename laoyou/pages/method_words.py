"""What the page on methods says: each indicator under four published methods beside ours, and why they differ."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping

from laoyou.comparison import BAD, GOOD, LIGHT_STANCES, METHODS, STANCES, Judgement, compare
from laoyou.control_chart import LIMIT_FACTOR
from laoyou.formats import measured, number
from laoyou.language import clauses, listed, mark, tr
from laoyou.markup import Html, details, element, escape, listing, plain, table
from laoyou.pages import narrative, tables
from laoyou.pages.keypoints import opening_of
from laoyou.pages.method_reasons import DIFFERENCES, NOT_APPLICABLE, limits_shown, share_shown
from laoyou.view import View
from laoyou.words import COMPLIANCE, LIGHTS, WEATHER

NAMES = {"open_sdg": "Open SDG", "dns": mark("德国天气法"), "infobase": "InfoBase", "nhs": mark("NHS 控制图")}
STATUS_WORDS: Mapping[str, Mapping[str, str]] = {
    "open_sdg": {
        "target_achieved": mark('目标已达到'), "substantial_progress": mark('进展充分'), "moderate_progress": mark('进展一般'),
        "limited_progress": mark('进展有限'), "deterioration": mark('倒退'),
    },
    "dns": WEATHER,
    "infobase": {"met": mark('达到'), "future": mark('未到期'), "not_met": mark('未达到')},
    "nhs": {"consistent_pass": mark('总能达到'), "inconsistent": mark('时达时不达'), "consistent_fail": mark('总达不到')},
}  # fmt: skip
STANCE_MARKS = {1: ("●", "green"), 0: ("◆", "watch"), -1: ("■", "red")}


def difference_sentence(view: View, id: str, judgements: Mapping[str, Judgement]) -> str:
    """Return why methods say something else of an indicator than we do, as one sentence; empty where none does."""
    indicator = view.plan.indicators[id]
    parts = [
        tr("{NAMES}：{x}", NAMES=NAMES[method], x=DIFFERENCES[found.reason](view, indicator, found.numbers))
        for method, found in judgements.items()
        if found.differs
    ]
    return clauses(parts) + tr("。") if parts else ""


def opening(view: View) -> Html:
    """Return the head of the page: how far the verdicts depend on the method."""
    found = compare(view)
    return opening_of(view, _points(view, found), _warning(view))


def _warning(view: View) -> str:
    sample = [id for id in view.plan.indicators if id in view.sample_indicators]
    return (
        tr(
            "{n} 项指标中 {sample} 项是演示数据，由程序生成，不得引用。",
            n=len(view.plan.indicators),
            sample=len(sample),
        )
        if sample
        else ""
    )


def _points(view: View, found: Mapping[str, Mapping[str, Judgement]]) -> list[str]:
    names = {id: i.name.spoken for id, i in view.plan.indicators.items()}
    differ = {id: [m for m in METHODS if js[m].differs] for id, js in found.items()}
    moved = [names[id] for id, methods in differ.items() if methods]
    same = [names[id] for id, methods in differ.items() if not methods and _comparable(view, id, found[id])]
    alone = len(found) - len(moved) - len(same)
    points = [
        tr(
            "{found} 项中，{moved} 项至少有一种公开方法与本系统说法不同，{same} 项能用的方法都一致",
            found=len(found),
            moved=len(moved),
            same=len(same),
        )
        + (tr("，{alone} 项没有可比的进度。", alone=alone) if alone else tr("。"))
    ]
    if same:
        points.append(tr("换哪种判法结论都不变的：{same}。", same=listed(same)))
    for lights, stance, told in (
        (("yellow", "red"), GOOD, tr("判落后、有方法说好")),
        (("green",), BAD, tr("判达进度、有方法说差")),
    ):
        whose = [
            tr('{names}（{NAMES}）', names=names[id], NAMES=listed(NAMES[m] for m in differ[id] if STANCES[m][found[id][m].status] == stance))
            for id in found
            if view.score(id).light in lights and any(STANCES[m][found[id][m].status] == stance for m in differ[id])
        ]  # fmt: skip
        points += [tr("本系统{told}的：{whose}。", told=told, whose=listed(whose))] if whose else []
    count = Counter(m for methods in differ.values() for m in methods)
    told = listed(
        tr("{NAMES} {times} 项", NAMES=NAMES[method], times=times) for method, times in count.most_common()
    )
    points += (
        [tr("说法不同的：{told}，每项的原因见下表。", told=told)]
        if told
        else [tr("各方法问的不是同一件事，说法一致也不等于结论更可靠。")]
    )
    return [*points[:4], _due_sentence(view, found)]


def _comparable(view: View, id: str, judgements: Mapping[str, Judgement]) -> bool:
    """Return whether a method says anything beside our light."""
    return view.score(id).light in LIGHT_STANCES and any(
        judgements[m].status for m in METHODS if m != "infobase"
    )


def _due_sentence(view: View, found: Mapping[str, Mapping[str, Judgement]]) -> str:
    future = sum(js["infobase"].status == "future" for js in found.values())
    if not future:
        return tr("InfoBase 判的是 {year} 年目标，年末已到期。", year=view.year)
    return tr(
        "InfoBase 对 {future} 项说“未到期”：它到年末才判，与本系统“{COMPLIANCE}”是一个意思。",
        future=future,
        COMPLIANCE=COMPLIANCE["pending"],
    )


def side_by_side(view: View) -> Html:
    """Return each indicator under the four methods beside our light and verdict."""
    found = compare(view)
    order = sorted(found, key=lambda id: not any(judgement.differs for judgement in found[id].values()))
    rows = [_row(view, id, found[id]) for id in order]
    heads = [tr("指标"), tr("本系统：进度"), tr("本系统：全年"), *NAMES.values(), tr("为何不同")]
    shown = table(
        tr(
            "{region}{label}：四种公开方法与本系统，说法不同的在前",
            region=view.region.spoken,
            label=view.label,
        ),
        heads,
        rows,
        class_="data cards",
    )
    note = tr(
        "● 好，◆ 未定，■ 差，○ 不适用：按各方法自己的说法归并，只为对照。前两种和控制图与本系统的进度比，InfoBase 与全年判定比。"
    )
    markup = shown + element("p", escape(note), class_="note") + _inputs(view, found)
    return Html(markup, plain(markup))


def _row(view: View, id: str, judgements: Mapping[str, Judgement]) -> list[str]:
    row, indicator = view.score(id), view.plan.indicators[id]
    sample = element("span", tr("演示"), class_="sample") if id in view.sample_indicators else ""
    return [
        escape(indicator.name.spoken) + sample + _small(tr("第 {row} 行", row=row.row)),
        tables.light(row.light),
        escape(COMPLIANCE[row.compliance]) + _small(narrative.verdict_reason(row)),
        *(_status(method, judgements[method], view) for method in METHODS),
        escape(difference_sentence(view, id, judgements) or _agreement(view, id, judgements)),
    ]


def _agreement(view: View, id: str, judgements: Mapping[str, Judgement]) -> str:
    if _comparable(view, id, judgements):
        return tr("能用的方法说法一致。")
    light = view.score(id).light
    return (
        tr("没有可比进度的方法。")
        if light in LIGHT_STANCES
        else tr("本系统是“{LIGHTS}”，没有可比的进度。", LIGHTS=LIGHTS[light])
    )


def _status(method: str, found: Judgement, view: View) -> str:
    if not found.status:
        points = found.numbers.get("points", math.nan)
        text = (
            tr('只有 {points} 个点，要 {at_least} 个', points=f'{points:.0f}', at_least=view.rules.control_chart.at_least)
            if found.reason == "few_points" else NOT_APPLICABLE[found.reason]
        )  # fmt: skip
        return element(
            "span", element("span", "○", aria_hidden="true") + tr("不适用"), class_="light no_data"
        ) + _small(text)
    mark, colour = STANCE_MARKS[STANCES[method][found.status]]
    word = escape(STATUS_WORDS[method][found.status])
    return element("span", element("span", mark, aria_hidden="true") + word, class_=f"light {colour}")


def _small(text: str) -> str:
    return element("small", escape(text))


def _inputs(view: View, found: Mapping[str, Mapping[str, Judgement]]) -> str:
    """Return what Open SDG and the chart were computed from, folded."""
    rows = []
    for id, judgements in found.items():
        i = view.plan.indicators[id]
        sdg, nhs = judgements["open_sdg"].numbers, judgements["nhs"].numbers
        if not (judgements["open_sdg"].status or judgements["nhs"].status):
            continue
        of = [measured(sdg.get(name, math.nan), i.unit, i.decimals) for name in ("base", "value", "target")]
        chart = judgements["nhs"].status
        rows.append([
            i.name.spoken, tr('{of} → {of2}（{sdg} 年）', of=of[0], of2=of[1], sdg=f"{sdg['year']:.0f}") if sdg else tr('不适用'), of[2], share_shown(sdg),
            tr('{nhs}，{limits_shown}', nhs=number(nhs['mean'], i.decimals), limits_shown=limits_shown(i, nhs)) if chart else tr('不适用'),
            measured(nhs["target"], i.unit, i.decimals) if chart else "——",
        ])  # fmt: skip
    heads = [
        tr("指标"),
        tr("基期 → 最近一个全年"),
        tr("{last_year} 年目标", last_year=view.plan.last_year),
        tr("占所需变化率"),
        tr("单季均值，界限"),
        tr("单季目标"),
    ]
    cells = [[escape(cell) for cell in row] for row in rows]
    return details(
        tr("各方法用的数"),
        table(tr("Open SDG 与控制图用的数"), heads, cells, class_="data cards"),
        class_="wide",
    )


def methods_explained(view: View) -> Html:
    """Return what each method asks, of which figures, and where it is published."""
    least, plan = view.rules.control_chart.at_least, view.plan
    rows = [
        (
            "Open SDG 2.4", tr('从基期到最近一个全年的年均变化率（按复利），占从基期到 {last_year} 年目标所需变化率的多少', last_year=plan.last_year),
            tr('已到目标为“目标已达到”；95% 以上充分，60% 以上一般，0 以上有限，反方向倒退'),
            tr('加拿大统计局与 Open SDG：Progress measurement methodology'),
        ),
        (
            tr('德国天气法'), tr('最近六个可比点的平均变化照样延长：目标逐年变的看到 {last_year} 年差多少，目标不变的看达到没有和方向；计数看本季应完成的份额', last_year=plan.last_year),
            tr('差不到 5% 为晴，20% 以内多云，更多为阴，方向不对或不动为雷雨'),
            tr('德国联邦统计局：可持续发展指标报告，状态判定方法'),
        ),
        (
            "InfoBase", tr('到期日的数在不在目标范围里；这里的到期日是本年年末，“左右”用同一容差'),
            tr('到期前一律未到期；恰好等于界限算达到'),
            tr('加拿大政府：GC InfoBase，结果指标状态的判定'),
        ),
        (
            tr('NHS 控制图'), tr('单季的数围绕均值起伏的界限：均值 ± {LIMIT_FACTOR} × 平均移动极差；计数用各季自己的数和全年任务的四分之一。只用任务与本年相同的年份、口径调整之后的点，至少 {least} 个；有季节性的数界限会偏宽', LIMIT_FACTOR=LIMIT_FACTOR, least=least),
            tr('目标在界限之外好的一侧为总能达到，坏的一侧为总达不到，之间为时达时不达'),
            tr('NHS England：Making data count；界限见 Wheeler 与 Chambers（1992）'),
        ),
    ]  # fmt: skip
    heads = [tr("方法"), tr("看什么"), tr("怎么判"), tr("出处")]
    shown = table(
        tr("四种公开方法"), heads, [[escape(cell) for cell in row] for row in rows], class_="data cards"
    )
    lines = [
        tr(
            "我们的进度问“照时间该到哪，现在到哪”；Open SDG 问“变得够不够快”；德国天气法问“照最近这样下去够不够”；InfoBase 问“到期时在不在范围里”；控制图问“照平常的起伏，靠不靠得住”。"
        ),
        tr("四种方法的算术都用各自公布的算例检验过；说法不同不等于谁算错，而是问题不同。"),
    ]
    markup = shown + listing(lines)
    return Html(markup, plain(markup))
