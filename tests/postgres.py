"""A PostgreSQL of the tests' own: a throw-away cluster on a socket in a temporary folder, nobody else's business."""

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

PROGRAMS = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda p: int(p.parent.name), reverse=True)
OWNER = "postgres"  # initdb refuses to run as root


def program(name: str) -> str | None:
    """Return one of PostgreSQL's programs, from the path or from where Debian keeps them."""
    return shutil.which(name) or next((str(p / name) for p in PROGRAMS if (p / name).exists()), None)


def unavailable() -> str:
    """Return why no cluster can be started here; empty if one can."""
    if os.name == "nt" or not (program("initdb") and program("pg_ctl")):
        return "no PostgreSQL here (Debian: apt-get install postgresql)"
    if os.getuid() == 0 and OWNER not in {user.pw_name for user in pwd.getpwall()}:
        return f"PostgreSQL does not run as root, and there is no user {OWNER}"
    return ""


@contextmanager
def cluster() -> Iterator[str]:
    """Start a cluster, give its address, and stop and remove it."""
    folder = Path(tempfile.mkdtemp(prefix="laoyou-pg-", dir="/tmp"))  # a socket's path must be short
    user = {"user": OWNER, "group": OWNER, "extra_groups": []} if os.getuid() == 0 else {}
    if user:
        shutil.chown(folder, OWNER, OWNER)

    def run(name: str, *words: str) -> None:
        subprocess.run(
            [str(program(name)), *words], check=True, cwd=folder, stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL, env={**os.environ, "LC_ALL": "C"}, timeout=120, **user,
        )  # fmt: skip

    data = str(folder / "data")
    try:
        run("initdb", "-D", data, "-U", "laoyou", "-A", "trust", "-E", "UTF8", "--no-sync")
        options = f"-k {folder} -c listen_addresses='' -c fsync=off -c max_connections=50"
        run("pg_ctl", "-D", data, "-w", "-l", str(folder / "log"), "-o", options, "start")
        try:
            yield f"postgresql+psycopg://laoyou@/postgres?host={folder}"
        finally:
            run("pg_ctl", "-D", data, "-w", "-m", "immediate", "stop")
    finally:
        shutil.rmtree(folder, ignore_errors=True)
