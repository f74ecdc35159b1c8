"""The durable frontier: one data set's state, and one run in it.

What is promised here, on both engines: an outcome is committed whole or not at all, and only while
its lease still holds; each (uid, version) is written once; the result does not depend on timing.
"""

from __future__ import annotations

import hashlib
import json
import secrets
from collections.abc import Iterable, Sequence

from newscrawl.database.engine import Engine
from newscrawl.exceptions import AlreadyFinished, AlreadyRunning
from newscrawl.plan import Plan
from newscrawl.queue.commits import Commits, Outcome
from newscrawl.queue.counts import Tally, tally
from newscrawl.queue.leases import Lease, Leases
from newscrawl.queue.links import Found, Reach
from newscrawl.refine.dates import format_instant


class Store:
    """The state of one data set, and one run in it. ``worker`` names the disk that lines go to."""

    def __init__(self, engine: Engine, worker: str, lease_seconds: float) -> None:
        self.engine = engine
        self.worker = worker
        self.lease_seconds = lease_seconds
        self.run_id = ""
        self.started_at = ""
        """When the run was begun, by whichever of its processes, as it stands in the record."""
        self.plan: Plan
        self._leases: Leases
        self._commits: Commits

    def open_run(self, plan: Plan, spider: str) -> bool:
        """Resume the unfinished run of these arguments, or begin one; tell whether it is resumed.

        Raises AlreadyRunning where another process runs them without a shared name, AlreadyFinished
        for a named run that is done.
        """
        self.plan = plan
        key = crawl_key(plan)
        lock = f"crawl {key}"
        # Workers share a named run; one that begins it anew must be alone until it has.
        alone = plan.run is None or plan.fresh
        if not self.engine.hold(lock, shared=not alone):
            if plan.run is None:
                raise AlreadyRunning("the same crawl is running now, in another process")
            what = "another worker at work on it" if plan.fresh else "a worker that begins it anew"
            raise AlreadyRunning(f"expected nobody in the way on {plan.run}, found {what}")
        resumed = self.engine.transact(lambda: self._open_run(key, spider))
        if plan.run is not None and plan.fresh:
            self.engine.share(lock)
        return resumed

    def _open_run(self, key: str, spider: str) -> bool:
        execute = self.engine.execute
        found = execute(
            "SELECT run_id, state, started_at FROM run WHERE crawl_key = ? "
            f"ORDER BY number DESC LIMIT 1 {self.engine.lock_rows}",
            (key,),
        )
        latest, state, started_at = found[0] if found else ("", None, "")
        if state == "running" and self.plan.fresh:
            execute("UPDATE run SET state = 'forgotten' WHERE run_id = ?", (latest,))
            state = "forgotten"
        if state == "finished" and self.plan.run is not None and not self.plan.fresh:
            raise AlreadyFinished(f"the run {self.plan.run} is finished ({latest})")
        resumed = state == "running"
        if resumed:
            self.run_id, self.started_at = latest, started_at
            if self.plan.run is None:
                # This process alone holds the crawl: whoever had these leases is dead.
                execute("UPDATE page SET state = 0 WHERE run_id = ? AND state = 1", (latest,))
        else:
            now = self.engine.now()
            self.run_id = f"{now:%Y%m%dT%H%M%SZ}-{spider}-{secrets.token_hex(2)}"
            self.started_at = format_instant(now)
            arguments = json.dumps(self.plan.as_arguments(), ensure_ascii=False)
            for table in ("page", "story"):
                # A run's queue is needed until the next one begins; its lines and versions stay.
                execute(
                    f"DELETE FROM {table} WHERE run_id IN (SELECT run_id FROM run WHERE crawl_key = ?)",
                    (key,),
                )
            ((last,),) = execute("SELECT COALESCE(MAX(number), 0) FROM run")
            execute(
                "INSERT INTO run (run_id, number, crawl_key, arguments, state, started_at) "
                "VALUES (?, ?, ?, ?, ?, ?)",
                (self.run_id, last + 1, key, arguments, "running", self.started_at),
            )
        reach = Reach(self.engine, self.run_id, self.plan)
        self._leases = Leases(
            self.engine, self.run_id, self.plan, reach, worker=self.worker, seconds=self.lease_seconds
        )
        self._commits = Commits(self.engine, self.run_id, reach, worker=self.worker)
        if not resumed:
            reach.add([Found(address, 0, "seed", None) for address in self.plan.starts])
        return resumed

    def claim(self, count: int) -> list[Lease]:
        """Lease up to ``count`` pages, best first; see :meth:`Leases.claim`."""
        return self._leases.claim(count)

    def renew(self, held: Iterable[Lease]) -> None:
        """Keep the leases that this process holds from expiring; see :meth:`Leases.renew`."""
        self._leases.renew(held)

    def give_back(self, leases: Iterable[Lease]) -> None:
        """Let pages wait again that were leased and not asked for."""
        self._leases.give_back(leases)

    def commit(self, batch: Sequence[tuple[Lease, Outcome]]) -> list[str]:
        """Commit the outcomes of leased pages; see :meth:`Commits.commit`."""
        return self._commits.commit(batch)

    def tally(self) -> Tally:
        """Count the run's pages and stories."""
        return tally(self.engine, self.run_id)

    def is_exhausted(self) -> bool:
        """Tell whether no page of the run waits or is leased, by this process or another."""
        return not self.engine.read(
            lambda: self.engine.execute(
                "SELECT 1 FROM page WHERE run_id = ? AND state IN (0, 1) LIMIT 1", (self.run_id,)
            )
        )

    def finish_run(self, verdict: str) -> None:
        """Note how the run ended: finished where no page waits any more, else to be resumed."""
        now = format_instant(self.engine.now())
        self.engine.transact(
            lambda: self.engine.execute(
                "UPDATE run SET verdict = ?, finished_at = ?, "
                "state = CASE WHEN state = 'running' AND NOT EXISTS "
                "(SELECT 1 FROM page WHERE page.run_id = run.run_id AND page.state IN (0, 1)) "
                "THEN 'finished' ELSE state END WHERE run_id = ?",
                (verdict, now, self.run_id),
            )
        )


def crawl_key(plan: Plan) -> str:
    """Return what makes two commands the same crawl: arguments, and the name of a shared run."""
    parts = json.dumps([plan.as_arguments(), plan.run], sort_keys=True)
    return hashlib.sha256(parts.encode()).hexdigest()[:16]
