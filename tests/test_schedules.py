"""The examples of docs/scaling.md: they are of the grammar of what reads them, and call commands that there are."""

import ast
import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest
from workspaces import ROOT

from laoyou.cli import parser

FOLDER = ROOT / "docs" / "schedule"
SCRIPT = FOLDER / "quarter.sh"
TEXT = (ROOT / "docs" / "scaling.md").read_text(encoding="utf-8")
FIELD = r"(\*|\d+([-,]\d+)*)(/\d+)?"
needs_sh = pytest.mark.skipif(shutil.which("sh") is None, reason="no shell here")


def schedule(text: str) -> tuple[str, ...]:
    """Return the five fields that a text begins with."""
    fields = tuple(text.split()[:5])
    assert all(re.fullmatch(FIELD, field) for field in fields), fields
    return fields


def test_cron_and_airflow_keep_the_same_times() -> None:
    lines = [
        line
        for line in (FOLDER / "laoyou.cron").read_text(encoding="utf-8").splitlines()
        if line[:1].isdigit()
    ]
    tree = ast.parse((FOLDER / "airflow_dag.py").read_text(encoding="utf-8"))
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call)]
    words = {k.arg: k.value for call in calls for k in call.keywords}
    assert isinstance(words["schedule"], ast.Constant)
    assert [schedule(line) for line in lines] == [schedule(str(words["schedule"].value))]
    months = {int(month) for month in schedule(lines[0])[3].split(",")}
    assert months == {1, 4, 7, 10}  # each after a quarter has ended
    assert "docs/schedule/quarter.sh" in lines[0]
    assert "docs/schedule/quarter.sh" in ast.unparse(words["bash_command"])


@needs_sh
@pytest.mark.parametrize(
    ("today", "quarter"),
    [
        ("2026 10", "2026Q3"), ("2026 12", "2026Q3"), ("2027 01", "2026Q4"), ("2027 03", "2026Q4"),
        ("2027 04", "2027Q1"), ("2026 08", "2026Q2"), ("2026 09", "2026Q2"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("cluster", ["", "tcp://scheduler:8786"])
def test_the_script_asks_for_the_last_quarter_that_is_over(
    tmp_path: Path, today: str, quarter: str, cluster: str
) -> None:
    year, month = today.split()
    date = f'#!/bin/sh\ncase "$1" in +%Y) echo {year};; +%m) echo {month};; esac\n'
    for name, content in (("date", date), ("laoyou", '#!/bin/sh\necho "$@"\n')):
        (tmp_path / name).write_text(content, encoding="utf-8")
        (tmp_path / name).chmod(0o755)
    env = {
        **os.environ, "PATH": f"{tmp_path}:{os.environ['PATH']}", "LAOYOU_ROOT": str(ROOT), "LAOYOU_CLUSTER": cluster,
    }  # fmt: skip
    done = subprocess.run(["sh", str(SCRIPT)], env=env, capture_output=True, encoding="utf-8", check=True)
    called = [line.split() for line in done.stdout.splitlines()]
    assert called == [["check"], ["run", quarter, *(["--cluster", cluster] if cluster else [])]]
    for words in called:
        assert parser().parse_args(words).command == words[0]


@needs_sh
def test_the_script_stops_where_the_workspace_is_not_named_or_not_in_order(tmp_path: Path) -> None:
    (tmp_path / "laoyou").write_text('#!/bin/sh\necho "$@"\nexit 2\n', encoding="utf-8")
    (tmp_path / "laoyou").chmod(0o755)
    env = {**os.environ, "PATH": f"{tmp_path}:{os.environ['PATH']}", "LAOYOU_ROOT": str(ROOT)}
    refused = subprocess.run(["sh", str(SCRIPT)], env=env, capture_output=True, encoding="utf-8", check=False)
    assert (refused.returncode, refused.stdout.split()) == (2, ["check"])
    del env["LAOYOU_ROOT"]
    unnamed = subprocess.run(["sh", str(SCRIPT)], env=env, capture_output=True, encoding="utf-8", check=False)
    assert unnamed.returncode != 0
    assert unnamed.stdout == ""


def test_every_laoyou_command_of_the_page_exists() -> None:
    for words in re.findall(r"laoyou ((?:run|copy|check|intake)[^`#\n]*)", TEXT):
        if words.split()[0] in ("run", "copy") and len(words.split()) > 1 and "`" not in words:
            assert parser().parse_args(words.split()).command == words.split()[0]


def test_the_table_is_its_own_formula() -> None:
    rows = re.findall(
        r"^\| [^|]+\| ([\d,]+) \| (\d+) \| (\d+) \| ([\d,]+) \| ([\d.]+) (s|min|h) \|", TEXT, re.M
    )
    assert len(rows) == 5
    heads = re.search(r"\| s = (\d+) s, (\d+) cores \|", TEXT)
    assert heads is not None
    seconds, cores = map(int, heads.groups())
    unit = {"s": 1, "min": 60, "h": 3600}
    for districts, quarters, each, pages, time, name in rows:
        number = int(districts.replace(",", "")) * int(quarters) * int(each)
        assert number == int(pages.replace(",", ""))
        assert number * seconds / cores / unit[name] == pytest.approx(float(time), rel=0.02)
