"""What a revised reading (``newscrawl.observation/2``) changes in what the state knows of an article."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from newscrawl.archive.line_links import links_of, metadata_hash_of
from newscrawl.archive.versions import Known


def revised_known(known: Known, line: Mapping[str, Any], *, is_last: bool) -> Known:
    """Return what is known of an article after a revised reading of one of its versions.

    ``is_last`` tells that what was read is the body that the page was last seen with: only then do its lists
    and its links count. A withdrawn article keeps those of its last text, and has the date that its own line
    is given.
    """
    is_its_own = known.version == line["version"]
    # The text of a withdrawn article is the version before; one of them has the lists.
    is_its_text = is_its_own if known.status == "usable" else known.version == line["version"] + 1
    if is_its_own:
        known = known._replace(published_at=line["published_at"], published_raw=line["published_raw"])
    if is_its_text and is_last:
        known = known._replace(
            story_id=line["story_id"],
            reader=line["parser"],
            metadata_hash=metadata_hash_of(line),
            links=links_of(line, line["published_at"]),
        )
    return known
