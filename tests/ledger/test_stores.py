"""What holds of the ledger wherever it is kept: CSV files, a folder of Parquet files, a PostgreSQL database."""

import datetime as dt
import math
import shutil
import socket
import subprocess
from pathlib import Path

import pandas as pd
import pytest
from declarations import ENTRY, declare
from intakes import COMMAND, case, cases, command, jobs, put
from stores import KINDS, Kept, addressed
from workspaces import ROOT, Desk, rate, row, shipped_desk, tree

from laoyou.console import OK, REFUSED
from laoyou.errors import IntakeError, LedgerError
from laoyou.intake.take import intake
from laoyou.ledger.append import LOCK
from laoyou.ledger.copies import copy_ledger
from laoyou.ledger.file import CELL
from laoyou.ledger.observations import read_ledger
from laoyou.ledger.stores.store import open_store, store_at

DAY = "2026-10-20"
GUARDED = (
    "parquet",
    "postgres",
)  # into CSV files people write by hand: their rows are checked when they are read
TAKE = ("--yes", "--reported-on", DAY)
SAMPLE = {"status": "sample", "source": "演示数据"}


# Reading and adding


def test_rows_come_back_as_they_were_added_with_their_types(kept: Kept) -> None:
    kept.add(row(value="360"), rate(period="2026Q2", reported_on="2026-07-12"))
    kept.add(row(period="2025-08", value="0", note="补报"))
    ledger = kept.desk.read()
    assert ledger["value"].tolist() == [360.0, 93.0, 0.0]  # 186 of 200
    assert ledger["numerator"].fillna(-1).tolist() == [-1.0, 186.0, -1.0]
    assert ledger["period"].tolist() == ["2026Q1", "2026Q2", "2025-08"]
    assert ledger["reported_on"].dt.strftime("%Y-%m-%d").tolist() == [
        "2026-04-12",
        "2026-07-12",
        "2026-04-12",
    ]
    assert ledger["frequency"].tolist() == ["quarter", "quarter", "month"]
    assert ledger["note"].tolist() == ["", "", "补报"]
    assert set(ledger["file"]) == {kept.store.target(sample=False)}
    assert ledger["line"].is_monotonic_increasing


def test_text_and_numbers_survive_whatever_they_are(kept: Kept) -> None:
    texts = [
        '引号"和,逗号', "两\n行", "\\N 和 \\t", "=1+1", "'=1+1", "；？（）", "NULL", "nan", "%s %(x)s :x ?", "𠮷",
    ]  # fmt: skip
    numbers = ["0.1", "94.50", "1234567890.123456", "3.3333333333333335", "1e-05", "100"]
    days = [f"2026-05-{n:02d}" for n in range(1, 17)]
    figures = [*numbers, *(10 * ["7"])]
    said = [*(6 * ["x"]), *texts]
    kept.add(
        *(row(value=v, source=s, note=s, reported_on=d) for v, s, d in zip(figures, said, days, strict=True))
    )
    ledger = kept.desk.read()
    assert ledger["value"].tolist() == [float(v) for v in figures]
    assert ledger["source"].tolist() == ledger["note"].tolist() == said


@pytest.mark.parametrize(
    ("as_of", "value", "revision"),
    [("2026-04-12", 375, 0), ("2026-07-14", 375, 0), ("2026-07-15", 360, 1), (None, 362, 2)],
)
def test_a_revision_holds_from_its_own_day(kept: Kept, as_of: str | None, value: int, revision: int) -> None:
    kept.add(row(value="375"))
    kept.add(
        row(value="360", reported_on="2026-07-15", note="核实后更正"),
        row(value="362", reported_on="2026-10-20"),
    )
    got = kept.figure(as_of)
    assert (got["value"], got["revision"], got["first_value"]) == (value, revision, 375)


def test_a_correction_of_the_same_day_is_a_revision_if_it_says_why(kept: Kept) -> None:
    kept.add(row(value="3600"))
    kept.add(row(value="360", note="多写一个 0"))
    got = kept.figure()
    assert (got["value"], got["first_value"], got["revision"]) == (360, 3600, 1)


def test_two_corrections_of_one_day_in_one_addition_stand_in_their_order(kept: Kept) -> None:
    kept.add(row(value="1"), row(value="2", note="甲"), row(value="3", note="乙"))
    assert kept.figure()["value"] == 3
    assert kept.desk.read()["value"].tolist() == [1, 2, 3]


