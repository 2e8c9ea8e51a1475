"""One region's quarter, from what it is made from to its publication.

The same report has the same bytes: pages, executed notebooks and manifest.json. How a run went, its durations, which
pages it took over and why it made the others, stands in run.json alone.
"""

from __future__ import annotations

import re
import shutil
from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from laoyou.batch.attached import Attached, attach, key_of
from laoyou.batch.inputs import ChangedMeanwhileError, Order, State, changed, read_state
from laoyou.batch.jobs import Basis, Job, Outcome, Report
from laoyou.batch.notebooks import asked_by, title_of
from laoyou.batch.pool import Died
from laoyou.batch.portal import course, problems, quarter_page
from laoyou.batch.publish import (
    MANIFEST,
    RUN,
    building,
    digest,
    publish,
    read_manifest,
    read_run,
    versions,
    write_json,
    writing,
)
from laoyou.batch.standing import KEY, files_digest, published_digests
from laoyou.errors import Problem, RunError
from laoyou.language import speaking, tr
from laoyou.words import LIGHTS


class Quarter:
    """A region's quarter that is being made: begun, given the outcomes of its jobs, and published.

    Parameters
    ----------
    order : what is asked for
    again : whether it is made once more, because something changed while it was made
    """

    def __init__(self, order: Order, *, again: bool = False) -> None:
        self.order, self.again = order, again
        self._outcomes: dict[str, Outcome] = {}
        self._held = ExitStack()

    def begin(self) -> list[Job]:
        """Read what the quarter is made from, take over what has not changed, and return the jobs that are left.

        Raises
        ------
        LaoyouError
            If something cannot be accepted, or the folder cannot be written.
        """
        order = self.order
        self._files = files_digest(
            order.workspace, order.parameters["data"]
        )  # before what is in them is read
        self._state = state = read_state(order.parameters)
        self._keys, self._pages, rules = order.keys(state), order.pages, state.view.rules.run
        notebooks, language = order.notebooks.items(), order.language
        self._said = {name: (title_of(path, language), asked_by(path, language)) for name, path in notebooks}
        self._notebooks = {name: digest(path.read_bytes()) for name, path in notebooks}
        self.final = order.final
        self._before, run = read_manifest(self.final), read_run(self.final)
        reusable = {} if order.force else _reusable(self._before)
        self.folder = self._held.enter_context(building(self.final))
        jobs, basis = [], Basis(order.parameters, self._state.made_from)
        for name, path in order.notebooks.items():
            entry = {} if name in order.again else reusable.get(name, {})
            taken = _take_over(entry, self._keys[name], name, self.final, self.folder)
            if taken:
                self._outcomes[name] = replace(taken, seconds=run[name].seconds if name in run else 0.0)
                continue
            own, limits = order.own(name), (rules.cell_seconds, rules.start_seconds, rules.kernel_megabytes)
            jobs.append(Job(name, path, own, self.folder, self._pages, *limits, basis))
        self.unchanged = tuple(self._outcomes)
        self._why = {
            name: run[name].why if name in run and name in self.unchanged else self._reason(name)
            for name in order.notebooks
        }
        return jobs

    def _reason(self, name: str) -> str:
        """Return why a notebook is run."""
        order, before = self.order, self._before
        entry = before.get("notebooks", {}).get(name, {})
        if order.force or name in order.again:
            return "forced"
        if not entry:
            return "new"
        if entry.get("problem"):
            return "failed before"
        if entry.get("key") == self._keys[name]:
            return "not as published" if _reusable(before) else "another page failed before"
        now = self._about()
        names = [
            *(["notebook"] if entry.get("notebook_sha256") != self._notebooks[name] else []),
            *(word for word in ("parameters", "pages") if before.get(word) != now[word]),
            *_differing(before.get("inputs"), now["inputs"]),
            *_differing(before.get("versions"), now["versions"]),
        ]
        return "changed: " + ", ".join(names)

    @property
    def state(self) -> State:
        """What the quarter is made from, as it was when it was begun."""
        return self._state

    @property
    def left(self) -> int:
        """How many jobs have not ended."""
        return len(self.order.notebooks) - len(self._outcomes)

    def attach(self) -> None:
        """Make the documents that stand beside the pages, which no job is waited for."""
        key, before = key_of(self.order.parameters, self._state.made_from), self._before.get("documents", {})
        same = not self.order.force and before.get("key") == key
        made: tuple[Attached, ...] = ()
        if self.order.language == "zh":  # they are the district's own papers
            with writing(self.final):
                made = attach(
                    self._state.view, self.folder, before.get("files", {}), self.final, unchanged=same
                )
        self._documents, self._documents_key = made, key

    def take(self, job: Job, result: Outcome | Exception) -> Outcome:
        """Note what came of a job, and return it."""
        outcome = result if isinstance(result, Outcome) else _failed(job, result, *self._said[job.name])
        self._outcomes[job.name] = outcome
        return outcome

    def publish(self) -> Report:
        """Publish the quarter, once no job is left.

        Raises
        ------
        ChangedMeanwhileError
            If what it is made from is no longer what it was at the beginning. Nothing is then published.
        LaoyouError
            If the folder cannot be written, something can no longer be accepted, or no page could be made where some are
            published.
        """
        order = self.order
        outcomes = tuple(self._outcomes[name] for name in order.notebooks)
        self._refuse_none(outcomes)
        with writing(self.final):
            with speaking(order.language):
                _unlink_failed(outcomes, self.folder)
            lost = Report(self.folder, outcomes, (), self._documents).failed
            with speaking(order.language):
                page = quarter_page(self._state.view, outcomes, self._documents, lost)
                manifest = self._manifest(outcomes)
            (self.folder / "index.html").write_text(page, encoding="utf-8", newline="\n")
            write_json(self.folder / MANIFEST, manifest)
            went = {o.name: self._went(o) for o in outcomes}
            stands = {"files": self._files, "published": published_digests(self.folder)}
            write_json(self.folder / RUN, {"notebooks": went, KEY: stands})
            self._demand_the_same()
            publish(self.folder, self.final)
        self.close()
        return Report(self.final, outcomes, self.unchanged, self._documents, self.again)

    def _refuse_none(self, outcomes: Sequence[Outcome]) -> None:
        """Refuse to replace pages by none: what fails everywhere is the machine's or the library's, not a notebook's."""
        entries = self._before.get("notebooks", {})
        if all(o.problem for o in outcomes) and any(not entry.get("problem") for entry in entries.values()):
            remedy = "照原因改好再运行；已发布的报告没有改动"
            raise RunError(self.final, [Problem(o.name, o.problem, remedy=remedy) for o in outcomes])

    def _demand_the_same(self) -> None:
        """Refuse if what the pages rest on is no longer what it was at the beginning."""
        order = self.order
        if self._files and files_digest(order.workspace, order.parameters["data"]) == self._files:
            return  # no byte of any file: nothing need be read
        now = read_state(order.parameters)
        if order.keys(now) != self._keys:
            raise ChangedMeanwhileError(changed(self._state, now))

    def close(self) -> None:
        """Remove what has not been published."""
        self._held.close()

    def _went(self, outcome: Outcome) -> dict[str, Any]:
        """Return how a notebook ran."""
        taken = outcome.name in self.unchanged
        return {"seconds": outcome.seconds, "taken_over": taken, "why": self._why[outcome.name]}

    def _about(self) -> dict[str, Any]:
        """Return what the quarter is made from."""
        return {
            "parameters": dict(self.order.parameters),
            "inputs": dict(self._state.made_from),
            "versions": versions(),
            "pages": [page["file"] for page in self._pages],
        }

    def _manifest(self, outcomes: Sequence[Outcome]) -> dict[str, Any]:
        """Return what the quarter was made from and what came of it."""
        view = self._state.view
        lights = Counter(view.scores["light"])
        notebooks = {
            o.name: {
                **{k: v for k, v in asdict(o).items() if k not in ("name", "seconds")},
                "notebook_sha256": self._notebooks[o.name],
                "key": self._keys[o.name],
                "page_sha256": "" if o.problem else digest((self.folder / f"{o.name}.html").read_bytes()),
            }
            for o in outcomes
        }
        files = {d.file: {"problem": d.problem, "sha256": d.sha256} for d in self._documents}
        return {
            "region": view.region.code,
            "region_name": view.region.spoken,
            "quarter": str(view.quarter),
            "cut_off": view.cut_off,
            **self._about(),
            "lights": {code: lights[code] for code in LIGHTS if lights[code]},
            "years": list(view.plan.years),
            "course": course(view),
            "problems": problems(view),
            "sample": sorted(set(view.sample_indicators) & set(view.plan.indicators)),
            "notebooks": notebooks,
            "documents": {"key": self._documents_key, "files": files},
        }


def _reusable(manifest: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a published quarter says of its notebooks; nothing if one failed, for then links are missing."""
    notebooks = manifest.get("notebooks", {})
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
            page.write_text(
                link.sub(rf"<span>\1{tr('（没有生成）')}</span>", text), encoding="utf-8", newline="\n"
            )


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
    return Outcome(name, entry["title"], entry["question"], "", 0.0)


def _failed(job: Job, cause: Exception, title: str, question: str) -> Outcome:
    """Return the outcome of a job that ended outside its notebook."""
    (job.folder / f"{job.name}.html").unlink(missing_ok=True)  # of which only a part may have been written
    if isinstance(cause, Died):
        problem = str(cause)
    else:
        said = "写不进去" if isinstance(cause, OSError) else type(cause).__name__
        problem = f"{said}（{cause}）" if isinstance(cause, OSError) else f"{said}：{cause}"
    return Outcome(job.name, title, question, problem, 0.0)


def _differing(before: Any, now: Mapping[str, Any]) -> list[str]:
    """Return the names whose values are not what they were."""
    known = before if isinstance(before, Mapping) else {}
    return sorted(name for name in {*known, *now} if known.get(name) != now.get(name))
