"""Answers that are odd, damaged or cut, byte by byte: what can be read is read, what is cut is not taken.

One crawl meets all of them, each on a page of its own, from which nothing else is reached.
"""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

import pytest

from tests.crawl.crawl_runs import FAST, START, Run, crawl
from tests.crawl.raw_site import RawSite, Reply, chunked, head, ok
from tests.crawl.sample_graph import SAMPLE, Node, reachable

FIRST = Node("en", str(START))
EVERYTHING = reachable(FIRST, depth=9)[0]
PAGES = [Node(*reversed(uid.split(":")[1:])) for uid in EVERYTHING]
PAGES_IN_ENGLISH = [node for node in PAGES if node.locale == "en"]
OTHER_PAGES = [node for node in PAGES if node.locale != "en"]
# So many faults in a row would be taken for a site that refuses.
UNCOUNTED = ("-s", "REFUSALS_MAX=0")
LIMITS = ("-s", "DOWNLOAD_TIMEOUT=3", "-s", "DOWNLOAD_MAXSIZE=4000000", "-s", "RETRY_TIMES=2")
SETTINGS = (*FAST, *LIMITS, *UNCOUNTED)
CHUNKED = b"Transfer-Encoding: chunked"
LAST = b"0\r\n\r\n"

# Of a page's bytes, what is answered first, second, and so on; None is the page.
Make = Callable[[bytes], Sequence[Reply | None]]


class Case(NamedTuple):
    """What becomes of a page, how often it is asked for at least and at most, and its ETag."""

    make: Make
    becomes: str = "read"
    asked: tuple[int, int] = (1, 1)
    etag: str | None = None


def _line(*lines: bytes) -> Make:
    return lambda body: [ok(body, *lines)]


def _status(line: bytes) -> Make:
    return lambda body: [Reply((head(b"Content-Length: %d" % len(body), first=line) + body,))]


def _in_chunks(end: bytes, *lines: bytes) -> Make:
    return lambda body: [Reply((head(CHUNKED, *lines) + chunked(body) + end,), "close")]


def _drip(content: bytes) -> Reply:
    """Send a byte now and then: each alone comes in time."""
    return Reply(tuple(content[at : at + 1] for at in range(60)), "hold", 0.1)


def _cut_in_a_chunk(body: bytes) -> Reply:
    return Reply((head(CHUNKED) + chunked(body)[:-50],), "close")


def _packed(body: bytes, share: float) -> Reply:
    packed = gzip.compress(body)
    return ok(packed[: round(len(packed) * share)], b"Content-Encoding: gzip")


def _cut_in_a_member(body: bytes) -> Reply:
    packed = gzip.compress(body[:500]) + gzip.compress(body[500:])
    return ok(packed[:-30], b"Content-Encoding: gzip")


def _without_length(body: bytes, *lines: bytes) -> Reply:
    return Reply((head(*lines, first=b"HTTP/1.0 200 OK") + body,), "close")


def _announced(body: bytes) -> bytes:
    return head(b"Content-Length: %d" % len(body))


# Made for one attempt only, the page comes at the next; made for all, it is lost.
CUT: dict[str, Callable[[bytes], Reply]] = {
    "by its length": lambda body: ok(body[:-1], length=b"%d" % len(body), end="close"),
    "before its first byte": lambda body: ok(b"", length=b"%d" % len(body), end="close"),
    "in a chunk": _cut_in_a_chunk,
    "before the last chunk": lambda body: Reply((head(CHUNKED) + chunked(body),), "close"),
    "in the last chunk": lambda body: Reply((head(CHUNKED) + chunked(body) + b"0\r\n",), "close"),
    "gzip": lambda body: _packed(body, 0.66),
    "gzip, of its last byte": lambda body: ok(gzip.compress(body)[:-1], b"Content-Encoding: gzip"),
    "closed before the headers": lambda body: Reply((), "close"),
    "closed in the headers": lambda body: Reply((_announced(body)[:-2],), "close"),
    "reset before the headers": lambda body: Reply((), "reset"),
    "reset in the headers": lambda body: Reply((_announced(body)[:-2],), "reset", 0.1),
    "reset in the body": lambda body: Reply((_announced(body) + body[:-1],), "reset", 0.1),
    "slow in the headers": lambda body: _drip(_announced(body)),
    "slow in the body": lambda body: Reply((_announced(body), *_drip(body).parts), "hold", 0.1),
}


