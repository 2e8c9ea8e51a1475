import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest
from workspaces import (
    tree,
)

from laoyou.batch import publish
from laoyou.batch.publish import (
    MANIFEST,
    RUN,
    STALE_AFTER,
    Went,
    building,
    digest,
    mend,
    prepared,
    read_manifest,
    read_run,
    recover,
    write_atomically,
    write_json,
)
from laoyou.errors import RunError

PARAMETERS = {"region": "330305", "quarter": "2026Q3", "as_of": "", "data": "data", "lang": "zh"}


@pytest.fixture
def final(tmp_path: Path) -> Path:
    """Return where a quarter is published that has been published before."""
    folder = tmp_path / "330305" / "2026Q3"
    folder.mkdir(parents=True)
    (folder / "index.html").write_text("旧", encoding="utf-8")
    (folder / "only-before.html").write_text("旧", encoding="utf-8")
    return folder


OLD = {"2026Q3/index.html": "旧".encode(), "2026Q3/only-before.html": "旧".encode()}
NEW = {"2026Q3/index.html": "新".encode()}


def make(folder: Path) -> None:
    (folder / "index.html").write_text("新", encoding="utf-8")


def make_and_fail(final: Path, error: BaseException) -> None:
    with prepared(final) as folder:
        make(folder)
        raise error


def names(folder: Path) -> list[str]:
    """Return what stands in a folder, hidden and empty ones included."""
    return sorted(p.name for p in folder.iterdir())


# Whole or not at all


def test_a_report_replaces_the_one_before_and_leaves_nothing_else(final: Path) -> None:
    with prepared(final) as folder:
        make(folder)
        assert tree(final) == {"index.html": "旧".encode(), "only-before.html": "旧".encode()}
    assert tree(final.parent) == NEW
    assert names(final.parent) == ["2026Q3"]


def test_the_first_report_makes_the_folders_above_it(tmp_path: Path) -> None:
    final = tmp_path / "outputs" / "330305" / "2026Q3"
    with prepared(final) as folder:
        make(folder)
        assert not final.exists()
    assert tree(tmp_path / "outputs") == {"330305/2026Q3/index.html": "新".encode()}


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such permissions")
def test_others_may_read_a_report_although_the_folder_it_was_built_in_was_private(final: Path) -> None:
    with prepared(final) as folder:
        assert folder.stat().st_mode & 0o077 == 0
    assert final.stat().st_mode & 0o777 == 0o755


@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt, SystemExit])
def test_the_old_report_stands_when_making_the_new_one_fails(final: Path, error: type[BaseException]) -> None:
    with pytest.raises(error):
        make_and_fail(final, error())
    assert tree(final.parent) == OLD
    assert names(final.parent) == ["2026Q3"]


def test_a_disk_that_refuses_is_told_as_such_and_the_old_report_stands(final: Path) -> None:
    with pytest.raises(RunError) as caught:
        make_and_fail(final, OSError(28, "No space left on device"))
    [problem] = caught.value.problems
    assert caught.value.where == str(final)
    assert "No space left on device" in problem.found
    assert problem.remedy == "核对磁盘空间和目录权限，关掉正打开这些文件的程序；已发布的报告没有改动"
    assert tree(final.parent) == OLD
    assert names(final.parent) == ["2026Q3"]


def test_a_file_in_the_place_of_the_folder_above_is_told(tmp_path: Path) -> None:
    (tmp_path / "outputs").write_text("", encoding="utf-8")
    with pytest.raises(RunError, match="写不进去"), prepared(tmp_path / "outputs" / "330305" / "2026Q3"):
        pytest.fail("nothing can be built here")
    assert tree(tmp_path) == {"outputs": b""}


