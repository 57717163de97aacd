"""When a charge is tried again, how much a card's scheme still allows, and when its holder hears that it expires."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

LONGEST = timedelta(days=30)
"""After that a collection that could not even be tried is given up."""


@dataclass(frozen=True, slots=True)
class Cap:
    """A scheme's: at most so many declines of one card within so many hours."""

    hours: int
    declines: int


def next_try(*, started_on: date, tries: int, days: Sequence[int], today: date) -> date | None:
    """The day after `tries` declined ones. `days` are counted from the first; what was missed is made up one a day, never several at once."""
    if tries > len(days):
        return None
    return max(started_on + timedelta(days=days[tries - 1]), today + timedelta(days=1)) if tries else max(started_on, today)


def room_left(caps: Sequence[Cap], declines: Sequence[datetime], *, under_way: int, now: datetime) -> int:
    """How many more charges the card may be tried with now. One under way counts as if it were declined."""
    return min((cap.declines - under_way - sum(at > now - timedelta(hours=cap.hours) for at in declines) for cap in caps), default=0)


def expires_on(month: int, year: int) -> date:
    """The last day on which the card is good."""
    return date(year, month, monthrange(year, month)[1])


def notice_due(expires: date, *, thresholds: Sequence[int], today: date) -> int | None:
    """The tightest threshold (days before) that has come; None before the first, and once the card has expired."""
    left = (expires - today).days
    return min((days for days in thresholds if left <= days), default=None) if left >= 0 else None
