"""The fixed words that readers see for the codes that the maths returns."""

from __future__ import annotations

LIGHTS = {
    "red": "严重滞后",
    "yellow": "欠进度",
    "watch": "关注",
    "green": "达进度",
    "annual_only": "年度指标",
    "no_data": "无数据",
}
"""Lights from worst to best, then the two that are no judgement: the order in which pages list them."""

COMPLIANCE = {"met": "已达标", "not_met": "未达标", "pending": "年内未定", "not_assessable": "无法判定"}

COMMITMENT_STATES = {"kept": "已做到", "pending": "未到期", "missed": "未做到", "unknown": "没有数"}

MOMENTUM = {"improving": "向好", "steady": "持平", "worsening": "走弱", "unknown": "看不出"}

WEATHER = {"sun": "晴", "partly_cloudy": "多云", "cloud": "阴", "thunderstorm": "雷雨"}

KINDS = {
    "survey_rate": "调查率，全年取各季平均",
    "case_rate": "个案率，1 月 1 日以来累计",
    "stock": "期末存量",
    "stock_ratio": "期末比例",
    "annual_count": "当年计数，1 月 1 日以来累计，次年清零",
    "cumulative_count": "累计计数，不清零",
}

CASE_BASES = {"carried_over_and_new": "上年结转加本年新增的", "new": "本年新增的", "ended": "本年办结的"}
OUTCOMES_LEFT_OUT = {
    "duplicate": "重复",
    "unfounded": "不属实",
    "transferred": "移送",
    "withdrawn": "撤回",
    "failed": "办结而未成",
}
