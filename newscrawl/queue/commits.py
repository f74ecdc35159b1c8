"""The outcome of a page in one transaction: its line, its version, and where it leads."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from newscrawl.archive.records import encode
from newscrawl.archive.translations import Twins
from newscrawl.archive.versions import LEADS_ON, REJECTED, Change, Known, on_article, on_gone, on_unmodified
from newscrawl.database.engine import Engine, marks
from newscrawl.database.schema import DONE, FAILED, lock_run
from newscrawl.items import Article, CrawlInfo, Miss, Rejection, Unmodified
from newscrawl.queue.leases import Lease
from newscrawl.queue.links import Reach
from newscrawl.refine.dates import format_instant

Outcome = Article | Rejection | Miss | Unmodified

# What `retry` puts back.
_FAILURES = ("rejected", "forbidden", "failed", "error")


class Commits:
    """Commits outcomes to one run, for the disk that its lines belong to."""

    def __init__(self, engine: Engine, run_id: str, reach: Reach, *, worker: str) -> None:
        self.engine = engine
        self.run_id = run_id
        self.worker = worker
        self._reach = reach

    def commit(self, batch: Sequence[tuple[Lease, Outcome]]) -> list[str]:
        """Commit the outcomes of leased pages in one durable transaction.

        Returns a word for each: read, unchanged, withdrawn, rejected, missing, forbidden, failed, error,
        or ``stale`` where the lease was lost and nothing was written.
        """
        return self.engine.transact(lambda: self._commit(batch))

    def _commit(self, batch: Sequence[tuple[Lease, Outcome]]) -> list[str]:
        execute, executemany = self.engine.execute, self.engine.executemany
        lock_run(self.engine, self.run_id)
        now = self.engine.now()
        # Other runs may know the same articles: one order for all, so that none waits in a circle.
        uids = sorted(lease.address.uid for lease, _ in batch)
        held = {
            uid: (token, depth)
            for uid, token, depth in execute(
                "SELECT uid, token, depth FROM page WHERE run_id = ? AND state = 1 "
                f"AND uid IN ({marks(uids)}) "
                f"ORDER BY uid {self.engine.lock_rows}",
                (self.run_id, *uids),
            )
        }
        known = self._known(uids)
        twins = Twins(self.engine, uids)
        words: list[str] = []
        pages: list[tuple[object, ...]] = []
        lines: list[tuple[object, ...]] = []
        versions: list[tuple[object, ...]] = []
        after: list[Known] = []
        grown: list[tuple[str, int]] = []
        for lease, outcome in batch:
            uid = lease.address.uid
            token, depth = held.get(uid, (None, 0))
            if token != lease.token:
                words.append("stale")
                continue
            # A page that was lost and leased again may have both its answers in one batch.
            del held[uid]
            if isinstance(outcome, Article):
                twins.check(outcome)
            crawl = CrawlInfo(self.run_id, depth, lease.via, lease.referrer)
            word, error, change, rejected = _weigh(outcome, known.get(uid), crawl, now)
            words.append(word)
            state = FAILED if word in _FAILURES else DONE
            # PostgreSQL takes no NUL in a text.
            pages.append((state, word, error and error.replace("\0", "\ufffd"), self.run_id, uid))
            if rejected is not None:
                lines.append(self._line(REJECTED, now, rejected))
            if change is None:
                continue
            after.append(change.known)
            if change.kind is not None:
                lines.append(self._line(change.kind, now, change.line))
            if change.word in ("read", "withdrawn"):
                versions.append((uid, change.known.version, self.run_id))
            if word in LEADS_ON:
                grown.append((uid, depth))
        executemany("UPDATE page SET state = ?, outcome = ?, error = ? WHERE run_id = ? AND uid = ?", pages)
        if versions:
            executemany("INSERT INTO version (uid, version, run_id) VALUES (?, ?, ?)", sorted(versions))
        if after:
            executemany(KNOWN_SQL, sorted(after))
        if lines:
            executemany("INSERT INTO line (worker, run_id, kind, day, content) VALUES (?, ?, ?, ?, ?)", lines)
        self._reach.expand(grown)
        return words

    def _line(self, kind: str, now: datetime, content: bytes) -> tuple[object, ...]:
        return (self.worker, self.run_id, kind, f"{now:%Y-%m-%d}", content)

    def _known(self, uids: Sequence[str]) -> dict[str, Known]:
        # Locked: a run that weighs against what another one is about to replace would count versions back.
        rows = self.engine.execute(
            f"SELECT {','.join(Known._fields)} FROM known WHERE uid IN ({marks(uids)}) "
            f"ORDER BY uid {self.engine.lock_rows}",
            uids,
        )
        return {row[0]: Known(*row) for row in rows}


def _weigh(
    outcome: Outcome, known: Known | None, crawl: CrawlInfo, now: datetime
) -> tuple[str, str | None, Change | None, bytes | None]:
    """Return an outcome's word, its error, what it changes, and the line of a rejection."""
    if isinstance(outcome, Article):
        outcome.crawl = crawl
        change = on_article(outcome, known, now)
        return change.word, None, change, None
    if isinstance(outcome, Rejection):
        outcome.crawl = crawl
        outcome.rejected_at = format_instant(now)
        return "rejected", f"{outcome.reason}: {outcome.detail}", None, encode(outcome)
    if isinstance(outcome, Unmodified):
        if known is None:
            return "failed", "HTTP 304 for a page that was never seen", None, None
        change = on_unmodified(known, now)
        return change.word, None, change, None
    if outcome.kind == "missing" and known is not None:
        change = on_gone(outcome, known, crawl, now)
        return change.word, outcome.reason, change, None
    return outcome.kind, outcome.reason, None, None


KNOWN_SQL = (
    f"INSERT INTO known ({','.join(Known._fields)}) VALUES ({marks(Known._fields)}) "
    "ON CONFLICT (uid) DO UPDATE SET "
    + ", ".join(f"{name} = excluded.{name}" for name in Known._fields if name != "uid")
)
