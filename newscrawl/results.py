"""What came of asking for a page, as it is committed: the article, or why there is none."""

from __future__ import annotations

from dataclasses import dataclass

from newscrawl.codes import Outcome
from newscrawl.http_info import HttpInfo
from newscrawl.items import Article, Rejection


@dataclass(slots=True)
class NoArticle:
    """A page that did not come. It is counted and not written."""

    outcome: Outcome
    """MISSING (404 or 410), FORBIDDEN (robots.txt), FAILED or ERROR."""
    reason: str
    """What happened, on one line."""
    fetched_url: str = ""
    """What was actually asked for."""
    fetched_at: str | None = None
    """When the answer came."""
    http: HttpInfo | None = None
    """What the server said; None where no answer came."""


@dataclass(slots=True)
class NotModified:
    """The server says that a page is as it was when last fetched (304)."""


@dataclass(slots=True)
class Dropped:
    """An article that a pipeline of the user's dropped (``scrapy.exceptions.DropItem``)."""

    article: Article
    reason: str
    """What the exception says, on one line."""


Result = Article | Dropped | Rejection | NoArticle | NotModified
