"""Connections: few for many pages, none that holds what nobody asked for, and no page lost with one."""

from __future__ import annotations

import socket
import sqlite3
from pathlib import Path

import pytest

from tests.crawl.crawl_runs import FAST, SINGLE, START, crawl
from tests.crawl.raw_site import RawSite, Reply, head, ok
from tests.crawl.sample_graph import SAMPLE, Node, reachable

FIRST = Node("en", str(START))
EVERYTHING = reachable(FIRST, depth=9)[0]
THREE = reachable(FIRST, depth=0)[0]
OTHER = SAMPLE.joinpath("zh-CN/news/289868449.md").read_bytes()
PAGE = SAMPLE.joinpath(FIRST.path[1:]).read_bytes()


def _connections(site: RawSite) -> int:
    return len({asked.connection for asked in site.asked})


@pytest.mark.parametrize(("words", "most"), [(SINGLE, 1), (FAST, 16)])
def test_connections_are_kept(tmp_path: Path, words: tuple[str, ...], most: int) -> None:
    with RawSite().serving() as site:
        run = crawl(site.origin + FIRST.path, tmp_path, "-a", "depth=9", *words)
    run.check(0)
    assert run.uids == EVERYTHING
    assert len(site.asked) > 80
    assert _connections(site) <= most


@pytest.mark.parametrize("words", [SINGLE, FAST])
def test_a_server_that_closes_after_each_answer(tmp_path: Path, words: tuple[str, ...]) -> None:
    # Without a word of it in the headers: the next request may be on its way already.
    with RawSite(end="close").serving() as site:
        run = crawl(site.origin + FIRST.path, tmp_path, "-a", "depth=9", *words)
    run.check(0)
    assert run.uids == EVERYTHING
    assert run.manifest["counts"]["failed"] == 0


UNASKED = {
    # The pool must not take them for the next page; a cut one would be waited for without an end.
    "a page": ok(OTHER).parts[0],
    "half a page": ok(OTHER).parts[0][:900],
    "half of its headers": ok(OTHER).parts[0][:40],
    "junk": b"junk\r\n\r\n",
}


@pytest.mark.parametrize("name", UNASKED)
def test_bytes_that_nobody_asked_for(tmp_path: Path, name: str) -> None:
    # They come in the pause before the next request.
    reply = Reply((ok(PAGE).parts[0], UNASKED[name]), pause=0.05)
    with RawSite({FIRST.path: [reply]}).serving() as site:
        words = ("-a", "depth=0", *SINGLE, "-s", "DOWNLOAD_DELAY=0.5", "-s", "DOWNLOAD_TIMEOUT=5")
        run = crawl(site.origin + FIRST.path, tmp_path, *words)
    run.check(0)
    assert run.uids == THREE


def test_unmodified_with_a_body(tmp_path: Path) -> None:
    with RawSite().serving() as site:
        etag = b'ETag: "a"'
        site.replies = {
            path: [
                ok(page, etag),
                # RFC 9110, section 15.4.5: there is none; here it comes, with the headers or later.
                Reply((head(etag, b"Content-Length: 4", first=b"HTTP/1.1 304 Not Modified") + b"body",)),
            ]
            for path, page in site.pages.items()
            if path != "/robots.txt"
        }
        words = (site.origin + FIRST.path, tmp_path, "-a", "depth=0", *SINGLE)
        crawl(*words).check(0)
        before = len(site.asked)
        again = crawl(*words)
    assert again.status == 0, again.stderr
    again_asked = site.asked[before:]
    assert all(b'If-None-Match: "a"' in asked.lines for asked in again_asked if "news" in asked.path)
    assert again.stderr.count(" failed: ") == 0
    assert "304" not in again.told


def _has_ipv6() -> bool:
    try:
        with socket.socket(socket.AF_INET6) as probe:
            probe.bind(("::1", 0))
    except OSError:
        return False
    return True


@pytest.mark.skipif(not _has_ipv6(), reason="no ::1 here")
def test_ipv6(tmp_path: Path) -> None:
    with RawSite(host="::1").serving() as site:
        run = crawl(site.origin + FIRST.path, tmp_path, "-a", "depth=0", *SINGLE)
    run.check(0)
    assert run.uids == THREE
    host = f"Host: {site.origin.removeprefix('http://')}".encode()
    assert all(host in asked.lines for asked in site.asked)


@pytest.mark.skipif(not _has_ipv6(), reason="no ::1 here")
def test_all_of_a_site_over_ipv6(tmp_path: Path) -> None:
    with RawSite(host="::1").serving() as site:
        moved = Node("en", "289868449")
        # Another spelling of the address.
        to = f"Location: {site.origin.replace('::1', '0:0:0:0:0:0:0:1')}/moved{moved.path}".encode()
        site.replies = {
            moved.path: [Reply((head(to, b"Content-Length: 0", first=b"HTTP/1.1 302 Found"),))],
            f"/moved{moved.path}": [ok(site.pages[moved.path], b"no colon, and read all the same")],
            # On the site, with its name for the host.
            "/robots.txt": [
                Reply((head(b"Location: /rules", b"Content-Length: 0", first=b"HTTP/1.1 301 Moved"),))
            ],
            "/rules": [ok(b"User-agent: *\nDisallow: /zh-HK/\n")],
        }
        words = (site.origin + FIRST.path, tmp_path, "-a", "depth=9", *FAST)
        run = crawl(*words)
        run.check(0)
        assert run.uids == [uid for uid in EVERYTHING if not uid.endswith(":zh-HK")]
        before = len(site.asked)
        again = crawl(*words)
    assert again.status == 0, again.stderr
    # The state knows the host by its address.
    assert 0 < len(site.asked) - before < before
    with sqlite3.connect(tmp_path / "state" / "newscrawl.db") as state:
        assert state.execute("SELECT host FROM host").fetchall() == [(site.origin.removeprefix("http://"),)]


def test_what_is_sent(tmp_path: Path) -> None:
    with RawSite().serving() as site:
        crawl(site.origin + FIRST.path, tmp_path, "-a", "depth=0", *SINGLE).check(0)
    names = [[line.partition(b":")[0] for line in asked.lines] for asked in site.asked]
    # Each once, and none that the HTTP library adds by itself.
    for found in names[1:]:
        assert sorted(found) == [b"Accept", b"Accept-Encoding", b"Host", b"User-Agent"]
