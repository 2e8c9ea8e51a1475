"""A quarter's parameters: checked against what the notebooks declare, before any of them runs."""

from __future__ import annotations

import ast
import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from laoyou.batch.notebooks import read_cells
from laoyou.errors import NotAllowedError, ParametersError, Problem, did_you_mean, one_of, why
from laoyou.language import LANGUAGES
from laoyou.ledger.vintage import read_day
from laoyou.periods import parse_quarter
from laoyou.regions import load_regions
from laoyou.workspace import Workspace
from laoyou.yamlfile import place_of, read_yaml

TYPES: Mapping[str, type] = {"str": str, "int": int, "float": float, "bool": bool}
DECLARATION = "名字：类型 = 字面值；类型为 " + one_of(TYPES)
TYPE_WORDS = {str: "文本（加引号）", int: "整数", float: "数字", bool: "true 或 false"}


@dataclass(frozen=True)
class Declared:
    """A parameter as a notebook declares it: its type and the value that stands there."""

    type: type
    value: Any


def declared_parameters(notebook: Path, shown: str) -> dict[str, Declared]:
    """Return what the cell tagged ``parameters`` of a notebook declares.

    Parameters
    ----------
    notebook : the file
    shown : its name in messages

    Raises
    ------
    ParametersError
        If there is no such cell, or a line of it is not ``name: type = literal``.
    """
    try:
        cell = next((c for c in read_cells(notebook) if "parameters" in c.tags), None)
    except (OSError, ValueError, RecursionError) as cause:
        raise ParametersError(shown, Problem("文件", f"不是可读的笔记本（{why(cause)}）")) from None
    if cell is None:
        raise ParametersError(
            shown, Problem("单元格", "没有带 parameters 标签的一格", "恰好一格", "在 JupyterLab 右侧栏加标签")
        )
    try:
        statements = ast.parse(cell.source).body
    except SyntaxError as cause:
        found = f"第 {cause.lineno} 行不合 Python 语法（{cause.msg}）"
        raise ParametersError(shown, Problem("parameters 一格", found, DECLARATION)) from None
    declared = {}
    for statement in statements:
        try:
            if not isinstance(statement, ast.AnnAssign) or statement.value is None:
                raise ValueError
            name, kind = ast.unparse(statement.target), TYPES[ast.unparse(statement.annotation)]
            declared[name] = Declared(kind, ast.literal_eval(statement.value))
        except (KeyError, ValueError, TypeError):
            raise ParametersError(
                shown, Problem("parameters 一格", f"「{ast.unparse(statement)}」", DECLARATION)
            ) from None
    return declared


def notebook_files(workspace: Workspace) -> dict[str, Path]:
    """Return the workspace's notebooks by name, the overview first; the methods and the plan's own check last."""
    ends = {"overview": 0, "methods": 2, "plan_check": 3}
    files = {p.stem: p for p in workspace.notebooks.glob("*.ipynb")}
    return {name: files[name] for name in sorted(files, key=lambda name: (ends.get(name, 1), name))}


def choose_notebooks(workspace: Workspace, names: list[str]) -> dict[str, Path]:
    """Return the named notebooks, or all of them if none is named.

    Raises
    ------
    ParametersError
        If a name is no notebook, or there is no notebook at all.
    """
    files = notebook_files(workspace)
    unknown = [
        Problem("笔记本", f"「{name}」不存在", one_of(files), did_you_mean(name, files))
        for name in names
        if name not in files
    ]
    if unknown:
        raise ParametersError("notebooks/", unknown)
    if not files:
        raise ParametersError("notebooks/", Problem("笔记本", "一个也没有", "*.ipynb"))
    return {name: path for name, path in files.items() if not names or name in names}


