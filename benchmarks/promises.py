"""What promises about the data cost a page: ``python -m benchmarks.promises``.

Reads and refines a generated site, then times, on the same articles: the facts that are stored with each page
(for a page that is new, and for a known one), and counting them at the end of a run. Prints the best of some
rounds in microseconds a page, and as a share of reading and refining the page.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable

from benchmarks.generated_site import pages
from newscrawl.items import Article
from newscrawl.promises.assessing import id_hours
from newscrawl.promises.facts import Facts, decode, encoded_facts_of
from newscrawl.promises.profile import Profile
from newscrawl.refine import refine
from newscrawl.sites.base import Source
from newscrawl.sites.longbridge import LONGBRIDGE


def main() -> None:
    """Run the measurements and print them."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--stories", type=int, default=500)
    parser.add_argument("--rounds", type=int, default=20)
    options = parser.parse_args()
    made = pages(options.stories)
    articles: list[Article] = []

    def read() -> None:
        articles.clear()
        articles.extend(_article(path, content) for path, content in made.items())

    reading = _best(read, 3)
    stored = [encoded_facts_of(article, "") for article in articles]

    def count() -> None:
        profile, hour_of = Profile(), id_hours(LONGBRIDGE)
        found = [(article.story_id, _decoded(text)) for article, text in zip(articles, stored, strict=True)]
        profile.count([facts for _, facts in found], [hour_of(story_id, facts) for story_id, facts in found])

    steps: dict[str, Callable[[], object]] = {
        "facts of a new page": lambda: [encoded_facts_of(article, "") for article in articles],
        "facts of a known page": lambda: [
            encoded_facts_of(article, text) for article, text in zip(articles, stored, strict=True)
        ],
        "counting at the end": count,
    }
    print(f"{len(made)} pages, reading and refining {reading / len(made) * 1e6:.0f} µs a page")
    for name, step in steps.items():
        seconds = _best(step, options.rounds)
        print(f"{name:22} {seconds / len(made) * 1e6:5.1f} µs a page, {seconds / reading:.1%} of that")


def _article(path: str, content: bytes) -> Article:
    page = LONGBRIDGE.page(path)
    assert page is not None
    article = LONGBRIDGE.read(Source(content, page, LONGBRIDGE.home, None))
    article.fetched_at = "2026-11-23T01:15:00.000Z"
    return refine(article, LONGBRIDGE)


def _decoded(text: str) -> Facts:
    facts = decode(text)
    assert facts is not None
    return facts


def _best(step: Callable[[], object], rounds: int) -> float:
    """Return the seconds of the fastest of some rounds."""
    seconds = []
    for _ in range(rounds):
        begin = time.perf_counter()
        step()
        seconds.append(time.perf_counter() - begin)
    return min(seconds)


if __name__ == "__main__":
    main()
