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
from newscrawl.codes import Outcome
from newscrawl.database.schema import prepare
from newscrawl.database.sqlite import SqliteEngine
from newscrawl.database.statements.known import STORE_KNOWN
from newscrawl.plan import Plan
from newscrawl.queue.commits import Finished, commit
from newscrawl.queue.counts import count_pages
from newscrawl.queue.leases import claim
from newscrawl.queue.runs import Run, open_run
from newscrawl.results import NoArticle
from newscrawl.sites.base import Page
from newscrawl.sites.longbridge import LONGBRIDGE

_ARGUMENTS = {"url": "https://longbridge.com/en/news/900000000.md", "depth": "9", "recheck": "500w"}
_FIRST = 100_000_000
_WORK = 2_000
_CHUNK = 50_000
_MB = 1024 * 1024


def main() -> None:
    """Run the comparison and print it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pages", type=int, default=1_000_000)
    parser.add_argument("--fill", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--work-on", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.fill is not None:
        _fill(options.fill, options.pages)
        return
    if options.work_on is not None:
        _work(options.work_on)
        return
    figures = []
    with tempfile.TemporaryDirectory() as folder:
        for pages in (_WORK, options.pages):
            path = Path(folder, f"{pages}.db")
            _run("--fill", str(path), "--pages", str(pages))
            figures.append(float(_run("--work-on", str(path))))
            size = path.stat().st_size / _MB
            print(f"{pages:9} known pages, {size:6.0f} MB on disk: {figures[-1]:6.1f} MB peak", flush=True)
    print(f"difference {figures[1] - figures[0]:.1f} MB")


def _run(*words: str) -> str:
    # Each part in a process of its own, and this one small: the peak of a parent counts as its child's.
    words = (sys.executable, "-m", "benchmarks.queue_memory", *words)
    return subprocess.run(words, check=True, capture_output=True, text=True).stdout


def _open(path: Path) -> Run:
    engine = SqliteEngine(path)
    plan = Plan.from_arguments(LONGBRIDGE, _ARGUMENTS)
    prepare(engine, LONGBRIDGE.name, plan.origin.host)
    return open_run(engine, plan, worker="benchmark", lease_seconds=600.0)


def _fill(path: Path, pages: int) -> None:
    run = _open(path)
    engine = run.engine
    insert_page = (
        "INSERT INTO page (run_id, uid, story_id, locale, url, state, depth, story, via, referrer) "
        "VALUES (?, ?, ?, ?, ?, 0, 1, ?, 'related', ?)"
    )
    for start in range(0, pages, _CHUNK):
        numbers = range(start, min(start + _CHUNK, pages))

        def insert(numbers: range = numbers) -> None:
            engine.executemany(STORE_KNOWN, list(_known(numbers)))
            engine.executemany(insert_page, [(run.run_id, *_page(n), n, "x" * 40) for n in numbers])

        engine.transact(insert)
    engine.close()


def _page(number: int, locale: str = "en") -> Page:
    page = LONGBRIDGE.page(f"/{locale}/news/{_FIRST + number}.md")
    assert page is not None
    return page


def _known(numbers: range) -> Iterator[Known]:
    seen = "2026-11-23T01:15:00.000Z"
    for number in numbers:
        page = _page(number)
        links = [
            [_page(number, locale).url for locale in LONGBRIDGE.locales],
            [_page((number * 7 + step) % 1_000_000).url for step in range(5)],
            seen,
        ]
        yield Known(
            **page._asdict(),
            version=1,
            status="usable",
            content_hash="0" * 64,
            reader=LONGBRIDGE.reader,
            published_at=seen,
            published_raw=seen,
            first_seen_at=seen,
            last_seen_at=seen,
            etag=None,
            last_modified=None,
            unmodified=0,
            metadata_hash="0" * 32,
            links=json.dumps(links, separators=(",", ":")),
        )


def _work(path: Path) -> None:
    run = _open(path)
    done = 0
    while done < _WORK:
        leases = claim(run, 16)
        if not leases:
            break
        commit(run, [Finished(lease, NoArticle(Outcome.FAILED, "a benchmark")) for lease in leases])
        done += len(leases)
    count_pages(run)
    print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)


if __name__ == "__main__":
    main()
