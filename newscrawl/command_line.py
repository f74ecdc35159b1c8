"""What several of Scrapy's commands get in this project; ``commands/`` has one file for each."""

from __future__ import annotations

import argparse
import asyncio
import atexit
import gc
import logging
import sys
from contextlib import suppress
from typing import TYPE_CHECKING, Any, NoReturn

from scrapy import Spider
from scrapy.commands import ScrapyCommand
from scrapy.crawler import Crawler, CrawlerProcessBase
from scrapy.exceptions import UsageError
from scrapy.settings import SETTINGS_PRIORITIES, BaseSettings, Settings
from scrapy.utils.log import configure_logging
from twisted.internet.defer import Deferred
from twisted.python.failure import Failure

from newscrawl.checked_settings import check_settings, log_level
from newscrawl.exceptions import ArgumentError, describe
from newscrawl.lifecycle.ending import LEVELS
from newscrawl.lifecycle.run import RunLifecycle, lifecycle_of
from newscrawl.lifecycle.summary import summary
from newscrawl.text.controls import show, show_lines

if TYPE_CHECKING:
    # At run time these are mixins, so that Scrapy does not take them for commands.
    _Command = ScrapyCommand
else:
    _Command = object


logger = logging.getLogger(__name__)


def refuse(command: str, text: str, settings: Settings) -> NoReturn:
    """Say in one line what cannot be used, and exit with status 2."""
    print(show(f"scrapy {command}: {text}"), file=sys.stderr)
    if settings["LOG_FILE"]:
        # Where nobody reads stderr, as that of a scrapyd job.
        with suppress(OSError):
            configure_logging(settings)
            logging.getLogger("newscrawl").error("failed: %s", text)
    sys.exit(2)


class _Checked(_Command):
    name: str

    def process_options(self, args: list[str], opts: argparse.Namespace) -> None:
        try:
            super().process_options(args, opts)
            assert self.settings is not None
            check_settings(self.settings)
            self.check(args, opts)
        except (ArgumentError, UsageError) as error:
            if not str(error):
                raise
            assert self.settings is not None
            refuse(self.name, str(error), self.settings)

    def check(self, args: list[str], opts: argparse.Namespace) -> None:
        """Raise ArgumentError for what cannot be used."""


class RunsCrawl(_Checked):
    """For commands that run one crawl: its verdict becomes their exit status.

    On a terminal a few lines say how it went. Elsewhere the log says it, so that cron sends no mail for a
    success.
    """

    _created: Crawler | None = None

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        super().add_options(parser)
        parser.add_argument(
            "--verbose",
            action="store_true",
            help="say at the end how the run went, also where stderr is no terminal",
        )

    def process_options(self, args: list[str], opts: argparse.Namespace) -> None:
        super().process_options(args, opts)
        settings = self.settings
        assert settings is not None
        is_project_level = settings.getpriority("LOG_LEVEL") == SETTINGS_PRIORITIES["project"]
        if sys.stderr.isatty() and not settings["LOG_FILE"] and is_project_level:
            # On a terminal there is the progress line; the log adds warnings and errors.
            settings.set("LOG_LEVEL", "WARNING", priority="project")

    def _create_crawler(self, spidercls: type[Spider] | str) -> Crawler:
        self._created = super()._create_crawler(spidercls)  # type: ignore[misc]
        assert self._created is not None
        return self._created

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        assert self.crawler_process is not None
        crawls = _Crawls(self.crawler_process)
        # What is loaded stays until the end. Looking through it for garbage, again and again, took a crawl
        # over a tenth of its time.
        gc.freeze()
        # Extension modules that count their objects at exit would report these as leaks.
        atexit.register(gc.unfreeze)
        try:
            super().run(args, opts)  # type: ignore[safe-super]
        except UsageError as usage:
            # Found late, as a file that is not there: in one line, too.
            if not str(usage) or self.settings is None:
                raise
            refuse(self.name, str(usage).strip(), self.settings)
        error = crawls.error()
        if error is not None:
            logger.error("the crawl could not be set up", exc_info=error)
        lifecycle = None if self._created is None else lifecycle_of(self._created)
        if lifecycle is not None:
            self._tell(lifecycle, opts, error)
        if error is not None:
            self.exitcode = self.exitcode or 1
            print(show(f"scrapy {self.name}: {describe(error)}"), file=sys.stderr)

    def _tell(self, lifecycle: RunLifecycle, opts: argparse.Namespace, error: BaseException | None) -> None:
        verdict = lifecycle.finish(error)
        self.exitcode = verdict.status
        settings = lifecycle.crawler.settings
        if opts.verbose or (sys.stderr.isatty() and not settings["LOG_FILE"]):
            print(show_lines(summary(lifecycle)), file=sys.stderr)
        elif error is None and verdict.status and not _is_logged_here(settings, LEVELS[verdict.word]):
            # What cron sends.
            print(show(f"scrapy {self.name}: {verdict.word}: {verdict.text}"), file=sys.stderr)


def _is_logged_here(settings: BaseSettings, level: int) -> bool:
    """Tell whether a log record of a level goes to stderr."""
    return settings.getbool("LOG_ENABLED") and not settings["LOG_FILE"] and level >= log_level(settings)


class _Crawls:
    """Keeps what a process's crawl comes to, so that a failed set-up can be told in one line."""

    def __init__(self, process: CrawlerProcessBase) -> None:
        self._crawl = process.crawl
        self._result: Any = None
        self._error: BaseException | None = None
        process.crawl = self._keep  # type: ignore[method-assign]

    def _keep(self, *args: Any, **kwargs: Any) -> Any:
        self._result = self._crawl(*args, **kwargs)
        if isinstance(self._result, Deferred):
            self._result.addErrback(self._note)
        return self._result

    def _note(self, failure: Failure) -> None:
        self._error = failure.value

    def error(self) -> BaseException | None:
        """Return the exception that ended the crawl; None where there was none, or it has not ended."""
        result = self._result
        if isinstance(result, asyncio.Task) and result.done() and not result.cancelled():
            return result.exception()
        return self._error


class LooksAtPages(_Checked):
    """For commands that look at pages: Scrapy's own scheduler, no state, nothing saved."""

    def process_options(self, args: list[str], opts: argparse.Namespace) -> None:
        super().process_options(args, opts)
        assert self.settings is not None
        self.settings.set("QUEUE_ENABLED", value=False, priority="cmdline")
