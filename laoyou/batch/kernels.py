"""A warm kernel: forked from a process in which everything that a notebook imports has been imported already.

``WarmProvisioner`` is registered with jupyter_client as ``laoyou-warm``, so that papermill and nbclient start, interrupt
and end such a kernel as they do any other. Each notebook gets a process of its own. Where there is no nursery to fork
from, or a notebook asks for another kernel, it does what jupyter_client's local provisioner does.
"""

from __future__ import annotations

import contextlib
import os
import sys
import time
from collections.abc import Mapping, Sequence
from importlib import import_module
from pathlib import Path
from typing import Any

from jupyter_client.provisioning.local_provisioner import LocalProvisioner
from traitlets import Integer, Unicode

import laoyou
from laoyou.batch.nursery import Child
from laoyou.pages import fonts

NAME = "laoyou-warm"  # as the entry point in pyproject.toml calls it
IMPORTED = ("IPython", "ipykernel.ipkernel", "ipykernel.kernelapp", "matplotlib.pyplot", "pandas", "seaborn")
_LAUNCHER = ["-m", "ipykernel_launcher"]
_MEGABYTE = 1_000_000  # bytes


class WarmProvisioner(LocalProvisioner):
    """jupyter_client's local provisioner, but for where the process comes from."""

    nursery = Unicode(config=True, help="the socket of the nursery to fork from; empty for none")
    megabytes = Integer(config=True, help="memory that the kernel may have [MB]; 0 for no limit")

    async def launch_kernel(self, cmd: list[str], **kwargs: Any) -> Any:
        """Fork the kernel from the nursery; start it as any other where that cannot be.

        Parameters
        ----------
        cmd : the command of the kernel's specification, with the connection file filled in
        kwargs : what ``subprocess.Popen`` would get, ``env`` and ``cwd`` among it
        """
        self.cwd = str(kwargs.get("cwd") or Path.cwd())
        if not self.nursery or cmd[:3] != [sys.executable, *_LAUNCHER] or not self._fork(cmd[3:], **kwargs):
            await super().launch_kernel(cmd, **kwargs)
        if self.pid is not None:
            _limit_memory(self.pid, self.megabytes)
        return self.connection_info

    def _fork(self, words: list[str], **kwargs: Any) -> bool:
        """Have the kernel forked; say whether there is one."""
        environment = {**(kwargs.get("env") or os.environ), "JPY_PARENT_PID": str(os.getpid())}
        arguments = {"words": words, "environment": environment}
        try:
            child = Child(self.nursery, f"{__name__}:become", arguments, cwd=str(self.cwd))
        except OSError:  # the nursery is gone
            return False
        self.process = child  # type: ignore[assignment]  # handled like the other kind
        self.pid = self.pgid = child.pid
        return True


def _limit_memory(pid: int, megabytes: int) -> None:
    """Limit the address space of a process, where the system can do that: Linux.

    What is over it is refused, which Python tells of as a MemoryError.
    """
    if megabytes and sys.platform == "linux":
        import resource

        with contextlib.suppress(ProcessLookupError):
            _, most = resource.prlimit(pid, resource.RLIMIT_AS)
            size = megabytes * _MEGABYTE
            size = size if most == resource.RLIM_INFINITY else min(size, most)
            resource.prlimit(pid, resource.RLIMIT_AS, (size, most))


# What follows runs in the nursery and in the processes forked from it


def warm_up() -> None:
    """Import all that a notebook may use, and have no kernel import what serves people at a debugger alone."""
    sys.modules.setdefault("debugpy", None)  # type: ignore[arg-type]  # half of what a kernel's start would take
    for module in IMPORTED:
        import_module(module)
    fonts.register()  # the face, which each notebook's first figure would read
    for name in sorted({*laoyou._PUBLIC, *laoyou._MODULES} - {"run"}):
        getattr(laoyou, name)


def become(words: Sequence[str], environment: Mapping[str, str]) -> None:
    """Be the kernel, in a process that has just been forked: all that the launcher would do, and take on its place.

    Parameters
    ----------
    words : the kernel's arguments
    environment : of the process, as it would have had it from the beginning
    """
    import matplotlib as mpl
    import numpy as np
    from ipykernel.kernelapp import IPKernelApp

    os.environ.clear()
    os.environ.update(environment)
    time.tzset()
    np.random.seed()  # as different from its siblings as any new process
    sys.argv[:] = ["ipykernel_launcher.py", *words]
    # matplotlib has read this when it was imported, for another process.
    mpl.rcParams["backend"] = environment.get("MPLBACKEND") or "module://matplotlib_inline.backend_inline"
    IPKernelApp.launch_instance(list(words))
