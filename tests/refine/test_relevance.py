"""Where and how often the texts of a story name each of its instruments."""

from __future__ import annotations

import pytest

from newscrawl.codes import Place
from newscrawl.items import Article, Instrument
from newscrawl.named_in_text import Relevance
from newscrawl.refine.instruments import INSTRUMENTS
from newscrawl.refine.mentions import MENTIONS

FETCHED = "2026-11-23T00:00:00.000Z"


def relevance(*tags: str, title: str = "", description: str = "", body: str = "") -> list[Relevance]:
    article = Article(
        title=title,
        description=description,
        body=body,
        fetched_at=FETCHED,
        instruments=[Instrument(raw=raw) for raw in tags],
    )
    for _ in range(2):
        MENTIONS(INSTRUMENTS(article))
    return [found.relevance for found in article.instruments]


def test_each_instrument_has_its_own_place_and_count() -> None:
    found = relevance(
        "NVDA.US",
        "00700.HK",
        "9988.HK",
        "25049.HK",
        title="Nvidia (NVDA) and others",
        body="# Chips\n\nTencent (00700.HK) and Nvidia (NVDA) rose.\n\nSo did (00700.HK), (09988.HK).",
    )
    assert found == [
        Relevance("title", 2),
        Relevance("first_paragraph", 2),
        Relevance("later", 1),
        Relevance("tagged_only", 0),
    ]


@pytest.mark.parametrize(
    ("body", "place"),
    [
        ("(NVDA)", "first_paragraph"),
        ("Chips,\nmade by Nvidia (NVDA).\n\nMore.", "first_paragraph"),
        ("\n# A heading\n\n## Another\nNvidia (NVDA)\n\nMore", "first_paragraph"),
        ("## Nvidia (NVDA)\n\nText.", "first_paragraph"),
        ("Text.\n\nNvidia (NVDA)", "later"),
        ("Text.\n \t\nNvidia (NVDA)", "later"),
        ("# A heading\n\nText.\n\n# Nvidia (NVDA)", "later"),
        ("No symbols here.", "tagged_only"),
    ],
)
def test_where_the_first_paragraph_ends(body: str, place: str) -> None:
    (found,) = relevance("NVDA.US", body=body)
    assert found.place == place


def test_a_description_counts_as_the_first_paragraph_where_it_is_all_of_the_text() -> None:
    assert relevance("NVDA.US", description="Nvidia (NVDA)") == [Relevance("first_paragraph", 1)]
    assert relevance("NVDA.US", description="Nvidia (NVDA)", body="Text.") == [Relevance("later", 1)]


def test_an_older_answer_does_not_stay() -> None:
    article = Article(
        title="(NVDA.US)",
        fetched_at=FETCHED,
        instruments=[Instrument(raw="NVDA.US", symbol="NVDA.US")],
    )
    MENTIONS(article)
    assert article.instruments[0].relevance.place == "title"
    article.title = "Nvidia"
    MENTIONS(article)
    assert article.instruments[0].relevance == Relevance()


def test_every_place_is_one_of_the_closed_list() -> None:
    assert {place.value for place in Place} == {"title", "first_paragraph", "later", "tagged_only"}
    assert Relevance().place == Place.TAGGED_ONLY
