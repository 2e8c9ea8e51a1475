"""The way in: the first page of a quarter, of a region and of all of them, from disk and by relative links alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import pandas as pd
from markupsafe import Markup

from laoyou.batch.attached import DOCUMENTS, Attached
from laoyou.batch.jobs import Outcome
from laoyou.batch.publish import locked, sweep, write_atomically
from laoyou.batch.standing import ARROWS, mark_listed
from laoyou.batch.twins import published, twins
from laoyou.language import LANGUAGES, begun, listed, mark, speaking, tr, trn
from laoyou.markup import element, escape, table
from laoyou.pages import tables
from laoyou.pages.keypoints import opening
from laoyou.pages.page import template_page
from laoyou.pages.problem_words import subject_name
from laoyou.pages.state_words import state_words
from laoyou.periods import parse_quarter, period_label, quarter_name
from laoyou.supervision.docket import open_docket
from laoyou.view import View
from laoyou.words import LIGHTS
from laoyou.workspace import Workspace

PROBLEMS = "supervision"  # the notebook whose page is the problem list
_NOT_YET = element("span", "·", class_="not-yet", aria_hidden="true")


def course(view: View) -> dict[str, Any]:
    """Return the lights of every indicator in every quarter of the plan so far, as known on the report's day.

    Parameters
    ----------
    view : the quarter reported on

    Returns
    -------
    By indicator ``name`` and ``lights`` by quarter: what a report of that quarter would say with today's knowledge.
    """
    quarters = pd.period_range(f"{view.plan.first_year}Q1", view.quarter, freq="Q-DEC")
    lights = {str(q): replace(view, quarter=q).scores["light"] for q in quarters}
    return {
        id: {
            "name": indicator.name.spoken,
            "lights": {quarter: str(codes.loc[id]) for quarter, codes in lights.items()},
        }
        for id, indicator in view.plan.indicators.items()
    }


def problems(view: View) -> dict[str, int]:
    """Return how many matters are open, and how many of them overdue and before the task force."""
    docket = open_docket(view)
    return {
        "open": len(docket.open),
        "overdue": sum(m.overdue(docket.day) for m in docket.open),
        "escalated": sum(m.escalated_on is not None for m in docket.open),
    }


def quarter_page(
    view: View, outcomes: Sequence[Outcome], documents: Sequence[Attached], failed: Sequence[Outcome]
) -> str:
    """Return the first page of a quarter: key points, pages, problems, documents, and the way up to here.

    Parameters
    ----------
    view : the quarter
    outcomes, documents : what was made
    failed : what could not be made, and why
    """
    made = [o for o in outcomes if not o.problem]
    return template_page(
        "quarter.html.j2",
        title=tr("{title}：{label}进展", title=view.plan.title.spoken, label=view.label),
        region=view.region.spoken,
        head=Markup(opening(view).html),
        arrows=Markup(_arrows({})),
        pages=[{"file": f"{o.name}.html", "title": o.title, "question": o.question} for o in made],
        problems=Markup(_problem_table(view)),
        problem_page=f"{PROBLEMS}.html" if any(o.name == PROBLEMS for o in made) else "",
        matrix=Markup(legend() + _matrix(course(view), view.plan.years, view.label)),
        documents=[asdict(d) for d in documents if not d.problem],
        failed=[asdict(o) for o in failed],
    )


def _problem_table(view: View) -> str:
    """Return the open matters in a table; a sentence where there is none."""
    docket = open_docket(view)
    if not docket.open:
        return element("p", tr("没有在办的问题。"))
    rows = [
        [
            escape(m.number),
            escape(subject_name(view, m.subject)),
            escape(view.plan.unit_spoken(m.unit)),
            element("span", escape(m.due), class_="keep"),
            escape(begun(state_words(m, docket.day))),
        ]
        for m in docket.open
    ]
    caption = (
        trn("在办的 {n} 个问题，截至 {day}，演示数据", len(rows), day=docket.day)
        if docket.sample
        else trn("在办的 {n} 个问题，截至 {day}", len(rows), day=docket.day)
    )
    heads = [tr("编号"), tr("指标"), tr("牵头单位"), tr("整改时限"), tr("状态")]
    return table(caption, heads, rows, class_="data cards")


def _matrix(found: Mapping[str, Any], years: Sequence[int], label: str) -> str:
    """Return the lights as a table of indicators and years, four marks a year."""

    def year_cell(lights: Mapping[str, str], year: int) -> str:
        return "".join(_mark(lights.get(f"{year}Q{number}"), quarter_name(number)) for number in range(1, 5))

    rows = [
        [escape(row["name"]), *(year_cell(row["lights"], year) for year in years)] for row in found.values()
    ]
    caption = tr("各季灯色，每格依次为一至四季度；以{label}报告当日所知重算", label=label)
    return table(
        caption, [tr("指标"), *(tr("{year} 年", year=year) for year in years)], rows, class_="data matrix"
    )


def _mark(code: str | None, quarter: str) -> str:
    """Return a light as its mark alone, with its quarter and word for those who hear it or point at it."""
    if code is None or code not in LIGHTS:
        return _NOT_YET
    words = tr("{quarter}{light}", quarter=quarter, light=LIGHTS[code])
    sign = element("span", tables.MARKS[code], aria_hidden="true")
    return element(
        "span",
        sign + element("span", tr("{words}，", words=words), class_="unseen"),
        class_=f"light {code}",
        title=words,
    )


def publish_portal(workspace: Workspace) -> None:
    """Write outputs/index.html and each region's, and set the arrows on each quarter's first page; so in each language.

    Parameters
    ----------
    workspace : whose published quarters are listed, the latest first; each page leads to its twin in another language
    """
    for language in LANGUAGES:
        reports = workspace.reports(language)
        if reports.is_dir():
            with locked(reports), speaking(language):  # runs that end together list one after the other
                sweep(reports)
                _list(workspace, reports)


def _list(workspace: Workspace, reports: Path) -> None:
    regions: dict[str, list[dict[str, Any]]] = {}
    for manifest in published(reports):
        regions.setdefault(str(manifest["region"]), []).append(manifest)
    for code, manifests in regions.items():
        folder = reports / code
        with locked(folder):  # no quarter is put in the place of another meanwhile
            _set_arrows(workspace, folder, [str(m["quarter"]) for m in manifests])
        latest = manifests[0]
        label = period_label(parse_quarter(latest["quarter"]))
        page = template_page(
            "region.html.j2",
            region=latest["region_name"],
            quarters=[_card(m, f"{m['quarter']}/") for m in manifests],
            matrix=Markup(legend() + _matrix(latest["course"], latest["years"], label))
            if latest.get("course")
            else "",
            twins=Markup(twins(workspace, code)),
        )
        write_atomically(folder / "index.html", page)
    cards = {
        code: {
            "name": manifests[0]["region_name"],
            "quarters": [_card(m, f"{code}/{m['quarter']}/") for m in manifests],
        }
        for code, manifests in regions.items()
    }
    page = template_page("portal.html.j2", regions=cards, twins=Markup(twins(workspace)))
    write_atomically(reports / "index.html", page)
    for code, manifests in regions.items():
        with locked(reports / code):
            for manifest in manifests:
                mark_listed(reports / code / str(manifest["quarter"]))


def legend() -> str:
    """Return the lights and their words as a line."""
    return element("p", "".join(tables.light(code) for code in LIGHTS), class_="tally")


def _card(manifest: Mapping[str, Any], folder: str) -> dict[str, Any]:
    """Return what a quarter's card shows; its links begin with a folder."""
    return {
        "href": f"{folder}index.html",
        "label": period_label(parse_quarter(manifest["quarter"])),
        "failed": sum(bool(n["problem"]) for n in manifest["notebooks"].values()),
        "lights": [
            {"light": Markup(tables.light(code)), "count": n} for code, n in manifest["lights"].items()
        ],
        "notes": [
            Markup(note)
            for note in (_known(manifest), _problems(manifest, folder), _files(manifest, folder))
            if note
        ],
    }


