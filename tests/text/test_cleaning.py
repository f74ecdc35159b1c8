"""Titles and descriptions, the wire time, and the hash over a text."""

from __future__ import annotations

import hashlib
import unicodedata

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from newscrawl.text.cleaning import clean_line, content_hash, decode_entities, split_wire_time

steady = settings(
    derandomize=True, deadline=None, max_examples=400, suppress_health_check=[HealthCheck.too_slow]
)

# PropList.txt of Unicode, property White_Space: 25 code points, the same since Unicode 6.3.
WHITE_SPACE = frozenset(
    "\t\n\v\f\r \x85\xa0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a"
    "\u2028\u2029\u202f\u205f\u3000"
)


@pytest.mark.parametrize(
    ("raw", "clean"),
    [
        ("", ""),
        ("  \n ", ""),
        ("A title", "A title"),
        ("  A title\t", "A title"),
        ("one\ntwo", "one two"),
        ("one \r\n\r\n  two\u2028three\x85four", "one two three four"),
        ("two  spaces and\ta tab stay", "two  spaces and\ta tab stay"),
        ("&#34;A&#34; &amp; B", '"A" & B'),
        ("&amp;#34;A&amp;#34;", '"A"'),
        ("&amp;amp;amp;lt;", "<"),
        ("R&D and AT&T", "R&D and AT&T"),
        ("&nbsp;A&nbsp;", "A"),
        ("A&#10;B", "A B"),
        ("&#0;&#xD800;", "\ufffd\ufffd"),
        ("cafe\u0301", "caf\u00e9"),
        ("cafe&#769;", "caf\u00e9"),
        ("\u212b", "\u00c5"),
        ("ｆｕｌｌ　ｗｉｄｔｈ！", "ｆｕｌｌ　ｗｉｄｔｈ！"),
        ("“curly” … 【x】 € ™ 🪁", "“curly” … 【x】 € ™ 🪁"),
    ],
)
def test_clean_line(raw: str, clean: str) -> None:
    assert clean_line(raw) == clean


def test_entities_deeper_than_any_accident_stay() -> None:
    deep = "&" + "amp;" * 40 + "lt;"
    assert clean_line(deep) == deep


def test_an_entity_too_long_for_a_number_stays_and_harms_nothing() -> None:
    text = "A &#" + "1" * 6_000 + "; B"
    assert decode_entities(text) == text
    assert clean_line(text) == text


pieces = st.sampled_from(
    [
        "&",
        "#",
        "amp;",
        "&amp;",
        "&#38;",
        "#38;",
        "lt",
        ";",
        "&#x26;",
        "&nbsp;",
        " ",
        "\n",
        "\u2028",
        "\x1c",
        "\x85",
        "e",
        "\u0301",
        "\u0316",
        "\u0344",
        "\u0f73",
        "\u1100",
        "\u1161",
        "&#769;",
        "&#10;",
        "\u3000",
        "a",
        "&acute",
    ]
)
lines = st.one_of(st.text(max_size=80), st.lists(pieces, max_size=25).map("".join))


@steady
@given(lines)
def test_clean_line_agrees_with_itself(text: str) -> None:
    cleaned = clean_line(text)
    assert clean_line(cleaned) == cleaned
    assert cleaned == cleaned.strip()
    assert len(cleaned.splitlines()) < 2


@steady
@given(lines.filter(lambda text: "&" not in text))
def test_clean_line_is_nfc_and_loses_only_white_space(text: str) -> None:
    cleaned = clean_line(text)
    assert unicodedata.is_normalized("NFC", cleaned)
    assert cleaned.split() == " ".join(unicodedata.normalize("NFC", text).splitlines()).split()


marks = st.sampled_from(
    "\u0301\u0316\u0345\u0344\u0f71\u0f72\u0f73\u0f75\u0f81\u3099\u05b0\u093c\u20e3\u034f"
)


@steady
@given(
    st.text(max_size=4),
    st.lists(marks, max_size=300),
    st.sampled_from(["", "e", "は", "\u0fb2", "\u1e69", "-"]),
)
def test_long_runs_of_marks_are_normalized_as_unicode_says(text: str, run: list[str], base: str) -> None:
    body = f"{text}{base}{''.join(run)}{text}"
    expected = unicodedata.normalize("NFC", body)
    assert content_hash(None, None, body) == content_hash(None, None, expected)
    assert clean_line("x" + "".join(run) + "y") == unicodedata.normalize("NFC", "x" + "".join(run) + "y")


