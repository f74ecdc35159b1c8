"""The sample site with faults: which page answers how is said path by path."""

from __future__ import annotations

import asyncio
import socket
import struct
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Self

from aiohttp import web

from newscrawl.sample_site import handler, read_pages, serve

# Answers a request, given how often its path was asked before; None for what the site would answer.
Fault = Callable[[web.BaseRequest, int], Awaitable[web.StreamResponse | None]]


@dataclass(frozen=True, slots=True)
class Asked:
    """One request as the server saw it, by two clocks."""

    path: str
    at: float
    wall: float
    agent: str


class FaultySite:
    """Serves pages, the sample's unless others are given, and notes every request."""

    def __init__(
        self, faults: Mapping[str, Fault] | None = None, pages: Mapping[str, bytes] | None = None
    ) -> None:
        self.pages = dict(read_pages() if pages is None else pages)
        self.faults = dict(faults or {})
        self.asked: list[Asked] = []
        self.answered: list[str] = []
        self.slow = 0.0
        """Seconds that every page takes."""
        self.origin = ""
        self._counts: Counter[str] = Counter()

    @contextmanager
    def serving(self) -> Iterator[Self]:
        with serve(self._answer) as self.origin:
            yield self

    @property
    def paths(self) -> list[str]:
        """What was asked for, robots.txt left out."""
        return [asked.path for asked in self.asked if asked.path != "/robots.txt"]

    def times(self, path: str | None = None) -> list[float]:
        """When a path was asked for; without one, any but robots.txt."""
        return [
            asked.at for asked in self.asked if (asked.path == path if path else asked.path != "/robots.txt")
        ]

    async def _answer(self, request: web.BaseRequest) -> web.StreamResponse:
        path = request.path
        number = self._counts[path]
        self._counts[path] += 1
        agent = request.headers.get("User-Agent", "")
        self.asked.append(Asked(path, time.monotonic(), time.time(), agent))
        if self.slow and path != "/robots.txt":
            await asyncio.sleep(self.slow)
        fault = self.faults.get(path)
        response = await fault(request, number) if fault else None
        if response is None:
            response = await handler(self.pages)(request)
        self.answered.append(path)
        return response


def page(locale: str, story: int | str) -> str:
    """``/en/news/290118204.md``."""
    return f"/{locale}/news/{story}.md"


def first(fault: Fault, times: int = 1) -> Fault:
    """Fail the first requests only."""

    async def answer(request: web.BaseRequest, number: int) -> web.StreamResponse | None:
        return await fault(request, number) if number < times else None

    return answer


def status(code: int, body: bytes = b"", **headers: str) -> Fault:
    """Answer with a status; header names are written with underscores."""

    async def answer(request: web.BaseRequest, number: int) -> web.StreamResponse:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return web.Response(status=code, body=body, headers=named)

    return answer


def markdown(body: bytes, charset: str = "utf-8") -> Fault:
    return status(200, body, Content_Type=f"text/markdown; charset={charset}")


def redirect(to: str, code: int = 302) -> Fault:
    return status(code, Location=to)


def late(seconds: float) -> Fault:
    """Answer as the site would, after a while; sooner where nobody waits for it any more."""

    async def answer(request: web.BaseRequest, number: int) -> None:
        for _ in range(round(seconds / 0.05)):
            if request.transport is not None:
                await asyncio.sleep(0.05)

    return answer


async def reset(request: web.BaseRequest, number: int) -> web.StreamResponse:
    """Break the connection instead of an answer."""
    transport = request.transport
    assert transport is not None
    connection: socket.socket = transport.get_extra_info("socket")
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    transport.abort()
    return web.Response()


def raw(content: bytes) -> Fault:
    """Send these bytes in place of an HTTP response, and hang up."""

    async def answer(request: web.BaseRequest, number: int) -> web.StreamResponse:
        transport = request.transport
        assert isinstance(transport, asyncio.Transport)
        transport.write(content)
        transport.close()
        return web.Response()

    return answer


def truncated(body: bytes) -> Fault:
    """Promise twice the body and hang up after it."""
    head = f"HTTP/1.1 200 OK\r\nContent-Type: text/markdown\r\nContent-Length: {2 * len(body)}\r\n\r\n"
    return raw(head.encode() + body)


def chunks(body: bytes, times: int) -> Fault:
    """Send a body of unknown length, as long as somebody listens."""

    async def answer(request: web.BaseRequest, number: int) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Type": "text/markdown"})
        await response.prepare(request)
        try:
            for _ in range(times):
                await response.write(body)
            await response.write_eof()
        except ConnectionError:
            pass
        return response

    return answer
