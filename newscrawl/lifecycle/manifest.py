"""What a run did, as ``runs/<run_id>.json``."""

from __future__ import annotations

import json
import platform
from collections.abc import Collection, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import scrapy
from scrapy.settings import BaseSettings

from newscrawl import __version__
from newscrawl.archive.files import write_whole
from newscrawl.archive.segments import Segment
from newscrawl.codes import Outcome
from newscrawl.lifecycle.verdict import Verdict
from newscrawl.plan import Plan
from newscrawl.queue.counts import Counts
from newscrawl.queue.crawl_queue import CrawlQueue
from newscrawl.refine.calendars import calendars_version
from newscrawl.refine.dates import format_instant
from newscrawl.starts import starts_id

MANIFEST_SCHEMA = "newscrawl.run/1"

# Settings that change what a run does to a site or to the data.
_SETTINGS: dict[str, type] = {
    "USER_AGENT": str,
    "ROBOTSTXT_OBEY": bool,
    "CONCURRENT_REQUESTS": int,
    "CONCURRENT_REQUESTS_PER_DOMAIN": int,
    "DOWNLOAD_DELAY": float,
    "RETRY_TIMES": int,
    "BACKFILL_LAG": float,
}

# Counted apart, with the exceptions that belong to no page.
OUTCOMES = tuple(outcome for outcome in Outcome if outcome is not Outcome.ERROR)
_WARNING = "warnings/"
# More starts than these would make up most of a manifest.
_MOST_STARTS = 100


def write_manifest(
    queue: CrawlQueue,
    counts: Counts,
    verdict: Verdict,
    *,
    reason: str,
    settings: BaseSettings,
    stats: Mapping[str, Any],
    instruments: Collection[str],
    files: list[Segment],
) -> None:
    """Write the manifest. Raises OSError.

    ``reason`` is Scrapy's finish reason; ``instruments`` are those of the new lines of this process.
    """
    plan = queue.run.plan
    manifest: dict[str, object] = {
        "schema": MANIFEST_SCHEMA,
        "run_id": queue.run.run_id,
        "started_at": queue.run.started_at,
        "finished_at": format_instant(datetime.now(UTC)),
        "arguments": _arguments(plan, queue.segments.data_dir),
        "site": plan.origin.root,
        "settings": {name: _typed(settings, name) for name in _SETTINGS},
        "verdict": verdict._asdict(),
        "broken_promises": [] if counts.report is None else [kept._asdict() for kept in counts.report.broken],
        "finish_reason": reason,
        "counts": {
            "stories": counts.stories_read,
            "stories_met": counts.stories,
            **{str(outcome): counts.outcomes[outcome] for outcome in OUTCOMES},
            "exceptions": queue.exceptions + counts.outcomes[Outcome.ERROR],
            "waiting": counts.waiting + counts.leased,
            "locales": counts.locales,
            "instruments": len(instruments),
        },
        "warnings": {
            name.removeprefix(_WARNING): stats[name] for name in sorted(stats) if name.startswith(_WARNING)
        },
        "versions": {
            "newscrawl": __version__,
            "scrapy": scrapy.__version__,
            "python": platform.python_version(),
            "parser": plan.site.reader,
            # The tables of trading days are made from it.
            "exchange-calendars": calendars_version(),
        },
        "files": [segment.as_entry() for segment in files],
        "unpublished": queue.calls.attempt(lambda: queue.segments.unpublished(queue.run.run_id)),
    }
    text = json.dumps(manifest, ensure_ascii=False, indent=1) + "\n"
    write_whole(queue.segments.data_dir / "runs" / f"{queue.run.run_id}.json", [text.encode()])


def _arguments(plan: Plan, data_dir: Path) -> dict[str, str]:
    """Return the arguments; many starts are in a file of their own, once for all runs. Raises OSError."""
    arguments = plan.as_arguments()
    if len(plan.starts) <= _MOST_STARTS:
        return arguments
    path = data_dir / "runs" / f"starts-{starts_id(arguments['url'])}.txt"
    if not path.exists():
        write_whole(path, [f"{page.url}\n".encode() for page in plan.starts])
    return {**arguments, "url": f"@{path.relative_to(data_dir).as_posix()}"}


def _typed(settings: BaseSettings, name: str) -> str | int | float | bool:
    # On the command line every value is text.
    kind = _SETTINGS[name]
    if kind is bool:
        return settings.getbool(name)
    if kind is int:
        return settings.getint(name)
    return settings.getfloat(name) if kind is float else str(settings[name])
