"""What the command says, whatever its output can take, and the status that it ends with."""

from __future__ import annotations

import codecs
import os
import sys
from collections.abc import Sequence
from contextlib import suppress

OK, REFUSED, INTERRUPTED = 0, 2, 130
INCOMPLETE = 1
CUT_OFF = 141  # as a shell tells of a process whose reader went away

NARROW = "laoyou-narrow"
# What a Chinese Windows console, of code page 936, has not; a minus must not look like a ?
SPELT = {"−": "-", "›": ">"}


def _narrow(error: UnicodeError) -> tuple[str, int]:
    """Return what an output prints for characters that it does not have, and where it goes on."""
    if not isinstance(error, UnicodeEncodeError):
        raise error
    return "".join(SPELT.get(c, "?") for c in error.object[error.start : error.end]), error.end


codecs.register_error(NARROW, _narrow)


def unwritten(cause: OSError) -> str:
    """Return what to say where the system refused to write what a command says, or else to read or write a file."""
    if cause.filename is None:
        return f"输出写不出去（{cause.strerror}）；换一个能写的地方再运行。"
    return f"{cause.filename}：读写不了（{cause.strerror}）；核对磁盘空间和权限再运行。"


def complain(text: str) -> None:
    """Say something on standard error, if that can take it."""
    with suppress(OSError):
        print(text, file=sys.stderr, flush=True)


def tell(done: Sequence[str]) -> int:
    """Say what has been done and return the exit status; on standard error where the output cannot take it."""
    try:
        print(*done, sep="\n", flush=True)
    except OSError as cause:
        drop_output()
        complain("\n".join([*done, f"以上都已完成，只是输出写不出去（{cause.strerror}）。"]))
        return CUT_OFF if isinstance(cause, BrokenPipeError) else INCOMPLETE
    return OK


def drop_output() -> None:
    """Send nowhere what could not be written, which Python would try once more at its end."""
    with suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
