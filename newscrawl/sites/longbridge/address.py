"""Addresses: any spelling of an article's address to its id and locale, and back to one spelling."""

from __future__ import annotations

import re
from typing import NamedTuple, Self
from urllib.parse import unquote

from newscrawl.sites.base import Page
from newscrawl.sites.longbridge.locales import DEFAULT_LOCALE, LOCALES, canonical_locale

NAME = "longbridge"
ROOT = "https://longbridge.com"

# One pattern for every spelling in use: Markdown, HTML and llms.txt pages, with or without a locale,
# through a quote page, the old app's /news/post/<id>; query and fragment only track the reader.
_ARTICLE_PATH = re.compile(
    rf"/(?:(?P<locale>{'|'.join(LOCALES)})/)?(?:quote/[^/]+/)?news/(?:post/)?"
    r"(?P<id>[1-9][0-9]{0,17})(?:\.md|/llms\.txt)?/?",
    re.IGNORECASE | re.ASCII,
)


class Address(NamedTuple):
    """One article in one locale: all that an address says once its presentation is gone."""

    id: str
    locale: str

    @property
    def page(self) -> Page:
        """The same for everything outside of this folder."""
        story_id = f"{NAME}:{self.id}"
        return Page(f"{story_id}:{self.locale}", story_id, self.locale, self.url)

    @property
    def url(self) -> str:
        """The canonical address."""
        return f"{ROOT}/{self.locale}/news/{self.id}.md"

    @classmethod
    def of(cls, page: Page) -> Self:
        """Return the address of a page: the one place where a uid is taken apart."""
        _, id_, locale = page.uid.split(":")
        return cls(id_, locale)


def read_page(path: str) -> Page | None:
    """Return the article that a path names, as the rest of the project knows it, or None."""
    address = read_path(path)
    return None if address is None else address.page


def read_path(path: str) -> Address | None:
    """Return the article that a path names, or None."""
    found = _ARTICLE_PATH.fullmatch(unquote(path) if "%" in path else path)
    if found is None:
        return None
    locale = canonical_locale(found["locale"]) if found["locale"] else DEFAULT_LOCALE
    assert locale is not None  # the pattern holds known locales only
    return Address(found["id"], locale)


def id_of(story_id: str) -> int:
    """Return the number of the news, which grows with time."""
    return int(story_id.rpartition(":")[2])
