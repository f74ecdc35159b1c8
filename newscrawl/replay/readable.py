"""Rejected pages that can be read only now: articles that nobody could know before."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import orjson

from newscrawl.archive.files import ARTICLES, REJECTED, SUFFIXES
from newscrawl.archive.records import decode_article, encode
from newscrawl.database.statements.scratch import ADD_FACT, ADD_MOVED_STORY, READABLE_ONLY_NOW
from newscrawl.items import Article
from newscrawl.refine import commit_steps
from newscrawl.refine.dates import format_instant
from newscrawl.replay.output import Output
from newscrawl.replay.reading import Rules
from newscrawl.replay.scratch import Scratch
from newscrawl.replay.work import Fact


def write_readable(
    scratch: Scratch, order: int, names: dict[int, str], rules: Rules, output: Output | None
) -> int:
    """Write the lines of pages that can be read now and have no line yet; return how many there are.

    Of a page that was rejected several times the last answer counts. Its line is a first version with
    today's ``first_seen_at``, in a file with the name of that of its rejection, under today's day. Files are
    added to ``names`` from the number ``order`` on.
    """
    now = format_instant(datetime.now(UTC))
    count = 0
    numbers: dict[str, int] = {}
    for name, content in _only_now(scratch):
        count += 1
        article = first_seen(content, now, rules)
        file = name.rpartition("/")[2].removesuffix(SUFFIXES[REJECTED])
        path = f"{ARTICLES}/dt={now[:10]}/{file}{SUFFIXES[ARTICLES]}"
        number = numbers.setdefault(path, order + len(numbers))
        names[number] = path
        if output is not None:
            output.write(path, [encode(article)])
        fact = Fact(
            article.story_id,
            article.uid,
            article.version,
            now,
            (number << 32) + count,
            article.published_at,
            changes=2,
        )
        scratch.add(ADD_FACT, fact)
        scratch.add(ADD_MOVED_STORY, (article.story_id,))
    return count


def _only_now(scratch: Scratch) -> Iterator[tuple[str, bytes]]:
    # Some at a time: facts are added meanwhile.
    last = "", ""
    while rows := list(scratch.rows(READABLE_ONLY_NOW, last)):
        for name, _, content in rows:
            yield name, content
        last = rows[-1][0], rows[-1][1]


def first_seen(content: bytes, now: str, rules: Rules) -> Article:
    """Return the article of a line without times as it is when it is seen for the first time now."""
    article = decode_article({**orjson.loads(content), "first_seen_at": now})
    for step in commit_steps(rules.lag):
        step(article)
    return article
