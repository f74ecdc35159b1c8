"""``scrapy symbol``: what a symbol is, and why."""

from __future__ import annotations

import argparse
import json
import sys
from dataclasses import asdict
from datetime import UTC, date, datetime
from typing import Any

from scrapy.commands import ScrapyCommand

from newscrawl import reference
from newscrawl.exceptions import NewscrawlError, Refused
from newscrawl.queue.opening import reference_dir
from newscrawl.shown import shorten
from newscrawl.symbols import Instrument, ParsedSymbol, explain, resolve
from newscrawl.symbols.numbers import parse_any


class Command(ScrapyCommand):
    """Prints a block, or with ``--json`` a line, for each symbol that can be read."""

    requires_project = True
    requires_crawler_process = False

    def syntax(self) -> str:
        return "[options] SYMBOL…"

    def short_desc(self) -> str:
        return "Show what symbols, ISINs and FIGIs are, and why (02399.HK, HKG:2399, BRK-B)"

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        super().add_options(parser)
        parser.add_argument(
            "--date", metavar="YYYY-MM-DD", help="the day for which codes are looked up (default: today, UTC)"
        )
        parser.add_argument(
            "--json", action="store_true", help="one JSON object a line, fields as in the data"
        )

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        on = _day(opts.date)
        if on is None:
            self._refuse(f"expected --date as YYYY-MM-DD, found {shorten(opts.date)}")
            return
        if not args:
            self._refuse("expected symbols such as 02399.HK, found none")
            return
        assert self.settings is not None
        reference.use(reference_dir(self.settings))
        try:
            reference.current()
        except NewscrawlError as error:
            print(f"scrapy symbol: {error}", file=sys.stderr)
            self.exitcode = 1
            return
        self._show(args, on, as_json=opts.json)

    def _show(self, args: list[str], on: date, *, as_json: bool) -> None:
        shown = 0
        for text in args:
            try:
                parsed = parse_any(text, on)
                found = resolve(parsed.symbol, on)
            except Refused as refusal:
                self._refuse(refusal.detail)
                continue
            reasons = explain(parsed.symbol, on)
            if as_json:
                print(json.dumps(_record(text, on, found, reasons), ensure_ascii=False))
            else:
                print(("\n" if shown else "") + "\n".join(_lines(text, on, parsed, found, reasons)))
            shown += 1

    def _refuse(self, detail: str) -> None:
        print(f"scrapy symbol: {detail}", file=sys.stderr)
        self.exitcode = 2


def _day(text: str | None) -> date | None:
    if text is None:
        return datetime.now(UTC).date()
    try:
        # `fromisoformat` alone accepts weeks, and days without hyphens, too.
        return datetime.strptime(text, "%Y-%m-%d").replace(tzinfo=UTC).date()
    except ValueError:
        return None


def _lines(text: str, on: date, parsed: ParsedSymbol, found: Instrument, reasons: list[str]) -> list[str]:
    """Return the block for a person: what was typed, and below it a line for each known fact."""
    venue = ", ".join(part for part in (f"market {found.market or 'unknown'}", found.mic) if part)
    rows = [
        ("read", f"{parsed.symbol}, {parsed.spelling}"),
        ("symbol", f"{found.symbol} on {on}"),
        ("name", " / ".join(reference.names_of(str(found.symbol), on)) or None),
        ("type", found.type),
        ("code", f"{found.code}, {venue}"),
        ("currency", found.currency),
        ("primary", found.primary_symbol),
        ("Yahoo", found.vendor.yahoo),
        ("Reuters", found.vendor.ric),
        ("Futu", found.vendor.futu),
        *(("why", reason) for reason in reasons),
    ]
    return [text, *(f"  {name:8}  {value}" for name, value in rows if value is not None)]


def _record(text: str, on: date, found: Instrument, reasons: list[str]) -> dict[str, Any]:
    return {**asdict(found), "raw": text, "date": on.isoformat(), "why": reasons}
