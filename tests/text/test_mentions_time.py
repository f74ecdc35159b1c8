"""The time that finding mentions takes grows with the texts, not with their square."""

from __future__ import annotations

import gc
import time
from datetime import date

import pytest

from newscrawl.text.mentions import find_mentions

pytestmark = pytest.mark.slow

DAY = date(2026, 5, 8)
TAGGED = ("A.US", "NVDA.US", "700.HK", "1810.HK", "9618.HK")
REPEATED = [
    "0700.HK ",
    "00700.HK",
    "0700.HK/",
    "A.US/B.US/",
    "NVDA.US ",
    "A.US, ",
    "AAPL.US\n ",
    "A 9988.HK ",
    ".HK",
    "A.",
    "A",
    "0",
    "-",
    " ",
    "(",
    "(a",
    "(A,",
    "(A & ",
    "(NYSE:",
    "(NYSE:A)",
    "(NVDA)",
    "(NVDA, ",
    "(NVDA,A,B,C,D,E,F,G,H,I)",
    "(A / B and C)",
    "(0700)",
    "X (0700) ",
    "(00700) ",
    "-W (09988)",
    "（美：AAPL）",
    "(A及B）",
    "(9618 HK)",
    "(A.O)",
    "(NVDA – Get ",
    " – Get Free Report)",
    "Tencent Tencent (0700)",
    "Tencent ",
    "A-",
    "$",
    "$A",
    "$a(",
    "$A(A.US)",
    "$A.US  ",
    "$NVDA ",
    "stock code: ",
    "stock code: 1810 ",
    "(stock code: 1810 ",
    "代码：1810 ",
    "代",
    "[",
    "[st]ST/US/",
    "[st]ST/US/A#",
    "[st]ST/US/NVDA#x[/st]",
    "[](https://longbridge.com/quote/",
    "](",
    '](a "',
    "`",
    "``a`",
    "\n```\n",
    "\n~~~",
    "<",
    "<a",
    "https://",
    "www.",
]


def listed(symbol: str, day: date) -> tuple[str, ...]:
    return ("Tencent Holdings Ltd", "A B C D E F G H I J") if day == DAY and symbol else ()


def _seconds(text: str) -> float:
    """Processor time of this thread alone: neither other processes nor the garbage of other tests count."""
    texts = {"title": text, "body": text}
    gc.disable()
    try:
        started = time.thread_time()
        find_mentions(texts, TAGGED, DAY, listed)
        return time.thread_time() - started
    finally:
        gc.enable()


@pytest.mark.parametrize("piece", REPEATED, ids=lambda piece: ascii(piece)[:30])
def test_repetition_takes_linear_time(piece: str) -> None:
    """Four times the text may take four times as long; sixteen times would be quadratic.

    What is fast anyway says nothing: below the floor the machine is measured. The least of several times is
    what the search takes.
    """
    short = piece * (60_000 // len(piece))
    large = _seconds(4 * short)
    for _ in range(10):
        if large < 0.25 or large / _seconds(short) < 10:
            return
        large = min(large, _seconds(4 * short))
    pytest.fail(f"four times the text took over ten times as long, and never less than {large:.2f} s")
