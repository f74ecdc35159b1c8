"""The closing lists are known by their shape; lists elsewhere stay in the body."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from newscrawl.sites.longbridge import LONGBRIDGE
from newscrawl.sites.longbridge.address import Address
from newscrawl.sites.longbridge.sections import News, Sections, Stock, split_sections, symbol_in

steady = settings(
    derandomize=True, deadline=None, max_examples=200, suppress_health_check=[HealthCheck.too_slow]
)

STOCK = "- [02399.HK](https://longbridge.com/en/quote/02399.HK.md)"
OTHER_STOCK = "- [BRK.B.US](https://longbridge.com/en/quote/BRK.B.US.md)"
NEWS = "- [Berths](https://longbridge.com/en/news/290999120.md)"
OTHER_NEWS = "- [Piers](https://longbridge.com/en/news/290874455.md)"
ODD = "- [Elsewhere](https://elsewhere.example/1)"
H3, H2 = "### Related Stocks", "## Related News & Research"

HK = Stock("02399.HK", "02399.HK")
BRK = Stock("BRK.B.US", "BRK.B.US")
BERTHS = News("Berths", Address("290999120", "en").page)
PIERS = News("Piers", Address("290874455", "en").page)


def split(*lines: str) -> Sections:
    """Split a page of these lines. What is left of the white space behind the body is cut off."""
    found = split_sections("\n".join(lines), LONGBRIDGE.home)
    found.body = found.body.rstrip()
    return found


def joined(*lines: str) -> str:
    return "\n".join(lines).rstrip()


@pytest.mark.parametrize("blank", [[], [""], ["", "  ", ""]])
def test_both_lists_in_the_order_of_the_page(blank: list[str]) -> None:
    found = split(
        "Text.", *blank, H3, *blank, STOCK, OTHER_STOCK, *blank, H2, *blank, NEWS, OTHER_NEWS, *blank
    )
    assert found == Sections(body="Text.", stocks=[HK, BRK], news=[BERTHS, PIERS])


def test_the_other_order_and_loose_items() -> None:
    assert split("Text.", H2, NEWS, "", OTHER_NEWS, H3, STOCK) == Sections("Text.", [HK], [BERTHS, PIERS])


@pytest.mark.parametrize(
    "h3", ["### 相关股票", "### 相關股票", "#### Related Stocks", "## Related Stocks ##"]
)
@pytest.mark.parametrize("h2", ["## 相关资讯与研究", "## 相關資訊與研究", "### Related News & Research"])
def test_known_headings_in_other_languages_and_levels(h3: str, h2: str) -> None:
    assert split("Text.", h3, STOCK, h2, NEWS) == Sections("Text.", [HK], [BERTHS])


@pytest.mark.parametrize("heading", ["### 提及股票", "## 更多", "#### Shares, named here: 2"])
def test_unknown_headings_are_taken_by_shape_and_reported(heading: str) -> None:
    code, named = ["unknown_heading"], [heading.lstrip("# ")]
    for item, expected in (
        (STOCK, Sections("Text.", stocks=[HK], warnings=code, unknown_headings=named)),
        (NEWS, Sections("Text.", news=[BERTHS], warnings=code, unknown_headings=named)),
    ):
        assert split("Text.", heading, item) == expected


def test_an_unknown_heading_does_not_forgive_an_odd_item_and_a_known_one_does() -> None:
    assert split("Text.", "## More", NEWS, ODD) == Sections(joined("Text.", "## More", NEWS, ODD))
    assert split("Text.", H2, NEWS, ODD) == Sections("Text.", news=[BERTHS], warnings=["unreadable_item"])
    assert split("Text.", H3, ODD, STOCK) == Sections("Text.", stocks=[HK], warnings=["unreadable_item"])


def test_an_unknown_heading_over_mixed_links_is_body() -> None:
    lines = ("Text.", "## More", NEWS, STOCK)
    assert split(*lines) == Sections(joined(*lines))


def test_stocks_whose_labels_are_names_need_a_known_heading() -> None:
    named = "- [Tallow Street](https://longbridge.com/en/quote/02399.HK.md)"
    assert split("Text.", "### Our picks", named).stocks == []
    assert split("Text.", H3, named).stocks == [Stock("Tallow Street", "02399.HK")]


@pytest.mark.parametrize(
    "lines",
    [
        ("Text.", "", NEWS, OTHER_NEWS),
        ("Text.", "", STOCK),
        (NEWS, "", "Text."),
        ("## Told before", "", NEWS, "", "Text."),
        ("### Advertisement", "", "Text."),
        ("Text.", "", "- a plain", "- list"),
        ("Text.", "", "## A last heading"),
        ("# Related Stocks", STOCK),
        (STOCK,),
        (),
        ("", ""),
    ],
)
def test_lists_elsewhere_without_a_heading_or_of_another_shape_are_body(lines: tuple[str, ...]) -> None:
    found = split(*lines)
    assert (found.stocks, found.news) == ([], [])
    assert found.body == joined(*lines)
    assert found.warnings == []


def test_one_list_of_each_kind_is_taken_and_the_lists_above_are_body() -> None:
    above = ["Text.", "", "## Told before", "", OTHER_NEWS]
    assert split(*above, "", H3, STOCK, H2, NEWS) == Sections(joined(*above), [HK], [BERTHS])
    assert split(*above, "", H2, NEWS) == Sections(joined(*above), news=[BERTHS])
    twice = ["Text.", H3, OTHER_STOCK]
    assert split(*twice, H3, STOCK) == Sections(joined(*twice), stocks=[HK])


def test_known_headings_without_items_are_empty_lists() -> None:
    assert split("Text.", H3, "", H2) == Sections("Text.")


def test_text_behind_the_lists_costs_none_of_them_and_is_reported() -> None:
    found = split("Text.", H3, STOCK, "", H2, NEWS, "", "A disclaimer.")
    assert found == Sections("Text.", [HK], [BERTHS], warnings=["unreadable_item"])


def test_an_article_behind_a_list_is_an_article() -> None:
    lines = [
        "Text.",
        H3,
        STOCK,
        "",
        *["Twelve more words of the article, which goes on for quite a while."] * 12,
    ]
    assert split(*lines) == Sections(joined(*lines), warnings=["no_sections"])


@pytest.mark.parametrize(
    ("url", "symbol"),
    [
        ("https://longbridge.com/en/quote/02399.HK.md", "02399.HK"),
        ("https://longbridge.com/zh-CN/quote/BRK.B.US", "BRK.B.US"),
        ("https://longbridge.com/quote/.DJI.US.md", ".DJI.US"),
        ("https://longbridge.com/en/quote/%2EDJI.US.md?channel=1#x", ".DJI.US"),
        ("/en/quote/D05.SG.md", "D05.SG"),
        ("https://longbridge.com/en/quote/D05.SG/", "D05.SG"),
        ("https://mirror.example:8123/en/quote/D05.SG", "D05.SG"),
        ("https://longbridge.com/en/quote/BK/US/IN00258", "BK/US/IN00258"),
        ("https://longbridge.com/en/quote/02399.HK/news/285741170", None),
        ("https://longbridge.com/en/quote/", None),
        ("https://longbridge.com/en/news/285741170.md", None),
        ("https://longbridge.com/en/topics/1.md?x=/quote/D05.SG", None),
        ("quote/D05.SG", None),
        ("", None),
    ],
)
def test_symbols_in_addresses(url: str, symbol: str | None) -> None:
    assert symbol_in(url) == symbol


LINES = [
    H3,
    H2,
    "## 更多",
    "### Ad",
    STOCK,
    OTHER_STOCK,
    NEWS,
    OTHER_NEWS,
    ODD,
    "",
    "Text.",
    "- x",
    "- [",
    "#",
    "## ",
]


@steady
@given(st.lists(st.sampled_from(LINES), max_size=14))
def test_the_body_is_the_beginning_of_the_page_and_nothing_is_lost_in_silence(lines: list[str]) -> None:
    found = split(*lines)
    text = "\n".join(lines)
    assert text.startswith(found.body)
    cut = [line for line in text[len(found.body) :].split("\n") if line.strip("# ")]
    fitting = sum(line in (STOCK, OTHER_STOCK, NEWS, OTHER_NEWS) for line in cut)
    assert len(found.stocks) + len(found.news) <= fitting
    others = [line for line in cut if line not in (H3, H2, "## 更多", "### Ad")]
    if len(found.stocks) + len(found.news) < len(others):
        assert "unreadable_item" in found.warnings


@steady
@given(st.lists(st.sampled_from(LINES), max_size=14))
def test_what_was_cut_off_changes_nothing_above(lines: list[str]) -> None:
    found = split(*lines, "Text.", H3, STOCK, H2, NEWS)
    assert found == Sections(joined(*lines, "Text."), [HK], [BERTHS])


NEIGHBOURS = [
    "**提及股票**",
    "the **word**",
    "1. [A (D05.SG)](https://longbridge.com/en/quote/D05.SG.md)",
    "  - Datetime: 2026-06-29T22:10:00.000Z",
    "- [cut tit",
    "- [cut](https://longbridge.com/en/ne",
    "- [A topic](https://longbridge.com/en/topics/12.md)",
    "- [Boats - [new] and old](https://longbridge.com/en/news/7.md)",
    "- [See [x](https://longbridge.com/en/news/8.md) too](https://longbridge.com/en/news/9.md)",
    "- [Two\nlines](https://longbridge.com/en/news/10.md) tail",
    "- [Cut]\n(https://longbridge.com/en/\nnews/11.md)",
    "Not investment advice.",
    "word " * 100,
    "## Related Stocks rally",
    "### **相关股票**",
    "## More:",
    "## More ##",
    "> quoted",
]


@settings(steady, max_examples=1_000)
@given(st.lists(st.sampled_from(LINES + NEIGHBOURS), max_size=14))
def test_line_breaks_do_not_matter(lines: list[str]) -> None:
    found, flat = split(*lines), split(" ".join(lines).replace("\n", " "))
    assert flat.body.split() == found.body.split()
    found.body = flat.body = ""
    assert flat == found