def _once(make: Callable[[bytes], Reply]) -> Make:
    return lambda body: [make(body), None]


def _always(make: Callable[[bytes], Reply]) -> Make:
    return lambda body: [make(body)]


# A request whose reused connection was lost is sent again by the handler itself.
_LOST = {name: 2 if name.startswith(("closed", "reset")) else 1 for name in CUT}
FAILED = (3, 3)

CASES: dict[str, Case] = {
    "line of 9 kB": Case(_line(b"X-Long: " + b"x" * 9_000)),
    "line of 60 kB": Case(_line(b"X-Long: " + b"x" * 60_000)),
    "line of 70 kB": Case(_line(b"X-Long: " + b"x" * 70_000), "failed", FAILED),
    "lines of 60 kB in all": Case(_line(*(b"X-%02d: " % i + b"x" * 991 for i in range(60)))),
    "lines of 66 kB in all": Case(
        _line(*(b"X-%02d: " % i + b"x" * 991 for i in range(66))), "failed", FAILED
    ),
    "lines of 800 kB in all": Case(
        _line(*(b"X-%d: " % i + b"x" * 8_000 for i in range(100))), "failed", FAILED
    ),
    "300 lines": Case(_line(*(b"X-%d: 1" % i for i in range(300)))),
    "ETag": Case(_line(b'ETag: "a~b"'), etag='"a~b"'),
    "ETag in Latin-1": Case(_line(b'ETag: "\xe4"')),
    "ETag in UTF-8": Case(_line('ETag: "ä"'.encode())),
    "ETag in no encoding": Case(_line(b'ETag: "\xff\xfe"')),
    "another header in no encoding": Case(_line(b"X-Name: \xff\xfe", b'ETag: "a"'), etag='"a"'),
    "a control character": Case(_line(b'ETag: "a\x01b"')),
    "DEL": Case(_line(b'ETag: "a\x7fb"')),
    "NUL": Case(_line(b'ETag: "a\0b"')),
    "no colon": Case(_line(b"this is no header")),
    "a folded line": Case(_line(b'ETag: "a"', b"X-Name: a\r\n b"), etag='"a"'),
    "a bare CR": Case(_line(b"X-Name: a\rb")),
    "bare LFs": Case(lambda body: [Reply((_announced(body).replace(b"\r\n", b"\n") + body,))]),
    "two lengths": Case(_line(b"Content-Length: 10"), "failed", FAILED),
    "one length twice": Case(lambda body: [ok(body, b"Content-Length: %d" % len(body))]),
    "a length that is none": Case(lambda body: [ok(body, length=b"-1")], "failed", FAILED),
    "length and chunks": Case(_in_chunks(LAST, b"Content-Length: 10")),
    "chunks": Case(_in_chunks(LAST)),
    "chunks with a trailer": Case(_in_chunks(b"0\r\nX-Name: a\r\n\r\n")),
    "chunks with garbage": Case(_in_chunks(b"zz\r\n"), "failed", FAILED),
    "gzip": Case(lambda body: [_packed(body, 1)]),
    "status that is garbage": Case(lambda body: [Reply((b"hello\r\n\r\n",), "close")], "failed", FAILED),
    "status without a number": Case(_status(b"HTTP/1.1 OK"), "failed", FAILED),
    "status without a reason": Case(_status(b"HTTP/1.1 200")),
    "HTTP/1.2": Case(_status(b"HTTP/1.2 200 OK")),
    "an early hint": Case(lambda body: [Reply((b"HTTP/1.1 103 Early Hints\r\n\r\n" + ok(body).parts[0],))]),
    "HTTP/1.0": Case(lambda body: [Reply((head(first=b"HTTP/1.0 200 OK") + body,), "close")]),
    # Without a length the page alone can tell.
    "HTTP/1.0, cut": Case(lambda body: [_without_length(body[:-20])], asked=(2, 2)),
    "HTTP/1.0, once cut": Case(lambda body: [_without_length(body[:-20]), None], asked=(2, 2)),
    "HTTP/1.0, cut in the header": Case(
        lambda body: [_without_length(body[:60])], "header_truncated", asked=(2, 2)
    ),
    "HTTP/1.0, gzip": Case(
        lambda body: [_without_length(gzip.compress(body[:-20]), b"Content-Encoding: gzip")]
    ),
    "bytes on top": Case(lambda body: [Reply((ok(body).parts[0] + b"\r\njunk",))], asked=(1, 2)),
    "answered twice": Case(lambda body: [Reply(ok(body).parts * 2)]),
    "too large": Case(lambda body: [ok(b"", length=b"99999999", end="hold")], "too_large"),
    "too large without a length": Case(
        lambda body: [Reply((head() + b"x" * 5_000_000,), "hold")], "too_large"
    ),
    "gzip bomb": Case(lambda body: [_packed(bytes(20_000_000), 1)], "too_large"),
    "empty": Case(lambda body: [ok(b"")], "empty_document"),
    "204 with a body": Case(_status(b"HTTP/1.1 204 No Content"), "failed", (1, 3)),
    "a redirect": Case(
        lambda body: [Reply((b"HTTP/1.1 302 Found\r\nLocation: /there\r\nContent-Length: 4\r\n\r\nxxxx",))],
        "failed",
    ),
    "once cut: a second member of gzip": Case(_once(_cut_in_a_member), asked=(2, 2)),
    "once cut: deflate": Case(
        _once(lambda body: ok(zlib.compress(body)[:-30], b"Content-Encoding: deflate")), asked=(2, 2)
    ),
    **{f"once cut: {name}": Case(_once(make), asked=(2, 2 * _LOST[name])) for name, make in CUT.items()},
    **{f"cut: {name}": Case(_always(make), "failed", (3, 3 * _LOST[name])) for name, make in CUT.items()},
}  # fmt: skip
# So much was sent, and nothing says that there is more.
SHORT = ("HTTP/1.0, cut", "HTTP/1.0, gzip")
NODES = {
    # The crawl goes on behind pages in `en`; no other leads anywhere that these do not.
    **dict(zip((name for name in CASES if name.startswith("once")), PAGES_IN_ENGLISH, strict=False)),
    **dict(zip((name for name in CASES if not name.startswith("once")), OTHER_PAGES, strict=False)),
}


