"""What is known of a run when it is judged."""

from __future__ import annotations

from typing import TYPE_CHECKING

from newscrawl.codes import Outcome
from newscrawl.lifecycle import verdict as verdicts
from newscrawl.lifecycle.verdict import Verdict

if TYPE_CHECKING:
    from newscrawl.lifecycle.feeds import Feeds
    from newscrawl.queue.counts import Counts
    from newscrawl.queue.crawl_queue import CrawlQueue


def judge_run(
    queue: CrawlQueue,
    counts: Counts,
    feeds: Feeds | None,
    reason: str,
    signum: int | None,
    ended: str | None,
) -> Verdict:
    """Judge a run that was begun, see ``verdict.judge``."""
    return verdicts.judge(
        reason=reason,
        signum=signum,
        outcomes=counts.outcomes,
        exceptions=queue.exceptions + counts.outcomes[Outcome.ERROR],
        failed_starts=counts.failed_starts,
        failure=queue.failure,
        waiting=counts.waiting + counts.leased,
        ended=ended,
        feed=None if feeds is None else feeds.failure(),
        withdrawn_starts=counts.withdrawn_starts,
        broken=[] if counts.report is None else [kept.sentence for kept in counts.report.broken],
    )
