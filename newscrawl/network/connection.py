"""A connection that reads at most so much beside the bodies, and nothing that nobody asked for.

aiohttp bounds a line and the number of lines. It bounds neither the headers in all, nor interim answers
(1xx), nor what stands between chunks.
"""

from __future__ import annotations

from typing import Any

from aiohttp import ClientPayloadError
from aiohttp.client_proto import ResponseHandler
from aiohttp.http_exceptions import HttpProcessingError

from newscrawl.network.heads import find_end, is_http, read_head

MOST_HEADERS = 64 * 1024
"""Bytes of headers of one answer: status lines and headers, those of interim answers included."""

# Between chunks as many bytes may stand, and so many for each byte of the body: a chunk of one byte has six.
_FRAMING = 8


class Connection(ResponseHandler):
    """aiohttp's connection. The head of each answer is gathered, bounded and put right before parsing."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self._head: bytearray | None = None
        """What came of the head; None behind it."""
        self._read = 0
        """Bytes of heads so far, of this answer."""
        self._left: int | None = None
        """Bytes that are still to come of the body; None where something else tells its end."""
        self._came = 0
        """Bytes that came behind the head."""

    def is_connected(self) -> bool:
        """Tell whether the connection can be used for another request."""
        # The pool asks this of a connection that waits there, where no bytes should have come.
        return super().is_connected() and not self.should_close

    def set_response_params(self, **params: Any) -> None:
        """Begin with the answer to another request."""
        self._head = bytearray()
        self._read = self._came = 0
        self._left = None
        if "max_headers" in params:
            # They are bounded by their size.
            params["max_headers"] = MOST_HEADERS
        super().set_response_params(**params)

    def data_received(self, data: bytes) -> None:
        """Take what came over the network."""
        # An empty one tells the parser to go on with what it holds.
        if self._head is not None and data:
            self._take_head(self._head, data)
        elif not data or self._upgraded or self._parser is None:
            super().data_received(data)
            if self._head is None:
                self._check_framing()
        else:
            self._take_body(data)

    def _take_head(self, head: bytearray, data: bytes) -> None:
        searched = len(head)
        head += data
        while True:
            if searched == 0:
                # Behind the body before some servers send an empty line.
                blank = len(head) - len(head.lstrip(b"\r\n"))
                self._read += blank
                del head[:blank]
            if not is_http(head):
                # The parser says what is wrong.
                self._head = None
                super().data_received(bytes(head))
                return
            end = find_end(head, searched)
            if self._read + (len(head) if end is None else end) > MOST_HEADERS:
                self._refuse(f"expected at most {MOST_HEADERS} bytes of headers, found more")
                return
            if end is None:
                return
            self._read += end
            found = read_head(bytes(head[:end]))
            del head[:end]
            searched = 0
            if not found.is_interim:
                break
        self._head = None
        self._left = 0 if self._skip_payload else found.length
        rest = self._cut(bytes(head))
        self._came += len(rest)
        super().data_received(found.content + rest)
        self._check_framing()

    def _take_body(self, data: bytes) -> None:
        if self._payload is not None and self._payload.is_eof():
            # Bytes that nobody asked for.
            self._hang_up()
            return
        data = self._cut(data)
        if data:
            self._came += len(data)
            super().data_received(data)
            self._check_framing()

    def _cut(self, data: bytes) -> bytes:
        """Return what belongs to the body; what does not makes this connection the last answer's."""
        if self._left is None:
            return data
        if len(data) > self._left:
            self.force_close()
            data = data[: self._left]
        self._left -= len(data)
        return data

    def _check_framing(self) -> None:
        payload = self._payload
        # While reading is paused the parser holds some of what came.
        if self._left is not None or payload is None or self._reading_paused:
            return
        body = payload.total_bytes
        if self._came - body > MOST_HEADERS + _FRAMING * body:
            text = f"expected at most {MOST_HEADERS} bytes between the chunks of a body, found more"
            payload.set_exception(ClientPayloadError(text))
            self._payload = None
            self._hang_up()

    def _refuse(self, text: str) -> None:
        self._head = None
        self.set_exception(HttpProcessingError(code=400, message=text))
        self._hang_up()

    def _hang_up(self) -> None:
        self.force_close()
        if self.transport is not None:
            self.transport.abort()
