"""Lines, archive, manifests and state, held against each other."""

from __future__ import annotations

import json
from pathlib import Path
from typing import NamedTuple

from newscrawl.archive.files import ARCHIVE, published_files
from newscrawl.database.statements.scratch import (
    COUNT_SEEN,
    GAPS,
    INDEX_SEEN,
    MAKE_RECORDS,
    MAKE_STATE,
    MAKE_VERSIONS,
    PLACE_OF,
    REVISIONS_IN_ORDER,
    TWICE,
    UNKNOWN_RECORDS,
)
from newscrawl.replay.findings import Findings
from newscrawl.replay.progress import Progress
from newscrawl.replay.scratch import Scratch, scratch_folder
from newscrawl.replay.verifying_files import FileFacts, check_file
from newscrawl.replay.verifying_state import StateFacts


class Verified(NamedTuple):
    """What was walked, and what was found."""

    findings: Findings
    lines: int
    """Of articles."""
    records: int
    files: int


def verify(folder: Path, state: StateFacts | None) -> Verified:
    """Walk a data folder; ``state`` is what its state says, None where there is none.

    Files of other workers' disks are not expected here, as far as the state tells whose they are.
    """
    findings = Findings()
    with scratch_folder() as aside:
        scratch = Scratch(aside / "verify.db", (*MAKE_VERSIONS, *MAKE_RECORDS, *MAKE_STATE))
        try:
            if state is not None:
                # Before the files are listed: what a crawl publishes meanwhile is no finding.
                state.read_versions(scratch)
            names = sorted(published_files(folder))
            size = sum((folder / name).stat().st_size for name in names)
            files: dict[str, FileFacts] = {}
            with Progress("verify", size) as progress:
                for name in names:
                    files[name] = check_file(folder, name, scratch, findings)
                    progress.advance(records=files[name].lines, size=(folder / name).stat().st_size)
            _check_versions(scratch, state, findings)
            _check_revisions(scratch, state, findings)
            found = {name: (facts.lines, facts.sha256) for name, facts in files.items()}
            _check_manifests(folder, found, state, findings)
            if state is not None:
                state.check(folder, found, scratch, findings)
            ((lines,),) = scratch.rows(COUNT_SEEN)
        finally:
            scratch.close()
    records = sum(facts.lines for name, facts in files.items() if name.startswith(f"{ARCHIVE}/"))
    return Verified(findings, lines, records, len(names))


def _check_versions(scratch: Scratch, state: StateFacts | None, findings: Findings) -> None:
    scratch.run(INDEX_SEEN)
    for uid, version, first, last in list(scratch.rows(TWICE)):
        places = [row[0] for number in (first, last) for row in scratch.rows(PLACE_OF, (number,))]
        findings.add(f"{places[1]}: expected {uid} version {version} once, found it in {places[0]}, too")
    if state is None or not state.other_disks:
        for uid, first, last, count in scratch.rows(GAPS):
            findings.add(f"{uid}: expected the versions 1 to {last}, found {count}, the first {first}")
    for place, record_id, digest, uid, found, owner in scratch.rows(UNKNOWN_RECORDS):
        if found is None:
            findings.add(f"{place}: expected the record {record_id} in the archive, found none")
        else:
            findings.add(
                f"{place}: expected the record {record_id} of {uid} with {digest}, "
                f"found it of {owner} with {found}"
            )


def _check_revisions(scratch: Scratch, state: StateFacts | None, findings: Findings) -> None:
    before: tuple[object, ...] = ()
    for uid, version, place, content_hash, digest, found in scratch.rows(REVISIONS_IN_ORDER):
        if found is None:
            if state is None or not state.other_disks:
                findings.add(f"{place}: expected a line of {uid} version {version}, found none")
        elif found != content_hash:
            findings.add(
                f"{place}: expected content_hash {found} of {uid} version {version}, found {content_hash}"
            )
        if before == (uid, version, digest):
            findings.add(
                f"{place}: expected another reading of {uid} version {version} than the one before it"
            )
        before = uid, version, digest


def _check_manifests(
    folder: Path, files: dict[str, tuple[int, str]], state: StateFacts | None, findings: Findings
) -> None:
    for path in sorted(folder.glob("runs/*.json")):
        try:
            entries = json.loads(path.read_bytes())["files"]
            listed = [
                (entry["path"], entry["sha256"], entry["lines"] if "lines" in entry else entry["records"] - 1)
                for entry in entries
            ]
        except (ValueError, KeyError, TypeError, OSError) as error:
            findings.add(f"{path}: expected a manifest, found {type(error).__name__}: {error}")
            continue
        for name, sha256, count in listed:
            if name not in files:
                if state is None or not state.is_elsewhere(name):
                    findings.add(f"{path}: expected {name}, which it lists, found none")
            elif files[name][1] != sha256:
                findings.add(
                    f"{folder / name}: expected SHA-256 {sha256}, as in {path}, found {files[name][1]}"
                )
            elif files[name][0] != count:
                findings.add(f"{folder / name}: expected {count} lines, as in {path}, found {files[name][0]}")
