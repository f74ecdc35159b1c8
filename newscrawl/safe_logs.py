"""Logs in which nothing that came from a page can steer the terminal on which they are read."""

from __future__ import annotations

import logging

from newscrawl.text.controls import show_lines


class SafeFormatter(logging.Formatter):
    """Another formatter whose output, tracebacks included, is escaped. Line ends stay."""

    def __init__(self, inner: logging.Formatter | None) -> None:
        super().__init__()
        self.inner = inner or logging.Formatter()

    def format(self, record: logging.LogRecord) -> str:
        """Return the text of a record."""
        return show_lines(self.inner.format(record))


def escape_logs() -> None:
    """Have all handlers of the root logger write escaped texts. Calling it again changes nothing.

    Messages are escaped where they are written and not where they are made, so Scrapy's, and those of a
    user's own pipeline, are covered too.
    """
    for handler in logging.root.handlers:
        if not isinstance(handler.formatter, SafeFormatter):
            handler.setFormatter(SafeFormatter(handler.formatter))