@pytest.mark.parametrize(
    ("title", "wire_time", "rest"),
    [
        ("15:43 ETFrom Power to Lifestyle", "15:43 ET", "From Power to Lifestyle"),
        ("15:43 ET From Power", "15:43 ET", "From Power"),
        ("09:05 EDTBanks open", "09:05 EDT", "Banks open"),
        ("9:05 AM EDTBanks open", "9:05 AM EDT", "Banks open"),
        ("23:59 GMT“Quoted”", "23:59 GMT", "“Quoted”"),
        ("10:00 HKT港股收高", "10:00 HKT", "港股收高"),
        ("10:00 CST【快讯】港股", "10:00 CST", "【快讯】港股"),
        ("08:30 ET$TALLOW rises", "08:30 ET", "$TALLOW rises"),
        ("08:30 ET3 boats", "08:30 ET", "3 boats"),
        ("15:43 ETFlash sale", "15:43 ET", "Flash sale"),
        ("15:43 ETOracle sinks", "15:43 ET", "Oracle sinks"),
        ("15:43 ETMcDonald's", "15:43 ET", "McDonald's"),
        ("15:43 ETIs it over?", "15:43 ET", "Is it over?"),
        ("15:43 ETAs rates fall", "15:43 ET", "As rates fall"),
        ("15:43 ET\u00c9lan up", "15:43 ET", "\u00c9lan up"),
        ("15:43 ET'Quoted'", "15:43 ET", "'Quoted'"),
        ("15:43 ETIBM up", "15:43 ET", "IBM up"),
        ("15:43 ETUS stocks fall", "15:43 ET", "US stocks fall"),
        ("15:43 CETUS stocks fall", "15:43 CET", "US stocks fall"),
        ("15:43 ETON Semiconductor", "15:43 ET", "ON Semiconductor"),
        ("15:43 ETA year of rain", "15:43 ET", "A year of rain"),
        ("15:43 ETO'Reilly", "15:43 ET", "O'Reilly"),
        ("15:43 ETFROM POWER", "15:43 ET", "FROM POWER"),
        ("15:43 ETiPhone sales", "15:43 ET", "iPhone sales"),
        ("02:10 PTWhy piers close", "02:10 PT", "Why piers close"),
        ("02:10 PDTApple rises", "02:10 PDT", "Apple rises"),
        ("02:10 PSTIBM up", "02:10 PST", "IBM up"),
        ("02:10 CTMcDonald's", "02:10 CT", "McDonald's"),
        ("02:10 CDTBoats", "02:10 CDT", "Boats"),
        ("02:10 MTBoats", "02:10 MT", "Boats"),
        ("02:10 MSTBoats", "02:10 MST", "Boats"),
        ("02:10 CESTSiemens", "02:10 CEST", "Siemens"),
        ("02:10 ISTInfosys", "02:10 IST", "Infosys"),
        ("02:10 AESTBHP up", "02:10 AEST", "BHP up"),
        ("15:43 ET IBM up", "15:43 ET", "IBM up"),
        ("15:43 ET ETF inflows slow", "15:43 ET", "ETF inflows slow"),
        ("15:43 ET ETSY up", "15:43 ET", "ETSY up"),
    ],
)
def test_a_wire_time_is_cut_off(title: str, wire_time: str, rest: str) -> None:
    assert split_wire_time(title) == (wire_time, rest)


