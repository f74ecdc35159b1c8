"""Results are committed in groups, because a commit is synced to disk, which takes as long for one."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from typing import NamedTuple

from scrapy.utils.asyncio import CallLaterResult, call_later

from newscrawl.codes import Outcome
from newscrawl.database.engine import Engine
from newscrawl.exceptions import NewscrawlError
from newscrawl.queue.commits import Committed, commit_and_look
from newscrawl.queue.hosts import HostStatus
from newscrawl.queue.leases import Lease
from newscrawl.queue.runs import Run
from newscrawl.queue.state_calls import StateCalls
from newscrawl.results import NoArticle, Result

logger = logging.getLogger(__name__)

# Results wait this many seconds for others, unless no other request is under way.
_SECONDS = 0.04
_LARGEST = 64


class _Waiting(NamedTuple):
    lease: Lease
    result: Result
    done: asyncio.Future[Outcome | None]


class ResultGroups:
    """Gathers the results of leased pages and commits them.

    ``look`` says, inside a transaction, what the state knows of the host; ``on_committed`` is called with
    each group's leases and outcomes (None where another worker took a page over), and with that.
    """

    def __init__(
        self,
        run: Run,
        calls: StateCalls,
        look: Callable[[Engine], HostStatus],
        on_committed: Callable[[list[tuple[Lease, Outcome | None]], HostStatus], None],
    ) -> None:
        self._run = run
        self._calls = calls
        self._look = look
        self._on_committed = on_committed
        self._group: list[_Waiting] = []
        self._under_way = 0
        self._timer: CallLaterResult | None = None
        self._has_warned = False

    def add(self, lease: Lease, result: Result, others: int) -> asyncio.Future[Outcome | None]:
        """Let a result wait for the next commit; return what has its outcome once that is durable.

        ``others`` is how many pages are handed out, this one included, whose results may come.
        """
        done: asyncio.Future[Outcome | None] = asyncio.get_running_loop().create_future()
        self._group.append(_Waiting(lease, result, done))
        if len(self._group) >= min(_LARGEST, others - self._under_way):
            self.flush()
        elif self._timer is None:
            self._timer = call_later(_SECONDS, self.flush)
        return done

    def flush(self) -> None:
        """Commit what waits, in the database thread."""
        group = self._take()
        if group:
            self._under_way += len(group)
            self._calls.start(
                lambda: self._commit(group),
                lambda found: self._committed(group, found),
                lambda: self._not_committed(group),
            )

    def flush_now(self) -> None:
        """Do the same where no event loop is running any more."""
        if group := self._take():
            self._calls.attempt(lambda: self._commit(group))

    def _take(self) -> list[_Waiting]:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        group, self._group = self._group, []
        return group

    def _commit(self, group: list[_Waiting]) -> Committed:
        batch = [(lease, result) for lease, result, _ in group]
        try:
            return commit_and_look(self._run, batch, self._look)
        except NewscrawlError:
            raise
        except Exception:
            # An error of ours in one result must not take the others with it.
            logger.exception("a commit of %d results failed, each is tried alone", len(batch))
        found = [self._commit_alone(lease, result) for lease, result in batch]
        return found[-1]._replace(outcomes=[outcome for alone in found for outcome in alone.outcomes])

    def _commit_alone(self, lease: Lease, result: Result) -> Committed:
        try:
            return commit_and_look(self._run, [(lease, result)], self._look)
        except NewscrawlError:
            raise
        except Exception as error:
            logger.exception("the result of %s cannot be committed", lease.page.url)
            # A page that can have no outcome at all ends the run.
            failed = NoArticle(Outcome.ERROR, f"{type(error).__name__} at commit")
            return commit_and_look(self._run, [(lease, failed)], self._look)

    def _committed(self, group: list[_Waiting], found: Committed) -> None:
        outcomes, behind, status = found
        if behind is not None and not self._has_warned:
            self._has_warned = True
            logger.warning(
                "clock_behind: the state's clock is %d seconds behind the last stamp; until it has caught "
                "up, first_seen_at repeats that stamp: look at the clock of the machine with the state",
                behind.total_seconds(),
            )
        self._under_way -= len(group)
        self._on_committed(
            [(lease, found) for (lease, _, _), found in zip(group, outcomes, strict=True)], status
        )
        for (_, _, done), outcome in zip(group, outcomes, strict=True):
            if not done.done():
                done.set_result(outcome)

    def _not_committed(self, group: list[_Waiting]) -> None:
        self._under_way -= len(group)
        for _, _, done in group:
            if not done.done():
                done.set_result(None)
