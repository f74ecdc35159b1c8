"""What became of one page: an answer or a failure to the item that says so."""

from __future__ import annotations

from datetime import UTC, datetime

from scrapy.exceptions import DownloadCancelledError, IgnoreRequest
from scrapy.http import Response
from twisted.python.failure import Failure
from w3lib.encoding import http_content_type_encoding

from newscrawl.codes import RejectionReason
from newscrawl.exceptions import PageError
from newscrawl.items import Article, HttpInfo, Miss, Rejection, Unmodified
from newscrawl.middlewares.robots import RobotsForbidden
from newscrawl.refine.dates import format_instant
from newscrawl.sites.longbridge.address import Address, Site
from newscrawl.sites.longbridge.reader import read_article
from newscrawl.spiders.unknowns import Oddities

_HEAD = 2_048


def outcome_of(
    response: Response, address: Address, site: Site, oddities: Oddities
) -> Article | Rejection | Miss | Unmodified:
    """Read the answer to the request for one article."""
    if response.status == 304:
        return Unmodified(address.uid, address.url)
    now = format_instant(datetime.now(UTC))
    http = _http(response)
    if response.status != 200:
        return Miss(
            address.uid,
            address.url,
            "missing" if response.status in (404, 410) else "failed",
            f"HTTP {response.status}",
            fetched_url=site.url(address),
            fetched_at=now,
            http=http,
        )
    charset = http_content_type_encoding(http.content_type)
    try:
        article = read_article(
            response.body,
            address,
            site=site,
            charset=charset,
            notice=lambda code, text: oddities.note(code, text, address.url),
        )
    except PageError as error:
        head = response.body[:_HEAD].decode("utf-8", errors="replace")
        return _rejection(address, site, error, now, http=http, head=head)
    article.fetched_url = site.url(address)
    article.fetched_at = now
    article.http = http
    for link in article.related:
        link.observed_at = now
    return article


def outcome_of_failure(failure: Failure, address: Address, site: Site) -> Rejection | Miss:
    """Name what kept the answer from coming."""
    error = failure.value
    # Scrapy cuts a large body in the downloader, the only thing here that cancels a download, and a large
    # compressed one in a middleware, with an error that says so in words only.
    cut = isinstance(error, DownloadCancelledError)
    if cut or (isinstance(error, IgnoreRequest) and "DOWNLOAD_MAXSIZE" in str(error)):
        detail = str(error) or "the response was larger than DOWNLOAD_MAXSIZE"
        return _rejection(
            address, site, PageError(RejectionReason.TOO_LARGE, detail), format_instant(datetime.now(UTC))
        )
    kind = "forbidden" if isinstance(error, RobotsForbidden) else "failed"
    text = (str(error).splitlines() or [""])[0]
    reason = text if isinstance(error, IgnoreRequest) else f"{type(error).__name__}: {text}"
    return Miss(address.uid, address.url, kind, reason)


def _http(response: Response) -> HttpInfo:
    def header(name: str) -> str | None:
        # RFC 9110, section 5.5: visible ASCII, spaces and tabs; others cannot be told from damage, and a
        # validator is sent back as it came.
        value = (response.headers.get(name) or b"").decode("latin-1")
        return value if value.isascii() and value.replace("\t", " ").isprintable() and value else None

    return HttpInfo(
        status=response.status,
        etag=header("ETag"),
        last_modified=header("Last-Modified"),
        date=header("Date"),
        content_type=header("Content-Type"),
        bytes=len(response.body),
    )


def _rejection(
    address: Address,
    site: Site,
    error: PageError,
    now: str,
    *,
    http: HttpInfo | None = None,
    head: str | None = None,
) -> Rejection:
    return Rejection(
        uid=address.uid,
        url=address.url,
        fetched_url=site.url(address),
        reason=error.code,
        detail=error.detail,
        fetched_at=now,
        http=http,
        head=head,
    )
