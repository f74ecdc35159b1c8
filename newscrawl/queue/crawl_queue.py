"""One process's view of the frontier: pages at hand, outcomes on their way into the store."""

from __future__ import annotations

import asyncio
import logging
from collections import Counter, deque
from collections.abc import Callable
from time import monotonic

from scrapy.utils.asyncio import CallLaterResult, call_later

from newscrawl.archive.segments import Segment, Segments
from newscrawl.exceptions import NewscrawlError
from newscrawl.items import Miss
from newscrawl.plan import Plan
from newscrawl.queue.commits import Outcome
from newscrawl.queue.counts import Tally
from newscrawl.queue.leases import Lease
from newscrawl.queue.runs import Store
from newscrawl.sites.longbridge.address import Address

logger = logging.getLogger(__name__)

# A commit is synced to disk, which takes as long for sixty pages as for one: outcomes wait this many
# seconds for others, unless nothing else is on its way.
_GROUP_SECONDS = 0.02
_LARGEST_GROUP = 64


class Frontier:
    """Claims pages from the store in small numbers and commits their outcomes in groups.

    ``on_failure`` is called once when the store or the disk cannot be used any more; ``failure`` then
    says why, in one line.
    """

    def __init__(
        self, plan: Plan, store: Store, segments: Segments, *, at_hand: int, on_failure: Callable[[], None]
    ) -> None:
        self.plan = plan
        self.store = store
        self.segments = segments
        self.run_id = store.run_id
        self.counts: Counter[str] = Counter()
        """Outcomes of this process by their word, and ``exceptions`` that belong to no page."""
        self.failure: str | None = None
        self._at_hand = at_hand
        self._on_failure = on_failure
        self._queue: deque[Lease] = deque()
        self._out: dict[Address, Lease] = {}
        self._group: list[tuple[Lease, Outcome, asyncio.Future[str]]] = []
        self._flushing: CallLaterResult | None = None
        self._dry = False
        self._tally = Tally(0, 0, 0, 0, {}, Counter(), {})
        self._tally_due = 0.0

    def next(self) -> Lease | None:
        """Return the next page to ask for, or None where none waits now.

        One page at a time means one: the next is chosen when it is known where the last one led, so
        that the order of a crawl, and what a limit takes in, is always the same.
        """
        if self._at_hand == 1 and self._out:
            return None
        if not self._queue and not self._dry and self.failure is None:
            try:
                self._queue.extend(self.store.claim(self._at_hand))
            except NewscrawlError as error:
                self._fail(error)
            self._dry = not self._queue
        if not self._queue:
            return None
        lease = self._queue.popleft()
        self._out[lease.address] = lease
        return lease

    def _held(self) -> list[Lease]:
        return [*self._queue, *self._out.values()]

    def has_more(self) -> bool:
        """Tell, when this process has nothing in hand, whether the run has something left.

        Pages that other processes hold count: they may lead further, or come back when a lease ends.
        """
        if self._queue:
            return True
        self._dry = False
        try:
            return not self.store.is_exhausted()
        except NewscrawlError as error:
            self._fail(error)
            return False

    def outstanding(self) -> list[Lease]:
        """Return the pages handed out whose outcome is not known yet."""
        return list(self._out.values())

    async def commit(self, address: Address, outcome: Outcome) -> str:
        """Commit a page's outcome; return its word once it is durable.

        ``stale`` where another worker took the page over, ``lost`` where the store failed or the outcome
        could not be committed: then it was not written.
        """
        lease = self._out.get(address)
        if lease is None:
            return "stale"
        if self.failure is not None:
            return "lost"
        done: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        self._group.append((lease, outcome, done))
        if len(self._group) >= min(_LARGEST_GROUP, len(self._out)):
            self._flush()
        elif self._flushing is None:
            self._flushing = call_later(_GROUP_SECONDS, self._flush)
        return await done

    def fail(self, lease: Lease, reason: str) -> None:
        """Commit at once that this process's own code failed on a page."""
        if self._out.get(lease.address) == lease and self.failure is None:
            self._give_up(lease, reason)

    def _give_up(self, lease: Lease, reason: str) -> None:
        address = lease.address
        try:
            (word,) = self.store.commit([(lease, Miss(address.uid, address.url, "error", reason))])
        except Exception as error:  # noqa: BLE001  # a page that can have no outcome at all ends the run
            self._fail(error)
        else:
            self._done(lease, word)

    def _flush(self) -> None:
        if self._flushing is not None:
            self._flushing.cancel()
            self._flushing = None
        group, self._group = self._group, []
        if not group:
            return
        batch = [(lease, outcome) for lease, outcome, _ in group]
        try:
            words = self.store.commit(batch)
        except NewscrawlError as error:
            self._fail(error)
            words = ["lost"] * len(group)
        except Exception:
            # An error of ours in one outcome must not take the others with it.
            logger.exception("a commit of %d outcomes failed, each is tried alone", len(group))
            words = [self._commit_alone(lease, outcome) for lease, outcome in batch]
        for (lease, _, done), word in zip(group, words, strict=True):
            self._done(lease, word)
            if not done.done():
                done.set_result(word)

    def _commit_alone(self, lease: Lease, outcome: Outcome) -> str:
        if self.failure is not None:
            return "lost"
        try:
            return self.store.commit([(lease, outcome)])[0]
        except NewscrawlError as error:
            self._fail(error)
        except Exception as error:
            logger.exception("the outcome of %s cannot be committed", lease.address.url)
            self._give_up(lease, f"{type(error).__name__} at commit")
        return "lost"

    def _done(self, lease: Lease, word: str) -> None:
        self._dry = False
        self.counts[word] += 1
        # The page may have been lost and leased again meanwhile; that is another lease.
        if word != "lost" and self._out.get(lease.address) == lease:
            del self._out[lease.address]

    def publish(self) -> None:
        """Put what is committed into files, and keep the leases of this process."""
        self._or_fail(self.segments.publish)
        self.renew()

    def renew(self) -> None:
        """Keep the leases of this process."""
        self._or_fail(lambda: self.store.renew(self._held()))

    def _or_fail(self, work: Callable[[], object]) -> None:
        # Whoever calls these time and again would never do so again after an error, without a word.
        if self.failure is None:
            try:
                work()
            except Exception as error:  # noqa: BLE001  # told by _fail, and ends the run
                self._fail(error)

    def close(self) -> None:
        """Give back what was not asked for, and publish for the last time."""
        self._flush()
        try:
            if self.failure is None:
                self.store.give_back(self._held())
            self.segments.publish()
        except NewscrawlError as error:
            self._fail(error)

    def finish(self, verdict: str) -> None:
        """Note in the store how the run ended."""
        try:
            self.store.finish_run(verdict)
        except NewscrawlError as error:
            self._fail(error)

    def tally(self, *, exact: bool = False) -> Tally:
        """Count the run's pages; unless ``exact``, not so often that counting costs much."""
        begin = monotonic()
        if exact or begin >= self._tally_due:
            try:
                self._tally = self.store.tally()
            except NewscrawlError as error:
                self._fail(error)
            self._tally_due = monotonic() + 50 * (monotonic() - begin)
        return self._tally

    def unpublished(self) -> int | None:
        """Return how many of the run's lines stand in no file yet; None where the store cannot be asked."""
        try:
            return self.segments.unpublished(self.run_id)
        except NewscrawlError as error:
            self._fail(error)
            return None

    def published(self) -> list[Segment]:
        """Return the run's files so far; none where the store cannot be asked."""
        try:
            return self.segments.published(self.run_id)
        except NewscrawlError as error:
            self._fail(error)
            return []

    def _fail(self, error: Exception) -> None:
        if self.failure is None:
            known = isinstance(error, NewscrawlError)
            self.failure = str(error) if known else f"{type(error).__name__}: {error}"
            logger.error("%s", error)
            self._on_failure()
