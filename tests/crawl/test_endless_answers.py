"""Answers without an end: the crawler hangs up as soon as there is more than an answer needs."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.crawl.crawl_runs import FAST, START, crawl
from tests.crawl.raw_site import Endless, RawSite, Reply, head
from tests.crawl.sample_graph import Node, reachable

FIRST = Node("en", str(START))
THREE = reachable(FIRST, depth=0)[0]
ENDLESS = Node("zh-HK", str(START))
# Nothing but the bound ends an answer in this time.
WORDS = ("-a", "depth=0", *FAST, "-s", "DOWNLOAD_TIMEOUT=50", "-s", "RETRY_TIMES=1")
CHUNKED = head(b"Transfer-Encoding: chunked")

HEADS = {
    "header lines": Endless((head()[:-2], b"X-Name: value\r\n")),
    "a header line": Endless((head()[:-2] + b"X-Name: ", b"x")),
    "a header name": Endless((head()[:-2], b"x")),
    "a folded line": Endless((head()[:-2] + b"X-Name: a", b"\r\n b")),
    "a status line": Endless((b"HTTP/1.1 200 ", b"OK ")),
    "interim answers": Endless((b"", b"HTTP/1.1 103 Early Hints\r\n\r\n")),
    "interim answers with headers": Endless((b"", b"HTTP/1.1 100 Continue\r\nX-Name: value\r\n\r\n")),
    "empty lines": Endless((b"", b"\r\n")),
}
BODIES = {
    "a chunk extension": Endless((CHUNKED + b"5;a=", b"x")),
    "chunk extensions": Endless((CHUNKED, b"1;name=" + b"x" * 100 + b"\r\na\r\n")),
    "a chunk size": Endless((CHUNKED, b"0")),
    "trailers": Endless((CHUNKED + b"1\r\na\r\n0\r\n", b"X-Name: value\r\n")),
    "a trailer": Endless((CHUNKED + b"1\r\na\r\n0\r\nX-Name: ", b"x")),
}


@pytest.mark.parametrize("name", [*HEADS, *BODIES])
def test_an_answer_without_an_end(tmp_path: Path, name: str) -> None:
    reply = Reply({**HEADS, **BODIES}[name])
    with RawSite({ENDLESS.path: [reply]}).serving() as site:
        run = crawl(site.origin + FIRST.path, tmp_path, *WORDS)
    run.check(0)
    # The other pages come, over other connections.
    assert run.uids == [uid for uid in THREE if uid != ENDLESS.uid]
    assert run.manifest["counts"]["failed"] == 1
    assert site.paths.count(ENDLESS.path) == 2
    (told,) = [line for line in run.stderr.splitlines() if " failed: " in line]
    assert "TimeoutError" not in told
    if name in HEADS:
        assert "expected at most 65536 bytes of headers, found more" in told
    elif name not in ("a chunk size", "a trailer"):
        # The parser refuses these by itself.
        assert "expected at most 65536 bytes between the chunks of a body, found more" in told


def test_robots_txt_without_an_end(tmp_path: Path) -> None:
    with RawSite({"/robots.txt": [Reply(HEADS["header lines"])]}).serving() as site:
        run = crawl(site.origin + FIRST.path, tmp_path, *WORDS)
    run.check(1)
    assert "expected at most 65536 bytes of headers, found more" in run.told
    assert site.paths == []


def test_small_chunks_are_no_attack(tmp_path: Path) -> None:
    with RawSite().serving() as site:
        page = site.pages[ENDLESS.path] * 12
        body = b"".join(b"1\r\n%c\r\n" % byte for byte in page) + b"0\r\n\r\n"
        site.replies[ENDLESS.path] = [Reply((CHUNKED + body,))]
        run = crawl(site.origin + FIRST.path, tmp_path, *WORDS)
    run.check(0)
    assert run.uids == THREE
    (line,) = [line for line in run.lines() if line["uid"] == ENDLESS.uid]
    assert line["http"]["bytes"] == len(page)
    assert len(body) - len(page) > 2 * 65_536
