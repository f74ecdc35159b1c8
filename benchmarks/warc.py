"""Records alone, beside warcio: ``.venv/tools/bin/python -m benchmarks.warc``, after ``make test-tools``.

Times ``make_record`` and reading on generated pages, page by page, beside warcio, and prints the median
microseconds a record and the bytes that it takes; then the same for each level of zlib.
"""

from __future__ import annotations

import io
import statistics
import tempfile
from collections.abc import Callable
from pathlib import Path
from time import perf_counter
from typing import TypeVar

from warcio.archiveiterator import ArchiveIterator
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from benchmarks.generated_site import pages
from newscrawl.warc import records
from newscrawl.warc.answer import Answer, Head
from newscrawl.warc.reading import message_of, read_records
from newscrawl.warc.records import make_record

T = TypeVar("T")

_ROUNDS = 7
_HEADERS = [
    ("Content-Type", "text/markdown; charset=utf-8"),
    ("ETag", '"514d828377bbbc1b"'),
    ("Date", "Fri, 27 Nov 2026 14:58:35 GMT"),
    ("Server", "benchmark"),
]


def main() -> None:
    """Run the comparison and print it."""
    head = Head(b"HTTP/1.1 200 OK", tuple((name.encode(), value.encode()) for name, value in _HEADERS))
    answers = [
        Answer(f"https://longbridge.com{path}", head, body, "2026-11-27T14:58:35.123Z", "127.0.0.1")
        for path, body in pages(100).items()
    ]
    size = statistics.median(len(answer.body) for answer in answers)
    print(f"{len(answers)} pages of {size:.0f} bytes (median), {_ROUNDS} rounds")
    _print("make_record", answers, _ours)
    _print("warcio", answers, _theirs)
    usual = records._LEVEL  # noqa: SLF001
    for level in (1, 3, 4, 6, 9):
        records._LEVEL = level  # noqa: SLF001
        _print(f"make_record, zlib level {level}", answers, _ours)
    records._LEVEL = usual  # noqa: SLF001
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "a.warc.gz")
        path.write_bytes(b"".join(map(_ours, answers)))
        for name, read in (("read_records", _read), ("warcio, digests not checked", _read_theirs)):
            times = [_time(read, path) / len(answers) for _ in range(_ROUNDS)]
            print(f"  {name:28} {statistics.median(times):5.0f} µs a record")


def _print(name: str, answers: list[Answer], make: Callable[[Answer], bytes]) -> None:
    times = [_time(make, answer) for _ in range(_ROUNDS) for answer in answers]
    size = statistics.mean(len(make(answer)) for answer in answers)
    print(f"  {name:28} {statistics.median(times):5.0f} µs a record, {size:.0f} bytes")


def _ours(answer: Answer) -> bytes:
    return make_record(answer, "longbridge:285000000:en", None).content


def _theirs(answer: Answer) -> bytes:
    output = io.BytesIO()
    writer = WARCWriter(output, gzip=True, warc_version="1.1")
    head = StatusAndHeaders("200 OK", _HEADERS, protocol="HTTP/1.1")
    body = io.BytesIO(answer.body)
    writer.write_record(writer.create_warc_record(answer.url, "response", payload=body, http_headers=head))
    return output.getvalue()


def _read(path: Path) -> None:
    for record in read_records(path):
        message_of(record)


def _read_theirs(path: Path) -> None:
    with path.open("rb") as file:
        for record in ArchiveIterator(file):
            record.content_stream().read()


def _time(work: Callable[[T], object], value: T) -> float:
    begin = perf_counter()
    work(value)
    return (perf_counter() - begin) * 1e6


if __name__ == "__main__":
    main()
