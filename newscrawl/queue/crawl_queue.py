"""The queue as one process uses it: it claims pages ahead and commits their results in groups."""

from __future__ import annotations

import asyncio
import logging
from collections import Counter, deque
from collections.abc import Callable, Sequence
from time import monotonic
from typing import TypeVar

from scrapy.utils.asyncio import CallLaterResult, call_later

from newscrawl.archive.segments import Segments
from newscrawl.codes import Outcome
from newscrawl.database.schema import lock_run
from newscrawl.exceptions import NewscrawlError
from newscrawl.items import Article
from newscrawl.plan import Found
from newscrawl.queue import links
from newscrawl.queue.commits import commit
from newscrawl.queue.counts import NO_COUNTS, Counts, count_pages
from newscrawl.queue.in_progress import InProgress
from newscrawl.queue.leases import Lease, claim, give_back, renew
from newscrawl.queue.runs import Run, is_exhausted
from newscrawl.results import NoArticle, Result

logger = logging.getLogger(__name__)

T = TypeVar("T")

# A commit is synced to disk, which takes as long for sixty pages as for one: results wait this many
# seconds for others, unless no other request is under way.
_GROUP_SECONDS = 0.04
_LARGEST_GROUP = 64


def claim_size(concurrency: int) -> int:
    """Return how many pages to claim at once for so many requests at a time.

    One for one: the order of such a crawl is always the same. Otherwise some ahead, because each claim is a
    transaction.
    """
    return 1 if concurrency <= 1 else 4 * concurrency


