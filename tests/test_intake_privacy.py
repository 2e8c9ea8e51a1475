"""No name, identity number or telephone number of a person is written anywhere, wherever in a file it stood."""

import datetime as dt
import io
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import openpyxl
import pytest
import xlwt
from intakes import CASES_HEAD, COMMAND, command, csv_text, filled, put, small_workspace
from workspaces import ROOT, tree, write_notebook

import laoyou
from laoyou.console import OK, REFUSED
from laoyou.errors import LaoyouError
from laoyou.intake.record_intake import KEY
from laoyou.intake.take import intake
from laoyou.personal import personal_numbers
from laoyou.workspace import Workspace

DAY = dt.date(2026, 10, 20)

# Nobody's: the numbers have the right form and check digit.
NAMES = ("欧阳测试甲", "诸葛测试乙", "司徒测试丙")
IDENTITIES = ("11010519491231002X", "440524188001010014", "330305199003070013")
MOBILES = ("13800138000", "15900001111")
LANDLINES = ("0577-63381234", "057763485678", "0106338123")
WIDE = str.maketrans("0123456789X", "０１２３４５６７８９Ｘ")


def check_digit(seventeen: str) -> str:
    """Return the check of GB 11643-1999 by its definition: weights 2**(18 - place) mod 11."""
    total = sum(int(digit) * pow(2, 17 - place, 11) for place, digit in enumerate(seventeen))
    return "10X98765432"[total % 11]


IDENTITIES = tuple(number[:17] + check_digit(number[:17]) for number in IDENTITIES)


def spelt(number: str) -> list[str]:
    """Return a number as people write it: plain, full-width, in groups, after a word."""
    grouped = " ".join(re.findall(r".{1,4}", number))
    return [number, number.translate(WIDE), grouped, f"身份证{number}", f"{number[:6]}-{number[6:]}"]


def person(number: int) -> str:
    return f"{NAMES[number % 3]} {IDENTITIES[number % 3]}"


CANARIES = [
    *NAMES,
    *(form for number in (*IDENTITIES, *MOBILES, *LANDLINES) for form in spelt(number)),
    *(number.replace("-", "") for number in LANDLINES),
]


def traces(content: bytes, words: list[str]) -> list[str]:
    """Return which words stand in some bytes, in any encoding that a program of ours could write."""
    return [
        word
        for word in words
        if any(word.encode(name) in content for name in ("utf-8", "utf-16-le", "utf-16-be", "gb18030"))
        or word.encode("unicode_escape") in content
    ]


def found(workspace: Workspace, words: list[str], *said: str) -> list[tuple[str, list[str]]]:
    """Return where words stand below the workspace, but for the files that came, and in what was said."""
    places = {
        name: content for name, content in tree(workspace.root).items() if not name.startswith("incoming/")
    } | {f"said {n}": text.encode("utf-8", "surrogatepass") for n, text in enumerate(said)}
    return [(name, told) for name, content in places.items() if (told := traces(content, words))]


def test_the_canaries_would_be_found(tmp_path: Path) -> None:
    workspace = small_workspace(tmp_path / "checkout")
    for number, (word, name) in enumerate(
        (w, e) for w in CANARIES for e in ("utf-8", "utf-16-le", "gb18030")
    ):
        file = workspace.data / f"canary{number}"
        file.write_bytes(b"\x00\xff" + word.encode(name))
        assert found(workspace, [word]) == [(f"data/canary{number}", [word])]
        file.unlink()
    assert found(workspace, CANARIES) == []
    assert found(workspace, CANARIES, f"x{NAMES[0]}y") == [("said 0", [NAMES[0]])]
    assert all(personal_numbers(form) for number in (*IDENTITIES, *MOBILES) for form in spelt(number))


# What is accepted

CASE_IDS = [f"浙温洞劳人仲案字2026第{number:03d}号" for number in range(8)] + [f"{NAMES[2]}{IDENTITIES[2]}"]


def case_table() -> list[list[str]]:
    """Return an export whose title and unmapped columns tell of persons, and one of whose ids is a person."""
    rows = [
        [id, "仲裁", "2026-03-02", "2026-05-06", "结案", "北岙街道", person(n), MOBILES[n % 2]]
        for n, id in enumerate(CASE_IDS)
    ]
    return [[f"智慧仲裁导出 经办人{NAMES[0]} {MOBILES[0]}"], list(CASES_HEAD), *rows]


