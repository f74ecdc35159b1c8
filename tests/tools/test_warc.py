"""Other people's tools read every archive file, and this project reads theirs."""

from __future__ import annotations

import gzip
import io
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import surt
from aiohttp import web
from fastwarc.warc import ArchiveIterator as FastIterator
from fastwarc.warc import WarcRecordType
from warcio.archiveiterator import ArchiveIterator
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from newscrawl.warc.index import index_of, url_key
from newscrawl.warc.reading import message_of, read_records
from newscrawl.warc.records import make_record
from tests.archived import archive_files, records_in
from tests.crawl.crawl_runs import FAST, crawl
from tests.crawl.crawl_runs import START as STORY
from tests.crawl.faulty_site import FaultySite, page, status
from tests.tools.checkout import SECOND, START
from tests.warc.answers import UID, answer
from tests.warc.test_index import KEYS


class Writer(WARCWriter):  # type: ignore[misc]
    """warcio's own, which leaves temporary files open."""

    @staticmethod
    def _create_temp_file() -> io.BytesIO:
        return io.BytesIO()


# What cdxj-indexer writes of a record, too.
_COMMON = ("url", "mime", "status", "digest", "length", "offset", "filename")


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """The files of two crawls: bodies, compressed ones, 304, the same body again, 404, a rejected page."""
    site = FaultySite()
    missing, again = page("en", 282960967), page("zh-CN", STORY)

    async def compressed(request: web.BaseRequest, number: int) -> web.StreamResponse:
        body = gzip.compress(site.pages[SECOND], mtime=0)
        return web.Response(body=body, headers={"Content-Encoding": "gzip", "Content-Type": "text/markdown"})

    async def unconditional(request: web.BaseRequest, number: int) -> web.StreamResponse:
        return web.Response(body=site.pages[again], content_type="text/markdown")

    folder = tmp_path_factory.mktemp("archive") / "data"
    with site.serving():
        for fault in ({}, {page("zh-HK", STORY): status(410), again: unconditional}):
            site.faults = {
                SECOND: compressed,
                missing: status(404),
                page("en", 290118204 + 1): status(200),
                **fault,
            }
            words = ("-a", "depth=3", "-a", "recheck=500w", *FAST)
            assert crawl(site.origin + START, folder, *words).status == 0
    found = archive_files(folder)
    types = {(record.type, message_of(record).status) for path in found for record in records_in(path)}
    assert types >= {
        ("response", 200),
        ("revisit", 200),
        ("revisit", 304),
        ("response", 404),
        ("response", 410),
    }
    return found


def tool(name: str, *words: str | Path) -> str:
    done = subprocess.run(
        [Path(sys.executable).parent / name, *words], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_warcio_checks_every_file(files: list[Path]) -> None:
    for path in files:
        told = tool("warcio", "check", "-v", path)
        records = records_in(path)
        assert told.count("WARC-Record-ID") == 1 + len(records)
        revisits = sum(record.type == "revisit" for record in records)
        # What it cannot check: the body of a revisit is elsewhere.
        assert told.count("digest pass") == 1 + len(records) - revisits
        assert told.count("not checked (revisit)") == revisits


def test_warcio_reads_what_was_served(files: list[Path]) -> None:
    bodies = {}
    for path in files:
        with path.open("rb") as file:
            for record in ArchiveIterator(file):
                if record.rec_type == "response":
                    bodies[record.rec_headers["WARC-Target-URI"].split("/", 3)[3]] = (
                        record.content_stream().read()
                    )
    served = FaultySite().pages
    for name in (START, SECOND):
        assert bodies[name[1:]] == served[name]


def test_cdxj_indexer_writes_the_same_index(files: list[Path]) -> None:
    for path in files:
        theirs = [_parts(line) for line in tool("cdxj-indexer", "-s", path).splitlines()]
        ours = [_parts(line) for line in index_of(path).read_text().splitlines()]
        assert sorted(theirs, key=str) == sorted(ours, key=str)
        assert [key for key, _ in theirs] == [key for key, _ in ours]


def _parts(line: str) -> tuple[str, dict[str, Any]]:
    key, time, text = line.split(" ", 2)
    found = json.loads(text)
    return f"{key} {time}", {name: found[name] for name in _COMMON if name in found}


def test_fastwarc_reads_every_file(files: list[Path]) -> None:
    for path in files:
        expected = list(read_records(path))
        found = []
        with path.open("rb") as file:
            for record in FastIterator(file, parse_http=False):
                assert record.verify_block_digest()
                found.append((record.record_id.strip("<>"), record.stream_pos))
        assert found == [(record.id, record.offset) for record in expected]
        with path.open("rb") as file:
            statuses = set()
            for record in FastIterator(file, record_types=WarcRecordType.response):
                statuses.add(record.http_headers.status_code)
                assert record.verify_payload_digest()
            assert statuses <= {200, 404, 410}


@pytest.mark.parametrize("url", KEYS)
def test_keys_are_those_of_other_tools(url: str) -> None:
    assert url_key(url) == surt.surt(url)


@pytest.mark.parametrize("is_gzip", [True, False])
def test_a_file_of_warcio_is_read(tmp_path: Path, *, is_gzip: bool) -> None:
    path = tmp_path / "theirs.warc"
    url = "https://longbridge.com/en/news/1.md"
    with path.open("wb") as file:
        writer = Writer(file, gzip=is_gzip)
        writer.write_record(writer.create_warcinfo_record(path.name, {"software": "test"}))
        for number in range(3):
            head = StatusAndHeaders("200 OK", [("Content-Type", "text/markdown")], protocol="HTTP/1.1")
            request = StatusAndHeaders(
                "GET /en/news/1.md HTTP/1.1", [("Host", "longbridge.com")], is_http_request=True
            )
            body = io.BytesIO(b"text %d" % number)
            response = writer.create_warc_record(url, "response", payload=body, http_headers=head)
            asked = writer.create_warc_record(url, "request", http_headers=request)
            writer.write_request_response_pair(asked, response)
    records = list(read_records(path))
    assert [record.type for record in records] == ["warcinfo", *["response", "request"] * 3]
    bodies = [message_of(record).body for record in records if record.type == "response"]
    assert bodies == [b"text 0", b"text 1", b"text 2"]


def test_header_values_that_warcio_would_spell_anew_stay(tmp_path: Path) -> None:
    path = tmp_path / "ours.warc.gz"
    path.write_bytes(make_record(answer(), UID, None).content)
    with path.open("rb") as file:
        record = next(iter(ArchiveIterator(file, no_record_parse=True)))
        assert b"X-Name: caf\xe9\r\n" in record.raw_stream.read()
