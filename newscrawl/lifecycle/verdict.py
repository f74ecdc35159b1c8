"""How a run ended: a word, a sentence, and the exit status."""

from __future__ import annotations

import signal
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from newscrawl.codes import Outcome


class Verdict(NamedTuple):
    """``status`` is the process's exit status."""

    status: int
    word: str
    text: str


BAD_ARGUMENTS = "bad_arguments"
STATE_UNUSABLE = "state_unusable"
ALREADY_RUNNING = "already_running"
ALREADY_FINISHED = "already_finished"
NOT_BEGUN = "not_begun"
FEED_FAILED = "feed_failed"
RETRY_AFTER_TOO_LONG = "retry_after_too_long"
ROBOTS_UNREACHABLE = "robots_unreachable"
BLOCKED = "blocked"
DEGRADED = "degraded"
# Of a crawl that asked for everything: Scrapy's own, and what this project puts in its place.
_COMPLETE = ("finished", "failed", DEGRADED, FEED_FAILED)
# Scrapy's, for a signal or Crawler.stop_async(), and this project's where the spider was never closed.
_STOPPED = ("shutdown", "killed")


def judge(
    *,
    reason: str,
    signum: int | None,
    outcomes: Mapping[str, int],
    exceptions: int,
    failed_starts: Mapping[str, str],
    failure: str | None,
    waiting: int,
    ended: str | None = None,
    feed: str | None = None,
    withdrawn_starts: Sequence[str] = (),
    broken: Sequence[str] = (),
) -> Verdict:
    """Judge a run by why it closed, what was asked of it, and what became of its pages.

    ``reason`` is Scrapy's finish reason, ``signum`` the signal that this process got, ``outcomes`` the run's
    pages by what became of them, ``exceptions`` counts errors of our own, ``failed_starts`` are the starts
    that were never read, ``failure`` says why state or output could not be used, ``waiting`` counts pages not
    asked for yet, ``ended`` says why the run was ended before its time, ``feed`` which feed is not complete,
    ``withdrawn_starts`` are the starts that were read before and are gone, ``broken`` says, a sentence each,
    which promises about the data were not kept.
    """
    if failure is not None:
        return Verdict(1, "failed", failure)
    if reason == NOT_BEGUN:
        return Verdict(1, "failed", "the crawl could not be set up")
    if reason in _STOPPED:
        return _stopped(signum, f"{waiting} pages were still waiting")
    if exceptions:
        return Verdict(1, "failed", f"{exceptions} exceptions; see the log")
    if failed_starts:
        uid, what = next(iter(failed_starts.items()))
        return Verdict(1, "failed", f"the start {uid} cannot be read: {what}")
    if ended is not None:
        return Verdict(1, "failed", f"{ended}; {waiting} pages are waiting")
    if (too_many := _too_many_lost(outcomes)) is not None:
        return Verdict(1, "failed", too_many)
    if feed is not None:
        return Verdict(1, "failed", feed)
    if reason.startswith("closespider_"):
        early = Verdict(0, "done", f"ended early as asked ({reason}); {waiting} pages were waiting")
        return _degraded(early, withdrawn_starts, broken)
    if reason not in _COMPLETE:
        return Verdict(1, "failed", f"the run ended early: {reason.replace('_', ' ')}")
    if waiting:
        return Verdict(1, "failed", f"the run ended early: {waiting} pages are waiting")
    return _degraded(_done(outcomes), withdrawn_starts, broken)


def _degraded(done: Verdict, withdrawn_starts: Sequence[str], broken: Sequence[str]) -> Verdict:
    """Return the verdict of a run that is done, but for starts that are gone and broken promises."""
    parts = []
    if withdrawn_starts:
        uid, *others = withdrawn_starts
        which = f"{len(withdrawn_starts)} starts, one of them {uid}, are" if others else f"the start {uid} is"
        parts.append(f"{which} withdrawn (404 or 410); links that were known were followed")
    if broken:
        first, *others = broken
        more = f"; {len(others)} more promises broken, see `scrapy status --run`" if others else ""
        parts.append(f"{first}{more}")
    if not parts:
        return done
    return Verdict(4, DEGRADED, "; ".join([*parts, done.text]))


def _done(outcomes: Mapping[str, int]) -> Verdict:
    lost = sum(outcomes.get(outcome, 0) for outcome in (Outcome.FAILED, Outcome.FORBIDDEN, Outcome.CRASHED))
    if lost:
        return Verdict(0, "done", f"but {lost} pages could not be fetched; see `scrapy status`")
    if not outcomes.get(Outcome.READ) and not outcomes.get(Outcome.WITHDRAWN):
        return Verdict(0, "done", "nothing new")
    return Verdict(0, "done", "everything that was asked for")


def _too_many_lost(outcomes: Mapping[str, int]) -> str | None:
    """Return what is wrong where over half of the pages that came were no articles, or did not come."""
    read = sum(outcomes.get(outcome, 0) for outcome in (Outcome.READ, Outcome.UNCHANGED, Outcome.DROPPED))
    answered = read + outcomes.get(Outcome.MISSING, 0) + outcomes.get(Outcome.WITHDRAWN, 0)
    rejected, failed = outcomes.get(Outcome.REJECTED, 0), outcomes.get(Outcome.FAILED, 0)
    if rejected > read:
        return f"{rejected} of {read + rejected} pages were rejected"
    if rejected + failed > answered:
        return f"{rejected + failed} of {answered + rejected + failed} pages failed or were rejected"
    return None


def judge_refusal(reason: str, refusal: str | None, signum: int | None = None) -> Verdict:
    """Judge a run that did not begin; ``refusal`` says why, in one line."""
    if refusal is None and reason in _STOPPED:
        return _stopped(signum, "the run had not begun")
    text = refusal or "the crawl could not be set up"
    if reason == ALREADY_RUNNING:
        return Verdict(3, "running", text)
    if reason == ALREADY_FINISHED:
        return Verdict(0, "done", text)
    return Verdict(2 if reason == BAD_ARGUMENTS else 1, "failed", text)


def _stopped(signum: int | None, what: str) -> Verdict:
    if signum is None:
        # The status of SIGTERM, which asks for the same.
        return Verdict(128 + signal.SIGTERM, "stopped", f"by the program that ran it; {what}")
    return Verdict(128 + signum, "stopped", f"by {signal.Signals(signum).name}; {what}")
