"""The closed lists of codes that stand in the data and in the state, each with its meaning.

``data/README.md`` prints the lists that stand in the data; a test holds the two together.
"""

from __future__ import annotations

from enum import IntEnum, StrEnum
from typing import Self


class _Code(StrEnum):
    """A code with a ``meaning``, one sentence for ``data/README.md``."""

    meaning: str

    def __new__(cls, value: str, meaning: str) -> Self:
        code = str.__new__(cls, value)
        code._value_ = value
        code.meaning = meaning
        return code


class WarningCode(_Code):
    """``warnings`` of an article: the line is right as far as it goes, but somebody should know."""

    ALTERNATE_CONFLICT = (
        "alternate_conflict",
        "the locale beside an alternate is not the one in its address, which is used",
    )
    ALTERNATES_CUT = "alternates_cut", "the page names over 1,000 alternates; the rest was left out"
    BAD_SYMBOL = "bad_symbol", "a stock link without a usable symbol was left out"
    CLOCK_BEHIND = (
        "clock_behind",
        "the state's clock was over five minutes behind its last stamp, which first_seen_at repeats",
    )
    CLOCK_DIFFERS = (
        "clock_differs",
        "the server's Date is over five minutes ahead of our clock, or over a day behind it",
    )
    CONTROL_CHARACTERS = (
        "control_characters",
        "a text holds characters that steer a terminal or turn the order of what is shown; it is as it came",
    )
    DATE_AFTER_SERVER = "date_after_server", "published_at is over five minutes later than the server's Date"
    DATE_BEFORE_SOURCE = (
        "date_before_source",
        "published_at lies before 2019, the year in which the site is said to have begun",
    )
    DATE_IN_FUTURE = "date_in_future", "published_at is over five minutes later than fetched_at"
    DATE_MISSING = "date_missing", "the header has no datetime"
    DATE_UNREADABLE = "date_unreadable", "the header's datetime is no date and time; published_at is null"
    DATE_WITHOUT_ZONE = "date_without_zone", "the header's datetime has no zone; published_at is null"
    DESCRIPTION_MAYBE_CUT = (
        "description_maybe_cut",
        "a page of the older kind, whose description is often cut; the whole one was not found under its H1",
    )
    DUPLICATE_KEY = "duplicate_key", "a header key stood twice; the first counts"
    ENCODING_NOT_UTF8 = (
        "encoding_not_utf8",
        "the bytes were not UTF-8 but what the server or a byte order mark says",
    )
    ENCODING_REPLACED = "encoding_replaced", "bytes that fit no known encoding were replaced by U+FFFD"
    FOREIGN_ALTERNATE = (
        "foreign_alternate",
        "an alternate names another article or no article and was left out",
    )
    HEADING_DIFFERS = "heading_differs", "the H1 is not the header's title"
    HEADING_MISSING = "heading_missing", "no H1 between header and body"
    ID_DATE_DIFFERS = (
        "id_date_differs",
        "published_at lies outside the days on which the article's id can have been given out",
    )
    INSTRUMENTS_CUT = (
        "instruments_cut",
        "the page is tagged with over 1,000 instruments; the rest was left out",
    )
    LABEL_NOT_SYMBOL = (
        "label_not_symbol",
        "a stock link's text does not say the symbol in its address; the address counts",
    )
    LOCALE_DATES_DIFFER = (
        "locale_dates_differ",
        "the story's page in another locale, written before, has another datetime",
    )
    LOCALE_MISMATCH = "locale_mismatch", "the text is written in another script than that of its locale"
    LOCALES_MISSING = "locales_missing", "the page names no alternates"
    MAYBE_TRUNCATED = (
        "maybe_truncated",
        (
            "the server did not say how long the page is, and the page lacks its end, "
            "also when it was asked for again"
        ),
    )
    MENTIONS_CUT = (
        "mentions_cut",
        "the texts name or seem to name very many instruments; only the first were taken",
    )
    NO_SECTIONS = (
        "no_sections",
        "a known list heading stands in the text, but no such list ends the page; none was taken",
    )
    PARTS_MISSING = (
        "parts_missing",
        (
            "at least half of what a page usually has is missing: title, description, datetime, alternates, "
            "H1, text, stocks, related news"
        ),
    )
    READER_CHANGED = (
        "reader_changed",
        (
            "the text differs from the version before because another reader read the page; "
            "or the reader of that version is no longer there to tell"
        ),
    )
    RELATED_CUT = "related_cut", "the page lists over 1,000 related news; the rest was left out"
    SESSION_BEYOND_CALENDAR = (
        "session_beyond_calendar",
        "a market's trading calendar does not reach this far; its session is left out",
    )
    SESSION_PROJECTED = (
        "session_projected",
        "a session rests on a trading day that is projected by rule and was not announced",
    )
    TITLE_FROM_HEADING = "title_from_heading", "the header has no title; the H1 stands in for it"
    TITLE_MISSING = "title_missing", "neither the header nor an H1 gives a title; it is null"
    UNKNOWN_CODE = (
        "unknown_code",
        "an instrument's code is in no range with a known type on the article's day",
    )
    UNKNOWN_HEADING = (
        "unknown_heading",
        "a closing list was recognised by its links under a heading not seen before",
    )
    UNKNOWN_KEY = "unknown_key", "the header has a key not seen before"
    UNKNOWN_LOCALE = "unknown_locale", "an alternate has a locale not seen before; it is listed, not followed"
    UNKNOWN_MARKET = "unknown_market", "an instrument's market is not in the table"
    UNREADABLE_HEADER_LINE = "unreadable_header_line", "a line of the header is no key and no list item"
    UNREADABLE_ITEM = (
        "unreadable_item",
        "something in or behind the closing lists is no link of the list's kind and was left out",
    )
    WIRE_TIME_DIFFERS = (
        "wire_time_differs",
        "published_at is over half an hour away from the wire_time before the title",
    )


