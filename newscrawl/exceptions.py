"""Everything this project raises on purpose."""

from __future__ import annotations


class NewscrawlError(Exception):
    """Base of all errors raised on purpose; its text is one clear line for a person."""


class ArgumentError(NewscrawlError):
    """An argument of a command cannot be used. Raised by ``plan`` before anything is fetched."""


class NotAnArticleAddress(NewscrawlError):
    """An address does not name one article. Raised by ``sites``.

    ``expected`` and ``found`` are the two parts of its text, for whoever must not show what was found.
    """

    def __init__(self, expected: str, found: str) -> None:
        super().__init__(f"expected {expected}, found {found}")
        self.expected = expected
        self.found = found


class OutputError(NewscrawlError):
    """The data folder cannot be written. Raised by ``archive``; nothing committed is lost."""


class DamagedLine(NewscrawlError):
    """A published line cannot be read; the text names file and line."""


class ArchiveError(NewscrawlError):
    """An archive file, or its index, cannot be read; the text names file and record."""


class StateError(NewscrawlError):
    """The state cannot be used. Raised by ``database`` and ``queue``; its text names the remedy."""


class StateLost(StateError):
    """The state is gone or damaged; its lines are there. ``scrapy rebuild`` is the remedy."""


class StoppedEarly(NewscrawlError):
    """The process was told to stop while the state was being opened, and the state did not answer."""


class AlreadyRunning(NewscrawlError):
    """Another process runs the same crawl now. Raised by ``queue.runs`` when a run is opened."""


class AlreadyFinished(NewscrawlError):
    """A named run is finished already. Raised by ``queue.runs`` when a run is opened."""


class CodedError(NewscrawlError):
    """An error that also carries a code from a closed list (``newscrawl.codes``).

    ``code`` goes into the data, ``detail`` says what was found, for a person.
    """

    def __init__(self, code: str, detail: str = "") -> None:
        super().__init__(f"{code}: {detail}" if detail else code)
        self.code = code
        self.detail = detail


class PageError(CodedError):
    """A page cannot be read as an article. Raised by the readers in ``sites`` and by nothing else.

    ``code`` is one of ``codes.RejectionReason``.
    """


class Refused(CodedError):
    """A value is not one this project accepts. Raised by ``symbols`` and ``refine``.

    ``code`` is one of ``codes.WarningCode``.
    """


def describe(error: BaseException) -> str:
    """Return any exception in one line: its type, and the first line of its text."""
    text = (str(error).splitlines() or [""])[0]
    return f"{type(error).__name__}: {text}" if text else type(error).__name__
