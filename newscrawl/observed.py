"""What a line of ``observations/`` holds: what is known of a version beside its line. As ``items``."""

from __future__ import annotations

from dataclasses import dataclass, field

from newscrawl.http_info import ArchivedAs
from newscrawl.items import Alternate, Instrument, RefinedWith, RelatedLink, Session
from newscrawl.named_in_text import Mention

OBSERVATION_SCHEMA = "newscrawl.observation/1"
REVISION_SCHEMA = "newscrawl.observation/2"


@dataclass(slots=True)
class Observation:
    """What changed around an article whose text did not: a page fetched again with an equal hash."""

    schema: str = OBSERVATION_SCHEMA
    """Name and version of this contract."""
    uid: str = ""
    """The article."""
    version: int = 1
    """The version whose text it still has."""
    observed_at: str | None = None
    """When this was committed."""
    instruments: list[Instrument] = field(default_factory=list)
    """As in an article."""
    alternates: list[Alternate] = field(default_factory=list)
    """As in an article."""
    related: list[RelatedLink] = field(default_factory=list)
    """As in an article."""
    published_raw: str | None = None
    """As in an article."""
    archive: ArchivedAs | None = None
    """Where the answer that was observed is kept; None where it was not archived."""


@dataclass(slots=True)
class RevisedReading:
    """What a newer reading concludes of a version whose text stays the same: an archived page read again."""

    schema: str = REVISION_SCHEMA
    """Name and version of this contract."""
    uid: str = ""
    """The article."""
    version: int = 1
    """The version whose line is read anew."""
    observed_at: str | None = None
    """When this was committed."""
    reason: str = "revised_reading"
    """Why there is this line: revised_reading."""
    story_id: str = ""
    """As in an article."""
    url: str = ""
    """As in an article."""
    locale: str = ""
    """As in an article."""
    alternates: list[Alternate] = field(default_factory=list)
    """As in an article."""
    wire_time: str | None = None
    """As in an article."""
    published_at: str | None = None
    """As in an article."""
    published_raw: str | None = None
    """As in an article."""
    available_at: str | None = None
    """As in an article; never before what was said before."""
    available_rule: str | None = None
    """As in an article."""
    instruments: list[Instrument] = field(default_factory=list)
    """As in an article."""
    related: list[RelatedLink] = field(default_factory=list)
    """As in an article."""
    content_hash: str = ""
    """Of the version's text, which stays the same."""
    parser: str = ""
    """Name and version of the reader that understood the page now."""
    warnings: list[str] = field(default_factory=list)
    """As in an article."""
    language: str | None = None
    """As in an article."""
    script: str | None = None
    """As in an article."""
    region: str | None = None
    """As in an article."""
    mentions: list[Mention] = field(default_factory=list)
    """As in an article; the offsets are those in the text of the version's line."""
    sessions: list[Session] | None = None
    """As in an article."""
    refined_with: RefinedWith = field(default_factory=RefinedWith)
    """As in an article."""
    archive: ArchivedAs | None = None
    """Where the answer that was read again is kept; None where the line names none."""
