"""A subscription comes with the paid order and starts with its delivery."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import insert
from sqlalchemy.dialects.postgresql import insert as upsert

from nextbill.capabilities import catalog
from nextbill.capabilities.subscriptions import queries
from nextbill.capabilities.subscriptions.commands.writing import SYSTEM, note, put_schedule, write_items
from nextbill.capabilities.subscriptions.errors import SubscriptionNotPending
from nextbill.capabilities.subscriptions.events import SubscriptionCancelled, SubscriptionCreated, SubscriptionStarted
from nextbill.capabilities.subscriptions.models import DiscountRow, PeriodRow, SubscriptionRow
from nextbill.capabilities.subscriptions.queries import plan_item
from nextbill.capabilities.subscriptions.rules import LIVING, Collection, Item, days_ahead, started
from nextbill.kernel.ids import new_id
from nextbill.runtime.database import Tx
from nextbill.runtime.events import publish


async def create_subscription(
    tx: Tx,
    *,
    customer_id: UUID,
    order_line_id: UUID,
    plan: catalog.PlanOffer,
    items: Sequence[Item] = (),
    collection: Collection = "charge",
    now: datetime,
) -> UUID:
    """Pending until delivery. One for each order line: a second call finds the first one's. `plan.price` is the sum of the items of each period; without
    `items` the plan is the only one. `plan.trial_days` come before the first charge. The coupon of the line goes on as it was promised."""
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
        days_ahead=days_ahead(plan.cycle, plan.invoice_days_ahead),
        limits=dict(plan.limits),
        features=list(plan.features),
        collection=collection,
        created_at=now,
    )
    created = await tx.execute(row.on_conflict_do_nothing(index_elements=["order_line_id"]).returning(SubscriptionRow.id))
    if created.first() is None:
        known = await queries.subscription_of_line(tx, order_line_id)
        if known is None:
            raise LookupError("a subscription in conflict must be readable")
        return known.id
    await write_items(tx, subscription_id, customer_id, items or [plan_item(plan)], now=now)
    await _discount(tx, subscription_id, customer_id, order_line_id, now=now)
    await publish(tx, SubscriptionCreated(subscription_id=subscription_id, customer_id=customer_id, order_line_id=order_line_id), now=now)
    return subscription_id


async def _discount(tx: Tx, subscription_id: UUID, customer_id: UUID, order_line_id: UUID, *, now: datetime) -> None:
    granted = await catalog.granted_discount(tx, line_id=order_line_id)
    if granted is None:
        return
    await tx.execute(
        insert(DiscountRow).values(
            subscription_id=subscription_id,
            customer_id=customer_id,
            redemption_id=granted.redemption_id,
            code=granted.code,
            percent_ppm=granted.percent_ppm,
            amount_minor=granted.amount.minor if granted.amount else None,
            currency=granted.currency,
            plan_codes=list(granted.plan_codes),
            until_index=granted.periods,
            created_at=now,
        )
    )


async def start_period(tx: Tx, *, subscription_id: UUID, on: date, now: datetime, invoice_id: UUID | None = None) -> None:
    """Delivered on that day: the first period begins, which the order's invoice has paid, or the trial. May be repeated: it begins once."""
    row = await queries.lock_subscription(tx, subscription_id)
    if row.state in LIVING:
        return
    if row.state != "pending":
        raise SubscriptionNotPending("It was cancelled.")
    schedule = started(queries.cycle_of(row), on, trial_days=row.trial_days, days_ahead=row.days_ahead)
    row.state, row.started_at = "trialing" if row.trial_days else "active", now
    put_schedule(row, schedule)
    period = schedule.period
    if schedule.index == 0:
        ids = {"subscription_id": row.id, "customer_id": row.customer_id, "invoice_id": invoice_id}
        await tx.flush()
        await tx.execute(insert(PeriodRow).values(**ids, period_index=0, period_start=period.start, period_end=period.end, created_at=now))
    detail = {"from": period.start.isoformat(), "until": period.end.isoformat(), "state": row.state}
    await note(tx, row, "started", actor=SYSTEM, on=on, now=now, detail=detail)
    begun = SubscriptionStarted(
        subscription_id=row.id, customer_id=row.customer_id, order_line_id=row.order_line_id, starts_on=period.start, next_due_on=period.end
    )
    await publish(tx, begun, now=now)


async def cancel_undelivered(tx: Tx, *, subscription_id: UUID, now: datetime) -> bool:
    """For an order that is cancelled before delivery. False where it has begun or ended: ending a running one is a procedure of its own."""
    row = await queries.lock_subscription(tx, subscription_id)
    if row.state != "pending":
        return False
    row.state, row.cancelled_at = "cancelled", now
    await note(tx, row, "cancelled", actor=SYSTEM, on=now.date(), now=now)
    await publish(tx, SubscriptionCancelled(subscription_id=row.id, customer_id=row.customer_id, order_line_id=row.order_line_id), now=now)
    return True
