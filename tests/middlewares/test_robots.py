"""Which answers for robots.txt allow a site, which forbid it, and what counts later in a run."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace
from typing import cast

import pytest
from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.exceptions import IgnoreRequest, NotConfigured
from scrapy.http import Response
from scrapy.settings import Settings

from newscrawl.middlewares import robots
from newscrawl.middlewares.retry import RunEnds
from newscrawl.middlewares.robots import RobotsForbidden, RobotsMiddleware
from tests.middlewares.robots_site import PAGE, ROBOTS, Answer, Site, along, moved, of_status


# RFC 9309, section 2.3.1.3: 4xx is a file that is not there. The body is an error page, whatever it looks
# like.
@pytest.mark.parametrize("status", [400, 401, 403, 404, 410, 428, 430, 451, 499])
def test_no_file_allows_all(status: int) -> None:
    site = Site(of_status(status))
    assert asyncio.run(site.ask()) is None
    assert site.asked == ["https://courier.example/robots.txt"]


# Section 2.3.1.1: what was downloaded with success is followed.
@pytest.mark.parametrize("status", [200, 203, 206])
def test_a_file_is_followed_whatever_the_kind_of_success(status: int) -> None:
    with pytest.raises(RobotsForbidden):
        asyncio.run(Site(of_status(status)).ask())
    assert asyncio.run(Site(of_status(status, b"")).ask()) is None


# 101, 300, 304 and the like say nothing of the file, and nobody asked for them.
# 429 is "not now", after all repeats of the retry middleware: whether there is a file it does not say.
@pytest.mark.parametrize("status", [101, 199, 300, 304, 305, 429, 500, 502, 503, 504, 599])
def test_a_file_that_cannot_be_had_forbids_all_and_ends_the_run(status: int) -> None:
    # The body allows everything; it is no robots.txt.
    site = Site(of_status(status, b""))
    text = rf"^expected https://courier\.example/robots\.txt to be readable, found HTTP {status}$"
    with pytest.raises(RunEnds, match=text):
        asyncio.run(site.ask())


def test_a_connection_that_fails_forbids_all_in_one_line() -> None:
    def fail(request: Request) -> Response:
        raise OSError("refused\nby whom")

    with pytest.raises(RunEnds, match=r"readable, found OSError: refused$"):
        asyncio.run(Site(fail).ask())


def test_a_file_that_is_too_large_unpacked_forbids_all_and_ends_the_run() -> None:
    def refuse(request: Request) -> Response:
        # Scrapy's words.
        raise IgnoreRequest("its body exceeded DOWNLOAD_MAXSIZE (9 B) during decompression.")

    with pytest.raises(RunEnds, match=r"to be readable, found its body exceeded DOWNLOAD_MAXSIZE"):
        asyncio.run(Site(refuse).ask())


def test_a_request_that_a_middleware_drops_is_not_the_end_of_the_run() -> None:
    def drop(request: Request) -> Response:
        raise IgnoreRequest("not this one")

    with pytest.raises(IgnoreRequest, match="not this one") as caught:
        asyncio.run(Site(drop).ask())
    assert not isinstance(caught.value, RunEnds)


def test_the_file_is_read_and_asked_for_once_for_each_scheme_host_and_port() -> None:
    site = Site(of_status(200, b"User-agent: *\nDisallow: /private/\n"))

    async def several() -> None:
        await asyncio.gather(*(site.ask(f"https://courier.example/en/{number}.html") for number in range(5)))
        with pytest.raises(RobotsForbidden, match=r"courier\.example/robots\.txt forbids it to newscrawl/1"):
            await site.ask("https://courier.example/private/7.html")
        await site.ask("http://courier.example/en/7.html")
        await site.ask("https://courier.example:8443/en/7.html")

    asyncio.run(several())
    assert site.asked == [
        "https://courier.example/robots.txt",
        "http://courier.example/robots.txt",
        "https://courier.example:8443/robots.txt",
    ]


def test_a_page_that_is_dropped_while_it_waits_takes_no_others_with_it() -> None:
    site = Site(of_status(200))

    async def several() -> None:
        dropped, waiting = asyncio.ensure_future(site.ask()), asyncio.ensure_future(site.ask())
        await asyncio.sleep(0)
        dropped.cancel()
        with pytest.raises(RobotsForbidden):
            await waiting

    asyncio.run(several())
    assert len(site.asked) == 1


# --- The signal, and the stats of Scrapy's own middleware --------------------------------------------


def test_the_rules_that_were_read_are_sent() -> None:
    site = Site(of_status(200, b"User-agent: *\nDisallow: /private/\nSitemap: https://courier.example/map\n"))

    async def several() -> None:
        await asyncio.gather(*(site.ask(f"https://courier.example/en/{number}.html") for number in range(3)))

    asyncio.run(several())
    ((rules, request),) = site.parsed
    # The page for which the file was read, as Scrapy has it.
    assert request.url == "https://courier.example/en/0.html"
    assert rules.allowed(PAGE, "newscrawl")
    assert not rules.allowed("https://courier.example/private/7.html", "newscrawl")


def test_no_file_is_sent_as_an_empty_one() -> None:
    site = Site(of_status(404))
    asyncio.run(site.ask())
    ((rules, _),) = site.parsed
    assert rules.allowed(PAGE, "newscrawl")


def test_a_file_that_cannot_be_had_is_not_sent() -> None:
    site = Site(of_status(503))
    with pytest.raises(RunEnds):
        asyncio.run(site.ask())
    assert site.parsed == []


def _fail(request: Request) -> Response:
    raise OSError("refused")


@pytest.mark.parametrize(
    ("answer", "error", "stats"),
    [
        (
            of_status(200),
            RobotsForbidden,
            {"response_count": 1, "response_status_count/200": 1, "forbidden": 2},
        ),
        (of_status(404), None, {"response_count": 1, "response_status_count/404": 1}),
        (of_status(429), RunEnds, {"response_count": 1, "response_status_count/429": 1}),
        (_fail, RunEnds, {"exception_count/<class 'OSError'>": 1}),
        (
            along(ROBOTS, "https://other.example/", then=of_status(404)),
            None,
            {"response_count": 1, "response_status_count/404": 1},
        ),
    ],
)
def test_stats(answer: Answer, error: type[Exception] | None, stats: dict[str, int]) -> None:
    site = Site(answer)

    async def twice() -> None:
        for _ in range(2):
            if error is None:
                await site.ask()
            else:
                with pytest.raises(error):
                    await site.ask()

    asyncio.run(twice())
    assert site.stats == {"request_count": 1, **stats}


# --- In the middle of a run -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("then", "is_forbidden", "asked"),
    [
        # Nobody can tell what the rules are now: those that were read before still hold.
        (of_status(503, b""), True, 1),
        (of_status(429, b""), True, 1),
        (lambda request: moved(request, "/robots.txt"), True, 6),
        # They are gone.
        (of_status(404), False, 1),
        (of_status(200, b""), False, 1),
    ],
    ids=["503", "429", "redirects without end", "404", "allows"],
)
def test_a_day_later_the_file_is_asked_for_again(
    monkeypatch: pytest.MonkeyPatch, then: Answer, asked: int, *, is_forbidden: bool
) -> None:
    now = [1_000.0]
    monkeypatch.setattr(robots, "monotonic", lambda: now[0])
    site = Site(of_status(200))

    async def days() -> bool:
        with pytest.raises(RobotsForbidden):
            await site.ask()
        site.answer = then
        now[0] += 24 * 3600
        # Not over a day yet.
        with pytest.raises(RobotsForbidden):
            await site.ask()
        assert len(site.asked) == 1
        now[0] += 1
        try:
            await site.ask()
        except RobotsForbidden:
            return True
        return False

    assert asyncio.run(days()) == is_forbidden
    assert len(site.asked) == 1 + asked


def test_a_day_after_a_failure_the_file_is_asked_for_again(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [1_000.0]
    monkeypatch.setattr(robots, "monotonic", lambda: now[0])
    site = Site(of_status(503))

    async def days() -> None:
        with pytest.raises(RunEnds):
            await site.ask()
        site.answer = of_status(404)
        now[0] += 24 * 3600 + 1
        assert await site.ask() is None

    asyncio.run(days())
    assert len(site.asked) == 2


# --- Crawl-delay, and requests that do not ask ----------------------------------------------------


@pytest.mark.parametrize(("delay", "ends"), [("900", False), ("901", True), ("inf", False), ("soon", False)])
def test_a_crawl_delay_of_more_than_the_longest_wait_ends_the_run(delay: str, *, ends: bool) -> None:
    site = Site(of_status(200, f"User-agent: *\nCrawl-delay: {delay}\n".encode()))
    if ends:
        with pytest.raises(RunEnds, match=r"a Crawl-delay of at most 900 s \(RETRY_AFTER_MAX\), found 901 s"):
            asyncio.run(site.ask())
    else:
        assert asyncio.run(site.ask()) is None


def test_some_requests_do_not_ask() -> None:
    site = Site(of_status(200))
    request = Request(PAGE, meta={"dont_obey_robotstxt": True})
    assert asyncio.run(site.middleware.process_request(request)) is None
    assert site.asked == []


def test_whoever_does_not_obey_has_no_such_middleware() -> None:
    crawler = SimpleNamespace(settings=Settings({"ROBOTSTXT_OBEY": False}))
    with pytest.raises(NotConfigured):
        RobotsMiddleware.from_crawler(cast("Crawler", crawler))
