"""What all sites have in common: addresses on any host, mirrors, and how a page is read. A made-up site shows
it; the last part asks the same of every site there is.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from newscrawl.exceptions import NotAnArticleAddress, PageError
from newscrawl.items import Alternate, Article, Instrument, RelatedLink
from newscrawl.sites.base import DateWindow, Origin, Page, Site, Source, read_start
from tests.sites.recordings import SITES

steady = settings(
    derandomize=True, deadline=None, max_examples=150, suppress_health_check=[HealthCheck.too_slow]
)

_PATH = re.compile(r"/(en|fr-CA)/(?:[^/]+/)?([0-9]{1,9})\.html")


def _read_plain(source: Source) -> Article:
    text = source.content.decode(source.charset or "utf-8")
    if source.notice is not None:
        source.notice("unknown_key", "mood")
    if not text:
        raise PageError("empty_document", "no text")
    title, _, url = text.partition(" at ")
    return Article(title=title, url=url)


def _read_with_story(source: Source) -> Article:
    return Article(
        title="With a story of its own",
        story_id="courier:story",
        uid="of no use",
        url=source.content.decode(),
    )


class Courier(Site):
    """A site with as little as a site can say of itself."""

    name = "courier"
    root = "https://courier.example"
    domains = ("courier.example", "courier.test")
    locales = ("en", "fr-CA")
    example = "https://courier.example/en/1.html"
    readers = {"courier/2": _read_plain, "courier/1": _read_with_story}  # noqa: RUF012

    def page(self, path: str) -> Page | None:
        found = _PATH.fullmatch(path)
        return None if found is None else page_of(found[2], found[1])


def page_of(number: str, locale: str = "en") -> Page:
    url = f"https://courier.example/{locale}/{number}.html"
    return Page(f"courier:{number}:{locale}", f"courier:{number}", locale, url)


COURIER = Courier()
HOME = COURIER.home
SEVEN = page_of("7")

# --- Addresses ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("url", "locale"),
    [
        ("https://courier.example/en/7.html", "en"),
        ("https://courier.example/fr-CA/7.html", "fr-CA"),
        ("https://courier.example/en/7.html?channel=1&from=a/b#top", "en"),
        ("https://courier.example/en/7.html#https://courier.example/en/8.html", "en"),
        ("https://courier.example/en/7.html?a\nb", "en"),
        ("http://courier.example/en/7.html", "en"),
        ("HTTPS://COURIER.EXAMPLE/en/7.html", "en"),
        ("https://courier.example:443/en/7.html", "en"),
        ("https://courier.example:/en/7.html", "en"),
        ("https://courier.example./en/7.html", "en"),
        ("https://www.courier.example/en/7.html", "en"),
        ("https://a.b.courier.test/en/7.html", "en"),
    ],
)
def test_the_sites_own_hosts_serve_the_one_page(url: str, locale: str) -> None:
    assert HOME.page(url) == page_of("7", locale)
    # What is asked for over http is not the site's own page.
    assert HOME.owns(url) == url.lower().startswith("https:")
    assert read_start(COURIER, url) == (HOME, page_of("7", locale))


@pytest.mark.parametrize(
    "url",
    [
        "https://courier.example",
        "https://courier.example/",
        "https://courier.example/robots.txt",
        "https://courier.example?/en/7.html",
        "https://courier.example/?url=/en/7.html",
        "https://courier.example/#/en/7.html",
    ],
)
def test_an_address_of_the_site_that_is_no_article_is_owned_and_no_page(url: str) -> None:
    assert HOME.page(url) is None
    assert HOME.owns(url)
    assert HOME.page(url.removeprefix("https://courier.example")) is None
    with pytest.raises(NotAnArticleAddress, match="expected an article's address such as https://courier"):
        read_start(COURIER, url)


LONG = "x" * 3_000
NOT_ADDRESSES = [
    "",
    " ",
    "7",
    "courier.example/en/7.html",
    "//courier.example/en/7.html",
    "ftp://courier.example/en/7.html",
    "file:///en/7.html",
    "javascript:alert(1)//https://courier.example/en/7.html",
    "https:///en/7.html",
    "https://cour ier.example/en/7.html",
    "https://courier.example\\/en/7.html",
    "https://../en/7.html",
    "https://mirror.example<b>/en/7.html",
    "https://%6Dirror.example/en/7.html",
    "https://[::1/en/7.html",
    "https://[mirror.example]/en/7.html",
    "https://courier.example/en/a b/7.html",
    f"https://courier.example/en/7.html?{LONG}",
    f"https://www.courier.example/en/7.html?{LONG}",
]


@pytest.mark.parametrize("text", NOT_ADDRESSES, ids=lambda text: text[:60])
def test_what_is_no_address_is_refused_on_one_short_line(text: str) -> None:
    assert HOME.page(text) is None
    with pytest.raises(NotAnArticleAddress) as caught:
        read_start(COURIER, text)
    assert "\n" not in str(caught.value)
    assert len(str(caught.value)) < 400


def test_a_link_of_any_length_is_not_handed_to_the_site() -> None:
    assert HOME.page(f"/en/7.html?{LONG}") is None
    assert HOME.page(f"/{LONG}") is None


@pytest.mark.parametrize(
    "url",
    [
        "https://courier.example.evil.example/en/7.html",
        "https://evil.example/courier.example/en/7.html",
        "https://notcourier.example/en/7.html",
        "https://courier.example@evil.example/en/7.html",
        "https://courier.example:pass@evil.example/en/7.html",
        "https://evil.example/en/7.html",
        "https://evil.example?courier.example/en/7.html",
        "https://127.0.0.1/en/7.html",
    ],
)
def test_links_to_other_sites_are_no_articles_of_this_one(url: str) -> None:
    assert HOME.page(url) is None
    assert not HOME.owns(url)


# --- Mirrors --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("url", "root", "host"),
    [
        ("http://127.0.0.1:8123/en/7.html", "http://127.0.0.1:8123", "127.0.0.1"),
        ("http://127.0.0.1:80/en/7.html", "http://127.0.0.1", "127.0.0.1"),
        ("https://127.0.0.1:80/en/7.html", "https://127.0.0.1:80", "127.0.0.1"),
        ("https://Mirror.Example:443/en/7.html", "https://mirror.example", "mirror.example"),
        ("http://mirror.example:443/en/7.html#a", "http://mirror.example:443", "mirror.example"),
        ("HTTP://[::1]:8123/en/7.html?x=1", "http://[::1]:8123", "[::1]"),
        ("http://[0:0:0:0:0:0:0:1]:8123/en/7.html", "http://[::1]:8123", "[::1]"),
        ("http://[2001:DB8::0:7]/en/7.html", "http://[2001:db8::7]", "[2001:db8::7]"),
        ("http://mirror.example:/en/7.html", "http://mirror.example", "mirror.example"),
        ("http://mirror.example./en/7.html", "http://mirror.example", "mirror.example"),
        ("http://courier.example.evil.example/en/7.html", "http://courier.example.evil.example", None),
    ],
)
def test_a_mirror_is_asked_under_its_own_scheme_host_and_port(url: str, root: str, host: str | None) -> None:
    origin, page = read_start(COURIER, url)
    assert page == SEVEN
    assert origin == Origin(COURIER, root, host or "courier.example.evil.example")
    assert origin.url(page) == f"{root}/en/7.html"
    assert origin.page(origin.url(page)) == page
    assert origin.owns(origin.url(page))
    # What is written names the site, whichever mirror was asked.
    assert page.url == "https://courier.example/en/7.html"


def test_a_mirror_follows_its_own_links_on_any_port_the_sites_and_relative_ones() -> None:
    origin, _ = read_start(COURIER, "http://127.0.0.1:8123/en/1.html")
    assert origin.page("http://127.0.0.1:9999/fr-CA/7.html") == page_of("7", "fr-CA")
    assert origin.page("https://courier.example/en/7.html") == SEVEN
    assert origin.page("https://www.courier.test/en/7.html") == SEVEN
    assert origin.page("/en/7.html?x=1#y") == SEVEN
    assert origin.page("//127.0.0.1/en/7.html") is None
    assert origin.page("en/7.html") is None
    assert origin.page("http://127.0.0.2:8123/en/7.html") is None


def test_a_mirror_owns_its_own_host_and_port_and_not_the_sites() -> None:
    origin, _ = read_start(COURIER, "http://127.0.0.1:8123/en/1.html")
    assert origin.owns("http://127.0.0.1:8123/robots.txt")
    assert not origin.owns("https://courier.example/robots.txt")
    # Another port is another service: a link to it names an article, a redirect to it is not followed.
    assert not origin.owns("http://127.0.0.1:1/robots.txt")
    assert not origin.owns("http://127.0.0.1/robots.txt")
    assert not origin.owns("http://127.0.0.2:8123/robots.txt")
    assert not origin.owns("/robots.txt")


def test_the_step_from_http_to_https_stays_on_a_mirror() -> None:
    origin, _ = read_start(COURIER, "http://mirror.example/en/1.html")
    assert origin.owns("https://mirror.example/robots.txt")
    assert origin.owns("https://mirror.example:443/robots.txt")
    assert origin.owns("HTTPS://Mirror.Example./robots.txt")
    assert not origin.owns("https://mirror.example:8443/robots.txt")
    secure, _ = read_start(COURIER, "https://mirror.example/en/1.html")
    assert not secure.owns("http://mirror.example/robots.txt")
    assert not secure.owns("http://mirror.example:443/robots.txt")
    odd, _ = read_start(COURIER, "http://mirror.example:8000/en/1.html")
    assert odd.owns("https://mirror.example:8000/robots.txt")
    assert not odd.owns("https://mirror.example/robots.txt")


def test_the_site_owns_its_hosts_under_its_scheme_and_port() -> None:
    assert HOME.owns("https://courier.test:443/robots.txt")
    assert not HOME.owns("http://courier.example/robots.txt")
    assert not HOME.owns("http://courier.example:8080/robots.txt")
    assert not HOME.owns("http://courier.example:443/robots.txt")
    assert not HOME.owns("https://courier.example:8443/robots.txt")
    assert HOME.owns("https://www.courier.test/robots.txt")
    assert not HOME.owns("/robots.txt")
    assert not HOME.owns("")


@pytest.mark.parametrize("port", ["8443", "80", "0", "65535"])
def test_another_port_of_the_site_is_another_service(port: str) -> None:
    url = f"https://courier.example:{port}/en/7.html"
    assert HOME.page(url) is None
    assert HOME.page(url.replace("https", "http").replace(":80/", ":443/")) is None
    assert read_start(COURIER, "http://[::1]:8123/en/1.html")[0].page(url) is None
    with pytest.raises(NotAnArticleAddress, match=f"without a port, found the port {port} of courier"):
        read_start(COURIER, url)


# --- Starts ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "url",
    [
        "https://me:secret@courier.example/en/7.html",
        "https://secret@mirror.example:8123/en/7.html",
        "https://:secret@[::1]/en/7.html",
        "https://@courier.example/en/7.html",
    ],
)
def test_a_start_with_a_user_name_is_refused_and_the_password_not_repeated(url: str) -> None:
    with pytest.raises(NotAnArticleAddress, match="without user name") as caught:
        read_start(COURIER, url)
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize(
    ("port", "message"), [("65536", "up to 65535, found 65536"), ("99999", "65535"), ("123456", "an article")]
)
def test_a_start_with_a_port_that_is_none_is_refused(port: str, message: str) -> None:
    with pytest.raises(NotAnArticleAddress, match=message):
        read_start(COURIER, f"http://mirror.example:{port}/en/7.html")


@pytest.mark.parametrize("host", ["[:::]", "[::g]", "[1:2]", "[127.0.0.1]", "[::1::]", "[]"])
def test_brackets_without_an_ipv6_address(host: str) -> None:
    with pytest.raises(NotAnArticleAddress):
        read_start(COURIER, f"http://{host}:8123/en/7.html")
    assert HOME.page(f"http://{host}/en/7.html") is None
    assert not HOME.owns(f"http://{host}/en/7.html")


def test_white_space_around_a_start_does_not_matter() -> None:
    assert read_start(COURIER, "\t https://courier.example/en/7.html \n") == (HOME, SEVEN)


# --- Any text -------------------------------------------------------------------------------------


LINK_PARTS = ["/en/7.html", "/", "?", "#", " ", "\n", "@", ":", "//", "en", ".html", "\\", "%20"]


@steady
@given(
    st.text(max_size=80)
    | st.text(max_size=10).map(lambda text: f"/en/{text}/7.html")
    | st.lists(st.sampled_from(LINK_PARTS), max_size=6).map("".join)
)
def test_a_link_means_the_same_as_the_path_alone_and_in_capitals(rest: str) -> None:
    # The spelling that pages print is read by a faster way, which must agree with the general one.
    printed = HOME.page(f"https://courier.example{rest}")
    assert printed == HOME.page(f"HTTPS://courier.example{rest}")
    if rest.startswith("/") and not rest.startswith("//"):
        assert printed == HOME.page(rest)


@steady
@given(
    st.text(max_size=120),
    st.sampled_from(["", "https://", "http://[", "https://courier.example", "http://mirror.example:", "/"]),
    st.sampled_from(["", "/en/7.html"]),
)
def test_any_text_is_a_page_or_none_and_a_start_or_refused(text: str, before: str, after: str) -> None:
    link = before + text + after
    found = HOME.page(link)
    assert found is None or found.uid.startswith("courier:")
    HOME.owns(link)
    try:
        origin, page = read_start(COURIER, link)
    except NotAnArticleAddress:
        return
    assert origin.page(origin.url(page)) == page
    assert origin.owns(origin.url(page))


# --- Reading --------------------------------------------------------------------------------------


def test_reading_fills_identity_and_the_readers_name() -> None:
    article = COURIER.read(Source(b"Owls at http://COURIER.example/en/news/7.html#x", SEVEN, HOME))
    assert (article.uid, article.story_id) == ("courier:7:en", "courier:7")
    assert (article.url, article.locale) == ("https://courier.example/en/7.html", "en")
    assert (article.title, article.parser) == ("Owls", "courier/2")
    assert COURIER.reader == "courier/2"


def test_an_older_reader_is_named_and_a_story_that_a_reader_knows_stays() -> None:
    article = COURIER.read(Source(SEVEN.url.encode(), SEVEN, HOME), "courier/1")
    assert (article.parser, article.story_id) == ("courier/1", "courier:story")
    assert (article.uid, article.url) == (SEVEN.uid, SEVEN.url)
    with pytest.raises(KeyError):
        COURIER.read(Source(b"", SEVEN, HOME), "courier/3")


def test_a_page_is_read_by_its_address_alone() -> None:
    article = COURIER.read_at(
        "http://mirror.example/fr-CA/7.html?x", b"Chouettes at https://courier.example/fr-CA/7.html"
    )
    assert (article.uid, article.title) == ("courier:7:fr-CA", "Chouettes")
    with pytest.raises(PageError, match="empty_document"):
        COURIER.read_at(SEVEN.url, b"")
    with pytest.raises(NotAnArticleAddress):
        COURIER.read_at("https://courier.example/", b"Owls")


def test_charset_and_notice_reach_the_reader() -> None:
    told: list[tuple[str, str]] = []
    article = COURIER.read(
        Source(
            f"Fähren at {SEVEN.url}".encode("latin-1"),
            SEVEN,
            HOME,
            "latin-1",
            lambda *what: told.append(what),
        )
    )
    assert (article.title, told) == ("Fähren", [("unknown_key", "mood")])


@pytest.mark.parametrize("reader", COURIER.readers)
@pytest.mark.parametrize(
    ("url", "code"),
    [
        ("", "identity_missing"),
        (" \n", "identity_missing"),
        ("https://courier.example/login", "wrong_article"),
        ("https://courier.example/en/8.html", "wrong_article"),
        ("https://elsewhere.example/en/7.html", "wrong_article"),
        ("https://courier.example/fr-CA/7.html", "wrong_locale"),
    ],
)
def test_a_page_must_name_itself_whatever_its_reader_checks(url: str, code: str, reader: str) -> None:
    content = url if reader == "courier/1" else f"Owls at {url}"
    with pytest.raises(PageError) as caught:
        COURIER.read(Source(content.encode(), SEVEN, HOME), reader)
    assert caught.value.code == code


def test_lists_are_cut_and_what_was_left_out_is_told() -> None:
    def read(source: Source) -> Article:
        return Article(
            title="Many",
            url=SEVEN.url,
            alternates=[Alternate(f"x-{number}", SEVEN.url) for number in range(1_000)],
            instruments=[Instrument(f"{number}.US") for number in range(1_001)],
            related=[RelatedLink("", "", None, None, number, "") for number in range(1, 100_001)],
            warnings=["unknown_key"],
        )

    class Many(Courier):
        readers = {"courier/3": read}  # noqa: RUF012

    told: list[tuple[str, str]] = []
    article = Many().read(Source(b"", SEVEN, Many().home, notice=lambda *what: told.append(what)))
    lists = (article.alternates, article.instruments, article.related)
    assert [len(entries) for entries in lists] == [1_000, 1_000, 1_000]
    assert article.related[-1].position == 1_000
    assert article.warnings == ["instruments_cut", "related_cut", "unknown_key"]
    assert told == [
        ("instruments_cut", "1 of 1001 left out"),
        ("related_cut", "99000 of 100000 left out"),
    ]


# --- What a site need not say ---------------------------------------------------------------------


def test_a_site_whose_addresses_tell_nothing_of_other_locales_and_days() -> None:
    assert COURIER.in_locale(SEVEN, "en") == SEVEN
    assert COURIER.in_locale(SEVEN, "fr-CA") is None
    assert COURIER.published_window(SEVEN.story_id) is None
    assert COURIER.accept == "*/*"


@pytest.mark.parametrize(
    ("text", "locale"),
    [("en", "en"), (" FR-ca\n", "fr-CA"), ("fr", None), ("fr_CA", None), ("", None), ("en-US", None)],
)
def test_locales_in_the_sites_spelling(text: str, locale: str | None) -> None:
    assert COURIER.locale(text) == locale


def test_hosts_of_the_site() -> None:
    assert COURIER.serves("courier.example")
    assert COURIER.serves("www.courier.test")
    assert not COURIER.serves("notcourier.example")
    assert not COURIER.serves("example")
    assert not COURIER.serves("")


def test_a_window_holds_its_ends() -> None:
    moment, step = datetime(2026, 5, 8, tzinfo=UTC), timedelta(milliseconds=1)
    window = DateWindow(moment, moment + step)
    assert [window.holds(moment + number * step) for number in (-1, 0, 1, 2)] == [False, True, True, False]
    open_ended = DateWindow(None, moment)
    assert open_ended.holds(datetime(1, 1, 1, tzinfo=UTC))
    assert not open_ended.holds(moment + step)


# --- Every site -----------------------------------------------------------------------------------


@pytest.mark.parametrize("name", SITES)
def test_a_site_says_of_itself_what_others_rely_on(name: str) -> None:
    site = SITES[name]
    scheme, _, host = site.root.partition("://")
    assert scheme in ("http", "https")
    assert "/" not in host
    assert site.serves(host)
    assert site.home.host == host
    # A uid is taken apart by nobody else, but its first part is the site's.
    assert re.fullmatch(r"[a-z0-9_]+", site.name)
    assert len({locale.lower() for locale in site.locales}) == len(site.locales) > 0
    assert all(site.locale(locale.upper()) == locale for locale in site.locales)
    assert all(domain == domain.lower() for domain in site.domains)
    assert site.reader in site.readers
    assert site.accept.isprintable()


@pytest.mark.parametrize("name", SITES)
def test_a_sites_example_is_an_article_with_one_key_and_one_address(name: str) -> None:
    site = SITES[name]
    origin, page = read_start(site, site.example)
    assert origin == site.home
    assert page.url.startswith(f"{site.root}/")
    assert origin.page(page.url) == page
    assert page.uid.startswith(f"{site.name}:")
    assert page.locale in site.locales
    mirror = Origin(site, "http://[::1]:8123", "[::1]")
    assert mirror.page(mirror.url(page)) == page
    for locale in site.locales:
        other = site.in_locale(page, locale)
        assert (other == page) if locale == page.locale else (other is None or other.locale == locale)
        if other is not None:
            assert origin.page(other.url) == other
            assert other.story_id == page.story_id
    window = site.published_window(page.story_id)
    assert window is None or window.latest.tzinfo is not None


@pytest.mark.parametrize("name", SITES)
@pytest.mark.parametrize("content", [b"", b"x", b"\x00\xff\xfe", b"<html></html>", b"{}", b"--- "])
def test_what_is_no_article_is_refused_with_a_page_error(name: str, content: bytes) -> None:
    site = SITES[name]
    origin, page = read_start(site, site.example)
    for reader in site.readers:
        with pytest.raises(PageError):
            site.read(Source(content, page, origin), reader)
