"""The history of usage has a partition for each month. Made ahead by a tick; whoever finds one missing makes it."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from nextbill.runtime.batching import Lines

MONTHS_AHEAD: Final = 4
ENSURE_MONTHS: Final = f"select runtime_ensure_months('licensing_usage_event', $1::date, {MONTHS_AHEAD})"


async def ensure_months(lines: Lines, now: datetime) -> None:
    """The month of `now` and those after it."""
    await lines.fetch(ENSURE_MONTHS, now.date())
