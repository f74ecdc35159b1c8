"""The archive of crawls: each final answer has its record, and each line names it."""

from __future__ import annotations

import gzip
import json
import sqlite3
from pathlib import Path

import pytest
from aiohttp import web

from newscrawl.warc.index import index_of
from newscrawl.warc.reading import ArchivedRecord, decoded, message_of, read_records
from tests.archived import archive_files, records_of
from tests.crawl.crawl_runs import FAST, SINGLE, START, Run, comparable, crawl, run
from tests.crawl.faulty_site import Fault, FaultySite, page, status
from tests.crawl.sample_graph import Node

FIRST = Node("en", str(START))
STORY = ("-a", "depth=0", "-a", "recheck=500w", *FAST)
CHINESE, HONG_KONG = page("zh-CN", START), page("zh-HK", START)
MOST = 1 << 22
UID = f"longbridge:{START}:en"


@pytest.fixture
def site() -> FaultySite:
    return FaultySite()


def records(folder: Path, path: str = "") -> list[ArchivedRecord]:
    """The records of an address, all without one, in the order in which they were fetched."""
    found = [
        record for record in records_of([folder]).values() if record.fields["warc-target-uri"].endswith(path)
    ]
    return sorted(found, key=lambda record: record.fields["warc-date"])


def kinds(found: list[ArchivedRecord]) -> list[tuple[str, int]]:
    return [(record.type, message_of(record).status) for record in found]


def body(record: ArchivedRecord) -> bytes:
    return decoded(message_of(record), MOST)


def record_of(folder: Path, line: dict[str, object]) -> ArchivedRecord:
    http = line["http"]
    assert isinstance(http, dict)
    return records_of([folder])[http["archive"]["record_id"]]


def test_every_answer_of_a_crawl_is_kept(site: FaultySite, tmp_path: Path) -> None:
    lost, broken = Node("en", "282960967"), Node("en", "289868449")
    site.faults = {lost.path: status(404), broken.path: status(200)}
    with site.serving():
        done = crawl(site.origin + FIRST.path, tmp_path, "-a", "depth=4", *FAST)
    done.check(0)
    found = records(tmp_path)
    pages = [record for record in found if record.uid is not None]
    assert len(pages) == len(set(site.paths)) == len({record.uid for record in pages})
    # The bodies are those that were served.
    for record in pages:
        path = record.fields["warc-target-uri"].removeprefix(site.origin)
        if path not in site.faults and path in site.pages:
            assert body(record) == site.pages[path]
    assert kinds(records(tmp_path, lost.path)) == [("response", 404)]
    (rejected,) = [line for line in done.lines("rejected") if line["uid"] == broken.uid]
    assert message_of(record_of(tmp_path, rejected)).status == 200
    (robots,) = records(tmp_path, "/robots.txt")
    assert kinds([robots]) == [("response", 200)]
    assert not any("newscrawl-redirected-from" in record.fields for record in found)


def test_headers_are_kept_as_they_came_and_requests_are_not(site: FaultySite, tmp_path: Path) -> None:
    async def odd(request: web.BaseRequest, number: int) -> web.StreamResponse:
        answer = web.Response(body=site.pages[FIRST.path], headers={"content-TYPE": "text/markdown"})
        answer.headers.add("sEt-cookie", "a=1")
        answer.headers.add("sEt-cookie", "b=2")
        answer.set_status(200, "Quite Fine")
        return answer

    site.faults = {FIRST.path: odd}
    headers = '{"Authorization": "Bearer hidden", "Accept-Encoding": "gzip", "X-Key": "hidden"}'
    with site.serving():
        crawl(site.origin + FIRST.path, tmp_path, *STORY, "-s", f"DEFAULT_REQUEST_HEADERS={headers}").check(0)
    (record,) = records(tmp_path, FIRST.path)
    head = message_of(record).head
    assert head.line == b"HTTP/1.1 200 Quite Fine"
    assert [pair for pair in head.headers if pair[0].lower() != b"date"][:3] == [
        (b"content-TYPE", b"text/markdown"),
        (b"sEt-cookie", b"a=1"),
        (b"sEt-cookie", b"b=2"),
    ]
    (path,) = archive_files(tmp_path)
    info = next(read_records(path)).block.decode()
    assert "http-header-user-agent: newscrawl/" in info
    assert "http-header-accept-encoding: gzip" in info
    assert "robots: obey" in info
    assert f"isPartOf: {path.name.rpartition('-')[0]}" in info
    assert b"hidden" not in b"".join(gzip.decompress(found.read_bytes()) for found in archive_files(tmp_path))


