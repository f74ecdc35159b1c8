"""``scrapy rebuild``: rebuild a lost or damaged state from the lines."""

from __future__ import annotations

import argparse
import sys

from scrapy.commands import ScrapyCommand

from newscrawl.archive.files import note_published, unusable
from newscrawl.archive.rebuild import rebuild, set_aside
from newscrawl.database.connect import connect
from newscrawl.exceptions import NewscrawlError, StateError, StateLost
from newscrawl.queue.identity import read_disk
from newscrawl.queue.opening import (
    closed_on_error,
    data_dir,
    open_existing,
    sqlite_path,
    state_url,
    worker_name,
)
from newscrawl.spiders.news import sites_of
from newscrawl.text.controls import show


class Command(ScrapyCommand):
    """Reads the published articles into a new state; a damaged one is renamed."""

    requires_project = True
    requires_crawler_process = False

    def short_desc(self) -> str:
        return "Rebuild a lost or damaged state from the published lines"

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        try:
            self._rebuild()
        except NewscrawlError as error:
            print(show(f"scrapy rebuild: {error}"), file=sys.stderr)
            self.exitcode = 1

    def _rebuild(self) -> None:
        assert self.settings is not None
        url = state_url(self.settings)
        try:
            engine = open_existing(self.settings)
            try:
                engine.check()
            finally:
                engine.close()
        except StateLost:
            pass
        else:
            raise StateError(
                "the state is in order; there is nothing to rebuild (move it away first where it is "
                "another folder's, or older than the lines)"
            )
        path = sqlite_path(url)
        aside = set_aside(path) if path is not None else None
        if aside is not None:
            print(f"the damaged state was renamed to {aside}")
        folder = data_dir(self.settings)
        worker, disk = worker_name(self.settings), read_disk(folder)
        try:
            # The new state knows what is there now, which may be less than what ever was.
            note_published(folder, 0)
        except OSError as error:
            raise unusable(folder, error) from None
        engine = connect(url)
        with closed_on_error(engine):
            identity = None if disk is None else disk.state
            count = rebuild(engine, folder, sites_of(self.settings), worker=worker, identity=identity)
        engine.close()
        print(f"{count} lines were read into a new state")
