"""What an adoption has to write: lines that are read otherwise, held against what the data says by now."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

import orjson

from newscrawl.archive.records import decode_article, encode
from newscrawl.archive.versions import Known
from newscrawl.database.engine import Engine
from newscrawl.database.statements.known import KNOWN_ARTICLES
from newscrawl.database.statements.scratch import (
    ADD_ADOPTABLE,
    ADD_REVISED,
    FIND_REVISED,
    MENDED_FILES,
    READABLE_ONLY_NOW,
    REVISED_AFTER,
)
from newscrawl.exceptions import ArchiveError
from newscrawl.http_info import ArchivedAs, HttpInfo
from newscrawl.items import Article
from newscrawl.observed import RevisedReading
from newscrawl.refine import PAGE_STEPS, commit_steps
from newscrawl.replay.bodies import Bodies
from newscrawl.replay.differences import Differences
from newscrawl.replay.findings import Findings
from newscrawl.replay.reading import Rules, read_line, site_of
from newscrawl.replay.replaying import ReadAgain
from newscrawl.replay.revisions import Revisions
from newscrawl.replay.scratch import Scratch
from newscrawl.replay.stories import apply_mend, mends_of
from newscrawl.warc.records import Body

VERSION, REVISION, FIRST = "version", "revision", "first"
"""What is written: a further version, a revised reading, the first version of a page that was rejected."""

_TEXTS = ("title", "description", "body")
_NAMES = tuple(one.name for one in dataclasses.fields(RevisedReading))
_OWN = frozenset({"schema", "uid", "version", "observed_at", "reason", "archive"})
_TAKEN = tuple(name for name in _NAMES if name not in _OWN)
# What tells how the others were made: another value alone is no other reading.
_COMPARED = tuple(name for name in _TAKEN if name not in ("content_hash", "parser", "refined_with"))


def fields_of_revision(line: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a revised reading says in the place of the fields of its line."""
    return {name: line[name] for name in _TAKEN}


class Adoptable(NamedTuple):
    """One line to write; a row of the scratch table of this name."""

    number: int
    kind: str
    uid: str
    version: int
    """The version that is read anew."""
    content: bytes
    """The line, without what only its commit can tell."""
    archived: str | None
    """Of a first version its body, as the state keeps it."""


@dataclass(slots=True)
class Plan:
    """What an adoption would write and change."""

    differences: Differences = field(default_factory=Differences)
    """Of the lines that are to be written against what the data says by now."""
    older: int = 0
    """Texts of versions that another one has followed: what is read otherwise in them is left as it is."""


def find_adoptable(read: ReadAgain, folder: Path, engine: Engine, rules: Rules, findings: Findings) -> Plan:
    """Fill the scratch table ``adoptable``. Reads the state and changes nothing in it."""
    plan = Plan()
    scratch = read.scratch
    _mend(scratch, folder)
    finder = _Finder(read, rules, plan, findings)
    last = "", 0
    while rows := list(scratch.rows(REVISED_AFTER, last)):
        last = rows[-1][0], rows[-1][1]
        uids = sorted({row[0] for row in rows})
        found = engine.read(lambda uids=uids: engine.execute(KNOWN_ARTICLES.of(uids), uids))  # type: ignore[misc]
        known = {row[0]: Known(*row) for row in found}
        for uid, _, before, after in rows:
            finder.add(orjson.loads(before), orjson.loads(after), known.get(uid))
    finder.add_readable()
    return plan


def _mend(scratch: Scratch, folder: Path) -> None:
    """Bring what depends on other lines into the lines that are read otherwise."""
    for (name,) in list(scratch.rows(MENDED_FILES)):
        # A page that can be read only now is in no file yet.
        if not (folder / name).exists():
            continue
        mends = mends_of(scratch, name)
        with (folder / name).open("rb") as lines:
            for content in lines:
                line = orjson.loads(content)
                key = line["uid"], line["version"]
                # A withdrawn line keeps the text of its version, whatever that would be today.
                found = [mend for mend in mends.get(key, ()) if "content_hash" not in mend]
                if not found:
                    continue
                row = scratch.one(FIND_REVISED, key)
                after = line if row is None else orjson.loads(row[0])
                for mend in found:
                    apply_mend(after, mend)
                scratch.add(ADD_REVISED, (*key, content, encode(after)))


