"""The earlier reader still reads what it read, so a better one makes no false news.

``read_by_1.json`` holds the hash that ``longbridge-markdown/1`` made of each recorded page, when it was
today's.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from scrapy.http import TextResponse

from newscrawl.items import Article
from newscrawl.queue.leases import Lease
from newscrawl.sites.base import Source
from newscrawl.sites.longbridge import LONGBRIDGE
from newscrawl.spiders.answers import read_answer
from newscrawl.spiders.unknowns import Unknowns
from newscrawl.text.cleaning import content_hash
from tests.sites.recordings import recordings_of

READ_BY_1: dict[str, str] = json.loads((Path(__file__).parent / "read_by_1.json").read_text(encoding="utf-8"))
PAGES = {page.name: page for page in recordings_of("longbridge")}
FIRST, TODAY = "longbridge-markdown/1", "longbridge-markdown/2"


def _hash(name: str, reader: str) -> str:
    page = PAGES[name]
    asked = page.asked
    article = LONGBRIDGE.read(Source(page.content, asked.page, asked.origin, asked.charset), reader)
    assert article.parser == reader
    return content_hash(article.title, article.description, article.body)


def test_todays_reader_comes_first_and_the_earlier_one_stays() -> None:
    assert list(LONGBRIDGE.readers) == [TODAY, FIRST]


@pytest.mark.parametrize("name", READ_BY_1)
def test_the_first_reader_reads_what_it_read(name: str) -> None:
    assert _hash(name, FIRST) == READ_BY_1[name]


def test_the_readers_differ_where_the_pages_show_it() -> None:
    differ = {name for name in READ_BY_1 if _hash(name, TODAY) != READ_BY_1[name]}
    assert differ >= {"text_after_lists", "older_header", "item_cut_at_the_end", "numbered_items"}
    assert not differ & {"plain", "flattened", "chinese_headings_listed", "empty_body", "heading_missing"}


@pytest.mark.parametrize(
    ("edited", "known_with", "is_told"),
    [
        (False, FIRST, True),
        # The page itself changed, too: that is news.
        (True, FIRST, False),
        (False, TODAY, False),
    ],
)
def test_a_list_that_was_text_before_is_no_news(*, edited: bool, known_with: str, is_told: bool) -> None:
    page = PAGES["text_after_lists"]
    content = page.content.replace(b"left people behind", b"left nobody behind") if edited else page.content
    known = Lease(page.asked.page, content_hash=READ_BY_1[page.name], reader=known_with)
    response = TextResponse(page.asked.page.url, body=content)
    article = read_answer(response, known, page.asked.origin, Unknowns())
    assert isinstance(article, Article)
    assert content_hash(article.title, article.description, article.body) != known.content_hash
    assert ("reader_changed" in article.warnings) == is_told
