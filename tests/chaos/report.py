"""What a disturbed crawl left behind, held against an undisturbed one."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Any, NamedTuple

from newscrawl.codes import WarningCode
from newscrawl.exceptions import ArchiveError
from newscrawl.warc.reading import ArchivedRecord
from tests.archived import archive_files, missing_records, records_in

# Fields that say when and how a line came about; they differ between any two runs.
_PASSING = ("crawl", "fetched_at", "first_seen_at", "available_at", "sessions")


class Damage(NamedTuple):
    """Lines and records that are missing, that stand twice, that differ, and that are not whole.

    A line whose record is not there is lost; a file of the archive that cannot be read is torn.
    """

    lost: int
    repeated: int
    changed: int
    torn: int

    def __add__(self, other: Any) -> Damage:
        return Damage(*(a + b for a, b in zip(self, other, strict=True)))


NO_DAMAGE = Damage(0, 0, 0, 0)


def read_lines(folders: Iterable[Path]) -> tuple[list[dict[str, Any]], int]:
    """Return the articles of data folders, and how many lines were torn or empty."""
    articles, torn = [], 0
    for folder in folders:
        for path in sorted(folder.glob("articles/**/*.jsonl")):
            content = path.read_bytes()
            lines = content.split(b"\n")
            torn += lines.pop() != b""
            for line in lines:
                try:
                    articles.append(json.loads(line))
                except ValueError:
                    torn += 1
    return articles, torn


def read_archive(folders: Iterable[Path]) -> tuple[list[ArchivedRecord], int]:
    """Return the records of data folders, and how many files are not as they should be."""
    records, torn = [], 0
    for folder in folders:
        for path in archive_files(folder):
            try:
                records += records_in(path)
            except (ArchiveError, AssertionError) as error:
                print(f"{path}: {error}", flush=True)
                torn += 1
    return records, torn


def without_record(articles: list[dict[str, Any]], records: Iterable[ArchivedRecord]) -> list[str]:
    """Return the uids of articles whose record is not there."""
    return missing_records(articles, {record.id: record for record in records})


def what(record: ArchivedRecord) -> tuple[str, str, str]:
    """Return what is the same in every run: whose answer it is, its kind and its body."""
    path = record.fields["warc-target-uri"].split("/", 3)[3]
    return record.uid or path, record.type, record.fields["warc-payload-digest"]


def place(record: ArchivedRecord) -> tuple[str, ...]:
    """Return what there is one record of: a page in a run, which may be followed by another run, and a file
    that is only archived where it changed."""
    run_id = record.path.name.rpartition("-")[0]
    return what(record) if record.uid is None else (run_id, record.uid)


def lasting(article: dict[str, Any]) -> str:
    """Return what must be the same in every run."""
    same = {name: value for name, value in article.items() if name not in _PASSING}
    same["http"] = {**article["http"], "date": None, "archive": None}
    same["related"] = [{**link, "observed_at": None} for link in article["related"]]
    # A jump of the clock is among what disturbs crawls.
    same["warnings"] = [code for code in article["warnings"] if code != WarningCode.CLOCK_BEHIND]
    # The port of a local site is another one in every test.
    same["fetched_url"] = article["fetched_url"].partition("/news/")[2]
    return json.dumps(same, sort_keys=True)


def compare(expected: Iterable[Path], found: Iterable[Path]) -> Damage:
    """Hold lines and records of disturbed data folders against those of undisturbed ones."""
    expected, found = list(expected), list(found)
    want = {(line["uid"], line["version"]): lasting(line) for line in read_lines(expected)[0]}
    articles, torn = read_lines(found)
    keys = Counter((line["uid"], line["version"]) for line in articles)
    changed = sum(want.get((line["uid"], line["version"])) != lasting(line) for line in articles)
    archive = set(map(what, read_archive(expected)[0]))
    records, torn_files = read_archive(found)
    places = Counter(map(place, records))
    return Damage(
        lost=len(want.keys() - keys.keys())
        + len(archive - set(map(what, records)))
        + (len(without_record(articles, records)) if archive else 0),
        repeated=sum(count - 1 for count in (*keys.values(), *places.values())),
        changed=changed,
        torn=torn + torn_files,
    )
