"""A connection, byte by byte: where its bounds lie, and what it does with bytes that nobody asked for."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from typing import Any, cast

import pytest
from aiohttp.client_exceptions import ClientPayloadError
from aiohttp.http_exceptions import HttpProcessingError

from newscrawl.network.connection import MOST_HEADERS, Connection

OK = b"HTTP/1.1 200 OK\r\n"


class Transport:
    """What a connection does with its transport."""

    def __init__(self) -> None:
        self.is_aborted = False

    def abort(self) -> None:
        self.is_aborted = True

    close = abort

    def is_closing(self) -> bool:
        return self.is_aborted

    def get_extra_info(self, name: str, default: object = None) -> object:
        return default

    def pause_reading(self) -> None: ...

    def resume_reading(self) -> None: ...


class Answered:
    """A connection on which a request was answered with these parts."""

    def __init__(self, parts: Iterable[bytes]) -> None:
        self.connection = Connection(loop=asyncio.get_running_loop())
        self.transport = Transport()
        self.connection.connection_made(cast("Any", self.transport))
        self.ask(parts)

    def ask(self, parts: Iterable[bytes]) -> None:
        self.connection.set_response_params(
            read_until_eof=True,
            auto_decompress=False,
            max_line_size=MOST_HEADERS,
            max_field_size=MOST_HEADERS,
        )
        for part in parts:
            if not self.transport.is_aborted:
                self.connection.data_received(part)

    async def answer(self) -> tuple[int, bytes]:
        """Return the status and what came of the body."""
        message, payload = await asyncio.wait_for(self.connection.read(), 10)
        return message.code, payload.read_nowait() if payload.total_bytes else b""


def _in(parts: Iterable[bytes], check: Callable[[Answered], Any]) -> Any:
    async def run() -> Any:
        return await check(Answered(parts))

    return asyncio.run(run())


def _sized(size: int) -> bytes:
    head = OK + b"Content-Length: 2\r\nX-Name: "
    return head + b"x" * (size - len(head) - 4) + b"\r\n\r\n"


def _split(content: bytes, size: int) -> list[bytes]:
    return [content[at : at + size] for at in range(0, len(content), size)]


@pytest.mark.parametrize("size", [1_000_000, 1_000, 1])
@pytest.mark.parametrize("more", [0, 1])
def test_so_many_bytes_of_headers_and_no_more(size: int, more: int) -> None:
    async def check(answered: Answered) -> None:
        if more:
            with pytest.raises(HttpProcessingError, match="at most 65536 bytes of headers"):
                await answered.answer()
            assert answered.transport.is_aborted
        else:
            assert await answered.answer() == (200, b"ok")

    _in(_split(_sized(MOST_HEADERS + more) + b"ok", size), check)


def test_interim_answers_count_and_are_left_out() -> None:
    hint = b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n"
    rest = _sized(MOST_HEADERS - 10 * len(hint)) + b"ok"

    async def good(answered: Answered) -> None:
        assert await answered.answer() == (200, b"ok")

    async def bad(answered: Answered) -> None:
        with pytest.raises(HttpProcessingError):
            await answered.answer()

    for size in (7, 1_000_000):
        _in(_split(hint * 10 + rest, size), good)
        _in(_split(hint * 11 + rest, size), bad)


def test_each_request_has_its_own_bound() -> None:
    async def check(answered: Answered) -> None:
        for _ in range(3):
            assert await answered.answer() == (200, b"ok")
            assert answered.connection.is_connected()
            answered.ask([_sized(MOST_HEADERS) + b"ok"])

    _in([_sized(MOST_HEADERS) + b"ok"], check)


@pytest.mark.parametrize("size", [1, 5, 1_000_000])
@pytest.mark.parametrize(
    ("answer", "body"),
    [
        (OK + b"Content-Length: 2\r\n\r\nok", b"ok"),
        (OK + b"Transfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n", b"ok"),
        (OK + b"Content-Length: 0\r\n\r\n", b""),
        (b"\r\n\n" + OK + b"Content-Length: 2\r\n\r\nok", b"ok"),
    ],
)
def test_bytes_that_nobody_asked_for_end_the_connection(answer: bytes, body: bytes, size: int) -> None:
    async def whole(answered: Answered) -> None:
        assert await answered.answer() == (200, body)
        assert answered.connection.is_connected()

    async def more(answered: Answered) -> None:
        assert await answered.answer() == (200, body)
        answered.connection.data_received(b"HTTP/1.1 200 OK\r\n")
        assert answered.transport.is_aborted
        assert not answered.connection.is_connected()

    _in(_split(answer, size), whole)
    _in(_split(answer, size), more)


@pytest.mark.parametrize("junk", [b"junk", b"\r\njunk", OK])
def test_bytes_that_come_with_the_end_of_a_body_of_known_length(junk: bytes) -> None:
    async def check(answered: Answered) -> None:
        assert await answered.answer() == (200, b"ok")
        assert not answered.connection.is_connected()

    _in([OK + b"Content-Length: 2\r\n\r\nok" + junk], check)
    _in([OK + b"Content-Length: 2\r\n\r\no", b"k" + junk], check)


def test_what_is_no_http_is_refused_at_once() -> None:
    async def check(answered: Answered) -> None:
        with pytest.raises(HttpProcessingError):
            await answered.answer()

    # No line ends here, and the server waits.
    _in([b"SSH-2.0"], check)


def test_framing_is_bounded_by_the_body() -> None:
    head = OK + b"Transfer-Encoding: chunked\r\n\r\n"
    extended = b"1;" + b"a" * 1_000 + b"\r\nx\r\n"

    async def good(answered: Answered) -> None:
        assert await answered.answer() == (200, b"x" * 60)

    async def bad(answered: Answered) -> None:
        _, payload = await answered.connection.read()
        with pytest.raises(ClientPayloadError, match="between the chunks"):
            await payload.read()
        assert answered.transport.is_aborted

    _in([head, *[extended] * 60], good)
    _in([head, *[extended] * 70], bad)


def test_a_large_body_that_nobody_reads_yet_is_no_framing() -> None:
    chunk = b"%x\r\n" % 200_000 + b"x" * 200_000 + b"\r\n"

    async def check(answered: Answered) -> None:
        _, payload = await answered.connection.read()
        size = 0
        while not payload.at_eof():
            size += len(await payload.readany())
        assert size == 1_000_000
        assert not answered.transport.is_aborted

    _in([OK + b"Transfer-Encoding: chunked\r\n\r\n" + chunk * 5 + b"0\r\n\r\n"], check)
