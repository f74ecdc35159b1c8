"""Runs the command that people type, and reads what it leaves behind."""

from __future__ import annotations

import hashlib
import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO, Any

import newscrawl
from tests.archived import archive_files, missing_records, records_in, records_of
from tests.crawl.forked import Forked, can_fork, fork

ROOT = Path(newscrawl.__file__).parents[1]
START = 290118204
QUICK = ("-s", "RETRY_BACKOFF=0.05")
SINGLE = (*QUICK, "-s", "DOWNLOAD_DELAY=0")
FAST = (*SINGLE, "-s", "CONCURRENT_REQUESTS=16", "-s", "CONCURRENT_REQUESTS_PER_DOMAIN=16")
TIME_LIMIT = 60.0

# At which level the log says how a run ended.
LEVELS = {
    "done": "INFO",
    "degraded": "WARNING",
    "failed": "ERROR",
    "stopped": "WARNING",
    "running": "WARNING",
}
_TOLD = re.compile(rf"^\S+ \S+ \[newscrawl\] ([A-Z]+): ({'|'.join(LEVELS)}): (.*)$", re.MULTILINE)

Record = dict[str, Any]
Words = Sequence[str | Path]
Process = subprocess.Popen[bytes] | Forked


@dataclass(frozen=True, slots=True)
class Run:
    """One finished command."""

    folder: Path
    status: int
    stdout: str
    stderr: str

    def files(self, kind: str = "articles") -> list[Path]:
        return sorted(self.folder.glob(f"{kind}/dt=*/*.jsonl"))

    def lines(self, kind: str = "articles") -> list[Record]:
        """All records of a kind; a torn line fails here."""
        found = []
        for path in self.files(kind):
            content = path.read_bytes()
            assert content.endswith(b"\n"), path
            found += [json.loads(line) for line in content.decode().removesuffix("\n").split("\n")]
        return found

    @property
    def uids(self) -> list[str]:
        return sorted(line["uid"] for line in self.lines())

    @property
    def rejected(self) -> dict[str, Record]:
        return {line["uid"]: line for line in self.lines("rejected")}

    @property
    def manifest(self) -> Record:
        (path,) = self.folder.glob("runs/*.json")
        found: Record = json.loads(path.read_bytes())
        assert path.stem == found["run_id"]
        return found

    @property
    def told(self) -> str:
        """What the log says of how the run ended, once and at its level: ``done: nothing new``."""
        found = _TOLD.findall(self.stderr)
        assert len(found) == 1, self.stderr
        ((level, word, text),) = found
        assert level == LEVELS[word]
        return f"{word}: {text}"

    def check(self, status: int) -> None:
        """Hold the run to what every run promises, whatever happened to it."""
        assert self.status == status, self.stderr
        assert "Traceback" not in self.stderr, self.stderr
        manifest = self.manifest
        assert manifest["verdict"]["status"] == status
        assert self.told == f"{manifest['verdict']['word']}: {manifest['verdict']['text']}"
        # Whoever looks at the finish reason alone is not told of a success that was none.
        assert manifest["finish_reason"] != "finished" or manifest["verdict"]["word"] == "done"
        counts = manifest["counts"]
        assert counts["exceptions"] == 0
        assert len(self.lines()) == counts["read"]
        assert len(self.lines("rejected")) == counts["rejected"]
        assert [path for path in self.folder.rglob("*") if path.suffix == ".part"] == []
        listed = {entry["path"]: entry for entry in manifest["files"]}
        assert len(listed) == len(manifest["files"])
        found = [*self.files("articles"), *self.files("rejected")]
        found += self.files("observations")
        archived = archive_files(self.folder)
        assert {path.relative_to(self.folder).as_posix() for path in [*found, *archived]} == set(listed)
        for path in (*found, *archived):
            content = path.read_bytes()
            entry = listed[path.relative_to(self.folder).as_posix()]
            assert entry["sha256"] == hashlib.sha256(content).hexdigest()
            if path in archived:
                assert entry["records"] == 1 + len(records_in(path))
            else:
                assert entry["lines"] == content.count(b"\n")
        if archived:
            lines = [*self.lines(), *self.lines("rejected")]
            assert missing_records(lines, records_of([self.folder])) == []


def comparable(lines: Iterable[Record]) -> list[Record]:
    """Lines without what tells one fetch from another, by uid."""
    found = []
    for line in lines:
        same = {key: value for key, value in line.items() if key not in _OF_ONE_FETCH}
        same["fetched_url"] = line["fetched_url"].split("/", 3)[3]
        same["http"] = {key: value for key, value in line["http"].items() if key not in ("date", "archive")}
        same["related"] = [{**link, "observed_at": None} for link in line["related"]]
        found.append(same)
    return sorted(found, key=lambda line: str(line["uid"]))


