import csv
import datetime as dt
from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from laoyou.cases.records import RECORD_COLUMNS
from laoyou.cases.store import (
    FIELDS,
    LOG_FIELDS,
    UNDATED,
    as_counted,
    as_csv,
    as_states,
    changed,
    latest,
    read_log,
    read_states,
    typed_records,
)
from laoyou.errors import IntakeError
from laoyou.ledger.append import appended

A, B, C = (letter * 20 for letter in "abc")
APRIL, JULY, OCTOBER = dt.date(2026, 4, 10), dt.date(2026, 7, 10), dt.date(2026, 10, 12)


def export(*cases: tuple[str, str, str]) -> pd.DataFrame:
    """Return records as an export's reader does, from id, the day closed and outcome."""
    rows = [
        {
            "case": id,
            "opened": dt.date(2026, 1, 5),
            "closed": dt.date.fromisoformat(closed) if closed else None,
            "outcome": outcome,
        }
        for id, closed, outcome in cases
    ]
    return pd.DataFrame(rows, columns=["case", "opened", "closed", "outcome"])


def keep(file: Path, incoming: pd.DataFrame, day: dt.date) -> int:
    """Add what is new in an export to a file, and return how many rows that was."""
    new = changed(read_states(file, file.name), as_states(incoming, day))
    if len(new):
        file.write_bytes(appended(file, as_csv(new), ",".join(FIELDS) + "\n"))
    return len(new)


def lines(file: Path) -> list[list[str]]:
    with file.open(encoding="utf-8-sig", newline="") as stream:
        return list(csv.reader(stream))


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "anxin-zaixian.csv"


def test_cells_are_quoted_where_they_hold_what_separates_cells() -> None:
    rows = pd.DataFrame(
        {"case": ["a", "b,c", 'd"e', "f\ng", "h\ri", ""], "outcome": list("123456")}, dtype="str"
    )
    assert as_csv(rows[:1]) == "a,1\n"
    assert as_csv(rows[5:]) == ",6\n"
    assert as_csv(rows[:0]) == ""
    assert as_csv(rows[1:2]) == '"b,c",2\n'
    assert as_csv(rows[2:4]) == '"d""e",3\n"f\ng",4\n'
    assert list(csv.reader(as_csv(rows).splitlines(keepends=True)))[1] == ["b,c", "2"]


# Only ever added to


def test_before_the_first_export_there_is_nothing(file: Path) -> None:
    assert list(read_states(file, "x").columns) == list(FIELDS)
    assert read_states(file, "x").empty
    assert read_log(file, "x").empty
    assert not file.exists()


def test_records_are_kept_as_text_with_the_day_they_became_known(file: Path) -> None:
    table = export((A, "2026-03-31", "done")).assign(
        workers=Decimal("3"), amount=Decimal("12000.50"), region=None
    )
    keep(file, table, APRIL)
    assert lines(file) == [
        list(FIELDS),
        [A, "2026-01-05", "2026-03-31", "done", "", "", "", "", "3", "12000.50", "", "", "", "2026-04-10"],
    ]


def test_no_column_holds_a_name_a_number_of_a_person_or_free_text() -> None:
    assert FIELDS == (
        "case", "opened", "closed", "outcome", "region", "industry", "group", "procedure", "workers", "amount",
        "placed", "public_service", "model_since", "reported_on",
    )  # fmt: skip


def test_a_column_that_is_not_kept_is_dropped(file: Path) -> None:
    keep(file, export((A, "", "open")).assign(place="明细！A3", name="某人"), APRIL)
    assert "某人" not in file.read_text(encoding="utf-8")
    assert "明细" not in file.read_text(encoding="utf-8")


def test_the_same_export_adds_nothing(file: Path) -> None:
    table = export((A, "2026-03-31", "done"), (B, "", "open"))
    assert keep(file, table, APRIL) == 2
    before = file.read_bytes()
    assert keep(file, table, APRIL) == 0
    assert keep(file, table, JULY) == 0
    assert keep(file, table.iloc[::-1], JULY) == 0
    assert file.read_bytes() == before


def test_a_changed_case_gets_a_new_row_below_the_old_ones(file: Path) -> None:
    keep(file, export((A, "", "open"), (B, "", "open")), APRIL)
    before = file.read_bytes()
    assert keep(file, export((A, "2026-06-30", "done"), (B, "", "open"), (C, "", "open")), JULY) == 2
    assert file.read_bytes().startswith(before)
    assert [(line[0], line[3], line[-1]) for line in lines(file)[1:]] == [
        (A, "open", "2026-04-10"),
        (B, "open", "2026-04-10"),
        (A, "done", "2026-07-10"),
        (C, "open", "2026-07-10"),
    ]