def read_parameters(
    workspace: Workspace, file: Path, notebooks: Mapping[str, Path], *, as_of: str | None = None
) -> dict[str, Any]:
    """Read a quarter's parameters and check them against what the notebooks declare.

    Parameters
    ----------
    workspace : the workspace
    file : the parameters file
    notebooks : the notebooks that will be run with them, by name
    as_of : the last day of knowledge (ISO date) instead of the file's, if given

    Returns
    -------
    The parameters by name.

    Raises
    ------
    ParametersError
        With every name that no notebook declares, every one absent, every wrong type, and a quarter or
        cut-off that is none.
    """
    shown = workspace.relative(file)
    content, node = read_yaml(file, shown, ParametersError)
    if not isinstance(content, dict):
        raise ParametersError(shown, Problem("文件", "是空的或不是「键：值」的形式"))
    if as_of is not None:
        _check_day(as_of)
        content = {**content, "as_of": as_of}
    declared: dict[str, Declared] = {}
    for path in notebooks.values():
        declared |= declared_parameters(path, workspace.relative(path))
    if "lang" in declared:
        content = {**content, "lang": content.get("lang", "zh")}  # Chinese unless told otherwise
    problems = []
    for name, value in content.items():
        place = place_of([name], node)
        if name not in declared:
            problems.append(
                Problem(place, f"不认识的参数「{name}」", one_of(declared), did_you_mean(str(name), declared))
            )
        elif name == "lang" and value not in LANGUAGES:
            hint = did_you_mean(str(value), LANGUAGES)
            problems.append(Problem(place, f"「{value}」不是报告的语言", one_of(LANGUAGES), hint))
        elif type(value) is not declared[name].type and (declared[name].type, type(value)) != (float, int):
            problems.append(Problem(place, f"「{value}」的类型不对", TYPE_WORDS[declared[name].type]))
    problems += [
        Problem(f"参数 {name}", "缺少", f"{TYPE_WORDS[d.type]}")
        for name, d in declared.items()
        if name not in content
    ]
    problems += _unfit(workspace, content, node, file) if not problems else []
    if problems:
        raise ParametersError(shown, problems)
    return dict(content)


def _check_day(as_of: str) -> None:
    """Refuse a day given with the command that is none."""
    try:
        read_day(as_of)
    except NotAllowedError as cause:
        raise ParametersError("--as-of", Problem("数据截止日", cause.found, cause.allowed)) from None


def _unfit(workspace: Workspace, content: Mapping[str, Any], node: Any, file: Path) -> list[Problem]:
    """Return what is wrong with a quarter, a cut-off, a data folder or a region of the right type."""

    def at(name: str, *said: str) -> Problem:
        return Problem(place_of([name], node), *said)

    problems = []
    quarter, as_of, region = (content.get(name) for name in ("quarter", "as_of", "region"))
    own = Workspace(workspace.root, content.get("data") or workspace.data_name)
    over = None
    try:
        over = parse_quarter(quarter).end_time.date() if quarter is not None else None
        if quarter is not None and parse_quarter(quarter) != _named_quarter(file, quarter):
            problems.append(at("quarter", f"「{quarter}」与文件名不符", file.stem))
    except NotAllowedError as cause:
        problems.append(at("quarter", cause.found, cause.allowed))
    if as_of:
        try:
            if read_day(as_of) < (over or dt.date.min):
                problems.append(at("as_of", f"「{as_of}」，{quarter} 到 {over} 才结束", f"不早于 {over}"))
        except NotAllowedError as cause:
            problems.append(at("as_of", cause.found, f"{cause.allowed}，或空着"))
    if not own.data.is_dir():
        problems.append(at("data", f"「{own.data_name}」不是一个目录", "工作区内的目录名"))
    elif region is not None and region not in (regions := load_regions(own)):
        problems.append(
            at("region", f"「{region}」不在地区表里", one_of(regions), did_you_mean(region, regions))
        )
    return problems


def _named_quarter(file: Path, otherwise: str) -> pd.Period:
    """Return the quarter that a parameters file is named after, or the other one if it is named freely."""
    try:
        return parse_quarter(file.stem)
    except NotAllowedError:
        return parse_quarter(otherwise)
