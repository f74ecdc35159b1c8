"""``scrapy publish``: put committed lines into files, also a lost worker's."""

from __future__ import annotations

import argparse
import sys

from scrapy.commands import ScrapyCommand

from newscrawl.archive.segments import Segments
from newscrawl.exceptions import NewscrawlError, StateError
from newscrawl.queue.opening import data_dir, open_existing, worker_name


class Command(ScrapyCommand):
    """Publishes to this disk what this disk's worker committed, or another one's."""

    requires_project = True
    requires_crawler_process = False

    def short_desc(self) -> str:
        return "Put committed lines into files; --worker takes over those of a lost worker"

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        super().add_options(parser)
        parser.add_argument("--worker", metavar="NAME", help="publish what this lost worker committed")

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        assert self.settings is not None
        try:
            worker = opts.worker or worker_name(self.settings)
            engine = open_existing(self.settings)
            segments = Segments(engine, data_dir(self.settings), worker)
            if not segments.lock_disk(exclusive=opts.worker is not None):
                raise StateError(
                    f"a process of the worker {worker} is running now: its lines are not to be moved"
                )
            if opts.worker is not None and not segments.knows_worker():
                raise StateError(f"expected a worker that committed lines, found none named {worker}")
            count = segments.publish()
            engine.close()
        except NewscrawlError as error:
            print(f"scrapy publish: {error}", file=sys.stderr)
            self.exitcode = 1
            return
        print(f"{count} files published for {worker}")
