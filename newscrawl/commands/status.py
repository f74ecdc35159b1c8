"""``scrapy status``: what each crawl has done, what waits, what failed."""

from __future__ import annotations

import argparse
import sys
from datetime import UTC, datetime, timedelta

from scrapy.commands import ScrapyCommand

from newscrawl.exceptions import NewscrawlError
from newscrawl.queue.opening import open_existing
from newscrawl.queue.overview import CrawlOverview, overview
from newscrawl.starts import shorten_starts
from newscrawl.text.controls import show

# Of those that are withdrawn.
_MOST_STARTS = 10


class Command(ScrapyCommand):
    """Prints a few lines for each crawl of the state."""

    requires_project = True
    requires_crawler_process = False

    def short_desc(self) -> str:
        return "Show what each crawl has done, what waits, what failed"

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        assert self.settings is not None
        try:
            engine = open_existing(self.settings)
            found = overview(engine)
            engine.close()
        except NewscrawlError as error:
            print(show(f"scrapy status: {error}"), file=sys.stderr)
            self.exitcode = 1
            return
        now = datetime.now(UTC)
        print(
            f"{found.articles} articles, {found.versions} versions; newest published "
            f"{_when(found.newest_published_at, now)}; last seen {_when(found.last_seen_at, now)}"
        )
        for crawl in found.crawls:
            # Reasons of failures hold what a server said.
            print("\n" + "\n".join(map(show, _lines(crawl, now))))


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
