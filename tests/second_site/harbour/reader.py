"""From the bytes of an HTML page to an article with raw values."""

from __future__ import annotations

from parsel import Selector
from w3lib.encoding import html_to_unicode

from newscrawl.codes import RejectionReason, WarningCode
from newscrawl.exceptions import PageError
from newscrawl.items import Alternate, Article, Instrument, RelatedLink
from newscrawl.sites.base import Page, Source
from newscrawl.sites.rules import identify
from newscrawl.text.cleaning import clean_line

READER = "harbour-html/1"


def read_article(source: Source) -> Article:
    """Read a page. Raises PageError where it is not the article that was asked for."""
    html = _parse(source)
    named = _named_page(html, source)
    title = clean_line("".join(map(_text, html.css("article h1"))))
    body = "\n\n".join(filter(None, map(_text, html.css("article > p"))))
    if not (title and body):
        raise PageError(RejectionReason.BODY_MISSING, "expected an h1 and paragraphs in <article>")
    warnings: list[str] = []
    translations, story = _translations(html, source, warnings)
    return Article(
        url=named.url,
        story_id=story.story_id,
        alternates=[Alternate(locale, page.url) for locale, page in sorted(translations.items())],
        title=title,
        description=clean_line(html.css("meta[name=description]::attr(content)").get("")) or None,
        body=body,
        published_raw=html.css("meta[property='article:published_time']::attr(content)").get()
        or html.css("article time::attr(datetime)").get(),
        instruments=[
            Instrument(raw=href.rpartition("/")[2])
            for href in html.css("article a.ticker::attr(href)").getall()
        ],
        related=_related(html, source),
        warnings=sorted(set(warnings)),
    )


def _parse(source: Source) -> Selector:
    header = f"text/html; charset={source.charset}" if source.charset else None
    _, text = html_to_unicode(header, source.content)
    if not text.strip():
        raise PageError(RejectionReason.EMPTY_DOCUMENT, "no text")
    if "\0" in text:
        raise PageError(RejectionReason.NUL_BYTES, f"{text.count(chr(0))} NUL characters")
    return Selector(text, type="html")


def _named_page(html: Selector, source: Source) -> Page:
    language = html.css("html::attr(lang)").get("")
    return identify(source, html.css("link[rel=canonical]::attr(href)").get(), language)


def _translations(html: Selector, source: Source, warnings: list[str]) -> tuple[dict[str, Page], Page]:
    """Return the story's page in each locale, and the one that all of them name the story by."""
    found = {source.page.locale: source.page}
    default: Page | None = None
    links = html.css("link[rel=alternate][hreflang]")
    if not links:
        warnings.append(WarningCode.LOCALES_MISSING)
    for link in links:
        page = source.origin.page(link.attrib.get("href", ""))
        if page is None:
            warnings.append(WarningCode.FOREIGN_ALTERNATE)
        elif link.attrib["hreflang"] == "x-default":
            default = page
        else:
            found[page.locale] = page
    return found, default or found[min(found)]


def _related(html: Selector, source: Source) -> list[RelatedLink]:
    related: dict[str, RelatedLink] = {}
    for link in html.css("aside.related li a[href]"):
        page = source.origin.page(link.attrib["href"])
        if page is not None and page != source.page and page.uid not in related:
            title = clean_line(_text(link)) or None
            related[page.uid] = RelatedLink(page.story_id, page.url, title, None, len(related) + 1, "")
    return list(related.values())


def _text(element: Selector) -> str:
    return " ".join("".join(element.css("::text").getall()).split())
