"""Which page is fetched next, and whose it is until its outcome is committed."""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from newscrawl.archive.versions import MOST_UNMODIFIED
from newscrawl.database.engine import Engine, Row, marks, pairs
from newscrawl.database.schema import lock_run
from newscrawl.plan import Plan
from newscrawl.queue.links import Reach
from newscrawl.sites.longbridge.address import Address

# How many waiting pages one claim looks at at once, and how often, when most need not be asked for.
_MOST_LOOKED_AT = 512
_MOST_LOOKS = 20
# Workers of one run may have leases of different lengths, but hardly so different.
_LONGEST = 10


class Lease(NamedTuple):
    """One page, handed out to be fetched. ``token`` is what a later claim of it would change."""

    address: Address
    depth: int = 0
    via: str = "seed"
    referrer: str | None = None
    token: int = 0
    etag: str | None = None
    last_modified: str | None = None


class Leases:
    """Hands out the pages of one run to one process, for so many seconds at a time."""

    def __init__(
        self, engine: Engine, run_id: str, plan: Plan, reach: Reach, *, worker: str, seconds: float
    ) -> None:
        self.engine = engine
        self.run_id = run_id
        self.plan = plan
        self.seconds = seconds
        self._reach = reach
        # A process of its own, whatever the worker: a restart must not pass for the process it follows.
        self._holder = f"{worker}/{secrets.token_hex(4)}"

    def claim(self, count: int) -> list[Lease]:
        """Lease up to ``count`` pages, best first; fewer, or none, where no more wait now.

        Known articles that are too old to change are not leased: they are done at once, along their
        stored links.
        """
        return self.engine.transact(lambda: self._claim(count), durable=False)

    def _claim(self, count: int) -> list[Lease]:
        execute = self.engine.execute
        lock_run(self.engine, self.run_id)
        now = self.engine.now()
        # Its own are not among them, whatever the clock says: this process runs, and knows what it holds.
        # One that ends too far ahead was taken before the clock was set back, and nobody has renewed it.
        execute(
            "UPDATE page SET state = 0 WHERE run_id = ? AND state = 1 AND holder <> ? "
            "AND NOT lease_until BETWEEN ? AND ?",
            (self.run_id, self._holder, now.timestamp(), now.timestamp() + _LONGEST * self.seconds),
        )
        leases: list[Lease] = []
        look = count
        for _ in range(_MOST_LOOKS):
            rows = execute(_WAITING_SQL + self.engine.skip_locked, (self.run_id, look))
            to_fetch = [row for row in rows if self._must_ask(row, now)][: count - len(leases)]
            last = to_fetch[-1] if len(to_fetch) == count - len(leases) else None
            kept = []
            for row in rows:
                if row is last:
                    break
                if row not in to_fetch:
                    kept.append(row)
            self._keep(kept)
            leases += self._lease(to_fetch, now)
            if len(leases) >= count or not kept:
                break
            look = min(look * 2, _MOST_LOOKED_AT)
        return leases

    def _must_ask(self, row: Row, now: datetime) -> bool:
        via, seed, version, published_at, first_seen_at = row[2], row[5], row[6], row[7], row[8]
        if version is None or via == "seed" or seed:
            return True
        born = datetime.fromisoformat(published_at or first_seen_at)
        return now - born < self.plan.recheck

    def _keep(self, rows: Sequence[Row]) -> None:
        if not rows:
            return
        uids = [row[0] for row in rows]
        self.engine.execute(
            f"UPDATE page SET state = 2, outcome = 'kept' WHERE run_id = ? AND uid IN ({marks(uids)})",
            (self.run_id, *uids),
        )
        self._reach.expand([(row[0], row[1]) for row in rows])

    def _lease(self, rows: Sequence[Row], now: datetime) -> list[Lease]:
        if not rows:
            return []
        uids = [row[0] for row in rows]
        tokens = pairs(
            self.engine.execute(
                "UPDATE page SET state = 1, token = token + 1, holder = ?, lease_until = ?, "
                f"attempts = attempts + 1 WHERE run_id = ? AND uid IN ({marks(uids)}) RETURNING uid, token",
                (self._holder, now.timestamp() + self.seconds, self.run_id, *uids),
            )
        )
        leases = []
        for uid, depth, via, referrer, _, _, version, _, _, etag, last_modified, unmodified in rows:
            asks_plainly = version is None or unmodified >= MOST_UNMODIFIED
            leases.append(
                Lease(
                    address=_address(uid),
                    depth=depth,
                    via="recheck" if version is not None and via != "seed" else via,
                    referrer=referrer,
                    token=tokens[uid],
                    etag=None if asks_plainly else etag,
                    last_modified=None if asks_plainly else last_modified,
                )
            )
        return leases

    def renew(self, held: Iterable[Lease]) -> None:
        """Keep the leases that this process holds from expiring; let go of any other in its name.

        A process that cannot run does not renew.
        """
        tokens = {(lease.address.uid, lease.token) for lease in held}
        self.engine.transact(lambda: self._renew(tokens), durable=False)

    def _renew(self, held: set[tuple[str, int]]) -> None:
        execute = self.engine.execute
        lock_run(self.engine, self.run_id)
        until = self.engine.now() + timedelta(seconds=self.seconds)
        execute(
            "UPDATE page SET lease_until = ? WHERE run_id = ? AND state = 1 AND holder = ?",
            (until.timestamp(), self.run_id, self._holder),
        )
        own = execute(
            "SELECT uid, token FROM page WHERE run_id = ? AND state = 1 AND holder = ?",
            (self.run_id, self._holder),
        )
        forgotten = [(self.run_id, uid) for uid, token in own if (uid, token) not in held]
        self.engine.executemany("UPDATE page SET state = 0 WHERE run_id = ? AND uid = ?", forgotten)

    def give_back(self, leases: Iterable[Lease]) -> None:
        """Let pages wait again that were leased and not asked for."""
        rows = [(self.run_id, lease.address.uid, lease.token) for lease in leases]
        if rows:
            self.engine.transact(lambda: self._give_back(rows), durable=False)

    def _give_back(self, rows: Sequence[tuple[str, str, int]]) -> None:
        lock_run(self.engine, self.run_id)
        self.engine.executemany(
            "UPDATE page SET state = 0, attempts = attempts - 1 "
            "WHERE run_id = ? AND uid = ? AND token = ? AND state = 1",
            rows,
        )


def _address(uid: str) -> Address:
    _, id_, locale = uid.split(":")
    return Address(id_, locale)


_WAITING_SQL = (
    "SELECT p.uid, p.depth, p.via, p.referrer, p.story, p.referrer IS NULL, k.version, k.published_at, "
    "k.first_seen_at, k.etag, k.last_modified, k.unmodified "
    "FROM page p LEFT JOIN known k ON k.uid = p.uid WHERE p.run_id = ? AND p.state = 0 "
    "ORDER BY p.depth, p.story, p.uid LIMIT ? "
)
