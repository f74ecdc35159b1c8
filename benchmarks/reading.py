"""Reading alone: ``python -m benchmarks.reading``.

Times ``read_article`` on generated pages, page by page, beside what one would otherwise put together:
python-frontmatter for the header and markdown-it for the text. Those get the same pages without the
``locales`` block, which no YAML reader can read. Prints the median microseconds a page and the ratio.
"""

from __future__ import annotations

import re
import statistics
from collections.abc import Callable
from time import perf_counter

import frontmatter
from markdown_it import MarkdownIt

from benchmarks.generated_site import pages
from newscrawl.sites.base import Source
from newscrawl.sites.longbridge import LONGBRIDGE
from newscrawl.sites.longbridge.reader import read_article

_ROUNDS = 7


def main() -> None:
    """Run the comparison and print it."""
    site = pages(100)
    sources = {}
    for path, content in site.items():
        page = LONGBRIDGE.page(path)
        assert page is not None
        sources[path] = Source(content, page, LONGBRIDGE.home)
    bare = {path: re.sub(rb"locales:\n(?:  - .*\n)+", b"", page).decode() for path, page in site.items()}
    markdown = MarkdownIt()

    def ours(path: str) -> None:
        read_article(sources[path])

    def theirs(path: str) -> None:
        post = frontmatter.loads(bare[path])
        markdown.parse(post.content)

    # In turn, so that a slow moment of the machine falls on both.
    figures: dict[str, list[float]] = {"read_article": [], "frontmatter + markdown-it": []}
    for _ in range(_ROUNDS):
        for name, read in zip(figures, (ours, theirs), strict=True):
            figures[name] += [_time(read, path) for path in site]
    sizes = statistics.median(len(page) for page in site.values())
    print(f"{len(site)} pages of {sizes:.0f} bytes (median), {_ROUNDS} rounds")
    medians = {name: statistics.median(times) for name, times in figures.items()}
    for name, median in medians.items():
        print(f"  {name:26} {median:7.0f} µs a page")
    ratio = medians["frontmatter + markdown-it"] / medians["read_article"]
    print(f"  ratio                      {ratio:7.1f}")


def _time(read: Callable[[str], None], path: str) -> float:
    begin = perf_counter()
    read(path)
    return (perf_counter() - begin) * 1e6


if __name__ == "__main__":
    main()
