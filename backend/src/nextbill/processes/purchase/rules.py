"""What the delivery decides by itself. Pure."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

GRACE = timedelta(days=14)
"""How long a license outlives its paid period: time enough to renew before anything stops."""

DELIVERABLE = ("waiting", "delayed")


def license_expiry(period_end: date, zone: str) -> datetime:
    """Midnight at the seller's after the period's last day, plus the grace."""
    return datetime.combine(period_end, time(), ZoneInfo(zone)) + GRACE
