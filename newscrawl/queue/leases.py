"""Which page is fetched next, and whose it is until its outcome is committed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from newscrawl.codes import Outcome, PageState, Via
from newscrawl.database.engine import Row, pairs
from newscrawl.database.schema import lock_run
from newscrawl.database.statements.pages import (
    END_PAGE,
    LEASE_PAGES,
    OWN_LEASES,
    RELEASE_EXPIRED,
    RELEASE_OWN,
    RELEASE_PAGE,
    RENEW_LEASES,
    SKIP_PAGES,
)
from newscrawl.queue import hosts, links
from newscrawl.queue.hosts import Budget, Grant
from newscrawl.queue.in_progress import MOST_CRASHES
from newscrawl.queue.runs import Run
from newscrawl.sites.base import Page

# After so many 304s in a row a page is asked for without validators: some servers repeat an ETag for
# changed content, and nothing else would tell.
MOST_NOT_MODIFIED = 7

# How many waiting pages one claim looks at at once, and how often, when most need not be asked for.
_MOST_LOOKED_AT = 512
_MOST_LOOKS = 20
# Workers of one run may have leases of different lengths, but hardly so different.
_LONGEST = 10


class Lease(NamedTuple):
    """One page, handed out to be fetched. ``token`` is what a later claim of it would change."""

    page: Page
    depth: int = 0
    via: str = Via.SEED
    referrer: str | None = None
    token: int = 0
    etag: str | None = None
    last_modified: str | None = None
    content_hash: str | None = None
    """Of the version that is known; None for a page never read, or withdrawn."""
    reader: str | None = None
    """Which reader that hash was made with."""
    archived: str | None = None
    """The body of the version that is known, where it was archived (``warc.records.Body``)."""
    crashes: int = 0
    """How often a process ended while it worked on the page, among others or alone."""


def claim_size(concurrency: int) -> int:
    """Return how many pages to claim at once for so many requests at a time.

    One for one: the order of such a crawl is always the same. Otherwise some ahead, because each claim is a
    transaction.
    """
    return 1 if concurrency <= 1 else 4 * concurrency


def claim(run: Run, count: int) -> list[Lease]:
    """Lease up to ``count`` pages, best first; fewer, or none, where no more wait now.

    Known articles that are too old to change are not leased: they are done at once, along their stored
    links.
    """
    return run.engine.transact(lambda: _claim(run, count), durable=False)


class Claimed(NamedTuple):
    """The pages that were leased, and when the host may be asked for them."""

    leases: list[Lease]
    grant: Grant
    has_looked: bool
    """Whether the host's budget had room for a page at all."""


def claim_in_turn(run: Run, budget: Budget, count: int, extra: int) -> Claimed:
    """Do the same, and reserve the moments in which the host may be asked for them.

    Where the host's budget limits requests, no more pages are leased than may be asked for, less ``extra``
    requests that wait for a moment already.
    """
    return run.engine.transact(lambda: _claim_in_turn(run, budget, count, extra), durable=False)


def renew(run: Run, held: Iterable[Lease], budget: Budget | None = None) -> None:
    """Keep the leases that this process holds from expiring, and its delay; release any other in its name.

    A process that cannot run does not renew.
    """
    tokens = {(lease.page.uid, lease.token) for lease in held}

    def work() -> None:
        _renew(run, tokens)
        if budget is not None:
            hosts.announce(run.engine, budget, run.engine.now())

    run.engine.transact(work, durable=False)


def give_back(run: Run) -> None:
    """Let all pages wait again that this process holds. For its end."""
    run.engine.transact(lambda: _give_back(run), durable=False)


def _claim_in_turn(run: Run, budget: Budget, count: int, extra: int) -> Claimed:
    engine = run.engine
    # First this lock, like everybody.
    lock_run(engine, run.run_id)
    now = engine.now()
    status = hosts.look(engine, budget, now)
    room = status.room()
    if room:
        status = hosts.look(engine, budget, now, lock=True)
        room = status.room()
    if room is None:
        return Claimed(_claim(run, count) if count else [], Grant(status), count > 0)
    extra = min(extra, room)
    wanted = min(count, room - extra)
    leases = _claim(run, wanted) if wanted else []
    return Claimed(leases, hosts.reserve(engine, budget, now, status, extra + len(leases)), wanted > 0)