def as_xlsx(table: list[list[str]], sheet: str = "明细") -> bytes:
    book = openpyxl.Workbook()
    book.active.title = sheet
    for row in table:
        book.active.append(row)
    other = book.create_sheet("说明")
    other.append([NAMES[1], IDENTITIES[1], LANDLINES[0]])
    content = io.BytesIO()
    book.save(content)
    return content.getvalue()


def as_xls(table: list[list[str]], sheet: str = "明细") -> bytes:
    book = xlwt.Workbook()
    page = book.add_sheet(sheet)
    for number, row in enumerate(table):
        for column, value in enumerate(row):
            page.write(number, column, value)
    content = io.BytesIO()
    book.save(content)
    return content.getvalue()


def as_csv(table: list[list[str]], encoding: str) -> bytes:
    return csv_text(*table).encode(encoding)


ACCEPTED = {
    "gb18030": lambda: as_csv(case_table(), "gb18030"),
    "utf-16": lambda: as_csv(case_table(), "utf-16"),
    "xlsx": lambda: as_xlsx(case_table()),
    "xls": lambda: as_xls(case_table()),
}


@pytest.mark.parametrize("name", ACCEPTED)
def test_nothing_of_a_person_is_kept_of_an_export_that_is_accepted(tmp_path: Path, name: str) -> None:
    workspace = small_workspace(tmp_path / "checkout")
    file = str(put(workspace, "cases", ACCEPTED[name]()))
    done = command(workspace, "intake", file, "--yes", "--reported-on", str(DAY), env={
        **os.environ, "PYTHONUTF8": "1", "PYTHONDEVMODE": "1", "PYTHONDONTWRITEBYTECODE": "1",
    })  # fmt: skip
    assert done.returncode == OK, done.stderr
    states = (workspace.data / "records" / "zhihui-zhongcai.csv").read_text(encoding="utf-8-sig").splitlines()
    assert len(states) == 1 + len(CASE_IDS)
    assert found(workspace, CANARIES + CASE_IDS, done.stdout, done.stderr) == []
    assert "Traceback" not in done.stderr


