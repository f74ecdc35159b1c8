"""The data dictionary: what one line holds. ``data/README.md`` says the same at more length.

Field order is the order of keys in a line. Every key is always present; unknown is None or an empty
list. Times are RFC 3339 text in UTC with milliseconds. Changing a field needs a new ``schema``.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from newscrawl.http_info import HttpInfo
from newscrawl.named_in_text import Mention, Relevance

ARTICLE_SCHEMA = "newscrawl.article/1"
REJECTION_SCHEMA = "newscrawl.rejection/1"


@dataclass(slots=True)
class Alternate:
    """One locale in which the page says the article exists."""

    locale: str
    """As the site says, a BCP 47 tag."""
    url: str
    """The canonical address in that locale."""


@dataclass(slots=True)
class VendorSymbols:
    """How other tools spell an instrument; None wherever no rule is certain (``symbols/vendor.py``)."""

    yahoo: str | None = None
    """Yahoo Finance: ``0700.HK``, ``600519.SS``, ``BRK-B``."""
    ric: str | None = None
    """Reuters Instrument Code: ``0700.HK``, ``600519.SS``."""
    futu: str | None = None
    """Futu OpenAPI: ``HK.00700``, ``US.BRK.B``."""


@dataclass(slots=True)
class Instrument:
    """An instrument that the source tagged the story with (no proof that it is about it), or what a symbol
    stands for. A page's reader fills ``raw`` and ``label``, ``newscrawl.symbols.resolve`` the rest.
    """

    raw: str
    """As printed on the page."""
    label: str | None = field(default=None, kw_only=True)
    """The text of its link where that is more than the symbol: ``BABA-W (09988.HK)``."""
    symbol: str | None = None
    """The canonical symbol, the key to join on: ``2399.HK``."""
    code: str | None = None
    """The code as the exchange writes it: ``02399``."""
    market: str | None = None
    """``HK``, ``US``, ``SH``, …; None where the suffix is not in the table."""
    mic: str | None = None
    """Market identifier code (ISO 10383); None where neither symbol nor reference tells the venue."""
    type: str = "unknown"
    """equity, etf, reit, warrant, cbbc, inline_warrant, leveraged, depositary_receipt, bond, fund,
    index, crypto, option, industry or unknown."""
    type_source: str = "none"
    """Where ``type`` comes from: code_range, form, reference or none."""
    currency: str | None = None
    """In which the counter trades (ISO 4217); None where neither range nor reference tells it."""
    primary_symbol: str | None = None
    """The main counter of the same security where this one is in a second currency."""
    vendor: VendorSymbols = field(default_factory=VendorSymbols)
    """How other tools spell it."""
    relevance: Relevance = field(default_factory=Relevance)
    """Where and how often the story's texts name it."""


@dataclass(slots=True)
class Session:
    """The first regular session of a market in which the news could be traded."""

    market: str
    """As in ``Instrument``."""
    calendar: str
    """The trading calendar, by the name it has in exchange-calendars: ``XHKG``."""
    date: str
    """The session's day in the exchange's time zone: ``2026-05-11``."""
    open: str
    """When it opens, in UTC."""
    tradable_at: str
    """The first moment of trading at ``available_at`` or after, in UTC."""
    phase: str
    """before, in, break or after: where ``available_at`` lies in the day of trading."""
    extended: str | None = None
    """pre or post where ``available_at`` lies in US trading before or after regular hours; else None."""


@dataclass(slots=True)
class RefinedWith:
    """The steps of ``newscrawl.refine`` that made the concluded fields, by name, each with its version.

    A version is the number of the step's code and, where it uses tables, ``+`` and the first 8 hex digits of
    their SHA-256: ``1``, ``1+9b3c0f12``. None where a step did not run, as most on a withdrawn line.
    """

    dates: str | None = None
    """``published_at``."""
    instruments: str | None = None
    """``instruments``; with the version of the lists of listings, too: ``2+9b3c0f12+reference-5d0c3b1a``."""
    mentions: str | None = None
    """``mentions`` and ``instruments[].relevance``; with the same tables and lists."""
    checks: str | None = None
    """The warnings about the date; the tables are those of the site, which date its ids."""
    language: str | None = None
    """``language``, ``script`` and ``region``."""
    hash: str | None = None
    """``content_hash``."""
    availability: str | None = None
    """``available_at`` and ``available_rule``; with the lag: ``2+lag-24h``."""
    sessions: str | None = None
    """``sessions``; with the version of what its tables are made from: ``2+5d0c3b1a+calendars-4.13.2``."""


