"""The H1 of a page, and what stands between it and the header."""

from __future__ import annotations

from newscrawl.sites.longbridge.links import Link


def split_heading(lines: list[str]) -> tuple[str | None, list[str], list[Link]]:
    """Return the H1 (None without one, empty where it could not be told from the text), the lines
    below it, and the links of a line of languages before it.
    """
    languages: list[Link] = []
    for number, line in enumerate(lines):
        stripped = line.strip()
        if not stripped:
            continue
        if stripped.startswith(">") and not languages:
            languages = _language_links(stripped)
            if languages:
                continue
        if stripped == "#" or stripped.startswith("# "):
            return stripped[1:].strip(), lines[number + 1 :], languages
        return None, lines[number:], languages
    return None, [], languages


def _language_links(line: str) -> list[Link]:
    links = []
    for part in line.split(" | "):
        _, cut, url = part.rpartition("](")
        if cut and url.rstrip().endswith(")"):
            # These labels are names of languages; the locale is in the address.
            links.append(Link("", url.rstrip()[:-1]))
    return links
