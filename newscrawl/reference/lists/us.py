"""The lists of the United States: Nasdaq Trader's symbol directory, and the regulator's list of companies."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import date, datetime

from newscrawl.reference.listing import Listing
from newscrawl.reference.lists.snapshot import ListError, Snapshot, clean_name, snapshot, text_of
from newscrawl.reference.lists.us_names import issuer_of, kind_of

NASDAQ_HEADER = (
    "Symbol|Security Name|Market Category|Test Issue|Financial Status|Round Lot Size|ETF|NextShares"
)
OTHER_HEADER = "ACT Symbol|Security Name|Exchange|CQS Symbol|ETF|Round Lot Size|Test Issue|NASDAQ Symbol"
SEC_FIELDS = ["cik", "name", "ticker", "exchange"]

# The letters of the directory. U, and whatever comes new, is no listing.
_EXCHANGES = {"A": "XASE", "N": "XNYS", "P": "ARCX", "Z": "BATS", "V": "IEXG"}
_SEC_MICS = {"Nasdaq": "XNAS", "CBOE": "BATS"}
_SEC_VENUES = frozenset({"Nasdaq", "NYSE", "CBOE", "OTC"})

# Share classes carry a dot here. Other endings (`$A`, `-PA`, `.WS`) have no spelling that is certain.
_TICKER = re.compile(r"[A-Z]{1,5}(?:\.[A-Z])?")
_SEC_TICKER = re.compile(r"[A-Z]{1,5}(?:-[A-Z])?")
_FOOTER = re.compile(r"File Creation Time: ?([0-9]{8})\|?[ 0-9]*")
_CIK = re.compile(r"[0-9]{1,10}")


def read_nasdaq(content: bytes) -> Snapshot:
    """Read ``nasdaqlisted.txt``: what is listed on Nasdaq. Raises ListError."""
    lines, day = _lines(content, NASDAQ_HEADER, "nasdaqlisted.txt")
    rows, skipped = [], 0
    for symbol, name, _category, test, _status, _lot, etf, _next in lines:
        row = _listed(symbol, name, test, etf, "XNAS", "nasdaq")
        rows.append(row) if row is not None else None
        skipped += row is None
    return snapshot(rows, day, skipped)


def read_others(content: bytes) -> Snapshot:
    """Read ``otherlisted.txt``: what is listed on the other exchanges. Raises ListError."""
    lines, day = _lines(content, OTHER_HEADER, "otherlisted.txt")
    rows, skipped = [], 0
    for symbol, name, exchange, _cqs, etf, _lot, test, _nasdaq in lines:
        mic = _EXCHANGES.get(exchange)
        row = None if mic is None else _listed(symbol, name, test, etf, mic, "nyse_and_others")
        rows.append(row) if row is not None else None
        skipped += row is None
    return snapshot(rows, day, skipped)


def read_sec(content: bytes) -> Snapshot:
    """Read ``company_tickers_exchange.json``: issuer, number and venue of each ticker. Raises ListError.

    It tells no type: shares, notes and funds of one issuer are alike in it.
    """
    try:
        found = json.loads(text_of(content, "company_tickers_exchange.json"))
        fields, data = found["fields"], found["data"]
    except (ValueError, KeyError, TypeError, RecursionError):
        raise ListError('expected JSON with "fields" and "data", found something else') from None
    if fields != SEC_FIELDS or not isinstance(data, list):
        raise ListError(f"expected the fields {SEC_FIELDS}, found {str(fields)[:80]}")
    rows, skipped = [], 0
    for values in data:
        if not (isinstance(values, list) and len(values) == len(SEC_FIELDS)):
            raise ListError(f"expected {len(SEC_FIELDS)} values in each row, found {str(values)[:80]}")
        row = of_sec(*values)
        rows.append(row) if row is not None else None
        skipped += row is None
    return snapshot(rows, None, skipped)


def of_sec(cik: object, name: object, ticker: object, exchange: object) -> Listing | None:
    """Return the row for one of the regulator's; None for a ticker whose spelling here is not certain."""
    number = str(cik).lstrip("0")
    if not (isinstance(ticker, str) and _SEC_TICKER.fullmatch(ticker) and _CIK.fullmatch(number)):
        return None
    venue = exchange if isinstance(exchange, str) and exchange in _SEC_VENUES else None
    return Listing(
        f"{ticker.replace('-', '.')}.US",
        clean_name(str(name or "")),
        mic=_SEC_MICS.get(venue or ""),
        venue=venue,
        cik=number,
        source="sec",
    )


def _lines(content: bytes, header: str, where: str) -> tuple[Iterator[list[str]], date]:
    lines = text_of(content, where).splitlines()
    if not lines or lines[0] != header:
        raise ListError(f"expected the header {header} in {where}, found {(lines or [''])[0][:120]!r}")
    footer = _FOOTER.match(lines[-1])
    if footer is None:
        # Without its last line the file was cut.
        raise ListError(f"expected File Creation Time at the end of {where}, found {lines[-1][:80]!r}")
    try:
        day = datetime.strptime(footer[1], "%m%d%Y").date()  # noqa: DTZ007 - a day, without a time
    except ValueError:
        raise ListError(f"expected a day in the last line of {where}, found {lines[-1][:80]!r}") from None
    return _cells(lines[1:-1], header.count("|") + 1, where), day


def _cells(lines: list[str], count: int, where: str) -> Iterator[list[str]]:
    for number, line in enumerate(lines, 2):
        cells = line.split("|")
        if len(cells) != count:
            raise ListError(f"expected {count} columns in {where}:{number}, found {line[:80]!r}")
        yield cells


def _listed(symbol: str, name: str, test: str, etf: str, mic: str, source: str) -> Listing | None:
    if test != "N" or not _TICKER.fullmatch(symbol):
        return None
    return Listing(
        f"{symbol}.US",
        clean_name(issuer_of(name)),
        kind_of(name, is_etf=etf == "Y"),
        mic,
        currency="USD",
        source=source,
    )
