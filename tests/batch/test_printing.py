"""Printing a published quarter: by the browser that is there, or refused plainly."""

import re
import stat
from pathlib import Path

import pytest
from browsers import installed_browser
from pypdf import PdfReader
from workspaces import copy_workspace, write_notebook

from laoyou.batch import printing, report
from laoyou.errors import LaoyouError
from laoyou.workspace import Workspace


@pytest.fixture
def workspace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Workspace:
    workspace = copy_workspace(tmp_path)
    write_notebook(workspace, "small", "6 * 7")
    monkeypatch.chdir(workspace.root)
    return workspace


def stand_in(folder: Path, body: str) -> str:
    """Write a program that stands in for a browser."""
    file = folder / "browser"
    file.write_text(f"#!/bin/sh\n{body}\n", encoding="utf-8")
    file.chmod(file.stat().st_mode | stat.S_IXUSR)
    return str(file)


def test_a_quarter_that_is_not_published_is_refused_with_the_command_that_does(workspace: Workspace) -> None:
    with pytest.raises(LaoyouError, match="先运行 laoyou run 2026Q3") as refusal:
        list(printing.print_quarter("2026Q3"))
    assert "这一季还没有发布" in str(refusal.value)


def test_without_a_browser_nothing_is_printed_and_the_way_out_is_said(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(printing.shutil, "which", lambda name: None)
    with pytest.raises(LaoyouError, match="apt-get install chromium") as refusal:
        printing.find_browser()
    assert "Chromium、Chrome 或 Edge" in str(refusal.value)


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ("echo 'no display' >&2; exit 1", "浏览器没有给出 PDF（no display）"),
        ("exit 3", "浏览器没有给出 PDF（退出码 3）"),
    ],
)
def test_a_browser_that_gives_no_pdf_is_told_of(tmp_path: Path, body: str, said: str) -> None:
    page = tmp_path / "page.html"
    page.write_text("<p>x</p>", encoding="utf-8")
    with pytest.raises(LaoyouError) as refusal:
        printing.pdf(page, stand_in(tmp_path, body))
    assert said in str(refusal.value)


def test_a_browser_that_hangs_is_stopped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(printing, "LONGEST", 0.2)
    with pytest.raises(LaoyouError, match=r"0\.2 秒没有打印完"):
        printing.pdf(tmp_path / "page.html", stand_in(tmp_path, "exec sleep 5"))


def test_every_page_of_a_quarter_becomes_a_pdf_on_a4(workspace: Workspace, tmp_path: Path) -> None:
    installed_browser()
    report.run("2026Q3")
    files = list(printing.print_quarter("2026Q3"))
    folder = workspace.outputs / "330305" / "print" / "2026Q3"
    assert files == [folder / "index.pdf", folder / "small.pdf", folder / "2026Q3.pdf"]
    for file in files:
        content = file.read_bytes()
        assert content.startswith(b"%PDF")
        boxes = {
            tuple(round(float(n)) for n in box.split())
            for box in re.findall(rb"/MediaBox \[([^\]]+)\]", content)
        }
        assert boxes <= {(0, 0, 595, 842), (0, 0, 596, 842)}
    elsewhere = list(printing.print_quarter("2026Q3", to=tmp_path / "paper"))
    assert [file.parent for file in elsewhere] == [tmp_path / "paper"] * 3
    whole = PdfReader(folder / "2026Q3.pdf")
    counts = [len(PdfReader(file).pages) for file in files[:2]]
    assert len(whole.pages) == sum(counts)
    marks = [(str(mark.title), whole.get_destination_page_number(mark)) for mark in whole.outline]
    index = "洞头区“劳有所得”专项实施方案（2023—2027 年）：2026年三季度进展"
    assert marks == [(index, 0), ("small：标题", counts[0])]
    assert whole.metadata is not None
    assert whole.metadata.title == index
