"""A page's bytes to an Article: raw values in their places, nothing normalized but texts."""

from __future__ import annotations

import codecs

from itemloaders import ItemLoader
from itemloaders.processors import MapCompose, TakeFirst

from newscrawl.codes import RejectionReason, WarningCode
from newscrawl.exceptions import PageError
from newscrawl.items import Alternate, Article, Instrument, RelatedLink
from newscrawl.sites.base import Origin, Page, Source
from newscrawl.sites.longbridge.address import Address
from newscrawl.sites.longbridge.flattened import restore
from newscrawl.sites.longbridge.front_matter import Header, read_header
from newscrawl.sites.longbridge.links import Link
from newscrawl.sites.longbridge.locales import canonical_locale
from newscrawl.sites.longbridge.sections import Sections, split_sections
from newscrawl.sites.rules import identify
from newscrawl.text.cleaning import clean_line, decode_entities, split_wire_time

READER = "longbridge-markdown/1"

# What the site answers where an article may not be shown: seen without a header, and short.
_REGION_NOTICE = "该内容在当前地区不可见"
_LONGEST_NOTICE = 400

# Keys of the site's other kinds of pages; on a news page they say nothing that the record holds.
_OTHER_KINDS = ("author", "symbol", "name", "industry")

_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
# Python has codecs by these names, and they are no character sets: some run, some raise what no
# other decoder raises, some take quadratic time or make halves of surrogate pairs.
_NO_CHARSETS = frozenset({"idna", "punycode", "raw-unicode-escape", "undefined", "unicode-escape", "utf-7"})


class TextLoader(ItemLoader):
    """Turns what stood on the page into an Article's texts, by the Article's field names."""

    # A dict, because an adapter around a dataclass of 30 fields is made anew for every value:
    # it would double the time that a page takes.
    default_item_class = dict
    default_output_processor = TakeFirst()
    title_in = MapCompose(clean_line)
    description_in = MapCompose(clean_line)


def read_article(source: Source) -> Article:
    """Read the page of one article, in either form in which such pages are found.

    Dates and symbols stay as printed (``published_raw``, ``instruments[].raw``); the lists are filled in.
    Raises PageError, and nothing else, in linear time, where this is not the article that was asked for.
    """
    text, warnings = _decode(source.content, source.charset)
    header, lines = _split(text)
    named = _check_identity(header, source)

    heading, body_lines, languages = _split_heading(lines)
    sections = split_sections(body_lines, source.origin)
    title = header.pop("title")
    _check_title(title, heading, warnings)
    loader = TextLoader()
    loader.add_value("title", title if title and title.strip() else heading)
    loader.add_value("description", header.pop("description"))
    loader.add_value("body", _body(sections.body))
    article = Article(**loader.load_item(), url=named.url, published_raw=header.pop_raw("datetime"))
    if not (article.title or article.description or article.body):
        raise PageError(RejectionReason.BODY_MISSING, "neither title nor description nor text")
    if _REGION_NOTICE in article.body and len(article.body) < _LONGEST_NOTICE:
        raise PageError(RejectionReason.REGION_NOTICE, article.body[:80])

    if article.title is not None:
        article.wire_time, article.title = split_wire_time(article.title)
    links = [*header.pop_links("locales"), *languages]
    article.alternates = _alternates(links, source.page, source.origin, warnings)
    article.instruments = _instruments(sections, warnings)
    article.related = _related(sections, source.page)
    for key in _OTHER_KINDS:
        header.pop_links(key)
    if header.values:
        warnings.append(WarningCode.UNKNOWN_KEY)
    article.warnings = sorted({*warnings, *header.warnings, *sections.warnings})
    if (notice := source.notice) is not None:
        for key in header.values:
            notice(WarningCode.UNKNOWN_KEY, key)
        for unknown in sections.unknown_headings:
            notice(WarningCode.UNKNOWN_HEADING, unknown)
    return article


def _decode(content: bytes, charset: str | None) -> tuple[str, list[str]]:
    warnings: list[str] = []
    encodings = [name for mark, name in _BOMS if content.startswith(mark)][:1] or ["utf-8"]
    if charset and _is_charset(charset):
        encodings.append(charset)
    for number, encoding in enumerate(encodings):
        try:
            text = content.decode(encoding)
        except (LookupError, ValueError):
            continue
        if number or encoding != "utf-8":
            warnings.append(WarningCode.ENCODING_NOT_UTF8)
        break
    else:
        text = content.decode("utf-8", errors="replace")
        warnings.append(WarningCode.ENCODING_REPLACED)
    if "\x00" in text:
        raise PageError(RejectionReason.NUL_BYTES, f"{text.count(chr(0))} NUL characters")
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    return text.lstrip("\ufeff \t\n"), warnings


