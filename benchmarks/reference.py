"""How many tags are told type and venue, and what looking them up costs: ``python -m benchmarks.reference``.

The tags of ``typical/tags.csv`` are resolved as of 2026-05-08: with the list that is shipped, and after an
update from a server here that sends the small lists beside it. Prints how many are told in full (type, and
MIC or that no venue lists it), and each that is wrong. Ends with exit status 1 where one is wrong, or where
under 95 % are told after the update.
"""

from __future__ import annotations

import csv
import sys
import tempfile
import threading
import time
import tracemalloc
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import NamedTuple

from newscrawl import reference
from newscrawl.archive.files import write_whole
from newscrawl.reference.fetching import Answer, fetch
from newscrawl.reference.updating import update
from newscrawl.symbols import resolve

TYPICAL = Path(__file__).parent / "typical"
LISTS = {
    "nasdaq": "nasdaqlisted.txt",
    "nyse_and_others": "otherlisted.txt",
    "sec": "company_tickers_exchange.json",
    "hkex": "ListOfSecurities.csv",
    "sgx": "sgx.json",
}
ON = date(2026, 5, 8)
LEAST = 0.95


class Told(NamedTuple):
    """How many tags of a list are told what."""

    tags: int
    type: int
    mic: int
    """The MIC, or for a known index or the like that there is none."""
    both: int
    wrong: list[str]


def compare(on: date = ON) -> Told:
    """Resolve every typical tag on a day with the reference in use, and compare."""
    kinds = mics = both = 0
    wrong = []
    with (TYPICAL / "tags.csv").open(encoding="utf-8", newline="") as file:
        tags = list(csv.DictReader(file))
    for tag in tags:
        found = resolve(tag["symbol"], on)
        kind = found.type != "unknown"
        no_venue = kind and tag["mic"] == "-" and found.mic is None
        if kind and found.type != tag["type"]:
            wrong.append(f"{tag['symbol']}: {found.type}, expected {tag['type']}")
        if found.mic is not None and found.mic != tag["mic"]:
            wrong.append(f"{tag['symbol']}: {found.mic}, expected {tag['mic']}")
        kinds += kind
        mics += found.mic is not None or no_venue
        both += kind and (found.mic is not None or no_venue)
    return Told(len(tags), kinds, mics, both, wrong)


@contextmanager
def served(folder: Path) -> Iterator[str]:
    """Serve a folder on the loopback interface, and yield its address."""

    class Quiet(SimpleHTTPRequestHandler):
        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name of the base class
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(folder)))
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def update_all(folder: Path) -> None:
    """Fetch the typical lists from a server here into a folder."""
    with served(TYPICAL) as origin:
        for name, file in LISTS.items():

            def ask(etag: str | None, modified: str | None, url: str = f"{origin}/{file}") -> Answer:
                return fetch(url, user_agent="newscrawl benchmark", etag=etag, last_modified=modified)

            update(folder, name, ask, ON, write_whole)


def main() -> None:
    """Print the shares, and the cost of looking up."""
    _cost()
    _shipped_share()
    reference.use(None)
    _print("with the list that is shipped", compare())
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        update_all(folder)
        reference.use(folder)
        after = compare()
        _print("after an update", after)
        conflicts = list(reference.current().conflicts(ON))
        print(f"facts on which lists differ: {len(conflicts)}")
        reference.use(None)
    sys.exit(1 if after.wrong or after.both < LEAST * after.tags else 0)


def _print(when: str, told: Told) -> None:
    print(
        f"{when}: of {told.tags} tags {told.type} with type, {told.mic} with MIC, {told.both} with both "
        f"({told.both / told.tags:.1%}), {len(told.wrong)} wrong"
    )
    for line in told.wrong:
        print(f"  {line}")


def _shipped_share() -> None:
    rows = [row for row in reference.shipped() if row.valid_to is None]
    mics = sum(row.mic is not None for row in rows)
    kinds = sum(row.type is not None for row in rows)
    venues = sum(row.venue is not None for row in rows)
    print(
        f"the list that is shipped: {len(rows)} tickers; issuer and CIK of all, venue or group of venues of "
        f"{venues / len(rows):.0%}, MIC of {mics / len(rows):.0%}, type of {kinds / len(rows):.0%}"
    )


def _cost() -> None:
    start = time.perf_counter()
    reference.open_reference(None)
    opened = time.perf_counter() - start
    tracemalloc.start()
    kept = reference.open_reference(None)
    kept.version()
    memory = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    symbols = kept.symbols()[:: max(1, len(kept.symbols()) // 2000)]
    start = time.perf_counter()
    for symbol in symbols:
        kept.on(symbol, ON)
    each = (time.perf_counter() - start) / len(symbols)
    print(
        f"opening: {opened * 1e3:.1f} ms, {memory / 1e6:.1f} MB at most; "
        f"a symbol seen for the first time: {each * 1e6:.0f} µs"
    )


if __name__ == "__main__":
    main()
