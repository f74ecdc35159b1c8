"""What must hold of a page whatever its bytes are, on the whole way: bytes, article, refined, line."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path

from newscrawl.archive.records import decode_article
from newscrawl.archive.refining import refine_again
from newscrawl.archive.versions import CommitTime, on_article
from newscrawl.codes import RejectionReason, WarningCode
from newscrawl.exceptions import PageError
from newscrawl.http_info import HttpInfo
from newscrawl.items import Article
from newscrawl.plan import Links, Plan
from newscrawl.refine import refine
from newscrawl.sites.base import Page, Source
from newscrawl.sites.longbridge import LONGBRIDGE
from newscrawl.sites.longbridge.address import Address
from newscrawl.text.cleaning import clean_line
from newscrawl.text.controls import has_controls, show

ASKED = Address("291000001", "en").page
IN_CHINESE = Address("291000001", "zh-CN").page
CHARSETS = (None, "utf-8", "gb18030", "latin-1", "utf-16", "iso2022_kr", "cp037", "no-such")

FOUND = Path(__file__).parent / "found"
"""Pages that a search made, the smallest for each outcome; a file's name says what came of it then."""
RECORDED = Path(__file__).parent.parent / "sites" / "longbridge" / "recorded"

_NOW = CommitTime(datetime(2026, 7, 1, 8, 0, tzinfo=UTC))
_MOST = 1_000


def seeds() -> Iterator[bytes]:
    """Yield the pages that a search begins with: those that were found, and the recorded ones."""
    for path in sorted([*FOUND.glob("*.page"), *RECORDED.glob("*/page.*")]):
        yield path.read_bytes()


def check(content: bytes, charset: str | None = None) -> bool:
    """Assert that a page is refused with a known reason, or becomes a line that holds what it says.

    Tell whether it became one.
    """
    return sum(_check_asked(content, charset, page) for page in (ASKED, IN_CHINESE)) > 0


def write(content: bytes) -> bytes:
    """Return the line of a page, or nothing of one that is refused: all the work of a page, and no more."""
    try:
        article = LONGBRIDGE.read(Source(content, ASKED, LONGBRIDGE.home))
    except PageError:
        return b""
    line = _line_of(article, len(content))
    assert len(list(Plan(LONGBRIDGE.home, (ASKED,)).leads_to(ASKED, Links.of(article), 0))) <= 2 * _MOST
    return line


def check_any(data: bytes) -> bool:
    """Check a page in three forms, with the charset that its length tells."""
    charset = CHARSETS[len(data) % len(CHARSETS)]
    forms = {data, data.replace(b"\n", b" "), data.replace(b"\n", b"\r\n")}
    return sum(check(form, charset) for form in forms) > 0


def _check_asked(content: bytes, charset: str | None, asked: Page) -> bool:
    try:
        article = LONGBRIDGE.read(Source(content, asked, LONGBRIDGE.home, charset, _notice))
    except PageError as error:
        assert error.code in set(RejectionReason)  # noqa: PT017 - being read is right, too
        assert show(error.detail).isprintable()  # noqa: PT017
        return False
    line = _line_of(article, len(content))
    _check_article(article, asked)
    _check_line(line, article)
    plan = Plan(LONGBRIDGE.home, (asked,))
    assert len(list(plan.leads_to(asked, Links.of(article), 0))) <= 2 * _MOST
    return True


def _line_of(article: Article, size: int) -> bytes:
    article.fetched_at = "2026-07-01T08:00:00.000Z"
    article.http = HttpInfo(200, bytes=size)
    for link in article.related:
        link.observed_at = article.fetched_at
    refine(article, LONGBRIDGE)
    return on_article(article, None, _NOW).line


def _notice(code: str, text: str) -> None:
    assert code in set(WarningCode)
    assert isinstance(text, str)


def _check_article(article: Article, asked: Page) -> None:
    assert (article.uid, article.url, article.locale) == (asked.uid, asked.url, asked.locale)
    assert set(article.warnings) <= set(WarningCode)
    assert article.warnings == sorted(set(article.warnings))
    assert article.title or article.description or article.body
    assert clean_line(article.description or "") == (article.description or "")
    for entries in (article.alternates, article.instruments, article.related, article.mentions):
        assert len(entries) <= _MOST
    assert [link.position for link in article.related] == list(range(1, len(article.related) + 1))
    assert len({link.story_id for link in article.related} | {article.story_id}) == len(article.related) + 1
    assert asked.locale in [alternate.locale for alternate in article.alternates]
    assert len({instrument.symbol for instrument in article.instruments}) == len(article.instruments)
    ends = {"title": 0, "description": 0, "body": 0}
    for mention in article.mentions:
        assert getattr(article, mention.field)[mention.start : mention.end] == mention.text
        assert ends[mention.field] <= mention.start < mention.end
        ends[mention.field] = mention.end
    texts = [article.title, article.description, article.body, article.published_raw]
    texts += [link.title for link in article.related]
    texts += [instrument.raw for instrument in article.instruments]
    assert any(map(has_controls, filter(None, texts))) == ("control_characters" in article.warnings)


def _check_line(line: bytes, article: Article) -> None:
    assert line.count(b"\n") == 1
    text = line.decode().removesuffix("\n")
    assert not has_controls(text)
    assert "\t" not in text
    parsed = json.loads(text)
    assert parsed == asdict(article)
    assert decode_article(parsed) == article
    # Refined again a line is as it was.
    assert refine_again(parsed, LONGBRIDGE) == parsed
