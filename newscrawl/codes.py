"""The closed lists of codes that stand in the data, each with its meaning.

``data/README.md`` prints the same lists; a test holds the two together. A code is never renamed:
people filter on it.
"""

from __future__ import annotations

# In `warnings` of an article: the line is right as far as it goes, but somebody should know.
WARNINGS = {
    "alternate_conflict": "the locale beside an alternate is not the one in its address, which is used",
    "bad_symbol": "a stock link without a usable symbol was left out",
    "clock_differs": "the server's Date is over five minutes ahead of our clock, or over a day behind it",
    "date_after_server": "published_at is over five minutes later than the server's Date",
    "date_before_source": "published_at lies before 2019, the year in which the site is said to have begun",
    "date_in_future": "published_at is over five minutes later than fetched_at",
    "date_missing": "the header has no datetime",
    "date_unreadable": "the header's datetime is no date and time; published_at is null",
    "date_without_zone": "the header's datetime has no zone; published_at is null",
    "duplicate_key": "a header key stood twice; the first counts",
    "encoding_not_utf8": "the bytes were not UTF-8 but what the server or a byte order mark says",
    "encoding_replaced": "bytes that fit no known encoding were replaced by U+FFFD",
    "foreign_alternate": "an alternate names another article or no article and was left out",
    "heading_differs": "the H1 is not the header's title",
    "heading_missing": "no H1 between header and body",
    "id_date_differs": "published_at lies outside the days on which the article's id can have been given out",
    "label_not_symbol": "a stock link's text is not the symbol in its address; the address counts",
    "locale_mismatch": "the text is written in another script than that of its locale",
    "locales_missing": "the page names no alternates",
    "no_sections": "a known list heading stands in the text, but no list ends the page; nothing was taken",
    "session_beyond_calendar": "a market's trading calendar does not reach this far; its session is left out",
    "title_from_heading": "the header has no title; the H1 stands in for it",
    "twin_dates_differ": "the story's page in another locale, written before, has another datetime",
    "unknown_code": "an instrument's code is in no range with a known type on the article's day",
    "unknown_heading": "a closing list was recognised by its links under a heading not seen before",
    "unknown_key": "the header has a key not seen before",
    "unknown_locale": "an alternate has a locale not seen before; it is listed, not followed",
    "unknown_market": "an instrument's market is not in the table",
    "unreadable_header_line": "a line of the header is no key and no list item",
    "unreadable_link": "an item of a closing list is no link of the list's kind and was left out",
    "url_missing": "the header has no url; the page is taken for the one asked",
    "wire_time_differs": "published_at is over half an hour away from the wire_time before the title",
}

# `reason` of a line in rejected/: the page could not be read as the article that was asked for.
REJECTIONS = {
    "body_missing": "the page has neither title nor description nor body",
    "empty_document": "nothing but white space came",
    "header_broken": "what stands between the two --- lines is not a header",
    "header_truncated": "the header has no end",
    "html_document": "an HTML page came where Markdown was asked for",
    "no_front_matter": "the document does not begin with a --- line",
    "not_news": "the header's type is another than News",
    "nul_bytes": "the text holds NUL characters",
    "region_notice": "a notice that the content is not available in this region came instead of the article",
    "too_large": "the response was larger than DOWNLOAD_MAXSIZE and was cut",
    "wrong_article": "the header names another article than the one asked for",
    "wrong_locale": "the header names another locale than the one asked for",
}

# `rule` of an entry in `mentions`: the form in which the text names an instrument.
MENTION_RULES = {
    "cashtag": "`$TENCENT(00700.HK)`: a dollar sign, a name, a symbol in brackets",
    "code": "`Alibaba-W (09988)`: the digits of a code in brackets behind a name",
    "exchange_code": "`(NYSE:ORCL)`: a code behind the name of its exchange, in brackets",
    "quote_link": "`[Tencent](https://longbridge.com/en/quote/00700.HK.md)`: a link to an instrument's page",
    "symbol": "`00700.HK`: a code with the suffix of its market, in brackets or not",
    "ticker": "`(NVDA)`: a ticker alone in brackets, of an instrument tagged or named elsewhere",
}
