"""What every site must tell: which addresses are its articles, how they are asked for, what their bytes say.

A site is one folder with one subclass of :class:`Site`; ``docs/add-a-site.md`` walks through one. Outside of
``sites/`` an article in one locale is a :class:`Page`, and its ``uid`` is never taken apart.
"""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from datetime import date, datetime
from functools import cached_property, lru_cache
from ipaddress import IPv6Address
from typing import ClassVar, NamedTuple

from newscrawl.exceptions import NotAnArticleAddress
from newscrawl.items import Article
from newscrawl.shown import show_address
from newscrawl.sites.rules import cut_lists, identify

_URL = re.compile(
    r"(?P<scheme>https?)://(?:(?P<userinfo>[^/?#@\s]*)@)?"
    r"(?P<host>\[[0-9a-f:.]+\]|\w[\w.-]*)(?::(?P<port>[0-9]{0,5}))?"
    r"(?P<path>/[^?#\s]*)?(?:[?#].*)?",
    re.IGNORECASE | re.DOTALL,
)
_PATH = re.compile(r"(/[^?#\s]*)(?:[?#].*)?", re.DOTALL)
_DEFAULT_PORTS = {"http": "80", "https": "443"}
_LONGEST_URL = 2_000


class Page(NamedTuple):
    """One article in one locale."""

    uid: str
    """The key in queue, state and data: ``longbridge:285741170:en``. Opaque outside of the site."""
    story_id: str
    """The same for all locales of one article; the uid itself where the address does not tell it.

    The reader names the story then, see ``Site.read``.
    """
    locale: str
    """BCP 47 tag."""
    url: str
    """The canonical address, whatever address it was met under."""


class DateWindow(NamedTuple):
    """From when to when something can have been published, both aware; None is without a bound."""

    earliest: datetime | None
    latest: datetime

    def holds(self, moment: datetime) -> bool:
        """Tell whether an aware time lies in the window, its ends included."""
        return (self.earliest is None or self.earliest <= moment) and moment <= self.latest


Notice = Callable[[str, str], None]
"""Called with a warning's code and the key or heading that was not known."""


class Source(NamedTuple):
    """What a reader is given of one page."""

    content: bytes
    """The body as it came, after content decoding."""
    page: Page
    """The article that was asked for, as its address tells it."""
    origin: Origin
    """Where it was asked for."""
    charset: str | None = None
    """The charset of the Content-Type header."""
    notice: Notice | None = None
    """Told of keys and headings that are not known; they have no place in the record."""


Reader = Callable[[Source], Article]
"""Turns a page's bytes into an Article with raw values. Raises PageError where it is not that article.

The article's ``url`` is the address that the page names as its own; ``rules.identify`` reads it.
"""


class Site(ABC):
    """One source of articles. Instances have no state."""

    name: ClassVar[str]
    """First part of every uid, and by custom the spider's name."""
    root: ClassVar[str]
    """Scheme and host of the canonical addresses: ``https://longbridge.com``."""
    domains: ClassVar[tuple[str, ...]]
    """Domains that serve the same articles; their subdomains count too."""
    locales: ClassVar[tuple[str, ...]]
    """The locales that are crawled, as BCP 47 tags in the site's spelling."""
    accept: ClassVar[str] = "*/*"
    """The Accept header of its pages' requests."""
    example: ClassVar[str]
    """The address of an article, for error messages."""
    began: ClassVar[datetime | None] = None
    """The site has no news of its own from before this time (aware); None is not known."""
    readers: ClassVar[Mapping[str, Reader]]
    """By name and version (``parser`` of a record), today's first. Older ones stay: they tell whether a text
    changed or only its reader did."""

    @abstractmethod
    def page(self, path: str) -> Page | None:
        """Return the article that the path of an address names (without query and fragment), or None.

        The path is as printed and the same on all of the site's hosts and mirrors.
        """

    def in_locale(self, page: Page, locale: str) -> Page | None:
        """Return the same article in another locale, or None where addresses do not tell."""
        return page if page.locale == locale else None

    def stories_on(self, day: date) -> int | None:
        """Return about how many stories the site publishes on a day; None where nothing tells."""
        return None

    def published_window(self, story_id: str) -> DateWindow | None:
        """Return when a story can have been published, going by its id; None where ids do not tell."""
        return None

    def refuses(self, body: bytes) -> bool:
        """Tell whether a body is a page that the site shows in place of any article, such as a login."""
        return False

    def has_end(self, source: Source) -> bool:
        """Tell whether a page reaches its end, going by what it says.

        Asked only of bodies whose end the server did not announce. True where pages do not tell, and of what
        is no article.
        """
        return True

    @property
    def reader(self) -> str:
        """The name of today's reader."""
        return next(iter(self.readers))

    def read(self, source: Source, reader: str | None = None) -> Article:
        """Read a page with today's reader, or the one named (KeyError where it is not there).

        Raises PageError, and nothing else, where the bytes are not the article that was asked for, and
        ``identity_missing`` where they do not name themselves. Fills identity; dates and symbols stay as
        printed. Lists are cut after ``rules.MOST_IN_LIST`` entries.
        """
        name = reader or self.reader
        article = self.readers[name](source)
        identify(source, article.url)
        cut_lists(article, source.notice)
        page = source.page
        article.uid, article.url, article.locale = page.uid, page.url, page.locale
        # A reader may know the story better than the address does.
        article.story_id = article.story_id or page.story_id
        article.parser = name
        return article

    def read_at(self, url: str, content: bytes) -> Article:
        """Read a page by its address, from a REPL: ``LONGBRIDGE.read_at(url, content)``."""
        origin, page = read_start(self, url)
        return self.read(Source(content, page, origin))

    def locale(self, text: str) -> str | None:
        """Return the site's spelling of one of its locales, or None (RFC 5646: case does not matter)."""
        wanted = text.strip().lower()
        return next((locale for locale in self.locales if locale.lower() == wanted), None)

    def serves(self, host: str) -> bool:
        """Tell whether a host (lower case) is one of the site's own."""
        return any(host == domain or host.endswith("." + domain) for domain in self.domains)

    @cached_property
    def home(self) -> Origin:
        """The site at its own address."""
        return Origin(self, self.root, self.root.partition("://")[2])


