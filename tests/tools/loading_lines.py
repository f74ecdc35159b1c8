"""Lines that programs stumble over, and the blocks of ``data/README.md`` that load them."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from markdown_it import MarkdownIt

from newscrawl.archive.files import write_whole
from newscrawl.http_info import HttpInfo
from newscrawl.items import Alternate, Article, CrawlInfo, Instrument, RelatedLink, VendorSymbols
from newscrawl.refine.dates import format_instant
from newscrawl.refine.mentions import MENTIONS
from newscrawl.text.cleaning import content_hash

CONTRACT = Path(__file__).parents[2] / "data" / "README.md"
TIMES = ["published_at", "first_seen_at", "fetched_at", "available_at"]
NOW = datetime(2026, 11, 23, 1, 15, 0, 250_000, tzinfo=UTC)
# More files than DuckDB looks at where it is left to guess.
BARE_FILES = 36

# No time stamp may come of these, no number and no two lines.
WIRE_TIME = "15:43 GMT"
TITLE_LIKE_A_NUMBER = "2026"
PUBLISHED_RAW = "2026-05-08T22:18:31+08:00"
BODY = "One\u2028line, two\x85lines, \x1cthree;\n\nand a real one. 中文，「好」🙂"


def bare(number: int) -> Article:
    """An article of which nothing is known that may be unknown."""
    return Article(
        uid=f"longbridge:{number}:en",
        story_id=f"longbridge:{number}",
        url=f"https://longbridge.com/en/news/{number}.md",
        fetched_url=f"https://longbridge.com/en/news/{number}.md",
        locale="en",
        body=BODY,
        fetched_at=format_instant(NOW),
        content_hash=content_hash(None, None, BODY),
        crawl=CrawlInfo("20261123T011500Z-longbridge-3f2a", 0, "seed", None),
        http=HttpInfo(200, bytes=len(BODY.encode())),
        parser="longbridge-markdown/1",
    )


def full(number: int) -> Article:
    """An article in which everything is filled in."""
    article = bare(number)
    article.alternates = [
        Alternate("en", article.url),
        Alternate("zh-CN", f"https://longbridge.com/zh-CN/news/{number}.md"),
    ]
    article.title = TITLE_LIKE_A_NUMBER
    article.description = 'Quotes: "a", back\\slash'
    article.wire_time = WIRE_TIME
    article.published_raw = PUBLISHED_RAW
    article.published_at = "2026-05-08T14:18:31.000Z"
    article.instruments = [
        Instrument(
            "00700.HK", "700.HK", "00700", "HK", "XHKG", "equity", "code_range", "HKD", "700.HK",
            VendorSymbols("0700.HK", "0700.HK", "HK.00700"),
        ),
        Instrument("AAPL.US", "AAPL.US", "AAPL", "US"),
    ]  # fmt: skip
    article.related = [
        RelatedLink(f"longbridge:{number + 1}", "https://longbridge.com/en/news/1.md", "Next", WIRE_TIME, 1,
                    format_instant(NOW)),
        RelatedLink(f"longbridge:{number + 2}", "https://longbridge.com/en/news/2.md", None, None, 2,
                    format_instant(NOW)),
    ]  # fmt: skip
    article.body += "\n\n$TENCENT(00700.HK) rose"
    MENTIONS(article)
    article.content_hash = content_hash(article.title, article.description, article.body)
    article.crawl = CrawlInfo("20261123T011500Z-longbridge-3f2a", 1, "related", article.url)
    article.http = HttpInfo(
        200, '"5daf3bc7e221cd76"', "Fri, 08 May 2026 14:18:31 GMT", "Mon, 23 Nov 2026 01:15:00 GMT",
        "text/markdown; charset=utf-8", 1595,
    )  # fmt: skip
    article.warnings = ["heading_differs", "unknown_key"]
    article.language, article.script, article.region = "zh", "Hans", "CN"
    # A user's own: the same name holds a number here and a text there.
    article.extra = {
        "desk": number if number % 2 else "Asia \u2028",
        "scores": [0.25, None],
        "of": {"好": True},
    }
    return article


def first_of_all(number: int) -> Article:
    """An article with the date that an empty one becomes in many programs."""
    article = full(number)
    article.published_raw = "0001-01-01T00:00:00Z"
    article.published_at = "0001-01-01T00:00:00.000Z"
    return article


class Files:
    """The files of one run, as the crawler would write them."""

    def __init__(self, data_dir: Path, run_id: str) -> None:
        self.data_dir = data_dir
        self.run_id = run_id
        self._number = 0
        self._waiting: dict[tuple[str, str], list[bytes]] = {}

    def add(self, kind: str, day: str, line: bytes) -> None:
        self._waiting.setdefault((kind, day), []).append(line)

    def publish(self) -> None:
        for (kind, day), lines in self._waiting.items():
            self._number += 1
            name = f"{self.run_id}-{self._number:06d}.jsonl"
            write_whole(self.data_dir / kind / f"dt={day}" / name, lines)
        self._waiting.clear()


def blocks(heading: str, language: str) -> list[str]:
    """Return the code blocks of one language below one heading of the contract."""
    found = []
    current = previous = ""
    for token in MarkdownIt("commonmark").parse(CONTRACT.read_text(encoding="utf-8")):
        if token.type == "inline" and previous == "heading_open":
            current = token.content
        elif token.type == "fence" and current == heading and token.info == language:
            found.append(token.content)
        previous = token.type
    assert found, f"no {language} block under {heading}"
    return found
