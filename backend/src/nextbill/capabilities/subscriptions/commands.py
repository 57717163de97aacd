"""A subscription comes with the paid order and starts with its delivery."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import insert
from sqlalchemy.dialects.postgresql import insert as upsert

from nextbill.capabilities import catalog
from nextbill.capabilities.subscriptions import queries
from nextbill.capabilities.subscriptions.errors import SubscriptionNotPending
from nextbill.capabilities.subscriptions.events import SubscriptionCancelled, SubscriptionCreated, SubscriptionStarted
from nextbill.capabilities.subscriptions.models import ItemRow, SubscriptionRow
from nextbill.capabilities.subscriptions.queries import Item, plan_item
from nextbill.capabilities.subscriptions.rules import beginning
from nextbill.kernel.ids import new_id
from nextbill.runtime.database import Tx
from nextbill.runtime.events import publish


async def create_subscription(
    tx: Tx, *, customer_id: UUID, order_line_id: UUID, plan: catalog.PlanOffer, items: Sequence[Item] = (), now: datetime
) -> UUID:
    """Pending until delivery. One for each order line: a second call finds the first one's. `plan.price` is the sum of the items of each period; without
    `items` the plan is the only one. `plan.trial_days` come before the first charge."""
    if plan.cycle is None:
        raise ValueError(f"{plan.plan_code} is charged once: there is nothing to subscribe to")
    subscription_id = new_id()
    row = upsert(SubscriptionRow).values(
        id=subscription_id,
        customer_id=customer_id,
        order_line_id=order_line_id,
        state="pending",
        plan_id=plan.plan_id,
        plan_code=plan.plan_code,
        plan_name=plan.plan_name,
        product_class=plan.product_class,
        price_version=plan.price_version,
        price_id=plan.price_id,
        trial_days=plan.trial_days,
        price_minor=plan.price.minor,
        currency=plan.price.currency,
        cycle_unit=plan.cycle.unit,
        cycle_count=plan.cycle.count,
        limits=dict(plan.limits),
        features=list(plan.features),
        created_at=now,
    )
    created = await tx.execute(row.on_conflict_do_nothing(index_elements=["order_line_id"]).returning(SubscriptionRow.id))
    if created.first() is None:
        known = await queries.subscription_of_line(tx, order_line_id)
        if known is None:
            raise LookupError("a subscription in conflict must be readable")
        return known.id
    for position, item in enumerate(items or [plan_item(plan)]):
        await tx.execute(insert(ItemRow).values(_item(item, subscription_id, customer_id, position=position, now=now)))
    await publish(tx, SubscriptionCreated(subscription_id=subscription_id, customer_id=customer_id, order_line_id=order_line_id), now=now)
    return subscription_id


def _item(item: Item, subscription_id: UUID, customer_id: UUID, *, position: int, now: datetime) -> dict[str, Any]:
    return {
        "id": new_id(),
        "subscription_id": subscription_id,
        "customer_id": customer_id,
        "position": position,
        "kind": item.kind,
        "product_id": item.product_id,
        "code": item.code,
        "name": item.name,
        "quantity": item.quantity,
        "unit_minor": item.unit.minor,
        "currency": item.unit.currency,
        "price_id": item.price_id,
        "price_version": item.price_version,
        "billing": item.billing,
        "created_at": now,
    }


async def start_period(tx: Tx, *, subscription_id: UUID, on: date, now: datetime) -> None:
    """Delivered on that day: the first period begins. May be repeated: it begins once."""
    row = await queries.lock_subscription(tx, subscription_id)
    if row.state == "active":
        return
    if row.state != "pending":
        raise SubscriptionNotPending("It was cancelled.")
    period, anchor, index = beginning(queries.cycle_of(row), on, trial_days=row.trial_days)
    row.state, row.started_at, row.anchor_on, row.period_index = "active", now, anchor, index
    row.trial_ends_on = anchor if row.trial_days else None
    row.period_start, row.period_end, row.next_due_on = period.start, period.end, period.end
    started = SubscriptionStarted(
        subscription_id=row.id, customer_id=row.customer_id, order_line_id=row.order_line_id, starts_on=period.start, next_due_on=period.end
    )
    await publish(tx, started, now=now)


async def cancel_undelivered(tx: Tx, *, subscription_id: UUID, now: datetime) -> bool:
    """For an order that is cancelled before delivery. False where it has begun or ended: ending a running one is a procedure of its own."""
    row = await queries.lock_subscription(tx, subscription_id)
    if row.state != "pending":
        return False
    row.state, row.cancelled_at = "cancelled", now
    await publish(tx, SubscriptionCancelled(subscription_id=row.id, customer_id=row.customer_id, order_line_id=row.order_line_id), now=now)
    return True
