"""``scrapy replay --warc``: archives that other crawlers made."""

from __future__ import annotations

import gzip
import uuid
from pathlib import Path
from typing import Any

import pytest

from newscrawl.archive.refining import refine_again
from newscrawl.sample_site import read_pages
from newscrawl.sites.longbridge import LONGBRIDGE
from newscrawl.warc.chunked import without_chunks
from tests.crawl.crawl_runs import START, Run, run
from tests.replay.test_replay import lines

PATH = f"/en/news/{START}.md"
CHINESE = f"/zh-CN/news/{START}.md"
PAGES = read_pages()
LATER, EARLIER = "2026-09-01T00:00:00Z", "2026-06-19T00:00:00Z"


def record(path: str, body: bytes, date: str, *, headers: str = "", status: int = 200) -> bytes:
    """As wget and other tools write it: WARC 1.0, an address in brackets, SHA-1 or no digest."""
    block = f"HTTP/1.1 {status} OK\r\nContent-Type: text/markdown\r\n{headers}\r\n".encode() + body
    head = (
        f"WARC/1.0\r\nWARC-Type: response\r\nWARC-Record-ID: <urn:uuid:{uuid.uuid4()}>\r\n"
        f"WARC-Target-URI: <https://longbridge.com{path}>\r\nWARC-Date: {date}\r\n"
        f"Content-Type: application/http;msgtype=response\r\nContent-Length: {len(block)}\r\n\r\n"
    )
    return head.encode() + block + b"\r\n\r\n"


def archive(path: Path, *records: bytes, is_gzip: bool = True) -> Path:
    path.write_bytes(b"".join(gzip.compress(part) if is_gzip else part for part in records))
    return path


def imported(folder: Path, *words: str | Path) -> Run:
    found = run(("replay", *words), folder / "data")
    assert "Traceback" not in found.stderr + found.stdout
    return found


def by_uid(folder: Path) -> dict[tuple[str, int], dict[str, Any]]:
    return {(line["uid"], line["version"]): line for line in lines(folder)}


@pytest.mark.parametrize("is_gzip", [True, False])
def test_pages_of_our_sites_become_lines(is_gzip: bool, tmp_path: Path) -> None:  # noqa: FBT001
    changed = PAGES[PATH].replace(b"four months", b"five months")
    first = archive(
        tmp_path / "b.warc.gz",
        record(PATH, changed, LATER),
        record("/en/about.html", b"<html>", LATER),
        record(CHINESE, PAGES[CHINESE], EARLIER),
        is_gzip=is_gzip,
    )
    second = archive(
        tmp_path / "a.warc.gz",
        record(PATH, PAGES[PATH], EARLIER),
        record(PATH, PAGES[PATH], "2026-06-20T00:00:00Z"),
        record(CHINESE, b"", LATER, status=404),
        is_gzip=is_gzip,
    )
    found = imported(tmp_path, "--warc", first, second, "--out", tmp_path / "out")
    assert (found.status, found.stderr) == (0, "")
    assert "1 records hold the text of the one before" in found.stdout
    assert "1 records hold another answer than 200" in found.stdout
    after = by_uid(tmp_path / "out")
    uid = f"longbridge:{START}:en"
    assert set(after) == {(uid, 1), (uid, 2), (f"longbridge:{START}:zh-CN", 1)}
    one, two = after[uid, 1], after[uid, 2]
    assert "five months" in two["body"]
    for line in after.values():
        assert line["crawl"]["via"] == "archive"
        assert line["crawl"]["run_id"] == one["crawl"]["run_id"]
        assert line["available_rule"] == "archived"
        assert line["first_seen_at"] > line["fetched_at"]
        assert line["http"]["archive"] is None
    # The earlier of the record's date and the rule's: it was published on 2026-06-18 at 14:32.
    assert (one["fetched_at"], one["available_at"]) == ("2026-06-19T00:00:00.000Z",) * 2
    assert (two["fetched_at"], two["available_at"]) == ("2026-09-01T00:00:00.000Z",) * 2
    # What refinement says again of the lines is the same.
    for line in after.values():
        assert refine_again(line, LONGBRIDGE) == line


