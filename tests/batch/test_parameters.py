from collections.abc import Callable
from pathlib import Path

import nbformat
import pytest
from workspaces import ROOT, copy_workspace, write_notebook

from laoyou.batch.parameter_files import parameters_file
from laoyou.batch.parameters import (
    Declared,
    choose_notebooks,
    declared_parameters,
    notebook_files,
    read_parameters,
)
from laoyou.errors import ParametersError, Problem
from laoyou.workspace import Workspace

SHIPPED = {"region": "330305", "quarter": "2026Q3", "as_of": "2026-10-31", "data": "data", "lang": "zh"}
QUARTERS = "已有 2025Q4、2026Q2、2026Q3、2026Q3-en"
NAMES = "region、quarter、as_of、data、lang"
TEXT = "文本（加引号）"


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    """Return a copy of the shipped workspace with one small notebook."""
    copy = copy_workspace(tmp_path)
    write_notebook(copy, "small", "quarter")
    return copy


Break = Callable[[str, str], list[Problem]]


@pytest.fixture
def refused(workspace: Workspace) -> Break:
    """Return a function that replaces a piece of 2026Q3.yml and returns what is then wrong with the file."""

    def replace(before: str, after: str) -> list[Problem]:
        file = workspace.params / "2026Q3.yml"
        text = file.read_text(encoding="utf-8")
        assert text.count(before) == 1
        file.write_text(text.replace(before, after), encoding="utf-8")
        return problems_of(workspace, file)

    return replace


def problems_of(workspace: Workspace, file: Path) -> list[Problem]:
    with pytest.raises(ParametersError) as caught:
        read_parameters(workspace, file, notebook_files(workspace))
    assert caught.value.where == workspace.relative(file)
    return list(caught.value.problems)


def declared(workspace: Workspace, cell: str) -> dict[str, Declared]:
    return declared_parameters(write_notebook(workspace, "other", parameters=cell), "notebooks/other.ipynb")


def undeclared(workspace: Workspace, cell: str) -> Problem:
    with pytest.raises(ParametersError) as caught:
        declared(workspace, cell)
    assert caught.value.where == "notebooks/other.ipynb"
    [problem] = caught.value.problems
    return problem


# What a notebook declares


def test_a_declaration_gives_a_type_and_the_value_that_stands_there(workspace: Workspace) -> None:
    cell = 'name: str = "甲"  # 名称\ncount: int = -3\nshare: float = 0.5\nshown: bool = True\n'
    assert declared(workspace, cell) == {
        "name": Declared(str, "甲"),
        "count": Declared(int, -3),
        "share": Declared(float, 0.5),
        "shown": Declared(bool, True),
    }


def test_every_shipped_notebook_declares_region_quarter_as_of_and_data() -> None:
    for path in notebook_files(Workspace(ROOT)).values():
        assert {name: d.type for name, d in declared_parameters(path, path.name).items()} == dict.fromkeys(
            SHIPPED, str
        )


@pytest.mark.parametrize(
    "line",
    [
        "quarter = '2026Q3'",
        "quarter: str",
        "quarter: str = latest()",
        "quarter: str = f'{year}Q3'",
        "quarter: list = []",
        "quarter: str | None = None",
        "count: int = {[]: 1}",
        "import datetime",
    ],
)
def test_a_line_that_declares_no_literal_is_refused_as_it_stands(workspace: Workspace, line: str) -> None:
    problem = undeclared(workspace, f'region: str = "330305"\n{line}\n')
    assert problem.place == "parameters 一格"
    assert problem.found == f"「{line}」"
    assert problem.allowed == "名字：类型 = 字面值；类型为 str、int、float、bool"


def test_a_parameters_cell_that_is_no_python_is_refused_by_its_line(workspace: Workspace) -> None:
    problem = undeclared(workspace, 'region: str = "330305"\nquarter: str = (\n')
    assert "第 2 行不合 Python 语法" in problem.found
    assert "字面值" in problem.allowed


