"""An adoption from beginning to end: alone on its state, resumable, published like a crawl."""

from __future__ import annotations

import json
import platform
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import scrapy
from scrapy.settings import BaseSettings

from newscrawl import __version__
from newscrawl.archive.files import ARTICLES, OBSERVATIONS, check_writable, unusable, write_whole
from newscrawl.archive.segments import Segments
from newscrawl.database.engine import Engine, pairs
from newscrawl.database.statements.identity import WORKERS
from newscrawl.database.statements.runs import (
    ADD_RUN,
    END_RUN,
    LAST_RUN_NUMBER,
    LATEST_RUN,
    SET_ARGUMENTS,
)
from newscrawl.database.statements.scratch import ADOPTABLE_AFTER, COUNT_ADOPTABLE
from newscrawl.exceptions import AlreadyRunning
from newscrawl.queue.identity import settle, siblings
from newscrawl.queue.opening import closed_on_error, data_dir, home_of, open_existing, worker_name
from newscrawl.queue.runs import ADOPTION
from newscrawl.refine.dates import format_instant
from newscrawl.replay.adopting import AdoptionRun, commit_readings
from newscrawl.replay.chunks import Wanted
from newscrawl.replay.progress import Progress
from newscrawl.replay.reading import Rules
from newscrawl.replay.replaying import ReadAgain, Report, replay
from newscrawl.replay.revising import Adoptable, Plan, find_adoptable

MANIFEST_SCHEMA = "newscrawl.adoption/1"
_AT_ONCE = 200


@dataclass(slots=True)
class Adopted:
    """What an adoption did."""

    report: Report
    plan: Plan = field(default_factory=Plan)
    run_id: str | None = None
    """None where nothing was written."""
    articles: int = 0
    observations: int = 0
    """Lines of the run, also those that an earlier process of it wrote."""
    is_refused: bool = False
    """Whether nothing was written because something would get lost."""

    @property
    def is_loss(self) -> bool:
        """Whether a field that was filled is empty in a new reading, or a page could no longer be read."""
        return self.plan.differences.is_loss or bool(self.report.differences.lost.count)

    def notes(self) -> Iterator[str]:
        """Yield what was done, for a person."""
        if self.is_refused:
            yield "nothing was adopted, because this would get lost (--allow-loss adopts the rest of it):"
            yield from _losses(self)
        elif self.run_id is None:
            yield "nothing to adopt: the data says what today's reader reads"
        else:
            count = f"{self.articles} versions and {self.observations} revised readings"
            yield f"{count} adopted, run {self.run_id}"
        if self.plan.older:
            yield f"{self.plan.older} texts of older versions are read otherwise: they stay as they are"
        yield from self.report.notes()


def adopt(settings: BaseSettings, wanted: Wanted, rules: Rules, *, allows_loss: bool = False) -> Adopted:
    """Make the new reading of archived pages the data.

    Whatever is read otherwise than the data says by now is committed and published; where a process of it was
    killed, the next one writes the rest. Where anything would get lost nothing is written, unless
    ``allows_loss``. Raises AlreadyRunning where a crawl works on the state, and other NewscrawlErrors.
    """
    folder = data_dir(settings)
    engine = open_existing(settings)
    with closed_on_error(engine):
        check_writable(folder)
        segments = _alone(engine, settings)
        adopted: list[Adopted] = []

        def work(read: ReadAgain, report: Report) -> None:
            adopted.append(_adopt(engine, segments, read, report, wanted, rules, allows_loss=allows_loss))

        replay(folder, wanted, rules, None, adopt=work)
    engine.close()
    return adopted[0]


def _alone(engine: Engine, settings: BaseSettings) -> Segments:
    """Take the disks of all workers of the state, and publish what was committed and is in no file."""
    worker, home = worker_name(settings), home_of(engine, settings)
    segments = Segments(engine, data_dir(settings), worker)
    workers = engine.read(lambda: pairs(engine.execute(WORKERS)))
    for name in sorted({*siblings(home, worker), *workers}):
        if not segments.lock_disk(name):
            raise AlreadyRunning(
                f"expected no crawl on this state, found a process of the worker {name}; try again later"
            )
    settle(home, worker)
    segments.publish()
    return segments


