"""A made-up site that lives: stories come, change and go, in three locales, in the true form of its pages."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

from benchmarks.story_times import id_at, printed, published_at

LOCALES = ("en", "zh-CN", "zh-HK")
_FIRST = datetime(2026, 5, 9, tzinfo=UTC)

_WORDS = {
    "en": (
        (
            "Copper Bell",
            "Ninefold Textiles",
            "Harrow Ferries",
            "Juniper Grid",
            "Saltmarsh Foods",
            "Orrery Chips",
        ),
        ("raises its forecast", "opens a plant", "cuts its dividend", "names a new chair", "sells a stake"),
        (
            "in Dalian",
            "after a quiet quarter",
            "as orders slow",
            "for the second year",
            "before the holidays",
        ),
        (
            "Shipments rose by {n} percent over the year, said the company in a filing.",
            "The board met {n} times before it agreed on the plan.",
            "A line of {n} machines is to be moved inland by autumn.",
            "Costs of energy came to {n} million dollars, a little below the estimate.",
            "Two of the {n} lenders asked for more time to study the figures.",
            "The order book covers {n} weeks of work, shorter than a year ago.",
        ),
    ),
    "zh-CN": (
        ("铜铃集团", "九叠纺织", "耙岭渡轮", "杜松电网", "盐泽食品", "浑仪芯片"),
        ("上调全年预期", "新厂投产", "削减派息", "任命新董事长", "出售部分股权"),
        ("地点为大连", "上季度表现平稳", "订单有所放缓", "已是连续第二年", "赶在假期之前"),
        (
            "公司在公告中表示，全年出货量增长百分之{n}。",
            "董事会先后召开{n}次会议，才就方案达成一致。",
            "秋季以前，{n}台设备将迁往内陆。",
            "能源支出为{n}百万元，略低于此前估计。",
            "{n}家贷款银行中有两家要求延长审阅时间。",
            "在手订单可供生产{n}周，比去年同期短。",
        ),
    ),
    "zh-HK": (
        ("銅鈴集團", "九疊紡織", "耙嶺渡輪", "杜松電網", "鹽澤食品", "渾儀晶片"),
        ("上調全年預測", "新廠投產", "削減派息", "委任新主席", "出售部分股權"),
        ("地點為大連", "上季表現平穩", "訂單有所放緩", "已是連續第二年", "趕在假期之前"),
        (
            "公司在公告中表示，全年付運量增長百分之{n}。",
            "董事會先後召開{n}次會議，才就方案達成共識。",
            "秋季以前，{n}部機器將遷往內陸。",
            "能源開支為{n}百萬元，略低於早前估計。",
            "{n}間貸款銀行中有兩間要求更多時間審閱。",
            "手頭訂單可供生產{n}個星期，較去年同期短。",
        ),
    ),
}
_HEADINGS = {
    "en": ("### Related Stocks", "## Related News & Research"),
    "zh-CN": ("### 相关股票", "## 相关资讯与研究"),
    "zh-HK": ("### 相關股票", "## 相關資訊與研究"),
}
_SYMBOLS = ("00700.HK", "02399.HK", "09618.HK", "600519.SH", "300750.SZ", "NVDA.US", "AAPL.US", "D05.SG")


@dataclass(frozen=True, slots=True)
class Story:
    """One story in one locale, by its parts; a redesign changes parts, or how they are printed."""

    number: int
    locale: str
    title: str
    description: str
    paragraphs: tuple[str, ...]
    published: str
    locales: tuple[str, ...]
    stocks: tuple[str, ...]
    related: tuple[tuple[int, str], ...]

    @property
    def path(self) -> str:
        return f"/{self.locale}/news/{self.number}.md"

    @property
    def url(self) -> str:
        return f"https://longbridge.com{self.path}"

    def page(self) -> bytes:
        """Return the page in the form of May 2026."""
        stocks, news = _HEADINGS[self.locale]
        header = [
            "---",
            f'title: "{self.title}"',
            'type: "News"',
            f'locale: "{self.locale}"',
            f'url: "{self.url}"',
            f'description: "{self.description}"',
            f'datetime: "{self.published}"',
            "locales:",
            *(f"  - [{name}]({replace(self, locale=name).url})" for name in self.locales),
            "---",
        ]
        parts = ["\n".join(header), f"# {self.title}", *self.paragraphs]
        if self.stocks:
            items = (
                f"- [{symbol}](https://longbridge.com/{self.locale}/quote/{symbol}.md)"
                for symbol in self.stocks
            )
            parts += [stocks, "\n".join(items)]
        if self.related:
            links = (
                f"- [{title}](https://longbridge.com/{self.locale}/news/{number}.md)"
                for number, title in self.related
            )
            parts += [news, "\n".join(links)]
        return ("\n\n".join(parts) + "\n").encode()


@dataclass
class LivingSite:
    """Stories by their number; ``step`` lets a day go by."""

    size: int = 24
    seed: int = 20260509
    days: int = 0
    changed: dict[int, int] = field(default_factory=dict)
    """How often the text of a story was changed."""
    gone: set[int] = field(default_factory=set)
    numbers: list[int] = field(default_factory=list)
    now: datetime = _FIRST
    """Before its first story."""
    young: dict[int, datetime] = field(default_factory=dict)
    """Stories whose moment of publication was given."""

    def __post_init__(self) -> None:
        self._random = random.Random(self.seed)
        self.add(self.size)

    def add(self, stories: int, now: datetime | None = None) -> None:
        """Add stories: at most some per day, or all in the hour before ``now``."""
        for place in range(stories):
            before = self.numbers[-1] if self.numbers else id_at(self.now)
            if now is None:
                self.numbers.append(before + self._random.randint(9_000, 60_000))
                continue
            published = now - timedelta(minutes=50 - 45 * place / stories, seconds=self._random.random())
            self.numbers.append(max(before + 1, id_at(published)))
            self.young[self.numbers[-1]] = published

    def step(self) -> None:
        """A few new stories, a changed one, now and then a withdrawn one; some days bring nothing."""
        self.days += 1
        for _ in range(self._random.choice((0, 0, 1, 2, 4))):
            self.add(1)
        if self._random.random() < 0.7:
            number = self._random.choice(self.numbers)
            self.changed[number] = self.changed.get(number, 0) + 1
        if self._random.random() < 0.2:
            self.gone.add(self._random.choice(self.numbers[1:]))

    @property
    def start(self) -> str:
        return f"/en/news/{self.numbers[0]}.md"

    def stories(self) -> list[Story]:
        return [
            self._story(number, locale)
            for number in self.numbers
            if number not in self.gone
            for locale in LOCALES
        ]

    def _story(self, number: int, locale: str) -> Story:
        choose = random.Random(number)
        place = self.numbers.index(number)
        names, verbs, rest, sentences = _WORDS[locale]
        picks = [choose.randrange(len(part)) for part in (names, verbs, rest)]
        gap = "" if locale != "en" else " "
        title = gap.join(part[pick] for part, pick in zip((names, verbs, rest), picks, strict=True))
        title += f"{gap}({number % 997})" if locale == "en" else f"（{number % 997}）"
        order = [choose.randrange(len(sentences)) for _ in range(choose.randint(5, 9))]
        figures = [choose.randint(2, 95) for _ in order]
        paragraphs = tuple(
            gap.join(
                sentences[pick].format(n=figure)
                for pick, figure in list(zip(order, figures, strict=True))[at : at + 3]
            )
            for at in range(0, len(order), 3)
        )
        if changes := self.changed.get(number):
            paragraphs += (f"{sentences[0].format(n=100 + changes)}",)
        stocks = tuple(choose.sample(_SYMBOLS, choose.choice((0, 1, 1, 2, 3))))
        # The next stories, so that all can be reached, and two that differ at each fetch.
        others = [self.numbers[at] for at in range(place + 1, min(place + 4, len(self.numbers)))]
        moving = random.Random(number * 1_000 + self.days)
        others += [
            other for other in moving.sample(self.numbers, 2) if other != number and other not in others
        ]
        related = tuple((other, self._title(other, locale)) for other in others)
        return Story(
            number,
            locale,
            title,
            paragraphs[0][:160],
            paragraphs,
            self._published(number),
            LOCALES,
            stocks,
            related,
        )

    def _title(self, number: int, locale: str) -> str:
        choose = random.Random(number)
        names, verbs, rest, _ = _WORDS[locale]
        gap = "" if locale != "en" else " "
        return gap.join(part[choose.randrange(len(part))] for part in (names, verbs, rest))

    def _published(self, number: int) -> str:
        if number in self.young:
            return printed(self.young[number], random.Random(number).randrange(1000))
        return published_at(number)


def pages(stories: Sequence[Story]) -> dict[str, bytes]:
    """Return the pages of stories by their paths."""
    return {story.path: story.page() for story in stories}
