"""What an answer says of itself."""

from __future__ import annotations

from scrapy.http import Response
from w3lib.encoding import http_content_type_encoding

from newscrawl.sites.base import Origin, Page, Source

END_NOT_ANNOUNCED = "partial"
"""Flag of a response whose body ended with the connection: it may be whole or cut.

It is Scrapy's own: the handler over Twisted sets it, too.
"""


def header(response: Response, name: bytes) -> str | None:
    """Return a header's value, spelled as Headers does; None where there is none, or it is not ASCII.

    RFC 9110, section 5.5: visible ASCII, spaces and tabs; others cannot be told from damage, and a validator
    is sent back as it came.
    """
    # Its own get() spells the name anew at each call.
    values = dict.get(response.headers, name)
    value = values[-1].decode("latin-1") if values else ""
    return value if value.isascii() and value.replace("\t", " ").isprintable() and value else None


def source_of(response: Response, page: Page, origin: Origin) -> Source:
    """Return what a reader is given of the answer to the request for a page."""
    charset = http_content_type_encoding(header(response, b"Content-Type"))
    return Source(response.body, page, origin, charset)
