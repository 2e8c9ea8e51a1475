"""Files that are only ever added to: one writer at a time, and each the old one or the new one, never another."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

from filelock import FileLock, Timeout

from laoyou.errors import IntakeError, Problem
from laoyou.ledger.links import led_to

LOCK = ".laoyou.lock"
WAIT = 60  # [s] for another intake to end
MARK = "\ufeff".encode()


@contextmanager
def only_writer(folders: Path | Iterable[Path], shown: str) -> Iterator[None]:
    """Keep every other writer of some folders out while the block runs.

    The lock is the operating system's: it goes when its holder does, however that ended.

    Parameters
    ----------
    folders : the data folder; also those outside of it that links in it lead to, which others may lead to, too
    shown : what is named in messages

    Raises
    ------
    IntakeError
        If another writer does not finish within a minute, or the folder cannot be written.
    """
    each = [folders] if isinstance(folders, Path) else sorted(set(folders))  # so that nobody waits in a ring
    with ExitStack() as held:
        try:
            for folder in each:
                lock = FileLock(folder / LOCK, timeout=WAIT)
                lock.acquire()
                held.callback(lock.release)
        except Timeout:
            problem = Problem("录入锁", f"另一次录入在 {WAIT} 秒内没有结束", remedy="等它结束再试")
            raise IntakeError(shown, problem) from None
        except OSError as cause:
            raise _unwritten("录入锁", cause, shown) from None
        yield


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

    A file that is a link stays one: what it leads to is written. All are on the disk under other names, each beside
    the file that it replaces, before the first takes its place. Whoever reads at any moment,
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
    places = [(led_to(file, file.name), content) for file, content in writes]
    try:
        for file, content in places:
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
        raise _unwritten("写文件", cause, shown) from None
    finally:
        for partial, _ in partials:
            with suppress(OSError):
                partial.unlink(missing_ok=True)


def _unwritten(place: str, cause: OSError, shown: str) -> IntakeError:
    remedy = "核对磁盘空间和目录权限，关掉正打开这些文件的程序（如 Excel）；台账没有改动"
    return IntakeError(shown, Problem(place, f"写不进去（{cause.strerror}）", remedy=remedy))


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