def test_a_notebook_without_a_parameters_cell_is_refused(workspace: Workspace) -> None:
    file = write_notebook(workspace, "other")
    notebook = nbformat.read(file, as_version=4)
    del notebook.cells[1]
    nbformat.write(notebook, file)
    with pytest.raises(ParametersError) as caught:
        declared_parameters(file, "notebooks/other.ipynb")
    [problem] = caught.value.problems
    assert (caught.value.where, problem.place) == ("notebooks/other.ipynb", "单元格")
    assert problem.found == "没有带 parameters 标签的一格"
    assert problem.allowed == "恰好一格"
    assert "标签" in problem.remedy


@pytest.mark.parametrize(
    "content",
    [
        "",
        "<html>",
        "[]",
        "null",
        "{}",
        '{"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": [null]}',
        '{"nbformat": 9, "nbformat_minor": 0, "metadata": {}, "cells": []}',
    ],
)
def test_a_file_that_is_no_notebook_is_refused(workspace: Workspace, content: str) -> None:
    file = workspace.notebooks / "other.ipynb"
    file.write_text(content, encoding="utf-8")
    with pytest.raises(ParametersError, match="不是可读的笔记本") as caught:
        declared_parameters(file, "notebooks/other.ipynb")
    assert caught.value.where == "notebooks/other.ipynb"


# Which notebooks, which file


def test_the_overview_comes_first_the_methods_and_the_check_of_the_plan_last() -> None:
    names = list(notebook_files(Workspace(ROOT)))
    assert (names[0], *names[-2:]) == ("overview", "methods", "plan_check")
    assert names[1:-2] == sorted(names[1:-2])


def test_all_notebooks_are_chosen_unless_some_are_named(workspace: Workspace) -> None:
    write_notebook(workspace, "other")
    assert list(choose_notebooks(workspace, [])) == ["other", "small"]
    assert list(choose_notebooks(workspace, ["small"])) == ["small"]


def test_an_unknown_notebook_is_answered_with_the_nearest_one(workspace: Workspace) -> None:
    with pytest.raises(ParametersError) as caught:
        choose_notebooks(workspace, ["smal", "small"])
    [problem] = caught.value.problems
    assert caught.value.where == "notebooks/"
    assert problem == Problem("笔记本", "「smal」不存在", "small", "是不是「small」？")


def test_a_workspace_without_a_notebook_has_nothing_to_run(tmp_path: Path) -> None:
    with pytest.raises(ParametersError) as caught:
        choose_notebooks(copy_workspace(tmp_path), [])
    [problem] = caught.value.problems
    assert (caught.value.where, problem.found) == ("notebooks/", "一个也没有")


def test_a_quarter_or_a_path_names_a_parameters_file(workspace: Workspace) -> None:
    file = workspace.params / "2026Q3.yml"
    assert parameters_file(workspace, "2026Q3") == file
    assert parameters_file(workspace, str(file)) == file


@pytest.mark.parametrize(
    ("word", "where", "remedy"),
    [
        ("2026Q9", "params/2026Q9.yml", "是不是「2026Q3」？"),
        ("2026Q4", "params/2026Q4.yml", "照已有的一份另存为新的季度，改 quarter 和 as_of 两行"),
        ("明年", "params/明年.yml", "照已有的一份另存为新的季度，改 quarter 和 as_of 两行"),
        ("params/2030Q1.yml", "params/2030Q1.yml", "照已有的一份另存为新的季度，改 quarter 和 as_of 两行"),
        ("", "params/.yml", "照已有的一份另存为新的季度，改 quarter 和 as_of 两行"),
    ],
)
def test_an_absent_file_is_answered_with_those_that_exist(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch, word: str, where: str, remedy: str
) -> None:
    monkeypatch.chdir(workspace.root)
    with pytest.raises(ParametersError) as caught:
        parameters_file(workspace, word)
    assert caught.value.where == where
    assert caught.value.problems == (Problem("参数文件", "不存在", QUARTERS, remedy),)


def test_a_word_too_long_for_a_file_name_names_no_file(workspace: Workspace) -> None:
    with pytest.raises(ParametersError, match="不存在"):
        parameters_file(workspace, "2" * 300)


