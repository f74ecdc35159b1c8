"""The summary under the H1 of older pages: where it ends, in both forms of a page."""

from __future__ import annotations

import pytest

from newscrawl.sites.longbridge import LONGBRIDGE

ADDRESS = "https://longbridge.com/en/news/291000001.md"
HEADER = f"""---
title: "The owl boat sails"
description: "The last boat leaves at ten, the pier says, on most eve"
type: "news"
locale: "en"
url: "{ADDRESS}"
published_at: "2025-10-30T09:12:44.108Z"
---

# The owl boat sails

"""
SUMMARY = "The last boat leaves at ten, the pier says, on most evenings. On others it sails at midnight."
STOCKS = "### Related Stocks\n\n- [02093.HK](https://longbridge.com/en/quote/02093.HK.md)\n"


@pytest.mark.parametrize(
    "quote",
    [
        f"> {SUMMARY}",
        # Only the first line has the mark.
        "> " + SUMMARY.replace("ten, ", "ten,\n"),
        "> " + SUMMARY.replace("evenings. ", "evenings.\n"),
        "> " + SUMMARY.replace("evenings. ", "evenings.\n> "),
        "> " + SUMMARY.replace("evenings. ", "evenings.\n>\n> "),
    ],
)
@pytest.mark.parametrize("body", ["A tram runs all night.", "## Trams\n\nA tram runs.", "- A tram\n- A bus"])
def test_the_whole_quote_is_the_description(quote: str, body: str) -> None:
    page = f"{HEADER}{quote}\n\n{body}\n\n{STOCKS}"
    article = LONGBRIDGE.read_at(ADDRESS, page.encode())
    assert (article.description, article.body) == (SUMMARY, body)
    flat = LONGBRIDGE.read_at(ADDRESS, page.replace("\n", " ").encode())
    assert (flat.description, flat.body.split()) == (SUMMARY, body.split())
    assert article.warnings == flat.warnings == ["locales_missing"]


@pytest.mark.parametrize("body", ["## Trams", "- A tram", "1. A tram", "```\ntram\n```"])
def test_what_begins_a_block_of_its_own_is_no_part_of_the_quote(body: str) -> None:
    article = LONGBRIDGE.read_at(ADDRESS, f"{HEADER}> {SUMMARY}\n{body}\n\n{STOCKS}".encode())
    assert (article.description, article.body) == (SUMMARY, body)
