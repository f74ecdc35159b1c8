"""The pages of the second site, and where they lead: made from one table, without any code of newscrawl."""

from __future__ import annotations

from collections import deque
from html import escape
from typing import NamedTuple

ROOT = "https://harbour.example"
LOCALES = ("de", "en", "fr")
_SECTIONS = {"de": "maerkte", "en": "markets", "fr": "marches"}
_HOURS = {"de": ("10", "+01:00"), "en": ("09", "Z"), "fr": ("10", "+01:00")}
_NAMES = {"de": "Weitere Meldungen", "en": "Related news", "fr": "À lire aussi"}


class Text(NamedTuple):
    """A story in one language."""

    slug: str
    title: str
    paragraphs: tuple[str, ...]


class Story(NamedTuple):
    """A story: its texts by locale, and where it leads."""

    day: str
    texts: dict[str, Text]
    related: tuple[str, ...]
    also: tuple[tuple[str, str], ...] = ()
    """Locale and story, for links that only one of the translations has."""
    default: str | None = "en"
    """The locale of its x-default; None for pages that print none."""
    ticker: str | None = None


class Key(NamedTuple):
    """A page: a story in a locale."""

    story: str
    locale: str

    @property
    def path(self) -> str:
        return f"/{self.locale}/{_SECTIONS[self.locale]}/{STORIES[self.story].texts[self.locale].slug}"

    @property
    def uid(self) -> str:
        return f"harbour:{self.path[1:]}"

    @property
    def title(self) -> str:
        return STORIES[self.story].texts[self.locale].title

    @property
    def url(self) -> str:
        return ROOT + self.path

    @property
    def story_id(self) -> str:
        """The uid of the page that names the story: its x-default, else its first locale by alphabet."""
        story = STORIES[self.story]
        return Key(self.story, story.default or min(story.texts)).uid


STORIES = {
    "cranes": Story(
        "2026-03-02",
        {
            "en": Text(
                "harbour-cranes-ordered",
                "Port of Ostrava Bay orders six cranes & a crane simulator",
                (
                    "The port of Ostrava Bay has ordered six electric cranes for its northern quay.",
                    "The first two are due in October. The price was not disclosed.",
                ),
            ),
            "de": Text(
                "hafenkraene-bestellt",
                "Hafen Ostrava Bay bestellt sechs Kräne & einen Simulator",
                (
                    "Der Hafen Ostrava Bay hat sechs elektrische Kräne für den Nordkai bestellt.",
                    "Die ersten zwei sollen im Oktober kommen. Der Preis wurde nicht genannt.",
                ),
            ),
            "fr": Text(
                "grues-commandees",
                "Le port d’Ostrava Bay commande six grues & un simulateur",
                (
                    "Le port d’Ostrava Bay a commandé six grues électriques pour le quai nord.",
                    "Les deux premières sont attendues en octobre. Le prix n’a pas été communiqué.",
                ),
            ),
        },
        ("ferry", "tidal"),
        also=(("de", "grain"),),
    ),
    "ferry": Story(
        "2026-02-27",
        {
            "en": Text(
                "ferry-line-to-restart",
                "Ferry line to restart after four years",
                ("Lantern Lines will sail from Ostrava Bay again in May, three times a week.",),
            ),
            "de": Text(
                "faehre-faehrt-wieder",
                "Fähre fährt nach vier Jahren wieder",
                ("Lantern Lines fährt ab Mai wieder von Ostrava Bay, dreimal in der Woche.",),
            ),
            "fr": Text(
                "le-ferry-reprend",
                "Le ferry reprend après quatre ans",
                ("Lantern Lines repartira d’Ostrava Bay en mai, trois fois par semaine.",),
            ),
        },
        ("cranes", "rail"),
        default=None,
    ),
    "tidal": Story(
        "2026-02-25",
        {
            "en": Text(
                "tidal-mill-sold",
                "Tidal mill sold to a cooperative",
                ("The tidal mill at the old lock belongs to a cooperative of 300 households now.",),
            ),
            "de": Text(
                "gezeitenmuehle-verkauft",
                "Gezeitenmühle an Genossenschaft verkauft",
                ("Die Gezeitenmühle an der alten Schleuse gehört nun 300 Haushalten gemeinsam.",),
            ),
            "fr": Text(
                "moulin-a-maree-vendu",
                "Le moulin à marée vendu à une coopérative",
                ("Le moulin à marée de l’ancienne écluse appartient désormais à 300 foyers.",),
            ),
        },
        ("bonds", "lost"),
        also=(("fr", "rail"),),
    ),
    "rail": Story(
        "2026-02-20",
        {
            "en": Text(
                "rail-siding-opens",
                "A rail siding opens behind the quay",
                ("Trains of 600 metres can be loaded behind the northern quay from Monday.",),
            ),
            "de": Text(
                "gleisanschluss-eroeffnet",
                "Gleisanschluss hinter dem Kai eröffnet",
                ("Ab Montag können hinter dem Nordkai Züge von 600 Metern beladen werden.",),
            ),
            "fr": Text(
                "voie-ferree-ouverte",
                "Une voie ferrée ouvre derrière le quai",
                ("Dès lundi, des trains de 600 mètres pourront être chargés derrière le quai nord.",),
            ),
        },
        ("grain", "ferry"),
    ),
    "bonds": Story(
        "2026-02-18",
        {
            "en": Text(
                "harbour-bonds-placed",
                "Harbour bonds placed within an hour",
                ("Bonds worth 40 million were placed within an hour, at 3.1 per cent.",),
            ),
            "fr": Text(
                "obligations-placees",
                "Les obligations du port placées en une heure",
                ("Des obligations de 40 millions ont été placées en une heure, à 3,1 pour cent.",),
            ),
        },
        ("grain", "cranes"),
        default=None,
    ),
    "grain": Story(
        "2026-02-11",
        {
            "en": Text(
                "grain-silo-filled",
                "Grain silo filled for the first time",
                ("The silo that was finished in autumn holds 9,000 tonnes of barley.",),
            ),
            "de": Text(
                "getreidesilo-gefuellt",
                "Getreidesilo zum ersten Mal gefüllt",
                ("Im Silo, das im Herbst fertig wurde, liegen 9.000 Tonnen Gerste.",),
            ),
            "fr": Text(
                "silo-a-grain-rempli",
                "Le silo à grain rempli pour la première fois",
                ("Le silo achevé à l’automne contient 9 000 tonnes d’orge.",),
            ),
        },
        ("solar", "tidal"),
        default="fr",
    ),
    "solar": Story(
        "2026-02-03",
        {
            "en": Text(
                "solar-roof-on-shed",
                "Solar roof on shed nine",
                ("Shed nine has a roof of solar panels, enough for the lights of both quays.",),
            ),
            "de": Text(
                "solardach-auf-schuppen",
                "Solardach auf Schuppen neun",
                ("Schuppen neun hat ein Solardach, genug für die Lampen beider Kais.",),
            ),
        },
        ("lighthouse",),
        default="de",
        ticker="9876.HK",
    ),
    "lighthouse": Story(
        "2026-01-30",
        {
            "en": Text(
                "lighthouse-keeper-retires",
                "The last lighthouse keeper retires",
                ("After 31 years the keeper hands her keys to a box of electronics.",),
            ),
        },
        ("cranes",),
        default=None,
    ),
    # Linked, but the site has no such page.
    "lost": Story("", {locale: Text("a-page-that-is-gone", "Gone", ()) for locale in LOCALES}, ()),
}
START = Key("cranes", "en")
KEYS = [Key(story, locale) for story in STORIES for locale in STORIES[story].texts if story != "lost"]


