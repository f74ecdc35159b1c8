"""Whether a page reaches its end, where nothing but the page itself can tell."""

from __future__ import annotations

from newscrawl.codes import RejectionReason
from newscrawl.exceptions import PageError
from newscrawl.sites.base import Source
from newscrawl.sites.longbridge.flattened import restore
from newscrawl.sites.longbridge.front_matter import read_header
from newscrawl.sites.longbridge.links import read_item
from newscrawl.sites.longbridge.sections import split_sections

_FENCE = "---"


def has_end(source: Source) -> bool:
    """Tell whether a page has a closed header and ends with a closing list, on a whole line.

    The form without line breaks ends with a whole item. A page without lists counts as one without an end,
    and a page that was cut between two items, or between its lists, as one with an end: nothing tells these
    from others. True for what does not begin like an article.
    """
    text = _decode(source).lstrip("\ufeff \t\r\n").replace("\r\n", "\n")
    if not text.startswith(_FENCE) or not (text[3:4].isspace() or text == _FENCE):
        return not _FENCE.startswith(text)
    is_flat = text.partition("\n")[0].rstrip() != _FENCE
    try:
        lines = (restore(text) if is_flat else text).split("\n")
        _, end = read_header(lines)
    except PageError as error:
        return error.code != RejectionReason.HEADER_TRUNCATED
    sections = split_sections("\n".join(lines[end:]), source.origin)
    last = next((line for line in reversed(lines) if line.strip()), "")
    if is_flat:
        last = last[last.rfind(" - [") + 1 :]
    is_closed = bool(sections.stocks or sections.news) and read_item(last) is not None
    return is_closed and (is_flat or text.endswith("\n"))


def _decode(source: Source) -> str:
    try:
        return source.content.decode(source.charset or "utf-8", errors="replace")
    except (LookupError, ValueError):
        return source.content.decode("utf-8", errors="replace")