_OF_ONE_FETCH = ("crawl", "first_seen_at", "fetched_at", "available_at", "sessions")


def environment(**more: str) -> dict[str, str]:
    """The environment without anything that would set a setting or a proxy."""
    same = {
        name: value
        for name, value in os.environ.items()
        if not name.upper().startswith(("NEWSCRAWL_", "SCRAPY_")) and not name.lower().endswith("_proxy")
    }
    return {**same, **more}


def scrapy(*words: str | Path) -> list[str]:
    return [sys.executable, "-m", "scrapy", *map(str, words)]


def run(words: Words, folder: Path, env: Mapping[str, str] | None = None) -> Run:
    """Run a verb of scrapy with this data folder."""
    return run_scrapy((*words, "-s", f"DATA_DIR={folder}"), ROOT, environment(**(env or {})), folder)


def run_scrapy(words: Words, cwd: Path, env: Mapping[str, str], folder: Path) -> Run:
    """Run ``scrapy`` with these words to its end; ``folder`` is where its data should be."""
    if not can_fork(cwd, env):
        return finished(scrapy(*words), cwd, env, folder)
    with TemporaryFile() as stdout, TemporaryFile() as stderr, Path(os.devnull).open("rb") as stdin:
        process = fork([str(word) for word in words], env, [stdin, stdout, stderr])
        try:
            status = process.wait(TIME_LIMIT)
        finally:
            process.kill()
        return Run(folder, status, _text(stdout), _text(stderr))


def _text(file: IO[bytes]) -> str:
    file.seek(0)
    return file.read().decode().replace("\r\n", "\n")


def finished(args: list[str], cwd: Path, env: Mapping[str, str], folder: Path, given: str = "") -> Run:
    """Run a command to its end; ``given`` is what it reads on stdin, ``folder`` where its data should be."""
    done = subprocess.run(
        args,
        cwd=cwd,
        env=env,
        input=given,
        capture_output=True,
        encoding="utf-8",
        timeout=TIME_LIMIT,
        check=False,
    )
    return Run(folder, done.returncode, done.stdout, done.stderr)


def crawl(url: str, folder: Path, *words: str) -> Run:
    """``scrapy crawl longbridge -a url=…``."""
    return run(("crawl", "longbridge", "-a", f"url={url}", *words), folder)


def crawl_each(cases: Mapping[str, Words], folder: Path, *, at_once: int = 2) -> dict[str, Run]:
    """Run several crawls, few at a time: the words after ``scrapy crawl``, by name."""
    with ThreadPoolExecutor(at_once) as pool:
        runs = {
            name: pool.submit(run, ("crawl", *words), folder / f"{number:02d}")
            for number, (name, words) in enumerate(cases.items())
        }
        return {name: future.result() for name, future in runs.items()}


@dataclass(slots=True)
class Running:
    """A crawl that is under way."""

    process: Process
    folder: Path
    log: Path

    def end(self, seconds: float = TIME_LIMIT) -> Run:
        """Wait for it to end by itself."""
        status = self.process.wait(seconds)
        return Run(self.folder, status, "", self.log.read_text(encoding="utf-8"))

    def until(self, condition: Callable[[], bool]) -> None:
        deadline = time.monotonic() + TIME_LIMIT
        while not condition():
            assert self.process.poll() is None, self.log.read_text(encoding="utf-8")
            assert time.monotonic() < deadline, self.log.read_text(encoding="utf-8")
            time.sleep(0.01)


@contextmanager
def crawling(url: str, folder: Path, *words: str) -> Iterator[Running]:
    """Begin a crawl; what is left of it at the end is killed."""
    folder.mkdir(parents=True, exist_ok=True)
    log = folder.with_suffix(".log")
    command = ("crawl", "longbridge", "-a", f"url={url}", *words, "-s", f"DATA_DIR={folder}")
    with begun(command, log) as process:
        yield Running(process, folder, log)


@contextmanager
def begun(words: Words, log: Path) -> Iterator[Process]:
    """Begin ``scrapy`` with these words; what is left of it at the end is killed. Its errors go to a log."""
    env = environment()
    with log.open("wb") as stderr, Path(os.devnull).open("r+b") as null:
        process: Process
        if can_fork(ROOT, env):
            process = fork([str(word) for word in words], env, [null, null, stderr])
        else:
            process = subprocess.Popen(
                scrapy(*words), cwd=ROOT, env=env, stdin=null, stdout=null, stderr=stderr
            )
        try:
            yield process
        finally:
            process.kill()
            process.wait(TIME_LIMIT)
