"""A process that has imported everything and forks when asked, as those see it who ask: what it starts is ready at once.

The idea is that of multiprocessing's fork server, with three differences that a run needs: it belongs to one run, so
that it never holds an older state of the library; whoever is connected to it may ask, so that workers get kernels
from it; and it ends what it started, process group and all, as soon as the one who asked is gone, however that came.
What it does itself is in ``forking``. POSIX only.
"""

from __future__ import annotations

import contextlib
import json
import os
import select
import signal
import socket
import struct
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import laoyou

# The path as Python makes it, without the current folder, and ours at its end in case it is not installed.
_START = (
    "import sys; sys.path[:] = [*sys.path[1:], sys.argv[2]]; from laoyou.batch.forking import serve; serve()"
)
# Pages that are made side by side are threads enough; a library's own would have to be started again after a fork.
SINGLE = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")
HEAD = struct.Struct("!I")  # how many bytes a request has
LONGEST_ADDRESS = 100  # bytes of a socket's path; systems take 104 to 108
PATIENCE = 10.0  # [s] that a request may take to come in whole, and a nursery to end; both take milliseconds
_READY = 120.0  # [s] that a nursery may take to answer, its imports, some 3 s on a local disk, included


def addressable(socket: Path) -> bool:
    """Return whether a path is short enough for a socket to be there."""
    return len(os.fsencode(socket)) <= LONGEST_ADDRESS


class Nursery:
    """The nursery as its run sees it.

    Parameters
    ----------
    address : the socket that it will listen at, in a folder that others cannot reach
    modules : what it imports before it forks anything; one written ``module:function`` is called, too
    litter : a folder that it removes when the run has ended without doing so
    mend : ``module:function`` and a text that it is called with in that case, once all that was started is gone
    """

    def __init__(
        self,
        address: Path,
        modules: Sequence[str],
        *,
        litter: Path | None = None,
        mend: tuple[str, str] = ("", ""),
    ) -> None:
        self.address = address
        self._setup = {
            "modules": list(modules),
            "litter": str(litter or ""),
            "mend": list(mend),
        }
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it, without waiting until it is ready; start it again if it has died."""
        if self._process is not None and self._process.poll() is None:
            return
        self.stop()
        self.address.unlink(missing_ok=True)
        with socket.socket(socket.AF_UNIX) as listener:
            listener.bind(str(self.address))
            listener.listen(512)
            self._process = subprocess.Popen(
                [sys.executable, "-c", _START, str(listener.fileno()), str(Path(laoyou.__file__).parents[1])],
                stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                pass_fds=[listener.fileno()], start_new_session=True, cwd="/", env=SINGLE | os.environ,
            )  # fmt: skip
        assert self._process.stdin is not None
        with contextlib.suppress(BrokenPipeError):
            self._process.stdin.write(json.dumps(self._setup).encode() + b"\n")
            self._process.stdin.flush()

    def stop(self) -> None:
        """End it, and all that it started."""
        if self._process is None:
            return
        assert self._process.stdin is not None
        with contextlib.suppress(BrokenPipeError):
            self._process.stdin.close()
        try:
            self._process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._process = None


class Child:
    """A process that a nursery has started, handled like a ``subprocess.Popen``.

    Parameters
    ----------
    address : the nursery's socket
    call : ``module:function`` that it runs
    arguments : what that is called with, plain values
    connection : one end of a socket that the function gets as ``connection`` (file descriptor), if any
    cwd : the folder that it starts in; this process's if empty

    Raises
    ------
    OSError
        If the nursery is not there, or does not answer.
    """

    stdin = stdout = stderr = None

    def __init__(
        self,
        address: str,
        call: str,
        arguments: Mapping[str, Any],
        connection: int | None = None,
        cwd: str = "",
    ) -> None:
        self.returncode: int | None = None
        self._socket = socket.socket(socket.AF_UNIX)
        self._socket.settimeout(_READY)
        try:
            self._socket.connect(address)
            request = {"call": call, "arguments": dict(arguments), "cwd": cwd or str(Path.cwd())}
            content = json.dumps(request).encode()
            handles = [] if connection is None else [connection]
            socket.send_fds(self._socket, [HEAD.pack(len(content))], handles)
            self._socket.sendall(content)
            self.pid = _number(self._socket)
            self._socket.settimeout(None)
        except OSError:
            self._socket.close()
            raise

    def fileno(self) -> int:
        """Return what becomes readable when the process has ended."""
        return self._socket.fileno()

    def poll(self) -> int | None:
        """Return the exit status, as ``subprocess`` counts it; None while it runs."""
        if self.returncode is None and select.select([self._socket], [], [], 0)[0]:
            try:
                self.returncode = _number(self._socket)
            except OSError:  # the nursery is gone, and took it along
                self.returncode = -signal.SIGKILL
            self._socket.close()
        return self.returncode

    def wait(self, timeout: float | None = None) -> int:
        """Return the exit status once there is one.

        Raises
        ------
        subprocess.TimeoutExpired
            If there is none in ``timeout`` [s].
        """
        if self.returncode is None:
            select.select([self._socket], [], [], timeout)
        status = self.poll()
        if status is None:
            raise subprocess.TimeoutExpired("", timeout or 0)
        return status

    def send_signal(self, number: int) -> None:
        """Send a signal to the process and all of its group."""
        if self.poll() is None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.pid, number)

    def kill(self) -> None:
        """End it at once."""
        self.send_signal(signal.SIGKILL)

    def terminate(self) -> None:
        """Ask it to end."""
        self.send_signal(signal.SIGTERM)


def _number(source: socket.socket) -> int:
    """Read one whole number."""
    return int.from_bytes(received(source, 4), "big", signed=True)


def received(source: socket.socket, size: int) -> bytes:
    """Return so many bytes of a socket.

    Raises
    ------
    ConnectionError
        If it ends before.
    """
    content = b""
    while len(content) < size:
        part = source.recv(size - len(content))
        if not part:
            raise ConnectionError("it is gone")
        content += part
    return content