@pytest.mark.parametrize(
    "title",
    [
        "",
        "From Power to Lifestyle",
        "15:43 ETF inflows slow",
        "15:43 ETFs in focus",
        "15:43 ETNs in focus",
        "15:43 ETPs in focus",
        "15:43 ETFS launch",
        "15:43 ETF's fee falls",
        "15:43 PTC up",
        "15:43 PTON up",
        "15:43 PSTG up",
        "15:43 CTAs sell",
        "15:43 MTR fares",
        "15:43 MSTR buys",
        "15:43 CTrip",
        "15:43 PTs",
        "15:43 ISTANBUL",
        "15:43 AESTHETIC",
        "15:43 ETSY up",
        "15:43 ETHEREUM",
        "15:43 ETH up",
        "15:43 ET's",
        "15:43 ETihad",
        "15:43 ESTEE Lauder",
        "15:43 ESTonia",
        "15:43 HKTV up",
        "15:43 HKTDC",
        "15:43 HKTVmall up",
        "15:43 ET",
        "15:43 ET ",
        "15:43 ET: markets",
        "24:43 ETMarkets",
        "15:60 ETMarkets",
        "15:43ETMarkets",
        "15:43 Markets",
        "15:43 et markets",
        "At 15:43 ET the bell rang",
        "115:43 ETMarkets",
        "ET 15:43 Markets",
        "15:43 ET15:44 ETTwice",
        "15:43 ET15:44 ETTWICE",
    ],
)
def test_what_is_no_wire_time_stays(title: str) -> None:
    assert split_wire_time(title) == (None, title)


times = st.builds(
    "{:02d}:{:02d} {}".format,
    st.integers(0, 24),
    st.integers(0, 60),
    st.sampled_from(["ET", "EDT", "GMT", "XX", "HKT"]),
)


@steady
@given(times | st.just(""), st.one_of(st.text(max_size=30), times, st.sampled_from(["Fs", "F", " F", "  A"])))
def test_split_wire_time_agrees_with_itself(before: str, after: str) -> None:
    title = clean_line(before + after)
    wire_time, rest = split_wire_time(title)
    assert title.startswith(wire_time or "")
    assert title.endswith(rest)
    assert split_wire_time(rest) == (None, rest)
    assert clean_line(rest) == rest


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def test_the_hash_is_what_the_contract_says() -> None:
    assert content_hash("A  title", None, " One.\n\nTwo. ") == _sha256("A title\x1f\x1fOne. Two.")
    assert content_hash(None, None, None) == content_hash("", " ", "\n") == _sha256("\x1f\x1f")
    assert content_hash("cafe\u0301", "标题", "🪁") == _sha256("caf\u00e9\x1f标题\x1f🪁")


def test_the_parts_of_the_hash_do_not_run_into_each_other() -> None:
    hashes = {
        content_hash("a b", "c", "d"),
        content_hash("a", "b c", "d"),
        content_hash("a", "b", "c d"),
        content_hash("a b c d", None, None),
        content_hash(None, None, "a b c d"),
    }
    assert len(hashes) == 5


@pytest.mark.slow
def test_every_code_point_is_white_space_in_the_hash_exactly_where_unicode_says_so() -> None:
    plain, glued = content_hash(None, None, "a b"), content_hash(None, None, "ab")
    taken = set()
    for point in range(0x110000):
        if 0xD800 <= point <= 0xDFFF:
            continue
        found = content_hash(None, None, f"a{chr(point)}b")
        assert found != glued, hex(point)
        if found == plain:
            taken.add(chr(point))
    assert taken == WHITE_SPACE


@steady
@given(
    st.lists(st.text(alphabet=st.characters(blacklist_categories=["Cs"]), max_size=8), max_size=8),
    st.data(),
)
def test_white_space_does_not_change_the_hash(words: list[str], data: st.DataObject) -> None:
    runs = st.text(alphabet=sorted(WHITE_SPACE), min_size=1, max_size=4)
    spaced = "".join(data.draw(runs) + word for word in words) + data.draw(runs)
    assert content_hash(spaced, None, spaced) == content_hash(" ".join(words), None, "\n\n".join(words))


@steady
@given(
    st.lists(
        st.text(alphabet="ab\x1c\x1d\x1e\x1f\u200b\ufeff é\u0301\n", max_size=12), min_size=2, max_size=2
    )
)
def test_other_changes_do(bodies: list[str]) -> None:
    def words(text: str) -> list[str]:
        spaced = "".join(" " if character in WHITE_SPACE else character for character in text)
        return [word for word in unicodedata.normalize("NFC", spaced).split(" ") if word]

    one, other = bodies
    same = content_hash("t", None, one) == content_hash("t", None, other)
    assert same == (words(one) == words(other))
