"""Where robots.txt may be moved to, and what another host is told of us (RFC 9309, section 2.3.1.2)."""

from __future__ import annotations

import asyncio

import pytest
from scrapy import Request
from scrapy.exceptions import IgnoreRequest
from scrapy.http import Response

from newscrawl.middlewares.request_defaults import RequestDefaultsMiddleware
from newscrawl.middlewares.retry import RunEnds
from newscrawl.middlewares.robots import RobotsForbidden
from tests.middlewares.robots_site import ROBOTS, Answer, Site, along, moved, of_status

FIVE = [ROBOTS, *(f"https://h{number}.example/rules?{number}" for number in range(1, 6))]


@pytest.mark.parametrize(
    "chain",
    [
        [ROBOTS, "https://courier.example/moved.txt"],
        [ROBOTS, "http://courier.example/robots.txt"],
        [ROBOTS, "https://courier.example:8443/robots.txt"],
        [ROBOTS, "https://other.example/a", "https://other.example/b", "https://courier.example/c"],
        FIVE,
    ],
    ids=["the same site", "http", "another port", "there and back", "five other hosts"],
)
def test_redirects_are_followed_and_the_rules_are_the_sites_own(chain: list[str]) -> None:
    site = Site(along(*chain, then=of_status(200)))
    with pytest.raises(RobotsForbidden, match=r"https://courier\.example/robots\.txt forbids it"):
        asyncio.run(site.ask())
    assert site.asked == chain


def test_the_host_that_the_rules_come_from_has_its_own() -> None:
    site = Site(along(ROBOTS, "https://other.example/robots.txt", then=of_status(200)))

    async def both() -> None:
        with pytest.raises(RobotsForbidden):
            await site.ask()
        site.answer = of_status(404)
        assert await site.ask("https://other.example/en/7.html") is None

    asyncio.run(both())
    assert site.asked == [ROBOTS, *["https://other.example/robots.txt"] * 2]


def test_a_file_that_is_not_there_either_allows_all() -> None:
    assert asyncio.run(Site(along(ROBOTS, "https://other.example/", then=of_status(404))).ask()) is None


# The RFC allows to take the file for missing then. Nobody knows what it says: nothing is allowed.
@pytest.mark.parametrize(
    ("answer", "found"),
    [
        (along(*FIVE, "https://h6.example/", then=of_status(200, b"")), "more than 5 redirects"),
        (along(*FIVE, "https://h6.example/", then=of_status(404)), "more than 5 redirects"),
        (lambda request: moved(request, ""), "HTTP 302 without a Location"),
        (lambda request: moved(request, "file:///etc/robots.txt"), "a redirect to file:///etc/robots.txt"),
        (lambda request: moved(request, "ftp://other.example/a"), "a redirect to ftp://other.example/a"),
        (lambda request: moved(request, "http:///a"), "a redirect to http:///a"),
        (lambda request: moved(request, "https://[other/a"), "Invalid IPv6 URL"),
        (
            along(ROBOTS, "https://other.example/a", then=of_status(503)),
            "HTTP 503 at https://other.example/a",
        ),
        (
            along(ROBOTS, "https://other.example/a", then=of_status(429)),
            "HTTP 429 at https://other.example/a",
        ),
    ],
)
def test_rules_that_are_not_reached_end_the_run(answer: Answer, found: str) -> None:
    with pytest.raises(RunEnds) as caught:
        asyncio.run(Site(answer).ask())
    assert str(caught.value) == f"expected {ROBOTS} to be readable, found {found}"


@pytest.mark.parametrize("error", [OSError("refused"), IgnoreRequest("refused")])
def test_another_host_that_cannot_be_asked_ends_the_run(error: Exception) -> None:
    def fail(request: Request) -> Response:
        raise error

    with pytest.raises(RunEnds, match=r"found .*refused at https://other\.example/a$"):
        asyncio.run(Site(along(ROBOTS, "https://other.example/a", then=fail)).ask())


@pytest.mark.parametrize(
    ("chain", "personal"),
    [
        ([ROBOTS, "https://courier.example/a"], [True, True]),
        ([ROBOTS, "https://other.example/a", "https://other.example/b", ROBOTS], [True, False, False]),
        ([ROBOTS, "https://courier.example:8443/a"], [True, False]),
        ([ROBOTS, "http://courier.example/a"], [True, False]),
    ],
)
def test_another_host_is_told_nothing_of_us(chain: list[str], personal: list[bool]) -> None:
    of_all = {"User-Agent": "newscrawl/1", "ACCEPT": "text/plain", "accept-language": "en"}
    headers = {"Referer": "https://private.example/", "Cookie": "a=b", "Authorization": "Basic eA=="}
    settings = {**of_all, **headers, "X-Api-Key": "secret", "Host": "courier.example"}
    site = Site(along(*chain[:3], then=of_status(404)), DEFAULT_REQUEST_HEADERS=settings)
    asyncio.run(site.ask())
    for request, is_personal in zip(site.requests, personal, strict=True):
        RequestDefaultsMiddleware.from_crawler(site.middleware.crawler).process_request(request)
        sent = {name.lower() for name, _ in request.headers.to_tuple_list()}
        assert sent == {name.lower() for name in (settings if is_personal else of_all)}
        assert request.meta.get("dont_merge_cookies", False) != is_personal