def test_a_case_that_is_opened_again_is_a_change_too(file: Path) -> None:
    keep(file, export((A, "", "open")), APRIL)
    keep(file, export((A, "2026-06-30", "done")), JULY)
    assert keep(file, export((A, "", "open")), OCTOBER) == 1
    [case] = latest(read_states(file, "x")).to_dict("records")
    assert (case["outcome"], case["closed"], case["reported_on"]) == ("open", "", "2026-10-12")


def test_a_case_that_an_export_leaves_out_stays_as_it_was(file: Path) -> None:
    keep(file, export((A, "", "open"), (B, "", "open")), APRIL)
    assert keep(file, export((B, "", "open")), JULY) == 0
    assert set(latest(read_states(file, "x"))["case"]) == {A, B}


# What is known on a day


@pytest.mark.parametrize(
    ("as_of", "outcomes"),
    [
        (dt.date(2026, 4, 9), {}),
        (APRIL, {A: "open", B: "open"}),
        (dt.date(2026, 7, 9), {A: "open", B: "open"}),
        (JULY, {A: "done", B: "open"}),
        (OCTOBER, {A: "done", B: "duplicate"}),
        (None, {A: "done", B: "duplicate"}),
    ],
)
def test_the_latest_state_of_a_case_is_that_known_on_a_day(
    file: Path, as_of: dt.date | None, outcomes: dict[str, str]
) -> None:
    keep(file, export((A, "", "open"), (B, "", "open")), APRIL)
    keep(file, export((A, "2026-06-30", "done"), (B, "", "open")), JULY)
    keep(file, export((A, "2026-06-30", "done"), (B, "2026-10-01", "duplicate")), OCTOBER)
    known = latest(read_states(file, "x"), as_of)
    assert dict(zip(known["case"], known["outcome"], strict=True)) == outcomes


def test_of_two_states_of_one_day_the_lower_row_holds(file: Path) -> None:
    keep(file, export((A, "", "open")), APRIL)
    keep(file, export((A, "2026-04-09", "done")), APRIL)
    assert latest(read_states(file, "x"), APRIL)["outcome"].tolist() == ["done"]


# Types


def test_days_and_numbers_get_their_types_and_an_empty_cell_none() -> None:
    text = as_states(
        pd.DataFrame(
            [
                {
                    "case": A,
                    "opened": dt.date(2026, 1, 5),
                    "closed": dt.date(2026, 12, 31),
                    "workers": Decimal("12"),
                },
                {"case": B, "opened": dt.date(2025, 12, 31), "closed": None, "workers": None},
            ]
        ),
        JULY,
    )
    typed = typed_records(text)
    assert typed["opened"].tolist() == [pd.Timestamp("2026-01-05"), pd.Timestamp("2025-12-31")]
    assert typed["closed"].isna().tolist() == [False, True]
    assert typed["workers"].tolist()[0] == 12.0
    assert np.isnan(typed["workers"].tolist()[1])
    assert typed["case"].tolist() == [A, B]
    assert text["closed"].tolist() == ["2026-12-31", ""]


def test_no_record_has_its_types_too() -> None:
    typed = typed_records(as_states(export(), APRIL))
    assert typed["closed"].dtype.kind == "M"
    assert typed["amount"].dtype == float


# Damage

SOUND = [
    A,
    "2026-01-05",
    "2026-03-31",
    "done",
    "330305001",
    "",
    "",
    "",
    "3",
    "1E+3",
    "",
    "",
    "",
    "2026-04-10",
]


def write(file: Path, *rows: Sequence[str], header: Sequence[str] = FIELDS) -> None:
    file.write_text("\n".join(",".join(row) for row in (header, *rows)) + "\n", encoding="utf-8")


def refusal(file: Path) -> IntakeError:
    with pytest.raises(IntakeError) as caught:
        read_states(file, "data/records/anxin-zaixian.csv")
    assert caught.value.where == "data/records/anxin-zaixian.csv"
    assert all("备份" in problem.remedy for problem in caught.value.problems)
    return caught.value


def test_a_sound_file_is_read(file: Path) -> None:
    write(file, SOUND, SOUND)
    assert read_states(file, "x").to_numpy().tolist() == [SOUND, SOUND]


@pytest.mark.parametrize(
    ("column", "damaged"),
    [
        ("case", ""),
        ("case", A[:-1]),
        ("case", "AX00001"),  # an id itself has no business here
        ("opened", "2026-01-0"),
        ("opened", "2026-1-5"),
        ("closed", "2026-02-30"),
        ("placed", "昨天"),
        ("model_since", "2026-06-30 00:00:00"),
        ("workers", "三"),
        ("amount", "1,000"),
        ("reported_on", ""),
        ("reported_on", "2026-04-1"),
    ],
)
def test_a_cell_that_intake_would_not_have_written_is_named(file: Path, column: str, damaged: str) -> None:
    bad = [f'"{damaged}"' if name == column else cell for name, cell in zip(FIELDS, SOUND, strict=True)]
    write(file, SOUND, bad)
    [problem] = refusal(file).problems
    assert problem.place == f"第 3 行 {column} 列"
    assert not damaged or damaged not in problem.found


