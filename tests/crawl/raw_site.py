"""The sample site without an HTTP library: what is sent is said byte by byte, and how it ends."""

from __future__ import annotations

import asyncio
import socket
import ssl
import struct
import threading
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Literal, NamedTuple, Self

from newscrawl.sample_site import read_pages

End = Literal["keep", "close", "reset", "hold"]
# Longer than any timeout of a test; whoever hangs up earlier is noticed.
_HELD = 30.0


class Reply(NamedTuple):
    """Bytes, with a pause after each part, and what becomes of the connection then."""

    parts: tuple[bytes, ...]
    end: End = "keep"
    pause: float = 0.0


class Endless(tuple[bytes, bytes]):
    """Parts of a reply: a beginning, and then the same again and again, until the client hangs up."""

    __slots__ = ()

    def __iter__(self) -> Iterator[bytes]:
        beginning, again = self[0], self[1]
        yield beginning
        block = again * (1 + 64_000 // len(again))
        while True:
            yield block


class Asked(NamedTuple):
    """One request: its path, its header lines, and the number of its connection, from 0."""

    path: str
    lines: list[bytes]
    connection: int


def ok(body: bytes, *lines: bytes, length: bytes | None = None, end: End = "keep") -> Reply:
    """Answer with a page and with these header lines on top; ``length`` is another than the body's."""
    return Reply((head(*lines, b"Content-Length: " + (length or b"%d" % len(body))) + body,), end)


def head(*lines: bytes, first: bytes = b"HTTP/1.1 200 OK") -> bytes:
    return b"\r\n".join((first, b"Content-Type: text/markdown", *lines, b"", b""))


def chunked(body: bytes, size: int = 100) -> bytes:
    """Write a body in chunks, without the last one, which is empty."""
    parts = (body[start : start + size] for start in range(0, len(body), size))
    return b"".join(b"%x\r\n%b\r\n" % (len(part), part) for part in parts)


@dataclass
class RawSite:
    """Serves the sample's pages, and these replies in place of some: one after the other, the last again.

    None in a row stands for the page itself.
    """

    replies: dict[str, Sequence[Reply | None]] = field(default_factory=dict)
    pages: Mapping[str, bytes] = field(default_factory=read_pages)
    host: str = "127.0.0.1"
    end: End = "keep"
    """What becomes of a connection after a page."""
    tls: ssl.SSLContext | None = None
    """With it the site is one of https."""
    asked: list[Asked] = field(default_factory=list)
    origin: str = ""
    _connections: int = 0
    _counts: Counter[str] = field(default_factory=Counter)

    @contextmanager
    def serving(self) -> Iterator[Self]:
        loop = asyncio.new_event_loop()
        thread = threading.Thread(target=loop.run_forever, name="raw-site", daemon=True)
        thread.start()
        try:
            starting = asyncio.start_server(self._serve, self.host, 0, limit=1 << 20, ssl=self.tls)
            server = asyncio.run_coroutine_threadsafe(starting, loop).result(timeout=10)
            name = f"[{self.host}]" if ":" in self.host else self.host
            scheme = "http" if self.tls is None else "https"
            self.origin = f"{scheme}://{name}:{server.sockets[0].getsockname()[1]}"
            yield self
            asyncio.run_coroutine_threadsafe(_end(server), loop).result(timeout=10)
        finally:
            loop.call_soon_threadsafe(loop.stop)
            thread.join(timeout=10)
            loop.close()

    @property
    def paths(self) -> list[str]:
        """What was asked for, robots.txt left out."""
        return [asked.path for asked in self.asked if asked.path != "/robots.txt"]

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        number = self._connections
        self._connections += 1
        end: End = "keep"
        try:
            while end == "keep":
                words, *lines = (await reader.readuntil(b"\r\n\r\n")).split(b"\r\n")
                path = words.split()[1].decode()
                self.asked.append(Asked(path, [line for line in lines if line], number))
                reply = self._reply(path)
                for part in reply.parts:
                    writer.write(part)
                    await writer.drain()
                    if reply.pause:
                        await asyncio.sleep(reply.pause)
                end = reply.end
            if end == "hold":
                # An end of what is read is that of the client, who has had enough.
                await asyncio.wait_for(reader.read(1), _HELD)
        except (asyncio.IncompleteReadError, ConnectionError, TimeoutError):
            pass
        finally:
            if end == "reset":
                connection: socket.socket = writer.get_extra_info("socket")
                connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                writer.transport.abort()
            writer.close()

    def _reply(self, path: str) -> Reply:
        number = self._counts[path]
        self._counts[path] += 1
        replies = self.replies.get(path, (None,))
        reply = replies[min(number, len(replies) - 1)]
        if reply is not None:
            return reply
        page = self.pages.get(path)
        if page is None:
            return Reply((b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n",), self.end)
        return ok(page, end=self.end)


async def _end(server: asyncio.Server) -> None:
    server.close()
    tasks = asyncio.all_tasks() - {asyncio.current_task()}
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
