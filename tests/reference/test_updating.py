"""A list is joined and written whole, or left as it was: no server and no damage takes away what is known."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import date
from pathlib import Path

import pytest

from newscrawl.archive.files import write_whole
from newscrawl.exceptions import NewscrawlError
from newscrawl.reference import open_reference, shipped
from newscrawl.reference.fetching import Answer
from newscrawl.reference.updating import Update, import_own, update

DAY, LATER = date(2026, 5, 8), date(2026, 6, 8)
HEADER = "Symbol|Security Name|Market Category|Test Issue|Financial Status|Round Lot Size|ETF|NextShares"


def nasdaq(names: dict[str, str], day: date = DAY) -> bytes:
    lines = [f"{symbol}|{name} - Common Stock|Q|N|N|100|N|N" for symbol, name in names.items()]
    return "\r\n".join([HEADER, *lines, f"File Creation Time: {day:%m%d%Y}21:31|||||||", ""]).encode()


def take(folder: Path, content: bytes | None, today: date = DAY, name: str = "nasdaq") -> Update | None:
    return update(folder, name, lambda etag, modified: Answer(content, '"1"', None), today, write_whole)


def days(folder: Path, symbol: str) -> list[tuple[str | None, date | None, date | None]]:
    rows = open_reference(folder).rows(symbol)
    return [(row.name, row.valid_from, row.valid_to) for row in rows if row.source == "nasdaq"]


def files(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


FOUR = {"AAAA": "Ash", "BBBB": "Birch", "CCCC": "Cedar", "DDDD": "Dogwood"}


def test_a_first_list_and_a_later_one(tmp_path: Path) -> None:
    assert take(tmp_path, nasdaq(FOUR)) == ("nasdaq", DAY, 4, 0, 4, 0, 0)
    assert sorted(files(tmp_path)) == ["nasdaq.csv", "nasdaq.json"]
    later = {"AAAA": "Ash", "BBBB": "Beech", "CCCC": "Cedar", "EEEE": "Elm"}
    assert take(tmp_path, nasdaq(later, LATER), LATER) == ("nasdaq", LATER, 4, 0, 1, 1, 1)
    assert days(tmp_path, "AAAA.US") == [("Ash", None, None)]
    assert days(tmp_path, "BBBB.US") == [("Birch", None, DAY), ("Beech", LATER, None)]
    assert days(tmp_path, "DDDD.US") == [("Dogwood", None, DAY)]
    assert days(tmp_path, "EEEE.US") == [("Elm", LATER, None)]


def test_the_same_list_twice_is_the_same_file(tmp_path: Path) -> None:
    take(tmp_path, nasdaq(FOUR))
    before = files(tmp_path)
    take(tmp_path, nasdaq(FOUR))
    assert files(tmp_path) == before


def test_what_is_known_of_the_server_is_sent_and_nothing_new_changes_nothing(tmp_path: Path) -> None:
    take(tmp_path, nasdaq(FOUR))
    before = files(tmp_path)
    asked = []

    def ask(etag: str | None, modified: str | None) -> Answer:
        asked.append((etag, modified))
        return Answer(None, etag, modified)

    assert update(tmp_path, "nasdaq", ask, LATER, write_whole) is None
    assert asked == [('"1"', None)]
    assert files(tmp_path) == before
    # A list that somebody changed by hand is asked for anew.
    (tmp_path / "nasdaq.csv").write_bytes(before["nasdaq.csv"].replace(b"Ash", b"Asp"))
    update(tmp_path, "nasdaq", ask, LATER, write_whole)
    assert asked[1] == (None, None)


@pytest.mark.parametrize(
    ("content", "today", "expected"),
    [
        (nasdaq({"AAAA": "Ash"}, LATER), LATER, "at least half of the 4 listings"),
        (nasdaq({}, LATER), LATER, "expected listings in the list nasdaq, found none"),
        (nasdaq(FOUR, date(2026, 5, 7)), LATER, "of 2026-05-08 or later, found one of 2026-05-07"),
        (nasdaq(FOUR, date(2027, 1, 1)), LATER, "of today or earlier, found one of 2027-01-01"),
        (nasdaq(FOUR, LATER)[:-60], LATER, "expected"),
        (b"<html>", LATER, "expected the header"),
    ],
)
def test_a_list_that_cannot_be_right_leaves_the_old_one(
    tmp_path: Path, content: bytes, today: date, expected: str
) -> None:
    take(tmp_path, nasdaq(FOUR))
    before = files(tmp_path)
    with pytest.raises(NewscrawlError, match=expected):
        take(tmp_path, content, today)
    assert files(tmp_path) == before


def test_a_process_that_ends_while_it_writes_leaves_one_list_or_the_other(tmp_path: Path) -> None:
    take(tmp_path, nasdaq(FOUR))
    before = files(tmp_path)
    later = nasdaq({**FOUR, "EEEE": "Elm"}, LATER)

    def never(path: Path, parts: Iterable[bytes]) -> None:
        raise KeyboardInterrupt

    def list_only(path: Path, parts: Iterable[bytes]) -> None:
        if path.suffix == ".json":
            raise KeyboardInterrupt
        write_whole(path, parts)

    answer = Answer(later, '"2"', None)
    with pytest.raises(KeyboardInterrupt):
        update(tmp_path, "nasdaq", lambda etag, modified: answer, LATER, never)
    assert files(tmp_path) == before
    with pytest.raises(KeyboardInterrupt):
        update(tmp_path, "nasdaq", lambda etag, modified: answer, LATER, list_only)
    assert days(tmp_path, "EEEE.US") == [("Elm", LATER, None)]
    # The next one takes the list as it is, and asks for all of it.
    asked: list[str | None] = []

    def ask(etag: str | None, modified: str | None) -> Answer:
        asked.append(etag)
        return answer

    found = update(tmp_path, "nasdaq", ask, LATER, write_whole)
    assert asked == [None]
    assert found is not None
    assert found[4:] == (0, 0, 0)


def sec(*tickers: str, day_name: str = "Nasdaq") -> bytes:
    data = [[number, f"{ticker} INC", ticker, day_name] for number, ticker in enumerate(tickers, 1)]
    return json.dumps({"fields": ["cik", "name", "ticker", "exchange"], "data": data}).encode()


def test_a_small_list_ends_nothing_of_the_one_that_is_shipped(tmp_path: Path) -> None:
    count = sum(row.valid_to is None for row in shipped())
    take(tmp_path, sec("ZZZZQ", "AAPL"), LATER, "sec")
    reference = open_reference(tmp_path)
    assert len(reference.tables) == 1
    rows = list(reference.tables[0])
    assert sum(row.valid_to is None for row in rows) == count + 1
    # What it does say counts: another issuer of a ticker ends the one that was known.
    assert [(row.name, row.valid_to) for row in reference.rows("AAPL.US")] == [
        ("Apple Inc.", date(2026, 6, 2)),
        ("AAPL INC", None),
    ]
    found = reference.on("MSFT.US", LATER)
    assert found is not None
    assert found.listing.mic == "XNAS"
    # The next list is held against this one, not against the one that is shipped.
    assert take(tmp_path, sec("ZZZZQ", "AAPL"), LATER, "sec") is not None


def test_a_damaged_list_is_named_with_the_remedy(tmp_path: Path) -> None:
    take(tmp_path, nasdaq(FOUR))
    (tmp_path / "nasdaq.csv").write_bytes(b"symbol,name\n")
    with pytest.raises(NewscrawlError, match=r"nasdaq\.csv.*move .* away"):
        open_reference(tmp_path)
    with pytest.raises(NewscrawlError, match=r"nasdaq\.csv.*move .* away"):
        take(tmp_path, nasdaq(FOUR))


def test_an_own_list_takes_the_place_of_one_of_its_name(tmp_path: Path) -> None:
    path = tmp_path / "mine.csv"
    path.write_text("symbol,type\nAAAA.US,equity\nBBBB.US,etf\n")
    folder = tmp_path / "reference"
    assert import_own(folder, path, "mine", DAY, write_whole) == ("own-mine", DAY, 2, 0, 2, 0, 0)
    path.write_text("symbol,type\nBBBB.US,etf\nCCCC.US,fund\n")
    assert import_own(folder, path, "mine", LATER, write_whole) == ("own-mine", LATER, 2, 0, 1, 0, 1)
    assert open_reference(folder).on("AAAA.US", LATER) is None
    before = files(folder)
    path.write_text("symbol,type\nBBBB.US,share\n")
    with pytest.raises(NewscrawlError, match=r"mine\.csv:2"):
        import_own(folder, path, "mine", LATER, write_whole)
    with pytest.raises(NewscrawlError, match="expected a file that can be read"):
        import_own(folder, tmp_path / "none.csv", "mine", LATER, write_whole)
    assert files(folder) == before
