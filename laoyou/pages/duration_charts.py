"""Figures of how long cases take: the share resolved by the days since they were opened, of all and of groups."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from laoyou.attainment import Floats
from laoyou.cases.survival import Curve, days_to_show
from laoyou.formats import DASH, apart_at, measured, number
from laoyou.language import begun, clauses, sentence, tr, trn
from laoyou.markup import Html
from laoyou.pages.case_view import sentences
from laoyou.pages.figures import canvas, figure, panels
from laoyou.pages.palette import FIGURE, PATH, WHOLE

if TYPE_CHECKING:
    from matplotlib.axes import Axes

EVERY, GRID = 30, 10  # [day] between the rows of the whole's data table; between the days of a group's line


def resolved_over_time(
    whole: Curve, half: float, *, title: str, horizon: int, level: float, source: str, sample: bool
) -> Html:
    """Draw the share of cases resolved by the days since their opening, with its band.

    Parameters
    ----------
    whole : the curve of all cases
    half : its median, NaN where there is none [day]
    title : the finding
    horizon : the last day drawn [day]
    level : of the band [1]
    source, sample : as for ``laoyou.pages.figures.figure``
    """
    drawing, axes = canvas()
    days, shares = _steps(whole, horizon)
    axes.step(days, shares[0], where="post", color=FIGURE, lw=2.0)
    axes.fill_between(days, shares[1], shares[2], step="post", color=FIGURE, alpha=0.16, lw=0)
    axes.axhline(50, color=PATH, lw=0.8, ls=":")
    if half <= horizon:
        axes.plot([half], [50], "o", color=FIGURE, ms=5, zorder=5)
        axes.annotate(
            trn("一半 {days} 天", int(half), days=number(half)), (half, 50), (8, -4),
            textcoords="offset points", va="top", fontsize=9, color=FIGURE,
        )  # fmt: skip
    _frame(axes, horizon)
    axes.set_xlabel(tr("受理后天数"))
    marks = [day for day in range(EVERY, horizon + 1, EVERY) if whole.reaches(day)]
    rows = [[_days(day), *_at(whole, day)] for day in marks]
    told = [trn("{n} 天内化解 {share}。", day, share=_at(whole, day)[0]) for day in marks]
    return figure(
        drawing,
        title=title,
        subtitle=tr(
            "受理后若干天内化解的线索所占比重，单位：%。线为 Kaplan–Meier 估计，浅色带为逐点 {level} 区间；未办结的按季末截尾",
            level=f"{level:.0%}",
        ),
        description=sentences(sentence(title), *told),
        columns=[tr("受理后"), tr("估计已化解"), tr("{level} 区间", level=f"{level:.0%}")],
        rows=rows,
        source=source,
        sample=sample,
    )


def resolved_by_group(
    whole: Curve, groups: Mapping[str, Curve], *, title: str, horizon: int, level: float, below: int,
    source: str, sample: bool,
) -> Html:  # fmt: skip
    """Draw each group's share resolved with its band, in a panel of its own, against that of all cases.

    Parameters
    ----------
    whole : the curve of all cases, in grey in every panel
    groups : the curves by name in words
    title : the finding
    below : fewer cases of a group are not told apart [count]
    horizon, level, source, sample : as for ``resolved_over_time``
    """
    drawing, axes = panels(len(groups))
    grid = range(GRID, horizon + 1, GRID)
    chosen = {name: days_to_show(curve, grid, below) for name, curve in groups.items()}
    everywhere, everyone = _steps(whole, horizon)
    for one, (name, curve) in zip(axes, groups.items(), strict=True):
        one.step(everywhere, everyone[0], where="post", color=WHOLE, lw=1.0)
        days, shares = _line(curve, chosen[name], horizon)
        one.plot(days, shares[0], color=FIGURE, lw=1.5)
        one.fill_between(days, shares[1], shares[2], color=FIGURE, alpha=0.16, lw=0)
        _frame(one, horizon)
        one.set_xticks(range(0, horizon, 2 * EVERY))
        one.set_title(
            tr("{name}（{cases} 件）", name=begun(name), cases=number(curve.cases)), fontsize=8, loc="left"
        )
    for one in axes[-3:]:
        one.tick_params(labelbottom=True)
    used = [day for day in grid if any(day in days for days in chosen.values())]
    rows = [
        [
            _days(day),
            *(_at(curve, day)[0] if day in chosen[name] else DASH for name, curve in groups.items()),
        ]
        for day in used
    ]
    ends = [
        trn("{name} {n} 天内化解 {share}", days[-1], name=begun(name), share=_at(groups[name], days[-1])[0])
        for name, days in chosen.items()
        if days
    ]
    return figure(
        drawing,
        title=title,
        subtitle=tr(
            "受理后若干天（横轴）内化解的线索所占比重，单位：%。蓝线和浅色带为该组的估计和逐点 {level} 区间，灰线为全部；"
            "每两个折点之间化解不少于 {below} 件",
            level=f"{level:.0%}", below=number(below),
        ),
        description=sentences(sentence(title), sentence(clauses(ends)) if ends else ""),
        columns=[tr("受理后"), *map(begun, groups)],
        rows=rows,
        source=source,
        sample=sample,
    )  # fmt: skip


def _days(day: int) -> str:
    return trn("{n} 天", day)


def _at(curve: Curve, day: int) -> tuple[str, str]:
    """Return the share resolved by a day and its interval, in words."""
    if not len(curve.days) or day < curve.days[0]:
        return _share(0.0), DASH
    at = int(np.searchsorted(curve.days, day, side="right")) - 1
    low, high = 1 - curve.high[at], 1 - curve.low[at]
    span = DASH if np.isnan(low) else tr("{low}—{high}", low=_share(low), high=_share(high))
    return _share(1 - curve.survival[at]), span


def _share(fraction: float) -> str:
    """Return a share [1] as per cent that reads 0 or 100 % only where it is."""
    share = 100 * float(fraction)
    return measured(share, "%", max(apart_at(share, 0.0), apart_at(share, 100.0)))


def _shares(curve: Curve) -> Floats:
    """Return the share resolved with the ends of its band, from the opening on [%]; the first row the estimate."""
    left = np.vstack([curve.survival, curve.high, curve.low])
    return 100 * (1 - np.hstack([np.ones((3, 1)), left]))


def _steps(curve: Curve, horizon: int) -> tuple[Floats, Floats]:
    """Return days and shares [%] of every step, up to where the curve is known or the drawing ends."""
    end = float(horizon) if curve.reaches(horizon) else curve.followed
    days, shares = np.r_[0.0, curve.days], _shares(curve)
    within = days <= end
    return np.r_[days[within], end], np.hstack([shares[:, within], shares[:, within][:, -1:]])


def _line(curve: Curve, chosen: list[int], horizon: int) -> tuple[Floats, Floats]:
    """Return days and shares [%] on chosen days alone; level to the end where nothing is resolved later."""
    at = np.searchsorted(curve.days, chosen, side="right")
    days, shares = np.r_[0.0, chosen], _shares(curve)[:, np.r_[0, at].astype(int)]
    shares[:, 0] = 0.0
    if len(curve.days) and chosen and at[-1] == len(curve.days):
        end = max(day for day in range(GRID, horizon + 1, GRID) if curve.reaches(day))
        days, shares = np.r_[days, end], np.hstack([shares, shares[:, -1:]])
    return days, shares


def _frame(axes: Axes, horizon: int) -> None:
    axes.set_xlim(0, horizon)
    axes.set_ylim(0, 100.5)
    axes.set_xticks(range(0, horizon + 1, 2 * EVERY))
