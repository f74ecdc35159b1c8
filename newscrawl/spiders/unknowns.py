"""What pages show that was never seen before: each told once, so that somebody looks the same day."""

from __future__ import annotations

import logging

logger = logging.getLogger(__name__)

# A site that changed shows one new thing on every page; page text could show a new one on each.
_MOST = 50
_LONGEST = 80


class Oddities:
    """Logs each unknown key or heading the first time it is met, up to a bounded number."""

    def __init__(self) -> None:
        self._seen: set[tuple[str, str]] = set()

    def note(self, code: str, text: str, where: str) -> None:
        """Tell of ``text`` on the page at ``where``, unless it was told before."""
        oddity = (code, text[:_LONGEST])
        if oddity in self._seen or len(self._seen) >= _MOST:
            return
        self._seen.add(oddity)
        logger.warning("%s %r, never seen before, on %s", code, oddity[1], where)
