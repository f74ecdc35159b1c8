"""What the lists together say on a day: null where they differ, and no further than they reach."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from newscrawl.reference.listing import REACH
from tests.reference.rows import AUTUMN, SPRING, SUMMER, of, row

ONE_DAY = timedelta(1)


def test_a_ticker_whose_holder_changed_is_that_of_the_day_or_of_nobody() -> None:
    reference = of(
        row("AI.US", name="Old Inc.", cik="1", mic="XNAS", valid_to=SPRING),
        row("AI.US", SUMMER, AUTUMN, name="New Inc.", cik="2", mic="XNYS", valid_from=SUMMER),
    )
    by_day = {
        SPRING - timedelta(30): ("Old Inc.",),
        SPRING: ("Old Inc.",),
        # Nobody saw who held it in between.
        SPRING + ONE_DAY: (),
        SUMMER - ONE_DAY: (),
        SUMMER: ("New Inc.",),
        AUTUMN: ("New Inc.",),
        date.max: ("New Inc.",),
    }
    for day, names in by_day.items():
        found = reference.on("AI.US", day)
        assert (() if found is None else found.names) == names, day


def test_a_list_is_trusted_a_year_back_and_ahead() -> None:
    reference = of(row("A.US", SPRING, SUMMER, mic="XNAS"))
    for day in (SPRING - REACH, SPRING, SUMMER + REACH, date.max):
        assert reference.on("A.US", day) is not None, day
    for day in (SPRING - REACH - ONE_DAY, SUMMER + REACH + ONE_DAY, date.min):
        assert reference.on("A.US", day) is None, day


def test_nothing_is_carried_over_a_change_that_another_list_knows() -> None:
    reference = of(
        row("A.US", name="Old Inc.", cik="1", valid_to=SPRING),
        row("A.US", SUMMER, AUTUMN, name="New Inc.", cik="2", valid_from=SUMMER),
        # Looked at for the first time after the change, so it says nothing of its beginning.
        row("A.US", AUTUMN, type="etf", mic="XNAS", source="nasdaq"),
        # A ticker that never changed hands, for which the same list is trusted.
        row("B.US", SPRING, AUTUMN, name="B Inc.", cik="3"),
        row("B.US", AUTUMN, type="equity", mic="XNAS", source="nasdaq"),
    )
    before = reference.on("A.US", SPRING)
    assert before is not None
    assert (before.names, before.listing.type, before.listing.mic) == (("Old Inc.",), None, None)
    assert reference.on("A.US", SPRING + ONE_DAY) is None
    after = reference.on("A.US", SUMMER)
    assert after is not None
    assert (after.names, after.listing.type) == (("New Inc.",), "etf")
    other = reference.on("B.US", SPRING)
    assert other is not None
    assert (other.names, other.listing.type) == (("B Inc.",), "equity")


def test_what_two_lists_contradict_is_null_and_listed() -> None:
    reference = of(
        row("A.US", type="equity", mic="XNAS", cik="7"),
        row("A.US", type="etf", mic="XNAS", source="nasdaq"),
        row("B.US", type="equity"),
    )
    found = reference.on("A.US", SPRING)
    assert found is not None
    assert (found.listing.type, found.listing.mic, found.listing.cik) == (None, "XNAS", "7")
    (conflict,) = reference.conflicts(SPRING)
    assert conflict == ("A.US", "type", (("sec", "equity"), ("nasdaq", "etf")))


@pytest.mark.parametrize(
    ("venue", "mic", "fits"),
    [
        ("NYSE", "XNYS", True),
        ("NYSE", "ARCX", True),
        ("NYSE", "XASE", True),
        ("NYSE", "XNAS", False),
        ("Nasdaq", "XNAS", True),
        ("CBOE", "BATS", True),
        ("OTC", "XNYS", False),
        (None, "XNYS", True),
    ],
)
def test_a_venue_is_compared_as_wide_as_the_word_is(venue: str | None, mic: str, fits: bool) -> None:  # noqa: FBT001
    reference = of(row("A.US", venue=venue), row("A.US", mic=mic, source="nasdaq"))
    found = reference.on("A.US", SPRING)
    assert found is not None
    assert found.listing.mic == (mic if fits else None)
    assert [conflict.field for conflict in found.conflicts] == ([] if fits else ["mic"])


def test_names_are_those_of_all_lists_once() -> None:
    reference = of(
        row("A.US", name="A INC"),
        row("A.US", name="A Inc.", source="nasdaq"),
        row("A.US", name="A INC", source="own-x"),
    )
    found = reference.on("A.US", SPRING)
    assert found is not None
    assert (found.names, found.sources) == (("A INC", "A Inc."), ("sec", "nasdaq", "own-x"))


def test_the_version_changes_with_any_row() -> None:
    one = of(row("A.US", mic="XNAS"))
    assert one.version() == of(row("A.US", mic="XNAS")).version()
    assert one.version() != of(row("A.US", mic="XNYS")).version()
    assert one.version() != of(row("A.US", as_of=SUMMER, mic="XNAS")).version()
