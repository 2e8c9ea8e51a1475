"""A process that has imported everything and forks when asked: what it starts is ready at once.

The idea is that of multiprocessing's fork server, with three differences that a run needs: it belongs to one run, so
that it never holds an older state of the library; whoever is connected to it may ask, so that workers get kernels
from it; and it ends what it started, process group and all, as soon as the one who asked is gone, however that came.
It has a single thread when it forks. POSIX only.
"""

from __future__ import annotations

import contextlib
import gc
import json
import os
import select
import selectors
import shutil
import signal
import socket
import struct
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from importlib import import_module
from pathlib import Path
from typing import Any

import laoyou

# The path as Python makes it, without the current folder, and ours at its end in case it is not installed.
_START = (
    "import sys; sys.path[:] = [*sys.path[1:], sys.argv[2]]; from laoyou.batch.nursery import serve; serve()"
)
# Pages that are made side by side are threads enough; a library's own would have to be started again after a fork.
SINGLE = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")
_HEAD = struct.Struct("!I")
_DIE_ALONG, _ADOPT = (
    1,
    36,
)  # Linux: PR_SET_PDEATHSIG, and PR_SET_CHILD_SUBREAPER, to which orphans further down come
LONGEST_ADDRESS = 100  # bytes of a socket's path; systems take 104 to 108
_PATIENCE = 10.0  # [s] that a request may take to come in whole, and a nursery to end; both take milliseconds
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
            self._process.wait(_PATIENCE)
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
            socket.send_fds(self._socket, [_HEAD.pack(len(content))], handles)
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
    return int.from_bytes(_received(source, 4), "big", signed=True)


def _received(source: socket.socket, size: int) -> bytes:
    """Read so many bytes."""
    content = b""
    while len(content) < size:
        part = source.recv(size - len(content))
        if not part:
            raise ConnectionError("it is gone")
        content += part
    return content


# What follows runs in the nursery's own process


def serve() -> None:
    """Import what is asked for, then fork on request until the run is gone."""
    setup = json.loads(sys.stdin.buffer.readline() or b"null")
    if setup is None:
        return
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    _set(_ADOPT, 1)
    for name in setup["modules"]:
        _resolve(name)() if ":" in name else import_module(name)
    gc.collect()
    gc.freeze()  # so that collecting in a child leaves shared memory shared
    _Server(socket.socket(fileno=int(sys.argv[1]))).run()
    # An orderly run has removed both by now; after a kill nothing is left of it either.
    function, argument = setup["mend"]
    if function:
        with contextlib.suppress(Exception):
            _resolve(function)(argument)
    if setup["litter"]:
        shutil.rmtree(setup["litter"], ignore_errors=True)
    os._exit(0)  # taking down all that was imported would keep the run waiting


def _resolve(name: str) -> Any:
    module, _, function = name.partition(":")
    return getattr(import_module(module), function)


