"""``scrapy fetch``: Scrapy's own, without the queue."""

from __future__ import annotations

from scrapy.commands import fetch

from newscrawl.command_line import LooksAtPages


class Command(LooksAtPages, fetch.Command):
    """Replaces Scrapy's command of the same name in this project."""

    name = "fetch"
