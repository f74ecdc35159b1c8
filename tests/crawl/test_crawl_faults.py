"""A crawl of a site on which much goes wrong: what can be read is read, the rest is told."""

from __future__ import annotations

import gzip
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.crawl.crawl_runs import FAST, START, Run, comparable, crawl
from tests.crawl.faulty_site import (
    Fault,
    FaultySite,
    chunks,
    first,
    late,
    markdown,
    page,
    raw,
    redirect,
    reset,
    status,
    truncated,
)
from tests.crawl.sample_graph import SAMPLE, Node, leads, reachable

FIRST = Node("en", str(START))
# So many faults in a row would be taken for a site that refuses.
UNCOUNTED = ("-s", "REFUSALS_MAX=0")
LIMITS = ("-s", "DOWNLOAD_TIMEOUT=2", "-s", "DOWNLOAD_MAXSIZE=4000000", "-s", "RETRY_TIMES=2")
SETTINGS = (*FAST, *LIMITS, *UNCOUNTED)

# Once, and then the page comes. They stand on pages in `en`, so that the crawl goes on behind them.
PASSING: dict[str, Fault] = {
    "429": first(status(429, b"slow down")),
    "429 twice": first(status(429, b"<html>slow down"), 2),
    "429, a past date": first(status(429, Retry_After="Wed, 21 Oct 2015 07:28:00 GMT")),
    "429, nonsense": first(status(429, Retry_After="in a while")),
    "503 with a page": first(status(503, SAMPLE.joinpath("en/news/290118204.md").read_bytes())),
    "500": first(status(500)),
    "502": first(status(502)),
    "504": first(status(504)),
    "connection reset": first(reset),
    "connection closed": first(raw(b"")),
    "half a page": first(truncated(SAMPLE.joinpath("en/news/290118204.md").read_bytes()[:700])),
    "too late": first(late(8)),
    "late": late(0.4),
    "packed": first(status(200, Content_Encoding="gzip")),
}
PASSING_PAGES = dict(zip(
    PASSING,
    (290118204, 289868449, 289323489, 290435674, 290643280, 278852763, 287924229, 292819147, 295703503,
     280429547, 282960967, 283659375, 284517419, 285478238),
    strict=True,
))  # fmt: skip


class Lasting(NamedTuple):
    """A fault that does not go away, on a page that ends as rejected, missing or failed."""

    story: int
    fault: Fault
    outcome: str
    head: bytes | None = b""


def _sample(path: str) -> bytes:
    return SAMPLE.joinpath(path).read_bytes()


def _own(story: int) -> bytes:
    return _sample(f"zh-HK/news/{story}.md")


HTML = b"<!DOCTYPE html>\n<html><head><title>Hello</title></head><body>" + b"<p>x</p>" * 1000
JUNK = bytes(range(1, 256)) * 8_000
WRONG_ARTICLE = _own(290118204)
WRONG_LOCALE = _sample("zh-CN/news/278852763.md")
NUL = _own(287924229).replace(b"a", b"\0", 1).replace(b"\n\n", b"\n\n\0", 1)
TRUNCATED_HEADER = _own(292819147)[:300]
OTHER_KIND = _own(295703503).replace(b'type: "News"', b'type: "Quote"')
NOTHING = b' \n---\ntype: "News"\nurl: https://longbridge.com/zh-HK/news/280429547.md\n---\n\n'

LASTING = {
    "html": Lasting(289868449, markdown(HTML), "html_document", HTML),
    "empty": Lasting(289323489, markdown(b""), "empty_document", b""),
    "white space": Lasting(290435674, markdown(b" \n\t\n"), "empty_document", b" \n\t\n"),
    "another article": Lasting(290643280, markdown(WRONG_ARTICLE), "wrong_article", WRONG_ARTICLE),
    "another locale": Lasting(278852763, markdown(WRONG_LOCALE), "wrong_locale", WRONG_LOCALE),
    "nul bytes": Lasting(287924229, markdown(NUL), "nul_bytes", NUL),
    "cut in the header": Lasting(292819147, markdown(TRUNCATED_HEADER), "header_truncated", TRUNCATED_HEADER),
    "another kind": Lasting(295703503, markdown(OTHER_KIND), "not_news", OTHER_KIND),
    "no text": Lasting(280429547, markdown(NOTHING), "body_missing", NOTHING),
    "junk": Lasting(282960967, markdown(JUNK), "no_front_matter", JUNK),
    "too large": Lasting(283659375, markdown(b"x" * 10_000_000), "too_large", None),
    "too large, of unknown length": Lasting(284517419, chunks(b"x" * 100_000, 100), "too_large", None),
    "gzip bomb": Lasting(
        285478238,
        status(200, gzip.compress(bytes(20_000_000)), Content_Encoding="gzip"),
        "too_large",
        None,
    ),
    "redirect to another article": Lasting(
        286272364, redirect("/zh-HK/news/290118204.md"), "wrong_article", WRONG_ARTICLE
    ),
    "gone": Lasting(286889147, status(410), "missing"),
    "not there": Lasting(291279112, status(404, WRONG_ARTICLE), "missing"),
    "forbidden": Lasting(291463649, status(403, HTML), "failed"),
    "no content": Lasting(292224608, status(204), "failed"),
    "always busy": Lasting(293632704, status(503), "failed"),
    "always reset": Lasting(294283353, reset, "failed"),
    "always half": Lasting(294854723, truncated(_own(294854723)), "failed"),
    "redirect loop": Lasting(296572512, redirect("/zh-HK/news/296572512.md"), "failed"),
    "redirect without an address": Lasting(297232425, status(302), "failed"),
    "redirect to a file": Lasting(297832299, redirect("file:///etc/hostname"), "failed"),
    "no HTTP": Lasting(298454418, raw(b"hello, this is no web server\r\n\r\n"), "failed"),
    "not packed": Lasting(
        290770114, status(200, _own(290770114), Content_Encoding="gzip"), "failed"
    ),
}  # fmt: skip
# In another locale, for want of pages.
MOVED = Node("zh-CN", "289868449")
ELSEWHERE = Node("zh-CN", "289323489")
LONG_HEADER = Node("zh-CN", "290435674")
LATIN = Node("zh-CN", "298454418")


