"""Types and venues from lists: what they add to form and range, and what they do not overrule."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from benchmarks import reference as typical
from newscrawl import reference
from newscrawl.exceptions import Refused
from newscrawl.items import Article, Instrument, VendorSymbols
from newscrawl.reference import Reference
from newscrawl.refine.instruments import INSTRUMENTS
from newscrawl.refine.mentions import MENTIONS
from newscrawl.symbols import resolve
from newscrawl.symbols.disagreements import disagreements
from newscrawl.symbols.numbers import parse_any
from tests.reference.rows import SPRING, SUMMER, in_use, row, table

ON = SUMMER
ROWS = [
    row("AAPL.US", type="equity", mic="XNAS", isin="US0378331005", figi="BBG000B9XRY4"),
    row("SPY.US", type="etf", mic="ARCX"),
    row("D05.SG", type="equity", mic="XSES", currency="SGD"),
    row("823.HK", type="reit", mic="XHKG", currency="HKD"),
    row("80823.HK", type="reit", mic="XHKG", currency="CNY"),
    row("3500.HK", type="etf", mic="XHKG", currency="USD"),
    # A share of the main board that turned out to be a trust, and one that is said to be elsewhere.
    row("1234.HK", type="reit", mic="XHKG"),
    row("1235.HK", type="equity", mic="XGEM"),
    # No list makes a share of a warrant.
    row("25049.HK", type="equity", mic="XHKG"),
    row("700.HK", type="equity", isin="KYG875721634"),
    row("80700.HK", type="equity", isin="KYG875721634"),
]


@pytest.fixture(autouse=True)
def lists(tmp_path: Path) -> Iterator[Path]:
    with in_use(tmp_path / "reference", [one._replace(source="own-test") for one in ROWS]) as folder:
        yield folder


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ("AAPL.US", ("equity", "reference", "XNAS", "USD")),
        ("SPY.US", ("etf", "reference", "ARCX", "USD")),
        ("D05.SG", ("equity", "reference", "XSES", "SGD")),
        ("823.HK", ("reit", "code_range", "XHKG", "HKD")),
        ("3500.HK", ("etf", "reference", "XHKG", "USD")),
        ("1234.HK", ("reit", "reference", "XHKG", "HKD")),
        ("1235.HK", ("equity", "code_range", None, "HKD")),
        ("25049.HK", ("unknown", "none", "XHKG", None)),
        ("80700.HK", ("equity", "code_range", "XHKG", "CNY")),
        # Forms say enough.
        (".SPY.US", ("index", "form", None, None)),
        ("AAPL230317P160000.US", ("option", "form", None, "USD")),
        ("NOSUCH.US", ("unknown", "none", None, "USD")),
    ],
)
def test_types_and_venues(raw: str, expected: tuple[str | None, ...]) -> None:
    found = resolve(raw, ON)
    assert (found.type, found.type_source, found.mic, found.currency) == expected


def test_a_counter_whose_type_a_list_tells_has_its_primary_one() -> None:
    assert resolve("80823.HK", ON).primary_symbol == "823.HK"
    assert resolve("80823.HK", ON).vendor == VendorSymbols("80823.HK", None, "HK.80823")
    reference.use(None)
    assert (resolve("80823.HK", ON).type, resolve("80823.HK", ON).primary_symbol) == ("unknown", None)


def test_a_day_beyond_what_was_seen_is_not_told() -> None:
    assert resolve("SPY.US", date(2019, 1, 1)).type == "unknown"


def test_disagreements_are_listed() -> None:
    kept = Reference([table(*ROWS, row("SPY.US", type="fund", source="own-b"))])
    assert list(disagreements(kept, ON)) == [
        "1235.HK: mic: XGEM in sec, XHKG by its range of codes",
        "25049.HK: type: equity in sec, warrant by its range of codes",
        "SPY.US: type: fund in own-b, etf in sec",
    ]


def test_numbers_lead_to_their_symbol() -> None:
    assert parse_any("US0378331005", ON).symbol == "AAPL.US"
    assert parse_any(" us0378331005 ", ON).symbol == "AAPL.US"
    assert parse_any("BBG000B9XRY4", ON).symbol == "AAPL.US"
    assert parse_any("HKG:2399", ON).symbol == "2399.HK"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("US0378331006", "expected an ISIN or a FIGI with its check digit, found 'US0378331006'"),
        ("BBG000B9XRY5", "expected an ISIN or a FIGI with its check digit"),
        ("KYG875721634", "expected an ISIN of one listing, found KYG875721634: 700.HK or 80700.HK"),
        (
            "CNE100000296",
            "expected an ISIN of one listing, found CNE100000296, which no list has on 2026-06-02",
        ),
    ],
)
def test_numbers_that_lead_nowhere_are_refused(text: str, expected: str) -> None:
    with pytest.raises(Refused) as caught:
        parse_any(text, ON)
    assert expected in caught.value.detail


def test_a_line_names_the_lists_and_is_refined_again_with_others(lists: Path) -> None:
    article = Article(published_at="2026-06-02T01:00:00.000Z", instruments=[Instrument(raw="SPY.US")])
    INSTRUMENTS(article)
    with_lists = article.refined_with.instruments
    assert with_lists is not None
    assert with_lists.endswith(f"+reference-{reference.version()}")
    assert MENTIONS.version().endswith(f"+reference-{reference.version()}")
    assert article.instruments[0].type == "etf"
    reference.use(None)
    INSTRUMENTS(article)
    assert article.refined_with.instruments not in (None, with_lists)
    assert article.instruments[0].type == "unknown"
    reference.use(lists)
    INSTRUMENTS(article)
    assert (article.refined_with.instruments, article.instruments[0].type) == (with_lists, "etf")


def test_typical_tags_are_told_after_an_update_and_none_is_wrong(tmp_path: Path) -> None:
    reference.use(None)
    before = typical.compare()
    assert before.wrong == []
    folder = tmp_path / "updated"
    typical.update_all(folder)
    with in_use(folder):
        after = typical.compare()
        assert after.wrong == []
        assert after.both >= typical.LEAST * after.tags > before.both
        # Long before the lists, nothing is claimed that codes do not tell.
        early = typical.compare(date(2020, 1, 2))
        assert early.wrong == []
        assert early.both <= before.both
        assert list(reference.current().conflicts(SPRING)) == []
