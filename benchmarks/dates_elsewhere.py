"""Other people's examples of dates against ``parse_instant``: ``python -m benchmarks.dates_elsewhere``.

- The package iso8601, whose wheel holds its own tests: texts that it reads, and texts that it must refuse.
- The JSON Schema Test Suite's examples of RFC 3339: ``--json-schema-suite`` takes its file ``date-time.json``
  of ``tests/draft2020-12/optional/format``.

A text on which both sides name the same moment, or which both refuse, agrees. One that only this project
refuses is an abstention: ``published_at`` is null, with a warning. Anything else disagrees, and ends in exit
status 1.
"""

from __future__ import annotations

import argparse
import ast
import importlib
import json
import sys
from collections.abc import Iterator
from datetime import datetime
from importlib.util import find_spec
from pathlib import Path
from typing import Any, NamedTuple

from newscrawl.exceptions import Refused
from newscrawl.refine.dates import parse_instant


class Example(NamedTuple):
    """A text, whether it is a date by its source, and the moment where the source names it."""

    text: str
    is_date: bool
    moment: datetime | None = None


def main() -> None:
    """Print the comparisons."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--json-schema-suite", metavar="FILE", type=Path)
    options = parser.parse_args()
    wrong = 0
    compared = False
    if find_spec("iso8601"):
        compared = True
        wrong += _compare("iso8601", list(_of_iso8601()))
    if options.json_schema_suite:
        compared = True
        wrong += _compare("JSON Schema Test Suite", list(_of_suite(options.json_schema_suite)))
    if not compared:
        sys.exit("expected examples to compare with, found none: pip install iso8601==2.1.0, or the option")
    sys.exit(1 if wrong else 0)


def _compare(name: str, examples: list[Example]) -> int:
    """Print one source; return how many of its examples disagree."""
    agree, abstain, disagree = 0, [], []
    for example in examples:
        try:
            found = parse_instant(example.text)
        except Refused as refusal:
            if example.is_date:
                abstain.append((example.text, str(refusal.code)))
            else:
                agree += 1
            continue
        if example.is_date and example.moment in (None, found):
            agree += 1
        else:
            disagree.append((example.text, found.isoformat()))
    print(f"{name}: {len(examples)} texts, agree {agree}, abstain {len(abstain)}, disagree {len(disagree)}")
    for text, why in abstain:
        print(f"  abstain  {text!r}: {why}")
    for text, why in disagree:
        print(f"  DISAGREE {text!r}: here {why}")
    return len(disagree)


def _of_iso8601() -> Iterator[Example]:
    package: Any = importlib.import_module("iso8601")
    source = Path(package.__file__).with_name("test_iso8601.py").read_text(encoding="utf-8")
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "pytest.mark.parametrize":
            names, rows = node.args
            is_date = str(ast.literal_eval(names)).startswith("valid_date")
            assert isinstance(rows, ast.List)
            for row in rows.elts:
                assert isinstance(row, ast.Tuple)
                text = ast.literal_eval(row.elts[0])
                # What it reads, its own tests hold it to.
                yield Example(text, is_date, package.parse_date(text) if is_date else None)


def _of_suite(path: Path) -> Iterator[Example]:
    for group in json.loads(path.read_text(encoding="utf-8")):
        for test in group["tests"]:
            if isinstance(test["data"], str):
                yield Example(test["data"], test["valid"])


if __name__ == "__main__":
    main()
