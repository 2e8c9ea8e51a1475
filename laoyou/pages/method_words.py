"""What the page on methods says: each indicator under four published methods beside ours, and why they differ."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping

from laoyou.comparison import BAD, GOOD, LIGHT_STANCES, METHODS, STANCES, Judgement, compare
from laoyou.control_chart import LIMIT_FACTOR
from laoyou.formats import measured, number
from laoyou.language import Words, begun, clauses, listed, mark, sentence, tr, trn
from laoyou.markup import Html, details, element, escape, listing, plain, table
from laoyou.pages import narrative, tables
from laoyou.pages.keypoints import opening_of
from laoyou.pages.method_reasons import DIFFERENCES, NOT_APPLICABLE, limits_shown, share_shown
from laoyou.plan import Indicator
from laoyou.view import View
from laoyou.words import COMPLIANCE, LIGHTS, WEATHER

NAMES = Words(
    {"open_sdg": "Open SDG", "dns": mark("德国天气法"), "infobase": "InfoBase", "nhs": mark("NHS 控制图")}
)
STATUS_WORDS: Mapping[str, Mapping[str, str]] = {
    "open_sdg": Words({
        "target_achieved": mark("目标已达到"), "substantial_progress": mark("进展充分"), "moderate_progress": mark("进展一般"),
        "limited_progress": mark("进展有限"), "deterioration": mark("倒退"),
    }),
    "dns": WEATHER,
    "infobase": Words({"met": mark("达到"), "future": mark("未到期"), "not_met": mark("未达到")}),
    "nhs": Words({"consistent_pass": mark("总能达到"), "inconsistent": mark("时达时不达"), "consistent_fail": mark("总达不到")}),
}  # fmt: skip
STANCE_MARKS = {1: ("●", "green"), 0: ("◆", "watch"), -1: ("■", "red")}


def difference_sentence(view: View, id: str, judgements: Mapping[str, Judgement]) -> str:
    """Return why methods say something else of an indicator than we do, as one sentence; empty where none does."""
    indicator = view.plan.indicators[id]
    parts = [
        tr("{method}：{reason}", method=NAMES[method], reason=DIFFERENCES[found.reason](view, indicator, found.numbers))
        for method, found in judgements.items()
        if found.differs
    ]  # fmt: skip
    return sentence(clauses(parts)) if parts else ""


def opening(view: View) -> Html:
    """Return the head of the page: how far the verdicts depend on the method."""
    found = compare(view)
    return opening_of(view, _points(view, found), _warning(view))


def _warning(view: View) -> str:
    sample = sum(id in view.sample_indicators for id in view.plan.indicators)
    told = trn(
        "{all} 项指标中 {n} 项是演示数据，由程序生成，不得引用。", sample, all=len(view.plan.indicators)
    )
    return told if sample else ""


def _points(view: View, found: Mapping[str, Mapping[str, Judgement]]) -> list[str]:
    names = {id: i.name.spoken for id, i in view.plan.indicators.items()}
    differ = {id: [m for m in METHODS if js[m].differs] for id, js in found.items()}
    moved = [names[id] for id, methods in differ.items() if methods]
    same = [names[id] for id, methods in differ.items() if not methods and _comparable(view, id, found[id])]
    points = [_counted(len(found), len(moved), len(same))]
    if same:
        points.append(tr("换哪种判法结论都不变的：{names}。", names=listed(same)))
    for lights, stance, told in (
        (("yellow", "red"), GOOD, mark("本系统判落后、有方法说好的：{names}。")),
        (("green",), BAD, mark("本系统判达进度、有方法说差的：{names}。")),
    ):
        saying = {
            id: [NAMES[m] for m in differ[id] if STANCES[m][judgements[m].status] == stance]
            for id, judgements in found.items()
            if view.score(id).light in lights
        }
        whose = [
            tr("{name}（{methods}）", name=names[id], methods=listed(methods))
            for id, methods in saying.items()
            if methods
        ]
        points += [tr(told, names=listed(whose))] if whose else []
    count = Counter(m for methods in differ.values() for m in methods)
    told = listed(tr("{method} {count} 项", method=NAMES[m], count=times) for m, times in count.most_common())
    points += (
        [tr("说法不同的：{methods}，每项的原因见下表。", methods=told)]
        if told
        else [tr("各方法问的不是同一件事，说法一致也不等于结论更可靠。")]
    )
    return [*points[:4], _due_sentence(view, found)]


def _counted(all_: int, moved: int, same: int) -> str:
    """Return on how many indicators methods differ, agree, and have nothing to say."""
    counts = {"all": all_, "moved": moved, "same": same, "alone": all_ - moved - same}
    if counts["alone"]:
        return tr(
            "{all} 项中，{moved} 项至少有一种公开方法与本系统说法不同，{same} 项能用的方法都一致，{alone} 项没有可比的进度。",
            **counts,
        )
    return tr(
        "{all} 项中，{moved} 项至少有一种公开方法与本系统说法不同，{same} 项能用的方法都一致。", **counts
    )


def _comparable(view: View, id: str, judgements: Mapping[str, Judgement]) -> bool:
    """Return whether a method says anything beside our light."""
    return view.score(id).light in LIGHT_STANCES and any(
        judgements[m].status for m in METHODS if m != "infobase"
    )


def _due_sentence(view: View, found: Mapping[str, Mapping[str, Judgement]]) -> str:
    future = sum(js["infobase"].status == "future" for js in found.values())
    if not future:
        return tr("InfoBase 判的是 {year} 年目标，年末已到期。", year=view.year)
    return trn(
        "InfoBase 对 {n} 项说“未到期”：它到年末才判，与本系统“{pending}”是一个意思。",
        future,
        pending=COMPLIANCE["pending"],
    )


def side_by_side(view: View) -> Html:
    """Return each indicator under the four methods beside our light and verdict."""
    found = compare(view)
    order = sorted(found, key=lambda id: not any(judgement.differs for judgement in found[id].values()))
    rows = [_row(view, id, found[id]) for id in order]
    heads = [tr("指标"), tr("本系统：进度"), tr("本系统：全年"), *NAMES.values(), tr("为何不同")]
    caption = tr(
        "{region}{label}：四种公开方法与本系统，说法不同的在前", region=view.region.spoken, label=view.label
    )
    note = tr(
        "● 好，◆ 未定，■ 差，○ 不适用：按各方法自己的说法归并，只为对照。前两种和控制图与本系统的进度比，InfoBase 与全年判定比。"
    )
    markup = (
        table(caption, heads, rows, class_="data cards")
        + element("p", escape(note), class_="note")
        + _inputs(view, found)
    )
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
    if light in LIGHT_STANCES:
        return tr("没有可比进度的方法。")
    return tr("本系统是“{light}”，没有可比的进度。", light=LIGHTS[light])


def _status(method: str, found: Judgement, view: View) -> str:
    if not found.status:
        return _mark("○", tr("不适用"), "no_data") + _small(_not_applicable(found, view))
    sign, colour = STANCE_MARKS[STANCES[method][found.status]]
    return _mark(sign, STATUS_WORDS[method][found.status], colour)


def _mark(sign: str, word: str, colour: str) -> str:
    shown = element("span", sign, aria_hidden="true") + escape(begun(word))
    return element("span", shown, class_=f"light {colour}")


def _not_applicable(found: Judgement, view: View) -> str:
    if found.reason == "few_points":
        points, least = int(found.numbers["points"]), view.rules.control_chart.at_least
        return trn("只有 {n} 个点，要 {least} 个", points, least=least)
    return NOT_APPLICABLE[found.reason]


def _small(text: str) -> str:
    return element("small", escape(begun(text)))


def _inputs(view: View, found: Mapping[str, Mapping[str, Judgement]]) -> str:
    """Return what Open SDG and the chart were computed from, folded."""
    cells = [
        [escape(cell) for cell in _input(view.plan.indicators[id], judgements)]
        for id, judgements in found.items()
        if judgements["open_sdg"].status or judgements["nhs"].status
    ]
    heads = [
        tr("指标"),
        tr("基期 → 最近一个全年"),
        tr("{last_year} 年目标", last_year=view.plan.last_year),
        tr("占所需变化率"),
        tr("单季均值，界限"),
        tr("单季目标"),
    ]
    return details(
        tr("各方法用的数"),
        table(tr("Open SDG 与控制图用的数"), heads, cells, class_="data cards"),
        class_="wide",
    )


def _input(indicator: Indicator, judgements: Mapping[str, Judgement]) -> list[str]:
    sdg, nhs = judgements["open_sdg"].numbers, judgements["nhs"].numbers
    none = begun(tr("不适用"))
    base, value, target = (
        measured(sdg.get(name, math.nan), indicator.unit, indicator.decimals)
        for name in ("base", "value", "target")
    )
    year = f"{sdg['year']:.0f}" if sdg else ""
    change = tr("{base} → {value}（{year} 年）", base=base, value=value, year=year) if sdg else none
    if not judgements["nhs"].status:
        return [indicator.name.spoken, change, target, share_shown(sdg), none, "——"]
    mean, limits = number(nhs["mean"], indicator.decimals), limits_shown(indicator, nhs)
    goal = measured(nhs["target"], indicator.unit, indicator.decimals)
    chart = tr("{mean}，{limits}", mean=mean, limits=limits)
    return [indicator.name.spoken, change, target, share_shown(sdg), chart, goal]


def methods_explained(view: View) -> Html:
    """Return what each method asks, of which figures, and where it is published."""
    heads = [tr("方法"), tr("看什么"), tr("怎么判"), tr("出处")]
    cells = [[escape(cell) for cell in row] for row in _explained(view)]
    lines = [
        tr(
            "我们的进度问“照时间该到哪，现在到哪”；Open SDG 问“变得够不够快”；德国天气法问“照最近这样下去够不够”；"
            "InfoBase 问“到期时在不在范围里”；控制图问“照平常的起伏，靠不靠得住”。"
        ),
        tr("四种方法的算术都用各自公布的算例检验过；说法不同不等于谁算错，而是问题不同。"),
    ]
    markup = table(tr("四种公开方法"), heads, cells, class_="data cards") + listing(lines)
    return Html(markup, plain(markup))


def _explained(view: View) -> list[tuple[str, str, str, str]]:
    """Return of each method its name, what it looks at, how it judges, and where it is published."""
    least, last = view.rules.control_chart.at_least, view.plan.last_year
    return [
        (
            "Open SDG 2.4",
            tr("从基期到最近一个全年的年均变化率（按复利），占从基期到 {last_year} 年目标所需变化率的多少", last_year=last),
            tr("已到目标为“目标已达到”；95% 以上充分，60% 以上一般，0 以上有限，反方向倒退"),
            tr("加拿大统计局与 Open SDG：Progress measurement methodology"),
        ),
        (
            NAMES["dns"],
            tr(
                "最近六个可比点的平均变化照样延长：目标逐年变的看到 {last_year} 年差多少，目标不变的看达到没有和方向；计数看本季应完成的份额",
                last_year=last,
            ),
            tr("差不到 5% 为晴，20% 以内多云，更多为阴，方向不对或不动为雷雨"),
            tr("德国联邦统计局：可持续发展指标报告，状态判定方法"),
        ),
        (
            NAMES["infobase"],
            tr("到期日的数在不在目标范围里；这里的到期日是本年年末，“左右”用同一容差"),
            tr("到期前一律未到期；恰好等于界限算达到"),
            tr("加拿大政府：GC InfoBase，结果指标状态的判定"),
        ),
        (
            NAMES["nhs"],
            tr(
                "单季的数围绕均值起伏的界限：均值 ± {factor} × 平均移动极差；计数用各季自己的数和全年任务的四分之一。"
                "只用任务与本年相同的年份、口径调整之后的点，至少 {least} 个；有季节性的数界限会偏宽",
                factor=LIMIT_FACTOR,
                least=least,
            ),
            tr("目标在界限之外好的一侧为总能达到，坏的一侧为总达不到，之间为时达时不达"),
            tr("NHS England：Making data count；界限见 Wheeler 与 Chambers（1992）"),
        ),
    ]  # fmt: skip
