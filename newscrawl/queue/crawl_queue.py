"""The queue as one process uses it: it claims pages ahead and commits their results in groups."""

from __future__ import annotations

import asyncio
import logging
import math
from collections import Counter, deque
from collections.abc import Callable, Collection, Iterable, Sequence
from time import monotonic

from newscrawl.archive.segments import Segments
from newscrawl.codes import Outcome
from newscrawl.database.schema import lock_run
from newscrawl.items import Article, Rejection
from newscrawl.plan import Found
from newscrawl.queue import hosts, links
from newscrawl.queue.archiving import Archiving
from newscrawl.queue.commits import FAILURES, wait_again
from newscrawl.queue.counts import NO_COUNTS, Counts, count_pages
from newscrawl.queue.host_limiter import HostLimiter
from newscrawl.queue.hosts import HostStatus
from newscrawl.queue.in_progress import InProgress
from newscrawl.queue.leases import Claimed, Lease, claim_in_turn, give_back, renew
from newscrawl.queue.result_groups import ResultGroups
from newscrawl.queue.runs import Run, is_exhausted
from newscrawl.queue.state_calls import StateCalls
from newscrawl.results import NoArticle, Result

logger = logging.getLogger(__name__)

# Seconds between looks at a run whose last pages other workers hold.
_POLL = 0.5


