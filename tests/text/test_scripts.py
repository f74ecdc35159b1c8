"""The table of characters, and what is told of a text's script: seldom, and then rightly."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from newscrawl.text.scripts import _PAIRS, SIMPLIFIED, TRADITIONAL, is_of_other_script

steady = settings(derandomize=True, deadline=None, max_examples=300)

SCRIPTS = ("Latn", "Hans", "Hant")

ENGLISH = (
    "Marlow Quay Foods will close two of its five canneries on the estuary and move the work to a new plant "
    "inland, the company said. About three hundred people are affected; most of them have been offered a "
    "place at the new site, which starts with canned peas in the spring. Fishermen of the town asked for a "
    "meeting with the board. The shares closed one cent lower at 4.20 on thin volume."
)
SIMPLIFIED_TEXT = (
    "马洛码头食品公司将关闭河口五家罐头厂中的两家，并把业务转移到内陆的新厂区。公司说，约三百名员工受到影响，"
    "其中多数人已经获得新厂的岗位。新厂明年春天开始运转，首先生产豌豆罐头。当地渔民要求与董事会见面。"
    "该公司股价收盘下跌一分，报四元二角，成交清淡。"
)
TRADITIONAL_TEXT = (
    "馬洛碼頭食品公司將關閉河口五家罐頭廠中的兩家，並把業務轉移到內陸的新廠區。公司說，約三百名員工受到影響，"
    "其中多數人已經獲得新廠的崗位。新廠明年春天開始運轉，首先生產豌豆罐頭。當地漁民要求與董事會見面。"
    "該公司股價收市下跌一仙，報四元二角，成交清淡。"
)
TEXTS = {"Latn": ENGLISH, "Hans": SIMPLIFIED_TEXT, "Hant": TRADITIONAL_TEXT}


# --- The table ------------------------------------------------------------------------------------


def test_no_character_stands_on_both_sides_or_twice() -> None:
    pairs = _PAIRS.split()
    assert len(pairs) > 400
    assert {len(pair) for pair in pairs} == {2}
    assert len(SIMPLIFIED) == len(TRADITIONAL) == len(pairs)
    assert frozenset() == SIMPLIFIED & TRADITIONAL


def test_only_chinese_characters_stand_in_it() -> None:
    assert {character for character in SIMPLIFIED | TRADITIONAL if not "一" <= character <= "龥"} == set()


def test_each_side_is_in_its_own_character_set_and_not_in_the_others() -> None:
    # GB 2312 has no traditional character beside its simplified one. Big5 has, among its rare characters,
    # old ones that look like simplified ones; its frequent ones end before C6 7F.
    assert {one for one in SIMPLIFIED if not _bytes(one, "gb2312")} == set()
    assert {other for other in TRADITIONAL if _bytes(other, "gb2312")} == set()
    assert {one for one in SIMPLIFIED if b"" < _bytes(one, "big5") < b"\xc6\x7f"} == set()
    assert {other for other in TRADITIONAL if not b"" < _bytes(other, "big5") < b"\xc6\x7f"} == set()


def _bytes(character: str, encoding: str) -> bytes:
    return character.encode(encoding, errors="ignore")


def test_characters_of_both_sides_are_left_out() -> None:
    shared = (
        "里后面台干只云于几才丑斗郁准范占游胡回伙家冲征志折周制致曲舍松谷余御朴秋千着著群床税脱户强决况减别"
    )
    assert {character for character in shared if character in SIMPLIFIED | TRADITIONAL} == set()


# --- What is told ---------------------------------------------------------------------------------


@pytest.mark.parametrize("promised", SCRIPTS)
@pytest.mark.parametrize("written", SCRIPTS)
def test_each_text_is_of_its_own_script_and_of_no_other(written: str, promised: str) -> None:
    assert is_of_other_script(TEXTS[written], promised) is (written != promised)


@pytest.mark.parametrize("script", [None, "", "Cyrl", "Hani"])
def test_of_a_script_that_is_not_known_nothing_is_told(script: str | None) -> None:
    assert not any(is_of_other_script(text, script) for text in TEXTS.values())


@pytest.mark.parametrize(
    ("script", "text"),
    [
        ("Latn", ""),
        ("Hans", ""),
        ("Hant", ""),
        # Too short to tell.
        ("Latn", TRADITIONAL_TEXT[:35]),
        ("Hant", SIMPLIFIED_TEXT[:35]),
        ("Hans", TRADITIONAL_TEXT[:35]),
        ("Hans", "Fed holds rates; Brent up 2%"),
        ("Hant", "NVDA AAPL MSFT GOOGL AMZN META TSLA " * 5),
        # Chinese names and a quotation in English.
        ("Latn", f"The firm (海辰儲能, 海辰储能) and its rival 寧德時代 (宁德时代) said so. {ENGLISH}"),
        ("Latn", f"{ENGLISH} Its motto, in full: {TRADITIONAL_TEXT[:60]}"),
        ("Latn", ENGLISH.replace("The shares", f"The chairman said: 「{TRADITIONAL_TEXT}」 The shares")),
        # Punctuation and letters that are not Chinese.
        ("Latn", "“" + "Ça coûte cher — très cher™ … " * 20),
        ("Latn", "Рынки закрылись ростом. " * 20),
        ("Latn", "，。「」《》（）：；" * 40),
        # Tickers, names and whole paragraphs of English in Chinese.
        ("Hans", SIMPLIFIED_TEXT + " AAPL.US NVDA.US 00700.HK" * 30),
        ("Hant", "現貨價格一覽：\n" + "- NVDA 188.20 AMD 212.10 AVGO 340.05\n" * 30),
        ("Hant", ENGLISH * 3 + "（完）"),
        ("Hans", ENGLISH * 30 + "（完）"),
        # The other side quoted.
        ("Hans", f"{SIMPLIFIED_TEXT}公告原文：「{TRADITIONAL_TEXT[:60]}」"),
        ("Hant", f"{TRADITIONAL_TEXT}公告原文：「{SIMPLIFIED_TEXT[:60]}」"),
        # Half of each: nobody can tell.
        ("Hans", TRADITIONAL_TEXT + SIMPLIFIED_TEXT),
        ("Hant", TRADITIONAL_TEXT + SIMPLIFIED_TEXT),
        # Nothing but characters that both sides have.
        ("Hans", "今日天氣晴朗，山上有人，水中有魚。".replace("氣", "").replace("魚", "") * 20),
        ("Hant", "里后面台干只云于几才丑斗郁准范占游胡回" * 20),
        # One name, however often.
        ("Hans", ("周鑫先生持有臺灣龍騰股份" + "，今日持有大量股份，明日未必持有") * 20),
        ("Hant", ("周鑫先生持有龙腾股份" + "，今日持有大量股份，明日未必持有") * 20),
    ],
)
def test_where_there_is_doubt_nothing_is_told(script: str, text: str) -> None:
    assert is_of_other_script(text, script) is False


@pytest.mark.parametrize(
    ("script", "text"),
    [
        ("Latn", f"Marlow Quay Foods\n{TRADITIONAL_TEXT}"),
        ("Latn", f"{SIMPLIFIED_TEXT} (Marlow Quay Foods Ltd, MQF.US)"),
        ("Hant", f"臺灣龍騰股份\n{SIMPLIFIED_TEXT * 3}"),
        ("Hans", f"龙腾股份\n{TRADITIONAL_TEXT * 3}"),
        ("Hans", ENGLISH),
        ("Hant", ENGLISH),
        ("Hant", SIMPLIFIED_TEXT[:90]),
        ("Hans", TRADITIONAL_TEXT[:90]),
    ],
)
def test_where_there_is_none_it_is_told(script: str, text: str) -> None:
    assert is_of_other_script(text, script) is True


def test_only_the_beginning_counts() -> None:
    assert not is_of_other_script(ENGLISH * 5 + TRADITIONAL_TEXT * 50, "Latn")
    assert not is_of_other_script(TRADITIONAL_TEXT * 12 + SIMPLIFIED_TEXT * 50, "Hant")


@steady
@given(
    st.text(max_size=300)
    | st.text(alphabet=sorted(SIMPLIFIED | TRADITIONAL) + list("一丁 ,.abc"), max_size=300),
    st.sampled_from(SCRIPTS),
)
def test_any_text_has_an_answer_and_never_two_chinese_ones(text: str, script: str) -> None:
    assert is_of_other_script(text, script) in (True, False)
    if max(text, default=" ") >= "\u3400" and any("一" <= character <= "龥" for character in text):
        # With any Chinese in it, a text is simplified, traditional, or cannot be told.
        assert not (is_of_other_script(text, "Hans") and is_of_other_script(text, "Hant"))
