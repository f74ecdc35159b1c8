"""One list from its server: one request, with a limit on time and size, and no more than is new.

http and https only, certificates verified; a redirect never leads from https to http.
"""

from __future__ import annotations

import http.client
import urllib.error
import urllib.request
from typing import Any, NamedTuple, cast

from newscrawl.exceptions import NewscrawlError
from newscrawl.shown import show_address

# The largest of these lists, Hong Kong's workbook, has 1.5 MB.
LARGEST = 64 * 1024 * 1024
_CHUNK = 256 * 1024


class FetchError(NewscrawlError):
    """A list could not be had; the text says what was asked and what came."""


class Answer(NamedTuple):
    """What a server sent; ``content`` is None where nothing is new (304)."""

    content: bytes | None
    etag: str | None
    last_modified: str | None


class _SafeRedirects(urllib.request.HTTPRedirectHandler):
    max_redirections = 5

    def redirect_request(
        self, req: urllib.request.Request, fp: Any, code: int, msg: str, headers: Any, newurl: str
    ) -> urllib.request.Request | None:
        """Follow a redirect to https, or from http to http."""
        if not newurl.startswith(("https://", "http://" if req.type == "http" else "https://")):
            raise urllib.error.HTTPError(
                req.full_url, code, f"redirect to {show_address(newurl)}", headers, fp
            )
        return super().redirect_request(req, fp, code, msg, headers, newurl)


def fetch(
    url: str,
    *,
    user_agent: str,
    etag: str | None = None,
    last_modified: str | None = None,
    timeout: float = 30.0,
    largest: int = LARGEST,
) -> Answer:
    """Ask once for a list. Raises FetchError for any answer but 200 and 304, and for none.

    ``timeout`` is for each wait, in seconds; ``largest`` is in bytes.
    """
    if not url.startswith(("https://", "http://")):
        raise FetchError(f"expected an address with https:// or http://, found {show_address(url)}")
    headers = {"User-Agent": user_agent, "Accept": "*/*", "Accept-Encoding": "identity"}
    if etag is not None:
        headers["If-None-Match"] = etag
    if last_modified is not None:
        headers["If-Modified-Since"] = last_modified
    # Not the default opener, which would also know ftp, file and data addresses.
    opener = urllib.request.OpenerDirector()
    for handler in (
        urllib.request.ProxyHandler(),
        urllib.request.HTTPHandler(),
        urllib.request.HTTPSHandler(),
        urllib.request.HTTPDefaultErrorHandler(),
        urllib.request.HTTPErrorProcessor(),
        _SafeRedirects(),
    ):
        opener.add_handler(handler)
    try:
        request = urllib.request.Request(url, headers=headers)  # noqa: S310 - checked above
        with opener.open(request, timeout=timeout) as response:
            if response.status != http.HTTPStatus.OK:
                raise FetchError(f"expected status 200 from {show_address(url)}, found {response.status}")
            content = _read(response, url, largest)
            return Answer(content, response.headers.get("ETag"), response.headers.get("Last-Modified"))
    except urllib.error.HTTPError as error:
        error.close()
        if error.code == http.HTTPStatus.NOT_MODIFIED:
            return Answer(None, etag, last_modified)
        hint = (
            "; set CONTACT, this server asks who is there" if error.code == http.HTTPStatus.FORBIDDEN else ""
        )
        raise FetchError(
            f"expected status 200 from {show_address(url)}, found {error.code} {error.reason}{hint}"
        ) from None
    except (OSError, http.client.HTTPException, ValueError) as error:
        reason = getattr(error, "reason", None) or error
        raise FetchError(
            f"expected an answer from {show_address(url)}, found {type(error).__name__}: {reason}"
        ) from None


def _read(response: http.client.HTTPResponse, url: str, largest: int) -> bytes:
    length = response.headers.get("Content-Length", "")
    if length.isdecimal() and int(length) > largest:
        raise FetchError(f"expected at most {largest} bytes from {show_address(url)}, found {length}")
    content = bytearray()
    while chunk := response.read(_CHUNK):
        content += chunk
        if len(content) > largest:
            raise FetchError(f"expected at most {largest} bytes from {show_address(url)}, found more")
    # A connection that is lost in the middle ends in fewer bytes without an error.
    if length.isdecimal() and len(content) != int(length):
        raise FetchError(f"expected {length} bytes from {show_address(url)}, found {len(content)}")
    return bytes(cast("bytes", content))
