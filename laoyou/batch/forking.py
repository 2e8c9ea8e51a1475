"""What a nursery does, in its own process: import, fork when asked, reap, and end all that it has started.

It has a single thread when it forks. POSIX only.
"""

from __future__ import annotations

import contextlib
import gc
import json
import os
import selectors
import shutil
import signal
import socket
import struct
import sys
import time
from collections.abc import Mapping, Sequence
from importlib import import_module
from pathlib import Path
from typing import Any

from laoyou.batch.nursery import HEAD, PATIENCE, received

# Linux: PR_SET_PDEATHSIG, and PR_SET_CHILD_SUBREAPER, to which orphans further down come.
_DIE_ALONG, _ADOPT = 1, 36


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
        client.settimeout(PATIENCE)
        try:
            head, handles, _, _ = socket.recv_fds(client, HEAD.size, 1)
            request = json.loads(received(client, HEAD.unpack(head)[0]))
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
        until = time.monotonic() + PATIENCE
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
