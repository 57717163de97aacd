"""How use is counted, and when its owner is warned."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final, Literal

UsageAction = Literal["created", "deleted", "set"]
ReservationState = Literal["held", "committed", "released", "expired"]

THRESHOLDS: Final = (80, 90, 100)
"""Percent of the limit at which the owner is told, once per license, resource, month and limit."""

COUNT_MAX: Final = 1_000_000
QUANTITY_MAX: Final = 1000
TTL_SECONDS_MAX: Final = 3600
TTL_SECONDS: Final = 300
RECEIPTS_KEPT_DAYS: Final = 90
"""How long an event id is remembered: the same one later would count again."""
HISTORY_DAYS_MAX: Final = 366


def percent(used: int, limit: int | None) -> int | None:
    """Whole percent, rounded down; None where unlimited. A limit of nothing is full, and over-full once something exists."""
    if limit is None:
        return None
    return used * 100 // limit if limit else 100 * min(1, used)


def month_of(day: date) -> date:
    return day.replace(day=1)


@dataclass(frozen=True, slots=True)
class Limits:
    """What a license allows, from its plan and what staff changed for this license. None is unlimited."""

    plan: Mapping[str, int | None]
    overrides: Mapping[str, int | None]

    @property
    def effective(self) -> dict[str, int | None]:
        return {**self.plan, **self.overrides}


def effective_features(plan: Iterable[str], overrides: Mapping[str, bool]) -> list[str]:
    """The plan's features, with those that staff gave and without those that staff took."""
    return sorted((set(plan) | {name for name, given in overrides.items() if given}) - {name for name, given in overrides.items() if not given})