class Outcome(NamedTuple):
    run: Run
    site: FaultySite
    elsewhere: FaultySite
    undisturbed: Run


@pytest.fixture(scope="module")
def outcome(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Outcome]:
    folder = tmp_path_factory.mktemp("faults")
    with FaultySite().serving() as elsewhere, FaultySite().serving() as site:
        undisturbed = crawl(elsewhere.origin + FIRST.path, folder / "undisturbed", "-a", "depth=4", *FAST)
        elsewhere.asked.clear()
        packed = status(200, gzip.compress(_sample("en/news/285478238.md")), Content_Encoding="gzip")
        site.faults = {
            **{page("en", PASSING_PAGES[name]): fault for name, fault in PASSING.items()},
            **{page("zh-HK", lasting.story): lasting.fault for lasting in LASTING.values()},
            page("en", PASSING_PAGES["packed"]): packed,
            MOVED.path: redirect("/moved/here"),
            "/moved/here": redirect(f"{site.origin}/moved/there", 301),
            "/moved/there": markdown(_sample(MOVED.path[1:])),
            # The same machine under another name is another host.
            ELSEWHERE.path: redirect(elsewhere.origin.replace("127.0.0.1", "localhost") + ELSEWHERE.path),
            LONG_HEADER.path: status(200, _sample(LONG_HEADER.path[1:]), X_Long="x" * 100_000),
            LATIN.path: markdown(_sample(LATIN.path[1:]).decode().encode("gb18030"), "gb18030"),
        }
        run = crawl(site.origin + FIRST.path, folder / "faulty", "-a", "depth=4", *SETTINGS)
        yield Outcome(run, site, elsewhere, undisturbed)


def test_run_is_sound(outcome: Outcome) -> None:
    outcome.undisturbed.check(0)
    outcome.run.check(0)


def test_exactly_the_right_lines(outcome: Outcome) -> None:
    lost = {f"longbridge:{lasting.story}:zh-HK" for lasting in LASTING.values()}
    lost |= {ELSEWHERE.uid, LONG_HEADER.uid}
    assert outcome.run.uids == [uid for uid in reachable(FIRST, depth=4)[0] if uid not in lost]
    changed = {LATIN.uid, Node("en", str(PASSING_PAGES["packed"])).uid, MOVED.uid}
    expected = [line for line in comparable(outcome.undisturbed.lines()) if line["uid"] not in lost]
    for line, other in zip(comparable(outcome.run.lines()), expected, strict=True):
        if line["uid"] in changed:
            # What the server said of the page differs, what the page says does not.
            line["http"] = other["http"] = {}
        if line["uid"] == LATIN.uid:
            assert line["warnings"] == ["encoding_not_utf8"]
            line["warnings"] = other["warnings"]
        assert line == other


@pytest.mark.parametrize("name", PASSING)
def test_passing_fault(outcome: Outcome, name: str) -> None:
    node = Node("en", str(PASSING_PAGES[name]))
    assert node.uid in outcome.run.uids
    asked = {"429 twice": 3, "late": 1, "packed": 1}.get(name, 2)
    assert outcome.site.paths.count(node.path) == asked


def logged(run: Run, text: str) -> str:
    """The one line of the log that holds a text."""
    (line,) = [line for line in run.stderr.splitlines() if text in line]
    return line


REJECTED = [name for name, lasting in LASTING.items() if lasting.outcome not in ("missing", "failed")]


@pytest.mark.parametrize("name", REJECTED)
def test_rejected(outcome: Outcome, name: str) -> None:
    lasting = LASTING[name]
    node = Node("zh-HK", str(lasting.story))
    line = outcome.run.rejected[node.uid]
    assert line["schema"] == "newscrawl.rejection/1"
    assert line["reason"] == lasting.outcome
    assert line["detail"]
    assert line["url"] == f"https://longbridge.com{node.path}"
    assert line["fetched_url"] == outcome.site.origin + node.path
    assert line["fetched_at"] <= line["rejected_at"]
    assert line["crawl"]["run_id"] == outcome.run.manifest["run_id"]
    if lasting.head is None:
        assert line["head"] is None
        assert line["http"] is None
    else:
        assert line["head"] == lasting.head[:2_048].decode(errors="replace")
        assert line["http"]["status"] == 200
        assert line["http"]["bytes"] == len(lasting.head)
    assert logged(outcome.run, f"rejected: {line['url']}: {lasting.outcome}: {line['detail']}")
    assert name == "redirect to another article" or outcome.site.paths.count(node.path) == 1


