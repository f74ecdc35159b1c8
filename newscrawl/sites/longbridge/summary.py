"""The summary that pages of 2025 repeat under their H1, as a block quote.

Their headers have a description that is cut at a fixed length, in the middle of a word; the quote has all of
it.
"""

from __future__ import annotations

import re

from newscrawl.text.cleaning import clean_line

# A description may be cut inside of an entity: `…the &#3`.
_HALF_ENTITY = re.compile(r"&#?[0-9A-Za-z]{0,8}\Z")
_MARK = re.compile(r"\s>(?=\s)")
# Visible characters that a description has at least where only the quote tells that it repeats it.
_SURE = 20


def split_summary(
    lines: list[str], description: str | None, *, is_older: bool, is_flat: bool
) -> tuple[str | None, list[str]]:
    """Return the summary that a quote at the start of a page's text holds, and the lines below it.

    ``lines`` are those below the H1, ``description`` is the header's, ``is_older`` tells that the header is
    of the older kind. None, and all lines, where no quote stands there or it does not begin like the
    description. On one line (``is_flat``) a quote ends at two spaces, which were a blank line; where there
    are none, nothing tells it from the text.
    """
    start = 0
    while start < len(lines) and not lines[start].strip():
        start += 1
    end = start
    while end < len(lines) and lines[end].lstrip().startswith(">"):
        end += 1
    if end == start or (is_flat and end == len(lines)):
        return None, lines
    quote = " ".join(line.strip().removeprefix(">").strip() for line in lines[start:end])
    if is_flat:
        quote = _MARK.sub("", quote)
    quote = " ".join(quote.split())
    cut = _bare(_HALF_ENTITY.sub("", description or ""))
    whole = _bare(quote)
    if is_older:
        # Whichever is longer is the whole one.
        is_summary = whole.startswith(cut) or cut.startswith(whole)
    else:
        is_summary = len(cut) >= _SURE and whole.startswith(cut)
    if not is_summary:
        return None, lines
    return (quote if len(whole) >= len(cut) else description), lines[end:]


def _bare(text: str) -> str:
    return "".join(clean_line(text).split()).removesuffix("...").removesuffix("…")
