"""Mentions and sessions alone: ``python -m benchmarks.mentions_sessions``.

Times ``find_mentions`` on made-up texts of usual length, and ``first_sessions`` for one market, against
the simplest code for the same: one pattern for a symbol in brackets, and the calendar's own
``minute_to_session`` and ``next_minute``. Prints median microseconds and ratios of the same run, and how
the time of ``find_mentions`` grows with a text that is all brackets.
"""

from __future__ import annotations

import importlib
import random
import re
import statistics
import warnings
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from time import perf_counter
from typing import Any

from newscrawl.refine.calendars import FIRST_DAY
from newscrawl.refine.sessions import first_sessions
from newscrawl.text.mentions import find_mentions

_ROUNDS = 7
_TEXTS = 200
_MOMENTS = 500
_DAY = date(2026, 5, 8)
_PATTERN = re.compile(r"\(([A-Z0-9.]+\.(?:HK|US|SH|SZ))\)")
_PLAIN = (
    "Shares of the owl maker rose 4.5% on Monday, the company said in a statement. Its sails sell well in "
    "the U.S. and in Europe, analysts wrote in a note to clients (see below), and margins (2.5%) improve."
)
_NAMED = (
    "Oracle (NYSE: ORCL) gained.",
    "Nvidia (NVDA) fell.",
    "A look at $TENCENT(00700.HK) today.",
    "阿里巴巴（09988.HK）上涨。",
    "[A quote](https://longbridge.com/en/quote/AAPL.US.md) and a fund (ETF).",
)


def main() -> None:
    """Run both comparisons and print them."""
    chance = random.Random(4)
    texts = [_text(chance) for _ in range(_TEXTS)]
    size = statistics.median(len(text.encode()) for text in texts)
    found = sum(len(find_mentions({"body": text}, ("NVDA.US",), _DAY)) for text in texts)
    print(f"{_TEXTS} texts of {size:.0f} bytes (median), {found / _TEXTS:.1f} mentions each")
    plain = "\n\n".join([_PLAIN] * 12).replace("(", "").replace(")", "")
    _compare(
        {
            "find_mentions": (lambda text: find_mentions({"body": text}, ("NVDA.US",), _DAY), texts),
            "  without any": (
                lambda text: find_mentions({"body": text}, ("NVDA.US",), _DAY),
                [plain] * _TEXTS,
            ),
            "one pattern": (_PATTERN.findall, texts),
        }
    )
    print("growth with the length of a text of brackets (linear: 4.0 each)")
    times = [_grown(length) for length in (62_500, 250_000, 1_000_000)]
    print("  " + ", ".join(f"{after / before:.1f}" for before, after in pairwise(times)))

    begin = datetime(2025, 1, 1, tzinfo=UTC)
    moments = [begin + timedelta(minutes=chance.randrange(700_000)) for _ in range(_MOMENTS)]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        started = perf_counter()
        first_sessions(["HK"], begin)
        ours = perf_counter()
        package: Any = importlib.import_module("exchange_calendars")
        calendar = package.get_calendar("XHKG", start=FIRST_DAY.isoformat(), side="left")
        theirs = perf_counter()
        print(f"{_MOMENTS} moments; to load, once: ours {(ours - started) * 1e3:.1f} ms, the package and its")
        print(f"  calendar {(theirs - ours) * 1e3:.0f} ms")
        _compare(
            {
                "first_sessions": (lambda moment: first_sessions(["HK"], moment), moments),
                "the calendar": (
                    lambda moment: calendar.minute_to_session(calendar.next_minute(moment)),
                    moments,
                ),
            }
        )


def _text(chance: random.Random) -> str:
    parts = [_PLAIN] * 12
    for named in chance.sample(_NAMED, 3):
        parts.insert(chance.randrange(len(parts)), named)
    return "\n\n".join(parts)


def _grown(length: int) -> float:
    text = "$A(A.US) (NYSE:B) " * (length // 18)
    return statistics.median(_time(lambda: find_mentions({"body": text}, (), _DAY)) for _ in range(3))


def _compare(ways: dict[str, tuple[Callable[[Any], object], list[Any]]]) -> None:
    # In turn, so that a slow moment of the machine affects all of them.
    figures: dict[str, list[float]] = {name: [] for name in ways}
    for _ in range(_ROUNDS):
        for name, (way, inputs) in ways.items():
            figures[name] += [_time(lambda way=way, given=given: way(given)) for given in inputs]  # type: ignore[misc]
    medians = {name: statistics.median(times) for name, times in figures.items()}
    first = next(iter(medians.values()))
    for name, median in medians.items():
        print(f"  {name:16} {median:8.1f} µs   {median / first:6.2f}")


def _time(call: Callable[[], object]) -> float:
    begin = perf_counter()
    call()
    return (perf_counter() - begin) * 1e6


if __name__ == "__main__":
    main()
