"""Pages read again: ``python -m benchmarks.replay --pages 50000``.

Makes a data folder with lines and their archive, of made-up pages, and replays it. Prints how long reading
and refinement take for a page in one process, how many pages a second all of a replay comes to, and how much
memory each process took at most. ``--folder`` keeps the data folder, or uses one that is there.
"""

from __future__ import annotations

import argparse
import gc
import resource
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path
from time import perf_counter, process_time

import orjson

from benchmarks.generated_site import pages
from newscrawl.archive.records import encode, stamp
from newscrawl.http_info import ArchivedAs, HttpInfo
from newscrawl.items import CrawlInfo
from newscrawl.refine import refine
from newscrawl.refine.availability import BACKFILL_LAG
from newscrawl.refine.dates import format_instant
from newscrawl.replay.bodies import Bodies
from newscrawl.replay.chunks import Wanted, chunks_of, line_files, read_chunk
from newscrawl.replay.findings import Findings
from newscrawl.replay.output import Output
from newscrawl.replay.places import archive_files, find_places
from newscrawl.replay.pool import cores
from newscrawl.replay.progress import Progress
from newscrawl.replay.reading import Rules, read_line
from newscrawl.replay.replaying import replay
from newscrawl.sites.base import Source, read_start
from newscrawl.sites.longbridge import LONGBRIDGE
from newscrawl.warc.answer import Answer, Head
from newscrawl.warc.index import index_of, write_lines
from newscrawl.warc.records import make_record, make_warcinfo

_STORIES = 500
_IN_A_FILE = 20_000
_RUN = "20261123T000000Z-longbridge-0000"
_HEADERS = ((b"Content-Type", b"text/markdown; charset=utf-8"), (b"ETag", b'"514d828377bbbc1b"'))
_RULES = Rules({LONGBRIDGE.name: LONGBRIDGE}, BACKFILL_LAG, 1 << 22)
_MEASURED = 5_000


def main() -> None:
    """Run the measurement and print it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pages", type=int, default=50_000)
    parser.add_argument("--processes", type=int, default=cores())
    parser.add_argument("--folder", type=Path)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as aside:
        folder = options.folder or Path(aside, "data")
        if not archive_files(folder):
            _make(folder, options.pages)
        begin = perf_counter()
        with Output(Path(aside, "out")) as output:
            report = replay(folder, Wanted(), _RULES, output, options.processes)
        seconds = perf_counter() - begin
        count = report.differences.lines
        print(
            f"{count} pages in {seconds:.1f} s: {count / seconds:.0f} a second, {options.processes} processes"
        )
        print(f"  {report.differences.changed} changed, {report.findings.count} findings")
        for who, name in ((resource.RUSAGE_SELF, "this process"), (resource.RUSAGE_CHILDREN, "a worker")):
            print(f"  {resource.getrusage(who).ru_maxrss / 1024:.0f} MB at most in {name}")
        # Last: it holds its pages in memory.
        _print_reading(folder, Path(aside))


def _print_reading(folder: Path, aside: Path) -> None:
    places = aside / "places.db"
    find_places(archive_files(folder), places, Findings(), Progress("archive", 1))
    bodies = Bodies(places, _RULES.most)
    # As commands of scrapy do it: what is loaded is no garbage.
    gc.freeze()
    count, times = 0, [0.0, 0.0, 0.0]
    for chunk in islice(chunks_of(line_files(folder)), _MEASURED // 200):
        lines = [orjson.loads(line) for line in read_chunk(chunk)]
        asked = [line["http"]["archive"] for line in lines]
        moments = [process_time()]
        answers = [bodies.get(archive["record_id"], archive["payload_digest"]) for archive in asked]
        moments.append(process_time())
        articles = [read_line(line, answer, _RULES) for line, answer in zip(lines, answers, strict=True)]
        moments.append(process_time())
        for article in articles:
            encode(article)
        moments.append(process_time())
        count += len(lines)
        times = [spent + end - start for spent, start, end in zip(times, moments, moments[1:], strict=False)]
    print(f"{count} pages in one process, processor time:")
    names = ("the record, decompressed and checked", "reading and refinement", "encoding")
    for name, spent in zip(names, times, strict=True):
        print(f"  {spent / count * 1e6:6.0f} µs a page, {count / spent:6.0f} a second: {name}")


def _made_up() -> Iterator[tuple[str, bytes]]:
    """Yield pages without an end: the same few again and again, under other ids."""
    templates = list(pages(_STORIES).items())
    number = 0
    while True:
        for path, content in templates:
            old = path.rpartition("/")[2]
            new = f"{int(old.removesuffix('.md')) + number * _STORIES}.md"
            yield path.replace(old, new), content.replace(f"/news/{old}".encode(), f"/news/{new}".encode())
        number += 1


def _make(folder: Path, count: int) -> None:
    now = datetime(2026, 11, 23, tzinfo=UTC)
    made = islice(_made_up(), count)
    for number in range(0, count, _IN_A_FILE):
        name = f"dt=2026-11-23/{_RUN}-{1 + 2 * number // _IN_A_FILE:06d}"
        archive = folder / "archive" / f"{name}.warc.gz"
        path = folder / "articles" / f"dt=2026-11-23/{_RUN}-{2 + 2 * number // _IN_A_FILE:06d}.jsonl"
        archive.parent.mkdir(parents=True, exist_ok=True)
        path.parent.mkdir(parents=True, exist_ok=True)
        head = make_warcinfo({"isPartOf": _RUN}, archive.name, format_instant(now))
        places = []
        offset = len(head)
        with archive.open("wb") as records, path.open("wb") as lines:
            records.write(head)
            for address, content in islice(made, min(_IN_A_FILE, count - number)):
                now += timedelta(milliseconds=1)
                line, record, entry = _line(address, content, now)
                places.append((entry, offset, len(record)))
                offset += len(record)
                records.write(record)
                lines.write(line)
        index_of(archive).write_bytes(b"".join(write_lines(places, archive.name)))


def _line(address: str, content: bytes, now: datetime) -> tuple[bytes, bytes, str]:
    fetched = format_instant(now)
    origin, page = read_start(LONGBRIDGE, LONGBRIDGE.root + address)
    article = LONGBRIDGE.read(Source(content, page, origin, "utf-8"))
    record = make_record(
        Answer(page.url, Head(b"HTTP/1.1 200 OK", _HEADERS), content, fetched), page.uid, None
    )
    article.fetched_url, article.fetched_at, article.crawl = page.url, fetched, CrawlInfo(_RUN)
    article.http = HttpInfo(
        200, content_type="text/markdown", bytes=len(content), archive=ArchivedAs(record.id, record.digest)
    )
    for link in article.related:
        link.observed_at = fetched
    stamp(refine(article, LONGBRIDGE), now=now, version=1)
    return encode(article), record.content, record.entry


if __name__ == "__main__":
    main()
