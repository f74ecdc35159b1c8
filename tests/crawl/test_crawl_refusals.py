"""A site that refuses everything for a while: it is left alone, tried now and then, and no page is lost."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import pytest
from aiohttp import web

from tests.crawl.crawl_runs import FAST, SINGLE, START, crawl
from tests.crawl.faulty_site import Fault, FaultySite, markdown
from tests.crawl.sample_graph import Node, reachable

FIRST = Node("en", str(START))
EVERYTHING = reachable(FIRST, depth=9)[0]
# The pauses of a refusing host begin with ten times RETRY_BACKOFF: half a second here.
GIVEN_UP = ("-s", "RETRY_AFTER_MAX=3")
HTML = markdown(b"<!doctype html><title>Are you a robot?</title>")

Answer = Callable[[], web.StreamResponse]


def _status(code: int) -> Answer:
    return lambda: web.Response(status=code)


def _html() -> web.StreamResponse:
    return web.Response(body=b"<!doctype html><title>Are you a robot?</title>", content_type="text/html")


def _challenge() -> web.StreamResponse:
    response = _html()
    response.set_status(202)
    return response


def _login() -> web.StreamResponse:
    return web.Response(status=302, headers={"Location": "http://localhost:9/login"})


def _captcha() -> web.StreamResponse:
    return web.Response(status=302, headers={"Location": "/are-you-a-robot"})


WALLS: dict[str, tuple[Answer, tuple[str, ...]]] = {
    "403, one at a time": (_status(403), SINGLE),
    "403": (_status(403), FAST),
    "429": (_status(429), FAST),
    "503, one at a time": (_status(503), SINGLE),
    "a CAPTCHA": (_html, FAST),
    "a challenge, one at a time": (_challenge, SINGLE),
    "a login elsewhere": (_login, FAST),
    "a redirect to a CAPTCHA, one at a time": (_captcha, SINGLE),
}


class Wall:
    """Refuses every page from the ``begin``-th on, for as long as ``lasts`` says."""

    def __init__(self, answer: Answer, begin: int, lasts: Callable[[], bool] = lambda: True) -> None:
        self.answer = answer
        self.begin = begin
        self.lasts = lasts
        self.count = 0
        self.refused = 0
        self.first = 0.0

    async def __call__(self, request: web.BaseRequest, number: int) -> web.StreamResponse | None:
        self.count += 1
        if self.count < self.begin or not self.lasts():
            return None
        self.first = self.first or time.monotonic()
        self.refused += 1
        return self.answer()


def _site(wall: Fault) -> FaultySite:
    site = FaultySite()
    site.faults = {path: wall for path in site.pages if path != "/robots.txt"}
    site.faults["/are-you-a-robot"] = HTML
    return site


@pytest.mark.parametrize("name", WALLS)
def test_a_wall_ends_the_run_after_a_few_requests(tmp_path: Path, name: str) -> None:
    answer, words = WALLS[name]
    wall = Wall(answer, begin=20)
    with _site(wall).serving() as site:
        run = crawl(site.origin + FIRST.path, tmp_path, "-a", "depth=9", *words, *GIVEN_UP)
        # Ten in a row, what was under way then, and a request for each of the pauses.
        assert 10 <= wall.refused <= 10 + 2 * 16 + 6
        assert run.status == 1, run.stderr
        assert run.manifest["finish_reason"] == "blocked"
        assert "found nothing but refusals" in run.told
        assert run.manifest["counts"]["failed"] == 0
        assert run.manifest["counts"]["rejected"] == 0
        assert run.manifest["counts"]["waiting"] > 0
        # The same command again tries with one page, and gives up at once.
        before = wall.refused
        again = crawl(site.origin + FIRST.path, tmp_path, "-a", "depth=9", *words, *GIVEN_UP)
        assert again.status == 1
        assert wall.refused - before <= 2
        # And when the site answers, the run goes on where it was.
        wall.lasts = lambda: False
        last = crawl(site.origin + FIRST.path, tmp_path, "-a", "depth=9", *words)
    assert last.status == 0, last.stderr
    assert last.uids == EVERYTHING


@pytest.mark.parametrize("name", WALLS)
def test_an_outage_loses_no_page(tmp_path: Path, name: str) -> None:
    answer, words = WALLS[name]
    wall = Wall(answer, begin=20)
    # Longer than all repetitions of a page take (0.05, 0.1, 0.2 and 0.4 s).
    wall.lasts = lambda: not wall.first or time.monotonic() - wall.first < 2.5
    with _site(wall).serving() as site:
        run = crawl(site.origin + FIRST.path, tmp_path, "-a", "depth=9", *words)
    assert run.status == 0, run.stderr
    assert run.uids == EVERYTHING
    assert run.manifest["counts"]["failed"] == 0
    assert run.manifest["counts"]["rejected"] == 0


def test_refusals_in_between_are_no_wall(tmp_path: Path) -> None:
    """Every third page is broken for good: each fails by itself, and nothing waits."""
    site = FaultySite()
    broken = sorted(path for path in site.pages if path not in ("/robots.txt", FIRST.path))[::3]

    async def forbidden(request: web.BaseRequest, number: int) -> web.StreamResponse | None:
        return web.Response(status=403)

    site.faults = dict.fromkeys(broken, forbidden)
    with site.serving():
        run = crawl(site.origin + FIRST.path, tmp_path, "-a", "depth=1", *SINGLE)
    assert "refused" not in run.manifest["verdict"]["text"]
    assert run.manifest["finish_reason"] != "blocked"
    assert "no request for" not in run.stderr
    assert max(site.paths.count(path) for path in broken) == 1


def test_never_to_be_taken_for_a_wall(tmp_path: Path) -> None:
    wall = Wall(_status(403), begin=20)
    with _site(wall).serving() as site:
        words = ("-a", "depth=9", *FAST, "-s", "REFUSALS_MAX=0")
        run = crawl(site.origin + FIRST.path, tmp_path, *words)
    assert run.status == 1
    assert run.manifest["finish_reason"] == "failed"
    assert run.manifest["counts"]["failed"] > 10


def test_what_a_refusing_host_asks_for_is_kept(tmp_path: Path) -> None:
    """It refuses, and then asks for an hour: the next start knows both, and does not wait."""

    async def busy(request: web.BaseRequest, number: int) -> web.StreamResponse:
        hour = sum(site.paths.count(path) for path in site.faults) > 15
        return web.Response(status=429, headers={"Retry-After": "3600" if hour else "0"})

    site = FaultySite()
    site.faults = dict.fromkeys(
        (path for path in site.pages if path not in ("/robots.txt", FIRST.path)), busy
    )
    with site.serving():
        words = (site.origin + FIRST.path, tmp_path, "-a", "depth=9", *FAST)
        first = crawl(*words)
        assert first.status == 1
        asked = len(site.asked)
        again = crawl(*words)
    assert again.status == 1
    assert "asked for no request until 20" in again.told
    assert len(site.asked) == asked
