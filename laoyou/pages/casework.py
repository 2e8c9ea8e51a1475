"""The parts of a page that rest on case records, as a notebook asks for them."""

from __future__ import annotations

from collections.abc import Callable

from laoyou.language import mark, tr
from laoyou.markup import Html
from laoyou.pages import backlog_words, change_words, duration_words, keypoints, narrative, township_words
from laoyou.pages.case_view import Cases, disagreement, said, shown
from laoyou.view import View

NOT_PLANNED = mark("本规划没有这一项指标。")


def opening(view: View, id: str) -> Html:
    """Return the head of a page: the light of its rate with its reason, then what its cases say.

    Parameters
    ----------
    view : the page
    id : a rate that platforms give by cases
    """
    if id not in view.plan.indicators:
        return keypoints.opening(view, id)
    cases = Cases(view, id)
    if cases.missing:
        return keypoints.opening(view, id)
    points = [
        narrative.about_indicator(view, id)[0],
        *([told] if (told := disagreement(cases)) else []),
        township_words.township_point(cases),
        duration_words.duration_point(cases),
        backlog_words.backlog_point(cases),
        change_words.change_point(cases),
    ]
    sample = id in view.sample_indicators or cases.records.sample
    warning = tr("本页的指标和个案都是演示数据，由程序生成，不是真实记录，不得引用。") if sample else ""
    return keypoints.opening_of(view, points, warning)


def time_to_resolution(view: View, id: str) -> Html:
    """Draw how long the cases of a rate take, by industry and township, with intervals and a test.

    Parameters
    ----------
    view : the page
    id : as for ``opening``
    """
    return _told(view, id, duration_words.time_to_resolution)


def backlog(view: View, id: str) -> Html:
    """Draw what is under way, how old it is, what it amounts to, and why rate and backlog can rise together.

    Parameters
    ----------
    view : the page
    id : as for ``opening``
    """
    return _told(view, id, backlog_words.backlog)


def why_it_moved(view: View, id: str) -> Html:
    """Split the change of a rate since the same quarter last year into mix and change within industries.

    Parameters
    ----------
    view : the page
    id : as for ``opening``
    """
    return _told(view, id, change_words.why_it_moved)


def townships(view: View, id: str) -> Html:
    """Say of each township whether its rate differs from the region's by more than chance.

    Parameters
    ----------
    view : the page
    id : a rate with numerator and denominator
    """
    return _told(view, id, township_words.townships)


def _told(view: View, id: str, tell: Callable[[Cases], Html]) -> Html:
    return tell(Cases(view, id)) if id in view.plan.indicators else shown(said(tr(NOT_PLANNED)))
