"""``scrapy replay``: archived pages with today's reader, in another folder, or as the data from now on."""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from scrapy.commands import ScrapyCommand

from newscrawl.checked_settings import backfill_lag
from newscrawl.exceptions import AlreadyRunning, ArgumentError, NewscrawlError
from newscrawl.queue.opening import data_dir, reference_dir
from newscrawl.reference import use, version
from newscrawl.shown import shorten
from newscrawl.spiders.news import sites_of
from newscrawl.text.controls import show

if TYPE_CHECKING:
    from newscrawl.replay.adoption import Adopted
    from newscrawl.replay.importing import Imported
    from newscrawl.replay.reading import Rules
    from newscrawl.replay.replaying import Report

_DAY = re.compile(r"[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])")


# Where argparse keeps what was given.
_PLACES = {"since": "since", "until": "until", "run": "run_id", "diff": "diff", "adopt": "adopt"}


class Command(ScrapyCommand):
    """Reads archived pages again; without ``--adopt`` no state is opened and the data folder stays as it is.

    Exit status 0 where all is well, 1 where nothing can be read or written, 2 for wrong arguments, 3 where a
    crawl runs beside an adoption, 4 where a part of the archive is damaged or a field that was filled would
    be empty.
    """

    requires_project = True
    requires_crawler_process = False

    def syntax(self) -> str:
        return "[--since DAY] [--until DAY] [--run ID] [--warc FILE …] [--out DIR] [--diff] [--adopt]"

    def short_desc(self) -> str:
        return "Read archived pages again with today's reader, into another folder or to adopt them"

    def long_desc(self) -> str:
        return (
            "Read the archived pages of published lines again, also those that were rejected, with today's "
            "reader and refinement, without a network. --out writes DIR/articles and DIR/rejected, which "
            "must not be there yet. --diff prints how many lines would change, field by field; exit status 4 "
            "tells that a field that was filled would be empty. --since and --until choose days of lines "
            "(UTC), --run one run. --adopt makes the new reading the data: further versions where the text "
            "changed, lines of observations/ where only other fields did; what is published stays as it is. "
            "--warc reads pages of the same addresses from archives of other crawlers."
        )

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        super().add_options(parser)
        parser.add_argument("--since", metavar="DAY", help="the first day of lines, e.g. 2026-11-23")
        parser.add_argument("--until", metavar="DAY", help="the last day of lines")
        parser.add_argument("--run", metavar="ID", dest="run_id", help="the lines of this run only")
        parser.add_argument("--out", metavar="DIR", help="write DIR/articles/dt=…/*.jsonl and DIR/rejected")
        parser.add_argument(
            "--warc",
            nargs="+",
            metavar="FILE",
            help="read these archives of other crawlers, not the data folder",
        )
        parser.add_argument(
            "--diff", action="store_true", help="print what changes; without --out nothing is written"
        )
        parser.add_argument(
            "--adopt", action="store_true", help="add what is read otherwise to the data, through the state"
        )
        parser.add_argument(
            "--allow-loss",
            action="store_true",
            help="with --adopt: also where a field becomes empty, or pages cannot be read any more",
        )

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        assert self.settings is not None
        use(reference_dir(self.settings))
        try:
            # A damaged list is named before anything is read.
            version()
            adopted = self._adopt(opts) if _check(args, opts) else None
            report = adopted.report if adopted is not None else self._replay(opts)
        except (NewscrawlError, OSError) as error:
            print(show(f"scrapy replay: {error}"), file=sys.stderr)
            self.exitcode = _STATUS.get(type(error), 1)
            return
        except KeyboardInterrupt:
            left = "the same command goes on" if opts.adopt else "nothing was written"
            print(f"scrapy replay: stopped, {left}", file=sys.stderr)
            self.exitcode = 130
            return
        for line in report.findings.report():
            print(f"scrapy replay: {line}", file=sys.stderr)
        is_loss = opts.diff and self._tell_differences(report)
        if adopted is not None:
            is_loss = adopted.is_loss
        for text in report.notes() if adopted is None else adopted.notes():
            print(show(text))
        if opts.out is not None:
            print(f"{report.articles} articles and {report.rejected} rejected pages written to {opts.out}")
        if report.findings.count or is_loss:
            self.exitcode = 4

    def _tell_differences(self, report: Report | Imported) -> bool:
        from newscrawl.replay.replaying import Report  # noqa: PLC0415

        assert isinstance(report, Report)
        print("\n".join(report.differences.report()))
        return report.differences.is_loss

    def _adopt(self, opts: argparse.Namespace) -> Adopted:
        from newscrawl.replay.adoption import adopt  # noqa: PLC0415
        from newscrawl.replay.chunks import Wanted  # noqa: PLC0415

        assert self.settings is not None
        wanted = Wanted(opts.since, opts.until, opts.run_id)
        return adopt(self.settings, wanted, self._rules(), allows_loss=opts.allow_loss)

    def _replay(self, opts: argparse.Namespace) -> Report | Imported:
        # A crawl imports all commands, and needs nothing of this.
        from newscrawl.replay.chunks import Wanted  # noqa: PLC0415
        from newscrawl.replay.importing import import_archives  # noqa: PLC0415
        from newscrawl.replay.output import Output, check_out  # noqa: PLC0415
        from newscrawl.replay.replaying import replay  # noqa: PLC0415

        assert self.settings is not None
        folder = data_dir(self.settings)
        wanted = Wanted(opts.since, opts.until, opts.run_id)
        rules = self._rules()
        if opts.out is None:
            return replay(folder, wanted, rules, None)
        report: Report | Imported
        with Output(check_out(opts.out, folder)) as output:
            if opts.warc is not None:
                report = import_archives([Path(name) for name in opts.warc], rules, output)
            else:
                report = replay(folder, wanted, rules, output)
            output.finish()
        return report

    def _rules(self) -> Rules:
        from newscrawl.replay.reading import Rules  # noqa: PLC0415

        assert self.settings is not None
        most = self.settings.getint("DOWNLOAD_MAXSIZE")
        return Rules(sites_of(self.settings), backfill_lag(self.settings), most)


_STATUS: dict[type[Exception], int] = {ArgumentError: 2, AlreadyRunning: 3}


def _check(args: Sequence[str], opts: argparse.Namespace) -> bool:
    """Tell whether this is an adoption. Raises ArgumentError."""
    if args:
        raise ArgumentError(f"expected only options, found {shorten(' '.join(args))}")
    for name in ("since", "until"):
        day = getattr(opts, name)
        if day is not None and not _DAY.fullmatch(day):
            raise ArgumentError(f"expected a day such as 2026-11-23 after --{name}, found {shorten(day)}")
    if opts.warc is not None:
        given = [f"--{name}" for name, place in _PLACES.items() if getattr(opts, place)]
        if given:
            raise ArgumentError(f"expected --warc with --out alone, found {' and '.join(given)}")
        if opts.out is None:
            raise ArgumentError("expected --out DIR with --warc, found none")
    if opts.allow_loss and not opts.adopt:
        raise ArgumentError("expected --allow-loss with --adopt, found it without")
    if opts.adopt:
        if opts.out is not None or opts.diff:
            raise ArgumentError("expected --adopt without --out and --diff, found one of them")
        return True
    if opts.out is None and not opts.diff:
        raise ArgumentError("expected --out DIR, --diff or --adopt, found none of them")
    return False
