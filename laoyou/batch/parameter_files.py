"""Which file holds a quarter's parameters."""

from __future__ import annotations

import re
from contextlib import suppress
from pathlib import Path

from laoyou.errors import ParametersError, Problem, did_you_mean, one_of
from laoyou.workspace import Workspace


def parameters_file(workspace: Workspace, word: str) -> Path:
    """Return the parameters file that a command's word means: a quarter or a path.

    Raises
    ------
    ParametersError
        If there is no such file.
    """
    file = Path(word) if word.endswith((".yml", ".yaml")) else workspace.params / f"{word}.yml"
    with suppress(OSError):  # a word too long for a file name
        if file.is_file():
            return file
    there = sorted(p.stem for p in workspace.params.glob("*.yml") if p.stem != "rules")
    anew = "照已有的一份另存为新的季度，改 quarter 和 as_of 两行"
    remedy = anew if re.fullmatch(r"\d{4}Q[1-4]", word) else did_you_mean(word, there) or anew
    raise ParametersError(
        workspace.relative(file), Problem("参数文件", "不存在", f"已有 {one_of(there)}", remedy)
    )
