"""Recorded pages, a folder each below ``tests/sites/<site>/recorded/``:

``page.<ext>``
    The bytes as they came. ``page.bin`` where they are not UTF-8.
``asked.json``
    Where it was asked for: ``url``, or ``locale`` for the usual article in another locale; and the
    ``charset`` of the Content-Type header. It holds only what differs from ``recorded/asked.json``, the usual
    address of the site's recorded pages, and is not there where nothing does.
``expected.json`` or ``error.txt``
    What is read from the page, or the code with which it is refused.

``python -m tests.sites.record`` writes such a folder, ``tests/sites/test_recorded.py`` tests all of them.
"""

from __future__ import annotations

import dataclasses
import json
import pkgutil
from collections.abc import Mapping
from importlib import import_module
from pathlib import Path
from typing import Any, NamedTuple

from newscrawl import sites
from newscrawl.items import Article
from newscrawl.refine import refine
from newscrawl.sites.base import Origin, Page, Site, Source, read_start

BELOW = Path(__file__).parent
FIELDS = (
    "uid",
    "story_id",
    "url",
    "locale",
    "alternates",
    "title",
    "description",
    "body",
    "wire_time",
    "published_at",
    "published_raw",
    "instruments",
    "related",
    "content_hash",
    "parser",
    "warnings",
)
ASKED_KEYS = frozenset({"url", "locale", "charset"})


def _site_of(folder: str) -> Site:
    found = [
        value
        for value in vars(import_module(f"newscrawl.sites.{folder}")).values()
        if isinstance(value, Site)
    ]
    if len(found) != 1:
        raise LookupError(f"expected one instance of Site in newscrawl.sites.{folder}, found {len(found)}")
    return found[0]


# By the names of their folders.
SITES = {
    module.name: _site_of(module.name) for module in pkgutil.iter_modules(sites.__path__) if module.ispkg
}


class Asked(NamedTuple):
    """Where a page was asked for, and the charset that came with it."""

    origin: Origin
    page: Page
    charset: str | None = None


class Recording(NamedTuple):
    """One recorded page, or the place for one."""

    site: Site
    folder: Path

    @property
    def name(self) -> str:
        return self.folder.name

    @property
    def content(self) -> bytes:
        [page] = self.folder.glob("page.*")
        return page.read_bytes()

    @property
    def own_asked(self) -> dict[str, str]:
        """What its own ``asked.json`` says."""
        return _load(self.folder / "asked.json")

    @property
    def usual_asked(self) -> dict[str, str]:
        """What ``recorded/asked.json`` says."""
        return _load(self.folder.parent / "asked.json")

    @property
    def asked(self) -> Asked:
        return read_asked(self.site, self.own_asked, self.usual_asked)

    def article(self, content: bytes | None = None) -> Article:
        """Read the page, or other bytes in its place. Raises PageError where they are refused."""
        return read_article(self.site, self.asked, self.content if content is None else content)

    def record(self, content: bytes | None = None) -> dict[str, Any]:
        """Return what ``expected.json`` holds of the page, or of other bytes in its place."""
        return record_of(self.article(content), self.site)

    @property
    def refusal(self) -> str | None:
        """The code with which the page is refused; None for a page that is read."""
        file = self.folder / "error.txt"
        return file.read_text(encoding="utf-8").strip() if file.exists() else None

    @property
    def expected_file(self) -> Path:
        return self.folder / "expected.json"

    @property
    def expected(self) -> dict[str, Any]:
        return _load(self.expected_file)

    def write_expected(self, record: dict[str, Any]) -> None:
        text = json.dumps(record, ensure_ascii=False, indent=2)
        self.expected_file.write_text(text + "\n", encoding="utf-8", newline="\n")


def recordings_of(site: str, below: Path = BELOW) -> list[Recording]:
    """Return the recorded pages of a site, by the name of its folder."""
    folder = below / site / "recorded"
    if not folder.is_dir():
        return []
    return [Recording(SITES[site], path) for path in sorted(folder.iterdir()) if path.is_dir()]


def read_article(site: Site, asked: Asked, content: bytes) -> Article:
    """Read a page. Raises PageError where it is refused."""
    return site.read(Source(content, asked.page, asked.origin, asked.charset))


def record_of(article: Article, site: Site) -> dict[str, Any]:
    """Return what ``expected.json`` holds: the article with what its page alone tells."""
    record = dataclasses.asdict(refine(article, site))
    return {field: record[field] for field in FIELDS}


def read_asked(site: Site, own: Mapping[str, str], usual: Mapping[str, str]) -> Asked:
    """Return what a page's own ``asked.json`` and that of the folder above say together."""
    url = own.get("url") or usual.get("url")
    if url is None:
        raise LookupError(f"expected a url in asked.json or in recorded/asked.json, found {dict(own)}")
    origin, page = read_start(site, url)
    if "locale" in own:
        other = site.in_locale(page, own["locale"])
        if other is None:
            raise LookupError(
                f"expected a locale in which {page.url} has an address, found {own['locale']!r}"
            )
        page = other
    return Asked(origin, page, own.get("charset"))


def write_asked(site: Site, asked: Asked, usual: Mapping[str, str]) -> dict[str, str]:
    """Return what a page's own ``asked.json`` must say so that it was asked for like this."""
    own: dict[str, str] = {}
    usually = read_asked(site, {}, usual) if usual else None
    if usually is None or asked.origin != usually.origin:
        own["url"] = asked.origin.url(asked.page)
    elif asked.page != usually.page:
        if site.in_locale(usually.page, asked.page.locale) == asked.page:
            own["locale"] = asked.page.locale
        else:
            own["url"] = asked.origin.url(asked.page)
    if asked.charset:
        own["charset"] = asked.charset
    return own


def _load(file: Path) -> dict[str, Any]:
    if not file.exists():
        return {}
    loaded: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    return loaded
