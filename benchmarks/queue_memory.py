"""What a million known pages cost in memory: ``python -m benchmarks.queue_memory``.

Fills a state with so many known articles and as many waiting pages, then lets a fresh process open it
and work through some of them. Prints that process's peak resident memory beside the same work on a
state that holds nothing else.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from newscrawl.archive.versions import Known
from newscrawl.database.schema import prepare
from newscrawl.database.sqlite import SqliteEngine
from newscrawl.items import Miss
from newscrawl.plan import Plan
from newscrawl.queue.commits import KNOWN_SQL
from newscrawl.queue.runs import Store
from newscrawl.sites.longbridge.address import Address

_ARGUMENTS = {"url": "https://longbridge.com/en/news/900000000.md", "depth": "9", "recheck": "500w"}
_FIRST = 100_000_000
_WORK = 2_000
_CHUNK = 50_000
_MB = 1024 * 1024


def main() -> None:
    """Run the comparison and print it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pages", type=int, default=1_000_000)
    parser.add_argument("--work-on", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.work_on is not None:
        _work(options.work_on)
        return
    figures = []
    with tempfile.TemporaryDirectory() as folder:
        for pages in (_WORK, options.pages):
            path = Path(folder, f"{pages}.db")
            _fill(path, pages)
            words = [sys.executable, "-m", "benchmarks.queue_memory", "--work-on", str(path)]
            output = subprocess.run(words, check=True, capture_output=True, text=True).stdout
            figures.append(float(output))
            size = path.stat().st_size / _MB
            print(f"{pages:9} known pages, {size:6.0f} MB on disk: {figures[-1]:6.1f} MB peak", flush=True)
    print(f"difference {figures[1] - figures[0]:.1f} MB")


def _store(path: Path) -> Store:
    engine = SqliteEngine(path)
    prepare(engine, "longbridge.com")
    store = Store(engine, "benchmark", 600.0)
    store.open_run(Plan.from_arguments(_ARGUMENTS), "longbridge")
    return store


def _fill(path: Path, pages: int) -> None:
    store = _store(path)
    engine = store.engine
    page = "INSERT INTO page (run_id, uid, state, depth, story, via, referrer) VALUES (?, ?, 0, 1, ?, ?, ?)"
    for start in range(0, pages, _CHUNK):
        numbers = range(start, min(start + _CHUNK, pages))

        def insert(numbers: range = numbers) -> None:
            engine.executemany(KNOWN_SQL, list(_known(numbers)))
            rows = [(store.run_id, f"longbridge:{_FIRST + n}:en", n, "related", "x" * 40) for n in numbers]
            engine.executemany(page, rows)

        engine.transact(insert)
    engine.close()


def _known(numbers: range) -> Iterator[Known]:
    seen = "2026-11-23T01:15:00.000Z"
    for number in numbers:
        related = [str(_FIRST + (number * 7 + step) % 1_000_000) for step in range(5)]
        links = json.dumps([["en", "zh-CN", "zh-HK"], related, seen], separators=(",", ":"))
        uid = f"longbridge:{_FIRST + number}:en"
        yield Known(uid, 1, "usable", "0" * 64, seen, seen, seen, seen, None, None, 0, "0" * 32, links)


def _work(path: Path) -> None:
    store = _store(path)
    done = 0
    while done < _WORK:
        leases = store.claim(16)
        if not leases:
            break
        store.commit([(lease, _miss(lease.address)) for lease in leases])
        done += len(leases)
    store.tally()
    print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)


def _miss(address: Address) -> Miss:
    return Miss(address.uid, address.url, "failed", "a benchmark")


if __name__ == "__main__":
    main()