def _known(manifest: Mapping[str, Any]) -> str:
    """Return what the figures of a published quarter are, as markup."""
    day = escape(manifest.get("cut_off", ""))
    if not day:
        return tr("（含演示数据）") if manifest["sample"] else ""
    if manifest["sample"]:
        return tr("数据截至 {day}（含演示数据）", day=day)
    return tr("数据截至 {day}", day=day)


def _problems(manifest: Mapping[str, Any], folder: str) -> str:
    """Return how many problems of a published quarter are open, and the way to their list, as markup."""
    page, counts = manifest["notebooks"].get(PROBLEMS), manifest.get("problems")
    if not counts:
        return ""
    name = escape(tr("问题清单"))
    made = page and not page["problem"]
    return tr(
        "{list}：在办 {open} 个，逾期 {overdue} 个，已报专班 {escalated} 个",
        list=element("a", name, href=f"{folder}{PROBLEMS}.html") if made else name,
        **{code: escape(counts[code]) for code in ("open", "overdue", "escalated")},
    )


def _files(manifest: Mapping[str, Any], folder: str) -> str:
    """Return the ways to the documents of a published quarter, as markup."""
    files = manifest.get("documents", {}).get("files", {})
    links = [
        element("a", escape(tr(DOCUMENTS[file][0]) if file in DOCUMENTS else file), href=f"{folder}{file}")
        for file, about in files.items()
        if not about.get("problem")
    ]
    return tr("文件：{files}", files=listed(links)) if links else ""


def _set_arrows(workspace: Workspace, folder: Path, quarters: Sequence[str]) -> None:
    """Lead each quarter's first page to the quarters published before and after it, and to its twins."""
    for place, quarter in enumerate(quarters):
        near = {
            "prev": quarters[place + 1] if place + 1 < len(quarters) else "",
            "next": quarters[place - 1] if place else "",
        }
        file = folder / quarter / "index.html"
        if not file.is_file():
            continue
        before = file.read_bytes()
        arrows = _arrows(near, twins(workspace, folder.name, quarter)).encode("utf-8")
        found = ARROWS.search(before)
        if found and found[0] != arrows:
            write_atomically(file, before[: found.start()] + arrows + before[found.end() :])


def _arrows(near: Mapping[str, str], twins: str = "") -> str:
    """Return the links to the quarters before and after, plain words where none is published, and to the page's twins."""
    parts = []
    ways = (
        ("prev", mark("← 上一季：{quarter}"), tr("没有上一季的报告")),
        ("next", mark("下一季：{quarter} →"), tr("没有下一季的报告")),
    )
    for rel, way, none in ways:
        quarter = near.get(rel, "")
        if quarter:
            told = tr(way, quarter=period_label(parse_quarter(quarter)))
            parts.append(element("a", escape(told), href=f"../{quarter}/index.html", rel=rel))
        else:
            parts.append(element("span", escape(none)))
    return element("nav", "".join(parts) + twins, class_="quarters", aria_label=tr("前后季度"))