def test_no_page_and_no_executed_notebook_tells_of_a_person(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    workspace = small_workspace(tmp_path / "checkout")
    monkeypatch.chdir(workspace.root)
    intake([put(workspace, "cases.csv", as_csv(case_table(), "gb18030"))], day=DAY)
    shutil.copy(ROOT / "notebooks" / "disputes.ipynb", workspace.notebooks)
    write_notebook(
        workspace, "broken", "import laoyou as ly",
        "records = open('data/records/zhihui-zhongcai.csv', encoding='utf-8-sig').read()\nraise ValueError(records)",
    )  # fmt: skip
    report = laoyou.run("2026Q3", as_of="2026-10-31")
    assert [outcome.name for outcome in report.failed] == ["broken"]
    assert "仲裁结案率" in (report.folder / "disputes.html").read_text(encoding="utf-8")
    assert list(report.folder.glob("notebooks/*.ipynb"))
    assert found(workspace, CANARIES + CASE_IDS) == []


# What is refused

COLUMN = {"程序": 1, "收案日期": 2, "结案日期": 3, "处理结果": 4, "所属街道": 5}


@pytest.mark.parametrize("form", ["csv", "xlsx", "xls"])
def test_a_person_in_the_wrong_column_is_not_repeated(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, form: str
) -> None:
    workspace = small_workspace(tmp_path / "checkout")
    monkeypatch.chdir(workspace.root)
    table = case_table()
    written = [*NAMES, *CANARIES]
    for column in COLUMN.values():
        for word in written:
            row = list(table[2])
            row[0], row[column] = f"案{len(table)}", word
            table.append(row)
    content = {
        "csv": lambda: as_csv(table, "gb18030"),
        "xlsx": lambda: as_xlsx(table),
        "xls": lambda: as_xls(table),
    }
    before = tree(workspace.data)
    with pytest.raises(LaoyouError) as refused:
        intake([put(workspace, "cases", content[form]())], day=DAY)
    told = [p.place for p in refused.value.problems]
    assert all(any(f"（{name}）" in place or f"（{name}），" in place for place in told) for name in COLUMN)
    assert traces(f"{refused.value}\n{refused.value!r}".encode(), CANARIES + CASE_IDS) == []
    assert tree(workspace.data) == before


FIGURES_HEAD = ["统计期", "城镇新增就业净增（人）", "联系人"]


@pytest.mark.parametrize("column", [0, 1])
def test_a_person_among_figures_is_not_repeated_and_no_number_of_a_person_becomes_a_figure(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, column: int
) -> None:
    workspace = small_workspace(tmp_path / "checkout")
    monkeypatch.chdir(workspace.root)
    before = tree(workspace.data)
    for word in CANARIES:
        row = ["2026年1—9月", "1095", person(0)]
        row[column] = word
        file = put(workspace, "figures.csv", as_csv([[person(1)], FIGURES_HEAD, row], "utf-8"))
        with pytest.raises(LaoyouError) as refused:
            intake([file], day=DAY)
        assert traces(str(refused.value).encode(), CANARIES) == [], word
    numbers = [["2026年1—9月", int(MOBILES[0]), ""], ["2026年1—6月", int(IDENTITIES[1][:17]) * 10, ""]]
    for row in numbers:  # a spreadsheet holds them as numbers
        file = put(workspace, "figures.xlsx", as_xlsx([["题"], FIGURES_HEAD, row]))
        with pytest.raises(LaoyouError) as refused:
            intake([file], day=DAY)
        assert traces(str(refused.value).encode(), [str(row[1])]) == []
    assert tree(workspace.data) == before


FORM_COLUMNS = ("数值", "缺数原因", "数据性质", "填报日期", "来源", "备注", "口径变化")


@pytest.mark.parametrize("column", FORM_COLUMNS)
def test_no_number_of_a_person_in_a_form_is_written_or_repeated(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, column: str
) -> None:
    workspace = small_workspace(tmp_path / "checkout")
    monkeypatch.chdir(workspace.root)
    before = tree(workspace.data)
    words = [
        *(f"{NAMES[0]}{form}" for form in spelt(IDENTITIES[0])),
        f"{NAMES[1]} {MOBILES[0]}",
        f"电话{LANDLINES[0]}",
    ]
    for word in words:
        cells = {
            "new_urban_jobs": {"数值": 1095, column: word},
            "employment_checkups": {"数值": 20, "备注": "好"},
        }
        with pytest.raises(LaoyouError) as refused:
            intake([put(workspace, "form.xlsx", filled(cells))], day=DAY)
        assert traces(str(refused.value).encode(), [*CANARIES, word]) == [], word
    assert tree(workspace.data) == before


@pytest.mark.parametrize("name", [IDENTITIES[0], f"{NAMES[0]}{MOBILES[0]}", LANDLINES[0]])
def test_a_number_of_a_person_in_the_name_of_a_sheet_is_not_repeated(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    workspace = small_workspace(tmp_path / "checkout")
    monkeypatch.chdir(workspace.root)
    table = case_table()
    wrong = [*table, ["案9", "仲裁", "昨天", "", "结案", "北岙街道", "", ""]]
    file = put(workspace, "cases.xlsx", as_xlsx(wrong, sheet=name))
    with pytest.raises(LaoyouError) as refused:
        intake([file], day=DAY)
    assert traces(str(refused.value).encode(), CANARIES) == []
    assert "C12（收案日期）" in refused.value.problems[0].place
    intake([put(workspace, "cases.xlsx", as_xlsx(table, sheet=name))], day=DAY)
    assert found(workspace, CANARIES + CASE_IDS) == []
    form = openpyxl.load_workbook(io.BytesIO(filled({"new_urban_jobs": {"数值": 1}})))
    form.create_sheet(name).append(["还有"])
    content = io.BytesIO()
    form.save(content)
    with pytest.raises(LaoyouError) as refused:
        intake([put(workspace, "form.xlsx", content.getvalue())], day=DAY)
    assert traces(str(refused.value).encode(), CANARIES) == []


BROKEN = {
    "a date form that reads nothing": ("totals: [", "dates: ['%Y %Y']\ntotals: ["),
    "a word for no column": ("  outcome:\n", "  outcom:\n"),
    "no words at all": ("words:", "wordz:"),
    "another heading": ("header: 案号", "header: 申请人"),
    "another row of the heading": ("header: [2]", "header: [1]"),
    "a person's column as a date": ("header: 收案日期", "header: 联系电话"),
    "a person's column as a word": ("header: 处理结果", "header: 申请人"),
    "a person's column as a region": ("header: 所属街道", "header: 申请人"),
    "not YAML": ("columns:", "columns: ["),
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_mapping_makes_nothing_of_a_person_come_out(tmp_path: Path, name: str) -> None:
    workspace = small_workspace(tmp_path / "checkout")
    mapping = workspace.data / "mappings" / "zhihui-zhongcai.yml"
    text = mapping.read_text(encoding="utf-8")
    before, after = BROKEN[name]
    assert before in text
    mapping.write_text(text.replace(before, after, 1), encoding="utf-8")
    put(workspace, "cases.csv", as_csv(case_table(), "gb18030"))
    done = subprocess.run(
        [sys.executable, "-X", "dev", COMMAND, "intake", "incoming/cases.csv", "--yes", "--mapping",
         "zhihui-zhongcai", "--reported-on", str(DAY)],
        cwd=workspace.root, capture_output=True, encoding="utf-8", timeout=120, check=False,
        env={**os.environ, "PYTHONUTF8": "1", "PYTHONDONTWRITEBYTECODE": "1"},
    )  # fmt: skip
    assert found(workspace, CANARIES + CASE_IDS, done.stdout, done.stderr) == []
    assert "Traceback" not in done.stderr
    assert done.returncode == REFUSED


# The key of the case ids


@pytest.fixture
def taken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Workspace:
    """Return a workspace with case records taken in."""
    workspace = small_workspace(tmp_path / "checkout")
    monkeypatch.chdir(workspace.root)
    intake([put(workspace, "cases.csv", as_csv(case_table(), "utf-8"))], day=DAY)
    return workspace


def hashes(workspace: Workspace) -> list[str]:
    text = (workspace.data / "records" / "zhihui-zhongcai.csv").read_text(encoding="utf-8-sig")
    return [line.split(",")[0] for line in text.splitlines()[1:]]


def test_a_case_has_one_hash_however_it_is_spelt_and_another_under_another_key(taken: Workspace) -> None:
    first = hashes(taken)
    assert len(set(first)) == len(CASE_IDS)
    assert all(re.fullmatch("[0-9a-f]{20}", one) for one in first)
    table = case_table()
    table[2:] = [[row[0].translate(WIDE) + " ", *row[1:]] for row in table[2:]]
    assert not intake([put(taken, "cases.csv", as_csv(table, "utf-16"))], day=DAY).proposal.count("changed")
    assert hashes(taken) == first
    shutil.rmtree(taken.data / "records")
    (taken.data / KEY).unlink()
    (taken.data / "observations" / "reported.csv").unlink()
    intake([Path("incoming/cases.csv")], day=DAY)
    assert not set(hashes(taken)) & set(first)


def test_the_key_is_its_owners_alone_and_not_in_version_control(taken: Workspace) -> None:
    key = taken.data / KEY
    assert key.stat().st_mode & 0o777 == 0o600
    assert re.fullmatch("[0-9a-f]{64}\n", key.read_text(encoding="ascii"))
    shutil.copy(ROOT / ".gitignore", taken.root)
    subprocess.run(["git", "init", "-q"], check=True, cwd=taken.root)
    private = [
        f"data/{KEY}",
        f"data/{KEY}.7.partial",
        "data/records/zhihui-zhongcai.csv",
        "data/records/exports.csv",
    ]
    listed = subprocess.run(
        ["git", "check-ignore", *private], capture_output=True, encoding="utf-8", check=False
    )
    assert listed.stdout.splitlines() == private


@pytest.mark.parametrize("harm", ["lost", "cut", "empty", "another word"])
def test_a_key_that_is_lost_or_damaged_is_refused_once_there_are_records(taken: Workspace, harm: str) -> None:
    key = taken.data / KEY
    text = key.read_text(encoding="ascii")
    if harm == "lost":
        key.unlink()
    else:
        key.write_text({"cut": text[:20], "empty": "", "another word": "x" * 64}[harm], encoding="ascii")
    before = tree(taken.data)
    with pytest.raises(LaoyouError) as refused:
        intake([Path("incoming/cases.csv")], day=DAY)
    assert refused.value.where == f"data/{KEY}"
    assert "备份" in str(refused.value)
    assert text.strip() not in str(refused.value)
    assert tree(taken.data) == before
