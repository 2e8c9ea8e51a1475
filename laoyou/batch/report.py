"""A quarter's report: every notebook run and exported, then published as one.

The same report has the same bytes: pages, executed notebooks and manifest.json. How a run went, its durations and
which pages it took over, stands in run.json alone.
"""

from __future__ import annotations

import multiprocessing
import os
import re
import shutil
import signal
import threading
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import nbformat
from markupsafe import Markup

from laoyou.batch.attached import Attached, attach, key_of
from laoyou.batch.execute import Job, Outcome, belong_to_parent, build
from laoyou.batch.inputs import ChangedMeanwhileError, Order, State, changed, read_state
from laoyou.batch.parameters import choose_notebooks, parameters_file, read_parameters
from laoyou.batch.publish import (
    MANIFEST,
    RUN,
    digest,
    prepared,
    read_durations,
    read_manifest,
    versions,
    write_atomically,
    write_json,
)
from laoyou.pages.keypoints import opening
from laoyou.pages.page import heading, question, template_page
from laoyou.periods import parse_quarter, period_label
from laoyou.view import View
from laoyou.words import LIGHTS
from laoyou.workspace import Workspace, find_workspace

Watch = Callable[[Outcome, int, int], None]


@dataclass(frozen=True)
class Report:
    """A published quarter: where it is, what became of each notebook, and which pages were taken over unchanged.

    ``redone`` says whether figures or settings changed while the pages were made, so that all were made once more.
    """

    folder: Path
    outcomes: tuple[Outcome, ...]
    unchanged: tuple[str, ...]
    documents: tuple[Attached, ...] = ()
    redone: bool = False

    @property
    def failed(self) -> tuple[Outcome, ...]:
        """The notebooks that gave no page, and the documents that could not be made."""
        lost = (Outcome(d.file, d.title, d.about, d.problem, 0.0) for d in self.documents if d.problem)
        return (*(o for o in self.outcomes if o.problem), *lost)


def run(
    quarter: str,
    *,
    notebooks: Sequence[str] = (),
    jobs: int | None = None,
    force: bool = False,
    as_of: str | None = None,
    cluster: str | None = None,
    watch: Watch = lambda outcome, done, total: None,
) -> Report:
    """Make a quarter's report.

    Parameters
    ----------
    quarter : a quarter that params/ has a file for, or the path of such a file
    notebooks : names of notebooks to run even if nothing has changed; the others run where something has
    jobs : how many to run side by side; as many as there are processors if not given
    force : run a notebook even if nothing that it is made from has changed
    as_of : the last day of knowledge (ISO date) instead of that in the parameters file, if given: the report is
        remade byte for byte as it was with that day, whatever has been reported or corrected since
    cluster : the address of a Dask scheduler, such as ``tcp://scheduler:8786``, to run them on its workers instead
    watch : called after each notebook with its outcome, how many are done and how many there are

    Returns
    -------
    The published report. A notebook that fails, dies or overruns its time has no page; the others have.

    Raises
    ------
    LaoyouError
        If parameters, plan, ledger or rules cannot be accepted: nothing is then run. If the report cannot be
        written, or figures change during the run and again while the pages are made once more: what was published
        before is then untouched.
    """
    workspace = find_workspace()
    file = parameters_file(workspace, quarter)
    again = choose_notebooks(workspace, list(notebooks)) if notebooks else {}
    chosen = choose_notebooks(workspace, [])
    parameters = read_parameters(workspace, file, chosen, as_of=as_of)
    order = Order(workspace, parameters, chosen, frozenset(again), force)
    try:
        report = _make(order, jobs, watch, cluster)
    except ChangedMeanwhileError:  # once more, from what is there now
        report = replace(_make(order, jobs, watch, cluster), redone=True)
    publish_portal(workspace)
    return report


