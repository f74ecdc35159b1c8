"""``scrapy status``: what each crawl has done, what waits, what failed."""

from __future__ import annotations

import argparse
import sys
from datetime import UTC, datetime, timedelta

from scrapy.commands import ScrapyCommand

from newscrawl.database.engine import Engine
from newscrawl.exceptions import NewscrawlError, StateError
from newscrawl.promises.assessing import read_report
from newscrawl.promises.showing import coverage_lines, promise_lines
from newscrawl.queue.opening import closed_on_error, open_existing
from newscrawl.queue.overview import CrawlOverview, overview
from newscrawl.spiders.news import sites_of
from newscrawl.starts import shorten_starts
from newscrawl.text.controls import show

# Of those that are withdrawn.
_MOST_STARTS = 10
# Ten years: the site is not older.
_MOST_DAYS = 3_650


class Command(ScrapyCommand):
    """Prints a few lines for each crawl of the state."""

    requires_project = True
    requires_crawler_process = False

    def short_desc(self) -> str:
        return "Show what each crawl has done, what waits, what failed"

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        super().add_options(parser)
        which = parser.add_mutually_exclusive_group()
        which.add_argument("--run", metavar="ID", help="how a run kept its promises about the data")
        which.add_argument(
            "--coverage",
            nargs="?",
            const=30,
            type=_days,
            metavar="DAYS",
            help="how much of the site's news is in the data, for each of the last DAYS (30)",
        )

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        assert self.settings is not None
        now = datetime.now(UTC)
        try:
            engine = open_existing(self.settings)
            with closed_on_error(engine):
                if opts.run is not None:
                    lines = _promises(engine, opts.run)
                elif opts.coverage is not None:
                    since = now.date() - timedelta(days=opts.coverage)
                    sites = sites_of(self.settings)
                    lines = engine.read(lambda: list(coverage_lines(engine, sites, since)))
                else:
                    found = overview(engine)
            engine.close()
        except NewscrawlError as error:
            print(show(f"scrapy status: {error}"), file=sys.stderr)
            self.exitcode = 1
            return
        if opts.run is not None or opts.coverage is not None:
            print("\n".join(lines) if lines else "nothing is known of these days")
            return
        print(
            f"{found.articles} articles, {found.versions} versions; newest published "
            f"{_when(found.newest_published_at, now)}; last seen {_when(found.last_seen_at, now)}"
        )
        for crawl in found.crawls:
            # Reasons of failures hold what a server said.
            print("\n" + "\n".join(map(show, _lines(crawl, now))))


def _days(text: str) -> int:
    if text.isascii() and text.isdigit() and 0 < int(text[:9]) <= _MOST_DAYS:
        return int(text)
    raise argparse.ArgumentTypeError(f"expected a number of days from 1 to {_MOST_DAYS}, found {text[:60]!r}")


def _promises(engine: Engine, run_id: str) -> list[str]:
    promises = engine.read(lambda: read_report(engine, run_id))
    if promises is None:
        raise StateError(f"expected the id of a run that has ended, found {run_id!r}")
    return list(promise_lines(promises))


def _lines(crawl: CrawlOverview, now: datetime) -> list[str]:
    # States of earlier versions have all starts.
    shown = {**crawl.arguments, "url": shorten_starts(crawl.arguments["url"])}
    arguments = " ".join(f"-a {name}={value}" for name, value in shown.items())
    done = ", ".join(f"{count} {word}" for word, count in sorted(crawl.pages.items())) or "none"
    end = f"; {crawl.verdict} {_when(crawl.finished_at, now)}" if crawl.verdict else ""
    lines = [
        arguments,
        f"  started   {_when(crawl.first_started_at, now)}",
        f"  last run  {crawl.run_id}, {crawl.state}, begun {_when(crawl.started_at, now)}{end}",
        f"  pages     {done}; {crawl.waiting} queued, {crawl.leased} leased",
        f"  written   {crawl.versions} versions; {crawl.stories} stories in the last run",
    ]
    lines += [f"  withdrawn the start {uid}" for uid in crawl.withdrawn_starts[:_MOST_STARTS]]
    if (more := len(crawl.withdrawn_starts) - _MOST_STARTS) > 0:
        lines.append(f"  withdrawn {more} more starts")
    lines += [f"  dropped   {count} × {reason}" for reason, count in crawl.dropped]
    return lines + [f"  failed    {count} × {reason}" for reason, count in crawl.failed]


def _when(moment: str | None, now: datetime) -> str:
    if moment is None:
        return "never"
    return f"{moment[:16]}Z ({_ago(now - datetime.fromisoformat(moment))})"


def _ago(age: timedelta) -> str:
    minutes = int(age.total_seconds()) // 60
    if minutes < 1:
        return "just now"
    if minutes < 120:
        return f"{minutes} min ago"
    return f"{minutes // 60} h ago" if minutes < 2880 else f"{minutes // 1440} days ago"
