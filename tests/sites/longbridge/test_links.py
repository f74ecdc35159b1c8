"""A list item that is a link: the cut is at the last address, whatever the label holds."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from newscrawl.sites.longbridge.links import Link, read_item

steady = settings(
    derandomize=True, deadline=None, max_examples=200, suppress_health_check=[HealthCheck.too_slow]
)

URL = "https://longbridge.com/en/news/290602311.md"


@pytest.mark.parametrize(
    ("line", "link"),
    [
        (f"- [Berths]({URL})", Link("Berths", URL)),
        (f"  - [zh-CN]({URL})  ", Link("zh-CN", URL)),
        (f"* [Berths]({URL})", Link("Berths", URL)),
        (f"- []({URL})", Link("", URL)),
        (f'- [[1/2] "A" (b) | c & € ]]({URL})', Link('[1/2] "A" (b) | c & € ]', URL)),
        (
            f"- [See [this](https://pier.example/x) too]({URL})",
            Link("See [this](https://pier.example/x) too", URL),
        ),
        ("- [A](/en/news/1.md)", Link("A", "/en/news/1.md")),
        ("- [A](/b) (c)](/en/news/1.md)", Link("A](/b) (c)", "/en/news/1.md")),
        (f'- [A]({URL} "a title")', Link("A", URL)),
        ("- [A](HTTPS://LONGBRIDGE.COM/en/news/1)", Link("A", "HTTPS://LONGBRIDGE.COM/en/news/1")),
    ],
)
def test_items(line: str, link: Link) -> None:
    assert read_item(line) == link


@pytest.mark.parametrize(
    "line",
    [
        "",
        "-",
        "- ",
        "- [",
        "- [A]",
        "- text",
        f"[A]({URL})",
        f"-[A]({URL})",
        f"1. [A]({URL})",
        f"- [A]({URL}) and more",
        f"- see [A]({URL})",
        f"- [A]({URL}",
        "- [A](en/news/1.md)",
        "- [A](#part)",
        f"- ![A]({URL})",
    ],
)
def test_lines_that_are_no_link(line: str) -> None:
    assert read_item(line) is None


@steady
@given(st.text(alphabet='ab []()|&€"\\!- 新', max_size=40))
def test_any_label_before_an_address_survives(label: str) -> None:
    assert read_item(f"- [{label}]({URL})") == Link(label, URL)


@steady
@given(st.text(max_size=60))
def test_any_text_is_a_link_or_none(text: str) -> None:
    for line in (text, f"- [{text}", f"- [{text}](http", f"- [](http{text})"):
        link = read_item(line)
        assert link is None or (isinstance(link, Link) and link.url in line)
