"""What time it is in the business. Passed in, never reached for, so that the whole shop can be moved through time."""

from __future__ import annotations

from datetime import date, datetime
from typing import Protocol
from zoneinfo import ZoneInfo


class Clock(Protocol):
    def now(self) -> datetime:
        """An aware datetime in UTC."""
        ...


def business_date(moment: datetime, zone: str) -> date:
    """The calendar day at the seller's, whose billing dates are plain dates."""
    return moment.astimezone(ZoneInfo(zone)).date()
