"""How a run kept its promises, and how much of a site's stream was met, as lines for a person."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date

from newscrawl.database.engine import Engine
from newscrawl.database.statements.known import STORIES_BY_DAY
from newscrawl.promises.promise import Kept
from newscrawl.sites.base import Site


def promise_lines(promises: tuple[Kept, ...]) -> Iterator[str]:
    """Yield a line for each promise: whether it was kept, its bound, what was found, and in earlier runs.

    ``unsure`` is a share beyond its bound on so few pages that chance may explain it.
    """
    width = max((len(kept.name) for kept in promises), default=0)
    for kept in sorted(promises, key=lambda one: (not one.is_broken, not one.is_unsure, one.name)):
        word = "BROKEN" if kept.is_broken else "unsure" if kept.is_unsure else "kept  "
        history = " ".join(map(kept.show, kept.history))
        yield (
            f"{word} {kept.name:{width}}  {kept.expects} "
            f"{kept.show(kept.bound)}, found {kept.found}" + (f"; before: {history}" if history else "")
        )
        if kept.is_broken:
            yield f"       {kept.sentence}"


def coverage_lines(engine: Engine, sites: Mapping[str, Site], since: date) -> Iterator[str]:
    """Yield a line for each day of publication since then: its stories in the data, and an estimate.

    The estimate comes from the site's ids, see ``Site.stories_on``. Inside a transaction.
    """
    for name in sorted(sites):
        rows = engine.execute(STORIES_BY_DAY, (f"{since}T00:00:00.000Z", f"{name}:%"))
        for day, stories, pages in rows:
            estimate = sites[name].stories_on(date.fromisoformat(day))
            share = "" if not estimate else f", {stories / estimate:.2%} of about {estimate}"
            yield f"{day}  {name}  {stories} stories, {pages} pages{share}"
