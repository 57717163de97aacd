"""Billing cycles and the periods they make. Ends are anchored: 31 Jan, 28 Feb, 31 Mar."""

from __future__ import annotations

import calendar
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal, get_args

Unit = Literal["day", "week", "month", "year"]
SHORTEST_MONTH = 28
UNITS: tuple[str, ...] = get_args(Unit)


@dataclass(frozen=True, slots=True)
class Cycle:
    """`count` units: Cycle("month", 3) is a quarter."""

    unit: Unit
    count: int = 1

    def __post_init__(self) -> None:
        if self.unit not in UNITS or self.count < 1:
            raise ValueError(f"a cycle is a positive number of {', '.join(UNITS)}")

    def nth_boundary(self, anchor: date, n: int) -> date:
        """The day on which period n starts (n = 0: the anchor). Always counted from the anchor, so days never drift."""
        steps = self.count * n
        match self.unit:
            case "day":
                return anchor + timedelta(days=steps)
            case "week":
                return anchor + timedelta(weeks=steps)
            case "month":
                return add_months(anchor, steps)
            case "year":
                return add_months(anchor, 12 * steps)


@dataclass(frozen=True, slots=True)
class Period:
    """Half-open: the end is the first day that is not in it."""

    start: date
    end: date

    def __post_init__(self) -> None:
        if self.end <= self.start:
            raise ValueError("a period ends after it starts")

    @property
    def days(self) -> int:
        return (self.end - self.start).days

    @classmethod
    def nth(cls, cycle: Cycle, anchor: date, n: int) -> Period:
        return cls(cycle.nth_boundary(anchor, n), cycle.nth_boundary(anchor, n + 1))


def add_months(day: date, months: int) -> date:
    """Same day of the month, or the month's last day where it has no such day."""
    index = day.year * 12 + (day.month - 1) + months
    year, month = divmod(index, 12)
    if day.day <= SHORTEST_MONTH:
        return date(year, month + 1, day.day)
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))