def _make(order: Order, jobs: int | None, watch: Watch, cluster: str | None = None) -> Report:
    """Make and publish a quarter's pages, all from one state.

    Raises
    ------
    ChangedMeanwhileError
        If the state at the end is not that of the beginning. Nothing is then published.
    """
    state = read_state(order.parameters)
    view, pages, keys = state.view, order.pages, order.keys(state)
    final = order.workspace.outputs / view.region.code / str(view.quarter)
    with prepared(final) as folder:
        todo = []
        published = {} if order.force else _reusable(final)
        unchanged: dict[str, Outcome] = {}
        for name, path in order.notebooks.items():
            entry = {} if name in order.again else published.get(name, {})
            taken = _take_over(entry, keys[name], name, final, folder)
            if taken:
                unchanged[name] = taken
            else:
                limits = view.rules.run
                own = order.own(name)
                todo.append(Job(name, path, own, folder, pages, limits.cell_seconds, limits.start_seconds))
        if cluster and todo:
            outcomes = unchanged | _run_elsewhere(cluster, todo, order, state, watch, done=len(unchanged))
        else:
            outcomes = unchanged | _run_all(todo, jobs, watch, done=len(unchanged))
        ordered = tuple(outcomes[name] for name in order.notebooks)
        _unlink_failed(ordered, folder)
        key, before = key_of(order.parameters, state.made_from), read_manifest(final).get("documents", {})
        same = not order.force and before.get("key") == key
        documents = attach(view, folder, before.get("files", {}), final, unchanged=same)
        _write_index(view, ordered, documents, folder)
        manifest = _manifest(state, order, keys, ordered, folder)
        files = {d.file: {"problem": d.problem, "sha256": d.sha256} for d in documents}
        write_json(folder / MANIFEST, {**manifest, "documents": {"key": key, "files": files}})
        went = {o.name: {"seconds": o.seconds, "taken_over": o.name in unchanged} for o in ordered}
        write_json(folder / RUN, {"notebooks": went})
        now = read_state(order.parameters)
        if order.keys(now) != keys:
            raise ChangedMeanwhileError(changed(state, now))
    return Report(final, ordered, tuple(unchanged), documents)


def _reusable(final: Path) -> dict[str, Any]:
    """Return what a published quarter says of its notebooks; nothing if one failed, for then links are missing."""
    notebooks = read_manifest(final).get("notebooks", {})
    sound = isinstance(notebooks, dict) and all(
        isinstance(n, dict) and not n.get("problem") for n in notebooks.values()
    )
    return notebooks if sound else {}


def _unlink_failed(outcomes: Sequence[Outcome], folder: Path) -> None:
    """Turn links to pages that were not made into plain words."""
    for failed in (o for o in outcomes if o.problem):
        link = re.compile(rf'<a href="{re.escape(failed.name)}\.html"[^>]*>(.*?)</a>')
        for page in folder.glob("*.html"):
            text = page.read_text(encoding="utf-8")
            page.write_text(link.sub(r"<span>\1（没有生成）</span>", text), encoding="utf-8", newline="\n")


def _take_over(entry: Mapping[str, Any], key: str, name: str, final: Path, folder: Path) -> Outcome | None:
    """Copy a page whose inputs have not changed, if it stands as it was published."""
    page, executed = final / f"{name}.html", final / "notebooks" / f"{name}.ipynb"
    if entry.get("key") != key or entry.get("problem") or not (page.is_file() and executed.is_file()):
        return None
    if digest(page.read_bytes()) != entry.get("page_sha256"):
        return None
    (folder / "notebooks").mkdir(exist_ok=True)
    shutil.copyfile(page, folder / page.name)
    shutil.copyfile(executed, folder / "notebooks" / executed.name)
    return Outcome(name, entry["title"], entry["question"], "", read_durations(final).get(name, 0.0))


def _run_all(todo: Sequence[Job], jobs: int | None, watch: Watch, done: int) -> dict[str, Outcome]:
    """Run jobs side by side, each in a process of its own kind; a worker that dies fails its job only."""
    outcomes: dict[str, Outcome] = {}

    def ended(job: Job, outcome: Outcome) -> None:
        outcomes[job.name] = outcome
        watch(outcome, done + len(outcomes), done + len(todo))

    if todo:
        _run_in_pool(min(jobs or os.cpu_count() or 1, len(todo)), todo, ended)
    for job in todo:  # one dead worker breaks the pool for all that had not ended: they are tried one by one
        if job.name not in outcomes:
            _run_in_pool(1, [job], ended)
        if job.name not in outcomes:
            ended(job, _failed(job, "执行它的进程被系统终止"))
    return outcomes


def _run_elsewhere(
    cluster: str, todo: Sequence[Job], order: Order, state: State, watch: Watch, done: int
) -> dict[str, Outcome]:
    """Run jobs on a cluster.

    Raises
    ------
    ChangedMeanwhileError
        If a node differs because what the pages rest on has changed since.
    """
    from laoyou.batch.cluster import DiffersError, run_on_cluster

    outcomes: dict[str, Outcome] = {}

    def ended(outcome: Outcome) -> None:
        outcomes[outcome.name] = outcome
        watch(outcome, done + len(outcomes), done + len(todo))

    try:
        run_on_cluster(cluster, todo, order.workspace.root, order.parameters, state.made_from, ended)
    except DiffersError:
        now = read_state(order.parameters)
        if now.made_from != state.made_from:
            raise ChangedMeanwhileError(changed(state, now)) from None
        raise
    return outcomes


