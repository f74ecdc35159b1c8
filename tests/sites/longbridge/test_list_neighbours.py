"""Whatever stands beside the closing lists, they are read, and both forms of a page give one record."""

from __future__ import annotations

import re
from dataclasses import asdict
from typing import Any, NamedTuple

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from newscrawl.sites.longbridge import LONGBRIDGE
from newscrawl.text.cleaning import content_hash

steady = settings(
    derandomize=True, deadline=None, max_examples=200, suppress_health_check=[HealthCheck.too_slow]
)

ROOT = "https://longbridge.com"
ADDRESS = f"{ROOT}/%s/news/291000001.md"


class Words(NamedTuple):
    """One language: its paragraphs, its headings above the lists, what may stand behind them."""

    locale: str
    title: str
    paragraphs: list[str]
    stocks: list[str]
    news: list[str]
    topics: str
    disclaimer: str
    titles: list[str]
    cut: str


WORDS = [
    Words(
        "en",
        "The owl boat sails",
        ["The last boat leaves at ten --- on most evenings.", "Two hundred people (or so) wait.", "So be it"],
        ["### Related Stocks", "**Related Stocks**", "### **Related Stocks**", "### Shares named here"],
        ["## Related News & Research", "**Related News & Research**", "## You may also read"],
        "## Related Topics",
        "Nothing here is investment advice.",
        ["Berths [after] midnight", "Why piers close at ten | Pier & Co", "A tram (for the night)"],
        "- [A bus for the ni",
    ),
    Words(
        "zh-CN",
        "夜航的船",
        ["末班船十点开出。", "约有两百名乘客", "票价不变：两元。"],
        ["### 相关股票", "### 文中提到的股票", "**提及股票**"],
        ["## 相关资讯与研究", "## 接着读", "**接着读：**"],
        "## 大家在聊",
        "以上内容仅供参考，不构成任何投资建议。",
        ["午夜之后也能靠岸", "码头为何【十点】关门", "夜班电车"],
        "- [夜班公",
    ),
    Words(
        "zh-HK",
        "夜航的船",
        ["尾班船十點開出。", "約有二百名乘客", "票價不變。"],
        ["### 相關股票", "### 提及的股票"],
        ["## 相關資訊與研究", "## 延伸閱讀"],
        "## 大家在聊",
        "*免責聲明：以上內容僅供參考。*",
        ["午夜之後也能泊岸", "碼頭為何十點關門", "夜班電車"],
        "- [夜班公",
    ),
]
SYMBOLS = ["02093.HK", "QRST.US", "BRK.B.US", ".DJI.US", "D05.SG"]

blocks = st.sampled_from(
    [
        "### Advertisement: [open](https://ads.example/)",
        f"## Told before\n\n- [Piers]({ROOT}/en/news/288100200.md)\n- [Trams]({ROOT}/en/news/288100201.md)",
        f"- [02388.HK]({ROOT}/en/quote/02388.HK.md)\n- [The pier]({ROOT}/en/news/288100200.md)",
        f"### Night carriers\n\n- [02388.HK]({ROOT}/en/quote/02388.HK.md)",
        "1. a\n2. b",
        "**Fares** stay as they are.",
        "## **Outlook**",
        "> quoted",
        "---",
        "```\n- [\n```",
    ]
)
marks = st.sampled_from(["-", "*", "+", "1.", "2)"])


@st.composite
def pages(draw: st.DrawFn) -> tuple[Words, str, str, list[str], list[str]]:
    """Return words, body and the text behind it, and the symbols and titles in its lists."""
    words = draw(st.sampled_from(WORDS))
    text = draw(st.lists(blocks | st.sampled_from(words.paragraphs), max_size=4))
    body = "\n\n".join([*text, "完 The end."])
    symbols = draw(st.lists(st.sampled_from(SYMBOLS), min_size=1, max_size=4, unique=True))
    titles = draw(st.lists(st.sampled_from(words.titles), min_size=1, max_size=3, unique=True))
    stocks = [draw(st.sampled_from(words.stocks)), ""]
    for symbol in symbols:
        label = draw(st.sampled_from([symbol, f"Tallow-W ({symbol})", f"塔洛街（{symbol}）"]))
        stocks.append(f"{draw(marks)} [{label}]({ROOT}/{words.locale}/quote/{symbol}.md)")
    news = [draw(st.sampled_from(words.news)), ""]
    for number, title in enumerate(titles):
        broken = title.replace(" ", "\n", 1) if draw(st.booleans()) else title
        news.append(f"{draw(marks)} [{broken}]({ROOT}/{words.locale}/news/29000000{number}.md)")
        if draw(st.booleans()):
            news.append("  - Datetime: 2026-06-29T22:10:00.000Z")
    topics = [words.topics, "", f"- [{words.titles[0]}]({ROOT}/{words.locale}/topics/4411220.md)"]
    for lines in (stocks, news):
        if draw(st.booleans()):
            lines.insert(draw(st.integers(2, len(lines))), words.cut)
    sections = [stocks, news]
    if draw(st.booleans()):
        sections.insert(draw(st.integers(0, 2)), topics)
    end = "\n\n".join("\n".join(section) for section in sections)
    if draw(st.booleans()):
        end += "\n\n" + words.disclaimer
    return words, body, end, symbols, titles


