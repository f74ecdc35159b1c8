"""One worker: the functions of the queue over one run, as one process calls them."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from newscrawl.codes import Outcome
from newscrawl.database.engine import Engine
from newscrawl.plan import Plan
from newscrawl.queue.commits import Finished, commit
from newscrawl.queue.counts import Counts, count_pages
from newscrawl.queue.leases import Lease, claim, give_back, renew
from newscrawl.queue.runs import Run, finish_run, is_exhausted, open_run
from newscrawl.results import Result
from tests.queue.results import article, number_of


class Worker:
    """A process with a connection, a disk and, once it is opened, a run."""

    def __init__(self, engine: Engine, name: str = "w1", lease_seconds: float = 60.0) -> None:
        self.engine = engine
        self.name = name
        self.lease_seconds = lease_seconds
        self.run: Run

    def open(self, plan: Plan) -> bool:
        """Begin or resume a run; tell whether it is resumed."""
        self.run = open_run(self.engine, plan, worker=self.name, lease_seconds=self.lease_seconds)
        return self.run.resumed

    @property
    def run_id(self) -> str:
        return self.run.run_id

    def claim(self, count: int) -> list[Lease]:
        return claim(self.run, count)

    def claim_one(self) -> Lease:
        (lease,) = self.claim(1)
        return lease

    def renew(self, held: Iterable[Lease]) -> None:
        renew(self.run, held)

    def give_back(self) -> None:
        give_back(self.run)

    def commit(self, *batch: tuple[Lease, Result] | Finished) -> list[Outcome | None]:
        return commit(self.run, [Finished(*one) for one in batch])

    def count(self) -> Counts:
        return count_pages(self.run)

    def is_exhausted(self) -> bool:
        return is_exhausted(self.run)

    def finish(self, verdict: str = "done") -> None:
        finish_run(self.run, verdict)

    def close(self) -> None:
        self.engine.close()

    def lines(self, kind: str = "articles") -> list[dict[str, Any]]:
        """The lines that are committed and in no file yet."""
        rows = self.engine.read(
            lambda: self.engine.execute("SELECT content FROM line WHERE kind = ? ORDER BY id", (kind,))
        )
        return [json.loads(bytes(row[0])) for row in rows]

    def crawl(self, links: dict[int, tuple[int, ...]], **options: Any) -> list[str]:
        """Crawl a small site that is all in ``links``; return uids in the order of the requests."""
        order = []
        while leases := self.claim(1):
            (lease,) = leases
            order.append(lease.page.uid)
            related = links.get(number_of(lease.page), ())
            self.commit((lease, article(lease.page, *related, **options)))
        return order

    def rows(self, sql: str, values: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        return [tuple(row) for row in self.engine.read(lambda: self.engine.execute(sql, values))]


NewWorker = Callable[..., Worker]


def opened(worker: Worker, plan: Plan) -> Worker:
    worker.open(plan)
    return worker