class Outcome(NamedTuple):
    run: Run
    site: RawSite


@pytest.fixture(scope="module")
def outcome(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Outcome]:
    replies = {
        node.path: CASES[name].make(SAMPLE.joinpath(node.path[1:]).read_bytes())
        for name, node in NODES.items()
    }
    with RawSite(replies).serving() as site:
        folder = tmp_path_factory.mktemp("raw")
        yield Outcome(crawl(site.origin + FIRST.path, folder, "-a", "depth=9", *SETTINGS), site)


def test_there_is_a_page_for_each() -> None:
    assert len(NODES) == len(CASES)


def test_run_goes_on(outcome: Outcome) -> None:
    # A quarter of the pages did not come, which no healthy run shows.
    outcome.run.check(4)
    assert [broken["name"] for broken in outcome.run.manifest["broken_promises"]] == ["failed"]
    lost = {NODES[name].uid for name, case in CASES.items() if case.becomes != "read"}
    assert outcome.run.uids == [uid for uid in EVERYTHING if uid not in lost]
    failed = [case for case in CASES.values() if case.becomes == "failed"]
    # A redirect leads where the site has no page.
    missing = CASES["a redirect"]
    assert outcome.run.manifest["counts"]["failed"] == len([case for case in failed if case is not missing])


@pytest.mark.parametrize("name", CASES)
def test_each(outcome: Outcome, name: str) -> None:
    case, node = CASES[name], NODES[name]
    least, most = case.asked
    assert least <= outcome.site.paths.count(node.path) <= most
    if case.becomes == "read":
        (line,) = [line for line in outcome.run.lines() if line["uid"] == node.uid]
        assert line["http"]["etag"] == case.etag
        size = SAMPLE.joinpath(node.path[1:]).stat().st_size
        assert line["http"]["bytes"] == (size - 20 if name in SHORT else size)
        assert ("maybe_truncated" in line["warnings"]) == (name == "HTTP/1.0, cut")
    elif case.becomes == "failed":
        assert node.uid not in outcome.run.rejected
    else:
        assert outcome.run.rejected[node.uid]["reason"] == case.becomes


def test_nothing_else_is_asked_twice(outcome: Outcome) -> None:
    paths = outcome.site.paths
    for path in set(paths) - {node.path for node in NODES.values()}:
        assert paths.count(path) == 1


def test_what_is_told_is_short(outcome: Outcome) -> None:
    told = [line for line in outcome.run.stderr.splitlines() if " failed: " in line or "Gave up" in line]
    assert told
    # Of a header line of 70 kB, too.
    assert max(map(len, told)) < 1_000
