"""Pages that mean harm, through a whole crawl: what is written, what is logged, what is shown."""

from __future__ import annotations

import json
from dataclasses import dataclass

import pytest

from newscrawl.text.controls import has_controls
from tests.crawl.crawl_runs import FAST, Run, crawl, run
from tests.crawl.faulty_site import FaultySite, markdown

FIRST = 290118204
STEERING = "\x9b2J \x7f \x1b]0;title\x07 \u202egnp.exe \u2028"


def article(number: int, body: str, title: str = "A title", *, url: bool = True) -> bytes:
    """A page of the source, as it should be but for its body."""
    address = f'url: "https://longbridge.com/en/news/{number}.md"\n' if url else ""
    return (
        f'---\ntitle: "{title}"\ntype: "News"\nlocale: "en"\n{address}description: "A text"\n'
        f'datetime: "2026-06-30T09:12:44.108Z"\n---\n\n# {title}\n\n{body}\n'
    ).encode()


LINKS = "\n".join(
    f"- [Number {number}](https://longbridge.com/en/news/{number}.md)" for number in range(101_000, 102_500)
)
PAGES = {
    FIRST: article(
        FIRST,
        f"Up {STEERING} down.\n\n## Related News & Research\n\n" + LINKS,
        f"Up \u202e {STEERING[0]}down",
    ),
    101_000: article(101_000, "No address", url=False),
    101_001: b'---\ntitle: "Log in"\ntype: "News"\n---\n\n# Log in\n\nPlease log in first.\n',
    101_002: f"\u8be5\u5185\u5bb9\u5728\u5f53\u524d\u5730\u533a\u4e0d\u53ef\u89c1 {STEERING}".encode(),
    101_003: article(101_003, "x" * 1_100_000),
    101_004: article(101_004, "0700.HK " * 120_000),
}


@dataclass(frozen=True, slots=True)
class Outcome:
    """A crawl of these pages, and what is shown of it afterwards."""

    run: Run
    status: Run
    head: Run


@pytest.fixture(scope="module")
def outcome(tmp_path_factory: pytest.TempPathFactory) -> Outcome:
    folder = tmp_path_factory.mktemp("hostile")
    pages = {f"/en/news/{number}.md": content for number, content in PAGES.items()}
    site = FaultySite({path: markdown(content) for path, content in pages.items()}, pages)
    words = ("-a", "locales=en", "-a", "limit=6", *FAST, "-s", "LOG_LEVEL=DEBUG")
    with site.serving():
        done = crawl(f"{site.origin}/en/news/{FIRST}.md", folder / "data", *words)
    status, head = (run(words, folder / "data") for words in (("status",), ("head", "-n", "2")))
    return Outcome(done, status, head)


def test_pages_that_do_not_name_themselves_are_no_articles(outcome: Outcome) -> None:
    assert {line["uid"]: line["reason"] for line in outcome.run.lines("rejected")} == {
        "longbridge:101000:en": "identity_missing",
        "longbridge:101001:en": "identity_missing",
        "longbridge:101002:en": "region_notice",
        "longbridge:101003:en": "too_large",
    }
    assert set(outcome.run.uids) == {f"longbridge:{FIRST}:en", "longbridge:101004:en"}


def test_a_page_over_one_megabyte_is_told_with_its_size(outcome: Outcome) -> None:
    (line,) = [line for line in outcome.run.lines("rejected") if line["reason"] == "too_large"]
    assert "1048576" in line["detail"]
    assert line["head"] is None


def test_lists_are_cut_and_what_was_left_out_is_logged(outcome: Outcome) -> None:
    lines = {line["uid"]: line for line in outcome.run.lines()}
    first, many = lines[f"longbridge:{FIRST}:en"], lines["longbridge:101004:en"]
    assert [len(first["related"]), len(many["mentions"])] == [1_000, 1_000]
    assert {"control_characters", "related_cut"} <= set(first["warnings"])
    assert "mentions_cut" in many["warnings"]
    assert "control_characters" not in many["warnings"]
    assert "related_cut '500 of 1500 left out'" in outcome.run.stderr
    assert outcome.run.manifest["warnings"]["related_cut"] == 1


def test_values_are_kept_and_nothing_raw_is_written_or_shown(outcome: Outcome) -> None:
    for kind in ("articles", "rejected"):
        for path in outcome.run.folder.glob(f"{kind}/*/*.jsonl"):
            assert not has_controls(path.read_text(encoding="utf-8"))
    (first,) = [line for line in outcome.run.lines() if line["uid"].endswith(f"{FIRST}:en")]
    assert first["body"] == f"Up {STEERING} down."
    assert not has_controls(json.dumps(outcome.run.manifest, ensure_ascii=False))
    for shown in (outcome.run.stderr, outcome.status.stdout, outcome.head.stdout):
        assert shown
        assert not has_controls(shown)
    # The notice came with them, so the log would have had them.
    assert r"\x9b2J" in outcome.run.stderr
    assert "U+202E" in outcome.head.stdout
