"""One Markdown list item that is a link."""

from __future__ import annotations

from typing import NamedTuple


class Link(NamedTuple):
    """``- [label](url)``, both as printed."""

    label: str
    url: str


def read_item(line: str) -> Link | None:
    """Return the link that makes up a whole list item, or None.

    A label may hold any brackets, so the cut is at the last ``](`` before an address.
    """
    item = line.strip()
    if item[-1:] != ")" or item[:3] not in ("- [", "* ["):
        return None
    cut = item.rfind("](http")
    if cut < 0:
        cut = max(item.rfind("](/"), item.rfind("](HTTP"))
        if cut < 0:
            return None
    url = item[cut + 2 : -1]
    if " " in url:
        # A link title after the address, `(url "title")`, is presentation.
        url = url.partition(" ")[0]
    return Link(item[3:cut], url)