class RejectionReason(_Code):
    """``reason`` of a line in rejected/: the page could not be read as the article that was asked for."""

    BODY_MISSING = "body_missing", "the page has neither title nor description nor body"
    EMPTY_DOCUMENT = "empty_document", "nothing but white space came"
    HEADER_BROKEN = "header_broken", "what stands between the two --- lines is not a header"
    HEADER_TRUNCATED = "header_truncated", "the header has no end"
    HTML_DOCUMENT = "html_document", "an HTML page came where Markdown was asked for"
    IDENTITY_MISSING = (
        "identity_missing",
        "the page does not name its own address, so nothing tells that it is the article",
    )
    NO_FRONT_MATTER = "no_front_matter", "the document does not begin with a --- line"
    NOT_NEWS = "not_news", "the header's type is another than News"
    NUL_BYTES = "nul_bytes", "the text holds NUL characters"
    REGION_NOTICE = (
        "region_notice",
        "a notice that the content is not available in this region came instead of the article",
    )
    TOO_LARGE = "too_large", "the answer was larger than DOWNLOAD_MAXSIZE, 1 MB unless it is changed"
    WRONG_ARTICLE = "wrong_article", "the header names another article than the one asked for"
    WRONG_LOCALE = "wrong_locale", "the header names another locale than the one asked for"


class MentionRule(_Code):
    """``rule`` of an entry in ``mentions``: the form in which the text names an instrument."""

    CASHTAG = "cashtag", "`$TENCENT(00700.HK)`: a dollar sign, a name, a symbol in brackets"
    CODE = "code", "`Alibaba-W (09988)`, `腾讯（0700）`: the digits of a code in brackets behind a name"
    DOLLAR_TICKER = "dollar_ticker", "`$NVDA`: a ticker behind a dollar sign"
    EXCHANGE_CODE = (
        "exchange_code",
        "`(NYSE:ORCL)`, `（美：AAPL）`: a code behind the name of its exchange or market, in brackets",
    )
    LABELLED_CODE = (
        "labelled_code",
        "`stock code: 1810`, `股份代号：1810`: a code behind words that say that it is one",
    )
    QUOTE_LINK = (
        "quote_link",
        "`[Tencent](https://longbridge.com/en/quote/00700.HK.md)`: a link to an instrument's page",
    )
    STOCK_TAG = (
        "stock_tag",
        "`[st]ST/US/NVDA#英伟达.US[/st]`: the source's own mark for an instrument in its text",
    )
    SYMBOL = "symbol", "`00700.HK`: a code with the suffix of its market, in brackets or not"
    TICKER = "ticker", "`(NVDA)`: a ticker alone in brackets"
    VENDOR_SYMBOL = (
        "vendor_symbol",
        "`(9618 HK)`, `(US.NVDA)`, `(NVDA.O)`: code and market in brackets as another tool writes them",
    )


class Place(_Code):
    """``relevance.place`` of an instrument: the most prominent place that names it."""

    FIRST_PARAGRAPH = (
        "first_paragraph",
        (
            "not in the title, but in the first paragraph of the body; where the body is empty, in the "
            "description"
        ),
    )
    LATER = "later", "elsewhere: in a later paragraph of the body, or in the description beside a body"
    TAGGED_ONLY = "tagged_only", "nowhere: the source tagged it, and no mention has its symbol"
    TITLE = "title", "in the title"


class Via(_Code):
    """``crawl.via`` of a line: how the crawler came to a page."""

    SEED = "seed", "a start of the crawl"
    LOCALE = "locale", "an alternate locale of a page"
    RELATED = "related", "a link in a page's list of related news"
    RECHECK = "recheck", "known from an earlier run and asked for again"
    ARCHIVE = "archive", "an archive that another crawler made (`scrapy replay --warc`)"


class PageState(IntEnum):
    """What a page of a run is, in the state's column ``state``."""

    WAITING = 0
    LEASED = 1
    DONE = 2
    FAILED = 3


class Outcome(_Code):
    """What became of a page in a run, in the state's column ``outcome`` and the manifest's ``counts``."""

    READ = "read", "a new version was written"
    UNCHANGED = "unchanged", "the text is as it was when last seen; no new version"
    SKIPPED = "skipped", "known, and too old to be asked for again; its links were followed"
    DROPPED = "dropped", "a pipeline of the user's dropped the article; its links were followed"
    WITHDRAWN = "withdrawn", "a page that was written before is gone (404 or 410); one line says so"
    REJECTED = "rejected", "what came is not the article that was asked for"
    MISSING = "missing", "404 or 410 for a page that was never written"
    FORBIDDEN = "forbidden", "robots.txt does not allow it"
    FAILED = "failed", "no usable answer came, after all retries"
    CRASHED = "crashed", "the process ended three times while it worked on the page; no longer asked"
    ERROR = "error", "an exception in this project's or a user's code"
