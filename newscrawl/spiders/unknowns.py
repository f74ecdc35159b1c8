"""Keys and headings that no reader knows: each is logged once, so that somebody looks the same day."""

from __future__ import annotations

import logging

logger = logging.getLogger(__name__)

# A site that changed shows one new thing on every page; page text could show a new one on each.
_MOST = 50
_LONGEST = 80


class Unknowns:
    """Logs each unknown key or heading the first time it is met, up to a bounded number."""

    def __init__(self) -> None:
        self._seen: set[tuple[str, str]] = set()

    def note(self, code: str, text: str, url: str) -> None:
        """Log ``text``, found on the page at ``url``, unless it was logged before."""
        found = (code, text[:_LONGEST])
        if found in self._seen or len(self._seen) >= _MOST:
            return
        self._seen.add(found)
        logger.warning("%s %r on %s", code, found[1], url)
