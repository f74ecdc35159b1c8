"""The parts of a Markdown text that are no prose: code, addresses, link targets, HTML tags."""

from __future__ import annotations

import re
from bisect import bisect_right

Spans = list[tuple[int, int]]

# Larger than any end: with it, bisection finds the last span that begins at a place or before.
_BEYOND = 1 << 62

_FENCE = re.compile(r"^ {0,3}(`{3,}|~{3,})(.*)", re.MULTILINE)
_TICKS = re.compile(r"`+")
# A target may hold one level of parentheses and end in a quoted title. Possessive quantifiers do not
# backtrack, so the time is linear in the text. A pattern that begins with fixed characters is fast.
_TARGET = re.compile(r"\]\((?:[^\s()]++|\([^\s()]*+\))*+(?:[ \t]+\"[^\"\n]*+\")?\)?")
_TAG = re.compile(r"<[A-Za-z/!][^<>\n]*+>")
# An address ends at the first character outside ASCII, since Chinese text follows without a space.
_ADDRESS = re.compile(r"https?://[!-;=?-~]++")
_WWW = re.compile(r"www\.[!-;=?-~]++")


def hidden_spans(text: str) -> Spans:
    """Return the parts that are no prose as (start, end) in characters, sorted and without overlap.

    By CommonMark as far as it is needed: fenced and inline code, link targets, bare addresses, HTML
    tags. A fence without an end runs to the end of the text. The link's label is prose.
    """
    spans: Spans = []
    if "`" in text or "~~~" in text:
        spans += _fences(text)
        spans += _inline_code(text, spans)
    targets = [found.span() for found in _TARGET.finditer(text)] if "](" in text else []
    spans += targets
    if "<" in text:
        spans += (found.span() for found in _TAG.finditer(text))
    for mark, pattern in (("://", _ADDRESS), ("www.", _WWW)):
        if mark in text:
            # What follows a link without a space is not part of its target.
            found = (match.span() for match in pattern.finditer(text))
            spans += (span for span in found if not within(targets, span[0], span[0] + 1))
    return _merged(spans)


def within(spans: Spans, start: int, end: int) -> bool:
    """Tell whether any of the sorted spans overlaps the characters ``start`` to ``end``."""
    at = bisect_right(spans, (start, _BEYOND)) - 1
    if at >= 0 and spans[at][1] > start:
        return True
    return at + 1 < len(spans) and spans[at + 1][0] < end


def _fences(text: str) -> Spans:
    spans: Spans = []
    begin, fence = -1, ""
    for found in _FENCE.finditer(text):
        if begin < 0:
            # A line with backticks after the first ones is inline code, not a fence.
            if "`" not in found[2] or found[1][0] == "~":
                begin, fence = found.start(), found[1]
        elif found[1].startswith(fence) and not found[2].strip():
            spans.append((begin, found.end()))
            begin = -1
    if begin >= 0:
        spans.append((begin, len(text)))
    return spans


def _inline_code(text: str, fences: Spans) -> Spans:
    runs = [found.span() for found in _TICKS.finditer(text) if not within(fences, *found.span())]
    # The next run of the same length closes the code. Found from the back, in one pass.
    closers: list[int] = [0] * len(runs)
    latest: dict[int, int] = {}
    for at in range(len(runs) - 1, -1, -1):
        length = runs[at][1] - runs[at][0]
        closers[at] = latest.get(length, 0)
        latest[length] = at
    spans: Spans = []
    at, blank = 0, -1
    while at < len(runs):
        start, closer = runs[at][0], closers[at]
        if blank < start:
            blank = text.find("\n\n", start)
            blank = len(text) if blank < 0 else blank
        # Code ends with its paragraph, so that a stray backtick hides nothing.
        if closer and runs[closer][1] <= blank:
            spans.append((start, runs[closer][1]))
            at = closer
        at += 1
    return spans


def _merged(spans: Spans) -> Spans:
    merged: Spans = []
    for start, end in sorted(spans):
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return merged
