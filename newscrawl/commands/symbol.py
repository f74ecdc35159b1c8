"""``scrapy symbol``: what a symbol is, and why."""

from __future__ import annotations

import argparse
import json
import sys
from datetime import UTC, date, datetime

from scrapy.commands import ScrapyCommand

from newscrawl.exceptions import Refused
from newscrawl.fields.spellings import read_symbol
from newscrawl.fields.symbols import Resolved, explain


class Command(ScrapyCommand):
    """Prints a few lines for each symbol, in any tool's spelling."""

    requires_project = True
    requires_crawler_process = False

    def syntax(self) -> str:
        return "[options] <symbol> …"

    def short_desc(self) -> str:
        return "Show what symbols are and why: 02399.HK HKG:2399 BRK-B"

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        super().add_options(parser)
        parser.add_argument(
            "--on", metavar="DAY", help="what they were on that day (2025-10-08); today if left out"
        )
        parser.add_argument("--json", action="store_true", help="one line of JSON for each")

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        try:
            on = date.fromisoformat(opts.on) if opts.on else datetime.now(UTC).date()
        except ValueError:
            self._refuse(f"--on: expected a day such as 2025-10-08, found {opts.on!r}")
            return
        if not args:
            self._refuse("expected at least one symbol, found none")
        for text in args:
            try:
                found, why = _explain(text, read_symbol(text, on), on)
            except Refused as refusal:
                self._refuse(refusal.detail)
                continue
            print(json.dumps(_as_json(text, found, why)) if opts.json else _as_text(text, found, why))

    def _refuse(self, text: str) -> None:
        print(f"scrapy symbol: {text}", file=sys.stderr)
        self.exitcode = 2


def _explain(text: str, symbol: str, on: date) -> tuple[Resolved, list[str]]:
    try:
        found, why = explain(text, on)
    except Refused:
        return explain(symbol, on)
    # An old code became another symbol: the reason is in what was typed, not in what it is now.
    return (found, why) if found.symbol == symbol else explain(symbol, on)


def _as_json(text: str, found: Resolved, why: list[str]) -> dict[str, object]:
    return {"given": text, **found._asdict(), "why": why}


def _as_text(text: str, found: Resolved, why: list[str]) -> str:
    place = f"{found.mic or 'venue not told'}, {found.currency or 'currency not told'}"
    lines = [f"{text} = {found.symbol}", f"  {found.type:8} {place}; exchange code {found.code}"]
    if found.primary_symbol:
        lines.append(f"  main     {found.primary_symbol}")
    spelt = [f"{tool} {name}" for tool, name in zip(("Yahoo", "RIC", "Futu"), found[8:], strict=True) if name]
    if spelt:
        lines.append(f"  spelt    {', '.join(spelt)}")
    return "\n".join(lines + [f"  why      {reason}" for reason in why])
