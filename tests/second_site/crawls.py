"""Crawls of the second site, with the command that users type."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from aiohttp import web

from tests.crawl.crawl_runs import FAST, TIME_LIMIT, Run, Running, begun, run
from tests.crawl.faulty_site import FaultySite
from tests.second_site.pages import START, pages

MODULE = "tests.second_site.harbour"
HERE = ("-s", f"SPIDER_MODULES={MODULE}")
BOTH = ("-s", f"SPIDER_MODULES=newscrawl.spiders,{MODULE}")
WHOLE = ("-a", "depth=9", *FAST)
# Pages that are known are asked for again, however old they are.
AGAIN = ("-a", "recheck=5000w")


class HarbourSite(FaultySite):
    """The second site on a local port; its pages can be changed while it is served."""

    def __init__(self, given: Mapping[str, bytes] | None = None) -> None:
        super().__init__(pages=pages() if given is None else given)

    @property
    def start(self) -> str:
        return self.origin + START.path

    def edit(self, path: str, old: str, new: str) -> None:
        """Replace what stands on a page once."""
        before = self.pages[path].decode()
        assert before.count(old) == 1, (old, before)
        self.pages[path] = before.replace(old, new).encode()

    @contextmanager
    def holding(self, path: str) -> Iterator[threading.Event]:
        """Do not answer for a page until the event is set."""
        event = threading.Event()

        async def wait(request: web.BaseRequest, number: int) -> None:
            await asyncio.to_thread(event.wait, TIME_LIMIT)

        self.faults[path] = wait
        try:
            yield event
        finally:
            event.set()
            del self.faults[path]

    async def _answer(self, request: web.BaseRequest) -> web.StreamResponse:
        response = await super()._answer(request)
        if response.status == 200:
            response.content_type = "text/html"
        return response


def crawl(url: str, folder: Path, *words: str, spiders: tuple[str, ...] = HERE) -> Run:
    """``scrapy crawl harbour -a url=…``."""
    return run(("crawl", "harbour", "-a", f"url={url}", *words, *spiders), folder)


@contextmanager
def crawling(url: str, folder: Path, *words: str) -> Iterator[Running]:
    """Begin such a crawl; what is left of it at the end is killed."""
    folder.mkdir(parents=True, exist_ok=True)
    log = folder.with_suffix(".log")
    command = ("crawl", "harbour", "-a", f"url={url}", *words, *HERE, "-s", f"DATA_DIR={folder}")
    with begun(command, log) as process:
        yield Running(process, folder, log)
