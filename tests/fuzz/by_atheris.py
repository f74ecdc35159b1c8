"""Has atheris make pages until the time is over: ``python -m tests.fuzz.by_atheris MINUTES FOLDER``.

It changes the pages of ``pages.seeds`` and keeps what reaches new code. A page on which something does not
hold, or that takes over ten seconds, is written to the folder and ends the search.
"""

from __future__ import annotations

import sys
from pathlib import Path

import atheris  # type: ignore[import-untyped]

with atheris.instrument_imports(include=["newscrawl"]):
    from tests.fuzz.pages import check_any, seeds

# Longer pages are slower to try, and nothing in a reader begins behind so many bytes.
_LONGEST = 8_192
_SECONDS_FOR_A_PAGE = 10


def main(minutes: float, folder: Path) -> None:
    """Search until the time is over or something is found; libFuzzer ends the process."""
    corpus = folder / "corpus"
    corpus.mkdir(parents=True, exist_ok=True)
    for number, content in enumerate(seeds()):
        (corpus / f"seed-{number:03}").write_bytes(content)
    arguments = [
        sys.argv[0],
        f"-max_total_time={60 * minutes:.0f}",
        f"-max_len={_LONGEST}",
        f"-timeout={_SECONDS_FOR_A_PAGE}",
        f"-artifact_prefix={folder}/",
        "-print_final_stats=1",
        str(corpus),
    ]
    atheris.Setup(arguments, check_any_page)
    atheris.Fuzz()


def check_any_page(data: bytes) -> None:
    """Check one page."""
    check_any(data)


if __name__ == "__main__":
    main(float(sys.argv[1]), Path(sys.argv[2]))
