"""Mentions in any text at all: nothing raises, and every answer is whole."""

from __future__ import annotations

from datetime import date

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from newscrawl.codes import MentionRule
from newscrawl.symbols import resolve
from newscrawl.text.mentions import find_mentions

DAY = date(2026, 5, 8)
PIECES = (
    "$", "(", ")", "（", "）", "[", "]", "](", "`", "```\n", "\n", "\n\n", "<", ">", " ", ",", ":", ".", "-",
    "TENCENT", "00700.HK", "09988", "0700", "600519.SH", "NVDA", "NVDA.US", ".US", "NYSE:", "NASDAQ: ",
    "OTC: ", "US.", " HK", ".O", "[st]ST/US/", "#英伟达[/st]", "stock code: ", "股份代號：", "AI", "W",
    " – Get Free Report", "Nvidia", "'s ", " and ", "及", "/", "00700.HK.md", "腾讯", "🙂", "2026",
    "https://longbridge.com/en/quote/", "\ud800", "\x00",
)  # fmt: skip


def listed(symbol: str, day: date) -> tuple[str, ...]:
    assert day == DAY
    return {"NVDA.US": ("NVIDIA CORP",), "700.HK": ("TENCENT", "腾讯控股")}.get(symbol, ())


@settings(derandomize=True, deadline=None, max_examples=400, suppress_health_check=[HealthCheck.too_slow])
@given(st.one_of(st.text(max_size=200), st.lists(st.sampled_from(PIECES), max_size=30).map("".join)))
def test_nothing_raises_and_every_answer_is_whole(body: str) -> None:
    found = find_mentions({"body": body}, ("NVDA.US", "600519.SH"), DAY, listed)
    assert all(body[mention.start : mention.end] == mention.text for mention in found)
    assert {mention.rule for mention in found} <= set(MentionRule)
    assert all(resolve(mention.symbol, DAY).symbol == mention.symbol for mention in found)
    ends = [0, *(place for mention in found for place in (mention.start, mention.end))]
    assert ends == sorted(ends)
