"""A subscription comes with the paid order and starts with its delivery."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from sqlalchemy.dialects.postgresql import insert as upsert

from nextbill.capabilities import catalog
from nextbill.capabilities.subscriptions import queries
from nextbill.capabilities.subscriptions.errors import SubscriptionNotPending
from nextbill.capabilities.subscriptions.events import SubscriptionCancelled, SubscriptionCreated, SubscriptionStarted
from nextbill.capabilities.subscriptions.models import SubscriptionRow
from nextbill.capabilities.subscriptions.rules import first_period
from nextbill.kernel.ids import new_id
from nextbill.runtime.database import Tx
from nextbill.runtime.events import publish


async def create_subscription(tx: Tx, *, customer_id: UUID, order_line_id: UUID, plan: catalog.PlanOffer, now: datetime) -> UUID:
    """Pending until delivery. One for each order line: a second call finds the first one's."""
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
    await publish(tx, SubscriptionCreated(subscription_id=subscription_id, customer_id=customer_id, order_line_id=order_line_id), now=now)
    return subscription_id


async def start_period(tx: Tx, *, subscription_id: UUID, on: date, now: datetime) -> None:
    """Delivered on that day: the first period begins. May be repeated: it begins once."""
    row = await queries.lock_subscription(tx, subscription_id)
    if row.state == "active":
        return
    if row.state != "pending":
        raise SubscriptionNotPending("It was cancelled.")
    period = first_period(queries.cycle_of(row), on)
    row.state, row.started_at, row.anchor_on, row.period_index = "active", now, on, 0
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
