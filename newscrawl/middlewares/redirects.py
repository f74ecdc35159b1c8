"""Redirects are followed on the start's own site only: its hosts, its port, its scheme or https.

robots.txt alone may be on another host, and also behind a step to http (RFC 9309, section 2.3.1.2):
RobotsMiddleware follows its redirects, and marks its requests with ``dont_redirect``.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable
from typing import Self
from urllib.parse import urljoin, urlsplit

from scrapy import Request, Spider
from scrapy.crawler import Crawler
from scrapy.downloadermiddlewares.redirect import RedirectMiddleware
from scrapy.exceptions import IgnoreRequest
from scrapy.http import Response
from w3lib.url import safe_url_string

from newscrawl.lifecycle.run import lifecycle_of

logger = logging.getLogger(__name__)

_REDIRECTS = (301, 302, 303, 307, 308)
_DEFAULT_PORTS = {"http": 80, "https": 443}
# They say who asks, and what was read before.
_PERSONAL = ("Authorization", "Cookie", "Referer")


class LeftTheSite(IgnoreRequest):
    """A redirect leads away from the start's site. The page counts as failed."""


class SameSiteRedirectMiddleware(RedirectMiddleware):
    """Scrapy's own, which would follow a redirect to any host."""

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        # Theirs looks for a RefererMiddleware when the engine starts, and warns without one.
        middleware = cls(crawler.settings)
        middleware.crawler = crawler
        return middleware

    def process_response(
        self, request: Request, response: Response, spider: Spider | None = None
    ) -> Request | Response:
        result = super().process_response(request, response)
        if isinstance(result, Request):
            if not is_same_service(request.url, result.url):
                withhold(result)
            lifecycle = lifecycle_of(self.crawler)
            if lifecycle is None or lifecycle.is_of_site(result.url):
                return result
            # A request of a spider's own may have been to another host from the start.
            is_own = "lease" not in request.meta and not lifecycle.is_of_site(request.url)
            is_there = urlsplit(result.url).hostname == urlsplit(request.url).hostname
            if is_own and is_there and not is_less_secure(request.url, result.url):
                return result
            what = "from https to http" if is_less_secure(request.url, result.url) else "to another site"
            text = f"redirected {what}: {result.url[:200]}"
            if "lease" not in request.meta:
                logger.warning("not fetched: %s: %s", request.url, text)
            raise LeftTheSite(text)
        return result

    def handle_referer(self, request: Request, response: Response) -> None:
        """Leave the Referer as it is. Only a user's own request has one; process_response takes it away.

        Scrapy's own drops it, or asks a RefererMiddleware for another, which this project leaves out.
        """


def redirect_target(response: Response) -> str | None:
    """Return the address that an answer redirects to; None where it is no redirect.

    Raises ValueError where it leads to no http or https address.
    """
    if response.status not in _REDIRECTS:
        return None
    location = response.headers.get("Location")
    if not location:
        raise ValueError(f"HTTP {response.status} without a Location")
    # Not response.urljoin(), which takes the <base> of an HTML body (RFC 9110, section 10.2.2: the request's
    # URI).
    address = response.url
    target = urljoin(address, safe_url_string(location))
    parts = urlsplit(target)
    if parts.scheme not in _DEFAULT_PORTS or not parts.hostname:
        raise ValueError(f"a redirect to {target[:200]}")
    return target


def is_less_secure(source: str, target: str) -> bool:
    """Tell whether a step from one address to another goes from https to http."""
    return urlsplit(source).scheme == "https" and urlsplit(target).scheme == "http"


def is_same_service(source: str, target: str) -> bool:
    """Tell whether what was meant for one address may be sent to another.

    It may to the same scheme, host and port, and from http to https on the ports of these.
    """
    try:
        one, other = _service(source), _service(target)
    except ValueError:
        # A port that is none.
        return False
    same = ("https", other[1], 443) if one == ("http", other[1], 80) else one
    return other in (one, same)


def _service(url: str) -> tuple[str, str | None, int | None]:
    parts = urlsplit(url)
    return parts.scheme, parts.hostname, parts.port or _DEFAULT_PORTS.get(parts.scheme)


def withhold(request: Request, more: Iterable[str] = ()) -> None:
    """Take from a request the headers that say who asks, and ``more``.

    They stay, without a value: to a request without them those of DEFAULT_REQUEST_HEADERS would be added
    again, and those of ``http_user``.
    """
    for name in (*_PERSONAL, *more):
        request.headers[name] = []


def is_withheld(request: Request) -> bool:
    """Tell whether :func:`withhold` was called for a request, or for the one that it repeats."""
    headers = request.headers
    return all(name in headers and not headers.getlist(name) for name in _PERSONAL)