class CrawlQueue:
    """Claims pages in small numbers and commits their results in groups.

    Nothing here waits for the state (``calls``): what it answers is at hand a little later, when
    ``calls.on_change`` is called.
    """

    def __init__(
        self,
        run: Run,
        segments: Segments,
        in_progress: InProgress,
        calls: StateCalls,
        limiter: HostLimiter,
        *,
        claim_size: int,
        archiving: Archiving | None = None,
        count_at_end: Callable[[Run], Counts] = count_pages,
    ) -> None:
        self.run = run
        self.segments = segments
        self.in_progress = in_progress
        self.calls = calls
        self.limiter = limiter
        self.committed: Counter[Outcome] = Counter()
        """Outcomes of this process."""
        self.exceptions = 0
        """Exceptions that belong to no page."""
        self._claim_size = claim_size
        self._count_at_end = count_at_end
        self._claimed: deque[Lease] = deque()
        self._out: dict[str, Lease] = {}
        self._crashed: set[str] = set()
        self.archiving = archiving
        """Makes the records of answers; None where nothing is archived."""
        self.results = ResultGroups(run, calls, limiter.look, self._committed, archiving)
        self._is_claiming = False
        self._wants_renewal = False
        self.is_empty = False
        """No page waited when the state was asked last."""
        self._is_exhausted = False
        self._next_check = 0.0
        self._counts = NO_COUNTS
        self._counts_due = 0.0
        limiter.on_again = self._let_wait_again

    @property
    def failure(self) -> str | None:
        """Why the state or the disk cannot be used any more, in one line."""
        return self.calls.failure

    @property
    def at_hand(self) -> int:
        """How many pages are claimed and not asked for yet."""
        return len(self._claimed)

    def next(self, set_aside: Collection[str] = ()) -> Lease | None:
        """Return the next page to ask for; None where none is at hand.

        With one request at a time the next page is chosen when it is known where the last one led, so
        that the order of a crawl, and what a limit takes in, is always the same. A page that may have ended
        a process is worked on alone, so that it is known which one it was. ``set_aside`` pages that were
        handed out (uids) wait until their host answers again, and do not count.
        """
        at_work = self._at_work(set_aside)
        if (at_work and self._claim_size == 1) or not self._crashed.issubset(set_aside):
            return None
        if 4 * len(self._claimed) <= self._claim_size and not self.limiter.pace.delay:
            self.claim()
        if not self._claimed or (at_work and self._claimed[0].crashes):
            return None
        lease = self._claimed.popleft()
        self._out[lease.page.uid] = lease
        if lease.crashes:
            self._crashed.add(lease.page.uid)
        return lease

    def _at_work(self, set_aside: Collection[str]) -> Collection[Lease]:
        if not set_aside:
            return self._out.values()
        return [lease for uid, lease in self._out.items() if uid not in set_aside]

    def claim(self, extra: int = 0, set_aside: Collection[str] = ()) -> None:
        """Ask the state for pages and for moments to ask for them, ``extra`` of them for other requests.

        ``set_aside`` as for :meth:`next`.
        """
        if self._is_claiming or self.failure is not None:
            return
        count = max(0, self._claim_size - len(self._claimed))
        if self.is_empty or (self._claim_size == 1 and self._at_work(set_aside)):
            count = 0
        if count or extra:
            self._is_claiming = True
            run, budget = self.run, self.limiter.budget
            self.calls.start(
                lambda: claim_in_turn(run, budget, count, extra),
                self._take_claimed,
                self._claim_failed,
            )

    def _take_claimed(self, found: Claimed) -> None:
        self._is_claiming = False
        self._claimed.extend(found.leases)
        if self._wants_renewal:
            self.renew()
        self.limiter.take_grant(found.grant)
        if found.has_looked and not found.leases:
            self.is_empty = True

    def _claim_failed(self) -> None:
        self._is_claiming = False

    def has_pending(self) -> float | None:
        """Tell, when no request is under way, in how many seconds to look again; None where nothing is left.

        Pages that other processes hold count: they may lead further, or come back when a lease ends.
        """
        self.results.flush()
        if self.failure is not None:
            return None
        if self._claimed or self.calls.is_busy:
            return _POLL
        if self._is_exhausted:
            return None
        if (left := self._next_check - monotonic()) > 0:
            return left
        self._next_check = monotonic() + _POLL
        self.calls.start(self._check, self._checked)
        return _POLL

    def _check(self) -> Counts | None:
        return self._count_at_end(self.run) if is_exhausted(self.run) else None

    def _checked(self, counts: Counts | None) -> None:
        if counts is None:
            self.is_empty = False
        elif not self._out and not self._claimed:
            self._is_exhausted = True
            self._counts = counts

    def add(self, found: Sequence[Found]) -> None:
        """Let further pages wait, each once; ``limit`` and the rest of the plan hold for them too."""
        run = self.run

        def add() -> None:
            lock_run(run.engine, run.run_id)
            links.follow(run.engine, run.run_id, run.plan, links.add(run.engine, run.run_id, run.plan, found))

        self.calls.start(lambda: run.engine.transact(add), lambda _: self._look_again())

    def _let_wait_again(self, uids: Iterable[str]) -> None:
        self.results.flush()
        pages = sorted(uids)
        logger.info("%d pages that failed while the host refused wait again", len(pages))
        self.calls.start(lambda: wait_again(self.run, pages), lambda _: self._look_again())

    def _look_again(self) -> None:
        self.is_empty = self._is_exhausted = False
        self._next_check = 0.0

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
        if isinstance(result, Rejection) or (isinstance(result, NoArticle) and result.outcome in FAILURES):
            self.limiter.refusals.note_failed(uid)
        return self.results.add(lease, result, len(self._out))

    def fail_page(self, lease: Lease, reason: str) -> None:
        """Commit that this process's own code failed on a page."""
        self.in_progress.end(lease.page.uid)
        if self.holds(lease):
            self.submit(lease.page.uid, NoArticle(Outcome.ERROR, reason))

    def flush(self) -> None:
        """Commit the results that wait for others."""
        self.results.flush()

    def _committed(self, found: list[tuple[Lease, Outcome | None]], status: HostStatus) -> None:
        self._look_again()
        for lease, outcome in found:
            if outcome is not None:
                self.committed[outcome] += 1
            # The page may have been lost and leased again meanwhile; that is another lease.
            if self.holds(lease):
                del self._out[lease.page.uid]
                self._crashed.discard(lease.page.uid)
        self.limiter.take_over(status)

    def publish(self) -> None:
        """Put what is committed into files, and keep the leases of this process."""
        self.calls.start(self.segments.publish)
        self.renew()

    def renew(self) -> None:
        """Keep the leases of this process, and its delay."""
        if self._is_claiming:
            # What is being claimed now is not among those below, and would be released.
            self._wants_renewal = True
            return
        self._wants_renewal = False
        held = [*self._claimed, *self._out.values()]
        self.calls.start(lambda: renew(self.run, held, self.limiter.budget))

    def counts(self) -> Counts:
        """Return the run's pages as they were counted last. They are counted again from time to time."""
        if self.failure is None and monotonic() >= self._counts_due:
            begin = monotonic()
            self._counts_due = math.inf
            self.calls.start(lambda: count_pages(self.run), lambda counts: self._counted(counts, begin))
        return self._counts

    def _counted(self, counts: Counts, begin: float) -> None:
        # Counting takes time in proportion to the pages.
        self._counts = counts
        self._counts_due = monotonic() + 50 * (monotonic() - begin)

    async def close(self) -> None:
        """Give back what was not asked for, publish a last time, and count: ``counts`` is exact then."""
        self._counts_due = math.inf
        self.results.flush()
        await self.calls.drain()
        self._counts = await self.calls.ask(self._end) or self._counts
        self.in_progress.close()

    def close_now(self) -> None:
        """Do the same where no event loop is running any more."""
        self._counts_due = math.inf
        self.results.flush_now()
        self._counts = self.calls.attempt(self._end) or self._counts
        self.in_progress.close()

    def _end(self) -> Counts:
        engine = self.run.engine
        give_back(self.run)
        engine.transact(lambda: hosts.withdraw(engine, self.run.holder, engine.now()), durable=False)
        self.segments.publish()
        return self._count_at_end(self.run)
