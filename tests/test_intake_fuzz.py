"""Valid files changed at random: each is taken in soundly or refused, and a refusal changes no byte of the ledger."""

import datetime as dt
import io
import random
import re
import shutil
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import cache
from typing import Any

import openpyxl
import pytest
import xlwt
from intakes import CASES_HEAD, JOBS_HEAD, case, csv_text, filled, put, small_workspace
from workspaces import shipped_plan, shipped_rules, tree

from laoyou.errors import LaoyouError
from laoyou.intake import take as module
from laoyou.intake.take import intake
from laoyou.ledger.observations import read_ledger
from laoyou.workspace import Workspace

DAY = dt.date(2026, 10, 20)
EACH = 9  # mutants of one kind of one file
Table = list[list[Any]]
Mutate = Callable[[bytes, random.Random], bytes]

NASTY: list[Any] = [
    "", " ", "　", "1e400", "-1e400", "NaN", "inf", "-inf", "1e-400", "9" * 400, "0.1" + "0" * 400, "١٢٣", "½", "²",
    "1_000", "0x10", "1,23", "1.2.3", "--", "——", "…", "-", "%", "94.5%", "100.0001%", "1.2万", "万", "亿亿", "＋",
    "５﹒２％", "=1+1", "=HYPERLINK(\"http://x\")", "+8", "@SUM(1)", "#REF!", "#DIV/0!", "TRUE", "合计", "小计", "null",
    "0000-00-00", "9999-12-31", "1899-12-31", "2026-02-30", "2026-13-01", "0", "60", "45000", "999999", "-1", "today",
    "2026年三季度", "前三季度", "9999年1—12月", "0000年1—3月", "2026年1—9月", "2026年1—8月", "1—9月", "二〇二六年",
    "甲" * 40_000, "a\x00b", "\x1b[31m红", "\ufeff", "\u202e反", "\ud800", "😀", "a\nb", "a\r\nb", '"', '""', "'", ",", ";",
    "\t", "\\", "<script>alert(1)</script>", "{{7*7}}", "%s%n", "${x}", "../../etc/passwd", "北岙街道", "结案", "\x85",
    0, -0.0, 1, -1, 1.5, 0.945, 94.5, 1e15, 1e16, 1e308, 5e-324, 2**53 + 1, 10**12, True, False, None,
    dt.datetime(2026, 9, 30), dt.datetime(1900, 1, 1), dt.datetime(9999, 12, 31, 23, 59, 59),
]  # fmt: skip
NASTY_XML = [
    "NaN", "INF", "1e400", "-1e400", "-1", "0", "1", "9" * 30, "60", "-0.5", "2958466", "1048577", "XFE1", "A0", "ZZZZ9",
    "A1:A1048576", "A1:B", "", " ", "s", "b", "d", "e", "str", "inlineStr", "veryHidden", "true", "#REF!", "_x0000_",
    "_x001B_", "_xD800_", "甲", "../../x", "rId99", "yyyy", "0%", "2026-13-45", "&#0;", "&x;", "<c/>", "]]>",
]  # fmt: skip

JOBS: Table = [
    ["这里就业创业导出"], list(JOBS_HEAD), ["2025年1—12月", "1,420"], ["2026年1—3月", 374], ["2026年1—6月", 740],
    ["2026年1—9月", "1,095"], ["合计", ""],
]  # fmt: skip
CASES: Table = [
    ["智慧仲裁导出"], list(CASES_HEAD), *(list(case(n)) for n in range(8)),
    *(list(case(n, 程序="调解", 处理结果="调解成功")) for n in range(20, 28)),
    list(case(30, 结案日期="", 处理结果="审理中")), ["合计", *[""] * 7],
]  # fmt: skip


def as_csv(table: Table, encoding: str) -> bytes:
    mark = {"utf-16-le": "", "utf-16-be": ""}.get(encoding, "")
    return (mark + csv_text(*table)).encode(encoding, "surrogatepass" if "16" in encoding else "replace")


def as_xlsx(table: Table) -> bytes:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    for number, row in enumerate(table, 1):
        for column, value in enumerate(row, 1):
            cell = sheet.cell(number, column)
            if isinstance(value, str):
                value = re.sub(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]", "", value)[:32_000]
            try:
                cell.value = value
            except ValueError:
                cell.value = str(value)
    content = io.BytesIO()
    book.save(content)
    return content.getvalue()


def as_xls(table: Table) -> bytes:
    book = xlwt.Workbook()
    sheet = book.add_sheet("明细")
    day = xlwt.easyxf(num_format_str="YYYY-MM-DD")
    for number, row in enumerate(table):
        for column, value in enumerate(row):
            if isinstance(value, str):
                value = re.sub("[\ud800-\udfff]", "", value)[:32_000]
            if isinstance(value, dt.datetime):
                sheet.write(number, column, value, day)
            else:
                sheet.write(number, column, value)
    content = io.BytesIO()
    book.save(content)
    return content.getvalue()


