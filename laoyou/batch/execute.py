"""One notebook, run by papermill and trusted only when every cell is seen to have run."""

from __future__ import annotations

import os
import re
import tempfile
import time
import warnings
from pathlib import Path
from typing import Any

import nbformat
from papermill.engines import NBClientEngine, NotebookExecutionManager, papermill_engines

from laoyou.batch import kernels
from laoyou.batch.jobs import Job as Job
from laoyou.batch.jobs import Outcome as Outcome
from laoyou.batch.nursery import addressable
from laoyou.pages.page import heading, notebook_page, question

INSERTED = frozenset({"injected-parameters", "papermill-error-cell-tag"})  # tags of papermill's own cells
ENGINE = "laoyou"
LONGEST = 500  # characters of an error that the index repeats; all of it stands in the executed notebook
DEAD = "内核中途死亡（可能内存不足或被系统终止；内存上限见 params/rules.yml 的 run）"
_ANSI = re.compile(r"\x1b\[[0-9;]*m")


class _WrittenOnce(NBClientEngine):  # type: ignore[misc]  # papermill has no types
    """papermill's own engine, but that the notebook is written at its end instead of before and after each cell."""

    @classmethod
    def execute_managed_notebook(
        cls, nb_man: NotebookExecutionManager, kernel_name: str, **kwargs: Any
    ) -> Any:
        save, nb_man.save = nb_man.save, lambda **_: None
        try:
            return super().execute_managed_notebook(nb_man, kernel_name, **kwargs)
        except BaseException:
            save()  # papermill itself writes all that ends otherwise
            raise


papermill_engines.register(ENGINE, _WrittenOnce)


def build(job: Job, nursery: str = "") -> Outcome:
    """Run a notebook and export its page.

    Parameters
    ----------
    job : what to run
    nursery : the socket of the nursery that kernels are forked from; if empty, each is started anew

    Returns
    -------
    The outcome. A page is written only if every code cell ran to its end; the executed notebook is kept either
    way, under notebooks/, so that a failure can be read.
    """
    started = time.monotonic()
    source = nbformat.read(job.notebook, as_version=4)
    executed = job.folder / "notebooks" / f"{job.name}.ipynb"
    executed.parent.mkdir(parents=True, exist_ok=True)
    problem = _execute(job, executed, nursery)
    if executed.exists():
        try:
            problem = problem or _unfinished(nbformat.read(executed, as_version=4))
            _settle(executed)
        except (OSError, ValueError) as cause:  # a full disk leaves half a notebook
            problem = problem or f"执行后的笔记本写不进去（{cause}）"
    if not problem:
        page = notebook_page(nbformat.read(executed, as_version=4), job.pages)
        (job.folder / f"{job.name}.html").write_text(page, encoding="utf-8", newline="\n")
    language = str(job.parameters.get("lang", "zh"))
    title, asked = heading(source, language), question(source, language)
    return Outcome(job.name, title, asked, problem, round(time.monotonic() - started, 2))


def _execute(job: Job, executed: Path, nursery: str) -> str:
    """Run a notebook into a file; return why it did not get through, or an empty string."""
    import papermill
    from jupyter_client.kernelspec import NoSuchKernel
    from jupyter_client.provisioning.factory import KernelProvisionerFactory
    from nbclient.exceptions import CellTimeoutError, DeadKernelError
    from papermill.exceptions import PapermillExecutionError
    from traitlets.config import Config

    factory = KernelProvisionerFactory.instance()
    if kernels.NAME in factory.provisioners:
        factory.default_provisioner_name = kernels.NAME
    with tempfile.TemporaryDirectory(prefix="laoyou-") as sockets, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        own = os.name != "nt" and addressable(Path(sockets, "k-5"))
        # Sockets in a folder of one's own: kernels that start together race for TCP ports.
        config = Config(
            KernelManager={"transport": "ipc", "ip": f"{sockets}/k"} if own else {},
            NotebookClient={"shutdown_kernel": "immediate"},  # it has nothing left to do
            WarmProvisioner={"nursery": nursery, "megabytes": job.kernel_megabytes},
        )
        try:
            papermill.execute_notebook(
                _literally(job.notebook),
                _literally(executed),
                parameters=dict(job.parameters),
                engine_name=ENGINE,
                progress_bar=False,
                execution_timeout=job.cell_seconds,
                start_timeout=job.start_seconds,
                config=config,
                extra_arguments=["--log-level=CRITICAL"],
            )
        except PapermillExecutionError as cause:
            where = _first_unfinished(nbformat.read(executed, as_version=4))
            said = _ANSI.sub("", str(cause.evalue))
            said = said if len(said) <= LONGEST else f"{said[:LONGEST]}……"
            place = f"第 {where} 格" if where else "有一格"
            return f"{place}出错：{cause.ename}：{said}"
        except NoSuchKernel as cause:
            return f"没有它要的内核「{cause.name}」（在 JupyterLab 里换成 Python 3 再存）"
        except CellTimeoutError:
            return f"有一格运行超过 {job.cell_seconds} 秒，已中止（时限见 params/rules.yml 的 run）"
        except DeadKernelError:
            return DEAD
        except (RuntimeError, OSError, TimeoutError) as cause:
            before = str(cause).startswith("Kernel died")  # before its first cell, as jupyter_client says it
            return DEAD if before else f"内核没有正常运行：{cause}"
    return ""


def _literally(file: Path) -> str:
    """Return a path as papermill takes it, which puts parameters in where it finds braces."""
    return str(file).replace("{", "{{").replace("}", "}}")


def _unfinished(notebook: nbformat.NotebookNode) -> str:
    """Return which cell did not run to its end, or an empty string; papermill's own word is not enough."""
    number = _first_unfinished(notebook)
    return f"第 {number} 格没有运行完" if number else ""


def _first_unfinished(notebook: nbformat.NotebookNode) -> int:
    """Return the number of the first cell that did not run to its end, as its author counts; 0 if all did."""
    own = (cell for cell in notebook.cells if INSERTED.isdisjoint(cell.metadata.get("tags", [])))
    for number, cell in enumerate(own, 1):
        if cell.cell_type != "code" or not cell.source.strip():
            continue
        if cell.execution_count is None or any(o.output_type == "error" for o in cell.outputs):
            return number
    return 0


def _settle(file: Path) -> None:
    """Take out of an executed notebook what differs from run to run: times and paths of this machine."""
    notebook = nbformat.read(file, as_version=4)
    parameters = notebook.metadata.get("papermill", {}).get("parameters", {})
    notebook.metadata["papermill"] = {"parameters": parameters}
    for number, cell in enumerate(notebook.cells):
        cell["id"] = f"cell-{number}"
        tags = cell.metadata.get("tags", [])
        cell["metadata"] = {"tags": tags} if tags else {}
    nbformat.write(notebook, file)


def warm_up() -> None:
    """Import what building a page takes and have its template compiled, in the process that workers are forked from."""
    first = nbformat.v4.new_markdown_cell("# 题\n\n问？\n\n## 节")
    cell = nbformat.v4.new_code_cell("1", execution_count=1, id="cell-1")
    cell.outputs = [
        nbformat.v4.new_output("display_data", data={"text/html": "<p>答</p>", "text/plain": "答"})
    ]
    notebook_page(nbformat.v4.new_notebook(cells=[first, cell]), [])
