"""How long large things take: verdicts for the country, a million case records, the command's help.

Run with ``make bench-scale``. It needs no other environment than the tests', takes some minutes and writes the tables of
benchmarks/README.md. Nothing here is a test: a time says something of a machine, a ratio of one run of the code.
"""

from __future__ import annotations

import argparse
import csv
import datetime as dt
import json
import os
import platform
import random
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from laoyou.ledger.file import COLUMNS
from laoyou.plan import Plan, load_plan
from laoyou.rules import load_rules
from laoyou.workspace import find_workspace

HERE = Path(__file__).resolve().parent
REGIONS, RECORDS, SEED = 2_900, 1_000_000, 330305  # county-level regions of the country
FIRST, LAST = 2023, 2027
REPEATS = 5
LEDGER = 100_000  # rows
LOOPED = 100  # regions that the loop is timed on; its time grows with the number of rows


def panel(plan: Plan, regions: int, seed: int = SEED) -> pd.DataFrame:
    """Return synthetic observations as ``load_observations`` returns them: regions × indicators × 20 quarters."""
    chance = np.random.default_rng(seed)
    rows = list(plan.indicators.values())
    years = np.arange(FIRST, LAST + 1)
    targets = np.array([[i.numeric_target(int(y)) for y in years] for i in rows])
    quarter = np.tile([1, 2, 3, 4], len(years))
    level = np.repeat(np.where(np.isnan(targets), 100.0, targets), 4, axis=1)
    annual = np.array([i.kind == "annual_count" for i in rows])
    level = level * np.where(annual[:, None], quarter / 4, 1.0)
    shape = (regions, len(rows), len(quarter))
    value = level * chance.normal(1, 0.08, shape)
    rate = np.broadcast_to(np.array([i.kind == "case_rate" for i in rows])[None, :, None], shape)
    percent = np.broadcast_to(np.array([i.unit == "%" for i in rows])[None, :, None], shape)
    value = np.where(percent, np.clip(value, 0, 100), np.round(value))
    bottom = np.where(rate, chance.integers(20, 500, shape), np.nan)
    top = np.round(value / 100 * bottom)
    value = np.where(rate, 100 * top / bottom, value)
    codes = np.array([f"{110101 + n:06d}" for n in range(regions)], object)
    size = value.size
    texts = {
        "region": np.repeat(codes, size // regions),
        "indicator": np.tile(np.repeat(np.array([i.id for i in rows], object), len(quarter)), regions),
        "period": np.tile(np.array([f"{y}Q{q}" for y in years for q in range(1, 5)], object), regions * len(rows)),
        **{name: np.full(size, word, object) for name, word in
           {"missing": "", "series_break": "", "status": "reported", "measured_at": "", "source": "x", "note": "",
            "frequency": "quarter"}.items()},
    }  # fmt: skip
    return pd.DataFrame(
        {
            **{name: pd.Series(words, dtype="str") for name, words in texts.items()},
            "value": value.ravel(), "numerator": top.ravel(), "denominator": bottom.ravel(),
            "reported_on": pd.Timestamp("2028-01-12"),
            "year": np.tile(np.repeat(years, 4), regions * len(rows)).astype("int32"),
            "quarter": np.tile(quarter, regions * len(rows)).astype("int8"),
            "revision": 0, "first_value": value.ravel(), "corrected": False,
        }
    )  # fmt: skip


def timed(work: Callable[[], object]) -> tuple[float, float]:
    """Return the wall time and the processor time of some work [s]."""
    wall, own = time.perf_counter(), time.process_time()
    work()
    return time.perf_counter() - wall, time.process_time() - own


def measured_assess() -> dict[str, float]:
    """Return times of ``laoyou.assess`` on the whole panel, its peak memory, and the loop's time on a part of it."""
    import resource

    from laoyou.assessment import assess

    sys.path.insert(0, str(HERE))
    from row_by_row import judge_all

    plan, rules = load_plan(), load_rules()
    small = panel(plan, LOOPED)
    some = sorted(set(small["region"]))
    every = panel(plan, REGIONS)
    regions = list(dict.fromkeys(every["region"]))
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    runs = [
        timed(lambda: assess(plan, every, f"{LAST}Q3", regions=regions, rules=rules)) for _ in range(REPEATS)
    ]
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    loop = [timed(lambda: judge_all(plan, small, LAST, 3, some, rules)) for _ in range(2)]
    series = timed(lambda: judge_all(plan, small, LAST, 3, some, rules, by_series=True))[1]
    own = min(cpu for _, cpu in runs)
    return {
        "rows": len(every), "first": runs[0][1], "wall": min(wall for wall, _ in runs), "own": own,
        "added": (peak - before) / 1e3, "peak": peak / 1e3,
        "loop": min(cpu for _, cpu in loop) * REGIONS / LOOPED, "series": series * REGIONS / LOOPED,
    }  # fmt: skip


def write_records(file: Path, number: int) -> None:
    """Write an export of case records in GB18030, as 智慧仲裁 is mapped: one platform gives two rates of every township."""
    regions = pd.read_csv(find_workspace().data / "regions.csv", dtype=str)
    parts = list(regions.loc[regions["parent"] == "330305", "name_zh"])
    chance, first, last = random.Random(SEED), dt.date(2025, 1, 1), dt.date(2026, 10, 10)
    heads = ["案号", "程序", "收案日期", "结案日期", "处理结果", "所属街道", "申请人", "联系电话"]
    ends = {"仲裁": ("审理中", "结案", "撤诉", "移送"), "调解": ("调解中", "调解成功", "调解不成", "重复")}
    with file.open("w", encoding="gb18030", newline="") as stream:
        writer = csv.writer(stream, lineterminator="\r\n")
        writer.writerows([["智慧仲裁导出"], heads])
        for n in range(number):
            opened, procedure = first + dt.timedelta(days=chance.randrange(600)), chance.choice(tuple(ends))
            [end] = chance.choices(ends[procedure], [10, 80, 7, 3])
            closed = min(opened + dt.timedelta(days=chance.randrange(120)), last)
            over = "" if end == ends[procedure][0] else closed
            writer.writerow(
                [f"浙温洞劳人仲案字{n:07d}号", procedure, opened, over, end, chance.choice(parts), "略", "略"]
            )


INTAKE = """
import datetime as dt, json, resource, sys, time
from pathlib import Path
from laoyou.intake.take import intake
wall, own = time.perf_counter(), time.process_time()
spent = {}
if sys.argv[2:]:
    import cProfile, pstats
    with cProfile.Profile() as profile:
        taken = intake([Path(sys.argv[1])], day=dt.date(2026, 10, 20))
    every = pstats.Stats(profile)
    every.stream = sys.stderr
    every.sort_stats("tottime").print_stats(25)
    for (file, line, name), (_, _, own, whole, _) in every.stats.items():
        if "laoyou" in file:
            spent[name] = max(spent.get(name, 0.0), whole)
else:
    taken = intake([Path(sys.argv[1])], day=dt.date(2026, 10, 20))
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3
print(json.dumps([time.perf_counter() - wall, time.process_time() - own, peak, taken.written, spent]))
"""


PARTS = {
    "the text split into cells, those that recur numbered": ("open_reader", "columns"),
    "case ids hashed (HMAC-SHA-256)": ("hashed",),
    "what the other cells mean": ("rows_of_columns", "-hashed"),
    "records that contradict themselves or those of before": ("_inconsistent", "_look_over"),
    "new states found and written": ("as_states", "changed", "as_csv"),
    "the figures counted": ("_count_indicator",),
}


def shares(spent: dict[str, float]) -> dict[str, float]:
    """Return the share of each part of a profiled intake, by the functions that do it; the rest is imports and reading back."""
    part = {
        told: sum(-spent[name[1:]] if name.startswith("-") else spent[name] for name in names)
        for told, names in PARTS.items()
    }
    return {told: seconds / spent["intake"] for told, seconds in part.items()}


def measured_intake(number: int, *, profiled: bool = False) -> dict[str, Any]:
    """Return times and peak memory of an intake of case records, into a workspace that has none and then once more.

    With them the shares of its parts, from a profile of an intake into a third workspace.
    """
    source = find_workspace()
    with tempfile.TemporaryDirectory() as place:
        root = Path(place)
        for name in ("data", "params"):
            shutil.copytree(source.root / name, root / name)
        (root / "notebooks").mkdir()
        file = root / "params" / "rules.yml"
        rules = file.read_text(encoding="utf-8")
        rules = rules.replace("max_rows: 200000", "max_rows: 2000000").replace(
            "max_megabytes: 100 ", "max_megabytes: 1000 "
        )
        file.write_text(rules, encoding="utf-8")
        (root / "data" / ".case-key").write_text("5a" * 32, encoding="ascii")
        write_records(root / "records.csv", number)
        shutil.copytree(root / "data", root / "kept")
        found = []
        for profile in (False, False, True):
            if profile:
                shutil.rmtree(root / "data")
                (root / "kept").rename(root / "data")
            words = [sys.executable, "-c", INTAKE, "records.csv", *(["profile"] if profile else [])]
            done = subprocess.run(
                words, cwd=root, env=environment(), check=True, stdout=subprocess.PIPE, encoding="utf-8",
                stderr=None if profiled else subprocess.DEVNULL,
            )  # fmt: skip
            found.append(json.loads(done.stdout))
    (wall, own, peak, written, _), (again_wall, again, _, twice, _), (*_, spent) = found
    assert written
    assert not twice
    return {
        "records": number,
        "wall": wall,
        "own": own,
        "peak": peak,
        "again_wall": again_wall,
        "again": again,
        "shares": shares(spent),
    }


def write_ledger(root: Path, number: int) -> int:
    """Write a ledger of so many rows, a revision of each cell every day; return how many days."""
    source = find_workspace()
    for name in ("data", "params"):
        shutil.copytree(source.root / name, root / name)
    (root / "notebooks").mkdir()
    for file in (root / "data").glob("*/*.csv"):
        file.unlink()
    plan = load_plan()
    regions = pd.read_csv(root / "data" / "regions.csv", dtype=str)["region"]
    plain = [i.id for i in plan.indicators.values() if i.unit != "%" and i.kind != "cumulative_count"]
    quarters = [f"{y}Q{q}" for y in range(FIRST, LAST + 1) for q in range(1, 5)]
    cells = [(region, id, quarter) for region in regions for id in plain for quarter in quarters]
    days = -(-number // len(cells))
    with (root / "data" / "observations" / "reported.csv").open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, COLUMNS, restval="", lineterminator="\n")
        writer.writeheader()
        for day in range(days):
            known = dt.date(LAST + 1, 1, 12) + dt.timedelta(days=day)
            for region, id, quarter in cells:
                writer.writerow({
                    "region": region, "indicator": id, "period": quarter, "value": 100 + day, "status": "reported",
                    "reported_on": known, "source": "x", "note": "",
                })  # fmt: skip
    return days


READ = """
import json, sys, time
from laoyou.ledger.observations import read_known
from laoyou.plan import load_plan
from laoyou.rules import load_rules
from laoyou.workspace import find_workspace
workspace, plan, rules = find_workspace(), load_plan(), load_rules()
found = []
for as_of in (sys.argv[1], None):
    read_known(workspace, plan, rules, as_of)
    wall, own = time.perf_counter(), time.process_time()
    rows = len(read_known(workspace, plan, rules, as_of).rows)
    found.append([time.perf_counter() - wall, time.process_time() - own, rows])
print(json.dumps(found))
"""


def measured_ledger(number: int) -> dict[str, list[list[float]]]:
    """Return, by store, times of reading a ledger as known on an early day and whole, and how many rows that gave."""
    sys.path.insert(0, str(HERE.parent / "tests"))
    from postgres import cluster, unavailable

    found = {}
    with tempfile.TemporaryDirectory() as place, ExitStack() as stack:
        root = Path(place)
        days = write_ledger(root, number)
        early = str(dt.date(LAST + 1, 1, 12) + dt.timedelta(days=days // 10))
        stores = {"CSV": "", "Parquet": str(root / "ledger")}
        if not unavailable():
            stores["PostgreSQL"] = stack.enter_context(cluster())
        for name, address in stores.items():
            env = environment()
            if address:
                command = [
                    sys.executable,
                    "-c",
                    "import sys; from laoyou.cli import main; sys.exit(main())",
                    "copy",
                    address,
                ]
                subprocess.run(command, cwd=root, env=env, check=True, stdout=subprocess.DEVNULL)
            words = [sys.executable, "-c", READ, early]
            done = subprocess.run(
                words,
                cwd=root,
                env={**env, "LAOYOU_DATA": address},
                check=True,
                stdout=subprocess.PIPE,
                encoding="utf-8",
            )
            found[name] = json.loads(done.stdout)
    return found


def environment() -> dict[str, str]:
    """Return the environment of a process that finds this library."""
    paths = [str(HERE.parent), *filter(None, [os.environ.get("PYTHONPATH")])]
    return {**os.environ, "PYTHONPATH": os.pathsep.join(paths)}


def measured_help() -> dict[str, float]:
    """Return the times of ``laoyou --help`` in a process of its own."""
    command = shutil.which("laoyou", path=str(Path(sys.executable).parent)) or "laoyou"

    def one() -> None:
        subprocess.run([command, "--help"], check=True, stdout=subprocess.DEVNULL)

    before = os.times()
    walls = [timed(one)[0] for _ in range(REPEATS)]
    after = os.times()
    used = after.children_user + after.children_system - before.children_user - before.children_system
    return {"wall": min(walls), "own": used / REPEATS}


def table(
    assess: dict[str, float],
    intake: dict[str, Any],
    ledger: dict[str, list[list[float]]],
    help: dict[str, float],
) -> str:
    """Return the measurements as a table in Markdown."""
    from sections import processor

    ratio, series = assess["loop"] / assess["own"], assess["series"] / assess["own"]

    def said(kept: bool) -> str:
        return "kept" if kept else "not reached"

    rows: Sequence[Sequence[str]] = [
        ("`ly.assess`, {:,.0f} observations".format(assess["rows"]), f"{assess['own']:.2f} s", f"{assess['wall']:.2f} s",
         "≤ 1.5 s", said(assess["wall"] <= 1.5)),
        ("its memory beside the observations", f"{assess['added']:.0f} MB", f"{assess['peak']:.0f} MB in all",
         "≤ 1,000 MB in all", said(assess["peak"] <= 1000)),
        ("the rules in a loop over rows, as `iterrows` gives them, ÷ `ly.assess`", f"{series:.0f}",
         f"{assess['series']:.0f} s for all, from {LOOPED} regions", "≥ 100", said(series >= 100)),
        ("the same over plain tuples (`itertuples`), the quickest loop that Python has", f"{ratio:.0f}",
         f"{assess['loop']:.0f} s for all, from {LOOPED} regions", "≥ 100", said(ratio >= 100)),
        (f"intake of {intake['records']:,.0f} case records", f"{intake['own']:.1f} s", f"{intake['wall']:.1f} s, {intake['peak']:.0f} MB",
         "≤ 5 s", said(intake["wall"] <= 5)),
        ("the same file again, nothing new", f"{intake['again']:.1f} s", f"{intake['again_wall']:.1f} s", "", ""),
        ("`laoyou --help`", f"{help['own']:.2f} s", f"{help['wall']:.2f} s", "≤ 0.4 s", said(help["wall"] <= 0.4)),
    ]  # fmt: skip
    for store, (early, whole) in ledger.items():
        for wall, own, number in (early, whole):
            told = f"a ledger of {whole[2]:,.0f} rows in {store}, {number:,.0f} of them read"
            rows = [*rows, (told, f"{own:.2f} s", f"{wall:.2f} s", "", "")]
    lines = ["| measured | processor | wall | aim | |", "|---|--:|--:|--:|---|"]
    lines += [f"| {' | '.join(row)} |" for row in rows]
    lines += ["", "| where an intake's time goes, under a profiler | share |", "|---|--:|"]
    lines += [f"| {told} | {share:.0%} |" for told, share in intake["shares"].items()]
    load = f", load {os.getloadavg()[0]:.0f}" if hasattr(os, "getloadavg") else ""
    machine = f"{processor()}, {os.cpu_count()} cores{load}; Python {platform.python_version()}, pandas {pd.__version__}, numpy {np.__version__}"
    return "\n".join([*lines, "", f"{dt.date.today()}, {machine}."])


def main() -> None:
    """Measure and print; with ``--write`` into benchmarks/README.md, too."""
    words = argparse.ArgumentParser(description=__doc__)
    words.add_argument("--write", action="store_true", help="write the table into benchmarks/README.md")
    words.add_argument("--records", type=int, default=RECORDS, help="how many case records")
    words.add_argument("--profile", action="store_true", help="only the intake, with where its time goes")
    chosen = words.parse_args()
    if chosen.profile:
        measured_intake(chosen.records, profiled=True)
        return
    text = table(measured_assess(), measured_intake(chosen.records), measured_ledger(LEDGER), measured_help())
    print(text)
    if chosen.write:
        from sections import write_section

        write_section("scale", text)


if __name__ == "__main__":
    main()
