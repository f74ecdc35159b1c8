"""A page's bytes to an Article: raw values in their places, nothing normalized but texts."""

from __future__ import annotations

from itemloaders import ItemLoader
from itemloaders.processors import MapCompose, TakeFirst

from newscrawl.codes import RejectionReason, WarningCode
from newscrawl.exceptions import PageError
from newscrawl.items import Alternate, Article, Instrument, RelatedLink
from newscrawl.sites.base import Origin, Page, Source
from newscrawl.sites.longbridge.address import Address
from newscrawl.sites.longbridge.first_heading import split_heading
from newscrawl.sites.longbridge.front_matter import Header
from newscrawl.sites.longbridge.links import Link
from newscrawl.sites.longbridge.locales import canonical_locale
from newscrawl.sites.longbridge.page_text import REGION_NOTICE, read_text
from newscrawl.sites.longbridge.sections import Sections, Stock, split_sections
from newscrawl.sites.longbridge.summary import split_summary
from newscrawl.sites.rules import identify
from newscrawl.text.cleaning import clean_line, decode_entities, split_wire_time

READER = "longbridge-markdown/2"

# A page with the region notice is short.
_LONGEST_NOTICE = 400

# Keys of the site's other kinds of pages; on a news page they say nothing that the record holds.
_OTHER_KINDS = ("author", "symbol", "name", "industry")

# Of the eight parts of a page, so many may be missing before it is worth a warning.
_MOST_MISSING = 3


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
    header, lines, is_flat, warnings = read_text(source)
    named = _check_identity(header, source)

    heading, lines, languages = split_heading(lines)
    published, is_older = _published(header)
    description = header.pop("description")
    summary, lines = split_summary(lines, description, is_older=is_older, is_flat=is_flat)
    if is_older and description and summary is None:
        warnings.append(WarningCode.DESCRIPTION_MAYBE_CUT)
    sections = split_sections("\n".join(lines), source.origin)
    title = header.pop("title")
    _check_title(title, heading, warnings)
    loader = TextLoader()
    loader.add_value("title", title if title and title.strip() else heading)
    loader.add_value("description", summary or description)
    article = Article(**loader.load_item(), url=named.url, body=_body(sections.body), published_raw=published)
    if not (article.title or article.description or article.body):
        raise PageError(RejectionReason.BODY_MISSING, "neither title nor description nor text")
    if REGION_NOTICE in article.body and len(article.body) < _LONGEST_NOTICE:
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
    if _missing(article, heading, links) > _MOST_MISSING:
        warnings.append(WarningCode.PARTS_MISSING)
    article.warnings = sorted({*warnings, *header.warnings, *sections.warnings})
    if (notice := source.notice) is not None:
        for key in header.values:
            notice(WarningCode.UNKNOWN_KEY, key)
        for unknown in sections.unknown_headings:
            notice(WarningCode.UNKNOWN_HEADING, unknown)
    return article


def _check_identity(header: Header, source: Source) -> Page:
    kind = header.pop("type")
    if kind is not None and kind.strip().lower() != "news":
        raise PageError(RejectionReason.NOT_NEWS, f"expected type News, found {kind[:40]!r}")
    locale = header.pop("locale")
    return identify(source, header.pop("url"), None if locale is None else canonical_locale(locale) or locale)


def _published(header: Header) -> tuple[str | None, bool]:
    """Return the date as printed, and whether the header is of the older kind, which calls it otherwise."""
    raw = header.pop_raw("datetime")
    if raw is not None or "published_at" not in header.values:
        return raw, False
    return header.pop_raw("published_at"), True


def _missing(article: Article, heading: str | None, links: list[Link]) -> int:
    """Return how many are missing of the eight parts that a page usually has."""
    parts = (
        article.title,
        article.description,
        article.published_raw,
        links,
        heading,
        article.body,
        article.instruments,
        article.related,
    )
    return len(parts) - sum(map(bool, parts))


def _check_title(title: str | None, heading: str | None, warnings: list[str]) -> None:
    if heading is None:
        warnings.append(WarningCode.HEADING_MISSING)
    if not title or not title.strip():
        warnings.append(WarningCode.TITLE_FROM_HEADING if heading else WarningCode.TITLE_MISSING)
    elif heading is not None and heading != title and heading != decode_entities(title).strip():
        warnings.append(WarningCode.HEADING_DIFFERS)


def _body(text: str) -> str:
    return "\n".join([line.rstrip() for line in text.split("\n")]).strip("\n")


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
    if not all(stock.is_named for stock in sections.stocks):
        warnings.append(WarningCode.LABEL_NOT_SYMBOL)
    return [Instrument(raw=stock.symbol, label=_label(stock)) for stock in sections.stocks]


def _label(stock: Stock) -> str | None:
    return None if stock.label == stock.symbol else clean_line(stock.label) or None


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
