"""When a subscription's periods begin and end. Pure."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Final, Literal

from nextbill.kernel.period import Cycle, Period

SUBSCRIPTION: Final = "subscriptions.subscription"
"""Type under which others refer to our subscriptions."""

SubscriptionState = Literal["pending", "active", "cancelled"]
Billing = Literal["each_period", "first_period"]
MOVES: Final = {"pending": ("active", "cancelled"), "active": ("cancelled",)}


def first_period(cycle: Cycle, on: date) -> Period:
    """Anchored to the day of delivery, so that 31 January is followed by 28 February and then by 31 March."""
    return Period.nth(cycle, on, 0)


def beginning(cycle: Cycle, on: date, *, trial_days: int) -> tuple[Period, date, int]:
    """The first period, the anchor and the period's index. A trial comes before period 0, which is anchored to its end."""
    if not trial_days:
        return first_period(cycle, on), on, 0
    end = on + timedelta(days=trial_days)
    return Period(on, end), end, -1
