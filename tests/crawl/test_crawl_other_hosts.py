"""Other hosts than the site's: one that has its robots.txt, and those of a spider's own requests."""

from __future__ import annotations

import json
import re
from pathlib import Path

from tests.crawl.crawl_runs import FAST, ROOT, START, crawl, run
from tests.crawl.own_hosts import PERSONAL
from tests.crawl.raw_site import Asked, RawSite, Reply, head, ok
from tests.crawl.sample_graph import Node, reachable

FIRST = Node("en", str(START))
ALL = reachable(FIRST, depth=0)[0]
ROBOTS = "/robots.txt"
RULES = b"User-agent: *\nDisallow: /zh-HK/\n"
HEADERS = {"Accept-Encoding": "gzip", **PERSONAL, "X-Api-Key": "secret"}


def _moved(to: str) -> Reply:
    return Reply((head(b"Location: " + to.encode(), b"Content-Length: 0", first=b"HTTP/1.1 302 Found"),))


def _named(origin: str) -> str:
    """Return the same server's origin under another host name."""
    return origin.replace("127.0.0.1", "localhost")


def _secrets(asked: Asked) -> set[str]:
    names = {line.partition(b":")[0].decode().title() for line in asked.lines}
    return names & {*PERSONAL, "X-Api-Key"}


def test_robots_txt_on_another_host(tmp_path: Path) -> None:
    other = RawSite({"/rules": [_moved("/rules/2")], "/rules/2": [ok(RULES)]})
    with other.serving(), RawSite({ROBOTS: [_moved(f"{_named(other.origin)}/rules")]}).serving() as site:
        words = ("-a", "depth=0", *FAST, "-s", f"DEFAULT_REQUEST_HEADERS={json.dumps(HEADERS)}")
        parts = ("-s", 'EXTENSIONS={"tests.crawl.own_hosts.NotesRules": 1}')
        found = crawl(site.origin + FIRST.path, tmp_path, *words, *parts)
    found.check(0)
    # They are the site's own rules now.
    assert found.uids == [uid for uid in ALL if not uid.endswith(":zh-HK")]
    assert found.manifest["counts"]["forbidden"] == 1
    assert [asked.path for asked in site.asked].count(ROBOTS) == 1
    # The other host is asked for nothing else, and learns nothing of who asks.
    assert [asked.path for asked in other.asked] == ["/rules", "/rules/2"]
    assert [_secrets(asked) for asked in other.asked] == [set(), set()]
    assert all(_secrets(asked) == {*PERSONAL, "X-Api-Key"} for asked in site.asked)
    (parsed,) = re.findall(r"robots_parsed: (\S+) is (\w+)", found.stderr)
    assert parsed == (site.origin + FIRST.path, "allowed")
    for name, number in {
        "request_count": 1,
        "response_count": 1,
        "response_status_count/200": 1,
        "forbidden": 1,
    }.items():
        assert f"'robotstxt/{name}': {number}" in found.stderr


def test_robots_txt_behind_five_redirects_and_six(tmp_path: Path) -> None:
    for redirects, exit_status in ((5, 0), (6, 1)):
        # Each to the other host, and back.
        replies = {f"/{number}": [_moved("")] for number in range(1, redirects)}
        other = RawSite(dict(replies))
        with (
            other.serving(),
            RawSite({ROBOTS: [_moved(f"{_named(other.origin)}/1")], **replies}).serving() as site,
        ):
            for number in range(1, redirects):
                there = site.origin if number % 2 else _named(other.origin)
                for replying in (site, other):
                    replying.replies[f"/{number}"] = [_moved(f"{there}/{number + 1}")]
            for replying in (site, other):
                replying.replies[f"/{redirects}"] = [ok(RULES)]
            found = crawl(site.origin + FIRST.path, tmp_path / str(redirects), "-a", "depth=0", *FAST)
        found.check(exit_status)
        if exit_status:
            assert found.manifest["finish_reason"] == "robots_unreachable"
            assert found.manifest["counts"]["waiting"] == 1
            assert f"{ROBOTS} to be readable, found more than 5 redirects" in found.told
        else:
            assert found.manifest["counts"]["forbidden"] == 1
        assert len(site.asked) + len(other.asked) == 6 + (0 if exit_status else 2)


def test_requests_of_a_spiders_own_to_several_hosts(tmp_path: Path) -> None:
    behind = RawSite({"/b": [ok(b"page b")]})
    first = RawSite({ROBOTS: [ok(b"User-agent: NewsCrawl/1\nDisallow: /no\n")], "/a": [ok(b"page a")]})
    second = RawSite({ROBOTS: [Reply((head(b"Content-Length: 0", first=b"HTTP/1.1 429 Busy"),))]})
    with behind.serving(), first.serving(), second.serving(), RawSite().serving() as site:
        first.replies["/moved"] = [_moved(f"{behind.origin}/b")]
        others = [f"{first.origin}/{path}" for path in ("a", "no", "moved")] + [f"{second.origin}/c"]
        found = run(
            (
                *("runspider", ROOT / "tests" / "crawl" / "own_hosts.py"),
                *("-a", f"url={_named(site.origin)}{FIRST.path}", "-a", "depth=0", *FAST),
                *("-s", f"DEFAULT_REQUEST_HEADERS={json.dumps(HEADERS)}"),
                *("-s", f"OTHERS={','.join(others)}", "-s", "RETRY_TIMES=1"),
            ),
            tmp_path,
        )
    # What fails on other hosts does not end the run.
    found.check(0)
    assert found.uids == ALL
    assert [text for text in ("page a", "page b") if f"read {text} from " in found.stderr] == [
        "page a",
        "page b",
    ]
    assert f"{first.origin}{ROBOTS} forbids it" in found.stderr
    assert f"expected {second.origin}{ROBOTS} to be readable, found HTTP 429" in found.stderr
    # Each host is asked for its own rules, and those of one do not count on another.
    assert sorted(asked.path for asked in first.asked) == ["/a", "/moved", ROBOTS]
    assert [asked.path for asked in second.asked] == [ROBOTS, ROBOTS]
    assert [asked.path for asked in behind.asked] == [ROBOTS, "/b"]
    # Another port is another service: it is not told who asks, when it is asked for its rules neither. Other
    # headers go along with a redirect, as in Scrapy.
    every = {*PERSONAL, "X-Api-Key"}
    assert {asked.path: _secrets(asked) for asked in first.asked} == dict.fromkeys(
        ("/a", "/moved", ROBOTS), every
    )
    assert {asked.path: _secrets(asked) for asked in behind.asked} == {ROBOTS: set(), "/b": {"X-Api-Key"}}
