"""Pages of a made-up site of any size, the same for the same size."""

from __future__ import annotations

from random import Random

from benchmarks.story_times import FIRST_ID, published_at, story_id

LOCALES = ("en", "zh-CN", "zh-HK")
START = f"/en/news/{FIRST_ID}.md"

_WORDS = {
    "en": (
        "freight margin cooling pallet guidance quarter filing turbine ledger harbour order copper shift "
        "storage contract plant output tariff vessel outlook growth permit price demand reserve"
    ),
    "zh-CN": "货运 利润 冷链 指引 季度 公告 涡轮 港口 订单 铜价 储能 合同 工厂 产量 关税 前景 增长",
    "zh-HK": "貨運 利潤 冷鏈 指引 季度 公告 渦輪 港口 訂單 銅價 儲能 合約 工廠 產量 關稅 前景 增長",
}
_JOIN = {"en": " ", "zh-CN": "", "zh-HK": ""}


def pages(stories: int) -> dict[str, bytes]:
    """Return path → page for ``stories`` stories in three locales.

    Story n leads to stories 2n+1 and 2n+2 and to three others, so all are reached from the first. A
    page has about 2.5 kB in English, two stocks and five related links, like the real ones.
    """
    random = Random(stories)  # the same site every time is the point
    titles = {locale: [_prose(random, locale, 8).capitalize() for _ in range(stories)] for locale in LOCALES}
    result: dict[str, bytes] = {}
    for number in range(stories):
        children = [child for child in (2 * number + 1, 2 * number + 2) if child < stories]
        others = [random.randrange(stories) for _ in range(5 - len(children))]
        codes = [random.randrange(1, 2_700), random.randrange(10_000, 29_999)]
        for locale in LOCALES:
            page = _page(random, number, locale, titles[locale], children + others, codes)
            result[f"/{locale}/news/{story_id(number)}.md"] = page.encode()
    return result


def _prose(random: Random, locale: str, words: int) -> str:
    return _JOIN[locale].join(random.choices(_WORDS[locale].split(), k=words))


def _page(
    random: Random, number: int, locale: str, titles: list[str], related: list[int], codes: list[int]
) -> str:
    def url(n: int, kind: str = locale) -> str:
        return f"https://longbridge.com/{kind}/news/{story_id(n)}.md"

    paragraphs = [_prose(random, locale, 55) for _ in range(5)]
    alternates = "\n".join(f"  - [{name}]({url(number, name)})" for name in LOCALES)
    stocks = "\n".join(
        f"- [{code:05d}.HK](https://longbridge.com/{locale}/quote/{code:05d}.HK.md)" for code in codes
    )
    news = "\n".join(f"- [{titles[n]}]({url(n)})" for n in related)
    return (
        f'---\ntitle: "{titles[number]}"\ntype: "News"\nlocale: "{locale}"\nurl: "{url(number)}"\n'
        f'description: "{_prose(random, locale, 30)}"\n'
        f'datetime: "{published_at(story_id(number))}"\n'
        f"locales:\n{alternates}\n---\n\n# {titles[number]}\n\n" + "\n\n".join(paragraphs) + "\n\n"
        f"### Related Stocks\n\n{stocks}\n\n## Related News & Research\n\n{news}\n"
    )