ENCODINGS = ("utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "gb18030")
RENDER: dict[str, Callable[[Table], bytes]] = {
    "xlsx": as_xlsx,
    "xls": as_xls,
    **{f"csv {name}": lambda table, name=name: as_csv(table, name) for name in ENCODINGS},  # type: ignore[misc]
}
TABLES = {"figures": JOBS, "cases": CASES}
FILES = [f"{table} as {form}" for table in TABLES for form in RENDER] + ["form"]


@cache
def sound(name: str) -> bytes:
    """Return a file that is taken in."""
    if name == "form":
        return filled(
            {
                "new_urban_jobs": {"数值": 1095, "来源": "这里就业创业", "备注": "含返乡"},
                "key_group_assistance_rate": {"分子": 420, "分母": 424},
                "employment_checkups": {"缺数原因": "未统计"},
                "skilled_workers": {"数值": "２３,３８３"},
                "employed_persons": {"数值": 71073},
                "urban_unemployment_rate": {"数值": "4.8%", "在哪一级测得": "温州市"},
            }
        )
    table, _, form = name.partition(" as ")
    return RENDER[form](TABLES[table])


# Changes


def flip(content: bytes, chance: random.Random) -> bytes:
    changed = bytearray(content)
    for _ in range(chance.choice([1, 1, 2, 8, 64])):
        changed[chance.randrange(len(changed))] ^= 1 << chance.randrange(8)
    return bytes(changed)


def cut(content: bytes, chance: random.Random) -> bytes:
    """Break off, leave out, repeat or put in a piece."""
    start, end = sorted(chance.randrange(len(content) + 1) for _ in range(2))
    piece = bytes(chance.randrange(256) for _ in range(chance.randrange(1, 40)))
    return chance.choice(
        [
            content[:start],
            content[:start] + content[end:],
            content[:end] + content[start:end] + content[end:],
            content[:start] + piece + content[start:],
            content[start:],
        ]
    )


def parts_of(content: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def zipped(parts: list[tuple[str, bytes]]) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        for name, part in parts:
            info = zipfile.ZipInfo(name)
            while info.filename in archive.NameToInfo:  # a second part of one name, which zipfile warns of
                archive.NameToInfo.pop(info.filename)
            archive.writestr(info, part)
    return content.getvalue()


def shuffle_parts(content: bytes, chance: random.Random) -> bytes:
    """Remove, repeat, swap, empty or rename parts of a workbook."""
    parts = list(parts_of(content).items())
    one, other = chance.sample(range(len(parts)), 2)
    what = chance.randrange(6)
    if what == 0:
        del parts[one]
    elif what == 1:
        parts.append((parts[one][0], parts[other][1]))
    elif what == 2:
        (a, x), (b, y) = parts[one], parts[other]
        parts[one], parts[other] = (a, y), (b, x)
    elif what == 3:
        parts[one] = (parts[one][0], parts[one][1][: chance.randrange(len(parts[one][1]) + 1)])
    elif what == 4:
        parts[one] = (chance.choice(["xl/x.xml", "../x", parts[other][0], "xl/workbook.bin"]), parts[one][1])
    else:
        parts[one] = (
            parts[one][0],
            chance.choice([b"", b"<x/>", b"\x00", b"<?xml version='1.0'?>", b"<a>" * 500]),
        )
    return zipped(parts)


def edit_xml(content: bytes, chance: random.Random) -> bytes:
    """Change attributes, texts and elements of a workbook's parts."""
    parts = parts_of(content)
    read = [n for n in parts if re.search(r"workbook\.xml|sheet\d+\.xml$|sharedStrings|styles", n)]
    name = chance.choice(read)
    text = parts[name].decode("utf-8")
    for _ in range(chance.choice([1, 1, 3])):
        marks = list(
            re.finditer(chance.choice([r'(?<==")[^"]*(?=")', r"(?<=>)[^<]+(?=<)", r"<(\w+)\b[^>]*/?>"]), text)
        )
        if marks:
            mark = chance.choice(marks)
            new = chance.choice(["", mark[0] * 2]) if mark[0].startswith("<") else chance.choice(NASTY_XML)
            text = text[: mark.start()] + new + text[mark.end() :]
    return zipped(list((parts | {name: text.encode("utf-8")}).items()))


def edit_form(content: bytes, chance: random.Random) -> bytes:
    """Fill nasty things into a form, or take rows, columns and marks out of it."""
    book = openpyxl.load_workbook(io.BytesIO(content))
    sheet = chance.choice(book.worksheets) if chance.random() < 0.2 else book["填报表"]
    for _ in range(chance.choice([1, 2, 6])):
        what = chance.randrange(10)
        row, column = chance.randrange(1, 28), chance.randrange(1, 20)
        if what == 0:
            sheet.delete_rows(row)
        elif what == 1:
            sheet.delete_cols(column)
        elif what == 2:
            sheet.insert_rows(row)
        elif what == 3:
            sheet.row_dimensions[row].hidden = True
        elif what == 4:
            sheet.unmerge_cells(
                chance.choice(list(sheet.merged_cells.ranges)).coord
            ) if sheet.merged_cells else None
        else:
            cell = sheet.cell(chance.randrange(5, 28), chance.randrange(8, 18))
            value = chance.choice(NASTY)
            if isinstance(value, str):
                value = re.sub(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]", "", value)[:32_000]
            if not isinstance(cell, openpyxl.cell.MergedCell):
                cell.value = value
    saved = io.BytesIO()
    book.save(saved)
    return saved.getvalue()


def edit_table(name: str) -> Mutate:
    """Return a change of a table's cells, rows, columns and headings before it is written in its format."""
    table_name, _, form = name.partition(" as ")

    def edit(content: bytes, chance: random.Random) -> bytes:
        table = [list(row) for row in TABLES[table_name]]
        for _ in range(chance.choice([1, 1, 2, 5])):
            row = chance.randrange(len(table))
            what = chance.randrange(12)
            if what == 0 and len(table) > 2:
                del table[row]
            elif what == 1:
                column = chance.randrange(len(table[min(1, len(table) - 1)]) or 1)
                table = [line[:column] + line[column + 1 :] for line in table]
            elif what == 2:
                table.insert(row, list(table[row]))
            elif what == 3:
                chance.shuffle(table[row])
            elif what == 4:
                table[row] = table[row] + [chance.choice(NASTY)] * chance.randrange(1, 4)
            elif table[row]:
                table[row][chance.randrange(len(table[row]))] = chance.choice(NASTY)
        return RENDER[form](table)

    return edit


def changes(name: str) -> dict[str, Mutate]:
    """Return the changes that suit a file."""
    found: dict[str, Mutate] = {"flip": flip, "cut": cut}
    if sound(name).startswith(b"PK"):
        found |= {"parts": shuffle_parts, "xml": edit_xml}
    return found | {"cells": edit_form if name == "form" else edit_table(name)}


CHANGES = [(name, change) for name in FILES for change in (
    ("flip", "cut", "parts", "xml", "cells") if name == "form" or name.endswith("xlsx") else ("flip", "cut", "cells")
)]  # fmt: skip


# What becomes of them


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workspace]:
    """Return a workspace whose plan, rules and mappings are read once; the ledger is read every time."""
    workspace = small_workspace(tmp_path_factory.mktemp("fuzz") / "checkout")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(workspace.root)
        ground = module._ground(DAY, [])
        patch.setattr(module, "_ground", lambda day, quarters: replace(ground))
        yield workspace


def ledger_of(workspace: Workspace) -> dict[str, bytes]:
    return {n: c for n, c in tree(workspace.data).items() if n != ".laoyou.lock"}


def taken_in(workspace: Workspace, name: str, content: bytes) -> bool:
    """Take a file in and take it out again; return whether it was accepted."""
    before = ledger_of(workspace)
    file = put(workspace, "变" + (".xlsx" if "xlsx" in name or name == "form" else ".csv"), content)
    try:
        taken = intake([file], day=DAY)
    except LaoyouError as refusal:
        said = str(refusal)
    else:
        said = ""
    if said:
        assert ledger_of(workspace) == before
        return False
    after = ledger_of(workspace)
    assert taken.written == (after != before)
    assert all(after[name].startswith(content) for name, content in before.items())
    read_ledger(workspace, shipped_plan(), shipped_rules(), today=DAY)
    for new in after.keys() - before.keys():
        (workspace.data / new).unlink()
    shutil.rmtree(workspace.data / "records", ignore_errors=True)
    assert ledger_of(workspace) == before
    return True


def test_there_are_enough_of_them() -> None:
    assert len(CHANGES) * EACH >= 500


@pytest.mark.parametrize("name", FILES)
def test_the_file_as_it_was_made_is_taken_in(workspace: Workspace, name: str) -> None:
    assert taken_in(workspace, name, sound(name))


@pytest.mark.parametrize(("name", "change"), CHANGES)
def test_a_changed_file_is_taken_in_soundly_or_refused(workspace: Workspace, name: str, change: str) -> None:
    mutate = changes(name)[change]
    for number in range(EACH):
        content = mutate(sound(name), random.Random(f"{name} {change} {number}"))
        try:
            taken_in(workspace, name, content)
        except BaseException as cause:
            cause.add_note(f"{name}, {change}, mutant {number}")
            raise
