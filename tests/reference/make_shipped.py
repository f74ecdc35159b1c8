"""Writes ``newscrawl/reference/sec.csv``: ``python -m tests.reference.make_shipped SPRING.csv JUNE.csv``.

Both are the regulator's list with the columns cik, ticker, exchange and name, as two releases of the package
edgartools hold it (``edgar/reference/data/company_tickers.parquet`` in 5.30.3 and 5.34.0), saved as CSV. The
first was taken after 2026-03-18, the day of the last release without it. The second was taken after
2026-05-29 and until 2026-06-02, when 5.34.0 came out with "SEC's current data". A row that only the first one
has ends on the first of these days, one that only the second one has begins on the last of them.
"""

from __future__ import annotations

import csv
import sys
from collections.abc import Iterator
from datetime import date
from pathlib import Path

from newscrawl.reference.history import join
from newscrawl.reference.listing import Listing, write_rows
from newscrawl.reference.lists.snapshot import snapshot
from newscrawl.reference.lists.us import of_sec

SHIPPED = Path(__file__).parents[2] / "newscrawl" / "reference" / "sec.csv"
SPRING, JUNE = date(2026, 3, 18), date(2026, 6, 2)


def main() -> None:
    """Join the two lists and write them."""
    spring, june = (snapshot(_rows(Path(name)), None, 0) for name in sys.argv[1:3])
    first = join((), spring.rows, SPRING)
    joined = join(first.rows, june.rows, JUNE, SPRING)
    SHIPPED.write_bytes(write_rows(joined.rows))
    print(f"{len(june.rows)} tickers, {joined.new} new, {joined.changed} changed, {joined.gone} gone")


def _rows(path: Path) -> Iterator[Listing]:
    with path.open(encoding="utf-8", newline="") as file:
        for line in csv.DictReader(file):
            row = of_sec(line["cik"], line["name"], line["ticker"], line["exchange"] or None)
            if row is not None:
                yield row


if __name__ == "__main__":
    main()
