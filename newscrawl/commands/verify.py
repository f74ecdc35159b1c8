"""``scrapy verify``: lines, archive, manifests and state, held against each other."""

from __future__ import annotations

import argparse
import sys
from typing import TYPE_CHECKING

from scrapy.commands import ScrapyCommand

from newscrawl.exceptions import NewscrawlError, StateError
from newscrawl.queue.identity import siblings
from newscrawl.queue.opening import closed_on_error, data_dir, home_of, open_existing, worker_name
from newscrawl.shown import shorten

if TYPE_CHECKING:
    from newscrawl.replay.verifying import Verified


class Command(ScrapyCommand):
    """Reads everything and changes nothing.

    Exit status 0 where all agrees, 1 with the first ten findings, 2 for wrong arguments.
    """

    requires_project = True
    requires_crawler_process = False

    def short_desc(self) -> str:
        return "Check lines, archive, manifests and state against each other"

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        if args:
            print(f"scrapy verify: expected only options, found {shorten(' '.join(args))}", file=sys.stderr)
            self.exitcode = 2
            return
        try:
            found = self._verify()
        except (NewscrawlError, OSError) as error:
            print(f"scrapy verify: {error}", file=sys.stderr)
            self.exitcode = 1
            return
        except KeyboardInterrupt:
            self.exitcode = 130
            return
        walked = f"{found.files} files, {found.lines} articles, {found.records} archived answers"
        if not found.findings.count:
            print(f"{walked}: all in order")
            return
        for line in found.findings.report():
            print(line, file=sys.stderr)
        print(f"{walked}: {found.findings.count} findings")
        self.exitcode = 1

    def _verify(self) -> Verified:
        # A crawl imports all commands, and needs nothing of this.
        from newscrawl.replay.verifying import verify  # noqa: PLC0415
        from newscrawl.replay.verifying_state import StateFacts  # noqa: PLC0415

        assert self.settings is not None
        folder = data_dir(self.settings)
        if not folder.is_dir():
            raise NewscrawlError(f"expected a data folder, found none at {folder}")
        try:
            engine = open_existing(self.settings)
        except StateError as error:
            found = verify(folder, None)
            found.findings.add(error)
            return found
        with closed_on_error(engine):
            own = worker_name(self.settings)
            state = StateFacts(engine, siblings(home_of(engine, self.settings), own))
            found = verify(folder, state)
        engine.close()
        return found
