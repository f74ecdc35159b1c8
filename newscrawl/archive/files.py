"""Files that appear whole or not at all, and the data folder."""

from __future__ import annotations

import filecmp
import os
import re
import secrets
import time
from collections.abc import Callable, Iterable
from pathlib import Path

from newscrawl.exceptions import OutputError

# The folders of the data folder, and the ``kind`` of a line in the state.
ARTICLES = "articles"
OBSERVATIONS = "observations"
REJECTED = "rejected"
ARCHIVE = "archive"
SUFFIXES = {ARTICLES: ".jsonl", OBSERVATIONS: ".jsonl", REJECTED: ".jsonl", ARCHIVE: ".warc.gz"}
"""How the names of published files end, by kind."""

_NUMBERED = re.compile(r".+-[0-9]{6,}")

# A part that is older than this, of a process that is not there any more, will not become a file. The age
# is for process numbers that cannot be seen from here, as in another container on the same folder.
_ABANDONED_SECONDS = 3600.0


def check_writable(data_dir: Path) -> None:
    """Raise OutputError where the data folder cannot be made or written."""
    probe = data_dir / f".writable-{secrets.token_hex(4)}"
    try:
        data_dir.mkdir(parents=True, exist_ok=True)
        probe.write_bytes(b"")
        probe.unlink()
    except OSError as error:
        raise unusable(data_dir, error) from None


def holds_lines(data_dir: Path) -> bool:
    """Tell whether a data folder has published lines, or records."""
    return any(
        next(data_dir.glob(f"{kind}/dt=*/*{suffix}"), None) is not None for kind, suffix in SUFFIXES.items()
    )


def published_files(data_dir: Path) -> set[str]:
    """Return the files that were published to a data folder, as paths relative to it.

    Looks at names only: 100,000 take a fifth of a second. A file whose name is none of ours is left out.
    """
    found: set[str] = set()
    for kind, suffix in SUFFIXES.items():
        for day in names_in(data_dir / kind):
            if day.startswith("dt="):
                names = names_in(data_dir / kind / day)
                found.update(f"{kind}/{day}/{name}" for name in names if _is_published(name, suffix))
    return found


def _is_published(name: str, suffix: str) -> bool:
    return name.endswith(suffix) and _NUMBERED.fullmatch(name.removesuffix(suffix)) is not None


def names_in(folder: Path) -> list[str]:
    """Return the names in a folder; none where there is no such folder."""
    try:
        with os.scandir(folder) as entries:
            return [entry.name for entry in entries]
    except (FileNotFoundError, NotADirectoryError):
        return []


def read_published(data_dir: Path) -> int:
    """Return how many published files the folder's state knew of when it was last noted here; 0 for never."""
    try:
        text = _count_path(data_dir).read_text(encoding="utf-8")
    except FileNotFoundError:
        return 0
    return int(text) if text.strip().isdecimal() else 0


def note_published(data_dir: Path, count: int) -> None:
    """Note how many published files the state knows of: an older copy of it knows fewer. Raises OSError."""
    write_whole(_count_path(data_dir), [f"{count}\n".encode()])


def _count_path(data_dir: Path) -> Path:
    return data_dir / "state" / "published"


def unusable(data_dir: Path, error: OSError) -> OutputError:
    """Return the error that says, in one line, why lines cannot be written."""
    return OutputError(f"expected a data folder that can be written, found {data_dir}: {error}")


class Different(Exception):
    """A file is there already, and holds something else."""


def write_whole(
    path: Path,
    parts: Iterable[bytes],
    *,
    once: bool = False,
    before: Callable[[], None] | None = None,
) -> None:
    """Write a file so that a reader sees all of it or none, also after a crash.

    Written aside, synced, renamed, and the folder synced: POSIX promises a rename to be atomic, and
    only fsync makes it last. With ``once`` a file that is there stays; raises Different where it holds
    something else. ``before`` is called when the file is written and does not appear yet.
    """
    _make_folder(path.parent)
    # Two processes of one disk may write the same file at once, and in two containers both may have the
    # same number; each has its own part.
    aside = path.with_name(f"{path.name}.{os.getpid()}-{secrets.token_hex(4)}.part")
    try:
        with aside.open("xb") as file:
            file.writelines(parts)
            file.flush()
            os.fsync(file.fileno())
        if once:
            _check_same(aside, path)
        if before is not None:
            before()
        aside.replace(path)
    except BaseException:
        aside.unlink(missing_ok=True)
        raise
    _sync(path.parent)


def _check_same(new: Path, old: Path) -> None:
    if old.exists() and not filecmp.cmp(new, old, shallow=False):
        raise Different(old)


def _make_folder(folder: Path) -> None:
    missing = [folder, *folder.parents]
    missing = missing[: next(at for at, place in enumerate(missing) if place.exists())]
    folder.mkdir(parents=True, exist_ok=True)
    # A folder's own name lasts only when the folder above it is synced.
    for made in missing:
        _sync(made.parent)


def _sync(folder: Path) -> None:
    number = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(number)
    finally:
        os.close(number)


def write_once(path: Path, content: bytes) -> bytes:
    """Write a file whole unless it is there already; return what it holds, whoever wrote it."""
    if not path.exists():
        aside = path.with_name(f"{path.name}.{secrets.token_hex(4)}")
        write_whole(aside, [content])
        try:
            # Unlike a rename this never replaces: of two processes the first one's stays.
            os.link(aside, path)
        except FileExistsError:
            pass
        except OSError:
            # A file system without hard links (exFAT).
            if not path.exists():
                aside.replace(path)
        finally:
            aside.unlink(missing_ok=True)
        _sync(path.parent)
    return path.read_bytes()


def sweep(data_dir: Path) -> None:
    """Remove what processes that were killed left half written. Raises OutputError."""
    try:
        for part in (*data_dir.glob("*/dt=*/*.part"), *data_dir.glob("runs/*.part"), *_counts(data_dir)):
            pid = part.name.split(".")[-2].partition("-")[0]
            if pid.isdigit() and not _lives(int(pid)) and _age(part) > _ABANDONED_SECONDS:
                part.unlink(missing_ok=True)
        # Nobody needs these for longer than a moment.
        once = (*data_dir.glob("state/worker.*"), *data_dir.glob("state/identity.*"))
        for part in (*data_dir.glob(".writable-*"), *once):
            if _age(part) > _ABANDONED_SECONDS:
                part.unlink(missing_ok=True)
    except OSError as error:
        raise unusable(data_dir, error) from None


def _counts(data_dir: Path) -> Iterable[Path]:
    return _count_path(data_dir).parent.glob("published.*.part")


def _lives(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        pass
    return True


def _age(path: Path) -> float:
    try:
        return time.time() - path.stat().st_mtime
    except FileNotFoundError:
        return 0.0
