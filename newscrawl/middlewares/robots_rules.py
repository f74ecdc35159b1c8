"""The rules of one robots.txt, and which of its groups are for whom (RFC 9309, section 2.2.1)."""

from __future__ import annotations

import re
from codecs import BOM_UTF16_BE, BOM_UTF16_LE
from collections.abc import Iterator
from functools import cached_property
from typing import Self

from protego import Protego
from scrapy.crawler import Crawler
from scrapy.robotstxt import RobotParser

# A line that names an agent, in all spellings that Protego takes for one.
_AGENT_LINE = re.compile(r"\s*user(?:-|\s+)?agent(?:\s*:|\s)\s*", re.IGNORECASE)
# The product token that a name begins with: "newscrawl/0.1.0 (+contact)" is newscrawl's. The RFC has letters,
# "_" and "-"; digits are here, too, because names with digits are in use ("MJ12bot"). Also read is the form
# of browsers, "Mozilla/5.0 (compatible; newscrawl/0.1.0)".
_TOKEN = re.compile(r"(?:mozilla/\S+ \(compatible; *)?\**([a-z0-9_-]+)", re.IGNORECASE | re.ASCII)

# What the groups are called before Protego sees them. It takes a name for ours that ours only begins with
# ("news"): neither of these is a part of the other.
_OURS = "ours"
_OTHERS = "another"


class RobotsRules(RobotParser):
    """Answers which addresses an agent may ask for. Protego reads the rules.

    A group counts where its product token is the agent's, whatever its case and version. Where no group does,
    the one for ``*`` counts.
    """

    def __init__(self, body: bytes = b"") -> None:
        self._text = _decode(body)
        self._groups: dict[str, Protego] = {}

    @classmethod
    def from_crawler(cls, crawler: Crawler, robotstxt_body: bytes) -> Self:  # noqa: ARG003  # as Scrapy calls it
        return cls(robotstxt_body)

    @cached_property
    def rp(self) -> Protego:
        """The whole file, under the name that it has in Scrapy's own parser: for sitemaps and the like."""
        return Protego.parse(self._text)

    def allowed(self, url: str | bytes, user_agent: str | bytes) -> bool:
        """Tell whether an agent may ask for an address."""
        return self._of(_str(user_agent)).can_fetch(_str(url), _OURS)

    def crawl_delay(self, user_agent: str | bytes) -> float | None:
        """Return the seconds that an agent has to leave between two requests; None where nothing is said."""
        return self._of(_str(user_agent)).crawl_delay(_OURS)

    def _of(self, user_agent: str) -> Protego:
        found = self._groups.get(user_agent)
        if found is None:
            lines = _named_lines(self._text, product_token(user_agent))
            found = self._groups[user_agent] = Protego.parse("\n".join(lines))
        return found


def product_token(user_agent: str) -> str:
    """Return the product token of an agent's name, in small letters; empty where it has none.

    >>> product_token("NewsCrawl/0.1.0 (+https://crawler.example)")
    'newscrawl'
    """
    found = _TOKEN.match(user_agent.strip())
    return found[1].lower() if found is not None else ""


def _named_lines(text: str, token: str) -> Iterator[str]:
    """Yield the lines of a file, with each agent named ``*``, _OURS or _OTHERS."""
    # As Protego parts them.
    for line in text.splitlines():
        found = _AGENT_LINE.match(line)
        if found is None:
            yield line
            continue
        name = line[found.end() :].partition("#")[0].strip()
        if name != "*":
            name = _OURS if token and product_token(name) == token else _OTHERS
        yield f"User-agent: {name}"


def _decode(body: bytes) -> str:
    # RFC 9309, section 2.3: the file is in UTF-8. A byte order mark would be part of the first line, which
    # most often names the agent: the group would be nobody's. A file that its mark declares to be UTF-16 is
    # read as such: in UTF-8 it would have no rule, and allow what the site forbids.
    is_utf16 = body.startswith((BOM_UTF16_LE, BOM_UTF16_BE))
    return body.decode("utf-16" if is_utf16 else "utf-8-sig", errors="replace")


def _str(text: str | bytes) -> str:
    return text if isinstance(text, str) else text.decode("utf-8", errors="replace")
