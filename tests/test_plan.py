"""The arguments of a crawl, and where an article leads."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from newscrawl.codes import Via
from newscrawl.exceptions import ArgumentError
from newscrawl.items import Alternate, Article, RelatedLink
from newscrawl.plan import Links, Plan
from newscrawl.sites.base import Origin, Page
from newscrawl.sites.longbridge import LONGBRIDGE
from newscrawl.sites.longbridge.address import Address
from newscrawl.sites.longbridge.locales import LOCALES

steady = settings(
    derandomize=True, deadline=None, max_examples=150, suppress_health_check=[HealthCheck.too_slow]
)

URL = "https://longbridge.com/en/news/285741170.md"
HOME = LONGBRIDGE.home


def page(number: int | str, locale: str = "en") -> Page:
    return Address(str(number), locale).page


START = page(285741170)


def plan_of(**arguments: str) -> Plan:
    return Plan.from_arguments(LONGBRIDGE, {"url": URL, **arguments})


def test_one_address_is_enough() -> None:
    assert plan_of() == Plan(origin=HOME, starts=(START,), locales=None, depth=1, limit=None, since=None)


def test_all_arguments() -> None:
    assert plan_of(locales="ZH-hk, en,en", depth="0", limit="50", since="2026-05-01T08:00:00+08:00") == Plan(
        origin=HOME,
        starts=(START,),
        locales=("zh-HK", "en"),
        depth=0,
        limit=50,
        since=datetime(2026, 5, 1, tzinfo=UTC),
    )


def test_a_day_begins_at_midnight_utc() -> None:
    assert plan_of(since=" 2026-05-01 ").since == datetime(2026, 5, 1, tzinfo=UTC)


def test_spellings_of_one_start_are_one_start() -> None:
    urls = [
        URL,
        " https://longbridge.com/en/news/285741170 ",
        "HTTPS://LONGBRIDGE.COM/en/news/285741170/?channel=WHAB0001",
        "https://longbridge.cn/zh-CN/news/1",
        "",
    ]
    assert plan_of(url=",".join(urls)).starts == (START, page(1, "zh-CN"))


def test_a_start_in_no_wanted_locale_is_asked_for_in_the_first_wanted_one() -> None:
    assert plan_of(locales="zh-HK,zh-CN").starts == (page(285741170, "zh-HK"),)
    both = plan_of(url=f"{URL},https://longbridge.com/zh-CN/news/285741170.md", locales="zh-CN")
    assert both.starts == (page(285741170, "zh-CN"),)


def test_a_mirror_is_the_origin_of_its_crawl() -> None:
    plan = plan_of(url="http://127.0.0.1:8123/en/news/285741170.md")
    assert plan.origin == Origin(LONGBRIDGE, "http://127.0.0.1:8123", "127.0.0.1")
    assert plan.site is LONGBRIDGE
    assert plan.starts == (START,)


def test_starts_from_a_file(tmp_path: Path) -> None:
    file = tmp_path / "starts.txt"
    file.write_text(
        f"# two starts\n\n{URL}\r\n  https://longbridge.com/zh-CN/news/1  \n{URL}\n", encoding="utf-8"
    )
    assert plan_of(url=f"@{file}").starts == (START, page(1, "zh-CN"))


@pytest.mark.parametrize("content", [b"", b"# nothing\n\n", b"\xff\xfe\x00", None])
def test_a_file_without_addresses_is_refused(tmp_path: Path, content: bytes | None) -> None:
    file = tmp_path / "starts.txt"
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(ArgumentError, match="url: expected"):
        plan_of(url=f"@{file}")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"url": ""}, "url: expected -a url=ADDRESS"),
        ({"url": "  "}, "url: expected -a url=ADDRESS"),
        ({"url": ","}, "url: expected an article's address"),
        ({"url": "https://longbridge.com/en/news"}, "url: expected an article's address"),
        ({"url": URL + " https://longbridge.com/en/news/1.md"}, "url: expected an article's address"),
        ({"url": URL + ",http://127.0.0.1/en/news/1.md"}, "url: expected all starts on one site"),
        (
            {"url": "http://127.1:80/en/news/1.md"},
            "url: expected an IPv4 address as four decimal .* found 127.1",
        ),
        ({"url": "http://0X7f000001./en/news/1.md"}, "expected an IPv4 address as four .* found 0x7f000001"),
        ({"url": "@"}, "url: expected a file"),
        ({"url": "@no\x00such"}, "url: expected a file"),
        ({"locales": ""}, "locales: expected some of en,zh-CN,zh-HK"),
        ({"locales": "en,ja"}, "locales: expected some of .*'ja'"),
        ({"locales": "all"}, "locales: expected some of"),
        ({"depth": "-1"}, "depth: expected a whole number from 0"),
        ({"depth": "1.5"}, "depth: expected a whole number from 0"),
        ({"depth": ""}, "depth: expected a whole number from 0"),
        ({"depth": "９"}, "depth: expected a whole number from 0"),
        ({"depth": "1" * 5_000}, "depth: expected a whole number from 0"),
        ({"limit": "0"}, "limit: expected a whole number from 1"),
        ({"limit": "ten"}, "limit: expected a whole number from 1"),
        ({"since": ""}, "since: expected a day"),
        ({"since": "2026-05"}, "since: expected a day"),
        ({"since": "2026-02-30"}, "since: expected a day"),
        ({"since": "2026-05-01T08:00:00"}, "since: expected a day"),
        ({"since": "yesterday"}, "since: expected a day"),
        (
            {"urls": URL},
            "expected the arguments url, locales, depth, limit, since, recheck, run, fresh, found urls",
        ),
        ({"Depth": "1", "LIMIT": "1"}, "found Depth, LIMIT"),
    ],
)
def test_what_cannot_be_used_is_refused_on_one_clear_line(arguments: dict[str, str], message: str) -> None:
    with pytest.raises(ArgumentError, match=message) as caught:
        plan_of(**arguments)
    assert "\n" not in str(caught.value)


def test_no_address_at_all_is_refused() -> None:
    with pytest.raises(ArgumentError, match="found none"):
        Plan.from_arguments(LONGBRIDGE, {})


def test_arguments_of_the_scheduler_that_starts_us_are_let_be() -> None:
    assert plan_of(_job="x", _version="y") == plan_of()


plans = st.builds(
    Plan,
    origin=st.just(HOME),
    starts=st.lists(
        st.builds(page, st.integers(1, 10**12), st.just("zh-CN")),
        min_size=1,
        max_size=4,
        unique=True,
    ).map(tuple),
    locales=st.none() | st.sampled_from([("zh-CN",), ("zh-CN", "en"), ("en", "zh-HK", "zh-CN")]),
    depth=st.integers(0, 50),
    limit=st.none() | st.integers(50, 10**8),
    since=st.none()
    | st.datetimes(datetime(2020, 1, 1), datetime(2030, 1, 1), timezones=st.just(UTC)).map(  # noqa: DTZ001 - zones follow
        lambda moment: moment.replace(microsecond=0)
    ),
)


@steady
@given(plans)
def test_a_plan_survives_its_own_arguments(plan: Plan) -> None:
    arguments = plan.as_arguments()
    again = Plan.from_arguments(LONGBRIDGE, arguments)
    assert again == plan
    assert again.as_arguments() == arguments


@steady
@given(st.dictionaries(st.sampled_from(["url", "locales", "depth", "limit", "since"]), st.text(max_size=40)))
def test_any_arguments_are_a_plan_or_refused(arguments: dict[str, str]) -> None:
    for extra in ({}, {"url": URL}):
        try:
            plan = Plan.from_arguments(LONGBRIDGE, {**arguments, **extra})
        except ArgumentError:
            continue
        assert plan.starts


# --- Where an article leads ---------------------------------------------------------------------


def article(locale: str = "en", published_at: str | None = "2026-05-08T14:18:31.000Z") -> Article:
    return Article(
        uid=f"longbridge:7:{locale}",
        story_id="longbridge:7",
        locale=locale,
        published_at=published_at,
        alternates=[
            Alternate(name, f"https://longbridge.com/{name}/news/7.md")
            for name in ("en", "ja", "zh-CN", "zh-HK")
        ],
        related=[
            RelatedLink(f"longbridge:{number}", page(number, locale).url, "x", None, position, "")
            for position, number in enumerate((9, 8), start=1)
        ],
    )


def led_to(plan: Plan, found: Article, depth: int = 0) -> list[tuple[str, str, str]]:
    places = plan.leads_to(page(7, found.locale), Links.of(found), depth)
    return [(place.via, Address.of(place.page).id, place.page.locale) for place in places]


def test_alternates_first_then_related_news_in_the_articles_own_locale() -> None:
    assert led_to(plan_of(), article()) == [
        ("locale", "7", "zh-CN"),
        ("locale", "7", "zh-HK"),
        ("related", "9", "en"),
        ("related", "8", "en"),
    ]
    # A locale that the site did not have before is listed in the record and not followed.
    assert all(locale in LOCALES for _, _, locale in led_to(plan_of(), article("zh-CN")))


def test_locales_narrow_both() -> None:
    plan = plan_of(locales="en,zh-HK")
    assert led_to(plan, article()) == [
        ("locale", "7", "zh-HK"),
        ("related", "9", "en"),
        ("related", "8", "en"),
    ]
    assert led_to(plan, article("zh-CN")) == [("locale", "7", "en"), ("locale", "7", "zh-HK")]
    assert led_to(plan_of(locales="en"), article()) == [("related", "9", "en"), ("related", "8", "en")]


@pytest.mark.parametrize(
    ("published_at", "expanded"),
    [
        ("2026-04-30T23:59:59.999Z", False),
        ("2026-05-01T00:00:00.000Z", True),
        ("2026-05-08T14:18:31.000Z", True),
        (None, True),
    ],
)
def test_stories_older_than_since_lead_to_their_own_alternates_only(
    published_at: str | None, *, expanded: bool
) -> None:
    vias = [via for via, _, _ in led_to(plan_of(since="2026-05-01"), article(published_at=published_at))]
    assert vias.count("locale") == 2
    assert vias.count("related") == (2 if expanded else 0)


def test_related_news_is_one_hop_deeper_and_bounded_by_depth() -> None:
    plan = plan_of(depth="2")
    for depth in (0, 1, 2):
        places = list(plan.leads_to(page(7), Links.of(article()), depth))
        assert {place.depth for place in places if place.via == Via.LOCALE} == {depth}
        related = {place.depth for place in places if place.via == Via.RELATED}
        assert related == (set() if depth == 2 else {depth + 1})
        assert {place.referrer for place in places} == {page(7).url}


def test_translations_belong_to_the_story_that_the_article_names() -> None:
    moved = page(7)._replace(story_id="longbridge:story")
    places = list(plan_of().leads_to(moved, Links.of(article()), 0))
    stories = {place.via: set[str]() for place in places}
    for place in places:
        stories[place.via].add(place.page.story_id)
    assert stories == {"locale": {"longbridge:story"}, "related": {"longbridge:8", "longbridge:9"}}


def test_links_that_name_no_article_lead_nowhere() -> None:
    links = Links(("https://longbridge.com/", "https://example.com/en/news/1.md"), ("", "/en/news/x"), None)
    assert list(plan_of().leads_to(page(7), links, 0)) == []
