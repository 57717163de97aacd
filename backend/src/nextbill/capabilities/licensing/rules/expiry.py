"""How long a license lasts for what was paid. Pure."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

GRACE: Final = timedelta(days=14)
"""How long a license outlives its paid period: time enough to renew before anything stops."""


def license_expiry(period_end: date, zone: str) -> datetime:
    """Midnight at the seller's after the period's last day, plus the grace."""
    return datetime.combine(period_end, time(), ZoneInfo(zone)) + GRACE
