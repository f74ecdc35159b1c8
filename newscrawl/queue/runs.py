"""Runs: one crawl is begun, resumed and finished.

What is promised, on both engines: an outcome is committed whole or not at all, and only while its lease
still holds; each (uid, version) is written once; the result does not depend on timing.
"""

from __future__ import annotations

import hashlib
import json
import secrets
from dataclasses import dataclass
from datetime import timedelta

from newscrawl.database.engine import Engine
from newscrawl.database.statements.pages import ANY_UNFINISHED, DELETE_PAGES_OF_CRAWL, RELEASE_ALL
from newscrawl.database.statements.runs import (
    ADD_RUN,
    DELETE_STORIES_OF_CRAWL,
    END_RUN,
    FORGET_RUN,
    LAST_RUN_NUMBER,
    RESUME_RUN,
)
from newscrawl.exceptions import AlreadyFinished, AlreadyRunning
from newscrawl.plan import Plan
from newscrawl.queue import links
from newscrawl.refine.availability import BACKFILL_LAG
from newscrawl.refine.dates import format_instant
from newscrawl.starts import shorten_starts

ADOPTION = "adopt "
"""What the ``crawl_key`` of an adoption begins with (``scrapy replay --adopt``), which is no crawl's."""


@dataclass(frozen=True, slots=True)
class Run:
    """One run, as one process works on it; the functions of this package take it as their first argument."""

    engine: Engine
    plan: Plan
    run_id: str
    started_at: str
    """When the run was begun, by whichever of its processes."""
    worker: str
    """The disk that lines go to."""
    holder: str
    """Whose leases they are: this process, never one that it follows."""
    lease_seconds: float
    resumed: bool
    backfill_lag: timedelta = BACKFILL_LAG
    """The setting BACKFILL_LAG of this process."""


def open_run(
    engine: Engine,
    plan: Plan,
    *,
    worker: str,
    lease_seconds: float,
    backfill_lag: timedelta = BACKFILL_LAG,
) -> Run:
    """Resume the unfinished run of these arguments, or begin one.

    Raises AlreadyRunning where another process runs them without a shared name, AlreadyFinished for a
    named run that is finished.
    """
    lock = lock_name(crawl_key(plan))
    # Workers share a named run; one that starts it over (fresh=1) must be alone until it has.
    alone = plan.run is None or plan.fresh
    if not engine.try_lock(lock, shared=not alone):
        if plan.run is None:
            raise AlreadyRunning("the same crawl is running already")
        what = "another worker that is running" if plan.fresh else "a worker that is beginning it anew"
        raise AlreadyRunning(f"expected the run {plan.run} to be free, found {what}")
    run_id, started_at, resumed = engine.transact(lambda: _open(engine, plan))
    run = Run(
        engine=engine,
        plan=plan,
        run_id=run_id,
        started_at=started_at,
        worker=worker,
        holder=f"{worker}/{secrets.token_hex(4)}",
        lease_seconds=lease_seconds,
        resumed=resumed,
        backfill_lag=backfill_lag,
    )
    if plan.run is not None and plan.fresh:
        engine.downgrade_lock(lock)
    return run


def _open(engine: Engine, plan: Plan) -> tuple[str, str, bool]:
    execute = engine.execute
    key = crawl_key(plan)
    found = execute(engine.statements.latest_run, (key,))
    latest, state, started_at = found[0] if found else ("", None, "")
    if state == "running" and plan.fresh:
        execute(FORGET_RUN, (latest,))
        state = "forgotten"
    if state == "finished" and plan.run is not None and not plan.fresh:
        raise AlreadyFinished(f"the run {plan.run} is finished ({latest})")
    if state == "running":
        if plan.run is None:
            # This process alone has the crawl: whoever had these leases is dead.
            execute(RELEASE_ALL, (latest,))
        # How one of its processes ended before says nothing any more.
        execute(RESUME_RUN, (latest,))
        return latest, started_at, True
    now = engine.now()
    # The last part is the fraction of the second in 65536ths, so that ids of one site sort by time.
    run_id = f"{now:%Y%m%dT%H%M%SZ}-{plan.site.name}-{now.microsecond * 0x10000 // 1_000_000:04x}"
    started_at = format_instant(now)
    # A run's queue is needed until the next one begins; its lines and versions stay.
    execute(DELETE_PAGES_OF_CRAWL, (key,))
    execute(DELETE_STORIES_OF_CRAWL, (key,))
    ((last,),) = execute(LAST_RUN_NUMBER)
    execute(
        ADD_RUN,
        (run_id, last + 1, key, json.dumps(_shown(plan), ensure_ascii=False), "running", started_at),
    )
    links.add(engine, run_id, plan, plan.seeds())
    return run_id, started_at, False


def is_exhausted(run: Run) -> bool:
    """Tell whether no page of the run waits or is leased, by this process or another."""
    return not run.engine.read(lambda: run.engine.execute(ANY_UNFINISHED, (run.run_id,)))


def finish_run(run: Run, verdict: str) -> None:
    """Note how the run ended: finished where no page waits any more, else to be resumed."""
    now = format_instant(run.engine.now())
    run.engine.transact(lambda: run.engine.execute(END_RUN, (verdict, now, run.run_id)))


def _shown(plan: Plan) -> dict[str, str]:
    """Return the arguments for `scrapy status`; which crawl it is, the key tells."""
    # A row of each run stays, and 20,000 addresses are 0.9 MB.
    arguments = plan.as_arguments()
    return {**arguments, "url": shorten_starts(arguments["url"])}


def lock_name(key: str) -> str:
    """Return the name of the lock that each process of a crawl holds while it works on its run."""
    return f"crawl {key}"


def crawl_key(plan: Plan) -> str:
    """Return what makes two commands the same crawl: arguments, and the name of a shared run."""
    return _key(plan, plan.run)


def arguments_key(plan: Plan) -> str:
    """Return what makes two runs comparable: their arguments, whatever the names of shared runs."""
    return _key(plan, None)


def _key(plan: Plan, name: str | None) -> str:
    parts = json.dumps([plan.as_arguments(), name], sort_keys=True)
    return hashlib.sha256(parts.encode()).hexdigest()[:16]
