"""A quarter's report appears whole or not at all, and says what it was made from."""

from __future__ import annotations

import hashlib
import json
import os
import secrets
import shutil
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Any, NamedTuple

import laoyou
from laoyou.errors import Problem, RunError
from laoyou.language import LANGUAGES

try:
    import fcntl
except ImportError:  # Windows
    fcntl = None  # type: ignore[assignment]

MANIFEST = "manifest.json"  # what a report is made from: the same bytes for the same report
RUN = "run.json"  # how its last run went
STALE_AFTER = 24 * 3600  # [s]; far beyond the longest run, for where a folder cannot be locked
_KINDS = {
    "region": str,
    "region_name": str,
    "quarter": str,
    "lights": dict,
    "notebooks": dict,
    "documents": dict,
}
PACKAGES = (
    "brotli",
    "Jinja2",
    "jupyterlab",
    "matplotlib",
    "nbclient",
    "nbconvert",
    "numpy",
    "pandas",
    "papermill",
    "pylopdf-fonts-zh-cn",
    "scipy",
    "seaborn",
    "uharfbuzz",
)


def digest(*parts: bytes) -> str:
    """Return the SHA-256 of some parts, independent of how a checkout ends its lines."""
    whole = hashlib.sha256()
    for part in parts:
        whole.update(hashlib.sha256(part.replace(b"\r\n", b"\n")).digest())
    return whole.hexdigest()


@cache
def versions() -> dict[str, str]:
    """Return the versions of the packages that a page depends on."""
    return {"laoyou": laoyou.__version__, **{name: version(name) for name in PACKAGES}}


def job_key(notebook: Path, parameters: Mapping[str, Any], made_from: Mapping[str, str]) -> str:
    """Return the fingerprint of everything that a page is made from: equal keys, equal pages."""
    rest = json.dumps([dict(parameters), dict(made_from), versions()], sort_keys=True, ensure_ascii=False)
    return digest(notebook.read_bytes(), rest.encode("utf-8"))


def read_manifest(folder: Path) -> dict[str, Any]:
    """Return a published quarter's manifest; empty where there is none to be read, or what stands there is none of ours."""
    manifest = _read_json(folder / MANIFEST)
    if not all(isinstance(manifest.get(name, kind()), kind) for name, kind in _KINDS.items()):
        return {}
    return manifest if all(isinstance(n, dict) for n in manifest.get("notebooks", {}).values()) else {}


class Went(NamedTuple):
    """How the run of one notebook went: how long it took [s], and why it was run."""

    seconds: float
    why: str


def read_run(folder: Path) -> dict[str, Went]:
    """Return how each notebook of a published quarter ran; empty where that cannot be read."""
    notebooks = read_run_file(folder).get("notebooks")
    entries = notebooks.items() if isinstance(notebooks, dict) else ()
    try:
        return {
            name: Went(float(e.get("seconds", 0)), str(e.get("why", "")))
            for name, e in entries
            if isinstance(e, dict)
        }
    except (TypeError, ValueError):
        return {}


def read_run_file(folder: Path) -> dict[str, Any]:
    """Return what stands in a published quarter's run.json; empty where it cannot be read."""
    return _read_json(folder / RUN)


def _read_json(file: Path) -> dict[str, Any]:
    try:
        content = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return content if isinstance(content, dict) else {}


def write_json(file: Path, content: Mapping[str, Any]) -> None:
    """Write a JSON file that people can read, too."""
    file.write_text(json.dumps(content, ensure_ascii=False, indent=1) + "\n", encoding="utf-8", newline="\n")


@contextmanager
def prepared(final: Path) -> Iterator[Path]:
    """Give a folder to build a quarter in; publish it by rename if the block ends well, else remove it.

    Parameters
    ----------
    final : where the quarter is published

    Raises
    ------
    RunError
        If the disk is full or the folder cannot be written; what was published before is then untouched.
    """
    with building(final) as partial, writing(final):
        yield partial
        publish(partial, final)


@contextmanager
def building(final: Path) -> Iterator[Path]:
    """Give a folder to build a quarter in, and remove it at the end of the block unless it has been published."""
    partial = None
    with ExitStack() as held:
        try:
            with writing(final):
                final.parent.mkdir(parents=True, exist_ok=True)
                # Named before it is made, so that an interrupt in between leaves nothing that is not removed.
                partial = final.parent / f".{final.name}.{secrets.token_hex(4)}.partial"
                with locked(final.parent):
                    recover(final)
                    partial.mkdir(mode=0o700)
                    held.enter_context(locked(partial))  # as long as it is being built
            yield partial
        finally:
            if partial is not None:
                shutil.rmtree(partial, ignore_errors=True)


