"""The fixed words that readers see for the codes that the maths returns."""

from __future__ import annotations

from laoyou.language import Words, mark, markn

LIGHTS = Words(
    {
        "red": mark("严重滞后"),
        "yellow": mark("欠进度"),
        "watch": mark("关注"),
        "green": mark("达进度"),
        "annual_only": mark("年度指标"),
        "no_data": mark("无数据"),
    }
)
"""Lights from worst to best, then the two that are no judgement: the order in which pages list them."""

COMPLIANCE = Words(
    {
        "met": mark("已达标"),
        "not_met": mark("未达标"),
        "pending": mark("年内未定"),
        "not_assessable": mark("无法判定"),
    }
)

COMMITMENT_STATES = Words(
    {"kept": mark("已做到"), "pending": mark("未到期"), "missed": mark("未做到"), "unknown": mark("没有数")}
)

MOMENTUM = Words(
    {"improving": mark("向好"), "steady": mark("持平"), "worsening": mark("走弱"), "unknown": mark("看不出")}
)

WEATHER = Words(
    {"sun": mark("晴"), "partly_cloudy": mark("多云"), "cloud": mark("阴"), "thunderstorm": mark("雷雨")}
)

KINDS = Words(
    {
        "survey_rate": mark("调查率，全年取各季平均"),
        "case_rate": mark("个案率，1 月 1 日以来累计"),
        "stock": mark("期末存量"),
        "stock_ratio": mark("期末比例"),
        "annual_count": mark("当年计数，1 月 1 日以来累计，次年清零"),
        "cumulative_count": mark("累计计数，不清零"),
    }
)

CASE_BASES = Words(
    {
        "carried_over_and_new": mark("上年结转加本年新增的"),
        "new": mark("本年新增的"),
        "ended": mark("本年办结的"),
    }
)
OUTCOMES_LEFT_OUT = Words(
    {
        "duplicate": mark("重复"),
        "unfounded": mark("不属实"),
        "transferred": mark("移送"),
        "withdrawn": mark("撤回"),
        "failed": mark("办结而未成"),
    }
)

_UNITS = (markn("人"), markn("人次"), markn("件"), markn("家"), markn("家次"), markn("元/月"))
UNITS = frozenset(_UNITS)
"""The units that plans count in; one that is not here is said as the plan spells it."""

LEVEL_UNITS = frozenset({"%", markn("件"), markn("元/月")})
"""The units of what rises and falls; of what others count there is more or less."""

_SCOPES = (mark("规上企业"), mark("产改试点企业"))
SCOPES = Words({scope: scope for scope in _SCOPES})
"""Whom a plan wants to cover in full; one that is not here is said as the plan spells it."""
