"""An HTTP answer as it came: what Scrapy's response does not keep is noted on its way to the spider.

Scrapy spells header names anew, sorts values under them, and decompresses the body. The download handler
notes the head before that, and the middleware that checks compressed bodies notes the body.
"""

from __future__ import annotations

from collections.abc import Iterable
from http.client import responses
from typing import NamedTuple

from scrapy import Request
from scrapy.http import Headers, Response

# In a request's meta; a repetition of the request takes its meta along.
_HEAD = "answer_head"
_ENCODED = "answer_encoded"
# Chunks are put together while the body is read, so this header would say what is not so any more. As other
# archives do, it is kept under another name.
_CHUNKED = b"transfer-encoding"
_ONCE_CHUNKED = b"X-Archive-Orig-Transfer-Encoding"


class Head(NamedTuple):
    """The status line and the headers of an answer, in their order and spelling."""

    line: bytes
    """Without its line end."""
    headers: tuple[tuple[bytes, bytes], ...]


class Answer(NamedTuple):
    """A final answer: what a record holds of it."""

    url: str
    """Where it came from: after redirects the last address."""
    head: Head
    body: bytes
    """As it came, compressed where the server did that, without chunks."""
    fetched_at: str
    """RFC 3339 in UTC with milliseconds, as in a line."""
    ip: str | None = None
    """Of the server; None where a proxy stands between."""
    asked_for: str | None = None
    """The address that redirected here; None where none did."""

    @property
    def status(self) -> int:
        """The HTTP status."""
        return int(self.head.line.split(b" ", 2)[1])


def note_head(
    request: Request, version: str, status: int, reason: str, headers: Iterable[tuple[bytes, bytes]]
) -> None:
    """Keep the head of the answer to a request. ``version`` is ``1.1``."""
    line = f"HTTP/{version} {status} {reason}".encode("utf-8", "surrogateescape")
    request.meta[_HEAD] = Head(line, tuple(headers))


def note_encoded(request: Request, response: Response) -> None:
    """Keep a body before it is decompressed, and its headers; drop those of an earlier answer."""
    if b"Content-Encoding" in response.headers:
        request.meta[_ENCODED] = response.body, response.headers.copy()
    else:
        request.meta.pop(_ENCODED, None)


def answer_of(response: Response, fetched_at: str) -> Answer:
    """Return the answer that a response was made of.

    Where another download handler fetched it, the head is made of what the response has.
    """
    meta = response.meta
    body, headers = meta.get(_ENCODED, (response.body, response.headers))
    head = meta.get(_HEAD)
    if head is None:
        head = _made_head(response, headers)
    before = meta.get("redirect_urls")
    is_direct = "proxy" not in meta and response.ip_address is not None
    return Answer(
        url=response.url,
        head=Head(head.line, tuple(_kept(head.headers))),
        body=body,
        fetched_at=fetched_at,
        ip=str(response.ip_address) if is_direct else None,
        asked_for=before[0] if before else None,
    )


def _kept(headers: Iterable[tuple[bytes, bytes]]) -> Iterable[tuple[bytes, bytes]]:
    return ((_ONCE_CHUNKED if name.lower() == _CHUNKED else name, value) for name, value in headers)


def _made_head(response: Response, headers: Headers) -> Head:
    protocol = response.protocol if str(response.protocol).startswith("HTTP/") else "HTTP/1.1"
    line = f"{protocol} {response.status} {responses.get(response.status, '')}"
    pairs = ((name, value) for name, values in dict.items(headers) for value in values)
    return Head(line.encode(), tuple(pairs))
