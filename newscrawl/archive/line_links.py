"""Where a stored line leads, and the digest of its lists, as the state keeps them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from newscrawl.archive.versions import hash_metadata
from newscrawl.plan import Links


def metadata_hash_of(line: Mapping[str, Any]) -> str:
    """Return the digest of what may change around a text, of an article or an observation."""
    return hash_metadata(
        [instrument["raw"] for instrument in line["instruments"]],
        [(alternate["locale"], alternate["url"]) for alternate in line["alternates"]],
        [(link["story_id"], link["title"], link["wire_time"]) for link in line["related"]],
        line["published_raw"],
    )


def links_of(line: Mapping[str, Any], published_at: str | None) -> str:
    """Return where a line leads, a ``plan.Links`` as JSON; ``published_at`` is the date that counts."""
    links = Links(
        tuple(alternate["url"] for alternate in line["alternates"]),
        tuple(link["url"] for link in line["related"]),
        published_at,
    )
    return json.dumps(links, separators=(",", ":"))
