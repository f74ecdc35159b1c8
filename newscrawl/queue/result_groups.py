"""Results are committed in groups, because a commit is synced to disk, which takes as long for one."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from functools import partial
from typing import NamedTuple

from scrapy.utils.asyncio import CallLaterResult, call_later

from newscrawl.codes import Outcome
from newscrawl.database.engine import Engine
from newscrawl.exceptions import NewscrawlError
from newscrawl.queue.archiving import Archiving, finish
from newscrawl.queue.commits import Committed, Finished, commit_and_look
from newscrawl.queue.hosts import HostStatus
from newscrawl.queue.leases import Lease
from newscrawl.queue.runs import Run
from newscrawl.queue.state_calls import StateCalls
from newscrawl.results import NoArticle, Result
from newscrawl.warc.answer import Answer

logger = logging.getLogger(__name__)

# Results wait this many seconds for others, unless no other request is under way.
_SECONDS = 0.04
_LARGEST = 64


class _Waiting(NamedTuple):
    lease: Lease
    result: Result
    answer: Answer | None
    done: asyncio.Future[Outcome | None]


class ResultGroups:
    """Gathers the results of leased pages and commits them, with their answers for the archive.

    ``look`` says, inside a transaction, what the state knows of the host; ``on_committed`` is called with
    each group's leases and outcomes (None where another worker took a page over), and with that. Without
    ``archiving`` nothing is archived.
    """

    def __init__(
        self,
        run: Run,
        calls: StateCalls,
        look: Callable[[Engine], HostStatus],
        on_committed: Callable[[list[tuple[Lease, Outcome | None]], HostStatus], None],
        archiving: Archiving | None = None,
    ) -> None:
        self._run = run
        self._calls = calls
        self._look = look
        self._on_committed = on_committed
        self._archiving = archiving
        self._answers: dict[str, Answer] = {}
        # Those whose records are being made.
        self._unfinished: list[list[_Waiting]] = []
        self._group: list[_Waiting] = []
        self._under_way = 0
        self._timer: CallLaterResult | None = None
        self._has_warned = False

    def note(self, uid: str, answer: Answer) -> None:
        """Keep the answer of a page until its result is added."""
        if self._archiving is not None:
            self._answers[uid] = answer

    def add(self, lease: Lease, result: Result, others: int) -> asyncio.Future[Outcome | None]:
        """Let a result wait for the next commit; return what has its outcome once that is durable.

        ``others`` is how many pages are handed out, this one included, whose results may come.
        """
        done: asyncio.Future[Outcome | None] = asyncio.get_running_loop().create_future()
        self._group.append(_Waiting(lease, result, self._answers.pop(lease.page.uid, None), done))
        if len(self._group) >= min(_LARGEST, others - self._under_way):
            self.flush()
        elif self._timer is None:
            self._timer = call_later(_SECONDS, self.flush)
        return done

    def flush(self) -> None:
        """Commit what waits, in the database thread, once the records of the answers are made."""
        group = self._take()
        if not group:
            return
        self._under_way += len(group)
        committed, not_committed = partial(self._committed, group), partial(self._not_committed, group)
        if self._archiving is None:
            self._calls.start(lambda: self._commit(_finish(group)), committed, not_committed)
            return
        self._unfinished.append(group)
        ready = self._archiving.start(lambda: _finish(group))
        ready.add_done_callback(lambda _: self._unfinished.remove(group))
        self._calls.start_after(ready, self._commit, committed, not_committed)

    def flush_now(self) -> None:
        """Do the same where no event loop is running any more."""
        unfinished, self._unfinished = self._unfinished, []
        for group in (*unfinished, self._take()):
            if group:
                self._calls.attempt(partial(self._commit, _finish(group)))

    def _take(self) -> list[_Waiting]:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        group, self._group = self._group, []
        return group

    def _commit(self, batch: list[Finished]) -> Committed:
        try:
            return commit_and_look(self._run, batch, self._look)
        except NewscrawlError:
            raise
        except Exception:
            # An error of ours in one result must not take the others with it.
            logger.exception("a commit of %d results failed, each is tried alone", len(batch))
        found = [self._commit_alone(finished) for finished in batch]
        return found[-1]._replace(outcomes=[outcome for alone in found for outcome in alone.outcomes])

    def _commit_alone(self, finished: Finished) -> Committed:
        try:
            return commit_and_look(self._run, [finished], self._look)
        except NewscrawlError:
            raise
        except Exception as error:
            logger.exception("the result of %s cannot be committed", finished.lease.page.url)
            # A page that can have no outcome at all ends the run.
            failed = finished._replace(result=NoArticle(Outcome.ERROR, f"{type(error).__name__} at commit"))
            return commit_and_look(self._run, [failed], self._look)

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
            [(one.lease, outcome) for one, outcome in zip(group, outcomes, strict=True)], status
        )
        for one, outcome in zip(group, outcomes, strict=True):
            if not one.done.done():
                one.done.set_result(outcome)

    def _not_committed(self, group: list[_Waiting]) -> None:
        self._under_way -= len(group)
        for one in group:
            if not one.done.done():
                one.done.set_result(None)


def _finish(group: list[_Waiting]) -> list[Finished]:
    return finish([(one.lease, one.result, one.answer) for one in group])