class _Finder:
    def __init__(self, read: ReadAgain, rules: Rules, plan: Plan, findings: Findings) -> None:
        self._scratch = read.scratch
        self._bodies = Bodies(read.places, rules.most)
        self._revisions = Revisions(read.revisions)
        self._rules = rules
        self._plan = plan
        self._findings = findings

    def add(self, before: dict[str, Any], after: dict[str, Any], known: Known | None) -> None:
        """Add what one line leads to: a version, a revised reading, or nothing."""
        if before["content_hash"] != after["content_hash"]:
            self._add_version(before, after, known)
            return
        revision = self._revisions.find(before["uid"], before["version"])
        now = before if revision is None else {**before, **fields_of_revision(revision)}
        article = _on_text_of(before, now, after, self._rules)
        if all(name in now and now[name] == article[name] for name in _COMPARED):
            return
        self._plan.differences.add(
            {"uid": before["uid"], **{name: now[name] for name in _TAKEN if name in now}},
            {"uid": before["uid"], **{name: article[name] for name in _TAKEN}},
        )
        archive = (before["http"] or {}).get("archive")
        revised = RevisedReading(
            uid=before["uid"],
            version=before["version"],
            archive=None if archive is None else ArchivedAs(**archive),
        )
        line = {name: getattr(revised, name) if name in _OWN else article[name] for name in _NAMES}
        self._keep(REVISION, before, line)

    def _add_version(self, before: dict[str, Any], after: dict[str, Any], known: Known | None) -> None:
        if known is None or known.version != before["version"] or known.status != "usable":
            # Where that is the text of the last version, it was adopted before.
            self._plan.older += known is None or known.content_hash != after["content_hash"]
            return
        # The page may have been seen with another body since: what is written now is its last one.
        archive = (before["http"] or {}).get("archive")
        body = None if known.archived is None else Body.of(known.archived)
        if body is not None and archive is not None and body.digest != archive["payload_digest"]:
            try:
                found = self._read_last(before, body)
            except ArchiveError as error:
                self._findings.add(f"{before['uid']}: {error}")
                return
            if found is None or found["content_hash"] == known.content_hash:
                self._plan.older += 1
                return
            after = found
        self._plan.differences.add(before, after)
        self._keep(VERSION, before, after)

    def _read_last(self, line: Mapping[str, Any], body: Body) -> dict[str, Any] | None:
        answer = self._bodies.get(body.record_id, body.digest)
        http = HttpInfo(
            status=answer.status,
            etag=answer.header(b"etag"),
            last_modified=answer.header(b"last-modified"),
            date=answer.header(b"date"),
            content_type=answer.header(b"content-type"),
            bytes=len(answer.content),
            archive=ArchivedAs(body.record_id, body.digest),
        )
        seen = {**line, "fetched_at": body.fetched_at, "http": dataclasses.asdict(http)}
        article = read_line(seen, answer, self._rules)
        return orjson.loads(encode(article)) if isinstance(article, Article) else None

    def add_readable(self) -> None:
        """Add the pages that were rejected, have no line, and can be read now."""
        for line in _readable(self._scratch):
            archive = line["http"]["archive"]
            body = self._bodies.body(archive["record_id"], archive["payload_digest"])
            self._keep(FIRST, line, line, None if body is None else body.text)

    def _keep(
        self, kind: str, line: Mapping[str, Any], content: Mapping[str, Any], archived: str | None = None
    ) -> None:
        self._scratch.add(ADD_ADOPTABLE, (kind, line["uid"], line["version"], encode(content), archived))


def _on_text_of(
    before: dict[str, Any], now: Mapping[str, Any], after: dict[str, Any], rules: Rules
) -> dict[str, Any]:
    """Return a reading, made to fit what is published: its mentions to the text, its times to those told."""
    is_other_text = any(before[name] != after[name] for name in _TEXTS)
    is_earlier = (now["available_at"] or "") > (after["available_at"] or "")
    if not is_other_text and not is_earlier:
        return after
    article = decode_article({**after, **{name: before[name] for name in _TEXTS}})
    if is_other_text:
        # White space alone is no other text, but offsets count it.
        for step in PAGE_STEPS:
            step(article, site_of(before, rules.sites))
    if is_earlier:
        # A reading that was adopted before had said so already.
        article.available_at, article.available_rule = now["available_at"], now["available_rule"]
        for step in commit_steps(rules.lag)[1:]:
            step(article)
    made: dict[str, Any] = orjson.loads(encode(article))
    return made


def _readable(scratch: Scratch) -> Iterator[dict[str, Any]]:
    last = "", ""
    while rows := list(scratch.rows(READABLE_ONLY_NOW, last)):
        last = rows[-1][0], rows[-1][1]
        for _, _, content in rows:
            yield orjson.loads(content)