@dataclass(slots=True)
class RelatedLink:
    """One entry of the page's list of related news, as it was when the page was fetched."""

    story_id: str
    """The story it leads to."""
    url: str
    """Its canonical address."""
    title: str | None
    """As printed, treated like the title of an article."""
    wire_time: str | None
    """The wire time cut from that title."""
    position: int
    """From 1, in page order."""
    observed_at: str
    """When the list was seen. It is computed at each fetch: never date it by the article."""


@dataclass(slots=True)
class CrawlInfo:
    """How the crawler came here."""

    run_id: str | None = None
    """The run that wrote the line; its manifest is ``runs/<run_id>.json``."""
    depth: int = 0
    """Hops along related news from a start; a locale alternate is no hop."""
    via: str = "seed"
    """seed, locale, related, recheck or archive."""
    referrer: str | None = None
    """The canonical address of the page that led here; None for a start."""


@dataclass(slots=True)
class Article:
    """One version of one article in one locale."""

    schema: str = ARTICLE_SCHEMA
    """Name and version of this contract."""
    uid: str = ""
    """Source, id and locale of the address that was asked."""
    story_id: str = ""
    """The same for all locales of one article."""
    version: int = 1
    """1, then one more for each further line of this uid."""
    status: str = "usable"
    """usable, or withdrawn when a page once written is gone."""
    url: str = ""
    """The canonical address, also when a mirror was asked."""
    fetched_url: str = ""
    """What was actually asked for."""
    locale: str = ""
    """As the site says (BCP 47)."""
    alternates: list[Alternate] = field(default_factory=list)
    """Each locale the page names, its own included, sorted by code point."""
    title: str | None = None
    """Entities decoded, NFC, wire time cut off."""
    description: str | None = None
    """Entities decoded, NFC, on one line; often a machine's summary."""
    body: str = ""
    """Markdown between the H1 and the closing lists; may be empty."""
    wire_time: str | None = None
    """A wire service's time as cut from the title; it has no date."""
    published_at: str | None = None
    """The page's datetime in UTC."""
    published_raw: str | None = None
    """Exactly what stood between the quotes."""
    first_seen_at: str | None = None
    """When this version was committed."""
    fetched_at: str | None = None
    """When these bytes were fetched."""
    available_at: str | None = None
    """When somebody using this data could have known it."""
    available_rule: str | None = None
    """observed, backfill or archived."""
    instruments: list[Instrument] = field(default_factory=list)
    """What the source tagged, in page order, one per symbol."""
    related: list[RelatedLink] = field(default_factory=list)
    """The related news as listed at the fetch."""
    content_hash: str | None = None
    """SHA-256 over title, description and body."""
    crawl: CrawlInfo = field(default_factory=CrawlInfo)
    """How the crawler came here."""
    http: HttpInfo | None = None
    """What the server said of the bytes."""
    parser: str = ""
    """Name and version of the reader that understood the page."""
    warnings: list[str] = field(default_factory=list)
    """Codes from the closed list in ``newscrawl.codes``."""
    language: str | None = None
    """Of the locale (ISO 639): en, zh."""
    script: str | None = None
    """Of the locale (ISO 15924): Latn, Hans or Hant."""
    region: str | None = None
    """Of the locale (ISO 3166): CN or HK; None where the tag names none."""
    mentions: list[Mention] = field(default_factory=list)
    """What title, description and body themselves name, in this order; apart from what the source tagged."""
    sessions: list[Session] | None = None
    """One for each market among the instruments with a calendar; None until the commit."""
    refined_with: RefinedWith = field(default_factory=RefinedWith)
    """The versions of the steps that made the concluded fields."""
    extra: dict[str, object] = field(default_factory=dict)
    """What a pipeline of the user's added: any names, any values that JSON knows."""


@dataclass(slots=True)
class Rejection:
    """A page that came and could not be read as the article that was asked for."""

    schema: str = REJECTION_SCHEMA
    """Name and version of this contract."""
    uid: str = ""
    """Source, id and locale of the address that was asked."""
    url: str = ""
    """The canonical address."""
    fetched_url: str = ""
    """What was actually asked for."""
    reason: str = ""
    """A code from the closed list in ``newscrawl.codes``."""
    detail: str = ""
    """What was expected and what was found, for a person."""
    rejected_at: str | None = None
    """When this was committed."""
    fetched_at: str | None = None
    """When the bytes were fetched."""
    crawl: CrawlInfo = field(default_factory=CrawlInfo)
    """How the crawler came here."""
    http: HttpInfo | None = None
    """What the server said of the bytes; None where the response was cut."""
    head: str | None = None
    """The first 2 kB of what came; None where the size cap cut the response."""