def test_a_figure_twice_on_one_day_without_a_reason_is_refused(kept: Kept) -> None:
    kept.add(row(value="360"))
    if kept.kind == "csv":
        kept.add(row(value="361"))
        with pytest.raises(LedgerError, match="报了两次"):
            kept.desk.read()
    else:
        with pytest.raises(IntakeError, match="note 里却没有写原因"):
            kept.add(row(value="361"))
        assert kept.figure()["value"] == 360


def test_a_real_figure_retires_the_sample_from_its_own_day(kept: Kept) -> None:
    kept.add(row(**SAMPLE, value="300"), row(**SAMPLE, period="2025Q4", value="1400"), sample=True)
    kept.add(row(value="360", reported_on="2026-07-15"))
    before = kept.known("2026-07-14").observations
    assert (sorted(before["value"]), set(before["status"])) == ([300, 1400], {"sample"})
    got = kept.figure("2026-07-15")
    assert (got["value"], got["status"]) == (360, "reported")


@pytest.mark.parametrize("as_of", ["2026-05-19", "2026-05-20", None])
def test_a_declared_correction_holds_from_its_day(kept: Kept, as_of: str | None) -> None:
    kept.add(row(value="3600"))
    declare(kept.desk.workspace, ENTRY)
    got = kept.figure(as_of)
    assert got["value"] == (3600 if as_of == "2026-05-19" else 360)
    assert got["corrected"] == (as_of != "2026-05-19")


def test_a_correction_waits_for_a_figure_that_is_still_to_come(kept: Kept) -> None:
    kept.add(row(value="740", period="2025Q4", reported_on="2026-01-12"))
    kept.add(row(value="3600", reported_on="2026-06-12"))
    declare(kept.desk.workspace, ENTRY)  # of the 20th of May
    assert kept.known("2026-05-31").observations["value"].tolist() == [740]
    assert kept.known("2026-06-12").observations["value"].tolist() == [740, 360]


def test_a_correction_whose_figure_is_another_is_refused_with_the_place(kept: Kept) -> None:
    kept.add(row(value="3601"))
    declare(kept.desk.workspace, ENTRY)
    with pytest.raises(LedgerError) as refused:
        kept.known()
    assert f"{kept.store.target(sample=False)} 第 {2 if kept.kind == 'csv' else 1} 行" in str(refused.value)


def test_a_figure_withheld_later_is_not_repeated(kept: Kept) -> None:
    kept.add(row(value="3"))
    kept.add(row(value="", missing="suppressed", reported_on="2026-05-20", note="更正：原 3"))
    got = kept.figure()
    assert (got["missing"], got["note"], got["revision"]) == ("suppressed", "", 0)
    assert math.isnan(float(str(got["value"])))
    assert kept.figure("2026-05-19")["value"] == 3


# One ledger in every place


@pytest.fixture(scope="module")
def copies(tmp_path_factory: pytest.TempPathFactory, database: str) -> dict[str, Kept]:
    """Return the shipped workspace with its ledger in each place, copied there by the command's own function."""
    found = {}
    for kind in KINDS:
        desk = shipped_desk(tmp_path_factory.mktemp(kind) / "checkout")
        address = addressed(kind, desk, database)
        with pytest.MonkeyPatch.context() as patch:
            patch.chdir(desk.workspace.root)
            if address:
                copied = copy_ledger(address)
                assert (copied.real, copied.sample) == (21, 1066)  # the lines of the shipped files
                for file in desk.workspace.data.glob("*/*.csv"):
                    file.unlink()
        found[kind] = Kept(kind, desk, address)
    return found


