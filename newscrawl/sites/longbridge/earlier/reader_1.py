"""What ``longbridge-markdown/1`` took for title, description and body of a page."""

from __future__ import annotations

import re

from newscrawl.codes import RejectionReason
from newscrawl.exceptions import PageError
from newscrawl.items import Article
from newscrawl.sites.base import Source
from newscrawl.sites.longbridge.earlier.flattened_1 import restore
from newscrawl.sites.longbridge.earlier.sections_1 import end_of_body
from newscrawl.sites.longbridge.first_heading import split_heading
from newscrawl.sites.longbridge.page_text import read_text
from newscrawl.text.cleaning import clean_line

READER_1 = "longbridge-markdown/1"

_CLOCK = re.compile(
    r"(?:[01]?[0-9]|2[0-3]):[0-5][0-9](?: ?[AaPp][Mm])? (?:EST|EDT|ET|GMT|UTC|BST|CET|HKT|SGT|CST|JST)"
)
_OWN_WORDS = "ET[FNP][Ss]?|ETHER|ETHEREUM|ETH|ETIHAD|ETSY|ESTEE|ESTONIA|HKTDC|HKTVmall|HKTVMALL|HKTV|CSTONE"
_MARKS = r"[\"“‘「『《【(\[$€£¥#*]"
_WIRE_TIME = re.compile(
    rf"(?![0-9:]+(?: ?[AaPp][Mm])? (?:{_OWN_WORDS})\b)({_CLOCK.pattern})"
    rf"(?:\s+(?=[^\W_]|{_MARKS}|')"
    rf"|(?=[a-z][A-Z]|(?![a-zß-öø-ÿ])[^\W_]|{_MARKS}|'(?!s\b)))"
)


def read_article_1(source: Source) -> Article:
    """Return an article with nothing but title, description and body.

    Raises PageError where the page has none of them. Whether it is the page that was asked for is not
    looked at.
    """
    header, lines, _, _ = read_text(source, restore)
    heading, lines, _ = split_heading(lines)
    title, description = header.pop("title"), header.pop("description")
    # Of a value that is nothing but white space the loader of that time made none.
    title = clean_line(title if title and title.strip() else heading or "") or None
    article = Article(
        url=(header.pop("url") or "").strip(),
        title=None if title is None else _without_wire_time(title),
        description=clean_line(description or "") or None,
        body="\n".join(line.rstrip() for line in lines[: end_of_body(lines, source.origin)]).strip("\n"),
    )
    if not (article.title or article.description or article.body):
        raise PageError(RejectionReason.BODY_MISSING, "neither title nor description nor text")
    return article


def _without_wire_time(title: str) -> str:
    found = _WIRE_TIME.match(title)
    if found is None:
        return title
    rest = title[found.end() :]
    return title if _CLOCK.match(rest) else rest
