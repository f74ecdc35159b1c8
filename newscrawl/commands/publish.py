"""``scrapy publish``: put committed lines into files, also a lost worker's."""

from __future__ import annotations

import argparse
import sys

from scrapy.commands import ScrapyCommand
from scrapy.settings import BaseSettings

from newscrawl.archive.segments import Segments
from newscrawl.exceptions import NewscrawlError, StateError
from newscrawl.queue.identity import settle, siblings
from newscrawl.queue.opening import closed_on_error, data_dir, home_of, open_existing, worker_name
from newscrawl.text.controls import show


class Command(ScrapyCommand):
    """Publishes to this disk what this disk's worker committed, or another one's."""

    requires_project = True
    requires_crawler_process = False

    def short_desc(self) -> str:
        return "Put committed lines into files; --worker takes over those of a lost worker"

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        super().add_options(parser)
        parser.add_argument(
            "--worker",
            metavar="NAME",
            help="publish what this lost worker committed, or bind this folder's own, whose disk was moved",
        )

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        assert self.settings is not None
        try:
            count, worker = self._publish(self.settings, opts.worker)
        except NewscrawlError as error:
            print(show(f"scrapy publish: {error}"), file=sys.stderr)
            self.exitcode = 1
            return
        print(f"{count} files published for {worker}")

    def _publish(self, settings: BaseSettings, taken: str | None) -> tuple[int, str]:
        own = worker_name(settings)
        engine = open_existing(settings)
        with closed_on_error(engine):
            home = home_of(engine, settings)
            segments = Segments(engine, data_dir(settings), own)
            is_moved = taken == own
            for name in siblings(home, own) if is_moved else [own]:
                _lock(segments, name, is_alone=is_moved)
            settle(home, own, is_moved=is_moved)
            if taken is not None and not is_moved:
                if not segments.knows_worker(taken):
                    raise StateError(f"expected a worker that committed lines, found none named {taken}")
                _lock(segments, taken, is_alone=True)
                segments.take_over(taken)
            count = segments.publish()
        engine.close()
        return count, taken or own


def _lock(segments: Segments, worker: str, *, is_alone: bool) -> None:
    if not segments.lock_disk(worker if is_alone else None):
        raise StateError(f"a process of the worker {worker} is running now: its lines are not to be moved")
