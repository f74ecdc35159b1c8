"""Files that a user names: only regular ones are read, up to a size."""

from __future__ import annotations

import os
import stat
from pathlib import Path

_AT_ONCE = 1 << 20
_KINDS = (
    (stat.S_ISDIR, "a folder"),
    (stat.S_ISFIFO, "a pipe"),
    (stat.S_ISSOCK, "a socket"),
    (stat.S_ISCHR, "a device"),
    (stat.S_ISBLK, "a device"),
)


class NotReadable(Exception):
    """What was found in place of a regular file that is small enough; the text goes on with the path."""


def read_regular(path: Path, most: int) -> bytes:
    """Return what a regular file of at most ``most`` bytes holds.

    Raises NotReadable for anything else, also for a file that the system makes up while it is read; OSError
    where it cannot be opened or read; ValueError for a path with a NUL.
    """
    # Before it is opened: to open a device may do something.
    _check(path.stat(), most)
    number = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC)
    with os.fdopen(number, "rb", buffering=0) as file:
        # It may be another one by now.
        _check(os.fstat(number), most)
        parts: list[bytes] = []
        size = 0
        while part := file.read(_AT_ONCE):
            parts.append(part)
            size += len(part)
            if size > most:
                raise _too_large(most)
        if size and not os.fstat(number).st_size:
            # As those of /proc, which say what goes on in the system.
            raise NotReadable("one that the system makes up while it is read:")
    return b"".join(parts)


def _check(found: os.stat_result, most: int) -> None:
    if not stat.S_ISREG(found.st_mode):
        kind = next((name for is_kind, name in _KINDS if is_kind(found.st_mode)), "something else")
        raise NotReadable(f"{kind}:")
    if found.st_size > most:
        raise _too_large(most)


def _too_large(most: int) -> NotReadable:
    return NotReadable(f"more than {most} bytes in")
