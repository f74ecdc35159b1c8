"""Mentions in texts that nobody here wrote: ``python -m benchmarks.mentions_elsewhere NAME=FOLDER …``.

The texts are other people's and do not come along; ``data/README.md`` says which packages have them. A folder
may hold

- ``.json`` files that are lists of stories with ``title`` and ``body`` (the collection Reuters-21578),
- ``.html`` pages, of which each paragraph, heading, item and cell is taken,
- ``.txt`` and ``.tsv`` files, of which each line is a text, by its last column.

Every mention that is found, and every place that a wide search finds (``_CANDIDATE``: brackets with capitals
or digits, tickers behind a dollar sign, codes behind words such as stock code, the source's own tags), is
judged by a person in ``mentions_elsewhere.csv``: the symbol that is meant there, or nothing; what trades on
no market that newscrawl knows (``7201.T``) is nothing. A text is named there by its SHA-256. Prints, for each
folder, precision (of what was found, how much is right) and recall (of what was judged to be a mention, how
much was found), in four ways: with nothing tagged or with what the text names tagged, each with and without a
reference of listings. Ends with exit status 1 where a find was not judged.

``--wide NAME`` asks for the wide search in a folder, too, which is where recall can be told; in the others
only precision is. ``--reference FILE`` takes a csv with the columns symbol and name. ``--unjudged`` prints
what is to be judged.
"""

from __future__ import annotations

import argparse
import csv
import hashlib
import json
import re
import sys
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import NamedTuple

from parsel import Selector

from newscrawl.named_in_text import Mention
from newscrawl.text.mention_places import NamesOf
from newscrawl.text.mentions import find_mentions

_JUDGED = Path(__file__).with_suffix(".csv")
# All texts are read as if they were of this day.
_ON = date(2026, 5, 8)
_DIGITS_OF_A_TEXT = 12
_CANDIDATE = re.compile(
    r"\[st\][^\[\]\n]*\[/st\]"
    r"|[(（][^()（）\n]{0,80}?(?<![A-Za-z0-9])(?:[A-Z]{1,5}(?:\.[A-Z])?|[0-9]{1,6})(?![A-Za-z0-9])"
    r"[^()（）\n]{0,80}[)）]"
    r"|\$[A-Z]{1,5}(?![A-Za-z])"
    r"|(?<![\w.])[A-Z0-9]{1,6}\.(?:HK|SH|SZ|SS|BJ|US|SG|SI|O|N)(?![A-Za-z])"
    r"|(?:[Ss]tock [Cc]ode|代[码碼号號])[:：︰ ]+[0-9A-Z]{1,6}"
)


class Judgement(NamedTuple):
    """What a person says of a place: which instrument is named there."""

    start: int
    end: int
    symbol: str
    """Empty for none."""


Judgements = Mapping[str, list[Judgement]]


def main() -> None:
    """Run the comparison and print it."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument(
        "folders", nargs="+", metavar="NAME=FOLDER", help="what to call a folder, and the folder"
    )
    parser.add_argument("--wide", action="append", default=[], metavar="NAME", help="where to tell recall")
    parser.add_argument("--reference", metavar="FILE", help="a csv with the columns symbol and name")
    parser.add_argument("--unjudged", action="store_true", help="print what is to be judged")
    options = parser.parse_args()
    names_of = _reference(Path(options.reference)) if options.reference else None
    judged = _read_judgements()
    open_ends = 0
    for given in options.folders:
        name, _, folder = given.partition("=")
        texts = {_key(text): text for text in _texts(Path(folder))}
        if not texts:
            sys.exit(f"expected texts in {folder or given!r}, found none")
        unjudged = list(_unjudged(texts, judged, names_of, wide=name in options.wide))
        _print(name, texts, judged, names_of, wide=name in options.wide)
        open_ends += len(unjudged)
        if options.unjudged:
            for key, start, end in unjudged:
                text = texts[key]
                print(f"{key},{start},{end},  {text[max(0, start - 40) : end + 20]!r}")
    if open_ends:
        print(f"{open_ends} places are not judged")
    sys.exit(1 if open_ends else 0)


def _texts(folder: Path) -> Iterator[str]:
    for path in sorted(folder.rglob("*")):
        if path.suffix not in (".json", ".html", ".txt", ".tsv") or not path.is_file():
            continue
        content = path.read_text(encoding="utf-8", errors="replace")
        if path.suffix == ".json":
            for story in json.loads(content):
                yield f"{story.get('title') or ''}\n\n{story.get('body') or ''}"
        elif path.suffix == ".html":
            page = Selector(content)
            page.xpath("//script|//style").drop()
            parts = page.xpath("//title|//h1|//h2|//p|//li|//td").xpath("string()").getall()
            yield "\n\n".join(dict.fromkeys(" ".join(part.split()) for part in parts))
        else:
            yield from (line.rpartition("\t")[2] for line in content.splitlines())


def _key(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:_DIGITS_OF_A_TEXT]


def _read_judgements() -> Judgements:
    judged: dict[str, list[Judgement]] = {}
    with _JUDGED.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            found = Judgement(int(row["start"]), int(row["end"]), row["symbol"])
            judged.setdefault(row["text"], []).append(found)
    return judged


def _reference(path: Path) -> NamesOf:
    names: dict[str, tuple[str, ...]] = {}
    with path.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            names[row["symbol"]] = (*names.get(row["symbol"], ()), row["name"])
    return lambda symbol, _: names.get(symbol, ())


def _find(text: str, tagged: Iterable[str], names_of: NamesOf | None) -> list[Mention]:
    return find_mentions({"body": text}, tagged, _ON, names_of)


def _judged_at(judgements: Iterable[Judgement], start: int, end: int) -> list[Judgement]:
    return [one for one in judgements if one.start < end and start < one.end]


def _unjudged(
    texts: Mapping[str, str], judged: Judgements, names_of: NamesOf | None, *, wide: bool
) -> Iterator[tuple[str, int, int]]:
    for key, text in texts.items():
        known = judged.get(key, [])
        tagged = {one.symbol for one in known if one.symbol}
        places = {(found.start, found.end) for found in _find(text, tagged, names_of)}
        if wide:
            places.update(found.span() for found in _CANDIDATE.finditer(text))
        for start, end in sorted(places):
            if not _judged_at(known, start, end):
                yield key, start, end


def _print(
    name: str, texts: Mapping[str, str], judged: Judgements, names_of: NamesOf | None, *, wide: bool
) -> None:
    length = sum(map(len, texts.values()))
    print(f"{name}: {len(texts):,} texts, {length:,} characters")
    for tags in (False, True):
        for reference in (None, names_of) if names_of else (None,):
            right = found = meant = 0
            for key, text in texts.items():
                known = [one for one in judged.get(key, []) if one.symbol]
                mentions = _find(text, {one.symbol for one in known} if tags else (), reference)
                found += len(mentions)
                meant += len(known)
                right += sum(
                    any(one.symbol == mention.symbol for one in _judged_at(known, mention.start, mention.end))
                    for mention in mentions
                )
            way = f"{'tagged' if tags else 'nothing tagged'}{', reference' if reference else ''}"
            recall = f", {right} of {meant} that there are" if wide else ""
            print(f"  {way:26} {right} of {found} are right{recall}")


if __name__ == "__main__":
    main()
