"""Records a page as a test: ``python -m tests.sites.record SITE NAME ADDRESS [FILE]``.

It writes the folder ``tests/sites/<site>/recorded/<NAME>`` that ``tests/sites/test_recorded.py`` tests, and
prints what to look at by eye. It fetches nothing: the page's bytes come from FILE or from standard input.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path, PurePosixPath
from typing import NoReturn

from newscrawl.exceptions import NewscrawlError, PageError
from newscrawl.sites.base import read_start
from tests.sites.recordings import BELOW, SITES, Asked, Recording, read_article, record_of, write_asked

_NAME = re.compile(r"[a-z0-9]+(?:_[a-z0-9]+)*")
_ENDING = re.compile(r"[a-z0-9]{1,10}")
_OURS = ("page.*", "asked.json", "expected.json", "error.txt")


class BadInput(NewscrawlError):
    """What was asked for cannot be recorded."""


def record(
    site: str,
    name: str,
    url: str,
    content: bytes,
    *,
    charset: str | None = None,
    ending: str | None = None,
    again: bool = False,
    below: Path = BELOW,
) -> Recording:
    """Write a page's folder with what is read from it today. Raises NewscrawlError and then writes nothing.

    ``url`` is where the page was fetched from, ``charset`` what the Content-Type header said. The page's file
    has the ending of its address, or ``ending`` where that does not fit. ``again`` replaces what is there.
    """
    if site not in SITES:
        raise BadInput(f"expected a folder of newscrawl/sites ({', '.join(SITES)}), found {site[:80]!r}")
    if not _NAME.fullmatch(name):
        raise BadInput(f"expected a name such as long_title, found {name[:80]!r}")
    if ending is not None and not _ENDING.fullmatch(ending):
        raise BadInput(f"expected the ending of a file's name such as md, found {ending[:80]!r}")
    place = Recording(SITES[site], below / site / "recorded" / name)
    if place.folder.exists() and not again:
        raise BadInput(f"expected a new name or --again, found {_short(place.folder)}")
    asked = Asked(*read_start(place.site, url), charset or None)
    own = write_asked(place.site, asked, place.usual_asked)
    try:
        expected = record_of(read_article(place.site, asked, content), place.site)
        refusal = None
    except PageError as error:
        refusal = error.code

    place.folder.mkdir(parents=True, exist_ok=True)
    for file in [file for pattern in _OURS for file in place.folder.glob(pattern)]:
        file.unlink()
    (place.folder / f"page.{_ending(asked.page.url, content, ending)}").write_bytes(content)
    if own:
        _write(place.folder / "asked.json", json.dumps(own, ensure_ascii=False))
    if refusal is None:
        place.write_expected(expected)
    else:
        _write(place.folder / "error.txt", refusal)
    return place


def _ending(url: str, content: bytes, wanted: str | None) -> str:
    try:
        content.decode()
    except UnicodeDecodeError:
        return "bin"
    found = wanted or PurePosixPath(url.partition("://")[2]).suffix[1:].lower()
    return found if _ENDING.fullmatch(found) else "txt"


def _write(file: Path, line: str) -> None:
    file.write_text(line + "\n", encoding="utf-8", newline="\n")


def summary(recording: Recording) -> Iterator[str]:
    """Yield the lines that say what a person should compare with the page."""
    asked = recording.asked
    yield f"asked for    {asked.origin.url(asked.page)}" + (f" ({asked.charset})" if asked.charset else "")
    if recording.refusal is not None:
        try:
            recording.article()
        except PageError as error:
            yield f"refused      {error}"
    else:
        article = recording.expected
        body = article["body"]
        symbols = [instrument["symbol"] or instrument["raw"] for instrument in article["instruments"]]
        yield f"title        {article['title']}"
        yield f"description  {_cut(article['description'])}"
        yield f"published    {article['published_at']}, printed {article['published_raw']}"
        yield f"body         {len(body)} characters: {_cut(body)}"
        yield f"alternates   {_counted([alternate['locale'] for alternate in article['alternates']])}"
        yield f"instruments  {_counted(symbols)}"
        yield f"related      {_counted([link['title'] for link in article['related']])}"
        yield f"warnings     {_counted(article['warnings'])}"
    yield f"written      {_short(recording.folder)}"


def _cut(text: str | None) -> str | None:
    if text is None:
        return None
    line = " ".join(text.split())
    return line if len(line) <= 100 else f"{line[:60]} … {line[-39:]}"


def _counted(values: list[str | None]) -> str:
    return f"{len(values)}: {_cut(', '.join(map(str, values)))}" if values else "none"


def _short(path: Path) -> Path:
    here = Path.cwd()
    return path.relative_to(here) if path.is_relative_to(here) else path


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        raise BadInput(f"expected SITE NAME ADDRESS [FILE] (--help says more), found an error: {message}")


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(
        prog="python -m tests.sites.record",
        description="Record a page as a test. Nothing is fetched.",
    )
    parser.add_argument("site", metavar="SITE", help=f"a folder of newscrawl/sites: {', '.join(SITES)}")
    parser.add_argument("name", metavar="NAME", help="what the page shows, such as long_title")
    parser.add_argument("url", metavar="ADDRESS", help="where the page was fetched from")
    parser.add_argument("file", metavar="FILE", nargs="?", type=Path, help="its bytes (standard input)")
    parser.add_argument("--charset", help="the charset of the Content-Type header, where there was one")
    parser.add_argument("--ending", help="of the page's file, where that of its address does not fit")
    parser.add_argument("--again", action="store_true", help="replace a page of this name")
    parser.add_argument("--folder", type=Path, default=BELOW, help="write below this folder, not tests/sites")
    return parser


def main(arguments: Sequence[str] | None = None) -> int:
    """Record one page and return the exit status: 0, or 2 where the input cannot be used."""
    try:
        given = _parser().parse_args(arguments)
        try:
            content = given.file.read_bytes() if given.file else sys.stdin.buffer.read()
        except OSError as error:
            raise BadInput(f"expected a file with the page's bytes, found: {error}") from None
        try:
            recording = record(
                given.site,
                given.name,
                given.url,
                content,
                charset=given.charset,
                ending=given.ending,
                again=given.again,
                below=given.folder,
            )
        except OSError as error:
            raise BadInput(f"expected a folder that can be written, found: {error}") from None
    except NewscrawlError as error:
        print(error, file=sys.stderr)
        return 2
    print(*summary(recording), sep="\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
