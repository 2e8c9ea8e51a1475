"""Where things are: the folder that holds notebooks/, data/, params/ and outputs/."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from laoyou.errors import Problem, WorkspaceError

MARKERS = ("notebooks", "data", "params")


@dataclass(frozen=True)
class Workspace:
    """A checkout that a quarter can be reported from.

    Parameters
    ----------
    root : the folder that holds the four working folders
    data_name : the data folder, relative to ``root`` or absolute
    """

    root: Path
    data_name: str = "data"

    @property
    def data(self) -> Path:
        """The data folder."""
        return self.root / self.data_name

    @property
    def notebooks(self) -> Path:
        """The folder of the notebooks."""
        return self.root / "notebooks"

    @property
    def params(self) -> Path:
        """The folder of the quarters' parameters and the rules."""
        return self.root / "params"

    @property
    def outputs(self) -> Path:
        """The folder that reports are published to."""
        return self.root / "outputs"

    def reports(self, language: str = "zh") -> Path:
        """Return the folder that reports in a language are published to: outputs/, and outputs/en/ for English."""
        return self.outputs if language == "zh" else self.outputs / language

    @property
    def rules_file(self) -> Path:
        """The file of every band, tolerance and threshold."""
        return self.params / "rules.yml"

    def plan_file(self) -> Path:
        """Return the one plan file of the data folder.

        Raises
        ------
        WorkspaceError
            If there is none, or more than one.
        """
        folder = self.data / "plans"
        found = sorted(folder.glob("*.yml"))
        if len(found) == 1:
            return found[0]
        raise WorkspaceError(
            self.relative(folder),
            Problem(
                "*.yml",
                "没有规划文件" if not found else "有多份规划文件：" + "、".join(p.name for p in found),
                "一个数据目录放一份规划",
                "另一个地区的规划放进另一个数据目录，再用参数 data 指明",
            ),
        )

    def relative(self, path: Path) -> str:
        """Return ``path`` as readers of this workspace write it: from the root, with slashes; a link by its own name."""
        for own, root in ((path.absolute(), self.root.absolute()), (path.resolve(), self.root.resolve())):
            if own.is_relative_to(root) and ".." not in own.parts:
                return own.relative_to(root).as_posix()
        return path.as_posix()


def find_workspace(data: str = "data", start: Path | None = None) -> Workspace:
    """Find the workspace by walking up from a folder.

    Parameters
    ----------
    data : the data folder's name inside the workspace, or an absolute path
    start : the folder to start from; the current one if not given

    Raises
    ------
    WorkspaceError
        If no folder above holds notebooks/, data/ and params/, or the data folder is absent.
    """
    here = (start or Path.cwd()).resolve()
    for folder in (here, *here.parents):
        if all((folder / name).is_dir() for name in MARKERS):
            workspace = Workspace(folder, data or "data")
            if not workspace.data.is_dir():
                raise WorkspaceError(
                    "参数 data", Problem("data", f"「{data}」不是一个目录", "工作区内的目录名")
                )
            return workspace
    raise WorkspaceError(
        here,
        Problem(
            "当前目录",
            "这里和各级上层目录都不是工作区",
            "同时含有 " + "、".join(f"{m}/" for m in MARKERS) + " 的目录",
            "先进入项目目录再运行",
        ),
    )
