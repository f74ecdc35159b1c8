"""How a run ended, in a word, a sentence and an exit status that a scheduler can act on."""

from __future__ import annotations

import signal
from collections.abc import Mapping
from typing import NamedTuple


class Verdict(NamedTuple):
    """``status`` is the process's exit status."""

    status: int
    word: str
    text: str


def judge(
    *,
    reason: str,
    signum: int | None,
    counts: Mapping[str, int],
    failed_starts: Mapping[str, str],
    output_error: str | None,
    waiting: int,
) -> Verdict:
    """Judge a run by why it closed, what was asked of it, and what became of its pages.

    ``reason`` is Scrapy's finish reason, ``counts`` the frontier's outcomes, ``failed_starts`` the
    starts that gave no article, ``waiting`` the pages not asked for yet.
    """
    if output_error is not None:
        return Verdict(1, "failed", output_error)
    if signum is not None:
        name = signal.Signals(signum).name
        return Verdict(128 + signum, "stopped", f"by {name}; {waiting} pages were still waiting")
    if counts.get("exceptions"):
        return Verdict(1, "failed", f"{counts['exceptions']} exceptions; see the log")
    if failed_starts:
        uid, what = next(iter(failed_starts.items()))
        return Verdict(1, "failed", f"the start {uid} cannot be read: {what}")
    read, rejected = counts.get("read", 0), counts.get("rejected", 0)
    if rejected > read:
        return Verdict(1, "failed", f"{rejected} of {read + rejected} pages were rejected")
    if reason.startswith("closespider_"):
        return Verdict(0, "done", f"ended early as asked ({reason}); {waiting} pages were waiting")
    if reason != "finished":
        return Verdict(1, "failed", f"the run ended early: {reason.replace('_', ' ')}")
    lost = counts.get("failed", 0) + counts.get("forbidden", 0)
    if lost:
        return Verdict(0, "done", f"but {lost} pages could not be fetched; see the log")
    return Verdict(0, "done", "everything that was asked for")
