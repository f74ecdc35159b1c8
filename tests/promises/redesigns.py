"""Ways in which a redesign changes a site: each takes its stories and returns its pages by their paths."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from tests.promises.living_site import LOCALES, Story, pages

Stories = Sequence[Story]
Change = Callable[[Stories], dict[str, bytes]]


class Redesign(NamedTuple):
    """One change, and whether a first crawl of the changed site can know it for one."""

    change: Change
    is_known_at_first: bool = True


def _text(change: Callable[[str], str]) -> Change:
    """Change each page as a text."""
    return lambda stories: {path: change(page.decode()).encode() for path, page in pages(stories).items()}


def _each(change: Callable[[Story], Story]) -> Change:
    return lambda stories: pages([change(story) for story in stories])


def _renamed(old: str, new: str) -> Change:
    return _text(lambda text: text.replace(f"\n{old}:", f"\n{new}:", 1))


def _without_line(key: str) -> Change:
    return _text(lambda text: re.sub(rf"(?m)^{key}: .*\n", "", text, count=1))


def _shifted(hours: float) -> Callable[[Story], Story]:
    def change(story: Story) -> Story:
        moment = datetime.fromisoformat(story.published) + timedelta(hours=hours)
        return replace(story, published=f"{moment:%Y-%m-%dT%H:%M:%S.000}Z")

    return change


def _now(story: Story) -> Story:
    return replace(story, published=f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%S.000}Z")


def _cut(text: str, heading: str) -> str:
    """Cut a list with its heading."""
    return re.sub(rf"(?ms)^{heading} [^\n]*\n\n(- [^\n]*\n)+\n?", "", text)


def _html(text: str) -> str:
    title = re.search(r"(?m)^# (.*)$", text)
    body = text.partition("\n# ")[2]
    return f"<!doctype html><html><head><title>{title and title[1]}</title></head><body>{body}</body></html>"


def _one_page(stories: Stories) -> dict[str, bytes]:
    return {story.path: stories[0].page() for story in stories}


def _but_the_start(stories: Stories) -> dict[str, bytes]:
    start = stories[0].number
    return pages([story for story in stories if story.number == start])


def _soft_404(story: Story) -> Story:
    texts = {"en": "This page is no longer here", "zh-CN": "页面不存在", "zh-HK": "頁面不存在"}
    text = texts[story.locale]
    return replace(story, title=text, description=text, paragraphs=(text,), stocks=(), related=())


def _teaser(story: Story) -> Story:
    more = {
        "en": "Open the app to read on.",
        "zh-CN": "打开应用阅读全文。",
        "zh-HK": "打開應用程式閱讀全文。",
    }
    return replace(story, paragraphs=(f"{story.paragraphs[0][:40]}… {more[story.locale]}",))


def _banner(story: Story, *, at_end: bool = False) -> Story:
    texts = {
        "en": "Our new terminal is out: charts, alerts and paper trading in one window, free this month.",
        "zh-CN": "全新交易终端现已上线：图表、提醒与模拟交易集于一个窗口，本月免费。" * 4,
        "zh-HK": "全新交易終端現已推出：圖表、提示與模擬交易集於一個視窗，本月免費。" * 4,
    }
    text = texts[story.locale]
    both = (*story.paragraphs, text) if at_end else (text, *story.paragraphs)
    return replace(story, paragraphs=both)


def _swapped(stories: Stories) -> dict[str, bytes]:
    """Each address answers with the texts of the next locale."""
    by_key = {(story.number, story.locale): story for story in stories}
    changed = []
    for story in stories:
        other = by_key[story.number, LOCALES[(LOCALES.index(story.locale) + 1) % len(LOCALES)]]
        changed.append(
            replace(story, title=other.title, description=other.description, paragraphs=other.paragraphs)
        )
    return pages(changed)


def _empty(story: Story) -> Story:
    return replace(story, paragraphs=())


def _links_as(pattern: str, to: str) -> Change:
    return _text(lambda text: re.sub(pattern, to, text))


REDESIGNS: dict[str, Redesign] = {
    "datetime renamed": Redesign(_renamed("datetime", "publish_time")),
    "title renamed, no heading": Redesign(
        _text(
            lambda text: re.sub(r"(?m)^# .*\n\n", "", text.replace('\ntitle: "', '\nheadline: "', 1), count=1)
        )
    ),
    "description renamed": Redesign(_renamed("description", "summary")),
    "url dropped": Redesign(_without_line("url")),
    "all keys in capitals": Redesign(
        _text(
            lambda text: re.sub(
                r"(?m)^(title|type|locale|url|description|datetime|locales):",
                lambda found: found[0].upper(),
                text,
            )
        )
    ),
    "lists behind bold text": Redesign(
        _text(
            lambda text: re.sub(r"(?m)^(- \[.*)$", r"**·** \1", re.sub(r"(?m)^#{2,3} (.*)$", r"**\1**", text))
        )
    ),
    "html": Redesign(_text(_html)),
    "dates by day only": Redesign(
        _text(
            lambda text: re.sub(r'(?m)^datetime: "(\d{4})-(\d\d)-(\d\d)T.*"$', r'datetime: "\3/\2/\1"', text)
        )
    ),
    "dates without a zone": Redesign(_text(lambda text: re.sub(r'(?m)^(datetime: ".*)Z"$', r'\1"', text))),
    "dates in words": Redesign(
        _text(lambda text: re.sub(r'(?m)^datetime: ".*"$', 'datetime: "3 hours ago"', text))
    ),
    "all dates now": Redesign(_each(_now)),
    "all dates equal": Redesign(_each(lambda story: replace(story, published="2026-05-12T08:00:00.000Z"))),
    "dates shifted by eight hours": Redesign(_each(_shifted(8)), is_known_at_first=False),
    "dates shifted by one hour": Redesign(_each(_shifted(-1)), is_known_at_first=False),
    "dates shifted by thirty days": Redesign(_each(_shifted(24 * 30))),
    "no stocks": Redesign(_text(lambda text: _cut(text, "###"))),
    "no related news": Redesign(_text(lambda text: _cut(text, "##"))),
    "titles all equal": Redesign(
        _each(
            lambda story: replace(story, title={"en": "News", "zh-CN": "资讯", "zh-HK": "資訊"}[story.locale])
        )
    ),
    "one page for every id": Redesign(_one_page),
    "empty bodies": Redesign(_each(_empty)),
    "teasers": Redesign(_each(_teaser)),
    "locale links gone": Redesign(_each(lambda story: replace(story, locales=()))),
    "languages swapped": Redesign(_swapped),
    "soft 404": Redesign(_each(_soft_404)),
    "links to another domain": Redesign(
        _links_as(r"https://longbridge\.com/(\S+?/news/\d+)\.md\)\n", r"https://news.example/\1)\n"),
    ),
    "links of another form": Redesign(
        _links_as(
            r"\(https://longbridge\.com/(\S+?)/news/(\d+)\.md\)\n",
            r"(https://longbridge.com/\1/read?story=\2)\n",
        ),
    ),
    "all but the start 404": Redesign(_but_the_start, is_known_at_first=False),
    "a banner before every body": Redesign(_each(_banner)),
    "a banner behind every body": Redesign(
        _each(lambda story: _banner(story, at_end=True)), is_known_at_first=False
    ),
    "a login page": Redesign(
        lambda stories: {
            story.path: b"---\n\n# Sign in\n\nEnter your phone number to go on.\n" for story in stories
        }
    ),
    "stocks all the same": Redesign(
        _each(lambda story: replace(story, stocks=("00700.HK",))), is_known_at_first=False
    ),
    "empty documents": Redesign(lambda stories: {story.path: b"\n" for story in stories}),
}
