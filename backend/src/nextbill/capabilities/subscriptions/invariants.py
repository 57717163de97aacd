"""What must always hold of subscriptions."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import text

from nextbill.runtime.database import ReadTx
from nextbill.runtime.invariants import SHOWN, Invariant

_MISPLACED = text(
    "select id, anchor_on, period_start, period_end, next_due_on from subscriptions_subscription "
    "where state = 'active' and (period_start < anchor_on or next_due_on <> period_end) limit :shown"
)


async def _periods(tx: ReadTx, _now: datetime) -> list[str]:
    rows = await tx.execute(_MISPLACED, {"shown": SHOWN})
    return [f"subscription {row.id}: anchor {row.anchor_on}, period {row.period_start} to {row.period_end}, due {row.next_due_on}" for row in rows]


INVARIANTS = (Invariant("subscription_periods_anchored", "An active subscription's period follows its anchor, and is due where it ends.", _periods),)