def pages() -> dict[str, bytes]:
    """Return the pages by path."""
    return {key.path: html(key).encode() for key in KEYS}


def html(key: Key) -> str:
    """Return the page of a story in a locale."""
    story = STORIES[key.story]
    text = story.texts[key.locale]
    hour, zone = _HOURS[key.locale]
    time = f"{story.day}T{hour}:30:00{zone}"
    alternates = [(locale, Key(key.story, locale)) for locale in story.texts]
    if story.default is not None:
        alternates.append(("x-default", Key(key.story, story.default)))
    lines = [
        "<!doctype html>",
        f'<html lang="{key.locale}"><head><meta charset="utf-8">',
        f"<title>{escape(text.title)} – Harbour Post</title>",
        f'<link rel="canonical" href="{key.url}">',
        *(f'<link rel="alternate" hreflang="{name}" href="{other.url}">' for name, other in alternates),
        f'<meta name="description" content="{escape(text.title)}.">',
        # Some pages print their time for machines, others for readers only.
        f'<meta property="article:published_time" content="{time}">' if story.default else "",
        f'</head><body><nav><a href="/{key.locale}/">Harbour Post</a></nav><main><article>',
        f"<h1>{escape(text.title)}</h1>",
        f'<time datetime="{time}">{story.day}</time>' if not story.default else "",
        *(f"<p>{escape(paragraph)}</p>" for paragraph in text.paragraphs),
        f'<a class="ticker" href="/quote/{story.ticker}">{story.ticker}</a>' if story.ticker else "",
        f'</article></main><aside class="related"><h2>{_NAMES[key.locale]}</h2><ul>',
        *(
            f'<li><a href="{other.path}?from=related">{escape(other.title)}</a></li>'
            for other in related(key)
        ),
        f'<li><a href="/{key.locale}/{_SECTIONS[key.locale]}">…</a></li>',
        '<li><a href="https://elsewhere.example/en/markets/another-harbour">…</a></li>',
        "</ul></aside><footer>Harbour Post</footer></body></html>",
    ]
    return "\n".join(filter(None, lines)) + "\n"


def related(key: Key) -> list[Key]:
    """Return the related news that a page lists; in English where a story has no text in its language."""
    story = STORIES[key.story]
    stories = [*story.related, *(other for locale, other in story.also if locale == key.locale)]
    return [Key(other, key.locale if key.locale in STORIES[other].texts else "en") for other in stories]


def reachable(start: Key = START, *, depth: int, locales: tuple[str, ...] = LOCALES) -> tuple[set[str], int]:
    """Return the uids of the pages within so many hops, and how many are linked and missing."""
    hops = {start: 0}
    waiting = deque([start])
    while waiting:
        key = waiting.popleft()
        if key.story == "lost":
            continue
        near = [Key(key.story, locale) for locale in STORIES[key.story].texts if locale in locales]
        far = related(key) if hops[key] < depth and key.locale in locales else []
        steps = [*((other, 0) for other in near), *((other, 1) for other in far if other.locale in locales)]
        for other, step in steps:
            total = hops[key] + step
            if total < hops.get(other, total + 1):
                hops[other] = total
                waiting.append(other)
    return {key.uid for key in hops if key.story != "lost"}, sum(key.story == "lost" for key in hops)
