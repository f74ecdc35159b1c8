"""``scrapy runspider``: Scrapy's own, with an exit status that tells the truth."""

from __future__ import annotations

from scrapy.commands import runspider

from newscrawl.command_line import RunsCrawl


class Command(RunsCrawl, runspider.Command):
    """Replaces Scrapy's command of the same name in this project."""

    name = "runspider"