def _claim(run: Run, count: int) -> list[Lease]:
    execute = run.engine.execute
    lock_run(run.engine, run.run_id)
    now = run.engine.now()
    # Its own are not among them, whatever the clock says: this process runs, and knows what it holds.
    # One that ends too far ahead was taken before the clock was set back, and nobody has renewed it.
    execute(
        RELEASE_EXPIRED,
        (run.run_id, run.holder, now.timestamp(), now.timestamp() + _LONGEST * run.lease_seconds),
    )
    leases: list[Lease] = []
    look = count
    for _ in range(_MOST_LOOKS):
        rows = execute(run.engine.statements.claim_waiting, (run.run_id, look))
        crashed = [row for row in rows if row[-1] >= MOST_CRASHES]
        _set_aside(run, crashed)
        rows = [row for row in rows if row[-1] < MOST_CRASHES]
        to_fetch = [row for row in rows if _must_ask(run, row, now)][: count - len(leases)]
        last = to_fetch[-1] if len(to_fetch) == count - len(leases) else None
        skipped = []
        for row in rows:
            if row is last:
                break
            if row not in to_fetch:
                skipped.append(row)
        _skip(run, skipped)
        leases += _lease(run, to_fetch, now)
        if len(leases) >= count or not (skipped or crashed):
            break
        look = min(look * 2, _MOST_LOOKED_AT)
    return leases


def _must_ask(run: Run, row: Row, now: datetime) -> bool:
    via, is_seed, version, published_at, first_seen_at = row[5], row[7], row[8], row[9], row[10]
    if version is None or via == Via.SEED or is_seed:
        return True
    return now - datetime.fromisoformat(published_at or first_seen_at) < run.plan.recheck


def _set_aside(run: Run, rows: Sequence[Row]) -> None:
    run.engine.executemany(
        END_PAGE,
        [
            (
                PageState.FAILED,
                Outcome.CRASHED,
                f"the process ended {row[-1]} times while it worked on this page",
                None,
                run.run_id,
                row[0],
            )
            for row in rows
        ],
    )


def _skip(run: Run, rows: Sequence[Row]) -> None:
    if not rows:
        return
    # What a pipeline dropped in an earlier run was never written.
    for outcome, uids in (
        (Outcome.SKIPPED, [row[0] for row in rows if row[8]]),
        (Outcome.DROPPED, [row[0] for row in rows if not row[8]]),
    ):
        if uids:
            run.engine.execute(SKIP_PAGES.of(uids), (PageState.DONE, outcome, run.run_id, *uids))
    links.follow(run.engine, run.run_id, run.plan, [(row[0], row[4]) for row in rows])


def _lease(run: Run, rows: Sequence[Row], now: datetime) -> list[Lease]:
    if not rows:
        return []
    uids = [row[0] for row in rows]
    tokens = pairs(
        run.engine.execute(
            LEASE_PAGES.of(uids),
            (PageState.LEASED, run.holder, now.timestamp() + run.lease_seconds, run.run_id, *uids),
        )
    )
    leases = []
    for row in rows:
        page, depth, via, referrer = Page(*row[:4]), row[4], row[5], row[6]
        version, etag, last_modified, unmodified, status, content_hash, reader = row[8], *row[11:17]
        archived, crashes = row[17:]
        asks_plainly = version is None or unmodified >= MOST_NOT_MODIFIED
        is_usable = status == "usable"
        leases.append(
            Lease(
                page=page,
                depth=depth,
                via=Via.RECHECK if version is not None and via != Via.SEED else via,
                referrer=referrer,
                token=tokens[page.uid],
                etag=None if asks_plainly else etag,
                last_modified=None if asks_plainly else last_modified,
                content_hash=content_hash if is_usable else None,
                reader=reader if is_usable else None,
                archived=archived,
                crashes=crashes,
            )
        )
    return leases


def _renew(run: Run, held: set[tuple[str, int]]) -> None:
    execute = run.engine.execute
    lock_run(run.engine, run.run_id)
    until = run.engine.now() + timedelta(seconds=run.lease_seconds)
    execute(RENEW_LEASES, (until.timestamp(), run.run_id, run.holder))
    own = execute(OWN_LEASES, (run.run_id, run.holder))
    forgotten = [(run.run_id, uid) for uid, token in own if (uid, token) not in held]
    run.engine.executemany(RELEASE_PAGE, forgotten)


def _give_back(run: Run) -> None:
    lock_run(run.engine, run.run_id)
    run.engine.execute(RELEASE_OWN, (run.run_id, run.holder))
