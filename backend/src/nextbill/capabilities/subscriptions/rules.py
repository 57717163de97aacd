"""When a subscription's periods begin and end. Pure."""

from __future__ import annotations

from datetime import date
from typing import Final, Literal

from nextbill.kernel.period import Cycle, Period

SUBSCRIPTION: Final = "subscriptions.subscription"
"""Type under which others refer to our subscriptions."""

SubscriptionState = Literal["pending", "active", "cancelled"]
MOVES: Final = {"pending": ("active", "cancelled"), "active": ("cancelled",)}


def first_period(cycle: Cycle, on: date) -> Period:
    """Anchored to the day of delivery, so that 31 January is followed by 28 February and then by 31 March."""
    return Period.nth(cycle, on, 0)