class Origin(NamedTuple):
    """Where the pages of one crawl are asked for: the site itself, a mirror or a replay."""

    site: Site
    root: str
    """Scheme, host and port."""
    host: str

    def url(self, page: Page) -> str:
        """Return where a page is asked for."""
        return self.root + page.url.removeprefix(self.site.root)

    def page(self, link: str) -> Page | None:
        """Return the article that a link on a page names, or None.

        Absolute links count when they lead to the site, or to this origin's host, of which the port does not
        matter, so that a replay may move; links that begin with ``/`` always do. The article is asked for at
        this origin, whatever scheme and port its link names.
        """
        if len(link) > _LONGEST_URL:
            return None
        # The spelling that pages print; the general pattern agrees with it, slower.
        rest = link.removeprefix(self.site.root)
        if rest[:1] == "/" and link[:2] != "//":
            return _page_at(self.site, rest)
        found = _URL.fullmatch(link)
        if found is None:
            return None
        host = _host(found)
        is_of_site = self.site.serves(host) and _has_default_port(found)
        if not is_of_site and (host != self.host or self == self.site.home):
            return None
        return self.site.page(found["path"] or "")

    def owns(self, url: str) -> bool:
        """Tell whether an address, of an article or not, may be asked for in place of one of this origin's.

        It may on the origin's hosts, on its port, and under its scheme or https. From http to https the port
        may also be that of the scheme. A mirror's hosts are the one; the site's are all of its domains.
        """
        found, own = _URL.fullmatch(url), _URL.fullmatch(self.root)
        if found is None or own is None:
            return False
        host = _host(found)
        if not (self.site.serves(host) if self == self.site.home else host == self.host):
            return False
        schemes, ports = (own["scheme"].lower(), found["scheme"].lower()), (_port(own), _port(found))
        if schemes[0] == schemes[1]:
            return ports[0] == ports[1]
        return schemes == ("http", "https") and (ports[0] == ports[1] or ports == ("80", "443"))


# A link is read when its page is, and again when it is followed; and many pages link to the same news.
@lru_cache(maxsize=8192)
def _page_at(site: Site, rest: str) -> Page | None:
    path = _PATH.fullmatch(rest)
    return None if path is None else site.page(path[1])


def read_start(site: Site, url: str) -> tuple[Origin, Page]:
    """Return the origin and the article that a person's start address names.

    Any host is accepted: one that is not the site's own is a mirror, asked under its own scheme, host and
    port. Raises NotAnArticleAddress with one line that says what was expected.
    """
    expected = f"an article's address such as {site.example}"
    found = _URL.fullmatch(url.strip()) if len(url) <= _LONGEST_URL else None
    if found is None:
        raise NotAnArticleAddress(expected, show_address(url))
    if found["userinfo"] is not None:
        raise NotAnArticleAddress(
            "an address without user name and password (see HTTPAUTH_USER in Scrapy's documentation)",
            f"them in {show_address(url)}",
        )
    page = site.page(found["path"] or "")
    if page is None:
        raise NotAnArticleAddress(expected, show_address(url))
    host = _host(found)
    if not host:
        raise NotAnArticleAddress("an IPv6 address in brackets", show_address(found["host"]))
    scheme, port = found["scheme"].lower(), found["port"]
    if port and int(port) > 65_535:
        raise NotAnArticleAddress("a port up to 65535", port)
    if site.serves(host):
        if not _has_default_port(found):
            raise NotAnArticleAddress(f"{site.root} without a port", f"the port {port} of {host}")
        return site.home, page
    suffix = f":{port}" if port and port != _DEFAULT_PORTS[scheme] else ""
    return Origin(site, f"{scheme}://{host}{suffix}", host), page


def source_of(uid: str) -> str:
    """Return the name of the site that a uid belongs to. All other parts are the site's own."""
    return uid.partition(":")[0]


def scope_of(origin: Origin) -> str:
    """Return what one state is about: the site itself, a mirror's host, or any replay on this machine."""
    if origin.host in ("localhost", "[::1]") or origin.host.startswith("127."):
        return "loopback"
    return origin.host


def _host(found: re.Match[str]) -> str:
    """Return the host in one spelling; empty for brackets without an IPv6 address between them."""
    host = found["host"].lower().rstrip(".")
    if host[:1] != "[":
        return host
    try:
        return f"[{IPv6Address(host[1:-1]).compressed}]"
    except ValueError:
        return ""


def _has_default_port(found: re.Match[str]) -> bool:
    return _port(found) == _DEFAULT_PORTS[found["scheme"].lower()]


def _port(found: re.Match[str]) -> str:
    return found["port"] or _DEFAULT_PORTS[found["scheme"].lower()]
