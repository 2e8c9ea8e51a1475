"""Which synthetic records and figures each platform's sample export holds, and the rates counted from them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path

import pandas as pd

from laoyou.intake.case_figures import case_rows, givers_of
from laoyou.intake.incoming import Row
from laoyou.intake.mappings import Named
from laoyou.intake.sample_records import sample_states
from laoyou.plan import Plan
from laoyou.regions import Region, parts_of
from laoyou.rules import Rules
from laoyou.sample import exports as lay
from laoyou.sample.cases import LEFT_OUT, Case, ended_cases, left_out, placed, running_cases

Series = Mapping[str, Mapping[pd.Period, Row]]
ARREARS = "arrears_resolution_rate"
BEFORE = {
    ARREARS: 11,
    "arbitration_closure_rate": 7,
    "key_group_assistance_rate": 0,
}  # cases open before 2022
MARKETS = (  # opened, whether it offers a public service, a provincial model since
    (dt.date(2023, 5, 18), "有", ""),
    (dt.date(2023, 10, 26), "无", ""),
    (dt.date(2025, 4, 15), "有", dt.date(2026, 6, 30)),
)


def platform_files(known: Series, regions: Mapping[str, Region], day: dt.date) -> dict[str, bytes]:
    """Return the sample exports by file name.

    Parameters
    ----------
    known : the sample figures by indicator and quarter, as text in the ledger's columns
    regions : give townships their names
    day : when the exports were made

    Notes
    -----
    They come in the shapes that real ones come in: UTF-8 with mark, UTF-16, GB18030, workbooks with a heading in
    two rows, thousands separators, three ways of writing a day, and columns of personal data, here empty.
    """
    towns = {code: region.zh for code, region in regions.items() if region.level == "township"}
    quarters = sorted(known["new_urban_jobs"])
    leads = running_cases(ARREARS, _totals(known[ARREARS]), BEFORE[ARREARS])
    leads += left_out(ARREARS, leads, 0.05, LEFT_OUT)
    group_rate = "key_group_assistance_rate"
    counts = {q: int(row["value"]) for q, row in known["hard_to_employ_placements"].items()}
    helped = placed(running_cases(group_rate, _totals(known[group_rate]), BEFORE[group_rate]), counts)
    helped += left_out(group_rate, helped, 0.02, {"duplicate": 1})
    closure, mediation = "arbitration_closure_rate", "mediation_success_rate"
    heard = running_cases(closure, _totals(known[closure]), BEFORE[closure])
    heard += left_out(closure, heard, 0.03, {"transferred": 1, "duplicate": 1})
    mediated = ended_cases(mediation, _totals(known[mediation]))
    low = {"low_income", "near_low_income"}

    def table(
        platform: str,
        headings: Sequence[lay.Line],
        columns: Mapping[str, Callable[[Row], object]],
        label: Callable[[pd.Period], object],
    ) -> lay.Sheet:
        lines = [
            [label(q), *(write(known[key.partition(" ")[0]].get(q, {})) for key, write in columns.items())]
            for q in quarters
        ]
        return lay.Sheet(platform, headings, lines)

    jobs = table(
        "这里就业创业",
        [["统计期", "城镇新增就业净增（人）"]],
        {"new_urban_jobs": _thousands},
        lay.since_january,
    )
    training = table(
        "瓯越工匠",
        [["统计时点", "2022年以来累计培训（人次）"]],
        {"training_enrolments_cumulative": _plain},
        lay.at_end,
    )
    skills = table(
        "浙派工匠",
        [["统计时点", "技能人才（人）", ""], ["", "总量", "高技能人才"]],
        {"skilled_workers": _whole, "highly_skilled_workers": _whole},
        lay.at_end,
    )
    headings = [
        "统计期",
        "培训劳动关系协调员（人次）",
        "劳动用工体检（家次）",
        "已签能级工资集体合同企业（家）",
        "规模以上企业（家）",
    ]
    columns = {
        "coordinators_trained": _plain, "employment_checkups": _plain,
        "wage_bargaining_coverage signed": lambda row: _part(row, "numerator"),
        "wage_bargaining_coverage firms": lambda row: _part(row, "denominator"),
    }  # fmt: skip
    relations = table("浙里和谐劳动关系", [headings], columns, lay.since_january)
    markets = lay.Sheet(
        "零工市场",
        [["市场编号", "市场名称", "启用日期", "公益性服务", "省级示范认定日期"]],
        [[f"LG{n:03d}", f"演示零工市场{n}", *market] for n, market in enumerate(MARKETS, 1)],
    )
    third = {n: "anxin" if n % 10 < 7 else "mashang" if n % 10 < 9 else "jiancha" for n in range(len(leads))}
    share = {name: [c for c in leads if third[c.number] == name] for name in ("anxin", "mashang", "jiancha")}
    return {
        "zheli-jiuye.csv": lay.as_text(jobs, day, "utf-8-sig"),
        "zhongdian-qunti.csv": lay.as_text(
            lay.people("重点群体就业帮扶在线", "登记编号", "ZD", _where(helped, low, False), towns),
            day,
            "gb18030",
        ),
        "dishouru-bangfu.csv": lay.as_text(
            lay.people("低收入家庭综合帮扶在线", "帮扶编号", "DS", _where(helped, low, True), towns),
            day,
            "utf-8",
        ),
        "zhepai-gongjiang.xlsx": lay.as_workbook(skills, day, "技能人才", ["A1:C1", "A2:A3", "B2:C2"]),
        "ouyue-gongjiang.txt": lay.as_text(training, day, "utf-16", "\t"),
        "zheli-hexie.csv": lay.as_text(relations, day, "gb18030"),
        "anxin-zaixian.csv": lay.as_text(
            lay.arrears("安薪在线", "线索编号", "AX", share["anxin"], towns), day, "gb18030"
        ),
        "mashang-weiquan.csv": lay.as_text(
            lay.arrears("码上维权·不再忧薪", "投诉编号", "MS", share["mashang"], towns), day, "utf-8-sig"
        ),
        "zhihui-jiancha.xlsx": lay.as_workbook(
            lay.arrears("智慧监察·阳光支付", "预警编号", "JC", share["jiancha"], towns), day, "预警明细"
        ),
        "zhihui-zhongcai.csv": lay.as_text(lay.disputes("智慧仲裁", mediated, heard, towns), day, "gb18030"),
        "linggong-shichang.xlsx": lay.as_workbook(markets, day, "市场名录"),
        "zheli-qian.csv": lay.as_text(
            lay.Sheet("浙里签", [["合同编号", "签订日期", "企业名称"]], _contracts("HT")), day, "utf-8-sig"
        ),
        "xiaowei-zengxin.csv": lay.as_text(
            lay.Sheet("浙江小微增信服务平台", [["业务编号", "受理日期", "企业名称"]], _contracts("ZX")),
            day,
            "utf-8-sig",
        ),
    }


def _totals(rows: Mapping[pd.Period, Row]) -> dict[pd.Period, tuple[int, int]]:
    return {q: (int(row["numerator"]), int(row["denominator"])) for q, row in rows.items()}


def _where(cases: Iterable[Case], groups: set[str], inside: bool) -> list[Case]:
    return [case for case in cases if (case.group in groups) == inside]


def _plain(row: Row) -> str:
    return row.get("value") or "——"


def _part(row: Row, name: str) -> str:
    return "——" if row.get("missing") else row.get(name, "")


def _thousands(row: Row) -> str:
    return f"{int(row['value']):,}" if row.get("value") else "——"


def _whole(row: Row) -> int | str:
    return int(row["value"]) if row.get("value") else "——"


def _contracts(prefix: str) -> list[list[object]]:
    return [
        [f"{prefix}{n:04d}", dt.date(2026, 1, 5) + dt.timedelta(days=9 * n), "演示略"] for n in range(1, 31)
    ]


def counted_rows(
    files: Iterable[Path],
    mappings: Mapping[str, Named],
    quarters: Sequence[pd.Period],
    plan: Plan,
    rules: Rules,
    regions: Mapping[str, Region],
    day: dt.date,
) -> dict[str, list[Row]]:
    """Return what the sample exports of records yield, by indicator, read as any export is.

    Parameters
    ----------
    files : the exports, each under the name of its mapping; one without a mapping is passed over
    mappings, plan, rules, regions : what they are read by
    quarters : the quarters counted
    day : when the exports were made
    """
    states = sample_states(files, mappings, regions, rules, day)
    parts = parts_of(regions, plan.region)
    indicators = dict.fromkeys(y.indicator for name in states for y in mappings[name].mapping.yields)
    return {
        id: case_rows(id, givers_of(id, mappings), states, quarters, plan, rules, parts, sample=True)
        for id in indicators
    }
