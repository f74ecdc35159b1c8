"""The one-line form gives back the lines that are certain, and the same record."""

from __future__ import annotations

import re

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from newscrawl.exceptions import PageError
from newscrawl.items import Article
from newscrawl.sites.longbridge import LONGBRIDGE
from newscrawl.sites.longbridge.address import Address
from newscrawl.sites.longbridge.flattened import restore
from newscrawl.text.cleaning import content_hash

steady = settings(
    derandomize=True, deadline=None, max_examples=150, suppress_health_check=[HealthCheck.too_slow]
)

ASKED = Address("285900001", "en")
URL = "https://longbridge.com"
STOCKS = f"""### Related Stocks

- [02399.HK]({URL}/en/quote/02399.HK.md)
- [BRK.B.US]({URL}/en/quote/BRK.B.US.md)
"""
NEWS = f"## Related News & Research\n\n- [Berths]({URL}/en/news/290999120.md)\n"


def quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def page(
    *,
    title: str = "Owl boats",
    heading: str | None = None,
    description: str = "They sail at night",
    extra: str = "",
    body: str = "First.\n\nSecond.\n",
    lists: str = STOCKS + "\n" + NEWS,
    raw_title: str | None = None,
) -> str:
    return f"""---
title: {quoted(title) if raw_title is None else raw_title}
type: "News"
locale: "en"
url: "{ASKED.url}"
description: {quoted(description)}
datetime: "2026-05-10T08:00:00.000Z"
{extra}locales:
  - [en]({ASKED.url})
  - [zh-CN]({URL}/zh-CN/news/285900001.md)
---

# {title if heading is None else heading}

{body}
{lists}"""


def records(text: str) -> tuple[tuple[object, ...], tuple[object, ...]]:
    """Return what is read from a page and from the page on one line, white space in body apart."""
    return _record(text), _record(re.sub(r"\r\n|\r|\n", " ", text))


def _record(text: str) -> tuple[object, ...]:
    article = LONGBRIDGE.read_at(ASKED.url, text.encode())
    return (
        {**_as_dict(article), "body": article.body.split()},
        content_hash(article.title, article.description, article.body),
    )


def _as_dict(article: Article) -> dict[str, object]:
    return {name: getattr(article, name) for name in Article.__slots__}


def test_line_breaks_are_put_back_where_they_are_certain() -> None:
    flat = page().replace("\n", " ")
    lines = [line.rstrip() for line in restore(flat).split("\n")]
    assert [line for line in lines if line] == [
        "---",
        'title: "Owl boats"',
        'type: "News"',
        'locale: "en"',
        f'url: "{ASKED.url}"',
        'description: "They sail at night"',
        'datetime: "2026-05-10T08:00:00.000Z"',
        "locales:",
        f"  - [en]({ASKED.url})",
        f"  - [zh-CN]({URL}/zh-CN/news/285900001.md)",
        "---",
        "# Owl boats",
        # From here on the reader needs no lines.
        (
            f"First.  Second.  ### Related Stocks  - [02399.HK]({URL}/en/quote/02399.HK.md) "
            f"- [BRK.B.US]({URL}/en/quote/BRK.B.US.md)  ## Related News & Research  "
            f"- [Berths]({URL}/en/news/290999120.md)"
        ),
    ]


@pytest.mark.parametrize(
    "text",
    [
        page(title='Crew says "finally"'),
        page(title='"Finally"'),
        page(title="a --- b: c --- # d"),
        page(title='x" type: "Topics" y'),
        page(title='x\\" type: \\"Topics\\'),
        page(description='x" --- locale: "zh-CN" --- y'),
        page(description="- [en](https://elsewhere.example/1) ---"),
        page(description=""),
        page(title="Fees &amp; fares", heading="Fees & fares"),
        page(title="Fees &amp; fares"),
        page(raw_title='"The "owl" boat"', heading='The "owl" boat'),
        page(raw_title='"The "owl""', heading='The "owl"'),
        page(raw_title='"The owl', heading="The owl"),
        page(raw_title="Owl boats: the night", heading="Owl boats: the night"),
        page(raw_title="Owls", heading="Owls"),
        page(extra='source: "wire"\nmood: calm\nempty:\n'),
        page(extra="# a comment line\n"),
        page(extra="an odd line\n"),
        page(extra="tags:\n  - night\n  - boat\n"),
        page(extra="more:\n  - [a](/b\n  - [en](/en/news/1.md)\n"),
        page(extra='title: "Another"\n'),
        page(body=""),
        page(body="", lists=""),
        page(lists=""),
        page(lists=STOCKS),
        page(lists=NEWS),
        page(
            lists=STOCKS.replace("Related Stocks", "提及股票")
            + NEWS.replace("Related News & Research", "更多")
        ),
        page(lists=STOCKS.replace("- [", "* [") + NEWS.replace("- [", "* [")),
        page(lists=NEWS.replace(".md)", '.md "a title")')),
        page(lists="### Related Stocks\n\n## Related News & Research\n"),
        page(lists=STOCKS + NEWS + "\nA disclaimer.\n"),
        page(lists="### Related Stocks\n\nNone today.\n"),
        page(body=f"First.\n\n- [a]({URL}/en/news/1.md)\n- [b]({URL}/en/news/2.md)\n\nSecond.\n"),
        page(body=f"First.\n\n## Told before\n\n- [a]({URL}/en/news/1.md)\n"),
        page(body="### Advertisement: [open](https://ads.example/)\n\nFirst --- second: third.\n"),
        page(body="```\n# x\n---\ntype: y\n- [ ] z\n```\n\n1. a\n2. b\n"),
        page(lists=NEWS.replace("Berths", '[1] (b) | "c" & ](d) # e')),
        page(lists=STOCKS.replace(URL, "") + NEWS.replace(URL, "")),
        page().replace("\n", "\r\n"),
        page().replace("\n", "\r"),
        page().rstrip("\n"),
        page().replace("# Owl", "#  Owl"),
        page().replace(
            "\n# ",
            f"\n> Supported Languages: [简体中文]({URL}/zh-CN/news/1.md) | [x]({URL}/zh-HK/news/1.md)\n\n# ",
        ),
        page().replace("# Owl boats\n", "> see [that](https://pier.example/) too\n"),
    ],
)
def test_both_forms_give_one_record(text: str) -> None:
    with_breaks, on_one_line = records(text)
    assert on_one_line == with_breaks


