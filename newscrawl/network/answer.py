"""What an answer says of itself."""

from __future__ import annotations

import re

from scrapy.exceptions import DownloadCancelledError, IgnoreRequest
from scrapy.http import Response
from w3lib.encoding import http_content_type_encoding

from newscrawl.sites.base import Origin, Page, Source

END_NOT_ANNOUNCED = "partial"
"""Flag of a response whose body ended with the connection: it may be whole or cut.

It is Scrapy's own: the handler over Twisted sets it, too.
"""


_VISIBLE = re.compile(rb"[\t\x20-\x7e]+")


def is_too_large(error: BaseException | None) -> bool:
    """Tell whether a download failed because the body was larger than DOWNLOAD_MAXSIZE."""
    # Scrapy cuts a large body in the downloader, the only thing here that cancels a download, and a large
    # compressed one in a middleware, with an error that says so in words only.
    is_unpacked = isinstance(error, IgnoreRequest) and "DOWNLOAD_MAXSIZE" in str(error)
    return is_unpacked or isinstance(error, DownloadCancelledError)


def header(response: Response, name: bytes) -> str | None:
    """Return a header's value, spelled as Headers does; None where there is none, or it is not ASCII.

    RFC 9110, section 5.5: visible ASCII, spaces and tabs; others cannot be told from damage, and a validator
    is sent back as it came.
    """
    # Its own get() spells the name anew at each call.
    values = dict.get(response.headers, name)
    return readable(values[-1]) if values else None


def readable(content: bytes) -> str | None:
    """Return the value of a header as text; None where it is empty or not ASCII, see :func:`header`."""
    return content.decode("ascii") if _VISIBLE.fullmatch(content) else None


def source_of(response: Response, page: Page, origin: Origin) -> Source:
    """Return what a reader is given of the answer to the request for a page."""
    charset = http_content_type_encoding(header(response, b"Content-Type"))
    return Source(response.body, page, origin, charset)
