"""A few lines for the person who started a crawl."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from newscrawl.archive.files import ARCHIVE, ARTICLES, OBSERVATIONS, REJECTED
from newscrawl.codes import Outcome
from newscrawl.lifecycle.manifest import OUTCOMES

if TYPE_CHECKING:
    from newscrawl.lifecycle.run import RunLifecycle
    from newscrawl.queue.crawl_queue import CrawlQueue

_KINDS = (
    (ARTICLES, "articles", "line"),
    (OBSERVATIONS, "observed", "line"),
    (REJECTED, "rejected", "line"),
    (ARCHIVE, "archived", "answer"),
)
_ALWAYS_SHOWN = frozenset({Outcome.READ, Outcome.REJECTED, Outcome.FAILED})


def summary(lifecycle: RunLifecycle) -> str:
    """Return how a run ended and what it wrote, between two rules. The run must be finished."""
    verdict = lifecycle.verdict
    assert verdict is not None
    lines = [f"{verdict.word}: {verdict.text}"]
    if lifecycle.queue is not None:
        lines += _figures(lifecycle, lifecycle.queue)
    rule = "─" * min(78, max(len(line) for line in lines))
    return "\n".join([rule, *lines, rule])


def _figures(lifecycle: RunLifecycle, queue: CrawlQueue) -> list[str]:
    counts = lifecycle.counts
    folder = queue.segments.data_dir
    shown = os.path.relpath(folder)
    if shown.startswith(".."):
        shown = str(folder)
    lines = [f"run       {queue.run.run_id}"]
    for kind, name, noun in _KINDS:
        found = [part for part in lifecycle.files if part.path.startswith(f"{kind}/")]
        if found:
            days = ", ".join(sorted({part.path.split("/")[1] for part in found}))
            count = sum(part.lines for part in found)
            lines.append(f"{name}  {_plural(count, noun)} in {shown}/{kind}/ ({days})")
    locales = ", ".join(f"{name} {number}" for name, number in counts.locales.items())
    lines.append(
        f"stories   {counts.stories_read} read"
        + (f" ({locales})" if locales else "")
        + f", {_plural(len(lifecycle.instruments), 'instrument')} in new lines"
    )
    outcomes = [
        f"{counts.outcomes[outcome]} {outcome}"
        for outcome in OUTCOMES
        if counts.outcomes[outcome] or outcome in _ALWAYS_SHOWN
    ]
    lines.append("pages     " + ", ".join(outcomes))
    return lines


def _plural(count: int, noun: str) -> str:
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"
