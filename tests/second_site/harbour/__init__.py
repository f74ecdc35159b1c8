"""harbour.example: news of a port as HTML pages in three languages, each with a slug of its own."""

from __future__ import annotations

import re

from newscrawl.sites.base import Page, Site
from tests.second_site.harbour.reader import READER, read_article

ROOT = "https://harbour.example"
_PATH = re.compile(r"/(de|en|fr)/([a-z]+)/([a-z0-9-]+)/?")


class Harbour(Site):
    """An article is its address: there is no number that its translations share."""

    name = "harbour"
    root = ROOT
    domains = ("harbour.example",)
    locales = ("de", "en", "fr")
    accept = "text/html"
    example = f"{ROOT}/en/markets/harbour-cranes-ordered"
    readers = {READER: read_article}  # noqa: RUF012  # a ClassVar by Site's annotation

    def page(self, path: str) -> Page | None:
        """Return the article that a path names. Its story is not known before the page is read."""
        found = _PATH.fullmatch(path)
        if found is None:
            return None
        locale, section, slug = found.groups()
        uid = f"{self.name}:{locale}/{section}/{slug}"
        return Page(uid, story_id=uid, locale=locale, url=f"{ROOT}/{locale}/{section}/{slug}")


HARBOUR = Harbour()