def test_a_compressed_body_is_kept_compressed(site: FaultySite, tmp_path: Path) -> None:
    content = site.pages[FIRST.path]
    sent = gzip.compress(content, mtime=0)

    async def compressed(request: web.BaseRequest, number: int) -> web.StreamResponse:
        # Without a length it comes in chunks.
        answer = web.StreamResponse(headers={"Content-Encoding": "gzip", "Content-Type": "text/markdown"})
        answer.enable_chunked_encoding()
        await answer.prepare(request)
        await answer.write(sent[:100])
        await answer.write(sent[100:])
        await answer.write_eof()
        return answer

    site.faults = {FIRST.path: compressed}
    with site.serving():
        done = crawl(site.origin + FIRST.path, tmp_path, *STORY)
    done.check(0)
    (record,) = records(tmp_path, FIRST.path)
    message = message_of(record)
    assert (message.body, body(record)) == (sent, content)
    names = [name for name, _ in message.head.headers]
    assert b"Content-Encoding" in names
    assert b"X-Archive-Orig-Transfer-Encoding" in names
    assert b"Transfer-Encoding" not in names


def test_what_is_known_is_referred_to(site: FaultySite, tmp_path: Path) -> None:
    with site.serving():
        url = site.origin + FIRST.path
        crawl(url, tmp_path, *STORY)
        # 304, the same without validators, and gone; robots.txt is another one.
        site.faults = {CHINESE: _without_validators(site, CHINESE), HONG_KONG: status(410)}
        site.pages["/robots.txt"] = b"User-agent: *\nAllow: /\nDisallow: /quote/\n"
        second = crawl(url, tmp_path, *STORY)
        site.faults = {}
        third = crawl(url, tmp_path, *STORY)
    assert (second.status, third.status) == (0, 0)
    first, *again = records(tmp_path, FIRST.path)
    assert kinds([first, *again]) == [("response", 200), ("revisit", 304), ("revisit", 304)]
    assert {record.refers_to for record in again} == {first.id}
    assert {record.fields["warc-refers-to-date"] for record in again} == {first.fields["warc-date"]}
    first, same, *_ = records(tmp_path, CHINESE)
    assert kinds([first, same]) == [("response", 200), ("revisit", 200)]
    assert (same.refers_to, body(same)) == (first.id, b"")
    # What came back is known, too, and its line names the revisit.
    first, gone, back = records(tmp_path, HONG_KONG)
    assert kinds([first, gone, back]) == [("response", 200), ("response", 410), ("revisit", 200)]
    assert back.refers_to == first.id
    lines = [line for line in third.lines() if line["uid"] == first.uid]
    assert [
        record_of(tmp_path, line).id for line in sorted(lines, key=lambda line: int(line["version"]))
    ] == [
        first.id,
        gone.id,
        back.id,
    ]
    assert kinds(records(tmp_path, "/robots.txt")) == [("response", 200)] * 2


def _without_validators(site: FaultySite, path: str) -> Fault:
    async def answer(request: web.BaseRequest, number: int) -> web.StreamResponse:
        return web.Response(body=site.pages[path], content_type="text/markdown")

    return answer


def test_an_observation_names_its_answer(site: FaultySite, tmp_path: Path) -> None:
    with site.serving():
        crawl(site.origin + FIRST.path, tmp_path, *STORY)
        content = site.pages[FIRST.path]
        before, mark, after = content.partition(b"## Related News")
        site.pages[FIRST.path] = before + mark + after.replace(b"\n- [", b"\n- [Another ", 1)
        done = crawl(site.origin + FIRST.path, tmp_path, *STORY)
    (line,) = done.lines("observations")
    record = records_of([tmp_path])[line["archive"]["record_id"]]
    assert (record.uid, body(record)) == (UID, site.pages[FIRST.path])
    assert record.fields["warc-payload-digest"] == line["archive"]["payload_digest"]