def test_nothing_else_is_rejected(outcome: Outcome) -> None:
    assert len(outcome.run.lines("rejected")) == len(REJECTED)
    assert set(outcome.run.rejected) == {f"longbridge:{LASTING[name].story}:zh-HK" for name in REJECTED}


@pytest.mark.parametrize(
    ("name", "least", "most", "told"),
    [
        ("gone", 1, 1, "HTTP 410"),
        ("not there", 1, 1, "HTTP 404"),
        ("forbidden", 1, 1, "HTTP 403"),
        ("no content", 1, 1, "HTTP 204"),
        ("always busy", 3, 3, "HTTP 503"),
        # The handler itself repeats a request whose reused connection was lost.
        ("always reset", 3, 6, "Error"),
        ("always half", 3, 3, "DataLoss"),
        ("redirect loop", 6, 6, "redirect"),
        ("redirect without an address", 1, 1, "HTTP 302"),
        ("redirect to a file", 1, 1, "HTTP 302"),
        # Whether these are worth a repetition is open; that there is an end of it is not.
        ("no HTTP", 1, 6, "Error"),
        ("not packed", 1, 3, "gzip"),
    ],
)
def test_lost(outcome: Outcome, name: str, least: int, most: int, told: str) -> None:
    node = Node("zh-HK", str(LASTING[name].story))
    assert least <= outcome.site.paths.count(node.path) <= most
    kind = LASTING[name].outcome
    assert kind in ("missing", "failed")
    assert told in logged(outcome.run, f"{kind}: https://longbridge.com{node.path}: ")


def test_counts(outcome: Outcome) -> None:
    counts = outcome.run.manifest["counts"]
    outcomes = [lasting.outcome for lasting in LASTING.values()]
    linked = {
        Node(line["locale"], link["story_id"].split(":")[1])
        for line in outcome.run.lines()
        for link in line["related"]
    }
    gone = [node for node in linked if leads(node) is None]
    assert len(gone) == 2
    assert counts["missing"] == outcomes.count("missing") + len(gone)
    assert counts["failed"] == outcomes.count("failed") + 2
    assert counts["rejected"] == len(REJECTED)
    assert f"{counts['failed']} pages could not be fetched" in outcome.run.manifest["verdict"]["text"]


def test_redirects(outcome: Outcome) -> None:
    paths = outcome.site.paths
    assert [paths.count(path) for path in (MOVED.path, "/moved/here", "/moved/there")] == [1, 1, 1]
    (line,) = [line for line in outcome.run.lines() if line["uid"] == MOVED.uid]
    assert line["url"] == f"https://longbridge.com{MOVED.path}"
    assert line["fetched_url"] == outcome.site.origin + MOVED.path
    # Another host is not asked, not even for its robots.txt.
    assert outcome.elsewhere.asked == []
    assert "another site" in outcome.run.stderr


def test_nothing_is_asked_twice_without_a_reason(outcome: Outcome) -> None:
    # One page is also where a redirect leads.
    for path in set(outcome.site.paths) - set(outcome.site.faults) - {page("zh-HK", START)}:
        assert outcome.site.paths.count(path) == 1


def test_repetitions_come_later(tmp_path: Path) -> None:
    with FaultySite({FIRST.path: status(500)}).serving() as site:
        words = ("-s", "RETRY_BACKOFF=0.3", "-s", "RETRY_TIMES=3", "-s", "DOWNLOAD_DELAY=0")
        crawl(site.origin + FIRST.path, tmp_path, *words).check(1)
    gaps = [late - early for early, late in pairwise(site.times(FIRST.path))]
    assert len(gaps) == 3
    # 0.3, 0.6 and 1.2 seconds, less what the first of two requests took on its way.
    for gap, least in zip(gaps, (0.25, 0.5, 1.0), strict=True):
        assert gap > least


def test_half_a_packed_page_is_no_page(tmp_path: Path) -> None:
    # Its length is what was announced; that it was cut before shows in the packing only.
    node = Node("zh-HK", str(START))
    packed = gzip.compress(_own(START))
    cut = status(200, packed[: len(packed) * 2 // 3], Content_Encoding="gzip")
    with FaultySite({node.path: cut}).serving() as site:
        run = crawl(site.origin + FIRST.path, tmp_path, "-a", "depth=0", *FAST)
    run.check(0)
    assert run.uids == [uid for uid in reachable(FIRST, depth=0)[0] if uid != node.uid]


def test_the_sample_has_the_faulty_pages() -> None:
    stories = [lasting.story for lasting in LASTING.values()]
    assert len(set(stories)) == len(stories)
    assert all(leads(Node("zh-HK", str(story))) for story in stories)
