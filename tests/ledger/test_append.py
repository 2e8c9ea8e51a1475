"""Files that are only added to."""

import os
import threading
from pathlib import Path
from typing import Any

import pytest
from filelock import FileLock
from workspaces import tree

from laoyou.errors import IntakeError
from laoyou.ledger import append
from laoyou.ledger.append import LOCK, appended, only_writer, write_together

HEADER, ROWS = "a,b\n", '1,"甲"\n2,乙\n'
NEW = ROWS.encode()


def after(tmp_path: Path, old: bytes | None) -> bytes:
    file = tmp_path / "ledger.csv"
    if old is not None:
        file.write_bytes(old)
    return appended(file, ROWS, HEADER)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (None, b"\xef\xbb\xbfa,b\n" + NEW),
        (b"a,b\n", b"a,b\n" + NEW),
        (b"\xef\xbb\xbfa,b\n0,x\n", b"\xef\xbb\xbfa,b\n0,x\n" + NEW),
        (b"a,b\n0,x", b"a,b\n0,x\n" + NEW),  # no line end at the end
        (b"a,b\r\n0,x\r\n", b"a,b\r\n0,x\r\n" + NEW.replace(b"\n", b"\r\n")),
        (b"a,b\r\n0,x", b"a,b\r\n0,x\r\n" + NEW.replace(b"\n", b"\r\n")),
        (b"a,b\n\xff\x00 broken", b"a,b\n\xff\x00 broken\n" + NEW),  # every byte is kept, whatever it is
    ],
    ids=["no file", "LF", "mark", "no end", "CRLF", "CRLF without an end", "bytes that are no text"],
)
def test_every_byte_is_kept_and_rows_follow_with_the_lines_ends_of_the_file(
    tmp_path: Path, old: bytes | None, new: bytes
) -> None:
    assert after(tmp_path, old) == new


def test_files_are_written_together(tmp_path: Path) -> None:
    writes = [(tmp_path / "records" / "x.csv", b"x"), (tmp_path / "ledger.csv", b"ledger")]
    (tmp_path / "ledger.csv").write_bytes(b"old")
    write_together(writes, "data")
    assert tree(tmp_path) == {"records/x.csv": b"x", "ledger.csv": b"ledger"}


def test_the_last_file_takes_its_place_last(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    placed: list[str] = []
    replace = Path.replace

    def told(self: Path, target: Path) -> Path:
        placed.append(Path(target).name)
        assert sorted(p.name.rsplit(".", 2)[0] for p in tmp_path.glob(".*.partial")) == sorted(
            f".{name}" for name in ("a", "b", "c") if name not in placed[:-1]
        )  # those that wait are written in full before the first is put in its place
        return replace(self, target)

    monkeypatch.setattr(Path, "replace", told)
    write_together([(tmp_path / name, name.encode()) for name in ("a", "b", "c")], "data")
    assert placed == ["a", "b", "c"]
    assert tree(tmp_path) == {"a": b"a", "b": b"b", "c": b"c"}


@pytest.mark.parametrize("call", ["mkstemp", "fsync", "replace", "mkdir"])
def test_what_cannot_be_written_is_refused_and_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, call: str
) -> None:
    (tmp_path / "ledger.csv").write_bytes(b"old")

    def refuse(*arguments: object, **named: object) -> None:
        raise OSError(28, os.strerror(28))

    owner: Any = {"mkstemp": append.tempfile, "fsync": append.os, "replace": Path, "mkdir": Path}[call]
    monkeypatch.setattr(owner, call, refuse)
    with pytest.raises(IntakeError) as refused:
        write_together([(tmp_path / "x.csv", b"x"), (tmp_path / "ledger.csv", b"new")], "data")
    [problem] = refused.value.problems
    assert (refused.value.where, problem.place) == ("data", "写文件")
    assert "写不进去（No space left on device）" in problem.found
    assert tree(tmp_path) == {"ledger.csv": b"old"}


def test_what_a_killed_writer_left_is_swept_and_nothing_else(tmp_path: Path) -> None:
    left = ["." + name for name in ("ledger.csv.abc.partial", "other.csv.abc.partial")]
    for name in left:
        (tmp_path / name).write_bytes(b"half")
    write_together([(tmp_path / "ledger.csv", b"new")], "data")
    assert tree(tmp_path) == {"ledger.csv": b"new", left[1]: b"half"}


def test_a_file_that_is_begun_can_be_read_by_others(tmp_path: Path) -> None:
    write_together([(tmp_path / "ledger.csv", b"new")], "data")
    assert (tmp_path / "ledger.csv").stat().st_mode & 0o777 == 0o644


# One writer at a time


def test_a_second_writer_waits_for_the_first(tmp_path: Path) -> None:
    told: list[str] = []

    def second() -> None:
        with only_writer(tmp_path, "data"):
            told.append("second")

    with only_writer(tmp_path, "data"):
        other = threading.Thread(target=second)
        other.start()
        other.join(0.3)
        told.append("first")
    other.join(10)
    assert told == ["first", "second"]


def test_a_writer_that_does_not_end_is_told_of(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(append, "WAIT", 0.1)
    with FileLock(tmp_path / LOCK), pytest.raises(IntakeError) as refused, only_writer(tmp_path, "data"):
        pytest.fail("both are in")
    [problem] = refused.value.problems
    assert problem.place == "录入锁"
    assert "没有结束" in problem.found
    with only_writer(tmp_path, "data"):  # free again
        pass


@pytest.mark.parametrize(
    "error", [PermissionError(13, "Permission denied"), OSError(30, "Read-only file system")]
)
def test_a_lock_that_cannot_be_written_is_told_of(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: OSError
) -> None:
    def refuse(*arguments: object, **named: object) -> None:
        raise error

    monkeypatch.setattr(FileLock, "acquire", refuse)
    with pytest.raises(IntakeError) as refused, only_writer(tmp_path, "data"):
        pytest.fail("nobody holds it")
    assert f"写不进去（{error.strerror}）" in refused.value.problems[0].found


def test_an_error_of_the_writer_is_its_own_and_gives_the_lock_back(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="mine"), only_writer(tmp_path, "data"):
        raise OSError("mine")
    with only_writer(tmp_path, "data"):
        pass
