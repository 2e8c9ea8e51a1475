"""Files that are only ever added to: one writer at a time, and each the old one or the new one, never another."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from filelock import FileLock, Timeout

from laoyou.errors import IntakeError, Problem

LOCK = ".laoyou.lock"
WAIT = 60  # [s] for another intake to end
MARK = "\ufeff".encode()


@contextmanager
def only_writer(data: Path, shown: str) -> Iterator[None]:
    """Keep every other writer of a data folder out while the block runs.

    The lock is the operating system's: it goes when its holder does, however that ended.

    Raises
    ------
    IntakeError
        If another writer does not finish within a minute, or the folder cannot be written.
    """
    lock = FileLock(data / LOCK, timeout=WAIT)
    try:
        lock.acquire()
    except Timeout:
        problem = Problem("录入锁", f"另一次录入在 {WAIT} 秒内没有结束", remedy="等它结束再试")
        raise IntakeError(shown, problem) from None
    except OSError as cause:
        problem = Problem(
            "录入锁", f"写不进去（{cause.strerror}）", remedy="核对磁盘空间和目录权限；台账没有改动"
        )
        raise IntakeError(shown, problem) from None
    try:
        yield
    finally:
        lock.release()


def appended(file: Path, rows: str, header: str) -> bytes:
    """Return what a file will hold: every byte it holds now, then rows of text.

    Parameters
    ----------
    file : the file; a new one begins with a byte-order mark and the header
    rows, header : lines of CSV that end with a line feed
    """
    try:
        old = file.read_bytes()
    except FileNotFoundError:
        return MARK + header.encode("utf-8") + rows.encode("utf-8")
    end = b"\r\n" if b"\r\n" in old else b"\n"
    gap = b"" if old.endswith(b"\n") or not old else end
    return old + gap + rows.encode("utf-8").replace(b"\n", end)


def write_together(writes: Sequence[tuple[Path, bytes]], shown: str) -> None:
    """Write some files, the one that matters most last.

    All of them are on the disk under other names before the first takes its place. Whoever reads at any moment,
    also after a kill or a loss of power, finds each old or new and whole; if the last is new, all are.

    Parameters
    ----------
    writes : files and what each will hold
    shown : what is named in messages

    Raises
    ------
    IntakeError
        If the disk is full or a folder cannot be written; nothing has then changed.
    """
    partials: list[tuple[Path, Path]] = []
    try:
        for file, content in writes:
            file.parent.mkdir(parents=True, exist_ok=True)
            _sweep(file)
            handle, name = tempfile.mkstemp(prefix=f".{file.name}.", suffix=".partial", dir=file.parent)
            partials.append((Path(name), file))
            with os.fdopen(handle, "wb") as stream:
                stream.write(content)
                stream.flush()
                os.fsync(stream.fileno())
            Path(name).chmod(0o644)
        for partial, file in partials:
            partial.replace(file)
            _settle(file.parent)
    except OSError as cause:
        problem = Problem(
            "写文件", f"写不进去（{cause.strerror}）", remedy="核对磁盘空间和目录权限；台账没有改动"
        )
        raise IntakeError(shown, problem) from None
    finally:
        for partial, _ in partials:
            with suppress(OSError):
                partial.unlink(missing_ok=True)


def _sweep(file: Path) -> None:
    """Remove what a killed writer left; the lock says that no other is at it."""
    for left in file.parent.glob(f".{file.name}.*.partial"):
        left.unlink(missing_ok=True)


def _settle(folder: Path) -> None:
    """Put a rename on the disk, where the system lets a folder be opened."""
    with suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
