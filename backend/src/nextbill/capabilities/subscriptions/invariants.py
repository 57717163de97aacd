"""What must always hold of subscriptions."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import text

from nextbill.runtime.database import ReadTx
from nextbill.runtime.invariants import SHOWN, Invariant

_MISPLACED = text(
    "select id, anchor_on, period_start, period_end, next_due_on from subscriptions_subscription "
    "where state = 'active' and ((period_start < anchor_on and trial_ends_on is distinct from period_end) or next_due_on <> period_end) limit :shown"
)
_MISPRICED = text(
    "select s.id, s.price_minor, coalesce(sum(i.unit_minor * i.quantity) filter (where i.billing = 'each_period'), -1) as items "
    "from subscriptions_subscription s left join subscriptions_item i on i.subscription_id = s.id group by s.id "
    "having coalesce(sum(i.unit_minor * i.quantity) filter (where i.billing = 'each_period'), -1) <> s.price_minor limit :shown"
)


async def _periods(tx: ReadTx, _now: datetime) -> list[str]:
    rows = await tx.execute(_MISPLACED, {"shown": SHOWN})
    return [f"subscription {row.id}: anchor {row.anchor_on}, period {row.period_start} to {row.period_end}, due {row.next_due_on}" for row in rows]


async def _prices(tx: ReadTx, _now: datetime) -> list[str]:
    rows = await tx.execute(_MISPRICED, {"shown": SHOWN})
    return [f"subscription {row.id} costs {row.price_minor}, its items make {row.items}" for row in rows]


INVARIANTS = (
    Invariant("subscription_periods_anchored", "An active subscription's period follows its anchor, and is due where it ends.", _periods),
    Invariant("subscription_items_agree", "A subscription costs what its items cost.", _prices),
)
