"""Files and folders of the ledger that are links: what counts is what they lead to, and that they lead somewhere."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from laoyou.errors import LedgerError, Problem


def led_to(path: Path, shown: str) -> Path:
    """Return where a file or folder really is, whether or not it is there yet.

    Parameters
    ----------
    path : the file or folder, which may be a link or stand in a folder that is one
    shown : its name in messages

    Raises
    ------
    LedgerError
        If it is a link that leads nowhere, as to a share that is not connected: to take that for a file that is yet
        to be written would begin the ledger anew.
    """
    try:
        for place in (path, path.parent):
            if place.is_symlink() and not place.exists():
                remedy = "连上共享目录，或改正链接，再试；台账没有改动"
                problem = Problem("链接", f"指向 {place.readlink()}，那里没有东西", "能到达的位置", remedy)
                raise LedgerError(shown, problem)
        return path.resolve()
    except OSError as cause:
        problem = Problem("链接", f"到不了（{cause.strerror}）", remedy="核对共享目录和权限；台账没有改动")
        raise LedgerError(shown, problem) from None


def folders_of(data: Path, places: Iterable[Path]) -> list[Path]:
    """Return the folders that a writer keeps others out of: the data folder, and those outside of it that links lead to.

    Parameters
    ----------
    data : the data folder
    places : where what is written really is, as ``led_to`` returns it
    """
    own = data.resolve()
    return [own, *dict.fromkeys(place for place in places if not place.is_relative_to(own))]
