"""The count of a circuit breaker: how many requests in a row a host refused (``host_limiter`` does the rest).

A refusal is an answer that has nothing to do with the page: HTTP 401, 403, 429, 5xx and the like, no
connection, a redirect to another site, a page such as a login in place of an article (``Site.refuses``).
Where ``most`` of them come in a row, for three pages or more, the host is taken to refuse. Pages that failed
meanwhile wait again.
"""

from __future__ import annotations

from collections import Counter

# One or two pages that cannot be had, asked for again and again, say nothing of the host.
_PAGES = 3
_REFUSED = frozenset({401, 403, 407, 408, 425, 429, 451})


def is_refusal(status: int) -> bool:
    """Tell whether an HTTP status says that the host, and not the page, is the cause."""
    return status in _REFUSED or status >= 500


class Refusals:
    """The refusals in a row that one process met, and the pages that failed in between."""

    def __init__(self, most: int) -> None:
        """``most`` in a row make a host that refuses; with 0 nothing is counted."""
        self.most = most
        self.last = ""
        """What the host answered last."""
        self._met: Counter[str] = Counter()
        self._failed: set[str] = set()
        self._had_another_chance: set[str] = set()

    def add(self, uid: str, what: str) -> bool:
        """Count a refusal; tell whether the host is now taken to refuse."""
        self.last = what
        # A page that failed again after the host had answered others fails by itself.
        if self.most and uid not in self._had_another_chance:
            self._met[uid] += 1
        return 0 < self.most <= self._met.total() and len(self._met) >= min(_PAGES, self.most)

    def note_failed(self, uid: str) -> None:
        """Note that a page failed for good, as far as it can be told now."""
        if uid in self._met:
            self._failed.add(uid)

    def take_failed(self) -> set[str]:
        """Return the pages that failed only because the host refused, once it is known that it does."""
        failed, self._failed = self._failed - self._had_another_chance, set()
        self._had_another_chance |= failed
        return failed

    def end(self, uid: str | None = None) -> set[str]:
        """Begin anew because the host answered, for this page; return pages that are worth another try.

        Those that failed before this page, which had been refused too, came after all: a short outage looks
        like that. Each gets it once.
        """
        if not self._met:
            return set()
        again = self._failed - self._had_another_chance if uid is None or uid in self._met else set()
        self._had_another_chance |= again
        self._met.clear()
        self._failed = set()
        return again