def test_the_rule_counts_where_it_is_earlier(tmp_path: Path) -> None:
    path = archive(tmp_path / "a.warc", record(PATH, PAGES[PATH], LATER))
    assert imported(tmp_path, "--warc", path, "--out", tmp_path / "out").status == 0
    ((line,),) = [list(by_uid(tmp_path / "out").values())]
    assert (line["available_at"], line["available_rule"]) == ("2026-06-19T14:32:07.000Z", "archived")


def test_chunks_and_compression_are_taken_off(tmp_path: Path) -> None:
    sent = gzip.compress(PAGES[PATH])
    chunked = b"%x;name=value\r\n%s\r\n%X\r\n%s\r\n0\r\n\r\n" % (100, sent[:100], len(sent) - 100, sent[100:])
    headers = "Transfer-Encoding: chunked\r\nContent-Encoding: gzip\r\n"
    path = archive(
        tmp_path / "a.warc.gz",
        record(PATH, chunked, EARLIER, headers=headers),
        record(CHINESE, PAGES[CHINESE], EARLIER, headers="Transfer-Encoding: chunked\r\n"),
    )
    assert imported(tmp_path, "--warc", path, "--out", tmp_path / "out").status == 0
    plain = archive(tmp_path / "b.warc.gz", record(PATH, PAGES[PATH], EARLIER))
    assert imported(tmp_path, "--warc", plain, "--out", tmp_path / "plain").status == 0
    uid = f"longbridge:{START}:en"
    assert by_uid(tmp_path / "out")[uid, 1]["body"] == by_uid(tmp_path / "plain")[uid, 1]["body"]
    assert len(by_uid(tmp_path / "out")) == 2


@pytest.mark.parametrize("body", [b"", b"plain", b"5\r\nplain", b"3\r\nplain\r\n0\r\n\r\n", b"zz\r\n"])
def test_a_body_without_chunks_stays(body: bytes) -> None:
    assert without_chunks(body) == body


def test_a_page_that_cannot_be_read_is_rejected(tmp_path: Path) -> None:
    path = archive(tmp_path / "a.warc.gz", record(PATH, b"<html>login</html>", EARLIER))
    assert imported(tmp_path, "--warc", path, "--out", tmp_path / "out").status == 0
    (line,) = lines(tmp_path / "out", "rejected")
    assert (line["uid"], line["reason"]) == (f"longbridge:{START}:en", "html_document")
    assert line["head"] == "<html>login</html>"


def test_damage_is_told_and_the_rest_is_read(tmp_path: Path) -> None:
    whole = gzip.compress(record(PATH, PAGES[PATH], EARLIER))
    torn = tmp_path / "torn.warc.gz"
    torn.write_bytes(whole + gzip.compress(record(CHINESE, PAGES[CHINESE], EARLIER))[:-100])
    empty = archive(tmp_path / "empty.warc.gz")
    none = tmp_path / "none.warc.gz"
    none.write_text("no archive")
    undated = archive(tmp_path / "undated.warc.gz", record(PATH, PAGES[PATH], "yesterday"))
    missing = tmp_path / "missing.warc.gz"
    found = imported(tmp_path, "--warc", torn, empty, none, undated, missing, "--out", tmp_path / "out")
    assert found.status == 4
    expected = {
        torn: "record 2",
        empty: "empty file",
        none: "record 1",
        undated: "WARC-Date",
        missing: "No such",
    }
    told = found.stderr.splitlines()
    assert len(told) == len(expected)
    for (path, part), line in zip(expected.items(), told, strict=True):
        assert str(path) in line
        assert part in line
    assert len(lines(tmp_path / "out")) == 1


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (("--diff",), "expected --warc with --out alone, found --diff"),
        (
            ("--since", "2026-01-01", "--run", "x"),
            "expected --warc with --out alone, found --since and --run",
        ),
        ((), "expected --out DIR with --warc, found none"),
    ],
)
def test_wrong_arguments(words: tuple[str, ...], expected: str, tmp_path: Path) -> None:
    found = imported(tmp_path, *words, "--warc", tmp_path / "a.warc")
    assert (found.status, found.stderr) == (2, f"scrapy replay: {expected}\n")


def test_an_archive_without_our_pages(tmp_path: Path) -> None:
    path = archive(tmp_path / "a.warc.gz", record("/en/about.html", b"<html>", LATER))
    found = imported(tmp_path, "--warc", path, "--out", tmp_path / "out")
    assert found.status == 1
    assert found.stderr.startswith("scrapy replay: expected answers of longbridge")
    assert not (tmp_path / "out" / "articles").exists()
