"""HTML where another format was asked for."""

from __future__ import annotations

_BEFORE_TAGS = frozenset({b"<", b"\xef", b" ", b"\t", b"\r", b"\n"})
_TAGS = (b"<!doctype html", b"<html", b"<head", b"<body")


def is_html(body: bytes) -> bool:
    """Tell whether a body begins like an HTML page."""
    return body[:1] in _BEFORE_TAGS and body[:200].lstrip(b"\xef\xbb\xbf \t\r\n").lower().startswith(_TAGS)
