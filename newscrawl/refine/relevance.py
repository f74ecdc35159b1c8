"""How much a story's texts speak of an instrument: counted from its mentions, by stated rules alone."""

from __future__ import annotations

import re

from newscrawl.codes import Place
from newscrawl.items import Article
from newscrawl.named_in_text import Mention, Relevance

_RANK = (Place.TITLE, Place.FIRST_PARAGRAPH, Place.LATER)
_HEADING_OR_BLANK = re.compile(r"(?:[ \t]*\n|#{1,6} [^\n]*(?:\n|\Z))*")
_BLANK_LINE = re.compile(r"\n[ \t]*\n")


def set_relevance(article: Article) -> None:
    """Fill ``relevance`` of each instrument of an article from its mentions."""
    if not article.mentions:
        for instrument in article.instruments:
            instrument.relevance = Relevance()
        return
    places: dict[str | None, list[Place]] = {}
    last = _end_of_first_paragraph(article.body)
    for mention in article.mentions:
        places.setdefault(mention.symbol, []).append(_place(mention, article.body, last))
    for instrument in article.instruments:
        found = places.get(instrument.symbol)
        instrument.relevance = Relevance(min(found, key=_RANK.index), len(found)) if found else Relevance()


def _place(mention: Mention, body: str, last: int) -> Place:
    if mention.field == "title":
        return Place.TITLE
    if mention.field == "body":
        return Place.FIRST_PARAGRAPH if mention.start < last else Place.LATER
    # Posts and flashes have all of their text in the description.
    return Place.LATER if body else Place.FIRST_PARAGRAPH


def _end_of_first_paragraph(body: str) -> int:
    """Return where the first paragraph ends; headings and blank lines before it belong to it."""
    begin = _HEADING_OR_BLANK.match(body)
    end = _BLANK_LINE.search(body, begin.end() if begin else 0)
    return end.start() if end else len(body)