# What a parameters file holds


@pytest.mark.parametrize(("written", "told"), [("fr", "fr"), ("", "None"), ("1", "1"), ("EN", "EN")])
def test_a_language_that_no_report_speaks_is_refused(refused: Break, written: str, told: str) -> None:
    [problem] = refused("lang: zh", f"lang: {written}")
    assert (problem.place, problem.found) == ("第 6 行 lang", f"「{told}」不是报告的语言")
    assert problem.allowed == "zh、en"


def test_a_report_is_in_chinese_unless_told_otherwise(workspace: Workspace) -> None:
    file = workspace.params / "2026Q3.yml"
    lines = file.read_text(encoding="utf-8").splitlines()
    file.write_text("\n".join(line for line in lines if not line.startswith("lang")), encoding="utf-8")
    assert read_parameters(workspace, file, notebook_files(workspace))["lang"] == "zh"


def test_the_shipped_files_are_accepted(workspace: Workspace) -> None:
    notebooks = notebook_files(workspace)
    for quarter, as_of in (("2025Q4", "2026-01-31"), ("2026Q2", "2026-07-31"), ("2026Q3", "2026-10-31")):
        parameters = read_parameters(workspace, workspace.params / f"{quarter}.yml", notebooks)
        assert parameters == {**SHIPPED, "quarter": quarter, "as_of": as_of}


def test_a_misspelled_name_is_answered_with_the_nearest_and_missed_as_well(refused: Break) -> None:
    unknown, absent = refused("quarter:", "qarter:")
    assert unknown == Problem("第 3 行 qarter", "不认识的参数「qarter」", NAMES, "是不是「quarter」？")
    assert absent == Problem("参数 quarter", "缺少", TEXT)


def test_a_name_that_is_no_text_is_refused(refused: Break) -> None:
    [problem] = refused("data: data", "data: data\n2026: x")
    assert (problem.found, problem.allowed) == ("不认识的参数「2026」", NAMES)


@pytest.mark.parametrize(
    ("quarter", "found"),
    [("2026Q5", "「2026Q5」不是期间"), ("2026", "「2026」不是季度"), ("2026-09", "「2026-09」不是季度")],
)
def test_a_quarter_that_is_none_is_refused(refused: Break, quarter: str, found: str) -> None:
    [problem] = refused('quarter: "2026Q3"', f'quarter: "{quarter}"')
    assert (problem.place, problem.found) == ("第 3 行 quarter", found)
    assert "2026Q3" in problem.allowed


@pytest.mark.parametrize(
    ("before", "after", "place", "value"),
    [
        ('quarter: "2026Q3"', "quarter: 2026", "第 3 行 quarter", "2026"),
        ('region: "330305"', "region: 330305", "第 2 行 region", "330305"),
        ('as_of: "2026-10-31"', "as_of: 2026-10-31", "第 4 行 as_of", "2026-10-31"),
        ('as_of: "2026-10-31"', "as_of:", "第 4 行 as_of", "None"),
        ("data: data", "data: [data]", "第 5 行 data", "['data']"),
    ],
    ids=["year", "bare region", "bare date", "nothing", "list"],
)
def test_a_value_of_another_type_is_refused(
    refused: Break, before: str, after: str, place: str, value: str
) -> None:
    assert refused(before, after) == [Problem(place, f"「{value}」的类型不对", TEXT)]


def test_a_whole_number_is_a_number_and_true_is_not_one(workspace: Workspace) -> None:
    write_notebook(workspace, "small", parameters="share: float = 0.5\ncount: int = 1\n")
    file = workspace.params / "other.yml"
    file.write_text("share: 1\ncount: 2\n", encoding="utf-8")
    assert read_parameters(workspace, file, notebook_files(workspace)) == {"share": 1, "count": 2}
    file.write_text("share: 1.5\ncount: true\n", encoding="utf-8")
    assert problems_of(workspace, file) == [Problem("第 2 行 count", "「True」的类型不对", "整数")]


