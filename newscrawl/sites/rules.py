"""What holds for the pages of every site: a page names itself, and its lists have an end."""

from __future__ import annotations

from typing import TYPE_CHECKING

from newscrawl.codes import RejectionReason, WarningCode
from newscrawl.exceptions import PageError

if TYPE_CHECKING:
    from newscrawl.items import Article
    from newscrawl.sites.base import Notice, Page, Source

# Of each list in a record. Real pages have five related news, three alternates and some dozens of instruments
# at most; a page that was made to hold a hundred thousand costs memory, and a row of the queue for each.
MOST_IN_LIST = 1_000

_CUT = {
    "alternates": WarningCode.ALTERNATES_CUT,
    "instruments": WarningCode.INSTRUMENTS_CUT,
    "related": WarningCode.RELATED_CUT,
}


def identify(source: Source, url: str | None, locale: str | None = None) -> Page:
    """Return the page that a document says it is, which is the one that was asked for.

    ``url`` is the address that the document names as its own, as printed; None where it names none. It is the
    site's, whichever mirror served the page. ``locale`` is the locale that the document names besides, in the
    site's spelling. Raises PageError ``identity_missing`` without an address: a login, an error page or any
    other page that is the same for all addresses must not become an article. Raises ``wrong_article`` for the
    address of another article or of none, and ``wrong_locale`` for another locale than the one asked for.
    """
    asked = source.page
    if url is None or not url.strip():
        raise PageError(RejectionReason.IDENTITY_MISSING, f"expected {asked.url}, found no address")
    named = source.origin.site.home.page(url.strip())
    if named is None or (named.uid != asked.uid and named.story_id != asked.story_id):
        raise PageError(RejectionReason.WRONG_ARTICLE, f"expected {asked.url}, found {url[:200]!r}")
    shown = named.locale if locale is None else locale
    if not shown == named.locale == asked.locale:
        raise PageError(
            RejectionReason.WRONG_LOCALE,
            f"expected {asked.locale}, found {shown[:40]!r} at {url[:200]!r}",
        )
    return named


def cut_lists(article: Article, notice: Notice | None) -> None:
    """Leave at most ``MOST_IN_LIST`` entries in each list; a warning says where more stood.

    ``notice`` is told how many were left out.
    """
    for name, code in _CUT.items():
        entries = getattr(article, name)
        if len(entries) <= MOST_IN_LIST:
            continue
        if notice is not None:
            notice(code, f"{len(entries) - MOST_IN_LIST} of {len(entries)} left out")
        del entries[MOST_IN_LIST:]
        article.warnings = sorted({*article.warnings, code})
