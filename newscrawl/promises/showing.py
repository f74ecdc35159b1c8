"""How a run kept its promises, and how much of a site's stream was met, as lines for a person."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date

from newscrawl.database.engine import Engine
from newscrawl.database.statements.known import STORIES_BY_DAY
from newscrawl.promises.promise import Kept
from newscrawl.sites.base import Site


def promise_lines(promises: tuple[Kept, ...]) -> Iterator[str]:
    """Yield a line for each promise: whether it was kept, its bound, what was found, and in earlier runs."""
    width = max((len(kept.name) for kept in promises), default=0)
    for kept in sorted(promises, key=lambda one: (not one.is_broken, one.name)):
        value = "-" if kept.value is None else f"{kept.value:.3g}"
        history = " ".join(f"{earlier:.3g}" for earlier in kept.history)
        yield (
            f"{'BROKEN' if kept.is_broken else 'kept  '} {kept.name:{width}}  bound {kept.bound:.3g}, "
            f"found {value} of {round(kept.pages)} pages" + (f"; before: {history}" if history else "")
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