@pytest.mark.parametrize("lost", [2, 11, 12, 40, 70, 81])
def test_a_file_whose_end_is_lost_is_refused(file: Path, lost: int) -> None:
    write(file, SOUND, SOUND)
    file.write_bytes(file.read_bytes()[:-lost])
    refusal(file)


def test_a_file_that_lost_its_last_line_end_alone_has_lost_nothing(file: Path) -> None:
    write(file, SOUND)
    file.write_bytes(file.read_bytes().rstrip())
    keep(file, export((B, "", "open")), JULY)
    assert [line[0] for line in lines(file)] == ["case", A, B]


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\x00\x01\x02",
        "案件".encode("gb18030"),
        b"case,opened\n",
        (",".join(FIELDS[:-1]) + "\n").encode(),
        (",".join((*FIELDS, "name")) + "\n").encode(),
        (",".join(FIELDS) + "\n" + ",".join([*SOUND, "x"]) + "\n").encode(),
        (",".join(FIELDS) + "\n" + ",".join(SOUND) + '\n"' + ",".join(SOUND) + "\n").encode(),
    ],
    ids=[
        "empty",
        "binary",
        "not UTF-8",
        "other columns",
        "a column less",
        "a column more",
        "a cell more",
        "quote",
    ],
)
def test_a_damaged_file_is_refused(file: Path, content: bytes) -> None:
    file.write_bytes(content)
    refusal(file)


def test_a_folder_in_place_of_the_file_is_refused(file: Path) -> None:
    file.mkdir()
    refusal(file)


def test_the_log_of_exports_is_checked_as_well(tmp_path: Path) -> None:
    log = tmp_path / "exports.csv"
    write(log, ["anxin-zaixian", "2026-10-12", "795", "0" * 64], header=LOG_FIELDS)
    assert read_log(log, "x").to_numpy().tolist() == [["anxin-zaixian", "2026-10-12", "795", "0" * 64]]
    for row in (["anxin-zaixian", "2026-10-", "", ""], ["anxin-zaixian", "2026-10-12", "795", "0" * 63]):
        write(log, row, header=LOG_FIELDS)
        with pytest.raises(IntakeError):
            read_log(log, "x")


def test_every_kept_column_has_a_kind() -> None:
    assert set(RECORD_COLUMNS.values()) == {"id", "date", "word", "region", "number"}


# A case that ended on a day that its platform does not give


def ends(file: Path, exported: list[str], as_of: dt.date | None = None) -> dict[str, str]:
    """Return on which day each case kept counts as closed."""
    cases = as_counted(read_states(file, "x"), exported, as_of)
    return dict(zip(cases["case"], cases["closed"], strict=True))


@pytest.mark.parametrize("outcome", UNDATED)
def test_an_undated_end_is_the_day_after_the_last_export_that_knew_the_case_otherwise(
    file: Path, outcome: str
) -> None:
    keep(file, export((A, "", "open")), APRIL)
    keep(file, export((A, "", outcome)), OCTOBER)
    assert ends(file, ["2026-04-10", "2026-07-10", "2026-10-12"]) == {A: "2026-07-11"}
    assert ends(file, ["2026-04-10", "2026-10-12"]) == {A: "2026-04-11"}
    assert ends(file, ["2026-04-10", "2026-07-10", "2026-10-12"], JULY) == {A: ""}


def test_a_case_never_known_otherwise_ended_on_the_day_it_was_opened(file: Path) -> None:
    keep(file, export((A, "", "withdrawn"), (B, "", "open"), (C, "2026-02-02", "transferred")), OCTOBER)
    assert ends(file, ["2026-10-12"]) == {A: "2026-01-05", B: "", C: "2026-02-02"}


def test_a_later_change_of_another_field_does_not_move_the_day(file: Path) -> None:
    keep(file, export((A, "", "open")), APRIL)
    keep(file, export((A, "", "withdrawn")), JULY)
    keep(file, export((A, "", "withdrawn")).assign(workers=Decimal("3")), OCTOBER)
    assert ends(file, ["2026-04-10", "2026-07-10", "2026-10-12"]) == {A: "2026-04-11"}


def test_an_end_found_out_on_the_day_of_the_export_before_is_of_that_day(file: Path) -> None:
    keep(file, export((A, "", "open")), APRIL)
    keep(file, export((A, "", "withdrawn")), APRIL)
    assert ends(file, ["2026-04-10", "2026-04-10"]) == {A: "2026-04-10"}


def test_a_day_given_later_counts(file: Path) -> None:
    keep(file, export((A, "", "open")), APRIL)
    keep(file, export((A, "", "withdrawn")), JULY)
    keep(file, export((A, "2026-06-06", "withdrawn")), OCTOBER)
    assert ends(file, ["2026-04-10", "2026-07-10", "2026-10-12"]) == {A: "2026-06-06"}