def test_the_old_report_comes_back_when_the_new_one_cannot_take_its_place(
    final: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rename = Path.replace

    def refuse(self: Path, target: Path) -> Path:
        if self.suffix == ".partial":
            raise PermissionError(13, "Permission denied")
        return rename(self, target)

    monkeypatch.setattr(Path, "replace", refuse)
    with pytest.raises(RunError, match="Permission denied"), prepared(final) as folder:
        make(folder)
    assert tree(final.parent) == OLD
    assert names(final.parent) == ["2026Q3"]


def test_a_report_that_cannot_be_moved_away_stays_where_it_is(
    final: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rename = Path.replace

    def refuse(self: Path, target: Path) -> Path:
        if self == final:
            raise PermissionError(13, "a file of it is open")
        return rename(self, target)

    monkeypatch.setattr(Path, "replace", refuse)
    with pytest.raises(RunError, match="a file of it is open"), prepared(final) as folder:
        make(folder)
    assert tree(final.parent) == OLD
    assert names(final.parent) == ["2026Q3"]


# What an interrupted publication left


def interrupted(final: Path) -> Path:
    """Leave what stands when a run is killed between the two renames; return the old report's place."""
    old = final.with_name(".2026Q3.old")
    final.replace(old)
    return old


def test_an_old_report_left_beside_is_put_back(final: Path) -> None:
    interrupted(final)
    recover(final)
    assert tree(final.parent) == OLD
    assert names(final.parent) == ["2026Q3"]


def test_an_old_report_left_beside_a_new_one_is_removed(final: Path) -> None:
    shutil.copytree(final, final.with_name(".2026Q3.old"))
    make(final)
    recover(final)
    assert tree(final.parent) == {**OLD, **NEW}


def test_a_quarter_that_is_a_link_is_replaced_time_and_again_and_what_it_led_to_is_left(
    final: Path, tmp_path: Path
) -> None:
    elsewhere = final.replace(tmp_path / "elsewhere")
    final.symlink_to(elsewhere)
    for _ in range(2):
        with prepared(final) as folder:
            make(folder)
        assert tree(final.parent) == NEW
        assert names(final.parent) == ["2026Q3"]
    assert names(elsewhere) == ["index.html", "only-before.html"]


def test_the_next_run_recovers_first_and_falls_back_to_what_it_recovered(final: Path) -> None:
    interrupted(final)
    with pytest.raises(ValueError, match="no page"):
        make_and_fail(final, ValueError("no page"))
    assert tree(final.parent) == OLD


def test_recovering_where_nothing_was_published_does_nothing(tmp_path: Path) -> None:
    recover(tmp_path / "2026Q3")
    assert names(tmp_path) == []


def test_a_folder_that_a_killed_run_was_building_is_removed(final: Path) -> None:
    killed, other = final.with_name(".2026Q3.abc.partial"), final.with_name(".2026Q2.abc.partial")
    for folder in (killed, other):
        folder.mkdir()
        make(folder)
    with building(final) as running:
        recover(final)
        assert running.exists()
    assert not killed.exists()
    assert not running.exists()
    assert other.exists()


def test_where_folders_cannot_be_locked_it_is_removed_after_a_day(
    final: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(publish, "fcntl", None)
    killed, running = final.with_name(".2026Q3.abc.partial"), final.with_name(".2026Q3.def.partial")
    for folder, age in ((killed, STALE_AFTER + 60), (running, STALE_AFTER - 600)):
        folder.mkdir()
        os.utime(folder, times=(time.time() - age,) * 2)
    recover(final)
    assert not killed.exists()
    assert running.exists()


def test_everything_that_killed_runs_left_is_mended_at_once(final: Path) -> None:
    outputs = final.parent.parent
    interrupted(final)
    (outputs / ".index.html.x.partial").write_text("半页", encoding="utf-8")
    (outputs / "330306").mkdir()
    (outputs / "330306" / ".2026Q1.abc.partial").mkdir()
    mend(outputs)
    assert tree(final.parent) == OLD
    assert [p.name for p in outputs.rglob("*") if p.name.startswith(".")] == []


# Single files


def test_a_file_is_replaced_with_unix_line_ends_and_can_be_read_by_others(tmp_path: Path) -> None:
    file = tmp_path / "index.html"
    file.write_text("旧", encoding="utf-8")
    write_atomically(file, "新\n一行\n")
    assert tree(tmp_path) == {"index.html": "新\n一行\n".encode()}
    assert os.name == "nt" or file.stat().st_mode & 0o777 == 0o644


def test_a_file_stays_as_it_was_when_the_new_one_cannot_be_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "index.html"
    file.write_text("旧", encoding="utf-8")

    def full(handle: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(publish.os, "fsync", full)
    with pytest.raises(RunError, match="No space left on device") as caught:
        write_atomically(file, "新")
    assert caught.value.where == str(file)
    assert tree(tmp_path) == {"index.html": "旧".encode()}


def test_a_file_in_a_folder_that_is_absent_is_told(tmp_path: Path) -> None:
    with pytest.raises(RunError, match="写不进去"):
        write_atomically(tmp_path / "absent" / "index.html", "新")


FULL_DISK = """
import resource, sys
from pathlib import Path
from laoyou.errors import RunError
from laoyou.batch.publish import prepared, write_atomically
resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096))
folder = Path(sys.argv[1])
try:
    if sys.argv[2] == "folder":
        with prepared(folder / "2026Q3") as partial:
            (partial / "index.html").write_text("x" * 4096, encoding="utf-8")
            (partial / "large.html").write_text("x" * 10_000, encoding="utf-8")
    else:
        write_atomically(folder / "2026Q3" / "index.html", "x" * 10_000)
except RunError as refusal:
    print(refusal)
"""


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such limit")
@pytest.mark.parametrize("what", ["folder", "file"])
def test_a_write_that_the_system_cuts_short_publishes_nothing(final: Path, what: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", FULL_DISK, str(final.parent), what],
        capture_output=True, encoding="utf-8", env={**os.environ, "PYTHONUTF8": "1"}, check=True,
    )  # fmt: skip
    assert "File too large" in done.stdout
    assert "已发布的报告没有改动" in done.stdout
    assert done.stderr == ""
    assert tree(final.parent) == OLD
    assert names(final.parent) == ["2026Q3"]


# Fingerprints


def test_a_fingerprint_does_not_depend_on_how_lines_end() -> None:
    assert digest("一\n二\n".encode()) == digest("一\r\n二\r\n".encode())
    assert digest(b"a\nb") != digest(b"a b")


def test_a_fingerprint_depends_on_where_one_part_ends_and_on_their_order() -> None:
    assert len({digest(b"ab", b"c"), digest(b"a", b"bc"), digest(b"c", b"ab"), digest(b"abc")}) == 4


# The manifest


def test_a_manifest_is_read_as_it_was_written(tmp_path: Path) -> None:
    content = {"region_name": "洞头区", "notebooks": {}}
    write_json(tmp_path / MANIFEST, content)
    assert read_manifest(tmp_path) == content
    assert "洞头区" in (tmp_path / MANIFEST).read_text(encoding="utf-8")


@pytest.mark.parametrize(
    "content",
    [
        None, "{", "[]", '{"notebooks": []}', '{"notebooks": {"small": 3}}', '{"notebooks": {"small": {}}}',
        '{"notebooks": {"small": {"seconds": "x"}}}', '{"notebooks": {"small": {"seconds": null}}}',
    ],
)  # fmt: skip
def test_durations_that_cannot_be_read_are_none(tmp_path: Path, content: str | None) -> None:
    if content is not None:
        (tmp_path / RUN).write_text(content, encoding="utf-8")
    assert read_run(tmp_path).get("small", Went(0.0, "")) == (0.0, "")


def test_durations_are_read_by_notebook(tmp_path: Path) -> None:
    write_json(tmp_path / RUN, {"notebooks": {"small": {"seconds": 1.5, "taken_over": False, "why": "new"}}})
    assert read_run(tmp_path) == {"small": (1.5, "new")}


@pytest.mark.parametrize(
    "content",
    [
        None, b"", b"{", b"[]", "洞头".encode("gb18030"), b'{"quarter": 3}', b'{"lights": null}', b'{"notebooks": []}',
        b'{"notebooks": {"small": 3}}', b'{"documents": []}',
    ],
)  # fmt: skip
def test_a_manifest_that_cannot_be_read_is_none(tmp_path: Path, content: bytes | None) -> None:
    if content is not None:
        (tmp_path / MANIFEST).write_bytes(content)
    assert read_manifest(tmp_path) == {}
