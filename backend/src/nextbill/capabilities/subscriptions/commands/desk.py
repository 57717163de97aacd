"""What staff does beyond what customers can: mends what the run set aside, says how it is collected, begins one without an order."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Literal
from uuid import UUID

from sqlalchemy import insert, select

from nextbill.capabilities import catalog
from nextbill.capabilities.subscriptions import queries
from nextbill.capabilities.subscriptions.commands.writing import By, note, put_schedule, write_items
from nextbill.capabilities.subscriptions.errors import NotInThisState
from nextbill.capabilities.subscriptions.events import SubscriptionCreated, SubscriptionStarted
from nextbill.capabilities.subscriptions.models import SubscriptionRow
from nextbill.capabilities.subscriptions.rules import LIVING, RUNNING, Collection, Item, Schedule, days_ahead
from nextbill.kernel.ids import new_id
from nextbill.kernel.period import Cycle, Period
from nextbill.runtime.database import Tx
from nextbill.runtime.events import publish

Standing = Literal["active", "past_due", "suspended"]


@dataclass(frozen=True, slots=True)
class Contract:
    """Of a product that is delivered by hand, or brought along from elsewhere. `items` are of each period."""

    customer_id: UUID
    offer: catalog.PlanOffer
    cycle: Cycle
    items: tuple[Item, ...]
    starts_on: date


async def mend(tx: Tx, subscription_id: UUID, *, by: By, today: date, now: datetime) -> None:
    """What the run has set aside is billed again from its next start on. May be repeated."""
    row = await queries.lock_subscription(tx, subscription_id)
    if row.billing_error is None:
        return
    detail = {"error": row.billing_error, "reason": by.reason}
    row.billing_error = row.billing_error_at = row.billing_error_kind = None
    await note(tx, row, "mended", actor=by.actor, on=today, now=now, detail=detail)


async def mark_standing(tx: Tx, subscription_id: UUID, standing: Standing, *, by: By, today: date, now: datetime) -> None:
    """For who watches over debts: past_due and suspended, and active again (a trial is a trial again). While suspended no new period is billed. May be
    repeated. NotInThisState where it rests or is over."""
    row = await queries.lock_subscription(tx, subscription_id)
    wanted = "trialing" if standing == "active" and row.period_index < 0 else standing
    if row.state == wanted:
        return
    if row.state not in (*RUNNING, "suspended"):
        raise NotInThisState(f"It is {row.state}.")
    row.state = wanted  # its next invoice keeps its day: the claim looks at the state
    await note(tx, row, wanted, actor=by.actor, on=today, now=now, detail={"reason": by.reason})


async def collect_by(tx: Tx, customer_id: UUID, collection: Collection, *, by: By, today: date, now: datetime) -> int:
    """All that the customer keeps is charged by itself from now on, or an invoice is sent. How many have changed."""
    mine = (SubscriptionRow.customer_id == customer_id, SubscriptionRow.state.in_(("pending", *LIVING)), SubscriptionRow.collection != collection)
    rows = (await tx.execute(select(SubscriptionRow).where(*mine).order_by(SubscriptionRow.id).with_for_update())).scalars().all()
    for row in rows:
        row.collection = collection
        await note(tx, row, "collection", actor=by.actor, on=today, now=now, detail={"collection": collection})
    return len(rows)


async def begin_contract(tx: Tx, contract: Contract, *, by: By, today: date, now: datetime) -> UUID:
    """Nothing is charged before `starts_on`, as on a trial: the first period begins then and is billed on that day."""
    offer, subscription_id = contract.offer, new_id()
    before = Period(min(today, contract.starts_on - timedelta(days=1)), contract.starts_on)
    price = sum(item.price.minor for item in contract.items)
    values = {
        "id": subscription_id,
        "customer_id": contract.customer_id,
        "order_line_id": new_id(),
        "state": "trialing",
        "plan_id": offer.plan_id,
        "plan_code": offer.plan_code,
        "plan_name": offer.plan_name,
        "product_class": offer.product_class,
        "price_version": offer.price_version,
        "price_id": offer.price_id,
        "price_minor": price,
        "currency": offer.price.currency,
        "cycle_unit": contract.cycle.unit,
        "cycle_count": contract.cycle.count,
        "limits": dict(offer.limits),
        "features": list(offer.features),
        "anchor_on": contract.starts_on,
        "period_index": -1,
        "period_start": before.start,
        "period_end": before.end,
        "next_due_on": before.end,
        "created_at": now,
        "started_at": now,
    }
    await tx.execute(insert(SubscriptionRow).values(values))
    row = await queries.lock_subscription(tx, subscription_id)
    ahead = days_ahead(contract.cycle, offer.invoice_days_ahead)
    put_schedule(row, Schedule(contract.cycle, contract.starts_on, 0, -1, before, -1, ahead))
    await write_items(tx, row.id, row.customer_id, contract.items, now=now)
    await note(tx, row, "started", actor=by.actor, on=today, now=now, detail={"from": contract.starts_on.isoformat(), "reason": by.reason})
    ids = {"subscription_id": row.id, "customer_id": row.customer_id, "order_line_id": row.order_line_id}
    await publish(tx, SubscriptionCreated(**ids), now=now)
    await publish(tx, SubscriptionStarted(**ids, starts_on=before.start, next_due_on=before.end), now=now)
    return row.id
