"""What one promise is, and how a share is held to its bound."""

from __future__ import annotations

from math import sqrt
from typing import NamedTuple

# Standard deviations. A share is taken for broken only where chance would give it less than once in a
# thousand runs (one-sided normal distribution: 3.09).
_CERTAIN = 3.09


class Kept(NamedTuple):
    """One promise as a run kept it, or did not."""

    name: str
    """As in the setting PROMISES."""
    bound: float
    value: float | None
    """None where there was nothing to measure."""
    pages: float
    """How many pages the value is of; runs before this one may have lent some."""
    is_broken: bool
    what: str
    """What is measured, for a sentence: ``pages without a date``."""
    history: tuple[float, ...] = ()
    """The values of earlier healthy runs, the newest last; empty for a promise that needs none."""
    since: str | None = None
    """The run in which it was first broken, of those in a row; None where it is kept."""
    examples: tuple[str, ...] = ()
    """Up to three addresses of pages that show it."""
    is_share: bool = False
    """Bound, value and history are shares of pages, 0 to 1."""
    expects: str = "at most"
    """How the value stands to the bound, before the bound in a sentence."""

    @property
    def sentence(self) -> str:
        """Return what was expected and found, since when, and where it can be seen."""
        text = (
            f"{self.name}: {self.what}: expected {self.expects} {self.show(self.bound)}, found {self.found}"
        )
        if self.since is not None:
            text += f", since {self.since}"
        if self.examples:
            text += f"; for example {' '.join(self.examples)}"
        return text

    @property
    def is_unsure(self) -> bool:
        """Beyond the bound, but on so few pages that chance may explain it."""
        if self.is_broken or self.value is None:
            return False
        if self.expects == "at least":
            return self.value < self.bound
        return self.is_share and self.value > self.bound

    @property
    def found(self) -> str:
        """Return the value, and how many pages it is of."""
        if self.value is None:
            return "nothing to measure"
        if self.is_share:
            return f"{self.show(self.value)} of {round(self.pages)} pages"
        if self.value == self.pages:
            return self.show(self.value)
        return f"{self.show(self.value)} on {round(self.pages)} pages"

    def show(self, number: float) -> str:
        """Return a bound or a value as it is printed: a share in percent."""
        if self.is_share:
            return f"{100 * number:.3g}%"
        # Large numbers are whole; `g` would write them as powers of ten.
        return f"{number:.0f}" if number >= 1_000 else f"{number:.3g}"


def exceeds(count: float, total: float, bound: float) -> bool:
    """Tell whether a share is above a bound, by more than chance.

    The lower end of Wilson's score interval (Wilson 1927) for ``count`` of ``total`` is above the bound.
    """
    if not total or count / total <= bound:
        return False
    share, square = count / total, _CERTAIN**2
    middle = share + square / (2 * total)
    reach = _CERTAIN * sqrt(share * (1 - share) / total + square / (4 * total * total))
    return (middle - reach) / (1 + square / total) > bound


def differs(share: float, total: float, other: float, other_total: float) -> bool:
    """Tell whether two shares of so many pages differ by more than chance (pooled two-proportion z test)."""
    if not total or not other_total:
        return False
    pooled = (share * total + other * other_total) / (total + other_total)
    spread = sqrt(max(pooled * (1 - pooled), 1e-9) * (1 / total + 1 / other_total))
    return abs(share - other) > _CERTAIN * spread