class CrawlQueue:
    """Claims pages in small numbers and commits their results in groups.

    ``on_failure`` is called once when the state or the disk cannot be used any more; ``failure`` then says
    why, in one line.
    """

    def __init__(
        self,
        run: Run,
        segments: Segments,
        in_progress: InProgress,
        *,
        claim_size: int,
        on_failure: Callable[[], None],
    ) -> None:
        self.run = run
        self.segments = segments
        self.in_progress = in_progress
        self.committed: Counter[Outcome] = Counter()
        """Outcomes of this process."""
        self.exceptions = 0
        """Exceptions that belong to no page."""
        self.failure: str | None = None
        self._claim_size = claim_size
        self._on_failure = on_failure
        self._claimed: deque[Lease] = deque()
        self._out: dict[str, Lease] = {}
        self._group: list[tuple[Lease, Result, asyncio.Future[Outcome | None]]] = []
        self._flushing: CallLaterResult | None = None
        self._is_empty = False
        self._counts = NO_COUNTS
        self._counts_due = 0.0

    def next(self) -> Lease | None:
        """Return the next page to ask for, or None where none waits now.

        With one request at a time the next page is chosen when it is known where the last one led, so
        that the order of a crawl, and what a limit takes in, is always the same. A page that may have ended
        a process is worked on alone, so that it is known which one it was.
        """
        if self._out and (self._claim_size == 1 or any(lease.crashes for lease in self._out.values())):
            return None
        if not self._claimed and not self._is_empty and self.failure is None:
            try:
                self._claimed.extend(claim(self.run, self._claim_size))
            except NewscrawlError as error:
                self._fail(error)
            self._is_empty = not self._claimed
        if not self._claimed or (self._out and self._claimed[0].crashes):
            return None
        lease = self._claimed.popleft()
        self._out[lease.page.uid] = lease
        return lease

    def has_more(self) -> bool:
        """Tell, when this process has no request under way, whether the run has something left.

        Pages that other processes hold count: they may lead further, or come back when a lease ends.
        """
        if self._claimed:
            return True
        self._is_empty = False
        try:
            return not is_exhausted(self.run)
        except NewscrawlError as error:
            self._fail(error)
            return False

    def add(self, found: Sequence[Found]) -> None:
        """Let further pages wait, each once; ``limit`` and the rest of the plan hold for them too."""
        run = self.run

        def add() -> None:
            lock_run(run.engine, run.run_id)
            links.follow(run.engine, run.run_id, run.plan, links.add(run.engine, run.run_id, run.plan, found))

        self.attempt(lambda: run.engine.transact(add))
        self._is_empty = False

    def outstanding(self) -> list[Lease]:
        """Return the pages handed out whose outcome is not known yet."""
        return list(self._out.values())

    def holds(self, lease: Lease) -> bool:
        """Tell whether a page is handed out under this lease, its outcome not known yet."""
        return self._out.get(lease.page.uid) == lease

    def lease_of(self, article: Article) -> Lease | None:
        """Return the lease of the page that an article is; None where no such page is handed out now."""
        lease = self._out.get(article.uid)
        return lease if lease is not None and lease.page.url == article.url else None

    async def commit(self, uid: str, result: Result) -> Outcome | None:
        """Commit what came of a page; return its outcome once it is durable.

        None where nothing was written: another worker took the page over, or the state failed.
        """
        done = self.submit(uid, result)
        return None if done is None else await done

    def submit(self, uid: str, result: Result) -> asyncio.Future[Outcome | None] | None:
        """Do the same without waiting; return what :meth:`commit` awaits, None where nothing is written."""
        self.in_progress.end(uid)
        lease = self._out.get(uid)
        if lease is None or self.failure is not None:
            return None
        done: asyncio.Future[Outcome | None] = asyncio.get_running_loop().create_future()
        self._group.append((lease, result, done))
        if len(self._group) >= min(_LARGEST_GROUP, len(self._out)):
            self.flush()
        elif self._flushing is None:
            self._flushing = call_later(_GROUP_SECONDS, self.flush)
        return done

    def fail_page(self, lease: Lease, reason: str) -> None:
        """Commit at once that this process's own code failed on a page."""
        uid = lease.page.uid
        self.in_progress.end(uid)
        if self._out.get(uid) != lease or self.failure is not None:
            return
        try:
            (outcome,) = commit(self.run, [(lease, NoArticle(Outcome.ERROR, reason))])
        except Exception as error:  # noqa: BLE001  # a page that can have no outcome at all ends the run
            self._fail(error)
        else:
            self._done(lease, outcome)

    def publish(self) -> None:
        """Put what is committed into files, and keep the leases of this process."""
        self.attempt(self.segments.publish)
        self.renew()

    def renew(self) -> None:
        """Keep the leases of this process."""
        self.attempt(lambda: renew(self.run, self._held()))

    def attempt(self, work: Callable[[], T]) -> T | None:
        """Do something with the state; None where that cannot be done (any more).

        An exception ends the run. It does not reach the caller, which may be a timer that would stop.
        """
        if self.failure is None:
            try:
                return work()
            except Exception as error:  # noqa: BLE001  # logged by _fail, and ends the run
                self._fail(error)
        return None

    def close(self) -> None:
        """Give back what was not asked for, and publish for the last time."""
        self.flush()
        try:
            if self.failure is None:
                give_back(self.run, self._held())
            self.segments.publish()
        except NewscrawlError as error:
            self._fail(error)
        self.in_progress.close()

    def counts(self, *, exact: bool = False) -> Counts:
        """Count the run's pages; unless ``exact``, not so often that counting costs much."""
        begin = monotonic()
        if exact or begin >= self._counts_due:
            try:
                self._counts = count_pages(self.run)
            except NewscrawlError as error:
                self._fail(error)
            self._counts_due = monotonic() + 50 * (monotonic() - begin)
        return self._counts

    def _held(self) -> list[Lease]:
        return [*self._claimed, *self._out.values()]

    def flush(self) -> bool:
        """Commit the results that wait for others; tell whether there were any."""
        if self._flushing is not None:
            self._flushing.cancel()
            self._flushing = None
        group, self._group = self._group, []
        if not group:
            return False
        batch = [(lease, result) for lease, result, _ in group]
        try:
            outcomes = commit(self.run, batch)
        except NewscrawlError as error:
            self._fail(error)
            outcomes = [None] * len(group)
        except Exception:
            # An error of ours in one result must not take the others with it.
            logger.exception("a commit of %d results failed, each is tried alone", len(group))
            outcomes = [self._commit_alone(lease, result) for lease, result in batch]
        for (lease, _, done), outcome in zip(group, outcomes, strict=True):
            self._done(lease, outcome)
            if not done.done():
                done.set_result(outcome)
        return True

    def _commit_alone(self, lease: Lease, result: Result) -> Outcome | None:
        if self.failure is not None:
            return None
        try:
            return commit(self.run, [(lease, result)])[0]
        except NewscrawlError as error:
            self._fail(error)
        except Exception as error:
            logger.exception("the result of %s cannot be committed", lease.page.url)
            self.fail_page(lease, f"{type(error).__name__} at commit")
        return None

    def _done(self, lease: Lease, outcome: Outcome | None) -> None:
        self._is_empty = False
        if outcome is not None:
            self.committed[outcome] += 1
        # The page may have been lost and leased again meanwhile; that is another lease.
        if self.failure is None and self._out.get(lease.page.uid) == lease:
            del self._out[lease.page.uid]

    def _fail(self, error: Exception) -> None:
        if self.failure is None:
            known = isinstance(error, NewscrawlError)
            self.failure = str(error) if known else f"{type(error).__name__}: {error}"
            logger.error("%s", error)
            self._on_failure()
