"""Pages held to the fixed promises, as a first crawl that meets all of them would hold them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime

from newscrawl.exceptions import PageError
from newscrawl.promises.absolute import hold_absolute
from newscrawl.promises.assessing import id_hours
from newscrawl.promises.bounds import read_bounds
from newscrawl.promises.facts import Facts, facts_of
from newscrawl.promises.profile import Profile
from newscrawl.refine import refine
from newscrawl.refine.dates import format_instant
from newscrawl.sites.longbridge import LONGBRIDGE
from tests.sites.longbridge.test_reader import read


def broken_at_first(pages: Mapping[str, bytes], now: datetime | None = None) -> list[str]:
    """Return the names of the fixed promises that the pages, fetched now, do not keep."""
    found: list[tuple[str, Facts]] = []
    profile = Profile()
    for path, content in pages.items():
        page = LONGBRIDGE.page(path)
        assert page is not None
        try:
            article = read(content, page)
        except PageError:
            profile.outcomes["rejected"] += 1
            continue
        profile.outcomes["read"] += 1
        article.fetched_at = format_instant(now or datetime.now(UTC))
        refine(article, LONGBRIDGE)
        found.append((article.story_id, facts_of(article, "")))
    hour_of = id_hours(LONGBRIDGE)
    profile.count([facts for _, facts in found], [hour_of(story_id, facts) for story_id, facts in found])
    kept = hold_absolute(profile, read_bounds({}), LONGBRIDGE.locales, len(pages))
    return [one.name for one in kept if one.is_broken]
