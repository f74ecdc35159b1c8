"""How Hypothesis makes pages: in the shape of an article, with anything in each part, and then damaged."""

from __future__ import annotations

from hypothesis import strategies as st

from tests.fuzz.pages import seeds
from tests.sites.longbridge.test_reader_any_bytes import TOKENS, edits, mutate

_PIECES = [
    *(token.decode(errors="replace") for token in TOKENS if len(token) < 1_000),
    "0700.HK ",
    "$Micron Tech(MU.US)",
    "(NYSE:ORCL)",
    "（NASDAQ: AAPL）",
    "(NVDA)",
    "Alibaba-W (09988)",
    "[Tencent](https://longbridge.com/en/quote/00700.HK.md)",
    "```\n",
    "`",
    "<a>",
    "15:43 ET",
    "\x1b[31m",
    "\x7f",
    "\x9b2J",
    "\u2028",
    "\u202e",
    "\u2066",
    "\u200d",
    "\u0301\u0316",
    "&#x1b;",
    "&#155;",
    "&rlm;",
    "&NotEqualTilde;",
    "长桥",
    "\U0001f469",
    "2026-06-30T09:12:44.108Z",
    "%2e%00%9b",
    "/fr/news/291000001.md",
]

texts = st.one_of(
    st.text(max_size=40),
    st.lists(st.one_of(st.sampled_from(_PIECES), st.text(max_size=8)), max_size=12).map("".join),
)
_lines = texts.map(lambda text: text.replace("\n", " ").replace("\r", " "))
_locales = st.sampled_from(["en", "zh-CN", "zh-HK", "fr", "EN", ""])
_numbers = st.sampled_from(["291000001", "290874455", "1", "0", "9" * 18, "9" * 19])
_links = st.one_of(
    st.builds("https://longbridge.com/{}/news/{}.md".format, _locales, _numbers),
    st.builds("/{}/news/{}".format, _locales, _numbers),
    st.builds("https://longbridge.com/en/quote/{}.md".format, _lines),
    st.sampled_from(["HSI.HK", ".DJI.US", "02399.HK", "600519.SH", "600519.CN", "AAPL.US", "A.B.C"]).map(
        "/en/quote/{}".format
    ),
    _lines,
)
_items = st.lists(st.builds("- [{}]({})".format, _lines, _links), max_size=6).map("\n".join)
_headings = st.one_of(st.sampled_from(["Related Stocks", "Related News & Research", "相关股票"]), _lines)
_sections = st.lists(st.builds("### {}\n\n{}\n".format, _headings, _items), max_size=3).map("\n".join)


@st.composite
def pages(draw: st.DrawFn) -> bytes:
    """Return a page that is mostly read: its identity is right, all else is free."""
    title = draw(_lines)
    keys = [
        f'title: "{title}"',
        'type: "News"',
        'locale: "en"',
        'url: "https://longbridge.com/en/news/291000001.md"',
        f'description: "{draw(_lines)}"',
        f'datetime: "{draw(st.one_of(st.just("2026-06-30T09:12:44.108Z"), _lines))}"',
        f"{draw(_lines)}: {draw(_lines)}",
        "locales:\n" + draw(_items),
    ]
    kept = [key for key in keys if draw(st.integers(0, 9)) or key.startswith("url")]
    heading = draw(st.one_of(st.just(title), _lines))
    body = draw(texts)
    text = "---\n" + "\n".join(kept) + f"\n---\n\n# {heading}\n\n{body}\n\n{draw(_sections)}"
    return text.encode(errors="replace")


damaged = st.builds(mutate, st.sampled_from(list(seeds())), edits)
any_page = st.one_of(pages(), damaged, st.builds(mutate, pages(), edits))
