"""The index beside an archive file."""

from __future__ import annotations

from pathlib import Path

import pytest

from newscrawl.exceptions import ArchiveError
from newscrawl.warc.entries import entries_of
from newscrawl.warc.index import Entry, index_of, read_index, url_key, write_lines
from newscrawl.warc.reading import read_record_at
from newscrawl.warc.records import make_record, make_warcinfo
from tests.warc.answers import NOW, UID, URL, answer

KEYS = {
    URL: "com,longbridge)/en/news/285741170.md",
    "http://127.0.0.1:8080/en/news/1.md": "1,0,0,127:8080)/en/news/1.md",
    "https://www.Longbridge.com:443/zh-CN/News/1.md?b=2&a=1": "com,longbridge)/zh-cn/news/1.md?a=1&b=2",
    "https://longbridge.com/robots.txt": "com,longbridge)/robots.txt",
    "https://owls.example": "example,owls)/",
    "https://owls.example/a/": "example,owls)/a",
    "http://owls.example:443/a%20b": "example,owls:443)/a%20b",
}


@pytest.mark.parametrize("url", KEYS)
def test_keys_sort_the_addresses_of_a_site_together(url: str) -> None:
    assert url_key(url) == KEYS[url]


def written(folder: Path) -> tuple[Path, list[Entry]]:
    """A file of three records with its index; their entries in the order of the file."""
    path = folder / "a-000001.warc.gz"
    head = make_warcinfo({"software": "test"}, path.name, NOW)
    first = make_record(answer(url=f"{URL}?z"), UID, None)
    records = [
        first,
        make_record(answer(url=f"{URL}?z"), UID, first.body),
        make_record(answer(b"x", 404), None, None),
    ]
    offsets = [len(head) + sum(len(record.content) for record in records[:n]) for n in range(3)]
    path.write_bytes(b"".join([head, *(record.content for record in records)]))
    places = [(one.entry, offset, len(one.content)) for one, offset in zip(records, offsets, strict=True)]
    index_of(path).write_bytes(b"".join(write_lines(places, path.name)))
    of_page = {"uid": UID, "url": f"{URL}?z", "status": 200, "digest": first.digest}
    of_robots = {"uid": None, "url": URL, "status": 404, "digest": records[2].digest}
    entries = [
        Entry(
            id=record.id,
            fetched_at=NOW,
            is_revisit=record is records[1],
            offset=offset,
            length=len(record.content),
            **what,  # type: ignore[arg-type]
        )
        for record, offset, what in zip(records, offsets, (of_page, of_page, of_robots), strict=True)
    ]
    return path, entries


def test_an_index_leads_to_each_record(tmp_path: Path) -> None:
    path, entries = written(tmp_path)
    found = list(read_index(index_of(path)))
    assert sorted(found) == sorted(entries)
    # Sorted by address: the last record comes first.
    assert found[0] == entries[2]
    assert [read_record_at(path, entry.offset).id for entry in found] == [entry.id for entry in found]
    assert index_of(path).read_text().startswith("com,longbridge)/en/news/285741170.md 20261127150000 {")


def test_without_its_index_the_file_tells_the_same(tmp_path: Path) -> None:
    path, entries = written(tmp_path)
    assert sorted(entries_of(path)) == sorted(entries)
    index_of(path).unlink()
    assert list(entries_of(path)) == entries


@pytest.mark.parametrize("line", ["", "a b", "a 1 {}", 'a 1 {"id": 1', "a 1 []"])
def test_a_line_that_is_none_is_named(tmp_path: Path, line: str) -> None:
    path = tmp_path / "a-000001.cdxj"
    path.write_text(f"{line}\n")
    with pytest.raises(ArchiveError, match=r"a-000001\.cdxj:1: expected a line of an index"):
        list(read_index(path))
    with pytest.raises(ArchiveError, match="expected an index that can be read"):
        list(read_index(tmp_path / "none.cdxj"))
