from pathlib import Path

import pytest
from workspaces import copy_workspace

from laoyou.errors import WorkspaceError
from laoyou.workspace import MARKERS, Workspace, find_workspace


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    return copy_workspace(tmp_path / "checkout")


@pytest.mark.parametrize("below", [".", "notebooks", "data/plans", "params", "notebooks/drafts/2026"])
def test_a_workspace_is_found_by_walking_up(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch, below: str
) -> None:
    folder = workspace.root / below
    folder.mkdir(parents=True, exist_ok=True)
    monkeypatch.chdir(folder)
    assert find_workspace().root == workspace.root.resolve()
    assert find_workspace(start=folder) == find_workspace()


def test_the_nearest_workspace_is_taken(workspace: Workspace) -> None:
    inner = copy_workspace(workspace.root / "notebooks" / "inner")
    assert find_workspace(start=inner.notebooks).root == inner.root.resolve()


def test_outside_a_workspace_the_refusal_says_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(WorkspaceError) as caught:
        find_workspace()
    [problem] = caught.value.problems
    assert caught.value.where == str(tmp_path.resolve())
    assert "不是工作区" in problem.found
    assert all(f"{name}/" in problem.allowed for name in MARKERS)
    assert problem.remedy == "先进入项目目录再运行"


@pytest.mark.parametrize("name", MARKERS)
def test_a_folder_without_one_of_the_working_folders_is_no_workspace(tmp_path: Path, name: str) -> None:
    for marker in MARKERS:
        if marker != name:
            (tmp_path / marker).mkdir()
    (tmp_path / name).write_text("", encoding="utf-8")  # a file of that name is none either
    with pytest.raises(WorkspaceError, match=f"{name}/"):
        find_workspace(start=tmp_path)


def test_the_folders_of_a_workspace_have_their_usual_names(workspace: Workspace) -> None:
    root = workspace.root
    assert [workspace.notebooks, workspace.data, workspace.params, workspace.outputs] == [
        root / "notebooks",
        root / "data",
        root / "params",
        root / "outputs",
    ]
    assert workspace.rules_file == root / "params" / "rules.yml"


@pytest.mark.parametrize("data", ["data", ""])
def test_the_data_folder_is_called_data_unless_named(workspace: Workspace, data: str) -> None:
    assert find_workspace(data, workspace.root).data == workspace.root.resolve() / "data"


def test_another_data_folder_may_be_named_or_lie_elsewhere(workspace: Workspace, tmp_path: Path) -> None:
    (workspace.root / "data-2").mkdir()
    (tmp_path / "elsewhere").mkdir()
    named = find_workspace("data-2", workspace.root)
    absolute = find_workspace(str(tmp_path / "elsewhere"), workspace.root)
    assert named.data == workspace.root.resolve() / "data-2"
    assert absolute.data == tmp_path / "elsewhere"


def test_a_data_folder_that_is_absent_is_refused(workspace: Workspace) -> None:
    with pytest.raises(WorkspaceError) as caught:
        find_workspace("dat", workspace.root)
    [problem] = caught.value.problems
    assert caught.value.where == "参数 data"
    assert problem.found == "「dat」不是一个目录"


def test_the_one_plan_file_is_found(workspace: Workspace) -> None:
    assert workspace.plan_file() == workspace.data / "plans" / "dongtou-2023-2027.yml"


def test_two_plan_files_are_refused_by_name(workspace: Workspace) -> None:
    (workspace.data / "plans" / "another.yml").write_text("", encoding="utf-8")
    with pytest.raises(WorkspaceError) as caught:
        workspace.plan_file()
    [problem] = caught.value.problems
    assert caught.value.where == "data/plans"
    assert problem.found == "有多份规划文件：another.yml、dongtou-2023-2027.yml"
    assert problem.allowed == "一个数据目录放一份规划"
    assert problem.remedy


def test_a_data_folder_without_a_plan_is_refused(workspace: Workspace) -> None:
    workspace.plan_file().unlink()
    with pytest.raises(WorkspaceError, match="没有规划文件"):
        workspace.plan_file()


def test_files_are_named_from_the_root_with_slashes(workspace: Workspace, tmp_path: Path) -> None:
    assert workspace.relative(workspace.plan_file()) == "data/plans/dongtou-2023-2027.yml"
    assert workspace.relative(workspace.notebooks / ".." / "params") == "params"
    assert workspace.relative(tmp_path / "elsewhere") == (tmp_path / "elsewhere").as_posix()
