"""Logs in which nothing that came from a page can steer the terminal on which they are read."""

from __future__ import annotations

import copy
import logging

from newscrawl.text.controls import show_lines


class SafeFormatter(logging.Formatter):
    """Another formatter, given escaped messages and tracebacks. Line ends stay, and so do its colours."""

    def __init__(self, inner: logging.Formatter | None) -> None:
        super().__init__()
        self.inner = inner or logging.Formatter()

    def format(self, record: logging.LogRecord) -> str:
        """Return the text of a record."""
        safe = copy.copy(record)
        safe.msg, safe.args = show_lines(record.getMessage()), None
        if record.exc_info:
            # The formatter takes a text that is there already.
            safe.exc_text = show_lines(self.inner.formatException(record.exc_info))
        elif record.exc_text:
            safe.exc_text = show_lines(record.exc_text)
        if record.stack_info:
            safe.stack_info = show_lines(record.stack_info)
        return self.inner.format(safe)


def escape_logs() -> None:
    """Have all handlers of the root logger write escaped texts. Calling it again changes nothing.

    Messages are escaped where they are written and not where they are made, so Scrapy's, and those of a
    user's own pipeline, are covered too.
    """
    for handler in logging.root.handlers:
        if not isinstance(handler.formatter, SafeFormatter):
            handler.setFormatter(SafeFormatter(handler.formatter))
