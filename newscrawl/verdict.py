"""How a run ended: a word, a sentence, and the exit status."""

from __future__ import annotations

import signal
from collections.abc import Mapping
from typing import NamedTuple

from newscrawl.codes import Outcome


class Verdict(NamedTuple):
    """``status`` is the process's exit status."""

    status: int
    word: str
    text: str


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
) -> Verdict:
    """Judge a run by why it closed, what was asked of it, and what became of its pages.

    ``reason`` is Scrapy's finish reason, ``outcomes`` the run's pages by what became of them,
    ``exceptions`` counts errors of our own, ``failed_starts`` are the starts that were never read,
    ``failure`` says why state or output could not be used, ``waiting`` counts pages not asked for yet,
    ``ended`` says why the run was ended before its time.
    """
    if failure is not None:
        return Verdict(1, "failed", failure)
    if signum is not None:
        name = signal.Signals(signum).name
        return Verdict(128 + signum, "stopped", f"by {name}; {waiting} pages were still waiting")
    if exceptions:
        return Verdict(1, "failed", f"{exceptions} exceptions; see the log")
    if failed_starts:
        uid, what = next(iter(failed_starts.items()))
        return Verdict(1, "failed", f"the start {uid} cannot be read: {what}")
    read = outcomes.get(Outcome.READ, 0) + outcomes.get(Outcome.UNCHANGED, 0)
    rejected, failed = outcomes.get(Outcome.REJECTED, 0), outcomes.get(Outcome.FAILED, 0)
    answered = read + outcomes.get(Outcome.MISSING, 0) + outcomes.get(Outcome.WITHDRAWN, 0)
    if rejected > read:
        return Verdict(1, "failed", f"{rejected} of {read + rejected} pages were rejected")
    if ended is not None:
        return Verdict(1, "failed", f"{ended}; {waiting} pages are waiting")
    if rejected + failed > answered:
        what = f"{rejected + failed} of {answered + rejected + failed} pages failed or were rejected"
        return Verdict(1, "failed", what)
    if reason.startswith("closespider_"):
        return Verdict(0, "done", f"ended early as asked ({reason}); {waiting} pages were waiting")
    if reason != "finished":
        return Verdict(1, "failed", f"the run ended early: {reason.replace('_', ' ')}")
    lost = failed + outcomes.get(Outcome.FORBIDDEN, 0) + outcomes.get(Outcome.CRASHED, 0)
    if lost:
        return Verdict(0, "done", f"but {lost} pages could not be fetched; see `scrapy status`")
    if not outcomes.get(Outcome.READ) and not outcomes.get(Outcome.WITHDRAWN):
        return Verdict(0, "done", "nothing new")
    return Verdict(0, "done", "everything that was asked for")


def judge_refusal(reason: str, refusal: str | None, signum: int | None = None) -> Verdict:
    """Judge a run that did not begin; ``refusal`` says why, in one line."""
    if signum is not None and refusal is None:
        return Verdict(128 + signum, "stopped", f"by {signal.Signals(signum).name} before the run began")
    text = refusal or f"the run did not begin ({reason})"
    if reason == "already_running":
        return Verdict(3, "running", text)
    if reason == "already_finished":
        return Verdict(0, "done", text)
    return Verdict(1, "failed", text)
