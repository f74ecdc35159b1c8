"""Addresses: any spelling of an article's address to its id and locale, and back to one spelling."""

from __future__ import annotations

import re
from typing import NamedTuple
from urllib.parse import unquote

from newscrawl.exceptions import NotAnArticleAddress
from newscrawl.sites.longbridge.locales import DEFAULT_LOCALE, LOCALES, canonical_locale

SOURCE = "longbridge"
CANONICAL_ORIGIN = "https://longbridge.com"

# Hosts under which the same ids have been seen; their subdomains count too.
_SOURCE_DOMAINS = ("longbridge.com", "longbridge.cn", "longportapp.com", "lbkrs.com", "lbctrl.com")

# One pattern for every spelling in use: Markdown, HTML and llms.txt pages, with or without a locale,
# through a quote page, the old app's /news/post/<id>; query and fragment only track the reader.
_ARTICLE_PATH = re.compile(
    rf"/(?:(?P<locale>{'|'.join(LOCALES)})/)?(?:quote/[^/]+/)?news/(?:post/)?"
    r"(?P<id>[1-9][0-9]{0,17})(?:\.md|/llms\.txt)?/?",
    re.IGNORECASE | re.ASCII,
)
_URL = re.compile(
    r"(?P<scheme>https?)://(?:(?P<userinfo>[^/?#@\s]*)@)?"
    r"(?P<host>\[[0-9a-f:.]+\]|\w[\w.-]*)(?::(?P<port>[0-9]{0,5}))?"
    r"(?P<path>/[^?#\s]*)?(?:[?#].*)?",
    re.IGNORECASE | re.DOTALL,
)
# The spelling in which pages print their links; the general patterns agree with it, slower.
_PRINTED = re.compile(rf"{re.escape(CANONICAL_ORIGIN)}/({'|'.join(LOCALES)})/news/([1-9][0-9]{{0,17}})\.md")
_DEFAULT_PORTS = {"http": "80", "https": "443"}
_LONGEST = 2_000

EXPECTED = "an article's address such as https://longbridge.com/en/news/285741170.md"


class Address(NamedTuple):
    """One article in one locale: all that an address says once its presentation is gone."""

    id: str
    locale: str

    @property
    def uid(self) -> str:
        """``longbridge:285741170:en``."""
        return f"{SOURCE}:{self.id}:{self.locale}"

    @property
    def story_id(self) -> str:
        """``longbridge:285741170``, the same for every locale."""
        return f"{SOURCE}:{self.id}"

    @property
    def url(self) -> str:
        """The canonical address, whatever was asked."""
        return f"{CANONICAL_ORIGIN}/{self.locale}/news/{self.id}.md"


class Site(NamedTuple):
    """Where the articles of one crawl are asked for: the source itself, a mirror or a replay."""

    origin: str
    host: str

    def url(self, address: Address) -> str:
        """Return where this site serves an article: always the ``.md`` form."""
        return f"{self.origin}/{address.locale}/news/{address.id}.md"

    def address(self, link: str) -> Address | None:
        """Return the article that a link on a page of this site names, or None.

        Absolute links count when they lead to the source or to this site's own host (the port
        does not matter, so that a replay may move); links that begin with ``/`` always do.
        """
        if printed := _PRINTED.fullmatch(link):
            return Address(printed[2], printed[1])
        if link.startswith("/") and not link.startswith("//"):
            return _read_path(link.partition("?")[0].partition("#")[0])
        found = _URL.fullmatch(link) if len(link) <= _LONGEST else None
        if found is None or not self._owns_host(found["host"]):
            return None
        return _read_path(found["path"] or "")

    def owns(self, url: str) -> bool:
        """Tell whether an address, of an article or not, lies on this site."""
        found = _URL.fullmatch(url)
        if found is None:
            return False
        host = found["host"].lower().rstrip(".")
        # A mirror is not the source: what its pages name is the source's, what is asked is the mirror.
        if self == LONGBRIDGE:
            return _is_source(host)
        if host != self.host:
            return False
        # Another port is another service; the step from http to https is none.
        own = _URL.fullmatch(self.origin)
        ports = {_port(found), _port(own) if own is not None else ""}
        return len(ports) == 1 or ports == set(_DEFAULT_PORTS.values())

    def _owns_host(self, host: str) -> bool:
        host = host.lower().rstrip(".")
        return host == self.host or _is_source(host)


LONGBRIDGE = Site(CANONICAL_ORIGIN, "longbridge.com")


def read_start(url: str) -> tuple[Site, Address]:
    """Return the site and the article that a person's start address names.

    Any host is accepted: one that is not the source's own is a mirror, asked under its own scheme,
    host and port. Raises NotAnArticleAddress with one line that says what was expected.
    """
    found = _URL.fullmatch(url.strip()) if len(url) <= _LONGEST else None
    if found is None:
        raise NotAnArticleAddress(f"expected {EXPECTED}, found {url[:200]!r}")
    if found["userinfo"] is not None:
        raise NotAnArticleAddress(
            "expected an address without user name and password (see HTTPAUTH_USER in Scrapy's "
            f"documentation), found them before {found['host']!r}"
        )
    address = _read_path(found["path"] or "")
    if address is None:
        raise NotAnArticleAddress(f"expected {EXPECTED}, found {url[:200]!r}")
    host = found["host"].lower().rstrip(".")
    if _is_source(host):
        return LONGBRIDGE, address
    scheme, port = found["scheme"].lower(), found["port"]
    if port and int(port) > 65_535:
        raise NotAnArticleAddress(f"expected a port up to 65535, found {port}")
    suffix = f":{port}" if port and port != _DEFAULT_PORTS[scheme] else ""
    return Site(f"{scheme}://{host}{suffix}", host), address


def _port(found: re.Match[str]) -> str:
    return found["port"] or _DEFAULT_PORTS[found["scheme"].lower()]


def _is_source(host: str) -> bool:
    return any(host == domain or host.endswith("." + domain) for domain in _SOURCE_DOMAINS)


def _read_path(path: str) -> Address | None:
    found = _ARTICLE_PATH.fullmatch(unquote(path) if "%" in path else path)
    if found is None:
        return None
    locale = canonical_locale(found["locale"]) if found["locale"] else DEFAULT_LOCALE
    assert locale is not None  # the pattern holds known locales only
    return Address(found["id"], locale)
