"""The second site is a folder: nothing else names it, every command knows it, its guide is right."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from newscrawl.exceptions import PageError
from newscrawl.items import Article
from newscrawl.sites.base import Page, Site, Source
from tests.crawl.crawl_runs import FAST, ROOT, Run, run
from tests.second_site.crawls import HERE, MODULE, HarbourSite, crawl
from tests.second_site.harbour import HARBOUR
from tests.second_site.pages import START, Key, pages
from tests.sites.record import _parser

FOLDER = Path(__file__).parent / "harbour"
GUIDE = (ROOT / "docs" / "add-a-site.md").read_text(encoding="utf-8")
# Where the site would be named if something else had to know of it.
ELSEWHERE = ("newscrawl", "benchmarks", "tests", "scrapy.cfg", "pyproject.toml", "Makefile", "data/sample")


def test_it_is_short() -> None:
    lines = [path.read_text(encoding="utf-8").count("\n") for path in FOLDER.rglob("*.py")]
    assert 0 < sum(lines) <= 150


def test_nothing_else_names_it() -> None:
    paths = [
        path for name in ELSEWHERE for path in [ROOT / name, *(ROOT / name).rglob("*")] if path.is_file()
    ]
    texts = [
        path
        for path in paths
        if path.suffix in (".py", ".csv", ".md", ".json", ".toml", ".cfg", "")
        and not path.is_relative_to(Path(__file__).parent)
    ]
    assert len(texts) > 100
    named = re.compile(r"second_site|harbour\.example|\bharbour:", re.IGNORECASE)
    assert [path for path in texts if named.search(path.read_text(encoding="utf-8", errors="replace"))] == []


@pytest.mark.parametrize(
    ("content", "charset"),
    [
        *(
            (content, None)
            for content in (b"", b" ", b"x", b"\x00\xff\xfe", b"<html></html>", b"{}", b"<!--")
        ),
        (b"<html></html>", "no-such-charset"),
    ],
)
def test_what_is_no_article_is_refused(content: bytes, charset: str | None) -> None:
    page = HARBOUR.home.page(HARBOUR.example)
    assert page is not None
    with pytest.raises(PageError):
        HARBOUR.read(Source(content, page, HARBOUR.home, charset))


def _read(content: bytes) -> Article:
    page = HARBOUR.page(START.path)
    assert page is not None
    return HARBOUR.read(Source(content, page, HARBOUR.home))


def test_a_page_that_does_not_name_itself_is_refused() -> None:
    content = pages()[START.path]
    assert _read(content).url == START.url
    for damaged in (
        content.replace(b'rel="canonical"', b'rel="x"'),
        content.replace(START.url.encode(), b""),
    ):
        with pytest.raises(PageError, match="identity_missing"):
            _read(damaged)


def test_of_very_many_links_the_first_are_taken() -> None:
    links = "".join(f'<li><a href="/en/markets/story-{number}">Story</a></li>' for number in range(1_500))
    content = pages()[START.path].decode()
    assert "</aside>" in content
    article = _read(content.replace("</ul></aside>", links + "</ul></aside>").encode())
    assert len(article.related) == 1_000
    assert article.related[-1].position == 1_000
    assert "related_cut" in article.warnings


def test_every_command_knows_it(tmp_path: Path) -> None:
    data = tmp_path / "data"
    with HarbourSite().serving() as site:
        crawled = crawl(site.start, data, "-a", "depth=0", *FAST)
        parsed = run(("parse", site.start, "--nolog", *HERE), data)
    env = {"NEWSCRAWL_SPIDER_MODULES": MODULE}
    looks = (("list",), ("head", "--json"), ("refine", "--diff", "--out", tmp_path / "again"), ("status",))
    with ThreadPoolExecutor(2) as pool:
        listed, head, refined, status = pool.map(lambda words: run(words, data, env), looks)
    for path in (data / "state").glob("newscrawl.db*"):
        path.unlink()
    rebuilt = run(("rebuild",), data, env)
    others = run(("list",), data)
    done = (crawled, parsed, listed, head, refined, status, rebuilt, others)
    assert [one.status for one in done] == [0] * len(done), [one.stderr for one in done]
    assert (listed.stdout, others.stdout) == ("harbour\n", "longbridge\n")
    assert START.uid in parsed.stdout
    assert Key("ferry", "en").path in parsed.stdout
    assert START.uid in head.stdout
    assert Run(tmp_path / "again", 0, "", "").lines() == crawled.lines()
    assert "3 articles, 3 versions" in status.stdout
    assert "3 lines" in rebuilt.stdout


# --- The page about it ----------------------------------------------------------------------------


def tables() -> list[list[str]]:
    """The first cells of each table of the guide, its header included."""
    found: list[list[str]] = [[]]
    for line in GUIDE.split("\n"):
        if line.startswith("|"):
            found[-1].append(line.split("|")[1].strip())
        elif found[-1]:
            found.append([])
    return [rows[:1] + rows[2:] for rows in found if rows]


def test_excerpts_are_those_of_the_code() -> None:
    blocks = re.findall(r"```python\n(.*?)```", GUIDE, re.DOTALL)
    code = [path.read_text(encoding="utf-8") for path in Path(__file__).parent.rglob("*.py")]
    assert len(blocks) >= 5
    assert [block for block in blocks if not any(block in text for text in code)] == []


def test_what_a_site_says_of_itself_is_explained() -> None:
    explained = {table[0].strip("`"): [row.strip("`") for row in table[1:]] for table in tables()}
    own = {name for name in vars(Site) if not name.startswith("_")} | set(Site.__annotations__)
    (sentence,) = re.findall(r"(.*) follow from these\.", GUIDE)
    named = [name.partition("(")[0] for name in explained["Site"]]
    assert {*named, *re.findall(r"`(\w+)`", sentence)} == own
    assert explained["Source"] == list(Source._fields)
    assert explained["field"] == list(Page._fields)
    options = [action.option_strings[0] for action in _parser()._actions if action.option_strings]
    assert explained["option"] == [option for option in options if option != "-h"]
