"""``scrapy view``: Scrapy's own, without the queue."""

from __future__ import annotations

from scrapy.commands import view

from newscrawl.command_line import LooksAtPages


class Command(LooksAtPages, view.Command):
    """Replaces Scrapy's command of the same name in this project."""

    name = "view"
