"""What a script tells of its crawls on stdout, for the test that started it."""

from __future__ import annotations

import json
from typing import Any

from scrapy.crawler import Crawler

from newscrawl import exit_status


def tell(crawler: Crawler, name: str = "") -> int:
    """Print how a crawl ended, as one line of JSON; return its exit status."""
    status = exit_status(crawler)
    # A crawl that could not be set up has no statistics.
    stats = {} if crawler._stats is None else crawler.stats.get_stats()
    say(name=name, status=status, **{key: stats.get(key) for key in STATS})
    return status


STATS = ("newscrawl/verdict", "newscrawl/exit_status", "finish_reason")


def say(**what: Any) -> None:
    """Print one line of JSON."""
    print(json.dumps(what), flush=True)
