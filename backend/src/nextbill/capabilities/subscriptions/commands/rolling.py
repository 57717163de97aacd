"""From one period into the next: what was billed begins. Many at once, in one statement."""

from __future__ import annotations

from datetime import date
from typing import Any, cast

from sqlalchemy import text

from nextbill.capabilities.subscriptions.rules import Schedule, rolled
from nextbill.kernel.period import Cycle, Period, Unit
from nextbill.runtime.database import Tx

_DUE = text(
    "select id, cycle_unit, cycle_count, anchor_on, anchor_index, period_index, period_start, period_end, billed_index, days_ahead "
    "from subscriptions_subscription where state in ('trialing','active','past_due','suspended') and period_end <= :on and billed_index > period_index "
    "and (cancel_on is null or cancel_on > :on) and (change_on is null or change_on > :on) "
    "order by period_end, id limit :limit for update skip locked"
)
_ROLL = text(
    "update subscriptions_subscription s set period_index = n.at, period_start = n.start, period_end = n.until, next_due_on = n.until, "
    "state = case when s.state = 'trialing' then 'active' else s.state end "
    "from unnest(cast(:ids as uuid[]), cast(:at as int[]), cast(:starts as date[]), cast(:ends as date[])) as n(id, at, start, until) where s.id = n.id"
)


async def roll_due(tx: Tx, *, on: date, limit: int = 1000) -> int:
    """Subscriptions whose period is over on that day and whose next one is billed begin it; a trial is over then. How many: fewer than `limit`, and
    nothing is left. Changes and cancellations of that day come first (`settle_change`, `end_due`); what was not billed waits for the run."""
    rows = (await tx.execute(_DUE, {"on": on, "limit": limit})).all()
    if not rows:
        return 0
    after = [rolled(_schedule(row), on) for row in rows]
    values: dict[str, Any] = {
        "ids": [row.id for row in rows],
        "at": [schedule.index for schedule in after],
        "starts": [schedule.period.start for schedule in after],
        "ends": [schedule.period.end for schedule in after],
    }
    await tx.execute(_ROLL, values)
    return len(rows)


def _schedule(row: Any) -> Schedule:
    cycle = Cycle(cast("Unit", row.cycle_unit), row.cycle_count)
    period = Period(row.period_start, row.period_end)
    return Schedule(cycle, row.anchor_on, row.anchor_index, row.period_index, period, row.billed_index, row.days_ahead)
