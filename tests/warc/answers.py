"""Answers for tests of the archive."""

from __future__ import annotations

from newscrawl.warc.answer import Answer, Head

URL = "https://longbridge.com/en/news/285741170.md"
UID = "longbridge:285741170:en"
NOW = "2026-11-27T15:00:00.123Z"


def answer(
    body: bytes = b"text\n",
    status: int = 200,
    *,
    url: str = URL,
    fetched_at: str = NOW,
    asked_for: str | None = None,
) -> Answer:
    """An answer whose headers have an odd spelling, an order, and a byte that is not ASCII."""
    headers = (
        (b"eTag", b'"1"'),
        (b"Content-Type", b"text/markdown; charset=utf-8"),
        (b"X-Name", b"caf\xe9"),
        (b"Set-Cookie", b"a=1"),
        (b"Set-Cookie", b"b=2"),
    )
    head = Head(b"HTTP/1.1 %d Some Reason" % status, headers)
    return Answer(url, head, body, fetched_at, "127.0.0.1", asked_for)
