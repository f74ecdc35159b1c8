"""``scrapy reference``: the lists of listings in the data folder, and the official ones they come from."""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

from scrapy.commands import ScrapyCommand

from newscrawl.archive.files import write_whole
from newscrawl.components import add_contact
from newscrawl.exceptions import ArgumentError, NewscrawlError
from newscrawl.queue.opening import reference_dir
from newscrawl.reference import open_reference
from newscrawl.shown import shorten
from newscrawl.symbols.disagreements import disagreements

# What reads and fetches lists is loaded where it is used: each command of Scrapy loads this module.
if TYPE_CHECKING:
    from newscrawl.reference.fetching import Answer
    from newscrawl.reference.updating import Update

# The setting with the address of each list.
ADDRESSES = {
    "nasdaq": "REFERENCE_NASDAQ_URL",
    "nyse_and_others": "REFERENCE_OTHERS_URL",
    "sec": "REFERENCE_SEC_URL",
    "hkex": "REFERENCE_HKEX_URL",
    "sgx": "REFERENCE_SGX_URL",
}
_NAMES = ", ".join(ADDRESSES)
_NAME = re.compile(r"[a-z0-9][a-z0-9_\-]{0,40}")


class Command(ScrapyCommand):
    """Shows, updates or checks the lists.

    Exit status 0 where all is well, 1 where a list could not be had or used (the others are updated all the
    same), 2 for wrong arguments.
    """

    requires_project = True
    requires_crawler_process = False

    def syntax(self) -> str:
        return "[show | update [LIST…] | import FILE [--name NAME] | conflicts]"

    def short_desc(self) -> str:
        return "Show, update or check the lists of listings: names, types, venues"

    def long_desc(self) -> str:
        return (
            "update asks the official lists once each and keeps what they say, with its days, in the folder "
            f"reference/ of DATA_DIR; LIST is any of {_NAMES}. import takes a CSV file of your own with "
            "the column symbol and any of name, type, mic, currency, isin, cik, figi, valid_from and "
            "valid_to; a list of the same name is replaced. conflicts prints what lists say differently, and "
            "where they do not fit the ranges of codes: such facts are null in the data."
        )

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        super().add_options(parser)
        parser.add_argument("--name", help="the name of an imported list (default: that of the file)")
        parser.add_argument(
            "--date",
            metavar="YYYY-MM-DD",
            help="the day of which conflicts are printed (default: today, UTC)",
        )

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        assert self.settings is not None
        folder = reference_dir(self.settings)
        verb, rest = (args[0], args[1:]) if args else ("show", [])
        try:
            if verb == "update":
                self._update(folder, rest)
            elif verb == "import":
                self._import(folder, rest, opts.name)
            elif verb in ("show", "conflicts") and not rest:
                for line in _shown(folder) if verb == "show" else _conflicts(folder, _day(opts.date)):
                    print(line)
            else:
                _refuse("show, update, import FILE or conflicts", shorten(" ".join(args)))
        except (NewscrawlError, OSError) as error:
            print(f"scrapy reference: {error}", file=sys.stderr)
            self.exitcode = 2 if isinstance(error, ArgumentError) else 1
        except KeyboardInterrupt:
            print("scrapy reference: stopped; each list is as it was before or whole", file=sys.stderr)
            self.exitcode = 130

    def _update(self, folder: Path, names: list[str]) -> None:
        from newscrawl.reference.updating import update  # noqa: PLC0415

        assert self.settings is not None
        if unknown := [name for name in names if name not in ADDRESSES]:
            _refuse(f"any of {_NAMES}", shorten(unknown[0]))
        add_contact(self.settings)
        for name in names or ADDRESSES:
            url = str(self.settings[ADDRESSES[name]])
            if not url:
                print(f"{name}: left out, {ADDRESSES[name]} is empty")
                continue
            try:
                found = update(folder, name, self._asks(url), datetime.now(UTC).date(), write_whole)
            except (NewscrawlError, OSError) as error:
                # The others may still be had.
                print(f"scrapy reference: {name}: {error}; the old list is kept", file=sys.stderr)
                self.exitcode = 1
                continue
            print(f"{name}: nothing new" if found is None else _summary(found))
        count = sum(1 for _ in open_reference(folder).conflicts(datetime.now(UTC).date()))
        print(
            f"{count} facts on which lists differ are null"
            + ("; see scrapy reference conflicts" * (count > 0))
        )

    def _asks(self, url: str) -> Callable[[str | None, str | None], Answer]:
        from newscrawl.reference.fetching import fetch  # noqa: PLC0415

        settings = self.settings
        assert settings is not None

        def ask(etag: str | None, last_modified: str | None) -> Answer:
            return fetch(
                url,
                user_agent=str(settings["USER_AGENT"]),
                etag=etag,
                last_modified=last_modified,
                timeout=settings.getfloat("REFERENCE_TIMEOUT"),
                largest=settings.getint("REFERENCE_MAXSIZE"),
            )

        return ask

    def _import(self, folder: Path, rest: list[str], name: str | None) -> None:
        from newscrawl.reference.updating import import_own  # noqa: PLC0415

        if len(rest) != 1:
            _refuse("one file after import", shorten(" ".join(rest)) if rest else "none")
        path = Path(rest[0])
        chosen = name or path.stem.lower()
        if not _NAME.fullmatch(chosen):
            _refuse("--name of small letters, digits, - and _", shorten(chosen))
        print(_summary(import_own(folder, path, chosen, datetime.now(UTC).date(), write_whole)))


def _refuse(expected: str, found: str) -> NoReturn:
    raise ArgumentError(f"expected {expected}, found {found}")


def _day(text: str | None) -> date:
    if text is None:
        return datetime.now(UTC).date()
    try:
        return datetime.strptime(text, "%Y-%m-%d").replace(tzinfo=UTC).date()
    except ValueError:
        _refuse("--date as YYYY-MM-DD", shorten(text))


def _summary(found: Update) -> str:
    skipped = f", {found.skipped} lines of other kinds" if found.skipped else ""
    return (
        f"{found.name}: {found.rows} listings of {found.day}{skipped}; "
        f"{found.new} new, {found.changed} changed, {found.gone} gone"
    )


def _shown(folder: Path) -> list[str]:
    reference = open_reference(folder)
    lines = [f"version {reference.version()}"]
    for table in reference.tables:
        rows = [row for row in table if row.valid_to is None]
        newest = max((row.as_of for row in rows), default=None)
        lines.append(f"{table.where}: {len(rows)} listings, newest of {newest}, {table.digest()}")
    return lines


def _conflicts(folder: Path, day: date) -> list[str]:
    lines = list(disagreements(open_reference(folder), day))
    return lines or [f"no lists differ on {day}"]
