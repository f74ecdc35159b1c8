"""One line and its archived answer to the line that today's reader would have made of it.

What was known when does not change because pages are read better: version, times, run, depth and referrer
stay those of the line.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any, NamedTuple

from w3lib.encoding import http_content_type_encoding

from newscrawl.codes import WarningCode
from newscrawl.exceptions import PageError
from newscrawl.http_info import ArchivedAs, HttpInfo
from newscrawl.items import Article, CrawlInfo, Rejection
from newscrawl.refine import PAGE_STEPS, commit_steps
from newscrawl.replay.bodies import Archived
from newscrawl.sites.base import Site, Source, read_start, source_of
from newscrawl.spiders.answers import HEAD_BYTES

Line = Mapping[str, Any]

# Warnings about the fetch and the commit, which no reading of the page can tell.
_OF_THE_LINE = frozenset(
    {WarningCode.CLOCK_BEHIND, WarningCode.LOCALE_DATES_DIFFER, WarningCode.READER_CHANGED}
)


class Rules(NamedTuple):
    """What pages are read and refined with: the sites by name, BACKFILL_LAG, DOWNLOAD_MAXSIZE."""

    sites: Mapping[str, Site]
    lag: timedelta
    most: int


def site_of(line: Line, sites: Mapping[str, Site]) -> Site:
    """Return the site of a line. Raises ValueError, in one line."""
    uid = line.get("uid")
    site = sites.get(source_of(uid)) if isinstance(uid, str) else None
    if site is None:
        raise ValueError(f"expected a uid of {' or '.join(sorted(sites))}, found {str(uid)[:60]!r}")
    return site


def read_line(line: Line, answer: Archived, rules: Rules) -> Article | Rejection:
    """Read the page of a line of ``articles/`` or ``rejected/`` again.

    An article has its times and its version where the line is one of ``articles/``; of a rejected page, which
    has none, they are not set. Raises NotAnArticleAddress for a ``fetched_url`` that is none.
    """
    site = site_of(line, rules.sites)
    origin, page = read_start(site, line["fetched_url"])
    charset = http_content_type_encoding(answer.header(b"content-type"))
    source = Source(answer.content, page, origin, charset)
    try:
        article = site.read(source)
    except PageError as error:
        return _rejection(line, error, answer)
    article.fetched_url = line["fetched_url"]
    article.fetched_at = line["fetched_at"]
    article.http = http_of(line)
    article.crawl = CrawlInfo(**line["crawl"])
    for link in article.related:
        link.observed_at = line["fetched_at"]
    before = line.get("warnings", ())
    article.warnings += [code for code in before if code in _OF_THE_LINE]
    # Whether the server announced the end is not in every archive; a page that has its end is whole.
    if WarningCode.MAYBE_TRUNCATED in before and not site.has_end(source):
        article.warnings.append(WarningCode.MAYBE_TRUNCATED)
    for step in PAGE_STEPS:
        step(article, site)
    if "version" in line:
        article.extra = dict(line.get("extra", {}))
        _stamp(article, line, rules.lag)
    return article


def http_of(line: Line) -> HttpInfo | None:
    """Return what a line says of the answer; None where it says nothing."""
    http = line["http"]
    if http is None:
        return None
    archive = http.get("archive")
    return HttpInfo(**{**http, "archive": None if archive is None else ArchivedAs(**archive)})


def _stamp(article: Article, line: Line, lag: timedelta) -> None:
    article.version, article.first_seen_at = line["version"], line["first_seen_at"]
    availability, *others = commit_steps(lag)
    availability(article)
    if article.published_at != line["published_at"] and (line["available_at"] or "") > (
        article.available_at or ""
    ):
        # A date that is read better makes nothing known earlier than it was said to be.
        article.available_at, article.available_rule = line["available_at"], line["available_rule"]
    for step in others:
        step(article)


def _rejection(line: Line, error: PageError, answer: Archived) -> Rejection:
    head = line.get("head")
    if head is None:
        head = answer.content[:HEAD_BYTES].decode("utf-8", errors="replace")
    return Rejection(
        uid=line["uid"],
        url=line["url"],
        fetched_url=line["fetched_url"],
        reason=error.code,
        detail=error.detail,
        rejected_at=line.get("rejected_at") or line["first_seen_at"],
        fetched_at=line["fetched_at"],
        crawl=CrawlInfo(**line["crawl"]),
        http=http_of(line),
        head=head,
    )
