"""The frontier of one run, held in memory.

Pages wait, are leased to the downloader one by one, and are done when their outcome is committed.
The scheduler and the last pipeline know only the methods here, so a durable store can take this
one's place.
"""

from __future__ import annotations

import heapq
from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import NamedTuple

from newscrawl.exceptions import OutputError, PageError
from newscrawl.fields.dates import format_instant
from newscrawl.frontier.lines import encode, stamp
from newscrawl.frontier.segments import ARTICLES, REJECTED, Segments
from newscrawl.items import Article, CrawlInfo, Miss, Rejection
from newscrawl.pages.address import Address
from newscrawl.plan import Plan


class Lease(NamedTuple):
    """One page, handed out to be fetched."""

    address: Address
    depth: int
    via: str
    referrer: str | None


@dataclass(slots=True)
class _Page:
    address: Address
    depth: int
    via: str
    referrer: str | None
    story_number: int
    links: tuple[tuple[str, Address], ...] | None = None
    """None until the page is done as an article."""


class MemoryFrontier:
    """Every page once: alternates of a story before the next story, breadth first."""

    def __init__(self, plan: Plan, segments: Segments) -> None:
        self.plan = plan
        self.segments = segments
        self.run_id = segments.run_id
        self.counts: Counter[str] = Counter()
        """Outcomes so far: read, rejected, missing, forbidden, failed."""
        self.stories: dict[str, int] = {}
        """Every story admitted to the run, with the order in which it was met."""
        self.read_stories: set[str] = set()
        """The stories of which at least one page was read."""
        self.failed_starts: dict[str, str] = {}
        """uid of a start that gave no article, with what happened to it."""
        self.output_error: str | None = None
        """Why the lines could not be written, in one line."""
        self._pages: dict[Address, _Page] = {}
        self._leased: set[Address] = set()
        # (depth, order of the story, order of the page): a page stands here once for every depth
        # under which it was met while waiting; only the first to come out counts.
        self._waiting: list[tuple[int, int, int, Address]] = []
        self._claimed: set[Address] = set()

    def start(self) -> None:
        """Let the plan's starts wait."""
        for address in self.plan.starts:
            self._reach(address, 0, "seed", None)

    def claim(self) -> Lease | None:
        """Hand out the next page, or None where none is waiting."""
        while self._waiting:
            address = heapq.heappop(self._waiting)[3]
            if address not in self._claimed:
                self._claimed.add(address)
                self._leased.add(address)
                return self._lease(self._pages[address])
        return None

    @property
    def waiting(self) -> int:
        """Pages not handed out yet."""
        return len(self._pages) - len(self._claimed)

    @property
    def finished(self) -> int:
        """Pages whose outcome is known."""
        return len(self._claimed) - len(self._leased)

    @property
    def leased(self) -> int:
        """Pages handed out whose outcome is not known yet."""
        return len(self._leased)

    def outstanding(self) -> list[Lease]:
        """Return the pages handed out whose outcome is not known yet."""
        return [self._lease(self._pages[address]) for address in sorted(self._leased)]

    def commit(self, address: Address, outcome: Article | Rejection | Miss) -> None:
        """Take the outcome of a leased page: its line, and where it leads.

        An outcome for a page that is not leased (any more) changes nothing.
        """
        if address not in self._leased:
            return
        self._leased.remove(address)
        now = datetime.now(UTC)
        page = self._pages[address]
        crawl = CrawlInfo(self.run_id, page.depth, page.via, page.referrer)
        if isinstance(outcome, Article):
            outcome.crawl = crawl
            stamp(outcome, now=now, version=1)
            self.segments.add(ARTICLES, f"{now:%Y-%m-%d}", encode(outcome))
            self.counts["read"] += 1
            self.read_stories.add(address.story_id)
            page.links = tuple(self.plan.links(outcome))
            self._expand(page)
            return
        if isinstance(outcome, Rejection):
            outcome.crawl = crawl
            outcome.rejected_at = format_instant(now)
            self.segments.add(REJECTED, f"{now:%Y-%m-%d}", encode(outcome))
            self.counts["rejected"] += 1
            reason = str(PageError(outcome.reason, outcome.detail))
        else:
            self.counts[outcome.kind] += 1
            reason = outcome.reason
        if page.via == "seed":
            self.failed_starts[address.uid] = reason

    def publish(self) -> None:
        """Put all committed lines into files. Raises OutputError."""
        self.segments.publish()

    def close(self) -> None:
        """Publish for the last time; a failure is kept in ``output_error``."""
        try:
            self.publish()
        except OutputError as error:
            self.output_error = str(error)

    @staticmethod
    def _lease(page: _Page) -> Lease:
        return Lease(page.address, page.depth, page.via, page.referrer)

    def _reach(self, address: Address, depth: int, via: str, referrer: str | None) -> None:
        page = self._pages.get(address)
        if page is None:
            story = address.story_id
            if story not in self.stories:
                if self.plan.limit is not None and len(self.stories) >= self.plan.limit:
                    return
                self.stories[story] = len(self.stories)
            page = _Page(address, depth, via, referrer, self.stories[story])
            self._pages[address] = page
        elif depth < page.depth:
            page.depth = depth
            if page.links is not None:
                self._expand(page)
                return
        else:
            return
        if address not in self._claimed:
            entry = (page.depth, page.story_number, len(self._pages), address)
            heapq.heappush(self._waiting, entry)

    def _expand(self, page: _Page) -> None:
        assert page.links is not None
        for via, address in page.links:
            if via == "locale":
                self._reach(address, page.depth, via, page.address.url)
            elif page.depth < self.plan.depth:
                self._reach(address, page.depth + 1, via, page.address.url)
