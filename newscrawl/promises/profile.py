"""The facts of many pages, counted. Profiles of runs can be added, also in part."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from typing import Any, Self

import orjson

from newscrawl.codes import WarningCode
from newscrawl.promises.facts import COUNTED_WARNINGS, FIELDS, PARTS, Facts

_COUNTERS = (
    "outcomes",
    "locales",
    "filled",
    "warned",
    "totals",
    "hours",
    "days",
    "minutes",
    "ids",
    "changed",
)

# Of each digest that is counted, so many of the commonest are kept.
_COMMONEST = 5
# While pages are counted, the rarer ones are forgotten where there are more: a run may have a million pages.
# One that a tenth of the pages share is never among the rarer.
_MOST_DIGESTS = 20_000
# Of the days, so many with the most pages are kept; of the hours of ids.
_MOST_DAYS = 60
_MOST_HOURS = 100
# Minutes. A page that is dated when it is rendered is dated at the fetch. News of the last hour is a little
# older, and is spread over it.
NOW = 2
# A length falls into one of eight classes for each doubling.
_CLASSES = 8
_HOUR = 60
LENGTHS = ("title", "description", "body")
REPEATED = {
    "title": "title",
    "title_head": "title_head",
    "title_tail": "title_tail",
    "body": "body",
    "head": "head",
    "tail": "tail",
    "date": "date_hash",
    "instruments": "instruments_hash",
    "related": "related_hash",
}
"""Parts that may be the same on many pages, and the fields of ``Facts`` with their digests."""
_ID_DATE_DIFFERS = COUNTED_WARNINGS.index(WarningCode.ID_DATE_DIFFERS)


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
    minutes: Counter[str] = field(default_factory=Counter)
    """Published within the hour before the fetch, by the minute since 1970."""
    ids: Counter[str] = field(default_factory=Counter)
    """With a date, and an id of which the site's table of ids tells something; by the hour since 1970 from
    which the id can have been given out."""
    ids_at_odds: float = 0
    """Of those, the pages whose date does not agree with the id."""
    repeated: dict[str, dict[str, Counter[int]]] = field(default_factory=dict)
    """By part and locale: the commonest digests."""
    known: float = 0
    """Read before by the same reader."""
    changed: Counter[str] = field(default_factory=Counter)

    def count(self, pages: Sequence[Facts], ids: Sequence[int | None] = ()) -> None:
        """Count pages that were read.

        ``ids`` has for each the hour since 1970 from which its id can have been given out, None where that is
        not known; empty where it is of none. Counters over columns are ten times as fast as single pages.
        """
        self.articles += len(pages)
        by_locale: dict[str, list[Facts]] = {}
        for facts in pages:
            by_locale.setdefault(facts.locale, []).append(facts)
        for locale, found in by_locale.items():
            self.locales[locale] += len(found)
            self._count_locale(locale, Facts(*zip(*found, strict=True)))  # type: ignore[arg-type]  # columns
        for facts, hour in zip(pages, ids, strict=False):
            if hour is not None and facts.published_minute is not None:
                self.ids[str(hour)] += 1
                self.ids_at_odds += facts.warned >> _ID_DATE_DIFFERS & 1

    def _count_locale(self, locale: str, columns: Any) -> None:
        """Count pages of one locale; ``columns`` are Facts with a tuple of all values in each field."""
        for bits, pages in Counter(columns.filled).items():
            for place, name in enumerate(FIELDS):
                filled = pages * (bits >> place & 1)
                self.filled[name] += filled
                self.filled_in.setdefault(name, Counter())[locale] += filled
        for bits, pages in Counter(columns.warned).items():
            for place, code in enumerate(COUNTED_WARNINGS):
                self.warned[code] += pages * (bits >> place & 1)
        self.totals["instruments"] += sum(columns.instruments)
        self.totals["related"] += sum(columns.related)
        for name in LENGTHS:
            self._count_lengths(name, Counter(getattr(columns, f"{name}_length")))
        for name, field_name in REPEATED.items():
            counter = Counter(getattr(columns, field_name))
            del counter[0]
            if counter:
                found = self.repeated.setdefault(name, {}).setdefault(locale, Counter())
                found.update(counter)
                if len(found) > _MOST_DIGESTS:
                    self.repeated[name][locale] = Counter(dict(found.most_common(_MOST_DIGESTS // 4)))
        self._count_dates(columns)
        self.known += sum(columns.is_known)
        for bits, pages in Counter(columns.changed).items():
            for place, name in enumerate(PARTS):
                self.changed[name] += pages * (bits >> place & 1)

    def _count_dates(self, columns: Any) -> None:
        for minute, pages in Counter(columns.published_minute).items():
            if minute is not None:
                self.hours[str(minute // 60 % 24)] += pages
                self.days[str(minute // 1_440)] += pages
        lags: Counter[int] = Counter()
        for lag, minute, is_known in zip(
            columns.lag, columns.published_minute, columns.is_known, strict=True
        ):
            if lag is None:
                continue
            if not is_known:
                lags[max(lag, 0) + 1] += 1
            if -NOW <= lag <= _HOUR:
                self.dated_now += lag <= NOW
                self.minutes[str(minute)] += 1
        self._count_lengths("lag", lags)

    def _count_lengths(self, name: str, lengths: Counter[int]) -> None:
        del lengths[0]
        for length, pages in lengths.items():
            self.lengths.setdefault(name, Counter())[str(_class_of(length))] += pages

    def add_part(self, other: Profile, part: float = 1) -> None:
        """Add another profile, ``part`` (0 to 1) of each of its counts."""
        self.articles += part * other.articles
        self.dated_now += part * other.dated_now
        self.ids_at_odds += part * other.ids_at_odds
        for name in _COUNTERS:
            _add_counter(getattr(self, name), getattr(other, name), part)
        for name, lengths in other.lengths.items():
            _add_counter(self.lengths.setdefault(name, Counter()), lengths, part)
        for name, filled in other.filled_in.items():
            _add_counter(self.filled_in.setdefault(name, Counter()), filled, part)
        for name, by_locale in other.repeated.items():
            for locale, counter in by_locale.items():
                _add_counter(self.repeated.setdefault(name, {}).setdefault(locale, Counter()), counter, part)
        self.known += part * other.known

    def encode(self) -> str:
        """Return the profile as it is stored: JSON."""
        # dataclasses.asdict takes a Counter apart.
        stored = {one.name: getattr(self, one.name) for one in fields(self)}
        stored["days"] = dict(self.days.most_common(_MOST_DAYS))
        # Only how many hours there are matters, and not from some hundred on.
        stored["ids"] = dict(_shortened(self.ids, _MOST_HOURS))
        stored["repeated"] = {
            name: {locale: dict(counter.most_common(_COMMONEST)) for locale, counter in found.items()}
            for name, found in self.repeated.items()
        }
        return orjson.dumps(stored, option=orjson.OPT_NON_STR_KEYS).decode()

    @classmethod
    def decode(cls, text: str) -> Self:
        """Return a stored profile."""
        values: dict[str, Any] = orjson.loads(text)
        for name in _COUNTERS:
            values[name] = Counter(values.get(name, {}))
        for name in ("lengths", "filled_in"):
            values[name] = {key: Counter(found) for key, found in values.get(name, {}).items()}
        # Digests are numbers. Those of an earlier version were texts, and are of no use.
        values["repeated"] = {
            name: {
                locale: Counter({int(key): pages for key, pages in counter.items() if key.isdigit()})
                for locale, counter in found.items()
            }
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

    def dated_at_once(self) -> float:
        """Return how many pages are dated now: at the fetch, or within one moment of the hour before it.

        A page that is dated when it is rendered is dated at the fetch. One that was rendered a while ago, or
        a whole site that was made at once, is dated at that moment.
        """
        minutes = {int(minute): pages for minute, pages in self.minutes.items()}
        moments = (sum(minutes.get(minute + more, 0) for more in range(NOW + 1)) for minute in minutes)
        return max(self.dated_now, max(moments, default=0))


def is_dated_now(facts: Facts) -> bool:
    """Tell whether a page is dated within the hour before the fetch."""
    return facts.lag is not None and -NOW <= facts.lag <= _HOUR


def effective_number(counts: Counter[str]) -> float:
    """Return over how many keys pages are spread, each key counted by its part of the pages.

    The inverse of Simpson's index (Simpson 1949): three days with as many pages each are 3, and hardly more
    than 1 where nearly all pages are of one day.
    """
    pages = counts.values()
    return sum(pages) ** 2 / sum(count * count for count in pages) if sum(pages) else 0.0


def _shortened(counts: Counter[str], most: int) -> dict[str, float]:
    """Return the counts where they are few, and otherwise as many pages spread over ``most`` of the keys."""
    if len(counts) <= most:
        return dict(counts)
    kept = counts.most_common(most)
    part = sum(counts.values()) / sum(pages for _, pages in kept)
    return {key: part * pages for key, pages in kept}


def _class_of(length: int) -> int:
    return round((length.bit_length() - 1 + length / (1 << (length.bit_length() - 1)) - 1) * _CLASSES)


def _add_counter(mine: Counter[Any], theirs: Mapping[Any, float], part: float) -> None:
    for key, count in theirs.items():
        mine[key] += part * count  # type: ignore[assignment]  # counts of a part are no whole numbers