class _Server:
    """Forks a child for each request; a child's connection stands for the one who asked for it."""

    def __init__(self, listener: socket.socket) -> None:
        self._listener, self._pid = listener, os.getpid()
        self._children: dict[int, socket.socket] = {}
        self._wakes, self._woken = os.pipe()
        os.set_blocking(self._woken, False)
        signal.set_wakeup_fd(self._woken, warn_on_full_buffer=False)
        signal.signal(signal.SIGCHLD, lambda number, frame: None)
        self._events = selectors.DefaultSelector()
        for source in (sys.stdin.fileno(), listener, self._wakes):
            self._events.register(source, selectors.EVENT_READ)

    def run(self) -> None:
        """Serve until standard input ends, which it does when the run does."""
        while True:
            for key, _ in self._events.select():
                if key.fileobj == sys.stdin.fileno():
                    self._end_all()
                    return
                if key.fileobj is self._listener:
                    self._accept()
                elif key.fileobj == self._wakes:
                    os.read(self._wakes, 4096)
                    self._reap()
                elif isinstance(key.fileobj, socket.socket) and key.data in self._children:
                    self._kill(key.data)  # nothing is sent after a request: this is its end
                    self._events.unregister(key.fileobj)

    def _accept(self) -> None:
        client, _ = self._listener.accept()
        client.settimeout(_PATIENCE)
        try:
            head, handles, _, _ = socket.recv_fds(client, _HEAD.size, 1)
            request = json.loads(_received(client, _HEAD.unpack(head)[0]))
        except (OSError, ValueError, struct.error):  # it died while it asked
            client.close()
            return
        pid = os.fork()
        if pid == 0:
            self._become(client, request, handles)
        with contextlib.suppress(OSError):
            os.setpgid(pid, pid)  # here and there: neither may be too late
        for handle in handles:
            os.close(handle)
        self._children[pid] = client
        self._events.register(client, selectors.EVENT_READ, pid)
        self._tell(pid, pid)

    def _become(self, client: socket.socket, request: Mapping[str, Any], handles: Sequence[int]) -> None:
        """Run the function asked for, as if in a process of its own from the beginning, and end with it."""
        status = 1
        try:
            with contextlib.suppress(OSError):
                os.setpgid(0, 0)
            _end_with(self._pid)
            signal.set_wakeup_fd(-1)
            for number in (signal.SIGCHLD, signal.SIGTERM):
                signal.signal(number, signal.SIG_DFL)
            signal.signal(signal.SIGINT, signal.default_int_handler)
            self._events.close()
            for source in (client, self._listener, *self._children.values()):
                source.close()
            for handle in (self._wakes, self._woken):
                os.close(handle)
            nothing = os.open(os.devnull, os.O_RDONLY)
            os.dup2(nothing, 0)
            os.close(nothing)
            extra = {"connection": handles[0]} if handles else {}
            os.chdir(request["cwd"])
            _resolve(request["call"])(**request["arguments"], **extra)
            status = 0
        except SystemExit as end:
            status = end.code if isinstance(end.code, int) else int(end.code is not None)
        finally:
            os._exit(status)

    def _reap(self) -> None:
        """Tell of children that have ended, and end what they left behind in their groups."""
        while self._children:
            try:
                ended = os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT)
            except ChildProcessError:
                return
            if ended is None:
                return
            self._kill(ended.si_pid)  # before the number is free for another
            _, status = os.waitpid(ended.si_pid, 0)
            client = self._children.get(ended.si_pid)
            if client is not None:
                self._tell(ended.si_pid, os.waitstatus_to_exitcode(status))
                del self._children[ended.si_pid]
                with contextlib.suppress(KeyError):
                    self._events.unregister(client)
                client.close()

    def _tell(self, pid: int, number: int) -> None:
        with contextlib.suppress(OSError):
            self._children[pid].sendall(number.to_bytes(4, "big", signed=True))

    @staticmethod
    def _kill(group: int) -> None:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(group, signal.SIGKILL)

    def _end_all(self) -> None:
        until = time.monotonic() + _PATIENCE
        for pid in self._children:
            self._kill(pid)
        while (self._children or _end_adopted()) and time.monotonic() < until:
            self._reap()
            time.sleep(0.005)


def _end_adopted() -> bool:
    """End what has left its kernel's group to outlive it, where the nursery has come by it; say whether there is any."""
    adopted = Path(f"/proc/self/task/{os.getpid()}/children")
    pids = adopted.read_text(encoding="ascii").split() if adopted.exists() else []
    for pid in map(int, pids):
        with contextlib.suppress(OSError):  # another user's, by a set-user-id program
            os.kill(pid, signal.SIGKILL)  # ended or not, it is there until it has been waited for
            os.waitpid(pid, 0)
    return bool(pids)


def _end_with(nursery: int) -> None:
    """Have this process killed when the nursery is, where the system can do that."""
    _set(_DIE_ALONG, signal.SIGKILL)
    if sys.platform == "linux" and os.getppid() != nursery:
        os._exit(1)


def _set(option: int, value: int) -> None:
    """Set an option of this process, where the system is one that has such."""
    if sys.platform == "linux":
        import ctypes

        ctypes.CDLL(None).prctl(option, value)
