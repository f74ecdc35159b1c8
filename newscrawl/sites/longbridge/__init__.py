"""longbridge.com: financial news as Markdown pages in three locales."""

from __future__ import annotations

from datetime import UTC, date, datetime

from newscrawl.sites.base import DateWindow, Page, Site, Source
from newscrawl.sites.html import is_html
from newscrawl.sites.longbridge.address import NAME, ROOT, Address, id_of, read_page
from newscrawl.sites.longbridge.earlier.reader_1 import READER_1, read_article_1
from newscrawl.sites.longbridge.ending import has_end
from newscrawl.sites.longbridge.locales import LOCALES
from newscrawl.sites.longbridge.news_ids import id_window, ids_on
from newscrawl.sites.longbridge.reader import READER, read_article


class Longbridge(Site):
    """An article is its numeric id; everything else in an address is presentation."""

    name = NAME
    root = ROOT
    # Hosts under which the same ids have been seen.
    domains = (
        "longbridge.com",
        "longbridge.cn",
        "longbridgeapp.com",
        "longportapp.com",
        "longportapp.cn",
        "lbkrs.com",
        "lbctrl.com",
    )
    locales = LOCALES
    # The site answers with Markdown where it is asked for (its addresses say .md already).
    accept = "text/markdown, text/plain;q=0.9, */*;q=0.1"
    # The company is of 2019: general knowledge, not confirmed, hence the whole year. Older news would have
    # been taken over from elsewhere, with a date that the site did not record itself.
    began = datetime(2019, 1, 1, tzinfo=UTC)
    example = "https://longbridge.com/en/news/285741170.md"
    readers = {READER: read_article, READER_1: read_article_1}  # noqa: RUF012  # a ClassVar by Site's annotation

    def page(self, path: str) -> Page | None:
        """Return the article that a path names; the Markdown form is the canonical one."""
        return read_page(path)

    def in_locale(self, page: Page, locale: str) -> Page:
        """Return the same article in another locale: the id is the same."""
        return page if page.locale == locale else Address(Address.of(page).id, locale).page

    def published_window(self, story_id: str) -> DateWindow:
        """Return the days on which the story's id can have been given out."""
        return id_window(id_of(story_id))

    def stories_on(self, day: date) -> int | None:
        """Return about how many stories the site publishes on a day, by its ids."""
        return ids_on(day)

    def refuses(self, body: bytes) -> bool:
        """Tell whether an HTML page came: articles are Markdown."""
        return is_html(body)

    def has_end(self, source: Source) -> bool:
        """Tell whether the header is closed, and a list of links and a line's end close the page."""
        return has_end(source)


LONGBRIDGE = Longbridge()
