"""``scrapy runspider``: Scrapy's own, with an exit status that tells the truth."""

from __future__ import annotations

import argparse
from pathlib import Path

from scrapy.commands import runspider

from newscrawl.command_line import RunsCrawl
from newscrawl.exceptions import ArgumentError
from newscrawl.shown import shorten


class Command(RunsCrawl, runspider.Command):
    """Replaces Scrapy's command of the same name in this project."""

    name = "runspider"

    def check(self, args: list[str], opts: argparse.Namespace) -> None:
        if len(args) != 1 or not Path(args[0]).is_file():
            raise ArgumentError(
                f"expected the file of one spider, found {shorten(' '.join(args)) if args else 'none'}"
            )
