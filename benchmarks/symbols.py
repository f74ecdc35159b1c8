"""Resolving a symbol: ``python -m benchmarks.symbols``.

Times ``resolve`` on thousands of different symbols, so that no cache could help: codes of every range, and
US tickers. For comparison, in the same run, ``datetime.fromisoformat``, which costs next to nothing; and the
lookup in the table alone against a scan of it from its first row. Prints the median microseconds and the
ratios.
"""

from __future__ import annotations

import random
import statistics
from collections.abc import Callable, Sequence
from datetime import date, datetime
from string import ascii_uppercase
from time import perf_counter

from newscrawl.symbols import resolve
from newscrawl.symbols.tables import Range, find_range, read_table

_SYMBOLS = 20_000
_ROUNDS = 5
_ON = date(2026, 5, 8)


def main() -> None:
    """Run the comparison and print it."""
    rows = [row for row in read_table() if row.first.isdigit()]
    chance = random.Random(20260508)
    codes = [_code(rows, chance) for _ in range(_SYMBOLS)]
    tickers = ["".join(chance.choices(ascii_uppercase, k=chance.randint(1, 5))) + ".US" for _ in codes]
    times = [f"2026-05-08T{n // 3600:02}:{n // 60 % 60:02}:{n % 60:02}+00:00" for n in range(_SYMBOLS)]
    works: dict[str, tuple[Callable[[str], object], list[str]]] = {
        "resolve, codes": (lambda symbol: resolve(symbol, _ON), codes),
        "resolve, US tickers": (lambda symbol: resolve(symbol, _ON), tickers),
        "fromisoformat": (datetime.fromisoformat, times),
        "lookup alone": (_look_up, codes),
        "scan of the table": (lambda symbol: _scan(rows, symbol), codes),
    }
    figures: dict[str, list[float]] = {name: [] for name in works}
    for _ in range(_ROUNDS):
        # In turn, so that a slow moment of the machine affects all of them.
        for name, (work, texts) in works.items():
            figures[name] += _time(work, texts)
    print(f"{_SYMBOLS} symbols each, {_ROUNDS} rounds, {len(rows)} ranges")
    medians = {name: statistics.median(taken) for name, taken in figures.items()}
    for name, taken in figures.items():
        worst = statistics.quantiles(taken, n=100)[98]
        print(f"  {name:20} {medians[name]:6.2f} µs at the median, 99 % below {worst:.2f}")
    print(f"  resolve, codes, to fromisoformat  {medians['resolve, codes'] / medians['fromisoformat']:5.1f}")
    print(
        f"  scan, to lookup alone             {medians['scan of the table'] / medians['lookup alone']:5.1f}"
    )


def _code(rows: Sequence[Range], chance: random.Random) -> str:
    row = chance.choice(rows)
    number = chance.randint(max(1, int(row.first)), int(row.last))
    return f"{number:0{len(row.first)}}.{row.market}"


def _look_up(symbol: str) -> Range | None:
    code, _, market = symbol.rpartition(".")
    return find_range(market, int(code), _ON)


def _scan(rows: Sequence[Range], symbol: str) -> Range | None:
    code, _, market = symbol.rpartition(".")
    for row in rows:
        if row.market == market and row.first <= code <= row.last and row.is_valid(_ON):
            return row
    return None


def _time(work: Callable[[str], object], texts: Sequence[str]) -> list[float]:
    taken = []
    for text in texts:
        begin = perf_counter()
        work(text)
        taken.append((perf_counter() - begin) * 1e6)
    return taken


if __name__ == "__main__":
    main()