def read(words: Words, body: str, end: str, flatten: str | None = None) -> dict[str, Any]:
    """Read a page; ``flatten`` is what its line breaks become."""
    address = ADDRESS % words.locale
    text = f"""---
title: "{words.title}"
type: "News"
locale: "{words.locale}"
url: "{address}"
description: "{words.title}, {words.paragraphs[0]}"
datetime: "2026-06-30T09:12:44.108Z"
locales:
  - [{words.locale}]({address})
---

# {words.title}

{body}

{end}
"""
    if flatten is not None:
        text = re.sub(flatten, " ", text)
    article = LONGBRIDGE.read_at(address, text.encode())
    record = asdict(article)
    record["content_hash"] = content_hash(article.title, article.description, article.body)
    record["body"] = " ".join(article.body.split())
    return record


@steady
@given(pages())
def test_no_neighbour_costs_a_page_its_lists(drawn: tuple[Words, str, str, list[str], list[str]]) -> None:
    words, body, end, symbols, titles = drawn
    record = read(words, body, end)
    assert [instrument["raw"] for instrument in record["instruments"]] == symbols
    assert [link["title"] for link in record["related"]] == titles
    # All of the text, its own lists and headings among it, and nothing of the closing lists.
    assert record["body"] == " ".join(body.split())
    assert "no_sections" not in record["warnings"]
    is_odd = words.cut in end or "Datetime" in end or words.topics in end or words.disclaimer in end
    assert ("unreadable_item" in record["warnings"]) == is_odd


@steady
@given(pages(), st.sampled_from([r"\n", r"\s*\n\s*"]))
def test_both_forms_give_one_record(
    drawn: tuple[Words, str, str, list[str], list[str]], flatten: str
) -> None:
    assert read(*drawn[:3], flatten) == read(*drawn[:3])


@pytest.mark.parametrize(
    ("label", "kept", "warnings"),
    [
        ("09988.HK", None, []),
        ("BABA-W (09988.HK)", "BABA-W (09988.HK)", []),
        ("阿里巴巴-W（09988.HK）", "阿里巴巴-W（09988.HK）", []),
        ("Alibaba (9988.HK)", "Alibaba (9988.HK)", []),
        ("Alibaba &amp; Co  (09988)", "Alibaba & Co (09988)", []),
        ("Alibaba", "Alibaba", ["label_not_symbol"]),
        ("Alibaba (00700.HK)", "Alibaba (00700.HK)", ["label_not_symbol"]),
        ("", None, ["label_not_symbol"]),
    ],
)
def test_the_name_in_a_label_is_kept(label: str, kept: str | None, warnings: list[str]) -> None:
    record = read(WORDS[0], "Text.", f"### Related Stocks\n\n- [{label}]({ROOT}/en/quote/09988.HK.md)")
    [instrument] = record["instruments"]
    assert (instrument["raw"], instrument["label"]) == ("09988.HK", kept)
    assert record["warnings"] == warnings


@pytest.mark.parametrize("heading", ["### 提及的股票", "## More", "**文中股票**"])
def test_a_label_that_says_the_symbol_needs_no_known_heading(heading: str) -> None:
    item = f"- [阿里巴巴-W (09988.HK)]({ROOT}/zh-HK/quote/09988.HK.md)"
    record = read(WORDS[2], "尾班船十點開出。", f"{heading}\n\n{item}")
    assert [instrument["label"] for instrument in record["instruments"]] == ["阿里巴巴-W (09988.HK)"]
    assert record["warnings"] == ["unknown_heading"]


@pytest.mark.parametrize(
    ("title", "rest"),
    [
        ("Boats - [new] and old", ""),
        ("See [this](https://pier.example/x) too", ""),
        ("[1] (b) | c & d", ""),
        ("Boats", " See [terms](https://pier.example/terms)."),
    ],
)
def test_an_item_ends_where_its_own_link_ends(title: str, rest: str) -> None:
    end = (
        f"## Related News & Research\n\n- [A tram for the ni\n- [{title}]({ROOT}/en/news/12.md){rest}\n"
        f"- [Last]({ROOT}/en/news/13.md)"
    )
    for flatten in (None, r"\n", r"\s*\n\s*"):
        record = read(WORDS[0], "Text.", end, flatten)
        assert [link["title"] for link in record["related"]] == [title, "Last"]
        assert record["warnings"] == ["unreadable_item"]
