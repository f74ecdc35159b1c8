"""Which groups of a robots.txt are ours, and in which encodings it is read."""

from __future__ import annotations

import codecs

import pytest
from scrapy import Spider
from scrapy.crawler import Crawler
from scrapy.robotstxt import RobotParser
from scrapy.utils.misc import build_from_crawler

from newscrawl.middlewares.robots_rules import RobotsRules, product_token

PAGE = "https://courier.example/en/7.html"
FORBID = "User-agent: *\nDisallow: /\n"


def _allowed(text: str, agent: str = "newscrawl") -> bool:
    return RobotsRules(text.encode()).allowed(PAGE, agent)


# --- Groups (RFC 9309, section 2.2.1) ---------------------------------------------------------------

OURS = [
    "newscrawl",
    "NewsCrawl",
    "NEWSCRAWL",
    "newscrawl/0.1.0",
    "NewsCrawl/2",
    "newscrawl 0.1",
    "newscrawl/0.1.0 (+https://crawler.example)",
    "newscrawl # since May",
    "  newscrawl  ",
    "newscrawl*",
    "*newscrawl*",
    "Mozilla/5.0 (compatible; newscrawl/0.1.0)",
]
OTHERS = [
    "news",
    "newscraw",
    "newscrawler",
    "newscrawl-news",
    "newscrawl_2",
    "newscrawl2",
    "my-newscrawl",
    "crawl",
    "otherbot/1.0 newscrawl",
    "Mozilla/5.0",
    "ours",
    "our",
    "another",
    "n\u0435wscrawl",  # a Cyrillic letter
    "new\u017fcrawl",  # which small letters make an s of, in some ways of comparing
    "",
    "#",
]
AGENTS = ["newscrawl", "NewsCrawl", "newscrawl/0.1.0", "newscrawl/0.1.0 (+https://crawler.example)"]


@pytest.mark.parametrize("agent", AGENTS)
@pytest.mark.parametrize("name", OURS)
def test_a_group_of_ours(name: str, agent: str) -> None:
    assert not _allowed(f"User-agent: {name}\nDisallow: /\n", agent)
    # Then the one for all does not count, wherever it stands.
    for text in (f"User-agent: {name}\nAllow: /\n\n{FORBID}", f"{FORBID}\nUser-agent: {name}\nDisallow:\n"):
        assert _allowed(text, agent)


@pytest.mark.parametrize("agent", AGENTS)
@pytest.mark.parametrize("name", OTHERS)
def test_a_group_of_others(name: str, agent: str) -> None:
    assert _allowed(f"User-agent: {name}\nDisallow: /\n", agent)
    for text in (f"User-agent: {name}\nAllow: /\n\n{FORBID}", f"{FORBID}\nUser-agent: {name}\nDisallow:\n"):
        assert not _allowed(text, agent)


@pytest.mark.parametrize(
    "line",
    [
        "User-agent:{}",
        "user-agent: {}",
        "USER-AGENT : {}",
        "User-agent {}",
        "Useragent: {}",
        "User  agent\t{}",
        "\u00a0User-agent: {}",
    ],
)
def test_how_the_line_of_an_agent_may_be_spelled(line: str) -> None:
    ours, others, everybody = (line.format(name) for name in ("newscrawl/1", "news", "*"))
    assert not _allowed(f"{ours}\nDisallow: /\n")
    assert _allowed(f"{others}\nDisallow: /\n")
    assert not _allowed(f"{everybody}\nDisallow: /\n")


def test_groups_of_the_same_agent_are_one() -> None:
    rules = RobotsRules(
        b"User-agent: newscrawl/1\nDisallow: /a\n\n"
        b"User-agent: otherbot\nUser-agent: NewsCrawl\nDisallow: /b\n\n"
        b"User-agent: *\nDisallow: /c\n"
    )
    allowed = [rules.allowed(f"https://courier.example/{path}", "newscrawl") for path in "abc"]
    assert allowed == [False, False, True]


@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
def test_lines_end_in_any_way(newline: str) -> None:
    assert not _allowed(
        newline.join(("User-agent: a", "Disallow:", "", "User-agent: newscrawl/1", "Disallow: /"))
    )


def test_an_agent_without_a_token_has_the_rules_for_all() -> None:
    for agent in ("", "*", "(+https://crawler.example)"):
        assert product_token(agent) == ""
        assert not _allowed(f"User-agent:\nAllow: /\n\n{FORBID}", agent)


# --- Crawl-delay -----------------------------------------------------------------------------------


def test_the_delay_of_ones_own_group() -> None:
    rules = RobotsRules(b"User-agent: *\nCrawl-delay: 30\n\nUser-agent: NewsCrawl/1\nCrawl-delay: 2.5\n")
    assert (rules.crawl_delay("newscrawl/0.1.0"), rules.crawl_delay("news")) == (2.5, 30.0)
    assert (
        RobotsRules(b"User-agent: *\nCrawl-delay: 30\n\nUser-agent: newscrawl\n").crawl_delay("newscrawl")
        is None
    )


# --- Encodings (RFC 9309, section 2.3) ---------------------------------------------------------------


@pytest.mark.parametrize("name", ["*", "newscrawl"])
@pytest.mark.parametrize(
    ("mark", "encoding"),
    [
        (b"", "utf-8"),
        (codecs.BOM_UTF8, "utf-8"),
        (codecs.BOM_UTF16_LE, "utf-16-le"),
        (codecs.BOM_UTF16_BE, "utf-16-be"),
    ],
    ids=["no mark", "UTF-8", "UTF-16, little end first", "UTF-16, big end first"],
)
def test_a_byte_order_mark_hides_no_group(mark: bytes, encoding: str, name: str) -> None:
    rules = RobotsRules(mark + f"User-agent: {name}\r\nDisallow: /en/\r\n".encode(encoding))
    assert not rules.allowed(PAGE, "newscrawl")
    assert rules.allowed("https://courier.example/fr/7.html", "newscrawl")


def test_bytes_that_are_no_utf_8_spoil_their_own_line_only() -> None:
    rules = RobotsRules(b"# \xff\xfe\xc3\nDisallow: /\nUser-agent: *\nDisallow: /\xff\nDisallow: /en/\n")
    assert not rules.allowed(PAGE, "newscrawl")
    assert rules.allowed("https://courier.example/fr/7.html", "newscrawl")
    # Cut in the middle of a character.
    assert not RobotsRules(codecs.BOM_UTF16_LE + FORBID.encode("utf-16-le") + b"a").allowed(PAGE, "newscrawl")


# --- As receivers of robots_parsed use it -----------------------------------------------------------


def test_it_is_one_of_scrapys_parsers() -> None:
    body = f"User-agent: otherbot\nDisallow: /\nSitemap: {PAGE}.xml\n".encode()
    rules = build_from_crawler(RobotsRules, Crawler(Spider), body)
    assert isinstance(rules, RobotParser)
    assert list(rules.rp.sitemaps) == [f"{PAGE}.xml"]
    assert rules.allowed(PAGE.encode(), b"newscrawl")
    # Others have their own rules in it.
    assert not rules.allowed(PAGE.encode(), b"OtherBot/2.0")
    assert rules.crawl_delay(b"newscrawl") is None
    assert RobotsRules().allowed(PAGE, "newscrawl")
