"""From an answer, or the failure to get one, to the result that is committed for a page."""

from __future__ import annotations

from datetime import UTC, datetime

from scrapy.exceptions import IgnoreRequest
from scrapy.http import Response
from twisted.python.failure import Failure

from newscrawl.codes import Outcome, RejectionReason, WarningCode
from newscrawl.exceptions import PageError
from newscrawl.http_info import HttpInfo
from newscrawl.items import Article, Rejection
from newscrawl.middlewares.robots import RobotsForbidden
from newscrawl.network.answer import END_NOT_ANNOUNCED, header, is_too_large, source_of
from newscrawl.queue.leases import Lease
from newscrawl.refine.dates import format_instant
from newscrawl.results import NoArticle, NotModified, Result
from newscrawl.sites.base import Origin, Source
from newscrawl.spiders.unknowns import Unknowns
from newscrawl.text.cleaning import content_hash

# Of a rejected page, this many bytes are kept.
HEAD_BYTES = 2_048


def read_answer(
    response: Response, lease: Lease, origin: Origin, unknowns: Unknowns, now: str | None = None
) -> Result:
    """Read the answer to the request for a page, which came ``now``; None for this moment."""
    now = now or format_instant(datetime.now(UTC))
    if response.status == 304:
        return NotModified()
    # The queue may know the story from pages read before. What is read must not depend on them, so the reader
    # gets the story that the address alone tells.
    addressed = origin.page(lease.page.url)
    page = lease.page if addressed is None else lease.page._replace(story_id=addressed.story_id)
    http = _http(response)
    if response.status != 200:
        return NoArticle(
            Outcome.MISSING if response.status in (404, 410) else Outcome.FAILED,
            f"HTTP {response.status}",
            fetched_url=origin.url(page),
            fetched_at=now,
            http=http,
        )
    source = source_of(response, page, origin)._replace(
        notice=lambda code, text: unknowns.note(code, text, page.url)
    )
    try:
        article = origin.site.read(source)
    except PageError as error:
        head = response.body[:HEAD_BYTES].decode("utf-8", errors="replace")
        return _rejection(lease, origin, error, now, http=http, head=head)
    article.fetched_url = origin.url(page)
    article.fetched_at = now
    article.http = http
    for link in article.related:
        link.observed_at = now
    if lease.reader not in (None, article.parser) and _only_reader_changed(article, lease, source):
        article.warnings.append(WarningCode.READER_CHANGED)
    if END_NOT_ANNOUNCED in response.flags and not origin.site.has_end(source):
        article.warnings.append(WarningCode.MAYBE_TRUNCATED)
    return article


def read_failure(failure: Failure, lease: Lease, origin: Origin) -> Rejection | NoArticle:
    """Return the result for a page whose answer did not come."""
    error = failure.value
    if is_too_large(error):
        detail = str(error) or "expected at most DOWNLOAD_MAXSIZE bytes, found more"
        rejected = PageError(RejectionReason.TOO_LARGE, detail)
        return _rejection(lease, origin, rejected, format_instant(datetime.now(UTC)))
    outcome = Outcome.FORBIDDEN if isinstance(error, RobotsForbidden) else Outcome.FAILED
    text = (str(error).splitlines() or [""])[0]
    return NoArticle(outcome, text if isinstance(error, IgnoreRequest) else f"{type(error).__name__}: {text}")


def _only_reader_changed(article: Article, lease: Lease, source: Source) -> bool:
    """Tell whether a text is another one than before only because another reader read the page.

    The reader of the version before reads the same bytes. Where it finds the text of that version, the
    page did not change. Where that reader is no longer there, nobody can tell, and the answer is yes.
    """
    if content_hash(article.title, article.description, article.body) == lease.content_hash:
        return False
    site = source.origin.site
    if lease.reader not in site.readers:
        return True
    try:
        before = site.read(source._replace(notice=None), lease.reader)
    except PageError:
        return False
    return content_hash(before.title, before.description, before.body) == lease.content_hash


def _http(response: Response) -> HttpInfo:
    return HttpInfo(
        status=response.status,
        etag=header(response, b"Etag"),
        last_modified=header(response, b"Last-Modified"),
        date=header(response, b"Date"),
        content_type=header(response, b"Content-Type"),
        bytes=len(response.body),
    )


def _rejection(
    lease: Lease,
    origin: Origin,
    error: PageError,
    now: str,
    *,
    http: HttpInfo | None = None,
    head: str | None = None,
) -> Rejection:
    return Rejection(
        uid=lease.page.uid,
        url=lease.page.url,
        fetched_url=origin.url(lease.page),
        reason=error.code,
        detail=error.detail,
        fetched_at=now,
        http=http,
        head=head,
    )
