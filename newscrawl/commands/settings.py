"""``scrapy settings``: Scrapy's own, which shows no password."""

from __future__ import annotations

import argparse

from scrapy.commands import settings

from newscrawl.secret_settings import conceal
from newscrawl.shown import Concealed


class Command(settings.Command):
    """Replaces Scrapy's command of the same name in this project."""

    def process_options(self, args: list[str], opts: argparse.Namespace) -> None:
        super().process_options(args, opts)
        assert self.settings is not None
        conceal(self.settings)
        for name in tuple(self.settings):
            value = self.settings[name]
            if isinstance(value, Concealed):
                self.settings.set(name, repr(value)[1:-1], priority="cmdline")