def publish(partial: Path, final: Path) -> None:
    """Put a quarter that has been built in the place of the published one."""
    partial.chmod(0o755)
    with locked(final.parent):
        _replace(partial, final)


@contextmanager
def writing(place: Path) -> Iterator[None]:
    """Say in words that the block could not write.

    Raises
    ------
    RunError
        Instead of an OSError.
    """
    try:
        yield
    except OSError as cause:
        raise _unwritten(place, cause) from None


def _unwritten(place: Path, cause: OSError) -> RunError:
    remedy = "核对磁盘空间和目录权限，关掉正打开这些文件的程序；已发布的报告没有改动"
    return RunError(place, Problem("写文件", f"写不进去（{cause}）", remedy=remedy))


def _replace(partial: Path, final: Path) -> None:
    """Put a folder in another's place. Between the two renames the old one stands beside, for ``recover``."""
    old = _old(final)
    if final.exists():
        Path(final).replace(old)
    try:
        Path(partial).replace(final)
    finally:
        recover(final)


def mend(outputs: Path | str) -> None:
    """Mend what interrupted runs left anywhere in the folder of reports."""
    for language in LANGUAGES:
        reports = Path(outputs) if language == "zh" else Path(outputs) / language
        if reports.is_dir():
            _mend(reports)


def _mend(reports: Path) -> None:
    with suppress(OSError), locked(reports):
        sweep(reports)
    for left in (*reports.glob("*/.*.old"), *reports.glob("*/.*.partial")):
        final = left.with_name(left.name.split(".")[1])
        with locked(final.parent):
            recover(final)


def sweep(outputs: Path) -> None:
    """Remove half a first page or run.json that a killed run left; the folder of reports is locked meanwhile."""
    for left in outputs.glob(".*.partial"):
        left.unlink(missing_ok=True)
    for region in (p for p in outputs.iterdir() if p.is_dir()):
        with locked(region):
            for left in (*region.glob(".*.partial"), *region.glob("*/.*.partial")):
                if left.is_file():
                    left.unlink(missing_ok=True)


def recover(final: Path) -> None:
    """Mend what an interrupted publication left: put the old report back if the new one never came.

    A folder that a killed run was building is removed. The region's folder is locked meanwhile.
    """
    old = _old(final)
    if old.exists() and not final.exists():
        Path(old).replace(final)
    if old.is_symlink():  # somebody had put the quarter elsewhere; what is there is left to them
        old.unlink()
    shutil.rmtree(old, ignore_errors=True)
    for left in final.parent.glob(f".{final.name}.*.partial"):
        with suppress(OSError):  # published or removed by its own run meanwhile
            if _abandoned(left):
                shutil.rmtree(left, ignore_errors=True)


def _abandoned(partial: Path) -> bool:
    """Whether no run can still be building in a folder: it would hold the lock; where there is none, by age."""
    if fcntl is not None:
        try:
            with locked(partial, wait=False):
                return True
        except BlockingIOError:
            return False
    return time.time() - partial.stat().st_mtime > STALE_AFTER


@contextmanager
def locked(folder: Path, *, wait: bool = True) -> Iterator[None]:
    """Keep a folder to oneself; the system lets go of it when the process ends, whatever ended it.

    Where folders cannot be locked, which is so on Windows and some network shares, the block runs all the same.

    Raises
    ------
    BlockingIOError
        If another has it and it is not waited for.
    """
    if fcntl is None:
        yield
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
        except BlockingIOError:
            raise
        except OSError:  # no locks here
            if not wait:
                raise BlockingIOError from None
        yield
    finally:
        os.close(handle)


def _old(final: Path) -> Path:
    return final.with_name(f".{final.name}.old")


def write_atomically(file: Path, content: str | bytes) -> None:
    """Write a file, text in UTF-8, so that readers see the old one or the new one.

    Raises
    ------
    RunError
        If the disk is full or the folder cannot be written.
    """
    name = ""
    try:
        handle, name = tempfile.mkstemp(prefix=f".{file.name}.", suffix=".partial", dir=file.parent)
        with os.fdopen(handle, "wb") as stream:
            stream.write(content.encode("utf-8") if isinstance(content, str) else content)
            stream.flush()
            os.fsync(stream.fileno())
        Path(name).chmod(0o644)
        Path(name).replace(file)
    except OSError as cause:
        raise _unwritten(file, cause) from None
    finally:
        if name:
            Path(name).unlink(missing_ok=True)
