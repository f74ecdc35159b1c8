"""``scrapy retry``: let pages that failed be asked for again."""

from __future__ import annotations

import argparse
import sys

from scrapy.commands import ScrapyCommand

from newscrawl.exceptions import NewscrawlError
from newscrawl.queue.opening import open_existing
from newscrawl.queue.overview import retry_failed
from newscrawl.text.controls import show


class Command(ScrapyCommand):
    """Puts the failed pages of each crawl's last run back; the same crawl command resumes it."""

    requires_project = True
    requires_crawler_process = False

    def short_desc(self) -> str:
        return "Put failed pages back; the same crawl command then asks for them again"

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        assert self.settings is not None
        try:
            engine = open_existing(self.settings)
            count = retry_failed(engine)
            engine.close()
        except NewscrawlError as error:
            print(show(f"scrapy retry: {error}"), file=sys.stderr)
            self.exitcode = 1
            return
        print(f"{count} failed pages wait again")
