"""Days before something at which its holder is told, and which of them counts when some were missed."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta


def nearest(thresholds: Sequence[int], left: int) -> int | None:
    """The one that counts with so many days left: the tightest that has come. Wider ones that were missed are past: nobody is told "30 days" when 10 are left."""
    return min((days for days in thresholds if left <= days), default=None)


def newly_come(threshold: int, *, since: date, today: date) -> tuple[date, date]:
    """For which days the threshold has come after `since` and by today: first and last; empty where the first is the later one."""
    ahead = timedelta(days=threshold)
    return since + ahead + timedelta(days=1), today + ahead
