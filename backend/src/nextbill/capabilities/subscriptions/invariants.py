"""What must always hold of subscriptions."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import text

from nextbill.runtime.database import ReadTx
from nextbill.runtime.invariants import SHOWN, Invariant

_MISPLACED = text(
    "select id, anchor_on, period_start, period_end, next_due_on from subscriptions_subscription where state in ('trialing','active','past_due','suspended') "
    "and (next_due_on <> period_end or (period_index = anchor_index and period_start <> anchor_on) "
    "or (period_index = anchor_index - 1 and period_end <> anchor_on)) limit :shown"
)
_UNBILLED = text(
    "select s.id, s.period_index from subscriptions_subscription s where s.state in ('active','past_due') and (s.period_index > s.billed_index or not exists "
    "(select from subscriptions_period p where p.subscription_id = s.id and p.period_index = s.billed_index)) limit :shown"
)
_MISPRICED = text(
    "select s.id, s.price_minor, coalesce(sum(i.unit_minor * i.quantity) filter (where i.billing = 'each_period'), -1) as items "
    "from subscriptions_subscription s left join subscriptions_item i on i.subscription_id = s.id group by s.id "
    "having coalesce(sum(i.unit_minor * i.quantity) filter (where i.billing = 'each_period'), -1) <> s.price_minor limit :shown"
)


async def _periods(tx: ReadTx, _now: datetime) -> list[str]:
    rows = await tx.execute(_MISPLACED, {"shown": SHOWN})
    return [f"subscription {row.id}: anchor {row.anchor_on}, period {row.period_start} to {row.period_end}, due {row.next_due_on}" for row in rows]


async def _billed(tx: ReadTx, _now: datetime) -> list[str]:
    rows = await tx.execute(_UNBILLED, {"shown": SHOWN})
    return [f"subscription {row.id} is in period {row.period_index}, which nobody has billed" for row in rows]


async def _prices(tx: ReadTx, _now: datetime) -> list[str]:
    rows = await tx.execute(_MISPRICED, {"shown": SHOWN})
    return [f"subscription {row.id} costs {row.price_minor}, its items make {row.items}" for row in rows]


INVARIANTS = (
    Invariant("subscription_periods_anchored", "An active subscription's period follows its anchor, and is due where it ends.", _periods),
    Invariant("subscription_periods_billed", "What runs has been billed for the period that runs.", _billed),
    Invariant("subscription_items_agree", "A subscription costs what its items cost.", _prices),
)
