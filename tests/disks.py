"""Disks that are full: a small one of one's own, or a limit on the size of files where none may be mounted."""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path


def limit_files(size: int) -> None:
    """Keep this process, and those that it starts, from writing a file of more than some bytes."""
    import resource

    resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))


def _mounted(place: Path, size: int) -> bool:
    mount = ["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(place)]
    root = sys.platform == "linux" and os.geteuid() == 0
    return root and not subprocess.run(mount, capture_output=True, check=False).returncode


@contextmanager
def small_disk(place: Path, size: int) -> Iterator[Callable[[], object] | None]:
    """Mount a small disk on an empty folder, and give what makes it large; None where it may not be mounted.

    Parameters
    ----------
    place : the folder
    size : what the disk holds [bytes]
    """
    if not _mounted(place, size):
        yield None
        return
    larger = ["mount", "-o", "remount,size=100m", str(place)]
    try:
        yield lambda: subprocess.run(larger, check=True)
    finally:
        subprocess.run(["umount", "-l", str(place)], check=True)
