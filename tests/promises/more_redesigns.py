"""More ways in which a redesign changes a site: parts that move, texts that are cut, pages half right."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from tests.promises.living_site import Story, pages
from tests.promises.redesigns import Change, Redesign, Stories, _each, _empty, _now, _text

_MARKET = ("00700.HK", "02399.HK", "09618.HK", "600519.SH", "300750.SZ", "NVDA.US", "AAPL.US", "D05.SG")


def _some(change: Callable[[Story], Story], where: Callable[[int, Story], bool]) -> Change:
    return lambda stories: pages(
        [change(story) if where(place, story) else story for place, story in enumerate(stories)]
    )


def _prefixed(story: Story) -> Story:
    return replace(story, title=f"Markets | {story.title}")


def _description_as_body(story: Story) -> Story:
    return replace(story, paragraphs=(story.description,))


def _no_description(story: Story) -> Story:
    return replace(story, description="")


def _lists_in_body(text: str) -> str:
    """The list of stocks is one line of text."""

    def joined(found: re.Match[str]) -> str:
        names = re.findall(r"\[(.*?)\]", found[0])
        return f"Stocks: {', '.join(names)}\n\n"

    return re.sub(r"(?ms)^### [^\n]*\n\n(- [^\n]*\n)+\n?", joined, text)


def _own_link(story: Story) -> Story:
    return replace(story, related=((story.number, story.title),))


def _broken_zh(story: Story) -> Story:
    return replace(story, paragraphs=("…",), stocks=(), published="")


def _other_ids(stories: Stories) -> dict[str, bytes]:
    """Ids are counted anew from one: addresses, links and pages."""
    numbers = sorted({story.number for story in stories})
    new = {number: place + 1 for place, number in enumerate(numbers)}
    found = {}
    for story in stories:
        changed = replace(
            story,
            number=new[story.number],
            related=tuple((new[number], title) for number, title in story.related if number in new),
        )
        found[changed.path] = changed.page()
        if story.number == numbers[0]:
            found[story.path] = changed.page()
    return found


def _wrong_encoding(stories: Stories) -> dict[str, bytes]:
    return {path: page.decode().encode("gb18030") for path, page in pages(stories).items()}


def _mojibake(stories: Stories) -> dict[str, bytes]:
    """UTF-8 that was taken for Latin-1 and encoded once more."""
    return {path: page.decode("latin-1").encode() for path, page in pages(stories).items()}


def _question_marks(text: str) -> str:
    head, mark, rest = text.partition("\n# ")
    return head + mark + re.sub(r"[一-鿿]", "?", rest)


def _cut_body(story: Story) -> Story:
    return replace(story, paragraphs=(story.paragraphs[0][:100] + "…",))


def _cut_page(stories: Stories) -> dict[str, bytes]:
    """Each page is cut in the middle, with a right length."""
    return {path: page[: len(page) * 2 // 5] for path, page in pages(stories).items()}


def _in_seconds(story: Story) -> Story:
    return replace(story, published=f"{datetime.fromisoformat(story.published).timestamp():.0f}")


def _in_milliseconds(story: Story) -> Story:
    return replace(story, published=f"{datetime.fromisoformat(story.published).timestamp() * 1000:.0f}")


def _doubled(text: str) -> str:
    header, mark, rest = text.partition("\n---\n")
    rest = rest.replace(" ", "&amp;nbsp;").replace("，", "&amp;#65292;").replace("。", "&amp;#12290;")
    return header + mark + rest


def _every_second_broken(stories: Stories) -> dict[str, bytes]:
    return {
        path: b"---\n\n# Error\n\nSomething went wrong.\n" if place % 2 else page
        for place, (path, page) in enumerate(sorted(pages(stories).items()))
    }


def _titles_from_description(story: Story) -> Story:
    return replace(story, title=story.description)


def _year_wrong(story: Story) -> Story:
    return replace(story, published=f"2025{story.published[4:]}")


def _midnight(story: Story) -> Story:
    return replace(story, published=f"{story.published[:10]}T00:00:00.000Z")


def _month_day_swapped(story: Story) -> Story:
    year, month, day = story.published[:10].split("-")
    if int(day) > 12:
        return story
    return replace(story, published=f"{year}-{day}-{month}{story.published[10:]}")


def _symbols_without_market(text: str) -> str:
    return re.sub(r"\[(\w+)\.\w+\]\(\S*?/quote/\S*?\)", r"[\1](https://longbridge.com/stocks)", text)


def _symbols_of_other_market(text: str) -> str:
    return re.sub(r"(\w+)\.(HK|SH|SZ|US|SG)\b", r"\1.XX", text)


def _numbers_random(stories: Stories) -> dict[str, bytes]:
    return pages(
        [replace(story, published=stories[-1 - place].published) for place, story in enumerate(stories)]
    )


def _script_in_body(story: Story) -> Story:
    return replace(
        story, paragraphs=("<script>window.__DATA__={" + "x" * 4000 + "}</script>", *story.paragraphs)
    )


def _english_everywhere(stories: Stories) -> dict[str, bytes]:
    by_key = {(story.number, story.locale): story for story in stories}
    return pages(
        [
            replace(
                story,
                title=by_key[story.number, "en"].title,
                description=by_key[story.number, "en"].description,
                paragraphs=by_key[story.number, "en"].paragraphs,
            )
            for story in stories
        ]
    )


MORE: dict[str, Redesign] = {
    "the description as body": Redesign(_each(_description_as_body)),
    "no descriptions": Redesign(_each(_no_description)),
    "titles with a prefix": Redesign(_each(_prefixed), is_known_at_first=False),
    "stocks as a line of text": Redesign(_text(_lists_in_body)),
    "related link to itself": Redesign(_each(_own_link)),
    "zh pages broken": Redesign(_some(_broken_zh, lambda _, story: story.locale != "en")),
    "zh bodies empty": Redesign(_some(_empty, lambda _, story: story.locale != "en")),
    "zh-HK dated now": Redesign(_some(_now, lambda _, story: story.locale == "zh-HK")),
    "ids counted anew": Redesign(_other_ids, is_known_at_first=False),
    "gb18030": Redesign(_wrong_encoding),
    "mojibake": Redesign(_mojibake),
    "question marks": Redesign(_text(_question_marks)),
    "bodies cut": Redesign(_each(_cut_body)),
    "pages cut": Redesign(_cut_page),
    "seconds": Redesign(_each(_in_seconds)),
    "milliseconds": Redesign(_each(_in_milliseconds)),
    "every second page an error": Redesign(_every_second_broken),
    "every second body empty": Redesign(
        _some(_empty, lambda place, _: place % 2 == 1), is_known_at_first=False
    ),
    "every second page now": Redesign(_some(_now, lambda place, _: place % 2 == 1)),
    "stocks of the whole market": Redesign(
        _each(lambda story: replace(story, stocks=_MARKET)), is_known_at_first=False
    ),
    "entities doubled": Redesign(_text(_doubled)),
    "titles from descriptions": Redesign(_each(_titles_from_description), is_known_at_first=False),
    "a year too old": Redesign(_each(_year_wrong)),
    "all at midnight": Redesign(_each(_midnight), is_known_at_first=False),
    "month and day swapped": Redesign(_each(_month_day_swapped), is_known_at_first=False),
    "symbols without market": Redesign(_text(_symbols_without_market)),
    "symbols of no market": Redesign(_text(_symbols_of_other_market)),
    "dates of other stories": Redesign(_numbers_random),
    "script in body": Redesign(_each(_script_in_body)),
    "english everywhere": Redesign(_english_everywhere),
}
