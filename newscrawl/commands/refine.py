"""``scrapy refine``: the published lines with today's conclusions, in another folder."""

from __future__ import annotations

import argparse
import secrets
import shutil
import sys
from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from scrapy.commands import ScrapyCommand

from newscrawl.archive.files import ARTICLES, OBSERVATIONS, write_whole
from newscrawl.archive.records import encode
from newscrawl.archive.refining import Differences, refine_file
from newscrawl.checked_settings import backfill_lag
from newscrawl.exceptions import ArgumentError, NewscrawlError
from newscrawl.queue.opening import data_dir, reference_dir
from newscrawl.reference import use, version
from newscrawl.shown import shorten
from newscrawl.sites.base import Site
from newscrawl.spiders.news import sites_of
from newscrawl.text.controls import show

if TYPE_CHECKING:
    from newscrawl.replay.refining import RevisedReadings

_KINDS = (OBSERVATIONS, ARTICLES)


class Rules(NamedTuple):
    """What lines are refined with: the sites that they may come from, by name, and BACKFILL_LAG."""

    sites: Mapping[str, Site]
    lag: timedelta


class Command(ScrapyCommand):
    """Refines every published article again; the data folder itself is only read.

    Exit status 0 where all is well, 1 for a line or a folder that cannot be used, 2 for wrong arguments.
    """

    requires_project = True
    requires_crawler_process = False

    def syntax(self) -> str:
        return "[--out DIR] [--diff]"

    def short_desc(self) -> str:
        return "Refine the published lines again with today's tables, into another folder"

    def long_desc(self) -> str:
        return (
            "Fill the concluded fields of all published articles again, from what their pages printed, with "
            "today's code and tables. --out writes the lines to DIR/articles, which must not be there yet, "
            "under the names of their files; the data folder stays as it is. "
            "-s BACKFILL_LAG=HOURS applies another lag. --diff prints how many lines "
            "would change, field by field. Revised readings (observations/ of `scrapy replay --adopt`) are "
            "refined like lines, and written to DIR/observations; other observations are left alone, "
            "although they hold instruments, too."
        )

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        super().add_options(parser)
        parser.add_argument("--out", metavar="DIR", help="write DIR/articles/dt=…/*.jsonl")
        parser.add_argument(
            "--diff", action="store_true", help="print what changes; without --out nothing is written"
        )

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        assert self.settings is not None
        folder = data_dir(self.settings)
        use(reference_dir(self.settings))
        try:
            # A damaged list is named before anything is read.
            version()
            out = _check(args, opts, folder)
            lag = backfill_lag(self.settings)
            differences = Differences()
            rules = Rules(sites_of(self.settings), lag)
            _refine(folder, _files(folder), rules, out, differences)
        except (NewscrawlError, OSError) as error:
            print(show(f"scrapy refine: {error}"), file=sys.stderr)
            self.exitcode = 2 if isinstance(error, ArgumentError) else 1
            return
        except KeyboardInterrupt:
            print("scrapy refine: stopped, nothing was written", file=sys.stderr)
            self.exitcode = 130
            return
        if opts.diff:
            print("\n".join(differences.report()))
        if out is not None:
            print(f"{differences.lines} lines written to {out}")


def _check(args: Sequence[str], opts: argparse.Namespace, folder: Path) -> Path | None:
    """Return where to write, None for nowhere. Raises ArgumentError."""
    if args:
        raise ArgumentError(f"expected only options, found {shorten(' '.join(args))}")
    if opts.out is None:
        if not opts.diff:
            raise ArgumentError("expected --out DIR or --diff, found neither")
        return None
    if not opts.out.strip():
        raise ArgumentError("expected a folder after --out, found none")
    out = Path(opts.out)
    # Links may lead to the data from either side.
    published = {
        folder.resolve(),
        *(path.resolve() for kind in _KINDS for path in folder.glob(f"{kind}/dt=*")),
    }
    published |= {(folder / kind).resolve() for kind in _KINDS}
    for place in (out.resolve(), *((out / kind).resolve() for kind in _KINDS)):
        if any(place == data or data in place.parents for data in published):
            raise ArgumentError(f"expected --out outside of the data folder {folder}, found {opts.out}")
    for kind in _KINDS:
        if (out / kind).exists():
            raise ArgumentError(f"expected a folder without {kind}/ after --out, found {opts.out}")
    return out


def _files(folder: Path) -> list[Path]:
    files = sorted(folder.glob(f"{ARTICLES}/dt=*/*.jsonl"))
    if not files:
        raise NewscrawlError(f"expected lines in {folder / ARTICLES}, found none")
    return files


def _refine(
    folder: Path, files: Sequence[Path], rules: Rules, out: Path | None, differences: Differences
) -> None:
    """Refine all files, compare, and write them where ``out`` says: all of them, or none."""
    # A crawl imports all commands, and needs nothing of this.
    from newscrawl.replay.refining import RevisedReadings  # noqa: PLC0415

    with RevisedReadings(folder, rules.sites, rules.lag) as revised:
        if out is None:
            for path in files:
                for _ in _lines(path, rules, differences, revised):
                    pass
            return
        # Where a line is damaged, nothing of the files before it should be left.
        for left in out.glob(".refine-*"):
            # Of a process that was killed.
            shutil.rmtree(left, ignore_errors=True)
        aside = out / f".refine-{secrets.token_hex(4)}"
        try:
            for path in files:
                lines = _lines(path, rules, differences, revised)
                write_whole(aside / ARTICLES / path.parent.name / path.name, lines)
            for name, refined in revised.files():
                write_whole(aside / name, refined)
            for kind in _KINDS:
                if (aside / kind).exists():
                    (aside / kind).rename(out / kind)
        finally:
            shutil.rmtree(aside, ignore_errors=True)


def _lines(path: Path, rules: Rules, differences: Differences, revised: RevisedReadings) -> Iterator[bytes]:
    for before, after in refine_file(path, rules.sites, rules.lag):
        differences.add(before, after)
        for one, other in revised.refine(before):
            differences.add(one, other)
        yield encode(after)
