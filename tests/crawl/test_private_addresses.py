"""No connection to an address that is not public, unless the start names it, or ALLOW_PRIVATE allows it."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from tests.crawl.crawl_runs import FAST, SINGLE, START, Run, crawl, run
from tests.crawl.raw_site import RawSite, Reply, head, ok
from tests.crawl.sample_graph import Node, reachable

FIRST = Node("en", str(START))
THREE = reachable(FIRST, depth=0)[0]
MIRROR = "mirror.example"
ROBOTS = "/robots.txt"
Names = dict[str, list[list[str]]]


def _crawl(url: str, folder: Path, names: Names, *words: str) -> Run:
    parts = ("-s", 'EXTENSIONS={"tests.crawl.fake_names.FakeNames": 1}', "-s", f"NAMES={json.dumps(names)}")
    return crawl(url, folder, "-a", "depth=0", *parts, *words)


def _named(site: RawSite, host: str = MIRROR) -> str:
    return site.origin.replace("127.0.0.1", host)


def _moved(to: str) -> Reply:
    return Reply((head(b"Location: " + to.encode(), b"Content-Length: 0", first=b"HTTP/1.1 302 Found"),))


@pytest.mark.parametrize(
    ("addresses", "found"),
    [
        (["127.0.0.1"], "127.0.0.1"),
        (["::1"], "::1"),
        (["::ffff:127.0.0.1"], "::ffff:(?:127.0.0.1|7f00:1)"),
        (["64:ff9b::7f00:1"], "64:ff9b::7f00:1"),
        (["2002:7f00:1::1"], "2002:7f00:1::1"),
        (["0.0.0.0"], "0.0.0.0"),
        (["10.0.0.1", "fd00::1", "169.254.169.254"], "(?:10.0.0.1|fd00::1)"),
        (["100.64.0.1"], "100.64.0.1"),
        (["224.0.0.1"], "224.0.0.1"),
    ],
)
def test_a_name_with_an_address_that_is_not_public(tmp_path: Path, addresses: list[str], found: str) -> None:
    with RawSite().serving() as site:
        ended = _crawl(_named(site) + FIRST.path, tmp_path, {MIRROR: [addresses]}, *FAST)
    ended.check(1)
    assert re.fullmatch(
        rf"failed: the start longbridge:{START}:en cannot be read: no connection to {MIRROR}: expected a "
        rf"public address, found {found} \(a start that names the address itself, or ALLOW_PRIVATE=1, "
        r"allows it\)",
        ended.told,
    )
    # Nothing was sent, not even for robots.txt, and nothing was tried again.
    assert site.asked == []
    assert "'retry/count'" not in ended.stderr
    assert ended.manifest["counts"]["failed"] == 1


def test_pages_without_robots_txt_are_not_asked_for_either(tmp_path: Path) -> None:
    with RawSite().serving() as site:
        names = {MIRROR: [["127.0.0.1"]]}
        ended = _crawl(_named(site) + FIRST.path, tmp_path, names, *FAST, "-s", "ROBOTSTXT_OBEY=0")
    ended.check(1)
    assert f"no connection to {MIRROR}: expected a public address, found 127.0.0.1" in ended.told
    assert site.asked == []


def test_allow_private(tmp_path: Path) -> None:
    with RawSite().serving() as site:
        names = {MIRROR: [["127.0.0.1"]]}
        ended = _crawl(_named(site) + FIRST.path, tmp_path, names, *FAST, "-s", "ALLOW_PRIVATE=1")
    ended.check(0)
    assert ended.uids == THREE


@pytest.mark.parametrize("host", ["localhost", "news.localhost", "127.0.0.1"])
def test_a_start_that_names_this_machine(tmp_path: Path, host: str) -> None:
    with RawSite().serving() as site:
        names = {host: [["127.0.0.1"]]}
        ended = _crawl(_named(site, host) + FIRST.path, tmp_path, names, *FAST)
    ended.check(0)
    assert ended.uids == THREE


@pytest.mark.parametrize(
    ("host", "public", "then"),
    [
        (MIRROR, "1", "127.0.0.2"),
        (MIRROR, "1", "10.0.0.1"),
        ("localhost", "0", "10.0.0.1"),
        ("localhost", "0", "169.254.169.254"),
    ],
)
def test_a_name_that_moves_to_another_address(tmp_path: Path, host: str, public: str, then: str) -> None:
    # A new connection for each request; the second has the name's next address.
    with RawSite(end="close").serving() as site:
        site.replies[ROBOTS] = [ok(b"", b"Connection: close", end="close")]
        names = {host: [["127.0.0.1"], [then]]}
        words = (*SINGLE, "-s", f"LOOPBACK_IS_PUBLIC={public}")
        ended = _crawl(_named(site, host) + FIRST.path, tmp_path, names, *words)
    ended.check(1)
    assert f"no connection to {host}: expected a public address, found {then}" in ended.told
    assert [asked.path for asked in site.asked] == [ROBOTS]


def test_a_name_that_moves_behind_a_redirect(tmp_path: Path) -> None:
    other = Node("en", "289868449")
    close = b"Connection: close"
    moved = Reply(
        (
            head(
                b"Location: " + other.path.encode(), close, b"Content-Length: 0", first=b"HTTP/1.1 302 Found"
            ),
        ),
        "close",
    )
    with RawSite({FIRST.path: [moved], ROBOTS: [ok(b"", close, end="close")]}).serving() as site:
        names = {MIRROR: [["127.0.0.1"], ["127.0.0.1"], ["127.0.0.2"]]}
        words = (*SINGLE, "-s", "LOOPBACK_IS_PUBLIC=1")
        ended = _crawl(_named(site) + FIRST.path, tmp_path, names, *words)
    ended.check(1)
    assert f"no connection to {MIRROR}: expected a public address, found 127.0.0.2" in ended.told
    assert [asked.path for asked in site.asked] == [ROBOTS, FIRST.path]


@pytest.mark.parametrize("to", ["name", "169.254.169.254", "localhost", "[::1]"])
def test_robots_txt_behind_a_redirect_to_such_an_address(tmp_path: Path, to: str) -> None:
    with RawSite().serving() as other, RawSite().serving() as site:
        host = "inside.example" if to == "name" else to
        site.replies[ROBOTS] = [_moved(f"{_named(other, host)}/rules")]
        names = {MIRROR: [["127.0.0.1"]], "inside.example": [["127.0.0.2"]], "localhost": [["127.0.0.2"]]}
        words = (*FAST, "-s", "LOOPBACK_IS_PUBLIC=1")
        ended = _crawl(_named(site) + FIRST.path, tmp_path, names, *words)
    ended.check(1)
    assert ended.manifest["finish_reason"] == "robots_unreachable"
    assert "to be readable, found no connection to " in ended.told
    assert site.paths == []
    assert other.asked == []


def test_a_name_with_addresses_of_both_kinds(tmp_path: Path) -> None:
    # The public one is connected to. As long as it may answer later, the page is asked for again.
    names = {MIRROR: [["127.0.0.2", "127.0.0.1", "10.0.0.1"]]}
    words = (*SINGLE, "-s", "LOOPBACK_IS_PUBLIC=1", "-s", "RETRY_TIMES=1")
    with RawSite().serving() as site:
        start = _named(site) + FIRST.path
        ended = _crawl(start, tmp_path / "up", names, *words)
        ended.check(0)
        assert ended.uids == THREE
    down = _crawl(start, tmp_path / "down", names, *words)
    down.check(1)
    assert "'retry/count': 1" in down.stderr


def test_a_proxy_may_be_anywhere_and_resolves_the_names(tmp_path: Path) -> None:
    with RawSite().serving() as proxy:
        page = proxy.pages[FIRST.path]
        proxy.replies = {f"http://{MIRROR}{FIRST.path}": [ok(page)]}
        ended = run(
            (
                "crawl",
                "longbridge",
                "-a",
                f"url=http://{MIRROR}{FIRST.path}",
                "-a",
                "locales=en",
                *FAST,
                "-a",
                "depth=0",
            ),
            tmp_path / "name",
            {"http_proxy": proxy.origin},
        )
        ended.check(0)
        assert ended.uids == [FIRST.uid]
        # An address that is no name is judged before the proxy is asked.
        before = len(proxy.asked)
        proxy.replies[f"http://{MIRROR}{ROBOTS}"] = [_moved("http://169.254.169.254/rules")]
        ended = run(
            ("crawl", "longbridge", "-a", f"url=http://{MIRROR}{FIRST.path}", "-a", "depth=0", *FAST),
            tmp_path / "address",
            {"http_proxy": proxy.origin},
        )
    ended.check(1)
    assert (
        "found no connection to 169.254.169.254: expected a public address, found 169.254.169.254"
        in ended.told
    )
    assert len(proxy.asked) == before + 1


@pytest.mark.parametrize("host", ["127.1", "2130706433", "0177.0.0.1", "0x7f000001"])
def test_other_spellings_of_an_address_are_no_way_around(tmp_path: Path, host: str) -> None:
    with RawSite().serving() as site:
        names = {host: [["127.0.0.1"]]}
        ended = _crawl(_named(site, host) + FIRST.path, tmp_path, names, *FAST, "-s", "RETRY_TIMES=0")
    ended.check(1)
    assert site.asked == []


def test_commands_that_look_at_a_page(tmp_path: Path) -> None:
    with RawSite(end="close").serving() as other, RawSite(end="close").serving() as site:
        # What was typed is the start; where it leads is not.
        inside = other.origin.replace("127.0.0.1", "127.0.0.2") + FIRST.path
        site.replies[f"/zh-CN/news/{START}.md"] = [_moved(inside)]
        parts = (
            "-s",
            'EXTENSIONS={"tests.crawl.fake_names.FakeNames": 1}',
            "-s",
            f'NAMES={{"{MIRROR}": [["127.0.0.1"]]}}',
        )
        for start, status in ((site.origin, 0), (_named(site), 1)):
            looked = run(("fetch", start + FIRST.path, *parts), tmp_path)
            assert (b"title:" in looked.stdout.encode()) == (status == 0), looked.stderr
        typed = run(
            ("fetch", f"{_named(site)}/zh-CN/news/{START}.md", *parts, "-s", "LOOPBACK_IS_PUBLIC=1"), tmp_path
        )
    assert "expected a public address, found 127.0.0.2" in typed.stderr, typed.stderr
    assert other.asked == []
