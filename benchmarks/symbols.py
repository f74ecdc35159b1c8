"""What resolving a symbol takes: ``python -m benchmarks.symbols``.

Each symbol is resolved once, in a process that has read the tables and seen none of them. Prints the median
and the 99th percentile in microseconds, and the ratio to reading one date with python-dateutil in the same
run.
"""

from __future__ import annotations

import statistics
from datetime import date
from time import perf_counter

from dateutil.parser import isoparse

from newscrawl.fields.symbols import resolve

_ON = date(2026, 5, 8)


def main() -> None:
    """Time each form of symbol and print it."""
    resolve("00700.HK", _ON)
    forms = {
        "Hong Kong": [f"{number:05}.HK" for number in range(1, 99_999, 37)],
        "mainland": [f"{number}.SH" for number in range(600_000, 605_999, 5)],
        "Beijing, old codes": [f"{number}.BJ" for number in range(830_001, 839_999, 9)],
        "United States": [f"{a}{b}{c}.US" for a in "ABCDEFGH" for b in "KLMNOPQR" for c in "STUVWXYZ"],
    }
    date_time = statistics.median(_time(lambda: isoparse("2026-05-08T14:18:31.000Z")) for _ in range(2_000))
    print(f"isoparse             {date_time:6.2f} µs")
    for name, symbols in forms.items():
        times = sorted(_time(lambda symbol=symbol: resolve(symbol, _ON)) for symbol in symbols)
        median, slow = statistics.median(times), times[len(times) * 99 // 100]
        print(f"{name:20} {median:6.2f} µs, p99 {slow:5.2f} µs, {median / date_time:4.2f} of isoparse")


def _time(work: object) -> float:
    assert callable(work)
    begin = perf_counter()
    work()
    return (perf_counter() - begin) * 1e6


if __name__ == "__main__":
    main()
