"""The words of the command ``laoyou``: what can be said after it, and how each is explained."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any, NoReturn

WRONG = 2  # exit status for words that are none; argparse's own


class _Parser(argparse.ArgumentParser):
    """argparse, speaking Chinese."""

    def error(self, message: str) -> NoReturn:
        """Say what was wrong with the words of the command, and how to see what is allowed."""
        self.exit(WRONG, f"命令写法有误：{message}\n用法见：{self.prog} --help\n")

    def print_help(self, file: Any = None) -> None:
        """Print the help at once, so that an output that cannot take it is found out here."""
        print(self.format_help(), end="", file=file, flush=True)


def parser() -> argparse.ArgumentParser:
    """Return the parser of the command and all its words."""
    top = _Parser(
        prog="laoyou",
        description="把规划目标和每季的数变成一份诚实的进展报告。",
        epilog="例：laoyou check && laoyou run 2026Q3",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    words = top.add_subparsers(dest="command", required=True, metavar="命令", parser_class=_Parser)

    def word(name: str, help: str, example: str) -> argparse.ArgumentParser:
        return words.add_parser(
            name,
            help=help,
            description=help,
            epilog=f"例：{example}",
            formatter_class=argparse.RawDescriptionHelpFormatter,
        )

    make = word(
        "run",
        "运行一季或多个地区多个季度的全部笔记本并发布网页",
        "laoyou run 2026Q3；laoyou run params/2026Q3.yml --notebook arrears；laoyou run 2026Q3 --as-of 2026-10-31；"
        "laoyou run --regions all --quarters 2025Q1..2026Q3 --jobs 4",
    )
    make.add_argument("quarter", metavar="季度或参数文件", nargs="?", help="2026Q3，或 params/2026Q3.yml")
    make.add_argument(
        "--regions",
        metavar="地区",
        help="all（有自己季度数的全部地区），或代码，之间用逗号；与 --quarters 一起写",
    )
    make.add_argument(
        "--quarters",
        metavar="季度",
        help="2026Q3，或一段 2023Q1..2026Q3；没有参数文件的季度，数据截止日是季后次月末",
    )
    make.add_argument(
        "--notebook",
        metavar="名称",
        action="append",
        default=[],
        help="没有变化也重新运行这一个，可重复；其余只在有变化时运行",
    )
    make.add_argument("--jobs", metavar="N", help="同时运行几个；默认是处理器数的一倍半加一")
    make.add_argument("--force", action="store_true", help="没有变化的也重新运行")
    make.add_argument(
        "--cluster", metavar="地址", help="在 Dask 集群上运行：调度器的地址，如 tcp://scheduler:8786"
    )
    cut_off = "数据截止日，如 2026-10-31，代替参数文件里的 as_of；按那一天知道的样子原样重做"
    make.add_argument("--as-of", metavar="日期", help=cut_off)
    status = word("status", "在终端里看一季的进展", "laoyou status 2026Q3")
    status.add_argument("quarter", metavar="季度或参数文件", help="2026Q3，或 params/2026Q3.yml")
    status.add_argument("--as-of", metavar="日期", help="数据截止日，如 2026-10-31，代替参数文件里的 as_of")
    form = word("form", "生成一季的填报表，每个牵头单位一份", "laoyou form 2026Q4")
    form.add_argument("quarter", metavar="季度", help="2026Q4")
    form.add_argument("--to", metavar="目录", type=Path, help="放到哪里；默认 outputs/<地区>/forms/<季度>/")
    take = word(
        "intake",
        "录入填好的表和平台导出：先列出与台账的差异，确认后才写",
        "laoyou intake 区人力社保局.xlsx；laoyou intake anxin.csv --quarter 2026Q3 --yes",
    )
    take.add_argument("files", metavar="文件", nargs="+", type=Path, help="填报表或平台导出，可以几个一起")
    take.add_argument(
        "--quarter",
        metavar="季度",
        action="append",
        default=[],
        help="个案明细算哪一季，可重复；默认最近结束的一季",
    )
    take.add_argument(
        "--mapping", metavar="名称", help="导出用哪一份映射（data/mappings/ 里的文件名）；默认按表头认"
    )
    take.add_argument("--reported-on", metavar="日期", help="这些数何时为人所知；默认今天")
    take.add_argument("--yes", action="store_true", help="不询问，直接录入（批处理用）")
    past = word(
        "history",
        "列出一项指标的每一次上报、修订和订正",
        "laoyou history new_urban_jobs；laoyou history 城镇新增就业人数 --period 2026Q1",
    )
    past.add_argument("indicator", metavar="指标", help="id 或中文名称")
    past.add_argument("--region", metavar="地区", help="代码或名称；默认规划的地区，和制定这一项的地区")
    past.add_argument("--period", metavar="期间", help="2026Q3、2025 或 2025-08；默认全部")
    listed = word(
        "problems",
        "列出一季的督查核查问题清单；交办新问题，生成各单位的清单",
        "laoyou problems 2026Q3；laoyou problems 2026Q3 --assign --by 王某 --yes；laoyou problems 2026Q3 --sheets",
    )
    listed.add_argument("quarter", metavar="季度或参数文件", help="2026Q3，或 params/2026Q3.yml")
    listed.add_argument("--as-of", metavar="日期", help="数据截止日，如 2026-10-31，代替参数文件里的 as_of")
    listed.add_argument("--assign", action="store_true", help="把该列入而还没有列入的交办给牵头单位")
    listed.add_argument("--by", metavar="姓名", help="交办人；与 --assign 一起写")
    listed.add_argument("--on", metavar="日期", help="交办日；默认今天")
    listed.add_argument("--sample", action="store_true", help="演练：记在演示的办理记录里")
    listed.add_argument("--yes", action="store_true", help="确认交办；不写只列出要交办什么")
    listed.add_argument("--sheets", action="store_true", help="给有在办问题的单位各写一份 Excel 清单")
    listed.add_argument(
        "--to", metavar="目录", type=Path, help="清单放到哪里；默认 outputs/<地区>/problems/<季度>/"
    )
    choice = word(
        "decide",
        "督查方对一个问题的处理：return 退回、close 销号、escalate 报专班、extend 延期",
        "laoyou decide 2026Q1-02 close --by 王某 --text 抽查台账与系统一致",
    )
    choice.add_argument("number", metavar="编号", help="如 2026Q1-02")
    choice.add_argument(
        "step",
        metavar="处理",
        choices=["return", "close", "escalate", "extend"],
        help="return、close、escalate 或 extend",
    )
    choice.add_argument("--by", metavar="姓名", required=True, help="谁决定的")
    choice.add_argument(
        "--text", metavar="说明", required=True, help="退回的原因、销号的验收依据、报专班或延期的理由"
    )
    choice.add_argument("--on", metavar="日期", help="决定的日子；默认今天")
    choice.add_argument("--due", metavar="日期", help="延期到哪一天；与 extend 一起写")
    choice.add_argument("--region", metavar="地区", help="地区代码；默认规划的地区")
    for name, help in (
        ("circular", "生成一季的通报（Word），按公文格式排好"),
        ("workbook", "生成一季的数据（Excel），一表一页"),
    ):
        made = word(name, help, f"laoyou {name} 2026Q3")
        made.add_argument("quarter", metavar="季度或参数文件", help="2026Q3，或 params/2026Q3.yml")
        made.add_argument("--as-of", metavar="日期", help="数据截止日，如 2026-10-31，代替参数文件里的 as_of")
        made.add_argument("--to", metavar="目录", type=Path, help="放到哪里；默认这一季的报告旁边")
    paper = word(
        "print", "把已发布的一季打印成 PDF，一页一份，另有合订的一份，用本机的浏览器", "laoyou print 2026Q3"
    )
    paper.add_argument("quarter", metavar="季度或参数文件", help="2026Q3，或 params/2026Q3.yml")
    paper.add_argument(
        "--to",
        metavar="目录",
        type=Path,
        help="放到哪里；默认 outputs/<地区>/print/<季度>/，英文在 outputs/en/ 之下",
    )
    copied = word(
        "copy",
        "把台账复制到 PostgreSQL 或放 Parquet 文件的目录，以后用环境变量 LAOYOU_DATA 指明",
        "laoyou copy postgresql+psycopg://laoyou@db.example/laoyou；laoyou copy /srv/laoyou/ledger",
    )
    copied.add_argument(
        "address", metavar="地址", help="postgresql+psycopg://用户@主机/库，或一个目录；里面还没有台账"
    )
    word("check", "核对规划、台账、参数和规则", "laoyou check")
    word("sample", "重新生成演示数据：data/sample/ 里的平台导出和台账", "laoyou sample")
    return top
