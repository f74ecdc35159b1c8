"""A server that does nothing but answer from memory, so that it is not what limits a benchmark.

Answers are made once. A request is looked up by its path, whatever else it says; there is no validation and
no logging. ``requests_per_second`` measures it with plain sockets.
"""

from __future__ import annotations

import asyncio
import hashlib
import socket
import time
from collections.abc import Mapping
from urllib.parse import urlsplit

_NOT_FOUND = b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"
_END = b"\r\n\r\n"


def answers(pages: Mapping[str, bytes]) -> dict[bytes, bytes]:
    """Return the whole answer for each path."""
    made = {}
    for path, content in pages.items():
        kind = "text/markdown" if path.endswith(".md") else "text/plain"
        head = (
            f"HTTP/1.1 200 OK\r\nContent-Type: {kind}; charset=utf-8\r\n"
            f'ETag: "{hashlib.sha256(content).hexdigest()[:16]}"\r\n'
            f"Date: Thu, 26 Nov 2026 08:00:00 GMT\r\nContent-Length: {len(content)}\r\n\r\n"
        )
        made[path.encode()] = head.encode() + content
    return made


class _Protocol(asyncio.Protocol):
    def __init__(self, made: Mapping[bytes, bytes], latency: float) -> None:
        self._made = made
        self._latency = latency
        self._waiting = b""
        self._transport: asyncio.Transport

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._waiting += data
        while (end := self._waiting.find(_END)) >= 0:
            path = self._waiting.split(b" ", 2)[1]
            self._waiting = self._waiting[end + len(_END) :]
            answer = self._made.get(path, _NOT_FOUND)
            if self._latency:
                asyncio.get_running_loop().call_later(self._latency, self._transport.write, answer)
            else:
                self._transport.write(answer)


async def listen(pages: Mapping[str, bytes], latency: float = 0.0) -> asyncio.Server:
    """Begin to serve pages, by path, on a free local port. Each answer takes ``latency`` seconds."""
    made = answers(pages)
    loop = asyncio.get_running_loop()
    return await loop.create_server(lambda: _Protocol(made, latency), "127.0.0.1", 0)


def requests_per_second(url: str, count: int = 4_000) -> float:
    """Ask for one page over and over, on one connection, the next request after each answer."""
    parts = urlsplit(url)
    assert parts.hostname is not None
    request = f"GET {parts.path} HTTP/1.1\r\nHost: {parts.netloc}\r\n\r\n".encode()
    with socket.create_connection((parts.hostname, parts.port or 80)) as connection:
        connection.sendall(request)
        size = len(_read(connection, None))
        begin = time.perf_counter()
        for _ in range(count):
            connection.sendall(request)
            _read(connection, size)
        return count / (time.perf_counter() - begin)


def _read(connection: socket.socket, size: int | None) -> bytes:
    received = b""
    while size is None or len(received) < size:
        received += connection.recv(1 << 20)
        if size is None and _END in received:
            head, _, body = received.partition(_END)
            length = int(head.lower().partition(b"content-length: ")[2].split(b"\r")[0])
            if len(body) >= length:
                return received
    return received