def _adopt(
    engine: Engine,
    segments: Segments,
    read: ReadAgain,
    report: Report,
    wanted: Wanted,
    rules: Rules,
    *,
    allows_loss: bool,
) -> Adopted:
    plan = find_adoptable(read, segments.data_dir, engine, rules, report.findings)
    adopted = Adopted(report, plan)
    if adopted.is_loss and not allows_loss:
        adopted.is_refused = True
        return adopted
    ((count,),) = read.scratch.rows(COUNT_ADOPTABLE)
    begun = _begun(engine, segments.worker)
    if not count and begun is None:
        return adopted
    run_id, started_at = begun or _begin(engine, segments.worker)
    arguments = {"since": wanted.since, "until": wanted.until, "run": wanted.run_id}
    engine.transact(lambda: engine.execute(SET_ARGUMENTS, (json.dumps(arguments), run_id)))
    run = AdoptionRun(engine, run_id, segments.worker, rules.lag)
    with Progress("adopt", count) as progress:
        last = 0
        while rows := list(read.scratch.rows(ADOPTABLE_AFTER, (last, _AT_ONCE))):
            last = rows[-1][0]
            commit_readings(run, [Adoptable(*row) for row in rows])
            progress.advance(records=len(rows), size=len(rows))
    segments.publish()
    _end(engine, segments, run, started_at, arguments, adopted)
    return adopted


def _begun(engine: Engine, worker: str) -> tuple[str, str] | None:
    rows = engine.read(lambda: engine.execute(LATEST_RUN, (ADOPTION + worker,)))
    return (rows[0][0], rows[0][2]) if rows and rows[0][1] == "running" else None


def _begin(engine: Engine, worker: str) -> tuple[str, str]:
    def work() -> tuple[str, str]:
        now = engine.now()
        run_id = f"{now:%Y%m%dT%H%M%SZ}-adopt-{now.microsecond * 0x10000 // 1_000_000:04x}"
        ((last,),) = engine.execute(LAST_RUN_NUMBER)
        started_at = format_instant(now)
        engine.execute(ADD_RUN, (run_id, last + 1, ADOPTION + worker, "{}", "running", started_at))
        return run_id, started_at

    return engine.transact(work)


def _end(
    engine: Engine,
    segments: Segments,
    run: AdoptionRun,
    started_at: str,
    arguments: Mapping[str, str | None],
    adopted: Adopted,
) -> None:
    """Write the manifest, then note that the run is finished: one that is killed in between does it again."""
    files = segments.published(run.run_id)
    lines = {
        kind: sum(file.lines for file in files if file.path.startswith(f"{kind}/"))
        for kind in (ARTICLES, OBSERVATIONS)
    }
    adopted.run_id, adopted.articles, adopted.observations = run.run_id, lines[ARTICLES], lines[OBSERVATIONS]
    finished_at = format_instant(engine.now())
    manifest: dict[str, Any] = {
        "schema": MANIFEST_SCHEMA,
        "run_id": run.run_id,
        "started_at": started_at,
        "finished_at": finished_at,
        "arguments": arguments,
        "counts": lines,
        "versions": {
            "newscrawl": __version__,
            "scrapy": scrapy.__version__,
            "python": platform.python_version(),
        },
        "files": [segment.as_entry() for segment in files],
    }
    _write(segments.data_dir, run.run_id, manifest)
    engine.transact(lambda: engine.execute(END_RUN, ("done", finished_at, run.run_id)))


def _write(folder: Path, run_id: str, manifest: Mapping[str, Any]) -> None:
    text = json.dumps(manifest, ensure_ascii=False, indent=1) + "\n"
    try:
        write_whole(folder / "runs" / f"{run_id}.json", [text.encode()])
    except OSError as error:
        raise unusable(folder, error) from None


def _losses(adopted: Adopted) -> Iterator[str]:
    for name, change in sorted(adopted.plan.differences.fields.items()):
        if change.emptied:
            yield f"  {name}: {change.emptied} would be EMPTY"
            yield from (f"    {example}" for example in change.emptied_examples)
    lost = adopted.report.differences.lost
    if lost.count:
        yield f"  articles that could NOT be read any more: {lost.count}"
        yield from (f"    {example}" for example in lost.shown)
