"""A new snapshot joins what was known: nothing is forgotten, nothing is claimed for days that nobody saw."""

from __future__ import annotations

from datetime import date, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from newscrawl.reference.history import join
from newscrawl.reference.listing import Listing
from tests.reference.rows import AUTUMN, SPRING, SUMMER, row

steady = settings(derandomize=True, deadline=None, max_examples=200)


def names(rows: list[Listing]) -> list[tuple[str | None, date | None, date | None, date, date]]:
    return [(one.name, one.valid_from, one.valid_to, one.seen_from, one.as_of) for one in rows]


def test_rows_of_the_first_snapshot_have_no_beginning() -> None:
    joined = join((), [row("A.US", name="Ash")], SPRING)
    assert names(joined.rows) == [("Ash", None, None, SPRING, SPRING)]
    assert joined[1:] == (1, 0, 0)


def test_a_row_that_says_the_same_stays_and_is_seen_later() -> None:
    first = join((), [row("A.US", name="Ash")], SPRING).rows
    joined = join(first, [row("A.US", name="Ash")], SUMMER, SPRING)
    assert names(joined.rows) == [("Ash", None, None, SPRING, SUMMER)]
    assert joined[1:] == (0, 0, 0)


def test_a_changed_row_ends_when_it_was_seen_last_and_the_new_one_begins_when_it_was_seen_first() -> None:
    first = join((), [row("A.US", name="Ash")], SPRING).rows
    joined = join(first, [row("A.US", name="Birch")], SUMMER, SPRING)
    assert names(joined.rows) == [
        ("Ash", None, SPRING, SPRING, SPRING),
        ("Birch", SUMMER, None, SUMMER, SUMMER),
    ]
    assert joined[1:] == (0, 1, 0)


def test_what_vanished_ends_and_what_is_new_begins() -> None:
    first = join((), [row("A.US"), row("B.US")], SPRING).rows
    joined = join(first, [row("B.US"), row("C.US")], SUMMER, SPRING)
    days = {one.symbol: (one.valid_from, one.valid_to) for one in joined.rows}
    assert days == {"A.US": (None, SPRING), "B.US": (None, None), "C.US": (SUMMER, None)}
    assert joined[1:] == (1, 0, 1)
    again = join(joined.rows, [row("A.US"), row("B.US"), row("C.US")], AUTUMN, SUMMER)
    # It came back: two rows, with a time between them.
    assert [(one.valid_from, one.valid_to) for one in again.rows if one.symbol == "A.US"] == [
        (None, SPRING),
        (AUTUMN, None),
    ]


def test_a_part_of_a_list_ends_nothing_that_it_was_not_known_to_have() -> None:
    first = join((), [row(f"{letter}.US") for letter in "ABCDE"], SPRING).rows
    joined = join(first, [row("A.US"), row("F.US")], SUMMER)
    assert {one.symbol for one in joined.rows if one.valid_to is None} == {f"{one}.US" for one in "ABCDEF"}
    # The same small list again, without what it had: that has ended.
    later = join(joined.rows, [row("A.US")], AUTUMN, SUMMER)
    assert [one.symbol for one in later.rows if one.valid_to is not None] == ["F.US"]


def test_a_second_look_on_one_day_corrects_the_first() -> None:
    first = join((), [row("A.US", name="Ash")], SPRING).rows
    wrong = join(first, [row("A.US", name="Brch")], SUMMER, SPRING).rows
    right = join(wrong, [row("A.US", name="Birch")], SUMMER, SUMMER)
    assert names(right.rows) == [
        ("Ash", None, SPRING, SPRING, SPRING),
        ("Birch", SUMMER, None, SUMMER, SUMMER),
    ]


@steady
@given(
    st.lists(st.dictionaries(st.sampled_from("ABCD"), st.sampled_from(["x", "y"]), min_size=1), max_size=6),
    st.lists(st.integers(1, 40), min_size=6, max_size=6),
)
def test_on_every_day_of_a_snapshot_the_rows_say_what_it_said(
    snapshots: list[dict[str, str]], steps: list[int]
) -> None:
    rows: list[Listing] = []
    day, last = date(2026, 1, 1), None
    seen: list[tuple[date, dict[str, str]]] = []
    for snapshot, step in zip(snapshots, steps, strict=False):
        day += timedelta(step)
        rows = join(rows, [row(f"{one}.US", name=name) for one, name in snapshot.items()], day, last).rows
        last = day
        seen.append((day, snapshot))
    for when, snapshot in seen:
        said: dict[str, str | None] = {}
        for one in rows:
            if (one.valid_from or one.seen_from) <= when <= (one.valid_to or one.as_of):
                # Never two rows of one symbol on one day.
                assert one.symbol[0] not in said
                said[one.symbol[0]] = one.name
        assert said == snapshot
