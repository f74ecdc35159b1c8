"""``scrapy head``: where the lines are, and what one looks like."""

from __future__ import annotations

import argparse
import os
import sys

from scrapy.commands import ScrapyCommand

from newscrawl.archive.versions import ARTICLES
from newscrawl.queue.opening import data_dir


class Command(ScrapyCommand):
    """Prints the files of the newest run and the first line of the newest file."""

    requires_project = True
    requires_crawler_process = False

    def short_desc(self) -> str:
        return "Show where the lines are and what one looks like"

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        assert self.settings is not None
        folder = data_dir(self.settings)
        files = sorted(folder.glob(f"{ARTICLES}/dt=*/*.jsonl"))
        if not files:
            print(f"scrapy head: expected lines in {folder / ARTICLES}, found none", file=sys.stderr)
            self.exitcode = 1
            return
        for path in files[-3:]:
            print(os.path.relpath(path))
        with files[-1].open(encoding="utf-8") as lines:
            print(lines.readline(), end="")
