"""Has Hypothesis make pages until the time is over: ``python -m tests.fuzz.by_hypothesis MINUTES FOLDER``.

A page on which something does not hold is written to the folder, and ends the search with exit status 1.
"""

from __future__ import annotations

import sys
import traceback
from hashlib import sha256
from pathlib import Path
from time import monotonic

from hypothesis import HealthCheck, Phase, given, seed, settings

from tests.fuzz.hypothesis_pages import any_page
from tests.fuzz.pages import check_any

_ROUND = 500


class Search:
    """Counts the pages that were checked, and keeps the last one that failed."""

    def __init__(self) -> None:
        self.checked = 0
        self.read = 0
        self.failed: bytes | None = None

    def run(self, number: int) -> None:
        """Check one round of pages; the number makes it another one than those before. Raises what failed."""

        @seed(number)
        @settings(
            database=None,
            deadline=None,
            max_examples=_ROUND,
            phases=(Phase.generate, Phase.shrink),
            suppress_health_check=list(HealthCheck),
        )
        @given(any_page)
        def check_pages(content: bytes) -> None:
            self.checked += 1
            try:
                self.read += check_any(content)
            except Exception:
                self.failed = content
                raise

        check_pages()


def main(minutes: float, folder: Path) -> int:
    """Search until the time is over or something is found; return the exit status."""
    search, began, number = Search(), monotonic(), 0
    while monotonic() - began < 60 * minutes:
        number += 1
        try:
            search.run(number)
        except Exception:  # noqa: BLE001 - whatever a page caused is what is looked for
            traceback.print_exc()
            break
    print(f"{search.checked} pages in {(monotonic() - began) / 60:.1f} minutes, {search.read} of them read")
    if search.failed is None:
        return 0
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{sha256(search.failed).hexdigest()[:16]}.page"
    path.write_bytes(search.failed)
    print(f"found: {path}")
    return 1


if __name__ == "__main__":
    sys.exit(main(float(sys.argv[1]), Path(sys.argv[2])))
