"""The facts of many pages, counted. Profiles of runs can be added, also in part."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields
from typing import Any, Self

import orjson

from newscrawl.promises.facts import COUNTED_WARNINGS, FIELDS, PARTS, Facts

# Of each digest that is counted, so many of the commonest are kept.
_COMMONEST = 5
# Of the days, so many with the most pages are kept.
_MOST_DAYS = 60
# Minutes. A page that is dated when it is rendered is dated at the fetch. News of the last hour is a little
# older.
NOW = 2
# A length falls into one of eight classes for each doubling.
_CLASSES = 8
LENGTHS = ("title", "description", "body")
REPEATED = (
    "title",
    "title_head",
    "title_tail",
    "body",
    "head",
    "tail",
    "date",
    "instruments",
    "related",
)


@dataclass(slots=True)
class Profile:
    """Counts over the pages of one or more runs. All but ``outcomes`` are about pages that were read."""

    outcomes: Counter[str] = field(default_factory=Counter)
    """Pages by what became of them."""
    articles: float = 0
    """Pages that were read as articles, unchanged ones included."""
    locales: Counter[str] = field(default_factory=Counter)
    filled: Counter[str] = field(default_factory=Counter)
    filled_in: dict[str, Counter[str]] = field(default_factory=dict)
    """The same by field and locale."""
    warned: Counter[str] = field(default_factory=Counter)
    totals: Counter[str] = field(default_factory=Counter)
    """Instruments and related links, over all articles."""
    lengths: dict[str, Counter[str]] = field(default_factory=dict)
    """By field: how many are of which class of length. ``lag``: of pages that are new, in minutes."""
    hours: Counter[str] = field(default_factory=Counter)
    """Published, by the hour of the day (UTC)."""
    days: Counter[str] = field(default_factory=Counter)
    """Published, by the day since 1970 (UTC)."""
    dated_now: float = 0
    """Published within ``NOW`` minutes before or after the fetch."""
    repeated: dict[str, dict[str, Counter[str]]] = field(default_factory=dict)
    """By part and locale: the commonest digests."""
    known: float = 0
    """Read before by the same reader."""
    changed: Counter[str] = field(default_factory=Counter)

    def add(self, facts: Facts) -> None:
        """Count a page that was read."""
        self.articles += 1
        self.locales[facts.locale] += 1
        for place, name in enumerate(FIELDS):
            is_filled = facts.filled >> place & 1
            self.filled[name] += is_filled
            self.filled_in.setdefault(name, Counter())[facts.locale] += is_filled
        for place, code in enumerate(COUNTED_WARNINGS):
            self.warned[code] += facts.warned >> place & 1
        self.totals["instruments"] += facts.instruments
        self.totals["related"] += facts.related
        for name, length in zip(
            LENGTHS, (facts.title_length, facts.description_length, facts.body_length), strict=True
        ):
            if length:
                self.lengths.setdefault(name, Counter())[str(_class_of(length))] += 1
        if facts.published_minute is not None:
            self.hours[str(facts.published_minute // 60 % 24)] += 1
            self.days[str(facts.published_minute // 1_440)] += 1
            self.dated_now += is_dated_now(facts)
        digests = (
            facts.title if facts.title_length else "",
            facts.title_head,
            facts.title_tail,
            facts.body if facts.body_length else "",
            facts.head,
            facts.tail,
            facts.date_hash if facts.published_minute is not None else "",
            facts.instruments_hash if facts.instruments else "",
            facts.related_hash if facts.related else "",
        )
        for name, digest in zip(REPEATED, digests, strict=True):
            if digest:
                self.repeated.setdefault(name, {}).setdefault(facts.locale, Counter())[digest] += 1
        if not facts.is_known and facts.lag is not None:
            self.lengths.setdefault("lag", Counter())[str(_class_of(max(facts.lag, 0) + 1))] += 1
        if facts.is_known:
            self.known += 1
            for place, name in enumerate(PARTS):
                self.changed[name] += facts.changed >> place & 1

    def add_part(self, other: Profile, part: float = 1) -> None:
        """Add another profile, ``part`` (0 to 1) of each of its counts."""
        self.articles += part * other.articles
        self.dated_now += part * other.dated_now
        for mine, theirs in (
            (self.outcomes, other.outcomes),
            (self.locales, other.locales),
            (self.filled, other.filled),
            (self.warned, other.warned),
            (self.totals, other.totals),
            (self.hours, other.hours),
            (self.days, other.days),
        ):
            _add_counter(mine, theirs, part)
        for name, counter in other.lengths.items():
            _add_counter(self.lengths.setdefault(name, Counter()), counter, part)
        for name, counter in other.filled_in.items():
            _add_counter(self.filled_in.setdefault(name, Counter()), counter, part)
        for name, by_locale in other.repeated.items():
            for locale, counter in by_locale.items():
                _add_counter(self.repeated.setdefault(name, {}).setdefault(locale, Counter()), counter, part)
        self.known += part * other.known
        _add_counter(self.changed, other.changed, part)

    def encode(self) -> str:
        """Return the profile as it is stored: JSON."""
        # dataclasses.asdict takes a Counter apart.
        stored = {one.name: getattr(self, one.name) for one in fields(self)}
        stored["days"] = dict(self.days.most_common(_MOST_DAYS))
        stored["repeated"] = {
            name: {locale: dict(counter.most_common(_COMMONEST)) for locale, counter in found.items()}
            for name, found in self.repeated.items()
        }
        return orjson.dumps(stored).decode()

    @classmethod
    def decode(cls, text: str) -> Self:
        """Return a stored profile."""
        values: dict[str, Any] = orjson.loads(text)
        for name in ("outcomes", "locales", "filled", "warned", "totals", "hours", "days", "changed"):
            values[name] = Counter(values.get(name, {}))
        for name in ("lengths", "filled_in"):
            values[name] = {key: Counter(found) for key, found in values.get(name, {}).items()}
        values["repeated"] = {
            name: {locale: Counter(counter) for locale, counter in found.items()}
            for name, found in values["repeated"].items()
        }
        return cls(**values)

    def commonest(self, name: str) -> tuple[float, float]:
        """Return how often the commonest digest of a part occurs, and among how many pages.

        By locales: that of the locale with the largest share. A locale with under ten pages says nothing.
        """
        found = [
            (max(counter.values()), self.locales[locale])
            for locale, counter in self.repeated.get(name, {}).items()
            if counter and self.locales[locale] >= 10
        ]
        return max(found, key=lambda pair: pair[0] / pair[1], default=(0.0, self.articles))

    def median_length(self, name: str) -> float | None:
        """Return the median length of the field where it is filled, to a twelfth; None where it never is."""
        counter = self.lengths.get(name)
        if not counter:
            return None
        half, seen = sum(counter.values()) / 2, 0.0
        for place in sorted(counter, key=int):
            seen += counter[place]
            if seen >= half:
                return float(2 ** (int(place) / _CLASSES))
        return None


def is_dated_now(facts: Facts) -> bool:
    """Tell whether a page is dated at the moment of its fetch."""
    return facts.lag is not None and abs(facts.lag) <= NOW


def profile_of(pages: Iterable[tuple[str, Facts | None]], outcomes: Mapping[str, int]) -> Profile:
    """Count pages: each with its outcome, and its facts where it was read."""
    profile = Profile(outcomes=Counter(outcomes))
    for _, facts in pages:
        if facts is not None:
            profile.add(facts)
    return profile


def _class_of(length: int) -> int:
    return round((length.bit_length() - 1 + length / (1 << (length.bit_length() - 1)) - 1) * _CLASSES)


def _add_counter(mine: Counter[str], theirs: Mapping[str, float], part: float) -> None:
    for key, count in theirs.items():
        mine[key] += part * count  # type: ignore[assignment]  # counts of a part are no whole numbers
