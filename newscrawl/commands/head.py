"""``scrapy head``: where the lines are, and what some look like."""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Iterator, Sequence
from itertools import count, islice
from pathlib import Path
from typing import Any

from scrapy.commands import ScrapyCommand

from newscrawl.archive.files import ARTICLES
from newscrawl.exceptions import DamagedLine, NewscrawlError
from newscrawl.queue.opening import data_dir
from newscrawl.shown import shorten
from newscrawl.text.controls import show

_MOST_FILES = 5
# No line of ours is longer: a page has 1 MB unless DOWNLOAD_MAXSIZE is raised.
_LONGEST_LINE = 64 * 1024 * 1024
_CHUNK = 1024 * 1024


class Command(ScrapyCommand):
    """Prints the files of the newest run, and the first lines from the newest file on."""

    requires_project = True
    requires_crawler_process = False

    def syntax(self) -> str:
        return "[options]"

    def short_desc(self) -> str:
        return "Show where the lines are and what one looks like"

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        super().add_options(parser)
        parser.add_argument(
            "--json", action="store_true", help="print the lines themselves and nothing else, e.g. for jq"
        )
        parser.add_argument("-n", type=_number, default=1, metavar="N", help="how many lines (default: 1)")

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        assert self.settings is not None
        folder = data_dir(self.settings) / ARTICLES
        try:
            files = _newest_first(folder)
            lines = islice(_lines(files), opts.n)
            if opts.json:
                _print_json(lines)
            else:
                _print_cards(files, lines)
            sys.stdout.flush()
        except BrokenPipeError:
            # The reader (``| head``) has closed the pipe. Python would report it once more when it ends.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        except (NewscrawlError, OSError) as error:
            print(show(f"scrapy head: {error}"), file=sys.stderr)
            self.exitcode = 1


def _newest_first(folder: Path) -> list[Path]:
    # Their names begin with the time at which a run began.
    files = sorted(folder.glob("dt=*/*.jsonl"), key=lambda path: path.name, reverse=True)
    if not files:
        raise NewscrawlError(f"expected lines in {folder}, found none")
    return files


def _print_json(lines: Iterator[tuple[str, dict[str, Any]]]) -> None:
    from newscrawl.card import safe_json  # noqa: PLC0415  # a crawl imports all commands, and needs no rich

    for text, _ in lines:
        sys.stdout.buffer.write(safe_json(text).encode() + b"\n")


def _print_cards(files: Sequence[Path], lines: Iterator[tuple[str, dict[str, Any]]]) -> None:
    from newscrawl.card import Whereabouts, card, guide, show  # noqa: PLC0415  # see above

    newest = [path for path in files if _run_of(path) == _run_of(files[0])]
    shown = [(os.path.relpath(path), _count_lines(path)) for path in newest[:_MOST_FILES]]
    show(Whereabouts(shown, more=len(newest) - len(shown)))
    for _, line in lines:
        show("", card(line))
    show("", guide())


def _run_of(path: Path) -> str:
    return path.stem.rpartition("-")[0]


def _count_lines(path: Path) -> int:
    with path.open("rb") as file:
        return sum(chunk.count(b"\n") for chunk in iter(lambda: file.read(_CHUNK), b""))


def _lines(files: Sequence[Path]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield each line of some files as it stands there and as it is read, one at a time."""
    for path in files:
        with path.open("rb") as file:
            for number in count(1):
                content = file.readline(_LONGEST_LINE)
                if not content:
                    break
                try:
                    text = content.decode().rstrip("\r\n")
                    line = json.loads(text)
                except (ValueError, RecursionError):
                    line = None
                if not isinstance(line, dict):
                    raise DamagedLine(
                        f"{os.path.relpath(path)}:{number}: expected a JSON object, found a damaged line"
                    )
                yield text, line


def _number(text: str) -> int:
    number = int(text) if text.isascii() and text.isdecimal() else 0
    if number < 1:
        raise argparse.ArgumentTypeError(f"expected a whole number from 1, found {shorten(text)}")
    return number