def _is_charset(name: str) -> bool:
    try:
        return codecs.lookup(name).name not in _NO_CHARSETS
    except (LookupError, ValueError):
        return False


def _split(text: str) -> tuple[Header, list[str]]:
    if not text.startswith("---"):
        _refuse(text)
    first, _, _ = text.partition("\n")
    if first.rstrip() == "---":
        lines = text.split("\n")
    elif text[3:4].isspace():
        lines = restore(text).split("\n")
    else:
        _refuse(text)
    header, end = read_header(lines)
    return header, lines[end:]


def _refuse(text: str) -> None:
    if not text or text.isspace():
        raise PageError(RejectionReason.EMPTY_DOCUMENT, "no text")
    start = text[:2_000].lower()
    if _REGION_NOTICE in start:
        raise PageError(RejectionReason.REGION_NOTICE, text[:80])
    if start.startswith(("<!doctype html", "<html", "<head", "<!--", "<?xml", "<body")):
        raise PageError(RejectionReason.HTML_DOCUMENT, f"expected Markdown, found {text[:40]!r}")
    raise PageError(RejectionReason.NO_FRONT_MATTER, f"expected a --- line, found {text[:40]!r}")


def _check_identity(header: Header, source: Source) -> Page:
    kind = header.pop("type")
    if kind is not None and kind.strip().lower() != "news":
        raise PageError(RejectionReason.NOT_NEWS, f"expected type News, found {kind[:40]!r}")
    locale = header.pop("locale")
    return identify(source, header.pop("url"), None if locale is None else canonical_locale(locale) or locale)


def _split_heading(lines: list[str]) -> tuple[str | None, list[str], list[Link]]:
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


def _check_title(title: str | None, heading: str | None, warnings: list[str]) -> None:
    if heading is None:
        warnings.append(WarningCode.HEADING_MISSING)
    if not title or not title.strip():
        warnings.append(WarningCode.TITLE_FROM_HEADING)
    elif heading is not None and heading != title and heading != decode_entities(title).strip():
        warnings.append(WarningCode.HEADING_DIFFERS)


def _body(lines: list[str]) -> str:
    return "\n".join([line.rstrip() for line in lines]).strip("\n")


def _alternates(links: list[Link], asked: Page, origin: Origin, warnings: list[str]) -> list[Alternate]:
    found = {asked.locale: asked.url}
    if not links:
        warnings.append(WarningCode.LOCALES_MISSING)
    for label, url in links:
        page = origin.page(url)
        if page is None:
            foreign = _foreign_locale(label, url, asked) if origin.owns(url) else None
            if foreign is None:
                warnings.append(WarningCode.FOREIGN_ALTERNATE)
            else:
                warnings.append(WarningCode.UNKNOWN_LOCALE)
                found[foreign] = Address(Address.of(asked).id, foreign).url
        elif page.story_id != asked.story_id:
            warnings.append(WarningCode.FOREIGN_ALTERNATE)
        else:
            if label and canonical_locale(label) != page.locale:
                warnings.append(WarningCode.ALTERNATE_CONFLICT)
            found[page.locale] = page.url
    return [Alternate(locale, found[locale]) for locale in sorted(found)]


def _foreign_locale(label: str, url: str, asked: Page) -> str | None:
    """Return a locale that the site did not have before, where label and address agree on it."""
    label = label.strip()
    tag = label.replace("-", "")
    if not (tag.isascii() and tag.isalnum()) or len(label) > 20:
        return None
    return label if url.endswith(f"/{label}/news/{Address.of(asked).id}.md") else None


def _instruments(sections: Sections, warnings: list[str]) -> list[Instrument]:
    if any(stock.label != stock.symbol for stock in sections.stocks):
        warnings.append(WarningCode.LABEL_NOT_SYMBOL)
    return [Instrument(raw=stock.symbol) for stock in sections.stocks]


def _related(sections: Sections, asked: Page) -> list[RelatedLink]:
    related: list[RelatedLink] = []
    seen = {asked.story_id}
    for label, page in sections.news:
        if page.story_id in seen:
            continue
        seen.add(page.story_id)
        wire_time, title = split_wire_time(clean_line(label))
        position = len(related) + 1
        related.append(RelatedLink(page.story_id, page.url, title or None, wire_time, position, ""))
    return related