def _run_in_pool(workers: int, jobs: Sequence[Job], ended: Callable[[Job, Outcome], None]) -> None:
    """Run jobs in worker processes and tell of each that ended; those that a dead worker took along did not.

    Whatever stops the run stops the workers, and with them their kernels.
    """
    others = set(multiprocessing.active_children())
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(workers, mp_context=context, initializer=belong_to_parent) as pool:
        with _interrupts_ignored():
            futures = {pool.submit(build, job): job for job in jobs}
        try:
            for future in as_completed(futures):
                outcome = _result(future.result, futures[future])
                if outcome:
                    ended(futures[future], outcome)
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            for worker in set(multiprocessing.active_children()) - others:
                worker.kill()
                worker.join()
            raise


@contextmanager
def _interrupts_ignored() -> Iterator[None]:
    """Let processes start that Ctrl-C, which a terminal sends to all, does not reach before they are ready."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def _result(result: Callable[[], Outcome], job: Job) -> Outcome | None:
    try:
        return result()
    except BrokenProcessPool:
        return None
    except OSError as cause:
        return _failed(job, f"写不进去（{cause}）")
    except Exception as cause:  # whatever one notebook meets, the others are published
        return _failed(job, f"{type(cause).__name__}：{cause}")


def _failed(job: Job, problem: str) -> Outcome:
    (job.folder / f"{job.name}.html").unlink(missing_ok=True)  # of which only a part may have been written
    source = nbformat.read(job.notebook, as_version=4)
    return Outcome(job.name, heading(source), question(source), problem, 0.0)


def _write_index(
    view: View, outcomes: Sequence[Outcome], documents: Sequence[Attached], folder: Path
) -> None:
    """Write the quarter's first page: key points, the pages there are, and those that failed."""
    page = template_page(
        "quarter.html.j2",
        title=f"{view.plan.title.zh}：{view.label}进展",
        head=Markup(opening(view).html),
        pages=[
            {"file": f"{o.name}.html", "title": o.title, "question": o.question}
            for o in outcomes
            if not o.problem
        ],
        documents=[asdict(d) for d in documents if not d.problem],
        failed=[asdict(o) for o in Report(folder, tuple(outcomes), (), tuple(documents)).failed],
    )
    (folder / "index.html").write_text(page, encoding="utf-8", newline="\n")


def _manifest(
    state: State, order: Order, keys: Mapping[str, str], outcomes: Sequence[Outcome], folder: Path
) -> dict[str, Any]:
    """Return what the quarter was made from and what came of it."""
    view = state.view
    lights = Counter(view.scores["light"])
    notebooks = {
        o.name: {
            **{k: v for k, v in asdict(o).items() if k not in ("name", "seconds")},
            "notebook_sha256": digest(order.notebooks[o.name].read_bytes()),
            "key": keys[o.name],
            "page_sha256": "" if o.problem else digest((folder / f"{o.name}.html").read_bytes()),
        }
        for o in outcomes
    }
    return {
        "region": view.region.code,
        "region_name": view.region.zh,
        "quarter": str(view.quarter),
        "cut_off": view.cut_off,
        "parameters": dict(order.parameters),
        "inputs": dict(state.made_from),
        "versions": versions(),
        "lights": {code: lights[code] for code in LIGHTS if lights[code]},
        "sample": sorted(set(view.sample_indicators) & set(view.plan.indicators)),
        "notebooks": notebooks,
    }


def publish_portal(workspace: Workspace) -> None:
    """Write outputs/index.html: the published quarters of each region, the latest first."""
    regions: dict[str, list[dict[str, Any]]] = {}
    for file in sorted(workspace.outputs.glob("*/[0-9]*/manifest.json"), reverse=True):
        manifest = read_manifest(file.parent)
        if not manifest:
            continue
        quarters = regions.setdefault(manifest["region_name"], [])
        quarters.append(
            {
                "region": manifest["region"],
                "href": f"{manifest['region']}/{manifest['quarter']}/index.html",
                "label": period_label(parse_quarter(manifest["quarter"])),
                "failed": sum(bool(n["problem"]) for n in manifest["notebooks"].values()),
                "lights": {LIGHTS[code]: count for code, count in manifest["lights"].items()},
                "sample": bool(manifest["sample"]),
            }
        )
    write_atomically(workspace.outputs / "index.html", template_page("quarters.html.j2", regions=regions))
