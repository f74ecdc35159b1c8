"""One request, conditional where something is known, with a limit on size; anything else is an error."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from newscrawl.reference.fetching import Answer, FetchError, fetch
from tests.reference.servers import Lists, serving


@pytest.fixture
def lists() -> Iterator[Lists]:
    with serving() as found:
        yield found


def ask(url: str, largest: int = 1000, etag: str | None = None, last_modified: str | None = None) -> Answer:
    return fetch(
        url,
        user_agent="newscrawl/test (+who)",
        etag=etag,
        last_modified=last_modified,
        timeout=30,
        largest=largest,
    )


def test_one_request_with_an_honest_agent(lists: Lists) -> None:
    lists.bodies["/a"] = b"rows"
    lists.headers["/a"] = {"ETag": '"1"', "Last-Modified": "Thu, 07 May 2026 21:31:00 GMT"}
    assert ask(f"{lists.origin}/a") == (b"rows", '"1"', "Thu, 07 May 2026 21:31:00 GMT")
    ((path, headers),) = lists.asked
    assert (path, headers["user-agent"]) == ("/a", "newscrawl/test (+who)")
    assert "if-none-match" not in headers


def test_a_list_that_is_not_new_is_not_sent_again(lists: Lists) -> None:
    lists.bodies["/a"] = b"rows"
    lists.headers["/a"] = {"ETag": '"1"'}
    found = ask(f"{lists.origin}/a", etag='"1"', last_modified="Thu, 07 May 2026 21:31:00 GMT")
    assert found.content is None
    assert lists.asked[0][1]["if-modified-since"] == "Thu, 07 May 2026 21:31:00 GMT"


@pytest.mark.parametrize("length", [None, "5000"])
def test_a_list_that_is_too_large_is_refused(lists: Lists, length: str | None) -> None:
    lists.bodies["/a"] = b"x" * 5000
    lists.headers["/a"] = (
        {"Content-Length": length} if length else {"Content-Length": "", "Connection": "close"}
    )
    with pytest.raises(FetchError, match="expected at most 1000 bytes"):
        ask(f"{lists.origin}/a")


def test_a_list_that_was_cut_is_refused(lists: Lists) -> None:
    lists.bodies["/a"] = b"x" * 500
    lists.headers["/a"] = {"Content-Length": "900", "Connection": "close"}
    with pytest.raises(FetchError, match=r"expected 900 bytes|expected an answer"):
        ask(f"{lists.origin}/a")


@pytest.mark.parametrize(("status", "hint"), [(403, "set CONTACT"), (404, "404"), (500, "500"), (204, "204")])
def test_any_other_status_is_an_error(lists: Lists, status: int, hint: str) -> None:
    lists.bodies["/a"] = b""
    lists.statuses["/a"] = status
    with pytest.raises(FetchError, match=hint):
        ask(f"{lists.origin}/a")
    assert len(lists.asked) == 1


@pytest.mark.parametrize("target", ["file:///etc/hostname", "ftp://127.0.0.1/a", "data:,rows"])
def test_a_redirect_leads_nowhere_but_to_http(lists: Lists, target: str) -> None:
    lists.bodies["/a"] = b""
    lists.statuses["/a"] = 302
    lists.headers["/a"] = {"Location": target}
    with pytest.raises(FetchError):
        ask(f"{lists.origin}/a")


def test_a_redirect_is_followed(lists: Lists) -> None:
    lists.bodies |= {"/a": b"", "/b": b"rows"}
    lists.statuses["/a"] = 301
    lists.headers["/a"] = {"Location": f"{lists.origin}/b"}
    assert ask(f"{lists.origin}/a").content == b"rows"


@pytest.mark.parametrize(
    "url", ["file:///etc/hostname", "ftp://127.0.0.1/a", "", "nasdaqlisted.txt", "http://[::1"]
)
def test_other_addresses_are_refused(url: str) -> None:
    with pytest.raises(FetchError, match="expected an"):
        ask(url)


def test_a_server_that_is_not_there_is_one_line() -> None:
    with serving() as gone:
        origin = gone.origin
    with pytest.raises(FetchError, match="expected an answer from") as caught:
        ask(f"{origin}/a")
    assert "\n" not in str(caught.value)
