"""What must always hold of subscriptions."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import text

from nextbill.runtime.database import ReadTx
from nextbill.runtime.invariants import SHOWN, Invariant

LONGEST_RUN: Final = timedelta(hours=6)
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

_UNTOLD = text(
    "select p.chunk_id, count(*) as periods, coalesce(max(c.lines + c.free), 0) as told from subscriptions_period p "
    "left join subscriptions_run_chunk c on c.id = p.chunk_id where p.chunk_id is not null group by p.chunk_id "
    "having count(*) > coalesce(max(c.lines + c.free), 0) limit :shown"
)
_ENDLESS = text("select id, on_day, started_at from subscriptions_run where state = 'running' and started_at < :long_ago limit :shown")


async def _periods(tx: ReadTx, _now: datetime) -> list[str]:
    rows = await tx.execute(_MISPLACED, {"shown": SHOWN})
    return [f"subscription {row.id}: anchor {row.anchor_on}, period {row.period_start} to {row.period_end}, due {row.next_due_on}" for row in rows]


async def _billed(tx: ReadTx, _now: datetime) -> list[str]:
    rows = await tx.execute(_UNBILLED, {"shown": SHOWN})
    return [f"subscription {row.id} is in period {row.period_index}, which nobody has billed" for row in rows]


async def _prices(tx: ReadTx, _now: datetime) -> list[str]:
    rows = await tx.execute(_MISPRICED, {"shown": SHOWN})
    return [f"subscription {row.id} costs {row.price_minor}, its items make {row.items}" for row in rows]


async def _runs(tx: ReadTx, _now: datetime) -> list[str]:
    rows = await tx.execute(_UNTOLD, {"shown": SHOWN})
    return [f"chunk {row.chunk_id} of a billing run says that it billed {row.told} periods, and there are {row.periods}" for row in rows]


async def _endless(tx: ReadTx, now: datetime) -> list[str]:
    rows = await tx.execute(_ENDLESS, {"shown": SHOWN, "long_ago": now - LONGEST_RUN})
    return [f"the billing run {row.id} for {row.on_day} is under way since {row.started_at}" for row in rows]


INVARIANTS = (
    Invariant("subscription_periods_anchored", "An active subscription's period follows its anchor, and is due where it ends.", _periods),
    Invariant("subscription_periods_billed", "What runs has been billed for the period that runs.", _billed),
    Invariant("billing_runs_agree", "A billing run's history tells of every period that it billed.", _runs),
    Invariant("billing_runs_end", "A billing run ends within six hours.", _endless),
    Invariant("subscription_items_agree", "A subscription costs what its items cost.", _prices),
)
