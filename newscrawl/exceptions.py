"""Everything this project raises on purpose."""

from __future__ import annotations


class NewscrawlError(Exception):
    """Base of all errors raised on purpose; its text is one clear line for a person."""


class ArgumentError(NewscrawlError):
    """An argument of a command cannot be used. Raised by ``plan`` before anything is fetched."""


class NotAnArticleAddress(NewscrawlError):
    """An address does not name one article. Raised by ``pages.address``."""


class OutputError(NewscrawlError):
    """The data folder cannot be written. Raised by ``frontier.segments``; nothing committed is lost."""


class StateError(NewscrawlError):
    """The state cannot be used. Raised by ``frontier``; its text names the remedy."""


class StateLost(StateError):
    """The state is gone or damaged; its lines are there. ``scrapy rebuild`` is the remedy."""


class AlreadyRunning(NewscrawlError):
    """Another process runs the same crawl now. Raised by ``frontier.store`` when a run is opened."""


class AlreadyFinished(NewscrawlError):
    """A named run is finished already. Raised by ``frontier.store`` when a run is opened."""


class CodedError(NewscrawlError):
    """An error that also carries a code from a closed list (``newscrawl.codes``).

    ``code`` goes into the data, ``detail`` says what was found, for a person.
    """

    def __init__(self, code: str, detail: str = "") -> None:
        super().__init__(f"{code}: {detail}" if detail else code)
        self.code = code
        self.detail = detail


class PageError(CodedError):
    """A page cannot be read as an article. Raised by ``pages`` and by nothing else.

    ``code`` is one of ``codes.REJECTIONS``.
    """


class Refused(CodedError):
    """A value is not one this project accepts. Raised by ``fields``.

    ``code`` is one of ``codes.WARNINGS``.
    """