def test_a_header_alone_reads_in_both_forms() -> None:
    text = page(lists="", body="").partition("\n# ")[0].strip()
    with_breaks, on_one_line = records(text)
    assert on_one_line == with_breaks


def test_a_header_cut_anywhere_is_refused_alike_in_both_forms() -> None:
    whole = page()
    for size in range(4, whole.index("\n---\n\n") + 3):
        for text in (whole[:size], whole[:size].replace("\n", " ")):
            with pytest.raises(PageError) as caught:
                LONGBRIDGE.read_at(ASKED.url, text.encode())
            assert caught.value.code == "header_truncated", text


def test_a_heading_that_cannot_be_told_is_claimed_by_neither() -> None:
    flat = page(heading="Owls at sea", lists="").replace("\n", " ")
    article = LONGBRIDGE.read_at(ASKED.url, flat.encode())
    assert article.title == "Owl boats"
    assert article.body.startswith("Owls at sea")
    assert article.warnings == ["heading_differs"]


def test_a_title_is_not_found_inside_a_longer_word() -> None:
    flat = page(title="Owl", heading="Owlish", lists="").replace("\n", " ")
    article = LONGBRIDGE.read_at(ASKED.url, flat.encode())
    assert (article.title, article.warnings) == ("Owl", ["heading_differs"])
    assert article.body.split()[0] == "Owlish"


values = st.text(
    alphabet=st.one_of(
        st.sampled_from(list('ab"\\:-#&[]()> ')),
        st.characters(blacklist_categories=["Cs", "Cc", "Zl", "Zp"]),
    ),
    max_size=50,
) | st.lists(
    st.sampled_from(
        [" --- ", ": ", 'type: "', '"', "\\", " ", "a", "locales: - [", "](http", "# ", "- [x](/y)"]
    )
).map("".join)


@steady
@given(title=values.filter(lambda text: text.strip()), description=values)
def test_any_quoted_values_survive_both_forms(title: str, description: str) -> None:
    with_breaks, on_one_line = records(page(title=title, description=description))
    assert on_one_line == with_breaks


blocks = st.lists(
    st.sampled_from(
        [
            "Prose --- with: signs.",
            "## A heading",
            "### Ad",
            "- a\n- b",
            f"- [x]({URL}/en/news/12.md)\n- [y](https://pier.example/)",
            "> quoted",
            "| a | b |",
            "1. [x](/y)",
            "```\n- [\n```",
            "二〇二六年。",
            "#",
            "---",
            'title: "x"',
        ]
    ),
    max_size=6,
)


@steady
@given(blocks)
def test_any_body_between_heading_and_lists_survives_both_forms(parts: list[str]) -> None:
    with_breaks, on_one_line = records(page(body="\n\n".join([*parts, "Last words.\n"])))
    assert on_one_line == with_breaks
    assert with_breaks[0]["related"]  # type: ignore[index]


@steady
@given(
    st.lists(
        st.sampled_from(
            [
                "---",
                " ",
                "--- ",
                "k: ",
                '"',
                '\\"',
                "- [a](/b)",
                "- [",
                "# ",
                "### x - [",
                "](http",
                "a",
                "\n",
            ]
        ),
        max_size=30,
    )
)
def test_any_one_line_text_is_restored_or_refused(parts: list[str]) -> None:
    try:
        restored = restore("--- " + "".join(parts))
    except PageError as error:
        assert error.code == "header_truncated"  # noqa: PT017 - being restored is right, too
    else:
        # Nothing but white space and the mark of an untold heading is added or lost.
        assert restored.split() == ("--- " + "".join(parts)).split()
