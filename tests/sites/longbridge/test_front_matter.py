"""The header with its line breaks: read leniently, and everything odd is reported."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from newscrawl.exceptions import PageError
from newscrawl.sites.longbridge.front_matter import Header, read_header, unescape, unquote
from newscrawl.sites.longbridge.links import Link

steady = settings(
    derandomize=True, deadline=None, max_examples=200, suppress_health_check=[HealthCheck.too_slow]
)


def header_of(*lines: str) -> Header:
    header, end = read_header(["---", *lines, "---", "", "# Below"])
    assert end == len(lines) + 2
    return header


def test_values_lists_and_what_is_left() -> None:
    header = header_of(
        'title: "Owl \\"boat\\": a --- b"',
        "type: News",
        "locales:",
        "  - [en](https://longbridge.com/en/news/1.md)",
        "- [zh-CN](https://longbridge.com/zh-CN/news/1.md)",
        'source: "Pier wire"',
    )
    assert header.pop_raw("title") == 'Owl \\"boat\\": a --- b'
    assert header.pop("type") == "News"
    assert header.pop("type") is None
    assert [link.label for link in header.pop_links("locales")] == ["en", "zh-CN"]
    assert header.values == {"source": "Pier wire"}
    assert header.warnings == []


@pytest.mark.parametrize(
    ("line", "value"),
    [
        ('k: "a"', "a"),
        ('k:    "a"   ', "a"),
        ('k:\t"a"', "a"),
        ("k: a", "a"),
        ("k: a: b", "a: b"),
        ('k: ""', ""),
        ("k:", ""),
        ('k: "', '"'),
        ('k: "a" and "b"', 'a" and "b'),
        ('k: "He said "no""', 'He said "no"'),
        (r'k: "C:\\"', "C:\\"),
        (r'k: "a\/b\u4e2d\n\t\q"', "a/b中\n\t\\q"),
        (r'k: "\ud83d \u0000"', r"\ud83d \u0000"),
        ("k: [a, b]", "[a, b]"),
        ("k: 'a'", "'a'"),
    ],
)
def test_scalars(line: str, value: str) -> None:
    header = header_of(line)
    assert header.pop("k") == value
    assert header.warnings == []


def test_a_quoted_value_over_several_lines_is_joined() -> None:
    header = header_of('k: "one', "  two", '  three"', "l: x")
    assert (header.pop("k"), header.pop("l")) == ("one two three", "x")


def test_a_quoted_value_without_end_does_not_swallow_the_next_key() -> None:
    header = header_of('k: "one', "l: x")
    assert (header.pop("k"), header.pop("l")) == ('"one', "x")


@pytest.mark.parametrize(
    ("line", "warning"),
    [
        ("# a comment", "unreadable_header_line"),
        ("no key", "unreadable_header_line"),
        ("  - text", "unreadable_header_line"),
        ("键: x", "unreadable_header_line"),
        ("k:x", "unreadable_header_line"),
        ("9k: x", "unreadable_header_line"),
        ("title: again", "duplicate_key"),
    ],
)
def test_odd_lines_are_reported_and_harm_nothing(line: str, warning: str) -> None:
    header = header_of('title: "A"', line, 'type: "News"')
    assert header.warnings == [warning]
    assert (header.pop("title"), header.pop("type")) == ("A", "News")


@pytest.mark.parametrize(
    ("lines", "code"),
    [
        (["---"], "header_truncated"),
        (["---", 'title: "A"'], "header_truncated"),
        (["---", 'title: "A"', "----"], "header_truncated"),
        (["---", 'title: "A"', "-- -"], "header_truncated"),
        (["---", *["a: b"] * 500, "---"], "header_truncated"),
        (["---", "a: " + "b" * 70_000, "---"], "header_truncated"),
        (["---", "---"], "header_broken"),
        (["---", "", "no key", "- nor here", "---"], "header_broken"),
    ],
)
def test_headers_that_are_none(lines: list[str], code: str) -> None:
    with pytest.raises(PageError) as caught:
        read_header(lines)
    assert caught.value.code == code


def test_only_the_closing_line_closes() -> None:
    header, end = read_header(["---", 'a: "x --- y"', "b: --- z", "---  ", "---"])
    assert (header.pop("a"), header.pop("b"), end) == ("x --- y", "--- z", 4)


def test_lists_belong_to_the_key_above_them() -> None:
    header = header_of("locales:", "  - [en](https://a.example/1)", 'author: "x"', "  - [me](/profiles/1)")
    assert header.pop_links("author") == [Link("me", "/profiles/1")]
    assert header.pop_links("locales") == [Link("en", "https://a.example/1")]


@steady
@given(st.text(alphabet=st.characters(blacklist_categories=["Cs"], blacklist_characters="\n"), max_size=60))
def test_any_value_survives_quoting(value: str) -> None:
    escaped = value.replace("\\", "\\\\").replace('"', '\\"')
    header = header_of(f'k: "{escaped}"')
    assert header.pop("k") == value


@steady
@given(st.text(max_size=60))
def test_unescape_and_unquote_take_any_text(text: str) -> None:
    assert len(unescape(text)) <= len(text)
    assert unquote(text) in text
    assert unquote(f'"{text}"') == text


@steady
@given(
    st.lists(
        st.sampled_from(['title: "a', '"', "k:", "- [", "- [a](/b)", "---", "", "\\", 'x"', "k: \\"]),
        max_size=12,
    )
)
def test_any_lines_give_a_header_or_a_page_error(lines: list[str]) -> None:
    try:
        header, end = read_header(["---", *lines])
    except PageError as error:
        assert error.code in ("header_truncated", "header_broken")  # noqa: PT017 - being read is right, too
    else:
        assert header.values
        assert lines[end - 2] == "---"
