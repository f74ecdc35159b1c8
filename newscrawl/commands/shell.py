"""``scrapy shell``: Scrapy's own, without the queue."""

from __future__ import annotations

from scrapy.commands import shell

from newscrawl.command_line import LooksAtPages


class Command(LooksAtPages, shell.Command):
    """Replaces Scrapy's command of the same name in this project."""

    name = "shell"