def test_without_the_archive_nothing_is_kept_and_nothing_is_referred_to(
    site: FaultySite, tmp_path: Path
) -> None:
    off = ("-s", "ARCHIVE=0")
    with site.serving():
        url = site.origin + FIRST.path
        with_archive = crawl(url, tmp_path / "with", *STORY)
        without = crawl(url, tmp_path / "without", *STORY, *off)
        without.check(0)
        assert archive_files(tmp_path / "without") == []
        assert {line["http"]["archive"] for line in without.lines()} == {None}
        assert comparable(without.lines()) == comparable(with_archive.lines())
        # A body that was not archived takes the place of one that was: a 304 confirms the later one.
        site.pages[FIRST.path] = site.pages[FIRST.path].replace(b"four months", b"five months")
        crawl(url, tmp_path / "with", *STORY, *off)
        crawl(url, tmp_path / "with", *STORY)
    found = records(tmp_path / "with", FIRST.path)
    assert kinds(found) == [("response", 200), ("response", 304)]
    # A page that did not change meanwhile still refers to what was kept.
    assert kinds(records(tmp_path / "with", CHINESE)) == [("response", 200), ("revisit", 304)]


def test_a_rebuilt_state_refers_to_the_same_bodies(site: FaultySite, tmp_path: Path) -> None:
    state = tmp_path / "state" / "newscrawl.db"
    with site.serving():
        url = site.origin + FIRST.path
        crawl(url, tmp_path, *STORY)
        site.faults = {HONG_KONG: status(410)}
        crawl(url, tmp_path, *STORY)
        site.faults = {}
        crawl(url, tmp_path, *STORY)
        before = _archived(state)
        assert len(before) == 4
        # One file has lost its index.
        index = index_of(archive_files(tmp_path)[0])
        content = index.read_bytes()
        index.unlink()
        state.unlink()
        assert run(("rebuild",), tmp_path).status == 0
        assert _archived(state) == before
        index.write_bytes(content)
        assert crawl(url, tmp_path, *STORY).status == 0
    latest = records_in_last_run(tmp_path)
    assert {record.type for record in latest if record.uid is not None} == {"revisit"}
    assert [record for record in latest if record.uid is None] == []


def _archived(state: Path) -> set[str]:
    with sqlite3.connect(state) as connection:
        pages = connection.execute("SELECT archived FROM known WHERE archived IS NOT NULL")
        files = connection.execute("SELECT archived FROM robots_txt")
        found = {row[0] for row in (*pages, *files)}
    connection.close()
    return found


def records_in_last_run(folder: Path) -> list[ArchivedRecord]:
    last = max(path.name.rpartition("-")[0] for path in archive_files(folder))
    return [record for record in records(folder) if record.path.name.startswith(last)]


def test_with_another_download_handler_all_is_kept_but_the_spelling(site: FaultySite, tmp_path: Path) -> None:
    theirs = json.dumps(
        dict.fromkeys(("http", "https"), "scrapy.core.downloader.handlers.http11.HTTP11DownloadHandler")
    )
    with site.serving():
        done = crawl(site.origin + FIRST.path, tmp_path, *STORY, "-s", f"DOWNLOAD_HANDLERS={theirs}")
    done.check(0)
    (record,) = records(tmp_path, FIRST.path)
    message = message_of(record)
    assert message.head.line == b"HTTP/1.1 200 OK"
    assert (b"Content-Type", b"text/markdown; charset=utf-8") in message.head.headers
    assert message.body == site.pages[FIRST.path]


def test_a_redirect_is_kept_at_its_end(site: FaultySite, tmp_path: Path) -> None:
    async def moved(request: web.BaseRequest, number: int) -> web.StreamResponse:
        return web.Response(status=302, headers={"Location": f"{FIRST.path}?moved"})

    site.faults = {CHINESE: moved}
    with site.serving():
        crawl(site.origin + FIRST.path, tmp_path, *STORY, *SINGLE)
    (record,) = [record for record in records(tmp_path) if record.uid == f"longbridge:{START}:zh-CN"]
    assert record.fields["warc-target-uri"] == f"{site.origin}{FIRST.path}?moved"
    assert record.fields["newscrawl-redirected-from"] == site.origin + CHINESE


def test_manifest_names_the_files(site: FaultySite, tmp_path: Path) -> None:
    with site.serving():
        done: Run = crawl(site.origin + FIRST.path, tmp_path, *STORY)
    # Digests and counts are held to the files by check().
    done.check(0)
    archived = [entry for entry in done.manifest["files"] if entry["path"].startswith("archive/")]
    assert [(set(entry), entry["records"]) for entry in archived] == [({"path", "records", "sha256"}, 5)]