@pytest.mark.parametrize("as_of", ["2024-06-30", "2026-07-14", "2026-07-15", "2026-10-31", None])
def test_every_place_gives_the_same_figures_and_the_same_fingerprint(
    copies: dict[str, Kept], as_of: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = {}
    for kind, kept in copies.items():
        monkeypatch.setenv("LAOYOU_DATA", kept.address)
        found[kind] = kept.known(as_of)
    plain = found["csv"].observations.drop(columns=["file", "line"])
    assert len(plain) > 100
    for kind in ("parquet", "postgres"):
        assert found[kind].digest == found["csv"].digest
        pd.testing.assert_frame_equal(found[kind].observations.drop(columns=["file", "line"]), plain)


def test_every_place_tells_the_same_history(copies: dict[str, Kept], monkeypatch: pytest.MonkeyPatch) -> None:
    told = {}
    for kind, kept in copies.items():
        monkeypatch.setenv("LAOYOU_DATA", kept.address)
        done = command(kept.desk.workspace, "history", "new_urban_jobs", "--period", "2026Q1")
        assert (done.returncode, done.stderr) == (OK, "")
        told[kind] = [line.rsplit("  ", 1)[0].rstrip() for line in done.stdout.splitlines()]
        assert kept.store.target(sample=True).removesuffix("/intake.csv") in done.stdout
    assert told["csv"] == told["parquet"] == told["postgres"]
    assert "360 人  修订 1，现行" in "\n".join(told["csv"])


@pytest.mark.parametrize("kind", GUARDED)
def test_rows_of_later_days_are_not_read_save_of_the_cells_asked_for(
    copies: dict[str, Kept], kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept, day = copies[kind], dt.date(2024, 6, 30)
    monkeypatch.setenv("LAOYOU_DATA", kept.address)
    whole = pd.concat([part.rows for part in kept.store.read()])
    some = pd.concat([part.rows for part in kept.store.read(day)])
    assert len(some) == (whole["reported_on"] <= str(day)).sum() < len(whole)
    cell = ("330305", "new_urban_jobs", "2026Q1")
    more = pd.concat([part.rows for part in kept.store.read(day, [cell])])
    assert sorted(more["line"]) == sorted(
        whole.loc[(whole["reported_on"] <= str(day)) | (whole[CELL] == list(cell)).all(axis=1), "line"]
    )
    assert len(more) == len(some) + 2  # 374 and its revision, 360


@pytest.mark.parametrize("kind", GUARDED)
def test_a_ledger_is_not_copied_over_another(
    copies: dict[str, Kept], kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(ROOT)
    with pytest.raises(LedgerError, match="里已有台账"):
        copy_ledger(copies[kind].address)
    monkeypatch.setenv("LAOYOU_DATA", copies[kind].address)
    assert len(copies[kind].desk.read()) == 21 + 1066


@pytest.mark.parametrize("kept", GUARDED, indirect=True)
def test_a_ledger_is_not_copied_from_where_it_is_to_go(kept: Kept) -> None:
    with pytest.raises(LedgerError, match=r"已经指向这个地址.*\n.*\n.*先取消（unset LAOYOU_DATA）"):
        copy_ledger(kept.address)


@pytest.mark.parametrize("kept", GUARDED, indirect=True)
def test_a_ledger_that_cannot_be_accepted_is_not_copied(kept: Kept, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("LAOYOU_DATA")
    kept.desk.write(row(), row(value="361"))
    with pytest.raises(LedgerError, match="报了两次"):
        copy_ledger(kept.address)
    monkeypatch.setenv("LAOYOU_DATA", kept.address)
    if kept.kind == "parquet":
        assert not list((kept.desk.workspace.root / "ledger").rglob("*.parquet"))
    else:
        assert kept.rows() == {}


# Conditions that no row may break, whatever wrote it

BROKEN = [
    ({"status": "sample"}, "status 不是这张表的状态"),
    ({"missing": "lost", "value": ""}, "missing 不是允许的种类"),
    ({"value": "", "missing": ""}, "有数又有 missing，或都没有"),
    ({"missing": "suppressed"}, "有数又有 missing，或都没有"),
    ({"numerator": "3"}, "分子、分母只有一个"),
    ({"value": "-1"}, "是负数"),
    ({"numerator": "3", "denominator": "0"}, "分母不大于 0"),
    ({"source": ""}, "source 空着"),
    ({"region": ""}, "region、indicator 或 period 空着"),
    ({"reported_on": "2026-02-30"}, "2026-02-30"),
    ({"reported_on": ""}, "invalid"),
    ({"value": "约一千"}, "「约一千」不是数字"),
    ({"value": "inf"}, "「inf」不是数字"),
    ({"period": "去年"}, "「去年」"),
]


@pytest.mark.parametrize("kept", GUARDED, indirect=True)
@pytest.mark.parametrize(("cells", "told"), BROKEN, ids=[told for _, told in BROKEN])
def test_a_row_that_breaks_a_condition_is_refused_and_so_are_those_beside_it(
    kept: Kept, cells: dict[str, str], told: str
) -> None:
    kept.add(row())
    before = kept.rows()
    with pytest.raises(IntakeError, match=told):
        kept.add(
            row(period="2025Q4"), row(period="2025Q3", **cells) if "period" not in cells else row(**cells)
        )
    assert kept.rows() == before


def test_rows_in_the_database_are_only_ever_added_to(database: str, tmp_path: Path) -> None:
    from sqlalchemy import create_engine, text
    from sqlalchemy.exc import DBAPIError

    desk = shipped_desk(tmp_path / "checkout")
    address = addressed("postgres", desk, database)
    store_at(address, desk.workspace, "test").create()
    engine = create_engine(address)
    for sql in ("UPDATE observations SET value = 1", "DELETE FROM sample", "TRUNCATE observations"):
        with pytest.raises(DBAPIError, match="only ever added to"), engine.begin() as connection:
            connection.execute(text(sql))
    with engine.begin() as connection:
        names = "region, indicator, period, missing, series_break, status, reported_on, measured_at, source, note, again"
        one = "('330305', 'x', '2026Q1', 'not_reported', '', 'reported', '2026-04-12', '', 'x', '', 0)"
        with pytest.raises(DBAPIError, match="observations_once"):
            connection.execute(text(f"INSERT INTO observations ({names}) VALUES {one}, {one}"))
    engine.dispose()


# Intake


def taken(kept: Kept, name: str, content: bytes, *words: str) -> "subprocess.CompletedProcess[str]":
    file = str(put(kept.desk.workspace, name, content))
    return command(kept.desk.workspace, "intake", file, *(words or TAKE))


def test_an_intake_adds_new_figures_tells_of_changes_and_adds_nothing_twice(kept: Kept) -> None:
    kept.add(row())
    first = taken(kept, "jobs.csv", jobs({"2026年1—6月": 740, "2026年1—9月": 1095}))
    assert (first.returncode, first.stderr) == (OK, "")
    assert f"已录入 2 个数：{kept.store.target(sample=False)}。" in first.stdout
    again = taken(kept, "jobs.csv", jobs({"2026年1—6月": 740, "2026年1—9月": 1095}))
    assert "没有要录入的，台账没有改动" in again.stdout
    changed = taken(kept, "jobs.csv", jobs({"2026年1—6月": 740, "2026年1—9月": 1059}))
    assert (changed.returncode, "更改 1" in changed.stdout) == (OK, True)
    known = kept.known().observations.set_index("period")
    assert known["value"].to_dict() == {"2026Q1": 360, "2026Q2": 740, "2026Q3": 1059}
    assert known.loc["2026Q3", "note"] == "更正：原 1095"  # of the same day


def test_records_and_ledger_are_written_together_and_small_parts_withheld(kept: Kept) -> None:
    kept.add(row())
    done = taken(kept, "cases.csv", cases(*(case(n) for n in range(6))))
    assert (done.returncode, done.stderr) == (OK, "")
    assert (kept.desk.workspace.data / "records" / "zhihui-zhongcai.csv").exists()
    figures = kept.known().observations
    whole = figures[(figures["region"] == "330305") & (figures["indicator"] == "arbitration_closure_rate")]
    assert whole[["numerator", "denominator"]].to_numpy().tolist() == [[6, 6]]
    parts = figures[(figures["region"] != "330305") & (figures["indicator"] == "arbitration_closure_rate")]
    assert "suppressed" in set(parts["missing"])


def test_a_refused_intake_leaves_everything_as_it_was(kept: Kept) -> None:
    kept.add(row())
    rows, files = kept.rows(), everything(kept)
    for content in (jobs({"2026年1—9月": "约一千"}), jobs({"2026年三季度": 355}), b"\x00\x01"):
        done = taken(kept, "jobs.csv", content)
        assert (done.returncode, "Traceback" in done.stderr) == (REFUSED, False)
    assert (
        taken(kept, "jobs.csv", jobs({"2026年1—9月": 1095}), "--reported-on", DAY).returncode == REFUSED
    )  # no yes
    assert (kept.rows(), everything(kept)) == (rows, files)


def test_what_the_disk_refuses_leaves_the_ledger_as_it_was(
    kept: Kept, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept.add(row())
    file = put(kept.desk.workspace, "cases.csv", cases(*(case(n) for n in range(6))))
    rows, files = kept.rows(), everything(kept)

    def refuse(*arguments: object, **named: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr("laoyou.ledger.append.tempfile.mkstemp", refuse)
        with pytest.raises(IntakeError, match="写不进去"):
            intake([file], day=dt.date(2026, 10, 20))
    assert kept.rows() == rows
    left = everything(kept)
    left.pop("data/.case-key")  # made once the lock is held; of no use but kept
    assert left == files


def everything(kept: Kept) -> dict[str, bytes]:
    """Return every file of the workspace but what is to be taken in and the locks, which stay."""
    files = tree(kept.desk.workspace.root)
    return {k: v for k, v in files.items() if not k.startswith("incoming/") and not k.endswith(LOCK)}


def test_intakes_at_once_are_all_in_and_none_twice(kept: Kept) -> None:
    kept.add(row())
    spans = {"2025年1—3月": 300, "2025年1—6月": 610, "2026年1—6月": 740}
    files = [put(kept.desk.workspace, f"{n}.csv", jobs(dict([span]))) for n, span in enumerate(spans.items())]
    words = [[COMMAND, "intake", str(file), *TAKE] for file in [*files, files[0]]]
    running = [
        subprocess.Popen(w, cwd=kept.desk.workspace.root, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        for w in words
    ]
    ends = [process.communicate(timeout=120) for process in running]
    assert [process.returncode for process in running] == [OK] * 4, ends
    assert sorted(kept.desk.read()["value"]) == [300, 360, 610, 740]


# Addresses


def refused_address(desk: Desk, monkeypatch: pytest.MonkeyPatch, address: str) -> str:
    monkeypatch.setenv("LAOYOU_DATA", address)
    with pytest.raises(LedgerError) as refused:
        read_ledger(desk.workspace, desk.plan, desk.rules)
    assert "secret" not in str(refused.value)
    return str(refused.value)


@pytest.mark.parametrize(
    ("address", "told"),
    [
        ("mysql://user:secret@host/db", "以「mysql://」开头"),
        ("postgresql://user:secret@host/db", "以「postgresql://」开头"),
        ("postgresql+psycopg://user:secret@host:port/db", "读不懂"),
        ("postgresql+psycopg://user:secret@/db?host=/nowhere", "连不上"),
        ("nowhere", "一个 Parquet 文件也没有"),
        ("data", "一个 Parquet 文件也没有"),
    ],
)
def test_an_address_that_leads_nowhere_says_so_and_gives_no_password_away(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, address: str, told: str
) -> None:
    assert told in refused_address(shipped_desk(tmp_path), monkeypatch, address)


@pytest.mark.parametrize("own", ["", "?connect_timeout=2"])
def test_a_database_that_does_not_answer_is_not_waited_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, own: str
) -> None:
    monkeypatch.setattr("laoyou.ledger.stores.sql._CONNECT", 60 if own else 2)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        address = f"postgresql+psycopg://laoyou@127.0.0.1:{silent.getsockname()[1]}/laoyou{own}"
        assert "timeout" in refused_address(shipped_desk(tmp_path), monkeypatch, address)


def test_a_database_without_the_tables_says_how_to_get_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, database: str
) -> None:
    desk = shipped_desk(tmp_path)
    assert "laoyou copy" in refused_address(desk, monkeypatch, addressed("postgres", desk, database))


@pytest.mark.parametrize(
    ("address", "module", "extra"),
    [("postgresql+psycopg://host/db", "psycopg", "postgres"), ("folder", "duckdb", "parquet")],
)
def test_what_is_not_installed_is_named_with_the_extra(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, address: str, module: str, extra: str
) -> None:
    import sys

    for name in ("sql", "parquet"):
        monkeypatch.delitem(sys.modules, f"laoyou.ledger.stores.{name}", raising=False)
    monkeypatch.setitem(sys.modules, module, None)
    desk = shipped_desk(tmp_path)
    told = refused_address(desk, monkeypatch, address)
    assert f'pip install "laoyou[{extra}]"' in told


def test_a_file_that_is_no_parquet_is_refused_with_its_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk = shipped_desk(tmp_path)
    folder = tmp_path / "ledger" / "observations"
    folder.mkdir(parents=True)
    (folder / "000001.parquet").write_bytes(b"PAR1 not really")
    assert "读不出来" in refused_address(desk, monkeypatch, str(tmp_path / "ledger"))


def test_a_file_that_is_there_twice_is_refused_with_its_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk, ledger = shipped_desk(tmp_path / "checkout"), tmp_path / "ledger"
    monkeypatch.chdir(desk.workspace.root)
    copy_ledger(str(ledger))
    shutil.copyfile(ledger / "sample" / "000001.parquet", ledger / "sample" / "000001 (1).parquet")
    told = refused_address(desk, monkeypatch, str(ledger))
    assert "同一行在几个文件里：000001 (1).parquet、000001.parquet" in told
    assert "移到别处" in told


def test_without_the_variable_or_with_an_empty_one_the_ledger_is_the_csv_files(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk = shipped_desk(tmp_path)
    for value in (None, "", " "):
        monkeypatch.delenv("LAOYOU_DATA", raising=False)
        if value is not None:
            monkeypatch.setenv("LAOYOU_DATA", value)
        assert open_store(desk.workspace).target(sample=False) == "data/observations/reported.csv"