def test_a_cut_off_that_is_no_date_is_refused(refused: Break) -> None:
    [problem] = refused("2026-10-31", "2026-10-32")
    assert problem == Problem("第 4 行 as_of", "「2026-10-32」不是日期", "2026-10-31 这样的写法，或空着")


def test_an_empty_cut_off_means_everything_known(workspace: Workspace) -> None:
    file = workspace.params / "2026Q3.yml"
    text = file.read_text(encoding="utf-8")
    file.write_text(text.replace('"2026-10-31"', '""'), encoding="utf-8")
    assert read_parameters(workspace, file, notebook_files(workspace))["as_of"] == ""


def test_a_quarter_other_than_the_file_is_named_after_is_refused(refused: Break) -> None:
    assert refused('"2026Q3"', '"2026Q2"') == [Problem("第 3 行 quarter", "「2026Q2」与文件名不符", "2026Q3")]


def test_the_same_quarter_may_be_spelled_otherwise_and_a_file_named_freely(workspace: Workspace) -> None:
    file = workspace.params / "2026Q3.yml"
    text = file.read_text(encoding="utf-8")
    file.write_text(text.replace('"2026Q3"', '"2026年三季度"'), encoding="utf-8")
    (workspace.params / "draft.yml").write_text(text, encoding="utf-8")
    notebooks = notebook_files(workspace)
    assert read_parameters(workspace, file, notebooks)["quarter"] == "2026年三季度"
    assert read_parameters(workspace, workspace.params / "draft.yml", notebooks)["quarter"] == "2026Q3"


def test_an_unknown_region_is_answered_with_those_of_the_table(refused: Break) -> None:
    [problem] = refused("330305", "330304")
    assert (problem.place, problem.found) == ("第 2 行 region", "「330304」不在地区表里")
    assert "330305" in problem.allowed
    assert problem.remedy == "是不是「330305」？"


def test_a_data_folder_that_is_absent_is_refused(refused: Break) -> None:
    assert refused("data: data", "data: date") == [
        Problem("第 5 行 data", "「date」不是一个目录", "工作区内的目录名")
    ]


def test_a_missing_parameter_is_named_with_its_type(refused: Break) -> None:
    assert refused("data: data", "") == [Problem("参数 data", "缺少", TEXT)]


def test_a_parameter_written_twice_is_refused_at_its_second_line(refused: Break) -> None:
    [problem] = refused("data: data", 'data: data\nquarter: "2026Q2"')
    assert problem.place == "第 6 行第 1 列"
    assert "键「quarter」写了两次" in problem.found


def test_a_file_that_is_not_yaml_is_refused_by_line(refused: Break) -> None:
    [problem] = refused('quarter: "2026Q3"', 'quarter: "2026Q3')
    assert problem.place.startswith("第 ")
    assert "YAML 写法有误" in problem.found
    assert problem.remedy == "核对缩进、冒号和引号"


@pytest.mark.parametrize("content", ["", "# 只有注释\n", "- 2026Q3\n", "2026Q3\n"])
def test_a_file_without_names_is_refused(workspace: Workspace, content: str) -> None:
    file = workspace.params / "2026Q3.yml"
    file.write_text(content, encoding="utf-8")
    assert problems_of(workspace, file) == [Problem("文件", "是空的或不是「键：值」的形式")]


def test_all_problems_of_a_file_are_told_at_once(workspace: Workspace) -> None:
    file = workspace.params / "2026Q3.yml"
    file.write_text("region: 330305\nqarter: 2026Q3\nas_of: no\n", encoding="utf-8")
    assert [p.place for p in problems_of(workspace, file)] == [
        "第 1 行 region",
        "第 2 行 qarter",
        "第 3 行 as_of",
        "参数 quarter",
        "参数 data",
    ]
    file.write_text('region: "3"\nquarter: "2026Q5"\nas_of: "去年"\ndata: nowhere\n', encoding="utf-8")
    assert [p.place for p in problems_of(workspace, file)] == [
        "第 2 行 quarter",
        "第 3 行 as_of",
        "第 4 行 data",
    ]
